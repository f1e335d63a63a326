//! `records.md` has records as a later version may write them: several formats, art direction,
//! densities, placeholders. Every generator must show the same tags.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::generators::{Fixture, all, fixture};

/// A tag's name and its attributes.
type Tag = (String, BTreeMap<String, String>);

/// The tags of images in a text, in order, with their character references resolved.
pub fn tags(html: &str) -> Vec<Tag> {
    let found = RefCell::new(Vec::new());
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(
        "picture, source, img",
        |element| {
            let attributes = element.attributes().iter().map(|attribute| {
                let value = htmlize::unescape_attribute(attribute.value()).into_owned();
                (attribute.name(), value)
            });
            found
                .borrow_mut()
                .push((element.tag_name(), attributes.collect()));
            Ok(())
        }
    ));
    rewrite_str(html, settings).unwrap();
    found.take()
}

fn expected(base: &str) -> Vec<Tag> {
    let tag = |name: &str, attributes: &[(&str, &str)]| -> Tag {
        let attributes = attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.replace("BASE", base)));
        (name.to_owned(), attributes.collect())
    };
    vec![
        tag("picture", &[]),
        tag(
            "source",
            &[
                ("media", "(max-width: 40em)"),
                ("type", "image/avif"),
                (
                    "srcset",
                    "BASE/uploads/variants/hero-320.bbbbbbbbbb.avif 320w",
                ),
                ("sizes", "50vw"),
                ("width", "320"),
                ("height", "320"),
            ],
        ),
        tag(
            "source",
            &[
                ("type", "image/avif"),
                (
                    "srcset",
                    "BASE/uploads/variants/hero-640.cccccccccc.avif 1x, https://cdn.example.org/hero-1280.cccccccccc.avif 2x",
                ),
            ],
        ),
        tag(
            "img",
            &[
                ("src", "BASE/uploads/variants/hero-640.aaaaaaaaaa.jpg"),
                (
                    "srcset",
                    "BASE/uploads/variants/hero-320.aaaaaaaaaa.jpg 320w, BASE/uploads/variants/hero-640.aaaaaaaaaa.jpg 640w",
                ),
                ("sizes", "(min-width: 62em) 31em, 100vw"),
                ("width", "640"),
                ("height", "360"),
                ("loading", "eager"),
                ("fetchpriority", "high"),
                ("decoding", "async"),
                ("alt", "Hero & \"quotes\" <b>"),
            ],
        ),
        // Its record is of another image.
        tag(
            "img",
            &[
                ("src", "BASE/uploads/new.jpg"),
                ("loading", "lazy"),
                ("decoding", "async"),
                ("class", "a b"),
                ("alt", "Stale"),
            ],
        ),
        tag(
            "img",
            &[
                ("src", "BASE/uploads/variants/body-640.dddddddddd.jpg"),
                (
                    "srcset",
                    "BASE/uploads/variants/body-320.dddddddddd.jpg 320w, BASE/uploads/variants/body-640.dddddddddd.jpg 640w",
                ),
                ("sizes", "auto, 100vw"),
                ("width", "640"),
                ("height", "480"),
                ("loading", "lazy"),
                ("decoding", "async"),
                ("alt", "Body & 'text'"),
                ("title", "A title"),
            ],
        ),
        tag(
            "img",
            &[
                ("src", "BASE/uploads/logo.svg"),
                ("width", "40"),
                ("height", "20"),
                ("loading", "lazy"),
                ("decoding", "async"),
                ("alt", "A logo"),
            ],
        ),
        tag("img", &[("src", "/uploads/other.jpg"), ("alt", "Not ours")]),
        tag(
            "img",
            &[
                ("src", "https://cdn.example.org/raw-200.eeeeeeeeee.jpg"),
                (
                    "srcset",
                    "BASE/uploads/variants/raw-100.eeeeeeeeee.jpg 1x, https://cdn.example.org/raw-200.eeeeeeeeee.jpg 2x",
                ),
                ("width", "100"),
                ("height", "50"),
                ("loading", "lazy"),
                ("decoding", "async"),
                (
                    "style",
                    "background:#336699 url(data:image/webp;base64,UklGRg==) center/cover no-repeat",
                ),
                ("alt", "Densities"),
            ],
        ),
    ]
}

/// Quotes that a generator makes typographic are quotes.
fn plain_quotes(tags: Vec<Tag>) -> Vec<Tag> {
    let plain = |(name, attributes): Tag| {
        let attributes = attributes.into_iter().map(|(key, value)| {
            let value = if value.starts_with("Body") {
                value.replace(['"', '“', '”'], "'")
            } else {
                value
            };
            (key, value)
        });
        (name, attributes.collect())
    };
    tags.into_iter().map(plain).collect()
}

/// Shows the records on a site under `base`, whose URLs begin with `prefix`.
fn check(generator: &Fixture, base: &str, prefix: &str) {
    let Some(site) = generator.site(base) else {
        return;
    };
    generator.write_article(&site, "records.md", include_str!("records.md"));
    let built = generator.build(&site);
    let html = std::fs::read_to_string(built.join("records/index.html")).unwrap();
    assert_eq!(
        plain_quotes(tags(&html)),
        expected(prefix),
        "{generator:?}: {html}"
    );
    // The text around the images stays.
    assert!(html.contains("<p>A text.</p>"), "{generator:?}: {html}");
}

#[test]
fn every_generator_shows_a_record_alike() {
    for generator in all() {
        check(generator, "/base", "/base");
    }
}

#[test]
fn a_site_at_its_hosts_root_has_no_prefix() {
    for generator in all() {
        check(generator, "", "");
    }
}

#[test]
fn a_slash_alone_is_no_prefix() {
    check(fixture("jekyll"), "/", "");
}

/// The body's own HTML: what the snippets find of it, and what they leave alone.
#[test]
fn tags_in_a_text_become_responsive_and_keep_what_they_say() {
    let front_matter = "---\ntitle: A\nresponsive_images:\n- original: /uploads/a.jpg\n  src: /v/a-2.jpg\n  srcset: \"/v/a-1.jpg 1w, /v/a-2.jpg 2w\"\n  sizes: 1em\n  width: 2\n  height: 1\n---\n\n";
    let body = "<figure>\n<img class=\"wide\" src=\"/uploads/a.jpg\" alt=\"A &amp; B\" width=\"10\"><figcaption>Text</figcaption>\n</figure>\n\n<figure>\n<img src=\"/uploads/a.jpg\" srcset=\"/uploads/a.jpg 1x\" alt=\"own\">\n</figure>\n\n`![code](/uploads/a.jpg)`\n";
    for generator in [
        fixture("jekyll"),
        fixture("eleventy"),
        fixture("zola"),
        fixture("astro"),
    ] {
        let Some(site) = generator.site("") else {
            continue;
        };
        generator.write_article(&site, "a.md", &format!("{front_matter}{body}"));
        let built = generator.build(&site);
        let html = std::fs::read_to_string(built.join("a/index.html")).unwrap();
        let tags = tags(&html);
        assert_eq!(tags.len(), 2, "{generator:?}: {html}");
        let has = |index: usize, key: &str| tags[index].1.get(key).map(String::as_str);
        assert_eq!(
            has(0, "srcset"),
            Some("/v/a-1.jpg 1w, /v/a-2.jpg 2w"),
            "{generator:?}: {html}"
        );
        assert_eq!(has(0, "src"), Some("/v/a-2.jpg"));
        assert_eq!(has(0, "class"), Some("wide"));
        assert_eq!(has(0, "alt"), Some("A & B"));
        assert_eq!(
            (has(0, "width"), has(0, "height")),
            (Some("10"), None),
            "the author's own"
        );
        assert_eq!(
            (has(0, "loading"), has(0, "fetchpriority")),
            (Some("eager"), Some("high"))
        );
        assert_eq!(has(1, "srcset"), Some("/uploads/a.jpg 1x"));
        assert_eq!(has(1, "loading"), None);
        assert!(
            html.contains(">![code](/uploads/a.jpg)</code>"),
            "{generator:?}: {html}"
        );
        assert!(html.contains("<figcaption>Text</figcaption>"));
    }
}
