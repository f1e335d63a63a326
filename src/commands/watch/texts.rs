//! The texts of events: the status line, and one line per run.

use planche::Language;
use planche::internal::picture::units::ByteSize;
use planche::internal::printable::Printable;
use planche::internal::watch::{Backend, Done, Event};

/// Returns the new text of the status line; `None` if the event does not change it.
pub(super) fn status(event: &Event) -> Option<String> {
    match event {
        Event::Begun { files } => Some(format!("working on {}", named(files))),
        Event::Done(_) | Event::Watching { .. } => Some("watching".to_owned()),
        Event::Waiting { .. } => Some("waiting".to_owned()),
        Event::Preview { .. } | Event::Finding(_) | Event::Resolved(_) => None,
    }
}

pub(super) fn watching(folders: usize, backend: Backend, reason: Option<&str>) -> String {
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

/// Formats a run as one line: files that changed, number and bytes of variants, updated articles,
/// duration. If some of the files were deleted and others changed, these are two lines.
pub(super) fn sentences(done: &Done, language: Language) -> Vec<String> {
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
    // An article that every run refuses has nothing to do with the files that changed.
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
}
