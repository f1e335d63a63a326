//! The snippets of a generator: writes them, unless the site has files of its own with the same
//! purpose.

use anyhow::Result;

use planche::internal::generator::{Kit, Own, Snippet};
use planche::internal::path::SitePath;
use planche::internal::record::FrontMatterKeys;
use planche::internal::site::Root;

use super::journal::Journal;
use super::{Init, site_path};
use crate::commands::output::note;

impl Init<'_> {
    /// Writes the snippets of the generator, and those that were `asked` for. Returns the paths of
    /// the files that contain them now.
    pub(super) fn write_snippets(
        &self,
        asked: impl Iterator<Item = &'static Snippet>,
        journal: &mut Journal<'_>,
    ) -> Result<Vec<String>> {
        let (root, kit, force) = (self.root, self.kit, self.args.force);
        let keys = self.config.map_or_else(FrontMatterKeys::default, |config| {
            config.front_matter.clone()
        });
        let snippets = kit.map_or(&[][..], |kit| kit.snippets);
        let mut ours = Vec::new();
        for snippet in snippets.iter().chain(asked) {
            let path = place(kit, root, snippet);
            let text = snippet.text(keys.suffix.as_str(), keys.list_key.as_str());
            let own = kit.and_then(|kit| (kit.own)(root, snippet, &text));
            // `--force` replaces a file with the snippet's own path.
            match own.filter(|own| !force || own.path != path) {
                Some(own) => show_own(&own, &path, &text),
                None if write_snippet(root, journal, &path, &text, force)? => {
                    ours.push(path.to_string());
                }
                None => {}
            }
        }
        Ok(ours)
    }
}

/// Returns the path at which a snippet is written.
pub(super) fn place(kit: Option<&Kit>, root: &Root, snippet: &Snippet) -> SitePath {
    kit.and_then(|kit| (kit.place)(root, snippet))
        .unwrap_or_else(|| site_path(snippet.path))
}

/// Prints what to add to a file that has the same purpose as a snippet, whose path and text these
/// are.
fn show_own(own: &Own, path: &SitePath, text: &str) {
    let line = text.lines().last().unwrap_or_default();
    if own.is_ready {
        return;
    }
    if own.path == *path {
        note!(
            "{path} already exists; left unchanged – hint: to show variants, replace the `<img>` in \
             yours with: {line}"
        );
    } else {
        note!(
            "{} already shows images in Markdown; {path} was not written – hint: to show variants, \
             replace the `<img>` in yours with: {line}",
            own.path
        );
    }
}

/// Writes a snippet unless another file has its name. Returns whether the file now contains the
/// snippet.
fn write_snippet(
    root: &Root,
    journal: &mut Journal<'_>,
    path: &SitePath,
    text: &str,
    force: bool,
) -> Result<bool> {
    if root.is_file(path.as_str()) {
        if root.read_text(path)?.as_deref() == Some(text) {
            return Ok(true);
        }
        if !force {
            note!("{path} already exists; left unchanged – hint: --force replaces it");
            return Ok(false);
        }
    }
    journal.create(path, text)?;
    note!("wrote {path}");
    Ok(true)
}
