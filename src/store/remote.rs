//! A store in an object store, through the crate `planche-objects`. Entries are verified.

use planche_objects::{ObjectError, Objects, PATIENCE};

use super::entry::{LARGEST, seal, unseal};
use super::{Action, Name, Put, Section, Store, StoreError};

/// A store below the URL of an object store.
pub struct RemoteStore {
    objects: Objects,
    url: String,
}

impl RemoteStore {
    /// Opens the store below a URL such as `s3://bucket/prefix`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the URL is not that of an object store, or the environment variables contradict each
    /// other.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let url = url.trim_end_matches('/');
        let opened = Objects::open(url, PATIENCE);
        Ok(RemoteStore {
            objects: opened.map_err(StoreError::new(Action::Open, url))?,
            url: url.to_owned(),
        })
    }

    fn error(
        &self,
        action: Action,
        below: impl std::fmt::Display,
    ) -> impl Fn(ObjectError) -> StoreError {
        let place = format!("{}/{below}", self.url);
        move |error| StoreError {
            is_forbidden: error.is_forbidden,
            ..StoreError::new(action, &place)(error)
        }
    }
}

impl Store for RemoteStore {
    fn get(&self, name: Name) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = self.objects.get(&name.to_string(), LARGEST);
        let sealed = sealed.map_err(self.error(Action::Read, name))?;
        Ok(sealed.and_then(|sealed| unseal(name, sealed)))
    }

    fn put_if_absent(&self, name: Name, bytes: &[u8]) -> Result<Put, StoreError> {
        let path = name.to_string();
        let error = self.error(Action::Write, name);
        let sealed = seal(name, bytes).into_owned();
        if self.objects.create(&path, sealed.clone()).map_err(&error)? {
            return Ok(Put::New);
        }
        Ok(match self.get(name)? {
            Some(there) if there == bytes => Put::Same,
            Some(_) => Put::Different,
            // The entry is damaged, or was deleted meanwhile.
            None => {
                self.objects.replace(&path, sealed).map_err(&error)?;
                Put::New
            }
        })
    }

    fn exists(&self, name: Name) -> Result<bool, StoreError> {
        let found = self.objects.exists(&name.to_string());
        found.map_err(self.error(Action::Read, name))
    }

    fn list(&self, section: Section) -> Result<Vec<Name>, StoreError> {
        let paths = self.objects.list(section.folder());
        let paths = paths.map_err(self.error(Action::List, section.folder()))?;
        let names = paths.iter().filter_map(|path| {
            let (_, file) = path.rsplit_once('/')?;
            section.name(file).filter(|name| name.to_string() == *path)
        });
        Ok(names.collect())
    }
}
