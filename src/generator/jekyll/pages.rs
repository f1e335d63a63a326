//! Decides which files Jekyll reads: paths go in, decisions come out.

use super::super::extensions::{is_binary, is_page};
use super::super::places::is_within;
use super::super::{Decision, Filter};
use super::pattern::Pattern;
use crate::path::SitePath;

/// First characters of names that Jekyll skips.
const HIDDEN: [char; 4] = ['_', '.', '#', '~'];

/// Selects the files that Jekyll reads as pages or documents.
pub(super) struct Pages {
    pub source: SitePath,
    /// Folders in which every file with front matter is a document.
    pub special: Vec<SitePath>,
    pub collections_dir: SitePath,
    pub include: Vec<Pattern>,
    pub exclude: Vec<Pattern>,
    pub destination: SitePath,
}

impl Pages {
    fn is_special(&self, path: &SitePath) -> bool {
        self.special.iter().any(|folder| is_within(path, folder))
            // Any folder may have its own `_posts`.
            || path.as_str().split('/').any(|segment| segment == "_posts")
    }

    fn is_included(&self, path: &SitePath) -> bool {
        let below = self.below(path);
        self.include.iter().any(|pattern| {
            pattern.matches(path.name()) || pattern.matches(below) || pattern.is_folder(below)
        })
    }

    fn is_excluded(&self, path: &SitePath) -> bool {
        let below = self.below(path);
        let mut patterns = self.exclude.iter();
        patterns.any(|pattern| pattern.matches(below))
    }

    fn is_excluded_folder(&self, path: &SitePath) -> bool {
        let below = self.below(path);
        let mut patterns = self.exclude.iter();
        patterns.any(|pattern| pattern.matches(below) || pattern.is_folder(below))
    }

    fn below<'p>(&self, path: &'p SitePath) -> &'p str {
        path.below(self.source.as_str()).unwrap_or_default()
    }

    /// Whether Jekyll reads a file in a folder of documents. It matches `include:` with the path
    /// from that folder, and `exclude:` with the path from the source or from the folder of
    /// collections. A post that its author has hidden with a `_` counts, as it may be published
    /// again.
    fn reads_document(&self, path: &SitePath) -> bool {
        let folders = self.special.iter();
        let folder = folders.filter(|folder| is_within(path, folder)).max();
        let is_post = |name: &str| matches!(name, "_posts" | "_drafts");
        let from_source = self.below(path);
        let (from_root, entry) = match folder.filter(|folder| !is_post(folder.name())) {
            Some(folder) => {
                let root = path.below(self.collections_dir.as_str());
                (root.unwrap_or(from_source), path.below(folder.as_str()))
            }
            None => {
                let mut parts = path.as_str().splitn(2, "_posts/");
                let in_posts = parts.nth(1);
                let in_drafts = folder.and_then(|folder| path.below(folder.as_str()));
                (from_source, in_drafts.or(in_posts))
            }
        };
        let entry = entry.unwrap_or(path.name());
        let matches =
            |patterns: &[Pattern], text: &str| patterns.iter().any(|pattern| pattern.matches(text));
        if matches(&self.include, entry) || matches(&self.include, path.name()) {
            return true;
        }
        !matches(&self.exclude, from_root)
    }

    /// Whether Jekyll ignores the name, unless it is included.
    fn is_hidden(&self, path: &SitePath) -> bool {
        path.name().starts_with(HIDDEN) || path.name().ends_with('~')
    }
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        if self.is_special(path) || self.special.iter().any(|folder| is_within(folder, path)) {
            return true;
        }
        if self.is_included(path) {
            return true;
        }
        let is_vendored = [
            "vendor/bundle",
            "vendor/cache",
            "vendor/gems",
            "vendor/ruby",
        ]
        .contains(&path.as_str());
        !(self.is_hidden(path)
            || self.is_excluded_folder(path)
            || *path == self.destination
            || is_vendored
            || *path == self.collections_dir && !self.collections_dir.is_root())
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if self.is_special(path) {
            let is_static = is_binary(path) || path.name().starts_with('.');
            return if is_static || !self.reads_document(path) {
                Decision::Leave
            } else {
                Decision::Page
            };
        }
        let shown = !self.is_hidden(path) || self.is_included(path);
        if shown && !self.is_excluded(path) && is_page(path, &[]) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}

/// Returns how many folders deep a permalink puts a page, at least: a post may have no categories.
pub(super) fn depth(permalink: &str) -> usize {
    let template = match permalink {
        "" | "date" => "/:year/:month/:day/:title",
        "pretty" => "/:year/:month/:day/:title/",
        "ordinal" => "/:year/:y_day/:title",
        "weekdate" => "/:year/W:week/:short_day/:title",
        "none" => "/:title",
        template => template,
    };
    let folders = template.trim_start_matches('/').split('/').rev().skip(1);
    folders.filter(|name| *name != ":categories").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permalinks_determine_the_depth_of_pages() {
        for (permalink, expected) in [
            ("", 3),
            ("pretty", 4),
            ("none", 0),
            ("/blog/:title/", 2),
            ("/:categories/:title.html", 0),
            ("/:collection/:path", 1),
            ("/:title", 0),
        ] {
            assert_eq!(depth(permalink), expected, "{permalink}");
        }
    }
}
