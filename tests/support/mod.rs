//! What the folder harnesses share: a scratch directory that cleans up after itself, and the program called in process.
#![allow(clippy::disallowed_methods, reason = "tests make and read files of their own")]
#![allow(dead_code, reason = "each harness uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use trailwarden::cli::{self, Exit, Process, Terminal};

/// A directory of its own, removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// An empty one.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("trailwarden-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    /// Its path, resolved.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and the directories that it needs.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Makes a symbolic link.
    #[cfg(unix)]
    pub fn link(&self, target: &str, path: &str) -> &Self {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The lines at the head of a case's text, and its files, each after a line `-- path --`.
pub fn files(text: &str) -> (Vec<String>, Vec<(PathBuf, String)>) {
    let (mut head, mut files) = (Vec::new(), Vec::<(PathBuf, String)>::new());
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("-- ").and_then(|line| line.strip_suffix(" --")) {
            files.push((PathBuf::from(path), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else {
            head.push(line.to_owned());
        }
    }
    (head, files)
}

/// What a command line did.
pub struct Run {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// How it ended.
    pub exit: Exit,
}

/// Runs a command line in a directory, without environment, terminal or clock.
pub fn run(directory: &Path, arguments: &[&str]) -> Run {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut process = Process {
        working_directory: directory.to_owned(),
        environment: Vec::new(),
        out: &mut out,
        err: &mut err,
        terminal: Terminal::default(),
        clock: || Duration::ZERO,
    };
    let exit = cli::run(std::iter::once("trailwarden").chain(arguments.iter().copied()).map(Into::into), &mut process);
    Run { out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap(), exit }
}

/// Runs a check that reports as JSON, everything listed.
pub fn check(directory: &Path, arguments: &[&str]) -> (serde_json::Value, Exit) {
    let mut all = vec!["check", "--root", ".", "--format", "json", "--show", "pass,fail,open,suppressed"];
    all.extend(arguments);
    let run = run(directory, &all);
    assert_eq!(run.err, "", "nothing is said beside the report");
    (serde_json::from_str(&run.out).unwrap(), run.exit)
}
