//! Functions on numbers.

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, MARKED, Nullness, Outcome, Parameter, Takes, UNKNOWN, number, unmark, whole};
use crate::value::{Number, Type, Unknown, Value};
use dashu_int::IBig;

const NUMBER: Parameter = Parameter::new("num", Takes::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", &[Parameter::new("num", Takes::Number).lets(DYNAMIC | MARKED)], abs),
    function("ceil", &[NUMBER], |call| Ok(number(call.number(0)?.ceil()))),
    function("floor", &[NUMBER], |call| Ok(number(call.number(0)?.floor()))),
    function("log", &[NUMBER, Parameter::new("base", Takes::Number)], log),
    Function { rest: Some(NUMBERS), ..function("max", &[], |call| extreme(call, |new, best| new > best)) },
    Function { rest: Some(NUMBERS), ..function("min", &[], |call| extreme(call, |new, best| new < best)) },
    Function {
        gives: Gives::Depends(parsed_type),
        ..function(
            "parseint",
            &[Parameter::new("number", Takes::Any).lets(MARKED | UNKNOWN), Parameter::new("base", Takes::Number).lets(MARKED | UNKNOWN)],
            parse_int,
        )
    },
    function("pow", &[NUMBER, Parameter::new("power", Takes::Number)], pow),
    function("signum", &[NUMBER], |call| Ok(Value::int(call.whole(0)?.signum()))),
];

const NUMBERS: Parameter = Parameter::new("numbers", Takes::Number).lets(DYNAMIC);

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::Number, nullness: Nullness::Never, run }
}

fn abs(call: &mut Call) -> Outcome {
    let (argument, marks) = unmark(call.argument(0)?);
    let value = argument.as_number().map_or_else(|| call.unknown(), |given| number(given.absolute()));
    Ok(value.with_marks(marks))
}

fn extreme(call: &Call, better: fn(&Number, &Number) -> bool) -> Outcome {
    let mut numbers = call.arguments.iter().filter_map(Value::as_number);
    let Some(first) = numbers.next() else {
        // Only arguments of unknown type, or none at all.
        return if call.arguments.is_empty() { Err(FunctionError::new("must pass at least one number")) } else { Ok(call.unknown()) };
    };
    Ok(number(numbers.fold(first, |best, new| if better(new, best) { new } else { best }).clone()))
}

fn float(call: &Call, index: usize) -> Result<f64, FunctionError> {
    let given = call.number(index)?;
    let float = given.to_f64();
    if float.is_infinite() && !given.is_infinite() {
        return Err(FunctionError::new(format!("value must be between {:.6} and {:.6} inclusive", f64::MIN, f64::MAX)));
    }
    Ok(float)
}

fn from_float(value: f64) -> Outcome {
    Number::from_f64(value).map(number).ok_or_else(|| FunctionError::new("the result is not a number"))
}

fn log(call: &mut Call) -> Outcome {
    from_float(logarithm(float(call, 0)?) / logarithm(float(call, 1)?))
}

fn pow(call: &mut Call) -> Outcome {
    from_float(power(float(call, 0)?, float(call, 1)?))
}

fn parsed_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    match arguments[0].type_of() {
        Type::String => Ok(Type::Number),
        other => Err(FunctionError::argument(0, format!("first argument must be a string, not {}", other.friendly_name()))),
    }
}

fn parse_int(call: &mut Call) -> Outcome {
    let (text, text_marks) = unmark(call.argument(0)?);
    let (base, base_marks) = unmark(call.argument(1)?);
    let marks = text_marks.union(base_marks);
    let (Some(digits), Some(base)) = (text.as_str(), base.as_number()) else {
        return Ok(Value::from(Unknown::new(Type::Number, super::spec::causes(&call.arguments))).with_marks(marks));
    };
    let base = whole(base).map_err(|error| FunctionError::argument(1, error))?;
    let Some(base) = u32::try_from(base).ok().filter(|base| (2..=62).contains(base)) else {
        return Err(FunctionError::argument(1, "base must be a whole number between 2 and 62 inclusive"));
    };
    let parsed = parse_in_base(digits, base);
    let parsed = parsed.ok_or_else(|| FunctionError::argument(0, format!("cannot parse {digits:?} as a base {base} integer")))?;
    Ok(number(Number::from_integer(&parsed)).with_marks(marks))
}

/// Digits in bases up to 62, as Go's `big.Int` reads them: above 36, upper case letters follow the lower case ones.
fn parse_in_base(text: &str, base: u32) -> Option<IBig> {
    /// More digits than this are not read.
    const MAX_DIGITS: usize = 100_000;
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    let value = |symbol: u8| match symbol {
        b'0'..=b'9' => Some(u32::from(symbol - b'0')),
        b'a'..=b'z' => Some(u32::from(symbol - b'a') + 10),
        b'A'..=b'Z' if base <= 36 => Some(u32::from(symbol - b'A') + 10),
        b'A'..=b'Z' => Some(u32::from(symbol - b'A') + 36),
        _ => None,
    };
    let digits: Option<Vec<dashu_int::Word>> =
        digits.bytes().map(|symbol| value(symbol).filter(|value| *value < base).map(dashu_int::Word::from)).collect();
    let magnitude = IBig::from(dashu_int::UBig::from_digits(dashu_int::Word::from(base), &digits?).ok()?);
    Some(if negative { -magnitude } else { magnitude })
}

/// The natural logarithm as Go computes it, to the last bit: argument reduction to [√½, √2), then the polynomial of FreeBSD's `e_log.c`.
/// The platform's own function may differ in the last bit, and the result may show in a plan.
#[expect(clippy::excessive_precision, clippy::many_single_char_names, reason = "as FreeBSD writes it")]
fn logarithm(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    const L: [f64; 7] = [
        6.666_666_666_666_735_13e-1,
        3.999_999_999_940_941_908e-1,
        2.857_142_874_366_239_149e-1,
        2.222_219_843_214_978_396e-1,
        1.818_357_216_161_805_012e-1,
        1.531_383_769_920_937_332e-1,
        1.479_819_860_511_658_591e-1,
    ];
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut fraction, mut exponent) = split(x);
    if fraction < std::f64::consts::SQRT_2 / 2.0 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let t1 = s2 * (L[0] + s4 * (L[2] + s4 * (L[4] + s4 * L[6])));
    let t2 = s4 * (L[1] + s4 * (L[3] + s4 * L[5]));
    let r = t1 + t2;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f)
}

/// The exponential as Go computes it on the machines that Terraform mostly runs on (64-bit Intel with fused multiplication), by N. Shibata's method:
/// reduce by multiples of ln 2, divide by 16, a Taylor series, and square four times.
fn exponential(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN2_LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    const TAYLOR: [f64; 8] = [1.0 / 40_320.0, 1.0 / 5_040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    if !x.is_finite() || x.abs() > 700.0 {
        return x.exp();
    }
    let exponent = (x * std::f64::consts::LOG2_E).round_ties_even();
    let reduced = (-exponent).mul_add(LN2_LOW, (-exponent).mul_add(LN2_HIGH, x)) * 0.0625;
    let series = TAYLOR[1..].iter().fold(TAYLOR[0], |sum, term| sum.mul_add(reduced, *term));
    let mut less_one = reduced * series;
    for _ in 0..4 {
        less_one *= less_one + 2.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 1100 in size")]
    scaled(less_one + 1.0, exponent as i64)
}

/// A power as Go computes it: the whole part by repeated squaring of the mantissa, the fraction by exponential and logarithm.
#[expect(clippy::float_cmp, reason = "exact cases, as Go has them")]
fn power(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x == 0.0 || x.is_infinite() || y.is_infinite() || x.is_nan() || y.is_nan() {
        return x.powf(y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9_223_372_036_854_775_808.0 {
        return match (x.total_cmp(&-1.0).is_eq(), (x.abs() < 1.0) == (y > 0.0)) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => f64::INFINITY,
        };
    }
    let mut result = 1.0;
    let mut scale = 0_i64;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exponential(fraction * logarithm(x));
    }
    let (mut mantissa, exponent) = split(x);
    let mut exponent = i64::from(exponent);
    #[expect(clippy::cast_possible_truncation, reason = "below 2^63, checked above")]
    let mut count = whole as i64;
    while count != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&exponent) {
            // Over- or underflow, whatever else comes.
            scale += exponent;
            break;
        }
        if count & 1 == 1 {
            result *= mantissa;
            scale += exponent;
        }
        mantissa *= mantissa;
        exponent <<= 1;
        if mantissa < 0.5 {
            mantissa += mantissa;
            exponent -= 1;
        }
        count >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        scale = -scale;
    }
    scaled(result, scale)
}

/// The mantissa in [½, 1) and the power of two.
fn split(x: f64) -> (f64, i32) {
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 4_503_599_627_370_496.0, -52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).expect("eleven bits fit") - 1022 + shift;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent)
}

/// `x × 2^power`, rounded once.
fn scaled(x: f64, power: i64) -> f64 {
    let (mantissa, exponent) = if x == 0.0 || !x.is_finite() { return x } else { split(x) };
    let exponent = i64::from(exponent).saturating_add(power);
    if exponent < -1075 {
        return 0.0_f64.copysign(x);
    }
    if exponent > 1024 {
        return f64::INFINITY.copysign(x);
    }
    let two_to = |power: i64| f64::from_bits(u64::try_from(power + 1023).expect("a normal power") << 52);
    if exponent < -1021 {
        // Through the subnormal range in one rounding.
        return mantissa * two_to(exponent + 53) * two_to(-53);
    }
    mantissa * 2.0 * two_to(exponent - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bits, for they must be the same.
    fn same(found: f64, expected: f64) {
        assert_eq!(found.to_bits(), expected.to_bits(), "{found} is not {expected}");
    }

    #[test]
    fn logarithms_and_powers_are_gos() {
        same(logarithm(2.0) / logarithm(10.0), 0.301_029_995_663_981_14);
        same(logarithm(16.0) / logarithm(2.0), 4.0);
        same(power(2.0, 10.0), 1024.0);
        same(power(2.0, -2.0), 0.25);
        same(power(2.0, 1e300), f64::INFINITY);
        assert!(power(-8.0, 1.0 / 3.0).is_nan());
        same(power(10.0, 308.0), 1.000_000_000_000_000_6e308);
        same(power(2.0, -1074.0), 5e-324);
    }

    /// What `terraform console` printed.
    #[test]
    fn fractional_powers_are_terraforms() {
        for (x, y, expected) in [
            (2.0, 0.3, 1.231_144_413_344_916_3),
            (3.7, 1.9, 12.011_113_633_761_76),
            (1.1, 100.0, 13_780.612_339_822_364),
            (7.0, 1.5, 18.520_259_177_452_136),
            (5.0, 0.25, 1.495_348_781_221_220_5),
            (123.456, 7.89, 31_771_028_258_180_932.0),
            (2.0, 10.5, 1_448.154_687_870_049_2),
            (1e-5, 3.3, 3.162_277_660_168_386_3e-17),
            (1.5, 2.5, 2.755_675_960_631_075_7),
            (1.000_000_1, 1e7, 2.718_281_693_980_372_4),
        ] {
            same(power(x, y), expected);
        }
        for (x, base, expected) in
            [(7.0, 3.0, 1.771_243_749_161_422_4), (1000.0, 10.0, 2.999_999_999_999_999_6), (1e300, 7.0, 354.988_398_736_481_5)]
        {
            same(logarithm(x) / logarithm(base), expected);
        }
    }

    #[test]
    fn digits_of_any_base() {
        let parse = |text, base| parse_in_base(text, base).map(|value| value.to_string());
        assert_eq!(parse("FF", 16).as_deref(), Some("255"));
        assert_eq!(parse("-ff", 16).as_deref(), Some("-255"));
        assert_eq!(parse("aA", 62).as_deref(), Some("656"));
        assert_eq!(parse("2", 2), None);
        assert_eq!(parse("", 10), None);
        assert_eq!(parse("1_0", 10), None);
    }
}
