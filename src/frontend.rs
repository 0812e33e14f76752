//! The list of frontends: which of them reads a project, and what a file must look like to be one.
//!
//! A new input language is a line in each of these functions.

use crate::cloudformation::{self, Sniff};
use crate::project::{Context, Project, ProjectKind};
use crate::source::fs::EntryKind;
use crate::value::{Lowered, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What kind of project a JSON or YAML file is by its content, told cheaply: most such files of a repository are neither.
pub fn recognize(path: &Path, text: &str) -> Option<ProjectKind> {
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if json && is_plan(text) {
        return Some(ProjectKind::TerraformPlan);
    }
    match cloudformation::sniff(text, json) {
        Sniff::Template | Sniff::Serverless | Sniff::Templated => Some(ProjectKind::CloudFormation),
        Sniff::Other => None,
    }
}

/// Whether a JSON text is what `terraform show -json` prints of a plan.
fn is_plan(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && text.contains("\"format_version\"")
        && text.contains("\"terraform_version\"")
        && text.contains("\"planned_values\"")
}

/// Lowers one project with the frontend that reads its kind.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    match project.kind {
        ProjectKind::Terraform | ProjectKind::Terragrunt => crate::terraform::lower(project, context),
        ProjectKind::CloudFormation => cloudformation::lower(project, context),
        ProjectKind::TerraformPlan => crate::terraform::lower_plan(project, context),
    }
}

/// The few values that decide each of these inputs of a project, for scenarios; none for one that has none, or too many.
pub fn candidates(project: &Project, context: &Context<'_>, inputs: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, Vec<Value>> {
    match project.kind {
        ProjectKind::Terraform | ProjectKind::Terragrunt => crate::terraform::candidates(project, context, inputs),
        ProjectKind::CloudFormation => {
            let of = |input: &Arc<str>| Some((Arc::clone(input), cloudformation::candidates(project, context, input)?));
            inputs.iter().filter_map(of).collect()
        }
        ProjectKind::TerraformPlan => BTreeMap::new(),
    }
}

/// Everything that a project's outputs and resources are worth, as one JSON object.
pub fn dump(path: &Path, context: &Context<'_>) -> String {
    if context.fs.kind(path) == Some(EntryKind::File) {
        return cloudformation::dump(path, context).to_string();
    }
    crate::terraform::dump(path, context)
}

/// The value of an expression in a project's directory; the error is what its language would say.
pub fn expression(directory: &Path, expression: &str, context: &Context<'_>) -> Result<Value, String> {
    crate::terraform::console(directory, expression, context)
}

/// The answers to a file of JSON lines with an `expr` each, one a line.
pub fn vectors(text: &str, scope: Option<&Path>, context: &Context<'_>) -> String {
    crate::terraform::vectors(text, scope, context)
}
