//! One analysis, from options to findings: what every command that looks at code does first.

use crate::analysis::{self, Analysis, LeftOut, Stage};
use crate::calendar::Date;
use crate::cli::arguments::{ChangeOptions, Scope};
use crate::cli::baseline::Held;
use crate::cli::changed::{self, States};
use crate::cli::decisions::Decisions;
use crate::cli::{Failure, Process, inputs, paths, root, rules};
use crate::diagnostic::{Diagnostic, Level};
use crate::framework::Framework;
use crate::repair::{self, Repaired};
use crate::rule::finding::{Applicability, Severity};
use crate::rule::{Passes, RuleSet};
use crate::source::fs::{Disk, FileSystem, Overlay, Seen};
use crate::suppress::{self, Policy};
use clap::ArgMatches;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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
    /// The framework that the run is about, if it is about one.
    pub framework: Option<Framework>,
    /// What is to be told of the options themselves.
    warnings: Vec<Diagnostic>,
    /// The paths that were asked for.
    paths: Vec<PathBuf>,
    /// Whether nobody named any.
    is_default: bool,
    /// Standard input, in the place of a file.
    given: BTreeMap<PathBuf, Seen>,
    /// The change that the run is about, if it is about one.
    states: Option<States>,
    /// The baseline, if there is one.
    baseline: Option<Held>,
}

impl Prepared {
    /// Settles options, config, rules and inputs.
    pub fn new(scope: &Scope, matches: &ArgMatches, process: &Process<'_>) -> Result<Self, Failure> {
        let asked = paths::paths(scope, process)?;
        let disk = root::disk(scope.root.root.as_deref(), &asked.paths, &process.working_directory)?;
        let disk = inputs::named_files(&scope.inputs).fold(disk, Disk::with_named);
        let decisions = Decisions::read(scope, &disk, process)?;
        let config = &decisions.config;
        let mut inputs = inputs::inputs(&scope.inputs, matches, process)?;
        inputs.open_defaults = scope.strict || config.strict;
        let (limits, warnings) = inputs::limits(&scope.inputs, Some(&decisions));
        inputs.limits = limits;
        let disk = disk.within(limits);
        if scope.inputs.facts.is_none() {
            inputs.facts = config.facts.clone();
        }
        let all = rules::all(scope, &decisions, &process.working_directory)?;
        decisions.check_rules(all.rules().iter().map(|rule| &*rule.id))?;
        let (framework, rules) = rules::framework(&all, rules::applied(&all, scope, config)?, scope)?;
        let options = analysis::Options {
            working_directory: disk.working_directory().to_owned(),
            inputs,
            rules,
            min_severity: scope.min_severity.or(config.min_severity).unwrap_or(Severity::Note),
            baseline: None,
            suppress: suppressions(scope, &decisions, &all, process),
            passes: Passes::Told,
            offers_fixes: true,
            threads: 0,
        };
        let given = asked.stdin.map(|(path, bytes)| (disk.working_directory().join(path), Seen::Content(bytes)));
        let given = given.into_iter().collect();
        Ok(Self {
            warnings,
            disk,
            decisions,
            options,
            framework,
            paths: asked.paths,
            is_default: asked.is_default,
            given,
            states: None,
            baseline: None,
        })
    }

    /// Lets only findings count that are not in a baseline.
    pub fn hold_against(&mut self, baseline: Option<Held>) {
        self.options.baseline = baseline.as_ref().map(|held| held.baseline.clone());
        self.baseline = baseline;
    }

    /// Leaves out what shows that something holds, for reports that list none of it. What a change touches is known by that.
    pub fn count_passes(&mut self) {
        if self.states.is_none() {
            self.options.passes = Passes::Counted;
        }
    }

    /// Works out no fixes, for reports that show none.
    pub fn leave_out_fixes(&mut self) {
        self.options.offers_fixes = false;
    }

    /// Makes the run one about a change, if options ask for that.
    pub fn about(mut self, change: &ChangeOptions, process: &Process<'_>) -> Result<Self, Failure> {
        self.states = changed::states(change, &self.disk, process)?;
        if self.states.is_some() && self.is_default {
            // A change may concern any project of the repository, wherever one stands.
            self.paths = vec![self.disk.root().to_owned()];
        }
        Ok(self)
    }

    /// Runs the analysis. `ended` is told of the stages of the state that is reported.
    pub fn analyze(&self, ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
        let mut analysis = self.analyze_states(ended);
        self.tell(&mut analysis);
        analysis
    }

    /// Adds what is to be told of options, config and baseline.
    fn tell(&self, analysis: &mut Analysis) {
        let unknown = self.baseline.as_ref().map(|held| held.unknown_rules(&analysis.sources, &self.options.suppress.known));
        analysis.diagnostics.extend(unknown.into_iter().flatten());
        analysis.diagnostics.extend(self.warnings.iter().cloned());
    }

    fn analyze_states(&self, ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
        let Some(states) = &self.states else { return self.analyze_with(&self.given, &self.paths, ended) };
        if !states.concerns_us {
            let mut nothing = self.analyze_with(&self.given, &[], ended);
            nothing.left_out = Some(LeftOut::default());
            return nothing;
        }
        let now = self.analyze_with(&states.now, &self.paths, ended);
        let before = states.change.asks_for_before(&now).then(|| self.analyze_with(&states.before, &self.paths, &mut |_| {}));
        let mut narrowed = states.change.narrow(now, before.as_ref());
        narrowed.diagnostics.extend(self.words(states));
        narrowed
    }

    /// Runs the analysis as if one file had other content.
    pub fn analyze_as(&self, path: &Path, seen: Seen) -> Analysis {
        self.analyze_with(&BTreeMap::from([(path.to_owned(), seen)]), &self.paths, &mut |_| {})
    }

    /// Applies fixes in memory, to the files as they lie on disk.
    pub fn repair(&self, wanted: Applicability, ended: &mut (dyn FnMut(Stage) + Send)) -> Result<Repaired, Failure> {
        if !self.given.is_empty() {
            return Err(Failure::Usage("fixes are for files, and standard input is none".into()));
        }
        let mut repaired = repair::repair(&self.disk, &self.paths, &self.options, wanted, ended);
        [&mut repaired.before].into_iter().chain(&mut repaired.after).for_each(|analysis| self.tell(analysis));
        Ok(repaired)
    }

    fn analyze_with(&self, files: &BTreeMap<PathBuf, Seen>, paths: &[PathBuf], ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
        if files.is_empty() {
            return analysis::analyze(&self.disk, paths, &self.options, ended);
        }
        analysis::analyze(&Overlay::new(&self.disk, files.clone()), paths, &self.options, ended)
    }

    /// What a reviewer should know of a change beside its findings.
    fn words(&self, states: &States) -> Vec<Diagnostic> {
        let note = states.note.as_ref().map(|note| Diagnostic {
            place: None,
            level: Level::Note,
            code: "diff-base",
            message: note.clone(),
            help: None,
        });
        let deciding = [
            (
                self.decisions.file.as_ref().map(|(path, _)| path),
                "config-changed",
                "the config file, which decides what counts as a finding",
            ),
            (
                self.baseline.as_ref().map(|held| &held.path),
                "baseline-changed",
                "the baseline: what it lists no longer counts as a finding",
            ),
        ];
        let changed = deciding.into_iter().filter_map(|(path, code, what)| {
            let path = path.filter(|path| states.change.files.contains(*path))?;
            Some(Diagnostic::at_path(Level::Warning, code, path, format!("this change changes {what}")))
        });
        note.into_iter().chain(changed).collect()
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
