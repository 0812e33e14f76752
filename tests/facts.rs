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
        offers_fixes: true,
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

/// The bucket that is logged has a name in production only, and that name is stored elsewhere.
const BY_WORKSPACE: &str = r#"
data "aws_ssm_parameter" "watched" {
  name = "/audit/watched"
}

locals {
  names = { production = { a = 1 }, development = {} }
}

resource "aws_s3_bucket" "audit" {
  bucket = "audit"
}

resource "aws_s3_bucket_logging" "audit" {
  for_each      = local.names[terraform.workspace]
  bucket        = each.key == "a" ? data.aws_ssm_parameter.watched.value : "other"
  target_bucket = "access-logs"
  target_prefix = "audit/"
}
"#;

#[test]
fn what_stays_open_where_an_input_is_known_says_of_what() {
    let finding = check(BY_WORKSPACE, Vec::new(), "bucket-without-access-logging").remove(0);
    assert_eq!(finding.outcome, Outcome::Fail, "without a name in development, the bucket is not logged there: {}", finding.message);
    // What the instances are called is known where the workspace is, and what they are about is not.
    let each = r#"{ for id in [data.aws_ssm_parameter.watched.value] : terraform.workspace == "production" ? "a" : "b" => id }"#;
    let always = BY_WORKSPACE
        .replace("local.names[terraform.workspace]", each)
        .replace(r#"each.key == "a" ? data.aws_ssm_parameter.watched.value : "other""#, "each.value");
    let finding = check(&always, Vec::new(), "bucket-without-access-logging").remove(0);
    assert_eq!(finding.outcome, Outcome::Open);
    assert!(finding.message.ends_with("; even with that known, it depends on `/audit/watched`"), "{}", finding.message);
    assert!(finding.unknown.iter().any(|unknown| &*unknown.cause.name == "/audit/watched"), "{:?}", finding.unknown);
    assert!(finding.scenarios.iter().all(|tried| tried.unknown.len() == 1), "{:?}", finding.scenarios);
}

#[test]
fn a_workspace_is_a_fact() {
    let stated = |workspace: &str| Facts { workspace: Some(workspace.to_owned()), ..Facts::default() };
    let outcome = |workspace| check_with(BY_WORKSPACE, stated(workspace), "bucket-without-access-logging").remove(0).outcome;
    assert_eq!(outcome("production"), Outcome::Open);
    assert_eq!(outcome("development"), Outcome::Fail);
}

#[test]
fn a_value_that_the_configuration_refuses_decides_nothing() {
    // Two maps have the workspace for a key, and one of them has no `default`.
    let code = r#"
locals {
  settings = { production = { watched = 1 }, development = { watched = 1 } }
  targets  = { production = "logs", development = "logs", default = "logs" }
}

resource "aws_s3_bucket" "audit" {
  bucket = "audit"
}

resource "aws_s3_bucket_logging" "audit" {
  count         = local.settings[terraform.workspace].watched
  bucket        = aws_s3_bucket.audit.id
  target_bucket = local.targets[terraform.workspace]
  target_prefix = "audit/"
}
"#;
    let finding = check(code, Vec::new(), "bucket-without-access-logging").remove(0);
    assert_eq!(finding.outcome, Outcome::Pass, "{}", finding.message);
    assert_eq!(finding.scenarios.iter().filter(|tried| tried.is_refused()).count(), 1, "{:?}", finding.scenarios);
    let mixed = code.replace("development = { watched = 1 }", "development = { watched = 0 }");
    let finding = check(&mixed, Vec::new(), "bucket-without-access-logging").remove(0);
    assert!(finding.message.ends_with(", when `terraform.workspace` is `development`"), "{}", finding.message);
    let refused = code.replace("[terraform.workspace].watched", "[terraform.workspace].watch");
    assert_eq!(check(&refused, Vec::new(), "bucket-without-access-logging").remove(0).outcome, Outcome::Open);
}
