//! `trailwarden check`: analyse, report, and say by the exit code what came of it.

use crate::analysis::{Analysis, INTERNAL_ERROR};
use crate::cli::arguments::Check;
use crate::cli::report::Stdout;
use crate::cli::run::Prepared;
use crate::cli::{Exit, Failure, Process, baseline, fixes, report};
use crate::config::{Config, FailOn, OpenAs};
use crate::diagnostic::Level;
use crate::framework::Coverage;
use crate::output::{Format, Listed, Show};
use crate::rule::finding::{Finding, Outcome, Severity};
use clap::ArgMatches;
use std::time::Duration;

/// Runs the command.
pub fn run(check: &Check, matches: &ArgMatches, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let mut prepared = Prepared::new(&check.scope, matches, process)?.about(&check.change, process)?;
    prepared.hold_against(baseline::read(check.baseline.as_deref(), &prepared.decisions, process)?);
    if !check.show.contains(&Listed::Pass) {
        prepared.count_passes();
    }
    if !shows_fixes(check) && !check.fixing.asks_for_fixes() {
        prepared.leave_out_fixes();
    }
    let config = &prepared.decisions.config;
    let open = check.open.or(config.open).unwrap_or(OpenAs::Note);
    let mut timings = Timings { clock: process.clock, last: (process.clock)(), stages: Vec::new() };
    let fixed = fixes::analyze(check, &prepared, process, &mut |stage| timings.end(stage.name()))?;
    let analysis = fixed.analysis;
    let coverage = coverage(&prepared, &analysis);
    let show = Show { analysis: &analysis, kinds: &listed(check, open), open, rules: &prepared.options.rules, coverage: coverage.as_ref() };
    let stdout = if fixed.is_diff { Stdout::Taken } else { Stdout::Report };
    let written = report::write(check, show, stdout, process).and(fixed.failure.map_or(Ok(()), Err));
    timings.end("output");
    if check.timings {
        let _ = writeln!(process.err, "{}", timings.line());
    }
    let exit = written.map(|()| exit(check, config, open, &analysis));
    // The process ends here, and the system takes back memory faster than we can give it.
    std::mem::forget(analysis);
    exit
}

/// Whether any report that was asked for shows what would mend a finding.
fn shows_fixes(check: &Check) -> bool {
    check.output.iter().map(|(format, _)| *format).chain([check.format]).any(Format::shows_fixes)
}

/// The kinds of findings that are listed.
fn listed(check: &Check, open: OpenAs) -> Vec<Listed> {
    check.show.iter().copied().filter(|kind| *kind != Listed::Open || open != OpenAs::Hide).collect()
}

/// How the framework that was asked for is met. A change that is about no input says nothing of that.
fn coverage(prepared: &Prepared, analysis: &Analysis) -> Option<Coverage> {
    let framework = prepared.framework.clone().filter(|_| analysis.left_out.is_none() || !analysis.projects.is_empty())?;
    let is_complete = !analysis.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Some(Coverage::new(framework, &prepared.options.rules, &analysis.tallies, is_complete))
}

fn exit(check: &Check, config: &Config, open: OpenAs, analysis: &Analysis) -> Exit {
    let errors = || analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error);
    if errors().any(|diagnostic| diagnostic.code == INTERNAL_ERROR) {
        return Exit::Internal;
    }
    if errors().next().is_some() {
        return Exit::Failed;
    }
    let fail_on = check.fail_on.or(config.fail_on).unwrap_or(FailOn::Severity(Severity::Medium));
    let FailOn::Severity(least) = fail_on else { return Exit::Clean };
    let is_broken = |outcome| outcome == Outcome::Fail || (outcome == Outcome::Open && open == OpenAs::Fail);
    let counts = |finding: &Finding| is_broken(finding.outcome) && finding.severity >= least && finding.suppressed.is_none();
    let is_beyond = |outcome: &Outcome| is_broken(*outcome) && analysis.beyond.count(*outcome, least) > 0;
    let is_found = analysis.findings.iter().any(counts) || [Outcome::Fail, Outcome::Open].iter().any(is_beyond);
    if is_found && !check.exit_zero { Exit::Findings } else { Exit::Clean }
}

/// How long each stage took.
struct Timings {
    clock: fn() -> Duration,
    last: Duration,
    stages: Vec<(&'static str, Duration)>,
}

impl Timings {
    fn end(&mut self, stage: &'static str) {
        let now = (self.clock)();
        self.stages.push((stage, now.saturating_sub(self.last)));
        self.last = now;
    }

    /// `timings: walk 1.2 ms, read 30.1 ms, …, total 50.0 ms`.
    fn line(&self) -> String {
        let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        let total = self.stages.iter().map(|(_, time)| *time).sum();
        let stages = self.stages.iter().map(|(stage, time)| format!("{stage} {}", milliseconds(*time)));
        format!("timings: {}, total {}", stages.collect::<Vec<_>>().join(", "), milliseconds(total))
    }
}
