//! What OpenTofu has and Terraform has not, as far as it takes more than a row in the table of functions.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{Scratch, run};
use trailwarden::cli::Exit;

const MODULE: &str = r#"
variable "name" {
  type = string
}

resource "aws_vpc" "main" {}

locals {
  id = assumenotnull(assumestringprefix(aws_vpc.main.id, "vpc-"))
}
"#;

fn evaluate(expression: &str) -> String {
    let scratch = Scratch::new();
    scratch.write("main.tofu", MODULE);
    let done = run(scratch.path(), &["eval", "--root", ".", expression]);
    if done.exit == Exit::Clean { done.out.trim().to_owned() } else { done.err }
}

#[test]
fn convert_takes_a_type_constraint() {
    assert_eq!(evaluate("convert(\"true\", bool)"), "true");
    assert_eq!(evaluate("convert([\"a\", \"a\"], set(string))").replace(['\n', ' '], ""), "toset([\"a\"])");
    assert_eq!(evaluate("convert({}, object({ name = optional(string, \"x\") })).name"), "\"x\"");
    assert!(evaluate("convert(\"maybe\", bool)").contains("a bool is required"), "{}", evaluate("convert(\"maybe\", bool)"));
    assert!(evaluate("convert(true)").contains("a value and a type constraint are required"));
    assert!(evaluate("convert(var.name, number)").contains("var.name has no value"));
}

#[test]
fn what_is_assumed_of_an_unknown_value_is_used() {
    assert_eq!(evaluate("startswith(local.id, \"vpc-\")"), "true");
    assert_eq!(evaluate("local.id != null"), "true");
    assert_eq!(evaluate("assumestringprefix(\"vpc-1\", \"vpc-\")"), "\"vpc-1\"");
    assert!(evaluate("assumestringprefix(\"x\", \"vpc-\")").contains("does not start with"));
    assert!(evaluate("assumenotnull(null)").contains("the value is null"));
    assert_eq!(evaluate("assumelistlengthmin([1], 1)").replace(['\n', ' '], ""), "[1]");
}
