//! Jekyll: posts, drafts, collections, and every page with front matter.

mod exclude;
mod pages;
mod pattern;
mod text;

use super::config::{Keys, Value};
use super::extensions::is_markdown;
use super::kit::{ConfigurationEdit, Program, snippet};
use super::places::{folder, folder_or, output, split_url, uploads, within};
use super::shown::named;
use super::{
    Conventions, Dialect, Files, Generator, Kit, Markdown, RelativeTo, Setup, ShownImage,
    ShownRecord, ShownText, Spec, Templates, YamlBooleans, packages,
};
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use pages::Pages;
use pattern::Pattern;
use text::{text, text_of_key};

const CONFIG: [&str; 3] = ["_config.yml", "_config.yaml", "_config.toml"];

pub(super) static SPEC: Spec = Spec {
    name: "jekyll",
    title: "Jekyll",
    detect,
    guess,
    conventions,
    setup: Setup {
        publishes: true,
        configuration_is_program: false,
        publish_hint: |_| {
            "name a published folder with `output: { dir: …, url: … }` in planche.yml".to_owned()
        },
        ignored_hint: Some(|ignored| {
            format!(
                "list `{ignored}` under `include:` in _config.yml, or name another folder with `output: {{ dir: …, url: … }}` in planche.yml"
            )
        }),
    },
    kit: Some(Kit {
        snippets: &[
            snippet!("_includes/planche.html"),
            snippet!("_includes/planche-content.html"),
        ],
        own: |_, _, _| None,
        dsfr: Some(snippet!("_includes/planche-dsfr.html")),
        hook: Some(snippet!("_plugins/planche.rb")),
        without_hook: "",
        build: "jekyll build",
        usage: |site| {
            let [image, record, alt] = site.expressions(|keys| format!("page.{}", keys.join(".")));
            vec![format!(
                "in your layouts:\n  \
                 to show a front-matter image: {{% include planche.html src={image} record={record} alt={alt} %}}\n  \
                 in place of {{{{ content }}}}: {{% include planche-content.html %}}\n"
            )]
        },
        image,
        text,
        text_of_key,
        foreign: &[],
        applies: true,
        place: |_, _| None,
        register: None,
        configuration: Some(ConfigurationEdit {
            files: &CONFIG,
            key: Some("exclude"),
            adds: exclude::ADDS,
            apply: exclude::add,
        }),
    }),
    program: Some(program),
};

/// Returns the include that shows an image. Its parameters are names joined by `.`, or quoted
/// texts.
fn image(shown: &ShownImage<'_>) -> Option<String> {
    let plain = |expression: &str| -> Option<String> {
        let plain = expression.replace("[0]", ".first").replace("[-1]", ".last");
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        plain.chars().all(is_word).then_some(plain)
    };
    let alt = match shown.alt {
        ShownText::Expression(expression) => plain(expression)?,
        ShownText::Literal(_) => shown.alt.argument()?,
    };
    let src = plain(shown.src)?;
    let record = match shown.record {
        ShownRecord::Beside(record) => format!("record={}", plain(record)?),
        ShownRecord::In(list) => format!("images={}", plain(list)?),
    };
    let others = named(
        &[("class", shown.class), ("loading", shown.loading)],
        " ",
        "=",
    )?;
    Some(format!(
        "{{% include planche.html src={src} {record} alt={alt}{others} %}}"
    ))
}

fn detect(files: &dyn Files) -> bool {
    // A Hexo site, which has Hexo in `package.json`, has a configuration of the same name.
    let is_of_hexo = || packages(files).contains("\"hexo\":");
    CONFIG.iter().any(|name| files.has_file(&folder(name))) && !is_of_hexo()
        || files.has_folder(&folder("_posts")) && files.has_folder(&folder("_layouts"))
}

/// Recognizes Jekyll by articles in `_posts`, where no other generator keeps them.
fn guess(files: &dyn Files) -> bool {
    let is_dated = |name: &str| {
        let mut parts = name.splitn(4, '-');
        let are_numbers = parts
            .by_ref()
            .take(3)
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        are_numbers && parts.next().is_some()
    };
    let posts = files.names(&folder("_posts"));
    posts.iter().any(|entry| is_dated(&entry.name))
}

fn program(files: &dyn Files) -> Program {
    // Bundler runs the Jekyll of the site's Gemfile.
    if files.has_file(&folder("Gemfile")) {
        return Program {
            name: "bundle",
            package: None,
            hint: "install Bundler, then run `bundle install`",
        };
    }
    Program {
        name: "jekyll",
        package: None,
        hint: "install it with `gem install jekyll`, or your system's package",
    }
}

fn conventions(files: &dyn Files, findings: &mut Vec<Finding>) -> Conventions {
    let config = Value::first(files, &CONFIG, Keys::Exact, findings);
    let source = folder_or(config.text(&["source"]), "");
    let data_dir = config.text(&["data_dir"]);
    let data_dir = within(&source, data_dir.as_deref().unwrap_or("_data"));
    let collections_dir = config.text(&["collections_dir"]).unwrap_or_default();
    let collections_dir = within(&source, &collections_dir);
    let collections = config.names(&["collections"]);
    let folder_of = |name: &str| within(&collections_dir, &format!("_{name}"));
    let publishes_uploads = config
        .text(&["collections", "uploads", "output"])
        .as_deref()
        == Some("true");
    let uploads_dir = match folder_of("uploads") {
        dir if publishes_uploads && files.has_folder(&dir) => dir,
        _ => within(&source, "uploads"),
    };
    let (host, of_url) = split_url(&config.text(&["url"]).unwrap_or_default());
    let (_, base_path) = split_url(&config.text(&["baseurl"]).unwrap_or_default());
    // Some sites have their whole address in `url`.
    let base_path = match base_path.is_empty() && host.is_some() {
        true => of_url,
        false => base_path,
    };
    // Layouts may also show documents of a collection without `output: true`.
    let articles = collections.iter().filter(|name| *name != "uploads");
    let mut special: Vec<SitePath> = articles.map(|name| folder_of(name)).collect();
    special.extend(["posts", "drafts"].map(folder_of));
    let destination = folder_or(config.text(&["destination"]), "_site");
    let mut page_depths = vec![(
        source.clone(),
        pages::depth(&config.text(&["permalink"]).unwrap_or_default()),
    )];
    page_depths.extend(collections.iter().map(|name| {
        let permalink = config.text(&["collections", name, "permalink"]);
        let permalink = permalink.unwrap_or_else(|| "/:collection/:path".to_owned());
        (folder_of(name), pages::depth(&permalink))
    }));
    let include = config.list(&["include"]);
    let mut exclude = config.list(&["exclude"]);
    exclude.retain(|pattern| !include.contains(pattern));
    let conventions = Conventions {
        settings: CONFIG.map(folder).to_vec(),
        dialect: Dialect {
            dots_close: true,
            // `Jekyll::PostReader` does not look for front matter before it reads a file.
            bom_hides_outside: Some(&["_posts", "_drafts"]),
            booleans: YamlBooleans::Psych,
            page_keys: &["permalink", "redirect_from", "redirect_to", "slug"],
            templates: Templates::Liquid,
            markdown: markdown(&config),
            ..Dialect::common(usize::MAX)
        },
        needs_front_matter: true,
        starts: vec![source.clone()],
        uploads: [
            uploads("/uploads/", uploads_dir.as_str()),
            uploads("/", source.as_str()),
        ]
        .into_iter()
        .flatten()
        .collect(),
        relative: vec![RelativeTo::Page, RelativeTo::Folder(source.clone())],
        page_depths,
        output: output(&format!("{uploads_dir}/variants"), "/uploads/variants/"),
        templates_in: ["_layouts", "_includes", "_plugins"]
            .map(|name| within(&source, name))
            .to_vec(),
        default_layouts: config
            .items(&["defaults"])
            .iter()
            .filter_map(|item| item.text(&["values", "layout"]))
            .collect(),
        data_in: vec![data_dir],
        destination: destination.clone(),
        hosts: host.into_iter().collect(),
        base_path,
        ..Conventions::common(
            Generator(&SPEC),
            Pages {
                source,
                special,
                collections_dir: collections_dir.clone(),
                include: Pattern::all(&include),
                exclude: Pattern::all(&exclude),
                destination,
            },
        )
    };
    findings.extend(unlisted_collections(files, &conventions, &collections_dir));
    conventions
}

/// Returns findings about folders that look like collections and contain pages, but that the
/// configuration does not name: Jekyll ignores them.
fn unlisted_collections(
    files: &dyn Files,
    conventions: &Conventions,
    collections_dir: &SitePath,
) -> Vec<Finding> {
    const INTERNAL: [&str; 7] = [
        "_data",
        "_includes",
        "_layouts",
        "_plugins",
        "_sass",
        "_site",
        "_uploads",
    ];
    let entries = files.names(collections_dir).into_iter();
    let folders = entries.filter_map(|entry| {
        let name = entry.name.strip_prefix('_')?;
        let folder = collections_dir.child(&entry.name);
        let is_ignored = entry.is_folder
            && !INTERNAL.contains(&entry.name.as_str())
            && folder != conventions.destination
            && !conventions.filter.enters(&folder);
        (is_ignored && holds_page(files, &folder)).then(|| (name.to_owned(), folder))
    });
    folders
        .map(|(name, folder)| {
            let message = format!(
                "`{folder}` contains pages, but the configuration has no collection `{name}`"
            );
            Finding::new(Code::LeftOut, message).hint(format!(
                "add `{name}` to `collections:` in _config.yml, if its pages belong to the site"
            ))
        })
        .collect()
}

/// Whether a folder directly contains Markdown with front matter.
fn holds_page(files: &dyn Files, folder: &SitePath) -> bool {
    let names = files.names(folder).into_iter();
    names
        .map(|entry| folder.child(&entry.name))
        .filter(is_markdown)
        .any(|path| {
            files
                .text(&path)
                .is_some_and(|text| text.starts_with("---"))
        })
}

/// Returns the Markdown dialect selected by `markdown:` and `kramdown:`.
fn markdown(config: &Value) -> Markdown {
    let engine = config.text(&["markdown"]).unwrap_or_default();
    if engine.to_ascii_lowercase().starts_with("commonmark") {
        return Markdown::CommonMark;
    }
    let parse = config.text(&["kramdown", "parse_block_html"]);
    Markdown::Kramdown {
        parse_block_html: parse.is_some_and(|text| YamlBooleans::Psych.read(&text) == Some(true)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decision;
    use super::super::files::tests::Map;
    use super::*;

    #[test]
    fn posts_alone_suggest_jekyll() {
        for (name, expected) in [
            ("_posts/2024-01-31-a.md", true),
            ("_posts/a.md", false),
            ("_posts/2024-01-a.md", false),
            ("posts/2024-01-31-a.md", false),
        ] {
            assert_eq!(guess(&Map(&[(name, "")])), expected, "{name}");
        }
    }

    #[test]
    fn every_collection_but_the_uploads_contains_articles() {
        let files = Map(&[(
            "_config.yml",
            "collections_dir: c\ncollections:\n  team: { output: false }\n  news:\n    output: true\n  uploads: { output: true }\nkramdown: { parse_block_html: true }\n",
        )]);
        let conventions = conventions(&files, &mut Vec::new());
        for (path, expected) in [
            ("c/_team/ana.md", true),
            ("c/_news/a.md", true),
            ("c/_posts/2024-01-01-a.md", true),
            ("c/_uploads/a.md", false),
            ("c/_other/a.md", false),
        ] {
            let path = SitePath::normalise(path).unwrap();
            assert_eq!(
                conventions.filter.enters(&path.parent()),
                expected,
                "{path}"
            );
        }
        assert_eq!(
            conventions.dialect.markdown,
            Markdown::Kramdown {
                parse_block_html: true
            }
        );
    }

    /// Expected: what Jekyll 4.3.1 reads of a site with these files.
    #[test]
    fn exclude_and_include_count_for_posts_and_collections() {
        const FILES: [&str; 7] = [
            "_posts/2020-01-01-a.md",
            "_posts/2020-01-02-b.md",
            "_posts/sub/2020-01-05-e.md",
            "_team/ana.md",
            "_team/old/bob.md",
            "blog/_posts/2020-01-06-f.md",
            "page.md",
        ];
        for (config, expected) in [
            ("", &[0, 1, 2, 3, 4, 5, 6][..]),
            ("exclude: [_posts/2020-01-01-a.md]", &[1, 2, 3, 4, 5, 6]),
            ("exclude: [_posts]", &[3, 4, 5, 6]),
            ("exclude: ['_posts/*']", &[3, 4, 5, 6]),
            ("exclude: [_posts/2020]", &[2, 3, 4, 5, 6]),
            ("exclude: [_team/old]", &[0, 1, 2, 3, 5, 6]),
            ("exclude: ['_team/o*']", &[0, 1, 2, 3, 5, 6]),
            ("exclude: ['*.md']", &[]),
            ("exclude: [/_posts/sub/]", &[0, 1, 3, 4, 5, 6]),
            (
                "exclude: [_posts/2020-01-01-a.md]\ninclude: [2020-01-01-a.md]",
                &[0, 1, 2, 3, 4, 5, 6],
            ),
            ("exclude: ['**/2020-01-01-a.md']", &[1, 2, 3, 4, 5, 6]),
            ("exclude: [2020-01-01-a.md]", &[0, 1, 2, 3, 4, 5, 6]),
            ("exclude: [blog]", &[0, 1, 2, 3, 4, 6]),
            ("exclude: [blog/_posts]", &[0, 1, 2, 3, 4, 6]),
            (
                "exclude: [_team/]\ninclude: [_team/]",
                &[0, 1, 2, 3, 4, 5, 6],
            ),
            ("exclude: ['_posts/2020-01-0[12]*']", &[2, 3, 4, 5, 6]),
        ] {
            let config = format!("collections: {{ team: {{ output: true }} }}\n{config}\n");
            let files = Map(&[("_config.yml", &config)]);
            let conventions = conventions(&files, &mut Vec::new());
            let reads = |path: &&str| {
                let path = SitePath::normalise(path).unwrap();
                let parent = path.parent();
                let is_reached = parent.name() != "_posts"
                    || parent.parent().is_root()
                    || conventions.filter.enters(&parent.parent());
                is_reached && conventions.filter.takes(&path) == Decision::Page
            };
            let expected: Vec<&str> = expected.iter().map(|at| FILES[*at]).collect();
            let found: Vec<&str> = FILES.into_iter().filter(reads).collect();
            assert_eq!(found, expected, "{config}");
        }
    }

    #[test]
    fn pages_in_a_folder_that_no_collection_names_are_reported() {
        let files = Map(&[
            (
                "_config.yml",
                "collections: { team: { output: true } }\ninclude: [_pages]\n",
            ),
            ("_team/a.md", "---\n---\n"),
            ("_pages/a.md", "---\n---\n"),
            ("_posts/2024-01-01-a.md", "---\n---\n"),
            ("_resources/a.md", "---\n---\n"),
            ("_notes/a.md", "plain\n"),
            ("_layouts/a.md", "---\n---\n"),
        ]);
        let mut findings = Vec::new();
        conventions(&files, &mut findings);
        let messages: Vec<&str> = findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(
            messages,
            ["`_resources` contains pages, but the configuration has no collection `resources`"]
        );
    }
}
