//! `Fn::FindInMap`, `Fn::ImportValue`, `Fn::GetAZs`.

use super::{derived, through, written};
use crate::cloudformation::expression::Expr;
use crate::cloudformation::parameter;
use crate::cloudformation::scalar;
use crate::cloudformation::stack::{Stack, Table};
use crate::cloudformation::world::Mode;
use crate::source::Span;
use crate::value::json::from_json;
use crate::value::{Cause, CauseKind, Piece, Reference, Step, Type, Unknown, Value};
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

/// How many zones a simulated Region has, as emulators number them.
const SIMULATED_ZONES: [char; 3] = ['a', 'b', 'c'];

impl<'t> Stack<'t> {
    pub(super) fn call_find_in_map(&self, argument: Expr<'t>, span: Span) -> Option<Value> {
        let parts: Vec<Expr<'t>> = argument.items().into_iter().flatten().collect();
        let (keys, default) = match parts.as_slice() {
            [map, top, second] => ([*map, *top, *second], None),
            [map, top, second, options] => ([*map, *top, *second], options.get("DefaultValue")),
            _ => return Some(written(self.world.invalid(span, "`Fn::FindInMap` needs a map's name and two keys"), span)),
        };
        let mut texts: Vec<Arc<str>> = Vec::with_capacity(3);
        let mut unknown: Vec<Cause> = Vec::new();
        for key in keys {
            match self.known_text(key) {
                Ok(text) => texts.push(text),
                Err(value) => unknown.extend(value.causes()),
            }
        }
        if !unknown.is_empty() {
            return Some(written(self.any_of_map(keys, unknown), span));
        }
        let step = Step::Mapping(Arc::from(texts.join(".")));
        let cell = self.table(&texts[0]).and_then(|table| self.cell(&table, &texts[1], &texts[2]));
        match (cell, default) {
            (Some(value), _) => Some(through(value, step, span)),
            (None, Some(default)) => self.evaluate(default).map(|value| written(value, span)),
            (None, None) => {
                if let Some(cause) = self.may_have(span) {
                    return Some(written(Unknown::new(Type::Dynamic, vec![cause]).into(), span));
                }
                let message = format!("unable to get mapping for `{}::{}::{}`", texts[0], texts[1], texts[2]);
                Some(written(self.world.invalid(span, message), span))
            }
        }
    }

    /// A mapping by its name, indexed when first asked for.
    fn table(&self, name: &str) -> Option<Rc<Table<'t>>> {
        if let Some(table) = self.tables.borrow().get(name) {
            return Some(Rc::clone(table));
        }
        let (name, entry) = self.mappings.get_key_value(name)?;
        let mut table = Table::default();
        for (top, row) in entry.body.pairs().into_iter().flatten() {
            let Some(top) = parameter::text_of(top) else { continue };
            table.rows += 1;
            for (second, cell) in row.pairs().into_iter().flatten() {
                let Some(second) = parameter::text_of(second) else { continue };
                table.cells.insert((Arc::clone(&top), second), cell);
            }
        }
        let table = Rc::new(table);
        self.tables.borrow_mut().insert(Arc::clone(name), Rc::clone(&table));
        Some(table)
    }

    /// The value of a cell, evaluated once.
    fn cell(&self, table: &Table<'t>, top: &Arc<str>, second: &Arc<str>) -> Option<Value> {
        let key = (Arc::clone(top), Arc::clone(second));
        let cell = table.cells.get(&key)?;
        if let Some(value) = table.found.borrow().get(&key) {
            return Some(value.clone());
        }
        let value = self.evaluate(*cell)?;
        table.found.borrow_mut().insert(key, value.clone());
        Some(value)
    }

    /// A lookup of which a key is unknown: where all values that it may find are the same, that is the value.
    fn any_of_map(&self, [map, _, second]: [Expr<'t>; 3], causes: Vec<Cause>) -> Value {
        let unknown = Value::from(Unknown::new(Type::Dynamic, causes.clone()));
        let (Ok(map), Ok(second)) = (self.known_text(map), self.known_text(second)) else { return unknown };
        let Some(table) = self.table(&map) else { return unknown };
        let known = table.of_column.borrow().get(&second).cloned();
        let column = known.unwrap_or_else(|| {
            let column = self.column(&table, &second);
            table.of_column.borrow_mut().insert(Arc::clone(&second), column.clone());
            column
        });
        match column.as_unknown() {
            Some(column) => Unknown { of: column.of.clone(), not_null: column.not_null, ..Unknown::new(Type::Dynamic, causes) }.into(),
            None => column,
        }
    }

    /// What all cells under one second key have in common.
    fn column(&self, table: &Table<'t>, second: &str) -> Value {
        let cells: Vec<Option<Value>> = table
            .cells
            .iter()
            .filter(|((_, name), _)| **name == *second)
            .map(|(_, cell)| self.world.guess(|| self.operand(*cell)))
            .collect();
        let text = |value: &Option<Value>| value.as_ref().and_then(scalar::text_of);
        let all_there = cells.len() == table.rows && cells.iter().all(|value| text(value).is_some());
        match cells.as_slice() {
            [Some(first), rest @ ..] if all_there && rest.iter().all(|other| text(other) == scalar::text_of(first)) => first.clone(),
            _ if all_there => Unknown::new(Type::String, Vec::new()).not_null().into(),
            _ => Unknown::new(Type::Dynamic, Vec::new()).into(),
        }
    }

    pub(super) fn call_import_value(&self, argument: Expr<'t>, span: Span) -> Value {
        let Some(name) = self.operand(argument).filter(|_| !super::is_missing(argument)) else {
            return written(self.world.invalid(span, "`Fn::ImportValue` needs the name of an export"), span);
        };
        let text = template_text(&name);
        let fact = scalar::text_of(&name).and_then(|name| self.world.context.inputs.facts.exports.get(&*name));
        let step = Step::Import(Arc::from(text.as_str()));
        if let Some(fact) = fact {
            return through(through(from_json(fact.clone()), Step::Fact(Arc::from(text.as_str())), span), step, span);
        }
        let reference = Arc::new(Reference::Export { name: Arc::from(text.as_str()) });
        let cause = Cause::new(CauseKind::External, format!("export {text}"), Some(span));
        through(Unknown::attribute(reference, Type::String, cause).into(), step, span)
    }

    pub(super) fn call_get_azs(&self, argument: Expr<'t>, span: Span) -> Value {
        let region = match self.operand(argument) {
            Some(value) if scalar::text_of(&value).is_some_and(|text| text.is_empty()) => self.environment.region.clone(),
            Some(value) if !super::is_missing(argument) => value,
            _ => self.environment.region.clone(),
        };
        match (self.world.mode, scalar::text_of(&region)) {
            (Mode::Simulate, Some(region)) => {
                written(Value::tuple(SIMULATED_ZONES.iter().map(|zone| Value::string(format!("{region}{zone}"))).collect()), span)
            }
            _ => {
                let cause = Cause::new(CauseKind::Environment, "Fn::GetAZs", Some(span));
                let mut causes = derived(&region, Type::Dynamic).causes();
                causes.push(cause);
                written(Unknown::new(Type::Dynamic, causes).not_null().into(), span)
            }
        }
    }
}

/// A wholly or partly known text, with `${…}` for what is not known.
pub fn template_text(value: &Value) -> String {
    let mut out = String::new();
    let name = |unknown: &Unknown| match (unknown.refers_to.as_deref(), unknown.causes.first()) {
        (Some(reference), _) => reference.to_string(),
        (None, Some(cause)) => cause.name.to_string(),
        (None, None) => "unknown".to_owned(),
    };
    match (scalar::text_of(value), value.as_unknown()) {
        (Some(text), _) => out.push_str(&text),
        (None, Some(unknown)) if unknown.pieces.is_empty() => {
            let _ = write!(out, "${{{}}}", name(unknown));
        }
        (None, Some(unknown)) => {
            for piece in &unknown.pieces {
                let _ = match piece {
                    Piece::Known(text) => write!(out, "{text}"),
                    Piece::Unknown(unknown) => write!(out, "${{{}}}", name(unknown)),
                };
            }
        }
        (None, None) => {}
    }
    out
}
