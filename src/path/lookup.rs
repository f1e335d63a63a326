//! The result of looking up a path.

use super::SitePath;

/// The result of looking up a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A regular file, by its true name.
    File(SitePath),
    /// Something other than a file.
    NotAFile(Obstacle),
    /// A link, in the path or at its end, that leads out of the site.
    Outside,
    /// Nothing. `near` is a file whose name differs only in ways that are easily overlooked, such
    /// as case, spaces or invisible characters.
    Missing { near: Option<SitePath> },
}

/// What exists at a path instead of a file, or on the way to it instead of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub path: SitePath,
    pub kind: ObstacleKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObstacleKind {
    Folder,
    Pipe,
    Socket,
    Device,
    /// A link whose target does not exist.
    DanglingLink,
    /// A link that leads back to itself, or a longer chain of links than the system follows.
    LinkLoop,
    /// A link that cannot be followed, and the reason.
    UnreadableLink(String),
}
