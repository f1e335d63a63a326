//! `planche.yml`: what a site's owner may say about it. Every key is optional.

mod output;
mod rule;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use output::{ManifestFile, ManifestSyntax, OutputSettings};
pub use rule::{At, Rule};

pub use crate::glob::Glob;
pub use crate::published::{FolderPath, Output, UploadFolder, UrlPrefix};
pub use crate::record::{FrontMatterKeys, KeyName, PreviousKeys};

use crate::finding::{Code, Finding};
use crate::preset::Presets;
use crate::settings;
use crate::tree::path::Segment;
use crate::units::ByteSize;

/// The name of the configuration file at a site's root.
pub const FILE: &str = "planche.yml";

/// The configuration of a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "planche.yml")]
pub struct Config {
    /// The site generator; `auto` recognises it by its files.
    pub generator: Generator,
    /// Globs of the articles; empty: the generator's own content folders.
    pub content: Vec<Glob>,
    /// Globs of YAML, TOML and JSON data files, treated like front matter without delimiters.
    pub data: Vec<Glob>,
    /// Globs of files and folders to leave out.
    pub exclude: Vec<Glob>,
    /// Where uploads lie; empty: the generator's own folders.
    pub uploads: Vec<UploadFolder>,
    /// Hosts whose absolute URLs mean this site; the generator's own `url` is one.
    pub hosts: Vec<String>,
    /// Where variants are written, and what is written beside them; default: the generator's own
    /// place, and nothing.
    pub output: Option<OutputSettings>,
    pub front_matter: FrontMatterKeys,
    /// Which preset a place takes; the first match wins, before the defaults.
    pub rules: Vec<Rule>,
    /// Findings that are known and accepted.
    pub allow: Vec<Allowance>,
    pub limits: Limits,
}

/// A static site generator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generator {
    #[default]
    Auto,
    Jekyll,
    Hugo,
    Eleventy,
    Zola,
    Astro,
    /// No generator: articles by `content`, uploads as they lie.
    None,
}

impl Generator {
    pub fn name(self) -> &'static str {
        match self {
            Generator::Auto => "auto",
            Generator::Jekyll => "jekyll",
            Generator::Hugo => "hugo",
            Generator::Eleventy => "eleventy",
            Generator::Zola => "zola",
            Generator::Astro => "astro",
            Generator::None => "none",
        }
    }
}

/// A kind of finding that is accepted, everywhere or under a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    pub code: Code,
    pub path: Option<Glob>,
}

/// What an upload and an article may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Millions of pixels in one upload.
    pub megapixels: u32,
    /// Pixels along one side of an upload.
    pub side: u32,
    /// Millions of pixels that decoding one upload goes over: pixels by frames of an animation, or
    /// by scans of a JPEG.
    pub work: u32,
    /// Bytes of one upload.
    pub file: ByteSize,
    /// Bytes of pixels in flight; `auto`: a quarter of the memory that may be used.
    pub memory: MemoryLimit,
    /// Bytes of one article's front matter, or of one data file.
    pub front_matter: ByteSize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            megapixels: 100,
            side: 30_000,
            // Twenty scans at the limit of megapixels: encoders write ten.
            work: 2_000,
            file: ByteSize(100 << 20),
            memory: MemoryLimit::Auto,
            front_matter: ByteSize(1 << 20),
        }
    }
}

/// A number of bytes, or `auto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AutoOrSize")]
pub enum MemoryLimit {
    #[default]
    Auto,
    Bytes(ByteSize),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AutoOrSize {
    Number(u64),
    Text(String),
}

impl TryFrom<AutoOrSize> for MemoryLimit {
    type Error = crate::units::OutOfRange;

    fn try_from(value: AutoOrSize) -> Result<Self, Self::Error> {
        match value {
            AutoOrSize::Number(bytes) => Ok(MemoryLimit::Bytes(ByteSize(bytes))),
            AutoOrSize::Text(text) if text == "auto" => Ok(MemoryLimit::Auto),
            AutoOrSize::Text(text) => text.parse().map(MemoryLimit::Bytes),
        }
    }
}

impl JsonSchema for MemoryLimit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MemoryLimit".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let size = generator.subschema_for::<ByteSize>();
        schemars::json_schema!({ "anyOf": [{ "const": "auto" }, size] })
    }
}

impl Config {
    /// Reads the text of `planche.yml`.
    pub fn read(file: &str, text: &str) -> Result<Config, Finding> {
        settings::read(file, text)
    }

    /// What is wrong with the rules as a whole: unknown presets, rules that never match.
    pub fn check_rules(&self, file: &str, text: &str, presets: &Presets) -> Vec<Finding> {
        let place = |index: usize, key: &str| {
            let path = [
                Segment::key("rules", 0),
                Segment::index(index),
                Segment::key(key, 0),
            ];
            settings::position_of(text, &path.into_iter().collect())
        };
        let mut findings = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let unknown = rule.preset.name().and_then(|name| presets.check_name(name));
            if let Some(finding) = unknown {
                findings.push(finding.in_file(file).at(place(index, "preset")));
            }
            if let Some(earlier) = self.rules[..index]
                .iter()
                .position(|other| other.covers(rule))
            {
                findings.push(
                    Finding::new(
                        Code::UnreachableRule,
                        format!(
                            "this rule never matches: rule {} takes every place that it would",
                            earlier + 1
                        ),
                    )
                    .hint("the first match wins: put the narrower rule first, or remove one")
                    .in_file(file)
                    .at(place(index, "at")),
                );
            }
        }
        findings
    }

    /// The data file with the record of every original, if one is asked for.
    pub fn manifest(&self) -> Option<&ManifestFile> {
        self.output.as_ref()?.manifest.as_ref()
    }

    /// What is wrong where records are written nowhere.
    pub fn check_records(&self, file: &str, text: &str) -> Option<Finding> {
        if self.front_matter.write || self.manifest().is_some() {
            return None;
        }
        let path = [Segment::key("front_matter", 0), Segment::key("write", 0)];
        let message = "records are written nowhere: variants are made, and no page can use them";
        Some(
            Finding::new(Code::NoRecords, message)
                .in_file(file)
                .at(settings::position_of(text, &path.into_iter().collect()))
                .hint("name a data file with `output: { manifest: … }`, or remove `write: false`"),
        )
    }

    /// Whether a finding is one that the configuration accepts.
    pub fn allows(&self, finding: &Finding) -> bool {
        self.allow.iter().any(|allowance| {
            allowance.code == finding.code
                && allowance.path.as_ref().is_none_or(|glob| {
                    finding
                        .file
                        .as_deref()
                        .is_some_and(|file| glob.matches_or_holds(file))
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_default_configuration_is_read() {
        let text = "\
generator: auto
content: []
data: []
exclude: []
uploads: []
hosts: []
output: { dir: uploads/variants, url: /uploads/variants/, manifest: _data/planche.yml }
front_matter: { suffix: _responsive, list_key: responsive_images, previous: [], write: true }
rules: []
allow: []
limits: { megapixels: 100, side: 30000, file: 100MiB, memory: auto, front_matter: 1MiB }
";
        let config = Config::read(FILE, text).expect("valid");
        let output = config.output.clone().expect("given");
        let place = output.place.expect("given");
        assert_eq!(place.dir.as_str(), "uploads/variants");
        assert_eq!(
            config.manifest().map(ManifestFile::as_str),
            Some("_data/planche.yml")
        );
        let without_output = Config {
            output: None,
            ..config
        };
        assert_eq!(without_output, Config::default());
    }

    #[test]
    fn mistakes_have_a_line_and_a_suggestion() {
        for (text, expected) in [
            (
                "generator: jekyl\n",
                "planche.yml:1:12: unknown value `jekyl`",
            ),
            ("contnet: []\n", "planche.yml:1:1: unknown key `contnet`"),
            (
                "rules:\n- { at: a, preset: card }\n- { at: 'b..c' }\n",
                "planche.yml:3:9: `b..c`",
            ),
            (
                "output: { dir: ../x, url: /x/ }\n",
                "planche.yml:1:16: `../x`",
            ),
            ("output: { dir: x, url: x }\n", "planche.yml:1:24: `x`"),
            (
                "output: { dir: x, url: '/a b/' }\n",
                "planche.yml:1:24: `/a b/`",
            ),
            (
                "output: { dir: x }\n",
                "planche.yml:1:9: `dir` is given without",
            ),
            (
                "output: { url: /x/ }\n",
                "planche.yml:1:9: `url` is given without",
            ),
            (
                "output: { manifset: x.yml }\n",
                "planche.yml:1:11: unknown key `manifset`",
            ),
            (
                "output: { manifest: x.toml }\n",
                "planche.yml:1:21: `x.toml`",
            ),
            (
                "output: { manifest: ../x.yml }\n",
                "planche.yml:1:21: `../x.yml`",
            ),
            (
                "output: { manifest: _data/.json }\n",
                "planche.yml:1:21: `_data/.json`",
            ),
            (
                "output: { manifest: planche.yml }\n",
                "planche.yml:1:21: `planche.yml`",
            ),
            (
                "front_matter: { write: perhaps }\n",
                "planche.yml:1:24: expected `true` or `false`, found `perhaps`",
            ),
            ("front_matter: { suffix: '' }\n", "planche.yml:1:25: ``"),
            ("limits: { file: lots }\n", "planche.yml:1:17: size `lots`"),
            ("content: ['a[']\n", "planche.yml:1:11: error parsing glob"),
            (
                "allow: [{ code: missing-uplod }]\n",
                "planche.yml:1:17: unknown value `missing-uplod`",
            ),
        ] {
            let shown = Config::read(FILE, text).expect_err(text).to_string();
            assert!(shown.starts_with(expected), "{text}: {shown}");
        }
    }

    #[test]
    fn rules_that_clash_and_presets_that_do_not_exist_are_found() {
        let text =
            "rules:\n- { at: '*.image', preset: card }\n- at: hero.image\n  preset: carousell\n";
        let config = Config::read(FILE, text).expect("valid");
        let (presets, _) = Presets::read([]);
        let shown: Vec<String> = config
            .check_rules(FILE, text, &presets)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(shown.len(), 2);
        assert!(
            shown[0].starts_with("planche.yml:4:11: unknown preset `carousell`"),
            "{shown:?}"
        );
        assert!(
            shown[1].starts_with("planche.yml:3:7: this rule never matches"),
            "{shown:?}"
        );
    }

    #[test]
    fn allowances_take_a_code_under_a_path() {
        let text =
            "allow: [{ code: missing-upload, path: '_posts/old/**' }, { code: skipped-reference }]";
        let config = Config::read(FILE, text).expect("valid");
        let finding = |code, file: &str| Finding::new(code, "x").in_file(file);
        assert!(config.allows(&finding(Code::MissingUpload, "_posts/old/a/b.md")));
        assert!(!config.allows(&finding(Code::MissingUpload, "_posts/new.md")));
        assert!(config.allows(&finding(Code::SkippedReference, "any.md")));
    }
}
