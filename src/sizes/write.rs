//! Writes `sizes` into presets; no other byte of a preset changes.

use crate::path::SitePath;
use crate::preset::{BUILT_IN, Preset};
use crate::project::{PRESETS, Site};
use crate::settings;
use crate::site::{Existing, SiteError};
use crate::tree::yaml;

/// A preset that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub path: SitePath,
    /// Whether it is a new file that replaces a built-in preset.
    pub is_new: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(
        "`{0}` is written in a way that cannot be edited safely – hint: set its `sizes` by hand"
    )]
    Unclear(SitePath),
    #[error("`{0}` is being edited, and was left unchanged – hint: run planche again")]
    Busy(SitePath),
    #[error("there is no preset `{0}`")]
    Unknown(String),
    #[error(transparent)]
    Site(#[from] SiteError),
}

/// Returns the file of a site's own preset, and its text.
pub(super) fn preset_file(site: &Site, name: &str) -> Option<(SitePath, String)> {
    ["yml", "yaml"].iter().find_map(|extension| {
        let path = SitePath::normalise(&format!("{PRESETS}/{name}.{extension}"))?;
        let text = site.root.read_text(&path).ok()??;
        Some((path, text))
    })
}

/// Sets the `sizes` of a preset. A built-in preset is copied into the site first.
pub fn write(site: &Site, name: &str, sizes: &str) -> Result<Written, WriteError> {
    if let Some((path, text)) = preset_file(site, name) {
        let new = with_sizes(&path, &text, sizes);
        let new = new.ok_or_else(|| WriteError::Unclear(path.clone()))?;
        let replaced = site.root.replace(&path, text.as_bytes(), new.as_bytes())?;
        if !replaced.is_written() {
            return Err(WriteError::Busy(path));
        }
        return Ok(Written {
            path,
            is_new: false,
        });
    }
    let mut built_in = BUILT_IN.iter();
    let text = built_in.find(|(own, _)| *own == name);
    let (_, text) = text.ok_or_else(|| WriteError::Unknown(name.to_owned()))?;
    let path = SitePath::normalise(&format!("{PRESETS}/{name}.yml"));
    let path = path.expect("names of built-in presets are file names");
    let new = with_sizes(&path, text, sizes);
    let new = new.ok_or_else(|| WriteError::Unclear(path.clone()))?;
    site.root.create(&path, new.as_bytes(), Existing::Keep)?;
    Ok(Written { path, is_new: true })
}

/// Replaces the `sizes` in the text of a preset. `None` if there are none to replace, or if any
/// other key would change.
fn with_sizes(path: &SitePath, text: &str, sizes: &str) -> Option<String> {
    let read = |text: &str| settings::read::<Preset>(path.as_str(), text).ok();
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - bare.len();
    let tree = yaml::parse(bare).ok()?;
    let entry = tree.get(tree.root()?, "sizes")?;
    tree.text(entry.value)?;
    let span = tree.node(entry.value).span.clone();
    let mut new = text.to_owned();
    new.replace_range(mark + span.start..mark + span.end, &format!("\"{sizes}\""));
    let [old, mut changed] = [read(text)?, read(&new)?];
    let set = changed.sizes.clone()?;
    changed.sizes.clone_from(&old.sizes);
    (set.as_str() == sizes && changed == old).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_value_of_sizes_changes() {
        let path = SitePath::normalise("presets/a.yml").unwrap();
        let with = |text: &str| with_sizes(&path, text, "calc(50vw + 1px)");
        for (old, new) in [
            (
                "\u{feff}# sizes: x\r\nwidths: [80]\r\nsizes:   10em # c\r\nquality: 80",
                "\u{feff}# sizes: x\r\nwidths: [80]\r\nsizes:   \"calc(50vw + 1px)\" # c\r\nquality: 80",
            ),
            (
                "{ sizes: '10em', widths: [80] }",
                "{ sizes: \"calc(50vw + 1px)\", widths: [80] }",
            ),
        ] {
            assert_eq!(with(old).as_deref(), Some(new), "{old}");
        }
        for text in [
            "widths: [80]\ndensities: [1, 2]\n",
            "widths: [80]\nsizes: 10em\nsizes: 1em\n",
            "widths: [80]\nsizes: >-\n  10em\n",
            "",
        ] {
            assert_eq!(with(text), None, "{text}");
        }
    }
}
