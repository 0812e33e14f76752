//! Equality, as Terraform's `==` has it: three-valued, deep, with marks.

use crate::value::set::Members;
use crate::value::{Reference, Truth, Type, Unknown, Value, ValueKind};

/// `a == b`: a known or unknown boolean, never null. Null equals null of any type; values of different types are never equal;
/// what is known of an unknown (not null, its beginning, its length, its type) can settle it.
pub fn equal(a: &Value, b: &Value) -> Value {
    let marks = a.deep_marks().union(b.deep_marks());
    let result = match equality(a, b) {
        Truth::True => Value::bool(true),
        Truth::False => Value::bool(false),
        Truth::Unknown => {
            let mut causes = a.causes();
            causes.extend(b.causes());
            Unknown::new(Type::Bool, causes).not_null().into()
        }
    };
    result.with_marks(marks)
}

/// `a == b` as a truth, without marks and causes.
pub fn equality(a: &Value, b: &Value) -> Truth {
    if (a.is_null() && not_null(b)) || (b.is_null() && not_null(a)) {
        return Truth::False;
    }
    match (&a.kind, &b.kind) {
        (ValueKind::Null(_), ValueKind::Null(_)) => Truth::True,
        // Terraform knows the time of its plan; here it is not known, but it is one.
        (ValueKind::Unknown(a), ValueKind::Unknown(b)) if is_plan_time(a) && a.refers_to == b.refers_to => Truth::True,
        (ValueKind::Resource(_), _) | (_, ValueKind::Resource(_)) | (ValueKind::Unknown(_), ValueKind::Unknown(_)) => Truth::Unknown,
        (ValueKind::Unknown(unknown), known) | (known, ValueKind::Unknown(unknown)) => excluded(unknown, known),
        (ValueKind::Number(a), ValueKind::Number(b)) => (a == b).into(),
        (ValueKind::Bool(a), ValueKind::Bool(b)) => (a == b).into(),
        (ValueKind::String(a), ValueKind::String(b)) => (a == b).into(),
        _ => structural(a, b),
    }
}

fn is_plan_time(unknown: &Unknown) -> bool {
    matches!(unknown.refers_to.as_deref(), Some(Reference::Input { name, .. }) if &**name == "plantimestamp()")
}

/// Whether two values are known to be equal, element by element.
pub(crate) fn surely_equal(a: &Value, b: &Value) -> bool {
    equality(a, b).is_true()
}

/// Whether a value is surely not null.
pub fn not_null(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Null(_) => false,
        ValueKind::Unknown(unknown) => unknown.not_null,
        _ => true,
    }
}

/// Whether every value of one type could be a value of the other: `any` in it stands for anything.
pub fn conforms(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (_, Type::Dynamic) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => conforms(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| conforms(a, b)),
        (Type::Object(a), Type::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((a_name, a), (b_name, b))| a_name == b_name && conforms(a, b))
        }
        _ => given == wanted,
    }
}

/// What is known of an unknown, against a known value that is not an unknown: false if they cannot be equal.
fn excluded(unknown: &Unknown, known: &ValueKind) -> Truth {
    let known = Value::from(known.clone());
    if known.is_null() {
        return Truth::Unknown;
    }
    let of = known.type_of();
    if !conforms(&of, &unknown.of) {
        return Truth::False;
    }
    let out_of_range = match &known.kind {
        ValueKind::String(text) => unknown.prefix.as_ref().is_some_and(|prefix| !text.starts_with(&**prefix)),
        ValueKind::Number(number) => unknown.bounds.as_ref().is_some_and(|(least, most)| number < least || number > most),
        ValueKind::List(_, items) => out_of_length(unknown, items.len()),
        ValueKind::Set(_, items) if known.is_wholly_known() => out_of_length(unknown, items.len()),
        ValueKind::Map(_, entries) => out_of_length(unknown, entries.len()),
        _ => false,
    };
    if out_of_range { Truth::False } else { Truth::Unknown }
}

fn out_of_length(unknown: &Unknown, length: usize) -> bool {
    let length = length as u64;
    length < unknown.length.0 || unknown.length.1.is_some_and(|most| length > most)
}

/// Two collections (or values of different kinds). While the type of a part is unknown, only types that exclude each other decide.
fn structural(a: &Value, b: &Value) -> Truth {
    let (a_type, b_type) = (a.type_of(), b.type_of());
    if !known_type(a) || !known_type(b) {
        return if conforms(&a_type, &b_type) || conforms(&b_type, &a_type) { Truth::Unknown } else { Truth::False };
    }
    if a_type != b_type {
        return Truth::False;
    }
    match (&a.kind, &b.kind) {
        (ValueKind::Tuple(x), ValueKind::Tuple(y)) => in_order(x, y),
        (ValueKind::List(_, x), ValueKind::List(_, y)) if x.len() == y.len() => in_order(x, y),
        (ValueKind::Map(_, x), ValueKind::Map(_, y)) | (ValueKind::Object(x), ValueKind::Object(y)) if x.keys().eq(y.keys()) => {
            // Terraform looks at them in random order and stops at what it does not know, so now and then it knows less.
            Truth::all(x.values().zip(y.values()).map(|(x, y)| equality(x, y)))
        }
        (ValueKind::Set(_, x), ValueKind::Set(_, y)) => {
            if x.iter().chain(y.iter()).any(Value::is_unknown) {
                return Truth::Unknown;
            }
            (x.len() == y.len() && {
                let members = Members::of(y);
                x.iter().all(|item| members.contain(item))
            })
            .into()
        }
        _ => Truth::False,
    }
}

/// As `cty` walks a sequence: the first element that is unknown or false decides.
fn in_order(a: &[Value], b: &[Value]) -> Truth {
    a.iter().zip(b).map(|(a, b)| equality(a, b)).find(|part| !part.is_true()).unwrap_or(Truth::True)
}

/// Whether no part of a value is an unknown of an unknown type.
fn known_type(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Unknown(unknown) => !unknown.of.has_dynamic(),
        ValueKind::Resource(_) => false,
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => items.iter().all(known_type),
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().all(known_type),
        ValueKind::Null(_) | ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) => true,
    }
}

#[cfg(test)]
mod tests;
