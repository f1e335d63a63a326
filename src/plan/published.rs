//! Reports published animations that move for long, and published originals with a GPS position.

use std::collections::BTreeMap;

use super::Plan;
use super::expand::motion;
use crate::finding::{Code, Finding};
use crate::generator::Conventions;
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::info::ImageInfo;
use crate::picture::recipe::Motion;
use crate::preset::Presets;

/// How long an animation may move without a control, in milliseconds (WCAG 2.2.2).
const LONGEST_MOTION: u64 = 5_000;

impl Plan<'_> {
    /// Returns a finding for each animation that moves for more than five seconds on pages.
    pub fn long_animations(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        presets: &Presets,
    ) -> Vec<Finding> {
        let images = self.by_original(originals);
        let long = images.filter_map(|(original, key, _)| {
            let ImageInfo::Raster(raster) = &original.info else {
                return None;
            };
            let motion = motion(&original.info, presets.get(&key.preset)?);
            if motion == Motion::Still || raster.total_milliseconds <= LONGEST_MOTION {
                return None;
            }
            let message = match raster.total_milliseconds {
                u64::MAX => "the animation never ends, and a page has no control to stop it".into(),
                time => format!(
                    "the animation moves for {} seconds, and a page has no control to stop it",
                    time.div_ceil(1000)
                ),
            };
            let finding = Finding::new(Code::AnimationOver5s, message);
            Some(finding.in_file(original.path.as_str()))
        });
        let mut long: Vec<Finding> = long.collect();
        long.dedup();
        long
    }
}

/// Returns a finding for each published original that contains the position where it was taken.
pub fn positions(
    originals: &BTreeMap<SitePath, Original>,
    conventions: &Conventions,
) -> Vec<Finding> {
    let telling = originals.values().filter(|original| {
        matches!(&original.info, ImageInfo::Raster(raster) if raster.has_certain_position)
            && conventions.url_of(&original.path).is_some()
    });
    telling
        .map(|original| {
            let message = "the published original contains the position where it was taken (GPS)";
            Finding::new(Code::OriginalHasPosition, message).in_file(original.path.as_str())
        })
        .collect()
}
