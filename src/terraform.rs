//! The Terraform and OpenTofu frontend: one root module in, declarations out.
//!
//! What `terraform plan` would know without a provider is known here; what it would not, is unknown with its cause; what it would
//! refuse, is a diagnostic, after which the scan goes on. It does not know what a bucket is.

mod access;
mod attributes;
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
mod memory;
mod modules;
mod narrow;
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

use crate::diagnostic::Diagnostic;
use crate::project::{Context, Demand, Project};
use crate::source::Span;
use crate::value::{Address, Attribute, Cause, CauseKind, Declaration, Entries, Lowered, Mode, ProjectId, Truth, Type, Unknown, Value};
use engine::{Engine, Fidelity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terragrunt::{Unit, UnitSource};

pub use console::console;
pub use dump::{dump, vectors};
pub use engine::{MAX_DEPTH, MAX_MODULE_DEPTH};
pub use files::is_configuration;
pub use modules::is_local;
pub use plan::lower as lower_plan;
pub use terragrunt::FILE as TERRAGRUNT_FILE;

/// A root module that is lowered, perhaps several times, under other assignments of its inputs: what does not hang on them is evaluated once.
/// Where a `terragrunt.hcl` stands, it says which module is meant, and with which inputs.
pub struct Lowering<'a> {
    project: &'a Project,
    unit: Option<(Unit, Vec<Diagnostic>)>,
    engine: Option<Engine<'a>>,
}

impl<'a> Lowering<'a> {
    /// Reads the root module.
    pub fn new(project: &'a Project, context: &'a Context<'a>) -> Self {
        let unit = terragrunt::read(context, project.id, &project.path);
        let engine = match &unit {
            None => Some(root_engine(project, context)),
            Some((unit, _)) => unit_engine(project, context, unit),
        };
        Self { project, unit, engine }
    }

    /// Lowers what is asked for. Problems are told the first time.
    pub fn lower(&self, demand: &Demand) -> Lowered {
        let state = self.unit.is_some().then(|| terragrunt::state_of(&self.project.path));
        let mut lowered = match (&self.engine, &self.unit) {
            (Some(engine), _) => engine.lower(state, demand),
            (None, Some((unit, _))) => match &unit.source {
                Some(UnitSource::Remote(source, span)) => remote_unit(self.project, source, *span, unit),
                _ => Lowered::default(),
            },
            (None, None) => Lowered::default(),
        };
        if let Some((_, diagnostics)) = &self.unit {
            lowered.diagnostics.extend(diagnostics.iter().cloned());
            lowered.files += 1;
        }
        lowered
    }

    /// Assigns values to inputs (`var.environment`, `terraform.workspace`) in the place of those that were assigned before.
    pub fn assign(&self, assignments: &BTreeMap<Arc<str>, Value>) {
        self.engine.iter().for_each(|engine| engine.assign(assignments));
    }

    /// The few values of each of these inputs; none for one that has none, or too many.
    pub fn candidates(&self, inputs: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, Vec<Value>> {
        let Some(engine) = &self.engine else { return BTreeMap::new() };
        inputs.iter().filter_map(|input| Some((Arc::clone(input), candidates::of(engine, input)?))).collect()
    }
}

/// Lets go of the trees of a root module's own files.
pub fn forget(project: &Project, context: &Context<'_>) {
    context.trees.derived::<config::Modules>().forget(context, &project.path);
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
        inputs: None,
    };
    Lowered { declarations: vec![declaration], ..Lowered::default() }
}
