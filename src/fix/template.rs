//! Edits of a template: a key added to a mapping, a scalar set. Text and tree in, splices out, in the style of the place: YAML in lines or in
//! braces, JSON in lines or in one.
//!
//! Where anchors, merge keys, comments between values or a shape that is not expected make the place uncertain, there is no edit.

use crate::fix::hcl::Splice;
use crate::fix::lines;
use crate::fix::written::{Spelling, Written};
use crate::source::TextRange;
use crate::syntax::node::{Node, NodeKind, Style};

/// A template's text and how it is written.
#[derive(Clone, Copy)]
pub struct Template<'t> {
    text: &'t str,
    json: bool,
}

impl<'t> Template<'t> {
    /// A template with its tree: JSON where its outermost braces are the text's.
    pub fn new(text: &'t str, root: &Node) -> Self {
        Self { text, json: text[root.range.indices()].starts_with('{') && text[root.range.indices()].contains('"') }
    }

    /// Sets what stands under keys of nested mappings, adding what is missing. `parent` and `mapping` are a key and its value.
    pub fn set(self, (parent, mapping): (&Node, &Node), path: &[&str], value: &Written) -> Option<Splice> {
        let (key, rest) = path.split_first()?;
        if mapping.tag.is_some() || !self.is_in_order(parent, mapping) {
            return None;
        }
        if let NodeKind::Scalar { text, style: Style::Plain } = &mapping.kind
            && text.is_empty()
        {
            return self.fill((parent, mapping), key, &nested(rest, value));
        }
        if mapping.as_mapping()?.iter().any(|(key, _)| key.as_str().is_none_or(|key| key.starts_with("Fn::"))) {
            return None;
        }
        match (mapping.entry(key), rest.is_empty()) {
            (None, _) => self.add((parent, mapping), key, &nested(rest, value)),
            (Some(pair), false) => self.set(pair, rest, value),
            (Some((key, old)), true) => self.replace(key, old, value),
        }
    }

    /// A scalar in the place of a scalar: what is computed was meant.
    fn replace(self, key: &Node, old: &Node, value: &Written) -> Option<Splice> {
        let is_scalar = matches!(old.kind, NodeKind::Scalar { style: Style::Plain | Style::Quoted, .. });
        if !is_scalar || old.tag.is_some() || !self.is_in_order(key, old) || old.range.start == old.range.end {
            return None;
        }
        let line = value.pair("k", if self.json { Spelling::JsonLine } else { Spelling::Flow }, "", "\n");
        Some((old.range, line.split_once(": ")?.1.to_owned()))
    }

    /// Adds a key at the end of a mapping.
    pub fn add(self, (parent, mapping): (&Node, &Node), key: &str, value: &Written) -> Option<Splice> {
        let pairs = mapping.as_mapping()?;
        if !self.is_in_order(parent, mapping) {
            return None;
        }
        let start = mapping.range.start as usize;
        if self.text[start..].starts_with('{') {
            return self.add_in_braces(mapping, pairs, key, value);
        }
        let (first, _) = pairs.first()?;
        let at = first.range.start as usize;
        if !lines::is_first(self.text, at) {
            return None;
        }
        let (last, last_value) = pairs.last()?;
        let mut end = self.end_of(last_value).max(last.range.end as usize);
        if self.text[end..].starts_with(':') {
            end += 1;
        }
        let point = lines::open_end(self.text, end, &["#"])?;
        let (indent, feed) = (lines::indentation(self.text, at), lines::ending(self.text));
        Some((TextRange::new(point, point), format!("{feed}{indent}{}", value.pair(key, Spelling::Block, indent, feed))))
    }

    /// Puts the first key under a key that has no value.
    fn fill(self, (parent, _): (&Node, &Node), key: &str, value: &Written) -> Option<Splice> {
        let at = parent.range.start as usize;
        let colon = parent.range.end as usize;
        if self.json || !lines::is_first(self.text, at) || !self.text[colon..].starts_with(':') {
            return None;
        }
        let point = lines::open_end(self.text, colon + 1, &["#"])?;
        let (indent, feed) = (format!("{}  ", lines::indentation(self.text, at)), lines::ending(self.text));
        Some((TextRange::new(point, point), format!("{feed}{indent}{}", value.pair(key, Spelling::Block, &indent, feed))))
    }

    fn add_in_braces(self, mapping: &Node, pairs: &[(Node, Node)], key: &str, value: &Written) -> Option<Splice> {
        let (open, close) = (mapping.range.start as usize + 1, (mapping.range.end as usize).checked_sub(1)?);
        let feed = lines::ending(self.text);
        let in_lines = self.json && self.text.contains('\n');
        let Some((first, _)) = pairs.first() else {
            let inside = self.text.get(open..close).filter(|inside| inside.trim().is_empty())?;
            let range = TextRange::new(open, open + inside.len());
            let outer = lines::indentation(self.text, open);
            return Some(if in_lines {
                let (inner, unit) = (format!("{outer}  "), Spelling::Json(2));
                (range, format!("{feed}{inner}{}{feed}{outer}", value.pair(key, unit, &inner, feed)))
            } else {
                let pair = value.pair(key, self.line(), "", feed);
                (range, if self.json { pair } else { format!(" {pair} ") })
            });
        };
        let (_, last) = pairs.last()?;
        let end = last.range.end as usize;
        let before = self.text.get(open..first.range.start as usize)?;
        // A comma or a brace has to follow: anything else is a comment, or a value that is written elsewhere.
        if !self.text[end..].trim_start().starts_with([',', '}']) || end > close {
            return None;
        }
        let point = TextRange::new(end, end);
        if before.contains('\n') && before.trim().is_empty() {
            let indent = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
            let unit = indent.len().saturating_sub(lines::indentation(self.text, mapping.range.start as usize).len()).clamp(1, 8);
            let spelling = if self.json { Spelling::Json(unit) } else { Spelling::Flow };
            return Some((point, format!(",{feed}{indent}{}", value.pair(key, spelling, indent, feed))));
        }
        Some((point, format!(", {}", value.pair(key, self.line(), "", feed))))
    }

    fn line(self) -> Spelling {
        if self.json { Spelling::JsonLine } else { Spelling::Flow }
    }

    /// Where a node ends as it is written.
    fn end_of(self, node: &Node) -> usize {
        let whole = node.range.end as usize;
        if self.text[node.range.start as usize..].starts_with(['{', '[']) {
            return whole;
        }
        match &node.kind {
            NodeKind::Scalar { style: Style::Block, .. } => self.text[..whole].trim_end().len().max(node.range.start as usize),
            NodeKind::Scalar { .. } => whole,
            NodeKind::Sequence(items) => items.last().map_or(whole, |item| self.end_of(item)),
            NodeKind::Mapping(pairs) => pairs.last().map_or(whole, |(key, value)| {
                let end = self.end_of(value).max(key.range.end as usize);
                if self.text[end..].starts_with(':') { end + 1 } else { end }
            }),
        }
    }

    /// Whether a value stands behind its key, and its pairs one behind the other: neither copied from an anchor nor merged.
    fn is_in_order(self, parent: &Node, mapping: &Node) -> bool {
        let mut at = parent.range.end;
        let pairs = mapping.as_mapping().unwrap_or_default();
        mapping.range.start >= at
            && !self.text[parent.range.end as usize..mapping.range.start as usize].contains(['&', '*', '!'])
            && pairs.iter().all(|(key, value)| {
                let follows = key.range.start >= at && value.range.start >= key.range.start;
                at = value.range.end.max(key.range.end);
                follows
            })
    }
}

/// A value inside of new mappings.
fn nested(path: &[&str], value: &Written) -> Written {
    path.iter().rev().fold(value.clone(), |inner, key| Written::Map(vec![((*key).to_owned(), inner)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::{json, yaml};

    fn set_in(text: &str, path: &[&str]) -> String {
        let read = |text: &str| {
            if text.starts_with('{') && text.contains('"') {
                json::parse(text, FileId(0)).0.unwrap()
            } else {
                yaml::parse(text, FileId(0)).0.remove(0)
            }
        };
        let root = read(text);
        let (key, value) = root.entry("A").unwrap();
        let Some((range, new)) = Template::new(text, &root).set((key, value), path, &Written::Word("true".into())) else {
            return "nothing".to_owned();
        };
        let after = format!("{}{new}{}", &text[..range.start as usize], &text[range.end as usize..]);
        let again = read(&after);
        let set = path.iter().fold(again.get("A").unwrap(), |node, key| node.get(key).unwrap_or_else(|| panic!("{after}")));
        assert_eq!(set.as_str(), Some("true"), "{after}");
        after
    }

    #[test]
    fn keys_are_added_in_the_style_of_the_place() {
        assert_eq!(set_in("A:\n  B: 1 # one\n# end\n", &["X", "Sub"]), "A:\n  B: 1 # one\n  X:\n    Sub: true\n# end\n");
        assert_eq!(
            set_in("A:\r\n  B:\r\n    - |\r\n      text\r\n\r\nZ: 1\r\n", &["X"]),
            "A:\r\n  B:\r\n    - |\r\n      text\r\n  X: true\r\n\r\nZ: 1\r\n"
        );
        assert_eq!(set_in("A: # none\nZ: 1\n", &["X"]), "A: # none\n  X: true\nZ: 1\n");
        assert_eq!(set_in("A:\n  B:\nZ: 1\n", &["X"]), "A:\n  B:\n  X: true\nZ: 1\n");
        assert_eq!(set_in("A: { B: 1 }\n", &["X", "Sub"]), "A: { B: 1, X: {Sub: true} }\n");
        assert_eq!(set_in("A: {}\n", &["X"]), "A: { X: true }\n");
        assert_eq!(
            set_in("{\n  \"A\": {\n    \"B\": 1\n  }\n}", &["X", "Sub"]),
            "{\n  \"A\": {\n    \"B\": 1,\n    \"X\": {\n      \"Sub\": true\n    }\n  }\n}"
        );
        assert_eq!(set_in("{\n  \"A\": {}\n}", &["X"]), "{\n  \"A\": {\n    \"X\": true\n  }\n}");
        assert_eq!(set_in("{\"A\":{\"B\":1}}", &["X"]), "{\"A\":{\"B\":1, \"X\": true}}");
    }

    #[test]
    fn scalars_are_set_where_they_stand() {
        assert_eq!(set_in("A:\n  X: false # why\n", &["X"]), "A:\n  X: true # why\n");
        assert_eq!(set_in("A: {X: 'no'}\n", &["X"]), "A: {X: true}\n");
        assert_eq!(set_in("{\"A\": {\"X\": \"false\"}}", &["X"]), "{\"A\": {\"X\": true}}");
    }

    #[test]
    fn what_is_uncertain_is_left_alone() {
        for text in [
            "A:\n  X: !Ref P\n",
            "A: !If [c, {}, {}]\n",
            "A:\n  Fn::If: [c, {}, {}]\n",
            "B: &b\n  C: 1\nA: *b\n",
            "B: &b\n  C: 1\nA:\n  <<: *b\n  D: 1\n",
            "A: &a\n  C: 1\n",
            "A:\n  X: |\n    false\n",
        ] {
            assert_eq!(set_in(text, &["X"]), "nothing", "{text}");
        }
    }
}
