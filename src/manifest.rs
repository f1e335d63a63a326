//! The manifest: one data file for templates, with the record of every original.
//!
//! ```yaml
//! planche: 1
//! images:
//!   /uploads/a.jpg:
//!     article: { original: /uploads/a.jpg, src: …, srcset: …, sizes: …, width: …, height: … }
//! ```
//!
//! An entry also has the `alt` and the `caption` of its image, if rules say where they are and all
//! places of the image agree. A record in front matter does not need them, because it is next to
//! them.
//!
//! A template finds a record by the image's URL, or by the value in the article, and by the preset
//! of the place. Keys are sorted, so that the same records are written as the same bytes.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::config::ManifestSyntax;
use crate::record::{Content, Field, Fields, KEYS};
use crate::tree::{self, NodeId, Tree};

/// The key that marks the file as planche's, and its value, the version of the layout.
const MARK: (&str, u32) = ("planche", 1);
/// The key of the records.
const IMAGES: &str = "images";

/// The keys of an entry in addition to those of a record.
const TEXT_KEYS: [&str; 2] = ["alt", "caption"];

/// Records by image and preset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    images: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    content: Content,
    texts: Texts,
}

/// The texts of an image in articles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// `Some("")` for a decorative image.
    pub alt: Option<String>,
    pub caption: Option<String>,
}

impl Texts {
    /// Keeps only the texts that another place, with the texts `other`, has as well.
    pub fn keep_common(&mut self, other: &Texts) {
        if self.alt != other.alt {
            self.alt = None;
        }
        if self.caption != other.caption {
            self.caption = None;
        }
    }
}

/// A file that is not a manifest, which must not be overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a planche manifest, which has `planche: 1` and `images:` and nothing else")]
pub struct NotOurs;

impl Manifest {
    /// Parses a manifest. An empty file is an empty manifest; a record that cannot be read is left
    /// out.
    pub fn read(text: &str, syntax: ManifestSyntax) -> Result<Manifest, NotOurs> {
        if text.trim().is_empty() {
            return Ok(Manifest::default());
        }
        let tree = match syntax {
            ManifestSyntax::Yaml => tree::yaml::parse(text),
            ManifestSyntax::Json => tree::json::parse(text),
        };
        let tree = tree.map_err(|_| NotOurs)?;
        let root = tree.root().ok_or(NotOurs)?;
        let keys = tree.entries(root).iter().map(|entry| tree.key(entry));
        let is_ours = keys.eq([Some(MARK.0), Some(IMAGES)]);
        let images = tree.get(root, IMAGES).filter(|_| is_ours).ok_or(NotOurs)?;
        let mut manifest = Manifest::default();
        for (image, presets) in mappings(&tree, images.value) {
            for (preset, record) in mappings(&tree, presets) {
                if !is_entry(&tree, record) {
                    return Err(NotOurs);
                }
                if let Some(content) = Content::read(&tree, record) {
                    let text = |key| {
                        let entry = tree.get(record, key)?;
                        Some(tree.text(entry.value)?.to_owned())
                    };
                    let [alt, caption] = TEXT_KEYS.map(text);
                    manifest.insert(image, preset, content, Texts { alt, caption });
                }
            }
        }
        Ok(manifest)
    }

    /// Returns the text of the file.
    pub fn render(&self, syntax: ManifestSyntax) -> String {
        let rendered = match syntax {
            ManifestSyntax::Yaml => serde_yaml::to_string(self).ok(),
            ManifestSyntax::Json => serde_json::to_string_pretty(self)
                .ok()
                .map(|text| text + "\n"),
        };
        rendered.expect("texts and numbers in mappings of texts can be written")
    }

    pub fn get(&self, image: &str, preset: &str) -> Option<&Content> {
        let entry = self.images.get(image)?.get(preset)?;
        Some(&entry.content)
    }

    /// Returns the texts of an entry, to be changed.
    pub fn texts_mut(&mut self, image: &str, preset: &str) -> Option<&mut Texts> {
        let entry = self.images.get_mut(image)?.get_mut(preset)?;
        Some(&mut entry.texts)
    }

    /// Returns all names of an image: those whose records have the same file.
    pub fn alike(&self, image: &str, preset: &str) -> Vec<&str> {
        let Some(known) = self.get(image, preset) else {
            return Vec::new();
        };
        let images = self.images.iter();
        let shows = |presets: &BTreeMap<String, Entry>| {
            presets
                .get(preset)
                .is_some_and(|entry| entry.content.src == known.src)
        };
        images
            .filter(|(_, presets)| shows(presets))
            .map(|(image, _)| image.as_str())
            .collect()
    }

    pub fn has(&self, image: &str, preset: &str) -> bool {
        self.get(image, preset).is_some()
    }

    pub fn insert(&mut self, image: &str, preset: &str, content: Content, texts: Texts) {
        let presets = self.images.entry(image.to_owned()).or_default();
        presets.insert(preset.to_owned(), Entry { content, texts });
    }
}

/// Whether a mapping has only keys of an entry, `original` among them.
fn is_entry(tree: &Tree<'_>, id: NodeId) -> bool {
    let is_known = |key: &str| KEYS.contains(&key) || TEXT_KEYS.contains(&key);
    let mut entries = tree.entries(id).iter();
    entries.all(|entry| tree.key(entry).is_some_and(is_known)) && tree.get(id, KEYS[0]).is_some()
}

/// Returns the keys and values of a mapping.
fn mappings<'t>(tree: &'t Tree<'_>, id: NodeId) -> impl Iterator<Item = (&'t str, NodeId)> {
    let entries = tree.entries(id).iter();
    entries.filter_map(|entry| Some((tree.key(entry)?, entry.value)))
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let images: BTreeMap<&str, BTreeMap<&str, Mapping<'_>>> = self
            .images
            .iter()
            .map(|(image, presets)| {
                let presets = presets.iter();
                let presets =
                    presets.map(|(preset, entry)| (preset.as_str(), Mapping(entry.fields())));
                (image.as_str(), presets.collect())
            })
            .collect();
        let mut root = serializer.serialize_map(Some(2))?;
        root.serialize_entry(MARK.0, &MARK.1)?;
        root.serialize_entry(IMAGES, &images)?;
        root.end()
    }
}

impl Entry {
    /// Returns the keys and values to write, in order.
    fn fields(&self) -> Fields<'_> {
        let mut fields = self.content.fields();
        let texts = [&self.texts.alt, &self.texts.caption];
        for (key, text) in TEXT_KEYS.into_iter().zip(texts) {
            if let Some(text) = text {
                fields.push((key, Field::Text(text.into())));
            }
        }
        fields
    }
}

/// A record, or a source of one, with its keys in the order of the front matter's.
struct Mapping<'c>(Fields<'c>);

impl Serialize for Mapping<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, field) in &self.0 {
            match field {
                Field::Text(text) => map.serialize_entry(key, text)?,
                Field::Candidates(list) => map.serialize_entry(key, &list.join(", "))?,
                Field::Number(number) => map.serialize_entry(key, number)?,
                Field::Sources(sources) => {
                    let sources = sources.iter().map(|source| Mapping(source.fields()));
                    map.serialize_entry(key, &sources.collect::<Vec<_>>())?;
                }
                Field::Mapping(fields) => map.serialize_entry(key, &Mapping(fields.clone()))?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::placeholder::Placeholders;
    use crate::picture::units::Dimensions;
    use crate::record::Source;

    fn content(original: &str) -> Content {
        Content {
            original: original.to_owned(),
            src: "/v/a-64.0123456789.webp".to_owned(),
            srcset: vec![
                "/v/a-32.0123456789.webp 32w".to_owned(),
                "/v/a-64.0123456789.webp 64w".to_owned(),
            ],
            sizes: Some("(min-width: 62em) 62em, 100vw".to_owned()),
            dimensions: Dimensions {
                width: 64,
                height: 36,
            },
            placeholders: Placeholders::default(),
            sources: Vec::new(),
            also: Vec::new(),
        }
    }

    fn sample() -> Manifest {
        let mut manifest = Manifest::default();
        for image in ["/uploads/b: #1.png", "/uploads/a.png", "yes"] {
            manifest.insert(image, "card", content(image), Texts::default());
        }
        let mut directed = content("/uploads/d.png");
        directed.sources = vec![Source {
            media: Some("(max-width: 40em)".to_owned()),
            mime: "image/avif".to_owned(),
            srcset: vec!["/v/a-32.0123456789.avif 32w".to_owned()],
            sizes: None,
            dimensions: directed.dimensions,
        }];
        directed.placeholders.color = Some("#336699".to_owned());
        let texts = Texts {
            alt: Some(String::new()),
            caption: Some("a: #b\nc".to_owned()),
        };
        manifest.insert("/uploads/d.png", "card", directed, texts);
        let passes = Content {
            srcset: Vec::new(),
            sizes: None,
            ..content("/uploads/a.png")
        };
        manifest.insert("/uploads/a.png", "article", passes, Texts::default());
        manifest
    }

    #[test]
    fn a_manifest_is_written_sorted_and_read_back() {
        let yaml = sample().render(ManifestSyntax::Yaml);
        assert!(
            yaml.starts_with(
                "planche: 1\nimages:\n  /uploads/a.png:\n    article:\n      original: /uploads/a.png\n      \
                 src: /v/a-64.0123456789.webp\n      width: 64\n      height: 36\n    card:\n"
            ),
            "{yaml}"
        );
        let json = sample().render(ManifestSyntax::Json);
        assert!(
            json.ends_with("}\n") && json.contains("\n  \"images\": {\n"),
            "{json}"
        );
        for (text, syntax) in [(&yaml, ManifestSyntax::Yaml), (&json, ManifestSyntax::Json)] {
            assert_eq!(Manifest::read(text, syntax), Ok(sample()), "{text}");
        }
        // Read with a parser other than that of our trees.
        let value: serde_yaml::Value = serde_yaml::from_str(&yaml).unwrap();
        let also: serde_yaml::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value, also);
        assert_eq!(value["images"]["yes"]["card"]["height"], 36);
    }

    #[test]
    fn foreign_files_are_reported_as_foreign() {
        let read = |text| Manifest::read(text, ManifestSyntax::Yaml);
        for text in [
            "- a\n",
            "menu: [a]\n",
            "planche: 1\nimages: {}\nmenu: [a]\n",
            "images: {}\n",
            "planche: 1\nimages: { /a.png: { card: { alt: x } } }\n",
            "planche: 1\nimages: { /a.png: { card: { original: x, title: y } } }\n",
            "a: [\n",
        ] {
            assert_eq!(read(text), Err(NotOurs), "{text}");
        }
        for text in ["", "\n", "planche: 1\nimages: {}\n"] {
            assert_eq!(read(text), Ok(Manifest::default()), "{text}");
        }
    }
}
