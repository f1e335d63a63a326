//! Translates messages from English into the reader's language.
//!
//! Messages are created in English with `format!`, and stay English in the ledger, in the baseline
//! and in fingerprints. Just before output, a report passes each one through [`Language::text`],
//! which finds the template in `locales/` that matches the message, and fills the arguments into
//! the translation. Names and values are between backticks, and text between backticks is never
//! mistaken for words of a template: see [`template`].

mod catalogue;
mod file;
mod french;
mod template;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use catalogue::Catalogue;

use crate::printable::without_error_numbers;

/// A language in which text for people is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    English,
    French,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::French];

    /// Returns the ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
        }
    }

    /// Returns the language of a locale such as `fr_FR.UTF-8` or `fr`; `None` if there is no
    /// translation.
    pub fn of_locale(locale: &str) -> Option<Language> {
        let name = locale
            .split(['_', '-', '.', '@'])
            .next()
            .unwrap_or_default();
        let mut all = Language::ALL.into_iter();
        all.find(|language| language.code().eq_ignore_ascii_case(name))
    }

    /// Determines the language from the environment, by the rules of GNU gettext: the first of
    /// `LC_ALL`, `LC_MESSAGES` and `LANG` that is set, which the list of preferences in `LANGUAGE`
    /// overrides unless that locale is `C` or `POSIX`.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        let locale = locale.unwrap_or_default();
        if matches!(locale.split('.').next(), Some("" | "C" | "POSIX")) {
            return Language::English;
        }
        let preferred = set("LANGUAGE").unwrap_or_default();
        let mut candidates = preferred.split(':').chain([locale.as_str()]);
        candidates.find_map(Language::of_locale).unwrap_or_default()
    }

    /// Returns the translations from English; `None` for English itself.
    pub fn catalogue(self) -> Option<&'static Catalogue> {
        match self {
            Language::English => None,
            Language::French => Some(catalogue::french()),
        }
    }

    /// Translates a phrase without arguments.
    pub fn phrase(self, english: &'static str) -> &'static str {
        let translated = self
            .catalogue()
            .and_then(|catalogue| catalogue.phrase(english));
        translated.unwrap_or(english)
    }

    /// Translates an English text. A text without a translation, such as a message of the system,
    /// stays as it is, except that error numbers are removed.
    pub fn text(self, english: &str) -> Cow<'_, str> {
        let english = without_error_numbers(english);
        let translated = self
            .catalogue()
            .and_then(|catalogue| catalogue.translate(&english));
        translated.map_or(english, Cow::Owned)
    }
}

#[cfg(test)]
mod tests;
