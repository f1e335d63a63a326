//! Finds rules for built pages that select no image: what was read goes in, findings at the rules
//! come out.

use super::pages::Surveyed;
use crate::config::{PageSelector, Rule};
use crate::finding::{Code, Finding};
use crate::project::Site;

/// Returns findings about the rules whose `files` match no page, or whose `select` matches no
/// element that shows an image. If a page could not be read, there are none: it may have such
/// elements.
pub(super) fn unmatched(site: &Site, surveyed: &Surveyed) -> Vec<Finding> {
    if surveyed.is_partial || surveyed.read == 0 {
        return Vec::new();
    }
    let rules = site.config.rules.iter().enumerate();
    let selecting = rules.filter_map(|(index, rule)| Some((index, rule, rule.select.as_ref()?)));
    let places = site.places();
    selecting
        .filter(|(index, ..)| !surveyed.rules.images.contains(index))
        .map(|(index, rule, selector)| {
            let (key, finding) = finding(index, rule, selector, surveyed);
            site.at_rule(&places, index, key, finding)
        })
        .collect()
}

/// Returns the finding about a rule, and the key of the rule that it is about.
fn finding(
    index: usize,
    rule: &Rule,
    selector: &PageSelector,
    surveyed: &Surveyed,
) -> (&'static str, Finding) {
    let new = |message: String| Finding::new(Code::UnmatchedRule, message);
    if let Some(files) = &rule.files
        && !surveyed.rules.pages.contains(&index)
    {
        let files = files.as_str();
        let message = format!("this rule matches nothing: no page matches `{files}`");
        return (
            "files",
            new(message).hint("correct `files`, or remove the rule"),
        );
    }
    let selector = selector.as_str();
    let message =
        format!("this rule matches nothing: no page has an image that matches `{selector}`");
    let hint = match surveyed.rules.any.contains(&index) {
        true if !selector.contains(',') => {
            format!("it matches other elements: for the images in them, write `{selector} img`")
        }
        true => "it matches other elements: select the images in them".to_owned(),
        false => "correct `select`, or remove the rule".to_owned(),
    };
    ("select", new(message).hint(hint))
}
