//! Checks rules: what each one says, and whether it can ever match.

use super::{At, Config, Rule};
use crate::finding::{Code, Finding, Position};
use crate::preset::Presets;
use crate::settings::Places;
use crate::tree::path::Segment;

impl Config {
    /// Returns findings about rules with unknown presets and rules that can never match.
    pub fn check_rules(&self, file: &str, text: &str, presets: &Presets) -> Vec<Finding> {
        let places = Places::new(text);
        let rules = self.rules.iter().enumerate();
        let checked = rules.map(|(index, rule)| Checked {
            file,
            places: &places,
            earlier: &self.rules[..index],
            rule,
        });
        checked.flat_map(|rule| rule.findings(presets)).collect()
    }
}

/// A rule to check.
struct Checked<'c, 't> {
    file: &'c str,
    places: &'c Places<'t>,
    /// The rules before it.
    earlier: &'c [Rule],
    rule: &'c Rule,
}

impl Checked<'_, '_> {
    fn findings(&self, presets: &Presets) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.of_target());
        findings.extend(self.of_presets(presets));
        findings.extend(self.of_text_key());
        findings.extend(self.of_folder());
        findings.extend(self.of_earlier());
        findings
    }

    /// Returns a finding if the rule is for neither articles nor pages, or for both.
    fn of_target(&self) -> Option<Finding> {
        let selects = self.rule.select.is_some();
        if (self.rule.at == At::Nowhere) == selects {
            return None;
        }
        let message = "a rule has either `at`, for articles, or `select`, for built pages";
        let key = if selects { "select" } else { "preset" };
        Some(self.at(Finding::new(Code::Configuration, message), key))
    }

    /// Returns a finding for each preset that does not exist.
    fn of_presets(&self, presets: &Presets) -> impl Iterator<Item = Finding> {
        let named = self.rule.presets().unwrap_or_default().iter().enumerate();
        named.filter_map(|(nth, name)| {
            let finding = presets.check_name(name)?;
            // In a list, or as the only name.
            let place = self.place("preset", Some(nth));
            let place = place.or_else(|| self.place("preset", None));
            Some(finding.in_file(self.file).at(place))
        })
    }

    /// Returns a finding if a key of texts has no effect.
    fn of_text_key(&self) -> Option<Finding> {
        let key = self.rule.unused_text_key()?;
        let message = "it has no effect: only images in front matter have a key beside them";
        let hint = format!("remove `{key}`, or end `at` with the key of the image");
        Some(self.at(Finding::new(Code::Configuration, message).hint(hint), key))
    }

    /// Returns a finding if `folder` has no effect.
    fn of_folder(&self) -> Option<Finding> {
        if !self.rule.has_unused_folder() {
            return None;
        }
        let message = "it has no effect: only front-matter values are file names";
        let finding = Finding::new(Code::Configuration, message).hint("remove `folder`");
        Some(self.at(finding, "folder"))
    }

    /// Returns a finding if an earlier rule matches everything that this one does.
    fn of_earlier(&self) -> Option<Finding> {
        let mut rules = self.earlier.iter();
        let earlier = rules.position(|other| other.covers(self.rule))?;
        let message = format!(
            "this rule never matches: rule {} matches everything that it does",
            earlier + 1
        );
        let hint = "move the narrower rule up, or remove one of the two";
        let finding = Finding::new(Code::UnreachableRule, message).hint(hint);
        Some(self.at(finding, "at"))
    }

    /// Places a finding at a key of the rule.
    fn at(&self, finding: Finding, key: &str) -> Finding {
        finding.in_file(self.file).at(self.place(key, None))
    }

    /// Returns the position of a key of the rule, or of an item of its list.
    fn place(&self, key: &str, item: Option<usize>) -> Option<Position> {
        let path = [
            Segment::key("rules", 0),
            Segment::index(self.earlier.len()),
            Segment::key(key, 0),
        ];
        let path = path.into_iter().chain(item.map(Segment::index));
        self.places.of(&path.collect())
    }
}
