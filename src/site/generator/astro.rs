//! Astro: `src/content/` and the Markdown in `src/pages/`, with `public/` for pictures.

use super::{Conventions, Dialect, RelativeTo, Templates, folder, is_page, output, uploads};
use crate::config::Generator;
use crate::path::SitePath;
use crate::site::root::Root;
use crate::site::walk::{Decision, Filter};

const CONFIG: [&str; 5] = [
    "astro.config.mjs",
    "astro.config.js",
    "astro.config.ts",
    "astro.config.cjs",
    "astro.config.mts",
];

pub(super) fn is_here(root: &Root) -> bool {
    CONFIG.iter().any(|name| root.is_file(name))
}

/// Content collections lie there, and nowhere else by that name.
pub(super) fn is_likely(root: &Root, packages: &str) -> bool {
    packages.contains("\"astro\"") || root.is_dir("src/content")
}

pub(super) fn conventions(_root: &Root, limit: usize) -> Conventions {
    Conventions {
        generator: Generator::Astro,
        settings: &CONFIG,
        dialect: Dialect {
            dots_close: false,
            toml: true,
            json: false,
            closes_at_line_end: false,
            leading_blanks: true,
            bom_hides: false,
            limit,
        },
        templates: Templates::Plain,
        list_parent: None,
        needs_front_matter: false,
        starts: vec![folder("src/content"), folder("src/pages")],
        filter: Box::new(Pages),
        uploads: uploads("/", "public").into_iter().collect(),
        relative: vec![RelativeTo::Article, RelativeTo::Folder(folder("public"))],
        output: output("public/uploads/variants", "/uploads/variants/"),
        unpublished: Vec::new(),
        templates_in: vec![folder("src")],
        destination: folder("dist"),
        hosts: Vec::new(),
        base_path: String::new(),
    }
}

struct Pages;

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        !path.name().starts_with('.')
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if is_page(path, &[]) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}
