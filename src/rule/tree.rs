//! Reading the types of a rule file from the spanned tree, so that an error has the place of the very word that is wrong.

use crate::source::TextRange;
use crate::syntax::node::{Node, NodeKind, Style};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;

/// What is wrong, and where.
#[derive(Clone, PartialEq, Debug)]
pub struct Error {
    /// What, in serde's words.
    pub message: String,
    /// Where; `None` until a node around it adds its own place.
    pub range: Option<TextRange>,
}

impl Error {
    fn at(mut self, range: TextRange) -> Self {
        self.range.get_or_insert(range);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), range: None }
    }
}

/// Reads a type from a tree.
pub fn read<'de, T: de::Deserialize<'de>>(node: &'de Node) -> Result<T, Error> {
    T::deserialize(Reader(node)).map_err(|error| error.at(node.range))
}

struct Reader<'de>(&'de Node);

impl Reader<'_> {
    fn is_null(&self) -> bool {
        matches!(&self.0.kind, NodeKind::Scalar { text, style: Style::Plain } if matches!(&**text, "" | "~" | "null"))
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            NodeKind::Scalar { text, style: Style::Plain } => match &**text {
                _ if self.is_null() => visitor.visit_unit(),
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                text => match text.parse::<i64>() {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => visitor.visit_borrowed_str(text),
                },
            },
            NodeKind::Scalar { text, .. } => visitor.visit_borrowed_str(text),
            NodeKind::Sequence(items) => visitor.visit_seq(Items(items.iter())),
            NodeKind::Mapping(pairs) => {
                // A visitor that refuses a word itself does not know its place: it is the word that was read last.
                let last = Cell::new(self.0.range);
                visitor.visit_map(Pairs { left: pairs.iter(), value: None, last: &last }).map_err(|error: Error| {
                    let range = if error.message.starts_with("unknown field") { last.get() } else { self.0.range };
                    error.at(range)
                })
            }
        }
        .map_err(|error: Error| error.at(self.0.range))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            // Where text is asked for, `3.4` and `true` are text.
            NodeKind::Scalar { text, .. } => visitor.visit_borrowed_str(text),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _name: &str, _variants: &[&str], visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            NodeKind::Scalar { text, .. } => visitor.visit_enum((**text).into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(item) = self.0.next() else { return Ok(None) };
        seed.deserialize(Reader(item)).map(Some).map_err(|error| error.at(item.range))
    }
}

struct Pairs<'de, 'l> {
    left: std::slice::Iter<'de, (Node, Node)>,
    value: Option<&'de Node>,
    last: &'l Cell<TextRange>,
}

impl<'de> MapAccess<'de> for Pairs<'de, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.left.next() else { return Ok(None) };
        self.value = Some(value);
        self.last.set(key.range);
        let Some(text) = key.as_str() else { return Err(<Error as de::Error>::custom("a word is needed here").at(key.range)) };
        seed.deserialize(text.into_deserializer()).map(Some).map_err(|error: Error| error.at(key.range))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().expect("serde asks for a value after its key");
        seed.deserialize(Reader(value)).map_err(|error| error.at(value.range))
    }
}
