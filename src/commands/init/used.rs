//! Finds the files of `init` that templates would still use after an undo. They must stay, because
//! the generator cannot build those templates without them.

use std::collections::BTreeMap;

use planche::internal::generator::is_markdown;
use planche::internal::path::SitePath;
use planche::internal::project::Site;
use planche::internal::site::Root;

use super::change::Change;

/// Extensions of templates, and of the programs that configure generators.
const TEMPLATES: [&str; 16] = [
    "html", "htm", "xml", "liquid", "njk", "webc", "hbs", "astro", "vue", "svelte", "js", "cjs",
    "mjs", "ts", "jsx", "tsx",
];

/// Maximum size in bytes of a template that is read.
const LIMIT: u64 = 1 << 20;

/// Returns the paths of the changes that must not be undone, each with a file that uses what the
/// change has added.
pub(super) fn used(root: &Root, site: &Site, changes: &[Change]) -> BTreeMap<String, SitePath> {
    let mut remaining = remaining(root, site, changes);
    let mut used: BTreeMap<String, SitePath> = BTreeMap::new();
    loop {
        let found = changes.iter().find_map(|change| {
            let is_ours = match &change.before {
                None => !remaining.contains_key(&change.path) && is_template(&change.path),
                Some(before) => registers(change, before),
            };
            let is_candidate = is_ours && !used.contains_key(&change.path);
            let user = is_candidate.then(|| user(change, &remaining)).flatten()?;
            Some((change, user))
        });
        let Some((change, user)) = found else {
            return used;
        };
        used.insert(change.path.clone(), user);
        // A kept file can use other files of `init`. The comment at the start of a snippet is
        // skipped, because it only mentions their names.
        let text = change.after.as_str();
        let code = text.split_once("endcomment").map_or(text, |(_, code)| code);
        remaining.insert(change.path.clone(), code.to_owned());
    }
}

fn is_template(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| TEMPLATES.contains(&extension))
}

/// Whether a change registered planche's plugin.
fn registers(change: &Change, before: &str) -> bool {
    change.after.contains(PLUGIN) && !before.contains(PLUGIN)
}

/// Name of the Eleventy plugin, which defines the shortcode that templates use.
const PLUGIN: &str = "planche.eleventy.cjs";

/// Returns the path of a remaining text that uses what a change has added: the name of a new file,
/// or the plugin's shortcode.
fn user(change: &Change, remaining: &BTreeMap<String, String>) -> Option<SitePath> {
    let path = SitePath::normalise(&change.path)?;
    let names: Vec<String> = match &change.before {
        Some(_) => vec!["{% planche ".to_owned(), "{%- planche ".to_owned()],
        None => vec![
            path.name().to_owned(),
            format!("\"{}\"", path.stem()),
            format!("'{}'", path.stem()),
        ],
    };
    let mut texts = remaining.iter();
    let uses = |text: &str| names.iter().any(|name| text.contains(name));
    let found = texts.find(|(other, text)| **other != change.path && uses(text));
    found.and_then(|(other, _)| SitePath::normalise(other))
}

/// Returns the templates and articles as they would be after the undo, without those that it
/// removes.
fn remaining(root: &Root, site: &Site, changes: &[Change]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for file in site.walk_everything().candidates {
        let path = &file.path;
        let is_template =
            TEMPLATES.contains(&path.extension().as_str()) || is_markdown(path) && site.takes(path);
        let is_foreign = path
            .as_str()
            .split('/')
            .any(|name| name == "node_modules" || name.starts_with('.') && name != ".eleventy.js");
        if !is_template || is_foreign {
            continue;
        }
        let Some(now) = root
            .read(path, LIMIT)
            .ok()
            .and_then(|(bytes, _)| String::from_utf8(bytes).ok())
        else {
            continue;
        };
        match restored(path.as_str(), &now, changes) {
            Restored::Text(text) => texts.insert(path.to_string(), text),
            Restored::Removed => None,
        };
    }
    texts
}

enum Restored {
    Text(String),
    Removed,
}

/// Returns the content of a file after an undo. The undo reverts the file's changes from the last
/// one on, as long as the content is what the change had written.
fn restored(path: &str, now: &str, changes: &[Change]) -> Restored {
    let mut text = now.to_owned();
    for change in changes.iter().rev().filter(|change| change.path == path) {
        if text != change.after {
            break;
        }
        match &change.before {
            Some(before) => text.clone_from(before),
            None => return Restored::Removed,
        }
    }
    Restored::Text(text)
}
