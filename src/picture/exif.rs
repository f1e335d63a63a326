//! Detects positions (GPS) in metadata.

use memchr::memmem;

/// Tag of the pointer to the GPS directory (Exif 3.0, table 4).
const GPS_POINTER: u16 = 0x8825;

/// Whether metadata contains the position of the camera: Exif's GPS directory, or XMP's properties
/// of the same names (`exif:GPSLatitude`, …).
pub fn has_position(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> bool {
    exif_has_position(exif) || xmp.is_some_and(|xmp| memmem::find(xmp, b"GPSL").is_some())
}

/// Exif data from its TIFF header on. Some writers put the name of JPEG's segment before it in
/// other containers too, and browsers skip it.
pub fn without_name(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
}

/// Whether a directory of an Exif block points to a GPS directory. A block that cannot be read is
/// assumed to do so: nothing is published on a guess.
fn exif_has_position(exif: Option<&[u8]>) -> bool {
    exif.is_some_and(|exif| points_to_position(exif).unwrap_or(true))
}

fn points_to_position(exif: &[u8]) -> Option<bool> {
    /// Files have two: the image's and the thumbnail's.
    const MAX_DIRECTORIES: usize = 16;
    let is_little_endian = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(if is_little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let offset_at = |at: usize| -> Option<usize> {
        let bytes = *exif.get(at..)?.first_chunk()?;
        let offset = if is_little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        };
        usize::try_from(offset).ok()
    };
    let mut directory = offset_at(4)?;
    for _ in 0..MAX_DIRECTORIES {
        let entries = usize::from(u16_at(directory)?);
        // Twelve bytes per entry: tag, type, count, value.
        let end = directory + 2 + 12 * entries;
        for entry in (directory + 2..end).step_by(12) {
            if u16_at(entry)? == GPS_POINTER {
                return Some(true);
            }
        }
        // Some writers leave out the offset of the next directory.
        match offset_at(end) {
            None | Some(0) => return Some(false),
            Some(next) => directory = next,
        }
    }
    None
}

/// Whether the bytes after an image may contain a position: in a video, each format of which stores
/// it differently, or in a second image.
pub(crate) fn trailer_may_have_position(trailer: &[u8]) -> bool {
    let positions = |needle: &'static [u8]| memmem::find_iter(trailer, needle);
    let has_video = positions(b"ftyp").next().is_some() || positions(b"moov").next().is_some();
    has_video
        || has_position(None, Some(trailer))
        || positions(b"Exif\0\0").any(|at| {
            let exif = &trailer[at + 6..];
            has_position(Some(exif), None)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

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
