//! Type constraints of variables: reading them, and making a value conform, `optional(…)` defaults included.

use crate::syntax::hcl::{Expr, ExprKind};
use crate::value::convert::into_type;
use crate::value::{Entries, Type, Value, ValueKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deep a type constraint may be nested.
const MAX_NESTING: usize = 64;

/// A type constraint.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// A type without optional attributes in it; `any` is [`Type::Dynamic`].
    Plain(Type),
    /// `list(…)`.
    List(Box<Constraint>),
    /// `set(…)`.
    Set(Box<Constraint>),
    /// `map(…)`.
    Map(Box<Constraint>),
    /// `tuple([…])`.
    Tuple(Vec<Constraint>),
    /// `object({…})`.
    Object(BTreeMap<Arc<str>, Field>),
}

/// The constraint of a variable, if it has one, and the type that it makes.
pub type Typed = (Option<Constraint>, Type);

/// An attribute of an object constraint.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its type.
    pub constraint: Constraint,
    /// `optional(T)` or `optional(T, default)`: the default, already evaluated, or null.
    pub optional: Option<Value>,
}

impl Constraint {
    /// Reads a constraint. `literal` evaluates a default, which must be constant. The error is what Terraform would say.
    pub fn read(expr: &Expr, literal: &mut dyn FnMut(&Expr) -> Result<Value, String>) -> Result<Self, String> {
        Self::read_at(expr, literal, 0)
    }

    fn read_at(expr: &Expr, literal: &mut dyn FnMut(&Expr) -> Result<Value, String>, depth: usize) -> Result<Self, String> {
        if depth > MAX_NESTING {
            return Err(format!("type constraints are nested more than {MAX_NESTING} levels deep"));
        }
        let keyword = |name: &str| match name {
            "any" => Ok(Self::Plain(Type::Dynamic)),
            "string" => Ok(Self::Plain(Type::String)),
            "number" => Ok(Self::Plain(Type::Number)),
            "bool" => Ok(Self::Plain(Type::Bool)),
            "list" => Ok(Self::List(Box::new(Self::Plain(Type::Dynamic)))),
            "set" => Ok(Self::Set(Box::new(Self::Plain(Type::Dynamic)))),
            "map" => Ok(Self::Map(Box::new(Self::Plain(Type::Dynamic)))),
            other => Err(format!("invalid type specification: the keyword `{other}` is not a valid type specification")),
        };
        match &expr.kind {
            ExprKind::Traversal { root, operations } if operations.is_empty() => keyword(&root.name),
            // Terraform 0.11 wrote types as strings, of which three are still read.
            ExprKind::String(text) => match &**text {
                "string" => Ok(Self::Plain(Type::String)),
                "list" | "map" => keyword(text),
                _ => Err(format!("invalid quoted type constraint `{text}`")),
            },
            ExprKind::Call { name, arguments, .. } => Self::read_call(&name.name, arguments, literal, depth),
            _ => Err("invalid type specification: a type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call".into()),
        }
    }

    fn read_call(
        name: &str,
        arguments: &[Expr],
        literal: &mut dyn FnMut(&Expr) -> Result<Value, String>,
        depth: usize,
    ) -> Result<Self, String> {
        let [argument] = arguments else {
            return Err(format!("invalid type specification: the `{name}` type constructor requires one argument"));
        };
        match name {
            "list" => Ok(Self::List(Box::new(Self::read_at(argument, literal, depth + 1)?))),
            "set" => Ok(Self::Set(Box::new(Self::read_at(argument, literal, depth + 1)?))),
            "map" => Ok(Self::Map(Box::new(Self::read_at(argument, literal, depth + 1)?))),
            "tuple" => match &argument.kind {
                ExprKind::Tuple(items) => {
                    Ok(Self::Tuple(items.iter().map(|item| Self::read_at(item, literal, depth + 1)).collect::<Result<_, _>>()?))
                }
                _ => Err("invalid type specification: tuple type constructor requires a list of element types".into()),
            },
            "object" => match &argument.kind {
                ExprKind::Object(items) => {
                    let mut fields = BTreeMap::new();
                    for item in items {
                        let ExprKind::String(key) = &item.key.kind else {
                            return Err("invalid type specification: object constructor map keys must be attribute names".into());
                        };
                        fields.insert(Arc::clone(key), Self::read_field(&item.value, literal, depth + 1)?);
                    }
                    Ok(Self::Object(fields))
                }
                _ => Err("invalid type specification: object type constructor requires a map of attribute names and types".into()),
            },
            "optional" => {
                Err("invalid type specification: keyword `optional` is valid only as a modifier for object type attributes".into())
            }
            other => Err(format!("invalid type specification: keyword `{other}` is not a valid type constructor")),
        }
    }

    fn read_field(expr: &Expr, literal: &mut dyn FnMut(&Expr) -> Result<Value, String>, depth: usize) -> Result<Field, String> {
        let ExprKind::Call { name, arguments, .. } = &expr.kind else {
            return Ok(Field { constraint: Self::read_at(expr, literal, depth)?, optional: None });
        };
        if &*name.name != "optional" {
            return Ok(Field { constraint: Self::read_at(expr, literal, depth)?, optional: None });
        }
        let (of, default) = match arguments.as_slice() {
            [of] => (of, None),
            [of, default] => (of, Some(default)),
            _ => {
                return Err(
                    "invalid type specification: optional attribute modifier expects the attribute type, and a default value".into()
                );
            }
        };
        let constraint = Self::read_at(of, literal, depth)?;
        let default = match default {
            None => Value::null(),
            Some(default) => constraint
                .conform(&literal(default)?)
                .map_err(|message| format!("invalid default value for optional attribute: {message}"))?,
        };
        Ok(Field { constraint, optional: Some(default) })
    }

    /// The type that conforming values have.
    pub fn as_type(&self) -> Type {
        match self {
            Self::Plain(of) => of.clone(),
            Self::List(of) => Type::List(Arc::new(of.as_type())),
            Self::Set(of) => Type::Set(Arc::new(of.as_type())),
            Self::Map(of) => Type::Map(Arc::new(of.as_type())),
            Self::Tuple(items) => Type::Tuple(items.iter().map(Self::as_type).collect()),
            Self::Object(fields) => {
                Type::Object(Arc::new(fields.iter().map(|(name, field)| (Arc::clone(name), field.constraint.as_type())).collect()))
            }
        }
    }

    /// The value with optional attributes filled in and converted to the type, or what Terraform would say.
    pub fn conform(&self, value: &Value) -> Result<Value, String> {
        self.conform_to(value, &self.as_type())
    }

    /// The same where its type is at hand.
    pub fn conform_to(&self, value: &Value, of: &Type) -> Result<Value, String> {
        let filled = self.fill(value)?;
        into_type(filled, of)
    }

    /// Fills in optional attributes wherever the value has objects.
    fn fill(&self, value: &Value) -> Result<Value, String> {
        let rebuilt = |kind: ValueKind| Value { kind, marks: value.marks, origin: value.origin.clone() };
        let each = |of: &Self, items: &[Value]| items.iter().map(|item| of.fill(item)).collect::<Result<Vec<_>, _>>();
        match (self, &value.kind) {
            (Self::List(of) | Self::Set(of), ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items))
                if of.has_fields() =>
            {
                Ok(rebuilt(ValueKind::Tuple(Arc::new(each(of, items)?))))
            }
            (Self::Map(of), ValueKind::Map(_, entries) | ValueKind::Object(entries)) if of.has_fields() => {
                let filled =
                    entries.iter().map(|(name, value)| Ok((Arc::clone(name), of.fill(value)?))).collect::<Result<Entries, String>>()?;
                Ok(rebuilt(ValueKind::Object(Arc::new(filled))))
            }
            (Self::Tuple(types), ValueKind::Tuple(items) | ValueKind::List(_, items))
                if self.has_fields() && types.len() == items.len() =>
            {
                let filled = types.iter().zip(items.iter()).map(|(of, item)| of.fill(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(rebuilt(ValueKind::Tuple(Arc::new(filled))))
            }
            (Self::Object(fields), ValueKind::Object(entries) | ValueKind::Map(_, entries)) => {
                let mut filled = Vec::with_capacity(fields.len());
                for (name, field) in fields {
                    let given = entries.get(name).filter(|given| !(given.is_null() && field.optional.is_some()));
                    let value = match (given, &field.optional) {
                        (Some(given), _) => field.constraint.fill(given).map_err(|message| format!("attribute `{name}`: {message}"))?,
                        (None, Some(default)) if default.is_null() => ValueKind::Null(field.constraint.as_type()).into(),
                        (None, Some(default)) => default.clone(),
                        (None, None) => return Err(format!("attribute `{name}` is required")),
                    };
                    filled.push((Arc::clone(name), value));
                }
                Ok(rebuilt(ValueKind::Object(Arc::new(Entries::from_iter(filled)))))
            }
            _ => Ok(value.clone()),
        }
    }

    /// Whether an object stands in it somewhere: only those can have optional attributes.
    fn has_fields(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_fields(),
            Self::Tuple(items) => items.iter().any(Self::has_fields),
            Self::Object(_) => true,
        }
    }
}
