//! Finds the folders of pages whose front matter sets their URLs: the generator publishes the files
//! of the folder below that URL, for other pages too.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::article;
use crate::generator::Templates;
use crate::ledger::ArticleFacts;
use crate::path::SitePath;
use crate::project::Site;
use crate::reference::PageUrl;
use crate::site::ArticleFile;

/// The pages of a site that have folders of their own: bundles.
pub(super) struct Pages<'s> {
    site: &'s Site,
    /// Each with its facts, if they are known.
    bundles: Vec<(ArticleFile, Option<Arc<ArticleFacts>>)>,
    /// Folders by URL, without slashes around it; read when one is first asked for, as few sites
    /// have references that need them.
    folders: OnceLock<HashMap<String, SitePath>>,
}

impl<'s> Pages<'s> {
    /// Takes the bundles among the files of a site. `known` are the facts about the files, in the
    /// same order.
    pub fn new(
        site: &'s Site,
        files: &[ArticleFile],
        known: &[Option<(&SitePath, &Arc<ArticleFacts>)>],
    ) -> Self {
        let templates = site.conventions.dialect.templates;
        let has_bundles = matches!(templates, Templates::Go | Templates::Tera);
        let is_bundle = |file: &ArticleFile| matches!(file.path.stem(), "index" | "_index");
        let bundles = files.iter().zip(known);
        let bundles = bundles.filter(|(file, _)| has_bundles && is_bundle(file));
        let bundles = bundles.map(|(file, known)| {
            let facts = known.map(|(_, facts)| facts.clone());
            (file.clone(), facts)
        });
        Pages {
            site,
            bundles: bundles.collect(),
            folders: OnceLock::new(),
        }
    }

    /// Returns the folder of the page with a URL, if its front matter sets the URL.
    pub fn folder(&self, url: &str) -> Option<SitePath> {
        let folders = self.folders.get_or_init(|| self.read());
        folders.get(url).cloned()
    }

    fn read(&self) -> HashMap<String, SitePath> {
        let mut folders = HashMap::new();
        for (file, known) in &self.bundles {
            let facts = match known {
                Some(facts) => Some(facts.clone()),
                None => article::read(self.site, file).map(|(_, facts)| Arc::new(facts)),
            };
            let Some(page_url) = facts.as_ref().and_then(|facts| facts.page_url.as_ref()) else {
                continue;
            };
            let folder = file.path.parent();
            let urls = match page_url {
                PageUrl::Whole(url) => vec![url.to_string()],
                // A section has no slug.
                PageUrl::Slug(_) if file.path.stem() == "_index" => Vec::new(),
                PageUrl::Slug(slug) => self.with_slug(&folder, slug),
            };
            for url in urls {
                folders.entry(url).or_insert_with(|| folder.clone());
            }
        }
        folders
    }

    /// Returns the URLs of a folder with a slug: as written, and as generators write it.
    fn with_slug(&self, folder: &SitePath, slug: &str) -> Vec<String> {
        let parent = folder.parent();
        let starts = self.site.conventions.starts.iter();
        let mut below = starts.filter_map(|start| parent.below(start.as_str()));
        let Some(below) = below.next() else {
            return Vec::new();
        };
        let url = |slug: &str| format!("{below}/{slug}").trim_matches('/').to_owned();
        vec![url(slug), url(&slug.to_lowercase().replace(' ', "-"))]
    }
}
