//! A scalar as the catalog and rules write it. It knows nothing of what it is compared with.

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use std::fmt;

/// A scalar of the catalog.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string.
    Text(String),
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LiteralVisitor;
        impl Visitor<'_> for LiteralVisitor {
            type Value = Literal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a boolean, a whole number or a string")
            }

            fn visit_bool<E: de::Error>(self, is: bool) -> Result<Literal, E> {
                Ok(Literal::Bool(is))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Literal, E> {
                Ok(Literal::Int(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Literal, E> {
                i64::try_from(number).map(Literal::Int).map_err(|_| E::custom("this number is too large"))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Literal, E> {
                Ok(Literal::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(LiteralVisitor)
    }
}
