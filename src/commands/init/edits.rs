//! The places of templates that print originals: shows what to put there, and edits them.

use std::collections::BTreeMap;

use anyhow::Result;

use planche::internal::path::SitePath;
use planche::internal::printable::Printable;
use planche::internal::site::Root;
use planche::internal::templates::{Obstacle, Printed};

use super::journal::{Journal, Replaced, TextEdit};
use crate::commands::output::{note, write_line};

/// Prints each place with its expression and its replacement.
pub(super) fn show(printed: &[Printed]) {
    if printed.is_empty() {
        return;
    }
    note!("these template lines print originals:");
    for printed in printed {
        // A path and code have nothing to translate.
        write_line(&format!(
            "  {}:{}: {}",
            Printable::new(printed.template.as_str()),
            printed.line,
            Printable::new(&printed.expression)
        ));
        match &printed.replacement {
            Some(replacement) if printed.given.is_none() => {
                note!("    replace it with: {replacement}");
            }
            Some(replacement) => note!("    edit it by hand: {replacement}"),
            None => match printed.obstacle {
                Obstacle::OwnCode => {
                    note!("    edit it by hand: the tag has its own attributes or code");
                }
                Obstacle::Several => note!(
                    "    edit it by hand: its value is set under a condition, or in several places"
                ),
                Obstacle::List => note!(
                    "    edit it by hand: the template does not show which page owns the list"
                ),
                Obstacle::Picture => {
                    note!("    edit it by hand: the `<picture>` has its own sources");
                }
                Obstacle::Background => note!(
                    "    edit it by hand: a background has no `srcset`; see the recipe for CSS backgrounds"
                ),
                Obstacle::Framework => note!(
                    "    edit it by hand: this component cannot use the snippet, which is one of Astro"
                ),
            },
        }
        if let Some((image, record)) = &printed.given {
            note!("    pass the record as `{record}` wherever `{image}` is passed or assigned");
        }
    }
}

/// Mentions `--apply` if it can edit at least one of the places.
pub(super) fn offer(printed: &[Printed]) {
    if printed.iter().any(|printed| printed.applies) {
        note!("`planche init --apply` edits them; `planche init --undo` reverts that");
    }
}

/// The result of editing templates.
#[derive(Debug, Default)]
pub(super) struct Edited {
    /// Number of edited places.
    pub places: usize,
    /// Whether a template with such a place was left unchanged.
    pub is_partial: bool,
}

/// Edits the places; no other byte of a template changes.
pub(super) fn apply(root: &Root, journal: &mut Journal<'_>, printed: &[Printed]) -> Result<Edited> {
    let mut files: BTreeMap<&SitePath, Vec<&Printed>> = BTreeMap::new();
    for printed in printed.iter().filter(|printed| printed.applies) {
        files.entry(&printed.template).or_default().push(printed);
    }
    let mut edits = Vec::new();
    let mut result = Edited::default();
    for (path, places) in &files {
        let before = root.read_text(path)?.unwrap_or_default();
        match edited(&before, places) {
            Some(after) => edits.push(TextEdit {
                path,
                before,
                after,
            }),
            None => result.is_partial |= !Replaced::BeingEdited.reported(path),
        }
    }
    let paths: Vec<&SitePath> = edits.iter().map(|edit| edit.path).collect();
    for (path, replaced) in paths.into_iter().zip(journal.replace_all(edits)?) {
        if replaced.reported(path) {
            note!("edited {path}");
            result.places += files[path].len();
        } else {
            result.is_partial = true;
        }
    }
    Ok(result)
}

/// Returns a template with its places replaced, which are in ascending order. Returns `None` if the
/// places are not in the text: the template was edited after they were found.
fn edited(before: &str, places: &[&Printed]) -> Option<String> {
    let mut after = String::with_capacity(before.len());
    let mut at = 0;
    for place in places {
        after.push_str(before.get(at..place.span.start)?);
        after.push_str(place.replacement.as_deref().unwrap_or_default());
        at = place.span.end;
    }
    after.push_str(before.get(at..)?);
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_no_longer_there_are_not_replaced() {
        let place = Printed {
            template: SitePath::root().child("a.html"),
            span: 2..5,
            line: 1,
            expression: "a".to_owned(),
            replacement: Some("{b}".to_owned()),
            obstacle: Obstacle::OwnCode,
            applies: true,
            given: None,
        };
        for (text, expected) in [
            ("12<i>67", Some("12{b}67")),
            ("12<i>", Some("12{b}")),
            ("12<i", None),
            ("", None),
            // The place would end within a character.
            ("12345é", Some("12{b}é")),
            ("1234é", None),
        ] {
            assert_eq!(edited(text, &[&place]).as_deref(), expected, "{text}");
        }
    }
}
