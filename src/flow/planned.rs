//! A survey with its plan: the files that were found, and the changes to make.

use std::collections::BTreeMap;

use tracing::trace_span;

use super::Context;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::appearance::AppearanceLevel;
use crate::plan::{Job, Plan, PlannedRecord, WidthOrder, plan};
use crate::project::Site;
use crate::record::Record;
use crate::site::SiteError;
use crate::store::Key;
use crate::survey::Survey;
use crate::variant::{self, Cache, VariantIndex, Verified};

/// The survey, the plan, and the variants that exist.
#[derive(Debug)]
pub(super) struct Planned<'s> {
    survey: &'s Survey,
    plan: Plan<'s>,
    index: VariantIndex,
}

impl<'s> Planned<'s> {
    pub fn new(survey: &'s Survey, index: VariantIndex, site: &Site) -> Self {
        let _span = trace_span!("plan").entered();
        let plan = plan(
            survey.articles(),
            survey.originals(),
            &site.conventions,
            &site.presets,
            index.snapshot(),
        );
        Planned {
            survey,
            plan,
            index,
        }
    }

    /// Plans again, now that the sizes of the variants written since are known.
    #[must_use]
    pub fn again(self, site: &Site) -> Self {
        Planned::new(self.survey, self.index, site)
    }

    /// Plans again if variants have disappeared that the index knew from an earlier run.
    #[must_use]
    pub fn looked_again(mut self, site: &Site) -> Self {
        let paths = self.plan.variant_paths();
        if self.index.recheck_files(site, paths) {
            self.again(site)
        } else {
            self
        }
    }

    /// Runs jobs and adds the variants that they write to the index.
    pub fn run(&mut self, jobs: Vec<Job>, cache: &Cache, run: &Context<'_>) -> variant::Produced {
        let Context { site, options, .. } = *run;
        let resources = options.resources(run.pool, cache);
        variant::produce(jobs, &self.plan, site, &mut self.index, resources)
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

    /// The jobs for the variants that do not exist yet.
    pub fn jobs(&self, order: WidthOrder) -> Vec<Job> {
        let _span = trace_span!("plan").entered();
        let snapshot = self.index.snapshot();
        self.plan.jobs(self.survey.originals(), order, snapshot)
    }

    /// The variants that no record needs, with their sizes in bytes.
    pub fn left_out(&self) -> BTreeMap<&SitePath, u64> {
        self.plan.left_out(self.index.snapshot(), &|_| true)
    }

    /// Deletes the variants that this run has written but that no record needs; their sizes stay
    /// known. Returns their counts, which the caller subtracts from what the run has produced.
    pub fn leave_out(&mut self, run: &Context<'_>) -> Result<variant::Produced, SiteError> {
        let written = self.index.take_unsorted();
        if written.is_empty() && self.index.unlisted().is_empty() {
            return Ok(variant::Produced::default());
        }
        let snapshot = self.index.snapshot();
        let left_out = self
            .plan
            .left_out(snapshot, &|path| written.contains_key(path));
        let left_out: Vec<(SitePath, u64)> = left_out
            .into_iter()
            .map(|(path, bytes)| (path.clone(), bytes))
            .collect();
        self.index.leave_out(run.site, &left_out)?;
        Ok(variant::Produced {
            variants: left_out.len(),
            cached: left_out.iter().filter(|(path, _)| written[path]).count(),
            bytes: left_out.iter().map(|(_, bytes)| bytes).sum(),
            ..variant::Produced::default()
        })
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
            .to_look_at(self.survey.originals(), self.index.snapshot());
        let looked = files.iter().map(|(path, look)| (*path, *look));
        let index = &mut self.index;
        let options = run.options;
        let undecodable =
            index.decode_appearances(run.site, looked, run.ledger, options.decoder, options.stop);
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
