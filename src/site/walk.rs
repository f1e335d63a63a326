//! Walking a site's folders for articles and data files.

use std::collections::HashSet;

use cap_std::fs::{Dir, MetadataExt};

use super::root::{Kind, Root, Stamp, leaf_stamps, list};
use super::temporary::is_temporary;
use crate::finding::{Code, Finding};
use crate::path::SitePath;

/// What to do with a name that the walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Leave,
    Page,
    Data,
}

/// A file that may be an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleFile {
    pub path: SitePath,
    pub stamp: Stamp,
    /// A data file: front matter without delimiters.
    pub is_data: bool,
}

/// What a walk found, in the order of the paths.
#[derive(Debug, Default)]
pub struct Walked {
    pub candidates: Vec<ArticleFile>,
    /// Temporary files of ours that a run has left behind.
    pub leftovers: Vec<SitePath>,
    pub findings: Vec<Finding>,
    /// Whether a folder could not be read: what it holds is unknown.
    pub is_partial: bool,
    /// The folders that were entered.
    pub folders: Vec<SitePath>,
    /// Whether a link to a folder was followed: a file may then have more than one path.
    pub has_linked_folders: bool,
}

/// Which folders to enter and which files to take.
pub trait Filter {
    fn enters(&self, folder: &SitePath) -> bool;
    fn takes(&self, file: &SitePath) -> Decision;
}

/// Walks `start` and what is below it. Links to folders within the site are followed, each folder
/// is entered once.
pub fn walk(root: &Root, starts: &[SitePath], choose: &dyn Filter) -> Walked {
    let mut walk = Walk {
        root,
        choose,
        seen: HashSet::new(),
        walked: Walked::default(),
    };
    for start in starts {
        match root.open_dir(start) {
            Ok(dir) => walk.folder(start, &dir),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => walk.unreadable(start, &error),
        }
    }
    let mut walked = walk.walked;
    walked
        .candidates
        .sort_unstable_by(|a, b| a.path.cmp(&b.path));
    walked.candidates.dedup_by(|a, b| a.path == b.path);
    walked
}

/// The files among `files` that a walk from `starts` would take, without walking: folders that
/// links lead to are not looked into.
pub fn pick<'f>(
    root: &Root,
    starts: &[SitePath],
    choose: &dyn Filter,
    files: impl IntoIterator<Item = &'f SitePath>,
) -> Walked {
    let mut walk = Walk {
        root,
        choose,
        seen: HashSet::new(),
        walked: Walked::default(),
    };
    for file in files {
        if is_reached(starts, choose, file) {
            let stamp = root.stamp(file).ok();
            walk.file(file.clone(), stamp);
        }
    }
    walk.walked
}

/// Whether a walk from `starts` comes to the folder that holds `file`.
pub fn is_reached(starts: &[SitePath], choose: &dyn Filter, file: &SitePath) -> bool {
    let folder = file.parent();
    starts.iter().any(|start| {
        let Some(below) = folder
            .below(start.as_str())
            .or_else(|| (folder == *start).then_some(""))
        else {
            return false;
        };
        let mut at = start.clone();
        below
            .split('/')
            .filter(|name| !name.is_empty())
            .all(|name| {
                at = at.child(name);
                choose.enters(&at)
            })
    })
}

struct Walk<'w> {
    root: &'w Root,
    choose: &'w dyn Filter,
    /// Device and inode of the folders that were entered.
    seen: HashSet<(u64, u64)>,
    walked: Walked,
}

impl Walk<'_> {
    fn unreadable(&mut self, path: &SitePath, error: &std::io::Error) {
        self.walked.is_partial = true;
        let shown = if path.is_root() { "." } else { path.as_str() };
        self.walked.findings.push(
            Finding::new(
                Code::Unreadable,
                format!("cannot read this folder: {error}"),
            )
            .in_file(shown)
            .hint("make it readable, or list it under `exclude:` in planche.yml"),
        );
    }

    fn folder(&mut self, path: &SitePath, dir: &Dir) {
        match dir.dir_metadata() {
            Ok(metadata) if !self.seen.insert((metadata.dev(), metadata.ino())) => return,
            _ => {}
        }
        let listed = match list(dir) {
            Ok(listed) => listed,
            Err(error) => return self.unreadable(path, &error),
        };
        self.walked.folders.push(path.clone());
        for name in listed.odd {
            let file = path.child(&name);
            if self.choose.takes(&file) != Decision::Leave {
                self.walked.findings.push(
                    Finding::new(
                        Code::Unreadable,
                        "the file's name is not UTF-8; it was not read",
                    )
                    .in_file(file)
                    .hint("rename the file"),
                );
            }
        }
        // Files that are taken, to be looked at all at once.
        let mut files = Vec::new();
        for (name, kind) in listed.names {
            let child = path.child(&name);
            if is_temporary(&name) {
                if kind == Kind::File {
                    self.walked.leftovers.push(child);
                }
                continue;
            }
            match kind {
                Kind::File => files.extend(self.taken(child).map(|taken| (name, taken))),
                Kind::Folder => self.enter(&child, || dir.open_dir(&name)),
                Kind::Link => match self.root.follow(&child) {
                    Ok((_, Kind::File)) => {
                        let stamp = self.root.stamp(&child).ok();
                        self.file(child, stamp);
                    }
                    Ok((_, Kind::Folder)) => {
                        self.walked.has_linked_folders = true;
                        self.enter(&child, || self.root.open_dir(&child));
                    }
                    // A link to nowhere, or out of the site.
                    _ => {}
                },
                Kind::Other => {}
            }
        }
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let stamps = leaf_stamps(dir, &names);
        for ((_, taken), stamp) in files.into_iter().zip(stamps) {
            self.put(taken, stamp);
        }
    }

    fn enter(&mut self, path: &SitePath, open: impl FnOnce() -> std::io::Result<Dir>) {
        if !self.choose.enters(path) {
            return;
        }
        match open() {
            Ok(dir) => self.folder(path, &dir),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn file(&mut self, path: SitePath, stamp: Option<Stamp>) {
        if let Some(taken) = self.taken(path) {
            self.put(taken, stamp);
        }
    }

    /// A file that is taken, and whether it is a data file.
    fn taken(&self, path: SitePath) -> Option<(SitePath, bool)> {
        match self.choose.takes(&path) {
            Decision::Leave => None,
            Decision::Page => Some((path, false)),
            Decision::Data => Some((path, true)),
        }
    }

    fn put(&mut self, (path, is_data): (SitePath, bool), stamp: Option<Stamp>) {
        // Gone since the folder was listed: the next run sees it.
        let Some(stamp) = stamp else { return };
        self.walked.candidates.push(ArticleFile {
            path,
            stamp,
            is_data,
        });
    }
}
