//! Finite binary floats: exact integer arithmetic, and one rounding at the end of each operation.
//!
//! Go's `big.Float` rounds correctly, so rounding the exact result once gives the same bits. Exponents are bounded as Go bounds them
//! (32 bits): past them a number becomes infinite or zero.

use super::Repr;
use dashu_base::{BitTest, DivRem};
use dashu_int::UBig;
use std::cmp::Ordering;
use std::sync::Arc;

/// `± mantissa × 2^exponent`; the mantissa is odd, or zero with exponent zero.
#[derive(Clone, Debug)]
pub(super) struct Float {
    pub negative: bool,
    pub mantissa: UBig,
    pub exponent: i64,
}

/// Bits beyond the precision with which powers of five are computed while parsing: Go's choice, kept because it decides the last bit of
/// numbers with very large exponents.
const PARSE_GUARD_BITS: u32 = 64;

/// Most digits that a number's text may have; beyond, it is not read.
const MAX_DIGITS: usize = 100_000;

impl From<i64> for Float {
    fn from(value: i64) -> Self {
        let magnitude = value.unsigned_abs();
        let zeros = if magnitude == 0 { 0 } else { magnitude.trailing_zeros() };
        Self { negative: value < 0, mantissa: UBig::from(magnitude >> zeros), exponent: i64::from(zeros) }
    }
}

/// Zero of either sign.
pub(super) fn zero(negative: bool) -> Repr {
    normalized(negative, UBig::ZERO, 0)
}

/// The shortest form of an exact value.
pub(super) fn normalized(negative: bool, mantissa: UBig, exponent: i64) -> Repr {
    let Some(zeros) = mantissa.trailing_zeros() else {
        return if negative { Repr::Float(Arc::new(Float { negative, mantissa, exponent: 0 })) } else { Repr::Whole(0) };
    };
    let (mantissa, exponent) = (mantissa >> zeros, exponent.saturating_add(bits(zeros)));
    let top = exponent.saturating_add(bits(mantissa.bit_len()));
    if top > i64::from(i32::MAX) {
        return Repr::Infinite { negative };
    }
    if top < i64::from(i32::MIN) {
        return zero(negative);
    }
    if (0..64).contains(&exponent)
        && top <= 64
        && let Ok(magnitude) = u64::try_from(&mantissa)
        && let Some(whole) = 0_i64.checked_add_unsigned(magnitude << exponent)
    {
        return Repr::Whole(if negative { -whole } else { whole });
    }
    Repr::Float(Arc::new(Float { negative, mantissa, exponent }))
}

/// A value rounded to a precision, to the nearest, ties to even; `sticky` says that the exact value is a little larger than the mantissa
/// says (which must then have more bits than the precision).
pub(super) fn rounded(negative: bool, mantissa: UBig, exponent: i64, sticky: bool, precision: u32) -> Repr {
    let extra = mantissa.bit_len().saturating_sub(precision as usize);
    if extra == 0 {
        return normalized(negative, mantissa, exponent);
    }
    let (low, mut high) = mantissa.split_bits(extra);
    let half = UBig::ONE << (extra - 1);
    let up = match low.cmp(&half) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => sticky || high.bit(0),
    };
    if up {
        high += UBig::ONE;
    }
    normalized(negative, high, exponent.saturating_add(bits(extra)))
}

fn bits(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Float {
    /// The power of two just above the magnitude.
    fn top(&self) -> i64 {
        self.exponent + bits(self.mantissa.bit_len())
    }

    /// The exact sum, rounded.
    pub fn add(&self, other: &Self, precision: u32) -> Repr {
        if self.mantissa.is_zero() && other.mantissa.is_zero() {
            return zero(self.negative && other.negative);
        }
        if self.mantissa.is_zero() {
            return rounded(other.negative, other.mantissa.clone(), other.exponent, false, precision);
        }
        if other.mantissa.is_zero() {
            return rounded(self.negative, self.mantissa.clone(), self.exponent, false, precision);
        }
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let gap = large.exponent - small.exponent;
        // So far apart that the smaller cannot reach the last bit: the larger has no more bits than the precision, so it stands.
        let reach = i64::from(precision) + 4;
        if large.exponent - small.top() > reach && bits(large.mantissa.bit_len()) <= i64::from(precision) {
            return normalized(large.negative, large.mantissa.clone(), large.exponent);
        }
        let far = small.exponent - large.top();
        if far > reach {
            return rounded(small.negative, small.mantissa.clone(), small.exponent, false, precision);
        }
        let Ok(shift) = usize::try_from(gap) else { return normalized(large.negative, large.mantissa.clone(), large.exponent) };
        let raised = &large.mantissa << shift;
        if large.negative == small.negative {
            return rounded(large.negative, raised + &small.mantissa, small.exponent, false, precision);
        }
        match raised.cmp(&small.mantissa) {
            Ordering::Equal => zero(false),
            Ordering::Greater => rounded(large.negative, raised - &small.mantissa, small.exponent, false, precision),
            Ordering::Less => rounded(small.negative, &small.mantissa - raised, small.exponent, false, precision),
        }
    }

    /// The exact product, rounded.
    pub fn multiply(&self, other: &Self, precision: u32) -> Repr {
        rounded(self.negative != other.negative, &self.mantissa * &other.mantissa, self.exponent + other.exponent, false, precision)
    }

    /// The exact quotient, rounded; neither is zero.
    pub fn divide(&self, other: &Self, precision: u32) -> Repr {
        divide(self.negative != other.negative, (&self.mantissa, self.exponent), (&other.mantissa, other.exponent), precision)
    }

    /// Without what stands after the binary point.
    pub fn truncate(&self) -> Repr {
        match usize::try_from(-self.exponent) {
            Ok(fraction) => normalized(self.negative, &self.mantissa >> fraction, 0),
            Err(_) => normalized(self.negative, self.mantissa.clone(), self.exponent),
        }
    }

    /// Order by value.
    pub fn compare(&self, other: &Self) -> Ordering {
        let sign = |float: &Self| match (float.mantissa.is_zero(), float.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign != Ordering::Equal || self.mantissa.is_zero() {
            return by_sign;
        }
        let magnitude = self.top().cmp(&other.top()).then_with(|| {
            // The same top, so the difference of the exponents is that of the lengths: small.
            let shift = |by: i64| usize::try_from(by).unwrap_or(0);
            let a = &self.mantissa << shift(self.exponent - other.exponent);
            let b = &other.mantissa << shift(other.exponent - self.exponent);
            a.cmp(&b)
        });
        if self.negative { magnitude.reverse() } else { magnitude }
    }

    /// The nearest machine float, ties to even, infinite when too large.
    pub fn to_f64(&self) -> f64 {
        let sign = if self.negative { 1_u64 << 63 } else { 0 };
        if self.mantissa.is_zero() || self.top() < -1075 {
            return f64::from_bits(sign);
        }
        if self.top() > 1024 {
            return if self.negative { f64::NEG_INFINITY } else { f64::INFINITY };
        }
        let quantum = (self.top() - 53).max(-1074);
        let shift = self.exponent - quantum;
        let units = match usize::try_from(shift) {
            Ok(left) => &self.mantissa << left,
            Err(_) => {
                let right = usize::try_from(-shift).unwrap_or(usize::MAX);
                let (low, high) = self.mantissa.clone().split_bits(right);
                let half = UBig::ONE << (right - 1);
                let up = low > half || (low == half && high.bit(0));
                if up { high + UBig::ONE } else { high }
            }
        };
        let units = u64::try_from(units).expect("at most 53 bits");
        let field = u64::try_from(quantum + 1074).expect("not below the least exponent");
        // A carry out of the fraction runs into the exponent field, as it should: also into the pattern of infinity.
        f64::from_bits(sign | ((field << 52) + units))
    }
}

fn divide(negative: bool, (a, a_exponent): (&UBig, i64), (b, b_exponent): (&UBig, i64), precision: u32) -> Repr {
    let wanted = precision as usize + 2 + b.bit_len();
    let shift = wanted.saturating_sub(a.bit_len());
    let (quotient, rest) = (a << shift).div_rem(b);
    rounded(negative, quotient, a_exponent - b_exponent - bits(shift), !rest.is_zero(), precision)
}

/// Five to a power, rounded at each step as Go does it.
fn power_of_five(mut power: u64, precision: u32) -> Repr {
    // 5^27 is the largest in 64 bits.
    let exact = power.min(27);
    let start = UBig::from(5_u64).pow(usize::try_from(exact).expect("at most 27"));
    let mut result = normalized(false, start, 0);
    power -= exact;
    let mut factor = Float { negative: false, mantissa: UBig::from(5_u64), exponent: 0 };
    let finite = |repr: &Repr| match repr {
        Repr::Whole(int) => Some(Float::from(*int)),
        Repr::Float(float) => Some((**float).clone()),
        Repr::Infinite { .. } => None,
    };
    while power > 0 {
        if power & 1 == 1 {
            let Some(so_far) = finite(&result) else { return result };
            result = so_far.multiply(&factor, precision);
        }
        power >>= 1;
        if power > 0 {
            let Some(squared) = finite(&factor.multiply(&factor, precision + PARSE_GUARD_BITS)) else {
                return Repr::Infinite { negative: false };
            };
            factor = squared;
        }
    }
    result
}

/// Decimal text without its sign: digits with at most one point, then `e` with a decimal or `p` with a binary exponent.
pub(super) fn parse(negative: bool, body: &str) -> Option<Repr> {
    let precision = super::PRECISION;
    let (mantissa, binary, exponent) = match body.find(['e', 'E', 'p', 'P']) {
        Some(at) => (&body[..at], matches!(body.as_bytes()[at], b'p' | b'P'), parse_exponent(&body[at + 1..])?),
        None => (body, false, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mantissa = UBig::from_str_radix(&digits, 10).ok()?;
    if mantissa.is_zero() {
        return Some(zero(negative));
    }
    let places = -bits(fraction.len());
    let fives = if binary { places } else { places.checked_add(exponent)? };
    let twos = places.checked_add(exponent)?;
    let top = twos.checked_add(bits(mantissa.bit_len()))?;
    if i32::try_from(top).is_err() {
        return None;
    }
    if fives == 0 {
        return Some(rounded(negative, mantissa, twos, false, precision));
    }
    let power = power_of_five(fives.unsigned_abs(), precision + PARSE_GUARD_BITS);
    Some(match (power, fives > 0) {
        (Repr::Infinite { .. }, true) => Repr::Infinite { negative },
        (Repr::Infinite { .. }, false) => zero(negative),
        (power, multiply) => {
            let power = match power {
                Repr::Whole(int) => Float::from(int),
                Repr::Float(float) => (*float).clone(),
                Repr::Infinite { .. } => unreachable!("handled above"),
            };
            if multiply {
                rounded(negative, mantissa * power.mantissa, twos + power.exponent, false, precision)
            } else {
                divide(negative, (&mantissa, twos), (&power.mantissa, power.exponent), precision)
            }
        }
    })
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
