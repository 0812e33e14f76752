//! A baseline as a team uses it: write it once, hold every run against it, write it again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use support::{Run, Scratch};
use trailwarden::cli::Exit;

fn root(name: &str) -> String {
    format!(
        "resource \"aws_s3_bucket\" \"{name}\" {{\n  bucket = \"{name}\"\n}}\n\nresource \"aws_cloudtrail\" \"{name}\" {{\n  name = \"{name}\"\n  s3_bucket_name = aws_s3_bucket.{name}.id\n}}\n"
    )
}

fn run(scratch: &Scratch, arguments: &[&str]) -> Run {
    let all: Vec<&str> = arguments.iter().copied().chain(["--root", ".", "--select", "cloudtrail-bucket-without-access-logging"]).collect();
    support::run(scratch.path(), &all)
}

fn started() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("dev/main.tf", root("a")).write("prod/main.tf", root("b"));
    let done = run(&scratch, &["baseline"]);
    assert_eq!(
        done.out,
        "wrote 2 findings to trailwarden-baseline.json; `trailwarden check --baseline trailwarden-baseline.json` tells new ones from these\n"
    );
    scratch
}

const CHECK: [&str; 5] = ["check", "--baseline", "trailwarden-baseline.json", "--format", "concise"];

#[test]
fn only_what_is_new_counts() {
    let scratch = started();
    let written = std::fs::read_to_string(scratch.path().join("trailwarden-baseline.json")).unwrap();
    assert_eq!(written.lines().filter(|line| line.contains("\"fingerprint\"")).count(), 2, "a line a finding:\n{written}");
    assert!(!written.contains("\"line\""), "no line numbers:\n{written}");
    let done = run(&scratch, &CHECK);
    assert_eq!(done.exit, Exit::Clean);
    assert_eq!(done.out, "no findings, 0 passed, 2 suppressed in 2 projects, 2 files; since the baseline: 0 new, 0 fixed, 2 still there\n");
    // Lines move, a comment comes: nothing is new.
    scratch.write("dev/main.tf", format!("# moved\n\n\n{}", root("a")));
    assert_eq!(run(&scratch, &CHECK).exit, Exit::Clean);
    // The same address in another project is another finding.
    scratch.write("stage/main.tf", root("a"));
    let done = run(&scratch, &CHECK);
    assert_eq!(done.exit, Exit::Findings);
    assert!(done.out.contains("stage/main.tf:1:1: high"), "{}", done.out);
    assert!(!done.out.contains("dev/main.tf"), "{}", done.out);
    assert!(done.out.ends_with("1 new, 0 fixed, 2 still there\n"), "{}", done.out);
}

#[test]
fn what_was_mended_is_told_where_it_was_looked_for() {
    let scratch = started();
    scratch.write("prod/main.tf", "locals {}\n");
    let done = run(&scratch, &CHECK);
    assert!(
        done.out.contains("prod: fixed cloudtrail-bucket-without-access-logging: `aws_cloudtrail.b` is no longer found\n"),
        "{}",
        done.out
    );
    assert!(done.out.ends_with("0 new, 1 fixed, 1 still there\n"), "{}", done.out);
    let json: serde_json::Value =
        serde_json::from_str(&run(&scratch, &["check", "--baseline", "trailwarden-baseline.json", "--format", "json"]).out).unwrap();
    assert_eq!((&json["baseline"]["new"], &json["baseline"]["still"]), (&0.into(), &1.into()));
    assert_eq!(json["baseline"]["fixed"][0]["address"], "aws_cloudtrail.b");
    let elsewhere: Vec<&str> = CHECK.iter().chain(&["dev"]).copied().collect();
    assert!(run(&scratch, &elsewhere).out.ends_with("0 new, 0 fixed, 1 still there\n"), "what was not looked at is not fixed");
    std::fs::remove_file(scratch.path().join("prod/main.tf")).unwrap();
    assert!(run(&scratch, &CHECK).out.ends_with("0 new, 1 fixed, 1 still there\n"), "a project that is gone is");
    run(&scratch, &["baseline"]);
    assert!(run(&scratch, &CHECK).out.ends_with("0 new, 0 fixed, 1 still there\n"));
}

#[test]
fn the_same_subject_that_points_elsewhere_is_new() {
    let scratch = started();
    let moved = root("a").replace("s3_bucket_name = aws_s3_bucket.a.id", "s3_bucket_name = aws_s3_bucket.c.id");
    scratch.write("dev/main.tf", format!("{moved}\nresource \"aws_s3_bucket\" \"c\" {{\n  bucket = \"c\"\n}}\n"));
    assert!(run(&scratch, &CHECK).out.ends_with("1 new, 1 fixed, 1 still there\n"));
}

#[test]
fn the_config_file_may_name_it() {
    let scratch = started();
    scratch.write("trailwarden.toml", "baseline = \"known/baseline.json\"\n");
    let done = run(&scratch, &["check"]);
    assert_eq!(done.exit, Exit::Failed);
    assert!(
        done.err.contains("cannot read the baseline `known/baseline.json`") && done.err.contains("`trailwarden baseline` writes it"),
        "{}",
        done.err
    );
    scratch.write("known/other", "");
    assert_eq!(run(&scratch, &["baseline"]).exit, Exit::Clean);
    assert_eq!(run(&scratch, &["check"]).exit, Exit::Clean);
}

#[test]
fn a_broken_one_is_told_with_its_place() {
    let scratch = started();
    let text = std::fs::read_to_string(scratch.path().join("trailwarden-baseline.json")).unwrap();
    scratch.write("trailwarden-baseline.json", text.replacen("\"rule\"", "\"rul\"", 1));
    let done = run(&scratch, &CHECK);
    assert_eq!(done.exit, Exit::Failed);
    assert!(done.err.starts_with("error: trailwarden-baseline.json:4:"), "{}", done.err);
    assert!(done.err.contains("unknown field `rul`; did you mean `rule`?"), "{}", done.err);
    assert_eq!(done.out, "", "nothing is checked against half a baseline");
}

#[test]
fn a_rule_that_there_is_not_holds_nothing_back_and_is_told() {
    let scratch = started();
    let text = std::fs::read_to_string(scratch.path().join("trailwarden-baseline.json")).unwrap();
    scratch.write("trailwarden-baseline.json", text.replacen("cloudtrail-bucket", "cloudtrial-bucket", 1));
    let done = run(&scratch, &CHECK);
    assert_eq!(done.exit, Exit::Findings);
    let told = "trailwarden-baseline.json:4:30: warning baseline-unknown-rule: the baseline names `cloudtrial-bucket-without-access-logging`, and there is no such rule; did you mean `cloudtrail-bucket-without-access-logging`?\n";
    assert!(done.out.contains(told), "{}", done.out);
}

#[test]
fn nothing_is_written_of_input_that_could_not_be_read() {
    let scratch = started();
    let path = scratch.path().join("trailwarden-baseline.json");
    let before = std::fs::read(&path).unwrap();
    scratch.write("dev/main.tf", "resource {{\n");
    let done = run(&scratch, &["baseline"]);
    assert_eq!(done.exit, Exit::Failed);
    assert!(done.err.contains("no baseline was written") && done.err.contains("syntax-error"), "{}", done.err);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
