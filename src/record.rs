//! The record: the metadata of one picture in one place, and which rungs its srcset lists.

use std::borrow::Cow;
use std::num::NonZero;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::config::FrontMatterKeys;
use crate::preset::{PlaceholderKind, PlaceholderKinds};
use crate::tree::{NodeId, Style, Tree, Value};
use crate::units::Dimensions;

/// The keys of a record, in the order in which they are written.
///
/// A mapping of these keys only that holds `original` is ours; nothing else is.
pub const KEYS: [&str; 10] = [
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
];

/// The keys of an entry of `sources`, in the order in which they are written: the attributes of a
/// `<source>` (HTML, section 4.8.2).
const SOURCE_KEYS: [&str; 6] = ["media", "type", "srcset", "sizes", "width", "height"];

/// The keys that are ours in the articles of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OurKeys {
    pub names: FrontMatterKeys,
    /// The root key under which the list key goes, where it is not the root itself (Zola: `extra`).
    pub list_parent: Option<&'static str>,
}

impl OurKeys {
    /// The key without a suffix of ours, and whether the suffix is the current one.
    pub fn base_of<'k>(&self, key: &'k str) -> Option<(&'k str, bool)> {
        let without = |suffix: &str| key.strip_suffix(suffix).filter(|base| !base.is_empty());
        let previous = self
            .names
            .previous
            .iter()
            .filter_map(|previous| previous.suffix.as_ref());
        without(self.names.suffix.as_str())
            .map(|base| (base, true))
            .or_else(|| {
                previous
                    .into_iter()
                    .find_map(|suffix| Some((without(suffix.as_str())?, false)))
            })
    }

    /// Whether the key is the list's, now or in an earlier configuration.
    pub fn is_list_key(&self, key: &str) -> bool {
        let previous = self
            .names
            .previous
            .iter()
            .filter_map(|previous| previous.list_key.as_ref());
        self.names.list_key.as_str() == key || previous.into_iter().any(|name| name.as_str() == key)
    }
}

/// The metadata of one picture in one place.
///
/// `S` says what the record rests on: files that all stand on disk (only `variant` can say that),
/// or the plan's [`Forecast`]. Only a record of the first kind can be written into an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<S> {
    content: Content,
    state: S,
}

/// A record that rests on the plan: sizes of files that do not stand yet are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast;

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The reference's value as written.
    pub original: String,
    /// URL of the candidate for browsers that know no srcset: the largest one, or of densities the
    /// one of the place's own width.
    pub src: String,
    /// `URL DESCRIPTOR`, ascending; empty where the original passes through.
    pub srcset: Vec<String>,
    /// The `sizes` attribute; only with a srcset of widths.
    pub sizes: Option<String>,
    /// Width and height of `src` in pixels.
    pub dimensions: Dimensions,
    /// What can be shown until the picture is there.
    pub placeholders: Placeholders,
    /// What comes before the `<img>` in a `<picture>`, in the order of its elements.
    pub sources: Vec<Source>,
}

/// What can be shown in a picture's place until it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholders {
    /// `#rrggbb`; none where something shows through the picture, behind which it would stay.
    pub colour: Option<String>,
    /// A ThumbHash in Base64 (RFC 4648, section 4).
    pub thumbhash: Option<String>,
    /// A WebP as a data URI (RFC 2397), shorter than [`BLUR_LIMIT`]; none where `colour` is none.
    pub blur: Option<String>,
}

/// Bytes that a `blur` is shorter than.
pub const BLUR_LIMIT: usize = 300;
/// What a `blur` begins with.
pub const BLUR_SCHEME: &str = "data:image/webp;base64,";

impl Placeholders {
    /// Those of some kinds.
    #[must_use]
    pub fn of(&self, kinds: &PlaceholderKinds) -> Placeholders {
        let text = |kind, text: &Option<String>| text.clone().filter(|_| kinds.has(kind));
        Placeholders {
            colour: text(PlaceholderKind::Colour, &self.colour),
            thumbhash: text(PlaceholderKind::Thumbhash, &self.thumbhash),
            blur: text(PlaceholderKind::Blur, &self.blur),
        }
    }

    /// Whether these could be a picture's that is asked for those kinds, whatever it shows.
    pub fn could_be_of(&self, kinds: &PlaceholderKinds) -> bool {
        let Placeholders {
            colour,
            thumbhash,
            blur,
        } = self;
        // Of a picture that something shows through, a ThumbHash alone.
        let is_opaque = colour.is_some() || blur.is_some();
        let is_there = |kind, text: &Option<String>| text.is_some() == kinds.has(kind);
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_colour = |text: &String| {
            let digits = text.strip_prefix('#').unwrap_or_default();
            digits.len() == 6 && digits.bytes().all(is_hex)
        };
        let decoded = |text: &str| BASE64_STANDARD.decode(text).ok();
        // Five or six bytes of header, and half a byte for each of at most 38 coefficients.
        let is_hash =
            |text: &String| decoded(text).is_some_and(|hash| (5..=25).contains(&hash.len()));
        let is_blur = |text: &String| {
            let webp = text.strip_prefix(BLUR_SCHEME).and_then(decoded);
            text.len() < BLUR_LIMIT && webp.is_some_and(|webp| webp.starts_with(b"RIFF"))
        };
        is_there(PlaceholderKind::Thumbhash, thumbhash)
            && (!is_opaque
                || is_there(PlaceholderKind::Colour, colour)
                    && is_there(PlaceholderKind::Blur, blur))
            && colour.as_ref().is_none_or(is_colour)
            && thumbhash.as_ref().is_none_or(is_hash)
            && blur.as_ref().is_none_or(is_blur)
    }
}

/// A `<source>` of a `<picture>` (HTML, section 4.8.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The media condition; none where the format alone decides.
    pub media: Option<String>,
    /// The MIME type of all its candidates.
    pub mime: String,
    pub srcset: Vec<String>,
    pub sizes: Option<String>,
    /// Width and height of its largest candidate, or of densities of the one of the place's own
    /// width: its aspect.
    pub dimensions: Dimensions,
}

/// The value of one key of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    Text(Cow<'a, str>),
    /// Written one candidate a line where the syntax can fold; its text joins them with `, `.
    Candidates(&'a [String]),
    Number(u32),
    /// A list of mappings, never empty.
    Sources(&'a [Source]),
}

/// Keys and values, in the order in which they are written.
type Fields<'a> = Vec<(&'static str, Field<'a>)>;

impl<S> Record<S> {
    pub fn new(content: Content, state: S) -> Self {
        Record { content, state }
    }

    pub fn content(&self) -> &Content {
        &self.content
    }
}

impl Content {
    /// The keys and values to write, in order.
    pub fn fields(&self) -> Fields<'_> {
        let [
            original,
            src,
            srcset,
            sizes,
            width,
            height,
            colour,
            thumbhash,
            blur,
            sources,
        ] = KEYS;
        let placeholders = &self.placeholders;
        [
            Some((original, text(&self.original))),
            Some((src, text(&self.src))),
            (!self.srcset.is_empty()).then_some((srcset, Field::Candidates(&self.srcset))),
            self.sizes.as_deref().map(|value| (sizes, text(value))),
            Some((width, Field::Number(self.dimensions.width))),
            Some((height, Field::Number(self.dimensions.height))),
            optional(colour, &placeholders.colour),
            optional(thumbhash, &placeholders.thumbhash),
            optional(blur, &placeholders.blur),
            (!self.sources.is_empty()).then_some((sources, Field::Sources(&self.sources))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Reads a mapping of ours back; none if a value is not of the kind that we write.
    pub fn read(tree: &Tree<'_>, mapping: NodeId) -> Option<Content> {
        let sources = match tree.get(mapping, "sources") {
            Some(entry) => tree
                .items(entry.value)
                .iter()
                .map(|item| Source::read(tree, *item))
                .collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Content {
            original: text_at(tree, mapping, "original")?.to_owned(),
            src: text_at(tree, mapping, "src")?.to_owned(),
            srcset: candidates_at(tree, mapping),
            sizes: text_at(tree, mapping, "sizes").map(str::to_owned),
            dimensions: dimensions_at(tree, mapping)?,
            placeholders: Placeholders {
                colour: text_at(tree, mapping, "colour").map(str::to_owned),
                thumbhash: text_at(tree, mapping, "thumbhash").map(str::to_owned),
                blur: text_at(tree, mapping, "blur").map(str::to_owned),
            },
            sources,
        })
    }

    /// Whether the mapping says the same, whatever its order, quoting and folding.
    pub fn equals(&self, tree: &Tree<'_>, mapping: NodeId) -> bool {
        fields_equal(&self.fields(), tree, mapping)
    }
}

impl Source {
    /// The keys and values to write, in order.
    pub fn fields(&self) -> Fields<'_> {
        let [media, mime, srcset, sizes, width, height] = SOURCE_KEYS;
        [
            self.media.as_deref().map(|value| (media, text(value))),
            Some((mime, text(&self.mime))),
            Some((srcset, Field::Candidates(&self.srcset))),
            self.sizes.as_deref().map(|value| (sizes, text(value))),
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

fn optional<'a>(key: &'static str, value: &'a Option<String>) -> Option<(&'static str, Field<'a>)> {
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

/// Whether a mapping holds these fields and no others, in any order.
fn fields_equal(fields: &[(&'static str, Field<'_>)], tree: &Tree<'_>, mapping: NodeId) -> bool {
    let holds = |(key, field): &(&str, Field<'_>)| {
        let Some(entry) = tree.get(mapping, key) else {
            return false;
        };
        match (field, &tree.node(entry.value).value) {
            (Field::Text(wanted), Value::Scalar { text, .. }) => text == wanted,
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
            _ => false,
        }
    };
    tree.entries(mapping).len() == fields.len() && fields.iter().all(holds)
}

/// Whether the value is a mapping of a record's keys only that holds `original`.
pub fn is_record(tree: &Tree<'_>, id: NodeId) -> bool {
    let entries = tree.entries(id);
    let ours = |entry| tree.key(entry).is_some_and(|key| KEYS.contains(&key));
    entries.iter().all(ours) && tree.get(id, "original").is_some()
}

/// A file that could be a candidate: its URL, its size in pixels, and its bytes where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    pub url: String,
    pub dimensions: Dimensions,
    /// None in a forecast.
    pub bytes: Option<u64>,
}

/// How the candidates of a srcset are told apart (HTML, section 4.8.4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sizing {
    /// By width, `640w`; the browser chooses by this `sizes` attribute.
    Widths(String),
    /// By density, `2x`, for a place of that many CSS pixels.
    Densities(u32),
}

impl Sizing {
    /// A rung as a srcset lists it: URL and descriptor.
    pub fn candidate(&self, rung: &Rung) -> String {
        let Rung {
            url, dimensions, ..
        } = rung;
        match self {
            Sizing::Widths(_) => format!("{url} {}w", dimensions.width),
            Sizing::Densities(place) => {
                let density = f64::from(dimensions.width) / f64::from(*place);
                format!("{url} {}x", (density * 1e4).round() / 1e4)
            }
        }
    }

    fn sizes(&self) -> Option<String> {
        match self {
            Sizing::Widths(sizes) => Some(sizes.clone()),
            Sizing::Densities(_) => None,
        }
    }

    /// The candidate that stands for all: the largest one, or of densities the first that fills
    /// the place.
    fn representative<'r>(&self, candidates: &[&'r Rung]) -> &'r Rung {
        let fills = |rung: &&&Rung| match self {
            Sizing::Widths(_) => false,
            Sizing::Densities(place) => rung.dimensions.width >= *place,
        };
        let largest = candidates.last().expect("a ladder has a rung");
        candidates.iter().find(fills).unwrap_or(largest)
    }
}

/// The candidates that a srcset lists, ascending: a pure function of the sizes of the files.
///
/// `rungs` ascend by width. A rung that does not save `step` bytes, at least one, against the next
/// larger candidate is left out: a browser that could use it is better served by the larger one.
/// `original` is given where the original itself may be a candidate; it takes the top where the
/// largest rung does not beat it.
pub fn candidates<'a>(
    rungs: &'a [Rung],
    original: Option<&'a Rung>,
    step: NonZero<u64>,
) -> Vec<&'a Rung> {
    let mut limit = original.and_then(|rung| rung.bytes).unwrap_or(u64::MAX);
    let mut listed: Vec<&Rung> = Vec::new();
    for (depth, rung) in rungs.iter().rev().enumerate() {
        let is_lowest = depth + 1 == rungs.len();
        let step = if depth == 0 { 1 } else { step.get() };
        // The smallest rung of a byte ladder is asked for by name: one between gives way to it.
        while is_lowest && step > 1 && listed.len() > 1 && !saves(rung, limit, step) {
            listed.pop();
            limit = listed.last().and_then(|rung| rung.bytes).unwrap_or(limit);
        }
        if saves(rung, limit, step) {
            limit = rung.bytes.unwrap_or(limit);
            listed.push(rung);
        } else if depth == 0 {
            listed.extend(original);
        }
    }
    listed.reverse();
    listed
}

/// Whether a rung saves that many bytes; of one whose size is unknown it is assumed.
fn saves(rung: &Rung, limit: u64, step: u64) -> bool {
    rung.bytes
        .is_none_or(|bytes| bytes.saturating_add(step) <= limit)
}

/// Whether a browser that picks from `candidates` never loads more than it would from `others`,
/// whatever width it asks for: else the `<source>` of those candidates does not pay.
pub fn beats(candidates: &[&Rung], others: &[&Rung]) -> bool {
    others.iter().all(|other| {
        let serves = |rung: &&&Rung| rung.dimensions.width >= other.dimensions.width;
        let taken = candidates.iter().find(serves).or(candidates.last());
        let bytes = taken.and_then(|taken| taken.bytes).zip(other.bytes);
        bytes.is_none_or(|(taken, other)| taken < other)
    })
}

/// The content of a record that lists `candidates`, which ascend and are not empty.
pub fn responsive(
    original: &str,
    candidates: &[&Rung],
    sizing: &Sizing,
    sources: Vec<Source>,
) -> Content {
    let representative = sizing.representative(candidates);
    Content {
        original: original.to_owned(),
        src: representative.url.clone(),
        srcset: srcset(candidates, sizing),
        sizes: sizing.sizes(),
        dimensions: representative.dimensions,
        placeholders: Placeholders::default(),
        sources,
    }
}

/// A `<source>` that lists `candidates`, which ascend and are not empty.
pub fn source(media: Option<&str>, mime: &str, candidates: &[&Rung], sizing: &Sizing) -> Source {
    Source {
        media: media.map(str::to_owned),
        mime: mime.to_owned(),
        srcset: srcset(candidates, sizing),
        sizes: sizing.sizes(),
        dimensions: sizing.representative(candidates).dimensions,
    }
}

fn srcset(candidates: &[&Rung], sizing: &Sizing) -> Vec<String> {
    let listed = candidates.iter();
    listed.map(|rung| sizing.candidate(rung)).collect()
}

/// The content of a record whose original is published as it is.
pub fn pass_through(original: &str, url: String, dimensions: Dimensions) -> Content {
    Content {
        original: original.to_owned(),
        src: url,
        srcset: Vec::new(),
        sizes: None,
        dimensions,
        placeholders: Placeholders::default(),
        sources: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(width: u32, bytes: impl Into<Option<u64>>) -> Rung {
        Rung {
            url: format!("/v/{width}.webp"),
            dimensions: Dimensions {
                width,
                height: width / 2,
            },
            bytes: bytes.into(),
        }
    }

    fn listed(rungs: &[Rung], original: Option<&Rung>) -> Vec<u32> {
        candidates(rungs, original, NonZero::<u64>::MIN)
            .iter()
            .map(|rung| rung.dimensions.width)
            .collect()
    }

    #[test]
    fn a_rung_that_saves_nothing_is_left_out() {
        let rungs = [
            rung(320, 10),
            rung(640, 30),
            rung(960, 30),
            rung(1280, 29),
            rung(1920, 60),
        ];
        assert_eq!(listed(&rungs, None), [320, 1280, 1920]);
    }

    #[test]
    fn a_rung_that_saves_less_than_a_step_is_left_out() {
        let rungs = [
            rung(320, 10),
            rung(640, 19),
            rung(960, 30),
            rung(1280, 41),
            rung(1920, 49),
        ];
        let original = rung(2000, 50);
        for (step, expected) in [
            (1, vec![320, 640, 960, 1280, 1920]),
            (8, vec![320, 640, 960, 1280, 1920]),
            (9, vec![320, 640, 960, 1920]),
            (11, vec![320, 960, 1920]),
            (20, vec![320, 1920]),
            (39, vec![320, 1920]),
            (40, vec![1920]),
        ] {
            let step = NonZero::new(step).unwrap();
            let listed = candidates(&rungs, Some(&original), step);
            let widths: Vec<u32> = listed.iter().map(|rung| rung.dimensions.width).collect();
            assert_eq!(widths, expected, "{step}");
        }
    }

    #[test]
    fn a_forecast_lists_what_is_unknown() {
        let rungs = [rung(320, None), rung(640, 30), rung(960, None)];
        assert_eq!(listed(&rungs, None), [320, 640, 960]);
    }

    #[test]
    fn the_original_takes_the_top_only_where_the_top_rung_does_not_beat_it() {
        let original = rung(1000, 25);
        assert_eq!(
            listed(&[rung(320, 10), rung(1000, 24)], Some(&original)),
            [320, 1000]
        );
        let rungs = [rung(320, 10), rung(640, 25), rung(1000, 40)];
        let taken = candidates(&rungs, Some(&original), NonZero::<u64>::MIN);
        assert_eq!(listed(&rungs, Some(&original)), [320, 1000]);
        assert_eq!(taken[1].bytes, Some(25));
        assert_eq!(listed(&[rung(1000, 40)], Some(&original)), [1000]);
    }

    #[test]
    fn a_source_pays_where_no_width_costs_more() {
        let webp = [rung(320, 10), rung(640, 30)];
        for (avif, pays) in [
            ([rung(320, 9), rung(640, 29)], true),
            ([rung(320, 10), rung(640, 29)], false),
            ([rung(320, 9), rung(640, 30)], false),
            // The small rung is left out, and the large one is smaller than the other small one.
            ([rung(320, 9), rung(640, 8)], true),
            ([rung(320, None), rung(640, None)], true),
        ] {
            let any = NonZero::<u64>::MIN;
            let pair = (candidates(&avif, None, any), candidates(&webp, None, any));
            assert_eq!(beats(&pair.0, &pair.1), pays, "{avif:?}");
        }
    }

    #[test]
    fn densities_are_told_by_the_width_of_the_place() {
        let rungs = [rung(320, 10), rung(500, 20), rung(640, 30)];
        let listed: Vec<&Rung> = rungs.iter().collect();
        let content = responsive("/a.png", &listed, &Sizing::Densities(320), Vec::new());
        assert_eq!(
            content.srcset,
            ["/v/320.webp 1x", "/v/500.webp 1.5625x", "/v/640.webp 2x"]
        );
        assert_eq!((content.src.as_str(), content.sizes), ("/v/320.webp", None));
        let narrow = responsive("/a.png", &listed[..1], &Sizing::Densities(400), Vec::new());
        assert_eq!(narrow.srcset, ["/v/320.webp 0.8x"]);
    }
}
