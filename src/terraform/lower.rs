//! From a root module to declarations: every resource instance that someone asks for, with its attributes evaluated.

use crate::diagnostic::{Diagnostic, counted};
use crate::limits::Limit;
use crate::project::{ALL_TAGS, Demand, MODULE};
use crate::source::FileId;
use crate::syntax::hcl;
use crate::table::{IndexMap, IndexSet};
use crate::terraform::attributes::AddressId;
use crate::terraform::config::{Object, Resource, Written};
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::instance::{Children, Expansion, Instance, Repetition, Slot};
use crate::terraform::memory::Inputs;
use crate::terraform::modules::META_ARGUMENTS;
use crate::terraform::provider::Provider;
use crate::terraform::scope::Scope;
use crate::terraform::{body, schema};
use crate::value::{
    Address, Attribute, Cause, CauseKind, Declaration, Entries, Export, Lowered, Mode, Reference, Truth, Type, Unknown, Value,
};
use std::rc::Rc;
use std::sync::Arc;

/// As many declarations as most projects have.
const USUAL: usize = 32;

/// The arguments and blocks of a resource that are asked for, with where they are written.
struct Asked<'r> {
    attributes: Vec<(Arc<str>, FileId, &'r hcl::Attribute)>,
    blocks: Vec<(Arc<str>, Written<'r>)>,
}

impl Engine<'_> {
    /// Lowers the whole project. Its outputs are known to others by this state, or by the one that its backend names.
    pub fn lower(&self, state: Option<Arc<str>>, demand: &Demand) -> Lowered {
        let root = self.root_instance();
        // Most projects have no more; what is not needed is given back.
        let mut lowered = Lowered { declarations: Vec::with_capacity(USUAL), ..Lowered::default() };
        self.lower_module(&root, demand, &mut lowered);
        self.lower_outputs(&root, state, &mut lowered);
        lowered.declarations.shrink_to_fit();
        lowered.diagnostics = self.take_diagnostics();
        lowered.files = self.files();
        lowered.lacks_inputs = self.reading.lacks.get();
        lowered.taken = self.taken();
        lowered
    }

    fn lower_module(&self, instance: &Rc<Instance>, demand: &Demand, lowered: &mut Lowered) {
        let module = Arc::clone(&instance.module);
        for resource in module.resources.values() {
            if !demand.wants(&resource.type_name) || !demand.wants_block(|| instance.address_of_block(&resource.local)) {
                lowered.resources += usize::from(resource.mode == Mode::Managed);
                continue;
            }
            self.noting(instance.read, lowered, |lowered| self.lower_resource(instance, resource, lowered));
        }
        for (name, call) in &module.calls {
            if !demand.wants_within(|| instance.address_of("module", name)) {
                continue;
            }
            let (children, read) = self.reading.of(|| self.children(instance, name, call.header()));
            let children = match children {
                Ok(children) => children,
                Err(failure) => {
                    self.report(failure.to_diagnostic());
                    continue;
                }
            };
            let (Children::Present(expansion, _) | Children::Missing(expansion, _)) = &*children;
            if demand.names(MODULE) && demand.wants_block(|| instance.address_of("module", name)) {
                // Where a module's resources are created is theirs to say.
                let nowhere = Cause::new(CauseKind::Computed, MODULE, Some(call.header()));
                self.noting(instance.read | read, lowered, |lowered| {
                    self.lower_call(instance, name, call, (expansion, &nowhere), Mode::Managed, lowered);
                });
            }
            match &*children {
                Children::Present(_, instances) => instances.iter().for_each(|child| self.lower_module(child, demand, lowered)),
                Children::Missing(expansion, cause) => {
                    self.noting(instance.read | read, lowered, |lowered| {
                        self.lower_call(instance, name, call, (expansion, cause), Mode::Module, lowered);
                    });
                }
            }
        }
    }

    /// Lowers something of a module, and notes which inputs that took besides those that were read for it before.
    fn noting(&self, before: Inputs, lowered: &mut Lowered, lower: impl FnOnce(&mut Lowered)) {
        let first = lowered.declarations.len();
        let ((), read) = self.reading.of(|| lower(lowered));
        let inputs = self.reading.names(before | read);
        lowered.declarations[first..].iter_mut().for_each(|declaration| declaration.inputs = Some(Arc::clone(&inputs)));
    }

    fn lower_resource(&self, instance: &Rc<Instance>, resource: &Resource, lowered: &mut Lowered) {
        if self.is_full.get() {
            return;
        }
        let expansion = match self.resource_expansion(instance, resource) {
            Ok(expansion) => expansion,
            Err(failure) => return self.report(failure.to_diagnostic()),
        };
        let provider = self.provider(instance, resource);
        let asked = self.asked_of(resource);
        for ((_, repetition), address) in expansion.instances.iter().zip(&expansion.addresses) {
            if self.is_filled(lowered, &resource.object) {
                return;
            }
            if resource.mode == Mode::Managed {
                lowered.resources += 1;
            }
            let address = Address(Arc::clone(address));
            let attributes = self.resource_attributes(instance, (resource, &asked), &address, repetition);
            lowered.declarations.push(self.declare(
                instance,
                &resource.object,
                (resource.mode, &resource.type_name),
                address,
                &expansion,
                attributes,
                &provider,
            ));
        }
    }

    /// Whether there are as many declarations as a project may have, and says so.
    fn is_filled(&self, lowered: &Lowered, object: &Object) -> bool {
        let most = self.limits.count(Limit::Declarations);
        if lowered.declarations.len() < most {
            return false;
        }
        // One word for all that are left out.
        if !self.is_full.replace(true) {
            let most = counted(most, "instance");
            let message = format!("a project's resources are looked at up to {most}: from here on, they are left out");
            let met = Diagnostic::error("limit-reached", object.header(), message);
            self.report(met.with_help(Limit::Declarations.help()));
        }
        true
    }

    /// What is asked for of each of a resource's instances.
    fn asked_of<'r>(&self, resource: &'r Resource) -> Asked<'r> {
        // What nobody asks for is not evaluated. Of a type whose arguments are checked, every one is.
        let takes_all = resource.mode != Mode::Managed || self.fidelity == Fidelity::Plan || schema::describes(&resource.type_name);
        let wanted = if takes_all { None } else { self.context.demand.attributes_of(&resource.type_name) };
        let is_wanted = |name: &Arc<str>| wanted.is_none_or(|wanted| wanted.contains(name));
        let object = &resource.object;
        let mut attributes = object.named_attributes();
        attributes.retain(|(name, ..)| !body::is_meta_argument(name) && is_wanted(name));
        let mut blocks = object.named_blocks();
        blocks.retain(|(name, _)| !body::is_meta_block(name) && is_wanted(name));
        if let [(only, _)] = blocks.as_slice() {
            if attributes.iter().any(|(given, ..)| given == only) {
                blocks.clear();
            }
        } else if !blocks.is_empty() {
            let given: IndexSet<&Arc<str>> = attributes.iter().map(|(given, ..)| given).collect();
            blocks.retain(|(name, _)| !given.contains(name));
        }
        Asked { attributes, blocks }
    }

    /// The attributes and blocks of a resource instance that are asked for.
    fn resource_attributes(
        &self,
        instance: &Rc<Instance>,
        (resource, asked): (&Resource, &Asked<'_>),
        address: &Address,
        repetition: &Repetition,
    ) -> IndexMap<Arc<str>, Attribute> {
        let mut attributes = IndexMap::default();
        attributes.reserve(asked.attributes.len() + asked.blocks.len());
        let of = self.attributes.borrow_mut().id(&address.0);
        for (name, file, attribute) in &asked.attributes {
            let value = self.attribute_once((address, of), name, || {
                let scope = Scope::of(instance, *file).repeated(repetition);
                self.settle(self.eval(&attribute.value, &scope))
            });
            attributes.insert(Arc::clone(name), Attribute { name_span: attribute.name.range.at(*file), value });
        }
        for (name, blocks) in &asked.blocks {
            let Some((file, first)) = blocks.first() else { continue };
            let name_span = first.header.at(*file);
            let value = self.attribute_once((address, of), name, || body::blocks(self, blocks, instance, repetition, None));
            attributes.insert(Arc::clone(name), Attribute { name_span, value });
        }
        if resource.mode == Mode::Managed && self.context.demand.names(ALL_TAGS) {
            self.complete_tags(instance, resource, &mut attributes);
        }
        if resource.mode == Mode::Managed {
            schema::check(self, resource, &attributes);
            if self.fidelity == Fidelity::Plan {
                schema::complete(&resource.type_name, &mut attributes);
            }
        } else {
            crate::terraform::data::complete(self, resource, address, &mut attributes);
        }
        attributes
    }

    /// A resource's own tags over its provider's default tags, where the provider has some.
    fn complete_tags(&self, instance: &Rc<Instance>, resource: &Resource, attributes: &mut IndexMap<Arc<str>, Attribute>) {
        let defaults = self.default_tags(instance, resource);
        if defaults.as_ref().is_some_and(Entries::is_empty) {
            return;
        }
        let own = attributes.get("tags").cloned();
        let written = own.as_ref().map(|own| &own.value).filter(|value| !value.is_null());
        let all = match (defaults, written) {
            (Some(defaults), None) => Value::object(defaults),
            (Some(mut all), Some(written)) if written.as_entries().is_some() => {
                all.extend(written.as_entries().into_iter().flatten().map(|(name, value)| (Arc::clone(name), value.clone())));
                Value::object(all).with_origin(written.origin.clone())
            }
            // Which tags there are is not known.
            (_, written) => {
                let causes = written.map(Value::causes).filter(|causes| !causes.is_empty()).unwrap_or_else(|| {
                    vec![Cause::new(CauseKind::Computed, "the provider's default tags", Some(resource.object.header()))]
                });
                Unknown::new(Type::Dynamic, causes).not_null().into()
            }
        };
        let name_span = own.map_or_else(|| resource.object.header(), |own| own.name_span);
        attributes.insert(Arc::from(ALL_TAGS), Attribute { name_span, value: all });
    }

    /// An attribute that a reference may have evaluated before.
    pub fn attribute_once(&self, (address, at): (&Address, AddressId), name: &Arc<str>, compute: impl FnOnce() -> Value) -> Value {
        let (place, before) = self.attributes.borrow_mut().begin(at, name);
        if let Some(Slot::Done(value, read)) = &before
            && !value.as_unknown().and_then(|unknown| unknown.refers_to.as_deref()).is_some_and(
                |reference| matches!(reference, Reference::Attribute { address: of, attribute, .. } if of == address && attribute == name),
            )
        {
            self.reading.add(*read);
            let value = value.clone();
            before.into_iter().for_each(|before| self.attributes.borrow_mut().end(place, at, name, before));
            return value;
        }
        let (value, read) = self.reading.of(compute);
        let mut attributes = self.attributes.borrow_mut();
        match before {
            Some(before) => attributes.end(place, at, name, before),
            None if value.is_null() => attributes.remove(at, name),
            None => attributes.end(place, at, name, Slot::Done(value.clone(), read)),
        }
        value
    }

    #[expect(clippy::too_many_arguments, reason = "a declaration has this many parts, and each caller has them at hand")]
    fn declare(
        &self,
        instance: &Rc<Instance>,
        object: &Object,
        (mode, type_name): (Mode, &Arc<str>),
        address: Address,
        expansion: &Expansion,
        attributes: IndexMap<Arc<str>, Attribute>,
        provider: &Provider,
    ) -> Declaration {
        let exists = instance.exists.and(expansion.exists);
        let mut exists_causes: Vec<Cause> = Vec::new();
        if exists == Truth::Unknown {
            exists_causes.extend(instance.exists_causes.iter().chain(&expansion.causes).cloned());
            exists_causes.sort();
            exists_causes.dedup();
        }
        // Since provider 6, a resource may name its own Region.
        let own_region = attributes.get("region").map(|attribute| attribute.value.clone()).filter(|value| !value.is_null());
        Declaration {
            project: self.project,
            address,
            mode,
            type_name: Arc::clone(type_name),
            exists,
            exists_causes,
            span: object.header(),
            body: object.body(),
            calls: instance.calls.clone(),
            attributes,
            unlisted: Vec::new(),
            region: own_region.unwrap_or_else(|| provider.region.clone()),
            account: provider.account.clone(),
            provider: Arc::clone(&provider.key),
            alias: None,
            inputs: None,
        }
    }

    /// A call of a module: one that could not be read, of which the arguments are all that is known, or one that rules ask about.
    fn lower_call(
        &self,
        instance: &Rc<Instance>,
        name: &Arc<str>,
        call: &Object,
        (expansion, cause): (&Expansion, &Cause),
        mode: Mode,
        lowered: &mut Lowered,
    ) {
        let place = Value::from(Unknown::new(Type::String, vec![cause.clone()]));
        let provider = Provider { region: place.clone(), account: place, key: instance.address("aws") };
        let base = instance.address_of("module", name);
        let is_asked = |argument: &Arc<str>| {
            let is_wanted = if mode == Mode::Module { &**argument == "version" } else { matches!(&**argument, "source" | "version") };
            is_wanted || (mode == Mode::Module && !META_ARGUMENTS.contains(&&**argument))
        };
        let asked: Vec<Arc<str>> = call.attribute_names().into_iter().filter(is_asked).collect();
        for (key, repetition) in &expansion.instances {
            if self.is_filled(lowered, call) {
                return;
            }
            let mut attributes = IndexMap::default();
            for argument in &asked {
                let Some((file, attribute)) = call.attribute(argument) else { continue };
                let scope = Scope::of(instance, file).repeated(repetition);
                let value = self.settle(self.eval(&attribute.value, &scope));
                attributes.insert(Arc::clone(argument), Attribute { name_span: attribute.name.range.at(file), value });
            }
            let address = Address::from(format!("{base}{}", key.suffix()));
            lowered.declarations.push(self.declare(instance, call, (mode, &cause.name), address, expansion, attributes, &provider));
        }
    }

    /// What the root module offers to others through its state.
    fn lower_outputs(&self, root: &Rc<Instance>, state: Option<Arc<str>>, lowered: &mut Lowered) {
        let Some(state) = state.or_else(|| self.state(root)) else { return };
        for (name, object) in &root.module.outputs {
            let value = self.settle(self.output(root, name, object.header()));
            lowered.exports.push(Export {
                project: self.project,
                name: Value::string(Arc::clone(name)),
                state: Some(Arc::clone(&state)),
                value,
                span: object.header(),
            });
        }
    }
}
