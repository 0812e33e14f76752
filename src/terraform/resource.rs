//! Resources as values: their instances, and their attributes as configured or as only the provider knows them.

use crate::source::Span;
use crate::syntax::hcl::{Ident, Operation};
use crate::terraform::config::{Resource, local_address};
use crate::terraform::engine::{Engine, Fidelity, Handle};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Expansion, Instance, InstanceKey, Repetition, Shape, Slot, keyed};
use crate::terraform::scope::Scope;
use crate::terraform::{body, data};
use crate::value::{Address, Cause, CauseKind, Hop, Marks, Mode, Reference, Step, Truth, Type, Unknown, Value, ValueKind};
use std::rc::Rc;
use std::sync::Arc;

impl Engine<'_> {
    /// The resource's instances as one value.
    pub fn resource_reference(&self, mode: Mode, kind: &str, name: &Ident, rest: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let local = local_address(mode, kind, &name.name);
        let module = Arc::clone(&scope.instance.module);
        let Some(resource) = module.resources.get(&*local) else {
            if mode == Mode::Data
                && let Some(value) = Self::scoped_data(kind, &name.name, span, scope)
            {
                return self.operations(value, rest, span.range.start, scope);
            }
            let known = self.nearest(&local, module.resources.keys().map(|known| &**known));
            let help = known.map(|known| format!("did you mean `{known}`?"));
            let what = if mode == Mode::Data { "a data resource" } else { "a managed resource" };
            return Err(Failure::undeclared(
                span,
                format!("reference to undeclared resource: {what} `{kind}` `{}` has not been declared in this module", name.name),
            )
            .with_help(help));
        };
        let expansion = self.resource_expansion(scope.instance, resource)?;
        let value = self.resource_value(scope.instance, resource, &expansion);
        if expansion.shape != Shape::Single && matches!(rest.first(), Some(Operation::Attribute(_))) {
            if self.fidelity == Fidelity::Plan {
                let message = format!(
                    "missing resource instance key: because `{local}` has `count` or `for_each` set, its attributes must be accessed on specific instances"
                );
                return Err(Failure::new(span, message));
            }
            // Terraform 0.11 let a counted resource be named without its index.
            if let Some(first) = value.as_items().and_then(<[Value]>::first) {
                return self.operations(first.clone(), rest, span.range.start, scope);
            }
        }
        let none = expansion.instances.is_empty() && expansion.exists != Truth::Unknown;
        self.operations(value, rest, span.range.start, scope).map_err(|failure| if none { failure.into_undeclared() } else { failure })
    }

    /// A data source declared inside a `check` block.
    fn scoped_data(kind: &str, name: &str, span: Span, scope: &Scope<'_>) -> Option<Value> {
        let declared = scope.instance.module.checks.iter().any(|check| {
            check
                .blocks("data")
                .iter()
                .any(|(_, block)| block.labels.len() == 2 && &*block.labels[0].name == kind && &*block.labels[1].name == name)
        });
        declared.then(|| Unknown::new(Type::Dynamic, vec![Cause::new(CauseKind::Data, format!("data.{kind}.{name}"), Some(span))]).into())
    }

    /// The instances of a resource, remembered.
    pub fn resource_expansion(&self, instance: &Rc<Instance>, resource: &Resource) -> Result<Rc<Expansion>, Failure> {
        let local = &resource.local;
        let header = resource.object.header();
        self.remember(
            instance,
            |cache| &mut cache.expansions,
            local,
            || Failure::new(header, format!("cycle: the number of instances of `{}` depends on itself", instance.address(local))),
            || {
                let mut expansion = self.expand(instance, &resource.object, local);
                expansion.addresses = self.register(instance, local, &expansion);
                Rc::new(expansion)
            },
        )
    }

    /// Says where a resource's instances are to be found again. Their addresses.
    fn register(&self, instance: &Rc<Instance>, local: &Arc<str>, expansion: &Expansion) -> Vec<Arc<str>> {
        let block = instance.address_of_block(local);
        let mut handles = self.handles.borrow_mut();
        let register = |(key, repetition): &(InstanceKey, Repetition)| {
            let address = keyed(&block, key);
            let handle = Handle { instance: Rc::clone(instance), local: Arc::clone(local), repetition: repetition.clone() };
            handles.insert(Arc::clone(&address), handle);
            address
        };
        expansion.instances.iter().map(register).collect()
    }

    /// The value of a resource: one instance, or a collection of them.
    fn resource_value(&self, instance: &Instance, resource: &Resource, expansion: &Expansion) -> Value {
        // A resource that is opened is evaluated, and what was evaluated is remembered with what was read for it.
        if self.is_open(resource) {
            return self.instances_value(instance, resource, expansion);
        }
        expansion.value.get_or_init(|| self.instances_value(instance, resource, expansion)).clone()
    }

    /// Whether a resource is an object of which all is known: Terraform's own resource type has a schema that is known here.
    fn is_open(&self, resource: &Resource) -> bool {
        self.fidelity == Fidelity::Plan && &*resource.type_name == "terraform_data"
    }

    fn instances_value(&self, instance: &Instance, resource: &Resource, expansion: &Expansion) -> Value {
        let whole = |address: &Arc<str>| {
            let address = Address(Arc::clone(address));
            Arc::new(Reference::Attribute { project: self.project, address, attribute: Arc::default() })
        };
        if expansion.exists == Truth::Unknown {
            let reference = expansion.addresses.first().map(whole);
            let mut unknown = Unknown::new(Type::Dynamic, expansion.causes.clone());
            unknown.refers_to = reference;
            unknown.not_null = true;
            return unknown.into();
        }
        let is_open = self.is_open(resource);
        let one = |address: &Arc<str>| -> Value {
            if is_open { self.resource_object(&whole(address)) } else { ValueKind::Resource(whole(address)).into() }
        };
        match (expansion.shape, expansion.addresses.as_slice()) {
            (Shape::Single, [only]) => one(only),
            // What is not enabled is not there.
            (Shape::Single, _) => one(&instance.address_of_block(&resource.local)),
            (Shape::Count, all) => Value::tuple(all.iter().map(one).collect()),
            (Shape::ForEach, all) => {
                let entries = expansion.instances.iter().zip(all).filter_map(|((key, _), address)| match key {
                    InstanceKey::Key(name) => Some((Arc::clone(name), one(address))),
                    _ => None,
                });
                Value::object(entries.collect())
            }
        }
    }

    /// The instance that stands for any, if the value is a resource whose instances are not known.
    pub fn unsettled_resource(value: &Value) -> Option<Arc<Reference>> {
        let reference = value.as_unknown()?.refers_to.as_ref()?;
        matches!(&**reference, Reference::Attribute { attribute, .. } if attribute.is_empty()).then(|| Arc::clone(reference))
    }

    /// A whole resource as an unknown object, for operations that cannot look inside.
    pub fn opaque(value: &Value) -> Value {
        let ValueKind::Resource(reference) = &value.kind else { return value.clone() };
        let cause = Cause::new(CauseKind::Computed, reference.to_string(), value.origin.span());
        let mut unknown = Unknown::new(Type::Dynamic, vec![cause]).not_null();
        unknown.refers_to = Some(Arc::clone(reference));
        Value { kind: ValueKind::Unknown(Arc::new(unknown)), marks: value.marks, origin: value.origin.clone() }
    }

    /// An attribute of a resource instance: what its configuration sets, or what only the provider knows.
    pub fn resource_attribute(&self, resource: &Arc<Reference>, name: &Arc<str>, marks: Marks, span: Span) -> Evaluated {
        let Reference::Attribute { project, address, .. } = &**resource else { return Err(Failure::new(span, "invalid reference")) };
        let reference = Arc::new(Reference::Attribute { project: *project, address: address.clone(), attribute: Arc::clone(name) });
        let of = self.attributes.borrow_mut().id(&address.0);
        let (place, known) = self.attributes.borrow_mut().begin(of, name);
        let value = match known {
            Some(Slot::Done(value, read)) => {
                self.reading.add(read);
                self.attributes.borrow_mut().end(place, of, name, Slot::Done(value.clone(), read));
                value
            }
            Some(Slot::Busy) => return Err(Failure::new(span, format!("cycle: `{reference}` refers to itself"))),
            None => {
                let handle = self.handles.borrow().get(&address.0).cloned();
                let Some(handle) = handle else {
                    self.attributes.borrow_mut().remove(of, name);
                    return Err(Failure::new(span, format!("there is no resource instance `{address}`")));
                };
                let compute = || self.settle(self.deeper(|| span, || Ok(self.compute_attribute(&handle, &reference, name, span))));
                let (value, read) = self.reading.of(compute);
                self.attributes.borrow_mut().end(place, of, name, Slot::Done(value.clone(), read));
                value
            }
        };
        Ok(value.with_marks(marks).through(|before| Hop { step: Step::Attribute(reference), span, before }))
    }

    fn compute_attribute(&self, handle: &Handle, reference: &Arc<Reference>, name: &Arc<str>, span: Span) -> Value {
        let module = Arc::clone(&handle.instance.module);
        let Some(resource) = module.resources.get(&*handle.local) else { return Value::null() };
        if let Some(value) = data::computed(self, handle, resource, reference, name) {
            return value;
        }
        if let Some((file, attribute)) = resource.object.attribute(name) {
            let scope = Scope::of(&handle.instance, file).repeated(&handle.repetition);
            let value = self.settle(self.eval(&attribute.value, &scope));
            if !value.is_null() {
                return value;
            }
        }
        let blocks = resource.object.blocks(name);
        if !blocks.is_empty() && !body::is_meta_block(name) {
            return body::blocks(self, &blocks, &handle.instance, &handle.repetition, None);
        }
        self.computed(resource, reference, name, span)
    }

    /// What only the provider knows.
    fn computed(&self, resource: &Resource, reference: &Arc<Reference>, name: &str, span: Span) -> Value {
        if &*resource.type_name == "terraform_data" {
            let input = || resource.object.attribute("input").is_some();
            if matches!(name, "input" | "triggers_replace") || (name == "output" && !input()) {
                return Value::null();
            }
            if name == "output" {
                // Its output will be its input: of that, the type is known.
                let Reference::Attribute { project, address, .. } = &**reference else { return Value::null() };
                let whole = Arc::new(Reference::Attribute { project: *project, address: address.clone(), attribute: Arc::from("") });
                let input = self.settle(self.resource_attribute(&whole, &Arc::from("input"), Marks::NONE, span));
                let cause = Cause::new(CauseKind::Computed, reference.to_string(), Some(resource.object.header()));
                let mut unknown = Unknown::attribute(Arc::clone(reference), input.type_of(), cause);
                unknown.not_null = false;
                return if input.is_null() { input } else { unknown.into() };
            }
        }
        let kind = if resource.mode == Mode::Data { CauseKind::Data } else { CauseKind::Computed };
        let cause = Cause::new(kind, reference.to_string(), Some(resource.object.header()));
        let is_text =
            matches!(name, "id" | "arn") || (resource.mode == Mode::Managed && self.context.demand.is_known_by(&resource.type_name, name));
        let mut unknown = Unknown::attribute(Arc::clone(reference), if is_text { Type::String } else { Type::Dynamic }, cause);
        unknown.not_null = is_text;
        unknown.into()
    }
}
