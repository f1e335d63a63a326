//! The command `watch`: keeps the site up to date while files change, and prints what happens.

#[cfg(feature = "preview")]
mod preview;
mod texts;

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use planche::Language;
use planche::internal::finding::{Finding, Severity};
use planche::internal::printable::json;
use planche::internal::project::Site;
use planche::internal::report::{DisplayPaths, JsonFinding, Sources, Terminal};
use planche::internal::watch::{self, Done, Event, Start};

use super::decode::isolated;
use super::output::{language, quoted, write_line};
use super::print::styling;
use super::signals::Signals;
use crate::cli::{SiteArgs, TextOrJson, WatchArgs};
use crate::exit::Exit;
use texts::{sentences, status, watching};

pub fn watch(args: &WatchArgs) -> Result<Exit> {
    let start = Start {
        site: args.site.site.clone(),
        config: args.site.config.clone(),
        poll: args.poll.map(Duration::from_millis),
        threads: args.work.threads.jobs.map(usize::from),
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

/// Prints events as lines and, on a terminal, a status line below them. The findings of the first
/// run are printed together, as `build` prints them.
struct Reporter<'a> {
    site: &'a SiteArgs,
    format: TextOrJson,
    is_quiet: bool,
    terminal: Terminal,
    status: ProgressBar,
    /// Whether the next end of a run is printed even if the run wrote nothing: true at first, and
    /// again after a wait.
    is_awaited: Cell<bool>,
    here: DisplayPaths,
    /// The findings of the first run so far; `None` once they are printed.
    first: RefCell<Option<Vec<Finding>>>,
}

impl<'a> Reporter<'a> {
    fn new(args: &'a WatchArgs) -> Self {
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
            site: &args.site,
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
            first: RefCell::new(Some(Vec::new())),
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
        match event {
            Event::Finding(finding) => {
                if let Some(first) = self.first.borrow_mut().as_mut() {
                    first.push(finding.0.clone());
                    return Ok(());
                }
            }
            Event::Done(_) | Event::Waiting { .. } => {
                let first = self.first.borrow_mut().take();
                self.report_together(&first.unwrap_or_default())?;
            }
            _ => {}
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

    /// Prints findings as a report, with their source lines.
    fn report_together(&self, findings: &[Finding]) -> io::Result<()> {
        if findings.is_empty() {
            return Ok(());
        }
        let folder = self.site.site.as_deref();
        let config = self.site.config.as_ref();
        let config = config.map(|config| config.display().to_string());
        let root = Site::find(folder).ok();
        let sources = match &root {
            Some(root) => Sources::of_root(root, config.as_deref()),
            None => Sources::none(),
        };
        let command = match folder {
            Some(folder) => format!("planche check {} --all", quoted(folder.as_os_str())),
            None => "planche check --all".to_owned(),
        };
        self.status.suspend(|| {
            let mut err = io::stderr().lock();
            self.terminal
                .write_findings(findings, &command, &sources, &mut err)
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

/// Translates the findings of an event.
fn in_language(event: &Event, language: Language) -> Event {
    let translated = |finding: &JsonFinding| JsonFinding(finding.0.clone().in_language(language));
    match event {
        Event::Finding(finding) => Event::Finding(translated(finding)),
        Event::Resolved(finding) => Event::Resolved(translated(finding)),
        event => event.clone(),
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
    fn a_look_without_a_cause_that_wrote_nothing_is_not_printed() {
        let args = WatchArgs::default();
        let reporter = Reporter::new(&args);
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
