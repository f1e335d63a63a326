//! The manifest of a site: what it is to say, shown, written or removed.

use super::state::State;
use super::{Absent, Act};
use crate::config::ManifestSyntax;
use crate::finding::{Code, Finding};
use crate::ledger::Ledger;
use crate::manifest::{Manifest, NotOurs};
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::plan::Wanted;
use crate::record::Content;
use crate::reference::plain_value;
use crate::report;
use crate::site::{Existing, Replaced, Site};
use crate::survey::{SurveyedArticle, Target};

/// A manifest that was written: its path, and the digest of its new bytes.
pub(super) type WrittenManifest = (SitePath, Digest);

/// The record of what is wanted, for a picture called so, given the one that is held.
type Recorded<'r> = dyn Fn(&Wanted, &str, Option<&Content>) -> Option<Content> + 'r;

/// What stands in the manifest's place.
struct Held {
    path: SitePath,
    syntax: ManifestSyntax,
    /// None where there is no file.
    bytes: Option<Vec<u8>>,
    manifest: Manifest,
}

impl Held {
    /// None where the configuration names no manifest.
    fn read(site: &Site) -> Option<Result<Held, Finding>> {
        let (path, syntax) = site.manifest()?;
        Some(read(site, path, syntax))
    }

    fn text(&self) -> String {
        let bytes = self.bytes.as_deref().unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn told(&self, new: Option<&str>, act: Act) -> report::Manifest {
        let old = self.bytes.as_deref();
        let is_changed = new.map(str::as_bytes) != old;
        let diff = if act == Act::ShowOnly && is_changed {
            similar::TextDiff::from_lines(self.text().as_str(), new.unwrap_or_default())
                .unified_diff()
                .header(&format!("a/{}", self.path), &format!("b/{}", self.path))
                .to_string()
        } else {
            String::new()
        };
        report::Manifest {
            path: self.path.to_string(),
            is_changed,
            diff,
        }
    }
}

fn read(site: &Site, path: SitePath, syntax: ManifestSyntax) -> Result<Held, Finding> {
    let bytes = match site.root.read(&path, u64::MAX) {
        Ok((bytes, _)) => Some(bytes),
        Err(error) if error.is_missing() => None,
        Err(error) => {
            let finding = Finding::new(Code::Unreadable, error.full()).in_file(path.as_str());
            return Err(finding.hint("make it readable, or name another file as the manifest"));
        }
    };
    let text = std::str::from_utf8(bytes.as_deref().unwrap_or_default());
    let manifest = text
        .map_err(|_| NotOurs)
        .and_then(|text| Manifest::read(text, syntax));
    match manifest {
        Ok(manifest) => Ok(Held {
            path,
            syntax,
            bytes,
            manifest,
        }),
        Err(not_ours) => Err(Finding::new(
            Code::ManifestRefused,
            format!("left alone: {not_ours}"),
        )
        .in_file(path.as_str())
        .hint("name another file with `output: { manifest: … }`, or remove this one")),
    }
}

impl State {
    /// Brings the manifest up to date by the variants that stand. Gives what is told of it, and the
    /// file where it was written.
    pub fn write_manifest(&mut self, site: &Site, ledger: &Ledger) -> Option<WrittenManifest> {
        let held = match Held::read(site)? {
            Ok(held) => held,
            Err(finding) => {
                self.find(finding);
                return None;
            }
        };
        let new = self.manifest(site, &held.manifest, &|wanted, value, _| {
            let set = self.shelf.set(wanted)?;
            Some(set.record(value).content().clone())
        });
        let new = new.render(held.syntax);
        self.manifest = Some(held.told(Some(&new), Act::Write));
        if held.bytes.as_deref() == Some(new.as_bytes()) {
            return None;
        }
        let written = self.sync_variants(site, ledger).and_then(|()| {
            let Some(old) = &held.bytes else {
                site.root
                    .create(&held.path, new.as_bytes(), Existing::Keep)?;
                return Ok(Replaced::Written);
            };
            site.root.replace(&held.path, old, new.as_bytes())
        });
        let finding = match written {
            Ok(Replaced::Written) => return Some((held.path, Digest::of(new.as_bytes()))),
            Ok(_) => Finding::new(
                Code::ArticleChanged,
                "the manifest changed while planche was running, or is being written; it was left alone",
            ),
            Err(error) => {
                self.could_not_write = true;
                Finding::new(Code::Unwritable, error.full())
                    .hint("make the folder writable, or make room on the disk")
            }
        };
        self.find(finding.in_file(held.path.as_str()));
        if let Some(told) = &mut self.manifest {
            told.is_changed = false;
        }
        None
    }

    /// Shows what a build would do to the manifest.
    pub fn forecast_manifest(&mut self, site: &Site, absent: Absent) {
        let held = match Held::read(site) {
            None => return,
            Some(Ok(held)) => held,
            Some(Err(finding)) => return self.find(finding),
        };
        let new = self.manifest(site, &held.manifest, &|wanted, value, held| {
            let may_stay = absent == Absent::Ignored && self.shelf.set(wanted).is_none();
            let stays = held.filter(|held| may_stay && wanted.could_give(held, value));
            let content = || {
                self.forecast_content(
                    wanted,
                    value,
                    held.map(std::slice::from_ref).unwrap_or_default(),
                )
            };
            Some(stays.cloned().unwrap_or_else(content))
        });
        self.manifest = Some(held.told(Some(&new.render(held.syntax)), Act::ShowOnly));
    }

    /// What the manifest is to say; what cannot be known stays as it is held.
    fn manifest(&self, site: &Site, held: &Manifest, record: &Recorded<'_>) -> Manifest {
        let mut manifest = Manifest::default();
        for article in &self.survey.articles {
            for (reference, target) in &article.references {
                let Some(choice) = &reference.preset else {
                    continue;
                };
                let (names, wanted) = match target {
                    Target::Upload(path) => {
                        let url = site.url_of(path).unwrap_or_else(|| path.to_string());
                        let spelling = spelling(&reference.value, article, path);
                        let names: Vec<String> = std::iter::once(url).chain(spelling).collect();
                        let wanted = self.plan.wanted_for(reference, path, &site.presets);
                        (names, wanted)
                    }
                    Target::Broken => {
                        let alike = held.alike(&reference.value, &choice.preset);
                        (alike.into_iter().map(str::to_owned).collect(), None)
                    }
                };
                for name in names {
                    if manifest.has(&name, &choice.preset) {
                        continue;
                    }
                    let known = held.get(&name, &choice.preset);
                    let content = wanted
                        .and_then(|wanted| record(wanted, &name, known))
                        .or_else(|| known.cloned());
                    if let Some(content) = content {
                        manifest.insert(&name, &choice.preset, content);
                    }
                }
            }
        }
        manifest
    }
}

/// The value that names a picture, without template expressions, where it means the same picture
/// in every article.
fn spelling(value: &str, article: &SurveyedArticle, path: &SitePath) -> Option<String> {
    let (plain, _) = plain_value(value)?;
    let beside = format!("{}/{plain}", article.file.path.parent());
    let is_relative = SitePath::normalise(beside.trim_start_matches('/')).as_ref() == Some(path);
    (plain.starts_with('/') || !is_relative && !plain.starts_with('.')).then_some(plain)
}

/// Removes the manifest, or shows that it would be removed.
pub(super) fn strip(site: &Site, act: Act) -> Option<Result<report::Manifest, Finding>> {
    let held = match Held::read(site)? {
        Ok(held) => held,
        Err(finding) => return Some(Err(finding)),
    };
    let told = held.told(None, act);
    if act == Act::Write
        && held.bytes.is_some()
        && let Err(error) = site.root.remove(&held.path)
    {
        let finding = Finding::new(Code::Unwritable, error.full());
        return Some(Err(finding.in_file(held.path.as_str())));
    }
    Some(Ok(told))
}
