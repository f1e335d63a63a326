//! A survey with its plan: the files that were found, and the changes to make.

use std::collections::BTreeMap;

use tracing::trace_span;

use super::Context;
use super::making::Replan;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::appearance::AppearanceLevel;
use crate::plan::{Job, Plan, PlanInputs, PlannedRecord, WidthOrder};
use crate::project::Site;
use crate::record::Record;
use crate::site::SiteError;
use crate::store::Key;
use crate::survey::Survey;
use crate::variant::{self, JobContext, LeftOutFiles, Produced, VariantIndex, Verified};

/// The survey, the plan, and the variants that exist.
pub(super) struct Planned<'s> {
    site: &'s Site,
    survey: &'s Survey,
    plan: Plan<'s>,
    index: VariantIndex,
}

impl<'s> Planned<'s> {
    pub fn new(survey: &'s Survey, index: VariantIndex, site: &'s Site) -> Self {
        let mut planned = Planned {
            site,
            survey,
            plan: Plan::default(),
            index,
        };
        planned.plan_again();
        planned
    }

    /// Plans again if variants have disappeared that the index knew from an earlier run.
    #[must_use]
    pub fn looked_again(mut self) -> Self {
        let paths = self.plan.variant_paths();
        if self.index.recheck_files(self.site, paths) {
            self.plan_again();
        }
        self
    }

    pub fn survey(&self) -> &'s Survey {
        self.survey
    }

    pub fn plan(&self) -> &Plan<'s> {
        &self.plan
    }

    pub fn index(&self) -> &VariantIndex {
        &self.index
    }

    pub fn into_index(self) -> VariantIndex {
        self.index
    }

    /// The variants that no record needs, with their sizes in bytes.
    pub fn left_out(&self) -> BTreeMap<&SitePath, u64> {
        self.plan.left_out(self.index.snapshot(), &|_| true)
    }

    /// Deletes the variants that this run has written but that no record needs; their sizes stay
    /// known. Returns them, so that the caller does not count them as produced.
    pub fn leave_out(&mut self) -> Result<LeftOutFiles, SiteError> {
        self.index.leave_out(&self.plan, self.site)
    }

    /// The keys of all variants in the plan.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        let originals = self.survey.originals();
        let images = self.plan.by_original(originals);
        images.flat_map(move |(own, _, image)| {
            let specs = image.specs();
            specs.filter_map(move |spec| {
                let original = spec.original(own, originals)?;
                Some(Key::of(original.digest, &spec.rendition))
            })
        })
    }

    /// Decodes the variants that placeholders are computed from and that originals are compared by,
    /// unless the ledger has the results. Returns a finding for each placeholder that cannot be
    /// computed.
    pub fn decode_variants(&mut self, run: &Context<'_>) -> Vec<Finding> {
        let files = self
            .plan
            .to_decode(self.survey.originals(), self.index.snapshot());
        let wanted = files.iter().map(|(path, level)| (*path, *level));
        let index = &mut self.index;
        let options = run.options;
        let undecodable =
            index.decode_appearances(run.site, wanted, run.ledger, options.decoder, options.stop);
        let has_placeholder =
            |path: &SitePath| files.get(path) == Some(&AppearanceLevel::Placeholders);
        undecodable
            .into_iter()
            .filter(|(path, _)| has_placeholder(path))
            .map(|(path, reason)| {
                let message = format!("cannot compute a placeholder from this variant: {reason}");
                Finding::new(Code::Unreadable, message)
                    .in_file(path.as_str())
                    .hint("remove it, and run planche again")
            })
            .collect()
    }

    /// Syncs the variants that texts may name to disk, so that they survive a crash. Only variants
    /// that the ledger does not know: this run has written them, or an earlier one that was killed.
    pub fn sync_variants(&self, run: &Context<'_>) -> Result<(), SiteError> {
        let known = run.ledger.variants();
        let paths = self.plan.variant_paths();
        let is_new = |path: &&SitePath| self.index.exists(path) && !known.contains_key(*path);
        run.site.root.sync_files(paths.filter(is_new))
    }

    /// Returns the record of a reference, if all its variants exist.
    pub fn record(&self, planned: &PlannedRecord<'_>) -> Option<Record<Verified>> {
        let mut record: Option<Record<Verified>> = None;
        for (preset, image) in self.plan.images_of(planned) {
            let one = self.index.complete_set(image)?.record(planned.value());
            record = Some(match (record, preset) {
                (Some(record), Some(preset)) => record.and(preset, one),
                _ => one,
            });
        }
        record
    }
}

impl Replan for Planned<'_> {
    fn jobs(&self, order: WidthOrder) -> Vec<Job> {
        let _span = trace_span!("plan").entered();
        let snapshot = self.index.snapshot();
        self.plan.jobs(self.survey.originals(), order, snapshot)
    }

    fn run(&mut self, jobs: Vec<Job>, shared: JobContext<'_>) -> Produced {
        variant::produce(jobs, &self.plan, self.site, &mut self.index, shared)
    }

    fn is_open(&self) -> bool {
        self.plan.has_open_ladders()
    }

    fn plan_again(&mut self) {
        let _span = trace_span!("plan").entered();
        let inputs = PlanInputs {
            originals: self.survey.originals(),
            conventions: &self.site.conventions,
            presets: &self.site.presets,
            snapshot: self.index.snapshot(),
        };
        self.plan = inputs.plan(self.survey.articles());
    }
}
