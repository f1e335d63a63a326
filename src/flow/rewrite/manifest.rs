//! Updates the manifest of a site: computes its content from the plan, then writes it or shows the
//! diff. Also removes it.

use std::collections::HashMap;

use super::article::unified_diff;
use crate::config::ManifestSyntax;
use crate::finding::{Code, Finding, Relation};
use crate::flow::planned::Planned;
use crate::flow::{Context, Effect};
use crate::manifest::{Manifest, NotOurs, Texts};
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::picture::units::ByteSize;
use crate::plan::ImagePlan;
use crate::project::Site;
use crate::record::Content;
use crate::reference::{AltText, Choice, Place, Reference, plain_value};
use crate::report::{self, Change, ForecastArticle};
use crate::site::{Existing, Replaced, SiteError};
use crate::survey::{SurveyedArticle, Target};

/// Largest manifest that is read or written, in bytes. One record takes about a kilobyte.
const LIMIT: u64 = 64 << 20;

/// What a build did to the manifest.
#[derive(Debug, Default)]
pub(in crate::flow) struct ManifestUpdate {
    report: Option<report::Manifest>,
    written: Option<(SitePath, Digest)>,
    findings: Vec<Finding>,
}

/// What a dry run would do to the manifest.
#[derive(Debug, Default)]
pub(in crate::flow) struct ManifestForecast {
    pub report: Option<report::Manifest>,
    pub forecast: Option<ForecastArticle>,
    pub findings: Vec<Finding>,
}

/// What `strip` did or would do to the manifest.
#[derive(Debug, Default)]
pub(in crate::flow) struct Stripped {
    pub report: Option<report::Manifest>,
    pub forecast: Option<ForecastArticle>,
}

/// A function that returns the record of an image plan for an image with this name, given the
/// manifest's current record.
type RecordOf<'r> = dyn Fn(&ImagePlan, &str, Option<&Content>) -> Option<Content> + 'r;

impl ManifestUpdate {
    /// Brings the manifest up to date with the variants that exist.
    pub fn write(planned: &Planned<'_>, run: &Context<'_>) -> Self {
        let site = run.site;
        let held = match Held::read(site) {
            None => return ManifestUpdate::default(),
            Some(Ok(held)) => held,
            Some(Err(finding)) => {
                return ManifestUpdate {
                    findings: vec![finding],
                    ..ManifestUpdate::default()
                };
            }
        };
        let (new, mut findings) = updated(planned, site, &held.manifest, &|image, name, _| {
            let set = planned.index().complete_set(image)?;
            Some(set.record(name).content().clone())
        });
        let new = new.render(held.syntax);
        let mut written = None;
        if let Err(finding) = check_size(&held.path, &new, LIMIT) {
            findings.push(finding);
        } else if held.bytes.as_deref() != Some(new.as_bytes()) {
            match held.replace(planned, run, &new) {
                Ok(()) => written = Some((held.path.clone(), Digest::of(new.as_bytes()))),
                Err(finding) => findings.push(finding),
            }
        }
        ManifestUpdate {
            report: Some(report::Manifest {
                path: held.path.to_string(),
                is_changed: written.is_some(),
            }),
            written,
            findings,
        }
    }

    pub fn report(&self) -> Option<&report::Manifest> {
        self.report.as_ref()
    }

    /// The path of the manifest and the digest of its new bytes, if it was written.
    pub fn written(&self) -> Option<&(SitePath, Digest)> {
        self.written.as_ref()
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl ManifestForecast {
    /// Compares the manifest with the records that a build would write, which `record` returns.
    pub fn new(planned: &Planned<'_>, site: &Site, record: &RecordOf<'_>) -> Self {
        let held = match Held::read(site) {
            None => return ManifestForecast::default(),
            Some(Ok(held)) => held,
            Some(Err(finding)) => {
                return ManifestForecast {
                    findings: vec![finding],
                    ..ManifestForecast::default()
                };
            }
        };
        let (new, mut findings) = updated(planned, site, &held.manifest, record);
        let new = new.render(held.syntax);
        let forecast = match check_size(&held.path, &new, LIMIT) {
            Ok(()) => held.forecast(Some(&new)),
            Err(finding) => {
                findings.push(finding);
                None
            }
        };
        ManifestForecast {
            report: Some(held.report(false)),
            forecast,
            findings,
        }
    }
}

/// Removes the manifest or, in a dry run, shows the removal. Returns `None` if no manifest is
/// configured.
pub(in crate::flow) fn strip(site: &Site, effect: Effect) -> Option<Result<Stripped, Finding>> {
    let held = match Held::read(site)? {
        Ok(held) => held,
        Err(finding) => return Some(Err(finding)),
    };
    let exists = held.bytes.is_some();
    if effect == Effect::DryRun {
        return Some(Ok(Stripped {
            report: Some(held.report(false)),
            forecast: held.forecast(None),
        }));
    }
    if exists && let Err(error) = site.root.remove(&held.path) {
        let finding = Finding::new(Code::Unwritable, error.full());
        return Some(Err(finding.in_file(held.path.as_str())));
    }
    Some(Ok(Stripped {
        report: Some(held.report(exists)),
        forecast: None,
    }))
}

/// The manifest on disk, which may not exist.
struct Held {
    path: SitePath,
    syntax: ManifestSyntax,
    /// `None` if there is no file.
    bytes: Option<Vec<u8>>,
    manifest: Manifest,
}

impl Held {
    /// Reads the manifest. Returns `None` if none is configured.
    fn read(site: &Site) -> Option<Result<Held, Finding>> {
        let (path, syntax) = site.manifest()?;
        let bytes = match site.root.read(&path, LIMIT) {
            Ok((bytes, _)) => Some(bytes),
            Err(error) if error.is_missing() => None,
            Err(error @ SiteError::TooLarge { .. }) => return Some(Err(refused(&path, &error))),
            Err(error) => {
                let finding = Finding::new(Code::Unreadable, error.full())
                    .in_file(path.as_str())
                    .hint("make it readable, or name another file as the manifest");
                return Some(Err(finding));
            }
        };
        let text = std::str::from_utf8(bytes.as_deref().unwrap_or_default());
        let manifest = text
            .map_err(|_| NotOurs)
            .and_then(|text| Manifest::read(text, syntax));
        Some(match manifest {
            Ok(manifest) => Ok(Held {
                path,
                syntax,
                bytes,
                manifest,
            }),
            Err(not_ours) => Err(refused(&path, &not_ours)),
        })
    }

    fn report(&self, is_changed: bool) -> report::Manifest {
        report::Manifest {
            path: self.path.to_string(),
            is_changed,
        }
    }

    /// Returns the change to the file if its text becomes `new`; `None` if there is no change.
    /// `new` is `None` if the file is removed.
    fn forecast(&self, new: Option<&str>) -> Option<ForecastArticle> {
        if new.map(str::as_bytes) == self.bytes.as_deref() {
            return None;
        }
        let old = String::from_utf8_lossy(self.bytes.as_deref().unwrap_or_default());
        Some(ForecastArticle {
            path: self.path.to_string(),
            change: match (&self.bytes, new) {
                (None, _) => Change::Create,
                (Some(_), Some(_)) => Change::Update,
                (Some(_), None) => Change::Remove,
            },
            diff: unified_diff(&self.path, &old, new.unwrap_or_default()),
        })
    }

    /// Syncs the variants to disk, then writes the new text, which names them.
    fn replace(&self, planned: &Planned<'_>, run: &Context<'_>, new: &str) -> Result<(), Finding> {
        let site = run.site;
        let written = planned.sync_variants(run).and_then(|()| {
            let Some(old) = &self.bytes else {
                site.root
                    .create(&self.path, new.as_bytes(), Existing::Keep)?;
                return Ok(Replaced::Written);
            };
            site.root.replace(&self.path, old, new.as_bytes())
        });
        let finding = match written {
            Ok(replaced) if replaced.is_written() => return Ok(()),
            Ok(_) => Finding::new(
                Code::ArticleChanged,
                "the manifest changed while planche was running, or is being written; it was left \
                 unchanged",
            ),
            Err(error) => Finding::new(Code::Unwritable, error.full()),
        };
        Err(finding.in_file(self.path.as_str()))
    }
}

/// Returns the finding about a file that stays as it is.
fn refused(path: &SitePath, reason: &dyn std::error::Error) -> Finding {
    let message = format!("left unchanged: {reason}");
    Finding::new(Code::ManifestRefused, message).in_file(path.as_str())
}

/// Returns a finding if a new manifest is longer than `limit`: the next run could not read it.
fn check_size(path: &SitePath, new: &str, limit: u64) -> Result<(), Finding> {
    let bytes = new.len() as u64;
    if bytes <= limit {
        return Ok(());
    }
    let message = format!(
        "the manifest would be {}, more than the limit of {}",
        ByteSize(bytes),
        ByteSize(limit)
    );
    Err(Finding::new(Code::ManifestRefused, message)
        .in_file(path.as_str())
        .hint("set fewer widths or formats in the presets, or remove `output.manifest`"))
}

/// The place that an entry of the manifest comes from.
struct Source<'p> {
    article: &'p SurveyedArticle,
    reference: &'p Reference,
    image: Option<&'p ImagePlan>,
}

/// Returns the new manifest, with the records that `record` returns, and findings about places that
/// cannot share an entry.
///
/// An existing entry is kept if its record is unknown: if its upload cannot be used, or if some
/// article could not be read, since any entry may belong to that article.
fn updated(
    planned: &Planned<'_>,
    site: &Site,
    held: &Manifest,
    record: &RecordOf<'_>,
) -> (Manifest, Vec<Finding>) {
    let survey = planned.survey();
    let manifest = if survey.has_unknown_references() {
        held.clone()
    } else {
        Manifest::default()
    };
    let mut update = Update {
        planned,
        site,
        held,
        record,
        manifest,
        sources: HashMap::new(),
        findings: Vec::new(),
    };
    for article in survey.articles() {
        for (reference, target) in article.references() {
            for preset in reference.preset.iter().flat_map(Choice::presets) {
                update.add(article, reference, target, preset);
            }
        }
    }
    (update.manifest, update.findings)
}

/// A new manifest while it is being built.
struct Update<'u> {
    planned: &'u Planned<'u>,
    site: &'u Site,
    held: &'u Manifest,
    record: &'u RecordOf<'u>,
    manifest: Manifest,
    /// Sources of the entries, by name of the image and preset.
    sources: HashMap<(String, &'u str), Source<'u>>,
    findings: Vec<Finding>,
}

impl<'u> Update<'u> {
    /// Adds the entries of one reference and one of its presets.
    fn add(
        &mut self,
        article: &'u SurveyedArticle,
        reference: &'u Reference,
        target: &Target,
        preset: &'u str,
    ) {
        let (names, image) = match target {
            Target::Upload(path) => {
                let plan = self.planned.plan();
                (
                    names(self.site, &reference.value, article, path),
                    plan.image_for(reference, path, preset, &self.site.presets),
                )
            }
            Target::Broken => {
                let alike = self.held.alike(&reference.value, preset);
                (alike.into_iter().map(str::to_owned).collect(), None)
            }
        };
        let texts = texts(reference);
        let mut is_reported = false;
        for name in names {
            if let Some(source) = self.sources.get(&(name.clone(), preset)) {
                if !is_reported && differ(source.image, image) {
                    let finding = conflict(source, article, reference, preset);
                    self.findings.push(finding);
                    is_reported = true;
                }
                if let Some(known) = self.manifest.texts_mut(&name, preset) {
                    known.keep_common(&texts);
                }
                continue;
            }
            let known = self.held.get(&name, preset);
            let content = image
                .and_then(|image| (self.record)(image, &name, known))
                .or_else(|| known.cloned());
            if let Some(content) = content {
                self.manifest.insert(&name, preset, content, texts.clone());
                let source = Source {
                    article,
                    reference,
                    image,
                };
                self.sources.insert((name, preset), source);
            }
        }
    }
}

/// Returns the alt text and the caption of an image in front matter, if a rule says where they are.
fn texts(reference: &Reference) -> Texts {
    if !matches!(reference.place, Place::Beside(_)) {
        return Texts::default();
    }
    Texts {
        alt: match &reference.alt {
            AltText::Unknown | AltText::Missing => None,
            AltText::Decorative | AltText::Empty { .. } => Some(String::new()),
            AltText::Text(text) => Some(text.to_string()),
        },
        caption: reference.caption.as_deref().map(str::to_owned),
    }
}

/// Returns the names of an upload in the manifest: its URL, and the value that articles use.
fn names(site: &Site, value: &str, article: &SurveyedArticle, path: &SitePath) -> Vec<String> {
    let url = site.conventions.url_of(path);
    let url = url.unwrap_or_else(|| path.to_string());
    let spelling = spelling(value, article, path);
    std::iter::once(url).chain(spelling).collect()
}

/// Returns the value without template expressions, if it means the same image in every article.
fn spelling(value: &str, article: &SurveyedArticle, path: &SitePath) -> Option<String> {
    let (plain, _) = plain_value(value)?;
    let beside = format!("{}/{plain}", article.file.path.parent());
    let is_relative = SitePath::normalise(beside.trim_start_matches('/')).as_ref() == Some(path);
    (plain.starts_with('/') || !is_relative && !plain.starts_with('.')).then_some(plain)
}

/// Whether two places need different variants of the same upload and preset, because their articles
/// set different focal points.
fn differ(one: Option<&ImagePlan>, other: Option<&ImagePlan>) -> bool {
    let both = one.zip(other);
    both.is_some_and(|(one, other)| !std::ptr::eq(one, other) && one != other)
}

fn conflict(
    source: &Source<'_>,
    article: &SurveyedArticle,
    reference: &Reference,
    preset: &str,
) -> Finding {
    let message = format!(
        "`{}` has another focal point here than elsewhere, but the manifest has one record of it \
         with preset `{preset}`; this place gets the crop of the other",
        reference.value
    );
    Finding::new(Code::ManifestConflict, message)
        .in_file(article.file.path.as_str())
        .at_offset(reference.offset)
        .related(
            Relation::Conflict,
            source.article.file.path.as_str(),
            source.reference.offset,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_the_next_run_could_not_read_is_refused() {
        let path = SitePath::root().child("m.json");
        assert_eq!(check_size(&path, "1234", 4), Ok(()));
        let finding = check_size(&path, "12345", 4).expect_err("too long");
        assert_eq!(finding.code, Code::ManifestRefused);
    }
}
