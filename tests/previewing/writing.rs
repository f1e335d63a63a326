use serde_json::json;

use super::*;

/// Edits, and waits until the watcher's run is done and the page has its sheet.
#[track_caller]
fn edit(previewed: &mut Previewed, events: &mut Events, body: &Value) -> Value {
    let answer = previewed.post("/edit", body);
    assert_eq!(answer.status, 200, "{answer:?}");
    events.next("edits");
    events.done(ARTICLE);
    events.next("sheet");
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn a_focal_point_reaches_the_article_and_the_crops_and_is_undone() {
    let mut previewed = Previewed::start(site());
    let built = previewed.site.text(ARTICLE);
    let variants = previewed.site.variants();
    let mut events = previewed.settled();
    let image = previewed.image();
    let wish = json!({ "image": image, "focus": "0.25 1" });
    let edits = edit(&mut previewed, &mut events, &wish);
    let number = edits[0]["edit"].clone();
    let expected =
        json!([{ "edit": number, "article": ARTICLE, "at": "hero.image", "key": "image_focus" }]);
    assert_eq!(edits, expected);
    let text = previewed.site.text(ARTICLE);
    assert!(
        text.contains("\n  image: /uploads/photo.png\n  image_focus: 0.25 1\n"),
        "{text}"
    );
    assert_eq!(
        previewed.site.variants().len(),
        2 * variants.len(),
        "the crops changed"
    );
    // An open page shows them until it has the new sheet.
    for variant in &variants {
        let answer = previewed.get(&format!("/image/{variant}"));
        assert_eq!(answer.status, 200, "{variant}: {answer:?}");
    }
    // The next sheet may still be that of an earlier run.
    let has_point = || {
        let sheet = previewed.sheet();
        let mut images = sheet["images"].as_array().unwrap().iter();
        let same = images.find(|other| other["id"] == image.as_str()).unwrap();
        same["focus"]["point"] == json!([0.25, 1.0])
    };
    while !has_point() {
        events.next("sheet");
    }
    // The same again changes nothing, and cannot be undone twice.
    let again = previewed.post("/edit", &wish);
    assert_eq!(
        serde_json::from_slice::<Value>(&again.body).unwrap(),
        expected
    );
    let undone = previewed.post("/undo", &json!({ "edit": number }));
    assert_eq!((undone.status, undone.text()), (200, "[]".to_owned()));
    events.done(ARTICLE);
    events.next("sheet");
    let deadline = Instant::now() + DEADLINE;
    while previewed.site.text(ARTICLE) != built {
        assert!(
            Instant::now() < deadline,
            "{}",
            previewed.site.text(ARTICLE)
        );
        std::thread::yield_now();
    }
    assert_eq!(
        previewed.post("/undo", &json!({ "edit": number })).status,
        409
    );
    previewed.interrupt();
    previewed.site.planche(&["strip"]).exits(0);
    assert_eq!(previewed.site.text(ARTICLE), TEXT);
}

#[test]
fn an_alternative_text_is_written_and_not_undone_over_an_editors_change() {
    let mut previewed = Previewed::start(site());
    let built = previewed.site.text(ARTICLE);
    let mut events = previewed.settled();
    let image = previewed.image();
    let wish = json!({ "image": image, "alt": "Un chien <b>:\n\"Rex\"" });
    let edits = edit(&mut previewed, &mut events, &wish);
    let expected = built.replace("Un chat #", "\"Un chien <b>: \\\"Rex\\\"\" #");
    assert_eq!(previewed.site.text(ARTICLE), expected);
    let theirs = expected.replace("Text.", "Another text.");
    previewed.site.write(ARTICLE, &theirs);
    events.done(ARTICLE);
    let refused = previewed.post("/undo", &json!({ "edit": edits[0]["edit"] }));
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(
        refused
            .text()
            .contains("the article has changed since that edit"),
        "{refused:?}"
    );
    assert_eq!(previewed.site.text(ARTICLE), theirs);
}
