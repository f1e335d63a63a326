//! Reads the settings of a site. A file that has their name and cannot be used is an error:
//! without it, planche would work on another site, or by other settings.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::OpenError;
use crate::config;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::site::{Root, SETTINGS_LIMIT, SiteError};

/// Whether a folder has something with the name of `planche.yml`, of whatever kind.
pub(super) fn exists(root: &Root) -> bool {
    root.exists(&SitePath::root().child(config::FILE))
}

/// Reads the site's `planche.yml`; returns `None` if there is none.
///
/// # Errors
///
/// Returns a finding if it is not a readable regular file within the site.
pub fn read_settings(root: &Root) -> Result<Option<String>, OpenError> {
    let path = SitePath::root().child(config::FILE);
    let (message, hint) = match root.read_text(&path) {
        Ok(Some(text)) => return Ok(Some(text)),
        Ok(None) if !root.exists(&path) => return Ok(None),
        Ok(None) => (
            "it is a link to a file that does not exist".to_owned(),
            "correct the link, or remove it",
        ),
        Err(error) if error.is_outside() => (
            "it is a link that leads out of the site".to_owned(),
            "replace the link with the file, or name the file with `--config`",
        ),
        Err(SiteError::NotAFile { .. }) => (
            "it is not a regular file".to_owned(),
            "replace it with a file, or remove it",
        ),
        Err(error @ SiteError::TooLarge { .. }) => {
            (error.full(), "shorten it, such as by globs that match more")
        }
        Err(error) => (error.full(), "make it readable"),
    };
    let finding = Finding::new(Code::Configuration, message);
    let finding = finding.in_file(config::FILE).hint(hint);
    Err(OpenError::Configuration(Box::new(finding)))
}

/// Reads the settings file that the user names, which may be outside the site.
pub(super) fn read_named(path: &Path) -> Result<String, OpenError> {
    let read = || -> io::Result<String> {
        // Without waiting for the other end of a pipe.
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let mut options = File::options();
        let file = options.read(true).custom_flags(nonblocking).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut bytes = Vec::new();
        file.take(SETTINGS_LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > SETTINGS_LIMIT {
            let mebibytes = SETTINGS_LIMIT >> 20;
            let message = format!("it is larger than {mebibytes} MiB");
            return Err(io::Error::other(message));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map_err(|error| OpenError::ConfigFile {
        path: path.to_owned(),
        error,
    })
}
