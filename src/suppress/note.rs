//! Our own words: `trailwarden: ignore[rule] reason="…" owner=… expires=YYYY-MM-DD`. It knows neither comments nor which rules there are.

use crate::calendar::Date;
use crate::suggest;
use std::fmt::Write;
use std::ops::Range;

/// What the words begin with.
pub const PREFIX: &str = "trailwarden:";

/// The only thing that can be asked for.
const WORD: &str = "ignore";

/// What may be said of a suppression.
pub const FIELDS: [&str; 3] = ["reason", "owner", "expires"];

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// The rules, each with its bytes in the words.
    pub rules: Vec<(String, Range<usize>)>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}

/// What is wrong in the words, and at which of their bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    /// The bytes.
    pub range: Range<usize>,
    /// What is wrong there: lower case, no full stop.
    pub message: String,
    /// What would help.
    pub help: Option<String>,
}

impl Slip {
    /// A slip at some bytes.
    pub fn at(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    /// The same with a word of help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads the words of a comment; nothing where they are not ours.
pub fn parse(words: &str) -> Option<Result<Note, Slip>> {
    let rest = words.strip_prefix(PREFIX)?;
    Some(Reader { words, at: words.len() - rest.len() }.note())
}

/// A date as people write it.
pub fn date(text: &str, range: Range<usize>) -> Result<Date, Slip> {
    let wrong = || Slip::at(range, format!("`{text}` is no day of the form `YYYY-MM-DD`"));
    Date::parse(text).ok_or_else(wrong)
}

/// Why a word is not one of those that may stand here.
pub fn unknown_field<'a>(name: &str, range: Range<usize>, known: impl IntoIterator<Item = &'a str>) -> Slip {
    let known: Vec<&str> = known.into_iter().collect();
    let near = suggest::nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    let all = || format!("it may say {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
    Slip::at(range, format!("a suppression has no `{name}`")).with_help(near.unwrap_or_else(all))
}

/// Why a suppression without a reason does not count.
pub fn no_reason(range: Range<usize>) -> Slip {
    Slip::at(range, "this suppression gives no reason").with_help("say why in `reason`: without one, nobody can judge it later")
}

struct Reader<'w> {
    words: &'w str,
    at: usize,
}

impl Reader<'_> {
    fn note(&mut self) -> Result<Note, Slip> {
        self.space();
        let word = self.take(|character| character.is_alphanumeric() || matches!(character, '-' | '_'));
        if &self.words[word.clone()] != WORD {
            let message = format!("expected `{WORD}[…]` after `{PREFIX}`");
            let near = suggest::nearest(&self.words[word.clone()], [WORD]).map(|near| format!("did you mean `{near}`?"));
            let slip = Slip::at(word, message);
            return Err(match near {
                Some(near) => slip.with_help(near),
                None => slip,
            });
        }
        let rules = self.rules(word)?;
        let mut note = Note { rules, reason: String::new(), owner: None, expires: None };
        loop {
            self.space();
            if self.at == self.words.len() {
                break;
            }
            let name = self.take(|character| !character.is_whitespace() && character != '=');
            let key = self.words[name.clone()].to_owned();
            if !FIELDS.contains(&key.as_str()) {
                return Err(unknown_field(&key, name, FIELDS));
            }
            if self.words[self.at..].strip_prefix('=').is_none() {
                return Err(Slip::at(name, format!("`{key}` has no value")).with_help(format!("write `{key}=\"…\"`")));
            }
            self.at += 1;
            let start = self.at;
            let value = self.value()?;
            let range = start..self.at;
            match key.as_str() {
                "reason" => note.reason = value,
                "owner" => note.owner = Some(value),
                _ => note.expires = Some(date(&value, range)?),
            }
        }
        if note.reason.trim().is_empty() { Err(no_reason(0..self.words.len())) } else { Ok(note) }
    }

    /// `[rule, rule]`.
    fn rules(&mut self, word: Range<usize>) -> Result<Vec<(String, Range<usize>)>, Slip> {
        let which = "which rule? write `ignore[rule-id]`";
        if !self.words[self.at..].starts_with('[') {
            return Err(Slip::at(word, which));
        }
        let start = self.at + 1;
        let Some(length) = self.words[start..].find(']') else {
            return Err(Slip::at(self.at..self.words.len(), "the list of rules is not closed").with_help("write `]` after the last rule"));
        };
        self.at = start + length + 1;
        let mut rules = Vec::new();
        let mut at = start;
        for part in self.words[start..start + length].split(',') {
            let id = part.trim();
            let id_at = at + (part.len() - part.trim_start().len());
            if !id.is_empty() {
                rules.push((id.to_owned(), id_at..id_at + id.len()));
            }
            at += part.len() + 1;
        }
        if rules.is_empty() { Err(Slip::at(word.start..self.at, which)) } else { Ok(rules) }
    }

    /// A word, or a text in double quotes, in which `\"` is a quote and `\\` a backslash.
    fn value(&mut self) -> Result<String, Slip> {
        if !self.words[self.at..].starts_with('"') {
            let word = self.take(|character| !character.is_whitespace());
            return Ok(self.words[word].to_owned());
        }
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.words[start + 1..].char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                '"' => {
                    self.at = start + 1 + offset + 1;
                    return Ok(text);
                }
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                other => text.push(other),
            }
        }
        Err(Slip::at(start..self.words.len(), "this text is not closed").with_help("write `\"` at its end"))
    }

    fn space(&mut self) {
        self.take(char::is_whitespace);
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        let rest = &self.words[start..];
        self.at += rest.find(|character| !fits(character)).unwrap_or(rest.len());
        start..self.at
    }
}

/// The words for a suppression, as [`parse`] reads them back. They fit on one line.
pub fn write(rule: &str, reason: &str, owner: Option<&str>, expires: Option<Date>) -> String {
    let mut words = format!("{PREFIX} {WORD}[{rule}] reason={}", quoted(reason));
    if let Some(owner) = owner {
        words.push_str(" owner=");
        words.push_str(&quoted(owner));
    }
    if let Some(expires) = expires {
        let _ = write!(words, " expires={expires}");
    }
    words
}

fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    format!("\"{}\"", line.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip(words: &str) -> String {
        let slip = parse(words).unwrap().unwrap_err();
        format!("{:?} {}{}", &words[slip.range], slip.message, slip.help.map(|help| format!("; {help}")).unwrap_or_default())
    }

    #[test]
    fn words_are_read_and_written() {
        let note = parse("trailwarden: ignore[a-rule, b] reason=\"it is \\\"fine\\\"\" owner=team-a expires=2026-12-31").unwrap().unwrap();
        assert_eq!(note.rules, [("a-rule".into(), 20..26), ("b".into(), 28..29)]);
        assert_eq!((note.reason.as_str(), note.owner.as_deref()), ("it is \"fine\"", Some("team-a")));
        assert_eq!(note.expires, Date::parse("2026-12-31"));
        assert_eq!(parse("see trailwarden: ignore[a]"), None);
        assert_eq!(parse("trailwarden:ignore[a] reason=ok").unwrap().unwrap().reason, "ok");
        let words = write("a-rule", "a \"b\"\\\n# c", Some("x y"), Date::parse("2027-01-01"));
        let note = parse(&words).unwrap().unwrap();
        assert_eq!((note.reason.as_str(), note.owner.as_deref()), ("a \"b\"\\ # c", Some("x y")));
    }

    #[test]
    fn slips_are_told_at_their_place() {
        assert_eq!(slip("trailwarden: ingore[a]"), "\"ingore\" expected `ignore[…]` after `trailwarden:`; did you mean `ignore`?");
        assert_eq!(slip("trailwarden: ignore reason=x"), "\"ignore\" which rule? write `ignore[rule-id]`");
        assert_eq!(slip("trailwarden: ignore[ , ] reason=x"), "\"ignore[ , ]\" which rule? write `ignore[rule-id]`");
        assert_eq!(slip("trailwarden: ignore[a] raeson=\"x\""), "\"raeson\" a suppression has no `raeson`; did you mean `reason`?");
        assert_eq!(slip("trailwarden: ignore[a] reason"), "\"reason\" `reason` has no value; write `reason=\"…\"`");
        assert_eq!(slip("trailwarden: ignore[a] reason=\"x"), "\"\\\"x\" this text is not closed; write `\"` at its end");
        assert!(slip("trailwarden: ignore[a]").contains("this suppression gives no reason"));
        assert!(slip("trailwarden: ignore[a] reason=\" \"").contains("gives no reason"));
        assert_eq!(
            slip("trailwarden: ignore[a] reason=x expires=2026-02-30"),
            "\"2026-02-30\" `2026-02-30` is no day of the form `YYYY-MM-DD`"
        );
        assert!(slip("trailwarden: ignore[a because x").contains("not closed"));
        assert!(slip("trailwarden: ignore[a] because it is fine").contains("a suppression has no `because`; it may say `reason`"));
    }
}
