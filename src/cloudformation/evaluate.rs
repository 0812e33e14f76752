//! What an expression of a template is worth in a stack.
//!
//! `None` everywhere means `AWS::NoValue`: what stands there is taken out. What CloudFormation would refuse is reported, and an unknown
//! stands in its place, so that the rest can still be said.

mod choice;
mod cidr;
mod dynamic;
mod include;
mod lookup;
mod reference;
mod serverless;
mod strings;
pub(super) mod substitute;

use super::expression::{Call, Expr, Function};
use super::scalar;
use super::stack::Stack;
use super::world::unknown;
use crate::source::Span;
use crate::syntax::node::Style;
use crate::value::{CauseKind, Entries, Hop, Step, Type, Unknown, Value};

/// Why something is unknown that a syntax error hides.
pub(super) const UNREAD_CAUSE: &str = "what could not be read here";

impl<'t> Stack<'t> {
    /// The value of an expression where data stands.
    pub fn evaluate(&self, expr: Expr<'t>) -> Option<Value> {
        match self.world.deeper(expr.span(), || self.evaluate_here(expr)) {
            Ok(value) => value,
            Err(limit) => Some(limit),
        }
    }

    fn evaluate_here(&self, expr: Expr<'t>) -> Option<Value> {
        if let Some(call) = expr.call() {
            return self.call(call, expr.span());
        }
        if let Some((text, style)) = expr.scalar() {
            if let Some(included) = self.serverless_file(expr) {
                return self.evaluate(included);
            }
            let value = scalar::value(text, style);
            return Some(written(self.resolve_text(value, expr.span()), expr.span()));
        }
        if let Some(items) = expr.items() {
            let items: Vec<Value> = items.filter_map(|item| self.evaluate(item)).collect();
            return Some(written(self.list(items, expr.span()), expr.span()));
        }
        Some(self.map(expr))
    }

    /// A list that is made here.
    fn list(&self, items: Vec<Value>, span: Span) -> Value {
        self.world.filled(items.len(), span, || Value::tuple(items))
    }

    fn map(&self, expr: Expr<'t>) -> Value {
        let mut unlisted = Vec::new();
        let mut entries = Entries::new();
        for (name, entry) in self.expand(expr, &mut unlisted) {
            unlisted.extend(entry.causes);
            if let Some(value) = self.evaluate(entry.body) {
                entries.insert(name, value);
            }
        }
        if unlisted.is_empty() {
            let size = 2 * entries.len();
            return written(self.world.filled(size, expr.span(), || Value::object(entries)), expr.span());
        }
        written(Unknown::new(Type::Dynamic, unlisted).not_null().into(), expr.span())
    }

    /// The value of an expression that is an operand of a function: a scalar is its text.
    pub(in crate::cloudformation) fn operand(&self, expr: Expr<'t>) -> Option<Value> {
        if expr.call().is_some() {
            return self.evaluate(expr);
        }
        if let Some(items) = expr.items() {
            let items: Vec<Value> = items.filter_map(|item| self.operand_below(item)).collect();
            return Some(written(self.list(items, expr.span()), expr.span()));
        }
        if expr.node.as_str().is_none() {
            return self.evaluate(expr);
        }
        let (text, style) = expr.scalar()?;
        let text = scalar::string(&scalar::text(text, style));
        Some(written(self.resolve_text(text, expr.span()), expr.span()))
    }

    fn operand_below(&self, expr: Expr<'t>) -> Option<Value> {
        match self.world.deeper(expr.span(), || self.operand(expr)) {
            Ok(value) => value,
            Err(limit) => Some(limit),
        }
    }

    /// The text of an operand, when it is known.
    pub(super) fn known_text(&self, expr: Expr<'t>) -> Result<std::sync::Arc<str>, Value> {
        let Some(value) = self.operand(expr) else {
            return Err(self.world.invalid(expr.span(), "`AWS::NoValue` cannot stand here"));
        };
        match scalar::text_of(&value) {
            Some(text) => Ok(text),
            None if value.is_unknown() => Err(value),
            None => Err(self.world.invalid(expr.span(), "text is needed here")),
        }
    }

    fn call(&self, call: Call<'t>, span: Span) -> Option<Value> {
        let argument = call.argument;
        Some(match call.function {
            Function::Ref => return self.call_ref(argument, span),
            Function::If => return self.call_if(argument, span),
            Function::Transform => return self.call_transform(argument, span),
            Function::GetAtt => self.call_get_att(argument, span),
            Function::Sub => self.call_sub(argument, span),
            Function::Join => self.call_join(argument, span),
            Function::Split => self.call_split(argument, span),
            Function::Select => self.call_select(argument, span),
            Function::FindInMap => return self.call_find_in_map(argument, span),
            Function::Base64 => self.call_base64(argument, span),
            Function::Cidr => self.call_cidr(argument, span),
            Function::GetAzs => self.call_get_azs(argument, span),
            Function::ImportValue => self.call_import_value(argument, span),
            Function::Length => self.call_length(argument, span),
            Function::ToJsonString => self.call_to_json_string(argument, span),
            Function::Equals | Function::And | Function::Or | Function::Not | Function::Condition => self.condition_value(call, span),
            Function::Unread => written(unknown(CauseKind::Unshown, UNREAD_CAUSE, Some(span)), span),
            Function::Other(name) => written(unknown(CauseKind::Macro, format!("!{name}"), Some(span)), span),
        })
    }

    /// The parts of a function's argument, which must be so many.
    fn parts<const N: usize>(&self, argument: Expr<'t>, span: Span, function: &str) -> Result<[Expr<'t>; N], Value> {
        let parts: Vec<Expr<'t>> = argument.items().into_iter().flatten().collect();
        parts.try_into().map_err(|_| self.world.invalid(span, format!("`{function}` needs a list of {N} parts")))
    }
}

/// A value that was made here.
pub(super) fn written(value: Value, span: Span) -> Value {
    value.or_written(span)
}

/// A value that came through one more step.
pub(super) fn through(value: Value, step: Step, span: Span) -> Value {
    value.through(|before| Hop { step, span, before })
}

/// An unknown that is derived from others: their causes, nothing else.
pub(super) fn derived(from: &Value, of: Type) -> Value {
    Unknown::new(of, from.causes()).into()
}

/// Whether a scalar is nothing at all, so that a call's argument is missing.
pub(super) fn is_missing(expr: Expr<'_>) -> bool {
    matches!(expr.scalar(), Some((text, Style::Plain)) if text.is_empty())
}
