//! The rule `height: auto`, without which style sheets distort images that get `width` and
//! `height`: finds the style sheet that needs it, and adds it on request.

use anyhow::Result;

use planche::internal::html::{HEIGHT_RULE, StyleSource};
use planche::internal::path::SitePath;
use planche::internal::printable::Printable;
use planche::internal::project::Site;
use planche::internal::site::Root;

use super::journal::Journal;
use crate::commands::output::note;

/// Folders whose style sheets come from elsewhere: an update would undo an edit.
const FOREIGN: [&str; 3] = ["vendor", "themes", "bower_components"];
/// Maximum size in bytes of a style sheet that is read.
const LIMIT: u64 = 1 << 20;

/// What images with `width` and `height` need of the style sheets.
pub(super) enum Need {
    /// Nothing: the height of images follows their width.
    Nothing,
    /// A rule at the end of a style sheet that limits their width.
    Rule(SitePath),
    /// A rule, if the style sheets of a theme or of another host do not have it.
    Unknown,
}

/// Returns what the style sheets of the site need.
pub(super) fn need(site: &Site) -> Need {
    let mut fixing: Vec<SitePath> = Vec::new();
    for file in site.walk_everything().candidates {
        let path = file.path;
        let Some(source) = StyleSource::of(&path.extension()) else {
            continue;
        };
        let mut names = path.as_str().split('/');
        if names.any(|name| name.starts_with('.') || name == "node_modules") {
            continue;
        }
        let bytes = site.root.read(&path, LIMIT).ok().map(|(bytes, _)| bytes);
        let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            continue;
        };
        let heights = source.heights(&text);
        if heights.follow {
            return Need::Nothing;
        }
        if heights.are_fixed && is_own(&path) {
            fixing.push(path);
        }
    }
    // Sources first: an edit of the CSS that is compiled from them would be lost.
    fixing.sort_by_cached_key(|path| (StyleSource::of(&path.extension()), path.to_string()));
    let first = fixing.into_iter().next();
    first.map_or(Need::Unknown, Need::Rule)
}

/// Whether the site's authors maintain a style sheet.
fn is_own(path: &SitePath) -> bool {
    let is_foreign = |name: &str| FOREIGN.contains(&name);
    !path.as_str().split('/').any(is_foreign) && !path.stem().ends_with(".min")
}

/// Prints what the style sheets need.
pub(super) fn show(need: &Need) {
    match need {
        Need::Nothing => {}
        Need::Rule(path) => note!(
            "{} limits the width of images, and no style sheet has `height: auto` for them: with \
             `width` and `height`, they would be distorted. `planche init --apply` adds to it:\n  {}",
            Printable::new(path.as_str()),
            HEIGHT_RULE
        ),
        Need::Unknown => note!(
            "images get `width` and `height`; if your style sheet does not have this rule, add it:\n  \
             img {{ max-width: 100%; height: auto }}"
        ),
    }
}

/// Adds the rules that are needed: one to a style sheet of the whole site, or one to each
/// component. Returns what is still needed.
pub(super) fn apply(
    site: &Site,
    journal: &mut Journal<'_>,
    mut needed: Need,
    undo: &mut Vec<String>,
) -> Result<Need> {
    let mut last = None;
    while let Need::Rule(path) = &needed {
        // A second rule in the same file would not help.
        if last.as_ref() == Some(path) || !add_rule(&site.root, journal, path, undo)? {
            break;
        }
        last = Some(path.clone());
        needed = need(site);
    }
    Ok(needed)
}

/// Adds the rule to a file. Returns whether it was added.
fn add_rule(
    root: &Root,
    journal: &mut Journal<'_>,
    path: &SitePath,
    undo: &mut Vec<String>,
) -> Result<bool> {
    let Some(before) = root.read_text(path)? else {
        return Ok(false);
    };
    let source = StyleSource::of(&path.extension());
    let Some(after) = source.and_then(|source| source.with_rule(&before)) else {
        return Ok(false);
    };
    if !journal.replace(path, &before, &after)?.reported(path) {
        return Ok(false);
    }
    let (name, adds) = (Printable::new(path.as_str()), HEIGHT_RULE);
    note!("added to {name}: {adds}");
    undo.push(format!("remove {adds} from {name}"));
    Ok(true)
}
