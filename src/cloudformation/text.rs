//! Text that is only partly known: joining, splitting and comparing it without losing what is known.
//!
//! It knows values, not CloudFormation: what a reference may contain, the caller says.

use super::scalar;
use crate::value::{self, Piece, Truth, Unknown, Value, ValueKind};
use std::sync::Arc;

/// The parts one after the other. A part that is alone stays what it is, with all that it refers to. `Err` holds the place of a part that
/// is not text.
pub fn concat(parts: &[Value]) -> Result<Value, usize> {
    let is_text = |part: &Value| scalar::text_of(part).is_some() || part.is_unknown() || part.is_null();
    if let Some(place) = parts.iter().position(|part| !is_text(part)) {
        return Err(place);
    }
    let mut there = parts.iter().filter(|part| !part.is_null() && part.as_str() != Some(""));
    Ok(match (there.next(), there.next()) {
        (Some(only), None) if only.is_unknown() => only.clone(),
        _ => value::text::concat(parts),
    })
}

/// The pieces of a value; none of a collection.
pub fn pieces_of(value: &Value) -> Vec<Piece> {
    pieces_of_value(value).unwrap_or_default()
}

/// The pieces of a scalar, or of an unknown; `None` for a collection.
fn pieces_of_value(value: &Value) -> Option<Vec<Piece>> {
    let is_text = value.is_unknown() || value.is_null() || scalar::text_of(value).is_some();
    is_text.then(|| value::text::pieces(value))
}

/// What splitting gives.
#[derive(Debug)]
pub struct Split {
    /// The items that are known as far as their own text is.
    pub items: Vec<Value>,
    /// The part that may hold more delimiters: where it stands, the items end.
    pub open: Option<Arc<Unknown>>,
}

/// Splits text at a delimiter, as far as its pieces tell. `whole` says of an unknown piece that the delimiter cannot be in it. `None`
/// when the value is no text.
pub fn split(value: &Value, delimiter: &str, whole: impl Fn(&Unknown) -> bool) -> Option<Split> {
    let mut items = Vec::new();
    let mut current: Vec<Value> = Vec::new();
    let close = |parts: &mut Vec<Value>| concat(&std::mem::take(parts)).expect("pieces are text");
    for piece in pieces_of_value(value)? {
        match piece {
            Piece::Known(text) if delimiter.is_empty() => current.push(Value::string(text)),
            Piece::Known(text) => {
                for (index, part) in text.split(delimiter).enumerate() {
                    if index > 0 {
                        items.push(close(&mut current));
                    }
                    current.push(Value::string(part));
                }
            }
            Piece::Unknown(unknown) if whole(&unknown) => current.push(ValueKind::Unknown(unknown).into()),
            Piece::Unknown(unknown) => return Some(Split { items, open: Some(unknown) }),
        }
    }
    items.push(close(&mut current));
    Some(Split { items, open: None })
}

/// Whether two values are the same to CloudFormation, which compares scalars as text.
pub fn equal(a: &Value, b: &Value) -> Truth {
    match (a.as_items(), b.as_items()) {
        (Some(a), Some(b)) if a.len() != b.len() => return Truth::False,
        (Some(a), Some(b)) => return Truth::all(a.iter().zip(b).map(|(a, b)| equal(a, b))),
        _ => {}
    }
    match (a.as_entries(), b.as_entries()) {
        (Some(a), Some(b)) if !a.keys().eq(b.keys()) => return Truth::False,
        (Some(a), Some(b)) => return Truth::all(a.values().zip(b.values()).map(|(a, b)| equal(a, b))),
        _ => {}
    }
    match (pieces_of_value(a), pieces_of_value(b)) {
        (Some(a), Some(b)) => equal_pieces(&a, &b),
        _ if a.is_unknown() || b.is_unknown() => Truth::Unknown,
        _ => Truth::False,
    }
}

/// Takes equal beginnings and ends off both sides and judges what is left.
fn equal_pieces(a: &[Piece], b: &[Piece]) -> Truth {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    for end in [End::Back, End::Front] {
        loop {
            match (end.peek(&a), end.peek(&b)) {
                (Some(Piece::Known(left)), Some(Piece::Known(right))) => {
                    let common = left.len().min(right.len());
                    let (Some(one), Some(other)) = (end.cut(left, common), end.cut(right, common)) else { return Truth::False };
                    if one.0 != other.0 {
                        return Truth::False;
                    }
                    let (rest_a, rest_b) = (one.1.to_owned(), other.1.to_owned());
                    end.replace(&mut a, &rest_a);
                    end.replace(&mut b, &rest_b);
                }
                (Some(Piece::Unknown(left)), Some(Piece::Unknown(right))) if same(left, right) => {
                    end.replace(&mut a, "");
                    end.replace(&mut b, "");
                }
                _ => break,
            }
        }
    }
    let known = |pieces: &[Piece]| pieces.iter().any(|piece| matches!(piece, Piece::Known(_)));
    match (a.as_slice(), b.as_slice()) {
        ([], []) => Truth::True,
        ([], rest) | (rest, []) if known(rest) => Truth::False,
        ([Piece::Known(text)], pattern) | (pattern, [Piece::Known(text)]) if !occurs_in_order(text, pattern) => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Whether the known pieces of a pattern stand in a text, one after the other.
fn occurs_in_order(text: &str, pattern: &[Piece]) -> bool {
    let mut rest = text;
    pattern.iter().all(|piece| match piece {
        Piece::Unknown(_) => true,
        Piece::Known(known) => match rest.find(&**known) {
            Some(at) => {
                rest = &rest[at + known.len()..];
                true
            }
            None => false,
        },
    })
}

fn same(a: &Unknown, b: &Unknown) -> bool {
    a.refers_to.is_some() && a.refers_to == b.refers_to
}

#[derive(Clone, Copy)]
enum End {
    Front,
    Back,
}

impl End {
    fn peek(self, pieces: &[Piece]) -> Option<&Piece> {
        match self {
            Self::Front => pieces.first(),
            Self::Back => pieces.last(),
        }
    }

    /// So many bytes at this end, and the rest. `None` when a character would be cut.
    fn cut(self, text: &str, len: usize) -> Option<(&str, &str)> {
        match self {
            Self::Front => text.split_at_checked(len),
            Self::Back => text.split_at_checked(text.len() - len).map(|(rest, cut)| (cut, rest)),
        }
    }

    /// Puts a text in the place of the piece at this end; no piece for no text.
    fn replace(self, pieces: &mut Vec<Piece>, text: &str) {
        let index = match self {
            Self::Front => 0,
            Self::Back => pieces.len() - 1,
        };
        if text.is_empty() {
            pieces.remove(index);
        } else {
            pieces[index] = Piece::Known(Arc::from(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Cause, CauseKind, ProjectId, Type};

    fn input(name: &str) -> Value {
        Unknown::input(ProjectId(0), Type::String, Cause::new(CauseKind::Parameter, name, None)).into()
    }

    /// `<A>x` is the parameter A followed by x.
    fn text(pattern: &str) -> Value {
        let mut parts = Vec::new();
        for part in pattern.split('<') {
            match part.split_once('>') {
                Some((name, rest)) => parts.extend([input(name), Value::string(rest)]),
                None => parts.push(Value::string(part)),
            }
        }
        concat(&parts).unwrap()
    }

    #[test]
    fn what_is_known_decides_equality() {
        for (a, b, expected) in [
            ("a", "a", Truth::True),
            ("a", "A", Truth::False),
            ("<P>-x", "<P>-x", Truth::True),
            ("<P>-x", "<Q>-x", Truth::Unknown),
            ("<P>-x", "b-y", Truth::False),
            ("x-<P>", "y-b", Truth::False),
            ("<P>-mid-<Q>", "a-mid-b", Truth::Unknown),
            ("<P>-mid-<Q>", "a-dim-b", Truth::False),
            ("<P>x", "<P>", Truth::False),
            ("<P>", "", Truth::Unknown),
            ("a<P>", "", Truth::False),
            ("ab<P>ba", "aba", Truth::False),
            ("ä<P>", "a", Truth::False),
        ] {
            assert_eq!(equal(&text(a), &text(b)), expected, "{a} == {b}");
            assert_eq!(equal(&text(b), &text(a)), expected, "{b} == {a}");
        }
    }

    #[test]
    fn splitting_stops_where_more_delimiters_may_be() {
        let shown = |split: &Split| split.items.iter().map(|item| item.as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>();
        let whole = split(&text("arn:aws:s3:::<B>"), ":", |_| true).unwrap();
        assert_eq!(shown(&whole), ["arn", "aws", "s3", "", "", "?"]);
        assert_eq!(whole.items[5].as_unknown().unwrap().refers_to, input("B").as_unknown().unwrap().refers_to);
        let open = split(&text("a,b<P>,c"), ",", |_| false).unwrap();
        assert_eq!(shown(&open), ["a"]);
        assert!(open.open.is_some());
        assert_eq!(shown(&split(&text("a,,b"), ",", |_| false).unwrap()), ["a", "", "b"]);
    }
}
