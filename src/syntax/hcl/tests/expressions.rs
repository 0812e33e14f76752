//! Expressions: what groups with what.

use super::show::{value, whole};
use crate::syntax::hcl::tests::show;

#[test]
fn operators_group_as_in_the_reference() {
    for (text, expected) in [
        ("1 + 2 * 3", "(+ 1 (* 2 3))"),
        ("10 - 5 - 2", "(- (- 10 5) 2)"),
        ("2 * 3 % 4 / 5", "(/ (% (* 2 3) 4) 5)"),
        ("a || b && c == d < e + f * -g", "(|| a (&& b (== c (< d (+ e (* f (- g)))))))"),
        ("-a * f + e < d == c && b || a", "(|| (&& (== (< (+ (* (- a) f) e) d) c) b) a)"),
        ("1 == 2 == false", "(== (== 1 2) false)"),
        ("a != b == c", "(== (!= a b) c)"),
        ("1 < 2 >= 3", "(>= (< 1 2) 3)"),
        ("a <= b > c", "(> (<= a b) c)"),
        ("-46 + 5", "(+ (- 46) 5)"),
        ("!a.b == c", "(== (! a.b) c)"),
        ("- - !b", "(- (- (! b)))"),
        ("-a[0].b", "(- a[0].b)"),
        ("a -b", "(- a b)"),
        ("a-b", "a-b"),
        ("a - b-c", "(- a b-c)"),
        ("(a || b) && c", "(&& paren((|| a b)) c)"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ? b ? 1 : 2 : 3", "(? a (? b 1 2) 3)"),
        ("a == 1 ? b + 1 : c || d", "(? (== a 1) (+ b 1) (|| c d))"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn traversals_take_what_is_theirs() {
    for (text, expected) in [
        ("a.b.c", "a.b.c"),
        ("a[0][\"b\"].c", "a[0][\"b\"].c"),
        ("a[\"${b}\"]", "a[<=b>]"),
        ("a.0.b", "a.0.b"),
        ("a.1e3", "a[1e3]"),
        ("a.99999999999999999999", "a[99999999999999999999]"),
        ("a.*.b.c[0].d", "a.*{.b.c}[0].d"),
        ("a.*.b.0.c", "a.*{.b.0.c}"),
        ("a[*].b[0].c", "a[*]{.b[0].c}"),
        ("a[*][*].b", "a[*]{[*]{.b}}"),
        ("a.*[*].b", "a.*{}[*]{.b}"),
        ("a[*].*.b[0]", "a[*]{.*{.b}[0]}"),
        ("f(x).y", "{f(x)}.y"),
        ("[1, 2][0]", "{[1, 2]}[0]"),
        ("{ a = 1 }.a", "{{\"a\": 1}}.a"),
        ("\"b\".c", "{\"b\"}.c"),
        ("true.x", "{true}.x"),
        ("a.true.for.null", "a.true.for.null"),
        ("(a).b", "{paren(a)}.b"),
        ("1.b", "{1}.b"),
        ("a[b ? 1 : 2]", "a[(? b 1 2)]"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn calls_and_collections() {
    for (text, expected) in [
        ("f()", "f()"),
        ("f(1, [2], x...)", "f(1, [2], x...)"),
        ("f(1, 2,)", "f(1, 2)"),
        ("provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)"),
        ("core :: upper (\"a\")", "core::upper(\"a\")"),
        ("[]", "[]"),
        ("[1, 2,]", "[1, 2]"),
        ("{}", "{}"),
        (
            "{ a = 1, \"b\" : 2, (c) = 3, d.e = 4, 1 = 5, true = 6, null = 7 }",
            "{\"a\": 1, \"b\": 2, paren(c): 3, d.e: 4, 1: 5, true: 6, null: 7}",
        ),
        ("{ \"${a}b\" = 1, f() = 2, -1 = 3 }", "{<a \"b\">: 1, f(): 2, (- 1): 3}"),
        ("{ a : b ? c : d }", "{\"a\": (? b c d)}"),
        ("{ a = 1, a = 2 }", "{\"a\": 1, \"a\": 2}"),
        ("[for v in a : v.b if v.c]", "for(v in a: v.b if v.c)"),
        ("[for k, v in a ? b : c : v]", "for(k, v in (? a b c): v)"),
        ("{for k, v in a : k => v...}", "for(k, v in a: k => v...)"),
        ("{for v in a : v.k => v.b if v.c}", "for(v in a: v.k => v.b if v.c)"),
        ("[forx]", "[forx]"),
        ("{(for) = 1}", "{paren(for): 1}"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn line_breaks_end_expressions_except_inside_brackets() {
    for (text, expected) in [
        ("(\n  a\n  + b\n)", "paren((+ a b))"),
        ("(a\n.b\n[0])", "paren(a.b[0])"),
        ("(a ?\n b :\n c)", "paren((? a b c))"),
        ("(f\n(x))", "paren(f(x))"),
        ("(!\nb)", "paren((! b))"),
        ("f(\n1\n,\n2\n)", "f(1, 2)"),
        ("[\n1,\n\n2\n]", "[1, 2]"),
        ("a[\n0\n]", "a[0]"),
        ("(b[\n*])", "paren(b[*]{})"),
        ("{\n\n  a = 1\n  b = 2,\n  c = 3, d = 4\n}", "{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}"),
        ("{ # one\n  a = 1 // two\n  /* three\n */ b = 2 }", "{\"a\": 1, \"b\": 2}"),
        ("{\nfor\nk, v in x :\n k => v\n if v\n}", "for(k, v in x: k => v if v)"),
        ("[{\n a = (\n1\n)\n}]", "[{\"a\": paren(1)}]"),
        ("f({\n a = 1\n b = [\n2,\n{ c = 3\n d = 4 }]\n})", "f({\"a\": 1, \"b\": [2, {\"c\": 3, \"d\": 4}]})"),
        ("/* \n */ 1", "1"),
        ("1 /* x\n y */ + 2 // z", "(+ 1 2)"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    assert_eq!(whole("a\n+\nb\n"), "(+ a b)");
}

#[test]
fn numbers_stand_as_written() {
    for text in ["0", "010", "0.1", "1e6", "1.5E+3", "2e-7", "0.e5", "123456789012345678901234567890"] {
        assert_eq!(value(text), text);
    }
}

/// Ranges hold the expression and no space around it.
#[test]
fn ranges_are_exact() {
    let text = "a = ( b . c [ 0 ] ) + f ( x , [ 1 ] ) . y /* z */\n";
    let (body, _) = crate::syntax::hcl::parse(text, show::FILE);
    let mut found = Vec::new();
    collect(&body.attributes[0].value, text, &mut found);
    assert_eq!(
        found,
        [
            "( b . c [ 0 ] ) + f ( x , [ 1 ] ) . y",
            "( b . c [ 0 ] )",
            "b . c [ 0 ]",
            "0",
            "f ( x , [ 1 ] ) . y",
            "f ( x , [ 1 ] )",
            "x",
            "[ 1 ]",
            "1"
        ]
    );
    assert_eq!(&text[body.attributes[0].range.indices()], text.split(" /*").next().unwrap());
}

fn collect<'t>(expr: &crate::syntax::hcl::Expr, text: &'t str, found: &mut Vec<&'t str>) {
    found.push(&text[expr.range.indices()]);
    expr.children(&mut |child| collect(child, text, found));
}
