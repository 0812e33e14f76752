//! YAML 1.1 merge keys: `<<: *defaults`, `<<: [*a, *b]`.
//!
//! What a mapping says itself beats what is merged into it; among merged mappings the earlier one beats the later. CloudFormation documents
//! merges as unsupported, but everything that packages templates applies them.

use crate::syntax::node::{Node, NodeKind, Style};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a key is the merge key: `<<`, not quoted.
pub fn is_merge_key(key: &Node) -> bool {
    matches!(&key.kind, NodeKind::Scalar { text, style: Style::Plain } if &**text == "<<") && key.tag.is_none()
}

/// Notes what is to be merged, a mapping or a list of them; `false` when it is neither.
pub fn accept(value: Node, merges: &mut Vec<Node>) -> bool {
    match value.kind {
        NodeKind::Mapping(_) => merges.push(value),
        NodeKind::Sequence(items) if items.iter().all(|item| item.as_mapping().is_some()) => merges.extend(items),
        _ => return false,
    }
    true
}

/// The pairs of a mapping after merging: its own in their order, then those that it got.
pub fn apply(mut pairs: Vec<(Node, Node)>, merges: Vec<Node>) -> Vec<(Node, Node)> {
    if merges.is_empty() {
        return pairs;
    }
    let mut known: BTreeSet<Arc<str>> = pairs.iter().filter_map(|(key, _)| text_of(key)).collect();
    for merged in merges {
        let NodeKind::Mapping(more) = merged.kind else { continue };
        // Inside one merged mapping the last of two equal keys counts, as everywhere.
        let mut taken: Vec<(Node, Node)> = Vec::new();
        for (key, value) in more.into_iter().rev() {
            if text_of(&key).is_none_or(|name| known.insert(name)) {
                taken.push((key, value));
            }
        }
        pairs.extend(taken.into_iter().rev());
    }
    pairs
}

fn text_of(key: &Node) -> Option<Arc<str>> {
    match &key.kind {
        NodeKind::Scalar { text, .. } if !key.is_unread() => Some(Arc::clone(text)),
        _ => None,
    }
}
