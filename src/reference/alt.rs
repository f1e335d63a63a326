//! Checks alt text: the references of one article go in, findings come out, by the criteria of RGAA
//! 4.1 (topics 1 and 6) and so of WCAG 2.

use super::value::looks_like_image;
use super::{AltText, Reference};
use crate::finding::{Code, Finding};

/// Codes of the findings that an article is checked for.
pub const CODES: [Code; 6] = [
    Code::AltMissing,
    Code::AltEmpty,
    Code::AltFileName,
    Code::AltRepeats,
    Code::AltLong,
    Code::LinkWithoutName,
];

/// Longest text that is not reported, in characters: a screen reader reads it in one go. Longer
/// texts belong in the page.
const LONGEST: usize = 125;
/// Number of file names in a message.
const NAMED: usize = 3;

/// Checks the alt text of one article's images. There is at most one finding for each code, at the
/// first image with the problem. `title` is that of the article; `is_asked` tells which codes are
/// wanted.
pub fn check(
    file: &str,
    title: Option<&str>,
    references: &[Reference],
    is_asked: impl Fn(Code) -> bool,
) -> Vec<Finding> {
    let title = title.map(plain).filter(|title| !title.is_empty());
    let mut previous: Option<String> = None;
    let mut found: Vec<(Code, Vec<&Reference>)> =
        CODES.iter().map(|code| (*code, Vec::new())).collect();
    let mut add = |code: Code, reference| {
        let of_code = found.iter_mut().find(|(own, _)| *own == code);
        if let Some((_, places)) = of_code.filter(|_| is_asked(code)) {
            places.push(reference);
        }
    };
    for reference in references {
        match &reference.alt {
            AltText::Unknown | AltText::Decorative => continue,
            AltText::Missing => add(Code::AltMissing, reference),
            AltText::Empty { is_link: true } => add(Code::LinkWithoutName, reference),
            AltText::Empty { is_link: false } => add(Code::AltEmpty, reference),
            AltText::Text(text) => {
                let own = plain(text);
                let caption = reference.caption.as_deref().map(plain);
                let is_repeated = [&title, &caption, &previous]
                    .iter()
                    .any(|other| other.as_ref() == Some(&own));
                if is_file_name(text, &reference.value) {
                    add(Code::AltFileName, reference);
                } else if is_repeated {
                    add(Code::AltRepeats, reference);
                } else if text.chars().count() > LONGEST {
                    add(Code::AltLong, reference);
                }
                previous = Some(own);
                continue;
            }
        }
        previous = None;
    }
    found
        .into_iter()
        .filter_map(|(code, places)| finding(file, code, &places))
        .collect()
}

/// Returns the finding about the images with one problem.
fn finding(file: &str, code: Code, places: &[&Reference]) -> Option<Finding> {
    let first = places.first()?;
    let (one, many) = match code {
        Code::AltMissing => ("has no alt text", "have no alt text"),
        Code::AltEmpty => ("has empty alt text", "have empty alt text"),
        Code::AltFileName => (
            "has a file name as its alt text",
            "have file names as their alt text",
        ),
        Code::AltRepeats => (
            "has alt text that repeats the title, the caption or the image before it",
            "have alt text that repeats the title, the caption or the image before them",
        ),
        Code::AltLong => (
            "has alt text of more than 125 characters",
            "have alt text of more than 125 characters",
        ),
        _ => (
            "is the only content of a link, and has no alt text: the link has no name",
            "are the only content of links, and have no alt text: the links have no name",
        ),
    };
    let names: Vec<String> = places
        .iter()
        .take(NAMED)
        .map(|place| format!("`{}`", file_name(&place.value)))
        .collect();
    let message = match places.len() {
        1 => format!("{} {one}", names[0]),
        count if count > NAMED => {
            format!("{count} images {many}: {}, …", names.join(", "))
        }
        count => format!("{count} images {many}: {}", names.join(", ")),
    };
    Some(
        Finding::new(code, message)
            .in_file(file)
            .at_offset(first.offset),
    )
}

/// Returns the last segment of a value, without its query and fragment.
fn file_name(value: &str) -> &str {
    let path = value.split(['?', '#']).next().unwrap_or(value);
    path.rsplit('/').next().unwrap_or(path)
}

/// Removes the differences that readers do not hear: case, and the width of spaces.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Whether a text is a file name: the image's, or one that a camera or a program generates.
fn is_file_name(text: &str, value: &str) -> bool {
    /// Words before a number.
    const COUNTED: [&str; 10] = [
        "dsc", "dscf", "dscn", "gopr", "image", "img", "mvimg", "photo", "pxl", "scan",
    ];
    /// Words before a date.
    const DATED: [&str; 6] = [
        "bildschirmfoto",
        "capture d'écran",
        "capture d’écran",
        "screen shot",
        "screenshot",
        "whatsapp image",
    ];
    let text = plain(text);
    let name = plain(file_name(value));
    let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
    let is_word = stem.chars().all(char::is_alphabetic);
    if looks_like_image(&text) || text == name || !is_word && text == stem {
        return true;
    }
    let is_separator = |c: char| c.is_whitespace() || "_-.()".contains(c);
    let is_counted = COUNTED.iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            rest.contains(|c: char| c.is_ascii_digit())
                && rest.chars().all(|c| c.is_ascii_digit() || is_separator(c))
        })
    });
    let is_dated = DATED.iter().any(|prefix| {
        let rest = text.strip_prefix(prefix);
        let rest = rest.map(|rest| rest.trim_start_matches(is_separator));
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    is_counted || is_dated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_no_descriptions() {
        for (text, value, expected) in [
            ("sgm-1anmps.jpg", "/uploads/sgm-1anmps.jpg", true),
            ("Portrait_Directrice.JPG", "/uploads/x.jpg", true),
            ("panorama_juillet2023", "/u/panorama_juillet2023.png", true),
            ("IMG_1234", "/u/a.jpg", true),
            ("DSC 00012 (1)", "/u/a.jpg", true),
            ("Image 3", "/u/a.jpg", true),
            ("Capture d’écran 2023-05-01 à 10.12.13", "/u/a.png", true),
            ("Screenshot_20230501", "/u/a.png", true),
            ("WhatsApp Image 2023-05-01 at 10.12.13", "/u/a.jpg", true),
            ("logo", "/u/logo.png", false),
            ("Logo du ministère", "/u/logo.png", false),
            ("Image du 3 mai", "/u/a.jpg", false),
            ("Photo de groupe, 2023", "/u/a.jpg", false),
            ("Capture d’écran du tableau de bord", "/u/a.png", false),
            ("Le fichier photo.jpg dans l’explorateur", "/u/a.png", false),
        ] {
            assert_eq!(is_file_name(text, value), expected, "{text}");
        }
    }
}
