//! File patterns of `fileset`: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any number of directories, as `doublestar` 1 finds files.
//!
//! A pattern is taken apart at its slashes first, so neither braces nor classes reach over one, and braces do not nest. A mistake in a part
//! is only found when a name is held against it.

use std::collections::{BTreeMap, BTreeSet};

/// Steps after which the search is given up.
const MAX_STEPS: usize = 2_000_000;

const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// Why a search has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Problem {
    /// The pattern is not one.
    Malformed,
    /// It takes too many steps.
    TooLong,
}

/// A search for files.
pub(super) struct Glob<'f> {
    /// The entries of each directory, and whether they are directories themselves.
    entries: BTreeMap<&'f str, BTreeSet<(&'f str, bool)>>,
    found: BTreeSet<&'f str>,
    steps: usize,
}

impl<'f> Glob<'f> {
    /// The directories before the first part with a special character, and the rest; the rest is never empty.
    pub fn split(pattern: &str) -> (&str, &str) {
        let special = pattern.find(SPECIAL).unwrap_or(pattern.len());
        match pattern[..special].rfind('/') {
            Some(0) => ("/", &pattern[1..]),
            Some(slash) => (&pattern[..slash], &pattern[slash + 1..]),
            None => ("", pattern),
        }
    }

    /// The files that match a pattern, of all that there are, given by their paths.
    pub fn find(pattern: &str, files: &'f [String]) -> Result<BTreeSet<&'f str>, Problem> {
        let mut entries = BTreeMap::<&str, BTreeSet<(&str, bool)>>::new();
        for file in files {
            let (mut path, mut is_directory): (&str, bool) = (file, false);
            while !path.is_empty() {
                let directory = path.rfind('/').map_or("", |slash| &path[..slash]);
                if !entries.entry(directory).or_default().insert((path, is_directory)) {
                    break;
                }
                (path, is_directory) = (directory, true);
            }
        }
        let mut search = Self { entries, found: BTreeSet::new(), steps: 0 };
        search.below("", &pattern.split('/').collect::<Vec<_>>())?;
        Ok(search.found)
    }

    fn step(&mut self) -> Result<(), Problem> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err(Problem::TooLong) } else { Ok(()) }
    }

    /// Looks for the parts of a pattern in a directory.
    fn below(&mut self, directory: &'f str, parts: &[&str]) -> Result<(), Problem> {
        self.step()?;
        let Some((&part, rest)) = parts.split_first() else { return Ok(()) };
        let entries: Vec<(&'f str, bool)> = self.entries.get(directory).into_iter().flatten().copied().collect();
        if part == "**" {
            for &(path, is_directory) in &entries {
                if is_directory {
                    self.below(path, parts)?;
                } else if rest.is_empty() {
                    self.found.insert(path);
                }
            }
            return if rest.is_empty() { Ok(()) } else { self.below(directory, rest) };
        }
        for (path, is_directory) in entries {
            let name = &path[path.rfind('/').map_or(0, |slash| slash + 1)..];
            if !(if part.contains(SPECIAL) { self.matches(part, name)? } else { part == name }) {
                continue;
            }
            if is_directory {
                self.below(path, rest)?;
            } else if rest.is_empty() {
                self.found.insert(path);
            }
        }
        Ok(())
    }

    /// Whether a part of a pattern matches a name.
    fn matches(&mut self, pattern: &str, name: &str) -> Result<bool, Problem> {
        let (mut pattern, mut name) = (pattern, name);
        loop {
            self.step()?;
            let Some(symbol) = pattern.chars().next() else { return Ok(name.is_empty()) };
            let Some(found) = name.chars().next() else { return Ok(matches!(pattern, "*" | "**")) };
            let rest = &pattern[symbol.len_utf8()..];
            let matched = match symbol {
                '*' => return self.matches_later(rest, name),
                '{' => return self.matches_option(rest, name),
                '[' => {
                    let end = unescaped(rest, ']').ok_or(Problem::Malformed)?;
                    pattern = &rest[end + 1..];
                    class(&rest[..end], found)?
                }
                '\\' => {
                    let wanted = rest.chars().next().ok_or(Problem::Malformed)?;
                    pattern = &rest[wanted.len_utf8()..];
                    wanted == found
                }
                _ => {
                    pattern = rest;
                    symbol == '?' || symbol == found
                }
            };
            if !matched {
                return Ok(false);
            }
            name = &name[found.len_utf8()..];
        }
    }

    /// After a `*`: mistakes further on are no mistakes.
    fn matches_later(&mut self, pattern: &str, name: &str) -> Result<bool, Problem> {
        if pattern.is_empty() {
            return Ok(true);
        }
        for (at, _) in name.char_indices() {
            match self.matches(pattern, &name[at..]) {
                Err(Problem::Malformed) | Ok(false) => {}
                settled => return settled,
            }
        }
        Ok(false)
    }

    /// After a `{`.
    fn matches_option(&mut self, pattern: &str, name: &str) -> Result<bool, Problem> {
        let end = unescaped(pattern, '}').ok_or(Problem::Malformed)?;
        let (mut options, rest) = (Some(&pattern[..end]), &pattern[end + 1..]);
        while let Some(left) = options {
            let comma = unescaped(left, ',');
            options = comma.map(|at| &left[at + 1..]);
            if self.matches(&format!("{}{rest}", &left[..comma.unwrap_or(left.len())]), name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The place of a character that no backslash stands before.
fn unescaped(text: &str, wanted: char) -> Option<usize> {
    text.char_indices().find(|(at, symbol)| *symbol == wanted && !text[..*at].ends_with('\\')).map(|(at, _)| at)
}

/// Whether a character is in a class, given by what stands between the brackets.
fn class(class: &str, found: char) -> Result<bool, Problem> {
    let mut symbols = class.chars().peekable();
    if symbols.peek().is_none() {
        return Err(Problem::Malformed);
    }
    let negated = symbols.next_if_eq(&'^').is_some();
    let mut is_in = false;
    while let Some(low) = symbols.next() {
        let end = |symbol: char, symbols: &mut std::iter::Peekable<std::str::Chars<'_>>| match symbol {
            '-' => Err(Problem::Malformed),
            '\\' => symbols.next().ok_or(Problem::Malformed),
            _ => Ok(symbol),
        };
        let low = end(low, &mut symbols)?;
        let high = match symbols.next_if_eq(&'-') {
            Some(_) => {
                let high = symbols.next().ok_or(Problem::Malformed)?;
                end(high, &mut symbols)?
            }
            None => low,
        };
        is_in |= (low..=high).contains(&found);
    }
    Ok(is_in != negated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, files: &[&str]) -> Result<Vec<String>, Problem> {
        let files: Vec<String> = files.iter().copied().map(str::to_owned).collect();
        Glob::find(pattern, &files).map(|found| found.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn patterns_match_paths() {
        for (pattern, path, matched) in [
            ("*.tf", "main.tf", true),
            ("*.tf", "a/main.tf", false),
            ("**", "a/b/c", true),
            ("**/*.tf", "main.tf", true),
            ("**/*.tf", "a/b/main.tf", true),
            ("**/**/c", "a/b/c", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**", "a/b", true),
            ("a**", "ab/c", false),
            ("a/b", "a/b", true),
            ("{a,b}/*", "b/x", true),
            ("*.{tf,json}", "x.json", true),
            ("{,x}a", "a", true),
            ("a{}", "a", false),
            ("[a-c]?", "bz", true),
            ("[^a]", "a", false),
            ("[!a]", "b", false),
            ("[^]", "b", true),
            ("[\\]a]", "]", true),
            ("\\*", "*", true),
            ("*", ".hidden", true),
            ("a*b*c", "aXbYc", true),
            ("a**", "a", true),
        ] {
            assert_eq!(found(pattern, &[path]).unwrap().len(), usize::from(matched), "{pattern} {path}");
        }
        assert_eq!(found("{tf,{js,a}on}", &["tfon}", "{json}", "aon}"]).unwrap(), ["aon}", "tfon}"]);
    }

    #[test]
    fn mistakes_count_when_they_are_met() {
        for bad in ["[a", "{a", "\\", "[a-]", "[-a]", "[]a]", "{a/b,c}", "**/["] {
            assert_eq!(found(bad, &["b"]), Err(Problem::Malformed), "{bad}");
        }
        for met in ["z[", "*[", "none/["] {
            assert_eq!(found(met, &["b"]), Ok(Vec::new()), "{met}");
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
        let (a, b) = ("a".repeat(200), "*a".repeat(40) + "b");
        assert_eq!(found(&b, &[&a]), Err(Problem::TooLong));
        let deep = ["a"; 60].join("/");
        assert_eq!(found(&("**/".repeat(30) + "b"), &[&deep]), Err(Problem::TooLong));
    }
}
