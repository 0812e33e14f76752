//! Whether a text holds the ID of an access key: a script that an instance runs, as it is, in Base64, or compressed besides.

use crate::graph::text::{Atom, Text};
use crate::value::{Cause, CauseKind, Truth};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use std::io::Read as _;

/// Beginnings of the IDs of access keys: of long-term credentials, and of temporary ones (STS API reference, `GetAccessKeyInfo`).
const BEGINNINGS: [&[u8]; 2] = [b"AKIA", b"ASIA"];

/// Characters of such an ID: capital letters and digits.
const LENGTH: usize = 20;

/// How a gzip member begins (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Most bytes of decompressed text that are looked through. A script may have 16 KiB (EC2 user guide, "Run commands when you launch an EC2
/// instance"), and texts shrink to a fifth or so.
const MOST: u64 = 1 << 20;

/// Whether a text holds one; beside it, why that is not known of a text that is.
pub fn held(text: &Text) -> (Truth, Option<Cause>) {
    let is_in_piece = |atom: &Atom| matches!(atom, Atom::Known(known) if is_in(known.as_bytes()));
    if text.atoms.iter().any(is_in_piece) {
        return (Truth::True, None);
    }
    let Some(known) = text.as_known() else { return (Truth::Unknown, None) };
    let encoded: Vec<u8> = known.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let Ok(decoded) = STANDARD.decode(encoded) else { return (Truth::False, None) };
    if !decoded.starts_with(&GZIP) {
        return (is_in(&decoded).into(), None);
    }
    let mut plain = Vec::new();
    // What ends too early is looked through as far as it goes.
    let _ = MultiGzDecoder::new(&*decoded).take(MOST + 1).read_to_end(&mut plain);
    if is_in(&plain) {
        (Truth::True, None)
    } else if plain.len() as u64 > MOST {
        (Truth::Unknown, Some(Cause::new(CauseKind::Unshown, format!("what more than {MOST} bytes of compressed text hold"), None)))
    } else {
        (Truth::False, None)
    }
}

/// Whether an ID stands there as a word of its own.
pub fn is_in(text: &[u8]) -> bool {
    let words = text.split(|byte| !byte.is_ascii_alphanumeric());
    let is_capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    words
        .filter(|word| word.len() == LENGTH && BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)))
        .any(|word| word.iter().all(is_capital))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    const KEY: &str = "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n";

    fn of(text: &str) -> Truth {
        held(&Text::known(text)).0
    }

    fn compressed(text: &[u8]) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        STANDARD.encode(encoder.finish().unwrap())
    }

    #[test]
    fn an_id_is_a_word_of_twenty_capitals_and_digits() {
        assert_eq!(of(KEY), Truth::True);
        assert_eq!(of("aws_session_token ASIAIOSFODNN7EXAMPLE"), Truth::True);
        for other in [
            "",
            "AKIA",
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLES",
            "AKIAIOSFODNN7eXAMPLE",
            "XAKIAIOSFODNN7EXAMPL",
            "AIDAIOSFODNN7EXAMPLE",
        ] {
            assert_eq!(of(other), Truth::False, "{other}");
        }
    }

    #[test]
    fn encoded_and_compressed_text_is_looked_into() {
        assert_eq!(of(&STANDARD.encode(KEY)), Truth::True);
        assert_eq!(of(&STANDARD.encode("export GREETING=hello")), Truth::False);
        assert_eq!(of(&compressed(KEY.as_bytes())), Truth::True);
        assert_eq!(of(&compressed(b"export GREETING=hello")), Truth::False);
    }

    #[test]
    fn what_swells_is_looked_through_up_to_a_bound() {
        let mut long = vec![b' '; usize::try_from(MOST).unwrap() + 1];
        long.extend(KEY.bytes());
        let (truth, cause) = held(&Text::known(&compressed(&long)));
        assert_eq!((truth, cause.map(|cause| cause.kind)), (Truth::Unknown, Some(CauseKind::Unshown)));
    }

    #[test]
    fn a_known_piece_is_enough() {
        let in_part = |before: &str| Text { atoms: vec![Atom::Known(before.into()), Atom::Opaque], causes: Vec::new() };
        assert_eq!(held(&in_part(KEY)).0, Truth::True);
        assert_eq!(held(&in_part("export GREETING=")).0, Truth::Unknown);
    }
}
