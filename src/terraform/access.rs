//! Attribute and index access on values, as HCL has them.
//!
//! Whole resources are not opened here: the engine does that, since only it can evaluate an attribute.

use crate::value::convert::convert;
use crate::value::{Cause, CauseKind, Number, Reference, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// `value.name`. The error is Terraform's text.
pub fn attribute(value: &Value, name: &str) -> Result<Value, String> {
    let found = match &value.kind {
        ValueKind::Null(_) => {
            return Err("attempt to get attribute from null value: this value is null, so it does not have any attributes".into());
        }
        ValueKind::Object(entries) => match entries.get(name) {
            Some(found) => found.clone(),
            None => return Err(format!("unsupported attribute: this object does not have an attribute named `{name}`")),
        },
        ValueKind::Map(_, entries) => match entries.get(name) {
            Some(found) => found.clone(),
            None => return Err(format!("missing map element: this map does not have an element with the key `{name}`")),
        },
        ValueKind::Unknown(unknown) => unknown_attribute(unknown, name)?,
        ValueKind::List(..) | ValueKind::Set(..) | ValueKind::Tuple(_) => {
            return Err(
                "unsupported attribute: this value is a collection, did you mean to access an attribute of one of its elements?".into()
            );
        }
        ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) => {
            return Err("unsupported attribute: can't access attributes on a primitive-typed value".into());
        }
        ValueKind::Resource(_) => return Err("unsupported attribute".into()),
    };
    Ok(found.with_marks(value.marks))
}

fn unknown_attribute(unknown: &Unknown, name: &str) -> Result<Value, String> {
    let of = match &unknown.of {
        Type::Dynamic => Type::Dynamic,
        Type::Map(of) => (**of).clone(),
        Type::Object(attributes) => match attributes.get(name) {
            Some(of) => of.clone(),
            None => return Err(format!("unsupported attribute: this object does not have an attribute named `{name}`")),
        },
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => return Err("unsupported attribute: this value is a collection".into()),
        Type::Bool | Type::Number | Type::String => {
            return Err("unsupported attribute: can't access attributes on a primitive-typed value".into());
        }
    };
    Ok(part(unknown, of, |path| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }))
}

/// A part of an unknown: it has the same causes, and refers to a part of what the whole refers to.
fn part(unknown: &Unknown, of: Type, path: impl Fn(&str) -> String) -> Value {
    let mut part = Unknown::new(of, unknown.causes.clone());
    part.refers_to = unknown.refers_to.as_deref().and_then(|reference| match reference {
        Reference::Attribute { project, address, attribute } => {
            Some(Arc::new(Reference::Attribute { project: *project, address: address.clone(), attribute: path(attribute).into() }))
        }
        Reference::ModuleOutput { project, module, output } => {
            Some(Arc::new(Reference::ModuleOutput { project: *project, module: module.clone(), output: path(output).into() }))
        }
        Reference::RemoteOutput { state, output } => {
            Some(Arc::new(Reference::RemoteOutput { state: Arc::clone(state), output: path(output).into() }))
        }
        Reference::Input { project, name } => Some(Arc::new(Reference::Input { project: *project, name: path(name).into() })),
        Reference::Export { .. } | Reference::StoredParameter { .. } | Reference::Part { .. } => None,
    });
    part.into()
}

/// `value[key]`. The error is Terraform's text.
pub fn index(value: &Value, key: &Value) -> Result<Value, String> {
    let marks = value.marks.union(key.marks);
    if value.is_null() {
        return Err("attempt to index null value: this value is null, so it does not have any indices".into());
    }
    if key.is_null() {
        return Err("invalid index: can't use a null value as an indexing key".into());
    }
    let found = match &value.kind {
        ValueKind::List(element, items) => by_number(items, key, element)?,
        ValueKind::Tuple(items) => by_number(items, key, &Type::Dynamic)?,
        ValueKind::Map(element, entries) => match text_key(key)? {
            None => one_of(element, entries.values(), key),
            Some(name) => match entries.get(&name) {
                Some(found) => found.clone(),
                None => return Err("invalid index: the given key does not identify an element in this collection value".into()),
            },
        },
        ValueKind::Object(entries) => match text_key(key)? {
            None => one_of(&Type::Dynamic, entries.values(), key),
            Some(name) => match entries.get(&name) {
                Some(found) => found.clone(),
                None => return Err(format!("invalid index: this object does not have an attribute named `{name}`")),
            },
        },
        ValueKind::Unknown(unknown) => index_unknown(unknown, value, key)?,
        ValueKind::Set(..) => {
            return Err("invalid index: elements of a set are identified only by their value and don't have any separate index or key to select with".into());
        }
        _ => return Err("invalid index: this value does not have any indices".into()),
    };
    Ok(found.with_marks(marks))
}

fn derived<const N: usize>(of: Type, from: [&Value; N]) -> Value {
    Unknown::new(of, from.into_iter().flat_map(Value::causes).collect()).into()
}

/// One of several values, and it is not known which: it hangs on the key, and on what it may be. A resource among them has its name when it is
/// created, and not before, as an input has.
fn one_of<'v>(of: &Type, items: impl Iterator<Item = &'v Value>, key: &Value) -> Value {
    let of_items = items.flat_map(|item| match &item.kind {
        ValueKind::Resource(reference) => vec![Cause::new(CauseKind::Computed, reference.to_string(), item.origin.span())],
        _ => item.causes(),
    });
    Unknown::new(of.clone(), key.causes().into_iter().chain(of_items).collect()).into()
}

fn by_number(items: &[Value], key: &Value, element: &Type) -> Result<Value, String> {
    let key = convert(key, &Type::Number).map_err(|_| "invalid index: a number is required".to_owned())?;
    let Some(number) = key.as_number() else {
        return Ok(one_of(element, items.iter(), &key));
    };
    if *number < Number::from(0) {
        return Err("invalid index: the given key does not identify an element in this collection value: a negative number is not a valid index for a sequence".into());
    }
    match number.to_i64().map(usize::try_from) {
        Some(Ok(at)) if at < items.len() => Ok(items[at].clone()),
        Some(_) => Err("invalid index: the given key does not identify an element in this collection value: the given index is greater than or equal to the length of the collection".into()),
        None => Err("invalid index: the given key does not identify an element in this collection value: a whole number is required".into()),
    }
}

/// The text of a key for a map or object; `None` if it is not known.
fn text_key(key: &Value) -> Result<Option<Arc<str>>, String> {
    let key = convert(key, &Type::String).map_err(|_| "invalid index: a string is required".to_owned())?;
    Ok(match key.kind {
        ValueKind::String(text) => Some(text),
        _ => None,
    })
}

fn index_unknown(unknown: &Unknown, value: &Value, key: &Value) -> Result<Value, String> {
    let of = match &unknown.of {
        Type::Dynamic => Type::Dynamic,
        Type::List(of) => {
            convert(key, &Type::Number).map_err(|_| "invalid index: a number is required".to_owned())?;
            (**of).clone()
        }
        Type::Map(of) => {
            convert(key, &Type::String).map_err(|_| "invalid index: a string is required".to_owned())?;
            (**of).clone()
        }
        Type::Tuple(items) => {
            let Some(at) = convert(key, &Type::Number)
                .map_err(|_| "invalid index: a number is required".to_owned())?
                .as_number()
                .and_then(Number::to_i64)
            else {
                return Ok(derived(Type::Dynamic, [value, key]));
            };
            match usize::try_from(at).ok().and_then(|at| items.get(at)) {
                Some(of) => of.clone(),
                None => return Err("invalid index: the given key does not identify an element in this collection value".into()),
            }
        }
        Type::Object(attributes) => match text_key(key)? {
            None => return Ok(derived(Type::Dynamic, [value, key])),
            Some(name) => match attributes.get(&*name) {
                Some(of) => of.clone(),
                None => return Err(format!("invalid index: this object does not have an attribute named `{name}`")),
            },
        },
        Type::Set(_) => return Err("invalid index: elements of a set are identified only by their value".into()),
        Type::Bool | Type::Number | Type::String => return Err("invalid index: this value does not have any indices".into()),
    };
    let step = match &key.kind {
        ValueKind::Number(number) => format!("[{number}]"),
        ValueKind::String(text) => format!("[\"{text}\"]"),
        _ => return Ok(derived(of, [value, key])),
    };
    Ok(part(unknown, of, |path| format!("{path}{step}")))
}
