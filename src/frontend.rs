//! The list of frontends: which of them reads a project, and what a file must look like to be one.
//!
//! A new input language is a line in each of these functions.

use crate::cloudformation::{self, Sniff};
use crate::project::{Context, Demand, Inputs, Project, ProjectKind};
use crate::source::fs::EntryKind;
use crate::terraform;
use crate::value::{Lowered, Value};
use memchr::memmem;
use std::cell::RefCell;
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
    let holds = |key: &str| memmem::find(text.as_bytes(), key.as_bytes()).is_some();
    text.trim_start().starts_with('{') && ["\"format_version\"", "\"terraform_version\"", "\"planned_values\""].into_iter().all(holds)
}

/// Lowers one project with the frontend that reads its kind. Its trees are let go of, unless inputs are unknown: then it may be lowered again.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    let lowered = Lowering::new(project, context).lower(context.demand);
    if !lowered.lacks_inputs {
        forget(project, context);
    }
    lowered
}

/// Lets go of the trees of a project's own files, not of those of the modules that it calls: others call them too.
fn forget(project: &Project, context: &Context<'_>) {
    match project.kind {
        ProjectKind::Terraform => terraform::forget(project, context),
        ProjectKind::CloudFormation | ProjectKind::TerraformPlan => {
            context.sources.id_of(&project.path).into_iter().for_each(|file| context.trees.forget(file));
        }
        ProjectKind::Terragrunt => {}
    }
}

/// A project that is lowered, perhaps several times, under other assignments of its inputs.
pub struct Lowering<'a> {
    project: &'a Project,
    context: &'a Context<'a>,
    inputs: RefCell<Inputs>,
    terraform: Option<terraform::Lowering<'a>>,
}

impl<'a> Lowering<'a> {
    /// Reads the project.
    pub fn new(project: &'a Project, context: &'a Context<'a>) -> Self {
        let is_terraform = matches!(project.kind, ProjectKind::Terraform | ProjectKind::Terragrunt);
        let terraform = is_terraform.then(|| terraform::Lowering::new(project, context));
        Self { project, context, inputs: RefCell::new(context.inputs.clone()), terraform }
    }

    /// Lowers what is asked for under what is assigned.
    pub fn lower(&self, demand: &Demand) -> Lowered {
        if let Some(terraform) = &self.terraform {
            return terraform.lower(demand);
        }
        let context = Context { inputs: &self.inputs.borrow(), demand, ..*self.context };
        match self.project.kind {
            ProjectKind::TerraformPlan => terraform::lower_plan(self.project, &context),
            _ => cloudformation::lower(self.project, &context),
        }
    }

    /// Assigns values to inputs, as [`crate::value::Cause::name`] gives them, in the place of those that were assigned before.
    pub fn assign(&self, assignments: BTreeMap<Arc<str>, Value>) {
        self.terraform.iter().for_each(|terraform| terraform.assign(&assignments));
        self.inputs.borrow_mut().assignments = assignments;
    }

    /// The few values that decide each of these inputs, for scenarios; none for one that has none, or too many.
    pub fn candidates(&self, inputs: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, Vec<Value>> {
        match (&self.terraform, self.project.kind) {
            (Some(terraform), _) => terraform.candidates(inputs),
            (None, ProjectKind::CloudFormation) => {
                let of = |input: &Arc<str>| Some((Arc::clone(input), cloudformation::candidates(self.project, self.context, input)?));
                inputs.iter().filter_map(of).collect()
            }
            (None, _) => BTreeMap::new(),
        }
    }
}

/// Everything that a project's outputs and resources are worth, as one JSON object.
pub fn dump(path: &Path, context: &Context<'_>) -> String {
    if context.fs.kind(path) == Some(EntryKind::File) {
        return cloudformation::dump(path, context).to_string();
    }
    terraform::dump(path, context)
}

/// The value of an expression in a project's directory; the error is what its language would say.
pub fn expression(directory: &Path, expression: &str, context: &Context<'_>) -> Result<Value, String> {
    terraform::console(directory, expression, context)
}

/// The answers to a file of JSON lines with an `expr` each, one a line.
pub fn vectors(text: &str, scope: Option<&Path>, context: &Context<'_>) -> String {
    terraform::vectors(text, scope, context)
}
