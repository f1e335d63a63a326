//! Reports settings that match nothing: takes the result of a walk, returns findings.

use super::Site;
use crate::finding::{Code, Finding, Severity};
use crate::generator::Generator;
use crate::glob::Glob;
use crate::site::Walked;
use crate::tree::path::Segment;

impl Site {
    /// Returns findings about globs that match no file, or files that are not read, and about
    /// uploads folders that do not exist; or, if there are none of these, that there are no
    /// articles at all.
    pub fn unmatched(&self, walked: &Walked) -> Vec<Finding> {
        let mut findings = Vec::new();
        if walked.is_partial {
            return findings;
        }
        let places = self.places();
        let in_list = |finding: Finding, key: &str, index: usize| {
            let path = [Segment::key(key, 0), Segment::index(index)];
            finding
                .in_file(self.settings_file())
                .at(places.of(&path.into_iter().collect()))
        };
        for (key, globs) in [
            ("content", &self.config.content),
            ("data", &self.config.data),
        ] {
            let globs = globs.iter().enumerate();
            findings.extend(globs.filter_map(|(index, glob)| {
                let finding = of_glob(key, glob, walked)?;
                Some(in_list(finding, key, index))
            }));
        }
        for (index, uploads) in self.config.uploads.iter().enumerate() {
            if !self.root.is_dir(uploads.dir.as_str()) {
                let message = format!("there is no folder `{}`", uploads.dir.as_str());
                let finding = Finding::new(Code::UnmatchedSetting, message).hint("correct `dir`");
                findings.push(in_list(finding, "uploads", index));
            }
        }
        if walked.candidates.is_empty() && findings.is_empty() {
            findings.push(self.no_articles());
        }
        findings
    }

    /// Returns the finding that none of the site's files is an article.
    pub fn no_articles(&self) -> Finding {
        let generator = self.conventions.generator;
        let message = if generator == Generator::NONE {
            "no articles were found, and no generator was detected".to_owned()
        } else {
            format!("no articles were found for {}", generator.spec().title)
        };
        let finding = Finding::new(Code::NoArticles, message);
        match Generator::all_below(&self.root).first() {
            Some((folder, generator)) => finding.hint(generator.run_in(folder)),
            None => finding,
        }
    }
}

/// Returns a finding about a glob of the setting `key` that matches no file, or files that are not
/// read.
fn of_glob(key: &str, glob: &Glob, walked: &Walked) -> Option<Finding> {
    let mut paths = walked.candidates.iter().map(|file| file.path.as_str());
    let is_matched = paths.any(|path| glob.matches(path));
    let mut unknown = walked.unknown_data.iter().filter(|_| key == "data");
    let unknown = unknown.find(|path| glob.matches(path.as_str()));
    let name = glob.as_str();
    let finding = |message: String| Finding::new(Code::UnmatchedSetting, message);
    Some(match (is_matched, unknown) {
        (true, None) => return None,
        (true, Some(path)) => {
            let message =
                format!("`{name}` also matches files that planche does not read, such as `{path}`");
            let hint = "planche reads YAML, TOML and JSON: narrow the glob, or list the others \
                        under `exclude:`";
            let mut finding = finding(message).hint(hint);
            finding.severity = Severity::Notice;
            finding
        }
        (false, Some(path)) => {
            let message =
                format!("`{name}` matches only files that planche does not read, such as `{path}`");
            let hint = "planche reads YAML, TOML and JSON: convert the data, or remove the glob";
            finding(message).hint(hint)
        }
        (false, None) => {
            finding(format!("no file matches `{name}`")).hint("correct the glob, or remove it")
        }
    })
}
