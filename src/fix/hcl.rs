//! Edits of HCL: an attribute set in a block, a block added after another. Text in, splices out; nothing that stands there is printed anew.
//!
//! What is added is formatted as `terraform fmt` would leave it. This file knows no resource.

use crate::fix::lines;
use crate::source::TextRange;
use crate::syntax::hcl::{Attribute, Block, Body, ExprKind};
use std::sync::Arc;

/// What begins a comment that lasts until the end of its line.
const COMMENTS: [&str; 2] = ["#", "//"];

/// A splice: the bytes to replace, and what to put there.
pub type Splice = (TextRange, String);

/// Sets the attribute at a path of block types and a name. `None` where that cannot be done by one splice: the attribute is an expression, the
/// block is there more than once or generated, or something else stands in the way.
pub fn set(text: &str, block: &Block, path: &[Arc<str>], value: &str) -> Option<Splice> {
    let (name, inner) = path.split_first()?;
    if inner.is_empty() {
        return match block.body.attribute(name) {
            Some(attribute) => replace(attribute, value),
            None => insert(text, block, &format!("{name} = "), value),
        };
    }
    let is_generated = block.body.blocks_of("dynamic").any(|block| block.labels.first().is_some_and(|label| label.name == *name));
    if is_generated || block.body.attribute(name).is_some() {
        return None;
    }
    let mut nested = block.body.blocks_of(name);
    match (nested.next(), nested.next()) {
        (Some(only), None) => set(text, only, inner, value),
        (None, _) => {
            let [attribute] = inner else { return None };
            let (end, unit) = (lines::ending(text), "  ");
            let indent = format!("{}{unit}", lines::indentation(text, block.range.start as usize));
            append(text, block, &format!("{name} {{{end}{indent}{unit}{attribute} = {value}{end}{indent}}}"))
        }
        (Some(_), Some(_)) => None,
    }
}

/// A literal in the place of a literal: what is computed was meant.
fn replace(attribute: &Attribute, value: &str) -> Option<Splice> {
    let is_literal = matches!(attribute.value.kind, ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Null);
    is_literal.then(|| (attribute.value.range, value.to_owned()))
}

/// A new attribute: among the first ones where its `=` fits under theirs, else in a paragraph of its own.
fn insert(text: &str, block: &Block, name: &str, value: &str) -> Option<Splice> {
    let end = lines::ending(text);
    let first_block = block.body.blocks.first().map_or(u32::MAX, |block| block.range.start);
    let one_line = |attribute: &&Attribute| {
        let range = attribute.range.indices();
        !text[range.clone()].contains('\n') && lines::is_first(text, range.start)
    };
    let before_blocks = block.body.attributes.iter().take_while(|attribute| attribute.range.start < first_block);
    // What Terraform itself reads (`count`, `provider`) stands first, by custom, and is no neighbour.
    let neighbour = before_blocks.filter(one_line).filter(|attribute| !is_meta(&attribute.name.name)).last();
    let Some(neighbour) = neighbour else { return append(text, block, &format!("{name}{value}")) };
    let at = lines::open_end(text, neighbour.range.end as usize, &COMMENTS)?;
    let indent = lines::indentation(text, neighbour.range.start as usize);
    let equals = (neighbour.name.range.end..neighbour.value.range.start).find(|at| text.as_bytes()[*at as usize] == b'=')?;
    let width = (equals - neighbour.name.range.start) as usize;
    let bare = name.trim_end_matches(" = ");
    let (gap, name) = if bare.chars().count() < width { ("", format!("{bare:width$}= ")) } else { (end, format!("{bare} = ")) };
    Some((at_point(at), format!("{end}{gap}{indent}{name}{value}")))
}

/// A new attribute or block at the end of a block's body.
pub fn append(text: &str, block: &Block, new: &str) -> Option<Splice> {
    let close = (block.range.end as usize).checked_sub(1).filter(|at| text.as_bytes()[*at] == b'}')?;
    let (end, outer) = (lines::ending(text), lines::indentation(text, block.range.start as usize));
    if lines::is_first(text, close) {
        // The brace stands in a line of its own.
        return Some((at_point(lines::start(text, close)), format!("{outer}  {new}{end}")));
    }
    let inside = block.body.range.indices();
    let content = text.get(inside.start..close)?;
    if content.contains('\n') {
        return None;
    }
    // `{}` or `{ a = 1 }`: it is opened into lines, the space inside is all that goes.
    let written = content.trim();
    if written.is_empty() {
        return Some((TextRange::new(inside.start, close), format!("{end}{outer}  {new}{end}{outer}")));
    }
    None
}

/// Text after a block, an empty line between.
pub fn after(text: &str, block: &Block, new: &str) -> Option<Splice> {
    let at = lines::open_end(text, block.range.end as usize, &COMMENTS)?;
    let end = lines::ending(text);
    let new = new.trim_end().replace('\n', end);
    Some((at_point(at), format!("{end}{end}{new}")))
}

/// The block of a body that has exactly this range.
pub fn block_at(body: &Body, range: TextRange) -> Option<&Block> {
    body.blocks.iter().find(|block| block.range == range)
}

fn at_point(at: usize) -> TextRange {
    TextRange::new(at, at)
}

fn is_meta(name: &str) -> bool {
    matches!(name, "count" | "for_each" | "provider" | "depends_on")
}

/// A text as a quoted string.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([character, character]),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::hcl::parse;

    fn done(text: &str, splice: Option<Splice>) -> String {
        let Some((range, new)) = splice else { return "nothing".to_owned() };
        format!("{}{new}{}", &text[..range.start as usize], &text[range.end as usize..])
    }

    fn set_in(text: &str, path: &[&str], value: &str) -> String {
        let (body, diagnostics) = parse(text, FileId(0));
        assert!(diagnostics.is_empty());
        let path: Vec<Arc<str>> = path.iter().map(|step| Arc::from(*step)).collect();
        let after = done(text, set(text, &body.blocks[0], &path, value));
        let (_, diagnostics) = parse(&after, FileId(0));
        assert!(after == "nothing" || diagnostics.is_empty(), "{after}");
        after
    }

    #[test]
    fn an_attribute_is_set_where_it_stands() {
        assert_eq!(set_in("a \"b\" {\n  x = false # why\n}\n", &["x"], "true"), "a \"b\" {\n  x = true # why\n}\n");
        assert_eq!(set_in("a \"b\" {\n  x = var.x\n}\n", &["x"], "true"), "nothing");
        assert_eq!(
            set_in("a \"b\" {\n  y {\n    x = \"no\"\n  }\n}\n", &["y", "x"], "\"on\""),
            "a \"b\" {\n  y {\n    x = \"on\"\n  }\n}\n"
        );
    }

    #[test]
    fn an_attribute_is_added_where_it_fits() {
        assert_eq!(
            set_in("a \"b\" {\r\n  name   = 1 # one\r\n  bucket = 2\r\n\r\n  c {\r\n  }\r\n}\r\n", &["x"], "true"),
            "a \"b\" {\r\n  name   = 1 # one\r\n  bucket = 2\r\n  x      = true\r\n\r\n  c {\r\n  }\r\n}\r\n"
        );
        assert_eq!(set_in("a \"b\" {\n  n = 1\n}\n", &["long"], "true"), "a \"b\" {\n  n = 1\n\n  long = true\n}\n");
        assert_eq!(set_in("a \"b\" {}", &["x"], "true"), "a \"b\" {\n  x = true\n}");
        assert_eq!(set_in("a \"b\" {\n  count = 1\n}\n", &["x"], "true"), "a \"b\" {\n  count = 1\n  x = true\n}\n");
        assert_eq!(set_in("a \"b\" {\n  n = 1 /* two\n lines */\n}\n", &["x"], "true"), "nothing");
    }

    #[test]
    fn a_block_is_added_where_none_is() {
        assert_eq!(set_in("a \"b\" {\n  n = 1\n}\n", &["y", "x"], "1"), "a \"b\" {\n  n = 1\n  y {\n    x = 1\n  }\n}\n");
        assert_eq!(set_in("a \"b\" {\n  dynamic \"y\" {\n    for_each = []\n    content {}\n  }\n}\n", &["y", "x"], "1"), "nothing");
        let text = "a \"b\" {\n} // end";
        let (body, _) = parse(text, FileId(0));
        assert_eq!(done(text, after(text, &body.blocks[0], "c {\n}\n")), "a \"b\" {\n} // end\n\nc {\n}");
    }

    #[test]
    fn what_is_quoted_is_read_as_it_was() {
        for text in ["plain", "a\"b\\c", "${x} %{y} $$ %", "line\nbreak\ttab"] {
            let (expression, diagnostics) = crate::syntax::hcl::parse_expression(&quoted(text), FileId(0));
            assert!(diagnostics.is_empty());
            assert_eq!(expression.kind, ExprKind::String(Arc::from(text)));
        }
    }
}
