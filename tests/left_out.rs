//! Widths that a `srcset` leaves out: their files are not kept, but their sizes are.

use std::fs;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use crate::records::check_records;
use crate::scratch::{Scratch, changed};

const LIST: &str = "uploads/variants/left-out.txt";

/// Returns a PNG with stripes of three pixels. It takes few bytes at full size, and more at three
/// quarters of the size, where the stripes become grays.
fn stripes() -> Vec<u8> {
    let row = (0..200).map(|x| if x / 3 % 2 == 0 { 0 } else { 255 });
    let pixels: Vec<u8> = (0..200).flat_map(|_| row.clone()).collect();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&pixels, 200, 200, ExtendedColorType::L8)
        .unwrap();
    bytes
}

fn site(widths: &str) -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        format!("widths: [{widths}]\nsizes: 100vw\nlossless: always\n"),
    );
    site.write("uploads/stripes.png", stripes());
    site.write_article("articles/a.md", "/uploads/stripes.png");
    site
}

/// Returns the path and the bytes of the variant of 150 pixels, made by a site without any other
/// width.
fn left_out() -> (String, Vec<u8>) {
    let site = site("150");
    site.planche(&[]).exits(0);
    let name = site.variants().remove(0);
    let bytes = fs::read(site.path(&name)).unwrap();
    (name, bytes)
}

/// Returns the line about that variant in the list.
fn line() -> String {
    let (path, bytes) = left_out();
    let name = path.rsplit('/').next().unwrap();
    format!("{name} {}", bytes.len())
}

fn built() -> Scratch {
    let site = site("150, 200");
    site.planche(&[]).exits(0);
    site
}

/// Returns the entries of the list.
fn lines(site: &Scratch) -> Vec<String> {
    let text = site.text(LIST);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_width_that_saves_nothing_is_not_published_and_a_fresh_clone_is_quiet() {
    let site = site("150, 200");
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 1);
    let variants = site.variants();
    assert_eq!(variants.len(), 1, "{variants:?}");
    assert!(variants[0].contains("-200."), "{variants:?}");
    assert_eq!(lines(&site), [line()]);
    check_records(&site);
    let before = site.files();
    for is_fresh in [false, true] {
        if is_fresh {
            site.remove_state();
        }
        site.planche(&["check"]).exits(0);
        let again = site.planche(&["--format", "json"]).exits(0);
        assert_eq!(again.count("/variants/written"), 0);
        assert_eq!(changed(&before, &site.files()), [""; 0]);
    }
    let text = site
        .planche(&["explain", "uploads/stripes.png"])
        .exits(0)
        .out;
    assert!(text.contains("left out: no smaller than 200w"), "{text}");
    site.planche(&["verify"]).exits(0);
    site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn without_the_list_the_next_build_makes_the_same_files_and_list() {
    let site = built();
    let before = site.files();
    fs::remove_file(site.path(LIST)).unwrap();
    site.remove_state();
    site.planche(&["check"]).exits(1);
    site.planche(&[]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn a_hostile_list_changes_no_record() {
    let site = built();
    let before = site.files();
    let name = line().rsplit_once(' ').unwrap().0.to_owned();
    let head = site.text(LIST).lines().next().unwrap().to_owned();
    for lines in [
        // A smaller size than the real one: with it, the record would list the width.
        format!("{name} 1\n"),
        format!("{name} 1\n{name} 2\n"),
        format!("{name} 18446744073709551616\n../../{name} 5\n\u{0}\u{0}\n"),
        "<<<<<<< HEAD\n=======\n".to_owned(),
    ] {
        site.write(LIST, format!("{head}\n{lines}"));
        site.remove_state();
        site.planche(&[]).exits(0);
        assert_eq!(changed(&before, &site.files()), [""; 0], "{lines}");
    }
    // Names that are not of variants in the plan stay until `clean`, as files do.
    let other = "other-80.0123456789.webp 12";
    site.write(LIST, format!("{}{other}\n", site.text(LIST)));
    site.planche(&[]).exits(0);
    assert_eq!(lines(&site).len(), 2);
    site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn a_file_of_another_program_is_not_overwritten() {
    let site = site("150, 200");
    site.write(LIST, "my notes\n");
    let run = site.planche(&["--format", "json"]).exits(2);
    let found = &run.findings()[0];
    assert_eq!(found.code, "unwritable", "{run:#?}");
    assert_eq!(site.text(LIST), "my notes\n");
    assert_eq!(site.variants().len(), 1);
    check_records(&site);
}

#[test]
fn clean_deletes_what_an_earlier_version_has_published_unless_a_text_names_it() {
    let site = built();
    let after = site.files();
    let (path, bytes) = left_out();
    site.write(&path, bytes);
    fs::remove_file(site.path(LIST)).unwrap();
    site.remove_state();
    let before = site.files();
    site.planche(&["check"]).exits(0);
    site.planche(&[]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    site.write("notes.txt", format!("See {path}\n"));
    site.planche(&["clean"]).exits(0);
    assert!(site.path(&path).exists());
    fs::remove_file(site.path("notes.txt")).unwrap();
    let shown = site.planche(&["clean", "--dry-run"]).exits(0);
    assert_eq!(shown.out.trim_end(), path);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&after, &site.files()), [""; 0]);
    site.remove_state();
    site.planche(&["check"]).exits(0);
}

#[test]
fn clean_keeps_the_sizes_of_images_whose_article_cannot_be_read() {
    let site = built();
    let article = site.text("articles/a.md");
    site.write("articles/a.md", article.replacen("---\n", "---\nx: [\n", 1));
    let before = site.files();
    site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn a_page_waits_until_the_list_can_be_written() {
    let pages = || {
        let site = site("150, 200");
        site.write("presets/article.yml", site.text("presets/card.yml"));
        site.write("_site/uploads/stripes.png", stripes());
        let page = "<!doctype html><title>a</title><img src=\"/uploads/stripes.png\" alt=\"\">";
        site.write("_site/a.html", page);
        site
    };
    let whole = pages();
    whole.planche(&["html", "_site"]).exits(0);
    assert!(whole.text("_site/a.html").contains("srcset="));
    let list = format!("_site/{LIST}");
    assert!(whole.text(&list).contains(&line()));
    let site = pages();
    let page = site.text("_site/a.html");
    site.write(&list, "my notes\n");
    site.planche(&["html", "_site"]).exits(2);
    assert_eq!(site.text("_site/a.html"), page);
    fs::remove_file(site.path(&list)).unwrap();
    site.planche(&["html", "_site"]).exits(0);
    assert_eq!(changed(&whole.files(), &site.files()), [""; 0]);
}

#[test]
fn a_width_that_a_record_comes_to_need_is_made() {
    let site = built();
    site.write(
        "presets/card.yml",
        "widths: [150]\nsizes: 100vw\nlossless: always\n",
    );
    site.planche(&["check"]).exits(1);
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 1);
    let (path, bytes) = left_out();
    assert_eq!(fs::read(site.path(&path)).unwrap(), bytes);
    let records = check_records(&site);
    assert!(records[0].1.src.ends_with(path.rsplit('/').next().unwrap()));
    site.planche(&["check"]).exits(0);
}
