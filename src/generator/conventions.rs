//! The conventions by which a generator reads a site: where articles are, what URLs refer to, where
//! variants go.

use crate::path::SitePath;
use crate::published::{Output, UploadFolder};

use super::places::output;
use super::{Dialect, Filter, Generator};

/// How a generator reads a site.
pub struct Conventions {
    pub generator: Generator,
    /// Files that the conventions were read from, or would be if they existed.
    pub settings: Vec<SitePath>,
    /// Folders in which every file belongs to the generator's configuration.
    pub settings_folders: Vec<SitePath>,
    pub dialect: Dialect,
    /// The root key that contains the list of records, if it is not at the root itself.
    pub list_parent: Option<&'static str>,
    /// Whether the generator copies a page without front matter verbatim (Jekyll).
    pub needs_front_matter: bool,
    /// The folders that contain the articles.
    pub starts: Vec<SitePath>,
    pub filter: Box<dyn Filter + Send + Sync>,
    /// Folders that the path of a URL may lead to, in the order in which they are tried.
    pub uploads: Vec<UploadFolder>,
    /// Single files that are published under a URL of their own, each after its URL (Hugo's
    /// mounts).
    pub single_files: Vec<(String, SitePath)>,
    /// What a relative reference may be relative to, in the order in which it is tried.
    pub relative: Vec<RelativeTo>,
    /// Prefixes of references that are aliases of a folder, such as `@/` for `src`.
    pub aliases: Vec<(String, SitePath)>,
    /// Number of folders that a page is published in, by the folder of its article, if the
    /// configuration determines it (Jekyll's permalinks).
    pub page_depths: Vec<(SitePath, usize)>,
    /// Where files of a page's translations may be.
    pub translations: Translations,
    /// Variants folder, and its URL.
    pub output: Output,
    /// Folders of `uploads` whose files the generator does not copy as they are.
    pub unpublished: Vec<SitePath>,
    /// Templates folders, which may show records.
    pub templates_in: Vec<SitePath>,
    /// Layouts that the configuration gives to articles that name none (Jekyll's `defaults`).
    pub default_layouts: Vec<String>,
    /// Folders whose data files templates read.
    pub data_in: Vec<SitePath>,
    /// Folder that the generator writes the site to.
    pub destination: SitePath,
    /// Hosts of the site's own absolute URLs, in lower case.
    pub hosts: Vec<String>,
    /// Path that the site is published under, such as `/blog`; empty at the root of a host.
    pub base_path: String,
}

impl Conventions {
    /// Returns the conventions of a site without settings, published at the root of its host, whose
    /// articles may be in any folder. A generator states what differs.
    pub(super) fn common(
        generator: Generator,
        filter: impl Filter + Send + Sync + 'static,
    ) -> Self {
        Conventions {
            generator,
            settings: Vec::new(),
            settings_folders: Vec::new(),
            dialect: Dialect::common(usize::MAX),
            list_parent: None,
            needs_front_matter: false,
            starts: vec![SitePath::root()],
            filter: Box::new(filter),
            uploads: Vec::new(),
            single_files: Vec::new(),
            relative: Vec::new(),
            aliases: Vec::new(),
            page_depths: Vec::new(),
            translations: Translations::default(),
            output: output("uploads/variants", "/uploads/variants/"),
            unpublished: Vec::new(),
            templates_in: Vec::new(),
            default_layouts: Vec::new(),
            data_in: Vec::new(),
            destination: SitePath::root().child("_site"),
            hosts: Vec::new(),
            base_path: String::new(),
        }
    }

    /// Whether a value starts with an alias.
    pub fn has_alias(&self, value: &str) -> bool {
        let mut aliases = self.aliases.iter();
        aliases.any(|(alias, _)| value.starts_with(alias.as_str()))
    }

    /// Whether a value starts with an alias, and cannot be a URL of the site.
    pub fn is_alias(&self, value: &str) -> bool {
        !value.starts_with('/') && self.has_alias(value)
    }

    /// Returns how many folders deep the page of an article is published, at least; `usize::MAX` if
    /// the configuration does not determine it.
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
    /// Content folders, each with its name without a language. Pages at the same place in two
    /// folders with the same such name are translations of each other.
    pub folders: Vec<(SitePath, SitePath)>,
    /// Languages of the site. A file's name may contain one: `photo.fr.jpg` is a `photo.jpg`.
    pub languages: Vec<String>,
}

impl Translations {
    /// Returns the other files that the pages of a bundle may get by the name of this one: those of
    /// its translations, and those whose names contain a language, `first` before the others.
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

/// What a reference without a leading slash may be relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelativeTo {
    /// The article's own folder.
    Article,
    /// The article's own folder, if the published page keeps it. In Jekyll, articles in folders
    /// whose names begin with `_` are published elsewhere; for these, the folder only serves hints.
    Page,
    Folder(SitePath),
}
