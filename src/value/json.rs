//! JSON text that is known in part: reading it with its unknown pieces in place, and writing it.
//!
//! Policies are such text: `"Resource": "arn:aws:s3:::${bucket}/*"`. Where unknown pieces stand inside JSON strings, the
//! document's structure is known all the same.

use crate::value::entries::last_of_each;
use crate::value::text::concat;
use crate::value::{Entries, Number, Origin, Piece, Type, Unknown, Value, ValueKind};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Marks the place of an unknown piece while the text is parsed: code points that no text of a document holds.
const OPEN: char = '\u{10FFFE}';
const CLOSE: char = '\u{10FFFF}';

/// Longest text that is read, in bytes: far longer than any policy that AWS takes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What an unknown piece outside of JSON's strings is taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outside {
    /// Anything, structure included: the text is not read.
    Anything,
    /// One whole value.
    OneValue,
}

/// The document of a wholly or partly known JSON text: objects, tuples, scalars, and partly known strings. `None` if it is no JSON, or if
/// an unknown piece stands outside of strings, so that the structure itself is not known. Object members that are named twice keep the last.
pub fn parse(text: &Value) -> Option<Value> {
    match &text.kind {
        ValueKind::String(text) => Some(document(text, &[])?.to_value(&Origin::default())),
        ValueKind::Unknown(unknown) if !unknown.pieces.is_empty() => read(&unknown.pieces, Outside::Anything, &Origin::default()),
        _ => None,
    }
}

/// The document of the pieces of a JSON text, each of its values with this history; `None` if it is none, or longer than is read.
pub fn read(pieces: &[Piece], outside: Outside, origin: &Origin) -> Option<Value> {
    take(pieces, outside, |document| document.to_value(origin))
}

/// What is made of the document of the pieces of a JSON text; `None` if it is none, or longer than is read. It need not be made a value for that.
pub fn take<T>(pieces: &[Piece], outside: Outside, make: impl FnOnce(Json<'_>) -> T) -> Option<T> {
    if let [Piece::Known(text)] = pieces {
        return if is_readable(text) { document(text, &[]).map(make) } else { None };
    }
    let mut marked = String::with_capacity(pieces.iter().map(Piece::known).sum::<usize>().min(MAX_BYTES));
    let mut unknowns: Vec<Arc<Unknown>> = Vec::new();
    let mut strings = Strings::default();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Known(text) if !is_readable(text) => return None,
            Piece::Known(text) => {
                // Of the last one nobody asks where it ends.
                if at + 1 < pieces.len() {
                    strings.pass(text);
                }
                marked.push_str(text);
            }
            Piece::Unknown(unknown) => {
                let quote = if strings.inside || outside == Outside::Anything { "" } else { "\"" };
                let _ = write!(marked, "{quote}{OPEN}{}{CLOSE}{quote}", unknowns.len());
                unknowns.push(Arc::clone(unknown));
            }
        }
        if marked.len() > MAX_BYTES {
            return None;
        }
    }
    document(&marked, &unknowns).map(make)
}

/// Whether a text is not too long, and holds no mark.
fn is_readable(text: &str) -> bool {
    text.len() <= MAX_BYTES && (text.is_ascii() || !text.contains([OPEN, CLOSE]))
}

/// Whether a part of a marked text holds an unknown piece.
fn is_marked(text: &str) -> bool {
    !text.is_ascii() && text.contains(OPEN)
}

fn document<'t>(text: &'t str, unknowns: &[Arc<Unknown>]) -> Option<Json<'t>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let document = Restore { unknowns }.deserialize(&mut reader).ok()?;
    reader.end().ok().map(|()| document)
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

/// A wholly known JSON document as a value.
pub fn from_json(document: serde_json::Value) -> Value {
    Restore { unknowns: &[] }.deserialize(document).map_or_else(|_| Value::null(), |document| document.to_value(&Origin::default()))
}

/// A JSON document as it was read, before it has a history. Its depth is bounded by the reader's.
#[derive(Debug)]
pub enum Json<'t> {
    /// `null`, or a number that is none.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A known text.
    Text(Cow<'t, str>),
    /// A text that is known in part.
    Part(Value),
    /// A list.
    List(Vec<Self>),
    /// The members of an object, each once, in the order of their names.
    Object(Vec<(Cow<'t, str>, Self)>),
}

impl Json<'_> {
    /// The member of a name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(other, _)| **other == *name).map(|(_, member)| member)
    }

    /// As a value, with this history.
    pub fn to_value(&self, origin: &Origin) -> Value {
        let value = match self {
            Self::Null => Value::null(),
            Self::Bool(is) => Value::bool(*is),
            Self::Number(number) => ValueKind::Number(number.clone()).into(),
            Self::Text(text) => Value::string(&**text),
            Self::Part(value) => value.clone(),
            Self::List(items) => Value::tuple(items.iter().map(|item| item.to_value(origin)).collect()),
            Self::Object(members) => {
                let member = |(name, member): &(Cow<'_, str>, Self)| (Arc::from(&**name), member.to_value(origin));
                Value::object(members.iter().map(member).collect::<Entries>())
            }
        };
        value.with_origin(origin.clone())
    }
}

/// Makes a document while its text is read: the unknown pieces of its texts are put back.
#[derive(Clone, Copy)]
struct Restore<'r> {
    unknowns: &'r [Arc<Unknown>],
}

impl Restore<'_> {
    fn text(self, text: Cow<'_, str>) -> Json<'_> {
        if self.unknowns.is_empty() || !is_marked(&text) { Json::Text(text) } else { Json::Part(restore_text(&text, self.unknowns)) }
    }
}

fn number<'t>(number: &impl ToString) -> Json<'t> {
    Number::parse(&number.to_string()).map_or(Json::Null, Json::Number)
}

impl<'de> DeserializeSeed<'de> for Restore<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Restore<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, of: i64) -> Result<Json<'de>, E> {
        Ok(number(&of))
    }

    fn visit_u64<E: de::Error>(self, of: u64) -> Result<Json<'de>, E> {
        Ok(number(&of))
    }

    fn visit_f64<E: de::Error>(self, of: f64) -> Result<Json<'de>, E> {
        // As JSON writes it; what is no number there is null.
        Ok(serde_json::Number::from_f64(of).map_or(Json::Null, |of| number(&of)))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(self.text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(self.text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            all.push(item);
        }
        Ok(Json::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut all: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(name) = members.next_key_seed(Name)? {
            all.push((name, members.next_value_seed(self)?));
        }
        // Of names that are known in part and look alike, the one that counts is the last by what they are made of, whatever their order.
        if !self.unknowns.is_empty() && all.iter().any(|(name, _)| is_marked(name)) {
            all.sort_by(|(a, _), (b, _)| a.cmp(b));
            all.iter_mut().for_each(|(name, _)| *name = visible(name).into());
        }
        last_of_each(&mut all);
        Ok(Json::Object(all))
    }
}

/// Reads a member's name as it stands.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// A member's name, with what is not known of it as `${…}`.
fn visible(name: &str) -> String {
    if !is_marked(name) {
        return name.to_owned();
    }
    let mut out = String::new();
    for (index, part) in name.split(OPEN).enumerate() {
        match part.split_once(CLOSE).filter(|_| index > 0) {
            Some((_, rest)) => {
                out.push_str("${…}");
                out.push_str(rest);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// A marked text as a value.
fn restore_text(text: &str, unknowns: &[Arc<Unknown>]) -> Value {
    let mut parts = Vec::new();
    for (index, part) in text.split(OPEN).enumerate() {
        let (unknown, rest) = match part.split_once(CLOSE).filter(|_| index > 0) {
            Some((number, rest)) => (number.parse::<usize>().ok().and_then(|number| unknowns.get(number)), rest),
            None => (None, part),
        };
        if let Some(unknown) = unknown {
            parts.push(ValueKind::Unknown(Arc::clone(unknown)).into());
        }
        if !rest.is_empty() {
            parts.push(Value::string(rest));
        }
    }
    if let [Value { kind: ValueKind::Unknown(only), .. }] = parts.as_slice() {
        // A string in the document, whatever else the piece may be.
        let text = Unknown::new(Type::String, only.causes.clone()).not_null();
        return Unknown { pieces: vec![Piece::Unknown(Arc::clone(only))], ..text }.into();
    }
    concat(&parts)
}

/// Writes JSON text that may hold unknown strings.
#[derive(Debug, Default)]
pub struct Writer {
    parts: Vec<Value>,
    pending: String,
}

impl Writer {
    /// Adds text as it stands.
    pub fn raw(&mut self, text: &str) {
        self.pending.push_str(text);
    }

    /// Adds a member's name, quoted and escaped as strings are.
    pub fn name(&mut self, name: &str) {
        self.pending.push('"');
        escape(name, &mut self.pending);
        self.pending.push('"');
    }

    /// Adds a string, quoted and escaped as Go's encoder does it. What is not known stays a piece.
    pub fn string(&mut self, value: &Value) {
        self.pending.push('"');
        match &value.kind {
            ValueKind::String(text) => escape(text, &mut self.pending),
            ValueKind::Unknown(unknown) if !unknown.pieces.is_empty() => {
                for piece in &unknown.pieces {
                    match piece {
                        Piece::Known(text) => escape(text, &mut self.pending),
                        Piece::Unknown(unknown) => self.piece(ValueKind::Unknown(Arc::clone(unknown)).into()),
                    }
                }
            }
            _ => self.piece(value.clone()),
        }
        self.pending.push('"');
    }

    /// Adds an unknown piece of text: outside of quotes, one whole value.
    pub fn piece(&mut self, value: Value) {
        self.parts.push(Value::string(self.pending.as_str()));
        self.pending.clear();
        self.parts.push(value);
    }

    /// The text.
    pub fn finish(mut self) -> Value {
        self.parts.push(Value::string(self.pending));
        concat(&self.parts)
    }
}

/// Which bytes stand for themselves in a JSON string as Go's encoder writes it.
const IS_PLAIN: [bool; 256] = {
    let mut is_plain = [false; 256];
    let mut byte = b' ';
    while byte.is_ascii() {
        is_plain[byte as usize] = !matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&');
        byte += 1;
    }
    is_plain
};

/// Escapes a string for JSON as Go's encoder does: also `<`, `>`, `&` and the line separators.
pub fn escape(text: &str, into: &mut String) {
    // Most of a text stands for itself, and is copied in one piece.
    let mut rest = text;
    loop {
        let plain = rest.bytes().position(|byte| !IS_PLAIN[usize::from(byte)]).unwrap_or(rest.len());
        into.push_str(&rest[..plain]);
        rest = &rest[plain..];
        let Some(c) = rest.chars().next() else { return };
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            c if matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') || u32::from(c) < 0x20 => {
                let _ = write!(into, "\\u{:04x}", u32::from(c));
            }
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Cause, CauseKind};

    #[test]
    fn unknown_pieces_inside_strings_keep_the_structure() {
        let unknown: Value = Unknown::new(Type::String, vec![Cause::new(CauseKind::Computed, "aws_s3_bucket.b.arn", None)]).into();
        let text = concat(&[Value::string("{\"Resource\": \""), unknown, Value::string("/*\", \"Action\": [\"s3:PutObject\"]}")]);
        let document = parse(&text).expect("the structure is known");
        assert_eq!(document.get("Action").and_then(Value::as_items).map(<[Value]>::len), Some(1));
        let resource = document.get("Resource").expect("there is a resource");
        assert!(resource.is_unknown());
        assert_eq!(resource.as_unknown().map(|unknown| unknown.pieces.len()), Some(2));
    }

    #[test]
    fn an_unknown_outside_of_strings_may_be_taken_for_one_value() {
        let inner = Arc::new(Unknown::new(Type::String, vec![Cause::new(CauseKind::Variable, "var.x", None)]));
        let pieces = [
            Piece::Known(Arc::from("{\"a\":\"x\\\"-")),
            Piece::Unknown(Arc::clone(&inner)),
            Piece::Known(Arc::from("/*\",\"b\":")),
            Piece::Unknown(inner),
            Piece::Known(Arc::from("}")),
        ];
        let document = read(&pieces, Outside::OneValue, &Origin::default()).unwrap();
        let a = document.get("a").unwrap().as_unknown().unwrap();
        assert!(
            matches!(a.pieces.as_slice(), [Piece::Known(before), Piece::Unknown(_), Piece::Known(after)] if &**before == "x\"-" && &**after == "/*")
        );
        assert!(document.get("b").unwrap().is_unknown());
        assert!(read(&pieces, Outside::Anything, &Origin::default()).is_none());
    }

    #[test]
    fn an_unknown_outside_of_strings_hides_the_structure() {
        let unknown: Value = Unknown::new(Type::String, vec![]).into();
        assert!(parse(&concat(&[Value::string("{\"a\": "), unknown, Value::string("}")])).is_none());
        assert!(parse(&Value::string("{")).is_none());
    }
}
