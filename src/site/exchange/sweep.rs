//! Clears the temporary files that earlier runs left: removes them, or restores the edit that one
//! contains.

use std::io;

use crate::path::SitePath;
use crate::site::error::{Operation, SiteError};
use crate::site::folder::list;
use crate::site::root::Root;
use crate::site::swap::{content, id_of, open};
use crate::site::temporary::{Exchange, is_being_written, short_hash};
use crate::site::write::sync_folder;
use crate::site::writers::RecentWriters;

/// The result of clearing a temporary file that an earlier run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swept {
    Removed,
    /// The file contained an edit made during the exchange, which is restored in this article.
    Restored(SitePath),
    /// The file contains an edit, and the article was edited again since: both are kept.
    Kept,
}

impl Root {
    /// Clears the temporary files of a run that was killed. A file that cannot be removed stays: it
    /// does no harm, and the next run tries again.
    pub fn sweep_all(&self, paths: &[SitePath]) {
        let writers = RecentWriters::default();
        for path in paths {
            let _ = self.sweep(path, &writers);
        }
    }

    /// Clears a temporary file that an earlier run left. The caller must hold the lock. `writers`
    /// may be slightly out of date, because no program has been able to open the file by the
    /// article's name since the earlier run.
    pub fn sweep(&self, path: &SitePath, writers: &RecentWriters) -> Result<Swept, SiteError> {
        let _writing = self.gate().enter();
        let sweep = || -> io::Result<Swept> {
            let folder = self.open_dir(&path.parent())?;
            let name = path.name();
            if is_being_written(name) {
                folder.remove_file(name)?;
                return Ok(Swept::Removed);
            }
            let Some(exchange) = Exchange::parse(name) else {
                return Ok(Swept::Kept);
            };
            let file = open(&folder, name)?;
            let hash = short_hash(&content(&file)?);
            // The file has the new text, or the text that was read, so it contains no edit.
            let is_spare = hash == exchange.new || hash == exchange.old;
            if is_spare && !writers.hold(id_of(&file)?) {
                folder.remove_file(name)?;
                return Ok(Swept::Removed);
            }
            let article = list(&folder)?
                .names
                .into_iter()
                .map(|(name, _)| name)
                .find(|name| short_hash(name.as_bytes()) == exchange.article);
            if let Some(article) = article
                && short_hash(&content(&open(&folder, &article)?)?) == exchange.new
            {
                folder.rename(name, &folder, &article)?;
                sync_folder(&folder)?;
                return Ok(Swept::Restored(path.parent().child(&article)));
            }
            Ok(Swept::Kept)
        };
        sweep().map_err(SiteError::io(Operation::Remove, path))
    }
}
