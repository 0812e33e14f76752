//! Sets: each element once, in the order in which Terraform iterates them.
//!
//! Strings go by bytes, numbers by size, false before true; then unknown elements (each a set member of its own, for it may turn out to
//! equal none), then null. Collections and objects have no natural order: `cty` compares a text form of them, whose exact shape decides
//! what `tolist` and `for` see, so it is reproduced here.

use crate::value::number::Notation;
use crate::value::{Marks, Type, Value, ValueKind, ops};
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

impl Value {
    /// A set of these elements, all of the element type. Marks of elements become marks of the set.
    pub fn set(element: Type, items: Vec<Value>) -> Self {
        let marks = items.iter().fold(Marks::NONE, |marks, item| marks.union(item.deep_marks()));
        let mut keyed: Vec<(String, Value)> = items
            .into_iter()
            .map(|item| if marks.is_empty() { item } else { item.without_marks() })
            .map(|item| (key(&item), item))
            .collect();
        keyed.sort_by(|(a_key, a), (b_key, b)| order(a, b).then_with(|| a_key.cmp(b_key)));
        keyed.dedup_by(|(a_key, a), (b_key, b)| a_key == b_key && ops::surely_equal(a, b));
        let items = keyed.into_iter().map(|(_, item)| item).collect();
        Self::from(ValueKind::Set(element, Arc::new(items))).with_marks(marks)
    }

    /// A text that is the same for equal values: what finds them among many.
    pub(crate) fn key(&self) -> String {
        key(self)
    }
}

/// The order of two elements of one type, as far as their kind has one.
fn order(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match &value.kind {
        ValueKind::Null(_) => 2,
        ValueKind::Unknown(_) | ValueKind::Resource(_) => 1,
        _ => 0,
    };
    match (&a.kind, &b.kind) {
        (ValueKind::String(a), ValueKind::String(b)) => a.cmp(b),
        (ValueKind::Number(a), ValueKind::Number(b)) => a.cmp(b),
        (ValueKind::Bool(a), ValueKind::Bool(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// The text by which `cty` finds and orders elements; equal elements have equal texts.
fn key(value: &Value) -> String {
    let mut out = String::new();
    write_key(value, &mut out);
    out
}

fn write_key(value: &Value, out: &mut String) {
    fn items<'a>(items: impl Iterator<Item = &'a Value>, out: &mut String) {
        for item in items {
            write_key(item, out);
            out.push(';');
        }
    }
    match &value.kind {
        ValueKind::Unknown(_) | ValueKind::Resource(_) => out.push('?'),
        ValueKind::Null(_) => out.push('~'),
        ValueKind::Number(number) => out.push_str(&number.text(Notation::General, Some(10))),
        ValueKind::Bool(value) => out.push(if *value { 'T' } else { 'F' }),
        ValueKind::String(text) => quote(text, out),
        ValueKind::Map(_, entries) => {
            out.push('{');
            for (name, entry) in entries.iter() {
                quote(name, out);
                out.push(':');
                write_key(entry, out);
                out.push(';');
            }
            out.push('}');
        }
        ValueKind::List(_, list) | ValueKind::Set(_, list) => {
            out.push('[');
            items(list.iter(), out);
            out.push(']');
        }
        ValueKind::Object(entries) => {
            out.push('<');
            items(entries.values(), out);
            out.push('>');
        }
        ValueKind::Tuple(list) => {
            out.push('<');
            items(list.iter(), out);
            out.push('>');
        }
    }
}

/// A string as Go's `%q` quotes it.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for symbol in text.chars() {
        match symbol {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' '..='~' => out.push(symbol),
            // Printable by Go's tables, nearly: what Rust would not escape.
            _ if symbol > '\u{7f}' && !symbol.is_control() && symbol.escape_debug().len() == 1 => out.push(symbol),
            _ if u32::from(symbol) < 0x80 => {
                let _ = write!(out, "\\x{:02x}", u32::from(symbol));
            }
            _ if u32::from(symbol) < 0x1_0000 => {
                let _ = write!(out, "\\u{:04x}", u32::from(symbol));
            }
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(symbol));
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Number, Unknown};

    fn numbers(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|text| ValueKind::Number(Number::parse(text).unwrap()).into()).collect()
    }

    fn shown(set: &Value) -> Vec<String> {
        set.as_items().unwrap().iter().map(key).collect()
    }

    #[test]
    fn elements_are_sorted_and_each_stands_once() {
        let strings = ["b", "a", "b", "B"].map(Value::string).to_vec();
        assert_eq!(shown(&Value::set(Type::String, strings)), ["\"B\"", "\"a\"", "\"b\""]);
        assert_eq!(shown(&Value::set(Type::Number, numbers(&["10", "9", "-1", "9.0"]))), ["-1", "9", "10"]);
        assert_eq!(shown(&Value::set(Type::Number, numbers(&["1", "0", "-0"]))), ["-0", "0", "1"], "Terraform keeps both zeros");
        assert_eq!(shown(&Value::set(Type::Bool, vec![Value::bool(true), Value::bool(false)])), ["F", "T"]);
    }

    #[test]
    fn unknown_and_null_elements_come_last_and_unknown_ones_stay_apart() {
        let unknown: Value = Unknown::new(Type::String, Vec::new()).into();
        let null: Value = ValueKind::Null(Type::String).into();
        let items = vec![null.clone(), unknown.clone(), Value::string("a"), unknown, null];
        assert_eq!(shown(&Value::set(Type::String, items)), ["\"a\"", "?", "?", "~"]);
    }

    #[test]
    fn collections_go_by_ctys_own_text() {
        let list = |items: Vec<Value>| Value::from(ValueKind::List(Type::String, Arc::new(items)));
        let set = Value::set(Type::List(Arc::new(Type::String)), vec![list(vec![]), list(vec![Value::string("a")])]);
        assert_eq!(shown(&set), ["[\"a\";]", "[]"]);
    }

    #[test]
    fn marks_move_to_the_set() {
        let set = Value::set(Type::String, vec![Value::string("a").with_marks(Marks::SENSITIVE), Value::string("b")]);
        assert!(set.marks.contains(Marks::SENSITIVE));
        assert!(set.as_items().unwrap().iter().all(|item| item.marks.is_empty()));
    }
}
