//! The article and image folders of each generator, and the meaning of its paths.

use crate::scratch::Scratch;

/// Builds a site of these files, whose images are copies of the repository's logo.
fn built(files: &[(&str, &str)], pictures: &[&str]) -> Scratch {
    let site = written(files, pictures);
    site.planche(&[]).exits(0);
    site
}

/// A site of these files and images.
fn written(files: &[(&str, &str)], pictures: &[&str]) -> Scratch {
    let site = Scratch::empty();
    for (name, text) in files {
        site.write(name, text);
    }
    for name in pictures {
        site.copy_upload("logo.png", name);
    }
    site
}

/// The `src` of each record in an article, by its `original`.
fn records(site: &Scratch, article: &str) -> Vec<(String, String)> {
    let text = site.text(article);
    let value = |line: &str, key: &str| -> Option<String> {
        let line = line.trim_start_matches([' ', '-']);
        let value = line.strip_prefix(key)?.strip_prefix(": ")?;
        Some(value.trim_matches(['"', '\'']).to_owned())
    };
    let originals = text.lines().filter_map(|line| value(line, "original"));
    let sources = text.lines().filter_map(|line| value(line, "src"));
    originals.zip(sources).collect()
}

#[track_caller]
fn expect(site: &Scratch, article: &str, expected: &[(&str, &str)]) {
    let found = records(site, article);
    assert_eq!(found.len(), expected.len(), "{}", site.text(article));
    for ((original, src), (value, start)) in found.iter().zip(expected) {
        assert_eq!(original, value, "{article}");
        assert!(src.starts_with(start), "{article}: {src}");
    }
}

const LOGO: (&str, &str) = ("/uploads/logo.png", "/uploads/variants/logo-600.");
const ARTICLE: &str = "---\nimage: /uploads/logo.png\n---\n";

#[test]
fn jekyll_publishes_drafts_and_hidden_posts_sooner_or_later() {
    let unpublished = "---\npublished: false\nimage: /uploads/logo.png\n---\n";
    let config = "collections:\n  news: { output: true }\n  notes: { output: false }\ndefaults:\n- scope: { path: '' }\n  values: { image: /uploads/logo.png }\n";
    let site = built(
        &[
            ("_config.yml", config),
            ("_drafts/a.md", ARTICLE),
            ("_posts/2024-01-01-a.md", unpublished),
            ("blog/_posts/2024-01-01-b.markdown", ARTICLE),
            ("_news/a.md", ARTICLE),
            ("_notes/a.md", ARTICLE),
            ("about.html", ARTICLE),
            ("plain.md", "![x](/uploads/logo.png)\n"),
        ],
        &["uploads/logo.png"],
    );
    for article in [
        "_drafts/a.md",
        "_posts/2024-01-01-a.md",
        "blog/_posts/2024-01-01-b.markdown",
        "_news/a.md",
        // No page of its own, but layouts show it.
        "_notes/a.md",
        "about.html",
    ] {
        expect(&site, article, &[LOGO]);
    }
    // Neither a page without front matter nor a configuration is an article.
    expect(&site, "plain.md", &[]);
    assert_eq!(site.text("_config.yml"), config);
}

#[test]
fn jekylls_uploads_may_be_a_collection() {
    let site = built(
        &[
            ("_config.yml", "collections:\n  uploads: { output: true }\n"),
            ("_posts/2024-01-01-a.md", ARTICLE),
        ],
        &["_uploads/logo.png"],
    );
    expect(&site, "_posts/2024-01-01-a.md", &[LOGO]);
    assert!(
        site.variants()
            .iter()
            .all(|path| path.starts_with("_uploads/variants/"))
    );
}

#[test]
fn a_base_path_is_no_part_of_a_records_url() {
    let body = "---\nimage: /blog/uploads/logo.png\n---\n![a](/uploads/logo.png) ![b]({{ site.baseurl }}/uploads/logo.png) ![c](https://x.org/blog/uploads/logo.png)\n";
    let site = built(
        &[
            ("_config.yml", "baseurl: /blog\nurl: https://x.org\n"),
            ("_posts/2024-01-01-a.md", body),
        ],
        &["uploads/logo.png"],
    );
    let src = LOGO.1;
    expect(
        &site,
        "_posts/2024-01-01-a.md",
        &[
            ("/blog/uploads/logo.png", src),
            ("/uploads/logo.png", src),
            ("{{ site.baseurl }}/uploads/logo.png", src),
            ("https://x.org/blog/uploads/logo.png", src),
        ],
    );
}

#[test]
fn hugos_bundles_folders_and_shortcodes_name_pictures() {
    let body = "---\nimage: cover.png\nfeatured: img/static.png\n---\n\
        ![a](cover.png) ![b](/img/static.png)\n\
        {{< figure src=\"/img/static.png\" >}}\n\
        {{< img src=\"inner\" alt=\"x\" >}} {{< img src=deep/inner >}}\n\
        {{% legacy src=\"img/asset\" %}} {{< youtube id=\"cover\" >}} {{< img src=\"absent\" >}}\n";
    let site = built(
        &[
            ("hugo.toml", "title = 'A'\n"),
            ("content/posts/a/index.md", body),
        ],
        &[
            "content/posts/a/cover.png",
            "content/posts/a/inner.png",
            "content/posts/a/deep/inner.png",
            "static/img/static.png",
            "assets/img/asset.png",
        ],
    );
    let variants = "/uploads/variants/";
    expect(
        &site,
        "content/posts/a/index.md",
        &[
            ("cover.png", &format!("{variants}posts/a/cover-600.")),
            ("img/static.png", &format!("{variants}img/static-600.")),
            ("cover.png", &format!("{variants}posts/a/cover-600.")),
            ("/img/static.png", &format!("{variants}img/static-600.")),
            ("inner", &format!("{variants}posts/a/inner-600.")),
            ("deep/inner", &format!("{variants}posts/a/deep/inner-600.")),
            ("img/asset", &format!("{variants}img/asset-600.")),
        ],
    );
}

#[test]
fn eleventys_passthrough_folders_and_data_files_name_pictures() {
    let config = "export default (c) => { c.addPassthroughCopy('src/img'); };\nexport const config = { dir: { input: 'src' } };\n";
    let site = built(
        &[
            ("eleventy.config.js", config),
            ("planche.yml", "data: [\"src/posts/*.json\"]\n"),
            ("src/posts/posts.json", "{ \"cover\": \"/img/logo.png\" }\n"),
            (
                "src/posts/a.md",
                "---\nimage: /img/logo.png\n---\n{% image \"img/logo.png\", \"alt\" %}\n",
            ),
        ],
        &["src/img/logo.png"],
    );
    let src = "/img/variants/logo-600.";
    expect(
        &site,
        "src/posts/a.md",
        &[("/img/logo.png", src), ("img/logo.png", src)],
    );
    assert!(
        site.text("src/posts/posts.json")
            .contains("\"cover_responsive\"")
    );
}

#[test]
fn zolas_pictures_may_lie_beside_the_article() {
    let body = "+++\ntitle = \"A\"\n[extra]\nimage = \"cover.png\"\n+++\n![a](cover.png) ![b](/static.png) {{ get_url(path=\"static.png\") }}\n";
    let site = built(
        &[
            ("config.toml", "base_url = 'https://x.org'\n"),
            ("content/a/index.md", body),
        ],
        &["content/a/cover.png", "static/static.png"],
    );
    let text = site.text("content/a/index.md");
    assert!(
        text.contains(
            "image_responsive = { original = \"cover.png\", src = \"/uploads/variants/a/cover-600."
        ),
        "{text}"
    );
    assert_eq!(
        text.matches("[[extra.responsive_images]]").count(),
        3,
        "{text}"
    );
}

#[test]
fn astros_pictures_lie_in_public_or_beside_the_entry() {
    let site = built(
        &[
            ("astro.config.mjs", ""),
            (
                "src/content/blog/a.md",
                "---\nimage: /logo.png\ncover: ./cover.png\n---\n![a](../../assets/b.png)\n",
            ),
            ("src/pages/about.md", "---\nimage: /logo.png\n---\n"),
        ],
        &[
            "public/logo.png",
            "src/content/blog/cover.png",
            "src/assets/b.png",
        ],
    );
    let logo = ("/logo.png", "/uploads/variants/logo-600.");
    expect(&site, "src/pages/about.md", &[logo]);
    let found = records(&site, "src/content/blog/a.md");
    let originals: Vec<&str> = found
        .iter()
        .map(|(original, _)| original.as_str())
        .collect();
    assert_eq!(
        originals,
        ["/logo.png", "./cover.png", "../../assets/b.png"]
    );
}

/// A site, its images, an article of it, and the start of each record's `src`.
struct Kind {
    files: &'static [(&'static str, &'static str)],
    pictures: &'static [&'static str],
    article: &'static str,
    records: &'static [(&'static str, &'static str)],
}

#[test]
fn folders_set_in_configurations_are_used() {
    for kind in [
        // Hugo: keys in any case, in a folder of configuration; a folder mounted as static files.
        Kind {
            files: &[
                ("config/_default/hugo.toml", "CONTENTDIR = 'docs'\n"),
                (
                    "config/_default/module.toml",
                    "[[mounts]]\nsource = 'static'\ntarget = 'static'\n[[mounts]]\nsource = 'media'\ntarget = 'static/media'\n",
                ),
                ("docs/a.md", "---\nimage: /media/logo.png\n---\n"),
            ],
            pictures: &["media/logo.png"],
            article: "docs/a.md",
            records: &[("/media/logo.png", "/uploads/variants/logo-600.")],
        },
        // An image of a bundle by its URL, and one of the theme.
        Kind {
            files: &[
                ("hugo.toml", "theme = 't'\n"),
                (
                    "content/posts/tour/index.md",
                    "---\nimage: /img/theme.png\n---\n![b](/posts/tour/boat.png)\n",
                ),
            ],
            pictures: &[
                "content/posts/tour/boat.png",
                "themes/t/static/img/theme.png",
            ],
            article: "content/posts/tour/index.md",
            records: &[
                ("/img/theme.png", "/uploads/variants/img/theme-600."),
                (
                    "/posts/tour/boat.png",
                    "/uploads/variants/posts/tour/boat-600.",
                ),
            ],
        },
        // Pages of a bundle share its images in all languages, and a name may contain a language.
        // Hugo 0.168 shows the same files.
        Kind {
            files: &[
                (
                    "hugo.toml",
                    "[languages.en]\ncontentDir = 'content/en'\n[languages.fr]\ncontentDir = 'content/fr'\n",
                ),
                ("content/en/a/index.md", "![a](sea.png)\n"),
                (
                    "content/fr/a/index.md",
                    "---\ntitle: a\n---\n![a](sea.png) ![b](./sun.png)\n",
                ),
            ],
            pictures: &["content/en/a/sea.png", "content/en/a/sun.en.png"],
            article: "content/fr/a/index.md",
            records: &[
                ("sea.png", "/uploads/variants/a/sea-600."),
                ("./sun.png", "/uploads/variants/a/sun.en-600."),
            ],
        },
        Kind {
            files: &[
                ("hugo.toml", "[languages.en]\n[languages.fr]\n"),
                ("content/a/index.fr.md", "---\nimage: sea.png\n---\n"),
            ],
            pictures: &["content/a/sea.en.png", "content/a/sea.fr.png"],
            article: "content/a/index.fr.md",
            records: &[("sea.png", "/uploads/variants/a/sea.fr-600.")],
        },
        // A page of a folder that is mounted into another one.
        Kind {
            files: &[
                (
                    "config/_default/module.toml",
                    "[[mounts]]\nsource = 'content/en'\ntarget = 'content'\n[[mounts]]\nsource = 'text/docs'\ntarget = 'content/docs'\nlang = 'fr'\n",
                ),
                ("config/_default/hugo.toml", ""),
                ("text/docs/a/index.md", "---\nimage: img/sea.png\n---\n"),
            ],
            pictures: &["content/en/docs/a/img/sea.png"],
            article: "text/docs/a/index.md",
            records: &[("img/sea.png", "/uploads/variants/")],
        },
        // Eleventy: a folder's name may begin with `_`, and `.eleventyignore` counts.
        Kind {
            files: &[
                (
                    "eleventy.config.js",
                    "export default (c) => { c.addPassthroughCopy('img'); };\n",
                ),
                (".eleventyignore", "_posts/old/\n"),
                ("_posts/a.md", "---\nimage: /img/logo.png\n---\n"),
            ],
            pictures: &["img/logo.png"],
            article: "_posts/a.md",
            records: &[("/img/logo.png", "/img/variants/logo-600.")],
        },
        // Eleventy: a glob next to the articles hides none of them; a folder copied in a loop.
        Kind {
            files: &[
                (
                    "eleventy.config.js",
                    "// input: https://a.org\n['site/img'].forEach((p) => c.addPassthroughCopy(p));\nc.addPassthroughCopy('site/posts/**/*.png'); c.setInputDirectory('site');\n",
                ),
                (
                    "site/posts/a/index.md",
                    "---\nimage: foto.png\nhero: /img/logo.png\n---\n",
                ),
            ],
            pictures: &["site/posts/a/foto.png", "site/img/logo.png"],
            article: "site/posts/a/index.md",
            records: &[
                ("foto.png", "/img/variants/a/foto-600."),
                ("/img/logo.png", "/img/variants/logo-600."),
            ],
        },
        // Astro: a collection outside `src/content`, and an alias.
        Kind {
            files: &[
                ("astro.config.mjs", "export default {};\n"),
                (
                    "tsconfig.json",
                    "{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./src/*\"] } } }",
                ),
                (
                    "src/content.config.ts",
                    "const post = defineCollection({ loader: glob({ pattern: ['*.md'], base: 'src/data/post' }) });\n",
                ),
                (
                    "src/data/post/a.md",
                    "---\nimage: /logo.png\ncover: \"@/assets/b.png\"\n---\n",
                ),
            ],
            pictures: &["public/logo.png", "src/assets/b.png"],
            article: "src/data/post/a.md",
            records: &[
                ("/logo.png", "/uploads/variants/logo-600."),
                ("@/assets/b.png", "/uploads/variants/"),
            ],
        },
        // Posts without a configuration are Jekyll's.
        Kind {
            files: &[("_posts/2024-01-01-a.md", ARTICLE)],
            pictures: &["uploads/logo.png"],
            article: "_posts/2024-01-01-a.md",
            records: &[LOGO],
        },
        // Without a generator: articles in a folder with an underscore, and a framework's folder.
        Kind {
            files: &[
                ("_data/guides/a.md", "---\nimage: /images/logo.png\n---\n"),
                (
                    "package.json",
                    "{ \"dependencies\": { \"next\": \"14.0.0\" } }",
                ),
            ],
            pictures: &["public/images/logo.png"],
            article: "_data/guides/a.md",
            records: &[("/images/logo.png", "/uploads/variants/images/logo-600.")],
        },
    ] {
        let site = written(kind.files, kind.pictures);
        site.planche(&["build", "."]).exits(0);
        expect(&site, kind.article, kind.records);
    }
}

/// A file that the generator does not publish must not be a candidate: its URL would be a 404.
#[test]
fn originals_that_are_not_published_are_no_candidates() {
    let site = built(
        &[
            ("hugo.toml", ""),
            (
                "content/posts/tour/index.md",
                "---\nimage: /posts/tour/boat.png\nhero: img/asset.png\n---\n",
            ),
        ],
        &["content/posts/tour/boat.png", "assets/img/asset.png"],
    );
    let text = site.text("content/posts/tour/index.md");
    for line in text.lines().filter(|line| line.contains("srcset: ")) {
        assert!(
            !line.contains("/posts/tour/boat.png") && !line.contains("/img/asset.png"),
            "{line}"
        );
    }
}

#[test]
fn a_folder_of_a_site_is_refused_and_a_site_below_is_named() {
    let site = Scratch::empty();
    site.write("docs/_config.yml", "");
    site.write("docs/_posts/2024-01-01-a.md", ARTICLE);
    for arguments in [&["build", "docs/_posts"][..], &["check", "docs/_posts"]] {
        let run = site.planche(arguments).exits(2);
        assert!(run.err.contains("is a folder of the site"), "{run:#?}");
    }
    assert!(!site.path("docs/_posts/.planche").exists());
    // Its own configuration makes it a site.
    site.write("docs/_posts/planche.yml", "");
    site.planche(&["check", "docs/_posts"]);
    let run = site.planche(&["check"]).exits(2);
    assert!(
        run.err
            .contains("`docs` is a site for Jekyll: run `planche docs`"),
        "{run:#?}"
    );
    // Named explicitly, the folder above is a site without a generator.
    let site = Scratch::empty();
    site.write("packages/web/hugo.toml", "");
    let run = site.planche(&["check", ".", "--format", "json"]);
    let findings = run.findings();
    let finding = findings
        .iter()
        .find(|finding| finding.code == "no-articles");
    let hint = finding.and_then(|finding| finding.hint.as_deref());
    assert_eq!(
        hint,
        Some("`packages/web` is a site for Hugo: run planche there"),
        "{run:#?}"
    );
}

/// Posts alone are a site of Jekyll's; a folder above that is a site comes first.
#[test]
fn posts_without_a_configuration_need_no_name() {
    let site = built(
        &[("_posts/2024-01-01-a.md", ARTICLE)],
        &["uploads/logo.png"],
    );
    expect(&site, "_posts/2024-01-01-a.md", &[LOGO]);
}

/// A host may publish more than the site: a folder that the site does not have is not missing.
#[test]
fn urls_of_the_sites_host_may_lead_to_something_else() {
    let body = "---\ntitle: a\n---\n![a](//x.org/slides/a.png) ![b](https://x.org/uploads/logo.png)\n\
        ![c](https://x.org/uploads/absent.png) ![d](/slides/b.png) ![e](https://x.org/top.png)\n";
    let site = written(
        &[
            ("_config.yml", "url: https://x.org\n"),
            ("_posts/2024-01-01-a.md", body),
        ],
        &["uploads/logo.png"],
    );
    let run = site.planche(&["check", "--format", "json"]);
    let mut missing: Vec<String> = run
        .findings()
        .into_iter()
        .filter(|finding| finding.code == "missing-upload")
        .map(|finding| finding.message)
        .collect();
    missing.sort();
    assert_eq!(
        missing,
        [
            "missing upload `/slides/b.png`",
            "missing upload `https://x.org/top.png`",
            "missing upload `https://x.org/uploads/absent.png`",
        ]
    );
}

#[test]
fn without_a_generator_sites_below_are_left_out_and_named() {
    let site = built(
        &[
            ("planche.yml", ""),
            ("notes/a.md", ARTICLE),
            ("web/hugo.toml", ""),
            (
                "web/archetypes/default.md",
                "---\ntitle: \"{{ replace .Name \"-\" \" \" }}\"\n---\n",
            ),
            ("web/content/a.md", ARTICLE),
            ("blog/astro.config.mjs", ""),
        ],
        &["uploads/logo.png"],
    );
    let logo = ("/uploads/logo.png", "/uploads/variants/uploads/logo-600.");
    expect(&site, "notes/a.md", &[logo]);
    expect(&site, "web/content/a.md", &[]);
    let run = site.planche(&["check", "--format", "json"]);
    let hints: Vec<String> = run
        .findings()
        .into_iter()
        .filter(|finding| finding.code == "left-out")
        .filter_map(|finding| finding.hint)
        .collect();
    assert_eq!(
        hints,
        [
            "`blog` is a site for Astro: run planche there",
            "`web` is a site for Hugo: run planche there",
        ]
    );
    // What `content:` names is read in any folder.
    site.write("planche.yml", "content: [\"web/content/**\"]\n");
    let run = site.planche(&["build", "--format", "json"]);
    assert!(
        run.findings()
            .iter()
            .all(|finding| finding.code != "left-out")
    );
    expect(&site, "web/content/a.md", &[logo]);
}

/// Zola rejects a page with any other key at the top level.
#[test]
fn zola_gets_records_below_extra_only() {
    let article = "+++\ntitle = \"logo.png\"\naliases = [\"logo.png\"]\npath = \"x/none.png\"\n[extra]\nimage = \"/logo.png\"\n[[extra.slides]]\nimage = \"logo.png\"\n+++\n";
    let site = built(
        &[
            ("config.toml", "base_url = 'https://x.org'\n"),
            ("planche.yml", "rules: [{ at: title, preset: card }]\n"),
            ("content/a.md", article),
        ],
        &["static/logo.png"],
    );
    let text = site.text("content/a.md");
    let front_matter: toml_edit::DocumentMut = text.split("+++").nth(1).unwrap().parse().unwrap();
    let keys = |table: &toml_edit::Table| -> Vec<String> {
        table.iter().map(|(key, _)| key.to_owned()).collect()
    };
    let top = keys(front_matter.as_table());
    assert_eq!(top, ["title", "aliases", "path", "extra"], "{text}");
    let extra = front_matter["extra"].as_table().unwrap();
    assert_eq!(
        keys(extra),
        ["image", "image_responsive", "slides"],
        "{text}"
    );
    let slide = extra["slides"]
        .as_array_of_tables()
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(keys(slide), ["image", "image_responsive"], "{text}");
    // No key there names an image.
    let findings = site.planche(&["check", "--format", "json"]).findings();
    let mut codes = findings.iter().map(|finding| finding.code.as_str());
    assert!(!codes.any(|code| code == "missing-upload"), "{findings:?}");
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text("content/a.md"), article);
}
