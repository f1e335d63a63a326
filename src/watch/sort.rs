//! Classifies changed paths by what they mean to the site.

use std::collections::BTreeSet;

use super::debounce::Pace;
use crate::flow::Resident;
use crate::path::SitePath;
use crate::site::{STATE_FOLDER, is_temporary};

/// What a changed path means to the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unrelated to the site, or written by planche.
    Ignored,
    /// An article or a data file, which may have been removed.
    Article,
    /// An upload that an article references, which may have been removed.
    Upload,
    /// A variant, or a variants folder, that has changed.
    Variant,
    /// A watched or relevant folder that was created or removed.
    Folder,
    /// A new, complete variants folder: it only needs to be watched.
    OutputFolder,
    /// A settings file.
    Settings,
}

impl Kind {
    pub fn pace(self) -> Pace {
        match self {
            Kind::Upload => Pace::Upload,
            _ => Pace::Text,
        }
    }
}

/// Classifies a changed path. `followed` is the set of watched folders.
pub fn kind_of(path: &SitePath, resident: &Resident, followed: &BTreeSet<SitePath>) -> Kind {
    let site = &resident.site;
    let is_private = |name: &str| matches!(name, STATE_FOLDER | ".git" | "node_modules");
    if is_temporary(path.name()) || path.as_str().split('/').any(is_private) {
        return Kind::Ignored;
    }
    let is_folder = site.root.is_dir(path.as_str());
    if site.is_settings(path) {
        return Kind::Settings;
    }
    if site.is_output(path) || *path == site.output_folder() {
        return match site.root.stamp(path) {
            _ if is_folder && resident.has_all_known_variants_in(path) => Kind::OutputFolder,
            _ if is_folder => Kind::Variant,
            Ok(stamp) if resident.is_known_variant(path, stamp.bytes) => Kind::Ignored,
            Err(_) if resident.is_left_out(path) => Kind::Ignored,
            _ => Kind::Variant,
        };
    }
    if followed.contains(path) {
        return Kind::Folder;
    }
    if is_folder {
        return if site.enters(path) || resident.is_named_below(path) {
            Kind::Folder
        } else {
            Kind::Ignored
        };
    }
    if site.takes(path) {
        return Kind::Article;
    }
    match site.root.stamp(path) {
        Ok(stamp) if resident.is_known_upload(path, &stamp) => Kind::Ignored,
        _ if resident.is_named(path) => Kind::Upload,
        // For example a stylesheet, a log, or the cache of a generator.
        _ => Kind::Ignored,
    }
}
