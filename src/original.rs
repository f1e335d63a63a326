//! Uploads that articles reference.

use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::error::ProbeError;
use crate::picture::info::{Digest, ImageInfo};

/// An upload that articles reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    pub path: SitePath,
    pub digest: Digest,
    /// Size of the file in bytes.
    pub bytes: u64,
    pub info: ImageInfo,
}

/// Returns the finding about an upload whose headers cannot be used.
pub fn unusable(path: &SitePath, error: &ProbeError) -> Finding {
    let (code, hint) = match error {
        ProbeError::Unusable(unusable) => {
            let code = if unusable.is_image() {
                Code::UnsupportedFormat
            } else {
                Code::UndecodableUpload
            };
            (code, unusable.hint().to_owned())
        }
        ProbeError::Damaged { .. } => (
            Code::UndecodableUpload,
            "export the image again and upload it again".to_owned(),
        ),
        ProbeError::Lacking { lack, .. } => (Code::UndecodableUpload, lack.hint().to_owned()),
        ProbeError::OverLimit { key, .. } => (
            Code::OverLimit,
            format!("make the image smaller, or raise `limits: {{ {key}: … }}` in planche.yml"),
        ),
    };
    Finding::new(code, error.to_string())
        .in_file(path.as_str())
        .hint(hint)
}
