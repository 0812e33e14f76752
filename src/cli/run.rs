//! One analysis, from options to findings: what every command that looks at code does first.

use crate::analysis::{self, Analysis, Stage};
use crate::calendar::Date;
use crate::cli::arguments::Scope;
use crate::cli::decisions::Decisions;
use crate::cli::{Failure, Process, inputs, root, rules};
use crate::rule::RuleSet;
use crate::rule::finding::Severity;
use crate::source::fs::Disk;
use crate::suppress::{self, Policy};
use clap::ArgMatches;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Everything that is settled before anything is read.
pub struct Prepared {
    /// The files.
    pub disk: Disk,
    /// What the team decided.
    pub decisions: Decisions,
    /// What the analysis is given.
    pub options: analysis::Options,
}

impl Prepared {
    /// Settles options, config, rules and inputs.
    pub fn new(scope: &Scope, matches: &ArgMatches, process: &Process<'_>) -> Result<Self, Failure> {
        let disk = root::disk(scope.root.root.as_deref(), &scope.paths, &process.working_directory)?;
        let disk = inputs::named_files(&scope.inputs).fold(disk, Disk::with_named);
        let decisions = Decisions::read(scope, &disk, process)?;
        let config = &decisions.config;
        let mut inputs = inputs::inputs(&scope.inputs, matches, process)?;
        inputs.open_defaults = scope.strict || config.strict;
        if scope.inputs.facts.is_none() {
            inputs.facts = config.facts.clone();
        }
        let all = rules::all(scope, config, &decisions.directory, &process.working_directory)?;
        decisions.check_rules(all.rules().iter().map(|rule| &*rule.id))?;
        let options = analysis::Options {
            working_directory: disk.working_directory().to_owned(),
            inputs,
            rules: rules::applied(&all, scope, config)?,
            min_severity: scope.min_severity.or(config.min_severity).unwrap_or(Severity::Note),
            suppress: suppressions(scope, &decisions, &all, process),
            threads: 0,
        };
        Ok(Self { disk, decisions, options })
    }

    /// Runs the analysis.
    pub fn analyze(&self, scope: &Scope, ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
        analysis::analyze(&self.disk, &scope.paths, &self.options, ended)
    }
}

fn suppressions(scope: &Scope, decisions: &Decisions, all: &RuleSet, process: &Process<'_>) -> suppress::Options {
    let decided = decisions.config.suppressions;
    suppress::Options {
        policy: Policy {
            comments_count: decided.comments.unwrap_or(true),
            peers_count: decided.peers.unwrap_or(true) && !scope.no_foreign_ignores,
            max_days: decided.max_days,
            owner_required: decided.owner_required,
            unused_is_error: scope.strict || decisions.config.strict,
            today: scope.now.unwrap_or_else(|| today(process)),
        },
        known: all.rules().iter().map(|rule| Arc::clone(&rule.id)).collect(),
        config: decisions.file.clone(),
        exceptions: decisions.config.exceptions.clone(),
    }
}

/// The day, in UTC: that of `SOURCE_DATE_EPOCH` where builds are to be repeatable, else the clock's.
fn today(process: &Process<'_>) -> Date {
    let fixed = process.variable("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_days(i64::try_from(fixed.unwrap_or_else(now) / DAY).unwrap_or(0))
}
