//! Broken input that no repository can hold: bytes that are no text, files of megabytes, links, nesting beyond every limit. Each is told,
//! nothing panics, and the good trail beside it is still found.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use serde_json::Value;
use support::Scratch;
use trailwarden::cli::Exit;

const GOOD: &str = r#"resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_cloudtrail" "good" {
  name           = "good"
  s3_bucket_name = aws_s3_bucket.logs.id
}
"#;

const GOOD_TEMPLATE: &str = "Resources:
  Logs:
    Type: AWS::S3::Bucket
  Good:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: !Ref Logs
      IsLogging: true
";

/// Checks a tree that also holds the good trail in both languages; gives back each diagnostic as `level code place`.
fn check(scratch: &Scratch) -> (Vec<String>, Exit) {
    scratch.write("good/main.tf", GOOD).write("good/template.yaml", GOOD_TEMPLATE);
    let (report, exit) = support::check(scratch.path(), &["--select", "cloudtrail-bucket-without-access-logging"]);
    let failing: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|finding| finding["outcome"] == "fail").collect();
    let good = failing.iter().filter(|finding| finding["project"].as_str().unwrap().starts_with("good")).count();
    assert_eq!(good, 2, "the good trails are still found: {report:#}");
    let told = report["diagnostics"].as_array().unwrap().iter().map(|diagnostic| {
        let place = match &diagnostic["start"] {
            Value::Null => diagnostic["file"].as_str().unwrap_or("nowhere").to_owned(),
            start => format!("{}:{}:{}", diagnostic["file"].as_str().unwrap(), start["line"], start["column"]),
        };
        format!("{} {} {place}", diagnostic["level"].as_str().unwrap(), diagnostic["code"].as_str().unwrap())
    });
    (told.collect(), exit)
}

#[test]
fn bytes_that_are_no_text() {
    let scratch = Scratch::new();
    let mut latin = GOOD.as_bytes().to_vec();
    latin.extend_from_slice(b"# caf\xE9\n");
    scratch.write("latin/main.tf", latin);
    scratch.write("latin/template.yaml", [GOOD_TEMPLATE.as_bytes(), b"# caf\xE9\n"].concat());
    let (told, exit) = check(&scratch);
    assert_eq!(told, ["error not-utf-8 latin/main.tf:9:6", "error not-utf-8 latin/template.yaml:9:6"]);
    assert_eq!(exit, Exit::Failed);
}

#[test]
fn every_byte_there_is() {
    let scratch = Scratch::new();
    let bytes: Vec<u8> = (0..4).flat_map(|_| 0..=255u8).collect();
    scratch.write("bytes/main.tf", &bytes).write("bytes/main.tf.json", &bytes).write("bytes/template.yaml", &bytes);
    let (told, exit) = check(&scratch);
    assert!(told.iter().any(|line| line.starts_with("error not-utf-8 bytes/main.tf:")), "{told:?}");
    assert_eq!(exit, Exit::Failed);
}

#[test]
fn utf_16_is_text() {
    let scratch = Scratch::new();
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(GOOD_TEMPLATE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    scratch.write("utf-16.yaml", utf_16);
    assert_eq!(check(&scratch), (vec![], Exit::Findings));
}

#[test]
fn twenty_megabytes_are_read() {
    let scratch = Scratch::new();
    let text = format!(
        "locals {{\n  text = <<-END\n{}  END\n}}\n{GOOD}",
        "    a line of a very long text as generated ones are\n".repeat(400_000)
    );
    scratch.write("large/main.tf", &text);
    let items = vec!["{\"Type\": \"AWS::S3::Bucket\", \"Resources\": [1, 2, 3]}"; 400_000].join(",\n");
    scratch.write("large/inventory.json", format!("[{items}]"));
    let (told, exit) = check(&scratch);
    assert_eq!(told, [""; 0]);
    assert_eq!(exit, Exit::Findings);
}

#[test]
fn a_file_beyond_the_limit_is_told_and_not_read() {
    let scratch = Scratch::new();
    scratch.write("huge/main.tf", "");
    let file = std::fs::OpenOptions::new().write(true).open(scratch.path().join("huge/main.tf")).unwrap();
    file.set_len(trailwarden::limits::Limit::FileBytes.default() + 1).unwrap();
    assert_eq!(check(&scratch), (vec!["error unreadable-file huge/main.tf".to_owned()], Exit::Failed));
}

#[test]
fn nesting_beyond_every_limit() {
    const DEEP: usize = 100_000;
    let scratch = Scratch::new();
    scratch
        .write("brackets/main.tf", format!("{GOOD}\nlocals {{\n  a = {}{}\n}}\n", "[".repeat(DEEP), "]".repeat(DEEP)))
        .write("parentheses/main.tf", format!("{GOOD}\nlocals {{\n  a = {}1{}\n}}\n", "(".repeat(DEEP), ")".repeat(DEEP)))
        .write("blocks/main.tf", format!("{GOOD}\n{}{}\n", "a {\n".repeat(DEEP), "}\n".repeat(DEEP)))
        .write("operators/main.tf", format!("{GOOD}\nlocals {{\n  a = {}1\n}}\n", "1 + ".repeat(DEEP)))
        .write("negations/main.tf", format!("{GOOD}\nlocals {{\n  a = {}true\n}}\n", "!".repeat(DEEP)))
        .write("templates/main.tf", format!("{GOOD}\nlocals {{\n  a = {}1{}\n}}\n", "\"${".repeat(DEEP), "}\"".repeat(DEEP)))
        .write("json/main.tf.json", format!("{{\"locals\": {{\"a\": {}{}}}}}", "[".repeat(DEEP), "]".repeat(DEEP)))
        .write(
            "deep.json",
            format!("{{\"Resources\": {{\"A\": {{\"Type\": \"AWS::S3::Bucket\", \"x\": {}{}}}}}}}", "[".repeat(DEEP), "]".repeat(DEEP)),
        )
        .write("deep.yaml", format!("{GOOD_TEMPLATE}Metadata: {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP)));
    let (told, exit) = check(&scratch);
    for place in ["brackets", "parentheses", "blocks", "negations", "templates", "json", "deep.json", "deep.yaml"] {
        assert!(told.iter().any(|line| line.contains(&format!(" {place}"))), "{place} is told: {told:#?}");
    }
    assert_eq!(exit, Exit::Failed);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_round_and_out() {
    let outside = Scratch::new();
    outside.write("secret.tf", "locals {\n  secret = = 1\n}\n");
    let scratch = Scratch::new();
    scratch
        .write("links/main.tf", "module \"out\" {\n  source = \"./out\"\n}\n")
        .link("nowhere.tf", "links/dangling.tf")
        .link("round.tf", "links/round.tf")
        .link("..", "links/up")
        .link(outside.path().to_str().unwrap(), "links/out")
        .link(outside.path().join("secret.tf").to_str().unwrap(), "links/secret.tf");
    let (told, exit) = check(&scratch);
    for place in ["links/dangling.tf", "links/round.tf", "links/up", "links/out", "links/secret.tf"] {
        assert!(told.contains(&format!("warning unreachable {place}")), "{place} is told: {told:#?}");
    }
    assert!(!told.iter().any(|line| line.contains("syntax-error")), "nothing outside was read: {told:#?}");
    assert_ne!(exit, Exit::Clean);
}

#[test]
fn a_directory_named_like_a_file() {
    let scratch = Scratch::new();
    scratch.write("odd/main.tf/inner.tf", GOOD).write("odd/template.yaml/x.txt", "");
    assert_eq!(check(&scratch), (vec![], Exit::Findings));
}

#[test]
fn a_file_of_too_many_parts_is_told_and_not_read() {
    let scratch = Scratch::new();
    let many = |part: &str| part.repeat(5 * 1024 * 1024 / part.len());
    scratch
        .write("dense/main.tf", format!("locals {{\n  a = [{}]\n}}\n{GOOD}", many("a.b[1].c,")))
        .write("dense.yaml", format!("{GOOD_TEMPLATE}Metadata: [{}a]\n", many("a,")))
        .write("dense.json", format!("{{\"Resources\": {{\"A\": {{\"Type\": \"AWS::S3::Bucket\"}}}}, \"Metadata\": [{}1]}}", many("1,")))
        .write("values/main.tf", format!("variable \"many\" {{}}\n{GOOD}"))
        .write("values/terraform.tfvars", format!("many = [{}]\n", many("1,")));
    let (told, exit) = check(&scratch);
    assert_eq!(
        told,
        [
            "error limit-reached dense/main.tf:1:1",
            "error limit-reached dense.json:1:1",
            "error limit-reached dense.yaml:1:1",
            "error limit-reached values/terraform.tfvars:1:1",
        ]
    );
    assert_eq!(exit, Exit::Failed);
}
