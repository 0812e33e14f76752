//! Types, as Terraform has them. CloudFormation uses strings, tuples and objects only.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of a value.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Type {
    /// Not known yet: `any`.
    Dynamic,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(T)`.
    List(Arc<Type>),
    /// `set(T)`.
    Set(Arc<Type>),
    /// `map(T)`.
    Map(Arc<Type>),
    /// `tuple([…])`.
    Tuple(Arc<[Type]>),
    /// `object({…})`.
    Object(Arc<BTreeMap<Arc<str>, Type>>),
}

impl Type {
    /// `string`, `number` or `bool`.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// Whether `any` stands in it somewhere.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_dynamic(),
            Self::Tuple(items) => items.iter().any(Self::has_dynamic),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
        }
    }

    /// The name that Terraform uses in its messages: "string", "list of string", "object".
    pub fn friendly_name(&self) -> String {
        match self {
            Self::Dynamic => "dynamic".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(of) => format!("list of {}", of.friendly_name()),
            Self::Set(of) => format!("set of {}", of.friendly_name()),
            Self::Map(of) => format!("map of {}", of.friendly_name()),
            Self::Tuple(_) => "tuple".into(),
            Self::Object(_) => "object".into(),
        }
    }
}
