//! `count` and `for_each`: which instances there are.

use crate::limits::Limit;
use crate::source::Span;
use crate::terraform::config::Object;
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Expansion, Instance, InstanceKey, Repetition, Shape};
use crate::terraform::scope::Scope;
use crate::value::convert::convert;
use crate::value::{Cause, CauseKind, Marks, Number, Truth, Type, Unknown, Value, ValueKind};
use std::rc::Rc;
use std::sync::Arc;

/// What Terraform says of keys that it cannot know while planning.
const UNKNOWN_KEYS: &str = "invalid for_each argument: the `for_each` value includes keys that cannot be determined until apply";

impl Engine<'_> {
    /// The instances of a resource or module call. What Terraform would refuse becomes a diagnostic and a set that is not known.
    pub fn expand(&self, instance: &Rc<Instance>, object: &Object, what: &str) -> Expansion {
        let expansion = self.repeated_by(instance, object, what);
        let count = expansion.instances.len();
        // One instance is as large as its block.
        if count > 1
            && let Err(failure) = self.repeated(count, object.header())
        {
            return self.refused(expansion.shape, &failure);
        }
        self.enabled(instance, object, expansion)
    }

    fn repeated_by(&self, instance: &Rc<Instance>, object: &Object, what: &str) -> Expansion {
        if let Some((file, attribute)) = object.attribute("count") {
            let span = attribute.value.range.at(file);
            self.eval(&attribute.value, &Scope::of(instance, file))
                .and_then(|value| self.by_count(&value, span))
                .unwrap_or_else(|failure| self.refused(Shape::Count, &failure))
        } else if let Some((file, attribute)) = object.attribute("for_each") {
            let span = attribute.value.range.at(file);
            self.eval(&attribute.value, &Scope::of(instance, file))
                .and_then(|value| self.by_for_each(&value, span, what))
                .unwrap_or_else(|failure| self.refused(Shape::ForEach, &failure))
        } else {
            Expansion::single()
        }
    }

    /// OpenTofu's `lifecycle { enabled = … }`.
    fn enabled(&self, instance: &Rc<Instance>, object: &Object, expansion: Expansion) -> Expansion {
        let blocks = object.blocks("lifecycle");
        let Some((file, attribute)) = blocks.iter().find_map(|(file, block)| Some((*file, block.body.attribute("enabled")?))) else {
            return expansion;
        };
        let value = self.settle(self.eval(&attribute.value, &Scope::of(instance, file)));
        match value.as_bool() {
            Some(true) => expansion,
            Some(false) => Expansion { instances: Vec::new(), ..expansion },
            None => Expansion { exists: Truth::Unknown, causes: value.causes(), ..expansion },
        }
    }

    fn refused(&self, shape: Shape, failure: &Failure) -> Expansion {
        self.report(failure.to_diagnostic());
        unsettled(shape, vec![failure.cause()])
    }

    fn by_count(&self, value: &Value, span: Span) -> Result<Expansion, Failure> {
        if value.marks.contains(Marks::SENSITIVE) {
            self.report(
                Failure::new(
                    span,
                    "invalid count argument: sensitive values, or values derived from sensitive values, cannot be used as count arguments",
                )
                .to_diagnostic(),
            );
        }
        if value.is_null() {
            return Err(Failure::new(span, "invalid count argument: the given `count` argument value is null, an integer is required"));
        }
        // Terraform 0.11 counted with booleans; later ones refuse them.
        if self.fidelity == Fidelity::Scan
            && !matches!(value.kind, ValueKind::Number(_))
            && let Ok(Some(is)) = convert(value, &Type::Bool).map(|value| value.as_bool())
        {
            return self.by_count(&Value::int(i64::from(is)), span);
        }
        let value = convert(value, &Type::Number).map_err(|message| Failure::new(span, format!("invalid count argument: {message}")))?;
        if value.is_unknown() {
            self.plan_only(
                span,
                "invalid count argument: the `count` value depends on resource attributes that cannot be determined until apply",
            );
            return Ok(unsettled(Shape::Count, value.causes()));
        }
        let count = value
            .as_number()
            .and_then(Number::to_i64)
            .ok_or_else(|| Failure::new(span, "invalid count argument: a whole number is required"))?;
        let count =
            usize::try_from(count).map_err(|_| Failure::new(span, "invalid count argument: must be greater than or equal to zero"))?;
        let most = self.limits.count(Limit::Instances);
        if count > most {
            let message = format!("`count` asks for {count} instances, more than {most} are not looked at one by one");
            return Err(Failure::reached(Limit::Instances, span, message));
        }
        let index = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let instances = (0..count).map(|n| (InstanceKey::Index(n as u64), Repetition::Count(Value::int(index(n))))).collect();
        Ok(Expansion::of(Shape::Count, instances))
    }

    fn by_for_each(&self, value: &Value, span: Span, what: &str) -> Result<Expansion, Failure> {
        if value.marks.contains(Marks::SENSITIVE) {
            self.report(Failure::new(span, "invalid for_each argument: sensitive values, or values derived from sensitive values, cannot be used as for_each arguments").to_diagnostic());
        }
        if value.is_null() {
            return Err(Failure::new(
                span,
                "invalid for_each argument: the given `for_each` argument value is null; a map, or set of strings is allowed",
            ));
        }
        let key = |name: &Arc<str>| InstanceKey::Key(Arc::clone(name));
        let instances: Vec<(InstanceKey, Repetition)> = match &value.kind {
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
                entries.iter().map(|(name, value)| (key(name), Repetition::Each(Value::string(Arc::clone(name)), value.clone()))).collect()
            }
            ValueKind::Set(_, items) => {
                let mut instances = Vec::with_capacity(items.len());
                for item in items.iter() {
                    match &item.kind {
                        ValueKind::String(name) => instances.push((key(name), Repetition::Each(item.clone(), item.clone()))),
                        ValueKind::Null(_) => {
                            return Err(Failure::new(span, "invalid for_each set argument: for_each sets must not contain null values"));
                        }
                        ValueKind::Unknown(unknown) if matches!(unknown.of, Type::String | Type::Dynamic) => {
                            return Ok(self.of_unknown_keys(items, span));
                        }
                        _ => {
                            return Err(Failure::new(
                                span,
                                format!(
                                    "invalid for_each set argument: for_each supports maps and sets of strings, but this is a set containing type {}",
                                    item.type_of().friendly_name()
                                ),
                            ));
                        }
                    }
                }
                instances
            }
            ValueKind::Unknown(unknown) => {
                let fits = match &unknown.of {
                    Type::Dynamic | Type::Map(_) | Type::Object(_) => true,
                    Type::Set(of) => matches!(**of, Type::String | Type::Dynamic),
                    _ => false,
                };
                if !fits {
                    return Err(Failure::new(
                        span,
                        format!(
                            "invalid for_each argument: the given value is a {}; a map, or set of strings is allowed",
                            unknown.of.friendly_name()
                        ),
                    ));
                }
                self.plan_only(span, UNKNOWN_KEYS);
                // One instance for each of a resource's, whichever those are: that resource is all that it hangs on.
                if let Some(resource) = Self::unsettled_resource(value) {
                    let cause = Cause::new(CauseKind::Computed, resource.to_string(), Some(span));
                    let mut expansion = unsettled(Shape::ForEach, vec![cause]);
                    expansion.each_is(|key| Repetition::Each(key, value.clone()));
                    return Ok(expansion);
                }
                let mut causes = value.causes();
                causes.truncate(crate::value::MAX_CAUSES);
                return Ok(unsettled(Shape::ForEach, causes));
            }
            ValueKind::Resource(_) => return Ok(unsettled(Shape::ForEach, Engine::opaque(value).causes())),
            _ => {
                return Err(Failure::new(
                    span,
                    format!(
                        "invalid for_each argument: the given value is a {}; a map, or set of strings is allowed",
                        value.type_of().friendly_name()
                    ),
                ));
            }
        };
        let most = self.limits.count(Limit::Instances);
        if instances.len() > most {
            let count = instances.len();
            let message = format!("`for_each` of `{what}` asks for {count} instances, more than {most} are not looked at one by one");
            return Err(Failure::reached(Limit::Instances, span, message));
        }
        Ok(Expansion::of(Shape::ForEach, instances))
    }

    /// A set of strings of which some are not known.
    fn of_unknown_keys(&self, items: &[Value], span: Span) -> Expansion {
        self.plan_only(span, UNKNOWN_KEYS);
        let mut causes: Vec<Cause> = items.iter().flat_map(Value::causes).collect();
        causes.truncate(crate::value::MAX_CAUSES);
        let mut expansion = unsettled(Shape::ForEach, causes);
        if let [only] = items {
            expansion.each_is(|_| Repetition::Each(only.clone(), only.clone()));
        }
        expansion
    }

    /// What Terraform refuses while planning, but a scan takes as "not known".
    fn plan_only(&self, span: Span, message: &str) {
        if self.fidelity == Fidelity::Plan {
            self.report(Failure::new(span, message).to_diagnostic());
        }
    }
}

impl Expansion {
    /// Says more of the one instance that stands for any: its repetition, given the unknown key that it has.
    fn each_is(&mut self, each: impl FnOnce(Value) -> Repetition) {
        if let [(_, repetition)] = self.instances.as_mut_slice()
            && let Repetition::Each(key, _) = repetition
        {
            *repetition = each(key.clone());
        }
    }
}

/// A set of instances that is not known: one instance stands for any, and may exist.
fn unsettled(shape: Shape, causes: Vec<Cause>) -> Expansion {
    let unknown = |of: Type| Value::from(Unknown::new(of, causes.clone()).not_null());
    let instance = match shape {
        Shape::Single => (InstanceKey::None, Repetition::None),
        Shape::Count => (InstanceKey::Index(0), Repetition::Count(Value::int(0))),
        Shape::ForEach => (InstanceKey::Any, Repetition::Each(unknown(Type::String), unknown(Type::Dynamic))),
    };
    Expansion { exists: Truth::Unknown, causes, ..Expansion::of(shape, vec![instance]) }
}
