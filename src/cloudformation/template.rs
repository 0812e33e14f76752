//! A template's sections, found but not evaluated.
//!
//! Most templates have their sections at the top; the Serverless Framework keeps them under `resources`. Which transforms a template names
//! is noted here, because what they may add decides whether a missing name is an error.

use super::evaluate::UNREAD_CAUSE;
use super::expression::Expr;
use super::parameter;
use crate::source::FileId;
use std::sync::Arc;

/// Who reads the template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// CloudFormation itself.
    CloudFormation,
    /// The Serverless Framework, whose own variables (`${self:custom.x}`) stand in texts.
    Serverless,
}

/// A template that was read.
#[derive(Clone, Debug)]
pub struct Template<'t> {
    /// Its file.
    pub file: FileId,
    /// Who reads it.
    pub dialect: Dialect,
    /// The whole document: for the Serverless Framework its variables look into it.
    pub document: Expr<'t>,
    /// The mappings that hold sections: one, or several in the Serverless Framework.
    roots: Vec<Expr<'t>>,
    /// The names of its transforms and macros, in order.
    pub transforms: Vec<Arc<str>>,
}

/// `AWS::LanguageExtensions`.
pub const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";
/// `AWS::Include`.
pub const INCLUDE: &str = "AWS::Include";
const SERVERLESS: &str = "AWS::Serverless-";

/// Most transforms that are noted.
const MAX_TRANSFORMS: usize = 64;

/// Transforms of AWS that add no resource that matters, or only ones that are made here.
const KNOWN_TRANSFORMS: [&str; 6] =
    [LANGUAGE_EXTENSIONS, INCLUDE, "AWS::CodeDeployBlueGreen", "AWS::SecretsManager-", SERVERLESS, "AWS::CloudFormation::"];

impl<'t> Template<'t> {
    /// Finds the sections of a document.
    pub fn of(document: Expr<'t>) -> Self {
        let (dialect, roots) = match document.get("resources") {
            Some(resources) if document.get("Resources").is_none() => (Dialect::Serverless, serverless_roots(resources)),
            _ => (Dialect::CloudFormation, vec![document]),
        };
        let mut transforms: Vec<Arc<str>> = Vec::new();
        note(&mut transforms, roots.iter().filter_map(|root| root.get("Transform")).flat_map(names_of));
        if document.get_any(&["Organization", "OrganizationBindings", "OrganizationBinding"]).is_some() {
            transforms.push(Arc::from("org-formation"));
        }
        if document.pairs().is_some_and(|mut pairs| pairs.any(|(key, _)| key.node.is_unread())) {
            transforms.push(Arc::from(UNREAD_CAUSE));
        }
        Self { file: document.file, dialect, document, roots, transforms }
    }

    /// The sections of this name, in order.
    pub fn sections(&self, name: &str) -> Vec<Expr<'t>> {
        self.roots.iter().filter_map(|root| root.get(name)).collect()
    }

    /// The top-level mappings themselves, for `Fn::Transform` at the top.
    pub fn roots(&self) -> &[Expr<'t>] {
        &self.roots
    }

    /// Adds a mapping that holds sections: an include at the top.
    pub fn add_root(&mut self, root: Expr<'t>) {
        self.roots.push(root);
    }

    /// Notes further things that may add to the template.
    pub fn add_transforms(&mut self, names: impl Iterator<Item = Arc<str>>) {
        note(&mut self.transforms, names);
    }

    /// Whether the Serverless Application Model's transform is applied.
    pub fn is_sam(&self) -> bool {
        self.transforms.iter().any(|name| name.starts_with(SERVERLESS))
    }

    /// The first transform that is not AWS's own: what it makes of the template is not known.
    pub fn macro_name(&self) -> Option<&Arc<str>> {
        self.transforms.iter().find(|name| !KNOWN_TRANSFORMS.iter().any(|known| name.starts_with(known)))
    }
}

/// `resources:` of the Serverless Framework: a template, or a list of templates (and of variables that name files).
fn serverless_roots(resources: Expr<'_>) -> Vec<Expr<'_>> {
    match resources.items() {
        Some(items) => items.collect(),
        None => vec![resources],
    }
}

/// Adds names, each once. Past the limit stands, as something that is not known, that there are more.
fn note(transforms: &mut Vec<Arc<str>>, names: impl Iterator<Item = Arc<str>>) {
    for name in names {
        if transforms.len() > MAX_TRANSFORMS {
            return;
        }
        if !transforms.contains(&name) {
            let is_full = transforms.len() == MAX_TRANSFORMS;
            transforms.push(if is_full { Arc::from(format!("one of more than {MAX_TRANSFORMS} transforms")) } else { name });
        }
    }
}

/// `Transform: X`, `Transform: [X, {Name: Y}]`, `Transform: {Name: X}`.
fn names_of(transform: Expr<'_>) -> Vec<Arc<str>> {
    let name = |expr: Expr<'_>| parameter::text_of(expr).or_else(|| expr.get("Name").and_then(parameter::text_of));
    match transform.items() {
        Some(items) => items.filter_map(name).collect(),
        None => name(transform).into_iter().collect(),
    }
}
