//! Converts decoded samples to 8-bit sRGB by the file's color information: an ICC profile
//! (ICC.1:2022), code points (ITU-T H.273), or PNG's gamma and chromaticities.
//!
//! The rendering intent is relative colorimetric without black point compensation, the default of
//! libvips: white stays white, and colors within the gamut of sRGB keep their appearance. Browsers
//! have no black point compensation either.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor,
    TransformOptions,
};
use tracing::trace_span;

use crate::color_space::{ColorSpace, Profiles};
use crate::error::ImageError;
use crate::info::Digest;
use crate::pixels::{Channels, Pixels};
use crate::pixels::{Decoded, Samples};
use crate::units::Dimensions;

/// Cache of the color spaces in use and their transforms: setting one up costs more than converting
/// a small image (4 ms for CMYK).
#[derive(Default)]
pub struct Transforms {
    spaces: Mutex<HashMap<Key, Arc<Space>>>,
}

/// Maximum number of cached color spaces; a site has a handful.
const MAX_SPACES: usize = 64;

/// Key of a color space in the cache: its content.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Icc(Digest),
    Other(ColorSpace),
}

/// Channels of the pixels that a transform converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    Cmyk,
}

const KINDS: usize = 5;

/// A transform for each [`Kind`], created on first use.
type Executors<T> =
    [OnceLock<Result<Arc<dyn TransformExecutor<T> + Send + Sync>, CmsError>>; KINDS];

/// A color space, with its transforms to sRGB.
#[derive(Default)]
struct Space {
    /// `None` for sRGB: samples are not converted.
    profiles: Option<Profiles>,
    of_8_bits: Executors<u8>,
    of_16_bits: Executors<u16>,
}

impl Transforms {
    fn space(&self, color: ColorSpace) -> Arc<Space> {
        let key = match &color {
            ColorSpace::Icc(icc) => Key::Icc(Digest::of(icc)),
            other => Key::Other(other.clone()),
        };
        let mut spaces = self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(space) = spaces.get(&key) {
            return space.clone();
        }
        let space = Arc::new(Space {
            profiles: color.profiles(),
            ..Space::default()
        });
        if spaces.len() < MAX_SPACES {
            spaces.insert(key, space.clone());
        }
        space
    }
}

impl Kind {
    fn channels(self) -> usize {
        match self {
            Kind::Gray => 1,
            Kind::GrayAlpha => 2,
            Kind::Rgb => 3,
            Kind::Rgba | Kind::Cmyk => 4,
        }
    }

    fn is_gray(self) -> bool {
        matches!(self, Kind::Gray | Kind::GrayAlpha)
    }

    /// Returns the layouts of a transform's input and output.
    fn layouts(self) -> (Layout, Layout) {
        match self {
            Kind::Gray => (Layout::Gray, Layout::Gray),
            Kind::GrayAlpha => (Layout::GrayAlpha, Layout::GrayAlpha),
            Kind::Rgb => (Layout::Rgb, Layout::Rgb),
            Kind::Rgba => (Layout::Rgba, Layout::Rgba),
            // moxcms takes CMYK as four channels.
            Kind::Cmyk => (Layout::Rgba, Layout::Rgb),
        }
    }

    fn converted(self) -> Kind {
        match self {
            Kind::Cmyk => Kind::Rgb,
            other => other,
        }
    }
}

impl Space {
    /// Returns the profile for samples of this kind. Returns `None` if they are not converted: the
    /// space is sRGB, or its profile is for another color model, which browsers ignore too.
    fn profile(&self, kind: Kind) -> Option<&ColorProfile> {
        let profiles = self.profiles.as_ref()?;
        if kind.is_gray() {
            return profiles.gray.as_ref();
        }
        let wanted = match kind {
            Kind::Cmyk => DataColorSpace::Cmyk,
            _ => DataColorSpace::Rgb,
        };
        let profile = profiles.color.as_ref();
        profile.filter(|profile| profile.color_space == wanted)
    }
}

/// A type of samples that transforms exist for.
trait Depth: Copy + Default + Send + Sync + 'static {
    fn executors(space: &Space) -> &Executors<Self>;

    fn executor(
        from: &ColorProfile,
        to: &ColorProfile,
        kind: Kind,
    ) -> Result<Arc<dyn TransformExecutor<Self> + Send + Sync>, CmsError>;
}

impl Depth for u8 {
    fn executors(space: &Space) -> &Executors<u8> {
        &space.of_8_bits
    }

    fn executor(
        from: &ColorProfile,
        to: &ColorProfile,
        kind: Kind,
    ) -> Result<Arc<dyn TransformExecutor<u8> + Send + Sync>, CmsError> {
        let (source, target) = kind.layouts();
        first_possible(from, |options| {
            from.create_transform_8bit(source, to, target, options)
        })
    }
}

impl Depth for u16 {
    fn executors(space: &Space) -> &Executors<u16> {
        &space.of_16_bits
    }

    fn executor(
        from: &ColorProfile,
        to: &ColorProfile,
        kind: Kind,
    ) -> Result<Arc<dyn TransformExecutor<u16> + Send + Sync>, CmsError> {
        let (source, target) = kind.layouts();
        first_possible(from, |options| {
            from.create_transform_16bit(source, to, target, options)
        })
    }
}

/// Creates a transform with the preferred rendering intent, or with another one if the profile has
/// no table for it: profiles of printers may have only one table. For a table to XYZ, the error is
/// returned instead, since moxcms 0.8 computes wrong colors with such a table (for JPEGs in XYB).
fn first_possible<T>(
    from: &ColorProfile,
    make: impl Fn(TransformOptions) -> Result<T, CmsError>,
) -> Result<T, CmsError> {
    let by = |rendering_intent| {
        make(TransformOptions {
            rendering_intent,
            ..TransformOptions::default()
        })
    };
    by(RenderingIntent::RelativeColorimetric).or_else(|error| {
        if from.pcs == DataColorSpace::Lab {
            by(RenderingIntent::Perceptual)
        } else {
            Err(error)
        }
    })
}

/// Returns the profile of sRGB, for colors or for grays.
fn target(kind: Kind) -> ColorProfile {
    let srgb = ColorProfile::new_srgb();
    if !kind.is_gray() {
        return srgb;
    }
    let mut gray = ColorProfile::new_gray_with_gamma(1.0);
    gray.gray_trc = srgb.red_trc;
    gray
}

/// Converts samples to sRGB; returns them unchanged if no profile applies.
fn converted<T: Depth>(space: &Space, samples: Vec<T>, kind: Kind) -> Result<Vec<T>, ImageError> {
    let Some(profile) = space.profile(kind) else {
        return Ok(samples);
    };
    let failed = |_: &CmsError| ImageError::Color("its color profile is damaged".to_owned());
    let executor = T::executors(space)[kind as usize]
        .get_or_init(|| T::executor(profile, &target(kind), kind))
        .as_ref()
        .map_err(failed)?;
    let pixels = samples.len() / kind.channels();
    let mut out = vec![T::default(); pixels * kind.converted().channels()];
    executor
        .transform(&samples, &mut out)
        .map_err(|error| failed(&error))?;
    Ok(out)
}

/// Returns the pixels with their colors as stored, and the ICC profile that variants must embed. If
/// the file has no ICC profile, or its samples are not RGB or RGBA, converts the pixels to sRGB and
/// returns no profile.
pub fn kept(
    decoded: Decoded,
    dimensions: Dimensions,
    transforms: &Transforms,
) -> Result<(Pixels, Option<Vec<u8>>), ImageError> {
    let kind = match decoded.samples {
        Samples::Rgb(_) | Samples::Rgb16(_) => Kind::Rgb,
        Samples::Rgba(_) | Samples::Rgba16(_) => Kind::Rgba,
        _ => return Ok((to_srgb(decoded, dimensions, transforms)?, None)),
    };
    let ColorSpace::Icc(icc) = &decoded.color else {
        return Ok((to_srgb(decoded, dimensions, transforms)?, None));
    };
    // A profile that equals sRGB is not embedded.
    let profile = transforms
        .space(decoded.color.clone())
        .profile(kind)
        .map(|_| icc.clone());
    let as_stored = Decoded {
        color: ColorSpace::of_icc(None),
        samples: decoded.samples,
    };
    Ok((to_srgb(as_stored, dimensions, transforms)?, profile))
}

/// Converts a decoded image to 8-bit sRGB. An alpha channel without a transparent pixel is dropped.
pub fn to_srgb(
    decoded: Decoded,
    dimensions: Dimensions,
    transforms: &Transforms,
) -> Result<Pixels, ImageError> {
    let _span = trace_span!("color", pixels = dimensions.pixels()).entered();
    let space = transforms.space(decoded.color);
    let (kind, samples) = match decoded.samples {
        Samples::Gray(samples) => (Kind::Gray, eight(&space, samples, Kind::Gray)?),
        Samples::GrayAlpha(samples) => (Kind::GrayAlpha, eight(&space, samples, Kind::GrayAlpha)?),
        Samples::Rgb(samples) => (Kind::Rgb, eight(&space, samples, Kind::Rgb)?),
        Samples::Rgba(samples) => (Kind::Rgba, eight(&space, samples, Kind::Rgba)?),
        Samples::Cmyk(samples) => (Kind::Rgb, eight(&space, samples, Kind::Cmyk)?),
        Samples::Gray16(samples) => (Kind::Gray, sixteen(&space, samples, Kind::Gray)?),
        Samples::GrayAlpha16(samples) => {
            (Kind::GrayAlpha, sixteen(&space, samples, Kind::GrayAlpha)?)
        }
        Samples::Rgb16(samples) => (Kind::Rgb, sixteen(&space, samples, Kind::Rgb)?),
        Samples::Rgba16(samples) => (Kind::Rgba, sixteen(&space, samples, Kind::Rgba)?),
    };
    let (channels, samples) = match kind {
        Kind::Gray => (Channels::Gray, samples),
        Kind::GrayAlpha => spread(samples),
        Kind::Rgba => without_opaque_alpha(samples),
        Kind::Rgb | Kind::Cmyk => (Channels::Rgb, samples),
    };
    Ok(Pixels {
        dimensions,
        channels,
        samples,
    })
}

fn eight(space: &Space, samples: Vec<u8>, kind: Kind) -> Result<Vec<u8>, ImageError> {
    if kind == Kind::Cmyk && space.profile(kind).is_none() {
        // The profile is for another color model: ignore it, as browsers do.
        return Ok(naive_cmyk(&samples));
    }
    converted(space, samples, kind)
}

fn sixteen(space: &Space, samples: Vec<u16>, kind: Kind) -> Result<Vec<u8>, ImageError> {
    converted(space, samples, kind).map(|samples| narrow(&samples))
}

/// Rounds 16-bit samples to 8 bits.
fn narrow(samples: &[u16]) -> Vec<u8> {
    samples
        .iter()
        .map(|sample| u8::try_from((u32::from(*sample) * 255 + 32_767) / 65_535).unwrap_or(u8::MAX))
        .collect()
}

/// Converts gray with alpha to RGBA, or to gray if no pixel is transparent.
fn spread(gray_alpha: Vec<u8>) -> (Channels, Vec<u8>) {
    let pixels = gray_alpha.chunks_exact(2);
    if pixels.clone().all(|pixel| pixel[1] == 255) {
        return (Channels::Gray, pixels.map(|pixel| pixel[0]).collect());
    }
    let rgba = pixels.flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]);
    (Channels::Rgba, rgba.collect())
}

fn without_opaque_alpha(rgba: Vec<u8>) -> (Channels, Vec<u8>) {
    if rgba.chunks_exact(4).all(|pixel| pixel[3] == 255) {
        let rgb = rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        return (Channels::Rgb, rgb);
    }
    (Channels::Rgba, rgba)
}

/// Converts CMYK to RGB without a profile: a color is (255 − ink) · (255 − black) / 255.
fn naive_cmyk(cmyk: &[u8]) -> Vec<u8> {
    let mix = |ink: u8, black: u8| {
        let light = u32::from(255 - ink) * u32::from(255 - black);
        u8::try_from((light + 127) / 255).unwrap_or(u8::MAX)
    };
    cmyk.chunks_exact(4)
        .flat_map(|pixel| {
            [
                mix(pixel[0], pixel[3]),
                mix(pixel[1], pixel[3]),
                mix(pixel[2], pixel[3]),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        assert_eq!(
            narrow(&[0, 128, 129, 65_535, 65_407, 65_406, 257 * 100]),
            [0, 0, 1, 255, 255, 254, 100]
        );
    }

    #[test]
    fn an_alpha_channel_that_hides_nothing_is_dropped() {
        assert_eq!(
            without_opaque_alpha(vec![1, 2, 3, 255]),
            (Channels::Rgb, vec![1, 2, 3])
        );
        assert_eq!(without_opaque_alpha(vec![1, 2, 3, 254]).0, Channels::Rgba);
    }

    #[test]
    fn a_wide_gamut_is_brought_into_srgb() {
        let icc = ColorProfile::new_display_p3().encode().expect("a profile");
        let dimensions = Dimensions {
            width: 3,
            height: 1,
        };
        let decoded = Decoded {
            // The red of sRGB, a gray and the green of sRGB in Display P3 (by the matrices of CSS
            // Color 4).
            samples: Samples::Rgb(vec![234, 51, 35, 128, 128, 128, 117, 251, 76]),
            color: ColorSpace::Icc(icc),
        };
        let pixels = to_srgb(decoded, dimensions, &Transforms::default()).expect("converted");
        let expected = [255, 0, 0, 128, 128, 128, 0, 255, 0];
        for (got, wanted) in pixels.samples.iter().zip(expected) {
            assert!(got.abs_diff(wanted) <= 3, "{:?}", pixels.samples);
        }
    }
}
