//! What stands in a template, before it means anything: a node, its file, and which intrinsic function it calls.
//!
//! Short forms (`!Sub x`), long forms (`Fn::Sub: x`) and mixtures of both are one thing from here on. Whether a call is allowed where it
//! stands, and what it gives, is not known here.

use crate::source::{FileId, Span};
use crate::syntax::node::{Node, NodeKind, Style, UNREAD};
use std::sync::Arc;

/// A node and the file it was written in.
#[derive(Clone, Copy, Debug)]
pub struct Expr<'t> {
    /// The node.
    pub node: &'t Node,
    /// Its file.
    pub file: FileId,
    /// The tag is already taken as the function whose argument this is.
    tag_taken: bool,
}

/// An intrinsic function with its argument.
#[derive(Clone, Copy, Debug)]
pub struct Call<'t> {
    /// Which function.
    pub function: Function<'t>,
    /// Its argument.
    pub argument: Expr<'t>,
}

/// The functions, by the names of the documentation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Function<'t> {
    /// `Ref`
    Ref,
    /// `Condition`, inside conditions.
    Condition,
    /// `Fn::GetAtt`
    GetAtt,
    /// `Fn::Sub`
    Sub,
    /// `Fn::Join`
    Join,
    /// `Fn::Split`
    Split,
    /// `Fn::Select`
    Select,
    /// `Fn::FindInMap`
    FindInMap,
    /// `Fn::If`
    If,
    /// `Fn::Equals`
    Equals,
    /// `Fn::And`
    And,
    /// `Fn::Or`
    Or,
    /// `Fn::Not`
    Not,
    /// `Fn::Base64`
    Base64,
    /// `Fn::Cidr`
    Cidr,
    /// `Fn::GetAZs`
    GetAzs,
    /// `Fn::ImportValue`
    ImportValue,
    /// `Fn::Transform`
    Transform,
    /// `Fn::Length`
    Length,
    /// `Fn::ToJsonString`
    ToJsonString,
    /// The text could not be read.
    Unread,
    /// Not a function of CloudFormation: a tool's own (`!Rain::Embed`), or one that is not supported.
    Other(&'t str),
}

impl<'t> Function<'t> {
    fn named(name: &'t str) -> Self {
        match name {
            "GetAtt" => Self::GetAtt,
            "Sub" => Self::Sub,
            "Join" => Self::Join,
            "Split" => Self::Split,
            "Select" => Self::Select,
            "FindInMap" => Self::FindInMap,
            "If" => Self::If,
            "Equals" => Self::Equals,
            "And" => Self::And,
            "Or" => Self::Or,
            "Not" => Self::Not,
            "Base64" => Self::Base64,
            "Cidr" => Self::Cidr,
            "GetAZs" => Self::GetAzs,
            "ImportValue" => Self::ImportValue,
            "Transform" => Self::Transform,
            "Length" => Self::Length,
            "ToJsonString" => Self::ToJsonString,
            other => Self::Other(other),
        }
    }

    fn of_tag(tag: &'t str) -> Option<Self> {
        match tag {
            "Ref" => Some(Self::Ref),
            "Condition" => Some(Self::Condition),
            UNREAD => Some(Self::Unread),
            _ if tag.starts_with("tag:") || tag.is_empty() => None,
            _ => Some(Self::named(tag)),
        }
    }

    fn of_key(key: &'t str) -> Option<Self> {
        match key {
            "Ref" => Some(Self::Ref),
            _ if key.starts_with(FOR_EACH) => None,
            _ => key.strip_prefix("Fn::").map(Self::named),
        }
    }
}

/// The beginning of the keys that are loops.
pub const FOR_EACH: &str = "Fn::ForEach::";

impl<'t> Expr<'t> {
    /// A node in its file.
    pub fn new(node: &'t Node, file: FileId) -> Self {
        Self { node, file, tag_taken: false }
    }

    /// Where it stands.
    pub fn span(self) -> Span {
        self.node.range.at(self.file)
    }

    /// The text of a scalar that calls no function.
    pub fn text(self) -> Option<&'t Arc<str>> {
        match &self.node.kind {
            NodeKind::Scalar { text, .. } if self.function_tag().is_none() => Some(text),
            _ => None,
        }
    }

    /// The text and style of a scalar that calls no function. A `!!str` counts as quoted.
    pub fn scalar(self) -> Option<(&'t Arc<str>, Style)> {
        match &self.node.kind {
            NodeKind::Scalar { text, style } if self.function_tag().is_none() => {
                let forced = self.node.tag.as_deref() == Some("tag:yaml.org,2002:str");
                Some((text, if forced { Style::Quoted } else { *style }))
            }
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn items(self) -> Option<impl ExactSizeIterator<Item = Expr<'t>> + use<'t>> {
        let file = self.file;
        Some(self.node.as_sequence()?.iter().map(move |node| Expr::new(node, file)))
    }

    /// The pairs of a mapping.
    pub fn pairs(self) -> Option<impl ExactSizeIterator<Item = (Expr<'t>, Expr<'t>)> + use<'t>> {
        let file = self.file;
        Some(self.node.as_mapping()?.iter().map(move |(key, value)| (Expr::new(key, file), Expr::new(value, file))))
    }

    /// The item of a sequence.
    pub fn item(self, index: usize) -> Option<Self> {
        self.node.as_sequence()?.get(index).map(|node| Self::new(node, self.file))
    }

    /// The value under a key.
    pub fn get(self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| Self::new(node, self.file))
    }

    /// The value under the first of these keys that is there.
    pub fn get_any(self, keys: &[&str]) -> Option<Self> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// Whether it is a scalar, a list or a mapping without anything in it.
    pub fn is_empty(self) -> bool {
        match &self.node.kind {
            NodeKind::Scalar { text, .. } => text.is_empty(),
            NodeKind::Sequence(items) => items.is_empty(),
            NodeKind::Mapping(pairs) => pairs.is_empty(),
        }
    }

    fn function_tag(self) -> Option<Function<'t>> {
        if self.tag_taken { None } else { self.node.tag.as_deref().and_then(Function::of_tag) }
    }

    /// The function that it calls: by its tag, or as a mapping whose only key is a function's name.
    pub fn call(self) -> Option<Call<'t>> {
        if let Some(function) = self.function_tag() {
            return Some(Call { function, argument: Self { tag_taken: true, ..self } });
        }
        match self.node.as_mapping()? {
            [(key, value)] => {
                let function = Function::of_key(key.as_str()?)?;
                Some(Call { function, argument: Self::new(value, self.file) })
            }
            _ => None,
        }
    }

    /// The same inside a condition, where `Condition: Name` is a call too.
    pub fn condition_call(self) -> Option<Call<'t>> {
        self.call().or_else(|| match self.node.as_mapping()? {
            [(key, value)] if key.as_str() == Some("Condition") => {
                Some(Call { function: Function::Condition, argument: Self::new(value, self.file) })
            }
            _ => None,
        })
    }
}
