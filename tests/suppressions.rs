//! Suppressions as a team meets them: what the config file allows, what outputs show, and that nothing is hidden in silence.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use support::{Scratch, run};
use trailwarden::cli::Exit;

const TRAIL: &str = r#"resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

# trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason="größe & <b>" owner=audit expires=2026-12-31
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.logs.id
}
"#;

const NOW: [&str; 4] = ["--now", "2026-06-01", "--select", "cloudtrail-bucket-without-access-logging"];

fn with(arguments: &[&str]) -> Vec<String> {
    NOW.iter().chain(arguments).map(|argument| (*argument).to_owned()).collect()
}

fn checked(scratch: &Scratch, arguments: &[&str]) -> support::Run {
    let all = with(arguments);
    run(scratch.path(), &all.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn what_is_suppressed_is_counted_everywhere_and_listed_when_asked_for() {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    let done = checked(&scratch, &[]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.out);
    assert_eq!(done.out, "no findings, 0 passed, 1 suppressed in 1 project, 1 file\n");
    for (format, says) in [
        ("full", "note: suppressed by comment (main.tf:5): größe & <b>; owner audit, until 2026-12-31"),
        ("concise", "main.tf:1:1: suppressed cloudtrail-bucket-without-access-logging: "),
        ("json", "\"reason\": \"größe & <b>\""),
        ("jsonl", "\"by\":\"comment\""),
        ("sarif", "\"kind\": \"inSource\""),
        ("github", "::notice file=main.tf"),
        ("junit", "<skipped message=\"suppressed by comment (main.tf:5): größe &amp; &lt;b&gt;; owner audit, until 2026-12-31\"/>"),
        ("markdown", "suppressed by comment \\(main.tf&#58;5\\)&#58; größe &amp; &lt;b&gt;"),
    ] {
        let done = checked(&scratch, &["--show", "fail,suppressed", "--format", format]);
        assert!(done.out.contains(says), "{format}:\n{}", done.out);
    }
    let json: serde_json::Value = serde_json::from_str(&checked(&scratch, &["--format", "json"]).out).unwrap();
    assert_eq!(json["summary"]["suppressed"], 1, "counted though not listed");
    assert!(checked(&scratch, &["--format", "github"]).out.contains("1 finding is suppressed"));
    assert_eq!(checked(&scratch, &["--show", "fail,suppressed", "--format", "gitlab"]).out, "[]\n", "its report has no word for it");
    let sarif: serde_json::Value =
        serde_json::from_str(&checked(&scratch, &["--show", "fail,suppressed", "--format", "sarif"]).out).unwrap();
    let said = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(said["location"]["physicalLocation"]["region"]["startLine"], 5);
    assert_eq!((said["status"].as_str(), said["properties"]["owner"].as_str()), (Some("accepted"), Some("audit")));
}

#[test]
fn a_suppression_that_ran_out_hides_nothing() {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    let done = run(scratch.path(), &["--now", "2027-01-01"]);
    assert_eq!(done.exit, Exit::Findings);
    assert!(done.out.contains("this suppression ran out on 2026-12-31"), "{}", done.out);
}

#[test]
fn the_config_file_says_what_suppressions_must_keep_to() {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    let with = |config: &str| {
        scratch.write("trailwarden.toml", config);
        checked(&scratch, &["--format", "concise"])
    };
    let long = with("[suppressions]\nmax-days = 90\n");
    assert_eq!(long.exit, Exit::Failed, "one that lasts too long cannot be what was agreed on");
    assert!(
        long.out.contains("main.tf:5:23: error bad-suppression: this suppression lasts too long: the config file allows 90 days"),
        "{}",
        long.out
    );
    assert!(long.out.contains("main.tf:1:1: high "), "and hides nothing:\n{}", long.out);
    assert_eq!(with("[suppressions]\nmax-days = 365\nowner-required = true\n").exit, Exit::Clean);
    let refused = with("[suppressions]\ncomments = false\n");
    assert_eq!(refused.exit, Exit::Findings);
    assert!(refused.out.contains("warning refused-suppression: suppressions in code do not count here"), "{}", refused.out);
    scratch.write("main.tf", TRAIL.replace("owner=audit", ""));
    assert!(with("[suppressions]\nowner-required = true\n").out.contains("names no `owner`"));
}

#[test]
fn peers_comments_count_unless_they_are_not_wanted() {
    let scratch = Scratch::new();
    scratch.write("main.tf", "#tfsec:ignore:aws-s3-enable-bucket-logging\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n");
    let exit = |arguments: &[&str]| {
        let all: Vec<&str> = ["--fail-on", "low"].iter().chain(arguments).copied().collect();
        run(scratch.path(), &all).exit
    };
    assert_eq!(exit(&[]), Exit::Clean);
    assert_eq!(exit(&["--no-foreign-ignores"]), Exit::Findings);
    scratch.write("trailwarden.toml", "[suppressions]\npeers = false\n");
    assert_eq!(exit(&[]), Exit::Findings);
}

#[test]
fn unused_ones_are_told_where_that_can_be_known() {
    let scratch = Scratch::new();
    let unused = "# trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason=\"x\"\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n";
    scratch.write("modules/b/main.tf", unused).write("envs/a/main.tf", "module \"b\" {\n  source = \"../../modules/b\"\n}\n");
    let told = |arguments: &[&str]| {
        let all: Vec<&str> = ["--root", ".", "--format", "concise"].iter().chain(arguments).copied().collect();
        let done = run(scratch.path(), &all);
        (done.out.contains("unused-suppression"), done.exit)
    };
    assert_eq!(told(&[]), (true, Exit::Clean));
    assert_eq!(told(&["--strict"]), (true, Exit::Failed), "an error with --strict");
    assert_eq!(told(&["envs/a"]), (false, Exit::Clean), "others may call that module");
    assert_eq!(told(&["--ignore", "cloudtrail-bucket-without-access-logging"]), (false, Exit::Clean), "the rule was not applied");
    scratch.write("broken.tf", "resource {{\n");
    assert!(!told(&[]).0, "what could not be read may be what it hides");
}

#[test]
fn a_slip_in_an_exception_is_told_at_its_place() {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    let error = |config: &str| {
        scratch.write("trailwarden.toml", config);
        let done = run(scratch.path(), &[]);
        assert_eq!(done.exit, Exit::Failed);
        done.err
    };
    let exception = |more: &str| format!("# größe\n[[exception]]\nrule = \"bucket-without-access-logging\"\naddress = \"x\"\n{more}");
    assert_eq!(error(&exception("raeson = \"x\"\n")), "error: trailwarden.toml:5:1: unknown field `raeson`; did you mean `reason`?\n");
    assert_eq!(error(&exception("")), "error: trailwarden.toml:2:1: missing field `reason`\n");
    assert!(error(&exception("reason = \" \"\n")).contains("5:10: an exception needs a reason"));
    assert!(error(&exception("reason = \"x\"\nexpires = \"soon\"\n")).contains("6:11: `soon` is no day of the form `YYYY-MM-DD`"));
    assert!(error(&exception("reason = \"x\"\nexpires = 2026-01-01T00:00:00Z\n")).contains("is no day of the form"));
    let unknown = exception("reason = \"x\"\n").replace("bucket-without-access-logging", "bucket-without-access-loging");
    let error = error(&unknown);
    assert_eq!(
        error,
        "error: trailwarden.toml:3:8: there is no rule `bucket-without-access-loging`; did you mean `bucket-without-access-logging`?\n"
    );
}
