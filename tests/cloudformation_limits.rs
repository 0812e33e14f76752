//! Templates that are too much: each is read as far as a named limit, and says so. The large ones are made here, not kept.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;
use trailwarden::cloudformation;
use trailwarden::project::{Context, Demand, Inputs, Project, ProjectKind};
use trailwarden::source::Sources;
use trailwarden::source::fs::Memory;
use trailwarden::syntax::Trees;
use trailwarden::value::{Lowered, ProjectId};

fn lower(files: &[(&str, String)]) -> Lowered {
    let memory = files.iter().fold(Memory::new("."), |memory, (name, text)| memory.with(name, text.as_str()));
    let (sources, trees, inputs, demand) = (Sources::default(), Trees::default(), Inputs::default(), Demand::default());
    let context = Context { fs: &memory, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let (name, _) = &files[0];
    let project = Project { id: ProjectId(0), kind: ProjectKind::CloudFormation, path: Path::new(name).to_owned(), label: (*name).into() };
    cloudformation::lower(&project, &context)
}

fn codes(lowered: &Lowered) -> Vec<&str> {
    lowered.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn many_resources_are_all_lowered() {
    let mut text = String::from("Resources:\n");
    for index in 0..20_000 {
        let _ =
            write!(text, "  B{index}:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub 'b-${{AWS::Region}}-{index}'\n");
    }
    let lowered = lower(&[("t.yaml", text)]);
    assert_eq!((lowered.resources, codes(&lowered)), (20_000, vec![]));
}

#[test]
fn nesting_ends_at_a_limit() {
    let deep = |open: &str, close: &str| format!("{}x{}", open.repeat(10_000), close.repeat(10_000));
    for (name, text) in [
        ("t.yaml", format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      X: {}\n", deep("[", "]"))),
        ("t.yaml", format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      X: {}\n", deep("{a: ", "}"))),
        ("t.yaml", format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      X:\n       {}\n", "- ".repeat(10_000))),
        (
            "t.json",
            format!(
                r#"{{"Resources": {{"A": {{"Type": "AWS::S3::Bucket", "Properties": {{"X": {}}}}}}}}}"#,
                deep("[", "]").replace('x', "1")
            ),
        ),
        (
            "t.json",
            format!(
                r#"{{"Resources": {{"A": {{"Type": "AWS::S3::Bucket", "Properties": {{"X": {}}}}}}}}}"#,
                deep(r#"{"a":"#, "}").replace('x', "1")
            ),
        ),
    ] {
        let lowered = lower(&[(name, text)]);
        assert!(
            !lowered.diagnostics.is_empty() && codes(&lowered).iter().all(|code| *code == "limit-reached"),
            "{:?}",
            lowered.diagnostics
        );
    }
    // Deep, but not too deep to read: functions inside each other.
    let inside = format!("{}a{}", "!Join ['', [".repeat(90), "]]".repeat(90));
    let lowered = lower(&[("t.yaml", format!("Resources: {{A: {{Type: AWS::S3::Bucket, Properties: {{X: {inside}}}}}}}\n"))]);
    assert_eq!(codes(&lowered), ["limit-reached"]);
}

#[test]
fn chains_of_conditions_end_at_a_limit() {
    let mut text = String::from("Conditions:\n  C0: !Equals [a, a]\n");
    for index in 1..10_000 {
        let _ = writeln!(text, "  C{index}: !Not [!Condition C{}]", index - 1);
    }
    text.push_str("Resources:\n  A: {Type: AWS::S3::Bucket, Condition: C9999}\n");
    assert_eq!(codes(&lower(&[("t.yaml", text)])), ["limit-reached"]);
}

#[test]
fn loops_that_explode_end_at_a_limit() {
    let values = (0..200).map(|value| format!("v{value}")).collect::<Vec<_>>().join(", ");
    let mut text = String::from("Transform: AWS::LanguageExtensions\nResources:\n");
    for level in 0..4 {
        let pad = "    ".repeat(level);
        let _ = write!(text, "{pad}  Fn::ForEach::L{level}:\n{pad}    - I{level}\n{pad}    - [{values}]\n{pad}    -\n{pad}     ");
        text.push_str(if level < 3 { "" } else { "      A${I0}${I1}${I2}${I3}: {Type: AWS::S3::Bucket}\n" });
        if level < 3 {
            text.truncate(text.rfind('-').unwrap() + 1);
            text.push('\n');
        }
    }
    let lowered = lower(&[("t.yaml", text)]);
    assert_eq!(codes(&lowered), ["limit-reached"]);
}

#[test]
fn globals_that_multiply_end_at_a_limit() {
    let tags: String = (0..500).fold(String::new(), |mut tags, number| {
        let _ = writeln!(tags, "      T{number}: x");
        tags
    });
    let mut text = format!("Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    Tags:\n{tags}Resources:\n");
    for number in 0..2_000 {
        let _ = writeln!(text, "  F{number}:\n    Type: AWS::Serverless::Function\n    Properties: {{Handler: x}}");
    }
    text += "  B:\n    Type: AWS::S3::Bucket\n";
    let lowered = lower(&[("t.yaml", text)]);
    assert_eq!(codes(&lowered), ["limit-reached"]);
    let of = |type_name: &str| lowered.declarations.iter().filter(|declaration| &*declaration.type_name == type_name).count();
    assert_eq!((of("AWS::S3::Bucket"), of("AWS::Lambda::Function") + of("AWS::Serverless::Function")), (1, 2_000));
}

#[test]
fn stacks_end_at_a_limit() {
    // Each level nests the next one thirty times.
    let mut files: Vec<(String, String)> = Vec::new();
    for level in 0..20 {
        let mut text = String::from("Resources:\n");
        for index in 0..30 {
            let _ =
                write!(text, "  S{index}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: l{}.yaml}}\n", level + 1);
        }
        files.push((format!("l{level}.yaml"), text));
    }
    files.push(("l20.yaml".to_owned(), "Resources: {A: {Type: AWS::S3::Bucket}}\n".to_owned()));
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let lowered = lower(&files);
    assert!(codes(&lowered).iter().all(|code| *code == "limit-reached"));
    assert!(codes(&lowered).len() >= 2);
}

#[test]
fn includes_of_each_other_end_at_a_limit() {
    let both = |other: &str| {
        let include = format!("{{'Fn::Transform': {{Name: AWS::Include, Parameters: {{Location: {other}}}}}}}");
        format!("A: {include}\nB: {include}\n")
    };
    let main = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: a.yaml}}}\n";
    let lowered = lower(&[("t.yaml", main.to_owned()), ("a.yaml", both("b.yaml")), ("b.yaml", both("a.yaml"))]);
    assert!(codes(&lowered).iter().all(|code| *code == "limit-reached"));
    assert!(!codes(&lowered).is_empty());
}

#[test]
fn variables_that_double_end_at_a_limit() {
    let mut text = String::from("service: x\nprovider: {name: aws}\ncustom:\n  v0: aaaaaaaaaaaaaaaa\n");
    for index in 1..60 {
        let _ = writeln!(text, "  v{index}: ${{self:custom.v{0}}}${{self:custom.v{0}}}", index - 1);
    }
    text.push_str("resources:\n  Resources:\n    A: {Type: AWS::S3::Bucket, Properties: {BucketName: '${self:custom.v59}'}}\n");
    let lowered = lower(&[("t.yml", text)]);
    assert!(lowered.declarations[0].attributes["BucketName"].value.is_unknown());
}

#[test]
fn what_more_transforms_or_modules_than_are_noted_may_bring_is_not_known() {
    let template = |transforms: &[String], modules: usize| {
        let modules: Vec<String> = (0..modules).map(|at| format!("  M{at}:\n    Type: Our::Own::Part::MODULE\n")).collect();
        let bucket = "  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Ref Elsewhere\n";
        let lowered = lower(&[("t.yaml", format!("Transform: [{}]\nResources:\n{bucket}{}", transforms.join(", "), modules.concat()))]);
        let bucket = lowered.declarations.iter().find(|declaration| &*declaration.address.0 == "A").unwrap();
        let causes = bucket.attributes["BucketName"].value.causes();
        (codes(&lowered).len(), causes.iter().map(|cause| cause.name.to_string()).collect::<Vec<_>>())
    };
    let transforms = |count: usize| (0..count).map(|at| format!("AWS::CloudFormation::T{at}")).collect::<Vec<_>>();
    assert_eq!(template(&transforms(64), 0).0, 1, "nothing can bring the name");
    assert_eq!(template(&vec![transforms(1).remove(0); 100], 0).0, 1, "each counts once");
    assert_eq!(template(&transforms(65), 0), (0, vec!["one of more than 64 transforms".to_owned()]));
    assert_eq!(template(&[], 1_000).0, 1);
    assert_eq!(template(&[], 1_001), (0, vec!["Our::Own::Part::MODULE".to_owned()]));
}
