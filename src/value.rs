//! Values: known, partly known, unknown, each with where it came from.
//!
//! One model serves both languages: Terraform's types (lists, sets and maps beside tuples and objects, typed null, marks)
//! and CloudFormation's (strings, lists, objects). A reference to something only the cloud knows is an unknown value
//! that says which resource and which attribute: that is how links are made. This floor knows no language.

mod address;
pub mod convert;
mod declaration;
mod entries;
pub mod json;
pub mod number;
pub mod ops;
mod origin;
pub(crate) mod set;
pub mod text;
mod truth;
mod types;
mod unknown;

use crate::source::Span;
use std::sync::Arc;

pub use address::{Address, ProjectId, Reference, bare, steps};
pub use declaration::{Attribute, Declaration, Export, Lowered, Mode, Taken};
pub use entries::Entries;
pub use number::Number;
pub use origin::{Hop, Origin, Step};
pub use truth::Truth;
pub use types::Type;
pub use unknown::{Cause, CauseKind, MAX_CAUSES, Piece, Unknown};

/// A value, its marks and its history. Cloning is cheap: collections are shared.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Sensitive, ephemeral. Marks never change what a value is.
    pub marks: Marks,
    /// Where it was written and how it came here.
    pub origin: Origin,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// Null, with its type ([`Type::Dynamic`] where none is known).
    Null(Type),
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string that is wholly known, in NFC. A partly known one is [`ValueKind::Unknown`] with pieces.
    String(Arc<str>),
    /// A list: elements of one type.
    List(Type, Arc<Vec<Value>>),
    /// A set: elements of one type, each once, in the order in which Terraform iterates; made by [`Value::set`]. Elements may be unknown
    /// (each may turn out to equal another), and carry no marks of their own.
    Set(Type, Arc<Vec<Value>>),
    /// A map: elements of one type.
    Map(Type, Arc<Entries>),
    /// A tuple: elements of any types. CloudFormation's lists are these.
    Tuple(Arc<Vec<Value>>),
    /// An object: attributes of any types. CloudFormation's maps are these.
    Object(Arc<Entries>),
    /// A whole resource or data source instance, whose attributes its frontend evaluates when asked. Never null.
    Resource(Arc<Reference>),
    /// Not known, or not wholly.
    Unknown(Arc<Unknown>),
}

/// Marks on a value: sensitive, ephemeral.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Marks(u8);

impl Marks {
    /// No mark.
    pub const NONE: Self = Self(0);
    /// Terraform would not show it.
    pub const SENSITIVE: Self = Self(1);
    /// Terraform would not store it.
    pub const EPHEMERAL: Self = Self(2);

    /// Both sets of marks.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These marks without the others.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of the others are in these.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl From<ValueKind> for Value {
    fn from(kind: ValueKind) -> Self {
        Self { kind, marks: Marks::NONE, origin: Origin::default() }
    }
}

impl From<Unknown> for Value {
    fn from(unknown: Unknown) -> Self {
        ValueKind::Unknown(Arc::new(unknown)).into()
    }
}

impl Value {
    /// A null of unknown type.
    pub fn null() -> Self {
        ValueKind::Null(Type::Dynamic).into()
    }

    /// A boolean.
    pub fn bool(value: bool) -> Self {
        ValueKind::Bool(value).into()
    }

    /// A wholly known string; the caller has normalized it.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        ValueKind::String(text.into()).into()
    }

    /// A whole number.
    pub fn int(value: i64) -> Self {
        ValueKind::Number(Number::from(value)).into()
    }

    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Self {
        ValueKind::Tuple(Arc::new(items)).into()
    }

    /// An object.
    pub fn object(entries: Entries) -> Self {
        ValueKind::Object(Arc::new(entries)).into()
    }

    /// The same value with these marks added.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks = self.marks.union(marks);
        self
    }

    /// The same value with another history.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The same value, written here unless it has a history.
    #[must_use]
    pub fn or_written(self, span: Span) -> Self {
        if self.origin.is_known() { self } else { self.with_origin(Origin::written(span)) }
    }

    /// The same value, having come through one more step.
    #[must_use]
    pub fn through(mut self, hop: impl FnOnce(Origin) -> Hop) -> Self {
        self.origin = Origin::new(hop(std::mem::take(&mut self.origin)));
        self
    }

    /// Where what it shares with its clones lies in memory; `None` for what is copied. It tells values apart as long as one of them is kept.
    pub fn identity(&self) -> Option<usize> {
        match &self.kind {
            ValueKind::String(text) => Some(Arc::as_ptr(text).addr()),
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => Some(Arc::as_ptr(items).addr()),
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => Some(Arc::as_ptr(entries).addr()),
            ValueKind::Resource(reference) => Some(Arc::as_ptr(reference).addr()),
            ValueKind::Unknown(unknown) => Some(Arc::as_ptr(unknown).addr()),
            ValueKind::Null(_) | ValueKind::Bool(_) | ValueKind::Number(_) => None,
        }
    }

    /// Its type. A resource is an object of which not all is known: dynamic.
    pub fn type_of(&self) -> Type {
        match &self.kind {
            ValueKind::Null(of) => of.clone(),
            ValueKind::Bool(_) => Type::Bool,
            ValueKind::Number(_) => Type::Number,
            ValueKind::String(_) => Type::String,
            ValueKind::List(element, _) => Type::List(Arc::new(element.clone())),
            ValueKind::Set(element, _) => Type::Set(Arc::new(element.clone())),
            ValueKind::Map(element, _) => Type::Map(Arc::new(element.clone())),
            ValueKind::Tuple(items) => Type::Tuple(items.iter().map(Value::type_of).collect()),
            ValueKind::Object(entries) => {
                Type::Object(Arc::new(entries.iter().map(|(name, value)| (Arc::clone(name), value.type_of())).collect()))
            }
            ValueKind::Resource(_) => Type::Dynamic,
            ValueKind::Unknown(unknown) => unknown.of.clone(),
        }
    }

    /// Whether [`Value::type_of`] gives this type, found out without building one.
    pub fn is_of(&self, of: &Type) -> bool {
        match (&self.kind, of) {
            (ValueKind::Null(own), of) => own == of,
            (ValueKind::Unknown(unknown), of) => unknown.of == *of,
            (ValueKind::Bool(_), Type::Bool)
            | (ValueKind::Number(_), Type::Number)
            | (ValueKind::String(_), Type::String)
            | (ValueKind::Resource(_), Type::Dynamic) => true,
            (ValueKind::List(own, _), Type::List(of))
            | (ValueKind::Set(own, _), Type::Set(of))
            | (ValueKind::Map(own, _), Type::Map(of)) => *own == **of,
            (ValueKind::Tuple(items), Type::Tuple(of)) => {
                items.len() == of.len() && items.iter().zip(of.iter()).all(|(item, of)| item.is_of(of))
            }
            (ValueKind::Object(entries), Type::Object(of)) => {
                entries.len() == of.len()
                    && entries.iter().zip(of.iter()).all(|((name, value), (other, of))| name == other && value.is_of(of))
            }
            _ => false,
        }
    }

    /// Whether it surely has the [`Value::type_of`] of another value, found out without building either. Of values that are not wholly there
    /// (nulls, unknowns, resources) that is not said.
    pub fn is_of_type_of(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (ValueKind::Bool(_), ValueKind::Bool(_))
            | (ValueKind::Number(_), ValueKind::Number(_))
            | (ValueKind::String(_), ValueKind::String(_)) => true,
            (ValueKind::List(one, _), ValueKind::List(other, _))
            | (ValueKind::Set(one, _), ValueKind::Set(other, _))
            | (ValueKind::Map(one, _), ValueKind::Map(other, _)) => one == other,
            (ValueKind::Tuple(items), ValueKind::Tuple(others)) => {
                items.len() == others.len() && items.iter().zip(others.iter()).all(|(one, other)| one.is_of_type_of(other))
            }
            (ValueKind::Object(entries), ValueKind::Object(others)) => {
                entries.len() == others.len()
                    && entries
                        .iter()
                        .zip(others.iter())
                        .all(|((name, one), (other_name, other))| name == other_name && one.is_of_type_of(other))
            }
            _ => false,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, ValueKind::Null(_))
    }

    /// Whether it is unknown at the top; parts of a collection may be unknown all the same.
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, ValueKind::Unknown(_))
    }

    /// Whether it and all its parts are known. A resource is not: the cloud knows more of it.
    pub fn is_wholly_known(&self) -> bool {
        match &self.kind {
            ValueKind::Unknown(_) | ValueKind::Resource(_) => false,
            ValueKind::Null(_) | ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) => true,
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => items.iter().all(Value::is_wholly_known),
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().all(Value::is_wholly_known),
        }
    }

    /// The unknown, if it is one.
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match &self.kind {
            ValueKind::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// A known boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            ValueKind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            ValueKind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple.
    pub fn as_items(&self) -> Option<&[Value]> {
        match &self.kind {
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map or object.
    pub fn as_entries(&self) -> Option<&Entries> {
        match &self.kind {
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a map or object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_entries()?.get(key)
    }

    /// Every cause for which it or a part of it is unknown, each once, in a fixed order.
    pub fn causes(&self) -> Vec<Cause> {
        fn collect(value: &Value, into: &mut Vec<Cause>) {
            match &value.kind {
                ValueKind::Unknown(unknown) => into.extend(unknown.causes.iter().cloned()),
                ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
                    items.iter().for_each(|item| collect(item, into));
                }
                ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().for_each(|entry| collect(entry, into)),
                _ => {}
            }
        }
        let mut causes = Vec::new();
        collect(self, &mut causes);
        unknown::tidy(&mut causes);
        causes
    }

    /// Every reference that it carries: what it or a part of it is, and what these were read from on the way. Some may come twice.
    pub fn each_reference(&self, found: &mut dyn FnMut(&Arc<Reference>)) {
        for (step, _) in self.origin.hops() {
            if let Step::Attribute(reference) = step {
                found(reference);
            }
        }
        match &self.kind {
            ValueKind::Resource(reference) => found(reference),
            ValueKind::Unknown(unknown) => unknown.each_reference(found),
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
                items.iter().for_each(|item| item.each_reference(found));
            }
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().for_each(|entry| entry.each_reference(found)),
            ValueKind::Null(_) | ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) => {}
        }
    }

    /// The same value with each of its elements or attribute values changed by `change`; marks, origin and types stay.
    #[must_use]
    pub fn map_parts(&self, change: impl Fn(&Value) -> Value) -> Self {
        let items = |items: &[Value]| Arc::new(items.iter().map(&change).collect::<Vec<_>>());
        let entries =
            |entries: &Entries| Arc::new(entries.iter().map(|(name, entry)| (Arc::clone(name), change(entry))).collect::<Entries>());
        let kind = match &self.kind {
            ValueKind::List(of, list) => ValueKind::List(of.clone(), items(list)),
            ValueKind::Set(of, list) => ValueKind::Set(of.clone(), items(list)),
            ValueKind::Tuple(list) => ValueKind::Tuple(items(list)),
            ValueKind::Map(of, map) => ValueKind::Map(of.clone(), entries(map)),
            ValueKind::Object(map) => ValueKind::Object(entries(map)),
            other => other.clone(),
        };
        Self { kind, marks: self.marks, origin: self.origin.clone() }
    }

    /// The same value with no mark on it or on any part of it.
    #[must_use]
    pub fn without_marks(&self) -> Self {
        if self.deep_marks().is_empty() {
            return self.clone();
        }
        let mut value = self.map_parts(Self::without_marks);
        value.marks = Marks::NONE;
        value
    }

    /// Its own marks and those of all its parts.
    pub fn deep_marks(&self) -> Marks {
        let of = |marks: Marks, value: &Value| marks.union(value.deep_marks());
        match &self.kind {
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => items.iter().fold(self.marks, of),
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().fold(self.marks, of),
            _ => self.marks,
        }
    }
}
