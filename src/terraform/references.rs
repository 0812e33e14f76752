//! What Terraform checks before it evaluates: that every object that is named exists, also in branches that are never taken.
//! (A function that does not exist fails only where it is called.)

use crate::syntax::hcl::{Expr, ExprKind, Operation, TemplatePart};
use crate::terraform::config::local_address;
use crate::terraform::failure::Failure;
use crate::terraform::scope::Scope;
use crate::value::Mode;
use std::sync::Arc;

/// Checks an expression's references.
pub fn check(expr: &Expr, scope: &Scope<'_>) -> Result<(), Failure> {
    let mut checker = Checker { scope, bound: Vec::new(), depth: 0 };
    checker.expr(expr)
}

struct Checker<'c> {
    scope: &'c Scope<'c>,
    bound: Vec<Arc<str>>,
    depth: usize,
}

/// How deep expressions are checked; deeper ones fail to evaluate anyway.
const MAX_DEPTH: usize = 400;

impl Checker<'_> {
    fn expr(&mut self, expr: &Expr) -> Result<(), Failure> {
        if self.depth >= MAX_DEPTH {
            return Ok(());
        }
        self.depth += 1;
        let result = self.kind(expr);
        self.depth -= 1;
        result
    }

    fn all<'x>(&mut self, exprs: impl IntoIterator<Item = &'x Expr>) -> Result<(), Failure> {
        exprs.into_iter().try_for_each(|expr| self.expr(expr))
    }

    fn kind(&mut self, expr: &Expr) -> Result<(), Failure> {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Invalid => Ok(()),
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) | ExprKind::Unary(_, inner) => self.expr(inner),
            ExprKind::Traversal { root, operations } => {
                if !self.bound.contains(&root.name) {
                    self.reference(&root.name, operations, expr)?;
                }
                self.operations(operations)
            }
            ExprKind::Relative { source, operations } => {
                self.expr(source)?;
                self.operations(operations)
            }
            // Its second argument is a type, whose words are no references.
            ExprKind::Call { name, arguments, .. } if name.name.strip_prefix("core::").unwrap_or(&name.name) == "convert" => {
                self.all(arguments.first())
            }
            ExprKind::Call { arguments, .. } => self.all(arguments),
            ExprKind::Binary(_, left, right) => {
                self.expr(left)?;
                self.expr(right)
            }
            ExprKind::Conditional(a, b, c) => self.all([&**a, &**b, &**c]),
            ExprKind::Tuple(items) => self.all(items),
            ExprKind::Object(items) => items.iter().try_for_each(|item| {
                self.expr(&item.key)?;
                self.expr(&item.value)
            }),
            ExprKind::For(of) => {
                self.expr(&of.collection)?;
                let before = self.bound.len();
                self.bound.extend(of.key_name.iter().chain([&of.value_name]).map(|name| Arc::clone(&name.name)));
                let result = self.all(of.key.iter().chain([&of.value]).chain(of.condition.iter()));
                self.bound.truncate(before);
                result
            }
        }
    }

    fn parts(&mut self, parts: &[TemplatePart]) -> Result<(), Failure> {
        for part in parts {
            match part {
                TemplatePart::Literal(..) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr)?,
                TemplatePart::If { condition, then, otherwise, .. } => {
                    self.expr(condition)?;
                    self.parts(then)?;
                    self.parts(otherwise)?;
                }
                TemplatePart::For { key_name, value_name, collection, body, .. } => {
                    self.expr(collection)?;
                    let before = self.bound.len();
                    self.bound.extend(key_name.iter().chain([value_name]).map(|name| Arc::clone(&name.name)));
                    self.parts(body)?;
                    self.bound.truncate(before);
                }
            }
        }
        Ok(())
    }

    fn operations(&mut self, operations: &[Operation]) -> Result<(), Failure> {
        for operation in operations {
            match operation {
                Operation::Index(key) => self.expr(key)?,
                Operation::Splat { each, .. } => self.operations(each)?,
                Operation::Attribute(_) | Operation::LegacyIndex(..) => {}
            }
        }
        Ok(())
    }

    /// Whether what a reference names is declared.
    fn reference(&self, root: &str, operations: &[Operation], expr: &Expr) -> Result<(), Failure> {
        let module = &self.scope.instance.module;
        let span = expr.range.at(self.scope.file);
        let name = |index: usize| match operations.get(index) {
            Some(Operation::Attribute(name)) => Some(&*name.name),
            _ => None,
        };
        let has = |mode: Mode, kind: &str, name: &str| module.resources.contains_key(&*local_address(mode, kind, name));
        let is_declared = match root {
            "var" => name(0).is_some_and(|name| module.variables.contains_key(name)),
            "local" => name(0).is_some_and(|name| module.locals.contains_key(name)),
            "module" => name(0).is_some_and(|name| module.calls.contains_key(name)),
            "path" => matches!(name(0), Some("module" | "root" | "cwd")),
            "terraform" => matches!(name(0), Some("workspace" | "applying")),
            "data" => name(0).zip(name(1)).is_some_and(|(kind, name)| has(Mode::Data, kind, name) || !module.checks.is_empty()),
            "resource" => name(0).zip(name(1)).is_some_and(|(kind, name)| has(Mode::Managed, kind, name)),
            "each" | "count" | "self" | "ephemeral" => true,
            kind => name(0).is_some_and(|name| has(Mode::Managed, kind, name)),
        };
        if is_declared {
            Ok(())
        } else {
            Err(Failure::new(
                span,
                format!("reference to undeclared object `{root}{}`", name(0).map(|name| format!(".{name}")).unwrap_or_default()),
            ))
        }
    }
}
