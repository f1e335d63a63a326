//! Walks a site's folders, and returns the files that may be articles or data files.

use std::collections::{HashMap, HashSet};
use std::io;

use cap_std::fs::{Dir, MetadataExt};
use rustix::io::Errno;

use super::error::leads_outside;
use super::folder::list;
use super::kind::Kind;
use super::root::Root;
use super::stamp::{FileId, Leaf, Stamp, leaf, leaves};
use super::temporary::is_temporary;
use crate::finding::{Code, Finding};
use crate::generator::{Decision, Filter};
use crate::path::SitePath;

/// A file that may be an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleFile {
    pub path: SitePath,
    pub stamp: Stamp,
    /// Whether this is a data file: front matter without delimiters.
    pub is_data: bool,
    /// Other names of the same file (hard links) that the walk would take as well.
    pub links: Vec<SitePath>,
}

/// The result of a walk, sorted by path.
#[derive(Debug, Default)]
pub struct Walked {
    /// The files that may be articles. A file with several names has one entry, under the first of
    /// them.
    pub candidates: Vec<ArticleFile>,
    /// Temporary files left by an earlier run.
    pub leftovers: Vec<SitePath>,
    pub findings: Vec<Finding>,
    /// Whether a folder, or the status of a file, could not be read: the result is incomplete.
    pub is_partial: bool,
    /// Whether a file was skipped because its name is not UTF-8.
    pub has_unreadable_names: bool,
    /// The folders that were entered.
    pub folders: Vec<SitePath>,
    /// Links that lead out of the site.
    pub outside: Vec<SitePath>,
    /// Data files in unknown formats.
    pub unknown_data: Vec<SitePath>,
    /// Whether a file has more than one path, through a link.
    pub has_links: bool,
}

/// Walks the folders `starts` and those below them. Links to folders within the site are followed;
/// each folder is entered once.
pub fn walk(root: &Root, starts: &[SitePath], filter: &dyn Filter) -> Walked {
    let mut walk = Walk::new(root, filter);
    // A stack of paths, not of open folders: folders may be nested thousands deep.
    let mut open: Vec<SitePath> = starts.iter().rev().cloned().collect();
    while let Some(path) = open.pop() {
        match root.open_dir(&path) {
            Ok(dir) => {
                let mut below = walk.folder(&path, &dir);
                below.reverse();
                open.append(&mut below);
            }
            // A configured folder may not exist, and another one may just have been removed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => walk.unreadable_folder(&path, &error),
        }
    }
    walk.finish()
}

/// Selects from `files` those that a walk from `starts` would select, without walking. It does not
/// follow links to folders.
pub fn pick<'f>(
    root: &Root,
    starts: &[SitePath],
    filter: &dyn Filter,
    files: impl IntoIterator<Item = &'f SitePath>,
) -> Walked {
    let mut walk = Walk::new(root, filter);
    for file in files {
        if is_reached(starts, filter, file) {
            walk.single(file.clone());
        }
    }
    walk.finish()
}

/// Whether a walk from `starts` enters the folder of `file`.
pub fn is_reached(starts: &[SitePath], filter: &dyn Filter, file: &SitePath) -> bool {
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
                filter.enters(&at)
            })
    })
}

struct Walk<'w> {
    root: &'w Root,
    filter: &'w dyn Filter,
    /// The folders that were entered.
    entered: HashSet<FileId>,
    walked: Walked,
    /// Selected files that have hard links.
    linked: Vec<(SitePath, FileId)>,
    /// Links to selected files, and their targets.
    symbolic: Vec<(SitePath, SitePath)>,
}

/// A selected file, before its status is read.
struct Taken {
    path: SitePath,
    is_data: bool,
}

impl<'w> Walk<'w> {
    fn new(root: &'w Root, filter: &'w dyn Filter) -> Self {
        Walk {
            root,
            filter,
            entered: HashSet::new(),
            walked: Walked::default(),
            linked: Vec::new(),
            symbolic: Vec::new(),
        }
    }

    fn unreadable_folder(&mut self, path: &SitePath, error: &io::Error) {
        let shown = if path.is_root() { "." } else { path.as_str() };
        self.unreadable(shown, format!("cannot read this folder: {error}"));
    }

    fn unreadable(&mut self, file: &str, message: String) {
        self.walked.is_partial = true;
        self.walked.findings.push(
            Finding::new(Code::Unreadable, message)
                .in_file(file)
                .hint("make it readable, or list it under `exclude:` in planche.yml"),
        );
    }

    /// Reads a folder, and selects files from it. Returns the folders below it to enter.
    fn folder(&mut self, path: &SitePath, dir: &Dir) -> Vec<SitePath> {
        match dir.dir_metadata() {
            Ok(metadata)
                if !self
                    .entered
                    .insert(FileId::new(metadata.dev(), metadata.ino())) =>
            {
                return Vec::new();
            }
            _ => {}
        }
        let listed = match list(dir) {
            Ok(listed) => listed,
            Err(error) => {
                self.unreadable_folder(path, &error);
                return Vec::new();
            }
        };
        self.walked.folders.push(path.clone());
        for name in listed.not_utf8 {
            self.not_utf8(path.child(&name));
        }
        let mut below = Vec::new();
        // Selected files: their status is read in one go, on all threads.
        let mut files: Vec<(String, Taken)> = Vec::new();
        for (name, kind) in listed.names {
            let child = path.child(&name);
            if is_temporary(&name) {
                if kind == Kind::File {
                    self.walked.leftovers.push(child);
                }
                continue;
            }
            match kind {
                Kind::File => {
                    if let Some(taken) = self.taken(child) {
                        files.push((name, taken));
                    }
                }
                Kind::Folder if self.filter.enters(&child) => below.push(child),
                Kind::Folder | Kind::Pipe | Kind::Socket | Kind::Device => {}
                Kind::Link => below.extend(self.link(child)),
            }
        }
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let leaves = leaves(dir, &names);
        for ((_, taken), leaf) in files.into_iter().zip(leaves) {
            self.put(taken, leaf);
        }
        below
    }

    fn not_utf8(&mut self, file: SitePath) {
        if self.filter.takes(&file).is_taken() {
            self.walked.has_unreadable_names = true;
            self.walked.findings.push(
                Finding::new(
                    Code::Unreadable,
                    "the file's name is not UTF-8; it was not read",
                )
                .in_file(file.as_str())
                .hint("rename the file"),
            );
        }
    }

    /// Follows a link. Selects the file that it leads to, or returns the link if it leads to a
    /// folder to enter.
    fn link(&mut self, path: SitePath) -> Option<SitePath> {
        match self.root.follow(&path) {
            Ok((target, Kind::File)) => self.linked_file(path, target),
            Ok((_, Kind::Folder)) => {
                self.walked.has_links = true;
                return self.filter.enters(&path).then_some(path);
            }
            Ok((_, Kind::Link | Kind::Pipe | Kind::Socket | Kind::Device)) => {}
            Err(error) if leads_outside(&error) => self.outside(path),
            // A link to nowhere, or to itself.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    || error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {}
            Err(error) => {
                if self.filter.takes(&path).is_taken() || self.filter.enters(&path) {
                    let message = format!("cannot follow this link: {error}");
                    self.unreadable(path.as_str(), message);
                }
            }
        }
        None
    }

    /// Records a link that leads out of the site. Its target is not read, so the link's own name
    /// decides whether there is a finding.
    fn outside(&mut self, path: SitePath) {
        let is_article = self.filter.takes(&path).is_taken();
        if is_article || path.extension().is_empty() && self.filter.enters(&path) {
            let message = "this link leads out of the site's folder, so it was not followed";
            self.walked.findings.push(
                Finding::new(Code::OutsideSite, message)
                    .in_file(path.as_str())
                    .hint(
                        "move the files into the site's folder, or list the link under \
                         `exclude:` in planche.yml",
                    ),
            );
        }
        self.walked.outside.push(path);
    }

    fn linked_file(&mut self, path: SitePath, target: SitePath) {
        let Some(taken) = self.taken(path.clone()) else {
            return;
        };
        match self.root.stamp(&path) {
            Ok(stamp) => {
                self.symbolic.push((path, target));
                let linked = None;
                self.put(taken, Ok(Some(Leaf { stamp, linked })));
            }
            Err(error) if error.is_missing() => {}
            Err(error) => self.unreadable(path.as_str(), error.full()),
        }
    }

    /// Selects a single file, without listing its folder.
    fn single(&mut self, path: SitePath) {
        let Ok(dir) = self.root.open_dir(&path.parent()) else {
            return;
        };
        match self.root.dir().symlink_metadata(path.as_path()) {
            Ok(metadata) if metadata.is_symlink() => {
                self.link(path);
            }
            Ok(_) => {
                let leaf = leaf(&dir, path.name());
                if let Some(taken) = self.taken(path) {
                    self.put(taken, leaf);
                }
            }
            // The file was removed, or its status cannot be read: then the file cannot be read
            // either.
            Err(_) => {}
        }
    }

    fn taken(&mut self, path: SitePath) -> Option<Taken> {
        let is_data = match self.filter.takes(&path) {
            Decision::Leave => return None,
            Decision::UnknownData => {
                self.walked.unknown_data.push(path);
                return None;
            }
            Decision::Page => false,
            Decision::Data => true,
        };
        Some(Taken { path, is_data })
    }

    fn put(&mut self, taken: Taken, leaf: io::Result<Option<Leaf>>) {
        let Taken { path, is_data } = taken;
        let leaf = match leaf {
            Ok(Some(leaf)) => leaf,
            // Removed since the folder was read: the next run sees that.
            Ok(None) => return,
            Err(error) => {
                let message = format!("cannot read this file's status: {error}");
                return self.unreadable(path.as_str(), message);
            }
        };
        if let Some(linked) = leaf.linked {
            self.linked.push((path.clone(), linked));
        }
        self.walked.candidates.push(ArticleFile {
            path,
            stamp: leaf.stamp,
            is_data,
            links: Vec::new(),
        });
    }

    /// Sorts the selected files, and keeps one entry for each file.
    fn finish(mut self) -> Walked {
        let candidates = &mut self.walked.candidates;
        candidates.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        candidates.dedup_by(|a, b| a.path == b.path);
        self.walked.unknown_data.sort_unstable();
        if !self.linked.is_empty() || !self.symbolic.is_empty() {
            self.merge_links();
        }
        self.walked
    }

    /// Merges the entries of hard links and symbolic links into those of their files.
    fn merge_links(&mut self) {
        self.walked.has_links = true;
        let mut spare: HashSet<SitePath> = HashSet::new();
        let mut links: HashMap<SitePath, Vec<SitePath>> = HashMap::new();
        let mut first: HashMap<FileId, SitePath> = HashMap::new();
        self.linked.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        self.linked.dedup_by(|a, b| a.0 == b.0);
        for (path, id) in &self.linked {
            match first.get(id) {
                Some(known) => {
                    links.entry(known.clone()).or_default().push(path.clone());
                    spare.insert(path.clone());
                }
                None => {
                    first.insert(*id, path.clone());
                }
            }
        }
        let paths: HashSet<&SitePath> = self
            .walked
            .candidates
            .iter()
            .map(|file| &file.path)
            .collect();
        self.symbolic.sort_unstable();
        let mut targets: HashSet<&SitePath> = HashSet::new();
        for (path, target) in &self.symbolic {
            // The target is an article itself, or an earlier link leads to it.
            if paths.contains(target) || !targets.insert(target) {
                spare.insert(path.clone());
            }
        }
        self.walked
            .candidates
            .retain(|file| !spare.contains(&file.path));
        for file in &mut self.walked.candidates {
            file.links = links.remove(&file.path).unwrap_or_default();
        }
    }
}
