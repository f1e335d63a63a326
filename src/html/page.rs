//! One page: its bytes go in, the images that it wants (those to be made responsive) or the edits
//! that make them responsive come out.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use super::added::{self, Edit, Role};
use super::feed::{self, Piece, may_be_feed};
use super::fit::{Fit, is_pixel, own_width};
use super::matching::Exact;
use super::page_style::{PageStyle, Values};
use super::preload::{Candidates, Preloads};
use super::resolve::{Resolved, Resolver};
use super::scan::scan;
use super::scan_error::{MOST_WORK, ScanError, is_utf16};
use super::slot::{Kind, Slot};
use super::targets::{Page, SelectingRules, Selectors};
use super::variants::Shown;
use crate::path::SitePath;
use crate::plan::ImageKey;
use crate::preset::{DEFAULT_BODY, DEFAULT_LARGE};
use crate::project::Site;
use crate::record::Content;

/// Largest number of images of a page that are kept to decide which style rules matter; with more,
/// all rules do.
const MOST_KEPT: usize = 500;

/// Largest width of a small image, such as a logo, an icon or a portrait, in pixels.
const SMALL: u32 = 200;

/// Looks up what to show for an image; `None` if its variants do not exist.
pub(super) type ShownImages<'s> = dyn Fn(&ImageKey) -> Option<Arc<Shown>> + 's;

type EachSlot<'f> = dyn FnMut(&Page, &Slot, Option<(ImageKey, Resolved)>) + 'f;
type EachInFeed<'f> = dyn FnMut(&Piece, &Slot, (ImageKey, String)) + 'f;

/// Context for reading pages.
pub(super) struct Reading<'r> {
    /// The published site.
    pub site: &'r Site,
    pub selectors: &'r Selectors,
    pub resolver: &'r Resolver<'r>,
}

/// The images that a page wants.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub page: Page,
    /// Keys of the images, with duplicates.
    pub images: Vec<ImageKey>,
    /// The `<img>` elements of these images; `None` if there are too many to keep.
    pub slots: Option<Vec<Slot>>,
}

/// The style sheets of a page, and whether its images need exact matching.
#[derive(Debug)]
pub(super) struct Style {
    sheets: Arc<PageStyle>,
    /// Whether its images depend on rules that must be matched exactly.
    is_exact: bool,
}

impl Style {
    /// `has_containers` is whether the page itself has flex or grid containers.
    pub fn new(sheets: Arc<PageStyle>, slots: Option<&[Slot]>, has_containers: bool) -> Self {
        // Most images of a page have the same attributes, apart from their URLs.
        let mut seen = HashSet::new();
        let is_exact = slots.is_none_or(|slots| {
            let mut new = slots.iter().filter(|slot| seen.insert(slot.looks()));
            new.any(|slot| sheets.is_undecided(slot))
        });
        let is_exact = is_exact || has_containers;
        Style { sheets, is_exact }
    }

    /// Whether the style sheets may bar images from becoming responsive.
    pub fn may_leave(&self) -> bool {
        self.sheets.may_leave()
    }

    /// Returns the rules to match exactly; `None` if no image depends on them.
    fn exact(&self) -> Option<&Exact> {
        self.is_exact.then(|| self.sheets.exact())
    }
}

/// The edits of a page.
#[derive(Debug, PartialEq)]
pub(super) struct Edits {
    /// Edits in the order of their places.
    pub edits: Vec<Edit>,
    /// Whether every image that the page wants is made responsive, so that the new page wants none.
    pub is_settled: bool,
}

impl Reading<'_> {
    /// Returns the images that a page wants.
    pub fn wanted(&self, path: &SitePath, page: &mut dyn Read) -> Result<Wanted, ScanError> {
        let mut images = Vec::new();
        let mut slots = Some(Vec::new());
        if may_be_feed(path) {
            let rules = self.each_in_feed(path, page, &mut |_, _, (key, _)| images.push(key))?;
            let page = Page {
                rules,
                ..Page::default()
            };
            return Ok(Wanted {
                page,
                images,
                slots,
            });
        }
        let page = self.each(path, page, None, &mut |_, slot, wanted| {
            let Some((key, _)) = wanted else {
                return;
            };
            images.push(key);
            if slot.kind == Kind::Image {
                slots = slots.take().filter(|slots| slots.len() < MOST_KEPT);
                slots.iter_mut().for_each(|slots| slots.push(slot.clone()));
            }
        })?;
        Ok(Wanted {
            page,
            images,
            slots,
        })
    }

    /// Returns the images that a page wants and that its style sheets do not
    /// [bar](PageStyle::leaves).
    pub fn used(
        &self,
        path: &SitePath,
        page: &mut dyn Read,
        style: &Style,
    ) -> Result<Vec<ImageKey>, ScanError> {
        let mut used = Vec::new();
        self.each(path, page, None, &mut |_, slot, wanted| {
            let Some((key, _)) = wanted else {
                return;
            };
            let preset = self.site.presets.get(&key.preset);
            let has_sizes = preset.is_some_and(|preset| preset.sizes.is_some());
            if slot.kind != Kind::Image || !style.sheets.leaves(slot, has_sizes) {
                used.push(key);
            }
        })?;
        Ok(used)
    }

    /// Returns the edits of a page. `shown` looks up what to show for an image.
    pub fn edits(
        &self,
        path: &SitePath,
        page: &mut dyn Read,
        style: &Style,
        shown: &ShownImages<'_>,
    ) -> Result<Edits, ScanError> {
        let mut edits = Vec::new();
        if may_be_feed(path) {
            self.each_in_feed(path, page, &mut |piece, slot, (key, prefix)| {
                let text = shown(&key).map(|shown| added::in_feed(&shown.content, &prefix));
                let at = piece.offset(slot.name_end);
                edits.extend(text.filter(|text| !text.is_empty()).map(|text| Edit {
                    place: at..at,
                    text: piece.written(&text),
                }));
            })?;
            let is_settled = false;
            return Ok(Edits { edits, is_settled });
        }
        let mut has_large = false;
        let mut is_settled = true;
        let mut preloads = Preloads::default();
        let mut work = 0;
        self.each(path, page, style.exact(), &mut |page, slot, wanted| {
            if work > MOST_WORK {
                return;
            }
            let is_wanted = wanted.is_some();
            let found = wanted.and_then(|(key, resolved)| {
                let shown = shown(&key)?;
                Some((key, resolved, shown))
            });
            if slot.kind == Kind::Preload {
                let file = self.preloaded(path, page, slot);
                file.into_iter().for_each(|file| preloads.link(slot, file));
                return;
            }
            if !is_wanted && slot.kind == Kind::Image && !preloads.is_empty() {
                let resolved = self.resolver.resolve(&slot.url, path, page.base.as_deref());
                let file = resolved.map(|resolved| resolved.file);
                let is_eager = !slot.is_lazy && !slot.is_unseen;
                file.into_iter()
                    .for_each(|file| preloads.image(file, is_eager, None));
            }
            if slot.is_excluded {
                return;
            }
            if slot.kind != Kind::Image {
                let before = edits.len();
                if let Some((_, resolved, shown)) = found {
                    let prefix = self.prefix(slot, resolved);
                    let Shown {
                        content, natural, ..
                    } = &*shown;
                    edits.extend(added::other(slot, content, *natural, &prefix));
                }
                is_settled &= edits.len() > before || !is_wanted;
                return;
            }
            let largest = match &found {
                Some((_, _, shown)) => largest(&shown.content),
                None => slot.srcset.as_deref().and_then(largest_listed),
            };
            let shown_fit = found.as_ref().map(|(_, resolved, shown)| {
                work += style.sheets.work(slot);
                let content = &shown.content;
                let values = Values {
                    srcset: &|| added::srcset(&content.srcset, &resolved.prefix),
                    sizes: content.sizes.as_deref(),
                };
                style.sheets.fit(slot, shown.natural, &values)
            });
            let of_css = shown_fit.and_then(|fit| fit.sizes.pixels());
            // The natural size of an SVG is not always the one in its header, so none is added.
            let is_vector = |key: &ImageKey| key.original.extension() == "svg";
            let fit = match &found {
                Some((key, ..)) if is_vector(key) => Some(style.sheets.fit_of_vector(slot)),
                _ => shown_fit,
            };
            let is_left = |shown: &Shown, fit: Fit| shown.is_left || fit.is_left(&shown.content);
            // An image that gets a `srcset` is not changed by later runs.
            let is_done = found.as_ref().zip(fit).is_some_and(|((_, _, shown), fit)| {
                !shown.content.srcset.is_empty() && !is_left(shown, fit)
            });
            is_settled &= is_done || !is_wanted;
            let own = of_css.or_else(|| own_width(slot));
            let is_small = largest.is_some_and(|width| width <= SMALL)
                || own.is_some_and(|width| width <= f64::from(SMALL));
            let is_late = has_large || slot.is_unseen || slot.is_lazy;
            let role = match (is_late, is_small) {
                (true, _) => Role::Later,
                (false, true) => Role::Early,
                (false, false) => Role::First,
            };
            if let (Some((key, resolved, shown)), Some(fit)) = (found, fit) {
                let is_left = is_left(&shown, fit);
                if !is_left {
                    let content = &shown.content;
                    edits.extend(added::image(slot, content, &fit, role, &resolved.prefix));
                }
                has_large |= role == Role::First;
                let is_late = role == Role::Later && !slot.has("loading");
                let is_lazy = slot.is_lazy || is_late && !fit.barred.has("loading") && !is_left;
                let candidates = Candidates {
                    sizes: fit.sizes,
                    own_sizes: slot.sizes.clone(),
                    prefix: resolved.prefix,
                    shown,
                };
                preloads.image(key.original, !is_lazy, (!is_left).then_some(candidates));
            } else if slot.is_responsive() || self.is_on_other_host(slot) {
                has_large |= role == Role::First;
            }
        })?;
        if work > MOST_WORK {
            return Err(ScanError::Rules);
        }
        edits.extend(preloads.edits());
        edits.sort_by_key(|edit| edit.place.start);
        Ok(Edits { edits, is_settled })
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

    /// Calls `each` for every slot, with the image that it wants, if any.
    fn each(
        &self,
        path: &SitePath,
        page: &mut dyn Read,
        exact: Option<&Exact>,
        each: &mut EachSlot<'_>,
    ) -> Result<Page, ScanError> {
        scan(path, page, self.selectors, exact, &mut |page, slot| {
            let wanted = self.image(path, page.base.as_deref(), &slot);
            each(page, &slot, wanted);
        })
    }

    /// Calls `each` for every `<img>` of a feed that wants an image, with the prefix of absolute
    /// URLs. Leaves out images whose URL cannot be made absolute. Returns the rules that select
    /// elements.
    fn each_in_feed(
        &self,
        path: &SitePath,
        feed: &mut dyn Read,
        each: &mut EachInFeed<'_>,
    ) -> Result<SelectingRules, ScanError> {
        let mut rules = SelectingRules::default();
        let mut bytes = Vec::new();
        feed.take(feed::LARGEST).read_to_end(&mut bytes)?;
        if is_utf16(&bytes) && feed::is_feed(&String::from_utf8_lossy(&bytes).replace('\0', "")) {
            return Err(ScanError::Utf16);
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(rules);
        };
        for piece in feed::pieces(&text) {
            let html = &mut piece.html.as_bytes();
            let page = scan(path, html, self.selectors, None, &mut |page, slot| {
                let base = piece.base.as_deref().or(page.base.as_deref());
                let wanted = self.image(path, base, &slot);
                if let (Kind::Image, Some((key, resolved))) = (slot.kind, wanted) {
                    let prefix = self.absolute(resolved.prefix);
                    if prefix.contains("//") {
                        each(&piece, &slot, (key, prefix));
                    }
                }
            })?;
            rules.merge(page.rules);
        }
        Ok(rules)
    }

    fn image(
        &self,
        path: &SitePath,
        base: Option<&str>,
        slot: &Slot,
    ) -> Option<(ImageKey, Resolved)> {
        let is_left = slot.is_excluded || slot.is_responsive() || slot.kind == Kind::Preload;
        if is_left || slot.kind == Kind::Image && is_pixel(slot) {
            return None;
        }
        let preset = match (slot.rule, slot.kind) {
            (Some(rule), _) => match self.site.config.rules[rule].presets() {
                Some(names) => Cow::Owned(names.first()?.clone()),
                None => Cow::Borrowed(DEFAULT_BODY),
            },
            (None, Kind::Meta) => return None,
            (None, Kind::Style) => Cow::Borrowed(DEFAULT_LARGE),
            (None, _) => Cow::Borrowed(DEFAULT_BODY),
        };
        // All other elements show a single file.
        let preset = match slot.kind {
            Kind::Image | Kind::Preload => preset,
            Kind::Poster | Kind::Meta | Kind::Style => {
                Cow::Owned(self.site.presets.largest(&preset))
            }
        };
        let resolved = self.resolver.resolve(&slot.url, path, base)?;
        if self.site.is_output(&resolved.file) {
            return None;
        }
        let key = ImageKey {
            original: resolved.file.clone(),
            preset,
            focus: None,
        };
        Some((key, resolved))
    }

    /// Returns the file that a `<link>` preloads; `None` if the link must not be changed.
    fn preloaded(&self, path: &SitePath, page: &Page, slot: &Slot) -> Option<SitePath> {
        let presets = |rule: usize| self.site.config.rules[rule].presets();
        let is_excluded = slot.rule.and_then(presets).is_some_and(<[_]>::is_empty);
        if is_excluded || slot.is_responsive() {
            return None;
        }
        let base = page.base.as_deref();
        let resolved = self.resolver.resolve(&slot.url, path, base)?;
        Some(resolved.file)
    }

    /// Returns the prefix of URLs in an element. For social cards, it is absolute if the host is
    /// known.
    fn prefix(&self, slot: &Slot, resolved: Resolved) -> String {
        match slot.kind {
            Kind::Meta => self.absolute(resolved.prefix),
            _ => resolved.prefix,
        }
    }

    fn absolute(&self, prefix: String) -> String {
        match self.site.conventions.hosts.first() {
            Some(host) if !prefix.contains("//") => {
                format!("https://{host}{}/", self.site.conventions.base_path)
            }
            _ => prefix,
        }
    }

    /// Whether an image that is not changed is on another host. It may be the first large one.
    fn is_on_other_host(&self, slot: &Slot) -> bool {
        slot.url.contains("//") && !slot.url.trim_start().starts_with("data:")
    }
}

/// Returns the width of the largest candidate in pixels; without candidates, that of the image.
fn largest(content: &Content) -> Option<u32> {
    match content.srcset.last() {
        Some(last) => width_of(last),
        None => Some(content.dimensions.width),
    }
}

fn largest_listed(srcset: &str) -> Option<u32> {
    width_of(srcset.rsplit(',').next()?)
}

fn width_of(candidate: &str) -> Option<u32> {
    let descriptor = candidate.trim().rsplit(' ').next()?;
    descriptor.strip_suffix('w')?.parse().ok()
}
