//! `Fn::Transform`: `AWS::Include` of a local file, and macros, whose result nobody but their owner knows.

use super::written;
use crate::cloudformation::expression::Expr;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::template::INCLUDE;
use crate::cloudformation::world::unknown;
use crate::diagnostic::Diagnostic;
use crate::limits::Limit;
use crate::source::Span;
use crate::value::{Cause, CauseKind, Type, Unknown, Value};
use std::sync::Arc;

impl<'t> Stack<'t> {
    /// A transform that stands for a whole value.
    pub(super) fn call_transform(&self, argument: Expr<'t>, span: Span) -> Option<Value> {
        match self.included(argument) {
            Ok(included) => self.evaluate(included),
            Err(causes) => Some(written(Unknown::new(Type::Dynamic, causes).into(), span)),
        }
    }

    /// The root of the file that a transform includes, or the reasons for which what it gives is not known.
    pub(in crate::cloudformation) fn included(&self, transform: Expr<'t>) -> Result<Expr<'t>, Vec<Cause>> {
        let span = transform.span();
        let name = transform.get("Name").and_then(Expr::text).map_or("a macro", |name| name.as_ref());
        if name != INCLUDE {
            return Err(vec![Cause::new(CauseKind::Macro, name, Some(span))]);
        }
        let Some(location) = transform.get("Parameters").and_then(|parameters| parameters.get("Location")) else {
            return Err(self.world.invalid(span, "`AWS::Include` needs the parameter `Location`").causes());
        };
        let text = self.known_text(location).map_err(|value| value.causes())?;
        if text.contains("://") {
            return Err(vec![Cause::new(CauseKind::External, Arc::clone(&text), Some(location.span()))]);
        }
        if !self.world.may_include(span) {
            return Err(vec![Cause::new(CauseKind::Limit, Limit::Includes.named(INCLUDE), Some(span))]);
        }
        let file = match self.world.read(&self.world.beside(location.file, &text)) {
            Ok(file) => file,
            Err(reason) => {
                let message = format!("the included file `{text}` {reason}");
                self.world.report(Diagnostic::warning("include-missing", location.span(), message));
                return Err(unknown(CauseKind::File, text, Some(location.span())).causes());
            }
        };
        if file == transform.file {
            return Err(self.world.invalid(location.span(), format!("circular dependency: `{text}` includes itself")).causes());
        }
        self.world.root(file).ok_or_else(Vec::new)
    }

    /// Reads what transforms at the top of the template include.
    pub(in crate::cloudformation) fn include_roots(&mut self) {
        for root in self.template.roots().to_vec() {
            self.serverless_file(root).into_iter().for_each(|included| self.template.add_root(included));
        }
        let transforms: Vec<Expr<'t>> = self.template.roots().iter().filter_map(|root| root.get("Fn::Transform")).collect();
        for transform in transforms.into_iter().flat_map(|transform| match transform.items() {
            Some(items) => items.collect(),
            None => vec![transform],
        }) {
            match self.included(transform) {
                Ok(included) => self.template.add_root(included),
                Err(causes) => self.template.add_transforms(causes.into_iter().map(|cause| cause.name)),
            }
        }
    }
}
