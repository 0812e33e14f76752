//! Go's regular expressions, written anew in the syntax of the `regex` crate.
//!
//! Both are RE2's children and match alike, but they read differently: Go's `\d`, `\w`, `\s` and `\b` are ASCII; `{` may be a literal; `&&` in
//! a class is two ampersands; `\Q…\E` and octal escapes exist; `a**` is an error, and `(?x)` is. Group names may begin with a digit and stand
//! twice, so groups are numbered here and their names kept aside.

use std::fmt::Write as _;
use std::sync::Arc;

/// Largest count of a repetition.
const MAX_REPEAT: u32 = 1000;
/// Deepest nesting of groups.
const MAX_NESTING: usize = 200;

/// A pattern for the `regex` crate.
pub(super) struct Translated {
    /// The pattern; its groups have no names.
    pub pattern: String,
    /// The names of its groups, in order.
    pub groups: Vec<Option<Arc<str>>>,
}

/// Translates a pattern; the error says what Go would say.
pub(super) fn translate(source: &str) -> Result<Translated, String> {
    let mut translator = Translator { rest: source, out: String::with_capacity(source.len() + 16), groups: Vec::new(), depth: 0 };
    translator.pattern()?;
    Ok(Translated { pattern: translator.out, groups: translator.groups })
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    groups: Vec<Option<Arc<str>>>,
    depth: usize,
}

/// What was read last, as far as a repetition after it must know.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing that can be repeated: the beginning of a branch.
    Nothing,
    /// Something that can.
    Item,
    /// A repetition.
    Repetition,
}

impl<'a> Translator<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let symbol = self.peek()?;
        self.rest = &self.rest[symbol.len_utf8()..];
        Some(symbol)
    }

    fn take(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// One character that stands for itself, in a class or outside.
    fn literal(&mut self, symbol: char) {
        if symbol.is_alphanumeric() {
            self.out.push(symbol);
        } else {
            let _ = write!(self.out, "\\x{{{:X}}}", u32::from(symbol));
        }
    }

    fn pattern(&mut self) -> Result<(), String> {
        let mut last = Last::Nothing;
        let start = self.rest;
        while let Some(symbol) = self.peek() {
            match symbol {
                '(' => {
                    last = self.open_group(last)?;
                    continue;
                }
                ')' => {
                    if self.depth == 0 {
                        return Err(format!("unexpected ) in {start}"));
                    }
                    self.depth -= 1;
                    self.out.push(')');
                    last = Last::Item;
                }
                '|' => {
                    self.out.push('|');
                    last = Last::Nothing;
                }
                '[' => {
                    self.class()?;
                    last = Last::Item;
                    continue;
                }
                '*' | '+' | '?' => {
                    self.next();
                    self.repeated(last, &symbol.to_string())?;
                    last = Last::Repetition;
                    continue;
                }
                '{' => {
                    if let Some((least, most, after)) = counts(self.rest) {
                        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
                            return Err(format!("invalid repeat count in {start}"));
                        }
                        self.rest = after;
                        let counts = most.map_or_else(|| format!("{{{least},}}"), |most| format!("{{{least},{most}}}"));
                        self.repeated(last, &counts)?;
                        last = Last::Repetition;
                        continue;
                    }
                    self.literal('{');
                    last = Last::Item;
                }
                '\\' => {
                    self.escape_outside()?;
                    last = Last::Item;
                    continue;
                }
                '.' | '^' | '$' => {
                    self.out.push(symbol);
                    last = Last::Item;
                }
                _ => {
                    self.literal(symbol);
                    last = Last::Item;
                }
            }
            self.next();
        }
        if self.depth > 0 { Err(format!("missing closing ) in {start}")) } else { Ok(()) }
    }

    fn repeated(&mut self, last: Last, operator: &str) -> Result<(), String> {
        let lazy = self.take("?");
        match last {
            Last::Nothing => Err(format!("missing argument to repetition operator in {operator}")),
            Last::Repetition => Err(format!("invalid nested repetition operator in {operator}")),
            Last::Item => {
                self.out.push_str(operator);
                if lazy {
                    self.out.push('?');
                }
                Ok(())
            }
        }
    }

    /// `(`, `(?:`, `(?i)`, `(?P<name>`, …; gives what a repetition right after it would meet.
    fn open_group(&mut self, last: Last) -> Result<Last, String> {
        let start = self.rest;
        self.next();
        if self.depth >= MAX_NESTING {
            return Err(format!("expression nests too deeply in {start}"));
        }
        if !self.take("?") {
            self.groups.push(None);
            self.out.push('(');
            self.depth += 1;
            return Ok(Last::Nothing);
        }
        if self.take("P<") || (!self.rest.starts_with("<=") && !self.rest.starts_with("<!") && self.take("<")) {
            let (name, rest) = self.rest.split_once('>').ok_or_else(|| format!("invalid named capture in {start}"))?;
            if name.is_empty() || !name.bytes().all(|symbol| symbol.is_ascii_alphanumeric() || symbol == b'_') {
                return Err(format!("invalid named capture in {start}"));
            }
            self.groups.push(Some(name.into()));
            self.rest = rest;
            self.out.push('(');
            self.depth += 1;
            return Ok(Last::Nothing);
        }
        let mut flags = String::new();
        let mut minus = false;
        while let Some(symbol) = self.next() {
            match symbol {
                'i' | 'm' | 's' | 'U' => flags.push(symbol),
                '-' if !minus => {
                    minus = true;
                    flags.push('-');
                }
                ':' | ')' if flags.ends_with('-') => break,
                ':' => {
                    let _ = write!(self.out, "(?{flags}:");
                    self.depth += 1;
                    return Ok(Last::Nothing);
                }
                ')' => {
                    if !flags.is_empty() {
                        let _ = write!(self.out, "(?{flags})");
                    }
                    return Ok(last);
                }
                _ => break,
            }
        }
        Err(format!("invalid or unsupported Perl syntax in {start}"))
    }

    fn escape_outside(&mut self) -> Result<(), String> {
        let start = self.rest;
        for (escape, written) in [("\\A", "\\A"), ("\\z", "\\z"), ("\\b", "(?-u:\\b)"), ("\\B", "(?-u:\\B)")] {
            if self.take(escape) {
                self.out.push_str(written);
                return Ok(());
            }
        }
        if self.take("\\Q") {
            let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
            // In a group of its own, so that a repetition repeats only its last character, as in Go.
            quoted.chars().for_each(|symbol| self.literal(symbol));
            self.rest = rest;
            return Ok(());
        }
        if let Some(set) = self.perl_set() {
            let _ = write!(self.out, "[{set}]");
            return Ok(());
        }
        if self.property()? {
            return Ok(());
        }
        let symbol = self.escaped(start)?;
        self.literal(symbol);
        Ok(())
    }

    /// `\d` and its like, as the inside of a class.
    fn perl_set(&mut self) -> Option<&'static str> {
        const SETS: [(&str, &str); 6] = [
            ("\\d", "0-9"),
            ("\\D", "^0-9"),
            ("\\s", "\\t\\n\\x0C\\r\\x20"),
            ("\\S", "^\\t\\n\\x0C\\r\\x20"),
            ("\\w", "0-9A-Za-z_"),
            ("\\W", "^0-9A-Za-z_"),
        ];
        SETS.iter().find(|(escape, _)| self.take(escape)).map(|(_, set)| *set)
    }

    /// `\pL`, `\p{Greek}`, `\P{^Lu}`.
    fn property(&mut self) -> Result<bool, String> {
        let start = self.rest;
        let mut negated = if self.take("\\p") {
            false
        } else if self.take("\\P") {
            true
        } else {
            return Ok(false);
        };
        let invalid = || format!("invalid character class range in {start}");
        let name = if self.take("{") {
            let (name, rest) = self.rest.split_once('}').ok_or_else(invalid)?;
            self.rest = rest;
            name
        } else {
            let symbol = self.peek().ok_or_else(invalid)?;
            let (name, rest) = self.rest.split_at(symbol.len_utf8());
            self.rest = rest;
            name
        };
        let name = match name.strip_prefix('^') {
            Some(name) => {
                negated = !negated;
                name
            }
            None => name,
        };
        // Categories have one or two letters, scripts begin with a capital; other properties Go does not know.
        if name.is_empty()
            || !name.starts_with(|first: char| first.is_ascii_uppercase())
            || !name.bytes().all(|symbol| symbol.is_ascii_alphabetic() || symbol == b'_')
        {
            return Err(invalid());
        }
        let _ = write!(self.out, "\\{}{{{name}}}", if negated { 'P' } else { 'p' });
        Ok(true)
    }

    /// One escaped character.
    fn escaped(&mut self, start: &'a str) -> Result<char, String> {
        self.next();
        let invalid = || format!("invalid escape sequence in {start}");
        let Some(symbol) = self.next() else { return Err("trailing backslash at end of expression".into()) };
        match symbol {
            '1'..='7' if !self.peek().is_some_and(|next| ('0'..='7').contains(&next)) => Err(invalid()),
            '0'..='7' => {
                let mut value = symbol.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    self.next();
                }
                char::from_u32(value).ok_or_else(invalid)
            }
            'x' => {
                let digits = if self.take("{") {
                    let (digits, rest) = self.rest.split_once('}').ok_or_else(invalid)?;
                    self.rest = rest;
                    digits
                } else {
                    let digits = self.rest.get(..2).ok_or_else(invalid)?;
                    self.rest = &self.rest[2..];
                    digits
                };
                let hexadecimal = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                let value = u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal);
                value.and_then(char::from_u32).ok_or_else(invalid)
            }
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            _ if symbol.is_ascii() && !symbol.is_ascii_alphanumeric() => Ok(symbol),
            _ => Err(invalid()),
        }
    }

    fn class(&mut self) -> Result<(), String> {
        let start = self.rest;
        self.next();
        self.out.push('[');
        if self.take("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let Some(symbol) = self.peek() else { return Err(format!("missing closing ] in {start}")) };
            if symbol == ']' && !first {
                self.next();
                self.out.push(']');
                return Ok(());
            }
            first = false;
            if self.rest.starts_with("[:")
                && let Some(end) = self.rest[2..].find(":]")
            {
                const NAMES: [&str; 14] = [
                    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
                    "xdigit",
                ];
                let name = &self.rest[2..2 + end];
                if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
                    return Err(format!("invalid character class range in {}", self.rest));
                }
                let _ = write!(self.out, "[:{name}:]");
                self.rest = &self.rest[end + 4..];
                continue;
            }
            if let Some(set) = self.perl_set() {
                let _ = write!(self.out, "[{set}]");
                continue;
            }
            if self.property()? {
                continue;
            }
            let low = self.class_character()?;
            self.literal(low);
            if self.rest.starts_with('-') && self.rest.len() > 1 && !self.rest.starts_with("-]") {
                self.next();
                let high = self.class_character()?;
                if high < low {
                    return Err(format!("invalid character class range in {start}"));
                }
                self.out.push('-');
                self.literal(high);
            }
        }
    }

    fn class_character(&mut self) -> Result<char, String> {
        let start = self.rest;
        if start.starts_with('\\') { self.escaped(start) } else { self.next().ok_or_else(|| "missing closing ]".into()) }
    }
}

/// `{3}`, `{3,}`, `{3,5}` at the beginning: the counts and what follows; `None` where the brace is a literal.
fn counts(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        // A count beyond all bounds is too large, not a literal.
        plain.then(|| digits.parse::<u32>().unwrap_or(u32::MAX))
    };
    match inside.split_once(',') {
        None => number(inside).map(|count| (count, Some(count), after)),
        Some((least, "")) => number(least).map(|least| (least, None, after)),
        Some((least, most)) => Some((number(least)?, Some(number(most)?), after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> Option<String> {
        let translated = translate(pattern).unwrap();
        let regex = regex::bytes::Regex::new(&translated.pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        regex.find(text.as_bytes()).map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned())
    }

    #[test]
    fn what_go_reads_differently_is_read_as_go_does() {
        for (pattern, text, found) in [
            ("\\d+", "٣4", Some("4")),
            ("\\w+", "é_a1", Some("_a1")),
            ("\\bfoo\\b", "a foo b", Some("foo")),
            ("a{,2}", "a{,2}", Some("a{,2}")),
            ("a{2}", "aaa", Some("aa")),
            ("[a&&b]+", "&&", Some("&&")),
            ("[[a]+", "[a", Some("[a")),
            ("[]a]+", "]a", Some("]a")),
            ("[^]a]+", "]ab", Some("b")),
            ("[a-]+", "-a", Some("-a")),
            ("[\\w-]+", "foo-bar baz", Some("foo-bar")),
            ("\\Qa.b\\E+", "xa.bbb", Some("a.bbb")),
            ("\\101\\x42\\x{43}", "ABC", Some("ABC")),
            ("(?i)ÄB", "äb", Some("äb")),
            ("(?U)a+", "aaa", Some("a")),
            ("\\pL+\\p{Greek}", "aα", Some("aα")),
            ("[[:^alpha:]]", "a1", Some("1")),
            ("a.b", "a\nb", None),
            ("(?s:a.b)", "a\nb", Some("a\nb")),
            ("^*a", "a", Some("a")),
            ("a#b c", "a#b c", Some("a#b c")),
            ("\\.\\-\\/\\é".trim_end_matches("\\é"), ".-/", Some(".-/")),
        ] {
            assert_eq!(matches(pattern, text).as_deref(), found, "{pattern}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "(",
            ")",
            "a)",
            "[a",
            "*",
            "a**",
            "a+*",
            "a{2}{3}",
            "|*",
            "(*)",
            "a{1001}",
            "a{2,1}",
            "\\1",
            "\\8",
            "\\",
            "\\e",
            "\\Z",
            "\\C",
            "\\é",
            "(?x)a",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?P<>a)",
            "(?P<a-b>c)",
            "(?P=a)",
            "(?-)",
            "[b-a]",
            "[[:nope:]]",
            "\\p{",
            "\\pé",
            "[\\b]",
        ] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn groups_keep_their_names_aside() {
        let groups = translate("(?P<a>x)(?<1b>y)(z)(?:w)(?P<a>v)").unwrap().groups;
        let names: Vec<_> = groups.iter().map(|name| name.as_deref()).collect();
        assert_eq!(names, [Some("a"), Some("1b"), None, Some("a")]);
    }
}
