//! Reads the original of a job.

use std::fs::File;
use std::io::Read;

use super::JobLine;
use super::line::Source;
use crate::finding::{Code, Finding};
use crate::path::{decode_percent, encode_path};
use crate::picture::info::Digest;
use crate::picture::units::ByteSize;
use crate::store::{Name, Store};

/// Returns the URI of a file on this machine.
pub(super) fn file_uri(path: &str) -> String {
    format!("file://{}", encode_path(path))
}

/// Returns the URI of an original in the store.
pub(super) fn store_uri(original: Digest) -> String {
    format!("store:{}", Name::Original(original))
}

/// Reads a job's original, which must have the size and the digest of the plan.
///
/// # Errors
///
/// If the original does not exist, cannot be read, is too large, or has changed.
pub(super) fn read(job: &JobLine, store: &dyn Store) -> Result<Vec<u8>, Finding> {
    let Source { uri, bytes, blake3 } = &job.source;
    let most = job.limits.file;
    if *bytes > most {
        let (bytes, most) = (ByteSize(*bytes), ByteSize(most));
        let message = format!("it is {bytes}, more than the limit of {most}");
        return Err(Finding::new(Code::OverLimit, message));
    }
    let not_made =
        |message: String| Finding::new(Code::NotMade, message).hint("run `planche plan` again");
    let unreadable = |error: &dyn std::fmt::Display| {
        let message = format!("the original `{uri}` cannot be read: {error}");
        Finding::new(Code::Unreadable, message)
    };
    let digest = Digest(blake3.0);
    let found = if *uri == store_uri(digest) {
        let found = store.get(Name::Original(digest));
        found.map_err(|error| unreadable(&error))?
    } else if let Some(path) = uri.strip_prefix("file://") {
        let decoded = decode_percent(path);
        let found = read_file(decoded.as_deref().unwrap_or(path), *bytes);
        found.map_err(|error| unreadable(&error))?
    } else {
        return Err(not_made(format!(
            "the original `{uri}` is neither a file nor its entry in the store"
        )));
    };
    let found = found.ok_or_else(|| not_made(format!("the original `{uri}` does not exist")))?;
    if found.len() as u64 != *bytes || Digest::of(&found) != digest {
        return Err(not_made(format!(
            "the original `{uri}` has changed since the plan"
        )));
    }
    Ok(found)
}

/// Reads a file up to one byte more than `most`; returns `None` if it does not exist.
fn read_file(path: &str, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let metadata = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    // Opening a pipe would block.
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
