//! The parameters of the snippets, in every generator's syntax, and pages without an image.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::browser;
use super::generators::{Fixture, all, fixture};
use crate::scratch::Scratch;

const RECORDS: &str = "\
---
title: A
layout: options
empty:
a: { original: /uploads/a.png, src: /v/a-2.webp, srcset: \"/v/a-1.webp 1w, /v/a-2.webp 2w\", sizes: \"(min-width: 50em) and (max-width: 80em) 31em, 100vw\", width: 600, height: 400, colour: \"#336699\", also: { social: { src: /v/s.jpg, width: 1200, height: 630 } } }
b: { original: /uploads/b.png, src: /v/b-2.webp, srcset: \"/v/b-1.webp 1w, /v/b-2.webp 2w\", sizes: 100vw, width: 600, height: 400 }
---

Text.
";

/// The same seven images in the syntax of each generator: empty twice; a caption, a link and a
/// class; eager as the second of two, without a text for its link; another preset; other `sizes`.
fn template(generator: &str) -> (&'static str, &'static str) {
    match generator {
        "jekyll" => (
            "_layouts/options.html",
            r#"{% include planche.html src=page.empty record=page.a %}{% include planche.html src="" %}
{% include planche.html src="/uploads/a.png" record=page.a alt="A" eager=2 caption="A <b>B</b> & C" link="original" placeholder="class" class="c" %}
{% include planche.html src="/uploads/b.png" record=page.b eager=2 link="original" absolute=true %}
{% include planche.html src="/uploads/a.png" record=page.a alt="S" preset="social" loading="lazy" %}
{% include planche.html src="/uploads/a.png" record=page.a alt="W" preset="absent" loading="lazy" sizes="20em" placeholder="class" %}"#,
        ),
        "hugo" => (
            "layouts/_default/options.html",
            r#"{{ partial "planche.html" (dict "page" . "src" .Params.empty "record" .Params.a) }}{{ partial "planche.html" (dict "page" . "src" "") }}
{{ partial "planche.html" (dict "page" . "src" "/uploads/a.png" "record" .Params.a "alt" "A" "eager" 2 "caption" "A <b>B</b> & C" "link" "original" "placeholder" "class" "class" "c") }}
{{ partial "planche.html" (dict "page" . "src" "/uploads/b.png" "record" .Params.b "eager" 2 "link" "original" "absolute" true) }}
{{ partial "planche.html" (dict "page" . "src" "/uploads/a.png" "record" .Params.a "alt" "S" "preset" "social" "loading" "lazy") }}
{{ partial "planche.html" (dict "page" . "src" "/uploads/a.png" "record" .Params.a "alt" "W" "preset" "absent" "loading" "lazy" "sizes" "20em" "placeholder" "class") }}"#,
        ),
        "eleventy" => (
            "_includes/options.njk",
            r#"{% planche empty, a %}{% planche "" %}
{% planche "/uploads/a.png", a, "A", { eager: 2, caption: "A <b>B</b> & C", link: "original", placeholder: "class", class: "c" } %}
{% planche "/uploads/b.png", b, undefined, { eager: 2, link: "original", absolute: true } %}
{% planche "/uploads/a.png", a, "S", { preset: "social", loading: "lazy" } %}
{% planche "/uploads/a.png", a, "W", { preset: "absent", loading: "lazy", sizes: "20em", placeholder: "class" } %}"#,
        ),
        "zola" => (
            "templates/page.html",
            r#"{% import "macros/planche.html" as planche %}{{ planche::picture(src=page.extra.empty, record=page.extra.a) }}{{ planche::picture(src="") }}
{{ planche::picture(src="/uploads/a.png", record=page.extra.a, alt="A", loading="eager", caption="A <b>B</b> & C", link="original", placeholder="class", class="c") }}
{{ planche::picture(src="/uploads/b.png", record=page.extra.b, loading="eager", link="original") }}
{{ planche::picture(src="/uploads/a.png", record=page.extra.a, alt="S", preset="social") }}
{{ planche::picture(src="/uploads/a.png", record=page.extra.a, alt="W", preset="absent", sizes="20em", placeholder="class") }}"#,
        ),
        _ => (
            "src/pages/[id].astro",
            r#"---
import { getCollection } from "astro:content";
import Planche from "../components/Planche.astro";
export async function getStaticPaths() {
  const entries = await getCollection("actualites");
  return entries.map((entry) => ({ params: { id: entry.id }, props: { entry } }));
}
const { data } = Astro.props.entry;
---
<Planche src={data.empty} record={data.a} alt="" /><Planche src="" alt="" />
<Planche src="/uploads/a.png" record={data.a} alt="A" eager={2} caption="A <b>B</b> & C" link="original" placeholder="class" class="c" />
<Planche src="/uploads/b.png" record={data.b} alt="" eager={2} link="original" absolute />
<Planche src="/uploads/a.png" record={data.a} alt="S" preset="social" loading="lazy" />
<Planche src="/uploads/a.png" record={data.a} alt="W" preset="absent" loading="lazy" sizes="20em" placeholder="class" />"#,
        ),
    }
}

/// A page around the images, which is accessible if they are.
fn page(template: &str) -> String {
    // Astro's code and the imports of Tera come first.
    let imports = template
        .starts_with("{% import")
        .then(|| template.find("%}"));
    let at = match template.rfind("---\n") {
        Some(at) => at + 4,
        None => imports.flatten().map_or(0, |at| at + 2),
    };
    let (code, images) = template.split_at(at);
    format!(
        "{code}<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>T</title><link rel=\"icon\" href=\"data:,\"></head><body><main><h1>T</h1>{images}</main></body></html>\n"
    )
}

type Tag = (String, BTreeMap<String, String>);

/// The elements that snippets print.
fn elements(html: &str) -> Vec<Tag> {
    let found = RefCell::new(Vec::new());
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(
        "figure, a, picture, source, img, figcaption",
        |element| {
            let attributes = element.attributes().iter().map(|attribute| {
                let value = htmlize::unescape_attribute(attribute.value()).into_owned();
                (attribute.name(), value)
            });
            let attributes = attributes.collect();
            found.borrow_mut().push((element.tag_name(), attributes));
            Ok(())
        }
    ));
    rewrite_str(html, settings).unwrap();
    found.take()
}

fn expected(generator: &str) -> Vec<Tag> {
    // Zola's URLs are absolute always, and its macro cannot count; the stand-in removes the host.
    let is_zola = generator == "zola";
    let host = if is_zola {
        ""
    } else {
        "https://www.example.org"
    };
    let second = format!("{host}/v/b-1.webp 1w, {host}/v/b-2.webp 2w");
    let second_src = format!("{host}/v/b-2.webp");
    let tag = |name: &str, attributes: &[(&str, &str)]| -> Tag {
        let attributes = attributes.iter();
        let attributes = attributes.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        (name.to_owned(), attributes.collect())
    };
    let list = "(min-width: 50em) and (max-width: 80em) 31em, 100vw";
    let first = [
        ("src", "/v/a-2.webp"),
        ("srcset", "/v/a-1.webp 1w, /v/a-2.webp 2w"),
        ("width", "600"),
        ("height", "400"),
        ("decoding", "async"),
    ];
    let with = |more: &[(&str, &str)]| tag("img", &[&first[..], more].concat());
    let mut b = vec![
        ("src", second_src.as_str()),
        ("srcset", second.as_str()),
        ("sizes", "100vw"),
        ("width", "600"),
        ("height", "400"),
        ("decoding", "async"),
        ("loading", "eager"),
        ("alt", ""),
    ];
    if is_zola {
        b.push(("fetchpriority", "high"));
    }
    vec![
        tag("figure", &[("role", "figure"), ("aria-label", "A B & C")]),
        tag("a", &[("href", "/uploads/a.png")]),
        with(&[
            ("sizes", list),
            ("loading", "eager"),
            ("fetchpriority", "high"),
            ("class", "c planche-336699"),
            ("alt", "A"),
        ]),
        tag("figcaption", &[]),
        tag("img", &b),
        tag(
            "img",
            &[
                ("src", "/v/s.jpg"),
                ("width", "1200"),
                ("height", "630"),
                ("decoding", "async"),
                ("loading", "lazy"),
                ("alt", "S"),
            ],
        ),
        with(&[
            ("sizes", "auto, 20em"),
            ("loading", "lazy"),
            ("class", "planche-336699"),
            ("alt", "W"),
        ]),
    ]
}

fn site(generator: &Fixture) -> Option<Scratch> {
    let site = generator.site("")?;
    let (path, text) = template(generator.name);
    site.write(path, page(text));
    let config = site.path("eleventy.config.mjs");
    if config.is_file() {
        let text = site.text("eleventy.config.mjs");
        let with_url = "addPlugin(planche, { url: \"https://www.example.org\" })";
        site.write(
            "eleventy.config.mjs",
            text.replace("addPlugin(planche)", with_url),
        );
        let data = site.text("actualites/actualites.11tydata.cjs");
        let data = data.replace("layout: \"page.njk\"", "layout: \"options.njk\"");
        site.write("actualites/actualites.11tydata.cjs", data);
    }
    Some(site)
}

#[test]
fn parameters_mean_the_same_in_every_generator() {
    for generator in all() {
        let Some(site) = site(generator) else {
            continue;
        };
        let records = if generator.name == "eleventy" {
            RECORDS.replace("layout: options\n", "")
        } else {
            RECORDS.to_owned()
        };
        generator.write_article(&site, "a.md", &records);
        let built = generator.build(&site);
        let html = std::fs::read_to_string(built.join("a/index.html")).unwrap();
        assert_eq!(
            elements(&html),
            expected(generator.name),
            "{generator:?}: {html}"
        );
        assert!(
            html.contains("<figcaption>A B &amp; C</figcaption>"),
            "{html}"
        );
        assert!(
            !html.contains("eleventy:ignore") && !html.contains("data-planche"),
            "{html}"
        );
        if !browser::is_here() {
            continue;
        }
        for seen in browser::check_access(&built, &["a/"], &[(375, 2), (1280, 1)]) {
            assert_eq!(seen.images.len(), 4, "{generator:?}");
            assert_eq!(seen.violations, [""; 0], "{generator:?} at {}", seen.width);
        }
    }
}

/// The body's own HTML: a width in pixels limits each length of `sizes`.
#[test]
fn a_width_of_the_author_limits_the_sizes() {
    let article = "---\ntitle: A\nresponsive_images:\n- { original: /uploads/a.png, src: /v/a-2.webp, srcset: \"/v/a-1.webp 1w, /v/a-2.webp 2w\", sizes: \"(min-width: 50em) 48em, 100vw\", width: 2, height: 1 }\n---\n\n<img src=\"/uploads/a.png\" alt=\"1\">\n\n<img src=\"/uploads/a.png\" alt=\"2\" width=\"300\" height=\"150\">\n\n<img src=\"/uploads/a.png\" alt=\"3\" style=\"max-width: 9px; width: 120px\">\n\n<img src=\"/uploads/a.png\" alt=\"4\" width=\"50%\">\n\n<img src=\"/uploads/a.png\" alt=\"5\" height=\"20\">\n\n<img src=\"/uploads/a.png\" alt=\"6\" width=\"300\" height=\"150\" loading=\"eager\">\n";
    let limited = "(min-width: 50em) min(300px, 48em), min(300px, 100vw)";
    for generator in all().filter(|generator| generator.name != "hugo") {
        let Some(site) = generator.site("") else {
            continue;
        };
        generator.write_article(&site, "a.md", article);
        let built = generator.build(&site);
        let html = std::fs::read_to_string(built.join("a/index.html")).unwrap();
        let sizes: Vec<String> = elements(&html)
            .into_iter()
            .filter_map(|(_, mut attributes)| attributes.remove("sizes"))
            .collect();
        let expected = [
            "(min-width: 50em) 48em, 100vw".to_owned(),
            format!("auto, {limited}"),
            format!("auto, {}", limited.replace("300", "120")),
            "auto, (min-width: 50em) 48em, 100vw".to_owned(),
            // Its width is that of the file, which `auto` would make 3000 pixels.
            "(min-width: 50em) 48em, 100vw".to_owned(),
            limited.to_owned(),
        ];
        assert_eq!(sizes, expected, "{generator:?}: {html}");
    }
}

#[test]
fn hugo_prints_markdown_attributes() {
    let Some(site) = fixture("hugo").site("") else {
        return;
    };
    let config = site.text("hugo.toml");
    let parser = "[markup.goldmark.parser]\nwrapStandAloneImageWithinParagraph = false\n[markup.goldmark.parser.attribute]\nblock = true\n";
    site.write("hugo.toml", config + parser);
    let article = "---\ntitle: A\nresponsive_images:\n- { original: /uploads/a.png, src: /v/a-2.webp, srcset: \"/v/a-1.webp 1w, /v/a-2.webp 2w\", sizes: 100vw, width: 2, height: 1 }\n---\n\n![eager](/uploads/a.png)\n\n![x](/uploads/a.png)\n{.wide #fig1 width=300 data-x=\"a<b\"}\n\n![y](/uploads/other.png)\n{.wide}\n";
    site.write("content/actualites/a.md", article);
    let built = fixture("hugo").build(&site);
    let html = std::fs::read_to_string(built.join("a/index.html")).unwrap();
    let found = elements(&html);
    let get = |index: usize, key: &str| found[index].1.get(key).map(String::as_str);
    for (index, key, value) in [
        (1, "class", "wide"),
        (1, "id", "fig1"),
        (1, "width", "300"),
        (1, "data-x", "a<b"),
        (1, "sizes", "auto, min(300px, 100vw)"),
        (2, "class", "wide"),
        (2, "src", "/uploads/other.png"),
    ] {
        assert_eq!(get(index, key), Some(value), "{html}");
    }
    assert_eq!(get(2, "loading"), None);
}

/// eleventy-img encodes what is not ours, and leaves ours alone.
#[test]
fn the_transform_of_eleventy_img_leaves_our_images_alone() {
    let modules = super::generators::tools().join("node_modules");
    if !modules.join("@11ty/eleventy-img").is_dir() {
        crate::needs::skip(
            crate::needs::Need::Eleventy,
            "eleventy-img is not installed",
        );
        return;
    }
    let Some(site) = fixture("eleventy").site("") else {
        return;
    };
    std::os::unix::fs::symlink(modules, site.path("node_modules")).unwrap();
    let config = site.text("eleventy.config.mjs");
    let config = config.replace(
        "  eleventyConfig.addPlugin(planche);",
        "  eleventyConfig.addPlugin(planche);\n  eleventyConfig.ignores.add(\"node_modules\");\n  eleventyConfig.addPlugin(eleventyImageTransformPlugin);",
    );
    let import = "import { eleventyImageTransformPlugin } from \"@11ty/eleventy-img\";\n";
    site.write("eleventy.config.mjs", import.to_owned() + &config);
    site.copy_upload("logo.png", "uploads/logo.png");
    site.copy_upload("logo.png", "uploads/other.png");
    site.write("planche.yml", "exclude: []\n");
    let article = "---\ntitle: A\n---\n\n![a](/uploads/logo.png)\n\n![b](/uploads/logo.png)\n";
    site.write("actualites/a.md", article);
    site.planche(&[]).exits(0);
    // Without a record, as it comes later.
    let text = site.text("actualites/a.md");
    site.write("actualites/a.md", text + "\n![c](/uploads/other.png)\n");
    let built = fixture("eleventy").build(&site);
    let html = std::fs::read_to_string(built.join("a/index.html")).unwrap();
    let found = elements(&html);
    let images: Vec<&Tag> = found.iter().filter(|(name, _)| name == "img").collect();
    assert_eq!(images.len(), 3, "{html}");
    for (image, loading) in images.iter().zip(["eager", "lazy"]) {
        assert!(image.1["srcset"].contains("/variants/logo-"), "{html}");
        assert_eq!(image.1["loading"], loading, "{html}");
    }
    let other = images[2];
    assert!(other.1["src"].starts_with("/img/"), "{html}");
    assert_eq!(
        found.iter().filter(|(name, _)| name == "source").count(),
        1,
        "{html}"
    );
    assert!(!html.contains("eleventy:ignore"), "{html}");
}

const SLIDES: &str = "\
---
title: A
layout: dsfr
slides:
- { image: /uploads/a.png, image_responsive: { original: /uploads/a.png, src: /uploads/a.png, srcset: \"/uploads/a.png 600w\", sizes: 100vw, width: 600, height: 400 }, alternative-textuelle: Un logo, legende: \"La <b>mairie</b> & co\" }
- { image: , legende: Rien }
- { image: /uploads/a.png, alternative-textuelle: Encore }
one:
- { image: /uploads/a.png, image_responsive: { original: /uploads/a.png, src: /uploads/a.png, width: 600, height: 400 }, alternative-textuelle: Seul, legende: Un }
none: [{ image: }]
---
";

/// The carousel of the DSFR passes axe-core, with the guide's style sheet.
#[test]
fn the_dsfr_carousel_is_accessible() {
    let recipes = include_str!("../../docs/recipes.md");
    let css = recipes.split("```css\n.planche-carousel").nth(1).unwrap();
    let css = css.split("```").next().unwrap();
    let page = |calls: &str| {
        format!(
            "<!doctype html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>T</title><link rel=\"icon\" href=\"data:,\"><style>.planche-carousel{css}</style></head><body><main><h1>T</h1>{calls}</main></body></html>"
        )
    };
    for (name, path, calls) in [
        (
            "jekyll",
            "_layouts/dsfr.html",
            r#"{% include planche-dsfr.html images=page.slides alt="alternative-textuelle" caption="legende" %}{% include planche-dsfr.html images=page.one alt="alternative-textuelle" caption="legende" %}{% include planche-dsfr.html images=page.none %}{% include planche-dsfr.html images=page.absent %}"#,
        ),
        (
            "eleventy",
            "_includes/dsfr.njk",
            r#"{% planche_dsfr slides, { alt: "alternative-textuelle", caption: "legende" } %}{% planche_dsfr one, { alt: "alternative-textuelle", caption: "legende" } %}{% planche_dsfr none %}{% planche_dsfr absent %}"#,
        ),
    ] {
        let generator = fixture(name);
        let Some(site) = generator.site("") else {
            continue;
        };
        site.planche(&["init", name, "--dsfr"]).exits(0);
        let config = site.path("eleventy.config.mjs");
        let mut article = SLIDES.to_owned();
        if config.is_file() {
            let text = site.text("eleventy.config.mjs");
            let text = text.replace(
                "addPlugin(planche);",
                "addPlugin(planche);\n  eleventyConfig.addPlugin(dsfr);",
            );
            let import = "import dsfr from \"./planche-dsfr.eleventy.cjs\";\n";
            site.write("eleventy.config.mjs", import.to_owned() + &text);
            let data = site.text("actualites/actualites.11tydata.cjs");
            let data = data.replace("page.njk", "dsfr.njk");
            site.write("actualites/actualites.11tydata.cjs", data);
            article = article.replace("layout: dsfr\n", "");
        }
        site.write(path, page(calls));
        site.copy_upload("logo.png", "uploads/a.png");
        generator.write_article(&site, "a.md", &article);
        let built = generator.build(&site);
        let html = std::fs::read_to_string(built.join("a/index.html")).unwrap();
        let figures: Vec<Tag> = elements(&html)
            .into_iter()
            .filter(|(name, _)| name == "figure")
            .collect();
        assert_eq!(figures.len(), 3, "{html}");
        // RGAA 1.9.1: a figure with a caption has a role, and the caption as its name.
        assert_eq!(figures[0].1["aria-label"], "La mairie & co", "{html}");
        assert_eq!(figures[0].1["role"], "figure");
        assert!(!figures[1].1.contains_key("role"), "{html}");
        assert!(
            html.contains("aria-label=\"Diaporama, 2 images\" tabindex=\"0\""),
            "{html}"
        );
        assert_eq!(html.matches("aria-roledescription").count(), 1, "{html}");
        if !browser::is_here() {
            continue;
        }
        for seen in browser::check_access(&built, &["a/"], &[(375, 2), (1280, 1)]) {
            assert_eq!(seen.violations, [""; 0], "{name} at {}", seen.width);
            assert_eq!(
                (seen.shift, seen.missing.len(), seen.errors.len()),
                (0.0, 0, 0),
                "{name}"
            );
        }
    }
}
