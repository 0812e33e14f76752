//! Functions that ask something of a collection: how long, whether all, which first.

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, MARKED, NULL, Nullness, Outcome, Parameter, Takes, UNKNOWN, number, unmark};
use crate::value::convert::{convert, unify};
use crate::value::{Entries, Number, Truth, Type, Unknown, Value, ValueKind, ops, text};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "length",
        parameters: &[Parameter::new("value", Takes::Any).lets(DYNAMIC | UNKNOWN | MARKED)],
        rest: None,
        gives: Gives::Depends(length_type),
        nullness: Nullness::Never,
        run: length,
    },
    Function {
        name: "alltrue",
        parameters: &[Parameter::new("list", Takes::ListOfBool)],
        rest: None,
        gives: Gives::Bool,
        nullness: Nullness::Never,
        run: all_true,
    },
    Function {
        name: "anytrue",
        parameters: &[Parameter::new("list", Takes::ListOfBool)],
        rest: None,
        gives: Gives::Bool,
        nullness: Nullness::Never,
        run: any_true,
    },
    Function {
        name: "coalesce",
        parameters: &[],
        rest: Some(Parameter::new("vals", Takes::Any).lets(UNKNOWN | DYNAMIC | NULL)),
        gives: Gives::Depends(common_type),
        nullness: Nullness::Never,
        run: coalesce,
    },
    Function {
        name: "contains",
        parameters: &[Parameter::new("list", Takes::Any), Parameter::new("value", Takes::Any)],
        rest: None,
        gives: Gives::Bool,
        nullness: Nullness::Never,
        run: contains,
    },
    Function {
        name: "index",
        parameters: &[Parameter::new("list", Takes::Any), Parameter::new("value", Takes::Any)],
        rest: None,
        gives: Gives::Number,
        nullness: Nullness::Never,
        run: index,
    },
    Function {
        name: "one",
        parameters: &[Parameter::new("list", Takes::Any)],
        rest: None,
        gives: Gives::Depends(one_type),
        nullness: Nullness::Maybe,
        run: one,
    },
    Function {
        name: "sum",
        parameters: &[Parameter::new("list", Takes::Any)],
        rest: None,
        gives: Gives::Number,
        nullness: Nullness::Never,
        run: sum,
    },
];

fn length_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::Bool | Type::Number => Err(FunctionError::new("argument must be a string, a collection type, or a structural type")),
        _ => Ok(Type::Number),
    }
}

fn length(call: &mut Call) -> Outcome {
    let (value, marks) = unmark(call.argument(0)?);
    let counted = match &value.kind {
        ValueKind::String(text) => number(Number::from_length(text::characters(text).count())),
        ValueKind::Set(_, items) if items.len() > 1 && !value.is_wholly_known() => bounded(call, 1, Number::from_length(items.len())),
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => number(Number::from_length(items.len())),
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => number(Number::from_length(entries.len())),
        ValueKind::Unknown(unknown) => match &unknown.of {
            Type::Tuple(items) => number(Number::from_length(items.len())),
            Type::Object(attributes) => number(Number::from_length(attributes.len())),
            Type::String => {
                let known = unknown.prefix.as_ref().map_or(0, |prefix| text::characters(prefix).count());
                bounded(call, known, Number::infinity(false))
            }
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                // Go's lengths are signed.
                let (least, most) = unknown.length;
                let most = most.and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX);
                bounded(call, usize::try_from(least).unwrap_or(usize::MAX), Number::from(most))
            }
            _ => call.unknown(),
        },
        _ => call.unknown(),
    };
    Ok(counted.with_marks(marks))
}

/// A length that is not known, but for its bounds.
fn bounded(call: &Call, least: usize, most: Number) -> Value {
    Unknown {
        bounds: Some((Number::from_length(least), most)),
        ..Unknown::new(Type::Number, super::spec::causes(&call.arguments)).not_null()
    }
    .settled()
}

fn all_true(call: &mut Call) -> Outcome {
    for item in call.items(0)? {
        match &item.kind {
            ValueKind::Bool(true) => {}
            ValueKind::Bool(false) | ValueKind::Null(_) => return Ok(Value::bool(false)),
            _ => return Ok(call.unknown()),
        }
    }
    Ok(Value::bool(true))
}

fn any_true(call: &mut Call) -> Outcome {
    let items = call.items(0)?;
    if items.iter().any(|item| item.as_bool() == Some(true)) {
        return Ok(Value::bool(true));
    }
    Ok(if items.iter().any(Value::is_unknown) { call.unknown() } else { Value::bool(false) })
}

fn common_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = arguments.iter().map(Value::type_of).collect();
    unify(&types).ok_or_else(|| FunctionError::new("all arguments must have the same type"))
}

fn coalesce(call: &mut Call) -> Outcome {
    for argument in &call.arguments {
        let Ok(value) = convert(argument, &call.of) else { continue };
        match &value.kind {
            ValueKind::Null(_) => {}
            ValueKind::String(text) if text.is_empty() && call.of == Type::String => {}
            ValueKind::Unknown(unknown) => {
                // Not surely this one, unless it can be neither null nor empty; but all that comes before is out.
                let mut result = Unknown::new(call.of.clone(), super::spec::causes(&call.arguments));
                let sure = unknown.not_null && (call.of != Type::String || unknown.prefix.is_some());
                if sure {
                    result.refers_to.clone_from(&unknown.refers_to);
                    result.pieces.clone_from(&unknown.pieces);
                    result.causes.clone_from(&unknown.causes);
                }
                return Ok(result.into());
            }
            _ => return Ok(value),
        }
    }
    Err(FunctionError::new("no non-null, non-empty-string arguments"))
}

fn contains(call: &mut Call) -> Outcome {
    let (list, wanted) = (call.argument(0)?, call.argument(1)?);
    let Some(items) = list.as_items() else { return Err(FunctionError::new("argument must be list, tuple, or set")) };
    match Truth::any(items.iter().map(|item| ops::equality(wanted, item))) {
        Truth::True => Ok(Value::bool(true)),
        Truth::False => Ok(Value::bool(false)),
        Truth::Unknown => Ok(call.unknown()),
    }
}

fn index(call: &mut Call) -> Outcome {
    let (list, wanted) = (call.argument(0)?, call.argument(1)?);
    let (ValueKind::List(_, items) | ValueKind::Tuple(items)) = &list.kind else {
        return Err(FunctionError::new("argument must be a list or tuple"));
    };
    if items.is_empty() {
        return Err(FunctionError::new("cannot search an empty list"));
    }
    for (at, item) in items.iter().enumerate() {
        match ops::equality(item, wanted) {
            Truth::True => return Ok(number(Number::from_length(at))),
            Truth::Unknown => return Ok(call.unknown()),
            Truth::False => {}
        }
    }
    Err(FunctionError::new("item not found"))
}

const ONE: &str = "must be a list, set, or tuple value with either zero or one elements";

fn one_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::List(of) | Type::Set(of) => Ok((*of).clone()),
        Type::Tuple(items) if items.is_empty() => Ok(Type::Dynamic),
        Type::Tuple(items) if items.len() == 1 => Ok(items[0].clone()),
        _ => Err(FunctionError::argument(0, ONE)),
    }
}

fn one(call: &mut Call) -> Outcome {
    let list = call.argument(0)?;
    let open = matches!(list.kind, ValueKind::Set(..)) && !list.is_wholly_known();
    match call.items(0)? {
        [] => Ok(ValueKind::Null(call.of.clone()).into()),
        [only] => Ok(only.clone()),
        _ if open => Ok(call.unknown()),
        _ => Err(FunctionError::argument(0, ONE)),
    }
}

fn sum(call: &mut Call) -> Outcome {
    const WANTED: &str = "argument must be list, set, or tuple of number values";
    let list = call.argument(0)?;
    let empty = list.as_items().is_some_and(<[Value]>::is_empty) || list.as_entries().is_some_and(Entries::is_empty);
    if empty {
        return Err(FunctionError::argument(0, "cannot sum an empty list"));
    }
    let Some(items) = list.as_items() else {
        let message = match list.type_of() {
            Type::Bool | Type::Number | Type::String => "cannot sum noniterable".into(),
            other => format!("argument must be list, set, or tuple. Received {}", other.friendly_name()),
        };
        return Err(FunctionError::argument(0, message));
    };
    if !list.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut total: Option<Number> = None;
    for item in items {
        let converted = convert(item, &Type::Number).ok();
        let item = converted.as_ref().and_then(Value::as_number).ok_or_else(|| FunctionError::argument(0, WANTED))?;
        total = Some(match total {
            None => item.clone(),
            Some(so_far) => so_far.add(item).ok_or_else(|| FunctionError::new("can't compute sum of opposing infinities"))?,
        });
    }
    total.map(number).ok_or_else(|| FunctionError::argument(0, WANTED))
}
