//! A template, YAML or JSON, to declarations.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::project::ProjectKind;
use trailwarden::source::fs::Memory;

fuzz_target!(|text: &str| {
    trailwarden_fuzz::lower(&Memory::new("repo").with("repo/t.yaml", text), ProjectKind::CloudFormation, "t.yaml");
});
