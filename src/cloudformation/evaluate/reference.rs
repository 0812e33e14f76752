//! `Ref` and `Fn::GetAtt`: parameters, pseudo-parameters, resources, nested stacks' outputs.
//!
//! What only the cloud knows of a resource is an unknown that says which resource and which attribute: links are made from that, so a
//! reference stays one even where the resource's name is written in the template.

use super::{derived, through, written};
use crate::cloudformation::environment;
use crate::cloudformation::expression::Expr;
use crate::cloudformation::names;
use crate::cloudformation::stack::{Entry, Stack};
use crate::cloudformation::world::unknown;
use crate::source::Span;
use crate::value::{Address, Cause, CauseKind, Reference, Step, Type, Unknown, Value};
use std::sync::Arc;

/// What nested stacks give: `Outputs.Name`.
const OUTPUTS: &str = "Outputs.";

impl<'t> Stack<'t> {
    pub(super) fn call_ref(&self, argument: Expr<'t>, span: Span) -> Option<Value> {
        match self.known_text(argument) {
            Ok(name) => self.refer(&name, span),
            Err(value) => Some(written(derived(&value, Type::Dynamic), span)),
        }
    }

    /// What a name refers to: `Ref: Name`, or `${Name}` in `Fn::Sub`.
    pub(super) fn refer(&self, name: &str, span: Span) -> Option<Value> {
        if name == "AWS::NoValue" {
            return None;
        }
        if let Some(value) = self.environment.get(name) {
            return Some(self.pseudo(name, value, span));
        }
        if let Some(member) = self.identifiers.borrow().get(name) {
            return Some(through(member.clone(), Step::Parameter(Arc::from(name)), span));
        }
        if let Some(value) = self.values.get(name) {
            return Some(through(value.clone(), Step::Parameter(self.address_of(name)), span));
        }
        if let Some(entry) = self.resources.get(name) {
            return Some(self.attribute(name, entry, "Ref", span));
        }
        // `Ref: Function.Version`: what SAM makes besides a resource.
        if let Some((resource, made)) = name.split_once('.').filter(|_| self.template.is_sam())
            && let Some(entry) = self.resources.get(resource)
        {
            return Some(self.attribute(resource, entry, made, span));
        }
        Some(written(self.unresolved(name, span), span))
    }

    fn pseudo(&self, name: &str, value: Value, span: Span) -> Value {
        let facts = &self.world.context.inputs.facts;
        let said = match name {
            environment::REGION => facts.region.is_some(),
            environment::ACCOUNT => facts.account.is_some(),
            environment::STACK_NAME => facts.stack_name.is_some(),
            _ => false,
        };
        let step = if said && !value.is_unknown() { Step::Fact(Arc::from(name)) } else { Step::Parameter(Arc::from(name)) };
        through(value, step, span)
    }

    pub(super) fn call_get_att(&self, argument: Expr<'t>, span: Span) -> Value {
        let parts: Vec<Expr<'t>> = argument.items().into_iter().flatten().collect();
        let (resource, attribute) = match parts.as_slice() {
            [] => match argument.text().and_then(|text| text.split_once('.')) {
                Some((resource, attribute)) => (Arc::from(resource), Arc::from(attribute)),
                None => return written(self.world.invalid(span, "`Fn::GetAtt` needs a resource and an attribute"), span),
            },
            [_] => return written(self.world.invalid(span, "`Fn::GetAtt` needs a resource and an attribute"), span),
            [resource, attributes @ ..] => {
                let texts: Result<Vec<Arc<str>>, Value> =
                    std::iter::once(resource).chain(attributes).map(|part| self.known_text(*part)).collect();
                match texts {
                    Ok(texts) => (Arc::clone(&texts[0]), Arc::from(texts[1..].join("."))),
                    Err(value) => return written(derived(&value, Type::Dynamic), span),
                }
            }
        };
        self.get_att(&resource, &attribute, span)
    }

    /// An attribute of a resource: `Fn::GetAtt`, or `${Resource.Attribute}` in `Fn::Sub`.
    pub(super) fn get_att(&self, resource: &str, attribute: &str, span: Span) -> Value {
        let Some(entry) = self.resources.get(resource) else { return written(self.unresolved(resource, span), span) };
        match attribute.strip_prefix(OUTPUTS) {
            Some(output) if crate::cloudformation::nested::is_stack(entry.type_name()) => self.nested_output(resource, entry, output, span),
            _ => self.attribute(resource, entry, attribute, span),
        }
    }

    fn nested_output(&self, resource: &str, entry: &Entry<'t>, output: &str, span: Span) -> Value {
        let step = Step::Output(Arc::from(format!("{}.{output}", self.address_of(resource))));
        let Some(stack) = self.nested_stack(resource, entry) else {
            return self.attribute_because(resource, &format!("{OUTPUTS}{output}"), CauseKind::External, span);
        };
        let Some(declared) = stack.outputs.get(output) else {
            return match stack.may_have(span) {
                Some(cause) => written(Unknown::new(Type::Dynamic, vec![cause]).into(), span),
                None => written(self.world.invalid(span, format!("nested stack `{resource}` has no output `{output}`")), span),
            };
        };
        let handed_up = stack.handed_up.borrow().get(output).cloned();
        let value = handed_up.unwrap_or_else(|| {
            let value = declared.body.get("Value").and_then(|value| stack.evaluate(value)).unwrap_or_else(Value::null);
            stack.handed_up.borrow_mut().insert(Arc::from(output), value.clone());
            value
        });
        through(value, step, span)
    }

    /// An attribute that the cloud knows.
    fn attribute(&self, resource: &str, entry: &Entry<'t>, attribute: &str, span: Span) -> Value {
        if self.exists(entry).truth.is_false() {
            let message =
                format!("unresolved resource dependency: the condition of `{resource}` is false, so there is nothing to refer to");
            self.world.invalid(span, message.clone());
            return written(unknown(CauseKind::Undeclared, message, Some(span)), span);
        }
        let type_name = entry.type_name();
        let custom =
            type_name.starts_with("Custom::") || type_name == "AWS::CloudFormation::CustomResource" || type_name.ends_with("::MODULE");
        self.attribute_because(resource, attribute, if custom && attribute != "Ref" { CauseKind::Macro } else { CauseKind::Computed }, span)
    }

    fn attribute_because(&self, resource: &str, attribute: &str, kind: CauseKind, span: Span) -> Value {
        let address = self.address_of(resource);
        let reference = Arc::new(Reference::Attribute {
            project: self.world.project.id,
            address: Address(Arc::clone(&address)),
            attribute: Arc::from(attribute),
        });
        let of = if names::is_text(attribute) { Type::String } else { Type::Dynamic };
        let cause = Cause::new(kind, format!("{address}.{attribute}"), Some(span));
        let value = Value::from(Unknown::attribute(Arc::clone(&reference), of, cause));
        through(value, Step::Attribute(reference), span)
    }

    /// A name that nothing has: an error, unless something that is not read may bring it.
    fn unresolved(&self, name: &str, span: Span) -> Value {
        if let Some(cause) = self.may_have(span) {
            return Unknown::new(Type::Dynamic, vec![cause]).into();
        }
        if let Some(module) = self.module_of(name) {
            return unknown(CauseKind::Macro, module, Some(span));
        }
        let message = format!("unresolved resource dependency `{name}`: no parameter or resource has this name");
        self.world.refuse(span, message.as_str());
        unknown(CauseKind::Undeclared, message, Some(span))
    }
}
