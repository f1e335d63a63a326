//! Explains how planche treats one upload or one article: which places name the image, which rule
//! and preset apply there, and the reason for each width. Works like a dry run; writes nothing.

use std::collections::BTreeMap;

use super::forecast::Forecasted;
use super::planned::Planned;
use super::summary::{NO_EDITS, findings};
use super::{Context, MissingVariants, Options, RunError, inspect, read_only, survey_site};
use crate::finding::{Code, Finding, Position, positions};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::info::ImageInfo;
use crate::picture::verify::check_all;
use crate::plan::{ExplainedImage, ImageId};
use crate::project::Site;
use crate::reference::{Choice, Place, Reference};
use crate::survey::{Surveyed, Target};
use crate::tree::path::{KeyPath, Segment};

/// How planche treats one file, and why.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The upload or the article.
    pub path: SitePath,
    /// Whether the file is an article, which is searched for images.
    pub is_article: bool,
    /// For an article, all its images; for an upload, one item for each preset. Ordered by name.
    pub images: Vec<ImageUse>,
    /// References that get no record.
    pub unrecorded: Vec<Unrecorded>,
    /// Findings about the file.
    pub findings: Vec<Finding>,
}

/// One preset applied to one original, and the places that show it.
#[derive(Clone, Debug)]
pub struct ImageUse {
    pub original: Original,
    pub preset: String,
    pub widths: ExplainedImage,
    /// Whether no build can make its variants, because the upload cannot be decoded.
    pub is_undecodable: bool,
    /// The places that show the image, in the order of the articles.
    pub places: Vec<NamedPlace>,
}

/// A place in an article that names an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPlace {
    pub article: SitePath,
    /// `None` if the article can no longer be read.
    pub position: Option<Position>,
    /// The key path in the front matter, or `None` in the body.
    pub key: Option<String>,
    /// The reference as the article writes it.
    pub value: String,
    pub chosen_by: ChosenBy,
}

/// How the preset of a place was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// By a rule, numbered from 1, and its place in the settings.
    Rule {
        number: u32,
        place: Option<(String, Position)>,
    },
    /// By default, from the name of the front-matter key.
    Key,
    /// By default, for an image in the body.
    Body,
    /// No preset was chosen: the reference is only checked.
    Nothing,
}

/// A reference without a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    pub place: NamedPlace,
    pub reason: NoRecord,
}

/// Why a reference gets no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRecord {
    /// The reference is only checked: an attribute such as `href` or `poster` has no `srcset`.
    OnlyChecked,
    /// The upload is missing or cannot be used.
    NoUpload,
    /// Another place of the article has the same image, and both share its record.
    Shared,
    /// The record cannot be written; a finding tells why.
    Skipped,
}

/// Explains an upload or an article. Returns `None` if `path` is not an article, no article names
/// it, and no finding is about it.
///
/// # Errors
///
/// As for a dry run: if the site's folders cannot be read, or the run is stopped.
pub fn explain(
    site: &Site,
    options: &Options<'_>,
    path: &SitePath,
) -> Result<Option<Explanation>, RunError> {
    read_only(site, options, |run| {
        run.pool.install(|| {
            let index = inspect(run)?;
            let Surveyed { survey, .. } = survey_site(run);
            let planned = Planned::new(&survey, index, site);
            let forecasted = Forecasted::new(planned, run, MissingVariants::WouldBeWritten);
            options.check_stop()?;
            let broken = undecodable(&forecasted, run, path);
            Ok(explained(&forecasted, site, path, broken))
        })
    })
}

/// Decodes an upload to its end, and returns a finding if that fails. A dry run knows of such
/// uploads only from the last build, but a single upload can be decoded here.
fn undecodable(forecasted: &Forecasted<'_>, run: &Context<'_>, path: &SitePath) -> Option<Finding> {
    let original = forecasted.planned().survey().originals().get(path)?;
    let ImageInfo::Raster(_) = original.info else {
        return None;
    };
    let limits = &run.site.config.limits;
    let (bytes, _) = run.site.root.read(path, limits.file.0).ok()?;
    let checked = check_all(&bytes, &limits.for_images(), run.options.decoder);
    let finding = Finding::new(Code::UndecodableUpload, checked.err()?);
    Some(finding.in_file(path.as_str()))
}

fn explained(
    forecasted: &Forecasted<'_>,
    site: &Site,
    path: &SitePath,
    broken: Option<Finding>,
) -> Option<Explanation> {
    let planned = forecasted.planned();
    let (survey, plan) = (planned.survey(), planned.plan());
    let mut places: BTreeMap<ImageId, Vec<NamedPlace>> = BTreeMap::new();
    let mut unrecorded = Vec::new();
    let mut is_article = false;
    for article in plan.articles() {
        let file = &article.article.file.path;
        is_article |= file == path;
        let is_about = |target: &Target| {
            file == path || matches!(target, Target::Upload(upload) if upload == path)
        };
        let references = article.article.references();
        let about: Vec<(_, _)> = references.filter(|(_, target)| is_about(target)).collect();
        if about.is_empty() {
            continue;
        }
        let offsets = about.iter().map(|(reference, _)| reference.offset);
        let positions = positions_in(site, file, &offsets.collect::<Vec<_>>());
        for ((reference, target), position) in about.into_iter().zip(positions) {
            let place = NamedPlace::new(site, file, reference, position);
            let mut records = article.records();
            let record = records.find(|record| std::ptr::eq(record.reference, reference));
            let images = record.and_then(|record| record.images.as_ref());
            match images {
                Some(images) => {
                    let others = images.also.iter().copied();
                    for id in std::iter::once(images.first).chain(others) {
                        places.entry(id).or_default().push(place.clone());
                    }
                }
                None => unrecorded.push(Unrecorded {
                    place,
                    reason: no_record(reference, target, record.is_some()),
                }),
            }
        }
    }
    let snapshot = planned.index().snapshot();
    let images = plan.by_original(survey.originals());
    let images: Vec<ImageUse> = images
        .filter_map(|(original, key, image)| {
            let is_broken = broken.is_some() && original.path == *path;
            Some(ImageUse {
                is_undecodable: is_broken || forecasted.undecodable().concerns(image, snapshot),
                original: original.clone(),
                preset: key.preset.to_string(),
                places: places.remove(&plan.id_of(key)?)?,
                widths: image.explained(original, key, site.presets.get(&key.preset)?, snapshot),
            })
        })
        .collect();
    let later = forecasted.findings().iter().chain(&broken);
    let mut about = findings(site, planned, later, &NO_EDITS);
    about.retain(|finding| finding.file.as_deref() == Some(path.as_str()));
    let is_known = is_article || !images.is_empty() || !unrecorded.is_empty();
    (is_known || !about.is_empty()).then(|| Explanation {
        path: path.clone(),
        is_article,
        images,
        unrecorded,
        findings: about,
    })
}

fn no_record(reference: &Reference, target: &Target, has_record: bool) -> NoRecord {
    match (target, &reference.preset) {
        _ if reference.is_skipped => NoRecord::Skipped,
        (_, None) => NoRecord::OnlyChecked,
        (Target::Upload(_), Some(_)) if !has_record => NoRecord::Shared,
        _ => NoRecord::NoUpload,
    }
}

fn positions_in(site: &Site, file: &SitePath, offsets: &[usize]) -> Vec<Option<Position>> {
    match site.root.read(file, u64::MAX) {
        Ok((text, _)) => positions(&text, offsets).into_iter().map(Some).collect(),
        Err(_) => vec![None; offsets.len()],
    }
}

impl NamedPlace {
    fn new(
        site: &Site,
        article: &SitePath,
        reference: &Reference,
        position: Option<Position>,
    ) -> Self {
        NamedPlace {
            article: article.clone(),
            position,
            key: match &reference.place {
                Place::Beside(path) | Place::Item(path) | Place::Text(path) => {
                    Some(path.to_string())
                }
                Place::Body => None,
            },
            value: reference.value.to_string(),
            chosen_by: ChosenBy::new(site, reference.preset.as_ref()),
        }
    }
}

impl ChosenBy {
    fn new(site: &Site, choice: Option<&Choice>) -> Self {
        let Some(choice) = choice else {
            return ChosenBy::Nothing;
        };
        if choice.is_default_of_front_matter() {
            return ChosenBy::Key;
        }
        if choice.is_default_of_body() {
            return ChosenBy::Body;
        }
        let index = usize::try_from(choice.rule).unwrap_or(usize::MAX);
        let path = [Segment::key("rules", 0), Segment::index(index)];
        let place = site.setting(&KeyPath::from_iter(path));
        ChosenBy::Rule {
            number: choice.rule.saturating_add(1),
            place: place.map(|(file, position)| (file.to_owned(), position)),
        }
    }
}
