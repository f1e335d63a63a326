//! From a variant that stands to what it looks like: one decode of a small file.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::color::Transforms;
use crate::decode::pixels;
use crate::error::ImageError;
use crate::fingerprint::{Fingerprint, Look, LookFor, SIDE};
use crate::format::probe;
use crate::frame;
use crate::info::ImageInfo;
use crate::limits::Limits;
use crate::pixels::{Channels, Pixels};
use crate::placeholder::is_opaque;
use crate::placeholder::placeholders;
use crate::placeholder::resized;
use crate::recipe::Resize;
use crate::resize::prepare;
use crate::units::Dimensions;

/// What a variant looks like, of an animation its first frame; the reason if it cannot be decoded.
pub fn look(
    bytes: &[u8],
    limits: &Limits,
    transforms: &Transforms,
    wanted: LookFor,
) -> Result<Look, String> {
    // It may be anything that somebody has put under a variant's name.
    let look = catch_unwind(AssertUnwindSafe(|| {
        of_file(bytes, limits, transforms, wanted)
    }));
    look.unwrap_or_else(|_| Err("the decoder stopped".to_owned()))
}

fn of_file(
    bytes: &[u8],
    limits: &Limits,
    transforms: &Transforms,
    wanted: LookFor,
) -> Result<Look, String> {
    let picture = probe(bytes, limits).map_err(|error| error.to_string())?;
    let ImageInfo::Raster(raster) = picture else {
        return Err("it holds no pixels".to_owned());
    };
    pixels(bytes, &raster, transforms)
        .and_then(|pixels| of_pixels(pixels, wanted))
        .map_err(|error| error.to_string())
}

fn of_pixels(pixels: Pixels, wanted: LookFor) -> Result<Look, ImageError> {
    let prepared = prepare(pixels.clone(), Resize::Srgb)?;
    let fingerprint = {
        let side = Dimensions {
            width: SIDE,
            height: SIDE,
        };
        fingerprint(&resized(&prepared, side)?, is_opaque(&pixels))
    };
    let placeholders = match wanted {
        LookFor::Fingerprint => None,
        LookFor::Placeholders => Some(placeholders(&pixels, &prepared)?),
    };
    Ok(Look {
        fingerprint,
        placeholders,
    })
}

fn fingerprint(small: &Pixels, is_opaque: bool) -> Fingerprint {
    let pixels = frame::rgba(small);
    let samples = pixels.chunks_exact(4).flat_map(|pixel| {
        let alpha = u32::from(pixel[3]);
        let seen = |sample: u8| {
            let sample = (u32::from(sample) * alpha + 127) / 255;
            u8::try_from(sample).unwrap_or(u8::MAX)
        };
        let samples = [seen(pixel[0]), seen(pixel[1]), seen(pixel[2]), pixel[3]];
        samples.into_iter().take(if is_opaque {
            Channels::Rgb.count()
        } else {
            Channels::Rgba.count()
        })
    });
    Fingerprint::new(samples.collect())
}
