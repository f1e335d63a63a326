//! Writes the focal point or the alt text of an image into front matter, where the author could
//! write it: in a key beside the image. An edit can be undone as long as only records have changed
//! in the article since.

use std::sync::atomic::AtomicBool;

use super::RunError;
use super::rewrite::article::{Change, Done, Rewrite, by_path};
use crate::article::Refused;
use crate::finding::Finding;
use crate::front_matter::{self, KeptRecords, Setting};
use crate::path::SitePath;
use crate::picture::framing::FocalPoint;
use crate::project::Site;
use crate::reference::{self, FOCUS_SUFFIX, Place, Reference, Search};
use crate::site::{ArticleFile, TEXT_LIMIT};
use crate::survey;
use crate::tree::path::{KeyPath, Segment};

/// What to write beside an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    Focus(FocalPoint),
    /// The alt text, written on one line under the key that the image's rule names.
    Alt(String),
}

/// An edit that was made.
#[derive(Clone, Debug)]
pub struct Edited {
    pub article: SitePath,
    target: Target,
    /// The article's bytes before the edit.
    before: Vec<u8>,
}

impl Edited {
    /// The key path of the image's value.
    pub fn at(&self) -> &KeyPath {
        &self.target.at
    }

    /// The key that was written.
    pub fn key(&self) -> &str {
        &self.target.key
    }
}

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{0}")]
    Refused(String),
}

/// Writes an edit beside the value at a key path of an article, such as `hero.image`. Returns
/// `None` if the article has this value already.
///
/// # Errors
///
/// If another run holds the lock, the article is being changed, the value is not an image, there is
/// no key to write to (for the alt text, its rule must name one), or the article would refuse a
/// record as well.
pub fn edit(
    site: &Site,
    article: &SitePath,
    at: &str,
    edit: &Edit,
    stop: &AtomicBool,
) -> Result<Option<Edited>, EditError> {
    let _lock = site.root.lock(stop).map_err(RunError::from)?;
    let file = file(site, article)?;
    let (before, stamp) = site
        .root
        .read(article, TEXT_LIMIT)
        .map_err(|error| EditError::Refused(error.full()))?;
    if stamp != file.stamp {
        return Err(EditError::Refused(
            "the article is being changed".to_owned(),
        ));
    }
    let target = target(site, &file, before.clone(), at, edit)?;
    let setting = target.setting();
    let keys = site.keys(&file);
    let done = write(site, &file, &|article, tree| {
        front_matter::set(article, tree, &target.at, &setting, &keys)
    })?;
    Ok(done.written.map(|_| Edited {
        article: article.clone(),
        target,
        before,
    }))
}

/// Undoes an edit: restores the key's old value, or removes the key if it had none. Records stay as
/// they are; the next run brings them up to date.
///
/// # Errors
///
/// If another run holds the lock, or if anything but records has changed in the article since.
pub fn undo(site: &Site, edited: &Edited, stop: &AtomicBool) -> Result<(), EditError> {
    let _lock = site.root.lock(stop).map_err(RunError::from)?;
    let file = file(site, &edited.article)?;
    let before = edited.before.clone();
    let before = survey::open_article(site, &file.path, file.is_data, before).map_err(refused)?;
    let keys = site.keys(&file);
    write(site, &file, &|article, tree| {
        let target = &edited.target;
        front_matter::take_back(article, tree, &before, &target.at, &target.setting(), &keys)
    })
    .map(drop)
}

/// Finds the file of an article as a walk would find it.
fn file(site: &Site, article: &SitePath) -> Result<ArticleFile, EditError> {
    let candidates = site.pick([article]).candidates.into_iter();
    let mut named = candidates.filter(|file| file.path == *article);
    named
        .next()
        .ok_or_else(|| EditError::Refused(format!("`{article}` is not an article of this site")))
}

/// A key to write beside the image at `at`, and its text.
#[derive(Clone, Debug)]
struct Target {
    at: KeyPath,
    key: String,
    text: String,
    is_plain: bool,
}

impl Target {
    fn setting(&self) -> Setting<'_> {
        Setting {
            key: &self.key,
            text: &self.text,
            is_plain: self.is_plain,
        }
    }
}

/// Finds the image at a key path, and returns the key to write beside it.
fn target(
    site: &Site,
    file: &ArticleFile,
    bytes: Vec<u8>,
    at: &str,
    edit: &Edit,
) -> Result<Target, EditError> {
    let article = survey::open_article(site, &file.path, file.is_data, bytes).map_err(refused)?;
    let tree = article.tree().map_err(refused)?;
    let keys = site.keys(file);
    let search = Search {
        rules: &site.config.rules,
        keys: &keys,
        dialect: &site.conventions.dialect,
        records_in_articles_only: false,
    };
    let found = reference::find(&article, &tree, &search).unwrap_or_default();
    let mut references = found.references.into_iter();
    let image = references.find_map(|reference| match &reference.place {
        Place::Beside(path) if path.to_string() == at => Some((path.clone(), reference)),
        _ => None,
    });
    let (path, reference) = image.ok_or_else(|| {
        EditError::Refused(format!("there is no image at `{at}` in the front matter"))
    })?;
    match edit {
        Edit::Focus(point) => {
            let Some(Segment::Key { name, .. }) = path.segments().last() else {
                return Err(EditError::Refused("it has no key of its own".to_owned()));
            };
            Ok(Target {
                key: format!("{name}{FOCUS_SUFFIX}"),
                at: path,
                text: point.to_string(),
                is_plain: true,
            })
        }
        Edit::Alt(text) => {
            let key = alt_key(site, &reference).ok_or_else(|| {
                let reason = "no rule names the key of its alt text (`alt:`)";
                EditError::Refused(reason.to_owned())
            })?;
            Ok(Target {
                key,
                at: path,
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                is_plain: false,
            })
        }
    }
}

/// Returns the key of an image's alt text, which its rule names.
fn alt_key(site: &Site, reference: &Reference) -> Option<String> {
    let rule = usize::try_from(reference.preset.as_ref()?.rule).ok()?;
    site.config.rules.get(rule)?.alt.clone()
}

/// Writes one article.
fn write(
    site: &Site,
    file: &ArticleFile,
    change: &Change<'_, KeptRecords>,
) -> Result<Done, EditError> {
    let rewriter = site.root.rewriter();
    let rewrite = Rewrite {
        site,
        rewriter: &rewriter,
        file,
    };
    let mut done = rewrite.edit(change, &|| Ok(()));
    if let Some(undone) = by_path(rewriter.finish()).remove(&file.path) {
        done.undo(undone);
    }
    match done.findings.first() {
        Some(finding) if done.written.is_none() => Err(EditError::Refused(sentence(finding))),
        _ => Ok(done),
    }
}

fn refused(refused: Refused) -> EditError {
    EditError::Refused(refused.to_string())
}

/// Returns the message of a finding about an article that was not written, with its hint.
fn sentence(finding: &Finding) -> String {
    let message = finding.message.trim_start_matches("left unchanged: ");
    match &finding.hint {
        Some(hint) => format!("{message} – hint: {hint}"),
        None => message.to_owned(),
    }
}
