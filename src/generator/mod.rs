//! Static site generators: the files of a site go in, its [`Generator`] and [`Conventions`] come
//! out.
//!
//! Everything that is particular to one generator is in the generator's own folder, with the
//! snippets that `init` writes. The rest of the program reaches it through its [`Spec`]. A new
//! generator is a folder and a line in [`ALL`].

mod astro;
mod config;
mod conventions;
mod dialect;
mod eleventy;
mod extensions;
mod files;
mod filter;
mod hugo;
mod jekyll;
mod kit;
mod none;
mod places;
mod register;
mod script;
mod setting;
mod shown;
mod zola;

use std::fmt;

pub use conventions::{Conventions, RelativeTo, Translations};
pub use dialect::{
    Dialect, DuplicateKeys, JsonFrontMatter, Markdown, Templates, Unclosed, YamlBooleans,
};
pub use extensions::{is_binary, is_html, is_markdown};
pub use files::{Files, Name};
pub use filter::{Decision, Filter};
pub use kit::{ConfigurationEdit, Edited, Kit, Own, Program, Snippet, Usage, UsedKey};
pub use places::output_below;
pub use setting::GeneratorSetting;
pub use shown::{ShownImage, ShownRecord, ShownText};

use crate::finding::Finding;
use crate::path::SitePath;
use files::Below;

/// The generators, in the order in which they are tried and listed.
pub static ALL: [Generator; 6] = [
    Generator(&jekyll::SPEC),
    Generator(&hugo::SPEC),
    Generator(&eleventy::SPEC),
    Generator(&zola::SPEC),
    Generator(&astro::SPEC),
    Generator::NONE,
];

/// A static site generator.
#[derive(Clone, Copy)]
pub struct Generator(&'static Spec);

/// Everything about one generator.
pub struct Spec {
    /// Its name in `generator:` and on the command line.
    pub name: &'static str,
    /// Its name in a sentence.
    pub title: &'static str,
    /// Whether the generator's own configuration exists.
    detect: fn(&dyn Files) -> bool,
    /// Whether other files suggest the generator, if no generator's configuration exists.
    guess: fn(&dyn Files) -> bool,
    conventions: fn(&dyn Files, &mut Vec<Finding>) -> Conventions,
    pub setup: Setup,
    /// What `init` writes and edits; `None` without a generator.
    pub kit: Option<Kit>,
    /// The program that builds the site; `None` without a generator.
    pub program: Option<kit::FindProgram>,
}

/// What the setup check needs to know about a generator.
pub struct Setup {
    /// Whether the generator publishes the site's files, so that the variants folder can be
    /// checked.
    pub publishes: bool,
    /// Whether the configuration is a program that may load the snippet as a plugin.
    pub configuration_is_program: bool,
    /// Hint how to make the generator publish a folder.
    pub publish_hint: fn(folder: &str) -> String,
    /// Hint how to make the generator enter a folder that its own rules pass over; `None` if it has
    /// no such rules.
    pub ignored_hint: Option<fn(folder: &SitePath) -> String>,
}

impl Generator {
    /// No generator: articles by `content:`, uploads published as they are.
    pub const NONE: Generator = Generator(&none::SPEC);

    pub fn spec(self) -> &'static Spec {
        self.0
    }

    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the generator with a name in lower case.
    pub fn by_name(name: &str) -> Option<Generator> {
        ALL.into_iter().find(|generator| generator.name() == name)
    }

    /// Returns the generator whose own configuration is in the folder: the first one, if several
    /// [match](Self::matching).
    pub fn detect(files: &dyn Files) -> Option<Generator> {
        ALL.into_iter()
            .find(|generator| (generator.0.detect)(files))
    }

    /// Returns all generators whose own configurations are in the folder.
    pub fn matching(files: &dyn Files) -> Vec<Generator> {
        let all = ALL.into_iter();
        all.filter(|generator| (generator.0.detect)(files))
            .collect()
    }

    /// Returns the generator of a folder: by its own configuration, or else by what packages and
    /// folders suggest.
    pub fn recognize(files: &dyn Files) -> Option<Generator> {
        Generator::detect(files)
            .or_else(|| ALL.into_iter().find(|generator| (generator.0.guess)(files)))
    }

    /// Returns the folders, at most two levels below, that have a generator's own configuration.
    /// Folders within one of them are left out.
    pub fn all_below(files: &dyn Files) -> Vec<(SitePath, Generator)> {
        let folders_in = |parent: &SitePath| -> Vec<SitePath> {
            let names = files.names(parent).into_iter();
            let entered = names.filter(|entry| {
                entry.is_folder
                    && !entry.name.starts_with(['.', '_'])
                    // A theme of Hexo has a `_config.yml` of its own.
                    && !["node_modules", "themes"].contains(&entry.name.as_str())
            });
            entered.map(|entry| parent.child(&entry.name)).collect()
        };
        let site = |folder: SitePath| -> Result<(SitePath, Generator), SitePath> {
            let below = Below {
                files,
                folder: folder.clone(),
            };
            match Generator::detect(&below) {
                Some(generator) => Ok((folder, generator)),
                None => Err(folder),
            }
        };
        let mut sites = Vec::new();
        let mut others = Vec::new();
        for folder in folders_in(&SitePath::root()) {
            match site(folder) {
                Ok(found) => sites.push(found),
                Err(folder) => others.push(folder),
            }
        }
        let second = others.iter().flat_map(folders_in);
        sites.extend(second.filter_map(|folder| site(folder).ok()));
        sites
    }

    /// Returns the hint that a folder below is a site of this generator.
    pub fn run_in(self, folder: &SitePath) -> String {
        let title = self.spec().title;
        format!("`{folder}` is a site for {title}: run planche there")
    }

    /// Returns the generator's conventions for a folder. `front_matter_limit` is in bytes. Errors
    /// in the generator's own configuration become findings, and its defaults apply.
    pub fn conventions(
        self,
        files: &dyn Files,
        front_matter_limit: usize,
    ) -> (Conventions, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut conventions = (self.0.conventions)(files, &mut findings);
        conventions.dialect.limit = front_matter_limit;
        (conventions, findings)
    }
}

impl PartialEq for Generator {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Generator {}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.title)
    }
}

/// Returns the text of `package.json`, which lists the npm dependencies of a site; empty if there
/// is none.
fn packages(files: &dyn Files) -> String {
    files
        .text(&SitePath::root().child("package.json"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::files::tests::Map;
    use super::*;

    #[test]
    fn names_are_distinct_and_lead_to_their_generator() {
        for generator in ALL {
            assert_eq!(Generator::by_name(generator.name()), Some(generator));
        }
        assert_eq!(Generator::by_name("auto"), None);
    }

    #[test]
    fn sites_in_folders_below_are_found() {
        for (files, expected) in [
            (
                &[("README.md", ""), ("docs/_config.yml", "")][..],
                Some(("docs", "jekyll")),
            ),
            (
                &[("a/b/hugo.toml", ""), ("z/astro.config.mjs", "")],
                Some(("z", "astro")),
            ),
            (
                &[("packages/site/config.toml", "base_url = 'x'")],
                Some(("packages/site", "zola")),
            ),
            (
                &[
                    ("node_modules/a/_config.yml", ""),
                    ("themes/a/_config.yml", ""),
                    ("a/b/c/hugo.toml", ""),
                ],
                None,
            ),
        ] {
            let found = Generator::all_below(&Map(files));
            let found = found
                .first()
                .map(|(folder, generator)| (folder.as_str(), generator.name()));
            assert_eq!(found, expected, "{files:?}");
        }
    }

    #[test]
    fn a_generator_is_recognized_by_its_configuration_or_by_its_folders() {
        for (files, expected) in [
            (&[("_config.yml", "")][..], Some("jekyll")),
            (
                &[("_config.yml", ""), ("package.json", "{\"hexo\": {}}")],
                None,
            ),
            (
                &[("_posts/a.md", ""), ("_layouts/a.html", "")],
                Some("jekyll"),
            ),
            (&[("hugo.toml", "")], Some("hugo")),
            (
                &[("config.toml", "title = 'A'"), ("content/a.md", "")],
                Some("hugo"),
            ),
            (&[("config.toml", "contentdir = 'x'")], Some("hugo")),
            (&[("config.toml", "StaticDir = 'x'")], Some("hugo")),
            (&[("config.toml", "baseURL = 'x'")], Some("hugo")),
            (&[("config.yaml", "baseURL: x\ntheme: t")], Some("hugo")),
            (
                &[("config.toml", "title = 'A'"), ("themes/t/a.html", "")],
                Some("hugo"),
            ),
            (
                &[("config.toml", "base_url = 'x'"), ("themes/t/a.html", "")],
                Some("zola"),
            ),
            (&[("config.toml", "[server]\nport = 1")], None),
            (&[("config.json", "{\"baseURL\": \"/api\"}")], None),
            (&[("config/_default/params.toml", "a = 1")], None),
            (&[("config/_default/hugo.toml", "a = 1")], Some("hugo")),
            (
                &[("config.toml", "base_url = 'x'"), ("content/a.md", "")],
                Some("zola"),
            ),
            (&[("eleventy.config.js", "")], Some("eleventy")),
            (&[("_data/a.js", ""), ("a.md", "")], Some("eleventy")),
            (&[("astro.config.ts", "")], Some("astro")),
            (
                &[("package.json", "{\"dependencies\":{\"astro\":\"5\"}}")],
                Some("astro"),
            ),
            (
                &[(
                    "package.json",
                    "{\"dependencies\":{\"@11ty/eleventy\":\"3\"}}",
                )],
                Some("eleventy"),
            ),
            (&[("package.json", "{}"), ("content/a.md", "")], None),
            (
                &[("_config.yml", ""), ("package.json", "{}")],
                Some("jekyll"),
            ),
            // Hexo.
            (
                &[
                    ("_config.yml", ""),
                    ("package.json", "{\"dependencies\":{\"hexo\":\"7\"}}"),
                    ("source/_posts/2026-01-02-a.md", ""),
                ],
                None,
            ),
        ] {
            let found = Generator::recognize(&Map(files));
            assert_eq!(found.map(Generator::name), expected, "{files:?}");
        }
    }
}
