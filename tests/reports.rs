//! Where reports go: the summary of a workflow's step, files behind links, streams that are no files, places that cannot be written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use std::time::Duration;
use support::{Run, Scratch};
use trailwarden::cli::{self, Exit, Process, Terminal};

const TRAIL: &str = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = aws_s3_bucket.logs.id\n}\n";

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    scratch
}

fn run(scratch: &Scratch, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut process = Process {
        working_directory: scratch.path().to_owned(),
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        out: &mut out,
        err: &mut err,
        terminal: Terminal::default(),
        clock: || Duration::ZERO,
    };
    let exit = cli::run(["trailwarden", "check", "--root", "."].iter().chain(arguments).map(Into::into), &mut process);
    Run { out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap(), exit }
}

#[test]
fn the_summary_of_a_step_is_appended_to_where_the_runner_says() {
    let scratch = scratch();
    scratch.write("summary.md", "before\n");
    let done = run(&scratch, &[("GITHUB_STEP_SUMMARY", "summary.md")], &["--step-summary", "--format", "concise"]);
    assert_eq!(done.exit, Exit::Findings);
    let text = std::fs::read_to_string(scratch.path().join("summary.md")).unwrap();
    assert!(text.starts_with("before\n## trailwarden\n") && text.contains("```mermaid"), "{text}");
    run(&scratch, &[("GITHUB_STEP_SUMMARY", "summary.md")], &["--format", "concise"]);
    assert_eq!(std::fs::read_to_string(scratch.path().join("summary.md")).unwrap(), text, "only where it is asked for");
    let elsewhere = run(&scratch, &[], &["--step-summary", "--format", "concise"]);
    assert_eq!(elsewhere.exit, Exit::Findings, "no workflow is no failure");
    assert!(elsewhere.err.starts_with("note: `--step-summary` wrote nothing"), "{}", elsewhere.err);
    let broken = run(
        &scratch,
        &[("GITHUB_STEP_SUMMARY", "nowhere/summary.md")],
        &["--step-summary", "--output", "json=report.json", "--select", "cloudtrail-bucket-without-access-logging"],
    );
    assert_eq!(broken.exit, Exit::Failed);
    assert!(broken.err.starts_with("error: cannot write `GITHUB_STEP_SUMMARY`"), "{}", broken.err);
    assert!(scratch.path().join("report.json").exists() && broken.out.contains("1 finding"), "the others are written");
}

#[test]
fn a_summary_takes_no_more_than_the_runner_does() {
    let scratch = scratch();
    let full = 1024 * 1024;
    scratch.write("summary.md", "x".repeat(full - 1_000));
    run(&scratch, &[("GITHUB_STEP_SUMMARY", "summary.md")], &["--step-summary"]);
    let text = std::fs::read_to_string(scratch.path().join("summary.md")).unwrap();
    assert!(text.len() <= full, "{}", text.len());
    assert!(text.ends_with("has all of it.\n"), "{}", &text[full - 1_000..]);
}

#[test]
#[cfg(unix)]
fn links_stay_links_and_streams_stay_streams() {
    let scratch = scratch();
    scratch.write("real/report.json", "old").link("real/report.json", "report.json");
    assert_eq!(run(&scratch, &[], &["--output", "json=report.json"]).exit, Exit::Findings);
    assert!(scratch.path().join("report.json").is_symlink());
    assert!(std::fs::read_to_string(scratch.path().join("real/report.json")).unwrap().starts_with('{'));
    assert_eq!(std::fs::read_dir(scratch.path().join("real")).unwrap().count(), 1, "nothing is left aside");
    // A device is written to; it is never replaced by a file.
    scratch.link("/dev/null", "null");
    assert_eq!(run(&scratch, &[], &["--output", "json=null"]).exit, Exit::Findings);
    assert!(!std::path::Path::new("/dev/null").is_file());
    let directory = run(&scratch, &[], &["--output", "json=real", "--output", "sarif=after.sarif"]);
    assert_eq!(directory.exit, Exit::Failed);
    assert!(directory.err.starts_with("error: cannot write `real`"), "{}", directory.err);
    assert!(scratch.path().join("after.sarif").exists());
    assert!(std::fs::read_dir(scratch.path()).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".tmp")));
}
