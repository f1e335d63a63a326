//! The temporary copy of a site on which runs are measured. It contains only the files that a run
//! reads.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::Source;
use crate::flow::{self, Effect, Options};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::decoder::InProcess;
use crate::picture::info::{Format, ImageInfo};
use crate::project::Site;
use crate::site::STATE_FOLDER;
use crate::survey::survey;

/// A temporary folder with a site, removed on drop.
pub(super) struct Scratch {
    folder: TempDir,
    config: Option<PathBuf>,
    /// The file to modify before each run of the scenario `change`: an original, or an article if
    /// there is none.
    changed: Option<SitePath>,
    /// Name of the site in the figures.
    pub name: String,
}

impl Scratch {
    /// Copies or generates a site. Returns `None` if it was stopped.
    pub fn new(source: &Source, stop: &AtomicBool) -> Result<Option<Scratch>> {
        let folder = tempfile::Builder::new()
            .prefix("planche-bench-")
            .tempdir()
            .context("cannot create a temporary folder")?;
        let (name, config) = match source {
            Source::Synthetic(synthetic) => {
                synthetic
                    .write(folder.path())
                    .with_context(|| format!("cannot write into `{}`", folder.path().display()))?;
                (format!("synthetic: {synthetic}"), None)
            }
            Source::Copy { site, config } => {
                copy(site, folder.path(), stop)?;
                let config = config.as_ref().map(|path| path.canonicalize());
                (name_of(site), config.transpose()?)
            }
        };
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut scratch = Scratch {
            folder,
            config,
            changed: None,
            name,
        };
        scratch.changed = file_to_change(&scratch.open()?);
        Ok(Some(scratch))
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    fn open(&self) -> Result<Site> {
        Ok(Site::open(Some(self.path()), self.config())?)
    }

    /// Removes everything that runs have written.
    pub fn reset(&self, stop: &AtomicBool) -> Result<()> {
        let site = self.open()?;
        for written in [site.output_folder().as_str(), STATE_FOLDER] {
            match std::fs::remove_dir_all(self.path().join(written)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).context("cannot empty the copy");
                }
                _ => {}
            }
        }
        let options = Options {
            stop,
            ..Options::for_site(&site)
        };
        flow::strip(&site, &options, Effect::Write)?;
        Ok(())
    }

    /// Modifies one file. A byte is appended to it: the digest of an image changes, but not the
    /// part that decoders read.
    pub fn change(&self) -> Result<()> {
        let Some(path) = &self.changed else {
            return Ok(());
        };
        let path = self.path().join(path.as_path());
        std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"\n"))
            .with_context(|| format!("cannot change `{}`", path.display()))
    }

    /// Returns the size of the ledger in bytes; 0 if there is none.
    pub fn ledger_bytes(&self) -> u64 {
        let ledger = self.path().join(STATE_FOLDER).join("ledger");
        ledger.metadata().map_or(0, |metadata| metadata.len())
    }
}

/// Returns the name of the site's folder.
fn name_of(site: &Site) -> String {
    let path = site.root.path();
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Copies the texts of a site, and the uploads that its articles use. The site itself is only read.
fn copy(site: &Site, to: &Path, stop: &AtomicBool) -> Result<()> {
    for path in files_to_copy(site) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        // A run cannot read these files either, or rejects them for their size.
        let Ok((bytes, _)) = site.root.read(&path, site.config.limits.file.0) else {
            continue;
        };
        let file = to.join(path.as_path());
        file.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&file, bytes))
            .with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(())
}

fn files_to_copy(site: &Site) -> BTreeSet<SitePath> {
    let survey = survey(site, site.walk(), &Ledger::default(), &InProcess).survey;
    // Findings name the articles, and the uploads that cannot be used. A run reads these too.
    let broken = survey
        .findings()
        .iter()
        .filter_map(|finding| SitePath::normalise(finding.file.as_deref()?));
    let mut files: BTreeSet<SitePath> = broken.collect();
    files.extend(survey.originals().keys().cloned());
    let articles = survey.articles().iter();
    files.extend(articles.map(|article| article.file.path.clone()));
    files.extend(
        site.walk_texts()
            .candidates
            .into_iter()
            .map(|text| text.path),
    );
    files
}

/// Returns the first JPEG or PNG that an article uses; otherwise, the first article.
fn file_to_change(site: &Site) -> Option<SitePath> {
    /// Number of articles in which an image is searched.
    const MAX_ARTICLES: usize = 100;
    let walked = site.walk();
    let articles: Vec<SitePath> = walked
        .candidates
        .iter()
        .filter(|file| !file.is_data)
        .take(MAX_ARTICLES)
        .map(|file| file.path.clone())
        .collect();
    let survey = survey(site, site.pick(&articles), &Ledger::default(), &InProcess).survey;
    survey
        .originals()
        .values()
        .find(|original| {
            matches!(original.info, ImageInfo::Raster(raster)
                if !raster.is_animated
                    && matches!(raster.format, Format::JPEG | Format::PNG))
        })
        .map(|original| original.path.clone())
        .or_else(|| articles.into_iter().next())
}
