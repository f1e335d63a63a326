//! Reads the style sheets of pages: links go in, the rules that may decide the size of images come
//! out. Every file is read once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cascade::{Cascade, Rank};
use super::declared::Declared;
use super::fit::{Fit, fit};
use super::lengths::{Property, Value};
use super::matching::Exact;
use super::presence::{Attributes, Tested};
use super::resolve::Resolver;
use super::selector::{Match, Selector};
use super::sheet::{Sheet, SizeRule};
use super::slot::{Place, Slot};
use super::targets::Page;
use crate::path::{PathMap, SitePath};
use crate::picture::units::Dimensions;
use crate::site::Root;

/// Largest style sheet that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Number of rules of one page that are matched exactly; all further ones may match.
const MOST_EXACT: usize = 4000;
/// Length of a `rem` in CSS pixels, if no style sheet declares another one.
const REM: f64 = 16.0;

/// Arbitrary dimensions of an image, used where only the kind of fit matters.
const ANY: Dimensions = Dimensions {
    width: 1009,
    height: 503,
};

/// The style sheets that were read, by file and by page style.
pub(super) struct Sheets<'r> {
    root: &'r Root,
    files: Mutex<PathMap<SitePath, Option<Arc<Sheet>>>>,
    styles: Mutex<HashMap<StyleKey, Arc<PageStyle>>>,
}

/// The files, each with whether it certainly applies; whether a file is unknown; and the texts of
/// `<style>` elements, those under a condition apart.
type StyleKey = (Vec<(SitePath, bool)>, bool, String, String);

/// All style sheets of a page, combined.
#[derive(Debug)]
pub(super) struct PageStyle {
    rules: Vec<PageRule>,
    exact: Exact,
    tested: Vec<Tested>,
    /// Largest possible length of a `rem`, in CSS pixels; `None` if unknown.
    rem: Option<f64>,
    /// Whether a style sheet could not be read, such as one of another host.
    is_unknown: bool,
}

/// A rule of a style sheet.
#[derive(Debug)]
struct PageRule {
    rule: SizeRule,
    /// Whether its selector is matched exactly.
    is_exact: bool,
    /// Whether the rule may match later although it does not match now.
    depends_on_scripts: bool,
}

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
        let files: Vec<Option<(SitePath, bool)>> = links
            .map(|link| {
                let resolved = resolver.resolve(&link.href, path, page.base.as_deref())?;
                Some((resolved.file, link.is_certain))
            })
            .collect();
        let is_unknown = files.iter().any(Option::is_none);
        let files: Vec<(SitePath, bool)> = files.into_iter().flatten().collect();
        let texts = (page.style.clone(), page.conditional_style.clone());
        let key = (files, is_unknown, texts.0, texts.1);
        let styles = || self.styles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = styles().get(&key) {
            return known.clone();
        }
        let mut style = PageStyle {
            is_unknown,
            ..PageStyle::default()
        };
        for (file, is_certain) in &key.0 {
            match self.file(file) {
                Some(sheet) => style.add(&sheet, *is_certain),
                None => style.is_unknown = true,
            }
        }
        for (text, is_certain) in [(&key.2, true), (&key.3, false)] {
            style.add(&Sheet::read(text), is_certain);
            style.is_unknown |= imports(text);
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

/// Returns the harmless facts that a rule declares for an element that its selector matches.
fn if_matched(rule: &SizeRule) -> Declared {
    let harmless = rule.declared.harmless();
    if rule.is_conditional {
        let must_stay_child = harmless.must_stay_child;
        return Declared {
            must_stay_child,
            ..Declared::default()
        };
    }
    harmless
}

impl Default for PageStyle {
    fn default() -> Self {
        PageStyle {
            rules: Vec::new(),
            exact: Exact::default(),
            tested: Vec::new(),
            rem: Some(REM),
            is_unknown: false,
        }
    }
}

impl PageStyle {
    /// Adds the rules of a style sheet. Those of one that applies under a condition count as if
    /// they were in `@media`.
    fn add(&mut self, sheet: &Sheet, is_certain: bool) {
        self.is_unknown |= sheet.is_cut;
        self.tested.extend_from_slice(&sheet.tested);
        for rule in &sheet.rules {
            let mut rule = rule.clone();
            rule.is_conditional |= !is_certain;
            let matters = !if_matched(&rule).is_empty() || !rule.declarations.is_empty();
            let is_exact = rule.selector.is_some() && matters && self.rules.len() < MOST_EXACT;
            if let (Some(selector), true) = (&rule.parsed, is_exact) {
                self.exact.add(self.rules.len(), selector.clone());
            }
            self.rules.push(PageRule {
                is_exact: is_exact && rule.parsed.is_some(),
                depends_on_scripts: rule
                    .parsed
                    .as_ref()
                    .is_some_and(Selector::depends_on_scripts),
                rule,
            });
        }
        self.exact.add_parents(sheet);
        for size in &sheet.root {
            self.rem = match (self.rem, size) {
                (Some(rem), Value::Pixels(size)) => Some(rem.max(*size)),
                _ => None,
            };
        }
    }

    /// Returns the rules to match exactly while the page is read, if an image [is
    /// undecided](Self::is_undecided).
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// Whether the attributes to add to an image depend on the rules to match exactly. Matching
    /// costs more than the rest of a scan, and rarely changes anything where
    /// `img { max-width: 100%; height: auto }` applies.
    pub fn is_undecided(&self, slot: &Slot) -> bool {
        let taking = || self.taking(slot).map(|(_, rule)| rule);
        let open = || taking().filter(|rule| rule.rule.selector.is_some());
        let place = self.exact.possible_place();
        if open().next().is_none() && place == Place::default() {
            return false;
        }
        let decided = self.declared(slot);
        if place.is_item && !decided.width {
            return true;
        }
        // A length in CSS may decide the width.
        let is_length = |rule: &PageRule| {
            let mut declarations = rule.rule.declarations.iter();
            declarations.any(|of| matches!(of.value, Value::Pixels(_) | Value::Rem(_)))
        };
        if taking().any(is_length) || open().any(|rule| rule.rule.declared.width_auto) {
            return true;
        }
        let cascade = self.cascade(slot);
        let fit = |declared| fit(slot, ANY, declared, &cascade);
        let without = fit(decided);
        // The open rules may not match, so that what they endanger is safe.
        let certain = taking().filter(|rule| rule.rule.selector.is_none());
        let certain = certain.map(|rule| {
            let dangerous = rule.rule.declared.dangerous();
            dangerous.with(if_matched(&rule.rule))
        });
        if fit(certain.fold(self.unknown(), Declared::with)) != without {
            return true;
        }
        let facts = open().map(|rule| if_matched(&rule.rule));
        let facts = facts.fold(Declared::default(), Declared::with);
        if facts.is_empty() {
            return false;
        }
        facts.some().any(|some| fit(decided.with(some)) != without)
            || slot.is_sized() && open().any(|rule| rule.sets(Property::Width))
    }

    /// Returns the rules that may apply to an element, with their numbers.
    fn taking<'p>(&'p self, slot: &'p Slot) -> impl Iterator<Item = (usize, &'p PageRule)> {
        let rules = self.rules.iter().enumerate();
        rules.filter(move |(_, rule)| rule.rule.may_take(slot))
    }

    /// Whether the rule `number`, which may apply to the element, matches it.
    fn matches(&self, slot: &Slot, number: usize) -> Match {
        let rule = &self.rules[number];
        match (&rule.rule.selector, &slot.matched) {
            (None, _) => Match::Yes,
            (Some(_), Some(matched)) if rule.is_exact => matched.rule(number),
            (Some(_), _) => Match::Maybe,
        }
    }

    /// Computes the fit of an image with the given natural dimensions.
    pub fn fit(&self, slot: &Slot, natural: Dimensions) -> Fit {
        let barred = self.barred(slot);
        let mut declared = self.declared(slot);
        // One dimension by itself could distort the image.
        declared.width_auto |= barred.has("width") || barred.has("height");
        Fit {
            barred,
            ..fit(slot, natural, declared, &self.cascade(slot))
        }
    }

    /// Returns the attributes that an image must not get, because the rules that apply to it depend
    /// on whether it has them.
    pub fn barred(&self, slot: &Slot) -> Attributes {
        Tested::lacking(&self.tested, slot)
    }

    /// Returns what style sheets that could not be read may declare.
    fn unknown(&self) -> Declared {
        Declared {
            limits_width: self.is_unknown,
            ..Declared::default()
        }
    }

    /// Returns what the style sheets may declare for an element.
    fn declared(&self, slot: &Slot) -> Declared {
        self.taking(slot)
            .fold(self.unknown(), |all, (number, rule)| {
                let dangerous = rule.rule.declared.dangerous();
                match self.matches(slot, number) {
                    Match::Yes => all.with(dangerous).with(if_matched(&rule.rule)),
                    Match::Maybe => all.with(dangerous),
                    // Once the rule matches, an attribute would distort an image of limited height,
                    // but not one of automatic width.
                    Match::No if rule.depends_on_scripts => all.with(Declared {
                        width_auto: false,
                        ..dangerous
                    }),
                    Match::No => all,
                }
            })
    }

    /// Returns the declarations of style sheets that apply or may apply to an element.
    fn cascade(&self, slot: &Slot) -> Cascade {
        let place = slot.matched.as_ref().map(|matched| matched.place);
        let mut cascade = Cascade::default();
        cascade.rem = self.rem;
        cascade.is_partial = self.is_unknown;
        cascade.place = place.unwrap_or_else(|| self.exact.possible_place());
        for (order, rule) in self.taking(slot) {
            let matches = self.matches(slot, order);
            let is_out = matches == Match::No && !rule.depends_on_scripts;
            let rule = &rule.rule;
            if is_out || rule.declarations.is_empty() {
                continue;
            }
            let rank = Rank {
                is_own: false,
                is_layered: rule.is_layered,
                specificity: rule.specificity(),
                order,
            };
            let is_certain = matches == Match::Yes && !(rule.is_conditional || rule.is_layered);
            cascade.add(&rule.declarations, rank, is_certain);
        }
        cascade
    }
}

impl PageRule {
    fn sets(&self, property: Property) -> bool {
        let mut declarations = self.rule.declarations.iter();
        declarations.any(|of| of.property == property)
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
            style.add(&Sheet::read(css), true);
            style
        };
        let fluid = "img{max-width:100%;height:auto}";
        for (css, image, expected) in [
            ("", "", false),
            (fluid, "", false),
            // A height is added if the image is in no card.
            (".card img{width:100%}", "", true),
            (
                "img{max-width:100%;height:auto}.card img{width:100%}",
                "",
                false,
            ),
            // The attribute decides how wide the image is, unless the image is in a card.
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
            ("@media (width > 1px) {.card img{width:100%}}", "", true),
            ("@media (width > 1px) {a > img{width:100%}}", "", true),
        ] {
            let slot = first(&format!("<img src=a.png {image}>"));
            assert_eq!(of(css).is_undecided(&slot), expected, "{css} {image}");
        }
    }
}
