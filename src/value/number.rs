//! Numbers as Terraform has them: binary floating point with 512 bits, rounded to the nearest, ties to even.
//!
//! `dashu-float` does the arithmetic (pure Rust, correctly rounded, base conversion included); whole numbers that fit
//! 64 bits, which is nearly all of them, stay machine integers.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// Mantissa bits, as `cty` has them.
pub const PRECISION: usize = 512;

type Big = FBig<HalfEven, 2>;

/// A number.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Int(i64),
    Big(Arc<Big>),
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl Number {
    /// The number that this decimal text names (`12`, `-0.5`, `1e6`); `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(int) = text.parse::<i64>() {
            return Some(Self(Repr::Int(int)));
        }
        let body = text.strip_prefix(['-', '+']).unwrap_or(text);
        if !body.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
            || !body.bytes().any(|b| b.is_ascii_digit())
        {
            return None;
        }
        let decimal: FBig<HalfEven, 10> = text.parse().ok()?;
        Some(Self::from_big(decimal.with_base_and_precision::<2>(PRECISION).value()))
    }

    fn from_big(big: Big) -> Self {
        if let Ok(int) = i64::try_from(big.clone()) {
            return Self(Repr::Int(int));
        }
        Self(Repr::Big(Arc::new(big)))
    }

    fn big(&self) -> Big {
        match &self.0 {
            Repr::Int(int) => Big::from(*int).with_precision(PRECISION).value(),
            Repr::Big(big) => (**big).clone(),
        }
    }

    /// The number as a 64-bit integer, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(int) => Some(*int),
            Repr::Big(_) => None,
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
        match (&self.0, &other.0) {
            (Repr::Int(a), Repr::Int(b)) => a.cmp(b),
            _ => self.big().cmp(&other.big()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(int) => write!(f, "{int}"),
            Repr::Big(big) => write!(f, "{}", big.to_decimal().value()),
        }
    }
}
