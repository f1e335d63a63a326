use std::fs;

use super::{attribute, png, rewritten, site};
use crate::scratch::{Scratch, changed};

/// Returns the variant names below a folder.
fn variants(site: &Scratch, folder: &str) -> Vec<String> {
    let names = site.variants().into_iter();
    names
        .filter_map(|name| Some(name.strip_prefix(folder)?.to_owned()))
        .collect()
}

#[test]
fn variants_are_published_at_once_and_kept_for_the_next_build() {
    let page = "<img src=/uploads/a.png>";
    let site = site(&[("index.html", page)]);
    rewritten(&site, "index.html");
    let kept = variants(&site, "uploads/variants/");
    assert_eq!(kept, variants(&site, "_site/uploads/variants/"));
    assert_eq!(kept.len(), 1);
    // The generator has written its folder again, which removed the variants.
    fs::remove_dir_all(site.path("_site/uploads/variants")).unwrap();
    site.write("_site/index.html", page);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    assert_eq!(run.count("/variants/written"), 0);
    assert_eq!(run.count("/articles/changed"), 1);
    assert_eq!(kept, variants(&site, "_site/uploads/variants/"));
    // Neither an article nor a page that `clean` reads names the variants; they are kept because of
    // `.planche/html`.
    site.planche(&["clean"]).exits(0);
    assert_eq!(kept, variants(&site, "uploads/variants/"));
    fs::remove_file(site.path(".planche/html")).unwrap();
    site.planche(&["clean"]).exits(0);
    assert_eq!(variants(&site, "uploads/variants/").len(), 0);
}

/// Rules about `srcset` bar the images of some pages; only the others need variants.
#[test]
fn images_that_stay_as_they_are_get_no_variants() {
    let barred = "<style>.c img[srcset]{border:0}.d:not([sizes]){border:0}</style>";
    let left =
        format!("{barred}<p class=c><img src=/uploads/a.png><img class=d src=/uploads/b.png>");
    let site = site(&[("left.html", &left)]);
    site.planche(&["html", "_site", "--check"]).exits(0);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    assert_eq!(run.count("/variants/written"), 0);
    assert_eq!(run.count("/originals/used"), 0);
    assert_eq!(site.text("_site/left.html"), left);
    assert_eq!(site.variants(), [""; 0]);
    site.planche(&["html", "_site", "--check"]).exits(0);
    // `a.png` is the first large image, so that `logo.png` is not.
    let mixed = "<style>.d[srcset]{border:0}</style><img class=d src=/uploads/a.png>\
        <img src=/uploads/logo.png>";
    site.write("_site/mixed.html", mixed);
    site.write("_site/other.html", "<img src=/uploads/b.png>");
    let mixed = rewritten(&site, "mixed.html");
    assert!(
        mixed.contains("<img class=d src=/uploads/a.png>"),
        "{mixed}"
    );
    assert_eq!(attribute(&mixed, 1, "loading").as_deref(), Some("lazy"));
    let names = variants(&site, "_site/uploads/variants/");
    let of = |name: &str| {
        names
            .iter()
            .filter(|variant| variant.starts_with(name))
            .count()
    };
    assert_eq!((of("a-"), of("b-"), of("logo-")), (0, 1, 1), "{names:?}");
}

/// A run that changes few pages, or none, must not forget the variants of the others.
#[test]
fn clean_keeps_the_variants_of_pages_that_are_up_to_date() {
    let feed = "<rss><channel><item><description>&lt;img src=\"/uploads/a.png\"></description></item></channel></rss>";
    let site = site(&[
        ("a.html", "<img src=/uploads/a.png>"),
        ("b.html", "<p style='background: url(/uploads/b.png)'>"),
        ("c.html", "<video poster=/uploads/c.png></video>"),
        ("feed.xml", feed),
    ]);
    for folder in ["uploads", "_site/uploads"] {
        site.write(&format!("{folder}/c.png"), png(300, 150, 20));
        site.write(&format!("{folder}/d.png"), png(300, 150, 30));
    }
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    let made = run.count("/variants/written");
    assert_eq!(run.count("/originals/used"), 3);
    let kept = variants(&site, "uploads/variants/");
    assert_eq!(kept.len() as u64, made);
    for page in ["", "<img src=/uploads/d.png>"] {
        site.write("_site/d.html", page);
        let run = site
            .planche(&["html", "_site", "--format", "json"])
            .exits(0);
        let new = u64::from(!page.is_empty());
        assert_eq!(run.count("/originals/used"), 3 + new);
        assert_eq!(run.count("/variants/written"), new);
        assert_eq!(run.count("/variants/fresh"), made);
        site.planche(&["clean"]).exits(0);
        let left = variants(&site, "uploads/variants/");
        assert!(kept.iter().all(|name| left.contains(name)), "{left:?}");
    }
    // A page that cannot be read may still use the variants.
    let page = site.text("_site/a.html");
    site.write("_site/a.html", [b"\xff\xfe", page.as_bytes()].concat());
    fs::remove_file(site.path("_site/feed.xml")).unwrap();
    site.planche(&["html", "_site"]).exits(1);
    site.planche(&["clean"]).exits(0);
    let left = variants(&site, "uploads/variants/");
    assert!(kept.iter().all(|name| left.contains(name)), "{left:?}");
    fs::remove_file(site.path("_site/a.html")).unwrap();
    site.planche(&["html", "_site"]).exits(0);
    site.planche(&["clean"]).exits(0);
    assert!(variants(&site, "uploads/variants/").len() < left.len());
}

#[test]
fn verify_knows_the_variants_that_are_kept() {
    let site = site(&[(
        "index.html",
        "<img src=/uploads/a.png><img src=/uploads/b.png>",
    )]);
    rewritten(&site, "index.html");
    let run = site.planche(&["verify", "--format", "json"]).exits(0);
    assert_eq!(run.count("/by_digest"), 2, "{run:#?}");
    assert_eq!(run.count("/by_decoding"), 0, "{run:#?}");
    let name = format!(
        "uploads/variants/{}",
        variants(&site, "uploads/variants/")[1]
    );
    let mut bytes = fs::read(site.path(&name)).unwrap();
    // The change of a single bit must be noticed.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(site.path(&name), bytes).unwrap();
    let run = site.planche(&["verify"]).exits(1);
    assert!(run.err.contains(&name), "{run:#?}");
}

#[test]
fn a_build_makes_the_same_variants() {
    let site = site(&[("index.html", "<img src=/uploads/a.png>")]);
    site.write("index.md", "---\ntitle: x\n---\n![x](/uploads/a.png)\n");
    site.planche(&[]).exits(0);
    let built = variants(&site, "uploads/variants/");
    assert_eq!(built.len(), 1);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    assert_eq!(run.count("/variants/written"), 0);
    assert_eq!(built, variants(&site, "_site/uploads/variants/"));
}

#[test]
fn an_image_that_only_the_published_folder_has_gets_variants() {
    let site = site(&[("index.html", "<img src=theme/x.png>")]);
    site.write("_site/theme/x.png", png(300, 150, 10));
    let page = rewritten(&site, "index.html");
    let srcset = attribute(&page, 0, "srcset").unwrap();
    assert!(
        srcset.starts_with("./uploads/variants/theme/x-300."),
        "{srcset}"
    );
    assert!(
        site.path("_site")
            .join(srcset.split(' ').next().unwrap())
            .is_file()
    );
}

#[test]
fn no_configuration_is_needed() {
    let site = Scratch::empty();
    site.write("out/a/index.html", "<img src=\"../pics/a.png\">");
    site.write("out/pics/a.png", png(300, 150, 10));
    site.planche(&["html", "out"]).exits(0);
    let page = site.text("out/a/index.html");
    let srcset = attribute(&page, 0, "srcset").unwrap();
    assert!(
        srcset.starts_with("../uploads/variants/pics/a-300."),
        "{srcset}"
    );
    assert!(!site.path(".planche").exists() && !site.path("out/.planche").exists());
    site.planche(&["html", "out", "--check"]).exits(0);
}

#[test]
fn urls_begin_as_those_of_the_page() {
    let img = "<img src=\"/blog/uploads/a.png\"><img src=\"../uploads/b.png\"><img src=\"//example.org/blog/uploads/a.png\">";
    let based = "<base href=\"https://example.org/blog/\"><img src=\"uploads/a.png\">";
    let foreign = "<base href=\"https://elsewhere.example/\"><img src=\"uploads/a.png\"><img src=\"/uploads/a.png\">";
    let site = site(&[
        ("a/index.html", img),
        ("b/index.html", based),
        ("c/index.html", foreign),
    ]);
    site.write("_config.yml", "url: https://example.org\nbaseurl: /blog\n");
    let page = rewritten(&site, "a/index.html");
    for (nth, start) in [
        (0, "/blog/uploads/variants/a-300."),
        (1, "../uploads/variants/b-300."),
        (2, "//example.org/blog/uploads/variants/a-300."),
    ] {
        let srcset = attribute(&page, nth, "srcset").unwrap();
        assert!(srcset.starts_with(start), "{srcset}");
    }
    let page = site.text("_site/b/index.html");
    let srcset = attribute(&page, 0, "srcset").unwrap();
    assert!(
        srcset.starts_with("/blog/uploads/variants/a-300.")
            || srcset.starts_with("https://example.org/blog/uploads/variants/a-300."),
        "{srcset}"
    );
    assert_eq!(site.text("_site/c/index.html"), foreign);
}

#[test]
fn the_site_may_be_elsewhere() {
    let site = site(&[]);
    site.write(
        "planche.yml",
        "output: { dir: uploads/v, url: /uploads/v/ }\n",
    );
    let out = Scratch::empty();
    out.write("index.html", "<img src=/uploads/a.png>");
    out.write("uploads/a.png", png(300, 150, 40));
    let folder = out.folder().to_str().unwrap();
    site.planche(&["html", folder, "."]).exits(0);
    let srcset = attribute(&out.text("index.html"), 0, "srcset").unwrap();
    assert!(srcset.starts_with("/uploads/v/a-300."), "{srcset}");
    assert!(
        site.names()
            .iter()
            .any(|name| name.starts_with("uploads/v/a-300."))
    );
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let site = site(&[("index.html", "<p>x")]);
    let left = [
        "_site/.planche-1-1.tmp",
        "uploads/variants/2023/.planche-1-2.tmp",
    ];
    for name in left {
        site.write(name, "half");
    }
    let before = site.files();
    site.planche(&["html", "_site", "--check"]).exits(0);
    assert_eq!(changed(&before, &site.files()).len(), 0);
    site.planche(&["html", "_site"]).exits(0);
    assert_eq!(changed(&before, &site.files()), left);
}

#[test]
fn two_programs_for_the_same_images_are_reported() {
    let site = Scratch::empty();
    let config = "import { eleventyImageTransformPlugin } from \"@11ty/eleventy-img\";\nexport default (c) => { c.addPassthroughCopy(\"img\"); c.addPlugin(eleventyImageTransformPlugin); };\n";
    site.write("eleventy.config.mjs", config);
    site.write("img/a.png", png(300, 150, 10));
    site.write("a.md", "---\ntitle: a\n---\n![a](/img/a.png)\n");
    let found = || -> Option<u32> {
        let findings = site.planche(&["check", "--format", "json"]).findings();
        let mut findings = findings.into_iter();
        let found = findings.find(|finding| finding.code == "double-processing")?;
        assert_eq!(found.file.as_deref(), Some("eleventy.config.mjs"));
        found.line
    };
    assert_eq!(found(), None, "there is no snippet yet");
    site.write(
        "planche.eleventy.cjs",
        "module.exports = () => `<img srcset>`;\n",
    );
    assert_eq!(found(), Some(1));
    site.write(
        "planche.eleventy.cjs",
        "module.exports = () => `<img eleventy:ignore>`;\n",
    );
    assert_eq!(found(), None);
}

/// Annotations must point to the page, from whatever folder the command is run, and however the
/// pages folder is named.
#[test]
fn reports_name_pages_from_the_root_of_the_repository() {
    let page = "<p>🎉<a href=/x><img src=\"/uploads/a.png\" alt=\"\"></a>\n";
    let site = site(&[("i.html", page)]);
    site.write("planche.yml", "severity: { link-without-name: error }\n");
    let absolute = site.path("_site");
    let located = |folder: &str| {
        let run = site
            .planche(&["html", folder, "--check", "--format", "sarif"])
            .exits(1);
        let sarif: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let result = results
            .iter()
            .find(|result| result["ruleId"] == "link-without-name");
        let place = &result.unwrap()["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"]
            .as_str()
            .unwrap()
            .to_owned();
        (uri, place["region"]["startColumn"].as_u64().unwrap())
    };
    let folders = ["_site", "_site/", "./_site", absolute.to_str().unwrap()];
    // Columns count UTF-16 code units; the emoji has two.
    for folder in folders {
        assert_eq!(located(folder), ("_site/i.html".to_owned(), 6), "{folder}");
    }
    std::fs::create_dir(site.path(".git")).unwrap();
    for folder in folders {
        assert_eq!(located(folder), ("_site/i.html".to_owned(), 6), "{folder}");
    }
}

/// `planche html .` in a folder above a site would rewrite the site's templates.
#[test]
fn a_folder_with_a_site_in_it_is_refused() {
    let folder = Scratch::empty();
    let layout = "<img src=\"/img/a.png\">{{ content }}";
    folder.write("docs/_config.yml", "title: x\n");
    folder.write("docs/_layouts/default.html", layout);
    folder.write("img/a.png", png(300, 150, 40));
    let run = folder.planche(&["html", "."]).exits(2);
    assert!(run.err.contains("docs"), "{}", run.err);
    assert_eq!(folder.text("docs/_layouts/default.html"), layout);
}
