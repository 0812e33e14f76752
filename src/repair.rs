//! Applying fixes, and checking again: what a fix promises is believed only when it is seen.
//!
//! Pass by pass, the fixes that do not touch each other are applied in memory and everything is analysed anew. A pass whose findings are not gone,
//! or that breaks something, is taken back and tried in halves until the fix at fault is known; that one is refused. Nothing is written here.

use crate::analysis::{self, Analysis, Options, Stage};
use crate::diagnostic::Level;
use crate::fix;
use crate::rule::finding::{Applicability, Edit, Finding, Fix, Outcome, Severity};
use crate::rule::fingerprint::Fingerprint;
use crate::source::Sources;
use crate::source::fs::{FileSystem, Overlay, Seen};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Most times that everything is analysed.
const MAX_PASSES: usize = 48;

/// A file that fixes change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Its path, resolved.
    pub path: PathBuf,
    /// Its bytes as they are.
    pub before: Vec<u8>,
    /// Its bytes with the fixes in it.
    pub after: Vec<u8>,
}

/// A fix that was taken back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Refused {
    /// The fix's title.
    pub title: String,
    /// What was found with the fix in place.
    pub why: String,
}

/// What came of repairing.
#[derive(Debug)]
pub struct Repaired {
    /// The files that change, by path.
    pub files: Vec<Changed>,
    /// The titles of the fixes that were applied, in their order.
    pub applied: Vec<String>,
    /// Fixes that did not do what they promised, or that broke something: they were taken back.
    pub refused: Vec<Refused>,
    /// Whether it ended before all fixes were tried.
    pub is_cut: bool,
    /// What is found in the code as it is.
    pub before: Analysis,
    /// What is found once the files are changed; nothing if none is.
    pub after: Option<Analysis>,
}

/// What tells a finding from others in every pass.
type Key = (Arc<str>, Fingerprint);

/// Applies, in memory, every fix that is as safe as wanted.
pub fn repair(
    fs: &dyn FileSystem,
    paths: &[PathBuf],
    options: &Options,
    wanted: Applicability,
    ended: &mut (dyn FnMut(Stage) + Send),
) -> Repaired {
    let before = analysis::analyze(fs, paths, options, ended);
    let mut changed: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    let mut after: Option<Analysis> = None;
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    let (mut suspects, mut at_fault): (BTreeSet<Key>, BTreeSet<Key>) = (BTreeSet::new(), BTreeSet::new());
    let mut most = usize::MAX;
    for _ in 0..MAX_PASSES {
        let now = after.as_ref().unwrap_or(&before);
        let mut chosen = choose(now, wanted, &at_fault.union(&suspects).cloned().collect(), most);
        if chosen.is_empty() {
            // What failed beside others is tried alone.
            chosen = choose(now, wanted, &at_fault, 1);
        }
        if chosen.is_empty() {
            break;
        }
        let next = changed_files(fs, &changed, now, &chosen);
        let seen = next.iter().map(|(path, bytes)| (path.clone(), Seen::Content(Arc::from(bytes.as_slice()))));
        let overlay = Overlay::new(fs, seen.collect());
        let then = analysis::analyze(&overlay, paths, options, &mut |_| {});
        let at_once = chosen.len();
        let faults = match judge(now, &then, &chosen) {
            Judgement::Kept => {
                applied.extend(chosen.iter().map(|chosen| chosen.fix.title.clone()));
                (changed, after, most) = (next, Some(then), usize::MAX);
                continue;
            }
            Judgement::AtFault(faults) if at_once > 1 => {
                suspects.extend(faults.iter().map(|(finding, ..)| key(now, finding)));
                continue;
            }
            Judgement::AtFault(faults) => faults,
            // Which of several it was is found by halves.
            Judgement::Broken(why) if at_once == 1 => chosen.iter().map(|chosen| (chosen.finding, chosen.fix, why.clone())).collect(),
            Judgement::Broken(_) => {
                most = at_once / 2;
                continue;
            }
        };
        for (finding, fix, why) in faults {
            refused.push(Refused { title: fix.title.clone(), why });
            at_fault.insert(key(now, finding));
        }
        most = usize::MAX;
    }
    let is_cut = !choose(after.as_ref().unwrap_or(&before), wanted, &at_fault, 1).is_empty();
    let files = changed.into_iter().filter_map(|(path, after)| Some(Changed { before: fs.read(&path).ok()?, path, after }));
    Repaired { files: files.collect(), applied, refused, is_cut, before, after }
}

/// A fix that is applied in a pass.
struct Chosen<'a> {
    finding: &'a Finding,
    fix: &'a Fix,
}

fn key(analysis: &Analysis, finding: &Finding) -> Key {
    (Arc::clone(&analysis.project(finding.project).label), finding.fingerprint)
}

/// The fixes of one pass: none touches another; those that make one thing twice wait for the next pass.
fn choose<'a>(analysis: &'a Analysis, wanted: Applicability, at_fault: &BTreeSet<Key>, most: usize) -> Vec<Chosen<'a>> {
    let (mut chosen, mut once): (Vec<Chosen<'a>>, BTreeSet<&Arc<str>>) = (Vec::new(), BTreeSet::new());
    for finding in &analysis.findings {
        if chosen.len() >= most || finding.outcome != Outcome::Fail || finding.suppressed.is_some() {
            continue;
        }
        let Some(fix) = finding.fixes.iter().find(|fix| fix.applicability <= wanted) else { continue };
        if at_fault.contains(&key(analysis, finding)) {
            continue;
        }
        // Two findings may ask for the same.
        let is_same = chosen.iter().any(|other| other.fix.edits == fix.edits);
        let is_apart = || {
            chosen.iter().all(|other| !touch(&analysis.sources, &other.fix.edits, &fix.edits))
                && fix.once.iter().all(|once_more| !once.contains(once_more))
        };
        if is_same || is_apart() {
            once.extend(fix.once.iter());
            chosen.push(Chosen { finding, fix });
        }
    }
    chosen
}

/// Whether an edit of one fix meets one of the other: in one line, or in neighbouring ones, where both may add what is needed once.
fn touch(sources: &Sources, a: &[Edit], b: &[Edit]) -> bool {
    let lines = |edit: &Edit| {
        let (start, end) = sources.positions(edit.span);
        (start.line, end.line)
    };
    a.iter().any(|one| {
        b.iter().any(|other| {
            let ((first, last), (from, to)) = (lines(one), lines(other));
            one.span.file == other.span.file && first <= to + 1 && from <= last + 1
        })
    })
}

/// The changed files after a pass.
fn changed_files(
    fs: &dyn FileSystem,
    changed: &BTreeMap<PathBuf, Vec<u8>>,
    analysis: &Analysis,
    chosen: &[Chosen<'_>],
) -> BTreeMap<PathBuf, Vec<u8>> {
    let edits: BTreeSet<&Edit> = chosen.iter().flat_map(|chosen| &chosen.fix.edits).collect();
    let mut next = changed.clone();
    let mut by_file: BTreeMap<PathBuf, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(analysis.sources.get(edit.span.file).path.clone()).or_default().push(edit);
    }
    for (path, edits) in by_file {
        let Ok(path) = fs.resolve(&path) else { continue };
        let Some(bytes) = changed.get(&path).cloned().or_else(|| fs.read(&path).ok()) else { continue };
        next.insert(path, splice(&bytes, &edits));
    }
    next
}

/// A file's bytes with edits in it, which are sorted and apart. Their places count from behind the byte-order mark.
pub fn splice(bytes: &[u8], edits: &[&Edit]) -> Vec<u8> {
    let text = fix::as_read(bytes);
    let mark = &bytes[..bytes.len() - text.len()];
    let (mut out, mut at) = (mark.to_vec(), 0);
    for edit in edits {
        let range = edit.span.range.indices();
        let Some(kept) = text.get(at..range.start) else { continue };
        out.extend_from_slice(kept);
        out.extend_from_slice(edit.replacement.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// What a pass did.
enum Judgement<'a> {
    /// The findings are gone, and nothing that was right is wrong.
    Kept,
    /// The findings of these fixes are still there, and what is told now.
    AtFault(Vec<(&'a Finding, &'a Fix, String)>),
    /// Something became unreadable, or a resource that was there before fails anew in a way that matters.
    Broken(String),
}

fn judge<'a>(before: &Analysis, after: &Analysis, chosen: &[Chosen<'a>]) -> Judgement<'a> {
    let about = |analysis: &Analysis, finding: &Finding| {
        (Arc::clone(&analysis.project(finding.project).label), Arc::clone(&finding.rule), Arc::clone(&finding.subject.address))
    };
    let now: BTreeMap<_, &Finding> = after.findings.iter().rev().map(|finding| (about(after, finding), finding)).collect();
    let still = |chosen: &Chosen<'a>| {
        let found = now.get(&about(before, chosen.finding))?;
        let is_there = match found.outcome {
            Outcome::Pass => false,
            Outcome::Open => true,
            // Another defect of the same rule is for the next pass.
            Outcome::Fail => found.fingerprint == chosen.finding.fingerprint,
        };
        is_there.then(|| (chosen.finding, chosen.fix, format!("{} ({})", found.message, found.rule)))
    };
    let faults: Vec<_> = chosen.iter().filter_map(still).collect();
    if !faults.is_empty() {
        return Judgement::AtFault(faults);
    }
    let count = |analysis: &Analysis| analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).count();
    if count(after) > count(before) {
        let new = after.diagnostics.iter().find(|diagnostic| diagnostic.level == Level::Error && !before.diagnostics.contains(diagnostic));
        return Judgement::Broken(new.map_or_else(String::new, |diagnostic| diagnostic.message.clone()));
    }
    let not_passed = before.findings.iter().filter(|finding| finding.outcome != Outcome::Pass);
    let not_passed: BTreeSet<_> = not_passed.map(|finding| about(before, finding)).collect();
    let known: BTreeSet<_> = before.graph.resources().iter().map(|resource| &resource.address.0).collect();
    let is_new = |finding: &&Finding| {
        let matters = finding.outcome == Outcome::Fail && finding.suppressed.is_none() && finding.severity >= Severity::Medium;
        matters && known.contains(&finding.subject.address) && !not_passed.contains(&about(after, finding))
    };
    match after.findings.iter().find(is_new) {
        Some(finding) => Judgement::Broken(format!("{} ({})", finding.message, finding.rule)),
        None => Judgement::Kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, TextRange};

    fn edit(start: usize, end: usize, new: &str) -> Edit {
        Edit { span: TextRange::new(start, end).at(FileId(0)), replacement: new.to_owned() }
    }

    #[test]
    fn splices_keep_the_byte_order_mark() {
        let (a, b) = (edit(0, 1, "x"), edit(3, 3, "--"));
        assert_eq!(splice(b"\xEF\xBB\xBFabcdef", &[&a, &b]), b"\xEF\xBB\xBFxbc--def");
        assert_eq!(splice(b"abc", &[]), b"abc");
    }

    #[test]
    fn edits_that_meet_wait_for_each_other() {
        let sources = Sources::default();
        sources.add(std::path::Path::new("a"), "12\n45\n78\n0\n");
        assert!(touch(&sources, &[edit(1, 2, "")], &[edit(2, 2, "x")]));
        assert!(touch(&sources, &[edit(2, 2, "x")], &[edit(3, 3, "x")]), "the end of a line and the beginning of the next are one place");
        assert!(!touch(&sources, &[edit(0, 1, "")], &[edit(6, 7, "x")]));
    }
}
