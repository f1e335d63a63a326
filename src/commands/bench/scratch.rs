//! The copy of a site that runs are made on: what the flow reads, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use tempfile::TempDir;

use planche::ledger::Ledger;
use planche::original::{Picture, RasterFormat};
use planche::path::SitePath;
use planche::pipeline::{self, Act, Options};
use planche::site::{STATE_FOLDER, Site};
use planche::survey::survey;

use super::super::signals::Signals;
use crate::cli::{BenchArgs, SiteArgs};
use crate::commands::open;

/// A folder that is removed when this goes.
pub struct Scratch {
    folder: TempDir,
    config: Option<PathBuf>,
    /// What is changed for a run after one change: an original, else an article.
    changed: Option<SitePath>,
    /// What the figures are about.
    pub name: String,
}

impl Scratch {
    /// Copies a site or makes one up; none where a signal came meanwhile.
    pub fn make(args: &BenchArgs, signals: &Signals) -> Result<Option<Scratch>> {
        let folder = tempfile::Builder::new()
            .prefix("planche-bench-")
            .tempdir()
            .context("cannot make a temporary folder")?;
        let (name, config) = match args.synthetic {
            Some(synthetic) => {
                let written = synthetic.write(folder.path());
                written
                    .with_context(|| format!("cannot write into `{}`", folder.path().display()))?;
                let name = format!(
                    "made up: articles={},images={},seed={}",
                    synthetic.articles, synthetic.images, synthetic.seed
                );
                (name, None)
            }
            None => {
                let site = open(&SiteArgs {
                    site: args.site.clone(),
                    config: args.config.clone(),
                })?;
                copy(&site, folder.path(), signals)?;
                let own = site.root.path().canonicalize();
                let own = own.unwrap_or_else(|_| site.root.path().to_owned());
                let config = args.config.as_ref().map(|path| path.canonicalize());
                let name = own.file_name().unwrap_or_default().to_string_lossy();
                (name.into_owned(), config.transpose()?)
            }
        };
        if signals.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut scratch = Scratch {
            folder,
            config,
            changed: None,
            name,
        };
        scratch.changed = to_change(&scratch.open()?);
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

    /// Takes back all that runs have written.
    pub fn reset(&self, signals: &Signals) -> Result<()> {
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
            stop: &signals.stop,
            ..Options::of(&site)
        };
        pipeline::strip(&site, &options, Act::Write)?;
        Ok(())
    }

    /// Changes one file: a byte behind a picture's end makes it another picture to us and the same
    /// one to every decoder.
    pub fn change(&self) -> Result<()> {
        use std::io::Write;
        let Some(path) = &self.changed else {
            return Ok(());
        };
        let path = self.path().join(path.as_path());
        let file = std::fs::OpenOptions::new().append(true).open(&path);
        file.and_then(|mut file| file.write_all(b"\n"))
            .with_context(|| format!("cannot change `{}`", path.display()))
    }

    /// Bytes of the ledger that runs have left.
    pub fn ledger_bytes(&self) -> u64 {
        let ledger = self.path().join(STATE_FOLDER).join("ledger");
        ledger.metadata().map_or(0, |metadata| metadata.len())
    }
}

/// Copies the texts of a site, and the uploads that its articles use. Only reads it.
fn copy(site: &Site, to: &Path, signals: &Signals) -> Result<()> {
    let surveyed = survey(site, site.walk(), &Ledger::default());
    let broken = surveyed.of_uploads.iter();
    let broken = broken.filter_map(|finding| SitePath::normalise(finding.file.as_deref()?));
    let mut files: BTreeSet<SitePath> = surveyed.originals.into_keys().chain(broken).collect();
    files.extend(
        surveyed
            .articles
            .into_iter()
            .map(|article| article.file.path),
    );
    files.extend(
        site.walk_texts()
            .candidates
            .into_iter()
            .map(|text| text.path),
    );
    for path in files {
        if signals.stop.load(Ordering::Relaxed) {
            break;
        }
        // What cannot be read, or is over the limit, is not read by a run either.
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

/// The first JPEG or PNG that an article uses, else the first article.
fn to_change(site: &Site) -> Option<SitePath> {
    /// Articles that are looked into.
    const ENOUGH: usize = 100;
    let walked = site.walk();
    let pages = walked.candidates.iter().filter(|file| !file.is_data);
    let first: Vec<SitePath> = pages.take(ENOUGH).map(|file| file.path.clone()).collect();
    let surveyed = survey(site, site.pick(&first), &Ledger::default());
    let mut pictures = surveyed.originals.into_values();
    let picture = pictures.find(|original| {
        matches!(original.picture, Picture::Raster(raster)
            if !raster.is_animated && matches!(raster.format, RasterFormat::Jpeg | RasterFormat::Png))
    });
    picture
        .map(|original| original.path)
        .or_else(|| first.into_iter().next())
}
