//! A place of a page that shows an image.

use std::ops::Range;

use super::selector::Match;

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
    /// Which rules of style sheets match it, if they were tried.
    pub matched: Option<Matched>,
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

/// Which rules of style sheets match an element.
#[derive(Clone, Debug, Default)]
pub(super) struct Matched {
    /// The numbers of those that may match, ascending.
    pub rules: Vec<(usize, Match)>,
    /// Whether the parent of the element may stretch it.
    pub is_stretched: bool,
}

impl Matched {
    /// Whether the rule with a number matches.
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

    /// The attributes that style sheets and the size depend on.
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

    /// Whether its attributes say how large it is.
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
        self.has_source || CHOSEN.iter().any(|name| self.has(name))
    }
}
