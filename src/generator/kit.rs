//! The files that `planche init` writes for a generator, and its instructions for the owner.

use super::{Files, ShownImage};
use crate::path::SitePath;

/// The files and messages of `init` for one generator.
pub struct Kit {
    /// Files for the site's templates.
    pub snippets: &'static [Snippet],
    /// A file of the site or its theme that has the same purpose as a snippet.
    pub own: fn(&dyn Files, &Snippet) -> Option<String>,
    /// A file for sites with the DSFR, the design system of the French state.
    pub dsfr: Option<Snippet>,
    /// A file that makes the generator run planche before each build.
    pub hook: Option<Snippet>,
    /// What to do if there is no hook.
    pub without_hook: &'static str,
    /// The generator's own build command.
    pub build: &'static str,
    /// Where to use the snippets, and what else to do.
    pub usage: fn(&Usage<'_>) -> Vec<String>,
    /// The template code that shows an image by the snippet; `None` if that cannot be written in
    /// the place of the `<img>`.
    pub image: fn(&ShownImage<'_>) -> Option<String>,
    /// The template code that shows a text by the snippet, instead of an output of this expression;
    /// `None` for any other expression, or if texts need no snippet.
    pub text: fn(expression: &str) -> Option<&'static str>,
    /// Whether `init` may put such code into templates: it needs nothing else in the file.
    pub applies: bool,
    /// Where a snippet goes in a site with these files, if not to its own path.
    pub place: fn(&dyn Files, &Snippet) -> Option<SitePath>,
    /// The change to the generator's own configuration that keeps our files out of the site.
    pub configuration: Option<ConfigurationEdit>,
    /// The change to the generator's own configuration that registers our plugin.
    pub register: Option<ConfigurationEdit>,
}

/// The site for which the use of snippets is explained.
pub struct Usage<'s> {
    pub files: &'s dyn Files,
    /// The suffix of the records' keys, such as `_responsive`.
    pub suffix: &'s str,
    /// The key of the list of records.
    pub list_key: &'s str,
    /// The snippets that the site has.
    pub has: &'s dyn Fn(&Snippet) -> bool,
    /// The keys of the site's images, the most frequent one first; at least one.
    pub keys: &'s [UsedKey],
}

/// A key of the front matter that names an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedKey {
    /// The keys of the mappings that it is in, from the outermost.
    pub parents: Vec<String>,
    pub image: String,
    /// The key of the alternative text beside it.
    pub alt: String,
}

impl Usage<'_> {
    /// The expressions of an image, of its record and of its alternative text, for a template;
    /// `of` makes one from keys.
    pub(super) fn expressions(&self, of: impl Fn(&[&str]) -> String) -> [String; 3] {
        let key = &self.keys[0];
        let record = key.record(self.suffix);
        [&key.image, &record, &key.alt].map(|last| {
            let parents = key.parents.iter().map(String::as_str);
            let path: Vec<&str> = parents.chain([last.as_str()]).collect();
            of(&path)
        })
    }
}

impl UsedKey {
    /// A key in no mapping.
    pub fn top(image: &str) -> Self {
        UsedKey {
            parents: Vec::new(),
            image: image.to_owned(),
            alt: format!("{image}_alt"),
        }
    }

    /// The key of its record.
    pub fn record(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.image)
    }
}

/// `a.b`, or `a["b-c"]` for a key that is no name.
pub(super) fn member(object: &str, keys: &[&str]) -> String {
    keys.iter().fold(object.to_owned(), |object, key| {
        if is_name(key) {
            format!("{object}.{key}")
        } else {
            format!("{object}[\"{key}\"]")
        }
    })
}

/// Whether a key can be written after a full stop in all template languages.
pub(super) fn is_name(key: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    key.chars().all(is_part) && !key.starts_with(|c: char| c.is_ascii_digit())
}

/// A file that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Its path in a site.
    pub path: &'static str,
    text: &'static str,
}

impl Snippet {
    /// A snippet with these texts.
    pub(super) const fn new(path: &'static str, text: &'static str) -> Self {
        Snippet { path, text }
    }

    /// The text for a site whose records have these keys.
    pub fn text(&self, suffix: &str, list_key: &str) -> String {
        // One key may contain the other.
        let parts = self.text.split("responsive_images");
        let parts = parts.map(|part| part.replace("_responsive", suffix));
        parts.collect::<Vec<_>>().join(list_key)
    }
}

/// The file `snippets/PATH` in the folder of the module that names it.
macro_rules! snippet {
    ($path:literal) => {
        $crate::generator::Snippet::new($path, include_str!(concat!("snippets/", $path)))
    };
}
pub(super) use snippet;

/// An edit of the generator's own configuration.
pub struct ConfigurationEdit {
    /// The names of the configuration, in the order in which they are tried.
    pub files: &'static [&'static str],
    /// The key that the edit adds to; `None` if it adds statements to a program.
    pub key: Option<&'static str>,
    /// What the edit adds, to be shown.
    pub adds: &'static str,
    /// The edit of a configuration's bytes; the second argument is its name.
    pub apply: fn(&[u8], &str) -> Edited,
}

/// The result of an edit.
#[derive(Debug, PartialEq, Eq)]
pub enum Edited {
    /// The new text, and how to take the edit back.
    Text { text: String, undo: String },
    /// The configuration already has the setting.
    Unchanged,
    /// It cannot be edited safely, and why.
    Refused(&'static str),
}

/// How to find out whether a generator is installed.
pub struct Program {
    pub name: &'static str,
    /// The npm package that brings it, if there is one.
    pub package: Option<&'static str>,
    /// How to install it.
    pub hint: &'static str,
}

/// The program that builds a site with these files.
pub type FindProgram = fn(&dyn Files) -> Program;
