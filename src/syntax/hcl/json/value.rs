//! Values of Terraform's JSON syntax as expressions. Strings are read as templates or native expressions, with ranges into the JSON.

use crate::diagnostic::Diagnostic;
use crate::syntax::hcl::json::Reader;
use crate::syntax::hcl::json::schema::Strings;
use crate::syntax::hcl::lexer::Newlines;
use crate::syntax::hcl::names::name;
use crate::syntax::hcl::parser::{MAX_NESTING, Parser};
use crate::syntax::hcl::places::Places;
use crate::syntax::hcl::{Expr, ExprKind, ObjectItem, UnaryOperator};
use crate::syntax::node::{Node, NodeKind, Style};

/// What the text of a string is.
#[derive(Clone, Copy)]
enum Reading {
    Expression,
    Template,
}

impl Reader<'_> {
    /// An argument's value, or a part of it.
    pub fn value(&mut self, node: &Node, strings: Strings) -> Expr {
        let range = node.range;
        if self.depth >= MAX_NESTING {
            let message = format!("this is nested more than {MAX_NESTING} levels deep, which is as far as it is read");
            self.report(Diagnostic::error("limit-reached", range.at(self.file), message));
            return Expr { kind: ExprKind::Invalid, range };
        }
        self.depth += 1;
        let kind = match &node.kind {
            NodeKind::Scalar { text, style: Style::Plain } => Self::plain(text, node),
            NodeKind::Scalar { .. } => self.string(node, strings),
            NodeKind::Sequence(items) => ExprKind::Tuple(items.iter().map(|item| self.value(item, strings)).collect()),
            NodeKind::Mapping(pairs) => ExprKind::Object(pairs.iter().map(|(key, value)| self.item(key, value, strings)).collect()),
        };
        self.depth -= 1;
        Expr { kind, range }
    }

    fn item(&mut self, key: &Node, value: &Node, strings: Strings) -> ObjectItem {
        let inner = match (strings, key.as_str()) {
            (Strings::Requirement, Some("configuration_aliases")) => Strings::Native,
            _ => strings,
        };
        let kind = match self.string(key, strings) {
            ExprKind::Traversal { root, operations } if operations.is_empty() => ExprKind::String(root.name),
            kind => kind,
        };
        ObjectItem { key: Expr { kind, range: key.range }, value: self.value(value, inner) }
    }

    fn plain(text: &str, node: &Node) -> ExprKind {
        match text {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            _ => match text.strip_prefix('-') {
                None => ExprKind::Number(name(text)),
                Some(digits) => {
                    let mut range = node.range;
                    range.start += 1;
                    let digits = Expr { kind: ExprKind::Number(name(digits)), range };
                    ExprKind::Unary(UnaryOperator::Negate, Box::new(digits))
                }
            },
        }
    }

    fn string(&mut self, node: &Node, strings: Strings) -> ExprKind {
        let text = node.as_str().unwrap_or_default();
        match strings {
            Strings::Native => self.parse(node, Reading::Expression),
            Strings::Template if text.contains("${") || text.contains("%{") => self.parse(node, Reading::Template),
            _ => ExprKind::String(name(text)),
        }
    }

    /// Reads the text of a string with the parser of the native syntax.
    fn parse(&mut self, node: &Node, reading: Reading) -> ExprKind {
        let newlines = match reading {
            Reading::Expression => Newlines::Ignored,
            Reading::Template => Newlines::Significant,
        };
        let mut parser = Parser::new(node.as_str().unwrap_or_default(), self.file, newlines, self.places(node));
        parser.depth = self.depth;
        let expression = match reading {
            Reading::Expression => parser.whole_expression(),
            Reading::Template => parser.whole_template(),
        };
        for diagnostic in parser.diagnostics {
            self.report(diagnostic);
        }
        expression.kind
    }

    /// Where each byte of a string's text stands in the file.
    fn places(&self, node: &Node) -> Places {
        let range = node.range.indices();
        let (start, end) = (range.start + 1, range.end.saturating_sub(1));
        let raw = self.text.get(start..end).unwrap_or_default();
        let mut steps = vec![(0, start)];
        let (mut text, mut at) = (0, 0);
        while let Some(offset) = raw[at..].find('\\') {
            let (written, meant) = escape(&raw[at + offset..]);
            text += offset + meant;
            at += offset + written;
            steps.push((text, start + at));
        }
        Places { steps }
    }
}

/// The length of the escape that a valid JSON string has here, and of the character that it means.
fn escape(raw: &str) -> (usize, usize) {
    if raw.as_bytes().get(1) != Some(&b'u') {
        return (2.min(raw.len()), 1);
    }
    let code = raw.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
    match char::from_u32(code) {
        Some(character) => (6.min(raw.len()), character.len_utf8()),
        // Two escapes, one character outside the basic plane.
        None => (12.min(raw.len()), 4),
    }
}

#[cfg(test)]
mod tests {
    use crate::source::FileId;
    use crate::syntax::hcl::{ExprKind, TemplatePart, parse_json};

    /// Every offset after an escape, of whatever length, points at the same character of the JSON.
    #[test]
    fn ranges_in_strings_point_into_the_json() {
        for before in ["", "\\n", "é", "\\u00e9", "\\ud83d\\ude00", "\\\"\\\\\\/", "$${x}\\t"] {
            let text = format!("{{\"locals\": {{\"a\": \"{before}${{ var.x }}\"}}}}");
            let (body, diagnostics) = parse_json(&text, FileId(0));
            assert_eq!(diagnostics, [], "{text}");
            let value = &body.blocks[0].body.attributes[0].value;
            let inner = match &value.kind {
                ExprKind::TemplateWrap(inner) => inner,
                ExprKind::Template(parts) => {
                    let Some(TemplatePart::Interpolation(inner)) = parts.last() else { panic!("{parts:?}") };
                    inner
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(&text[inner.range.indices()], "var.x", "{text}");
        }
    }
}
