//! What a reference means: variables, locals, and the words that HCL's host adds; modules and resources have files of their own.

use crate::source::Span;
use crate::syntax::hcl::{Ident, Operation};
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Instance, Repetition};
use crate::terraform::narrow::Part;
use crate::terraform::scope::Scope;
use crate::value::{Cause, CauseKind, Hop, Marks, Mode, Step, Type, Unknown, Value};
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
                let (name, rest) = Self::named(root, operations, scope)?;
                let value = self.variable(scope.instance, &name.name, name.range.at(scope.file))?;
                let value = self.operations(value, rest, root.range.start, scope)?;
                let address = scope.instance.variable_address(&name.name);
                Ok(value.through(|before| Hop { step: Step::Variable(address), span, before }))
            }
            "local" => {
                let (name, rest) = Self::named(root, operations, scope)?;
                let (value, rest) = match self.part_of_local(&name.name, rest, scope)? {
                    Part::Value(value, keys) => (value, &rest[keys..]),
                    Part::Absent | Part::Whole => (self.local(scope.instance, &name.name, name.range.at(scope.file))?, rest),
                };
                let value = self.operations(value, rest, root.range.start, scope)?;
                let address = scope.instance.local_address(&name.name);
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
                let (kind, rest) = Self::named(root, operations, scope)?;
                let (name, rest) = Self::named(root, rest, scope)?;
                self.resource_reference(Mode::Data, &kind.name, name, rest, span, scope)
            }
            "resource" => {
                let (kind, rest) = Self::named(root, operations, scope)?;
                let (name, rest) = Self::named(root, rest, scope)?;
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
    pub fn named<'o>(root: &Ident, operations: &'o [Operation], scope: &Scope<'_>) -> Result<(&'o Ident, &'o [Operation]), Failure> {
        match operations.split_first() {
            Some((Operation::Attribute(name), rest)) => Ok((name, rest)),
            _ => Err(Failure::new(
                root.range.at(scope.file),
                format!("invalid reference: the `{}` object cannot be accessed directly, access one of its attributes instead", root.name),
            )),
        }
    }

    fn each(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = Self::named(root, operations, scope)?;
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
        let (name, rest) = Self::named(root, operations, scope)?;
        let span = name.range.at(scope.file);
        let text = match &*name.name {
            "module" => crate::source::label(&scope.instance.module.dir, &self.root),
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

    /// The absolute path of the root module's directory, where it is known.
    pub fn working_directory(&self) -> Option<String> {
        (self.fidelity == Fidelity::Plan && self.root.is_absolute()).then(|| self.root.to_string_lossy().into_owned())
    }

    fn terraform_word(&self, root: &Ident, operations: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let (name, rest) = Self::named(root, operations, scope)?;
        match &*name.name {
            "workspace" => {
                let value = match (self.reading.input("terraform.workspace"), self.context.inputs.workspace()) {
                    (Some(value), _) => value,
                    (None, Some(workspace)) => Value::string(workspace),
                    (None, None) => {
                        self.reading.lacks.set(true);
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

    /// A local value.
    pub fn local(&self, instance: &Rc<Instance>, name: &Arc<str>, span: Span) -> Evaluated {
        if let Some(value) = self.recall(instance, |cache| &cache.locals, name) {
            return Ok(value);
        }
        let Some(local) = instance.module.locals.get(name) else {
            let known = self.nearest(name, instance.module.locals.keys().map(|known| &**known));
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
}
