//! The house rules that a compiler does not know, held by reading our own source: floors, sizes, who may name what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The floors of `DESIGN.md`. A module may name what stands strictly below it, and itself.
const FLOORS: [&[&str]; 18] = [
    &["table", "limits"],
    &["source", "suggest", "calendar", "glob", "version"],
    &["diagnostic"],
    &["syntax"],
    &["value"],
    &["project"],
    &["terraform", "cloudformation"],
    &["frontend"],
    &["graph"],
    &["rule"],
    &["suppress", "baseline", "framework"],
    &["config"],
    &["discover", "fix", "scenario"],
    &["analysis"],
    &["change"],
    &["output", "lsp", "repair"],
    &["cli"],
    &["main", "lib", "tidy"],
];

/// Most lines of a file, its tests not counted.
const LONGEST: usize = 500;

/// Words that only some files may say, outside of tests: the word, who may, why.
const RESERVED: [(&str, &[&str], &str); 13] = [
    ("miette::", &["output/human.rs"], "one file draws for people"),
    ("clap::", &["cli.rs", "cli/"], "one floor knows the command line"),
    ("rayon::", &["analysis.rs", "rule/check.rs"], "only these spread work over threads"),
    ("std::fs", &["source/fs/disk.rs", "source/fs/disk/", "cli.rs", "cli/", "main.rs"], "the core reads through `source::fs::FileSystem`"),
    ("walkdir::", &["cli/"], "the core reads through `source::fs::FileSystem`"),
    ("ignore::", &["source/fs/disk/"], "the core reads through `source::fs::FileSystem`"),
    ("std::env", &["cli.rs", "cli/", "main.rs"], "only the command line reads the environment"),
    ("std::process", &["cli.rs", "cli/", "main.rs"], "only the command line speaks to the system"),
    ("TcpStream", &[], "there is no network"),
    ("UdpSocket", &[], "there is no network"),
    ("std::time", &["cli.rs", "cli/", "main.rs"], "only the command line reads a clock"),
    ("stdout()", &["main.rs"], "only the program writes to streams"),
    ("stderr()", &["main.rs"], "only the program writes to streams"),
];

/// One source file, its tests apart.
struct File {
    /// Below `src`, with `/`.
    name: String,
    text: String,
}

impl File {
    /// The module at the top: `output` for `output/json.rs`.
    fn module(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or_default()
    }

    /// Whether the whole file is tests.
    fn is_test(&self) -> bool {
        self.name.ends_with("tests.rs") || self.name.contains("/tests/") || self.name == "tidy.rs"
    }

    /// The lines before the tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = if self.is_test() { 0 } else { usize::MAX };
        let lines: Vec<&str> = self.text.lines().collect();
        let inline_tests =
            lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'));
        let end = inline_tests.unwrap_or(lines.len()).min(end);
        lines.into_iter().take(end).enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines of code that are no comments.
    fn statements(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

#[expect(clippy::disallowed_methods, reason = "the files are our own, at test time")]
fn files() -> Vec<File> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut open, mut files) = (vec![source.clone()], Vec::new());
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("src is readable") {
            let path: PathBuf = entry.expect("src is readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&source).expect("it was found there").to_string_lossy().replace('\\', "/");
                files.push(File { name, text: std::fs::read_to_string(&path).expect("src is readable") });
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn imports_point_down() {
    let floors: BTreeMap<&str, usize> =
        FLOORS.iter().enumerate().flat_map(|(floor, modules)| modules.iter().map(move |module| (*module, floor))).collect();
    let mut problems = Vec::new();
    for file in files() {
        let Some(own) = floors.get(file.module()) else {
            problems.push(format!("src/{}: `{}` stands on no floor", file.name, file.module()));
            continue;
        };
        for (number, line) in file.statements() {
            if line.contains("super::super") {
                problems.push(format!("src/{}:{number}: write `crate::…`", file.name));
            }
            for part in line.split("crate::").skip(1) {
                let named: String = part.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
                let is_below = floors.get(named.as_str()).is_some_and(|floor| floor < own);
                if named != file.module() && !is_below && !named.is_empty() {
                    problems.push(format!("src/{}:{number}: `{}` may not name `{named}`", file.name, file.module()));
                }
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    let mut problems = Vec::new();
    for file in files() {
        if !file.text.starts_with("//! ") {
            problems.push(format!("src/{}: it does not open with `//!`", file.name));
        }
        let lines = file.code().count();
        if lines > LONGEST {
            problems.push(format!("src/{}: {lines} lines without its tests, {LONGEST} at most", file.name));
        }
    }
    assert_none(&problems);
}

#[test]
fn reserved_words_are_said_where_they_may() {
    let mut problems = Vec::new();
    for file in files() {
        for (number, line) in file.statements() {
            for (word, places, why) in RESERVED {
                let may = places.iter().any(|place| file.name == *place || (place.ends_with('/') && file.name.starts_with(place)));
                if !may && says(line, word) {
                    problems.push(format!("src/{}:{number}: `{word}` does not belong here: {why}", file.name));
                }
            }
        }
    }
    assert_none(&problems);
}

/// Whether a line says a word that does not merely end another one.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':'))
}
