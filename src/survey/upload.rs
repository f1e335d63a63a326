//! Probes one upload: its bytes go in; its format and dimensions, from its headers only, and its
//! digest come out.

use tracing::field::Empty;
use tracing::trace_span;

use crate::finding::{Code, Finding};
use crate::original::{Original, unusable};
use crate::path::SitePath;
use crate::picture::contained::contain;
use crate::picture::decoder::Decode;
use crate::picture::info::Digest;
use crate::project::Site;
use crate::site::{SiteError, Stamp};

/// An upload and its stamp, or its error.
pub(super) type Probed = Result<(Stamp, Original), Box<Finding>>;

/// Reads and probes one upload.
pub(super) fn probe(site: &Site, path: &SitePath, decoder: &dyn Decode) -> Probed {
    let span = trace_span!("probe", file = %path, bytes = Empty).entered();
    let limits = &site.config.limits;
    let (bytes, stamp) = site
        .root
        .read(path, limits.file.0)
        .map_err(|error| unreadable(path, &error))?;
    span.record("bytes", bytes.len() as u64);
    // A decoder's header parser may panic on hostile input as well.
    let info = match contain(|| decoder.probe(&bytes, &limits.for_images())) {
        Ok(info) => info.map_err(|error| unusable(path, &error))?,
        Err(_) => {
            let message = "the decoder panicked while reading the header";
            let finding = Finding::new(Code::UndecodableUpload, message);
            return Err(Box::new(finding.in_file(path.as_str())));
        }
    };
    let original = Original {
        path: path.clone(),
        digest: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        info,
    };
    Ok((stamp, original))
}

fn unreadable(path: &SitePath, error: &SiteError) -> Finding {
    let code = match error {
        SiteError::TooLarge { .. } => Code::OverLimit,
        error if error.is_outside() => Code::OutsideSite,
        _ => Code::Unreadable,
    };
    let finding = Finding::new(code, error.full()).in_file(path.as_str());
    match code {
        Code::OverLimit => {
            finding.hint("make the image smaller, or raise `limits: { file: … }` in planche.yml")
        }
        _ => finding,
    }
}
