//! HCL to declarations: a file is parsed, and everything in it is evaluated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::project::ProjectKind;
use trailwarden::source::fs::Memory;

fuzz_target!(|text: &str| {
    trailwarden_fuzz::lower(&Memory::new("repo").with("repo/main.tf", text), ProjectKind::Terraform, "");
    trailwarden_fuzz::lower(&Memory::new("repo").with("repo/main.tf.json", text), ProjectKind::Terraform, "");
});
