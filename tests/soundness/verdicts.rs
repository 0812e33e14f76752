//! What a run says, in a form in which two runs on nearly the same files can be held against each other.

use crate::cases::Case;
use crate::mutate::{Form, Slot};
use std::collections::{BTreeMap, BTreeSet};
use trailwarden::diagnostic::{Diagnostic, Level};
use trailwarden::framework::Tallies;
use trailwarden::rule::finding::{Finding, Outcome};

/// What a verdict is about: rule, subject without the numbers of its instances, project.
type Key = (String, String, String);

/// What a run says.
pub struct Verdicts {
    findings: BTreeMap<Key, Vec<Finding>>,
    /// Subjects that are created, or may be.
    subjects: BTreeSet<String>,
    /// Errors in the input.
    pub errors: Vec<String>,
    projects: usize,
    /// What each rule came to, listed or not.
    tallies: Tallies,
    /// Everything else that is said of the input.
    notes: Vec<String>,
}

impl Verdicts {
    /// Runs a case.
    pub fn of(case: &Case) -> Self {
        let analysis = case.analyze(1);
        let (errors, notes): (Vec<_>, Vec<_>) = analysis.diagnostics.iter().partition(|diagnostic| diagnostic.level == Level::Error);
        let told = |diagnostics: Vec<&Diagnostic>| diagnostics.iter().map(|told| format!("{}: {}", told.code, told.message)).collect();
        let exists = analysis.graph.resources().iter().filter(|resource| !resource.exists.is_false());
        let subjects = exists.map(|resource| plain(&resource.address.0)).collect();
        let mut findings: BTreeMap<Key, Vec<Finding>> = BTreeMap::new();
        for finding in analysis.findings.iter().cloned() {
            let project = analysis.project(finding.project).label.to_string();
            findings.entry((finding.rule.to_string(), plain(&finding.subject.address), project)).or_default().push(finding);
        }
        Self { findings, subjects, projects: analysis.projects.len(), tallies: analysis.tallies, errors: told(errors), notes: told(notes) }
    }

    fn outcomes(&self, key: &Key) -> BTreeSet<Outcome> {
        self.findings.get(key).into_iter().flatten().map(|finding| finding.outcome).collect()
    }

    /// Whether what is not known is told at all: by a finding that is open because of an input without a value, or by one about the same
    /// resource from its other end, or about one outside the code that may be it. Who names a resource is told where the name stands, not at each resource that it could be.
    fn tells(&self, key: &Key) -> bool {
        let is_input =
            |finding: &Finding| finding.unknown.iter().any(|unknown| unknown.cause.name.to_ascii_lowercase().contains("unknown"));
        let is_other_end = |finding: &Finding| {
            finding.resource.as_ref().is_some_and(|resource| plain(&resource.address) == key.1 || resource.type_name.is_empty())
        };
        self.findings.values().flatten().any(|finding| finding.outcome != Outcome::Pass && (is_input(finding) || is_other_end(finding)))
            || self.notes.iter().any(|note| note.to_ascii_lowercase().contains("unknown"))
    }

    /// Whether anything was settled by trying values.
    pub fn has_scenarios(&self) -> bool {
        self.findings.values().flatten().any(|finding| !finding.scenarios.is_empty())
    }

    /// What the other run says differently; `None` if nothing. Places and the causes' order do not count.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let lines = |verdicts: &Self| -> BTreeSet<String> {
            let line = |finding: &Finding| {
                let resource = finding.resource.as_ref().map_or("none", |resource| &*resource.address);
                let tried: Vec<_> = finding.scenarios.iter().map(|tried| format!("{:?} {}", tried.when, tried.outcome.name())).collect();
                format!("{} {} {} {resource} {tried:?}", finding.outcome.name(), finding.rule, finding.subject.address)
            };
            verdicts.findings.values().flatten().map(line).collect()
        };
        let (ours, theirs) = (lines(self), lines(other));
        let gone: Vec<&String> = ours.difference(&theirs).collect();
        let new: Vec<&String> = theirs.difference(&ours).collect();
        (!gone.is_empty() || !new.is_empty()).then(|| format!("before {gone:?}, after {new:?}"))
    }
}

/// An address without the numbers and keys of instances: how many there are may be what is not known.
fn plain(address: &str) -> String {
    let mut depth = 0;
    address
        .chars()
        .filter(|character| {
            depth += i32::from(*character == '[');
            let outside = depth == 0;
            depth -= i32::from(*character == ']');
            outside
        })
        .collect()
}

/// Whether a fail is one of some values of an input only, and says so.
fn is_mixed(finding: &Finding) -> bool {
    finding.scenarios.iter().any(|tried| tried.outcome != Outcome::Fail)
}

/// What a scenario says of the value that stood at a slot; `None` where it was not tried alone.
fn tried_with(finding: &Finding, slot: &Slot) -> Option<Outcome> {
    let (name, value) = slot.input(0)?;
    let is = |wanted: &str| {
        let mut tried = finding.scenarios.iter();
        tried
            .find(|tried| matches!(tried.when.as_slice(), [(input, text)] if **input == *name && text == wanted))
            .map(|tried| tried.outcome)
    };
    is(value).or_else(|| is("another value"))
}

/// Where what is said without the values contradicts what is said with them.
pub fn contradictions(known: &Verdicts, unknown: &Verdicts, slots: &[(&Slot, Form)]) -> Vec<String> {
    let keys: BTreeSet<&Key> = known.findings.keys().chain(unknown.findings.keys()).collect();
    let mut wrong = Vec::new();
    for key in keys {
        let (before, after) = (known.outcomes(key), unknown.outcomes(key));
        let findings = unknown.findings.get(key).map(Vec::as_slice).unwrap_or_default();
        let surely = findings.iter().any(|finding| finding.outcome == Outcome::Fail && !is_mixed(finding));
        let was = before.iter().map(|outcome| outcome.name()).collect::<Vec<_>>().join(", ");
        let told = || findings.iter().map(|finding| format!("{}: {}", finding.outcome.name(), finding.message)).collect::<Vec<_>>();
        let shown = || slots.iter().map(|(slot, form)| format!("{} {form:?}", slot.text)).collect::<Vec<_>>();
        let failed = before.contains(&Outcome::Fail);
        // What is open for every such subject is counted, and not listed.
        let is_counted = unknown.tallies.unlisted(&key.0) > known.tallies.unlisted(&key.0);
        if failed && after.is_empty() && !is_counted && !unknown.tells(key) {
            wrong.push(format!("a fail became nothing: {key:?} without {:?}", shown()));
        } else if failed && !after.is_empty() && after.iter().all(|outcome| *outcome == Outcome::Pass) {
            wrong.push(format!("a fail became a pass: {key:?} without {:?}: {:?}", shown(), told()));
        }
        // A rule speaks of a resource as it would be, whether or not it will be created.
        let other_end =
            |finding: &Finding| finding.resource.as_ref().is_none_or(|resource| known.subjects.contains(&plain(&resource.address)));
        let was_there = known.subjects.contains(&key.1) && findings.iter().any(other_end);
        // And an input is not taken to name what another project declares (or a template that is not read, which is told), so that it is not
        // heard of who names it there.
        let nobody_names_it =
            before.is_empty() && (known.projects > 1 || unknown.notes.iter().any(|note| note.starts_with("nested-stack")));
        let told_before = known.findings.get(key).map(Vec::as_slice).unwrap_or_default();
        if let ([(slot, Form::Whole)], [one], [tried]) = (slots, told_before, findings)
            && let Some(outcome) = tried_with(tried, slot)
            && outcome != one.outcome
            && ![outcome, one.outcome].contains(&Outcome::Open)
            && !is_mixed(one)
        {
            wrong.push(format!("{was} was tried as {}: {key:?} without {:?}: {:?}", outcome.name(), shown(), tried.scenarios));
        }
        if surely && was_there && !nobody_names_it && !before.contains(&Outcome::Fail) && !before.contains(&Outcome::Open) {
            let was = if was.is_empty() { "nothing" } else { &was };
            wrong.push(format!("{was} became a fail: {key:?} without {:?}: {:?}", shown(), told()));
        }
    }
    wrong
}
