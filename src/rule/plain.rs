//! Whether a condition holds, where nothing is in doubt and nobody asks what shows it: most conditions, most times.
//!
//! It answers as [`Condition::holds`] would, or not at all.

use crate::graph::catalog::spec::Literal;
use crate::graph::text::{self, Text};
use crate::graph::{Plain, ResourceId};
use crate::rule::catches::{Matched, held_against};
use crate::rule::parse::{Caught, Condition, Path};
use crate::rule::path::{Item, Scope, is_own_word};
use crate::value::Truth;
use std::sync::Arc;

/// Whether it holds; `None` where that takes a closer look.
pub fn truth(condition: &Condition, scope: &Scope<'_>) -> Option<Truth> {
    match condition {
        Condition::Present(path) => Some(match property(scope, path)?.2 {
            Plain::Unset => Truth::False,
            Plain::Set(value, _) => value.as_items().is_none_or(|items| !items.is_empty()).into(),
        }),
        Condition::IsTrue(path) => is_word(property(scope, path)?.2, "true"),
        Condition::IsFalse(path) => is_word(property(scope, path)?.2, "false"),
        Condition::OneOf(path, literals) => one_of(property(scope, path)?.2, literals),
        Condition::Matches(path, pattern) => Some(match property(scope, path)?.2 {
            Plain::Unset => Truth::False,
            Plain::Set(value, _) if value.as_items().is_some() => return None,
            Plain::Set(_, text) => match text.as_known() {
                Some(text) => text::covers(pattern, text),
                None => text::matches(&Text::known(pattern), text),
            },
        }),
        Condition::Same(a, b) => same(scope, a, b),
        Condition::Catches(caught) => catches(scope, caught, |matched| matched.every),
        Condition::CatchesSome(caught) => catches(scope, caught, |matched| matched.some),
        _ => None,
    }
}

/// The property that a path leads to, if it leads to one of a resource that is bound or the subject, and no further.
fn property<'s>(scope: &Scope<'s>, path: &'s Path) -> Option<(ResourceId, &'s Arc<str>, Plain<'s>)> {
    let (owner, name) = match &*path.0 {
        [name] if scope.meant(name).is_none() && &**name != "subject" => (scope.subject, name),
        [first, name] => match scope.meant(first) {
            Some(meant) => match meant.item {
                Item::Resource(id) => (id, name),
                _ => return None,
            },
            None if &**first == "subject" => (scope.subject, name),
            None => return None,
        },
        _ => return None,
    };
    let plain = if is_own_word(name) { None } else { scope.graph.plain(owner, name) };
    Some((owner, name, plain?))
}

fn is_word(plain: Plain<'_>, word: &str) -> Option<Truth> {
    match plain {
        Plain::Unset => Some(Truth::False),
        Plain::Set(_, text) => Some(text.as_known()?.eq_ignore_ascii_case(word).into()),
    }
}

fn one_of(plain: Plain<'_>, literals: &[Literal]) -> Option<Truth> {
    let text = match plain {
        Plain::Unset => return Some(Truth::False),
        Plain::Set(value, _) if value.as_items().is_some() => return None,
        Plain::Set(_, text) => text.as_known()?,
    };
    let is = |literal: &Literal| match literal {
        Literal::Bool(value) => text == if *value { "true" } else { "false" },
        Literal::Int(value) => text == value.to_string(),
        Literal::Text(wanted) => text == wanted,
    };
    Some(literals.iter().any(is).into())
}

fn catches(scope: &Scope<'_>, caught: &Caught, answer: impl FnOnce(&Matched) -> Truth) -> Option<Truth> {
    Some(match property(scope, &caught.pattern)?.2 {
        Plain::Unset => Truth::False,
        Plain::Set(_, text) => held_against(scope, text, caught, answer).unwrap_or(Truth::Unknown),
    })
}

/// Whether two properties that name no resource are the same text.
fn same(scope: &Scope<'_>, a: &Path, b: &Path) -> Option<Truth> {
    let is_text = |(owner, name, _): &(ResourceId, &Arc<str>, Plain<'_>)| !scope.names_a_kind(*owner, name);
    let (one, other) = (property(scope, a).filter(is_text)?.2, property(scope, b).filter(is_text)?.2);
    match (one, other) {
        (Plain::Unset, Plain::Unset) => Some(Truth::True),
        // What is not set is the empty text.
        (Plain::Set(_, text), Plain::Unset) | (Plain::Unset, Plain::Set(_, text)) => Some(text::same(text, &Text::default())),
        (Plain::Set(_, one), Plain::Set(_, other)) => Some(match (one.as_known(), other.as_known()) {
            (Some(a), Some(b)) if !a.starts_with("arn:") => (a == b).into(),
            _ => text::same(&one.without_partition(), &other.without_partition()),
        }),
    }
}
