//! Presets: how wide a kind of place is, and how its variants are encoded.

mod check;
mod ladder;
mod shown;
mod text;
mod visitors;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use ladder::{ByteLadder, Densities, Ladder, MAX_WIDTHS, Widths};
pub use text::{Media, Sizes};
pub use visitors::Demand;

use crate::finding::{Code, Finding, nearest};
use crate::picture::framing::{Aspect, Background, Fit, Focus};
use crate::picture::info::Format;
use crate::picture::placeholder::PlaceholderKinds;
use crate::picture::quality::{EffortSpec, QualitySpec};
use crate::picture::recipe::{Color, Lossless, Resize};
use crate::picture::units::{Effort, OutOfRange, Quality};
use crate::settings;
use crate::tree::path::{KeyPath, Segment};
use check::Contradiction;
use visitors::Visitors;

/// How images of one kind are resized and encoded: a file `presets/NAME.yml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "planche preset")]
pub struct Preset {
    /// The widths of the variants: a list in pixels, ascending, or `min`, `max` and `step_bytes`
    /// for widths by file size. With `densities`, the one width of the slot in CSS pixels.
    pub widths: Ladder,
    /// The `sizes` attribute: how wide the layout shows the image. Required without `densities`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
    /// Pixel densities, ascending, for a slot whose width never changes. Replaces `sizes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub densities: Option<Densities>,
    /// The formats of the variants. The last one is for browsers that support none of the others.
    #[serde(default = "default_formats")]
    pub formats: Formats,
    /// The quality of lossy variants, 0 to 100 on libwebp's scale (other formats use a quality
    /// that looks the same), or `{ ssimulacra2: 75 }`: for each variant, the lowest quality that
    /// reaches this score.
    #[serde(default = "default_quality")]
    pub quality: QualitySpec,
    /// How much time to spend on smaller files, 0 (fast) to 6 (small) on libwebp's scale, or
    /// `auto`: more for small variants.
    #[serde(default = "default_effort")]
    pub effort: EffortSpec,
    /// Which variants are encoded without loss.
    #[serde(default)]
    pub lossless: Lossless,
    /// Whether lossy WebP keeps edges between colors sharp. Useful for small images.
    #[serde(default)]
    pub sharp_yuv: bool,
    /// Which values are averaged when an image is resized.
    #[serde(default)]
    pub resize: Resize,
    /// Whether colors are converted to sRGB or the ICC profile is kept.
    #[serde(default)]
    pub color: Color,
    /// The aspect ratio, width to height, such as `16/9`. Default: that of each image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    /// How an image of another aspect ratio fills the slot. Requires `aspect`. Default: `cover`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The part of the image that `fit: cover` keeps, unless the article names a focal point.
    /// Default: `center`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// The color around the image with `fit: contain`, and behind transparency in JPEG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Art direction: other settings for some windows. The first matching entry wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<ArtDirection>,
    /// Whether an SVG gets variants. Otherwise it is published as is.
    #[serde(default)]
    pub rasterise: bool,
    /// What becomes of an animation.
    #[serde(default)]
    pub animation: Animation,
    /// What records provide to be shown until the image has loaded.
    #[serde(default, skip_serializing_if = "PlaceholderKinds::is_empty")]
    pub placeholder: PlaceholderKinds,
}

/// Settings for the same slot in some windows. Missing keys are those of the preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtDirection {
    /// The media condition, such as `(max-width: 40em)`.
    pub media: Media,
    /// The widths of the variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widths: Option<Ladder>,
    /// The `sizes` attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
    /// The aspect ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    /// How an image of another aspect ratio fills the slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The part of the image that `fit: cover` keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
}

fn default_formats() -> Formats {
    Formats(vec![Format::Webp])
}

fn default_quality() -> QualitySpec {
    Quality::new(80.0).expect("80 is a quality").into()
}

fn default_effort() -> EffortSpec {
    Effort::new(4).expect("4 is an effort").into()
}

/// Reads one preset file; `tables` are the CSV files beside it.
fn read(path: &str, text: &str, tables: &[(&str, &str)]) -> Result<Preset, Finding> {
    let mut preset: Preset = settings::read(path, text)?;
    if let Some(Contradiction { at, why, hint }) = preset.contradiction() {
        return Err(Finding::new(Code::Configuration, why)
            .in_file(path)
            .at(settings::position_of(text, &at))
            .hint(hint));
    }
    preset.meet_visitors(path, text, tables)?;
    Ok(preset)
}

impl Preset {
    /// Says of each byte ladder what its visitors ask for.
    fn meet_visitors(
        &mut self,
        path: &str,
        text: &str,
        tables: &[(&str, &str)],
    ) -> Result<(), Finding> {
        let wrong = |at: Vec<Segment>, message: String, hint: String| {
            Finding::new(Code::Configuration, message)
                .in_file(path)
                .at(settings::position_of(
                    text,
                    &at.into_iter().collect::<KeyPath>(),
                ))
                .hint(hint)
        };
        let meet = |at: &[Segment], ladder: &mut Ladder, sizes: Option<&Sizes>| {
            let (Ladder::ByBytes(ladder), Some(sizes)) = (ladder, sizes) else {
                return Ok(());
            };
            let Some(name) = &ladder.visitors else {
                return Ok(());
            };
            let key = |name| at.iter().cloned().chain([Segment::key(name, 0)]);
            let table = tables
                .iter()
                .find(|(path, _)| path.rsplit('/').next() == Some(name));
            let Some((file, table)) = table else {
                let at = key("widths").chain([Segment::key("visitors", 0)]);
                let message = format!("no file `{name}` in `presets/`");
                let hint = "add the CSV file, or correct its name".to_owned();
                return Err(wrong(at.collect(), message, hint));
            };
            let visitors = Visitors::read(file, table)?;
            let demand = visitors.demand(sizes).map_err(|entry| {
                let message = format!("cannot compute the displayed width from `{entry}`");
                let hint = "use only `min-width`, `max-width`, `px`, `em`, `rem`, `vw` and `calc` in `sizes`, or remove `visitors`";
                wrong(key("sizes").collect(), message, hint.to_owned())
            })?;
            ladder.demand = Some(demand);
            Ok(())
        };
        meet(&[], &mut self.widths, self.sizes.as_ref())?;
        for (index, source) in self.sources.iter_mut().enumerate() {
            // A place of another size asks for other widths of the same ladder.
            if source.widths.is_none() && source.sizes.is_some() {
                source.widths = Some(self.widths.clone());
            }
            let at = [Segment::key("sources", 0), Segment::index(index)];
            if let Some(widths) = &mut source.widths {
                let sizes = source.sizes.as_ref().or(self.sizes.as_ref());
                meet(&at, widths, sizes)?;
            }
        }
        Ok(())
    }
}

/// One or more formats, none twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Format>")]
pub struct Formats(Vec<Format>);

impl Formats {
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Format> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<Format>> for Formats {
    type Error = OutOfRange;

    fn try_from(formats: Vec<Format>) -> Result<Self, OutOfRange> {
        let is_new = |(index, format)| !formats[..index].contains(format);
        if formats.is_empty() || !formats.iter().enumerate().all(is_new) {
            let names: Vec<&str> = formats.iter().map(|format| format.spec().name).collect();
            return Err(OutOfRange {
                what: "formats",
                value: format!("[{}]", names.join(", ")),
                range: "a list of one or more formats, none twice",
            });
        }
        Ok(Formats(formats))
    }
}

/// What becomes of an animation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Animation {
    /// It stays one, as WebP, at each width.
    #[default]
    Keep,
    /// Its first frame stands for it.
    FirstFrame,
}

/// The presets that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("article", include_str!("../../presets/article.yml")),
    ("card", include_str!("../../presets/card.yml")),
    ("carousel", include_str!("../../presets/carousel.yml")),
    ("thumbnail", include_str!("../../presets/thumbnail.yml")),
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
    /// Takes the files of the site's preset folder, presets and tables of visitors, as
    /// (path, text); errors become findings.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Presets, Vec<Finding>) {
        let (tables, files): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(path, _)| path.ends_with(".csv"));
        let mut usable: BTreeMap<String, Preset> = BUILT_IN
            .iter()
            .map(|(name, text)| {
                let preset = read(name, text, &[]).expect("built-in presets are valid");
                ((*name).to_owned(), preset)
            })
            .collect();
        let mut broken = Vec::new();
        let mut findings = Vec::new();
        for (path, text) in files {
            let name = preset_name(path).to_owned();
            match read(path, text, &tables) {
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
    use crate::picture::quality::Target;

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
            ("widths: 320\nsizes: 100vw\n", "1:9"),
            (
                "widths: {min: 320, max: 320, step_bytes: 1}\nsizes: 1vw\n",
                "1:9",
            ),
            (
                "widths: {min: 320, max: 640, step_bytes: 0}\nsizes: 1vw\n",
                "1:9",
            ),
            ("widths: {min: 320, max: 640}\nsizes: 1vw\n", "1:9"),
            (
                "widths: {min: 320, max: 640, step: 1}\nsizes: 1vw\n",
                "1:30",
            ),
            (
                "widths: {min: 320, max: 640, step_bytes: 1}\ndensities: [1, 2]\n",
                "1:9",
            ),
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
            (&format!("{base}formats: [webp, avif, webp]\n"), "3:10"),
            ("widths: [320]\n", "1:9"),
            ("widths: [320]\nsizes: 100vw\ndensities: [1, 2]\n", "2:8"),
            ("widths: [320, 640]\ndensities: [1, 2]\n", "1:9"),
            ("widths: [320]\ndensities: [2, 1]\n", "2:12"),
            ("widths: [320]\ndensities: [0]\n", "2:12"),
            ("widths: [320]\ndensities: [.nan]\n", "2:12"),
            (&format!("{base}quality: .nan\n"), "3:10"),
            (&format!("{base}resize: gamma\n"), "3:9"),
            (&format!("{base}color: p3\n"), "3:8"),
            (&format!("{base}aspect: 0\n"), "3:9"),
            (&format!("{base}aspect: 16/0\n"), "3:9"),
            (&format!("{base}aspect: .nan\n"), "3:9"),
            (&format!("{base}fit: contain\n"), "3:6"),
            (&format!("{base}focus: 0.3 0.6\n"), "3:8"),
            (&format!("{base}aspect: 1\nfocus: 3 6\n"), "4:8"),
            (&format!("{base}aspect: 1\nfit: fill\n"), "4:6"),
            (
                &format!("{base}aspect: 1\nfit: contain\nbackground: sky\n"),
                "5:13",
            ),
            (&format!("{base}background: white\n"), "3:13"),
            (
                &format!("{base}formats: [avif]\nlossless: always\n"),
                "4:11",
            ),
            (&format!("{base}quality: high\n"), "3:10"),
            (&format!("{base}quality: {{ssim: 75}}\n"), "3:11"),
            (&format!("{base}quality: {{}}\n"), "3:10"),
            (&format!("{base}quality: {{ssimulacra2: 101}}\n"), "3:24"),
            (&format!("{base}quality: {{ssimulacra2: .nan}}\n"), "3:24"),
            (
                &format!("{base}quality: {{ssimulacra2: 75}}\nlossless: always\n"),
                "3:10",
            ),
            (
                &format!("{base}formats: [png]\nquality: {{ssimulacra2: 75}}\n"),
                "4:10",
            ),
            (&format!("{base}effort: best\n"), "3:9"),
            (&format!("{base}effort: 2.5\n"), "3:9"),
            (&format!("{base}effort: -1\n"), "3:9"),
            (&format!("{base}sharp_yuv: always\n"), "3:12"),
            (&format!("{base}formats: [avif]\nsharp_yuv: true\n"), "4:12"),
            (
                &format!("{base}lossless: always\nsharp_yuv: true\n"),
                "4:12",
            ),
            (&format!("{base}animation: drop\n"), "3:12"),
            (&format!("{base}rasterise: 2\n"), "3:12"),
            (&format!("{base}placeholder: [colours]\n"), "3:15"),
            (&format!("{base}placeholder: [blur, blur]\n"), "3:14"),
            (&format!("{base}placeholder: blur\n"), "3:14"),
            (&format!("{base}sources: [{{aspect: 1}}]\n"), "3:11"),
            (
                &format!("{base}sources: [{{media: '(x)\" y=\"'}}]\n"),
                "3:19",
            ),
            (
                &format!("{base}sources: [{{media: '(max-width: 1em'}}]\n"),
                "3:19",
            ),
            (
                &format!("{base}sources: [{{media: print, focus: auto}}]\n"),
                "3:33",
            ),
            (
                &format!("{base}sources: [{{media: print, widths: []}}]\n"),
                "3:34",
            ),
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
    fn quality_and_effort_are_numbers_or_what_decides_them() {
        let text = "widths: [320]\nsizes: 5em\nquality: { ssimulacra2: 75 }\neffort: auto\n";
        let (presets, findings) = Presets::read([("presets/card.yml", text)]);
        assert!(findings.is_empty(), "{findings:?}");
        let card = presets.get("card").unwrap();
        let ssimulacra2 = crate::picture::units::Score::new(75.0).unwrap();
        assert_eq!(card.quality, QualitySpec::Target(Target { ssimulacra2 }));
        assert_eq!(card.effort, EffortSpec::Auto);
        let number = "widths: [320]\nsizes: 5em\nquality: 70.5\neffort: 0\n";
        let (presets, _) = Presets::read([("presets/card.yml", number)]);
        let card = presets.get("card").unwrap();
        assert_eq!(card.quality, Quality::new(70.5).unwrap().into());
        assert_eq!(card.effort, Effort::new(0).unwrap().into());
        // What is written is what is read.
        for text in [text, number] {
            let preset = read("presets/card.yml", text, &[]).unwrap();
            let written = serde_yaml::to_string(&preset).unwrap();
            assert_eq!(read("presets/card.yml", &written, &[]).unwrap(), preset);
        }
        let wrong = "widths: [320]\nsizes: 5em\nquality: { ssimulacre: 75 }\n";
        let (_, findings) = Presets::read([("presets/card.yml", wrong)]);
        assert_eq!(
            findings[0].to_string(),
            "presets/card.yml:3:12: unknown key `ssimulacre` – hint: did you mean `ssimulacra2`?"
        );
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
