//! Zola: `content/` with colocated assets, and `static/`.

use super::{
    Conventions, Dialect, RelativeTo, Templates, folder, folder_or, output, settings, split_url,
    uploads,
};
use crate::config::{Generator, Glob};
use crate::finding::Finding;
use crate::path::SitePath;
use crate::site::root::Root;
use crate::site::walk::{Decision, Filter};

const CONFIG: [&str; 2] = ["zola.toml", "config.toml"];

/// Hugo has a `config.toml` too; only Zola's has a `base_url`.
pub(super) fn is_here(root: &Root) -> bool {
    settings::read(root, &CONFIG, &mut Vec::new(), |config| {
        config.text(&["base_url"]).is_some()
    })
}

pub(super) fn conventions(root: &Root, limit: usize, findings: &mut Vec<Finding>) -> Conventions {
    settings::read(root, &CONFIG, findings, |config| {
        let (host, base_path) = split_url(&config.text(&["base_url"]).unwrap_or_default());
        let ignored = config.list(&["ignored_content"]);
        Conventions {
            generator: Generator::Zola,
            settings: &CONFIG,
            dialect: Dialect {
                dots_close: false,
                toml: true,
                json: false,
                closes_at_line_end: true,
                leading_blanks: true,
                bom_hides: false,
                limit,
            },
            templates: Templates::Tera,
            list_parent: Some("extra"),
            needs_front_matter: true,
            starts: vec![folder("content")],
            filter: Box::new(Pages {
                ignored: ignored
                    .iter()
                    .filter_map(|glob| Glob::new(glob).ok())
                    .collect(),
            }),
            uploads: uploads("/", "static").into_iter().collect(),
            relative: vec![
                RelativeTo::Article,
                RelativeTo::Folder(folder("content")),
                RelativeTo::Folder(folder("static")),
            ],
            output: output("static/uploads/variants", "/uploads/variants/"),
            unpublished: Vec::new(),
            templates_in: ["templates", "themes"].map(folder).to_vec(),
            destination: folder_or(config.text(&["output_dir"]), "public"),
            hosts: host.into_iter().collect(),
            base_path,
        }
    })
}

struct Pages {
    ignored: Vec<Glob>,
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        !path.name().starts_with('.')
    }

    fn takes(&self, path: &SitePath) -> Decision {
        let below = path.below("content").unwrap_or_default();
        let is_ignored = self.ignored.iter().any(|glob| glob.matches(below));
        if path.extension() == "md" && !is_ignored {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}
