//! Rules with several presets: the record of the first one contains those of the others under
//! `also`.

use std::fs;

use crate::scratch::{Scratch, changed};

const RULES: &str = "\
generator: none
content: [\"articles/**\"]
data: [\"data/*\"]
uploads: [{ url: /uploads/, dir: uploads }]
rules:
- { at: image, preset: [wide, social, square] }
- { at: body, preset: [wide, square] }
";

/// Creates a site with one upload, which articles and data files in each syntax reference by a rule
/// with three presets. The upload has 800 × 450 pixels.
fn site() -> Scratch {
    let site = Scratch::empty();
    site.write("planche.yml", RULES);
    site.write("presets/wide.yml", "widths: [64, 128]\nsizes: 100vw\n");
    site.write(
        "presets/square.yml",
        "widths: [48]\nsizes: 3em\naspect: 1/1\n",
    );
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/p.png");
    site.write(
        "articles/a.md",
        "---\r\nimage: \"/uploads/p.png\" # c\r\n---\r\n![x](/uploads/p.png)\r\n",
    );
    site.write("data/flow.yml", "items: [{image: /uploads/p.png, n: 1}]\n");
    site.write("data/t.toml", "image = '/uploads/p.png'\n[other]\nx = 1\n");
    site.write("data/j.json", "{\"image\": \"/uploads/p.png\"}\n");
    site
}

/// Returns the record beside `image` in each syntax, read by the parsers of other crates.
fn records(site: &Scratch) -> Vec<serde_json::Value> {
    let text = site.text("articles/a.md");
    let front_matter = text.split("---\r\n").nth(1).unwrap();
    let yaml: serde_json::Value = serde_yaml::from_str(front_matter).unwrap();
    let toml: toml_edit::DocumentMut = site.text("data/t.toml").parse().unwrap();
    let toml = toml.as_table()["image_responsive"]
        .as_inline_table()
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&site.text("data/j.json")).unwrap();
    vec![
        yaml["image_responsive"].clone(),
        of_toml(&toml_edit::Value::InlineTable(toml.clone())),
        json["image_responsive"].clone(),
    ]
}

fn of_toml(value: &toml_edit::Value) -> serde_json::Value {
    match value {
        toml_edit::Value::InlineTable(table) => table
            .iter()
            .map(|(key, value)| (key.to_owned(), of_toml(value)))
            .collect(),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        other => other.as_str().unwrap().into(),
    }
}

#[test]
fn a_record_has_the_first_preset_and_the_others_by_name() {
    let site = site();
    // `data/flow.yml` has no `image` at its root: the rule does not apply to `items[].image`.
    site.planche(&["build", "--format", "json"]).exits(0);
    let records = records(&site);
    for record in &records {
        assert_eq!(record, &records[0], "the same in every syntax");
    }
    let record = &records[0];
    assert_eq!(
        (&record["width"], &record["height"]),
        (&128.into(), &72.into())
    );
    let also = record["also"].as_object().unwrap();
    let names: Vec<&String> = also.keys().collect();
    assert_eq!(names, ["social", "square"]);
    assert_eq!(also["square"]["width"], 48);
    assert_eq!(also["square"]["height"], 48);
    // The aspect ratio of 800 × 450 is smaller than that of 1200 × 630, so the crop has the full
    // width of 800, and a height of 800 × 630 / 1200.
    let social = also["social"].as_object().unwrap();
    assert_eq!(
        (&social["width"], &social["height"]),
        (&800.into(), &420.into())
    );
    let url = social["src"].as_str().unwrap();
    assert!(url.ends_with(".jpg") || url.ends_with(".jpeg"), "{url}");
    let keys: Vec<&String> = social.keys().collect();
    assert_eq!(keys, ["height", "sizes", "src", "srcset", "width"]);
    let bytes = fs::read(site.path(url.trim_start_matches('/'))).unwrap();
    assert!(bytes.starts_with(b"\xff\xd8\xff"), "{url}");
    // The records in the list have `also` as well.
    let text = site.text("articles/a.md");
    let list = text.split("responsive_images:").nth(1).unwrap();
    assert!(
        list.contains("  also:\r\n    square:\r\n      src: "),
        "{text}"
    );
    assert!(!list.contains("social"), "{text}");
    assert!(
        text.contains("\r\n  also:\r\n    social:\r\n      src: "),
        "{text}"
    );
}

#[test]
fn all_presets_are_kept_up_to_date_and_removed() {
    let site = site();
    let before = site.files();
    site.planche(&["build"]).exits(0);
    site.planche(&["check"]).exits(0);
    let built = site.files();
    let again = site.planche(&["build", "--format", "json"]).exits(0);
    assert_eq!(again.count("/variants/written"), 0);
    assert_eq!(changed(&built, &site.files()), [""; 0]);
    site.remove_state();
    site.planche(&["build"]).exits(0);
    assert_eq!(changed(&built, &site.files()), [""; 0], "without a ledger");
    // `clean` knows the variants of all presets.
    let clean = site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&built, &site.files()), [""; 0], "{clean:#?}");

    // Without variants, an article's record counts as up to date if it has the expected form, but
    // not with another preset's name.
    fs::rename(site.path("uploads/variants"), site.path("elsewhere")).unwrap();
    site.planche(&["check", "--articles"]).exits(0);
    let text = site.text("data/j.json");
    site.write("data/j.json", text.replace("\"square\"", "\"circle\""));
    let run = site.planche(&["check", "--articles"]).exits(1);
    assert!(run.out.contains("data/j.json"), "{run:#?}");
    site.write("data/j.json", text);
    fs::rename(site.path("elsewhere"), site.path("uploads/variants")).unwrap();

    // A missing entry is added again; one that the rule no longer names is removed.
    let text = site.text("articles/a.md");
    let start = text.find("    square:").unwrap();
    let end = text.find("responsive_images:").unwrap();
    site.write(
        "articles/a.md",
        format!("{}{}", &text[..start], &text[end..]),
    );
    site.planche(&["build"]).exits(0);
    assert_eq!(site.text("articles/a.md"), text);
    site.write("planche.yml", RULES.replace(", social, square", ", square"));
    site.planche(&["build"]).exits(0);
    assert!(!site.text("articles/a.md").contains("social"));
    let cleaned = site.planche(&["clean"]).exits(0);
    assert!(cleaned.err.contains("deleted 1 variant"), "{cleaned:#?}");

    site.planche(&["strip"]).exits(0);
    site.write("planche.yml", RULES);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn a_table_that_a_cms_made_of_a_record_is_still_ours() {
    let site = site();
    site.planche(&["build"]).exits(0);
    let record = &records(&site)[1];
    // The record in the form in which a TOML library without inline tables writes it.
    let mut lines = vec!["image = '/uploads/p.png'".to_owned()];
    let mut table = |header: &str, record: &serde_json::Value| {
        lines.push(format!("\n[{header}]"));
        for (key, value) in record.as_object().unwrap() {
            match value {
                serde_json::Value::Object(_) => {}
                serde_json::Value::String(text) => lines.push(format!("{key} = '{text}'")),
                number => lines.push(format!("{key} = {number}")),
            }
        }
    };
    table("image_responsive", record);
    table("image_responsive.also.square", &record["also"]["square"]);
    table("image_responsive.also.social", &record["also"]["social"]);
    lines.push("\n[other]\nx = 1\n".to_owned());
    let text = lines.join("\n");
    site.write("data/t.toml", &text);
    site.planche(&["build"]).exits(0);
    assert_eq!(site.text("data/t.toml"), text, "left as it is");
    site.write("data/t.toml", text.replace("width = 48", "width = 49"));
    site.planche(&["build"]).exits(0);
    let new = site.text("data/t.toml");
    assert!(new.ends_with("\n\n[other]\nx = 1\n"), "{new}");
    assert!(new.contains("also = { social = {"), "{new}");
    assert!(!new.contains("width = 49"), "{new}");
    site.planche(&["strip"]).exits(0);
    let stripped = site.text("data/t.toml");
    assert!(!stripped.contains("also"), "{stripped}");
}

#[test]
fn the_manifest_lists_every_preset() {
    let site = site();
    let more = "output: { manifest: data/planche.json }\nfront_matter: { write: false }\n";
    site.write("planche.yml", format!("{RULES}{more}"));
    site.planche(&["build"]).exits(0);
    let manifest: serde_json::Value =
        serde_json::from_str(&site.text("data/planche.json")).unwrap();
    let presets = manifest["images"]["/uploads/p.png"].as_object().unwrap();
    // `card` is the preset of `items[].image`.
    let names: Vec<&String> = presets.keys().collect();
    assert_eq!(names, ["card", "social", "square", "wide"]);
    assert_eq!(presets["square"]["original"], "/uploads/p.png");
    assert!(presets.values().all(|record| record.get("also").is_none()));
    site.planche(&["check"]).exits(0);
}

#[test]
fn lists_of_presets_that_mean_nothing_are_refused() {
    for (preset, expected) in [
        ("[]", "3:26: the list of presets is empty"),
        ("[card, none]", "`none` cannot be in a list"),
        ("[card, card]", "`card` is listed twice"),
        ("[card, carousell]", "3:33: unknown preset `carousell`"),
        ("{ a: b }", "the name of a preset, or a list of names"),
    ] {
        let site = Scratch::site();
        site.write(
            "planche.yml",
            format!("generator: none\nrules:\n- {{ at: image, preset:   {preset} }}\n"),
        );
        let run = site.planche(&["build"]).exits(2);
        assert!(run.err.contains(expected), "{preset}: {run:#?}");
    }
}
