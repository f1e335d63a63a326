//! Files that `planche init` writes for a generator, and instructions for the owner of the site.

use super::{Files, ShownImage};
use crate::path::SitePath;

/// The files and messages of `init` for one generator.
pub struct Kit {
    /// Files for the site's templates.
    pub snippets: &'static [Snippet],
    /// Returns a file of the site or its theme that has the same purpose as a snippet, whose text
    /// in this site is the last argument. The snippet itself is no such file.
    pub own: fn(&dyn Files, &Snippet, text: &str) -> Option<Own>,
    /// A file for sites with the DSFR, the design system of the French state.
    pub dsfr: Option<Snippet>,
    /// A file that makes the generator run planche before each build.
    pub hook: Option<Snippet>,
    /// Instruction for sites without a hook.
    pub without_hook: &'static str,
    /// The generator's own build command.
    pub build: &'static str,
    /// Returns instructions: where to use the snippets, and what else to do.
    pub usage: fn(&Usage<'_>) -> Vec<String>,
    /// Returns the template code that shows an image with the snippet; `None` if it cannot be
    /// written in place of the `<img>`.
    pub image: fn(&ShownImage<'_>) -> Option<String>,
    /// Returns the template code that shows a text with the snippet, in place of an output of this
    /// expression; `None` for any other expression, or if texts need no snippet.
    pub text: fn(expression: &str) -> Option<String>,
    /// Returns the template code that shows a text of the front matter with the snippet, in place
    /// of an output of this expression, which may have filters; `None` as for `text`. `images` is
    /// the expression of the list of records, unless the text is the page's own.
    pub text_of_key: fn(expression: &str, images: Option<&str>) -> Option<String>,
    /// Extensions of templates that cannot use the snippet: components of other frameworks.
    pub foreign: &'static [&'static str],
    /// Whether `init` may put such code into templates, as it needs nothing else in the file.
    pub applies: bool,
    /// Returns where a snippet goes in a site with these files, if not to its own path.
    pub place: fn(&dyn Files, &Snippet) -> Option<SitePath>,
    /// Edit of the generator's own configuration that keeps our files out of the site.
    pub configuration: Option<ConfigurationEdit>,
    /// Edit of the generator's own configuration that registers our plugin.
    pub register: Option<ConfigurationEdit>,
}

/// The site for which the use of snippets is explained.
pub struct Usage<'s> {
    pub files: &'s dyn Files,
    /// Suffix of the keys of records, such as `_responsive`.
    pub suffix: &'s str,
    /// Key of the list of records.
    pub list_key: &'s str,
    /// Whether the configuration registers the plugin.
    pub is_registered: bool,
    /// Whether the site has a snippet.
    pub has: &'s dyn Fn(&Snippet) -> bool,
    /// Keys of the site's images, the most frequent one first; at least one.
    pub keys: &'s [UsedKey],
}

/// A front-matter key that names an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedKey {
    /// Keys of the mappings around it, from the outermost.
    pub parents: Vec<String>,
    pub image: String,
    /// Key of the alt text beside it.
    pub alt: String,
}

impl Usage<'_> {
    /// Returns the template expressions of an image, its record and its alt text. `of` converts a
    /// path of keys into an expression.
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
    /// Returns a key in no mapping.
    pub fn top(image: &str) -> Self {
        UsedKey {
            parents: Vec::new(),
            image: image.to_owned(),
            alt: format!("{image}_alt"),
        }
    }

    /// Returns the key of its record.
    pub fn record(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.image)
    }
}

/// Formats the access to nested keys: `a.b`, or `a["b-c"]` for a key that is not a name.
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

/// A file that is compiled into the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Path of the file in a site.
    pub path: &'static str,
    text: &'static str,
}

impl Snippet {
    /// Creates a snippet.
    pub(super) const fn new(path: &'static str, text: &'static str) -> Self {
        Snippet { path, text }
    }

    /// Returns the text for a site whose records have these keys.
    pub fn text(&self, suffix: &str, list_key: &str) -> String {
        // Not by two replacements: one of the new keys may contain an old one.
        let parts = self.text.split("responsive_images");
        let parts = parts.map(|part| part.replace("_responsive", suffix));
        parts.collect::<Vec<_>>().join(list_key)
    }
}

/// Includes the file `snippets/PATH` of the folder of the module that calls it.
macro_rules! snippet {
    ($path:literal) => {
        $crate::generator::Snippet::new($path, include_str!(concat!("snippets/", $path)))
    };
}
pub(super) use snippet;

/// A file of the site or its theme that has the same purpose as a snippet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub path: SitePath,
    /// Whether it uses our other snippets already, so that there is nothing to add to it.
    pub is_ready: bool,
}

/// An edit of the generator's own configuration.
pub struct ConfigurationEdit {
    /// Possible names of the configuration, in the order in which they are tried.
    pub files: &'static [&'static str],
    /// Key that the edit adds to; `None` if it adds statements to a program.
    pub key: Option<&'static str>,
    /// What the edit adds, as text for messages.
    pub adds: &'static str,
    /// Edits the bytes of a configuration; the second argument is its name.
    pub apply: fn(&[u8], &str) -> Edited,
}

/// The result of an edit.
#[derive(Debug, PartialEq, Eq)]
pub enum Edited {
    /// The new text, and an instruction to undo the edit.
    Text { text: String, undo: String },
    /// The configuration already has the setting.
    Unchanged,
    /// The configuration cannot be edited safely, for this reason.
    Refused(&'static str),
}

/// The program of a generator, which may or may not be installed.
pub struct Program {
    pub name: &'static str,
    /// npm package that contains the program, if there is one.
    pub package: Option<&'static str>,
    /// Instruction to install the program.
    pub hint: &'static str,
}

/// Returns the program that builds a site with these files.
pub type FindProgram = fn(&dyn Files) -> Program;
