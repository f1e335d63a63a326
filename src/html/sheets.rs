//! The style sheets of pages: their links go in, the rules that may decide the size of images come
//! out. Every file is read once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::declared::Declared;
use super::fit::fit;
use super::resolve::Resolver;
use super::scan::{Exact, Page};
use super::sheet::{SizeRule, rules};
use super::slot::Slot;
use crate::path::{PathMap, SitePath};
use crate::picture::units::Dimensions;
use crate::site::Root;

/// Largest style sheet that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Rules of one page that are matched exactly; further ones count as if they did not match.
const MOST_EXACT: usize = 200;

/// The size of an image, where only the kind of fit counts.
const ANY: Dimensions = Dimensions {
    width: 1009,
    height: 503,
};

/// The style sheets that were read.
pub(super) struct Sheets<'r> {
    root: &'r Root,
    files: Mutex<PathMap<SitePath, Option<Arc<Vec<SizeRule>>>>>,
    styles: Mutex<HashMap<StyleKey, Arc<PageStyle>>>,
}

/// The files, whether one is unknown, and the texts of `<style>` elements.
type StyleKey = (Vec<SitePath>, bool, String);

/// All style sheets of a page together.
#[derive(Debug, Default)]
pub(super) struct PageStyle {
    rules: Vec<SizeRule>,
    exact: Vec<(lol_html::Selector, Declared)>,
    /// Whether a style sheet could not be read, such as one of another host.
    is_unknown: bool,
}

impl<'r> Sheets<'r> {
    pub fn new(root: &'r Root) -> Self {
        Sheets {
            root,
            files: Mutex::default(),
            styles: Mutex::default(),
        }
    }

    /// The style of a page. Pages with the same style sheets share it.
    pub fn style(&self, page: &Page, path: &SitePath, resolver: &Resolver<'_>) -> Arc<PageStyle> {
        let links = page.sheets.iter();
        let files: Vec<Option<SitePath>> = links
            .map(|href| resolver.resolve(href, path, page.base.as_deref()))
            .map(|resolved| resolved.map(|resolved| resolved.file))
            .collect();
        let is_unknown = files.iter().any(Option::is_none);
        let files: Vec<SitePath> = files.into_iter().flatten().collect();
        let key = (files, is_unknown, page.style.clone());
        let styles = || self.styles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = styles().get(&key) {
            return known.clone();
        }
        let mut style = PageStyle {
            is_unknown,
            ..PageStyle::default()
        };
        for file in &key.0 {
            match self.file(file) {
                Some(rules) => style.add(&rules),
                None => style.is_unknown = true,
            }
        }
        style.add(&rules(&key.2));
        style.is_unknown |= imports(&key.2);
        styles()
            .entry(key)
            .or_insert_with(|| Arc::new(style))
            .clone()
    }

    fn file(&self, path: &SitePath) -> Option<Arc<Vec<SizeRule>>> {
        let files = || self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files().get(path) {
            return known.clone();
        }
        let read = self.root.read(path, LARGEST).ok();
        let read = read.and_then(|(bytes, _)| {
            let text = decoded(&bytes)?;
            (!imports(&text)).then(|| Arc::new(rules(&text)))
        });
        files().entry(path.clone()).or_insert(read).clone()
    }
}

/// The text of a style sheet, by its byte order mark. Returns `None` for UTF-16 without one.
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

/// Whether a style sheet imports another one: it says only a part.
fn imports(text: &str) -> bool {
    let name = "import";
    let mut rules = text
        .split('@')
        .skip(1)
        .filter_map(|rule| rule.get(..name.len()));
    rules.any(|start| start.eq_ignore_ascii_case(name))
}

/// The harmless facts that a rule declares for an element that its selector matches.
fn if_matched(rule: &SizeRule) -> Declared {
    let harmless = rule.declared.harmless();
    if rule.is_conditional {
        let is_child = harmless.is_child;
        return Declared {
            is_child,
            ..Declared::default()
        };
    }
    harmless
}

impl PageStyle {
    fn add(&mut self, rules: &[SizeRule]) {
        for rule in rules {
            let harmless = if_matched(rule);
            if let Some(selector) = &rule.selector
                && !harmless.is_empty()
                && self.exact.len() < MOST_EXACT
                && let Ok(selector) = selector.parse()
            {
                self.exact.push((selector, harmless));
            }
            self.rules.push(rule.clone());
        }
    }

    /// Rules to match exactly while the page is read, if an image [is undecided](Self::is_undecided).
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// Whether what may be added to an image depends on the rules to match exactly. They cost more
    /// than the rest of a scan, and where `img { max-width: 100%; height: auto }` holds, they rarely
    /// change anything.
    pub fn is_undecided(&self, slot: &Slot) -> bool {
        let open = self.rules.iter().filter(|rule| rule.selector.is_some());
        let open = open.filter(|rule| rule.may_take(slot)).map(if_matched);
        let open = open.fold(Declared::default(), Declared::with);
        if open.is_empty() {
            return false;
        }
        let decided = self.declared(slot);
        let without = fit(slot, ANY, decided);
        open.some()
            .any(|some| fit(slot, ANY, decided.with(some)) != without)
    }

    /// What the style sheets declare for an element.
    pub fn declared(&self, slot: &Slot) -> Declared {
        let unknown = Declared {
            limits_width: self.is_unknown,
            ..Declared::default()
        };
        let rules = self.rules.iter().filter(|rule| rule.may_take(slot));
        rules.fold(slot.exact.with(unknown), |all, rule| {
            let is_certain = rule.selector.is_none() && !rule.is_conditional;
            let all = all.with(rule.declared.dangerous());
            if is_certain {
                all.with(rule.declared.harmless())
            } else {
                all
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::first;

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

    #[test]
    fn exact_rules_matter_only_where_they_may_change_what_is_added() {
        let of = |css: &str| {
            let mut style = PageStyle::default();
            style.add(&rules(css));
            style
        };
        let fluid = "img{max-width:100%;height:auto}";
        for (css, image, expected) in [
            ("", "", false),
            (fluid, "", false),
            (".card img{width:100%}", "", false),
            (
                "img{max-width:100%;height:auto}.card img{width:100%}",
                "",
                false,
            ),
            // The attribute says how wide the image is, unless a card does.
            (
                "img{max-width:100%;height:auto}.card img{width:100%}",
                "width=90",
                true,
            ),
            (
                "img{max-width:100%;height:auto}.card img.x{width:100%}",
                "width=90",
                false,
            ),
            (
                "img{max-width:100%;height:auto}.card img.x{width:100%}",
                "width=90 class=x",
                true,
            ),
            ("img{max-height:9em}.card img{width:100%}", "", true),
            ("a > img{color:red}", "", true),
            ("@media (width > 1px) {.card img{width:100%}}", "", false),
            ("@media (width > 1px) {a > img{width:100%}}", "", true),
        ] {
            let slot = first(&format!("<img src=a.png {image}>"));
            assert_eq!(of(css).is_undecided(&slot), expected, "{css} {image}");
        }
    }
}
