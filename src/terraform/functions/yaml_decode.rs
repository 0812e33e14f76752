//! `yamldecode`: YAML as Terraform's reader takes it, with YAML 1.1's words (`yes`, `on`) and none of its octal or underscored numbers.

use super::FunctionError;
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes};
use super::timestamp::{Reader, Timestamp};
use crate::value::convert::convert;
use crate::value::{CauseKind, Entries, Number, Type, Value, ValueKind, text};
use dashu_int::IBig;
use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, Tag, options};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Deepest nesting.
const MAX_DEPTH: usize = 128;
/// Most nodes, those that aliases repeat included.
const MAX_NODES: usize = 200_000;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "yamldecode",
    parameters: &[Parameter::new("src", Takes::Text)],
    rest: None,
    gives: Gives::Depends(|_| Ok(Type::Dynamic)),
    nullness: Nullness::Maybe,
    run: yaml_decode,
}];

fn yaml_decode(call: &mut Call) -> Outcome {
    match document(call.text(0)?) {
        Ok(value) => Ok(value),
        Err(Failed::Invalid(message)) => Err(FunctionError::new(message)),
        Err(Failed::TooLarge) => Ok(call.unknown_because(CauseKind::Limit, "a YAML document of more than 128 levels or 200,000 nodes")),
    }
}

/// Why there is no value.
enum Failed {
    Invalid(String),
    TooLarge,
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Failed> {
    Err(Failed::Invalid(message.into()))
}

fn options() -> Options {
    options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

/// The only document of a text.
fn document(source: &str) -> Result<Value, Failed> {
    let parser = Parser::new_from_str_with_options(source, options());
    let mut decoder = Decoder { parser, source, anchors: BTreeMap::new(), nodes: 0 };
    loop {
        match decoder.next()?.0 {
            Event::DocumentStart(..) => break,
            Event::StreamEnd => return invalid("on line 1, column 1: missing start of document"),
            _ => {}
        }
    }
    let first = decoder.next()?;
    let value = decoder.node(first, 0)?;
    loop {
        match decoder.next()?.0 {
            Event::StreamEnd => return Ok(value),
            Event::DocumentEnd => {}
            _ => return invalid("unexpected extra content after value"),
        }
    }
}

struct Decoder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    source: &'a str,
    /// Complete nodes by their anchors, with the number of nodes in them.
    anchors: BTreeMap<usize, (Value, usize)>,
    nodes: usize,
}

impl<'a> Decoder<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Failed> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let place = error.marker();
                invalid(format!("on line {}, column {}: {}", place.line(), place.col() + 1, error.info()))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Result<Value, Failed> {
        let before = self.nodes;
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(Failed::TooLarge);
        }
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = self.checked(&text, style, &span)?;
                (anchor, scalar(text, style, tag.as_deref())?)
            }
            Event::Alias(anchor) => {
                let Some((value, nodes)) = self.anchors.get(&anchor) else {
                    return invalid("cannot refer to an anchor from inside its own definition");
                };
                self.nodes += nodes;
                return if self.nodes > MAX_NODES { Err(Failed::TooLarge) } else { Ok(value.clone()) };
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "seq", "sequence")?;
                let mut items = Vec::new();
                loop {
                    let next = self.next()?;
                    if next.0 == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(next, depth + 1)?);
                }
                (anchor, Value::tuple(items))
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "map", "mapping")?;
                (anchor, self.mapping(depth)?)
            }
            _ => return invalid("expecting value but found end of stream"),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), self.nodes - before));
        }
        Ok(value)
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Failed> {
        let mut entries = Entries::new();
        loop {
            let (event, span) = self.next()?;
            let (key, style, tag) = match event {
                Event::MappingEnd => return Ok(Value::object(entries)),
                Event::Scalar(key, style, _, tag) => (key, style, tag),
                _ => return invalid("only strings are allowed as mapping keys"),
            };
            let key = self.checked(&key, style, &span)?.to_owned();
            let is_merge = key == "<<";
            let key = scalar(&key, style, tag.as_deref())?;
            let Ok(key) = convert(&key, &Type::String) else { return invalid("only strings are allowed as mapping keys") };
            let Some(name) = key.as_str() else { return invalid("mapping key cannot be null") };
            let next = self.next()?;
            let value = self.node(next, depth + 1)?;
            if !is_merge {
                entries.insert(Arc::from(name), value);
                continue;
            }
            match &value.kind {
                ValueKind::Object(merged) => entries.extend(merged.iter().map(|(name, value)| (Arc::clone(name), value.clone()))),
                _ => return invalid(format!("cannot merge {} into mapping", value.type_of().friendly_name())),
            }
        }
    }

    /// The text of a scalar; an absent one has no text, and escapes that YAML 1.1 did not have are refused.
    fn checked<'t>(&self, text: &'t str, style: ScalarStyle, span: &Span) -> Result<&'t str, Failed> {
        let range = span.byte_range().unwrap_or_default();
        if style == ScalarStyle::Plain && range.is_empty() {
            return Ok("");
        }
        if style == ScalarStyle::DoubleQuoted {
            let mut symbols = self.source.get(range).unwrap_or_default().chars();
            while let Some(symbol) = symbols.next() {
                if symbol == '\\' && symbols.next() == Some('/') {
                    return invalid("found unknown escape character");
                }
            }
        }
        Ok(text)
    }
}

/// The short name of a tag of YAML's own: `int` for `!!int`; the whole tag of another.
fn tag_name(tag: &Tag) -> Result<Cow<'_, str>, String> {
    tag.suffix_in_namespace("tag:yaml.org,2002:").ok_or_else(|| format!("{}{}", tag.handle(), tag.suffix()))
}

fn check_tag(tag: Option<&Tag>, wanted: &str, what: &str) -> Result<(), Failed> {
    match tag.map(tag_name) {
        None => Ok(()),
        Some(Ok(name)) if name == wanted => Ok(()),
        Some(Ok(name)) => invalid(format!("can't interpret {what} as tag:yaml.org,2002:{name}")),
        Some(Err(name)) => invalid(format!("can't interpret {what} as {name}")),
    }
}

/// What a scalar means.
fn scalar(source: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Failed> {
    let tag = match tag.map(tag_name) {
        None => None,
        Some(Ok(name)) if matches!(&*name, "str" | "bool" | "int" | "float" | "null" | "timestamp" | "binary") => Some(name),
        Some(Ok(name)) => return invalid(format!("unsupported tag \"tag:yaml.org,2002:{name}\"")),
        Some(Err(name)) => return invalid(format!("unsupported tag {name:?}")),
    };
    let value = resolve(source, style, tag.as_deref())?;
    // A block without a tag is text, though what it looks like decided: `|-` with `1.50` in it is "1.5".
    if tag.is_none() && style != ScalarStyle::Plain { convert(&value, &Type::String).map_err(Failed::Invalid) } else { Ok(value) }
}

fn resolve(source: &str, style: ScalarStyle, tag: Option<&str>) -> Result<Value, Failed> {
    let first = source.chars().next();
    // Only these can begin what is not text.
    let telling = first.is_none_or(|first| first.is_ascii_digit() || "+-.yYnNtTfFoO~".contains(first));
    if telling && !matches!(tag, Some("str" | "binary")) {
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            return Ok(text::string(source));
        }
        if let Some(value) = word(source) {
            return Ok(value);
        }
        if matches!(source, ".nan" | ".NaN" | ".NAN") {
            return invalid("floating point NaN is not supported");
        }
        if matches!(tag, None | Some("timestamp"))
            && let Some(timestamp) = timestamp(source)
        {
            return Ok(Value::string(timestamp.rfc3339()));
        }
        if first.is_some_and(|first| first.is_ascii_digit() || "+-.".contains(first)) {
            if is_float(source)
                && let Some(number) = Number::parse(source)
            {
                return Ok(ValueKind::Number(number).into());
            }
            if is_based(source, "0x", 16) || is_based(source, "0o", 8) {
                return based(source).map_or_else(|| unreadable(source, "int"), Ok);
            }
        }
    }
    match tag {
        None | Some("str") => Ok(text::string(source)),
        Some("binary") if super::base64::decode(source).is_some() => Ok(text::string(source)),
        Some("binary") => invalid(format!("cannot parse {source:?} as tag:yaml.org,2002:binary: not valid base64")),
        Some("bool") => word(source).filter(|value| value.as_bool().is_some()).map_or_else(|| unreadable(source, "bool"), Ok),
        Some(number @ ("int" | "float")) => {
            let plain = source.replace('_', "");
            let parsed = Number::parse(&plain).map(|number| ValueKind::Number(number).into());
            parsed.or_else(|| based(&plain)).map_or_else(|| unreadable(source, number), Ok)
        }
        Some("timestamp") => timestamp(source).map_or_else(|| unreadable(source, "timestamp"), |found| Ok(Value::string(found.rfc3339()))),
        Some(_) => Ok(Value::null()),
    }
}

fn unreadable(source: &str, tag: &str) -> Result<Value, Failed> {
    invalid(format!("cannot parse {source:?} as tag:yaml.org,2002:{tag}"))
}

/// The words that stand for booleans, null and infinities.
fn word(source: &str) -> Option<Value> {
    Some(match source {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => ValueKind::Number(Number::infinity(false)).into(),
        "-.inf" | "-.Inf" | "-.INF" => ValueKind::Number(Number::infinity(true)).into(),
        _ => return None,
    })
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(source: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let body = source.strip_prefix(['+', '-']).unwrap_or(source);
    let whole = digits(body);
    let mut rest = &body[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole + fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let after = after.strip_prefix(['+', '-']).unwrap_or(after);
        let exponent = digits(after);
        return exponent > 0 && exponent == after.len();
    }
    rest.is_empty()
}

fn is_based(source: &str, prefix: &str, base: u32) -> bool {
    source.strip_prefix(prefix).is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base)))
}

/// An integer of 64 bits with its base before it: `0x1f`, `0o17`, `0b101`, `017`.
fn based(source: &str) -> Option<Value> {
    let (negative, body) = match source.as_bytes().first()? {
        b'-' => (true, &source[1..]),
        b'+' => (false, &source[1..]),
        _ => (false, source),
    };
    let lowered = body.to_ascii_lowercase();
    let (digits, base) = match lowered.get(..2)? {
        "0x" => (&lowered[2..], 16),
        "0o" => (&lowered[2..], 8),
        "0b" => (&lowered[2..], 2),
        _ => (lowered.strip_prefix('0')?, 8),
    };
    let magnitude = u64::from_str_radix(digits, base).ok().filter(|_| !digits.starts_with(['+', '-']))?;
    if negative && magnitude > 1 << 63 {
        return None;
    }
    let integer = IBig::from(magnitude);
    Some(ValueKind::Number(Number::from_integer(&if negative { -integer } else { integer })).into())
}

/// A date, or a date and a time, in the forms that the reader knows.
fn timestamp(source: &str) -> Option<Timestamp> {
    let mut reader = Reader::new(source);
    let year = i64::from(reader.digits(4, 4)?);
    reader.skip('-')?;
    let month = reader.digits(1, 2)?;
    reader.skip('-')?;
    let day = reader.digits(1, 2)?;
    if !Timestamp::is_day(year, month, day) {
        return None;
    }
    if reader.is_done() {
        return Some(Timestamp::new((year, month, day), (0, 0, 0), 0, 0));
    }
    let spaced = reader.next_is(' ');
    let between = ['T', 't', ' '].into_iter().find(|symbol| reader.next_is(*symbol))?;
    reader.skip(between)?;
    let hour = reader.digits(1, 2).filter(|hour| *hour < 24)?;
    reader.skip(':')?;
    let minute = reader.digits(1, 2).filter(|minute| *minute < 60)?;
    reader.skip(':')?;
    let second = reader.digits(1, 2).filter(|second| *second < 60)?;
    let nanoseconds = reader.fraction()?;
    let offset = if spaced { 0 } else { reader.offset()? };
    reader.is_done().then(|| Timestamp::new((year, month, day), (hour, minute, second), nanoseconds, offset))
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    fn decoded(source: &str) -> Result<String, String> {
        match document(source) {
            Ok(value) => Ok(json::encode(&value).unwrap_or_else(|error| error)),
            Err(Failed::Invalid(message)) => Err(message),
            Err(Failed::TooLarge) => Err("too large".into()),
        }
    }

    /// What `terraform console` 1.11.4 printed.
    #[test]
    fn documents_mean_what_terraform_says() {
        for (source, json) in [
            ("---", "null"),
            ("---\n...\n", "null"),
            ("yes", "true"),
            ("a: !!int 5", "{\"a\":5}"),
            ("a: !!str 5", "{\"a\":\"5\"}"),
            ("a: !!bool \"yes\"", "{\"a\":\"yes\"}"),
            ("a: !!null x", "{\"a\":null}"),
            ("a: .5", "{\"a\":0.5}"),
            ("a: 1.", "{\"a\":1}"),
            ("a: 0b101", "{\"a\":\"0b101\"}"),
            (
                "a: 0x1F\nb: -0x1F\nc: 0xZZ\nd: 0o17\ne: 0o8\nf: 0777",
                "{\"a\":31,\"b\":\"-0x1F\",\"c\":\"0xZZ\",\"d\":15,\"e\":\"0o8\",\"f\":777}",
            ),
            ("a: 1_000\nb: 1:30\nc: +inf\nd: Infinity", "{\"a\":\"1_000\",\"b\":\"1:30\",\"c\":\"+inf\",\"d\":\"Infinity\"}"),
            ("a: 2024-1-2", "{\"a\":\"2024-01-02T00:00:00Z\"}"),
            ("a: 2024-01-02 03:04:05", "{\"a\":\"2024-01-02T03:04:05Z\"}"),
            ("a: 2024-01-02t03:04:05+02:00", "{\"a\":\"2024-01-02T03:04:05+02:00\"}"),
            ("a: 2024-01-02T03:04:05", "{\"a\":\"2024-01-02T03:04:05\"}"),
            ("a: 2024-13-02", "{\"a\":\"2024-13-02\"}"),
            ("{<<: {a: 1}, b: 2}", "{\"a\":1,\"b\":2}"),
            ("a: 1\n<<: {a: 2, c: 3}", "{\"a\":2,\"c\":3}"),
            ("\"<<\": {a: 1}", "{\"a\":1}"),
            ("a: &x 1\nb: *x", "{\"a\":1,\"b\":1}"),
            ("a: 1\na: 2", "{\"a\":2}"),
            ("true: 1\n1.50: a\n0x10: b", "{\"1.5\":\"a\",\"16\":\"b\",\"true\":1}"),
            ("a: NO\nb: nO\nc: tRUE\nd: ''\ne:\nf: \"~\"", "{\"a\":false,\"b\":\"nO\",\"c\":\"tRUE\",\"d\":\"\",\"e\":null,\"f\":\"~\"}"),
            ("a: |-\n  x\n   y\n\nb: >-\n  x\n  y", "{\"a\":\"x\\n y\",\"b\":\"x y\"}"),
            ("a: |\n", "{\"a\":null}"),
            ("- &a x\n- *a\n- &a y\n- *a", "[\"x\",\"x\",true,true]"),
            ("{a:1}", "{\"a:1\":null}"),
            ("{\"a\":1}", "{\"a\":1}"),
            ("[a:1]", "[\"a:1\"]"),
            ("[a: 1]", "[{\"a\":1}]"),
            ("{a: 1, b}", "{\"a\":1,\"b\":null}"),
            ("a: !!str\nb: !!int", "{\"a\":\"\",\"b\":null}"),
            ("a: http://x.y/z#w", "{\"a\":\"http://x.y/z#w\"}"),
            ("!!int 0b11", "3"),
            ("!!float 1p3", "8"),
            ("1p3", "\"1p3\""),
            ("\u{feff}a: 1", "{\"a\":1}"),
            ("!!null \"\"", "\"\""),
            ("!!null \"x\"", "null"),
            ("--- |\n x", "\"x\""),
        ] {
            assert_eq!(decoded(source).as_deref(), Ok(json), "{source:?}");
        }
    }

    #[test]
    fn what_terraform_refuses_is_refused() {
        for source in [
            "",
            "# only comment",
            "a: .nan",
            "<<: 5",
            "<<: [{a: 1}]",
            "a: &a [*a]",
            "a: *b",
            "? [a]\n: b",
            "&k a: 1\nb: *k",
            "~: 1",
            "a: ! x",
            "!Ref foo",
            "a: !foo bar",
            "a: !!set {x}",
            "a: !!seq {x: 1}",
            "---\na: 1\n---\nb: 2\n",
            "[a, b",
            "a:\n\t- b\n",
            "a: @x",
            "a: b: c",
            "a: \"\\q\"",
            "a: \"\\/\"",
            "!!float \"x\"",
            "a: 0xFFFFFFFFFFFFFFFFF",
            "!!timestamp x",
            "[a,, b]",
            "a: - b",
            "a: '",
            "}",
            "a: & 1",
            "a: 1\n b: 2",
            "a:\n  - b\n c: d",
        ] {
            assert!(decoded(source).is_err(), "{source:?} is {:?}", decoded(source));
        }
    }

    #[test]
    fn hostile_documents_end() {
        let laughs: Vec<String> = (1..30).map(|at| format!("a{at}: &a{at} [{}]", vec![format!("*a{}", at - 1); 9].join(", "))).collect();
        assert_eq!(decoded(&format!("a0: &a0 x\n{}", laughs.join("\n"))), Err("too large".into()));
        assert!(decoded(&"[".repeat(100_000)).is_err());
        assert!(decoded(&"- ".repeat(100_000)).is_err());
    }
}
