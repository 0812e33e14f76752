//! Trees that are made, not read: each node stands where the SAM resource stands that it is made for.

use crate::cloudformation::expression::Expr;
use crate::cloudformation::stack::Entry;
use crate::source::TextRange;
use crate::syntax::node::{Node, NodeKind, Style};

/// Makes nodes for one resource.
#[derive(Clone, Copy)]
pub struct Builder {
    range: TextRange,
}

impl Builder {
    /// For the resource of an entry.
    pub fn new(entry: &Entry<'_>) -> Self {
        Self { range: entry.span.range }
    }

    /// A text.
    pub fn text(self, text: &str) -> Node {
        Node { kind: NodeKind::scalar(text, Style::Quoted), range: self.range, tag: None }
    }

    /// A list.
    pub fn list(self, items: Vec<Node>) -> Node {
        Node { kind: NodeKind::Sequence(items.into()), range: self.range, tag: None }
    }

    /// A mapping.
    pub fn mapping(self, pairs: Vec<(&str, Node)>) -> Node {
        let pairs = pairs.into_iter().map(|(key, value)| (self.text(key), value)).collect();
        Node { kind: NodeKind::Mapping(pairs), range: self.range, tag: None }
    }

    /// `{Ref: name}`
    pub fn reference(self, name: &str) -> Node {
        self.mapping(vec![("Ref", self.text(name))])
    }

    /// The body of a resource: a type and properties, and of what it is made from the condition, the policies and the metadata.
    pub fn resource(self, type_name: &str, properties: Node, from: Expr<'_>) -> Node {
        let mut pairs = vec![(self.text("Type"), self.text(type_name)), (self.text("Properties"), properties)];
        let kept =
            from.node.as_mapping().unwrap_or_default().iter().filter(|(key, _)| !matches!(key.as_str(), Some("Type" | "Properties")));
        pairs.extend(kept.cloned());
        Node { kind: NodeKind::Mapping(pairs.into()), range: from.node.range, tag: None }
    }
}

/// A mapping of globals with a resource's own laid over it: mappings merge, lists follow each other, everything else is replaced.
pub fn merged(globals: &Node, own: &Node) -> Node {
    let kind = match (&globals.kind, &own.kind) {
        (NodeKind::Mapping(base), NodeKind::Mapping(over)) if own.tag.is_none() && !is_call(over) && !is_call(base) => {
            let mut pairs: Vec<(Node, Node)> = base.to_vec();
            for (key, value) in over {
                match pairs.iter_mut().find(|(known, _)| known.as_str().is_some() && known.as_str() == key.as_str()) {
                    Some((_, before)) => *before = merged(before, value),
                    None => pairs.push((key.clone(), value.clone())),
                }
            }
            NodeKind::Mapping(pairs.into())
        }
        (NodeKind::Sequence(base), NodeKind::Sequence(over)) if own.tag.is_none() && globals.tag.is_none() => {
            NodeKind::Sequence(base.iter().chain(over).cloned().collect())
        }
        _ => return own.clone(),
    };
    Node { kind, range: own.range, tag: None }
}

/// Whether a mapping is a call in its long form.
fn is_call(pairs: &[(Node, Node)]) -> bool {
    matches!(pairs, [(key, _)] if key.as_str().is_some_and(|key| key == "Ref" || key.starts_with("Fn::")))
}
