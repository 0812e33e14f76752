//! `trailwarden scan-many`: one shard of many roots, as JSON lines, for whatever engine spreads work over machines.
//!
//! The engine stays outside: a matrix of a workflow, an indexed Kubernetes Job, Ray, Dask, a shell loop. Which shard a root belongs to hangs on
//! its name alone, so no shard knows of another. Each root is checked as `check` would do it, by itself; its last line says that it is
//! complete, and a file that was cut short is taken up after the last root that is.
#![expect(clippy::disallowed_methods, reason = "the list of roots and the file of lines are the command line's own")]

use crate::cli::{Exit, Failure, Process, Terminal};
use clap::Args;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// `trailwarden scan-many`.
#[derive(Debug, Args)]
pub struct ScanMany {
    /// A file that lists roots, a directory a line, relative to the file's own directory; `#` begins a comment
    #[arg(long, value_name = "FILE")]
    pub repos: PathBuf,

    /// Only the i-th of n parts of the list, i from 1 on; a root's name decides where it belongs
    #[arg(long, value_name = "i/n", default_value = "1/1")]
    pub shard: Shard,

    /// Append the lines to this file, and leave out the roots that it already has
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,

    /// Options of `check` for every root, after `--`
    #[arg(last = true, value_name = "OPTION")]
    pub options: Vec<OsString>,
}

/// One of several parts of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    /// From 1 on.
    number: u64,
    of: u64,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(number, of)| Some(Self { number: number.parse().ok()?, of: of.parse().ok()? }));
        parsed.filter(|shard| 1 <= shard.number && shard.number <= shard.of).ok_or_else(|| "expected `i/n` with 1 ≤ i ≤ n".to_owned())
    }
}

impl Shard {
    /// Whether a root belongs to it.
    fn holds(self, root: &str) -> bool {
        let digest = Sha256::digest(root.as_bytes());
        let first = digest.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        first % self.of == self.number - 1
    }
}

/// The last line of a root.
#[derive(Serialize, Deserialize)]
struct Done<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    root: String,
    /// What `check` would exit with: 0 clean, 1 findings, 2 something could not be read, 3 a fault.
    exit: u8,
    /// How many projects there are.
    projects: usize,
    /// How many findings were told.
    findings: usize,
    /// What was said beside the lines, such as why the root could not be checked.
    message: Option<String>,
}

/// Runs the command. It succeeds when every root of the shard has its line, whatever that says.
pub fn run(scan: &ScanMany, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let list = process.working_directory.join(&scan.repos);
    let text = fs::read_to_string(&list).map_err(|error| Failure::Usage(format!("cannot read `{}`: {error}", scan.repos.display())))?;
    let base = list.parent().unwrap_or(Path::new(".")).to_owned();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty());
    let roots: Vec<&str> = lines.filter(|root| scan.shard.holds(root)).collect();
    let environment = std::mem::take(&mut process.environment);
    let scanner = Scanner { base: &base, options: &scan.options, environment: &environment, clock: process.clock };
    let Some(file) = &scan.to else {
        return scanner.all(&roots, &BTreeSet::new(), process.out).map_err(Failure::output);
    };
    let path = process.working_directory.join(file);
    let failed = |error| Failure::Write { what: format!("`{}`", file.display()), error };
    let done = complete(&path).map_err(failed)?;
    let mut out = fs::OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
    scanner.all(&roots, &done, &mut out).map_err(failed)
}

/// The roots that a file of lines has completely. What stands after the last of them was cut short, and is cut off.
fn complete(path: &Path) -> io::Result<BTreeSet<String>> {
    let text = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let (mut done, mut end, mut at) = (BTreeSet::new(), 0, 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line.ends_with(b"\n")
            && let Ok(last) = serde_json::from_slice::<Done<'_>>(line)
            && last.kind == "root"
        {
            done.insert(last.root);
            end = at;
        }
    }
    if end < text.len() {
        fs::OpenOptions::new().write(true).open(path)?.set_len(end as u64)?;
    }
    Ok(done)
}

/// What is the same for all roots.
struct Scanner<'a> {
    base: &'a Path,
    options: &'a [OsString],
    environment: &'a [(String, String)],
    clock: fn() -> std::time::Duration,
}

impl Scanner<'_> {
    fn all(&self, roots: &[&str], done: &BTreeSet<String>, out: &mut dyn Write) -> io::Result<Exit> {
        let mut seen = BTreeSet::new();
        for root in roots.iter().filter(|root| !done.contains(**root)) {
            if seen.insert(*root) {
                out.write_all(self.one(root).as_bytes())?;
                out.flush()?;
            }
        }
        Ok(Exit::Clean)
    }

    /// The lines of one root, checked as `check` does.
    fn one(&self, root: &str) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let directory = self.base.join(root);
        let fixed = ["trailwarden", "check", ".", "--root", ".", "--format", "jsonl", "--show", "pass,fail,open,suppressed"];
        let arguments = fixed.into_iter().map(OsString::from).chain(self.options.iter().cloned());
        let exit = if directory.is_dir() {
            let mut process = Process {
                working_directory: directory,
                environment: self.environment.to_vec(),
                out: &mut out,
                err: &mut err,
                terminal: Terminal::default(),
                clock: self.clock,
            };
            crate::cli::run(arguments, &mut process)
        } else {
            err.extend_from_slice(b"there is no such directory");
            Exit::Failed
        };
        let named = serde_json::to_string(root).expect("a text is JSON");
        let (mut lines, mut projects, mut findings) = (String::new(), 0, 0);
        for line in String::from_utf8_lossy(&out).lines() {
            let Some(rest) = line.strip_prefix('{') else { continue };
            projects += usize::from(line.starts_with("{\"type\":\"project\""));
            findings += usize::from(line.starts_with("{\"type\":\"finding\""));
            lines.extend(["{\"root\":", &named, ",", rest, "\n"]);
        }
        let message = Some(String::from_utf8_lossy(&err).trim().to_owned()).filter(|said| !said.is_empty());
        let done = Done { kind: "root", root: root.to_owned(), exit: exit.code(), projects, findings, message };
        lines + &serde_json::to_string(&done).expect("numbers and texts are JSON") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_in_one_shard() {
        let shards: Vec<Shard> = (1..=5).map(|number| Shard { number, of: 5 }).collect();
        let held = |root: &str| shards.iter().filter(|shard| shard.holds(root)).count();
        assert!((0..200).all(|root| held(&format!("repos/{root}")) == 1));
        let sizes: Vec<usize> = shards.iter().map(|shard| (0..200).filter(|root| shard.holds(&format!("repos/{root}"))).count()).collect();
        assert!(sizes.iter().all(|size| (20..60).contains(size)), "{sizes:?}");
        assert!("0/3".parse::<Shard>().is_err() && "4/3".parse::<Shard>().is_err() && "1".parse::<Shard>().is_err());
    }
}
