//! RSA decryption (PKCS #1 v1.5) with a key in PEM, for `rsadecrypt`. It decrypts what the user has the key of: no secret is kept, so nothing
//! here takes care of timing.

use super::base64::decode;
use dashu_int::UBig;
use dashu_int::fast_div::ConstDivisor;

/// Longest modulus, in bytes.
const MAX_MODULUS: usize = 2048;

/// A private key.
pub(super) struct PrivateKey {
    modulus: UBig,
    exponent: UBig,
}

impl PrivateKey {
    /// A key in PEM: PKCS #1, PKCS #8, or OpenSSH's own format without a passphrase.
    pub fn parse(pem: &str) -> Result<Self, &'static str> {
        let (label, body) = block(pem).ok_or("ssh: no key found")?;
        let der = decode(body.lines().filter(|line| !line.contains(':')).collect::<Vec<_>>().join("").trim()).ok_or("ssh: no key found")?;
        let key = match label {
            _ if body.contains("ENCRYPTED") => return Err("ssh: this private key is passphrase protected"),
            "RSA PRIVATE KEY" => pkcs1(&der),
            "PRIVATE KEY" => pkcs8(&der),
            "OPENSSH PRIVATE KEY" => open_ssh(&der),
            _ => return Err("ssh: unsupported key type"),
        };
        key.filter(|key| key.modulus > UBig::ONE).ok_or("invalid ASN1 data in the given private key")
    }

    /// The message; `None` if it is none for this key.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let length = self.modulus.to_be_bytes().len();
        let number = UBig::from_be_bytes(ciphertext);
        if length > MAX_MODULUS || number >= self.modulus {
            return None;
        }
        let ring = ConstDivisor::new(self.modulus.clone());
        let padded = ring.reduce(number).pow(&self.exponent).residue().to_be_bytes();
        // 00 02, at least eight bytes that are not zero, 00, the message; the first zero is not there in a number.
        if padded.len() + 1 != length {
            return None;
        }
        let body = padded.strip_prefix(&[2])?;
        let end = body.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
        Some(body[end + 1..].to_vec())
    }
}

/// The label and body of the first PEM block.
fn block(pem: &str) -> Option<(&str, &str)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    Some((label, body))
}

/// One DER element with this tag: its content, and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = der else { return None };
    if *found != tag {
        return None;
    }
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let count = usize::from(*length & 0x7f);
        if count == 0 || count > 4 || rest.len() < count {
            return None;
        }
        let (digits, rest) = rest.split_at(count);
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    (rest.len() >= length).then(|| rest.split_at(length))
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Version, modulus, public exponent, private exponent, …
fn pkcs1(der: &[u8]) -> Option<PrivateKey> {
    let (body, _) = element(der, SEQUENCE)?;
    let (_, rest) = element(body, INTEGER)?;
    let (modulus, rest) = element(rest, INTEGER)?;
    let (_, rest) = element(rest, INTEGER)?;
    let (exponent, _) = element(rest, INTEGER)?;
    Some(PrivateKey { modulus: UBig::from_be_bytes(modulus), exponent: UBig::from_be_bytes(exponent) })
}

/// Version, algorithm, the key as PKCS #1.
fn pkcs8(der: &[u8]) -> Option<PrivateKey> {
    let (body, _) = element(der, SEQUENCE)?;
    let (_, rest) = element(body, INTEGER)?;
    let (_, rest) = element(rest, SEQUENCE)?;
    let (key, _) = element(rest, OCTETS)?;
    pkcs1(key)
}

/// Strings with their lengths before them: ciphers, a public key, and a private section of check numbers, type, modulus, exponents.
fn open_ssh(bytes: &[u8]) -> Option<PrivateKey> {
    fn string<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if rest.len() < length {
            return None;
        }
        let (found, rest) = rest.split_at(length);
        *bytes = rest;
        Some(found)
    }
    let mut rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    if string(&mut rest)? != b"none" {
        return None;
    }
    string(&mut rest)?;
    string(&mut rest)?;
    let (_, mut rest) = rest.split_at_checked(4)?;
    string(&mut rest)?;
    let mut private = string(&mut rest)?.get(8..)?;
    if string(&mut private)? != b"ssh-rsa" {
        return None;
    }
    let modulus = UBig::from_be_bytes(string(&mut private)?);
    string(&mut private)?;
    let exponent = UBig::from_be_bytes(string(&mut private)?);
    Some(PrivateKey { modulus, exponent })
}
