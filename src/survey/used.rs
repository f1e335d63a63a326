//! Finds the uploads that articles need, without keeping the articles: a plan for other machines
//! needs no more, and millions of articles would take most of its memory.

use std::collections::BTreeMap;

use tracing::trace_span;

use super::places::add_places;
use super::{ReadArticle, others, probe, read_articles};
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::original::Original;
use crate::path::{PathMap, SitePath};
use crate::picture::decoder::Decode;
use crate::picture::framing::FocalPoint;
use crate::project::Site;
use crate::reference::{Choice, Resolved};
use crate::site::{Listings, Walked};

/// The images that articles want variants of.
#[derive(Debug, Default)]
pub struct UsedImages {
    images: PathMap<UsedImage, FirstPlace>,
    /// Choices that images refer to by index: few, which all images share.
    choices: Vec<Choice>,
    originals: BTreeMap<SitePath, Original>,
    errors: Vec<Finding>,
}

/// An upload at places with the same presets and the same focal point.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct UsedImage {
    upload: SitePath,
    choice: usize,
    focus: Option<FocalPoint>,
}

/// The place that names an image first.
#[derive(Debug)]
struct FirstPlace {
    /// Number of images that are named before it.
    number: u32,
    offset: u32,
    article: SitePath,
}

/// Surveys the files that a walk has found. Keeps only those findings that are errors by the
/// configuration.
pub fn used_images(
    site: &Site,
    walked: Walked,
    ledger: &Ledger,
    decoder: &dyn Decode,
) -> UsedImages {
    let span = trace_span!("read").entered();
    let mut used = UsedImages::default();
    used.note(site, walked.findings);
    let listings = Listings::default();
    read_articles(site, walked.candidates, ledger, &listings, |article| {
        used.add(site, article);
    });
    used.note(site, listings.findings());
    drop(listings);
    drop(span);
    used.probe(site, ledger, decoder);
    used
}

impl UsedImages {
    /// Returns the images with their presets, in the order in which articles name them first.
    pub fn images(&self) -> impl Iterator<Item = (&SitePath, &Choice, Option<FocalPoint>)> {
        let mut images: Vec<(u32, &UsedImage)> = self
            .images
            .iter()
            .map(|(image, first)| (first.number, image))
            .collect();
        images.sort_unstable_by_key(|(number, _)| *number);
        images
            .into_iter()
            .map(|(_, image)| (&image.upload, self.choice(image), image.focus))
    }

    /// Returns the uploads that variants are made from.
    pub fn originals(&self) -> &BTreeMap<SitePath, Original> {
        &self.originals
    }

    /// Returns the errors that keep articles or uploads out of a plan.
    pub fn errors(&self) -> &[Finding] {
        &self.errors
    }

    /// Adds to each finding about an upload the place that names it first.
    pub fn add_references(&self, findings: &mut [Finding]) {
        let places = self.images.iter().map(|(image, first)| {
            let place = (&first.article, first.offset as usize);
            (&image.upload, first.number, place)
        });
        add_places(findings, places);
    }

    fn choice(&self, image: &UsedImage) -> &Choice {
        &self.choices[image.choice]
    }

    fn add(&mut self, site: &Site, article: ReadArticle) {
        let ReadArticle {
            file,
            facts,
            resolved,
        } = article;
        self.note(site, facts.findings.iter().cloned());
        for (reference, resolved) in facts.references().iter().zip(resolved) {
            let upload = match resolved {
                Resolved::Upload(upload) => upload,
                Resolved::Missing(finding) => {
                    self.note(site, [*finding]);
                    continue;
                }
                Resolved::NotOurs => continue,
            };
            let Some(choice) = &reference.preset else {
                continue;
            };
            let known = self.choices.iter().position(|known| known == choice);
            let choice = known.unwrap_or_else(|| {
                self.choices.push(choice.clone());
                self.choices.len() - 1
            });
            let image = UsedImage {
                upload,
                choice,
                focus: reference.focus,
            };
            let number = counted(self.images.len());
            self.images.entry(image).or_insert_with(|| FirstPlace {
                number,
                offset: counted(reference.offset),
                article: file.path.clone(),
            });
        }
    }

    /// Keeps the findings that are errors.
    fn note(&mut self, site: &Site, findings: impl IntoIterator<Item = Finding>) {
        let is_error = |finding: &Finding| {
            let judged = site.config.judge(finding.clone());
            judged.is_some_and(|finding| finding.severity == Severity::Error)
        };
        self.errors.extend(findings.into_iter().filter(is_error));
    }

    /// Reads the headers of the uploads.
    fn probe(&mut self, site: &Site, ledger: &Ledger, decoder: &dyn Decode) {
        let _span = trace_span!("probe").entered();
        let images = self.images.keys();
        let images = images.map(|image| (self.choice(image), &image.upload));
        let (others, partly) = others::find(site, images, &Listings::default());
        let uploads = self.images.keys().map(|image| &image.upload).cloned();
        let mut uploads: Vec<SitePath> = uploads.chain(others).collect();
        uploads.sort_unstable();
        uploads.dedup();
        let (usable, findings) = probe(site, &uploads, ledger, decoder);
        drop(uploads);
        let originals = usable.into_iter().map(|(_, original)| original);
        self.originals = originals
            .map(|original| (original.path.clone(), original))
            .collect();
        self.note(site, partly.into_iter().chain(findings));
    }
}

/// Converts a number of images, or an offset in a text. Both are far smaller than the limit.
fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
