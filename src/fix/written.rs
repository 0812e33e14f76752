//! A value as it is to be written into a template: in YAML's block or flow style, or in JSON.
//!
//! It knows the three spellings and how CloudFormation's functions look in them; it does not know where the value goes.

use crate::syntax::node::{Node, NodeKind, Style};
use std::fmt::Write as _;

/// Most levels that are written: what fixes write has few.
const MAX_LEVELS: usize = 16;

/// A value of a template.
#[derive(Clone, PartialEq, Debug)]
pub enum Written {
    /// `true`, a number.
    Word(String),
    /// A string.
    Text(String),
    /// A function of one string: `Ref`, `Sub`, `GetAtt`.
    Function(String, String),
    /// A list.
    List(Vec<Written>),
    /// A mapping.
    Map(Vec<(String, Written)>),
}

/// How a template is written where something is added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spelling {
    /// YAML in lines.
    Block,
    /// YAML in braces, all in one line.
    Flow,
    /// JSON in lines, each level indented by so many spaces more.
    Json(usize),
    /// JSON in one line.
    JsonLine,
}

impl Written {
    /// What a tree says, short forms of functions included.
    pub fn of(node: &Node) -> Self {
        match (&node.kind, &node.tag) {
            (NodeKind::Scalar { text, .. }, Some(tag)) => Self::Function(tag.to_string(), text.to_string()),
            (NodeKind::Scalar { text, style: Style::Plain }, None) if is_word(text) => Self::Word(text.to_string()),
            (NodeKind::Scalar { text, .. }, None) => Self::Text(text.to_string()),
            (NodeKind::Sequence(items), _) => Self::List(items.iter().map(Self::of).collect()),
            (NodeKind::Mapping(pairs), _) => {
                Self::Map(pairs.iter().map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), Self::of(value))).collect())
            }
        }
    }

    /// `key: value`, for lines that begin with `indent`; the first line's own indentation is left to the caller.
    pub fn pair(&self, key: &str, spelling: Spelling, indent: &str, end: &str) -> String {
        let mut out = String::new();
        self.push_pair(key, spelling, indent, end, 0, &mut out);
        out
    }

    fn push_pair(&self, key: &str, spelling: Spelling, indent: &str, end: &str, level: usize, out: &mut String) {
        match spelling {
            Spelling::Block => {
                push_yaml(key, out);
                out.push(':');
                match self {
                    Self::List(_) | Self::Map(_) => {
                        out.push_str(end);
                        self.push_block(&format!("{indent}  "), end, level + 1, out);
                    }
                    _ => {
                        out.push(' ');
                        self.push(spelling, indent, end, level, out);
                    }
                }
            }
            Spelling::Flow => {
                push_yaml(key, out);
                out.push_str(": ");
                self.push(spelling, indent, end, level, out);
            }
            Spelling::Json(_) | Spelling::JsonLine => {
                let _ = write!(out, "{}: ", json_text(key));
                self.push(spelling, indent, end, level, out);
            }
        }
    }

    /// A list or mapping in lines, the first one indented.
    fn push_block(&self, indent: &str, end: &str, level: usize, out: &mut String) {
        if level > MAX_LEVELS {
            return;
        }
        match self {
            Self::Map(pairs) => {
                for (at, (key, value)) in pairs.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { end });
                    out.push_str(indent);
                    value.push_pair(key, Spelling::Block, indent, end, level, out);
                }
            }
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    let mut lines = String::new();
                    item.push_block(&format!("{indent}  "), end, level + 1, &mut lines);
                    let _ = write!(out, "{}{indent}- {}", if at == 0 { "" } else { end }, lines.trim_start());
                }
            }
            _ => {
                out.push_str(indent);
                self.push(Spelling::Block, indent, end, level, out);
            }
        }
    }

    fn push(&self, spelling: Spelling, indent: &str, end: &str, level: usize, out: &mut String) {
        let json = matches!(spelling, Spelling::Json(_) | Spelling::JsonLine);
        match self {
            Self::Word(word) => out.push_str(word),
            Self::Text(text) if json => out.push_str(&json_text(text)),
            Self::Text(text) => push_yaml(text, out),
            Self::Function(name, argument) if json => {
                let long = if matches!(name.as_str(), "Ref" | "Condition") { name.clone() } else { format!("Fn::{name}") };
                let argument = match (name.as_str(), argument.split_once('.')) {
                    ("GetAtt", Some((resource, attribute))) => format!("[{}, {}]", json_text(resource), json_text(attribute)),
                    _ => json_text(argument),
                };
                let _ = write!(out, "{{{}: {argument}}}", json_text(&long));
            }
            Self::Function(name, argument) => {
                let _ = write!(out, "!{name} ");
                push_yaml(argument, out);
            }
            Self::List(items) => {
                let each = |item: &Self, indent: &str, out: &mut String| item.push(spelling, indent, end, level + 1, out);
                braced(['[', ']'], items, spelling, (indent, end, level), each, out);
            }
            Self::Map(pairs) => {
                let each = |(key, value): &(String, Self), indent: &str, out: &mut String| {
                    value.push_pair(key, spelling, indent, end, level + 1, out);
                };
                braced(['{', '}'], pairs, spelling, (indent, end, level), each, out);
            }
        }
    }
}

/// Things between brackets, each in a line of its own or all in one.
fn braced<T>(
    [open, close]: [char; 2],
    items: &[T],
    spelling: Spelling,
    (indent, end, level): (&str, &str, usize),
    mut each: impl FnMut(&T, &str, &mut String),
    out: &mut String,
) {
    out.push(open);
    if level > MAX_LEVELS {
        out.push(close);
        return;
    }
    let inner = match spelling {
        Spelling::Json(unit) => Some(format!("{indent}{}", " ".repeat(unit))),
        _ => None,
    };
    for (at, item) in items.iter().enumerate() {
        match &inner {
            Some(inner) => {
                let _ = write!(out, "{}{end}{inner}", if at == 0 { "" } else { "," });
            }
            None => out.push_str(if at == 0 { "" } else { ", " }),
        }
        each(item, inner.as_deref().unwrap_or(indent), out);
    }
    if inner.is_some() && !items.is_empty() {
        let _ = write!(out, "{end}{indent}");
    }
    out.push(close);
}

/// Whether a plain scalar is no string.
fn is_word(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || (!text.is_empty() && text.chars().all(|character| character.is_ascii_digit()))
}

/// Texts that YAML takes for something else, in lower case.
const TAKEN: [&str; 11] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"];

/// A string in YAML: plain where nothing could take it for anything else.
fn push_yaml(text: &str, out: &mut String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'-' | b':');
    let is_plain = text.starts_with(|character: char| character.is_ascii_alphabetic())
        && text.bytes().all(plain)
        && !text.ends_with(':')
        && !TAKEN.iter().any(|taken| text.eq_ignore_ascii_case(taken));
    if is_plain {
        out.push_str(text);
    } else {
        out.push_str(&json_text(text));
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::{json, yaml};

    const TEXT: &str =
        "Rules:\n  - Id: expire\n    Status: \"on\"\n    Days: 365\n  - !Sub \"${A}/*\"\nBucket: !Ref Logs\nArn: !GetAtt Logs.Arn\n";

    fn written() -> Written {
        Written::of(&yaml::parse(TEXT, FileId(0)).0[0])
    }

    #[test]
    fn blocks_are_read_as_they_were() {
        let text = written().pair("All", Spelling::Block, "", "\n");
        assert_eq!(
            text,
            "All:\n  Rules:\n    - Id: expire\n      Status: \"on\"\n      Days: 365\n    - !Sub \"${A}/*\"\n  Bucket: !Ref Logs\n  Arn: !GetAtt Logs.Arn"
        );
        let (again, problems) = yaml::parse(&text, FileId(0));
        assert!(problems.is_empty());
        assert_eq!(Written::of(again[0].get("All").unwrap()), written());
    }

    #[test]
    fn flow_is_read_as_it_was() {
        let text = format!("{{ {} }}", written().pair("All", Spelling::Flow, "", "\n"));
        let (again, problems) = yaml::parse(&text, FileId(0));
        assert!(problems.is_empty(), "{text}");
        assert_eq!(Written::of(again[0].get("All").unwrap()), written());
    }

    #[test]
    fn json_has_the_long_forms() {
        let text = format!("{{{}}}", written().pair("All", Spelling::Json(2), "", "\n"));
        let (tree, problems) = json::parse(&text, FileId(0));
        assert!(problems.is_empty(), "{text}");
        let all = tree.unwrap();
        let all = all.get("All").unwrap();
        assert_eq!(all.get("Bucket").unwrap().get("Ref").unwrap().as_str(), Some("Logs"));
        assert_eq!(all.get("Arn").unwrap().get("Fn::GetAtt").unwrap().as_sequence().unwrap().len(), 2);
        assert!(text.contains("\n    \"Id\": \"expire\"") || text.contains("\n      \"Id\": \"expire\""), "{text}");
        assert_eq!(written().pair("B", Spelling::JsonLine, "", "\n").matches('\n').count(), 0);
    }
}
