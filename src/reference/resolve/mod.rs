//! Resolves references: the value of one goes in, the upload that it names or a finding comes out.
//!
//! Forms of the value are tried in this order: exactly as written; without `?` and `#`;
//! percent-decoded once; with `/` in place of `\` where browsers treat both the same. Each is tried
//! in both Unicode normalizations, and with and without a leading slash.

mod candidates;
mod hints;
mod other_bundles;

use super::value::looks_like_glob;
use super::{Certainty, PageUrl, Reference, plain_value};
use crate::finding::{Code, Finding};
use crate::generator::Conventions;
use crate::path::{Lookup, SitePath, trim_url};
use candidates::{Attempts, Outcome};

/// Result of resolving a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    Upload(SitePath),
    /// No image of this site, or not certainly one.
    NotOurs,
    /// The upload does not exist, or is outside the site.
    Missing(Box<Finding>),
}

/// Access to the files that references are resolved to.
pub trait Files {
    /// Looks up what exists at a path.
    fn look_up(&self, path: &SitePath) -> Lookup;
    /// Returns the file that [`Files::remember`] stored for this value.
    fn known(&self, value: &str) -> Option<SitePath>;
    /// Stores which file a value refers to in every article.
    fn remember(&self, value: &str, file: &SitePath);
    /// Whether a path is in the variants folder.
    fn is_output(&self, path: &SitePath) -> bool;
    /// Returns the names in a folder that this function accepts, sorted.
    fn names(&self, folder: &SitePath, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String>;
    /// Returns the folder of the page whose front matter sets this URL, which has no slashes around
    /// it.
    fn page_folder(&self, url: &str) -> Option<SitePath>;
    /// Returns the URL under which the generator publishes a file, without the base URL.
    fn url_of(&self, path: &SitePath) -> Option<String>;
}

/// The page that a reference is on.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    pub path: &'p SitePath,
    /// URL settings of its front matter.
    pub url: Option<&'p PageUrl>,
}

/// Resolves one reference of an article.
pub fn resolve(
    reference: &Reference,
    page: Page<'_>,
    conventions: &Conventions,
    files: &dyn Files,
) -> Resolved {
    // Most values are paths from the site's root, which refer to the same file in every article,
    // and many articles name the same image.
    let means_one_file = reference.value.starts_with('/')
        && !reference.value.starts_with("//")
        && !conventions.has_alias(&reference.value);
    if means_one_file && let Some(path) = files.known(&reference.value) {
        return Resolved::Upload(path);
    }
    let Some((value, is_sure)) = plain_value(&reference.value) else {
        return Resolved::NotOurs;
    };
    let attempts = Attempts {
        conventions,
        files,
        article: page.path,
        page_url: page.url,
        reference,
    };
    let Some(LocalPart {
        path: value,
        has_host,
    }) = local_part(trim_url(&value), conventions)
    else {
        let is_file_url = trim_url(&value).to_ascii_lowercase().starts_with("file:");
        return if is_file_url {
            attempts.outside()
        } else {
            Resolved::NotOurs
        };
    };
    let value = match &reference.folder {
        Some(folder) => format!("{}/{value}", folder.trim_end_matches('/')),
        None => value,
    };
    let mut outcome = attempts.try_forms(&value);
    if reference.certainty == Certainty::Guessed && !matches!(outcome, Outcome::Found(_)) {
        outcome = attempts.try_extensions(&value).unwrap_or(outcome);
    }
    if let Outcome::Missing { .. } | Outcome::Outside = outcome
        && let Some(path) = attempts
            .in_other_bundle(&value)
            .or_else(|| attempts.in_named_page(&value))
    {
        return Resolved::Upload(path);
    }
    let is_named = is_sure && !conventions.is_alias(&value) && is_named(reference, &value);
    match outcome {
        Outcome::Found(path) if files.is_output(&path) => Resolved::NotOurs,
        Outcome::Found(path) => {
            if means_one_file && reference.certainty != Certainty::Guessed {
                files.remember(&reference.value, &path);
            }
            Resolved::Upload(path)
        }
        _ if !is_named => Resolved::NotOurs,
        // The host may publish more than this site.
        Outcome::Missing { near: None, .. } if has_host && !attempts.knows_first_folder(&value) => {
            Resolved::NotOurs
        }
        Outcome::Outside => attempts.outside(),
        Outcome::Missing { near, obstacle } => {
            let missing = format!("missing upload `{}`", reference.value);
            let (message, hint) = match (near, obstacle) {
                (None, Some(obstacle)) => (
                    format!("{missing}: {}", hints::problem(&obstacle)),
                    Some(hints::remedy(&obstacle.kind).to_owned()),
                ),
                (Some((near, wanted)), _) => {
                    (missing, Some(hints::near(&attempts, &near, &wanted)))
                }
                (None, None) => (missing, hints::otherwise(&attempts, &value)),
            };
            let finding = attempts.finding(Code::MissingUpload, message);
            Resolved::Missing(Box::new(match hint {
                Some(hint) => finding.hint(hint),
                None => finding,
            }))
        }
    }
}

/// Whether a value without a file must be a path to an image.
fn is_named(reference: &Reference, value: &str) -> bool {
    match reference.certainty {
        Certainty::Named => !looks_like_glob(value) || !value.contains('*'),
        Certainty::PathLike => value.contains(['/', '\\']),
        Certainty::Guessed => false,
    }
}

impl Attempts<'_> {
    fn finding(&self, code: Code, message: String) -> Finding {
        Finding::new(code, message)
            .in_file(self.article.as_str())
            .at_offset(self.reference.offset)
    }

    fn outside(&self) -> Resolved {
        let message = format!("`{}` leads out of the site", self.reference.value);
        Resolved::Missing(Box::new(self.finding(Code::OutsideSite, message)))
    }
}

/// Path of a value that may be a URL of this site.
struct LocalPart {
    path: String,
    /// Whether the value names one of the site's hosts.
    has_host: bool,
}

/// Removes the host of this site from a value. Returns `None` for other hosts and schemes.
fn local_part(value: &str, conventions: &Conventions) -> Option<LocalPart> {
    let lower = value.to_ascii_lowercase();
    let after_scheme = ["https:", "http:"]
        .iter()
        .find(|scheme| lower.starts_with(**scheme))
        .map_or(value, |scheme| &value[scheme.len()..]);
    if let Some(rest) = after_scheme
        .strip_prefix("//")
        .or_else(|| after_scheme.strip_prefix("\\\\"))
    {
        let (host, path) = rest
            .find(['/', '\\', '?', '#'])
            .map_or((rest, ""), |end| rest.split_at(end));
        let is_own = conventions
            .hosts
            .iter()
            .any(|own| host.eq_ignore_ascii_case(own));
        return is_own.then(|| LocalPart {
            path: without_base(path, conventions).to_owned(),
            has_host: true,
        });
    }
    // Another scheme, such as `mailto:` or `file:`. A drive letter is not a scheme.
    let scheme = value
        .split(['/', '\\', '?', '#'])
        .next()
        .and_then(|first| first.split_once(':'));
    if scheme.is_some_and(|(name, _)| is_scheme(name)) {
        return None;
    }
    Some(LocalPart {
        path: value.to_owned(),
        has_host: false,
    })
}

fn is_scheme(name: &str) -> bool {
    name.len() > 1
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Removes the path that the site is published under from the path of a URL.
fn without_base<'p>(path: &'p str, conventions: &Conventions) -> &'p str {
    let base = conventions.base_path.as_str();
    match path.strip_prefix(base) {
        Some(rest) if !base.is_empty() && rest.starts_with('/') => rest,
        _ => path,
    }
}
