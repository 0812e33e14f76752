//! A JSON document as a value: objects, tuples, and numbers with all their digits.

use crate::value::{Entries, Number, Value, ValueKind, text};
use std::borrow::Cow;
use std::sync::Arc;

/// Deepest nesting.
const MAX_DEPTH: usize = 128;

/// Why there is no value.
pub(super) enum Failed {
    /// It is no JSON; in Go's words.
    Invalid(String),
    /// It is nested too deeply.
    TooDeep,
}

/// One document. As in Terraform, a closing bracket after it is not noticed.
pub(super) fn document(given: &str) -> Result<Value, Failed> {
    let mut parser = Parser { rest: given };
    parser.skip_space();
    let value = parser.value(0)?;
    parser.skip_space();
    match parser.rest.chars().next() {
        None | Some(']' | '}') => Ok(value),
        Some(_) => Err(Failed::Invalid("extraneous data after JSON object".into())),
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn unexpected<T>(&self, place: &str) -> Result<T, Failed> {
        Err(Failed::Invalid(match self.peek() {
            Some(symbol) => format!("invalid character {symbol:?} {place}"),
            None => "unexpected EOF".into(),
        }))
    }

    fn value(&mut self, depth: usize) -> Result<Value, Failed> {
        if depth > MAX_DEPTH {
            return Err(Failed::TooDeep);
        }
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => Ok(text::string(&self.string()?)),
            Some('-' | '0'..='9') => self.number(),
            _ => {
                for (word, value) in [("null", Value::null()), ("true", Value::bool(true)), ("false", Value::bool(false))] {
                    if let Some(rest) = self.rest.strip_prefix(word) {
                        self.rest = rest;
                        return Ok(value);
                    }
                }
                self.unexpected("looking for beginning of value")
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Failed> {
        self.take('[');
        let mut items = Vec::new();
        self.skip_space();
        if self.take(']') {
            return Ok(Value::tuple(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(']') {
                return Ok(Value::tuple(items));
            }
            if !self.take(',') {
                return self.unexpected("after array element");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Failed> {
        self.take('{');
        let mut entries = Vec::new();
        self.skip_space();
        if self.take('}') {
            return Ok(Value::object(Entries::new()));
        }
        loop {
            self.skip_space();
            if self.peek() != Some('"') {
                return self.unexpected("looking for beginning of object key string");
            }
            let name = self.string()?;
            if text::normalize(&name) != name {
                return Err(Failed::Invalid(format!("unsupported attribute {name:?}")));
            }
            self.skip_space();
            if !self.take(':') {
                return self.unexpected("after object key");
            }
            self.skip_space();
            let value = self.value(depth + 1)?;
            entries.push((Arc::from(name), value));
            self.skip_space();
            if self.take('}') {
                // Of a name that comes twice, the last value counts.
                return Ok(Value::object(Entries::from_iter(entries)));
            }
            if !self.take(',') {
                return self.unexpected("after object key:value pair");
            }
        }
    }

    fn number(&mut self) -> Result<Value, Failed> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut end = usize::from(self.rest.starts_with('-'));
        let whole = digits(&self.rest[end..]);
        // A number with a leading zero ends after it.
        let whole = if self.rest[end..].starts_with('0') { 1 } else { whole };
        end += whole;
        let mut complete = whole > 0;
        if complete && self.rest[end..].starts_with('.') {
            let fraction = digits(&self.rest[end + 1..]);
            complete = fraction > 0;
            end += 1 + fraction;
        }
        if complete && self.rest[end..].starts_with(['e', 'E']) {
            end += 1 + usize::from(self.rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(&self.rest[end..]);
            complete = exponent > 0;
            end += exponent;
        }
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        if !complete {
            return self.unexpected("in numeric literal");
        }
        let number = Number::parse(number).ok_or_else(|| Failed::Invalid("a number is required".into()))?;
        Ok(ValueKind::Number(number).into())
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Failed> {
        self.take('"');
        let plain = self.plain();
        if self.take('"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut out = plain.to_owned();
        loop {
            out.push_str(self.plain());
            if self.take('"') {
                return Ok(Cow::Owned(out));
            }
            if !self.take('\\') {
                return self.unexpected("in string literal");
            }
            let Some(symbol) = self.peek() else { return self.unexpected("in string escape code") };
            let plain = match symbol {
                '"' | '\\' | '/' => symbol,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    self.take('u');
                    out.push(self.unicode_escape()?);
                    continue;
                }
                _ => return self.unexpected("in string escape code"),
            };
            out.push(plain);
            self.take(symbol);
        }
    }

    /// What stands for itself in a string, up to what does not.
    fn plain(&mut self) -> &'a str {
        let end = self.rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | ..b' ')).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at(end);
        self.rest = rest;
        plain
    }

    /// Four hexadecimal digits, or two such that make one character; half of a pair is the replacement character.
    fn unicode_escape(&mut self) -> Result<char, Failed> {
        let first = self.four_digits()?;
        if let Some(symbol) = char::from_u32(first) {
            return Ok(symbol);
        }
        if (0xd800..0xdc00).contains(&first)
            && let Some(after) = self.rest.strip_prefix("\\u")
        {
            let before = std::mem::replace(&mut self.rest, after);
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let symbol = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(symbol).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.rest = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> Result<u32, Failed> {
        let count = self.rest.bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        if count < 4 {
            return self.unexpected("in \\u hexadecimal character escape");
        }
        u32::from_str_radix(digits, 16).or_else(|_| self.unexpected("in \\u hexadecimal character escape"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_as_go_reads_them() {
        for good in ["1]", " [1] ", "-0", "1.50e+3", "\"\\ud83d\\ude00\"", "{\"a\":1,\"a\":2}", "{\"\":null}", "[]"] {
            assert!(document(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "{",
            "01",
            "1.",
            "-",
            "+1",
            ".5",
            "[1,]",
            "{a:1}",
            "{\"a\" 1}",
            "{\"a\":1,}",
            "tru",
            "[1 2]",
            "1 2",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\t\"",
            "NaN",
            "// c\n1",
            "{\"e\u{301}\":1}",
        ] {
            assert!(document(bad).is_err(), "{bad}");
        }
        let surrogate = document("\"\\ud800\\u0041\"").ok().unwrap();
        assert_eq!(surrogate.as_str(), Some("\u{fffd}A"));
        assert!(matches!(document(&"[".repeat(100_000)), Err(Failed::TooDeep)));
    }
}
