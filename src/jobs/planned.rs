//! Plans the job lines of a site.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Shard;
use super::line::JobLine;
use super::source::{file_uri, store_uri};
use crate::finding::{Code, Finding};
use crate::flow::{self, Options, PlannedJobs, RunError, Wanted};
use crate::picture::info::Digest;
use crate::plan::Job;
use crate::project::Site;
use crate::site::SiteError;
use crate::store::{Name, Store, StoreError};

/// The jobs of a site, ready to be written as lines.
#[derive(Debug)]
pub struct Plan {
    jobs: PlannedJobs,
    /// The absolute path of the site's folder; `None` if originals are in the store.
    folder: Option<PathBuf>,
    shard: Option<Shard>,
}

/// The reason why jobs could not be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{}", .0.full())]
    Site(#[from] SiteError),
    #[error("{0}; files already in the store were kept: run planche again to continue")]
    Store(#[from] StoreError),
    #[error("`{0}` changed while it was being uploaded – hint: run planche again")]
    Changed(String),
}

/// Plans the jobs of a site, and uploads their originals if there is a store. Does not change the
/// site.
///
/// # Errors
///
/// If the site cannot be read, or an original cannot be uploaded.
pub fn plan(
    site: &Site,
    options: &Options<'_>,
    wanted: Wanted,
    shard: Option<Shard>,
    store: Option<&dyn Store>,
) -> Result<Plan, PlanError> {
    let jobs = flow::planned_jobs(site, options, wanted)?;
    let plan = Plan {
        jobs,
        folder: store.is_none().then(|| absolute(site.root.path())),
        shard,
    };
    if let Some(store) = store {
        let pool = options.pool()?;
        let jobs = plan.jobs.jobs();
        let upload = |index| {
            options.check_stop()?;
            let job = jobs.get(index);
            match shard {
                Some(shard) if !shard.has(plan.line(&job, site).id) => Ok(()),
                _ => upload(&job, site, store),
            }
        };
        pool.install(|| (0..jobs.len()).into_par_iter().try_for_each(upload))?;
    }
    Ok(plan)
}

impl Plan {
    /// Findings about articles and uploads that are missing from the plan.
    pub fn findings(&self) -> &[Finding] {
        &self.jobs.findings
    }

    /// Whether the configuration has an error, so that there are no jobs.
    pub fn is_misconfigured(&self) -> bool {
        let mut findings = self.jobs.findings.iter();
        findings.any(|finding| finding.code == Code::Configuration)
    }

    /// Returns the job lines, the costliest first. Each is made when its turn comes.
    pub fn lines<'p>(&'p self, site: &'p Site) -> impl Iterator<Item = JobLine> + 'p {
        let jobs = self.jobs.jobs().made();
        let lines = jobs.map(|job| self.line(&job, site));
        lines.filter(|line| self.shard.is_none_or(|shard| shard.has(line.id)))
    }

    fn line(&self, job: &Job, site: &Site) -> JobLine {
        let original = &job.original;
        let uri = match &self.folder {
            None => store_uri(original.digest),
            Some(folder) => file_uri(&folder.join(original.path.as_path()).to_string_lossy()),
        };
        let limits = &site.config.limits;
        let index = &self.jobs.index;
        let known = |path: &_| index.size(path);
        JobLine::new(job, uri, limits.for_images(), limits.file, &known)
    }
}

/// Returns the absolute path of a folder.
fn absolute(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// Puts the original of a job into the store, unless it is there.
fn upload(job: &Job, site: &Site, store: &dyn Store) -> Result<(), PlanError> {
    let original = &job.original;
    let name = Name::Original(original.digest);
    if store.exists(name)? {
        return Ok(());
    }
    let (bytes, _) = site.root.read(&original.path, site.config.limits.file.0)?;
    if Digest::of(&bytes) != original.digest {
        return Err(PlanError::Changed(original.path.to_string()));
    }
    store.put_if_absent(name, &bytes)?;
    Ok(())
}
