//! Finds the elements of one page that show images: bytes go in as a stream, [slots](super::slot)
//! come out. Memory does not grow with the text of the page.
//!
//! To the tokenizer, as to a browser that runs scripts, the content of `<noscript>` is text.

use std::cell::RefCell;
use std::io::{self, Read};

use lol_html::{HtmlRewriter, Settings};

use super::handlers::{Handlers, OnSlot, State};
use super::matching::Exact;
use super::may_contain::MayContain;
use super::scan_error::{MOST_WORK, ScanError, is_utf16};
#[cfg(test)]
use super::slot::Slot;
use super::targets::{Page, Selectors};
use crate::path::SitePath;

/// Number of bytes that are read at once.
const CHUNK: usize = 64 << 10;
/// Size of a usual page, for which memory is reserved, in bytes.
const USUAL: usize = 32 << 10;
/// Pages smaller than this, in bytes, are searched for rare elements and attributes first.
const SEARCHED: usize = 256 << 10;

/// Calls `on_slot` for every element of the page that may show an image, in order. Returns the base
/// URL and style sheets of the page.
pub(super) fn scan(
    path: &SitePath,
    page: &mut dyn Read,
    selectors: &Selectors,
    exact: Option<&Exact>,
    on_slot: OnSlot<'_>,
) -> Result<Page, ScanError> {
    let state = RefCell::new(State::default());
    let on_slot = RefCell::new(on_slot);
    let mut start = Vec::with_capacity(USUAL);
    (&mut *page).take(SEARCHED as u64).read_to_end(&mut start)?;
    if is_utf16(&start) {
        return Err(ScanError::Utf16);
    }
    let may_contain = if start.len() < SEARCHED {
        MayContain::of(&start)
    } else {
        MayContain::ALL
    };
    if !may_contain.any(!selectors.rules.is_empty()) {
        return Ok(Page::default());
    }
    state.borrow_mut().page.lays_out = may_contain.fitting;
    let handlers = Handlers {
        path,
        selectors,
        exact,
        may_contain,
        state: &state,
        on_slot: &on_slot,
    };
    tokenize(&start, page, handlers.settings())?;
    let State { page, work, .. } = state.into_inner();
    if work > MOST_WORK {
        return Err(ScanError::Rules);
    }
    Ok(page)
}

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

/// Returns the slots of a page.
#[cfg(test)]
pub(super) fn slots(page: &str) -> Vec<Slot> {
    let mut found = Vec::new();
    let path = SitePath::normalise("a.html").expect("a path");
    let on_slot: OnSlot<'_> = &mut |_, slot| found.push(slot);
    scan(
        &path,
        &mut page.as_bytes(),
        &Selectors::new(&[]),
        None,
        on_slot,
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
    use crate::html::slot::Kind;

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
