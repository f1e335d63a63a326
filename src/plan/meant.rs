//! Recognises, by their names, uploads that look alike on purpose: one image in two languages, for
//! two themes, or in two sizes.

use crate::path::SitePath;

/// ISO 639-1 codes of languages that sites are often translated into.
const LANGUAGES: [&str; 38] = [
    "ar", "bg", "br", "ca", "co", "cs", "da", "de", "el", "en", "es", "eu", "fa", "fi", "fr", "gl",
    "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "no", "oc", "pl", "pt", "ro", "ru", "sk", "sl",
    "sv", "th", "tr", "uk", "vi", "zh",
];

/// Words for a theme or for a size.
const KINDS: [&str; 21] = [
    "black",
    "dark",
    "desktop",
    "inverted",
    "large",
    "lg",
    "light",
    "md",
    "medium",
    "mobile",
    "retina",
    "reversed",
    "small",
    "sm",
    "tablet",
    "thumb",
    "thumbnail",
    "white",
    "xl",
    "xs",
    "xxl",
];

/// Whether two names differ, but only in words for a language, a theme or a size. A number alone is
/// not a size: `photo-1` and `photo-2` may well be copies.
pub fn differ_on_purpose(one: &SitePath, other: &SitePath) -> bool {
    let (one, other) = (words(one), words(other));
    let only_in = |these: &[String], those: &[String]| -> Vec<String> {
        let differing = these.iter().filter(|word| !those.contains(word));
        differing.cloned().collect()
    };
    let mut differing = only_in(&one, &other);
    differing.extend(only_in(&other, &one));
    !differing.is_empty() && differing.iter().all(|word| is_kind(word))
}

/// Returns the words of a path without its extension, in lower case.
fn words(path: &SitePath) -> Vec<String> {
    let path = path.as_str();
    let stem = match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem,
        _ => path,
    };
    let words = stem.split(|c: char| !c.is_alphanumeric() && c != '@');
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn is_kind(word: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    LANGUAGES.contains(&word)
        || KINDS.contains(&word)
        || word.strip_suffix('w').is_some_and(is_number)
        || word.strip_suffix("px").is_some_and(is_number)
        || word
            .split_once('x')
            .is_some_and(|(width, height)| is_number(width) && is_number(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_themes_and_sizes_are_told_from_copies() {
        // Names of real sites.
        for (one, other, is_meant) in [
            (
                "img/map-markers-6b-fr.png",
                "img/map-markers-6b-en.png",
                true,
            ),
            (
                "img/series_light.png",
                "img/series_reversed_light.png",
                true,
            ),
            ("img/a-400x200.jpg", "img/a.jpg", true),
            ("img/a-lg.jpg", "img/a-th.jpg", true),
            ("fr/guide.png", "en/guide.png", true),
            ("img/a-640w.jpg", "img/a-320w.png", true),
            ("img/photo-1.jpg", "img/photo-2.jpg", false),
            ("img/a.jpg", "img/a.png", false),
            ("img/a.jpg", "img/copy-of-a.jpg", false),
            ("img/fr-a.jpg", "img/fr-b.jpg", false),
        ] {
            let path = |text| SitePath::normalise(text).unwrap();
            let (one, other) = (path(one), path(other));
            assert_eq!(differ_on_purpose(&one, &other), is_meant, "{one}, {other}");
        }
    }
}
