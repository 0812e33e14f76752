//! `yamlencode`: the exact text that Terraform's YAML writer makes.
//!
//! Keys and strings are in double quotes, strings of several lines are literal blocks where they can be, everything else is plain; long quoted
//! strings are folded at 80 columns. The state (column, whether white space was just written, whether only indentation stands on the
//! line) is libyaml's, because its rules for spaces and line breaks are in these terms.

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, NULL, Nullness, Outcome, Parameter, Takes};
use crate::value::{Value, ValueKind, text};
use std::fmt::Write as _;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "yamlencode",
    parameters: &[Parameter::new("value", Takes::Any).lets(NULL | DYNAMIC)],
    rest: None,
    gives: Gives::Text,
    nullness: Nullness::Never,
    run: yaml_encode,
}];

/// Column after which a space in a quoted string becomes a line break.
const WIDTH: usize = 80;
/// Columns of one level.
const INDENT: i32 = 2;
/// Longest key that stands on the line of its value, in bytes.
const MAX_SIMPLE_KEY: usize = 128;
/// Deepest nesting that is written.
const MAX_DEPTH: usize = 256;

fn yaml_encode(call: &mut Call) -> Outcome {
    let value = call.argument(0)?;
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut writer = Writer { out: String::new(), column: 0, space: true, indention: true, open_ended: false };
    match writer.node(value, -1, Place::Root, 0) {
        Ok(()) => {
            if writer.column > 0 {
                writer.line_break();
            }
            if writer.open_ended {
                writer.out.push_str("...\n");
            }
            Ok(text::string(&writer.out))
        }
        Err(Failed::TooDeep) => Err(FunctionError::new("the value is nested too deeply")),
        Err(Failed::TooLong) => Ok(text::too_long()),
    }
}

enum Failed {
    TooDeep,
    TooLong,
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Value,
    SimpleKey,
    Key,
}

struct Writer {
    out: String,
    column: usize,
    space: bool,
    indention: bool,
    open_ended: bool,
}

impl Writer {
    fn node(&mut self, value: &Value, indent: i32, place: Place, depth: usize) -> Result<(), Failed> {
        if depth > MAX_DEPTH {
            return Err(Failed::TooDeep);
        }
        if self.out.len() > text::MAX_TEXT {
            return Err(Failed::TooLong);
        }
        match &value.kind {
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
                if items.is_empty() {
                    self.flow("[", "]");
                    return Ok(());
                }
                // A sequence that is the value of a key is not indented further.
                let indentless = place == Place::Value && !self.indention;
                let indent = if indent < 0 { 0 } else { indent + if indentless { 0 } else { INDENT } };
                for item in items.iter() {
                    self.indent(indent);
                    self.indicator("-", true, false, true);
                    self.node(item, indent, Place::Item, depth + 1)?;
                }
            }
            ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
                if entries.is_empty() {
                    self.flow("{", "}");
                    return Ok(());
                }
                let indent = if indent < 0 { 0 } else { indent + INDENT };
                for (name, entry) in entries.iter() {
                    self.indent(indent);
                    if name.len() <= MAX_SIMPLE_KEY && !name.contains(is_break) {
                        self.string(name, indent, Place::SimpleKey);
                        self.indicator(":", false, false, false);
                    } else {
                        self.indicator("?", true, false, true);
                        self.string(name, indent, Place::Key);
                        self.indent(indent);
                        self.indicator(":", true, false, true);
                    }
                    self.node(entry, indent, Place::Value, depth + 1)?;
                }
            }
            ValueKind::String(text) => self.string(text, indent, place),
            ValueKind::Number(number) => self.plain(&number.to_string(), place),
            ValueKind::Bool(value) => self.plain(if *value { "true" } else { "false" }, place),
            ValueKind::Null(_) | ValueKind::Unknown(_) | ValueKind::Resource(_) => self.plain("null", place),
        }
        Ok(())
    }

    fn flow(&mut self, open: &str, close: &str) {
        self.indicator(open, true, true, false);
        self.indicator(close, false, false, false);
    }

    fn put(&mut self, symbol: char) {
        self.out.push(symbol);
        self.column += 1;
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: i32) {
        let indent = usize::try_from(indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.space) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.space = true;
        self.indention = true;
    }

    fn indicator(&mut self, indicator: &str, needs_space: bool, is_space: bool, is_indention: bool) {
        if needs_space && !self.space {
            self.put(' ');
        }
        indicator.chars().for_each(|symbol| self.put(symbol));
        self.space = is_space;
        self.indention &= is_indention;
        self.open_ended = false;
    }

    fn plain(&mut self, text: &str, place: Place) {
        if !self.space {
            self.put(' ');
        }
        text.chars().for_each(|symbol| self.put(symbol));
        self.space = false;
        self.indention = false;
        self.open_ended |= place == Place::Root;
    }

    fn string(&mut self, text: &str, indent: i32, place: Place) {
        let indent = if indent < 0 { INDENT } else { indent + INDENT };
        if text.contains('\n') && place != Place::SimpleKey && block_allowed(text) {
            self.literal(text, indent);
        } else {
            self.quoted(text, indent, place != Place::SimpleKey);
        }
    }

    fn quoted(&mut self, text: &str, indent: i32, allow_breaks: bool) {
        self.indicator("\"", true, false, false);
        let mut spaces = false;
        let mut symbols = text.char_indices().peekable();
        while let Some((at, symbol)) = symbols.next() {
            if !is_printable(symbol) || symbol == '\u{feff}' || is_break(symbol) || symbol == '"' || symbol == '\\' {
                self.escape(symbol);
                spaces = false;
            } else if symbol == ' ' {
                if allow_breaks && !spaces && self.column > WIDTH && at > 0 && at + 1 < text.len() {
                    self.indent(indent);
                    if symbols.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(symbol);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.space = false;
        self.indention = false;
    }

    fn escape(&mut self, symbol: char) {
        let short = match symbol {
            '\0' => Some('0'),
            '\u{7}' => Some('a'),
            '\u{8}' => Some('b'),
            '\t' => Some('t'),
            '\n' => Some('n'),
            '\u{b}' => Some('v'),
            '\u{c}' => Some('f'),
            '\r' => Some('r'),
            '\u{1b}' => Some('e'),
            '"' | '\\' => Some(symbol),
            '\u{85}' => Some('N'),
            '\u{a0}' => Some('_'),
            '\u{2028}' => Some('L'),
            '\u{2029}' => Some('P'),
            _ => None,
        };
        let mut escaped = String::from("\\");
        let code = u32::from(symbol);
        match short {
            Some(letter) => escaped.push(letter),
            None if code <= 0xff => {
                let _ = write!(escaped, "x{code:02X}");
            }
            None if code <= 0xffff => {
                let _ = write!(escaped, "u{code:04X}");
            }
            None => {
                let _ = write!(escaped, "U{code:08X}");
            }
        }
        escaped.chars().for_each(|symbol| self.put(symbol));
    }

    fn literal(&mut self, text: &str, indent: i32) {
        self.indicator("|", true, false, false);
        if text.starts_with(|first| first == ' ' || is_break(first)) {
            self.indicator("2", false, false, false);
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().map(is_break), from_end.next().map(is_break)) {
            (Some(true), Some(false)) => {}
            (Some(true), _) => self.indicator("+", false, false, false),
            _ => self.indicator("-", false, false, false),
        }
        self.line_break();
        self.indention = true;
        self.space = true;
        let mut breaks = true;
        for symbol in text.chars() {
            if is_break(symbol) {
                self.out.push(symbol);
                self.column = 0;
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.indent(indent);
                }
                self.put(symbol);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

fn is_break(symbol: char) -> bool {
    matches!(symbol, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml would write as it is: nothing beyond the basic plane.
fn is_printable(symbol: char) -> bool {
    matches!(symbol, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && symbol != '\u{feff}'
}

/// Whether a string can be a literal block: no unprintable characters, no space before a line break or at the end.
fn block_allowed(text: &str) -> bool {
    let mut before = 'x';
    for symbol in text.chars() {
        if !is_printable(symbol) || (before == ' ' && is_break(symbol)) {
            return false;
        }
        before = symbol;
    }
    before != ' '
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_for_clean_lines() {
        for (text, allowed) in
            [("a\nb", true), ("a \nb", false), ("a\n b", true), ("a\n ", false), ("a\tb\n", false), ("é\n", true), ("😀\n", false)]
        {
            assert_eq!(block_allowed(text), allowed, "{text:?}");
        }
    }
}
