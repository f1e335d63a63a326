//! The command `watch`: keeps the site up to date while files change, and prints what happens.

#[cfg(feature = "preview")]
mod preview;

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use planche::Language;
use planche::internal::finding::Severity;
use planche::internal::picture::units::ByteSize;
use planche::internal::printable::{Printable, json};
use planche::internal::report::{DisplayPaths, Terminal};
use planche::internal::watch::{self, Backend, Done, Event, JsonFinding, Start};

use super::decode::isolated;
use super::output::{language, write_line};
use super::print::styling;
use super::signals::Signals;
use crate::cli::{TextOrJson, WatchArgs};
use crate::exit::Exit;

pub fn watch(args: &WatchArgs) -> Result<Exit> {
    let start = Start {
        site: args.site.site.clone(),
        config: args.site.config.clone(),
        poll: args.poll.map(Duration::from_millis),
        threads: args.work.jobs.map(usize::from),
        budget: args.work.budget(),
        decoder: Some(Arc::new(isolated())),
        observer: None,
    };
    let signals = Signals::listen()?;
    let reporter = Reporter::new(args);
    #[cfg(feature = "preview")]
    let (start, preview) = preview::start(args, start, &reporter)?;
    let watched = watch::watch(&start, &signals.stop, &mut |event| {
        // A failure to print events must not stop the builds.
        let _ = reporter.report(&event);
        #[cfg(feature = "preview")]
        if let Some(preview) = &preview {
            preview.report(&event);
        }
        if let (Event::Done(done), Some(command)) = (&event, &args.exec)
            && done.has_written()
        {
            reporter.run(command);
        }
    });
    #[cfg(feature = "preview")]
    if let Some(preview) = preview {
        preview.stop();
    }
    watched?;
    reporter.status.finish_and_clear();
    Ok(match signals.caught() {
        Some(signal) => Exit::Interrupted { signal },
        None => Exit::Done,
    })
}

/// Prints events as lines and, on a terminal, a status line below them.
struct Reporter {
    format: TextOrJson,
    is_quiet: bool,
    terminal: Terminal,
    status: ProgressBar,
    /// Whether the next end of a run is printed even if the run wrote nothing: true at first, and
    /// again after a wait.
    is_awaited: Cell<bool>,
    here: DisplayPaths,
}

impl Reporter {
    fn new(args: &WatchArgs) -> Self {
        let is_shown =
            args.format == TextOrJson::Human && !args.quiet && io::stderr().is_terminal();
        let status = if is_shown {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("{spinner} {msg}");
        status.set_style(style.expect("the template is valid"));
        let (_, columns) = console::Term::stderr().size_checked().unzip();
        Reporter {
            format: args.format,
            is_quiet: args.quiet,
            terminal: Terminal {
                styling: styling(args.terminal.color),
                is_quiet: args.quiet,
                width: columns.map(usize::from),
                language: language(),
                ..Terminal::default()
            },
            status,
            is_awaited: Cell::new(true),
            here: args
                .site
                .site
                .as_deref()
                .map(DisplayPaths::to_folder)
                .unwrap_or_default(),
        }
    }

    fn report(&self, event: &Event) -> io::Result<()> {
        if self.format == TextOrJson::Json {
            let mut out = io::stdout().lock();
            writeln!(
                out,
                "{}",
                json(&in_language(event, self.terminal.language))?
            )?;
            return out.flush();
        }
        if let Some(status) = status(event) {
            self.status
                .set_message(self.terminal.language.text(&status).into_owned());
            self.status.tick();
        }
        let lines = self.lines(event);
        if lines.is_empty() {
            return Ok(());
        }
        self.status.suspend(|| {
            let mut err = io::stderr().lock();
            let mut lines = lines.iter();
            lines.try_for_each(|line| self.terminal.write_wrapped(line, &mut err))
        })
    }

    /// Formats an event as lines, each with the time of day. Events that only the status line shows
    /// have none.
    fn lines(&self, event: &Event) -> Vec<String> {
        let time = self.terminal.paint("2", &clock());
        let with_time = |text| format!("{time} {text}");
        match event {
            Event::Done(done) if self.is_printed(done) => {
                let lines = sentences(done, self.terminal.language).into_iter();
                lines.map(with_time).collect()
            }
            event => self.text(event).into_iter().map(with_time).collect(),
        }
    }

    /// Whether the end of a run is printed. Periodic checks of the whole site and retries that
    /// wrote nothing are not.
    fn is_printed(&self, done: &Done) -> bool {
        let is_news =
            self.is_awaited.replace(false) || !done.files.is_empty() || done.has_written();
        is_news && !self.is_quiet
    }

    fn text(&self, event: &Event) -> Option<String> {
        let unless_quiet = |line: String| (!self.is_quiet).then_some(line);
        match event {
            Event::Preview { url } => Some(format!("preview: {url}")),
            Event::Watching {
                folders,
                backend,
                reason,
            } => unless_quiet(self.say(&watching(*folders, *backend, reason.as_deref()))),
            Event::Begun { .. } | Event::Done(_) => None,
            Event::Finding(finding) => {
                let is_printed = !self.is_quiet || finding.0.severity() != Severity::Notice;
                is_printed.then(|| self.terminal.finding(&self.here.finding(&finding.0)))
            }
            Event::Resolved(resolved) => {
                let resolved_tag = self.say("resolved");
                let tag = format!("{resolved_tag}[{}]", resolved.0.code);
                let tag = self.terminal.paint("1;32", &tag);
                let resolved = self.here.finding(&resolved.0).into_owned();
                let mut finding = resolved.in_language(self.terminal.language);
                finding.hint = None;
                unless_quiet(format!("{tag} {finding}"))
            }
            Event::Waiting { reason } => {
                self.is_awaited.set(true);
                Some(self.terminal.say(&format!("waiting: {reason}")))
            }
        }
    }

    fn say(&self, english: &str) -> String {
        self.terminal.language.text(english).into_owned()
    }

    /// Runs the user's command, with its output visible.
    fn run(&self, command: &str) {
        let outcome = self
            .status
            .suspend(|| Command::new("sh").args(["-c", command]).status());
        let problem = match outcome {
            Ok(status) if status.success() => return,
            Ok(status) => format!("`{command}` failed: {status}"),
            Err(error) => format!("cannot run `{command}`: {error}"),
        };
        self.status
            .suspend(|| write_line(&self.terminal.say(&format!("error: {problem}"))));
    }
}

/// Returns the new text of the status line; `None` if the event does not change it.
fn status(event: &Event) -> Option<String> {
    match event {
        Event::Begun { files } => Some(format!("working on {}", named(files))),
        Event::Done(_) | Event::Watching { .. } => Some("watching".to_owned()),
        Event::Waiting { .. } => Some("waiting".to_owned()),
        Event::Preview { .. } | Event::Finding(_) | Event::Resolved(_) => None,
    }
}

fn watching(folders: usize, backend: Backend, reason: Option<&str>) -> String {
    let noun = if folders == 1 { "folder" } else { "folders" };
    match (backend, reason) {
        (Backend::Native, _) => format!("watching {folders} {noun}"),
        (Backend::Polling { interval_ms }, None) => {
            format!("polling {folders} {noun} every {interval_ms} ms")
        }
        (Backend::Polling { interval_ms }, Some(reason)) => {
            format!("polling {folders} {noun} every {interval_ms} ms: {reason}")
        }
    }
}

/// Names some files briefly: the first one, and the number of the others.
fn named<F: AsRef<str>>(files: &[F]) -> String {
    match files {
        [] => "the whole site".to_owned(),
        [file] => Printable::new(file.as_ref()).to_string(),
        [first, rest @ ..] => {
            format!("{} and {} more", Printable::new(first.as_ref()), rest.len())
        }
    }
}

/// Translates the findings of an event.
fn in_language(event: &Event, language: Language) -> Event {
    let translated = |finding: &JsonFinding| JsonFinding(finding.0.clone().in_language(language));
    match event {
        Event::Finding(finding) => Event::Finding(translated(finding)),
        Event::Resolved(finding) => Event::Resolved(translated(finding)),
        event => event.clone(),
    }
}

/// Formats a run as one line: files that changed, number and bytes of variants, updated articles,
/// duration. If some of the files were deleted and others changed, these are two lines.
fn sentences(done: &Done, language: Language) -> Vec<String> {
    let mut parts = Vec::new();
    let is_deleted = |file: &&String| done.deleted.contains(file);
    let (deleted, others): (Vec<&String>, Vec<&String>) = done.files.iter().partition(is_deleted);
    if !deleted.is_empty() && others.is_empty() {
        parts.push("deleted".to_owned());
    }
    if done.variants > 0 {
        let noun = if done.variants == 1 {
            "variant"
        } else {
            "variants"
        };
        parts.push(format!("{} {noun}", done.variants));
        parts.push(ByteSize(done.bytes).to_string());
    }
    if !done.rewritten.is_empty() && done.rewritten.iter().eq(others.iter().copied()) {
        parts.push("updated".to_owned());
    } else if !done.rewritten.is_empty() {
        parts.push(format!("updated {}", named(&done.rewritten)));
    }
    // An article that is refused all the time has nothing to do with the other files.
    let is_refused = |file: &String| done.files.is_empty() || done.files.contains(file);
    let is_left = done.stopped || done.refused.iter().any(is_refused);
    if !done.has_written() && is_left {
        parts.push("nothing written".to_owned());
    } else if parts.is_empty() {
        parts.push("up to date".to_owned());
    }
    let milliseconds = (done.seconds * 1e3).round();
    parts.push(format!("{milliseconds} ms"));
    let line = |files: &[&String], parts: &[String]| {
        let parts = parts.iter().map(|part| language.text(part).into_owned());
        let parts = parts.collect::<Vec<_>>().join(", ");
        let files = match files.len() {
            1 => named(files),
            _ => language.text(&named(files)).into_owned(),
        };
        format!("{files}  {parts}")
    };
    match (deleted.is_empty(), others.is_empty()) {
        (true, _) => vec![line(&others, &parts)],
        (false, true) => vec![line(&deleted, &parts)],
        (false, false) => vec![
            line(&deleted, &["deleted".to_owned()]),
            line(&others, &parts),
        ],
    }
}

/// Formats the local time of day.
fn clock() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_one_line() {
        let done = |files: &[&str], rewritten: &[&str], variants| Done {
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            rewritten: rewritten.iter().map(|file| (*file).to_owned()).collect(),
            variants,
            bytes: 2_048,
            seconds: 0.0314,
            ..Done::default()
        };
        let refused = Done {
            refused: vec!["a.md".to_owned()],
            ..done(&["a.md"], &[], 0)
        };
        for (done, expected) in [
            (done(&["a.md"], &[], 0), "a.md  up to date, 31 ms"),
            (
                done(&["a.md"], &["a.md"], 1),
                "a.md  1 variant, 2.0 KiB, updated, 31 ms",
            ),
            (
                done(&["uploads/b.jpg"], &["a.md", "c.md"], 6),
                "uploads/b.jpg  6 variants, 2.0 KiB, updated a.md and 1 more, 31 ms",
            ),
            (done(&[], &[], 0), "the whole site  up to date, 31 ms"),
            (
                Done {
                    files: vec!["b.md".to_owned()],
                    ..refused.clone()
                },
                "b.md  up to date, 31 ms",
            ),
            (
                Done {
                    files: Vec::new(),
                    ..refused.clone()
                },
                "the whole site  nothing written, 31 ms",
            ),
            (refused, "a.md  nothing written, 31 ms"),
        ] {
            assert_eq!(sentences(&done, Language::English), [expected]);
        }
    }

    #[test]
    fn what_was_deleted_is_said_to_be_so() {
        let done = |files: &[&str], deleted: &[&str], rewritten: &[&str], refused: &[&str]| Done {
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            deleted: deleted.iter().map(|file| (*file).to_owned()).collect(),
            rewritten: rewritten.iter().map(|file| (*file).to_owned()).collect(),
            refused: refused.iter().map(|file| (*file).to_owned()).collect(),
            stopped: !refused.is_empty(),
            ..Done::default()
        };
        for (done, expected) in [
            (
                done(&["a.md"], &["a.md"], &[], &[]),
                &["a.md  deleted, 0 ms"][..],
            ),
            (
                done(
                    &["a.md", "b.md", "c.md"],
                    &["a.md", "b.md", "c.md"],
                    &[],
                    &[],
                ),
                &["a.md and 2 more  deleted, 0 ms"],
            ),
            (
                done(&["uploads/b.jpg"], &["uploads/b.jpg"], &["a.md"], &[]),
                &["uploads/b.jpg  deleted, updated a.md, 0 ms"],
            ),
            (
                done(&["new", "old"], &["old"], &[], &[]),
                &["old  deleted", "new  up to date, 0 ms"],
            ),
            (
                done(&["a.md", "b.md"], &["a.md"], &["b.md"], &[]),
                &["a.md  deleted", "b.md  updated, 0 ms"],
            ),
            (
                done(&["a.md"], &["a.md"], &[], &["planche.yml"]),
                &["a.md  deleted, nothing written, 0 ms"],
            ),
        ] {
            assert_eq!(sentences(&done, Language::English), expected);
        }
    }

    #[test]
    fn a_look_without_a_cause_that_wrote_nothing_is_not_printed() {
        let reporter = Reporter {
            format: TextOrJson::Human,
            is_quiet: false,
            terminal: Terminal::default(),
            status: ProgressBar::hidden(),
            is_awaited: Cell::new(true),
            here: DisplayPaths::default(),
        };
        let look = Event::Done(Done::default());
        let save = Event::Done(Done {
            files: vec!["a.md".to_owned()],
            ..Done::default()
        });
        let waiting = Event::Waiting {
            reason: "no space".to_owned(),
        };
        let is_printed = |event: &&Event| !reporter.lines(event).is_empty();
        for (events, expected) in [
            (&[&look, &look, &save, &look][..], &[&look, &save][..]),
            (&[&waiting, &look, &look], &[&waiting, &look]),
            (&[&waiting, &save, &look], &[&waiting, &save]),
        ] {
            let printed: Vec<&Event> = events.iter().copied().filter(is_printed).collect();
            assert_eq!(printed, expected);
        }
    }
}
