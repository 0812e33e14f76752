//! Functions that digest, and those that are different each time.

use super::FunctionError;
use super::base64::encoded;
use super::files::{Contents, read};
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes};
use crate::value::{CauseKind, Value};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use std::fmt::Write as _;

const STR: &[Parameter] = &[Parameter::new("str", Takes::Text)];
const PATH: &[Parameter] = &[Parameter::new("path", Takes::Text)];

pub(super) const FUNCTIONS: &[Function] = &[
    function("base64sha256", STR, |call| Ok(encoded(&sha256(call.text(0)?.as_bytes())))),
    function("base64sha512", STR, |call| Ok(encoded(&sha512(call.text(0)?.as_bytes())))),
    Function {
        rest: Some(Parameter::new("cost", Takes::Number)),
        ..function("bcrypt", STR, |call| Ok(call.unknown_because(CauseKind::Impure, "bcrypt()")))
    },
    function("filebase64sha256", PATH, |call| of_file(call, |bytes| encoded(&sha256(bytes)))),
    function("filebase64sha512", PATH, |call| of_file(call, |bytes| encoded(&sha512(bytes)))),
    function("filemd5", PATH, |call| of_file(call, |bytes| hexadecimal(&md5(bytes)))),
    function("filesha1", PATH, |call| of_file(call, |bytes| hexadecimal(&sha1(bytes)))),
    function("filesha256", PATH, |call| of_file(call, |bytes| hexadecimal(&sha256(bytes)))),
    function("filesha512", PATH, |call| of_file(call, |bytes| hexadecimal(&sha512(bytes)))),
    function("md5", STR, |call| Ok(hexadecimal(&md5(call.text(0)?.as_bytes())))),
    function("rsadecrypt", &[Parameter::new("ciphertext", Takes::Text), Parameter::new("privatekey", Takes::Text)], rsa_decrypt),
    function("sha1", STR, |call| Ok(hexadecimal(&sha1(call.text(0)?.as_bytes())))),
    function("sha256", STR, |call| Ok(hexadecimal(&sha256(call.text(0)?.as_bytes())))),
    function("sha512", STR, |call| Ok(hexadecimal(&sha512(call.text(0)?.as_bytes())))),
    function("uuid", &[], |call| Ok(call.unknown_because(CauseKind::Impure, "uuid()"))),
    function("uuidv5", &[Parameter::new("namespace", Takes::Text), Parameter::new("name", Takes::Text)], uuid_v5),
];

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::Text, nullness: Nullness::Never, run }
}

fn md5(bytes: &[u8]) -> Vec<u8> {
    md5::Md5::digest(bytes).to_vec()
}

fn sha1(bytes: &[u8]) -> Vec<u8> {
    Sha1::digest(bytes).to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn sha512(bytes: &[u8]) -> Vec<u8> {
    Sha512::digest(bytes).to_vec()
}

fn hexadecimal(bytes: &[u8]) -> Value {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    Value::string(out)
}

fn of_file(call: &mut Call, digest: fn(&[u8]) -> Value) -> Outcome {
    let path = call.text(0)?.to_owned();
    match read(call.environment, &path) {
        Ok(Contents::Bytes(bytes)) => Ok(digest(&bytes)),
        Ok(Contents::OutOfReach(cause)) => Ok(call.unknown_because(cause.kind, cause.name)),
        Err(error) => Err(FunctionError::new(error.message)),
    }
}

fn rsa_decrypt(call: &mut Call) -> Outcome {
    let (ciphertext, key) = (call.text(0)?, call.text(1)?);
    let ciphertext = super::base64::decode(ciphertext)
        .ok_or_else(|| FunctionError::argument(0, format!("failed to decode input {ciphertext:?}: cipher text must be base64-encoded")))?;
    let key = super::rsa::PrivateKey::parse(key).map_err(|error| FunctionError::argument(1, format!("invalid private key: {error}")))?;
    let plain = key.decrypt(&ciphertext).ok_or_else(|| FunctionError::new("failed to decrypt: crypto/rsa: decryption error"))?;
    Ok(crate::value::text::string(&String::from_utf8_lossy(&plain)))
}

fn uuid_v5(call: &mut Call) -> Outcome {
    let namespace = call.text(0)?;
    // The four namespaces of RFC 4122 differ in one byte.
    let known = |last: u8| [0x6b, 0xa7, 0xb8, last, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
    let bytes = match namespace {
        "dns" => known(0x10),
        "url" => known(0x11),
        "oid" => known(0x12),
        "x500" => known(0x14),
        other => {
            parse_uuid(other).ok_or_else(|| FunctionError::new(format!("uuidv5() doesn't support namespace {other} (invalid UUID)")))?
        }
    };
    let mut hash = Sha1::new();
    hash.update(bytes);
    hash.update(call.text(1)?.as_bytes());
    let mut id: Vec<u8> = hash.finalize().to_vec();
    id.truncate(16);
    id[6] = (id[6] & 0x0f) | 0x50;
    id[8] = (id[8] & 0x3f) | 0x80;
    let mut out = String::with_capacity(36);
    for (at, byte) in id.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    Ok(Value::string(out))
}

/// A UUID with hyphens or without, in any bracket, or as a URN.
fn parse_uuid(given: &str) -> Option<[u8; 16]> {
    let given = match given.len() {
        45 if given.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => given.get(9..)?,
        // Go looks at the length alone, not at the brackets.
        38 => given.get(1..37)?,
        _ => given,
    };
    let digits: String = match given.len() {
        36 => {
            let bytes = given.as_bytes();
            if [8, 13, 18, 23].iter().any(|at| bytes[*at] != b'-') {
                return None;
            }
            given.chars().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23)).map(|(_, digit)| digit).collect()
        }
        32 => given.to_owned(),
        _ => return None,
    };
    if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(&digits, 16).ok().map(u128::to_be_bytes)
}
