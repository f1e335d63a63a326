//! Adds to findings about uploads the place of the first article that references the upload.

use std::collections::{BTreeMap, BTreeSet};

use super::Survey;
use crate::finding::{Finding, Relation};
use crate::path::SitePath;

impl Survey {
    /// Adds to each finding about an upload the place that references it first.
    pub fn add_references(&self, findings: &mut [Finding]) {
        let references = self.articles.iter().flat_map(|article| {
            let references = article.references();
            references.map(move |(reference, target)| (article, reference, target))
        });
        let places = references.filter_map(|(article, reference, target)| {
            Some((target.upload()?, (&article.file.path, reference.offset)))
        });
        let places = (0..).zip(places);
        add_places(
            findings,
            places.map(|(number, (upload, place))| (upload, number, place)),
        );
    }
}

/// Adds to each finding about an upload the place that references it with the lowest number. An
/// item of `places` is an upload, a number, and an article with a byte offset.
pub(super) fn add_places<'a>(
    findings: &mut [Finding],
    places: impl Iterator<Item = (&'a SitePath, u32, (&'a SitePath, usize))>,
) {
    let without_place = findings.iter().filter(|finding| finding.location.is_none());
    let files: BTreeSet<&str> = without_place
        .filter_map(|finding| finding.file.as_deref())
        .collect();
    if files.is_empty() {
        return;
    }
    let mut first: BTreeMap<&str, (u32, &SitePath, usize)> = BTreeMap::new();
    for (upload, number, (article, offset)) in places {
        if files.contains(upload.as_str()) {
            let place = (number, article, offset);
            let known = first.entry(upload.as_str()).or_insert(place);
            *known = place.min(*known);
        }
    }
    for finding in findings {
        let place = finding.file.as_deref().and_then(|file| first.get(file));
        if let (Some((_, article, offset)), None) = (place, &finding.location) {
            finding.add_related(Relation::Reference, article.as_str(), *offset);
        }
    }
}
