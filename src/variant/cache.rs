//! The cache of encoded variants that builds share: a plan's variants go in, their bytes come out,
//! or the right to make them.
//!
//! No trouble with a cache stops a build: what cannot be read is made, and each kind of trouble is
//! one finding.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::making::Claim;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::project::Site;
use crate::store::{FolderStore, Key, Name, Put, Store, StoreError};

/// The variable that names the folder of the cache.
pub const VARIABLE: &str = "PLANCHE_CACHE";
/// A run that has written this fraction of the maximum size evicts, and once at its end.
const EVICTS_AFTER: u64 = 8;

/// Which cache a run uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheChoice {
    /// That of `planche.yml`, if any.
    #[default]
    Configured,
    /// This folder, anywhere in the file system.
    Folder(PathBuf),
    None,
}

impl CacheChoice {
    /// What `PLANCHE_CACHE` says: unset, empty, or a folder.
    pub fn from_environment() -> Self {
        match std::env::var_os(VARIABLE) {
            None => CacheChoice::Configured,
            Some(empty) if empty.is_empty() => CacheChoice::None,
            Some(folder) => CacheChoice::Folder(folder.into()),
        }
    }
}

/// The cache of one run.
#[derive(Default)]
pub struct Cache {
    folder: Option<FolderStore>,
    /// Bytes.
    max: u64,
    /// Bytes that were written since the last eviction.
    written: AtomicU64,
    troubles: Mutex<Troubles>,
}

/// What went wrong, once each.
#[derive(Default)]
struct Troubles {
    opening: Option<String>,
    reading: Option<String>,
    writing: Option<String>,
    /// Variants that were made and have other bytes in the cache.
    differing: Vec<SitePath>,
}

/// Whether a job leaves variants to the processes that make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claiming {
    Polite,
    Regardless,
}

impl Cache {
    /// No cache.
    pub fn none() -> Self {
        Cache::default()
    }

    /// Opens the chosen cache; the folder in the settings is one of the site's.
    pub fn open(site: &Site, choice: &CacheChoice) -> Self {
        let settings = &site.config.cache;
        let folder = match (choice, &settings.dir) {
            (CacheChoice::Folder(path), _) => open_anywhere(site, path).map(Some),
            (CacheChoice::Configured, Some(dir)) => open_within(site, dir.as_str()).map(Some),
            _ => Ok(None),
        };
        let mut troubles = Troubles::default();
        let folder = folder.unwrap_or_else(|error| {
            troubles.opening = Some(error);
            None
        });
        if let Some(folder) = &folder {
            folder.mark_as_cache();
        }
        Cache {
            folder,
            max: settings.max.0,
            written: AtomicU64::new(0),
            troubles: Mutex::new(troubles),
        }
    }

    fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, folder: &FolderStore, key: Key) -> Option<Vec<u8>> {
        if self.troubles().reading.is_some() {
            return None;
        }
        folder.get(Name::Variant(key)).unwrap_or_else(|error| {
            self.troubles().reading.get_or_insert(error.to_string());
            None
        })
    }

    /// What to do about the variant of that key.
    pub(super) fn claim(&self, key: Key, claiming: Claiming) -> Claim {
        let Some(folder) = &self.folder else {
            return Claim::Make(None);
        };
        if let Some(bytes) = self.get(folder, key) {
            return Claim::Cached(bytes);
        }
        let lease = match (claiming, folder.lease(key)) {
            (Claiming::Polite, Ok(None)) => return Claim::Busy,
            (_, lease) => lease.ok().flatten(),
        };
        // Another process may have made it between the look and the lease.
        match self.get(folder, key).filter(|_| lease.is_some()) {
            Some(bytes) => Claim::Cached(bytes),
            None => Claim::Make(lease),
        }
    }

    /// Keeps a variant that was made.
    pub(super) fn put(&self, key: Key, variant: &SitePath, bytes: &[u8]) {
        let size = bytes.len() as u64;
        let Some(folder) = self.folder.as_ref().filter(|_| size <= self.max) else {
            return;
        };
        if self.troubles().writing.is_some() {
            return;
        }
        match folder.put_new(Name::Variant(key), bytes) {
            Ok(Put::New) => self.count(folder, size),
            Ok(Put::Same) => {}
            Ok(Put::Different) => self.troubles().differing.push(variant.clone()),
            Err(error) => self.not_written(&error),
        }
    }

    fn not_written(&self, error: &StoreError) {
        self.troubles().writing.get_or_insert(error.to_string());
    }

    fn count(&self, folder: &FolderStore, size: u64) {
        let written = self.written.fetch_add(size, Ordering::Relaxed) + size;
        if written > self.max / EVICTS_AFTER {
            self.evict(folder);
        }
    }

    fn evict(&self, folder: &FolderStore) {
        self.written.store(0, Ordering::Relaxed);
        if let Err(error) = folder.evict(self.max) {
            self.not_written(&error);
        }
    }

    /// Evicts what is too much, and returns what went wrong.
    pub fn close(self) -> Vec<Finding> {
        if let Some(folder) = &self.folder
            && self.written.load(Ordering::Relaxed) > 0
        {
            self.evict(folder);
        }
        let Troubles {
            opening,
            reading,
            writing,
            differing,
        } = self
            .troubles
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let unusable = [opening, reading, writing].into_iter().flatten();
        let mut findings: Vec<Finding> = unusable
            .map(|error| Finding::new(Code::UnusableCache, error))
            .collect();
        findings.extend(differing.iter().map(|variant| {
            let message = "the cache holds other bytes under the key of this variant";
            Finding::new(Code::UnusableCache, message)
                .in_file(variant.as_str())
                .hint("delete the cache; if this comes again, the program has an error")
        }));
        findings
    }
}

/// Opens a folder of the site, following no link out of it.
fn open_within(site: &Site, dir: &str) -> Result<FolderStore, String> {
    let path = SitePath::normalise(dir).unwrap_or_default();
    let folder = site.root.make_folder(&path).map_err(|error| error.full())?;
    let shown = site.root.path().join(path.as_path());
    Ok(FolderStore::new(folder, shown, site.root.gate().clone()))
}

fn open_anywhere(site: &Site, path: &Path) -> Result<FolderStore, String> {
    let opened = FolderStore::open(path, site.root.gate().clone());
    opened.map_err(|error| error.to_string())
}
