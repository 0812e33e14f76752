//! The few values that decide an input: what a scenario tries.
//!
//! `AllowedValues` where there are any. Otherwise the texts with which the template compares the input, the keys by which it looks things up,
//! and one text that is none of them. An input is followed into nested stacks that get it as a parameter.

use super::expression::{Call, Expr, Function};
use super::parameter;
use super::scalar;
use super::stack::Stack;
use super::world::MAX_DEPTH;
use crate::project::ANOTHER_VALUE;
use crate::table::IndexSet;
use crate::value::{Piece, Reference, Unknown, Value};
use std::sync::Arc;

/// The few values of an input of a stack in which it is open: a parameter, a pseudo-parameter, or the name of a stored parameter. `None` if
/// it has none.
pub fn of(stack: &Stack<'_>, input: &str) -> Option<Vec<Value>> {
    if let Some(parameter) = stack.parameters.get(input).filter(|parameter| !parameter.allowed.is_empty()) {
        return Some(parameter.allowed.iter().map(|text| Value::string(Arc::clone(text))).collect());
    }
    let mut found = IndexSet::default();
    collect(stack, input, &mut found);
    // A default of `true` or `false` says what kind of parameter it is, even where nothing is compared with it.
    let default = stack.parameters.get(input).and_then(|parameter| parameter.default.as_ref()?.0.as_str().map(Arc::from));
    found.extend(default.filter(|text: &Arc<str>| found.is_empty() && matches!(&**text, "true" | "false")));
    if found.is_empty() {
        return None;
    }
    if found.iter().all(|text| matches!(&**text, "true" | "false")) {
        return Some(vec![Value::string("true"), Value::string("false")]);
    }
    found.insert(Arc::from(ANOTHER_VALUE));
    Some(found.into_iter().map(Value::string).collect())
}

/// The texts that matter of an input, in a stack and in what is nested in it.
fn collect(stack: &Stack<'_>, input: &str, found: &mut IndexSet<Arc<str>>) {
    let sections = [&stack.conditions, &stack.resources, &stack.outputs];
    for entry in sections.into_iter().flat_map(|section| section.values()) {
        visit(entry.body, 0, &mut |call| found.extend(stack.world.guess(|| texts(stack, input, call))));
    }
    for (id, entry) in stack.resources.iter().filter(|(_, entry)| super::nested::holds_stack(entry.type_name())) {
        if let Some(inner) = stack.nested_stack(id, entry) {
            collect(&inner, input, found);
        }
    }
}

/// The texts with which one call compares an input, or by which it looks it up.
fn texts<'t>(stack: &Stack<'t>, input: &str, call: Call<'t>) -> Vec<Arc<str>> {
    let parts: Vec<Expr<'t>> = call.argument.items().into_iter().flatten().collect();
    match (call.function, parts.as_slice()) {
        (Function::Equals, [left, right]) => {
            let (Some(left), Some(right)) = (stack.operand(*left), stack.operand(*right)) else { return Vec::new() };
            solve(&left, &right, input).or_else(|| solve(&right, &left, input)).into_iter().collect()
        }
        (Function::FindInMap, [map, top, second, ..]) => {
            let Some(map) = map.text().and_then(|map| stack.mappings.get(map)) else { return Vec::new() };
            let keys = |of: Expr<'t>| of.pairs().into_iter().flatten().filter_map(|(key, _)| parameter::text_of(key)).collect::<Vec<_>>();
            let is_input = |key: Expr<'t>| stack.operand(key).is_some_and(|key| is(key.as_unknown(), input));
            if is_input(*top) {
                return keys(map.body);
            }
            if is_input(*second) {
                return map.body.pairs().into_iter().flatten().flat_map(|(_, inner)| keys(inner)).collect();
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// What the input must be for a value that holds it to be a text: `x` for `${Input}-logs` and `x-logs`.
fn solve(value: &Value, text: &Value, input: &str) -> Option<Arc<str>> {
    let (unknown, text) = (value.as_unknown()?, scalar::text_of(text)?);
    if is(Some(unknown), input) {
        return Some(text);
    }
    let at = unknown.pieces.iter().position(|piece| matches!(piece, Piece::Unknown(unknown) if is(Some(unknown), input)))?;
    let known = |pieces: &[Piece]| match pieces {
        [] => Some(Arc::from("")),
        [Piece::Known(text)] => Some(Arc::clone(text)),
        _ => None,
    };
    let (before, after) = (known(&unknown.pieces[..at])?, known(&unknown.pieces[at + 1..])?);
    text.strip_prefix(&*before)?.strip_suffix(&*after).map(Arc::from)
}

/// Whether an unknown is exactly this input.
fn is(unknown: Option<&Unknown>, input: &str) -> bool {
    match unknown.and_then(|unknown| unknown.refers_to.as_deref()) {
        Some(Reference::Input { name, .. } | Reference::StoredParameter { name }) => &**name == input,
        _ => false,
    }
}

/// Every call in an expression.
fn visit<'t>(expr: Expr<'t>, depth: usize, each: &mut dyn FnMut(Call<'t>)) {
    if depth > MAX_DEPTH {
        return;
    }
    if let Some(call) = expr.condition_call() {
        each(call);
        visit(call.argument, depth + 1, each);
        return;
    }
    expr.items().into_iter().flatten().for_each(|item| visit(item, depth + 1, each));
    expr.pairs().into_iter().flatten().for_each(|(_, value)| visit(value, depth + 1, each));
}
