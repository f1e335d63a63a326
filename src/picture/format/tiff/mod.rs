//! TIFF (revision 6.0): the first image of the file.

mod decode;
mod header;

use super::spec::{Decoder, Spec};
use crate::info::{Format, ImageInfo};

pub static SPEC: Spec = Spec {
    format: Format(5),
    name: "tiff",
    title: "TIFF",
    extensions: &["tif", "tiff"],
    mime: "image/tiff",
    matches: |bytes| {
        let starts: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
        starts.iter().any(|start| bytes.starts_with(start))
    },
    probe: |bytes, _| header::probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode: decode::decode,
        decode_scaled: None,
    },
    needs_isolation: true,
    frames: None,
    encoder: None,
};
