//! Finds images that planche does not see: file names without their folder, and articles without
//! any image. A survey goes in, findings come out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Survey, SurveyedArticle, Target};
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::project::Site;
use crate::reference::{Certainty, Place, Reference};
use crate::site::Kind;

/// Number of values that are kept of one key.
const MOST_KEPT: usize = 100;
/// Number of folders in a message.
const MOST_NAMED: usize = 4;

/// Values of one key that are file names.
#[derive(Debug, Default)]
pub(super) struct Bare {
    count: usize,
    /// Some of the references, each with its article.
    some: Vec<(SitePath, Reference)>,
}

/// File names without a folder, by the pattern of their key.
pub(super) type BareNames = BTreeMap<String, Bare>;

/// Adds a reference that leads to no file, if its value is only a file name.
pub(super) fn note(names: &mut BareNames, article: &SitePath, reference: &Reference) {
    let (Place::Beside(path) | Place::Item(path)) = &reference.place else {
        return;
    };
    let is_known = reference.certainty != Certainty::Guessed && reference.folder.is_none();
    if !(is_known && reference.is_bare_name()) || reference.preset.is_none() {
        return;
    }
    let bare = names.entry(path.pattern()).or_default();
    bare.count += 1;
    if bare.some.len() < MOST_KEPT {
        bare.some.push((article.clone(), reference.clone()));
    }
}

/// Returns findings about keys whose values are file names in a folder that only templates know, or
/// else the finding that no article has an image.
pub fn unused(site: &Site, survey: &Survey) -> Vec<Finding> {
    let bare = bare_names(site, survey);
    match bare.is_empty() {
        true => no_images(site, survey).into_iter().collect(),
        false => bare,
    }
}

fn bare_names(site: &Site, survey: &Survey) -> Vec<Finding> {
    if survey.bare_names.is_empty() {
        return Vec::new();
    }
    let files = published(site);
    let bare = survey.bare_names.iter();
    bare.filter_map(|(key, bare)| of_key(site, key, bare, &files))
        .collect()
}

/// Returns the published files of a site, by name. Skips folders that no site publishes, some of
/// which are large.
fn published(site: &Site) -> HashMap<String, Vec<SitePath>> {
    let is_internal = |name: &str| name.starts_with(['.', '_']) || name == "node_modules";
    let uploads = site.conventions.uploads.iter();
    let mut folders: Vec<SitePath> = uploads
        .filter_map(|folder| SitePath::normalise(folder.dir.as_str()))
        .collect();
    let mut listed: BTreeSet<SitePath> = BTreeSet::new();
    let mut files: HashMap<String, Vec<SitePath>> = HashMap::new();
    while let Some(folder) = folders.pop() {
        if !listed.insert(folder.clone()) {
            continue;
        }
        let names = site.root.list(&folder).map(|listed| listed.names);
        for (name, kind) in names.unwrap_or_default() {
            let path = folder.child(&name);
            match kind {
                Kind::Folder if !is_internal(&name) => folders.push(path),
                Kind::File
                    if site.conventions.url_of(&path).is_some() && !site.is_output(&path) =>
                {
                    files.entry(name).or_default().push(path);
                }
                _ => {}
            }
        }
    }
    files
}

/// Returns the finding about a key, if a folder has files with the names that are its values.
fn of_key(
    site: &Site,
    key: &str,
    bare: &Bare,
    files: &HashMap<String, Vec<SitePath>>,
) -> Option<Finding> {
    let found = bare.some.iter().flat_map(|(article, reference)| {
        let files = files.get(&*reference.value).into_iter().flatten();
        files.map(move |file| (article, reference, file))
    });
    let found: Vec<_> = found.collect();
    let mut folders: BTreeMap<SitePath, usize> = BTreeMap::new();
    for (_, _, file) in &found {
        *folders.entry(file.parent()).or_default() += 1;
    }
    let (folder, _) = folders.iter().rev().max_by_key(|(_, count)| **count)?;
    let (article, reference, file) = found.iter().find(|(_, _, file)| file.parent() == *folder)?;
    let name = &reference.value;
    let message = match bare.count {
        1 => {
            format!("`{key}` is `{name}`, without a folder, and gets no record; there is `{file}`")
        }
        count => format!(
            "`{key}` is a file name without a folder in {count} places, such as `{name}`, and gets no \
             record; there is `{file}`"
        ),
    };
    let url = site.conventions.url_of(file)?;
    let url = url.rsplit_once('/').map_or("", |(folder, _)| folder);
    let at = serde_json::Value::from(key);
    let hint = match url {
        // A rule needs a folder, which the root is not.
        "" => "write `/` before it, or run `planche html DIR` on the built pages".to_owned(),
        url if reference.certainty == Certainty::Named => format!(
            "if templates put the folder before it, add `folder: {url}` to its rule; `planche html \
             DIR` needs none: it reads the built pages"
        ),
        url => format!(
            "if templates put the folder before it, add a rule: `{{ at: {at}, folder: {url} }}`; \
             `planche html DIR` needs none: it reads the built pages"
        ),
    };
    Some(
        Finding::new(Code::BareName, message)
            .in_file(article.as_str())
            .at_offset(reference.offset)
            .hint(hint),
    )
}

/// Returns the finding that there is nothing to do, and why.
fn no_images(site: &Site, survey: &Survey) -> Option<Finding> {
    let counts = survey.counts();
    let is_known = survey.originals().is_empty()
        && counts.articles > 0
        && counts.missing + counts.failed + counts.refused == 0
        && !survey.has_unknown_references()
        && !survey.has_unread_uploads();
    if !is_known {
        return None;
    }
    let mut references = survey
        .articles()
        .iter()
        .flat_map(SurveyedArticle::references);
    let has_any = references.any(|(_, target)| matches!(target, Target::Upload(_)));
    if has_any {
        let message = "articles reference images, but none of them gets variants: no rule gives them \
                       a preset, or only link previews show them";
        let finding = Finding::new(Code::NoImages, message);
        return Some(
            finding.hint("`planche explain FILE` shows the preset of each image of an article"),
        );
    }
    let starts = site.nearest_starts();
    let uploads = site.conventions.uploads.iter();
    let uploads: Vec<SitePath> = uploads
        .filter_map(|folder| SitePath::normalise(folder.dir.as_str()))
        .collect();
    let message = format!(
        "no article references an image of the site: planche read the articles in {}, and images may \
         be in {}",
        named(&starts),
        named(&uploads)
    );
    Some(Finding::new(Code::NoImages, message))
}

/// Formats a list of folders for a message, cut after the first ones.
fn named(folders: &[SitePath]) -> String {
    let mut names: Vec<String> = folders
        .iter()
        .map(|folder| match folder.is_root() {
            true => "`.`".to_owned(),
            false => format!("`{folder}`"),
        })
        .collect();
    names.sort();
    names.dedup();
    if names.len() > MOST_NAMED {
        names.truncate(MOST_NAMED);
        names.push("…".to_owned());
    }
    names.join(", ")
}
