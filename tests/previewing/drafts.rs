use std::fs;
use std::sync::atomic::AtomicBool;

use planche::internal::picture::format;
use planche::internal::picture::limits::Limits;
use planche::internal::picture::units::Dimensions;

use super::*;
use crate::scratch::sample_upload;

#[test]
fn a_new_upload_has_a_draft_and_then_the_files_of_a_plain_build() {
    let site = site();
    site.write("articles/b.md", "---\nimage: /uploads/new.png\n---\n");
    let previewed = Previewed::start(site);
    let mut events = previewed.settled();
    let bytes = sample_upload("prague_schaer_CIO_une800.png");
    // An upload that is no copy of the other one: bytes after the end of a PNG are ignored.
    let bytes = [&bytes[..], b"\n"].concat();
    previewed.site.write("uploads/new.png", &bytes);
    let draft = events.next("draft");
    assert_eq!(draft["path"], "uploads/new.png");
    assert_eq!(
        (&draft["width"], &draft["height"]),
        (&800.into(), &450.into())
    );
    let address = format!("/draft/{}", draft["id"].as_str().unwrap());
    let file = previewed.get(&address);
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "image/webp")
    );
    let info = format::probe(&file.body, &Limits::NONE).unwrap();
    let size = Dimensions {
        width: 640,
        height: 360,
    };
    assert_eq!(info.dimensions(), size);
    while !previewed
        .site
        .text("articles/b.md")
        .contains("image_responsive:")
    {
        events.next("done");
    }
    assert_eq!(previewed.get("/draft/0123").status, 404);
    // What was written is what a build writes that knows of no draft.
    let built = Scratch::empty();
    for (name, content) in previewed.site.files() {
        if !name.contains("variants/") {
            built.write(&name, content);
        }
    }
    built.planche(&["strip"]).exits(0);
    built.planche(&["build"]).exits(0);
    assert_eq!(previewed.site.files(), built.files());
}

#[test]
fn an_upload_that_nothing_references_yet_has_a_draft_too() {
    let previewed = Previewed::start(site());
    let mut events = previewed.settled();
    let bytes = sample_upload("prague_schaer_CIO_une800.png");
    // In two pieces: half an image has no draft.
    let path = previewed.site.path("uploads/unnamed.png");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(&path, &bytes).unwrap();
    let draft = events.next("draft");
    assert_eq!(draft["path"], "uploads/unnamed.png");
    assert!(
        previewed
            .site
            .files()
            .keys()
            .all(|name| !name.contains("unnamed-"))
    );
    // A page that is opened later is told of it.
    let all = previewed.events().next("drafts");
    assert_eq!(all[0]["id"], draft["id"]);
}

#[test]
fn an_upload_that_an_article_names_anew_has_a_draft() {
    let site = site();
    site.write(
        "uploads/new.png",
        [&sample_upload("prague_schaer_CIO_une800.png")[..], b"\n"].concat(),
    );
    let previewed = Previewed::start(site);
    previewed.sheet();
    let mut events = previewed.settled();
    // The run waits for the lock, so that it is not done before the draft is.
    let open = previewed.site.open();
    let lock = open.root.lock(&AtomicBool::new(false)).unwrap();
    previewed
        .site
        .write("articles/b.md", "---\nimage: /uploads/new.png\n---\n");
    assert_eq!(events.next("draft")["path"], "uploads/new.png");
    drop(lock);
    events.done("articles/b.md");
}
