//! Source excerpts: the line that a finding is about, with its position marked below.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::finding::{Finding, Severity};
use crate::printable::must_be_escaped;
use crate::report::sources::{end_of_value, offset_of};
use crate::report::{Sources, Styling, Terminal};

/// Width in columns at which excerpts are cut if the terminal's width is unknown.
const WIDTH: usize = 120;
/// Columns between the number of a line and its text, and those that the renderer needs to cut it.
const GUTTER: usize = 3;
/// Number of characters of a line that are kept before the position, and after it.
const AROUND: usize = 300;

/// Returns the excerpt, as indented lines that fit the terminal. There is none if the finding has
/// no position, or its file cannot be read.
pub(super) fn excerpt(
    terminal: Terminal,
    finding: &Finding,
    sources: &Sources<'_>,
    indent: &str,
) -> Vec<String> {
    let place = finding.file.as_deref().zip(finding.position());
    let Some((file, position)) = place else {
        return Vec::new();
    };
    let Some(line) = sources.line(file, position) else {
        return Vec::new();
    };
    let start = offset_of(&line, position.column);
    let (line, start) = around(&line, start);
    let end = end_of_value(line, start);
    let (line, [start, end]) = shown(line, [start, end]);
    let width = terminal.width.unwrap_or(WIDTH).saturating_sub(indent.len());
    // The gutter is the number of the line, and ` | `. The renderer cuts a line before and after
    // the marked part only.
    let room = width.saturating_sub(position.line.to_string().len() + GUTTER);
    let end = start + fitting(&line[start..end], room.max(1));
    let renderer = match terminal.styling {
        Styling::Plain => Renderer::plain(),
        Styling::Ansi => Renderer::styled(),
    };
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Notice => Level::NOTE,
    };
    let snippet = Snippet::source(&*line)
        .line_start(usize::try_from(position.line).unwrap_or(usize::MAX))
        .fold(false)
        .annotation(AnnotationKind::Primary.span(start..end));
    let rendered = renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(width)
        .render(&[Group::with_level(level).element(snippet)]);
    // The first line is an empty gutter. The path and position are already in the line of the
    // finding.
    let lines = rendered.lines().skip(1);
    lines.map(|line| format!("{indent}{line}")).collect()
}

/// Returns the length in bytes of the longest start of a text that fits so many columns.
fn fitting(text: &str, columns: usize) -> usize {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let fits = ends.take_while(|end| textwrap::core::display_width(&text[..*end]) <= columns);
    fits.last().unwrap_or(0)
}

/// Replaces each character that must not reach a terminal with U+FFFD, and moves the byte offsets
/// `places` accordingly. Tabs stay: the renderer replaces them.
fn shown<const N: usize>(line: &str, places: [usize; N]) -> (String, [usize; N]) {
    let sign = |c: char| match c {
        '\t' => '\t',
        c if must_be_escaped(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let moved = places.map(|place| line[..place].chars().map(|c| sign(c).len_utf8()).sum());
    (line.chars().map(sign).collect(), moved)
}

/// Returns the part of a line around the byte offset `start`, and the offset in that part.
fn around(line: &str, start: usize) -> (&str, usize) {
    let before = line[..start].char_indices().rev().nth(AROUND);
    let first = before.map_or(0, |(offset, _)| offset);
    let after = line[start..].char_indices().nth(AROUND);
    let last = after.map_or(line.len(), |(offset, _)| start + offset);
    (&line[first..last], start - first)
}
