//! Reading a condition: a mapping whose words are operators.

use crate::rule::parse::{Condition, Path, Paths};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The words with which a condition may begin.
pub const OPERATORS: &[&str] = &[
    "all",
    "any",
    "not",
    "none",
    "present",
    "absent",
    "outside",
    "unresolved",
    "missing",
    "is_true",
    "is_false",
    "equals",
    "one_of",
    "matches",
    "holds_access_key",
    "at_least",
    "at_most",
    "same",
    "differ",
    "covers",
    "some",
    "every",
    "no",
    "loops",
    "allows",
    "denies",
    "count",
    "catches",
    "catches_some",
    "cannot_be_shown",
];

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ConditionVisitor;
        impl<'de> Visitor<'de> for ConditionVisitor {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a condition: a mapping with one or more of `{}`", OPERATORS.join("`, `"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
                let mut all = Vec::new();
                while let Some(Operator(operator)) = map.next_key()? {
                    all.push(operand(operator, &mut map)?);
                }
                match all.len() {
                    0 => Err(de::Error::custom("an empty condition holds always: leave it out")),
                    1 => Ok(all.remove(0)),
                    _ => Ok(Condition::All(all)),
                }
            }
        }
        deserializer.deserialize_any(ConditionVisitor)
    }
}

fn operand<'de, A: MapAccess<'de>>(operator: &'static str, map: &mut A) -> Result<Condition, A::Error> {
    let not = |condition| Condition::Not(Box::new(condition));
    let each = |paths: Paths, make: fn(Path) -> Condition| together(paths.0.into_iter().map(make).collect());
    Ok(match operator {
        "all" => Condition::All(map.next_value()?),
        "any" => Condition::Any(map.next_value()?),
        "none" => not(Condition::Any(map.next_value()?)),
        "not" => not(map.next_value()?),
        "present" => each(map.next_value()?, Condition::Present),
        "absent" => each(map.next_value()?, |path| Condition::Not(Box::new(Condition::Present(path)))),
        "outside" => each(map.next_value()?, Condition::Outside),
        "unresolved" => each(map.next_value()?, Condition::Unresolved),
        "missing" => each(map.next_value()?, Condition::Missing),
        "is_true" => each(map.next_value()?, Condition::IsTrue),
        "is_false" => each(map.next_value()?, Condition::IsFalse),
        "equals" => tests(map.next_value()?, |path, literal| Condition::OneOf(path, vec![literal])),
        "one_of" => tests(map.next_value()?, Condition::OneOf),
        "matches" => tests(map.next_value()?, Condition::Matches),
        "holds_access_key" => each(map.next_value()?, Condition::HoldsAccessKey),
        "at_least" => tests(map.next_value()?, |path, bound| Condition::Between(path, Some(bound), None)),
        "at_most" => tests(map.next_value()?, |path, bound| Condition::Between(path, None, Some(bound))),
        "same" => pair(&map.next_value()?)?,
        "differ" => not(pair(&map.next_value()?)?),
        "covers" => {
            let (pattern, text) = map.next_value()?;
            Condition::Covers(pattern, text)
        }
        "some" => Condition::Some(map.next_value()?),
        "no" => not(Condition::Some(map.next_value()?)),
        "every" => Condition::Every(map.next_value()?),
        "loops" => Condition::Loops(map.next_value()?),
        "allows" => Condition::Allows(map.next_value()?),
        "denies" => Condition::Denies(map.next_value()?),
        "count" => Condition::Count(map.next_value()?),
        "catches" => Condition::Catches(map.next_value()?),
        "catches_some" => Condition::CatchesSome(map.next_value()?),
        "cannot_be_shown" => Condition::CannotBeShown(map.next_value()?),
        other => return Err(de::Error::unknown_field(other, OPERATORS)),
    })
}

/// Paths, each with what is asked of it.
struct Tests<T>(Vec<(Path, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Tests<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TestsVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for TestsVisitor<T> {
            type Value = Tests<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tests<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(test) = map.next_entry()? {
                    all.push(test);
                }
                Ok(Tests(all))
            }
        }
        deserializer.deserialize_map(TestsVisitor(PhantomData))
    }
}

fn tests<T>(tests: Tests<T>, make: impl Fn(Path, T) -> Condition) -> Condition {
    together(tests.0.into_iter().map(|(path, asked)| make(path, asked)).collect())
}

/// One of [`OPERATORS`].
struct Operator(&'static str);

impl<'de> Deserialize<'de> for Operator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OperatorVisitor;
        impl Visitor<'_> for OperatorVisitor {
            type Value = Operator;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operator")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Operator, E> {
                let known = OPERATORS.iter().find(|known| **known == text);
                known.map(|known| Operator(known)).ok_or_else(|| E::unknown_field(text, OPERATORS))
            }
        }
        deserializer.deserialize_identifier(OperatorVisitor)
    }
}

fn together(mut conditions: Vec<Condition>) -> Condition {
    if conditions.len() == 1 { conditions.remove(0) } else { Condition::All(conditions) }
}

fn pair<E: de::Error>(paths: &Paths) -> Result<Condition, E> {
    match paths.0.as_slice() {
        [a, b] => Ok(Condition::Same(a.clone(), b.clone())),
        _ => Err(E::custom("two paths are compared: `[subject, bucket.logging.target]`")),
    }
}
