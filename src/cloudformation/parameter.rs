//! Parameters: what a template declares of them, and what a text given for one is worth.
//!
//! A parameter's value is text, or a list of texts; a `Number` stays the text that was given (`010` stays `010`). Where the text
//! comes from (an option, a file, a parent stack, the default) is not known here.

use super::expression::Expr;
use super::scalar;
use super::world::World;
use crate::source::Span;
use crate::value::json::from_json;
use crate::value::{Cause, CauseKind, Reference, Type, Unknown, Value, ValueKind};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Longest value of a parameter, in bytes, as CloudFormation has it.
pub const MAX_LENGTH: usize = 4_096;

/// Longest compiled `AllowedPattern`, in bytes; a longer one is not checked.
const MAX_PATTERN_SIZE: usize = 1 << 20;

/// Most patterns that are kept compiled.
const MAX_PATTERNS: usize = 256;

/// One parameter as declared.
#[derive(Clone, Debug)]
pub struct Parameter<'t> {
    /// Its name.
    pub name: Arc<str>,
    /// Where its name stands.
    pub span: Span,
    /// The declaration.
    pub body: Expr<'t>,
    /// `Type`, `String` where there is none.
    pub type_name: Arc<str>,
    /// `AllowedValues`, as text.
    pub allowed: Vec<Arc<str>>,
    /// `Default`, with its place.
    pub default: Option<(Value, Span)>,
}

impl<'t> Parameter<'t> {
    /// Reads a declaration.
    pub fn read(name: Arc<str>, span: Span, body: Expr<'t>) -> Self {
        let texts = |expr: Expr<'t>| expr.items().into_iter().flatten().filter_map(text_of).collect();
        Self {
            name,
            span,
            body,
            type_name: body.get("Type").and_then(text_of).unwrap_or_else(|| Arc::from("String")),
            allowed: body.get("AllowedValues").map(texts).unwrap_or_default(),
            default: body.get("Default").and_then(|default| Some((given(default)?, default.span()))),
        }
    }

    /// Whether its value is a list.
    pub fn is_list(&self) -> bool {
        let inner = self.stored_type().unwrap_or(&self.type_name);
        inner == "CommaDelimitedList" || inner.starts_with("List<")
    }

    /// The type of the stored value, when the parameter names a parameter of the Systems Manager.
    fn stored_type(&self) -> Option<&str> {
        self.type_name.strip_prefix("AWS::SSM::Parameter::Value<")?.strip_suffix('>')
    }

    /// What a given value is worth: checked against the constraints, split if a list, looked up if it is stored elsewhere.
    pub fn accept(&self, given: Value, span: Span, world: &World<'t>) -> Value {
        let origin = given.origin.clone();
        let given = match given.as_str() {
            Some(text) if text.len() > MAX_LENGTH => {
                world.invalid(span, format!("parameter `{}` must have at most {MAX_LENGTH} bytes", self.name))
            }
            _ => given,
        };
        let listed = if self.is_list() && self.stored_type().is_none() { Self::split(given, span, world) } else { given };
        self.check(&listed, span, world);
        let Some(_) = self.stored_type() else { return listed };
        let Some(name) = scalar::text_of(&listed) else { return listed };
        let stored = stored(&name, Some(span), world);
        (if self.is_list() { Self::split(stored, span, world) } else { stored }).with_origin(origin)
    }

    /// A text as the list that it is.
    fn split(text: Value, span: Span, world: &World<'t>) -> Value {
        let list = split_list(text);
        world.filled(list.as_items().map_or(0, <[Value]>::len), span, || list)
    }

    /// The value without any text given for it.
    pub fn missing(&self, world: &World<'t>, name: &str) -> Value {
        world.lacks_parameters.set(true);
        let of = if self.is_list() { Type::Dynamic } else { Type::String };
        let cause = Cause::new(CauseKind::Parameter, name, Some(self.span));
        Unknown::input(world.project.id, of, cause).not_null().into()
    }

    /// Whether an unknown value of it can be this text.
    pub fn may_be(&self, text: &str) -> bool {
        self.allowed.is_empty() || self.allowed.iter().any(|allowed| &**allowed == text)
    }

    fn check(&self, value: &Value, span: Span, world: &World<'t>) {
        let single = std::slice::from_ref(value);
        let name = &self.name;
        for text in value.as_items().unwrap_or(single).iter().filter_map(scalar::text_of) {
            if !self.may_be(&text) {
                let allowed = self.allowed.join("`, `");
                world.invalid(span, format!("parameter `{name}` must be one of `{allowed}`, not `{text}`"));
            } else if let Some(pattern) =
                self.body.get("AllowedPattern").and_then(text_of).filter(|pattern| !matches(pattern, &text, world))
            {
                world.invalid(span, format!("parameter `{name}` must match the pattern `{pattern}`, unlike `{text}`"));
            } else if &*self.type_name == "Number" && text.trim().parse::<f64>().is_err() {
                world.invalid(span, format!("parameter `{name}` must be a number, not `{text}`"));
            } else if let Some(problem) = self.out_of_bounds(&text) {
                world.invalid(span, format!("parameter `{name}` must {problem}, unlike `{text}`"));
            }
        }
    }

    fn out_of_bounds(&self, text: &str) -> Option<String> {
        let bound = |key: &str| self.body.get(key).and_then(text_of).and_then(|bound| bound.trim().parse::<f64>().ok());
        #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
        let length = text.chars().count() as f64;
        let number = text.trim().parse::<f64>().ok().filter(|_| &*self.type_name == "Number");
        let text_bound = |key| bound(key).filter(|_| &*self.type_name == "String");
        if let Some(least) = text_bound("MinLength").filter(|least| length < *least) {
            return Some(format!("have at least {least} characters"));
        }
        if let Some(most) = text_bound("MaxLength").filter(|most| length > *most) {
            return Some(format!("have at most {most} characters"));
        }
        let number = number?;
        if let Some(least) = bound("MinValue").filter(|least| number < *least) {
            return Some(format!("be at least {least}"));
        }
        bound("MaxValue").filter(|most| number > *most).map(|most| format!("be at most {most}"))
    }
}

/// The text of a scalar as a parameter takes it.
pub fn text_of(expr: Expr<'_>) -> Option<Arc<str>> {
    expr.scalar().map(|(text, style)| scalar::text(text, style))
}

/// A value given in a template: text, or a list of texts.
pub fn given(expr: Expr<'_>) -> Option<Value> {
    let origin = crate::value::Origin::written(expr.span());
    match expr.items() {
        Some(items) => {
            let texts = items.map(|item| text_of(item).map(Value::string)).collect::<Option<Vec<_>>>()?;
            Some(Value::tuple(texts).with_origin(origin))
        }
        None => text_of(expr).map(|text| Value::string(text).with_origin(origin)),
    }
}

/// A comma-delimited text as the list that it is; members lose the space around them.
pub fn split_list(value: Value) -> Value {
    let origin = value.origin.clone();
    match &value.kind {
        ValueKind::String(text) => Value::tuple(text.split(',').map(|item| Value::string(item.trim())).collect()).with_origin(origin),
        // A text of which only a part is known: how many members it has is not.
        ValueKind::Unknown(unknown) if !unknown.pieces.is_empty() => {
            Value::from(Unknown::new(Type::Dynamic, unknown.causes.clone()).not_null()).with_origin(origin)
        }
        _ => value,
    }
}

/// What the parameter store holds under a name: a fact, or unknown.
pub fn stored(name: &str, span: Option<Span>, world: &World<'_>) -> Value {
    let inputs = world.context.inputs;
    if world.open != Some(name) {
        if let Some(assigned) = inputs.assignments.get(name) {
            return assigned.clone();
        }
        if let Some(fact) = inputs.facts.ssm.get(name) {
            return from_json(fact.clone());
        }
    }
    let reference = Arc::new(Reference::StoredParameter { name: Arc::from(name) });
    Unknown::attribute(reference, Type::String, Cause::new(CauseKind::Stored, name, span)).into()
}

/// Whether a whole text matches an `AllowedPattern`. A pattern that only Java understands is taken to match.
fn matches(pattern: &str, text: &str, world: &World<'_>) -> bool {
    world.context.trees.derived::<Patterns>().get(pattern).is_none_or(|regex| regex.is_match(text))
}

/// The patterns of one run: templates repeat them, and to compile one takes longer than to read most templates.
#[derive(Default)]
struct Patterns {
    compiled: Mutex<BTreeMap<String, Option<Regex>>>,
}

impl Patterns {
    fn get(&self, pattern: &str) -> Option<Regex> {
        let mut compiled = self.compiled.lock().expect("no thread panics while it holds this lock");
        if let Some(regex) = compiled.get(pattern) {
            return regex.clone();
        }
        let regex = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(MAX_PATTERN_SIZE).build().ok();
        if compiled.len() < MAX_PATTERNS {
            compiled.insert(pattern.to_owned(), regex.clone());
        }
        regex
    }
}
