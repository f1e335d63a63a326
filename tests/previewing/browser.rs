//! The page in Chromium.

use planche::internal::picture::framing::{Aspect, FocalPoint};
use planche::internal::picture::units::Dimensions;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::sites::{browser, generators};

/// What an editor's visit to the page came to.
#[derive(Debug, Deserialize)]
struct Visit {
    results: Vec<Value>,
    errors: Vec<String>,
    violations: Vec<String>,
    failure: Option<String>,
}

/// Runs steps in the page; see `browser.mjs`. Returns the results of those that return something.
#[track_caller]
fn visit(previewed: &Previewed, steps: Value, settings: &Value) -> Vec<Value> {
    let mut request = json!({
        "tools": generators::tools(),
        "chromium": generators::on_path("chromium").unwrap(),
        "url": format!("http://127.0.0.1:{}/?token={}", previewed.port, previewed.token),
        "steps": steps,
    });
    for (name, value) in settings.as_object().unwrap() {
        request[name] = value.clone();
    }
    let visit: Visit = browser::ask("tests/previewing/browser.mjs", &request);
    assert_eq!(visit.failure, None, "{visit:#?}");
    assert_eq!(visit.errors, Vec::<String>::new(), "{visit:#?}");
    assert_eq!(visit.violations, Vec::<String>::new(), "{visit:#?}");
    let results = visit.results.into_iter();
    results.filter(|result| !result.is_null()).collect()
}

#[test]
fn an_edited_article_is_shown_without_a_reload() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    let article = previewed.site.path(ARTICLE);
    let edited = previewed
        .site
        .text(ARTICLE)
        .replace("Un chat", "Deux chats");
    let steps = json!([
        ["open"],
        ["waitText", "#list .alt", "Un chat"],
        ["write", article, edited],
        ["waitText", "#list .alt", "Deux chats"],
        ["waitText", "#live-status", "Up to date"],
        ["loads"],
        ["count", "#list script, #list img[onerror]"],
        ["axe"],
    ]);
    let results = visit(&previewed, steps, &json!({}));
    assert_eq!(results[..2], [json!(1), json!(0)], "{results:?}");
}

#[test]
fn a_new_photo_is_a_draft_first() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    // Nothing references it, so that the draft stays.
    let upload = previewed.site.path("uploads/new.svg");
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"80\" height=\"50\"><path d=\"M0 0h40v50z\"/></svg>";
    let steps = json!([
        ["open"],
        ["write", upload, drawing],
        ["wait", ".live-drafts img"],
        ["text", ".live-drafts figcaption"],
        ["images"],
        ["axe"],
    ]);
    let results = visit(&previewed, steps, &json!({}));
    assert_eq!(
        results[..2],
        [json!("uploads/new.svg"), json!([])],
        "{results:?}"
    );
}

#[test]
fn a_focal_point_is_set_by_keyboard_alone_and_undone() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    let built = previewed.site.text(ARTICLE);
    let article = previewed.site.path(ARTICLE);
    let steps = json!([
        ["open"],
        ["tabTo", "#list .frame a.open"],
        ["press", "Enter"],
        ["tabTo", "[data-focus=edit-point]"],
        ["crops"],
        [
            "press",
            "ArrowLeft",
            "ArrowLeft",
            "Shift+ArrowRight",
            "ArrowDown"
        ],
        ["attribute", "[data-focus=edit-point]", "aria-label"],
        ["value", "[data-focus=edit-x]"],
        ["crops"],
        ["axe"],
        ["tabTo", "[data-focus=edit-save-focus]"],
        ["press", "Enter"],
        [
            "waitText",
            "#live-note",
            "Wrote image_focus in articles/a.md."
        ],
        ["waitText", ".facts dd", "0.58 0.51"],
        ["waitText", "#live-status", "variants written"],
        ["read", article],
        ["tabTo", "[data-focus^=undo-]"],
        ["press", "Enter"],
        [
            "waitText",
            "#live-note",
            "Took image_focus back in articles/a.md."
        ],
        ["waitText", ".facts dd", "from the preset"],
        ["focused"],
        ["press", "Escape"],
        ["gone", "dialog[open]"],
        ["axe"],
    ]);
    let results = visit(&previewed, steps, &json!({}));
    let expected = crops("0.5 0.5");
    assert_eq!(results[0], expected, "{results:#?}");
    assert_eq!(
        results[1],
        "Focal point, 58% from the left, 51% from the top"
    );
    assert_eq!(results[2], "58");
    assert_eq!(results[3], crops("0.58 0.51"), "{results:#?}");
    let text = results[5].as_str().unwrap();
    assert!(
        text.contains("\n  image: /uploads/photo.png\n  image_focus: 0.58 0.51\n"),
        "{text}"
    );
    assert_eq!(
        results[6], "live-note",
        "the focus stays where the result is"
    );
    until(&previewed, &built);
}

/// The `object-position` of the crops of the photo, by the engine's window.
fn crops(point: &str) -> Value {
    let own = Dimensions {
        width: 800,
        height: 450,
    };
    let point: FocalPoint = point.parse().unwrap();
    let position = |aspect: &str| {
        let aspect = aspect.parse::<Aspect>().unwrap();
        let [x, y] = percent(point, own, aspect.within(own));
        json!([format!("{}% {}%", css(x), css(y)), true])
    };
    json!({ "square": position("1:1"), "wide": position("3:1") })
}

/// A number as Chromium computes it: six significant digits.
fn css(number: f64) -> String {
    let digits = 5 - number.abs().log10().floor().clamp(0.0, 5.0) as usize;
    let text = format!("{number:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Where the engine's window lies, as percentages of what is cut off.
fn percent(point: FocalPoint, own: Dimensions, size: Dimensions) -> [f64; 2] {
    let (left, top) = point.window(own, size);
    let part = |begin: u32, own: u32, size: u32| {
        if own > size {
            100.0 * f64::from(begin) / f64::from(own - size)
        } else {
            50.0
        }
    };
    [
        part(left, own.width, size.width),
        part(top, own.height, size.height),
    ]
}

#[test]
fn crops_in_the_page_are_those_of_the_engine() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    let (mut asked, mut expected) = (Vec::new(), Vec::new());
    for own in [(800, 450), (4000, 3000), (3001, 4003), (33, 17), (1, 9)] {
        let own = Dimensions {
            width: own.0,
            height: own.1,
        };
        for aspect in ["1:1", "3:1", "16:9", "2:3", "191:100"] {
            let size = aspect.parse::<Aspect>().unwrap().within(own);
            for point in [
                "0 0",
                "1 1",
                "0.5 0.5",
                "0.3333 0.6667",
                "0.01 0.99",
                "0.25 0.1",
            ] {
                let focal: FocalPoint = point.parse().unwrap();
                let parts = point
                    .split(' ')
                    .map(|part| part.parse::<f64>().unwrap() * 10_000.0);
                let parts: Vec<f64> = parts.map(f64::round).collect();
                let ratio = f64::from(size.width) / f64::from(size.height);
                asked.push(json!([parts[0], parts[1], own.width, own.height, ratio]));
                expected.push(percent(focal, own, size));
            }
        }
    }
    let results = visit(
        &previewed,
        json!([["open"], ["position", asked]]),
        &json!({}),
    );
    let found: Vec<[f64; 2]> = serde_json::from_value(results[0].clone()).unwrap();
    for ((asked, found), expected) in asked.iter().zip(found).zip(expected) {
        let is_same = (0..2).all(|axis| (found[axis] - expected[axis]).abs() < 1e-9);
        assert!(is_same, "{asked}: {found:?}, {expected:?}");
    }
}

#[test]
fn a_focal_point_is_dragged_with_the_mouse_and_undone() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    let built = previewed.site.text(ARTICLE);
    let article = previewed.site.path(ARTICLE);
    let steps = json!([
        ["open"],
        ["click", "#list .frame a.open"],
        [
            "drag",
            "[data-focus=edit-point]",
            ".edit-stage img",
            0.2,
            0.9
        ],
        ["value", "[data-focus=edit-x]"],
        ["value", "[data-focus=edit-y]"],
        ["click", "[data-focus=edit-save-focus]"],
        ["waitText", "#live-note", "Wrote image_focus"],
        ["read", article],
        ["click", "[data-focus^=undo-]"],
        ["waitText", "#live-note", "Took image_focus back"],
    ]);
    let results = visit(&previewed, steps, &json!({}));
    assert_eq!(results[..2], [json!("20"), json!("90")], "{results:#?}");
    let text = results[2].as_str().unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("image_focus"))
        .unwrap();
    let point: FocalPoint = line
        .trim()
        .strip_prefix("image_focus: ")
        .unwrap()
        .parse()
        .unwrap();
    let at = point.to_string();
    let parts: Vec<f64> = at.split(' ').map(|part| part.parse().unwrap()).collect();
    assert!(
        (parts[0] - 0.2).abs() < 0.01 && (parts[1] - 0.9).abs() < 0.01,
        "{at}"
    );
    until(&previewed, &built);
}

#[test]
fn an_alternative_text_is_typed_and_undone_in_french_on_a_dark_phone() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    let built = previewed.site.text(ARTICLE);
    let article = previewed.site.path(ARTICLE);
    let steps = json!([
        ["open"],
        ["tabTo", "#list .frame a.open"],
        ["press", "Enter"],
        ["tabTo", "[data-focus=edit-alt]"],
        ["value", "[data-focus=edit-alt]"],
        ["press", "Control+a"],
        ["type", "Une « horloge » : <b>Prague</b>"],
        ["axe"],
        ["tabTo", "[data-focus=edit-save-alt]"],
        ["press", "Enter"],
        [
            "waitText",
            "#live-note",
            "text est écrit dans articles/a.md."
        ],
        [
            "waitText",
            ".panel-body .alt",
            "Une « horloge » : <b>Prague</b>"
        ],
        ["read", article],
        ["tabTo", "[data-focus^=undo-]"],
        ["press", "Enter"],
        [
            "waitText",
            "#live-note",
            "text est annulé dans articles/a.md."
        ],
        ["waitText", ".panel-body .alt", "Un chat"],
        ["value", "[data-focus=edit-alt]"],
    ]);
    let settings = json!({ "width": 360, "scheme": "dark", "locale": "fr-FR" });
    let results = visit(&previewed, steps, &settings);
    assert_eq!(results[0], "Un chat");
    let expected = built.replace("Un chat #", "\"Une « horloge » : <b>Prague</b>\" #");
    assert_eq!(results[2], expected.as_str(), "{results:#?}");
    assert_eq!(results[3], "Un chat");
    until(&previewed, &built);
}

#[test]
fn a_refused_undo_is_said() {
    if !browser::is_here() {
        return;
    }
    let previewed = Previewed::start(site());
    let article = previewed.site.path(ARTICLE);
    let expected = previewed
        .site
        .text(ARTICLE)
        .replace("Un chat #", "\"Trois\" #");
    let theirs = expected.replace("Text.", "Another text.");
    let steps = json!([
        ["open"],
        ["click", "#list .frame a.open"],
        ["fill", "[data-focus=edit-alt]", "Trois"],
        ["click", "[data-focus=edit-save-alt]"],
        ["waitText", "#live-note", "Wrote text"],
        ["write", article, theirs],
        ["waitText", "#live-status", "Up to date"],
        ["click", "[data-focus^=undo-]"],
        ["waitText", "#live-note", "Nothing was written"],
        ["text", "#live-note"],
    ]);
    let results = visit(&previewed, steps, &json!({ "refused": "409" }));
    let message = results.last().unwrap().as_str().unwrap();
    assert!(
        message.contains("the article has changed since that edit"),
        "{message}"
    );
    assert_eq!(previewed.site.text(ARTICLE), theirs);
}

/// Waits until the article is what it was.
#[track_caller]
fn until(previewed: &Previewed, text: &str) {
    let deadline = Instant::now() + DEADLINE;
    while previewed.site.text(ARTICLE) != text {
        assert!(
            Instant::now() < deadline,
            "{}",
            previewed.site.text(ARTICLE)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
