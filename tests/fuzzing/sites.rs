//! The fuzz target `sites`: any text as a settings file, a template or an article of a small site
//! of each generator, which is then checked as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use planche::internal::flow::{MissingVariants, Options, forecast};
use planche::internal::language::Language;
use planche::internal::project::Site;
use planche::internal::report::{Format, Localized, Report, Sources, Terminal};
use tempfile::TempDir;

use super::in_memory;

const IMAGE: &[u8] = include_bytes!("../../uploads/prague_schaer_CIO_une800.png");
const ARTICLE: &str =
    "---\ntitle: a\nlayout: default\nimage: /uploads/a.png\n---\n![A](/uploads/a.png)\n";

/// The files that an input may replace: the letter that its first byte is, the site and the path.
const FILES: [(u8, &str, &str); 17] = [
    (b'c', "jekyll", "_config.yml"),
    (b'l', "jekyll", "_layouts/default.html"),
    (b'i', "jekyll", "_includes/card.html"),
    (b'a', "jekyll", "_posts/2024-01-01-a.md"),
    (b'p', "jekyll", "planche.yml"),
    (b'd', "jekyll", "_data/cards.yml"),
    (b'h', "hugo", "hugo.toml"),
    (b't', "hugo", "layouts/_default/single.html"),
    (b'g', "hugo", "content/posts/a/index.md"),
    (b'e', "eleventy", "eleventy.config.js"),
    (b'n', "eleventy", "_includes/default.njk"),
    (b'b', "eleventy", "blog/a.md"),
    (b'z', "zola", "config.toml"),
    (b'y', "zola", "templates/page.html"),
    (b'x', "astro", "astro.config.mjs"),
    (b'o', "astro", "src/content.config.ts"),
    (b'm', "astro", "src/content/blog/a.mdx"),
];

/// What the sites contain where an input does not say otherwise.
const CONTENTS: [(&str, &str, &str); 16] = [
    (
        "jekyll",
        "_config.yml",
        "title: A\nplugins: [jekyll-seo-tag]\n",
    ),
    (
        "jekyll",
        "_layouts/default.html",
        "<img src=\"{{ page.image }}\">{% include card.html image=page.image %}{{ content }}",
    ),
    (
        "jekyll",
        "_includes/card.html",
        "<img src=\"{{ include.image | relative_url }}\">",
    ),
    ("jekyll", "_posts/2024-01-01-a.md", ARTICLE),
    (
        "hugo",
        "hugo.toml",
        "title = 'A'\n[module]\n[[module.mounts]]\nsource = 'content'\ntarget = 'content'\n",
    ),
    (
        "hugo",
        "layouts/_default/single.html",
        "{{ with .Params.image }}<img src=\"{{ . }}\">{{ end }}{{ .Content }}",
    ),
    ("hugo", "content/posts/a/index.md", ARTICLE),
    (
        "eleventy",
        "eleventy.config.js",
        "export default (c) => { c.addPassthroughCopy('uploads'); return { dir: { input: '.' } } }",
    ),
    (
        "eleventy",
        "_includes/default.njk",
        "<img src=\"{{ image }}\">{{ content | safe }}",
    ),
    ("eleventy", "blog/a.md", ARTICLE),
    ("zola", "config.toml", "base_url = 'https://x.fr'\n"),
    (
        "zola",
        "templates/page.html",
        "<img src=\"{{ page.extra.image }}\">{{ page.content | safe }}",
    ),
    (
        "zola",
        "content/a.md",
        "+++\ntitle = 'a'\n[extra]\nimage = '/uploads/a.png'\n+++\n",
    ),
    (
        "astro",
        "astro.config.mjs",
        "export default { site: 'https://x.fr', base: '/b' }",
    ),
    (
        "astro",
        "src/content.config.ts",
        "export const collections = { blog: defineCollection({ loader: glob({ pattern: '**/*.mdx', base: './src/content/blog' }) }) }",
    ),
    ("astro", "src/content/blog/a.mdx", ARTICLE),
];

static SITES: LazyLock<Mutex<Sites>> = LazyLock::new(|| Mutex::new(Sites::new()));

struct Sites {
    folder: PathBuf,
    /// What the files contain, apart from those of the images.
    contents: BTreeMap<(&'static str, &'static str), &'static str>,
    _removed: TempDir,
}

impl Sites {
    fn new() -> Self {
        let removed = in_memory::folder();
        let sites = Sites {
            folder: removed.path().to_owned(),
            contents: CONTENTS
                .iter()
                .map(|(site, file, text)| ((*site, *file), *text))
                .collect(),
            _removed: removed,
        };
        for ((site, file), text) in &sites.contents {
            write(&sites.folder.join(site).join(file), text.as_bytes());
            for folder in ["uploads", "static/uploads", "public/uploads"] {
                write(&sites.folder.join(site).join(folder).join("a.png"), IMAGE);
            }
        }
        sites
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Replaces one file of a site with the rest of the input, checks the site and prints the report.
pub fn check(bytes: &[u8]) {
    let Some((letter, text)) = bytes.split_first() else {
        return;
    };
    let Some((_, site, file)) = FILES.iter().find(|(own, ..)| own == letter) else {
        return;
    };
    let sites = SITES.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = sites.folder.join(site);
    write(&folder.join(file), text);
    report(&folder);
    match sites.contents.get(&(*site, *file)) {
        Some(text) => write(&folder.join(file), text.as_bytes()),
        None => fs::remove_file(folder.join(file)).unwrap(),
    }
}

fn report(folder: &Path) {
    let Ok(site) = Site::open(Some(folder), None) else {
        return;
    };
    let options = Options {
        threads: 1,
        ..Options::for_site(&site)
    };
    let Ok(summary) = forecast(&site, &options, MissingVariants::WouldBeWritten) else {
        return;
    };
    let french = Terminal {
        width: Some(60),
        language: Language::French,
        ..Terminal::default()
    };
    let sarif = Localized {
        format: Format::Sarif,
        language: Language::English,
    };
    let reports: [&dyn Report; 2] = [&french, &sarif];
    for report in reports {
        report
            .report(
                &summary,
                &Sources::of(&site),
                &mut io::sink(),
                &mut io::sink(),
            )
            .unwrap();
    }
}
