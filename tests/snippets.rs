//! What the README, the hooks and the action promise a newcomer: the blocks are what the program prints, the snippets run, the files that are named exist.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use serde_yaml::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Scratch, run};
use trailwarden::cli::Exit;
use trailwarden::output::Format;

const TRAIL: &str = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = aws_s3_bucket.logs.id\n}\n";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The YAML blocks of the README, by their first lines: `# .gitlab-ci.yml`.
fn snippet(name: &str) -> Value {
    let readme = read("README.md");
    let start = readme.find(&format!("```yaml\n# {name}\n")).unwrap_or_else(|| panic!("the README has no {name}")) + "```yaml\n".len();
    let text = &readme[start..start + readme[start..].find("```").unwrap()];
    serde_yaml::from_str(text).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_sequence().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let done = run(&root().join("testdata/demo"), &["check", "--root", ".", "terraform/unwatched"]);
    assert_eq!(done.exit, Exit::Findings);
    let readme = read("README.md");
    let (start, end) = ("```text\n", "```\n");
    let from = readme.find(start).unwrap() + start.len();
    let to = from + readme[from..].find(end).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(root().join("README.md"), format!("{}{}{}", &readme[..from], done.out, &readme[to..])).unwrap();
        return;
    }
    assert_eq!(&readme[from..to], done.out, "rewrite it with UPDATE_EXPECT=1 if this is meant");
}

#[test]
fn the_readme_names_every_form_and_every_exit_code() {
    let readme = read("README.md");
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).filter(|name| !readme.contains(&format!("`{name}`"))).collect();
    assert!(names.is_empty(), "forms of output that the README does not name: {names:?}");
    for exit in [Exit::Clean, Exit::Findings, Exit::Failed, Exit::Internal] {
        assert!(readme.contains(&format!("\n| {} | ", exit.code())), "{exit:?}");
    }
}

#[test]
fn the_readme_and_the_hooks_agree() {
    let hooks: Value = serde_yaml::from_str(&read(".pre-commit-hooks.yaml")).unwrap();
    let hooks = hooks.as_sequence().unwrap();
    let ids: Vec<&str> = hooks.iter().map(|hook| hook["id"].as_str().unwrap()).collect();
    for hook in hooks {
        let words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(words[0], "trailwarden");
        let scratch = Scratch::new();
        scratch.write("main.tf", "");
        // Outside of a repository `--changed` has nothing to compare; the option itself must be known.
        let done = run(scratch.path(), &words[1..]);
        assert!(!done.err.contains("unexpected argument"), "{}", done.err);
        assert_eq!(
            (&hook["always_run"], &hook["pass_filenames"]),
            (&Value::Bool(true), &Value::Bool(false)),
            "a deleted file has no name to pass"
        );
    }
    let config = snippet(".pre-commit-config.yaml");
    let used = config["repos"][0]["hooks"][0]["id"].as_str().unwrap();
    assert!(ids.contains(&used));
    ids.iter().for_each(|id| assert!(read("README.md").contains(&format!("`{id}`")), "{id}"));
}

#[test]
fn the_gitlab_snippet_writes_the_reports_that_it_hands_over() {
    let job = snippet(".gitlab-ci.yml")["trailwarden"].clone();
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    let script = texts(&job["script"]);
    let check = script.iter().find(|line| line.starts_with("trailwarden ")).unwrap();
    let words: Vec<&str> = check.split(' ').skip(1).collect();
    assert_eq!(run(scratch.path(), &words).exit, Exit::Findings);
    for kind in ["codequality", "junit"] {
        let report = job["artifacts"]["reports"][kind].as_str().unwrap();
        let text = std::fs::read_to_string(scratch.path().join(report)).unwrap();
        assert!(text.contains("cloudtrail-bucket-without-access-logging"), "{report}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn the_action_annotates_reports_and_fails() {
    let action: Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let step = &action["runs"]["steps"][1];
    let script = step["run"].as_str().unwrap();
    let scratch = Scratch::new();
    scratch.write("code/main.tf", TRAIL).write("code/a b/main.tf", "").write("temp/trailwarden/bin/none", "");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_trailwarden"), scratch.path().join("temp/trailwarden/bin/trailwarden")).unwrap();
    let go = |paths: &str, arguments: &str| {
        let mut command = Command::new("bash");
        command
            .args(["-eo", "pipefail", "-c", script])
            .current_dir(scratch.path().join("code"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        for name in step["env"].as_mapping().unwrap().keys() {
            let name = name.as_str().unwrap();
            let input = &action["inputs"][name.to_lowercase().as_str()];
            let value = match name {
                "PATHS" => paths,
                "ARGS" => arguments,
                _ => input["default"].as_str().unwrap(),
            };
            command.env(name, value);
        }
        command.env("RUNNER_TEMP", scratch.path().join("temp"));
        command.env("GITHUB_OUTPUT", scratch.path().join("output")).env("GITHUB_STEP_SUMMARY", scratch.path().join("summary"));
        let done = command.output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let (code, out, err) = go(".", "");
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("::error file=main.tf,"), "{out}{err}");
    assert_eq!(std::fs::read_to_string(scratch.path().join("output")).unwrap(), "sarif=trailwarden.sarif\n");
    assert!(std::fs::read_to_string(scratch.path().join("code/trailwarden.sarif")).unwrap().contains("\"2.1.0\""));
    assert!(std::fs::read_to_string(scratch.path().join("summary")).unwrap().contains("cloudtrail-bucket-without-access-logging"));
    assert_eq!(go("a b\n", "--fail-on\nhigh\n").0, Some(0), "a line is a word, whatever is in it");
    assert_eq!(go("$(touch pwned)", "").0, Some(2));
    assert!(!scratch.path().join("code/pwned").exists());
    let used = snippet(".github/workflows/trailwarden.yml");
    let with = used["jobs"]["trailwarden"]["steps"][1]["with"].as_mapping().unwrap();
    with.keys().for_each(|input| assert!(action["inputs"].get(input).is_some(), "{input:?}"));
}

#[test]
fn contributing_names_what_is_there() {
    let text = read("CONTRIBUTING.md");
    let quoted = text.split('`').skip(1).step_by(2);
    let is_path = |word: &&str| {
        let starts = ["src/", "tests/", "testdata", "rules/", ".ci/"];
        starts.iter().any(|start| word.starts_with(start)) && !word.contains("NAME") && !word.contains("my-rule")
    };
    for path in quoted.filter(is_path) {
        assert!(root().join(path).exists(), "{path}");
    }
    for test in ["rule_examples", "fixes", "twins"] {
        assert!(text.contains(&format!("--test {test}")) && Path::new(&root()).join(format!("tests/{test}.rs")).exists(), "{test}");
    }
}
