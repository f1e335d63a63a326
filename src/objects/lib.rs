//! Files in object stores: Amazon S3 and compatible stores, Google Cloud Storage, Azure.
//!
//! Paths and bytes go in, bytes come out, or an error, within a time limit. All calls block the
//! calling thread, and any number of threads may call at once. Credentials and endpoints come from
//! the environment variables of the respective command-line tools (`AWS_…`, `GOOGLE_…`, `AZURE_…`).

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::time::Duration;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientConfigKey, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode,
    RetryConfig,
};
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// How long one call may take, retries included.
pub const PATIENCE: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(5);
const RETRIES: usize = 2;

/// The objects below a URL.
pub struct Objects {
    store: Box<dyn ObjectStore>,
    /// The prefix of all paths; may be empty.
    prefix: Path,
    patience: Duration,
    runtime: Runtime,
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ObjectError {
    pub message: String,
    /// Whether the store has denied access to these credentials; unknown for lists.
    pub is_forbidden: bool,
}

impl ObjectError {
    fn new(message: impl fmt::Display) -> Self {
        ObjectError {
            message: message.to_string(),
            is_forbidden: false,
        }
    }
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
        let reason = match &error {
            PermissionDenied { .. } => Some("these credentials do not permit it"),
            Unauthenticated { .. } => Some("the store does not accept the credentials"),
            NotFound { .. } => Some("there is no such bucket"),
            _ => unreached(&error),
        };
        ObjectError {
            message: reason.map_or_else(|| quoted(&error), str::to_owned),
            is_forbidden: matches!(error, PermissionDenied { .. } | Unauthenticated { .. }),
        }
    }
}

/// Returns an error and its causes, the innermost last.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| (*cause).source())
}

/// Returns why the store could not be reached, if that is the cause.
fn unreached(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut systems = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    systems.find_map(|cause| match cause.kind() {
        ErrorKind::ConnectionRefused => Some("no server answers at its address"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            Some("its server has closed the connection")
        }
        ErrorKind::TimedOut => Some("its server does not answer in time"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Some("its server cannot be reached")
        }
        _ if cause.to_string().contains("lookup address") => {
            Some("the name of its server is not known")
        }
        _ => None,
    })
}

/// Quotes the innermost cause of a client's error in one line. The outer causes repeat the URL and
/// count retries.
fn quoted(error: &(dyn Error + 'static)) -> String {
    let text = causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("its client says `{}`", text.replace('`', "'"))
}

/// Builds a client from the environment variables, with our time limits.
macro_rules! client {
    ($builder:ty, $key:ident, $url:expr, $patience:expr) => {{
        let limit = |time: Duration| {
            let milliseconds = time.as_millis();
            format!("{milliseconds} ms")
        };
        let connect = limit(CONNECT.min($patience));
        <$builder>::from_env()
            .with_url($url.as_str())
            .with_config($key::Client(ClientConfigKey::Timeout), limit($patience))
            .with_config($key::Client(ClientConfigKey::ConnectTimeout), connect)
            .with_retry(retries($patience))
            .build()
            .map(|built| Box::new(built) as Box<dyn ObjectStore>)
    }};
}

fn retries(patience: Duration) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: patience,
    }
}

impl Objects {
    /// Opens the objects below a URL such as `s3://bucket/prefix`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the URL is not that of an object store, or the environment variables contradict each
    /// other.
    pub fn open(url: &str, patience: Duration) -> Result<Self, ObjectError> {
        let url = Url::parse(url).map_err(ObjectError::new)?;
        let (scheme, prefix) = ObjectStoreScheme::parse(&url).map_err(ObjectError::new)?;
        // The provider is set once for the whole process; another part of it may have set one
        // already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = match scheme {
            ObjectStoreScheme::AmazonS3 => {
                client!(AmazonS3Builder, AmazonS3ConfigKey, url, patience)
            }
            ObjectStoreScheme::GoogleCloudStorage => {
                client!(GoogleCloudStorageBuilder, GoogleConfigKey, url, patience)
            }
            ObjectStoreScheme::MicrosoftAzure => {
                client!(MicrosoftAzureBuilder, AzureConfigKey, url, patience)
            }
            _ => return Err(ObjectError::new("it is not the URL of an object store")),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(ObjectError::new)?;
        Ok(Objects {
            store: store?,
            prefix,
            patience,
            runtime,
        })
    }

    fn path(&self, path: &str) -> Path {
        Path::from(format!("{}/{path}", self.prefix))
    }

    /// Waits for an operation; fails when the time limit has passed.
    fn wait<T>(
        &self,
        operation: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, ObjectError> {
        let limited = async { tokio::time::timeout(self.patience, operation).await };
        match self.runtime.block_on(limited) {
            Ok(done) => Ok(done?),
            Err(_) => {
                let seconds = self.patience.as_secs_f32();
                Err(ObjectError::new(format!("no answer within {seconds} s")))
            }
        }
    }

    /// Reads an object of at most `limit` bytes; returns `None` if there is no object. A larger one
    /// is returned as empty, which no digest matches.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ObjectError> {
        self.wait(async {
            let object = match self.store.get(&self.path(path)).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                object => object?,
            };
            if object.meta.size > limit {
                return Ok(Some(Vec::new()));
            }
            Ok(Some(object.bytes().await?.into()))
        })
    }

    /// Creates an object. Returns false if one has this name already, which stays as it is.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn create(&self, path: &str, bytes: Vec<u8>) -> Result<bool, ObjectError> {
        use object_store::Error::{AlreadyExists, Precondition};
        self.wait(async {
            let mode = PutMode::Create.into();
            let path = self.path(path);
            match self.store.put_opts(&path, bytes.into(), mode).await {
                Err(AlreadyExists { .. } | Precondition { .. }) => Ok(false),
                created => created.map(|_| true),
            }
        })
    }

    /// Writes an object, and replaces one that has this name already.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<(), ObjectError> {
        self.wait(async {
            let path = self.path(path);
            self.store.put(&path, bytes.into()).await.map(|_| ())
        })
    }

    /// Whether there is an object with this name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn exists(&self, path: &str) -> Result<bool, ObjectError> {
        self.wait(async {
            match self.store.head(&self.path(path)).await {
                Err(object_store::Error::NotFound { .. }) => Ok(false),
                head => head.map(|_| true),
            }
        })
    }

    /// Returns the paths of all objects below a folder, relative to the URL. The time limit holds
    /// for each request, not for all of them: there may be any number.
    ///
    /// # Errors
    ///
    /// If the store cannot be listed.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, ObjectError> {
        let folder = self.path(folder);
        let objects = self.store.list(Some(&folder));
        let below = objects.try_filter_map(async |object| {
            let parts = object.location.prefix_match(&self.prefix);
            Ok(parts.map(|parts| {
                let parts: Vec<String> = parts.map(|part| part.as_ref().to_owned()).collect();
                parts.join("/")
            }))
        });
        Ok(self.runtime.block_on(below.try_collect())?)
    }
}
