//! Functions that OpenTofu has and Terraform has not.

use super::FunctionError;
use super::base64::decode;
use super::network::{Network, parse_address};
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes};
use crate::value::{CauseKind, Value, text};
use std::io::Read as _;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "base64gunzip",
        parameters: &[Parameter::new("str", Takes::Text)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: base64_gunzip,
    },
    Function {
        name: "cidrcontains",
        parameters: &[Parameter::new("containing_prefix", Takes::Text), Parameter::new("contained_ip_or_prefix", Takes::Text)],
        rest: None,
        gives: Gives::Bool,
        nullness: Nullness::Never,
        run: cidr_contains,
    },
    Function {
        name: "urldecode",
        parameters: &[Parameter::new("str", Takes::Text)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: url_decode,
    },
];

fn base64_gunzip(call: &mut Call) -> Outcome {
    let given = call.text(0)?;
    let packed = decode(given).ok_or_else(|| FunctionError::new(format!("failed to decode base64 data {given:?}")))?;
    let limit = u64::try_from(text::MAX_TEXT).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(packed.as_slice()).take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| FunctionError::new(format!("failed to gunzip data: {error}")))?;
    if bytes.len() > text::MAX_TEXT {
        return Ok(call.unknown_because(CauseKind::Limit, "a string longer than 8 MiB"));
    }
    let unpacked =
        String::from_utf8(bytes).map_err(|_| FunctionError::new("the result of gunzipping the provided string is not valid UTF-8"))?;
    Ok(text::string(&unpacked))
}

fn cidr_contains(call: &mut Call) -> Outcome {
    let (containing, contained) = (call.text(0)?, call.text(1)?);
    let network = Network::parse(containing)
        .ok_or_else(|| FunctionError::argument(0, format!("invalid CIDR expression: invalid CIDR address: {containing}")))?;
    let (first, last, bits) = match parse_address(contained) {
        Some((address, bits)) => (address, address, bits),
        None => {
            let invalid = || FunctionError::argument(1, format!("invalid IP address or prefix: {contained}"));
            let inner = Network::parse(contained).ok_or_else(invalid)?;
            let (first, bits) = inner.first();
            (first, inner.last(), bits)
        }
    };
    if bits != network.first().1 {
        return Err(FunctionError::new(format!("address family mismatch: {containing} vs. {contained}")));
    }
    Ok(Value::bool(network.contains(first, bits) && network.contains(last, bits)))
}

fn url_decode(call: &mut Call) -> Outcome {
    let given = call.text(0)?;
    let invalid = || FunctionError::new(format!("failed to decode URL {given:?}"));
    let mut bytes = Vec::with_capacity(given.len());
    let mut rest = given.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)).ok_or_else(invalid)?;
                let digits = std::str::from_utf8(digits).map_err(|_| invalid())?;
                bytes.push(u8::from_str_radix(digits, 16).map_err(|_| invalid())?);
                rest = &after[2..];
            }
            other => bytes.push(*other),
        }
    }
    let decoded = String::from_utf8(bytes).map_err(|_| FunctionError::new("the decoded URL is not valid UTF-8"))?;
    Ok(text::string(&decoded))
}
