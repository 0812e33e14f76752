//! Dynamic references: `{{resolve:ssm:name}}`, `{{resolve:ssm-secure:…}}`, `{{resolve:secretsmanager:…}}` in any text.

use super::lookup::template_text;
use crate::cloudformation::parameter;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::text;
use crate::source::Span;
use crate::value::{Cause, CauseKind, Marks, Piece, Reference, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

const OPEN: &str = "{{resolve:";

impl Stack<'_> {
    /// The text with its dynamic references replaced by what they stand for: a fact, or something unknown.
    pub(super) fn resolve_text(&self, value: Value, span: Span) -> Value {
        match &value.kind {
            ValueKind::String(text) if text.contains('{') && text.contains(OPEN) => self.resolve_known(text, span),
            ValueKind::Unknown(unknown)
                if unknown.pieces.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains(OPEN))) =>
            {
                // The reference itself is only partly known: where it ends may be anywhere.
                let name = template_text(&value);
                let reference = Reference::StoredParameter { name: Arc::from(stored_name(&name)) };
                let mut causes = unknown.causes.clone();
                causes.push(Cause::new(CauseKind::Stored, name.as_str(), Some(span)));
                let whole = name.starts_with(OPEN) && name.ends_with("}}");
                let refers_to = whole.then(|| Arc::new(reference));
                Unknown { refers_to, ..Unknown::new(Type::String, causes).not_null() }.into()
            }
            ValueKind::String(text) if text.contains("${") => {
                self.serverless_text(text, span).or_else(|| self.member_text(text)).unwrap_or(value)
            }
            _ => value,
        }
    }

    fn resolve_known(&self, text: &str, span: Span) -> Value {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(OPEN) {
            let Some(length) = rest[start..].find("}}") else { break };
            parts.push(Value::string(&rest[..start]));
            parts.push(self.stored(&rest[start + OPEN.len()..start + length], span));
            rest = &rest[start + length + 2..];
        }
        parts.push(Value::string(rest));
        text::concat(&parts).expect("the parts are text").with_marks(parts.iter().fold(Marks::NONE, |marks, part| marks.union(part.marks)))
    }

    /// `service:name[:version]`.
    fn stored(&self, reference: &str, span: Span) -> Value {
        if let Some(name) = reference.strip_prefix("ssm:") {
            return parameter::stored(without_version(name), Some(span), &self.world);
        }
        let name = Arc::from(reference);
        let cause = Cause::new(CauseKind::Stored, reference, Some(span));
        let value = Value::from(Unknown::attribute(Arc::new(Reference::StoredParameter { name }), Type::String, cause));
        value.with_marks(Marks::SENSITIVE)
    }

    /// A text that holds the identifier of a loop over something unknown.
    fn member_text(&self, text: &str) -> Option<Value> {
        let identifiers = self.identifiers.borrow();
        let used: Vec<&Arc<str>> = identifiers.keys().filter(|name| text.contains(&format!("${{{name}}}"))).collect();
        if used.is_empty() {
            return None;
        }
        let values = super::substitute::parts(text).into_iter().map(|part| match part {
            super::substitute::Part::Variable(name) if identifiers.contains_key(name) => identifiers[name].clone(),
            super::substitute::Part::Variable(name) => Value::string(format!("${{{name}}}")),
            super::substitute::Part::Escaped(name) => Value::string(format!("${{!{name}}}")),
            super::substitute::Part::Literal(text) => Value::string(text),
        });
        let values: Vec<Value> = values.collect();
        text::concat(&values).ok()
    }
}

/// The name of a stored parameter without the version that may follow it.
fn without_version(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((name, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

fn stored_name(text: &str) -> &str {
    let inner = text.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text);
    without_version(inner.strip_prefix("ssm:").unwrap_or(inner))
}
