//! Lines of a text as edits meet them: where one begins and ends, how it is indented, and whether something may be added at its end.
//!
//! This file knows no grammar but how a comment begins.

/// Where the line of a byte begins.
pub fn start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |feed| feed + 1)
}

/// Where the line of a byte ends, before its line break.
pub fn end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |feed| at + feed);
    if text[at..end].ends_with('\r') { end - 1 } else { end }
}

/// The line break of a text: that of its first line, or a line feed.
pub fn ending(text: &str) -> &'static str {
    match text.find('\n') {
        Some(feed) if text[..feed].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The space before the first character of the line of a byte.
pub fn indentation(text: &str, at: usize) -> &str {
    let line = &text[start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether only space stands before a byte in its line.
pub fn is_first(text: &str, at: usize) -> bool {
    text[start(text, at)..at].chars().all(|character| matches!(character, ' ' | '\t'))
}

/// The end of the line of a byte, if only space and a comment stand between: there, something new may begin. `comments` begin a comment that
/// lasts until the end of the line.
pub fn open_end(text: &str, at: usize, comments: &[&str]) -> Option<usize> {
    let end = end(text, at);
    let rest = text[at..end].trim_start();
    (rest.is_empty() || comments.iter().any(|comment| rest.starts_with(comment))).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_their_break() {
        let text = "a = 1 # é\r\n  b = 2\n";
        assert_eq!(ending(text), "\r\n");
        assert_eq!(&text[end(text, 0)..], "\r\n  b = 2\n");
        let b = text.find('b').unwrap();
        assert_eq!((start(text, b), indentation(text, b)), (12, "  "));
        assert!(is_first(text, b) && !is_first(text, b + 1));
        assert_eq!(open_end(text, 5, &["#"]), Some(10));
        assert_eq!(open_end(text, 2, &["#"]), None);
        assert_eq!(end("x", 1), 1);
    }
}
