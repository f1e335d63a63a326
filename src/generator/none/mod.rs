//! No generator: articles by `content:` in `planche.yml`, uploads published as they are.

use super::extensions::is_page;
use super::places::{folder, output, uploads, within};
use super::{
    Conventions, Decision, Dialect, Files, Filter, Generator, JsonFrontMatter, RelativeTo, Setup,
    Spec, Templates, YamlBooleans,
};
use crate::finding::{Code, Finding};
use crate::path::SitePath;

pub(super) static SPEC: Spec = Spec {
    name: "none",
    title: "no generator",
    detect: |_| false,
    guess: |_| false,
    conventions,
    setup: Setup {
        // Another program does.
        publishes: false,
        configuration_is_program: false,
        publish_hint: |_| String::new(),
        ignored_hint: None,
    },
    kit: None,
    program: None,
};

/// Folders that frameworks publish at the site's root.
const PUBLISHED: [&str; 3] = ["public", "static", ".vuepress/public"];

/// Folders with the pages of VitePress and VuePress, which publish the `public` folder inside.
const DOCUMENTATION: [&str; 2] = ["docs", "documentation"];

/// Folders that generators use themselves: they contain no articles.
const INTERNAL: [&str; 6] = [
    "_site",
    "_includes",
    "_layouts",
    "_plugins",
    "_sass",
    "_build",
];

fn conventions(files: &dyn Files, findings: &mut Vec<Finding>) -> Conventions {
    let sites = Generator::all_below(files);
    findings.extend(sites.iter().map(|(folder, generator)| {
        let message = format!("`{folder}` is a separate site; its pages are left out");
        Finding::new(Code::LeftOut, message).hint(generator.run_in(folder))
    }));
    let published = published(files, &sites);
    let parent = match published.first() {
        Some(first) if !files.has_folder(&folder("uploads")) => first.clone(),
        _ => SitePath::root(),
    };
    Conventions {
        dialect: Dialect {
            toml: true,
            json: JsonFrontMatter::Object,
            languages: true,
            booleans: YamlBooleans::Psych,
            templates: Templates::Nunjucks,
            ..Dialect::common(usize::MAX)
        },
        needs_front_matter: true,
        uploads: published
            .iter()
            .chain([&SitePath::root()])
            .filter_map(|folder| uploads("/", folder.as_str()))
            .collect(),
        relative: vec![RelativeTo::Article, RelativeTo::Folder(SitePath::root())],
        output: output(
            within(&parent, "uploads/variants").as_str(),
            "/uploads/variants/",
        ),
        destination: SitePath::root().child("_site"),
        ..Conventions::common(
            Generator::NONE,
            Pages {
                sites: sites.into_iter().map(|(folder, _)| folder).collect(),
            },
        )
    }
}

/// Returns the folders that are published at the site's root: those in the root folder, and those
/// in a folder of documentation.
fn published(files: &dyn Files, sites: &[(SitePath, Generator)]) -> Vec<SitePath> {
    let mut published: Vec<SitePath> = PUBLISHED.into_iter().map(folder).collect();
    for entry in files.names(&SitePath::root()) {
        let parent = folder(&entry.name);
        if !entry.is_folder || sites.iter().any(|(site, _)| *site == parent) {
            continue;
        }
        let holds = |name: &str| files.has_folder(&parent.child(name));
        published.push(within(&parent, ".vuepress/public"));
        if DOCUMENTATION.contains(&parent.name()) || holds(".vitepress") {
            published.push(parent.child("public"));
        }
    }
    published.retain(|folder| files.has_folder(folder));
    published
}

struct Pages {
    /// Folders with the configuration of a generator, which have other conventions.
    sites: Vec<SitePath>,
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        let is_internal = path.name().starts_with('.') || INTERNAL.contains(&path.name());
        !is_internal && !self.sites.contains(path)
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if is_page(path, &[]) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::Map;
    use super::*;

    fn read(files: &[(&str, &str)]) -> Conventions {
        conventions(&Map(files), &mut Vec::new())
    }

    #[test]
    fn folders_with_an_underscore_may_hold_articles() {
        let read = read(&[]);
        for (path, expected) in [
            ("_posts", true),
            ("_data/guides", true),
            ("_site", false),
            (".github", false),
        ] {
            assert_eq!(read.filter.enters(&folder(path)), expected, "{path}");
        }
    }

    #[test]
    fn sites_below_are_left_out_and_named() {
        let mut findings = Vec::new();
        let files = [
            ("README.md", ""),
            ("docs/a.md", ""),
            ("web/hugo.toml", ""),
            ("web/exampleSite/hugo.toml", ""),
            ("packages/blog/astro.config.mjs", ""),
        ];
        let read = conventions(&Map(&files), &mut findings);
        for (path, expected) in [("docs", true), ("web", false), ("packages/blog", false)] {
            assert_eq!(read.filter.enters(&folder(path)), expected, "{path}");
        }
        let hints: Vec<&str> = findings
            .iter()
            .filter_map(|finding| finding.hint.as_deref())
            .collect();
        assert_eq!(
            hints,
            [
                "`web` is a site for Hugo: run planche there",
                "`packages/blog` is a site for Astro: run planche there",
            ]
        );
    }

    #[test]
    fn a_frameworks_public_folder_is_published() {
        for (files, dir) in [
            (&[("a.md", "")][..], "uploads/variants"),
            (
                &[("uploads/a.png", ""), ("public/b.png", "")],
                "uploads/variants",
            ),
            (&[("public/images/a.jpg", "")], "public/uploads/variants"),
            (
                &[("docs/a.md", ""), ("docs/public/images/a.jpg", "")],
                "docs/public/uploads/variants",
            ),
            (
                &[("docs/a.md", ""), ("docs/.vuepress/public/a.jpg", "")],
                "docs/.vuepress/public/uploads/variants",
            ),
            (
                &[
                    ("guide/.vitepress/config.ts", ""),
                    ("guide/public/a.jpg", ""),
                ],
                "guide/public/uploads/variants",
            ),
            (&[("guide/public/a.jpg", "")], "uploads/variants"),
        ] {
            let read = read(files);
            assert_eq!(read.output.dir.as_str(), dir, "{files:?}");
            assert_eq!(read.uploads.last().map(|last| last.dir.as_str()), Some(""));
        }
    }
}
