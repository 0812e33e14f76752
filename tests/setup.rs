//! What a newcomer does first: `init`, completions, manual, and what the config file's schema says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use support::{Scratch, run};
use trailwarden::cli::Exit;
use trailwarden::config::Config;

const CONFIG: &str = include_str!("../src/cli/init/trailwarden.toml");
const HOOK: &str = include_str!("../src/cli/init/pre-commit-config.yaml");
const WORKFLOW: &str = include_str!("../src/cli/init/workflow.yml");

fn read(scratch: &Scratch, path: &str) -> String {
    std::fs::read_to_string(scratch.path().join(path)).unwrap()
}

#[test]
fn init_writes_a_config_and_shows_the_rest() {
    let scratch = Scratch::new();
    scratch.write(".git/HEAD", "").write("infra/main.tf", "");
    let done = run(&scratch.path().join("infra"), &["init"]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.err);
    assert!(done.out.starts_with("wrote ../trailwarden.toml: every setting, as a comment\n"), "at the scan root: {}", done.out);
    assert!(done.out.contains("    - repo: local\n") && done.out.contains("            --diff-base\n"), "{}", done.out);
    assert_eq!(read(&scratch, "trailwarden.toml"), CONFIG);
    assert!(!scratch.path().join(".pre-commit-config.yaml").exists(), "only shown");
    assert_eq!(run(scratch.path(), &["check"]).exit, Exit::Clean, "what it wrote is a config file");
}

#[test]
fn init_overwrites_nothing() {
    let scratch = Scratch::new();
    scratch.write(".git/HEAD", "").write(".trailwarden.toml", "# ours\n").write(".pre-commit-config.yaml", "repos: []\n");
    let done = run(scratch.path(), &["init", "--hook", "--workflow"]);
    assert_eq!(done.exit, Exit::Clean);
    assert!(done.out.contains("kept .trailwarden.toml: it is there already\n"), "{}", done.out);
    assert!(done.out.contains("kept .pre-commit-config.yaml: it is there already; this is what to put into it:\n"), "{}", done.out);
    assert!(done.out.contains("wrote .github/workflows/trailwarden.yml\n"), "{}", done.out);
    assert!(!scratch.path().join("trailwarden.toml").exists(), "there is one under the other name");
    assert_eq!((read(&scratch, ".trailwarden.toml"), read(&scratch, ".pre-commit-config.yaml")), ("# ours\n".into(), "repos: []\n".into()));
    assert_eq!(read(&scratch, ".github/workflows/trailwarden.yml"), WORKFLOW);
    assert!(run(scratch.path(), &["init", "nowhere"]).err.contains("`nowhere`: there is no such directory"));
}

#[test]
fn what_init_writes_is_true() {
    // Each setting that is shown as a comment is one.
    let is_setting = |line: &&str| {
        line.starts_with("# [")
            || line
                .split_once(" = ")
                .is_some_and(|(key, _)| key[2..].bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte)))
    };
    let settings: Vec<&str> = CONFIG.lines().filter(|line| line.starts_with("# ")).filter(is_setting).map(|line| &line[2..]).collect();
    let config = Config::read(&settings.join("\n")).unwrap();
    assert_eq!((config.exceptions.len(), config.facts.buckets.len(), config.suppressions.max_days), (1, 1, Some(90)));
    assert_eq!(config.select, ["cloudtrail-bucket-without-access-logging"]);
    // The command that the hook runs is one; the workflow uses the action as the README does, with options that there are.
    let entry = HOOK.lines().find_map(|line| line.trim().strip_prefix("entry: trailwarden ")).unwrap();
    let words: Vec<&str> = entry.split(' ').chain(["--help"]).collect();
    assert_eq!(run(Path::new("."), &words).exit, Exit::Clean, "{words:?}");
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let at = WORKFLOW.find("      - uses: your-mirror/").unwrap();
    assert!(readme.contains(&WORKFLOW[at..]), "{}", &WORKFLOW[at..]);
    let (_, arguments) = WORKFLOW.split_once("args: |\n").unwrap();
    let words: Vec<&str> = ["check"].into_iter().chain(arguments.lines().map(str::trim)).chain(["--help"]).collect();
    assert_eq!(run(Path::new("."), &words).exit, Exit::Clean, "{words:?}");
}

#[test]
fn the_schema_knows_what_the_program_reads() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/trailwarden.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    // The reader names every field that it knows when it meets one that it does not.
    let fields = |config: &str| {
        let error = Config::read(config).unwrap_err().to_string();
        let (_, known) = error.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let properties = |schema: &Value| schema["properties"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let top = &schema["properties"];
    assert_eq!(fields("zzzzzzzz = 1"), properties(&schema));
    assert_eq!(fields("[suppressions]\nzzzzzzzz = 1"), properties(&top["suppressions"]));
    assert_eq!(fields("[[exception]]\nzzzzzzzz = 1"), properties(&top["exception"]["items"]));
    assert_eq!(fields("[facts]\nzzzzzzzz = 1"), properties(&top["facts"]));
    assert_eq!(fields("[limits]\nzzzzzzzz = 1"), properties(&top["limits"]));
    assert_eq!(fields("[[facts.bucket]]\nzzzzzzzz = 1"), properties(&top["facts"]["properties"]["bucket"]["items"]));
    // Choices are the same, and every one of them is read.
    for key in ["min-severity", "fail-on", "open"] {
        let error = Config::read(&format!("{key} = \"zzzzzzzz\"")).unwrap_err().to_string();
        let known: Vec<&str> = error.split_once(" is not one of ").unwrap().1.split(", ").collect();
        let choices: Vec<&str> = top[key]["enum"].as_array().unwrap().iter().map(|choice| choice.as_str().unwrap()).collect();
        assert_eq!(known, choices, "{key}");
    }
    // What must be there must be there.
    let required: Vec<&str> =
        top["exception"]["items"]["required"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    let all = [("rule", "\"x\""), ("address", "\"x\""), ("reason", "\"x\"")];
    assert_eq!(required, all.map(|(name, _)| name));
    for missing in required {
        let lines: Vec<String> = all.iter().filter(|(name, _)| *name != missing).map(|(name, value)| format!("{name} = {value}")).collect();
        let error = Config::read(&format!("[[exception]]\n{}\n", lines.join("\n"))).unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{missing}`")), "{error}");
    }
}

#[test]
fn completions_and_manual_know_every_command() {
    let scratch = Scratch::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let done = run(scratch.path(), &["completions", shell]);
        assert_eq!(done.exit, Exit::Clean);
        for word in ["check", "baseline", "diff-base", "no-foreign-ignores"] {
            assert!(done.out.contains(word), "{shell}: {word}");
        }
    }
    let main = run(scratch.path(), &["man"]);
    assert!(main.out.contains(".TH trailwarden 1") && main.out.contains("baseline"), "{}", main.out);
    let check = run(scratch.path(), &["man", "check"]);
    assert!(check.out.contains("trailwarden\\-check") || check.out.contains("trailwarden-check"), "{}", check.out);
    assert!(check.out.contains("stdin\\-filename"), "{}", check.out);
    assert!(run(scratch.path(), &["man", "chekc"]).err.contains("there is no command `chekc`; did you mean `check`?"));
    assert!(run(scratch.path(), &["completions", "tcsh"]).err.contains("invalid value 'tcsh'"));
}
