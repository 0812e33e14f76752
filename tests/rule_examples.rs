//! Every example of every rule, in both languages, through the whole pipeline.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use trailwarden::analysis::{self, Options};
use trailwarden::project::Inputs;
use trailwarden::rule::finding::Severity;
use trailwarden::rule::{RuleSet, examples};
use trailwarden::source::fs::Memory;

#[test]
fn every_example_of_every_rule_gives_what_it_says() {
    let rules = RuleSet::embedded();
    let mut wrong = Vec::new();
    let mut outcomes = 0;
    for rule in rules.rules() {
        for example in rule.examples() {
            for case in examples::cases(&rule.id, &example) {
                outcomes += 1;
                let mut files = Memory::new("example");
                for (path, text) in &case.files {
                    files = files.with(PathBuf::from("example").join(path), text.as_str());
                }
                let options = Options {
                    working_directory: PathBuf::from("example"),
                    inputs: Inputs::default(),
                    rules: rules.only(|other| other.id == rule.id),
                    min_severity: Severity::Note,
                    suppress: trailwarden::suppress::Options::default(),
                    baseline: None,
                    passes: trailwarden::rule::Passes::Told,
                    offers_fixes: true,
                    threads: 1,
                };
                let analysis = analysis::analyze(&files, &[PathBuf::from("example")], &options, &mut |_| {});
                if let Some(text) = case.wrong(&analysis.findings) {
                    wrong.push(format!("{}: {text}", rule.id));
                }
            }
        }
    }
    assert!(outcomes > 20, "there are too few examples: {outcomes}");
    assert!(wrong.is_empty(), "{} of {outcomes} examples are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
