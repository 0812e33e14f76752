//! A fault of ours in one project: it is told, and the others are checked all the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use rayon::prelude::*;
use std::io;
use std::path::{Path, PathBuf};
use trailwarden::analysis::{INTERNAL_ERROR, Options, analyze};
use trailwarden::cli::{self, Exit, Process};
use trailwarden::project::Inputs;
use trailwarden::rule::RuleSet;
use trailwarden::rule::finding::{Outcome, Severity};
use trailwarden::source::fs::{Entry, EntryKind, FileSystem, Memory, Unreachable};

/// Files of which one directory makes whoever lists it panic, as a fault in a frontend would, and two files whoever reads them.
struct Faulty(Memory);

impl FileSystem for Faulty {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        assert!(!path.ends_with("unreadable.yaml") && !path.ends_with(".trivyignore.yaml"), "a fault");
        self.0.read(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        assert!(!path.ends_with("faulty"), "a fault");
        self.0.read_dir(path)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.0.kind(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.resolve(path)
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        self.0.walk(path)
    }

    fn root(&self) -> &Path {
        self.0.root()
    }
}

#[test]
fn a_panic_in_one_project_is_told_and_the_others_are_checked() {
    for faulty in ["repo/faulty/main.tf", "repo/unreadable.yaml", "repo/.trivyignore.yaml"] {
        told_and_others_checked(faulty);
    }
}

/// That a fault at one file is told, and another project checked.
fn told_and_others_checked(faulty: &str) {
    let trail = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = aws_s3_bucket.logs.id\n}\n";
    let fs = Faulty(Memory::new("repo").with(faulty, trail).with("repo/good/main.tf", trail));
    let options = Options {
        working_directory: "repo".into(),
        inputs: Inputs::default(),
        rules: RuleSet::embedded().only(|rule| &*rule.id == "cloudtrail-bucket-without-access-logging"),
        min_severity: Severity::High,
        suppress: trailwarden::suppress::Options::default(),
        baseline: None,
        passes: trailwarden::rule::Passes::Told,
        offers_fixes: true,
        threads: 2,
    };
    let analysis = analyze(&fs, &["repo".into()], &options, &mut |_| {});
    let told: Vec<_> = analysis.diagnostics.iter().map(|diagnostic| (diagnostic.code, diagnostic.message.as_str())).collect();
    assert_eq!(told, [(INTERNAL_ERROR, "trailwarden failed here: a fault")]);
    let failing: Vec<_> = analysis.findings.iter().filter(|finding| finding.outcome == Outcome::Fail).collect();
    assert_eq!(failing.len(), 1);
    assert_eq!(&*analysis.project(failing[0].project).label, "good");
}

/// A stream that a fault of ours comes from, as one in an output format would.
struct FaultyStream;

impl io::Write for FaultyStream {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("a fault")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_in_one_report_leaves_the_others_whole() {
    let scratch = support::Scratch::new();
    scratch.write("main.tf", "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n");
    let mut err = Vec::new();
    let mut process = Process {
        working_directory: scratch.path().to_owned(),
        environment: Vec::new(),
        out: &mut FaultyStream,
        err: &mut err,
        terminal: trailwarden::cli::Terminal::default(),
        clock: || std::time::Duration::ZERO,
    };
    let arguments = ["trailwarden", "check", "--root", ".", "--output", "json=report.json", "--output", "sarif=no/such/directory.sarif"];
    let exit = cli::run(arguments.map(Into::into), &mut process);
    let err = String::from_utf8(err).unwrap();
    assert_eq!(exit, Exit::Internal, "{err}");
    assert!(err.contains("cannot write `no/such/directory.sarif`"), "{err}");
    assert!(err.contains("trailwarden failed: a fault; please report this"), "{err}");
    let mut written: Vec<String> =
        std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    written.sort();
    assert_eq!(written, ["main.tf", "report.json"], "and nothing lies beside it");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(scratch.path().join("report.json")).unwrap()).unwrap();
    assert!(!report["findings"].as_array().unwrap().is_empty());
}

#[test]
fn analyses_that_a_pool_of_workers_asks_for_do_not_pile_up_on_a_stack() {
    let fs = Memory::new("repo").with("repo/main.tf", "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n");
    let rules = RuleSet::embedded().only(|rule| &*rule.id == "bucket-without-versioning");
    let options = Options { threads: 1, ..Options::new("repo", rules) };
    // A worker that took up the next analysis while it waits for one would have hundreds of them on its stack.
    let small = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(192 * 1024).build().unwrap();
    let failed = |_: usize| analyze(&fs, &["repo".into()], &options, &mut |_| {}).summary.fail;
    let found: usize = small.install(|| (0..400).into_par_iter().with_max_len(1).map(failed).sum());
    assert_eq!(found, 400);
}
