//! The requirements of tests beyond Rust: programs, the corpus, permissions, a fast enough machine.
//!
//! libtest cannot skip a test at run time, so a test that cannot run calls [`skip`] and returns.
//! Each skip is printed at once, bypassing libtest's capture, with the count so far. The test
//! target `tests_skipped`, which `cargo test` runs last, prints the total. `PLANCHE_REQUIRE=all`,
//! or a list of needs such as `chromium,vips`, turns these skips into failures.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// A requirement of a test that a machine may not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each test target uses a part")]
pub enum Need {
    Astro,
    Chromium,
    Corpus,
    Djpeg,
    Eleventy,
    Feedparser,
    HtmlValidate,
    Hugo,
    ImageMagick,
    InotifyQueue,
    Jekyll,
    JekyllTheme,
    Landlock,
    Moto,
    Mount,
    Proc,
    Python,
    Ray,
    Schemas,
    Speed,
    Strace,
    Vips,
}

impl Need {
    pub const ALL: [Need; 22] = [
        Need::Astro,
        Need::Chromium,
        Need::Corpus,
        Need::Djpeg,
        Need::Eleventy,
        Need::Feedparser,
        Need::HtmlValidate,
        Need::Hugo,
        Need::ImageMagick,
        Need::InotifyQueue,
        Need::Jekyll,
        Need::JekyllTheme,
        Need::Landlock,
        Need::Moto,
        Need::Mount,
        Need::Proc,
        Need::Python,
        Need::Ray,
        Need::Schemas,
        Need::Speed,
        Need::Strace,
        Need::Vips,
    ];

    /// Returns the name of the need in `PLANCHE_REQUIRE`.
    pub fn name(self) -> &'static str {
        match self {
            Need::Astro => "astro",
            Need::Chromium => "chromium",
            Need::Corpus => "corpus",
            Need::Djpeg => "djpeg",
            Need::Eleventy => "eleventy",
            Need::Feedparser => "feedparser",
            Need::HtmlValidate => "html-validate",
            Need::Hugo => "hugo",
            Need::ImageMagick => "imagemagick",
            Need::InotifyQueue => "inotify-queue",
            Need::Jekyll => "jekyll",
            Need::JekyllTheme => "jekyll-theme",
            Need::Landlock => "landlock",
            Need::Moto => "moto",
            Need::Mount => "mount",
            Need::Proc => "proc",
            Need::Python => "python",
            Need::Ray => "ray",
            Need::Schemas => "schemas",
            Need::Speed => "speed",
            Need::Strace => "strace",
            Need::Vips => "vips",
        }
    }

    /// Returns a hint about how to meet the need.
    pub fn hint(self) -> &'static str {
        match self {
            Need::Astro
            | Need::Eleventy
            | Need::Feedparser
            | Need::HtmlValidate
            | Need::Hugo
            | Need::Moto => "bash .ci/setup",
            Need::Chromium => "Chromium and playwright-core: bash .ci/setup",
            Need::Corpus => "set PLANCHE_CORPUS to its folder",
            Need::Djpeg => "Debian: apt-get install libjpeg-turbo-progs",
            Need::ImageMagick => "Debian: apt-get install imagemagick",
            Need::InotifyQueue => "fs.inotify.max_queued_events of at most 50000",
            Need::Jekyll => "Debian: apt-get install jekyll",
            Need::JekyllTheme => "a Jekyll that builds this theme",
            Need::Landlock => "Linux 6.12 or later with Landlock enabled",
            Need::Mount => "the right to mount a file system",
            Need::Proc => "a mounted /proc",
            Need::Python => "Debian: apt-get install python3",
            Need::Ray => "pip install ray, or in target/ray: python3 -m venv target/ray",
            Need::Schemas => "the schemas of SARIF and JUnit: bash .ci/setup",
            Need::Speed => "a machine that is less busy",
            Need::Strace => "Debian: apt-get install strace",
            Need::Vips => "Debian: apt-get install libvips-tools",
        }
    }

    fn is_required(self) -> bool {
        let required = std::env::var("PLANCHE_REQUIRE").unwrap_or_default();
        is_listed(&required, self)
    }
}

/// Returns whether the value of `PLANCHE_REQUIRE` lists a need. Panics if it contains an unknown
/// name.
fn is_listed(required: &str, need: Need) -> bool {
    let mut names = required.split([',', ' ']).filter(|name| !name.is_empty());
    names.any(|name| {
        let is_known = name == "all" || Need::ALL.iter().any(|need| need.name() == name);
        assert!(is_known, "PLANCHE_REQUIRE: unknown need `{name}`");
        name == "all" || name == need.name()
    })
}

/// Records that the current test is skipped because of an unmet need. The caller then returns.
///
/// # Panics
///
/// If `PLANCHE_REQUIRE` lists the need.
#[track_caller]
#[allow(dead_code, reason = "not every test target skips a test")]
pub fn skip(need: Need, why: &str) {
    static SKIPPED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let (name, hint) = (need.name(), need.hint());
    assert!(
        !need.is_required(),
        "needs {name}, which PLANCHE_REQUIRE asks for: {why} ({hint})"
    );
    let mut skipped = SKIPPED.lock().unwrap_or_else(PoisonError::into_inner);
    if !skipped.insert(format!("{test}\t{name}")) {
        return;
    }
    // libtest captures the output of `eprintln!`, but not what is written to standard error
    // directly.
    let count = skipped.len();
    let _ = writeln!(
        std::io::stderr(),
        "skipped ({count} so far): {test} needs {name}: {why} ({hint})"
    );
    let file = record().and_then(|path| {
        let mut options = OpenOptions::new();
        options.create(true).append(true).open(path).ok()
    });
    if let Some(mut file) = file {
        let _ = file.write_all(format!("{test}\t{name}\t{hint}\n").as_bytes());
    }
}

/// Returns the file that collects the skips of one `cargo test`, or `None` where there is no place
/// for it. All test targets of a run have the same parent process, whose id is in the file name.
pub fn record() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    // target/PROFILE/deps/PROGRAM
    let folder = program.parent()?.parent()?;
    let run = std::os::unix::process::parent_id();
    Some(folder.join(format!("skipped-tests-{run}")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_required_need_is_listed_or_all_are() {
        assert!(super::is_listed("chromium,vips", super::Need::Vips));
        assert!(super::is_listed("all", super::Need::Corpus));
        assert!(!super::is_listed("chromium vips", super::Need::Corpus));
        assert!(!super::is_listed("", super::Need::Corpus));
    }

    #[test]
    #[should_panic = "unknown need `chrome`"]
    fn a_name_that_is_no_needs_is_refused() {
        super::is_listed("chrome", super::Need::Vips);
    }
}
