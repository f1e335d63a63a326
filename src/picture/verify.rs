//! Checks whether a file can be decoded to its end.

use crate::animation::Frames;
use crate::contained::contain;
use crate::decoder::Decode;
use crate::info::ImageInfo;
use crate::limits::Limits;
use crate::recipe::Scale;

/// Decodes an image to its end, all frames of an animation included, and drops the pixels.
///
/// # Errors
///
/// Returns the reason if a part cannot be decoded.
pub fn check_all(bytes: &[u8], limits: &Limits, decoder: &dyn Decode) -> Result<(), String> {
    // A decoder may panic on a file that is damaged.
    contain(|| {
        let info = decoder
            .probe(bytes, limits)
            .map_err(|error| error.to_string())?;
        let ImageInfo::Raster(raster) = &info else {
            return Err("it contains no pixels".to_owned());
        };
        let result = match raster.format.spec().frames.filter(|_| raster.is_animated) {
            Some(open) => open(bytes, raster).and_then(|opened| {
                let mut frames = Frames::new(opened, raster);
                while frames.next()?.is_some() {}
                Ok(())
            }),
            None => decoder.decode(bytes, raster, Scale::Whole).map(drop),
        };
        result.map_err(|error| error.to_string())
    })
    .unwrap_or_else(|_| Err("the decoder panicked".to_owned()))
}
