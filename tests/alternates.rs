use std::io::Cursor;

use crate::scratch::{Run, Scratch};
use crate::sites::browser;

const PRESET: &str = "widths: [100, 200]\nsizes: 50vw\neffort: 0\nlossless: always\nsources:\n\
    - { media: \"(prefers-color-scheme: dark)\", from: \"{stem}-dark\" }\n\
    - { media: \"(max-width: 40em)\", aspect: 1/1 }\n";
const ARTICLE: &str = "---\nimage: /uploads/a.png\n---\n";

/// A PNG of one color.
fn png(width: u32, height: u32, color: [u8; 3]) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(width, height, image::Rgb(color));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

const LIGHT: [u8; 3] = [250, 250, 250];
const DARK: [u8; 3] = [10, 20, 30];

fn site() -> Scratch {
    let site = Scratch::site();
    site.write("presets/card.yml", PRESET);
    site.write("articles/a.md", ARTICLE);
    site.write("uploads/a.png", png(200, 100, LIGHT));
    site
}

/// Returns the pixel in the middle of a variant, and the dimensions of the variant.
fn middle(site: &Scratch, name: &str) -> ([u8; 3], (u32, u32)) {
    let bytes = std::fs::read(site.path(name)).unwrap();
    let image = image::load_from_memory(&bytes).unwrap().into_rgb8();
    let (width, height) = image.dimensions();
    (image.get_pixel(width / 2, height / 2).0, (width, height))
}

fn notices(run: &Run) -> Vec<(Option<String>, String)> {
    let found = run.findings().into_iter();
    let found = found.filter(|found| found.code == "source-missing");
    found.map(|found| (found.file, found.message)).collect()
}

#[test]
fn a_dark_file_is_a_source_of_its_own() {
    let site = site();
    site.write("uploads/a-dark.png", png(150, 50, DARK));
    let run = site.planche(&["build", "--format", "json"]).exits(0);
    assert_eq!(notices(&run), []);
    let article = site.text("articles/a.md");
    let record: serde_json::Value = {
        let front = article.split("---\n").nth(1).unwrap();
        serde_yaml::from_str(front).unwrap()
    };
    let sources = record["image_responsive"]["sources"].as_array().unwrap();
    let media: Vec<&str> = sources
        .iter()
        .map(|source| source["media"].as_str().unwrap())
        .collect();
    assert_eq!(
        media,
        ["(prefers-color-scheme: dark)", "(max-width: 40em)"],
        "{article}"
    );
    let srcset = sources[0]["srcset"].as_str().unwrap();
    let dark: Vec<(&str, &str)> = srcset
        .split(", ")
        .map(|entry| entry.trim().split_once(' ').unwrap())
        .collect();
    // Variants are never wider than the file: 150 pixels, not 200.
    let widths: Vec<&str> = dark.iter().map(|(_, width)| *width).collect();
    assert_eq!(widths.last(), Some(&"150w"), "{article}");
    for (url, _) in &dark {
        assert!(url.starts_with("/uploads/variants/a-dark-"), "{url}");
        assert_eq!(middle(&site, &url[1..]).0, DARK, "{url}");
    }
    assert_eq!(sources[0]["width"], 150);
    assert_eq!(sources[0]["height"], 50);
    let light = record["image_responsive"]["src"].as_str().unwrap();
    assert_eq!(middle(&site, &light[1..]), (LIGHT, (200, 100)));

    let variants = site.variants();
    site.planche(&["check"]).exits(0);
    let again = site.planche(&["build", "--format", "json"]).exits(0);
    assert_eq!(again.count("/variants/written"), 0);
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), variants, "all are in use");
    site.planche(&["verify"]).exits(0);

    // A changed dark file results in other variants and another record.
    site.write("uploads/a-dark.png", png(150, 50, [90, 90, 90]));
    site.planche(&["check"]).exits(1);
    site.planche(&[]).exits(0);
    assert_ne!(site.text("articles/a.md"), article);
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text("articles/a.md"), ARTICLE);
}

#[test]
fn an_image_without_a_dark_file_is_shown_as_it_is() {
    let site = site();
    let run = site.planche(&["build", "--format", "json"]).exits(0);
    assert_eq!(notices(&run), []);
    let article = site.text("articles/a.md");
    assert!(!article.contains("prefers-color-scheme"), "{article}");
    assert!(article.contains("(max-width: 40em)"), "{article}");

    site.write("articles/b.md", "---\nimage: /uploads/b.png\n---\n");
    site.write("articles/c.md", "---\nimage: /uploads/c.png\n---\n");
    site.write("uploads/b.png", png(200, 100, [1, 2, 3]));
    site.write("uploads/b-dark.png", png(200, 100, [4, 5, 6]));
    site.write("uploads/c.png", png(200, 100, [7, 8, 9]));
    let run = site.planche(&["build", "--format", "json"]).exits(0);
    let message = "there is no `{stem}-dark` beside `uploads/a.png` and 1 more, unlike 1 other image with the preset `card` (referenced at articles/a.md:2:8)";
    let expected = (Some("uploads/a.png".to_owned()), message.to_owned());
    assert_eq!(notices(&run), [expected]);
    assert!(site.text("articles/b.md").contains("prefers-color-scheme"));
    assert_eq!(site.text("articles/a.md"), article);
}

#[test]
fn a_broken_dark_file_is_reported_and_left_out() {
    let site = site();
    site.write("uploads/a-dark.png", "no image");
    let run = site.planche(&["build", "--format", "json"]).exits(1);
    let findings = run.findings();
    let file = findings
        .iter()
        .find(|found| found.file.as_deref() == Some("uploads/a-dark.png"));
    assert!(file.is_some(), "{findings:?}");
    let article = site.text("articles/a.md");
    assert!(
        article.contains("image_responsive") && !article.contains("dark"),
        "{article}"
    );
}

#[test]
fn built_pages_and_the_manifest_have_the_dark_source() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: x\n");
    site.write("planche.yml", "output: { manifest: _data/images.json }\n");
    site.write("presets/article.yml", PRESET);
    site.write("index.md", "---\ntitle: x\n---\n![x](/uploads/a.png)\n");
    for folder in ["uploads", "_site/uploads"] {
        site.write(&format!("{folder}/a.png"), png(200, 100, LIGHT));
        site.write(&format!("{folder}/a-dark.png"), png(200, 100, DARK));
    }
    site.planche(&[]).exits(0);
    let manifest = site.text("_data/images.json");
    assert!(
        manifest.contains("(prefers-color-scheme: dark)"),
        "{manifest}"
    );
    let icon = "<link rel=\"icon\" href=\"data:,\">";
    site.write(
        "_site/index.html",
        format!("{icon}<img src=/uploads/a.png>"),
    );
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    assert_eq!(run.count("/variants/written"), 0, "`build` has made them");
    let page = site.text("_site/index.html");
    let start = "<picture><source media=\"(prefers-color-scheme: dark)\" type=\"image/webp\" srcset=\"/uploads/variants/a-dark-";
    let image = page.strip_prefix(icon).unwrap();
    assert!(image.starts_with(start), "{page}");
    site.planche(&["html", "_site", "--check"]).exits(0);
    if !browser::is_here() {
        return;
    }
    let built = site.path("_site");
    for (scheme, is_dark) in [("dark", true), ("light", false)] {
        for seen in browser::look_in(scheme, &built, &["index.html"], &[(800, 1), (375, 2)]) {
            let current = &seen.images[0].current;
            let place = format!("{scheme} at {}: {current}", seen.width);
            assert_eq!(current.contains("/variants/a-dark-"), is_dark, "{place}");
            assert_eq!(seen.missing.len() + seen.errors.len(), 0, "{seen:?}");
        }
    }
}

#[test]
fn a_pattern_that_names_no_other_file_is_an_error() {
    let site = site();
    site.write(
        "presets/card.yml",
        PRESET.replace("{stem}-dark", "dark/{stem}"),
    );
    let run = site.planche(&["build", "--format", "json"]).exits(2);
    let finding = &run.findings()[0];
    assert_eq!(finding.file.as_deref(), Some("presets/card.yml"));
    assert_eq!(finding.line, Some(6));
    assert!(
        finding.message.contains("dark/{stem}"),
        "{}",
        finding.message
    );
}
