//! Presets: how wide a kind of place is, and how its variants are encoded.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, nearest};
use crate::settings;
use crate::units::{Effort, OutOfRange, Quality, Width};

/// What is wanted for one kind of place. Read from `presets/NAME.yml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "planche preset")]
pub struct Preset {
    /// The ladder: widths in pixels, ascending.
    pub widths: Ladder,
    /// The `sizes` attribute: how wide the picture is shown, for the browser's choice.
    pub sizes: Sizes,
    /// The formats to write.
    #[serde(default = "default_formats")]
    pub formats: Formats,
    /// Lossy quality, 0 to 100.
    #[serde(default = "default_quality")]
    pub quality: Quality,
    /// libwebp's method, 0 (fast) to 6 (small).
    #[serde(default = "default_effort")]
    pub effort: Effort,
    /// Whether flat graphics and screenshots are encoded lossless.
    #[serde(default)]
    pub lossless: Lossless,
}

fn default_formats() -> Formats {
    Formats(vec![Format::Webp])
}

fn default_quality() -> Quality {
    Quality::new(80.0).expect("80 is a quality")
}

fn default_effort() -> Effort {
    Effort::new(4).expect("4 is an effort")
}

/// One to 32 distinct widths, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Width>")]
pub struct Ladder(Vec<Width>);

/// More candidates than this help no browser and cost an encode each.
const MAX_WIDTHS: usize = 32;

impl Ladder {
    pub fn widths(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.0.iter().map(|width| width.get())
    }

    pub fn largest(&self) -> u32 {
        self.0.last().expect("a ladder has a width").get()
    }
}

impl TryFrom<Vec<Width>> for Ladder {
    type Error = OutOfRange;

    fn try_from(widths: Vec<Width>) -> Result<Self, OutOfRange> {
        let ascending = widths.windows(2).all(|pair| pair[0] < pair[1]);
        if widths.is_empty() || widths.len() > MAX_WIDTHS || !ascending {
            let list: Vec<String> = widths.iter().map(|width| width.get().to_string()).collect();
            return Err(OutOfRange {
                what: "widths",
                value: format!("[{}]", list.join(", ")),
                range: "a list of 1 to 32 widths, each larger than the one before",
            });
        }
        Ok(Ladder(widths))
    }
}

/// One or more formats, none twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Format>")]
pub struct Formats(Vec<Format>);

impl Formats {
    pub fn iter(&self) -> impl Iterator<Item = Format> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<Format>> for Formats {
    type Error = OutOfRange;

    fn try_from(formats: Vec<Format>) -> Result<Self, OutOfRange> {
        let mut distinct = formats.clone();
        distinct.dedup();
        if formats.is_empty() || distinct.len() != formats.len() {
            return Err(OutOfRange {
                what: "formats",
                value: format!("[{} entries]", formats.len()),
                range: "a list of one or more formats, none twice",
            });
        }
        Ok(Formats(formats))
    }
}

/// A format that variants are written in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Webp,
}

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Format::Webp => "webp",
        }
    }
}

/// When a variant is encoded lossless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lossless {
    /// Where the picture is flat (a screenshot, a chart, a logo) and the file comes out smaller.
    #[default]
    Auto,
    Always,
    Never,
}

impl fmt::Display for Lossless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lossless::Auto => "auto",
            Lossless::Always => "always",
            Lossless::Never => "never",
        })
    }
}

/// A `sizes` attribute (HTML, section 4.8.4.2.2) that is safe in any HTML attribute and in YAML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Sizes(#[schemars(regex(pattern = "^[^\"'<>&`\\\\]+$"))] String);

impl Sizes {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sizes {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        let forbidden = |c: char| c.is_control() || "\"'<>&`\\".contains(c);
        let mut depth = 0i32;
        let balanced = text.chars().all(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth >= 0
        });
        let entries_hold_text = text.split(',').all(|entry| !entry.trim().is_empty());
        if !entries_hold_text || !balanced || depth != 0 || text.contains(forbidden) {
            return Err(OutOfRange {
                what: "sizes",
                value: text,
                range: "a `sizes` attribute such as `(min-width: 62em) 62em, 100vw`",
            });
        }
        Ok(Sizes(text))
    }
}

impl From<Sizes> for String {
    fn from(sizes: Sizes) -> String {
        sizes.0
    }
}

/// The presets that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("article", include_str!("../presets/article.yml")),
    ("card", include_str!("../presets/card.yml")),
    ("carousel", include_str!("../presets/carousel.yml")),
    ("thumbnail", include_str!("../presets/thumbnail.yml")),
];

/// The preset of body images without a rule.
pub const DEFAULT_BODY: &str = "article";
/// The preset of front-matter pictures without a rule.
pub const DEFAULT_FRONT_MATTER: &str = "card";

/// The presets of a site: its own, before the built-in ones of the same name.
#[derive(Clone, Debug, Serialize)]
pub struct Presets {
    usable: BTreeMap<String, Preset>,
    /// Names whose file holds an error: their places are passed over, their records stay.
    broken: Vec<String>,
}

impl Presets {
    /// Takes the site's own preset files as (path, text); errors become findings.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Presets, Vec<Finding>) {
        let mut usable: BTreeMap<String, Preset> = BUILT_IN
            .iter()
            .map(|(name, text)| {
                let preset = settings::read(name, text).expect("built-in presets are valid");
                ((*name).to_owned(), preset)
            })
            .collect();
        let mut broken = Vec::new();
        let mut findings = Vec::new();
        for (path, text) in files {
            let name = preset_name(path).to_owned();
            match settings::read::<Preset>(path, text) {
                Ok(preset) => {
                    usable.insert(name, preset);
                }
                Err(finding) => {
                    usable.remove(&name);
                    broken.push(name);
                    findings.push(finding);
                }
            }
        }
        (Presets { usable, broken }, findings)
    }

    pub fn get(&self, name: &str) -> Option<&Preset> {
        self.usable.get(name)
    }

    /// A finding if no preset has that name; a broken one has its own finding already.
    pub fn check_name(&self, name: &str) -> Option<Finding> {
        if self.usable.contains_key(name) || self.broken.iter().any(|broken| broken == name) {
            return None;
        }
        let finding = Finding::new(Code::Configuration, format!("unknown preset `{name}`"));
        let known = self.usable.keys().map(String::as_str);
        Some(match nearest(name, known.clone()) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!(
                "known: {}, none",
                known.collect::<Vec<_>>().join(", ")
            )),
        })
    }
}

/// `presets/carousel.yml` → `carousel`.
pub fn preset_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".yml")
        .or_else(|| file.strip_suffix(".yaml"))
        .unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_presets_are_valid() {
        let (presets, findings) = Presets::read([]);
        assert!(findings.is_empty());
        for (name, _) in BUILT_IN {
            assert!(presets.get(name).is_some(), "{name}");
        }
        assert!(presets.get(DEFAULT_BODY).is_some());
        assert!(presets.get(DEFAULT_FRONT_MATTER).is_some());
    }

    #[test]
    fn wrong_values_are_errors_with_their_line() {
        let base = "widths: [320, 640]\nsizes: 100vw\n";
        for (text, place) in [
            ("widths: []\nsizes: 100vw\n", "1:9"),
            ("widths: [640, 320]\nsizes: 100vw\n", "1:9"),
            ("widths: [0]\nsizes: 100vw\n", "1:10"),
            ("widths: [16384]\nsizes: 100vw\n", "1:10"),
            ("widths: [320]\nsizes: '100vw\" onload=\"x'\n", "2:8"),
            ("widths: [320]\nsizes: '(min-width: 1em'\n", "2:8"),
            ("widths: [320]\nsizes: ''\n", "2:8"),
            (&format!("{base}quality: 101\n"), "3:10"),
            (&format!("{base}effort: 7\n"), "3:9"),
            (&format!("{base}formats: []\n"), "3:10"),
            (&format!("{base}formats: [wepb]\n"), "3:11"),
            (&format!("{base}lossless: yes\n"), "3:11"),
            (&format!("{base}speed: 3\n"), "3:1"),
        ] {
            let (presets, findings) = Presets::read([("presets/card.yml", text)]);
            let shown = findings
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                shown.starts_with(&format!("presets/card.yml:{place}: ")),
                "{text}: {shown}"
            );
            assert!(presets.get("card").is_none(), "a broken preset is not used");
            assert!(
                presets.check_name("card").is_none(),
                "its own finding is enough"
            );
        }
    }

    #[test]
    fn a_site_overrides_a_built_in_preset() {
        let (presets, findings) =
            Presets::read([("presets/card.yml", "widths: [100]\nsizes: 5em\n")]);
        assert!(findings.is_empty());
        assert_eq!(
            presets.get("card").map(|card| card.widths.largest()),
            Some(100)
        );
        let unknown = presets
            .check_name("carousell")
            .map(|finding| finding.to_string());
        assert_eq!(
            unknown.as_deref(),
            Some("unknown preset `carousell` – hint: did you mean `carousel`?")
        );
    }
}
