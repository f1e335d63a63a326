//! Reads the headers of AVIF (AV1 Image File Format 1.1), which is based on HEIF (ISO/IEC
//! 23008-12): the items that make up the image, and their properties. No pixel is decoded here.

use std::borrow::Cow;

use super::boxes::{Bytes, IsoBox, Read, Refusal, boxes, child};
use super::meta::{Meta, read_meta};
use crate::color::ColorSpace;
use crate::error::{ProbeError, Unusable};
use crate::info::{Format, Orientation, Raster};
use crate::limits::Limits;
use crate::units::Dimensions;

/// The image of a file: its bitstreams and its properties.
pub(crate) struct Avif<'a> {
    pub color: Layer<'a>,
    pub alpha: Option<Layer<'a>>,
    pub is_premultiplied: bool,
    /// Color space in the container; `None` to use the bitstream's.
    pub space: Option<ColorSpace>,
    /// Matrix coefficients (H.273), and whether samples have the full range; `None` to use the
    /// bitstream's.
    pub matrix: Option<(u8, bool)>,
    /// Part of the coded image that is shown.
    pub shown: Part,
    orientation: u8,
    is_animated: bool,
    frames: u32,
    bits: u8,
    may_have_position: bool,
}

/// One coded image, or a grid of images of the same size.
pub(crate) struct Layer<'a> {
    /// Bitstreams of the images, row by row.
    pub tiles: Vec<Cow<'a, [u8]>>,
    pub columns: u32,
    pub dimensions: Dimensions,
}

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub left: u32,
    pub top: u32,
    pub dimensions: Dimensions,
}

pub(crate) fn probe(bytes: &[u8], limits: &Limits) -> Result<Raster, ProbeError> {
    let avif = Avif::open(bytes)?;
    // The whole image is decoded, even if `clap` shows a part.
    limits.check_dimensions(avif.color.dimensions)?;
    let stored = avif.shown.dimensions;
    let orientation = Orientation::from_exif(avif.orientation).unwrap_or(Orientation::UPRIGHT);
    let has_alpha = avif.alpha.is_some();
    let is_srgb = avif.space.as_ref().is_none_or(ColorSpace::is_srgb);
    // The larger of two peaks: the decoder's planes and its state per block in addition to the
    // samples; later the samples and their conversion.
    let samples = if has_alpha { 4 } else { 3 };
    let wide = if avif.bits > 8 { 2 } else { 1 };
    let coded = avif.color.dimensions.pixels();
    let converted = if is_srgb { 0 } else { samples * wide };
    let narrowed = if wide == 2 { samples } else { 0 };
    let a_pixel = DECODER_BYTES * wide + samples * wide;
    Ok(Raster {
        format: Format::AVIF,
        stored,
        orientation,
        has_alpha,
        is_animated: avif.is_animated,
        total_milliseconds: 0,
        passes: avif.frames.max(1),
        is_publishable: !avif.is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !avif.may_have_position,
        has_certain_position: avif.may_have_position,
        decode_bytes: coded.saturating_mul(a_pixel.max(samples * wide + converted + narrowed)),
    })
}

/// Peak bytes per pixel of the decoder for 8-bit images. Measured with images of 24 megapixels: 2.1
/// with halved chroma, 3.8 with full chroma.
const DECODER_BYTES: u64 = 4;

impl<'a> Avif<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, ProbeError> {
        open(bytes).map_err(|refusal| match refusal {
            Refusal::Damaged(reason) => ProbeError::Damaged {
                format: "AVIF".into(),
                reason: reason.to_owned(),
            },
            Refusal::Unusual(what) => ProbeError::Unusable(Unusable::Avif(what.into())),
        })
    }
}

fn open(bytes: &[u8]) -> Read<Avif<'_>> {
    let frames = child(bytes, b"moov").map_or(0, frames);
    let is_sequence = bytes.get(8..12) == Some(b"avis");
    let meta = child(bytes, b"meta").ok_or(Refusal::Damaged(if is_sequence {
        "it has no still image besides its frames"
    } else {
        "it has no image"
    }))?;
    let meta = read_meta(bytes, meta).ok_or(Refusal::Damaged("its list of images is truncated"))?;
    let primary = meta.primary.ok_or(Refusal::Damaged("it has no image"))?;
    let color = layer(&meta, primary)?;
    let alpha = meta.alpha_of(primary);
    let alpha = match alpha {
        Some(alpha) => Some(layer(&meta, alpha)?),
        None => None,
    };
    if alpha
        .as_ref()
        .is_some_and(|alpha| alpha.dimensions != color.dimensions)
    {
        return Err(Refusal::Unusual("its transparency has a different size"));
    }
    let (space, matrix) = colors(&meta, primary);
    let shown = shown(&meta, primary, color.dimensions);
    Ok(Avif {
        is_premultiplied: meta.refers(b"prem", primary),
        space,
        matrix,
        shown,
        orientation: orientation(&meta, primary),
        is_animated: is_sequence && frames > 1,
        frames,
        bits: bits(&meta, primary),
        may_have_position: meta.may_have_position(),
        color,
        alpha,
    })
}

/// Returns the number of samples of the longest track (`stsz`).
fn frames(moov: &[u8]) -> u32 {
    let count = |track: IsoBox| {
        let media = child(track.payload, b"mdia")?;
        let table = child(child(media, b"minf")?, b"stbl")?;
        let mut sizes = Bytes(child(table, b"stsz")?);
        sizes.take(8)?;
        sizes.u32(4)
    };
    let tracks = boxes(moov).filter(|piece| piece.kind == *b"trak");
    tracks.filter_map(count).max().unwrap_or(0)
}

/// Reads the bitstreams of an item.
fn layer<'a>(meta: &Meta<'a>, item: u32) -> Read<Layer<'a>> {
    let dimensions = meta.dimensions(item)?;
    match meta.kinds.get(&item) {
        Some(b"av01") => Ok(Layer {
            tiles: vec![meta.bytes_of(item)?],
            columns: 1,
            dimensions,
        }),
        Some(b"grid") => grid(meta, item),
        _ => Err(Refusal::Unusual("its image is not encoded as AV1")),
    }
}

/// Reads a grid (ISO/IEC 23008-12, section 6.6.2.3): rows and columns of images of one size, which
/// may extend beyond the right and lower edges.
fn grid<'a>(meta: &Meta<'a>, item: u32) -> Read<Layer<'a>> {
    let damaged = Refusal::Damaged("its grid is truncated");
    let bytes = meta.bytes_of(item)?;
    let mut bytes = Bytes(&bytes);
    let read = grid_header(&mut bytes);
    let Some((rows, columns, dimensions)) = read else {
        return Err(damaged);
    };
    let mut references = meta.references.iter();
    let parts = references.find(|reference| reference.kind == *b"dimg" && reference.from == item);
    let parts = parts
        .map(|reference| reference.to.as_slice())
        .unwrap_or_default();
    let wanted = usize::try_from(u64::from(rows) * u64::from(columns)).unwrap_or(usize::MAX);
    if parts.len() != wanted {
        return Err(damaged);
    }
    let tile = meta.dimensions(parts[0])?;
    let covers = u64::from(tile.width) * u64::from(columns) >= u64::from(dimensions.width)
        && u64::from(tile.height) * u64::from(rows) >= u64::from(dimensions.height);
    let mut tiles = Vec::with_capacity(parts.len());
    for part in parts {
        if meta.kinds.get(part) != Some(b"av01") || meta.dimensions(*part)? != tile || !covers {
            return Err(Refusal::Unusual("its grid mixes different images"));
        }
        tiles.push(meta.bytes_of(*part)?);
    }
    Ok(Layer {
        tiles,
        columns,
        dimensions,
    })
}

/// Reads the rows, the columns and the size of a grid.
fn grid_header(bytes: &mut Bytes) -> Option<(u32, u32, Dimensions)> {
    bytes.take(1)?;
    let wide = if bytes.u32(1)? & 1 == 1 { 4 } else { 2 };
    let rows = bytes.u32(1)? + 1;
    let columns = bytes.u32(1)? + 1;
    let width = bytes.u32(wide)?;
    let height = bytes.u32(wide)?;
    Some((rows, columns, Dimensions { width, height }))
}

/// Returns the color space and the matrix that `colr` declares. A profile takes precedence over
/// code points, which then only set the matrix.
fn colors(meta: &Meta, item: u32) -> (Option<ColorSpace>, Option<(u8, bool)>) {
    let mut icc = None;
    let mut coded = None;
    let mut matrix = None;
    for piece in meta
        .properties_of(item)
        .filter(|piece| piece.kind == *b"colr")
    {
        match piece.payload.split_first_chunk() {
            Some((b"prof" | b"rICC", profile)) if icc.is_none() => {
                icc = Some(ColorSpace::Icc(profile.to_vec()));
            }
            Some((b"nclx", [_, primaries, _, transfer, _, code, range, ..])) if coded.is_none() => {
                coded = Some(ColorSpace::Coded {
                    primaries: *primaries,
                    transfer: *transfer,
                });
                matrix = Some((*code, range & 0x80 != 0));
            }
            _ => {}
        }
    }
    (icc.or(coded), matrix)
}

/// Returns the Exif orientation that equals `irot`, a rotation anti-clockwise by quarters, followed
/// by `imir` (0: top and bottom are exchanged, 1: left and right), as libavif names them.
fn orientation(meta: &Meta, item: u32) -> u8 {
    const OF_TURN: [u8; 4] = [1, 8, 3, 6];
    const OF_TURN_AND_TOP_WITH_BOTTOM: [u8; 4] = [4, 5, 2, 7];
    const OF_TURN_AND_LEFT_WITH_RIGHT: [u8; 4] = [2, 7, 4, 5];
    let first = |kind| {
        meta.property(item, kind)
            .and_then(|payload| payload.first())
    };
    let turn = usize::from(first(b"irot").map_or(0, |turn| turn & 3));
    match first(b"imir").map(|axis| axis & 1) {
        None => OF_TURN[turn],
        Some(0) => OF_TURN_AND_TOP_WITH_BOTTOM[turn],
        Some(_) => OF_TURN_AND_LEFT_WITH_RIGHT[turn],
    }
}

/// Returns the part that `clap` shows. Returns the whole image if `clap` is missing, invalid, or
/// not in whole pixels, which MIAF requires.
fn shown(meta: &Meta, item: u32, whole: Dimensions) -> Part {
    let read = || {
        let mut numbers = Bytes(meta.property(item, b"clap")?);
        let mut fraction = || {
            let numerator = numbers.u32(4)?.cast_signed();
            let denominator = numbers.u32(4)?.cast_signed();
            (denominator > 0).then_some((i64::from(numerator), i64::from(denominator)))
        };
        let side = |(numerator, denominator): (i64, i64)| {
            (numerator % denominator == 0).then(|| numerator / denominator)
        };
        let width = side(fraction()?)?;
        let height = side(fraction()?)?;
        // `clap` stores the distance of the part's center from the image's center.
        let start = |(numerator, denominator): (i64, i64), side: i64, of: u32| {
            let twice = 2 * numerator + (i64::from(of) - side) * denominator;
            (twice % (2 * denominator) == 0).then(|| twice / (2 * denominator))
        };
        let left = start(fraction()?, width, whole.width)?;
        let top = start(fraction()?, height, whole.height)?;
        let is_within = left >= 0
            && top >= 0
            && width > 0
            && height > 0
            && left + width <= i64::from(whole.width)
            && top + height <= i64::from(whole.height);
        is_within.then_some(())?;
        Some(Part {
            left: left.try_into().ok()?,
            top: top.try_into().ok()?,
            dimensions: Dimensions {
                width: width.try_into().ok()?,
                height: height.try_into().ok()?,
            },
        })
    };
    read().unwrap_or(Part {
        left: 0,
        top: 0,
        dimensions: whole,
    })
}

/// Returns the number of bits per sample, from `av1C` of the item or of the images in its grid.
fn bits(meta: &Meta, item: u32) -> u8 {
    let parts = meta
        .references
        .iter()
        .filter(|reference| reference.from == item);
    let mut items = std::iter::once(item).chain(parts.flat_map(|reference| reference.to.clone()));
    let configuration = items.find_map(|item| meta.property(item, b"av1C"));
    match configuration.and_then(|payload| payload.get(2)) {
        Some(flags) if flags & 0x60 == 0x60 => 12,
        Some(flags) if flags & 0x40 != 0 => 10,
        Some(_) => 8,
        // Unknown: assume the maximum.
        None => 12,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(8 + payload.len()).unwrap().to_be_bytes();
        [&length, &kind[..], payload].concat()
    }

    fn meta_of(properties: &[Vec<u8>]) -> Vec<u8> {
        let count = u8::try_from(properties.len()).unwrap();
        let mut ipma = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 1, count];
        ipma.extend(1..=count);
        let iprp = [boxed(b"ipco", &properties.concat()), boxed(b"ipma", &ipma)].concat();
        [vec![0; 4], boxed(b"iprp", &iprp)].concat()
    }

    #[test]
    fn turns_and_mirrors_are_exif_orientations() {
        for (turn, mirror, expected) in [
            (None, None, 1),
            (Some(1), None, 8),
            (Some(3), None, 6),
            (Some(2), None, 3),
            (None, Some(0), 4),
            (None, Some(1), 2),
            (Some(1), Some(0), 5),
            (Some(3), Some(0), 7),
        ] {
            let turn = turn.map(|turn| boxed(b"irot", &[turn]));
            let mirror = mirror.map(|axis| boxed(b"imir", &[axis]));
            let properties: Vec<Vec<u8>> = turn.into_iter().chain(mirror).collect();
            let bytes = meta_of(&properties);
            let meta = read_meta(&[], &bytes).unwrap();
            assert_eq!(orientation(&meta, 1), expected, "{properties:?}");
        }
    }

    #[test]
    fn a_clean_aperture_covers_whole_pixels() {
        let whole = Dimensions {
            width: 100,
            height: 50,
        };
        let part = |numbers: [i32; 8]| {
            let payload: Vec<u8> = numbers
                .iter()
                .flat_map(|number| number.to_be_bytes())
                .collect();
            let bytes = meta_of(&[boxed(b"clap", &payload)]);
            let shown = shown(&read_meta(&[], &bytes).unwrap(), 1, whole);
            (
                shown.left,
                shown.top,
                shown.dimensions.width,
                shown.dimensions.height,
            )
        };
        assert_eq!(part([80, 1, 40, 1, 0, 1, 0, 1]), (10, 5, 80, 40));
        assert_eq!(part([99, 1, 50, 1, -1, 2, 0, 1]), (0, 0, 99, 50));
        // Outside the image, fractional pixels, invalid numbers.
        for numbers in [
            [80, 1, 40, 1, 11, 1, 0, 1],
            [81, 2, 40, 1, 0, 1, 0, 1],
            [99, 1, 50, 1, 0, 1, 0, 1],
            [80, 0, 40, 1, 0, 1, 0, 1],
            [i32::MAX, 1, i32::MIN, 1, 0, 1, 0, 1],
        ] {
            assert_eq!(part(numbers), (0, 0, 100, 50), "{numbers:?}");
        }
    }

    #[test]
    fn the_decoded_size_is_limited_even_if_less_is_shown() {
        let numbers = |numbers: &[u32]| -> Vec<u8> {
            let bytes = numbers.iter().flat_map(|number| number.to_be_bytes());
            bytes.collect()
        };
        let probed = |width: u32, height: u32| {
            // One pixel in the middle is shown.
            let clap = numbers(&[1, 1, 1, 1, 0, 1, 0, 1]);
            let properties = [
                boxed(b"ispe", &numbers(&[0, width, height])),
                boxed(b"clap", &clap),
            ];
            let infe = boxed(b"infe", b"\x02\0\0\0\0\x01\0\0av01\0");
            let iinf = boxed(b"iinf", &[&[0, 0, 0, 0, 0, 1][..], &infe].concat());
            // Item 1, its data in the next box: one extent of one byte, at offset 0.
            let iloc = boxed(
                b"iloc",
                &[
                    1, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
                ],
            );
            let meta = [
                meta_of(&properties),
                boxed(b"pitm", &[0, 0, 0, 0, 0, 1]),
                iinf,
                iloc,
                boxed(b"idat", b"x"),
            ];
            let ftyp = boxed(b"ftyp", b"avif\0\0\0\0");
            let file = [ftyp, boxed(b"meta", &meta.concat())].concat();
            crate::format::probe(&file, &Limits::default())
        };
        let shown = probed(101, 51).map(|picture| picture.dimensions());
        let (width, height) = (1, 1);
        assert_eq!(shown, Ok(Dimensions { width, height }));
        for (width, height, limit) in [
            (30_001, 1, "30000 pixels"),
            (29_999, 29_999, "100 megapixels"),
        ] {
            let error = probed(width, height).map(|_| ()).unwrap_err().to_string();
            assert!(error.ends_with(limit), "{error}");
        }
    }
}
