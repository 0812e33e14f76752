//! Whether a condition holds, where nothing is in doubt and nobody asks what shows it: most conditions, most times.
//!
//! It answers as [`Condition::holds`] would, or not at all. Values are looked at where they stand: nothing is copied but the names that elements get.

use crate::graph::catalog::spec::Literal;
use crate::graph::policy::Effect;
use crate::graph::text::{self, Text};
use crate::graph::{Plain, ResourceId, Said};
use crate::rule::catches::{Matched, held_against};
use crate::rule::condition;
use crate::rule::parse::{Caught, Condition, Path, Permission, Quantified};
use crate::rule::path::{Item, Scope, is_own_word};
use crate::rule::permitted;
use crate::value::{Cause, Truth, Value, ValueKind};
use std::borrow::Cow;
use std::sync::Arc;

/// Whether it holds; `None` where that takes a closer look.
pub fn truth(condition: &Condition, scope: &Scope<'_>) -> Option<Truth> {
    match condition {
        Condition::Present(path) => Some(match find(scope, path)?.value() {
            None => Truth::False,
            Some(value) => value.as_items().is_none_or(|items| !items.is_empty()).into(),
        }),
        Condition::IsTrue(path) => is_word(&find(scope, path)?, "true"),
        Condition::IsFalse(path) => is_word(&find(scope, path)?, "false"),
        Condition::OneOf(path, literals) => listed(scope, &find(scope, path)?, |found| one_of(found, literals)),
        Condition::Matches(path, pattern) => listed(scope, &find(scope, path)?, |found| matches(found, pattern)),
        Condition::Between(path, low, high) => match find(scope, path)?.value() {
            None => Some(Truth::False),
            Some(value) => condition::in_bounds(value, *low, *high),
        },
        Condition::Outside(path) => Some(match bound(scope, path)? {
            Item::Resource(id) => scope.is_outside(*id).into(),
            _ => Truth::False,
        }),
        Condition::Unresolved(path) => Some(matches!(bound(scope, path)?, Item::Unknown(_)).into()),
        Condition::Missing(path) => Some(match bound(scope, path)? {
            Item::Resource(id) if scope.is_outside(*id) => Truth::Unknown,
            Item::Resource(id) => !scope.graph.resource(*id).exists,
            Item::Unknown(causes) if Cause::are_undeclared(causes) => Truth::True,
            Item::Unknown(_) => Truth::Unknown,
            _ => Truth::False,
        }),
        Condition::Same(a, b) => same(scope, a, b),
        Condition::Some(asked) => quantified(scope, asked, Truth::False),
        Condition::Every(asked) => quantified(scope, asked, Truth::True),
        Condition::Allows(permission) => permits(scope, permission, Effect::Allow),
        Condition::Denies(permission) => permits(scope, permission, Effect::Deny),
        Condition::Catches(caught) => catches(scope, caught, |matched| matched.every),
        Condition::CatchesSome(caught) => catches(scope, caught, |matched| matched.some),
        _ => None,
    }
}

/// What stands at a path.
enum Found<'s> {
    /// Provably nothing.
    Nothing,
    /// The value of a property.
    Property(&'s Value, Said<'s>),
    /// A part of a value.
    Part(&'s Value),
}

impl<'s> Found<'s> {
    fn value(&self) -> Option<&'s Value> {
        match self {
            Self::Nothing => None,
            Self::Property(value, _) | Self::Part(value) => Some(value),
        }
    }

    /// As a word, if it is a known one.
    fn word(&self) -> Option<Cow<'s, str>> {
        match self {
            Self::Nothing => None,
            Self::Property(value, said) => word(value).or_else(|| said.text().as_known().map(Cow::Borrowed)),
            Self::Part(value) => word(value),
        }
    }
}

/// A known scalar as a word.
fn word(value: &Value) -> Option<Cow<'_, str>> {
    match &value.kind {
        ValueKind::String(text) => Some(Cow::Borrowed(text)),
        ValueKind::Bool(is) => Some(Cow::Borrowed(if *is { "true" } else { "false" })),
        ValueKind::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// Where a path begins, and its other steps.
enum Start<'s> {
    Property(ResourceId, &'s Arc<str>, &'s [Arc<str>]),
    /// A value, and whose it is and where it stands there.
    Value(&'s Value, ResourceId, &'s Arc<str>, &'s [Arc<str>]),
}

fn start<'s>(scope: &'s Scope<'_>, path: &'s Path) -> Option<Start<'s>> {
    let (first, rest) = path.0.split_first()?;
    let (owner, steps) = match scope.meant(first).map(|meant| &meant.item) {
        Some(Item::Resource(id)) => (*id, rest),
        Some(Item::Value { value, owner, at }) => return Some(Start::Value(value, *owner, at, rest)),
        Some(_) => return None,
        None if &**first == "subject" => (scope.subject, rest),
        None => (scope.subject, &path.0[..]),
    };
    let (name, rest) = steps.split_first().filter(|(name, _)| !is_own_word(name))?;
    Some(Start::Property(owner, name, rest))
}

/// What stands at a path that leads to a property, or on to a part of one, and names no resource on its way.
fn find<'s>(scope: &'s Scope<'_>, path: &'s Path) -> Option<Found<'s>> {
    match start(scope, path)? {
        Start::Value(value, owner, at, rest) => part(scope, value, (owner, at), rest),
        Start::Property(owner, name, rest) => match scope.graph.plain(owner, name)? {
            Plain::Unset => Some(Found::Nothing),
            Plain::Set(value, said) if rest.is_empty() => Some(Found::Property(value, said)),
            Plain::Set(value, _) => part(scope, value, (owner, name), rest),
        },
    }
}

/// What stands further inside a value.
fn part<'s>(scope: &Scope<'_>, value: &'s Value, (owner, at): (ResourceId, &str), steps: &[Arc<str>]) -> Option<Found<'s>> {
    if names_on_the_way(scope, owner, at, steps) {
        return None;
    }
    let mut value = value;
    for step in steps {
        match value.as_entries()?.get(step).filter(|field| !field.is_null()) {
            Some(field) => value = field,
            None => return Some(Found::Nothing),
        }
    }
    Some(Found::Part(value))
}

/// Whether a value, or what stands in it at some of these steps but the last, names resources: whoever follows them goes on there.
fn names_on_the_way(scope: &Scope<'_>, owner: ResourceId, at: &str, steps: &[Arc<str>]) -> bool {
    let is_on_it = |path: &Arc<str>| path.strip_prefix(at).is_some_and(|rest| is_before_the_end(rest, steps));
    scope.graph.kind_of(owner).is_some_and(|kind| kind.relations.keys().any(is_on_it))
}

/// Whether the rest of a dotted path, each step after a dot, is the beginning of these steps, and not all of them.
fn is_before_the_end(mut rest: &str, steps: &[Arc<str>]) -> bool {
    for step in steps {
        if rest.is_empty() {
            return true;
        }
        let Some(after) = rest.strip_prefix('.').and_then(|rest| rest.strip_prefix(&**step)) else { return false };
        rest = after;
    }
    false
}

/// What a name was bound to, where a path is just that name and it names no resource by a value.
fn bound<'s>(scope: &'s Scope<'_>, path: &Path) -> Option<&'s Item> {
    let [name] = &*path.0 else { return None };
    scope.meant(name).map(|meant| &meant.item).filter(|item| !matches!(item, Item::Value { .. }))
}

fn is_word(found: &Found<'_>, wanted: &str) -> Option<Truth> {
    match found {
        Found::Nothing => Some(Truth::False),
        _ => Some(found.word()?.eq_ignore_ascii_case(wanted).into()),
    }
}

/// An answer about what may be a list, each element of which takes a step.
fn listed(scope: &Scope<'_>, found: &Found<'_>, answer: impl FnOnce(&Found<'_>) -> Option<Truth>) -> Option<Truth> {
    let elements = found.value().and_then(Value::as_items).map_or(0, <[Value]>::len);
    // Where there are too few, the closer look says so.
    let answer = scope.steps.has(elements).then(|| answer(found))??;
    scope.steps.take(elements);
    Some(answer)
}

fn one_of(found: &Found<'_>, literals: &[Literal]) -> Option<Truth> {
    let is = |text: &str| {
        let is = |literal: &Literal| match literal {
            Literal::Bool(value) => text == if *value { "true" } else { "false" },
            Literal::Int(value) => text == value.to_string(),
            Literal::Text(wanted) => text == wanted,
        };
        literals.iter().any(is)
    };
    let Some(value) = found.value() else { return Some(Truth::False) };
    Some(match value.as_items() {
        Some(items) => items.iter().map(|item| Some(is(&word(item)?))).collect::<Option<Vec<bool>>>()?.contains(&true).into(),
        None => is(&found.word()?).into(),
    })
}

fn matches(found: &Found<'_>, pattern: &str) -> Option<Truth> {
    let Some(value) = found.value() else { return Some(Truth::False) };
    Some(match (value.as_items(), found) {
        (Some(items), _) => Truth::any(items.iter().map(|item| Some(text::covers(pattern, &word(item)?))).collect::<Option<Vec<Truth>>>()?),
        (None, Found::Property(_, said)) => match said.text().as_known() {
            Some(text) => text::covers(pattern, text),
            None => text::matches(&Text::known(pattern), said.text()),
        },
        (None, _) => text::covers(pattern, &found.word()?),
    })
}

fn catches(scope: &Scope<'_>, caught: &Caught, answer: impl FnOnce(&Matched) -> Truth) -> Option<Truth> {
    match find(scope, &caught.pattern)? {
        Found::Nothing => Some(Truth::False),
        Found::Property(_, said) => Some(held_against(scope, said.text(), caught, answer).unwrap_or(Truth::Unknown)),
        Found::Part(_) => None,
    }
}

/// Whether two properties that name no resource are the same text.
fn same(scope: &Scope<'_>, a: &Path, b: &Path) -> Option<Truth> {
    let text = |path| match start(scope, path)? {
        Start::Property(owner, name, []) if !scope.names_a_kind(owner, name) => Some(match scope.graph.plain(owner, name)? {
            Plain::Unset => None,
            Plain::Set(_, said) => Some(said.text()),
        }),
        _ => None,
    };
    let (one, other) = (text(a)?, text(b)?);
    match (one, other) {
        (None, None) => Some(Truth::True),
        // What is not set is the empty text.
        (Some(text), None) | (None, Some(text)) => Some(text::same(text, &Text::default())),
        (Some(one), Some(other)) => Some(match (one.as_known(), other.as_known()) {
            (Some(a), Some(b)) if !a.starts_with("arn:") => (a == b).into(),
            _ => text::same(&one.without_partition(), &other.without_partition()),
        }),
    }
}

fn permits(scope: &Scope<'_>, permission: &Permission, effect: Effect) -> Option<Truth> {
    let found = find(scope, &permission.policy)?;
    Some(permitted::truth(scope, permission, effect, found.value()))
}

/// Asks every element of a property, and puts the answers together.
fn quantified(scope: &Scope<'_>, asked: &Quantified, neutral: Truth) -> Option<Truth> {
    let Start::Property(owner, name, []) = start(scope, &asked.within)? else { return None };
    if scope.graph.kind_of(owner)?.adds_up.contains(name) {
        return Some(added_up(scope, asked, (owner, name), neutral));
    }
    let value = match scope.graph.plain(owner, name)? {
        Plain::Unset => return Some(neutral),
        Plain::Set(value, _) if value.is_unknown() => return Some(Truth::Unknown),
        Plain::Set(value, _) => value,
    };
    let items = value.as_items().unwrap_or(std::slice::from_ref(value));
    let ask = |item: Option<&Value>| match item {
        Some(item) => condition::asked_of(scope, asked, element(item, owner, name), Truth::True, neutral),
        None => Truth::Unknown,
    };
    Some(together(scope.steps.each(items.iter().filter(|item| !item.is_null())).map(ask), neutral))
}

/// The same for a property whose claims add up.
fn added_up(scope: &Scope<'_>, asked: &Quantified, (owner, name): (ResourceId, &Arc<str>), neutral: Truth) -> Truth {
    let (claims, mut open) = scope.graph.property(owner, name);
    let known = claims.iter().filter(|claim| !claim.value.is_unknown());
    let elements = known.flat_map(|claim| {
        let items = claim.value.as_items().unwrap_or(std::slice::from_ref(&claim.value));
        items.iter().map(|item| (item, claim.certainty))
    });
    let ask = |asked_for: Option<(&Value, Truth)>| match asked_for {
        Some((item, certainty)) => condition::asked_of(scope, asked, element(item, owner, name), certainty, neutral),
        None => Truth::Unknown,
    };
    let truth = together(scope.steps.each(elements).map(ask), neutral);
    if truth == !neutral {
        return truth;
    }
    open.extend(claims.iter().filter_map(|claim| claim.value.as_unknown()).flat_map(|unknown| unknown.causes.iter().cloned()));
    if open.is_empty() {
        return truth;
    }
    // One more that may be there, of which nothing is known.
    if !scope.steps.take(1) {
        return Truth::Unknown;
    }
    let unknown = condition::asked_of(scope, asked, Item::Unknown(open), Truth::Unknown, neutral);
    together([truth, unknown], neutral)
}

fn element(value: &Value, owner: ResourceId, at: &Arc<str>) -> Item {
    Item::Value { value: value.clone(), owner, at: Arc::clone(at) }
}

/// What answers come to: one that is not the neutral one decides.
fn together(answers: impl IntoIterator<Item = Truth>, neutral: Truth) -> Truth {
    if neutral.is_true() { Truth::all(answers) } else { Truth::any(answers) }
}
