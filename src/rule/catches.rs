//! Whether a filter pattern of CloudWatch Logs catches the events that a rule tells: one event for each combination of values.
//!
//! It knows no service: what events there are, the rule says.

use crate::graph::pattern::{Event, Others, Pattern};
use crate::rule::condition::{Answer, each, known};
use crate::rule::parse::{Caught, Several};
use crate::rule::path::{Item, Scope};
use crate::rule::verdict::Verdict;
use crate::value::Truth;

/// Most missed events that are named.
const MAX_NAMED: usize = 4;

/// Whether it catches every one of these events, whatever other fields they have. What can be said of it are those that it misses.
pub fn every(scope: &Scope<'_>, caught: &Caught) -> Verdict {
    let events = events(caught, Others::NotKnown);
    let mut missed = Vec::new();
    let mut verdict = each(&scope.walk(&caught.pattern), |item| {
        ask(scope, item, |pattern| {
            let matched: Vec<Truth> = events.iter().map(|event| pattern.matches(event)).collect();
            if matched.iter().any(|truth| truth.is_true()) {
                missed.extend(events.iter().zip(&matched).filter(|(_, truth)| truth.is_false()).map(|(event, _)| named(caught, event)));
            }
            Truth::all(matched)
        })
    });
    verdict.why = shortened(&missed).into_iter().collect();
    verdict
}

/// An event in words: its values in the fields of which several are told.
fn named(caught: &Caught, event: &Event) -> String {
    let is_told = |field: &String| matches!(caught.events.get(field), Some(Some(Several::Many(_))));
    let values = event.fields.iter().filter(|(field, _)| is_told(field)).filter_map(|(_, value)| value.as_ref());
    values.map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" ")
}

/// Names in one line: the first of many.
fn shortened(names: &[String]) -> Option<String> {
    let told = names.get(..MAX_NAMED).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MAX_NAMED) {
        0 => (!told.is_empty()).then_some(told),
        left => Some(format!("{told} and {left} more")),
    }
}

/// Whether it catches one of these events, taken to have no other fields.
pub fn some(scope: &Scope<'_>, caught: &Caught) -> Verdict {
    let events = events(caught, Others::None);
    each(&scope.walk(&caught.pattern), |item| ask(scope, item, |pattern| Truth::any(events.iter().map(|event| pattern.matches(event)))))
}

/// What is no pattern for JSON events catches none.
fn ask(scope: &Scope<'_>, item: &Item, catches: impl FnOnce(&Pattern) -> Truth) -> Answer {
    let Some(text) = scope.text(item) else { return known(false) };
    let Some(pattern) = text.as_known() else { return (Truth::Unknown, text.causes) };
    Pattern::parse(pattern).map_or_else(|| known(false), |pattern| (catches(&pattern), Vec::new()))
}

/// An event for each combination of the values that are told.
fn events(caught: &Caught, others: Others) -> Vec<Event> {
    let mut events = vec![Event { others, ..Event::default() }];
    for (field, values) in &caught.events {
        let values: Vec<Option<String>> = match values {
            None => vec![None],
            Some(Several::One(value)) => vec![Some(value.clone())],
            Some(Several::Many(values)) => values.iter().cloned().map(Some).collect(),
        };
        let with = |event: &Event, value: &Option<String>| {
            let mut event = event.clone();
            event.fields.insert(field.clone(), value.clone());
            event
        };
        events = events.iter().flat_map(|event| values.iter().map(|value| with(event, value)).collect::<Vec<_>>()).collect();
    }
    events
}
