//! Reading a property from a declaration by its mapping: what it says, in the catalog's words, and whether it says anything.
//!
//! Blocks come as tuples of objects or as one object, an attribute that is null is absent, and what may be null is neither there nor
//! absent. This module does not know what any property means.

use crate::graph::catalog::spec::{Fallback, Literal, Path, Shape, Spec};
use crate::source::Span;
use crate::value::{Cause, CauseKind, Declaration, Entries, Reference, Truth, Type, Unknown, Value, ValueKind};
use crate::version::Range;
use std::sync::Arc;

/// What an output's name begins with that stands for a resource of the module itself.
pub const SIBLING: &str = "(inside) ";

/// What a declaration says of one property.
#[derive(Clone, Debug)]
pub struct Read {
    /// Whether it says anything: never false.
    pub certainty: Truth,
    /// Why that is not known.
    pub causes: Vec<Cause>,
    /// What it says, in the catalog's words.
    pub value: Value,
    /// The argument, or the header of the block.
    pub span: Option<Span>,
}

/// What a declaration says of a property; `None` when it provably says nothing.
pub fn read(declaration: &Declaration, spec: &Spec) -> Option<Read> {
    if let Shape::First(specs) = &spec.shape {
        return specs.iter().find_map(|spec| read(declaration, spec));
    }
    let (asked, mut causes) = is_asked(declaration, spec);
    if asked.is_false() {
        return None;
    }
    let (found, span) = in_declaration(declaration, spec);
    let why = found.as_ref().and_then(Value::as_unknown).map(|unknown| unknown.causes.clone());
    let (certainty, value) = shape(declaration, spec, found)?;
    if certainty.is_unknown() {
        causes.extend(value.causes());
        causes.extend(why.unwrap_or_default());
    }
    Some(Read { certainty: certainty.and(asked), causes, value, span })
}

/// Whether the attributes that a mapping depends on have the words that it asks for, and none that it excludes, in a version that it is for.
fn is_asked(declaration: &Declaration, spec: &Spec) -> (Truth, Vec<Cause>) {
    let (mut asked, mut causes) = (Truth::True, Vec::new());
    let words = spec.only_if.iter().map(|asks| (asks, true)).chain(spec.unless.iter().map(|asks| (asks, false)));
    for ((name, word), wanted) in words {
        let (value, _) = at_path(declaration, &Path(vec![Arc::clone(name)]));
        let truth = match value.as_ref().map(|value| (plain(value), value.is_unknown())) {
            Some((Some(text), _)) => (text == *word).into(),
            Some((None, true)) => Truth::Unknown,
            _ => Truth::False,
        };
        if truth.is_unknown() {
            causes.extend(value.iter().flat_map(Value::causes));
        }
        asked = asked.and(if wanted { truth } else { !truth });
    }
    if let Some(range) = spec.versions {
        let truth = version_of(declaration).lies_in(range).map_or(Truth::Unknown, Truth::from);
        if truth.is_unknown() {
            causes.push(Cause::new(CauseKind::MissingModule, Arc::clone(&declaration.type_name), Some(declaration.span)));
        }
        asked = asked.and(truth);
    }
    (asked, causes)
}

/// Which versions of a module a call admits: by its `version`, or by what its source names (`?ref=v4.1.2`, `?version=4.1.2`).
fn version_of(call: &Declaration) -> Range {
    if let Some(constraint) = call.attributes.get("version").and_then(|version| version.value.as_str()) {
        return Range::of(constraint);
    }
    let queries = call.type_name.split_once('?').map_or("", |(_, query)| query);
    let range = |query: &str| match query.split_once('=')? {
        ("ref", tag) => Range::of_tag(tag),
        ("version", constraint) => Some(Range::of(constraint)),
        _ => None,
    };
    queries.split('&').find_map(range).unwrap_or(Range::ALL)
}

/// Follows a path from the attributes on; also where its first step stands.
pub fn at_path(declaration: &Declaration, path: &Path) -> (Option<Value>, Option<Span>) {
    let Some((first, rest)) = path.0.split_first() else {
        let entries = declaration.attributes.iter().map(|(name, attribute)| (Arc::clone(name), attribute.value.clone()));
        return (Some(Value::object(entries.collect())), None);
    };
    match declaration.attributes.get(first) {
        Some(attribute) => (step(&attribute.value, rest), Some(attribute.name_span)),
        None if declaration.unlisted.is_empty() => (None, None),
        None => (Some(Unknown::new(Type::Dynamic, declaration.unlisted.clone()).into()), None),
    }
}

fn in_declaration(declaration: &Declaration, spec: &Spec) -> (Option<Value>, Option<Span>) {
    let paths = match &spec.shape {
        Shape::Paths(paths) => paths.as_slice(),
        Shape::Block(path) | Shape::Blocks(path) => std::slice::from_ref(path),
        Shape::Value(literal) => return (Some(value_of(literal)), None),
        Shape::Sibling(name) => return (Some(sibling(declaration, name)), None),
        Shape::First(_) => return (None, None),
    };
    for path in paths {
        let (found, span) = at_path(declaration, path);
        if found.is_some() {
            return (found, span);
        }
    }
    (None, None)
}

fn in_value(declaration: &Declaration, value: &Value, spec: &Spec) -> Option<Value> {
    match &spec.shape {
        Shape::Paths(paths) => paths.iter().find_map(|path| step(value, &path.0)),
        Shape::Block(path) | Shape::Blocks(path) => step(value, &path.0),
        Shape::Value(literal) => Some(value_of(literal)),
        Shape::Sibling(name) => Some(sibling(declaration, name)),
        Shape::First(_) => None,
    }
}

/// Follows steps through objects; through a list to its only element, or to what all its elements have there. Null is absent.
fn step(value: &Value, path: &[Arc<str>]) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    let Some((first, rest)) = path.split_first() else { return Some(value.clone()) };
    if let Some(test) = first.strip_prefix('[') {
        return pick(value, test.trim_end_matches(']'), rest);
    }
    if let Some(entries) = value.as_entries() {
        return step(entries.get(first)?, rest);
    }
    if let Some(items) = value.as_items() {
        let mut found: Vec<Value> = items.iter().filter_map(|item| step(item, path)).collect();
        return match found.len() {
            0 => None,
            1 => found.pop(),
            // What lists of lists hold is one list here.
            _ => {
                let flat = found.into_iter().flat_map(|one| one.as_items().map_or_else(|| vec![one.clone()], <[Value]>::to_vec));
                Some(Value::tuple(flat.collect()).with_origin(value.origin.clone()))
            }
        };
    }
    if let Some(inner) = value.as_unknown().and_then(|unknown| unknown.unless_null.as_deref()) {
        let part = step(inner, path)?;
        let unknown = Unknown { unless_null: Some(Box::new(part)), ..Unknown::new(Type::Dynamic, value.causes()) };
        return Some(Value::from(unknown).with_origin(value.origin.clone()));
    }
    // A part of what is not known is not known, and may be null.
    value.is_unknown().then(|| Value::from(Unknown::new(Type::Dynamic, value.causes())).with_origin(value.origin.clone()))
}

/// The element of a list that has a word under a key, and on from there.
fn pick(value: &Value, test: &str, rest: &[Arc<str>]) -> Option<Value> {
    let (key, word) = test.split_once('=')?;
    if value.is_unknown() {
        return step(value, rest);
    }
    let items = value.as_items().unwrap_or(std::slice::from_ref(value));
    let has = |item: &&Value| item.get(key).and_then(plain).is_some_and(|text| text == word);
    items.iter().find(has).and_then(|item| step(item, rest))
}

/// Puts what was found into the catalog's words. `None`: it says nothing.
fn shape(declaration: &Declaration, spec: &Spec, found: Option<Value>) -> Option<(Truth, Value)> {
    // What is this or nothing says this, or nothing. Where nothing would mean a default, it is just not known.
    if !spec.required
        && spec.default.is_none()
        && let Some(inner) = found.as_ref().and_then(Value::as_unknown).and_then(|unknown| unknown.unless_null.as_deref())
    {
        let (certainty, value) = shape(declaration, spec, Some(inner.clone()))?;
        return Some((certainty.and(Truth::Unknown), value));
    }
    match &spec.shape {
        Shape::Paths(_) | Shape::Value(_) | Shape::Sibling(_) => scalar(declaration, spec, found),
        Shape::First(_) => None,
        Shape::Block(_) => {
            let found = found?;
            let (certainty, block) = one_block(&found)?;
            let value = fields(declaration, spec, &block);
            let lacks = |need: &Arc<str>| value.as_entries().is_some_and(|entries| is_empty(entries.get(need)));
            if spec.needs.iter().any(lacks) { None } else { Some((certainty, value)) }
        }
        Shape::Blocks(_) => {
            let found = found?;
            if let Some(items) = found.as_items() {
                let items: Vec<Value> = items.iter().map(|item| fields(declaration, spec, item)).collect();
                return (!items.is_empty()).then(|| (Truth::True, Value::tuple(items).with_origin(found.origin.clone())));
            }
            if found.as_entries().is_some() {
                return Some((Truth::True, Value::tuple(vec![fields(declaration, spec, &found)])));
            }
            found.is_unknown().then(|| (at_least_one(&found), found.clone()))
        }
    }
}

fn scalar(declaration: &Declaration, spec: &Spec, found: Option<Value>) -> Option<(Truth, Value)> {
    let Some(value) = found else {
        return match spec.default.as_ref()? {
            Fallback::Literal(literal) => Some((Truth::True, value_of(literal))),
            Fallback::Itself => Some((Truth::True, itself(declaration))),
        };
    };
    if let Some(unknown) = value.as_unknown() {
        let certain = unknown.not_null
            || spec.required
            || spec.default.is_some()
            || unknown.refers_to.as_ref().is_some_and(|reference| reference.names_a_resource());
        let certainty = if certain { Truth::True } else { Truth::Unknown };
        if spec.map.is_empty() {
            return Some((certainty, value));
        }
        // Pieces of a word of one vocabulary say nothing of the other's.
        let opaque = Value::from(Unknown::new(Type::String, unknown.causes.clone())).with_origin(value.origin.clone());
        return Some((certainty, opaque));
    }
    if !spec.map.is_empty()
        && let Some(literal) = plain(&value).and_then(|word| spec.map.get(&word))
    {
        return Some((Truth::True, value_of(literal).with_origin(value.origin)));
    }
    Some((Truth::True, value))
}

/// The block of a property that has one: the object itself, or the first of a list. Also whether it is there.
fn one_block(found: &Value) -> Option<(Truth, Value)> {
    if let Some(items) = found.as_items() {
        return one_block(items.first()?);
    }
    if found.as_entries().is_some() {
        return Some((Truth::True, found.clone()));
    }
    if found.is_unknown() {
        return Some((at_least_one(found), found.clone()));
    }
    None
}

/// Whether an unknown value of a block is one block at least.
fn at_least_one(value: &Value) -> Truth {
    let Some(unknown) = value.as_unknown() else { return Truth::True };
    let object = matches!(unknown.of, Type::Object(_) | Type::Map(_)) && unknown.not_null;
    if unknown.length.0 > 0 || object { Truth::True } else { Truth::Unknown }
}

/// A block's fields, in the catalog's words. Of an unknown block nothing is known.
fn fields(declaration: &Declaration, spec: &Spec, block: &Value) -> Value {
    if block.is_unknown() || block.as_entries().is_none() {
        return block.clone();
    }
    let one = |(name, field): (&Arc<str>, &Spec)| Some((Arc::clone(name), one_field(declaration, field, block)?));
    Value::object(spec.fields.iter().filter_map(one).collect::<Entries>()).with_origin(block.origin.clone())
}

fn one_field(declaration: &Declaration, spec: &Spec, block: &Value) -> Option<Value> {
    if let Shape::First(specs) = &spec.shape {
        return specs.iter().find_map(|spec| one_field(declaration, spec, block));
    }
    let (asked, causes) = is_asked(declaration, spec);
    if asked.is_false() {
        return None;
    }
    let (_, value) = shape(declaration, spec, in_value(declaration, block, spec))?;
    Some(if asked.is_true() { value } else { Unknown::new(Type::Dynamic, causes).into() })
}

fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str() == Some(""))
}

fn itself(declaration: &Declaration) -> Value {
    let reference = Reference::Attribute { project: declaration.project, address: declaration.address.clone(), attribute: Arc::from("") };
    ValueKind::Resource(Arc::new(reference)).into()
}

/// A reference to another resource of the same summarized module.
fn sibling(declaration: &Declaration, name: &str) -> Value {
    let reference = Reference::ModuleOutput {
        project: declaration.project,
        module: declaration.address.clone(),
        output: Arc::from(format!("{SIBLING}{name}")),
    };
    let cause = Cause::new(CauseKind::MissingModule, Arc::clone(&declaration.type_name), Some(declaration.span));
    Unknown::attribute(Arc::new(reference), Type::String, cause).into()
}

fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::bool(*value),
        Literal::Int(value) => Value::int(*value),
        Literal::Text(text) => Value::string(text.as_str()),
    }
}

/// A known scalar as text: what languages write as `true` or as `"true"` is the same word.
pub fn plain(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Bool(value) => Some(value.to_string()),
        ValueKind::Number(number) => Some(number.to_string()),
        ValueKind::String(text) => Some(text.to_string()),
        _ => None,
    }
}
