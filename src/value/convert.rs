//! Conversion between types, and the one type that several have in common, as Terraform's `cty` has them.
//!
//! What can be converted is decided on types alone, before any value is looked at (an empty list of strings is no list of objects); a
//! conversion of values then follows the same shape. *Safe* conversions cannot fail (number to string); *unsafe* ones can (string to
//! number), and may lose something (list to set). Explicit conversion and unification in Terraform allow the unsafe ones.

mod shape;
mod unify;

use crate::value::{Entries, Number, Type, Unknown, Value, ValueKind, text};
use std::sync::Arc;

pub use shape::constraint;
pub use unify::unify;

/// Deepest nesting of types that conversion follows; Terraform itself has no limit, and no code comes near.
const MAX_DEPTH: usize = 128;

/// Which conversions are allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Safety {
    /// Only those that cannot fail.
    Safe,
    /// Those that can fail or lose something, too.
    Unsafe,
}

/// The value as a value of another type. The error is Terraform's text: `string required`, `a number is required`, …
///
/// Where `any` stands in the target, the value's own type is taken, unified over the elements of a collection. Null stays null, of the new
/// type; an unknown keeps what is known of it; marks and origins stay where they are, but those inside a set move to the set.
pub fn convert(value: &Value, to: &Type) -> Result<Value, String> {
    if *to == Type::Dynamic || value.is_of(to) {
        return Ok(value.clone());
    }
    if matches!(value.kind, ValueKind::Resource(_)) {
        return Ok(resource(value, to));
    }
    if !shape::convertible_value(value, to, 0) {
        return Err(shape::mismatch(&value.type_of(), to));
    }
    apply(value, to, Safety::Unsafe, 0)
}

/// The same of a value that nobody else needs: most are of the type already.
pub fn into_type(value: Value, to: &Type) -> Result<Value, String> {
    if *to == Type::Dynamic || value.is_of(to) { Ok(value) } else { convert(&value, to) }
}

/// Whether values of a type can, or at least may, be converted to another.
pub fn convertible(from: &Type, to: &Type) -> bool {
    shape::convertible(from, to, Safety::Unsafe, 0)
}

/// A whole resource as a value of another type: nothing is known of it here, but that it is not null.
fn resource(value: &Value, to: &Type) -> Value {
    if *to == Type::Dynamic {
        return value.clone();
    }
    let mut unknown = Unknown::new(to.clone(), value.causes()).not_null();
    if let ValueKind::Resource(reference) = &value.kind {
        unknown.refers_to = Some(Arc::clone(reference));
    }
    Value { kind: ValueKind::Unknown(Arc::new(unknown)), marks: value.marks, origin: value.origin.clone() }
}

/// Converts a value whose type is known to be convertible.
fn apply(value: &Value, to: &Type, safety: Safety, depth: usize) -> Result<Value, String> {
    if *to == Type::Dynamic || value.is_of(to) {
        return Ok(value.clone());
    }
    if depth > MAX_DEPTH {
        return Err("types are nested too deeply".into());
    }
    let converted = match &value.kind {
        ValueKind::Resource(_) => return Ok(resource(value, to)),
        ValueKind::Null(of) => ValueKind::Null(shape::filled(of, to, 0)).into(),
        ValueKind::Unknown(unknown) => converted_unknown(unknown, to),
        ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) => primitive(value, to)?,
        ValueKind::List(of, items) => sequence(items, &Elements::Of(of), to, safety, depth)?,
        ValueKind::Set(of, items) => {
            // A set that may turn out shorter makes a list of unknown length.
            if matches!(to, Type::List(_)) && items.len() > 1 && items.iter().any(|item| !item.is_wholly_known()) {
                Unknown::new(Type::List(Arc::new(of.clone())), value.causes()).into()
            } else {
                sequence(items, &Elements::Of(of), to, safety, depth)?
            }
        }
        ValueKind::Tuple(items) => match to {
            Type::Tuple(types) => {
                Value::tuple(items.iter().zip(types.iter()).map(|(item, of)| apply(item, of, safety, depth + 1)).collect::<Result<_, _>>()?)
            }
            _ => sequence(items, &Elements::Each, to, safety, depth)?,
        },
        ValueKind::Map(of, entries) => match to {
            Type::Object(types) => {
                let missing = types.keys().find(|name| !entries.contains_key(name));
                if let Some(name) = missing {
                    return Err(format!("map has no element for required attribute {name:?}"));
                }
                attributes(entries, types, safety, depth)?
            }
            _ => mapping(entries, Some(of), to, safety, depth)?,
        },
        ValueKind::Object(entries) => match to {
            Type::Object(types) => attributes(entries, types, safety, depth)?,
            _ => mapping(entries, None, to, safety, depth)?,
        },
    };
    Ok(Value { origin: value.origin.clone(), ..converted.with_marks(value.marks) })
}

/// Where the types of elements stand: one for all, or on each.
enum Elements<'a> {
    Of(&'a Type),
    Each,
}

fn primitive(value: &Value, to: &Type) -> Result<Value, String> {
    Ok(match (&value.kind, to) {
        (ValueKind::Number(number), Type::String) if number.is_printable() => Value::string(number.to_string()),
        (ValueKind::Number(_), Type::String) => text::too_long(),
        (ValueKind::Bool(value), Type::String) => Value::string(if *value { "true" } else { "false" }),
        (ValueKind::String(text), Type::Number) => ValueKind::Number(Number::parse(text).ok_or("a number is required")?).into(),
        (ValueKind::String(text), Type::Bool) => match &**text {
            "true" | "1" => Value::bool(true),
            "false" | "0" => Value::bool(false),
            other => {
                let lowered = other.to_ascii_lowercase();
                let hint = if matches!(&*lowered, "true" | "false") {
                    format!("; to convert from string, use lowercase \"{lowered}\"")
                } else {
                    String::new()
                };
                return Err(format!("a bool is required{hint}"));
            }
        },
        _ => return Err(shape::mismatch(&value.type_of(), to)),
    })
}

/// A list or set of a list's, set's or tuple's elements.
fn sequence(items: &[Value], of: &Elements, to: &Type, safety: Safety, depth: usize) -> Result<Value, String> {
    let (Type::List(wanted) | Type::Set(wanted)) = to else {
        return Err(shape::mismatch(&Type::Dynamic, to));
    };
    let is_list = matches!(to, Type::List(_));
    let build = |element: Type, items: Vec<Value>| {
        if is_list { ValueKind::List(element, Arc::new(items)).into() } else { Value::set(element, items) }
    };
    if items.is_empty() {
        let element = match of {
            Elements::Of(of) if **wanted == Type::Dynamic => (*of).clone(),
            _ => (**wanted).clone(),
        };
        return Ok(build(element, Vec::new()));
    }
    let wanted = match of {
        // `any` for the elements of a tuple: the type that all have in common.
        Elements::Each if **wanted == Type::Dynamic => common(items.iter(), safety, depth).ok_or("all elements must have the same type")?,
        _ => (**wanted).clone(),
    };
    let converted: Vec<Value> = items.iter().map(|item| apply(item, &wanted, safety, depth + 1)).collect::<Result<_, _>>()?;
    let rule = if is_list && matches!(of, Elements::Each) { Rule::Unify(safety) } else { Rule::Same(if is_list { "list" } else { "set" }) };
    let (element, converted) = of_one_type(converted, rule, depth)?;
    Ok(build(element, converted))
}

/// A map of a map's or object's entries; `of` is the map's element type.
fn mapping(entries: &Entries, of: Option<&Type>, to: &Type, safety: Safety, depth: usize) -> Result<Value, String> {
    let Type::Map(wanted) = to else { return Err(shape::mismatch(&Type::Dynamic, to)) };
    if entries.is_empty() {
        let element = match of {
            Some(of) if **wanted == Type::Dynamic => of.clone(),
            _ => (**wanted).clone(),
        };
        return Ok(ValueKind::Map(element, Arc::default()).into());
    }
    let wanted = match of {
        None if **wanted == Type::Dynamic => common(entries.values(), safety, depth).ok_or("all map elements must have the same type")?,
        _ => (**wanted).clone(),
    };
    let values: Vec<Value> = entries.values().map(|entry| apply(entry, &wanted, safety, depth + 1)).collect::<Result<_, _>>()?;
    let rule = match wanted {
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Tuple(_) => Rule::Same("map"),
        _ => Rule::Unify(if of.is_some() { Safety::Safe } else { safety }),
    };
    let (element, values) = of_one_type(values, rule, depth)?;
    Ok(ValueKind::Map(element, Arc::new(entries.keys().cloned().zip(values).collect())).into())
}

/// The type that all of these can be converted to; most times they are of one.
fn common<'v>(items: impl Iterator<Item = &'v Value> + Clone, safety: Safety, depth: usize) -> Option<Type> {
    if let Some(of) = one_type(items.clone()).filter(|_| depth < MAX_DEPTH) {
        return Some(of);
    }
    unify::unify_with(&items.map(Value::type_of).collect::<Vec<_>>(), safety, depth + 1)
}

/// The type of the first, if all are of that, and it is known.
fn one_type<'v>(mut items: impl Iterator<Item = &'v Value>) -> Option<Type> {
    let of = items.next()?.type_of();
    (of != Type::Dynamic && items.all(|item| item.is_of(&of))).then_some(of)
}

/// What is done when elements differ in type after conversion, because `any` in the target let them.
#[derive(Clone, Copy)]
enum Rule {
    /// They are unified once more.
    Unify(Safety),
    /// They cannot be elements of such a collection.
    Same(&'static str),
}

/// The one type of all elements, and the elements. An element of unknown type is taken for one of that type.
fn of_one_type(items: Vec<Value>, rule: Rule, depth: usize) -> Result<(Type, Vec<Value>), String> {
    if let Some(element) = one_type(items.iter()) {
        return Ok((element, items));
    }
    let types: Vec<Type> = items.iter().map(Value::type_of).collect();
    let element = types.iter().find(|of| **of != Type::Dynamic).unwrap_or(&Type::Dynamic);
    if types.iter().all(|of| of == element) {
        return Ok((element.clone(), items));
    }
    match rule {
        Rule::Same(_) if types.iter().all(|of| of == element || *of == Type::Dynamic) => Ok((element.clone(), items)),
        Rule::Same(kind) => Err(format!("element types must all match for conversion to {kind}")),
        Rule::Unify(safety) => {
            let element = unify::unify_with(&types, safety, depth + 1).ok_or("cannot find a common base type for all elements")?;
            let items = items.iter().map(|item| apply(item, &element, safety, depth + 1)).collect::<Result<_, _>>()?;
            Ok((element, items))
        }
    }
}

/// An object of the attributes that are wanted; what else there is, is dropped.
fn attributes(
    entries: &Entries,
    types: &std::collections::BTreeMap<Arc<str>, Type>,
    safety: Safety,
    depth: usize,
) -> Result<Value, String> {
    let mut converted = Vec::with_capacity(types.len());
    for (name, of) in types {
        let Some(value) = entries.get(name) else { return Err(format!("attribute {name:?} is required")) };
        converted.push((Arc::clone(name), apply(value, of, safety, depth + 1)?));
    }
    Ok(Value::object(Entries::from_iter(converted)))
}

/// An unknown of another type: the same input or attribute, with what the types say of its length.
fn converted_unknown(unknown: &Unknown, to: &Type) -> Value {
    let mut result = unknown.clone();
    result.of = shape::filled(&unknown.of, to, 0);
    if unknown.of != Type::Number || result.of != Type::Number {
        result.bounds = None;
    }
    if unknown.of != Type::String || result.of != Type::String {
        result.prefix = None;
    }
    if !result.of.is_primitive() && result.of != Type::Dynamic {
        result.pieces = Vec::new();
    }
    let parts = |types: usize| types as u64;
    result.length = match (&unknown.of, &result.of) {
        (Type::Object(attributes), Type::Map(_)) => (parts(attributes.len()), Some(parts(attributes.len()))),
        (Type::Tuple(items), Type::List(_)) => (parts(items.len()), Some(parts(items.len()))),
        (Type::Tuple(items), Type::Set(_)) => (parts(items.len().min(1)), Some(parts(items.len()))),
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::Set(_)) => (unknown.length.0.min(1), unknown.length.1),
        (Type::List(_) | Type::Set(_) | Type::Map(_), Type::List(_) | Type::Map(_)) => unknown.length,
        _ => (0, None),
    };
    result.settled()
}

#[cfg(test)]
mod tests;
