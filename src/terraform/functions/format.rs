//! `format` and `formatlist`.

use super::FunctionError;
use super::spec::{Call, Function, Gives, NULL, Nullness, Outcome, Parameter, Takes, UNKNOWN, list_of};
use super::verb::{Failed, Verb};
use crate::value::convert::convert;
use crate::value::{Piece, Type, Unknown, Value, ValueKind, text};
use std::sync::Arc;

const ARGS: Parameter = Parameter::new("args", Takes::Any).lets(NULL | UNKNOWN);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "format",
        parameters: &[Parameter::new("format", Takes::Text)],
        rest: Some(ARGS),
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: |call| format(call.text(0)?, &call.arguments[1..]),
    },
    Function {
        name: "formatlist",
        parameters: &[Parameter::new("format", Takes::Text)],
        rest: Some(ARGS),
        gives: Gives::ListOfText,
        nullness: Nullness::Never,
        run: format_list,
    },
];

/// One formatted string; unknown, but known in part, where an argument is unknown.
fn format(template: &str, arguments: &[Value]) -> Outcome {
    if arguments.iter().all(Value::is_wholly_known) {
        return formatted(template, arguments);
    }
    let mut unknown = match parse(template, arguments.len()) {
        Ok(parts) => partly_known(&parts, arguments),
        Err(_) => Unknown::new(Type::String, super::spec::causes(arguments)),
    };
    let lead = template.split('%').next().unwrap_or_default();
    if !lead.is_empty() {
        let prefix = text::safe_prefix(lead);
        unknown.prefix = (!prefix.is_empty()).then_some(prefix);
    }
    Ok(unknown.not_null().into())
}

fn formatted(template: &str, arguments: &[Value]) -> Outcome {
    let mut out = String::new();
    let mut highest = 0;
    for part in Parts::new(template) {
        match part.map_err(FunctionError::new)? {
            Part::Literal(text) => out.push_str(text),
            Part::Verb(verb) => {
                highest = highest.max(verb.argument);
                let argument = arguments.get(verb.argument - 1).ok_or_else(|| FunctionError::new(missing(&verb, arguments.len())))?;
                match verb.format(argument) {
                    Ok(text) => out.push_str(&text),
                    Err(Failed::Error(message)) => return Err(FunctionError::new(message)),
                    Err(Failed::TooLong) => return Ok(text::too_long()),
                }
            }
        }
        if out.len() > text::MAX_TEXT {
            return Ok(text::too_long());
        }
    }
    if highest < arguments.len() {
        let message = match highest {
            0 => "too many arguments; no verbs in format string".to_owned(),
            used => format!("too many arguments; only {used} used by format string"),
        };
        return Err(FunctionError::argument(highest + 1, message));
    }
    Ok(text::string(&out))
}

fn missing(verb: &Verb, given: usize) -> String {
    format!("not enough arguments for {:?} at {}: need index {} but have {given} total", verb.raw, verb.offset, verb.argument)
}

fn parse(template: &str, given: usize) -> Result<Vec<Part<'_>>, String> {
    let parts: Vec<Part> = Parts::new(template).collect::<Result<_, _>>()?;
    let over = |part: &Part| matches!(part, Part::Verb(verb) if verb.argument > given);
    if parts.iter().any(over) { Err("not enough arguments".into()) } else { Ok(parts) }
}

/// The pieces of a string of which some verbs' arguments are unknown: bare `%s` is the argument's own text, and so are bare `%v` of a
/// string and bare `%d` of a number; of any other, nothing can be said, and so nothing of the whole.
fn partly_known(parts: &[Part], arguments: &[Value]) -> Unknown {
    let mut pieces = Vec::new();
    for part in parts {
        match part {
            Part::Literal(text) => pieces.push(Piece::Known((*text).into())),
            Part::Verb(verb) => {
                let argument = &arguments[verb.argument - 1];
                if argument.is_wholly_known() {
                    match verb.format(argument) {
                        Ok(text) => pieces.push(Piece::Known(text.into())),
                        Err(_) => return Unknown::new(Type::String, super::spec::causes(arguments)),
                    }
                    continue;
                }
                let same = argument.as_unknown().is_some_and(|unknown| {
                    verb.is_plain() && (verb.mode == 's' || matches!((verb.mode, &unknown.of), ('v', Type::String) | ('d', Type::Number)))
                });
                match convert(argument, &Type::String) {
                    Ok(converted) if same => pieces.extend(text::pieces(&converted)),
                    _ => return Unknown::new(Type::String, super::spec::causes(arguments)),
                }
            }
        }
    }
    text::partly_known(pieces)
}

fn format_list(call: &mut Call) -> Outcome {
    let template = call.text(0)?.to_owned();
    let arguments = &call.arguments[1..];
    if arguments.is_empty() {
        return Ok(list_of(Type::String, vec![formatted(&template, &[])?]));
    }
    // Sequences are walked side by side, so all must have one length; anything else is used again and again.
    let mut length: Option<(usize, usize)> = None;
    let mut open = false;
    for (index, argument) in arguments.iter().enumerate() {
        let this = match (&argument.kind, &argument.type_of()) {
            (ValueKind::Null(_), _) => continue,
            (ValueKind::Set(_, items), _) if items.len() > 1 && !argument.is_wholly_known() => {
                open = true;
                continue;
            }
            (ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items), _) => items.len(),
            (ValueKind::Unknown(_), Type::Tuple(items)) => {
                open = true;
                items.len()
            }
            (ValueKind::Unknown(_), Type::List(_) | Type::Set(_) | Type::Dynamic) => {
                open = true;
                continue;
            }
            _ => continue,
        };
        match length {
            None => length = Some((this, index)),
            Some((first, _)) if first == this => {}
            Some((first, chooser)) => {
                let message = format!(
                    "argument {} has length {this}, which is inconsistent with argument {} of length {first}",
                    index + 1,
                    chooser + 1
                );
                return Err(FunctionError::argument(index + 1, message));
            }
        }
    }
    if open {
        return Ok(call.unknown());
    }
    let rounds = length.map_or(1, |(length, _)| length);
    let mut results = Vec::with_capacity(rounds);
    let mut size = 0;
    for round in 0..rounds {
        let row: Vec<Value> =
            arguments.iter().map(|argument| argument.as_items().map_or_else(|| argument.clone(), |items| items[round].clone())).collect();
        let result = if row.iter().all(Value::is_wholly_known) {
            formatted(&template, &row)
                .map_err(|error| FunctionError::new(format!("error on format iteration {round}: {}", error.message)))?
        } else {
            // Terraform keeps no beginning here.
            let mut unknown = parse(&template, row.len())
                .map_or_else(|_| Unknown::new(Type::String, super::spec::causes(&row)), |parts| partly_known(&parts, &row));
            unknown.prefix = None;
            unknown.not_null().into()
        };
        size += result.as_str().map_or(0, str::len);
        if size > text::MAX_TEXT {
            return Ok(call.unknown_because(crate::value::CauseKind::Limit, "strings longer than 8 MiB together"));
        }
        results.push(result);
    }
    Ok(ValueKind::List(Type::String, Arc::new(results)).into())
}

/// A piece of a format string.
enum Part<'a> {
    /// Text; `%%` is one `%`.
    Literal(&'a str),
    /// A verb.
    Verb(Verb),
}

/// The pieces of a format string, in order, up to the first error.
struct Parts<'a> {
    template: &'a str,
    at: usize,
    next_argument: usize,
}

impl<'a> Parts<'a> {
    fn new(template: &'a str) -> Self {
        Self { template, at: 0, next_argument: 1 }
    }

    fn peek(&self, at: usize) -> Option<char> {
        self.template[at..].chars().next()
    }

    /// A decimal number; `None` where there is no digit, or a leading zero where none may be.
    fn number(&self, at: &mut usize) -> usize {
        let mut value: usize = 0;
        while let Some(digit) = self.peek(*at).and_then(|symbol| symbol.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit as usize);
            *at += 1;
        }
        value
    }

    fn verb(&mut self) -> Result<Verb, String> {
        let mut verb = Verb { offset: self.at, argument: self.next_argument, ..Verb::default() };
        let mut at = self.at + 1;
        while let Some(flag) = self.peek(at).filter(|symbol| "0#-+ ".contains(*symbol)) {
            match flag {
                '0' => verb.zero = true,
                '#' => verb.sharp = true,
                '-' => verb.minus = true,
                '+' => verb.plus = true,
                _ => verb.space = true,
            }
            at += 1;
        }
        if self.peek(at).is_some_and(|symbol| symbol.is_ascii_digit()) {
            verb.width = Some(self.number(&mut at));
        }
        if self.peek(at) == Some('.') {
            at += 1;
            verb.precision = Some(self.number(&mut at));
        }
        if self.peek(at) == Some('[') {
            at += 1;
            if self.peek(at).is_some_and(|symbol| ('1'..='9').contains(&symbol)) {
                verb.argument = self.number(&mut at);
            } else {
                return Err(self.unexpected(at));
            }
            if self.peek(at) != Some(']') {
                return Err(self.unexpected(at));
            }
            at += 1;
        }
        match self.peek(at) {
            Some(mode) if mode.is_ascii_alphabetic() => {
                verb.mode = mode;
                self.template[self.at..=at].clone_into(&mut verb.raw);
                self.at = at + 1;
                self.next_argument = verb.argument.saturating_add(1);
                Ok(verb)
            }
            _ => Err(self.unexpected(at)),
        }
    }

    fn unexpected(&self, at: usize) -> String {
        match self.peek(at) {
            Some(symbol) => format!("unrecognized format character '{symbol}' at offset {at}"),
            None => format!("invalid format string starting at offset {at}"),
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<Part<'a>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.template[self.at..];
        if rest.is_empty() {
            return None;
        }
        if let Some(after) = rest.strip_prefix('%') {
            if after.starts_with('%') {
                self.at += 2;
                return Some(Ok(Part::Literal("%")));
            }
            let verb = self.verb();
            if verb.is_err() {
                self.at = self.template.len();
            }
            return Some(verb.map(Part::Verb));
        }
        let end = rest.find('%').unwrap_or(rest.len());
        self.at += end;
        Some(Ok(Part::Literal(&rest[..end])))
    }
}
