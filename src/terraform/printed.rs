//! Values as the JSON of `eval`: the value, and beside it what of it is unknown or sensitive.
//!
//! Numbers are written with all their digits, so this does not go through a JSON library's number type.

use crate::value::json::escape;
use crate::value::{Marks, Type, Value, ValueKind};

/// A string as JSON.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    escape(text, &mut out);
    out.push('"');
    out
}

/// The value. An unknown leaf is `null` in a list and a missing key in an object.
pub fn value(of: &Value) -> String {
    let mut out = String::new();
    write_value(of, &mut out);
    out
}

fn write_value(value: &Value, out: &mut String) {
    match &value.kind {
        ValueKind::Null(_) | ValueKind::Unknown(_) | ValueKind::Resource(_) => out.push_str("null"),
        ValueKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ValueKind::Number(number) => {
            let text = number.to_string();
            let is_finite = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'e' | b'+'));
            out.push_str(&if is_finite { text } else { quoted(&text) });
        }
        ValueKind::String(text) => out.push_str(&quoted(text)),
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
            out.push('{');
            let known = entries.iter().filter(|(_, value)| !value.is_unknown());
            for (index, (name, value)) in known.enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(name));
                out.push(':');
                write_value(value, out);
            }
            out.push('}');
        }
    }
}

/// `true` where the value is unknown, `false` where it is wholly known, else a tree of the value's shape.
pub fn unknown(of: &Value) -> String {
    tree(of, &|value| value.is_unknown() || matches!(value.kind, ValueKind::Resource(_)))
}

/// The same for sensitive marks.
pub fn sensitive(of: &Value) -> String {
    tree(of, &|value| value.marks.contains(Marks::SENSITIVE))
}

fn tree(value: &Value, holds: &dyn Fn(&Value) -> bool) -> String {
    fn any(value: &Value, holds: &dyn Fn(&Value) -> bool) -> bool {
        holds(value)
            || match &value.kind {
                ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => items.iter().any(|item| any(item, holds)),
                ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().any(|entry| any(entry, holds)),
                _ => false,
            }
    }
    if holds(value) {
        return "true".into();
    }
    if !any(value, holds) {
        return "false".into();
    }
    match &value.kind {
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            let parts: Vec<String> = items.iter().map(|item| tree(item, holds)).collect();
            format!("[{}]", parts.join(","))
        }
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
            let parts: Vec<String> = entries.iter().map(|(name, value)| format!("{}:{}", quoted(name), tree(value, holds))).collect();
            format!("{{{}}}", parts.join(","))
        }
        _ => "false".into(),
    }
}

/// A type in Terraform's JSON form.
pub fn type_of(of: &Type) -> String {
    match of {
        Type::Dynamic => "\"dynamic\"".into(),
        Type::Bool => "\"bool\"".into(),
        Type::Number => "\"number\"".into(),
        Type::String => "\"string\"".into(),
        Type::List(of) => format!("[\"list\",{}]", type_of(of)),
        Type::Set(of) => format!("[\"set\",{}]", type_of(of)),
        Type::Map(of) => format!("[\"map\",{}]", type_of(of)),
        Type::Tuple(items) => format!("[\"tuple\",[{}]]", items.iter().map(type_of).collect::<Vec<_>>().join(",")),
        Type::Object(attributes) => {
            let parts: Vec<String> = attributes.iter().map(|(name, of)| format!("{}:{}", quoted(name), type_of(of))).collect();
            format!("[\"object\",{{{}}}]", parts.join(","))
        }
    }
}

/// One answer of `eval --vectors`, or one output of `eval --dump`.
pub fn answer(of: &Value) -> String {
    let mut parts = Vec::new();
    if !of.is_unknown() {
        parts.push(format!("\"value\":{}", value(of)));
        parts.push(format!("\"type\":{}", type_of(&of.type_of())));
    }
    let unknown = unknown(of);
    if unknown != "false" {
        parts.push(format!("\"unknown\":{unknown}"));
    }
    let sensitive = sensitive(of);
    if sensitive != "false" {
        parts.push(format!("\"sensitive\":{sensitive}"));
    }
    format!("{{{}}}", parts.join(","))
}
