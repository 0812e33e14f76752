//! What a team states of buckets outside the code settles what the code leaves open.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use trailwarden::analysis::{self, Options};
use trailwarden::project::{BucketFact, Facts, Inputs};
use trailwarden::rule::finding::{Finding, Outcome, Severity};
use trailwarden::rule::{Passes, RuleSet};
use trailwarden::source::fs::Memory;

const CODE: &str = "resource \"aws_cloudtrail\" \"main\" {\n  name = \"main\"\n  s3_bucket_name = \"central-trail\"\n}\n";

fn check(text: &str, buckets: Vec<BucketFact>, rule: &str) -> Vec<Finding> {
    check_with(text, Facts { buckets, ..Facts::default() }, rule)
}

fn check_with(text: &str, facts: Facts, rule: &str) -> Vec<Finding> {
    let fs = Memory::new("case").with("case/main.tf", text);
    let inputs = Inputs { facts, ..Inputs::default() };
    let options = Options {
        working_directory: PathBuf::from("case"),
        inputs,
        rules: RuleSet::embedded().only(|other| *other.id == *rule),
        min_severity: Severity::Note,
        suppress: trailwarden::suppress::Options::default(),
        baseline: None,
        passes: Passes::Told,
        threads: 1,
    };
    analysis::analyze(&fs, &[PathBuf::from("case")], &options, &mut |_| {}).findings
}

fn fact(access_logging: Option<bool>) -> BucketFact {
    BucketFact { name: "central-trail".into(), access_logging, region: None, account: None }
}

#[test]
fn a_fact_settles_a_trail_whose_bucket_is_elsewhere() {
    let rule = "cloudtrail-bucket-without-access-logging";
    for (facts, expected) in [
        (Vec::new(), Outcome::Open),
        (vec![fact(None)], Outcome::Open),
        (vec![fact(Some(true))], Outcome::Pass),
        (vec![fact(Some(false))], Outcome::Fail),
    ] {
        let findings = check(CODE, facts, rule);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].outcome, expected, "{}", findings[0].message);
    }
}

#[test]
fn the_code_says_more_of_a_bucket_that_it_declares() {
    let code = format!("{CODE}resource \"aws_s3_bucket\" \"trail\" {{\n  bucket = \"central-trail\"\n}}\n");
    let findings = check(&code, vec![fact(Some(true))], "cloudtrail-bucket-without-access-logging");
    assert_eq!(findings[0].outcome, Outcome::Fail, "{}", findings[0].message);
}

#[test]
fn a_fact_says_in_which_region_a_target_is() {
    let code = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\nresource \"aws_s3_bucket\" \"data\" {\n  bucket = \"example-data\"\n  logging {\n    target_bucket = \"central-trail\"\n  }\n}\n";
    let rule = "access-log-target-in-another-region";
    assert!(check(code, Vec::new(), rule).is_empty());
    let elsewhere = BucketFact { region: Some("us-east-1".into()), ..fact(None) };
    let findings = check(code, vec![elsewhere], rule);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].outcome, Outcome::Fail, "{}", findings[0].message);
}

/// A bucket that is logged in production, and elsewhere if the account says so.
const BY_WORKSPACE: &str = r#"
data "aws_ssm_parameter" "watched" {
  name = "/audit/watched"
}

resource "aws_s3_bucket" "audit" {
  bucket = "audit"
}

resource "aws_s3_bucket_logging" "audit" {
  count         = terraform.workspace == "production" ? 1 : data.aws_ssm_parameter.watched.value == "yes" ? 1 : 0
  bucket        = aws_s3_bucket.audit.id
  target_bucket = "access-logs"
  target_prefix = "audit/"
}
"#;

#[test]
fn what_stays_open_where_an_input_is_known_says_of_what() {
    let finding = check(BY_WORKSPACE, Vec::new(), "bucket-without-access-logging").remove(0);
    assert_eq!(finding.outcome, Outcome::Open);
    assert!(
        finding.message.ends_with("; for some of its values, it also depends on `data.aws_ssm_parameter.watched.value`"),
        "{}",
        finding.message
    );
    assert!(finding.unknown.iter().any(|unknown| &*unknown.cause.name == "data.aws_ssm_parameter.watched.value"), "{:?}", finding.unknown);
    let open: Vec<_> = finding.scenarios.iter().filter(|tried| tried.outcome == Outcome::Open).collect();
    assert!(!open.is_empty() && open.len() < finding.scenarios.len(), "{:?}", finding.scenarios);
    assert!(open.iter().all(|tried| tried.unknown.iter().any(|unknown| unknown.message.contains("watched.value"))), "{open:?}");
}

#[test]
fn a_workspace_is_a_fact() {
    let stated = |workspace: &str| Facts { workspace: Some(workspace.to_owned()), ..Facts::default() };
    let outcome = |workspace| check_with(BY_WORKSPACE, stated(workspace), "bucket-without-access-logging").remove(0).outcome;
    assert_eq!(outcome("production"), Outcome::Pass);
    assert_eq!(outcome("development"), Outcome::Open);
}
