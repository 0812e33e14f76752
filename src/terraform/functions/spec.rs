//! How a function is described: a row of a table, as `cty/function.Spec` has it.

use super::{Environment, FunctionError};
use crate::value::{Cause, CauseKind, Marks, Number, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// What a call gives.
pub(super) type Outcome = Result<Value, FunctionError>;

/// One function.
pub(super) struct Function {
    /// Its name, without `core::`.
    pub name: &'static str,
    /// Its fixed parameters.
    pub parameters: &'static [Parameter],
    /// What any further arguments are.
    pub rest: Option<Parameter>,
    /// The type of its result.
    pub gives: Gives,
    /// Whether its result may be null; unknown results of the others are known not to be.
    pub nullness: Nullness,
    /// The work. Arguments are converted, not null, known and without marks unless the parameter lets them be.
    pub run: fn(&mut Call) -> Outcome,
}

/// Whether a result may be null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nullness {
    /// It is never null.
    Never,
    /// It may be.
    Maybe,
}

/// One parameter.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    /// Its name, for messages.
    pub name: &'static str,
    /// What arguments are converted to.
    pub takes: Takes,
    /// Which arguments the function deals with itself.
    pub lets: u8,
}

/// The function deals with null arguments.
pub(super) const NULL: u8 = 1;
/// The function deals with unknown arguments.
pub(super) const UNKNOWN: u8 = 2;
/// The function deals with marks.
pub(super) const MARKED: u8 = 4;
/// The function deals with arguments of unknown type.
pub(super) const DYNAMIC: u8 = 8;

impl Parameter {
    /// A parameter that lets nothing special through.
    pub const fn new(name: &'static str, takes: Takes) -> Self {
        Self { name, takes, lets: 0 }
    }

    /// The same that lets these through.
    pub const fn lets(mut self, what: u8) -> Self {
        self.lets = what;
        self
    }

    /// Whether it lets this through.
    pub fn allows(&self, what: u8) -> bool {
        self.lets & what == what
    }
}

/// The types that parameters have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Anything, as it is.
    Any,
    /// `bool` does not occur.
    Number,
    /// `string`.
    Text,
    /// `list(any)`.
    ListOfAny,
    /// `list(bool)`.
    ListOfBool,
    /// `list(string)`.
    ListOfText,
    /// `set(any)`.
    SetOfAny,
    /// `map(list(string))`.
    MapOfLists,
}

impl Takes {
    /// The type.
    pub fn of(self) -> Type {
        match self {
            Self::Any => Type::Dynamic,
            Self::Number => Type::Number,
            Self::Text => Type::String,
            Self::ListOfAny => list(Type::Dynamic),
            Self::ListOfBool => list(Type::Bool),
            Self::ListOfText => list(Type::String),
            Self::SetOfAny => Type::Set(Arc::new(Type::Dynamic)),
            Self::MapOfLists => map(list(Type::String)),
        }
    }
}

/// The type of a result.
#[derive(Clone, Copy)]
pub(super) enum Gives {
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    Text,
    /// `list(number)`.
    ListOfNumber,
    /// `list(string)`.
    ListOfText,
    /// `set(string)`.
    SetOfText,
    /// `map(list(string))`.
    MapOfLists,
    /// It depends on the arguments, which may be unknown; marks are off unless the parameter lets them through. An error here is found
    /// although an argument is unknown.
    Depends(fn(&[Value]) -> Result<Type, FunctionError>),
}

impl Gives {
    /// The type for these arguments.
    pub fn of(self, arguments: &[Value]) -> Result<Type, FunctionError> {
        Ok(match self {
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::Text => Type::String,
            Self::ListOfNumber => list(Type::Number),
            Self::ListOfText => list(Type::String),
            Self::SetOfText => Type::Set(Arc::new(Type::String)),
            Self::MapOfLists => map(list(Type::String)),
            Self::Depends(of) => return of(arguments),
        })
    }
}

/// One call: arguments, the type of the result, and the module that calls.
pub(super) struct Call<'a> {
    /// The arguments.
    pub arguments: Vec<Value>,
    /// The type that the result must have; [`Type::Dynamic`] where it was not known before the work.
    pub of: Type,
    /// The module that calls.
    pub environment: &'a mut dyn Environment,
}

impl Call<'_> {
    /// An unknown result of the expected type, because of what is unknown in the arguments.
    pub fn unknown(&self) -> Value {
        Unknown::new(self.of.clone(), causes(&self.arguments)).into()
    }

    /// An unknown result for a reason of its own.
    pub fn unknown_because(&self, kind: CauseKind, name: impl Into<Arc<str>>) -> Value {
        Unknown::new(self.of.clone(), vec![Cause::new(kind, name, None)]).into()
    }

    /// The text of an argument that is a known string.
    pub fn text(&self, index: usize) -> Result<&str, FunctionError> {
        self.arguments.get(index).and_then(Value::as_str).ok_or_else(|| FunctionError::argument(index, "string required"))
    }

    /// An argument that is a known number.
    pub fn number(&self, index: usize) -> Result<&Number, FunctionError> {
        self.arguments.get(index).and_then(Value::as_number).ok_or_else(|| FunctionError::argument(index, "number required"))
    }

    /// An argument that is a whole number of 64 bits; the error is not tied to the argument, as in most of Terraform's functions.
    pub fn whole(&self, index: usize) -> Result<i64, FunctionError> {
        whole(self.number(index)?).map_err(FunctionError::new)
    }

    /// The elements of an argument that is a known list, set or tuple.
    pub fn items(&self, index: usize) -> Result<&[Value], FunctionError> {
        self.arguments.get(index).and_then(Value::as_items).ok_or_else(|| FunctionError::argument(index, "list required"))
    }

    /// An argument.
    pub fn argument(&self, index: usize) -> Result<&Value, FunctionError> {
        self.arguments.get(index).ok_or_else(|| FunctionError::new("too few arguments"))
    }
}

/// A number as a whole one of 64 bits.
pub(super) fn whole(number: &Number) -> Result<i64, String> {
    number.to_i64().ok_or_else(|| format!("value must be a whole number, between {} and {}", i64::MIN, i64::MAX))
}

/// Why values are not known: their causes, and for a whole resource, that it is one.
pub(super) fn causes(values: &[Value]) -> Vec<Cause> {
    fn collect(value: &Value, into: &mut Vec<Cause>) {
        match &value.kind {
            ValueKind::Resource(reference) => into.push(Cause::new(CauseKind::Computed, reference.to_string(), value.origin.span())),
            ValueKind::Unknown(unknown) => into.extend(unknown.causes.iter().cloned()),
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
                items.iter().for_each(|item| collect(item, into));
            }
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().for_each(|entry| collect(entry, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    values.iter().for_each(|value| collect(value, &mut found));
    found
}

/// The value without its own marks, and these.
pub(super) fn unmark(value: &Value) -> (Value, Marks) {
    (Value { marks: Marks::NONE, ..value.clone() }, value.marks)
}

/// `list(of)`.
pub(super) fn list(of: Type) -> Type {
    Type::List(Arc::new(of))
}

/// `map(of)`.
pub(super) fn map(of: Type) -> Type {
    Type::Map(Arc::new(of))
}

/// A list of these.
pub(super) fn list_of(of: Type, items: Vec<Value>) -> Value {
    ValueKind::List(of, Arc::new(items)).into()
}

/// A list of these strings.
pub(super) fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Value {
    list_of(Type::String, items.into_iter().map(|item| crate::value::text::string(item.as_ref())).collect())
}

/// A number as a value.
pub(super) fn number(number: Number) -> Value {
    ValueKind::Number(number).into()
}

/// A sequence of the expected type: a tuple if that is one, otherwise a list of its element type.
pub(super) fn sequence(of: &Type, items: Vec<Value>) -> Value {
    match of {
        Type::List(element) => list_of((**element).clone(), items),
        Type::Set(element) => Value::set((**element).clone(), items),
        _ => Value::tuple(items),
    }
}
