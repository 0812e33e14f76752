//! Every way in which code names a bucket: each file of `testdata/links` is a case. Its first lines say what the rule about a trail's bucket
//! must say of each trail (`fail TRAIL -> BUCKET`, sorted); then come the files, each after a line `-- path --`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use std::path::{Path, PathBuf};
use trailwarden::analysis::{self, Options};
use trailwarden::project::Inputs;
use trailwarden::rule::RuleSet;
use trailwarden::rule::finding::{Finding, Severity};
use trailwarden::source::fs::Memory;

const RULE: &str = "cloudtrail-bucket-without-access-logging";

fn verdicts(text: &str) -> (Vec<String>, Vec<String>) {
    let (expected, files) = support::files(text);
    let fs = files.into_iter().fold(Memory::new("case"), |fs, (path, text)| fs.with(Path::new("case").join(path), text));
    let options = Options {
        working_directory: PathBuf::from("case"),
        inputs: Inputs::default(),
        rules: RuleSet::embedded().only(|rule| &*rule.id == RULE),
        min_severity: Severity::Note,
        suppress: trailwarden::suppress::Options::default(),
        baseline: None,
        passes: trailwarden::rule::Passes::Told,
        offers_fixes: true,
        threads: 1,
    };
    let analysis = analysis::analyze(&fs, &[PathBuf::from("case")], &options, &mut |_| {});
    let mut got: Vec<String> = analysis
        .findings
        .iter()
        .map(|finding| {
            let bucket = finding.resource.as_ref().map_or("none", |resource| &*resource.address);
            format!("{} {} -> {bucket}", finding.outcome.name(), finding.subject.address)
        })
        .collect();
    got.sort();
    (expected, got)
}

#[test]
fn every_way_to_name_a_bucket_is_followed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/links");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 40);
    let mut wrong = Vec::new();
    for case in cases {
        let (expected, got) = verdicts(&std::fs::read_to_string(&case).unwrap());
        if expected != got {
            wrong.push(format!("{}\n  expected {expected:?}\n  got      {got:?}", case.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every finding of all rules, with what shows it.
fn story(text: &str, more: &[(&str, &str)]) -> Vec<String> {
    let (_, files) = support::files(text);
    let fs = files.into_iter().fold(Memory::new("case"), |fs, (path, text)| fs.with(Path::new("case").join(path), text));
    let fs = more.iter().fold(fs, |fs, (path, text)| fs.with(Path::new("case").join(path), *text));
    let analysis = analysis::analyze(&fs, &[PathBuf::from("case")], &Options::new("case", RuleSet::embedded().clone()), &mut |_| {});
    let told = |finding: &Finding| {
        let evidence: Vec<&str> = finding.evidence.iter().map(|hop| &*hop.message).collect();
        format!(
            "{} {} {} {}: {} {evidence:?}",
            analysis.project(finding.project).label,
            finding.outcome.name(),
            finding.rule,
            finding.subject.address,
            finding.message
        )
    };
    analysis.findings.iter().map(told).collect()
}

#[test]
fn arguments_that_nobody_asks_for_decide_nothing() {
    // A comment that hangs on an argument has all arguments evaluated.
    let all = [("zz/all.tf", "# trivy:ignore:AVD-AWS-0000[name=value]\n")];
    let mut compared = 0;
    for folder in ["testdata/links", "testdata/twins"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let asked = story(&text, &[]);
            assert_eq!(asked, story(&text, &all), "{text}");
            compared += asked.len();
        }
    }
    assert!(compared > 1_000, "{compared}");
}
