//! Reads the presets of a site.

use super::OpenError;
use crate::finding::Finding;
use crate::path::SitePath;
use crate::preset::Presets;
use crate::site::{Kind, Operation, Root, SiteError};

/// The folder of a site's own presets.
pub const FOLDER: &str = "presets";

/// Whether a file in the presets folder is a preset or a table of visitors.
pub(super) fn is_preset_file(path: &SitePath) -> bool {
    matches!(path.extension().as_str(), "yml" | "yaml" | "csv")
}

/// Reads the presets of a site; findings are about their content.
///
/// # Errors
///
/// If the folder or a file in it cannot be read: built-in presets in their place would change every
/// image.
pub(super) fn read(root: &Root) -> Result<(Presets, Vec<Finding>), OpenError> {
    let folder = SitePath::root().child(FOLDER);
    let names = match root.list(&folder) {
        Ok(listed) => listed.names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !root.exists(&folder) => {
            Vec::new()
        }
        Err(error) => return Err(SiteError::io(Operation::Read, &folder)(error).into()),
    };
    let mut files = Vec::new();
    for (name, kind) in names {
        let path = folder.child(&name);
        if kind != Kind::Folder && is_preset_file(&path) {
            let Some(text) = root.read_text(&path)? else {
                let missing = std::io::ErrorKind::NotFound.into();
                return Err(SiteError::io(Operation::Read, &path)(missing).into());
            };
            files.push((path.to_string(), text));
        }
    }
    Ok(Presets::read(
        files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    ))
}
