//! JSON text of which parts are not known, as a value: each unknown piece takes the place of one character of a private plane, the text is
//! read as JSON, and the pieces are put back inside the strings.

use crate::value::{Cause, CauseKind, Entries, Number, Origin, Piece, Type, Unknown, Value};
use std::fmt::Write as _;
use std::sync::Arc;

/// The first character that stands for a piece. There is room for 65,000 of them.
const FIRST_MARK: u32 = 0xF_0000;

/// Longest text that is read, in bytes. The longest policy that AWS takes is far shorter.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Reads JSON text; `None` if it is none.
pub fn read(pieces: &[Piece], origin: &Origin) -> Option<Value> {
    let mut text = String::new();
    let mut unknown = Vec::new();
    let mut strings = Strings::default();
    for piece in pieces {
        match piece {
            Piece::Known(known) => {
                strings.pass(known);
                text.push_str(known);
            }
            Piece::Unknown(inner) => {
                let mark = char::from_u32(FIRST_MARK + u32::try_from(unknown.len()).ok()?)?;
                // Outside a string it stands for a whole value that is not known.
                if strings.inside {
                    text.push(mark);
                } else {
                    write!(text, "\"{mark}\"").ok()?;
                }
                unknown.push(Arc::clone(inner));
            }
        }
        if text.len() > MAX_BYTES {
            return None;
        }
    }
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(value(&json, &unknown, origin))
}

/// Whether the text so far ends inside a string.
#[derive(Default)]
struct Strings {
    inside: bool,
    escaped: bool,
}

impl Strings {
    fn pass(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.inside => self.escaped = true,
                b'"' => self.inside = !self.inside,
                _ => {}
            }
        }
    }
}

fn value(json: &serde_json::Value, unknown: &[Arc<Unknown>], origin: &Origin) -> Value {
    let made = match json {
        serde_json::Value::Null => Value::null(),
        serde_json::Value::Bool(value) => Value::bool(*value),
        serde_json::Value::Number(number) => match Number::parse(&number.to_string()) {
            Some(number) => crate::value::ValueKind::Number(number).into(),
            None => Value::string(number.to_string()),
        },
        serde_json::Value::String(text) => string(text, unknown),
        serde_json::Value::Array(items) => Value::tuple(items.iter().map(|item| value(item, unknown, origin)).collect()),
        serde_json::Value::Object(entries) => {
            let entries: Entries = entries.iter().map(|(key, entry)| (Arc::from(key.as_str()), value(entry, unknown, origin))).collect();
            Value::object(entries)
        }
    };
    made.with_origin(origin.clone())
}

fn string(text: &str, unknown: &[Arc<Unknown>]) -> Value {
    let mark = |letter: char| unknown.get(usize::try_from(u32::from(letter).checked_sub(FIRST_MARK)?).ok()?);
    if !text.chars().any(|letter| mark(letter).is_some()) {
        return Value::string(text);
    }
    let (mut pieces, mut known, mut causes) = (Vec::new(), String::new(), Vec::new());
    for letter in text.chars() {
        let Some(inner) = mark(letter) else {
            known.push(letter);
            continue;
        };
        if !known.is_empty() {
            pieces.push(Piece::Known(Arc::from(std::mem::take(&mut known))));
        }
        causes.extend(inner.causes.iter().cloned());
        pieces.push(Piece::Unknown(Arc::clone(inner)));
    }
    if !known.is_empty() {
        pieces.push(Piece::Known(Arc::from(known)));
    }
    if causes.is_empty() {
        causes.push(Cause::new(CauseKind::Computed, "part of the policy", None));
    }
    let mut out = Unknown::new(Type::String, causes).not_null();
    out.pieces = pieces;
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_pieces_stay_inside_their_strings() {
        let inner = Arc::new(Unknown::new(Type::String, vec![Cause::new(CauseKind::Variable, "var.x", None)]));
        let pieces = [
            Piece::Known(Arc::from("{\"a\":\"x\\\"-")),
            Piece::Unknown(Arc::clone(&inner)),
            Piece::Known(Arc::from("/*\",\"b\":")),
            Piece::Unknown(inner),
            Piece::Known(Arc::from("}")),
        ];
        let read = read(&pieces, &Origin::default()).unwrap();
        let a = read.get("a").unwrap().as_unknown().unwrap();
        assert!(
            matches!(a.pieces.as_slice(), [Piece::Known(before), Piece::Unknown(_), Piece::Known(after)] if &**before == "x\"-" && &**after == "/*")
        );
        assert!(read.get("b").unwrap().is_unknown());
    }
}
