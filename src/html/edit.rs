//! Writes the edits of a page as a stream, and verifies the result before it replaces the page.

use std::io::{self, Read, Write};

use super::added::Edit;
use crate::site::Rewrite;

/// Number of bytes that are compared at once.
const CHUNK: usize = 8 << 10;

/// Edits of one page. `is_done` reads the new page and returns whether nothing is left to edit.
pub(super) struct PageRewrite<'e> {
    pub edits: &'e [Edit],
    pub is_done: &'e dyn Fn(&mut dyn Read) -> bool,
}

impl Rewrite for PageRewrite<'_> {
    fn write(&mut self, old: &mut dyn Read, new: &mut dyn Write) -> io::Result<()> {
        io::copy(&mut Edited::new(old, self.edits), new).map(|_| ())
    }

    /// Whether the new page is the old one with exactly these edits, and a second run would leave
    /// it alone. An insertion outside a tag would not be an attribute, so every run would repeat
    /// it.
    fn accepts(&mut self, old: &mut dyn Read, new: &mut dyn Read) -> io::Result<bool> {
        let mut compared = Compared {
            expected: Edited::new(old, self.edits),
            new,
            buffer: vec![0; CHUNK],
            is_equal: true,
        };
        let is_done = (self.is_done)(&mut compared);
        io::copy(&mut compared, &mut io::sink())?;
        let Compared {
            mut expected,
            is_equal,
            ..
        } = compared;
        Ok(is_done && is_equal && expected.read(&mut [0])? == 0)
    }
}

/// Reader of a text with edits applied.
pub(super) struct Edited<'e, 'r> {
    old: &'r mut dyn Read,
    edits: &'e [Edit],
    /// Number of bytes of the old text that were read.
    at: usize,
    /// Number of bytes of the first edit's text that were returned.
    given: usize,
}

impl<'e, 'r> Edited<'e, 'r> {
    pub fn new(old: &'r mut dyn Read, edits: &'e [Edit]) -> Self {
        Edited {
            old,
            edits,
            at: 0,
            given: 0,
        }
    }

    /// Skips bytes of the old text that an edit replaces.
    fn skip(&mut self, mut bytes: usize) -> io::Result<()> {
        let mut skipped = [0; 1024];
        while bytes > 0 {
            let wanted = bytes.min(skipped.len());
            self.old.read_exact(&mut skipped[..wanted])?;
            bytes -= wanted;
            self.at += wanted;
        }
        Ok(())
    }
}

impl Read for Edited<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(edit) = self.edits.first() {
            if self.at < edit.place.start {
                let wanted = into.len().min(edit.place.start - self.at);
                let read = self.old.read(&mut into[..wanted])?;
                self.at += read;
                if read == 0 && wanted > 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                return Ok(read);
            }
            let text = &edit.text.as_bytes()[self.given..];
            let given = text.len().min(into.len());
            into[..given].copy_from_slice(&text[..given]);
            self.given += given;
            if given < text.len() {
                return Ok(given);
            }
            self.skip(edit.place.len())?;
            self.edits = &self.edits[1..];
            self.given = 0;
            if given > 0 {
                return Ok(given);
            }
        }
        self.old.read(into)
    }
}

/// Reader that compares a text with the expected one.
struct Compared<'e, 'r> {
    expected: Edited<'e, 'r>,
    new: &'r mut dyn Read,
    buffer: Vec<u8>,
    is_equal: bool,
}

impl Read for Compared<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.new.read(into)?;
        let mut rest = &into[..read];
        while !rest.is_empty() && self.is_equal {
            let wanted = rest.len().min(CHUNK);
            let expected = &mut self.buffer[..wanted];
            let length = self.expected.read(expected)?;
            self.is_equal = length > 0 && rest[..length] == expected[..length];
            rest = &rest[length..];
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reader that returns at most three bytes at a time.
    struct Slow<'t>(&'t [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(3);
            self.0.read(&mut into[..length])
        }
    }

    fn edit(place: std::ops::Range<usize>, text: &str) -> Edit {
        let text = text.to_owned();
        Edit { place, text }
    }

    fn accepts(old: &str, new: &str, edits: &[Edit], is_done: bool) -> bool {
        let mut rewrite = PageRewrite {
            edits,
            is_done: &|_| is_done,
        };
        let (mut old, mut new) = (Slow(old.as_bytes()), Slow(new.as_bytes()));
        rewrite.accepts(&mut old, &mut new).unwrap()
    }

    #[test]
    fn edits_insert_and_replace_whatever_is_read_at_once() {
        let edits = [
            edit(0..0, "<"),
            edit(2..2, ""),
            edit(3..5, "four and five"),
            edit(5..5, "|"),
            edit(9..9, ">"),
        ];
        let mut text = String::new();
        Edited::new(&mut Slow(b"012345678"), &edits)
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "<012four and five|5678>");
        let mut written = Vec::new();
        let mut rewrite = PageRewrite {
            edits: &edits,
            is_done: &|_| true,
        };
        rewrite
            .write(&mut Slow(b"012345678"), &mut written)
            .unwrap();
        assert_eq!(written, text.as_bytes());
    }

    #[test]
    fn a_page_that_has_become_shorter_is_an_error() {
        let edits = [edit(5..5, "x")];
        let mut text = String::new();
        assert!(
            Edited::new(&mut Slow(b"012"), &edits)
                .read_to_string(&mut text)
                .is_err()
        );
    }

    #[test]
    fn only_the_old_page_with_the_edits_is_accepted() {
        let edits = [edit(1..1, "abc")];
        assert!(accepts("0123", "0abc123", &edits, true));
        for new in ["0abc12", "0abc1234", "0abC123", "0123", ""] {
            assert!(!accepts("0123", new, &edits, true), "{new}");
        }
        assert!(
            !accepts("0123", "0abc123", &edits, false),
            "something is left to do"
        );
    }
}
