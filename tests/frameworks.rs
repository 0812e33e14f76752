//! `check --framework`, `rules test`, `rules new`, `rules list` and the pack of an organisation's rules, through the program.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails, and its files lie on disk")]

mod support;

use serde_json::Value as Json;
use std::path::Path;
use support::{Scratch, run};
use trailwarden::cli::Exit;

const CIS: &str = "cis-aws-3.0.0";

/// A trail whose bucket is logged nowhere, passwords that are short, and a bucket's fail that somebody accepted.
const CODE: &str = r#"
resource "aws_cloudtrail" "main" {
  name                          = "main"
  s3_bucket_name                = aws_s3_bucket.logs.id
  is_multi_region_trail         = true
  enable_log_file_validation    = true
}
# trailwarden: ignore[bucket-allows-plain-http] reason="größe" owner=us
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
resource "aws_iam_account_password_policy" "main" {
  minimum_password_length   = 8
  password_reuse_prevention = 24
}
variable "rotate" { type = string }
resource "aws_kms_key" "main" {
  enable_key_rotation = var.rotate
}
"#;

fn pack() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/organisation").to_string_lossy().into_owned()
}

fn report(scratch: &Scratch, arguments: &[&str]) -> Json {
    let all: Vec<&str> = ["check", "--root", ".", "--format", "json"].iter().chain(arguments).copied().collect();
    let done = run(scratch.path(), &all);
    serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {}{}", done.out, done.err))
}

fn row<'a>(report: &'a Json, number: &str) -> &'a Json {
    let rows = report["framework"]["recommendations"].as_array().unwrap();
    rows.iter().find(|row| row["number"] == number).unwrap()
}

#[test]
fn each_recommendation_has_a_status() {
    let scratch = Scratch::new();
    scratch.write("main.tf", CODE);
    let report = report(&scratch, &["--framework", CIS]);
    let framework = &report["framework"];
    assert_eq!(framework["recommendations"].as_array().unwrap().len(), 62);
    assert_eq!(framework["complete"], true);
    let statuses = ["3.4", "3.6", "2.1.1", "3.2", "2.3.1", "1.1", "1.3", "1.8", "1.9"].map(|number| row(&report, number)["status"].clone());
    let expected = ["fail", "open", "suppressed", "pass", "nothing-to-judge", "not-checked", "cannot-be-shown-by-code", "fail", "open"];
    assert_eq!(statuses.to_vec(), expected, "1.9: of a rule's defects the first is told, and the other is not known");
    let of_each: u64 = framework["summary"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(of_each, 62);
    let fingerprints = row(&report, "3.4")["findings"].as_array().unwrap();
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["fingerprint"] == fingerprints[0]).unwrap();
    assert_eq!(finding["rule"], "cloudtrail-bucket-without-access-logging");
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["rule"] != "bucket-without-versioning"), "not of it");
}

#[test]
fn what_is_not_listed_counts_and_what_is_left_out_is_no_pass() {
    let scratch = Scratch::new();
    scratch.write("main.tf", CODE);
    let severe = report(&scratch, &["--framework", CIS, "--min-severity", "high"]);
    assert_eq!(row(&severe, "1.8")["status"], "fail", "below the severities that are listed");
    let narrowed = report(&scratch, &["--framework", CIS, "--ignore", "cloudtrail-without-log-file-validation"]);
    assert_eq!(row(&narrowed, "3.2")["status"], "not-checked");
    assert_eq!(row(&narrowed, "3.2")["left_out"][0], "cloudtrail-without-log-file-validation");
    scratch.write("broken.yaml", "Resources:\n  A: { Type: AWS::S3::Bucket\n");
    assert_eq!(report(&scratch, &["--framework", CIS])["framework"]["complete"], false);
    assert!(report(&scratch, &[])["framework"].is_null(), "only where it is asked for");
}

#[test]
fn people_see_groups_and_a_table() {
    let scratch = Scratch::new();
    scratch.write("main.tf", CODE);
    let done = run(scratch.path(), &["check", "--root", ".", "--framework", CIS, "--output", "markdown=out.md"]);
    assert_eq!(done.exit, Exit::Findings, "{}", done.err);
    let heading = done.out.find("3.4 Ensure S3 bucket access logging is enabled on the CloudTrail S3 bucket: fail\n").unwrap();
    let finding = done.out.find("high  cloudtrail-bucket-without-access-logging").unwrap();
    assert!(heading < finding, "{}", done.out);
    assert!(done.out.contains("\n  1.3    cannot be shown by code  Ensure security questions"), "{}", done.out);
    assert!(done.out.ends_with("of 62 recommendations\n"), "{}", done.out);
    let page = std::fs::read_to_string(scratch.path().join("out.md")).unwrap();
    assert!(
        page.contains("| 3.4 | **fail** | Ensure S3 bucket access logging is enabled on the CloudTrail S3 bucket | 1 fail |\n"),
        "{page}"
    );
    assert!(page.contains("| high | 3.4 | `cloudtrail-bucket-without-access-logging` | `main.tf:9` |"), "{page}");
    let (_, table) = done.out.split_once("\nCIS Amazon Web Services Foundations Benchmark 3.0.0\n").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    assert!(table.lines().count() > 62 && table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let lines = run(scratch.path(), &["check", "--root", ".", "--framework", CIS, "--format", "jsonl"]).out;
    let last: Json = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["name"]), (&"framework".into(), &CIS.into()));
}

#[test]
fn sarif_names_the_taxa() {
    let scratch = Scratch::new();
    scratch.write("main.tf", CODE);
    let text = run(scratch.path(), &["check", "--root", ".", "--framework", CIS, "--format", "sarif"]).out;
    let sarif: Json = serde_json::from_str(&text).unwrap();
    let run = &sarif["runs"][0];
    let taxonomy = &run["taxonomies"][0];
    assert_eq!((&taxonomy["name"], &taxonomy["isComprehensive"]), (&CIS.into(), &true.into()));
    assert_eq!(run["tool"]["driver"]["supportedTaxonomies"][0], serde_json::json!({ "name": CIS, "index": 0 }));
    let is_taxon = |reference: &Json| {
        let index = usize::try_from(reference["index"].as_u64().unwrap()).unwrap();
        assert_eq!(taxonomy["taxa"][index]["id"], reference["id"], "{reference}");
        assert_eq!(reference["toolComponent"]["name"], CIS);
    };
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        let relationships = rule["relationships"].as_array().unwrap();
        assert!(!relationships.is_empty(), "{rule}");
        relationships.iter().for_each(|relationship| is_taxon(&relationship["target"]));
    }
    for result in run["results"].as_array().unwrap() {
        let taxa = result["taxa"].as_array().unwrap();
        assert!(!taxa.is_empty(), "{result}");
        taxa.iter().for_each(is_taxon);
    }
    let short = run["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == "iam-password-policy-weak").unwrap();
    assert_eq!(short["taxa"].as_array().unwrap().len(), 1, "the defect's number, not both of the rule's");
}

#[test]
fn a_framework_is_named_by_rules_or_by_a_list() {
    let scratch = Scratch::new();
    scratch.write("main.tf", CODE);
    let done = run(scratch.path(), &["check", "--framework", "cis-aws-3.0"]);
    assert_eq!(done.exit, Exit::Failed);
    assert_eq!(done.err, "error: `--framework cis-aws-3.0`: there is no such framework; did you mean `cis-aws-3.0.0`?\n");
    let own = report(&scratch, &["--rules", &pack(), "--framework", "acme-baseline"]);
    let numbers: Vec<&Json> = own["framework"]["recommendations"].as_array().unwrap().iter().map(|row| &row["number"]).collect();
    assert_eq!(numbers, ["1.1", "1.2", "2.1", "3.1", "4.1"]);
    assert_eq!(own["framework"]["all_recommendations"], false, "no more is known than what rules name");
    assert_eq!(row(&own, "1.1")["status"], "fail");
    assert_eq!(row(&own, "3.1")["status"], "nothing-to-judge");
}

#[test]
fn an_organisations_rules_hold_their_examples_and_are_applied() {
    let done = run(Path::new(env!("CARGO_MANIFEST_DIR")), &["rules", "test", "testdata/organisation"]);
    assert_eq!((done.exit, done.out.as_str()), (Exit::Clean, "40 examples of 5 rules: each is as it says\n"), "{}", done.err);
    let scratch = Scratch::new();
    scratch.write(
        "main.tf",
        r#"
provider "aws" {
  region = "us-east-1"
  default_tags { tags = { owner = "platform" } }
}
resource "aws_s3_bucket" "data" {
  bucket = "data"
  tags   = { cost-center = "none" }
}
resource "aws_s3_bucket_logging" "data" {
  bucket        = aws_s3_bucket.data.id
  target_bucket = "elsewhere"
  target_prefix = "data/"
}
module "other" {
  source  = "acme/bucket/aws"
  version = "~> 1.2"
}
"#,
    );
    scratch.write("stack/template.yaml", "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: data\n      Tags: [{ Key: owner, Value: größe }]\n");
    let report = report(&scratch, &["--rules", &pack(), "--framework", "acme-baseline", "--no-config"]);
    let mut fails: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["outcome"] == "fail")
        .map(|finding| format!("{} {}", finding["rule"].as_str().unwrap(), finding["subject"]["address"].as_str().unwrap()))
        .collect();
    fails.sort();
    let expected = [
        "access-logs-outside-central-bucket aws_s3_bucket.data",
        "bucket-in-forbidden-region aws_s3_bucket.data",
        "bucket-name-outside-convention Data",
        "bucket-name-outside-convention aws_s3_bucket.data",
        "module-version-forbidden module.other",
        "resource-without-owner Data",
        "resource-without-owner aws_s3_bucket.data",
    ];
    assert_eq!(fails, expected);
    let messages: Vec<&str> = report["findings"].as_array().unwrap().iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert!(!messages.iter().any(|message| message.contains("no tag `owner`")), "the provider gives it: {messages:?}");
}

#[test]
fn a_new_rule_holds_its_examples_and_overwrites_nothing() {
    let scratch = Scratch::new();
    let done = run(scratch.path(), &["rules", "new", "bucket-of-nobody"]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.err);
    assert!(done.out.starts_with("wrote rules/bucket-of-nobody.yaml\n"), "{}", done.out);
    let path = scratch.path().join("rules/bucket-of-nobody.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\nid: bucket-of-nobody\n") && text.contains("explain bucket-of-nobody"), "{text}");
    assert_eq!(run(scratch.path(), &["rules", "test", "rules"]).out, "6 examples of 1 rule: each is as it says\n");
    let again = run(scratch.path(), &["rules", "new", "bucket-of-nobody"]);
    assert_eq!(again.exit, Exit::Failed);
    assert_eq!(again.err, "error: `rules/bucket-of-nobody.yaml` is there already, and nothing is overwritten\n");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert!(run(scratch.path(), &["rules", "new", "Bucket of_nobody"]).err.contains("did you mean `bucket-of-nobody`?"));
    assert!(run(scratch.path(), &["rules", "new", "../x"]).err.contains("is no id"));
    assert!(run(scratch.path(), &["rules", "new", "bucket-acl-public"]).err.contains("is a rule of the program"));

    std::fs::write(&path, text.replace("outcome: open", "outcome: pass")).unwrap();
    let wrong = run(scratch.path(), &["rules", "test", "rules/bucket-of-nobody.yaml"]);
    assert_eq!(wrong.exit, Exit::Findings);
    assert!(wrong.out.contains("bucket-of-nobody: `an input (terraform)`: expected pass, got open\n"), "{}", wrong.out);
    assert!(wrong.out.ends_with("6 examples of 1 rule: 2 are wrong\n"), "{}", wrong.out);
    std::fs::write(&path, text.replace("bucket = \"example-data\"\n      }", "bucket = \"example-data\"\n")).unwrap();
    let broken = run(scratch.path(), &["rules", "test", "rules"]);
    assert!(broken.out.contains("`as it should be (terraform)` cannot be read: "), "{}", broken.out);
    std::fs::write(&path, text.replace("severity:", "severtiy:")).unwrap();
    let refused = run(scratch.path(), &["rules", "test", "rules"]);
    assert_eq!(refused.exit, Exit::Failed);
    assert!(refused.err.contains("rules/bucket-of-nobody.yaml:9:1: unknown field `severtiy`, did you mean `severity`?"), "{}", refused.err);
    assert_eq!(run(scratch.path(), &["rules", "test", "nowhere"]).exit, Exit::Failed);
}

#[test]
fn the_program_holds_its_own_examples() {
    let done = run(Path::new("."), &["rules", "test"]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.out);
}

#[test]
fn rules_are_listed_in_each_form() {
    let here = Path::new(".");
    let table = run(here, &["rules", "list"]).out;
    assert_eq!(table, run(here, &["rules"]).out, "`list` where nothing is named");
    let all: Json = serde_json::from_str(&run(here, &["rules", "list", "--format", "json", "--rules", &pack()]).out).unwrap();
    assert!(all.as_array().unwrap().iter().any(|rule| rule["id"] == "module-version-forbidden"));
    let full = run(here, &["rules", "list", "--format", "full"]).out;
    assert!(full.contains("high  cloudtrail-bucket-without-access-logging\n  about: trail\n  fails when: "), "{full}");
}
