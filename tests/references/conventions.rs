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
            "`/uploads/l’eau.jpg` exists: its name has `\u{2019}` instead of `'`",
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
        // As the author writes: encoded only if the value is.
        (
            "uploads/été 2023 (1).PNG",
            "/uploads/été 2023 (1).png",
            "`/uploads/été 2023 (1).PNG` exists (case differs)",
        ),
        (
            "uploads/été.PNG",
            "/uploads/%C3%A9t%C3%A9.png",
            "`/uploads/%C3%A9t%C3%A9.PNG` exists (case differs)",
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

/// A browser removes U+0000 to U+0020 around a URL, and nothing else (URL Standard, section 4.4).
#[test]
fn only_what_browsers_remove_is_removed_around_a_path() {
    for (c, name) in [
        ('\u{a0}', "U+00A0 (no-break space)"),
        ('\u{3000}', "U+3000 (ideographic space)"),
        ('\u{2003}', "U+2003 (em space)"),
        ('\u{2009}', "U+2009 (thin space)"),
        ('\u{85}', "U+0085 (next line)"),
        ('\u{2028}', "U+2028 (line separator)"),
    ] {
        let escape = format!("\\u{:04x}", u32::from(c));
        for value in [
            format!("/uploads/a.jpg{escape}"),
            format!("{escape}/uploads/a.jpg"),
        ] {
            let text = format!("---\nimage: \"{value}\"\n---\n");
            let texts = [("_config.yml", ""), ("a.md", text.as_str())];
            let hints = hints(&texts, &["uploads/a.jpg"]);
            assert_eq!(hints.len(), 1, "{value}");
            let (message, hint) = &hints[0];
            assert!(message.starts_with("missing upload"), "{message}");
            assert!(hint.contains(name), "{value}: {hint}");
        }
    }
    let text =
        "---\nimage: \" \\t/uploads/a.jpg\\n\\r \"\n---\n<img src=\"\n/uploads/a.jpg&nbsp;\">\n";
    let texts = [("_config.yml", ""), ("a.md", text)];
    let found = leads(&texts, &["uploads/a.jpg"]);
    let targets: Vec<&Leads> = found.iter().map(|(_, leads)| leads).collect();
    assert_eq!(targets, [&to("uploads/a.jpg"), &Leads::Nowhere]);
}

#[test]
fn names_that_differ_in_spaces_are_near() {
    for (file, value, hint) in [
        (
            "uploads/two  spaces.jpg",
            "/uploads/two spaces.jpg",
            "another number of spaces",
        ),
        (
            "uploads/one space.jpg",
            "/uploads/one%20%20space.jpg",
            "another number of spaces",
        ),
        (
            "uploads/end.jpg ",
            "/uploads/end.jpg",
            "its name has a space",
        ),
        ("uploads/end.jpg", "/uploads/end.jpg%20", "remove a space"),
        ("uploads/b .jpg", "/uploads/b.jpg", "its name has a space"),
    ] {
        let text = format!("---\n---\n<img src=\"{value}\">\n");
        let texts = [("_config.yml", ""), ("a.md", text.as_str())];
        let hints = hints(&texts, &[file]);
        assert_eq!(hints.len(), 1, "{value}");
        assert!(hints[0].1.contains(hint), "{value}: {}", hints[0].1);
    }
}

/// As Hugo and Astro publish `static` and `public`, and browsers resolve `..`.
#[test]
fn a_file_whose_url_has_fewer_folders_is_named() {
    let hugo = ("hugo.toml", "content/posts/p.md", "static/img/a.png");
    let astro = ("astro.config.mjs", "src/content/p.md", "public/img/a.png");
    let jekyll = ("_config.yml", "p.md", "img/a.png");
    let near = "`/img/a.png` exists: correct the folder";
    let usual = "upload the file, or correct the path";
    for ((config, page, file), value, expected) in [
        (hugo, "/static/img/a.png", near),
        (hugo, "/x/static/img/a.png?v=1", near),
        (hugo, "../x/img/a.png", near),
        (hugo, "/img/x/a.png", usual),
        (hugo, "/static/a.png", usual),
        (astro, "/public/img/a.png", near),
        (jekyll, "/assets/img/a.png", near),
    ] {
        let text = format!("---\n---\n![a]({value})\n");
        let hints = hints(&[(config, ""), (page, &text)], &[file]);
        let missing = format!("missing upload `{value}`");
        assert_eq!(hints, [(missing, expected.to_owned())], "{config}");
    }
}

/// As Hugo 0.111 and Zola 0.19 publish them.
#[test]
fn bundles_are_published_where_their_front_matter_says() {
    let hugo = ("hugo.toml", "baseURL = 'https://e.org/'\n");
    let zola = ("config.toml", "base_url = 'https://e.org'\n");
    for (config, front_matter, value, is_found) in [
        (hugo, "slug: trip", "/posts/trip/boat.jpg", true),
        (hugo, "Slug: My Trip", "/posts/my-trip/boat.jpg", true),
        (hugo, "slug: trip", "/posts/trap/boat.jpg", false),
        (hugo, "url: /t/", "/t/boat.jpg", true),
        (hugo, "url: t/a.html", "/t/boat.jpg", true),
        (hugo, "url: /t/", "/fr/t/boat.jpg", true),
        (hugo, "url: /t/", "/u/boat.jpg", false),
        (hugo, "url: /t/", "/t/none.jpg", false),
        (hugo, "title: t", "/posts/tour/boat.jpg", true),
        (hugo, "title: t", "/posts/tour/Boat.jpg", false),
        (zola, "slug = \"trip\"", "/posts/trip/boat.jpg", true),
        (zola, "path = \"t\"", "/t/boat.jpg", true),
        (zola, "path = \"t\"", "/posts/trip/boat.jpg", false),
    ] {
        let mark = if config == zola { "+++" } else { "---" };
        let text = format!("{mark}\n{front_matter}\n{mark}\n![a]({value})\n");
        let texts = [config, ("content/posts/Tour/index.md", text.as_str())];
        let found = leads(&texts, &["content/posts/Tour/boat.jpg"]);
        let expected = match is_found {
            true => to("content/posts/Tour/boat.jpg"),
            false => Leads::Nowhere,
        };
        assert_eq!(found, [is(value, expected)], "{front_matter}");
    }
    let section = "---\nurl: /s/\n---\n![a](/s/boat.jpg)\n";
    assert_eq!(
        leads(
            &[hugo, ("content/posts/_index.md", section)],
            &["content/posts/boat.jpg"]
        ),
        [is("/s/boat.jpg", to("content/posts/boat.jpg"))]
    );
    let texts = [
        hugo,
        ("content/posts/Tour/index.md", "---\ntitle: t\n---\n"),
        (
            "content/a.md",
            "---\ntitle: a\n---\n![a](/posts/tour/boat.jpg)\n",
        ),
    ];
    assert_eq!(
        leads(&texts, &["content/posts/Tour/boat.jpg"]),
        [is(
            "/posts/tour/boat.jpg",
            to("content/posts/Tour/boat.jpg")
        )]
    );
}

/// Zola stops at an unknown key at the root.
#[test]
fn zola_articles_opt_out_under_extra() {
    let zola = ("config.toml", "base_url = 'https://e.org'\n");
    let hugo = ("hugo.toml", "");
    for (config, front_matter, is_out) in [
        (zola, "[extra]\nplanche = false", true),
        (zola, "planche = false", true),
        (zola, "planche = true\n[extra]\nplanche = false", false),
        (zola, "[extra]\nplanche = true", false),
        (hugo, "[extra]\nplanche = false", false),
    ] {
        let text = format!("+++\n{front_matter}\n+++\n![a](/uploads/a.jpg)\n");
        let texts = [config, ("content/a.md", text.as_str())];
        let found = leads(&texts, &["static/uploads/a.jpg"]);
        assert_eq!(found.is_empty(), is_out, "{front_matter}");
    }
}

/// As Zola 0.19 and Hugo 0.168 publish them: the files of a page's folder are below the page's URL.
#[test]
fn files_of_other_pages_are_where_their_front_matter_says() {
    let hugo = ("hugo.toml", "baseURL = 'https://e.org/'\n");
    let zola = ("config.toml", "base_url = 'https://e.org'\n");
    for (config, front_matter, value, is_found) in [
        (zola, "slug = \"trip\"", "../trip/boat.jpg", true),
        (zola, "slug = \"My Trip\"", "../my-trip/boat.jpg", true),
        (zola, "slug = \"trip\"", "/posts/trip/img/boat.jpg", true),
        (zola, "slug = \"trip\"", "../trap/boat.jpg", false),
        (zola, "slug = \"trip\"", "../../trip/boat.jpg", false),
        (zola, "path = \"a/trip\"", "../../a/trip/boat.jpg?v=1", true),
        (zola, "path = \"a/trip\"", "/a/trip/boat.jpg", true),
        (zola, "path = \"a/trip\"", "/a/trip/none.jpg", false),
        (zola, "path = \"a/v1.2\"", "/a/v1.2/boat.jpg", true),
        (zola, "path = \"a/v1.2\"", "/a/boat.jpg", false),
        (zola, "title = \"trip\"", "../trip/boat.jpg", false),
        (hugo, "slug: trip", "../trip/boat.jpg", true),
        (hugo, "url: /a/trip/", "/a/trip/boat.jpg", true),
        (hugo, "url: /a/v1.2/", "/a/v1.2/boat.jpg", true),
        (hugo, "url: /a/trip.html", "/a/boat.jpg", true),
    ] {
        let mark = if config == zola { "+++" } else { "---" };
        let other = format!("{mark}\n{front_matter}\n{mark}\n");
        let text = format!("{mark}\n{mark}\n![a]({value})\n");
        let texts = [
            config,
            ("content/posts/Tour/index.md", other.as_str()),
            ("content/posts/own/index.md", text.as_str()),
        ];
        let files = [
            "content/posts/Tour/boat.jpg",
            "content/posts/Tour/img/boat.jpg",
        ];
        let expected = match (is_found, value.contains("/img/")) {
            (true, true) => to(files[1]),
            (true, false) => to(files[0]),
            (false, _) => Leads::Nowhere,
        };
        let found = leads(&texts, &files);
        assert_eq!(found, [is(value, expected)], "{front_matter} {value}");
    }
}

/// Hugo's documentation: `staticDir` of languages, module imports, and mounts of single files.
#[test]
fn hugo_publishes_static_files_of_languages_modules_and_single_mounts() {
    for (config, file, value) in [
        (
            "[languages.fr]\nstaticDir = 'st-fr'\n",
            "st-fr/img/a.jpg",
            "/img/a.jpg",
        ),
        (
            "[languages.fr]\nstaticDir = ['x', 'st-fr']\n",
            "st-fr/img/a.jpg",
            "/img/a.jpg",
        ),
        (
            "staticDir = 'x'\nstaticDir2 = 'y'\n",
            "y/img/a.jpg",
            "/img/a.jpg",
        ),
        (
            "[[module.imports]]\npath = 'one'\n",
            "themes/one/static/img/a.jpg",
            "/img/a.jpg",
        ),
        (
            "[[module.imports]]\npath = 'github.com/a/b'\n",
            "_vendor/github.com/a/b/static/img/a.jpg",
            "/img/a.jpg",
        ),
        (
            "[[module.imports]]\npath = 'one'\n[[module.imports.mounts]]\nsource = 'pub'\ntarget = 'static/one'\n",
            "themes/one/pub/a.jpg",
            "/one/a.jpg",
        ),
        (
            "[[module.mounts]]\nsource = 'static'\ntarget = 'static'\n[[module.mounts]]\nsource = 'x/logo.jpg'\ntarget = 'static/img/brand.jpg'\n",
            "x/logo.jpg",
            "/img/brand.jpg",
        ),
    ] {
        let text = format!("---\ntitle: a\n---\n![a]({value}) ![b](/nothere/a.jpg)\n");
        let texts = [("hugo.toml", config), ("content/a.md", text.as_str())];
        assert_eq!(
            leads(&texts, &[file]),
            [is(value, to(file)), is("/nothere/a.jpg", Leads::Nowhere)],
            "{config}"
        );
    }
}

/// Astro's `image()` takes a path from the root for one from the site's folder; browsers do not.
#[test]
fn astro_finds_images_of_front_matter_from_the_root() {
    let texts = [
        ("astro.config.mjs", "export default {}\n"),
        (
            "src/content/a.md",
            "---\ncover: /src/assets/b.jpg\nthumb: /src/assets/none.jpg\n---\n![b](/src/assets/b.jpg)\n",
        ),
    ];
    assert_eq!(
        leads(&texts, &["src/assets/b.jpg"]),
        [
            is("/src/assets/b.jpg", to("src/assets/b.jpg")),
            is("/src/assets/none.jpg", Leads::Nowhere),
            is("/src/assets/b.jpg", Leads::Nowhere),
        ]
    );
}

/// The attribute beside it says that only link previews show the image.
#[test]
fn images_of_link_previews_get_no_record() {
    let texts = [
        ("_config.yml", ""),
        (
            "a.md",
            "---\nmeta: [{property: og:image, content: /uploads/a.jpg}]\nhead: [[meta, {name: twitter:image, content: /uploads/a.jpg}]]\nsocial: {cards: [/uploads/a.jpg, {image: /uploads/a.jpg}]}\ncontent: /uploads/a.jpg\n---\n",
        ),
    ];
    let found = leads(&texts, &["uploads/a.jpg"]);
    let found: Vec<Leads> = found.into_iter().map(|(_, leads)| leads).collect();
    let a = || seen("uploads/a.jpg");
    assert_eq!(found, [a(), a(), a(), a(), to("uploads/a.jpg")]);
}

/// Hugo's documentation of `resources` has `src` with any glob.
#[test]
fn a_question_mark_may_be_a_glob() {
    let texts = [
        ("hugo.toml", ""),
        (
            "content/a/index.md",
            "---\nresources:\n- src: images/photo-?.jpg\n- src: images/photo-1.jpg?v=2\n---\n",
        ),
    ];
    assert_eq!(
        leads(&texts, &["content/a/images/photo-1.jpg"]),
        [is(
            "images/photo-1.jpg?v=2",
            to("content/a/images/photo-1.jpg")
        )]
    );
}

/// VitePress and VuePress publish these folders at the root of the site.
#[test]
fn folders_of_documentation_publish_their_own_files() {
    for file in ["docs/public/img/a.jpg", "docs/.vuepress/public/img/a.jpg"] {
        let texts = [
            ("planche.yml", "generator: none\n"),
            ("docs/guide/a.md", "---\ntitle: a\n---\n![a](/img/a.jpg)\n"),
        ];
        assert_eq!(leads(&texts, &[file]), [is("/img/a.jpg", to(file))]);
    }
}

/// An SVG that a template writes has an image's URL, and is no upload.
#[test]
fn urls_of_the_page_itself_are_no_images() {
    for (config, page, keys) in [
        (
            ("_config.yml", "title: t\n"),
            "_posts/2024-01-01-a.md",
            "permalink: /a.svg\nredirect_from: [/b.png]\n",
        ),
        (
            ("hugo.toml", "title = 't'\n"),
            "content/a.md",
            "url: /a.svg\nAliases:\n- /b.png\n",
        ),
        (
            ("eleventy.config.js", "export default () => ({})\n"),
            "a.md",
            "permalink: /a.svg\n",
        ),
    ] {
        let text = format!("---\n{keys}params: {{ url: /c.png }}\n---\n");
        let found = leads(&[config, (page, &text)], &[]);
        let found: Vec<&str> = found.iter().map(|(value, _)| value.as_str()).collect();
        assert_eq!(found, ["/c.png"], "{page}");
    }
    let zola = "+++\npath = \"x/a.png\"\naliases = [\"b.png\"]\n[extra]\npath = \"/c.png\"\n+++\n";
    let texts = [
        ("config.toml", "base_url = 'https://x.fr'\n"),
        ("content/a.md", zola),
    ];
    let found = leads(&texts, &[]);
    let found: Vec<&str> = found.iter().map(|(value, _)| value.as_str()).collect();
    assert_eq!(found, ["/c.png"]);
}
