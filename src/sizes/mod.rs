//! Measures which `sizes` fit: built pages go in, the widths at which a browser shows their images
//! come out, and from these the `sizes` of presets.
//!
//! An image belongs to the preset whose `sizes` its attribute repeats. Chromium opens each page
//! once and resizes its window.

mod browser;
mod fit;
mod folder;
mod measured;
mod measuring;
mod pages;
mod saved;
mod write;

pub use browser::{BrowserError, find_browser};
pub use measured::{Extent, Measured, ShownImage, Slot};
pub use measuring::{Failure, MeasureError, MeasureOptions, Measuring, Target, measure};
pub use saved::{check, save};
pub use write::{WriteError, Written, write};

/// Widths of windows, in CSS pixels, at which `sizes` are compared and printed.
pub const WINDOWS: [u32; 4] = [375, 768, 1280, 1440];

/// How far `sizes` may be from the displayed width before `check` reports it, as a fraction of that
/// width.
pub const OFF: f64 = 0.25;

/// Whether `sizes` that amount to `declared` pixels are off for an image that is `shown` pixels
/// wide.
fn is_off(declared: f64, shown: f64) -> bool {
    (declared - shown).abs() > OFF * shown
}
