//! `planche html`: built pages get `srcset`, and nothing else changes.

/// Files that are left unchanged, and folders that are refused.
mod bad;
/// Elements other than `<img>`, and rules with `select`.
mod elements;
/// RSS and Atom.
mod feeds;
/// Which dimensions and `sizes` an image gets.
mod layout;
/// The variants folder, the source folder, and runs after the first.
mod places;
/// `planche sizes`, in the browser.
mod sizes;

use crate::scratch::{Run, Scratch};

/// The attributes that planche writes, in the order in which it writes them.
const OURS: [&str; 7] = [
    "srcset",
    "sizes",
    "width",
    "height",
    "loading",
    "fetchpriority",
    "decoding",
];

/// Creates a built Jekyll site with three uploads, which are also in `_site`. `logo.png` has 150 ×
/// 75 pixels, the others 300 × 150.
fn site(pages: &[(&str, &str)]) -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", "url: https://example.org\n");
    for (name, page) in pages {
        site.write(&format!("_site/{name}"), page);
    }
    for folder in ["uploads", "_site/uploads"] {
        site.write(&format!("{folder}/a.png"), png(300, 150, 40));
        site.write(&format!("{folder}/b.png"), png(300, 150, 90));
        site.write(&format!("{folder}/logo.png"), png(150, 75, 140));
    }
    site
}

/// Returns a PNG with a gradient.
fn png(width: u32, height: u32, blue: u8) -> Vec<u8> {
    let pixel = |x: u32, y: u32| image::Rgb([(x % 256) as u8, (y % 256) as u8, blue]);
    let image = image::RgbImage::from_fn(width, height, pixel);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Runs `planche html`, and returns one of the pages.
#[track_caller]
fn rewritten(site: &Scratch, page: &str) -> String {
    site.planche(&["html", "_site"]).exits(0);
    site.text(&format!("_site/{page}"))
}

/// Runs `planche html` on a page with this body, and returns the new body.
#[track_caller]
fn body(site_files: &[(&str, &str)], body: &str) -> String {
    let page = format!("<!doctype html>{body}");
    let files: Vec<(&str, &str)> = [("index.html", page.as_str())].into_iter().collect();
    let site = site(&files);
    for (name, text) in site_files {
        site.write(name, text);
    }
    let page = rewritten(&site, "index.html");
    page.strip_prefix("<!doctype html>").unwrap().to_owned()
}

/// Returns an attribute of the `nth` `<img>`, counted from 0.
fn attribute(page: &str, nth: usize, name: &str) -> Option<String> {
    let tag = page.split("<img").nth(nth + 1).unwrap();
    let tag = &tag[..tag.find('>').unwrap()];
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest[..rest.find('"').unwrap()].to_owned())
}

/// Removes from a page the attributes that `planche html` has added after `<img`, if they are in
/// the order in which it writes them.
pub fn stripped(page: &str) -> String {
    let mut parts = page.split("<img");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let mut rest = part;
        for name in OURS {
            if let Some(after) = rest.strip_prefix(&format!(" {name}=\"")) {
                rest = &after[after.find('"').unwrap() + 1..];
            }
        }
        text.push_str("<img");
        text.push_str(rest);
    }
    text
}

#[test]
fn only_attributes_are_added_and_a_second_run_adds_none() {
    let page = "\u{feff}<!DOCTYPE html>\r\n<title>a &lt; b</title>\n<!-- <img src=/uploads/a.png> -->\n\
        <script>document.write('<img src=\"/uploads/a.png\">')</script>\n\
        <style>img{max-width:100%;height:auto}</style>\n\
        <img src='/uploads/a.png' alt=\"à < b\" >\n\
        <img\n  SRC=/uploads/b.png\n  data-x='\"'/>\n\
        <p>unclosed <b><i></p>\n<svg><image href=\"/uploads/a.png\"/></svg>\n\
        <noscript><img src=\"/uploads/a.png\"></noscript>\n\
        <img src=\"https://elsewhere.example/a.png\"><img src=\"data:image/gif;base64,AA==\">\n\
        <img src=\"/uploads/a.png\" srcset=\"/uploads/a.png 300w\" sizes=\"100vw\">\n\
        <img class=lazy data-src=\"/uploads/a.png\" src=\"/uploads/b.png\">\n\
        <img src=\"/uploads/a.png\" eleventy:ignore>\n\
        <div data-planche=\"off\"><p><img src=\"/uploads/a.png\"></p></div>\n\
        <img src=\"/uploads/a.png\" data-planche=off>\n\
        <img src=\"https://example.org/uploads/a.png?v=1#top\" loading=\"eager\" width=\"30\" height=\"15\">\n\
        <img src=\"/uploads/missing.png\"><img alt=\"none\"><img src=\"\">\nend";
    let site = site(&[("deep/er/index.html", page)]);
    let before = site.files();
    site.planche(&["html", "_site", "--check"]).exits(1);
    let shown = site.planche(&["html", "_site", "--dry-run"]).exits(0);
    assert!(
        shown.out.contains("would update deep/er/index.html"),
        "{shown:#?}"
    );
    assert_eq!(site.files(), before, "nothing is written");

    let new = rewritten(&site, "deep/er/index.html");
    assert_eq!(stripped(&new), page);
    let srcsets: Vec<bool> = new
        .split("<img")
        .skip(1)
        .map(|tag| tag.starts_with(" srcset="))
        .collect();
    // The images in order: in the comment, in the script, a, b, in `<noscript>`, elsewhere, data,
    // `srcset`, `data-src`, ignored, within off, off, absolute, missing, none, empty.
    let expected = [2, 3, 12];
    let found: Vec<usize> = (0..srcsets.len()).filter(|index| srcsets[*index]).collect();
    assert_eq!(found, expected);
    let url = attribute(&new, 12, "srcset").unwrap();
    assert!(
        url.starts_with("https://example.org/uploads/variants/a-300."),
        "{url}"
    );
    assert_eq!(attribute(&new, 12, "loading").as_deref(), Some("eager"));

    let after = site.files();
    let again = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    assert_eq!(again.count("/articles/changed"), 0);
    assert_eq!(again.count("/variants/written"), 0);
    assert_eq!(site.files(), after);
    site.planche(&["html", "_site", "--check"]).exits(0);
}

#[test]
fn the_dry_run_shows_a_diff_once_the_variants_exist() {
    let site = site(&[("index.html", "<p>\n<img src=/uploads/a.png>\n</p>\n")]);
    site.planche(&["html", "_site"]).exits(0);
    site.write("_site/index.html", "<p>\n<img src=/uploads/a.png>\n</p>\n");
    let Run { out, err, .. } = site.planche(&["html", "_site", "--dry-run"]).exits(0);
    assert!(
        out.starts_with("--- a/index.html\n+++ b/index.html\n"),
        "{out}"
    );
    assert!(
        out.contains("\n-<img src=/uploads/a.png>\n+<img srcset=\""),
        "{out}"
    );
    assert!(err.starts_with("would update 1 of 1 page"), "{err}");
}
