//! Templates: escapes, strip markers, heredocs, directives. Each expectation is what Terraform printed for the same text.

use super::show::{template, value};

#[test]
fn escapes_of_quoted_strings() {
    for (text, expected) in [
        (r#""""#, r#""""#),
        (r#""a\n\r\t\"\\b""#, r#""a\n\r\t\"\\b""#),
        (r#""\u00e9\U0001F600""#, r#""é😀""#),
        ("\"e\u{301}\"", "\"é\""),
        (r#""e\u0301""#, r#""é""#),
        (r#""a $$ b %% c $ { %""#, r#""a $$ b %% c $ { %""#),
        (r#""$${x}""#, r#""${x}""#),
        (r#""%%{if}""#, r#""%{if}""#),
        (r#""$$${1}""#, r#""$${1}""#),
        (r#""$$$${1}""#, r#""$$${1}""#),
        (r#""%%%%%{x}""#, r#""%%%%{x}""#),
        (r#""$%{if true}a%{endif}""#, r#"<"$" if(true: "a" else )>"#),
        (r#""%${1}""#, r#"<"%" 1>"#),
        (r#""$${""#, r#""${""#),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn interpolation_alone_keeps_its_type() {
    for (text, expected) in [
        (r#""${a}""#, "<=a>"),
        (r#""${ "${ "b" }" }""#, "<=<=\"b\">>"),
        (r#""${a}${b}""#, "<a b>"),
        (r#"" ${a}""#, "<\" \" a>"),
        (r#"" ${~ a ~} ""#, "<a>"),
        ("\"${\n  a # b\n}\"", "<=a>"),
        ("<<E\n${a ~}\nE", "<a>"),
        ("<<E\n${a}\nE", "<a \"\\n\">"),
        (r#""${ { a = 1 }.a }""#, "<={{\"a\": 1}}.a>"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn strip_markers_take_space_of_the_next_literal() {
    for (text, expected) in [
        (r#""  ${~ 1 ~}  x""#, r#"<1 "x">"#),
        (r#""a ${1 ~} ${~ 2} b""#, r#"<"a " 1 2 " b">"#),
        (r#""%{ if a ~} x %{~ else ~} y %{~ endif }""#, r#"<if(a: "x" else "y")>"#),
        ("<<EOT\nfoo\n   ${~ \"x\"}\nEOT", "<\"foo\\n\" \"x\" \"\\n\">"),
        ("<<EOT\nfoo\n${~ \"x\"}\nEOT", "<\"foo\" \"x\" \"\\n\">"),
        ("<<EOT\n%{ for x in [1] ~}\n\n    a${x}\n%{ endfor ~}\nEOT", "<for(x in [1]: \"\\n    a\" x \"\\n\")>"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn directives_nest() {
    for (text, expected) in [
        (r#""%{if a}b%{else}c%{endif}""#, r#"<if(a: "b" else "c")>"#),
        (r#""%{for k, v in a}${k}=${v},%{endfor}""#, r#"<for(k, v in a: k "=" v ",")>"#),
        (
            r#""x%{if a}%{for v in b}%{if c}${v}%{endif}%{endfor}%{else}%{if d}e%{endif}%{endif}y""#,
            r#"<"x" if(a: for(v in b: if(c: v else )) else if(d: "e" else )) "y">"#,
        ),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn heredocs_end_at_their_name_and_keep_everything_else() {
    for (text, expected) in [
        ("<<EOT\nEOT", "\"\""),
        ("<<EOT\n\nEOT", "\"\\n\""),
        ("<<EOT\n  a EOT\n EOTx\n  EOT  ", "\"  a EOT\\n EOTx\\n\""),
        ("<<EOT\n$${x} \\n \\\" $$$ 100%\nEOT", "\"${x} \\\\n \\\\\\\" $$$ 100%\\n\""),
        ("<<EOT\n$\nEOT", "\"$\\n\""),
        ("<<EOT\n$$${1}\nEOT", "\"$${1}\\n\""),
        ("<<É-1\nx\nÉ-1", "\"x\\n\""),
        ("<<EOT\r\na\r\n  b\r\nEOT\r", "\"a\\r\\n  b\\r\\n\""),
        ("[<<E\nx\nE\n, 1]", "[\"x\\n\", 1]"),
        ("<<E\n${f(<<F\nx\nF\n)}\nE", "<f(\"x\\n\") \"\\n\">"),
        ("<<E\n${a} E\nE", "<a \" E\\n\">"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn flush_heredocs_lose_the_least_indentation() {
    for (text, expected) in [
        ("<<-EOT\n    a\n      b\n\n    c\n  EOT", "\"a\\n  b\\n\\nc\\n\""),
        ("<<-EOT\n    a\n  ${1}b\n    c\n  EOT", "<\"  a\\n\" 1 \"b\\n  c\\n\">"),
        ("<<-EOT\n${1}\n    c\n  EOT", "<1 \"\\n    c\\n\">"),
        ("<<-EOT\n    a\n      ${~ 1}\n    c\n  EOT", "<\"    a\\n\" 1 \"\\n    c\\n\">"),
        ("<<-EOT\n\t\ta\n    b\n\t\tc\n  EOT", "\"a\\n  b\\nc\\n\""),
        ("<<-EOT\n    a\n   \n    b\n  EOT", "\"a\\n   \\nb\\n\""),
        ("<<-EOT\n   \u{a0}a\n    b\n  EOT", "\"a\\nb\\n\""),
        ("<<-EOT\r\n  a\r\n\r\n    b\r\nEOT\r", "\"a\\r\\n\\r\\n  b\\r\\n\""),
        ("<<-EOT\n  EOT", "\"\""),
        (
            "<<-EOT\n      %{ if true ~}\n      yes\n      %{ else ~}\n      no\n      %{ endif ~}\n    EOT",
            "<if(true: \"      yes\\n\" else \"      no\\n\")>",
        ),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn template_files_are_read_to_their_end() {
    for (text, expected) in [
        ("", "\"\""),
        ("plain \\n \"text\"\n", "\"plain \\\\n \\\"text\\\"\\n\""),
        ("${a}", "<=a>"),
        ("${a}\rb ${c} $${d}", "<a \"\\rb ${c} ${d}\">"),
        ("a\r\nb ${c ~}\r\n d", "<\"a\\r\\nb \" c \" d\">"),
        ("a ${b}\n%{ for c in d ~}\n  - ${c}\n%{ endfor ~}\n$${e}$", "<\"a \" b \"\\n\" for(c in d: \"  - \" c \"\\n\") \"${e}$\">"),
    ] {
        assert_eq!(template(text), expected, "{text}");
    }
}
