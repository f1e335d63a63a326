//! Finds the elements of one page that show images: bytes go in as a stream, [`Slot`]s come out.
//! Memory does not grow with the text of the page.
//!
//! To the tokenizer, as to a browser that runs scripts, the content of `<noscript>` is text.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use lol_html::html_content::{Element, TextChunk};
use lol_html::{ElementContentHandlers, HtmlRewriter, MemorySettings, Selector, Settings};

use super::matching::{Exact, is_container};
use super::may_contain::MayContain;
use super::media::Applies;
use super::scan_error::{LARGEST_MEMORY, MOST_WORK, ScanError, is_utf16};
use super::selector::Node;
use super::slot::{Kind, Matched, Slot};
use super::style;
use super::targets::{Page, Selected, Selectors, sheet, sheets_without_script, unescaped};
use super::tree::{Tree, node};
use crate::path::SitePath;

/// Number of bytes that are read at once.
const CHUNK: usize = 64 << 10;
/// Size of a usual page, for which memory is reserved, in bytes.
const USUAL: usize = 32 << 10;
/// How much of the `<style>` elements of a page is read, in bytes.
const STYLES: usize = 1 << 20;
/// Pages smaller than this, in bytes, are searched for rare elements and attributes first.
const SEARCHED: usize = 256 << 10;

/// State that handlers share. The handlers of one element run in the order in which they were
/// added.
#[derive(Default)]
struct State {
    page: Page,
    tree: Rc<RefCell<Tree>>,
    /// Where the last `<style>` applies.
    style: Option<Applies>,
    /// Text of the current `<noscript>` so far.
    noscript: String,
    /// Byte offset of the last `<img>` in a `<picture>`.
    framed: Option<usize>,
    /// Whether the current `<picture>` has a `<source>`.
    has_source: bool,
    /// Number of comparisons with rules of style sheets.
    work: u64,
}

/// Callback for every slot. It also gets the base URL and style sheets that were read up to there.
pub(super) type Each<'e> = &'e mut dyn FnMut(&Page, Slot);

/// Calls `each` for every element of the page that may show an image, in order. Returns the base
/// URL and style sheets of the page.
pub(super) fn scan(
    path: &SitePath,
    page: &mut dyn Read,
    selectors: &Selectors,
    exact: Option<&Exact>,
    each: Each<'_>,
) -> Result<Page, ScanError> {
    let state = RefCell::new(State::default());
    let each = RefCell::new(each);
    let mut start = Vec::with_capacity(USUAL);
    (&mut *page).take(SEARCHED as u64).read_to_end(&mut start)?;
    if is_utf16(&start) {
        return Err(ScanError::Utf16);
    }
    let holds = if start.len() < SEARCHED {
        MayContain::of(&start)
    } else {
        MayContain::ALL
    };
    if !holds.any(!selectors.rules.is_empty()) {
        return Ok(Page::default());
    }
    let settings = settings(path, selectors, exact, holds, &state, &each);
    tokenize(&start, page, settings)?;
    let State { page, work, .. } = state.into_inner();
    if work > MOST_WORK {
        return Err(ScanError::Rules);
    }
    Ok(page)
}

fn settings<'h>(
    path: &SitePath,
    selectors: &'h Selectors,
    exact: Option<&'h Exact>,
    holds: MayContain,
    state: &'h RefCell<State>,
    each: &'h RefCell<Each<'_>>,
) -> Settings<'h, 'h> {
    let start = |element: &Element<'_, '_>| element.source_location().bytes().start;
    let on = |selector: &'h Selector, handler: Box<Handler<'h>>| {
        let handlers = ElementContentHandlers::default();
        let handlers = handlers.element(move |element: &mut Element<'_, '_>| {
            handler(element);
            Ok(())
        });
        (Cow::Borrowed(selector), handlers)
    };
    let mut settings = Settings::new()
        .with_strict(false)
        .with_adjust_charset_on_meta_tag(true)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(LARGEST_MEMORY));
    if holds.nested || exact.is_some() {
        let tree = state.borrow().tree.clone();
        let enter = move |element: &mut Element<'_, '_>| {
            match exact {
                Some(exact) => Tree::enter(&tree, element, Some(&|name: &str| exact.keeps(name))),
                None => Tree::enter(&tree, element, None),
            }
            Ok(())
        };
        let handlers = ElementContentHandlers::default().element(enter);
        settings =
            settings.append_element_content_handler((Cow::Borrowed(&selectors.any), handlers));
    }
    if holds.picture {
        settings = settings
            .append_element_content_handler(on(
                &selectors.picture,
                Box::new(move |_| state.borrow_mut().has_source = false),
            ))
            .append_element_content_handler(on(
                &selectors.source,
                Box::new(move |_| state.borrow_mut().has_source = true),
            ))
            .append_element_content_handler(on(
                &selectors.framed,
                Box::new(move |element| state.borrow_mut().framed = Some(start(element))),
            ));
    }
    for Selected { rule, selector, .. } in selectors.of_page(path) {
        let select = move |element: &Element<'_, '_>| {
            state.borrow_mut().page.rules.select(start(element), *rule);
        };
        settings = settings.append_element_content_handler(on(selector, Box::new(select)));
    }
    if holds.base {
        let note = move |element: &Element<'_, '_>| {
            let mut state = state.borrow_mut();
            let is_apart = state.tree.borrow().properties(start(element)).is_apart;
            if state.page.base.is_none() && !is_apart {
                let href = element.get_attribute("href");
                state.page.base = href.map(|href| unescaped(&href));
            }
        };
        settings = settings.append_element_content_handler(on(&selectors.base, Box::new(note)));
    }
    if holds.link {
        let note = move |element: &Element<'_, '_>| {
            state.borrow_mut().page.sheets.extend(sheet(element));
        };
        settings = settings.append_element_content_handler(on(&selectors.link, Box::new(note)));
    }
    if holds.noscript {
        let note = move |text: &mut TextChunk<'_>| {
            state.borrow_mut().note_without_script(text);
            Ok(())
        };
        let texts = ElementContentHandlers::default().text(note);
        settings =
            settings.append_element_content_handler((Cow::Borrowed(&selectors.noscript), texts));
    }
    let has_rules = !selectors.rules.is_empty();
    let elements = [
        (&selectors.elements, holds.style),
        (&selectors.image, holds.image && !holds.style),
        (&selectors.poster, holds.video && !holds.style),
        (&selectors.meta, holds.meta && has_rules && !holds.style),
        (&selectors.link, holds.preload && !holds.style),
    ];
    for (selector, _) in elements.into_iter().filter(|(_, is_there)| *is_there) {
        let show = move |element: &Element<'_, '_>| {
            if holds.style
                && element
                    .get_attribute("style")
                    .is_some_and(|own| is_container(&own))
            {
                state.borrow_mut().page.has_containers = true;
            }
            let mut state = state.borrow_mut();
            let slot = state.slot(element).filter(|_| state.work <= MOST_WORK);
            if let Some(mut slot) = slot {
                state.page.rules.shows_image(slot.tag.start);
                if slot.kind == Kind::Image && !slot.is_excluded {
                    slot.matched = exact.map(|exact| state.matched(element, exact));
                    state.work += slot.matched.as_ref().map_or(0, |matched| matched.work);
                }
                each.borrow_mut()(&state.page, slot);
            }
        };
        settings = settings.append_element_content_handler(on(selector, Box::new(show)));
    }
    if !holds.sheet {
        return settings;
    }
    let note_media = move |element: &mut Element<'_, '_>| {
        let media = element.get_attribute("media").unwrap_or_default();
        state.borrow_mut().style = Some(Applies::of(&unescaped(&media)));
        Ok(())
    };
    let add_style = move |text: &mut TextChunk<'_>| {
        state.borrow_mut().note_style(text);
        Ok(())
    };
    let handlers = ElementContentHandlers::default()
        .element(note_media)
        .text(add_style);
    settings.append_element_content_handler((Cow::Borrowed(&selectors.style), handlers))
}

type Handler<'h> = dyn Fn(&Element<'_, '_>) + 'h;

/// Tokenizes a page whose first bytes, `start`, were already read.
fn tokenize(
    start: &[u8],
    page: &mut dyn Read,
    settings: Settings<'_, '_>,
) -> Result<(), ScanError> {
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    for chunk in start.chunks(CHUNK) {
        rewriter.write(chunk)?;
    }
    if start.len() == SEARCHED {
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = match page.read(&mut chunk) {
                Ok(0) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            rewriter.write(&chunk[..length])?;
        }
    }
    Ok(rewriter.end()?)
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

    /// Adds to the text of a `<style>`.
    fn note_style(&mut self, text: &TextChunk<'_>) {
        let style = match self.style {
            Some(Applies::Never) => return,
            Some(Applies::Sometimes) => &mut self.page.conditional_style,
            Some(Applies::Always) | None => &mut self.page.style,
        };
        if style.len() < STYLES {
            style.push_str(text.as_str());
            if text.last_in_text_node() {
                style.push('\n');
            }
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
        Some(Slot {
            kind,
            url: value,
            place,
            is_important,
            is_background_sized,
            name_end: tag.start + 1 + name.len(),
            rule,
            matched: None,
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

/// Returns the slots of a page.
#[cfg(test)]
pub(super) fn slots(page: &str) -> Vec<Slot> {
    let mut found = Vec::new();
    let path = SitePath::normalise("a.html").expect("a path");
    let each: Each<'_> = &mut |_, slot| found.push(slot);
    scan(
        &path,
        &mut page.as_bytes(),
        &Selectors::new(&[]),
        None,
        each,
    )
    .expect("a page");
    found
}

/// Returns the first slot of a page.
#[cfg(test)]
pub(super) fn first(page: &str) -> Slot {
    slots(page).into_iter().next().expect("a slot")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns kinds and URLs of the slots of a page that may be changed.
    fn slots(page: &str) -> Vec<(Kind, String)> {
        let slots = super::slots(page).into_iter();
        let slots = slots.filter(|slot| !slot.is_excluded);
        slots.map(|slot| (slot.kind, slot.url)).collect()
    }

    #[test]
    fn rare_attributes_are_found_in_any_case_and_in_any_page() {
        let image = "<link rel=stylesheet href=a.css><img src=a.png>";
        let off = "<p DATA-planche='off'><img src=b.png></p>";
        let style = "<p STYLE\n= 'background:url(c.png)'>";
        let all = [(Kind::Image, "a.png"), (Kind::Style, "c.png")];
        let all = all.map(|(kind, url)| (kind, url.to_owned()));
        let page = format!("{image}{off}{style}");
        assert_eq!(slots(&page), all);
        assert_eq!(slots(image), all[..1]);
        // After the searched part, and across its end.
        for filler in [SEARCHED - 60, SEARCHED, 3 * SEARCHED] {
            let page = format!("{}{page}", "x".repeat(filler));
            assert_eq!(slots(&page), all, "{filler}");
        }
    }

    #[test]
    fn every_kind_of_element_is_found_alone_and_in_any_case() {
        for (page, kind) in [
            ("<IMG src=a.png>", Kind::Image),
            ("<Video POSTER=a.png>", Kind::Poster),
            ("<link rel=PreLoad as=image href=a.png>", Kind::Preload),
            ("<p style=background:url(a.png)>", Kind::Style),
        ] {
            assert_eq!(slots(page), [(kind, "a.png".to_owned())], "{page}");
        }
        assert_eq!(slots("<p>img, video, meta, style</p>"), []);
        assert_eq!(slots("<Picture><Source srcset=b><img src=a.png>").len(), 1);
        assert!(first("<Picture><Source srcset=b><img src=a.png>").has_source);
        assert!(!first("<Picture></Picture><img src=a.png>").is_in_picture);
    }

    #[test]
    fn pages_in_utf_16_are_refused() {
        let path = SitePath::normalise("a.html").unwrap();
        let starts = [&b"\xfe\xff"[..], b"\xff\xfe", b"<\0p\0", b"\0\n\0<\0"];
        for start in starts {
            let result = scan(
                &path,
                &mut &*start,
                &Selectors::new(&[]),
                None,
                &mut |_, _| {},
            );
            assert!(matches!(result, Err(ScanError::Utf16)));
        }
        assert!(!is_utf16(b"<p>\0") && !is_utf16(b"<\0\0\0") && !is_utf16(b"<\0p>"));
    }
}
