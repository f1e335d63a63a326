//! The edits of one page: its bytes, its style and what to show for each image go in; the edits
//! that make its images responsive come out.

use std::io::Read;
use std::sync::Arc;

use super::added::{self, Edit, Role};
use super::feed::may_be_feed;
use super::fit::own_width;
use super::image_style::{ImageStyle, Values};
use super::page::{Reading, Style};
use super::preload::{Candidates, Preloads};
use super::resolve::Resolved;
use super::scan_error::{MOST_WORK, ScanError};
use super::slot::{Kind, Slot};
use super::targets::Page;
use super::variants::Shown;
use crate::path::SitePath;
use crate::plan::ImageKey;
use crate::record::Content;

/// Largest width of a small image, such as a logo, an icon or a portrait, in pixels.
const SMALL: u32 = 200;

/// Looks up what to show for an image; `None` if its variants do not exist.
pub(super) type ShownImages<'s> = dyn Fn(&ImageKey) -> Option<Arc<Shown>> + 's;

/// The edits of a page.
#[derive(Debug, PartialEq)]
pub(super) struct Edits {
    /// Edits in the order of their places.
    pub edits: Vec<Edit>,
    /// Whether every image that the page wants is made responsive, so that the new page wants none.
    pub is_settled: bool,
    /// Number of images that get a width but no height.
    pub without_height: usize,
}

impl Reading<'_> {
    /// Returns the edits of a page. `shown` looks up what to show for an image.
    pub fn edits(
        &self,
        path: &SitePath,
        page: &mut dyn Read,
        style: &Style,
        shown: &ShownImages<'_>,
    ) -> Result<Edits, ScanError> {
        if may_be_feed(path) {
            let mut edits = Vec::new();
            self.each_in_feed(path, page, &mut |piece, slot, (key, prefix)| {
                let text = shown(&key).map(|shown| added::in_feed(&shown.content, &prefix));
                let at = piece.offset(slot.name_end);
                edits.extend(text.filter(|text| !text.is_empty()).map(|text| Edit {
                    place: at..at,
                    text: piece.written(&text),
                }));
            })?;
            return Ok(Edits {
                edits,
                is_settled: false,
                without_height: 0,
            });
        }
        let mut editor = Editor::new(self, path, style, shown);
        self.each(path, page, style.exact(), &mut |page, slot, wanted| {
            editor.edit(page, slot, wanted);
        })?;
        editor.finish()
    }

    /// Whether a new page, written with the edits `made`, needs no more edits.
    pub fn is_done(
        &self,
        path: &SitePath,
        page: &mut dyn Read,
        style: &Style,
        shown: &ShownImages<'_>,
        made: &Edits,
    ) -> bool {
        if made.is_settled {
            // Only images that the page wants lead to edits. Looking for them needs no rules of
            // style sheets, which cost most of the time.
            let wanted = self.wanted(path, page);
            return wanted.is_ok_and(|wanted| wanted.images.is_empty());
        }
        let left = self.edits(path, page, style, shown);
        left.is_ok_and(|left| left.edits.is_empty())
    }
}

/// Decides the edits of a page, from one slot to the next.
struct Editor<'e> {
    reading: &'e Reading<'e>,
    path: &'e SitePath,
    style: &'e Style,
    shown: &'e ShownImages<'e>,
    edits: Vec<Edit>,
    preloads: Preloads,
    /// See [`Edits::is_settled`].
    is_settled: bool,
    without_height: usize,
    /// Whether a large image that is loaded immediately came before.
    has_large: bool,
    /// Number of comparisons with rules of style sheets.
    work: u64,
}

/// An image to show in a slot.
struct ToShow {
    key: ImageKey,
    resolved: Resolved,
    shown: Arc<Shown>,
}

impl<'e> Editor<'e> {
    fn new(
        reading: &'e Reading<'e>,
        path: &'e SitePath,
        style: &'e Style,
        shown: &'e ShownImages<'e>,
    ) -> Self {
        Editor {
            reading,
            path,
            style,
            shown,
            edits: Vec::new(),
            preloads: Preloads::default(),
            is_settled: true,
            without_height: 0,
            has_large: false,
            work: 0,
        }
    }

    /// Adds the edits of one slot, which may want an image.
    fn edit(&mut self, page: &Page, slot: &Slot, wanted: Option<(ImageKey, Resolved)>) {
        if self.work > MOST_WORK {
            return;
        }
        if slot.kind == Kind::Preload {
            if let Some(file) = self.preloaded(page, slot) {
                self.preloads.link(slot, file);
            }
            return;
        }
        let is_wanted = wanted.is_some();
        let found = wanted.and_then(|(key, resolved)| {
            let shown = (self.shown)(&key)?;
            Some(ToShow {
                key,
                resolved,
                shown,
            })
        });
        if slot.kind == Kind::Image && !is_wanted {
            self.note_preloaded(page, slot);
        }
        if slot.is_excluded {
            return;
        }
        let is_done = match (found, slot.kind) {
            (Some(image), Kind::Image) => self.image(slot, image),
            (Some(image), _) => self.other(slot, image),
            (None, kind) => {
                if kind == Kind::Image {
                    self.unchanged(slot);
                }
                false
            }
        };
        self.is_settled &= is_done || !is_wanted;
    }

    /// Returns the edits in the order of their places.
    fn finish(mut self) -> Result<Edits, ScanError> {
        if self.work > MOST_WORK {
            return Err(ScanError::Rules);
        }
        self.edits.extend(self.preloads.edits());
        self.edits.sort_by_key(|edit| edit.place.start);
        Ok(Edits {
            edits: self.edits,
            is_settled: self.is_settled,
            without_height: self.without_height,
        })
    }

    /// Adds the edits of an `<img>`. Returns whether it gets a `srcset`, and so is not changed by
    /// later runs.
    fn image(&mut self, slot: &Slot, image: ToShow) -> bool {
        let ToShow {
            key,
            resolved,
            shown,
        } = image;
        let content = &shown.content;
        let style = ImageStyle::new(self.style.sheets(), slot);
        self.work += style.work();
        let values = Values {
            srcset: &|| added::srcset(&content.srcset, &resolved.prefix),
            sizes: content.sizes.as_deref(),
        };
        let by_natural_size = style.fit(shown.natural, &values);
        // The natural size of an SVG is not always the one in its header, so none is added.
        let fit = match key.original.extension().as_str() {
            "svg" => style.fit_of_vector(),
            _ => by_natural_size,
        };
        let stays_unchanged = shown.must_stay_unchanged || fit.must_stay_unchanged(content);
        let role = self.role(slot, by_natural_size.sizes.pixels(), largest(content));
        if !stays_unchanged {
            let edits = added::image(slot, content, &fit, role, &resolved.prefix);
            self.edits.extend(edits);
            let has_height = fit.height.is_some() || slot.has("height");
            self.without_height += usize::from(fit.width.is_some() && !has_height);
        }
        self.has_large |= role == Role::First;
        let becomes_lazy = role == Role::Later
            && !slot.has("loading")
            && !fit.barred.has("loading")
            && !stays_unchanged;
        let is_done = !content.srcset.is_empty() && !stays_unchanged;
        let candidates = Candidates {
            sizes: fit.sizes,
            own_sizes: slot.sizes.clone(),
            prefix: resolved.prefix,
            shown,
        };
        let is_eager = !slot.is_lazy && !becomes_lazy;
        self.preloads.image(
            key.original,
            is_eager,
            (!stays_unchanged).then_some(candidates),
        );
        is_done
    }

    /// Adds the edits of an element that shows a single file. Returns whether there are any.
    fn other(&mut self, slot: &Slot, image: ToShow) -> bool {
        let prefix = match slot.kind {
            // Sites that show a card have no base URL.
            Kind::Meta => self.reading.absolute(image.resolved.prefix),
            _ => image.resolved.prefix,
        };
        let Shown {
            content, natural, ..
        } = &*image.shown;
        let before = self.edits.len();
        self.edits
            .extend(added::other(slot, content, *natural, &prefix));
        self.edits.len() > before
    }

    /// Takes an `<img>` into account that stays as it is.
    fn unchanged(&mut self, slot: &Slot) {
        let largest = slot.srcset.as_deref().and_then(largest_listed);
        let is_on_other_host =
            || slot.url.contains("//") && !slot.url.trim_start().starts_with("data:");
        if slot.is_responsive() || is_on_other_host() {
            self.has_large |= self.role(slot, None, largest) == Role::First;
        }
    }

    /// Returns when the browser should load an `<img>`: `of_css` is the width at which style sheets
    /// show it, in CSS pixels, and `largest` the width of its largest file.
    fn role(&self, slot: &Slot, of_css: Option<f64>, largest: Option<u32>) -> Role {
        let shown = of_css.or_else(|| own_width(slot));
        let is_small = largest.is_some_and(|width| width <= SMALL)
            || shown.is_some_and(|width| width <= f64::from(SMALL));
        let is_late = self.has_large || slot.is_unseen || slot.is_lazy;
        match (is_late, is_small) {
            (true, _) => Role::Later,
            (false, true) => Role::Early,
            (false, false) => Role::First,
        }
    }

    /// Tells the links that preload an image about an `<img>` that stays as it is.
    fn note_preloaded(&mut self, page: &Page, slot: &Slot) {
        if self.preloads.is_empty() {
            return;
        }
        if let Some(file) = self.file(page, slot) {
            let is_eager = !slot.is_lazy && !slot.is_unseen;
            self.preloads.image(file, is_eager, None);
        }
    }

    /// Returns the file that a `<link>` preloads; `None` if the link must not be changed.
    fn preloaded(&self, page: &Page, slot: &Slot) -> Option<SitePath> {
        let rules = &self.reading.site.config.rules;
        let is_excluded = slot
            .rule
            .and_then(|rule| rules[rule].presets())
            .is_some_and(<[_]>::is_empty);
        if is_excluded || slot.is_responsive() {
            return None;
        }
        self.file(page, slot)
    }

    /// Returns the file that the URL of a slot leads to.
    fn file(&self, page: &Page, slot: &Slot) -> Option<SitePath> {
        let resolver = self.reading.resolver;
        let resolved = resolver.resolve(&slot.url, self.path, page.base.as_deref());
        Some(resolved?.file)
    }
}

/// Returns the width of the largest candidate in pixels; without candidates, that of the image.
fn largest(content: &Content) -> Option<u32> {
    match content.srcset.last() {
        Some(last) => width_of(last),
        None => Some(content.dimensions.width),
    }
}

/// Returns the width of the last candidate of a `srcset`, in pixels.
fn largest_listed(srcset: &str) -> Option<u32> {
    width_of(srcset.rsplit(',').next()?)
}

/// Returns the width that the descriptor of a candidate declares, in pixels.
fn width_of(candidate: &str) -> Option<u32> {
    let descriptor = candidate.trim().rsplit(' ').next()?;
    descriptor.strip_suffix('w')?.parse().ok()
}
