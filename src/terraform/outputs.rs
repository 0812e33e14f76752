//! Module calls as values: the outputs of one instance, or of all.

use crate::source::{FileId, Span};
use crate::syntax::hcl::{Ident, Operation};
use crate::terraform::engine::Engine;
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Children, Expansion, Instance, InstanceKey, Shape};
use crate::terraform::rekey::Picked;
use crate::terraform::scope::Scope;
use crate::value::{Address, Entries, Hop, Marks, Reference, Step, Truth, Type, Unknown, Value};
use std::rc::Rc;
use std::sync::Arc;

impl Engine<'_> {
    /// `module.name` and what follows it.
    pub fn module_reference(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = Self::named(root, operations, scope)?;
        let at = name.range.at(scope.file);
        let children = self.children(scope.instance, &name.name, at)?;
        let base = scope.instance.address_of("module", &name.name);
        let (expansion, present) = match &*children {
            Children::Present(expansion, instances) => (expansion, Some(instances)),
            Children::Missing(expansion, _) => (expansion, None),
        };
        // An index that picks one instance leaves the others unevaluated.
        let mut own = None;
        let picked = match (expansion.shape, rest.split_first()) {
            (Shape::Single, _) => Some((0, rest)),
            (_, Some((operation @ (Operation::Index(_) | Operation::LegacyIndex(..)), after))) => {
                let key = match operation {
                    Operation::Index(key) => self.eval(key, scope)?,
                    Operation::LegacyIndex(index, _) => Value::int(i64::try_from(*index).unwrap_or(i64::MAX)),
                    _ => Value::null(),
                };
                pick(expansion, &key).map(|at| {
                    if expansion.exists == Truth::Unknown {
                        own = Some(InstanceKey::picked(&key).suffix());
                    }
                    (at, after)
                })
            }
            _ => None,
        };
        let (value, rest) = match picked {
            Some((index, rest)) => {
                let suffix = expansion.instances.get(index).map(|(key, _)| key.suffix()).unwrap_or_default();
                let (value, rest) = match rest.split_first() {
                    Some((Operation::Attribute(output), after)) => (
                        self.module_output(present.map(|all| &all[index]), &children, &[&*base, &suffix].concat(), output, scope.file)?,
                        after,
                    ),
                    _ => (self.module_object(present.map(|all| &all[index]), &children, &[&*base, &suffix].concat(), scope.file), rest),
                };
                match own.filter(|own| *own != suffix) {
                    Some(own) => {
                        let (standing, own) = (format!("{base}{suffix}"), format!("{base}{own}"));
                        let picked = Picked { standing: &standing, own: &own, span: at, causes: &expansion.causes };
                        (self.of_instance(&value, &picked), rest)
                    }
                    None => (value, rest),
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
            Some(output) => [&base, ".", output].concat().into(),
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
        if let Some(value) = self.recall(instance, |cache| &cache.outputs, name) {
            return Ok(value);
        }
        let module = Arc::clone(&instance.module);
        let Some(object) = module.outputs.get(name) else {
            let help = self.nearest(name, module.outputs.keys().map(|known| &**known)).map(|known| format!("did you mean `{known}`?"));
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
        InstanceKey::None | InstanceKey::Any | InstanceKey::Some => false,
    })
}

/// The name of the output that a reference to a module names, for its history.
fn rest_name(operations: &[Operation]) -> Option<&str> {
    operations[1..].iter().find_map(|operation| match operation {
        Operation::Attribute(name) => Some(&*name.name),
        _ => None,
    })
}
