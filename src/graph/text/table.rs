//! Texts letter by letter, held against each other in a table: what is decided where no quicker way decides. It does not know what the unknown
//! pieces stand for.

use super::{Atom, Key, Text};
use crate::value::Truth;

/// Most comparisons that one match may take; past it the answer is not known, and [`super::why_unknown`] says so.
pub const MAX_CELLS: usize = 1_000_000;

/// What `*` and `?` are in a text.
#[derive(Clone, Copy)]
pub enum Wildcards {
    /// Wildcards.
    Meant,
    /// Letters like others.
    Literal,
}

/// A letter, a wildcard or an unknown piece.
#[derive(Clone, Copy, PartialEq)]
pub enum Token<'a> {
    Char(char),
    Star,
    One,
    Same(&'a Key),
    Opaque,
    /// The digit with which the rest begins, and all that follows it.
    RestDigit,
    RestMore,
}

/// A text letter by letter.
pub fn tokens(text: &Text, wildcards: Wildcards) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    for atom in &text.atoms {
        match (atom, wildcards) {
            (Atom::Known(text), Wildcards::Literal) => out.extend(text.chars().map(Token::Char)),
            (Atom::Known(text), Wildcards::Meant) => out.extend(text.chars().map(|letter| match letter {
                '*' => Token::Star,
                '?' => Token::One,
                other => Token::Char(other),
            })),
            (Atom::Same(key), _) => out.push(Token::Same(key)),
            (Atom::Opaque, _) => out.push(Token::Opaque),
            (Atom::Rest, _) => out.extend([Token::RestDigit, Token::RestMore]),
        }
    }
    out
}

/// What is between the beginning and the end that both have in common: that decides nothing. `None` where these differ.
pub fn between<'t, 'k>(mut pattern: &'t [Token<'k>], mut subject: &'t [Token<'k>]) -> Option<(&'t [Token<'k>], &'t [Token<'k>])> {
    loop {
        match (pattern, subject) {
            ([Token::Char(a), rest @ ..], [Token::Char(b), other @ ..]) if a == b => (pattern, subject) = (rest, other),
            ([Token::Same(a), rest @ ..], [Token::Same(b), other @ ..]) if a == b => (pattern, subject) = (rest, other),
            ([Token::Char(_), ..], [Token::Char(_), ..]) => return None,
            _ => break,
        }
    }
    while let ([rest @ .., Token::Char(a)], [other @ .., Token::Char(b)]) = (pattern, subject) {
        if a != b {
            return None;
        }
        (pattern, subject) = (rest, other);
    }
    Some((pattern, subject))
}

/// How many comparisons it takes to match these.
pub fn cells(pattern: &[Token<'_>], subject: &[Token<'_>]) -> usize {
    (pattern.len() + 1).saturating_mul(subject.len() + 1)
}

/// Fills a table from the ends: cell (i, j) says whether the rest of the pattern covers the rest of the subject.
pub fn compare(pattern: &[Token<'_>], subject: &[Token<'_>]) -> Truth {
    let Some((pattern, subject)) = between(pattern, subject) else { return Truth::False };
    if cells(pattern, subject) > MAX_CELLS {
        return Truth::Unknown;
    }
    let width = subject.len() + 1;
    let mut below = vec![Truth::False; width];
    let mut row = below.clone();
    for i in (0..=pattern.len()).rev() {
        for j in (0..width).rev() {
            let down = if i < pattern.len() { below[j] } else { Truth::False };
            let right = if j + 1 < width { row[j + 1] } else { Truth::False };
            let both = if i < pattern.len() && j + 1 < width { below[j + 1] } else { Truth::False };
            row[j] = cell(pattern.get(i).copied(), subject.get(j).copied(), down, right, both);
        }
        std::mem::swap(&mut below, &mut row);
    }
    below[0]
}

/// One cell, from those of the shorter rests: without the pattern's token, without the subject's, without both.
fn cell(pattern: Option<Token<'_>>, subject: Option<Token<'_>>, down: Truth, right: Truth, both: Truth) -> Truth {
    use Token::{Char, One, Opaque, RestDigit, RestMore, Same, Star};
    let maybe = |ways: Truth| Truth::Unknown.and(ways);
    match (pattern, subject) {
        (None, None) => Truth::True,
        (Some(Star), None) => down,
        (Some(Star), Some(_)) => down.or(right),
        // What a resource is known by is not empty; whatever else is not known may be.
        (None, Some(Char(_) | Star | One | RestDigit)) | (Some(Char(_) | One | RestDigit), None) => Truth::False,
        (None, Some(Same(key))) | (Some(Same(key)), None) if key.names_a_resource() => Truth::False,
        (None, Some(Opaque | RestMore | Same(_))) => maybe(right),
        (Some(Opaque | RestMore | Same(_)), None) => maybe(down),
        (Some(Char(a)), Some(Char(b))) => {
            if a == b {
                both
            } else {
                Truth::False
            }
        }
        (Some(One), Some(Char(_) | RestDigit)) => both,
        (Some(Same(a)), Some(Same(b))) if a == b => both,
        (Some(RestDigit), Some(RestDigit)) | (Some(RestMore), Some(RestMore)) => both,
        (Some(Same(Key::Generated(_))), Some(Same(Key::Generated(_)))) => Truth::False,
        // It cannot have been known when this was written.
        (Some(Same(Key::Generated(_))), Some(Char(_))) | (Some(Char(_)), Some(Same(Key::Generated(_)))) => Truth::False,
        (Some(Char(letter)), Some(RestDigit)) | (Some(RestDigit), Some(Char(letter))) => {
            if letter.is_ascii_digit() {
                maybe(both)
            } else {
                Truth::False
            }
        }
        (Some(_), Some(_)) => maybe(down.or(right).or(both)),
    }
}
