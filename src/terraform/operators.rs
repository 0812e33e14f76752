//! HCL's unary and binary operators, as Terraform 1.11 evaluates them.
//!
//! Operands are converted to what the operator takes; null is an error; an unknown operand makes the result unknown, whatever the other one is
//! (`false && unknown` is unknown: Terraform 1.12 was the first to cut that short), except where a comparison can be settled by what is known
//! of the unknown. Marks of both operands are on the result.

use crate::syntax::hcl::{BinaryOperator, UnaryOperator};
use crate::value::convert::convert;
use crate::value::{Number, Type, Unknown, Value, ValueKind, ops};
use std::cmp::Ordering;

/// `a op b`. The error is Terraform's text: `unsuitable value for left operand: number required`.
pub fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
    if let BinaryOperator::Equal | BinaryOperator::NotEqual = operator {
        let equal = ops::equal(left, right);
        return if operator == BinaryOperator::Equal { Ok(equal) } else { unary(UnaryOperator::Not, &equal) };
    }
    let (operands, result) = signature(operator);
    let left = convert(left, &operands).map_err(|error| format!("unsuitable value for left operand: {error}"))?;
    let right = convert(right, &operands).map_err(|error| format!("unsuitable value for right operand: {error}"))?;
    if left.is_null() || right.is_null() {
        return Err("error during operation: argument must not be null".into());
    }
    let marks = left.marks.union(right.marks);
    let known = match (&left.kind, &right.kind) {
        (ValueKind::Bool(a), ValueKind::Bool(b)) => Some(Value::bool(if operator == BinaryOperator::And { *a && *b } else { *a || *b })),
        (ValueKind::Number(a), ValueKind::Number(b)) => Some(numeric(operator, a, b)?),
        _ => compared(operator, &left, &right),
    };
    let value = known.unwrap_or_else(|| {
        let mut causes = left.causes();
        causes.extend(right.causes());
        Unknown::new(result, causes).not_null().into()
    });
    Ok(value.with_marks(marks))
}

/// `op a`. The error is Terraform's text.
pub fn unary(operator: UnaryOperator, operand: &Value) -> Result<Value, String> {
    let of = if operator == UnaryOperator::Negate { Type::Number } else { Type::Bool };
    let operand = convert(operand, &of).map_err(|error| format!("unsuitable value for unary operand: {error}"))?;
    let value = match &operand.kind {
        ValueKind::Null(_) => return Err("error during operation: argument must not be null".into()),
        ValueKind::Number(number) => ValueKind::Number(number.negate()).into(),
        ValueKind::Bool(value) => Value::bool(!value),
        _ => Unknown::new(of, operand.causes()).not_null().into(),
    };
    Ok(value.with_marks(operand.marks))
}

/// What an operator takes and gives.
fn signature(operator: BinaryOperator) -> (Type, Type) {
    match operator {
        BinaryOperator::Or | BinaryOperator::And => (Type::Bool, Type::Bool),
        BinaryOperator::Less | BinaryOperator::LessOrEqual | BinaryOperator::Greater | BinaryOperator::GreaterOrEqual => {
            (Type::Number, Type::Bool)
        }
        _ => (Type::Number, Type::Number),
    }
}

fn numeric(operator: BinaryOperator, a: &Number, b: &Number) -> Result<Value, String> {
    let result = match operator {
        BinaryOperator::Less => return Ok(Value::bool(a < b)),
        BinaryOperator::LessOrEqual => return Ok(Value::bool(a <= b)),
        BinaryOperator::Greater => return Ok(Value::bool(a > b)),
        BinaryOperator::GreaterOrEqual => return Ok(Value::bool(a >= b)),
        BinaryOperator::Add => a.add(b).ok_or("can't compute sum of opposing infinities"),
        BinaryOperator::Subtract => a.subtract(b).ok_or("can't subtract infinity from itself"),
        BinaryOperator::Multiply => a.multiply(b).ok_or("can't multiply zero by infinity"),
        BinaryOperator::Divide => a.divide(b).ok_or("can't divide zero by zero or infinity by infinity"),
        _ => a.modulo(b).ok_or("can't use modulo with zero and infinity"),
    };
    match result {
        Ok(number) => Ok(ValueKind::Number(number).into()),
        Err(error) => Err(format!("error during operation: {error}")),
    }
}

/// A comparison that the bounds of an unknown number settle.
fn compared(operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
    let (a_least, a_most) = bounds(left)?;
    let (b_least, b_most) = bounds(right)?;
    let below = a_most.cmp(&b_least) == Ordering::Less;
    let above = a_least.cmp(&b_most) == Ordering::Greater;
    // Terraform asks for "or equal" apart, and two unknowns are never surely unequal.
    let both = left.is_unknown() && right.is_unknown();
    let or_equal = matches!(operator, BinaryOperator::LessOrEqual | BinaryOperator::GreaterOrEqual);
    let settled = match (operator, below, above) {
        (BinaryOperator::Less | BinaryOperator::LessOrEqual, true, _)
        | (BinaryOperator::Greater | BinaryOperator::GreaterOrEqual, _, true) => true,
        (BinaryOperator::Less | BinaryOperator::LessOrEqual, _, true)
        | (BinaryOperator::Greater | BinaryOperator::GreaterOrEqual, true, _) => false,
        _ => return None,
    };
    (settled || !both || !or_equal).then(|| Value::bool(settled))
}

fn bounds(value: &Value) -> Option<(Number, Number)> {
    match &value.kind {
        ValueKind::Number(number) => Some((number.clone(), number.clone())),
        ValueKind::Unknown(unknown) => unknown.bounds.clone(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Cause, CauseKind, Marks};

    fn open(of: Type) -> Value {
        Unknown::new(of, vec![Cause::new(CauseKind::Variable, "var.x", None)]).into()
    }

    fn number(text: &str) -> Value {
        ValueKind::Number(Number::parse(text).unwrap()).into()
    }

    #[test]
    fn operands_are_converted() {
        let sum = binary(BinaryOperator::Add, &Value::string("1"), &number("2.5")).unwrap();
        assert_eq!(sum.as_number().unwrap().to_string(), "3.5");
        let error = binary(BinaryOperator::Add, &Value::string("x"), &number("1")).unwrap_err();
        assert_eq!(error, "unsuitable value for left operand: a number is required");
        let error = binary(BinaryOperator::And, &Value::bool(true), &Value::tuple(vec![])).unwrap_err();
        assert_eq!(error, "unsuitable value for right operand: bool required");
        assert_eq!(unary(UnaryOperator::Not, &Value::string("true")).unwrap().as_bool(), Some(false));
    }

    #[test]
    fn null_is_an_error_and_unknown_spreads() {
        assert!(binary(BinaryOperator::Add, &Value::null(), &number("1")).unwrap_err().contains("must not be null"));
        assert!(binary(BinaryOperator::And, &Value::bool(false), &open(Type::Bool)).unwrap().is_unknown());
        let unequal = binary(BinaryOperator::NotEqual, &open(Type::String), &Value::int(1)).unwrap();
        assert_eq!(unequal.as_bool(), Some(true));
        let secret = binary(BinaryOperator::Multiply, &open(Type::Number).with_marks(Marks::SENSITIVE), &number("0")).unwrap();
        assert!(secret.is_unknown() && secret.marks.contains(Marks::SENSITIVE) && secret.causes().len() == 1);
    }

    #[test]
    fn bounds_settle_comparisons() {
        let length: Value =
            Unknown { bounds: Some((Number::from(4), Number::infinity(false))), ..Unknown::new(Type::Number, Vec::new()) }.into();
        assert_eq!(binary(BinaryOperator::Greater, &length, &number("3")).unwrap().as_bool(), Some(true));
        assert_eq!(binary(BinaryOperator::Less, &length, &number("3")).unwrap().as_bool(), Some(false));
        assert!(binary(BinaryOperator::Less, &length, &number("5")).unwrap().is_unknown());
    }

    #[test]
    fn division_by_zero_is_infinite() {
        assert!(binary(BinaryOperator::Divide, &number("1"), &number("0")).unwrap().as_number().unwrap().is_infinite());
        assert!(binary(BinaryOperator::Divide, &number("0"), &number("0")).is_err());
    }
}
