//! The elements that are looked for.

use lol_html::Selector;
use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};

use crate::config::{Glob, Rule};

/// The elements that are looked for.
#[derive(Debug)]
pub(super) struct Selectors {
    /// Any element.
    pub any: Selector,
    pub picture: Selector,
    pub source: Selector,
    pub framed: Selector,
    /// On a page with `style` attributes. A selector for any element makes the tokenizer read the
    /// attributes of each one, which takes three times as long.
    pub elements: Selector,
    /// The parts of `elements` for pages without: each costs time for every tag.
    pub image: Selector,
    pub poster: Selector,
    pub meta: Selector,
    pub link: Selector,
    pub base: Selector,
    pub noscript: Selector,
    pub style: Selector,
    pub rules: Vec<Selected>,
}

/// The elements of a rule.
#[derive(Debug)]
pub(super) struct Selected {
    /// Index of the rule.
    pub rule: usize,
    pub selector: Selector,
    /// The pages of the rule.
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
}

/// The URL of the style sheet that a `<link>` applies, at once or, if it is preloaded, by a script.
pub(super) fn sheet(link: &Element<'_, '_>) -> Option<String> {
    let value = |name: &str| link.get_attribute(name).unwrap_or_default();
    let rel = value("rel").to_ascii_lowercase();
    let is = |word: &str| rel.split_ascii_whitespace().any(|rel| rel == word);
    let is_preloaded = is("preload") && value("as").trim().eq_ignore_ascii_case("style");
    (is("stylesheet") || is_preloaded).then(|| unescaped(&value("href")))
}

/// The URLs of the style sheets in a `<noscript>`: a script applies them in their stead.
pub(super) fn sheets_without_script(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let links = element!("link[href]", |link| {
        found.extend(sheet(link));
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(links);
    // What cannot be read has none.
    let _ = rewrite_str(html, settings);
    found
}

/// The value of an attribute without character references.
pub(super) fn unescaped(value: &str) -> String {
    htmlize::unescape_attribute(value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::{Page, scan};
    use crate::path::SitePath;

    /// What a page says apart from its images.
    fn page(page: &str) -> Page {
        let path = SitePath::normalise("a.html").unwrap();
        let selectors = Selectors::new(&[]);
        scan(&path, &mut page.as_bytes(), &selectors, &[], &mut |_, _| {}).unwrap()
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
        assert_eq!(page.sheets, ["a.css", "b.css", "d.css", "f.css?a&b"]);
    }
}
