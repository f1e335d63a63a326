//! Saves the last measurement in `.planche/sizes`, for the findings of `check`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::measured::Measured;
use super::write::preset_file;
use super::{OFF, WINDOWS, is_off};
use crate::finding::{Code, Finding};
use crate::preset::displayed_width;
use crate::project::Site;
use crate::settings;
use crate::site::SiteError;
use crate::tree::path::Segment;

/// Name of the file in the state folder.
const FILE: &str = "sizes";
/// Largest size of that file, in bytes.
const LIMIT: u64 = 1 << 20;

/// Largest displayed width of the images, by preset and window, in CSS pixels.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Saved {
    presets: BTreeMap<String, BTreeMap<u32, f64>>,
}

fn load(site: &Site) -> Saved {
    let bytes = site.root.read_state(FILE, LIMIT).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Saves the measured widths of presets. Those of other presets are kept.
pub fn save(site: &Site, measured: &Measured) -> Result<(), SiteError> {
    let mut saved = load(site);
    for slot in &measured.slots {
        let [preset] = slot.presets.as_slice() else {
            continue;
        };
        let compared = slot.compared().into_iter();
        let widths = compared.map(|(window, _, shown)| (window, shown));
        saved.presets.insert(preset.clone(), widths.collect());
    }
    let text = serde_json::to_vec(&saved).expect("numbers by name");
    site.root.write_state(FILE, &text)
}

/// Returns findings about presets whose `sizes` differ from the saved widths.
pub fn check(site: &Site) -> Vec<Finding> {
    let saved = load(site);
    let found = saved.presets.iter().filter_map(|(name, widths)| {
        let sizes = site.presets.get(name)?.sizes.as_ref()?.as_str();
        let of_windows = WINDOWS.iter().filter_map(|window| {
            let shown = *widths.get(window)?;
            let declared = displayed_width(sizes, f64::from(*window))?;
            is_off(declared, shown).then_some((*window, declared, shown))
        });
        let apart = |(_, declared, shown): &(u32, f64, f64)| (declared / shown).ln().abs();
        let (window, declared, shown) =
            of_windows.max_by(|one, other| apart(one).total_cmp(&apart(other)))?;
        let effect = if declared < shown {
            "images are blurred"
        } else {
            "browsers load larger files than needed"
        };
        let message = format!(
            "`sizes` of the preset `{name}` is off by more than {}%: in a {window} px window, it says \
             {declared:.0} px but pages show {shown:.0} px: {effect}",
            OFF * 100.0
        );
        let finding = Finding::new(Code::SizesOff, message);
        Some(match preset_file(site, name) {
            Some((path, text)) => {
                let key = [Segment::key("sizes", 0)];
                let place = settings::position_of(&text, &key.into_iter().collect());
                finding.in_file(path.as_str()).at(place)
            }
            None => finding,
        })
    });
    found.collect()
}
