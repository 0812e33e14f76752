//! Base64 and the encodings around it: plain, gzip, URL.

use super::FunctionError;
use super::spec::{Call, Function, Gives, MARKED, Nullness, Outcome, Parameter, Takes, UNKNOWN, unmark};
use crate::value::{CauseKind, Unknown, Value, text};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use std::fmt::Write as _;
use std::io::Write as _;

const STR: Parameter = Parameter::new("str", Takes::Text);

pub(super) const FUNCTIONS: &[Function] = &[
    Function { parameters: &[Parameter::new("str", Takes::Text).lets(MARKED | UNKNOWN)], ..function("base64decode", base64_decode) },
    Function { parameters: &[Parameter::new("str", Takes::Text).lets(UNKNOWN)], ..function("base64encode", base64_encode) },
    function("base64gzip", base64_gzip),
    function("urlencode", |call| Ok(text::string(&url_encode(call.text(0)?)))),
];

const fn function(name: &'static str, run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters: &[STR], rest: None, gives: Gives::Text, nullness: Nullness::Never, run }
}

/// Bytes in Base64.
pub(super) fn encoded(bytes: &[u8]) -> Value {
    if bytes.len() > text::MAX_TEXT { text::too_long() } else { text::string(&STANDARD.encode(bytes)) }
}

/// The bytes of a Base64 text, as Go reads it: line breaks are skipped, padding is required, spare bits may be set.
pub(super) fn decode(given: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose =
        GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
    if given.contains(['\r', '\n']) { LENIENT.decode(given.replace(['\r', '\n'], "")).ok() } else { LENIENT.decode(given).ok() }
}

fn base64_encode(call: &mut Call) -> Outcome {
    let given = call.argument(0)?;
    if given.is_unknown() { Ok(Unknown::in_base64(given).into()) } else { Ok(encoded(call.text(0)?.as_bytes())) }
}

fn base64_decode(call: &mut Call) -> Outcome {
    let (given, marks) = unmark(call.argument(0)?);
    let Some(source) = given.as_str() else { return Ok(call.unknown().with_marks(marks)) };
    let bytes = decode(source).ok_or_else(|| FunctionError::new(format!("failed to decode base64 data {source:?}")))?;
    let decoded =
        String::from_utf8(bytes).map_err(|_| FunctionError::new("the result of decoding the provided string is not valid UTF-8"))?;
    Ok(text::string(&decoded).with_marks(marks))
}

fn base64_gzip(call: &mut Call) -> Outcome {
    // Another program's compressed bytes differ in size and shape from Go's, so only a reader of the content can tell them the same.
    let mut encoder = flate2::GzBuilder::new().operating_system(255).write(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(call.text(0)?.as_bytes()).and_then(|()| encoder.flush()).and_then(|()| encoder.finish());
    match written {
        Ok(bytes) => Ok(encoded(&bytes)),
        Err(error) => Ok(call.unknown_because(CauseKind::Unsupported, error.to_string())),
    }
}

/// As Go's `url.QueryEscape`: a space becomes `+`.
fn url_encode(given: &str) -> String {
    let mut out = String::with_capacity(given.len());
    for byte in given.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
