//! Hugo: `content/`, with `static/`, `assets/` and page bundles for pictures.

use super::{
    Conventions, Dialect, RelativeTo, Templates, folder, folder_or, is_page, output, settings,
    split_url, uploads,
};
use crate::config::Generator;
use crate::finding::Finding;
use crate::path::SitePath;
use crate::site::root::Root;
use crate::site::walk::{Decision, Filter};

const CONFIG: [&str; 12] = [
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/config.toml",
    "config/_default/config.yaml",
];

pub(super) fn is_here(root: &Root) -> bool {
    let (own, general) = CONFIG.split_at(4);
    own.iter().any(|name| root.is_file(name))
        || general.iter().any(|name| root.is_file(name))
            && (root.is_dir("content")
                || root.is_dir("archetypes")
                || root.is_dir("config/_default"))
}

pub(super) fn conventions(root: &Root, limit: usize, findings: &mut Vec<Finding>) -> Conventions {
    settings::read(root, &CONFIG, findings, |config| {
        let content = folder_or(config.text(&["contentDir"]), "content");
        let mut starts = vec![content];
        for language in config.names(&["languages"]) {
            starts.extend(
                config
                    .text(&["languages", &language, "contentDir"])
                    .and_then(|dir| SitePath::normalise(&dir)),
            );
        }
        // A language's folder may lie in another's.
        starts.sort();
        starts.dedup();
        let statics = match config.list(&["staticDir"]) {
            dirs if dirs.is_empty() => vec!["static".to_owned()],
            dirs => dirs,
        };
        let statics: Vec<SitePath> = statics.iter().map(|dir| folder(dir)).collect();
        let assets = folder_or(config.text(&["assetDir"]), "assets");
        let base = config
            .text(&["baseURL"])
            .or_else(|| config.text(&["baseurl"]));
        let (host, base_path) = split_url(&base.unwrap_or_default());
        let folders: Vec<SitePath> = statics.iter().cloned().chain([assets]).collect();
        let first = statics.first().cloned().unwrap_or_default();
        Conventions {
            generator: Generator::Hugo,
            settings: &CONFIG,
            dialect: Dialect {
                dots_close: false,
                toml: true,
                json: true,
                closes_at_line_end: false,
                leading_blanks: true,
                bom_hides: false,
                limit,
            },
            templates: Templates::Go,
            list_parent: None,
            needs_front_matter: false,
            starts,
            filter: Box::new(Pages),
            uploads: folders
                .iter()
                .filter_map(|dir| uploads("/", dir.as_str()))
                .collect(),
            unpublished: folders[statics.len()..].to_vec(),
            templates_in: ["layouts", "themes"].map(folder).to_vec(),
            relative: std::iter::once(RelativeTo::Article)
                .chain(folders.into_iter().map(RelativeTo::Folder))
                .collect(),
            output: output(&format!("{first}/uploads/variants"), "/uploads/variants/"),
            destination: folder_or(config.text(&["publishDir"]), "public"),
            hosts: host.into_iter().collect(),
            base_path,
        }
    })
}

struct Pages;

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        !path.name().starts_with('.')
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if is_page(path, &["adoc", "asciidoc", "pandoc", "pdc", "rst"])
            && !path.name().starts_with('.')
        {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}
