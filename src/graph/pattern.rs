//! Filter patterns of CloudWatch Logs for JSON events: reading them, and asking, in three-valued logic, whether they match an event.
//!
//! It knows the pattern language and no service: which events matter is said by whoever asks. Patterns for other than JSON match no event here;
//! regular expressions are not understood, and leave it open, as does what is nested too deep.

use crate::graph::text::{self, Text};
use crate::value::Truth;
use std::collections::BTreeMap;

/// Deepest nesting of a pattern that is read.
const MAX_DEPTH: usize = 32;

/// An event, as far as it is told: its fields (`userIdentity.type`), with what they are, or that it has none.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Its fields.
    pub fields: BTreeMap<String, Option<String>>,
}

/// What is known of the fields that an event does not list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Others {
    /// Nothing: they may be anything.
    NotKnown,
    /// It has no other.
    None,
}

/// A pattern.
#[derive(Clone, PartialEq, Debug)]
pub enum Pattern {
    /// Each part matches.
    All(Vec<Pattern>),
    /// A part matches.
    Any(Vec<Pattern>),
    /// A field is, or is not, of this form.
    Is(String, Sign, String),
    /// A field is there, or is not.
    Exists(String, Sign),
    /// A test that is not understood: numbers in order, regular expressions, `IS NULL`, too many levels of parentheses.
    Other,
}

/// Whether a test asks for a thing or for its opposite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// The thing itself.
    Plain,
    /// Its opposite.
    Not,
}

impl Sign {
    fn apply(self, truth: Truth) -> Truth {
        if self == Self::Not { !truth } else { truth }
    }
}

impl Pattern {
    /// Reads a pattern; `None` where it is not one for JSON events.
    pub fn parse(text: &str) -> Option<Self> {
        let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
        let mut reader = Reader { left: inside, is_too_deep: false };
        let pattern = reader.any(0);
        if reader.is_too_deep {
            return Some(Self::Other);
        }
        pattern.filter(|_| reader.left.trim().is_empty())
    }

    /// Whether it matches an event.
    pub fn matches(&self, event: &Event, others: Others) -> Truth {
        match self {
            Self::All(parts) => Truth::all(parts.iter().map(|part| part.matches(event, others))),
            Self::Any(parts) => Truth::any(parts.iter().map(|part| part.matches(event, others))),
            Self::Is(field, sign, form) => match (event.fields.get(field), others) {
                (Some(Some(value)), _) if !form.contains(['*', '?']) => sign.apply((form == value).into()),
                (Some(Some(value)), _) => sign.apply(text::matches(&Text::known(form), &Text::known(value))),
                (Some(None), _) if *sign == Sign::Plain => Truth::False,
                (None, Others::None) => Truth::False,
                _ => Truth::Unknown,
            },
            Self::Exists(field, sign) => match (event.fields.get(field), others) {
                (Some(value), _) => sign.apply(value.is_some().into()),
                (None, Others::None) => sign.apply(Truth::False),
                (None, Others::NotKnown) => Truth::Unknown,
            },
            Self::Other => Truth::Unknown,
        }
    }
}

struct Reader<'t> {
    left: &'t str,
    /// Whether reading ended at [`MAX_DEPTH`].
    is_too_deep: bool,
}

impl<'t> Reader<'t> {
    fn any(&mut self, depth: usize) -> Option<Pattern> {
        let mut parts = vec![self.all(depth)?];
        while self.take("||") {
            parts.push(self.all(depth)?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Pattern::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Option<Pattern> {
        let mut parts = vec![self.one(depth)?];
        while self.take("&&") {
            parts.push(self.one(depth)?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Pattern::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Option<Pattern> {
        if depth == MAX_DEPTH {
            self.is_too_deep = true;
            return None;
        }
        if self.take("(") {
            let inside = self.any(depth + 1)?;
            return self.take(")").then_some(inside);
        }
        let field = self.field()?;
        if self.word("NOT") {
            return self.word("EXISTS").then_some(Pattern::Exists(field, Sign::Not));
        }
        if self.word("EXISTS") {
            return Some(Pattern::Exists(field, Sign::Plain));
        }
        if self.word("IS") {
            return ["NULL", "TRUE", "FALSE"].iter().any(|word| self.word(word)).then_some(Pattern::Other);
        }
        let order = ["<=", ">=", "<", ">"].iter().any(|operator| self.take(operator));
        let sign = if order || !self.take("!=") { Sign::Plain } else { Sign::Not };
        if !order && sign == Sign::Plain && !self.take("=") {
            return None;
        }
        let value = self.value()?;
        let regular = value.len() > 1 && value.starts_with('%') && value.ends_with('%');
        Some(if order || regular { Pattern::Other } else { Pattern::Is(field, sign, value) })
    }

    /// `$.a.b`, `$['a']`.
    fn field(&mut self) -> Option<String> {
        self.left = self.left.trim_start().strip_prefix('$')?;
        let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '=' | '!' | '<' | '>' | ')' | '(' | '&' | '|');
        let end = self.left.find(is_end).unwrap_or(self.left.len());
        let (field, left) = self.left.split_at(end);
        self.left = left;
        let field = field.replace("['", ".").replace("[\"", ".").replace("']", "").replace("\"]", "");
        let field = field.trim_start_matches('.');
        (!field.is_empty()).then(|| field.to_owned())
    }

    fn value(&mut self) -> Option<String> {
        self.left = self.left.trim_start();
        if let Some(quoted) = self.left.strip_prefix('"') {
            let mut out = String::new();
            let mut letters = quoted.char_indices();
            while let Some((at, letter)) = letters.next() {
                match letter {
                    '"' => {
                        self.left = &quoted[at + 1..];
                        return Some(out);
                    }
                    '\\' => out.extend(letters.next().map(|(_, next)| next)),
                    letter => out.push(letter),
                }
            }
            return None;
        }
        let is_end = |letter: char| letter.is_whitespace() || matches!(letter, ')' | '(' | '&' | '|');
        let end = self.left.find(is_end).unwrap_or(self.left.len());
        let (word, left) = self.left.split_at(end);
        self.left = left;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn take(&mut self, sign: &str) -> bool {
        let left: &'t str = self.left.trim_start();
        let Some(left) = left.strip_prefix(sign) else { return false };
        self.left = left;
        true
    }

    /// A word of the language, in whatever case.
    fn word(&mut self, word: &str) -> bool {
        let left = self.left.trim_start();
        let Some(start) = left.get(..word.len()) else { return false };
        let rest = &left[word.len()..];
        if !start.eq_ignore_ascii_case(word) || rest.starts_with(|letter: char| letter.is_alphanumeric()) {
            return false;
        }
        self.left = rest;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Truth::{False, True, Unknown};

    fn matches(pattern: &str, fields: &[(&str, Option<&str>)]) -> Truth {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        Pattern::parse(pattern).unwrap().matches(&Event { fields }, Others::NotKnown)
    }

    #[test]
    fn spaces_quotes_and_parentheses_make_no_difference() {
        let event = [("eventName", Some("DeletePolicy")), ("eventSource", Some("iam.amazonaws.com"))];
        for pattern in [
            "{($.eventName=DeletePolicy)}",
            "{ $.eventName = \"DeletePolicy\" }",
            "{ ($.eventSource = iam.amazonaws.com) && (($.eventName = CreatePolicy) || ($.eventName=\"DeletePolicy\")) }",
            "{ $.eventName = Delete* }",
            "{ $['eventName'] = DeletePolicy }",
            "{ $.eventName != HeadBucket }",
        ] {
            assert_eq!(matches(pattern, &event), True, "{pattern}");
        }
        assert_eq!(matches("{ $.eventName = CreatePolicy }", &event), False);
        assert_eq!(matches("{ $.eventName = DeletePolicy && $.errorCode NOT EXISTS }", &event), Unknown);
        assert_eq!(matches("{ $.eventName = DeletePolicy && $.eventSource = ec2.amazonaws.com }", &event), False);
        assert_eq!(matches("{ $.bytes > 10 }", &event), Unknown);
        assert_eq!(matches("{ $.eventName = %Delete.*% }", &event), Unknown);
    }

    #[test]
    fn what_is_not_there_can_be_asked_for() {
        let root = [("userIdentity.type", Some("Root")), ("userIdentity.invokedBy", None), ("eventType", Some("AwsApiCall"))];
        let pattern = "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }";
        assert_eq!(matches(pattern, &root), True);
        assert_eq!(matches("{ $.userIdentity.invokedBy EXISTS }", &root), False);
        assert_eq!(matches("{ $.userIdentity.invokedBy = x }", &root), False);
    }

    #[test]
    fn and_binds_before_or() {
        let event = [("a", Some("1")), ("b", Some("2"))];
        assert_eq!(matches("{ $.a = 9 && $.b = 9 || $.b = 2 }", &event), True);
        assert_eq!(matches("{ $.a = 1 && ($.b = 9 || $.b = 8) }", &event), False);
    }

    #[test]
    fn what_is_no_pattern_for_json_is_none() {
        for text in ["", "ERROR", "[ip, user]", "{", "{ }", "{ $.a }", "{ $.a = }", "{ ($.a = 1 }", "{ $.a = \"x }", "{ $.a = 1 } x"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
        let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(Pattern::parse(&deep), Some(Pattern::Other), "it may be one");
    }
}
