//! Terraform's JSON syntax: the same trees as the native one.

use super::show::{FILE, content, outline};
use crate::syntax::hcl::{parse_json, parse_json_values};

fn read(text: &str) -> String {
    let (body, diagnostics) = parse_json(text, FILE);
    assert_eq!(diagnostics, [], "{text}");
    content(&body)
}

#[test]
fn blocks_by_labels_and_lists_of_any_level() {
    let expected = r#"resource "t" "a" {x=1}; resource "t" "b" {x=2}; resource "t" "b" {x=3}; resource "u" "c" {}"#;
    for text in [
        r#"{"resource": {"t": {"a": {"x": 1}, "b": [{"x": 2}, {"x": 3}]}, "u": {"c": {}}}}"#,
        r#"{"resource": [{"t": {"a": {"x": 1}}}, {"t": [{"b": {"x": 2}}, {"b": [{"x": 3}]}]}, {"u": {"c": {}}}]}"#,
        r#"[{"resource": {"t": {"a": {"x": 1}}}}, {"resource": {"t": {"b": [{"x": 2}, {"x": 3}]}, "u": {"c": {}}}}]"#,
        r#"{"resource": {"t": {"a": {"x": 1}}}, "resource": {"t": {"b": [{"x": 2}, {"x": 3}]}, "u": {"c": {}}, "v": {"d": null}}}"#,
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn strings_are_templates_where_values_are_computed() {
    for (text, expected) in [
        (r#""plain""#, r#""plain""#),
        (r#""a ${b}\n""#, r#"<"a " b "\n">"#),
        (r#""${b}""#, "<=b>"),
        (r#""%%{x} $${y} \\ \" \u00e9""#, r#""%{x} ${y} \\ \" é""#),
        (r#""%{ if a == \"b\" }c%{ endif }""#, r#"<if((== a "b"): "c" else )>"#),
        (r#""${{ for k, v in a : k => v }}""#, "<=for(k, v in a: k => v)>"),
        (r#""${\nb\n}""#, "<=b>"),
        ("[1, -2.50, true, null, {\"${k}\": \"v\", \"//\": 1}]", "[1, (- 2.50), true, null, {<=k>: \"v\", \"//\": 1}]"),
    ] {
        assert_eq!(read(&format!(r#"{{"locals": {{"//": "${{not read", "a": {text}}}}}"#)), format!("locals {{a={expected}}}"), "{text}");
    }
}

#[test]
fn strings_are_literal_or_native_where_the_schema_says_so() {
    let text = r#"{
        "terraform": {"required_version": ">= 1", "required_providers": {"aws": {"source": "hashicorp/aws", "configuration_aliases": ["aws.west"]}},
                      "backend": {"s3": {"bucket": "b"}}},
        "variable": {"v": {"type": "map(list(string))", "default": {"k": "${x}"}, "validation": [{"condition": "${var.v != null}"}]}},
        "provider": {"aws": [{"region": "a"}, {"alias": "west", "assume_role": {"role_arn": "${var.v}"}}]},
        "module": {"m": {"source": "./${x}", "providers": {"aws": "aws.west", "aws.east": "aws"}, "depends_on": ["module.n"], "x": "${y}"}},
        "moved": [{"from": "a.b", "to": "a.c[\"k\"]"}]
    }"#;
    assert_eq!(
        read(text).split("; ").collect::<Vec<_>>(),
        [
            r#"terraform {required_version=">= 1""#,
            r#"required_providers {aws={"source": "hashicorp/aws", "configuration_aliases": [aws.west]}}"#,
            r#"backend "s3" {bucket="b"}}"#,
            r#"variable "v" {type=map(list(string))"#,
            r#"default={"k": "${x}"}"#,
            r"validation {condition=<=(!= var.v null)>}}",
            r#"provider "aws" {region="a"}"#,
            r#"provider "aws" {alias="west""#,
            r#"assume_role={"role_arn": <=var.v>}}"#,
            r#"module "m" {source="./${x}""#,
            r#"providers={"aws": aws.west, aws.east: aws}"#,
            r"depends_on=[module.n]",
            r"x=<=y>}",
            "moved {from=a.b",
            r#"to=a.c["k"]}"#,
        ]
    );
}

#[test]
fn meta_arguments_of_resources_are_blocks() {
    let text = r#"{"resource": {"t": {"a": {
        "provider": "aws.west",
        "tags": {"k": "v"},
        "logging": [{"target": "x"}],
        "lifecycle": {"ignore_changes": ["tags[\"k\"]"], "prevent_destroy": true},
        "provisioner": [{"local-exec": {"command": "c", "when": "destroy"}}, {"file": [{"source": "s"}]}],
        "dynamic": {"setting": [
            {"for_each": "${var.s}", "iterator": "it", "content": {"name": "${it.key}", "dynamic": {"inner": {"for_each": [], "content": {}}}}},
            {"for_each": ["x"], "content": {}}
        ]}
    }}}}"#;
    assert_eq!(
        read(text).split("; ").collect::<Vec<_>>(),
        [
            r#"resource "t" "a" {provider=aws.west"#,
            r#"tags={"k": "v"}"#,
            r#"logging=[{"target": "x"}]"#,
            r#"lifecycle {ignore_changes=[tags["k"]]"#,
            r"prevent_destroy=true}",
            r#"provisioner "local-exec" {command="c""#,
            r"when=destroy}",
            r#"provisioner "file" {source="s"}"#,
            r#"dynamic "setting" {for_each=<=var.s>"#,
            r"iterator=it",
            r"content {name=<=it.key>",
            r#"dynamic "inner" {for_each=[]"#,
            r"content {}}}}",
            r#"dynamic "setting" {for_each=["x"]"#,
            r"content {}}}",
        ]
    );
}

#[test]
fn variable_files_hold_plain_values() {
    let text = r#"{"//": 1, "module": {"resource": "${x}"}, "type": "a.b"}"#;
    let (body, diagnostics) = parse_json_values(text, FILE);
    assert_eq!(diagnostics, []);
    assert_eq!(content(&body), r#"module={"resource": "${x}"}; type="a.b""#);
}

#[test]
fn ranges_of_blocks_are_those_of_their_own_label() {
    let text = r#"{"resource": {"t": {"a": {}, "b": {"x": "é${ y }"}}}}"#;
    let (body, _) = parse_json(text, FILE);
    let of = |range: crate::source::TextRange| &text[range.indices()];
    let block = &body.blocks[1];
    assert_eq!((of(block.kind.range), of(block.labels[0].range)), ("\"resource\"", "\"t\""));
    assert_eq!((of(block.header), of(block.range), of(block.body.range)), ("\"b\"", r#""b": {"x": "é${ y }"}"#, r#""x": "é${ y }""#));
    let attribute = &block.body.attributes[0];
    assert_eq!((of(attribute.range), of(attribute.value.range)), (r#""x": "é${ y }""#, r#""é${ y }""#));
}

#[test]
fn what_terraform_refuses_is_reported_and_the_rest_is_there() {
    for (text, places, rest) in [
        (r#"{"resource": {"//": "c", "t": {"a": {}}}}"#, &["\"c\""][..], "resource.t.a{}"),
        (r#"{"resource": "x", "locals": {"a": 1}}"#, &["\"x\""], "locals{a}"),
        (r#"{"terraform": {"backend": "local"}}"#, &["\"local\""], "terraform{}"),
        (r#"{"locals": {"a": 1, "a": 2}}"#, &["\"a\""], "locals{a}"),
        (r#"{"locals": {"a": "x\t${ y", "b": "${z}"}}"#, &["${"], "locals{a! b}"),
        (r#"{"variable": {"v": {"type": "${x}"}}}"#, &["$"], "variable.v{type!}"),
        ("1", &["1"], ""),
        (r#"{"locals": {"a": 1,}}"#, &[","], "locals{a}"),
        (r#"{"locals": {"a": 1"#, &["{"], ""),
    ] {
        let (body, diagnostics) = parse_json(text, FILE);
        let snippets: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| match &diagnostic.place {
                Some(crate::diagnostic::Place::Span(span)) => &text[span.range.indices()],
                _ => "",
            })
            .collect();
        assert_eq!(snippets, places, "{text}");
        assert_eq!(outline(&body), rest, "{text}");
    }
}

#[test]
fn of_too_many_errors_it_is_said_that_there_are_more() {
    let resources = |count: usize| (0..count).map(|at| format!("\"r{at}\": 1")).collect::<Vec<_>>().join(", ");
    let codes = |count: usize| {
        let (_, diagnostics) = parse_json(&format!("{{\"resource\": {{\"t\": {{{}}}}}}}", resources(count)), FILE);
        diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(100), ["syntax-error"; 100]);
    let cut = codes(200);
    assert_eq!((cut.len(), cut[100]), (101, "limit-reached"));
}
