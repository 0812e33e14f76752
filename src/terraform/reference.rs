//! What a reference means: variables, locals, modules, resources, and the words that HCL's host adds.

use crate::source::{FileId, Span};
use crate::suggest::nearest;
use crate::syntax::hcl::{Ident, Operation};
use crate::terraform::config::Resource;
use crate::terraform::engine::{Engine, Fidelity, Handle};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Cache, Children, Expansion, Instance, InstanceKey, Repetition, Shape, Slot};
use crate::terraform::scope::Scope;
use crate::terraform::{body, data};
use crate::value::{Address, Cause, CauseKind, Entries, Hop, Marks, Mode, Reference, Step, Truth, Type, Unknown, Value, ValueKind};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

impl Engine<'_> {
    /// A root name and what follows it.
    pub fn traversal(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        if let Some(value) = scope.bound(&root.name) {
            return self.operations(value.clone(), operations, root.range.start, scope);
        }
        let root_span = root.range.at(scope.file);
        if scope.only_names {
            return Err(Failure::new(root_span, format!("invalid reference: vars map does not contain key `{}`", root.name)));
        }
        match &*root.name {
            "var" => {
                let (name, rest) = self.named(root, operations, scope)?;
                let value = self.variable(scope.instance, &name.name, name.range.at(scope.file))?;
                let value = self.operations(value, rest, root.range.start, scope)?;
                let address = scope.instance.address(&format!("var.{}", name.name));
                Ok(value.through(|before| Hop { step: Step::Variable(address), span, before }))
            }
            "local" => {
                let (name, rest) = self.named(root, operations, scope)?;
                let value = self.local(scope.instance, &name.name, name.range.at(scope.file))?;
                let value = self.operations(value, rest, root.range.start, scope)?;
                let address = scope.instance.address(&format!("local.{}", name.name));
                Ok(value.through(|before| Hop { step: Step::Local(address), span, before }))
            }
            "module" => self.module_reference(root, operations, span, scope),
            "each" => self.each(root, operations, span, scope),
            "count" => match (scope.repetition, operations.split_first()) {
                (Repetition::Count(index), Some((Operation::Attribute(name), rest))) if &*name.name == "index" => {
                    self.operations(index.clone(), rest, root.range.start, scope)
                }
                _ => Err(Failure::new(
                    span,
                    "reference to `count` in non-counted context: the `count` object can only be used where `count` is set, and has only the attribute `index`",
                )),
            },
            "path" => self.path(root, operations, scope),
            "terraform" => self.terraform_word(root, operations, span, scope),
            "self" => match scope.own {
                Some(own) => self.operations(own.clone(), operations, root.range.start, scope),
                None => Err(Failure::new(root_span, "invalid `self` reference: the `self` object is not available in this context")),
            },
            "data" => {
                let (kind, rest) = self.named(root, operations, scope)?;
                let (name, rest) = self.named(root, rest, scope)?;
                self.resource_reference(Mode::Data, &kind.name, name, rest, span, scope)
            }
            "resource" => {
                let (kind, rest) = self.named(root, operations, scope)?;
                let (name, rest) = self.named(root, rest, scope)?;
                self.resource_reference(Mode::Managed, &kind.name, name, rest, span, scope)
            }
            "ephemeral" => {
                let cause = Cause::new(CauseKind::Impure, "an ephemeral resource", Some(span));
                Ok(Value::from(Unknown::new(Type::Dynamic, vec![cause])).with_marks(Marks::EPHEMERAL))
            }
            kind => {
                let Some((Operation::Attribute(name), rest)) = operations.split_first() else {
                    return Err(Failure::new(
                        root_span,
                        format!(
                            "invalid reference: a reference to a resource type must be followed by at least one attribute access, specifying the resource name (there is no `{kind}` here)"
                        ),
                    ));
                };
                self.resource_reference(Mode::Managed, kind, name, rest, span, scope)
            }
        }
    }

    /// The name that must follow a root such as `var`.
    fn named<'o>(&self, root: &Ident, operations: &'o [Operation], scope: &Scope<'_>) -> Result<(&'o Ident, &'o [Operation]), Failure> {
        match operations.split_first() {
            Some((Operation::Attribute(name), rest)) => Ok((name, rest)),
            _ => Err(Failure::new(
                root.range.at(scope.file),
                format!("invalid reference: the `{}` object cannot be accessed directly, access one of its attributes instead", root.name),
            )),
        }
    }

    fn each(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = self.named(root, operations, scope)?;
        match (scope.repetition, &*name.name) {
            (Repetition::Each(key, _), "key") => self.operations(key.clone(), rest, root.range.start, scope),
            (Repetition::Each(_, value), "value") => self.operations(value.clone(), rest, root.range.start, scope),
            (Repetition::Each(..), other) => {
                Err(Failure::new(span, format!("invalid `each` attribute: the `each` object does not have an attribute named `{other}`")))
            }
            _ => Err(Failure::new(
                span,
                "reference to `each` in context without for_each: the `each` object can be used only where `for_each` is set",
            )),
        }
    }

    fn path(&self, root: &Ident, operations: &[Operation], scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = self.named(root, operations, scope)?;
        let span = name.range.at(scope.file);
        let text = match &*name.name {
            "module" => self.relative(&scope.instance.module.dir),
            "root" => ".".to_owned(),
            "cwd" => match self.working_directory() {
                Some(text) => text,
                None => {
                    let cause = Cause::new(CauseKind::Environment, "path.cwd", Some(span));
                    return Ok(Unknown::input(self.project, Type::String, cause).not_null().into());
                }
            },
            other => {
                return Err(Failure::new(
                    span,
                    format!("invalid `path` attribute: the `path` object does not have an attribute named `{other}`"),
                ));
            }
        };
        self.operations(Value::string(text), rest, root.range.start, scope)
    }

    /// A directory relative to the root module's, as `path.module` gives it.
    pub fn relative(&self, dir: &std::path::Path) -> String {
        let from: Vec<_> = self.root.components().collect();
        let to: Vec<_> = dir.components().collect();
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let mut parts: Vec<String> = vec!["..".to_owned(); from.len() - shared];
        parts.extend(to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned()));
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }

    /// The absolute path of the root module's directory, where it is known.
    pub fn working_directory(&self) -> Option<String> {
        (self.fidelity == Fidelity::Plan && self.root.is_absolute()).then(|| self.root.to_string_lossy().into_owned())
    }

    fn terraform_word(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = self.named(root, operations, scope)?;
        match &*name.name {
            "workspace" => {
                let value = match (self.context.inputs.assignments.get("terraform.workspace"), &self.context.inputs.workspace) {
                    (Some(value), _) => value.clone(),
                    (None, Some(workspace)) => Value::string(workspace.as_str()),
                    (None, None) => {
                        let cause = Cause::new(CauseKind::Environment, "terraform.workspace", Some(span));
                        Unknown::input(self.project, Type::String, cause).not_null().into()
                    }
                };
                self.operations(value, rest, root.range.start, scope)
            }
            "applying" => {
                Ok(Value::from(Unknown::new(Type::Bool, vec![Cause::new(CauseKind::Environment, "terraform.applying", Some(span))]))
                    .with_marks(Marks::EPHEMERAL))
            }
            other => Err(Failure::new(
                name.range.at(scope.file),
                format!("invalid `terraform` attribute: the `terraform` object does not have an attribute named `{other}`"),
            )),
        }
    }

    /// A value of an instance's cache, computed the first time; asked for again meanwhile, it is a cycle.
    pub fn remember<K: Ord + Clone, T: Clone>(
        &self,
        instance: &Instance,
        map: impl Fn(&mut Cache) -> &mut BTreeMap<K, Slot<T>>,
        key: &K,
        cycle: impl FnOnce() -> Failure,
        compute: impl FnOnce() -> T,
    ) -> Result<T, Failure> {
        match map(&mut instance.cache.borrow_mut()).get(key) {
            Some(Slot::Done(value)) => return Ok(value.clone()),
            Some(Slot::Busy) => return Err(cycle()),
            None => {}
        }
        map(&mut instance.cache.borrow_mut()).insert(key.clone(), Slot::Busy);
        let value = compute();
        map(&mut instance.cache.borrow_mut()).insert(key.clone(), Slot::Done(value.clone()));
        Ok(value)
    }

    /// A local value.
    pub fn local(&self, instance: &Rc<Instance>, name: &Arc<str>, span: Span) -> Evaluated {
        let Some(local) = instance.module.locals.get(name) else {
            let known = nearest(name, instance.module.locals.keys().map(|known| &**known));
            let help = known.map(|known| format!("did you mean `local.{known}`?"));
            return Err(Failure::new(
                span,
                format!("reference to undeclared local value: a local value with the name `{name}` has not been declared"),
            )
            .with_help(help));
        };
        let (file, attribute) = local.attribute();
        self.remember(
            instance,
            |cache| &mut cache.locals,
            name,
            || Failure::new(attribute.name.range.at(file), format!("cycle: `local.{name}` refers to itself")),
            || self.settle(self.eval(&attribute.value, &Scope::of(instance, file))),
        )
    }

    /// The resource's instances as one value.
    fn resource_reference(&self, mode: Mode, kind: &str, name: &Ident, rest: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let prefix = if mode == Mode::Data { "data." } else { "" };
        let local = format!("{prefix}{kind}.{}", name.name);
        let module = Rc::clone(&scope.instance.module);
        let Some(resource) = module.resources.get(&local) else {
            if mode == Mode::Data
                && let Some(value) = self.scoped_data(kind, &name.name, span, scope)
            {
                return self.operations(value, rest, span.range.start, scope);
            }
            let known = nearest(&local, module.resources.keys().map(String::as_str));
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
        self.operations(value, rest, span.range.start, scope).map_err(|failure| if none { failure.as_undeclared() } else { failure })
    }

    /// A data source declared inside a `check` block.
    fn scoped_data(&self, kind: &str, name: &str, span: Span, scope: &Scope<'_>) -> Option<Value> {
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
        let local = resource.local_address();
        let header = resource.object.header();
        self.remember(
            instance,
            |cache| &mut cache.expansions,
            &local,
            || Failure::new(header, format!("cycle: the number of instances of `{}` depends on itself", instance.address(&local))),
            || {
                let expansion = Rc::new(self.expand(instance, &resource.object, &local));
                self.register(instance, &local, &expansion);
                expansion
            },
        )
    }

    fn register(&self, instance: &Rc<Instance>, local: &str, expansion: &Expansion) {
        let shared: Rc<str> = Rc::from(local);
        let base = instance.address(local);
        for (key, repetition) in &expansion.instances {
            let handle = Handle { instance: Rc::clone(instance), local: Rc::clone(&shared), repetition: repetition.clone() };
            self.handles.borrow_mut().insert(format!("{base}{}", key.suffix()).into(), handle);
        }
    }

    /// The value of a resource: one instance, or a collection of them.
    pub fn resource_value(&self, instance: &Rc<Instance>, resource: &Resource, expansion: &Expansion) -> Value {
        let base = instance.address(&resource.local_address());
        let whole = |key: &InstanceKey| {
            let address = Address::from(format!("{base}{}", key.suffix()));
            Arc::new(Reference::Attribute { project: self.project, address, attribute: Arc::from("") })
        };
        if expansion.exists == Truth::Unknown {
            let reference = expansion.instances.first().map(|(key, _)| whole(key));
            let mut unknown = Unknown::new(Type::Dynamic, expansion.causes.clone());
            unknown.refers_to = reference;
            unknown.not_null = true;
            return unknown.into();
        }
        // Terraform's own resource type has a schema that is known here, so it need not stay closed.
        let is_open = self.fidelity == Fidelity::Plan && &*resource.type_name == "terraform_data";
        let one = |key: &InstanceKey| if is_open { self.resource_object(&whole(key)) } else { ValueKind::Resource(whole(key)).into() };
        match expansion.shape {
            Shape::Single => one(&InstanceKey::None),
            Shape::Count => Value::tuple(expansion.instances.iter().map(|(key, _)| one(key)).collect()),
            Shape::ForEach => {
                let entries = expansion.instances.iter().filter_map(|(key, _)| match key {
                    InstanceKey::Key(name) => Some((Arc::clone(name), one(key))),
                    _ => None,
                });
                Value::object(entries.collect())
            }
        }
    }

    /// The instance that stands for any, if the value is a resource whose instances are not known.
    pub fn unsettled_resource(&self, value: &Value) -> Option<Arc<Reference>> {
        let reference = value.as_unknown()?.refers_to.as_ref()?;
        matches!(&**reference, Reference::Attribute { attribute, .. } if attribute.is_empty()).then(|| Arc::clone(reference))
    }

    /// One instance by its key, of a resource of which it is not known which keys it has: two keys are two instances.
    pub fn instance_of_unsettled(&self, resource: &Arc<Reference>, key: &Value) -> Arc<Reference> {
        let Reference::Attribute { project, address, attribute } = &**resource else { return Arc::clone(resource) };
        let (Some(base), ValueKind::String(name)) = (address.0.strip_suffix(&InstanceKey::Any.suffix()), &key.kind) else {
            return Arc::clone(resource);
        };
        let own: Arc<str> = format!("{base}{}", InstanceKey::Key(Arc::clone(name)).suffix()).into();
        let any = self.handles.borrow().get(&address.0).cloned();
        if let Some(mut handle) = any {
            if let Repetition::Each(_, value) = &handle.repetition {
                handle.repetition = Repetition::Each(key.clone(), value.clone());
            }
            self.handles.borrow_mut().entry(Arc::clone(&own)).or_insert(handle);
        }
        Arc::new(Reference::Attribute { project: *project, address: Address(own), attribute: Arc::clone(attribute) })
    }

    /// A whole resource as an unknown object, for operations that cannot look inside.
    pub fn opaque(&self, value: &Value) -> Value {
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
        let key = (Arc::clone(&address.0), Arc::clone(name));
        let known = self.attributes.borrow().get(&key).cloned();
        let value = match known {
            Some(Slot::Done(value)) => value,
            Some(Slot::Busy) => return Err(Failure::new(span, format!("cycle: `{reference}` refers to itself"))),
            None => {
                let handle = self.handles.borrow().get(&address.0).cloned();
                let Some(handle) = handle else { return Err(Failure::new(span, format!("there is no resource instance `{address}`"))) };
                self.attributes.borrow_mut().insert(key.clone(), Slot::Busy);
                let value = self.deeper(|| span, || Ok(self.compute_attribute(&handle, &reference, name, span)));
                let value = self.settle(value);
                self.attributes.borrow_mut().insert(key, Slot::Done(value.clone()));
                value
            }
        };
        Ok(value.with_marks(marks).through(|before| Hop { step: Step::Attribute(reference), span, before }))
    }

    fn compute_attribute(&self, handle: &Handle, reference: &Arc<Reference>, name: &Arc<str>, span: Span) -> Value {
        let module = Rc::clone(&handle.instance.module);
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
        let is_text = matches!(name, "id" | "arn");
        let mut unknown = Unknown::attribute(Arc::clone(reference), if is_text { Type::String } else { Type::Dynamic }, cause);
        unknown.not_null = is_text;
        unknown.into()
    }

    fn module_reference(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = self.named(root, operations, scope)?;
        let at = name.range.at(scope.file);
        let children = self.children(scope.instance, &name.name, at)?;
        let base = scope.instance.address(&format!("module.{}", name.name));
        let (expansion, present) = match &*children {
            Children::Present(expansion, instances) => (expansion, Some(instances)),
            Children::Missing(expansion, _) => (expansion, None),
        };
        // An index that picks one instance leaves the others unevaluated.
        let picked = match (expansion.shape, rest.split_first()) {
            (Shape::Single, _) => Some((0, rest)),
            (_, Some((operation @ (Operation::Index(_) | Operation::LegacyIndex(..)), after))) => {
                let key = match operation {
                    Operation::Index(key) => self.eval(key, scope)?,
                    Operation::LegacyIndex(index, _) => Value::int(i64::try_from(*index).unwrap_or(i64::MAX)),
                    _ => Value::null(),
                };
                pick(expansion, &key).map(|at| (at, after))
            }
            _ => None,
        };
        let (value, rest) = match picked {
            Some((index, rest)) => {
                let suffix = expansion.instances.get(index).map(|(key, _)| key.suffix()).unwrap_or_default();
                match rest.split_first() {
                    Some((Operation::Attribute(output), after)) => (
                        self.module_output(present.map(|all| &all[index]), &children, &format!("{base}{suffix}"), output, scope.file)?,
                        after,
                    ),
                    _ => (self.module_object(present.map(|all| &all[index]), &children, &format!("{base}{suffix}"), scope.file), rest),
                }
            }
            None if expansion.exists == Truth::Unknown => (Unknown::new(Type::Dynamic, expansion.causes.clone()).not_null().into(), rest),
            None => {
                let whole = |index: usize, key: &InstanceKey| {
                    self.module_object(present.map(|all| &all[index]), &children, &format!("{base}{}", key.suffix()), scope.file)
                };
                let all = expansion.instances.iter().enumerate().map(|(index, (key, _))| (key, whole(index, key)));
                let value = if expansion.shape == Shape::Count {
                    Value::tuple(all.map(|(_, value)| value).collect())
                } else {
                    Value::object(
                        all.filter_map(
                            |(key, value)| if let InstanceKey::Key(name) = key { Some((Arc::clone(name), value)) } else { None },
                        )
                        .collect(),
                    )
                };
                (value, rest)
            }
        };
        let value = self.operations(value, rest, root.range.start, scope)?;
        let label: Arc<str> = match rest_name(operations) {
            Some(output) => format!("{base}.{output}").into(),
            None => base,
        };
        Ok(value.through(|before| Hop { step: Step::Output(label), span, before }))
    }

    fn module_object(&self, instance: Option<&Rc<Instance>>, children: &Children, address: &str, file: FileId) -> Value {
        let Some(child) = instance else {
            return self.missing_output(children, address, "");
        };
        let mut entries = Entries::new();
        for name in child.module.outputs.keys() {
            let ident = Ident { name: Arc::clone(name), range: crate::source::TextRange::default() };
            entries.insert(Arc::clone(name), self.settle(self.module_output(Some(child), children, address, &ident, file)));
        }
        Value::object(entries)
    }

    fn missing_output(&self, children: &Children, address: &str, output: &str) -> Value {
        let Children::Missing(_, cause) = children else { return Value::null() };
        let mut unknown = Unknown::new(Type::Dynamic, vec![cause.clone()]);
        unknown.refers_to =
            Some(Arc::new(Reference::ModuleOutput { project: self.project, module: Address::from(address), output: output.into() }));
        unknown.into()
    }

    fn module_output(
        &self,
        instance: Option<&Rc<Instance>>,
        children: &Children,
        address: &str,
        output: &Ident,
        file: FileId,
    ) -> Evaluated {
        let Some(child) = instance else {
            return Ok(self.missing_output(children, address, &output.name));
        };
        self.output(child, &output.name, output.range.at(file))
    }

    /// A module's output.
    pub fn output(&self, instance: &Rc<Instance>, name: &Arc<str>, span: Span) -> Evaluated {
        let module = Rc::clone(&instance.module);
        let Some(object) = module.outputs.get(name) else {
            let help = nearest(name, module.outputs.keys().map(|known| &**known)).map(|known| format!("did you mean `{known}`?"));
            return Err(
                Failure::new(span, format!("unsupported attribute: this object does not have an attribute named `{name}`")).with_help(help)
            );
        };
        self.remember(
            instance,
            |cache| &mut cache.outputs,
            name,
            || Failure::new(object.header(), format!("cycle: output `{name}` refers to itself")),
            || {
                let Some((file, attribute)) = object.attribute("value") else { return Value::null() };
                let value = self.settle(self.eval(&attribute.value, &Scope::of(instance, file)));
                let is_sensitive = object.attribute("sensitive").is_some_and(|(file, attribute)| {
                    self.settle(self.eval(&attribute.value, &Scope::of(instance, file))).as_bool() == Some(true)
                });
                if is_sensitive { value.with_marks(Marks::SENSITIVE) } else { value }
            },
        )
    }
}

/// The index of the instance that a key picks. In a set of instances that is not known, every key picks the one that stands for any.
fn pick(expansion: &Expansion, key: &Value) -> Option<usize> {
    if expansion.exists == Truth::Unknown {
        return (!expansion.instances.is_empty()).then_some(0);
    }
    expansion.instances.iter().position(|(instance, _)| match instance {
        InstanceKey::Index(index) => {
            key.as_number().and_then(crate::value::Number::to_i64).is_some_and(|at| u64::try_from(at) == Ok(*index))
        }
        InstanceKey::Key(name) => key.as_str() == Some(name),
        InstanceKey::None | InstanceKey::Any => false,
    })
}

/// The name of the output that a reference to a module names, for its history.
fn rest_name(operations: &[Operation]) -> Option<&str> {
    operations[1..].iter().find_map(|operation| match operation {
        Operation::Attribute(name) => Some(&*name.name),
        _ => None,
    })
}
