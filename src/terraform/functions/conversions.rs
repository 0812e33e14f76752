//! Functions that change the type or the marks of a value, and nothing else.

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, MARKED, NULL, Nullness, Outcome, Parameter, Takes, UNKNOWN, list, map};
use crate::value::convert::{constraint, convert, convertible};
use crate::value::{Marks, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

const ANYTHING: u8 = NULL | UNKNOWN | MARKED | DYNAMIC;

const V: Parameter = Parameter::new("v", Takes::Any).lets(ANYTHING);
const VALUE: Parameter = Parameter::new("value", Takes::Any).lets(ANYTHING);

pub(super) const FUNCTIONS: &[Function] = &[
    to("tobool", |arguments| reached(&arguments[0], Type::Bool)),
    to("tolist", |arguments| reached(&arguments[0], list(Type::Dynamic))),
    to("tomap", |arguments| reached(&arguments[0], map(Type::Dynamic))),
    to("tonumber", |arguments| reached(&arguments[0], Type::Number)),
    to("toset", |arguments| reached(&arguments[0], Type::Set(Arc::new(Type::Dynamic)))),
    to("tostring", |arguments| reached(&arguments[0], Type::String)),
    marking("sensitive", |call| Ok(call.argument(0)?.clone().with_marks(Marks::SENSITIVE))),
    marking("nonsensitive", |call| {
        let value = call.argument(0)?.clone();
        Ok(Value { marks: value.marks.without(Marks::SENSITIVE), ..value })
    }),
    Function { gives: Gives::Bool, ..marking("issensitive", is_sensitive) },
    marking("ephemeralasnull", |call| Ok(without_ephemeral(call.argument(0)?))),
];

const fn to(name: &'static str, of: fn(&[Value]) -> Result<Type, FunctionError>) -> Function {
    Function { name, parameters: &[V], rest: None, gives: Gives::Depends(of), nullness: Nullness::Maybe, run: converted }
}

const fn marking(name: &'static str, run: fn(&mut Call) -> Outcome) -> Function {
    let gives = Gives::Depends(|arguments| Ok(arguments[0].type_of()));
    Function { name, parameters: &[VALUE], rest: None, gives, nullness: Nullness::Maybe, run }
}

fn reached(given: &Value, wanted: Type) -> Result<Type, FunctionError> {
    let from = given.type_of();
    if from == wanted || convertible(&from, &wanted) { Ok(wanted) } else { Err(impossible(&from, &wanted)) }
}

fn impossible(from: &Type, to: &Type) -> FunctionError {
    FunctionError::argument(0, format!("cannot convert {} to {}", from.friendly_name(), constraint(to)))
}

fn converted(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    if let ValueKind::Unknown(unknown) = &given.kind {
        // Terraform forgets here all that it knew of the value; which input or attribute it is stays the same.
        let mut result = Unknown::new(call.of.clone(), unknown.causes.clone());
        if call.of.is_primitive() {
            result.refers_to.clone_from(&unknown.refers_to);
            result.pieces.clone_from(&unknown.pieces);
        }
        return Ok(Value { marks: given.marks, origin: given.origin.clone(), ..Value::from(result) });
    }
    convert(given, &call.of).map_err(|_| {
        let from = given.type_of();
        let shown = given.as_str().map_or_else(|| "string".to_owned(), |text| format!("{text:?}"));
        match (&from, &call.of) {
            _ if given.marks.contains(Marks::SENSITIVE) => {
                FunctionError::argument(0, format!("cannot convert this sensitive {} to {}", from.friendly_name(), constraint(&call.of)))
            }
            (Type::String, Type::Bool) => {
                FunctionError::argument(0, format!("cannot convert {shown} to bool; only the strings \"true\" or \"false\" are allowed"))
            }
            (Type::String, Type::Number) => {
                let message = format!("cannot convert {shown} to number; given string must be a decimal representation of a number");
                FunctionError::argument(0, message)
            }
            _ => impossible(&from, &call.of),
        }
    })
}

fn is_sensitive(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    Ok(if given.marks.contains(Marks::SENSITIVE) {
        Value::bool(true)
    } else if given.is_unknown() {
        call.unknown()
    } else {
        Value::bool(false)
    })
}

/// Null instead of each part that may not be stored.
fn without_ephemeral(value: &Value) -> Value {
    if !value.marks.contains(Marks::EPHEMERAL) {
        return if value.deep_marks().contains(Marks::EPHEMERAL) { value.map_parts(without_ephemeral) } else { value.clone() };
    }
    let kind = match &value.kind {
        ValueKind::Unknown(unknown) => ValueKind::Unknown(Arc::new(Unknown::new(unknown.of.clone(), unknown.causes.clone()))),
        _ => ValueKind::Null(value.type_of()),
    };
    Value { kind, marks: value.marks.without(Marks::EPHEMERAL), origin: value.origin.clone() }
}
