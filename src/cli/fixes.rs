//! `--fix`, `--unsafe-fixes` and `--diff`: whoever asks for none of them gets the analysis and nothing else.

use crate::analysis::{Analysis, Stage};
use crate::cli::arguments::Check;
use crate::cli::run::Prepared;
use crate::cli::{Failure, Process, report};
use crate::output::text::inert;
use crate::repair::{Changed, Refused, Repaired};
use crate::rule::finding::{Applicability, Outcome};
use crate::source::label;
use crate::suppress;
use similar::TextDiff;
use std::collections::BTreeSet;
use std::io;

/// Lines around a change that a diff shows.
const CONTEXT: usize = 3;

/// What fixing left to be reported.
pub struct Fixed {
    /// What is reported: the code as it is now.
    pub analysis: Analysis,
    /// Whether standard output is taken by a diff.
    pub is_diff: bool,
    /// Why a file could not be written.
    pub failure: Option<Failure>,
}

/// Analyses, and fixes as far as was asked for.
pub fn analyze(
    check: &Check,
    prepared: &Prepared,
    process: &mut Process<'_>,
    ended: &mut (dyn FnMut(Stage) + Send),
) -> Result<Fixed, Failure> {
    let fixing = &check.fixing;
    if !fixing.asks_for_fixes() {
        let analysis = prepared.analyze(ended);
        return Ok(Fixed { analysis, is_diff: false, failure: None });
    }
    let wanted = if fixing.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let repaired = prepared.repair(wanted, ended)?;
    if fixing.diff {
        for file in &repaired.files {
            show(file, &repaired.before, process).map_err(Failure::output)?;
        }
        tell(&repaired, "would fix", process);
        return Ok(Fixed { analysis: repaired.before, is_diff: true, failure: None });
    }
    // Where a comment cannot be read, it is not known what its author wants to be left as it is.
    if repaired.before.diagnostics.iter().any(|diagnostic| diagnostic.code == suppress::BAD) {
        let _ = writeln!(process.err, "nothing was fixed: a suppression cannot be read");
        return Ok(Fixed { analysis: repaired.before, is_diff: false, failure: None });
    }
    let mut failure = None;
    for file in &repaired.files {
        if let Err(error) = replace(file) {
            let what = format!("`{}`", label(&file.path, &prepared.options.working_directory));
            failure.get_or_insert(Failure::Write { what, error });
        }
    }
    if failure.is_none() {
        tell(&repaired, "fixed", process);
    }
    let Repaired { before, after, .. } = repaired;
    // What could not be written is as it was.
    let analysis = if failure.is_some() { prepared.analyze(&mut |_| {}) } else { after.unwrap_or(before) };
    Ok(Fixed { analysis, is_diff: false, failure })
}

/// Writes a changed file, unless somebody else has changed it since it was read.
#[expect(clippy::disallowed_methods, reason = "what is about to be replaced is read again")]
fn replace(file: &Changed) -> io::Result<()> {
    if std::fs::read(&file.path)? != file.before {
        return Err(io::Error::other("it has changed since it was read"));
    }
    report::replace(&file.path, &file.after)
}

/// The change of one file as a unified diff.
fn show(file: &Changed, analysis: &Analysis, process: &mut Process<'_>) -> io::Result<()> {
    let (before, after) = (String::from_utf8_lossy(&file.before), String::from_utf8_lossy(&file.after));
    let name = label(&file.path, &analysis.working_directory);
    let name: String = name.chars().map(|character| if character.is_control() { '\u{FFFD}' } else { character }).collect();
    let diff = TextDiff::from_lines(&*before, &*after);
    let text = diff.unified_diff().context_radius(CONTEXT).header(&format!("a/{name}"), &format!("b/{name}")).to_string();
    process.out.write_all(text.as_bytes())
}

/// How much was done, and what else could be.
fn tell(repaired: &Repaired, done: &str, process: &mut Process<'_>) {
    let left = repaired.after.as_ref().unwrap_or(&repaired.before);
    let unsafe_ones = left.findings.iter().filter(|finding| {
        let is_unsafe = finding.fixes.first().is_some_and(|fix| fix.applicability == Applicability::Unsafe);
        finding.outcome == Outcome::Fail && is_unsafe && !repaired.refused.iter().any(|refused| refused.title == finding.fixes[0].title)
    });
    let (applied, files) = (repaired.applied.len(), repaired.files.len());
    let mut line = format!("{done} {}", count(applied, "finding"));
    if files > 0 {
        line = format!("{line} in {}", count(files, "file"));
    }
    let more = unsafe_ones.count();
    if more > 0 {
        line = format!("{line}; {more} more with `--unsafe-fixes`");
    }
    if repaired.is_cut {
        line.push_str("; not all fixes were tried, since that takes many passes: run it again for the rest");
    }
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(process.err, "{line}");
    for Refused { title, why } in repaired.refused.iter().collect::<BTreeSet<_>>() {
        let _ = writeln!(process.err, "left alone: the fix to {}; with it, {}", inert(title), inert(why));
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
