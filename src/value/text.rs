//! Strings: normalization, characters as people count them, and strings that are known in part.
//!
//! A partly known string is an unknown with [`Piece`]s: enough to see that `"${var.prefix}-logs"` on both sides of a link is the same text.
//! What Terraform itself would know of it is less (a known beginning, [`Unknown::prefix`]), and only that decides what an expression is.

use crate::value::{Cause, CauseKind, Marks, Piece, Type, Unknown, Value, ValueKind};
use std::borrow::Cow;
use std::sync::Arc;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// Longest string that evaluation makes, in bytes; a longer one is unknown, with this limit as its cause.
pub const MAX_TEXT: usize = 8 << 20;
/// Most pieces kept of a partly known string.
pub const MAX_PIECES: usize = 256;
/// Longest known beginning that Terraform keeps of a template, in bytes.
const MAX_PREFIX: usize = 128;

/// The text in Unicode's normal form C, in which Terraform holds every string.
pub fn normalize(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// A known string, normalized; unknown when it is longer than [`MAX_TEXT`].
pub fn string(text: &str) -> Value {
    if text.len() > MAX_TEXT {
        return too_long();
    }
    Value::string(normalize(text).as_ref())
}

/// What a string is that would be longer than [`MAX_TEXT`].
pub fn too_long() -> Value {
    let cause = Cause::new(CauseKind::Limit, "a string longer than 8 MiB", None);
    Unknown::new(Type::String, vec![cause]).not_null().into()
}

/// The characters as people count them: grapheme clusters.
pub fn characters(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.graphemes(true)
}

/// The part of a string's known beginning that stays as it is whatever follows: a last character that a combining mark could
/// change is cut off, unless it is one of the usual delimiters.
pub fn safe_prefix(text: &str) -> Arc<str> {
    const DELIMITERS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'";
    let text = normalize(text);
    let Some(last) = text.graphemes(true).next_back() else { return "".into() };
    let mut symbols = last.chars();
    let delimiter = symbols.next().is_some_and(|symbol| DELIMITERS.contains(symbol)) && symbols.next().is_none();
    if delimiter { text.as_ref().into() } else { text[..text.len() - last.len()].into() }
}

/// The pieces of a string, known or not, in order; a number or boolean as the text that a template makes of it; nothing for anything else.
pub fn pieces(value: &Value) -> Vec<Piece> {
    all_pieces(std::slice::from_ref(value))
}

/// The pieces of several, in order.
fn all_pieces(parts: &[Value]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        match &part.kind {
            ValueKind::String(text) if text.is_empty() => {}
            ValueKind::String(text) => pieces.push(Piece::Known(Arc::clone(text))),
            ValueKind::Number(number) => pieces.push(Piece::Known(number.to_string().into())),
            ValueKind::Bool(value) => pieces.push(Piece::Known(if *value { "true" } else { "false" }.into())),
            ValueKind::Unknown(unknown) if unknown.pieces.is_empty() => pieces.push(Piece::Unknown(Arc::clone(unknown))),
            ValueKind::Unknown(unknown) => pieces.extend_from_slice(&unknown.pieces),
            _ => {}
        }
    }
    pieces
}

/// Strings (and numbers and booleans, as templates write them) joined: known if all are, otherwise one unknown string with its pieces and,
/// as Terraform keeps it, the known beginning. Never null.
pub fn concat(parts: &[Value]) -> Value {
    let marks = parts.iter().fold(Marks::NONE, |marks, part| marks.union(part.marks));
    if let [Value { kind: ValueKind::String(text), .. }] = parts
        && text.len() <= MAX_TEXT
        && matches!(normalize(text), Cow::Borrowed(_))
    {
        return Value::string(Arc::clone(text)).with_marks(marks);
    }
    let (lead, known) = lead(parts);
    if known == parts.len() {
        return Value::string(normalize(&lead).as_ref()).with_marks(marks);
    }
    let all = all_pieces(parts);
    if !parts[known..].iter().any(Value::is_unknown) {
        return Value::from(partly_known(join(all))).with_marks(marks);
    }
    let mut unknown = partly_known(all);
    if !lead.is_empty() {
        let prefix = safe_prefix(cut(&normalize(&lead), MAX_PREFIX));
        unknown.prefix = (!prefix.is_empty()).then_some(prefix);
    }
    Value::from(unknown).with_marks(marks)
}

/// The known text at the beginning of parts, and how many of them it is made of: as many as are known and not longer than [`MAX_TEXT`].
fn lead(parts: &[Value]) -> (String, usize) {
    let known = parts.iter().position(Value::is_unknown).unwrap_or(parts.len());
    let length: usize = parts[..known].iter().filter_map(Value::as_str).map(str::len).sum();
    let mut text = String::with_capacity(length.min(MAX_TEXT));
    for (at, part) in parts[..known].iter().enumerate() {
        let number;
        let piece = match &part.kind {
            ValueKind::String(piece) => piece,
            ValueKind::Bool(true) => "true",
            ValueKind::Bool(false) => "false",
            ValueKind::Number(of) => {
                number = of.to_string();
                &number
            }
            _ => "",
        };
        if text.len() + piece.len() > MAX_TEXT {
            return (text, at);
        }
        text.push_str(piece);
    }
    (text, known)
}

/// Known pieces that stand beside each other. Most stand alone, and are not copied.
#[derive(Default)]
struct Run {
    first: Option<Arc<str>>,
    /// All of them, where there are several.
    all: String,
}

impl Run {
    fn push(&mut self, piece: Arc<str>) {
        match &self.first {
            _ if piece.is_empty() => {}
            None => self.first = Some(piece),
            Some(first) => {
                if self.all.is_empty() {
                    self.all.push_str(first);
                }
                self.all.push_str(&piece);
            }
        }
    }

    /// Adds them as one piece.
    fn flush(&mut self, joined: &mut Vec<Piece>) {
        let Some(first) = self.first.take() else { return };
        let text = match normalize(if self.all.is_empty() { &first } else { &self.all }) {
            Cow::Borrowed(_) if self.all.is_empty() => first,
            text => text.as_ref().into(),
        };
        joined.push(Piece::Known(text));
        self.all.clear();
    }
}

/// An unknown string of these pieces, joined; nothing is said of what Terraform knows of its beginning.
pub fn partly_known(pieces: Vec<Piece>) -> Unknown {
    let causes = pieces.iter().filter_map(|piece| match piece {
        Piece::Unknown(unknown) => Some(unknown.causes.iter().cloned()),
        Piece::Known(_) => None,
    });
    let mut unknown = Unknown::new(Type::String, causes.flatten().collect()).not_null();
    unknown.pieces = join(pieces);
    // One unknown piece and nothing else: the same text, so the same thing.
    if let [Piece::Unknown(only)] = unknown.pieces.as_slice() {
        unknown.refers_to.clone_from(&only.refers_to);
        unknown.pieces = Vec::new();
    }
    unknown
}

/// Neighbouring known pieces made one, nested ones opened, too many or too long ones made one unknown piece at the end.
fn join(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut run = Run::default();
    let mut length = 0;
    let mut rest = pieces.into_iter();
    for piece in rest.by_ref() {
        match piece {
            Piece::Known(known) => {
                length += known.len();
                if length > MAX_TEXT {
                    break;
                }
                run.push(known);
            }
            Piece::Unknown(unknown) => {
                run.flush(&mut joined);
                joined.push(Piece::Unknown(unknown));
            }
        }
        if joined.len() + 3 > MAX_PIECES {
            break;
        }
    }
    run.flush(&mut joined);
    let mut causes: Vec<Cause> = rest
        .flat_map(|piece| match piece {
            Piece::Unknown(unknown) => unknown.causes.clone(),
            Piece::Known(_) => Vec::new(),
        })
        .collect();
    if length > MAX_TEXT {
        causes.push(Cause::new(CauseKind::Limit, "a string longer than 8 MiB", None));
    }
    if joined.len() + 3 > MAX_PIECES {
        causes.push(Cause::new(CauseKind::Limit, "a string of more than 256 pieces", None));
    }
    if !causes.is_empty() {
        joined.push(Piece::Unknown(Arc::new(Unknown::new(Type::String, causes).not_null())));
    }
    joined
}

/// At most so many bytes from the beginning of a text, in whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    // Each letter of ASCII is a cluster, but for the two of one line end.
    if text.as_bytes()[..=bytes].is_ascii() && text.as_bytes()[bytes - 1] != b'\r' {
        return &text[..bytes];
    }
    let end = text.grapheme_indices(true).map(|(at, cluster)| at + cluster.len()).take_while(|end| *end <= bytes).last();
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(name: &str) -> Value {
        Unknown::new(Type::String, vec![Cause::new(CauseKind::Variable, name, None)]).not_null().into()
    }

    fn shown(value: &Value) -> String {
        pieces(value)
            .iter()
            .map(|piece| match piece {
                Piece::Known(text) => text.to_string(),
                Piece::Unknown(unknown) => format!("<{}>", unknown.causes[0].name),
            })
            .collect()
    }

    #[test]
    fn known_parts_make_a_known_string() {
        assert_eq!(concat(&[Value::string("a"), Value::int(5), Value::bool(true)]).as_str(), Some("a5true"));
        assert_eq!(concat(&[]).as_str(), Some(""));
        assert_eq!(concat(&[Value::string("e"), Value::string("\u{301}")]).as_str(), Some("\u{e9}"));
        assert!(concat(&[Value::string("a").with_marks(Marks::SENSITIVE), Value::string("b")]).marks.contains(Marks::SENSITIVE));
    }

    #[test]
    fn unknown_parts_leave_pieces_and_a_safe_beginning() {
        let inner = concat(&[Value::string("b-"), unknown("var.x")]);
        let outer = concat(&[Value::string("a"), Value::string("-"), inner, Value::string("!")]);
        assert_eq!(shown(&outer), "a-b-<var.x>!");
        let outer = outer.as_unknown().unwrap();
        assert_eq!(outer.pieces.len(), 3);
        assert_eq!(outer.prefix.as_deref(), Some("a-"), "as Terraform: the inner beginning is not added");
        assert!(outer.not_null);
        assert_eq!(outer.causes.len(), 1);
    }

    #[test]
    fn a_beginning_is_cut_where_it_could_still_change() {
        for (text, safe) in
            [("pre-", "pre-"), ("abc", "ab"), ("x9", "x"), ("x\n", "x"), ("a=", "a"), ("", ""), ("arn:aws:s3:::", "arn:aws:s3:::")]
        {
            assert_eq!(&*safe_prefix(text), safe, "{text:?}");
        }
        let long = concat(&[Value::string("-".repeat(500)), unknown("u")]);
        assert_eq!(long.as_unknown().unwrap().prefix.as_ref().unwrap().len(), MAX_PREFIX);
    }

    #[test]
    fn absurd_sizes_are_unknown() {
        let large = Value::string("x".repeat(MAX_TEXT));
        let twice = concat(&[large.clone(), large]);
        assert_eq!(twice.causes()[0].kind, CauseKind::Limit);
        let many: Vec<Value> = (0..2000).flat_map(|at| [unknown(&format!("u{at}")), Value::string("-")]).collect();
        let joined = concat(&many);
        assert!(joined.as_unknown().unwrap().pieces.len() <= MAX_PIECES);
    }
}
