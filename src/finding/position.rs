//! Places in texts: byte offsets inside the program, lines and columns in reports.
//!
//! Stages store byte offsets, because an offset is cheap, and stays correct when a later edit is
//! applied to it ([`OffsetMap`]). Reports convert the offsets of one text together ([`positions`]):
//! one pass over the text, however many there are and however long its lines.

use serde::{Deserialize, Serialize};

/// A place in a text as people see it: line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Lines end with a line feed, which may follow a carriage return.
    pub line: u32,
    /// A tab counts as one character, as does a byte that is not UTF-8; a byte order mark does not
    /// count.
    pub column: u32,
}

impl Position {
    /// The position of byte `offset` in `text`; for several offsets use [`positions`].
    pub fn of(text: &[u8], offset: usize) -> Self {
        let mut cursor = Cursor::new(text);
        cursor.advance(offset);
        cursor.position()
    }
}

/// The position of each offset in `text`, in the order given. An offset beyond the end is the end.
pub fn positions(text: &[u8], offsets: &[usize]) -> Vec<Position> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_by_key(|index| offsets[*index]);
    let mut cursor = Cursor::new(text);
    let mut positions = vec![cursor.position(); offsets.len()];
    for index in order {
        cursor.advance(offsets[index]);
        positions[index] = cursor.position();
    }
    positions
}

/// Positions of offsets in one text, in any order: after one pass over the text, each takes constant
/// time, however long the lines are.
pub struct PositionIndex<'t> {
    /// The state at every multiple of [`PositionIndex::STEP`].
    marks: Vec<Cursor<'t>>,
}

impl<'t> PositionIndex<'t> {
    const STEP: usize = 1 << 10;

    pub fn new(text: &'t [u8]) -> Self {
        let mut cursor = Cursor::new(text);
        let offsets = (0..=text.len()).step_by(Self::STEP);
        PositionIndex {
            marks: offsets
                .map(|offset| {
                    cursor.advance(offset);
                    cursor
                })
                .collect(),
        }
    }

    /// Returns the position of byte `offset`. An offset beyond the end is the end.
    pub fn of(&self, offset: usize) -> Position {
        let nearest = (offset / Self::STEP).min(self.marks.len() - 1);
        let mut cursor = self.marks[nearest];
        cursor.advance(offset);
        cursor.position()
    }
}

/// Walks a text forwards, counting lines and characters.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t [u8],
    offset: usize,
    line: usize,
    /// Characters between the start of the line and `offset`.
    characters: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t [u8]) -> Self {
        let has_bom = text.starts_with("\u{feff}".as_bytes());
        Cursor {
            text,
            offset: if has_bom { 3 } else { 0 },
            line: 1,
            characters: 0,
        }
    }

    /// Goes on to `offset`; stays where it is if it is past it already.
    fn advance(&mut self, offset: usize) {
        let end = offset.min(self.text.len());
        for byte in self.text.get(self.offset..end).unwrap_or_default() {
            if *byte == b'\n' {
                self.line += 1;
                self.characters = 0;
            } else if byte & 0xc0 != 0x80 {
                // Any byte but a continuation byte of UTF-8 starts a character.
                self.characters += 1;
            }
        }
        self.offset = self.offset.max(end);
    }

    fn position(&self) -> Position {
        let to_u32 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position {
            line: to_u32(self.line),
            column: to_u32(self.characters + 1),
        }
    }
}

/// Where the bytes of a text are after an edit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// Old offsets, ascending, and where the byte at each of them is now.
    anchors: Vec<(usize, usize)>,
}

impl OffsetMap {
    /// The bytes from `old` on are now at `new` and after it. Calls come in ascending order.
    pub fn push(&mut self, old: usize, new: usize) {
        self.anchors.push((old, new));
    }

    /// The new offset of the byte at `offset`; that of a removed byte is where the removal was.
    pub fn apply(&self, offset: usize) -> usize {
        let after = self.anchors.partition_point(|(old, _)| *old <= offset);
        let (old, new) = match after.checked_sub(1) {
            Some(index) => self.anchors[index],
            None => (0, 0),
        };
        let moved = new + (offset - old);
        match self.anchors.get(after) {
            Some((_, next)) => moved.min(*next),
            None => moved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_count_characters_from_one() {
        // `é` has two bytes, `𝄞` four; the tab and the carriage return are one character each.
        let text = "a\néb\r\n\t𝄞c".as_bytes();
        for (offset, expected) in [
            (0, at(1, 1)),
            (1, at(1, 2)),
            (2, at(2, 1)),
            (4, at(2, 2)),
            (7, at(3, 1)),
            (8, at(3, 2)),
            (12, at(3, 3)),
            (99, at(3, 4)),
        ] {
            assert_eq!(Position::of(text, offset), expected, "{offset}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let text = "\u{feff}---\nb".as_bytes();
        for (offset, expected) in [(0, at(1, 1)), (3, at(1, 1)), (4, at(1, 2)), (7, at(2, 1))] {
            assert_eq!(Position::of(text, offset), expected, "{offset}");
        }
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_one_column() {
        assert_eq!(Position::of(b"\xff\xffa", 2), at(1, 3));
    }

    #[test]
    fn many_offsets_are_converted_in_the_order_given() {
        let text = "one\ntwo\nthree";
        let positions = positions(text.as_bytes(), &[9, 0, 5, 9]);
        assert_eq!(positions, [at(3, 2), at(1, 1), at(2, 2), at(3, 2)]);
    }

    #[test]
    fn an_index_knows_the_position_of_every_offset() {
        let text = format!("\u{feff}{}\n{}", "é, ".repeat(900), "a\n𝄞".repeat(700));
        let text = text.as_bytes();
        let index = PositionIndex::new(text);
        for offset in (0..text.len() + 9).rev() {
            assert_eq!(index.of(offset), Position::of(text, offset), "{offset}");
        }
        assert_eq!(PositionIndex::new(b"").of(3), at(1, 1));
    }

    #[test]
    fn offsets_follow_the_edits_before_them() {
        // "abcdef" → "abXYZcf": `XYZ` inserted at 2, `de` removed at 3.
        let mut map = OffsetMap::default();
        map.push(2, 5);
        map.push(5, 6);
        let moved = [0, 1, 2, 3, 4, 5].map(|offset| map.apply(offset));
        assert_eq!(moved, [0, 1, 5, 6, 6, 6]);
        assert_eq!(OffsetMap::default().apply(7), 7);
    }
}
