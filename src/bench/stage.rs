//! The stages of a run, and their names, descriptions and colors.

use serde::{Deserialize, Serialize};

/// A stage of a run, in the order of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Ledger,
    #[serde(alias = "shelf")]
    Index,
    Walk,
    Read,
    Probe,
    Plan,
    Decode,
    #[serde(alias = "colour")]
    Color,
    Resize,
    Encode,
    Write,
    Rewrite,
    Report,
}

/// Fixed properties of a stage.
struct Description {
    /// Name of the stage's spans, also printed in the output.
    name: &'static str,
    /// What the stage does, as one line of the page.
    work: &'static str,
    /// Color in charts: red, green, blue.
    rgb: (u8, u8, u8),
}

impl Stage {
    pub const ALL: [Stage; 13] = [
        Stage::Ledger,
        Stage::Index,
        Stage::Walk,
        Stage::Read,
        Stage::Probe,
        Stage::Plan,
        Stage::Decode,
        Stage::Color,
        Stage::Resize,
        Stage::Encode,
        Stage::Write,
        Stage::Rewrite,
        Stage::Report,
    ];

    fn description(self) -> Description {
        let (name, work, rgb) = match self {
            Stage::Ledger => ("ledger", "load and save the ledger", (148, 163, 184)),
            Stage::Index => ("index", "check which variants exist", (100, 116, 139)),
            Stage::Walk => ("walk", "list folders, find articles", (134, 188, 134)),
            Stage::Read => (
                "read",
                "read articles, find and resolve references",
                (76, 154, 110),
            ),
            Stage::Probe => ("probe", "read the headers of new uploads", (38, 120, 100)),
            Stage::Plan => ("plan", "choose widths and file names", (190, 170, 90)),
            Stage::Decode => ("decode", "read and decode originals", (66, 133, 190)),
            Stage::Color => ("color", "convert to sRGB", (145, 110, 190)),
            Stage::Resize => ("resize", "resize, crop, rotate", (90, 190, 210)),
            Stage::Encode => ("encode", "encode variants", (226, 125, 70)),
            Stage::Write => ("write", "write and sync files", (200, 80, 100)),
            Stage::Rewrite => (
                "rewrite",
                "compare records with articles, edit front matter",
                (220, 150, 175),
            ),
            Stage::Report => ("report", "count, and sort findings", (203, 213, 225)),
        };
        Description { name, work, rgb }
    }

    /// Returns the name of the stage's spans.
    pub fn name(self) -> &'static str {
        self.description().name
    }

    /// Returns the stage whose spans have this name.
    pub fn from_name(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Returns a short description of what the stage does.
    pub(super) fn work(self) -> &'static str {
        self.description().work
    }

    /// Returns the color in charts: red, green, blue.
    pub(super) fn rgb(self) -> (u8, u8, u8) {
        self.description().rgb
    }

    /// Returns the color as `#rrggbb`.
    pub(super) fn hex(self) -> String {
        let (red, green, blue) = self.rgb();
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_stages() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
        assert_eq!(Stage::from_name("job"), None);
    }
}
