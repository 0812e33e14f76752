//! What a scalar is to CloudFormation: text, unless it is plainly a boolean, a number or nothing.
//!
//! Its values are strings in the end; a value becomes a boolean or a number here only where nothing of its text is lost, so that
//! `010`, `1.10`, `2012-10-17` and account ids with leading zeros stay what they are.

use crate::syntax::node::Style;
use crate::value::{self, Number, Value, ValueKind};
use std::sync::Arc;

/// The value of a scalar where data stands: `true` and YAML 1.1's other words for it are booleans.
pub fn value(text: &Arc<str>, style: Style) -> Value {
    if style != Style::Plain {
        return string(text);
    }
    match &**text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Value::bool(false),
        plain => match number(plain) {
            Some(number) => ValueKind::Number(number).into(),
            None => string(text),
        },
    }
}

/// The text as a value, normalized; unknown when it is absurdly long.
pub fn string(text: &Arc<str>) -> Value {
    if text.is_ascii() && text.len() <= value::text::MAX_TEXT { Value::string(Arc::clone(text)) } else { value::text::string(text) }
}

/// A number whose own text is what it would be printed as.
fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return None;
    }
    Number::parse(text).filter(|number| number.to_string() == text)
}

/// The text of a scalar where text is wanted (parameters, keys, functions' operands). `yes` and `on` stay as they are written: whether
/// CloudFormation makes booleans of them is not documented, and templates that compare them work only if it does not.
pub fn text(text: &Arc<str>, style: Style) -> Arc<str> {
    match (&**text, style) {
        ("True" | "TRUE", Style::Plain) => Arc::from("true"),
        ("False" | "FALSE", Style::Plain) => Arc::from("false"),
        ("~", Style::Plain) => Arc::from(""),
        _ => Arc::clone(text),
    }
}

/// The text of a known scalar value.
pub fn text_of(value: &Value) -> Option<Arc<str>> {
    match &value.kind {
        ValueKind::String(text) => Some(Arc::clone(text)),
        ValueKind::Bool(true) => Some(Arc::from("true")),
        ValueKind::Bool(false) => Some(Arc::from("false")),
        ValueKind::Number(number) => Some(Arc::from(number.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        format!("{:?}", value(&Arc::from(text), Style::Plain).kind)
    }

    #[test]
    fn only_what_keeps_its_text_becomes_a_number() {
        for text in ["010", "1.10", "1e3", "0x10", "2012-10-17", "+5", "012345678901", "12:30:45", "-", "1_000", "00"] {
            assert!(shown(text).starts_with("String"), "{text}: {}", shown(text));
        }
        for text in ["0", "-7", "123456789012", "1.5", "0.25"] {
            assert!(shown(text).starts_with("Number"), "{text}: {}", shown(text));
        }
        assert_eq!(shown("Yes"), "Bool(true)");
        assert!(shown("~").starts_with("Null"));
    }
}
