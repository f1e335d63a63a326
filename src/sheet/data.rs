//! The contact sheet as a value: what the page shows, and the JSON that its script reads.
//!
//! Sizes of files are in bytes, those of images in pixels, places and windows in CSS pixels. Lists
//! refer to one another by index.

use serde::Serialize;

use crate::finding::Finding;
use crate::language::Language;
use crate::report::{Gain, serialize_finding};

/// The version of the layout of this JSON.
pub const SCHEMA: u32 = 1;

/// A site with its images.
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    pub schema: u32,
    /// The version of planche.
    pub version: &'static str,
    /// The name of the site's folder.
    pub site: String,
    /// In the order of their paths.
    pub articles: Vec<SheetArticle>,
    pub images: Vec<SheetImage>,
    /// Small WebP files as data URIs.
    pub thumbnails: Vec<String>,
    /// The windows that `loads` of images are for.
    pub devices: Vec<Device>,
    pub findings: Vec<SheetFinding>,
    /// Uploads that no article references and no other file of the site names.
    pub unused: Vec<SheetFile>,
    /// Variants that `clean` would delete.
    pub orphaned: Vec<SheetFile>,
    /// Why it is not known which variants are orphaned.
    pub orphaned_unknown: Option<&'static str>,
    pub totals: Totals,
}

/// An article with at least one image.
#[derive(Clone, Debug, Serialize)]
pub struct SheetArticle {
    pub path: String,
    pub title: Option<String>,
    /// `2024-05-02`, from its front matter or its file name.
    pub date: Option<String>,
    /// What readers load; `None` while the size of a file is unknown.
    pub gain: Option<Gain>,
    /// Indices in `images`, in the order of the article.
    pub images: Vec<usize>,
    /// Indices in `findings`.
    pub findings: Vec<usize>,
}

/// One image of an article by one preset.
#[derive(Clone, Debug, Serialize)]
pub struct SheetImage {
    /// The fragment of its permalink. It stays the same as long as the place does.
    pub id: String,
    pub article: usize,
    /// As the article writes it.
    pub value: String,
    /// The key of the value; `None` in the body of an article.
    pub key: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// The key of the record, or of the list that holds it.
    pub record: String,
    pub preset: String,
    /// Whether the preset is one of the others of the rule, whose record is under `also`.
    pub is_also: bool,
    pub state: State,
    pub original: Option<SheetOriginal>,
    /// Index in `thumbnails`.
    pub thumbnail: Option<usize>,
    pub alt: SheetAlt,
    pub caption: Option<String>,
    /// `None` if the preset does not crop.
    pub focus: Option<SheetFocus>,
    pub framing: SheetFraming,
    /// The `sizes` of the record.
    pub sizes: Option<String>,
    /// In the order of the record's sources; ascending by width within one.
    pub files: Vec<SheetVariant>,
    /// For each device, by density. Empty if the image has no record.
    pub loads: Vec<Vec<SheetLoad>>,
}

/// Whether an image is as planche would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All variants exist.
    Ready,
    /// Variants are missing: a build would write them.
    Unbuilt,
    /// The original is published as is, without variants.
    AsIs,
    /// The upload is missing or cannot be used.
    Broken,
}

/// An upload.
#[derive(Clone, Debug, Serialize)]
pub struct SheetOriginal {
    pub path: String,
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
    /// As its files are called: `JPEG`.
    pub format: &'static str,
    pub is_animated: bool,
}

/// The alternative text of an image.
#[derive(Clone, Debug, Serialize)]
pub struct SheetAlt {
    pub state: AltState,
    pub text: Option<String>,
    /// The key that holds it, or would; `None` where no rule names one.
    pub key: Option<String>,
    /// What is wrong with it, by the codes of findings.
    pub problems: Vec<AltProblem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AltState {
    Text,
    Missing,
    Empty,
    Decorative,
    /// A template makes it, or no rule says where it is.
    Unknown,
}

#[derive(Clone, Debug, Serialize)]
pub struct AltProblem {
    pub code: &'static str,
    /// The criteria of RGAA 4.1: `1.3`.
    pub criterion: &'static str,
}

/// What a crop keeps.
#[derive(Clone, Debug, Serialize)]
pub struct SheetFocus {
    /// From the left and from the top, 0 to 1; `None` if planche finds it in the image.
    pub point: Option<[f64; 2]>,
    /// Whether the article sets it.
    pub is_set: bool,
    /// The key that holds it, or would; `None` where no key can.
    pub key: Option<String>,
}

/// How the original fills its variants.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "fit", rename_all = "kebab-case")]
pub enum SheetFraming {
    Whole,
    Cover {
        /// Width to height of the crop.
        aspect: f64,
        /// Where the crop lies, as percentages of `object-position`; `None` if that is found in
        /// the image.
        position: Option<[f64; 2]>,
    },
    Contain,
}

/// A variant.
#[derive(Clone, Debug, Serialize)]
pub struct SheetVariant {
    pub path: String,
    pub width: u32,
    pub height: u32,
    /// `None` if it was never written.
    pub bytes: Option<u64>,
    /// Whether the file exists: a width that no record needs has none.
    pub exists: bool,
    pub format: &'static str,
    /// The media condition of its source.
    pub media: Option<String>,
    /// Of libwebp's scale; `None` if a score decides it, or the format has none.
    pub quality: Option<f32>,
    /// The score that decides the quality.
    pub target: Option<f32>,
    /// Whether the record's `srcset` lists it.
    pub is_listed: bool,
    /// SSIMULACRA2 against the resized original, of the whole image and of its worst region; `None`
    /// if it was not computed.
    pub score: Option<f32>,
    pub worst_region: Option<f32>,
}

/// A window of a browser.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    pub name: &'static str,
    pub width: f64,
    pub densities: [f64; 3],
}

/// What a browser loads for an image.
#[derive(Clone, Debug, Serialize)]
pub struct SheetLoad {
    /// Index in `files`; `None` for the original.
    pub file: Option<usize>,
    pub bytes: Option<u64>,
    /// The width of the image's place, by `sizes`.
    pub place: Option<f64>,
}

/// A finding, with the criterion that it is about.
#[derive(Clone, Debug, Serialize)]
pub struct SheetFinding {
    #[serde(flatten, serialize_with = "serialize_finding")]
    pub finding: Finding,
    /// The same in French.
    pub french: SheetText,
    /// Of RGAA 4.1.
    pub criterion: Option<&'static str>,
}

/// What a finding says in one language.
#[derive(Clone, Debug, Serialize)]
pub struct SheetText {
    pub message: String,
    pub hint: Option<String>,
}

impl SheetFinding {
    pub fn new(finding: &Finding, criterion: Option<&'static str>) -> Self {
        let french = finding.clone().in_language(Language::French);
        SheetFinding {
            finding: finding.clone(),
            french: SheetText {
                message: french.full_message(),
                hint: french.hint,
            },
            criterion,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetFile {
    pub path: String,
    pub bytes: u64,
}

/// The figures of all articles.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Every article counts as one page.
    pub gain: Gain,
    /// Variants on disk that records use, and their bytes.
    pub variants: usize,
    pub variant_bytes: u64,
    /// RGESN 5.1: the formats that a phone loads, most images first.
    pub formats: Vec<FormatCount>,
    /// RGESN 5.2: the compression and the size of what a phone loads.
    pub compression: Compression,
    /// Images without an alternative text that need one.
    pub without_alt: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormatCount {
    pub format: String,
    pub images: usize,
    pub bytes: u64,
}

/// What a phone with 2 device pixels per CSS pixel loads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Compression {
    /// Images whose file has a score.
    pub scored: usize,
    pub median_score: Option<f32>,
    pub lowest_score: Option<f32>,
    /// Images with a record.
    pub images: usize,
    /// Images whose file has at least twice the pixels across that the screen shows.
    pub oversized: usize,
}
