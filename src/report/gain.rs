//! What readers gain: the bytes of images that a phone and a desktop load, with and without
//! planche.

use schemars::JsonSchema;
use serde::Serialize;

use crate::picture::units::ByteSize;

/// The images of all articles, each article counted as one page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Gain {
    /// Articles with at least one image.
    pub articles: usize,
    /// A window of 390 CSS pixels with 2 device pixels each.
    pub phone: Page,
    /// A window of 1440 CSS pixels with 1 device pixel each.
    pub desktop: Page,
}

/// Bytes of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Page {
    /// The originals.
    pub before: u64,
    /// What a browser chooses from the records.
    pub after: u64,
}

impl Page {
    #[must_use]
    pub fn plus(self, other: Page) -> Page {
        Page {
            before: self.before + other.before,
            after: self.after + other.after,
        }
    }

    /// The change in percent, such as `−80%`.
    pub fn percent(self) -> String {
        let change = (self.after as f64 / self.before.max(1) as f64 - 1.0) * 100.0;
        match change.round() {
            // Only nothing at all is 100% less.
            -100.0 if self.after > 0 => "−99%".to_owned(),
            0.0 => "±0%".to_owned(),
            change if change < 0.0 => format!("−{}%", -change),
            change => format!("+{change}%"),
        }
    }
}

impl Gain {
    #[must_use]
    pub fn plus(self, other: Gain) -> Gain {
        Gain {
            articles: self.articles + other.articles,
            phone: self.phone.plus(other.phone),
            desktop: self.desktop.plus(other.desktop),
        }
    }

    /// Whether readers load exactly as many bytes as without planche.
    pub fn is_none(&self) -> bool {
        let pages = [self.phone, self.desktop];
        pages.iter().all(|page| page.before == page.after)
    }

    /// Returns what the gain covers and its condition, as the heading of a table.
    pub fn of(&self) -> String {
        let articles = super::words::plural(self.articles, "article");
        format!("images of {articles}, once templates use the records")
    }

    /// Returns the gain and its condition as one sentence without a final period. The condition is
    /// always stated, because planche does not know every template.
    pub fn sentence(&self) -> String {
        let (phone, desktop) = (self.phone, self.desktop);
        let articles = super::words::plural(self.articles, "article");
        format!(
            "once templates use the records, a phone loads {} instead of {} ({}) for {articles}; a \
             desktop, {} ({})",
            ByteSize(phone.after),
            ByteSize(phone.before),
            phone.percent(),
            ByteSize(desktop.after),
            desktop.percent()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_hundred_percent_only_if_nothing_is_left() {
        for (before, after, expected) in [
            (2_411_724, 6_758, "−99%"),
            (1000, 0, "−100%"),
            (1000, 200, "−80%"),
            (1000, 1000, "±0%"),
            (1000, 1200, "+20%"),
        ] {
            assert_eq!(Page { before, after }.percent(), expected);
        }
    }
}
