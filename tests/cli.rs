//! The command line as a shell would call it: exit codes, streams, options, files written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::{Scratch, run};
use trailwarden::cli::{self, Exit, Process, Terminal};

const TRAIL: &str = r#"variable "name" {
  default = "logs"
}

resource "aws_s3_bucket" "logs" {
  bucket = var.name
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
}

output "name" {
  value = var.name
}
"#;

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    scratch
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo")
}

#[test]
fn the_demo_shows_the_main_job() {
    let done = run(&demo(), &["check", "--root", "."]);
    assert_eq!(done.exit, Exit::Findings, "{}", done.out);
    for text in ["terraform/unwatched/trail.tf:", "terraform/unwatched/modules/audit-bucket/main.tf:1:1", "cloudformation/unwatched.yaml:"]
    {
        assert!(done.out.contains(text), "{text} is shown:\n{}", done.out);
    }
    assert!(!done.out.contains("/watched"), "only what is unwatched is told:\n{}", done.out);
    let all = run(&demo(), &["check", "--root", ".", "--show", "pass", "--format", "concise"]);
    assert!(all.out.contains("terraform/watched/trail.tf:1:1: pass cloudtrail-bucket-without-access-logging"), "{}", all.out);
    assert!(all.out.contains("cloudformation/watched.yaml:155:3: pass cloudtrail-bucket-without-access-logging"), "{}", all.out);
}

#[test]
fn exit_codes_are_as_promised() {
    let scratch = scratch();
    let exit = |arguments: &[&str]| run(scratch.path(), arguments).exit;
    assert_eq!(exit(&["check"]), Exit::Findings);
    assert_eq!(exit(&[]), Exit::Findings, "`check` is the default");
    assert_eq!(exit(&["main.tf"]), Exit::Findings, "a path alone is checked");
    assert_eq!(exit(&["--exit-zero"]), Exit::Clean);
    assert_eq!(exit(&["--fail-on", "never"]), Exit::Clean);
    assert_eq!(exit(&["--fail-on", "high"]), Exit::Findings);
    assert_eq!(exit(&["--select", "cloudtrail-bucket-without-access-logging"]), Exit::Findings);
    assert_eq!(exit(&["--select", "cloudtrail-not-logging", "--ignore", "cloudtrail-not-logging"]), Exit::Clean);
    assert_eq!(exit(&["--select", "access-log-target-is-source"]), Exit::Clean);
    assert_eq!(exit(&["nowhere"]), Exit::Failed);
    assert_eq!(exit(&["nowhere", "--exit-zero"]), Exit::Failed, "a report of nothing is no report");
    assert_eq!(exit(&["--no-such-option"]), Exit::Failed);
    assert_eq!(exit(&["--help"]), Exit::Clean);
    assert_eq!(exit(&["--version"]), Exit::Clean);
    scratch.write("broken.tf", "resource {{\n");
    assert_eq!(exit(&[]), Exit::Failed);
    assert_eq!([Exit::Clean, Exit::Findings, Exit::Failed, Exit::Internal].map(Exit::code), [0, 1, 2, 3]);
}

#[test]
fn slips_are_answered_with_what_was_meant() {
    let scratch = scratch();
    let err = |arguments: &[&str]| {
        let done = run(scratch.path(), arguments);
        assert_eq!(done.exit, Exit::Failed);
        done.err
    };
    let rule = err(&["--ignore", "cloudtrail-bucket-without-acces-logging"]);
    assert!(rule.contains("did you mean `cloudtrail-bucket-without-access-logging`?"), "{rule}");
    let format = err(&["--output", "jsn=x"]);
    assert!(format.contains("did you mean `json`?"), "{format}");
    assert!(err(&["--fail-on", "hihg"]).contains("high"));
    assert!(err(&["--var", "novalue"]).contains("expected `NAME=VALUE`"));
    assert!(err(&["--root", "nowhere"]).starts_with("error: `--root nowhere`: there is no such directory"));
    assert!(run(scratch.path(), &["main.tff"]).out.contains("did you mean `main.tf`?"));
}

#[test]
fn variables_come_from_options_in_their_order() {
    let scratch = scratch();
    scratch.write("a.tfvars", "name = \"from-file\"\n");
    let name = |arguments: &[&str]| {
        let all: Vec<&str> = ["eval"].into_iter().chain(arguments.iter().copied()).chain(["var.name"]).collect();
        let done = run(scratch.path(), &all);
        assert_eq!(done.err, "");
        done.out.trim().to_owned()
    };
    assert_eq!(name(&[]), "\"logs\"");
    assert_eq!(name(&["--var", "name=a"]), "\"a\"");
    assert_eq!(name(&["-var", "name=a", "-var-file=a.tfvars"]), "\"from-file\"", "Terraform's own spelling");
    assert_eq!(name(&["--var-file", "a.tfvars", "--var=name=b"]), "\"b\"");
}

#[test]
fn a_variable_file_may_lie_outside_the_scan_root() {
    let scratch = Scratch::new();
    scratch.write("repo/main.tf", TRAIL).write("secret/a.tfvars", "name = \"from-outside\"\n");
    let done = run(&scratch.path().join("repo"), &["eval", "--root", ".", "--var-file", "../secret/a.tfvars", "var.name"]);
    assert_eq!(done.out, "\"from-outside\"\n", "{}", done.err);
}

#[test]
fn reports_are_written_beside_standard_output() {
    let scratch = scratch();
    let done = run(scratch.path(), &["--output", "json=report.json", "--output", "concise=report.txt"]);
    assert_eq!(done.exit, Exit::Findings);
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(scratch.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert!(std::fs::read_to_string(scratch.path().join("report.txt")).unwrap().starts_with("main.tf:5:1: high "));
    let names = std::fs::read_dir(scratch.path()).unwrap().count();
    assert_eq!(names, 3, "nothing is left aside");
    // One that cannot be written does not stop the others.
    let done = run(
        scratch.path(),
        &["--output", "json=nowhere/report.json", "--output", "concise=again.txt", "--output", "sarif=nowhere/x.sarif"],
    );
    assert_eq!(done.exit, Exit::Failed);
    assert!(done.err.starts_with("error: cannot write `nowhere/report.json`"), "{}", done.err);
    assert!(done.err.contains("\nerror: cannot write `nowhere/x.sarif`"), "each is told: {}", done.err);
    assert!(done.out.contains("finding"));
    assert!(scratch.path().join("again.txt").exists());
}

#[test]
fn a_config_file_decides_and_the_command_line_beats_it() {
    let scratch = scratch();
    scratch.write("trailwarden.toml", "fail-on = \"never\"\n");
    assert_eq!(run(scratch.path(), &[]).exit, Exit::Clean);
    assert_eq!(run(scratch.path(), &["--fail-on", "high"]).exit, Exit::Findings);
    assert_eq!(run(scratch.path(), &["--no-config"]).exit, Exit::Findings);
    scratch.write("other.toml", "ignore = [\n  \"cloudtrail-not-loging\",\n]\n");
    let slip = run(scratch.path(), &["--config", "other.toml"]);
    assert_eq!(slip.err, "error: other.toml:2:3: there is no rule `cloudtrail-not-loging`; did you mean `cloudtrail-not-logging`?\n");
    assert_eq!((slip.exit, slip.out.as_str()), (Exit::Failed, ""), "nothing is checked");
    scratch.write("other.toml", "strict = true\nrules = [\"nowhere\"]\n");
    let nowhere = run(scratch.path(), &["--config", "other.toml"]).err;
    assert!(nowhere.starts_with("error: other.toml:2:10: `nowhere`: "), "{nowhere}");
    scratch.write("trailwarden.toml", "fail-no = \"never\"\n");
    let done = run(scratch.path(), &[]);
    assert_eq!(done.err, "error: trailwarden.toml:1:1: unknown field `fail-no`; did you mean `fail-on`?\n");
    assert_eq!(done.exit, Exit::Failed);
}

#[test]
fn a_broken_facts_file_is_told_with_its_place() {
    let scratch = scratch();
    scratch.write("facts.toml", "[[bucket]]\nname = \"x\"\nlogging = true\n").write("facts.json", "{\"region\": }");
    let toml = run(scratch.path(), &["--facts", "facts.toml"]);
    assert!(toml.err.starts_with("error: facts.toml:3:1: unknown field `logging`"), "{}", toml.err);
    assert!(run(scratch.path(), &["--facts", "facts.json"]).err.starts_with("error: facts.json:1:12: "));
    scratch.write("facts.json", "{\"regoin\": \"eu-west-1\"}");
    let json = run(scratch.path(), &["--facts", "facts.json"]).err;
    assert_eq!(json, "error: facts.json:1:9: unknown field `regoin`; did you mean `region`?\n");
}

#[test]
fn timings_go_to_standard_error() {
    let done = run(scratch().path(), &["--timings", "--format", "json"]);
    assert!(done.err.starts_with("timings: walk 0.0 ms, read "), "{}", done.err);
    assert!(serde_json::from_str::<serde_json::Value>(&done.out).is_ok());
}

/// A stream whose reader has gone.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_who_has_gone_is_no_failure() {
    let scratch = scratch();
    let mut err = Vec::new();
    let mut process = Process {
        working_directory: scratch.path().to_owned(),
        environment: Vec::new(),
        out: &mut Gone,
        err: &mut err,
        terminal: Terminal::default(),
        clock: || Duration::ZERO,
    };
    assert_eq!(cli::run(["trailwarden", "check"].map(Into::into), &mut process), Exit::Clean);
    assert!(err.is_empty());
}

/// Standard output of a check whose environment and terminal are given.
fn colored(environment: &[(&str, &str)], color: bool, arguments: &[&str]) -> bool {
    let scratch = scratch();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut process = Process {
        working_directory: scratch.path().to_owned(),
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        out: &mut out,
        err: &mut err,
        terminal: Terminal { color, width: Some(80) },
        clock: || Duration::ZERO,
    };
    cli::run(["trailwarden"].iter().chain(arguments).map(Into::into), &mut process);
    out.contains(&0x1b)
}

#[test]
fn colours_are_written_where_they_are_wanted() {
    assert!(colored(&[], true, &[]));
    assert!(!colored(&[], false, &[]));
    assert!(!colored(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true, &[]), "NO_COLOR beats CLICOLOR_FORCE");
    assert!(colored(&[("CLICOLOR_FORCE", "1")], false, &[]));
    assert!(colored(&[("NO_COLOR", "1")], false, &["--color", "always"]), "--color beats both");
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], true, &["--color", "never"]));
    assert!(!colored(&[], true, &["--format", "json"]), "programs get none");
}

#[test]
fn two_runs_give_the_same_bytes() {
    let first = run(&demo(), &["--root", ".", "--format", "json", "--show", "pass,fail,open"]);
    for _ in 0..5 {
        assert_eq!(run(&demo(), &["--root", ".", "--format", "json", "--show", "pass,fail,open"]).out, first.out);
    }
}

#[test]
fn the_readme_names_the_two_commands() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for command in ["cargo run --release -- check testdata/demo", "cargo test"] {
        assert!(readme.contains(&format!("```sh\n{command}\n```")), "{command}");
    }
}

#[test]
fn a_resource_is_explained_with_its_values_its_links_and_its_verdicts() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo/terraform/unwatched");
    let story = run(&demo, &["explain", "--root", ".", "aws_cloudtrail.audit"]);
    let address = story.err.clone();
    assert_eq!(story.exit, Exit::Clean, "{address}");
    for part in ["aws_cloudtrail.audit: a trail", "declared at trail.tf:", "names module.", "high cloudtrail-bucket-without-access-logging"]
    {
        assert!(story.out.contains(part), "{part} is missing in\n{}", story.out);
    }
    let unknown = run(&demo, &["explain", "--root", ".", "aws_cloudtrail.audlt"]);
    assert_eq!(unknown.exit, Exit::Failed);
    assert!(unknown.err.contains("did you mean `aws_cloudtrail.audit`?"), "{}", unknown.err);
    let rule = run(&demo, &["explain", "--root", ".", "access-log-target-is-source"]);
    assert!(rule.out.starts_with("# access-log-target-is-source"), "{}", rule.out);
    let kind = run(&demo, &["explain", "--root", ".", "bucket"]);
    assert!(kind.exit == Exit::Clean && kind.out.starts_with("# bucket\n\nS3 bucket. "), "{}{}", kind.out, kind.err);
}

#[test]
fn what_findings_name_but_no_variable_is_called_has_its_own_way() {
    let scratch = Scratch::new();
    scratch.write("main.tf", "variable \"stage\" {}\n");
    for command in ["check", "eval"] {
        let said = |variable: &str| {
            let done = run(scratch.path(), &[command, "--var", variable, "."]);
            assert_eq!(done.exit, Exit::Failed, "{command} {variable}");
            done.err
        };
        let workspace = said("terraform.workspace=dev");
        assert!(workspace.contains("the workspace is no variable: set `TF_WORKSPACE` and give `--terraform-env`"), "{workspace}");
        let variable = said("var.stage=dev");
        assert!(variable.contains("`--var stage=dev`"), "{variable}");
    }
}
