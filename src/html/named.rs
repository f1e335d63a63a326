//! Finds the variant names in pages: the bytes of a page pass through, names come out.
//!
//! No image of an up-to-date page is left to be made responsive, but the page still uses its
//! variants.

use std::collections::BTreeSet;
use std::io::{self, Read};

use crate::path::SitePath;
use crate::published::{DIGEST_DIGITS, LONGEST_NAME, is_variant_name};

/// Length of the start of an image's stem that the names of all its widths share, in bytes. A
/// longer stem is cut at different places, because widths have different numbers of digits.
const STEM: usize = LONGEST_NAME - "-1234567.0123456789.webp".len();

/// Reader that passes a page through and collects the variant names in it.
pub(super) struct NameReader<R> {
    page: R,
    names: BTreeSet<String>,
    /// The last bytes that were read: a name may begin in them.
    last: Vec<u8>,
    /// Whether `last` has all bytes that were read so far.
    is_start: bool,
}

impl<R: Read> NameReader<R> {
    pub fn new(page: R) -> Self {
        NameReader {
            page,
            names: BTreeSet::new(),
            last: Vec::new(),
            is_start: true,
        }
    }

    /// Reads the rest of the page, and returns the names in all of it.
    pub fn names(mut self) -> io::Result<BTreeSet<String>> {
        io::copy(&mut self, &mut io::sink())?;
        self.find(true);
        Ok(self.names)
    }
}

impl<R> NameReader<R> {
    /// Finds the names in the last bytes. A name that reaches their end may be incomplete, so it
    /// counts only if the page ends there.
    fn find(&mut self, is_end: bool) {
        let bytes = self.last.as_slice();
        for dot in memchr::memchr_iter(b'.', bytes) {
            // The digest of a name is between its last two full stops.
            let digest = &bytes[dot + 1..];
            let is_digest = digest.get(DIGEST_DIGITS) == Some(&b'.')
                && digest[..DIGEST_DIGITS].iter().all(u8::is_ascii_hexdigit);
            if !is_digest {
                continue;
            }
            let extension = digest[DIGEST_DIGITS + 1..].iter();
            let length = extension.take_while(|byte| byte.is_ascii_alphanumeric());
            let end = dot + 1 + DIGEST_DIGITS + 1 + length.count();
            let before = bytes[..dot].iter().rev();
            let start = dot - before.take_while(|byte| is_part(**byte)).count();
            let is_whole = (start > 0 || self.is_start) && (end < bytes.len() || is_end);
            let name = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
            if is_whole && is_variant_name(name) && !self.names.contains(name) {
                self.names.insert(name.to_owned());
            }
        }
    }
}

/// Whether a name may contain the byte.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-')
}

impl<R: Read> Read for NameReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.page.read(into)?;
        self.last.extend_from_slice(&into[..read]);
        self.find(false);
        // Keeps one byte more than the longest name: the byte before a name shows where it starts.
        let done = self.last.len().saturating_sub(LONGEST_NAME + 1);
        self.is_start &= done == 0;
        self.last.drain(..done);
        Ok(read)
    }
}

/// Returns what the variants of one image have in common: their folder, and the start of their
/// names.
pub(super) fn image_of(variant: &SitePath) -> Option<(SitePath, &str)> {
    let (name, _) = variant.name().rsplit_once('.')?;
    let (name, _) = name.rsplit_once('.')?;
    let (stem, _) = name.rsplit_once('-')?;
    // Names are ASCII, so `STEM` is a character boundary.
    Some((variant.parent(), stem.get(..STEM).unwrap_or(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reader that returns at most the given number of bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(self.1);
            self.0.read(&mut into[..length])
        }
    }

    #[test]
    fn names_are_found_whatever_is_read_at_once() {
        let page = b"<img srcset=\"/v/a-320.0123456789.webp 320w, ../a.b-640.abcdef0123.jpg 640w\" \
            style='image-set(url(&quot;v/c-1.0123456789.png&quot;))'> d-0.0123456789.webp \
            e-1.01234567.webp -1.0123456789.webp f-1.0123456789.webpx <meta content=g-2.aaaaaaaaaa.webp";
        for at_once in [1, 7, 64, 1000] {
            let mut naming = NameReader::new(Slow(page, at_once));
            let mut start = [0; 50];
            naming.read_exact(&mut start).unwrap();
            assert_eq!(start, page[..50]);
            let names: Vec<String> = naming.names().unwrap().into_iter().collect();
            assert_eq!(
                names,
                [
                    "a-320.0123456789.webp",
                    "a.b-640.abcdef0123.jpg",
                    "c-1.0123456789.png",
                    "g-2.aaaaaaaaaa.webp",
                ],
                "{at_once}"
            );
        }
    }

    #[test]
    fn the_widths_of_one_image_belong_together() {
        let image = |path: &str| {
            let path = SitePath::normalise(path).unwrap();
            image_of(&path).map(|(folder, stem)| format!("{folder} {stem}"))
        };
        assert_eq!(
            image("v/a-b-320.0123456789.webp"),
            image("v/a-b-1.abcdef0123.jpg")
        );
        assert_ne!(
            image("v/a-320.0123456789.webp"),
            image("v/w/a-320.0123456789.webp")
        );
        assert_ne!(
            image("v/a-320.0123456789.webp"),
            image("v/b-320.0123456789.webp")
        );
        let long = "n".repeat(58);
        let (one, other) = (
            format!("v/{long}nn-320.0123456789.webp"),
            format!("v/{long}n-1600.0123456789.webp"),
        );
        assert_eq!(image(&one), image(&other));
    }
}
