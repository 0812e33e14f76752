//! `trailwarden baseline`: write the findings of today, so that from now on only new ones count.
#![expect(clippy::disallowed_methods, reason = "the baseline lies where the user says")]

use crate::baseline::Baseline;
use crate::cli::arguments::{self, Scope};
use crate::cli::decisions::Decisions;
use crate::cli::run::Prepared;
use crate::cli::{Exit, Failure, Process, report};
use crate::diagnostic::{Diagnostic, Level};
use crate::output::{self, Format, Show};
use crate::project::Project;
use crate::source::fs::FileSystem;
use crate::source::{Sources, TextRange, label};
use crate::suggest;
use clap::ArgMatches;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file's name where nobody says otherwise; it then lies at the scan root.
const NAME: &str = "trailwarden-baseline.json";

/// A baseline, and the file that holds it.
pub struct Held {
    /// The findings that the team starts from.
    pub baseline: Baseline,
    /// Where it lies.
    pub path: PathBuf,
    text: Arc<str>,
}

impl Held {
    /// A warning for every rule that it names and that there is not: what it lists of that rule holds nothing back.
    pub fn unknown_rules(&self, sources: &Sources, known: &BTreeSet<Arc<str>>) -> Vec<Diagnostic> {
        let unknown = self.baseline.unknown_rules(&self.text, known);
        if unknown.is_empty() {
            return Vec::new();
        }
        let file = sources.add(&self.path, Arc::clone(&self.text));
        let warning = |(rule, range): (&str, TextRange)| {
            let near = suggest::nearest(rule, known.iter().map(|id| &**id)).map(|near| format!("did you mean `{near}`?"));
            let message = format!("the baseline names `{rule}`, and there is no such rule");
            Diagnostic { help: near, ..Diagnostic::warning("baseline-unknown-rule", range.at(file), message) }
        };
        unknown.into_iter().map(warning).collect()
    }
}

/// The baseline that an option or the config file names.
pub fn read(named: Option<&Path>, decisions: &Decisions, process: &Process<'_>) -> Result<Option<Held>, Failure> {
    let (shown, path) = match (named, &decisions.config.baseline) {
        (Some(named), _) => (named.display().to_string(), process.working_directory.join(named)),
        (None, Some(decided)) => {
            let path = decisions.directory.join(decided);
            (label(&path, &process.working_directory), path)
        }
        (None, None) => return Ok(None),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let help = if error.kind() == std::io::ErrorKind::NotFound { "; `trailwarden baseline` writes it" } else { "" };
        Failure::Usage(format!("cannot read the baseline `{shown}`: {error}{help}"))
    })?;
    let baseline = Baseline::read(&text).map_err(|error| Failure::Usage(format!("{shown}:{error}")))?;
    Ok(Some(Held { baseline, path: std::fs::canonicalize(&path).unwrap_or(path), text: text.into() }))
}

/// Runs the command.
pub fn run(baseline: &arguments::Baseline, matches: &ArgMatches, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let scope: &Scope = &baseline.scope;
    let prepared = Prepared::new(scope, matches, process)?;
    let target = target(baseline, &prepared, process);
    let analysis = prepared.analyze(&mut |_| {});
    if analysis.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
        // What could not be read would come back as new.
        let show = Show { kinds: &[], ..Show::of(&analysis, &prepared.options.rules) };
        output::write(Format::Full, show, report::plain(), &mut *process.err).map_err(Failure::output)?;
        return Err(Failure::Usage("not all input could be read; no baseline was written".into()));
    }
    let projects: Vec<Project> = analysis.projects.iter().map(|analyzed| analyzed.project.clone()).collect();
    let written = Baseline::of(&analysis.findings, prepared.disk.root(), &projects);
    let shown = label(&target, prepared.disk.working_directory());
    let text = output::baseline::text(&written).map_err(Failure::output)?;
    report::replace(&target, text.as_bytes()).map_err(|error| Failure::Write { what: format!("`{shown}`"), error })?;
    let count = written.entries.len();
    let findings = if count == 1 { "finding" } else { "findings" };
    writeln!(process.out, "wrote {count} {findings} to {shown}; `trailwarden check --baseline {shown}` tells new ones from these")
        .map_err(Failure::output)?;
    Ok(Exit::Clean)
}

fn target(baseline: &arguments::Baseline, prepared: &Prepared, process: &Process<'_>) -> PathBuf {
    match (&baseline.output, &prepared.decisions.config.baseline) {
        (Some(named), _) => process.working_directory.join(named),
        (None, Some(decided)) => prepared.decisions.directory.join(decided),
        (None, None) => prepared.disk.root().join(NAME),
    }
}
