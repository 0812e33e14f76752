//! Texts covered by a pattern with `*`, which stands for any characters or none.

/// Whether a pattern covers a text. The work is bounded by the product of both lengths, whatever the pattern.
pub fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // The last star, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, seen));
            at += 1;
        } else if pattern.get(at) == Some(&text[seen]) {
            at += 1;
            seen += 1;
        } else if let Some((of_star, taken)) = star {
            // What follows the star can begin only where its first letter stands.
            let rest = &text[taken + 1..];
            let more = match pattern.get(of_star + 1) {
                Some(letter) => rest.iter().position(|byte| byte == letter),
                None => Some(rest.len()),
            };
            let Some(more) = more else { return false };
            seen = taken + 1 + more;
            star = Some((of_star, seen));
            at = of_star + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_take_any_text() {
        for (pattern, text) in [("*", ""), ("a*", "a"), ("*b", "aab"), ("a*c*", "abcd"), ("a", "a"), ("**", "x"), ("*ä*", "xäy")] {
            assert!(covers(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", "ab"), ("a*b", "ac"), ("*b", "ba"), ("a?", "ab")] {
            assert!(!covers(pattern, text), "{pattern} {text}");
        }
        assert!(!covers(&"*a".repeat(2_000), &"a".repeat(1_999)), "and quickly");
    }
}
