//! AVIF (AV1 Image File Format 1.1) over HEIF (ISO/IEC 23008-12): which items make the picture, and
//! their properties. No pixel is decoded here.

use std::borrow::Cow;
use std::collections::HashMap;

use super::colour::ColourSpace;
use super::exif::{self, has_position};
use super::{Orientation, ProbeError, Raster, RasterFormat, Unusable};
use crate::units::Dimensions;

/// The picture of a file.
pub(crate) struct Avif<'a> {
    pub colour: Layer<'a>,
    pub alpha: Option<Layer<'a>>,
    pub is_premultiplied: bool,
    /// What the file says of the colours; none: what the bitstream says.
    pub space: Option<ColourSpace>,
    /// The matrix of the colours (H.273) and whether they take the full range; none: what the
    /// bitstream says.
    pub matrix: Option<(u8, bool)>,
    /// The part that is shown.
    pub shown: Part,
    orientation: u8,
    is_animated: bool,
    frames: u32,
    bits: u8,
    has_position: bool,
}

/// One coded picture, or a grid of equal ones.
pub(crate) struct Layer<'a> {
    /// Bitstreams, row by row.
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

/// Items, properties and tiles that are looked at in one file, at most; pictures have a handful.
const MOST: usize = 4096;

/// Why a file is not read.
enum Refusal {
    Damaged(&'static str),
    Unusual(&'static str),
}

type Read<T> = Result<T, Refusal>;

pub(super) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let avif = Avif::open(bytes)?;
    let stored = avif.shown.dimensions;
    let orientation = Orientation(avif.orientation);
    let has_alpha = avif.alpha.is_some();
    let is_srgb = avif.space.as_ref().is_none_or(ColourSpace::is_srgb);
    // The decoder's planes and what it keeps of each block, beside the samples; then the samples
    // beside what they are converted to.
    let samples = if has_alpha { 4 } else { 3 };
    let wide = if avif.bits > 8 { 2 } else { 1 };
    let coded = avif.colour.dimensions.pixels();
    let converted = if is_srgb { 0 } else { samples * wide };
    let narrowed = if wide == 2 { samples } else { 0 };
    let a_pixel = DECODER_BYTES * wide + samples * wide;
    Ok(Raster {
        format: RasterFormat::Avif,
        stored,
        orientation,
        has_alpha,
        is_animated: avif.is_animated,
        passes: avif.frames.max(1),
        is_publishable: !avif.is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !avif.has_position,
        decode_bytes: coded.saturating_mul(a_pixel.max(samples * wide + converted + narrowed)),
    })
}

/// Bytes a pixel that the decoder takes at its peak for a picture of eight bits. Measured on
/// pictures of 24 megapixels: 2.1 with halved chroma, 3.8 with whole.
const DECODER_BYTES: u64 = 4;

impl<'a> Avif<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, ProbeError> {
        open(bytes).map_err(|refusal| match refusal {
            Refusal::Damaged(reason) => ProbeError::Damaged {
                format: "AVIF",
                reason: reason.to_owned(),
            },
            Refusal::Unusual(what) => ProbeError::Unusable(Unusable::Avif(what)),
        })
    }
}

/// A box: its type and its payload.
#[derive(Clone, Copy)]
struct Piece<'a> {
    kind: [u8; 4],
    payload: &'a [u8],
}

/// The boxes of a payload (ISO/IEC 14496-12, section 4.2), up to where it breaks off.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = Bytes(bytes);
    std::iter::from_fn(move || {
        let start = rest.0;
        let short = rest.number(4)?;
        let kind = *rest.take(4)?.first_chunk()?;
        let length = match short {
            0 => start.len() as u64,
            1 => rest.number(8)?,
            short => short,
        };
        let header = start.len() - rest.0.len();
        let length = usize::try_from(length).ok()?.checked_sub(header)?;
        Some(Piece {
            kind,
            payload: rest.take(length)?,
        })
    })
}

fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes)
        .find(|piece| piece.kind == *kind)
        .map(|piece| piece.payload)
}

/// Bytes that are read from their start.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of up to eight bytes, the greatest first; of none it is 0.
    fn number(&mut self, length: usize) -> Option<u64> {
        let bytes = self.take(length)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }

    fn u32(&mut self, length: usize) -> Option<u32> {
        self.number(length)?.try_into().ok()
    }

    fn usize(&mut self, length: usize) -> Option<usize> {
        self.number(length)?.try_into().ok()
    }

    /// The version and the flags of a full box.
    fn version(&mut self) -> Option<(u8, u32)> {
        let version = self.u32(1)?;
        Some((u8::try_from(version).ok()?, self.u32(3)?))
    }
}

/// What the `meta` box says.
#[derive(Default)]
struct Meta<'a> {
    primary: Option<u32>,
    kinds: HashMap<u32, [u8; 4]>,
    extents: HashMap<u32, Vec<&'a [u8]>>,
    references: Vec<Reference>,
    properties: Vec<Piece<'a>>,
    /// The properties of an item, in their order.
    of_item: HashMap<u32, Vec<usize>>,
}

struct Reference {
    kind: [u8; 4],
    from: u32,
    to: Vec<u32>,
}

fn open(bytes: &[u8]) -> Read<Avif<'_>> {
    let frames = child(bytes, b"moov").map_or(0, frames);
    let is_sequence = bytes.get(8..12) == Some(b"avis");
    let meta = child(bytes, b"meta").ok_or(Refusal::Damaged(if is_sequence {
        "it has no still picture beside its frames"
    } else {
        "it has no picture"
    }))?;
    let meta = read_meta(bytes, meta).ok_or(Refusal::Damaged("its list of pictures is cut off"))?;
    let primary = meta.primary.ok_or(Refusal::Damaged("it has no picture"))?;
    let colour = layer(&meta, primary)?;
    let alpha = meta.alpha_of(primary);
    let alpha = match alpha {
        Some(alpha) => Some(layer(&meta, alpha)?),
        None => None,
    };
    if alpha
        .as_ref()
        .is_some_and(|alpha| alpha.dimensions != colour.dimensions)
    {
        return Err(Refusal::Unusual("its transparency is of another size"));
    }
    let (space, matrix) = colours(&meta, primary);
    let shown = shown(&meta, primary, colour.dimensions);
    Ok(Avif {
        is_premultiplied: meta.refers(b"prem", primary),
        space,
        matrix,
        shown,
        orientation: orientation(&meta, primary),
        is_animated: is_sequence && frames > 1,
        frames,
        bits: bits(&meta, primary),
        has_position: meta.has_position(),
        colour,
        alpha,
    })
}

/// How many samples the longest track has (`stsz`).
fn frames(moov: &[u8]) -> u32 {
    let count = |track: Piece| {
        let media = child(track.payload, b"mdia")?;
        let table = child(child(media, b"minf")?, b"stbl")?;
        let mut sizes = Bytes(child(table, b"stsz")?);
        sizes.take(8)?;
        sizes.u32(4)
    };
    let tracks = boxes(moov).filter(|piece| piece.kind == *b"trak");
    tracks.filter_map(count).max().unwrap_or(0)
}

fn read_meta<'a>(file: &'a [u8], meta: &'a [u8]) -> Option<Meta<'a>> {
    let mut read = Meta::default();
    let meta = meta.get(4..)?;
    let data = child(meta, b"idat").unwrap_or_default();
    for piece in boxes(meta) {
        let mut payload = Bytes(piece.payload);
        match &piece.kind {
            b"pitm" => {
                let (version, _) = payload.version()?;
                read.primary = Some(payload.u32(if version == 0 { 2 } else { 4 })?);
            }
            b"iinf" => {
                let (version, _) = payload.version()?;
                payload.take(if version == 0 { 2 } else { 4 })?;
                for entry in boxes(payload.0).take(MOST) {
                    let mut entry = Bytes(entry.payload);
                    let (version, _) = entry.version()?;
                    let id = entry.u32(if version < 3 { 2 } else { 4 })?;
                    entry.take(2)?;
                    read.kinds.insert(id, *entry.take(4)?.first_chunk()?);
                }
            }
            b"iloc" => read.extents = locations(file, data, payload)?,
            b"iref" => {
                let (version, _) = payload.version()?;
                let width = if version == 0 { 2 } else { 4 };
                for piece in boxes(payload.0).take(MOST) {
                    let mut payload = Bytes(piece.payload);
                    let from = payload.u32(width)?;
                    let count = payload.usize(2)?.min(MOST);
                    let to = (0..count).map_while(|_| payload.u32(width)).collect();
                    let kind = piece.kind;
                    read.references.push(Reference { kind, from, to });
                }
            }
            b"iprp" => {
                read.properties = boxes(child(payload.0, b"ipco")?).take(MOST).collect();
                for piece in boxes(payload.0).filter(|piece| piece.kind == *b"ipma") {
                    associations(Bytes(piece.payload), &mut read.of_item)?;
                }
            }
            _ => {}
        }
    }
    Some(read)
}

/// Where the bytes of each item lie (`iloc`): in the file, or in the box beside it.
fn locations<'a>(
    file: &'a [u8],
    data: &'a [u8],
    mut payload: Bytes<'a>,
) -> Option<HashMap<u32, Vec<&'a [u8]>>> {
    let mut found = HashMap::new();
    let (version, _) = payload.version()?;
    let sizes = payload.u32(2)?;
    let size = |shift: u32| (sizes >> shift & 15) as usize;
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version == 0 { 0 } else { size(0) };
    if [offset_size, length_size, base_size, index_size]
        .iter()
        .any(|size| *size > 8)
    {
        return None;
    }
    let wide = if version < 2 { 2 } else { 4 };
    for _ in 0..payload.usize(wide)?.min(MOST) {
        let id = payload.u32(wide)?;
        let method = if version == 0 {
            0
        } else {
            payload.u32(2)? & 15
        };
        payload.take(2)?;
        let base = payload.usize(base_size)?;
        let count = payload.usize(2)?.min(MOST);
        let mut extents = Vec::new();
        for _ in 0..count {
            payload.take(index_size)?;
            let from = base.checked_add(payload.usize(offset_size)?)?;
            let length = payload.usize(length_size)?;
            let within = match method {
                0 => file,
                1 => data,
                _ => continue,
            };
            // A length of 0 is the rest; an extent that is not there is left out, and its item
            // is found cut off.
            let to = match length {
                0 => within.len(),
                length => from.checked_add(length)?,
            };
            extents.push(within.get(from..to).unwrap_or_default());
        }
        found.insert(id, extents);
    }
    Some(found)
}

/// Which properties belong to which item (`ipma`).
fn associations(mut payload: Bytes, of_item: &mut HashMap<u32, Vec<usize>>) -> Option<()> {
    let (version, flags) = payload.version()?;
    let wide = if flags & 1 == 1 { 2 } else { 1 };
    for _ in 0..payload.usize(4)?.min(MOST) {
        let id = payload.u32(if version == 0 { 2 } else { 4 })?;
        let count = payload.usize(1)?;
        let of_item = of_item.entry(id).or_default();
        for _ in 0..count {
            // The highest bit says that a reader must know the property.
            let index = payload.usize(wide)? & if wide == 2 { 0x7fff } else { 0x7f };
            if index > 0 && of_item.len() < MOST {
                of_item.push(index - 1);
            }
        }
    }
    Some(())
}

impl<'a> Meta<'a> {
    fn properties_of(&self, item: u32) -> impl Iterator<Item = Piece<'a>> + '_ {
        let indices = self.of_item.get(&item).into_iter().flatten();
        indices.filter_map(|index| self.properties.get(*index).copied())
    }

    fn property(&self, item: u32, kind: &[u8; 4]) -> Option<&'a [u8]> {
        let mut properties = self.properties_of(item);
        properties
            .find(|piece| piece.kind == *kind)
            .map(|piece| piece.payload)
    }

    fn refers(&self, kind: &[u8; 4], from: u32) -> bool {
        self.references
            .iter()
            .any(|reference| reference.kind == *kind && reference.from == from)
    }

    /// The item that holds the transparency of another.
    fn alpha_of(&self, item: u32) -> Option<u32> {
        const NAMES: [&[u8]; 2] = [
            b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0",
            b"urn:mpeg:hevc:2015:auxid:1\0",
        ];
        let is_alpha = |item: u32| {
            let name = self
                .property(item, b"auxC")
                .and_then(|payload| payload.get(4..));
            name.is_some_and(|name| NAMES.iter().any(|alpha| name.starts_with(alpha)))
        };
        let mut references = self.references.iter();
        references
            .find(|reference| {
                reference.kind == *b"auxl"
                    && reference.to.contains(&item)
                    && is_alpha(reference.from)
            })
            .map(|reference| reference.from)
    }

    fn bytes_of(&self, item: u32) -> Read<Cow<'a, [u8]>> {
        let extents = self
            .extents
            .get(&item)
            .map(Vec::as_slice)
            .unwrap_or_default();
        match extents {
            [] => Err(Refusal::Damaged("a picture of it lies nowhere")),
            extents if extents.iter().any(|extent| extent.is_empty()) => {
                Err(Refusal::Damaged("it is cut off"))
            }
            [whole] => Ok(Cow::Borrowed(whole)),
            extents => {
                let length: usize = extents.iter().map(|extent| extent.len()).sum();
                // Extents may overlap; together they are no longer than a file may be.
                if length > 1 << 30 {
                    return Err(Refusal::Damaged("a picture of it is longer than the file"));
                }
                Ok(Cow::Owned(extents.concat()))
            }
        }
    }

    fn dimensions(&self, item: u32) -> Read<Dimensions> {
        let mut extents = Bytes(self.property(item, b"ispe").unwrap_or_default());
        let read = extents.version().and_then(|_| {
            Some(Dimensions {
                width: extents.u32(4)?,
                height: extents.u32(4)?,
            })
        });
        read.ok_or(Refusal::Damaged("it does not say how large it is"))
    }

    fn has_position(&self) -> bool {
        self.kinds.iter().any(|(item, kind)| {
            let bytes = || self.bytes_of(*item).ok();
            match kind {
                // The offset of the TIFF header stands before it.
                b"Exif" => {
                    let bytes = bytes();
                    let exif = bytes.as_deref().and_then(|bytes| bytes.get(4..));
                    has_position(exif.map(exif::without_name), None)
                }
                b"mime" => has_position(None, bytes().as_deref()),
                _ => false,
            }
        })
    }
}

/// The bitstreams of an item.
fn layer<'a>(meta: &Meta<'a>, item: u32) -> Read<Layer<'a>> {
    let dimensions = meta.dimensions(item)?;
    match meta.kinds.get(&item) {
        Some(b"av01") => Ok(Layer {
            tiles: vec![meta.bytes_of(item)?],
            columns: 1,
            dimensions,
        }),
        Some(b"grid") => grid(meta, item),
        _ => Err(Refusal::Unusual(
            "its picture is coded otherwise than in AV1",
        )),
    }
}

/// A grid (ISO/IEC 23008-12, section 6.6.2.3): rows and columns of pictures of one size, which may
/// reach over the right and lower edges.
fn grid<'a>(meta: &Meta<'a>, item: u32) -> Read<Layer<'a>> {
    let damaged = Refusal::Damaged("its grid is cut off");
    let bytes = meta.bytes_of(item)?;
    let mut bytes = Bytes(&bytes);
    let read = bytes.version_of_grid();
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
            return Err(Refusal::Unusual("its grid is of unlike pictures"));
        }
        tiles.push(meta.bytes_of(*part)?);
    }
    Ok(Layer {
        tiles,
        columns,
        dimensions,
    })
}

impl Bytes<'_> {
    /// Rows, columns and the size of a grid.
    fn version_of_grid(&mut self) -> Option<(u32, u32, Dimensions)> {
        self.take(1)?;
        let wide = if self.u32(1)? & 1 == 1 { 4 } else { 2 };
        let rows = self.u32(1)? + 1;
        let columns = self.u32(1)? + 1;
        let width = self.u32(wide)?;
        let height = self.u32(wide)?;
        Some((rows, columns, Dimensions { width, height }))
    }
}

/// What `colr` says: a profile before code points, which then only say the matrix.
fn colours(meta: &Meta, item: u32) -> (Option<ColourSpace>, Option<(u8, bool)>) {
    let mut icc = None;
    let mut coded = None;
    let mut matrix = None;
    for piece in meta
        .properties_of(item)
        .filter(|piece| piece.kind == *b"colr")
    {
        match piece.payload.split_first_chunk() {
            Some((b"prof" | b"rICC", profile)) if icc.is_none() => {
                icc = Some(ColourSpace::Icc(profile.to_vec()));
            }
            Some((b"nclx", [_, primaries, _, transfer, _, code, range, ..])) if coded.is_none() => {
                coded = Some(ColourSpace::Coded {
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

/// The Exif orientation of `irot`, anti-clockwise by quarters, and then `imir` (0: top and bottom
/// are exchanged, 1: left and right), as libavif names them.
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

/// The part that `clap` shows; the whole where it says none of whole pixels, as MIAF has it.
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
        // The centre's distance from the centre of the whole.
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

/// Bits a sample, from `av1C` of the item or of the parts of its grid.
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
        // Not said: as if of the most.
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
    fn a_clean_aperture_is_a_part_of_whole_pixels() {
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
        // Out of the picture, no whole pixels, no numbers.
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
}
