//! Makes and undoes the edits that pages of one preview request, and lists the edits that can be
//! undone.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::flow::{self, Edit, EditError, Edited, RunError};
use crate::path::SitePath;
use crate::picture::framing::FocalPoint;
use crate::project::{OpenError, Site};

/// Maximum number of characters of alt text.
const LONGEST: usize = 2_000;
/// Maximum number of edits that can be undone.
const KEPT: usize = 500;

/// An edit that a page requests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// Id of the image in the sheet.
    pub image: String,
    /// A focal point such as `0.3 0.6`.
    #[serde(default)]
    pub focus: Option<String>,
    #[serde(default)]
    pub alt: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    pub edit: u64,
}

/// An edit that can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undoable {
    pub edit: u64,
    pub article: String,
    /// Key path of the image's value.
    pub at: String,
    pub key: String,
}

/// The place of the image that an edit concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePlace {
    pub article: SitePath,
    pub at: String,
}

/// The reason why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditingError {
    #[error("{0}")]
    Malformed(String),
    #[error("this edit no longer exists")]
    Gone,
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Site(#[from] OpenError),
}

impl EditingError {
    /// Whether the site is locked, so that the same edit may succeed later.
    pub fn is_busy(&self) -> bool {
        matches!(self, EditingError::Edit(EditError::Run(RunError::Lock(_))))
    }

    /// Whether the request itself is invalid.
    pub fn is_malformed(&self) -> bool {
        matches!(self, EditingError::Malformed(_))
    }
}

/// All edits since the preview was started.
#[derive(Debug)]
pub struct Editing {
    root: PathBuf,
    config: Option<PathBuf>,
    stop: AtomicBool,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    last: u64,
    edits: Vec<(u64, Edited)>,
}

impl Editing {
    pub fn new(root: PathBuf, config: Option<PathBuf>) -> Self {
        Editing {
            root,
            config,
            stop: AtomicBool::new(false),
            made: Mutex::default(),
        }
    }

    /// Makes edits that wait for the lock give up.
    pub fn stop(&self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Makes an edit, and returns all edits that can be undone. The configuration is read again,
    /// because it may have changed.
    pub fn make(
        &self,
        wanted: &EditRequest,
        place: &ImagePlace,
    ) -> Result<Vec<Undoable>, EditingError> {
        let edit = edit_of(wanted)?;
        // Edits are made one at a time, so that the list is in the order in which they were made.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let site = self.open()?;
        let edited = flow::edit(&site, &place.article, &place.at, &edit, &self.stop)?;
        if let Some(edited) = edited {
            made.last += 1;
            let number = made.last;
            made.edits.push((number, edited));
            if made.edits.len() > KEPT {
                made.edits.remove(0);
            }
        }
        Ok(made.undoable())
    }

    pub fn undo(&self, undo: &Undo) -> Result<Vec<Undoable>, EditingError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut edits = made.edits.iter();
        let place = edits.position(|(number, _)| *number == undo.edit);
        let place = place.ok_or(EditingError::Gone)?;
        flow::undo(&self.open()?, &made.edits[place].1, &self.stop)?;
        made.edits.remove(place);
        Ok(made.undoable())
    }

    /// Returns all edits that can be undone, the most recent one last.
    pub fn undoable(&self) -> Vec<Undoable> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.undoable()
    }

    fn open(&self) -> Result<Site, OpenError> {
        Site::open(Some(&self.root), self.config.as_deref())
    }
}

impl Made {
    fn undoable(&self) -> Vec<Undoable> {
        let edits = self.edits.iter();
        let undoable = edits.map(|(number, edited)| Undoable {
            edit: *number,
            article: edited.article.to_string(),
            at: edited.at().to_string(),
            key: edited.key().to_owned(),
        });
        undoable.collect()
    }
}

fn edit_of(wanted: &EditRequest) -> Result<Edit, EditingError> {
    let malformed = |reason: String| EditingError::Malformed(reason);
    match (&wanted.focus, &wanted.alt) {
        (Some(point), None) => {
            let point = point.parse::<FocalPoint>();
            let point = point.map_err(|error| malformed(error.to_string()))?;
            Ok(Edit::Focus(point))
        }
        (None, Some(text)) if text.chars().count() <= LONGEST => Ok(Edit::Alt(text.clone())),
        (None, Some(_)) => Err(malformed(format!(
            "the text has more than {LONGEST} characters"
        ))),
        _ => Err(malformed("name either `focus` or `alt`".to_owned())),
    }
}
