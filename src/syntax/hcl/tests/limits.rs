//! Hostile text: bounded stack, time and number of errors.

use super::show::{FILE, outline};
use crate::diagnostic::Diagnostic;
use crate::syntax::hcl::parser::{MAX_ERRORS, MAX_NESTING, MAX_OPERATOR_CHAIN};
use crate::syntax::hcl::{parse, parse_json};

/// Parses and drops on a stack of the size that test threads have; a release build needs less than half of it.
fn on_a_small_stack(text: String, read: fn(&str) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || read(&text)).unwrap();
    thread.join().unwrap()
}

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    parse(text, FILE).1
}

#[test]
fn nesting_up_to_the_limit_is_read() {
    let deepest = MAX_NESTING - 8;
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{a=", "1", "}"),
        ("f(", "1", ")"),
        ("-", "1", ""),
        ("b[", "1", "]"),
        ("\"${", "1", "}\""),
        ("[for x in y : ", "1", "]"),
        ("b ? c : ", "d", ""),
        ("(1||1&&1==1<1+1*", "1", ")"),
    ] {
        let text = format!("a = {}{middle}{}\n", open.repeat(deepest), close.repeat(deepest));
        assert_eq!(on_a_small_stack(text, diagnostics), [], "{open}");
    }
    let splats = format!("a = b{}\n", "[*].c".repeat(deepest));
    let directives = format!("a = \"{}{}\"\n", "%{if b}".repeat(deepest), "%{endif}".repeat(deepest));
    let blocks = format!("{}{}", "a {\n".repeat(deepest), "}\n".repeat(deepest));
    for text in [splats, directives, blocks] {
        assert_eq!(on_a_small_stack(text, diagnostics), []);
    }
}

#[test]
fn nesting_past_the_limit_is_told_and_loses_only_itself() {
    let many = 100_000;
    let splats = format!("a = b{}\n", "[*]".repeat(many));
    assert_eq!(on_a_small_stack(splats, diagnostics)[0].code, "limit-reached");
    for open in ["(", "[", "{", "{a=", "f(", "-", "!", "b[", "\"${", "[for x in ", "b ? ", "b ? 1 : ", "f({b=[\"${"] {
        let text = format!("a = {}\nresource \"b\" \"c\" {{\n  d = 1\n}}\n", open.repeat(many));
        let read = |text: &str| {
            let (body, diagnostics) = parse(text, FILE);
            assert_eq!(outline(&body), "a! resource.b.c{d}");
            diagnostics
        };
        let found = on_a_small_stack(text, read);
        assert_eq!(found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["limit-reached"], "{open}");
    }
}

#[test]
fn long_chains_of_operators_are_limited() {
    let chain = |length: usize| format!("a = 1{}\nb = 2\n", " + 1".repeat(length));
    assert_eq!(on_a_small_stack(chain(MAX_OPERATOR_CHAIN), diagnostics), []);
    let found = on_a_small_stack(chain(100_000), |text| {
        let (body, diagnostics) = parse(text, FILE);
        assert_eq!(outline(&body), "a! b");
        diagnostics
    });
    assert_eq!(found[0].code, "limit-reached");
    // Height adds up along a path, not over siblings.
    let inner = format!("({})", ["1"; 600].join(" + "));
    assert_eq!(diagnostics(&format!("a = [{inner}, {inner}]\n")), []);
    assert_eq!(diagnostics(&format!("a = {inner}{}\n", " + 1".repeat(600)))[0].code, "limit-reached");
}

/// Each of these took minutes if any step looked at the whole rest of the text once for every error or token.
#[test]
fn megabytes_of_garbage_take_no_quadratic_time() {
    let many = 40_000;
    for unit in [
        "}",
        "}\n",
        "a {\n",
        "a { ",
        "a {} ",
        "x } ",
        "resource \"a\" \"b\" {\n",
        "a = <<A\n",
        "a = (\n",
        "a = \"\n",
        "a = {\n",
        "\"",
        "a ",
        "/* ",
        "a = 1\n",
        "\u{a0}",
        "b {\nx = (\n",
    ] {
        let found = diagnostics(&unit.repeat(many));
        assert!((1..=MAX_ERRORS + 1).contains(&found.len()), "{unit}: {}", found.len());
    }
    // Blocks that are not closed are each still found, without reading the file again for each.
    let unclosed = "resource \"a\" \"b\" {\n  x = {\n    y = 1\n\n".repeat(2_000);
    let (body, _) = parse(&unclosed, FILE);
    assert_eq!(body.blocks.len(), 2_000);
    let heredocs = (0..many).map(|n| format!("a{n} = <<A{n}\n")).collect::<Vec<_>>().concat();
    assert_eq!(diagnostics(&heredocs).len(), 1);
    let line = format!("a = \"{}\"\n", "${b}".repeat(many));
    assert_eq!(diagnostics(&line), []);
    let unclosed = format!("{}{}", "a = {\n".repeat(200), "b = 1\n".repeat(many));
    assert!(!diagnostics(&unclosed).is_empty());
}

#[test]
fn nested_json_is_limited() {
    let text = format!("{{\"locals\": {{\"a\": {}1{}, \"b\": 2}}}}", "[".repeat(400), "]".repeat(400));
    let (body, diagnostics) = parse_json(&text, FILE);
    assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), ["limit-reached"]);
    assert_eq!(outline(&body), "locals{a b}");
}
