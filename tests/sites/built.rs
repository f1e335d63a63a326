//! `planche html` on sites as their generators build them: templates and articles untouched.
//!
//! The browser loads the candidate that fits, every image keeps its box, nothing jumps, and the pages
//! without our attributes are the old ones.

use std::path::Path;

use super::browser::{self, Image, Seen};
use super::generators::fixture;
use super::pages;
use crate::html::stripped;
use crate::scratch::{Files, Scratch};

const VIEWS: [(u32, u32); 4] = [(375, 2), (768, 1), (1280, 1), (1440, 2)];

/// Rewrites the pages of a built site and compares them, as texts and in the browser.
#[track_caller]
fn check(site: &Scratch, built: &Path, pages: &[&str], name: &str) {
    let texts = || -> Files {
        let mut files = Scratch::copy_of(built).files();
        files.retain(|name, _| name.ends_with(".html"));
        files
    };
    let before = texts();
    let plain = browser::look(built, "", pages, &VIEWS);
    let folder = built.to_str().unwrap();
    let run = site.planche(&["html", folder, "--format", "json"]).exits(0);
    assert!(run.count("/articles/changed") > 0, "{run:#?}");
    for (name, text) in texts() {
        let [old, new] = [&before[&name], &text].map(|text| String::from_utf8_lossy(text));
        assert_eq!(stripped(&new), old, "{name}");
    }
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
