//! The manifest: one data file with all records, in addition to or instead of the front matter.

use std::fs;

use crate::scratch::{Run, Scratch, changed};

const CONFIG: &str = "generator: none\ncontent: [\"articles/**\"]\n";

/// Creates a site with two articles, two uploads, and the manifest file `manifest`.
fn site(manifest: &str, more: &str) -> Scratch {
    let site = Scratch::empty();
    site.write(
        "planche.yml",
        format!("{CONFIG}output: {{ manifest: {manifest} }}\n{more}"),
    );
    site.copy_upload("logo.png", "uploads/a b.png");
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/prague.png");
    site.write(
        "articles/a.md",
        "---\nimage: \"/uploads/a b.png\"\n---\n![x](/uploads/prague.png)\n",
    );
    site.write("articles/b.md", "---\nimage: uploads/prague.png\n---\n");
    site
}

fn build(site: &Scratch) -> Run {
    site.planche(&["build", "--format", "json"])
}

/// Parses the manifest with another parser than planche's.
fn read(site: &Scratch, name: &str) -> serde_json::Value {
    let text = site.text(name);
    if name.ends_with(".json") {
        serde_json::from_str(&text).unwrap()
    } else {
        serde_yaml::from_str(&text).unwrap()
    }
}

fn has_records(site: &Scratch) -> bool {
    site.text("articles/a.md").contains("image_responsive")
}

#[test]
fn records_are_listed_under_the_url_and_under_the_values_of_references() {
    for manifest in ["_data/planche.yml", "_data/deep/planche.json"] {
        let site = site(manifest, "");
        let run = build(&site).exits(0);
        assert_eq!(run.json()["manifest"]["changed"], true, "{run:#?}");
        let value = read(&site, manifest);
        assert_eq!(value["planche"], 1);
        let images = value["images"].as_object().unwrap();
        let names: Vec<&str> = images.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "/uploads/a b.png",
                "/uploads/a%20b.png",
                "/uploads/prague.png",
                "uploads/prague.png"
            ]
        );
        let presets =
            |name: &str| -> Vec<&String> { images[name].as_object().unwrap().keys().collect() };
        assert_eq!(presets("/uploads/a b.png"), ["card"]);
        assert_eq!(presets("/uploads/prague.png"), ["article", "card"]);
        let record = &images["uploads/prague.png"]["card"];
        assert_eq!(record["original"], "uploads/prague.png");
        // The manifest's record must equal that of the article.
        let article = site.text("articles/b.md");
        let front_matter = article.split("---\n").nth(1).unwrap();
        let front_matter: serde_json::Value = serde_yaml::from_str(front_matter).unwrap();
        assert_eq!(*record, front_matter["image_responsive"]);
        for name in record["srcset"].as_str().unwrap().split(", ") {
            let path = name.split(' ').next().unwrap().trim_start_matches('/');
            assert!(site.path(path).is_file(), "{path}");
        }
    }
}

#[test]
fn a_build_that_changes_nothing_does_not_write_the_manifest() {
    let site = site("_data/planche.yml", "");
    let check = || site.planche(&["check", "--format", "json"]);
    let run = check().exits(1);
    assert_eq!(run.json()["manifest"]["changed"], false, "{run:#?}");
    assert_eq!(
        run.json()["plan"]["manifest"]["path"],
        "_data/planche.yml",
        "{run:#?}"
    );
    assert!(!site.path("_data").exists());
    build(&site).exits(0);
    let built = site.files();
    let stamp = fs::metadata(site.path("_data/planche.yml"))
        .unwrap()
        .modified()
        .unwrap();
    let run = build(&site).exits(0);
    assert_eq!(run.json()["manifest"]["changed"], false, "{run:#?}");
    assert_eq!(run.count("/articles/changed"), 0);
    assert_eq!(changed(&built, &site.files()), [""; 0]);
    let now = fs::metadata(site.path("_data/planche.yml"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(now, stamp, "the file is untouched");
    check().exits(0);
    // `check` reports a manifest that a build would change.
    site.write("_data/planche.yml", "planche: 1\nimages: {}\n");
    check().exits(1);
    let diff = site.planche(&["--dry-run"]).exits(0);
    assert!(
        diff.out.contains("+++ b/_data/planche.yml\n"),
        "{}",
        diff.out
    );
    assert!(
        diff.err.contains("would update _data/planche.yml"),
        "{}",
        diff.err
    );
    build(&site).exits(0);
    assert_eq!(changed(&built, &site.files()), [""; 0]);
}

#[test]
fn the_manifest_can_be_checked_without_variants() {
    let site = site("_data/planche.json", "");
    build(&site).exits(0);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.planche(&["check"]).exits(1);
    site.planche(&["check", "--articles"]).exits(0);
}

#[test]
fn with_write_false_only_the_manifest_is_written() {
    let site = site("_data/planche.yml", "front_matter: { write: false }\n");
    site.write("articles/c.md", "![y](/uploads/prague.png)\n");
    let before = site.text("articles/a.md");
    let run = build(&site).exits(0);
    assert_eq!(run.count("/articles/changed"), 0);
    assert_eq!(run.findings(), [], "no page needs front matter");
    assert!(!has_records(&site) && site.text("articles/a.md") == before);
    assert!(!site.variants().is_empty());
    let value = read(&site, "_data/planche.yml");
    assert!(value["images"]["/uploads/a b.png"]["card"]["srcset"].is_string());
    site.planche(&["check"]).exits(0);
    // `strip` also removes what an earlier configuration has written.
    site.write("planche.yml", CONFIG);
    build(&site).exits(0);
    assert!(has_records(&site));
    site.write(
        "planche.yml",
        format!(
            "{CONFIG}output: {{ manifest: _data/planche.yml }}\nfront_matter: {{ write: false }}\n"
        ),
    );
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text("articles/a.md"), before);
}

#[test]
fn records_that_are_written_nowhere_are_a_finding() {
    let site = site("_data/planche.yml", "");
    site.write(
        "planche.yml",
        format!("{CONFIG}front_matter: {{ write: false }}\n"),
    );
    let findings = build(&site).exits(0).findings();
    let [finding] = findings.as_slice() else {
        panic!("{findings:#?}");
    };
    assert_eq!(
        (finding.code.as_str(), finding.line, finding.column),
        ("no-records", Some(3), Some(24))
    );
}

#[test]
fn strip_removes_the_manifest() {
    let site = site("_data/planche.yml", "");
    let before = site.files();
    build(&site).exits(0);
    let shown = site.planche(&["strip", "--dry-run"]).exits(0);
    assert!(
        shown.err.contains("would remove _data/planche.yml"),
        "{}",
        shown.err
    );
    assert!(shown.out.contains("\n-planche: 1\n"), "{}", shown.out);
    assert!(site.path("_data/planche.yml").is_file());
    let run = site.planche(&["strip"]).exits(0);
    assert!(
        run.err.contains(", removed _data/planche.yml"),
        "{}",
        run.err
    );
    let mut after = site.files();
    after.retain(|name, _| !name.contains("variants/"));
    assert_eq!(changed(&before, &after), [""; 0]);
    // There is nothing left to remove.
    let run = site.planche(&["strip"]).exits(0);
    assert!(!run.err.contains("_data"), "{}", run.err);
}

#[test]
fn a_file_that_is_no_manifest_is_never_overwritten() {
    let site = site("_data/menu.yml", "");
    let menu = "- title: Home\n";
    site.write("_data/menu.yml", menu);
    for command in ["build", "check", "strip"] {
        let run = site.planche(&[command, "--format", "json"]).exits(1);
        let findings = run.findings();
        let refused = findings
            .iter()
            .find(|finding| finding.code == "manifest-refused");
        assert_eq!(
            refused.unwrap().file.as_deref(),
            Some("_data/menu.yml"),
            "{findings:#?}"
        );
        assert_eq!(site.text("_data/menu.yml"), menu);
    }
}

#[test]
fn a_file_larger_than_any_manifest_is_not_read() {
    let site = site("m.json", "");
    // It takes no space on the disk, and no machine has as much memory.
    let length = 1 << 42;
    let file = fs::File::create(site.path("m.json")).unwrap();
    file.set_len(length).unwrap();
    for command in [
        &["build"][..],
        &["check"],
        &["check", "--write-baseline"],
        &["strip"],
    ] {
        let run = site.planche(&[command, &["--format", "concise"]].concat());
        assert!(matches!(run.code, Some(0 | 1)), "{command:?}: {run:#?}");
        let printed = format!("{}{}", run.out, run.err);
        assert!(
            printed.contains("manifest-refused") || command.len() > 1,
            "{run:#?}"
        );
        assert_eq!(file.metadata().unwrap().len(), length, "{command:?}");
        assert!(site.path("m.json").is_file(), "{command:?}");
    }
}

#[test]
fn the_manifest_is_not_scanned_and_protects_its_variants() {
    let site = site(
        "_data/planche.yml",
        "data: [\"_data/**\"]\nfront_matter: { write: false }\n",
    );
    site.write("_data/team.yml", "- photo: /uploads/prague.png\n");
    build(&site).exits(0);
    let run = build(&site).exits(0);
    assert_eq!(run.count("/articles/read"), 3, "{run:#?}");
    let before = site.files();
    site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    // An upload without references is removed from the manifest, and then its variants can be
    // deleted.
    for name in ["articles/a.md", "articles/b.md"] {
        site.write(name, "---\ntitle: x\n---\n");
    }
    site.write("_data/team.yml", "- photo: null\n");
    let named = |site: &Scratch| {
        let text = site.text("_data/planche.yml");
        let mut variants = site.variants();
        variants.retain(|path| text.contains(path.rsplit('/').next().unwrap()));
        variants.len()
    };
    let before = named(&site);
    site.planche(&["clean"]).exits(0);
    assert_eq!(
        (named(&site), before),
        (6, 6),
        "the manifest still names them"
    );
    build(&site).exits(0);
    assert_eq!(
        read(&site, "_data/planche.yml")["images"],
        serde_json::json!({})
    );
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), [""; 0]);
}

#[test]
fn records_of_missing_or_broken_uploads_stay_in_the_manifest() {
    let site = site("_data/planche.yml", "");
    build(&site).exits(0);
    let built = site.text("_data/planche.yml");
    let upload = fs::read(site.path("uploads/prague.png")).unwrap();
    for broken in [None, Some(&b"\x89PNG\r\n\x1a\nbroken"[..])] {
        match broken {
            None => fs::remove_file(site.path("uploads/prague.png")).unwrap(),
            Some(bytes) => site.write("uploads/prague.png", bytes),
        }
        build(&site);
        assert_eq!(site.text("_data/planche.yml"), built, "{broken:?}");
        site.write("uploads/prague.png", &upload);
    }
}

#[test]
fn temporary_files_of_a_killed_run_are_removed() {
    let site = site("_data/planche.yml", "");
    build(&site).exits(0);
    site.write("_data/.planche-77-0.tmp", "half a man");
    build(&site).exits(0);
    assert!(!site.path("_data/.planche-77-0.tmp").exists());
}

#[test]
fn places_that_want_different_crops_are_a_warning() {
    let site = site("planche.json", "");
    site.write(
        "presets/card.yml",
        "widths: [320]\nsizes: 100vw\naspect: 1/1\nfit: cover\n",
    );
    let focus = |focus| format!("---\nimage: /uploads/prague.png\nimage_focus: {focus}\n---\n");
    site.write("articles/a.md", focus("0.1 0.5"));
    site.write("articles/b.md", focus("0.9 0.5"));
    let run = build(&site).exits(0);
    let [found] = &run.findings()[..] else {
        panic!("not one finding: {run:#?}");
    };
    assert_eq!(found.code, "manifest-conflict");
    assert_eq!(found.file.as_deref(), Some("articles/b.md"));
    assert!(found.message.contains("articles/a.md:2:8"), "{found:#?}");
    // The front matter of each article has its own crop, the manifest that of the first article.
    let src = |article| {
        let text = site.text(article);
        let line = text.lines().find(|line| line.contains("src: "));
        line.unwrap().trim().trim_start_matches("src: ").to_owned()
    };
    let (a, b) = (src("articles/a.md"), src("articles/b.md"));
    assert_ne!(a, b);
    let record = &read(&site, "planche.json")["images"]["/uploads/prague.png"]["card"];
    assert_eq!(record["src"], a);
    // The same point in both is not a conflict.
    site.write("articles/b.md", focus("0.1 0.5"));
    assert!(build(&site).exits(0).findings().is_empty());
}

#[test]
fn records_of_an_article_that_cannot_be_read_stay_in_the_manifest() {
    let site = site("planche.json", "");
    build(&site).exits(0);
    let built = read(&site, "planche.json");
    // The article is half typed: a quote is not closed.
    site.write("articles/b.md", "---\nimage: \"uploads/prague.png\n---\n");
    build(&site).exits(1);
    assert_eq!(read(&site, "planche.json"), built);
    // Once the article can be read again, records that no article references any more are removed.
    site.write("articles/b.md", "---\ntitle: b\n---\n");
    build(&site).exits(0);
    let images = &read(&site, "planche.json")["images"];
    assert!(images.get("uploads/prague.png").is_none(), "{images:#}");
    assert!(images.get("/uploads/prague.png").is_some(), "{images:#}");
}
