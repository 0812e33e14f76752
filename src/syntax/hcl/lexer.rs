//! Words of HCL outside strings: one call, one token.
//!
//! Strings and heredocs are only announced (`Quote`, `Heredoc`): what is inside them belongs to the template reader, which comes back here for
//! each interpolation. So there is no stack of modes, and a token can be read again from its place at any time.

/// A word and its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    End,
    Newline,
    Name,
    Number,
    /// `"`.
    Quote,
    /// `<<NAME` or `<<-NAME` with its line ending.
    Heredoc,
    OpenBrace,
    CloseBrace,
    /// `~}`, which only a template sequence may end with.
    TildeBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    Equal,
    EqualEqual,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Bang,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Question,
    Colon,
    DoubleColon,
    Comma,
    Dot,
    Ellipsis,
    FatArrow,
    /// A character that HCL has no use for, or a comment that never ends (with all that follows it).
    Invalid,
}

/// Whether a line break is a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Newlines {
    /// It ends what stands on its line.
    Significant,
    /// It is space, as inside parentheses and brackets.
    Ignored,
}

/// The first token at or after `at`.
pub(super) fn token(text: &str, mut at: usize, newlines: Newlines) -> Token {
    let bytes = text.as_bytes();
    loop {
        while let Some(b' ' | b'\t') = bytes.get(at) {
            at += 1;
        }
        let Some(&byte) = bytes.get(at) else { return Token { kind: Kind::End, start: at, end: at } };
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let (kind, length) = match byte {
            b'\n' => match newlines {
                Newlines::Significant => (Kind::Newline, 1),
                Newlines::Ignored => {
                    at += 1;
                    continue;
                }
            },
            b'\r' if next == b'\n' => match newlines {
                Newlines::Significant => (Kind::Newline, 2),
                Newlines::Ignored => {
                    at += 2;
                    continue;
                }
            },
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (Kind::Name, name_length(text, at)),
            b'#' => {
                at = line_end(bytes, at);
                continue;
            }
            b'/' => match next {
                b'/' => {
                    at = line_end(bytes, at);
                    continue;
                }
                b'*' => match text[at + 2..].find("*/") {
                    Some(length) => {
                        at += length + 4;
                        continue;
                    }
                    None => (Kind::Invalid, bytes.len() - at),
                },
                _ => (Kind::Slash, 1),
            },
            b'0'..=b'9' => (Kind::Number, number_length(&bytes[at..])),
            b'"' => (Kind::Quote, 1),
            b'{' => (Kind::OpenBrace, 1),
            b'}' => (Kind::CloseBrace, 1),
            b'[' => (Kind::OpenBracket, 1),
            b']' => (Kind::CloseBracket, 1),
            b'(' => (Kind::OpenParenthesis, 1),
            b')' => (Kind::CloseParenthesis, 1),
            b'=' => match next {
                b'=' => (Kind::EqualEqual, 2),
                b'>' => (Kind::FatArrow, 2),
                _ => (Kind::Equal, 1),
            },
            b'!' if next == b'=' => (Kind::NotEqual, 2),
            b'!' => (Kind::Bang, 1),
            b'<' if next == b'<' => heredoc_length(text, at).map_or((Kind::Less, 1), |length| (Kind::Heredoc, length)),
            b'<' if next == b'=' => (Kind::LessOrEqual, 2),
            b'<' => (Kind::Less, 1),
            b'>' if next == b'=' => (Kind::GreaterOrEqual, 2),
            b'>' => (Kind::Greater, 1),
            b'&' if next == b'&' => (Kind::And, 2),
            b'|' if next == b'|' => (Kind::Or, 2),
            b'~' if next == b'}' => (Kind::TildeBrace, 2),
            b'+' => (Kind::Plus, 1),
            b'-' => (Kind::Minus, 1),
            b'*' => (Kind::Star, 1),
            b'%' => (Kind::Percent, 1),
            b'?' => (Kind::Question, 1),
            b':' if next == b':' => (Kind::DoubleColon, 2),
            b':' => (Kind::Colon, 1),
            b',' => (Kind::Comma, 1),
            b'.' if bytes[at..].starts_with(b"...") => (Kind::Ellipsis, 3),
            b'.' => (Kind::Dot, 1),
            _ => match name_length(text, at) {
                0 => (Kind::Invalid, text[at..].chars().next().map_or(1, char::len_utf8)),
                length => (Kind::Name, length),
            },
        };
        return Token { kind, start: at, end: at + length };
    }
}

/// The offset of the line feed that ends the line of `at`, or the end of the text.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length)
}

/// The bytes of ASCII that may stand in a name after its first character.
const CONTINUES: [bool; 256] = {
    let mut continues = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        continues[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        byte += 1;
    }
    continues
};

/// The bytes of the name at `at`; 0 where none begins. Names may hold `-` after their first character.
fn name_length(text: &str, at: usize) -> usize {
    let bytes = &text.as_bytes()[at..];
    let begins = bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let length = if begins { bytes.iter().position(|byte| !CONTINUES[usize::from(*byte)]).unwrap_or(bytes.len()) } else { 0 };
    // Most names end here.
    if bytes.get(length).is_none_or(u8::is_ascii) {
        return length;
    }
    let fits = |(index, character): &(usize, char)| match (*index, *character) {
        (0, character) => character == '_' || unicode_ident::is_xid_start(character),
        (_, character) => character == '-' || unicode_ident::is_xid_continue(character),
    };
    text[at..].char_indices().take_while(fits).map(|(_, character)| character.len_utf8()).sum()
}

/// The bytes of a number. As HCL's own scanner does, it takes more than is a number (`1.2.3`), but never a full stop at the end.
fn number_length(bytes: &[u8]) -> usize {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut end) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'0'..=b'9' => 1,
            b'.' => {
                at += 1;
                continue;
            }
            b'e' | b'E' if digit(at + 1) => 2,
            b'e' | b'E' if matches!(bytes.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => 3,
            _ => break,
        };
        end = at;
    }
    end
}

/// Whether the text of a number token is a number: digits, a fraction (which may be empty before an exponent) and an exponent.
pub(super) fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !whole.is_empty() && digits(whole) && digits(fraction) && !exponent.is_empty() && digits(exponent)
}

/// The bytes of a heredoc's introduction with its line ending. The name must end the line, spaces included.
fn heredoc_length(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let name = if bytes.get(at + 2) == Some(&b'-') { at + 3 } else { at + 2 };
    let length = name_length(text, name);
    let end = match bytes.get(name + length..)? {
        [b'\n', ..] => name + length + 1,
        [b'\r', b'\n', ..] => name + length + 2,
        _ => return None,
    };
    (length > 0).then_some(end - at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(Kind, &str)> {
        let mut found = Vec::new();
        let mut at = 0;
        loop {
            let token = token(text, at, Newlines::Significant);
            if token.kind == Kind::End {
                return found;
            }
            found.push((token.kind, &text[token.start..token.end]));
            at = token.end;
        }
    }

    #[test]
    fn names_take_dashes_and_letters_of_every_script() {
        assert_eq!(
            words("a-b _c é1 3d"),
            [(Kind::Name, "a-b"), (Kind::Name, "_c"), (Kind::Name, "é1"), (Kind::Number, "3"), (Kind::Name, "d"),]
        );
    }

    #[test]
    fn numbers_are_taken_as_the_reference_takes_them() {
        for (text, number) in
            [("1.b", "1"), ("1...", "1"), ("1.2.3.", "1.2.3"), ("1e5.x", "1e5"), ("1e+x", "1"), ("0.e5", "0.e5"), ("2e-7", "2e-7")]
        {
            assert_eq!(words(text)[0], (Kind::Number, number), "{text}");
        }
        let valid: Vec<_> =
            ["1", "010", "1.5", "0.e5", "1e+3", "1.2.3", "1e5e5", "1e5.5", "1..2"].into_iter().filter(|text| is_number(text)).collect();
        assert_eq!(valid, ["1", "010", "1.5", "0.e5", "1e+3"]);
    }

    #[test]
    fn comments_are_space_and_their_line_break_counts() {
        assert_eq!(
            words("# a\n// b\r\n/* c\n */ ~} /* d"),
            [(Kind::Newline, "\n"), (Kind::Newline, "\n"), (Kind::TildeBrace, "~}"), (Kind::Invalid, "/* d"),]
        );
    }

    #[test]
    fn a_heredoc_needs_a_name_and_a_line_ending() {
        assert_eq!(words("<<-A-B\r\n")[0], (Kind::Heredoc, "<<-A-B\r\n"));
        for text in ["<<A \n", "<<1\n", "<<A", "<<\n", "<< A\n"] {
            assert_eq!(words(text)[0], (Kind::Less, "<"), "{text}");
        }
    }
}
