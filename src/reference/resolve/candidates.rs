//! Finds the file that a value refers to, by the conventions of the generator: a value goes in, an
//! [`Outcome`] comes out.

use std::borrow::Cow;

use super::{Files, without_base};
use crate::generator::{Conventions, Generator, RelativeTo, Templates};
use crate::path::{Lookup, Obstacle, SitePath, decode_percent};
use crate::reference::value::EXTENSIONS;
use crate::reference::{PageUrl, Place, ReadBy, Reference};

/// Result of looking for the file of a value.
pub(super) enum Outcome {
    Found(SitePath),
    Outside,
    Missing {
        /// A file with almost the same name, and the path that was looked up.
        near: Option<(SitePath, SitePath)>,
        /// What exists instead of a file.
        obstacle: Option<Obstacle>,
    },
}

/// One reference, with the context for resolving its value.
pub(super) struct Attempts<'r> {
    pub conventions: &'r Conventions,
    pub files: &'r dyn Files,
    pub article: &'r SitePath,
    pub page_url: Option<&'r PageUrl>,
    pub reference: &'r Reference,
}

/// A path that a form may refer to; `None` if it leads out of the site.
type Candidate = Option<SitePath>;

impl Attempts<'_> {
    /// Tries the forms of a value: as written, without query and fragment, percent-decoded, and
    /// with slashes in place of backslashes.
    pub fn try_forms(&self, value: &str) -> Outcome {
        let slashed = self.with_slashes(value);
        let bare = without_query(value);
        let bare_slashed = slashed.as_deref().map(without_query);
        let forms = [
            Some(Cow::Borrowed(value)),
            Some(Cow::Borrowed(bare)),
            decode_percent(bare).map(Cow::Owned),
            slashed.as_deref().map(Cow::Borrowed),
            bare_slashed.map(Cow::Borrowed),
            bare_slashed.and_then(decode_percent).map(Cow::Owned),
        ];
        let mut near = None;
        let mut obstacle = None;
        let mut is_outside = false;
        let mut tried: Vec<&str> = Vec::with_capacity(forms.len());
        for form in forms.iter().flatten() {
            // No file name contains NUL.
            if form.is_empty() || form.contains('\0') || tried.contains(&form.as_ref()) {
                continue;
            }
            tried.push(form);
            for candidate in self.candidates(form) {
                let Some(path) = candidate else {
                    is_outside = true;
                    continue;
                };
                match self.files.look_up(&path) {
                    Lookup::File(path) => return Outcome::Found(path),
                    Lookup::Outside => is_outside = true,
                    Lookup::Missing { near: Some(found) }
                        if self.is_published_in_lower_case(&found, &path) =>
                    {
                        return Outcome::Found(found);
                    }
                    Lookup::Missing { near: Some(found) } => {
                        near = near.or(Some((found, path)));
                    }
                    Lookup::NotAFile(found) => obstacle = obstacle.or(Some(found)),
                    Lookup::Missing { near: None } => {}
                }
            }
        }
        let is_inside = near.is_some() || obstacle.is_some() || self.is_inside_by_article(bare);
        if is_outside && !is_inside {
            return Outcome::Outside;
        }
        Outcome::Missing { near, obstacle }
    }

    /// Tries a name without an extension, which Hugo's shortcodes allow, with every extension.
    pub fn try_extensions(&self, value: &str) -> Option<Outcome> {
        let name = value.rsplit('/').next().unwrap_or(value);
        if self.conventions.dialect.templates != Templates::Go
            || name.contains('.')
            || super::looks_like_glob(value)
        {
            return None;
        }
        EXTENSIONS
            .iter()
            .map(|extension| self.try_forms(&format!("{value}.{extension}")))
            .find(|outcome| matches!(outcome, Outcome::Found(_)))
    }

    /// Replaces backslashes with slashes, if both mean the same (URL Standard, section 4.4). A
    /// CommonMark renderer writes `%5C` instead.
    fn with_slashes(&self, value: &str) -> Option<String> {
        let is_same = self.reference.read_by != ReadBy::CommonMark;
        (is_same && value.contains('\\')).then(|| value.replace('\\', "/"))
    }

    /// Returns the paths that a form may refer to, in the order in which they are tried.
    fn candidates(&self, form: &str) -> Vec<Candidate> {
        if form.starts_with('/') {
            return self.below_root(form);
        }
        let mut paths = Vec::new();
        paths.extend(self.alias(form));
        paths.extend(self.in_content_by_name(form));
        let is_dotted = form.starts_with("./") || form.starts_with("../");
        for relative in &self.conventions.relative {
            match relative {
                RelativeTo::Article => paths.push(self.beside_article(form)),
                RelativeTo::Page if self.keeps_its_folder() => paths.push(
                    self.beside_article(form)
                        .or_else(|| SitePath::normalise(without_dots(form))),
                ),
                RelativeTo::Page => {}
                // To a browser, `./` is relative only to the page.
                RelativeTo::Folder(_) if is_dotted && self.is_resolved_by_browser() => {}
                RelativeTo::Folder(folder) => {
                    paths.push(SitePath::normalise(
                        format!("{folder}/{form}").trim_start_matches('/'),
                    ));
                }
            }
        }
        if is_dotted && self.is_resolved_by_browser() {
            let by_url = self.by_page_url(form);
            if !by_url.is_empty() {
                // A browser does not go above the root.
                paths.retain(Option::is_some);
                paths.extend(by_url);
            } else if self.conventions.relative.contains(&RelativeTo::Page) {
                paths.retain(Option::is_some);
            }
        }
        paths.extend(self.in_translations(form));
        // As if the leading slash had been forgotten.
        if !form.starts_with('.') {
            paths.extend(self.below_root(&format!("/{form}")));
        }
        paths
    }

    /// Returns the paths for a URL path that starts with `/`.
    fn below_root(&self, form: &str) -> Vec<Candidate> {
        let without = without_base(form, self.conventions);
        let urls = if without == form {
            vec![form]
        } else {
            vec![form, without]
        };
        let mut paths = Vec::new();
        for url in &urls {
            let mut single = self.conventions.single_files.iter();
            if let Some((_, file)) = single.find(|(published, _)| published == url) {
                paths.push(Some(file.clone()));
            }
            for uploads in &self.conventions.uploads {
                if let Some(rest) = url.strip_prefix(uploads.url.as_str()) {
                    paths.push(SitePath::normalise(
                        format!("{}/{rest}", uploads.dir.as_str()).trim_start_matches('/'),
                    ));
                }
            }
        }
        // The bundler resolves the front-matter values, browsers those of pages.
        if !self.is_resolved_by_browser() {
            paths.extend(self.alias(form));
        }
        if self.publishes_bundles() {
            for url in urls {
                paths.extend(self.in_content(url));
                paths.extend(self.in_own_bundle(url));
            }
        }
        paths
    }

    /// Whether the first folder of a URL's path exists; also `true` if the path has no folder.
    pub fn knows_first_folder(&self, url: &str) -> bool {
        let path = without_query(url).trim_start_matches('/');
        let Some((first, _)) = path.split_once('/') else {
            return true;
        };
        let mut paths = self.below_root(&format!("/{first}/")).into_iter().flatten();
        paths.any(|path| !matches!(self.files.look_up(&path), Lookup::Missing { near: None }))
    }

    /// Whether the generator publishes the files next to an article under its URL: Hugo and Zola
    /// do.
    fn publishes_bundles(&self) -> bool {
        matches!(
            self.conventions.dialect.templates,
            Templates::Go | Templates::Tera
        )
    }

    /// Returns the paths below the content folders that a URL path may refer to, with and without a
    /// language as its first segment.
    fn in_content(&self, url: &str) -> Vec<Candidate> {
        let url = url.trim_start_matches('/');
        let without_language = url
            .split_once('/')
            .filter(|(first, _)| is_language(first))
            .map(|(_, rest)| rest);
        [Some(url), without_language]
            .into_iter()
            .flatten()
            .flat_map(|rest| {
                let starts = self.conventions.starts.iter();
                starts.map(move |start| {
                    SitePath::normalise(format!("{start}/{rest}").trim_start_matches('/'))
                })
            })
            .filter(Option::is_some)
            .collect()
    }

    /// Returns the file of the article's own bundle that a URL path may refer to, if the page's URL
    /// is not that of its folder: because of its front matter, of Hugo's `permalinks`, or of a date
    /// before the folder's name that is not part of the URL. A folder of the URL must be the slug,
    /// or the end of that name.
    fn in_own_bundle(&self, url: &str) -> Option<Candidate> {
        let stem = self.article.name().split('.').next();
        if !matches!(stem, Some("index" | "_index")) {
            return None;
        }
        if let Some(PageUrl::Whole(page)) = self.page_url {
            let url = url.trim_start_matches('/');
            let without_language = url
                .split_once('/')
                .filter(|(first, _)| is_language(first))
                .map(|(_, rest)| rest);
            let below = |url: &str| {
                let rest = url.strip_prefix(&**page)?;
                let rest = if page.is_empty() {
                    rest
                } else {
                    rest.strip_prefix('/')?
                };
                Some(self.beside_article(rest))
            };
            return below(url).or_else(|| below(without_language?));
        }
        // A section has no slug.
        if stem == Some("_index") {
            return None;
        }
        let folder = self.article.parent();
        let published = in_url(folder.name());
        let (folders, _) = url.rsplit_once('/')?;
        let is_own = |segment: &str| match self.page_url {
            Some(PageUrl::Slug(slug)) if **slug == *segment || in_url(slug) == segment => true,
            _ => [folder.name(), &published]
                .iter()
                .filter_map(|name| name.strip_suffix(segment))
                .any(|before| before.is_empty() || is_numbered(before)),
        };
        let slug = folders
            .split('/')
            .rfind(|segment| !segment.is_empty() && is_own(segment))?;
        let rest = url.rsplit_once(&format!("/{slug}/"))?.1;
        Some(self.beside_article(rest))
    }

    /// Whether a file of a bundle is published at this path, which has its folders in lower case.
    fn is_published_in_lower_case(&self, file: &SitePath, path: &SitePath) -> bool {
        let mut starts = self.conventions.starts.iter();
        self.publishes_bundles()
            && file.name() == path.name()
            && starts.any(|start| {
                let (file, path) = (file.parent(), path.parent());
                match (file.below(start.as_str()), path.below(start.as_str())) {
                    (Some(file), Some(path)) => in_url(file) == path,
                    _ => false,
                }
            })
    }

    /// Returns the files that the article's bundle gets from its translations.
    fn in_translations(&self, form: &str) -> Vec<Candidate> {
        let mut name = self.article.name().split('.');
        let is_bundle = matches!(name.next(), Some("index" | "_index"));
        let translations = &self.conventions.translations;
        match self.beside_article(form) {
            Some(file) if is_bundle => {
                let languages = &translations.languages;
                let own = name
                    .next()
                    .filter(|code| languages.iter().any(|known| known == code));
                let places = translations.of(&file, own).into_iter();
                places.map(Some).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the file of a value with an alias of the bundler, such as `~/assets/a.png`.
    fn alias(&self, form: &str) -> Option<Candidate> {
        let aliases = self.conventions.aliases.iter();
        let mut rests = aliases
            .filter_map(|(alias, folder)| Some((folder, form.strip_prefix(alias.as_str())?)));
        let (folder, rest) = rests.next()?;
        Some(SitePath::normalise(
            format!("{folder}/{rest}").trim_start_matches('/'),
        ))
    }

    /// Returns the file of an argument such as `@/blog/a.jpg`: to Zola's functions, `@/` is the
    /// content folder. In an attribute or in Markdown, it has no meaning.
    fn in_content_by_name(&self, form: &str) -> Vec<Candidate> {
        let is_zola = self.conventions.dialect.templates == Templates::Tera;
        match form.strip_prefix("@/") {
            Some(rest) if is_zola && !self.is_resolved_by_browser() => {
                let starts = self.conventions.starts.iter();
                let paths = starts.map(|start| SitePath::normalise(&format!("{start}/{rest}")));
                paths.collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn beside_article(&self, form: &str) -> Candidate {
        SitePath::normalise(format!("{}/{form}", self.article.parent()).trim_start_matches('/'))
    }

    /// Whether a relative path stays inside the site if it is resolved from the article, although
    /// the page has another URL.
    fn is_inside_by_article(&self, form: &str) -> bool {
        self.conventions.relative.contains(&RelativeTo::Page)
            && !form.starts_with('/')
            && self.beside_article(form).is_some()
    }

    /// Whether the page is published in the folder of its file: in Jekyll, outside of the folders
    /// with names that start with `_`.
    pub fn keeps_its_folder(&self) -> bool {
        let mut folders = self.article.as_str().split('/');
        folders.all(|folder| !folder.starts_with('_'))
    }

    /// Whether a browser resolves the value, on the article's page.
    pub fn is_resolved_by_browser(&self) -> bool {
        matches!(self.reference.place, Place::Body | Place::Text(_))
            && self.reference.read_by != ReadBy::Template
    }

    /// Returns the paths for a value that is relative to the URL of the page.
    fn by_page_url(&self, form: &str) -> Vec<Candidate> {
        match self.conventions.dialect.templates {
            Templates::Liquid if !self.keeps_its_folder() => {
                let ups = form.matches("../").count();
                let depth = self.conventions.page_depth(self.article);
                if form.starts_with("../") && ups >= depth.min(2) {
                    self.below_root(&format!("/{}", without_dots(form)))
                } else {
                    Vec::new()
                }
            }
            Templates::Go | Templates::Tera | Templates::Nunjucks
                if self.conventions.generator != Generator::NONE =>
            {
                let folder = self.page_folder();
                let mut segments: Vec<&str> =
                    folder.split('/').filter(|name| !name.is_empty()).collect();
                for segment in form.split('/') {
                    match segment {
                        "" | "." => {}
                        ".." => drop(segments.pop()),
                        name => segments.push(name),
                    }
                }
                self.below_root(&format!("/{}", segments.join("/")))
            }
            _ => Vec::new(),
        }
    }

    /// Returns the folder of the page's default URL, without an explicit permalink: `posts/a` for
    /// `content/posts/a.md` and for `content/posts/a/index.md`.
    pub fn page_folder(&self) -> String {
        let below = self
            .conventions
            .starts
            .iter()
            .filter_map(|start| self.article.below(start.as_str()))
            .min_by_key(|below| below.len())
            .unwrap_or(self.article.as_str());
        let (folder, name) = below.rsplit_once('/').unwrap_or(("", below));
        let stem = name.split('.').next().unwrap_or(name);
        if matches!(stem, "index" | "_index") {
            folder.to_owned()
        } else {
            format!("{folder}/{stem}")
        }
    }
}

/// Removes leading `./` and `../` from a path.
pub(super) fn without_dots(path: &str) -> &str {
    let mut rest = path;
    while let Some(after) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = after;
    }
    rest
}

pub(super) fn without_query(value: &str) -> &str {
    value.split(['?', '#']).next().unwrap_or(value)
}

/// Whether the start of a folder's name may be a number or a date that is not part of the URL:
/// `08-`, `2024-01-31_`.
pub(super) fn is_numbered(start: &str) -> bool {
    start.starts_with(|first: char| first.is_ascii_digit()) && start.ends_with(['-', '_'])
}

/// Returns the name of a folder as it is in the URLs of Hugo and Zola.
pub(super) fn in_url(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

/// Whether a segment of a URL may be a language: `fr`, `pt-br`.
fn is_language(segment: &str) -> bool {
    let mut parts = segment.split(['-', '_']);
    let is_code = |part: &str| {
        (2..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    parts
        .next()
        .is_some_and(|first| first.len() <= 3 && is_code(first))
        && parts.all(is_code)
}
