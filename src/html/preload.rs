//! Gives the `<link>` that preloads an image the same candidates as the `<img>` that shows it, or
//! the browser would load the image twice. The links and images of a page go in, edits come out.

use std::sync::Arc;

use super::added::{self, Edit};
use super::fit::Sizes;
use super::slot::Slot;
use super::variants::Shown;
use crate::path::{PathMap, SitePath};

/// The preloaded images of one page, and the images that it shows.
#[derive(Default)]
pub(super) struct Preloads {
    links: Vec<(Slot, SitePath)>,
    /// For each file, the first image that is loaded immediately, or else the first one.
    shown: PathMap<SitePath, Use>,
}

struct Use {
    is_eager: bool,
    /// `None` if the image is not changed.
    candidates: Option<Candidates>,
}

/// The candidates that an `<img>` gets.
pub(super) struct Candidates {
    pub shown: Arc<Shown>,
    pub sizes: Sizes,
    /// The author's own `sizes`.
    pub own_sizes: Option<String>,
    pub prefix: String,
}

impl Preloads {
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Adds a `<link>` that preloads a file.
    pub fn link(&mut self, slot: &Slot, file: SitePath) {
        self.links.push((slot.clone(), file));
    }

    /// Adds an `<img>` that shows a file.
    pub fn image(&mut self, file: SitePath, is_eager: bool, candidates: Option<Candidates>) {
        let known = self.shown.get(&file);
        if known.is_none_or(|known| is_eager && !known.is_eager) {
            let shown = Use {
                is_eager,
                candidates,
            };
            self.shown.insert(file, shown);
        }
    }

    /// Returns the edits of the links.
    pub fn edits(&self) -> impl Iterator<Item = Edit> {
        let links = self.links.iter();
        links.filter_map(|(slot, file)| {
            let candidates = self.shown.get(file)?.candidates.as_ref()?;
            let Candidates {
                shown,
                sizes,
                own_sizes,
                prefix,
            } = candidates;
            let content = &shown.content;
            let preset = content.sizes.as_deref();
            let sizes = preset.map(|preset| sizes.value(preset));
            let sizes = own_sizes.clone().or(sizes);
            added::preload(slot, content, sizes.as_deref(), prefix)
        })
    }
}
