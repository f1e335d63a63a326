//! Languages: English text in, the same text in the language of the reader out.
//!
//! Messages are written in English where they arise, with `format!`, and stay English in the
//! ledger, in the baseline and in fingerprints. At the edge, a report passes each one through
//! [`Language::text`], which finds the template that it was made from in `locales/`, and fills the
//! arguments into the translation. Names and values are between backticks, and text between
//! backticks is never mistaken for words of a template: see [`template`].

mod catalogue;
mod file;
mod french;
mod template;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use catalogue::Catalogue;

use crate::printable::without_error_numbers;

/// The language of what people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    English,
    French,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::French];

    /// The code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
        }
    }

    /// The language of a locale such as `fr_FR.UTF-8` or `fr`; `None` if there is no translation.
    pub fn of_locale(locale: &str) -> Option<Language> {
        let name = locale
            .split(['_', '-', '.', '@'])
            .next()
            .unwrap_or_default();
        let mut all = Language::ALL.into_iter();
        all.find(|language| language.code().eq_ignore_ascii_case(name))
    }

    /// The language that the environment asks for, as GNU gettext reads it: the first of `LC_ALL`,
    /// `LC_MESSAGES` and `LANG` that is set; `LANGUAGE`, a list by preference, comes before it
    /// unless that one is `C` or `POSIX`.
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

    /// The translations from English; `None` for English itself.
    pub fn catalogue(self) -> Option<&'static Catalogue> {
        match self {
            Language::English => None,
            Language::French => Some(catalogue::french()),
        }
    }

    /// A phrase without arguments in this language.
    pub fn phrase(self, english: &'static str) -> &'static str {
        let translated = self
            .catalogue()
            .and_then(|catalogue| catalogue.phrase(english));
        translated.unwrap_or(english)
    }

    /// An English text in this language. A text without a translation, such as a message of the
    /// system, stays as it is, but for numbers of errors.
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
