//! The style of one image: the rules of a page that may apply to it go in, the attributes to add to
//! it come out.

use super::cascade::{Cascade, Rank};
use super::declared::{Declared, of_attribute};
use super::fit::{Fit, fit, with_auto};
use super::lengths::{Declaration, Property, Value};
use super::media::Applies;
use super::page_style::{PageRule, PageStyle};
use super::presence::Tests;
use super::selector::Match;
use super::slot::{Place, Slot};
use crate::picture::units::Dimensions;

/// Number of rules for images like one image up to which it is worth finding out whether they must
/// be matched exactly.
const FEW: usize = 1000;

/// Arbitrary dimensions of an image, used where only the kind of fit matters.
const ANY: Dimensions = Dimensions {
    width: 1009,
    height: 503,
};

/// The rules of a page that may apply to one image, by its class and id and, if that is known, by
/// its ancestors.
pub(super) struct ImageStyle<'p> {
    page: &'p PageStyle,
    slot: &'p Slot,
    /// In ascending order.
    rules: Vec<Applicable<'p>>,
    /// Number of rules that were looked at.
    looked_at: usize,
}

/// A rule that may apply.
struct Applicable<'p> {
    /// Number of the rule.
    order: usize,
    rule: &'p PageRule,
    /// Whether its selector matches the image; [`Match::No`] if only a script could make it match.
    matches: Match,
}

/// Values of the attributes that an image would get.
pub(super) struct Values<'v> {
    pub srcset: &'v dyn Fn() -> String,
    /// The `sizes` of the preset.
    pub sizes: Option<&'v str>,
}

impl<'p> ImageStyle<'p> {
    pub fn new(page: &'p PageStyle, slot: &'p Slot) -> Self {
        let numbers = page.applicable_rules(slot);
        let looked_at = numbers.len();
        let rules = numbers.into_iter().filter_map(|order| {
            let rule = &page.rules[order];
            rule.size.may_apply_to(slot).then(|| Applicable {
                order,
                rule,
                matches: page.matches(slot, order),
            })
        });
        ImageStyle {
            page,
            slot,
            rules: rules.collect(),
            looked_at,
        }
    }

    /// Whether the attributes to add to the image depend on the rules to match exactly. Matching
    /// costs more than the rest of a scan, and rarely changes anything where
    /// `img { max-width: 100%; height: auto }` applies.
    pub fn is_undecided(&self) -> bool {
        if self.looked_at > FEW {
            return true;
        }
        if !self.page.is_unknown && self.has_em() {
            return true;
        }
        let all = || self.rules.iter().map(|applicable| applicable.rule);
        let open = || all().filter(|rule| rule.size.selector.is_some());
        let decided = self.declared();
        // A length in CSS may decide the width.
        let is_length = |rule: &PageRule| {
            let mut declarations = rule.size.declarations.iter();
            declarations.any(|of| matches!(of.value, Value::Pixels(_) | Value::Rem(_)))
        };
        if all().any(is_length) || open().any(|rule| rule.size.declared.width_auto) {
            return true;
        }
        let cascade = self.cascade();
        let fit_in = |cascade: &Cascade, declared| fit(self.slot, ANY, declared, cascade);
        let fit = |declared| fit_in(&cascade, declared);
        let without = fit(decided);
        let mut apart = cascade.clone();
        apart.place = Place::default();
        if fit_in(&apart, decided) != without {
            return true;
        }
        // The open rules may not match, so that what they endanger is safe.
        let certain = all().filter(|rule| rule.size.selector.is_none());
        let certain = certain.map(|rule| {
            let dangerous = rule.size.declared.dangerous();
            dangerous.with(rule.if_matched())
        });
        if fit(certain.fold(self.unknown(), Declared::with)) != without {
            return true;
        }
        let facts = open().map(PageRule::if_matched);
        let facts = facts.fold(Declared::default(), Declared::with);
        facts.some().any(|some| fit(decided.with(some)) != without)
            || self.slot.is_sized() && open().any(|rule| sets(rule, Property::Width))
    }

    /// Whether a length in `em` may decide the size of the image: its font size follows from rules
    /// that are matched exactly.
    fn has_em(&self) -> bool {
        let is_em = |declaration: &Declaration| matches!(declaration.value, Value::Em(_));
        let own = self
            .slot
            .style
            .as_deref()
            .map(|style| of_attribute(style).1);
        let mut rules = self.rules.iter();
        own.iter().flatten().any(is_em)
            || rules.any(|of| of.rule.size.declarations.iter().any(is_em))
    }

    /// Returns the number of rules and comparisons that [`Self::fit`] goes through.
    pub fn work(&self) -> u64 {
        let matched = self.slot.matched.as_ref();
        matched.map_or(0, |matched| matched.work) + self.looked_at as u64
    }

    /// Computes the fit of the image with the given natural dimensions, if it would get these
    /// values.
    pub fn fit(&self, natural: Dimensions, values: &Values<'_>) -> Fit {
        let slot = self.slot;
        let tests = self.page.presence.of(slot);
        let mut declared = self.declared();
        let cascade = self.cascade();
        let mut fitting = fit(slot, natural, declared, &cascade);
        let is_tested = |name, value: Option<u32>| {
            value.is_some_and(|value| tests.matches_value(name, &value.to_string()))
        };
        if is_tested("width", fitting.width) || is_tested("height", fitting.height) {
            // One dimension by itself could distort the image.
            declared.width_auto = true;
            fitting = fit(slot, natural, declared, &cascade);
        }
        if let Some(preset) = values.sizes.filter(|_| tests.has_test_of("sizes")) {
            let sizes = fitting.sizes.value(preset);
            if tests.matches_value("sizes", &sizes) {
                fitting.barred.insert("sizes");
            }
            fitting.may_be_auto &= !tests.matches_value("sizes", &with_auto(&sizes));
        }
        if tests.has_test_of("srcset") && tests.matches_value("srcset", &(values.srcset)()) {
            fitting.barred.insert("srcset");
        }
        bar(&mut fitting, &tests);
        fitting
    }

    /// Returns the fit of an SVG: it gets no dimensions and no candidates.
    pub fn fit_of_vector(&self) -> Fit {
        let mut fit = Fit::none();
        bar(&mut fit, &self.page.presence.of(self.slot));
        fit
    }

    /// Returns what style sheets that could not be read may declare.
    fn unknown(&self) -> Declared {
        Declared {
            limits_width: self.page.is_unknown,
            ..Declared::default()
        }
    }

    /// Returns what the style sheets may declare for the image.
    fn declared(&self) -> Declared {
        self.rules.iter().fold(self.unknown(), |all, applicable| {
            let rule = applicable.rule;
            let dangerous = rule.size.declared.dangerous();
            match applicable.matches {
                Match::Yes => all.with(dangerous).with(rule.if_matched()),
                Match::Maybe => all.with(dangerous),
                // Once a script makes the rule match, an attribute would distort an image of limited
                // height, but not one of automatic width.
                Match::No => all.with(Declared {
                    width_auto: false,
                    ..dangerous
                }),
            }
        })
    }

    /// Returns the declarations of style sheets that apply or may apply to the image.
    fn cascade(&self) -> Cascade {
        let is_unknown = self.page.is_unknown;
        let matched = self.slot.matched.as_ref();
        let place = matched.map(|matched| matched.place);
        let mut cascade = Cascade::default();
        cascade.rem = self.page.rem;
        let matched = matched.filter(|_| !is_unknown);
        cascade.em = matched.and_then(|matched| matched.em);
        cascade.is_partial = is_unknown;
        cascade.place = place.unwrap_or_else(|| self.page.exact().possible_place());
        for Applicable {
            order,
            rule,
            matches,
        } in &self.rules
        {
            let rule = &rule.size;
            if rule.declarations.is_empty() {
                continue;
            }
            let rank = Rank {
                is_own: false,
                is_layered: rule.is_layered,
                specificity: rule.specificity(),
                order: *order,
            };
            let applies = match *matches {
                Match::Yes if !(rule.is_conditional || rule.is_layered) => Applies::Always,
                _ => Applies::Sometimes,
            };
            cascade.add(&rule.declarations, rank, applies);
        }
        cascade
    }
}

/// Forbids the attributes that planche would add with a value that a test matches, and `srcset` and
/// `sizes` if a test matches any value of them.
fn bar(fit: &mut Fit, tests: &Tests<'_>) {
    for (name, value) in [
        ("loading", "lazy"),
        ("fetchpriority", "high"),
        ("decoding", "async"),
    ] {
        if tests.matches_value(name, value) {
            fit.barred.insert(name);
        }
    }
    for name in ["srcset", "sizes"] {
        if tests.matches_any_value(name) {
            fit.barred.insert(name);
        }
    }
}

fn sets(rule: &PageRule, property: Property) -> bool {
    let mut declarations = rule.size.declarations.iter();
    declarations.any(|of| of.property == property)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::first;
    use crate::html::sheet::Sheet;

    #[test]
    fn exact_rules_matter_only_where_they_may_change_what_is_added() {
        let of = |css: &str| {
            let mut style = PageStyle::default();
            style.add(&Sheet::read(css), Applies::Always);
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
            let style = of(css);
            let style = ImageStyle::new(&style, &slot);
            assert_eq!(style.is_undecided(), expected, "{css} {image}");
        }
    }
}
