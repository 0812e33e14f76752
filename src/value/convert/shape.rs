//! What types alone say of a conversion: whether there is one, what an unknown of one type becomes, and why there is none.

use super::{MAX_DEPTH, Safety, unify};
use crate::value::{Type, Value, ValueKind};
use std::sync::Arc;

/// Whether values of a type can (for unsafe conversions: may) be converted to another.
pub(super) fn convertible(from: &Type, to: &Type, safety: Safety, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    // `any` for the elements of a tuple or object: whatever they have in common.
    let common = |types: &[Type], wanted: &Type| {
        if types.is_empty() {
            return true;
        }
        let wanted = if *wanted == Type::Dynamic { unify::unify_with(types, safety, depth + 1) } else { Some(wanted.clone()) };
        let Some(wanted) = wanted else { return false };
        types.iter().all(|of| *of == wanted || convertible(of, &wanted, safety, depth + 1))
    };
    // A list or set whose common type is not known yet is none, unless all its elements are so.
    let sequence = |types: &[Type], wanted: &Type| {
        let open = *wanted == Type::Dynamic
            && unify::unify_with(types, safety, depth + 1) == Some(Type::Dynamic)
            && types.iter().any(|of| *of != Type::Dynamic);
        !open && common(types, wanted)
    };
    match (from, to) {
        (_, Type::Dynamic) => true,
        (Type::Dynamic, _) => safety == Safety::Unsafe,
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => safety == Safety::Unsafe,
        (Type::Object(given), Type::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| given.get(name).is_some_and(|given| given == wanted || convertible(given, wanted, safety, depth + 1))),
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(wanted.iter()).all(|(given, wanted)| given == wanted || convertible(given, wanted, safety, depth + 1))
        }
        (Type::List(given) | Type::Set(given), Type::List(wanted))
        | (Type::Set(given), Type::Set(wanted))
        | (Type::Map(given), Type::Map(wanted)) => given == wanted || convertible(given, wanted, safety, depth + 1),
        (Type::List(given), Type::Set(wanted)) => {
            safety == Safety::Unsafe && (given == wanted || convertible(given, wanted, safety, depth + 1))
        }
        (Type::Tuple(items), Type::List(wanted) | Type::Set(wanted)) => sequence(items, wanted),
        (Type::Object(attributes), Type::Map(wanted)) => common(&attributes.values().cloned().collect::<Vec<_>>(), wanted),
        (Type::Map(given), Type::Object(wanted)) => {
            safety == Safety::Unsafe && wanted.values().all(|wanted| **given == *wanted || convertible(given, wanted, safety, depth + 1))
        }
        _ => from == to && from.is_primitive(),
    }
}

/// Whether a value may be converted to a type: what [`convertible`] says of its type, which is not built where it need not be.
pub(super) fn convertible_value(value: &Value, to: &Type, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let fits = |part: &Value, wanted: &Type| part.is_of(wanted) || convertible_value(part, wanted, depth + 1);
    match (&value.kind, to) {
        (_, Type::Dynamic) => true,
        (ValueKind::Bool(_) | ValueKind::Number(_), Type::String) | (ValueKind::String(_), Type::Number | Type::Bool) => true,
        (ValueKind::Null(of), to) => convertible(of, to, Safety::Unsafe, depth),
        (ValueKind::Unknown(unknown), to) => convertible(&unknown.of, to, Safety::Unsafe, depth),
        (ValueKind::Object(entries), Type::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| entries.get(name).is_some_and(|given| fits(given, wanted)))
        }
        (ValueKind::Tuple(items), Type::Tuple(wanted)) => {
            items.len() == wanted.len() && items.iter().zip(wanted.iter()).all(|(item, wanted)| fits(item, wanted))
        }
        (ValueKind::Tuple(items), Type::List(wanted) | Type::Set(wanted)) if **wanted != Type::Dynamic => {
            items.iter().all(|item| fits(item, wanted))
        }
        (ValueKind::Object(entries), Type::Map(wanted)) if **wanted != Type::Dynamic => entries.values().all(|entry| fits(entry, wanted)),
        _ => convertible(&value.type_of(), to, Safety::Unsafe, depth),
    }
}

/// The target type with each `any` replaced by what stands there in the type of the value.
pub(super) fn filled(from: &Type, to: &Type, depth: usize) -> Type {
    if *from == Type::Dynamic || depth > MAX_DEPTH {
        return to.clone();
    }
    let element = |wanted: &Type| {
        let given = match from {
            Type::List(given) | Type::Set(given) | Type::Map(given) => Some((**given).clone()),
            Type::Tuple(items) => unify::unify(items),
            Type::Object(attributes) => unify::unify(&attributes.values().cloned().collect::<Vec<_>>()),
            _ => None,
        };
        Arc::new(given.map_or_else(|| wanted.clone(), |given| filled(&given, wanted, depth + 1)))
    };
    match to {
        Type::Dynamic => from.clone(),
        Type::Bool | Type::Number | Type::String => to.clone(),
        Type::List(wanted) => Type::List(element(wanted)),
        Type::Set(wanted) => Type::Set(element(wanted)),
        Type::Map(wanted) => Type::Map(element(wanted)),
        Type::Tuple(wanted) => match from {
            Type::Tuple(given) if given.len() == wanted.len() => {
                Type::Tuple(given.iter().zip(wanted.iter()).map(|(given, wanted)| filled(given, wanted, depth + 1)).collect())
            }
            _ => to.clone(),
        },
        Type::Object(wanted) => {
            let fill = |(name, wanted): (&Arc<str>, &Type)| {
                let given = match from {
                    Type::Map(given) => Some(&**given),
                    Type::Object(given) => given.get(name),
                    _ => None,
                };
                (Arc::clone(name), given.map_or_else(|| wanted.clone(), |given| filled(given, wanted, depth + 1)))
            };
            Type::Object(Arc::new(wanted.iter().map(fill).collect()))
        }
    }
}

/// Why a type cannot be converted to another, in Terraform's words.
pub(super) fn mismatch(from: &Type, to: &Type) -> String {
    match (from, to) {
        (Type::Object(given), Type::Object(wanted)) => object_mismatch(given, wanted),
        (Type::Tuple(given), Type::Tuple(wanted)) if given.len() != wanted.len() => {
            format!("tuple of {} elements required, but have {} elements", wanted.len(), given.len())
        }
        (Type::Tuple(given), Type::Tuple(wanted)) => {
            let wrong = given.iter().zip(wanted.iter()).enumerate().find(|(_, (given, wanted))| !reachable(given, wanted));
            wrong.map_or_else(|| "incompatible tuple".into(), |(at, (given, wanted))| format!("element {at}: {}", mismatch(given, wanted)))
        }
        (Type::List(given) | Type::Set(given), Type::List(wanted) | Type::Set(wanted)) => {
            format!("incorrect {} element type: {}", kind(to), mismatch(given, wanted))
        }
        (Type::Map(given), Type::Map(wanted)) => format!("incorrect map element type: {}", mismatch(given, wanted)),
        (Type::Map(given), Type::Object(wanted)) => {
            let wrong = wanted.iter().find(|(_, wanted)| !reachable(given, wanted));
            wrong.map_or_else(
                || "incompatible map".into(),
                |(name, wanted)| format!("map element type is incompatible with attribute {name:?}: {}", mismatch(given, wanted)),
            )
        }
        (Type::Tuple(items), Type::List(wanted) | Type::Set(wanted)) => {
            elements_mismatch(items, wanted, "element", &format!("all {} elements must have the same type", kind(to)))
        }
        (Type::Object(attributes), Type::Map(wanted)) => {
            let wrong = attributes.iter().find(|(_, given)| **wanted != Type::Dynamic && !reachable(given, wanted));
            wrong.map_or_else(
                || "all map elements must have the same type".into(),
                |(name, given)| format!("element {name:?}: {}", mismatch(given, wanted)),
            )
        }
        _ => format!("{} required", constraint(to)),
    }
}

/// The name of a type as a constraint: `list of any single type`.
pub fn constraint(of: &Type) -> String {
    let element = |of: &Type| if *of == Type::Dynamic { "any single type".into() } else { constraint(of) };
    match of {
        Type::Dynamic => "any type".into(),
        Type::List(of) => format!("list of {}", element(of)),
        Type::Set(of) => format!("set of {}", element(of)),
        Type::Map(of) => format!("map of {}", element(of)),
        _ => of.friendly_name(),
    }
}

fn reachable(from: &Type, to: &Type) -> bool {
    from == to || convertible(from, to, Safety::Unsafe, 0)
}

fn kind(of: &Type) -> &'static str {
    match of {
        Type::List(_) => "list",
        Type::Set(_) => "set",
        _ => "map",
    }
}

fn elements_mismatch(items: &[Type], wanted: &Type, what: &str, otherwise: &str) -> String {
    let wrong = items.iter().enumerate().find(|(_, given)| *wanted != Type::Dynamic && !reachable(given, wanted));
    wrong.map_or_else(|| otherwise.into(), |(at, given)| format!("{what} {at}: {}", mismatch(given, wanted)))
}

fn object_mismatch(given: &std::collections::BTreeMap<Arc<str>, Type>, wanted: &std::collections::BTreeMap<Arc<str>, Type>) -> String {
    let missing: Vec<String> = wanted.keys().filter(|name| !given.contains_key(*name)).map(|name| format!("{name:?}")).collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one} is required"),
        [a, b] => return format!("attributes {a} and {b} are required"),
        [most @ .., last] => return format!("attributes {}, and {last} are required", most.join(", ")),
    }
    let wrong = wanted
        .iter()
        .find_map(|(name, wanted)| given.get(name).filter(|given| !reachable(given, wanted)).map(|given| (name, given, wanted)));
    wrong.map_or_else(|| "incompatible object".into(), |(name, given, wanted)| format!("attribute {name:?}: {}", mismatch(given, wanted)))
}
