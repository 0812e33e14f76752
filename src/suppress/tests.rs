//! Texts that nobody would write: whatever stands in a file, suppressions are read without a fault, and hide nothing that they do not name.

use crate::analysis::{self, Options};
use crate::project::Inputs;
use crate::rule::finding::{Outcome, Severity};
use crate::rule::{Passes, RuleSet};
use crate::source::fs::Memory;
use crate::suppress::{self, Policy};
use proptest::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// Pieces that texts are made of: what forms are made of, and what breaks them.
const PIECES: [&str; 40] = [
    "# trailwarden: ignore[bucket-without-access-logging] reason=\"x\"",
    "# trailwarden: ignore[",
    "]",
    " reason=\"",
    "\"",
    " expires=2026-01-01",
    "//",
    "/*",
    "*/",
    "#",
    "\n",
    "\r\n",
    "\n\n",
    " ",
    "  ",
    "\t",
    "{",
    "}",
    "[",
    "(",
    ":",
    ",",
    "=",
    "resource \"aws_s3_bucket\" \"b\" {\n",
    "\n}\n",
    "bucket = \"b\"",
    "<<EOT\n",
    "\nEOT\n",
    "${",
    "Resources:\n",
    "  B:\n",
    "    Type: AWS::S3::Bucket\n",
    "    Metadata: { trailwarden: { ignore: [",
    "checkov:skip=CKV_AWS_18:x",
    "#tfsec:ignore:aws-s3-*[a=b]:exp:2026-01-01",
    "# kics-scan ignore-line",
    "# kics-scan disable=",
    "\u{e4}",
    "|\n",
    "\"//\": ",
];

fn options() -> Options {
    let rules = RuleSet::embedded().only(|rule| &*rule.id == "bucket-without-access-logging");
    let known = RuleSet::embedded().rules().iter().map(|rule| Arc::clone(&rule.id)).collect();
    Options {
        working_directory: PathBuf::from("repo"),
        inputs: Inputs::default(),
        rules,
        min_severity: Severity::Note,
        suppress: suppress::Options { policy: Policy::default(), known, ..suppress::Options::default() },
        baseline: None,
        passes: Passes::Told,
        offers_fixes: true,
        threads: 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40), end in 0..4usize) {
        let text = pieces.concat();
        let name = ["repo/main.tf", "repo/main.tf.json", "repo/t.yaml", "repo/t.json"][end];
        let fs = Memory::new("repo").with(name, text.as_str()).with("repo/other.tf", "resource \"aws_s3_bucket\" \"other\" {\n  bucket = \"other\"\n}\n");
        let analysis = analysis::analyze(&fs, &[PathBuf::from("repo")], &options(), &mut |_| {});
        // A file hides only what is in it.
        let other = analysis.findings.iter().find(|finding| &*finding.subject.address == "aws_s3_bucket.other");
        let hidden = other.is_some_and(|finding| finding.outcome == Outcome::Fail && finding.suppressed.is_some());
        prop_assert!(!hidden, "{text}");
    }
}
