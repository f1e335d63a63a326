//! The stages that are timed, by the names of their spans.

use serde::{Deserialize, Serialize};

/// A stage of the flow, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Ledger,
    Shelf,
    Walk,
    Read,
    Probe,
    Plan,
    Decode,
    Colour,
    Resize,
    Encode,
    Write,
    Rewrite,
    Report,
}

impl Stage {
    pub const ALL: [Stage; 13] = [
        Stage::Ledger,
        Stage::Shelf,
        Stage::Walk,
        Stage::Read,
        Stage::Probe,
        Stage::Plan,
        Stage::Decode,
        Stage::Colour,
        Stage::Resize,
        Stage::Encode,
        Stage::Write,
        Stage::Rewrite,
        Stage::Report,
    ];

    /// The name of its spans.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Ledger => "ledger",
            Stage::Shelf => "shelf",
            Stage::Walk => "walk",
            Stage::Read => "read",
            Stage::Probe => "probe",
            Stage::Plan => "plan",
            Stage::Decode => "decode",
            Stage::Colour => "colour",
            Stage::Resize => "resize",
            Stage::Encode => "encode",
            Stage::Write => "write",
            Stage::Rewrite => "rewrite",
            Stage::Report => "report",
        }
    }

    /// The stage whose spans have that name.
    pub fn named(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// What is done in it.
    pub fn about(self) -> &'static str {
        match self {
            Stage::Ledger => "what the last run saw: loaded, saved",
            Stage::Shelf => "which variants stand",
            Stage::Walk => "folders listed, files looked at",
            Stage::Read => "articles read, their references found and resolved",
            Stage::Probe => "uploads looked at, those that are not known read",
            Stage::Plan => "ladders, names, jobs",
            Stage::Decode => "originals read and decoded",
            Stage::Colour => "converted to sRGB",
            Stage::Resize => "resized, cut, turned",
            Stage::Encode => "encoded",
            Stage::Write => "variants and articles written, synced",
            Stage::Rewrite => "records held against articles, front matter edited",
            Stage::Report => "findings and counts",
        }
    }

    /// Its colour in pictures.
    pub fn colour(self) -> (u8, u8, u8) {
        match self {
            Stage::Ledger => (148, 163, 184),
            Stage::Shelf => (100, 116, 139),
            Stage::Walk => (134, 188, 134),
            Stage::Read => (76, 154, 110),
            Stage::Probe => (38, 120, 100),
            Stage::Plan => (190, 170, 90),
            Stage::Decode => (66, 133, 190),
            Stage::Colour => (145, 110, 190),
            Stage::Resize => (90, 190, 210),
            Stage::Encode => (226, 125, 70),
            Stage::Write => (200, 80, 100),
            Stage::Rewrite => (220, 150, 175),
            Stage::Report => (203, 213, 225),
        }
    }

    /// Its colour as `#rrggbb`.
    pub(super) fn hex(self) -> String {
        let (red, green, blue) = self.colour();
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_stages() {
        for stage in Stage::ALL {
            assert_eq!(Stage::named(stage.name()), Some(stage));
        }
        assert_eq!(Stage::named("job"), None);
    }
}
