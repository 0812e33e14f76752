//! Reading a condition: a mapping whose words are operators.

use crate::graph::catalog::spec::Literal;
use crate::rule::parse::{Condition, Path, Paths};
use crate::table::IndexMap;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::fmt;

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
                while let Some(operator) = map.next_key::<String>()? {
                    all.push(operand(&operator, &mut map)?);
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

fn operand<'de, A: MapAccess<'de>>(operator: &str, map: &mut A) -> Result<Condition, A::Error> {
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
        "equals" => {
            let tests: IndexMap<String, Literal> = map.next_value()?;
            together(tests.into_iter().map(|(path, literal)| Condition::OneOf(Path::parse(&path), vec![literal])).collect())
        }
        "one_of" => {
            let tests: IndexMap<String, Vec<Literal>> = map.next_value()?;
            together(tests.into_iter().map(|(path, literals)| Condition::OneOf(Path::parse(&path), literals)).collect())
        }
        "matches" => {
            let tests: IndexMap<String, String> = map.next_value()?;
            together(tests.into_iter().map(|(path, pattern)| Condition::Matches(Path::parse(&path), pattern)).collect())
        }
        "at_least" | "at_most" => {
            let tests: IndexMap<String, i64> = map.next_value()?;
            let bound = |(path, bound): (String, i64)| match operator {
                "at_least" => Condition::Between(Path::parse(&path), Some(bound), None),
                _ => Condition::Between(Path::parse(&path), None, Some(bound)),
            };
            together(tests.into_iter().map(bound).collect())
        }
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

fn together(mut conditions: Vec<Condition>) -> Condition {
    if conditions.len() == 1 { conditions.remove(0) } else { Condition::All(conditions) }
}

fn pair<E: de::Error>(paths: &Paths) -> Result<Condition, E> {
    match paths.0.as_slice() {
        [a, b] => Ok(Condition::Same(a.clone(), b.clone())),
        _ => Err(E::custom("two paths are compared: `[subject, bucket.logging.target]`")),
    }
}
