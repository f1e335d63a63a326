//! Recognises a record that planche wrote, without the variants that it names.
//!
//! Which of the planned candidates a record lists depends on the sizes of the files. A checkout
//! without variants (`check --articles`) does not know them, and has no ledger either. But the
//! record itself carries a digest of each file that it lists: a variant's name contains the first
//! digits of a digest of the original's bytes, the recipe and the encoder's version (`naming`). So
//! each listed entry is looked up among the entries that the plan can list. If all are found, the
//! record is rendered again from the candidates found, and the two are compared as a whole.

use super::{ImagePlan, Responsive, Snapshot, Widths};
use crate::record::{self, Candidate, Content, Source};

impl ImagePlan {
    /// Whether planche could have written `held` for a reference with this value, for any file
    /// sizes.
    pub fn is_compatible_with(&self, held: &Content, value: &str) -> bool {
        match self {
            ImagePlan::PassThrough { .. } => *held == self.content(value, Snapshot::default()),
            ImagePlan::Responsive(responsive) => responsive
                .rendered_like(held, value)
                .is_some_and(|content| content == *held),
        }
    }
}

impl Responsive {
    /// Renders the record with the entries that `held` lists. Returns `None` if the plan cannot
    /// list them.
    fn rendered_like(&self, held: &Content, value: &str) -> Option<Content> {
        let original = self.original.as_ref();
        let fallback = self.fallback.entries_of(&held.srcset, original)?;
        let mut planned = self.sources.iter();
        let sources = held.sources.iter().map(|held| {
            // The order is the planned one; sources that save no bytes are left out.
            let source = planned.find(|planned| {
                planned.media == held.media && planned.format.spec().mime == held.mime
            })?;
            let listed = source.widths.entries_of(&held.srcset, None)?;
            let listed: Vec<&Candidate> = listed.iter().collect();
            let (media, sizing) = (held.media.as_deref(), &source.widths.sizing);
            Some(record::source(media, &held.mime, &listed, sizing))
        });
        let sources = sources.collect::<Option<Vec<Source>>>()?;
        let fallback: Vec<&Candidate> = fallback.iter().collect();
        if !held.placeholders.are_possible_for(&self.placeholders) {
            return None;
        }
        Some(Content {
            placeholders: held.placeholders.clone(),
            ..record::responsive(value, &fallback, &self.fallback.sizing, sources)
        })
    }
}

impl Widths {
    /// Finds the candidates for the entries of a `srcset`. The entries must ascend, and the last
    /// one must be the largest planned one or the original. Returns `None` if an entry is not
    /// planned or out of order.
    fn entries_of(
        &self,
        srcset: &[String],
        original: Option<&Candidate>,
    ) -> Option<Vec<Candidate>> {
        let largest = self.specs.last()?.candidate(Snapshot::default());
        let lower = self.specs[..self.specs.len() - 1]
            .iter()
            .chain(&self.between);
        let lower = lower.map(|spec| spec.candidate(Snapshot::default()));
        let tops = original.cloned().into_iter().chain([largest]);
        let planned: Vec<(bool, Candidate)> = lower
            .map(|candidate| (false, candidate))
            .chain(tops.map(|candidate| (true, candidate)))
            .collect();
        let last = srcset.len().checked_sub(1)?;
        let entries = srcset.iter().enumerate().map(|(index, entry)| {
            let mut planned = planned
                .iter()
                .filter(|(is_top, _)| *is_top == (index == last));
            let found = planned.find(|(_, candidate)| self.sizing.entry(candidate) == *entry);
            found.map(|(_, candidate)| candidate.clone())
        });
        let listed = entries.collect::<Option<Vec<Candidate>>>()?;
        let is_ascending =
            listed[..last].is_sorted_by(|a, b| a.dimensions.width < b.dimensions.width);
        is_ascending.then_some(listed)
    }
}
