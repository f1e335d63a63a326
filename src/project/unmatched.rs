//! Reports settings that match nothing: takes the result of a walk, returns findings.

use super::Site;
use crate::finding::{Code, Finding, Severity};
use crate::generator::Generator;
use crate::site::Walked;
use crate::tree::path::Segment;

impl Site {
    /// Returns findings about globs that match no file, or files that are not read, and about
    /// uploads folders that do not exist; or, if there are none of these, that there are no
    /// articles at all.
    pub fn unmatched(&self, walked: &Walked) -> Vec<Finding> {
        let (file, places) = (self.settings_file(), self.places());
        let finding = |key: &str, index: usize, message: String, hint: &str| {
            let path = [Segment::key(key, 0), Segment::index(index)];
            Finding::new(Code::UnmatchedSetting, message)
                .in_file(file)
                .at(places.of(&path.into_iter().collect()))
                .hint(hint)
        };
        let mut findings = Vec::new();
        if walked.is_partial {
            return findings;
        }
        for (key, globs) in [
            ("content", &self.config.content),
            ("data", &self.config.data),
        ] {
            for (index, glob) in globs.iter().enumerate() {
                let mut paths = walked.candidates.iter().map(|file| file.path.as_str());
                let is_matched = paths.any(|path| glob.matches(path));
                let mut unknown = walked.unknown_data.iter().filter(|_| key == "data");
                let unknown = unknown.find(|path| glob.matches(path.as_str()));
                let name = glob.as_str();
                match (is_matched, unknown) {
                    (true, None) => {}
                    (true, Some(path)) => {
                        let message = format!(
                            "`{name}` also matches files that planche does not read, such as \
                             `{path}`"
                        );
                        let hint = "planche reads YAML, TOML and JSON: narrow the glob, or list the \
                                    others under `exclude:`";
                        let mut finding = finding(key, index, message, hint);
                        finding.severity = Severity::Notice;
                        findings.push(finding);
                    }
                    (false, Some(path)) => {
                        let message = format!(
                            "`{name}` matches only files that planche does not read, such as \
                             `{path}`"
                        );
                        let hint = "planche reads YAML, TOML and JSON: convert the data, or remove \
                                    the glob";
                        findings.push(finding(key, index, message, hint));
                    }
                    (false, None) => {
                        let message = format!("no file matches `{name}`");
                        let hint = "correct the glob, or remove it";
                        findings.push(finding(key, index, message, hint));
                    }
                }
            }
        }
        for (index, uploads) in self.config.uploads.iter().enumerate() {
            if !self.root.is_dir(uploads.dir.as_str()) {
                let message = format!("there is no folder `{}`", uploads.dir.as_str());
                findings.push(finding("uploads", index, message, "correct `dir`"));
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
