//! Whether a filter pattern of CloudWatch Logs catches the events that a rule tells: one event for each combination of values.
//!
//! It knows no service: what events there are, the rule says.

use crate::graph::pattern::{Event, Others, Pattern};
use crate::graph::text::{Atom, Text};
use crate::rule::condition::{Answer, each, known};
use crate::rule::parse::{Caught, Several};
use crate::rule::path::{Item, Scope};
use crate::rule::shape;
use crate::rule::verdict::Verdict;
use crate::value::{Cause, CauseKind, Truth};
use std::sync::{Arc, LazyLock};

/// The pattern that has no text.
static EMPTY: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(""));

/// Most missed events that are named.
const MAX_NAMED: usize = 4;

/// Most fields that the events of one condition have together: there is an event for each combination of values.
pub const MAX_FIELDS: usize = 100_000;

/// Whether the events that a rule tells, one by one, have no more fields than that.
pub fn are_few(caught: &Caught) -> bool {
    let told = |values: &Option<Several>| if let Some(Several::Many(values)) = values { values.len().max(1) } else { 1 };
    let fields = caught.events.values().map(told).try_fold(caught.events.len(), usize::checked_mul);
    fields.is_some_and(|fields| fields <= MAX_FIELDS)
}

/// The events that a rule tells, one by one.
#[derive(Clone)]
pub struct Events {
    /// Two lists that are written alike have the same.
    pub number: usize,
    listed: Vec<Event>,
    /// An event in words: its values in the fields of which several are told.
    names: Vec<String>,
}

/// What a pattern does with events.
#[derive(Debug)]
pub struct Matched {
    /// Whether it catches every one, whatever other fields they have.
    pub every: Truth,
    /// Whether it catches one of them, taken to have no other fields.
    pub some: Truth,
    /// Those that it misses, if it catches others.
    missed: Vec<String>,
}

/// Whether it catches every one of these events, whatever other fields they have. What can be said of it are those that it misses.
pub fn every(scope: &Scope<'_>, caught: &Caught) -> Verdict {
    let mut missed = Vec::new();
    let mut verdict = each(&scope.walk(&caught.pattern), |item| {
        ask(scope, item, caught, |matched| {
            missed.extend_from_slice(&matched.missed);
            matched.every
        })
    });
    verdict.why = shortened(&missed).into_iter().collect();
    verdict
}

/// Whether it catches one of these events, taken to have no other fields.
pub fn some(scope: &Scope<'_>, caught: &Caught) -> Verdict {
    each(&scope.walk(&caught.pattern), |item| ask(scope, item, caught, |matched| matched.some))
}

/// Names in one line: the first of many.
fn shortened(names: &[String]) -> Option<String> {
    let told = names.get(..MAX_NAMED).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MAX_NAMED) {
        0 => (!told.is_empty()).then_some(told),
        left => Some(format!("{told} and {left} more")),
    }
}

/// What is no pattern for JSON events catches none.
fn ask(scope: &Scope<'_>, item: &Item, caught: &Caught, answer: impl FnOnce(&Matched) -> Truth) -> Answer {
    let Some(text) = scope.text(item) else { return known(false) };
    match held_against(scope, &text, caught, answer) {
        Some(Truth::Unknown) => {
            let span = if let Item::Value { value, .. } = item { value.origin.span() } else { None };
            (Truth::Unknown, vec![Cause::new(CauseKind::Unshown, "which of these events the filter pattern catches", span)])
        }
        Some(truth) => (truth, Vec::new()),
        None => (Truth::Unknown, text.causes),
    }
}

/// What a pattern does with the events; `None` where the pattern is not known.
pub fn held_against(scope: &Scope<'_>, pattern: &Text, caught: &Caught, answer: impl FnOnce(&Matched) -> Truth) -> Option<Truth> {
    let pattern = match pattern.atoms.as_slice() {
        [] => &*EMPTY,
        [Atom::Known(text)] => text,
        _ => return None,
    };
    let matched = scope.memo.matched(pattern, caught.each.get(|| Events::of(caught)));
    Some(matched.map_or(Truth::False, |matched| answer(&matched)))
}

impl Events {
    /// An event for each combination of the values that are told.
    fn of(caught: &Caught) -> Self {
        // What all of them have comes first: each of the others takes a copy of it.
        let mut same = Event::default();
        let mut several: Vec<(&String, &Vec<String>)> = Vec::new();
        for (field, values) in &caught.events {
            match values {
                None => drop(same.fields.insert(field.clone(), None)),
                Some(Several::One(value)) => drop(same.fields.insert(field.clone(), Some(value.clone()))),
                Some(Several::Many(values)) => several.push((field, values)),
            }
        }
        let mut events = vec![same];
        for (field, values) in &several {
            let with = |event: &Event, value: &String| {
                let mut event = event.clone();
                event.fields.insert((*field).clone(), Some(value.clone()));
                event
            };
            events = events.iter().flat_map(|event| values.iter().map(move |value| with(event, value))).collect();
        }
        let is_told = |field: &String| several.iter().any(|(several, _)| *several == field);
        let name = |event: &Event| {
            let values = event.fields.iter().filter(|(field, _)| is_told(field)).filter_map(|(_, value)| value.as_ref());
            values.map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" ")
        };
        Self { number: shape::number_of(format!("{:?}", caught.events)), names: events.iter().map(name).collect(), listed: events }
    }

    /// What a pattern does with them.
    pub fn held_against(&self, pattern: &Pattern) -> Matched {
        let matched: Vec<Truth> = self.listed.iter().map(|event| pattern.matches(event, Others::NotKnown)).collect();
        let missed = self.names.iter().zip(&matched).filter(|(_, truth)| truth.is_false()).map(|(name, _)| name.clone());
        Matched {
            missed: if matched.iter().any(|truth| truth.is_true()) { missed.collect() } else { Vec::new() },
            some: Truth::any(self.listed.iter().map(|event| pattern.matches(event, Others::None))),
            every: Truth::all(matched),
        }
    }
}
