//! `planche.yml`, a site's configuration: its text in, checked settings out. Every key is optional.

mod budget;
mod cache;
mod check_rules;
mod host;
mod limits;
mod output;
mod rule;
mod selector;
mod severity;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use budget::BudgetSettings;
pub use cache::CacheSettings;
pub use host::Host;
pub use limits::{Limits, MemoryLimit};
pub use output::{ManifestFile, ManifestSyntax, OutputSettings};
pub use rule::{At, Rule};
pub use selector::PageSelector;
pub use severity::{Level, Severities};

pub use crate::glob::Glob;
pub use crate::published::{FolderPath, Output, UploadFolder, UrlPrefix};
pub use crate::record::{FrontMatterKeys, KeyName, PreviousKeys};

use crate::finding::{Code, Finding};
use crate::generator::GeneratorSetting;
use crate::settings::{self, MOST_ENTRIES, MOST_FOLDERS, Places, at_most};
use crate::tree::path::Segment;

/// The name of the configuration file at a site's root.
pub const FILE: &str = "planche.yml";

/// The configuration of a site. Every key is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "planche.yml")]
pub struct Config {
    /// The site generator. `auto` detects it from the site's files.
    pub generator: GeneratorSetting,
    /// Globs of the articles, at most 1,000. Default: the generator's content folders.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub content: Vec<Glob>,
    /// Globs of YAML, TOML and JSON data files, which are treated like front matter; at most 1,000.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub data: Vec<Glob>,
    /// Globs of files and folders to ignore, at most 1,000.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub exclude: Vec<Glob>,
    /// Uploads folders, and their URLs; at most 200. Default: the generator's folders.
    #[serde(deserialize_with = "at_most::<MOST_FOLDERS, _, _>")]
    #[schemars(length(max = MOST_FOLDERS))]
    pub uploads: Vec<UploadFolder>,
    /// Hosts of this site, such as `www.example.org`: absolute URLs with these hosts are references
    /// to its uploads. The host of the generator's own `url` is always included. At most 1,000.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub hosts: Vec<Host>,
    /// Where variants and the manifest are written. Default: a folder that the generator
    /// publishes, and no manifest.
    pub output: Option<OutputSettings>,
    /// The keys that records are written under.
    pub front_matter: FrontMatterKeys,
    /// Which preset applies to which images. The first matching rule wins; without one, the
    /// defaults apply. At most 1,000.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub rules: Vec<Rule>,
    /// Findings to hide; at most 1,000 entries.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub allow: Vec<Allowance>,
    /// How much each kind of finding matters, by code: `off`, `notice`, `warning` or `error`; or a
    /// mapping from globs of files or folders to one of these. The first glob that matches wins. A
    /// code has at most 1,000 globs.
    pub severity: Severities,
    /// What one upload, one article and a whole run may cost.
    pub limits: Limits,
    /// What `check` accepts of uploads, articles and variants.
    pub budget: BudgetSettings,
    /// Encoded variants that builds share.
    pub cache: CacheSettings,
}

/// A kind of finding to hide, everywhere or in some files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// The code that findings print in brackets, such as `missing-upload`.
    pub code: Code,
    /// A glob of files or folders. Default: all files.
    pub path: Option<Glob>,
}

impl Config {
    /// Reads `text`, the content of the configuration file `file`.
    ///
    /// # Errors
    ///
    /// Returns a finding at the key or value that cannot be used.
    pub fn read(file: &str, text: &str) -> Result<Config, Finding> {
        settings::read(file, text)
    }

    /// Returns a finding for each setting that would hide a failure or make it less severe. A run
    /// with such an error has not done its work, and must say why.
    pub fn check_failures(&self, file: &str, text: &str) -> Vec<Finding> {
        let places = Places::new(text);
        let finding = |code: Code, path: [Segment; 3], length: usize| {
            let path = path.into_iter().take(length).collect();
            let message =
                format!("`{code}` is always an error: a run with such a finding has failed");
            Finding::new(Code::Configuration, message)
                .in_file(file)
                .at(places.of(&path))
                .hint(format!(
                    "remove this setting, and correct what `{code}` reports"
                ))
        };
        let allowed = self.allow.iter().enumerate();
        let allowed = allowed.filter(|(_, allowance)| allowance.code.is_failure());
        let allowed = allowed.map(|(index, allowance)| {
            let key = Segment::key("code", 0);
            let path = [Segment::key("allow", 0), Segment::index(index), key];
            finding(allowance.code, path, 3)
        });
        let lowered = self.severity.lowered().filter(|code| code.is_failure());
        let lowered = lowered.map(|code| {
            let key = Segment::key(code.as_str(), 0);
            let path = [Segment::key("severity", 0), key, Segment::index(0)];
            finding(code, path, 2)
        });
        allowed.chain(lowered).collect()
    }

    /// Returns the data file to write all records to, if one is configured.
    pub fn manifest(&self) -> Option<&ManifestFile> {
        self.output.as_ref()?.manifest.as_ref()
    }

    /// Returns a finding if the configuration writes records nowhere.
    pub fn check_records(&self, file: &str, text: &str) -> Option<Finding> {
        if self.front_matter.write || self.manifest().is_some() {
            return None;
        }
        let path = [Segment::key("front_matter", 0), Segment::key("write", 0)];
        let message = "records are written nowhere, so no page can use the variants";
        Some(
            Finding::new(Code::NoRecords, message)
                .in_file(file)
                .at(settings::position_of(text, &path.into_iter().collect()))
                .hint("set `output.manifest` to a data file, or remove `write: false`"),
        )
    }

    /// Checks that the configured variants folder does not contain one of `uploads`, the uploads
    /// folders of the site: every upload would count as a variant.
    ///
    /// # Errors
    ///
    /// Returns a finding at `output.dir`.
    pub fn check_output(
        &self,
        file: &str,
        text: &str,
        uploads: &[UploadFolder],
    ) -> Result<(), Finding> {
        let place = self
            .output
            .as_ref()
            .and_then(|output| output.place.as_ref());
        let Some(dir) = place.map(|place| place.dir.as_str()) else {
            return Ok(());
        };
        let is_within = |uploads: &UploadFolder| {
            let rest = uploads.dir.as_str().strip_prefix(dir);
            dir.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let message = match uploads.iter().find(|uploads| is_within(uploads)) {
            Some(uploads) if !uploads.dir.as_str().is_empty() => format!(
                "the variants folder contains the uploads of `{}`",
                uploads.dir.as_str()
            ),
            Some(_) => "the variants folder contains the uploads".to_owned(),
            None if dir.is_empty() => "the variants folder is the site's root folder".to_owned(),
            None => return Ok(()),
        };
        Err(self.of_output_folder(file, text, message))
    }

    /// Returns a finding at `output.dir`.
    pub fn of_output_folder(&self, file: &str, text: &str, message: String) -> Finding {
        let path = [Segment::key("output", 0), Segment::key("dir", 0)];
        Finding::new(Code::Configuration, message)
            .in_file(file)
            .at(settings::position_of(text, &path.into_iter().collect()))
            .hint("set `output.dir` to a separate folder, such as `uploads/variants`")
    }

    /// Returns the finding with the severity that the configuration gives it, or `None` if the
    /// configuration hides it. A failure stays what it is.
    pub fn judge(&self, mut finding: Finding) -> Option<Finding> {
        if finding.code.is_failure() {
            return Some(finding);
        }
        if self.allows(&finding) {
            return None;
        }
        if let Some(level) = self.severity.level(finding.code, finding.file.as_deref()) {
            finding.severity = level.severity()?;
        }
        Some(finding)
    }

    /// Returns whether articles are checked for alt text with this problem: if a rule says where
    /// these texts are, or if `severity` names the code.
    pub fn checks_alt_texts(&self, code: Code) -> bool {
        self.severity.asks_for(code) || self.rules.iter().any(|rule| rule.alt.is_some())
    }

    /// Returns whether `allow` hides the finding.
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
mod tests;
