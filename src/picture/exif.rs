//! Whether metadata says where a picture was taken.

/// Tag of the pointer to the GPS directory (Exif 3.0, table 4).
const GPS_POINTER: u16 = 0x8825;

/// Whether metadata says where a picture was taken: Exif's GPS directory, or XMP's properties of
/// the same names (`exif:GPSLatitude`, …).
pub fn has_position(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> bool {
    let needle = b"GPSL";
    exif_has_position(exif)
        || xmp.is_some_and(|xmp| xmp.windows(needle.len()).any(|window| window == needle))
}

/// Exif's bytes from their TIFF header on: writers put the name of JPEG's segment before it in other
/// containers too, and browsers pass over it.
pub fn without_name(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
}

/// Whether the first directory of an Exif block points to a GPS directory. A block that cannot be
/// read is taken to hold one: nothing is published on a guess.
fn exif_has_position(exif: Option<&[u8]>) -> bool {
    exif.is_some_and(|exif| points_to_position(exif).unwrap_or(true))
}

fn points_to_position(exif: &[u8]) -> Option<bool> {
    let is_little_endian = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let offset = exif.get(4..8)?.try_into().ok()?;
    let directory = if is_little_endian {
        u32::from_le_bytes(offset)
    } else {
        u32::from_be_bytes(offset)
    };
    let directory = usize::try_from(directory).ok()?;
    let entries = usize::from(u16_at(directory)?);
    for entry in 0..entries {
        // Twelve bytes an entry: tag, type, count, value.
        if u16_at(directory + 2 + 12 * entry)? == GPS_POINTER {
            return Some(true);
        }
    }
    Some(false)
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
