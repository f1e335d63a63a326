//! The thread that gathers the sheet on request, and publishes it as the content of the server.

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

/// Maximum number of drafts requested per sheet, for images that articles newly reference.
const DRAFTS: usize = 8;

/// Data of the thread.
pub struct SheetThread {
    pub root: PathBuf,
    pub config: Option<PathBuf>,
    pub decoder: Option<Arc<dyn Decode>>,
    pub hub: Arc<Hub>,
    pub stop: Arc<AtomicBool>,
    pub publish: watch::Sender<Latest>,
    /// Channel to the thread that makes drafts, for uploads that need one.
    pub uploads: Sender<SitePath>,
}

impl SheetThread {
    /// Gathers a sheet after each request, until no further request can come.
    pub fn work(&self, requests: &Receiver<()>) {
        // The originals in the last sheet.
        let mut known: Option<BTreeSet<String>> = None;
        while requests.recv().is_ok() {
            // One sheet answers all requests that came before it.
            requests.try_iter().for_each(drop);
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            match self.gather() {
                Ok((content, sheet)) => {
                    let originals = originals(&sheet);
                    // In the first sheet, no image counts as new.
                    if let Some(known) = &known {
                        self.ask_for_drafts(&sheet, known);
                    }
                    known = Some(originals);
                    self.publish.send_replace(Some(Ok(Arc::new(content))));
                }
                Err(reason) if self.publish.borrow().as_ref().is_none_or(Result::is_err) => {
                    self.publish.send_replace(Some(Err(reason)));
                }
                // The watcher reports the problem; the last sheet stays.
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
            // Sending fails only if the thread that makes drafts has ended with the preview.
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
