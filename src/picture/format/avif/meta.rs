//! Reads the `meta` box (ISO/IEC 14496-12, section 8.11): items, the locations of their bytes,
//! their properties, and their references to one another.

use std::borrow::Cow;
use std::collections::HashMap;

use super::boxes::{Bytes, IsoBox, Read, Refusal, boxes, child};
use crate::exif;
use crate::exif::may_have_position;
use crate::units::Dimensions;

/// Maximum number of items, properties and extents that are read from a file; images have a
/// handful.
const MOST: usize = 4096;

/// The contents of the `meta` box.
#[derive(Default)]
pub(super) struct Meta<'a> {
    pub primary: Option<u32>,
    pub kinds: HashMap<u32, [u8; 4]>,
    extents: HashMap<u32, Vec<&'a [u8]>>,
    pub references: Vec<Reference>,
    properties: Vec<IsoBox<'a>>,
    /// Indices of the properties of each item, in their order.
    of_item: HashMap<u32, Vec<usize>>,
}

pub(super) struct Reference {
    pub kind: [u8; 4],
    pub from: u32,
    pub to: Vec<u32>,
}

pub(crate) fn read_meta<'a>(file: &'a [u8], meta: &'a [u8]) -> Option<Meta<'a>> {
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

/// Finds the bytes of each item (`iloc`), which are in the file or in `idat`.
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
            // A length of 0 means the rest. An extent beyond the end becomes empty, and its item is
            // then reported as truncated.
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

/// Reads which properties belong to which item (`ipma`).
fn associations(mut payload: Bytes, of_item: &mut HashMap<u32, Vec<usize>>) -> Option<()> {
    let (version, flags) = payload.version()?;
    let wide = if flags & 1 == 1 { 2 } else { 1 };
    for _ in 0..payload.usize(4)?.min(MOST) {
        let id = payload.u32(if version == 0 { 2 } else { 4 })?;
        let count = payload.usize(1)?;
        let of_item = of_item.entry(id).or_default();
        for _ in 0..count {
            // The highest bit means that a reader must support the property.
            let index = payload.usize(wide)? & if wide == 2 { 0x7fff } else { 0x7f };
            if index > 0 && of_item.len() < MOST {
                of_item.push(index - 1);
            }
        }
    }
    Some(())
}

impl<'a> Meta<'a> {
    pub fn properties_of(&self, item: u32) -> impl Iterator<Item = IsoBox<'a>> + '_ {
        let indices = self.of_item.get(&item).into_iter().flatten();
        indices.filter_map(|index| self.properties.get(*index).copied())
    }

    pub fn property(&self, item: u32, kind: &[u8; 4]) -> Option<&'a [u8]> {
        let mut properties = self.properties_of(item);
        properties
            .find(|piece| piece.kind == *kind)
            .map(|piece| piece.payload)
    }

    pub fn refers(&self, kind: &[u8; 4], from: u32) -> bool {
        self.references
            .iter()
            .any(|reference| reference.kind == *kind && reference.from == from)
    }

    /// Returns the item that contains the transparency of another.
    pub fn alpha_of(&self, item: u32) -> Option<u32> {
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

    pub fn bytes_of(&self, item: u32) -> Read<Cow<'a, [u8]>> {
        let extents = self
            .extents
            .get(&item)
            .map(Vec::as_slice)
            .unwrap_or_default();
        match extents {
            [] => Err(Refusal::Damaged("one of its images is missing")),
            extents if extents.iter().any(|extent| extent.is_empty()) => {
                Err(Refusal::Damaged("it is truncated"))
            }
            [whole] => Ok(Cow::Borrowed(whole)),
            extents => {
                let length: usize = extents.iter().map(|extent| extent.len()).sum();
                // Extents may overlap, so their total length is limited to the length that a file
                // may have.
                if length > 1 << 30 {
                    return Err(Refusal::Damaged(
                        "one of its images is longer than the file",
                    ));
                }
                Ok(Cow::Owned(extents.concat()))
            }
        }
    }

    pub fn dimensions(&self, item: u32) -> Read<Dimensions> {
        let mut extents = Bytes(self.property(item, b"ispe").unwrap_or_default());
        let read = extents.version().and_then(|_| {
            Some(Dimensions {
                width: extents.u32(4)?,
                height: extents.u32(4)?,
            })
        });
        read.ok_or(Refusal::Damaged("it does not state its size"))
    }

    pub fn may_have_position(&self) -> bool {
        self.kinds.iter().any(|(item, kind)| {
            let bytes = || self.bytes_of(*item).ok();
            match kind {
                // Four bytes before the data contain the offset of its TIFF header.
                b"Exif" => {
                    let bytes = bytes();
                    let exif = bytes.as_deref().and_then(|bytes| bytes.get(4..));
                    may_have_position(exif.map(exif::without_exif_prefix), None)
                }
                b"mime" => may_have_position(None, bytes().as_deref()),
                _ => false,
            }
        })
    }
}
