//! From a value to a policy: an object, JSON text (known or known in part), or a list of either.

use crate::graph::policy::{Condition, Effect, Listed, Policy, Statement};
use crate::graph::text::{Atom, Text};
use crate::limits::Limit;
use crate::value::json::{self, Outside};
use crate::value::{Cause, CauseKind, Piece, Value, ValueKind};
use std::sync::Arc;

/// Reads a policy of at most so many statements. Whatever in it is not known, or is no policy, leaves it open.
pub fn parse(value: &Value, most: usize, text: &dyn Fn(&Value) -> Text) -> Policy {
    let mut policy = Policy::default();
    document(value, most, text, &mut policy);
    policy
}

fn document(value: &Value, most: usize, text: &dyn Fn(&Value) -> Text, into: &mut Policy) {
    let pieces = match &value.kind {
        ValueKind::Null(_) => return,
        ValueKind::String(known) if known.is_empty() => return,
        ValueKind::String(known) => vec![Piece::Known(Arc::clone(known))],
        ValueKind::Unknown(unknown) if !unknown.pieces.is_empty() => unknown.pieces.clone(),
        ValueKind::Object(_) | ValueKind::Map(..) => return statements(value.get("Statement"), most, value, text, into),
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            return items.iter().for_each(|item| document(item, most, text, into));
        }
        _ => return into.open.extend(causes(value, "the policy")),
    };
    match json::read(&pieces, Outside::OneValue, &value.origin) {
        Some(read) if read.as_entries().is_some() => statements(read.get("Statement"), most, &read, text, into),
        _ => into.open.extend(causes(value, "the policy, which could not be read as JSON")),
    }
}

fn statements(listed: Option<&Value>, most: usize, document: &Value, text: &dyn Fn(&Value) -> Text, into: &mut Policy) {
    let Some(listed) = listed else { return };
    let one = std::slice::from_ref(listed);
    let items = match &listed.kind {
        ValueKind::Object(_) | ValueKind::Map(..) => one,
        ValueKind::Unknown(_) | ValueKind::Resource(_) => return into.open.extend(causes(listed, "the statements of the policy")),
        _ => listed.as_items().unwrap_or_default(),
    };
    for item in items {
        if into.statements.len() == most {
            let limit = format!("a policy with more than {most} statements (`{}`)", Limit::PolicyStatements);
            return into.open.push(Cause::new(CauseKind::Limit, limit, document.origin.span()));
        }
        if item.as_entries().is_some() {
            let number = into.statements.len() + 1;
            into.statements.push(statement(item, number, text));
        } else if !item.is_null() {
            into.open.extend(causes(item, "a statement of the policy"));
        }
    }
}

fn statement(value: &Value, number: usize, text: &dyn Fn(&Value) -> Text) -> Statement {
    let mut open = Vec::new();
    let effect = match value.get("Effect").map(|effect| (effect, effect.as_str())) {
        Some((_, Some("Deny"))) => Some(Effect::Deny),
        Some((_, Some("Allow"))) => Some(Effect::Allow),
        Some((effect, None)) => {
            open.extend(causes(effect, "the effect of a statement"));
            None
        }
        _ => None,
    };
    let label = match value.get("Sid").and_then(Value::as_str) {
        Some(sid) if !sid.is_empty() => ["statement `", sid, "`"].concat(),
        _ => ["statement ", &number.to_string()].concat(),
    };
    let span = value.get("Effect").and_then(|effect| effect.origin.span()).or_else(|| value.origin.span());
    Statement {
        label,
        effect,
        principals: principals(value, text),
        actions: lower(listed(value, "Action", "NotAction", text)),
        resources: listed(value, "Resource", "NotResource", text),
        conditions: conditions(value.get("Condition"), text, &mut open),
        open,
        span,
    }
}

fn principals(value: &Value, text: &dyn Fn(&Value) -> Text) -> Listed<(String, Text)> {
    let (negated, found) = either(value, "Principal", "NotPrincipal");
    let mut out = Listed { negated, items: Vec::new(), open: Vec::new() };
    let Some(found) = found else { return out };
    if let Some(entries) = found.as_entries() {
        for (kind, named) in entries {
            let mut names = Vec::new();
            strings(named, text, &mut names, &mut out.open);
            out.items.extend(names.into_iter().map(|name| (kind.to_string(), name)));
        }
        return out;
    }
    let mut names = Vec::new();
    strings(found, text, &mut names, &mut out.open);
    out.items.extend(names.into_iter().map(|name| ("AWS".to_owned(), name)));
    out
}

fn listed(value: &Value, plain: &str, negative: &str, text: &dyn Fn(&Value) -> Text) -> Listed<Text> {
    let (negated, found) = either(value, plain, negative);
    let mut out = Listed { negated, items: Vec::new(), open: Vec::new() };
    if let Some(found) = found {
        strings(found, text, &mut out.items, &mut out.open);
    }
    out
}

/// The same in lower case: AWS makes no difference in the names of actions.
fn lower(listed: Listed<Text>) -> Listed<Text> {
    let is_lower =
        |atom: &Atom| !matches!(atom, Atom::Known(text) if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()));
    let lower = |text: Text| if text.atoms.iter().all(is_lower) { text } else { text.lower() };
    Listed { items: listed.items.into_iter().map(lower).collect(), ..listed }
}

fn either<'v>(value: &'v Value, plain: &str, negative: &str) -> (bool, Option<&'v Value>) {
    match value.get(negative).filter(|found| !found.is_null()) {
        Some(found) => (true, Some(found)),
        None => (false, value.get(plain).filter(|found| !found.is_null())),
    }
}

fn conditions(value: Option<&Value>, text: &dyn Fn(&Value) -> Text, open: &mut Vec<Cause>) -> Vec<Condition> {
    let mut out = Vec::new();
    let Some(value) = value.filter(|value| !value.is_null()) else { return out };
    let Some(operators) = value.as_entries() else {
        open.extend(causes(value, "the condition of a statement"));
        return out;
    };
    for (operator, tests) in operators {
        let Some(tests) = tests.as_entries() else {
            open.extend(causes(tests, "the condition of a statement"));
            continue;
        };
        for (key, wanted) in tests {
            let (mut values, mut unlisted) = (Vec::new(), Vec::new());
            strings(wanted, text, &mut values, &mut unlisted);
            out.push(Condition { operator: operator.to_string(), key: key.to_lowercase(), values, open: unlisted });
        }
    }
    out
}

/// The strings of a list, or the one that stands alone.
fn strings(value: &Value, text: &dyn Fn(&Value) -> Text, into: &mut Vec<Text>, open: &mut Vec<Cause>) {
    match &value.kind {
        ValueKind::Null(_) => {}
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            into.reserve(items.len());
            items.iter().for_each(|item| strings(item, text, into, open));
        }
        ValueKind::Object(_) | ValueKind::Map(..) => open.extend(causes(value, "a part of a statement that should be text")),
        // What is not even known to be one string may be a list of them.
        ValueKind::Unknown(unknown) if unknown.pieces.is_empty() && unknown.refers_to.is_none() && !is_text(&unknown.of) => {
            open.extend(causes(value, "a part of a statement"));
        }
        _ => into.push(policy_variables(text(value))),
    }
}

fn is_text(of: &crate::value::Type) -> bool {
    matches!(of, crate::value::Type::String)
}

/// Policy variables (`${aws:PrincipalAccount}`) are filled in when a request is made: they are not known.
fn policy_variables(text: Text) -> Text {
    if !text.atoms.iter().any(|atom| matches!(atom, Atom::Known(known) if known.contains('$') && known.contains("${"))) {
        return text;
    }
    let mut out = Text { atoms: Vec::new(), causes: text.causes };
    for atom in text.atoms {
        let Atom::Known(known) = &atom else {
            out.push(atom);
            continue;
        };
        let mut rest = &**known;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            out.push(Atom::Known(Arc::from(&rest[..start])));
            out.push(match &rest[start + 2..start + length] {
                "*" => Atom::Known(Arc::from("*")),
                "?" => Atom::Known(Arc::from("?")),
                "$" => Atom::Known(Arc::from("$")),
                _ => Atom::Opaque,
            });
            rest = &rest[start + length + 1..];
        }
        out.push(Atom::Known(Arc::from(rest)));
    }
    out
}

fn causes(value: &Value, what: &str) -> Vec<Cause> {
    let causes = value.causes();
    if causes.is_empty() { vec![Cause::new(CauseKind::Unshown, what, value.origin.span())] } else { causes }
}
