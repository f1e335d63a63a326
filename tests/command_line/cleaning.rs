//! What `clean` removes and keeps.

use std::fs;
use std::os::unix::fs::symlink;

use super::built_site;
use crate::scratch::{Scratch, changed};

#[test]
fn clean_removes_what_nothing_uses_and_nothing_else() {
    let site = built_site();
    site.copy_upload("graphique-visites.png", "uploads/bars.png");
    site.write_article("articles/b.md", "/uploads/bars.png");
    site.planche(&[]).exits(0);
    let of_bars = |name: &String| name.starts_with("uploads/variants/bars-");
    let orphans: Vec<String> = site.variants().into_iter().filter(of_bars).collect();
    assert!(!orphans.is_empty());
    site.planche(&["clean"]).exits(0);
    assert_eq!(
        site.variants().into_iter().filter(of_bars).count(),
        orphans.len()
    );

    fs::remove_file(site.path("articles/b.md")).unwrap();
    site.write("uploads/variants/by-hand.webp", "mine");
    let before = site.files();
    let shown = site.planche(&["clean", "--dry-run"]).exits(0);
    assert_eq!(shown.out.lines().collect::<Vec<_>>(), orphans);
    let shown = site
        .planche(&["clean", "--dry-run", "--format", "json"])
        .exits(0)
        .json();
    let paths = shown["variants"].as_array().unwrap().iter();
    let paths: Vec<&str> = paths
        .map(|variant| variant["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        (paths, &shown["dry_run"]),
        (orphans.iter().map(String::as_str).collect(), &true.into())
    );
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    site.planche(&["clean"]).exits(0);
    // The sizes of widths that nothing uses go with them.
    let mut gone = changed(&before, &site.files());
    gone.retain(|name| name != "uploads/variants/left-out.txt");
    assert_eq!(gone, orphans);
    site.planche(&["check"]).exits(0);
}

#[test]
fn clean_keeps_a_variant_that_a_refused_or_opted_out_article_names() {
    let site = built_site();
    let record = site.text("articles/a.md");
    assert!(record.contains("/uploads/variants/logo-"));
    for text in [
        record.replace("---\nimage", "---\nbroken: \"\nimage"),
        record.replace("---\nimage", "---\nplanche: false\nimage"),
        record.replace("---\nimage", "---\nnot: \u{fffd}\nimage"),
    ] {
        site.write("articles/a.md", text);
        let before = site.files();
        let run = site.planche(&["clean"]).exits(0);
        // Some variants may exist without being listed, and so be named nowhere.
        for name in changed(&before, &site.files()) {
            let name = name.rsplit('/').next().unwrap();
            assert!(!record.contains(name), "{name}: {run:#?}");
        }
    }
}

#[test]
fn clean_removes_nothing_where_it_cannot_know() {
    let site = built_site();
    let config = site.text("planche.yml");
    site.write("articles/a.md", "No picture any more.\n");
    let unsound: [(&str, &dyn Fn()); 3] = [
        ("unknown preset", &|| {
            let rule = "rules: [{ at: body, preset: carousell }]\n";
            site.write("planche.yml", format!("{config}{rule}"));
        }),
        ("preset with a typo", &|| {
            site.write("planche.yml", &config);
            site.write("presets/own.yml", "width: [320]\n");
        }),
        ("unreadable folder", &|| {
            fs::remove_dir_all(site.path("presets")).unwrap();
            site.write(
                "planche.yml",
                config.replace("[\"articles/**\"", "[\"articles/**\", \"more/**\""),
            );
            symlink("more", site.path("more")).unwrap();
        }),
    ];
    for (what, prepare) in unsound {
        prepare();
        let before = site.files();
        let run = site.planche(&["clean"]).exits(2);
        assert!(run.err.contains("nothing was deleted"), "{what}: {run:#?}");
        assert_eq!(changed(&before, &site.files()), [""; 0], "{what}");
    }
    site.write("planche.yml", &config);
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), [""; 0]);
}

#[test]
fn clean_keeps_what_an_article_names_that_the_configuration_leaves_out() {
    let site = Scratch::site();
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/prague.png");
    site.write_article("articles/a.md", "/uploads/prague.png");
    site.planche(&[]).exits(0);
    let variants = site.variants();
    assert_eq!(variants.len(), 4, "all of them are listed");
    for configuration in [
        "generator: none\ncontent: [\"post/*.md\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n",
        "generator: none\ncontent: [\"articles/**\"]\nexclude: [\"articles/**\"]\n",
    ] {
        site.write("planche.yml", configuration);
        site.planche(&["clean"]).exits(0);
        assert_eq!(site.variants(), variants, "{configuration}");
    }
    fs::remove_file(site.path("articles/a.md")).unwrap();
    site.planche(&["clean"]).exits(0);
    assert!(site.variants().is_empty());
}

#[test]
fn after_strip_clean_says_why_the_variants_are_kept() {
    let site = built_site();
    let sentence = |site: &Scratch| site.planche(&["clean"]).exits(0).err;
    assert_eq!(
        sentence(&site),
        "nothing to delete: every variant is used\n"
    );
    site.planche(&["strip"]).exits(0);
    assert_eq!(
        sentence(&site),
        "nothing to delete: the next build needs the variants; to uninstall planche, delete \
         `uploads/variants`\n"
    );
    assert!(!site.variants().is_empty());
}
