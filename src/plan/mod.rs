//! The plan: which variants every original needs, and what every article shall say. A pure value:
//! nothing has been written yet, and `--dry-run` prints it.

mod job;
mod ladder;
mod naming;
mod similar;
mod spec;
mod steps;
mod want;
mod wanted;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

pub use job::{Job, RungOrder, VariantCopy};
pub use naming::is_variant_name;
pub use spec::VariantSpec;
pub use steps::OpenLadder;
pub use wanted::{PlannedSource, Responsive, Rungs, Wanted};

use crate::finding::{Code, Finding, Relation};
use crate::original::Original;
use crate::path::{PathMap, SitePath};
use crate::picture::framing::FocalPoint;
use crate::picture::info::Digest;
use crate::preset::{Preset, Presets};
use crate::reference::{Choice, Place, Reference};
use crate::site::Site;
use crate::survey::{SurveyedArticle, Target};
use crate::tree::path::KeyPath;
use want::{NameOwners, want};

/// What is wanted of which original.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WantedKey {
    pub original: SitePath,
    /// Name of the preset. Most are the default ones, which need no copy each.
    pub preset: Cow<'static, str>,
    /// The article's own focal point, where the preset cuts.
    pub focus: Option<FocalPoint>,
}

impl WantedKey {
    fn of(reference: &Reference, choice: &Choice, original: &SitePath, preset: &Preset) -> Self {
        WantedKey {
            original: original.clone(),
            preset: choice.preset.clone(),
            focus: reference.focus.filter(|_| preset.is_cut()),
        }
    }
}

/// What shall stand in one article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArticlePlan {
    pub path: SitePath,
    /// In the order of their paths, of which each is there once.
    pub beside: Vec<PlannedRecord>,
    /// In the order of the list.
    pub list: Vec<PlannedRecord>,
}

/// The record of one reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRecord {
    pub reference: Arc<Reference>,
    /// None: what stands is kept.
    pub wanted: Option<WantedId>,
}

impl PlannedRecord {
    /// The reference's value as written.
    pub fn value(&self) -> &str {
        &self.reference.value
    }

    /// The path of the value beside which it stands; none in the list.
    pub fn beside(&self) -> Option<&KeyPath> {
        match &self.reference.place {
            Place::Beside(at) => Some(at),
            _ => None,
        }
    }
}

/// The number of what is wanted, in its plan: many references want the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedId(u32);

/// All that is to be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// By their numbers.
    wanted: Vec<Wanted>,
    ids: PathMap<WantedKey, WantedId>,
    /// In the order of their keys.
    order: Vec<(WantedKey, WantedId)>,
    pub articles: Vec<ArticlePlan>,
    pub findings: Vec<Finding>,
}

/// Decides what is to be done. Articles and originals come in the order of their paths; `size` knows
/// the variants that stand, by which byte ladders are decided.
pub fn plan(
    articles: &[SurveyedArticle],
    originals: &BTreeMap<SitePath, Original>,
    presets: &Presets,
    site: &Site,
    size: &dyn Fn(&SitePath) -> Option<u64>,
) -> Plan {
    let mut plan = Plan::default();
    plan.articles.reserve_exact(articles.len());
    let by_path: PathMap<&SitePath, &Original> = originals.iter().collect();
    let mut names = NameOwners::default();
    // What was decided already: many references lead to one picture.
    let mut decided: PathMap<Decided<'_>, Option<WantedId>> = PathMap::default();
    // Value → index in an article's list, and the choice that its record was made by.
    let mut listed: PathMap<&str, (usize, &Reference)> = PathMap::default();
    for article in articles {
        // Most articles have one record or two: room for more of each would be most of a plan.
        let of_records = article.references.iter();
        let of_records = of_records.filter(|(reference, _)| reference.preset.is_some());
        let (beside, list): (usize, usize) =
            of_records.fold((0, 0), |(beside, list), (one, _)| match one.place {
                Place::Beside(_) => (beside + 1, list),
                _ => (beside, list + 1),
            });
        let mut article_plan = ArticlePlan {
            path: article.file.path.clone(),
            beside: Vec::with_capacity(beside),
            list: Vec::with_capacity(list),
        };
        listed.clear();
        for (shared, target) in &article.references {
            let reference = shared.as_ref();
            let Some(choice) = &reference.preset else {
                continue;
            };
            let wanted = match (target, presets.get(&choice.preset)) {
                (Target::Upload(path), Some(preset)) => *decided
                    .entry((path, &choice.preset, reference.focus))
                    .or_insert_with(|| {
                        let original = *by_path.get(path)?;
                        let key = WantedKey::of(reference, choice, path, preset);
                        match plan.ids.entry(key) {
                            Entry::Occupied(known) => Some(*known.get()),
                            Entry::Vacant(unknown) => {
                                let focus = unknown.key().focus;
                                let wanted = want(original, preset, focus, site, size, &mut names)?;
                                let id = u32::try_from(plan.wanted.len());
                                plan.wanted.push(wanted);
                                let id = id.expect("there are fewer than four billion uploads");
                                Some(*unknown.insert(WantedId(id)))
                            }
                        }
                    }),
                _ => None,
            };
            let record = PlannedRecord {
                reference: shared.clone(),
                wanted,
            };
            if record.beside().is_some() {
                article_plan.beside.push(record);
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
        sort_beside(&mut article_plan.beside);
        plan.articles.push(article_plan);
    }
    plan.findings.extend(names.clashes);
    plan.order = plan
        .ids
        .iter()
        .map(|(key, id)| (key.clone(), *id))
        .collect();
    plan.order
        .sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    plan
}

/// An upload, the name of a preset, and the article's own focal point.
type Decided<'a> = (&'a SitePath, &'a str, Option<FocalPoint>);

/// Puts records in the order of their paths; of those at one path the last one stays.
fn sort_beside(beside: &mut Vec<PlannedRecord>) {
    beside.reverse();
    beside.sort_by(|a, b| a.beside().cmp(&b.beside()));
    beside.dedup_by(|earlier, kept| earlier.beside() == kept.beside());
}

fn conflict(article: &SitePath, kept: &Reference, passed_over: &Reference) -> Finding {
    let preset = |reference: &Reference| {
        reference
            .preset
            .as_ref()
            .map_or("none", |choice| choice.preset.as_ref())
            .to_owned()
    };
    let message = format!(
        "`{}` gets preset `{}` here and `{}` in another place of this article; both share one record, \
         with preset `{}`",
        kept.value,
        preset(passed_over),
        preset(kept),
        preset(kept),
    );
    Finding::new(Code::PresetConflict, message)
        .in_file(article.as_str())
        .at_offset(passed_over.offset)
        .related(Relation::Conflict, article.as_str(), kept.offset)
}

impl Plan {
    /// What is wanted of an original for a reference to it.
    pub fn wanted_for(
        &self,
        reference: &Reference,
        original: &SitePath,
        presets: &Presets,
    ) -> Option<&Wanted> {
        let choice = reference.preset.as_ref()?;
        let preset = presets.get(&choice.preset)?;
        let key = WantedKey::of(reference, choice, original, preset);
        Some(self.wanted(*self.ids.get(&key)?))
    }

    /// What is wanted by that number.
    pub fn wanted(&self, id: WantedId) -> &Wanted {
        &self.wanted[id.0 as usize]
    }

    /// All that is wanted, in the order of the numbers.
    pub fn all_wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// What is asked of each that is wanted, on all threads, to be had by number.
    pub fn by_number<T: Send + Sync + Clone>(
        &self,
        of: impl Fn(&Wanted) -> T + Send + Sync,
    ) -> impl Fn(WantedId) -> T + Send + Sync {
        let all: Vec<T> = self.wanted.par_iter().map(of).collect();
        move |id| all[id.0 as usize].clone()
    }

    /// All that is wanted and of what, in the order of that.
    fn by_key(&self) -> impl Iterator<Item = (&WantedKey, &Wanted)> {
        let order = self.order.iter();
        order.map(|(key, id)| (key, self.wanted(*id)))
    }

    /// The same, with the originals, which come in the same order: one way through both.
    fn by_original<'p>(
        &'p self,
        originals: &'p BTreeMap<SitePath, Original>,
    ) -> impl Iterator<Item = (&'p Original, &'p WantedKey, &'p Wanted)> {
        let mut originals = originals.values().peekable();
        self.by_key().filter_map(move |(key, wanted)| {
            while originals
                .next_if(|original| original.path < key.original)
                .is_some()
            {}
            let original = *originals.peek()?;
            (original.path == key.original).then_some((original, key, wanted))
        })
    }

    /// Whether a ladder waits for the sizes of its ends.
    pub fn has_open_ladders(&self) -> bool {
        self.wanted
            .iter()
            .any(|wanted| wanted.open_ladders().next().is_some())
    }

    /// The variants that `stands` does not know, grouped by what is decoded for them, the costliest
    /// first: identical originals are one job, whatever their names.
    pub fn jobs(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        order: RungOrder,
        stands: &dyn Fn(&SitePath) -> bool,
    ) -> Vec<Job> {
        if self.variant_paths().all(stands) && !self.has_open_ladders() {
            return Vec::new();
        }
        let specs = || {
            let wanted = self.by_original(originals);
            wanted.flat_map(|(original, _, wanted)| {
                let specs = wanted.specs();
                specs.map(move |spec| (original, spec))
            })
        };
        let mut taken: HashSet<&SitePath> = HashSet::new();
        let mut jobs: BTreeMap<Digest, Job> = BTreeMap::new();
        for (original, spec) in specs() {
            // Two presets may want one file, and so may identical originals with one stem.
            if stands(&spec.path) || !taken.insert(&spec.path) {
                continue;
            }
            let job = jobs
                .entry(original.digest)
                .or_insert_with(|| Job::of(original.clone()));
            job.want(original, spec);
        }
        if !jobs.is_empty() {
            for (original, spec) in specs().filter(|(_, spec)| stands(&spec.path)) {
                if let Some(job) = jobs.get_mut(&original.digest) {
                    job.copy_from(spec);
                }
            }
        }
        for (original, key, wanted) in self.by_original(originals) {
            let Some(job) = jobs.get_mut(&original.digest) else {
                continue;
            };
            // Those of identical originals follow, as copies, once these are decided.
            if job.original.path == key.original {
                for ladder in wanted.open_ladders() {
                    if !job.open.contains(ladder) {
                        job.open.push(ladder.clone());
                    }
                }
            }
        }
        let mut jobs: Vec<Job> = jobs.into_values().collect();
        // By path, where costs are the same.
        jobs.sort_by(|one, other| one.original.path.cmp(&other.original.path));
        for job in &mut jobs {
            job.sort(order);
        }
        jobs.sort_by_key(|job| std::cmp::Reverse(job.cost()));
        jobs
    }

    /// Which animations are published as they are, and why, by the sizes of the variants that stand.
    pub fn animations_kept(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        presets: &Presets,
        size: &dyn Fn(&SitePath) -> Option<u64>,
    ) -> Vec<Finding> {
        let wanted = self.by_original(originals);
        let kept = wanted.filter_map(|(Original { info, .. }, key, wanted)| {
            let is_kept = want::is_kept_animated(info, presets.get(&key.preset)?);
            if !is_kept || !wanted.is_original_alone(size) {
                return None;
            }
            let preset = &key.preset;
            let reason = match wanted {
                Wanted::Responsive(_) => "no smaller size would save anything".to_owned(),
                Wanted::PassThrough { .. } if info.has_frames() => {
                    format!("preset `{preset}` writes no `webp`")
                }
                Wanted::PassThrough { .. } => "animations of its format are not resized".to_owned(),
            };
            let message = format!("an animation: published as it is, as {reason}");
            let finding = Finding::new(Code::AnimationKept, message);
            Some(finding.in_file(key.original.as_str()))
        });
        let mut kept: Vec<Finding> = kept.collect();
        kept.sort();
        kept.dedup();
        kept
    }

    /// The paths of all variants that are in the plan.
    pub fn variant_paths(&self) -> impl Iterator<Item = &SitePath> {
        self.wanted
            .iter()
            .flat_map(Wanted::specs)
            .map(|spec| &spec.path)
    }
}
