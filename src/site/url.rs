//! URLs and paths: percent-encoding, and which URL a file is published under.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Site;
use crate::path::SitePath;
use crate::published::UploadFolder;

/// All but the characters that mean themselves in a URL's path and in a srcset.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'-');

/// A path for a URL: nothing in it must be escaped in a srcset, in HTML or in YAML.
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

/// A URL's path decoded once; none where that is not UTF-8, or changes nothing.
pub fn decode_percent(path: &str) -> Option<String> {
    if !path.contains('%') {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    (decoded != path).then(|| decoded.into_owned())
}

impl Site {
    /// The URL, without `baseurl`, under which the generator publishes a file; `None` if it does
    /// not.
    pub fn url_of(&self, path: &SitePath) -> Option<String> {
        let is_unpublished = |dir: &str| {
            let mut unpublished = self.conventions.unpublished.iter();
            unpublished.any(|folder| folder.as_str() == dir)
        };
        let uploads = self.upload_folder_of(path)?;
        if is_unpublished(uploads.dir.as_str()) {
            return None;
        }
        let below = path.below(uploads.dir.as_str())?;
        Some(format!("{}{}", uploads.url.as_str(), encode_path(below)))
    }

    /// Where a file's variants go, below the output folder: the original's own sub-folder.
    pub fn sub_folder_of(&self, path: &SitePath) -> SitePath {
        let parent = path.parent();
        let below = match self.upload_folder_of(path) {
            Some(uploads) => path
                .below(uploads.dir.as_str())
                .and_then(|below| below.rsplit_once('/'))
                .map_or("", |(folder, _)| folder)
                .to_owned(),
            None => {
                let starts = self.conventions.starts.iter();
                let below = starts
                    .filter_map(|start| parent.below(start.as_str()))
                    .min_by_key(|below| below.len());
                below.unwrap_or(parent.as_str()).to_owned()
            }
        };
        SitePath::normalise(&below).unwrap_or_default()
    }

    /// The folder of uploads that holds a path most closely.
    fn upload_folder_of(&self, path: &SitePath) -> Option<&UploadFolder> {
        let uploads = self.conventions.uploads.iter();
        uploads
            .filter_map(|uploads| Some((uploads, path.below(uploads.dir.as_str())?.len())))
            .min_by_key(|(_, below)| *below)
            .map(|(uploads, _)| uploads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_paths_need_no_escape_and_decode_again() {
        let path = "uploads/2018 été, «x» (1)%.png";
        let encoded = encode_path(path);
        assert!(
            encoded
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/._~-%".contains(&byte)),
            "{encoded}"
        );
        assert_eq!(decode_percent(&encoded).as_deref(), Some(path));
        assert_eq!(decode_percent("/plain.png"), None);
        assert_eq!(decode_percent("%ff.png"), None);
    }
}
