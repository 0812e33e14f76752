//! Scenarios: what is open because of inputs with few values is tried with each of them.
//!
//! A project is lowered again under each assignment of just those inputs, so that conditions that hang on the same input stay
//! correlated, and the same rules are checked again. All fail: fail. All pass: pass. Mixed: fail, and the finding names the assignments.

use crate::frontend;
use crate::graph::{Catalog, Graph, Neighbours, Resource};
use crate::project::{ANOTHER_VALUE, Context, Inputs, Project};
use crate::rule::finding::{Finding, Listing, Outcome, Tried};
use crate::rule::{self, Rule, RuleSet};
use crate::value::{CauseKind, Value, ValueKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most assignments that are tried for one set of inputs.
pub const MAX_SCENARIOS: usize = 64;
/// Most sets of inputs that are tried in one project.
pub const MAX_INPUT_SETS: usize = 8;
/// Failing assignments that a message names; all of them stand in the finding.
const NAMED: usize = 3;

/// One value for each input of a set.
type Assignment = Vec<(Arc<str>, Value)>;

/// What the rules said under one assignment.
struct Trial {
    assignment: Assignment,
    findings: Vec<Finding>,
}

/// The rules and subjects that hang on one set of inputs: only these are asked again.
type Asked = BTreeSet<(Arc<str>, Arc<str>)>;

/// What is tried, and with what.
struct Setting<'a> {
    project: &'a Project,
    context: &'a Context<'a>,
    rules: &'a RuleSet,
    others: Option<&'a Neighbours<'a>>,
}

/// Settles the open findings of one project, as far as their inputs have few values.
pub fn settle(
    findings: Vec<Finding>,
    project: &Project,
    context: &Context<'_>,
    rules: &RuleSet,
    others: Option<&Neighbours<'_>>,
) -> Vec<Finding> {
    // What is not listed is not worth trying.
    let is_asked = |finding: &Finding| finding.outcome == Outcome::Open && finding.listing != Listing::Hidden;
    let of_open = |finding: &Finding| if is_asked(finding) { inputs_of(finding) } else { BTreeSet::new() };
    let mut hangs_on: Vec<BTreeSet<Arc<str>>> = findings.iter().map(of_open).collect();
    let inputs: BTreeSet<Arc<str>> = hangs_on.iter().flatten().cloned().collect();
    if inputs.is_empty() {
        return findings;
    }
    let candidates = frontend::candidates(project, context, &inputs);
    let mut asked: BTreeMap<BTreeSet<Arc<str>>, Asked> = BTreeMap::new();
    for (finding, few) in findings.iter().zip(&mut hangs_on) {
        few.retain(|input| candidates.contains_key(input));
        if !few.is_empty() && (asked.contains_key(few) || asked.len() < MAX_INPUT_SETS) {
            asked.entry(few.clone()).or_default().insert((Arc::clone(&finding.rule), Arc::clone(&finding.subject.address)));
        }
    }
    let tried = asked.iter().map(|(few, asked)| (few, try_all(few, asked, &candidates, &Setting { project, context, rules, others })));
    let trials: BTreeMap<&BTreeSet<Arc<str>>, Vec<Trial>> = tried.collect();
    let settled = findings.into_iter().zip(&hangs_on).map(|(finding, few)| match trials.get(few) {
        Some(trials) => decide(finding, trials),
        None => finding,
    });
    settled.collect()
}

/// The inputs that an open finding hangs on.
fn inputs_of(finding: &Finding) -> BTreeSet<Arc<str>> {
    let is_input = |kind: CauseKind| matches!(kind, CauseKind::Variable | CauseKind::Parameter | CauseKind::Environment);
    finding.unknown.iter().filter(|unknown| is_input(unknown.cause.kind)).map(|unknown| Arc::clone(&unknown.cause.name)).collect()
}

/// Lowers the project and checks the rules under every assignment; nothing if those are too many.
fn try_all(inputs: &BTreeSet<Arc<str>>, asked: &Asked, candidates: &BTreeMap<Arc<str>, Vec<Value>>, setting: &Setting<'_>) -> Vec<Trial> {
    let mut assignments: Vec<Assignment> = vec![Vec::new()];
    for input in inputs {
        let Some(values) = candidates.get(input) else { continue };
        if assignments.len() * values.len() > MAX_SCENARIOS {
            return Vec::new();
        }
        let extended =
            |assignment: &Assignment, value: &Value| assignment.iter().cloned().chain([(Arc::clone(input), value.clone())]).collect();
        assignments = assignments.iter().flat_map(|assignment| values.iter().map(move |value| extended(assignment, value))).collect();
    }
    let rules = &setting.rules.only(|rule| asked.iter().any(|(id, _)| *id == rule.id));
    // What these rules cannot come to need not be lowered again.
    let demand = Catalog::embedded().demand_of(&rules.kinds(Catalog::embedded()));
    let context = &Context { demand: &demand, ..*setting.context };
    let setting = &Setting { context, rules, ..*setting };
    let trials: Option<Vec<Trial>> = assignments.into_iter().map(|assignment| attempt(assignment, asked, setting)).collect();
    trials.unwrap_or_default()
}

/// `None` where more projects hang together than can be looked at.
fn attempt(assignment: Assignment, asked: &Asked, setting: &Setting<'_>) -> Option<Trial> {
    let Setting { project, rules, .. } = *setting;
    let mut inputs: Inputs = setting.context.inputs.clone();
    inputs.assignments.extend(assignment.iter().cloned());
    let context = Context { inputs: &inputs, ..*setting.context };
    let lowered = frontend::lower(project, &context);
    let mut graph = Graph::build(vec![lowered], Catalog::embedded(), &inputs.facts);
    if let Some(others) = setting.others
        && let Some(together) = others.with(&graph, project.id, context.demand).ok()?
    {
        graph = Graph::build(together, Catalog::embedded(), &inputs.facts);
    }
    let is_asked = |rule: &Rule, resource: &Resource| {
        resource.project == Some(project.id) && asked.contains(&(Arc::clone(&rule.id), Arc::clone(&resource.address.0)))
    };
    let findings = rule::check_some(&graph, rules, is_asked);
    Some(Trial { assignment, findings })
}

/// What the trials say of one finding. Where its subject does not exist, there is nothing to fail.
fn decide(finding: Finding, trials: &[Trial]) -> Finding {
    let same = |other: &&Finding| other.rule == finding.rule && other.subject.address == finding.subject.address;
    let outcomes: Vec<(&Trial, Option<&Finding>)> =
        trials.iter().map(|trial| (trial, trial.findings.iter().filter(same).min_by_key(|found| found.outcome))).collect();
    if outcomes.is_empty() {
        return finding;
    }
    let outcome = |found: Option<&Finding>| found.map_or(Outcome::Pass, |found| found.outcome);
    let scenarios: Vec<Tried> =
        outcomes.iter().map(|(trial, found)| Tried { when: shown(&trial.assignment), outcome: outcome(*found) }).collect();
    let failing: Vec<&Tried> = scenarios.iter().filter(|tried| tried.outcome == Outcome::Fail).collect();
    let first = |wanted: Outcome| outcomes.iter().filter_map(|(_, found)| *found).find(|found| found.outcome == wanted).cloned();
    let decided = if failing.is_empty() {
        // Open under one assignment stays open; passing under all is a pass.
        if scenarios.iter().any(|tried| tried.outcome == Outcome::Open) {
            None
        } else {
            first(Outcome::Pass).or_else(|| Some(never_created(&finding, trials)))
        }
    } else {
        first(Outcome::Fail)
    };
    let Some(mut decided) = decided else {
        return Finding { scenarios, ..finding };
    };
    if decided.outcome == Outcome::Fail && failing.len() < scenarios.len() {
        decided.message = format!("{}, when {}", decided.message, named(&failing));
    }
    Finding { scenarios, ..decided }
}

/// A pass for a subject that exists under no assignment.
fn never_created(finding: &Finding, trials: &[Trial]) -> Finding {
    let inputs =
        trials.first().map(|trial| trial.assignment.iter().map(|(input, _)| format!("`{input}`")).collect::<Vec<_>>().join(" and "));
    let message = format!("`{}` is created under no value of {}", finding.subject.address, inputs.unwrap_or_default());
    Finding { outcome: Outcome::Pass, message, unknown: Vec::new(), ..finding.clone() }
}

/// The failing assignments in words: "`var.environment` is `dev`".
fn named(failing: &[&Tried]) -> String {
    let one = |tried: &Tried| tried.when.iter().map(|(input, value)| format!("`{input}` is `{value}`")).collect::<Vec<_>>().join(" and ");
    let mut parts: Vec<String> = failing.iter().take(NAMED).map(|tried| one(tried)).collect();
    if failing.len() > NAMED {
        parts.push(format!("in {} more cases", failing.len() - NAMED));
    }
    parts.join(", or ")
}

/// An assignment as people write it.
fn shown(assignment: &Assignment) -> Vec<(Arc<str>, String)> {
    assignment.iter().map(|(input, value)| (Arc::clone(input), text(value))).collect()
}

fn text(value: &Value) -> String {
    match &value.kind {
        ValueKind::Null(_) => "null".into(),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Number(number) => number.to_string(),
        ValueKind::String(text) if &**text == ANOTHER_VALUE => "another value".into(),
        ValueKind::String(text) if text.is_empty() => "\"\"".into(),
        ValueKind::String(text) => text.to_string(),
        _ => "…".into(),
    }
}
