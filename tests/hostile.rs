//! One project whose names are what strangers may write: text that is not ASCII, quotes, `%`, `::`, line breaks, `</script>`, terminal escapes,
//! turned directions. Every form of output over it is held against `testdata/outputs/hostile`, and none of them lets a name act.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{Scratch, run};

const FORMATS: [&str; 9] = ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown"];

/// The directory's name: every character that some form of output could read as its own.
const DIRECTORY: &str = "größe </script>\n::error::x%0A,\"'`|@all\u{1b}[31m\u{202e}";

const TERRAFORM: &str = r#"locals {
  names = ["</script><b onclick='x'>\"quoted\" 100%%0A::error file=x::y\n\r\u001b[31m\u202e | `größe` @all #1"]
}

resource "aws_s3_bucket" "this" {
  for_each = toset(local.names)
  bucket   = each.key
}

resource "aws_cloudtrail" "this" {
  for_each       = aws_s3_bucket.this
  name           = each.key
  s3_bucket_name = each.value.id
}

variable "chosen" {
  description = "</script>"
}

resource "aws_cloudtrail" "open" {
  name           = "open"
  s3_bucket_name = var.chosen
}

# trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason="</script> ::error::x 100% TURNED [x](javascript:y) | größe" owner="@all"
resource "aws_cloudtrail" "suppressed" {
  name           = "suppressed"
  s3_bucket_name = one(values(aws_s3_bucket.this)).id
}
"#;

const TEMPLATE: &str = "Parameters:\n  Name:\n    Type: String\n    Default: \"</script>\\n::error::x\\e[31m%\"\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Ref Name\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    Properties:\n      IsLogging: true\n      S3BucketName: !Ref Bucket\n";

fn written(format: &str) -> String {
    let scratch = Scratch::new();
    scratch
        .write(&format!("{DIRECTORY}/main.tf"), TERRAFORM.replace("TURNED", "\u{202e}"))
        .write(&format!("{DIRECTORY}/stack.yaml"), TEMPLATE);
    scratch.write(&format!("{DIRECTORY}/broken\u{1b}[2J.json"), "{\"Resources\": {\"</script>\": {\"Type\": \"AWS::S3::Bucket\",}}}");
    let arguments = ["--root", ".", "--show", "fail,open,pass,suppressed", "--now", "2026-06-01", "--format", format];
    let select = ["--select", "cloudtrail-bucket-without-access-logging,bucket-without-access-logging"];
    run(scratch.path(), &[&arguments[..], &select[..]].concat()).out
}

#[test]
fn every_form_is_as_expected() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/outputs/hostile");
    for format in FORMATS {
        let (path, actual) = (directory.join(format!("{format}.txt")), written(format));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(&path, &actual).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(expected == actual, "{format}: rewrite it with UPDATE_EXPECT=1 if this is meant:\n{actual}");
    }
}

#[test]
fn nobody_moves_a_terminal() {
    for format in FORMATS {
        let text = written(format);
        let active =
            |character: &char| (character.is_control() && !matches!(character, '\n')) || matches!(character, '\u{202a}'..='\u{202e}');
        assert_eq!(text.chars().find(active), None, "{format}:\n{text}");
    }
}

#[test]
fn programs_read_what_is_theirs() {
    for format in ["json", "sarif", "gitlab"] {
        let read: Value = serde_json::from_str(&written(format)).unwrap_or_else(|error| panic!("{format}: {error}"));
        // What a program reads is what the stranger wrote, where the form asks for that.
        let names = read["findings"]
            .as_array()
            .map(|findings| findings.iter().filter_map(|finding| finding["subject"]["address"].as_str()).collect::<Vec<_>>());
        if let Some(names) = names {
            assert!(names.iter().any(|name| name.starts_with("aws_cloudtrail.this[\"</script>")), "{names:?}");
        }
    }
    for line in written("jsonl").lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
    let sarif: Value = serde_json::from_str(&written("sarif")).unwrap();
    for result in sarif["runs"][0]["results"].as_array().unwrap() {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`|\\^{}".contains(&byte)), "{uri}");
    }
}

#[test]
fn no_name_becomes_a_command_a_tag_or_a_cell() {
    let github = written("github");
    assert!(github.lines().all(|line| ["::error ", "::warning ", "::notice "].iter().any(|command| line.starts_with(command))), "{github}");
    for line in github.lines() {
        let properties = line.trim_start_matches("::").split("::").next().unwrap();
        assert_eq!(properties.matches("title=").count(), 1, "{line}");
    }
    let markdown = written("markdown");
    let outside: String = markdown.split('`').step_by(2).collect();
    for acts in ["<script", "</script", "<b ", "](javascript", " @all"] {
        assert!(!outside.contains(acts), "{acts}:\n{markdown}");
    }
    for row in markdown.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
    }
    let junit = written("junit");
    assert!(!junit.contains("</script") && !junit.contains("<b "), "{junit}");
    for tag in ["testsuites", "testsuite", "testcase", "failure"] {
        let count = |text: &str| junit.matches(text).count();
        let opened = count(&format!("<{tag} ")) + count(&format!("<{tag}>"));
        let closed_at_once =
            junit.lines().filter(|line| line.trim_start().starts_with(&format!("<{tag} ")) && line.ends_with("/>")).count();
        assert_eq!(opened, count(&format!("</{tag}>")) + closed_at_once, "{tag}:\n{junit}");
    }
}
