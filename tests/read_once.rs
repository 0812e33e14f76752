//! However often a module is called, and from however many roots, each file is read once, and so parsed once: trees are kept by file.
//! Of the rules those are read that have a subject.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use trailwarden::analysis::{Options, analyze};
use trailwarden::rule::RuleSet;
use trailwarden::source::fs::{Entry, EntryKind, FileSystem, Memory, Unreachable};

/// Files that count how often each was read.
struct Counting {
    files: Memory,
    reads: Mutex<BTreeMap<PathBuf, usize>>,
}

impl FileSystem for Counting {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let content = self.files.read(path)?;
        *self.reads.lock().unwrap().entry(self.files.resolve(path)?).or_default() += 1;
        Ok(content)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.files.read_dir(path)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.files.kind(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.resolve(path)
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        self.files.walk(path)
    }

    fn root(&self) -> &Path {
        self.files.root()
    }
}

const ROOTS: usize = 40;
const CALLS: usize = 1_000;

#[test]
fn shared_modules_are_read_once() {
    let mut files = Memory::new("repo")
        .with("repo/modules/logs/main.tf", "variable \"name\" {}\n\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = var.name\n}\n")
        .with("repo/modules/logs/outputs.tf", "output \"id\" {\n  value = aws_s3_bucket.this.id\n}\n");
    for root in 0..ROOTS {
        let code = format!("module \"logs\" {{\n  source = \"../../modules/logs\"\n  name   = \"logs-{root}\"\n}}\n");
        files = files.with(format!("repo/roots/r{root}/main.tf"), code);
    }
    let many =
        format!("module \"logs\" {{\n  count  = {CALLS}\n  source = \"../../modules/logs\"\n  name   = \"many-${{count.index}}\"\n}}\n");
    let fs = Counting { files: files.with("repo/roots/many/main.tf", many), reads: Mutex::default() };
    // A rule without a fix: to offer one, the file is looked at again, in case somebody has changed it meanwhile.
    let rules = RuleSet::embedded().only(|rule| &*rule.id == "bucket-allows-plain-http");
    let analysis = analyze(&fs, &[PathBuf::from("repo")], &Options::new("repo", rules), &mut |_| {});
    assert_eq!(analysis.findings.len(), ROOTS + CALLS);
    let reads = fs.reads.lock().unwrap();
    assert_eq!(reads.len(), 2 + ROOTS + 1, "{reads:?}");
    assert!(reads.values().all(|reads| *reads == 1), "{reads:?}");
}

#[test]
fn rules_without_a_subject_are_not_read() {
    let read = |fs: &Memory| {
        let rules = RuleSet::read_embedded();
        let options = Options { threads: 1, ..Options::new("repo", rules.clone()) };
        let found = analyze(fs, &["repo".into()], &options, &mut |_| {}).summary;
        let about = |rule: &&std::sync::Arc<trailwarden::rule::Rule>| rule.subjects.iter().any(|kind| &**kind == "security-group");
        let (about, others): (Vec<_>, Vec<_>) = rules.rules().iter().partition(about);
        let count = |rules: &[&std::sync::Arc<trailwarden::rule::Rule>]| rules.iter().filter(|rule| rule.is_read()).count();
        (found.resources, about.len() - count(&about), count(&others))
    };
    let empty = Memory::new("repo").with("repo/README.md", "nothing of ours\n");
    let (resources, unread, others) = read(&empty);
    assert_eq!((resources, others), (0, 0));
    assert!(unread > 0);
    let group = Memory::new("repo").with("repo/main.tf", "resource \"aws_security_group\" \"a\" {\n  name = \"a\"\n}\n");
    assert_eq!(read(&group), (1, 0, 0));
}
