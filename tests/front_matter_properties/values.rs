//! What other parsers read in a text: its values with style, tag and anchor, to compare by.

use std::fmt;

use granit_parser::{Event, Options, Parser as Granit, ScalarStyle};
use libyaml_safer::{EventData, Parser as Libyaml};
use serde::de::{
    Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{Serialize, SerializeMap, Serializer};

use planche::internal::article::Syntax;
use planche::internal::record::KEYS;

/// A value with everything its parser reports except the position. Keys may occur twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Scalar {
        text: String,
        how: String,
    },
    Sequence {
        items: Vec<Node>,
        how: String,
    },
    Mapping {
        pairs: Vec<(Node, Node)>,
        how: String,
    },
    /// Nothing is left of a mapping without our keys.
    Nothing,
}

/// Panics where a parser reads anything else than our keys differently in the two texts.
pub fn differ_in_our_keys_only(syntax: Syntax, old: &str, new: &str) {
    differ_only(syntax, old, new, &without_ours);
}

/// Panics where a parser reads anything else than that key differently in the two texts.
pub fn differ_in_one_key_only(syntax: Syntax, old: &str, new: &str, key: &str) {
    differ_only(syntax, old, new, &|node| without_key(node, key));
}

fn differ_only(syntax: Syntax, old: &str, new: &str, without: &dyn Fn(Node) -> Node) {
    let readers: &[fn(&str) -> Option<Node>] = match syntax {
        Syntax::Yaml => &[granit, libyaml, loaded_yaml],
        Syntax::Toml => &[|text| toml_edit::de::from_str(text).ok()],
        Syntax::Json => &[|text| serde_json::from_str(text).ok()],
    };
    for (index, read) in readers.iter().enumerate() {
        // The loaders refuse what the editor's parsers read; those must read both.
        match (read(old), read(new)) {
            (Some(old), Some(now)) => {
                assert_eq!(without(now), without(old), "reader {index}: {new}");
            }
            (None, _) if syntax == Syntax::Yaml && index == 2 => {}
            (_, now) => panic!("reader {index}: {old}\nbecame\n{new}\nread as {now:?}"),
        }
    }
    if syntax == Syntax::Yaml {
        let read = |text| (granit(text).map(bare), libyaml(text).map(bare));
        let (granit, libyaml) = read(new);
        assert_eq!(granit, libyaml, "two parsers of {new}");
    }
}

/// Without the entries of that key, in every mapping.
fn without_key(node: Node, key: &str) -> Node {
    match node {
        Node::Mapping { pairs, how } => {
            let others = pairs.into_iter().filter(|(own, _)| !is_text(own, key));
            let pairs = others.map(|(own, value)| (own, without_key(value, key)));
            let pairs = pairs.collect();
            Node::Mapping { pairs, how }
        }
        Node::Sequence { items, how } => Node::Sequence {
            items: items
                .into_iter()
                .map(|item| without_key(item, key))
                .collect(),
            how,
        },
        other => other,
    }
}

/// Without the keys that hold records, lists of records, or nothing.
fn without_ours(node: Node) -> Node {
    match node {
        Node::Mapping { pairs, how } => {
            let mut kept = Vec::new();
            for (key, value) in pairs {
                if !is_ours(&key, &value) {
                    kept.push((key, without_ours(value)));
                }
            }
            // The list's parent may be there for the list alone.
            kept.retain(|(key, value)| !is_text(key, "extra") || *value != Node::Nothing);
            if kept.is_empty() {
                return Node::Nothing;
            }
            Node::Mapping { pairs: kept, how }
        }
        Node::Sequence { items, how } => Node::Sequence {
            items: items.into_iter().map(without_ours).collect(),
            how,
        },
        Node::Scalar { text, .. } if text.is_empty() || text == "~" || text == "null" => {
            Node::Nothing
        }
        other => other,
    }
}

fn is_text(node: &Node, wanted: &str) -> bool {
    matches!(node, Node::Scalar { text, .. } if text == wanted)
}

fn is_ours(key: &Node, value: &Node) -> bool {
    let Node::Scalar { text: key, .. } = key else {
        return false;
    };
    let empty = is_empty(value);
    if key == "responsive_images" {
        let list = matches!(value, Node::Sequence { items, .. } if items.iter().all(is_record));
        return list || empty;
    }
    let is_beside = key
        .strip_suffix("_responsive")
        .is_some_and(|base| !base.is_empty());
    is_beside && (is_record(value) || empty)
}

fn is_empty(value: &Node) -> bool {
    match value {
        Node::Scalar { text, .. } => text.is_empty() || text == "~" || text == "null",
        Node::Sequence { items, .. } => items.is_empty(),
        Node::Mapping { pairs, .. } => pairs.is_empty(),
        Node::Nothing => true,
    }
}

fn is_record(node: &Node) -> bool {
    let Node::Mapping { pairs, .. } = node else {
        return false;
    };
    let known = |(key, _): &(Node, Node)| KEYS.iter().any(|known| is_text(key, known));
    pairs.iter().all(known) && pairs.iter().any(|(key, _)| is_text(key, "original"))
}

/// Only the texts, without styles that the parsers name differently.
fn bare(node: Node) -> Node {
    let how = String::new();
    match node {
        Node::Scalar { text, .. } => Node::Scalar { text, how },
        Node::Sequence { items, .. } => Node::Sequence {
            items: items.into_iter().map(bare).collect(),
            how,
        },
        Node::Mapping { pairs, .. } => Node::Mapping {
            pairs: pairs
                .into_iter()
                .map(|(key, value)| (bare(key), bare(value)))
                .collect(),
            how,
        },
        Node::Nothing => Node::Nothing,
    }
}

/// A parser's event.
enum Mark {
    Leaf(Node),
    Sequence(String),
    Mapping(String),
    End,
}

/// The values of one document, or `None` if there is an error among the marks.
fn values(marks: impl Iterator<Item = Option<Mark>>) -> Option<Node> {
    let marks = marks.collect::<Option<Vec<Mark>>>()?;
    Some(value(&mut marks.into_iter()).unwrap_or(Node::Nothing))
}

fn value(marks: &mut std::vec::IntoIter<Mark>) -> Option<Node> {
    match marks.next()? {
        Mark::Leaf(node) => Some(node),
        Mark::Sequence(how) => {
            let items = std::iter::from_fn(|| value(marks)).collect();
            Some(Node::Sequence { items, how })
        }
        Mark::Mapping(how) => {
            let pairs = std::iter::from_fn(|| Some((value(marks)?, value(marks)?))).collect();
            Some(Node::Mapping { pairs, how })
        }
        Mark::End => None,
    }
}

/// libyaml-safer panics on a block scalar whose last line has no end.
fn with_line_end(text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

fn granit(text: &str) -> Option<Node> {
    let mut options = Options::default();
    options.block_scalar_eof_without_line_feed = true;
    options.bom_inside_document_as_content = true;
    let text = with_line_end(text);
    let marks = Granit::new_from_str_with_options(&text, options).filter_map(|event| {
        let Ok((event, _)) = event else {
            return Some(None);
        };
        let mark = match event {
            Event::Scalar(text, style, anchor, tag) => {
                // An empty value is given as `~`, as one that is written is.
                let text = match (style, text.as_ref()) {
                    (ScalarStyle::Plain, "~") => "",
                    (_, text) => text,
                };
                Mark::Leaf(Node::Scalar {
                    text: text.to_owned(),
                    how: format!("{style:?} {tag:?} {}", anchor > 0),
                })
            }
            Event::Alias(_) => Mark::Leaf(Node::Scalar {
                text: "*".to_owned(),
                how: "alias".to_owned(),
            }),
            Event::SequenceStart(style, anchor, tag) => {
                Mark::Sequence(format!("{style:?} {tag:?} {}", anchor > 0))
            }
            Event::MappingStart(style, anchor, tag) => {
                Mark::Mapping(format!("{style:?} {tag:?} {}", anchor > 0))
            }
            Event::SequenceEnd | Event::MappingEnd => Mark::End,
            _ => return None,
        };
        Some(Some(mark))
    });
    values(marks)
}

fn libyaml(text: &str) -> Option<Node> {
    let text = with_line_end(text);
    let mut input = text.as_bytes();
    let mut parser = Libyaml::new();
    parser.set_input_string(&mut input);
    let mut ended = false;
    let marks = std::iter::from_fn(|| {
        if ended {
            return None;
        }
        let Ok(event) = parser.parse() else {
            ended = true;
            return Some(Some(None));
        };
        let mark = match event.data {
            EventData::StreamEnd => {
                ended = true;
                return None;
            }
            EventData::Scalar {
                value,
                style,
                tag,
                anchor,
                ..
            } => Mark::Leaf(Node::Scalar {
                text: if value == "~" { String::new() } else { value },
                how: format!("{style:?} {tag:?} {anchor:?}"),
            }),
            EventData::Alias { anchor } => Mark::Leaf(Node::Scalar {
                text: "*".to_owned(),
                how: anchor,
            }),
            EventData::SequenceStart {
                style, tag, anchor, ..
            } => Mark::Sequence(format!("{style:?} {tag:?} {anchor:?}")),
            EventData::MappingStart {
                style, tag, anchor, ..
            } => Mark::Mapping(format!("{style:?} {tag:?} {anchor:?}")),
            EventData::SequenceEnd | EventData::MappingEnd => Mark::End,
            _ => return Some(None),
        };
        Some(Some(Some(mark)))
    });
    values(marks.flatten())
}

fn loaded_yaml(text: &str) -> Option<Node> {
    // No document at all is an error to the loader.
    match granit(text) {
        Some(Node::Nothing) => Some(Node::Nothing),
        _ => serde_yaml::from_str(text).ok(),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl NodeVisitor {
    fn scalar<T: fmt::Display>(value: T, how: &str) -> Node {
        Node::Scalar {
            text: value.to_string(),
            how: how.to_owned(),
        }
    }
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Self::scalar(value, "bool"))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Self::scalar(value, "integer"))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Self::scalar(value, "integer"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Self::scalar(value, "float"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Self::scalar(value, "text"))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Self::scalar("", "null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::Sequence {
            items,
            how: String::new(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = access.next_entry()? {
            pairs.push(pair);
        }
        Ok(Node::Mapping {
            pairs,
            how: String::new(),
        })
    }

    /// A YAML value with a tag of its own, which the events tell.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Node, A::Error> {
        let (_, value) = access.variant::<String>()?;
        value.newtype_variant()
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Nothing => serializer.serialize_unit(),
            Node::Sequence { items, .. } => items.serialize(serializer),
            Node::Mapping { pairs, .. } => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Node::Scalar { text, how } => match how.as_str() {
                "null" => serializer.serialize_unit(),
                "bool" => serializer.serialize_bool(text == "true"),
                "integer" => match text.parse() {
                    Ok(number) => serializer.serialize_i64(number),
                    Err(_) => serializer.serialize_str(text),
                },
                "float" => match text.parse() {
                    Ok(number) => serializer.serialize_f64(number),
                    Err(_) => serializer.serialize_str(text),
                },
                _ => serializer.serialize_str(text),
            },
        }
    }
}

/// How a content manager rewrites a file.
#[derive(Clone, Copy, Debug)]
pub struct Dump {
    pub pretty: bool,
    /// Whether the keys within our records are in reverse order.
    pub reversed: bool,
}

/// Parses and prints the text, as content managers do. Returns `None` if a loader refuses it.
pub fn dump(syntax: Syntax, text: &str, dump: Dump) -> Option<String> {
    let turned = |node| {
        if dump.reversed {
            turn_records(node)
        } else {
            node
        }
    };
    match syntax {
        Syntax::Yaml => serde_yaml::to_string(&turned(loaded_yaml(text)?)).ok(),
        Syntax::Toml => {
            let node = turned(toml_edit::de::from_str(text).ok()?);
            if dump.pretty {
                toml_edit::ser::to_string_pretty(&node).ok()
            } else {
                toml_edit::ser::to_string(&node).ok()
            }
        }
        Syntax::Json => {
            let node = turned(serde_json::from_str(text).ok()?);
            if dump.pretty {
                serde_json::to_string_pretty(&node).ok()
            } else {
                serde_json::to_string(&node).ok()
            }
        }
    }
}

fn turn_records(node: Node) -> Node {
    let is_ours = is_record(&node);
    match node {
        Node::Mapping { mut pairs, how } => {
            if is_ours {
                pairs.reverse();
            }
            let turned = |(key, value)| (key, turn_records(value));
            Node::Mapping {
                pairs: pairs.into_iter().map(turned).collect(),
                how,
            }
        }
        Node::Sequence { items, how } => Node::Sequence {
            items: items.into_iter().map(turn_records).collect(),
            how,
        },
        other => other,
    }
}
