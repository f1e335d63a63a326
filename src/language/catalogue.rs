//! Translations into one language, read from a PO file of GNU gettext.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::file::{Message, messages};
use super::french::{is_plural, quantity, typeset};
use super::template::{Argument, Template};

/// Maximum nesting depth of messages within messages.
const DEPTH: usize = 6;

/// Number of characters from which a template is reliable evidence. Shorter templates match only if
/// all arguments can be translated.
const FEW: usize = 8;

/// Separators between the parts of an enumeration.
const SEPARATORS: [&str; 2] = ["; ", ", "];

/// Translations, keyed by English template.
#[derive(Debug)]
pub struct Catalogue {
    /// Translations of templates without arguments, by their text.
    whole: HashMap<String, String>,
    /// Templates with arguments, the most specific first: those that begin with words before those
    /// that begin with a hole, then by number of characters.
    templates: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    english: Template,
    translation: Translation,
}

#[derive(Debug)]
enum Translation {
    One(Template),
    /// Singular and plural; the first argument is the number.
    PerImage(Template, Template),
}

/// What happens to parts of a text that have no translation: the translation fails, or they stay in
/// English.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Translated,
    AsItIs,
}

/// Returns the French catalogue.
pub(super) fn french() -> &'static Catalogue {
    static FRENCH: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::read(include_str!("../../locales/fr.po")));
    &FRENCH
}

impl Catalogue {
    /// Parses a PO file.
    fn read(text: &str) -> Catalogue {
        let mut catalogue = Catalogue {
            whole: HashMap::new(),
            templates: Vec::new(),
        };
        for message in messages(text) {
            match message {
                Message::One { id, translation } => catalogue.add(&id, &translation),
                Message::PerImage { ids, translations } => {
                    let [one, many] = &translations;
                    catalogue.templates.extend(ids.iter().map(|id| Entry {
                        english: Template::parse(id),
                        translation: Translation::PerImage(set(one), set(many)),
                    }));
                }
            }
        }
        let templates = &mut catalogue.templates;
        templates.sort_by_key(|entry| {
            let length = entry.english.length();
            (entry.english.begins_with_hole(), Reverse(length))
        });
        catalogue
    }

    fn add(&mut self, english: &str, translation: &str) {
        let template = Template::parse(english);
        if template.holes().next().is_none() {
            let (english, translation) = (template.fill(|_| None), set(translation).fill(|_| None));
            self.whole.insert(english, translation);
            return;
        }
        self.templates.push(Entry {
            english: template,
            translation: Translation::One(set(translation)),
        });
    }

    /// Translates an English text. Returns `None` unless the text matches a template with a
    /// translation, or is an enumeration of such texts.
    pub fn translate(&self, english: &str) -> Option<String> {
        let rests = [Rest::Translated, Rest::AsItIs].into_iter();
        let mut whole = rests.filter_map(|rest| self.translate_at(english, rest, DEPTH));
        let whole = whole.next().or_else(|| {
            let text = english.trim_start_matches(' ');
            let indent = &english[..english.len() - text.len()];
            let text = (!indent.is_empty()).then(|| self.translate(text))??;
            Some(format!("{indent}{text}"))
        });
        whole.or_else(|| {
            let (place, message) = after_place(english)?;
            Some(format!("{place}: {}", self.translate(message)?))
        })
    }

    fn translate_at(&self, english: &str, rest: Rest, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        if let Some(translation) = self.whole.get(english) {
            return Some(translation.clone());
        }
        if let Some(quantity) = quantity(english) {
            return Some(quantity);
        }
        let mut entries = self.templates.iter();
        entries
            .find_map(|entry| self.by(entry, english, rest, depth))
            .or_else(|| self.enumeration(english, rest, depth))
    }

    fn by(&self, entry: &Entry, english: &str, rest: Rest, depth: usize) -> Option<String> {
        // A short template may match by accident, so it is not used if parts stay English.
        if rest == Rest::AsItIs && entry.english.length() < FEW {
            return None;
        }
        let arguments = entry.english.arguments(english)?;
        let template = match &entry.translation {
            Translation::One(template) => template,
            Translation::PerImage(one, many) => {
                let number = arguments.first()?.text;
                quantity(number)?;
                if is_plural(number) { many } else { one }
            }
        };
        let mut values: HashMap<&str, String> = HashMap::new();
        for argument in arguments {
            let value = self.argument(argument, rest, depth)?;
            values.insert(argument.name, value);
        }
        Some(template.fill(|name| values.get(name).map(String::as_str)))
    }

    fn argument(&self, argument: Argument<'_>, rest: Rest, depth: usize) -> Option<String> {
        if argument.is_quoted {
            return Some(argument.text.to_owned());
        }
        let translated = self.translate_at(argument.text, rest, depth);
        let is_kept = rest == Rest::AsItIs || is_one_word(argument.text);
        translated.or_else(|| is_kept.then(|| argument.text.to_owned()))
    }

    /// Translates an enumeration; `None` unless each part has a translation.
    fn enumeration(&self, english: &str, rest: Rest, depth: usize) -> Option<String> {
        SEPARATORS.into_iter().find_map(|separator| {
            let parts = split(english, separator);
            if parts.len() < 2 {
                return None;
            }
            let translated = parts
                .iter()
                .map(|part| self.translate_at(part, rest, depth));
            let translated: Option<Vec<String>> = translated.collect();
            Some(translated?.join(self.phrase(separator).unwrap_or(separator)))
        })
    }

    /// Returns the translation of a text without arguments.
    pub fn phrase(&self, english: &str) -> Option<&str> {
        self.whole.get(english).map(String::as_str)
    }

    /// Whether there is a translation for a template.
    pub fn has(&self, english: &str) -> bool {
        let template = Template::parse(english);
        self.whole.contains_key(&template.fill(|_| None))
            || self.templates.iter().any(|entry| entry.english == template)
    }
}

/// Splits a message into the position at its start, `FILE:LINE:COLUMN`, and the rest.
fn after_place(text: &str) -> Option<(&str, &str)> {
    let (place, message) = text.split_once(": ")?;
    let mut parts = place.rsplit(':');
    let mut is_next_a_number = || {
        let part = parts.next().unwrap_or_default();
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (is_next_a_number() && is_next_a_number()).then_some((place, message))
}

/// Parses a translation, and sets its spaces by French typography.
fn set(translation: &str) -> Template {
    Template::parse(translation).map_words(typeset)
}

/// Whether a text is a single name or word, or consists of quoted values only.
fn is_one_word(text: &str) -> bool {
    if !text.contains('`') {
        return !text.contains(' ');
    }
    let mut outside = text.split('`').step_by(2);
    outside.all(|part| part.trim_matches([',', ' ', '…']).is_empty())
}

/// Splits a text at separators that are outside backticks and parentheses.
fn split<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let (mut start, mut is_quoted, mut brackets) = (0, false, 0_usize);
    for (index, c) in text.char_indices() {
        match c {
            '`' => is_quoted = !is_quoted,
            '(' if !is_quoted => brackets += 1,
            ')' if !is_quoted => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        let is_outside = !is_quoted && brackets == 0 && index >= start;
        if is_outside && text[index..].starts_with(separator) {
            parts.push(&text[start..index]);
            start = index + separator.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an argument's name and a value that no template contains: a number where it chooses
    /// the plural form, otherwise a made-up word.
    fn sample(index: usize, name: &str, entry: &Entry) -> (String, String) {
        let value = match (&entry.translation, index) {
            (Translation::PerImage(..), 0) => "7".to_owned(),
            _ => format!("w{index}"),
        };
        (name.to_owned(), value)
    }

    #[test]
    fn each_template_is_recognized_and_keeps_its_arguments() {
        let french = french();
        for entry in &french.templates {
            let names: Vec<&str> = entry.english.holes().collect();
            let values = names.iter().enumerate();
            let values: HashMap<String, String> = values
                .map(|(index, name)| sample(index, name, entry))
                .collect();
            let value = |name: &str| values.get(name).map(String::as_str);
            let translation = match &entry.translation {
                Translation::One(template) | Translation::PerImage(_, template) => template,
            };
            for name in translation.holes() {
                assert!(names.contains(&name), "`{name}` in {translation:?}");
            }
            let english = entry.english.fill(value);
            let expected = translation.fill(value);
            assert_eq!(french.translate(&english), Some(expected), "{english}");
        }
    }

    #[test]
    fn messages_in_messages_numbers_and_enumerations_are_translated() {
        for (english, expected) in [
            (
                "wrote 1234 variants (2.1 MiB), updated 1 of 9 articles",
                "1\u{202f}234 variantes écrites (2,1\u{a0}Mio), 1 article sur 9 mis à jour",
            ),
            (
                "would write 1 variant of 1 image, update 2 of 9 articles",
                "à faire\u{a0}: 1 variante à écrire pour 1 image, 2 articles sur 9 à mettre à jour",
            ),
            (
                "this variant is damaged: its bytes are not those that were written",
                "cette variante est endommagée\u{a0}: ses octets ne sont pas ceux qui ont été écrits",
            ),
            (
                "left unchanged: cannot read `a, b; c: d`: strange, unknown",
                "laissé tel quel\u{a0}: impossible de lire `a, b; c: d`\u{a0}: strange, unknown",
            ),
            (
                "  next: planche --dry-run",
                "  ensuite\u{a0}: planche --dry-run",
            ),
            // A place, and a message with a part that is not ours.
            (
                "planche.yml:2:19: `.a >> b` is not a selector that planche knows: dangling sign",
                "planche.yml:2:19: `.a >> b` n’est pas un sélecteur que planche connaît\u{a0}: \
                 dangling sign",
            ),
            (
                "quality `180` is not 0 to 100",
                "qualité\u{a0}: `180` n’est pas compris entre 0 et 100",
            ),
            // A name that contains the words of a template.
            (
                "missing upload `x` exists: remove `",
                "missing upload `x` exists: remove `",
            ),
            ("no such text", "no such text"),
        ] {
            let translated = french().translate(english);
            assert_eq!(translated.as_deref().unwrap_or(english), expected);
        }
    }
}
