//! Evaluating expressions, as HCL does: by the tree, with unknowns, marks and origins.

use crate::source::{Span, TextRange};
use crate::syntax::hcl::{BinaryOperator, Expr, ExprKind, ForExpr, ObjectItem, Operation};
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::failure::Failure;
use crate::terraform::scope::{Names, Scope};
use crate::terraform::{access, operators};
use crate::value::convert::{convert, unify};
use crate::value::{Entries, Hop, Marks, Number, Origin, Step, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// An evaluation's result.
pub type Evaluated = Result<Value, Failure>;

impl Engine<'_> {
    /// The value of an expression.
    pub fn eval(&self, expr: &Expr, scope: &Scope<'_>) -> Evaluated {
        self.deeper(|| expr.range.at(scope.file), || self.eval_kind(expr, scope))
    }

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
                written(Value::tuple(items))
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
            let compared = |value: &Value| match value.kind {
                ValueKind::Resource(_) => Engine::opaque(value),
                _ => value.clone(),
            };
            value = operators::binary(operator, &compared(&value), &compared(&right))
                .map(|value| value.with_origin(Origin::written(span)))
                .map_err(|message| Failure::new(span, message))?;
        }
        Ok(value)
    }

    fn conditional(&self, condition: &Expr, then: &Expr, otherwise: &Expr, span: Span, scope: &Scope<'_>) -> Evaluated {
        let condition_span = condition.range.at(scope.file);
        let condition = self.eval(condition, scope)?;
        if condition.is_null() {
            return Err(Failure::new(
                condition_span,
                "null condition: the condition value is null, conditions must either be true or false",
            ));
        }
        let condition = convert(&condition, &Type::Bool)
            .map_err(|_| Failure::new(condition_span, "incorrect condition type: the condition expression must be of type bool"))?;
        let chosen = condition.as_bool();
        if self.fidelity == Fidelity::Scan
            && let Some(chosen) = chosen
        {
            // The other branch matters for the result's type only, and not even for that where the result is a string or a resource.
            let value = self.eval(if chosen { then } else { otherwise }, scope)?;
            if matches!(value.type_of(), Type::String) || matches!(value.kind, ValueKind::Resource(_)) {
                return Ok(value.with_marks(condition.marks));
            }
        }
        let (then, otherwise) = (self.eval(then, scope), self.eval(otherwise, scope));
        let type_of = |value: &Evaluated| value.as_ref().map_or(Type::Dynamic, Value::type_of);
        let untyped_null = |value: &Evaluated| value.as_ref().is_ok_and(|value| value.is_null() && value.type_of() == Type::Dynamic);
        let (then_type, otherwise_type) = (type_of(&then), type_of(&otherwise));
        let of = if untyped_null(&then) {
            Some(otherwise_type.clone())
        } else if untyped_null(&otherwise) {
            Some(then_type.clone())
        } else {
            unify(&[then_type.clone(), otherwise_type.clone()])
        };
        let Some(of) = of else {
            return Err(Failure::new(
                span,
                format!(
                    "inconsistent conditional result types: the true and false result expressions must have consistent types, but are {} and {}",
                    then_type.friendly_name(),
                    otherwise_type.friendly_name()
                ),
            ));
        };
        match chosen {
            Some(chosen) => {
                let value = if chosen { then } else { otherwise }?;
                let value = if of == Type::Dynamic || value.type_of() == of {
                    value
                } else {
                    convert(&value, &of).map_err(|message| Failure::new(span, message))?
                };
                Ok(value.with_marks(condition.marks))
            }
            None => {
                let (then, otherwise) = (then?, otherwise?);
                Ok(self.undecided(&condition, &then, &otherwise, of, span))
            }
        }
    }

    fn object(&self, items: &[ObjectItem], span: Span, scope: &Scope<'_>) -> Evaluated {
        let mut entries = Entries::new();
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
            let key = convert(&key, &Type::String)
                .map_err(|_| Failure::new(key_span, "incorrect key type: can't use this value as a key: string required"))?;
            marks = marks.union(key.marks);
            match &key.kind {
                ValueKind::String(name) => {
                    entries.insert(Arc::clone(name), value);
                }
                _ => unknown_key = Some(key),
            }
        }
        let value = match unknown_key {
            Some(key) => Unknown::new(Type::Dynamic, key.causes()).not_null().into(),
            None => Value::object(entries),
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
        let mut undecided: Vec<crate::value::Cause> = Vec::new();
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
                let value = convert(&value, &Type::Bool)
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
            let key = convert(&key, &Type::String)
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
                if let Some(resource) = Self::unsettled_resource(value) {
                    return Ok(Value::from(ValueKind::Resource(resource)).with_marks(value.marks));
                }
                let key = Value::int(i64::try_from(*index).unwrap_or(i64::MAX));
                access::index(value, &key).map_err(|message| Failure::new(range.at(scope.file), message))
            }
            Operation::Splat { each, range, .. } => self.splat(value, each, TextRange { start, end: range.end }.at(scope.file), scope),
        }
    }

    fn splat(&self, value: &Value, each: &[Operation], span: Span, scope: &Scope<'_>) -> Evaluated {
        let marks = value.marks;
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
                let of = results.first().map_or_else(|| element_after(element, each), Value::type_of);
                let value: Value = if results.iter().all(|result| result.type_of() == of) {
                    ValueKind::List(of, Arc::new(results)).into()
                } else {
                    Value::tuple(results)
                };
                Ok(value.with_marks(marks).with_origin(value_origin(span)))
            }
            ValueKind::Tuple(items) => {
                let results =
                    items.iter().map(|item| self.operations(item.clone(), each, span.range.start, scope)).collect::<Result<Vec<_>, _>>()?;
                Ok(Value::tuple(results).with_marks(marks).with_origin(value_origin(span)))
            }
            ValueKind::Unknown(unknown) => {
                if matches!(unknown.of, Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic) {
                    let of = match &unknown.of {
                        Type::List(of) | Type::Set(of) if **of != Type::Dynamic => {
                            // What cannot be done with any element is refused although there may be none.
                            let element: Value = Unknown::new((**of).clone(), unknown.causes.clone()).into();
                            match self.operations(element, each, span.range.start, scope)?.type_of() {
                                Type::Dynamic => Type::Dynamic,
                                of => Type::List(Arc::new(of)),
                            }
                        }
                        _ => Type::Dynamic,
                    };
                    let mut result = Unknown::new(of, unknown.causes.clone());
                    result.not_null = true;
                    result.length = unknown.length;
                    return Ok(Value::from(result).with_marks(marks).with_origin(value_origin(span)));
                }
                // An unknown that is no sequence: one element, if it turns out not to be null.
                if !unknown.not_null {
                    return Ok(Value::from(Unknown::new(Type::Dynamic, unknown.causes.clone()).not_null()).with_marks(marks));
                }
                let result = self.operations(value.clone(), each, span.range.start, scope)?;
                Ok(Value::tuple(vec![result]).with_marks(marks).with_origin(value_origin(span)))
            }
            _ => {
                let result = self.operations(value.clone(), each, span.range.start, scope)?;
                Ok(Value::tuple(vec![result]).with_marks(marks).with_origin(value_origin(span)))
            }
        }
    }
}

fn value_origin(span: Span) -> Origin {
    Origin::written(span)
}

/// The type of an element after the splat's operations, as far as it is known without an element.
fn element_after(element: &Type, each: &[Operation]) -> Type {
    let mut of = element.clone();
    for operation in each {
        of = match (&of, operation) {
            (Type::Object(attributes), Operation::Attribute(name)) => attributes.get(&name.name).cloned().unwrap_or(Type::Dynamic),
            (Type::Map(of), Operation::Attribute(_) | Operation::Index(_))
            | (Type::List(of), Operation::Index(_) | Operation::LegacyIndex(..)) => (**of).clone(),
            _ => Type::Dynamic,
        };
    }
    of
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

impl Engine<'_> {
    /// The result of a conditional whose condition is not known: what both branches have in common.
    fn undecided(&self, condition: &Value, then: &Value, otherwise: &Value, of: Type, span: Span) -> Value {
        let marks = condition.marks.union(then.marks).union(otherwise.marks);
        let convert_to =
            |value: &Value| if of == Type::Dynamic { value.clone() } else { convert(value, &of).unwrap_or_else(|_| value.clone()) };
        let (then, otherwise) = (convert_to(then), convert_to(otherwise));
        let same = of.is_primitive()
            && then.is_wholly_known()
            && otherwise.is_wholly_known()
            && crate::value::ops::equal(&then, &otherwise).as_bool() == Some(true);
        if same {
            return then.with_marks(marks).with_origin(Origin::new(Hop { step: Step::Written, span, before: Origin::default() }));
        }
        let mut causes = condition.causes();
        causes.extend(then.causes());
        causes.extend(otherwise.causes());
        let mut unknown = Unknown::new(of, causes);
        let never_null = |value: &Value| match &value.kind {
            ValueKind::Null(_) => false,
            ValueKind::Unknown(unknown) => unknown.not_null,
            _ => true,
        };
        unknown.not_null = never_null(&then) && never_null(&otherwise);
        if unknown.not_null {
            // Terraform does not look for a common beginning, so neither does a plan of ours.
            if self.fidelity == Fidelity::Scan
                && let (Some(a), Some(b)) = (prefix(&then), prefix(&otherwise))
            {
                let common: String = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
                unknown.prefix = (!common.is_empty()).then(|| common.into());
            }
            if let (Some(a), Some(b)) = (whole(&then), whole(&otherwise)) {
                unknown.bounds = Some((a.min(b), a.max(b)));
            }
            if let (Some(a), Some(b)) = (length(&then), length(&otherwise)) {
                unknown.length = (a.0.min(b.0), a.1.zip(b.1).map(|(a, b)| a.max(b)));
            }
        }
        Value::from(unknown).with_marks(marks).with_origin(Origin::written(span))
    }
}

/// A whole number that is not negative.
fn whole(value: &Value) -> Option<u64> {
    value.as_number().and_then(Number::to_i64).and_then(|number| u64::try_from(number).ok())
}

fn prefix(value: &Value) -> Option<&str> {
    match &value.kind {
        ValueKind::String(text) => Some(text),
        ValueKind::Unknown(unknown) => unknown.prefix.as_deref(),
        _ => None,
    }
}

fn length(value: &Value) -> Option<(u64, Option<u64>)> {
    match &value.kind {
        ValueKind::List(_, items) | ValueKind::Set(_, items) => Some((items.len() as u64, Some(items.len() as u64))),
        ValueKind::Map(_, entries) => Some((entries.len() as u64, Some(entries.len() as u64))),
        ValueKind::Unknown(unknown) if matches!(unknown.of, Type::List(_) | Type::Set(_) | Type::Map(_)) => Some(unknown.length),
        _ => None,
    }
}
