//! No generator: articles by the globs of `planche.yml`, uploads as they lie.

use super::{Conventions, Dialect, RelativeTo, Templates, is_page, output, uploads};
use crate::config::Generator;
use crate::path::SitePath;
use crate::site::walk::{Decision, Filter};

pub(super) fn conventions(limit: usize) -> Conventions {
    Conventions {
        generator: Generator::None,
        settings: &[],
        dialect: Dialect {
            dots_close: false,
            toml: true,
            json: true,
            closes_at_line_end: false,
            leading_blanks: false,
            bom_hides: false,
            limit,
        },
        templates: Templates::Nunjucks,
        list_parent: None,
        needs_front_matter: true,
        starts: vec![SitePath::root()],
        filter: Box::new(Pages),
        uploads: uploads("/", "").into_iter().collect(),
        relative: vec![RelativeTo::Article, RelativeTo::Folder(SitePath::root())],
        output: output("uploads/variants", "/uploads/variants/"),
        unpublished: Vec::new(),
        templates_in: Vec::new(),
        destination: SitePath::root().child("_site"),
        hosts: Vec::new(),
        base_path: String::new(),
    }
}

struct Pages;

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        !path.name().starts_with(['.', '_'])
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if is_page(path, &[]) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}
