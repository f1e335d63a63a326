//! The journal of `init`, which makes its changes undoable: `.planche/init.json` contains the texts
//! before and after each change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};

use planche::internal::path::SitePath;
use planche::internal::project::Site;
use planche::internal::site::{
    Existing, Lock, RecentWriters, Root, STATE_FOLDER, SiteError, Swept, is_temporary,
};

use super::change::Change;
use super::used::used;
use crate::commands::locked;
use crate::commands::output::{note, write_line};
use crate::commands::progress::waiting_for;

/// Maximum size in bytes of a file that is edited.
const LIMIT: u64 = 4 << 20;
/// Maximum size in bytes of the journal, which has the texts of all edited files.
const LARGEST_JOURNAL: u64 = 1 << 30;

/// Parses a journal. Returns `None` if the text is not one, or if it names a path outside the site.
fn read(text: &str) -> Option<Vec<Change>> {
    let changes: Vec<Change> = serde_json::from_str(text).ok()?;
    let is_inside = |path: &String| SitePath::normalise(path).is_some();
    let are_inside = |change: &Change| {
        let mut paths = std::iter::once(&change.path).chain(&change.folders);
        paths.all(is_inside)
    };
    changes.iter().all(are_inside).then_some(changes)
}

/// The changes of all runs since the last undo. The journal is saved before each change, so that an
/// interrupted run can be undone too.
pub(super) struct Journal<'r> {
    root: &'r Root,
    folder: &'r Path,
    changes: Vec<Change>,
    _lock: Lock,
}

/// New content of a file.
pub(super) struct TextEdit<'p> {
    pub path: &'p SitePath,
    /// The content that was read.
    pub before: String,
    pub after: String,
}

/// The result of replacing the content of a file. Unless it was written, it was left unchanged.
#[derive(Debug)]
pub(super) enum Replaced {
    Written,
    /// Another program has changed it meanwhile, or has it open for writing.
    BeingEdited,
    Unwritable(SiteError),
}

impl Replaced {
    pub fn is_written(&self) -> bool {
        matches!(self, Replaced::Written)
    }

    /// Whether the file was written; if not, prints why.
    pub fn reported(&self, path: &SitePath) -> bool {
        match self {
            Replaced::Written => return true,
            Replaced::BeingEdited => note!("{path} is being edited and was left unchanged"),
            Replaced::Unwritable(error) => {
                let reason = error.full();
                note!("{path} was left unchanged ({reason})");
            }
        }
        false
    }

    /// Whether the file was written; if it cannot be, returns the error.
    pub fn written(self) -> Result<bool> {
        match self {
            Replaced::Unwritable(error) => Err(error.into()),
            replaced => Ok(replaced.is_written()),
        }
    }
}

fn journal_path() -> SitePath {
    SitePath::root().child(STATE_FOLDER).child("init.json")
}

/// Converts a path of a change. All paths were checked when the journal was read.
fn inside(path: &str) -> SitePath {
    SitePath::normalise(path).expect("a path below the root")
}

impl<'r> Journal<'r> {
    /// Opens the journal of a site, and locks the site.
    pub fn open(root: &'r Root, folder: &'r Path) -> Result<Self> {
        let stop = AtomicBool::new(false);
        let announce = |other: &str| write_line(&waiting_for(other));
        let lock = root.lock_announcing(&stop, &announce).map_err(locked)?;
        let path = journal_path();
        let text = match root.read(&path, LARGEST_JOURNAL) {
            Ok((bytes, _)) => Some(String::from_utf8(bytes).unwrap_or_default()),
            Err(error) if error.is_missing() => None,
            Err(error) => return Err(error.into()),
        };
        let changes = match text {
            None => Vec::new(),
            Some(text) => match read(&text) {
                Some(changes) => changes,
                None => bail!(
                    "`{path}` is damaged, so `init` does not know what it has changed before – \
                     hint: undo these changes by hand or with your version control, then remove \
                     the file"
                ),
            },
        };
        let journal = Journal {
            root,
            folder,
            changes,
            _lock: lock,
        };
        journal.sweep()?;
        Ok(journal)
    }

    /// Removes the temporary files that a killed run has left beside the files that it changed.
    fn sweep(&self) -> Result<()> {
        let changed = self.changes.iter();
        let changed = changed.filter_map(|change| SitePath::normalise(&change.path));
        let mut folders: BTreeSet<SitePath> = changed.map(|path| path.parent()).collect();
        folders.insert(SitePath::root());
        folders.insert(SitePath::root().child(STATE_FOLDER));
        let writers = RecentWriters::default();
        for folder in folders {
            let listed = self.root.list(&folder);
            let names = listed.map(|listed| listed.names).unwrap_or_default();
            for (name, _) in names.into_iter().filter(|(name, _)| is_temporary(name)) {
                let leftover = folder.child(&name);
                match self.root.sweep(&leftover, &writers)? {
                    Swept::Removed => {}
                    Swept::Restored(file) => note!("restored an edit of {file}"),
                    Swept::Kept => {
                        note!("{leftover} contains an edit that an interrupted run set aside")
                    }
                }
            }
        }
        Ok(())
    }

    /// Creates a file, or replaces all of an existing one.
    pub fn create(&mut self, path: &SitePath, text: &str) -> Result<()> {
        let before = match self.root.read_text(path)? {
            None if self.root.exists(path) => bail!("{path} exists, and is not a text file"),
            before => before,
        };
        let existing = match &before {
            Some(_) => Existing::Replace,
            None => Existing::Keep,
        };
        self.record(path, before, text)?;
        self.root.create(path, text.as_bytes(), existing)?;
        Ok(())
    }

    /// Replaces the content of a file if it is still `before`.
    pub fn replace(&mut self, path: &SitePath, before: &str, after: &str) -> Result<Replaced> {
        let edit = TextEdit {
            path,
            before: before.to_owned(),
            after: after.to_owned(),
        };
        let replaced = self.replace_all(vec![edit])?.pop();
        Ok(replaced.expect("one result for each edit"))
    }

    /// Replaces the contents of files that are as they were read. All edits are recorded together:
    /// the journal is written as a whole.
    pub fn replace_all(&mut self, edits: Vec<TextEdit<'_>>) -> Result<Vec<Replaced>> {
        if edits.is_empty() {
            return Ok(Vec::new());
        }
        let first = self.changes.len();
        let changes = edits.into_iter().map(|edit| Change {
            path: edit.path.to_string(),
            before: Some(edit.before),
            after: edit.after,
            folders: Vec::new(),
        });
        self.changes.extend(changes);
        self.save()?;
        let replaced: Vec<Replaced> = self.changes[first..]
            .iter()
            .map(|change| self.make(change))
            .collect();
        let mut were_written = replaced.iter().map(Replaced::is_written);
        let added = self.changes.split_off(first);
        let made = added.into_iter();
        self.changes
            .extend(made.filter(|_| were_written.next().unwrap_or(false)));
        if self.changes.len() < first + replaced.len() {
            self.save()?;
        }
        Ok(replaced)
    }

    /// Makes a change of an existing file.
    fn make(&self, change: &Change) -> Replaced {
        let before = change.before.as_deref().unwrap_or_default();
        let (before, after) = (before.as_bytes(), change.after.as_bytes());
        match self.root.replace(&inside(&change.path), before, after) {
            Ok(replaced) if replaced.is_written() => Replaced::Written,
            Ok(_) => Replaced::BeingEdited,
            Err(error) => Replaced::Unwritable(error),
        }
    }

    fn record(&mut self, path: &SitePath, before: Option<String>, after: &str) -> Result<()> {
        let mut folders = Vec::new();
        let mut folder = path.parent();
        while !folder.is_root() && !self.root.is_dir(folder.as_str()) {
            folders.insert(0, folder.to_string());
            folder = folder.parent();
        }
        self.changes.push(Change {
            path: path.to_string(),
            before,
            after: after.to_owned(),
            folders,
        });
        self.save()
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_string(&self.changes)?;
        if text.len() as u64 > LARGEST_JOURNAL {
            bail!(
                "the texts of all files to edit are too long for the journal that `--undo` needs – \
                 hint: edit some of the templates by hand first"
            );
        }
        self.root
            .create(&journal_path(), text.as_bytes(), Existing::Replace)?;
        Ok(())
    }

    /// Undoes all changes, the last one first. A file that was edited since keeps its content, and
    /// its earlier changes stay in the journal. Returns whether everything was undone.
    pub fn undo(&mut self) -> Result<bool> {
        let mut kept: Vec<Change> = Vec::new();
        // If the configuration cannot be read, no file counts as used, and nothing is kept because
        // of it.
        let site = Site::open(Some(self.folder), None).ok();
        let used = site.map_or_else(BTreeMap::new, |site| used(self.root, &site, &self.changes));
        while let Some(change) = self.changes.pop() {
            let path = inside(&change.path);
            // Only the earliest change of a file is reported, because undoing it gives the file its
            // final content.
            let is_first = self.changes.iter().all(|other| other.path != change.path);
            let is_kept = kept.iter().any(|kept| kept.path == change.path);
            let now = self.root.read_text(&path)?;
            if now == change.before {
                // The user has undone it by hand, or the change was never made.
            } else if let Some(user) = used.get(&change.path) {
                if is_first {
                    note!(
                        "{path} was kept, because {user} uses it – hint: remove what uses planche \
                         from {user}, then run `planche init --undo` again"
                    );
                }
                kept.push(change);
                continue;
            } else if is_kept || now.as_deref() != Some(&change.after) {
                if !is_kept {
                    note!("{path} was edited since; left unchanged");
                }
                kept.push(change);
                continue;
            } else if let Some(before) = &change.before {
                let (bytes, _) = self.root.read(&path, LIMIT)?;
                if !self
                    .root
                    .replace(&path, &bytes, before.as_bytes())?
                    .is_written()
                {
                    note!("{path} is being edited; left unchanged");
                    kept.push(change);
                    continue;
                }
                if is_first {
                    note!("restored {path}");
                }
            } else {
                self.root.remove(&path)?;
                note!("removed {path}");
            }
            for folder in change.folders.iter().rev() {
                self.root.remove_empty_folder(&inside(folder))?;
            }
        }
        kept.reverse();
        self.changes = kept;
        if self.changes.is_empty() {
            self.root.remove(&journal_path())?;
        } else {
            self.save()?;
        }
        Ok(self.changes.is_empty())
    }

    /// Whether a run since the last undo has created this file.
    pub fn has_created(&self, path: &SitePath) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|change| change.path == path.as_str() && change.before.is_none())
    }

    /// Whether there is nothing to undo.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
