//! Scenarios: what is open because of inputs with few values is tried with each of them.
//!
//! A project is lowered again under each assignment of just those inputs, so that conditions that hang on the same input stay
//! correlated, and the same rules are checked again. All fail: fail. All pass: pass. Mixed: fail, and the finding names the assignments.

use crate::frontend::Lowering;
use crate::graph::{Catalog, Graph, Resource, ResourceId, Slice, Ties, stands_for};
use crate::limits::{Limit, Limits};
use crate::project::{ANOTHER_VALUE, Context, Demand, Inputs, Project};
use crate::rule::finding::{Finding, Listing, Outcome, Tried, UnknownCause};
use crate::rule::fingerprint::fingerprint;
use crate::rule::{self, Passes, Rule, RuleSet};
use crate::value::{Cause, CauseKind, Value, ValueKind};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Failing assignments that a message names; all of them stand in the finding.
const NAMED: usize = 3;

/// One value for each input of a set.
type Assignment = Vec<(Arc<str>, Value)>;

/// What the rules said under one assignment.
struct Trial {
    assignment: Assignment,
    findings: Vec<Finding>,
    /// The subjects that there are, also those of which a rule says nothing.
    subjects: BTreeSet<Arc<str>>,
}

/// Why not all was tried: the limit that was met, with its name.
struct NotTried(String);

/// The subjects of each rule that hang on one set of inputs: only these are asked again.
type Asked = BTreeMap<Arc<str>, BTreeSet<Arc<str>>>;

/// What is tried, and with what.
struct Setting<'a> {
    project: &'a Project,
    inputs: &'a Inputs,
    lowering: &'a Lowering<'a>,
    rules: &'a RuleSet,
    passes: Passes,
    ties: &'a Ties<'a>,
}

/// Settles the open findings of one project, as far as their inputs have few values.
pub fn settle(
    findings: Vec<Finding>,
    project: &Project,
    context: &Context<'_>,
    (rules, passes): (&RuleSet, Passes),
    ties: &Ties<'_>,
) -> Vec<Finding> {
    // What is not listed is not worth trying.
    let is_asked = |finding: &Finding| finding.outcome == Outcome::Open && finding.listing != Listing::Hidden;
    let of_open = |finding: &Finding| if is_asked(finding) { inputs_of(finding) } else { BTreeSet::new() };
    let mut hangs_on: Vec<BTreeSet<Arc<str>>> = findings.iter().map(of_open).collect();
    let inputs: BTreeSet<Arc<str>> = hangs_on.iter().flatten().cloned().collect();
    if inputs.is_empty() {
        return findings;
    }
    let lowering = Lowering::new(project, context);
    let limits = &context.inputs.limits;
    let (candidates, too_many): (BTreeMap<_, _>, BTreeMap<_, _>) =
        lowering.candidates(&inputs).into_iter().partition(|(_, values)| values.len() <= limits.count(Limit::ScenarioValues));
    let mut asked: BTreeMap<BTreeSet<Arc<str>>, Asked> = BTreeMap::new();
    let mut too_wide: Vec<Vec<NotTried>> = Vec::new();
    for (finding, few) in findings.iter().zip(&mut hangs_on) {
        let wide = few.iter().filter(|input| too_many.contains_key(*input));
        too_wide
            .push(wide.map(|input| met(limits, Limit::ScenarioValues, |most| format!("more than {most} values of `{input}`"))).collect());
        few.retain(|input| candidates.contains_key(input));
        if !few.is_empty() && (asked.contains_key(few) || asked.len() < limits.count(Limit::ScenarioInputs)) {
            let of_rule = asked.entry(few.clone()).or_default().entry(Arc::clone(&finding.rule)).or_default();
            of_rule.insert(Arc::clone(&finding.subject.address));
        }
    }
    let tried = asked.iter().map(|(few, asked)| {
        (few, try_all(few, asked, &candidates, &Setting { project, inputs: context.inputs, lowering: &lowering, rules, passes, ties }))
    });
    let trials: BTreeMap<&BTreeSet<Arc<str>>, Result<Vec<Trial>, NotTried>> = tried.collect();
    let too_many_sets = met(limits, Limit::ScenarioInputs, |most| format!("more than {most} sets of inputs of one project"));
    let settled = findings.into_iter().zip(hangs_on.iter().zip(&too_wide)).map(|(finding, (few, wide))| {
        let settled = match trials.get(few) {
            Some(Ok(trials)) => decide(finding, trials),
            Some(Err(limit)) => not_tried(finding, limit),
            None if few.is_empty() => finding,
            None => not_tried(finding, &too_many_sets),
        };
        if settled.outcome == Outcome::Open { wide.iter().fold(settled, not_tried) } else { settled }
    });
    settled.collect()
}

/// A limit that is met, in the words of a cause.
fn met(limits: &Limits, limit: Limit, what: impl FnOnce(u64) -> String) -> NotTried {
    NotTried(limit.named(&what(limits.get(limit))))
}

/// A finding that stays open because too much would have to be tried.
fn not_tried(mut finding: Finding, NotTried(limit): &NotTried) -> Finding {
    finding.unknown.extend(rule::unknown::tell(&[Cause::new(CauseKind::Limit, &**limit, Some(finding.location))]));
    finding.unknown.sort_by(|a, b| a.cause.in_order(&b.cause));
    finding
}

/// The inputs that an open finding hangs on.
fn inputs_of(finding: &Finding) -> BTreeSet<Arc<str>> {
    let is_input = |kind: CauseKind| matches!(kind, CauseKind::Variable | CauseKind::Parameter | CauseKind::Environment);
    finding.unknown.iter().filter(|unknown| is_input(unknown.cause.kind)).map(|unknown| Arc::clone(&unknown.cause.name)).collect()
}

/// Lowers the project and checks the rules under every assignment.
fn try_all(
    inputs: &BTreeSet<Arc<str>>,
    asked: &Asked,
    candidates: &BTreeMap<Arc<str>, Vec<Value>>,
    setting: &Setting<'_>,
) -> Result<Vec<Trial>, NotTried> {
    let limits = &setting.inputs.limits;
    let mut assignments: Vec<Assignment> = vec![Vec::new()];
    for input in inputs {
        let Some(values) = candidates.get(input) else { continue };
        if assignments.len().saturating_mul(values.len()) > limits.count(Limit::Scenarios) {
            return Err(met(limits, Limit::Scenarios, |most| format!("more than {most} assignments of one set of inputs")));
        }
        let extended =
            |assignment: &Assignment, value: &Value| assignment.iter().cloned().chain([(Arc::clone(input), value.clone())]).collect();
        assignments = assignments.iter().flat_map(|assignment| values.iter().map(move |value| extended(assignment, value))).collect();
    }
    let rules = &setting.rules.only(|rule| asked.contains_key(&rule.id));
    // What these rules cannot come to need not be lowered again.
    let demand = Catalog::embedded().demand_of(&rules.kinds(Catalog::embedded()));
    let setting = &Setting { rules, ..*setting };
    let slice = setting.ties.slice(around(asked, setting), &demand);
    assignments.into_iter().map(|assignment| attempt(assignment, asked, slice.clone(), setting)).collect()
}

/// The subjects, and what their rules count besides.
fn around(asked: &Asked, setting: &Setting<'_>) -> BTreeSet<ResourceId> {
    let graph = setting.ties.graph();
    let mut around = BTreeSet::new();
    // What a rule counts is the same for all of one account.
    let mut counted = BTreeSet::new();
    for resource in graph.resources().iter().filter(|resource| resource.project == Some(setting.project.id)) {
        let of_resource = asked.iter().filter(|(_, addresses)| addresses.contains(&resource.address.0));
        for rule in of_resource.filter_map(|(id, _)| setting.rules.get(id)) {
            around.insert(resource.id);
            if counted.insert((&rule.id, graph.account_number(resource.id))) {
                around.extend(rule.counts(graph, resource.id));
            }
        }
    }
    around
}

/// What the rules say under one assignment.
fn attempt(assignment: Assignment, asked: &Asked, slice: Slice<'_, '_>, setting: &Setting<'_>) -> Result<Trial, NotTried> {
    let Setting { project, rules, .. } = *setting;
    let given = setting.inputs.assignments.clone().into_iter();
    setting.lowering.assign(given.chain(assignment.iter().cloned()).collect());
    let graph = assigned(&assignment.iter().map(|(input, _)| Arc::clone(input)).collect(), slice, setting)?;
    let subjects: RefCell<BTreeSet<Arc<str>>> = RefCell::default();
    let is_asked = |rule: &Rule, resource: &Resource| {
        let is_asked = resource.project == Some(project.id) && is_among(asked, &rule.id, &resource.address.0);
        if is_asked {
            subjects.borrow_mut().insert(Arc::clone(&resource.address.0));
        }
        is_asked
    };
    let findings = rule::check_some(&graph, rules, setting.passes, is_asked);
    Ok(Trial { assignment, findings, subjects: subjects.into_inner() })
}

/// Whether a rule is asked of a subject, or of what stood for any instance of it as long as it was not known which there are.
fn is_among(asked: &Asked, rule: &Arc<str>, address: &Arc<str>) -> bool {
    asked.get(rule).is_some_and(|addresses| {
        addresses.contains(address) || (address.contains('[') && addresses.iter().any(|declared| stands_for(declared, address)))
    })
}

/// The graph of what hangs together, its project lowered under what is assigned: again and again, as long as what is known then brings in more.
fn assigned(inputs: &BTreeSet<Arc<str>>, mut slice: Slice<'_, '_>, setting: &Setting<'_>) -> Result<Graph, NotTried> {
    let Setting { project, .. } = *setting;
    let limits = setting.inputs.limits;
    for _ in 0..limits.get(Limit::ScenarioRounds) {
        let blocks = slice.blocks(project.id, inputs);
        let demand = Demand { blocks: Some(blocks.clone()), ..slice.demand().clone() };
        let lowered = setting.lowering.lower(&demand);
        if slice.follow(&lowered) {
            continue;
        }
        let parts = slice.with(project.id, slice.merge(project.id, &blocks, lowered));
        if parts.len() > limits.count(Limit::ScenarioProjects) {
            return Err(met(&limits, Limit::ScenarioProjects, |most| {
                format!("more than {most} projects that hang together under one assignment")
            }));
        }
        let mut graph = Graph::build(parts, Catalog::embedded(), &setting.inputs.facts, limits);
        graph.know_no_more_than(setting.ties.graph());
        if !slice.meet(&graph) {
            return Ok(graph);
        }
    }
    let rounds = |most| format!("more than {most} rounds to find what hangs together under one assignment");
    Err(met(&limits, Limit::ScenarioRounds, rounds))
}

/// What the trials say of one finding. Where its subject does not exist, there is nothing to fail; and a value with which the configuration is
/// not valid is none that it can be deployed with.
fn decide(finding: Finding, trials: &[Trial]) -> Finding {
    let same = |other: &&Finding| other.rule == finding.rule && stands_for(&finding.subject.address, &other.subject.address);
    let outcomes: Vec<(&Trial, Option<&Finding>)> =
        trials.iter().map(|trial| (trial, trial.findings.iter().filter(same).min_by_key(|found| found.outcome))).collect();
    if outcomes.is_empty() {
        return finding;
    }
    let outcome = |found: Option<&Finding>| found.map_or(Outcome::Pass, |found| found.outcome);
    let tried = |(trial, found): &(&Trial, Option<&Finding>)| Tried {
        when: shown(&trial.assignment),
        outcome: outcome(*found),
        unknown: found.filter(|found| found.outcome == Outcome::Open).map_or_else(Vec::new, |found| found.unknown.clone()),
    };
    let scenarios: Vec<Tried> = outcomes.iter().map(tried).collect();
    let can_be: Vec<&Tried> = scenarios.iter().filter(|tried| !tried.is_refused()).collect();
    let failing: Vec<&Tried> = scenarios.iter().filter(|tried| tried.outcome == Outcome::Fail).collect();
    let first = |wanted: Outcome| outcomes.iter().filter_map(|(_, found)| *found).find(|found| found.outcome == wanted).cloned();
    let decided = if failing.is_empty() {
        // Open under one assignment stays open; passing under all is a pass.
        if can_be.iter().any(|tried| tried.outcome == Outcome::Open) || can_be.is_empty() {
            None
        } else {
            first(Outcome::Pass).or_else(|| never_created(&finding, trials))
        }
    } else {
        first(Outcome::Fail)
    };
    let Some(mut decided) = decided.map(|decided| of_declared(decided, &finding)) else {
        return still_open(finding, scenarios);
    };
    if decided.outcome == Outcome::Fail && failing.len() < can_be.len() {
        decided.message = format!("{}, when {}", decided.message, named(&failing));
    }
    Finding { scenarios, ..decided }
}

/// An open finding, and what else it depends on where its inputs are known: to state these alone would not settle it.
fn still_open(mut finding: Finding, scenarios: Vec<Tried>) -> Finding {
    let mut besides: Vec<UnknownCause> = Vec::new();
    let all_refused = scenarios.iter().all(Tried::is_refused);
    for unknown in scenarios.iter().filter(|tried| all_refused || !tried.is_refused()).flat_map(|tried| &tried.unknown) {
        let is_told = |told: &UnknownCause| told.message == unknown.message;
        if !finding.unknown.iter().chain(&besides).any(is_told) {
            besides.push(unknown.clone());
        }
    }
    if !besides.is_empty() {
        let causes: Vec<Cause> = besides.iter().map(|unknown| unknown.cause.clone()).collect();
        let always = scenarios.iter().all(|tried| tried.outcome == Outcome::Open || tried.is_refused());
        let when = if always { "even with that known, it depends on" } else { "for some of its values, it also depends on" };
        finding.message = format!("{}; {when} {}", finding.message, rule::named(&causes));
        finding.unknown.extend(besides);
        rule::unknown::shorten(&mut finding.unknown);
    }
    Finding { scenarios, ..finding }
}

/// What was found of an instance, told of the declaration that stands for it.
fn of_declared(mut found: Finding, declared: &Finding) -> Finding {
    if found.subject.address != declared.subject.address {
        found.message = found.message.replace(&*found.subject.address, &declared.subject.address);
        let way = found.defect.as_deref().unwrap_or(found.outcome.name());
        found.fingerprint = fingerprint(&[&found.rule, &declared.subject.address, way]);
        found.subject = declared.subject.clone();
    }
    found
}

/// A pass for a subject that exists under no assignment, or of which the rule has nothing to say under any. What is outside the code goes
/// by another name under each: of that nothing is said.
fn never_created(finding: &Finding, trials: &[Trial]) -> Option<Finding> {
    if finding.subject.type_name.is_empty() {
        return None;
    }
    let inputs = trials.first()?.assignment.iter().map(|(input, _)| format!("`{input}`")).collect::<Vec<_>>().join(" and ");
    let (rule, address) = (&finding.rule, &finding.subject.address);
    let is_there = trials.iter().flat_map(|trial| &trial.subjects).any(|subject| stands_for(address, subject));
    let message = if is_there {
        format!("`{rule}` has nothing to say of `{address}` under any value of {inputs}")
    } else {
        format!("`{address}` is created under no value of {inputs}")
    };
    Some(Finding { outcome: Outcome::Pass, message, unknown: Vec::new(), ..finding.clone() })
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
