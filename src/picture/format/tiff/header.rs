//! Reads the headers of TIFF 6.0: the tags of the first image.

use std::io::Cursor;

use image::metadata::Orientation as ImageOrientation;
use tiff::ColorType;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::{CompressionMethod, SampleFormat, Tag};

use crate::color::ColorSpace;
use crate::error::{ProbeError, Unusable};
use crate::image_crate::METADATA_BYTES;
use crate::info::{Orientation, Raster};
use crate::reason::UNUSUAL;
use crate::units::Dimensions;

/// A file whose tags have been read.
pub(crate) struct Tiff<'a> {
    pub decoder: Decoder<Cursor<&'a [u8]>>,
    pub stored: Dimensions,
    pub samples: TiffSamples,
    pub bits: u8,
    /// Whether colors are multiplied by alpha (`ExtraSamples` of 1).
    pub is_premultiplied: bool,
    pub color: ColorSpace,
}

/// Color type of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TiffSamples {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    Cmyk,
}

impl TiffSamples {
    pub fn count(self) -> usize {
        match self {
            TiffSamples::Gray => 1,
            TiffSamples::GrayAlpha => 2,
            TiffSamples::Rgb => 3,
            TiffSamples::Rgba | TiffSamples::Cmyk => 4,
        }
    }
}

impl<'a> Tiff<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, ProbeError> {
        let damaged = |error: tiff::TiffError| match error {
            tiff::TiffError::UnsupportedError(_) => {
                ProbeError::Unusable(Unusable::Tiff(UNUSUAL.into()))
            }
            error => ProbeError::of_decoder("TIFF", &error),
        };
        let unusual = |what: &'static str| ProbeError::Unusable(Unusable::Tiff(what.into()));
        let mut limits = Limits::unlimited();
        limits.ifd_value_size = usize::try_from(METADATA_BYTES).unwrap_or(usize::MAX);
        limits.decoding_buffer_size = value_bytes(bytes.len());
        let decoder = Decoder::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut decoder = decoder.with_limits(limits);
        let (width, height) = decoder.dimensions().map_err(damaged)?;
        let (samples, bits) = match decoder.colortype().map_err(damaged)? {
            ColorType::Gray(bits @ (1 | 2 | 4 | 8 | 16)) => (TiffSamples::Gray, bits),
            ColorType::GrayA(bits @ (8 | 16))
            | ColorType::Multiband {
                bit_depth: bits @ (8 | 16),
                num_samples: 2,
            } => (TiffSamples::GrayAlpha, bits),
            ColorType::RGB(bits @ (8 | 16)) => (TiffSamples::Rgb, bits),
            ColorType::RGBA(bits @ (8 | 16)) => (TiffSamples::Rgba, bits),
            ColorType::CMYK(bits @ (8 | 16)) => (TiffSamples::Cmyk, bits),
            _ => {
                return Err(unusual(
                    "its samples are not gray, RGB or CMYK of up to 16 bits",
                ));
            }
        };
        let number = |decoder: &mut Decoder<_>, tag| {
            let value = decoder.find_tag_unsigned_vec::<u16>(tag).ok().flatten();
            value.and_then(|values| values.first().copied())
        };
        let format = number(&mut decoder, Tag::SampleFormat);
        if format.is_some_and(|format| format != SampleFormat::Uint.to_u16()) {
            return Err(unusual("its samples are not whole numbers"));
        }
        let compression = number(&mut decoder, Tag::Compression).unwrap_or(1);
        // The dimensions of a JPEG within a TIFF are not bounded by the TIFF's own tags.
        if !matches!(
            CompressionMethod::from_u16(compression),
            Some(
                CompressionMethod::None
                    | CompressionMethod::LZW
                    | CompressionMethod::Deflate
                    | CompressionMethod::OldDeflate
                    | CompressionMethod::PackBits
                    | CompressionMethod::Fax4
            )
        ) {
            return Err(unusual("its compression is not one of TIFF's usual ones"));
        }
        const ASSOCIATED_ALPHA: u16 = 1;
        let is_premultiplied = number(&mut decoder, Tag::ExtraSamples) == Some(ASSOCIATED_ALPHA);
        let icc = decoder.find_tag(Tag::IccProfile).map_err(damaged)?;
        let icc = icc.and_then(|value| value.into_u8_vec().ok());
        Ok(Tiff {
            stored: Dimensions { width, height },
            samples,
            bits,
            is_premultiplied,
            color: ColorSpace::of_icc(icc),
            decoder,
        })
    }
}

/// Returns the memory limit for the values of one tag, in bytes. The decoder reserves some tens of
/// bytes for each value that a tag claims to have, and a file of 400 bytes may claim billions. A
/// tag cannot have more values than the file has bytes.
fn value_bytes(file: usize) -> usize {
    const PER_VALUE: usize = 64;
    const MOST: usize = 1 << 30;
    file.saturating_mul(PER_VALUE).min(MOST)
}

pub(crate) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let mut tiff = Tiff::open(bytes)?;
    let orientation = tiff.decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    let orientation = orientation.ok().flatten();
    let channels = tiff.samples.count() as u64;
    let wide = u64::from(tiff.bits.div_ceil(8));
    // The decoder's own copy of a strip, which may be the whole image; the samples; and another
    // copy for their conversion.
    let decode_bytes = tiff.stored.pixels().saturating_mul(3 * channels * wide);
    Ok(Raster {
        format: super::SPEC.format,
        stored: tiff.stored,
        orientation: Orientation::from_image(orientation.and_then(ImageOrientation::from_exif)),
        has_alpha: matches!(tiff.samples, TiffSamples::GrayAlpha | TiffSamples::Rgba),
        is_animated: false,
        total_milliseconds: 0,
        has_certain_position: false,
        passes: 1,
        is_publishable: false,
        decode_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_claims_billions_of_values_is_refused() {
        let file = |count: u32| {
            let entry = |tag: u16, kind: u16, count: u32, value: u32| {
                let parts = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
                [
                    parts,
                    count.to_le_bytes().to_vec(),
                    value.to_le_bytes().to_vec(),
                ]
                .concat()
            };
            let entries = [
                entry(256, 3, 1, 1),
                entry(257, 3, 1, 1),
                entry(258, 3, 1, 8),
                entry(259, 3, 1, 1),
                entry(262, 3, 1, 1),
                entry(273, 4, 1, 8),
                entry(278, 3, 1, 1),
                entry(279, 4, 1, 1),
                entry(34_675, 7, count, 8),
            ];
            let header = b"II*\0\x08\0\0\0".to_vec();
            let count = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
            [header, count, entries.concat(), vec![0; 4]].concat()
        };
        assert!(probe(&file(8)).is_ok());
        for count in [0x7f00_024c, u32::MAX] {
            assert!(probe(&file(count)).is_err(), "{count}");
        }
    }
}
