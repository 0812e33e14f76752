//! CloudFormation: templates in YAML and JSON, SAM and CDK output included, evaluated as CloudFormation does.
//!
//! A template is one project; nested stacks whose templates are in the scan root are lowered into it. What cannot be known before
//! deployment stays unknown and says why. The frontend does not know what a bucket is.

mod arena;
mod candidates;
mod cycles;
mod dump;
mod environment;
mod evaluate;
mod expression;
mod foreach;
mod lower;
mod names;
mod nested;
mod parameter;
mod parameter_files;
mod root;
mod sam;
mod scalar;
mod sniff;
mod stack;
mod stack_set;
mod template;
mod text;
mod world;

use crate::project::{Context, Project, ProjectKind};
use crate::value::{Lowered, ProjectId, Value};
pub use sniff::{Sniff, sniff};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use world::{Mode, Trees, World};

/// Lowers a template: its resources, those of nested stacks, and what it exports.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    let trees = Trees::default();
    let world = Rc::new(World::new(project, context, Mode::Analyze, &trees));
    let mut lowered = root::stack(&world).map(|stack| lower::stack(&stack)).unwrap_or_default();
    (lowered.diagnostics, lowered.files) = world.finish();
    lowered.lacks_inputs = world.lacks_parameters.get();
    lowered.taken = world.taken();
    lowered
}

/// What one deployment of the template in a file would make, as `eval --dump` prints it.
pub fn dump(path: &Path, context: &Context<'_>) -> serde_json::Value {
    let label = Arc::from(path.to_string_lossy());
    let project = Project { id: ProjectId(0), kind: ProjectKind::CloudFormation, path: path.to_owned(), label };
    let trees = Trees::default();
    let world = Rc::new(World::new(&project, context, Mode::Simulate, &trees));
    dump::dump(&world)
}

/// The few values that decide an input (a parameter, `AWS::Region`), among them [`crate::project::ANOTHER_VALUE`] for all that the template
/// does not mention; `None` if there are none, or too many.
pub fn candidates(project: &Project, context: &Context<'_>, input: &str) -> Option<Vec<Value>> {
    let trees = Trees::default();
    let world = Rc::new(World::new(project, context, Mode::Analyze, &trees).with_open(input));
    candidates::of(&root::stack(&world)?, input)
}
