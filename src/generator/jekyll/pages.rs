//! Which files Jekyll reads.

use super::super::extensions::{is_binary, is_page};
use super::super::places::is_within;
use super::super::{Decision, Filter};
use crate::glob::Glob;
use crate::path::SitePath;

/// Selects the files that Jekyll reads as pages or documents.
pub(super) struct Pages {
    pub source: SitePath,
    /// Folders in which every file with front matter is a document.
    pub special: Vec<SitePath>,
    pub collections_dir: SitePath,
    pub include: Vec<Glob>,
    pub exclude: Vec<Glob>,
    pub destination: SitePath,
}

impl Pages {
    fn is_special(&self, path: &SitePath) -> bool {
        self.special.iter().any(|folder| is_within(path, folder))
            // Any folder may have its own `_posts`.
            || path.as_str().split('/').any(|segment| segment == "_posts")
    }

    fn is_included(&self, path: &SitePath) -> bool {
        let below = path.below(self.source.as_str()).unwrap_or_default();
        self.include
            .iter()
            .any(|glob| glob.matches(path.name()) || glob.matches_or_holds(below))
    }

    fn is_excluded(&self, path: &SitePath) -> bool {
        let below = path.below(self.source.as_str()).unwrap_or_default();
        self.exclude.iter().any(|glob| glob.matches_or_holds(below))
    }

    /// Jekyll ignores names with these first characters, unless they are included.
    fn is_hidden(&self, path: &SitePath) -> bool {
        path.name().starts_with(['_', '.', '#', '~']) || path.name().ends_with('~')
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
            || self.is_excluded(path)
            || *path == self.destination
            || is_vendored
            || *path == self.collections_dir && !self.collections_dir.is_root())
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if self.is_special(path) {
            let is_static = is_binary(path) || path.name().starts_with('.');
            return if is_static {
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

/// How many folders deep a permalink puts a page, at least: a post may have no categories.
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
