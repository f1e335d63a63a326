//! The plan: which variants every original needs, and what every article shall say. A pure value:
//! nothing has been written yet, and `--dry-run` prints it.

mod ladder;
mod naming;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub use naming::{ENCODER, is_variant_name};

use crate::finding::{Code, Finding};
use crate::original::{Original, Picture, Raster};
use crate::preset::{Format, Lossless, Preset, Presets};
use crate::record::{self, Content, Rung};
use crate::reference::{Place, Reference};
use crate::site::{Site, SitePath};
use crate::survey::{SurveyedArticle, Target};
use crate::tree::path::KeyPath;
use crate::units::{Dimensions, Effort, Quality};

/// A file that is to stand.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantSpec {
    pub path: SitePath,
    pub url: String,
    pub dimensions: Dimensions,
    pub recipe: Recipe,
}

/// How a variant is encoded, as the preset asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub format: Format,
    pub quality: Quality,
    pub effort: Effort,
    pub lossless: Lossless,
}

impl Recipe {
    fn of(preset: &Preset, format: Format) -> Self {
        Recipe {
            format,
            quality: preset.quality,
            effort: preset.effort,
            lossless: preset.lossless,
        }
    }
}

/// What one preset wants of one original.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// The original is published as it is.
    PassThrough {
        url: Option<String>,
        dimensions: Dimensions,
    },
    Ladder {
        /// Ascending by width, never empty.
        rungs: Vec<VariantSpec>,
        sizes: String,
        /// The original as a candidate, where it may be one.
        original: Option<Rung>,
    },
}

impl Wanted {
    pub fn specs(&self) -> &[VariantSpec] {
        match self {
            Wanted::PassThrough { .. } => &[],
            Wanted::Ladder { rungs, .. } => rungs,
        }
    }

    /// What a record says for a reference of that value, by the sizes of files; a size that is
    /// unknown makes the rung a candidate.
    pub fn content(&self, value: &str, size: &dyn Fn(&SitePath) -> Option<u64>) -> Content {
        match self {
            Wanted::PassThrough { url, dimensions } => {
                let url = url.clone().unwrap_or_else(|| value.to_owned());
                record::pass_through(value, url, *dimensions)
            }
            Wanted::Ladder {
                rungs,
                sizes,
                original,
            } => {
                let rungs = as_rungs(rungs, size);
                record::responsive(value, &record::candidates(&rungs, original.as_ref()), sizes)
            }
        }
    }

    /// Whether the original may take the top of the srcset once sizes are known.
    pub fn original_may_replace_top(&self) -> bool {
        matches!(
            self,
            Wanted::Ladder {
                original: Some(_),
                ..
            }
        )
    }

    /// Whether a record could be one of these variants', whatever their sizes turned out to be:
    /// any of the lower rungs, and at the top the largest one or the original.
    pub fn could_give(&self, held: &Content, value: &str) -> bool {
        let Wanted::Ladder {
            rungs,
            sizes,
            original,
        } = self
        else {
            return *held == self.content(value, &|_| None);
        };
        let rungs = as_rungs(rungs, &|_| None);
        let Some((largest, lower)) = rungs.split_last() else {
            return false;
        };
        let listed: Vec<&Rung> = lower
            .iter()
            .filter(|rung| held.srcset.contains(&rung.candidate()))
            .collect();
        let with_top = |top| {
            let candidates: Vec<&Rung> = listed.iter().copied().chain([top]).collect();
            record::responsive(value, &candidates, sizes)
        };
        *held == with_top(largest) || original.as_ref().is_some_and(|top| *held == with_top(top))
    }
}

fn as_rungs(specs: &[VariantSpec], size: &dyn Fn(&SitePath) -> Option<u64>) -> Vec<Rung> {
    let rung = |spec: &VariantSpec| Rung {
        url: spec.url.clone(),
        dimensions: spec.dimensions,
        bytes: size(&spec.path),
    };
    specs.iter().map(rung).collect()
}

/// An original by path, and the name of a preset.
pub type WantedKey = (SitePath, String);

/// What shall stand in one article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArticlePlan {
    pub path: SitePath,
    pub beside: BTreeMap<KeyPath, PlannedRecord>,
    /// In the order of the list.
    pub list: Vec<PlannedRecord>,
}

/// The record of one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRecord {
    /// The reference's value as written.
    pub value: String,
    /// None: what stands is kept.
    pub wanted: Option<WantedKey>,
}

/// All that is to be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub wanted: BTreeMap<WantedKey, Wanted>,
    pub articles: Vec<ArticlePlan>,
    pub findings: Vec<Finding>,
}

/// One original and every variant that is wanted of it and does not stand yet.
#[derive(Clone, Debug)]
pub struct Job {
    pub original: Original,
    pub raster: Raster,
    /// In the order in which they are begun.
    pub specs: Vec<VariantSpec>,
}

/// Which rungs of an original are begun first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RungOrder {
    /// The threads end at about the same time.
    #[default]
    LargestFirst,
    /// Somebody waits for the first ones.
    SmallestFirst,
}

/// Decides what is to be done. Articles and originals come in the order of their paths.
pub fn plan(
    articles: &[SurveyedArticle],
    originals: &BTreeMap<SitePath, Original>,
    presets: &Presets,
    site: &Site,
) -> Plan {
    let mut plan = Plan::default();
    let mut names = NameOwners::default();
    for article in articles {
        let mut article_plan = ArticlePlan {
            path: article.file.path.clone(),
            ..ArticlePlan::default()
        };
        // Value → index in the list, and the choice that its record was made by.
        let mut listed: HashMap<&str, (usize, &Reference)> = HashMap::new();
        for (reference, target) in &article.references {
            let Some(choice) = &reference.preset else {
                continue;
            };
            let wanted = match (target, presets.get(&choice.preset)) {
                (Target::Upload(path), Some(preset)) => originals.get(path).and_then(|original| {
                    let key = (path.clone(), choice.preset.clone());
                    if !plan.wanted.contains_key(&key) {
                        let wanted = want(original, preset, site, &mut names)?;
                        plan.wanted.insert(key.clone(), wanted);
                    }
                    Some(key)
                }),
                _ => None,
            };
            let record = PlannedRecord {
                value: reference.value.clone(),
                wanted,
            };
            if let Place::Beside(at) = &reference.place {
                article_plan.beside.insert(at.clone(), record);
                continue;
            }
            match listed.get(reference.value.as_str()) {
                None => {
                    listed.insert(&reference.value, (article_plan.list.len(), reference));
                    article_plan.list.push(record);
                }
                Some((index, other)) if other.preset != reference.preset => {
                    let other_choice = other.preset.as_ref();
                    let (kept, passed_over) = if Some(choice) < other_choice {
                        (reference, *other)
                    } else {
                        (*other, reference)
                    };
                    plan.findings
                        .push(conflict(&article.file.path, kept, passed_over));
                    if kept == reference {
                        article_plan.list[*index] = record;
                        let index = *index;
                        listed.insert(&reference.value, (index, reference));
                    }
                }
                Some(_) => {}
            }
        }
        plan.articles.push(article_plan);
    }
    plan.findings.extend(names.clashes);
    plan
}

fn conflict(article: &SitePath, kept: &Reference, passed_over: &Reference) -> Finding {
    let preset = |reference: &Reference| {
        reference
            .preset
            .as_ref()
            .map_or("none", |choice| choice.preset.as_str())
            .to_owned()
    };
    let message = format!(
        "`{}` stands at line {} with preset `{}` and here with `{}`; they share one record, of preset `{}`",
        kept.value,
        kept.position.line,
        preset(kept),
        preset(passed_over),
        preset(kept),
    );
    Finding::new(Code::PresetConflict, message)
        .in_file(article.as_str())
        .at(passed_over.position)
        .hint("give both places the same preset with a rule")
}

/// What `preset` wants of `original`; none where a name is taken.
fn want(
    original: &Original,
    preset: &Preset,
    site: &Site,
    names: &mut NameOwners,
) -> Option<Wanted> {
    let url = site.url_of(&original.path);
    let raster = match original.picture {
        Picture::Vector { dimensions } => return Some(Wanted::PassThrough { url, dimensions }),
        Picture::Raster(raster) if raster.is_animated => {
            return Some(Wanted::PassThrough {
                url,
                dimensions: raster.dimensions(),
            });
        }
        Picture::Raster(raster) => raster,
    };
    let own = raster.dimensions();
    let original_rung = url.filter(|_| raster.is_publishable).map(|url| Rung {
        url,
        dimensions: own,
        bytes: Some(original.bytes),
    });
    let widths = ladder::widths(own, &preset.widths);
    let folder = site.sub_folder_of(&original.path);
    let formats: Vec<Format> = preset.formats.iter().collect();
    let rungs = formats.into_iter().flat_map(|format| {
        let recipe = Recipe::of(preset, format);
        let dimensions = widths.iter().map(move |width| Dimensions {
            width: *width,
            height: own.height_at(*width),
        });
        dimensions
            .map(move |dimensions| (dimensions, recipe))
            .collect::<Vec<_>>()
    });
    let rungs: Option<Vec<VariantSpec>> = rungs
        .map(|(dimensions, recipe)| {
            let name = naming::name(original, dimensions, &recipe);
            let below = naming::path(&folder, &name);
            let spec = VariantSpec {
                path: naming::under(site.output().dir.as_str(), &below),
                url: format!("{}{below}", site.output().url.as_str()),
                dimensions,
                recipe,
            };
            names.claim(&spec.path, original).then_some(spec)
        })
        .collect();
    Some(Wanted::Ladder {
        rungs: rungs?,
        sizes: preset.sizes.as_str().to_owned(),
        original: original_rung,
    })
}

/// Which bytes own a variant's name: two originals with different bytes must never share one.
#[derive(Default)]
struct NameOwners {
    owners: HashMap<SitePath, (crate::original::Digest, SitePath)>,
    clashes: Vec<Finding>,
}

impl NameOwners {
    /// Whether the name is this original's.
    fn claim(&mut self, name: &SitePath, original: &Original) -> bool {
        let owner = self
            .owners
            .entry(name.clone())
            .or_insert_with(|| (original.digest, original.path.clone()));
        let is_own = owner.0 == original.digest;
        if !is_own {
            self.clashes.push(
                Finding::new(
                    Code::NameClash,
                    format!(
                        "its variants would have the names of those of `{}`",
                        owner.1
                    ),
                )
                .in_file(original.path.as_str())
                .hint("rename one of the two files"),
            );
        }
        is_own
    }
}

impl Plan {
    /// The variants that `stands` does not know, grouped by original, the costliest first.
    pub fn jobs(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        order: RungOrder,
        stands: &dyn Fn(&SitePath) -> bool,
    ) -> Vec<Job> {
        let mut jobs: BTreeMap<&SitePath, Job> = BTreeMap::new();
        // Identical originals may share files: the first one in order makes them.
        let mut taken: HashMap<&SitePath, &SitePath> = HashMap::new();
        for ((path, _), wanted) in &self.wanted {
            let Some(original) = originals.get(path) else {
                continue;
            };
            let Picture::Raster(raster) = original.picture else {
                continue;
            };
            for spec in wanted.specs() {
                if stands(&spec.path) || taken.insert(&spec.path, path).is_some() {
                    continue;
                }
                let job = jobs.entry(path).or_insert_with(|| Job {
                    original: original.clone(),
                    raster,
                    specs: Vec::new(),
                });
                job.specs.push(spec.clone());
            }
        }
        let mut jobs: Vec<Job> = jobs.into_values().collect();
        for job in &mut jobs {
            job.specs.sort_by_key(|spec| spec.dimensions.width);
            if order == RungOrder::LargestFirst {
                job.specs.reverse();
            }
        }
        jobs.sort_by_key(|job| std::cmp::Reverse(job.cost()));
        jobs
    }

    /// The paths of all variants that are in the plan.
    pub fn variant_paths(&self) -> impl Iterator<Item = &SitePath> {
        self.wanted
            .values()
            .flat_map(Wanted::specs)
            .map(|spec| &spec.path)
    }
}

impl Job {
    /// Bytes of memory that the job takes at its peak: the file and its decoder, or the pixels and
    /// all rungs at once, each with its encoder's planes and tables.
    pub fn cost(&self) -> u64 {
        /// Measured on libwebp 1.6: bytes for each pixel that it encodes, at most (lossless).
        const ENCODER_BYTES: u64 = 24;
        let channels = if self.raster.has_alpha { 4 } else { 3 };
        let pixels = self.raster.stored.pixels() * channels;
        let rungs = self.specs.iter().map(|spec| spec.dimensions.pixels());
        let rungs = rungs.sum::<u64>() * (channels + ENCODER_BYTES);
        (self.original.bytes + self.raster.decode_bytes).max(pixels + rungs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::original::Digest;

    #[test]
    fn a_name_belongs_to_the_bytes_that_took_it_first() {
        let original = |path: &str, bytes: &[u8]| Original {
            path: SitePath::normalise(path).unwrap(),
            digest: Digest::of(bytes),
            bytes: 1,
            picture: Picture::Vector {
                dimensions: Dimensions {
                    width: 1,
                    height: 1,
                },
            },
        };
        let name = SitePath::normalise("v/a-320.0123456789.webp").unwrap();
        let mut names = NameOwners::default();
        assert!(names.claim(&name, &original("a.png", b"1")));
        assert!(names.claim(&name, &original("copy-of-a.png", b"1")));
        assert!(!names.claim(&name, &original("b.png", b"2")));
        let shown: Vec<String> = names.clashes.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "b.png: its variants would have the names of those of `a.png` – hint: rename one of the two files"
            ]
        );
    }
}
