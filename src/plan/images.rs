//! Collects the image plans of a run: what to plan goes in, a [`Plan`] comes out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::owners::NameOwners;
use super::{ArticlePlan, ImageId, ImageKey, ImagePlan, Plan, RecordImages, Snapshot};
use crate::finding::Finding;
use crate::generator::Conventions;
use crate::original::Original;
use crate::path::{PathMap, SitePath};
use crate::picture::framing::FocalPoint;
use crate::preset::{Preset, Presets};
use crate::reference::{Choice, Reference};
use crate::survey::{SurveyedArticle, Target};

/// What plans are made from.
#[derive(Clone, Copy)]
pub struct PlanInputs<'i> {
    pub originals: &'i BTreeMap<SitePath, Original>,
    pub conventions: &'i Conventions,
    pub presets: &'i Presets,
    /// The known variants on disk; the widths of byte ladders depend on it.
    pub snapshot: Snapshot<'i>,
}

impl PlanInputs<'_> {
    /// Plans the records of articles and the variants of originals, both in the order of their
    /// paths.
    pub fn plan(self, articles: &[SurveyedArticle]) -> Plan<'_> {
        let mut images = Images::new(self);
        let mut findings = Vec::new();
        let mut planned = Vec::with_capacity(articles.len());
        let mut listed = PathMap::default();
        for article in articles {
            let of = |reference, target| images.of(reference, target);
            planned.push(ArticlePlan::new(article, of, &mut listed, &mut findings));
        }
        images.into_plan(planned, findings)
    }

    /// Plans the variants of images on built pages, which no article needs to reference.
    pub fn plan_images(self, wanted: impl IntoIterator<Item = ImageKey>) -> Plan<'static> {
        let mut images = Images::new(self);
        for key in wanted {
            if let Some(preset) = self.presets.get(&key.preset) {
                images.new_id(key, preset);
            }
        }
        images.into_plan(Vec::new(), Vec::new())
    }

    /// Plans the variants of the images that articles use, without the records. `used` has the
    /// upload, the presets and the focal point of each place, in the order of the places.
    pub fn plan_used<'u>(
        self,
        used: impl IntoIterator<Item = (&'u SitePath, &'u Choice, Option<FocalPoint>)>,
    ) -> Plan<'static> {
        let mut images = Images::new(self);
        for (upload, choice, focus) in used {
            let others = choice.also.iter().map(|name| name.clone().into());
            for name in std::iter::once(choice.preset.clone()).chain(others) {
                let planned = self.presets.get(&name).and_then(|preset| {
                    images.new_id(ImageKey::new(upload, focus, name.clone(), preset), preset)
                });
                // Without one of its presets, the place gets no record.
                if planned.is_none() {
                    break;
                }
            }
        }
        images.into_plan(Vec::new(), Vec::new())
    }
}

/// The image plans so far, and the inputs for new ones.
pub(super) struct Images<'s, 'i> {
    pub inputs: PlanInputs<'i>,
    /// The originals of the inputs: a lookup takes less time here.
    pub originals: PathMap<&'i SitePath, &'i Original>,
    plans: Vec<ImagePlan>,
    ids: PathMap<ImageKey, ImageId>,
    pub owners: NameOwners<'i>,
    /// A cache of decisions by upload, preset name, and the article's focal point: many references
    /// share one image, and a lookup here does not build an `ImageKey`.
    decided: PathMap<(&'s SitePath, &'s str, Option<FocalPoint>), Option<ImageId>>,
}

impl<'s, 'i> Images<'s, 'i> {
    fn new(inputs: PlanInputs<'i>) -> Self {
        Images {
            inputs,
            originals: inputs.originals.iter().collect(),
            plans: Vec::new(),
            ids: PathMap::default(),
            owners: NameOwners::default(),
            decided: PathMap::default(),
        }
    }

    fn into_plan<'p>(self, articles: Vec<ArticlePlan<'p>>, mut findings: Vec<Finding>) -> Plan<'p> {
        findings.extend(self.owners.clashes);
        let mut order: Vec<(ImageKey, ImageId)> = self.ids.into_iter().collect();
        order.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Plan {
            images: self.plans,
            order,
            articles,
            findings,
        }
    }

    /// Returns the image plans for a reference, or `None` if it gets no record or its upload cannot
    /// be used.
    fn of(&mut self, reference: &'s Reference, target: &'s Target) -> Option<RecordImages> {
        let choice = reference.preset.as_ref()?;
        let Target::Upload(path) = target else {
            return None;
        };
        let first = self.id(reference, path, &choice.preset, || choice.preset.clone())?;
        let others = choice.also.iter();
        let others = others.map(|name| self.id(reference, path, name, || name.clone().into()));
        Some(RecordImages {
            first,
            also: others.collect::<Option<_>>()?,
        })
    }

    /// Returns the image plan for a reference and one of its presets.
    fn id(
        &mut self,
        reference: &'s Reference,
        path: &'s SitePath,
        name: &'s str,
        owned: impl FnOnce() -> Cow<'static, str>,
    ) -> Option<ImageId> {
        let preset = self.inputs.presets.get(name)?;
        let decided = (path, name, reference.focus);
        if let Some(known) = self.decided.get(&decided) {
            return *known;
        }
        let key = ImageKey::new(path, reference.focus, owned(), preset);
        let id = self.new_id(key, preset);
        self.decided.insert(decided, id);
        id
    }

    fn new_id(&mut self, key: ImageKey, preset: &Preset) -> Option<ImageId> {
        let original = *self.originals.get(&key.original)?;
        if let Some(known) = self.ids.get(&key) {
            return Some(*known);
        }
        let image = self.expand(original, preset, key.focus)?;
        let id = u32::try_from(self.plans.len());
        let id = ImageId(id.expect("there are fewer than four billion uploads"));
        self.plans.push(image);
        self.ids.insert(key, id);
        Some(id)
    }
}
