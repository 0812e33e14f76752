//! Functions on sets.

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, MARKED, Nullness, Outcome, Parameter, Takes, UNKNOWN, list, sequence};
use crate::value::convert::{convert, unify};
use crate::value::set::Members;
use crate::value::{CauseKind, Marks, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// Most elements of a product that are written out.
const MAX_PRODUCT: usize = 1 << 18;

const fn set(name: &'static str) -> Parameter {
    Parameter::new(name, Takes::SetOfAny).lets(DYNAMIC)
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "setintersection",
        parameters: &[set("first_set")],
        rest: Some(set("other_sets")),
        gives: Gives::Depends(common_set),
        nullness: Nullness::Never,
        run: |call| combined(call, Kept::Shared),
    },
    Function {
        name: "setproduct",
        parameters: &[],
        rest: Some(Parameter::new("sets", Takes::Any).lets(MARKED | UNKNOWN)),
        gives: Gives::Depends(product_type),
        nullness: Nullness::Never,
        run: product,
    },
    Function {
        name: "setsubtract",
        parameters: &[set("a"), set("b")],
        rest: None,
        gives: Gives::Depends(common_set),
        nullness: Nullness::Never,
        run: |call| combined(call, Kept::Own),
    },
    Function {
        name: "setunion",
        parameters: &[set("first_set")],
        rest: Some(set("other_sets")),
        gives: Gives::Depends(common_set),
        nullness: Nullness::Never,
        run: union,
    },
];

fn common_set(arguments: &[Value]) -> Result<Type, FunctionError> {
    let mut elements = Vec::new();
    for argument in arguments {
        match (&argument.kind, argument.type_of()) {
            // Empty, and of no type yet: it goes with any.
            (ValueKind::Set(Type::Dynamic, items), _) if items.is_empty() => {}
            (_, Type::Set(of)) => elements.push((*of).clone()),
            _ => elements.push(Type::Dynamic),
        }
    }
    if elements.is_empty() {
        return Ok(Type::Set(Arc::new(Type::Dynamic)));
    }
    let of = unify(&elements).ok_or_else(|| FunctionError::new("given sets must all have compatible element types"))?;
    Ok(Type::Set(Arc::new(of)))
}

/// The arguments' elements, converted to the common type.
fn converted(call: &Call) -> Result<Vec<Value>, FunctionError> {
    let convert = |(index, argument): (usize, &Value)| convert(argument, &call.of).map_err(|error| FunctionError::argument(index, error));
    call.arguments.iter().enumerate().map(convert).collect()
}

/// Which elements of a first set are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Those that every other set has.
    Shared,
    /// Those that no other set has.
    Own,
}

/// The elements of the first set that are kept in sight of the others.
fn combined(call: &Call, which: Kept) -> Outcome {
    let sets = converted(call)?;
    // An element that is not known may equal any other, so nothing can be said of the result.
    if sets.iter().any(|set| !set.is_wholly_known()) {
        return Ok(call.unknown());
    }
    let mut sets = sets.iter().map(|set| set.as_items().unwrap_or_default());
    let mut kept = sets.next().unwrap_or_default().to_vec();
    for other in sets {
        let members = Members::of(other);
        kept.retain(|item| members.contain(item) == (which == Kept::Shared));
    }
    Ok(sequence(&call.of, kept))
}

fn union(call: &mut Call) -> Outcome {
    let sets = converted(call)?;
    if sets.iter().any(Value::is_unknown) {
        return Ok(call.unknown());
    }
    Ok(sequence(&call.of, sets.iter().flat_map(|set| set.as_items().unwrap_or_default()).cloned().collect()))
}

fn product_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.len() < 2 {
        return Err(FunctionError::new("at least two arguments are required"));
    }
    let mut ordered = true;
    let mut elements = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        elements.push(match argument.type_of() {
            Type::Set(of) => {
                ordered = false;
                (*of).clone()
            }
            Type::List(of) => (*of).clone(),
            Type::Tuple(items) if items.is_empty() => Type::Dynamic,
            Type::Tuple(items) => unify(&items).ok_or_else(|| FunctionError::argument(index, "all elements must be of the same type"))?,
            _ => return Err(FunctionError::argument(index, "a set or a list is required")),
        });
    }
    let row = Type::Tuple(elements.into());
    Ok(if ordered { list(row) } else { Type::Set(Arc::new(row)) })
}

fn product(call: &mut Call) -> Outcome {
    let marks = call.arguments.iter().fold(Marks::NONE, |marks, argument| marks.union(argument.marks));
    let counted = |argument: &Value| match &argument.kind {
        ValueKind::Set(_, items) if items.len() > 1 && !argument.is_wholly_known() => None,
        _ => argument.as_items().map(<[Value]>::len),
    };
    let lengths: Option<Vec<usize>> = call.arguments.iter().map(counted).collect();
    let Some(lengths) = lengths else { return Ok(unknown_product(call).with_marks(marks)) };
    let total = lengths.iter().try_fold(1_usize, |total, length| total.checked_mul(*length));
    let Some(total) = total.filter(|total| *total <= MAX_PRODUCT) else {
        return Ok(call.unknown_because(CauseKind::Limit, "a product of more than 262,144 elements").with_marks(marks));
    };
    let (Type::List(row) | Type::Set(row)) = &call.of else { return Ok(call.unknown()) };
    let Type::Tuple(types) = &**row else { return Ok(call.unknown()) };
    let mut columns: Vec<Vec<Value>> = Vec::with_capacity(lengths.len());
    for (index, (argument, of)) in call.arguments.iter().zip(types.iter()).enumerate() {
        let items = argument.as_items().unwrap_or_default().iter();
        columns.push(items.map(|item| convert(item, of).map_err(|error| FunctionError::argument(index, error))).collect::<Result<_, _>>()?);
    }
    let rows = (0..total).map(|mut at| {
        let mut row: Vec<Value> = Vec::with_capacity(columns.len());
        for column in columns.iter().rev() {
            row.push(column[at % column.len()].clone());
            at /= column.len();
        }
        row.reverse();
        Value::tuple(row)
    });
    Ok(sequence(&call.of, rows.collect()).with_marks(marks))
}

/// A product whose length is not known, but may be bounded.
fn unknown_product(call: &Call) -> Value {
    /// Bounds beyond these say nothing useful: Terraform's own thresholds.
    const MAX_ARGUMENT: u64 = 1024;
    const MAX_LENGTH: u64 = 2048;
    let unknown = Unknown::new(call.of.clone(), super::spec::causes(&call.arguments));
    let mut most: u64 = 1;
    for argument in &call.arguments {
        let length = match (&argument.kind, argument.type_of()) {
            (ValueKind::Unknown(_), Type::Tuple(items)) => items.len() as u64,
            (ValueKind::Unknown(unknown), _) => unknown.length.1.unwrap_or(u64::MAX),
            _ => argument.as_items().map_or(u64::MAX, |items| items.len() as u64),
        };
        if length > MAX_ARGUMENT || most.saturating_mul(length) > MAX_LENGTH {
            return unknown.into();
        }
        most *= length;
    }
    let length = if most == 0 { (0, Some(0)) } else { (1, Some(most)) };
    Unknown { length, ..unknown }.not_null().settled()
}
