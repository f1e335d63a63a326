//! Encodes pixels to a still picture of AV1 with rav1e: ten bits, full range, without chroma
//! subsampling.

use rav1e::color::{
    ChromaSampling, ColorDescription, ColorPrimaries, MatrixCoefficients, PixelRange,
    TransferCharacteristics,
};
use rav1e::config::{Config, EncoderConfig};
use rav1e::prelude::{Context, EncoderStatus, Frame, Rational, Tune};

use super::speed;
use crate::error::EncodeError;
use crate::pixels::{Channels, Pixels};
use crate::units::{Dimensions, Effort};

pub(super) const BITS: u8 = 10;

/// The largest value of a sample.
const MOST: f32 = 1023.0;
/// The value of chroma samples of gray.
const MIDDLE: f32 = 512.0;
/// Side of the blocks in which invisible colors are made equal, in pixels: that of the smallest
/// transform that costs few bytes.
const BLOCK: usize = 8;

/// Encodes the colors, in sRGB, with the matrix of BT.601.
pub(super) fn color(
    pixels: &Pixels,
    quantizer: u8,
    effort: Effort,
) -> Result<Vec<u8>, EncodeError> {
    let description = ColorDescription {
        color_primaries: ColorPrimaries::BT709,
        transfer_characteristics: TransferCharacteristics::SRGB,
        matrix_coefficients: MatrixCoefficients::BT601,
    };
    let config = EncoderConfig {
        chroma_sampling: ChromaSampling::Cs444,
        color_description: Some(description),
        ..config(pixels.dimensions, quantizer, effort)
    };
    let width = pixels.dimensions.width as usize;
    encode(config, |frame| match pixels.channels {
        Channels::Gray => fill(frame, width, &pixels.samples, |[gray]| {
            [ten(*gray), MIDDLE as u16, MIDDLE as u16]
        }),
        Channels::Rgb => fill(frame, width, &pixels.samples, |rgb| ycbcr(*rgb)),
        Channels::Rgba => {
            let mut samples = pixels.samples.clone();
            fill_hidden(&mut samples, width);
            fill(frame, width, &samples, |[r, g, b, _]| ycbcr([*r, *g, *b]));
        }
    })
}

/// Encodes the alpha channel of RGBA pixels.
pub(super) fn alpha(
    pixels: &Pixels,
    quantizer: u8,
    effort: Effort,
) -> Result<Vec<u8>, EncodeError> {
    let config = EncoderConfig {
        chroma_sampling: ChromaSampling::Cs400,
        ..config(pixels.dimensions, quantizer, effort)
    };
    let width = pixels.dimensions.width as usize;
    encode(config, |frame| {
        fill(frame, width, &pixels.samples, |[_, _, _, alpha]| {
            [ten(*alpha)]
        })
    })
}

fn config(dimensions: Dimensions, quantizer: u8, effort: Effort) -> EncoderConfig {
    EncoderConfig {
        width: dimensions.width as usize,
        height: dimensions.height as usize,
        time_base: Rational::new(1, 1),
        bit_depth: usize::from(BITS),
        pixel_range: PixelRange::Full,
        still_picture: true,
        min_key_frame_interval: 0,
        max_key_frame_interval: 0,
        quantizer: usize::from(quantizer),
        min_quantizer: quantizer,
        tune: Tune::Psychovisual,
        speed_settings: speed::settings(effort),
        ..EncoderConfig::default()
    }
}

/// Encodes one frame on one thread: the number of threads would decide the tiles, and so the bytes.
fn encode(
    config: EncoderConfig,
    fill: impl FnOnce(&mut Frame<u16>),
) -> Result<Vec<u8>, EncodeError> {
    let config = Config::new().with_encoder_config(config).with_threads(1);
    let mut context: Context<u16> = config.new_context().map_err(|_| EncodeError::Refused)?;
    let mut frame = context.new_frame();
    fill(&mut frame);
    context
        .send_frame(frame)
        .map_err(|_| EncodeError::Refused)?;
    context.flush();
    loop {
        match context.receive_packet() {
            Ok(packet) => return Ok(packet.data),
            Err(EncoderStatus::Encoded) => {}
            Err(_) => return Err(EncodeError::Refused),
        }
    }
}

/// Sets the samples of each plane from pixels of `N` samples.
fn fill<const N: usize, const PLANES: usize>(
    frame: &mut Frame<u16>,
    width: usize,
    samples: &[u8],
    samples_of: impl Fn(&[u8; N]) -> [u16; PLANES],
) {
    let planes = frame.planes.iter_mut().take(PLANES);
    let mut planes: Vec<_> = planes
        .map(|plane| plane.mut_slice(Default::default()))
        .collect();
    let mut rows: Vec<_> = planes
        .iter_mut()
        .map(|plane| plane.rows_iter_mut())
        .collect();
    let (pixels, _) = samples.as_chunks::<N>();
    for pixels in pixels.chunks_exact(width) {
        let mut rows: [&mut [u16]; PLANES] = std::array::from_fn(|plane| {
            rows[plane]
                .next()
                .expect("a plane is as high as the picture")
        });
        for (x, pixel) in pixels.iter().enumerate() {
            for (row, sample) in rows.iter_mut().zip(samples_of(pixel)) {
                row[x] = sample;
            }
        }
    }
}

/// Converts an 8-bit sample to 10 bits.
fn ten(value: u8) -> u16 {
    u16::from(value) << 2 | u16::from(value) >> 6
}

/// Converts RGB to YCbCr by ITU-T H.273, equations 38 to 46, with the constants of BT.601.
fn ycbcr(rgb: [u8; 3]) -> [u16; 3] {
    const RED: f32 = 0.299;
    const BLUE: f32 = 0.114;
    let [r, g, b] = rgb.map(|value| f32::from(value) * (MOST / 255.0));
    let y = RED * r + (1.0 - RED - BLUE) * g + BLUE * b;
    let cb = (b - y) / (2.0 * (1.0 - BLUE)) + MIDDLE;
    let cr = (r - y) / (2.0 * (1.0 - RED)) + MIDDLE;
    [y, cb, cr].map(|value| value.round().clamp(0.0, MOST) as u16)
}

/// Gives each fully transparent pixel the mean color of the other pixels in its block, or of the
/// last block that had any. Hard edges that nobody sees would cost bytes, and blur what is next to
/// them.
fn fill_hidden(rgba: &mut [u8], width: usize) {
    let (pixels, _) = rgba.as_chunks_mut::<4>();
    let height = pixels.len() / width.max(1);
    let mut mean = [0; 3];
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            let rows = top..(top + BLOCK).min(height);
            let columns = left..(left + BLOCK).min(width);
            let (mut sum, mut count) = ([0u32; 3], 0);
            for y in rows.clone() {
                let row = &pixels[y * width..][columns.clone()];
                for [r, g, b, _] in row.iter().filter(|[_, _, _, alpha]| *alpha > 0) {
                    for (sum, value) in sum.iter_mut().zip([r, g, b]) {
                        *sum += u32::from(*value);
                    }
                    count += 1;
                }
            }
            if count > 0 {
                mean = sum.map(|sum| (sum / count) as u8);
            }
            for y in rows {
                let row = &mut pixels[y * width..][columns.clone()];
                for [r, g, b, _] in row.iter_mut().filter(|[_, _, _, alpha]| *alpha == 0) {
                    [*r, *g, *b] = mean;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_by_hand() {
        assert_eq!(ycbcr([0, 0, 0]), [0, 512, 512]);
        assert_eq!(ycbcr([255, 255, 255]), [1023, 512, 512]);
        // 0.299 × 1023 = 305.9; −305.9 ÷ 1.772 + 512 = 339.4; 1023 ÷ 2 + 512, cut off.
        assert_eq!(ycbcr([255, 0, 0]), [306, 339, 1023]);
        assert_eq!((ten(0), ten(128), ten(255)), (0, 514, 1023));
    }

    #[test]
    fn invisible_pixels_take_the_color_of_the_visible_ones() {
        // Two blocks wide; the second one, narrower, has nothing visible.
        let mut rgba = [9, 9, 9, 0].repeat(10);
        rgba[..4].copy_from_slice(&[200, 100, 50, 255]);
        rgba[4..8].copy_from_slice(&[100, 50, 0, 1]);
        let before = rgba.clone();
        fill_hidden(&mut rgba, 10);
        assert_eq!(rgba[..8], before[..8]);
        assert_eq!(rgba[8..], [150, 75, 25, 0].repeat(8));
    }
}
