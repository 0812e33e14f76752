//! Numbers as Terraform prints and computes them, by example.

use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

#[test]
fn parsing_takes_what_go_takes() {
    for (text, printed) in [
        ("0", "0"),
        ("-0", "-0"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("1e5", "100000"),
        ("1p3", "8"),
        ("0.1", "0.1"),
        ("010", "10"),
        ("1e-7", "0.0000001"),
        ("123456789012345678901234567890.1", "123456789012345678901234567890.1"),
        ("Inf", "+Inf"),
        ("-inf", "-Inf"),
        ("1e999999999", "+Inf"),
        ("1e-999999999", "0"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
    ] {
        assert_eq!(number(text).to_string(), printed, "{text}");
    }
    for text in ["", "-", ".", "e5", "1e", "1e+", "0x10", "1_0", " 1", "1 ", "1.2.3", "1e3000000000", "Infinity", "nan", "--1", "1e5e5"] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn quotients_have_as_many_digits_as_their_precision_shows() {
    let third = number("1").divide(&number("3")).unwrap().to_string();
    assert!(third.len() > 150 && third.starts_with("0.33333") && third.ends_with("335"), "{third}");
    assert_eq!(Number::from(1).divide(&Number::from(3)).unwrap().to_string(), "0.33333333333333333334");
    let log = Number::from_f64(2f64.ln() / 10f64.ln()).unwrap();
    assert_eq!(log.to_string(), "0.30102999566398114");
    assert_eq!(log.divide(&number("3")).unwrap().to_string(), "0.10034333188799371416877193041727878153324127197265625");
    let product = Number::from_f64(2f64.sqrt()).unwrap().multiply(&number("3")).unwrap();
    assert_eq!(product.to_string(), "4.2426406871192854364238655762164853513240814208984375");
}

#[test]
fn zeros_have_signs_and_infinities_end_in_errors() {
    assert_eq!(number("0").multiply(&number("-1")).unwrap().to_string(), "-0");
    assert_eq!(number("0").negate().to_string(), "-0");
    assert_eq!(number("0"), number("-0"));
    assert_eq!(number("0").subtract(&number("0")).unwrap().to_string(), "0");
    assert!(number("0").divide(&number("0")).is_none());
    let infinite = number("1").divide(&number("0")).unwrap();
    assert_eq!(infinite.to_string(), "+Inf");
    assert!(infinite.subtract(&infinite).is_none());
    assert!(infinite.multiply(&number("0")).is_none());
    assert!(infinite > number("1e1000"));
    assert_eq!(number("5").divide(&infinite).unwrap().to_string(), "0");
}

#[test]
fn floors_and_remainders_go_the_right_way() {
    for (text, floor, ceil) in [("-5.1", "-6", "-5"), ("5.9", "5", "6"), ("0.1", "0", "1"), ("1e30", "1e30", "1e30")] {
        assert_eq!(number(text).floor(), number(floor), "{text}");
        assert_eq!(number(text).ceil(), number(ceil), "{text}");
    }
    for (a, b, rest) in [("7", "3", "1"), ("-7", "3", "-1"), ("7", "-3", "1"), ("5.5", "2", "1.5"), ("5", "0", "5")] {
        assert_eq!(number(a).modulo(&number(b)).unwrap(), number(rest), "{a} % {b}");
    }
}

#[test]
fn notations_follow_go() {
    let text = |text: &str, notation, digits| number(text).text(notation, digits);
    assert_eq!(text("3.14159", Notation::Fixed, Some(2)), "3.14");
    assert_eq!(text("2.5", Notation::Fixed, Some(0)), "2");
    assert_eq!(text("0.05", Notation::Fixed, Some(1)), "0.1");
    assert_eq!(text("1234.5678", Notation::Exponent, Some(6)), "1.234568e+03");
    assert_eq!(text("1000000", Notation::General, None), "1e+06");
    assert_eq!(text("123456", Notation::General, None), "123456");
    assert_eq!(text("0.00001", Notation::General, None), "1e-05");
    assert_eq!(text("100", Notation::General, Some(2)), "1e+02");
    assert_eq!(text("0", Notation::Exponent, Some(2)), "0.00e+00");
    assert_eq!(text("0", Notation::General, None), "0");
    assert_eq!(text("1e600000000", Notation::Fixed, Some(2)).len(), "1e+600000000".len());
}

#[test]
fn machine_floats_are_the_nearest() {
    for value in [0.1, -1.5, 1e308, 5e-324, 1.797_693_134_862_315_7e308, 2.225_073_858_507_201_4e-308, 123_456_789.0] {
        assert_eq!(Number::from_f64(value).unwrap().to_f64().to_bits(), value.to_bits(), "{value}");
        assert_eq!(number(&format!("{value:e}")).to_f64().to_bits(), value.to_bits(), "{value}");
    }
    assert!(number("1e309").to_f64().is_infinite());
    assert_eq!(number("1e-400").to_f64().to_bits(), 0);
    assert_eq!(number("9007199254740993").to_f64().to_bits(), 9_007_199_254_740_992f64.to_bits());
}

#[test]
fn far_apart_numbers_add_without_filling_the_memory() {
    assert_eq!(number("1e100000000").add(&number("1")).unwrap(), number("1e100000000"));
    assert_eq!(number("1").add(&number("-1e-100000000")).unwrap(), number("1"));
    assert!(number("1e100000000") > number("1e99999999"));
    assert!(!number("1e100000000").is_printable());
}
