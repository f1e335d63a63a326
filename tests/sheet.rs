//! `planche report`: the data of the contact sheet, and its page in Chromium.

use std::cmp::Reverse;

use planche::internal::flow::Options;
use planche::internal::picture::placeholder::Placeholders;
use planche::internal::picture::units::Dimensions;
use planche::internal::plan::{Window, chosen};
use planche::internal::record::Content;
use planche::internal::sheet::{Mode, Scoring, gather, page};
use serde_json::{Value, json};

use crate::scratch::Scratch;
use crate::sites::browser::{ask, is_here};
use crate::sites::generators::{self, on_path, tools};

const PAGE: &str = ".planche/contact-sheet.html";

/// Runs a task of `browser.mjs`.
#[track_caller]
fn browse(task: &str, mut request: Value) -> Value {
    request["task"] = json!(task);
    request["tools"] = json!(tools());
    request["chromium"] = json!(on_path("chromium"));
    ask("tests/sheet/browser.mjs", &request)
}

/// Returns the sheet that a page contains.
fn sheet_of(site: &Scratch, page: &str) -> Value {
    let page = site.text(page);
    let (_, rest) = page.split_once("id=\"sheet\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

fn image<'s>(sheet: &'s Value, value: &str) -> &'s Value {
    let images = sheet["images"].as_array().unwrap();
    let found = images.iter().find(|image| image["value"] == value);
    found.unwrap_or_else(|| panic!("no {value}: {sheet:#}"))
}

/// Creates a site with a rule for texts, a crop, and files that nothing uses.
fn described() -> Scratch {
    let site = Scratch::site();
    site.write(
        "planche.yml",
        "generator: none\ncontent: [\"articles/**\"]\n\
         uploads: [{ url: /uploads/, dir: uploads }]\n\
         rules:\n- { at: \"photos[].file\", preset: square, alt: text, caption: legend }\n",
    );
    site.write(
        "presets/square.yml",
        "widths: [100, 200]\nsizes: 100vw\naspect: 1\nfocus: 0.25 0.5\n",
    );
    site.write(
        "articles/2024-05-02-a.md",
        "---\ntitle: First\nphotos:\n- file: /uploads/portrait.jpg\n  text: A portrait\n  \
         legend: At work\n  file_focus: 0 0\n- file: /uploads/logo.png\n- file: /uploads/gone.png\n  \
         text: IMG_1234\n---\n![](/uploads/plan.svg)\n",
    );
    for name in ["portrait.jpg", "logo.png", "plan.svg"] {
        site.copy_upload(name, &format!("uploads/{name}"));
    }
    site.copy_upload("logo.png", "uploads/never used.png");
    site.copy_upload("graphique-visites.png", "uploads/named.png");
    site.write("style.css", "a { background: url(/uploads/named.png) }");
    site
}

#[test]
fn the_sheet_holds_what_is_on_the_site() {
    let site = described();
    site.planche(&["build"]);
    let orphan = "uploads/variants/old-100.0123456789.webp";
    site.write(orphan, "RIFF");
    site.planche(&["report"]).exits(0);
    let sheet = sheet_of(&site, PAGE);
    assert_eq!(sheet["articles"][0]["title"], "First");
    assert_eq!(sheet["articles"][0]["date"], "2024-05-02");

    let portrait = image(&sheet, "/uploads/portrait.jpg");
    assert_eq!(portrait["key"], "photos[0].file");
    assert_eq!(portrait["record"], "photos[0].file_responsive");
    assert_eq!(portrait["line"], 4);
    assert_eq!(portrait["state"], "ready");
    assert_eq!(portrait["alt"]["state"], "text");
    assert_eq!(portrait["alt"]["text"], "A portrait");
    assert_eq!(portrait["alt"]["key"], "photos[0].text");
    assert_eq!(portrait["caption"], "At work");
    let focus = json!({ "point": [0.0, 0.0], "is_set": true, "key": "photos[0].file_focus" });
    assert_eq!(portrait["focus"], focus);
    // The image has 900 × 1200 pixels, so a square crop can move only vertically.
    let corner = json!({ "fit": "cover", "aspect": 1.0, "position": [50.0, 0.0] });
    assert_eq!(portrait["framing"], corner);
    for file in portrait["files"].as_array().unwrap() {
        let path = site.path(file["path"].as_str().unwrap());
        assert_eq!(file["bytes"], path.metadata().unwrap().len());
        let score = file["score"].as_f64().unwrap();
        assert!((40.0..100.0).contains(&score), "{file}");
        assert!(file["worst_region"].as_f64().unwrap() <= score, "{file}");
        assert_eq!(file["quality"], 80.0);
    }

    let logo = image(&sheet, "/uploads/logo.png");
    assert_eq!(logo["focus"]["point"], json!([0.25, 0.5]));
    assert_eq!(logo["focus"]["is_set"], false);
    assert_eq!(logo["focus"]["key"], "photos[1].file_focus");
    assert_eq!(logo["alt"]["state"], "missing");
    let missing = json!([{ "code": "alt-missing", "criterion": "1.1" }]);
    assert_eq!(logo["alt"]["problems"], missing);

    let gone = image(&sheet, "/uploads/gone.png");
    assert_eq!(gone["state"], "broken");
    let name = json!([{ "code": "alt-file-name", "criterion": "1.3" }]);
    assert_eq!(gone["alt"]["problems"], name);
    assert_eq!(image(&sheet, "/uploads/plan.svg")["state"], "as-is");

    assert_eq!(sheet["unused"].as_array().unwrap().len(), 1);
    assert_eq!(sheet["unused"][0]["path"], "uploads/never used.png");
    assert_eq!(sheet["orphaned"], json!([{ "path": orphan, "bytes": 4 }]));
    assert_eq!(
        sheet["totals"]["without_alt"], 2,
        "the logo and the drawing"
    );
    let findings = sheet["findings"].as_array().unwrap();
    let code = |code: &str| findings.iter().find(|finding| finding["code"] == code);
    let missing = code("missing-upload").unwrap();
    assert_eq!(missing["file"], "articles/2024-05-02-a.md");
    let article = site.text("articles/2024-05-02-a.md");
    let line = article
        .lines()
        .position(|line| line.contains("/uploads/gone.png"));
    assert_eq!(missing["line"], line.unwrap() + 1);
    assert_eq!(code("alt-missing").unwrap()["criterion"], "1.1");
    assert_eq!(missing["message"], "missing upload `/uploads/gone.png`");
    let french = missing["french"]["message"].as_str().unwrap();
    assert!(french.contains("`/uploads/gone.png`"), "{french}");
    assert!(french.contains("introuvable"), "{french}");
}

/// The page contains the texts of drafts, so it must not be published. Jekyll skips hidden folders,
/// Eleventy does not.
#[test]
fn no_generator_publishes_the_sheet() {
    for name in ["jekyll", "eleventy"] {
        let generator = generators::fixture(name);
        let Some(site) = generator.site("") else {
            continue;
        };
        let run = site.planche(&["report", "--no-scores"]).exits(0);
        assert!(run.err.contains(PAGE), "{run:#?}");
        assert!(!run.err.contains("warning"), "{run:#?}");
        generator.build(&site);
        let mut names = site.names().into_iter();
        let is_copy =
            |name: &String| name.contains("contact-sheet") && !name.starts_with(".planche/");
        let published = names.find(is_copy);
        assert_eq!(published, None, "{name}");
        // If the file would be published, planche prints a warning.
        let run = site
            .planche(&["report", "--no-scores", "--out", "sheet.html"])
            .exits(0);
        assert!(
            run.err
                .contains("the site's generator publishes sheet.html"),
            "{run:#?}"
        );
        let outside = Scratch::empty();
        let file = outside.path("sheet.html");
        let file = file.to_str().unwrap();
        let run = site
            .planche(&["report", "--no-scores", "--out", file])
            .exits(0);
        assert!(!run.err.contains("warning"), "{run:#?}");
    }
}

#[test]
fn scores_are_computed_once_and_again_for_other_bytes() {
    let site = Scratch::site();
    site.write_article("articles/a.md", "/uploads/portrait.jpg");
    site.copy_upload("portrait.jpg", "uploads/portrait.jpg");
    site.planche(&["build"]).exits(0);
    let scores = |sheet: &Value| -> Vec<Value> {
        let files = sheet["images"][0]["files"].as_array().unwrap();
        files.iter().map(|file| file["score"].clone()).collect()
    };
    site.planche(&["report", "--no-scores"]).exits(0);
    assert!(scores(&sheet_of(&site, PAGE)).iter().all(Value::is_null));
    site.planche(&["report"]).exits(0);
    let first = scores(&sheet_of(&site, PAGE));
    assert!(
        first.len() > 1 && first.iter().all(Value::is_number),
        "{first:?}"
    );
    site.planche(&["report", "--no-scores"]).exits(0);
    assert_eq!(scores(&sheet_of(&site, PAGE)), first);
    // A file with the same bytes and another time keeps its score.
    let variants = site.variants();
    let bytes = std::fs::read(site.path(&variants[0])).unwrap();
    site.write(&variants[0], &bytes);
    site.planche(&["report", "--no-scores"]).exits(0);
    assert_eq!(scores(&sheet_of(&site, PAGE)), first);
    // A file with other bytes has no known score.
    let other = std::fs::read(site.path(&variants[1])).unwrap();
    site.write(&variants[0], other);
    site.planche(&["report", "--no-scores"]).exits(0);
    let unknown = scores(&sheet_of(&site, PAGE));
    let unknown = unknown.iter().filter(|score| score.is_null()).count();
    assert_eq!(unknown, 1);
}

#[test]
fn a_report_changes_nothing_but_its_page_and_its_cache() {
    let site = Scratch::sample();
    let before = site.files();
    site.planche(&["report", "--no-scores", "--quiet"]).exits(0);
    let mut after = site.files();
    after.retain(|name, _| !name.starts_with(".planche/"));
    assert_eq!(before, after);
}

/// Creates a site with a title, alt text and a file name that would be code if they were inserted
/// as HTML.
fn hostile() -> Scratch {
    let site = Scratch::site();
    site.write(
        "planche.yml",
        "generator: none\ncontent: [\"articles/**\"]\n\
         uploads: [{ url: /uploads/, dir: uploads }]\n\
         rules:\n- { at: \"file\", alt: text, caption: legend }\n",
    );
    site.write(
        "articles/a.md",
        "---\ntitle: \"<img src=x onerror='hacked=1'>\"\nfile: \"/uploads/</script><b>.jpg\"\n\
         text: \"</script><script>hacked=2</script>\"\nlegend: \"<iframe src=x>\"\n---\n",
    );
    site.copy_upload("portrait.jpg", "uploads/b.jpg");
    site.write(
        "articles/b.md",
        "---\ntitle: \"\\\"><svg onload=hacked=3>\"\nfile: \"/uploads/b.jpg\"\n\
         text: \"&lt;b&gt; <!-- \"\n---\n",
    );
    site
}

#[test]
fn texts_of_the_site_are_texts() {
    let site = hostile();
    site.planche(&["build"]);
    site.planche(&["report"]).exits(0);
    let page = site.text(PAGE);
    assert_eq!(
        page.matches("</script>").count(),
        2,
        "the data and the script"
    );
    assert!(!page.contains("<img src=x") && !page.contains("<svg onload"));
    if !is_here() {
        return;
    }
    let seen = browse("open", json!({ "file": site.path(PAGE) }));
    assert_eq!(seen["errors"], json!([]), "{seen:#}");
    assert_eq!(seen["hacked"], Value::Null);
    assert_eq!(seen["foreign"], 0);
    let text = seen["text"].as_str().unwrap();
    for part in [
        "<img src=x onerror='hacked=1'>",
        "</script><script>hacked=2</script>",
        "\"><svg onload=hacked=3>",
        "&lt;b&gt; <!--",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_page_works_with_keyboard_and_screen_reader() {
    if !is_here() {
        return;
    }
    let site = Scratch::sample();
    site.planche(&["build", "--quiet"]).exits(0);
    let page = "out/contact-sheet.html";
    std::fs::create_dir(site.path("out")).unwrap();
    site.planche(&["report", "--out", page]).exits(0);
    let name = site.folder().file_name().unwrap().to_str().unwrap();
    let sheet = sheet_of(&site, page);
    // The expected values follow from the dimensions of the uploads, and from what a build of the
    // sample site prints.
    let request = json!({
        "file": site.path(page),
        "site": name,
        "images": 17,
        "sorted": sorted(&sheet),
        "search": { "text": "MAIRIE ete", "found": ["Été à la mairie.jpg", "Été à la mairie.jpg"] },
        "states": { "asIs": ["plan.svg"], "broken": [], "unbuilt": [] },
        // `atelier.jpg` is in a carousel, with `sizes: (min-width: 62em) 62em, 100vw`: its place is
        // 390 pixels wide.
        "compared": {
            "place": 2, "name": "atelier.jpg", "width": 1920, "smaller": "atelier-1280",
            "phone": ["480 px webp", "960 px webp", "1,280 px webp"],
        },
    });
    let seen = browse("page", request);
    let none = json!([]);
    assert_eq!(seen["failures"], none, "{seen:#}");
    assert_eq!(seen["errors"], none, "{seen:#}");
    assert_eq!(seen["violations"], none, "{seen:#}");
}

/// Returns the headings of the articles in the expected order of each way of sorting.
fn sorted(sheet: &Value) -> Value {
    let articles = sheet["articles"].as_array().unwrap();
    let heading = |article: &Value| {
        let path = article["path"].as_str().unwrap();
        let title = article["title"].as_str();
        title
            .unwrap_or_else(|| path.rsplit('/').next().unwrap())
            .to_owned()
    };
    let worst = |article: &Value| {
        let images = article["images"].as_array().unwrap().iter();
        let images = images.map(|index| &sheet["images"][index.as_u64().unwrap() as usize]);
        let files = images.flat_map(|image| image["files"].as_array().unwrap());
        let scores = files.filter_map(|file| file["score"].as_f64());
        (scores.fold(101.0, f64::min) * 10.0) as i64
    };
    let heavy = |article: &Value| -article["gain"]["phone"]["after"].as_i64().unwrap();
    let order = |key: &dyn Fn(&Value) -> i64| {
        let mut articles: Vec<&Value> = articles.iter().collect();
        articles.sort_by_key(|article| key(article));
        articles.into_iter().map(heading).collect::<Vec<_>>()
    };
    // Articles without a date come last.
    let mut newest: Vec<&Value> = articles.iter().collect();
    newest.sort_by_key(|article| Reverse(article["date"].as_str().unwrap_or("")));
    let newest: Vec<String> = newest.into_iter().map(heading).collect();
    json!({ "score": order(&worst), "heavy": order(&heavy), "new": newest, "site": order(&|_| 0) })
}

#[test]
fn an_update_of_a_preview_keeps_focus_scroll_and_what_is_open() {
    if !is_here() {
        return;
    }
    let scratch = described();
    scratch.planche(&["build"]);
    let site = scratch.open();
    let sheet = gather(&site, &Options::for_site(&site), Scoring::Known).unwrap();
    let first = serde_json::to_value(&sheet).unwrap();
    let open = image(&first, "/uploads/portrait.jpg");
    let (id, path) = (
        open["id"].clone(),
        open["files"][0]["path"].as_str().unwrap(),
    );
    let mut second = first.clone();
    for image in second["images"].as_array_mut().unwrap() {
        if image["id"] == id {
            image["alt"]["text"] = json!("Another text");
        }
    }
    let request = json!({
        "page": page(&sheet, Mode::Preview, None),
        "open": id,
        "image": format!("/image/{path}?token=secret"),
        "sheets": [first, second],
        "text": "Another text",
        "events": ["planche:sheet", "planche:image-open"],
    });
    let seen = browse("preview", request);
    assert_eq!(seen, json!({ "failures": [], "errors": [] }), "{seen:#}");
}

/// Values of `sizes` in every form that planche evaluates.
const SIZES: [&str; 8] = [
    "100vw",
    "33.4vw",
    "(min-width: 62em) 62em, 100vw",
    "calc(100vw - 2 * 1.5rem)",
    "min(100vw, 40em)",
    "(min-width: 48em) and (max-width: 80em) calc(50vw - 20px), 20em",
    "auto, (max-width: 600px) 90vw, 480px",
    "not (min-width: 500px) 100vw, clamp(200px, 50vw, 500px)",
];
/// CSS of a lazy image whose `sizes` begin with `auto`. It matches the rest of its `sizes`.
const AUTO_STYLE: &str = "img { width: 480px } @media (max-width: 600px) { img { width: 90vw } }";
/// Window widths in CSS pixels, and device pixels per CSS pixel.
const WINDOWS: [(u32, f64); 5] = [(360, 3.0), (390, 2.0), (820, 2.0), (1280, 1.5), (1440, 1.0)];

#[test]
fn devices_load_what_chromium_loads() {
    if !is_here() {
        return;
    }
    let widths = [160, 320, 480, 640, 800, 1280, 1920];
    let mut combinations = Vec::new();
    let mut expected = Vec::new();
    let mut add = |number: usize, entries: Vec<String>, sizes: Option<&str>, window: (u32, f64)| {
        let srcset: Vec<String> = entries
            .iter()
            .map(|entry| format!("http://sheet.test/{number}/{entry}"))
            .collect();
        combinations.push(json!({
            "srcset": srcset.join(", "), "sizes": sizes, "width": window.0, "density": window.1,
            "style": AUTO_STYLE,
        }));
        let content = Content {
            original: String::new(),
            src: String::new(),
            srcset,
            sizes: sizes.map(str::to_owned),
            dimensions: Dimensions {
                width: 1920,
                height: 1080,
            },
            placeholders: Placeholders::default(),
            sources: Vec::new(),
            also: Vec::new(),
        };
        let window = Window {
            width: f64::from(window.0),
            density: window.1,
        };
        expected.push(chosen(&content, window).unwrap().url.to_owned());
    };
    let mut number = 0;
    for sizes in SIZES {
        for window in WINDOWS {
            let entries = widths.map(|width| format!("{width} {width}w"));
            add(number, entries.to_vec(), Some(sizes), window);
            number += 1;
        }
    }
    assert_eq!(number, 40);
    for window in WINDOWS {
        let entries = ["1x", "1.5x", "2x"].map(|density| format!("{density} {density}"));
        add(number, entries.to_vec(), None, window);
        number += 1;
    }
    let loaded = browse("choose", json!({ "combinations": combinations }));
    let distinct: std::collections::BTreeSet<&str> = expected
        .iter()
        .filter_map(|url| url.rsplit('/').next())
        .collect();
    assert!(distinct.len() > 7, "the combinations differ: {distinct:?}");
    for ((loaded, expected), combination) in loaded
        .as_array()
        .unwrap()
        .iter()
        .zip(&expected)
        .zip(&combinations)
    {
        assert_eq!(loaded, expected, "{combination}");
    }
}
