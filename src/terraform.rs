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
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terragrunt::{Unit, UnitSource};

pub use candidates::candidates;
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
        let mut engine = Engine::new(context, project.id, &project.path, Fidelity::Scan);
        engine.read_assignments(Entries::new());
        return engine.lower(None);
    };
    let mut lowered = match &unit.source {
        Some(UnitSource::Remote(source, span)) => remote_unit(project, source, *span, &unit),
        Some(UnitSource::Local(dir)) => lower_unit(project, context, dir, &unit),
        None => lower_unit(project, context, &project.path, &unit),
    };
    lowered.diagnostics.extend(diagnostics);
    lowered.files += 1;
    lowered
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

fn lower_unit(project: &Project, context: &Context<'_>, dir: &Path, unit: &Unit) -> Lowered {
    let mut engine = Engine::new(context, project.id, dir, Fidelity::Scan);
    engine.add_generated(&unit.generated);
    engine.read_assignments(unit.inputs.clone());
    engine.lower(Some(terragrunt::state_of(&project.path)))
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
