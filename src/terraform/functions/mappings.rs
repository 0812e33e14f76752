//! Functions on maps and objects.

use super::FunctionError;
use super::spec::{
    Call, DYNAMIC, Function, Gives, MARKED, NULL, Nullness, Outcome, Parameter, Takes, UNKNOWN, causes, list, sequence, texts, unmark,
};
use crate::value::convert::convert;
use crate::value::{Entries, Marks, Type, Unknown, Value, ValueKind};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "keys",
        parameters: &[Parameter::new("inputMap", Takes::Any).lets(UNKNOWN | MARKED)],
        rest: None,
        gives: Gives::Depends(keys_type),
        nullness: Nullness::Never,
        run: keys,
    },
    Function {
        name: "lookup",
        parameters: &[
            Parameter::new("inputMap", Takes::Any).lets(UNKNOWN | MARKED),
            Parameter::new("key", Takes::Text).lets(UNKNOWN | MARKED),
        ],
        rest: Some(Parameter::new("default", Takes::Any).lets(UNKNOWN | DYNAMIC | NULL | MARKED)),
        gives: Gives::Depends(looked_up_type),
        nullness: Nullness::Maybe,
        run: lookup,
    },
    Function {
        name: "merge",
        parameters: &[],
        rest: Some(Parameter::new("maps", Takes::Any).lets(DYNAMIC | NULL | MARKED)),
        gives: Gives::Depends(merged_type),
        nullness: Nullness::Never,
        run: merge,
    },
    Function {
        name: "transpose",
        parameters: &[Parameter::new("values", Takes::MapOfLists).lets(MARKED)],
        rest: None,
        gives: Gives::MapOfLists,
        nullness: Nullness::Never,
        run: transpose,
    },
    Function {
        name: "values",
        parameters: &[Parameter::new("mapping", Takes::Any).lets(MARKED)],
        rest: None,
        gives: Gives::Depends(values_type),
        nullness: Nullness::Never,
        run: values,
    },
    Function {
        name: "zipmap",
        parameters: &[Parameter::new("keys", Takes::ListOfText).lets(MARKED), Parameter::new("values", Takes::Any).lets(MARKED)],
        rest: None,
        gives: Gives::Depends(zipped_type),
        nullness: Nullness::Never,
        run: zipmap,
    },
];

fn keys_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::Map(_) => Ok(list(Type::String)),
        Type::Object(attributes) => Ok(Type::Tuple(attributes.keys().map(|_| Type::String).collect())),
        _ => Err(FunctionError::argument(0, "must have map or object type")),
    }
}

fn keys(call: &mut Call) -> Outcome {
    let (given, marks) = unmark(call.argument(0)?);
    let names: Vec<Arc<str>> = match (&given.kind, given.type_of()) {
        (_, Type::Object(attributes)) => attributes.keys().cloned().collect(),
        (ValueKind::Map(_, entries), _) => entries.keys().cloned().collect(),
        _ => return Ok(call.unknown().with_marks(marks)),
    };
    Ok(sequence(&call.of, names.into_iter().map(Value::string).collect()).with_marks(marks))
}

fn looked_up_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.len() > 3 {
        return Err(FunctionError::new(format!("lookup() takes two or three arguments, got {}", arguments.len())));
    }
    let of_attribute = |of: Option<Type>| {
        let Some(key) = arguments[1].as_str() else { return Ok(Type::Dynamic) };
        let missing = || FunctionError::argument(0, format!("the given object has no attribute {key:?}"));
        of.or_else(|| arguments.get(2).map(Value::type_of)).ok_or_else(missing)
    };
    let key = arguments[1].as_str();
    // Objects are large, and the type of one attribute is enough.
    if let ValueKind::Object(entries) = &arguments[0].kind {
        return of_attribute(key.and_then(|key| entries.get(key)).map(Value::type_of));
    }
    match arguments[0].type_of() {
        Type::Object(attributes) => of_attribute(key.and_then(|key| attributes.get(key)).cloned()),
        Type::Map(of) => {
            if let Some(default) = arguments.get(2)
                && convert(default, &of).is_err()
            {
                return Err(FunctionError::argument(2, "the default value must have the same type as the map elements"));
            }
            Ok((*of).clone())
        }
        _ => Err(FunctionError::argument(0, "lookup() requires a map as the first argument")),
    }
}

fn lookup(call: &mut Call) -> Outcome {
    let (given, map_marks) = unmark(call.argument(0)?);
    let (key, key_marks) = unmark(call.argument(1)?);
    let marks = map_marks.union(key_marks);
    let (Some(entries), Some(key)) = (given.as_entries(), key.as_str()) else { return Ok(call.unknown().with_marks(marks)) };
    if let Some(found) = entries.get(key) {
        return Ok(found.clone().with_marks(marks));
    }
    let missing = || FunctionError::new(format!("lookup failed to find key {key:?}"));
    let default = call.arguments.get(2).ok_or_else(missing)?;
    Ok(convert(default, &call.of).map_err(FunctionError::new)?.with_marks(marks))
}

fn merged_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = arguments.first() else { return Ok(Type::Object(Arc::default())) };
    // An object that is known says itself which type it has.
    if arguments.iter().all(|argument| matches!(argument.kind, ValueKind::Object(_))) {
        return Ok(Type::Object(Arc::default()));
    }
    let of = first.type_of();
    if matches!(of, Type::Object(_) | Type::Map(_)) && arguments[1..].iter().all(|argument| argument.is_of(&of)) {
        return Ok(of);
    }
    let mut attributes = BTreeMap::new();
    let mut countable = true;
    for argument in arguments {
        let of = argument.type_of();
        match (&of, &argument.kind) {
            (Type::Dynamic, _) => return Ok(Type::Dynamic),
            (Type::Map(_) | Type::Object(_), ValueKind::Null(_)) => {}
            (Type::Object(more), _) => attributes.extend(more.iter().map(|(name, of)| (Arc::clone(name), of.clone()))),
            (Type::Map(of), ValueKind::Map(_, entries)) => attributes.extend(entries.keys().map(|name| (Arc::clone(name), (**of).clone()))),
            (Type::Map(_), _) => countable = false,
            (other, _) => {
                return Err(FunctionError::new(format!("arguments must be maps or objects, got {:?}", other.friendly_name())));
            }
        }
    }
    if arguments.iter().all(|argument| argument.is_of(&of)) {
        return Ok(of);
    }
    Ok(if countable { Type::Object(Arc::new(attributes)) } else { Type::Dynamic })
}

#[expect(clippy::unnecessary_wraps, reason = "every row of the table has this signature")]
fn merge(call: &mut Call) -> Outcome {
    let mut merged = Entries::new();
    let mut marks = Marks::NONE;
    let mut open = false;
    for argument in &call.arguments {
        marks = marks.union(argument.marks);
        match argument.as_entries() {
            Some(entries) => merged.extend(entries.iter().map(|(name, value)| (Arc::clone(name), value.clone()))),
            // A whole resource: an object of which not all is known here.
            None if matches!(argument.kind, ValueKind::Resource(_)) => open = true,
            None => {}
        }
    }
    let value = match &call.of {
        _ if open => Unknown::new(Type::Dynamic, causes(&call.arguments)).into(),
        Type::Map(of) => ValueKind::Map((**of).clone(), Arc::new(merged)).into(),
        _ => Value::object(merged),
    };
    Ok(value.with_marks(marks))
}

fn transpose(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    let marks = given.deep_marks();
    if !given.is_wholly_known() {
        return Ok(call.unknown().with_marks(marks));
    }
    let mut turned = BTreeMap::<Arc<str>, Vec<Arc<str>>>::new();
    for (name, items) in given.as_entries().into_iter().flatten() {
        let items = items.as_items().ok_or_else(|| FunctionError::new("input must not contain null list"))?;
        for item in items {
            let item = item.as_str().ok_or_else(|| FunctionError::new("input must not contain null string"))?;
            turned.entry(item.into()).or_default().push(Arc::clone(name));
        }
    }
    let entries = turned.into_iter().map(|(name, mut names)| {
        names.sort_unstable();
        (name, texts(names))
    });
    Ok(Value::from(ValueKind::Map(list(Type::String), Arc::new(entries.collect()))).with_marks(marks))
}

fn values_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::Map(of) => Ok(Type::List(of)),
        Type::Object(attributes) => Ok(Type::Tuple(attributes.values().cloned().collect())),
        _ => Err(FunctionError::new("values() requires a map as the first argument")),
    }
}

fn values(call: &mut Call) -> Outcome {
    let (given, marks) = unmark(call.argument(0)?);
    Ok(sequence(&call.of, given.as_entries().into_iter().flatten().map(|(_, value)| value.clone()).collect()).with_marks(marks))
}

fn zipped_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[1].type_of() {
        Type::List(of) => Ok(Type::Map(of)),
        Type::Tuple(types) => {
            let Some(keys) = arguments[0].as_items().filter(|_| arguments[0].is_wholly_known()) else { return Ok(Type::Dynamic) };
            if keys.len() != types.len() {
                return Err(uneven(keys.len(), types.len()));
            }
            let mut attributes = BTreeMap::new();
            for (index, (key, of)) in keys.iter().zip(types.iter()).enumerate() {
                let name = key.as_str().ok_or_else(|| FunctionError::new(format!("keys list has null value at index {index}")))?;
                attributes.insert(Arc::from(name), of.clone());
            }
            Ok(Type::Object(Arc::new(attributes)))
        }
        _ => Err(FunctionError::new("values argument must be a list or tuple value")),
    }
}

fn uneven(keys: usize, values: usize) -> FunctionError {
    FunctionError::new(format!("number of keys ({keys}) does not match number of values ({values})"))
}

fn zipmap(call: &mut Call) -> Outcome {
    let (keys, key_marks) = unmark(call.argument(0)?);
    let (values, value_marks) = unmark(call.argument(1)?);
    let mut marks = key_marks.union(value_marks);
    if !keys.is_wholly_known() {
        return Ok(call.unknown().with_marks(marks));
    }
    let (keys, values) = (keys.as_items().unwrap_or_default(), values.as_items().unwrap_or_default());
    if keys.len() != values.len() {
        return Err(uneven(keys.len(), values.len()));
    }
    let mut entries = Entries::new();
    for (index, (key, value)) in keys.iter().zip(values).enumerate() {
        let name = key.as_str().ok_or_else(|| FunctionError::new(format!("keys list has null value at index {index}")))?;
        marks = marks.union(key.marks);
        entries.insert(name.into(), value.clone());
    }
    let value = match &call.of {
        Type::Map(of) => ValueKind::Map((**of).clone(), Arc::new(entries)).into(),
        _ => Value::object(entries),
    };
    Ok(value.with_marks(marks))
}
