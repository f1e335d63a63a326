//! Looks up paths exactly or in another Unicode normalization, and suggests the nearest name if
//! the file does not exist.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustix::io::Errno;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::error::leads_outside;
use super::kind::Kind;
use super::root::Root;
use crate::finding::{Code, Finding};
use crate::path::{Lookup, Obstacle, ObstacleKind, PathMap, SitePath};
use crate::printable::must_be_escaped;

/// A cache of the folders that were listed in one run, and of the results of look-ups.
#[derive(Debug, Default)]
pub struct Listings {
    /// Folders that exist and could not be listed, and why.
    unreadable: Mutex<BTreeMap<SitePath, String>>,
    folders: Mutex<PathMap<SitePath, Option<Arc<Folder>>>>,
    /// Paths that were looked up, and the results: many references lead to the same image.
    looked_up: RwLock<PathMap<SitePath, Lookup>>,
    /// Files by the reference values that mean them, for values that mean the same file in every
    /// article.
    files: RwLock<PathMap<Arc<str>, SitePath>>,
}

/// Paths that were looked up, existing or not, without regard to case and normalization.
#[derive(Clone, Debug, Default)]
pub struct LookedUp {
    folded: BTreeSet<String>,
}

impl LookedUp {
    pub fn extend(&mut self, more: LookedUp) {
        self.folded.extend(more.folded);
    }

    /// Whether this path was looked up.
    pub fn holds(&self, path: &SitePath) -> bool {
        self.folded.contains(&fold(path.as_str()))
    }

    /// Whether a path below this folder was looked up.
    pub fn has_path_below(&self, folder: &SitePath) -> bool {
        let within = format!("{}/", fold(folder.as_str()));
        let mut from = self.folded.range(within.clone()..);
        from.next().is_some_and(|path| path.starts_with(&within))
    }
}

#[derive(Debug)]
struct Folder {
    names: PathMap<String, Kind>,
    /// Names that are not ASCII, by their composed form (NFC).
    composed: HashMap<String, String>,
}

impl Listings {
    /// The folders that were listed, including those that do not exist.
    pub fn folders(&self) -> Vec<SitePath> {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.keys().cloned().collect()
    }

    /// The paths that were looked up.
    pub fn looked_up(self) -> LookedUp {
        let looked_up = self.looked_up.into_inner();
        let looked_up = looked_up.unwrap_or_else(PoisonError::into_inner);
        LookedUp {
            folded: looked_up.keys().map(|path| fold(path.as_str())).collect(),
        }
    }

    fn folder(&self, root: &Root, path: &SitePath) -> Option<Arc<Folder>> {
        let folders = || self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folders().get(path) {
            return folder.clone();
        }
        // Without the lock, so that other threads can look into other folders: a system call may
        // take long on a network disk, and listing a folder twice does no harm.
        let listed = root
            .list(path)
            .inspect_err(|error| self.note_unreadable(path, error));
        let folder = listed.ok().map(|listed| {
            let composed = listed
                .names
                .iter()
                .filter(|(name, _)| !name.is_ascii())
                .map(|(name, _)| (name.nfc().collect(), name.clone()))
                .collect();
            Arc::new(Folder {
                names: listed.names.into_iter().collect(),
                composed,
            })
        });
        folders().entry(path.clone()).or_insert(folder).clone()
    }

    /// The names in a folder that a function accepts, sorted; empty if the folder cannot be listed.
    pub fn names(
        &self,
        root: &Root,
        folder: &SitePath,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Vec<String> {
        let Some(folder) = self.folder(root, folder) else {
            return Vec::new();
        };
        let names = folder.names.keys().filter(|name| is_wanted(name));
        let mut names: Vec<String> = names.cloned().collect();
        names.sort_unstable();
        names
    }

    /// Notes a folder whose files would otherwise count as missing. Links that lead out of the
    /// site, and names that are not those of folders, are reported elsewhere.
    fn note_unreadable(&self, path: &SitePath, error: &io::Error) {
        let is_absent = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        );
        if !is_absent && !leads_outside(error) {
            let unreadable = self.unreadable.lock();
            unreadable
                .unwrap_or_else(PoisonError::into_inner)
                .insert(path.clone(), error.to_string());
        }
    }

    /// Findings about the folders that could not be listed.
    pub fn findings(&self) -> Vec<Finding> {
        let unreadable = self.unreadable.lock();
        unreadable
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .map(|(path, error)| {
                let message = format!("cannot read this folder: {error}");
                Finding::new(Code::Unreadable, message).in_file(path.as_str())
            })
            .collect()
    }

    /// The file that a value was found to mean in every article.
    pub fn file_of(&self, value: &str) -> Option<SitePath> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.get(value).cloned()
    }

    /// Remembers which file a value means in every article.
    pub fn remember(&self, value: &str, file: &SitePath) {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.insert(value.into(), file.clone());
    }

    /// Looks `path` up from the root, a segment at a time.
    pub fn look_up(&self, root: &Root, path: &SitePath) -> Lookup {
        let known = self.looked_up.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(path) {
            return known.clone();
        }
        drop(known);
        let found = self.find(root, path);
        let mut known = self
            .looked_up
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.entry(path.clone()).or_insert(found).clone()
    }

    fn find(&self, root: &Root, path: &SitePath) -> Lookup {
        let mut at = SitePath::root();
        let mut segments = path.as_str().split('/').peekable();
        while let Some(segment) = segments.next() {
            let Some(folder) = self.folder(root, &at) else {
                return Lookup::Missing { near: None };
            };
            let Some((name, kind)) = folder.named(segment) else {
                let near = self.near(root, &at, std::iter::once(segment).chain(segments));
                return Lookup::Missing { near };
            };
            at = at.child(name);
            let kind = match kind {
                Kind::Link => match root.follow(&at) {
                    Ok((_, kind)) => kind,
                    Err(error) if leads_outside(&error) => return Lookup::Outside,
                    Err(error) => return obstacle(at, of_link(&error)),
                },
                kind => kind,
            };
            match (kind, segments.peek().is_none()) {
                (Kind::Folder, false) => {}
                (Kind::File, true) => return Lookup::File(at),
                (Kind::Folder, true) => return obstacle(at, ObstacleKind::Folder),
                (Kind::Pipe, true) => return obstacle(at, ObstacleKind::Pipe),
                (Kind::Socket, true) => return obstacle(at, ObstacleKind::Socket),
                (Kind::Device, true) => return obstacle(at, ObstacleKind::Device),
                // A path that continues after a file leads to nothing.
                (_, false) | (Kind::Link, true) => break,
            }
        }
        Lookup::Missing { near: None }
    }

    /// Finds the first file below `at`, in the order of names, whose path equals `segments` after
    /// [`fold`].
    fn near<'s>(
        &self,
        root: &Root,
        at: &SitePath,
        segments: impl Iterator<Item = &'s str>,
    ) -> Option<SitePath> {
        let mut at = at.clone();
        let mut kind = Kind::Folder;
        for segment in segments {
            let folder = self.folder(root, &at)?;
            let wanted = fold(segment);
            let near = folder.names.iter().filter(|(name, _)| fold(name) == wanted);
            let (name, found) = near.min_by_key(|(name, _)| name.as_str())?;
            kind = *found;
            at = at.child(name);
        }
        (kind == Kind::File).then_some(at)
    }
}

fn obstacle(path: SitePath, kind: ObstacleKind) -> Lookup {
    Lookup::NotAFile(Obstacle { path, kind })
}

/// Returns why a link within the site cannot be followed.
fn of_link(error: &io::Error) -> ObstacleKind {
    let is = |errno: Errno| error.raw_os_error() == Some(errno.raw_os_error());
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ObstacleKind::DanglingLink,
        _ if is(Errno::LOOP) => ObstacleKind::LinkLoop,
        _ => ObstacleKind::UnreadableLink(error.to_string()),
    }
}

impl Folder {
    /// Finds the entry for `segment`, exactly or by its composed form (NFC). Returns its name and
    /// type.
    fn named<'f>(&'f self, segment: &str) -> Option<(&'f str, Kind)> {
        let entry = |name: &str| {
            self.names
                .get_key_value(name)
                .map(|(name, kind)| (name.as_str(), *kind))
        };
        entry(segment).or_else(|| {
            if segment.is_ascii() {
                return None;
            }
            let composed = if is_nfc_quick(segment.chars()) == IsNormalized::Yes {
                self.composed.get(segment)
            } else {
                self.composed.get(&segment.nfc().collect::<String>())
            };
            composed.and_then(|name| entry(name))
        })
    }
}

/// Returns a name without the differences that some file systems ignore and readers overlook: case,
/// normalization, spaces, kinds of apostrophes and dashes, and invisible characters.
fn fold(name: &str) -> String {
    if name.is_ascii() {
        let letters = name.chars().filter(|c| !c.is_whitespace());
        return letters.map(|c| c.to_ascii_lowercase()).collect();
    }
    name.nfc()
        .filter(|c| !must_be_escaped(*c) && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{2bc}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            '\u{2010}'..='\u{2015}' => '-',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_names_in_another_case_the_first_in_order_is_near() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["FOTO.png", "Foto.png", "fOTO.png", "foto.png", "foTo.png"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let root = Root::open(folder.path()).unwrap();
        let wanted = SitePath::root().child("FoTo.PNG");
        // The order of a hash map differs each time.
        for _ in 0..20 {
            let found = Listings::default().look_up(&root, &wanted);
            let near = SitePath::root().child("FOTO.png");
            assert_eq!(found, Lookup::Missing { near: Some(near) });
        }
    }

    #[test]
    fn what_was_looked_up_is_known_in_any_case_with_the_folders_above_it() {
        let path = |text| SitePath::normalise(text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let listings = Listings::default();
        listings.look_up(&root, &path("uploads/2024/Caf\u{e9}.jpg"));
        let looked_up = listings.looked_up();
        assert!(looked_up.holds(&path("uploads/2024/cafe\u{301}.JPG")));
        assert!(!looked_up.holds(&path("uploads/2024")));
        for (folder, expected) in [
            ("uploads", true),
            ("Uploads/2024", true),
            ("uploads/20", false),
            ("uploads/2025", false),
            ("up", false),
        ] {
            assert_eq!(
                looked_up.has_path_below(&path(folder)),
                expected,
                "{folder}"
            );
        }
    }
}
