//! The Terraform and OpenTofu frontend: one root module in, declarations out.
//!
//! What `terraform plan` would know without a provider is known here; what it would not, is unknown with its cause; what it would
//! refuse, is a diagnostic, after which the scan goes on. It does not know what a bucket is.

mod access;
mod backend;
mod body;
mod call;
mod candidates;
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
mod plan;
mod policy_document;
mod printed;
mod provider;
mod reference;
mod references;
mod schema;
mod scope;
mod template;
mod validate;
mod variables;

use crate::project::{Context, Project};
use crate::value::Lowered;
use engine::{Engine, Fidelity};

pub use candidates::candidates;
pub use console::console;
pub use dump::{dump, vectors};
pub use engine::{MAX_DEPTH, MAX_INSTANCES, MAX_MODULE_DEPTH, MAX_MODULES, MAX_STEPS};
pub use files::is_configuration;
pub use modules::is_local;
pub use plan::lower as lower_plan;

/// Lowers a root module.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    let mut engine = Engine::new(context, project.id, &project.path, Fidelity::Scan);
    engine.read_assignments();
    engine.lower()
}
