//! Finds rules that match nothing: a survey goes in, findings at the rules come out, each with the
//! place that was probably meant.

use std::collections::{BTreeMap, BTreeSet};

use super::Survey;
use crate::config::{At, Glob, Rule};
use crate::finding::{Code, Finding, nearest};
use crate::path::SitePath;
use crate::project::Site;
use crate::reference::Place;
use crate::tree::path::KeyPath;

/// Number of image keys in a hint.
const NAMED: usize = 3;

/// The key paths of images with the number of places, by the `files` of the rules that they were
/// counted for: most rules have none.
type ImageKeys<'r> = BTreeMap<Option<&'r str>, BTreeMap<String, usize>>;

/// Returns findings about the rules whose `files` match no article, or whose `at` leads to no value
/// in any of them. `files` are the files that may be articles.
///
/// `survey` must be about the whole site. A rule that an earlier one covers has its own finding.
pub fn unmatched(site: &Site, survey: &Survey, files: &[SitePath]) -> Vec<Finding> {
    if survey.is_partial() || survey.articles().is_empty() {
        return Vec::new();
    }
    let rules = &site.config.rules;
    let is_matched = |index: usize| {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        survey.matched_rules().contains(&index)
    };
    let is_covered = |index: usize| {
        let mut earlier = rules[..index].iter();
        earlier.any(|earlier| earlier.covers(&rules[index]))
    };
    let places = site.places();
    let mut keys = ImageKeys::default();
    (0..rules.len())
        // Rules for built pages belong to another command.
        .filter(|index| rules[*index].at != At::Nowhere)
        .filter(|index| !is_matched(*index) && !is_covered(*index))
        .map(|index| {
            let (key, finding) = finding(&rules[index], survey, files, &mut keys);
            site.at_rule(&places, index, key, finding)
        })
        .collect()
}

/// Returns the finding about a rule, and the key of the rule that it is about.
fn finding<'r>(
    rule: &'r Rule,
    survey: &Survey,
    files: &[SitePath],
    keys: &mut ImageKeys<'r>,
) -> (&'static str, Finding) {
    let new = |message: String| Finding::new(Code::UnmatchedRule, message);
    if let Some(glob) = &rule.files {
        let is_match = |file: &&SitePath| glob.matches_or_holds(file.as_str());
        if !files.iter().any(|file| is_match(&file)) {
            let message = format!(
                "this rule matches nothing: no article matches `{}`",
                glob.as_str()
            );
            let hint = match nearest_folder(&glob.fixed_folder(), files) {
                Some(folder) => format!("did you mean the folder `{folder}`?"),
                None => "correct `files`, or remove the rule".to_owned(),
            };
            return ("files", new(message).hint(hint));
        }
    }
    let wanted = rule.at.to_string();
    let within = match &rule.files {
        Some(glob) => format!(" in the articles of `{}`", glob.as_str()),
        None => String::new(),
    };
    let message = match rule.at {
        At::Keys(_) => format!("this rule matches nothing: there is no key `{wanted}`{within}"),
        At::Body | At::Nowhere => format!("this rule matches nothing: there is no text{within}"),
    };
    let within_files = rule.files.as_ref().map(Glob::as_str);
    let places = keys
        .entry(within_files)
        .or_insert_with(|| image_keys(rule, survey));
    let hint = match meant(&wanted, places) {
        Some((key, count)) => format!("did you mean `{key}` ({})?", counted(count)),
        None if places.is_empty() => "correct `at`, or remove the rule".to_owned(),
        None => {
            let mut keys: Vec<(&String, &usize)> = places.iter().collect();
            keys.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let keys = keys.into_iter().take(NAMED);
            let keys: Vec<String> = keys
                .map(|(key, count)| format!("`{key}` ({})", counted(*count)))
                .collect();
            format!("images are at {}", keys.join(", "))
        }
    };
    ("at", new(message).hint(hint))
}

fn counted(places: usize) -> String {
    match places {
        1 => "1 place".to_owned(),
        places => format!("{places} places"),
    }
}

/// Returns the key paths of images in the articles of a rule, as a rule writes them, with the
/// number of places.
fn image_keys(rule: &Rule, survey: &Survey) -> BTreeMap<String, usize> {
    let mut keys = BTreeMap::new();
    for article in survey.articles() {
        if !rule.is_for(article.file.path.as_str()) {
            continue;
        }
        let paths: BTreeSet<&KeyPath> = article
            .references()
            .filter_map(|(reference, _)| match &reference.place {
                Place::Beside(path) | Place::Item(path) | Place::Text(path) => Some(path),
                Place::Body => None,
            })
            .collect();
        for path in paths {
            *keys.entry(path.pattern()).or_default() += 1;
        }
    }
    keys
}

/// Returns the key path that was probably meant: the same without its `[]`, one below it, or the
/// nearest spelling.
fn meant<'k>(wanted: &str, places: &'k BTreeMap<String, usize>) -> Option<(&'k str, usize)> {
    let most = |is_meant: &dyn Fn(&str) -> bool| {
        let meant = places.iter().filter(|(key, _)| is_meant(key));
        let most = meant.max_by_key(|(_, count)| **count);
        most.map(|(key, count)| (key.as_str(), *count))
    };
    let bare = |key: &str| key.replace("[]", "").to_lowercase();
    let wanted_bare = bare(wanted);
    most(&|key| bare(key) == wanted_bare)
        .or_else(|| {
            most(&|key| {
                let below = bare(key);
                let rest = below.strip_prefix(&wanted_bare);
                rest.is_some_and(|rest| rest.starts_with('.'))
            })
        })
        .or_else(|| {
            let key = nearest(wanted, places.keys().map(String::as_str))?;
            Some((key, places[key]))
        })
}

/// Returns the articles folder whose name is nearest to that of a folder that does not exist.
fn nearest_folder(wanted: &SitePath, files: &[SitePath]) -> Option<String> {
    let mut folders: BTreeSet<SitePath> = BTreeSet::new();
    for file in files {
        let mut folder = file.parent();
        while !folder.is_root() && folders.insert(folder.clone()) {
            folder = folder.parent();
        }
    }
    let names = folders.iter().map(SitePath::as_str);
    nearest(wanted.as_str(), names)
        .filter(|folder| *folder != wanted.as_str())
        .map(str::to_owned)
}
