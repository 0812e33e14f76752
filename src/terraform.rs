//! The Terraform and OpenTofu frontend: one root module in, declarations out.
//!
//! What `terraform plan` would know without a provider is known here; what it would not, is unknown with its cause; what it would
//! refuse, is a diagnostic, after which the scan goes on. It does not know what a bucket is.

mod access;
mod backend;
mod body;
mod call;
mod candidates;
mod conditional;
mod config;
mod console;
mod constraint;
mod data;
mod dump;
mod engine;
mod eval;
mod expand;
mod failure;
mod files;
pub mod functions;
mod instance;
mod lower;
mod manifest;
mod modules;
pub mod operators;
mod outputs;
mod plan;
mod policy_document;
mod printed;
mod provider;
mod reference;
mod references;
mod rekey;
mod resource;
mod schema;
mod scope;
mod template;
mod terragrunt;
mod validate;
mod variables;

use crate::project::{Context, Project};
use crate::source::Span;
use crate::value::{Address, Attribute, Cause, CauseKind, Declaration, Entries, Lowered, Mode, ProjectId, Truth, Type, Unknown, Value};
use engine::{Engine, Fidelity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terragrunt::{Unit, UnitSource};

pub use console::console;
pub use dump::{dump, vectors};
pub use engine::{MAX_DEPTH, MAX_INSTANCES, MAX_MODULE_DEPTH, MAX_MODULES, MAX_STEPS};
pub use files::is_configuration;
pub use modules::is_local;
pub use plan::lower as lower_plan;
pub use terragrunt::FILE as TERRAGRUNT_FILE;

/// Lowers a root module. Where a `terragrunt.hcl` stands, it says which module is meant, and with which inputs.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    let Some((unit, diagnostics)) = terragrunt::read(context, project.id, &project.path) else {
        return root_engine(project, context).lower(None);
    };
    let mut lowered = match (unit_engine(project, context, &unit), &unit.source) {
        (Some(engine), _) => engine.lower(Some(terragrunt::state_of(&project.path))),
        (None, Some(UnitSource::Remote(source, span))) => remote_unit(project, source, *span, &unit),
        (None, _) => Lowered::default(),
    };
    lowered.diagnostics.extend(diagnostics);
    lowered.files += 1;
    lowered
}

/// The few values of each of these inputs (`var.environment`, `terraform.workspace`); none for one that has none, or too many.
pub fn candidates(project: &Project, context: &Context<'_>, inputs: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, Vec<Value>> {
    let engine = match terragrunt::read(context, project.id, &project.path) {
        Some((unit, _)) => unit_engine(project, context, &unit),
        None => Some(root_engine(project, context)),
    };
    let Some(engine) = engine else { return BTreeMap::new() };
    inputs.iter().filter_map(|input| Some((Arc::clone(input), candidates::of(&engine, input)?))).collect()
}

fn root_engine<'a>(project: &Project, context: &'a Context<'a>) -> Engine<'a> {
    let mut engine = Engine::new(context, project.id, &project.path, Fidelity::Scan);
    engine.read_assignments(Entries::new());
    engine
}

/// The engine of the module that a Terragrunt unit runs; `None` where that is not there to be read.
fn unit_engine<'a>(project: &Project, context: &'a Context<'a>, unit: &Unit) -> Option<Engine<'a>> {
    let directory = match &unit.source {
        Some(UnitSource::Remote(..)) => return None,
        Some(UnitSource::Local(directory)) => directory,
        None => &project.path,
    };
    let mut engine = Engine::new(context, project.id, directory, Fidelity::Scan);
    engine.add_generated(&unit.generated);
    engine.read_assignments(unit.inputs.clone());
    Some(engine)
}

/// The directory of the root module that a Terragrunt unit runs, where it is one of this repository. `None` for a unit that runs something
/// else, and for a `terragrunt.hcl` that is no unit but is only included by others.
pub fn unit_module(context: &Context<'_>, directory: &Path) -> Option<PathBuf> {
    let (unit, _) = terragrunt::read(context, ProjectId(0), directory)?;
    match unit.source {
        Some(UnitSource::Local(module)) => Some(module),
        Some(UnitSource::Remote(..)) | None => None,
    }
}

/// A unit whose module is not there to be read: its inputs are all that is known.
fn remote_unit(project: &Project, source: &Arc<str>, span: Span, unit: &Unit) -> Lowered {
    let cause = Cause::new(CauseKind::MissingModule, Arc::clone(source), Some(span));
    let unknown = || Value::from(Unknown::new(Type::String, vec![cause.clone()]));
    let attributes = unit.inputs.iter().map(|(name, value)| {
        let name_span = value.origin.span().unwrap_or(span);
        (Arc::clone(name), Attribute { name_span, value: value.clone() })
    });
    let declaration = Declaration {
        project: project.id,
        address: Address::from("terraform"),
        mode: Mode::Module,
        type_name: Arc::clone(source),
        exists: Truth::True,
        exists_causes: Vec::new(),
        span,
        body: span,
        calls: Vec::new(),
        attributes: attributes.collect(),
        unlisted: Vec::new(),
        region: unknown(),
        account: unknown(),
        provider: Arc::from("aws"),
        alias: None,
    };
    Lowered { declarations: vec![declaration], ..Lowered::default() }
}
