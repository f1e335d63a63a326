//! The interface through which a preview follows the work of a watcher before its result is known.

use std::fmt::Debug;

use crate::flow::Resident;
use crate::path::SitePath;
use crate::picture::format::is_image_extension;
use crate::site::is_temporary;
use crate::variant::Progress;

use super::sort::Kind;

/// Receives what a watcher sees and does, immediately. Methods must return quickly, because the
/// watcher waits for them.
pub trait Observer: Progress + Debug + Send {
    /// Called when a changed file may be a new image. The file may still be incomplete, and
    /// possibly no article references it yet.
    fn uploaded(&self, path: &SitePath);
}

/// Whether a changed file of this kind may be an image that no run has seen yet.
pub(super) fn may_be_new_image(path: &SitePath, kind: Kind, resident: &Resident) -> bool {
    match kind {
        Kind::Upload => true,
        Kind::Ignored => {
            let site = &resident.site;
            is_image_extension(&path.extension())
                && !is_temporary(path.name())
                && !site.is_output(path)
                && site
                    .root
                    .stamp(path)
                    .is_ok_and(|stamp| !resident.is_known_upload(path, &stamp))
        }
        _ => false,
    }
}
