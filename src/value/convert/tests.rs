//! Conversions as Terraform makes them, by example.

use super::*;
use crate::value::{Cause, CauseKind, Marks};
use std::collections::BTreeMap;

fn list(of: Type) -> Type {
    Type::List(Arc::new(of))
}

fn set(of: Type) -> Type {
    Type::Set(Arc::new(of))
}

fn map(of: Type) -> Type {
    Type::Map(Arc::new(of))
}

fn tuple(of: &[Type]) -> Type {
    Type::Tuple(of.into())
}

fn object(of: &[(&str, Type)]) -> Type {
    Type::Object(Arc::new(of.iter().map(|(name, of)| ((*name).into(), of.clone())).collect::<BTreeMap<_, _>>()))
}

fn null(of: Type) -> Value {
    ValueKind::Null(of).into()
}

fn unknown(of: Type) -> Value {
    Unknown::new(of, vec![Cause::new(CauseKind::Variable, "var.x", None)]).not_null().into()
}

fn object_of(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

#[test]
fn primitives_convert_as_terraform_says() {
    let text = |value: Value| convert(&value, &Type::String).unwrap().as_str().map(str::to_owned);
    assert_eq!(text(Value::int(5)).as_deref(), Some("5"));
    assert_eq!(text(Value::bool(false)).as_deref(), Some("false"));
    assert_eq!(convert(&Value::string("0.50"), &Type::Number).unwrap().as_number().unwrap().to_string(), "0.5");
    assert_eq!(convert(&Value::string("1"), &Type::Bool).unwrap().as_bool(), Some(true));
    assert_eq!(convert(&Value::string("x"), &Type::Number).unwrap_err(), "a number is required");
    assert_eq!(
        convert(&Value::string("TRUE"), &Type::Bool).unwrap_err(),
        "a bool is required; to convert from string, use lowercase \"true\""
    );
    assert_eq!(convert(&Value::int(1), &Type::Bool).unwrap_err(), "bool required");
    assert_eq!(convert(&Value::tuple(vec![]), &Type::String).unwrap_err(), "string required");
    assert!(convert(&null(Type::Dynamic), &Type::String).unwrap().is_null());
}

#[test]
fn any_takes_the_type_of_the_elements() {
    let items = Value::tuple(vec![Value::int(1), Value::string("a")]);
    let converted = convert(&items, &list(Type::Dynamic)).unwrap();
    assert_eq!(converted.type_of(), list(Type::String));
    assert_eq!(converted.as_items().unwrap()[0].as_str(), Some("1"));
    assert_eq!(convert(&Value::tuple(vec![]), &list(Type::Dynamic)).unwrap().type_of(), list(Type::Dynamic));
    let mixed = Value::tuple(vec![Value::int(1), Value::tuple(vec![])]);
    assert_eq!(convert(&mixed, &list(Type::Dynamic)).unwrap_err(), "all list elements must have the same type");
    let nested = Value::tuple(vec![Value::tuple(vec![Value::int(1)]), Value::tuple(vec![Value::string("a"), Value::string("b")])]);
    assert_eq!(convert(&nested, &list(list(Type::Dynamic))).unwrap().type_of(), list(list(Type::String)));
}

#[test]
fn objects_lose_what_is_not_wanted_and_miss_what_is() {
    let value = object_of(&[("a", Value::int(1)), ("b", Value::int(2))]);
    assert_eq!(convert(&value, &object(&[("a", Type::String)])).unwrap().get("a").unwrap().as_str(), Some("1"));
    assert_eq!(convert(&value, &object(&[("c", Type::String)])).unwrap_err(), "attribute \"c\" is required");
    assert_eq!(convert(&value, &map(Type::Dynamic)).unwrap().type_of(), map(Type::Number));
    let as_map = convert(&value, &map(Type::Number)).unwrap();
    assert_eq!(convert(&as_map, &object(&[("a", Type::Number)])).unwrap().type_of(), object(&[("a", Type::Number)]));
    assert!(convert(&as_map, &object(&[("z", Type::Number)])).is_err());
}

#[test]
fn unknown_values_keep_what_is_known_of_them() {
    let open = convert(&unknown(tuple(&[Type::String, Type::String])), &list(Type::String)).unwrap();
    assert_eq!(open.as_items().unwrap().len(), 2);
    assert!(open.as_items().unwrap()[0].is_unknown());
    let dynamic = convert(&unknown(Type::Dynamic), &Type::String).unwrap();
    let kept = dynamic.as_unknown().unwrap();
    assert_eq!((kept.of.clone(), kept.not_null, kept.causes.len()), (Type::String, true, 1));
    let of_set = convert(&Value::set(Type::String, vec![unknown(Type::String), Value::string("a")]), &list(Type::String)).unwrap();
    assert!(of_set.is_unknown());
}

#[test]
fn marks_and_origins_stay_on_their_values() {
    let secret = Value::string("s").with_marks(Marks::SENSITIVE);
    let items = Value::tuple(vec![secret.clone(), Value::string("p")]);
    let converted = convert(&items, &list(Type::String)).unwrap();
    assert!(converted.marks.is_empty());
    assert!(converted.as_items().unwrap()[0].marks.contains(Marks::SENSITIVE));
    assert!(convert(&items, &set(Type::String)).unwrap().marks.contains(Marks::SENSITIVE));
}

#[test]
fn unification_finds_the_common_type() {
    let unified = |types: &[Type]| unify(types);
    assert_eq!(unified(&[Type::Number, Type::Bool]), None);
    assert_eq!(unified(&[Type::Number, Type::String, Type::Bool]), Some(Type::String));
    assert_eq!(unified(&[Type::Dynamic, Type::String]), Some(Type::String));
    assert_eq!(unified(&[Type::Dynamic, Type::Number, Type::Bool]), Some(Type::Dynamic));
    assert_eq!(unified(&[object(&[("a", Type::Number)]), object(&[("b", Type::String)])]), Some(map(Type::String)));
    assert_eq!(unified(&[object(&[("a", Type::Number)]), object(&[("a", Type::String)])]), Some(object(&[("a", Type::String)])));
    assert_eq!(unified(&[tuple(&[Type::Number]), tuple(&[Type::String, Type::String])]), Some(list(Type::String)));
    assert_eq!(unified(&[list(Type::Number), tuple(&[Type::String])]), Some(list(Type::String)));
    assert_eq!(unified(&[set(Type::Number), list(Type::String)]), Some(list(Type::String)));
    assert_eq!(unified(&[tuple(&[]), object(&[])]), None);
    assert_eq!(unified(&[map(Type::Number), object(&[("a", Type::String)])]), Some(map(Type::String)));
    assert_eq!(unified(&[]), None);
}
