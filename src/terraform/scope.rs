//! What names mean where an expression stands: its module, its file, and the names that `for`, `dynamic`, `count` and `each` add.

use crate::source::{FileId, Span};
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Instance, Repetition};
use crate::value::Value;
use std::rc::Rc;

/// The scope of one expression.
#[derive(Clone, Copy)]
pub struct Scope<'s> {
    /// The module.
    pub instance: &'s Rc<Instance>,
    /// The file that the expression stands in.
    pub file: FileId,
    /// `count.index`, `each.key`, `each.value`.
    pub repetition: &'s Repetition,
    /// Names bound by `for` expressions, template directives and `dynamic` blocks, innermost first.
    pub names: Option<&'s Names<'s>>,
    /// The resource that `self` means, in pre- and postconditions.
    pub own: Option<&'s Value>,
    /// Set in a template of its own (`templatefile`): only bound names are visible, nothing of the module.
    pub only_names: bool,
    /// Functions that another host than Terraform adds.
    pub host: Option<&'s dyn FunctionHost>,
}

/// Functions that another host than Terraform adds: Terragrunt's.
pub trait FunctionHost {
    /// The result of a call, if this host has a function of the name.
    fn call(&self, name: &str, arguments: &[Value], span: Span) -> Option<Result<Value, Failure>>;
}

/// Bound names, as a list on the stack.
pub struct Names<'s> {
    /// The name.
    pub name: &'s str,
    /// What it is bound to.
    pub value: Value,
    /// Names bound further out.
    pub outer: Option<&'s Names<'s>>,
}

impl<'s> Scope<'s> {
    /// The scope of a module's own expressions, in a file.
    pub fn of(instance: &'s Rc<Instance>, file: FileId) -> Self {
        Self { instance, file, repetition: &Repetition::None, names: None, own: None, only_names: false, host: None }
    }

    /// The same with a repetition.
    #[must_use]
    pub fn repeated(self, repetition: &'s Repetition) -> Self {
        Self { repetition, ..self }
    }

    /// The same with more names.
    #[must_use]
    pub fn with<'t>(self, names: &'t Names<'t>) -> Scope<'t>
    where
        's: 't,
    {
        Scope { names: Some(names), ..self }
    }

    /// What a bound name means.
    pub fn bound(&self, name: &str) -> Option<&'s Value> {
        let mut names = self.names;
        while let Some(here) = names {
            if here.name == name {
                return Some(&here.value);
            }
            names = here.outer;
        }
        None
    }
}
