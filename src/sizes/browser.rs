//! Chromium without a window, driven over its DevTools pipe: commands go in as JSON, answers and
//! events come out.
//!
//! The browser reads the protocol from file descriptor 3 and writes it to 4. The shell redirects
//! the standard streams to these.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Programs that are looked for in `PATH`, and their paths on macOS.
const NAMES: [&str; 7] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// Largest message, in bytes.
const LARGEST: u64 = 64 << 20;
/// Time limit for the start of the browser.
const START: Duration = Duration::from_secs(30);
/// Interval at which a wait checks whether it was stopped.
const LOOK: Duration = Duration::from_millis(100);

/// Options that the browser is started with: no window, no network requests of its own.
const OPTIONS: [&str; 12] = [
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
];

#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    #[error(
        "no Chromium was found – hint: install Chromium or Google Chrome, or name the program with `--browser`"
    )]
    NotFound,
    #[error("the browser `{}` cannot be started: {reason}", program.display())]
    Start { program: PathBuf, reason: String },
    #[error("the browser ended unexpectedly")]
    Ended,
    #[error("it did not load within {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("{0}")]
    Page(String),
    #[error("interrupted")]
    Stopped,
}

impl BrowserError {
    /// Whether the error is that of a page, so that other pages can still be opened.
    pub fn is_of_page(&self) -> bool {
        matches!(self, BrowserError::TimedOut(_) | BrowserError::Page(_))
    }
}

/// Returns the path of the installed browser.
pub fn find_browser() -> Result<PathBuf, BrowserError> {
    let mut names = NAMES.iter();
    let found = names.find_map(|name| which::which(name).ok());
    found.ok_or(BrowserError::NotFound)
}

/// A running browser, which is killed when the value is dropped.
pub(super) struct Browser<'s> {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
    stop: &'s AtomicBool,
    profile: TempDir,
}

impl<'s> Browser<'s> {
    pub fn start(program: &Path, stop: &'s AtomicBool) -> Result<Self, BrowserError> {
        let failed = |reason: String| BrowserError::Start {
            program: program.to_owned(),
            reason,
        };
        let of_io = |error: std::io::Error| failed(error.to_string());
        let profile = tempfile::Builder::new()
            .prefix("planche-browser-")
            .tempdir();
        let profile = profile.map_err(of_io)?;
        let errors = File::create(profile.path().join("errors")).map_err(of_io)?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "exec \"$@\" 3<&0 4>&1 1>&2 </dev/null", "sh"])
            .arg(program)
            .args(OPTIONS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // Chromium's sandbox refuses to run as root.
            .args(geteuid().is_root().then_some("--no-sandbox"))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .process_group(0);
        let mut child = command.spawn().map_err(of_io)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("it has no streams".to_owned()));
        };
        let (sender, messages) = channel();
        let read = move || {
            let mut output = BufReader::new(output);
            loop {
                let mut message = Vec::new();
                let read = output.by_ref().take(LARGEST).read_until(0, &mut message);
                if message.pop() != Some(0) || read.is_err() {
                    break;
                }
                let message = serde_json::from_slice(&message).unwrap_or_default();
                if sender.send(message).is_err() {
                    break;
                }
            }
        };
        let thread = std::thread::Builder::new().name("browser".to_owned());
        thread.spawn(read).map_err(of_io)?;
        let mut browser = Browser {
            child,
            input,
            messages,
            last_id: 0,
            stop,
            profile,
        };
        match browser.call(None, "Browser.getVersion", &json!({}), START) {
            Ok(_) => Ok(browser),
            Err(BrowserError::Stopped) => Err(BrowserError::Stopped),
            Err(_) => Err(failed(browser.last_words())),
        }
    }

    /// Kills the browser, and returns the last line that it has printed, for a message.
    fn last_words(&mut self) -> String {
        // So that output printed during shutdown is read as well.
        let _ = kill(&mut self.child);
        let read = std::fs::read(self.profile.path().join("errors")).unwrap_or_default();
        let text = String::from_utf8_lossy(&read).into_owned();
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        last.map_or_else(
            || "it does not answer".to_owned(),
            |last| format!("it says `{}`", last.trim().replace('`', "'")),
        )
    }

    /// Sends a command and returns its number.
    pub fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Result<u64, BrowserError> {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut text = message.to_string().into_bytes();
        text.push(0);
        let sent = self.input.write_all(&text);
        sent.map_err(|_| BrowserError::Ended)?;
        Ok(self.last_id)
    }

    /// Returns the next message; `None` if `deadline` passes before it arrives.
    pub fn receive(&mut self, deadline: Instant) -> Result<Option<Value>, BrowserError> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(BrowserError::Stopped);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left.min(LOOK)) {
                Ok(message) => return Ok(Some(message)),
                Err(RecvTimeoutError::Disconnected) => return Err(BrowserError::Ended),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Sends a command and waits for its answer. Events that arrive meanwhile are dropped.
    pub fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
        patience: Duration,
    ) -> Result<Value, BrowserError> {
        let deadline = Instant::now() + patience;
        let id = self.send(session, method, parameters)?;
        while let Some(message) = self.receive(deadline)? {
            if message["id"] == id {
                return result(message);
            }
        }
        Err(BrowserError::TimedOut(patience))
    }
}

/// Returns the result in an answer, or the error in it.
pub(super) fn result(mut answer: Value) -> Result<Value, BrowserError> {
    match answer["error"]["message"].as_str() {
        Some(message) => Err(BrowserError::Page(format!("the browser says `{message}`"))),
        None => Ok(answer["result"].take()),
    }
}

/// Kills the browser and the processes that it has started.
fn kill(child: &mut Child) -> std::io::Result<()> {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    child.wait().map(|_| ())
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let _ = kill(&mut self.child);
    }
}
