//! The contact sheet as a value, serialised as the JSON that the script of the page reads.
//!
//! File sizes are in bytes, image dimensions in pixels, widths of places and windows in CSS pixels.
//! Lists refer to one another by index.

use serde::Serialize;

use crate::finding::Finding;
use crate::language::Language;
use crate::report::{Gain, serialize_finding};

/// Version of the layout of this JSON.
pub const SCHEMA: u32 = 1;

/// A site with its images.
#[derive(Clone, Debug, Serialize)]
pub struct Sheet {
    pub schema: u32,
    /// Version of planche.
    pub version: &'static str,
    /// Name of the site's folder.
    pub site: String,
    /// Sorted by path.
    pub articles: Vec<SheetArticle>,
    pub images: Vec<SheetImage>,
    /// Thumbnails: small WebP files as data URIs.
    pub thumbnails: Vec<String>,
    /// The browser windows for which `loads` of images are computed.
    pub devices: Vec<Device>,
    pub findings: Vec<SheetFinding>,
    /// Uploads that no article references and no other file of the site names.
    pub unused: Vec<SheetFile>,
    /// Variants that `clean` would delete.
    pub orphaned: Vec<SheetFile>,
    /// The reason why the orphaned variants could not be determined; `None` if they are known.
    pub orphaned_unknown: Option<&'static str>,
    pub totals: Totals,
}

/// An article with at least one image.
#[derive(Clone, Debug, Serialize)]
pub struct SheetArticle {
    pub path: String,
    pub title: Option<String>,
    /// Date in the form `2024-05-02`, from the front matter or the file name.
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
    /// Fragment of the permalink of the image. It stays the same as long as the article, the key,
    /// the value and the preset do.
    pub id: String,
    pub article: usize,
    /// The reference as the article writes it.
    pub value: String,
    /// Path of the key that contains the value; `None` in the body of an article.
    pub key: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// The key of the record, or of the list that contains it.
    pub record: String,
    pub preset: String,
    /// Whether the preset is an additional one of the rule, so that its record is under `also`.
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
    /// In the order of the record's sources, by ascending width within each source.
    pub files: Vec<SheetVariant>,
    /// What a browser loads, for each device, by density. Empty if the image has no record.
    pub loads: Vec<Vec<SheetLoad>>,
}

/// The state of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All variants exist.
    Ready,
    /// Variants are missing; a build would write them.
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
    /// Name of the format, such as `jpeg`.
    pub format: &'static str,
    pub is_animated: bool,
}

/// The alt text of an image.
#[derive(Clone, Debug, Serialize)]
pub struct SheetAlt {
    pub state: AltState,
    pub text: Option<String>,
    /// The key that contains the text, or would contain it; `None` if no rule names one.
    pub key: Option<String>,
    /// The problems of the text, as codes of findings.
    pub problems: Vec<AltProblem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AltState {
    Text,
    Missing,
    Empty,
    Decorative,
    /// A template generates the text, or no rule says where it is.
    Unknown,
}

#[derive(Clone, Debug, Serialize)]
pub struct AltProblem {
    pub code: &'static str,
    /// The criteria of RGAA 4.1 that the problem concerns, such as `1.3`.
    pub criterion: &'static str,
}

/// The point around which an image is cropped.
#[derive(Clone, Debug, Serialize)]
pub struct SheetFocus {
    /// Position from the left and from the top, 0 to 1; `None` if planche detects it in the image.
    pub point: Option<[f64; 2]>,
    /// Whether the article sets the focal point.
    pub is_set: bool,
    /// The key that contains the focal point, or would contain it; `None` if no key can.
    pub key: Option<String>,
}

/// How the original fills the frame of its variants.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "fit", rename_all = "kebab-case")]
pub enum SheetFraming {
    Whole,
    Cover {
        /// Aspect ratio of the crop, width to height.
        aspect: f64,
        /// Position of the crop in percent, as in `object-position`; `None` if planche detects it
        /// in the image.
        position: Option<[f64; 2]>,
    },
    Contain,
}

/// A variant, with its size and quality.
#[derive(Clone, Debug, Serialize)]
pub struct SheetVariant {
    pub path: String,
    pub width: u32,
    pub height: u32,
    /// `None` if it was never written.
    pub bytes: Option<u64>,
    /// Whether the file exists. A width that no record needs has no file.
    pub exists: bool,
    pub format: &'static str,
    /// The media condition of its source.
    pub media: Option<String>,
    /// Quality on libwebp's scale; `None` if a target score determines it, or the format has none.
    pub quality: Option<f32>,
    /// The target score that determines the quality, if there is one.
    pub target: Option<f32>,
    /// Whether the record's `srcset` lists it.
    pub is_listed: bool,
    /// SSIMULACRA2 score against the resized original, of the whole image and of its worst region;
    /// `None` if it was not computed.
    pub score: Option<f32>,
    pub worst_region: Option<f32>,
}

/// A browser window for which loads are computed.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    pub name: &'static str,
    pub width: f64,
    pub densities: [f64; 3],
}

/// The file that a browser loads for an image.
#[derive(Clone, Debug, Serialize)]
pub struct SheetLoad {
    /// Index in `files`; `None` for the original.
    pub file: Option<usize>,
    pub bytes: Option<u64>,
    /// Width of the image's place in CSS pixels, according to `sizes`.
    pub place: Option<f64>,
}

/// A finding, with its French translation and the criterion that it concerns.
#[derive(Clone, Debug, Serialize)]
pub struct SheetFinding {
    #[serde(flatten, serialize_with = "serialize_finding")]
    pub finding: Finding,
    /// The message and hint in French.
    pub french: SheetText,
    /// Criterion of RGAA 4.1.
    pub criterion: Option<&'static str>,
}

/// The message and hint of a finding in one language.
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

/// Figures of all articles together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// The bytes that readers load, with every article counted as one page.
    pub gain: Gain,
    /// Number of variants on disk that records use, and their bytes.
    pub variants: usize,
    pub variant_bytes: u64,
    /// RGESN 5.1: the formats that a phone loads, sorted by number of images, largest first.
    pub formats: Vec<FormatCount>,
    /// RGESN 5.2: the compression and the dimensions of what a phone loads.
    pub compression: Compression,
    /// Number of images that need alt text but have none.
    pub without_alt: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormatCount {
    pub format: String,
    pub images: usize,
    pub bytes: u64,
}

/// Quality and dimensions of what a phone with 2 device pixels per CSS pixel loads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Compression {
    /// Number of images whose loaded file has a score.
    pub scored: usize,
    pub median_score: Option<f32>,
    pub lowest_score: Option<f32>,
    /// Number of images with a record.
    pub images: usize,
    /// Number of images whose loaded file is at least twice as wide as the screen shows it, in
    /// device pixels.
    pub oversized: usize,
}
