//! Computes the figures of all articles together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::data::{
    AltState, Compression, FormatCount, SheetArticle, SheetImage, SheetLoad, State, Totals,
};
use super::variants::{PHONE_DENSITY, PHONE_DEVICE};
use crate::plan::PHONE;
use crate::report::Gain;

/// Width of the phone's screen in device pixels: the width at which an image is taken to be shown
/// if `sizes` does not say.
const SCREEN: f64 = PHONE.width * PHONE.density;

/// Computes the totals of the sheet.
pub(super) fn totals(articles: &[SheetArticle], images: &[SheetImage]) -> Totals {
    let gains = articles.iter().filter_map(|article| article.gain);
    let mut paths = BTreeMap::new();
    for file in images.iter().flat_map(|image| &image.files) {
        if let (true, Some(bytes)) = (file.is_listed, file.bytes) {
            paths.insert(file.path.as_str(), bytes);
        }
    }
    let needs_alt = |image: &&SheetImage| {
        !image.is_also && matches!(image.alt.state, AltState::Missing | AltState::Empty)
    };
    Totals {
        gain: gains.fold(Gain::default(), Gain::plus),
        variants: paths.len(),
        variant_bytes: paths.values().sum(),
        formats: formats(images),
        compression: compression(images),
        without_alt: images.iter().filter(needs_alt).count(),
    }
}

/// Returns each image together with what a phone loads for it.
fn loaded(images: &[SheetImage]) -> impl Iterator<Item = (&SheetImage, &SheetLoad)> {
    let shown = images
        .iter()
        .filter(|image| !image.is_also && image.state != State::Broken);
    shown.filter_map(|image| Some((image, image.loads.get(PHONE_DEVICE)?.get(PHONE_DENSITY)?)))
}

fn formats(images: &[SheetImage]) -> Vec<FormatCount> {
    let mut formats: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (image, load) in loaded(images) {
        let format = match (load.file, &image.original) {
            (Some(file), _) => image.files[file].format,
            (None, Some(original)) => original.format,
            (None, None) => continue,
        };
        let own = image.original.as_ref().map(|original| &original.path);
        let path = load.file.map(|file| &image.files[file].path).or(own);
        // A page loads a file once, even if it shows the file several times.
        let is_new = seen.insert((image.article, path));
        let count = formats.entry(format).or_default();
        count.0 += 1;
        count.1 += if is_new { load.bytes.unwrap_or(0) } else { 0 };
    }
    let mut formats: Vec<FormatCount> = formats
        .into_iter()
        .map(|(format, (images, bytes))| FormatCount {
            format: format.to_owned(),
            images,
            bytes,
        })
        .collect();
    formats.sort_by_key(|format| Reverse(format.images));
    formats
}

fn compression(images: &[SheetImage]) -> Compression {
    let mut scores: Vec<f32> = Vec::new();
    let mut compression = Compression::default();
    for (image, load) in loaded(images) {
        compression.images += 1;
        let file = load.file.map(|file| &image.files[file]);
        scores.extend(file.and_then(|file| file.score));
        let own = image.original.as_ref().map_or(0, |original| original.width);
        let width = f64::from(file.map_or(own, |file| file.width));
        let shown = load.place.map_or(SCREEN, |place| place * PHONE.density);
        compression.oversized += usize::from(width >= 2.0 * shown);
    }
    scores.sort_by(f32::total_cmp);
    Compression {
        scored: scores.len(),
        median_score: scores.get(scores.len() / 2).copied(),
        lowest_score: scores.first().copied(),
        ..compression
    }
}
