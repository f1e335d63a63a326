//! Values that each generator resolves in its own way. Expected values are what Jekyll 4.3, Hugo
//! 0.111 and Eleventy 3.1 publish, and how browsers resolve URLs.

use planche::internal::finding::Code;

use super::{Leads, scratch, seen, survey_folder, to};

/// The values of a site's references with their targets.
fn leads(texts: &[(&str, &str)], images: &[&str]) -> Vec<(String, Leads)> {
    let folder = scratch(texts, images);
    let surveyed = survey_folder(folder.path());
    surveyed
        .found
        .into_iter()
        .map(|found| (found.value, found.leads))
        .collect()
}

/// The messages and hints of missing uploads.
fn hints(texts: &[(&str, &str)], images: &[&str]) -> Vec<(String, String)> {
    let folder = scratch(texts, images);
    let findings = survey_folder(folder.path()).findings;
    findings
        .into_iter()
        .filter(|finding| matches!(finding.code, Code::MissingUpload | Code::OutsideSite))
        .map(|finding| (finding.message, finding.hint.unwrap_or_default()))
        .collect()
}

fn is(value: &str, leads: Leads) -> (String, Leads) {
    (value.to_owned(), leads)
}

#[test]
fn jekyll_posts_may_lead_up_to_the_root() {
    for (config, post, expected) in [
        (
            "permalink: /blog/:title/\n",
            "![a](../../assets/a.jpg)",
            to("assets/a.jpg"),
        ),
        ("", "![a](../../../assets/a.jpg)", to("assets/a.jpg")),
        ("", "![a](../../../../../assets/a.jpg)", to("assets/a.jpg")),
        (
            "permalink: none\n",
            "![a](../assets/a.jpg)",
            to("assets/a.jpg"),
        ),
        (
            "",
            "<img src=\"../../../assets/a.jpg\">",
            to("assets/a.jpg"),
        ),
        ("", "![a](../assets/a.jpg)", Leads::Nowhere),
        ("", "![a](../../../assets/z.jpg)", Leads::Nowhere),
    ] {
        let text = format!("---\n---\n{post}\n");
        let texts = [
            ("_config.yml", config),
            ("_posts/2024-01-02-hello.md", text.as_str()),
        ];
        let found = leads(&texts, &["assets/a.jpg"]);
        assert_eq!(found.len(), 1, "{post}");
        assert_eq!(found[0].1, expected, "{config}{post}");
        for (message, _) in hints(&texts, &["assets/a.jpg"]) {
            assert!(message.starts_with("missing upload"), "{message}");
        }
    }
}

#[test]
fn hugo_publishes_bundles_under_the_url_of_their_page() {
    let texts = [
        ("hugo.toml", "baseURL = 'https://e.org/'\n"),
        (
            "content/posts/tour/index.md",
            "---\ntitle: t\n---\n{{< img src=\"/posts/tour/boat.jpg\" >}}\n\n![b](/posts/tour/boat.jpg)\n![in](/posts/tour/images/in.jpg)\n![fr](/fr/posts/tour/boat.jpg)\n![loose](/posts/loose.jpg)\n![up](../../img/a.jpg)\n![none](/posts/tour/none.jpg)\n",
        ),
    ];
    let images = [
        "content/posts/tour/boat.jpg",
        "content/posts/tour/images/in.jpg",
        "content/posts/loose.jpg",
        "static/img/a.jpg",
    ];
    assert_eq!(
        leads(&texts, &images),
        [
            is("/posts/tour/boat.jpg", to("content/posts/tour/boat.jpg")),
            is("/posts/tour/boat.jpg", to("content/posts/tour/boat.jpg")),
            is(
                "/posts/tour/images/in.jpg",
                to("content/posts/tour/images/in.jpg")
            ),
            is("/fr/posts/tour/boat.jpg", to("content/posts/tour/boat.jpg")),
            is("/posts/loose.jpg", to("content/posts/loose.jpg")),
            is("../../img/a.jpg", to("static/img/a.jpg")),
            is("/posts/tour/none.jpg", Leads::Nowhere),
        ]
    );
}

/// As Hugo 0.168 renders them; the paragraph of a definition is no code.
#[test]
fn hugo_has_definition_lists() {
    let texts = [
        ("hugo.toml", "baseURL = 'https://e.org/'\n"),
        (
            "content/a.md",
            "---\ntitle: t\n---\nTerm\n: ![a](/a.jpg)\n\n    ![b](/b.jpg)\n\n[Code](/)\n\n    ![c](/c.jpg)\n",
        ),
    ];
    assert_eq!(
        leads(&texts, &["static/a.jpg", "static/b.jpg", "static/c.jpg"]),
        [
            is("/a.jpg", to("static/a.jpg")),
            is("/b.jpg", to("static/b.jpg")),
        ]
    );
}

/// As kubernetes.dev has it: the folder's name begins with the date, the URL with its parts.
#[test]
fn permalinks_of_a_bundle_lead_to_its_own_files() {
    let texts = [
        (
            "hugo.toml",
            "[permalinks]\nblog = '/:section/:year/:month/:day/:slug/'\n",
        ),
        (
            "content/en/blog/2023/2023-03-01-kwok/index.md",
            "---\ntitle: t\n---\n<img src=\"/blog/2023/03/01/kwok/kwok.png\">\n\n{{< figure src=\"/blog/2023/03/01/kwok/images/a.jpg\" >}}\n![x](/blog/2023/03/01/wok/kwok.png)\n![y](/images/kwok.png)\n![z](/blog/2023/03/01/kwok/none.png)\n",
        ),
        (
            "content/en/blog/2023/other.md",
            "---\ntitle: t\n---\n![x](/blog/2023/03/01/2023/kwok.png)\n",
        ),
    ];
    let images = [
        "content/en/blog/2023/2023-03-01-kwok/kwok.png",
        "content/en/blog/2023/2023-03-01-kwok/images/a.jpg",
        "content/en/blog/2023/kwok.png",
    ];
    let folder = "content/en/blog/2023/2023-03-01-kwok";
    assert_eq!(
        leads(&texts, &images),
        [
            is(
                "/blog/2023/03/01/kwok/kwok.png",
                to(&format!("{folder}/kwok.png"))
            ),
            is(
                "/blog/2023/03/01/kwok/images/a.jpg",
                to(&format!("{folder}/images/a.jpg"))
            ),
            is("/blog/2023/03/01/wok/kwok.png", Leads::Nowhere),
            is("/images/kwok.png", Leads::Nowhere),
            is("/blog/2023/03/01/kwok/none.png", Leads::Nowhere),
            is("/blog/2023/03/01/2023/kwok.png", Leads::Nowhere),
        ]
    );
}

#[test]
fn globs_of_resources_are_no_paths() {
    let texts = [
        ("hugo.toml", "baseURL = 'https://e.org/'\n"),
        (
            "content/posts/tour/index.md",
            "---\ntitle: t\nresources:\n- src: images/boat.jpg\n- src: \"images/*.jpg\"\n- src: \"**.png\"\n- src: \"**/{a,b}.jpg\"\n- src: \"images/[ab].jpg\"\nnote: \"paths = images/gone.jpg\"\n---\ntext\n",
        ),
    ];
    let found = leads(&texts, &["content/posts/tour/images/boat.jpg"]);
    let expected = is("images/boat.jpg", to("content/posts/tour/images/boat.jpg"));
    assert_eq!(found, [expected]);
}

#[test]
fn shortcodes_are_relative_to_the_project() {
    let texts = [
        (
            "eleventy.config.js",
            "export default (c) => { c.addPassthroughCopy(\"src/img\"); return { dir: { input: \"src\" } }; };\n",
        ),
        (
            "src/posts/one.md",
            "---\ncover: ./src/img/a.jpg\n---\n{% image \"./src/img/a.jpg\", \"a\" %}\n{% image \"src/img/a.jpg\" %}\n![a](../../img/a.jpg)\n![z](./src/img/a.jpg)\n",
        ),
    ];
    assert_eq!(
        leads(&texts, &["src/img/a.jpg"]),
        [
            is("./src/img/a.jpg", to("src/img/a.jpg")),
            is("./src/img/a.jpg", to("src/img/a.jpg")),
            is("src/img/a.jpg", to("src/img/a.jpg")),
            is("../../img/a.jpg", to("src/img/a.jpg")),
            is("./src/img/a.jpg", Leads::Nowhere),
        ]
    );
}

#[test]
fn backslashes_are_slashes_to_browsers() {
    let text = "---\nimage: \\uploads\\2021\\a.jpg\nslides:\n- image: uploads\\2021\\a.jpg\n---\n<img src=\"uploads\\2021\\a.jpg\">\n\n![m](/uploads\\2021\\a.jpg)\n";
    let images = ["uploads/2021/a.jpg"];
    let found = leads(&[("_config.yml", ""), ("p.md", text)], &images);
    let a = || to("uploads/2021/a.jpg");
    // kramdown writes the path unchanged.
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|(_, leads)| *leads == a()), "{found:?}");
    // markdown-it and goldmark write `%5C`.
    let config = ("planche.yml", "generator: none\ncontent: [\"*.md\"]\n");
    let found = leads(&[config, ("p.md", text)], &images);
    let leads: Vec<Leads> = found.into_iter().map(|(_, leads)| leads).collect();
    assert_eq!(leads, [a(), a(), a(), Leads::Nowhere]);
    let hints = hints(&[config, ("p.md", text)], &images);
    assert_eq!(
        hints[0].1,
        "`/uploads/2021/a.jpg` exists: write `/` instead of `\\`"
    );
}

#[test]
fn names_that_look_alike_are_distinguished() {
    for (file, value, expected) in [
        (
            "uploads/3.45.12\u{202f}PM.jpg",
            "/uploads/3.45.12 PM.jpg",
            "`/uploads/3.45.12%E2%80%AFPM.jpg` exists: its name has U+202F (narrow no-break space) instead of a space",
        ),
        (
            "uploads/a b.jpg",
            "/uploads/a\u{a0}b.jpg",
            "`/uploads/a%20b.jpg` exists: its name has a space instead of U+00A0 (no-break space)",
        ),
        (
            "uploads/a\u{200b}b.jpg",
            "/uploads/ab.jpg",
            "`/uploads/a%E2%80%8Bb.jpg` exists: its name has U+200B (zero-width space)",
        ),
        (
            "uploads/ab.jpg",
            "/uploads/a\u{200b}b.jpg",
            "`/uploads/ab.jpg` exists: remove U+200B (zero-width space) from the path",
        ),
        (
            "uploads/l\u{2019}eau.jpg",
            "/uploads/l'eau.jpg",
            "`/uploads/l%E2%80%99eau.jpg` exists: its name has `\u{2019}` instead of `'`",
        ),
        (
            "uploads/a.jpg",
            "\u{201c}/uploads/a.jpg\u{201d}",
            "`/uploads/a.jpg` exists: remove `\u{201c}` and `\u{201d}` around the path",
        ),
        (
            "uploads/a.jpg",
            "/uploads/A.jpg",
            "`/uploads/a.jpg` exists (case differs)",
        ),
    ] {
        let text = format!("---\nimage: \"{value}\"\n---\n");
        let texts = [("_config.yml", ""), ("p.md", text.as_str())];
        let hints = hints(&texts, &[file]);
        assert_eq!(hints.len(), 1, "{value}");
        assert_eq!(hints[0].1, expected, "{value}");
    }
    // Pasted along, at the end of the value.
    let text = "---\nimage: \"/uploads/a.jpg\u{200b}\"\n---\n";
    let hints = hints(&[("_config.yml", ""), ("p.md", text)], &["uploads/a.jpg"]);
    assert_eq!(
        hints[0].1,
        "`/uploads/a.jpg` exists: remove U+200B (zero-width space) from the path"
    );
}

#[test]
fn filters_of_liquid_are_evaluated() {
    let text = "---\n---\n<img src=\"{{ \"p.png\" | prepend: \"/uploads/\" }}\">\n<img src=\"{{ site.baseurl | append: '/uploads' }}/p.png\">\n<img src=\"{{ 'p.png' | prepend: page.folder }}\">\n";
    let found = leads(&[("_config.yml", ""), ("p.html", text)], &["uploads/p.png"]);
    let leads: Vec<Leads> = found.into_iter().map(|(_, leads)| leads).collect();
    assert_eq!(leads, [to("uploads/p.png"), to("uploads/p.png")]);
}

#[test]
fn aliases_of_the_bundler_lead_to_their_folder() {
    let texts = [
        ("astro.config.mjs", "export default {}\n"),
        (
            "tsconfig.json",
            "{ \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"~/*\": [\"src/*\"] } } }\n",
        ),
        (
            "src/content/docs/index.md",
            "---\nhero: { image: { file: ~/assets/hero.webp } }\nother: ~/assets/none.webp\n---\n",
        ),
    ];
    assert_eq!(
        leads(&texts, &["src/assets/hero.webp"]),
        [is("~/assets/hero.webp", to("src/assets/hero.webp"))]
    );
    assert_eq!(hints(&texts, &["src/assets/hero.webp"]), []);
}

#[test]
fn templates_are_no_json() {
    let texts = [
        ("planche.yml", "generator: none\ncontent: [\"**/*.html\"]\n"),
        (
            "templates/404.html",
            "{% extends \"base.html\" %}\n<img src=\"/a.png\">\n",
        ),
    ];
    let folder = scratch(&texts, &["a.png"]);
    let findings = survey_folder(folder.path()).findings;
    let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    assert!(!codes.contains(&Code::ArticleRefused), "{findings:?}");
}

#[test]
fn images_that_need_no_record_are_seen_in_noscript() {
    let text = "---\n---\n<NOSCRIPT><picture><img src=\"/a.png\"></picture></NOSCRIPT>\n";
    let found = leads(&[("_config.yml", ""), ("p.html", text)], &["a.png"]);
    assert_eq!(found, [is("/a.png", seen("a.png"))]);
}
