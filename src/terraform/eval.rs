//! Evaluating expressions, as HCL does: by the tree, with unknowns, marks and origins.

use crate::source::{Span, TextRange};
use crate::syntax::hcl::{BinaryOperator, Expr, ExprKind, ForExpr, ObjectItem, Operation};
use crate::terraform::engine::Engine;
use crate::terraform::failure::Failure;
use crate::terraform::scope::{Names, Scope};
use crate::terraform::{access, operators};
use crate::value::convert::into_type;
use crate::value::{Cause, Entries, Marks, Number, Origin, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// An evaluation's result.
pub type Evaluated = Result<Value, Failure>;

impl Engine<'_> {
    /// The value of an expression.
    pub fn eval(&self, expr: &Expr, scope: &Scope<'_>) -> Evaluated {
        self.deeper(|| expr.range.at(scope.file), || self.eval_kind(expr, scope))
    }

    #[inline]
    fn eval_kind(&self, expr: &Expr, scope: &Scope<'_>) -> Evaluated {
        let span = expr.range.at(scope.file);
        let written = |value: Value| Ok(value.with_origin(Origin::written(span)));
        match &expr.kind {
            ExprKind::Null => written(Value::null()),
            ExprKind::Bool(value) => written(Value::bool(*value)),
            ExprKind::Number(text) => match Number::parse(text) {
                Some(number) => written(ValueKind::Number(number).into()),
                None => Err(Failure::new(span, format!("`{text}` is not a number"))),
            },
            ExprKind::String(text) => written(Value::string(Arc::clone(text))),
            ExprKind::Template(parts) => self.template(parts, span, scope),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => self.eval(inner, scope),
            ExprKind::Traversal { root, operations } => self.traversal(root, operations, span, scope),
            ExprKind::Relative { source, operations } => {
                let value = self.eval(source, scope)?;
                self.operations(value, operations, source.range.start, scope)
            }
            ExprKind::Call { name, arguments, expand_final } => self.call(name, arguments, *expand_final, span, scope),
            ExprKind::Unary(operator, operand) => {
                let operand = self.eval(operand, scope)?;
                operators::unary(*operator, &operand)
                    .map(|value| value.with_origin(Origin::written(span)))
                    .map_err(|message| Failure::new(span, message))
            }
            ExprKind::Binary(..) => self.binary(expr, scope),
            ExprKind::Conditional(condition, then, otherwise) => self.conditional(condition, then, otherwise, span, scope),
            ExprKind::Tuple(items) => {
                let items = items.iter().map(|item| self.eval(item, scope)).collect::<Result<Vec<_>, _>>()?;
                self.filled(items.len(), || span).and_then(|()| written(Value::tuple(items)))
            }
            ExprKind::Object(items) => self.object(items, span, scope),
            ExprKind::For(expression) => self.for_expression(expression, span, scope),
            ExprKind::Invalid => Err(Failure::new(span, "this expression could not be parsed")),
        }
    }

    /// A chain of binary operators leans to the left: its spine is walked in a loop, so that a long sum needs no deep stack.
    fn binary(&self, expr: &Expr, scope: &Scope<'_>) -> Evaluated {
        let mut spine: Vec<(BinaryOperator, &Expr, Span)> = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::Binary(operator, left, right) = &leftmost.kind {
            spine.push((*operator, right, leftmost.range.at(scope.file)));
            leftmost = left;
        }
        let mut value = self.eval(leftmost, scope)?;
        while let Some((operator, right, span)) = spine.pop() {
            let right = self.eval(right, scope)?;
            let compared = |value: Value| match value.kind {
                ValueKind::Resource(_) => Engine::opaque(&value),
                _ => value,
            };
            value = operators::binary(operator, &compared(value), &compared(right))
                .map(|value| value.with_origin(Origin::written(span)))
                .map_err(|message| Failure::new(span, message))?;
        }
        Ok(value)
    }

    fn object(&self, items: &[ObjectItem], span: Span, scope: &Scope<'_>) -> Evaluated {
        let mut entries = Vec::with_capacity(items.len());
        let mut unknown_key: Option<Value> = None;
        let mut marks = Marks::NONE;
        for item in items {
            let key_span = item.key.range.at(scope.file);
            let key = match &item.key.kind {
                ExprKind::Null => Value::string("null"),
                ExprKind::Traversal { .. } => {
                    let message = "ambiguous attribute key: if this expression is intended to be a reference, wrap it in parentheses; if it's instead intended as a literal name containing periods, wrap it in quotes";
                    return Err(Failure::new(key_span, message));
                }
                _ => self.eval(&item.key, scope)?,
            };
            let value = self.eval(&item.value, scope)?;
            if key.is_null() {
                return Err(Failure::new(key_span, "null value as key: can't use a null value as a key"));
            }
            let key = into_type(key, &Type::String)
                .map_err(|_| Failure::new(key_span, "incorrect key type: can't use this value as a key: string required"))?;
            marks = marks.union(key.marks);
            match &key.kind {
                ValueKind::String(name) => entries.push((Arc::clone(name), value)),
                _ => unknown_key = Some(key),
            }
        }
        self.filled(2 * entries.len(), || span)?;
        let value = match unknown_key {
            Some(key) => Unknown::new(Type::Dynamic, key.causes()).not_null().into(),
            // Of a key that comes twice, the last one counts.
            None => Value::object(Entries::from_iter(entries)),
        };
        Ok(value.with_marks(marks).with_origin(Origin::written(span)))
    }

    fn for_expression(&self, expression: &ForExpr, span: Span, scope: &Scope<'_>) -> Evaluated {
        let collection_span = expression.collection.range.at(scope.file);
        let collection = self.eval(&expression.collection, scope)?;
        if collection.is_null() {
            return Err(Failure::new(
                collection_span,
                "iteration over null value: a null value cannot be used as the collection in a 'for' expression",
            ));
        }
        let marks = collection.marks;
        let Some(elements) = elements(&collection) else {
            if let Some(unknown) = collection.as_unknown() {
                if unknown.of.is_primitive() {
                    return Err(Failure::new(collection_span, "iteration over non-iterable value"));
                }
                return Ok(Value::from(Unknown::new(Type::Dynamic, unknown.causes.clone()))
                    .with_marks(marks)
                    .with_origin(Origin::written(span)));
            }
            if matches!(collection.kind, ValueKind::Resource(_)) {
                return Ok(Engine::opaque(&collection).with_marks(marks));
            }
            return Err(Failure::new(
                collection_span,
                format!(
                    "iteration over non-iterable value: a value of type {} cannot be used as the collection in a 'for' expression",
                    collection.type_of().friendly_name()
                ),
            ));
        };
        let mut items: Vec<Value> = Vec::new();
        let mut entries: std::collections::BTreeMap<Arc<str>, Vec<Value>> = std::collections::BTreeMap::new();
        let mut undecided: Vec<Cause> = Vec::new();
        let mut is_undecided = false;
        let mut marks = marks;
        for (key, element) in elements {
            let key_name = Names { name: expression.key_name.as_ref().map_or("", |name| &name.name), value: key, outer: scope.names };
            let value_name = Names { name: &expression.value_name.name, value: element, outer: Some(&key_name) };
            let inner = scope.with(&value_name);
            if let Some(condition) = &expression.condition {
                let at = condition.range.at(scope.file);
                let value = self.eval(condition, &inner)?;
                if value.is_null() {
                    return Err(Failure::new(at, "condition is null: the value of the 'if' clause must not be null"));
                }
                let value = into_type(value, &Type::Bool)
                    .map_err(|_| Failure::new(at, "invalid 'for' condition: the 'if' clause value is invalid: bool required"))?;
                marks = marks.union(value.marks);
                match value.as_bool() {
                    Some(true) => {}
                    Some(false) => continue,
                    None => {
                        undecided.extend(value.causes());
                        is_undecided = true;
                        continue;
                    }
                }
            }
            let Some(key) = &expression.key else {
                items.push(self.eval(&expression.value, &inner)?);
                continue;
            };
            let at = key.range.at(scope.file);
            let key = self.eval(key, &inner)?;
            if key.is_null() {
                return Err(Failure::new(at, "invalid object key: key expression in 'for' expression must not produce a null value"));
            }
            let key = into_type(key, &Type::String)
                .map_err(|_| Failure::new(at, "invalid object key: the key expression produced an invalid result: string required"))?;
            marks = marks.union(key.marks);
            let ValueKind::String(name) = &key.kind else {
                undecided.extend(key.causes());
                is_undecided = true;
                continue;
            };
            let value = self.eval(&expression.value, &inner)?;
            let slot = entries.entry(Arc::clone(name)).or_default();
            if !slot.is_empty() && !expression.group {
                return Err(Failure::new(
                    at,
                    format!(
                        "duplicate object key: two different items produced the key `{name}` in this 'for' expression; if duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key"
                    ),
                ));
            }
            slot.push(value);
        }
        self.filled(items.len() + 2 * entries.values().map(Vec::len).sum::<usize>(), || span)?;
        let value = if is_undecided {
            Unknown::new(Type::Dynamic, undecided).into()
        } else if expression.key.is_none() {
            Value::tuple(items)
        } else if expression.group {
            Value::object(entries.into_iter().map(|(name, values)| (name, Value::tuple(values))).collect())
        } else {
            Value::object(entries.into_iter().filter_map(|(name, mut values)| Some((name, values.pop()?))).collect())
        };
        Ok(value.with_marks(marks).with_origin(Origin::written(span)))
    }

    /// Applies what follows a value.
    pub fn operations(&self, mut value: Value, operations: &[Operation], start: u32, scope: &Scope<'_>) -> Evaluated {
        for operation in operations {
            value = self.operation(&value, operation, start, scope)?;
        }
        Ok(value)
    }

    fn operation(&self, value: &Value, operation: &Operation, start: u32, scope: &Scope<'_>) -> Evaluated {
        match operation {
            Operation::Attribute(name) => {
                // What the reader sees is the reference up to here.
                let span = TextRange { start, end: name.range.end }.at(scope.file);
                if let ValueKind::Resource(reference) = &value.kind {
                    return self.resource_attribute(reference, &name.name, value.marks, span);
                }
                if let Some(resource) = Self::unsettled_resource(value) {
                    return self.resource_attribute(&resource, &name.name, value.marks, span);
                }
                access::attribute(value, &name.name).map_err(|message| Failure::new(span, message))
            }
            Operation::Index(key) => {
                let span = key.range.at(scope.file);
                let key = self.eval(key, scope)?;
                if let ValueKind::Resource(reference) = &value.kind
                    && let ValueKind::String(name) = &key.kind
                {
                    return self.resource_attribute(reference, name, value.marks.union(key.marks), span);
                }
                if let Some(resource) = Self::unsettled_resource(value) {
                    let instance = self.instance_of_unsettled(&resource, &key);
                    return Ok(Value::from(ValueKind::Resource(instance)).with_marks(value.marks.union(key.marks)));
                }
                access::index(value, &key).map_err(|message| Failure::new(span, message))
            }
            Operation::LegacyIndex(index, range) => {
                let key = Value::int(i64::try_from(*index).unwrap_or(i64::MAX));
                if let Some(resource) = Self::unsettled_resource(value) {
                    let instance = self.instance_of_unsettled(&resource, &key);
                    return Ok(Value::from(ValueKind::Resource(instance)).with_marks(value.marks));
                }
                access::index(value, &key).map_err(|message| Failure::new(range.at(scope.file), message))
            }
            Operation::Splat { each, range, .. } => self.splat(value, each, TextRange { start, end: range.end }.at(scope.file), scope),
        }
    }

    fn splat(&self, value: &Value, each: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let marks = value.marks;
        self.filled(value.as_items().map_or(0, <[Value]>::len), || span)?;
        if value.is_null() {
            // A null that is a list or set is refused; any other null is no value at all.
            if matches!(value.type_of(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
                return Err(Failure::new(
                    span,
                    "splat of null value: splat expressions (with the * symbol) cannot be applied to null sequences",
                ));
            }
            return Ok(Value::tuple(Vec::new()).with_marks(marks).with_origin(Origin::written(span)));
        }
        match &value.kind {
            ValueKind::List(element, items) | ValueKind::Set(element, items) => {
                let results =
                    items.iter().map(|item| self.operations(item.clone(), each, span.range.start, scope)).collect::<Result<Vec<_>, _>>()?;
                let of = match results.first() {
                    Some(first) => first.type_of(),
                    None => self.type_after(element, Vec::new(), each, span, scope)?,
                };
                let value: Value = if results.iter().all(|result| result.is_of(&of)) {
                    ValueKind::List(of, Arc::new(results)).into()
                } else {
                    Value::tuple(results)
                };
                Ok(value.with_marks(marks).with_origin(Origin::written(span)))
            }
            ValueKind::Tuple(items) => {
                let results =
                    items.iter().map(|item| self.operations(item.clone(), each, span.range.start, scope)).collect::<Result<Vec<_>, _>>()?;
                Ok(Value::tuple(results).with_marks(marks).with_origin(Origin::written(span)))
            }
            ValueKind::Unknown(unknown) => {
                if matches!(unknown.of, Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic) {
                    let of = match &unknown.of {
                        Type::List(of) | Type::Set(of) => match self.type_after(of, unknown.causes.clone(), each, span, scope)? {
                            Type::Dynamic => Type::Dynamic,
                            of => Type::List(Arc::new(of)),
                        },
                        _ => Type::Dynamic,
                    };
                    let mut result = Unknown::new(of, unknown.causes.clone());
                    result.not_null = true;
                    result.length = unknown.length;
                    return Ok(Value::from(result).with_marks(marks).with_origin(Origin::written(span)));
                }
                // An unknown that is no sequence: one element, if it turns out not to be null.
                let result = self.operations(value.clone(), each, span.range.start, scope)?;
                if !unknown.not_null {
                    return Ok(Value::from(Unknown::new(Type::Dynamic, unknown.causes.clone()).not_null()).with_marks(marks));
                }
                Ok(Value::tuple(vec![result]).with_marks(marks).with_origin(Origin::written(span)))
            }
            _ => {
                let result = self.operations(value.clone(), each, span.range.start, scope)?;
                Ok(Value::tuple(vec![result]).with_marks(marks).with_origin(Origin::written(span)))
            }
        }
    }

    /// The type of an element after a splat's operations. What cannot be done with any element is refused although there may be none.
    fn type_after(&self, element: &Type, causes: Vec<Cause>, each: &[Operation], span: Span, scope: &Scope<'_>) -> Result<Type, Failure> {
        if *element == Type::Dynamic {
            return Ok(Type::Dynamic);
        }
        let element: Value = Unknown::new(element.clone(), causes).into();
        Ok(self.operations(element, each, span.range.start, scope)?.type_of())
    }
}

/// The elements of a collection with their keys, in iteration order; `None` if it is none, or unknown.
pub fn elements(collection: &Value) -> Option<Vec<(Value, Value)>> {
    let numbered = |items: &[Value]| items.iter().zip(0..).map(|(item, index)| (Value::int(index), item.clone())).collect();
    match &collection.kind {
        ValueKind::List(_, items) | ValueKind::Tuple(items) => Some(numbered(items)),
        ValueKind::Set(_, items) => Some(items.iter().map(|item| (item.clone(), item.clone())).collect()),
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
            Some(entries.iter().map(|(name, value)| (Value::string(Arc::clone(name)), value.clone())).collect())
        }
        _ => None,
    }
}
