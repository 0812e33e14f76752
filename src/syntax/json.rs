//! JSON text to the spanned tree of [`crate::syntax::node`].
//!
//! It reads JSON as written: numbers keep their digits, duplicate keys stay (a diagnostic names them), and nothing is said about what a key
//! means. Comments, single quotes, and commas too many or too few are reported (the first of them) and then read over, because people write them
//! and the rest of such a file is still worth reading. Any other error leaves no tree.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, TextRange};
use crate::syntax::node::{Node, NodeKind, Style};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::collections::BTreeMap;

/// JSON and nothing more.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The liberties that people take most.
const LENIENT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_missing_commas: true,
    allow_single_quoted_strings: true,
    ..STRICT
};

/// The tree of a JSON text, or nothing where it does not parse. Nesting is bounded (by `jsonc-parser`, at 512 levels of arrays, half as many
/// of objects); past the bound the answer is a `limit-reached` diagnostic.
pub fn parse(text: &str, file: FileId) -> (Option<Node>, Vec<Diagnostic>) {
    let (node, mut diagnostics) = parse_keeping_duplicates(text, file);
    if let Some(node) = &node {
        report_duplicates(node, file, &mut diagnostics);
    }
    (node, diagnostics)
}

/// The same for languages in which a repeated key is no mistake in itself: Terraform's JSON syntax writes several blocks that way.
pub fn parse_keeping_duplicates(text: &str, file: FileId) -> (Option<Node>, Vec<Diagnostic>) {
    let (json, shift) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, text.len() - rest.len()),
        None => (text, 0),
    };
    let mut reader = Reader { shift, text, control: None };
    let collect = CollectOptions::default();
    let (result, mut diagnostics) = match parse_to_ast(json, &collect, &STRICT) {
        Ok(result) => (result, Vec::new()),
        Err(strict) => match parse_to_ast(json, &collect, &LENIENT) {
            Ok(result) => (result, vec![reader.describe(&strict, file)]),
            Err(lenient) => return (None, vec![reader.describe(&lenient, file)]),
        },
    };
    let node = result.value.map(|value| reader.node(value));
    if let Some(at) = reader.control {
        let span = TextRange::new(at, at + 1).at(file);
        let message = "invalid string: a control character, such as a line break, must be written as an escape";
        diagnostics.push(Diagnostic::error("syntax-error", span, message));
    }
    if node.is_none() {
        let end = TextRange::new(text.len(), text.len());
        diagnostics.push(Diagnostic::error("syntax-error", end.at(file), "expected a JSON value, found the end of the file"));
    }
    (node, diagnostics)
}

/// Converts `jsonc-parser`'s tree and errors, whose offsets start after a byte-order mark.
struct Reader<'t> {
    text: &'t str,
    shift: usize,
    /// The first control character inside a string, which `jsonc-parser` lets pass.
    control: Option<usize>,
}

impl Reader<'_> {
    fn range(&self, range: jsonc_parser::common::Range) -> TextRange {
        TextRange::new(range.start + self.shift, range.end + self.shift)
    }

    /// Recursion is bounded by the depth that the parser let through.
    fn node(&mut self, value: ast::Value<'_>) -> Node {
        let range = self.range(value.range());
        let kind = match value {
            ast::Value::StringLit(string) => self.string(&string.value, range),
            ast::Value::NumberLit(number) => scalar(number.value, Style::Plain),
            ast::Value::BooleanLit(boolean) => scalar(if boolean.value { "true" } else { "false" }, Style::Plain),
            ast::Value::NullKeyword(_) => scalar("null", Style::Plain),
            ast::Value::Array(array) => NodeKind::Sequence(array.elements.into_iter().map(|element| self.node(element)).collect()),
            ast::Value::Object(object) => NodeKind::Mapping(object.properties.into_iter().map(|property| self.pair(property)).collect()),
        };
        Node { kind, range, tag: None }
    }

    fn pair(&mut self, property: ast::ObjectProp<'_>) -> (Node, Node) {
        let range = self.range(property.name.range());
        let key = Node { kind: self.string(property.name.as_str(), range), range, tag: None };
        (key, self.node(property.value))
    }

    fn string(&mut self, text: &str, range: TextRange) -> NodeKind {
        if self.control.is_none() {
            let raw = &self.text.as_bytes()[range.indices()];
            self.control = raw.iter().position(|byte| *byte < b' ').map(|at| range.start as usize + at);
        }
        scalar(text, Style::Quoted)
    }

    fn describe(&self, error: &ParseError, file: FileId) -> Diagnostic {
        let range = error.range();
        let start = (range.start + self.shift).min(self.text.len());
        // An error "at" an unterminated collection covers the rest of the file: its first byte says where to look.
        let end = match error.kind() {
            ParseErrorKind::UnterminatedArray | ParseErrorKind::UnterminatedObject | ParseErrorKind::NestingDepthExceeded => start + 1,
            _ => range.end + self.shift,
        };
        let end =
            (end.clamp(start, self.text.len())..self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len());
        let span = TextRange::new(start, end).at(file);
        if let ParseErrorKind::NestingDepthExceeded = error.kind() {
            return Diagnostic::error("limit-reached", span, "this JSON is nested too deeply to be read");
        }
        let message = error.kind().to_string();
        let mut characters = message.chars();
        let message: String = characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect();
        Diagnostic::error("syntax-error", span, message)
    }
}

fn scalar(text: &str, style: Style) -> NodeKind {
    NodeKind::scalar(text, style)
}

fn report_duplicates(node: &Node, file: FileId, diagnostics: &mut Vec<Diagnostic>) {
    match &node.kind {
        NodeKind::Scalar { .. } => {}
        NodeKind::Sequence(items) => items.iter().for_each(|item| report_duplicates(item, file, diagnostics)),
        NodeKind::Mapping(pairs) => {
            let mut seen = BTreeMap::new();
            for (key, value) in pairs {
                let name = key.as_str().unwrap_or_default();
                if seen.insert(name, key.range).is_some() {
                    let message = format!("the key `{name}` appears more than once in this object; the last one counts");
                    diagnostics.push(Diagnostic::warning("duplicate-key", key.range.at(file), message));
                }
                report_duplicates(value, file, diagnostics);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Level, Place};

    const FILE: FileId = FileId(0);

    fn marked(text: &str) -> Vec<(Level, &'static str, String, String)> {
        let (_, diagnostics) = parse(text, FILE);
        diagnostics
            .into_iter()
            .map(|diagnostic| {
                let Some(Place::Span(span)) = diagnostic.place else { panic!("a place in the text") };
                (diagnostic.level, diagnostic.code, text[span.range.indices()].to_owned(), diagnostic.message)
            })
            .collect()
    }

    #[test]
    fn scalars_keep_their_text_and_style() {
        let text = r#" {"a": [1.50, "é\n", true, null], "b\u0041": {}} "#;
        let (node, diagnostics) = parse(text, FILE);
        assert_eq!(diagnostics, []);
        let node = node.unwrap();
        assert_eq!(&text[node.range.indices()], text.trim());
        let items = node.get("a").unwrap().as_sequence().unwrap();
        let shown: Vec<_> = items.iter().map(|item| (item.as_str().unwrap(), &text[item.range.indices()])).collect();
        assert_eq!(shown, [("1.50", "1.50"), ("é\n", "\"é\\n\""), ("true", "true"), ("null", "null")]);
        assert!(matches!(items[0].kind, NodeKind::Scalar { style: Style::Plain, .. }));
        assert!(matches!(items[1].kind, NodeKind::Scalar { style: Style::Quoted, .. }));
        let (key, value) = node.entry("bA").unwrap();
        assert_eq!(&text[key.range.indices()], "\"b\\u0041\"");
        assert_eq!(value.as_mapping().unwrap().len(), 0);
    }

    #[test]
    fn a_byte_order_mark_shifts_the_ranges() {
        let text = "\u{feff}{\"a\": x}";
        assert_eq!(marked(text)[0].2, "x");
        let (node, _) = parse("\u{feff}[7]", FILE);
        assert_eq!(node.unwrap().as_sequence().unwrap()[0].range, TextRange::new(4, 5));
    }

    #[test]
    fn comments_and_trailing_commas_are_reported_and_read_over() {
        let text = "{\n // why\n \"a\": [1,],\n}";
        let found = marked(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1, &*found[0].2), (Level::Error, "syntax-error", "// why"));
        assert_eq!(parse(text, FILE).0.unwrap().get("a").unwrap().as_sequence().unwrap().len(), 1);
    }

    #[test]
    fn missing_commas_and_single_quotes_are_reported_and_read_over() {
        for (text, place) in [("{\"a\": 1 \"b\": 2}", ""), ("[1 2]", ""), ("{'a': 1}", "'")] {
            assert_eq!(marked(text).iter().map(|found| (found.0, &*found.2)).collect::<Vec<_>>(), [(Level::Error, place)], "{text}");
            assert!(parse(text, FILE).0.is_some());
        }
    }

    #[test]
    fn other_errors_leave_no_tree() {
        for text in ["", "{", "{\"a\" 1}", "{a: 1}", "[1] 2", "\"abc", "[0x1]", "[+1]", "tru"] {
            let (node, diagnostics) = parse(text, FILE);
            assert_eq!((node, diagnostics.len()), (None, 1), "{text}");
        }
    }

    #[test]
    fn a_duplicate_key_is_kept_and_named() {
        let text = r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#;
        let found = marked(text);
        assert_eq!(
            found.iter().map(|entry| (entry.0, &*entry.2)).collect::<Vec<_>>(),
            [(Level::Warning, "\"c\""), (Level::Warning, "\"a\"")]
        );
        assert_eq!(parse(text, FILE).0.unwrap().get("a").unwrap().as_str(), Some("3"));
        assert_eq!(parse_keeping_duplicates(text, FILE).1, []);
    }

    #[test]
    fn a_control_character_in_a_string_is_an_error_but_no_loss() {
        let text = "{\"a\": \"x\ty\"}";
        assert_eq!(marked(text)[0].2, "\t");
        assert_eq!(parse(text, FILE).0.unwrap().get("a").unwrap().as_str(), Some("x\ty"));
    }

    #[test]
    fn hostile_nesting_is_a_limit_and_no_crash() {
        for text in ["[".repeat(1_000_000), "{\"a\":".repeat(100_000)] {
            let (node, diagnostics) = parse(&text, FILE);
            assert!(node.is_none());
            assert_eq!(diagnostics[0].code, "limit-reached");
        }
        let (node, diagnostics) = parse(&format!("{}{}", "[".repeat(500), "]".repeat(500)), FILE);
        assert!(node.is_some() && diagnostics.is_empty());
    }
}
