//! Evaluating templates: quoted strings and heredocs with interpolations and directives, and template files.

use crate::source::Span;
use crate::syntax::hcl::TemplatePart;
use crate::terraform::engine::Engine;
use crate::terraform::eval::{Evaluated, elements};
use crate::terraform::failure::Failure;
use crate::terraform::scope::{Names, Scope};
use crate::value::convert::{convert, into_type};
use crate::value::{Marks, Origin, Type, Unknown, Value};
use std::sync::Arc;

/// Bytes of one rendered template.
const MAX_TEMPLATE: usize = 16 * 1024 * 1024;

impl Engine<'_> {
    /// A template of several parts: always a string.
    pub fn template(&self, parts: &[TemplatePart], span: Span, scope: &Scope<'_>) -> Evaluated {
        self.may_make_text(|| span)?;
        let mut pieces = Vec::new();
        let mut size = 0;
        self.template_parts(parts, scope, &mut pieces, &mut size)?;
        let text = self.made(crate::value::text::concat(&pieces), || span)?;
        Ok(text.with_origin(Origin::written(span)))
    }

    fn template_parts(&self, parts: &[TemplatePart], scope: &Scope<'_>, pieces: &mut Vec<Value>, size: &mut usize) -> Result<(), Failure> {
        for part in parts {
            match part {
                TemplatePart::Literal(text, range) => {
                    *size += text.len();
                    if *size > MAX_TEMPLATE {
                        return Err(Failure::limit(
                            range.at(scope.file),
                            format!("this template renders to more than {MAX_TEMPLATE} bytes"),
                        ));
                    }
                    pieces.push(Value::string(Arc::clone(text)));
                }
                TemplatePart::Interpolation(expr) => {
                    let span = expr.range.at(scope.file);
                    let value = self.eval(expr, scope)?;
                    let text = as_text(value, span)?;
                    *size += text.as_str().map_or(0, str::len);
                    if *size > MAX_TEMPLATE {
                        return Err(Failure::limit(span, format!("this template renders to more than {MAX_TEMPLATE} bytes")));
                    }
                    pieces.push(text);
                }
                TemplatePart::If { condition, then, otherwise, .. } => {
                    let span = condition.range.at(scope.file);
                    let value = self.eval(condition, scope)?;
                    if value.is_null() {
                        return Err(Failure::new(span, "null condition: the condition value is null"));
                    }
                    let value = into_type(value, &Type::Bool)
                        .map_err(|_| Failure::new(span, "incorrect condition type: the condition expression must be of type bool"))?;
                    match value.as_bool() {
                        Some(chosen) => {
                            let before = pieces.len();
                            self.template_parts(if chosen { then } else { otherwise }, scope, pieces, size)?;
                            mark(pieces, before, value.marks);
                        }
                        None => pieces.push(Value::from(Unknown::new(Type::String, value.causes()).not_null()).with_marks(value.marks)),
                    }
                }
                TemplatePart::For { key_name, value_name, collection, body, .. } => {
                    let span = collection.range.at(scope.file);
                    let value = self.eval(collection, scope)?;
                    if value.is_null() {
                        return Err(Failure::new(
                            span,
                            "iteration over null value: a null value cannot be used as the collection in a 'for' directive",
                        ));
                    }
                    let Some(elements) = elements(&value) else {
                        if value.is_unknown() {
                            pieces.push(Value::from(Unknown::new(Type::String, value.causes()).not_null()).with_marks(value.marks));
                            continue;
                        }
                        return Err(Failure::new(span, "iteration over non-iterable value"));
                    };
                    let before = pieces.len();
                    for (key, element) in elements {
                        let key_name = Names { name: key_name.as_ref().map_or("", |name| &name.name), value: key, outer: scope.names };
                        let value_name = Names { name: &value_name.name, value: element, outer: Some(&key_name) };
                        self.template_parts(body, &scope.with(&value_name), pieces, size)?;
                    }
                    mark(pieces, before, value.marks);
                }
            }
        }
        Ok(())
    }
}

/// Marks what a directive gave; where it gave nothing, an empty text carries the marks.
fn mark(pieces: &mut Vec<Value>, from: usize, marks: Marks) {
    if marks.is_empty() {
        return;
    }
    pieces.push(Value::string(""));
    for piece in &mut pieces[from..] {
        piece.marks = piece.marks.union(marks);
    }
}

/// The value of an interpolation as text.
fn as_text(value: Value, span: Span) -> Evaluated {
    if value.is_of(&Type::String) && !value.is_null() {
        return Ok(value);
    }
    if value.is_null() {
        return Err(Failure::new(
            span,
            "invalid template interpolation value: the expression result is null, cannot include a null value in a string template",
        ));
    }
    convert(&value, &Type::String).map_err(|_| {
        Failure::new(
            span,
            format!(
                "invalid template interpolation value: cannot include the given value in a string template: string required, have {}",
                value.type_of().friendly_name()
            ),
        )
    })
}
