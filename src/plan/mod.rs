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
mod images;
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

use rayon::prelude::*;

pub use article::{ArticlePlan, PlannedRecord, RecordImages};
pub use explained::{ExplainedElement, ExplainedImage, ExplainedWidth, PlannedFile, WidthReason};
pub use image::{ImagePlan, PlannedSource, Responsive, Widths};
pub use images::PlanInputs;
pub use job::{Job, VariantCopy, WidthOrder};
pub use jobs::Jobs;
pub use load::{Chosen, DESKTOP, Load, LoadedFile, PHONE, TABLET, Window, bytes_of_page, chosen};
pub use published::positions;
pub use snapshot::Snapshot;
pub use spec::VariantSpec;
pub use steps::OpenLadder;

use crate::finding::Finding;
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::framing::FocalPoint;
use crate::preset::{Preset, Presets};
use crate::reference::Reference;

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
