//! Decodes TIFF: strips or tiles, in one plane or several, become interleaved samples.

use tiff::decoder::{DecodingResult, Limits};

use super::header::Tiff;
use super::header::TiffSamples;
use crate::error::ImageError;
use crate::info::Raster;
use crate::pixels::{Decoded, Samples};

pub(crate) fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    let failed = |error: tiff::TiffError| ImageError::of_decoder(&error);
    // The headers were valid when they were read before.
    let tiff = Tiff::open(bytes).map_err(|_| ImageError::Changed)?;
    if tiff.stored != raster.stored {
        return Err(ImageError::Changed);
    }
    let mut limits = Limits::unlimited();
    let memory = usize::try_from(raster.decode_bytes).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = memory;
    limits.intermediate_buffer_size = memory;
    let mut decoder = tiff.decoder.with_limits(limits);
    let mut result = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut result).map_err(failed)?;
    if result.as_buffer(0).byte_len() < layout.complete_len {
        return Err(ImageError::Decode("its planes are incomplete".to_owned()));
    }
    let plane_bytes = layout.plane_stride.map_or(0, |stride| stride.get());
    let channels = tiff.samples.count();
    let samples = match result {
        DecodingResult::U8(samples) if tiff.bits < 8 => {
            Samples::Gray(unpacked(&samples, tiff.bits, tiff.stored.width))
        }
        DecodingResult::U8(samples) => {
            let samples = interleaved(samples, plane_bytes, layout.planes, channels)?;
            of_8_bits(samples, tiff.samples, tiff.is_premultiplied)
        }
        DecodingResult::U16(samples) => {
            let samples = interleaved(samples, plane_bytes / 2, layout.planes, channels)?;
            of_16_bits(samples, tiff.samples, tiff.is_premultiplied)
        }
        _ => {
            return Err(ImageError::Decode(
                "its samples are not whole numbers".to_owned(),
            ));
        }
    };
    Ok(Decoded {
        samples,
        color: tiff.color,
    })
}

/// Expands samples of one, two or four bits to eight; rows start at whole bytes.
fn unpacked(packed: &[u8], bits: u8, width: u32) -> Vec<u8> {
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    let a_byte = usize::from(8 / bits);
    let most = u8::MAX >> (8 - bits);
    let rows = packed.chunks_exact(width.div_ceil(a_byte).max(1));
    rows.flat_map(|row| {
        row.iter()
            .flat_map(|byte| (0..8 / bits).map(move |at| byte >> (8 - bits - at * bits)))
            .map(|sample| (sample & most) * (u8::MAX / most))
            .take(width)
    })
    .collect()
}

/// Interleaves planes of `plane` samples each.
fn interleaved<T: Copy>(
    samples: Vec<T>,
    plane: usize,
    planes: usize,
    channels: usize,
) -> Result<Vec<T>, ImageError> {
    if planes <= 1 {
        return Ok(samples);
    }
    if planes < channels || plane == 0 || samples.len() < plane * channels {
        return Err(ImageError::Decode("its planes are incomplete".to_owned()));
    }
    Ok((0..plane)
        .flat_map(|at| (0..channels).map(move |channel| channel * plane + at))
        .map(|at| samples[at])
        .collect())
}

fn of_8_bits(mut samples: Vec<u8>, kind: TiffSamples, is_premultiplied: bool) -> Samples {
    if is_premultiplied {
        crate::pixels::divide_alpha(&mut samples, kind.count());
    }
    match kind {
        TiffSamples::Gray => Samples::Gray(samples),
        TiffSamples::GrayAlpha => Samples::GrayAlpha(samples),
        TiffSamples::Rgb => Samples::Rgb(samples),
        TiffSamples::Rgba => Samples::Rgba(samples),
        TiffSamples::Cmyk => Samples::Cmyk(samples),
    }
}

fn of_16_bits(mut samples: Vec<u16>, kind: TiffSamples, is_premultiplied: bool) -> Samples {
    if is_premultiplied {
        crate::pixels::divide_alpha(&mut samples, kind.count());
    }
    match kind {
        TiffSamples::Gray => Samples::Gray16(samples),
        TiffSamples::GrayAlpha => Samples::GrayAlpha16(samples),
        TiffSamples::Rgb => Samples::Rgb16(samples),
        TiffSamples::Rgba => Samples::Rgba16(samples),
        TiffSamples::Cmyk => Samples::Cmyk(
            samples
                .iter()
                .map(|ink| u8::try_from(ink >> 8).unwrap_or(u8::MAX))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_fill_the_range_and_rows_begin_at_bytes() {
        assert_eq!(
            unpacked(&[0b1010_0000, 0b0100_0000], 1, 3),
            [255, 0, 255, 0, 255, 0]
        );
        assert_eq!(unpacked(&[0b00_01_10_11], 2, 4), [0, 85, 170, 255]);
        assert_eq!(unpacked(&[0x0f, 0x80], 4, 3), [0, 255, 136]);
    }

    #[test]
    fn planes_become_pixels() {
        let planes = vec![1, 2, 10, 20, 100, 200];
        assert_eq!(
            interleaved(planes, 2, 3, 3).unwrap(),
            [1, 10, 100, 2, 20, 200]
        );
    }
}
