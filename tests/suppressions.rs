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
        let all: Vec<&str> = ["--fail-on", "low", "--select", "bucket-without-access-logging"].iter().chain(arguments).copied().collect();
        run(scratch.path(), &all).exit
    };
    assert_eq!(exit(&[]), Exit::Clean);
    assert_eq!(exit(&["--no-foreign-ignores"]), Exit::Findings);
    scratch.write("trailwarden.toml", "[suppressions]\npeers = false\n");
    assert_eq!(exit(&[]), Exit::Findings);
}

#[test]
fn a_comment_may_hang_on_an_argument_that_no_rule_asks_for() {
    let scratch = Scratch::new();
    let exit = |wanted: &str| {
        let key = "resource \"aws_kms_key\" \"k\" {\n  description = local.what\n}\n\nlocals {\n  what = \"mine\"\n}\n";
        scratch.write("main.tf", format!("#trivy:ignore:AVD-AWS-0065[description={wanted}]\n{key}"));
        run(scratch.path(), &["--fail-on", "low", "--select", "kms-key-without-rotation"]).exit
    };
    assert_eq!(exit("mine"), Exit::Clean);
    assert_eq!(exit("another"), Exit::Findings);
}

#[test]
fn unused_ones_are_told_where_that_can_be_known() {
    let scratch = Scratch::new();
    let unused = "# trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason=\"x\"\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n";
    scratch.write("modules/b/main.tf", unused).write("envs/a/main.tf", "module \"b\" {\n  source = \"../../modules/b\"\n}\n");
    let told = |arguments: &[&str]| {
        let all: Vec<&str> = [
            "--root",
            ".",
            "--format",
            "concise",
            "--select",
            "bucket-without-access-logging",
            "--select",
            "cloudtrail-bucket-without-access-logging",
        ]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
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

/// A repository with every place in which a suppression can be written.
fn places() -> Scratch {
    let scratch = Scratch::new();
    let bucket = "resource \"aws_s3_bucket\" \"this\" {\r\n  bucket_prefix = \"x\"\r\n}\r\n";
    scratch.write("tf/main.tf", format!("\u{feff}# gr\u{f6}\u{df}e\r\n{bucket}\r\nmodule \"a\" {{\r\n  source = \"./m\"\r\n}}\r\n\r\nmodule \"b\" {{\r\n  source = \"./m\"\r\n}}\r\n"));
    scratch.write("tf/m/main.tf", bucket);
    scratch.write("tf/more.tf.json", "{\"resource\": {\"aws_s3_bucket\": {\"json\": {\"bucket\": \"json\"}}}}\n");
    scratch.write("block.yaml", "Resources:\n  Block:\n    Type: AWS::S3::Bucket\n");
    scratch.write("flow.yaml", "Resources:\n  Flow: { Type: AWS::S3::Bucket }\n");
    scratch.write("lines.json", "{\n  \"Resources\": {\n    \"Lines\": {\n      \"Type\": \"AWS::S3::Bucket\"\n    }\n  }\n}\n");
    scratch
}

fn suppress(scratch: &Scratch, address: &str, more: &[&str]) -> support::Run {
    let fixed =
        ["suppress", "bucket-without-access-logging", address, "--root", ".", "--reason", "it is \"fine\" | \u{e4}", "--now", "2026-06-01"];
    run(scratch.path(), &[&fixed[..], more].concat())
}

#[test]
fn the_command_writes_what_the_check_reads() {
    let scratch = places();
    let before = std::fs::read(scratch.path().join("tf/main.tf")).unwrap();
    let open = || {
        let done = run(
            scratch.path(),
            &["--root", ".", "--format", "concise", "--now", "2026-06-01", "--select", "bucket-without-access-logging"],
        );
        assert!(!done.out.contains("error") && !done.out.contains("unused"), "{}", done.out);
        done.out.lines().filter(|line| line.contains(": low ")).count()
    };
    let addresses = ["aws_s3_bucket.this", "module.a.aws_s3_bucket.this", "aws_s3_bucket.json", "Block", "Flow", "Lines"];
    let mut left = open();
    assert_eq!(left, addresses.len() + 1);
    for address in addresses {
        let done = suppress(&scratch, address, &["--owner", "platform team", "--expires", "2026-12-31"]);
        assert_eq!(done.exit, Exit::Clean, "{address}: {}", done.err);
        assert!(done.out.starts_with("wrote ") && !done.out.contains("also suppresses"), "{address}: {}", done.out);
        left -= 1;
        assert_eq!(open(), left, "{address}: one less, and only one");
    }
    let after = std::fs::read(scratch.path().join("tf/main.tf")).unwrap();
    assert!(after.starts_with(b"\xEF\xBB\xBF# "), "the byte-order mark stays");
    let (before, after) = (String::from_utf8(before).unwrap(), String::from_utf8(after).unwrap());
    let words = "# trailwarden: ignore[bucket-without-access-logging] reason=\"it is \\\"fine\\\" | \u{e4}\" owner=\"platform team\" expires=2026-12-31\r\n";
    assert_eq!(after.matches(words).count(), 2, "{after}");
    assert_eq!(after.replace(words, ""), before, "every other byte is as it was");
    assert!(suppress(&scratch, "Block", &[]).err.contains("it is suppressed already, by comment"));
}

#[test]
fn the_command_says_what_else_it_hides() {
    let scratch = Scratch::new();
    scratch.write("main.tf", "resource \"aws_s3_bucket\" \"each\" {\n  for_each = toset([\"x\", \"y\"])\n  bucket   = each.key\n}\n");
    let done = suppress(&scratch, "aws_s3_bucket.each[\"x\"]", &[]);
    assert!(done.out.contains("it also suppresses `aws_s3_bucket.each[\"y\"]` in .\n"), "{}{}", done.out, done.err);
}

#[test]
fn the_command_writes_nothing_where_it_cannot_keep_its_word() {
    let scratch = places();
    let error = |address: &str, more: &[&str]| {
        let done = suppress(&scratch, address, more);
        assert_eq!(done.exit, Exit::Failed, "{}", done.out);
        done.err
    };
    assert!(error("aws_s3_bucket.thsi", &[]).contains("finds nothing at `aws_s3_bucket.thsi`; did you mean `aws_s3_bucket.this`?"));
    assert!(error("Block", &["--expires", "soon"]).contains("expected a day"));
    scratch.write("tf2/main.tf", "resource \"aws_s3_bucket\" \"this\" {\n  bucket = \"x\"\n}\n");
    assert!(error("aws_s3_bucket.this", &[]).contains("there is one in each of `tf`, `tf2`; name the one that you mean as a path"));
    scratch.write("trailwarden.toml", "[suppressions]\ncomments = false\n");
    assert!(error("Block", &[]).contains("state it as an `[[exception]]`"));
    scratch.write("trailwarden.toml", "[suppressions]\nmax-days = 10\nowner-required = true\n");
    assert!(error("Block", &[]).contains("name one with `--owner`"));
    assert!(error("Block", &["--owner", "x", "--expires", "2026-06-12"]).contains("2026-06-11 is the last day"));
    assert_eq!(suppress(&scratch, "Block", &["--owner", "x"]).exit, Exit::Clean);
    assert!(
        std::fs::read_to_string(scratch.path().join("block.yaml")).unwrap().contains("expires=2026-06-11"),
        "the longest that is allowed"
    );
    scratch.write("tf/more.tf.json", "{\"resource\": {\"aws_s3_bucket\": {\"json\": {\"//\": \"x\", \"bucket\": \"json\"}}}}\n");
    assert!(error("aws_s3_bucket.json", &["--owner", "x"]).contains("the words are:\n# trailwarden: ignore["));
}

#[test]
fn nothing_is_fixed_where_a_suppression_cannot_be_read() {
    let scratch = Scratch::new();
    let code =
        "# trailwarden: ignore\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n}\n";
    scratch.write("main.tf", code);
    let done = run(scratch.path(), &["check", "--fix", "."]);
    assert_eq!(done.exit, Exit::Failed, "{}", done.out);
    assert!(done.err.contains("nothing was fixed: a suppression cannot be read"), "{}", done.err);
    assert_eq!(std::fs::read_to_string(scratch.path().join("main.tf")).unwrap(), code);
}

#[test]
fn what_is_not_read_of_other_tools_words_is_told() {
    let told = |count: usize| {
        let scratch = Scratch::new();
        scratch.write("main.tf", TRAIL.replace("# trailwarden: ignore", &format!("#{}\n# x", " trivy:ignore:AVD-AWS-0001".repeat(count))));
        let done = run(scratch.path(), &["--select", "bucket-without-access-logging", "--format", "concise"]);
        let refused = run(scratch.path(), &["--select", "bucket-without-access-logging", "--format", "concise", "--no-foreign-ignores"]);
        assert!(!refused.out.contains("limit-reached"), "what does not count need not be read: {}", refused.out);
        done.out
    };
    assert!(
        told(33).contains("main.tf:5:1: warning limit-reached: this comment has more than 32 of another tool's suppressions"),
        "{}",
        told(33)
    );
    assert!(!told(32).contains("limit-reached"), "{}", told(32));

    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    scratch.write(".trivyignore.yaml", format!("misconfigurations:\n{}", "  - id: AVD-AWS-0001\n".repeat(5_001)));
    let done = checked(&scratch, &["--format", "concise"]);
    assert!(
        done.out.contains(".trivyignore.yaml:5002:5: warning limit-reached: this file has more than 5000 suppressions"),
        "{}",
        done.out
    );
}
