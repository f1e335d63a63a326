//! The fuzz target `picture`: headers and pixels of untrusted images, under small limits.

use planche::internal::picture::color::Transforms;
use planche::internal::picture::decode::pixels;
use planche::internal::picture::format::probe;
use planche::internal::picture::format::svg::rasterise;
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::limits::Limits;
use planche::internal::picture::units::Dimensions;

/// Small, so that a mutation takes little time.
pub const LIMITS: Limits = Limits {
    megapixels: 1,
    side: 4_000,
    work: 20,
};

/// Reads the headers and decodes the image.
///
/// # Panics
///
/// If a decoder does: a build turns that into a finding.
pub fn check(bytes: &[u8]) {
    match probe(bytes, &LIMITS) {
        Ok(ImageInfo::Raster(raster)) => {
            // A build does not run jobs above its memory limit.
            if raster.decode_bytes < 256 << 20 {
                let _ = pixels(bytes, &raster, &Transforms::default());
            }
        }
        Ok(ImageInfo::Vector { .. }) => {
            let size = Dimensions {
                width: 64,
                height: 64,
            };
            let _ = rasterise(bytes, size);
        }
        Err(_) => {}
    }
}
