//! Measured widths at which pages show the images with one value of `sizes`. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{WINDOWS, fit, is_off};
use crate::preset::{Presets, displayed_width};

/// Measurement of one image of a page in one window.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Shown {
    pub sizes: String,
    /// Displayed width in CSS pixels.
    pub width: f64,
    /// Whether only the image's own size limits its width: its slot may be wider.
    pub own: bool,
    pub src: String,
}

/// All measurements.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Sorted by `sizes`.
    pub slots: Vec<Slot>,
    /// Values of `sizes` of images that pages show at their own width: smaller than their slot.
    pub own: BTreeSet<String>,
    /// Number of pages that were opened.
    pub pages: usize,
}

/// The images with one value of `sizes`.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Value of `sizes`, without `auto`.
    pub sizes: String,
    /// Presets with that value.
    pub presets: Vec<String>,
    /// Displayed widths of the images, by width of the window in CSS pixels.
    pub widths: BTreeMap<u32, Extent>,
}

/// The narrowest and the widest image in one window.
#[derive(Clone, Debug)]
pub struct Extent {
    pub narrowest: ShownImage,
    pub widest: ShownImage,
}

/// An image on a page, with its displayed width.
#[derive(Clone, Debug)]
pub struct ShownImage {
    /// Displayed width in CSS pixels.
    pub width: f64,
    pub page: String,
    pub src: String,
}

impl Measured {
    /// Adds the images of one page in a window.
    pub(super) fn add(&mut self, page: &str, window: u32, shown: Vec<Shown>, presets: &Presets) {
        for shown in shown {
            if shown.width < 1.0 {
                continue;
            }
            let sizes = without_auto(&shown.sizes);
            // An image that is smaller than its slot does not show the width of the slot.
            if shown.own {
                self.own.insert(sizes.to_owned());
                continue;
            }
            let seen = ShownImage {
                width: shown.width,
                page: page.to_owned(),
                src: shown.src,
            };
            let widths = &mut self.slot(sizes, presets).widths;
            let extent = widths.entry(window).or_insert_with(|| Extent {
                narrowest: seen.clone(),
                widest: seen.clone(),
            });
            if seen.width < extent.narrowest.width {
                extent.narrowest = seen;
            } else if seen.width > extent.widest.width {
                extent.widest = seen;
            }
        }
    }

    fn slot(&mut self, sizes: &str, presets: &Presets) -> &mut Slot {
        let at = match self
            .slots
            .binary_search_by(|slot| slot.sizes.as_str().cmp(sizes))
        {
            Ok(at) => at,
            Err(at) => {
                let named = presets.sizes().filter(|(_, own)| *own == sizes);
                let slot = Slot {
                    sizes: sizes.to_owned(),
                    presets: named.map(|(name, _)| name.to_owned()).collect(),
                    widths: BTreeMap::new(),
                };
                self.slots.insert(at, slot);
                at
            }
        };
        &mut self.slots[at]
    }
}

/// Removes the keyword `auto` of lazy images from a value of `sizes`.
pub(super) fn without_auto(sizes: &str) -> &str {
    let sizes = sizes.trim();
    match sizes.split_once(',') {
        Some((first, rest)) if first.trim().eq_ignore_ascii_case("auto") => rest.trim(),
        _ => sizes,
    }
}

impl Slot {
    /// Returns the `sizes` that fit the widest image in each window; `None` if nothing was
    /// measured.
    pub fn fitting(&self) -> Option<String> {
        let points = self.widths.iter();
        let points: Vec<(u32, f64)> = points
            .map(|(window, extent)| (*window, extent.widest.width))
            .collect();
        fit::sizes(&points)
    }

    /// Returns, for each of `WINDOWS` that was measured, its width, the width that `sizes`
    /// declares, and the width of the widest image, in CSS pixels.
    pub fn compared(&self) -> Vec<(u32, Option<f64>, f64)> {
        let compared = WINDOWS.iter().filter_map(|window| {
            let extent = self.widths.get(window)?;
            let declared = displayed_width(&self.sizes, f64::from(*window));
            Some((*window, declared, extent.widest.width))
        });
        compared.collect()
    }

    /// Whether `sizes` fits, by the rule of respimagelint: within five per cent and 15 pixels.
    pub fn fits(&self) -> bool {
        self.compared().iter().all(|(_, declared, shown)| {
            declared.is_some_and(|declared| (declared - shown).abs() <= 0.05 * declared + 15.0)
        })
    }

    /// Returns the first window in which images of different widths share the preset, so that no
    /// `sizes` fits all.
    pub fn conflict(&self) -> Option<(u32, &Extent)> {
        let mut windows = self.widths.iter();
        let apart = windows.find(|(window, extent)| {
            WINDOWS.contains(window) && is_off(extent.widest.width, extent.narrowest.width)
        });
        apart.map(|(window, extent)| (*window, extent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sizes: &str, width: f64, own: bool) -> Shown {
        Shown {
            sizes: sizes.to_owned(),
            width,
            own,
            src: format!("/{width}.jpg"),
        }
    }

    const ARTICLE: &str = "(min-width: 50em) 48em, 100vw";

    #[test]
    fn images_belong_to_the_preset_whose_sizes_they_repeat() {
        let presets = Presets::read([("presets/twin.yml", "widths: [80]\nsizes: 10em\n")]).0;
        let mut measured = Measured::default();
        let auto = format!("AUTO , {ARTICLE}");
        let images = vec![
            shown(ARTICLE, 700.0, false),
            shown(&auto, 704.0, false),
            shown(ARTICLE, 90.0, true),
            shown("10em", 160.0, false),
            shown("33vw", 0.0, false),
            shown("33vw", 300.0, false),
        ];
        measured.add("a.html", 1280, images, &presets);
        let found: Vec<(&str, Vec<String>, f64, f64)> = measured
            .slots
            .iter()
            .map(|slot| {
                let extent = &slot.widths[&1280];
                (
                    slot.sizes.as_str(),
                    slot.presets.clone(),
                    extent.narrowest.width,
                    extent.widest.width,
                )
            })
            .collect();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            found,
            [
                (ARTICLE, names(&["article"]), 700.0, 704.0),
                ("10em", names(&["thumbnail", "twin"]), 160.0, 160.0),
                ("33vw", names(&[]), 300.0, 300.0),
            ]
        );
    }

    #[test]
    fn a_slot_fits_conflicts_or_is_off() {
        let presets = Presets::read([]).0;
        let slot = |widths: &[f64]| {
            let mut measured = Measured::default();
            for width in widths {
                measured.add(
                    "a.html",
                    1280,
                    vec![shown(ARTICLE, *width, false)],
                    &presets,
                );
            }
            measured.slots.remove(0)
        };
        // 48em are 768 pixels; respimagelint's tolerance is 53.4.
        assert!(slot(&[768.0]).fits() && slot(&[715.0]).fits());
        assert!(!slot(&[714.0]).fits() && !slot(&[822.0]).fits());
        assert!(slot(&[600.0, 750.0]).conflict().is_none());
        let conflict = slot(&[600.0, 751.0, 700.0]);
        let (window, extent) = conflict.conflict().unwrap();
        assert_eq!(
            (
                window,
                extent.narrowest.src.as_str(),
                extent.widest.src.as_str()
            ),
            (1280, "/600.jpg", "/751.jpg")
        );
        assert!(is_off(768.0, 614.0) && is_off(100.0, 134.0));
        assert!(!is_off(768.0, 615.0) && !is_off(100.0, 133.0));
    }
}
