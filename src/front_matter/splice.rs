//! Edits a text: byte ranges and their replacements, in order and without overlaps, go in, a new
//! text comes out.

use std::ops::Range;

use crate::finding::OffsetMap;
use crate::tree::yaml::Event;

/// A byte range of the front matter and its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub range: Range<usize>,
    pub text: String,
}

/// An edit, with its effect on the events of a YAML parser.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub edit: Edit,
    /// Range of the events that are replaced, and their replacement. YAML only.
    pub events: Option<(Range<usize>, Vec<Event<'static>>)>,
}

impl Patch {
    /// Returns an edit whose effect on YAML events is not tracked.
    pub fn of(edit: Edit) -> Self {
        Patch { edit, events: None }
    }

    /// Returns the replacement of a byte range, whose effect on YAML events is not tracked.
    pub fn replacing(range: Range<usize>, text: String) -> Self {
        Patch::of(Edit { range, text })
    }
}

/// Patches of one change, or the reason why it cannot be placed.
pub(super) type Rendered = Result<Vec<Patch>, &'static str>;

/// All patches of one text.
#[derive(Clone, Debug, Default)]
pub(super) struct Splice {
    patches: Vec<Patch>,
}

impl Splice {
    pub fn new(mut patches: Vec<Patch>) -> Self {
        // The sort is stable: two insertions at one place keep the order in which they were
        // decided, and come before a removal there.
        patches.sort_by_key(|patch| (patch.edit.range.start, patch.edit.range.end));
        Splice { patches }
    }

    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// Returns the offset of the first edit.
    pub fn start(&self) -> usize {
        self.patches
            .first()
            .map_or(0, |patch| patch.edit.range.start)
    }

    /// Applies all edits to the text.
    pub fn apply(&self, text: &str) -> String {
        let mut new = String::with_capacity(text.len() + 512 * self.patches.len());
        let mut at = 0;
        for Patch { edit, .. } in &self.patches {
            // Edits never overlap. If one did, the guard would refuse the new text.
            let start = edit.range.start.max(at);
            new.push_str(&text[at..start]);
            new.push_str(&edit.text);
            at = edit.range.end.max(start);
            // If the last line has no line break and is removed, the new last line must have none.
            let removes = edit.text.is_empty() && !edit.range.is_empty();
            if removes && at == text.len() && !text.ends_with('\n') && new.ends_with('\n') {
                new.pop();
                if new.ends_with('\r') {
                    new.pop();
                }
            }
        }
        new.push_str(&text[at..]);
        new
    }

    /// Returns the map from old to new offsets in a file whose front matter begins at `start`.
    pub fn offsets(&self, start: usize) -> OffsetMap {
        let mut offsets = OffsetMap::default();
        let (mut old, mut new) = (start, start);
        for Patch { edit, .. } in &self.patches {
            let from = (start + edit.range.start).max(old);
            let to = (start + edit.range.end).max(from);
            new += from - old + edit.text.len();
            old = to;
            offsets.push(old, new);
        }
        offsets
    }

    /// Applies all edits to the events.
    pub fn apply_to_events<'a>(&self, events: &[Event<'a>]) -> Vec<Event<'a>> {
        let mut changes: Vec<&(Range<usize>, Vec<Event<'static>>)> = self
            .patches
            .iter()
            .filter_map(|patch| patch.events.as_ref())
            .collect();
        changes.sort_by_key(|(range, _)| range.start);
        let mut new = Vec::with_capacity(events.len() + 16 * changes.len());
        let mut at = 0;
        for (range, replacement) in changes {
            let start = range.start.max(at);
            new.extend_from_slice(&events[at..start]);
            new.extend(replacement.iter().cloned());
            at = range.end.max(start);
        }
        new.extend_from_slice(&events[at..]);
        new
    }
}
