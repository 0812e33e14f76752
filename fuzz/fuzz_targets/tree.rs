//! The whole pipeline on a tree of files: a text with lines `-- path --` between them, as in `testdata/links`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    trailwarden_fuzz::check(&trailwarden_fuzz::tree(text));
});
