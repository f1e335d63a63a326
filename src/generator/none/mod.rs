//! No generator: articles by `content:` in `planche.yml`, uploads published as they are.

use super::extensions::is_page;
use super::places::{output, uploads};
use super::{
    Conventions, Decision, Dialect, Files, Filter, Generator, JsonFrontMatter, RelativeTo, Setup,
    Spec, Templates, YamlBooleans,
};
use crate::finding::Finding;
use crate::path::SitePath;

pub(super) static SPEC: Spec = Spec {
    name: "none",
    title: "no generator",
    detect: |_| false,
    guess: |_| false,
    conventions,
    setup: Setup {
        // Something else does.
        publishes: false,
        configuration_is_program: false,
        publish_hint: |_| String::new(),
        ignored_hint: None,
    },
    kit: None,
    program: None,
};

fn conventions(_: &dyn Files, _: &mut Vec<Finding>) -> Conventions {
    Conventions {
        generator: Generator::NONE,
        settings: Vec::new(),
        settings_folders: Vec::new(),
        dialect: Dialect {
            toml: true,
            json: JsonFrontMatter::Object,
            languages: true,
            booleans: YamlBooleans::Psych,
            templates: Templates::Nunjucks,
            ..Dialect::common(usize::MAX)
        },
        list_parent: None,
        needs_front_matter: true,
        starts: vec![SitePath::root()],
        filter: Box::new(Pages),
        uploads: uploads("/", "").into_iter().collect(),
        relative: vec![RelativeTo::Article, RelativeTo::Folder(SitePath::root())],
        page_depths: Vec::new(),
        aliases: Vec::new(),
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
