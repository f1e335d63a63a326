//! From stored samples to sRGB of eight bits, through the original's ICC profile (ICC.1:2022).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use moxcms::{
    ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor, TransformOptions,
};

use super::decode::{Decoded, Samples};
use super::{Channels, Pixels, VariantError};
use crate::original::{Digest, colour_is_srgb};
use crate::units::Dimensions;

/// Profiles that were seen: setting a transform up costs more than a small picture.
#[derive(Default)]
pub struct Transforms {
    profiles: Mutex<HashMap<Digest, Arc<Profile>>>,
}

/// Profiles kept at most; a site has a handful.
const MAX_PROFILES: usize = 64;

/// What a profile means for the samples.
enum Profile {
    /// sRGB, or unreadable: the samples are taken as they are.
    None,
    Of(Box<ColorProfile>),
}

impl Transforms {
    fn profile(&self, icc: &[u8]) -> Arc<Profile> {
        let digest = Digest::of(icc);
        let mut profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(profile) = profiles.get(&digest) {
            return profile.clone();
        }
        let profile = Arc::new(match ColorProfile::new_from_slice(icc) {
            Ok(profile)
                if profile.color_space == DataColorSpace::Rgb && colour_is_srgb(&profile) =>
            {
                Profile::None
            }
            Ok(profile) => Profile::Of(Box::new(profile)),
            Err(_) => Profile::None,
        });
        if profiles.len() < MAX_PROFILES {
            profiles.insert(digest, profile.clone());
        }
        profile
    }
}

/// The options of every transform: relative colorimetric, as browsers and libvips convert.
fn options() -> TransformOptions {
    TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        ..TransformOptions::default()
    }
}

/// Converts what was decoded. An alpha channel without a transparent pixel is dropped.
pub(super) fn to_srgb(
    decoded: Decoded,
    dimensions: Dimensions,
    transforms: &Transforms,
) -> Result<Pixels, VariantError> {
    let profile = decoded.icc.as_deref().map(|icc| transforms.profile(icc));
    let profile = match profile.as_deref() {
        Some(Profile::Of(profile)) => Some(profile.as_ref()),
        _ => None,
    };
    let of_space = |space| profile.filter(|profile| profile.color_space == space);
    let (channels, samples) = match decoded.samples {
        Samples::Gray(gray) => match of_space(DataColorSpace::Gray) {
            Some(profile) => (
                Channels::Rgb,
                convert8(profile, &gray, Layout::Gray, Layout::Rgb)?,
            ),
            None => (Channels::Gray, gray),
        },
        Samples::Rgb(rgb) => match of_space(DataColorSpace::Rgb) {
            Some(profile) => (
                Channels::Rgb,
                convert8(profile, &rgb, Layout::Rgb, Layout::Rgb)?,
            ),
            None => (Channels::Rgb, rgb),
        },
        Samples::Rgba(rgba) => {
            let rgba = match (
                of_space(DataColorSpace::Rgb),
                of_space(DataColorSpace::Gray),
            ) {
                (Some(profile), _) => convert8(profile, &rgba, Layout::Rgba, Layout::Rgba)?,
                (_, Some(profile)) => gray_alpha(profile, &rgba)?,
                _ => rgba,
            };
            without_opaque_alpha(rgba)
        }
        Samples::Cmyk(cmyk) => match of_space(DataColorSpace::Cmyk) {
            Some(profile) => (
                Channels::Rgb,
                convert8(profile, &cmyk, Layout::Rgba, Layout::Rgb)?,
            ),
            // The profile is of another space: what a browser does without one.
            None => (Channels::Rgb, naive_cmyk(&cmyk)),
        },
        Samples::Gray16(gray) => match of_space(DataColorSpace::Gray) {
            Some(profile) => (
                Channels::Rgb,
                narrow(&convert16(profile, &gray, Layout::Gray, Layout::Rgb)?),
            ),
            None => (Channels::Gray, narrow(&gray)),
        },
        Samples::Rgb16(rgb) => match of_space(DataColorSpace::Rgb) {
            Some(profile) => (
                Channels::Rgb,
                narrow(&convert16(profile, &rgb, Layout::Rgb, Layout::Rgb)?),
            ),
            None => (Channels::Rgb, narrow(&rgb)),
        },
        Samples::Rgba16(rgba) => {
            let rgba = match of_space(DataColorSpace::Rgb) {
                Some(profile) => convert16(profile, &rgba, Layout::Rgba, Layout::Rgba)?,
                None => rgba,
            };
            without_opaque_alpha(narrow(&rgba))
        }
    };
    Ok(Pixels {
        dimensions,
        channels,
        samples,
    })
}

fn failed(error: moxcms::CmsError) -> VariantError {
    VariantError::Colour(error.to_string())
}

fn samples_of(layout: Layout) -> usize {
    match layout {
        Layout::Gray => 1,
        Layout::Rgb => 3,
        _ => 4,
    }
}

fn convert8(
    profile: &ColorProfile,
    samples: &[u8],
    from: Layout,
    to: Layout,
) -> Result<Vec<u8>, VariantError> {
    let transform = profile
        .create_transform_8bit(from, &ColorProfile::new_srgb(), to, options())
        .map_err(failed)?;
    let mut out = vec![0; samples.len() / samples_of(from) * samples_of(to)];
    run(transform.as_ref(), samples, &mut out)?;
    Ok(out)
}

fn convert16(
    profile: &ColorProfile,
    samples: &[u16],
    from: Layout,
    to: Layout,
) -> Result<Vec<u16>, VariantError> {
    let transform = profile
        .create_transform_16bit(from, &ColorProfile::new_srgb(), to, options())
        .map_err(failed)?;
    let mut out = vec![0; samples.len() / samples_of(from) * samples_of(to)];
    run(transform.as_ref(), samples, &mut out)?;
    Ok(out)
}

fn run<T: Copy + Default>(
    transform: &(dyn TransformExecutor<T> + Send + Sync),
    samples: &[T],
    out: &mut [T],
) -> Result<(), VariantError> {
    transform.transform(samples, out).map_err(failed)
}

/// Gray with alpha, spread over four channels by the decoder.
fn gray_alpha(profile: &ColorProfile, rgba: &[u8]) -> Result<Vec<u8>, VariantError> {
    let gray: Vec<u8> = rgba.chunks_exact(4).map(|pixel| pixel[0]).collect();
    let rgb = convert8(profile, &gray, Layout::Gray, Layout::Rgb)?;
    let pixels = rgb.chunks_exact(3).zip(rgba.chunks_exact(4));
    Ok(pixels
        .flat_map(|(rgb, old)| [rgb[0], rgb[1], rgb[2], old[3]])
        .collect())
}

/// Sixteen bits to eight, rounded.
fn narrow(samples: &[u16]) -> Vec<u8> {
    samples
        .iter()
        .map(|sample| u8::try_from((u32::from(*sample) * 255 + 32_767) / 65_535).unwrap_or(u8::MAX))
        .collect()
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

/// Inks multiplied, without a profile.
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
            // sRGB's red, a gray and sRGB's green as Display P3 has them (CSS Color 4's matrices).
            samples: Samples::Rgb(vec![234, 51, 35, 128, 128, 128, 117, 251, 76]),
            icc: Some(icc),
        };
        let pixels = to_srgb(decoded, dimensions, &Transforms::default()).expect("converted");
        let expected = [255, 0, 0, 128, 128, 128, 0, 255, 0];
        for (got, wanted) in pixels.samples.iter().zip(expected) {
            assert!(got.abs_diff(wanted) <= 3, "{:?}", pixels.samples);
        }
    }
}
