//! How a generator reads a site: where articles are, what URLs mean, where variants go.

use crate::path::SitePath;
use crate::published::{Output, UploadFolder};

use super::{Dialect, Filter, Generator};

/// How a generator reads a site.
pub struct Conventions {
    pub generator: Generator,
    /// The files that the conventions were read from, or would be.
    pub settings: Vec<SitePath>,
    /// Folders whose every file belongs to the generator's configuration.
    pub settings_folders: Vec<SitePath>,
    pub dialect: Dialect,
    /// The root key that contains the list of records, if it is not at the root itself.
    pub list_parent: Option<&'static str>,
    /// Whether the generator copies a page without front matter verbatim (Jekyll).
    pub needs_front_matter: bool,
    /// The folders that contain the articles.
    pub starts: Vec<SitePath>,
    pub filter: Box<dyn Filter + Send + Sync>,
    /// The folders that a URL's path may lead to, in the order in which they are tried.
    pub uploads: Vec<UploadFolder>,
    /// Single files that are published under a URL of their own, with that URL (Hugo's mounts).
    pub single_files: Vec<(String, SitePath)>,
    /// What a relative reference is relative to, in the order in which it is tried.
    pub relative: Vec<RelativeTo>,
    /// Prefixes of references that are aliases of a folder, such as `@/` for `src`.
    pub aliases: Vec<(String, SitePath)>,
    /// The depth of published pages in folders, by the folder of their articles, if the
    /// configuration determines it (Jekyll's permalinks).
    pub page_depths: Vec<(SitePath, usize)>,
    /// Where files of a page's translations may be.
    pub translations: Translations,
    /// The folder of variants, and its URL.
    pub output: Output,
    /// The folders of `uploads` whose files the generator does not simply copy.
    pub unpublished: Vec<SitePath>,
    /// The folders of templates, which may show records.
    pub templates_in: Vec<SitePath>,
    /// The folder that the generator writes the site to.
    pub destination: SitePath,
    /// Hosts of the site's own absolute URLs, in lower case.
    pub hosts: Vec<String>,
    /// The path that the site is published under, such as `/blog`; empty at a host's root.
    pub base_path: String,
}

impl Conventions {
    /// Whether a value starts with an alias.
    pub fn has_alias(&self, value: &str) -> bool {
        let mut aliases = self.aliases.iter();
        aliases.any(|(alias, _)| value.starts_with(alias.as_str()))
    }

    /// Whether a value starts with an alias, and cannot be a URL of the site.
    pub fn is_alias(&self, value: &str) -> bool {
        !value.starts_with('/') && self.has_alias(value)
    }

    /// How many folders deep the page of an article is published, at least.
    pub fn page_depth(&self, article: &SitePath) -> usize {
        self.page_depths
            .iter()
            .filter(|(folder, _)| article.below(folder.as_str()).is_some())
            .max_by_key(|(folder, _)| folder.as_str().len())
            .map_or(usize::MAX, |(_, depth)| *depth)
    }
}

/// Where files of a page's translations are: Hugo shares the files of a bundle among the languages
/// of a site.
#[derive(Debug, Default)]
pub struct Translations {
    /// Each content folder with its name without a language. Pages at the same place in two folders
    /// of one name are translations of each other.
    pub folders: Vec<(SitePath, SitePath)>,
    /// The languages of the site. The name of a file may contain one: `photo.fr.jpg` is `photo.jpg`.
    pub languages: Vec<String>,
}

impl Translations {
    /// The other files that the pages of a bundle get by the name of this one: those of its
    /// translations, and those whose names contain a language, `first` before the others.
    pub fn of(&self, file: &SitePath, first: Option<&str>) -> Vec<SitePath> {
        let mut places = vec![file.clone()];
        for (folder, at) in &self.folders {
            let Some(below) = file.below(folder.as_str()) else {
                continue;
            };
            let shared = at.child(below);
            let others = self.folders.iter();
            places.extend(others.filter_map(|(other, at)| {
                let rest = shared.below(at.as_str())?;
                Some(other.child(rest))
            }));
        }
        let named = places.iter().flat_map(|place| {
            let (stem, extension) = place.as_str().rsplit_once('.').unwrap_or_default();
            let languages = self.languages.iter().map(String::as_str);
            let languages = first.into_iter().chain(languages);
            languages.filter_map(move |language| {
                SitePath::normalise(&format!("{stem}.{language}.{extension}"))
            })
        });
        let named: Vec<SitePath> = named.collect();
        places.extend(named);
        places.retain(|place| place != file);
        places
    }
}

/// Where a reference without a leading slash may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelativeTo {
    /// The article's own folder.
    Article,
    /// The article's own folder if the page keeps it: in Jekyll, outside the folders whose names
    /// begin with `_`. For other articles the folder only serves hints: their page's URL is
    /// another one.
    Page,
    Folder(SitePath),
}
