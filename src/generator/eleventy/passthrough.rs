//! The folders that Eleventy copies.

use super::super::Files;
use super::super::config::Value;
use super::super::places::{folder, uploads};
use super::super::script::Script;
use crate::glob::Glob;
use crate::path::SitePath;
use crate::published::UploadFolder;

/// Folders that sites usually copy, if the configuration does not name any in literals: folder,
/// URL.
const USUAL: [(&str, &str); 6] = [
    ("public", "/"),
    ("static", "/"),
    ("uploads", "/uploads/"),
    ("assets", "/assets/"),
    ("images", "/images/"),
    ("img", "/img/"),
];

/// What `addPassthroughCopy` copies.
#[derive(Debug, Default)]
pub(super) struct Passthrough {
    /// Folders that are copied with everything in them.
    pub whole: Vec<UploadFolder>,
    /// Folders that hold files of a glob: others in them are not copied.
    pub partial: Vec<UploadFolder>,
}

impl Passthrough {
    pub fn of(script: &Script<'_>, input: &SitePath, files: &dyn Files) -> Self {
        let mut passthrough = Passthrough::default();
        for argument in script.arguments("addPassthroughCopy") {
            match &argument {
                Value::Text(from) => passthrough.add(from, None, input, files),
                Value::Map(pairs) => {
                    for (from, to) in pairs {
                        if let Value::Text(to) = to {
                            passthrough.add(from, Some(to), input, files);
                        }
                    }
                }
                Value::List(_) => {}
            }
        }
        for (name, url) in USUAL {
            for dir in [input.child(name), folder(name)] {
                let is_known = |known: &UploadFolder| known.dir.as_str() == dir.as_str();
                if files.has_folder(&dir) && !passthrough.whole.iter().any(is_known) {
                    passthrough.whole.extend(uploads(url, dir.as_str()));
                }
            }
        }
        passthrough
    }

    /// All folders, whole ones first.
    pub fn all(&self) -> Vec<UploadFolder> {
        self.whole.iter().chain(&self.partial).cloned().collect()
    }

    fn add(&mut self, from: &str, to: Option<&str>, input: &SitePath, files: &dyn Files) {
        let from = from.trim_start_matches("./");
        let is_glob = from.contains(['*', '?', '[', '{']);
        let dir = match is_glob {
            true => Glob::new(from)
                .map(|glob| glob.fixed_folder())
                .unwrap_or_default(),
            false => folder(from),
        };
        let is_file = !files.has_folder(&dir) && dir.name().contains('.');
        if is_file && !is_glob {
            return;
        }
        // A folder of the input folder is published without the input folder's name.
        let below = dir.below(input.as_str()).unwrap_or(dir.as_str());
        let url = as_url(to.unwrap_or(below));
        let folders = match is_glob {
            true => &mut self.partial,
            false => &mut self.whole,
        };
        folders.extend(uploads(&url, dir.as_str()));
    }
}

fn as_url(path: &str) -> String {
    let bare = path.trim_start_matches("./").trim_matches('/');
    if bare.is_empty() || bare == "." {
        "/".to_owned()
    } else {
        format!("/{bare}/")
    }
}
