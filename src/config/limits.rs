//! `[limits]`: how much of everything is looked at, by the limits' names.

use super::ConfigError;
use crate::limits::Limit;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::fmt;
use toml::Spanned;

/// The table as written, in its order.
#[derive(Default)]
pub(super) struct WrittenLimits(Vec<(Limit, Spanned<u64>)>);

impl WrittenLimits {
    /// The limits, none of which is nothing: what looks at nothing checks nothing.
    pub fn check(self, text: &str) -> Result<Vec<(Limit, Spanned<u64>)>, ConfigError> {
        let Some((limit, value)) = self.0.iter().find(|(_, value)| *value.get_ref() == 0) else { return Ok(self.0) };
        Err(ConfigError::at(text, value.span().start, format!("the limit `{limit}` must be at least 1")))
    }
}

impl<'de> Deserialize<'de> for WrittenLimits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Table)
    }
}

struct Table;

impl<'de> Visitor<'de> for Table {
    type Value = WrittenLimits;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of limits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WrittenLimits, A::Error> {
        let mut limits = Vec::new();
        while let Some(Name(limit)) = map.next_key()? {
            limits.push((limit, map.next_value()?));
        }
        Ok(WrittenLimits(limits))
    }
}

/// A limit's name: an error of its own, so that it points at the name.
struct Name(Limit);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Limit::from_name(&name).map(Name).ok_or_else(|| {
            let names: Vec<String> = Limit::all().map(|limit| format!("`{limit}`")).collect();
            D::Error::custom(format!("unknown limit `{name}`, expected one of {}", names.join(", ")))
        })
    }
}
