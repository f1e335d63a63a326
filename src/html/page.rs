//! One page: its bytes go in, its slots and the images that it wants (those to be made responsive)
//! come out.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use super::feed::{self, Piece, may_be_feed};
use super::fit::is_pixel;
use super::image_style::ImageStyle;
use super::matching::Exact;
use super::page_style::PageStyle;
use super::resolve::{Resolved, Resolver};
use super::scan::scan;
use super::scan_error::{ScanError, is_utf16};
use super::slot::{Kind, Slot};
use super::targets::{Page, SelectingRules, Selectors};
use crate::path::SitePath;
use crate::plan::ImageKey;
use crate::preset::{DEFAULT_BODY, DEFAULT_LARGE};
use crate::project::Site;

/// Largest number of images of a page that are kept to decide which style rules matter; with more,
/// all rules do.
const MOST_KEPT: usize = 500;

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
    /// `lays_out` is whether elements of the page may [lay out images](Page::lays_out).
    pub fn new(sheets: Arc<PageStyle>, slots: Option<&[Slot]>, lays_out: bool) -> Self {
        // Most images of a page have the same attributes, apart from their URLs.
        let mut seen = HashSet::new();
        let is_exact = slots.is_none_or(|slots| {
            let mut new = slots.iter().filter(|slot| seen.insert(slot.looks()));
            new.any(|slot| ImageStyle::new(&sheets, slot).is_undecided())
        });
        let is_exact = is_exact || lays_out;
        Style { sheets, is_exact }
    }

    /// Whether the style sheets may forbid that an image gets a `srcset`.
    pub fn may_forbid_srcset(&self) -> bool {
        self.sheets.may_forbid_srcset()
    }

    /// Returns the style sheets themselves.
    pub fn sheets(&self) -> &PageStyle {
        &self.sheets
    }

    /// Returns the rules to match exactly; `None` if no image depends on them.
    pub fn exact(&self) -> Option<&Exact> {
        self.is_exact.then(|| self.sheets.exact())
    }
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

    /// Returns the images that a page wants and whose `srcset` its style sheets do not
    /// [forbid](PageStyle::forbids_srcset).
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
            if slot.kind != Kind::Image || !style.sheets.forbids_srcset(slot, has_sizes) {
                used.push(key);
            }
        })?;
        Ok(used)
    }

    /// Calls `each` for every slot, with the image that it wants, if any.
    pub fn each(
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
    pub fn each_in_feed(
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
        let stays_unchanged =
            slot.is_excluded || slot.is_responsive() || slot.kind == Kind::Preload;
        if stays_unchanged || slot.kind == Kind::Image && is_pixel(slot) {
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

    /// Makes the prefix of URLs absolute, if the host is known.
    pub fn absolute(&self, prefix: String) -> String {
        match self.site.conventions.hosts.first() {
            Some(host) if !prefix.contains("//") => {
                format!("https://{host}{}/", self.site.conventions.base_path)
            }
            _ => prefix,
        }
    }
}
