//! Converts alt text to the form that the sheet shows.

use super::criterion;
use super::data::{AltProblem, AltState, SheetAlt};
use crate::reference::{AltText, Reference, alt};

/// Returns the alt text of a reference, with its problems. `title` is the title of its article;
/// `key` is the path of the key that contains the text.
pub(super) fn alt_of(reference: &Reference, title: Option<&str>, key: Option<String>) -> SheetAlt {
    let (state, text) = match &reference.alt {
        AltText::Unknown => (AltState::Unknown, None),
        AltText::Decorative => (AltState::Decorative, None),
        AltText::Missing => (AltState::Missing, None),
        AltText::Empty { .. } => (AltState::Empty, None),
        AltText::Text(text) => (AltState::Text, Some(text.to_string())),
    };
    let found = alt::check("", title, std::slice::from_ref(reference), |_| true);
    let problems = found.iter().filter_map(|finding| {
        Some(AltProblem {
            code: finding.code.as_str(),
            criterion: criterion::of(finding.code)?,
        })
    });
    SheetAlt {
        state,
        text,
        key,
        problems: problems.collect(),
    }
}
