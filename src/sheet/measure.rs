//! Computes what needs decoding: the scores of variants, and thumbnails.
//!
//! Both are cached in `.planche/sheet` by the digest of the file, so that the next sheet does not
//! decode the same files again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::flow::{Options, RunError, View};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::color::Transforms;
use crate::picture::contained::contain;
use crate::picture::context::Context;
use crate::picture::info::Digest;
use crate::picture::memory::peak_bytes;
use crate::picture::pixels::Pixels;
use crate::picture::recipe::Rendition;
use crate::picture::render::Renderer;
use crate::picture::shown;
use crate::plan::VariantSpec;
use crate::site::Stamp;
use crate::variant::Admission;

/// Name of the cache in the state folder.
const FILE: &str = "sheet";
const MAGIC: &[u8] = b"planche sheet 1\n";
const LIMIT: u64 = 1 << 30;
/// The longer side of a thumbnail in pixels.
const SIDE: u32 = 96;

/// Which scores a sheet contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scoring {
    /// All scores. Those that are unknown are computed, which decodes originals.
    Complete,
    /// Only scores that an earlier sheet has computed.
    Known,
}

/// Measurements of variants, by path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Measures(BTreeMap<SitePath, Measure>);

/// Measurements of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Measure {
    stamp: Stamp,
    digest: Digest,
    scores: Option<Scores>,
    /// Thumbnail as a WebP file.
    thumbnail: Option<Vec<u8>>,
}

/// SSIMULACRA2 scores of the whole image and of its worst region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    pub whole: f32,
    pub worst_region: f32,
}

impl Measures {
    pub fn scores(&self, variant: &SitePath) -> Option<Scores> {
        self.0.get(variant)?.scores
    }

    pub fn thumbnail(&self, variant: &SitePath) -> Option<&[u8]> {
        self.0.get(variant)?.thumbnail.as_deref()
    }

    /// Measures all variants of a view that exist.
    ///
    /// # Errors
    ///
    /// If the run is stopped.
    pub fn of(
        view: &View<'_>,
        scoring: Scoring,
        options: &Options<'_>,
    ) -> Result<Measures, RunError> {
        let known = Measures::load(view);
        let transforms = Transforms::default();
        let measurer = Measurer {
            view,
            options,
            transforms: &transforms,
        };
        let mut measures = view.pool.install(|| measurer.look(&known));
        options.check_stop()?;
        if scoring == Scoring::Complete {
            measurer.score(&mut measures);
        }
        if measures != known {
            // If the cache cannot be written, the next sheet is slower, but correct.
            let _ = measures.save(view);
        }
        options.check_stop()?;
        Ok(measures)
    }

    fn load(view: &View<'_>) -> Measures {
        let bytes = view.site.root.read_state(FILE, LIMIT).unwrap_or_default();
        Measures::parse(&bytes).unwrap_or_default()
    }

    /// Parses the output of [`Measures::bytes`]; `None` if the bytes are damaged or have another
    /// layout.
    fn parse(bytes: &[u8]) -> Option<Measures> {
        let (digest, payload) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
        let is_whole = Digest::of(payload) == Digest(*digest);
        is_whole.then(|| postcard::from_bytes(payload).ok())?
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let payload = postcard::to_stdvec(self).ok()?;
        let Digest(digest) = Digest::of(&payload);
        Some([MAGIC, &digest, &payload].concat())
    }

    fn save(&self, view: &View<'_>) -> Option<()> {
        view.site.root.write_state(FILE, &self.bytes()?).ok()
    }
}

/// Measures the variants of a plan.
struct Measurer<'m> {
    view: &'m View<'m>,
    options: &'m Options<'m>,
    transforms: &'m Transforms,
}

impl Measurer<'_> {
    /// Returns the entries of all variants of the plan that exist: known entries, or new ones
    /// without scores. The smallest variant of each original gets a thumbnail.
    fn look(&self, known: &Measures) -> Measures {
        let mut wanted: BTreeMap<&SitePath, bool> = BTreeMap::new();
        let mut last: Option<&SitePath> = None;
        let originals = self.view.survey.originals();
        for (original, _, image) in self.view.plan.by_original(originals) {
            let is_first = last.replace(&original.path) != Some(&original.path);
            let smallest = image.at_least(0, self.view.index.snapshot());
            let smallest = smallest.map(|spec| &spec.path);
            for spec in image.specs() {
                let is_shown = is_first && smallest == Some(&spec.path);
                *wanted.entry(&spec.path).or_default() |= is_shown;
            }
        }
        let measured = wanted.into_par_iter().filter_map(|(path, is_shown)| {
            let stamp = *self.view.index.stamps().get(path)?;
            let measure = self.measure(path, stamp, is_shown, known.0.get(path))?;
            Some((path.clone(), measure))
        });
        Measures(measured.collect())
    }

    fn measure(
        &self,
        path: &SitePath,
        stamp: Stamp,
        is_shown: bool,
        known: Option<&Measure>,
    ) -> Option<Measure> {
        let is_enough = |known: &&Measure| !is_shown || known.thumbnail.is_some();
        if let Some(known) = known.filter(|known| known.stamp == stamp).filter(is_enough) {
            return Some(known.clone());
        }
        let (bytes, stamp) = self.view.site.root.read(path, u64::MAX).ok()?;
        let digest = Digest::of(&bytes);
        let same = known.filter(|known| known.digest == digest);
        let thumbnail = same.and_then(|known| known.thumbnail.clone());
        let make = || {
            let pixels = self.pixels(&bytes)?;
            shown::thumbnail(pixels, SIDE).ok()
        };
        Some(Measure {
            stamp,
            digest,
            scores: same.and_then(|known| known.scores),
            thumbnail: thumbnail.or_else(|| if is_shown { make() } else { None }),
        })
    }

    fn pixels(&self, bytes: &[u8]) -> Option<Pixels> {
        let limits = self.view.site.config.limits.for_images();
        shown::try_pixels(bytes, &limits, self.transforms, self.options.decoder).ok()
    }

    /// Computes the unknown scores. Originals are processed in parallel on the threads of the run,
    /// within its memory budget.
    fn score(&self, measures: &mut Measures) {
        let mut jobs: BTreeMap<&SitePath, (&Original, Vec<&VariantSpec>)> = BTreeMap::new();
        let originals = self.view.survey.originals();
        for (original, _, image) in self.view.plan.by_original(originals) {
            let is_lacking = |spec: &&VariantSpec| {
                let measure = measures.0.get(&spec.path);
                !spec.rendition.recipe.is_animated
                    && measure.is_some_and(|measure| measure.scores.is_none())
            };
            let lacking: Vec<&VariantSpec> = image.specs().filter(is_lacking).collect();
            if !lacking.is_empty() {
                let job = jobs.entry(&original.path);
                job.or_insert((original, Vec::new())).1.extend(lacking);
            }
        }
        self.options.progress.started(jobs.len());
        let pool = self.view.pool;
        let admission = Admission::new(
            self.options.budget.in_flight,
            pool.current_num_threads() + 1,
        );
        let scored = Mutex::new(Vec::new());
        pool.in_place_scope(|scope| {
            for (original, specs) in jobs.into_values() {
                let renditions: Vec<&Rendition> =
                    specs.iter().map(|spec| &spec.rendition).collect();
                let bytes = peak_bytes(&original.info, original.bytes, &renditions, &[]);
                let share = admission.admit(bytes);
                let scored = &scored;
                scope.spawn(move |_| {
                    let _share = share;
                    let found = self.scores(original, &specs).unwrap_or_default();
                    let mut scored = scored.lock().unwrap_or_else(PoisonError::into_inner);
                    scored.extend(found);
                    drop(scored);
                    self.options.progress.finished(&original.path);
                });
            }
        });
        let scored = scored.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (path, scores) in scored {
            if let Some(measure) = measures.0.get_mut(&path) {
                measure.scores = Some(scores);
            }
        }
    }

    /// Computes the scores of one original's variants; `None` if the original cannot be decoded.
    fn scores(
        &self,
        original: &Original,
        specs: &[&VariantSpec],
    ) -> Option<Vec<(SitePath, Scores)>> {
        let root = &self.view.site.root;
        let (bytes, _) = root.read(&original.path, u64::MAX).ok()?;
        let context = Context {
            transforms: self.transforms,
            decoder: self.options.decoder,
            stop: self.options.stop,
        };
        let shown = |spec: &VariantSpec| {
            let (bytes, _) = root.read(&spec.path, u64::MAX).ok()?;
            self.pixels(&bytes)
        };
        // A decoder may panic on a damaged original.
        let scored = contain(|| {
            let renderer = Renderer::still(bytes, &original.info, specs, context).ok()?;
            renderer.compare(specs, &shown).ok()
        });
        let scored = scored.ok().flatten()?;
        let rounded = |score: f64| (score * 10.0).round() as f32 / 10.0;
        let scored = scored.into_iter().map(|(spec, scores)| {
            let scores = Scores {
                whole: rounded(scores.whole),
                worst_region: rounded(scores.worst_region),
            };
            (spec.path.clone(), scores)
        });
        Some(scored.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_cache_is_empty() {
        let file = std::env::current_exe().unwrap();
        let root = crate::site::Root::open(file.parent().unwrap()).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let path = SitePath::normalise(name).unwrap();
        let measure = Measure {
            stamp: root.stamp(&path).unwrap(),
            digest: Digest::of(b""),
            scores: Some(Scores {
                whole: 71.5,
                worst_region: 60.0,
            }),
            thumbnail: None,
        };
        let measures = Measures([(path, measure)].into());
        let bytes = measures.bytes().unwrap();
        assert_eq!(Measures::parse(&bytes), Some(measures));
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            assert_eq!(Measures::parse(&damaged), None, "{place}");
        }
        assert_eq!(Measures::parse(&bytes[..bytes.len() - 1]), None);
    }
}
