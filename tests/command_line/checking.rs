//! `check` where the variants are not in the checkout.

use std::fs;

use crate::scratch::Scratch;

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
