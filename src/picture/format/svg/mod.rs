//! SVG: published as is, or drawn at the size of a variant.

mod css;
mod draw;
mod entities;
mod header;
mod outline;
mod properties;
mod sniff;
mod text;
mod unsupported;
mod well_formed;
mod work;

use super::spec::{Decoder, Spec};
use crate::error::ProbeError;
use crate::info::{Format, ImageInfo};

pub use draw::rasterise;
pub(super) use sniff::starts_with_tag;

pub static SPEC: Spec = Spec {
    format: Format(8),
    name: "svg",
    title: "SVG",
    extensions: &["svg"],
    mime: "image/svg+xml",
    matches: sniff::is_svg,
    probe: |bytes, _| {
        let dimensions = header::intrinsic_size(bytes);
        dimensions
            .map(|dimensions| ImageInfo::Vector { dimensions })
            .map_err(|reason| ProbeError::Damaged {
                format: "SVG".into(),
                reason,
            })
    },
    decoder: Decoder::Vector { draw: rasterise },
    needs_isolation: true,
    frames: None,
    encoder: None,
};
