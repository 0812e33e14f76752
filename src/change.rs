//! A run narrowed to what a change is about: findings whose proof lies in a changed file, and those that were not there before it.
//!
//! A change that only deletes the logging of a bucket touches no file in which the bucket's finding lies: that one is found because
//! the state before the change did not have it. This floor is given both states; it does not know where they come from.

use crate::analysis::{Analysis, Beyond, LeftOut};
use crate::baseline::{Entry, entry};
use crate::diagnostic::{Diagnostic, Level, Place};
use crate::project::Project;
use crate::rule::finding::{Finding, Outcome};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a change changes. Paths are resolved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// The scan root.
    pub root: PathBuf,
    /// Files that are new or have other content than before.
    pub files: BTreeSet<PathBuf>,
    /// Files that lay elsewhere: new path to old.
    pub renamed: BTreeMap<PathBuf, PathBuf>,
}

impl Change {
    /// Whether anything of a run can only be judged by what was there before.
    pub fn asks_for_before(&self, now: &Analysis) -> bool {
        let is_elsewhere = |finding: &Finding| finding.outcome != Outcome::Pass && !self.touches(now, finding);
        !now.beyond.is_empty()
            || now.findings.iter().any(|finding| finding.suppressed.is_some() || is_elsewhere(finding))
            || now.diagnostics.iter().any(|diagnostic| !self.holds(now, diagnostic))
    }

    /// Keeps what the change is about. `before`: the same run over the state before it, if it was asked for.
    pub fn narrow(&self, mut now: Analysis, before: Option<&Analysis>) -> Analysis {
        let projects = projects(&now);
        let mut known = before.map(|before| self.known(before)).unwrap_or_default();
        let mut left_out = LeftOut::default();
        let mut told = Vec::new();
        let findings = std::mem::take(&mut now.findings);
        let (mut kept, mut others) = (Vec::new(), Vec::new());
        for finding in findings {
            let key = self.as_before(entry(&finding, &self.root, &projects));
            let was = known.get_mut(&key).and_then(Vec::pop);
            if finding.suppressed.is_some() && was != Some(Was::Suppressed) && before.is_some() {
                told.extend(suppressed_now(&finding));
            }
            let is_new = before.is_some() && finding.outcome != Outcome::Pass && was.is_none();
            if self.touches(&now, &finding) || is_new {
                kept.push(finding);
            } else {
                others.push(finding);
            }
        }
        left_out.findings = others.iter().filter(|finding| finding.outcome != Outcome::Pass && finding.suppressed.is_none()).count();
        let problems = before.map(problems).unwrap_or_default();
        let diagnostics = std::mem::take(&mut now.diagnostics);
        for diagnostic in diagnostics {
            if self.holds(&now, &diagnostic) || !problems.contains(&self.problem(&now, &diagnostic)) {
                told.push(diagnostic);
            } else if diagnostic.level != Level::Note {
                left_out.problems += 1;
            }
        }
        now.findings = kept;
        now.diagnostics = told;
        now.left_out = Some(left_out);
        now.count_anew(before.map_or(&Beyond::default(), |before| &before.beyond));
        now
    }

    /// Whether any of a finding's places lies in a changed file.
    fn touches(&self, run: &Analysis, finding: &Finding) -> bool {
        let ends = finding.resource.iter().chain([&finding.subject]).map(|named| named.span);
        let mut places = std::iter::once(finding.location).chain(ends).chain(finding.evidence.iter().map(|hop| hop.span));
        places.any(|span| self.files.contains(&run.sources.get(span.file).path))
    }

    /// Whether a diagnostic lies in a changed file. One without a place is about the run.
    fn holds(&self, run: &Analysis, diagnostic: &Diagnostic) -> bool {
        path(run, diagnostic).is_none_or(|path| self.files.contains(&path))
    }

    /// The findings of the state before, each as often as it was there.
    fn known(&self, before: &Analysis) -> Known {
        let projects = projects(before);
        let mut known = Known::new();
        for finding in before.findings.iter().filter(|finding| finding.outcome != Outcome::Pass) {
            let was = if finding.suppressed.is_some() { Was::Suppressed } else { Was::Counted };
            known.entry(entry(finding, &self.root, &projects)).or_default().push(was);
        }
        known
    }

    fn problem(&self, now: &Analysis, diagnostic: &Diagnostic) -> Problem {
        let path = path(now, diagnostic).map(|path| self.old_name(&path).unwrap_or(path));
        (path, diagnostic.code, diagnostic.message.clone())
    }

    /// An entry under the name that its project had before.
    fn as_before(&self, entry: Entry) -> Entry {
        let old = self.old_name(&self.root.join(&entry.project)).and_then(|old| Some(old.strip_prefix(&self.root).ok()?.to_owned()));
        match old {
            Some(old) => Entry { project: crate::source::label(&old, Path::new("")), ..entry },
            None => entry,
        }
    }

    /// The name that a file had, or the directory from which a file of this one came.
    fn old_name(&self, path: &Path) -> Option<PathBuf> {
        if let Some(old) = self.renamed.get(path) {
            return Some(old.clone());
        }
        let of_file = |(new, old): (&PathBuf, &PathBuf)| (new.parent() == Some(path)).then(|| old.parent().map(Path::to_owned)).flatten();
        self.renamed.iter().find_map(of_file)
    }
}

type Problem = (Option<PathBuf>, &'static str, String);

/// How a finding counted before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Was {
    Counted,
    Suppressed,
}

/// Findings before, each as often as it was there, by what makes them the same.
type Known = BTreeMap<Entry, Vec<Was>>;

fn problems(before: &Analysis) -> BTreeSet<Problem> {
    before.diagnostics.iter().map(|diagnostic| (path(before, diagnostic), diagnostic.code, diagnostic.message.clone())).collect()
}

fn projects(run: &Analysis) -> Vec<Project> {
    run.projects.iter().map(|analyzed| analyzed.project.clone()).collect()
}

fn path(run: &Analysis, diagnostic: &Diagnostic) -> Option<PathBuf> {
    match diagnostic.place.as_ref()? {
        Place::Span(Span { file, .. }) => Some(run.sources.get(*file).path.clone()),
        Place::Path(path) => Some(path.clone()),
    }
}

/// A word on a finding that this change hides: whoever reviews it should see that, and not only the author.
fn suppressed_now(finding: &Finding) -> Option<Diagnostic> {
    let suppression = finding.suppressed.as_ref().filter(|suppression| suppression.by != "baseline")?;
    let reason = if suppression.reason.is_empty() { "no reason given" } else { &suppression.reason };
    let message = format!("this change suppresses `{}` for `{}`: {reason}", finding.rule, finding.subject.address);
    Some(Diagnostic::warning("new-suppression", suppression.span?, message))
}
