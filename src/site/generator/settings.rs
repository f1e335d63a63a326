//! A generator's own configuration, in whichever of the three syntaxes it is written.

use crate::finding::{Code, Finding, Position};
use crate::path::SitePath;
use crate::site::root::Root;
use crate::tree::{self, NodeId, Tree};

/// Reads the first of `names` that exists and hands its tree to `take`. Where none exists, or the
/// text cannot be read, `take` gets an empty tree and the defaults hold.
pub(super) fn read<T>(
    root: &Root,
    names: &[&str],
    findings: &mut Vec<Finding>,
    take: impl FnOnce(&Settings<'_>) -> T,
) -> T {
    let found = names.iter().find_map(|name| {
        let path = SitePath::normalise(name)?;
        let text = root.read_text(&path).ok().flatten()?;
        Some((path, text))
    });
    let empty = Tree::default();
    let Some((path, text)) = found else {
        return take(&Settings { tree: &empty });
    };
    // Jekyll's own is a document between `---` lines on some sites.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let parsed = match path.extension().as_str() {
        "toml" => tree::toml::parse(text),
        "json" => tree::json::parse(text),
        _ => tree::yaml::parse(text),
    };
    match parsed {
        Ok(tree) => take(&Settings { tree: &tree }),
        Err(error) => {
            findings.push(
                Finding::new(Code::Configuration, error.message)
                    .in_file(path)
                    .at(Position::of(text.as_bytes(), error.offset))
                    .hint("the generator's defaults are used until it can be read"),
            );
            take(&Settings { tree: &empty })
        }
    }
}

pub(super) struct Settings<'s> {
    tree: &'s Tree<'s>,
}

impl Settings<'_> {
    fn node(&self, path: &[&str]) -> Option<NodeId> {
        let mut at = self.tree.root()?;
        for key in path {
            // The last of two keys of one name is the one that a loader keeps.
            let entry = self
                .tree
                .entries(at)
                .iter()
                .rfind(|entry| self.tree.key(entry) == Some(key))?;
            at = entry.value;
        }
        Some(at)
    }

    /// The text at a path of keys; none where it is empty.
    pub fn text(&self, path: &[&str]) -> Option<String> {
        let text = self.tree.text(self.node(path)?)?;
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    /// The texts of a list, or the one text that stands in its place.
    pub fn list(&self, path: &[&str]) -> Vec<String> {
        let Some(node) = self.node(path) else {
            return Vec::new();
        };
        match self.tree.text(node) {
            Some(text) if !text.is_empty() => vec![text.to_owned()],
            Some(_) => Vec::new(),
            None => {
                let items = self.tree.items(node).iter();
                items
                    .filter_map(|item| self.tree.text(*item))
                    .map(str::to_owned)
                    .collect()
            }
        }
    }

    /// The keys of a mapping, or the texts of a list.
    pub fn names(&self, path: &[&str]) -> Vec<String> {
        let Some(node) = self.node(path) else {
            return Vec::new();
        };
        let keys: Vec<String> = self
            .tree
            .entries(node)
            .iter()
            .filter_map(|entry| self.tree.key(entry))
            .map(str::to_owned)
            .collect();
        if keys.is_empty() {
            self.list(path)
        } else {
            keys
        }
    }
}
