//! The text of an error that ends the program: what failed, the reason, and what to try.

use std::io::ErrorKind;

use anyhow::Error;

use planche::internal::flow::RunError;
use planche::internal::project::OpenError;
use planche::internal::site::{LockError, Operation, STATE_FOLDER, SiteError};

/// Returns the text of an error, with a hint if a file of the site is the cause and the error has
/// none.
pub fn of(error: &Error) -> String {
    let text = format!("{error:#}");
    match of_site(error).and_then(hint) {
        Some(hint) => format!("{text} – hint: {hint}"),
        None => text,
    }
}

/// Returns the error about a file of the site, if that is what the error is about.
fn of_site(error: &Error) -> Option<&SiteError> {
    if let Some(error) = error.downcast_ref::<SiteError>() {
        return Some(error);
    }
    if let Some(RunError::Site(error) | RunError::Lock(LockError::Site(error))) =
        error.downcast_ref()
    {
        return Some(error);
    }
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(LockError::Site(error)), _) | (_, Some(OpenError::Site(error))) => Some(error),
        _ => None,
    }
}

/// Returns what to do about a file that cannot be read or written; `None` if the error says it.
fn hint(error: &SiteError) -> Option<&'static str> {
    let SiteError::Io {
        operation,
        path,
        source,
    } = error
    else {
        return None;
    };
    let is_state = path.as_str().split('/').next() == Some(STATE_FOLDER);
    Some(match (source.kind(), operation) {
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, _) => "free disk space",
        (_, Operation::Read) => "make it readable",
        (ErrorKind::PermissionDenied, Operation::Lock | Operation::Write) if is_state => {
            "make the folder `.planche` and its files writable, or delete the folder: planche \
             creates it again"
        }
        _ => {
            "make the site's folder writable; `planche check` and `planche build --dry-run` write \
             nothing"
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use planche::internal::path::SitePath;

    use super::*;

    #[test]
    fn errors_about_files_of_the_site_say_what_to_try() {
        let error = |operation, path: &str, kind: ErrorKind| SiteError::Io {
            operation,
            path: SitePath::normalise(path).unwrap(),
            source: io::Error::from(kind),
        };
        let denied = ErrorKind::PermissionDenied;
        let of_lock = || error(Operation::Lock, ".planche/lock", denied);
        let of_state = "cannot lock `.planche/lock`: permission denied – hint: make the folder \
            `.planche` and its files writable, or delete the folder: planche creates it again";
        let of_site = "make the site's folder writable; `planche check` and `planche build \
            --dry-run` write nothing";
        for (error, expected) in [
            (Error::from(of_lock()), of_state.to_owned()),
            (LockError::Site(of_lock()).into(), of_state.to_owned()),
            (
                RunError::Lock(LockError::Site(of_lock())).into(),
                of_state.to_owned(),
            ),
            (
                error(Operation::Create, ".planche", denied).into(),
                format!("cannot create `.planche`: permission denied – hint: {of_site}"),
            ),
            (
                error(
                    Operation::Lock,
                    ".planche/lock",
                    ErrorKind::ReadOnlyFilesystem,
                )
                .into(),
                format!(
                    "cannot lock `.planche/lock`: read-only filesystem or storage medium – hint: \
                     {of_site}"
                ),
            ),
            (
                RunError::Site(error(Operation::Read, "uploads/variants", denied)).into(),
                "cannot read `uploads/variants`: permission denied – hint: make it readable"
                    .to_owned(),
            ),
            (
                OpenError::Site(error(Operation::Write, "a", ErrorKind::StorageFull)).into(),
                "cannot write `a`: no storage space – hint: free disk space".to_owned(),
            ),
            (anyhow::anyhow!("other"), "other".to_owned()),
        ] {
            assert_eq!(of(&error), expected);
        }
    }
}
