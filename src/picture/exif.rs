//! Detects GPS positions in Exif and XMP. A possible position keeps a file out of a `srcset`; a
//! certain one is reported.

use memchr::memmem;

/// Tag of the pointer to the GPS directory (Exif 3.0, table 4).
const GPS_POINTER: u16 = 0x8825;
/// Tag of the latitude in the GPS directory (Exif 3.0, table 15).
const GPS_LATITUDE: u16 = 2;

/// Whether metadata may contain the position of the camera: it has Exif's GPS directory, or XMP's
/// properties of the same names (`exif:GPSLatitude`, …).
pub fn may_have_position(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> bool {
    exif_has_position(exif) || xmp.is_some_and(|xmp| memmem::find(xmp, b"GPSL").is_some())
}

/// Strips the name of JPEG's Exif segment, so that the data starts with its TIFF header. Some
/// writers put the name into other containers too, and browsers skip it.
pub fn without_exif_prefix(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
}

/// Whether a directory of an Exif block points to a GPS directory. `true` also for a block that
/// cannot be read, so that no position is published by mistake.
fn exif_has_position(exif: Option<&[u8]>) -> bool {
    exif.is_some_and(|exif| {
        let directory = Block::read(exif).and_then(|block| block.gps_directory());
        directory.is_none_or(|directory| directory.is_some())
    })
}

/// Whether metadata contains a latitude, and so the position of the camera, for certain.
pub fn has_certain_position(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> bool {
    let has_latitude = |exif: &[u8]| {
        let block = Block::read(exif)?;
        let directory = block.gps_directory()??;
        block.has_entry(directory, GPS_LATITUDE)
    };
    exif.and_then(has_latitude).unwrap_or_default()
        || xmp.is_some_and(|xmp| memmem::find(xmp, b"GPSLatitude").is_some())
}

/// An Exif block: a TIFF header and directories.
struct Block<'e> {
    bytes: &'e [u8],
    is_little_endian: bool,
}

impl<'e> Block<'e> {
    fn read(bytes: &'e [u8]) -> Option<Self> {
        let is_little_endian = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Block {
            bytes,
            is_little_endian,
        })
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn offset_at(&self, at: usize) -> Option<usize> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        let offset = if self.is_little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        };
        usize::try_from(offset).ok()
    }

    /// Returns the range of bytes of a directory's entries, twelve bytes each: tag, type, count,
    /// value.
    fn entries(&self, directory: usize) -> Option<std::ops::Range<usize>> {
        let entries = usize::from(self.u16_at(directory)?);
        let start = directory.checked_add(2)?;
        Some(start..start.checked_add(12 * entries)?)
    }

    fn has_entry(&self, directory: usize, tag: u16) -> Option<bool> {
        for entry in self.entries(directory)?.step_by(12) {
            if self.u16_at(entry)? == tag {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Returns the offset of the GPS directory, `Some(None)` if no directory points to one, or
    /// `None` if the directories cannot be read.
    fn gps_directory(&self) -> Option<Option<usize>> {
        /// Maximum number of directories to read. Files have two: the image's and the thumbnail's.
        const MAX_DIRECTORIES: usize = 16;
        let mut directory = self.offset_at(4)?;
        for _ in 0..MAX_DIRECTORIES {
            let entries = self.entries(directory)?;
            for entry in entries.clone().step_by(12) {
                if self.u16_at(entry)? == GPS_POINTER {
                    // At an offset beyond the end, no latitude is found.
                    return Some(Some(self.offset_at(entry + 8).unwrap_or(usize::MAX)));
                }
            }
            // Some writers leave out the offset of the next directory.
            match self.offset_at(entries.end) {
                None | Some(0) => return Some(None),
                Some(next) => directory = next,
            }
        }
        None
    }
}

/// Whether the bytes after an image may contain a position: in a video, whose formats store it
/// differently, or in a second image.
pub(crate) fn trailer_may_have_position(trailer: &[u8]) -> bool {
    let positions = |needle: &'static [u8]| memmem::find_iter(trailer, needle);
    let has_video = positions(b"ftyp").next().is_some() || positions(b"moov").next().is_some();
    has_video
        || may_have_position(None, Some(trailer))
        || positions(b"Exif\0\0").any(|at| {
            let exif = &trailer[at + 6..];
            may_have_position(Some(exif), None)
        })
}

/// Whether the bytes after an image contain a position for certain: in the Exif data or XMP of
/// another picture, or in the metadata of a video.
pub(crate) fn trailer_has_certain_position(trailer: &[u8]) -> bool {
    // QuickTime's user data and metadata, and 3GPP's `loci` (TS 26.244).
    const VIDEO: [&[u8]; 3] = [b"\xa9xyz", b"location.ISO6709", b"loci\0\0\0\0"];
    let mut exifs = memmem::find_iter(trailer, b"Exif\0\0");
    let is_video = memmem::find(trailer, b"moov").is_some();
    has_certain_position(None, Some(trailer))
        || exifs.any(|at| has_certain_position(Some(&trailer[at + 6..]), None))
        || is_video
            && VIDEO
                .iter()
                .any(|box_name| memmem::find(trailer, box_name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds an Exif block with one directory of one entry: a pointer to a GPS directory at byte
    /// 26. That directory has one entry, with this tag.
    fn with(tag: u8) -> Vec<u8> {
        let head = b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0";
        let gps = [1, 0, tag, 0, 5, 0, 3, 0, 0, 0, 0, 0, 0, 0];
        [&head[..], &gps].concat()
    }

    #[test]
    fn a_video_or_picture_behind_the_image_tells_the_position() {
        let exif = [b"\xff\xd8\xff\xe1\0\x40Exif\0\0".as_slice(), &with(2)].concat();
        for (trailer, expected) in [
            (exif.as_slice(), true),
            (&b"<x:xmpmeta exif:GPSLatitude=\"48,51N\"/>"[..], true),
            (
                b"\0\0\0\x18ftypmp42\0\0\0\x20moov\0\0\0\x1audta\0\0\0\x12\xa9xyz\0\x06+48.8",
                true,
            ),
            (
                b"ftypqt  moov com.apple.quicktime.location.ISO6709 +48.8/",
                true,
            ),
            (&b"\0\0\0\x18ftypmp42\0\0\0\x20moov"[..], false),
            (&b"text about location.ISO6709"[..], false),
            (&b""[..], false),
        ] {
            assert_eq!(trailer_has_certain_position(trailer), expected);
        }
    }

    #[test]
    fn a_position_is_certain_if_there_is_a_latitude() {
        assert!(has_certain_position(Some(&with(2)), None));
        // Phones that may not record the position write only the version of the GPS directory.
        assert!(!has_certain_position(Some(&with(0)), None));
        assert!(exif_has_position(Some(&with(0))), "but not published");
        assert!(!has_certain_position(Some(&with(2)[..27]), None));
        assert!(!has_certain_position(Some(b"garbage"), None));
        assert!(has_certain_position(
            None,
            Some(b"<x exif:GPSLatitude=\"48,51N\"/>")
        ));
        assert!(!has_certain_position(None, Some(b"<x/>")) && !has_certain_position(None, None));
    }

    #[test]
    fn the_gps_pointer_is_found_in_both_byte_orders() {
        let little = b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\0\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\0";
        let without = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
        assert!(exif_has_position(Some(little)) && exif_has_position(Some(big)));
        assert!(!exif_has_position(Some(without)) && !exif_has_position(None));
        assert!(
            exif_has_position(Some(b"garbage"))
                && exif_has_position(Some(b"II*\0\xff\xff\xff\xff"))
        );
    }
}
