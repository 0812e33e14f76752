//! Folders as tests: each folder of `testdata/cases` and `testdata/broken` is a tree to check, with what must come of it in `expected.txt`.
//!
//! `args` holds more arguments, one a line. `expected.txt` is rewritten with `UPDATE_EXPECT=1`. Only places, rules and addresses stand in
//! it, and the words of diagnostics; the words of findings are tested where rules are, so that a better sentence does not move these.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use trailwarden::rule::RuleSet;

fn folders(of: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(of);
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

fn actual(folder: &Path) -> String {
    let arguments = std::fs::read_to_string(folder.join("args")).unwrap_or_default();
    let mut arguments: Vec<&str> = arguments.lines().collect();
    // The rules about access logging stand for all: others do not move these cases.
    if !arguments.contains(&"--select") {
        let about_logging = RuleSet::embedded().rules().iter().filter(|rule| rule.id.contains("access-log"));
        arguments.extend(about_logging.flat_map(|rule| ["--select", &*rule.id]));
    }
    let (report, exit) = support::check(folder, &arguments);
    let mut text = format!("exit {}\n", exit.code());
    for project in report["projects"].as_array().unwrap() {
        let _ = writeln!(text, "project {} {}", project["frontend"].as_str().unwrap(), project["path"].as_str().unwrap());
    }
    for finding in report["findings"].as_array().unwrap() {
        let [outcome, rule] = ["outcome", "rule"].map(|field| finding[field].as_str().unwrap());
        let subject = finding["subject"]["address"].as_str().unwrap();
        let by = finding["suppressed"]["by"].as_str().map(|by| format!(" suppressed by {by}")).unwrap_or_default();
        let _ =
            writeln!(text, "{outcome} {rule} {} {subject} in {}{by}", place(&finding["location"]), finding["project"].as_str().unwrap());
    }
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        let [level, code, message] = ["level", "code", "message"].map(|field| diagnostic[field].as_str().unwrap());
        let _ = writeln!(text, "{level} {code} {}: {message}", place(diagnostic));
    }
    text
}

fn place(of: &serde_json::Value) -> String {
    let file = of["file"].as_str().unwrap_or("nowhere");
    match of["start"].as_object() {
        Some(start) => format!("{file}:{}:{}", start["line"], start["column"]),
        None => file.to_owned(),
    }
}

fn hold(of: &str) {
    let mut problems = Vec::new();
    for folder in folders(of) {
        let (expected, actual) = (folder.join("expected.txt"), actual(&folder));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &actual).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        if expected != actual {
            problems.push(format!("{}\n--- expected\n{expected}--- actual\n{actual}", folder.display()));
        }
    }
    assert!(problems.is_empty(), "rewrite with UPDATE_EXPECT=1 what is meant:\n{}", problems.join("\n"));
}

#[test]
fn cases_are_as_expected() {
    hold("cases");
}

#[test]
fn broken_input_is_told_and_the_rest_is_still_checked() {
    hold("broken");
}
