//! Finds settings of a preset that contradict each other or have no effect.

use super::{Preset, Sizes, SlotKeys};
use crate::picture::framing::Fit;
use crate::picture::info::Format;
use crate::picture::quality::QualitySpec;
use crate::picture::recipe::Lossless;
use crate::tree::path::{KeyPath, Segment};

/// A setting that contradicts another one or has no effect.
pub(super) struct UnusableSetting {
    /// The path of the setting.
    pub at: KeyPath,
    pub why: &'static str,
    pub hint: &'static str,
}

impl Preset {
    /// Returns the first setting that contradicts another one or has no effect.
    pub(super) fn contradiction(&self) -> Option<UnusableSetting> {
        let wrong = |key: &str, why, hint| {
            Some(UnusableSetting {
                at: KeyPath::from_iter([Segment::key(key, 0)]),
                why,
                hint,
            })
        };
        let encoders = || self.formats.iter().map(Format::encoder);
        let is_contained = self.slots().any(|slot| slot.keys.fit == Some(Fit::Contain));
        if self.sizes.is_none() && self.densities.is_none() {
            return wrong(
                "widths",
                "`widths` need `sizes`, or `densities`",
                "add `sizes: 100vw`, or how wide the layout shows the image",
            );
        }
        if self.lossless == Lossless::Always && !encoders().all(|encoder| encoder.has_lossless) {
            return wrong(
                "lossless",
                "one of the `formats` cannot be lossless",
                "use `webp` and `png` only, or remove `lossless: always`",
            );
        }
        let is_lossy =
            self.lossless != Lossless::Always && encoders().any(|encoder| encoder.is_lossy);
        if matches!(self.quality, QualitySpec::Target(_)) && !is_lossy {
            return wrong(
                "quality",
                "a target has no effect: every variant is lossless",
                "remove `lossless: always`, or add `webp` to `formats`",
            );
        }
        let has_sharp_yuv = is_lossy && encoders().any(|encoder| encoder.has_sharp_yuv);
        if self.sharp_yuv && !has_sharp_yuv {
            return wrong(
                "sharp_yuv",
                "it has no effect without lossy WebP",
                "remove `sharp_yuv`, or add `webp` to `formats`",
            );
        }
        let fills_transparency = encoders().any(|encoder| !encoder.has_alpha);
        if self.background.is_some() && !is_contained && !fills_transparency {
            return wrong(
                "background",
                "it has no effect: nothing shows a background",
                "add `fit: contain`, or `jpeg` to `formats`",
            );
        }
        self.slots().find_map(|slot| slot.contradiction(self))
    }

    /// Returns the preset's own slot, and those of its `sources`.
    fn slots(&self) -> impl Iterator<Item = Slot<'_>> {
        let own = Slot {
            at: Vec::new(),
            keys: self.slot_keys(),
            has_aspect: self.aspect.is_some()
                || self.sources.iter().any(|source| source.aspect.is_some()),
        };
        let sources = self.sources.iter().enumerate().map(|(index, source)| Slot {
            at: vec![Segment::key("sources", 0), Segment::index(index)],
            keys: source.slot_keys(),
            has_aspect: source.slot_keys().or(self.slot_keys()).aspect.is_some(),
        });
        std::iter::once(own).chain(sources)
    }
}

/// The keys that a preset, or an entry of its `sources`, sets itself.
struct Slot<'p> {
    /// Path of the mapping that contains these keys.
    at: Vec<Segment>,
    keys: SlotKeys<'p>,
    /// Whether an aspect ratio applies, set here or elsewhere in the preset.
    has_aspect: bool,
}

impl Slot<'_> {
    fn contradiction(&self, preset: &Preset) -> Option<UnusableSetting> {
        let wrong = |key: &str, why, hint| {
            let path = self.at.iter().cloned();
            Some(UnusableSetting {
                at: path.chain([Segment::key(key, 0)]).collect(),
                why,
                hint,
            })
        };
        if let Some((why, hint)) = self.keys.sizes.and_then(Sizes::fault) {
            return wrong("sizes", why, hint);
        }
        if preset.densities.is_some() {
            if self.keys.sizes.is_some() {
                return wrong(
                    "sizes",
                    "`sizes` and `densities` cannot be used together",
                    "remove one of the two",
                );
            }
            if self
                .keys
                .widths
                .is_some_and(|widths| widths.only().is_none())
            {
                return wrong(
                    "widths",
                    "`densities` need exactly one width",
                    "set the width of the slot in CSS pixels, as in `widths: [320]`",
                );
            }
        }
        let unused = match (self.keys.fit, self.keys.focus) {
            _ if self.has_aspect => return None,
            (Some(_), _) => "fit",
            (None, Some(_)) => "focus",
            (None, None) => return None,
        };
        wrong(
            unused,
            "it has no effect without `aspect`: images keep their own aspect ratio",
            "add `aspect`, or remove it",
        )
    }
}
