//! Converts paths of findings to paths from the working directory, which a person can open, if the
//! site is below it.
//!
//! Findings name files by their paths from the root of the site. If the root is `docs/site`,
//! text editors and terminals find `articles/a.md` only as `docs/site/articles/a.md`.

use std::borrow::Cow;
use std::path::Path;

use crate::config;
use crate::finding::Finding;
use crate::project::Site;

/// Converts the file paths of findings to paths from the working directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisplayPaths {
    /// Path from the working directory to the site: empty, or ending with `/`.
    prefix: String,
    /// Prefixes of file names that are not paths from the root of the site; such names stay as they
    /// are.
    others: Vec<String>,
}

impl DisplayPaths {
    /// Returns the conversion for the files of a site.
    pub fn to(site: &Site) -> Self {
        let settings = site.settings_file();
        DisplayPaths {
            others: (settings != config::FILE)
                .then(|| settings.to_owned())
                .into_iter()
                .collect(),
            ..DisplayPaths::to_folder(site.root.path())
        }
    }

    /// Returns the conversion for the files of the site in `folder`.
    pub fn to_folder(folder: &Path) -> Self {
        let below = || {
            let here = std::env::current_dir().ok()?.canonicalize().ok()?;
            let folder = folder.canonicalize().ok()?;
            let below = folder.strip_prefix(here).ok()?.to_str()?;
            (!below.is_empty()).then(|| format!("{below}/"))
        };
        DisplayPaths {
            prefix: below().unwrap_or_default(),
            others: Vec::new(),
        }
    }

    /// Keeps file names that begin with `start` as they are: they are paths from the working
    /// directory already.
    #[must_use]
    pub fn keeping(mut self, start: &str) -> Self {
        self.others.push(start.to_owned());
        self
    }

    /// Returns the path of a finding's file from the working directory.
    pub fn path<'f>(&self, file: &'f str) -> Cow<'f, str> {
        let mut others = self.others.iter();
        let is_other = file.starts_with('/') || others.any(|start| file.starts_with(start));
        match is_other || self.prefix.is_empty() {
            true => Cow::Borrowed(file),
            false => Cow::Owned(format!("{}{file}", self.prefix)),
        }
    }

    /// Returns the finding with both of its paths from the working directory.
    pub fn finding<'f>(&self, finding: &'f Finding) -> Cow<'f, Finding> {
        if self.prefix.is_empty() {
            return Cow::Borrowed(finding);
        }
        let mut shown = finding.clone();
        let related = shown.related.as_mut().map(|related| &mut related.file);
        for file in shown.file.iter_mut().chain(related) {
            *file = self.path(file).into_owned();
        }
        Cow::Owned(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Relation};

    #[test]
    fn both_places_of_a_finding_begin_at_the_working_directory() {
        let here = DisplayPaths {
            prefix: "docs/site/".to_owned(),
            others: vec!["docs/_site/".to_owned()],
        };
        let finding = Finding::new(Code::UndecodableUpload, "damaged")
            .in_file("x.jpg")
            .related(Relation::Reference, "a.md", 40)
            .hint("none");
        assert_eq!(
            here.finding(&finding).to_string(),
            "docs/site/x.jpg: damaged (referenced at docs/site/a.md) – hint: none"
        );
        for (file, expected) in [
            ("a.md", "docs/site/a.md"),
            ("docs/_site/a.html", "docs/_site/a.html"),
            ("/etc/planche.yml", "/etc/planche.yml"),
        ] {
            assert_eq!(here.path(file), expected);
            assert_eq!(DisplayPaths::default().path(file), file);
        }
    }
}
