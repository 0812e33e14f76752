//! From bytes to text: byte-order marks, UTF-16, and what to do with bytes that are neither.

/// The text of a file, and what was wrong with its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The text without its byte-order mark. Where bytes were no text, U+FFFD stands, so that the rest can still be read.
    pub text: String,
    /// The first place that was no text.
    pub problem: Option<NotText>,
}

/// The first place of a file that is no text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotText {
    /// The offset in [`Decoded::text`], where U+FFFD stands.
    pub offset: usize,
    /// The offset in the file's bytes.
    pub byte: usize,
}

/// Decodes a file: UTF-8 with or without a byte-order mark, UTF-16 with one.
pub fn decode(bytes: Vec<u8>) -> Decoded {
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest.to_vec(), 3),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes, 0),
    }
}

fn utf8(bytes: Vec<u8>, skipped: usize) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, problem: None },
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Decoded { text, problem: Some(NotText { offset, byte: skipped + offset }) }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    const MARK: usize = 2;
    let pairs = bytes.chunks_exact(2);
    let odd_byte = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let (mut text, mut problem, mut at) = (String::with_capacity(bytes.len() / 2), None, MARK);
    for decoded in char::decode_utf16(units) {
        if decoded.is_err() && problem.is_none() {
            problem = Some(NotText { offset: text.len(), byte: at });
        }
        let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        at += 2 * character.len_utf16();
        text.push(character);
    }
    if odd_byte {
        problem = problem.or(Some(NotText { offset: text.len(), byte: at }));
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let decoded = decode(bytes.to_vec());
        assert_eq!(decoded.problem, None);
        decoded.text
    }

    #[test]
    fn byte_order_marks_are_no_part_of_the_text() {
        assert_eq!(text(b"\xEF\xBB\xBFa = 1"), "a = 1");
        assert_eq!(text(b"\xFF\xFEa\0\xE4\0"), "aä");
        assert_eq!(text(b"\xFE\xFF\0a\xD8\x3D\xDE\x00"), "a😀");
        assert_eq!(text(b""), "");
        assert_eq!(text(b"a\0b"), "a\0b");
    }

    #[test]
    fn what_is_no_text_is_placed_and_the_rest_is_kept() {
        assert_eq!(
            decode(b"# caf\xE9\na = 1".to_vec()),
            Decoded { text: "# caf\u{FFFD}\na = 1".into(), problem: Some(NotText { offset: 5, byte: 5 }) }
        );
        assert_eq!(decode(b"\xEF\xBB\xBF\xFF".to_vec()).problem, Some(NotText { offset: 0, byte: 3 }));
        assert_eq!(decode(b"\xFF\xFE\x00\xD8a\0".to_vec()).problem, Some(NotText { offset: 0, byte: 2 }));
        assert_eq!(decode(b"\xFF\xFEa\0b".to_vec()), Decoded { text: "a\u{FFFD}".into(), problem: Some(NotText { offset: 1, byte: 4 }) });
    }
}
