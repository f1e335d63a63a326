//! Presets: how images of one kind are resized and encoded.
//!
//! In: the files of a site's preset folder. Out: checked [`Presets`] by name, from which the plan
//! takes widths, framings and recipes.

mod built_in;
mod check;
mod defaults;
mod formats;
mod keys;
mod ladder;
mod presets;
mod read;
mod shown;
mod text;
mod visitors;

pub use built_in::BUILT_IN;
pub use defaults::{
    DEFAULT_BODY, DEFAULT_FRONT_MATTER, DEFAULT_LARGE, GENERIC_WORDS, LARGE_KEYS, SOCIAL_KEYS,
    of_front_matter,
};
pub use formats::Formats;
pub(crate) use keys::SlotKeys;
pub use keys::{Animation, ArtDirection, Preset};
pub use ladder::{ByteLadder, Densities, Ladder, MAX_WIDTHS, Widths};
pub use presets::{Presets, preset_name};
pub use shown::{displayed_width, matches};
pub use text::{Media, Sizes, SourceFile};
pub use visitors::Demand;

#[cfg(test)]
mod tests;
