//! Making strangers' text inert on a terminal: what would move the cursor, change colours or turn the reading direction is shown, not done.

use std::borrow::Cow;
use std::fmt::Write;

/// The same text on one line, with control characters, escapes and invisible or direction-changing characters written as `\u{…}`.
pub fn inert(text: &str) -> Cow<'_, str> {
    if is_printable_ascii(text) || !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other => push(&mut out, other),
        }
    }
    Cow::Owned(out)
}

/// Appends a source line made inert; tabs stay.
pub fn push_inert(out: &mut String, line: &str) {
    if line.bytes().fold(true, |all, byte| all & (byte == b'\t' || is_printable(byte))) {
        out.push_str(line);
        return;
    }
    for character in line.chars() {
        if character == '\t' { out.push('\t') } else { push(out, character) }
    }
}

fn push(out: &mut String, character: char) {
    if is_active(character) {
        let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
    } else {
        out.push(character);
    }
}

/// Whether a terminal, or a reader's eye, is moved by a character instead of seeing it.
pub fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Zero width, marks and overrides of direction, separators, isolates, tags.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text is of the characters that a keyboard has, as most are: none of them is active.
fn is_printable_ascii(text: &str) -> bool {
    // Without an end before the end, many bytes are looked at in one step.
    text.bytes().fold(true, |all, byte| all & is_printable(byte))
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Appends words set to a width, the first line behind what stands there and takes some columns, the others behind as many spaces. Widths are counted in
/// characters.
pub fn push_wrapped(out: &mut String, first: usize, text: &str, width: usize) {
    let (mut column, mut line) = (first, 0);
    let (mut word, mut length) = (0, 0);
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        if byte != b' ' {
            // Of a character's bytes, one counts.
            length += usize::from(byte & 0xC0 != 0x80);
            continue;
        }
        if word == 0 {
            column += length;
        } else if column + 1 + length > width {
            out.push_str(&text[line..word - 1]);
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', first));
            (line, column) = (word, first + length);
        } else {
            column += 1 + length;
        }
        (word, length) = (at + 1, 0);
    }
    out.push_str(&text[line..]);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overrides_are_shown() {
        assert_eq!(inert("größe 日本"), "größe 日本");
        assert_eq!(inert("a\u{1b}[31mb\u{202e}c\n"), "a\\u{1b}[31mb\\u{202e}c\\n");
        assert_eq!(inert("\u{9b}x"), "\\u{9b}x");
    }

    #[test]
    fn words_are_set_under_the_first() {
        let mut out = String::new();
        out.push_str("  help: ");
        push_wrapped(&mut out, 8, "one two three", 16);
        assert_eq!(out, "  help: one two\n        three\n");
        let wrapped = |text: &str| {
            let mut out = String::new();
            push_wrapped(&mut out, 1, text, 5);
            out
        };
        assert_eq!(wrapped(""), "\n");
        assert_eq!(wrapped("größe"), "größe\n");
        assert_eq!(wrapped(" größe é"), "\n größe\n é\n");
        assert_eq!(wrapped("a  b c d "), "a  b\n c d \n");
    }
}
