//! Measures the images of pages in the browser: pages go in, displayed widths by window come out.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::WINDOWS;
use super::browser::{Browser, BrowserError, result};
use super::folder::{Answer, Folder};
use super::measured::{Measured, Shown};
use super::pages;
use crate::preset::Presets;
use crate::project::Site;
use crate::site::SiteError;

/// Widths of further windows, in CSS pixels, so that the pieces of `sizes` match those of the
/// layout.
const BETWEEN: std::ops::RangeInclusive<u32> = 320..=1920;
const STEP: usize = 80;
const HEIGHT: u32 = 900;

/// Script that also loads lazy images, and waits at most `limit` milliseconds for all images.
/// Returns the HTTP status of the page, and the number of images that are not there yet.
const LOAD: &str = r#"(async (limit) => {
  const loads = [...document.images].map((image) => {
    image.loading = "eager";
    if (image.complete) return null;
    return new Promise((next) => { image.onload = image.onerror = next; });
  });
  await Promise.race([Promise.all(loads), new Promise((next) => setTimeout(next, limit))]);
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
  return [status, [...document.images].filter((image) => !image.complete).length];
})"#;

/// Script that measures the content boxes of the images with `sizes`. An image that
/// `object-fit: cover` crops needs more than its box.
const MEASURE: &str = r#"(async (width) => {
  for (let n = 0; n < 200 && innerWidth !== width; n++) await new Promise((next) => setTimeout(next, 5));
  const found = [];
  for (const image of document.images) {
    let sizes = image.getAttribute("sizes");
    let srcset = image.getAttribute("srcset");
    const picture = image.parentElement?.localName === "picture" ? image.parentElement : null;
    const sources = picture ? [...picture.querySelectorAll(":scope > source[srcset]")] : [];
    const source = sources.find((source) => !source.media || matchMedia(source.media).matches);
    if (source) [sizes, srcset] = [source.getAttribute("sizes") ?? sizes, source.getAttribute("srcset")];
    if (!sizes || !srcset || !image.checkVisibility()) continue;
    const style = getComputedStyle(image);
    const sum = (...names) => names.reduce((sum, name) => sum + (parseFloat(style[name]) || 0), 0);
    const box = image.getBoundingClientRect();
    let shown = box.width - sum("paddingLeft", "paddingRight", "borderLeftWidth", "borderRightWidth");
    const height = box.height - sum("paddingTop", "paddingBottom", "borderTopWidth", "borderBottomWidth");
    if (style.objectFit === "cover" && image.naturalHeight > 0) {
      shown = Math.max(shown, (height * image.naturalWidth) / image.naturalHeight);
    }
    const widths = [...srcset.matchAll(/\s(\d+)w/g)].map((match) => Number(match[1]));
    const own = [Number(image.getAttribute("width")), Math.max(0, ...widths)];
    found.push({
      sizes,
      width: shown,
      own: own.some((own) => own > 0 && Math.abs(own - shown) <= 1),
      src: image.getAttribute("src") ?? "",
    });
  }
  return JSON.stringify(found);
})"#;

/// Pages to open.
pub enum Target<'t> {
    /// A pages folder, opened by [`Site::published`].
    Folder(&'t Site),
    /// URLs of pages.
    Pages(&'t [String]),
}

/// The browser that opens pages, and the limits of a measurement.
pub struct MeasureOptions<'m> {
    pub browser: &'m Path,
    /// Time limit for loading a page.
    pub patience: Duration,
    /// Maximum number of pages of a folder for each value of `sizes`.
    pub pages_per_sizes: usize,
    pub stop: &'m AtomicBool,
}

/// A page that was not measured.
#[derive(Clone, Debug)]
pub struct Failure {
    pub page: String,
    pub reason: String,
}

/// Measurements, and the pages that could not be measured.
#[derive(Debug, Default)]
pub struct Measuring {
    pub measured: Measured,
    /// Pages with images that did not load in time and were measured as they were; how many.
    pub unloaded: Vec<(String, usize)>,
    pub failures: Vec<Failure>,
}

#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    #[error(transparent)]
    Browser(#[from] BrowserError),
    #[error(transparent)]
    Site(#[from] SiteError),
}

/// Opens pages in the browser and measures their images. `presets` are those that the pages were
/// built with.
///
/// # Errors
///
/// If the folder cannot be read, or the browser cannot be started. A page that cannot be opened is
/// a [`Failure`].
pub fn measure(
    target: &Target<'_>,
    presets: &Presets,
    options: &MeasureOptions<'_>,
) -> Result<Measuring, MeasureError> {
    // Names for messages, and URLs.
    let (folder, pages): (Option<Folder<'_>>, Vec<(String, String)>) = match target {
        Target::Folder(site) => {
            let folder = Folder::new(site);
            let chosen = pages::choose(site, options.pages_per_sizes)?.into_iter();
            let named = chosen.map(|page| (page.to_string(), folder.url(&page)));
            let pages = named.collect();
            (Some(folder), pages)
        }
        Target::Pages(urls) => {
            let named = urls.iter().map(|url| (url.clone(), url.clone()));
            (None, named.collect())
        }
    };
    let mut measuring = Measuring::default();
    let mut running: Option<Browser<'_>> = None;
    for (name, url) in pages {
        let browser = match &mut running {
            Some(browser) => browser,
            None => running.insert(Browser::start(options.browser, options.stop)?),
        };
        let found = Tab::open(browser, folder.as_ref(), options.patience)
            .and_then(|mut tab| tab.measure(&url));
        match found {
            Ok(images) => {
                if images.unloaded > 0 {
                    measuring.unloaded.push((name.clone(), images.unloaded));
                }
                let measured = &mut measuring.measured;
                measured.pages += 1;
                for (window, shown) in images.by_window {
                    measured.add(&name, window, shown, presets);
                }
            }
            Err(error) if error.is_of_page() => {
                measuring.failures.push(Failure {
                    page: name,
                    reason: error.to_string(),
                });
                // A page that hangs may block the whole browser: the next page gets a new one.
                running = None;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(measuring)
}

/// Returns the widths of all windows, in ascending order.
fn windows() -> Vec<u32> {
    let mut windows: Vec<u32> = BETWEEN.step_by(STEP).chain(WINDOWS).collect();
    windows.sort_unstable();
    windows.dedup();
    windows
}

/// The images of one page.
struct PageImages {
    /// By the width of the window in CSS pixels.
    by_window: Vec<(u32, Vec<Shown>)>,
    /// Number of images that did not load in time.
    unloaded: usize,
}

/// A page in the browser.
struct Tab<'t, 's> {
    browser: &'t mut Browser<'s>,
    folder: Option<&'t Folder<'t>>,
    target: String,
    session: String,
    patience: Duration,
    deadline: Instant,
    /// Loader IDs of the documents that were loaded.
    loaded: Vec<String>,
}

impl<'t, 's> Tab<'t, 's> {
    fn open(
        browser: &'t mut Browser<'s>,
        folder: Option<&'t Folder<'t>>,
        patience: Duration,
    ) -> Result<Self, BrowserError> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let blank = json!({ "url": "about:blank" });
        let created = browser.call(None, "Target.createTarget", &blank, patience)?;
        let target = text(&created["targetId"]);
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = browser.call(None, "Target.attachToTarget", &attach, patience)?;
        let mut tab = Tab {
            session: text(&attached["sessionId"]),
            target,
            browser,
            folder,
            patience,
            deadline: Instant::now() + patience,
            loaded: Vec::new(),
        };
        tab.call("Page.enable", &json!({}))?;
        tab.call(
            "Page.setLifecycleEventsEnabled",
            &json!({ "enabled": true }),
        )?;
        if tab.folder.is_some() {
            tab.call(
                "Fetch.enable",
                &json!({ "patterns": [{ "urlPattern": "*" }] }),
            )?;
        }
        Ok(tab)
    }

    /// Opens a page, and measures its images.
    fn measure(&mut self, url: &str) -> Result<PageImages, BrowserError> {
        let windows = windows();
        self.resize(windows[0])?;
        let opened = self.call("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = opened["errorText"].as_str().filter(|text| !text.is_empty()) {
            let reason = unopened(error);
            return Err(BrowserError::Page(format!("it cannot be opened: {reason}")));
        }
        let loader = opened["loaderId"].as_str().unwrap_or_default();
        while !self.loaded.iter().any(|loaded| loaded == loader) {
            self.next()?;
        }
        // The rest of the time is for the script itself.
        let limit = self.deadline.saturating_duration_since(Instant::now()) * 3 / 4;
        let [status, unloaded] = {
            let loaded = self.evaluate(&format!("{LOAD}({})", limit.as_millis()))?;
            [0, 1].map(|at| loaded[at].as_u64().unwrap_or_default())
        };
        if status >= 400 {
            return Err(BrowserError::Page(format!("the server answered {status}")));
        }
        let mut found = Vec::new();
        for window in windows {
            // Each window has its own time limit: many windows do not mean that a page is stuck.
            self.deadline = Instant::now() + self.patience;
            self.resize(window)?;
            let shown = self.evaluate(&format!("{MEASURE}({window})"))?;
            let shown = serde_json::from_str(shown.as_str().unwrap_or_default());
            let shown = shown
                .map_err(|_| BrowserError::Page("its images cannot be measured".to_owned()))?;
            found.push((window, shown));
        }
        let close = json!({ "targetId": self.target });
        self.browser.send(None, "Target.closeTarget", &close)?;
        Ok(PageImages {
            by_window: found,
            unloaded: usize::try_from(unloaded).unwrap_or(usize::MAX),
        })
    }

    fn resize(&mut self, window: u32) -> Result<(), BrowserError> {
        let metrics =
            json!({ "width": window, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics)?;
        Ok(())
    }

    /// Evaluates a JavaScript expression. Returns its value as JSON.
    fn evaluate(&mut self, expression: &str) -> Result<Value, BrowserError> {
        let request =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", &request)?;
        match answer["exceptionDetails"]["text"].as_str() {
            Some(text) => Err(BrowserError::Page(format!("a script failed with `{text}`"))),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value, BrowserError> {
        let id = self.browser.send(Some(&self.session), method, parameters)?;
        loop {
            let message = self.next()?;
            if message["id"] == id {
                return result(message);
            }
        }
    }

    /// Returns the next message. Answers what the page requests.
    fn next(&mut self) -> Result<Value, BrowserError> {
        let Some(message) = self.browser.receive(self.deadline)? else {
            return Err(BrowserError::TimedOut(self.patience));
        };
        if message["sessionId"] != self.session.as_str() {
            return Ok(message);
        }
        let parameters = &message["params"];
        let reply = match message["method"].as_str() {
            Some("Page.lifecycleEvent") if parameters["name"] == "load" => {
                let loader = parameters["loaderId"].as_str().unwrap_or_default();
                self.loaded.push(loader.to_owned());
                None
            }
            Some("Fetch.requestPaused") => self.folder.map(|folder| answer(folder, parameters)),
            Some("Page.javascriptDialogOpening") => {
                Some(("Page.handleJavaScriptDialog", json!({ "accept": true })))
            }
            Some("Inspector.targetCrashed") => {
                return Err(BrowserError::Page("the browser cannot show it".to_owned()));
            }
            _ => None,
        };
        if let Some((method, parameters)) = reply {
            self.browser
                .send(Some(&self.session), method, &parameters)?;
        }
        Ok(message)
    }
}

/// Returns the reason why a page cannot be opened, from the browser's name for the error.
fn unopened(error: &str) -> String {
    let known = [
        ("NAME_NOT_RESOLVED", "the name of its server is not known"),
        ("CONNECTION_REFUSED", "no server answers at its address"),
        ("TIMED_OUT", "its server does not answer in time"),
        ("ADDRESS_UNREACHABLE", "its server cannot be reached"),
        ("INTERNET_DISCONNECTED", "this machine has no network"),
        ("CERT_", "its server has no valid certificate"),
        ("SSL_", "its server has no valid certificate"),
        ("FILE_NOT_FOUND", "the file does not exist"),
    ];
    let mut known = known.iter();
    let found = known.find(|(name, _)| error.contains(name));
    found.map_or_else(
        || format!("the browser says `{error}`"),
        |(_, reason)| (*reason).to_owned(),
    )
}

/// Returns the command that answers a request of the page.
fn answer(folder: &Folder<'_>, request: &Value) -> (&'static str, Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let url = text(&request["request"]["url"]);
    let id = &request["requestId"];
    let fulfilled = |status: u16, mime: &str, bytes: &[u8]| {
        let header = json!([{ "name": "Content-Type", "value": mime }]);
        let body = STANDARD.encode(bytes);
        let reply = json!({ "requestId": id, "responseCode": status, "responseHeaders": header, "body": body });
        ("Fetch.fulfillRequest", reply)
    };
    match folder.answer(&url, &text(&request["resourceType"])) {
        Answer::File { bytes, mime } => fulfilled(200, mime, &bytes),
        Answer::Missing => fulfilled(404, "text/plain", b"not found"),
        Answer::Network => ("Fetch.continueRequest", json!({ "requestId": id })),
        Answer::Blocked => {
            let reason = json!({ "requestId": id, "errorReason": "BlockedByClient" });
            ("Fetch.failRequest", reason)
        }
    }
}
