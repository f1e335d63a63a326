//! The color space that a file declares: its conversion to color profiles, and whether it is sRGB,
//! which every browser assumes.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    Layout, MatrixCoefficients, ToneReprCurve, TransferCharacteristics, TransformOptions, XyY,
};
use serde::{Deserialize, Serialize};

/// The color space that a file declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ColorSpace {
    /// sRGB, or not declared.
    #[default]
    Srgb,
    /// An ICC profile, as stored in the file.
    Icc(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Code points of ITU-T H.273.
    Coded { primaries: u8, transfer: u8 },
    /// PNG's `gAMA` and `cHRM` chunks, in units of 1/100,000. A missing value is that of sRGB.
    Measured {
        gamma: Option<u32>,
        chromaticities: Option<[u32; 8]>,
    },
}

/// Luminance of diffuse white in HDR, in cd/m² (ITU-R BT.2408, section 2). It becomes the white of
/// sRGB. Brighter colors are clipped; there is no tone mapping.
const HDR_WHITE: f64 = 203.0;

impl ColorSpace {
    pub fn of_icc(icc: Option<Vec<u8>>) -> Self {
        icc.map_or(ColorSpace::Srgb, ColorSpace::Icc)
    }

    /// Whether the colors are sRGB, which browsers also assume if the file declares nothing.
    pub fn is_srgb(&self) -> bool {
        match self {
            ColorSpace::Icc(icc) => ColorProfile::new_from_slice(icc).is_ok_and(|profile| {
                profile.color_space == DataColorSpace::Rgb && color_is_srgb(&profile)
            }),
            other => other.profiles().is_none(),
        }
    }

    /// Returns the profiles for colors and for grays. Returns `None` for sRGB, for invalid values,
    /// and for an ICC profile that cannot be read, which browsers ignore too.
    pub fn profiles(&self) -> Option<Profiles> {
        let color = match self {
            ColorSpace::Srgb => return None,
            ColorSpace::Icc(icc) => {
                let profile = ColorProfile::new_from_slice(icc).ok()?;
                if profile.color_space == DataColorSpace::Rgb && color_is_srgb(&profile) {
                    return None;
                }
                return Some(match profile.color_space {
                    DataColorSpace::Gray => Profiles {
                        color: None,
                        gray: Some(profile),
                    },
                    _ => Profiles {
                        color: Some(profile),
                        gray: None,
                    },
                });
            }
            ColorSpace::Coded {
                primaries,
                transfer,
            } => of_code_points(*primaries, *transfer)?,
            ColorSpace::Measured {
                gamma,
                chromaticities,
            } => measured(*gamma, chromaticities.as_ref())?,
        };
        if color_is_srgb(&color) {
            return None;
        }
        let mut gray = ColorProfile::new_gray_with_gamma(1.0);
        gray.gray_trc = color.red_trc.clone();
        Some(Profiles {
            color: Some(color),
            gray: Some(gray),
        })
    }
}

/// The profiles for pixels of three or four channels, and for gray pixels.
pub struct Profiles {
    pub color: Option<ColorProfile>,
    pub gray: Option<ColorProfile>,
}

/// Returns the profile of H.273 code points; `None` if they are unknown. Unspecified and reserved
/// code points are replaced by those of sRGB, and so are the transfer functions of cameras (BT.709,
/// BT.601, BT.2020), since a screen shows them by its own curve.
fn of_code_points(primaries: u8, transfer: u8) -> Option<ColorProfile> {
    const SRGB_CURVE: u8 = 13;
    let transfer = match transfer {
        0 | 2 | 3 | 1 | 6 | 11 | 12 | 14 | 15 => SRGB_CURVE,
        known => known,
    };
    let primaries = match primaries {
        0 | 2 | 3 => 1,
        known => known,
    };
    let curve = match transfer {
        16 => Some(curve(pq)),
        18 => Some(curve(hlg)),
        _ => None,
    };
    let named = if curve.is_some() {
        SRGB_CURVE
    } else {
        transfer
    };
    let mut profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(named).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    // moxcms sets no curve for code points that specify none.
    profile.red_trc.as_ref()?;
    if let Some(curve) = curve {
        profile.cicp = None;
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    Some(profile)
}

/// Tabulates a function from signal to linear light; 1 is white, and brighter light is clipped.
fn curve(to_light: fn(f64) -> f64) -> ToneReprCurve {
    const ENTRIES: u16 = 4096;
    let entry = |at: u16| {
        let light = to_light(f64::from(at) / f64::from(ENTRIES - 1));
        (light.clamp(0.0, 1.0) * 65_535.0).round() as u16
    };
    ToneReprCurve::Lut((0..ENTRIES).map(entry).collect())
}

/// Perceptual quantizer (SMPTE ST 2084): converts a signal of 0 to 1 to linear light, as a multiple
/// of [`HDR_WHITE`].
fn pq(signal: f64) -> f64 {
    const M1: f64 = 2610.0 / 16384.0;
    const M2: f64 = 2523.0 / 32.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 128.0;
    const C3: f64 = 2392.0 / 128.0;
    let power = signal.powf(1.0 / M2);
    let light = ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1);
    light * 10_000.0 / HDR_WHITE
}

/// Hybrid log-gamma (ITU-R BT.2100): converts a signal of 0 to 1 to linear light, as a multiple of
/// [`HDR_WHITE`]. The gamma of a display of 1,000 cd/m² is applied to each channel.
fn hlg(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 0.284_668_92;
    const C: f64 = 0.559_910_73;
    let scene = if signal <= 0.5 {
        signal * signal / 3.0
    } else {
        (((signal - C) / A).exp() + B) / 12.0
    };
    scene.powf(1.2) * 1000.0 / HDR_WHITE
}

/// Returns the profile for PNG's `gAMA` and `cHRM`; `None` if they equal sRGB's own values or are
/// invalid.
fn measured(gamma: Option<u32>, chromaticities: Option<&[u32; 8]>) -> Option<ColorProfile> {
    /// The values that writers store along with `sRGB` (PNG, section 11.3.2.5).
    const SRGB_GAMMA: u32 = 45_455;
    const SRGB_CHROMATICITIES: [u32; 8] = [
        31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
    ];
    // Writers round these values differently.
    let gamma = gamma.filter(|gamma| gamma.abs_diff(SRGB_GAMMA) > 50);
    let chromaticities = chromaticities.filter(|values| {
        let pairs = values.iter().zip(SRGB_CHROMATICITIES);
        pairs
            .into_iter()
            .any(|(value, srgb)| value.abs_diff(srgb) > 10)
    });
    if gamma.is_none() && chromaticities.is_none() {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    if let Some(values) = chromaticities {
        // A chromaticity above 1 belongs to no color, and a white point with a y of 0 would lead to
        // a division by zero.
        if values.iter().any(|value| *value > 100_000) || values[1] == 0 {
            return None;
        }
        let part = |at: usize| f64::from(values[at]) / 100_000.0;
        let point = |at: usize| Chromaticity {
            x: part(at) as f32,
            y: part(at + 1) as f32,
        };
        let (red, green, blue) = (point(2), point(4), point(6));
        let area = (green.x - red.x) * (blue.y - red.y) - (blue.x - red.x) * (green.y - red.y);
        if area.abs() < 1e-3 || [red.y, green.y, blue.y].contains(&0.0) {
            return None;
        }
        let white = XyY {
            x: part(0),
            y: part(1),
            yb: 1.0,
        };
        profile.update_rgb_colorimetry(white, ColorPrimaries { red, green, blue });
    }
    if let Some(gamma) = gamma {
        // Other values are implausible for an image.
        if !(2_000..=1_000_000).contains(&gamma) {
            return None;
        }
        let curve = ToneReprCurve::Parametric(vec![100_000.0 / gamma as f32]);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    Some(profile)
}

/// Whether a profile's primaries and tone curve are those of sRGB: converting a grid of colors to
/// sRGB changes no sample by more than 1.
fn color_is_srgb(profile: &ColorProfile) -> bool {
    const STEPS: [u8; 6] = [0, 51, 102, 153, 204, 255];
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options)
    else {
        return false;
    };
    let grid: Vec<u8> = STEPS
        .iter()
        .flat_map(|r| {
            STEPS
                .iter()
                .flat_map(move |g| STEPS.iter().flat_map(move |b| [*r, *g, *b]))
        })
        .collect();
    let mut out = vec![0; grid.len()];
    transform.transform(&grid, &mut out).is_ok()
        && grid
            .iter()
            .zip(&out)
            .all(|(before, after)| before.abs_diff(*after) <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_of_hdr_is_where_broadcasters_have_it() {
        // BT.2408-7, table 1: diffuse white is at 58% of PQ and 75% of HLG.
        assert!((pq(0.58) - 1.0).abs() < 0.01, "{}", pq(0.58));
        assert!((hlg(0.75) - 1.0).abs() < 0.01, "{}", hlg(0.75));
    }

    #[test]
    fn srgb_and_unspecified_colors_are_srgb() {
        let measured = |gamma, chromaticities| ColorSpace::Measured {
            gamma,
            chromaticities,
        };
        let coded = |primaries, transfer| ColorSpace::Coded {
            primaries,
            transfer,
        };
        let srgb = [
            31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
        ];
        let rec2020 = [
            31_270, 32_900, 70_800, 29_200, 17_000, 79_700, 13_100, 4_600,
        ];
        for (space, expected) in [
            (ColorSpace::Srgb, true),
            (measured(Some(45_455), None), true),
            (measured(Some(45_455), Some(srgb)), true),
            (measured(None, Some(rec2020)), false),
            (measured(Some(100_000), None), false),
            (coded(1, 13), true),
            (coded(2, 2), true),
            (coded(1, 1), true),
            (coded(9, 14), false),
            (coded(12, 13), false),
            (coded(9, 16), false),
            (ColorSpace::Icc(b"nothing".to_vec()), false),
        ] {
            assert_eq!(space.is_srgb(), expected, "{space:?}");
        }
    }

    #[test]
    fn invalid_colors_are_ignored() {
        for (gamma, chromaticities) in [
            (Some(0), None),
            (None, Some([0; 8])),
            (None, Some([u32::MAX; 8])),
            (None, Some([31_270, 32_900, 1, 1, 1, 1, 1, 1])),
        ] {
            let space = ColorSpace::Measured {
                gamma,
                chromaticities,
            };
            assert!(space.profiles().is_none(), "{space:?}");
        }
    }
}
