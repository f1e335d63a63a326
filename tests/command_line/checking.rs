//! `check` where the variants are not in the checkout.

use std::fs;

use crate::scratch::{Run, Scratch, sample_upload};

#[test]
fn check_takes_articles_alone_where_variants_are_not_in_the_checkout() {
    let site = Scratch::sample();
    site.planche(&[]).exits(0);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.remove_state();
    site.planche(&["check"]).exits(1);
    site.planche(&["check", "--articles"]).exits(0);
    // Another image under an existing record.
    let article = "articles/galerie.md";
    let text = site.text(article);
    site.write(
        article,
        text.replacen("- /uploads/graphique-visites.png", "- /uploads/logo.png", 1),
    );
    let run = site.planche(&["check", "--articles"]).exits(1);
    assert_eq!(
        run.out,
        format!("would update {article}\n").as_str(),
        "{run:#?}"
    );
}

#[test]
fn check_sees_a_record_that_no_build_gave_also_without_the_variants() {
    let site = Scratch::site();
    for name in ["a", "b"] {
        site.copy_upload("2023/atelier.jpg", &format!("uploads/{name}.jpg"));
    }
    let article = "articles/a.md";
    site.write(
        article,
        "---\nimage: /uploads/a.jpg\ncover: /uploads/b.jpg\n---\n![](/uploads/a.jpg)\n",
    );
    site.planche(&["build"]).exits(0);
    let built = site.text(article);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.planche(&["check", "--articles"]).exits(0);
    let lines: Vec<&str> = built.lines().collect();
    let candidates: Vec<&&str> = lines
        .iter()
        .filter(|line| line.starts_with("    /uploads/variants/b-"))
        .collect();
    let [.., before_top, top] = candidates[..] else {
        panic!("{built}")
    };
    let (url, _) = before_top.trim().split_once(' ').unwrap();
    let (top_url, _) = top.trim().split_once(' ').unwrap();
    for (what, text) in [
        (
            "its reference is gone",
            built.replacen("cover: /uploads/b.jpg\n", "", 1),
        ),
        (
            "another width than that of `src`",
            built.replacen("  width: ", "  width: 1", 1),
        ),
        (
            "no largest rung",
            built
                .replacen(
                    &format!("{before_top}\n{top}\n"),
                    &format!("{}\n", before_top.trim_end_matches(',')),
                    1,
                )
                .replacen(&format!("src: {top_url}"), &format!("src: {url}"), 1),
        ),
        (
            "the rungs in another order",
            built.replacen(
                &format!("{}\n{}", candidates[0], candidates[1]),
                &format!("{}\n{}", candidates[1], candidates[0]),
                1,
            ),
        ),
    ] {
        assert_ne!(text, built, "{what}");
        site.write(article, &text);
        let run = site.planche(&["check", "--articles"]);
        assert_eq!(run.code, Some(1), "{what}: {run:#?}");
    }
    // A width that saves nothing is left out, which only its file size shows.
    site.write(
        article,
        built.replacen(&format!("{}\n", candidates[0]), "", 1),
    );
    site.planche(&["check", "--articles"]).exits(0);
}

#[test]
fn check_agrees_with_a_build_about_an_image_that_cannot_be_decoded() {
    let site = Scratch::site();
    let whole = sample_upload("2023/atelier.jpg");
    site.write("uploads/broken.jpg", &whole[..whole.len() / 2]);
    let article = "articles/a.md";
    site.write_article(article, "/uploads/broken.jpg");
    // Nothing was decoded yet, and `check` does not decode.
    let before = site.planche(&["check", "--format", "json"]).exits(1);
    assert_eq!(before.findings(), []);
    let text = site.text(article);
    let undecodable = |run: &Run| {
        let findings = run.findings().into_iter();
        findings
            .filter(|found| found.code == "undecodable-upload")
            .collect::<Vec<_>>()
    };
    let built = undecodable(&site.planche(&["build", "--format", "json"]).exits(1));
    assert_eq!(built.len(), 1, "{built:?}");
    for arguments in [
        &["check", "--format", "json"][..],
        &["build", "--dry-run", "--format", "json"],
    ] {
        let run = site.planche(arguments).exits(1);
        assert_eq!(undecodable(&run), built);
        assert_eq!(run.count("/originals/failed"), 1);
        let plan = &run.json()["plan"];
        assert_eq!(plan["articles"].as_array().unwrap().len(), 0, "{plan}");
        assert_eq!(plan["variants"].as_array().unwrap().len(), 0, "{plan}");
        assert_eq!(plan["images"].as_array().unwrap().len(), 0, "{plan}");
    }
    assert_eq!(site.text(article), text);
    let explained = site.planche(&["explain", "uploads/broken.jpg"]).exits(0);
    assert!(explained.out.contains(&built[0].message), "{explained:#?}");
    site.planche(&["check", "--write-baseline"]).exits(0);
    site.planche(&["check"]).exits(0);
    site.planche(&["build"]).exits(0);
    // The same name with other bytes is another image.
    site.write("uploads/broken.jpg", whole);
    site.planche(&["check"]).exits(1);
    site.planche(&["build"]).exits(0);
    site.planche(&["check"]).exits(0);
}

#[test]
fn a_record_that_no_build_writes_is_not_to_be_updated() {
    let site = Scratch::site();
    site.copy_upload("2023/atelier.jpg", "uploads/a.jpg");
    let article = "articles/a.md";
    site.write(article, "---\na: &a\n  image: /uploads/a.jpg\nb: *a\n---\n");
    for is_built in [false, true] {
        let run = site.planche(&["check", "--format", "json"]);
        let plan = &run.json()["plan"];
        assert_eq!(plan["articles"].as_array().unwrap().len(), 0, "{plan}");
        let explained = site.planche(&["explain", article]).exits(0);
        assert!(
            explained.out.contains("[skipped-reference]"),
            "{explained:#?}"
        );
        if !is_built {
            site.planche(&["build"]).exits(0);
        }
    }
    site.planche(&["check"]).exits(0);
}

#[test]
fn an_image_that_only_gets_skipped_needs_no_variants() {
    let site = Scratch::site();
    for name in ["a.jpg", "b.jpg"] {
        site.copy_upload("2023/atelier.jpg", &format!("uploads/{name}"));
    }
    let first = "---\na: &a\n  image: /uploads/a.jpg\n  cover: /uploads/b.jpg\nb: *a\n---\n";
    site.write("articles/a.md", first);
    site.write("articles/b.md", "---\nimage: /uploads/b.jpg\n---\n");
    let names = |variants: &[String], upload: &str| {
        let of_upload = |name: &&String| name.contains(&format!("/{upload}-"));
        variants.iter().filter(of_upload).count()
    };
    let check = site.planche(&["check", "--format", "json"]);
    let planned = check.json()["plan"]["variants"].as_array().unwrap().clone();
    let planned: Vec<String> = planned.iter().map(ToString::to_string).collect();
    assert_eq!(names(&planned, "a"), 0, "{planned:?}");
    let skipped = |run: &Run| {
        let findings = run.findings().into_iter();
        let skipped = findings.filter(|found| found.code == "skipped-reference");
        let places = skipped.map(|found| (found.line, found.column, found.message));
        places.collect::<Vec<_>>()
    };
    let reason = "its mapping is anchored and used elsewhere, where the record would appear too";
    let expected = [
        (
            Some(3),
            Some(3),
            format!("`a.image` gets no record: {reason}"),
        ),
        (
            Some(4),
            Some(3),
            format!("`a.cover` gets no record: {reason}"),
        ),
    ];
    assert_eq!(skipped(&check), expected);
    // The second build has the findings from the ledger.
    for _ in 0..2 {
        let built = site.planche(&["build", "--format", "json"]).exits(0);
        assert_eq!(skipped(&built), expected);
    }
    assert_eq!(site.text("articles/a.md"), first);
    assert_eq!(names(&site.variants(), "a"), 0);
    assert!(names(&site.variants(), "b") > 0);
    let explained = site.planche(&["explain", "uploads/a.jpg"]).exits(0);
    let line =
        "  articles/a.md:3:10 (a.image): its record cannot be written, so it needs no variants";
    assert!(explained.out.contains(line), "{explained:#?}");
    // A manifest has records of all images, wherever articles name them.
    site.write(
        "planche.yml",
        site.text("planche.yml") + "output: { manifest: images.json }\n",
    );
    site.planche(&["build"]).exits(0);
    assert!(names(&site.variants(), "a") > 0);
    assert!(site.text("images.json").contains("/uploads/a.jpg"));
}

/// The variant names contain digests: making a missing one again changes no record.
#[test]
fn a_missing_variant_changes_no_article() {
    let site = Scratch::site();
    site.copy_upload("2023/atelier.jpg", "uploads/a.jpg");
    site.write(
        "articles/a.md",
        "---\nimage: /uploads/a.jpg\n---\n![](/uploads/a.jpg)\n",
    );
    site.planche(&["build"]).exits(0);
    let all = site.variants();
    for gone in [&all[..1], &all[..]] {
        for variant in gone {
            fs::remove_file(site.path(variant)).unwrap();
        }
        for arguments in [&["check"][..], &["build", "--dry-run"]] {
            let arguments = [arguments, &["--format", "json"]].concat();
            let run = site.planche(&arguments);
            let plan = &run.json()["plan"];
            let variants = plan["variants"].as_array().unwrap();
            assert_eq!(variants.len(), gone.len(), "{run:#?}");
            assert_eq!(plan["articles"], serde_json::json!([]), "{run:#?}");
        }
        let run = site.planche(&["build", "--format", "json"]).exits(0);
        assert_eq!(run.count("/variants/written"), gone.len() as u64);
        assert_eq!(run.count("/articles/changed"), 0);
    }
    // An image without a record gets one.
    fs::remove_file(site.path(&all[0])).unwrap();
    site.write("articles/b.md", "---\nimage: /uploads/a.jpg\n---\n");
    let run = site.planche(&["check"]).exits(1);
    let updated = run.out.lines().filter(|line| line.starts_with("would"));
    let updated: Vec<&str> = updated.collect();
    assert_eq!(updated, ["would update articles/b.md"], "{run:#?}");
}
