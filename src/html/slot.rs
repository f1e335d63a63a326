//! A place of a page that shows an image.

use std::ops::Range;

use super::declared::Declared;

/// What shows the image.
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
    /// The value of the attribute that contains the URL; for a style, the end of the declaration.
    pub place: Range<usize>,
    /// Whether that declaration is `!important`.
    pub is_important: bool,
    /// The start tag.
    pub tag: Range<usize>,
    /// The end of the element's name, where attributes are added.
    pub name_end: usize,
    /// Index of the first rule that selects the element.
    pub rule: Option<usize>,
    /// What rules of style sheets that match exactly declare.
    pub exact: Declared,
    /// Names of the attributes.
    pub present: Vec<String>,
    /// Whether it is not to be changed.
    pub is_off: bool,
    /// Whether readers do not see it when the page has loaded.
    pub is_unseen: bool,
    pub srcset: Option<String>,
    pub sizes: Option<String>,
    pub width: Option<String>,
    pub height: Option<String>,
    pub style: Option<String>,
    pub class: Option<String>,
    pub id: Option<String>,
    /// Whether `loading="lazy"` is there.
    pub is_lazy: bool,
    /// Whether it is in a `<picture>`.
    pub is_framed: bool,
    /// Whether that `<picture>` has a `<source>`.
    pub has_source: bool,
}

impl Slot {
    pub fn has(&self, attribute: &str) -> bool {
        self.present.iter().any(|name| name == attribute)
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
        self.has_source || CHOSEN.iter().any(|name| self.has(name))
    }
}
