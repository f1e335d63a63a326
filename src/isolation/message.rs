//! The protocol between the program and a worker: one request, one answer. Each is a header
//! (postcard) followed by bytes.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::picture::color::ColorSpace;
use crate::picture::error::{ImageError, ProbeError};
use crate::picture::info::{ImageInfo, Raster};
use crate::picture::limits::Limits;
use crate::picture::pixels::SampleKind;
use crate::picture::recipe::Scale;
use crate::picture::units::Dimensions;

/// The header of a request. The file follows it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub task: Task,
    pub bounds: Bounds,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    Probe { limits: Limits },
    Decode { raster: Raster, scale: Scale },
    Draw { dimensions: Dimensions },
}

/// The header of an answer. The samples follow it, if there are any.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Probed(Result<ImageInfo, ProbeError>),
    /// `None` if the file must be decoded whole.
    Decoded(Result<Option<(SampleKind, ColorSpace)>, ImageError>),
    /// The samples are RGBA.
    Drawn(Result<(), ImageError>),
}

/// The resources that a worker may use for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bounds {
    /// Address space in bytes, beyond that of an idle worker.
    pub memory: u64,
    /// CPU time in seconds.
    pub seconds: u64,
}

/// Memory for allocators, stacks and tables. The bounds are a safety net behind the limits of the
/// configuration, and generous: no image within those limits may fail because of them.
const BASE_BYTES: u64 = 512 << 20;
const BASE_SECONDS: u64 = 60;
/// A tenth of the speed that was measured for the slowest decoder, or less.
const PIXELS_PER_SECOND: u64 = 500_000;

impl Bounds {
    pub fn of_headers(file: &[u8]) -> Self {
        Bounds {
            memory: BASE_BYTES.saturating_add(4 * file.len() as u64),
            seconds: BASE_SECONDS,
        }
    }

    pub fn of_raster(file: &[u8], raster: &Raster) -> Self {
        let memory = raster.decode_bytes.saturating_mul(2);
        Bounds {
            memory: memory.saturating_add(Bounds::of_headers(file).memory),
            seconds: BASE_SECONDS + raster.stored.pixels() / PIXELS_PER_SECOND,
        }
    }

    pub fn of_drawing(svg: &[u8], dimensions: Dimensions) -> Self {
        // A tree of elements takes many times their text; layers take four bytes a pixel each.
        let tree = 128 * svg.len() as u64;
        let layers = dimensions.pixels().saturating_mul(4 * 16);
        Bounds {
            memory: layers.saturating_add(tree + BASE_BYTES),
            seconds: BASE_SECONDS + dimensions.pixels() / PIXELS_PER_SECOND,
        }
    }
}

/// The longest header in bytes. It may contain an ICC profile.
const MAX_HEADER: u32 = 64 << 20;

/// Writes a message: the lengths of header and bytes, then both.
pub(super) fn write(to: &mut impl Write, header: &impl Serialize, bytes: &[u8]) -> io::Result<()> {
    let header = postcard::to_stdvec(header).map_err(io::Error::other)?;
    let length = u32::try_from(header.len()).map_err(io::Error::other)?;
    let mut start = length.to_le_bytes().to_vec();
    start.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    start.extend_from_slice(&header);
    to.write_all(&start)?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads a message with at most `most` bytes behind the header. Returns `None` at the end of the
/// stream.
pub(super) fn read<T: DeserializeOwned>(
    from: &mut impl Read,
    most: u64,
) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut start = [0; 12];
    // The stream may end between two messages only.
    if from.read(&mut start[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut start[1..])?;
    let [a, b, c, d, rest @ ..] = start;
    let header = u32::from_le_bytes([a, b, c, d]);
    let bytes = u64::from_le_bytes(rest);
    if header > MAX_HEADER || bytes > most {
        return Err(invalid("the message is too long"));
    }
    let header = exactly(from, header.into())?;
    let header = postcard::from_bytes(&header).map_err(|_| invalid("it is not a known message"))?;
    Ok(Some((header, exactly(from, bytes)?)))
}

fn exactly(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let room = usize::try_from(length).map_err(io::Error::other)?;
    bytes
        .try_reserve_exact(room)
        .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() < room {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written_and_not_beyond_its_limit() {
        let answer = Answer::Decoded(Ok(Some((SampleKind::Rgb, ColorSpace::Icc(vec![7; 300])))));
        let mut stream = Vec::new();
        write(&mut stream, &answer, &[1, 2, 3]).unwrap();
        write(&mut stream, &Answer::Drawn(Ok(())), &[]).unwrap();
        let mut from = stream.as_slice();
        let (first, bytes) = read::<Answer>(&mut from, 3).unwrap().unwrap();
        assert_eq!(format!("{first:?}"), format!("{answer:?}"));
        assert_eq!(bytes, [1, 2, 3]);
        assert!(read::<Answer>(&mut from, 3).unwrap().is_some());
        assert!(read::<Answer>(&mut from, 3).unwrap().is_none());
        assert!(read::<Answer>(&mut stream.as_slice(), 2).is_err());
        for end in 1..stream.len() - 20 {
            assert!(read::<Answer>(&mut &stream[..end], 3).is_err(), "{end}");
        }
        assert!(read::<Answer>(&mut [0xff; 64].as_slice(), u64::MAX).is_err());
    }
}
