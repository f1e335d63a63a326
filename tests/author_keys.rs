//! Focal points and alt text that the program writes for the author, and undoes.

use std::sync::atomic::AtomicBool;

use planche::internal::flow::{Edit, Edited, Options, build, edit, undo};
use planche::internal::path::SitePath;

use crate::scratch::Scratch;

static RUN: AtomicBool = AtomicBool::new(false);

const ARTICLE: &str = "articles/a.md";
const TEXT: &str = "---\n# a comment\ntitle:   'x'\nhero:\n  image: /uploads/photo.png\n  text: Un chat # here\n---\n\r\nText.";

fn site() -> Scratch {
    let site = Scratch::site();
    let settings =
        site.text("planche.yml") + "rules: [{ at: hero.image, preset: square, alt: text }]\n";
    site.write("planche.yml", settings);
    site.write(
        "presets/square.yml",
        "widths: [100, 200]\nsizes: 100vw\naspect: 1:1\n",
    );
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/photo.png");
    site.write(ARTICLE, TEXT);
    site
}

fn focus(text: &str) -> Edit {
    Edit::Focus(text.parse().unwrap())
}

fn try_edit(site: &Scratch, at: &str, what: &Edit) -> Result<Option<Edited>, String> {
    let article = SitePath::normalise(ARTICLE).unwrap();
    edit(&site.open(), &article, at, what, &RUN).map_err(|error| error.to_string())
}

fn run(site: &Scratch) {
    let site = site.open();
    let summary = build(&site, &Options::for_site(&site)).unwrap();
    assert!(!summary.has_errors(), "{summary:#?}");
}

#[test]
fn a_focal_point_is_written_used_by_the_next_run_and_undone() {
    let site = site();
    run(&site);
    let built = site.text(ARTICLE);
    let variants = site.variants();
    let edited = try_edit(&site, "hero.image", &focus("0.25 1")).unwrap();
    let edited = edited.expect("it was not set");
    // The new line is that of the key itself; the record repeats the value in quotes.
    let expected = built.replacen("/photo.png\n", "/photo.png\n  image_focus: 0.25 1\n", 1);
    assert_eq!(site.text(ARTICLE), expected);
    assert!(
        try_edit(&site, "hero.image", &focus("25% 100%"))
            .unwrap()
            .is_none()
    );
    run(&site);
    let with_focus = site.text(ARTICLE);
    assert_eq!(
        site.variants().len(),
        2 * variants.len(),
        "the crop changed"
    );
    assert_ne!(with_focus, expected, "the record names other variants");
    undo(&site.open(), &edited, &RUN).unwrap();
    assert!(!site.text(ARTICLE).contains("focus"));
    run(&site);
    assert_eq!(site.text(ARTICLE), built);
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text(ARTICLE), TEXT);
}

#[test]
fn an_alternative_text_is_replaced_and_undone() {
    let site = site();
    let alt = Edit::Alt(" Un chien :\n\"Rex\" ".to_owned());
    let edited = try_edit(&site, "hero.image", &alt).unwrap().unwrap();
    let expected = TEXT.replace("Un chat", "\"Un chien : \\\"Rex\\\"\"");
    assert_eq!(site.text(ARTICLE), expected);
    undo(&site.open(), &edited, &RUN).unwrap();
    assert_eq!(site.text(ARTICLE), TEXT);
    let again = undo(&site.open(), &edited, &RUN).unwrap_err().to_string();
    assert!(
        again.contains("the article has changed since that edit"),
        "{again}"
    );
}

#[test]
fn edits_are_undone_in_reverse_only() {
    let site = site();
    let first = try_edit(&site, "hero.image", &focus("0 0"))
        .unwrap()
        .unwrap();
    let second = try_edit(&site, "hero.image", &Edit::Alt("y".to_owned()))
        .unwrap()
        .unwrap();
    assert!(undo(&site.open(), &first, &RUN).is_err());
    undo(&site.open(), &second, &RUN).unwrap();
    undo(&site.open(), &first, &RUN).unwrap();
    assert_eq!(site.text(ARTICLE), TEXT);
}

#[test]
fn an_edit_of_the_author_is_never_undone() {
    let site = site();
    let edited = try_edit(&site, "hero.image", &focus("0 0"))
        .unwrap()
        .unwrap();
    let theirs = site.text(ARTICLE).replace("Text.", "Another text.");
    site.write(ARTICLE, &theirs);
    assert!(undo(&site.open(), &edited, &RUN).is_err());
    assert_eq!(site.text(ARTICLE), theirs);
}

#[test]
fn what_is_no_image_of_the_site_is_refused() {
    let site = site();
    for (at, what, reason) in [
        (
            "hero.text",
            focus("0 0"),
            "there is no image at `hero.text`",
        ),
        (
            "title",
            Edit::Alt("x".to_owned()),
            "there is no image at `title`",
        ),
        ("", focus("0 0"), "there is no image"),
    ] {
        let refused = try_edit(&site, at, &what).unwrap_err();
        assert!(refused.contains(reason), "{refused}");
    }
    let other = SitePath::normalise("planche.yml").unwrap();
    let refused = edit(&site.open(), &other, "rules", &focus("0 0"), &RUN);
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("not an article of this site"), "{refused}");
    site.write("planche.yml", "generator: none\ncontent: [\"articles/**\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n");
    let refused = try_edit(&site, "hero.image", &Edit::Alt("x".to_owned())).unwrap_err();
    assert!(refused.contains("no rule names the key"), "{refused}");
    assert_eq!(site.text(ARTICLE), TEXT);
}

/// An empty key of the author cannot be distinguished from a record that a CMS has emptied.
#[test]
fn an_empty_key_of_a_record_is_filled_and_goes_with_strip() {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/a.png");
    let text = |key: &str| format!("---\nimage: /uploads/a.png\n{key}title: A\n---\n");
    site.write(ARTICLE, text("image_responsive:\n"));
    site.planche(&["build"]).exits(0);
    assert!(site.text(ARTICLE).contains("  srcset: "));
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text(ARTICLE), text(""));
}
