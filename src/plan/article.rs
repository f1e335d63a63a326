//! Plans the records of one article.

use super::ImageId;
use crate::finding::{Code, Finding, Relation};
use crate::path::{PathMap, SitePath};
use crate::reference::{Choice, Place, Reference, plain_value};
use crate::survey::{SurveyedArticle, Target};
use crate::tree::path::KeyPath;

/// The records that one article gets.
#[derive(Clone, Debug)]
pub struct ArticlePlan<'s> {
    pub article: &'s SurveyedArticle,
    /// Records next to values, in the order of their paths, which are distinct.
    pub beside: Vec<PlannedRecord<'s>>,
    /// Records in the list, in the order of the list; their values are distinct.
    pub list: Vec<PlannedRecord<'s>>,
}

/// The record of one reference.
#[derive(Clone, Debug)]
pub struct PlannedRecord<'s> {
    pub reference: &'s Reference,
    /// The images of the record; `None` if the existing record is kept.
    pub images: Option<RecordImages>,
}

/// The image plans of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordImages {
    /// The image plan by the first preset of the place.
    pub first: ImageId,
    /// The image plans by the other presets.
    pub also: Box<[ImageId]>,
}

impl<'s> PlannedRecord<'s> {
    /// The reference's value as written.
    pub fn value(&self) -> &'s str {
        &self.reference.value
    }

    /// The image plans by the other presets of the place, each with the name of its preset.
    pub fn others(&self) -> impl Iterator<Item = (&'s str, ImageId)> {
        let names = self.reference.preset.iter().flat_map(|choice| &choice.also);
        let images = self.images.iter().flat_map(|images| images.also.iter());
        names.map(String::as_str).zip(images.copied())
    }

    /// The path of the value that the record goes next to, or `None` if it goes into the list.
    pub fn beside(&self) -> Option<&'s KeyPath> {
        match &self.reference.place {
            Place::Beside(path) => Some(path),
            _ => None,
        }
    }
}

/// The records in the list so far, by value: the index of each, and the presets that it was made
/// with.
pub(super) type Listed<'s> = PathMap<&'s str, (usize, &'s Choice)>;

impl<'s> ArticlePlan<'s> {
    /// Plans the records of an article; `images` returns the image plans of a reference. `listed`
    /// is scratch space that is reused for every article.
    pub(super) fn new(
        article: &'s SurveyedArticle,
        mut images: impl FnMut(&'s Reference, &'s Target) -> Option<RecordImages>,
        listed: &mut Listed<'s>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let wanted = || {
            article.references().filter_map(|(reference, target)| {
                let choice = reference.preset.as_ref()?;
                Some((reference, target, choice))
            })
        };
        // Most articles have one or two records, so spare capacity would be most of the memory of a
        // plan.
        let is_beside = |reference: &Reference| matches!(reference.place, Place::Beside(_));
        let beside = wanted()
            .filter(|(reference, ..)| is_beside(reference))
            .count();
        let mut plan = ArticlePlan {
            article,
            beside: Vec::with_capacity(beside),
            list: Vec::with_capacity(wanted().count() - beside),
        };
        listed.clear();
        let mut expressions: Vec<(&Reference, String, &Choice)> = Vec::new();
        for (reference, target, choice) in wanted() {
            let record = PlannedRecord {
                reference,
                images: images(reference, target),
            };
            if is_beside(reference) {
                plan.beside.push(record);
                continue;
            }
            match listed.get(&*reference.value) {
                None => {
                    listed.insert(&reference.value, (plan.list.len(), choice));
                    plan.list.push(record);
                    if let Some(path) = evaluated(&reference.value) {
                        expressions.push((reference, path, choice));
                    }
                }
                Some((index, other)) if *other != choice => {
                    let index = *index;
                    let path = &article.file.path;
                    // The narrower rule wins.
                    if choice < *other {
                        findings.push(conflict(path, reference, plan.list[index].reference));
                        plan.list[index] = record;
                        listed.insert(&reference.value, (index, choice));
                    } else {
                        findings.push(conflict(path, plan.list[index].reference, reference));
                    }
                }
                Some(_) => {}
            }
        }
        for (reference, value, choice) in expressions {
            // A page shows both as the same path, and the first record with it.
            if let Some((index, other)) = listed.get(&*value)
                && *other != choice
            {
                let plain = plan.list[*index].reference;
                let (kept, passed_over) = match plain.offset < reference.offset {
                    true => (plain, reference),
                    false => (reference, plain),
                };
                findings.push(conflict(&article.file.path, kept, passed_over));
            }
        }
        sort_beside(&mut plan.beside);
        plan
    }

    /// All records of the article.
    pub fn records(&self) -> impl Iterator<Item = &PlannedRecord<'s>> {
        self.beside.iter().chain(&self.list)
    }
}

/// Returns the path that a value with template expressions prints, if it is certain.
fn evaluated(value: &str) -> Option<String> {
    let is_expression = value.contains("{{") || value.contains("{%");
    let (path, is_certain) = is_expression.then(|| plain_value(value))??;
    is_certain.then_some(path)
}

/// Sorts records by path; of several records at one path, keeps the last one.
fn sort_beside(beside: &mut Vec<PlannedRecord<'_>>) {
    beside.reverse();
    beside.sort_by(|a, b| a.beside().cmp(&b.beside()));
    beside.dedup_by(|earlier, kept| earlier.beside() == kept.beside());
}

fn conflict(article: &SitePath, kept: &Reference, passed_over: &Reference) -> Finding {
    let preset = |reference: &Reference| match &reference.preset {
        Some(choice) => choice.presets().collect::<Vec<_>>().join("`, `"),
        None => "none".to_owned(),
    };
    let kept_preset = preset(kept);
    let message = format!(
        "`{}` gets preset `{}` here and `{kept_preset}` elsewhere in this article; both places \
         share one record, with preset `{kept_preset}`",
        kept.value,
        preset(passed_over),
    );
    Finding::new(Code::PresetConflict, message)
        .in_file(article.as_str())
        .at_offset(passed_over.offset)
        .related(Relation::Conflict, article.as_str(), kept.offset)
}
