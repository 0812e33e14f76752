//! Conditions, in three-valued logic: what holds, why it is not known, and what shows it.

use crate::graph::catalog::spec::Literal;
use crate::graph::policy::Effect;
use crate::graph::text::{self, Atom, Text};
use crate::graph::{ResourceId, shape};
use crate::rule::access_key;
use crate::rule::catches;
use crate::rule::count::counted;
use crate::rule::loops;
use crate::rule::parse::{Condition, Path, Quantified, Template};
use crate::rule::path::{Alternative, Element, Item, Scope, Wanted};
use crate::rule::permitted::permitted;
use crate::rule::plain;
use crate::rule::verdict::Verdict;
use crate::value::{Cause, CauseKind, Number, Truth, Value};
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

/// What an element is called where the rule does not say.
pub static IT: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("it"));

impl Condition {
    /// Whether it holds, and what shows it, as far as that is wanted.
    pub fn holds(&self, scope: &Scope<'_>) -> Verdict {
        match scope.wanted {
            Wanted::Truth => Verdict::bare(self.truth(scope)),
            Wanted::Proof => self.proof(scope),
        }
    }

    fn truth(&self, scope: &Scope<'_>) -> Truth {
        match self {
            Self::All(parts) => decided(parts, Truth::False, scope),
            Self::Any(parts) => decided(parts, Truth::True, scope),
            Self::Not(inner) => !inner.truth(scope),
            _ => plain::truth(self, scope).unwrap_or_else(|| self.proof(scope).truth),
        }
    }

    fn proof(&self, scope: &Scope<'_>) -> Verdict {
        match self {
            Self::All(parts) => Verdict::all(parts.iter().map(|part| part.holds(scope))),
            Self::Any(parts) => Verdict::any(parts.iter().map(|part| part.holds(scope))),
            Self::Not(inner) => inner.holds(scope).not(),
            Self::Present(path) => each(&scope.walk(path), present),
            Self::Outside(path) => each(&scope.resources(path), |item| match item {
                Item::Resource(id) => known(scope.is_outside(*id)),
                _ => known(false),
            }),
            Self::Unresolved(path) => each(&scope.resources(path), |item| known(matches!(item, Item::Unknown(_)))),
            Self::Missing(path) => missing(scope, path),
            Self::IsTrue(path) => each(&scope.walk(path), |item| is_bool(scope, item, "true")),
            Self::IsFalse(path) => each(&scope.walk(path), |item| is_bool(scope, item, "false")),
            Self::OneOf(path, literals) => each(&scope.walk(path), |item| one_of(scope, item, literals)),
            Self::Matches(path, pattern) => each(&scope.walk(path), |item| matches(scope, item, &Text::known(pattern))),
            Self::HoldsAccessKey(path) => each(&scope.walk(path), |item| holds_access_key(scope, item)),
            Self::Between(path, low, high) => each(&scope.walk(path), |item| between(scope, item, *low, *high)),
            Self::Same(a, b) => same(scope, a, b),
            Self::Covers(pattern, text) => covers(scope, pattern, text),
            Self::Some(asked) => some(scope, asked),
            Self::Every(asked) => every(scope, asked),
            Self::Loops(path) => loops::back(scope, path),
            Self::Allows(permission) => permitted(scope, permission, Effect::Allow),
            Self::Denies(permission) => permitted(scope, permission, Effect::Deny),
            Self::Count(count) => scope.memo.count(count, scope, |scope| counted(scope, count)),
            Self::Catches(caught) => catches::every(scope, caught),
            Self::CatchesSome(caught) => catches::some(scope, caught),
            Self::CannotBeShown(what) => {
                let what = crate::rule::message::render(what, scope, None, &[]).replace('`', "");
                Verdict::of(Truth::Unknown, vec![Cause::new(CauseKind::Unshown, what, scope.graph.resource(scope.subject).span)])
            }
        }
    }
}

/// What parts come to where one of them may decide alone; those after it are not asked.
fn decided(parts: &[Condition], by: Truth, scope: &Scope<'_>) -> Truth {
    let mut truth = !by;
    for part in parts {
        match part.truth(scope) {
            Truth::Unknown => truth = Truth::Unknown,
            of_part if of_part == by => return by,
            _ => {}
        }
    }
    truth
}

/// Whether something holds, and why that is not known.
pub type Answer = (Truth, Vec<Cause>);

/// An answer that is known.
pub fn known(is: bool) -> Answer {
    (is.into(), Vec::new())
}

/// A test on every alternative: what holds for all of them holds.
pub fn each(alternatives: &[Alternative], mut test: impl FnMut(&Item) -> Answer) -> Verdict {
    if let [only] = alternatives {
        let (truth, mut causes) = test(&only.item);
        if truth.is_unknown() {
            causes.extend(only.causes.iter().cloned());
        } else {
            causes = Vec::new();
        }
        return Verdict { hops: only.hops.clone(), ..Verdict::of(truth, causes) };
    }
    let answers: Vec<Answer> = alternatives.iter().map(|alternative| test(&alternative.item)).collect();
    let first = answers.first().map_or(Truth::Unknown, |(truth, _)| *truth);
    let agreed = answers.iter().all(|(truth, _)| *truth == first);
    let truth = if agreed { first } else { Truth::Unknown };
    let mut causes = Vec::new();
    if truth.is_unknown() {
        causes.extend(answers.into_iter().flat_map(|(_, causes)| causes));
        causes.extend(alternatives.iter().flat_map(|alternative| alternative.causes.iter().cloned()));
    }
    let mut verdict = Verdict::of(truth, causes);
    verdict.hops = alternatives.iter().flat_map(|alternative| alternative.hops.iter().cloned()).collect();
    verdict
}

fn present(item: &Item) -> Answer {
    match item {
        Item::Absent => known(false),
        Item::Unknown(causes) => (Truth::Unknown, causes.clone()),
        Item::List(elements, open) => {
            let any = Truth::any(elements.iter().map(|element| element.certainty));
            let any = if open.is_empty() { any } else { any.or(Truth::Unknown) };
            let causes = elements.iter().flat_map(|element| element.causes.iter()).chain(open).cloned().collect();
            (any, causes)
        }
        Item::Value { value, .. } => match value.as_items() {
            Some(items) => known(!items.is_empty()),
            None => known(true),
        },
        Item::Resource(_) | Item::Text(_) | Item::Truth(_) => known(true),
    }
}

/// Whether a path names a resource of this code that is not there.
fn missing(scope: &Scope<'_>, path: &Path) -> Verdict {
    let mut why = Vec::new();
    let mut verdict = each(&scope.resources(path), |item| match item {
        Item::Unknown(causes) => {
            why.extend(causes.iter().filter(|cause| cause.kind == CauseKind::Undeclared).map(|cause| cause.name.to_string()));
            (if Cause::are_undeclared(causes) { Truth::True } else { Truth::Unknown }, causes.clone())
        }
        Item::Resource(id) if scope.is_outside(*id) => (Truth::Unknown, scope.graph.property(*id, "").1),
        Item::Resource(id) => {
            let resource = scope.graph.resource(*id);
            (!resource.exists, resource.exists_causes.clone())
        }
        _ => known(false),
    });
    verdict.why = why;
    verdict
}

fn is_bool(scope: &Scope<'_>, item: &Item, word: &str) -> Answer {
    match item {
        Item::Truth(truth) => (if word == "true" { *truth } else { !*truth }, Vec::new()),
        _ => match scope.text(item) {
            Some(text) => match text.as_known() {
                Some(known) => (known.eq_ignore_ascii_case(word).into(), text.causes),
                None => (text::same(&text.lower(), &Text::known(word)), text.causes),
            },
            None => known(false),
        },
    }
}

fn one_of(scope: &Scope<'_>, item: &Item, literals: &[Literal]) -> Answer {
    let is = |literal: &Literal, text: &Text| {
        let literal: Cow<'_, str> = match literal {
            Literal::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Literal::Int(value) => Cow::Owned(value.to_string()),
            Literal::Text(text) => Cow::Borrowed(text),
        };
        match text.as_known() {
            Some(known) => (known == literal).into(),
            None => text::same(text, &Text::known(&literal)),
        }
    };
    some_text(scope, item, |text| Truth::any(literals.iter().map(|literal| is(literal, text))))
}

fn matches(scope: &Scope<'_>, item: &Item, pattern: &Text) -> Answer {
    let mut why = Vec::new();
    let (truth, causes) = some_text(scope, item, |text| {
        let truth = text::matches(pattern, text);
        why.extend(truth.is_unknown().then(|| text::why_unknown(pattern, text)).flatten());
        truth
    });
    (truth, causes.into_iter().chain(why).collect())
}

fn holds_access_key(scope: &Scope<'_>, item: &Item) -> Answer {
    if let Item::Value { value, .. } = item
        && let Some(encoded) = value.as_unknown().and_then(|unknown| unknown.encodes.as_deref())
        && access_key::is_in(encoded.as_bytes())
    {
        return known(true);
    }
    let mut why = Vec::new();
    let (truth, causes) = some_text(scope, item, |text| {
        if !scope.steps.take(text.weight()) {
            why.push(scope.steps.cause());
            return Truth::Unknown;
        }
        let (truth, cause) = access_key::held(text);
        why.extend(cause);
        truth
    });
    (truth, causes.into_iter().chain(why).collect())
}

/// A test of text; of a list one element is enough.
fn some_text(scope: &Scope<'_>, item: &Item, test: impl FnMut(&Text) -> Truth) -> Answer {
    let texts: Vec<Text> = match item {
        Item::Value { value, .. } if value.as_items().is_some() => {
            let items = value.as_items().unwrap_or_default();
            if !scope.steps.take(items.len()) {
                return (Truth::Unknown, vec![scope.steps.cause()]);
            }
            items.iter().map(|element| scope.graph.text(element)).collect()
        }
        _ => scope.text(item).into_iter().collect(),
    };
    let truth = Truth::any(texts.iter().map(test));
    (truth, texts.into_iter().flat_map(|text| text.causes).collect())
}

fn between(scope: &Scope<'_>, item: &Item, low: Option<i64>, high: Option<i64>) -> Answer {
    let Item::Value { value, .. } = item else {
        return match item {
            Item::Unknown(causes) => (Truth::Unknown, causes.clone()),
            _ => known(false),
        };
    };
    match in_bounds(value, low, high) {
        Some(truth) => (truth, Vec::new()),
        None => (Truth::Unknown, scope.graph.text(value).causes),
    }
}

/// Whether a value is a number in these bounds; `None` where it is none, or which one is not known.
pub fn in_bounds(value: &Value, low: Option<i64>, high: Option<i64>) -> Option<Truth> {
    let number = match value.as_number() {
        Some(number) => Cow::Borrowed(number),
        None => Cow::Owned(Number::parse(&shape::plain(value)?)?),
    };
    let fits = match number.to_i64() {
        Some(number) => low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high),
        None => low.is_none_or(|low| *number >= Number::from(low)) && high.is_none_or(|high| *number <= Number::from(high)),
    };
    Some(fits.into())
}

/// Whether two paths lead to the same resource, or the same text.
fn same(scope: &Scope<'_>, a: &Path, b: &Path) -> Verdict {
    let (left, right) = (scope.resources(a), scope.resources(b));
    let mut parts = Vec::with_capacity(left.len());
    for one in &left {
        let mut verdict = each(&right, |other| same_item(scope, &one.item, other));
        verdict.hops.extend(one.hops.iter().cloned());
        parts.push((verdict, &one.causes));
    }
    let first = parts.first().map_or(Truth::Unknown, |(verdict, _)| verdict.truth);
    let agreed = parts.iter().all(|(verdict, _)| verdict.truth == first);
    let (mut causes, mut hops) = (Vec::new(), Vec::new());
    for (verdict, why) in parts {
        causes.extend(verdict.causes);
        causes.extend(why.iter().cloned());
        hops.extend(verdict.hops);
    }
    Verdict { hops, ..Verdict::of(if agreed { first } else { Truth::Unknown }, causes) }
}

fn same_item(scope: &Scope<'_>, a: &Item, b: &Item) -> Answer {
    if let (Item::Resource(a), Item::Resource(b)) = (a, b) {
        return same_resource(scope, *a, *b);
    }
    // What is not declared is nothing that is.
    if let (Item::Resource(id), Item::Unknown(causes)) | (Item::Unknown(causes), Item::Resource(id)) = (a, b)
        && !scope.is_outside(*id)
        && Cause::are_undeclared(causes)
    {
        return known(false);
    }
    match (scope.text(a), scope.text(b)) {
        (Some(a), Some(b)) => {
            let causes = a.causes.iter().chain(&b.causes).cloned().collect();
            (text::same(&a.without_partition(), &b.without_partition()), causes)
        }
        (None, None) => known(true),
        // What is not set is the empty text.
        (Some(text), None) | (None, Some(text)) => (text::same(&text, &Text::default()), text.causes),
    }
}

/// Whether two resources are the same one.
pub fn same_resource(scope: &Scope<'_>, a: ResourceId, b: ResourceId) -> Answer {
    if a == b {
        return known(true);
    }
    let (one, other) = (scope.graph.resource(a), scope.graph.resource(b));
    let (name, other_name) = (scope.graph.name(a), scope.graph.name(b));
    let causes = || name.causes.iter().chain(&other_name.causes).cloned().collect();
    if scope.is_outside(a) || scope.is_outside(b) {
        return (text::same(name, other_name), causes());
    }
    // One block that several projects use may be one resource or several.
    if one.project != other.project && one.span == other.span {
        return (Truth::Unknown, causes());
    }
    match text::same(name, other_name) {
        // Two blocks of one project are two resources, whatever their names turn out to be.
        Truth::Unknown if one.project == other.project => known(false),
        truth => (truth, causes()),
    }
}

/// Whether a pattern covers a text; both with what stands at their paths filled in.
fn covers(scope: &Scope<'_>, pattern: &Template, text: &Template) -> Verdict {
    match (fill(scope, pattern), fill(scope, text)) {
        (Ok(pattern), Ok(text)) => {
            let mut causes: Vec<Cause> = pattern.causes.iter().chain(&text.causes).cloned().collect();
            let (pattern, text) = (pattern.without_partition(), text.without_partition());
            let truth = text::matches(&pattern, &text);
            causes.extend(truth.is_unknown().then(|| text::why_unknown(&pattern, &text)).flatten());
            Verdict::of(truth, causes)
        }
        (Err(causes), _) | (_, Err(causes)) => Verdict::of(Truth::Unknown, causes),
    }
}

fn some(scope: &Scope<'_>, asked: &Quantified) -> Verdict {
    quantified(scope, asked, Truth::False)
}

fn every(scope: &Scope<'_>, asked: &Quantified) -> Verdict {
    quantified(scope, asked, Truth::True)
}

/// Asks every element, and puts the answers together. An element that may not be there weakens an answer that would decide.
fn quantified(scope: &Scope<'_>, asked: &Quantified, neutral: Truth) -> Verdict {
    let alternatives = scope.walk(&asked.within);
    let mut parts = Vec::with_capacity(alternatives.len());
    for mut alternative in alternatives {
        let item = std::mem::replace(&mut alternative.item, Item::Absent);
        let verdict = match scope.elements(item) {
            Err(causes) => Verdict::of(Truth::Unknown, causes),
            Ok(elements) => {
                let ask = |element: Option<Element>| match element {
                    Some(element) => ask(scope, asked, element, neutral),
                    None => Verdict::of(Truth::Unknown, vec![scope.steps.cause()]),
                };
                Verdict::combine(scope.steps.each(elements).map(ask), neutral)
            }
        };
        parts.push((verdict, alternative.causes));
    }
    let first = parts.first().map_or(Truth::Unknown, |(verdict, _)| verdict.truth);
    if parts.iter().all(|(verdict, _)| verdict.truth == first) {
        return parts.into_iter().next().map_or_else(|| Verdict::of(Truth::Unknown, Vec::new()), |(verdict, _)| verdict);
    }
    let causes = parts.into_iter().flat_map(|(verdict, causes)| verdict.causes.into_iter().chain(causes)).collect();
    Verdict::of(Truth::Unknown, causes)
}

fn ask(scope: &Scope<'_>, asked: &Quantified, element: Element, neutral: Truth) -> Verdict {
    let Element { item, certainty, causes, hops } = element;
    if scope.wanted == Wanted::Truth {
        return Verdict::bare(asked_of(scope, asked, item, certainty, neutral));
    }
    let span = match &item {
        Item::Resource(id) => scope.graph.resource(*id).span,
        Item::Value { value, .. } => value.origin.span(),
        _ => None,
    };
    // A resource that is all one element stands where the way to it ends.
    let span = span.or_else(|| hops.last().map(|hop| hop.span));
    let name = Arc::clone(asked.name.as_ref().unwrap_or(&IT));
    let meant = Alternative { item, causes: causes.clone(), hops: hops.clone(), span };
    let mut verdict = match &asked.condition {
        None => Verdict::of(Truth::True, Vec::new()),
        Some(condition) => {
            let mut verdict = condition.holds(&scope.with(&name, meant.clone()));
            verdict.found.insert(0, (name, meant));
            verdict
        }
    };
    if verdict.truth != neutral && certainty.is_unknown() {
        verdict.truth = Truth::Unknown;
        verdict.causes.extend(causes);
    }
    verdict.hops.splice(0..0, hops);
    verdict
}

/// What an element comes to, for those who want no more. Where it stands shows nothing then.
pub fn asked_of(scope: &Scope<'_>, asked: &Quantified, item: Item, certainty: Truth, neutral: Truth) -> Truth {
    let name = asked.name.as_ref().unwrap_or(&IT);
    let meant = Alternative { item, causes: Vec::new(), hops: Vec::new(), span: None };
    let truth = asked.condition.as_ref().map_or(Truth::True, |condition| condition.truth(&scope.with(name, meant)));
    if truth != neutral && certainty.is_unknown() { Truth::Unknown } else { truth }
}

/// A text with what stands at its paths filled in.
pub fn fill<'t>(scope: &Scope<'_>, template: &'t Template) -> Result<Cow<'t, Text>, Vec<Cause>> {
    if let Some(same) = &template.same {
        return Ok(Cow::Borrowed(same));
    }
    // A text before each path, and one at the end.
    let mut out = Text { atoms: Vec::with_capacity(2 * template.filled.len() + 1), causes: Vec::new() };
    for (before, path) in &template.filled {
        out.push(Atom::Known(Arc::clone(before)));
        let alternatives = scope.walk(path);
        let [only] = alternatives.as_slice() else {
            return Err(alternatives.into_iter().flat_map(|alternative| alternative.causes).collect());
        };
        if let Some(text) = scope.text(&only.item) {
            out = out.then(text);
        }
    }
    out.push(Atom::Known(Arc::clone(&template.end)));
    if template.has_rest {
        out.push(Atom::Rest);
    }
    Ok(Cow::Owned(out))
}
