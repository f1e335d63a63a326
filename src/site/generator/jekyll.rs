//! Jekyll: posts, drafts, collections with output, and every page with front matter.

use super::{
    Conventions, Dialect, RelativeTo, Templates, folder, folder_or, is_binary, is_page, is_within,
    output, settings, split_url, uploads,
};
use crate::config::{Generator, Glob};
use crate::finding::Finding;
use crate::path::SitePath;
use crate::site::root::Root;
use crate::site::walk::{Decision, Filter};

const CONFIG: [&str; 3] = ["_config.yml", "_config.yaml", "_config.toml"];

pub(super) fn is_here(root: &Root) -> bool {
    CONFIG.iter().any(|name| root.is_file(name)) || root.is_dir("_posts") && root.is_dir("_layouts")
}

pub(super) fn conventions(root: &Root, limit: usize, findings: &mut Vec<Finding>) -> Conventions {
    settings::read(root, &CONFIG, findings, |config| {
        let source = folder_or(config.text(&["source"]), "");
        let collections_dir = config.text(&["collections_dir"]).unwrap_or_default();
        let collections = config.names(&["collections"]);
        let has_output = |name: &String| {
            config.text(&["collections", name, "output"]).as_deref() == Some("true")
        };
        let in_collections = |name: &str| {
            let dir = folder(&format!("{collections_dir}/_{name}"));
            at(&source, dir.as_str())
        };
        let uploads_collection = collections
            .iter()
            .any(|name| name == "uploads" && has_output(name));
        let uploads_dir = match in_collections("uploads") {
            dir if uploads_collection && root.is_dir(dir.as_str()) => dir,
            _ => at(&source, "uploads"),
        };
        let (host, _) = split_url(&config.text(&["url"]).unwrap_or_default());
        let (_, base_path) = split_url(&config.text(&["baseurl"]).unwrap_or_default());
        let articles = collections
            .iter()
            .filter(|name| has_output(name) && *name != "uploads")
            .map(|name| in_collections(name));
        let mut special: Vec<SitePath> = articles.collect();
        special.extend(["posts", "drafts"].map(in_collections));
        let globs = |patterns: Vec<String>| {
            patterns
                .iter()
                .filter_map(|pattern| Glob::new(pattern.trim_start_matches('/')).ok())
                .collect()
        };
        let destination = folder_or(config.text(&["destination"]), "_site");
        Conventions {
            generator: Generator::Jekyll,
            settings: &CONFIG,
            dialect: Dialect {
                dots_close: true,
                toml: false,
                json: false,
                closes_at_line_end: false,
                leading_blanks: false,
                bom_hides: true,
                limit,
            },
            templates: Templates::Liquid,
            list_parent: None,
            needs_front_matter: true,
            starts: vec![source.clone()],
            filter: Box::new(Pages {
                special,
                include: globs(config.list(&["include"])),
                exclude: globs(config.list(&["exclude"])),
                destination: destination.clone(),
                collections_dir: at(&source, folder(&collections_dir).as_str()),
                source: source.clone(),
            }),
            uploads: [
                uploads("/uploads/", uploads_dir.as_str()),
                uploads("/", source.as_str()),
            ]
            .into_iter()
            .flatten()
            .collect(),
            relative: vec![RelativeTo::Page, RelativeTo::Folder(source.clone())],
            output: output(&format!("{uploads_dir}/variants"), "/uploads/variants/"),
            unpublished: Vec::new(),
            templates_in: ["_layouts", "_includes", "_plugins"]
                .map(|name| at(&source, name))
                .to_vec(),
            destination,
            hosts: host.into_iter().collect(),
            base_path,
        }
    })
}

fn at(source: &SitePath, path: &str) -> SitePath {
    if path.is_empty() {
        return source.clone();
    }
    folder(&format!("{source}/{path}"))
}

struct Pages {
    source: SitePath,
    /// Folders whose every file with front matter is published.
    special: Vec<SitePath>,
    collections_dir: SitePath,
    include: Vec<Glob>,
    exclude: Vec<Glob>,
    destination: SitePath,
}

impl Pages {
    fn is_special(&self, path: &SitePath) -> bool {
        self.special.iter().any(|folder| is_within(path.as_str(), folder.as_str()))
            // Posts may lie in `_posts` below any folder.
            || path.as_str().split('/').any(|segment| segment == "_posts")
    }

    fn is_included(&self, path: &SitePath) -> bool {
        let below = path.below(self.source.as_str()).unwrap_or_default();
        self.include
            .iter()
            .any(|glob| glob.matches(path.name()) || glob.matches_or_holds(below))
    }

    fn is_excluded(&self, path: &SitePath) -> bool {
        let below = path.below(self.source.as_str()).unwrap_or_default();
        self.exclude.iter().any(|glob| glob.matches_or_holds(below))
    }

    /// Jekyll passes over names that begin so, unless they are included.
    fn is_hidden(&self, path: &SitePath) -> bool {
        path.name().starts_with(['_', '.', '#', '~']) || path.name().ends_with('~')
    }
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        if self.is_special(path)
            || self
                .special
                .iter()
                .any(|folder| is_within(folder.as_str(), path.as_str()))
        {
            return true;
        }
        if self.is_included(path) {
            return true;
        }
        let is_vendored = [
            "vendor/bundle",
            "vendor/cache",
            "vendor/gems",
            "vendor/ruby",
        ]
        .contains(&path.as_str());
        !(self.is_hidden(path)
            || self.is_excluded(path)
            || *path == self.destination
            || is_vendored
            || *path == self.collections_dir && !self.collections_dir.is_root())
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if self.is_special(path) {
            let is_static = is_binary(path) || path.name().starts_with('.');
            return if is_static {
                Decision::Leave
            } else {
                Decision::Page
            };
        }
        let shown = !self.is_hidden(path) || self.is_included(path);
        if shown && !self.is_excluded(path) && is_page(path, &[]) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}
