//! Functions on timestamps. The current time is never asked for: what depends on it is unknown.

use super::FunctionError;
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes};
use super::timestamp::{Parts, Timestamp, parse_duration, year_text};
use crate::value::{CauseKind, Value, text};
use std::cmp::Ordering;

pub(super) const FUNCTIONS: &[Function] = &[
    function("formatdate", &[Parameter::new("format", Takes::Text), Parameter::new("time", Takes::Text)], format_date),
    function("plantimestamp", &[], |call| Ok(call.unknown_because(CauseKind::Impure, "plantimestamp()"))),
    function("timeadd", &[Parameter::new("timestamp", Takes::Text), Parameter::new("duration", Takes::Text)], time_add),
    Function {
        gives: Gives::Number,
        ..function("timecmp", &[Parameter::new("timestamp_a", Takes::Text), Parameter::new("timestamp_b", Takes::Text)], time_cmp)
    },
    function("timestamp", &[], |call| Ok(call.unknown_because(CauseKind::Impure, "timestamp()"))),
];

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::Text, nullness: Nullness::Never, run }
}

fn parse(call: &Call, index: usize) -> Result<Timestamp, FunctionError> {
    Timestamp::parse(call.text(index)?).map_err(|error| FunctionError::argument(index, error))
}

fn time_add(call: &mut Call) -> Outcome {
    let timestamp = Timestamp::parse(call.text(0)?).map_err(FunctionError::new)?;
    let duration = parse_duration(call.text(1)?).map_err(FunctionError::new)?;
    Ok(Value::string(timestamp.plus(duration).rfc3339()))
}

fn time_cmp(call: &mut Call) -> Outcome {
    let (a, b) = (parse(call, 0)?, parse(call, 1)?);
    Ok(Value::int(match (a.seconds, a.nanoseconds).cmp(&(b.seconds, b.nanoseconds)) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn format_date(call: &mut Call) -> Outcome {
    let timestamp = parse(call, 1)?;
    let mut rest = call.text(0)?;
    let mut out = String::new();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, after) = quoted(rest).ok_or_else(|| FunctionError::argument(0, "unterminated literal '"))?;
            out.push_str(&literal);
            rest = after;
        } else if first.is_ascii_alphabetic() {
            let count = rest.chars().take_while(|symbol| *symbol == first).count();
            let (verb, after) = rest.split_at(count);
            out.push_str(&field(&timestamp, verb).map_err(|error| FunctionError::argument(0, error))?);
            rest = after;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(text::string(&out))
}

/// `'literal'` at the beginning, where `''` is a quote, and what comes after; `''` alone is one quote, too.
fn quoted(text: &str) -> Option<(String, &str)> {
    let body = text.strip_prefix('\'')?;
    if let Some(after) = body.strip_prefix('\'') {
        return Some(("'".into(), after));
    }
    let mut literal = String::new();
    let mut rest = body;
    loop {
        let (before, after) = rest.split_once('\'')?;
        literal.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Some((literal, after)),
        }
    }
}

/// What a run of one letter stands for.
fn field(timestamp: &Timestamp, verb: &str) -> Result<String, String> {
    let Parts { year, month, day, hour, minute, second, weekday } = timestamp.parts();
    let number = |value: u32, what: &str, letter: char| match verb.len() {
        1 => Ok(value.to_string()),
        2 => Ok(format!("{value:02}")),
        _ => Err(format!("invalid date format verb {verb:?}: {what} must either be \"{letter}\" or \"{letter}{letter}\"")),
    };
    let month_name = MONTHS[usize::try_from(month).unwrap_or(1).clamp(1, 12) - 1];
    let half = |names: [&str; 2]| match verb.len() {
        2 => Ok(names[usize::from(hour >= 12)].to_owned()),
        _ => Err(format!("invalid date format verb {verb:?}: must be {:?}", &verb[..1].repeat(2))),
    };
    match (verb.as_bytes()[0], verb.len()) {
        (b'Y', 2) => Ok(format!("{:02}", year % 100)),
        (b'Y', 4) => Ok(year_text(year)),
        (b'Y', _) => Err(format!("invalid date format verb {verb:?}: year must either be \"YY\" or \"YYYY\"")),
        (b'M', 1) => Ok(month.to_string()),
        (b'M', 2) => Ok(format!("{month:02}")),
        (b'M', 3) => Ok(month_name[..3].to_owned()),
        (b'M', 4) => Ok(month_name.to_owned()),
        (b'M', _) => Err(format!("invalid date format verb {verb:?}: month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"")),
        (b'D', _) => number(day, "day of month", 'D'),
        (b'E', 3) => Ok(WEEKDAYS[weekday][..3].to_owned()),
        (b'E', 4) => Ok(WEEKDAYS[weekday].to_owned()),
        (b'E', _) => Err(format!("invalid date format verb {verb:?}: day of week must either be \"EEE\" or \"EEEE\"")),
        (b'h', _) => number(hour, "24-hour", 'h'),
        (b'H', _) => number(if hour % 12 == 0 { 12 } else { hour % 12 }, "12-hour", 'H'),
        (b'A', _) => half(["AM", "PM"]),
        (b'a', _) => half(["am", "pm"]),
        (b'm', _) => number(minute, "minute", 'm'),
        (b's', _) => number(second, "second", 's'),
        (b'Z', 1) if timestamp.offset == 0 => Ok("Z".into()),
        (b'Z', 3) if timestamp.offset == 0 => Ok("UTC".into()),
        (b'Z', 1 | 5) => Ok(timestamp.offset_text(":")),
        (b'Z', 3 | 4) => Ok(timestamp.offset_text("")),
        (b'Z', _) => Err(format!("invalid date format verb {verb:?}: timezone must be Z, ZZZZ, or ZZZZZ")),
        _ => Err(format!("invalid date format verb {verb:?}")),
    }
}
