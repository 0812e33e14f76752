//! The stack that a project's template makes when it is deployed: where its parameters get their values.
//!
//! A scenario's assignment beats everything, then options in their order, then the default.

use super::environment::Environment;
use super::parameter::Parameter;
use super::stack::{Place, Stack};
use super::template::Template;
use super::world::{Mode, World};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::Span;
use crate::value::{Hop, Origin, Step, Value};
use std::rc::Rc;
use std::sync::Arc;

/// The root stack; `None` when the template cannot be read at all, which is then reported.
pub fn stack<'t>(world: &Rc<World<'t>>) -> Option<Stack<'t>> {
    let file = match world.read(&world.project.path) {
        Ok(file) => file,
        Err(reason) => {
            let message = format!("the template {reason}");
            world.report(Diagnostic::at_path(Level::Error, "unreadable", &world.project.path, message));
            return None;
        }
    };
    let document = world.root(file)?;
    let environment = Environment::of_root(world.project.id, world.context.inputs);
    let template = Template::of(document);
    let given = |parameter: &Parameter<'t>| given(world, parameter);
    Some(Stack::new(Rc::clone(world), template, Place::root(), environment, given))
}

/// The value that a parameter is given, and where.
fn given<'t>(world: &World<'t>, parameter: &Parameter<'t>) -> Option<(Value, Span)> {
    let inputs = world.context.inputs;
    let assigned = |value: Value, how: &str| {
        let hop = Hop { step: Step::Assigned(Arc::from(how)), span: parameter.span, before: Origin::default() };
        Some((value.with_origin(Origin::new(hop)), parameter.span))
    };
    if let Some(value) = inputs.assignments.get(&parameter.name) {
        return assigned(value.clone(), "scenario");
    }
    if let Some((_, text)) = inputs.parameters.iter().rev().find(|(name, _)| **name == *parameter.name) {
        return assigned(Value::string(text.as_str()), "--parameter");
    }
    let default = parameter.default.clone().filter(|_| !inputs.open_defaults);
    match default {
        Some((value, span)) => {
            Some((value.through(|before| Hop { step: Step::Default(Arc::clone(&parameter.name)), span, before }), span))
        }
        None if world.mode == Mode::Simulate => {
            world.invalid(parameter.span, format!("parameter `{}` must have a value", parameter.name));
            None
        }
        None => None,
    }
}
