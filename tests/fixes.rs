//! Fixes: every one that is offered, over everything that we have, does what it promises; and what it writes, case by case.
//!
//! A case is a folder under `testdata/fixes` with `expected.diff`: what `--diff --unsafe-fixes` prints for the rules about access logging, or for
//! those that `select.txt` names. `UPDATE_EXPECT=1` rewrites it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]
#![allow(clippy::print_stdout, reason = "how much was tried is worth knowing")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::{Scratch, run};
use trailwarden::analysis::{self, Analysis, Options};
use trailwarden::cli::Exit;
use trailwarden::diagnostic::Level;
use trailwarden::project::Inputs;
use trailwarden::repair;
use trailwarden::rule::RuleSet;
use trailwarden::rule::finding::{Applicability, Finding, Fix, Outcome, Severity};
use trailwarden::source::fs::{Disk, FileSystem, Overlay, Seen};

fn options(directory: &Path) -> Options {
    Options {
        working_directory: directory.to_owned(),
        inputs: Inputs::default(),
        rules: RuleSet::embedded().clone(),
        min_severity: Severity::Note,
        baseline: None,
        passes: trailwarden::rule::Passes::Told,
        offers_fixes: true,
        threads: 1,
        suppress: trailwarden::suppress::Options::default(),
    }
}

/// What was tried and what came of it.
#[derive(Default)]
struct Tally {
    safe: usize,
    needs_an_eye: usize,
    passes: usize,
    wrong: Vec<String>,
}

/// Applies each offered fix of a tree alone, and then all of them as `--unsafe-fixes` does.
fn try_all(directory: &Path, tally: &mut Tally) {
    let fs = Disk::new(directory, directory).unwrap();
    let paths = [directory.to_owned()];
    let before = analysis::analyze(&fs, &paths, &options(directory), &mut |_| {});
    let mut seen = BTreeSet::new();
    for finding in &before.findings {
        for fix in &finding.fixes {
            assert_eq!(finding.outcome, Outcome::Fail, "{}", finding.message);
            match fix.applicability {
                Applicability::Safe => tally.safe += 1,
                Applicability::Unsafe => tally.needs_an_eye += 1,
            }
            if seen.insert((fix.edits.clone(), finding.rule.clone(), finding.subject.address.clone())) {
                let changed = apply(&fs, &before, fix);
                let seen = changed.into_iter().map(|(path, bytes)| (path, Seen::Content(bytes.into())));
                let overlay = Overlay::new(&fs, seen.collect());
                let after = analysis::analyze(&overlay, &paths, &options(directory), &mut |_| {});
                if let Some(wrong) = wrong(&before, finding, fix, &after) {
                    tally.wrong.push(format!("{}: {}: {}: {wrong}", directory.display(), finding.subject.address, fix.title));
                }
            }
        }
    }
    if seen.is_empty() {
        return;
    }
    let repaired = repair::repair(&fs, &paths, &options(directory), Applicability::Unsafe, &mut |_| {});
    tally.passes += 1;
    tally
        .wrong
        .extend(repaired.refused.iter().map(|refused| format!("{}: refused: {}: {}", directory.display(), refused.title, refused.why)));
    for file in &repaired.files {
        // Fixes add: what was there is still there, byte after byte.
        let mut after = file.after.iter();
        if !repaired.applied.iter().any(|title| title.starts_with("set "))
            && !file.before.iter().all(|byte| after.any(|other| other == byte))
        {
            tally.wrong.push(format!("{}: bytes were lost", file.path.display()));
        }
    }
    let left = repaired.after.as_ref().unwrap_or(&repaired.before);
    let offered = left.findings.iter().filter(|finding| finding.outcome == Outcome::Fail && !finding.fixes.is_empty()).count();
    if offered > 0 && repaired.refused.is_empty() {
        tally.wrong.push(format!("{}: {offered} fixes are still offered after all were applied", directory.display()));
    }
}

fn apply(fs: &Disk, analysis: &Analysis, fix: &Fix) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut changed = BTreeMap::new();
    for edit in fix.edits.iter().rev() {
        let path = analysis.sources.get(edit.span.file).path.clone();
        let bytes = changed.entry(path.clone()).or_insert_with(|| fs.read(&path).unwrap());
        let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let range = edit.span.range.indices();
        bytes.splice(range.start + mark..range.end + mark, edit.replacement.bytes());
    }
    changed
}

fn wrong(before: &Analysis, finding: &Finding, fix: &Fix, after: &Analysis) -> Option<String> {
    let errors = |analysis: &Analysis| analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
    if errors(after) > errors(before) {
        return Some(format!("it does not parse: {:?}", after.diagnostics));
    }
    let label = |analysis: &Analysis, finding: &Finding| analysis.project(finding.project).label.clone();
    let subject = |other: &&Finding| other.subject.address == finding.subject.address && label(after, other) == label(before, finding);
    let same = after.findings.iter().filter(subject).find(|other| other.rule == finding.rule);
    match same {
        None if finding.resource.is_none() || &*finding.rule == "bucket-without-access-logging" => {}
        None => return Some("the rule says nothing any more".to_owned()),
        Some(other) if other.outcome == Outcome::Pass || (other.outcome == Outcome::Fail && other.fingerprint != finding.fingerprint) => {}
        Some(other) => return Some(format!("still {}: {}", other.outcome.name(), other.message)),
    }
    let delivery = |other: &&Finding| {
        let about = other.rule.starts_with("access-log-") && &*other.rule != "access-log-target-without-lifecycle";
        about && other.outcome == Outcome::Fail && !before.findings.iter().any(|known| known.fingerprint == other.fingerprint)
    };
    let delivery = after.findings.iter().find(delivery);
    delivery.filter(|_| fix.title.starts_with("add ")).map(|other| format!("the new logging fails {}: {}", other.rule, other.message))
}

fn told(what: &str, tally: &Tally) {
    let (safe, unsafe_ones, wrong) = (tally.safe, tally.needs_an_eye, tally.wrong.len());
    println!("{what}: {safe} safe and {unsafe_ones} unsafe fixes offered in {} trees, {wrong} wrong", tally.passes);
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
}

/// The directories that are analysed apart: those below `root` at a depth.
fn directories(root: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = match std::fs::read_dir(root) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect(),
        Err(_) => Vec::new(),
    };
    found.sort();
    if depth == 0 { found } else { found.iter().flat_map(|path| directories(path, depth - 1)).collect() }
}

#[test]
fn every_fix_that_is_offered_over_our_own_cases_does_what_it_promises() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut tally = Tally::default();
    for folder in ["cases", "cloudformation", "broken", "demo", "fixes", "outputs"] {
        directories(&testdata.join(folder), 0).iter().for_each(|case| try_all(case, &mut tally));
    }
    // Twins and links hold several files each.
    for folder in ["twins", "links"] {
        for case in std::fs::read_dir(testdata.join(folder)).unwrap() {
            let scratch = Scratch::new();
            for (path, text) in support::files(&std::fs::read_to_string(case.unwrap().path()).unwrap()).1 {
                scratch.write(path.to_str().unwrap(), text);
            }
            try_all(scratch.path(), &mut tally);
        }
    }
    for rule in RuleSet::embedded().rules() {
        for example in rule.examples() {
            for case in trailwarden::rule::examples::cases(&rule.id, &example) {
                let scratch = Scratch::new();
                case.files.iter().for_each(|(path, text)| {
                    scratch.write(path.to_str().unwrap(), text);
                });
                try_all(scratch.path(), &mut tally);
            }
        }
    }
    assert!(tally.safe >= 10 && tally.needs_an_eye >= 50, "{} and {}", tally.safe, tally.needs_an_eye);
    told("own cases", &tally);
}

/// Every so many trees of the corpus are tried: all of them take a program without optimization too long. `TRAILWARDEN_EVERY_TREE=1` asks for them.
const SAMPLE: usize = 12;

/// Inputs that are not part of the project, where they lie beside it.
#[test]
fn fixes_that_are_offered_over_the_corpus_do_what_they_promise() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let mut tally = Tally::default();
    let step = if std::env::var_os("TRAILWARDEN_EVERY_TREE").is_some() { 1 } else { SAMPLE };
    for unit in directories(&corpus.join("labelled"), 1).iter().chain(&directories(&corpus.join("real/repos"), 0)).step_by(step) {
        try_all(&unit.canonicalize().unwrap(), &mut tally);
    }
    told("corpus", &tally);
}

/// What cases are about that do not say it.
const LOGGING: &str = "bucket-without-access-logging,cloudtrail-bucket-without-access-logging,cloudtrail-without-log-file-validation";

#[test]
fn what_is_written_case_by_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fixes");
    let mut wrong = Vec::new();
    for case in directories(&folder, 0) {
        let select = std::fs::read_to_string(case.join("select.txt"));
        let select = select.as_ref().map_or(LOGGING, |text| text.trim());
        let done = run(&case, &["check", "--root", ".", "--diff", "--unsafe-fixes", "--select", select]);
        let expected = case.join("expected.diff");
        let text = format!("{}{}", done.out, done.err);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &text).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const BUCKET: &str = "resource \"aws_s3_bucket\" \"logs\" {\r\n  bucket = \"logs\"\r\n}\r\n";

#[test]
fn fixing_writes_and_reports_what_is_left() {
    let scratch = Scratch::new();
    scratch.write("main.tf", [b"\xEF\xBB\xBF", BUCKET.as_bytes()].concat());
    let select = ["--select", "bucket-without-access-logging", "--fail-on", "low"];
    let with = |options: &[&str]| run(scratch.path(), &[&["check"], options, &select[..]].concat());
    let read = || std::fs::read(scratch.path().join("main.tf")).unwrap();
    // Nothing is done unasked.
    let safe = with(&["--fix"]);
    assert_eq!((safe.exit, safe.err.as_str()), (Exit::Findings, "fixed 0 findings; 1 more with `--unsafe-fixes`\n"));
    assert_eq!(read().len(), BUCKET.len() + 3);
    let shown = with(&["--diff", "--unsafe-fixes"]);
    assert!(shown.out.starts_with("--- a/main.tf\n+++ b/main.tf\n@@ "), "{}", shown.out);
    assert_eq!((shown.exit, read().len()), (Exit::Findings, BUCKET.len() + 3));
    let done = with(&["--unsafe-fixes"]);
    assert_eq!((done.exit, done.err.as_str()), (Exit::Clean, "fixed 1 finding in 1 file\n"), "{}", done.out);
    let after = String::from_utf8(read()).unwrap();
    assert!(after.starts_with(&format!("\u{feff}{}", BUCKET.trim_end())), "the mark and the line breaks stay: {after}");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing is left aside");
}

#[cfg(unix)]
#[test]
fn mode_bits_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    scratch.write("real/main.tf", BUCKET).write("linked/README", "");
    scratch.link("../real/main.tf", "linked/main.tf");
    let file = scratch.path().join("real/main.tf");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    run(scratch.path(), &["check", "linked", "--unsafe-fixes"]);
    assert!(std::fs::read_to_string(&file).unwrap().contains("aws_s3_bucket_logging"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(scratch.path().join("linked/main.tf")).unwrap().file_type().is_symlink());
}

const RULE: &str = "id: trail-unproven
title: t
severity: medium
subject: trail
fails_when:
  - defect: d
    when: { not: { is_true: subject.log_file_validation } }
    message: m
passes: p
open: []
remedy: r
fix: { set: { subject.log_file_validation: true, subject.multi_region: true } }
description: d
";

#[test]
fn a_rule_says_what_to_set_and_each_language_writes_it() {
    let scratch = Scratch::new();
    scratch.write("rules/trail-unproven.yaml", RULE);
    scratch.write("a/main.tf", "resource \"aws_cloudtrail\" \"main\" {\n  name                          = \"main\"\n  enable_log_file_validation    = false # why\n  s3_bucket_name                = \"b\"\n}\n");
    scratch.write("b/template.yaml", "Resources:\n  Main:\n    Type: AWS::CloudTrail::Trail\n    Properties:\n      EnableLogFileValidation: 'no' # why\n      S3BucketName: b\n");
    scratch.write("c/main.tf", "variable \"v\" {\n  default = false\n}\nresource \"aws_cloudtrail\" \"main\" {\n  name = \"main\"\n  enable_log_file_validation = var.v\n  s3_bucket_name = \"b\"\n}\n");
    let done =
        run(scratch.path(), &["check", "--root", ".", "--fix", "--rules", "rules", "--select", "trail-unproven", "--format", "concise"]);
    assert_eq!(done.err, "fixed 2 findings in 2 files\n", "{}", done.out);
    assert!(done.out.starts_with("c/main.tf:"), "what an expression says is left to people: {}", done.out);
    let read = |path: &str| std::fs::read_to_string(scratch.path().join(path)).unwrap();
    assert_eq!(
        read("a/main.tf"),
        "resource \"aws_cloudtrail\" \"main\" {\n  name                          = \"main\"\n  enable_log_file_validation    = true # why\n  s3_bucket_name                = \"b\"\n  is_multi_region_trail         = true\n}\n"
    );
    assert_eq!(
        read("b/template.yaml"),
        "Resources:\n  Main:\n    Type: AWS::CloudTrail::Trail\n    Properties:\n      EnableLogFileValidation: true # why\n      S3BucketName: b\n      IsMultiRegionTrail: true\n"
    );
    scratch.write("rules/trail-unproven.yaml", RULE.replace("log_file_validation: true,", "log_file_valdation: true,"));
    let done = run(scratch.path(), &["check", "--rules", "rules"]);
    assert!(done.err.contains("did you mean `log_file_validation`?"), "{}", done.err);
}

const BLOCKED: &str = "id: bucket-open
title: t
severity: medium
subject: bucket
fails_when:
  - defect: d
    when: { not: { is_true: subject.public_access_block.block_public_acls } }
    message: m
passes: p
open: []
remedy: r
fix:
  set:
    subject.public_access_block.block_public_acls: true
    subject.public_access_block.ignore_public_acls: true
description: d
";

#[test]
fn what_belongs_into_a_resource_of_its_own_is_written_there() {
    let scratch = Scratch::new();
    scratch.write("rules/bucket-open.yaml", BLOCKED);
    scratch.write("new/main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  count  = 2\n  bucket = \"a-${count.index}\"\n}\n");
    let partly = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n\nresource \"aws_s3_bucket_public_access_block\" \"x\" {\n  bucket                  = aws_s3_bucket.a.id\n  block_public_acls       = false\n  restrict_public_buckets = true\n}\n";
    scratch.write("partly/main.tf", partly);
    scratch.write("template.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n");
    let done = run(scratch.path(), &["check", "--root", ".", "--fix", "--rules", "rules", "--select", "bucket-open"]);
    assert_eq!((done.exit, done.err.as_str()), (Exit::Clean, "fixed 4 findings in 3 files\n"), "{}", done.out);
    let read = |path: &str| std::fs::read_to_string(scratch.path().join(path)).unwrap();
    let new = read("new/main.tf");
    let expected = "\n\nresource \"aws_s3_bucket_public_access_block\" \"a\" {\n  count = length(aws_s3_bucket.a)\n\n  bucket = aws_s3_bucket.a[count.index].id\n\n  block_public_acls  = true\n  ignore_public_acls = true\n}\n";
    assert!(new.ends_with(expected), "{new}");
    assert_eq!(
        read("partly/main.tf"),
        partly
            .replace("acls       = false", "acls       = true")
            .replace("buckets = true\n", "buckets = true\n  ignore_public_acls      = true\n")
    );
    assert_eq!(
        read("template.yaml"),
        "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      PublicAccessBlockConfiguration:\n        BlockPublicAcls: true\n        IgnorePublicAcls: true\n"
    );
}

#[test]
fn two_fixes_that_need_the_same_key_make_it_once() {
    let scratch = Scratch::new();
    scratch.write("rules/bucket-open.yaml", BLOCKED).write("template.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n");
    let select = "bucket-open,bucket-without-access-logging";
    let done = run(scratch.path(), &["check", "--root", ".", "--unsafe-fixes", "--rules", "rules", "--select", select, "--fail-on", "low"]);
    assert_eq!((done.exit, done.err.as_str()), (Exit::Clean, "fixed 2 findings in 1 file\n"), "{}", done.out);
    let text = std::fs::read_to_string(scratch.path().join("template.yaml")).unwrap();
    assert!(text.starts_with("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n"), "{text}");
    assert_eq!(text.matches("    Properties:\n").count(), 3, "one for each resource: {text}");
}

#[test]
fn a_fact_names_the_target() {
    let scratch = Scratch::new();
    scratch.write("main.tf", BUCKET).write("trailwarden.toml", "[facts]\naccess_log_target = \"acme-${x}\"\n");
    let done = run(scratch.path(), &["check", "--fix", "--select", "bucket-without-access-logging"]);
    assert_eq!(done.err, "fixed 1 finding in 1 file\n");
    let text = std::fs::read_to_string(scratch.path().join("main.tf")).unwrap();
    assert!(text.contains("  target_bucket = \"acme-$${x}\"\r\n"), "{text}");
}

#[test]
fn a_declaration_that_could_not_be_read_whole_is_not_cut_in_the_middle_of_a_letter() {
    let scratch = Scratch::new();
    // Found by fuzzing: a fix is added behind where the block seems to end.
    let template = "Resources:\n :\n    Type: AWS::S3::Bucket:\n      -- main.tf --\n      resource \"aws_cloudtrail\" \"main\" {\n        nam\n        s\u{35b}";
    for more in ["", "b", "\u{35b}", "\u{2026}"] {
        scratch.write("t.yaml", format!("{template}{more}"));
        let done = run(scratch.path(), &["check", "--root", ".", "--format", "json", "--exit-zero"]);
        assert!(done.out.contains("\"findings\""), "{}", done.out);
    }
}

#[test]
fn what_takes_too_many_passes_is_said_and_left_for_another_run() {
    const CUT: &str = "; not all fixes were tried, since that takes many passes: run it again for the rest";
    let scratch = Scratch::new();
    // What this fix sets does not mend it, and each must be tried alone to know that.
    scratch.write("rules/trail-unproven.yaml", RULE.replace("subject.log_file_validation: true, ", ""));
    let trail = |at: usize| {
        format!(
            "resource \"aws_cloudtrail\" \"t{at}\" {{\n  name = \"t{at}\"\n  s3_bucket_name = \"b\"\n  enable_log_file_validation = false\n}}\n\n"
        )
    };
    let fixed = |trails: usize| {
        let text: String = (0..trails).map(trail).collect();
        scratch.write("main.tf", &text);
        let done = run(scratch.path(), &["check", "--root", ".", "--fix", "--rules", "rules", "--select", "trail-unproven"]);
        assert_eq!(std::fs::read_to_string(scratch.path().join("main.tf")).unwrap(), text, "nothing is written that does not mend");
        done.err
    };
    let all = fixed(20);
    assert!(all.starts_with("fixed 0 findings\nleft alone: the fix to "), "{all}");
    assert_eq!(all.matches("left alone: ").count(), 20, "{all}");
    let cut = fixed(60);
    assert!(cut.starts_with(&format!("fixed 0 findings{CUT}\n")), "{cut}");
    assert!(cut.matches("left alone: ").count() < 60, "{cut}");
}
