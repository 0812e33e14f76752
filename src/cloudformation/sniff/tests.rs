//! What is a template and what is not, by example.

use super::*;

#[test]
fn templates_are_known_by_their_sections() {
    for text in [
        "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n",
        "# a comment\n---\nDescription: x\nResources:\n  B:\n    Type: AWS::S3::Bucket\n",
        "Resources:\n  B: {Type: 'AWS::S3::Bucket'}\n",
        "Resources: {B: {Type: AWS::S3::Bucket}}\n",
        "\u{feff}Resources:\r\n  B:\r\n    \"Type\": \"Custom::Thing\"\r\n",
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::X:\n    - N\n    - [a]\n    - B${N}:\n        Type: AWS::S3::Bucket\n",
        "  Resources:\n    B:\n      Type: AWS::S3::Bucket\n",
        "Resources:\n  B:\n    Type: AWS::SSM::Document\n    Properties:\n      Content: \"{{ InstanceId }}\"\n",
    ] {
        assert_eq!(sniff(text, false), Sniff::Template, "{text}");
    }
    for text in [
        r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#,
        r#"{"Description": "a \" {", "Resources": {"B": {"Properties": {"Type": "x"}, "Type": "AWS::S3::Bucket"}}}"#,
        "{ // comment\n \"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}",
    ] {
        assert_eq!(sniff(text, true), Sniff::Template, "{text}");
        assert_eq!(sniff(text, false), Sniff::Template, "{text}");
    }
}

#[test]
fn other_files_are_not_templates() {
    for text in [
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  t: |\n    Resources:\n      B:\n        Type: AWS::S3::Bucket\n",
        "openapi: 3.0.0\npaths: {}\nx:\n  Resources:\n    B: {Type: AWS::S3::Bucket}\n",
        "on: push\njobs:\n  a:\n    env:\n      Resources: AWS::S3::Bucket\n",
        "resources:\n  - type: compute.v1.instance\n    name: x\n",
        "service: x\nprovider: {name: aws}\nfunctions: {}\nresources: []\n",
        "- input:\n    Resources:\n      B:\n        Type: AWS::S3::Bucket\n",
        "Resources:\n  - Type: x\n",
        "a: 1\n---\nResources:\n  B:\n    Type: AWS::S3::Bucket\n",
        "Parameters:\n  Resources: x\n",
        "",
    ] {
        assert_eq!(sniff(text, false), Sniff::Other, "{text}");
    }
    for text in [
        r#"[{"ParameterKey": "Resources", "ParameterValue": "AWS::S3::Bucket"}]"#,
        r#"{"Parameters": {"Resources": "AWS::S3::Bucket"}}"#,
        r#"{"version": "tree-0.1", "tree": {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}}"#,
        r#"{"ResourceTypes": {"AWS::S3::Bucket": {"Resources": {}}}}"#,
        r#"{"Findings": [], "Resources": [{"Type": "AWS::S3::Bucket"}]}"#,
        r#"{"Resources": {"B": {"Type": "string"}}}"#,
        r#"{"Resources": {"B": {"Properties": {"Type": "AWS::S3::Bucket"}}}}"#,
    ] {
        assert_eq!(sniff(text, true), Sniff::Other, "{text}");
    }
}

#[test]
fn serverless_files_and_text_templates_have_their_own_names() {
    let serverless = "service: x\nprovider:\n  name: aws\nresources:\n  Resources:\n    B:\n      Type: AWS::S3::Bucket\n";
    assert_eq!(sniff(serverless, false), Sniff::Serverless);
    let listed = "service: x\nprovider:\n  name: aws\nresources:\n  - ${file(resources/bucket.yml)}\n";
    assert_eq!(sniff(listed, false), Sniff::Serverless);
    let jinja = "Resources:\n  {% if x %}\n  B:\n    Type: AWS::S3::Bucket\n  {% endif %}\n";
    assert_eq!(sniff(jinja, false), Sniff::Templated);
    let helm = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  {{ .Values.name }}:\n    Type: AWS::S3::Bucket\n";
    assert_eq!(sniff(helm, false), Sniff::Templated);
}

#[test]
fn cut_and_hostile_json_ends() {
    for text in ["{", "{\"a", "{\"a\\", "{{{{[[[", "}}}}", "{\"Resources\": {\"B\": {\"Type\": \"AWS::"] {
        sniff(&format!("{text} Resources"), true);
    }
}
