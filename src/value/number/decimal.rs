//! Numbers as decimal text, in the notations of Go's `big.Float`: `%f`, `%e`, `%g`, with a number of digits or with as few as name the
//! number among all of its precision.

use super::float::Float;
use dashu_base::BitTest;
use dashu_int::UBig;
use std::fmt::Write as _;

/// Most bits of a number whose digits are written out; beyond, only the exponent notation is used, with approximate digits. Some 39,000 digits.
pub const PRINTABLE_BITS: u64 = 1 << 17;

/// How a number is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notation {
    /// `%f`: no exponent.
    Fixed,
    /// `%e`: one digit, the point, the rest, an exponent of at least two digits.
    Exponent,
    /// `%g`: the exponent for large and small ones, otherwise none.
    General,
}

/// `0.d₁d₂d₃… × 10^point`; no trailing zeros; no digits for zero.
#[derive(Clone, Debug)]
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    fn new(mantissa: &UBig, exponent: i64) -> Self {
        if mantissa.is_zero() {
            return Self { digits: Vec::new(), point: 0 };
        }
        let (integer, shift) = match usize::try_from(exponent) {
            Ok(left) => (mantissa << left, 0),
            Err(_) => {
                let places = usize::try_from(-exponent).unwrap_or(usize::MAX);
                (mantissa * UBig::from(5_u64).pow(places), -exponent)
            }
        };
        let digits: Vec<u8> = integer.to_string().bytes().map(|digit| digit - b'0').collect();
        let point = i64::try_from(digits.len()).unwrap_or(i64::MAX) - shift;
        let mut decimal = Self { digits, point };
        decimal.trim();
        decimal
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(0)
    }

    /// To this many digits, to the nearest, ties to even.
    fn round(&mut self, count: i64) {
        let Ok(count) = usize::try_from(count) else {
            // Not even the first digit is reached.
            *self = Self { digits: Vec::new(), point: 0 };
            return;
        };
        if count >= self.digits.len() {
            return;
        }
        let tie = self.digits[count] == 5 && count + 1 == self.digits.len();
        let up = if tie { count > 0 && self.digits[count - 1] % 2 == 1 } else { self.digits[count] >= 5 };
        if up { self.round_up(count) } else { self.round_down(count) }
    }

    fn round_down(&mut self, count: usize) {
        self.digits.truncate(count);
        self.trim();
    }

    fn round_up(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&9) {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(1);
            self.point += 1;
        }
    }

    /// To the fewest digits that no other number of this precision is nearer to.
    fn shorten(&mut self, float: &Float, precision: u32) {
        if self.digits.is_empty() {
            return;
        }
        // The mantissa with one more bit than the precision: its last bit is half of the last place.
        let wanted = precision as usize + 1;
        let length = float.mantissa.bit_len();
        let (mantissa, exponent) = if length <= wanted {
            let shift = wanted - length;
            (&float.mantissa << shift, float.exponent - i64::try_from(shift).unwrap_or(i64::MAX))
        } else {
            let shift = length - wanted;
            (&float.mantissa >> shift, float.exponent + i64::try_from(shift).unwrap_or(i64::MAX))
        };
        let lower = Self::new(&(&mantissa - UBig::ONE), exponent);
        let upper = Self::new(&(&mantissa + UBig::ONE), exponent);
        // The bounds themselves round to this number only if its last bit is even.
        let inclusive = !mantissa.bit(1);
        for index in 0..self.digits.len() {
            let (low, digit, high) = (lower.at(index), self.digits[index], upper.at(index));
            let down = low != digit || (inclusive && index + 1 == lower.digits.len());
            let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => return self.round(i64::try_from(index + 1).unwrap_or(i64::MAX)),
                (true, false) => return self.round_down(index + 1),
                (false, true) => return self.round_up(index + 1),
                (false, false) => {}
            }
        }
    }

    fn len(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX)
    }

    fn write_fixed(&self, places: i64, into: &mut String) {
        let digit = |index: i64| usize::try_from(index).map_or(0, |index| self.at(index));
        if self.point > 0 {
            (0..self.point).for_each(|index| into.push(char::from(b'0' + digit(index))));
        } else {
            into.push('0');
        }
        if places > 0 {
            into.push('.');
            (0..places).for_each(|place| into.push(char::from(b'0' + digit(self.point + place))));
        }
    }

    fn write_exponent(&self, places: i64, into: &mut String) {
        into.push(char::from(b'0' + self.at(0)));
        if places > 0 {
            into.push('.');
            let places = usize::try_from(places).unwrap_or(0);
            (1..=places).for_each(|index| into.push(char::from(b'0' + self.at(index))));
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(into, "e{sign}{:02}", exponent.unsigned_abs());
    }
}

/// A finite number as text; `digits` as in [`super::Number::text`].
pub(super) fn text(float: &Float, precision: u32, printable: bool, notation: Notation, digits: Option<usize>) -> String {
    let mut out = String::new();
    if float.negative {
        out.push('-');
    }
    if !printable {
        let _ = write!(out, "{}", approximate(float));
        return out;
    }
    let mut decimal = Decimal::new(&float.mantissa, float.exponent);
    let places = digits.map(|digits| i64::try_from(digits).unwrap_or(i64::MAX));
    match (notation, places) {
        (_, None) => decimal.shorten(float, precision),
        (Notation::Exponent, Some(places)) => decimal.round(places.saturating_add(1)),
        (Notation::Fixed, Some(places)) => decimal.round(decimal.point.saturating_add(places)),
        (Notation::General, Some(places)) => decimal.round(places.max(1)),
    }
    match notation {
        Notation::Fixed => decimal.write_fixed(places.unwrap_or_else(|| (decimal.len() - decimal.point).max(0)), &mut out),
        Notation::Exponent => decimal.write_exponent(places.unwrap_or_else(|| decimal.len() - 1), &mut out),
        Notation::General => {
            let wanted = places.map_or(decimal.len(), |places| places.max(1));
            let limit = match places {
                // With the fewest digits, six decide.
                None => 6,
                Some(_) if wanted > decimal.len() && decimal.len() >= decimal.point => decimal.len(),
                Some(_) => wanted,
            };
            let exponent = decimal.point - 1;
            if exponent < -4 || exponent >= limit {
                decimal.write_exponent(wanted.min(decimal.len()) - 1, &mut out);
            } else {
                let wanted = if wanted > decimal.point { decimal.len() } else { wanted };
                decimal.write_fixed((wanted - decimal.point).max(0), &mut out);
            }
        }
    }
    out
}

/// A power of ten near a number that is too large or too small to be written out.
fn approximate(float: &Float) -> String {
    let top = float.exponent.saturating_add(i64::try_from(float.mantissa.bit_len()).unwrap_or(i64::MAX));
    // log₁₀ 2 is 0.30103.
    let power = top.saturating_mul(30103) / 100_000;
    let sign = if power < 0 { '-' } else { '+' };
    format!("1e{sign}{:02}", power.unsigned_abs())
}
