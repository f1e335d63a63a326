//! Opens a store: takes the path of a folder or the URL of an object store.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, FolderStore, Store, StoreError};
use crate::site::WriteGate;

/// The schemes of URLs of object stores.
const SCHEMES: [&str; 4] = ["s3", "gs", "az", "abfss"];

/// The URL of a place in an object store, such as `s3://bucket/prefix`, `gs://bucket/prefix` or
/// `az://container/prefix`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectStoreUrl(String);

impl ObjectStoreUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Opens the store. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the variables with the credentials contradict each other.
    #[cfg(feature = "remote")]
    pub fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(super::RemoteStore::open(&self.0)?))
    }

    /// Never called: without the feature `remote` there is no such URL.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(feature = "remote"))]
    pub fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Err(StoreError::new(Action::Open, &self.0)(WITHOUT))
    }
}

/// The message of a program that was built without the feature `remote`.
#[cfg(not(feature = "remote"))]
const WITHOUT: &str = "this planche was built without object stores: use one of the \
    packages (gem, npm, wheel, Debian, container, archive), or build it with `--features remote`";

impl TryFrom<String> for ObjectStoreUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_url = text.split_once("://").is_some_and(|(scheme, rest)| {
            let bucket = rest.split('/').next().unwrap_or_default();
            SCHEMES.contains(&scheme) && !bucket.is_empty()
        });
        if !is_url {
            return Err(format!(
                "`{text}` is not the URL of an object store, such as `s3://bucket/prefix`, \
                 `gs://…` or `az://…`"
            ));
        }
        #[cfg(not(feature = "remote"))]
        return Err(WITHOUT.to_owned());
        #[cfg(feature = "remote")]
        Ok(ObjectStoreUrl(text))
    }
}

impl From<ObjectStoreUrl> for String {
    fn from(url: ObjectStoreUrl) -> String {
        url.0
    }
}

/// Opens the store at a place: the URL of an object store, `file:///path`, or the path of a folder,
/// which is created. Writes to a folder pass the gate.
///
/// # Errors
///
/// If the store cannot be opened, or this program was built without object stores.
pub fn open(place: &str, gate: WriteGate) -> Result<Box<dyn Store>, StoreError> {
    let path = match place.split_once("://") {
        Some(("file", path)) => path,
        None => place,
        Some(_) => {
            let url = ObjectStoreUrl::try_from(place.to_owned());
            return url.map_err(StoreError::new(Action::Open, place))?.open();
        }
    };
    Ok(Box::new(FolderStore::open(Path::new(path), gate)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_an_object_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b").display().to_string();
        for place in [path.clone(), format!("file://{path}")] {
            let store = open(&place, WriteGate::default()).unwrap();
            assert!(
                store
                    .list(crate::store::Section::Originals)
                    .unwrap()
                    .is_empty()
            );
        }
        for bad in ["https://example.org/x", "s3://", "s3:///x", "ftp://host/x"] {
            let error = open(bad, WriteGate::default()).err().unwrap().to_string();
            assert!(
                error.contains("is not the URL of an object store"),
                "{error}"
            );
        }
    }

    #[test]
    #[cfg(not(feature = "remote"))]
    fn without_the_feature_the_message_says_what_has_it() {
        let error = ObjectStoreUrl::try_from("s3://bucket/x".to_owned()).unwrap_err();
        assert!(error.contains("packages") && error.contains("--features remote"));
    }
}
