//! Reports animations that are published as is.

use std::collections::BTreeMap;

use super::expand::motion;
use super::{ImagePlan, Plan, Snapshot};
use crate::finding::{Code, Finding};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::recipe::Motion;
use crate::preset::Presets;

impl Plan<'_> {
    /// Returns a finding for each animation that is published as is, with the reason. The sizes of
    /// existing variants decide.
    pub fn animations_kept(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        presets: &Presets,
        snapshot: Snapshot<'_>,
    ) -> Vec<Finding> {
        let images = self.by_original(originals);
        let kept = images.filter_map(|(Original { info, .. }, key, image)| {
            if motion(info, presets.get(&key.preset)?) == Motion::Still
                || !image.is_original_alone(snapshot)
            {
                return None;
            }
            let preset = &key.preset;
            let reason = match image {
                ImagePlan::Responsive(_) => "no resized version would be smaller".to_owned(),
                ImagePlan::PassThrough { .. } if info.has_frames() => {
                    format!("preset `{preset}` has no `webp` among its formats")
                }
                ImagePlan::PassThrough { .. } => {
                    "animations in its format are not resized".to_owned()
                }
            };
            let message = format!("animation published as is: {reason}");
            let finding = Finding::new(Code::AnimationKept, message);
            Some(finding.in_file(key.original.as_str()))
        });
        let mut kept: Vec<Finding> = kept.collect();
        kept.sort();
        kept.dedup();
        kept
    }
}
