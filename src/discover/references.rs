//! What a file calls by a local path: a Terraform module's `source`, a template's nested `TemplateURL`. Read cheaply: only
//! to know who is called. The frontends resolve calls for good.

use crate::syntax::hcl::{Body, ExprKind};
use crate::terraform;
use std::path::PathBuf;

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

/// The keys under which a template names a nested one: a nested stack's, and CDK's note of where that lies.
const NESTED: [&str; 2] = ["TemplateURL", "aws:asset:path"];

/// The type of a nested application, and the key under which it names its template.
const APPLICATION: (&str, &str) = ("AWS::Serverless::Application", "Location");

/// The files that a template names as plain text where a nested template is named.
pub fn templates(text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let application = text.contains(APPLICATION.0).then_some(APPLICATION.1);
    for key in NESTED.into_iter().chain(application) {
        for (at, _) in text.match_indices(key) {
            found.extend(value_after(&text[at + key.len()..]).map(PathBuf::from));
        }
    }
    found
}

/// The plain scalar after a key: `: ./a.yaml`, `": "./a.yaml"`. Nothing for tags, objects and addresses of other hosts.
fn value_after(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']).strip_prefix(':')?;
    let line = rest.trim_start().lines().next()?;
    let value = match line.chars().next()? {
        quote @ ('"' | '\'') => line[1..].split(quote).next()?,
        '!' | '{' | '[' | '&' | '*' | '|' | '>' => return None,
        _ => line.split(" #").next()?.trim_end(),
    };
    (!value.is_empty() && !value.contains("://") && !value.contains("${")).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_templates_are_read_in_both_syntaxes() {
        let yaml = "Resources:\n  A:\n    Properties:\n      TemplateURL: ./nested/a.yaml # near\n      TemplateURL: !Sub 'x'\n      TemplateURL: https://s3/x\n";
        assert_eq!(templates(yaml), [PathBuf::from("./nested/a.yaml")]);
        let json = r#"{"TemplateURL": "b.json", "Metadata": {"aws:asset:path": "c.nested.template.json"}, "TemplateURL": {"Ref": "U"}}"#;
        assert_eq!(templates(json), [PathBuf::from("b.json"), PathBuf::from("c.nested.template.json")]);
    }
}
