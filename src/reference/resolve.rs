//! From a value to the upload that it names.
//!
//! Tried in this order: exactly as written; without `?` and `#`; percent-decoded once; each in
//! both Unicode normalisations; with and without a leading slash.

use super::{Certainty, EXTENSIONS, Place, Reference, plain_value};
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::site::{Listings, Lookup, RelativeTo, Site, Templates, decode_percent};

/// What a reference's value leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    Upload(SitePath),
    /// No picture of this site, or only perhaps: nothing to say.
    NotOurs,
    /// It should be there and is not; the finding says so.
    Missing(Box<Finding>),
}

/// Resolves one reference of the article at `article`.
pub fn resolve(
    reference: &Reference,
    article: &SitePath,
    site: &Site,
    listings: &Listings,
) -> Resolved {
    // Most values are paths from the site's root, which lie in the uploads whoever names them, and
    // many articles name one picture.
    let means_one_file = reference.value.starts_with('/') && !reference.value.starts_with("//");
    if means_one_file && let Some(path) = listings.file_of(&reference.value) {
        return Resolved::Upload(path);
    }
    let Some((value, is_sure)) = plain_value(&reference.value) else {
        return Resolved::NotOurs;
    };
    let finding = |code, message: String| {
        Finding::new(code, message)
            .in_file(article.as_str())
            .at_offset(reference.offset)
    };
    let shown = &reference.value;
    let outside = || {
        let message = format!("`{shown}` leads out of the site");
        Resolved::Missing(Box::new(finding(Code::OutsideSite, message)))
    };
    let Some(value) = local_part(value.trim(), site) else {
        if value.trim().to_ascii_lowercase().starts_with("file:") {
            return outside();
        }
        return Resolved::NotOurs;
    };
    let attempts = Attempts {
        site,
        listings,
        article,
        is_in_body: reference.place == Place::Body,
    };
    let mut outcome = attempts.try_forms(&value);
    if reference.certainty == Certainty::Guessed && !matches!(outcome, Outcome::Found(_)) {
        outcome = attempts.try_extensions(&value).unwrap_or(outcome);
    }
    if let Outcome::Found(path) = outcome {
        if site.is_output(&path) {
            return Resolved::NotOurs;
        }
        if means_one_file && reference.certainty != Certainty::Guessed {
            listings.remember(&reference.value, &path);
        }
        return Resolved::Upload(path);
    }
    let is_named = match reference.certainty {
        Certainty::Named => is_sure,
        Certainty::PathLike => is_sure && value.contains(['/', '\\']),
        Certainty::Guessed => false,
    };
    if !is_named {
        return Resolved::NotOurs;
    }
    if let Outcome::Outside = outcome {
        return outside();
    }
    if let Outcome::Missing { hint: None } = outcome {
        outcome = attempts.hint_by_article(&value);
    }
    let missing = finding(Code::MissingUpload, format!("missing upload `{shown}`"));
    Resolved::Missing(Box::new(match outcome {
        Outcome::Missing { hint: Some(hint) } => missing.hint(hint),
        _ => missing,
    }))
}

/// The path part of a value that may be a URL of this site; none for other hosts and schemes.
fn local_part(value: &str, site: &Site) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let after_scheme = ["https:", "http:"]
        .iter()
        .find(|scheme| lower.starts_with(**scheme))
        .map_or(value, |scheme| &value[scheme.len()..]);
    if let Some(rest) = after_scheme.strip_prefix("//") {
        let (host, path) = rest
            .find(['/', '?', '#'])
            .map_or((rest, ""), |end| rest.split_at(end));
        let is_own = site
            .conventions
            .hosts
            .iter()
            .any(|own| host.eq_ignore_ascii_case(own));
        return is_own.then(|| without_base(path, site).to_owned());
    }
    // `mailto:`, `file:`; a drive letter is no scheme.
    let scheme = value
        .split(['/', '?', '#'])
        .next()
        .and_then(|first| first.split_once(':'));
    let is_scheme = |name: &str| {
        name.len() > 1
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    if scheme.is_some_and(|(name, _)| is_scheme(name)) {
        return None;
    }
    Some(value.to_owned())
}

/// A URL's path without the path that the site is published under.
fn without_base<'p>(path: &'p str, site: &Site) -> &'p str {
    let base = site.conventions.base_path.as_str();
    match path.strip_prefix(base) {
        Some(rest) if !base.is_empty() && rest.starts_with('/') => rest,
        _ => path,
    }
}

enum Outcome {
    Found(SitePath),
    Outside,
    Missing { hint: Option<String> },
}

struct Attempts<'r> {
    site: &'r Site,
    listings: &'r Listings,
    article: &'r SitePath,
    /// A browser reads the value, not a template that may put a prefix before it.
    is_in_body: bool,
}

impl Attempts<'_> {
    fn try_forms(&self, value: &str) -> Outcome {
        let bare = value.split(['?', '#']).next().unwrap_or(value);
        let decoded = decode_percent(bare);
        let mut hint = None;
        let mut is_outside = false;
        let mut tried: Vec<&str> = Vec::with_capacity(3);
        for form in [Some(value), Some(bare), decoded.as_deref()]
            .into_iter()
            .flatten()
        {
            // No file's name holds a NUL.
            if form.is_empty() || form.contains('\0') || tried.contains(&form) {
                continue;
            }
            tried.push(form);
            for candidate in self.candidates(form) {
                let Some(path) = candidate else {
                    is_outside = true;
                    continue;
                };
                match self.listings.look_up(&self.site.root, &path) {
                    Lookup::File(path) => return Outcome::Found(path),
                    Lookup::Outside => is_outside = true,
                    Lookup::Missing {
                        differs_in_case: Some(near),
                    } => {
                        let url = self.site.url_of(&near).unwrap_or_else(|| near.to_string());
                        hint = hint.or(Some(format!("`{url}` exists (case differs)")));
                    }
                    Lookup::Missing { .. } | Lookup::NotAFile => {}
                }
            }
        }
        if is_outside && hint.is_none() && !self.is_inside_by_article(bare) {
            return Outcome::Outside;
        }
        Outcome::Missing { hint }
    }

    /// The file that a Hugo shortcode means by a name without its extension.
    fn try_extensions(&self, value: &str) -> Option<Outcome> {
        let name = value.rsplit('/').next().unwrap_or(value);
        if self.site.conventions.templates != Templates::Go || name.contains('.') {
            return None;
        }
        let forms = EXTENSIONS
            .iter()
            .map(|extension| format!("{value}.{extension}"));
        forms
            .map(|form| self.try_forms(&form))
            .find(|outcome| matches!(outcome, Outcome::Found(_)))
    }

    /// The paths that a form may mean; none in the place of one that leaves the root.
    fn candidates(&self, form: &str) -> Vec<Option<SitePath>> {
        let conventions = &self.site.conventions;
        let mut paths = Vec::new();
        if form.starts_with('/') {
            let mut urls = vec![form];
            let without = without_base(form, self.site);
            if without != form {
                urls.push(without);
            }
            for url in urls {
                for uploads in &conventions.uploads {
                    if let Some(rest) = url.strip_prefix(uploads.url.as_str()) {
                        paths.push(SitePath::normalise(
                            format!("{}/{rest}", uploads.dir.as_str()).trim_start_matches('/'),
                        ));
                    }
                }
            }
            return paths;
        }
        let is_dotted = form.starts_with("./") || form.starts_with("../");
        for relative in &conventions.relative {
            match relative {
                RelativeTo::Article => paths.push(self.beside_article(form)),
                RelativeTo::Page if self.keeps_its_folder() => {
                    paths.push(self.beside_article(form));
                }
                RelativeTo::Page if is_dotted && self.beside_article(form).is_none() => {
                    paths.push(None);
                }
                RelativeTo::Page => {}
                // `./` is where the page is, and nothing else.
                RelativeTo::Folder(_) if is_dotted && self.is_in_body => {}
                RelativeTo::Folder(folder) => {
                    paths.push(SitePath::normalise(
                        format!("{folder}/{form}").trim_start_matches('/'),
                    ));
                }
            }
        }
        // As if its slash had been forgotten.
        if !form.starts_with('.') {
            paths.extend(self.candidates(&format!("/{form}")));
        }
        paths
    }

    fn beside_article(&self, form: &str) -> Option<SitePath> {
        SitePath::normalise(format!("{}/{form}", self.article.parent()).trim_start_matches('/'))
    }

    fn keeps_its_folder(&self) -> bool {
        let mut folders = self.article.as_str().split('/');
        folders.all(|folder| !folder.starts_with('_'))
    }

    /// Whether a form that leaves the root is inside it as seen from the article, which is not how
    /// the page's URL is meant.
    fn is_inside_by_article(&self, form: &str) -> bool {
        let is_hint = self.site.conventions.relative.contains(&RelativeTo::Page);
        is_hint && !form.starts_with('/') && self.beside_article(form).is_some()
    }

    /// A file beside the article, where that is not what the page's URL means.
    fn hint_by_article(&self, value: &str) -> Outcome {
        let bare = value.split(['?', '#']).next().unwrap_or(value);
        let form = decode_percent(bare).unwrap_or_else(|| bare.to_owned());
        let path = self
            .beside_article(&form)
            .filter(|_| self.is_inside_by_article(&form));
        let found = path.map(|path| self.listings.look_up(&self.site.root, &path));
        let hint = match found {
            Some(Lookup::File(path)) => self.site.url_of(&path).map(|url| {
                format!("`{url}` exists: a path that is relative to the article is not relative to its page")
            }),
            _ => None,
        };
        Outcome::Missing { hint }
    }
}
