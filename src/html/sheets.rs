//! Reads the style sheets of pages: links go in, the rules that may decide the size of images come
//! out. Every file is read once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::link::Link;
use super::media::Applies;
use super::page_style::PageStyle;
use super::resolve::Resolver;
use super::sheet::Sheet;
use super::targets::Page;
use crate::path::{PathMap, SitePath};
use crate::site::Root;

/// Largest style sheet that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Largest number of files that one link of a page leads to by imports, which are followed by
/// recursion.
const MOST_IMPORTED: usize = 64;

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
        let mut files: Vec<(SitePath, Applies)> = Vec::new();
        let mut is_unknown = false;
        for link in &page.sheets {
            match lead(link, path, page.base.as_deref(), resolver) {
                Lead::File(file) => files.push((file, link.applies)),
                Lead::Unknown => is_unknown = true,
                Lead::Harmless => {}
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
            self.add(file, *applies, resolver, &mut HashSet::new(), &mut style);
        }
        for (text, applies) in [(&key.2, Applies::Always), (&key.3, Applies::Sometimes)] {
            style.add(&Sheet::read(text), applies);
        }
        styles()
            .entry(key)
            .or_insert_with(|| Arc::new(style))
            .clone()
    }

    /// Adds a file, after the style sheets that it imports, to a page's style. `seen` are the files
    /// that were added for the same link.
    fn add(
        &self,
        file: &SitePath,
        applies: Applies,
        resolver: &Resolver<'_>,
        seen: &mut HashSet<SitePath>,
        style: &mut PageStyle,
    ) {
        if seen.len() == MOST_IMPORTED {
            return style.add_unknown();
        }
        if !seen.insert(file.clone()) {
            return;
        }
        let Some(sheet) = self.file(file) else {
            return style.add_unknown();
        };
        for link in &sheet.imports {
            match lead(link, file, None, resolver) {
                Lead::File(imported) => {
                    let applies = applies.min(link.applies);
                    self.add(&imported, applies, resolver, seen, style);
                }
                Lead::Unknown => style.add_unknown(),
                Lead::Harmless => {}
            }
        }
        style.add(&sheet, applies);
    }

    fn file(&self, path: &SitePath) -> Option<Arc<Sheet>> {
        let files = || self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files().get(path) {
            return known.clone();
        }
        let read = self.root.read(path, LARGEST).ok();
        let read = read.and_then(|(bytes, _)| Some(Arc::new(Sheet::read(&decoded(&bytes)?))));
        files().entry(path.clone()).or_insert(read).clone()
    }
}

/// What a link to a style sheet leads to.
enum Lead {
    File(SitePath),
    /// A style sheet that cannot be read, such as one of another host.
    Unknown,
    /// Such a style sheet that only declares fonts or icons.
    Harmless,
}

/// Follows a link of the page or style sheet at `from`.
fn lead(link: &Link, from: &SitePath, base: Option<&str>, resolver: &Resolver<'_>) -> Lead {
    if link.is_of_fonts() {
        return Lead::Harmless;
    }
    match resolver.resolve(&link.href, from, base) {
        Some(resolved) => Lead::File(resolved.file),
        None if link.is_of_icons() => Lead::Harmless,
        None => Lead::Unknown,
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
    }
}
