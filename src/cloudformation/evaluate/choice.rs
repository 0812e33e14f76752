//! Conditions and `Fn::If`, in three values.
//!
//! A condition is decided from parameters, mappings and pseudo-parameters; one that is unknown names the inputs that would decide it. What
//! both branches of an undecided choice agree on is known all the same.

use super::{through, written};
use crate::cloudformation::expression::{Call, Expr, Function};
use crate::cloudformation::stack::{Stack, Verdict};
use crate::cloudformation::text;
use crate::source::Span;
use crate::value::{Cause, Entries, Reference, Step, Truth, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// Fewest and most operands of `Fn::And` and `Fn::Or`.
const OPERANDS: std::ops::RangeInclusive<usize> = 1..=100;

impl<'t> Stack<'t> {
    /// Decides a condition expression.
    pub fn condition_of(&self, expr: Expr<'t>) -> Verdict {
        match self.world.deeper(expr.span(), || self.decide(expr)) {
            Ok(verdict) => verdict,
            Err(limit) => Verdict::new(Truth::Unknown, limit.causes()),
        }
    }

    fn decide(&self, expr: Expr<'t>) -> Verdict {
        let span = expr.span();
        let Some(Call { function, argument }) = expr.condition_call() else {
            return self.verdict_of_value(expr);
        };
        match function {
            Function::Condition => match argument.text() {
                Some(name) => self.condition(name, span),
                None => self.refuse(span, "`Condition` needs the name of a condition"),
            },
            Function::Not => match argument.items().map(Iterator::collect::<Vec<_>>).as_deref() {
                Some([operand]) => self.condition_of(*operand).negated(),
                _ => self.refuse(span, "`Fn::Not` needs a list of one condition"),
            },
            Function::And | Function::Or => {
                let operands: Vec<Expr<'t>> = argument.items().into_iter().flatten().collect();
                if !OPERANDS.contains(&operands.len()) {
                    return self.refuse(span, "`Fn::And` and `Fn::Or` need a list of conditions");
                }
                let verdicts = operands.into_iter().map(|operand| self.condition_of(operand));
                if function == Function::And {
                    verdicts.fold(Verdict::TRUE, Verdict::and)
                } else {
                    verdicts.fold(Verdict::new(Truth::False, Vec::new()), Verdict::or)
                }
            }
            Function::Equals => self.equals(argument, span),
            _ => self.verdict_of_value(expr),
        }
    }

    fn equals(&self, argument: Expr<'t>, span: Span) -> Verdict {
        let [left, right] = match self.parts(argument, span, "Fn::Equals") {
            Ok(parts) => parts,
            Err(value) => return Verdict::new(Truth::Unknown, value.causes()),
        };
        let nothing = || Value::string("");
        let (left, right) = (self.operand(left).unwrap_or_else(nothing), self.operand(right).unwrap_or_else(nothing));
        let mut truth = text::equal(&left, &right);
        if truth.is_unknown() && (self.cannot_be(&left, &right) || self.cannot_be(&right, &left)) {
            truth = Truth::False;
        }
        let causes = left.causes().into_iter().chain(right.causes()).collect();
        Verdict::new(truth, causes)
    }

    /// Whether a value is a parameter without value whose allowed values do not have this text among them.
    fn cannot_be(&self, value: &Value, other: &Value) -> bool {
        let (Some(unknown), Some(text)) = (value.as_unknown(), super::scalar::text_of(other)) else { return false };
        let Some(Reference::Input { name, .. }) = unknown.refers_to.as_deref() else { return false };
        let inner = || name.strip_prefix(&*self.address).and_then(|name| name.strip_prefix('/'));
        let own = if self.address.is_empty() { Some(&**name) } else { inner() };
        own.and_then(|own| self.parameters.get(own)).is_some_and(|parameter| !parameter.may_be(&text))
    }

    /// A condition that is written as a value: `true`, or something that only a macro understands.
    fn verdict_of_value(&self, expr: Expr<'t>) -> Verdict {
        let value = self.operand(expr).unwrap_or_else(Value::null);
        match super::scalar::text_of(&value).as_deref() {
            Some("true") => Verdict::TRUE,
            Some("false") => Verdict::new(Truth::False, Vec::new()),
            _ if value.is_unknown() => Verdict::new(Truth::Unknown, value.causes()),
            _ => self.refuse(expr.span(), "a condition must be made of `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and `Condition`"),
        }
    }

    fn refuse(&self, span: Span, message: &str) -> Verdict {
        Verdict::new(Truth::Unknown, self.world.invalid(span, message).causes())
    }

    /// A condition function where data stands: true or false.
    pub(super) fn condition_value(&self, call: Call<'t>, span: Span) -> Value {
        let verdict = match call.function {
            Function::Condition => match call.argument.text() {
                Some(name) => self.condition(name, span),
                None => self.refuse(span, "`Condition` needs the name of a condition"),
            },
            Function::Equals => self.equals(call.argument, span),
            _ => return written(self.world.invalid(span, "this function can stand only in `Conditions`"), span),
        };
        let value = match verdict.truth {
            Truth::True => Value::bool(true),
            Truth::False => Value::bool(false),
            Truth::Unknown => Unknown::new(Type::Bool, verdict.causes).not_null().into(),
        };
        written(value, span)
    }

    pub(super) fn call_if(&self, argument: Expr<'t>, span: Span) -> Option<Value> {
        let [condition, then, otherwise] = match self.parts(argument, span, "Fn::If") {
            Ok(parts) => parts,
            Err(value) => return Some(written(value, span)),
        };
        let (name, verdict) = match condition.text() {
            Some(name) => (Arc::clone(name), self.condition(name, condition.span())),
            None => (Arc::from("condition"), self.condition_of(condition)),
        };
        let chosen = match verdict.truth {
            Truth::True => self.evaluate(then)?,
            Truth::False => self.evaluate(otherwise)?,
            Truth::Unknown => {
                let (then, otherwise) = self.world.guess(|| (self.evaluate(then), self.evaluate(otherwise)));
                either(then, otherwise, &verdict.causes)?
            }
        };
        Some(through(chosen, Step::Condition(name), span))
    }
}

/// What is known of a value that is one of two, `None` for one that is not there.
pub(super) fn either(one: Option<Value>, other: Option<Value>, causes: &[Cause]) -> Option<Value> {
    let (one, other) = match (one, other) {
        (None, None) => return None,
        (Some(value), None) | (None, Some(value)) => {
            let origin = value.origin.clone();
            let unknown = Unknown::new(shape(&value), causes.to_vec());
            return Some(Value::from(Unknown { unless_null: Some(Box::new(value)), ..unknown }).with_origin(origin));
        }
        (Some(one), Some(other)) => (one, other),
    };
    if text::equal(&one, &other).is_true() {
        return Some(one);
    }
    if let (ValueKind::Object(a), ValueKind::Object(b)) = (&one.kind, &other.kind) {
        let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(name)));
        let entries: Entries =
            names.filter_map(|name| Some((Arc::clone(name), either(a.get(name).cloned(), b.get(name).cloned(), causes)?))).collect();
        return Some(Value::object(entries).with_origin(one.origin));
    }
    if let (ValueKind::Tuple(a), ValueKind::Tuple(b)) = (&one.kind, &other.kind)
        && a.len() == b.len()
    {
        let items = a.iter().zip(b.iter()).filter_map(|(a, b)| either(Some(a.clone()), Some(b.clone()), causes)).collect();
        return Some(Value::tuple(items).with_origin(one.origin));
    }
    let of = if shape(&one) == shape(&other) { shape(&one) } else { Type::Dynamic };
    // What the branches need is needed for one of them: a reference in them is no input that was there before the run.
    let causes = causes.iter().cloned().chain(one.causes()).chain(other.causes());
    let unknown = Unknown::new(of, causes.collect());
    let there = |value: &Value| value.as_unknown().map_or(!value.is_null(), |unknown| unknown.not_null);
    Some(if there(&one) && there(&other) { unknown.not_null() } else { unknown }.into())
}

/// The type of a scalar or an unknown; nothing is said of collections.
fn shape(value: &Value) -> Type {
    match value.type_of() {
        of @ (Type::String | Type::Bool | Type::Number) => of,
        _ => Type::Dynamic,
    }
}
