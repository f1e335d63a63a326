//! `planche html` on sites as their generators build them: templates and articles untouched.
//!
//! The browser loads the candidate that fits, every image keeps its box, nothing jumps, and the pages
//! without our attributes are the old ones.

use std::path::Path;
use std::process::Command;

use super::browser::{self, Image, Seen};
use super::generators::{fixture, on_path, tools};
use super::pages;
use crate::corpus;
use crate::html::stripped;
use crate::needs::{Need, skip};
use crate::scratch::{Files, Scratch};

const VIEWS: [(u32, u32); 4] = [(375, 2), (768, 1), (1280, 1), (1440, 2)];

/// The one page of the corpus with backgrounds and posters, which are edited in other ways.
const ODD: &str = "actualites/cas-limites-corps/index.html";

/// What html-validate finds in all pages of a folder, by rule; `None` if it is not installed.
fn errors(built: &Path) -> Option<serde_json::Value> {
    if !tools().join("node_modules/html-validate").is_dir() || on_path("node").is_none() {
        skip(
            Need::HtmlValidate,
            "`node` or html-validate is not installed",
        );
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/validate.mjs");
    let output = Command::new("node")
        .arg(script)
        .args([&tools(), built])
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(found["pages"].as_u64() > Some(0), "{found}");
    Some(found)
}

/// Rewrites the pages of a built site and compares them, as texts and in the browser.
#[track_caller]
fn check(site: &Scratch, built: &Path, pages: &[&str], name: &str) {
    let texts = || -> Files {
        let mut files = Scratch::copy_of(built).files();
        files.retain(|name, _| name.ends_with(".html"));
        files
    };
    let before = texts();
    let errors = errors(built);
    let plain = browser::look(built, "", pages, &VIEWS);
    let folder = built.to_str().unwrap();
    let run = site.planche(&["html", folder, "--format", "json"]).exits(0);
    assert!(run.count("/articles/changed") > 0, "{run:#?}");
    for (name, text) in texts() {
        let [old, new] = [&before[&name], &text].map(|text| String::from_utf8_lossy(text));
        if name != ODD {
            assert_eq!(stripped(&new), old, "{name}");
        }
    }
    assert_eq!(self::errors(built), errors, "{name}: html-validate");
    let seen = browser::look(built, "", pages, &VIEWS);
    let mut bytes = [0, 0];
    for (plain, seen) in plain.iter().zip(&seen) {
        let place = format!("{name} {} at {}@{}", seen.page, seen.width, seen.density);
        bytes = [bytes[0] + plain.bytes, bytes[1] + seen.bytes];
        compare(plain, seen, &place);
    }
    eprintln!("{name}: {} bytes of images, then {}", bytes[0], bytes[1]);
    assert!(bytes[1] < bytes[0] * 2 / 3, "{name}: {bytes:?}");
    site.planche(&["html", folder, "--check"]).exits(0);
}

#[track_caller]
fn compare(plain: &Seen, seen: &Seen, place: &str) {
    assert_eq!(plain.missing, seen.missing, "{place}");
    assert_eq!(plain.errors, seen.errors, "{place}");
    assert_eq!(seen.shift, 0.0, "{place}: it was {}", plain.shift);
    assert_eq!(plain.images.len(), seen.images.len(), "{place}");
    for (old, new) in plain.images.iter().zip(&seen.images) {
        let place = format!("{place}: {old:#?} {new:#?}");
        assert_eq!((&old.src, &old.alt), (&new.src, &new.alt), "{place}");
        assert!((old.width - new.width).abs() <= 1.0, "{place}");
        assert!((old.height - new.height).abs() <= 1.0, "{place}");
        if let Some(fitting) = fitting(new, seen) {
            assert_eq!(new.current, fitting, "{place}");
        }
    }
}

/// The candidate that Chromium takes; with `auto`, for the width of the box.
fn fitting(image: &Image, seen: &Seen) -> Option<String> {
    let sizes = image.sizes.as_deref()?;
    let of_box = Image {
        sizes: Some(match sizes.strip_prefix("auto, ") {
            Some(_) => format!("{}em", image.width / 16.0),
            None => sizes.to_owned(),
        }),
        srcset: image.srcset.clone(),
        src: image.src.clone(),
        alt: String::new(),
        loading: None,
        priority: None,
        current: String::new(),
        attributes: [None, None],
        ..*image
    };
    let (url, _) = browser::wanted(&of_box, seen.width, seen.density)?;
    Some(url)
}

#[track_caller]
fn check_generator(name: &str) {
    let generator = fixture(name);
    let Some((site, pages)) = pages::site(generator) else {
        return;
    };
    let built = generator.build(&site);
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    check(&site, &built, &pages, name);
}

#[test]
fn hugo_pages_are_rewritten() {
    check_generator("hugo");
}

#[test]
fn eleventy_pages_are_rewritten() {
    check_generator("eleventy");
}

#[test]
fn jekyll_pages_are_rewritten() {
    check_generator("jekyll");
}

/// A whole site of the corpus, built by Jekyll.
#[track_caller]
fn check_corpus(name: &str, prepare: fn(&Scratch), pages: &[&str]) {
    let generator = fixture("jekyll");
    let Some(sites) = corpus::folder("corpus/sites") else {
        return;
    };
    if !generator.is_here() || !browser::is_here() {
        return;
    }
    let site = Scratch::copy_of(&sites.join(name));
    prepare(&site);
    // Fewer and cheaper variants, of the same kind.
    for (preset, sizes) in [
        ("article", "(min-width: 50em) 48em, 100vw"),
        ("carousel", "100vw"),
    ] {
        let text = format!("widths: [320, 640, 960]\nsizes: \"{sizes}\"\neffort: 0\n");
        site.write(&format!("presets/{preset}.yml"), text);
    }
    let built = generator.build(&site);
    check(&site, &built, pages, name);
}

#[test]
fn a_site_of_the_state_is_rewritten() {
    let pages = [
        "index.html",
        "actualites/1-an-de-marche-public-simplifie-premier-bilan-en-images/index.html",
        "actualites/diaporama-trois-images/index.html",
    ];
    check_corpus("numerique-like-a", |_| {}, &pages);
}

/// A page around the text of an article.
fn plain_layout(site: &Scratch, names: &[&str]) {
    let page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{{ page.title }}</title>\
        <link rel=\"icon\" href=\"data:,\"><style>img{max-width:100%;height:auto}main{max-width:48em;margin:auto}</style>\
        </head><body><main>{{ content }}</main></body></html>\n";
    for layout in names {
        site.write(&format!("_layouts/{layout}.html"), page);
    }
}

/// Layouts for a site whose theme is no part of the corpus.
pub fn plain_layouts(site: &Scratch) {
    plain_layout(site, &["article", "article-alt", "index"]);
    let config = site.text("_config.yml");
    let (before, after) = config.split_once("plugins:\n").unwrap();
    let (_, after) = after.split_once("\n\n").unwrap();
    site.write("_config.yml", format!("{before}{after}"));
}

#[test]
fn the_open_source_guides_are_rewritten() {
    let pages = ["metrics/index.html", "fr/legal/index.html"];
    check_corpus("opensource-guide-jekyll", plain_layouts, &pages);
}

#[test]
fn the_blog_of_a_state_programme_is_rewritten() {
    let prepare = |site: &Scratch| {
        plain_layout(
            site,
            &["blog", "default", "defi", "personne", "post", "tag-archive"],
        );
        let config = site.text("_config.yml");
        let is_kept = |line: &&str| !line.starts_with("plugins:") && !line.starts_with("gems:");
        let config: Vec<&str> = config.lines().filter(is_kept).collect();
        site.write("_config.yml", config.join("\n"));
        // The corpus has no includes; `stripped` takes an author's `width` for ours if it is first.
        for name in site.names() {
            let left_out = match name.rsplit_once('.') {
                Some((_, "md")) => "<img width=",
                Some((path, "html")) if !path.starts_with("_layouts/") => "{% include",
                _ => continue,
            };
            if site.text(&name).contains(left_out) {
                std::fs::remove_file(site.path(&name)).unwrap();
            }
        }
    };
    let pages = [
        "blog/2019/08/30/demonstrations-accessibilite-numerique.html",
        "blog/2019/05/27/retour-seminaire-mai-2019.html",
    ];
    check_corpus("eig-jekyll", prepare, &pages);
}
