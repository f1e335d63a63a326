//! Options of a run, and the errors that end it.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::picture::decoder::{Decode, InProcess};
use crate::plan::WidthOrder;
use crate::project::Site;
use crate::site::{Lock, LockError, SiteError};
use crate::variant::{Budget, Cache, CacheChoice, JobContext, Made, Progress, Silent};

/// Options of a run.
pub struct Options<'o> {
    /// Number of worker threads.
    pub threads: usize,
    pub budget: Budget,
    pub order: WidthOrder,
    /// Decoder of uploads and variants. It may decode some formats in other processes.
    pub decoder: &'o dyn Decode,
    /// Source of variants that were made elsewhere, if there is one.
    pub made: Option<&'o dyn Made>,
    /// Whether a build first verifies all variants, and makes damaged ones again.
    pub repair: bool,
    /// Where encoded variants are read from and written to.
    pub cache: CacheChoice,
    /// Set to true, from another thread or a signal handler, to stop the run.
    pub stop: &'o AtomicBool,
    /// Notified of every variant that is written.
    pub progress: &'o dyn Progress,
}

impl Options<'static> {
    /// Returns the defaults: one thread for each CPU, the memory that `planche.yml` allows, the
    /// cache that `planche.yml` or the variable `PLANCHE_CACHE` names, decoding in this process, no
    /// progress, no way to stop.
    pub fn for_site(site: &Site) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Options {
            threads: std::thread::available_parallelism().map_or(1, NonZero::get),
            budget: Budget::new(site.config.limits.memory),
            order: WidthOrder::LargestFirst,
            decoder: &InProcess,
            made: None,
            repair: false,
            cache: CacheChoice::from_environment(),
            stop: &NEVER,
            progress: &Silent,
        }
    }
}

impl Options<'_> {
    pub fn pool(&self) -> Result<rayon::ThreadPool, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build();
        pool.map_err(|source| RunError::Threads {
            threads: self.threads,
            source,
        })
    }

    /// Returns what the jobs of a run share.
    pub fn job_context<'r>(
        &'r self,
        pool: &'r rayon::ThreadPool,
        cache: &'r Cache,
    ) -> JobContext<'r> {
        JobContext {
            pool,
            cache,
            budget: self.budget,
            decoder: self.decoder,
            made: self.made,
            stop: self.stop,
            progress: self.progress,
        }
    }

    /// Acquires the lock of the site, and reports if it has to wait for another run.
    pub fn lock(&self, site: &Site) -> Result<Lock, LockError> {
        site.root
            .lock_announcing(self.stop, &|other| self.progress.waiting(other))
    }

    pub fn check_stop(&self) -> Result<(), RunError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        Ok(())
    }
}

/// An error that ends a run. A problem with a single file is a finding instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    #[error(transparent)]
    Lock(LockError),
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("cannot start {threads} threads")]
    Threads {
        threads: usize,
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
    #[error("interrupted")]
    Interrupted,
}

impl From<LockError> for RunError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Stopped => RunError::Interrupted,
            error => RunError::Lock(error),
        }
    }
}

/// How a dry run treats variants that do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingVariants {
    /// Assumes that a build writes them, and rewrites the articles that use them.
    WouldBeWritten,
    /// Assumes that they are only absent from this checkout: a record that could name them is up to
    /// date (`check --articles`).
    Ignored,
}
