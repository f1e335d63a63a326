//! Placeholders on a built site: their values, in every syntax, and the files from which they are
//! computed.

use std::fs;
use std::sync::atomic::AtomicBool;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use planche::internal::ledger::{KnownAppearance, Ledger};
use planche::internal::path::PathMap;
use planche::internal::picture::appearance::{Appearance, AppearanceLevel};
use planche::internal::picture::decoder::InProcess;
use planche::internal::picture::fingerprint::Fingerprint;
use planche::internal::picture::info::Digest;
use planche::internal::picture::placeholder::Placeholders;
use planche::internal::record::Content;
use planche::internal::variant::VariantIndex;

use crate::records::check_records;
use crate::scratch::{Scratch, changed, site_path};

const PRESET: &str = "widths: [40, 80]\nsizes: 100vw\nlossless: always\n";
const ALL: &str = "placeholder: [colour, thumbhash, blur]\n";

fn png(width: u32, height: u32, paint: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let image = image::RgbaImage::from_fn(width, height, |x, y| image::Rgba(paint(x, y)));
    let mut png = std::io::Cursor::new(Vec::new());
    let image = image::DynamicImage::from(image);
    let is_opaque = image
        .as_bytes()
        .chunks_exact(4)
        .all(|pixel| pixel[3] == 255);
    let image = if is_opaque {
        image::DynamicImage::from(image.to_rgb8())
    } else {
        image
    };
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

fn flat() -> Vec<u8> {
    png(100, 60, |_, _| [0x33, 0x66, 0x99, 255])
}

/// Creates a site whose only article shows one image, with these placeholders.
fn site(name: &str, picture: &[u8], placeholder: &str) -> Scratch {
    let site = Scratch::site();
    for preset in ["card", "article"] {
        site.write(
            &format!("presets/{preset}.yml"),
            format!("{PRESET}{placeholder}"),
        );
    }
    site.write(&format!("uploads/{name}"), picture);
    site.write_article("articles/a.md", &format!("/uploads/{name}"));
    site
}

/// Builds the site twice, and returns its only record.
#[track_caller]
fn record_of(site: &Scratch) -> Content {
    site.planche(&["--quiet"]).exits(0);
    let built = site.files();
    site.planche(&["--quiet"]).exits(0);
    assert_eq!(changed(&built, &site.files()), [""; 0], "the second run");
    site.planche(&["check", "--quiet"]).exits(0);
    let records = check_records(site);
    let [(_, record)] = &records[..] else {
        panic!("not one record: {records:#?}");
    };
    record.clone()
}

fn blur_of(record: &Content) -> image::RgbaImage {
    let blur = record.placeholders.blur.as_ref().unwrap();
    assert!(blur.len() < 300, "{blur}");
    let webp = blur.strip_prefix("data:image/webp;base64,").unwrap();
    let webp = BASE64_STANDARD.decode(webp).unwrap();
    image::load_from_memory_with_format(&webp, image::ImageFormat::WebP)
        .unwrap()
        .to_rgba8()
}

fn average_of_hash(record: &Content) -> [f32; 4] {
    let hash = record.placeholders.thumbhash.as_ref().unwrap();
    let hash = BASE64_STANDARD.decode(hash).unwrap();
    let (r, g, b, a) = thumbhash::thumb_hash_to_average_rgba(&hash).unwrap();
    [r, g, b, a]
}

#[test]
fn a_record_carries_what_its_preset_asks_for() {
    let record = record_of(&site("a.png", &flat(), ALL));
    assert_eq!(record.placeholders.color.as_deref(), Some("#336699"));
    let blur = blur_of(&record);
    assert_eq!(blur.dimensions(), (16, 10));
    for pixel in blur.pixels() {
        for (shown, painted) in pixel.0.iter().zip([0x33, 0x66, 0x99, 255]) {
            assert!(shown.abs_diff(painted) < 8, "{pixel:?}");
        }
    }
    let average = average_of_hash(&record);
    for (shown, painted) in average.iter().zip([0.2, 0.4, 0.6, 1.0]) {
        assert!((shown - painted).abs() < 0.03, "{average:?}");
    }
    let record = record_of(&site("a.png", &flat(), ""));
    assert_eq!(record.placeholders, Placeholders::default());
    let record = record_of(&site("a.png", &flat(), "placeholder: [blur]\n"));
    let Placeholders {
        color, thumbhash, ..
    } = &record.placeholders;
    assert_eq!((color, thumbhash), (&None, &None));
    blur_of(&record);
}

#[test]
fn transparent_images_get_no_color_and_no_blur() {
    let picture = png(100, 60, |x, _| [200, 20, 20, if x < 50 { 0 } else { 255 }]);
    let record = record_of(&site("a.png", &picture, ALL));
    assert_eq!(record.placeholders.color, None);
    assert_eq!(record.placeholders.blur, None);
    let [r, g, b, alpha] = average_of_hash(&record);
    assert!((alpha - 0.5).abs() < 0.05, "{alpha}");
    assert!(r > 0.6 && g < 0.2 && b < 0.2, "{r} {g} {b}");
}

#[test]
fn an_animation_uses_its_first_frame_and_a_drawing_has_no_placeholder() {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 100, 60, &[250, 0, 0, 0, 0, 250]).unwrap();
    for colour in [0, 1] {
        let frame = gif::Frame {
            width: 100,
            height: 60,
            delay: 10,
            buffer: vec![colour; 6000].into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    let preset = format!("{ALL}animation: first-frame\n");
    for preset in [ALL, preset.as_str()] {
        let record = record_of(&site("a.gif", &bytes, preset));
        assert_eq!(record.placeholders.color.as_deref(), Some("#fa0000"));
    }
    let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#0f0"/></svg>"##;
    let record = record_of(&site("a.svg", svg, ALL));
    assert_eq!(record.placeholders, Placeholders::default());
    let preset = format!("{ALL}rasterise: true\n");
    let record = record_of(&site("a.svg", svg, &preset));
    assert_eq!(record.placeholders.color.as_deref(), Some("#00ff00"));
}

#[test]
fn placeholders_are_written_in_every_syntax() {
    let site = site("a.png", &flat(), ALL);
    site.write(
        "planche.yml",
        "generator: hugo\ncontent: [\"articles/**\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n\
         data: [\"data/*\"]\noutput: { dir: uploads/variants, url: /uploads/variants/ }\n\
         rules: [{ at: image, preset: card }]\n",
    );
    let texts = [
        (
            "articles/flow.md",
            "---\n{title: x, image: /uploads/a.png}\n---\n",
        ),
        (
            "articles/list.md",
            "---\ntitle: x\n---\n![x](/uploads/a.png)\n",
        ),
        ("articles/toml.md", "+++\nimage = \"/uploads/a.png\"\n+++\n"),
        (
            "articles/json.md",
            "{\n  \"image\": \"/uploads/a.png\"\n}\n\nText.\n",
        ),
        ("data/a.yml", "image: /uploads/a.png\n"),
        ("data/a.toml", "image = \"/uploads/a.png\"\n"),
        ("data/a.json", "{\"image\": \"/uploads/a.png\"}\n"),
    ];
    for (name, text) in texts {
        site.write(name, text);
    }
    site.planche(&["--quiet"]).exits(0);
    let built = site.files();
    site.remove_state();
    site.planche(&["--quiet"]).exits(0);
    assert_eq!(changed(&built, &site.files()), [""; 0], "without a ledger");
    let records = check_records(&site);
    assert_eq!(records.len(), texts.len() + 1, "{records:#?}");
    for (article, record) in &records {
        assert_eq!(record.placeholders, records[0].1.placeholders, "{article}");
        assert!(record.placeholders.blur.is_some());
    }
    // The records are read by other parsers than planche's.
    let block: serde_yaml::Value =
        serde_yaml::from_str(site.text("articles/a.md").split("---\n").nth(1).unwrap()).unwrap();
    let flow: serde_yaml::Value =
        serde_yaml::from_str(site.text("articles/flow.md").split("---\n").nth(1).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&site.text("data/a.json")).unwrap();
    let keys = ["colour", "thumbhash", "blur"];
    for key in keys {
        let written = block["image_responsive"][key].as_str().unwrap();
        assert_eq!(flow["image_responsive"][key].as_str(), Some(written));
        assert_eq!(json["image_responsive"][key].as_str(), Some(written));
        let toml = format!("{key} = \"{written}\"");
        assert!(site.text("data/a.toml").contains(&toml), "{toml}");
        assert!(site.text("articles/toml.md").contains(&toml), "{toml}");
    }
    site.planche(&["strip", "--quiet"]).exits(0);
    for (name, text) in texts {
        assert_eq!(site.text(name), text);
    }
}

#[test]
fn the_manifest_carries_them() {
    let site = site("a.png", &flat(), ALL);
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}output: {{ manifest: m.yml }}\nfront_matter: {{ write: false }}\n"),
    );
    site.planche(&["--quiet"]).exits(0);
    let manifest: serde_yaml::Value = serde_yaml::from_str(&site.text("m.yml")).unwrap();
    let record = &manifest["images"]["/uploads/a.png"]["card"];
    assert_eq!(record["colour"], "#336699");
    assert!(record["thumbhash"].is_string() && record["blur"].is_string());
    site.planche(&["check", "--quiet"]).exits(0);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.planche(&["check", "--articles", "--quiet"]).exits(0);
    let shown = site.planche(&["--dry-run"]).exits(0);
    assert!(!shown.out.contains("-      colour"), "{}", shown.out);
}

#[test]
fn unknown_placeholders_are_left_out_and_existing_ones_stay() {
    let site = site("a.png", &flat(), ALL);
    let shown = site.planche(&["--dry-run"]).exits(0);
    assert!(shown.out.contains("+  width: 80\n"), "{}", shown.out);
    for key in ["colour", "thumbhash", "blur"] {
        assert!(!shown.out.contains(&format!("{key}:")), "{}", shown.out);
    }
    site.planche(&["--quiet"]).exits(0);
    let article = site.text("articles/a.md");
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.planche(&["check", "--articles", "--quiet"]).exits(0);
    site.planche(&["check", "--quiet"]).exits(1);
    let shown = site.planche(&["--dry-run"]).exits(0);
    assert_eq!(shown.out.matches("\n-").count(), 0, "{}", shown.out);
    // Values that no build could have written.
    for (from, to) in [
        ("#336699", "#369"),
        ("#336699", "red"),
        ("data:image/webp;", "data:image/png;"),
        ("base64,UklGR", "base64,AklGR"),
        ("thumbhash: \"", "thumbhash: \"A"),
        ("  blur:", "  colour_of:"),
    ] {
        let other = article.replace(from, to);
        assert_ne!(other, article, "{from}");
        site.write("articles/a.md", other);
        let run = site.planche(&["check", "--articles", "--quiet"]);
        assert_eq!(run.code, Some(1), "{from} → {to}: {run:#?}");
    }
    // The preset does not request these placeholders any more.
    site.write("articles/a.md", &article);
    site.write(
        "presets/card.yml",
        format!("{PRESET}placeholder: [colour]\n"),
    );
    site.planche(&["check", "--articles", "--quiet"]).exits(1);
}

#[test]
fn records_follow_the_existing_files() {
    let site = site("a.png", &flat(), ALL);
    let before = record_of(&site);
    // The smallest variant is replaced by another image: the record must describe the new one.
    let smallest = site.variants().remove(0);
    assert!(smallest.contains("-40."), "{smallest}");
    let other = webp_of([250, 0, 0]);
    site.write(&smallest, &other);
    let after = record_of(&site);
    assert_eq!(after.placeholders.color.as_deref(), Some("#fa0000"));
    assert_eq!(before.srcset.last(), after.srcset.last());
    // A file of the right length that cannot be decoded: the record in the article is kept, and the
    // file is reported.
    let mut broken = other;
    let length = broken.len();
    broken[20..length - 1].fill(0x55);
    site.write(&smallest, &broken);
    let article = site.text("articles/a.md");
    let run = site.planche(&["--format", "json"]).exits(1);
    let found = run.findings();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].code.as_str(), found[0].file.as_deref()),
        ("unreadable", Some(smallest.as_str()))
    );
    assert_eq!(site.text("articles/a.md"), article);
    // The hint says to remove the file.
    fs::remove_file(site.path(&smallest)).unwrap();
    assert_eq!(record_of(&site), before);
}

/// Returns a lossless WebP of one colour.
fn webp_of(colour: [u8; 3]) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(40, 24, image::Rgb(colour));
    let mut webp = std::io::Cursor::new(Vec::new());
    image.write_to(&mut webp, image::ImageFormat::WebP).unwrap();
    webp.into_inner()
}

#[test]
fn nothing_is_decoded_that_was_seen_before() {
    let site = site("a.png", &flat(), ALL);
    site.planche(&["--quiet"]).exits(0);
    let opened = site.open();
    let name = site.variants().remove(0);
    let path = site_path(&name);
    let digest = Digest::of(&fs::read(site.path(&name)).unwrap());
    let stamp = opened.root.stamp(&path).unwrap();
    let remembered = Appearance {
        fingerprint: Fingerprint::new(vec![7; 768]),
        placeholders: Some(Placeholders {
            color: Some("#010203".to_owned()),
            ..Placeholders::default()
        }),
    };
    let other = Digest::of(b"another file");
    for (stamp, digest, is_known) in [
        // Known by its stamp: the file is not even read.
        (Some(stamp), other, true),
        // Read, and recognised by its digest.
        (None, digest, true),
        (None, other, false),
    ] {
        let mut ledger = Ledger::default();
        let known = KnownAppearance {
            stamp,
            digest,
            appearance: Some(remembered.clone()),
        };
        ledger.put_appearances([(path.clone(), known)].into());
        let mut index = VariantIndex::inspect(&opened, &PathMap::default()).unwrap();
        let go = AtomicBool::new(false);
        let unseen = index.decode_appearances(
            &opened,
            [(&path, AppearanceLevel::Placeholders)],
            &ledger,
            &InProcess,
            &go,
        );
        assert_eq!(unseen, []);
        let seen = index.snapshot().appearance(&path).unwrap();
        assert_eq!(*seen == remembered, is_known, "{seen:?}");
    }
    // A variant without the requested placeholders is decoded again.
    let known = KnownAppearance {
        stamp: Some(stamp),
        digest,
        appearance: Some(Appearance {
            placeholders: None,
            ..remembered
        }),
    };
    let mut ledger = Ledger::default();
    ledger.put_appearances([(path.clone(), known)].into());
    let mut index = VariantIndex::inspect(&opened, &PathMap::default()).unwrap();
    let go = AtomicBool::new(false);
    index.decode_appearances(
        &opened,
        [(&path, AppearanceLevel::Placeholders)],
        &ledger,
        &InProcess,
        &go,
    );
    let placeholders = index
        .snapshot()
        .appearance(&path)
        .unwrap()
        .placeholders
        .as_ref();
    assert_eq!(placeholders.unwrap().color.as_deref(), Some("#336699"));
}
