//! Finds the variant names that a file mentions: takes bytes, returns names, in one pass and
//! constant memory.

use std::collections::{HashMap, HashSet};
use std::io::{self, Cursor, ErrorKind, Read};

use flate2::read::MultiGzDecoder;

use super::unescaped::{Backslash, unescaped};

/// Bytes read at once.
const CHUNK: usize = 256 << 10;
/// Bytes kept from the previous chunk, in which a name may start: 255 characters, each with up to
/// 60 bytes of escapes.
const OVERLAP: usize = 16 << 10;
/// How many levels of nested escapes are decoded.
const LEVELS: usize = 8;
/// The most bytes of a file that is compressed with gzip (RFC 1952), decompressed.
const LARGEST_INFLATED: u64 = 1 << 30;
/// The first bytes of such a file.
const GZIP: &[u8] = b"\x1f\x8b\x08";
/// Number of bytes of its header and its trailer.
const SMALLEST_GZIP: usize = 18;
/// Bytes at the start of a file in which binary formats have a control character.
const HEADER: usize = 1 << 10;
/// Hexadecimal digits of the digest in a variant's name.
const DIGITS: usize = 10;

/// Searches bytes for a set of variant names, whatever characters surround them: in UTF-8, UTF-16
/// and UTF-32, and with the escapes of the languages that sites are written in.
pub(super) struct Mentions<'n> {
    /// The names by their digests: `photo-320.0123456789.` and `webp` under `0123456789`.
    by_digest: HashMap<&'n [u8], Vec<Name<'n>>>,
    found: HashSet<&'n str>,
}

struct Name<'n> {
    name: &'n str,
    /// The name up to and including its last full stop.
    stem: &'n [u8],
    extension: &'n [u8],
}

impl<'n> Mentions<'n> {
    /// Creates a search for `names`, which are variant names.
    pub fn new(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut by_digest: HashMap<&[u8], Vec<Name>> = HashMap::new();
        for name in names {
            let dot = name.rfind('.').map_or(name.len(), |dot| dot + 1);
            let (stem, extension) = name.as_bytes().split_at(dot);
            if let Some(start) = stem.len().checked_sub(DIGITS + 1) {
                let digest = &stem[start..stem.len() - 1];
                by_digest.entry(digest).or_default().push(Name {
                    name,
                    stem,
                    extension,
                });
            }
        }
        Mentions {
            by_digest,
            found: HashSet::new(),
        }
    }

    /// The names that have been found so far.
    pub fn found(&self) -> &HashSet<&'n str> {
        &self.found
    }

    /// Searches a file to its end, unless it starts like a binary format. A file that is compressed
    /// with gzip is decompressed, whatever its name.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or decompressed, or is larger than a gibibyte when decompressed.
    pub fn read(&mut self, mut file: impl Read) -> io::Result<()> {
        let mut start = Vec::with_capacity(SMALLEST_GZIP);
        file.by_ref()
            .take(SMALLEST_GZIP as u64)
            .read_to_end(&mut start)?;
        let is_compressed = start.starts_with(GZIP);
        let damaged = || io::Error::new(ErrorKind::InvalidData, "it cannot be decompressed");
        if is_compressed && start.len() < SMALLEST_GZIP {
            return Err(damaged());
        }
        let file = Cursor::new(start).chain(file);
        if !is_compressed {
            return self.search(file);
        }
        let mut limited = MultiGzDecoder::new(file).take(LARGEST_INFLATED);
        match self.search(&mut limited) {
            Ok(()) if limited.limit() == 0 => {
                Err(io::Error::other("it is too large when decompressed"))
            }
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                    damaged()
                }
                _ => error,
            }),
            Ok(()) => Ok(()),
        }
    }

    fn search(&mut self, mut file: impl Read) -> io::Result<()> {
        let mut window = Vec::with_capacity(CHUNK + OVERLAP);
        let mut is_start = true;
        loop {
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut window)?;
            if read == 0 || is_start && is_no_text(&window) {
                return Ok(());
            }
            is_start = false;
            self.look(&window);
            self.look_below_escapes(&window);
            let done = window.len().saturating_sub(OVERLAP);
            window.drain(..done);
        }
    }

    fn look_below_escapes(&mut self, window: &[u8]) {
        let is_sign = |byte: &u8| matches!(byte, 0 | b'%' | b'&' | b'\\' | b'\n' | b'\r' | b'\t');
        if !window.iter().any(is_sign) {
            return;
        }
        let bytes: Vec<u8> = window.iter().copied().filter(|byte| *byte != 0).collect();
        if bytes.len() < window.len() {
            self.look(&bytes);
        }
        // Percent-decoded separately as well, because a backslash may be a path separator before an
        // encoded name instead of the start of an escape.
        if bytes.contains(&b'%') {
            let decoded: Vec<u8> = percent_encoding::percent_decode(&bytes).collect();
            self.look(&decoded);
        }
        // `\055` is a hyphen in programs, and `U` in style sheets.
        for backslash in [Backslash::Hexadecimal, Backslash::Octal] {
            let mut escaped = bytes.clone();
            for _ in 0..LEVELS {
                let (plain, has_escapes) = unescaped(&escaped, backslash);
                self.look(&plain);
                if !has_escapes {
                    break;
                }
                escaped = plain;
            }
            if !bytes.contains(&b'\\') {
                break;
            }
        }
    }

    fn look(&mut self, bytes: &[u8]) {
        let dots = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'.');
        for (dot, _) in dots {
            let Some(start) = dot.checked_sub(DIGITS) else {
                continue;
            };
            let Some(names) = self.by_digest.get(&bytes[start..dot]) else {
                continue;
            };
            let (before, after) = bytes.split_at(dot + 1);
            for name in names {
                let extension = after.get(..name.extension.len());
                let is_extension =
                    extension.is_some_and(|bytes| bytes.eq_ignore_ascii_case(name.extension));
                if before.ends_with(name.stem) && is_extension {
                    self.found.insert(name.name);
                }
            }
        }
    }
}

/// Whether a file starts like an image, a video, a font or an archive, with a control character
/// that no text has. Its name does not matter: an author's text may be called anything.
fn is_no_text(start: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 15] = [
        crate::store::MARK,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF8",
        b"II*\0",
        b"MM\0*",
        b"\0\0\x01\0",
        b"wOFF",
        b"wOF2",
        b"\0\x01\0\0",
        b"OTTO",
        b"OggS",
        b"\x1aE\xdf\xa3",
        b"PK\x03\x04",
        b"7z\xbc\xaf\x27\x1c",
    ];
    let header = &start[..HEADER.min(start.len())];
    let has_control = || header.iter().any(|byte| *byte < b'\t');
    let is_signed = SIGNATURES
        .iter()
        .any(|signature| start.starts_with(signature))
        || start.starts_with(b"RIFF")
            && matches!(start.get(8..12), Some(b"WEBP" | b"WAVE" | b"AVI "))
        || start.get(4..8) == Some(b"ftyp");
    is_signed && has_control()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const NAME: &str = "a-320.0123456789.webp";

    fn mentions(bytes: &[u8]) -> bool {
        let mut mentions = Mentions::new([NAME, "b-320.0123456789.avif"]);
        mentions.read(bytes).unwrap();
        mentions.found().contains(NAME)
    }

    #[test]
    fn a_name_is_found_between_any_characters() {
        for text in [
            "src: /v/a-320.0123456789.webp\n",
            "See a-320.0123456789.webp.",
            "_a-320.0123456789.webp_",
            "~a-320.0123456789.webp-a-320.0123456789.webp",
            "\u{e9}a-320.0123456789.webp\0",
            "a-320.0123456789.avif.a-320.0123456789.webp",
            "src=/v/a%2D320.0123456789%2Ewebp 320w",
            "src=/v/a%252D320%252E0123456789.webp",
            "<img src=/v/a&#45;320&#46;0123456789&period;webp>",
            "<img src=/v/a&#x2d;320.&#48;123456789.webp>",
            "{\"src\": \"\\/v\\/a\\u002d320\\u002e0123456789.webp\"}",
            "&quot;a\\u002d320.0123456789.webp&quot;",
            "'a\\x2d320\\u{2e}0123456789.webp'",
            "url(a\\-320\\2e 0123456789\\.webp)",
            "A: \"a\\U0000002D320.01234\\\n    56789.webp\"",
            "<img src='/v/a-320.\n\t0123456789.webp'>",
            "/v/a-320.0123456789.WEBP",
            "C:\\v\\a-320.0123456789%2Ewebp",
            "src=/v/a%2525252D320.0123456789.webp",
            "<img src=/v/a&#000000000000045;320&#x000000000002e;0123456789.webp>",
            r"'a\u{000000002d}320\0560123456789.\webp'",
            r"url(a\-320\2e 0123456789.\w\65 bp)",
            "OTTO sells a-320.0123456789.webp",
            "GIF89a is older than a-320.0123456789.webp",
            "The ftyp box of a-320.0123456789.webp",
        ] {
            assert!(mentions(text.as_bytes()), "{text}");
        }
        for text in [
            "a-320.012345678.webp",
            "a-320.0123456789.web p",
            "b-320.0123456789.webp",
            ".webp",
            "",
        ] {
            assert!(!mentions(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_name_is_found_in_other_encodings_and_across_chunks() {
        let utf16: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(mentions(&[b"\xff\xfe", &utf16[..]].concat()));
        let utf16: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(mentions(&utf16));
        for before in CHUNK - 40..CHUNK + 40 {
            let mut text = vec![b' '; before];
            text.extend_from_slice(NAME.as_bytes());
            assert!(mentions(&text), "{before} bytes before it");
        }
    }

    #[test]
    fn a_name_in_a_compressed_file_is_found() {
        let gzip = |bytes: &[u8]| {
            let mut file = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            file.write_all(bytes).unwrap();
            file.finish().unwrap()
        };
        let long = [&vec![b' '; 3 * CHUNK][..], NAME.as_bytes()].concat();
        assert!(mentions(&gzip(&long)));
        assert!(
            mentions(&[gzip(b"other"), gzip(&long)].concat()),
            "two members"
        );
        let whole = gzip(&long);
        let name = [GZIP, NAME.as_bytes()].concat();
        for damaged in [&whole[..whole.len() / 2], &whole[..17], &name, GZIP] {
            let error = Mentions::new([NAME]).read(damaged).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData);
        }
    }

    #[test]
    fn files_that_are_no_texts_are_not_searched() {
        for start in [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            b"RIFF\0\0\0\0WEBP",
            b"OTTO\0\x0b",
            b"\0\0\0\x1cftypavif",
        ] {
            assert!(!mentions(&[start, NAME.as_bytes()].concat()));
        }
        assert!(mentions(&[&b"%PDF-1.7\n"[..], NAME.as_bytes()].concat()));
    }
}
