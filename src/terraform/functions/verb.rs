//! One verb of a format string: `%-08.3[2]f`, and what it makes of a value.
//!
//! Numbers follow Go's `fmt` on big numbers; strings are padded and cut by characters as people count them.

use super::json;
use crate::value::convert::convert;
use crate::value::number::Notation;
use crate::value::{Number, Type, Value, ValueKind, set, text};
use std::fmt::Write as _;

/// A verb, as written.
#[expect(clippy::struct_excessive_bools, reason = "these are the flags that Go's verbs have")]
#[derive(Clone, Debug, Default)]
pub(super) struct Verb {
    /// Its text, from the `%` on.
    pub raw: String,
    /// Where it stands, in bytes.
    pub offset: usize,
    /// Which argument it takes, counted from 1.
    pub argument: usize,
    /// The letter.
    pub mode: char,
    /// `0`.
    pub zero: bool,
    /// `#`.
    pub sharp: bool,
    /// `+`.
    pub plus: bool,
    /// `-`.
    pub minus: bool,
    /// A space.
    pub space: bool,
    /// What stands after the point, if there is one.
    pub precision: Option<usize>,
    /// The least width.
    pub width: Option<usize>,
}

/// Widths and precisions of more than this are not carried out: [`Failed::TooLong`].
const MAX_WIDTH: usize = text::MAX_TEXT;
/// Go's `fmt` gives up on a width or precision when it meets one more digit after this.
const GO_TOO_LARGE: usize = 1_000_000;

/// Why a verb made nothing.
pub(super) enum Failed {
    /// The value does not fit; Terraform's text.
    Error(String),
    /// The result would be absurdly long.
    TooLong,
}

impl Verb {
    /// Whether it is a bare letter: no flag, no width, no precision.
    pub fn is_plain(&self) -> bool {
        !(self.zero || self.sharp || self.plus || self.minus || self.space) && self.precision.is_none() && self.width.is_none()
    }

    /// The text of a value that is wholly known.
    pub fn format(&self, argument: &Value) -> Result<String, Failed> {
        if self.mode != 'v' && argument.is_null() {
            return Err(self.unsupported("null value cannot be formatted"));
        }
        if self.width.unwrap_or(0).max(self.precision.unwrap_or(0)) > MAX_WIDTH && !self.is_too_large_for_go() {
            return Err(Failed::TooLong);
        }
        match self.mode {
            'v' => self.as_is(argument),
            't' => match self.converted(argument, &Type::Bool)?.as_bool() {
                Some(true) => Ok("true".into()),
                _ => Ok("false".into()),
            },
            'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => {
                let converted = self.converted(argument, &Type::Number)?;
                let number = converted.as_number().ok_or_else(|| self.unsupported("number required"))?;
                if matches!(self.mode, 'b' | 'd' | 'o' | 'x' | 'X') { self.integer(number) } else { self.float(number) }
            }
            's' | 'q' => {
                let converted = self.converted(argument, &Type::String)?;
                let whole = converted.as_str().ok_or(Failed::TooLong)?;
                // A precision of zero cuts nothing.
                let cut: String = match self.precision {
                    Some(count) if count > 0 => text::characters(whole).take(count).collect(),
                    _ => whole.to_owned(),
                };
                self.pad(if self.mode == 's' { cut } else { json::quoted(&cut) })
            }
            other => Err(Failed::Error(format!("unsupported format verb '{other}' in {} at offset {}", self.quoted_raw(), self.offset))),
        }
    }

    /// `%v`.
    fn as_is(&self, argument: &Value) -> Result<String, Failed> {
        match &argument.kind {
            ValueKind::String(text) if !self.sharp => self.pad(text.to_string()),
            ValueKind::Number(number) if !self.sharp => self.pad(number.text(Notation::General, None)),
            _ => self.pad(json::encode(argument).map_err(|error| self.unsupported(&error))?),
        }
    }

    fn converted(&self, argument: &Value, to: &Type) -> Result<Value, Failed> {
        convert(argument, to).map_err(|error| self.unsupported(&error))
    }

    fn unsupported(&self, why: &str) -> Failed {
        Failed::Error(format!("unsupported value for {} at {}: {why}", self.quoted_raw(), self.offset))
    }

    fn quoted_raw(&self) -> String {
        let mut out = String::new();
        set::quote(&self.raw, &mut out);
        out
    }

    /// Padded to the width, in characters.
    fn pad(&self, text: String) -> Result<String, Failed> {
        let Some(width) = self.width else { return Ok(text) };
        let missing = width.saturating_sub(text::characters(&text).count());
        if missing > MAX_WIDTH {
            return Err(Failed::TooLong);
        }
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        Ok(if self.minus { text + &padding } else { padding + &text })
    }

    fn is_too_large_for_go(&self) -> bool {
        matches!(self.mode, 'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G')
            && [self.width, self.precision].into_iter().flatten().any(|size| size / 10 > GO_TOO_LARGE)
    }

    fn sign(&self, number: &Number) -> &'static str {
        if number.is_negative() {
            "-"
        } else if self.plus {
            "+"
        } else if self.space {
            " "
        } else {
            ""
        }
    }

    fn integer(&self, number: &Number) -> Result<String, Failed> {
        let integer = number.to_integer().ok_or_else(|| self.unsupported("an integer is required"))?;
        if self.is_too_large_for_go() {
            return Ok(format!("%!(NOVERB)%!(EXTRA *big.Int={integer})"));
        }
        let negative = number.is_negative() && !number.is_zero();
        let (_, magnitude) = integer.into_parts();
        let digits = match self.mode {
            'b' => magnitude.in_radix(2).to_string(),
            'o' => magnitude.in_radix(8).to_string(),
            'x' => magnitude.in_radix(16).to_string(),
            'X' => magnitude.in_radix(16).to_string().to_ascii_uppercase(),
            _ => magnitude.to_string(),
        };
        let prefix = match (self.sharp, self.mode) {
            (true, 'b') => "0b",
            (true, 'o') => "0",
            (true, 'x') => "0x",
            (true, 'X') => "0X",
            _ => "",
        };
        if self.precision == Some(0) && digits == "0" {
            return Ok(String::new());
        }
        let sign = if negative { "-" } else { self.sign(&Number::from(0)) };
        let mut zeros = self.precision.map_or(0, |least| least.saturating_sub(digits.len()));
        let length = sign.len() + prefix.len() + zeros + digits.len();
        let missing = self.width.map_or(0, |width| width.saturating_sub(length));
        let (mut left, mut right) = (0, 0);
        if self.minus {
            right = missing;
        } else if self.zero && self.precision.is_none() {
            zeros = missing;
        } else {
            left = missing;
        }
        let mut out = " ".repeat(left);
        let _ = write!(out, "{sign}{prefix}{}{digits}{}", "0".repeat(zeros), " ".repeat(right));
        Ok(out)
    }

    fn float(&self, number: &Number) -> Result<String, Failed> {
        if !number.is_printable() {
            return Err(Failed::TooLong);
        }
        if self.is_too_large_for_go() {
            return Ok(format!("%!(NOVERB)%!(EXTRA *big.Float={})", number.text(Notation::General, None)));
        }
        let (notation, default) = match self.mode {
            'e' | 'E' => (Notation::Exponent, Some(6)),
            'f' => (Notation::Fixed, Some(6)),
            _ => (Notation::General, None),
        };
        let mut body = number.text(notation, self.precision.or(default));
        if matches!(self.mode, 'E' | 'G') && !number.is_infinite() {
            body = body.replace('e', "E");
        }
        let infinite = number.is_infinite() && !number.is_negative();
        let sign = if infinite && !self.space { "+" } else { self.sign(number) };
        let body = body.trim_start_matches(['-', '+']);
        let missing = self.width.map_or(0, |width| width.saturating_sub(sign.len() + body.len()));
        Ok(if self.minus {
            format!("{sign}{body}{}", " ".repeat(missing))
        } else if self.zero && !number.is_infinite() {
            format!("{sign}{}{body}", "0".repeat(missing))
        } else {
            format!("{}{sign}{body}", " ".repeat(missing))
        })
    }
}
