//! The style sheets of pages: their links go in, the rules that may decide the size of images come
//! out. Every file is read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::declared::Declared;
use super::resolve::Resolver;
use super::scan::{Exact, Page};
use super::sheet::{SizeRule, rules};
use super::slot::Slot;
use crate::path::{PathMap, SitePath};
use crate::site::Root;

/// Largest style sheet that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Rules of one page that are matched exactly; further ones count as if they did not match.
const MOST_EXACT: usize = 200;

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
        // A style sheet that imports another one says only a part.
        style.is_unknown |= key.2.contains("@import");
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
            let text = String::from_utf8_lossy(&bytes);
            (!text.contains("@import")).then(|| Arc::new(rules(&text)))
        });
        files().entry(path.clone()).or_insert(read).clone()
    }
}

impl PageStyle {
    fn add(&mut self, rules: &[SizeRule]) {
        for rule in rules {
            let harmless = rule.declared.harmless();
            let harmless = if rule.is_conditional {
                Declared {
                    is_child: harmless.is_child,
                    ..Declared::default()
                }
            } else {
                harmless
            };
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

    /// Rules to match exactly while the page is read.
    pub fn exact(&self) -> &Exact {
        &self.exact
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
