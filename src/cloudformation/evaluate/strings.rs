//! `Fn::Join`, `Fn::Split`, `Fn::Select`, `Fn::Base64`, `Fn::Length`, `Fn::ToJsonString`.

use super::{derived, written};
use crate::cloudformation::expression::Expr;
use crate::cloudformation::names;
use crate::cloudformation::scalar;
use crate::cloudformation::stack::{Entry, Stack};
use crate::cloudformation::text;
use crate::cloudformation::world::MAX_ITEMS;
use crate::source::Span;
use crate::value::{Piece, Reference, Type, Unknown, Value, ValueKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// A text that was split.
struct Parts {
    split: text::Split,
    delimiter: Arc<str>,
    /// The text, where it is one unknown and nothing else: a part of it is a part of what it refers to.
    whole: Option<Unknown>,
}

impl<'t> Stack<'t> {
    pub(super) fn call_join(&self, argument: Expr<'t>, span: Span) -> Value {
        let [delimiter, items] = match self.parts(argument, span, "Fn::Join") {
            Ok(parts) => parts,
            Err(value) => return written(value, span),
        };
        let delimiter = match self.known_text(delimiter) {
            Ok(text) => Value::string(text),
            Err(value) => return written(derived(&value, Type::String), span),
        };
        let Some(items) = self.operand(items) else { return written(Value::string(""), span) };
        let Some(list) = items.as_items() else {
            if items.is_unknown() {
                return written(derived(&items, Type::String), span);
            }
            return written(self.world.invalid(span, "`Fn::Join` needs a list to join"), span);
        };
        let mut parts = Vec::with_capacity(list.len() * 2);
        // A list inside the list stands for its members, as a list parameter does.
        for item in list.iter().flat_map(|item| item.as_items().unwrap_or(std::slice::from_ref(item))) {
            if !parts.is_empty() {
                parts.push(delimiter.clone());
            }
            parts.push(item.clone());
        }
        match text::concat(&parts) {
            Ok(value) => written(self.resolve_text(self.world.made(value, span), span), span),
            Err(_) => written(self.world.invalid(span, "`Fn::Join` can join only texts"), span),
        }
    }

    pub(super) fn call_split(&self, argument: Expr<'t>, span: Span) -> Value {
        match self.split(argument, span) {
            Ok(Parts { split, .. }) => match split.open {
                None => written(self.list(split.items, span), span),
                Some(unknown) => written(Unknown::new(Type::Dynamic, unknown.causes.clone()).not_null().into(), span),
            },
            Err(value) => written(value, span),
        }
    }

    fn split(&self, argument: Expr<'t>, span: Span) -> Result<Parts, Value> {
        let [delimiter, source] = self.parts(argument, span, "Fn::Split")?;
        let delimiter = self.known_text(delimiter).map_err(|value| derived(&value, Type::Dynamic))?;
        let source = self.operand(source).unwrap_or_else(|| Value::string(""));
        let source = self.spelled_out(&source);
        let most = |piece: &Piece| if let Piece::Known(text) = piece { text.matches(&*delimiter).count() } else { 0 };
        if text::pieces_of(&source).iter().map(most).sum::<usize>() > MAX_ITEMS {
            return Err(self.world.limit(span, format!("`Fn::Split` makes more than {MAX_ITEMS} items")));
        }
        let split = text::split(&source, &delimiter, |unknown| names::cannot_contain(unknown, &delimiter, |address| self.type_at(address)))
            .ok_or_else(|| self.world.invalid(span, "`Fn::Split` needs text to split"))?;
        let whole = source.as_unknown().filter(|unknown| unknown.pieces.is_empty()).cloned();
        Ok(Parts { split, delimiter, whole })
    }

    /// The text with attributes whose form is known (the ARN of a bucket) written out in pieces.
    fn spelled_out(&self, value: &Value) -> Value {
        let Some(unknown) = value.as_unknown() else { return value.clone() };
        let own = [Piece::Unknown(Arc::new(unknown.clone()))];
        let pieces = if unknown.pieces.is_empty() { &own[..] } else { &unknown.pieces };
        let parts: Vec<Value> = pieces
            .iter()
            .flat_map(|piece| match piece {
                Piece::Known(text) => vec![Value::string(Arc::clone(text))],
                Piece::Unknown(unknown) => {
                    self.spelled_out_reference(unknown).unwrap_or_else(|| vec![ValueKind::Unknown(Arc::clone(unknown)).into()])
                }
            })
            .collect();
        text::concat(&parts).unwrap_or_else(|_| value.clone())
    }

    fn spelled_out_reference(&self, unknown: &Unknown) -> Option<Vec<Value>> {
        let Reference::Attribute { address, attribute, .. } = unknown.refers_to.as_deref()? else { return None };
        names::parts_of(self.type_at(&address.0)?, attribute, unknown, &self.environment)
    }

    /// The type of a resource of this stack, by its address.
    pub(super) fn type_at(&self, address: &str) -> Option<&'t str> {
        let name = if self.address.is_empty() { address } else { address.strip_prefix(&*self.address)?.strip_prefix('/')? };
        self.resources.get(name).map(Entry::type_name)
    }

    pub(super) fn call_select(&self, argument: Expr<'t>, span: Span) -> Value {
        let [index, list] = match self.parts(argument, span, "Fn::Select") {
            Ok(parts) => parts,
            Err(value) => return written(value, span),
        };
        let index = match self.known_text(index) {
            Ok(text) => text,
            Err(value) => return written(derived(&value, Type::Dynamic), span),
        };
        let Ok(index) = index.trim().parse::<usize>() else {
            return written(self.world.invalid(span, format!("`Fn::Select` needs a number to select by, not `{index}`")), span);
        };
        written(self.select(index, list, span), span)
    }

    fn select(&self, index: usize, list: Expr<'t>, span: Span) -> Value {
        if let Some(call) = list.call().filter(|call| call.function == super::Function::Split) {
            return match self.split(call.argument, list.span()) {
                Ok(Parts { split: text::Split { items, open }, delimiter, whole }) => match (items.into_iter().nth(index), open) {
                    (Some(item), _) => item,
                    (None, Some(unknown)) => match whole {
                        Some(whole) => names::part_of(&whole, &delimiter, index),
                        None => Unknown::new(Type::String, unknown.causes.clone()).into(),
                    },
                    (None, None) => self.out_of_range(index, span),
                },
                Err(value) => derived(&value, Type::String),
            };
        }
        let Some(value) = self.operand(list) else { return self.out_of_range(index, span) };
        match (value.as_items(), value.as_unknown()) {
            (Some(items), _) => items.get(index).cloned().unwrap_or_else(|| self.out_of_range(index, span)),
            // A list that is an input, or is stored: its members are what its text is between the commas.
            (None, Some(unknown)) => names::part_of(unknown, ",", index),
            (None, None) => self.world.invalid(span, "`Fn::Select` needs a list to select from"),
        }
    }

    fn out_of_range(&self, index: usize, span: Span) -> Value {
        self.world.invalid(span, format!("`Fn::Select` cannot select a value at index {index}: the list is shorter"))
    }

    pub(super) fn call_base64(&self, argument: Expr<'t>, span: Span) -> Value {
        match self.known_text(argument) {
            Ok(text) => written(self.world.made(Value::string(STANDARD.encode(&*text)), span), span),
            Err(value) => written(Unknown::in_base64(&value).into(), span),
        }
    }

    pub(super) fn call_length(&self, argument: Expr<'t>, span: Span) -> Value {
        let value = self.operand(argument).unwrap_or_else(Value::null);
        let length = match (value.as_items(), value.as_entries()) {
            (Some(items), _) => items.len(),
            (_, Some(entries)) => entries.len(),
            _ if value.is_unknown() => return written(derived(&value, Type::Number), span),
            _ => return written(self.world.invalid(span, "`Fn::Length` needs a list"), span),
        };
        written(Value::int(i64::try_from(length).unwrap_or(i64::MAX)), span)
    }

    pub(super) fn call_to_json_string(&self, argument: Expr<'t>, span: Span) -> Value {
        let value = self.evaluate(argument).unwrap_or_else(Value::null);
        let mut parts = Vec::new();
        json(&value, &mut parts);
        let known: Result<Value, usize> = text::concat(&parts);
        written(self.world.made(known.expect("the parts are text"), span), span)
    }
}

/// JSON without spaces, in pieces; unknown texts stand where their characters would.
fn json(value: &Value, parts: &mut Vec<Value>) {
    match &value.kind {
        ValueKind::Tuple(items) => {
            parts.push(Value::string("["));
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    parts.push(Value::string(","));
                }
                json(item, parts);
            }
            parts.push(Value::string("]"));
        }
        ValueKind::Object(entries) => {
            parts.push(Value::string("{"));
            for (index, (name, entry)) in entries.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                parts.push(Value::string(format!("{comma}{}:", quoted(name))));
                json(entry, parts);
            }
            parts.push(Value::string("}"));
        }
        ValueKind::String(text) => parts.push(Value::string(quoted(text))),
        ValueKind::Unknown(unknown) if unknown.of == Type::String => {
            parts.extend([Value::string("\""), value.clone(), Value::string("\"")]);
        }
        ValueKind::Unknown(_) => parts.push(value.clone()),
        _ => parts.push(scalar::text_of(value).map_or_else(|| Value::string("null"), Value::string)),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
