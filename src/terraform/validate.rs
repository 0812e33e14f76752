//! What Terraform refuses before or while it plans, beyond expressions: missing values, validation rules, arguments that no module has.

use crate::source::Span;
use crate::terraform::engine::Engine;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Children, Instance};
use crate::terraform::modules::META_ARGUMENTS;
use crate::terraform::scope::Scope;
use crate::value::{Reference, Value, ValueKind};
use std::rc::Rc;
use std::sync::Arc;

impl Engine<'_> {
    /// Root variables without a value.
    pub fn check_required(&self, root: &Rc<Instance>) {
        for (name, object) in &root.module.variables {
            if object.attribute("default").is_none() && !self.assigned.contains_key(name) {
                self.report(
                    Failure::new(
                        object.header(),
                        format!(
                            "no value for required variable: the root module input variable `{name}` is not set, and has no default value"
                        ),
                    )
                    .to_diagnostic(),
                );
            }
        }
    }

    /// Every module's validation rules and call arguments, and values of variables that nothing else asks for.
    pub fn validate(&self, instance: &Rc<Instance>) {
        for (name, object) in &instance.module.variables {
            let value = self.settle(self.variable(instance, name, object.header()));
            let not_null = object
                .attribute("nullable")
                .is_some_and(|(file, attribute)| self.settle(self.constant(&attribute.value, file)).as_bool() == Some(false));
            if not_null && value.is_null() {
                self.report(Failure::new(object.header(), format!("required variable not set: the given value is not suitable for `var.{name}`: required variable may not be set to null")).to_diagnostic());
            }
            for (file, block) in object.blocks("validation") {
                let Some(condition) = block.body.attribute("condition") else { continue };
                let span = condition.value.range.at(file);
                let holds = self.settle(self.eval(&condition.value, &Scope::of(instance, file)));
                if holds.as_bool() == Some(false) {
                    let message = block
                        .body
                        .attribute("error_message")
                        .map(|attribute| self.settle(self.eval(&attribute.value, &Scope::of(instance, file))));
                    let message = message.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                    self.report(Failure::new(span, format!("invalid value for variable `{name}`: {message}")).to_diagnostic());
                } else if holds.is_null() {
                    self.report(Failure::new(span, "invalid variable validation result: the condition must be a boolean").to_diagnostic());
                }
            }
        }
        for name in instance.module.locals.keys() {
            let span = instance.module.locals[name].attribute();
            let _ = self.settle(self.local(instance, name, span.1.range.at(span.0)));
        }
        for (name, object) in &instance.module.outputs {
            let _ = self.settle(self.output(instance, name, object.header()));
        }
        for (name, call) in &instance.module.calls {
            let Ok(children) = self.children(instance, name, call.header()) else { continue };
            let Children::Present(_, instances) = &*children else { continue };
            for child in instances {
                for argument in call.attribute_names() {
                    let known = META_ARGUMENTS.contains(&&*argument) || child.module.variables.contains_key(&argument);
                    if !known && let Some((file, attribute)) = call.attribute(&argument) {
                        self.report(
                            Failure::new(
                                attribute.name.range.at(file),
                                format!("unsupported argument: an argument named `{argument}` is not expected here"),
                            )
                            .to_diagnostic(),
                        );
                    }
                }
                self.validate(child);
            }
        }
        self.check_conditions(instance);
    }

    /// Preconditions that surely do not hold.
    fn check_conditions(&self, instance: &Rc<Instance>) {
        for resource in instance.module.resources.values() {
            let Ok(expansion) = self.resource_expansion(instance, resource) else { continue };
            for (file, lifecycle) in resource.object.blocks("lifecycle") {
                for block in lifecycle.body.blocks_of("precondition") {
                    let Some(condition) = block.body.attribute("condition") else { continue };
                    for (_, repetition) in &expansion.instances {
                        let scope = Scope::of(instance, file).repeated(repetition);
                        if self.settle(self.eval(&condition.value, &scope)).as_bool() == Some(false) {
                            self.report(Failure::new(condition.value.range.at(file), "resource precondition failed").to_diagnostic());
                        }
                    }
                }
            }
        }
    }

    /// A whole resource as an object: what its configuration sets, and unknown what the provider computes.
    pub fn resource_object(&self, reference: &Arc<Reference>) -> Value {
        let Reference::Attribute { address, .. } = &**reference else { return Value::null() };
        let Some(handle) = self.handles.borrow().get(&address.0).cloned() else { return Value::null() };
        let module = Arc::clone(&handle.instance.module);
        let Some(resource) = module.resources.get(&*handle.local) else { return Value::null() };
        let span: Span = resource.object.header();
        let mut names: Vec<Arc<str>> = resource.object.attribute_names();
        names.extend(resource.object.block_names());
        names.retain(|name| !crate::terraform::body::is_meta_argument(name) && !crate::terraform::body::is_meta_block(name));
        let computed: &[&str] = match &*resource.type_name {
            "terraform_data" => &["id", "input", "output", "triggers_replace"],
            "aws_partition" => &["dns_suffix", "id", "partition", "reverse_dns_prefix"],
            "aws_cloudtrail_service_account" | "aws_elb_service_account" => &["arn", "id"],
            _ => &["id"],
        };
        for name in computed {
            if !names.iter().any(|known| &**known == *name) {
                names.push(Arc::from(*name));
            }
        }
        let entries = names.into_iter().map(|name| {
            let value = self.settle(self.resource_attribute(reference, &name, crate::value::Marks::NONE, span));
            (name, value)
        });
        ValueKind::Object(Arc::new(entries.collect())).into()
    }
}
