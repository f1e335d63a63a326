//! The thread that gathers the sheet: requests to look at the site go in, the content of the server
//! comes out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use tokio::sync::watch;

use super::content::Content;
use super::hub::{Hub, Message};
use super::server::Latest;
use crate::flow::Options;
use crate::path::SitePath;
use crate::picture::decoder::Decode;
use crate::project::Site;
use crate::sheet::{self, Scoring, Sheet, State};

/// Drafts of images that an article newly names, at most, per look.
const DRAFTS: usize = 8;

/// What the thread works with.
pub struct SheetThread {
    pub root: PathBuf,
    pub config: Option<PathBuf>,
    pub decoder: Option<Arc<dyn Decode>>,
    pub hub: Arc<Hub>,
    pub stop: Arc<AtomicBool>,
    pub publish: watch::Sender<Latest>,
    /// Where uploads go that a draft is to be made of.
    pub uploads: Sender<SitePath>,
}

impl SheetThread {
    /// Works until nobody can ask for another look.
    pub fn work(&self, looks: &Receiver<()>) {
        // The originals of the last sheet.
        let mut known: Option<BTreeSet<String>> = None;
        while looks.recv().is_ok() {
            // One look answers all that were asked for before it.
            looks.try_iter().for_each(drop);
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            match self.gather() {
                Ok((content, sheet)) => {
                    let originals = originals(&sheet);
                    // At first, nothing is new.
                    if let Some(known) = &known {
                        self.ask_for_drafts(&sheet, known);
                    }
                    known = Some(originals);
                    self.publish.send_replace(Some(Ok(Arc::new(content))));
                }
                Err(reason) if self.publish.borrow().as_ref().is_none_or(Result::is_err) => {
                    self.publish.send_replace(Some(Err(reason)));
                }
                // The watcher says what is wrong; the last sheet stays.
                Err(_) => continue,
            }
            self.hub.send(&Message::new("sheet", &()));
        }
    }

    fn gather(&self) -> Result<(Content, Sheet), String> {
        let site = Site::open(Some(&self.root), self.config.as_deref());
        let site = site.map_err(|error| error.to_string())?;
        let mut options = Options {
            stop: &self.stop,
            ..Options::for_site(&site)
        };
        if let Some(decoder) = &self.decoder {
            options.decoder = decoder.as_ref();
        }
        let sheet = sheet::gather(&site, &options, Scoring::Known);
        let sheet = sheet.map_err(|error| error.to_string())?;
        let earlier = self.publish.borrow().clone().and_then(Result::ok);
        let content = Content::new(site, &sheet, earlier.as_deref());
        let content = content.map_err(|error| error.to_string())?;
        Ok((content, sheet))
    }

    fn ask_for_drafts(&self, sheet: &Sheet, known: &BTreeSet<String>) {
        let unbuilt = sheet
            .images
            .iter()
            .filter(|image| image.state == State::Unbuilt);
        let originals = unbuilt.filter_map(|image| Some(&image.original.as_ref()?.path));
        let new: BTreeSet<&String> = originals.filter(|path| !known.contains(*path)).collect();
        for path in new
            .into_iter()
            .take(DRAFTS)
            .filter_map(|path| SitePath::normalise(path))
        {
            // The thread that makes drafts ends with the preview.
            let _ = self.uploads.send(path);
        }
    }
}

fn originals(sheet: &Sheet) -> BTreeSet<String> {
    let originals = sheet
        .images
        .iter()
        .filter_map(|image| image.original.as_ref());
    originals.map(|original| original.path.clone()).collect()
}
