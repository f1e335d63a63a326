use std::os::unix::fs::PermissionsExt;

use crate::corpus;
use crate::scratch::{Found, Scratch};

/// A site of this generator with an article that names an image.
fn site(files: &[(&str, &str)], article: &str, upload: &str) -> Scratch {
    let site = Scratch::empty();
    for (name, text) in files {
        site.write(name, text);
    }
    site.copy_upload("logo.png", upload);
    site.write(
        article,
        "---\ntitle: A\nimage: /uploads/logo.png\nextra: { image: /uploads/logo.png }\n---\n",
    );
    site
}

fn found(site: &Scratch, code: &str) -> Option<Found> {
    let run = site.planche(&["check", "--format", "json"]);
    let mut findings = run.findings().into_iter();
    findings.find(|finding| finding.code == code)
}

#[test]
fn files_with_front_matter_that_are_no_pages_are_left_alone() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A site\n");
    site.copy_upload("logo.png", "uploads/logo.png");
    let text = "---\nimage: /uploads/logo.png\n---\n<img src=\"/uploads/logo.png\">\n";
    let others = [
        "app.js",
        "assets/main.scss",
        "feed.xml",
        "manifest.webmanifest",
        "robots.txt",
        "search.json",
        "style.css",
    ];
    for name in others.into_iter().chain(["page.html"]) {
        site.write(name, text);
    }
    site.planche(&[]).exits(0);
    assert!(site.text("page.html").contains("srcset"));
    for name in others {
        assert_eq!(site.text(name), text, "{name}");
    }
}

const THEME: (&str, &str) = ("_layouts/page.html", "{{ page.image_responsive.srcset }}");

#[test]
fn a_theme_that_shows_no_record_is_found() {
    for (files, article, upload) in [
        (
            vec![
                ("_config.yml", "title: A\n"),
                ("_layouts/page.html", "{{ page.image }}"),
            ],
            "_posts/2024-01-01-a.md",
            "uploads/logo.png",
        ),
        (
            vec![
                ("hugo.toml", "title = 'A'\n"),
                ("layouts/single.html", "{{ .Params.image }}"),
            ],
            "content/a.md",
            "static/uploads/logo.png",
        ),
        (
            vec![
                (".eleventy.js", "module.exports = () => {};\n"),
                ("_includes/a.njk", "{{ image }}"),
            ],
            "a.md",
            "uploads/logo.png",
        ),
        (
            vec![
                ("config.toml", "base_url = 'https://x.org'\n"),
                ("templates/page.html", "{{ page.extra.image }}"),
            ],
            "content/a.md",
            "static/uploads/logo.png",
        ),
        (
            vec![
                ("astro.config.mjs", "export default {};\n"),
                ("src/pages/a.astro", "<img src={data.image}>"),
            ],
            "src/content/a.md",
            "public/uploads/logo.png",
        ),
    ] {
        let site = site(&files, article, upload);
        let finding = found(&site, "unused-records").unwrap_or_else(|| panic!("{files:?}"));
        assert_eq!(finding.severity, "notice");
        let hint = finding.hint.unwrap();
        assert!(hint.starts_with("`planche init "), "{hint}");
        // As the hint says, the snippet is written; then a template must use it.
        let name = hint.split(['`', ' ']).nth(3).unwrap();
        site.planche(&["init", name]).exits(0);
        let finding = found(&site, "unused-records").unwrap_or_else(|| panic!("{files:?}"));
        let hint = finding.hint.unwrap();
        assert!(hint.contains("exists, but nothing uses it"), "{hint}");
        assert!(!hint.contains("render-image"), "{hint}");
        // The command that the hint names succeeds again.
        site.planche(&["init", name]).exits(0);
        if name == "hugo" {
            // The render hook shows the records of images in the text.
            let text = site.text(article);
            site.write(article, text.clone() + "\n![x](/uploads/logo.png)\n");
            assert_eq!(found(&site, "unused-records"), None, "{files:?}");
            site.write(article, text);
        }
        let template = files[1].0;
        site.write(template, "planche.html image_responsive");
        assert_eq!(found(&site, "unused-records"), None, "{files:?}");
    }
}

#[test]
fn a_plugin_in_a_configuration_that_is_a_program_shows_records() {
    let site = site(
        &[
            (
                "eleventy.config.mjs",
                "import planche from './planche.eleventy.cjs';\n",
            ),
            ("_includes/a.njk", ""),
        ],
        "a.md",
        "uploads/logo.png",
    );
    assert_eq!(found(&site, "unused-records"), None);
}

#[test]
fn a_known_lack_of_a_snippet_can_be_allowed() {
    let site = site(
        &[
            ("_config.yml", ""),
            ("planche.yml", "allow: [{ code: unused-records }]\n"),
        ],
        "_posts/2024-01-01-a.md",
        "uploads/logo.png",
    );
    assert_eq!(found(&site, "unused-records"), None);
}

#[track_caller]
fn hidden(files: &[(&str, &str)], message: &str, hint: &str) {
    let article = if files[0].0 == "_config.yml" {
        "_posts/2024-01-01-a.md"
    } else {
        "content/a.md"
    };
    let site = site(files, article, "uploads/logo.png");
    site.copy_upload("logo.png", "static/uploads/logo.png");
    let finding = found(&site, "output-hidden").unwrap_or_else(|| panic!("{files:?}"));
    assert!(finding.message.contains(message), "{finding:?}");
    assert!(finding.hint.as_ref().unwrap().contains(hint), "{finding:?}");
    assert_eq!(finding.severity, "warning");
    let is_configured = files
        .iter()
        .any(|(name, text)| *name == "planche.yml" && text.contains("output"));
    assert_eq!(
        finding.file.as_deref() == Some("planche.yml"),
        is_configured,
        "{finding:?}"
    );
}

#[test]
fn an_output_folder_that_jekyll_passes_over_is_found() {
    for (output, ignored) in [
        ("{ dir: _variants, url: /_variants/ }", "_variants"),
        (
            "{ dir: uploads/_variants, url: /uploads/_variants/ }",
            "uploads/_variants",
        ),
        ("{ dir: uploads/.v/w, url: /uploads/.v/w/ }", "uploads/.v"),
    ] {
        let config = format!("output: {output}\n");
        let files = [
            ("_config.yml", "title: A\n"),
            THEME,
            ("planche.yml", config.as_str()),
        ];
        hidden(&files, &format!("Jekyll ignores `{ignored}`"), "include:");
    }
    let files = [("_config.yml", "exclude: [uploads/variants]\n"), THEME];
    hidden(&files, "Jekyll ignores `uploads/variants`", "include:");
}

#[test]
fn a_base_url_that_comes_twice_is_found() {
    let files = [
        ("_config.yml", "baseurl: /blog\n"),
        THEME,
        (
            "planche.yml",
            "output: { dir: uploads/variants, url: /blog/uploads/variants/ }\n",
        ),
    ];
    hidden(&files, "published under `/blog`", "without it");
    let files = [("_config.yml", "baseurl: /uploads\n"), THEME];
    hidden(&files, "published under `/uploads`", "without it");
}

#[test]
fn a_folder_that_is_not_published_is_found() {
    let theme = ("layouts/single.html", "planche");
    let hugo = ("hugo.toml", "title = 'A'\n");
    for (output, message) in [
        (
            "{ dir: assets/v, url: /v/ }",
            "which the site does not publish as is",
        ),
        (
            "{ dir: data/v, url: /v/ }",
            "which the site does not publish",
        ),
        ("{ dir: static/v, url: /w/ }", "are published as `/v/`"),
    ] {
        let config = format!("output: {output}\n");
        hidden(
            &[hugo, theme, ("planche.yml", config.as_str())],
            message,
            "output:",
        );
    }
}

#[test]
fn the_hint_names_the_passthrough_folder_to_add() {
    let site = site(
        &[(
            "eleventy.config.js",
            "export default () => { /* planche */ };\n",
        )],
        "a.md",
        "pictures/logo.png",
    );
    site.write("a.md", "---\nimage: /pictures/logo.png\n---\n");
    let finding = found(&site, "output-hidden").unwrap();
    assert!(
        finding
            .hint
            .unwrap()
            .contains("addPassthroughCopy(\"uploads\")")
    );
}

/// Eleventy publishes what a glob matches. A folder that planche has made is no sign of more.
#[test]
fn a_glob_publishes_no_variants_before_and_after_a_build() {
    let site = Scratch::empty();
    site.write(
        "eleventy.config.js",
        "export default (c) => {\n\
         c.addPassthroughCopy(\"site/en/**/*.{jpg,png}\"); /* planche */\n\
         return { dir: { input: \"site\" } };\n};\n",
    );
    site.copy_upload("logo.png", "site/en/a/logo.png");
    site.write("site/en/a/index.md", "---\nimage: /en/a/logo.png\n---\n");
    for round in ["first", "second"] {
        let build = site.planche(&["build", "--format", "json"]);
        let mut codes = build.findings().into_iter().map(|finding| finding.code);
        assert!(codes.any(|code| code == "output-hidden"), "{round} build");
        assert!(found(&site, "output-hidden").is_some(), "{round} check");
    }
}

#[test]
fn built_in_behaviour_of_generators_is_not_reported() {
    for (files, article, upload) in [
        (
            vec![
                (
                    "_config.yml",
                    "collections: { uploads: { output: true } }\nbaseurl: /up\n",
                ),
                THEME,
            ],
            "_posts/2024-01-01-a.md",
            "_uploads/logo.png",
        ),
        (
            vec![
                ("_config.yml", "source: docs\n"),
                ("docs/_layouts/a.html", "planche"),
            ],
            "docs/a.md",
            "docs/uploads/logo.png",
        ),
        (
            vec![
                ("hugo.toml", "baseURL = 'https://x.org/base/'\n"),
                ("layouts/a.html", "planche"),
            ],
            "content/a.md",
            "static/uploads/logo.png",
        ),
        (
            vec![
                ("config.toml", "base_url = 'https://x.org'\n"),
                ("templates/a.html", "planche"),
            ],
            "content/a.md",
            "static/uploads/logo.png",
        ),
        (
            vec![("astro.config.mjs", "import planche from 'x';\n")],
            "src/content/a.md",
            "public/uploads/logo.png",
        ),
        (
            vec![(
                "eleventy.config.js",
                "eleventyConfig.addPassthroughCopy('uploads') // planche\n",
            )],
            "a.md",
            "uploads/logo.png",
        ),
    ] {
        let site = site(&files, article, upload);
        site.planche(&[]).exits(0);
        let run = site.planche(&["check", "--format", "json"]).exits(0);
        assert_eq!(run.findings(), [], "{files:?}");
    }
}

#[test]
fn a_generator_that_is_not_installed_is_named_by_check() {
    let site = site(
        &[
            ("config.toml", "base_url = 'https://x.org'\n"),
            ("templates/a.html", "planche"),
        ],
        "content/a.md",
        "static/uploads/logo.png",
    );
    site.planche(&[]).exits(0);
    let check = |path: &str| {
        let output = site.command(&["check"]).env("PATH", path).output().unwrap();
        crate::scratch::Run::of(output).exits(0).err
    };
    let said = check("/nonexistent");
    assert!(
        said.contains("`zola` is not installed") && said.contains("notice[generator-missing]"),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("zola");
    std::fs::write(&program, "").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = check(folder.path().to_str().unwrap());
    assert!(!said.contains("generator-missing"), "{said}");
}

/// Every site of the corpus is recognised by its own files, regardless of its theme.
#[test]
fn every_generator_of_the_corpus_is_recognised() {
    let Some(sites) = corpus::folder("corpus/sites") else {
        return;
    };
    for (folder, generator) in [
        ("18f-jekyll", "jekyll"),
        ("eig-jekyll", "jekyll"),
        ("numerique-like-a", "jekyll"),
        ("opensource-guide-jekyll", "jekyll"),
        ("grpc-hugo", "hugo"),
        ("communs-11ty", "eleventy"),
        ("astro-blog", "astro"),
        ("zola-docs/docs", "zola"),
        ("zola-docs/test_site", "zola"),
    ] {
        let site = planche::internal::project::Site::open(Some(&sites.join(folder)), None).unwrap();
        assert_eq!(site.conventions.generator.name(), generator, "{folder}");
    }
}
