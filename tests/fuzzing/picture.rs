//! The fuzz target `picture`: headers and pixels of untrusted images, with small limits.

use planche::internal::picture::color::Transforms;
use planche::internal::picture::decode::{at_scale, pixels};
use planche::internal::picture::format::probe;
use planche::internal::picture::format::svg::rasterise;
use planche::internal::picture::info::{ImageInfo, Raster};
use planche::internal::picture::limits::Limits;
use planche::internal::picture::recipe::Scale;
use planche::internal::picture::units::Dimensions;

/// Limits so small that each mutation takes little time.
pub const LIMITS: Limits = Limits {
    megapixels: 1,
    side: 4_000,
    work: 20,
};

/// Reads the headers and decodes the image: at full size, at smaller scales, and each frame of an
/// animation.
///
/// # Panics
///
/// If a decoder panics, which a build turns into a finding.
pub fn check(bytes: &[u8]) {
    match probe(bytes, &LIMITS) {
        Ok(ImageInfo::Raster(raster)) => {
            // A build does not run jobs that exceed its memory limit.
            if raster.decode_bytes < 256 << 20 {
                let _ = pixels(bytes, &raster, &Transforms::default());
                for scale in [Scale::Quarter, Scale::Half] {
                    let _ = at_scale(bytes, &raster, scale);
                }
                frames(bytes, &raster);
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

fn frames(bytes: &[u8], raster: &Raster) {
    let Some(open) = raster.format.spec().frames.filter(|_| raster.is_animated) else {
        return;
    };
    let Ok(mut animation) = open(bytes, raster) else {
        return;
    };
    for _ in 0..raster.passes {
        if !matches!(animation.source.next(), Ok(Some(_))) {
            return;
        }
    }
}
