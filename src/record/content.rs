//! The content of a record: its fields in the order in which they are written, and how they are
//! read back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::picture::placeholder::Placeholders;
use crate::picture::units::Dimensions;
use crate::tree::{NodeId, Style, Tree, Value};

/// The keys of a record, in the order in which they are written.
///
/// A mapping is a record of ours if it has only these keys and `original` is one of them.
pub const KEYS: [&str; 11] = [
    "original",
    "src",
    "srcset",
    "sizes",
    "width",
    "height",
    "colour",
    "thumbhash",
    "blur",
    "sources",
    "also",
];

/// The keys of an entry of `sources`, in the order in which they are written: the attributes of a
/// `<source>` (HTML, section 4.8.2).
const SOURCE_KEYS: [&str; 6] = ["media", "type", "srcset", "sizes", "width", "height"];

/// The content of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The reference's value as written in the article.
    pub original: String,
    /// The URL for browsers without `srcset` support: the largest candidate or, with densities,
    /// the one as wide as the place.
    pub src: String,
    /// Entries `URL DESCRIPTOR`, ascending; empty if the original is published as is.
    pub srcset: Vec<String>,
    /// The `sizes` attribute; only if the `srcset` has width descriptors.
    pub sizes: Option<String>,
    /// Width and height of `src` in pixels.
    pub dimensions: Dimensions,
    /// Placeholders to show until the image has loaded.
    pub placeholders: Placeholders,
    /// The `<source>` elements before the `<img>` of a `<picture>`, in order.
    pub sources: Vec<Source>,
    /// The same image by the other presets of its rule, in the order of the rule.
    pub also: Vec<Also>,
}

/// The same image by another preset: an entry of `also`, under the preset's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Also {
    pub preset: String,
    /// Content with the `original` of the record that it belongs to, which is not written again,
    /// and without an `also` of its own.
    pub content: Content,
}

/// A `<source>` of a `<picture>` (HTML, section 4.8.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The media condition; `None` if only the format matters.
    pub media: Option<String>,
    /// The MIME type of all candidates.
    pub mime: String,
    /// Entries `URL DESCRIPTOR`, ascending.
    pub srcset: Vec<String>,
    /// The `sizes` attribute; only if the `srcset` has width descriptors.
    pub sizes: Option<String>,
    /// Width and height of the largest candidate or, with densities, of the one as wide as the
    /// place: browsers derive the aspect ratio from them.
    pub dimensions: Dimensions,
}

/// The value of one key of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// Entries of a `srcset`, one per line if the syntax can fold strings; the value joins them
    /// with `, `.
    Candidates(&'a [String]),
    /// A number.
    Number(u32),
    /// A non-empty list of mappings.
    Sources(&'a [Source]),
    /// A non-empty mapping, whose keys may need quotes.
    Mapping(Fields<'a>),
}

/// Keys and values, in the order in which they are written.
pub type Fields<'a> = Vec<(&'a str, Field<'a>)>;

impl Content {
    /// Returns the keys and values to write, in order.
    pub fn fields(&self) -> Fields<'_> {
        let [
            original,
            src,
            srcset,
            sizes,
            width,
            height,
            color,
            thumbhash,
            blur,
            sources,
            also,
        ] = KEYS;
        let placeholders = &self.placeholders;
        [
            Some((original, text(&self.original))),
            Some((src, text(&self.src))),
            (!self.srcset.is_empty()).then_some((srcset, Field::Candidates(&self.srcset))),
            optional(sizes, &self.sizes),
            Some((width, Field::Number(self.dimensions.width))),
            Some((height, Field::Number(self.dimensions.height))),
            optional(color, &placeholders.color),
            optional(thumbhash, &placeholders.thumbhash),
            optional(blur, &placeholders.blur),
            (!self.sources.is_empty()).then_some((sources, Field::Sources(&self.sources))),
            (!self.also.is_empty()).then(|| (also, Field::Mapping(self.other_presets()))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns the entries of `also`.
    fn other_presets(&self) -> Fields<'_> {
        self.also
            .iter()
            .map(|other| {
                let fields = other.content.fields_without_original();
                (other.preset.as_str(), Field::Mapping(fields))
            })
            .collect()
    }

    /// Returns the keys and values of an entry of `also`.
    fn fields_without_original(&self) -> Fields<'_> {
        let mut fields = self.fields();
        fields.retain(|(key, _)| *key != KEYS[0]);
        fields
    }

    /// Returns the record of one preset: without a name, this one without `also`; with a name, the
    /// entry of `also` under it.
    pub fn of_preset(&self, preset: Option<&str>) -> Option<Content> {
        match preset {
            None => Some(Content {
                also: Vec::new(),
                ..self.clone()
            }),
            Some(name) => {
                let other = self.also.iter().find(|other| other.preset == name)?;
                Some(other.content.clone())
            }
        }
    }

    /// Reads a record back. Returns `None` if a value is not of the kind that we write.
    pub fn read(tree: &Tree<'_>, mapping: NodeId) -> Option<Content> {
        let original = text_at(tree, mapping, "original")?;
        let also = tree
            .get(mapping, "also")
            .map_or(&[][..], |entry| tree.entries(entry.value));
        let also = also.iter().map(|entry| {
            Some(Also {
                preset: tree.key(entry)?.to_owned(),
                content: Content::read_one(tree, entry.value, original)?,
            })
        });
        Some(Content {
            also: also.collect::<Option<_>>()?,
            ..Content::read_one(tree, mapping, original)?
        })
    }

    /// Reads the record of one preset.
    fn read_one(tree: &Tree<'_>, mapping: NodeId, original: &str) -> Option<Content> {
        let sources = match tree.get(mapping, "sources") {
            Some(entry) => tree
                .items(entry.value)
                .iter()
                .map(|item| Source::read(tree, *item))
                .collect::<Option<_>>()?,
            None => Vec::new(),
        };
        let optional = |key| text_at(tree, mapping, key).map(str::to_owned);
        Some(Content {
            original: original.to_owned(),
            src: optional("src")?,
            srcset: candidates_at(tree, mapping),
            sizes: optional("sizes"),
            dimensions: dimensions_at(tree, mapping)?,
            placeholders: Placeholders {
                color: optional("colour"),
                thumbhash: optional("thumbhash"),
                blur: optional("blur"),
            },
            sources,
            also: Vec::new(),
        })
    }

    /// Returns whether the mapping has the same keys and values, ignoring order, quoting and
    /// folding.
    pub fn equals(&self, tree: &Tree<'_>, mapping: NodeId) -> bool {
        fields_equal(&self.fields(), tree, mapping)
    }
}

impl Source {
    /// Returns the keys and values to write, in order.
    pub fn fields(&self) -> Fields<'_> {
        let [media, mime, srcset, sizes, width, height] = SOURCE_KEYS;
        [
            optional(media, &self.media),
            Some((mime, text(&self.mime))),
            Some((srcset, Field::Candidates(&self.srcset))),
            optional(sizes, &self.sizes),
            Some((width, Field::Number(self.dimensions.width))),
            Some((height, Field::Number(self.dimensions.height))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn read(tree: &Tree<'_>, mapping: NodeId) -> Option<Source> {
        Some(Source {
            media: text_at(tree, mapping, "media").map(str::to_owned),
            mime: text_at(tree, mapping, "type")?.to_owned(),
            srcset: candidates_at(tree, mapping),
            sizes: text_at(tree, mapping, "sizes").map(str::to_owned),
            dimensions: dimensions_at(tree, mapping)?,
        })
    }
}

/// Returns whether the value is a mapping that has only keys of a record, `original` among them.
pub fn is_record(tree: &Tree<'_>, id: NodeId) -> bool {
    let is_ours = |entry| tree.key(entry).is_some_and(|key| KEYS.contains(&key));
    tree.entries(id).iter().all(is_ours) && tree.get(id, "original").is_some()
}

fn optional<'a>(key: &'a str, value: &'a Option<String>) -> Option<(&'a str, Field<'a>)> {
    value.as_deref().map(|value| (key, text(value)))
}

fn text(value: &str) -> Field<'_> {
    Field::Text(Cow::Borrowed(value))
}

fn text_at<'t>(tree: &'t Tree<'_>, mapping: NodeId, key: &str) -> Option<&'t str> {
    tree.get(mapping, key)
        .and_then(|entry| tree.text(entry.value))
}

fn candidates_at(tree: &Tree<'_>, mapping: NodeId) -> Vec<String> {
    let srcset = text_at(tree, mapping, "srcset");
    srcset.map_or_else(Vec::new, |srcset| {
        srcset.split(", ").map(str::to_owned).collect()
    })
}

fn dimensions_at(tree: &Tree<'_>, mapping: NodeId) -> Option<Dimensions> {
    let number = |key| text_at(tree, mapping, key)?.parse().ok();
    Some(Dimensions {
        width: number("width")?,
        height: number("height")?,
    })
}

/// Returns whether a mapping has exactly these fields, in any order.
fn fields_equal(fields: &[(&str, Field<'_>)], tree: &Tree<'_>, mapping: NodeId) -> bool {
    let has = |(key, field): &(&str, Field<'_>)| {
        let Some(entry) = tree.get(mapping, key) else {
            return false;
        };
        match (field, &tree.node(entry.value).value) {
            (Field::Text(expected), Value::Scalar { text, .. }) => text == expected,
            (Field::Candidates(list), Value::Scalar { text, .. }) => *text == list.join(", "),
            (Field::Number(number), Value::Scalar { text, style }) => {
                *style == Style::Plain && *text == number.to_string()
            }
            (Field::Sources(sources), _) => {
                let items = tree.items(entry.value);
                items.len() == sources.len()
                    && sources
                        .iter()
                        .zip(items)
                        .all(|(source, item)| fields_equal(&source.fields(), tree, *item))
            }
            (Field::Mapping(fields), _) => fields_equal(fields, tree, entry.value),
            _ => false,
        }
    };
    tree.entries(mapping).len() == fields.len() && fields.iter().all(has)
}
