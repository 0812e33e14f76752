//! `jsonencode` and `jsondecode`, byte for byte as Go writes and reads.

mod parse;

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, NULL, Nullness, Outcome, Parameter, Takes, UNKNOWN};
use crate::value::json::escape;
use crate::value::{CauseKind, Piece, Type, Unknown, Value, ValueKind, ops, text};
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "jsonencode",
        parameters: &[Parameter::new("val", Takes::Any).lets(UNKNOWN | DYNAMIC | NULL)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: json_encode,
    },
    Function {
        name: "jsondecode",
        parameters: &[Parameter::new("str", Takes::Text)],
        rest: None,
        gives: Gives::Depends(decoded_type),
        nullness: Nullness::Maybe,
        run: json_decode,
    },
];

/// A string in JSON's quotes, as Go writes it: what HTML would read is escaped, too.
pub(super) fn quoted(given: &str) -> String {
    let mut out = String::with_capacity(given.len() + 2);
    out.push('"');
    escape(given, &mut out);
    out.push('"');
    out
}

/// A wholly known value as JSON.
pub(super) fn encode(value: &Value) -> Result<String, String> {
    let mut writer = Writer::default();
    writer.value(value)?;
    Ok(writer.text)
}

/// JSON text with unknown pieces in it.
#[derive(Default)]
struct Writer {
    pieces: Vec<Piece>,
    text: String,
    size: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), String> {
        match &value.kind {
            ValueKind::Null(_) => self.text.push_str("null"),
            ValueKind::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            ValueKind::Number(number) if number.is_infinite() => return Err("cannot serialize infinity as JSON".into()),
            ValueKind::Number(number) => {
                let _ = write!(self.text, "{number}");
            }
            ValueKind::String(text) => {
                self.text.push('"');
                escape(text, &mut self.text);
                self.text.push('"');
            }
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.value(item)?;
                }
                self.text.push(']');
            }
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
                self.text.push('{');
                for (index, (name, entry)) in entries.iter().enumerate() {
                    if index > 0 {
                        self.text.push(',');
                    }
                    self.text.push('"');
                    escape(name, &mut self.text);
                    self.text.push_str("\":");
                    self.value(entry)?;
                }
                self.text.push('}');
            }
            ValueKind::Unknown(unknown) => self.unknown(unknown),
            ValueKind::Resource(reference) => {
                let mut unknown = Unknown::new(Type::Dynamic, super::spec::causes(std::slice::from_ref(value))).not_null();
                unknown.refers_to = Some(Arc::clone(reference));
                self.unknown(&unknown);
            }
        }
        if self.size + self.text.len() > text::MAX_TEXT { Err(TOO_LONG.into()) } else { Ok(()) }
    }

    /// An unknown string stands between quotes, piece by piece, and so does an input or attribute of a type that nobody knows (in documents,
    /// nearly all are strings; should one be null or a list, it still is that unknown and nothing else). Anything else is unknown as a whole.
    fn unknown(&mut self, unknown: &Unknown) {
        let text = unknown.of == Type::String || (unknown.of == Type::Dynamic && unknown.refers_to.is_some());
        if !text {
            // Its JSON is not its text: a piece that refers to nothing.
            self.piece(Unknown::new(Type::String, unknown.causes.clone()).not_null());
            return;
        }
        self.text.push('"');
        let value = Value::from(unknown.clone());
        for piece in text::pieces(&value) {
            match piece {
                Piece::Known(text) => escape(&text, &mut self.text),
                Piece::Unknown(unknown) => self.piece((*unknown).clone()),
            }
        }
        self.text.push('"');
    }

    fn piece(&mut self, unknown: Unknown) {
        self.size += self.text.len();
        if !self.text.is_empty() {
            self.pieces.push(Piece::Known(std::mem::take(&mut self.text).into()));
        }
        self.pieces.push(Piece::Unknown(Arc::new(unknown)));
    }

    fn finish(mut self) -> Vec<Piece> {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Known(self.text.into()));
        }
        self.pieces
    }
}

const TOO_LONG: &str = "the JSON text is longer than 8 MiB";

fn json_encode(call: &mut Call) -> Outcome {
    let value = call.argument(0)?;
    let mut writer = Writer::default();
    match writer.value(value) {
        Ok(()) => {}
        Err(error) if error == TOO_LONG => return Ok(text::too_long()),
        // With an unknown part anywhere, Terraform does not get to writing.
        Err(error) if value.is_wholly_known() => return Err(FunctionError::new(error)),
        Err(_) => return Ok(call.unknown()),
    }
    if value.is_wholly_known() {
        return Ok(text::string(&writer.text));
    }
    let mut unknown = text::partly_known(writer.finish());
    // The first character is known unless the value may be null.
    let prefix = match &value.kind {
        _ if !ops::not_null(value) => None,
        ValueKind::Object(_) | ValueKind::Map(..) => Some("{"),
        ValueKind::Tuple(_) | ValueKind::List(..) | ValueKind::Set(..) => Some("["),
        _ => match value.type_of() {
            Type::String => Some("\""),
            Type::Object(_) | Type::Map(_) => Some("{"),
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => Some("["),
            _ => None,
        },
    };
    unknown.prefix = prefix.map(Arc::from);
    unknown.refers_to = None;
    Ok(unknown.into())
}

fn decoded_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(prefix) = arguments[0].as_unknown().and_then(|unknown| unknown.prefix.as_deref()) else { return Ok(Type::Dynamic) };
    match prefix.trim_start().chars().next() {
        None | Some('{' | '[' | 'n') => Ok(Type::Dynamic),
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some(other) => Err(FunctionError::argument(0, format!("a JSON document cannot begin with the character '{other}'"))),
    }
}

fn json_decode(call: &mut Call) -> Outcome {
    match parse::document(call.text(0)?) {
        Ok(value) => Ok(value),
        Err(parse::Failed::TooDeep) => Ok(call.unknown_because(CauseKind::Limit, "a JSON document nested more than 128 levels deep")),
        Err(parse::Failed::Invalid(error)) => Err(FunctionError::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Cause;

    #[test]
    fn strings_are_escaped_as_go_does() {
        assert_eq!(quoted("<a&b>\u{2028}\u{8}\u{c}\n\u{1}\u{7f}é"), "\"\\u003ca\\u0026b\\u003e\\u2028\\b\\f\\n\\u0001\u{7f}é\"");
    }

    #[test]
    fn unknown_strings_stand_between_quotes() {
        let open: Value = Unknown::new(Type::String, vec![Cause::new(CauseKind::Computed, "b.id", None)]).not_null().into();
        let arn = text::concat(&[Value::string("arn:\"x\"/"), open]);
        let mut writer = Writer::default();
        writer.value(&Value::tuple(vec![arn, Value::int(1)])).unwrap();
        let shown: String =
            writer.finish().iter().map(|piece| if let Piece::Known(text) = piece { text.to_string() } else { "<>".into() }).collect();
        assert_eq!(shown, "[\"arn:\\\"x\\\"/<>\",1]");
    }
}
