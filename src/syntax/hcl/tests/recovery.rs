//! Broken files: what is reported, where, and what is still there.
//!
//! A line of `# ^^^ message` says that the line before it has an error there whose message begins so; carets
//! directly after the `#` count from the first column.

use super::show::{FILE, outline};
use crate::diagnostic::Place;
use crate::source::LineIndex;
use crate::syntax::hcl::parse;

type Mark = (u32, u32, u32, String);

/// The annotations of a text: line, columns from 1 (the second exclusive), beginning of the message.
fn annotated(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut line_above = 0;
    for (number, line) in (1u32..).zip(text.lines()) {
        let carets = line.strip_prefix('#').filter(|rest| rest.trim_start().starts_with('^'));
        let Some(rest) = carets else {
            line_above = number;
            continue;
        };
        let start = if rest.starts_with('^') { 1 } else { line.find('^').unwrap() + 1 };
        let (carets, message) = rest.trim_start().split_once(' ').unwrap();
        let column = |n: usize| u32::try_from(n).unwrap();
        marks.push((line_above, column(start), column(start + carets.len()), message.to_owned()));
    }
    marks
}

fn check(text: &str, expected: &str) {
    let (body, diagnostics) = parse(text, FILE);
    let lines = LineIndex::new(text);
    let wanted = annotated(text);
    let mut found: Vec<Mark> = diagnostics
        .iter()
        .map(|diagnostic| {
            let Some(Place::Span(span)) = &diagnostic.place else { panic!("a place in the text") };
            let start = lines.position(text, span.range.start);
            let length = text[span.range.indices()].chars().count().max(1);
            (start.line, start.column, start.column + u32::try_from(length).unwrap(), diagnostic.message.clone())
        })
        .collect();
    found.sort();
    for (found, wanted) in found.iter_mut().zip(&wanted) {
        if found.3.starts_with(&wanted.3) {
            found.3.clone_from(&wanted.3);
        }
    }
    assert_eq!(found, wanted, "\n{text}");
    assert_eq!(outline(&body), expected, "\n{text}");
}

#[test]
fn a_broken_attribute_loses_itself() {
    check(
        r#"
resource "a" "b" {
  one   = 1
  two   =
#        ^ invalid expression: expected the start of an expression, but found the end of the line
  three = [1, 2
  four  = foo(1,
# ^^^^ missing item separator
  five  = { x = 1, y }
#       ^ missing argument separator
#                    ^ missing key/value separator
  six   = a b
#           ^ missing newline after argument
  seven = 7
}
resource "c" "d" {
  one = 1
}
"#,
        "resource.a.b{one two! three! four! five! six! seven} resource.c.d{one}",
    );
}

#[test]
fn a_broken_attribute_is_skipped_by_its_brackets() {
    check(
        r#"
resource "a" "b" {
  tags = merge(local.tags, {
    a = 1
    b =
#      ^ invalid expression
    c = [2, { d = "}" }]
  })
  next = <<E
${FOO:-bar}
#    ^ extra characters after interpolation expression
E
  last = 1
}
"#,
        "resource.a.b{tags! next! last}",
    );
}

#[test]
fn the_value_stands_where_only_its_end_is_wrong() {
    check(
        "
a {
  x = 1,
#      ^ unexpected comma after argument
  y = 2;
#      ^ invalid character: use newlines
  z = 3 }
#       ^ missing newline after argument
b {}
",
        "a{x y z} b{}",
    );
}

#[test]
fn characters_that_are_no_hcl_are_named() {
    check(
        "
a = 'b'
#   ^ invalid character: single quotes
b = 1 & 2
#     ^ unsupported operator: bitwise operators such as `&`
c = \u{201c}x\u{201d}
#   ^ invalid character: curly quotes
d = `x`
#   ^ invalid character: backquotes
e =\u{a0}1
#  ^ invalid character: U+00A0
f = 1 /* x
#     ^^ unterminated comment
"
        .trim_start_matches('\n'),
        "a! b! c! d! e! f!",
    );
}

#[test]
fn a_missing_brace_loses_no_other_block() {
    check(
        r#"
resource "a" "b" {
  x = 1
  logging {
# ^^^^^^^ unclosed configuration block: there is no closing brace for this block before what follows
    y = 2

  tags = {
    z = 3
  }
}

resource "c" "d" {
#^^^^^^^^^^^^^^^^ unclosed configuration block
  x = 1

variable "v" {
  type = string
}
"#,
        "resource.a.b{x tags logging{y}} resource.c.d{x} variable.v{type}",
    );
}

#[test]
fn a_missing_brace_is_seen_without_indentation() {
    check(
        r#"
resource "a" "b" {
#^^^^^^^^^^^^^^^^ unclosed configuration block
x = 1
logging {
y = 2
}
resource "c" "d" {
z = 1
}
"#,
        "resource.a.b{x logging{y}} resource.c.d{z}",
    );
}

/// A block that is well closed may be indented as it likes, even after one that is not.
#[test]
fn indentation_counts_in_unclosed_blocks_only() {
    check(
        r#"
resource "a" "b" {
#^^^^^^^^^^^^^^^^ unclosed configuration block
  x = 1

resource "c" "d" {
    policy = jsonencode({
  y = 1
})
  logging {
}
z = 1
}

variable "v" {
#^^^^^^^^^^^^ unclosed configuration block
  type = map({
#            ^ unterminated object constructor expression
    a = string
  default = {}

output "o" {
  value = 1
}
"#,
        "resource.a.b{x} resource.c.d{policy z logging{}} variable.v{type! default} output.o{value}",
    );
}

#[test]
fn a_brace_too_many_is_reported_where_it_stands() {
    check(
        r#"
resource "a" "b" {
  x = 1
  }
  y = 2
}
#^ argument or block definition required
resource "c" "d" {}
"#,
        "y resource.a.b{x} resource.c.d{}",
    );
}

#[test]
fn strings_and_heredocs_that_do_not_end() {
    check(
        r#"
a {
  x = "foo
#     ^^^^ invalid multi-line string
  y = 1
}
b {
  x = <<EOT
#     ^^^^^ unterminated template string
  y = 1
}
resource "c" "d" {
  z = 1
}
"#,
        "a{x! y} b{x!} resource.c.d{z}",
    );
}

#[test]
fn headers_are_read_as_far_as_they_can_be() {
    check(
        r#"
resource "a" "b"
#               ^ invalid block definition: a block must have its opening brace on the same line
{
  x = 1
}
resource "c" "${d}" {
#             ^^ invalid string literal
  x = 1
}
resource "e" f" {
#             ^^^ invalid multi-line string
  x = 1
}
resource "g" = 1
#            ^ invalid block definition: the equals sign
resource "h" "i" {} output "j" {}
#                   ^^^^^^ missing newline after block definition
resource "k" "l" {}
"#,
        "resource.a.b{x} resource.h.i{} resource.k.l{}",
    );
}

#[test]
fn blocks_of_one_line() {
    check(
        r#"
variable "a" { type = string, default = "x" }
#                           ^ invalid single-argument block definition
#                                           ^ missing newline after argument
variable "b" { type = string
#                           ^ invalid single-argument block definition
}
c { d { e = 1 } }
#     ^ argument definition required
#               ^ missing newline after block definition
f {}
"#,
        "variable.a{type default} variable.b{type} c{d{e}} f{}",
    );
}

#[test]
fn terraform_0_11_is_read_as_far_as_it_is_hcl() {
    check(
        r#"
variable "x" {
  "default" = "a"
# ^^^^^^^^^ invalid argument name: argument names must not be quoted
  type = "map"
}
"resource" "a" "b" {
#^^^^^^^^^^ invalid block definition: block types must not be quoted
  "tags" {
# ^^^^^^ invalid block definition: block types must not be quoted
    "Name" = "x"
#   ^^^^^^ invalid argument name
  }
  vars {
    a = "b"
  }
  list = "${map("a", "b")}"
}
output "o" { value = "${join(",", a.b.*.c)}" }
"#,
        "variable.x{default type} resource.a.b{list tags{Name} vars{a}} output.o{value}",
    );
}

#[test]
fn what_is_no_terraform_at_all_is_reported_once_a_place() {
    check(
        r#"
resource "a" "b" {
<<<<<<< HEAD
#^ argument or block definition required
  x = 1
=======
#^^ argument or block definition required
  x = 2
# ^ attribute redefined
>>>>>>> main
#^ argument or block definition required
  {% if y %}
  z = {{ w }}
#          ^ missing key/value separator
}
"#,
        "resource.a.b{x z!}",
    );
}

#[test]
fn expressions_that_terraform_refuses() {
    check(
        r#"
a = b.0.1
#    ^^^^ invalid legacy index syntax: two indexes in a row are not permitted, use `[0][1]`
c = b.*.c.*
#         ^ nested splat expression not allowed
d = b..c
#     ^ invalid attribute name
e = f(x..., y)
#         ^ missing closing parenthesis
g = "${h i}"
#        ^ extra characters after interpolation expression
j = "%{ if k }"
#    ^^ unexpected end of template: the `if` directive is missing its `endif` directive
l = "%{ else }"
#    ^^^^^^^^^ unexpected else directive
m = "\x"
#    ^^ invalid escape sequence: the symbol `x`
n = "\u12"
#    ^^^^ invalid escape sequence
o = [for k, v in p : k => v]
#    ^^^ invalid `for` expression: a key expression is not valid
q = {for v in p : v}
#    ^^^ invalid `for` expression: a key expression is required
r = 1.2.3
#   ^^^^^ invalid number literal
s = t::u
#       ^ missing open parenthesis
v = a ? b
#        ^ missing false expression in conditional
w = "%{ wh }"
#       ^^ invalid template control keyword
x = a[*
#      ^ missing close bracket on splat index
"#,
        "a c! d! e! g! j! l! m n o! q! r! s! v! w! x!",
    );
}
