//! Numbers as Terraform has them: binary floating point, 512 bits for what is written in code, rounded to the nearest, ties to even.
//!
//! Terraform's `cty` stands on Go's `big.Float`, in which every number carries its own precision (a list's length has 64 bits, a logarithm
//! 53), the result of an operation has the larger of its operands', zero has a sign, and division by zero is infinite. All of that
//! can be seen in a plan (`length(a) / length(b)` has 20 digits, `1 / 3` has 155), so all of it is kept. Whole numbers that
//! fit 64 bits, which is nearly all of them, stay machine integers.

mod decimal;
mod float;

use crate::value::number::float::Float;
use dashu_base::BitTest;
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

pub use decimal::{Notation, PRINTABLE_BITS};

/// Mantissa bits of a number that is written in code or parsed from text, as `cty` has them.
pub const PRECISION: u32 = 512;
/// Mantissa bits of a number that Terraform makes from a machine integer: lengths, indices, `count.index`.
pub const INTEGER_PRECISION: u32 = 64;
/// Mantissa bits of a number that Terraform makes from a machine float: `log`, `pow`.
pub const FLOAT_PRECISION: u32 = 53;

/// A number. Equality and order look at the value alone, not at the precision; negative zero equals zero.
#[derive(Clone, Debug)]
pub struct Number {
    repr: Repr,
    precision: u32,
}

#[derive(Clone, Debug)]
enum Repr {
    Whole(i64),
    Float(Arc<Float>),
    Infinite { negative: bool },
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self { repr: Repr::Whole(value), precision: INTEGER_PRECISION }
    }
}

impl Number {
    /// The number that this decimal text names, as `cty.ParseNumberVal` reads it: `12`, `-0.5`, `1e6`, `+.5`, `5.`, `1p3` (a binary exponent), `Inf`; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() < 19
            && text.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && let Ok(int) = text.parse::<i64>()
        {
            return Some(Self { repr: Repr::Whole(int), precision: PRECISION });
        }
        let (negative, body) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if matches!(body, "Inf" | "inf") {
            return Some(Self::infinity(negative));
        }
        Some(Self { repr: float::parse(negative, body)?, precision: PRECISION })
    }

    /// A length or an index.
    pub fn from_length(length: usize) -> Self {
        i64::try_from(length).map_or_else(|_| Self::from_integer(&IBig::from(length)), Self::from)
    }

    /// A whole number with as many bits as it needs, at least 64 (`big.Float.SetInt`).
    pub fn from_integer(value: &IBig) -> Self {
        let precision = u32::try_from(value.bit_len()).unwrap_or(u32::MAX).max(INTEGER_PRECISION);
        let (sign, magnitude) = value.clone().into_parts();
        let negative = sign == dashu_int::Sign::Negative;
        Self { repr: float::rounded(negative, magnitude, 0, false, precision), precision }
    }

    /// A machine float with 53 bits; `None` for a NaN, which Terraform does not have.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self { precision: FLOAT_PRECISION, ..Self::infinity(value < 0.0) });
        }
        let bits = value.to_bits();
        let (fraction, field) = (bits & ((1 << 52) - 1), i64::try_from((bits >> 52) & 0x7ff).expect("eleven bits fit"));
        let (mantissa, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | (1 << 52), field - 1075) };
        let repr = float::rounded(value.is_sign_negative(), UBig::from(mantissa), exponent, false, FLOAT_PRECISION);
        Some(Self { repr, precision: FLOAT_PRECISION })
    }

    /// Positive or negative infinity.
    pub fn infinity(negative: bool) -> Self {
        Self { repr: Repr::Infinite { negative }, precision: PRECISION }
    }

    /// Whether it is one of the two infinities.
    pub fn is_infinite(&self) -> bool {
        matches!(self.repr, Repr::Infinite { .. })
    }

    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        match &self.repr {
            Repr::Whole(int) => *int == 0,
            Repr::Float(float) => float.mantissa.is_zero(),
            Repr::Infinite { .. } => false,
        }
    }

    /// Whether its sign is minus; true for negative zero.
    pub fn is_negative(&self) -> bool {
        match &self.repr {
            Repr::Whole(int) => *int < 0,
            Repr::Float(float) => float.negative,
            Repr::Infinite { negative } => *negative,
        }
    }

    /// Whether it is whole; an infinity is not.
    pub fn is_integer(&self) -> bool {
        match &self.repr {
            Repr::Whole(_) => true,
            Repr::Float(float) => float.exponent >= 0,
            Repr::Infinite { .. } => false,
        }
    }

    /// The number as a 64-bit integer, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.repr {
            Repr::Whole(int) => Some(*int),
            Repr::Float(float) if float.mantissa.is_zero() => Some(0),
            Repr::Float(_) | Repr::Infinite { .. } => None,
        }
    }

    /// The nearest machine float; infinite where it is too large for one.
    pub fn to_f64(&self) -> f64 {
        match &self.repr {
            Repr::Whole(_) | Repr::Float(_) => self.float().expect("finite").to_f64(),
            Repr::Infinite { negative: false } => f64::INFINITY,
            Repr::Infinite { negative: true } => f64::NEG_INFINITY,
        }
    }

    /// The number as an integer of any size, if it is whole and not absurdly large ([`PRINTABLE_BITS`]).
    pub fn to_integer(&self) -> Option<IBig> {
        match &self.repr {
            Repr::Whole(int) => Some(IBig::from(*int)),
            Repr::Float(float) if float.exponent >= 0 && self.is_printable() => {
                let shift = usize::try_from(float.exponent).expect("printable numbers have small exponents");
                let magnitude = IBig::from(&float.mantissa << shift);
                Some(if float.negative { -magnitude } else { magnitude })
            }
            Repr::Float(_) | Repr::Infinite { .. } => None,
        }
    }

    /// Whether its decimal text has a sane length; Terraform would print gigabytes for `1e600000000`.
    pub fn is_printable(&self) -> bool {
        match &self.repr {
            Repr::Whole(_) | Repr::Infinite { .. } => true,
            Repr::Float(float) => float.exponent.unsigned_abs().saturating_add(float.mantissa.bit_len() as u64) <= PRINTABLE_BITS,
        }
    }

    /// The number in one of Go's notations; `digits` is what stands after the point in `%.3f`, and `None` asks for the fewest digits that name this number.
    pub fn text(&self, notation: Notation, digits: Option<usize>) -> String {
        match &self.repr {
            Repr::Infinite { negative } => (if *negative { "-Inf" } else { "+Inf" }).into(),
            Repr::Whole(_) | Repr::Float(_) => {
                decimal::text(&self.float().expect("finite"), self.precision, self.is_printable(), notation, digits)
            }
        }
    }

    /// The sum; `None` for opposing infinities.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        if let (Repr::Whole(a), Repr::Whole(b)) = (&self.repr, &other.repr)
            && let Some(sum) = a.checked_add(*b)
            && precision >= INTEGER_PRECISION
        {
            return Some(Self { repr: Repr::Whole(sum), precision });
        }
        let repr = match (self.float(), other.float()) {
            (Some(a), Some(b)) => a.add(&b, precision),
            (None, None) if self.is_negative() != other.is_negative() => return None,
            (None, _) => self.repr.clone(),
            (_, None) => other.repr.clone(),
        };
        Some(Self { repr, precision })
    }

    /// The difference; `None` for infinity less itself.
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        self.add(&other.negate())
    }

    /// The product; `None` for zero times infinity.
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        if let (Repr::Whole(a), Repr::Whole(b)) = (&self.repr, &other.repr)
            && let Some(product) = a.checked_mul(*b)
            && (product != 0 || (*a >= 0 && *b >= 0))
            && precision >= INTEGER_PRECISION
        {
            return Some(Self { repr: Repr::Whole(product), precision });
        }
        let negative = self.is_negative() != other.is_negative();
        let (Some(a), Some(b)) = (self.float(), other.float()) else {
            if self.is_zero() || other.is_zero() {
                return None;
            }
            return Some(Self { repr: Repr::Infinite { negative }, precision });
        };
        // `cty` multiplies with 512 bits, then keeps as many as the operands had or the product needs.
        let repr = float::rounded(negative, &a.mantissa * &b.mantissa, a.exponent + b.exponent, false, PRECISION);
        let needed = match &repr {
            Repr::Whole(int) => {
                let magnitude = int.unsigned_abs();
                if magnitude == 0 { 0 } else { 64 - magnitude.leading_zeros() - magnitude.trailing_zeros() }
            }
            Repr::Float(float) => u32::try_from(float.mantissa.bit_len()).unwrap_or(PRECISION),
            Repr::Infinite { .. } => 0,
        };
        Some(Self { repr, precision: precision.max(needed) })
    }

    /// The quotient, infinite for a zero divisor; `None` for zero by zero and infinity by infinity.
    pub fn divide(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        let negative = self.is_negative() != other.is_negative();
        let repr = match (self.float(), other.float()) {
            (None, None) => return None,
            (None, Some(_)) => Repr::Infinite { negative },
            (Some(_), None) => float::zero(negative),
            (Some(a), Some(b)) => match (a.mantissa.is_zero(), b.mantissa.is_zero()) {
                (true, true) => return None,
                (false, true) => Repr::Infinite { negative },
                (true, false) => float::zero(negative),
                (false, false) => a.divide(&b, precision),
            },
        };
        Some(Self { repr, precision })
    }

    /// What is left after dividing by a truncated quotient, as `cty` computes it: `x % 0` is `x`; `None` where an infinity takes part.
    pub fn modulo(&self, other: &Self) -> Option<Self> {
        if let (Repr::Whole(a), Repr::Whole(b)) = (&self.repr, &other.repr)
            && self.precision >= INTEGER_PRECISION
            && *b != 0
        {
            let rest = a.wrapping_rem(*b);
            return Some(Self { repr: Repr::Whole(rest), precision: self.precision });
        }
        if self.is_infinite() || other.is_infinite() {
            return None;
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let whole = self.divide(other)?.truncate();
        let product = float::Float::multiply(&other.float()?, &whole.float()?, self.precision);
        let product = Self { repr: product, precision: self.precision };
        Some(Self { precision: self.precision, ..self.add(&product.negate())? })
    }

    /// The number with the other sign; zero becomes negative zero.
    #[must_use]
    pub fn negate(&self) -> Self {
        let repr = match &self.repr {
            Repr::Whole(int) if *int != 0 && *int != i64::MIN => Repr::Whole(-*int),
            Repr::Infinite { negative } => Repr::Infinite { negative: !negative },
            Repr::Whole(_) | Repr::Float(_) => {
                let float = self.float().expect("finite");
                float::normalized(!float.negative, float.mantissa, float.exponent)
            }
        };
        Self { repr, precision: self.precision }
    }

    /// The number without its sign.
    #[must_use]
    pub fn absolute(&self) -> Self {
        if self.is_negative() { self.negate() } else { self.clone() }
    }

    /// The integer between it and zero that is nearest to it; zero loses its sign, as integers have no negative zero.
    #[must_use]
    pub fn truncate(&self) -> Self {
        let whole = match &self.repr {
            Repr::Float(float) if float.exponent < 0 => Self { repr: float.truncate(), precision: self.precision },
            _ => self.clone(),
        };
        if whole.is_zero() { Self { repr: Repr::Whole(0), ..whole } } else { whole }
    }

    /// The largest integer that is not greater.
    #[must_use]
    pub fn floor(&self) -> Self {
        let whole = self.truncate();
        if whole <= *self { whole } else { Self { precision: self.precision, ..whole.add(&Self::from(-1)).unwrap_or(whole) } }
    }

    /// The smallest integer that is not less.
    #[must_use]
    pub fn ceil(&self) -> Self {
        let whole = self.truncate();
        if whole >= *self { whole } else { Self { precision: self.precision, ..whole.add(&Self::from(1)).unwrap_or(whole) } }
    }

    /// Its finite value; `None` for an infinity.
    fn float(&self) -> Option<Float> {
        match &self.repr {
            Repr::Whole(int) => Some(Float::from(*int)),
            Repr::Float(float) => Some((**float).clone()),
            Repr::Infinite { .. } => None,
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let infinite = |number: &Self| if number.is_negative() { -1 } else { 1 };
        match (&self.repr, &other.repr) {
            (Repr::Whole(a), Repr::Whole(b)) => a.cmp(b),
            (Repr::Infinite { .. }, Repr::Infinite { .. }) => infinite(self).cmp(&infinite(other)),
            (Repr::Infinite { .. }, _) => infinite(self).cmp(&0),
            (_, Repr::Infinite { .. }) => 0.cmp(&infinite(other)),
            _ => self.float().expect("finite").compare(&other.float().expect("finite")),
        }
    }
}

/// As `tostring` prints it: no exponent, the fewest digits that name the number.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            Repr::Whole(int) => write!(f, "{int}"),
            _ if !self.is_printable() => f.write_str(&self.text(Notation::Exponent, None)),
            _ => f.write_str(&self.text(Notation::Fixed, None)),
        }
    }
}

#[cfg(test)]
mod tests;
