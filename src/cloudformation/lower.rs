//! From a stack to declarations: each resource with its properties evaluated, nested stacks below the resource that makes them.

use super::cycles;
use super::expression::Expr;
use super::nested;
use super::stack::{Entry, Stack, Verdict};
use super::template::Dialect;
use crate::source::Span;
use crate::table::IndexMap;
use crate::value::{Address, Attribute, Cause, Declaration, Export, Lowered, Mode, Value};
use std::sync::Arc;

/// Where a resource stands: what decides whether its stack exists, and the stack resources above it.
#[derive(Clone)]
struct Above {
    exists: Verdict,
    calls: Vec<(Address, Span)>,
}

/// Lowers a stack and all that is nested in it.
pub fn stack(root: &Stack<'_>) -> Lowered {
    let mut lowered = Lowered::default();
    into(root, &Above { exists: Verdict::TRUE, calls: Vec::new() }, &mut lowered);
    lowered
}

fn into(stack: &Stack<'_>, above: &Above, lowered: &mut Lowered) {
    cycles::report(stack);
    for (name, entry) in &stack.resources {
        let exists = above.exists.clone().and(stack.exists(entry));
        if exists.truth.is_false() {
            continue;
        }
        lowered.resources += 1;
        let type_name = entry.type_name();
        // What another tool makes of a template may bring the type: Serverless lets a resource that it makes be extended.
        let complete = stack.template.dialect == Dialect::CloudFormation && stack.may_have(entry.span).is_none();
        if type_name.is_empty() && complete {
            stack.world.invalid(entry.span, format!("resource `{name}` has no `Type`"));
        }
        let address = Address(stack.address_of(name));
        if stack.world.context.demand.wants(type_name) {
            lowered.declarations.push(declaration(stack, entry, address.clone(), &exists, above));
        }
        if nested::holds_stack(type_name)
            && let Some(inner) = stack.nested_stack(name, entry)
        {
            let mut calls = above.calls.clone();
            calls.push((address, entry.span));
            into(&inner, &Above { exists, calls }, lowered);
        }
    }
    lowered.exports.extend(exports(stack, above));
}

fn declaration<'t>(stack: &Stack<'t>, entry: &Entry<'t>, address: Address, exists: &Verdict, above: &Above) -> Declaration {
    let mut unlisted = Vec::new();
    let mut evaluate = || attributes(stack, entry, &mut unlisted);
    let attributes = if exists.truth.is_unknown() { stack.world.guess(evaluate) } else { evaluate() };
    let alias = entry.body.get("Metadata").and_then(|metadata| metadata.get("aws:cdk:path")).and_then(Expr::text);
    Declaration {
        project: stack.world.project.id,
        address,
        mode: Mode::Managed,
        type_name: Arc::from(entry.type_name()),
        exists: exists.truth,
        exists_causes: exists.causes.clone(),
        span: entry.span,
        body: body_span(entry),
        calls: above.calls.clone(),
        attributes,
        unlisted,
        region: stack.environment.region.clone(),
        account: stack.environment.account.clone(),
        provider: Arc::clone(&stack.provider),
        alias: alias.cloned(),
        inputs: None,
    }
}

/// From the logical id to the end of the body. A body that is written elsewhere (an alias) is not part of it.
fn body_span(entry: &Entry<'_>) -> Span {
    let body = entry.body.span();
    let follows = body.file == entry.span.file && body.range.start >= entry.span.range.end;
    let range = if follows { entry.span.range.cover(body.range) } else { entry.span.range };
    range.at(entry.span.file)
}

/// The evaluated `Properties`. One whose value is `AWS::NoValue` is left out.
pub fn attributes<'t>(stack: &Stack<'t>, entry: &Entry<'t>, unlisted: &mut Vec<Cause>) -> IndexMap<Arc<str>, Attribute> {
    let Some(properties) = entry.body.get("Properties") else { return IndexMap::default() };
    if properties.call().is_some() && properties.pairs().is_none_or(|_| !is_transform(properties)) {
        // The whole of it is an intrinsic: CloudFormation allows that only where a transform makes a mapping of it.
        let value = stack.evaluate(properties).unwrap_or_else(Value::null);
        unlisted.extend(value.causes());
        let entries = value.as_entries().cloned().unwrap_or_default();
        return entries.into_iter().map(|(name, value)| (name, Attribute { name_span: properties.span(), value })).collect();
    }
    if properties.pairs().is_none() && !properties.is_empty() {
        unlisted.extend(stack.world.invalid(properties.span(), "`Properties` must be a mapping").causes());
    }
    let mut attributes = IndexMap::default();
    for (name, property) in stack.expand(properties, unlisted) {
        let Some(value) = stack.evaluate(property.body) else { continue };
        unlisted.extend(property.causes);
        attributes.insert(name, Attribute { name_span: property.span, value });
    }
    attributes
}

fn is_transform(properties: Expr<'_>) -> bool {
    properties.get("Fn::Transform").is_some()
}

/// The outputs that other stacks can import.
fn exports(stack: &Stack<'_>, above: &Above) -> Vec<Export> {
    if above.exists.truth.is_false() {
        return Vec::new();
    }
    let exported = stack.outputs.values().filter(|entry| !stack.exists(entry).truth.is_false());
    exported
        .filter_map(|entry| {
            let name = entry.body.get("Export")?.get("Name")?;
            Some(Export {
                project: stack.world.project.id,
                name: stack.evaluate(name)?,
                state: None,
                value: stack.evaluate(entry.body.get("Value")?)?,
                span: entry.span,
            })
        })
        .collect()
}
