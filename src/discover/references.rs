//! What a file calls by a local path: a Terraform module's `source`, a template's nested `TemplateURL`. Read cheaply: only
//! to know who is called. The frontends resolve calls for good.

use crate::syntax::hcl::{Body, ExprKind};
use crate::syntax::node::{Node, NodeKind};
use crate::terraform;
use memchr::memmem;
use std::path::PathBuf;

/// Whether a file of a module may call modules by a path: whether a quoted text of it begins like one, if need be with escapes.
pub fn may_call_modules(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins_like_one = |at: usize| matches!(bytes.get(at + 2), Some(b'/' | b'.' | b'"'));
    memchr::memchr(b'\\', bytes).is_some() || memmem::find_iter(bytes, "\".").any(begins_like_one)
}

/// The directories that `module` blocks name by a literal local `source`.
pub fn modules(body: &Body) -> Vec<PathBuf> {
    let sources = body.blocks_of("module").filter_map(|block| match &block.body.attribute("source")?.value.kind {
        ExprKind::String(source) => Some(&**source),
        _ => None,
    });
    sources.filter(|source| terraform::is_local(source)).map(PathBuf::from).collect()
}

/// Whether a `terragrunt.hcl` is a unit: it names a module, or includes a configuration that may. Anything else is only included by others.
pub fn is_unit(body: &Body) -> bool {
    body.blocks_of("include").next().is_some() || body.blocks_of("terraform").any(|block| block.body.attribute("source").is_some())
}

/// The types of resources that are stacks of their own.
const STACKS: [&str; 3] = ["AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "AWS::Serverless::Application"];

/// Whether a template may name others: whether one of the types of nested stacks is in its text, if need be with escapes.
pub fn may_name_templates(text: &str) -> bool {
    let holds = |what: &str| memmem::find(text.as_bytes(), what.as_bytes()).is_some();
    memchr::memchr(b'\\', text.as_bytes()).is_some() || STACKS.iter().any(|of| holds(of))
}

/// The files that a template's nested stacks name by plain text: `TemplateURL` of a stack, `Location` of an application, and where CDK notes
/// that the template of a nested stack lies. Nothing for tags, functions and addresses of other hosts.
pub fn templates(documents: &[Node]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<&Node> = documents.iter().collect();
    while let Some(node) = open.pop() {
        match &node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => open.extend(items),
            NodeKind::Mapping(pairs) => {
                if node.get("Type").and_then(Node::as_str).is_some_and(|of| STACKS.contains(&of)) {
                    found.extend(nested(node).map(PathBuf::from));
                }
                open.extend(pairs.iter().map(|(_, value)| value));
            }
        }
    }
    found
}

/// The file that one stack resource names.
fn nested(resource: &Node) -> Option<&str> {
    let asset = resource.get("Metadata").and_then(|metadata| metadata.get("aws:asset:path"));
    let location = || {
        let properties = resource.get("Properties")?;
        properties.get("TemplateURL").or_else(|| properties.get("Location"))
    };
    let location = asset.or_else(location).filter(|location| location.tag.is_none())?.as_str()?;
    (!location.is_empty() && !location.contains("://")).then_some(location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::{hcl, json, yaml};

    #[test]
    fn nested_templates_are_read_in_both_syntaxes() {
        let stack = |url: &str| format!("    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n");
        let text = format!(
            "Resources:\n  A:\n{}  B:\n{}  C:\n{}  D:\n    # TemplateURL: ./commented.yaml\n    Type: AWS::S3::Bucket\n",
            stack("./nested/a.yaml # near"),
            stack("!Sub 'x'"),
            stack("https://s3/x")
        );
        assert_eq!(templates(&yaml::parse(&text, FileId(0)).0), [PathBuf::from("./nested/a.yaml")]);
        let text = r#"{"Resources": {
            "A": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "b.json"}},
            "B": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": "x"}}, "Metadata": {"aws:asset:path": "c.json"}},
            "C": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Ref": "U"}}}
        }}"#;
        let documents: Vec<Node> = json::parse(text, FileId(0)).0.into_iter().collect();
        assert_eq!(templates(&documents), [PathBuf::from("c.json"), PathBuf::from("b.json")]);
    }

    #[test]
    fn a_file_that_calls_a_module_is_not_passed_over() {
        for (source, path) in [
            ("./a", "./a"),
            ("../a", "../a"),
            (".", "."),
            ("..", ".."),
            (".\\\\a", ".\\a"),
            ("..\\\\a", "..\\a"),
            ("\\u002e/a", "./a"),
            (".\\u002e", ".."),
        ] {
            let text = format!("/* */ module \"m\" {{\n  source=\"{source}\"\n}}\n");
            assert_eq!(modules(&hcl::parse(&text, FileId(0)).0), [PathBuf::from(path)], "{text}");
            assert!(may_call_modules(&text), "{text}");
            let text = format!(r#"{{"module": {{"m": {{"source":"{source}"}}}}}}"#);
            assert_eq!(modules(&hcl::parse_json(&text, FileId(0)).0), [PathBuf::from(path)], "{text}");
            assert!(may_call_modules(&text), "{text}");
        }
        assert!(!may_call_modules("module \"m\" {\n  source = \"a/b/aws\"\n  name = \".a\"\n  file = file(\"${path.module}/a\")\n}\n"));
    }

    #[test]
    fn a_template_that_names_another_is_not_passed_over() {
        let stack = |of: &str| format!("Resources:\n  A:\n    Type: {of}\n    Properties: {{TemplateURL: a.yaml, Location: a.yaml}}\n");
        let escaped = ["\"AWS::CloudFormation\\x3a:Stack\"".to_owned(), "\"AWS::Serverless\\\n      ::Application\"".to_owned()];
        for of in STACKS.map(str::to_owned).into_iter().chain(escaped) {
            let text = stack(&of);
            assert_eq!(templates(&yaml::parse(&text, FileId(0)).0), [PathBuf::from("a.yaml")], "{text}");
            assert!(may_name_templates(&text), "{text}");
        }
        assert!(!may_name_templates(&stack("AWS::S3::Bucket")));
    }
}
