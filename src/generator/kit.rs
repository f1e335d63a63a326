//! The files that `planche init` writes for a generator, and its instructions for the owner.

use super::Files;

/// The files and messages of `init` for one generator.
pub struct Kit {
    /// Files for the site's templates.
    pub snippets: &'static [Snippet],
    /// A file of the site or its theme that has the same purpose as a snippet.
    pub own: fn(&dyn Files, &Snippet) -> Option<String>,
    /// A file that makes the generator run planche before each build.
    pub hook: Option<Snippet>,
    /// What to do if there is no hook.
    pub without_hook: &'static str,
    /// The generator's own build command.
    pub build: &'static str,
    /// Where to use the snippets: lines of text and, indented, of template code.
    pub usage: &'static str,
    /// The change to the generator's own configuration that keeps our files out of the site.
    pub configuration: Option<ConfigurationEdit>,
}

/// A file that is compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Its path in a site.
    pub path: &'static str,
    pub text: &'static str,
}

/// The file `snippets/PATH` in the folder of the module that names it.
macro_rules! snippet {
    ($path:literal) => {
        $crate::generator::Snippet {
            path: $path,
            text: include_str!(concat!("snippets/", $path)),
        }
    };
}
pub(super) use snippet;

/// An edit of the generator's own configuration.
pub struct ConfigurationEdit {
    /// The names of the configuration, in the order in which they are tried.
    pub files: &'static [&'static str],
    /// The key that the edit adds to.
    pub key: &'static str,
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
