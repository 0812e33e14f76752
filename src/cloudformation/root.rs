//! The stack that a project's template makes when it is deployed: where its parameters get their values.
//!
//! A scenario's assignment beats everything, then options in their order, then the default.

use super::environment::Environment;
use super::parameter::Parameter;
use super::parameter_files::{self, Given};
use super::sniff::{Sniff, sniff};
use super::stack::{Place, Stack};
use super::template::Template;
use super::world::{Mode, World};
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Span, TextRange};
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
    if is_text_template(world, file) {
        return None;
    }
    let document = world.root(file)?;
    let environment = Environment::of_root(world.project.id, world.context.inputs, world.open);
    let template = Template::of(document);
    let files = files(world, file);
    let given = |parameter: &Parameter<'t>| given(world, &files, parameter);
    Some(Stack::new(Rc::clone(world), template, Place::root(), environment, given))
}

/// Whether the file only becomes a template after a text template language has run over it, which is then said, once.
fn is_text_template(world: &World<'_>, file: FileId) -> bool {
    let source = world.context.sources.get(file);
    let json = source.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let templated = sniff(&source.text, json) == Sniff::Templated;
    if templated {
        let start = TextRange::default().at(file);
        let message = "this template is written in a text template language (Jinja, Helm, …) and is not YAML before that has run";
        world.report(Diagnostic::warning("text-template", start, message).with_help("analyze what it renders to"));
    }
    templated
}

/// What files say of parameters, weakest first. Naming files replaces those that tools would read unasked.
fn files(world: &World<'_>, template: FileId) -> Vec<Given> {
    match world.context.inputs.parameter_files.as_slice() {
        [] if world.mode == Mode::Analyze => parameter_files::beside(world, template),
        named => named.iter().flat_map(|path| parameter_files::named(world, path)).collect(),
    }
}

/// The value that a parameter is given, and where.
fn given<'t>(world: &World<'t>, files: &[Given], parameter: &Parameter<'t>) -> Option<(Value, Span)> {
    let inputs = world.context.inputs;
    let assigned = |value: Value, how: &str| {
        let hop = Hop { step: Step::Assigned(Arc::from(how)), span: parameter.span, before: Origin::default() };
        Some((value.with_origin(Origin::new(hop)), parameter.span))
    };
    if world.open == Some(&parameter.name) {
        return None;
    }
    if let Some(value) = inputs.assignments.get(&parameter.name) {
        return assigned(value.clone(), "scenario");
    }
    if let Some((_, text)) = inputs.parameters.iter().rev().find(|(name, _)| **name == *parameter.name) {
        return assigned(Value::string(text.as_str()), "--parameter");
    }
    if let Some(given) = files.iter().rev().find(|given| given.name == parameter.name) {
        let step = Step::Assigned(Arc::from("parameter file"));
        return Some((given.value.clone().with_origin(Origin::new(Hop { step, span: given.span, before: Origin::default() })), given.span));
    }
    let default = parameter.default.clone().filter(|_| !inputs.open_defaults);
    match default {
        Some((value, span)) => Some((value.through(|before| Hop { step: Step::Default(Arc::clone(&parameter.name)), span, before }), span)),
        None if world.mode == Mode::Simulate => {
            world.invalid(parameter.span, format!("parameter `{}` must have a value", parameter.name));
            None
        }
        None => None,
    }
}
