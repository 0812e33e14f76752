//! For any text whatever: no panic, and ranges that are ranges.

use super::show::FILE;
use crate::diagnostic::{Diagnostic, Place};
use crate::source::TextRange;
use crate::syntax::hcl::{Body, Expr, ExprKind, parse, parse_expression, parse_json, parse_template};
use proptest::prelude::*;

/// Pieces of HCL, whole and broken, from which texts are put together.
const PIECES: [&str; 64] = [
    "resource \"a\" \"b\" {\n",
    "variable \"v\" {",
    "}\n",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "a = ",
    "  x = 1\n",
    "b {\n",
    "=",
    "==",
    "=>",
    ",",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\"",
    "\"text\"",
    "\"${",
    "${",
    "%{",
    "%{if a}",
    "%{ else ~}",
    "%{endif}",
    "%{ for x in y }",
    "%{endfor}",
    "~}",
    "$${",
    "%%{",
    "\\n",
    "\\u00e9",
    "\\",
    "<<E\n",
    "<<-E\n",
    "E\n",
    "    indented\n",
    "# c\n",
    "// c\n",
    "/* c",
    "*/",
    "for x in y : ",
    "[for k, v in y : ",
    "if ",
    "...",
    "a.b",
    ".0",
    ".*",
    "[*]",
    "[0]",
    "f(",
    "x::y(",
    "1.5e3",
    "-",
    "!",
    " ? ",
    " : ",
    " && ",
    "é\u{301}",
    "\u{feff}",
];

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60).prop_map(|pieces| pieces.concat())
}

/// A real-looking file with a few characters taken out or put in.
fn mutated() -> impl Strategy<Value = String> {
    const REAL: &str = include_str!("sample.tf");
    let edit = (any::<prop::sample::Index>(), 0..4usize, prop::sample::select(&PIECES[..]));
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut text: Vec<char> = REAL.chars().collect();
        for (at, remove, insert) in edits {
            let at = at.index(text.len());
            let end = (at + remove).min(text.len());
            text.splice(at..end, insert.chars());
        }
        text.into_iter().collect()
    })
}

fn within(text: &str, inner: TextRange, outer: TextRange) {
    assert!(inner.start <= inner.end && outer.start <= inner.start && inner.end <= outer.end, "{inner:?} in {outer:?}\n{text}");
    assert!(text.get(inner.indices()).is_some(), "{inner:?} is not on character boundaries\n{text}");
}

fn check_expr(text: &str, expr: &Expr, outer: TextRange) {
    within(text, expr.range, outer);
    expr.children(&mut |child| check_expr(text, child, expr.range));
}

fn check_body(text: &str, body: &Body, outer: TextRange) {
    within(text, body.range, outer);
    for attribute in &body.attributes {
        within(text, attribute.range, outer);
        within(text, attribute.name.range, attribute.range);
        check_expr(text, &attribute.value, attribute.range);
    }
    for block in &body.blocks {
        within(text, block.range, outer);
        within(text, block.header, block.range);
        within(text, block.kind.range, block.header);
        block.labels.iter().for_each(|label| within(text, label.range, block.header));
        check_body(text, &block.body, block.range);
    }
}

fn check_places(text: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        let Some(Place::Span(span)) = &diagnostic.place else { panic!("a place in the text") };
        within(text, span.range, TextRange::new(0, text.len()));
    }
}

fn check(text: &str) {
    let (body, diagnostics) = parse(text, FILE);
    check_body(text, &body, TextRange::new(0, text.len()));
    check_places(text, &diagnostics);
    for (expr, diagnostics) in [parse_expression(text, FILE), parse_template(text, FILE)] {
        check_expr(text, &expr, TextRange::new(0, text.len()));
        check_places(text, &diagnostics);
        assert_eq!(expr.any(&|inner| inner.kind == ExprKind::Invalid), diagnostics.iter().any(|d| !is_told_beside(d)), "{text}");
    }
}

/// Errors that leave the expression as it can be understood.
fn is_told_beside(diagnostic: &Diagnostic) -> bool {
    ["invalid escape sequence", "invalid legacy index syntax"].iter().any(|start| diagnostic.message.starts_with(start))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in ".{0,200}") {
        check(&text);
    }

    #[test]
    fn any_pieces(text in pieces()) {
        check(&text);
    }

    #[test]
    fn any_damage(text in mutated()) {
        check(&text);
    }

    /// In JSON a template's ranges go through the escapes of its string.
    #[test]
    fn any_template_in_json(template in pieces()) {
        let text = serde_json::json!({ "locals": { "a": template, "b": 1 } }).to_string();
        let (body, diagnostics) = parse_json(&text, FILE);
        check_places(&text, &diagnostics);
        prop_assert_eq!(body.blocks[0].body.attributes.len(), 2);
        check_expr(&text, &body.blocks[0].body.attributes[0].value, TextRange::new(0, text.len()));
    }
}
