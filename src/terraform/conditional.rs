//! Conditional expressions, as HCL has them: of two branches, both of which say something of the result.

use crate::source::Span;
use crate::syntax::hcl::Expr;
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::scope::Scope;
use crate::value::convert::{convert, into_type, unify};
use crate::value::{Number, Origin, Type, Unknown, Value, ValueKind, ops};

impl Engine<'_> {
    /// A conditional: the chosen branch as the type that both have in common, or what is known of both.
    pub fn conditional(&self, condition: &Expr, then: &Expr, otherwise: &Expr, span: Span, scope: &Scope<'_>) -> Evaluated {
        let condition_span = condition.range.at(scope.file);
        let condition = self.eval(condition, scope)?;
        if condition.is_null() {
            return Err(Failure::new(
                condition_span,
                "null condition: the condition value is null, conditions must either be true or false",
            ));
        }
        let condition = into_type(condition, &Type::Bool)
            .map_err(|_| Failure::new(condition_span, "incorrect condition type: the condition expression must be of type bool"))?;
        let chosen = condition.as_bool();
        let (then, otherwise) = match chosen {
            Some(chosen) if self.fidelity == Fidelity::Scan => {
                // The other branch matters for the result's type only, and not even for that where the result is a string or a resource.
                let value = self.eval(if chosen { then } else { otherwise }, scope)?;
                if value.is_of(&Type::String) || matches!(value.kind, ValueKind::Resource(_)) {
                    return Ok(value.with_marks(condition.marks));
                }
                // Each branch is evaluated once: they nest, and what is done twice on each floor is done 2^n times.
                if chosen { (Ok(value), self.eval(otherwise, scope)) } else { (self.eval(then, scope), Ok(value)) }
            }
            _ => (self.eval(then, scope), self.eval(otherwise, scope)),
        };
        // Most branches are of one type.
        if let (Some(chosen), Ok(one), Ok(other)) = (chosen, &then, &otherwise)
            && one.is_of_type_of(other)
        {
            let marks = condition.marks.union(one.marks).union(other.marks);
            return if chosen { then } else { otherwise }.map(|value| value.with_marks(marks));
        }
        let untyped_null = |value: &Evaluated| value.as_ref().is_ok_and(|value| value.is_null() && value.is_of(&Type::Dynamic));
        let untyped = |value: &Evaluated| value.as_ref().map_or(true, |value| value.is_of(&Type::Dynamic));
        // Where one of the types is not known, the chosen branch stays as it is; only a null takes the other's type.
        if let Some(chosen) = chosen
            && (untyped(&then) || untyped(&otherwise))
            && !untyped_null(if chosen { &then } else { &otherwise })
        {
            let marks = [&then, &otherwise].into_iter().flatten().fold(condition.marks, |marks, value| marks.union(value.marks));
            return if chosen { then } else { otherwise }.map(|value| value.with_marks(marks));
        }
        let type_of = |value: &Evaluated| value.as_ref().map_or(Type::Dynamic, Value::type_of);
        let (then_type, otherwise_type) = (type_of(&then), type_of(&otherwise));
        let of = if untyped_null(&then) {
            Some(otherwise_type.clone())
        } else if untyped_null(&otherwise) {
            Some(then_type.clone())
        } else if then_type == Type::Dynamic || otherwise_type == Type::Dynamic {
            Some(Type::Dynamic)
        } else {
            unify(&[then_type.clone(), otherwise_type.clone()])
        };
        let Some(of) = of else {
            return Err(Failure::new(
                span,
                format!(
                    "inconsistent conditional result types: the true and false result expressions must have consistent types, but are {} and {}",
                    then_type.friendly_name(),
                    otherwise_type.friendly_name()
                ),
            ));
        };
        match chosen {
            Some(chosen) => {
                // The marks of both branches, but not those of their parts.
                let marks = [&then, &otherwise].into_iter().flatten().fold(condition.marks, |marks, value| marks.union(value.marks));
                let value = if chosen { then } else { otherwise }?;
                Ok(into_type(value, &of).map_err(|message| Failure::new(span, message))?.with_marks(marks))
            }
            None => {
                // A branch that has no value may still be the one that is not taken.
                if let Some(failure) =
                    [&then, &otherwise].into_iter().filter_map(|value| value.as_ref().err()).find(|failure| failure.is_limit())
                {
                    return Err(failure.clone());
                }
                let value_of = |value: Evaluated| value.unwrap_or_else(|_| Unknown::new(Type::Dynamic, condition.causes()).into());
                Ok(self.undecided(&condition, &value_of(then), &value_of(otherwise), of, span))
            }
        }
    }

    /// The result of a conditional whose condition is not known: what both branches have in common.
    fn undecided(&self, condition: &Value, then: &Value, otherwise: &Value, of: Type, span: Span) -> Value {
        let marks = condition.marks.union(then.marks).union(otherwise.marks);
        let written = |value: Value| value.with_marks(marks).with_origin(Origin::written(span));
        if then.is_null() && otherwise.is_null() {
            return written(ValueKind::Null(of).into());
        }
        if self.fidelity == Fidelity::Scan && of.is_primitive() {
            // Terraform does not look whether both are the same; for a string it would have to say so in its refinements.
            let converted = |value: &Value| convert(value, &of).ok().filter(Value::is_wholly_known);
            if let (Some(then), Some(otherwise)) = (converted(then), converted(otherwise))
                && ops::surely_equal(&then, &otherwise)
            {
                return written(then);
            }
        }
        let mut causes = condition.causes();
        causes.extend(then.causes());
        causes.extend(otherwise.causes());
        let mut unknown = Unknown::new(of, causes);
        unknown.not_null = ops::not_null(then) && ops::not_null(otherwise);
        // What follows is only known of values that are there, and of values that need no conversion.
        if unknown.not_null && then.type_of() == otherwise.type_of() {
            if self.fidelity == Fidelity::Scan
                && let (Some(a), Some(b)) = (prefix(then), prefix(otherwise))
            {
                let common: String = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
                unknown.prefix = (!common.is_empty()).then(|| common.into());
            }
            if let (Some(a), Some(b)) = (bounds(then), bounds(otherwise)) {
                unknown.bounds = Some((a.0.min(b.0), a.1.max(b.1)));
            }
            if let (Some(a), Some(b)) = (length(then), length(otherwise)) {
                unknown.length = (a.0.min(b.0), a.1.zip(b.1).map(|(a, b)| a.max(b)));
            }
        }
        written(unknown.settled())
    }
}

fn bounds(value: &Value) -> Option<(Number, Number)> {
    match &value.kind {
        ValueKind::Number(number) => Some((number.clone(), number.clone())),
        ValueKind::Unknown(unknown) => unknown.bounds.clone(),
        _ => None,
    }
}

fn prefix(value: &Value) -> Option<&str> {
    match &value.kind {
        ValueKind::String(text) => Some(text),
        ValueKind::Unknown(unknown) => unknown.prefix.as_deref(),
        _ => None,
    }
}

fn length(value: &Value) -> Option<(u64, Option<u64>)> {
    match &value.kind {
        ValueKind::List(_, items) | ValueKind::Set(_, items) => Some((items.len() as u64, Some(items.len() as u64))),
        ValueKind::Map(_, entries) => Some((entries.len() as u64, Some(entries.len() as u64))),
        ValueKind::Unknown(unknown) if matches!(unknown.of, Type::List(_) | Type::Set(_) | Type::Map(_)) => Some(unknown.length),
        _ => None,
    }
}
