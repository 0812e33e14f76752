//! The comments of a file: where they stand and what their words are.
//!
//! Trees drop comments, so they are found in the text, outside of everything that the tree says is a string: what looks like a comment inside
//! a string is none. What a comment says is not known here.

use crate::source::TextRange;
use crate::syntax::hcl::{Block, Body, Expr, ExprKind};
use crate::syntax::node::{Node, NodeKind};

/// Whether something else stands before a comment on its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    /// Nothing but space.
    Alone,
    /// Code.
    Trailing,
}

/// One comment; of one over several lines, each line is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// Its bytes, the mark included.
    pub range: TextRange,
    /// Its words, without the mark and surrounding space.
    pub words: TextRange,
    /// What stands before it on its line.
    pub placement: Placement,
}

/// The comments of a file in HCL's native syntax, in order.
pub fn in_hcl(text: &str, body: &Body) -> Vec<Comment> {
    let mut strings = Vec::new();
    body.expressions(&mut |expression| strings_of(expression, &mut strings));
    body.blocks.iter().for_each(|block| labels_of(block, &mut strings));
    find(text, strings, Marks::Hcl)
}

/// The comments of a YAML file, in order.
pub fn in_yaml(text: &str, documents: &[Node]) -> Vec<Comment> {
    let mut scalars = Vec::new();
    documents.iter().for_each(|document| scalars_of(document, &mut scalars));
    find(text, scalars, Marks::Yaml)
}

fn strings_of(expression: &Expr, into: &mut Vec<TextRange>) {
    match expression.kind {
        ExprKind::String(_) | ExprKind::Template(_) | ExprKind::TemplateWrap(_) => into.push(expression.range),
        _ => expression.children(&mut |child| strings_of(child, into)),
    }
}

fn labels_of(block: &Block, into: &mut Vec<TextRange>) {
    into.extend(block.labels.iter().map(|label| label.range));
    block.body.blocks.iter().for_each(|inner| labels_of(inner, into));
}

fn scalars_of(node: &Node, into: &mut Vec<TextRange>) {
    match &node.kind {
        NodeKind::Scalar { .. } => into.push(node.range),
        NodeKind::Sequence(items) => items.iter().for_each(|item| scalars_of(item, into)),
        NodeKind::Mapping(pairs) => pairs.iter().for_each(|(key, value)| {
            scalars_of(key, into);
            scalars_of(value, into);
        }),
    }
}

/// How comments begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// `#`, `//`, and `/*` up to `*/`.
    Hcl,
    /// `#` after space, or at the beginning of a line.
    Yaml,
}

fn find(text: &str, mut strings: Vec<TextRange>, marks: Marks) -> Vec<Comment> {
    // Nearly in order already: labels stand behind the rest.
    strings.sort();
    let mut strings = strings.into_iter().map(TextRange::indices).peekable();
    let bytes = text.as_bytes();
    let mut finder = Finder { text, found: Vec::new(), upto: 0, before: Placement::Alone };
    let mut at = 0;
    while at < bytes.len() {
        while strings.next_if(|string| string.end <= at).is_some() {}
        let limit = match strings.peek() {
            Some(string) if string.start <= at => {
                at = string.end;
                continue;
            }
            Some(string) => string.start,
            None => bytes.len(),
        };
        let mut places = memchr::memchr2_iter(b'#', b'/', &bytes[at..limit]).map(|length| at + length);
        let Some(start) = places.find(|place| begins(bytes, *place, marks)) else {
            at = limit;
            continue;
        };
        let spans_lines = marks == Marks::Hcl && bytes.get(start + 1) == Some(&b'*');
        at = if spans_lines {
            text[start + 2..].find("*/").map_or(bytes.len(), |length| start + length + 4)
        } else {
            memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length)
        };
        finder.push(start, at);
    }
    finder.found
}

fn begins(bytes: &[u8], at: usize, marks: Marks) -> bool {
    let after_space = || at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r');
    match (marks, bytes[at]) {
        (Marks::Hcl, b'#') => true,
        (Marks::Hcl, b'/') => matches!(bytes.get(at + 1), Some(b'/' | b'*')),
        (Marks::Yaml, b'#') => after_space(),
        _ => false,
    }
}

/// Collects comments in the order of the text. Each byte is looked at once for what stands before a comment: lines may be long.
struct Finder<'t> {
    text: &'t str,
    found: Vec<Comment>,
    /// How far the text was looked at.
    upto: usize,
    /// What a comment there would have before it on its line.
    before: Placement,
}

impl Finder<'_> {
    /// What stands before `at` on its line.
    fn placement(&mut self, at: usize) -> Placement {
        let between = &self.text[self.upto..at];
        let (new_line, rest) = between.rsplit_once('\n').map_or((false, between), |(_, rest)| (true, rest));
        let was_alone = new_line || self.before == Placement::Alone;
        self.before = if was_alone && rest.trim().is_empty() { Placement::Alone } else { Placement::Trailing };
        self.upto = at;
        self.before
    }

    /// Adds the lines of one comment.
    fn push(&mut self, start: usize, end: usize) {
        let mut at = start;
        let spans_lines = self.text[start..].starts_with("/*");
        for line in self.text[start..end].split_inclusive('\n') {
            let placement = self.placement(at);
            let shown = line.trim_end();
            let words = shown.strip_suffix("*/").filter(|_| spans_lines).unwrap_or(shown);
            let words = words.trim_start().trim_start_matches(['#', '/', '*']).trim();
            // `words` is a part of `line`.
            let offset = words.as_ptr() as usize - line.as_ptr() as usize;
            self.found.push(Comment {
                range: TextRange::new(at, at + shown.len()),
                words: TextRange::new(at + offset, at + offset + words.len()),
                placement,
            });
            at += line.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::{hcl, yaml};

    fn shown(text: &str, comments: &[Comment]) -> Vec<String> {
        let mark = |comment: &Comment| if comment.placement == Placement::Alone { "" } else { "… " };
        comments.iter().map(|comment| format!("{}{}", mark(comment), &text[comment.words.indices()])).collect()
    }

    #[test]
    fn comments_of_hcl_stand_outside_strings() {
        let text = "# one\r\nresource \"a#b\" \"c\" { // two\n  x = \"# no ${a[\"# no\"]}\" #three#\n  y = <<EOT\n# no\nEOT\n  /* four\n   * five */\n  z = [\"#no\", 1] /**/\n}\n#";
        let (body, diagnostics) = hcl::parse(text, FileId(0));
        assert_eq!(diagnostics, []);
        let found = in_hcl(text, &body);
        assert_eq!(shown(text, &found), ["one", "… two", "… three#", "four", "five", "… ", ""]);
        assert_eq!(&text[found[0].range.indices()], "# one", "line endings are no part of it");
    }

    #[test]
    fn comments_of_yaml_stand_outside_scalars() {
        let text =
            "# one\na: b#no # two\nb: |\n  # no\n  c\nc: \"# no\"\nd: [x, # three\n  'y # no']\n  # four\ne: &a {f: 1}\ng: *a # five\n";
        let (documents, diagnostics) = yaml::parse(text, FileId(0));
        assert_eq!(diagnostics, []);
        assert_eq!(shown(text, &in_yaml(text, &documents)), ["one", "… two", "… three", "four", "… five"]);
    }

    #[test]
    fn whatever_the_text_comments_are_found_without_panic() {
        for text in ["/*", "//", "#", "/* ä", "\"# x", "a = \"${ # x", "é#\r", "/*\n\n*/"] {
            let (body, _) = hcl::parse(text, FileId(0));
            in_hcl(text, &body);
            let (documents, _) = yaml::parse(text, FileId(0));
            in_yaml(text, &documents);
        }
    }
}
