//! Plan JSON to declarations.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::project::ProjectKind;
use trailwarden::source::fs::Memory;

fuzz_target!(|text: &str| {
    trailwarden_fuzz::lower(&Memory::new("repo").with("repo/plan.json", text), ProjectKind::TerraformPlan, "plan.json");
});
