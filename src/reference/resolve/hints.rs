//! Hints for a missing upload: a file that the author probably means, or what exists instead of
//! one.

use super::candidates::{Attempts, Outcome, without_dots, without_query};
use crate::generator::RelativeTo;
use crate::path::{Lookup, Obstacle, ObstacleKind, SitePath, decode_percent};
use crate::printable::must_be_escaped;
use crate::reference::ReadBy;
use crate::reference::value::without_pasted;

/// Returns the hint for a file whose name is almost the one that was looked for.
pub(super) fn near(attempts: &Attempts<'_>, near: &SitePath, wanted: &SitePath) -> String {
    let url = url_of(attempts, near);
    if differ_in_number_of_spaces(near.as_str(), wanted.as_str()) {
        return format!("`{url}` exists: its name has another number of spaces");
    }
    match difference(near.as_str(), wanted.as_str()) {
        Some((Some(has), Some(wanted))) => {
            format!(
                "`{url}` exists: its name has {} instead of {}",
                name_of(has),
                name_of(wanted)
            )
        }
        Some((Some(has), None)) => format!("`{url}` exists: its name has {}", name_of(has)),
        Some((None, Some(wanted))) => {
            format!("`{url}` exists: remove {} from the path", name_of(wanted))
        }
        _ => format!("`{url}` exists (case differs)"),
    }
}

/// Returns what exists instead of a file.
pub(super) fn problem(obstacle: &Obstacle) -> String {
    let path = &obstacle.path;
    match &obstacle.kind {
        ObstacleKind::Folder => format!("`{path}` is a folder"),
        ObstacleKind::Pipe => format!("`{path}` is a pipe, not a regular file"),
        ObstacleKind::Socket => format!("`{path}` is a socket, not a regular file"),
        ObstacleKind::Device => format!("`{path}` is a device, not a regular file"),
        ObstacleKind::DanglingLink => {
            format!("`{path}` is a link to a file that does not exist")
        }
        ObstacleKind::LinkLoop => format!("`{path}` is a link that leads to itself"),
        ObstacleKind::UnreadableLink(reason) => {
            format!("`{path}` is a link that cannot be followed: {reason}")
        }
    }
}

/// Returns what to do about something that exists instead of a file.
pub(super) fn remedy(kind: &ObstacleKind) -> &'static str {
    match kind {
        ObstacleKind::Folder => "give the path of a file in it, or correct the path",
        ObstacleKind::Pipe | ObstacleKind::Socket | ObstacleKind::Device => {
            "replace it with an image, or correct the path"
        }
        ObstacleKind::DanglingLink => {
            "add the target of the link, or replace the link with the image"
        }
        ObstacleKind::LinkLoop => "replace the link with the image",
        ObstacleKind::UnreadableLink(_) => {
            "make the target of the link readable, or replace the link with the image"
        }
    }
}

/// Returns a hint for a file that the value leads to if it is read differently.
pub(super) fn otherwise(attempts: &Attempts<'_>, value: &str) -> Option<String> {
    let cleaned = without_pasted(value);
    if cleaned != value
        && let Outcome::Found(path) = attempts.try_forms(cleaned)
    {
        let url = url_of(attempts, &path);
        let pasted: Vec<String> = value
            .chars()
            .filter(|c| !cleaned.contains(*c))
            .map(name_of)
            .collect();
        return Some(format!(
            "`{url}` exists: remove {} around the path",
            pasted.join(" and ")
        ));
    }
    if attempts.reference.read_by == ReadBy::CommonMark
        && value.contains('\\')
        && let Outcome::Found(path) = attempts.try_forms(&value.replace('\\', "/"))
    {
        let url = url_of(attempts, &path);
        return Some(format!("`{url}` exists: write `/` instead of `\\`"));
    }
    beside_article(attempts, value).or_else(|| in_other_folder(attempts, value))
}

/// Returns the hint for a file next to an article whose page has another URL.
fn beside_article(attempts: &Attempts<'_>, value: &str) -> Option<String> {
    let bare = without_query(value);
    let form = decode_percent(bare).unwrap_or_else(|| bare.to_owned());
    if form.starts_with('/') || !attempts.conventions.relative.contains(&RelativeTo::Page) {
        return None;
    }
    let path = attempts.beside_article(&form)?;
    let Lookup::File(path) = attempts.files.look_up(&path) else {
        return None;
    };
    let url = attempts.files.url_of(&path)?;
    Some(format!(
        "`{url}` exists: a path that is relative to the article is not relative to its page"
    ))
}

/// Returns the hint for a file whose URL has fewer folders at its start, such as `/img/a.png` for
/// `/static/img/a.png` or `../../img/a.png`. A name without a folder may be that of another image.
fn in_other_folder(attempts: &Attempts<'_>, value: &str) -> Option<String> {
    let mut rest = without_dots(value).trim_start_matches('/');
    while rest.contains('/') {
        if let Outcome::Found(path) = attempts.try_forms(&format!("/{rest}")) {
            let url = url_of(attempts, &path);
            return Some(format!("`{url}` exists: correct the folder"));
        }
        rest = rest.split_once('/')?.1;
    }
    None
}

/// Returns the URL of a file, percent-encoded only if the author has written the value so, or if it
/// has a space that the value lacks, or a character that looks like another one.
fn url_of(attempts: &Attempts<'_>, path: &SitePath) -> String {
    let Some(url) = attempts.files.url_of(path) else {
        return path.to_string();
    };
    let value: &str = &attempts.reference.value;
    let is_plain = |decoded: &String| {
        let is_odd = |c: char| c != ' ' && (c.is_whitespace() || must_be_escaped(c));
        let may_have_space = value.contains(' ') || !decoded.contains(' ');
        !value.contains('%') && may_have_space && !decoded.contains(is_odd)
    };
    decode_percent(&url).filter(is_plain).unwrap_or(url)
}

/// Returns the first characters in which two names differ other than in case: `None` for a name
/// that has no such character at that place.
fn difference(has: &str, wanted: &str) -> Option<(Option<char>, Option<char>)> {
    let mut has = has.chars().peekable();
    let mut wanted = wanted.chars().peekable();
    loop {
        match (has.peek().copied(), wanted.peek().copied()) {
            (None, None) => return None,
            (Some(a), Some(b)) if a == b || a.to_lowercase().eq(b.to_lowercase()) => {
                has.next();
                wanted.next();
            }
            (Some(a), _) if must_be_escaped(a) => return Some((Some(a), None)),
            (_, Some(b)) if must_be_escaped(b) => return Some((None, Some(b))),
            (Some(a), b) if a.is_whitespace() && !b.is_some_and(char::is_whitespace) => {
                return Some((Some(a), None));
            }
            (a, Some(b)) if b.is_whitespace() && !a.is_some_and(char::is_whitespace) => {
                return Some((None, Some(b)));
            }
            // Two Unicode normalizations of a letter do not count as a difference.
            (Some(a), Some(b)) if a.is_alphabetic() || b.is_alphabetic() => return None,
            (a, b) => return Some((a, b)),
        }
    }
}

/// Whether two names first differ in a space that follows one that both have.
fn differ_in_number_of_spaces(has: &str, wanted: &str) -> bool {
    let mut last = None;
    let mut pairs = has.chars().zip(wanted.chars());
    let differing = pairs.find(|(a, b)| {
        let is_same = a == b || a.to_lowercase().eq(b.to_lowercase());
        if is_same {
            last = Some(*a);
        }
        !is_same
    });
    let is_space = |c: char| c.is_whitespace();
    last.is_some_and(is_space) && differing.is_some_and(|(a, b)| is_space(a) != is_space(b))
}

/// Returns the name of a character that looks like another one or is invisible; any other one in
/// backticks.
fn name_of(c: char) -> String {
    let name = match c {
        ' ' => return "a space".to_owned(),
        '\u{a0}' => "no-break space",
        '\u{85}' => "next line",
        '\u{ad}' => "soft hyphen",
        '\u{2002}' => "en space",
        '\u{2003}' => "em space",
        '\u{2007}' => "figure space",
        '\u{2009}' => "thin space",
        '\u{200b}' => "zero-width space",
        '\u{200c}' | '\u{200d}' => "zero-width joiner",
        '\u{200e}' | '\u{200f}' => "direction mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        c if must_be_escaped(c) => "invisible character",
        c if c.is_whitespace() => "space",
        c => return format!("`{c}`"),
    };
    format!("U+{:04X} ({name})", u32::from(c))
}
