//! `Fn::Sub`: text with `${Name}`, `${Resource.Attribute}` and `${!Literal}`.

use super::written;
use crate::cloudformation::expression::Expr;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::text;
use crate::source::Span;
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A part of the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// As it stands.
    Literal(&'a str),
    /// `${!Literal}`: stands for `${Literal}`.
    Escaped(&'a str),
    /// `${Name}`.
    Variable(&'a str),
}

/// The parts of a text. A `${` that nothing closes is text.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = closing_brace(&rest[start..]) else { break };
        if start > 0 {
            parts.push(Part::Literal(&rest[..start]));
        }
        let name = &rest[start + 2..start + length];
        parts.push(name.strip_prefix('!').map_or(Part::Variable(name), Part::Escaped));
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

/// Where the brace stands that closes the `${` at the beginning: the Serverless Framework puts variables into variables.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'$' if text[at..].starts_with("${") => open += 1,
            b'}' if open <= 1 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

impl<'t> Stack<'t> {
    pub(super) fn call_sub(&self, argument: Expr<'t>, span: Span) -> Value {
        let (template, variables) = match argument.items() {
            None => (argument, None),
            Some(_) => match self.parts::<2>(argument, span, "Fn::Sub") {
                Ok([template, variables]) => (template, Some(variables)),
                Err(value) => match argument.item(0).filter(|_| argument.node.as_sequence().is_some_and(|items| items.len() == 1)) {
                    Some(template) => (template, None),
                    None => return written(value, span),
                },
            },
        };
        // As it is written: what the text looks like after its variables are put in is none of their business.
        let template = match template.scalar() {
            Some((text, _)) => Arc::clone(text),
            None => match self.known_text(template) {
                Ok(text) => text,
                Err(value) => return written(value, span),
            },
        };
        let own: BTreeMap<Arc<str>, Expr<'t>> = variables
            .into_iter()
            .flat_map(|variables| self.expand(variables, &mut Vec::new()))
            .map(|(name, entry)| (name, entry.body))
            .collect();
        let values: Vec<Value> = parts(&template).into_iter().map(|part| self.part(&part, &own, span)).collect();
        match text::concat(&values) {
            Ok(value) => written(self.resolve_text(self.world.made(value, span), span), span),
            Err(_) => written(self.world.invalid(span, "`Fn::Sub` can put only text into text, not lists or mappings"), span),
        }
    }

    fn part(&self, part: &Part<'_>, own: &BTreeMap<Arc<str>, Expr<'t>>, span: Span) -> Value {
        let name = match part {
            Part::Literal(text) => return Value::string(*text),
            Part::Escaped(text) => return Value::string(format!("${{{text}}}")),
            Part::Variable(name) => *name,
        };
        if let Some(value) = self.serverless_variable(name, span) {
            return value;
        }
        let allowed = |character: char| character.is_alphanumeric() || matches!(character, '.' | ':' | '_' | '-' | '&' | '$' | '{');
        if name.is_empty() || !name.chars().all(allowed) {
            let message = "names in `Fn::Sub` can hold only letters, digits, `_`, `.` and `:`";
            return self.world.invalid(span, format!("{message}, which `${{{name}}}` does not")).clone();
        }
        let value = match (own.get(name), name.split_once('.')) {
            (Some(value), _) => self.operand(*value),
            (None, Some((resource, attribute))) if !self.resources.contains_key(name) => Some(self.get_att(resource, attribute, span)),
            (None, _) => self.refer(name, span),
        };
        value.unwrap_or_else(|| Value::string(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_literals_are_told_apart() {
        use Part::{Escaped, Literal, Variable};
        assert_eq!(parts("a-${B.C}-${!D}${E}"), [Literal("a-"), Variable("B.C"), Literal("-"), Escaped("D"), Variable("E")]);
        assert_eq!(parts("$${A} ${"), [Literal("$"), Variable("A"), Literal(" ${")]);
        assert_eq!(parts(""), []);
    }
}
