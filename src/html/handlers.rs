//! The handlers that the tokenizer calls for the elements of one page. They find its [`Slot`]s, its
//! base URL and its style sheets.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::{Element, TextChunk};
use lol_html::{ElementContentHandlers, MemorySettings, Selector, Settings};

use super::link::{Link, imports};
use super::matching::{Exact, may_lay_out};
use super::may_contain::MayContain;
use super::media::Applies;
use super::scan_error::{LARGEST_MEMORY, MOST_WORK};
use super::selector::Node;
use super::slot::{Kind, LATER, Matched, Slot};
use super::style;
use super::targets::{Page, Selected, Selectors, sheet, sheets_without_script, unescaped};
use super::tree::{Tree, node};
use crate::path::SitePath;
use crate::reference::looks_like_image;

/// How much of the `<style>` elements of a page is read, in bytes.
const STYLES: usize = 1 << 20;

/// State that handlers share. The handlers of one element run in the order in which they were
/// added.
#[derive(Default)]
pub(super) struct State {
    pub page: Page,
    tree: Rc<RefCell<Tree>>,
    /// Where the last `<style>` applies, and where its text starts among those of the page.
    style: Option<(Applies, usize)>,
    /// Text of the current `<noscript>` so far.
    noscript: String,
    /// Byte offset of the last `<img>` in a `<picture>`.
    framed: Option<usize>,
    /// Whether the current `<picture>` has a `<source>`.
    has_source: bool,
    /// Number of comparisons with rules of style sheets.
    pub work: u64,
}

/// Callback for every slot. It also gets the base URL and style sheets that were read up to there.
pub(super) type OnSlot<'f> = &'f mut dyn FnMut(&Page, Slot);

/// A handler, and the selector of the elements that it is called for.
type Handler<'h> = (Cow<'h, Selector>, ElementContentHandlers<'h>);

/// Makes the handlers of one page. Every handler costs time, some of it at every tag, so elements
/// that the page cannot contain get none.
pub(super) struct Handlers<'h, 'f> {
    pub path: &'h SitePath,
    pub selectors: &'h Selectors,
    /// The rules to match exactly, if there are any.
    pub exact: Option<&'h Exact>,
    pub may_contain: MayContain,
    pub state: &'h RefCell<State>,
    pub on_slot: &'h RefCell<OnSlot<'f>>,
}

impl<'h> Handlers<'h, '_> {
    /// Returns the settings of a tokenizer that calls the handlers. Those of
    /// slots come after those that note what slots depend on.
    pub fn settings(&self) -> Settings<'h, 'h> {
        let settings = Settings::new()
            .with_strict(false)
            .with_adjust_charset_on_meta_tag(true)
            .with_memory_settings(
                MemorySettings::new().with_max_allowed_memory_usage(LARGEST_MEMORY),
            );
        let noting = self.ancestors().into_iter().chain(self.pictures());
        let noting = noting.chain(self.rules()).chain(self.base());
        let noting = noting.chain(self.links()).chain(self.noscript());
        let handlers = noting.chain(self.slots()).chain(self.styles());
        handlers.fold(settings, Settings::append_element_content_handler)
    }

    /// Keeps track of the elements around the current one.
    fn ancestors(&self) -> Option<Handler<'h>> {
        if !self.may_contain.nested && self.exact.is_none() {
            return None;
        }
        let exact = self.exact;
        let tree = self.state.borrow().tree.clone();
        let enter = move |element: &mut Element<'_, '_>| {
            match exact {
                Some(exact) => Tree::enter(&tree, element, Some(&|name: &str| exact.keeps(name))),
                None => Tree::enter(&tree, element, None),
            }
            Ok(())
        };
        let handlers = ElementContentHandlers::default().element(enter);
        Some((Cow::Borrowed(&self.selectors.any), handlers))
    }

    /// Notes which images are in a `<picture>`, and whether it has a `<source>`.
    fn pictures(&self) -> impl Iterator<Item = Handler<'h>> + use<'h> {
        let (selectors, state) = (self.selectors, self.state);
        let handlers = self.may_contain.picture.then(|| {
            [
                on(&selectors.picture, move |_| {
                    state.borrow_mut().has_source = false;
                }),
                on(&selectors.source, move |_| {
                    state.borrow_mut().has_source = true;
                }),
                on(&selectors.framed, move |element| {
                    state.borrow_mut().framed = Some(start(element));
                }),
            ]
        });
        handlers.into_iter().flatten()
    }

    /// Notes which rules of the configuration select an element.
    fn rules(&self) -> impl Iterator<Item = Handler<'h>> + use<'h> {
        let state = self.state;
        let rules = self.selectors.of_page(self.path);
        rules.map(move |Selected { rule, selector, .. }| {
            on(selector, move |element| {
                state.borrow_mut().page.rules.select(start(element), *rule);
            })
        })
    }

    /// Notes the base URL.
    fn base(&self) -> Option<Handler<'h>> {
        let state = self.state;
        let note = move |element: &Element<'_, '_>| {
            let mut state = state.borrow_mut();
            let is_apart = state.tree.borrow().properties(start(element)).is_apart;
            if state.page.base.is_none() && !is_apart {
                let href = element.get_attribute("href");
                state.page.base = href.map(|href| unescaped(&href));
            }
        };
        let may_contain = self.may_contain.base;
        may_contain.then(|| on(&self.selectors.base, note))
    }

    /// Notes the style sheets that the page links to.
    fn links(&self) -> Option<Handler<'h>> {
        let state = self.state;
        let note = move |element: &Element<'_, '_>| {
            state.borrow_mut().page.sheets.extend(sheet(element));
        };
        let may_contain = self.may_contain.link;
        may_contain.then(|| on(&self.selectors.link, note))
    }

    /// Notes the style sheets in `<noscript>`.
    fn noscript(&self) -> Option<Handler<'h>> {
        let state = self.state;
        let note = move |text: &mut TextChunk<'_>| {
            state.borrow_mut().note_without_script(text);
            Ok(())
        };
        let handlers = || ElementContentHandlers::default().text(note);
        let may_contain = self.may_contain.noscript;
        may_contain.then(|| (Cow::Borrowed(&self.selectors.noscript), handlers()))
    }

    /// Calls `on_slot` for the elements that may show images.
    fn slots(&self) -> impl Iterator<Item = Handler<'h>> {
        let selectors = self.selectors;
        let MayContain {
            style,
            image,
            video,
            meta,
            preload,
            ..
        } = self.may_contain;
        let has_rules = !selectors.rules.is_empty();
        let elements = [
            (&selectors.elements, style),
            (&selectors.image, image && !style),
            (&selectors.poster, video && !style),
            (&selectors.meta, meta && has_rules && !style),
            (&selectors.link, preload && !style),
        ];
        let elements = elements
            .into_iter()
            .filter(|(_, may_be_there)| *may_be_there);
        elements.map(move |(selector, _)| self.slot(selector))
    }

    /// Calls `on_slot` for the elements of one selector.
    fn slot(&self, selector: &'h Selector) -> Handler<'h> {
        let (exact, state, on_slot) = (self.exact, self.state, self.on_slot);
        let may_have_style = self.may_contain.style;
        on(selector, move |element| {
            let mut state = state.borrow_mut();
            if may_have_style {
                let own = element.get_attribute("style");
                state.page.lays_out |= own.is_some_and(|own| may_lay_out(&own));
            }
            let slot = state.slot(element).filter(|_| state.work <= MOST_WORK);
            if let Some(mut slot) = slot {
                state.page.rules.shows_image(slot.tag.start);
                if slot.kind == Kind::Image && !slot.is_excluded {
                    slot.matched = exact.map(|exact| state.matched(element, exact));
                    state.work += slot.matched.as_ref().map_or(0, |matched| matched.work);
                }
                on_slot.borrow_mut()(&state.page, slot);
            }
        })
    }

    /// Notes the texts of `<style>` elements.
    fn styles(&self) -> Option<Handler<'h>> {
        let state = self.state;
        let note_media = move |element: &mut Element<'_, '_>| {
            let media = element.get_attribute("media").unwrap_or_default();
            let mut state = state.borrow_mut();
            let applies = Applies::of(&unescaped(&media));
            let start = state.page.styles(applies).map(|text| text.len());
            state.style = start.map(|start| (applies, start));
            Ok(())
        };
        let add_style = move |text: &mut TextChunk<'_>| {
            state.borrow_mut().note_style(text);
            Ok(())
        };
        let handlers = || {
            ElementContentHandlers::default()
                .element(note_media)
                .text(add_style)
        };
        let may_contain = self.may_contain.sheet;
        may_contain.then(|| (Cow::Borrowed(&self.selectors.style), handlers()))
    }
}

/// Returns a handler that is called for each element that the selector matches.
fn on<'h>(selector: &'h Selector, handler: impl Fn(&Element<'_, '_>) + 'h) -> Handler<'h> {
    let handlers = ElementContentHandlers::default();
    let handlers = handlers.element(move |element: &mut Element<'_, '_>| {
        handler(element);
        Ok(())
    });
    (Cow::Borrowed(selector), handlers)
}

/// Returns the byte offset of an element.
fn start(element: &Element<'_, '_>) -> usize {
    element.source_location().bytes().start
}

impl State {
    /// Returns the rules of style sheets that match or may match an image.
    fn matched(&self, element: &Element<'_, '_>, exact: &Exact) -> Matched {
        let image = Node {
            name: element.tag_name(),
            ..node(element, &|name| exact.keeps(name))
        };
        let tree = self.tree.borrow();
        tree.path(&image, |path| exact.matched(path))
    }

    /// Adds to the text of a `<style>`. At its end, adds the style sheets that it imports to the
    /// page.
    fn note_style(&mut self, text: &TextChunk<'_>) {
        let Some((applies, start)) = self.style else {
            return;
        };
        let Some(styles) = self.page.styles(applies) else {
            return;
        };
        if styles.len() >= STYLES {
            return;
        }
        styles.push_str(text.as_str());
        if text.last_in_text_node() {
            let imported = imports(&styles[start..]).into_iter();
            styles.push('\n');
            self.page.sheets.extend(imported.map(|link| Link {
                applies: link.applies.min(applies),
                ..link
            }));
        }
    }

    /// Adds to the text of a `<noscript>`. At its end, adds the style sheets in it to the page.
    fn note_without_script(&mut self, text: &TextChunk<'_>) {
        if self.noscript.len() < STYLES {
            self.noscript.push_str(text.as_str());
        }
        if text.last_in_text_node() {
            let html = std::mem::take(&mut self.noscript);
            self.page.sheets.extend(sheets_without_script(&html));
        }
    }

    /// Returns the slot of an element; `None` if it shows no image, or must be skipped.
    fn slot(&self, element: &Element<'_, '_>) -> Option<Slot> {
        let tag = element.source_location().bytes();
        let is_here = |place: Option<usize>| place == Some(tag.start);
        let properties = self.tree.borrow().properties(tag.start);
        let is_excluded = properties.is_excluded || element.has_attribute("eleventy:ignore");
        let name = element.tag_name();
        let rule = self.page.rules.at(tag.start).first().copied();
        // Every call of `name` allocates a string.
        let attributes = element.attributes().iter();
        let attributes: Vec<_> = attributes.map(|own| (own.name(), own)).collect();
        let value = |name: &str| {
            let mut attributes = attributes.iter();
            let (_, attribute) = attributes.find(|(own, _)| own == name)?;
            let place = attribute.value_source_location()?.bytes();
            let value = htmlize::unescape_attribute(attribute.value()).into_owned();
            Some((value, place))
        };
        let text = |name: &str| value(name).map(|(value, _)| value);
        let is = |name: &str, wanted: &str| {
            text(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
        };
        let (kind, attribute) = match name.as_str() {
            "img" if element.has_attribute("src") => (Kind::Image, "src"),
            "video" if element.has_attribute("poster") => (Kind::Poster, "poster"),
            "link" if is("rel", "preload") && is("as", "image") => (Kind::Preload, "href"),
            "meta" if rule.is_some() => (Kind::Meta, "content"),
            _ if element.has_attribute("style") => (Kind::Style, "style"),
            _ => return None,
        };
        if is_excluded && kind != Kind::Image {
            return None;
        }
        let (mut value, mut place) = value(attribute)?;
        let (mut is_important, mut is_background_sized) = (false, false);
        if kind == Kind::Style {
            let found = style::background(&value)?;
            let written = element.get_attribute(attribute)?;
            // In other encodings, characters of several bytes would shift the offset.
            if written.len() != place.len() {
                return None;
            }
            let end = place.start + style::written_offset(&written, found.declaration_end)?;
            place = end..end;
            is_important = found.is_important;
            is_background_sized = found.is_sized;
            value = found.url;
        }
        // The same attributes may have other uses, such as the address of a page to share.
        let is_other = |url: &str| looks_like_image(url) && url.trim() != value.trim();
        let mut later = LATER.iter().filter_map(|name| text(name));
        let is_replaced = later.any(|url| is_other(&url));
        Some(Slot {
            kind,
            url: value,
            place,
            is_important,
            is_background_sized,
            name_end: tag.start + 1 + name.len(),
            rule,
            matched: None,
            is_replaced,
            is_excluded,
            is_unseen: properties.is_unseen,
            srcset: text("srcset"),
            sizes: text("sizes"),
            width: text("width"),
            height: text("height"),
            style: text("style"),
            class: text("class"),
            id: text("id"),
            is_lazy: is("loading", "lazy"),
            is_in_picture: is_here(self.framed),
            has_source: is_here(self.framed) && self.has_source,
            tag: tag.clone(),
            present: attributes.into_iter().map(|(name, _)| name).collect(),
        })
    }
}
