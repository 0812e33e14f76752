//! Whether a filter pattern of CloudWatch Logs catches the events that a rule tells: one event for each combination of values.
//!
//! It knows no service: what events there are, the rule says.

use crate::graph::pattern::{Event, Others, Pattern};
use crate::rule::condition::{Answer, each, known};
use crate::rule::parse::{Caught, Several};
use crate::rule::path::{Item, Scope};
use crate::rule::verdict::Verdict;
use crate::value::Truth;

/// Whether it catches every one of these events, whatever other fields they have.
pub fn every(scope: &Scope<'_>, caught: &Caught) -> Verdict {
    let events = events(caught, Others::NotKnown);
    each(&scope.walk(&caught.pattern), |item| ask(scope, item, |pattern| Truth::all(events.iter().map(|event| pattern.matches(event)))))
}

/// Whether it catches one of these events, taken to have no other fields.
pub fn some(scope: &Scope<'_>, caught: &Caught) -> Verdict {
    let events = events(caught, Others::None);
    each(&scope.walk(&caught.pattern), |item| ask(scope, item, |pattern| Truth::any(events.iter().map(|event| pattern.matches(event)))))
}

/// What is no pattern for JSON events catches none.
fn ask(scope: &Scope<'_>, item: &Item, catches: impl Fn(&Pattern) -> Truth) -> Answer {
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
