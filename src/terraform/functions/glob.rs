//! File patterns of `fileset`: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any number of directories, as `doublestar` matches them.

use std::cell::Cell;

/// Steps after which matching one path is given up.
const MAX_STEPS: usize = 100_000;
/// Most patterns that braces are opened into.
const MAX_ALTERNATIVES: usize = 256;

/// A pattern, as the alternatives that its braces stand for.
pub(super) struct Glob {
    alternatives: Vec<Vec<String>>,
}

const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

impl Glob {
    /// The directories before the first part with a special character, and the rest; the rest is never empty.
    pub fn split(pattern: &str) -> (&str, &str) {
        let special = pattern.find(SPECIAL).unwrap_or(pattern.len());
        match pattern[..special].rfind('/') {
            Some(0) => ("/", &pattern[1..]),
            Some(slash) => (&pattern[..slash], &pattern[slash + 1..]),
            None => ("", pattern),
        }
    }

    /// Reads a pattern.
    pub fn new(pattern: &str) -> Result<Self, &'static str> {
        let mut alternatives = Vec::new();
        expand(pattern, String::new(), &mut alternatives)?;
        for alternative in &alternatives {
            check(alternative)?;
        }
        Ok(Self { alternatives: alternatives.iter().map(|pattern| pattern.split('/').map(str::to_owned).collect()).collect() })
    }

    /// Whether a path matches; `None` if that takes too long to say.
    pub fn matches(&self, path: &str) -> Option<bool> {
        let parts: Vec<&str> = path.split('/').collect();
        let steps = Cell::new(0);
        let matched = self.alternatives.iter().any(|pattern| match_parts(pattern, &parts, &steps));
        (matched || steps.get() < MAX_STEPS).then_some(matched)
    }
}

/// Opens the first `{a,b}` and goes on with each alternative.
fn expand(pattern: &str, before: String, into: &mut Vec<String>) -> Result<(), &'static str> {
    const UNCLOSED: &str = "syntax error in pattern";
    if into.len() >= MAX_ALTERNATIVES {
        return Err("too many alternatives in pattern");
    }
    let mut symbols = pattern.char_indices();
    let mut in_class = false;
    while let Some((at, symbol)) = symbols.next() {
        match symbol {
            '\\' => {
                symbols.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '{' if !in_class => {
                let inside = &pattern[at + 1..];
                let end = closing(inside).ok_or(UNCLOSED)?;
                for option in options(&inside[..end]) {
                    let rest = format!("{option}{}", &inside[end + 1..]);
                    expand(&rest, format!("{before}{}", &pattern[..at]), into)?;
                }
                return Ok(());
            }
            _ => {}
        }
    }
    into.push(before + pattern);
    Ok(())
}

fn closing(inside: &str) -> Option<usize> {
    let mut depth = 0;
    let mut symbols = inside.char_indices();
    while let Some((at, symbol)) = symbols.next() {
        match symbol {
            '\\' => {
                symbols.next();
            }
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn options(inside: &str) -> Vec<&str> {
    let (mut options, mut start, mut depth) = (Vec::new(), 0, 0);
    let mut symbols = inside.char_indices();
    while let Some((at, symbol)) = symbols.next() {
        match symbol {
            '\\' => {
                symbols.next();
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                options.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    options.push(&inside[start..]);
    options
}

/// Classes and escapes must be complete.
fn check(pattern: &str) -> Result<(), &'static str> {
    let mut rest = pattern;
    while !rest.is_empty() {
        rest = match rest.chars().next() {
            Some('[') => class(rest, '\0').ok_or("syntax error in pattern")?.1,
            Some('\\') => rest[1..].chars().next().map(|symbol| &rest[1 + symbol.len_utf8()..]).ok_or("syntax error in pattern")?,
            Some(symbol) => &rest[symbol.len_utf8()..],
            None => rest,
        };
    }
    Ok(())
}

fn match_parts(pattern: &[String], path: &[&str], steps: &Cell<usize>) -> bool {
    steps.set(steps.get() + 1);
    if steps.get() >= MAX_STEPS {
        return false;
    }
    match (pattern.split_first(), path.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((first, rest)), _) if first == "**" => {
            // No directory, or one and on with the same pattern.
            match_parts(rest, path, steps)
                || path.split_first().is_some_and(|(_, path)| match_parts(pattern, path, steps) || (rest.is_empty() && path.is_empty()))
        }
        (Some(_), None) => false,
        (Some((first, rest)), Some((part, path))) => match_part(first, part, steps) && match_parts(rest, path, steps),
    }
}

fn match_part(pattern: &str, part: &str, steps: &Cell<usize>) -> bool {
    steps.set(steps.get() + 1);
    if steps.get() >= MAX_STEPS {
        return false;
    }
    let Some(symbol) = pattern.chars().next() else { return part.is_empty() };
    let next = part.chars().next();
    match symbol {
        '*' => {
            let rest = pattern.trim_start_matches('*');
            part.char_indices().map(|(at, _)| at).chain([part.len()]).any(|at| match_part(rest, &part[at..], steps))
        }
        '?' => next.is_some_and(|found| match_part(&pattern[1..], &part[found.len_utf8()..], steps)),
        '[' => next.is_some_and(|found| {
            class(pattern, found).is_some_and(|(matched, rest)| matched && match_part(rest, &part[found.len_utf8()..], steps))
        }),
        '\\' => {
            let rest = &pattern[1..];
            rest.chars()
                .next()
                .is_some_and(|wanted| next == Some(wanted) && match_part(&rest[wanted.len_utf8()..], &part[wanted.len_utf8()..], steps))
        }
        _ => next == Some(symbol) && match_part(&pattern[symbol.len_utf8()..], &part[symbol.len_utf8()..], steps),
    }
}

/// A class at the beginning of a pattern: whether a character is in it, and what follows; `None` if it is not complete.
fn class(pattern: &str, found: char) -> Option<(bool, &str)> {
    let mut symbols = pattern[1..].chars().peekable();
    let negated = symbols.next_if(|symbol| matches!(symbol, '^' | '!')).is_some();
    let mut matched = false;
    let mut first = true;
    loop {
        let mut low = symbols.next()?;
        if low == ']' && !first {
            let rest: usize = symbols.map(char::len_utf8).sum();
            return Some((matched != negated, &pattern[pattern.len() - rest..]));
        }
        first = false;
        if low == '\\' {
            low = symbols.next()?;
        }
        let mut high = low;
        if symbols.peek() == Some(&'-') {
            symbols.next();
            high = symbols.next()?;
            if high == ']' {
                return None;
            }
            if high == '\\' {
                high = symbols.next()?;
            }
        }
        matched |= (low..=high).contains(&found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        for (pattern, path, matched) in [
            ("*.tf", "main.tf", true),
            ("*.tf", "a/main.tf", false),
            ("**", "a/b/c", true),
            ("**/*.tf", "main.tf", true),
            ("**/*.tf", "a/b/main.tf", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**", "a/b", true),
            ("{a,b}/*", "b/x", true),
            ("*.{tf,json}", "x.json", true),
            ("*.{tf,{js,ts}on}", "x.json", true),
            ("[a-c]?", "bz", true),
            ("[^a]", "a", false),
            ("[!a]", "b", true),
            ("\\*", "*", true),
            ("*", ".hidden", true),
            ("a*b*c", "aXbYc", true),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().matches(path), Some(matched), "{pattern} {path}");
        }
        for bad in ["[a", "{a", "\\", "[a-]"] {
            assert!(Glob::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_fixed_beginning_is_split_off() {
        assert_eq!(Glob::split("a/b/*.tf"), ("a/b", "*.tf"));
        assert_eq!(Glob::split("*.tf"), ("", "*.tf"));
        assert_eq!(Glob::split("/a/b"), ("/a", "b"));
        assert_eq!(Glob::split("/*"), ("/", "*"));
    }

    #[test]
    fn hostile_patterns_end() {
        let pattern = "*a".repeat(40) + "b";
        assert_eq!(Glob::new(&pattern).unwrap().matches(&"a".repeat(200)), None);
    }
}
