//! A deserializer over a YAML [`Tree`], so that every error is our own and knows its place.

use std::cell::Cell;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::SPELLINGS;
use super::error::{Error, Problem};
use crate::tree::{Entry, NodeId, Style, Tree, Value};

/// The most values that are read from one file. Without this limit, aliases within aliases could
/// take forever.
const MAX_VALUES: usize = 100_000;

/// Reads from a tree, as long as its values are within [`MAX_VALUES`].
pub(super) struct Source<'t> {
    tree: &'t Tree<'t>,
    left: Cell<usize>,
}

/// One value of the tree.
#[derive(Clone, Copy)]
pub(super) struct Node<'s> {
    source: &'s Source<'s>,
    id: NodeId,
    /// The byte offset at which errors about this value are reported: for an alias, the place of
    /// the alias.
    offset: usize,
}

/// The meaning of a plain scalar (YAML 1.2, section 10.3.2).
enum Plain {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text,
}

impl<'t> Source<'t> {
    pub fn new(tree: &'t Tree<'t>) -> Self {
        Source {
            tree,
            left: Cell::new(MAX_VALUES),
        }
    }

    /// Returns the root value, or `None` for an empty text.
    pub fn root(&self) -> Option<Node<'_>> {
        self.tree.root().map(|id| self.node(id))
    }

    fn node(&self, id: NodeId) -> Node<'_> {
        let node = self.tree.node(id);
        let id = match node.value {
            Value::Alias { of } => of,
            _ => id,
        };
        Node {
            source: self,
            id,
            offset: node.span.start,
        }
    }
}

impl<'s> Node<'s> {
    fn value(self) -> Result<&'s Value<'s>, Error> {
        let left = self.source.left.get().checked_sub(1).ok_or_else(|| {
            let message = format!("there are more than {MAX_VALUES} values, counting aliases");
            Error::custom(message).at(self.offset)
        })?;
        self.source.left.set(left);
        Ok(&self.source.tree.node(self.id).value)
    }

    fn is_null(self) -> bool {
        match &self.source.tree.node(self.id).value {
            Value::Scalar { text, style } => {
                *style == Style::Plain && matches!(resolve(text), Plain::Null)
            }
            _ => false,
        }
    }

    fn visit_list<'de, V: Visitor<'de>>(
        self,
        items: &'s [NodeId],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let items = items.iter();
        visitor
            .visit_seq(Items {
                source: self.source,
                items,
            })
            .map_err(|error| error.at(self.offset))
    }

    fn visit_mapping<'de, V: Visitor<'de>>(
        self,
        entries: &'s [Entry],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut access = Entries {
            source: self.source,
            entries: entries.iter(),
            entry: None,
        };
        let visited = visitor.visit_map(&mut access);
        let last_key = access.entry.map(|entry| self.source.node(entry.key).offset);
        visited.map_err(|error| match error.problem {
            Problem::DuplicateKey(_) => error.at(last_key.unwrap_or(self.offset)),
            _ => error.at(self.offset),
        })
    }
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let visited = match self.value()? {
            Value::Mapping { entries, .. } => return self.visit_mapping(entries, visitor),
            Value::Sequence { items, .. } => return self.visit_list(items, visitor),
            Value::Scalar {
                text,
                style: Style::Plain,
            } => match resolve(text) {
                Plain::Null => visitor.visit_unit(),
                Plain::Bool(value) => visitor.visit_bool(value),
                Plain::Unsigned(value) => visitor.visit_u64(value),
                Plain::Signed(value) => visitor.visit_i64(value),
                Plain::Float(value) => visitor.visit_f64(value),
                Plain::Text => visitor.visit_str(text),
            },
            Value::Scalar { text, .. } => visitor.visit_str(text),
            // `Source::node` resolves aliases, and YAML has no alias of an alias.
            Value::Alias { .. } => Err(Error::invalid_type(Unexpected::Unit, &visitor)),
        };
        visited.map_err(|error: Error| error.at(self.offset))
    }

    /// Accepts text without quotes, even if it looks like a number.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value()? {
            Value::Scalar { text, .. } if !self.is_null() => visitor
                .visit_str(text)
                .map_err(|error: Error| error.at(self.offset)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    /// Reads a key without a value as an empty list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() {
            return self.visit_list(&[], visitor);
        }
        self.deserialize_any(visitor)
    }

    /// Reads a key without a value as an empty mapping.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() {
            return self.visit_mapping(&[], visitor);
        }
        self.deserialize_any(visitor)
    }

    /// Refuses a list, from which a derived visitor would read the fields in order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.value()? {
            Value::Sequence { .. } => {
                Err(Error::invalid_type(Unexpected::Seq, &visitor).at(self.offset))
            }
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.value()? {
            Value::Scalar { text, .. } if !self.is_null() => {
                let name: StrDeserializer<'_, Error> = first_spelling(text).into_deserializer();
                visitor
                    .visit_enum(name)
                    .map_err(|error| error.at(self.offset))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value()? {
            Value::Scalar { text, .. } => visitor
                .visit_str(first_spelling(text))
                .map_err(|error: Error| error.at(self.offset)),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        tuple tuple_struct ignored_any
    }
}

struct Items<'s> {
    source: &'s Source<'s>,
    items: std::slice::Iter<'s, NodeId>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let item = self.source.node(*item);
        let value = seed.deserialize(item);
        value.map(Some).map_err(|error| error.at(item.offset))
    }
}

struct Entries<'s> {
    source: &'s Source<'s>,
    entries: std::slice::Iter<'s, Entry>,
    /// The entry whose key was read last.
    entry: Option<Entry>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.entry = self.entries.next().copied();
        let Some(entry) = self.entry else {
            return Ok(None);
        };
        let key = self.source.node(entry.key);
        let name = seed.deserialize(key);
        name.map(Some)
            .map_err(|error| error.of_key().at(key.offset))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(entry) = self.entry else {
            return Err(Error::custom("a value without a key"));
        };
        let value = self.source.node(entry.value);
        // An empty value is reported at its own place, which is the end of its key.
        seed.deserialize(value)
            .map_err(|error| error.at(value.offset))
    }
}

/// Returns the spelling that the settings' types know.
fn first_spelling(name: &str) -> &str {
    let known = SPELLINGS.iter().find(|(second, _)| *second == name);
    known.map_or(name, |(_, first)| first)
}

/// Resolves a plain scalar by the core schema (YAML 1.2, section 10.3.2).
fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Plain::Float(f64::NAN),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
        return Plain::Float(f64::INFINITY * sign);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).map_or(Plain::Text, Plain::Unsigned);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).map_or(Plain::Text, Plain::Unsigned);
    }
    // Rust would also read `inf`, `nan` and `infinity` as numbers.
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Plain::Text;
    }
    if let Ok(number) = text.parse() {
        Plain::Unsigned(number)
    } else if let Ok(number) = text.parse() {
        Plain::Signed(number)
    } else {
        text.parse().map_or(Plain::Text, Plain::Float)
    }
}
