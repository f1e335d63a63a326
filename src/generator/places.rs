//! Parses folders and URLs of the conventions.

use crate::path::SitePath;
use crate::published::{FolderPath, Output, UploadFolder, UrlPrefix};

/// Parses a folder, with or without slashes around it; the root if it is not within the site.
pub(super) fn folder(path: &str) -> SitePath {
    SitePath::normalise(path.trim_start_matches('/')).unwrap_or_default()
}

/// Parses a configured folder; the default if none is configured or it is outside the site.
pub(super) fn folder_or(configured: Option<String>, default: &str) -> SitePath {
    configured
        .and_then(|path| SitePath::normalise(path.trim_start_matches('/')))
        .unwrap_or_else(|| folder(default))
}

/// Joins a folder and a path within it; both may be the root.
pub(super) fn within(parent: &SitePath, path: &str) -> SitePath {
    folder(&format!("{parent}/{path}"))
}

/// Parses an uploads folder; `None` if the URL or the folder is not valid.
pub(super) fn uploads(url: &str, dir: &str) -> Option<UploadFolder> {
    Some(UploadFolder {
        url: url.to_owned().try_into().ok()?,
        dir: dir.to_owned().try_into().ok()?,
    })
}

/// Parses the variants folder and its URL; the default if one of them is not valid.
pub(super) fn output(dir: &str, url: &str) -> Output {
    let dir = FolderPath::try_from(dir.to_owned());
    let url = UrlPrefix::try_from(url.to_owned());
    match (dir, url) {
        (Ok(dir), Ok(url)) => Output { dir, url },
        _ => Output {
            dir: FolderPath::try_from("uploads/variants".to_owned())
                .expect("a folder within the site"),
            url: UrlPrefix::try_from("/uploads/variants/".to_owned()).expect("a URL path"),
        },
    }
}

/// Returns the hint to put the variants folder below `folder`, which is published.
pub fn output_below(folder: &str) -> String {
    format!("name a folder below `{folder}` with `output: {{ dir: …, url: … }}` in planche.yml")
}

/// Splits an absolute URL into host and path: `https://a.org/blog/` → (`a.org`, `/blog`). Any other
/// text is a path.
pub(super) fn split_url(url: &str) -> (Option<String>, String) {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        return (None, url.trim_end_matches('/').to_owned());
    };
    let (host, path) = rest
        .find('/')
        .map_or((rest, ""), |slash| rest.split_at(slash));
    let host = Some(host.to_ascii_lowercase()).filter(|host| !host.is_empty());
    (host, path.trim_end_matches('/').to_owned())
}

/// Whether a path is `folder` or is in it.
pub(super) fn is_within(path: &SitePath, folder: &SitePath) -> bool {
    path == folder || path.below(folder.as_str()).is_some()
}
