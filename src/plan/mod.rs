//! Plans a run: takes the survey, the presets and a snapshot of the variants on disk, and returns
//! the variants that every original needs and the records that every article gets.
//!
//! Pure: it does no I/O, and the same inputs result in the same plan. Planning with unknown variant
//! sizes can leave widths undecided ([`OpenLadder`]); the plan is computed again once they are
//! known.

mod article;
mod expand;
mod explained;
mod image;
mod job;
mod jobs;
mod kept;
mod ladder;
mod left_out;
mod load;
mod meant;
mod naming;
mod owners;
mod part;
mod published;
mod recognise;
mod similar;
mod snapshot;
mod spec;
mod steps;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use rayon::prelude::*;

pub use article::{ArticlePlan, PlannedRecord, RecordImages};
pub use explained::{ExplainedElement, ExplainedImage, ExplainedWidth, PlannedFile, WidthReason};
pub use image::{ImagePlan, PlannedSource, Responsive, Widths};
pub use job::{Job, VariantCopy, WidthOrder};
pub use jobs::Jobs;
pub use load::{Chosen, DESKTOP, Load, LoadedFile, PHONE, TABLET, Window, bytes_of_page, chosen};
pub use published::positions;
pub use snapshot::Snapshot;
pub use spec::VariantSpec;
pub use steps::OpenLadder;

use crate::finding::Finding;
use crate::generator::Conventions;
use crate::original::Original;
use crate::path::{PathMap, SitePath};
use crate::picture::framing::FocalPoint;
use crate::preset::{Preset, Presets};
use crate::reference::{Choice, Reference};
use crate::survey::{SurveyedArticle, Target};
use expand::expand;
use owners::NameOwners;

/// The key of an image plan: one preset applied to one original.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageKey {
    pub original: SitePath,
    /// Preset name. The names of the default presets, which are the most frequent, are borrowed.
    pub preset: Cow<'static, str>,
    /// The article's own focal point, if the preset crops.
    pub focus: Option<FocalPoint>,
}

impl ImageKey {
    /// Creates a key; `focus` is the focal point of the place.
    fn new(
        original: &SitePath,
        focus: Option<FocalPoint>,
        name: Cow<'static, str>,
        preset: &Preset,
    ) -> Self {
        ImageKey {
            original: original.clone(),
            preset: name,
            focus: focus.filter(|_| preset.is_cut()),
        }
    }
}

/// The number of an image plan; many references share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageId(u32);

/// The image plans, and the records of articles.
#[derive(Clone, Debug, Default)]
pub struct Plan<'s> {
    /// Indexed by [`ImageId`].
    images: Vec<ImagePlan>,
    /// Sorted by key.
    order: Vec<(ImageKey, ImageId)>,
    articles: Vec<ArticlePlan<'s>>,
    findings: Vec<Finding>,
}

/// Plans the records of articles and the variants of originals, both in the order of their paths.
///
/// `snapshot` has the known variants on disk; the widths of byte ladders depend on it.
pub fn plan<'s>(
    articles: &'s [SurveyedArticle],
    originals: &BTreeMap<SitePath, Original>,
    conventions: &Conventions,
    presets: &Presets,
    snapshot: Snapshot<'_>,
) -> Plan<'s> {
    let mut images = Images::new(originals, conventions, presets, snapshot);
    let mut findings = Vec::new();
    let mut planned = Vec::with_capacity(articles.len());
    let mut listed = PathMap::default();
    for article in articles {
        let of = |reference: &'s Reference, target: &'s Target| images.of(reference, target);
        planned.push(ArticlePlan::new(article, of, &mut listed, &mut findings));
    }
    images.into_plan(planned, findings)
}

/// Plans the variants of images on built pages, which no article needs to reference.
pub fn plan_images(
    wanted: impl IntoIterator<Item = ImageKey>,
    originals: &BTreeMap<SitePath, Original>,
    conventions: &Conventions,
    presets: &Presets,
    snapshot: Snapshot<'_>,
) -> Plan<'static> {
    let mut images = Images::new(originals, conventions, presets, snapshot);
    for key in wanted {
        if let Some(preset) = presets.get(&key.preset) {
            images.new_id(key, preset);
        }
    }
    images.into_plan(Vec::new(), Vec::new())
}

/// Plans the variants of the images that articles use, without the records. `used` has the upload,
/// the presets and the focal point of each place, in the order of the places.
pub fn plan_used<'u>(
    used: impl IntoIterator<Item = (&'u SitePath, &'u Choice, Option<FocalPoint>)>,
    originals: &BTreeMap<SitePath, Original>,
    conventions: &Conventions,
    presets: &Presets,
    snapshot: Snapshot<'_>,
) -> Plan<'static> {
    let mut images = Images::new(originals, conventions, presets, snapshot);
    for (upload, choice, focus) in used {
        let others = choice.also.iter().map(|name| name.clone().into());
        for name in std::iter::once(choice.preset.clone()).chain(others) {
            let planned = presets.get(&name).and_then(|preset| {
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

/// The image plans so far, and the inputs for new ones.
struct Images<'s, 'i> {
    originals: PathMap<&'i SitePath, &'i Original>,
    conventions: &'i Conventions,
    presets: &'i Presets,
    snapshot: Snapshot<'i>,
    plans: Vec<ImagePlan>,
    ids: PathMap<ImageKey, ImageId>,
    owners: NameOwners<'i>,
    /// A cache of decisions by upload, preset name, and the article's focal point: many references
    /// share one image, and a lookup here does not build an `ImageKey`.
    decided: PathMap<(&'s SitePath, &'s str, Option<FocalPoint>), Option<ImageId>>,
}

impl<'s, 'i> Images<'s, 'i> {
    fn new(
        originals: &'i BTreeMap<SitePath, Original>,
        conventions: &'i Conventions,
        presets: &'i Presets,
        snapshot: Snapshot<'i>,
    ) -> Self {
        Images {
            originals: originals.iter().collect(),
            conventions,
            presets,
            snapshot,
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
        let preset = self.presets.get(name)?;
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
        match self.ids.entry(key) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(unknown) => {
                let focus = unknown.key().focus;
                let (conventions, snapshot) = (self.conventions, self.snapshot);
                let (originals, owners) = (&self.originals, &mut self.owners);
                let other = |path: &SitePath| originals.get(path).copied();
                let image = expand(
                    original,
                    preset,
                    focus,
                    &other,
                    conventions,
                    snapshot,
                    owners,
                )?;
                let id = u32::try_from(self.plans.len());
                self.plans.push(image);
                let id = id.expect("there are fewer than four billion uploads");
                Some(*unknown.insert(ImageId(id)))
            }
        }
    }
}

impl<'s> Plan<'s> {
    /// The records of each article, in the order of the articles' paths.
    pub fn articles(&self) -> &[ArticlePlan<'s>] {
        &self.articles
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the image plan for a reference to an original, and the preset with this name.
    pub fn image_for(
        &self,
        reference: &Reference,
        original: &SitePath,
        name: &str,
        presets: &Presets,
    ) -> Option<&ImagePlan> {
        let preset = presets.get(name)?;
        let key = ImageKey::new(original, reference.focus, name.to_owned().into(), preset);
        self.image_of_key(&key)
    }

    /// Returns the image plan of one preset applied to one original.
    pub fn image_of_key(&self, key: &ImageKey) -> Option<&ImagePlan> {
        Some(self.image(self.id_of(key)?))
    }

    /// The number of an image plan.
    pub fn id_of(&self, key: &ImageKey) -> Option<ImageId> {
        let place = self.order.binary_search_by(|(one, _)| one.cmp(key)).ok()?;
        Some(self.order[place].1)
    }

    /// The image plan with that number.
    pub fn image(&self, id: ImageId) -> &ImagePlan {
        &self.images[id.0 as usize]
    }

    /// Returns the image plans of a record, each with the name of its preset, except for the first,
    /// which needs no name. Empty if the existing record is kept.
    pub fn images_of<'p>(
        &'p self,
        record: &PlannedRecord<'p>,
    ) -> impl Iterator<Item = (Option<&'p str>, &'p ImagePlan)> {
        let first = record.images.as_ref().map(|images| (None, images.first));
        let others = record.others().map(|(name, id)| (Some(name), id));
        let all = first.into_iter().chain(others);
        all.map(|(name, id)| (name, self.image(id)))
    }

    /// All image plans, indexed by their numbers.
    pub fn images(&self) -> &[ImagePlan] {
        &self.images
    }

    /// Calls `of` for every image plan, on all threads; the results are indexed by number.
    pub fn by_number<T: Send>(&self, of: impl Fn(&ImagePlan) -> T + Send + Sync) -> PerImage<T> {
        PerImage(self.images.par_iter().map(of).collect())
    }

    /// Returns the image plans with their keys, in the order of the keys.
    fn by_key(&self) -> impl Iterator<Item = (&ImageKey, &ImagePlan)> {
        let order = self.order.iter();
        order.map(|(key, id)| (key, self.image(*id)))
    }

    /// Returns the image plans with their keys and originals, in the order of the keys. Originals
    /// have the same order, so one pass over both is enough.
    pub fn by_original<'p>(
        &'p self,
        originals: &'p BTreeMap<SitePath, Original>,
    ) -> impl Iterator<Item = (&'p Original, &'p ImageKey, &'p ImagePlan)> {
        let mut originals = originals.values().peekable();
        self.by_key().filter_map(move |(key, image)| {
            while originals
                .next_if(|original| original.path < key.original)
                .is_some()
            {}
            let original = *originals.peek()?;
            (original.path == key.original).then_some((original, key, image))
        })
    }

    /// Whether widths are undecided until variants at the ends of a byte ladder exist.
    pub fn has_open_ladders(&self) -> bool {
        self.images
            .iter()
            .any(|image| image.open_ladders().next().is_some())
    }

    /// The paths of all variants in the plan.
    pub fn variant_paths(&self) -> impl Iterator<Item = &SitePath> {
        self.images
            .iter()
            .flat_map(ImagePlan::specs)
            .map(|spec| &spec.path)
    }
}

/// One value for each image plan.
#[derive(Clone, Debug)]
pub struct PerImage<T>(Vec<T>);

impl<T> PerImage<T> {
    pub fn get(&self, id: ImageId) -> &T {
        &self.0[id.0 as usize]
    }
}
