//! Each site has the seed article and others of the corpus, with their images. The tests check, at
//! five sizes of window: which candidate the browser takes, that nothing is missing and nothing
//! jumps, how much is loaded, and that the same site without records shows the same images.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::browser::{self, Image, Seen, VIEWS};
use super::generators::{Fixture, fixture};
use crate::corpus;
use crate::scratch::{Files, Scratch, changed};

/// The images are as wide as their place in the layouts: 62em, or the window.
const RULES: &str = "\
rules:
- { at: \"une-ou-diaporama[].image\", preset: carousel }
- { at: \"extra.une-ou-diaporama[].image\", preset: carousel }
- { at: image, preset: carousel }
";

/// A site of the corpus's content: the path of an article in the corpus, and its name here.
struct Content {
    articles: &'static [(&'static str, &'static str)],
    /// Folders of images, and their paths below the published folder.
    pictures: &'static [(&'static str, &'static str)],
}

const SEED: (&str, &str) = (
    "seed/2023-01-03-feuille-de-route-du-numerique-public.markdown",
    "feuille-de-route",
);
const ROW: (&str, &str) = (
    "corpus/sites/numerique-like-a/_actualites/diaporama-trois-images.markdown",
    "diaporama",
);
const UPLOADS: (&str, &str) = ("corpus/sites/numerique-like-a/uploads", "uploads");

fn content(generator: &Fixture) -> Content {
    match generator.name {
        "jekyll" => Content {
            articles: &[
                SEED,
                ROW,
                (
                    "corpus/sites/numerique-like-a/_publications/tech-strategie-2023-2025.markdown",
                    "strategie",
                ),
            ],
            pictures: &[UPLOADS, ("corpus/sites/numerique-like-a/assets", "assets")],
        },
        "hugo" => Content {
            articles: &[
                SEED,
                (
                    "corpus/sites/grpc-hugo/content/en/blog/grpconf-2024-videos.md",
                    "conference",
                ),
                (
                    "corpus/sites/grpc-hugo/content/en/blog/robotics.md",
                    "robotics",
                ),
            ],
            pictures: &[("corpus/sites/grpc-hugo/static/img", "img")],
        },
        "eleventy" => Content {
            articles: &[
                SEED,
                (
                    "corpus/sites/communs-11ty/posts/le-sill-et-codegouvfr-font-peau-neuve.md",
                    "peau-neuve",
                ),
                (
                    "corpus/sites/communs-11ty/posts/partenariat-pour-un-gouvernement-ouvert-quels-engagements-autour-des-logiciels-libres.md",
                    "partenariat",
                ),
            ],
            pictures: &[("corpus/sites/communs-11ty/img", "img")],
        },
        // Zola, Astro and future generators.
        _ => Content {
            articles: &[
                SEED,
                ROW,
                (
                    "corpus/sites/numerique-like-a/_pages/ressources-presse.md",
                    "presse",
                ),
            ],
            pictures: &[UPLOADS, ("corpus/sites/numerique-like-a/assets", "assets")],
        },
    }
}

/// The site without records, and the names of its articles. `None` if a program or the corpus is
/// missing.
pub fn site(generator: &Fixture) -> Option<(Scratch, Vec<String>)> {
    let root = corpus::folder("")?;
    if !browser::is_here() {
        return None;
    }
    let site = generator.site("")?;
    site.write(
        "planche.yml",
        format!("generator: {}\n{RULES}", generator.name),
    );
    for (name, sizes) in [
        ("article", "(min-width: 50em) 48em, 100vw"),
        ("carousel", "(min-width: 62em) 62em, 100vw"),
    ] {
        // The built-in presets with fewer widths, to save time.
        site.write(
            &format!("presets/{name}.yml"),
            format!("widths: [320, 640, 960, 1280, 1920]\nsizes: \"{sizes}\"\neffort: 0\n"),
        );
    }
    let published = generator.published;
    site.copy_upload(
        "prague_schaer_CIO_une800.png",
        &format!("{published}uploads/prague_schaer_CIO_une800.png"),
    );
    let content = content(generator);
    for (from, to) in content.pictures {
        let pictures = Scratch::copy_of(&root.join(from));
        for (name, bytes) in pictures.files() {
            site.write(&format!("{published}{to}/{name}"), bytes);
        }
    }
    let mut pages = Vec::new();
    for (from, name) in content.articles {
        let text = fs::read_to_string(root.join(from)).unwrap();
        // A layout of the site it comes from.
        let text: String = text
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("layout: "))
            .collect();
        generator.write_article(&site, &format!("{name}.md"), &text);
        pages.push(format!("{name}/"));
    }
    Some((site, pages))
}

/// The files that a generator has written.
fn published(folder: &Path) -> Files {
    Scratch::copy_of(folder).files()
}

fn check(generator: &Fixture) {
    let Some((site, pages)) = site(generator) else {
        return;
    };
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let folder = generator.articles;
    let articles = || -> Files {
        let mut files = site.files();
        files.retain(|name, _| name.starts_with(folder));
        files
    };
    let before = articles();
    let built = generator.build(&site);
    let plain = browser::look(&built, "", &pages, &VIEWS[..1]);

    let run = site.planche(&["--format", "json"]).exits(0);
    assert!(
        run.count("/articles/changed") == pages.len() as u64,
        "{run:#?}"
    );
    generator.build(&site);
    let seen = browser::look(&built, "", &pages, &VIEWS);
    assert_eq!(seen.len(), pages.len() * VIEWS.len());
    for page in &seen {
        check_page(generator, page);
    }
    check_savings(generator, &plain, &seen);

    // Nothing is left to do, for either program.
    let first = published(&built);
    let files = site.files();
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(
        run.count("/articles/changed") + run.count("/variants/written"),
        0
    );
    assert_eq!(changed(&files, &site.files()), [""; 0], "{generator:?}");
    generator.build(&site);
    assert_eq!(
        changed(&first, &published(&built)),
        [""; 0],
        "{generator:?}"
    );

    site.planche(&["strip"]).exits(0);
    assert_eq!(changed(&before, &articles()), [""; 0], "{generator:?}");
}

fn check_page(generator: &Fixture, page: &Seen) {
    let place = format!(
        "{generator:?} {} at {}@{}",
        page.page, page.width, page.density
    );
    assert_eq!(page.missing, [""; 0], "{place}");
    assert_eq!(page.errors, [""; 0], "{place}");
    assert_eq!(page.shift, 0.0, "{place}");
    assert!(!page.images.is_empty(), "{place}");
    for (index, image) in page.images.iter().enumerate() {
        let place = format!("{place}: {image:#?}");
        let expected = if index == 0 {
            ("eager", Some("high"))
        } else {
            ("lazy", None)
        };
        let loading = image.loading.as_deref().unwrap();
        assert_eq!((loading, image.priority.as_deref()), expected, "{place}");
        match browser::wanted(image, page.width, page.density) {
            Some((url, slot)) => {
                assert_eq!(image.current, url, "{place}");
                // The browser's natural width is the file's, divided by the density from
                // the descriptor: the slot's, if the file is as wide as its descriptor.
                assert!(
                    (f64::from(image.natural) - slot).abs() <= 1.0,
                    "{slot} {place}"
                );
                assert!(
                    image.width <= slot + 1.0,
                    "sizes says less than the layout: {place}"
                );
            }
            None => assert!(
                image.srcset.is_none() && image.current == image.src,
                "{place}"
            ),
        }
        // The height matches its attributes, for its width; an author may use `width="50%"`.
        let sides: Vec<f64> = (image.attributes.iter().flatten())
            .filter_map(|side| side.parse().ok())
            .collect();
        if let [width, height] = sides[..] {
            assert!(
                (image.height - image.width * height / width).abs() <= 1.0,
                "{place}"
            );
        } else {
            assert!(image.attributes.iter().any(Option::is_some), "{place}");
        }
    }
    assert!(
        page.images.iter().any(|image| image.srcset.is_some()),
        "{place}"
    );
}

fn check_savings(generator: &Fixture, plain: &[Seen], seen: &[Seen]) {
    let small = seen
        .iter()
        .filter(|page| (page.width, page.density) == VIEWS[0]);
    let small: BTreeMap<&str, &Seen> = small.map(|page| (page.page.as_str(), page)).collect();
    let alt = |image: &Image| image.alt.clone();
    let (mut before, mut after) = (0, 0);
    for plain in plain {
        let page = small[plain.page.as_str()];
        let alts = |page: &Seen| -> Vec<String> { page.images.iter().map(alt).collect() };
        assert_eq!(alts(page), alts(plain), "{generator:?} {}", plain.page);
        assert_eq!(plain.missing, [""; 0], "{generator:?} {}", plain.page);
        before += plain.bytes;
        after += page.bytes;
    }
    eprintln!("{generator:?} at 375@2: {before} bytes of images without records, {after} with");
    assert!(
        after > 0 && after * 3 <= before,
        "{generator:?}: {after} of {before}"
    );
}

#[test]
fn jekyll_pages_load_what_fits() {
    check(fixture("jekyll"));
}

#[test]
fn hugo_pages_load_what_fits() {
    check(fixture("hugo"));
}

#[test]
fn eleventy_pages_load_what_fits() {
    check(fixture("eleventy"));
}

#[test]
fn zola_pages_load_what_fits() {
    check(fixture("zola"));
}

#[test]
fn astro_pages_load_what_fits() {
    check(fixture("astro"));
}
