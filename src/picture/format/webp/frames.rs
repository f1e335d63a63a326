//! Decodes the frames of an animated WebP (RFC 9649, section 2.7.1.1).

use std::io::Cursor;
use std::time::Duration;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use super::header::{Chunk, chunks, normalized};
use crate::animation::{Blend, Dispose, FrameSource, OpenAnimation, RawFrame};
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::image_crate::decode_image;
use crate::info::Raster;
use crate::units::Dimensions;

/// The chunks of frames that are not decoded yet, and the properties of the file.
struct Webp<'b, I: Iterator<Item = Chunk<'b>>> {
    frames: I,
    raster: Raster,
}

pub(crate) fn open<'b>(bytes: &'b [u8], raster: &Raster) -> Result<OpenAnimation<'b>, ImageError> {
    let whole = normalized(bytes);
    let mut decoder =
        WebPDecoder::new(Cursor::new(&*whole)).map_err(|error| ImageError::of_decoder(&error))?;
    let chunks = || chunks(bytes.get(12..).unwrap_or_default());
    let control = chunks().find(|chunk| chunk.kind == *b"ANIM");
    Ok(OpenAnimation {
        is_gray: false,
        is_wide: false,
        color: ColorSpace::of_icc(decoder.icc_profile().ok().flatten()),
        // The background color, then the number of plays.
        plays: control.map_or(0, |control| match control.data {
            [_, _, _, _, low, high, ..] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        }),
        source: Box::new(Webp {
            frames: chunks().filter(|chunk| chunk.kind == *b"ANMF"),
            raster: *raster,
        }),
    })
}

impl<'b, I: Iterator<Item = Chunk<'b>>> FrameSource for Webp<'b, I> {
    fn next(&mut self) -> Result<Option<RawFrame>, ImageError> {
        let Some(frame) = self.frames.next() else {
            return Ok(None);
        };
        let failed = |reason: &str| ImageError::Decode(reason.to_owned());
        let Some((header, image)) = frame.data.split_first_chunk::<16>() else {
            return Err(failed("its data is truncated"));
        };
        let number =
            |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]);
        let (left, top) = (number(0) * 2, number(3) * 2);
        let size = Dimensions {
            width: number(6) + 1,
            height: number(9) + 1,
        };
        let canvas = self.raster.stored;
        if left + size.width > canvas.width || top + size.height > canvas.height {
            return Err(failed("it is outside the image"));
        }
        let still = still(size, image).ok_or_else(|| failed("it has no image"))?;
        let raster = Raster {
            stored: size,
            ..self.raster
        };
        let decoded = match decode_image(WebPDecoder::new(Cursor::new(&*still)), &raster) {
            // The file did not change: the frame's image has another size than the frame.
            Err(ImageError::Changed) => return Err(failed("its image has a different size")),
            decoded => decoded?,
        };
        let flags = header[15];
        Ok(Some(RawFrame {
            left,
            top,
            width: size.width,
            height: size.height,
            samples: decoded.samples,
            blend: if flags & 2 == 0 {
                Blend::Over
            } else {
                Blend::Source
            },
            dispose: if flags & 1 == 0 {
                Dispose::Keep
            } else {
                Dispose::Clear
            },
            duration: Duration::from_millis(number(12).into()),
        }))
    }
}

/// Wraps a frame's image into a separate file; `None` if the chunks contain no image.
fn still(size: Dimensions, image: &[u8]) -> Option<Vec<u8>> {
    let find = |kind: &[u8; 4]| chunks(image).find(|chunk| chunk.kind == *kind);
    let mut body = b"WEBP".to_vec();
    let picture = match (find(b"VP8L"), find(b"VP8 ")) {
        (Some(lossless), _) => lossless,
        (None, Some(lossy)) => {
            if let Some(alpha) = find(b"ALPH") {
                let mut header = [0; 10];
                // The flag of alpha, and the size.
                header[0] = 0x10;
                header[4..7].copy_from_slice(&(size.width - 1).to_le_bytes()[..3]);
                header[7..].copy_from_slice(&(size.height - 1).to_le_bytes()[..3]);
                append(&mut body, *b"VP8X", &header)?;
                append(&mut body, *b"ALPH", alpha.data)?;
            }
            lossy
        }
        (None, None) => return None,
    };
    append(&mut body, picture.kind, picture.data)?;
    let mut file = Vec::with_capacity(body.len() + 8);
    append(&mut file, *b"RIFF", &body)?;
    Some(file)
}

/// Appends a chunk; `None` if its data is too long.
fn append(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    file.extend_from_slice(&kind);
    file.extend_from_slice(&u32::try_from(data.len()).ok()?.to_le_bytes());
    file.extend_from_slice(data);
    // Chunks start at even offsets.
    file.resize(file.len().next_multiple_of(2), 0);
    Some(())
}
