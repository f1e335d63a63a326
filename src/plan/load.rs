//! Predicts what browsers load: the bytes of the file that a browser chooses from an image's
//! record.

use std::collections::{BTreeMap, HashMap};

use super::{ImagePlan, PerImage, Plan, Snapshot};
use crate::original::Original;
use crate::path::SitePath;
use crate::preset;
use crate::record::Content;

/// A browser's window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Width in CSS pixels.
    pub width: f64,
    /// Device pixels per CSS pixel.
    pub density: f64,
}

/// The phone that all figures are about, in reports as in the README: as wide as an iPhone 12, 13 or
/// 14. Its density is lower than theirs, which is 3, because many other phones have less.
pub const PHONE: Window = Window {
    width: 390.0,
    density: 2.0,
};

/// A laptop with a screen of 1440 × 900 CSS pixels, without high density.
pub const DESKTOP: Window = Window {
    width: 1440.0,
    density: 1.0,
};

/// An iPad Air (from the fourth generation), held upright.
pub const TABLET: Window = Window {
    width: 820.0,
    density: 2.0,
};

/// The files that browsers load for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load<'p> {
    /// The file that is loaded without planche: the original.
    pub before: LoadedFile<'p>,
    /// The file that a phone loads; `None` while its size is unknown.
    pub phone: Option<LoadedFile<'p>>,
    pub desktop: Option<LoadedFile<'p>>,
}

/// A file that a browser loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadedFile<'p> {
    pub path: &'p SitePath,
    pub bytes: u64,
}

/// Returns the bytes that one page loads: a browser loads each file once, however many images show
/// it.
pub fn bytes_of_page<'p>(files: impl IntoIterator<Item = LoadedFile<'p>>) -> u64 {
    let mut files = Vec::from_iter(files);
    files.sort_unstable();
    files.dedup();
    files.iter().map(|file| file.bytes).sum()
}

impl Plan<'_> {
    /// Returns the files that browsers load for each image.
    pub fn loads<'p>(
        &'p self,
        originals: &'p BTreeMap<SitePath, Original>,
        snapshot: Snapshot<'_>,
    ) -> PerImage<Option<Load<'p>>> {
        let mut bytes = vec![None; self.images.len()];
        let numbers = self.order.iter().map(|(_, id)| id.0 as usize);
        for ((original, _, _), number) in self.by_original(originals).zip(numbers) {
            bytes[number] = Some(LoadedFile {
                path: &original.path,
                bytes: original.bytes,
            });
        }
        let mut windows = [PHONE, DESKTOP].map(Places::new);
        let loads = self.images.iter().zip(bytes);
        PerImage(
            loads
                .map(|(image, original)| {
                    let before = original?;
                    let [phone, desktop] = image.loads(before, &mut windows, snapshot);
                    Some(Load {
                        before,
                        phone,
                        desktop,
                    })
                })
                .collect(),
        )
    }
}

/// A cache of the widths at which images are shown in one window, in CSS pixels, by `sizes`
/// attribute. Most images have one of few attributes, and parsing one takes longer than all else
/// about an image.
struct Places {
    window: Window,
    known: HashMap<String, f64>,
}

impl Places {
    fn new(window: Window) -> Self {
        Places {
            window,
            known: HashMap::new(),
        }
    }

    fn width(&mut self, sizes: &str) -> f64 {
        if let Some(known) = self.known.get(sizes) {
            return *known;
        }
        let width = place_width(sizes, self.window);
        self.known.insert(sizes.to_owned(), width);
        width
    }
}

fn place_width(sizes: &str, window: Window) -> f64 {
    preset::displayed_width(sizes, window.width).unwrap_or(window.width)
}

/// The candidate that a browser loads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen<'c> {
    pub url: &'c str,
    pub descriptor: &'c str,
    /// The width at which the image is shown, in CSS pixels, from `sizes`; `None` with density
    /// descriptors.
    pub place: Option<f64>,
}

/// Returns the candidate of a record that a browser with this window loads, if it supports all
/// formats (HTML, section 4.8.4.3): like Chromium, the smallest candidate that is dense enough for
/// the screen, or the largest if none is. `None` if the record has no candidates.
pub fn chosen(content: &Content, window: Window) -> Option<Chosen<'_>> {
    chosen_at(content, window, &mut |sizes| place_width(sizes, window))
}

fn chosen_at<'c>(
    content: &'c Content,
    window: Window,
    width_of: &mut dyn FnMut(&str) -> f64,
) -> Option<Chosen<'c>> {
    let is_used = |media: &str| preset::matches(media, window.width).unwrap_or(false);
    let source = content
        .sources
        .iter()
        .find(|source| source.media.as_deref().is_none_or(is_used));
    let (srcset, sizes) = match source {
        Some(source) => (&source.srcset, &source.sizes),
        None => (&content.srcset, &content.sizes),
    };
    let shown = sizes.as_deref().map_or(window.width, width_of);
    let mut entries = srcset.iter().filter_map(|entry| entry.rsplit_once(' '));
    let is_enough = |descriptor: &str| {
        let number = descriptor.get(..descriptor.len().checked_sub(1)?)?;
        let number: f64 = number.parse().ok()?;
        let density = match descriptor.ends_with('w') {
            true => number / shown.max(1.0),
            false => number,
        };
        Some(density >= window.density)
    };
    let enough = entries
        .clone()
        .find(|(_, descriptor)| is_enough(descriptor) == Some(true));
    let (url, descriptor) = enough.or_else(|| entries.next_back())?;
    Some(Chosen {
        url,
        descriptor,
        place: descriptor.ends_with('w').then_some(shown),
    })
}

impl ImagePlan {
    /// Returns the files that browsers with these windows load, if they support all formats.
    fn loads<'p, const N: usize>(
        &'p self,
        original: LoadedFile<'p>,
        windows: &mut [Places; N],
        snapshot: Snapshot<'_>,
    ) -> [Option<LoadedFile<'p>>; N] {
        if let ImagePlan::PassThrough { .. } = self {
            return [Some(original); N];
        }
        let content = self.content("", snapshot);
        windows.each_mut().map(|places| {
            let window = places.window;
            let chosen = chosen_at(&content, window, &mut |sizes| places.width(sizes))?;
            self.file_of(chosen.url, original, snapshot)
        })
    }

    /// Returns the URL and the descriptor that a browser with this window chooses.
    pub fn chosen(&self, window: Window, snapshot: Snapshot<'_>) -> Option<(String, String)> {
        let content = self.content("", snapshot);
        let chosen = chosen(&content, window)?;
        Some((chosen.url.to_owned(), chosen.descriptor.to_owned()))
    }

    /// Returns the file that a URL of the record leads to, if its size is known.
    fn file_of<'p>(
        &'p self,
        url: &str,
        original: LoadedFile<'p>,
        snapshot: Snapshot<'_>,
    ) -> Option<LoadedFile<'p>> {
        if let ImagePlan::Responsive(responsive) = self
            && let Some(candidate) = &responsive.original
            && candidate.url == url
        {
            return Some(original);
        }
        let spec = self.specs().find(|spec| spec.url == url)?;
        Some(LoadedFile {
            path: &spec.path,
            bytes: snapshot.size(&spec.path)?,
        })
    }
}
