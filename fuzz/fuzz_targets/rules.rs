//! A rule file; if it can be read, the rule is also applied.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::{Path, PathBuf};
use trailwarden::analysis::{self, Options};
use trailwarden::project::Inputs;
use trailwarden::rule::RuleSet;
use trailwarden::rule::finding::Severity;

const CODE: &str = include_str!("../../testdata/links/reference.txt");

fuzz_target!(|text: &str| {
    let Ok(rules) = RuleSet::load([(Path::new("a-rule.yaml"), text)]) else { return };
    let options = Options {
        working_directory: PathBuf::from("repo"),
        inputs: Inputs::default(),
        rules,
        min_severity: Severity::Note,
        threads: 1,
        suppress: trailwarden::suppress::Options::default(),
    };
    analysis::analyze(&trailwarden_fuzz::tree(CODE), &[PathBuf::from("repo")], &options, &mut |_| {});
});
