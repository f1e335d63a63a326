//! Reads the style sheets of pages: links go in, the rules that may decide the size of images come
//! out. Every file is read once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::media::Applies;
use super::page_style::PageStyle;
use super::resolve::Resolver;
use super::sheet::Sheet;
use super::targets::Page;
use crate::path::{PathMap, SitePath};
use crate::site::Root;

/// Largest style sheet that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// The style sheets that were read, by file and by page style.
pub(super) struct Sheets<'r> {
    root: &'r Root,
    files: Mutex<PathMap<SitePath, Option<Arc<Sheet>>>>,
    styles: Mutex<HashMap<StyleKey, Arc<PageStyle>>>,
}

/// The files, each with when it applies; whether a file is unknown; the texts of `<style>` elements
/// that always apply; and the texts of those that apply under a condition.
type StyleKey = (Vec<(SitePath, Applies)>, bool, String, String);

impl<'r> Sheets<'r> {
    pub fn new(root: &'r Root) -> Self {
        Sheets {
            root,
            files: Mutex::default(),
            styles: Mutex::default(),
        }
    }

    /// Returns the style of a page. Pages with the same style sheets share it.
    pub fn style(&self, page: &Page, path: &SitePath, resolver: &Resolver<'_>) -> Arc<PageStyle> {
        let links = page.sheets.iter().filter(|link| !link.is_of_fonts());
        let mut files: Vec<(SitePath, Applies)> = Vec::new();
        let mut is_unknown = false;
        for link in links {
            match resolver.resolve(&link.href, path, page.base.as_deref()) {
                Some(resolved) => files.push((resolved.file, link.applies)),
                None => is_unknown |= !link.is_of_icons(),
            }
        }
        let texts = (page.style.clone(), page.conditional_style.clone());
        let key = (files, is_unknown, texts.0, texts.1);
        let styles = || self.styles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = styles().get(&key) {
            return known.clone();
        }
        let mut style = PageStyle::new(is_unknown);
        for (file, applies) in &key.0 {
            match self.file(file) {
                Some(sheet) => style.add(&sheet, *applies),
                None => style.add_unknown(),
            }
        }
        for (text, applies) in [(&key.2, Applies::Always), (&key.3, Applies::Sometimes)] {
            style.add(&Sheet::read(text), applies);
            if imports(text) {
                style.add_unknown();
            }
        }
        styles()
            .entry(key)
            .or_insert_with(|| Arc::new(style))
            .clone()
    }

    fn file(&self, path: &SitePath) -> Option<Arc<Sheet>> {
        let files = || self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files().get(path) {
            return known.clone();
        }
        let read = self.root.read(path, LARGEST).ok();
        let read = read.and_then(|(bytes, _)| {
            let text = decoded(&bytes)?;
            (!imports(&text)).then(|| Arc::new(Sheet::read(&text)))
        });
        files().entry(path.clone()).or_insert(read).clone()
    }
}

/// Decodes a style sheet by its byte order mark. Returns `None` for UTF-16 without one.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        Some(Cow::Owned(String::from_utf16_lossy(&units)))
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => Some(String::from_utf8_lossy(rest)),
        _ if bytes.contains(&0) => None,
        _ => Some(String::from_utf8_lossy(bytes)),
    }
}

/// Whether a style sheet imports another one, so that it is known only in part.
fn imports(text: &str) -> bool {
    let name = "import";
    let mut rules = text
        .split('@')
        .skip(1)
        .filter_map(|rule| rule.get(..name.len()));
    rules.any(|start| start.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheets_are_decoded_by_their_byte_order_mark() {
        let css = "img{max-width:100%}";
        let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = format!("\u{feff}{css}");
            units.encode_utf16().flat_map(unit).collect()
        };
        let utf8 = format!("\u{feff}{css}").into_bytes();
        let [big, little] = [utf16(u16::to_be_bytes), utf16(u16::to_le_bytes)];
        for bytes in [css.as_bytes(), &utf8, &big, &little] {
            assert_eq!(decoded(bytes).as_deref(), Some(css), "{bytes:?}");
        }
        assert_eq!(decoded(&big[2..]), None);
        assert!(imports("a{} @IMPORT 'b.css'") && !imports("@media import"));
    }
}
