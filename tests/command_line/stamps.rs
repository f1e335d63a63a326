//! Files that change without a new size or time, and options that change.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::built_site;
use crate::records::check_records;
use crate::scratch::Scratch;

/// Writes a file in place as an editor would that restores the time.
fn overwrite_unseen(path: &Path, bytes: &[u8]) {
    let before = fs::metadata(path).unwrap();
    assert_eq!(before.len(), bytes.len() as u64);
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
}

#[test]
fn an_article_of_equal_size_and_time_is_seen_to_be_another() {
    let site = built_site();
    site.copy_upload("graphique-visites.png", "uploads/bars.png");
    // Each round may fall into one tick of the file system's clock, or not.
    for _ in 0..5 {
        for name in ["logo", "bars"] {
            let text = format!("---\nimage: /uploads/{name}.png\nplanche: false\n---\n");
            site.write("articles/b.md", &text);
            site.planche(&[]).exits(0);
            let text = text.replace("planche: false", "planche: true ");
            overwrite_unseen(&site.path("articles/b.md"), text.as_bytes());
            site.planche(&[]).exits(0);
            let text = site.text("articles/b.md");
            assert!(
                text.contains(&format!("/uploads/variants/{name}-")),
                "{text}"
            );
        }
    }
}

/// An uncompressed PNG of one colour: all of one size.
fn plain_png(colour: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(
        &mut bytes,
        CompressionType::Uncompressed,
        FilterType::NoFilter,
    );
    let pixels = vec![colour; 40 * 30 * 3];
    encoder
        .write_image(&pixels, 40, 30, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

#[test]
fn an_upload_of_equal_size_and_time_is_seen_to_be_another() {
    let site = Scratch::site();
    site.write_article("articles/a.md", "/uploads/plain.png");
    site.write("uploads/plain.png", plain_png(0));
    site.planche(&[]).exits(0);
    let mut seen = site.text("articles/a.md");
    for colour in 1..10 {
        overwrite_unseen(&site.path("uploads/plain.png"), &plain_png(colour * 20));
        let run = site.planche(&["--format", "json"]).exits(0);
        assert_eq!(run.count("/variants/written"), 1, "{run:#?}");
        let text = site.text("articles/a.md");
        assert_ne!(text, seen);
        seen = text;
    }
    check_records(&site);
}

#[test]
fn a_changed_option_makes_new_variants_and_a_rewritten_one_is_fresh() {
    let site = built_site();
    let first = site.text("articles/a.md");
    site.write(
        "presets/card.yml",
        "widths: [320, 480]\nsizes: 20em\nquality: 50\n",
    );
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 2, "{run:#?}");
    let second = site.text("articles/a.md");
    assert!(second.contains("20em") && first != second);
    fs::remove_file(site.path("presets/card.yml")).unwrap();
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 0, "{run:#?}");
    assert_eq!(site.text("articles/a.md"), first);
}
