//! `eval --dump` of a template: what one deployment would make, as JSON.
//!
//! References to resources whose names are written in the template are shown as these names, as a deployment would.

use super::cycles;
use super::lower;
use super::names;
use super::nested;
use super::root;
use super::scalar;
use super::stack::{Stack, Verdict};
use super::world::World;
use crate::diagnostic::Level;
use crate::value::{Reference, Truth, Value, ValueKind};
use serde_json::{Map, Value as Json, json};
use std::rc::Rc;

/// The dump of the project's template.
pub fn dump(world: &Rc<World<'_>>) -> Json {
    let mut resources = Map::new();
    let mut outputs = Map::new();
    if let Some(stack) = root::stack(world) {
        let names = |reference: &Reference| name_of(&stack, reference);
        add_resources(&stack, &Verdict::TRUE, &names, &mut resources);
        for (name, entry) in &stack.outputs {
            if stack.exists(entry).truth.is_false() {
                continue;
            }
            let value = entry.body.get("Value").and_then(|value| stack.evaluate(value)).unwrap_or_else(Value::null);
            let (value, unknown) = shown(&names::replace_references(&value, &names));
            outputs.insert(name.to_string(), json!({"value": value, "unknown": unknown}));
        }
    }
    let (diagnostics, _) = world.finish();
    let errors: Vec<String> =
        diagnostics.into_iter().filter(|diagnostic| diagnostic.level == Level::Error).map(|diagnostic| diagnostic.message).collect();
    json!({"resources": resources, "outputs": outputs, "errors": errors})
}

fn add_resources(stack: &Stack<'_>, above: &Verdict, names: &dyn Fn(&Reference) -> Option<Value>, into: &mut Map<String, Json>) {
    cycles::report(stack);
    for (name, entry) in &stack.resources {
        let exists = above.clone().and(stack.exists(entry));
        let type_name = entry.type_name();
        let mut properties = Map::new();
        let mut unknown = Map::new();
        let inner = if nested::holds_stack(type_name) && !exists.truth.is_false() { stack.nested_stack(name, entry) } else { None };
        if !exists.truth.is_false() {
            let attributes = lower::attributes(stack, entry, &mut Vec::new());
            // Where a nested template is uploaded to is nothing that its text could say; what it makes is shown instead.
            for (name, attribute) in
                attributes.into_iter().filter(|(name, _)| inner.is_none() || !matches!(&**name, "TemplateURL" | "Location"))
            {
                let (value, tree) = shown(&names::replace_references(&attribute.value, names));
                if tree != Json::Bool(false) {
                    unknown.insert(name.to_string(), tree.clone());
                }
                if tree != Json::Bool(true) {
                    properties.insert(name.to_string(), value);
                }
            }
        }
        let exists_json = match exists.truth {
            Truth::True => Json::Bool(true),
            Truth::False => Json::Bool(false),
            Truth::Unknown => Json::from("unknown"),
        };
        let resource = json!({"type": type_name, "exists": exists_json, "properties": properties, "unknown": unknown});
        into.insert(stack.address_of(name).to_string(), resource);
        if let Some(inner) = inner {
            add_resources(&inner, &exists, names, into);
        }
    }
}

/// The text that a reference stands for, where the resource's name is known.
fn name_of(root: &Stack<'_>, reference: &Reference) -> Option<Value> {
    let Reference::Attribute { address, attribute, .. } = reference else { return None };
    let mut parts = address.0.split('/').peekable();
    let mut stack: Option<Rc<Stack<'_>>> = None;
    loop {
        let part = parts.next()?;
        let current: &Stack<'_> = stack.as_deref().unwrap_or(root);
        let entry = current.resources.get(part)?;
        if parts.peek().is_none() {
            let type_name = entry.type_name();
            let property = entry.body.get("Properties")?.get(names::name_property(type_name)?)?;
            let name = names::replace_references(&current.operand(property)?, &|_| None);
            let text = names::attribute(type_name, attribute, &Value::string(scalar::text_of(&name)?), &current.environment)?;
            return super::text::concat(&text).ok();
        }
        let next = current.nested_stack(part, entry)?;
        stack = Some(next);
    }
}

/// A value as JSON, and the tree of what is unknown in it.
fn shown(value: &Value) -> (Json, Json) {
    match &value.kind {
        ValueKind::Unknown(_) | ValueKind::Resource(_) => (Json::Null, Json::Bool(true)),
        ValueKind::Null(_) => (Json::Null, Json::Bool(false)),
        ValueKind::Bool(value) => (Json::Bool(*value), Json::Bool(false)),
        ValueKind::Number(number) => {
            let text = number.to_string();
            (serde_json::from_str(&text).unwrap_or(Json::String(text)), Json::Bool(false))
        }
        ValueKind::String(text) => (Json::from(&**text), Json::Bool(false)),
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            let (values, trees): (Vec<Json>, Vec<Json>) = items.iter().map(shown).unzip();
            let unknown = if trees.iter().all(|tree| *tree == Json::Bool(false)) { Json::Bool(false) } else { Json::Array(trees) };
            (Json::Array(values), unknown)
        }
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
            let mut values = Map::new();
            let mut trees = Map::new();
            for (name, entry) in entries.iter() {
                let (value, tree) = shown(entry);
                if tree != Json::Bool(true) {
                    values.insert(name.to_string(), value);
                }
                if tree != Json::Bool(false) {
                    trees.insert(name.to_string(), tree);
                }
            }
            let unknown = if trees.is_empty() { Json::Bool(false) } else { Json::Object(trees) };
            (Json::Object(values), unknown)
        }
    }
}
