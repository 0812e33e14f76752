//! CloudFormation: templates in YAML and JSON, SAM and CDK output included, evaluated as CloudFormation does.
//!
//! A template is one project; nested stacks whose templates are in the scan root are lowered into it. What cannot be known before
//! deployment stays unknown and says why. The frontend does not know what a bucket is.

mod arena;
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
mod root;
mod scalar;
mod sniff;
mod stack;
mod template;
mod text;
mod world;

use crate::project::{Context, Project};
use crate::value::Lowered;
pub use sniff::{Sniff, sniff};
use world::{Mode, Trees, World};

/// Lowers a template: its resources, those of nested stacks, and what it exports.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    let trees = Trees::default();
    let world = std::rc::Rc::new(World::new(project, context, Mode::Analyze, &trees));
    let mut lowered = root::stack(&world).map(|stack| lower::stack(&stack)).unwrap_or_default();
    (lowered.diagnostics, lowered.files) = world.finish();
    lowered
}

/// What one deployment of a template would make, as `eval --dump` prints it.
pub fn dump(project: &Project, context: &Context<'_>) -> serde_json::Value {
    let trees = Trees::default();
    let world = std::rc::Rc::new(World::new(project, context, Mode::Simulate, &trees));
    dump::dump(&world)
}
