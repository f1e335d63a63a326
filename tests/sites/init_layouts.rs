//! `planche init` on Jekyll's layouts that print texts with images, and on pictures with sources.

use super::generators::fixture;
use super::shown::tags;
use crate::scratch::Scratch;

/// Creates a site with an upload, these layouts and these articles.
fn site(config: &str, files: &[(&str, &str)]) -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", config);
    site.copy_upload("logo.png", "uploads/a.png");
    for (name, text) in files {
        site.write(name, *text);
    }
    site
}

/// Returns the files in which a template prints originals.
fn printed(site: &Scratch) -> Vec<String> {
    let run = site.planche(&["check", "--format", "json"]);
    let findings = run.findings().into_iter();
    let printed = findings.filter(|finding| finding.code == "original-printed");
    printed.map(|finding| finding.file.unwrap()).collect()
}

const TEXT: &str = "<main>{{ content }}</main>\n";
const IMAGE: &str = "![A](/uploads/a.png)\n";

#[test]
fn layouts_that_the_configuration_chooses_are_named_with_those_of_articles() {
    let defaults = "defaults: [{ scope: { path: '' }, values: { layout: base } }]\n";
    let child = format!("---\nlayout: base\n---\n{TEXT}");
    let own = format!("---\nlayout: page\n---\n{IMAGE}");
    let none = format!("---\ntitle: A\n---\n{IMAGE}");
    let page = "---\nlayout: page\n---\n<p>x</p>\n";
    let files = [
        ("_layouts/base.html", TEXT),
        ("_layouts/page.html", &child),
        ("_posts/2024-01-01-a.md", &none),
    ];
    // The configuration chooses the parent.
    assert_eq!(printed(&site(defaults, &files)), ["_layouts/base.html"]);
    // Any layout without children may be that of the article.
    assert_eq!(printed(&site("title: a\n", &files)), ["_layouts/page.html"]);
    // A page of HTML is no layout, so that its own layout is no parent.
    let flat = [
        ("_layouts/post.html", TEXT),
        ("_layouts/page.html", TEXT),
        ("_posts/2024-01-01-a.md", &none),
        ("about.md", &own),
        ("contact.html", page),
    ];
    let both = ["_layouts/page.html", "_layouts/post.html"];
    let site = site(&defaults.replace("base", "post"), &flat);
    assert_eq!(printed(&site), both);
    site.planche(&["init", "--apply"]).exits(0);
    for layout in both {
        assert!(
            site.text(layout)
                .contains("{% include planche-content.html %}")
        );
    }
}

#[test]
fn a_picture_with_sources_is_for_its_author() {
    let picture = |source: &str, image: &str| {
        format!(
            "<picture><source srcset=\"{source}\" media=\"(min-width: 50em)\">{image}</picture>\n"
        )
    };
    let image = "<img src=\"{{ page.image }}\" alt=\"\">";
    for (layout, is_printed) in [
        (picture("{{ page.image }}", image), true),
        (picture("/uploads/a.png", image), true),
        (
            picture("{{ page.image }}", "<img src=\"/b.png\" alt=\"\">"),
            true,
        ),
        (picture("{{ page.image_responsive.srcset }}", image), false),
        (picture("/b.png", "<img src=\"/b.png\" alt=\"\">"), false),
    ] {
        let article = "---\nlayout: page\nimage: /uploads/a.png\n---\n";
        let site = site(
            "title: A\n",
            &[("_layouts/page.html", &layout), ("a.md", article)],
        );
        let run = site.planche(&["init", "--apply"]).exits(0);
        assert_eq!(site.text("_layouts/page.html"), layout);
        let reason = "edit it by hand: the `<picture>` has its own sources";
        assert_eq!(run.err.contains(reason), is_printed, "{layout}: {run:#?}");
        assert_eq!(printed(&site).len(), usize::from(is_printed), "{layout}");
    }
    // Without a source, the picture has nothing that the variants could contradict.
    let layout = format!("<picture>{image}</picture>\n");
    let article = "---\nlayout: page\nimage: /uploads/a.png\n---\n";
    let site = site(
        "title: A\n",
        &[("_layouts/page.html", &layout), ("a.md", article)],
    );
    site.planche(&["init", "--apply"]).exits(0);
    assert!(
        site.text("_layouts/page.html")
            .contains("{% include planche.html")
    );
}

#[test]
fn images_by_jekylls_link_tag_show_variants() {
    let jekyll = fixture("jekyll");
    if !jekyll.is_here() {
        return;
    }
    let article = "---\nlayout: page\n---\n![A]({% link uploads/a.png %})\n\n\
        <img src=\"{%- link uploads/a.png -%}\" alt=\"B\">\n";
    // Some sites have the path that they are published under in `url`.
    for config in ["baseurl: /blog\n", "url: https://a.example/blog/\n"] {
        let site = site(
            config,
            &[
                ("_layouts/page.html", "{{ content }}\n"),
                ("index.md", article),
            ],
        );
        site.planche(&["init", "--apply"]).exits(0);
        site.planche(&["build"]).exits(0);
        let built = std::fs::read_to_string(jekyll.build(&site).join("index.html")).unwrap();
        let images = tags(&built);
        assert_eq!(images.len(), 2, "{config}{built}");
        for (_, attributes) in images {
            assert!(
                attributes["srcset"].starts_with("/blog/uploads/variants/a-"),
                "{config}{built}"
            );
        }
    }
}
