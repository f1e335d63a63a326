//! An element of a page that shows an image.

use std::ops::Range;

use super::selector::Match;

/// Attributes whose image a script puts into `src`, as jquery.lazyload, slick, Echo.js, Flickity
/// and hexo-lazyload-image do. A `srcset` would keep the browser from showing it.
pub(super) const LATER: [&str; 7] = [
    "data-echo",
    "data-flickity-lazyload",
    "data-flickity-lazyload-src",
    "data-lazy",
    "data-lazyload",
    "data-original",
    "data-url",
];

/// Element and attribute that show an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `<img src>`.
    Image,
    /// `<link rel="preload" as="image" href>`.
    Preload,
    /// `<video poster>`.
    Poster,
    /// `<meta content>`, selected by a rule.
    Meta,
    /// `background` or `background-image` in a `style` attribute.
    Style,
}

/// An element that shows an image. Offsets are bytes of the page.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub kind: Kind,
    /// The URL, without character references.
    pub url: String,
    /// Byte range of the value of the attribute with the URL; for a style, an empty range at the
    /// end of the declaration.
    pub place: Range<usize>,
    /// Whether the declaration with the URL is `!important`.
    pub is_important: bool,
    /// Whether the style says how large the background is drawn.
    pub is_background_sized: bool,
    /// Byte range of the start tag.
    pub tag: Range<usize>,
    /// Byte offset of the end of the element's name, where attributes are added.
    pub name_end: usize,
    /// Index of the first rule that selects the element.
    pub rule: Option<usize>,
    /// Rules of style sheets that match or may match the element; `None` if none were tried.
    pub matched: Option<Matched>,
    /// Names of the attributes.
    pub present: Vec<String>,
    /// Whether a script will replace the image by another one, whose URL is in one of [`LATER`].
    pub is_replaced: bool,
    /// Whether the element must not be changed.
    pub is_excluded: bool,
    /// Whether readers do not see the element when the page has loaded.
    pub is_unseen: bool,
    pub srcset: Option<String>,
    pub sizes: Option<String>,
    pub width: Option<String>,
    pub height: Option<String>,
    pub style: Option<String>,
    pub class: Option<String>,
    pub id: Option<String>,
    /// Whether the element has `loading="lazy"`.
    pub is_lazy: bool,
    /// Whether the element is in a `<picture>`.
    pub is_in_picture: bool,
    /// Whether that `<picture>` has a `<source>`.
    pub has_source: bool,
}

/// How the ancestors of an element lay it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Whether the parent may stretch the element.
    pub is_stretched: bool,
    /// Whether the element may be an item of a flex or grid container.
    pub is_item: bool,
    /// Whether an ancestor may be as wide as its content, such as a table cell or a float.
    pub is_fitted: bool,
}

/// Rules of style sheets that match or may match an element.
#[derive(Clone, Debug, Default)]
pub(super) struct Matched {
    /// Numbers of the rules, in ascending order; [`Match::No`] for one that only a script could make
    /// match.
    pub rules: Vec<(usize, Match)>,
    pub place: Place,
    /// Largest possible font size, in CSS pixels; `None` if it is unknown, or nothing depends on
    /// it.
    pub em: Option<f64>,
    /// Number of comparisons that this took.
    pub work: u64,
}

impl Matched {
    /// Whether the rule `number` matches.
    pub fn rule(&self, number: usize) -> Match {
        let found = self
            .rules
            .binary_search_by_key(&number, |(number, _)| *number);
        found.map_or(Match::No, |at| self.rules[at].1)
    }
}

impl Slot {
    pub fn has(&self, attribute: &str) -> bool {
        self.present.iter().any(|name| name == attribute)
    }

    /// Returns the attributes that matching rules and the size depend on.
    pub fn looks(&self) -> [Option<&str>; 5] {
        [
            &self.class,
            &self.id,
            &self.style,
            &self.width,
            &self.height,
        ]
        .map(Option::as_deref)
    }

    /// Whether an attribute may declare a size.
    pub fn is_sized(&self) -> bool {
        self.width.is_some() || self.height.is_some() || self.style.is_some()
    }

    /// Whether the page's author or another tool has already chosen candidates, or a script will.
    pub fn is_responsive(&self) -> bool {
        const CHOSEN: [&str; 5] = [
            "srcset",
            "data-src",
            "data-srcset",
            "data-lazy-src",
            "imagesrcset",
        ];
        self.has_source || self.is_replaced || CHOSEN.iter().any(|name| self.has(name))
    }
}
