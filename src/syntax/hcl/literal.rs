//! The literal text between the sequences of a template: where it ends, and what it says once escapes are resolved.

use crate::syntax::hcl::lexer::line_end;
use crate::syntax::hcl::parser::{Parsed, Parser};
use std::borrow::Cow;

/// What stands at a `$` or `%`.
enum Sign {
    /// `${` or `%{`.
    Sequence,
    /// `$${` or `%%{`, which says `${` or `%{`.
    Escape,
    /// Itself.
    Text,
}

fn sign(bytes: &[u8], at: usize) -> Sign {
    match bytes.get(at + 1) {
        Some(b'{') => Sign::Sequence,
        Some(next) if *next == bytes[at] && bytes.get(at + 2) == Some(&b'{') => Sign::Escape,
        _ => Sign::Text,
    }
}

impl<'t> Parser<'t> {
    /// The literal text at `at` in the quoted string that begins at `quote`, and where it stops: at the closing quote or at a sequence.
    pub fn quoted_literal(&mut self, quote: usize, mut at: usize) -> Parsed<(Cow<'t, str>, usize)> {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let start = at;
        let mut taken = at;
        let mut decoded = String::new();
        loop {
            let Some(length) = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r')) else {
                let message = "unterminated template string: no closing marker was found for the string";
                return Err(self.error(quote, quote + 1, message));
            };
            at += length;
            match bytes[at] {
                b'"' => break,
                b'\\' => {
                    decoded.push_str(&text[taken..at]);
                    at = self.escape(at, &mut decoded);
                    taken = at;
                }
                b'\n' | b'\r' => {
                    let message = "invalid multi-line string: quoted strings may not be split over multiple lines; use `\\n` or a heredoc";
                    return Err(self.error(quote, at, message));
                }
                _ => match sign(bytes, at) {
                    Sign::Sequence => break,
                    Sign::Escape => {
                        decoded.push_str(&text[taken..=at]);
                        taken = at + 2;
                        at += 3;
                    }
                    Sign::Text => at += 1,
                },
            }
        }
        if taken == start {
            return Ok((Cow::Borrowed(&text[start..at]), at));
        }
        decoded.push_str(&text[taken..at]);
        Ok((Cow::Owned(decoded), at))
    }

    /// The escape at a backslash; answers where it ends. A wrong one is reported and stands for nothing.
    fn escape(&mut self, at: usize, decoded: &mut String) -> usize {
        let selector = self.text[at + 1..].chars().next();
        let digits = match selector {
            Some('n') => return escaped(decoded, '\n', at),
            Some('r') => return escaped(decoded, '\r', at),
            Some('t') => return escaped(decoded, '\t', at),
            Some('"') => return escaped(decoded, '"', at),
            Some('\\') => return escaped(decoded, '\\', at),
            Some('u') => 4,
            Some('U') => 8,
            Some(other) if other != '\n' && other != '\r' => {
                let end = at + 1 + other.len_utf8();
                self.error(at, end, format!("invalid escape sequence: the symbol `{other}` is not a valid escape sequence selector"));
                return end;
            }
            _ => {
                self.error(at, at + 1, "invalid escape sequence: nothing follows the backslash");
                return at + 1;
            }
        };
        let hex = self.text.as_bytes()[at + 2..].iter().take(digits).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let end = at + 2 + hex;
        let code = if hex == digits { u32::from_str_radix(&self.text[at + 2..end], 16).ok() } else { None };
        if let Some(character) = code.and_then(char::from_u32) {
            decoded.push(character);
        } else {
            let message = format!("invalid escape sequence: `{}` is not {digits} hexadecimal digits of a character", &self.text[at..end]);
            self.error(at, end, message);
        }
        end
    }

    /// The literal text at `at` outside quotes, and where it stops: at a sequence, or at `limit`, which is not inside one.
    pub fn raw_literal(&self, mut at: usize, limit: usize) -> (Cow<'t, str>, usize) {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let start = at;
        let mut taken = at;
        let mut decoded = String::new();
        loop {
            let Some(length) = bytes[at..limit].iter().position(|byte| matches!(byte, b'$' | b'%')) else {
                at = limit;
                break;
            };
            at += length;
            match sign(bytes, at) {
                Sign::Sequence => break,
                Sign::Escape => {
                    decoded.push_str(&text[taken..=at]);
                    taken = at + 2;
                    at += 3;
                }
                Sign::Text => at += 1,
            }
        }
        if taken == start {
            return (Cow::Borrowed(&text[start..at]), at);
        }
        decoded.push_str(&text[taken..at]);
        (Cow::Owned(decoded), at)
    }

    /// The offset of the next line feed.
    pub fn line_break(&self, at: usize) -> Option<usize> {
        let end = line_end(self.text.as_bytes(), at);
        (end < self.text.len()).then_some(end)
    }
}

/// Takes an escape of two bytes.
fn escaped(decoded: &mut String, character: char, at: usize) -> usize {
    decoded.push(character);
    at + 2
}
