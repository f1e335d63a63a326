//! Reads the marker segments of a JPEG (ITU-T T.81, annex B), and writes a JPEG of those that a
//! decoder needs.
//!
//! Decoders disagree about markers that are rare or in unusual places. The segments are therefore
//! read here, once, by the rules of libjpeg-turbo, which browsers use. Decoders get
//! [`Stream::essential`].

use memchr::memchr;

use super::standard_tables::STANDARD_TABLES;

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const QUANTIZATION_TABLES: u8 = 0xdb;
const HUFFMAN_TABLES: u8 = 0xc4;
const ARITHMETIC_CODING: u8 = 0xcc;
const RESTART_INTERVAL: u8 = 0xdd;

/// A JPEG's segments up to its end marker.
pub(super) struct Stream<'a> {
    pub frame: Frame,
    pub color: Color,
    pub scans: Vec<Scan>,
    /// First Exif segment that has content, from its TIFF header on: the one that browsers use.
    pub exif: Option<&'a [u8]>,
    segments: Vec<Segment<'a>>,
    /// Bytes after the end marker; `None` if there is no end marker.
    trailer: Option<&'a [u8]>,
}

/// A marker and the payload of its segment; for a scan, also its entropy-coded data.
struct Segment<'a> {
    marker: u8,
    payload: &'a [u8],
    entropy_coded: &'a [u8],
}

/// A segment that affects how scans are decoded, or a scan itself.
pub(super) enum DecodingSegment<'a> {
    QuantizationTables(&'a [u8]),
    HuffmanTables(&'a [u8]),
    RestartInterval(u16),
    Scan(Scan, &'a [u8]),
}

/// The frame header (T.81, section B.2.2).
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub width: u16,
    pub height: u16,
    pub is_progressive: bool,
    pub components: Vec<Component>,
}

/// A component and its sampling factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub id: u8,
    pub horizontal: u8,
    pub vertical: u8,
    /// Number of the component's quantization table.
    pub quantization: u8,
}

/// The header of a scan (T.81, section B.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Ids of the components.
    pub components: Vec<u8>,
    /// Huffman tables of each component: DC in the upper four bits, AC in the lower.
    pub tables: Vec<u8>,
    /// First coefficient in zigzag order; `last` is the last one.
    pub first: u8,
    pub last: u8,
    /// Position of the lowest bit of the coefficients that this scan contains.
    pub low_bit: u8,
    /// Whether the scan adds this bit to coefficients of an earlier scan.
    pub is_refinement: bool,
}

/// Color model of the components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Color {
    Gray,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

/// Reason why a stream cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Damaged(&'static str),
    /// 12 or 16 bits per sample.
    Deep,
    Arithmetic,
}

impl<'a> Stream<'a> {
    /// Reads all segments; no pixel is decoded.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (segments, trailer) = split(bytes);
        let is_frame = |marker: u8| {
            matches!(marker, 0xc0..=0xcf) && marker != HUFFMAN_TABLES && marker != 0xc8
        };
        if segments
            .iter()
            .any(|segment| segment.marker == ARITHMETIC_CODING)
        {
            return Err(Refusal::Arithmetic);
        }
        let mut frames = segments.iter().filter(|segment| is_frame(segment.marker));
        let frame = match (frames.next(), frames.next()) {
            (Some(segment), None) => frame(segment)?,
            (None, _) => return Err(Refusal::Damaged("it has no frame header")),
            (Some(_), Some(_)) => return Err(Refusal::Damaged("it has two frame headers")),
        };
        let scans: Vec<Scan> = segments
            .iter()
            .filter(|segment| segment.marker == START_OF_SCAN)
            .filter_map(|segment| scan(segment.payload))
            .collect();
        if scans.is_empty() {
            return Err(Refusal::Damaged("it has no image data"));
        }
        let exif = exifs(&segments).find(|exif| !exif.is_empty());
        Ok(Stream {
            color: color(&frame, &segments),
            frame,
            scans,
            exif,
            segments,
            trailer,
        })
    }

    /// Returns the ICC profile, joined from its pieces (ICC.1:2022, annex B.4); `None` if one is
    /// missing.
    pub fn icc(&self) -> Option<Vec<u8>> {
        let payloads = self.payloads(0xe2);
        let mut pieces: Vec<(u8, u8, &[u8])> = payloads
            .filter_map(|payload| match payload.strip_prefix(b"ICC_PROFILE\0")? {
                [number, count, piece @ ..] => Some((*number, *count, piece)),
                _ => None,
            })
            .collect();
        pieces.sort_by_key(|(number, _, _)| *number);
        let is_complete = pieces
            .iter()
            .enumerate()
            .all(|(index, (number, count, _))| {
                usize::from(*number) == index + 1 && usize::from(*count) == pieces.len()
            });
        (is_complete && !pieces.is_empty()).then(|| {
            pieces
                .iter()
                .flat_map(|(_, _, piece)| *piece)
                .copied()
                .collect()
        })
    }

    /// Returns every Exif segment, from its TIFF header on.
    pub fn exifs(&self) -> impl Iterator<Item = &'a [u8]> {
        exifs(&self.segments)
    }

    /// Returns every XMP packet; the parts of an extended one (XMP specification, part 3, section
    /// 1.1.3.1) are joined.
    pub fn xmps(&self) -> Vec<Vec<u8>> {
        /// Length of the header of a part: a GUID, the total length, and the offset of the part.
        const EXTENSION_HEADER: usize = 32 + 4 + 4;
        let standard = self
            .payloads(0xe1)
            .filter_map(|payload| payload.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0"));
        let mut extended = Vec::new();
        for payload in self.payloads(0xe1) {
            let part = payload.strip_prefix(b"http://ns.adobe.com/xmp/extension/\0");
            extended.extend_from_slice(
                part.and_then(|part| part.get(EXTENSION_HEADER..))
                    .unwrap_or_default(),
            );
        }
        let mut packets: Vec<Vec<u8>> = standard.map(<[u8]>::to_vec).collect();
        packets.push(extended);
        packets
    }

    /// Returns the bytes after the end marker: further images, videos, a camera's own data.
    pub fn trailer(&self) -> &'a [u8] {
        self.trailer.unwrap_or_default()
    }

    /// Whether the image ends in an end marker.
    pub fn has_end(&self) -> bool {
        self.trailer.is_some()
    }

    /// Whether a Huffman table is defined. Motion JPEG omits those of T.81, section K.3.
    pub fn has_huffman_tables(&self) -> bool {
        self.payloads(HUFFMAN_TABLES)
            .any(|payload| !payload.is_empty())
    }

    /// Returns tables, restart intervals and scans, in their order.
    pub fn segments(&self) -> impl Iterator<Item = DecodingSegment<'a>> {
        self.segments
            .iter()
            .filter_map(|segment| match segment.marker {
                QUANTIZATION_TABLES => Some(DecodingSegment::QuantizationTables(segment.payload)),
                HUFFMAN_TABLES => Some(DecodingSegment::HuffmanTables(segment.payload)),
                RESTART_INTERVAL => {
                    let interval = segment.payload.first_chunk()?;
                    Some(DecodingSegment::RestartInterval(u16::from_be_bytes(
                        *interval,
                    )))
                }
                START_OF_SCAN => Some(DecodingSegment::Scan(
                    scan(segment.payload)?,
                    segment.entropy_coded,
                )),
                _ => None,
            })
    }

    /// Writes a JPEG of the segments that decode to pixels: tables, headers, scans, and an Adobe
    /// segment that agrees with [`Stream::color`]. Standard Huffman tables are added if there are
    /// none.
    pub fn essential(&self) -> Vec<u8> {
        let length: usize = self
            .segments
            .iter()
            .map(|segment| segment.payload.len() + segment.entropy_coded.len() + 4)
            .sum();
        let mut out = Vec::with_capacity(length + 1024);
        out.extend_from_slice(&[0xff, START_OF_IMAGE]);
        let transform = match self.color {
            Color::Gray => None,
            Color::Rgb | Color::Cmyk => Some(0),
            Color::YCbCr => Some(1),
            Color::Ycck => Some(2),
        };
        if let Some(transform) = transform {
            let adobe = [b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat();
            append(&mut out, 0xee, &adobe);
        }
        if !self.has_huffman_tables() {
            for (class_and_id, counts, values) in STANDARD_TABLES {
                let payload = [&[*class_and_id], counts.as_slice(), values].concat();
                append(&mut out, HUFFMAN_TABLES, &payload);
            }
        }
        for segment in &self.segments {
            let is_needed = matches!(
                segment.marker,
                0xc0..=0xcf | START_OF_SCAN | QUANTIZATION_TABLES | RESTART_INTERVAL
            );
            if is_needed && !segment.payload.is_empty() {
                append(&mut out, segment.marker, segment.payload);
                out.extend_from_slice(segment.entropy_coded);
            }
        }
        out.extend_from_slice(&[0xff, END_OF_IMAGE]);
        out
    }

    fn payloads(&self, marker: u8) -> impl Iterator<Item = &'a [u8]> {
        payloads(&self.segments, marker)
    }
}

/// Splits a file into its segments and the bytes after the end marker.
fn split(bytes: &[u8]) -> (Vec<Segment<'_>>, Option<&[u8]>) {
    let mut segments = Vec::new();
    let mut at = 2;
    while let Some(marker_at) = next_marker(bytes, at) {
        let marker = bytes[marker_at + 1];
        at = marker_at + 2;
        // A second start of image has no payload.
        if marker == START_OF_IMAGE {
            continue;
        }
        if marker == END_OF_IMAGE {
            return (segments, Some(&bytes[at..]));
        }
        let Some(length) = bytes.get(at..at + 2) else {
            break;
        };
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        let Some(payload) = bytes.get(at + 2..at + length) else {
            break;
        };
        at += length;
        let mut entropy_coded: &[u8] = &[];
        if marker == START_OF_SCAN {
            let end = next_marker(bytes, at).unwrap_or(bytes.len());
            entropy_coded = &bytes[at..end];
            at = end;
        }
        segments.push(Segment {
            marker,
            payload,
            entropy_coded,
        });
    }
    (segments, None)
}

/// Returns the position of the next marker that starts a segment or ends the image. Stuffed bytes,
/// fill bytes and restart markers are skipped.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + memchr(0xff, bytes.get(from..)?)?;
        match bytes.get(at + 1)? {
            0x00..=0x01 | 0xd0..=0xd7 => from = at + 2,
            0xff => from = at + 1,
            _ => return Some(at),
        }
    }
}

fn append(out: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    // Every payload fits: it was read from a segment, or is short.
    let length = u16::try_from(payload.len() + 2).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
}

fn payloads<'s, 'a>(
    segments: &'s [Segment<'a>],
    marker: u8,
) -> impl Iterator<Item = &'a [u8]> + use<'s, 'a> {
    let segments = segments.iter().filter(move |one| one.marker == marker);
    segments.map(|segment| segment.payload)
}

fn exifs<'s, 'a>(segments: &'s [Segment<'a>]) -> impl Iterator<Item = &'a [u8]> + use<'s, 'a> {
    payloads(segments, 0xe1).filter_map(|payload| payload.strip_prefix(b"Exif\0\0"))
}

fn frame(segment: &Segment<'_>) -> Result<Frame, Refusal> {
    let is_progressive = match segment.marker {
        0xc0 | 0xc1 => false,
        0xc2 => true,
        0xc9..=0xcf => return Err(Refusal::Arithmetic),
        _ => return Err(Refusal::Damaged("it is lossless or hierarchical")),
    };
    let [precision, h0, h1, w0, w1, count, rest @ ..] = segment.payload else {
        return Err(Refusal::Damaged("its frame header is truncated"));
    };
    if *precision != 8 {
        return Err(Refusal::Deep);
    }
    let (components, _) = rest.as_chunks::<3>();
    let components: Vec<Component> = components
        .iter()
        .take((*count).into())
        .map(|[id, factors, quantization]| Component {
            id: *id,
            horizontal: factors >> 4,
            vertical: factors & 15,
            quantization: *quantization,
        })
        .collect();
    if components.len() != usize::from(*count) {
        return Err(Refusal::Damaged("its frame header is truncated"));
    }
    if !matches!(components.len(), 1 | 3 | 4) {
        return Err(Refusal::Damaged(
            "it has neither one, three nor four components",
        ));
    }
    Ok(Frame {
        width: u16::from_be_bytes([*w0, *w1]),
        height: u16::from_be_bytes([*h0, *h1]),
        is_progressive,
        components,
    })
}

fn scan(payload: &[u8]) -> Option<Scan> {
    let (count, rest) = payload.split_first()?;
    let (components, rest) = rest.split_at_checked(2 * usize::from(*count))?;
    let (components, _) = components.as_chunks::<2>();
    let (first, last, bits) = match rest {
        [first, last, bits, ..] => (*first, *last, *bits),
        // Sequential scans need none of the three.
        _ => (0, 63, 0),
    };
    Some(Scan {
        components: components.iter().map(|[id, _]| *id).collect(),
        tables: components.iter().map(|[_, tables]| *tables).collect(),
        first,
        last,
        low_bit: bits & 15,
        is_refinement: bits >> 4 > 0,
    })
}

/// Determines the color model by libjpeg-turbo's rules (`default_decompress_parms`): JFIF takes
/// precedence over Adobe, and both over the components' ids.
fn color(frame: &Frame, segments: &[Segment<'_>]) -> Color {
    /// Index of the transform, the last of the twelve bytes of an Adobe segment.
    const TRANSFORM: usize = 11;
    let headers = || {
        segments
            .iter()
            .take_while(|segment| segment.marker != START_OF_SCAN)
    };
    let is_jfif = headers().any(|segment| {
        segment.marker == 0xe0
            && segment.payload.starts_with(b"JFIF\0")
            && segment.payload.len() >= 14
    });
    let adobe = headers()
        .filter(|segment| segment.marker == 0xee && segment.payload.starts_with(b"Adobe"))
        .filter_map(|segment| segment.payload.get(TRANSFORM).copied())
        .last();
    let ids: Vec<u8> = frame
        .components
        .iter()
        .map(|component| component.id)
        .collect();
    match (frame.components.len(), adobe) {
        (1, _) => Color::Gray,
        (3, _) if is_jfif => Color::YCbCr,
        (3, Some(0)) => Color::Rgb,
        (3, Some(_)) => Color::YCbCr,
        (3, None) if ids == *b"RGB" => Color::Rgb,
        (3, None) => Color::YCbCr,
        (_, None | Some(0)) => Color::Cmyk,
        (_, Some(_)) => Color::Ycck,
    }
}
