//! Articles that cannot be edited, and the order and the lines of findings.

use super::{Expected, check_only, findings_of_a_build, site_with_a_sound_article};
use crate::scratch::Scratch;

#[test]
fn an_article_that_cannot_be_edited_safely_is_left_alone() {
    for (text, place, message, hint) in [
        (
            &b"---\ntitle: \"T\nimage: /uploads/sound.png\n---\n"[..],
            "articles/bad.md:2:8",
            "not valid YAML",
            "correct the line",
        ),
        (
            b"---\ntitle: [a, b\nimage: /uploads/sound.png\n---\n",
            "articles/bad.md:3:6",
            "not valid YAML",
            "correct the line",
        ),
        (
            b"---\ntitle: \xe9t\xe9\nimage: /uploads/sound.png\n---\n",
            "articles/bad.md:2:8",
            "not UTF-8",
            "as UTF-8",
        ),
        (
            b"---\nimage: /uploads/sound.png\nimage_responsive: by hand\n---\n",
            "articles/bad.md:3:1",
            "`image_responsive` exists",
            "remove the key",
        ),
        (
            b"---\nresponsive_images:\n- { author: me }\n---\n![](/uploads/sound.png)\n",
            "articles/bad.md:2:1",
            "`responsive_images` exists",
            "remove the key",
        ),
        // libyaml-safer panics at these.
        (
            b"---\nimage: /uploads/sound.png\ntitle: [!t, x]\n---\n",
            "articles/bad.md:3:1",
            "two YAML parsers read this front matter differently",
            "",
        ),
        (
            b"---\nimage: /uploads/sound.png\ntitle: [?!--, two]\n---\n",
            "articles/bad.md:3:1",
            "two YAML parsers read this front matter differently",
            "",
        ),
        (
            b"+++\ntitle = \"T\nimage = \"/uploads/sound.png\"\n+++\n",
            "articles/bad.md:2:11",
            "not valid TOML",
            "correct the line",
        ),
    ] {
        let site = site_with_a_sound_article();
        site.write("articles/bad.md", text);
        let expected = Expected {
            code: "article-refused",
            place,
            message,
            hint,
        };
        let findings = findings_of_a_build(&site, 1);
        check_only(&findings, &expected);
    }
}

#[test]
fn front_matter_that_only_planche_refuses_is_said_to_be_so() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (line, message) in [
        (
            format!("title: {deep}"),
            "left unchanged: it is nested deeper than planche reads",
        ),
        (
            "title: a\n...\ntitle: b".to_owned(),
            "left unchanged: more than one YAML document",
        ),
    ] {
        let site = site_with_a_sound_article();
        let text = format!("---\nimage: /uploads/sound.png\n{line}\n---\n");
        site.write("articles/bad.md", text);
        let [found] = &findings_of_a_build(&site, 1)[..] else {
            panic!("not one finding");
        };
        assert_eq!(
            (found.code.as_str(), found.message.as_str()),
            ("article-refused", message)
        );
        let hint = found.hint.as_deref().unwrap();
        assert!(
            hint.contains("`exclude:`") && !hint.contains("generator"),
            "{hint}"
        );
    }
}

#[test]
fn an_article_over_the_limit_of_front_matter_is_left_alone() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}limits: {{ front_matter: 1KiB }}\n"),
    );
    let text = format!(
        "---\nimage: /uploads/sound.png\n# {}\n---\n",
        "x".repeat(2000)
    );
    site.write("articles/bad.md", text);
    let findings = findings_of_a_build(&site, 1);
    let [found] = &findings[..] else {
        panic!("{findings:#?}")
    };
    assert_eq!(
        (found.code.as_str(), found.file.as_deref()),
        ("article-refused", Some("articles/bad.md"))
    );
    assert!(
        found.hint.as_deref().unwrap().contains("front_matter"),
        "{found:#?}"
    );
}

#[test]
fn a_site_without_an_article_is_a_warning() {
    let folder = Scratch::empty();
    folder.write("planche.yml", "generator: none\n");
    let findings = folder.planche(&["--format", "json"]).exits(0).findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].code, "no-articles");
    assert!(findings[0].hint.is_some());
}

/// "0 articles" says what was left out, and why.
#[test]
fn pages_without_front_matter_and_a_generator_are_named() {
    let folder = Scratch::empty();
    folder.write("README.md", "# A\n");
    folder.write("docs/x.md", "# X\n\n![a](../images/logo.png)\n");
    folder.copy_upload("logo.png", "images/logo.png");
    for command in ["build", "check"] {
        let run = folder.planche(&[command, ".", "--format", "json"]).exits(0);
        let findings = run.findings();
        let find = |code: &str| findings.iter().find(|finding| finding.code == code);
        let page = find("no-front-matter").unwrap();
        assert_eq!(page.file.as_deref(), Some("docs/x.md"), "{page:?}");
        let none = find("no-articles").unwrap();
        assert!(
            none.message.contains("no generator was detected"),
            "{none:?}"
        );
        assert_eq!(findings.len(), 2, "{findings:#?}");
    }
}

/// Eleventy runs front matter in JavaScript, which planche cannot edit.
#[test]
fn an_image_in_front_matter_of_another_language_is_a_warning() {
    let folder = Scratch::empty();
    folder.write("eleventy.config.js", "module.exports = () => {};\n");
    let text = "---js\n{\n  hero: \"/uploads/a.png\",\n}\n---\nText.\n";
    folder.write("posts/a.md", text);
    folder.copy_upload("logo.png", "uploads/a.png");
    let findings = folder.planche(&["--format", "json"]).exits(0).findings();
    let page = findings
        .iter()
        .find(|found| found.code == "no-front-matter");
    let page = page.unwrap_or_else(|| panic!("{findings:#?}"));
    assert_eq!(
        (page.file.as_deref(), page.line),
        (Some("posts/a.md"), Some(3))
    );
    assert!(page.message.contains("`---js`"), "{page:?}");
    assert_eq!(folder.text("posts/a.md"), text);
}

#[test]
fn a_front_matter_that_is_never_closed_is_a_warning() {
    let site = site_with_a_sound_article();
    let text = "---\nimage: /uploads/sound.png\n\nNo end.\n";
    site.write("articles/open.md", text);
    let expected = Expected {
        code: "unclosed-front-matter",
        place: "articles/open.md:1:1",
        message: "never closed",
        hint: "close it with a line",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
    assert_eq!(site.text("articles/open.md"), text);
}

#[test]
fn findings_are_sorted_by_severity_then_file_then_line() {
    let site = site_with_a_sound_article();
    site.write("uploads/broken.png", "no image");
    site.write(
        "articles/a.md",
        "---\nb: /uploads/gone.png\na: /uploads/broken.png\nc: /uploads/away.png\n---\n",
    );
    site.write("articles/b.md", "---\nb: /uploads/lost.png\n---\n");
    let findings = findings_of_a_build(&site, 1);
    let order: Vec<(&str, &str, Option<u32>)> = findings
        .iter()
        .map(|found| {
            let file = found.file.as_deref().unwrap();
            (found.severity.as_str(), file, found.line)
        })
        .collect();
    assert_eq!(
        order,
        [
            ("error", "uploads/broken.png", None),
            ("warning", "articles/a.md", Some(2)),
            ("warning", "articles/a.md", Some(4)),
            ("warning", "articles/b.md", Some(2)),
        ]
    );
}

#[test]
fn findings_about_a_rewritten_article_have_its_new_lines() {
    let site = site_with_a_sound_article();
    let text = "---\nimage: /uploads/sound.png\n---\nété ![](/uploads/gone.png)\n";
    site.write("articles/sound.md", text);
    site.write("uploads/broken.png", "no image");
    site.write(
        "articles/sound.md",
        format!("{text}\n![](/uploads/broken.png)\n"),
    );
    let run = site.planche(&["--format", "json"]).exits(1);
    let new = site.text("articles/sound.md");
    let line_of = |value: &str| {
        let line = new.lines().position(|line| line.contains(value));
        u32::try_from(line.unwrap() + 1).unwrap()
    };
    let findings = run.findings();
    let [broken, missing] = &findings[..] else {
        panic!("not two findings: {findings:#?}");
    };
    let line = line_of("/uploads/gone.png");
    assert!(line > 4, "the record has moved it: {new}");
    assert_eq!((missing.line, missing.column), (Some(line), Some(5)));
    let line = line_of("![](/uploads/broken.png)");
    let place = format!("(referenced at articles/sound.md:{line}:1)");
    assert!(broken.message.ends_with(&place), "{broken:#?}");
}

/// A site of a generator with one page, and where the page is.
fn site_of(generator: &str, page: &str) -> (Scratch, String) {
    let site = Scratch::empty();
    let (configuration, folder, uploads) = match generator {
        "jekyll" => ("_config.yml", "_posts", "uploads"),
        "hugo" => ("hugo.toml", "content", "static/uploads"),
        "zola" => ("config.toml", "content", "static/uploads"),
        "eleventy" => ("eleventy.config.js", "posts", "uploads"),
        _ => ("astro.config.mjs", "src/content", "public/uploads"),
    };
    site.write(configuration, "");
    site.write("planche.yml", format!("generator: {generator}\n"));
    site.copy_upload("logo.png", &format!("{uploads}/a.png"));
    let path = format!("{folder}/2024-01-01-a.md");
    site.write(&path, page);
    (site, path)
}

/// Expected: what Hugo 0.168, Jekyll 4.3 and gray-matter 4 do with these files, and the sources of
/// Zola 0.22.
#[test]
fn a_key_that_is_set_twice_is_reported_once_as_the_generator_takes_it() {
    let page = "---\ntitle: T\nimage: /uploads/a.png\nimage: /uploads/a.png\n---\n";
    for (generator, severity) in [
        ("jekyll", "warning"),
        ("hugo", "error"),
        ("zola", "error"),
        ("eleventy", "error"),
        ("astro", "error"),
    ] {
        let (site, path) = site_of(generator, page);
        let run = site.planche(&["--format", "json"]);
        let findings = run.findings();
        let found: Vec<_> = findings
            .iter()
            .filter(|found| found.file.as_deref() == Some(path.as_str()))
            .collect();
        let [found] = found[..] else {
            panic!("{generator}: {findings:#?}");
        };
        assert_eq!(found.severity, severity, "{generator}: {found:?}");
        assert_eq!((found.line, found.column), (Some(4), Some(1)), "{found:?}");
        assert!(found.message.contains("`image`"), "{found:?}");
        assert!(found.message.contains(&format!("{path}:3:1")), "{found:?}");
        let hint = found.hint.as_deref().unwrap_or_default();
        assert!(hint.contains("remove one of the two"), "{found:?}");
        assert_eq!(site.text(&path), page);
    }
    // JavaScript and Go take the last value of a JSON key, and every generator a repeated merge.
    let (site, path) = site_of(
        "hugo",
        "{ \"a\": 1, \"a\": 2, \"image\": \"/uploads/a.png\" }\n",
    );
    site.planche(&[]).exits(0);
    assert!(site.text(&path).contains("image_responsive"));
}

#[test]
fn front_matter_that_is_never_closed_is_what_the_generator_makes_of_it() {
    let page = "---\ntitle: T\n\n![](/uploads/a.png)\n";
    for (generator, severity, message) in [
        ("jekyll", "warning", "treats it as text"),
        ("hugo", "error", "Hugo stops at this file"),
        ("zola", "error", "Zola stops at this file"),
        ("eleventy", "error", "reads the whole file as front matter"),
        ("astro", "warning", "treats it as text"),
    ] {
        let (site, path) = site_of(generator, page);
        let run = site.planche(&["--format", "json"]);
        let findings = run.findings();
        let found: Vec<_> = findings
            .iter()
            .filter(|found| found.file.as_deref() == Some(path.as_str()))
            .collect();
        let [found] = found[..] else {
            panic!("{generator}: {findings:#?}");
        };
        assert_eq!(found.code, "unclosed-front-matter");
        assert_eq!(found.severity, severity, "{found:?}");
        assert!(found.message.contains(message), "{found:?}");
        assert_eq!(site.text(&path), page);
    }
    let (site, path) = site_of("hugo", "{ \"title\": \"T\"\nText\n");
    let findings = site.planche(&["--format", "json"]).exits(1).findings();
    let found = findings
        .iter()
        .find(|found| found.file.as_ref() == Some(&path));
    let found = found.unwrap_or_else(|| panic!("{findings:#?}"));
    assert_eq!(found.code, "unclosed-front-matter");
    assert_eq!(found.hint.as_deref(), Some("close it with `}`"));
}

/// Expected: what Jekyll 4.3.1 does with these files.
#[test]
fn a_byte_order_mark_hides_pages_and_documents_of_jekyll_but_no_posts() {
    let site = Scratch::empty();
    site.write("_config.yml", "collections: { docs: { output: true } }\n");
    site.copy_upload("logo.png", "uploads/a.png");
    for path in [
        "_posts/2024-01-01-a.md",
        "blog/_posts/2024-01-01-b.md",
        "_drafts/c.md",
        "_docs/d.md",
        "e.md",
    ] {
        site.write(path, "\u{feff}---\nimage: /uploads/a.png\n---\n");
    }
    let findings = site.planche(&["--format", "json"]).findings();
    let mut hidden: Vec<_> = findings
        .iter()
        .filter(|found| found.code == "byte-order-mark")
        .filter_map(|found| found.file.as_deref())
        .collect();
    hidden.sort_unstable();
    assert_eq!(hidden, ["_docs/d.md", "e.md"], "{findings:#?}");
}
