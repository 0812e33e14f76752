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

#[test]
fn one_of_several_by_a_key_that_is_not_known_may_be_any_of_them() {
    let of_count = ("count = 2", "aws_s3_bucket.a[var.which].id");
    let of_set = ("for_each = toset([\"x\", \"y\"])", "aws_s3_bucket.a[var.which].id");
    let of_list = ("count = 2", "[aws_s3_bucket.a[0].id, aws_s3_bucket.a[1].id][var.which]");
    let of_splat = ("count = 2", "aws_s3_bucket.a[*].id[var.which]");
    for (repeated, named) in [of_count, of_set, of_list, of_splat] {
        let scratch = Scratch::new();
        let code = format!(
            "variable \"which\" {{}}\n\nresource \"aws_s3_bucket\" \"a\" {{\n  {repeated}\n}}\n\n\
             resource \"aws_s3_bucket_logging\" \"l\" {{\n  bucket        = {named}\n  target_bucket = \"logs\"\n  target_prefix = \"x/\"\n}}\n"
        );
        scratch.write("main.tf", &code);
        let select = ["check", "--root", ".", "--format", "concise", "--select", "bucket-without-access-logging", "--show", "open,fail"];
        let done = run(scratch.path(), &select);
        // Open, or broken under a key that is tried.
        let told: Vec<&str> = done.out.lines().filter(|line| line.contains("aws_s3_bucket.a[")).collect();
        assert_eq!(told.len(), 2, "{named}:\n{}", done.out);
        assert!(told.iter().all(|line| line.contains("depends on") || line.contains(", when `var.which` is")), "{named}:\n{}", done.out);
    }
}
