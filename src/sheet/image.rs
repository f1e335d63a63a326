//! Builds the sheet's entries of the images of one article from its planned records.

use std::collections::BTreeMap;

use super::article::Heading;
use super::data::{SheetFocus, SheetFraming, SheetImage, SheetOriginal, State};
use super::measure::Measures;
use super::text::alt_of;
use super::variants;
use crate::config::Rule;
use crate::finding::Position;
use crate::flow::View;
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::framing::Focus;
use crate::picture::info::{Digest, ImageInfo};
use crate::plan::{ArticlePlan, ImagePlan, PlannedRecord, VariantSpec};
use crate::preset::Preset;
use crate::record::OurKeys;
use crate::reference::{Place, Reference};
use crate::survey::Target;
use crate::tree::path::{KeyPath, Segment};

/// Suffix of the key that contains a focal point.
const FOCUS_SUFFIX: &str = "_focus";

/// Data shared by the entries of one article's images.
pub(super) struct Images<'i> {
    pub view: &'i View<'i>,
    pub measures: &'i Measures,
    pub article: usize,
    pub plan: &'i ArticlePlan<'i>,
    pub heading: &'i Heading,
    pub keys: &'i OurKeys,
    /// Index of the thumbnail of each original.
    pub thumbnails: &'i BTreeMap<&'i SitePath, usize>,
}

impl Images<'_> {
    /// Returns the entries of all records, sorted by position. Entries of additional presets follow
    /// that of the first preset.
    pub fn all(&self) -> Vec<SheetImage> {
        let targets = self.plan.article.references();
        let targets: BTreeMap<*const Reference, &Target> = targets
            .map(|(reference, target)| (std::ptr::from_ref(reference), target))
            .collect();
        let mut places: Vec<(&PlannedRecord<'_>, Option<Position>)> = Vec::new();
        for (number, record) in self.plan.records().enumerate() {
            places.push((record, self.heading.positions.get(number).copied()));
        }
        places.sort_by_key(|(record, _)| record.reference.offset);
        let mut images = Vec::new();
        for (record, position) in places {
            let target = targets.get(&std::ptr::from_ref(record.reference));
            let path = match target {
                Some(Target::Upload(path)) => Some(path),
                _ => None,
            };
            let original = path.and_then(|path| self.view.survey.originals().get(path));
            let plans: Vec<(Option<&str>, &ImagePlan)> = self.view.plan.images_of(record).collect();
            match original {
                Some(original) if !plans.is_empty() => {
                    images.extend(plans.into_iter().map(|(preset, plan)| {
                        self.planned(record.reference, preset, position, original, plan)
                    }));
                }
                _ => images.push(self.entry(record.reference, None, position)),
            }
        }
        images
    }

    /// Returns the entry of an image whose upload can be used.
    fn planned(
        &self,
        reference: &Reference,
        preset: Option<&str>,
        position: Option<Position>,
        original: &Original,
        plan: &ImagePlan,
    ) -> SheetImage {
        let content = plan.content(&reference.value, self.view.index.snapshot());
        let files = variants::variants(plan, &content, self.view, self.measures);
        let specs: Vec<&VariantSpec> = plan.specs().collect();
        let size = original.info.dimensions();
        let name = preset.or_else(|| first_preset(reference));
        let preset_of = name.and_then(|name| self.view.site.presets.get(name));
        let focus = preset_of
            .filter(|preset| preset.is_cut())
            .map(|preset| focus_of(reference, preset));
        SheetImage {
            state: match plan {
                ImagePlan::PassThrough { .. } => State::AsIs,
                _ if plan.has_files(self.view.index.snapshot()) => State::Ready,
                ImagePlan::Responsive(_) => State::Unbuilt,
            },
            original: Some(SheetOriginal {
                path: original.path.to_string(),
                width: size.width,
                height: size.height,
                bytes: original.bytes,
                format: match &original.info {
                    ImageInfo::Raster(raster) => raster.format.spec().name,
                    ImageInfo::Vector { .. } => "svg",
                },
                is_animated: original.info.is_animated(),
            }),
            thumbnail: self.thumbnails.get(&original.path).copied(),
            focus,
            framing: variants::framing(plan, original),
            loads: variants::loads(&content, original, &files, &specs),
            sizes: content.sizes,
            files,
            ..self.entry(reference, preset, position)
        }
    }

    /// Returns the part of an entry that does not depend on the upload.
    fn entry(
        &self,
        reference: &Reference,
        preset: Option<&str>,
        position: Option<Position>,
    ) -> SheetImage {
        let path = match &reference.place {
            Place::Beside(path) | Place::Item(path) | Place::Text(path) => Some(path),
            Place::Body => None,
        };
        let key = path.map(KeyPath::to_string);
        let names = &self.keys.names;
        let record = match &reference.place {
            Place::Beside(path) => renamed(path, |key| format!("{key}{}", names.suffix.as_str())),
            _ => Some(names.list_key.as_str().to_owned()),
        };
        let rule = self.rule(reference);
        let alt_key =
            rule.and_then(|rule| rule.alt.as_deref())
                .and_then(|alt| match &reference.place {
                    Place::Beside(path) => renamed(path, |_| alt.to_owned()),
                    _ => None,
                });
        let name = preset
            .or_else(|| first_preset(reference))
            .unwrap_or_default();
        let place = (
            self.plan.article.file.path.as_str(),
            &key,
            &reference.value,
            name,
        );
        SheetImage {
            id: id_of(&format!("{place:?}")),
            article: self.article,
            value: reference.value.to_string(),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            record: record.unwrap_or_default(),
            preset: name.to_owned(),
            is_also: preset.is_some(),
            state: State::Broken,
            original: None,
            thumbnail: None,
            alt: alt_of(reference, self.heading.title.as_deref(), alt_key),
            caption: reference.caption.as_deref().map(str::to_owned),
            focus: None,
            framing: SheetFraming::Whole,
            sizes: None,
            files: Vec::new(),
            loads: Vec::new(),
            key,
        }
    }

    /// Returns the rule that chose the preset.
    fn rule(&self, reference: &Reference) -> Option<&Rule> {
        let index = reference.preset.as_ref()?.rule;
        self.view
            .site
            .config
            .rules
            .get(usize::try_from(index).ok()?)
    }
}

/// Returns the focal point of the crops of a reference.
fn focus_of(reference: &Reference, preset: &Preset) -> SheetFocus {
    let point = match preset.focus.unwrap_or_default() {
        Focus::Point(point) => Some(point),
        Focus::Auto => None,
    };
    SheetFocus {
        point: reference.focus.or(point).map(|point| point.parts().into()),
        is_set: reference.focus.is_some(),
        key: match &reference.place {
            Place::Beside(path) => renamed(path, |key| format!("{key}{FOCUS_SUFFIX}")),
            _ => None,
        },
    }
}

fn first_preset(reference: &Reference) -> Option<&str> {
    Some(reference.preset.as_ref()?.preset.as_ref())
}

/// Returns the path of a sibling key, whose name `name` derives from that of the key.
fn renamed(path: &KeyPath, name: impl FnOnce(&str) -> String) -> Option<String> {
    let (last, parents) = path.segments().split_last()?;
    let Segment::Key { name: own, .. } = last else {
        return None;
    };
    let beside = Segment::key(&name(own), 0);
    let path: KeyPath = parents.iter().cloned().chain([beside]).collect();
    Some(path.to_string())
}

/// Derives an identifier of letters and digits from a text. It is the same in every run.
fn id_of(text: &str) -> String {
    let Digest(digest) = Digest::of(text.as_bytes());
    let digits = digest[..5].iter().map(|byte| format!("{byte:02x}"));
    format!("i{}", digits.collect::<String>())
}
