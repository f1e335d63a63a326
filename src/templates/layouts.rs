//! Decides which layouts of a Jekyll site must show the records of texts: texts of layouts go in,
//! decisions come out.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{Inventory, MOST_BODIES};
use crate::path::SitePath;
use crate::project::Site;
use crate::site::TEXT_LIMIT;

/// The parent of each layout, which its front matter names. A parent shows the text of its child.
pub(super) struct Layouts<'t> {
    parents: BTreeMap<&'t str, &'t str>,
}

impl<'t> Layouts<'t> {
    pub fn of(texts: &'t [(SitePath, String)]) -> Self {
        let parents = texts
            .iter()
            .filter_map(|(path, text)| Some((path.stem(), layout(text)?)));
        Layouts {
            parents: parents.collect(),
        }
    }

    /// Whether a layout must show the records of texts. Of a layout and its parents, only one must:
    /// the lowest one, or the parent that articles use directly. `used` returns the layouts that
    /// articles use; `None` if that is unknown.
    pub fn show_records<'u>(
        &self,
        name: &str,
        used: impl Fn() -> &'u Option<BTreeSet<String>>,
    ) -> bool {
        let is_parent = |name: &str| self.parents.values().any(|parent| *parent == name);
        let is_used = |name: &str| used().as_ref().is_some_and(|used| used.contains(name));
        let mut above = std::iter::successors(self.parents.get(name).copied(), |name| {
            self.parents.get(name).copied()
        });
        // A layout may name itself.
        let is_below_used = above.by_ref().take(self.parents.len()).any(is_used);
        !is_below_used
            && if is_parent(name) {
                is_used(name)
            } else {
                used().is_none() || is_used(name)
            }
    }
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

/// Returns the layouts of the articles whose texts show images: no other layout needs to show the
/// records of texts. `None` if that is not certain: an article gets its layout from the
/// configuration, or there are many articles.
pub(super) fn used(site: &Site, inventory: &Inventory) -> Option<BTreeSet<String>> {
    if inventory.bodies.len() >= MOST_BODIES {
        return None;
    }
    let named = inventory.bodies.iter().map(|path| {
        let (bytes, _) = site.root.read(path, TEXT_LIMIT).ok()?;
        layout(&String::from_utf8_lossy(&bytes)).map(str::to_owned)
    });
    named.collect()
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
        let shown = |used: Option<&[&str]>| -> Vec<&str> {
            let used = used.map(|used| used.iter().map(|name| (*name).to_owned()).collect());
            let names = texts.iter().map(|(path, _)| path.stem());
            names
                .filter(|name| layouts.show_records(name, || &used))
                .collect()
        };
        assert_eq!(shown(Some(&["post"])), ["post"]);
        assert_eq!(shown(Some(&["post", "page"])), ["page"]);
        assert_eq!(shown(Some(&["default", "post"])), ["default"]);
        assert_eq!(shown(None), ["post"]);
        assert_eq!(shown(Some(&[])), [""; 0]);
    }
}
