//! Functions on lists and tuples.

use super::FunctionError;
use super::spec::{
    Call, DYNAMIC, Function, Gives, MARKED, NULL, Nullness, Outcome, Parameter, Takes, UNKNOWN, list, list_of, number, sequence, texts,
    unmark, whole,
};
use crate::value::convert::{convert, unify};
use crate::value::set::Members;
use crate::value::{Marks, Number, Type, Unknown, Value, ValueKind, ops};

const LIST: Parameter = Parameter::new("list", Takes::ListOfAny);
const MARKED_SEQUENCE: Parameter = Parameter::new("list", Takes::Any).lets(MARKED);

/// Most values that `range` makes: Terraform's own limit.
const MAX_RANGE: usize = 1024;
/// Most elements that a sequence made here has.
const MAX_ELEMENTS: usize = 1 << 20;
/// Deepest nesting that `flatten` opens.
const MAX_FLATTEN: usize = 256;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        gives: Gives::Depends(|arguments| Ok(list(arguments[0].type_of()))),
        ..function(
            "chunklist",
            &[Parameter::new("list", Takes::ListOfAny).lets(MARKED), Parameter::new("size", Takes::Number).lets(MARKED)],
            chunklist,
        )
    },
    Function {
        rest: Some(Parameter::new("vals", Takes::Any).lets(UNKNOWN | DYNAMIC | NULL)),
        gives: Gives::Depends(coalesced_type),
        ..function("coalescelist", &[], coalesce_list)
    },
    Function { gives: Gives::ListOfText, ..function("compact", &[Parameter::new("list", Takes::ListOfText)], compact) },
    Function {
        rest: Some(Parameter::new("seqs", Takes::Any).lets(MARKED)),
        gives: Gives::Depends(concatenated_type),
        ..function("concat", &[], concat)
    },
    Function { gives: Gives::Depends(|arguments| Ok(arguments[0].type_of())), ..function("distinct", &[LIST], distinct) },
    Function {
        gives: Gives::Depends(element_type),
        nullness: Nullness::Maybe,
        ..function("element", &[MARKED_SEQUENCE, Parameter::new("index", Takes::Number)], element)
    },
    Function { gives: Gives::Depends(flattened_type), ..function("flatten", &[MARKED_SEQUENCE], flatten) },
    Function {
        gives: Gives::Depends(matched_type),
        ..function(
            "matchkeys",
            &[
                Parameter::new("values", Takes::ListOfAny),
                Parameter::new("keys", Takes::ListOfAny),
                Parameter::new("searchset", Takes::ListOfAny),
            ],
            match_keys,
        )
    },
    Function { rest: Some(Parameter::new("params", Takes::Number)), gives: Gives::ListOfNumber, ..function("range", &[], range) },
    Function { gives: Gives::Depends(reversed_type), ..function("reverse", &[MARKED_SEQUENCE], reverse) },
    Function {
        gives: Gives::Depends(sliced_type),
        ..function(
            "slice",
            &[MARKED_SEQUENCE, Parameter::new("start_index", Takes::Number), Parameter::new("end_index", Takes::Number)],
            slice,
        )
    },
    Function { gives: Gives::ListOfText, ..function("sort", &[Parameter::new("list", Takes::ListOfText).lets(UNKNOWN)], sort) },
];

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::ListOfText, nullness: Nullness::Never, run }
}

fn chunklist(call: &mut Call) -> Outcome {
    let (given, list_marks) = unmark(call.argument(0)?);
    let (size, size_marks) = unmark(call.argument(1)?);
    let marks = list_marks.union(size_marks);
    let size = whole(size.as_number().ok_or_else(|| FunctionError::argument(1, "number required"))?);
    let size = size.map_err(|error| FunctionError::new(format!("invalid size: {error}")))?;
    let size = usize::try_from(size).map_err(|_| FunctionError::new("the size argument must be positive"))?;
    let items = given.as_items().unwrap_or_default();
    let of = given.type_of();
    let chunks = match size {
        _ if items.is_empty() => Vec::new(),
        0 => vec![given.clone()],
        size => items.chunks(size).map(|chunk| sequence(&of, chunk.to_vec())).collect(),
    };
    Ok(list_of(of, chunks).with_marks(marks))
}

fn coalesced_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = arguments.first() else { return Err(FunctionError::new("at least one argument is required")) };
    for argument in arguments {
        if argument.is_unknown() || matches!(argument.kind, ValueKind::Resource(_)) {
            return Ok(Type::Dynamic);
        }
        if !matches!(argument.type_of(), Type::List(_) | Type::Tuple(_)) {
            return Err(FunctionError::new("coalescelist arguments must be lists or tuples"));
        }
    }
    let of = first.type_of();
    Ok(if arguments.iter().all(|argument| argument.type_of() == of) { of } else { Type::Dynamic })
}

fn coalesce_list(call: &mut Call) -> Outcome {
    for argument in &call.arguments {
        match &argument.kind {
            ValueKind::List(_, items) | ValueKind::Tuple(items) if !items.is_empty() => return Ok(argument.clone()),
            ValueKind::Null(_) | ValueKind::List(..) | ValueKind::Tuple(_) => {}
            _ => return Ok(call.unknown()),
        }
    }
    Err(FunctionError::new("no non-null arguments"))
}

fn compact(call: &mut Call) -> Outcome {
    let items = call.items(0)?;
    if !items.iter().all(Value::is_wholly_known) {
        return Ok(call.unknown());
    }
    let kept = items.iter().filter(|item| item.as_str().is_some_and(|text| !text.is_empty())).cloned().collect();
    Ok(list_of(Type::String, kept))
}

fn concatenated_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    if arguments.is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let types: Vec<Type> = arguments.iter().map(Value::type_of).collect();
    if types.iter().all(|of| matches!(of, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut elements = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        match (&types[index], argument.as_items()) {
            (Type::Tuple(items), _) => elements.extend(items.iter().cloned()),
            // How many elements, so what tuple, is not known.
            (Type::List(_), None) => return Ok(Type::Dynamic),
            (Type::List(of), Some(items)) => elements.extend(std::iter::repeat_n((**of).clone(), items.len())),
            (other, _) => {
                let message = format!("all arguments must be lists or tuples; got {}", other.friendly_name());
                return Err(FunctionError::argument(index, message));
            }
        }
    }
    Ok(Type::Tuple(elements.into()))
}

fn concat(call: &mut Call) -> Outcome {
    let mut marks = Marks::NONE;
    let mut items = Vec::new();
    for (index, argument) in call.arguments.iter().enumerate() {
        let argument = match &call.of {
            Type::List(_) => convert(argument, &call.of).map_err(|error| FunctionError::argument(index, error))?,
            _ => argument.clone(),
        };
        marks = marks.union(argument.marks);
        items.extend(argument.as_items().unwrap_or_default().iter().cloned());
        if items.len() > MAX_ELEMENTS {
            return Ok(too_many(call));
        }
    }
    Ok(sequence(&call.of, items).with_marks(marks))
}

fn too_many(call: &Call) -> Value {
    call.unknown_because(crate::value::CauseKind::Limit, "a list of more than 1,048,576 elements")
}

fn distinct(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    if !given.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut kept: Vec<Value> = Vec::new();
    let mut seen = std::collections::BTreeMap::<String, Vec<usize>>::new();
    for item in call.items(0)? {
        let places = seen.entry(item.key()).or_default();
        if places.iter().any(|at| ops::equality(&kept[*at], item).is_true()) {
            continue;
        }
        places.push(kept.len());
        kept.push(item.clone());
    }
    Ok(sequence(&call.of, kept))
}

fn element_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::List(of) => Ok((*of).clone()),
        Type::Tuple(items) => {
            let Some(index) = arguments[1].as_number() else { return Ok(Type::Dynamic) };
            let at = wrapped(index, items.len())?;
            Ok(items[at].clone())
        }
        other => Err(FunctionError::new(format!("cannot read elements from {}", other.friendly_name()))),
    }
}

/// An index into so many elements, counted on from the end. Negative ones are refused up to Terraform 1.11.
fn wrapped(index: &Number, length: usize) -> Result<usize, FunctionError> {
    let index = whole(index).map_err(|error| FunctionError::new(format!("invalid index: {error}")))?;
    let Some(length) = i64::try_from(length).ok().filter(|length| *length > 0) else {
        return Err(FunctionError::new("cannot use element function with an empty list"));
    };
    usize::try_from(index % length).map_err(|_| FunctionError::new("cannot use element function with a negative index"))
}

fn element(call: &mut Call) -> Outcome {
    let (given, marks) = unmark(call.argument(0)?);
    let items = given.as_items().unwrap_or_default();
    let at = wrapped(call.number(1)?, items.len())?;
    Ok(items[at].clone().with_marks(marks))
}

/// All elements with nested sequences opened, the marks of what was opened, and whether all of it could be.
struct Flat {
    items: Vec<Value>,
    marks: Marks,
    complete: bool,
}

impl Flat {
    fn of(given: &Value) -> Self {
        let mut flat = Self { items: Vec::new(), marks: Marks::NONE, complete: true };
        flat.open(given, 0);
        flat
    }

    fn open(&mut self, given: &Value, depth: usize) {
        self.marks = self.marks.union(given.marks);
        let open_set = matches!(&given.kind, ValueKind::Set(_, items) if items.len() > 1) && !given.is_wholly_known();
        if open_set || depth > MAX_FLATTEN || self.items.len() > MAX_ELEMENTS {
            self.complete = false;
            return;
        }
        for item in given.as_items().unwrap_or_default() {
            match &item.kind {
                ValueKind::List(..) | ValueKind::Set(..) | ValueKind::Tuple(_) => self.open(item, depth + 1),
                ValueKind::Unknown(unknown) if matches!(unknown.of, Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic) => {
                    self.complete = false;
                    self.marks = self.marks.union(item.marks);
                }
                _ => self.items.push(item.clone()),
            }
        }
    }
}

fn flattened_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let given = &arguments[0];
    if !given.is_wholly_known() {
        return Ok(Type::Dynamic);
    }
    if given.as_items().is_none() {
        return Err(FunctionError::new("can only flatten lists, sets and tuples"));
    }
    Ok(Type::Dynamic)
}

fn flatten(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    if given.as_items().is_none() {
        return Err(FunctionError::new("can only flatten lists, sets and tuples"));
    }
    let flat = Flat::of(given);
    Ok(if flat.complete { Value::tuple(flat.items) } else { call.unknown() }.with_marks(flat.marks))
}

fn matched_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let common = unify(&[arguments[1].type_of(), arguments[2].type_of()]);
    common.map(|_| arguments[0].type_of()).ok_or_else(|| FunctionError::new("keys and searchset must be of the same type"))
}

fn match_keys(call: &mut Call) -> Outcome {
    let (values, keys, wanted) = (call.items(0)?, call.items(1)?, call.items(2)?);
    if values.len() != keys.len() {
        return Err(FunctionError::new("length of keys and values should be equal"));
    }
    if wanted.is_empty() {
        return Ok(sequence(&call.of, Vec::new()));
    }
    let known = |items: &[Value]| items.iter().all(Value::is_wholly_known);
    if !known(values) || !known(keys) {
        return Ok(call.unknown());
    }
    let common = unify(&[call.argument(1)?.type_of(), call.argument(2)?.type_of()]).unwrap_or(Type::Dynamic);
    let converted = |index: usize| convert(&call.arguments[index], &common).map_err(|error| FunctionError::argument(index, error));
    let (keys, wanted) = (converted(1)?, converted(2)?);
    let wanted = wanted.as_items().unwrap_or_default();
    let (settled, open) = wanted.split_at(wanted.iter().position(|search| !search.is_wholly_known()).unwrap_or(wanted.len()));
    let settled = Members::of(settled);
    let mut kept = Vec::new();
    for (value, key) in values.iter().zip(keys.as_items().unwrap_or_default()) {
        if settled.contain(key) {
            kept.push(value.clone());
        } else if !open.is_empty() {
            // Terraform answers with an empty list here, before it knows; that would be a guess.
            return Ok(call.unknown());
        }
    }
    Ok(sequence(&call.of, kept))
}

fn range(call: &mut Call) -> Outcome {
    let zero = Number::parse("0").expect("a number");
    let step = |backwards: bool| Number::from(if backwards { -1 } else { 1 });
    let arguments: Vec<Number> = call.arguments.iter().filter_map(Value::as_number).cloned().collect();
    let (start, end, step) = match arguments.as_slice() {
        [end] => (zero.clone(), end.clone(), step(*end < zero)),
        [start, end] => (start.clone(), end.clone(), step(end < start)),
        [start, end, step] => (start.clone(), end.clone(), step.clone()),
        _ => return Err(FunctionError::new("must have one, two, or three arguments")),
    };
    let down = step < zero;
    if down && end > start {
        return Err(FunctionError::argument(1, "end must be less than start when step is negative"));
    }
    if !down && end < start {
        return Err(FunctionError::argument(1, "end must be greater than start when step is positive"));
    }
    let mut values = Vec::new();
    let mut next = start;
    while if down { next > end } else { next < end } {
        if values.len() >= MAX_RANGE {
            let message =
                "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step";
            return Err(FunctionError::new(message));
        }
        values.push(number(next.clone()));
        next = next.add(&step).ok_or_else(|| FunctionError::new("can't compute sum of opposing infinities"))?;
    }
    Ok(list_of(Type::Number, values))
}

fn reversed_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::Tuple(items) => Ok(Type::Tuple(items.iter().rev().cloned().collect())),
        Type::List(of) | Type::Set(of) => Ok(Type::List(of)),
        other => Err(FunctionError::argument(0, format!("can only reverse list or tuple values, not {}", other.friendly_name()))),
    }
}

fn reverse(call: &mut Call) -> Outcome {
    let (given, marks) = unmark(call.argument(0)?);
    Ok(sequence(&call.of, given.as_items().unwrap_or_default().iter().rev().cloned().collect()).with_marks(marks))
}

fn sliced_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let of = arguments[0].type_of();
    match &of {
        Type::Set(_) => {
            let message = "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important";
            return Err(FunctionError::argument(0, message));
        }
        Type::List(_) | Type::Tuple(_) => {}
        _ => return Err(FunctionError::argument(0, "must be a list or tuple value")),
    }
    let bounds = slice_bounds(arguments)?;
    match (of, bounds) {
        (Type::Tuple(items), Some((start, end))) => Ok(Type::Tuple(items[start..end].into())),
        (Type::Tuple(_), None) => Ok(Type::Dynamic),
        (of, _) => Ok(of),
    }
}

/// The two indices, checked against each other and the length, as far as they are known.
fn slice_bounds(arguments: &[Value]) -> Result<Option<(usize, usize)>, FunctionError> {
    let length = match (arguments[0].as_items(), arguments[0].type_of()) {
        (Some(items), _) => Some(items.len()),
        (None, Type::Tuple(items)) => Some(items.len()),
        _ => None,
    };
    let bound = |index: usize, name: &str| -> Result<Option<usize>, FunctionError> {
        let Some(given) = arguments[index].as_number() else { return Ok(None) };
        let fail = |message: String| FunctionError::argument(index, message);
        let given = whole(given).map_err(|error| fail(format!("invalid {name} index: {error}")))?;
        let given = usize::try_from(given).map_err(|_| fail(format!("{name} index must not be less than zero")))?;
        if length.is_some_and(|length| given > length) {
            return Err(fail(format!("{name} index must not be greater than the length of the list")));
        }
        Ok(Some(given))
    };
    match (bound(1, "start")?, bound(2, "end")?) {
        (Some(start), Some(end)) if start > end => Err(FunctionError::argument(1, "start index must not be greater than end index")),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        _ => Ok(None),
    }
}

fn slice(call: &mut Call) -> Outcome {
    let (given, marks) = unmark(call.argument(0)?);
    let Some((start, end)) = slice_bounds(&call.arguments)? else { return Ok(call.unknown().with_marks(marks)) };
    Ok(sequence(&call.of, given.as_items().unwrap_or_default()[start..end].to_vec()).with_marks(marks))
}

fn sort(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    if !given.is_wholly_known() {
        // As many as before, in an order that is not known.
        let length = match &given.kind {
            ValueKind::List(_, items) => (items.len() as u64, Some(items.len() as u64)),
            ValueKind::Unknown(unknown) => unknown.length,
            _ => (0, None),
        };
        return Ok(Unknown { length, ..Unknown::new(call.of.clone(), super::spec::causes(&call.arguments)) }.into());
    }
    let mut sorted: Vec<&str> = Vec::new();
    for (index, item) in call.items(0)?.iter().enumerate() {
        let error = || FunctionError::new(format!("given list element {index} is null; a null string cannot be sorted"));
        sorted.push(item.as_str().ok_or_else(error)?);
    }
    sorted.sort_unstable();
    Ok(texts(sorted))
}
