//! The operators of a condition, three-valued: on a key that the request has, has not, or of which nothing is known.

use crate::graph::policy::Condition;
use crate::graph::text::{self, Text};
use crate::value::{Number, Truth};
use std::cmp::Ordering;
use std::net::IpAddr;

/// What a request has under a key.
#[derive(Clone, Copy)]
pub enum Asked<'a> {
    /// This text.
    Has(&'a Text),
    /// Nothing.
    HasNot,
    /// That is not known.
    NotKnown,
}

/// Whether a condition holds.
pub fn holds(condition: &Condition, asked: Asked<'_>) -> Truth {
    let operator = condition.operator.as_str();
    let (quantifier, operator) = operator.split_once(':').map_or((None, operator), |(quantifier, rest)| (Some(quantifier), rest));
    let is_for = |of: &str| quantifier.is_some_and(|quantifier| quantifier.eq_ignore_ascii_case(of));
    let lower = operator.to_ascii_lowercase();
    let (if_exists, base) = match lower.strip_suffix("ifexists") {
        Some(base) => (true, base),
        None => (false, lower.as_str()),
    };
    if base == "null" {
        return is_null(condition, asked);
    }
    let negated = base.contains("not");
    match asked {
        Asked::HasNot if if_exists || is_for("ForAllValues") => Truth::True,
        // Of no value none is another one.
        Asked::HasNot if negated && !is_for("ForAnyValue") => Truth::True,
        Asked::HasNot => Truth::False,
        Asked::NotKnown => Truth::Unknown,
        Asked::Has(text) => {
            let listed = Truth::any(condition.values.iter().map(|value| compare(base, value, text)));
            let any = if condition.open.is_empty() { listed } else { listed.or(Truth::Unknown) };
            if negated { !any } else { any }
        }
    }
}

fn is_null(condition: &Condition, asked: Asked<'_>) -> Truth {
    let missing = match asked {
        Asked::Has(_) => Truth::False,
        Asked::HasNot => Truth::True,
        Asked::NotKnown => Truth::Unknown,
    };
    match condition.values.first().and_then(Text::as_known) {
        Some(text) if text.eq_ignore_ascii_case("true") => missing,
        Some(text) if text.eq_ignore_ascii_case("false") => !missing,
        _ => Truth::Unknown,
    }
}

/// One value against what the request has, without regard to the operator's "Not".
fn compare(operator: &str, wanted: &Text, has: &Text) -> Truth {
    match operator {
        "stringequals" | "stringnotequals" | "binaryequals" => text::same(wanted, has),
        "stringequalsignorecase" | "stringnotequalsignorecase" | "bool" => text::same(&wanted.lower(), &has.lower()),
        "stringlike" | "stringnotlike" => text::matches(wanted, has),
        "arnequals" | "arnlike" | "arnnotequals" | "arnnotlike" => text::matches(&wanted.without_partition(), &has.without_partition()),
        "ipaddress" | "notipaddress" => in_range(wanted, has),
        "numericequals" | "numericnotequals" => number(wanted, has, Ordering::is_eq),
        "numericlessthan" => number(wanted, has, Ordering::is_lt),
        "numericlessthanequals" => number(wanted, has, Ordering::is_le),
        "numericgreaterthan" => number(wanted, has, Ordering::is_gt),
        "numericgreaterthanequals" => number(wanted, has, Ordering::is_ge),
        _ => Truth::Unknown,
    }
}

/// Whether an address lies in a range, `10.0.0.0/8` or a single address.
fn in_range(wanted: &Text, has: &Text) -> Truth {
    let (Some(range), Some(Ok(address))) = (wanted.as_known(), has.as_known().map(str::parse::<IpAddr>)) else { return Truth::Unknown };
    let (network, length) = range.split_once('/').map_or((range, None), |(network, length)| (network, Some(length)));
    let (Ok(network), Some(length)) = (network.parse::<IpAddr>(), length.map_or(Some(128), |length| length.parse::<u32>().ok())) else {
        return Truth::Unknown;
    };
    let beyond = |bits: u32| bits.saturating_sub(length);
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differ = u32::from(network) ^ u32::from(address);
            (differ.checked_shr(beyond(u32::BITS)).unwrap_or(0) == 0).into()
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differ = u128::from(network) ^ u128::from(address);
            (differ.checked_shr(beyond(u128::BITS)).unwrap_or(0) == 0).into()
        }
        _ => Truth::False,
    }
}

fn number(wanted: &Text, has: &Text, test: impl Fn(Ordering) -> bool) -> Truth {
    let (Some(wanted), Some(has)) = (wanted.as_known().and_then(Number::parse), has.as_known().and_then(Number::parse)) else {
        return Truth::Unknown;
    };
    test(has.cmp(&wanted)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{False, True, Unknown};

    fn test(operator: &str, value: &str, asked: Asked<'_>) -> Truth {
        holds(&Condition { operator: operator.into(), key: "k".into(), values: vec![Text::known(value)], open: Vec::new() }, asked)
    }

    #[test]
    fn a_missing_key_decides_by_operator() {
        assert_eq!(test("StringEquals", "x", Asked::HasNot), False);
        assert_eq!(test("StringNotEquals", "x", Asked::HasNot), True);
        assert_eq!(test("StringEqualsIfExists", "x", Asked::HasNot), True);
        assert_eq!(test("ForAllValues:StringEquals", "x", Asked::HasNot), True);
        assert_eq!(test("ForAnyValue:StringEquals", "x", Asked::HasNot), False);
        assert_eq!(test("ForAnyValue:StringNotEquals", "x", Asked::HasNot), False);
        assert_eq!(test("ForAnyValue:StringNotEqualsIfExists", "x", Asked::HasNot), True);
        assert_eq!(test("ForAllValues:StringNotEquals", "x", Asked::HasNot), True);
        assert_eq!(test("Null", "true", Asked::HasNot), True);
        assert_eq!(test("Null", "false", Asked::HasNot), False);
        assert_eq!(test("NotIpAddress", "10.0.0.0/8", Asked::HasNot), True);
        assert_eq!(test("StringEquals", "x", Asked::NotKnown), Unknown);
    }

    #[test]
    fn a_key_that_is_there_is_compared() {
        let (arn, on) = (Text::known("arn:aws-cn:s3:::logs"), Text::known("true"));
        assert_eq!(test("ArnLike", "arn:aws:s3:::*", Asked::Has(&arn)), True);
        assert_eq!(test("ArnEquals", "arn:aws:s3:::other", Asked::Has(&arn)), False);
        assert_eq!(test("Bool", "False", Asked::Has(&on)), False);
        assert_eq!(test("BoolIfExists", "True", Asked::Has(&on)), True);
        assert_eq!(test("NumericLessThan", "1.2", Asked::Has(&Text::known("1.3"))), False);
        let stranger = Text::known("192.0.2.1");
        assert_eq!(test("IpAddress", "10.0.0.0/8", Asked::Has(&stranger)), False);
        assert_eq!(test("NotIpAddress", "10.0.0.0/8", Asked::Has(&stranger)), True);
        assert_eq!(test("IpAddress", "0.0.0.0/0", Asked::Has(&stranger)), True);
        assert_eq!(test("IpAddress", "192.0.2.1", Asked::Has(&stranger)), True);
        assert_eq!(test("IpAddress", "::/0", Asked::Has(&stranger)), False);
        assert_eq!(test("IpAddress", "${aws:x}", Asked::Has(&stranger)), Unknown);
        assert_eq!(test("DateLessThan", "2024-01-01", Asked::Has(&on)), Unknown);
    }
}
