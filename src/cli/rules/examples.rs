//! `trailwarden rules test`: every example of every rule, in each language that it is given in, through the whole pipeline.

use crate::analysis::{self, Options};
use crate::cli::arguments::RulesTest;
use crate::cli::rules::read_all;
use crate::cli::{Exit, Failure, Process};
use crate::diagnostic::Level;
use crate::output::text::inert;
use crate::rule::examples::{Case, cases};
use crate::rule::{Rule, RuleSet};
use crate::source::fs::Memory;
use std::path::{Path, PathBuf};

/// Where the files of an example seem to lie.
const PLACE: &str = "example";

/// Runs the command.
pub fn run(test: &RulesTest, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let mut rules = if test.rules.is_empty() { RuleSet::embedded().clone() } else { RuleSet::default() };
    for path in &test.rules {
        rules = rules.and(read_all(&process.working_directory.join(path), path, &format!("`{}`", path.display()))?);
    }
    let (mut ran, mut wrong, mut untested) = (0, 0, 0);
    for rule in rules.rules() {
        let examples = rule.examples();
        if examples.is_empty() {
            untested += 1;
            writeln!(process.out, "{}: there is no example, so nothing is tested", rule.id).map_err(Failure::output)?;
        }
        for case in examples.iter().flat_map(|example| cases(&rule.id, example)) {
            ran += 1;
            if let Some(problem) = fault(&rules, rule, &case) {
                wrong += 1;
                writeln!(process.out, "{}: {}", rule.id, lines(&problem)).map_err(Failure::output)?;
            }
        }
    }
    let plural = |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
    let of_rules = format!("{} of {}", plural(ran, "example"), plural(rules.rules().len() - untested, "rule"));
    let said = match wrong {
        0 => format!("{of_rules}: each is as it says"),
        1 => format!("{of_rules}: 1 is wrong"),
        wrong => format!("{of_rules}: {wrong} are wrong"),
    };
    writeln!(process.out, "{said}").map_err(Failure::output)?;
    Ok(if wrong == 0 { Exit::Clean } else { Exit::Findings })
}

/// What is wrong with an example: another outcome or message than it says, or text that cannot be read.
fn fault(rules: &RuleSet, rule: &Rule, case: &Case) -> Option<String> {
    let files = case.files.iter().fold(Memory::new(PLACE), |files, (path, text)| files.with(Path::new(PLACE).join(path), text.as_str()));
    let options = Options { threads: 1, ..Options::new(PLACE, rules.only(|other| other.id == rule.id)) };
    let analysis = analysis::analyze(&files, &[PathBuf::from(PLACE)], &options, &mut |_| {});
    let mut errors = analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error);
    match errors.next() {
        Some(error) if !case.is_to_fail() => Some(format!("`{}` cannot be read: {}", case.name, error.message)),
        _ => case.wrong(&analysis.findings),
    }
}

/// Text of a rule file made inert, its lines kept.
fn lines(text: &str) -> String {
    text.lines().map(inert).collect::<Vec<_>>().join("\n")
}
