//! The cache of encoded variants that builds share: takes the key of a variant, and returns its
//! bytes or the right to make it.
//!
//! No problem with a cache stops a build: variants that cannot be read are made, and each kind of
//! problem is one finding.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::making::Claim;
use crate::finding::{Code, Finding, Severity};
use crate::path::SitePath;
use crate::project::Site;
use crate::store::{FolderStore, Key, Name, Put, Store, StoreError};

/// The environment variable that names the cache folder.
pub const VARIABLE: &str = "PLANCHE_CACHE";
/// A run evicts whenever it has written the maximum size divided by this number, and once at its
/// end.
const EVICTS_AFTER: u64 = 8;

/// Which cache a run uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheChoice {
    /// The cache in `planche.yml`, if there is one.
    #[default]
    Configured,
    /// This folder, anywhere in the file system.
    Folder(PathBuf),
    None,
}

impl CacheChoice {
    /// Reads `PLANCHE_CACHE`: unset for the configured cache, empty for none, or a folder.
    pub fn from_environment() -> Self {
        match std::env::var_os(VARIABLE) {
            None => CacheChoice::Configured,
            Some(empty) if empty.is_empty() => CacheChoice::None,
            Some(folder) => CacheChoice::Folder(folder.into()),
        }
    }
}

/// The cache of one run: a folder, an object store, both or none. The folder is read first.
#[derive(Default)]
pub struct Cache {
    folder: Option<FolderStore>,
    remote: Option<Box<dyn Store>>,
    /// The maximum size of the folder, in bytes.
    max: u64,
    /// Bytes that were written to the folder since the last eviction.
    written: AtomicU64,
    troubles: Mutex<Problems>,
}

/// Problems with the cache, each kind once.
#[derive(Default)]
struct Problems {
    opening: Vec<String>,
    /// The first error of reading from the folder; it is not read any more.
    reading: Option<String>,
    writing: Option<String>,
    /// The error that shows that the folder is read-only.
    read_only: Option<String>,
    /// The first error of the object store; it is not used any more.
    remote: Option<String>,
    /// Whether the object store is read-only.
    is_remote_read_only: bool,
    /// Variants that were made, but have other bytes in the cache.
    differing: BTreeSet<SitePath>,
}

/// Whether a job leaves variants to the processes that are making them (`WhenFree`), or makes them
/// itself (`Anyway`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claiming {
    WhenFree,
    Anyway,
}

impl Cache {
    /// Returns a cache that contains nothing and keeps nothing.
    pub fn none() -> Self {
        Cache::default()
    }

    /// Opens the chosen cache. A folder in the settings is within the site.
    pub fn open(site: &Site, choice: &CacheChoice) -> Self {
        let settings = &site.config.cache;
        let folder = match (choice, &settings.dir) {
            (CacheChoice::Folder(path), _) => Some(open_anywhere(site, path)),
            (CacheChoice::Configured, Some(dir)) => Some(open_within(site, dir.as_str())),
            _ => None,
        };
        let url = settings
            .url
            .as_ref()
            .filter(|_| *choice != CacheChoice::None);
        let remote = url.map(|url| url.open().map_err(|error| error.to_string()));
        let mut troubles = Problems::default();
        let cache = Cache {
            folder: opened(folder, &mut troubles.opening),
            remote: opened(remote, &mut troubles.opening),
            max: settings.max.0,
            written: AtomicU64::new(0),
            troubles: Mutex::new(troubles),
        };
        if let Some(folder) = &cache.folder {
            folder.mark_as_cache();
        }
        cache
    }

    fn troubles(&self) -> MutexGuard<'_, Problems> {
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

    fn get_remote(&self, key: Key) -> Option<Vec<u8>> {
        let remote = self.remote.as_ref()?;
        if self.troubles().remote.is_some() {
            return None;
        }
        remote.get(Name::Variant(key)).unwrap_or_else(|error| {
            self.troubles().remote.get_or_insert(error.to_string());
            None
        })
    }

    /// Decides how to get the variant with this key: from the cache, from the process that is
    /// making it, or by making it. `variant` is the path of its file.
    pub(super) fn claim(&self, key: Key, variant: &SitePath, claiming: Claiming) -> Claim {
        let Some(folder) = &self.folder else {
            let remote = self.get_remote(key);
            return remote.map_or(Claim::Make(None), Claim::Cached);
        };
        if let Some(bytes) = self.get(folder, key) {
            return Claim::Cached(bytes);
        }
        let lease = match (claiming, folder.lease(key)) {
            (Claiming::WhenFree, Ok(None)) => return Claim::Busy,
            (_, lease) => lease.ok().flatten(),
        };
        // Another process may have made it after the first look-up and before the lease.
        let found = self.get(folder, key).filter(|_| lease.is_some());
        let fetched = || {
            let bytes = self.get_remote(key)?;
            self.put_in(folder, key, variant, &bytes);
            Some(bytes)
        };
        match found.or_else(fetched) {
            Some(bytes) => Claim::Cached(bytes),
            None => Claim::Make(lease),
        }
    }

    /// Adds a variant that was made to the cache.
    pub(super) fn put(&self, key: Key, variant: &SitePath, bytes: &[u8]) {
        if let Some(folder) = &self.folder {
            self.put_in(folder, key, variant, bytes);
        }
        self.put_remote(key, variant, bytes);
    }

    fn put_in(&self, folder: &FolderStore, key: Key, variant: &SitePath, bytes: &[u8]) {
        let size = bytes.len() as u64;
        let is_usable = {
            let troubles = self.troubles();
            troubles.writing.is_none() && troubles.read_only.is_none()
        };
        if size > self.max || !is_usable {
            return;
        }
        match folder.put_if_absent(Name::Variant(key), bytes) {
            Ok(Put::New) => self.count(folder, size),
            Ok(Put::Same) => {}
            Ok(Put::Different) => self.differs(variant),
            Err(error) if error.is_forbidden => {
                self.troubles().read_only.get_or_insert(error.to_string());
            }
            Err(error) => self.not_written(&error),
        }
    }

    fn put_remote(&self, key: Key, variant: &SitePath, bytes: &[u8]) {
        let Some(remote) = &self.remote else {
            return;
        };
        let is_usable = {
            let troubles = self.troubles();
            troubles.remote.is_none() && !troubles.is_remote_read_only
        };
        if !is_usable {
            return;
        }
        match remote.put_if_absent(Name::Variant(key), bytes) {
            Ok(Put::New | Put::Same) => {}
            Ok(Put::Different) => self.differs(variant),
            // Reading has worked, so the credentials only permit reading.
            Err(error) if error.is_forbidden => self.troubles().is_remote_read_only = true,
            Err(error) => {
                self.troubles().remote.get_or_insert(error.to_string());
            }
        }
    }

    fn differs(&self, variant: &SitePath) {
        self.troubles().differing.insert(variant.clone());
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

    /// Evicts entries above the maximum size, and returns findings about all problems.
    pub fn close(self) -> Vec<Finding> {
        if let Some(folder) = &self.folder
            && self.written.load(Ordering::Relaxed) > 0
        {
            self.evict(folder);
        }
        let Problems {
            opening,
            reading,
            writing,
            read_only,
            remote,
            differing,
            ..
        } = self
            .troubles
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let later = [reading, writing, remote].into_iter().flatten();
        let unusable = opening.into_iter().chain(later);
        let mut findings: Vec<Finding> = unusable
            .map(|error| Finding::new(Code::UnusableCache, error))
            .collect();
        findings.extend(read_only.map(|error| {
            let message =
                format!("the cache is read-only, so new variants are not kept in it: {error}");
            Finding {
                severity: Severity::Notice,
                ..Finding::new(Code::UnusableCache, message)
            }
        }));
        findings.extend(differing.iter().map(|variant| {
            let message = "the cache contains other bytes under the key of this variant";
            Finding::new(Code::UnusableCache, message)
                .in_file(variant.as_str())
                .hint("delete the cache; if this happens again, it is a bug in planche")
        }));
        findings
    }
}

/// Returns the opened value, or adds the error to `troubles`.
fn opened<T>(result: Option<Result<T, String>>, troubles: &mut Vec<String>) -> Option<T> {
    match result? {
        Ok(opened) => Some(opened),
        Err(error) => {
            troubles.push(error);
            None
        }
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

#[cfg(test)]
mod tests;
