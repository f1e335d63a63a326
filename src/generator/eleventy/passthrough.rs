//! Reads which folders Eleventy copies: its configuration goes in, folders with their URLs come
//! out.

use super::super::Files;
use super::super::config::Value;
use super::super::places::{folder, is_within, uploads};
use super::super::script::Script;
use crate::glob::Glob;
use crate::path::SitePath;
use crate::published::UploadFolder;

/// Folders that sites usually copy, with their URLs. They count if the configuration does not
/// determine what is copied.
const USUAL: [(&str, &str); 6] = [
    ("public", "/"),
    ("static", "/"),
    ("uploads", "/uploads/"),
    ("assets", "/assets/"),
    ("images", "/images/"),
    ("img", "/img/"),
];

/// Folders that `addPassthroughCopy` copies.
#[derive(Debug, Default)]
pub(super) struct Passthrough {
    /// Folders that are copied with everything in them.
    pub whole: Vec<UploadFolder>,
    /// Folders that contain files of a glob: other files in them are not copied.
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
        let says_all = script.reads_all("addPassthroughCopy");
        if says_all && !(passthrough.whole.is_empty() && passthrough.partial.is_empty()) {
            return passthrough;
        }
        for (name, url) in USUAL {
            for dir in [input.child(name), folder(name)] {
                if passthrough.may_copy(&dir, files) {
                    passthrough.whole.extend(uploads(url, dir.as_str()));
                }
            }
        }
        passthrough
    }

    /// Whether a folder with a usual name may be copied as a whole: it exists, it is not known
    /// already, no glob chooses among its files, and it does not contain only variants.
    fn may_copy(&self, dir: &SitePath, files: &dyn Files) -> bool {
        let is_known = |known: &UploadFolder| known.dir.as_str() == dir.as_str();
        let is_chosen_from = |glob: &UploadFolder| {
            let fixed = folder(glob.dir.as_str());
            is_within(&fixed, dir) || is_within(dir, &fixed)
        };
        files.has_folder(dir)
            && !self.whole.iter().any(is_known)
            && !self.partial.iter().any(is_chosen_from)
            && !holds_variants_only(dir, files)
    }

    /// Returns the folders that may have images: those that are copied as a whole and not named for
    /// fonts, styles or scripts, or else the first one.
    pub fn for_images(&self) -> Vec<&UploadFolder> {
        let is_other = |whole: &&UploadFolder| {
            let name = whole.dir.as_str().rsplit('/').next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            let others = ["font", "css", "style", "script"];
            name == "js" || others.iter().any(|other| name.contains(other))
        };
        let whole = self.whole.iter();
        let images: Vec<&UploadFolder> = whole.filter(|whole| !is_other(whole)).collect();
        match images.is_empty() {
            true => self.whole.iter().take(1).collect(),
            false => images,
        }
    }

    /// Returns all folders, whole ones first.
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
        let has_extension = !files.has_folder(&dir) && dir.name().contains('.');
        if !is_glob && (has_extension || files.has_file(&dir)) {
            return;
        }
        // A folder in the input folder is published without the name of the input folder.
        let below = dir.below(input.as_str()).unwrap_or(dir.as_str());
        let url = as_url(to.unwrap_or(below));
        // A glob with a target puts all files into one folder.
        let takes_all = to.is_none() && dir != *input && takes_whole_folder(from, &dir);
        let folders = match is_glob && !takes_all {
            true => &mut self.partial,
            false => &mut self.whole,
        };
        folders.extend(uploads(&url, dir.as_str()));
    }
}

/// Whether a glob matches every file below its folder: `img/**`, `img/**/*`.
fn takes_whole_folder(glob: &str, dir: &SitePath) -> bool {
    let below = glob.strip_prefix(dir.as_str()).unwrap_or(glob);
    !dir.is_root() && matches!(below, "/**" | "/**/*" | "/**/**" | "/**/*.*")
}

/// Whether a folder contains only variants. Then planche has created it, so that it does not show
/// what the site copies.
fn holds_variants_only(dir: &SitePath, files: &dyn Files) -> bool {
    match files.names(dir).as_slice() {
        [only] if only.name == "variants" => only.is_folder,
        [only] if only.name == "uploads" => holds_variants_only(&dir.child("uploads"), files),
        _ => false,
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
