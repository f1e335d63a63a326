//! Decides which layouts of a Jekyll site must show the records of texts: texts of layouts go in,
//! decisions come out.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{Inventory, MOST_BODIES};
use crate::path::SitePath;
use crate::project::Site;
use crate::site::TEXT_LIMIT;

/// Name of the layouts folder.
const FOLDER: &str = "_layouts";

/// The parent of each layout, which its front matter names. A parent shows the text of its child.
pub(super) struct Layouts<'t> {
    parents: BTreeMap<&'t str, &'t str>,
}

/// The layouts of the articles whose texts show images: no other layout needs to show the records
/// of texts.
#[derive(Debug, Default)]
pub(super) struct Used {
    names: BTreeSet<String>,
    /// Whether there may be others: an article names no layout, or there are many articles.
    is_partial: bool,
}

impl<'t> Layouts<'t> {
    /// Reads the parents of the layouts among the templates.
    pub fn of(texts: &'t [(SitePath, String)]) -> Self {
        let layouts = texts.iter().filter(|(path, _)| is_layout(path));
        let parents = layouts.filter_map(|(path, text)| Some((path.stem(), layout(text)?)));
        Layouts {
            parents: parents.collect(),
        }
    }

    /// Whether a layout must show the records of texts. Of a layout and its parents, only one must:
    /// the lowest one, or the parent that articles use directly.
    pub fn show_records<'u>(&self, name: &str, used: impl Fn() -> &'u Used) -> bool {
        let is_parent = |name: &str| self.parents.values().any(|parent| *parent == name);
        let is_used = |name: &str| used().names.contains(name);
        let mut above = std::iter::successors(self.parents.get(name).copied(), |name| {
            self.parents.get(name).copied()
        });
        // A layout may name itself.
        let is_below_used = above.by_ref().take(self.parents.len()).any(is_used);
        !is_below_used
            && if is_parent(name) {
                is_used(name)
            } else {
                used().is_partial || is_used(name)
            }
    }
}

/// Whether a file is below a layouts folder.
pub(super) fn is_layout(path: &SitePath) -> bool {
    path.parent().as_str().split('/').any(|name| name == FOLDER)
}

/// Returns the layout that the front matter of a layout or an article names.
fn layout(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let front_matter = text.strip_prefix("---")?.split("\n---").next()?;
    let mut lines = front_matter.lines();
    let line = lines.find_map(|line| line.strip_prefix("layout:"))?;
    let value = line.split(" #").next().unwrap_or(line);
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then_some(value)
}

/// Returns the layouts that articles with images in their texts name, and those that the
/// configuration gives to articles without one.
pub(super) fn used(site: &Site, inventory: &Inventory) -> Used {
    let named = inventory.bodies.iter().map(|path| {
        let (bytes, _) = site.root.read(path, TEXT_LIMIT).ok()?;
        layout(&String::from_utf8_lossy(&bytes)).map(str::to_owned)
    });
    let named: Vec<Option<String>> = named.collect();
    let is_partial = named.len() >= MOST_BODIES || named.contains(&None);
    let mut names: BTreeSet<String> = named.into_iter().flatten().collect();
    if is_partial {
        names.extend(site.conventions.default_layouts.iter().cloned());
    }
    Used { names, is_partial }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layout_of_a_chain_shows_the_records_of_texts() {
        let file = |name: &str, parent: &str| {
            let text = match parent {
                "" => String::new(),
                parent => format!("---\nlayout: {parent}\n---\n"),
            };
            (SitePath::root().child("_layouts").child(name), text)
        };
        let texts = [
            file("default.html", ""),
            file("page.html", "default"),
            file("post.html", "page"),
            file("own.html", "own"),
        ];
        let layouts = Layouts::of(&texts);
        let shown = |names: &[&str], is_partial: bool| -> Vec<&str> {
            let used = Used {
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                is_partial,
            };
            let names = texts.iter().map(|(path, _)| path.stem());
            names
                .filter(|name| layouts.show_records(name, || &used))
                .collect()
        };
        assert_eq!(shown(&["post"], false), ["post"]);
        assert_eq!(shown(&["post", "page"], false), ["page"]);
        assert_eq!(shown(&["default", "post"], false), ["default"]);
        assert_eq!(shown(&[], true), ["post"]);
        assert_eq!(shown(&["page"], true), ["page"]);
        assert_eq!(shown(&[], false), [""; 0]);
    }
}
