//! `planche explain` of uploads and articles.

use std::fs;

use crate::scratch::Scratch;

/// Creates a site with two articles that show an upload of 800 × 450 pixels by two presets, one of
/// which crops.
fn site() -> Scratch {
    let site = Scratch::empty();
    site.write(
        "planche.yml",
        "generator: none\n\
         content: [\"articles/**\"]\n\
         uploads: [{ url: /uploads/, dir: uploads }]\n\
         rules:\n\
         - { at: image, preset: wide }\n\
",
    );
    site.write(
        "presets/wide.yml",
        "widths: [64, 128, 760, 1600]\nsizes: 100vw\n",
    );
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/p.png");
    site.write(
        "articles/a.md",
        "---\nimage: /uploads/p.png\n---\n![x](/uploads/p.png)\n",
    );
    site.write(
        "articles/c.md",
        "---\ntitle: c\n---\n<video poster=/uploads/p.png></video>\n",
    );
    site.write("articles/b.md", "---\nimage: /uploads/missing.png\n---\n");
    site
}

#[test]
fn an_upload_has_its_places_and_a_reason_for_each_width() {
    let site = site();
    let before = site.planche(&["explain", "uploads/p.png"]).exits(0).out;
    assert_eq!(
        before
            .matches("no file yet  the next build generates it")
            .count(),
        3 + 4,
        "{before}"
    );
    site.planche(&["build"]).exits(0);
    let text = site.planche(&["explain", "uploads/p.png"]).exits(0).out;
    let article = site.text("articles/a.md");
    let body = article.lines().position(|line| line.starts_with("![x]"));
    let body = format!(
        ") with preset `article`\n  used at articles/a.md:{}:1 (body); default preset for body images\n",
        body.unwrap() + 1
    );
    for part in [
        &body,
        "uploads/p.png: an upload\n",
        "uploads/p.png (PNG, 800 × 450 px, ",
        ") with preset `wide`\n  used at articles/a.md:2:8 (image); preset from rule 1 (planche.yml:5)\n",
        // 760 is less than 10% below 800, the image's own width.
        "     760w   no variant  less than 10% narrower than 800w\n",
        "    1600w   no variant  the image is only 800 px wide\n",
        "  articles/c.md:4:8 (body): planche checks that it exists; such an attribute has no srcset\n",
        "; loaded by a phone and a desktop\n",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    let widest = site.variants();
    let widest = widest.iter().find(|name| name.contains("-800.")).unwrap();
    let bytes = fs::metadata(site.path(widest)).unwrap().len();
    let size = format!("{:.1} KiB  listed", bytes as f64 / 1024.0);
    assert!(text.contains(&size), "{size} in\n{text}");
    // The same file is given as a URL, and as a path with `..`.
    for name in ["/uploads/p.png", "./articles/../uploads/p.png"] {
        assert_eq!(site.planche(&["explain", name]).exits(0).out, text);
    }
    let path = site.path("uploads/p.png");
    let absolute = site.planche(&["explain", path.to_str().unwrap()]);
    assert_eq!(absolute.exits(0).out, text);
}

#[test]
fn an_article_has_its_images_and_its_findings() {
    let site = site();
    let text = site.planche(&["explain", "articles/b.md"]).exits(0).out;
    assert!(text.starts_with("articles/b.md: an article\n"), "{text}");
    assert!(
        text.contains("  articles/b.md:2:8 (image): its upload is missing or cannot be used\n"),
        "{text}"
    );
    assert!(
        text.contains("[missing-upload] articles/b.md:2:8: "),
        "{text}"
    );
    let text = site.planche(&["explain", "articles/a.md"]).exits(0).out;
    assert!(text.contains("with preset `wide`"), "{text}");
    assert!(text.contains("with preset `article`"), "{text}");
}

#[test]
fn a_width_that_saves_nothing_has_its_reason() {
    let site = site();
    site.planche(&["build"]).exits(0);
    // The 64-pixel variant gets more bytes than the 128-pixel one. Its size decides, not its
    // content.
    let variants = site.variants();
    let of = |part: &str| variants.iter().find(|name| name.contains(part)).unwrap();
    let larger = fs::read(site.path(of("-128."))).unwrap();
    site.write(of("-64."), larger);
    site.remove_state();
    let text = site.planche(&["explain", "uploads/p.png"]).exits(0).out;
    assert!(text.contains("left out: no smaller than 128w"), "{text}");
}

#[test]
fn what_is_neither_a_code_nor_a_file_has_a_hint() {
    let site = site();
    for (given, hint) in [
        ("missing-uploads", "did you mean `missing-upload`?"),
        ("uploads/other.png", "give a path from the site's folder"),
        ("nothing-like-a-code", "give a path from the site's folder"),
    ] {
        let err = site.planche(&["explain", given]).exits(2).err;
        assert!(err.contains(hint), "{err}");
    }
    let nowhere = Scratch::empty();
    let err = nowhere.planche(&["explain", "qwertz"]).exits(2).err;
    assert!(err.contains("docs/findings.md lists all codes"), "{err}");
}

/// The name is decomposed on disk, as macOS writes it, composed in the article, and the argument is
/// either, percent-encoded, or a URL.
#[test]
fn an_upload_is_found_in_any_normalization_and_encoding() {
    let site = site();
    site.copy_upload(
        "prague_schaer_CIO_une800.png",
        "uploads/ce\u{301}re\u{301}monie 1.png",
    );
    site.write(
        "articles/d.md",
        "---\nimage: \"/uploads/c\u{e9}r\u{e9}monie 1.png\"\n---\n",
    );
    for given in [
        "uploads/ce\u{301}re\u{301}monie 1.png",
        "uploads/c\u{e9}r\u{e9}monie 1.png",
        "/uploads/c\u{e9}r\u{e9}monie 1.png",
        "/uploads/c%C3%A9r%C3%A9monie%201.png",
    ] {
        let text = site.planche(&["explain", given]).exits(0).out;
        assert!(text.contains("articles/d.md:2"), "{given}: {text}");
    }
}
