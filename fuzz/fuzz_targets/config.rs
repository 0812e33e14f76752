//! The config file, and facts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::config::{self, Config};

fuzz_target!(|text: &str| {
    let _ = Config::read(text);
    let _ = config::read_facts(text);
});
