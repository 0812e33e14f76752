//! What becomes of texts that are known in part.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use support::{Scratch, run};

fn evaluate(expression: &str) -> String {
    let scratch = Scratch::new();
    scratch.write("main.tf", "variable \"name\" {\n  type = string\n}\n");
    run(scratch.path(), &["eval", "--root", ".", expression]).out.trim().to_owned()
}

#[test]
fn a_replacement_that_is_not_known_leaves_the_rest_known() {
    assert_eq!(evaluate("replace(\"a:_X_/*,_X_\", \"_X_\", var.name)"), "\"a:${var.name}/*,${var.name}\"");
    assert_eq!(evaluate("replace(\"plain\", \"_X_\", var.name)"), "\"plain\"");
    // What is searched may hold what is looked for, all of it or a part.
    assert_eq!(evaluate("replace(\"${var.name}:_X_\", \"_X_\", \"y\")"), "\"${var.name}:y\"");
    assert_eq!(evaluate("replace(\"a_${var.name}:_X_\", \"_X_\", \"y\")"), "(var.name has no value)");
    assert_eq!(evaluate("replace(\"a\", \"/a/\", var.name)"), "(var.name has no value)");
}

#[test]
fn collections_of_terraform_before_0_15_are_read() {
    let scratch = Scratch::new();
    let code = "locals {\n  names = \"${list(\"a\", \"b\")}\"\n  tags  = \"${map(\"Name\", \"x\")}\"\n}\n\n\
                resource \"aws_s3_bucket\" \"this\" {\n  bucket = \"${element(local.names, 1)}\"\n}\n\n\
                resource \"aws_cloudtrail\" \"this\" {\n  name           = \"x\"\n  s3_bucket_name = \"b\"\n}\n";
    scratch.write("main.tf", code);
    let done =
        run(scratch.path(), &["check", "--root", ".", "--format", "concise", "--select", "cloudtrail-bucket-without-access-logging"]);
    assert!(done.out.contains("delivers to bucket `aws_s3_bucket.this`"), "{}", done.out);
    assert!(!done.out.contains("no function named"), "{}", done.out);
}

#[test]
fn maps_that_terraform_before_0_12_took_as_blocks_are_read() {
    let scratch = Scratch::new();
    let code = "data \"template_file\" \"name\" {\n  template = \"$${owner}-trail\"\n\n  vars {\n    owner = \"audit\"\n  }\n}\n\n\
                resource \"aws_s3_bucket\" \"this\" {\n  bucket = \"audit-trail\"\n}\n\n\
                resource \"aws_cloudtrail\" \"this\" {\n  name           = \"x\"\n  s3_bucket_name = \"${data.template_file.name.rendered}\"\n}\n";
    scratch.write("main.tf", code);
    let done =
        run(scratch.path(), &["check", "--root", ".", "--format", "concise", "--select", "cloudtrail-bucket-without-access-logging"]);
    assert!(done.out.contains("delivers to bucket `aws_s3_bucket.this`"), "{}", done.out);
}
