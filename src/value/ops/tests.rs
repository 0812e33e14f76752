//! Operators as Terraform has them, by example.

use super::*;
use crate::value::Marks;
use crate::value::Number;
use crate::value::{Cause, CauseKind};
use std::sync::Arc;

fn unknown(of: Type) -> Unknown {
    Unknown::new(of, vec![Cause::new(CauseKind::Variable, "var.x", None)])
}

fn truth(a: impl Into<Value>, b: impl Into<Value>) -> Truth {
    let (a, b) = (a.into(), b.into());
    assert_eq!(equality(&a, &b), equality(&b, &a));
    equality(&a, &b)
}

fn null(of: Type) -> Value {
    ValueKind::Null(of).into()
}

#[test]
fn types_decide_before_values() {
    assert_eq!(truth(Value::int(1), Value::string("1")), Truth::False);
    let list = ValueKind::List(Type::Number, Arc::new(vec![Value::int(1)]));
    assert_eq!(truth(list.clone(), Value::tuple(vec![Value::int(1)])), Truth::False);
    assert_eq!(truth(list.clone(), list), Truth::True);
    assert_eq!(truth(null(Type::String), null(Type::Number)), Truth::True);
    assert_eq!(truth(Value::tuple(vec![null(Type::Dynamic)]), Value::tuple(vec![null(Type::String)])), Truth::False);
}

#[test]
fn what_is_known_of_an_unknown_settles_it() {
    assert_eq!(truth(unknown(Type::String), Value::string("a")), Truth::Unknown);
    assert_eq!(truth(unknown(Type::String), Value::int(1)), Truth::False);
    assert_eq!(truth(unknown(Type::String), null(Type::Dynamic)), Truth::Unknown);
    assert_eq!(truth(unknown(Type::String).not_null(), null(Type::Dynamic)), Truth::False);
    assert_eq!(truth(Unknown { prefix: Some("arn:".into()), ..unknown(Type::String) }, Value::string("other")), Truth::False);
    assert_eq!(truth(Unknown { prefix: Some("arn:".into()), ..unknown(Type::String) }, Value::string("arn:x")), Truth::Unknown);
    let of = Type::List(Arc::new(Type::String));
    let two = Unknown { length: (2, Some(2)), ..unknown(of) };
    assert_eq!(truth(two, ValueKind::List(Type::String, Arc::new(vec![Value::string("a")]))), Truth::False);
    assert_eq!(truth(Unknown { bounds: Some((Number::from(0), Number::from(9))), ..unknown(Type::Number) }, Value::int(-1)), Truth::False);
    assert_eq!(truth(unknown(Type::Dynamic), Value::int(1)), Truth::Unknown);
}

#[test]
fn sequences_are_walked_in_order() {
    let pair = |a: Value, b: Value| Value::tuple(vec![a, b]);
    let open = || Value::from(unknown(Type::String));
    assert_eq!(truth(pair(Value::string("a"), open()), pair(Value::string("b"), Value::string("c"))), Truth::False);
    assert_eq!(truth(pair(open(), Value::string("a")), pair(Value::string("c"), Value::string("b"))), Truth::Unknown, "as Terraform");
    assert_eq!(truth(pair(open(), Value::int(1)), pair(Value::string("c"), Value::string("b"))), Truth::False, "the types differ");
}

#[test]
fn marks_and_causes_come_along() {
    let secret = Value::string("a").with_marks(Marks::SENSITIVE);
    assert!(equal(&Value::tuple(vec![secret]), &Value::tuple(vec![])).marks.contains(Marks::SENSITIVE));
    let open = equal(&unknown(Type::String).into(), &Value::string("a"));
    assert_eq!(open.causes().len(), 1);
    assert!(open.as_unknown().unwrap().not_null);
}
