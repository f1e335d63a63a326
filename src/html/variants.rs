//! Makes the variants of the images that pages want: keys of images go in, complete variants in the
//! published folder come out.
//!
//! Variants that the source folder has are copied from there. Variants that are made here are
//! copied to it, so that the generator publishes them with its next build and no run makes them
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::named::image_of;
use crate::finding::{Code, Finding};
use crate::flow::{Options, Replan, RunError, Undecodable, failure};
use crate::flow::{forecast_images, make_missing};
use crate::ledger::Ledger;
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::decoder::Decode;
use crate::picture::info::Digest;
use crate::picture::units::Dimensions;
use crate::plan::{ImageKey, Job, Plan, PlanInputs, WidthOrder};
use crate::project::Site;
use crate::record::{Content, published_as_is};
use crate::report::ForecastImage;
use crate::site::SiteError;
use crate::survey;
use crate::variant::{self, Digests, JobContext, LeftOut, Produced, VariantIndex, Written};

/// The plan of all images of a run, and the variants that exist.
pub(super) struct Variants<'s> {
    source: Option<&'s Site>,
    published: &'s Site,
    /// The images to plan.
    used: BTreeSet<ImageKey>,
    /// Images that pages want and that must stay unchanged.
    unchanged: BTreeSet<ImageKey>,
    originals: BTreeMap<SitePath, Original>,
    index: VariantIndex,
    plan: Plan<'static>,
    pub findings: Vec<Finding>,
    /// Number of variants that were made.
    pub made: usize,
    /// How many of them came from the cache.
    pub cached: usize,
    /// Total size of the variants that were made, in bytes.
    pub bytes: u64,
    /// Number of originals that have no variants because of an error.
    pub failed: usize,
}

/// Variants and natural size that a page shows for an image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub content: Content,
    /// Natural size in CSS pixels, which the image has on a page that declares no other: that of
    /// the original, unless the preset crops.
    pub natural: Dimensions,
    /// Whether the image must stay unchanged wherever pages show it, so that it has no variants.
    pub must_stay_unchanged: bool,
}

impl<'s> Variants<'s> {
    /// Plans the images that pages use. `wanted` are these and those that must stay unchanged;
    /// `ledger` is the source's.
    pub fn new(
        source: Option<&'s Site>,
        published: &'s Site,
        wanted: &BTreeSet<ImageKey>,
        used: &BTreeSet<ImageKey>,
        ledger: &Ledger,
        decoder: &dyn Decode,
    ) -> Result<Self, RunError> {
        let unchanged = wanted.difference(used).cloned().collect();
        let mut paths: Vec<SitePath> = wanted.iter().map(|key| key.original.clone()).collect();
        let others = used.iter().filter_map(|key| {
            let preset = published.presets.get(&key.preset)?;
            Some(preset.other_files(&key.original))
        });
        let exists = |path: &SitePath| published.root.stamp(path).is_ok();
        paths.extend(others.flatten().filter(exists));
        paths.sort_unstable();
        paths.dedup();
        let known = known(source, published, &paths, ledger);
        let (probed, findings) = survey::probe(published, &paths, &known, decoder);
        let originals = probed.into_iter();
        let originals: BTreeMap<SitePath, Original> = originals
            .map(|(_, original)| (original.path.clone(), original))
            .collect();
        let mut index = VariantIndex::inspect(published, Ledger::default().variants())?;
        if let Some(source) = source {
            let left_out = LeftOut::load(source)?.sizes().into_iter();
            index.extend_left_out(left_out.filter_map(|(path, bytes)| {
                Some((in_published(source, published, &path)?, bytes))
            }));
        }
        let mut variants = Variants {
            source,
            published,
            used: used.clone(),
            unchanged,
            originals,
            index,
            plan: Plan::default(),
            failed: findings.len(),
            findings,
            made: 0,
            cached: 0,
            bytes: 0,
        };
        variants.plan_again();
        Ok(variants)
    }

    /// Makes the missing variants on the threads of `pool`, which the calling thread must not
    /// belong to.
    pub fn make(
        &mut self,
        options: &Options<'_>,
        pool: &rayon::ThreadPool,
    ) -> Result<(), RunError> {
        self.copy_from_source(pool)?;
        let site = self.source.unwrap_or(self.published);
        let (mut produced, of_cache) = make_missing(self, site, options, pool)?;
        self.findings.extend(of_cache);
        let failures = produced.failures.iter();
        self.findings
            .extend(failures.map(|(original, error)| failure(original, error)));
        self.leave_out(&mut produced);
        self.made += produced.variants;
        self.cached += produced.cached;
        self.bytes += produced.bytes;
        self.failed += produced.failures.len();
        self.copy_to_source();
        Ok(())
    }

    /// Removes the variants that were made and that no page needs. Their sizes stay known, to the
    /// source as well.
    fn leave_out(&mut self, produced: &mut Produced) {
        let unlisted = self.index.unlisted().to_vec();
        let left_out = self.index.leave_out(&self.plan, self.published);
        let kept = left_out.and_then(|left_out| {
            self.list_in_source(left_out.files.iter().chain(&unlisted))?;
            Ok(left_out)
        });
        match kept {
            Ok(left_out) => produced.subtract(&left_out),
            Err(error) => {
                // Leaves the pages that show these images to the next run, which does not look for
                // sizes in pages that are done.
                self.index.forget_left_out(&unlisted);
                self.findings.push(unkept(&error));
            }
        }
    }

    /// Adds variants that were left out to the source's list.
    fn list_in_source<'f>(
        &self,
        left_out: impl Iterator<Item = &'f (SitePath, u64)>,
    ) -> Result<(), SiteError> {
        let Some(source) = self.source else {
            return Ok(());
        };
        let mut new = left_out.peekable();
        if new.peek().is_none() {
            return Ok(());
        }
        let mut list = LeftOut::load(source)?;
        list.extend(
            new.filter_map(|(path, bytes)| {
                Some((in_source(source, self.published, path)?, *bytes))
            }),
        );
        list.save(source)
    }

    /// Copies the variants of the plan that only the source has. The variants at the ends of a byte
    /// ladder decide which others belong to the plan.
    fn copy_from_source(&mut self, pool: &rayon::ThreadPool) -> Result<(), RunError> {
        let Some(source) = self.source else {
            return Ok(());
        };
        if self.missing().is_empty() && !self.plan.has_open_ladders() {
            return Ok(());
        }
        let there =
            pool.install(|| VariantIndex::inspect(source, Ledger::load(source).variants()))?;
        for _ in 0..2 {
            for path in self.missing() {
                let Some(own) = in_source(source, self.published, &path) else {
                    continue;
                };
                if !there.exists(&own) {
                    continue;
                }
                let (bytes, _) = source.root.read(&own, u64::MAX)?;
                self.published.root.write_unsynced(&path, &bytes)?;
                self.index.put(Written::new(&path, &bytes));
            }
            if !self.plan.has_open_ladders() {
                break;
            }
            self.plan_again();
        }
        Ok(())
    }

    /// Copies the variants of the plan that the source lacks to it.
    fn copy_to_source(&mut self) {
        let Some(source) = self.source else {
            return;
        };
        let mut kept = BTreeMap::new();
        let paths: BTreeSet<&SitePath> = self.plan.variant_paths().collect();
        for path in paths {
            let Some(own) = in_source(source, self.published, path) else {
                continue;
            };
            if !self.index.exists(path) || source.root.exists(&own) {
                continue;
            }
            let copied = self.published.root.read(path, u64::MAX);
            let copied = copied.and_then(|(bytes, _)| {
                source.root.write_unsynced(&own, &bytes)?;
                Ok(Digest::of(&bytes))
            });
            match copied {
                Ok(digest) => kept.insert(own, digest),
                Err(error) => {
                    self.findings.push(unkept(&error));
                    break;
                }
            };
        }
        // So that `verify` checks these as well.
        let recorded = Digests::record(source, &kept, &|path| source.root.exists(path));
        self.findings
            .extend(recorded.err().map(|error| unkept(&error)));
    }

    /// Returns the paths of the variants of the plan that are missing.
    fn missing(&self) -> BTreeSet<SitePath> {
        let images = self.plan.images().iter();
        let missing = images.flat_map(|image| image.missing(self.index.snapshot()));
        missing.map(|spec| spec.path.clone()).collect()
    }

    /// Returns the names of all variants that pages may show.
    pub fn names(&self) -> BTreeSet<&str> {
        let left_out = self.plan.left_out(self.index.snapshot(), &|_| true);
        let paths = self.plan.variant_paths();
        let needed = paths.filter(|path| !left_out.contains_key(path));
        needed.map(SitePath::name).collect()
    }

    /// Returns the paths of the existing variants with one of these names.
    pub fn shown_already(&self, names: &BTreeSet<String>) -> Vec<&SitePath> {
        let files = self.index.files().map(|(path, _)| path);
        let files = files.filter(|path| self.index.exists(path));
        files.filter(|path| names.contains(path.name())).collect()
    }

    pub fn source(&self) -> Option<&'s Site> {
        self.source
    }

    pub fn published(&self) -> &'s Site {
        self.published
    }

    /// Writes a variant that was made earlier to the published folder.
    pub fn publish(&mut self, variant: Written, bytes: &[u8]) -> Result<(), SiteError> {
        self.published.root.write_unsynced(&variant.path, bytes)?;
        self.made += 1;
        self.bytes += variant.bytes;
        self.index.put(variant);
        Ok(())
    }

    /// Counts the images, other than those of the plan, that these variants belong to.
    pub fn other_images(&self, variants: &[&SitePath]) -> usize {
        let planned: BTreeSet<_> = self.plan.variant_paths().filter_map(image_of).collect();
        let shown: BTreeSet<_> = variants.iter().filter_map(|path| image_of(path)).collect();
        shown.difference(&planned).count()
    }

    pub fn plan(&self) -> &Plan<'static> {
        &self.plan
    }

    pub fn index(&self) -> &VariantIndex {
        &self.index
    }

    /// Returns the images with missing variants.
    pub fn images(&self) -> Vec<ForecastImage> {
        forecast_images(
            self.plan(),
            &self.originals,
            &self.index,
            &Undecodable::default(),
        )
    }

    /// Returns the number of originals that were read and that pages may show.
    pub fn originals(&self) -> usize {
        let used: BTreeSet<&SitePath> = self.used.iter().map(|key| &key.original).collect();
        let unchanged = self.unchanged.iter().map(|key| &key.original);
        let only_unchanged: BTreeSet<&SitePath> = unchanged
            .filter(|original| !used.contains(original))
            .collect();
        let originals = self.originals.keys();
        originals
            .filter(|path| !only_unchanged.contains(path))
            .count()
    }

    /// Returns what to show for an image; `None` if its variants are not complete.
    pub fn complete(&self, key: &ImageKey) -> Option<Shown> {
        if self.unchanged.contains(key) {
            return self.shown_unchanged(key);
        }
        let set = self.index.files_set(self.plan.image_of_key(key)?)?;
        self.shown(key, set.record("").content().clone())
    }

    /// Returns what to show for an image, as far as it is known before its variants are made.
    pub fn expected(&self, key: &ImageKey) -> Option<Shown> {
        if self.unchanged.contains(key) {
            return self.shown_unchanged(key);
        }
        let image = self.plan.image_of_key(key)?;
        self.shown(key, image.content("", self.index.snapshot()))
    }

    fn shown(&self, key: &ImageKey, content: Content) -> Option<Shown> {
        let own = self.originals.get(&key.original)?.info.dimensions();
        let ratio = |size: Dimensions| f64::from(size.width) / f64::from(size.height.max(1));
        let is_cut = (ratio(own) / ratio(content.dimensions) - 1.0).abs() > 0.01;
        Some(Shown {
            natural: if is_cut { content.dimensions } else { own },
            content,
            must_stay_unchanged: false,
        })
    }

    fn shown_unchanged(&self, key: &ImageKey) -> Option<Shown> {
        let natural = self.originals.get(&key.original)?.info.dimensions();
        Some(Shown {
            content: published_as_is("", String::new(), natural),
            natural,
            must_stay_unchanged: true,
        })
    }
}

impl Replan for Variants<'_> {
    fn jobs(&self, order: WidthOrder) -> Vec<Job> {
        let snapshot = self.index.snapshot();
        self.plan.jobs(&self.originals, order, snapshot)
    }

    fn run(&mut self, jobs: Vec<Job>, shared: JobContext<'_>) -> Produced {
        let index = &mut self.index;
        variant::produce(jobs, &self.plan, self.published, index, shared)
    }

    fn is_open(&self) -> bool {
        self.plan.has_open_ladders()
    }

    fn plan_again(&mut self) {
        let inputs = PlanInputs {
            originals: &self.originals,
            conventions: &self.published.conventions,
            presets: &self.published.presets,
            snapshot: self.index.snapshot(),
        };
        self.plan = inputs.plan_images(self.used.iter().cloned());
    }
}

/// Returns the published path of a variant of the source: the same name below the variants folder.
pub(super) fn in_published(source: &Site, published: &Site, path: &SitePath) -> Option<SitePath> {
    in_source(published, source, path)
}

/// Returns the path in the source of a published variant: the same name below the variants folder.
fn in_source(source: &Site, published: &Site, path: &SitePath) -> Option<SitePath> {
    let below = path.below(published.output().dir.as_str())?;
    SitePath::normalise(&format!("{}/{below}", source.output().dir.as_str()))
}

fn unkept(error: &SiteError) -> Finding {
    let message = format!("variants are not kept for the next build: {}", error.full());
    Finding::new(Code::Unwritable, message)
}

/// Returns what the source's ledger knows of published files: those that are copies of its uploads,
/// judging by path and length.
fn known(source: Option<&Site>, published: &Site, paths: &[SitePath], ledger: &Ledger) -> Ledger {
    let mut known = Ledger::default();
    let Some(source) = source else {
        return known;
    };
    let copies = paths.iter().filter_map(|path| {
        let stamp = published.root.stamp(path).ok()?;
        let url = format!("/{path}");
        let uploads = source.conventions.uploads.iter();
        let mut uploads = uploads.filter_map(|uploads| {
            let below = url.strip_prefix(uploads.url.as_str())?;
            let folder = uploads.dir.as_str();
            SitePath::normalise(format!("{folder}/{below}").trim_start_matches('/'))
        });
        let original = uploads.find_map(|own| {
            let stamp = source.root.stamp(&own).ok()?;
            ledger.original(&own, &stamp)
        })?;
        let is_same = original.bytes == stamp.bytes;
        let path = path.clone();
        is_same.then(|| {
            (
                stamp,
                Original {
                    path,
                    ..original.clone()
                },
            )
        })
    });
    known.put_originals(copies.collect());
    known
}
