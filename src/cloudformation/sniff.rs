//! Tells templates from the thousands of other YAML and JSON files of a repository, by their content and cheaply.
//!
//! A template says so (`AWSTemplateFormatVersion`), or its `Resources` have types like `AWS::S3::Bucket`. Only top-level keys count: a file
//! that merely speaks of `AWS::S3::Bucket` somewhere is none. Nothing is parsed, except where a template has marks of a text template
//! language in it, to see whether it is YAML all the same.

mod json;
mod yaml;

use crate::source::FileId;
use crate::syntax;
use crate::syntax::node::{Node, NodeKind};
use memchr::memmem;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sniff {
    /// A CloudFormation template.
    Template,
    /// A file of the Serverless Framework with a `resources` section.
    Serverless,
    /// Text that becomes a template only after Jinja, Helm or the like has run over it: it is no YAML as it stands.
    Templated,
    /// Something else.
    Other,
}

/// Something that a scan of the top-level keys can find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sign {
    /// `AWSTemplateFormatVersion`
    Version = 1,
    /// `Resources`, with a typed entry.
    Typed = 2,
    /// `service`
    Service = 4,
    /// `provider`
    Provider = 8,
    /// `resources`, with something that a template has.
    Inner = 16,
}

/// What a scan of the top-level keys found.
#[derive(Clone, Copy, Default, Debug)]
struct Found(u8);

impl Found {
    fn add(&mut self, sign: Sign) {
        self.0 |= sign as u8;
    }

    fn has(self, sign: Sign) -> bool {
        self.0 & sign as u8 != 0
    }

    /// Whether nothing further can change the answer.
    fn is_template(self) -> bool {
        self.has(Sign::Version) || self.has(Sign::Typed)
    }

    fn sniff(self) -> Sniff {
        if self.is_template() {
            Sniff::Template
        } else if [Sign::Service, Sign::Provider, Sign::Inner].into_iter().all(|sign| self.has(sign)) {
            Sniff::Serverless
        } else {
            Sniff::Other
        }
    }
}

/// What a text is. `json`: its name says that it is JSON.
pub fn sniff(text: &str, json: bool) -> Sniff {
    let text = text.trim_start_matches('\u{feff}');
    // Most files are told by a word that they lack. Many have `resources`, and few of those a Serverless service's other keys.
    let holds = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let may_be_template = || holds("Resources") || holds("AWSTemplateFormatVersion");
    let may_be_serverless = || ["resources", "service", "provider"].into_iter().all(holds);
    if !may_be_template() && !may_be_serverless() {
        return Sniff::Other;
    }
    let start = text.trim_start();
    let found = if start.starts_with('{') && !start.starts_with("{{") && !start.starts_with("{%") {
        json::scan(start)
    } else if json || start.starts_with('[') {
        return Sniff::Other;
    } else {
        yaml::scan(text)
    };
    match found.sniff() {
        Sniff::Other => Sniff::Other,
        _ if !json && has_template_marks(text) && !is_yaml(text) => Sniff::Templated,
        sniff => sniff,
    }
}

/// Whether there are marks of Jinja, Helm or Go templates. They may stand in texts, where they mean nothing to YAML.
fn has_template_marks(text: &str) -> bool {
    // Most texts have none: whether there is one is found faster than where they all are.
    text.contains("{%") || text.contains("{{") && text.match_indices("{{").any(|(at, _)| !text[at..].starts_with("{{resolve:"))
}

fn is_yaml(text: &str) -> bool {
    let (documents, diagnostics) = syntax::yaml::parse(text, FileId(0));
    diagnostics.iter().all(|diagnostic| diagnostic.code != "syntax-error") && !documents.iter().any(has_mapping_as_key)
}

/// `{{ x }}` is YAML, but a mapping whose key is a mapping, which no template has. The depth of a tree is bounded.
fn has_mapping_as_key(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar { .. } => false,
        NodeKind::Sequence(items) => items.iter().any(has_mapping_as_key),
        NodeKind::Mapping(pairs) => pairs.iter().any(|(key, value)| key.as_mapping().is_some() || has_mapping_as_key(value)),
    }
}

/// Whether text begins with the name of a resource type: `AWS::S3::Bucket`, `Custom::Lookup`.
fn is_type(text: &str) -> bool {
    let name = text.trim_start_matches(['"', '\'']);
    let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != ':').unwrap_or(name.len());
    name[..end].split_once("::").is_some_and(|(vendor, rest)| !vendor.is_empty() && !rest.is_empty() && !rest.starts_with(':'))
}

#[cfg(test)]
mod tests;
