//! The spanned tree that YAML and JSON share. It keeps each scalar's own text and style, so that the reader of a
//! language decides what `On`, `010` or `2012-10-17` means there.
//!
//! Many trees are held at once, and a large template has a hundred thousand nodes: lists are as long as what is in them, and texts that are said
//! often are shared.

use crate::diagnostic::Diagnostic;
use crate::source::TextRange;
use crate::syntax::names::shared;
use std::ops::Deref;
use std::sync::Arc;

/// The tag of what stands where the text could not be read: an alias that leads nowhere, or the rest of a collection that an error cut off (an
/// item of a list, a key of a mapping). No text can spell it.
pub const UNREAD: &str = " unread";

/// A parsed YAML or JSON file.
#[derive(PartialEq, Debug)]
pub struct NodeFile {
    /// Its trees, one a document; JSON has at most one.
    pub documents: Vec<Node>,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Nodes that aliases copied.
    pub copied: usize,
}

impl NodeFile {
    /// Of a file that is not read.
    pub fn refused(limit: Diagnostic) -> Self {
        Self { documents: Vec::new(), diagnostics: vec![limit], copied: 0 }
    }
}

/// One node.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its bytes: a scalar with its quotes, a collection from its first to its last byte, without the tag.
    pub range: TextRange,
    /// The tag as written, without a leading `!` of a local tag: `Sub` for `!Sub`, `tag:yaml.org,2002:str` for `!!str`.
    pub tag: Option<Tag>,
}

/// A tag. Few nodes have one, so that it takes little room where there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag(Box<Arc<str>>);

impl Tag {
    /// A tag of this text.
    pub fn new(text: &str) -> Self {
        Self(Box::new(shared(text)))
    }
}

impl Deref for Tag {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// What a node is.
#[derive(Clone, PartialEq, Debug)]
pub enum NodeKind {
    /// A scalar.
    Scalar {
        /// The text, escapes and folding resolved.
        text: Arc<str>,
        /// How it was written.
        style: Style,
    },
    /// A list.
    Sequence(Box<[Node]>),
    /// A mapping, in source order, duplicates kept (a diagnostic names them), merge keys already applied.
    Mapping(Box<[(Node, Node)]>),
}

/// How a scalar was written, which decides whether its text may mean a number or a boolean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// A plain YAML scalar, or a JSON number, boolean or null.
    Plain,
    /// A quoted string, YAML or JSON.
    Quoted,
    /// A literal or folded YAML block.
    Block,
}

impl NodeKind {
    /// A scalar of this text.
    pub fn scalar(text: &str, style: Style) -> Self {
        Self::Scalar { text: shared(text), style }
    }
}

impl Node {
    /// What stands where the text could not be read.
    pub fn unread(range: TextRange) -> Self {
        Self { kind: NodeKind::scalar("", Style::Plain), range, tag: Some(Tag::new(UNREAD)) }
    }

    /// Whether the text could not be read here.
    pub fn is_unread(&self) -> bool {
        self.tag.as_deref() == Some(UNREAD)
    }

    /// The text of a scalar.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs of a mapping.
    pub fn as_mapping(&self) -> Option<&[(Node, Node)]> {
        match &self.kind {
            NodeKind::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The value under a key of a mapping. With duplicates the last wins, as YAML 1.1 readers do.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key and value nodes under a key of a mapping.
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.as_mapping()?.iter().rev().find(|(name, _)| name.as_str() == Some(key)).map(|(name, value)| (name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small_and_equal_texts_are_one() {
        assert!(size_of::<Node>() <= 40, "{}", size_of::<Node>());
        let [NodeKind::Scalar { text: first, .. }, NodeKind::Scalar { text: second, .. }] =
            [Style::Plain, Style::Quoted].map(|style| NodeKind::scalar("Properties", style))
        else {
            panic!("scalars")
        };
        assert!(Arc::ptr_eq(&first, &second));
    }
}
