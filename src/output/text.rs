//! Making strangers' text inert on a terminal: what would move the cursor, change colours or turn the reading direction is shown, not done.

use std::borrow::Cow;
use std::fmt::Write;

/// The same text on one line, with control characters, escapes and invisible or direction-changing characters written as `\u{…}`.
pub fn inert(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            active if is_active(active) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(active));
            }
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal, or a reader's eye, is moved by a character instead of seeing it.
pub fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Zero width, marks and overrides of direction, separators, isolates, tags.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
}
