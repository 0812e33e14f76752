//! A rule file; if it can be read, the rule is also applied.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use trailwarden::analysis::{self, Options};
use trailwarden::rule::RuleSet;

const CODE: &str = include_str!("../../testdata/links/reference.txt");

fuzz_target!(|text: &str| {
    let Ok(rules) = RuleSet::load([(Path::new("a-rule.yaml"), text)]) else { return };
    let options = Options { threads: 1, ..Options::new("repo", rules) };
    analysis::analyze(&trailwarden_fuzz::tree(CODE), &[PathBuf::from("repo")], &options, &mut |_| {});
});
