//! Waits while the settings of a site cannot be read, and reports the changes that are not built.

use std::collections::BTreeSet;

use super::debounce::QUIET;
use super::findings::Unread;
use super::inbox::Changes;
use super::runs::{deleted, not_built};
use super::sort::{Kind, kind_of};
use super::watcher::{ConfigStamp, TICK, Watcher, below, with_causes};
use super::{Done, Event};
use crate::config;
use crate::flow::Scope;
use crate::path::SitePath;
use crate::project::OpenError;

impl Watcher<'_> {
    /// Waits after an error: the configuration could not be read, or the folder not opened.
    pub fn wait_for_correction(&mut self, error: &OpenError, config: ConfigStamp) {
        let followed = self.former.iter().flat_map(|former| &former.followed);
        let existing = followed.filter(|folder| self.root.join(folder.as_path()).is_dir());
        let mut folders: BTreeSet<SitePath> = existing.cloned().collect();
        folders.insert(SitePath::root());
        if !self.file_events.follow(&self.root, &folders).is_empty() {
            // The error may have been corrected before the folder was watched.
            return;
        }
        let OpenError::Configuration(finding) = error else {
            self.wait_for(with_causes(error));
            self.file_events.inbox.take(TICK);
            return;
        };
        let found = std::slice::from_ref(finding.as_ref());
        self.report_findings(&Scope::Everything, found, Unread::SiteAndSettings);
        let file = finding.file.as_deref().unwrap_or(config::FILE);
        self.wait_for(not_built(file));
        while !self.is_stopped() && self.root.is_dir() {
            let mut changes = self.file_events.inbox.take(TICK);
            // The configuration may be being saved. An incomplete one may be valid, but describe a
            // different site.
            loop {
                let more = self.file_events.inbox.take(QUIET);
                if more.is_empty() {
                    break;
                }
                changes.add(more);
            }
            if self.config_stamp() != config {
                // An error that is still there is reported again.
                self.waiting = None;
                return;
            }
            if self.may_be_corrected(changes, file) {
                return;
            }
        }
    }

    /// Whether changes may have corrected the `file` with an error. If not, reports which files are
    /// not built.
    fn may_be_corrected(&mut self, changes: Changes, file: &str) -> bool {
        if changes.overflow || changes.failure.is_some() {
            return true;
        }
        let (mut files, mut settings) = (BTreeSet::new(), BTreeSet::new());
        for path in &changes.paths {
            let Some(path) = below(&self.root, path).filter(|path| !path.is_root()) else {
                continue;
            };
            let kind = match &self.former {
                Some(former) => {
                    if former.followed.contains(&path) {
                        // Another folder may be at this path by now, without a watch.
                        self.file_events.forget(&path);
                    }
                    kind_of(&path, &former.resident, &former.followed)
                }
                None if path.as_str() == config::FILE => Kind::Settings,
                // Without a site, it is not known which other files matter.
                None => Kind::Ignored,
            };
            match kind {
                Kind::Settings => settings.insert(path),
                Kind::Article | Kind::Upload | Kind::Folder => files.insert(path),
                Kind::Ignored | Kind::Variant | Kind::OutputFolder => false,
            };
        }
        if !settings.is_empty() {
            // An error that is still there is reported again.
            self.waiting = None;
            self.changed_settings.append(&mut settings);
            return true;
        }
        if let Some(former) = self.former.as_ref().filter(|_| !files.is_empty()) {
            (self.report)(Event::Done(Done {
                deleted: deleted(&files, &former.resident.site.root),
                files: files.iter().map(SitePath::to_string).collect(),
                refused: vec![file.to_owned()],
                stopped: true,
                ..Done::default()
            }));
        }
        false
    }
}
