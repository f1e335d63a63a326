//! `watch --preview`: starts the preview, and opens it in a browser.

use std::process::{Command, Stdio};

use anyhow::Result;

use planche::internal::preview::{Preview, Settings};
use planche::internal::watch::{self, Event, Start};

use super::Reporter;
use crate::cli::WatchArgs;
use crate::commands::output::note;

/// The program that opens an address in the default browser.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Starts the preview if `--preview` was given. Returns the watcher's settings with the observer
/// that the preview needs.
pub fn start(
    args: &WatchArgs,
    start: Start,
    reporter: &Reporter<'_>,
) -> Result<(Start, Option<Preview>)> {
    if !args.preview.preview {
        return Ok((start, None));
    }
    let preview = Preview::start(Settings {
        root: watch::root(&start)?,
        config: start.config.clone(),
        port: args.preview.port,
        decoder: start.decoder.clone(),
    })?;
    let url = preview.url().to_owned();
    reporter.report(&Event::Preview { url: url.clone() })?;
    if args.preview.open {
        open(url);
    }
    let start = Start {
        observer: Some(preview.observer()),
        ..start
    };
    Ok((start, Some(preview)))
}

/// Opens a URL in the default browser. A failure is reported, but the preview keeps running.
fn open(url: String) {
    let opening = Command::new(OPENER)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let failed = |reason: &str| {
        note!("cannot open a browser: {reason} – hint: open the preview address yourself");
    };
    let mut child = match opening {
        Ok(child) => child,
        Err(error) => return failed(&format!("`{OPENER}`: {error}")),
    };
    // The opener may run until the browser is closed, so another thread waits for it.
    let wait = move || match child.wait() {
        Ok(status) if status.success() => {}
        Ok(status) => failed(&format!("`{OPENER}` failed: {status}")),
        Err(error) => failed(&format!("`{OPENER}`: {error}")),
    };
    let thread = std::thread::Builder::new().name("browser".to_owned());
    if let Err(error) = thread.spawn(wait) {
        failed(&error.to_string());
    }
}
