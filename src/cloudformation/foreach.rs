//! `Fn::ForEach` and `Fn::Transform` where a mapping's pairs stand: sections, properties, and any mapping inside them.
//!
//! A loop copies its body with the identifier replaced, as the transform `AWS::LanguageExtensions` does, whether or not the template names
//! that transform: without it CloudFormation refuses the template, and there is nothing else that the loop could mean. A loop over something
//! that is not known makes its body once, with names as written, and whether that is there is unknown.

use super::evaluate::UNREAD_CAUSE;
use super::expression::{Expr, FOR_EACH};
use super::scalar;
use super::stack::{Entry, Stack};
use crate::limits::Limit;
use crate::source::Span;
use crate::syntax::node::{Node, NodeKind, Style};
use crate::value::{Cause, CauseKind, Reference, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// So many bytes of text count as one node.
const BYTES_OF_NODE: usize = 64;

/// A name of a mapping with what stands under it.
pub type Pair<'t> = (Arc<str>, Entry<'t>);

impl<'t> Stack<'t> {
    /// The pairs of a mapping, loops unrolled and local includes read. `unlisted` gets the causes for which there may be more pairs.
    pub fn expand(&self, mapping: Expr<'t>, unlisted: &mut Vec<Cause>) -> Vec<Pair<'t>> {
        let mut pairs = Vec::new();
        self.expand_into(mapping, &[], &mut pairs, unlisted);
        pairs
    }

    fn expand_into(&self, mapping: Expr<'t>, causes: &[Cause], into: &mut Vec<Pair<'t>>, unlisted: &mut Vec<Cause>) {
        let span = mapping.span();
        let expanded = self.world.deeper(span, || {
            for (key, value) in mapping.pairs().into_iter().flatten() {
                if key.node.is_unread() {
                    unlisted.push(Cause::new(CauseKind::Unshown, UNREAD_CAUSE, Some(key.span())));
                    continue;
                }
                let Some((text, style)) = key.scalar() else {
                    self.world.invalid(key.span(), "a key must be text");
                    continue;
                };
                if text.starts_with(FOR_EACH) {
                    self.unroll(key, value, causes, into, unlisted);
                } else if &**text == "Fn::Transform" {
                    match self.included(value) {
                        Ok(included) => self.expand_into(included, causes, into, unlisted),
                        Err(more) => unlisted.extend(more),
                    }
                } else {
                    let entry = Entry { span: key.span(), body: value, causes: causes.to_vec() };
                    into.push((scalar::text(text, style), entry));
                }
            }
        });
        if let Err(limit) = expanded {
            unlisted.extend(limit.causes());
        }
    }

    /// One loop: `Fn::ForEach::Name: [Identifier, Collection, {OutputKey: OutputValue}]`.
    fn unroll(&self, key: Expr<'t>, value: Expr<'t>, causes: &[Cause], into: &mut Vec<Pair<'t>>, unlisted: &mut Vec<Cause>) {
        let parts: Vec<Expr<'t>> = value.items().into_iter().flatten().collect();
        let [identifier, collection, body] = parts.as_slice() else {
            let message = "`Fn::ForEach` needs a list of an identifier, a collection and a mapping";
            unlisted.extend(self.world.invalid(value.span(), message).causes());
            return;
        };
        let Some(identifier) = identifier.text() else {
            unlisted.extend(self.world.invalid(identifier.span(), "the identifier of `Fn::ForEach` must be text").causes());
            return;
        };
        let (texts, mut open) = self.collection(*collection);
        let nodes = count(body.node).max(1);
        let places = occurrences(body.node, identifier);
        for text in texts {
            // Text that is put in many places counts too.
            if !self.world.may_copy(nodes.saturating_add(places.saturating_mul(text.len() / BYTES_OF_NODE)), key.span()) {
                unlisted.push(Cause::new(CauseKind::Limit, Limit::LoopNodes.named("Fn::ForEach"), Some(key.span())));
                return;
            }
            let copy = self.world.keep(replace(body.node, identifier, &text));
            self.expand_into(Expr::new(copy, body.file), causes, into, unlisted);
        }
        if open.is_empty() {
            return;
        }
        // Wherever the body names it, it is the same member.
        let name = Arc::from(format!("{}.{identifier}", key.text().map_or(FOR_EACH, |text| text.as_ref())));
        let reference = Arc::new(Reference::Input { project: self.world.project.id, name });
        let member = Value::from(Unknown { refers_to: Some(reference), ..Unknown::new(Type::String, open.clone()).not_null() });
        self.identifiers.borrow_mut().insert(Arc::clone(identifier), member);
        open.extend(causes.iter().cloned());
        self.expand_into(*body, &open, into, unlisted);
    }

    /// The members of a collection that are known, and why there may be others.
    fn collection(&self, collection: Expr<'t>) -> (Vec<Arc<str>>, Vec<Cause>) {
        let span: Span = collection.span();
        let Some(value) = self.operand(collection) else { return (Vec::new(), Vec::new()) };
        let (mut texts, mut open) = (Vec::new(), Vec::new());
        let mut take = |value: &Value| match (&value.kind, scalar::text_of(value)) {
            (_, Some(text)) => texts.push(text),
            (ValueKind::Unknown(unknown), _) => open.extend(unknown.causes.iter().cloned()),
            _ => open.extend(self.world.invalid(span, "the collection of `Fn::ForEach` must be a list of texts").causes()),
        };
        match value.as_items() {
            // `[!Ref List]` is the list itself.
            Some(items) => items.iter().flat_map(|item| item.as_items().unwrap_or(std::slice::from_ref(item))).for_each(take),
            None => take(&value),
        }
        (texts, open)
    }
}

/// How many nodes a tree has.
pub fn count(node: &Node) -> usize {
    match &node.kind {
        NodeKind::Scalar { .. } => 1,
        NodeKind::Sequence(items) => 1 + items.iter().map(count).sum::<usize>(),
        NodeKind::Mapping(pairs) => 1 + pairs.iter().map(|(key, value)| count(key) + count(value)).sum::<usize>(),
    }
}

/// How often an identifier may stand in the texts of a tree.
fn occurrences(node: &Node, identifier: &str) -> usize {
    match &node.kind {
        NodeKind::Scalar { text, .. } => text.matches(identifier).count(),
        NodeKind::Sequence(items) => items.iter().map(|item| occurrences(item, identifier)).sum(),
        NodeKind::Mapping(pairs) => pairs.iter().map(|(key, value)| occurrences(key, identifier) + occurrences(value, identifier)).sum(),
    }
}

/// The tree with `${identifier}`, `&{identifier}` and references to it replaced.
fn replace(node: &Node, identifier: &str, text: &str) -> Node {
    if is_reference_to(node, identifier) {
        return Node { kind: NodeKind::scalar(text, Style::Quoted), range: node.range, tag: None };
    }
    let kind = match &node.kind {
        NodeKind::Scalar { text: written, style } => NodeKind::Scalar { text: replace_in(written, identifier, text), style: *style },
        NodeKind::Sequence(items) => NodeKind::Sequence(items.iter().map(|item| replace(item, identifier, text)).collect()),
        NodeKind::Mapping(pairs) => {
            NodeKind::Mapping(pairs.iter().map(|(key, value)| (replace(key, identifier, text), replace(value, identifier, text))).collect())
        }
    };
    Node { kind, range: node.range, tag: node.tag.clone() }
}

fn is_reference_to(node: &Node, identifier: &str) -> bool {
    match &node.kind {
        NodeKind::Scalar { text, .. } => node.tag.as_deref() == Some("Ref") && &**text == identifier,
        NodeKind::Mapping(pairs) => {
            matches!(&**pairs, [(key, value)] if key.as_str() == Some("Ref") && value.as_str() == Some(identifier) && value.tag.is_none())
        }
        NodeKind::Sequence(_) => false,
    }
}

/// `&{identifier}` gives the text without anything that a logical id cannot hold.
fn replace_in(written: &Arc<str>, identifier: &str, text: &str) -> Arc<str> {
    if !written.contains(identifier) {
        return Arc::clone(written);
    }
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    Arc::from(written.replace(&format!("${{{identifier}}}"), text).replace(&format!("&{{{identifier}}}"), &plain))
}
