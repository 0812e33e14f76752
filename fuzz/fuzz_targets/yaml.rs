//! What the reader of usual YAML makes of a text is what the events of the parser make of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::limits::Limits;
use trailwarden::source::FileId;
use trailwarden::syntax::yaml;

fuzz_target!(|text: &str| {
    assert_eq!(yaml::parse_within(text, FileId(0), &Limits::default()), yaml::by_events(text, FileId(0), &Limits::default()));
});
