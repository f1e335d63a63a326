//! The elements to look for on pages: compiled selectors, and links to style sheets.

use std::collections::BTreeSet;

use lol_html::Selector;
use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::link::Link;
use super::media::Applies;
use crate::config::{Glob, Rule};
use crate::path::SitePath;

/// Base URL and style sheets of a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The value of the first `<base href>`.
    pub base: Option<String>,
    /// The style sheets that links and `<style>` elements name, in order.
    pub sheets: Vec<Link>,
    /// Texts of the `<style>` elements that apply on every screen.
    pub style: String,
    /// Texts of those that apply under a condition.
    pub conditional_style: String,
    /// Whether elements may lay out images in a way of their own, whatever style sheets say: table
    /// cells and buttons, or flex containers and the like by their attributes `style`.
    pub lays_out: bool,
    pub rules: SelectingRules,
}

impl Page {
    /// The texts of the `<style>` elements that apply like this one. `None` for those that never
    /// do.
    pub fn styles(&mut self, applies: Applies) -> Option<&mut String> {
        match applies {
            Applies::Always => Some(&mut self.style),
            Applies::Sometimes => Some(&mut self.conditional_style),
            Applies::Never => None,
        }
    }
}

/// The rules that select elements of one or more pages, by index.
#[derive(Debug, Default)]
pub(super) struct SelectingRules {
    /// Those that are for one of the pages.
    pub pages: BTreeSet<usize>,
    /// Those that select an element.
    pub any: BTreeSet<usize>,
    /// Those that select an element that shows an image.
    pub images: BTreeSet<usize>,
    /// Byte offset of the last element that rules select, and these rules, in order.
    last: (usize, Vec<usize>),
}

impl SelectingRules {
    /// Notes that a rule selects the element at a byte offset. The rules of an element come in
    /// their order.
    pub fn select(&mut self, start: usize, rule: usize) {
        let (at, rules) = &mut self.last;
        if *at != start {
            *at = start;
            rules.clear();
        }
        rules.push(rule);
        self.any.insert(rule);
    }

    /// Returns the rules that select the element at a byte offset, which is the last one.
    pub fn at(&self, start: usize) -> &[usize] {
        let (at, rules) = &self.last;
        if *at == start { rules } else { &[] }
    }

    /// Notes that the last element, at a byte offset, shows an image.
    pub fn shows_image(&mut self, start: usize) {
        let (at, rules) = &self.last;
        if *at == start {
            self.images.extend(rules);
        }
    }

    /// Adds the rules of another page.
    pub fn merge(&mut self, mut other: SelectingRules) {
        self.pages.append(&mut other.pages);
        self.any.append(&mut other.any);
        self.images.append(&mut other.images);
    }
}

/// Compiled selectors of the elements to look for.
#[derive(Debug)]
pub(super) struct Selectors {
    /// Any element.
    pub any: Selector,
    pub picture: Selector,
    pub source: Selector,
    pub framed: Selector,
    /// Elements that may show images, on a page with `style` attributes. The selector for any
    /// element makes the tokenizer read the attributes of each one, which takes three times as
    /// long.
    pub elements: Selector,
    /// The parts of `elements`, for pages without `style`: each selector costs time for every tag.
    pub image: Selector,
    pub poster: Selector,
    pub meta: Selector,
    pub link: Selector,
    pub base: Selector,
    pub noscript: Selector,
    pub style: Selector,
    pub rules: Vec<Selected>,
}

/// Selector of a rule in the configuration.
#[derive(Debug)]
pub(super) struct Selected {
    /// Index of the rule.
    pub rule: usize,
    pub selector: Selector,
    /// Pages that the rule is for; `None` for all.
    pub files: Option<Glob>,
}

impl Selectors {
    /// Compiles the selectors of the rules.
    pub fn new(rules: &[Rule]) -> Self {
        let fixed = |text: &str| text.parse::<Selector>().expect("the selector is valid");
        let rules = rules.iter().enumerate();
        Selectors {
            any: fixed("*"),
            picture: fixed("picture"),
            source: fixed("picture source"),
            framed: fixed("picture img"),
            elements: fixed("img, video[poster], meta[content], link[href], [style]"),
            image: fixed("img"),
            poster: fixed("video[poster]"),
            meta: fixed("meta[content]"),
            link: fixed("link[href]"),
            base: fixed("base[href]"),
            noscript: fixed("noscript"),
            style: fixed("style"),
            rules: rules
                .filter_map(|(index, rule)| {
                    Some(Selected {
                        rule: index,
                        selector: rule.select.as_ref()?.compile(),
                        files: rule.files.clone(),
                    })
                })
                .collect(),
        }
    }

    /// Returns the rules for a page, in order.
    pub fn of_page(&self, path: &SitePath) -> impl Iterator<Item = &Selected> {
        self.rules.iter().filter(move |selected| {
            let files = selected.files.as_ref();
            files.is_none_or(|glob| glob.matches_or_holds(path.as_str()))
        })
    }
}

/// Returns the style sheet that a `<link>` applies: immediately or, if it is preloaded, is for
/// print or is an alternate one, by a script in its `onload`. `None` if no screen gets it.
pub(super) fn sheet(link: &Element<'_, '_>) -> Option<Link> {
    let value = |name: &str| link.get_attribute(name).unwrap_or_default();
    let rel = value("rel").to_ascii_lowercase();
    let is = |word: &str| rel.split_ascii_whitespace().any(|rel| rel == word);
    let is_preloaded = is("preload") && value("as").trim().eq_ignore_ascii_case("style");
    if !is("stylesheet") && !is_preloaded {
        return None;
    }
    let script = value("onload").to_ascii_lowercase();
    let mut applies = Applies::of(&unescaped(&value("media")));
    if applies == Applies::Never && script.contains("media") {
        applies = Applies::Always;
    }
    if is("alternate") && !script.contains("rel") {
        applies = Applies::Never;
    }
    (applies != Applies::Never).then(|| Link {
        href: unescaped(&value("href")),
        applies,
    })
}

/// Returns the style sheets in a `<noscript>`: where scripts run, a script applies them instead.
pub(super) fn sheets_without_script(html: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let links = element!("link[href]", |link| {
        found.extend(sheet(link));
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(links);
    // HTML that cannot be parsed has none.
    let _ = rewrite_str(html, settings);
    found
}

/// Decodes the character references in the value of an attribute.
pub(super) fn unescaped(value: &str) -> String {
    htmlize::unescape_attribute(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::scan;

    /// Returns the base URL and the style sheets of a page.
    fn page(page: &str) -> Page {
        let path = SitePath::normalise("a.html").unwrap();
        let selectors = Selectors::new(&[]);
        scan(
            &path,
            &mut page.as_bytes(),
            &selectors,
            None,
            &mut |_, _| {},
        )
        .unwrap()
    }

    #[test]
    fn the_first_base_of_the_document_counts() {
        for (bases, expected) in [
            ("<base target=a><base href=/a/><base href=/b/>", Some("/a/")),
            (
                "<template><base href=/a/></template><base href=/b/>",
                Some("/b/"),
            ),
            ("<svg><base href=/a/></svg>", None),
            (
                "<svg><foreignObject><base href=/a/></foreignObject></svg>",
                None,
            ),
            ("<noscript><base href=/a/></noscript>", None),
            ("<base href='/a&amp;b/'>", Some("/a&b/")),
        ] {
            let page = page(&format!("{bases}<img src=a.png>"));
            assert_eq!(page.base.as_deref(), expected, "{bases}");
        }
    }

    #[test]
    fn style_sheets_that_scripts_apply_count() {
        let links = "<link rel=preload as=style href=a.css onload=\"this.rel='stylesheet'\">\
            <link rel='alternate StyleSheet' href=b.css><link rel=preload as=image href=c.png>\
            <link rel=preload as=Style href=d.css><link rel=icon href=e.png><NOSCRIPT> <link \
            rel=stylesheet href='f.css?a&amp;b'><img src=g.png></NOSCRIPT><link href=h.css>";
        let page = page(&format!("{links}<img src=a.png>"));
        let sheets = page.sheets.iter();
        let sheets: Vec<(&str, bool)> = sheets
            .map(|link| (link.href.as_str(), link.applies == Applies::Always))
            .collect();
        let expected = [("a.css", true), ("d.css", true), ("f.css?a&b", true)];
        assert_eq!(sheets, expected);
    }

    #[test]
    fn style_sheets_of_fonts_and_for_print_are_told_apart() {
        let links = "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=A'>\
            <link rel=stylesheet href=//use.typekit.net/a.css><link rel=stylesheet href=fonts.css>\
            <link rel=stylesheet href=https://cdn.example/font-awesome@6/all.min.css>\
            <link rel=stylesheet media=print href=a.css><link rel=stylesheet media=' Screen' href=b.css>\
            <link rel=stylesheet media=print href=c.css onload=\"this.media='all'\">\
            <link rel=stylesheet media='(width > 1px)' href=https://cdn.example/fonts.css>";
        let page = page(&format!("{links}<img src=a.png>"));
        let sheets = page.sheets.iter();
        let sheets: Vec<(bool, bool)> = sheets
            .map(|link| (link.is_of_fonts(), link.applies == Applies::Always))
            .collect();
        let expected = [
            (true, true),
            (true, true),
            (false, true),
            (false, true),
            (false, true),
            (false, true),
            (false, false),
        ];
        assert_eq!(sheets, expected);
    }
}
