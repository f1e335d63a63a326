use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{png, rewritten, site, stripped};
use crate::needs::{Need, skip};
use crate::scratch::{ReadOnly, Scratch};

const PAGE: &str = "<img src=/uploads/a.png>";

#[test]
fn bytes_of_any_encoding_stay() {
    let site = site(&[]);
    let latin = b"<meta charset=iso-8859-1><p>\xe9t\xe9 \x80 <img src=\"/uploads/\xe9t\xe9.png\" alt=\"\xe9\"><img src=/uploads/a.png>";
    site.write("_site/latin.html", latin);
    let utf16: Vec<u8> = "\u{feff}<img src=/uploads/a.png>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    site.write("_site/utf16.html", &utf16);
    for folder in ["uploads", "_site/uploads"] {
        site.write(&format!("{folder}/été.png"), super::png(300, 150, 7));
    }
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let finding = &run.findings()[0];
    assert_eq!(finding.code, "page-refused");
    assert_eq!(finding.file.as_deref(), Some("_site/utf16.html"));
    let new = fs::read(site.path("_site/latin.html")).unwrap();
    // Both images get a `srcset`, because the file name is decoded in the page's encoding.
    assert_eq!(
        new.windows(8).filter(|bytes| *bytes == b" srcset=").count(),
        2
    );
    let one = |bytes: &[u8]| -> String { bytes.iter().map(|byte| char::from(*byte)).collect() };
    assert_eq!(stripped(&one(&new)), one(latin));
    assert_eq!(fs::read(site.path("_site/utf16.html")).unwrap(), utf16);
}

#[test]
fn links_to_pages_outside_are_reported_and_not_followed() {
    let site = site(&[("index.html", PAGE)]);
    let outside = Scratch::empty();
    outside.write("a.html", PAGE);
    for (link, target) in [
        ("blog", outside.folder().to_owned()),
        ("latest.html", outside.path("a.html")),
        // These stand for no page, or for a page that is rewritten itself.
        ("photo.png", outside.path("a.html")),
        ("home.html", "index.html".into()),
        ("nowhere.html", "none.html".into()),
    ] {
        symlink(target, site.path(&format!("_site/{link}"))).unwrap();
    }
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(0);
    let found = run.findings().into_iter();
    let found: Vec<(String, String)> = found
        .map(|found| (found.code, found.file.unwrap()))
        .collect();
    let expected = ["_site/blog", "_site/latest.html"];
    assert_eq!(
        found,
        expected.map(|file| ("outside-site".to_owned(), file.to_owned()))
    );
    assert_eq!(outside.text("a.html"), PAGE);
    assert!(site.text("_site/home.html").contains("srcset"));
}

#[test]
fn malformed_pages_are_edited_where_they_are_pages() {
    for page in [
        "<img src=/uploads/a.png",
        "<img src=\"/uploads/a.png>",
        "<img src=/uploads/a.png><",
        "</img><img/src=/uploads/a.png>",
        "<table><img src=/uploads/a.png></table></p></html><img src=/uploads/a.png>",
        "<img src=/uploads/a.png src=/uploads/b.png width=1 width=2>",
        "<select><img src=/uploads/a.png></select><textarea><img src=/uploads/a.png></textarea>",
        "<![CDATA[<img src=/uploads/a.png>]]><?php <img src=/uploads/a.png> ?>",
        "<title><img src=/uploads/a.png></title><plaintext><img src=/uploads/a.png>",
        "<img src=/uploads/a.png\0 alt=\0>",
        "",
    ] {
        let site = site(&[("index.html", page)]);
        assert_eq!(stripped(&rewritten(&site, "index.html")), page);
        site.planche(&["html", "_site", "--check"]).exits(0);
    }
}

#[test]
fn an_element_without_an_end_tag_opts_out_what_a_browser_nests_in_it() {
    let on = "<img src=/uploads/a.png>";
    let off = "<img alt src=/uploads/a.png>";
    for page in [
        format!("<p data-planche=off>{off}<p>{on}"),
        format!("<ul><li data-planche=off>{off}<ul><li>{off}</ul><li>{on}</ul>{on}"),
        format!("<table><tr><td data-planche=off>{off}<td>{on}<tr><td>{on}</table>"),
        format!("<dl><dt data-planche=off>{off}<dd>{on}</dl>"),
        format!("<svg><foreignObject>{off}</foreignObject></svg>{on}"),
    ] {
        let site = site(&[("index.html", &page)]);
        let new = rewritten(&site, "index.html");
        assert_eq!(stripped(&new), page);
        assert_eq!(new.matches(off).count(), page.matches(off).count(), "{new}");
        assert_eq!(new.matches(on).count(), 0, "{new}");
        site.planche(&["html", "_site", "--check"]).exits(0);
    }
}

#[test]
fn folders_of_the_source_are_refused() {
    let site = site(&[("index.html", PAGE)]);
    site.write("_posts/2024-01-01-a.md", "---\ntitle: a\n---\n");
    site.write("planche.yml", "content: [\"_posts/**\"]\n");
    let inner = site.path("inner");
    fs::create_dir(&inner).unwrap();
    let before = site.files();
    for folder in [".", "..", "_posts", "uploads", "missing"] {
        let run = site.planche(&["html", folder, "."]).exits(2);
        assert!(run.err.contains(folder), "{run:#?}");
        assert!(folder == "missing" || run.err.contains("hint"), "{run:#?}");
    }
    site.planche(&["html", "."]).exits(2);
    assert_eq!(site.files(), before);
}

/// Jekyll and Eleventy read articles from any folder of the site.
#[test]
fn folders_that_hold_articles_are_refused_wherever_they_are() {
    let article = "---\ntitle: a\n---\n<img src=/a.png>\n";
    let files = [
        ("a.png", png(300, 150, 7)),
        ("_posts/2024-01-01-a.md", article.into()),
        ("en/index.html", article.into()),
        ("en/deep/a.md", article.into()),
        ("_includes/b.html", PAGE.into()),
        ("_site/index.html", PAGE.into()),
        ("_site/uploads/a.png", png(300, 150, 7)),
        ("out/index.html", PAGE.into()),
        ("dist/index.html", PAGE.into()),
    ];
    let config = [
        ("_config.yml", "title: a\n"),
        ("eleventy.config.mjs", "export default () => {};\n"),
        // This site is recognized by its folder of posts.
        ("nothing.txt", ""),
    ];
    for (name, text) in config {
        let site = Scratch::empty();
        site.write(name, text);
        for (name, bytes) in &files {
            site.write(name, bytes);
        }
        let before = site.files();
        // Without a configuration, a site is recognized only from a folder directly below it.
        let deep = (name != "nothing.txt").then_some("en/deep");
        for folder in [".", "en", "_posts", "_includes"].into_iter().chain(deep) {
            let run = site.planche(&["html", folder]).exits(2);
            assert!(
                run.err.contains("source folder"),
                "{name}, {folder}: {run:#?}"
            );
        }
        assert_eq!(site.files(), before);
        for folder in ["_site", "out", "dist"] {
            site.planche(&["html", folder]).exits(0);
        }
        assert!(site.text("_site/index.html").contains("srcset"));
    }
}

#[test]
fn pages_with_front_matter_are_no_built_pages() {
    let page = |start: &str| format!("{start}<img src=/uploads/a.png>");
    let sources = [
        ("a.html", page("---\ntitle: a\n---\n")),
        ("b.html", page("\u{feff}--- \r\n---\r\n")),
        ("c.htm", page("+++\ntitle = 'a'\n+++\n")),
        ("feed.xml", page("---\n---\n<rss>")),
    ];
    let pages: Vec<(&str, &str)> = sources
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .chain([("index.html", PAGE)])
        .collect();
    let site = site(&pages);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let findings = run.findings();
    assert_eq!(findings.len(), sources.len());
    for finding in findings {
        assert_eq!(finding.code, "page-refused");
        assert!(finding.message.contains("front matter"), "{finding:?}");
    }
    for (name, text) in &sources {
        assert_eq!(site.text(&format!("_site/{name}")), *text);
    }
    assert!(site.text("_site/index.html").contains("srcset"));
}

#[test]
fn before_the_site_is_built_the_error_says_so() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: a\n");
    for command in ["html", "sizes"] {
        let run = site.planche(&[command, "_site"]).exits(2);
        assert!(run.err.contains("`_site`"), "{run:#?}");
        assert!(run.err.contains("build the site first"), "{run:#?}");
    }
}

#[test]
fn an_invalid_selector_is_found_where_it_is() {
    let site = site(&[("index.html", PAGE)]);
    let before = site.text("_site/index.html");
    for (rules, place) in [
        (
            "rules:\n- { select: \".hero >\", preset: card }\n",
            "planche.yml:2:13",
        ),
        (
            "rules:\n- { select: \"a:hover img\" }\n",
            "planche.yml:2:13",
        ),
        ("rules:\n- { select: img, at: body }\n", "planche.yml:2"),
        ("rules:\n- { preset: card }\n", "planche.yml:2"),
    ] {
        site.write("planche.yml", rules);
        let run = site.planche(&["html", "_site"]).exits(2);
        assert!(run.err.contains(place), "{rules}: {run:#?}");
        assert_eq!(site.text("_site/index.html"), before);
    }
}

/// What the other program writes afterwards would be lost if the file were replaced.
#[test]
fn a_page_that_another_program_writes_is_left_and_the_others_are_done() {
    use std::io::Write;
    let site = site(&[("a.html", PAGE), ("b.html", PAGE)]);
    let page = site.path("_site/a.html");
    let mut writer = fs::OpenOptions::new().append(true).open(&page).unwrap();
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let findings = run.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].file.as_deref(), Some("_site/a.html"));
    assert!(findings[0].message.contains("open for writing"));
    writer.write_all(b"<p>More").unwrap();
    drop(writer);
    assert_eq!(site.text("_site/a.html"), format!("{PAGE}<p>More"));
    assert!(site.text("_site/b.html").contains("srcset"));
    site.planche(&["html", "_site"]).exits(0);
    assert!(site.text("_site/a.html").ends_with("<p>More"));
    assert!(site.text("_site/a.html").contains("srcset"));
}

#[test]
fn a_page_keeps_its_owner_group_and_mode() {
    use std::os::unix::fs::{MetadataExt, chown};
    let site = site(&[("a.html", PAGE)]);
    let page = site.path("_site/a.html");
    fs::set_permissions(&page, fs::Permissions::from_mode(0o640)).unwrap();
    // The file gets another owner if the test has the right to change it.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root {
        chown(&page, Some(65_534), Some(1)).unwrap();
    }
    let of = |metadata: fs::Metadata| (metadata.uid(), metadata.gid(), metadata.mode());
    let before = of(fs::metadata(&page).unwrap());
    site.planche(&["html", "_site"]).exits(0);
    assert!(site.text("_site/a.html").contains("srcset"));
    assert_eq!(of(fs::metadata(&page).unwrap()), before);
}

/// A generator that recreates its output folder removes the variants, but a page that it did not
/// write again still names them.
#[test]
fn variants_that_pages_name_are_restored_from_the_source() {
    let site = site(&[("a.html", PAGE)]);
    site.write("presets/article.yml", "widths: [80, 160]\nsizes: 50vw\n");
    site.planche(&["html", "_site"]).exits(0);
    let page = site.text("_site/a.html");
    let variants = site.path("_site/uploads/variants");
    let files = || {
        let mut files: Vec<_> = fs::read_dir(&variants).unwrap().collect();
        files.sort_by_key(|file| file.as_ref().unwrap().file_name());
        files
            .into_iter()
            .map(|file| fs::read(file.unwrap().path()).unwrap())
    };
    let before: Vec<Vec<u8>> = files().collect();
    assert!(before.len() > 1);
    // One variant is missing, another one is truncated.
    let mut paths = fs::read_dir(&variants)
        .unwrap()
        .map(|file| file.unwrap().path());
    fs::remove_file(paths.next().unwrap()).unwrap();
    fs::write(paths.next().unwrap(), "RIFF").unwrap();
    drop(paths);
    let run = site
        .planche(&["html", "_site", "--check", "--format", "json"])
        .exits(1);
    assert_eq!(run.findings()[0].code, "damaged-variant");
    site.planche(&["html", "_site"]).exits(0);
    assert_eq!(files().collect::<Vec<_>>(), before);
    site.planche(&["html", "_site", "--check"]).exits(0);
    // Now the source has no copies either.
    fs::remove_dir_all(&variants).unwrap();
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    assert_eq!(run.findings()[0].code, "damaged-variant");
    assert_eq!(site.text("_site/a.html"), page);
}

/// The configuration that says where variants are published belongs to another machine.
#[test]
fn variants_under_another_url_are_found_without_the_site() {
    let site = site(&[("a.html", PAGE)]);
    site.write(
        "planche.yml",
        "output: { dir: fav/variants, url: /fav/variants/ }\n",
    );
    site.write("presets/article.yml", "widths: [80, 160]\nsizes: 50vw\n");
    site.planche(&["html", "_site"]).exits(0);
    let alone = Scratch::empty();
    for (name, bytes) in site.files() {
        if let Some(name) = name.strip_prefix("_site/") {
            alone.write(&format!("dist/{name}"), bytes);
        }
    }
    alone.planche(&["html", "dist"]).exits(0);
    assert_eq!(alone.text("dist/a.html"), site.text("_site/a.html"));
    for (name, _) in alone.files() {
        if name.contains("/variants/") {
            fs::remove_file(alone.path(&name)).unwrap();
        }
    }
    let run = alone
        .planche(&["html", "dist", "--format", "json"])
        .exits(1);
    assert_eq!(run.findings()[0].code, "damaged-variant");
}

/// Without the list, `clean` would delete the variants of the pages.
#[test]
fn pages_stay_if_the_list_of_their_variants_cannot_be_written() {
    let site = site(&[("a.html", PAGE)]);
    fs::create_dir_all(site.path(".planche/html")).unwrap();
    let run = site.planche(&["html", "_site"]).exits(2);
    assert!(run.err.contains(".planche/html"), "{run:#?}");
    assert_eq!(site.text("_site/a.html"), PAGE);
    fs::remove_dir(site.path(".planche/html")).unwrap();
    site.planche(&["html", "_site"]).exits(0);
    assert!(site.text("_site/a.html").contains("srcset="));
}

/// Most parsers of selectors and values are recursive.
#[test]
fn deeply_nested_css_overflows_no_stack() {
    let nested = |start: &str, inner: &str| {
        format!("{}{inner}{}", start.repeat(100_000), ")".repeat(100_000))
    };
    for page in [
        format!(
            "<style>{}{{width:10px}}</style>{PAGE}",
            nested(":not(", "img")
        ),
        format!(
            "<style>{}{{width:10px}}</style>{PAGE}",
            nested("img:is(", "a")
        ),
        format!(
            "<style>img{{width:{}}}</style>{PAGE}",
            nested("min(", "1px")
        ),
        format!(
            "<style>img{{height:{}}}</style>{PAGE}",
            nested("calc(", "1px")
        ),
        format!(
            "<img style=\"width:{}\" src=/uploads/a.png>",
            nested("min(", "1px")
        ),
    ] {
        let site = site(&[("a.html", &page)]);
        site.planche(&["html", "_site"]).exits(0);
        assert!(site.text("_site/a.html").contains("srcset"));
    }
    let css = [
        "a{".repeat(100_000),
        "@media x{".repeat(100_000),
        "@media (width > 1px){@supports (x:y){".repeat(50_000),
        "@layer a{".repeat(100_000),
        "img{&:not(.x){".repeat(50_000),
        "img{width:(".repeat(100_000),
        "[".repeat(100_000),
        format!("{}img{{width:10px}}", "* ".repeat(100_000)),
        format!("{}img{{width:10px}}", "*~".repeat(100_000)),
        format!("{}img{{width:10px}}", "*>".repeat(100_000)),
        format!(
            "{}[width]{}{{width:10px}}",
            ":not(".repeat(50_000),
            ")".repeat(50_000)
        ),
        format!("@media {}{{img{{width:10px}}}}", nested("(", "width")),
        format!("img{{--x:{}}}", "{".repeat(100_000)),
    ];
    let elements = format!("{}{PAGE}", "<div>".repeat(600));
    let mut pages = Vec::new();
    for css in &css {
        pages.push((format!("<style>{css}</style>{elements}"), ""));
        pages.push((format!("<link rel=stylesheet href=a.css>{elements}"), css));
    }
    for style in [
        "{".repeat(100_000),
        "width:(".repeat(100_000),
        format!("background:{}", nested("url(a) f(", "x")),
        format!("width:{}", nested("calc-size(", "auto")),
    ] {
        pages.push((format!("<img style='{style}' src=/uploads/a.png>"), ""));
    }
    let media = nested("not (", "color");
    pages.push((
        format!("<style media='{media}'>img{{width:1em}}</style>{PAGE}"),
        "",
    ));
    let site = site(&[]);
    for (number, (page, css)) in pages.iter().enumerate() {
        site.write(&format!("_site/{number}/a.html"), page);
        site.write(&format!("_site/{number}/a.css"), css);
    }
    site.planche(&["html", "_site"]).exits(0);
    for (number, (old, css)) in pages.iter().enumerate() {
        let page = site.text(&format!("_site/{number}/a.html"));
        // A selector that is not read may test any attribute.
        let is_left = old.contains("[width]") || css.contains("[width]");
        assert_eq!(page.contains("srcset"), !is_left, "{number}");
    }
}

/// Selectors that can match in so many ways that trying them takes long.
#[test]
fn a_page_whose_rules_take_too_long_is_left_and_the_reason_is_true() {
    let rules = |count: usize| {
        let rules = (0..count).map(|number| {
            let selector = format!("main{} img", " div > div".repeat(12));
            format!("{selector}{{width:{number}px}}")
        });
        let css: String = rules.collect();
        format!("<style>{css}</style>{}{PAGE}", "<div>".repeat(100))
    };
    let many = rules(1100);
    let site = site(&[("many.html", &many), ("few.html", &rules(10))]);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let findings = run.findings();
    let found: Vec<(&str, &str)> = findings
        .iter()
        .map(|found| (found.code.as_str(), found.severity.as_str()))
        .collect();
    // The image of the other page gets no height.
    let expected = [("page-refused", "error"), ("height-missing", "notice")];
    assert_eq!(found, expected, "{findings:?}");
    let reason = "left unchanged: its style sheets have too many rules for its images";
    assert_eq!(findings[0].message, reason);
    assert_eq!(site.text("_site/many.html"), many);
    assert!(site.text("_site/few.html").contains("srcset"));
}

/// Tens of thousands of rules are no reason to leave a page, even if all of them match.
#[test]
fn many_rules_that_match_are_followed() {
    let rules = (1..=40_000).map(|width| format!(".a .b img{{width:{width}px}}"));
    let page = format!(
        "<link rel=stylesheet href=a.css><div class=a><p class=b>{}",
        PAGE.repeat(20)
    );
    let site = site(&[("a.html", &page)]);
    site.write("_site/a.css", rules.collect::<String>());
    let page = rewritten(&site, "a.html");
    // The last rule wins.
    let sizes = "sizes=\"40000px\"";
    assert_eq!(page.matches(sizes).count(), 20, "{page}");
}

/// The rules that are nested too deeply may be about the width.
#[test]
fn css_that_is_nested_too_deeply_may_limit_the_width() {
    let nested = |depth: usize| {
        let css = format!("{}img{{max-width:9em}}", "@layer a{".repeat(depth));
        let page = format!("<style>{css}</style>{PAGE}");
        let site = site(&[("a.html", &page)]);
        rewritten(&site, "a.html")
    };
    for depth in [0, 60, 70, 2000] {
        let page = nested(depth);
        assert!(page.contains(" width=\"300\""), "{page}");
        assert!(!page.contains(" height="), "{page}");
    }
}

#[test]
fn a_page_that_needs_too_much_memory_is_left_and_the_reason_is_true() {
    let deep = format!("{}{PAGE}", "<div>".repeat(100_000));
    let long = format!("<img alt='{}' src=/uploads/a.png>", "x".repeat(9 << 20));
    let site = site(&[("deep.html", &deep), ("long.html", &long), ("a.html", PAGE)]);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let findings = run.findings();
    assert_eq!(findings.len(), 2, "{findings:?}");
    for finding in findings {
        assert_eq!(finding.code, "page-refused");
        let reason = "left unchanged: a tag, a comment or nested elements of the page need more \
            than 8.0 MiB of memory";
        assert_eq!(finding.message, reason);
    }
    assert_eq!(site.text("_site/deep.html"), deep);
    assert!(site.text("_site/a.html").contains("srcset"));
}

/// Rewriting a page under one name removes that name from the shared file, which changes the file's
/// status (ctime and link count).
#[test]
fn hard_links_of_a_page_are_all_rewritten() {
    let site = site(&[("a.html", PAGE)]);
    for number in 0..20 {
        let name = site.path(&format!("_site/{number}.html"));
        fs::hard_link(site.path("_site/a.html"), name).unwrap();
    }
    site.planche(&["html", "_site"]).exits(0);
    let page = site.text("_site/a.html");
    assert!(page.contains("srcset"));
    for number in 0..20 {
        assert_eq!(site.text(&format!("_site/{number}.html")), page);
    }
}

#[test]
fn a_page_whose_name_is_not_utf8_is_reported() {
    let site = site(&[("a.html", PAGE)]);
    let folder = site.path("_site");
    for name in [&b"\xe9t\xe9.html"[..], b"\xe9t\xe9.txt"] {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::write(folder.join(name), PAGE).unwrap();
    }
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let findings = run.findings();
    let found: Vec<(&str, Option<&str>)> = findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.file.as_deref()))
        .collect();
    let name = "_site/\u{fffd}t\u{fffd}.html";
    assert_eq!(found, [("page-refused", Some(name))]);
    assert!(site.text("_site/a.html").contains("srcset"));
}

#[test]
fn a_variant_that_a_page_only_mentions_may_be_missing() {
    let name = "photo-640.0123456789.webp";
    let mention =
        format!("<p>See <code>/uploads/variants/{name}</code>.<img src=/uploads/a.png alt={name}>");
    let site = site(&[("a.html", &mention)]);
    site.planche(&["html", "_site"]).exits(0);
    site.planche(&["html", "_site", "--check"]).exits(0);
    // `clean` deletes no file that another file mentions.
    site.write(&format!("uploads/variants/{name}"), "RIFF");
    site.planche(&["clean"]);
    assert!(site.path(&format!("uploads/variants/{name}")).exists());
    std::fs::remove_file(site.path(&format!("uploads/variants/{name}"))).unwrap();
    let image = format!("<img src=/uploads/variants/{name}>");
    site.write("_site/b.html", image);
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(1);
    let message = format!("pages load a variant that is missing or damaged: `{name}`");
    assert_eq!(run.findings()[0].message, message);
}

#[test]
fn a_read_only_page_is_left_and_the_others_are_done() {
    let site = site(&[
        ("a.html", PAGE),
        ("b.html", PAGE),
        (
            "c.html",
            "<img src=/uploads/broken.png><img src=/uploads/b.png>",
        ),
    ]);
    site.write("_site/uploads/broken.png", "no image");
    let path = site.path("_site/a.html");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(2);
    let mut findings = run.findings();
    findings.sort_by(|one, other| one.file.cmp(&other.file));
    let found: Vec<(&str, Option<&str>)> = findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.file.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("unwritable", Some("_site/a.html")),
            ("undecodable-upload", Some("_site/uploads/broken.png")),
        ]
    );
    assert!(findings[0].message.contains("read-only"), "{findings:?}");
    assert_eq!(site.text("_site/a.html"), PAGE);
    assert!(site.text("_site/b.html").contains("srcset"));
    assert_eq!(site.text("_site/c.html").matches("srcset").count(), 1);
    assert_eq!(run.count("/articles/changed"), 2);
    let names: Vec<String> = site.names();
    assert!(
        names.iter().all(|name| !name.contains(".planche-")),
        "{names:?}"
    );
}

/// Read-only files are left unchanged, articles as well as pages.
#[test]
fn a_read_only_article_is_left_and_the_others_are_done() {
    let site = site(&[]);
    let article = "---\ntitle: a\nimage: /uploads/a.png\n---\n";
    for name in ["a.md", "b.md"] {
        site.write(name, article);
    }
    let path = site.path("a.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let run = site.planche(&["build", "--format", "json"]).exits(2);
    let mut findings = run.findings();
    findings.retain(|finding| finding.code == "unwritable");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].file.as_deref(), Some("a.md"));
    assert!(findings[0].message.contains("read-only"), "{findings:?}");
    assert_eq!(site.text("a.md"), article);
    assert!(site.text("b.md").contains("srcset"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    site.planche(&["build"]).exits(0);
    assert!(site.text("a.md").contains("srcset"));
}

#[test]
fn a_read_only_folder_is_left_and_the_others_are_done() {
    let site = site(&[
        ("a.html", PAGE),
        ("closed/b.html", PAGE),
        ("c/c.html", PAGE),
    ]);
    let Some(closed) = ReadOnly::make(site.path("_site/closed")) else {
        return skip(Need::Mount, "cannot mount a folder read-only");
    };
    let run = site
        .planche(&["html", "_site", "--format", "json"])
        .exits(2);
    drop(closed);
    let findings = run.findings();
    let found: Vec<(&str, Option<&str>)> = findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.file.as_deref()))
        .collect();
    assert_eq!(found, [("unwritable", Some("_site/closed/b.html"))]);
    assert!(!findings[0].message.contains("os error"), "{findings:?}");
    assert_eq!(site.text("_site/closed/b.html"), PAGE);
    for page in ["a.html", "c/c.html"] {
        assert!(site.text(&format!("_site/{page}")).contains("srcset"));
    }
    let names = site.names();
    let left = |name: &String| name.contains(".planche-");
    assert!(!names.iter().any(left), "{names:?}");
    // The page is rewritten once its folder is writable again.
    site.planche(&["html", "_site"]).exits(0);
    assert!(site.text("_site/closed/b.html").contains("srcset"));
}

#[test]
fn where_the_whole_folder_is_read_only_nothing_changes_and_the_run_says_so() {
    let site = site(&[("a.html", PAGE), ("b/b.html", PAGE)]);
    let pages = |site: &Scratch| {
        let mut files = site.files();
        files.retain(|name, _| name.starts_with("_site/"));
        files
    };
    let before = pages(&site);
    let Some(closed) = ReadOnly::make(site.path("_site")) else {
        return skip(Need::Mount, "cannot mount a folder read-only");
    };
    let run = site.planche(&["html", "_site"]).exits(2);
    drop(closed);
    assert!(run.err.contains("unwritable"), "{run:#?}");
    assert!(run.err.contains("_site/uploads/a.png"), "{run:#?}");
    assert!(run.err.contains("nothing written: "), "{run:#?}");
    assert!(!run.err.contains("up to date"), "{run:#?}");
    assert_eq!(pages(&site), before);
}

#[test]
fn permissions_stay() {
    let site = site(&[("index.html", PAGE)]);
    let path = site.path("_site/index.html");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    rewritten(&site, "index.html");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o664
    );
}

/// A page of 50 MB is read and written as a stream, never held in memory.
#[test]
#[cfg(target_os = "linux")]
fn a_page_of_50_megabytes_takes_no_more_memory_than_a_small_one() {
    let peak = |megabytes: usize| {
        let site: Scratch = site(&[]);
        let filler = "<p>text text text</p>\n".repeat(megabytes << 20 >> 5);
        let page = format!("{PAGE}{filler}{PAGE}");
        site.write("_site/index.html", &page);
        let command = site.command(&["html", "_site", "--jobs", "1"]);
        let mut timed = std::process::Command::new("/usr/bin/env");
        timed
            .args(["python3", "-c", "import resource,subprocess,sys; code=subprocess.call(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(site.folder());
        let output = timed.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let new = site.text("_site/index.html");
        assert!(stripped(&new) == page && new.matches("srcset").count() == 2);
        let kilobytes = String::from_utf8(output.stdout).unwrap();
        kilobytes.trim().parse::<u64>().unwrap()
    };
    let (small, large) = (peak(0), peak(50));
    assert!(large < small + 4096, "{small} kB, {large} kB");
}

#[test]
fn a_folder_without_pages_is_reported() {
    let site = site(&[]);
    for arguments in [&["html", "_site"][..], &["html", "_site", "--check"]] {
        let arguments = [arguments, &["--format", "json"]].concat();
        let findings = site.planche(&arguments).exits(0).findings();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].code, "no-pages");
    }
}
