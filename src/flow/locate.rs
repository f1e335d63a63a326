//! Converts byte offsets of findings to lines and columns in the files that are on disk when the
//! run ends.

use std::collections::BTreeMap;

use crate::finding::{Finding, Location, OffsetMap, positions};
use crate::path::SitePath;
use crate::project::Site;

/// Maps from old to new byte offsets, for each article that this run has rewritten.
pub(super) type Edits = BTreeMap<SitePath, OffsetMap>;

/// Replaces the offsets of findings by positions. Each file is read once; a finding about a file
/// that can no longer be read keeps its offset, and is reported without a position.
pub(super) fn locate(findings: &mut [Finding], site: &Site, edits: &Edits) {
    let mut in_file: BTreeMap<SitePath, Vec<&mut Location>> = BTreeMap::new();
    for finding in findings {
        let Finding {
            file,
            location,
            related,
            ..
        } = finding;
        let own = file.as_deref().zip(location.as_mut());
        let second = related.as_mut();
        let second = second.map(|related| (related.file.as_str(), &mut related.location));
        for (file, location) in own.into_iter().chain(second) {
            if let (Location::Offset(_), Some(path)) = (*location, SitePath::normalise(file)) {
                in_file.entry(path).or_default().push(location);
            }
        }
    }
    for (path, locations) in in_file {
        let Ok((text, _)) = site.root.read(&path, u64::MAX) else {
            continue;
        };
        let edits = edits.get(&path);
        let offsets: Vec<usize> = locations
            .iter()
            .map(|location| match **location {
                Location::Offset(offset) => edits.map_or(offset, |edits| edits.apply(offset)),
                Location::Position(_) => 0,
            })
            .collect();
        for (location, position) in locations.into_iter().zip(positions(&text, &offsets)) {
            *location = Location::Position(position);
        }
    }
}
