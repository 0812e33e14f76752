//! Bodies: attributes, blocks, labels, ranges.

use super::show::{FILE, content, outline};
use crate::syntax::hcl::{Body, parse};

fn clean(text: &str) -> Body {
    let (body, diagnostics) = parse(text, FILE);
    assert_eq!(diagnostics, [], "{text}");
    body
}

#[test]
fn bodies_of_every_form() {
    for (text, expected) in [
        ("", ""),
        ("# x", ""),
        ("\n/* y */\n\n", ""),
        ("_a = 1\nb-c = 2", "_a=1; b-c=2"),
        ("a = 1\r\nb {\r\n}\r\n", "a=1; b {}"),
        ("\u{feff}a = 1\n", "a=1"),
        ("a {}", "a {}"),
        ("a b \"c d\" \"$${e}\" { # f\n}\n", "a \"b\" \"c d\" \"${e}\" {}"),
        ("a { b = 1 }", "a {b=1}"),
        ("a { /* x */ b = [\n1\n] /* y */ } // z\n", "a {b=[1]}"),
        ("a {\n  b {\n    c = 1\n  }\n\n  d = 2\n}\ne = 3\n", "e=3; a {d=2; b {c=1}}"),
        ("a = 1\na {\n}\n", "a=1; a {}"),
        ("a = <<E\nx\nE\nb = 2\n", "a=\"x\\n\"; b=2"),
    ] {
        assert_eq!(content(&clean(text)), expected, "{text}");
    }
}

#[test]
fn ranges_of_blocks_and_attributes() {
    let text = "# c\nresource \"a\"  b { # d\n  x = \"y\" # z\n}\n";
    let body = clean(text);
    let block = &body.blocks[0];
    let of = |range: crate::source::TextRange| &text[range.indices()];
    assert_eq!(of(body.range), text);
    assert_eq!(of(block.kind.range), "resource");
    assert_eq!(block.labels.iter().map(|label| of(label.range)).collect::<Vec<_>>(), ["\"a\"", "b"]);
    assert_eq!(of(block.header), "resource \"a\"  b");
    assert_eq!(of(block.body.range), " # d\n  x = \"y\" # z\n");
    assert_eq!(of(block.range), &text[4..text.len() - 1]);
    assert_eq!(of(block.body.attributes[0].range), "x = \"y\"");
    assert_eq!(of(block.body.attributes[0].name.range), "x");
}

#[test]
fn equal_names_share_one_allocation() {
    let body = clean("a {\n  bucket = 1\n}\nb {\n  bucket = 2\n}\n");
    let name = |block: usize| &body.blocks[block].body.attributes[0].name.name;
    assert!(std::sync::Arc::ptr_eq(name(0), name(1)));
}

#[test]
fn a_name_set_twice_keeps_its_first_value_in_small_and_large_bodies() {
    for count in [2, 40] {
        let lines = (0..count).map(|n| format!("a{n} = {n}\n")).collect::<Vec<_>>().concat();
        let (body, diagnostics) = parse(&format!("{lines}a1 = 7\n"), FILE);
        assert_eq!(diagnostics.len(), 1);
        assert!(diagnostics[0].message.starts_with("attribute redefined: the argument `a1` was already set"));
        assert_eq!(body.attributes.len(), count);
        assert!(outline(&body).starts_with("a0 a1"));
    }
}
