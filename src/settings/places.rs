//! Places of values in a settings file, for checks after reading.

use std::cell::OnceCell;

use crate::finding::{Position, PositionIndex};
use crate::tree::path::KeyPath;
use crate::tree::{Tree, yaml};

/// The places of a settings file's values. The text is parsed once, when the first place is asked
/// for: with many findings, parsing it for each would take quadratic time.
pub struct Places<'t> {
    text: &'t str,
    parsed: OnceCell<Option<Parsed<'t>>>,
}

struct Parsed<'t> {
    tree: Tree<'t>,
    positions: PositionIndex<'t>,
}

impl<'t> Places<'t> {
    /// The places in `text`, the content of a settings file.
    pub fn new(text: &'t str) -> Self {
        Places {
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
            parsed: OnceCell::new(),
        }
    }

    /// Returns the position of the value at `path`, or `None` if there is no such value.
    pub fn of(&self, path: &KeyPath) -> Option<Position> {
        let parsed = self.parsed.get_or_init(|| self.parse()).as_ref()?;
        let node = parsed.tree.find(path)?;
        Some(parsed.positions.of(parsed.tree.node(node).span.start))
    }

    fn parse(&self) -> Option<Parsed<'t>> {
        #[cfg(test)]
        PARSES.set(PARSES.get() + 1);
        Some(Parsed {
            tree: yaml::parse(self.text).ok()?,
            positions: PositionIndex::new(self.text.as_bytes()),
        })
    }
}

#[cfg(test)]
thread_local! {
    /// How many texts this thread has parsed for their places.
    pub static PARSES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
