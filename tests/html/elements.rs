use super::{attribute, body, png, rewritten, site};

#[test]
fn backgrounds_posters_and_preloads_get_variants() {
    let page = body(
        &[],
        "<link rel=preload as=image href=/uploads/a.png><img src=/uploads/a.png>\
         <div style=\"color:red;background:url('/uploads/a.png') center;x:y\">\
         <video poster=\"/uploads/b.png\"></video>",
    );
    let (head, rest) = page.split_once("<div").unwrap();
    let (preload, _) = head.split_once("<img").unwrap();
    let image = &head[preload.len()..];
    assert!(
        preload.starts_with("<link imagesrcset=\"/uploads/variants/a-300."),
        "{page}"
    );
    assert!(preload.ends_with(".webp 300w\" imagesizes=\"(min-width: 50em) 48em, 100vw\" rel=preload as=image href=/uploads/a.png>"), "{page}");
    assert_eq!(
        attribute(image, 0, "sizes").as_deref(),
        Some("(min-width: 50em) 48em, 100vw"),
        "{page}"
    );
    let (style, video) = rest.split_once("<video").unwrap();
    let (before, set) = style.split_once(";background-image:image-set(").unwrap();
    assert_eq!(
        before,
        " style=\"color:red;background:url('/uploads/a.png') center"
    );
    assert!(set.starts_with("url(/uploads/variants/a-300."), "{page}");
    assert!(set.ends_with(".webp)1x);x:y\">"), "{page}");
    assert!(
        video.starts_with(" poster=\"/uploads/variants/b-300."),
        "{page}"
    );
    assert!(video.ends_with(".webp\"></video>"), "{page}");
}

#[test]
fn a_place_of_one_file_gets_one_variant() {
    let page = "<div style=\"background:url(/uploads/big.png)\"></div>\
                <video poster=/uploads/poster.png></video>";
    let site = site(&[("index.html", page)]);
    for folder in ["uploads", "_site/uploads"] {
        site.write(&format!("{folder}/big.png"), png(1000, 500, 7));
        site.write(&format!("{folder}/poster.png"), png(900, 500, 9));
    }
    let page = rewritten(&site, "index.html");
    let variants = || -> Vec<String> {
        let files = site.files().into_keys();
        files.filter(|name| name.ends_with(".webp")).collect()
    };
    let made = variants();
    // One for each image, in the published folder and in the source's.
    assert_eq!(made.len(), 4, "{made:?}");
    for name in &made {
        assert!(
            page.contains(name.rsplit('/').next().unwrap()),
            "{name}: {page}"
        );
    }
    site.planche(&["clean"]).exits(0);
    assert_eq!(variants(), made);
}

#[test]
fn a_rule_selects_the_image_of_link_previews() {
    let page = "<meta property=\"og:image\" content=\"/uploads/a.png\">\n\
        <meta name=\"twitter:image\" content=\"https://example.org/uploads/a.png\">\n\
        <meta property=\"og:image\" content=\"https://elsewhere.example/a.png\">\n";
    let site = site(&[("index.html", page)]);
    // Without a rule, images of link previews are left alone.
    assert_eq!(rewritten(&site, "index.html"), page);
    site.write(
        "planche.yml",
        "rules:\n- { select: 'meta[property=\"og:image\"], meta[name=\"twitter:image\"]', preset: social }\n",
    );
    let new = rewritten(&site, "index.html");
    let lines: Vec<&str> = new.lines().collect();
    let start = "<meta property=\"og:image\" content=\"https://example.org/uploads/variants/a-";
    assert!(
        lines[0].starts_with(start) && lines[0].ends_with(".jpg\">"),
        "{new}"
    );
    let start = "<meta name=\"twitter:image\" content=\"https://example.org/uploads/variants/a-";
    assert!(
        lines[1].starts_with(start) && lines[1].ends_with(".jpg\">"),
        "{new}"
    );
    assert_eq!(lines[2], page.lines().nth(2).unwrap());
    site.planche(&["html", "_site", "--check"]).exits(0);
}

#[test]
fn rules_select_elements_and_the_first_wins() {
    let site = site(&[
        (
            "index.html",
            "<div class=hero><img src=/uploads/a.png><img class=off src=/uploads/a.png></div><img src=/uploads/b.png>",
        ),
        (
            "b/index.html",
            "<div class=hero><img src=/uploads/a.png></div>",
        ),
    ]);
    site.write(
        "planche.yml",
        "rules:\n- { select: \"img.off\", preset: none }\n- { select: \".hero img\", preset: thumbnail, files: \"index.html\" }\n- { select: \".hero > img\", preset: carousel }\n",
    );
    let page = rewritten(&site, "index.html");
    assert_eq!(attribute(&page, 0, "sizes").as_deref(), Some("10em"));
    assert_eq!(attribute(&page, 1, "srcset"), None);
    let sizes = attribute(&page, 2, "sizes");
    assert_eq!(
        sizes.as_deref(),
        Some("auto, (min-width: 50em) 48em, 100vw")
    );
    let other = site.text("_site/b/index.html");
    let sizes = attribute(&other, 0, "sizes");
    assert_eq!(sizes.as_deref(), Some("(min-width: 62em) 62em, 100vw"));
}

#[test]
fn rules_that_select_no_image_of_any_page_are_reported() {
    let site = site(&[
        (
            "index.html",
            "<div class=hero><img src=/uploads/a.png></div><div class=intro></div>",
        ),
        ("b/index.html", "<p>No image.</p>"),
    ]);
    site.write(
        "planche.yml",
        "rules:\n\
         - { select: \"img[alt], .hero img\", preset: card }\n\
         - { select: .hero > img, preset: thumbnail }\n\
         - { select: .heros img, preset: card }\n\
         - { select: .intro, preset: card }\n\
         - { select: img, files: \"c/**\", preset: card }\n",
    );
    let unmatched = |code: i32| -> Vec<String> {
        let run = site
            .planche(&["html", "_site", "--format", "json"])
            .exits(code);
        let found = run.findings().into_iter();
        let found = found.filter(|found| found.code == "unmatched-rule");
        found
            .map(|found| {
                let line = found.line.unwrap();
                format!("{line}: {} – {}", found.message, found.hint.unwrap())
            })
            .collect()
    };
    let expected = [
        "4: this rule matches nothing: no page has an image that matches `.heros img` – \
         correct `select`, or remove the rule",
        "5: this rule matches nothing: no page has an image that matches `.intro` – \
         it matches other elements: for the images in them, write `.intro img`",
        "6: this rule matches nothing: no page matches `c/**` – \
         correct `files`, or remove the rule",
    ];
    assert_eq!(unmatched(0), expected);
    // In the second run, the images are responsive already.
    assert_eq!(unmatched(0), expected);
    // A page that is not read may have such images.
    site.write("_site/c.html", "---\ntitle: a\n---\n");
    assert_eq!(unmatched(1), [""; 0]);
}

/// Returns the page without the declaration that `planche html` adds, and that declaration without
/// the file name; `None` if there is none.
fn background(page: &str) -> (String, Option<String>) {
    let new = body(&[], page);
    let Some((before, rest)) = new.split_once(";background-image:image-set(") else {
        return (new, None);
    };
    let (url, rest) = rest.split_once(")1x)").unwrap();
    assert!(url.starts_with("url(/uploads/variants/a-300."), "{new}");
    let end = rest.find([';', '"', '\'', '>', ' ']).unwrap();
    let old = format!("{before}{}", &rest[end..]);
    (old, Some(rest[..end].to_owned()))
}

#[test]
fn a_background_is_found_however_it_is_written() {
    for (style, important) in [
        ("style=background:url(/uploads/a.png)", ""),
        ("style=background:url(/uploads/a.png) id=a", ""),
        (
            "style='background:url(&#39;/uploads/a.png&#39;);x:&amp;'",
            "",
        ),
        ("style=\"background:url(&quot;/uploads/a.png&quot;)\"", ""),
        ("style='BACKGROUND:URL(/uploads/\\61 .png)'", ""),
        (
            "style='background:url(/uploads/a.png)!important;x:y'",
            "!important",
        ),
    ] {
        let page = format!("<p {style}>é</p>");
        let expected = (page.clone(), Some(important.to_owned()));
        assert_eq!(background(&page), expected);
    }
}

/// Without a `background-size`, browsers draw a background as large as its image.
#[test]
fn a_background_is_drawn_as_large_as_before() {
    let page = "<div style=\"background:url(/uploads/g.png) no-repeat\"></div>";
    let site = site(&[("index.html", page)]);
    site.write("_site/uploads/g.png", super::png(300, 150, 9));
    site.write("presets/carousel.yml", "widths: [96, 192]\nsizes: 100vw\n");
    let new = rewritten(&site, "index.html");
    let (_, set) = new
        .split_once("image-set(url(/uploads/variants/g-192.")
        .unwrap();
    assert!(set.ends_with(")0.64x)\"></div>"), "{new}");
    site.planche(&["html", "_site", "--check"]).exits(0);
}

#[test]
fn a_background_of_several_layers_stays() {
    for value in [
        "linear-gradient(#000a,#000a),url(/uploads/a.png)",
        "cross-fade(url(/uploads/a.png),red)",
        "var(--x,url(/uploads/a.png))",
    ] {
        let page = format!("<p style=\"background:{value}\">");
        assert_eq!(body(&[], &page), page);
    }
}

#[test]
fn attributes_without_quotes_stay_whole() {
    // Without quotes, the slash belongs to the URL, and no file has that URL.
    let page = "<img src=/uploads/a.png/><video poster=/uploads/a.png/></video>";
    assert_eq!(body(&[], page), page);
    let page = body(
        &[],
        "<video poster=/uploads/a.png controls></video><img src=/uploads/a.png>",
    );
    let (video, image) = page.split_once("</video>").unwrap();
    let url = video.strip_prefix("<video poster=/uploads/variants/a-300.");
    let url = url.unwrap().strip_suffix(".webp controls>").unwrap();
    assert!(url.chars().all(|c| c.is_ascii_alphanumeric()), "{page}");
    assert!(image.ends_with(" src=/uploads/a.png>"), "{page}");
}

/// Returns `imagesrcset` and `imagesizes` of the first `<link>`, and `srcset` and `sizes` of the
/// image number `nth`.
fn preloaded(page: &str, nth: usize) -> ([Option<String>; 2], [Option<String>; 2]) {
    let link = page.split("<img").next().unwrap();
    let link = link.replace("<link", "<img");
    let of_link = ["imagesrcset", "imagesizes"].map(|name| attribute(&link, 0, name));
    (
        of_link,
        ["srcset", "sizes"].map(|name| attribute(page, nth, name)),
    )
}

#[test]
fn a_preload_asks_for_what_its_image_asks_for() {
    let rules =
        "rules:\n- { select: .none, preset: none }\n- { select: .small, preset: thumbnail }\n";
    let link = "<link rel=preload as=image href=/uploads/a.png>";
    for (images, nth) in [
        ("<img src=/uploads/a.png>", Some(0)),
        ("<img class=small src=/uploads/a.png>", Some(0)),
        ("<img width=\"250\" src=/uploads/a.png>", Some(0)),
        ("<img sizes=\"9em\" src=uploads/a.png>", None),
        // The preload belongs to the first image that is not loaded lazily.
        (
            "<img loading=\"lazy\" src=/uploads/a.png><img class=small src=/uploads/a.png>",
            Some(1),
        ),
        (
            "<img src=/uploads/a.png><img class=small loading=eager src=/uploads/a.png>",
            Some(0),
        ),
        ("<img class=none src=/uploads/a.png>", None),
        ("<img data-planche=off src=/uploads/a.png>", None),
        (
            "<img class=none src=/uploads/a.png><img src=/uploads/a.png>",
            None,
        ),
        ("<img src=/uploads/b.png>", None),
        (
            "<p style='background:url(/uploads/a.png)'><img src=/uploads/b.png>",
            None,
        ),
    ] {
        let site = site(&[("index.html", &format!("{link}{images}"))]);
        site.write("planche.yml", rules);
        let page = rewritten(&site, "index.html");
        let (of_link, of_image) = preloaded(&page, nth.unwrap_or(0));
        if images.contains("9em") {
            assert_eq!(of_link[1].as_deref(), Some("9em"), "{page}");
        } else if nth.is_some() {
            assert!(of_link[0].is_some(), "{page}");
            assert_eq!(of_link, of_image, "{page}");
        } else {
            assert_eq!(of_link, [None, None], "{page}");
        }
        site.planche(&["html", "_site", "--check"]).exits(0);
    }
}

/// Jekflix has `data-url`, slick has `data-lazy`, and jquery.lazyload has `data-original`. Chromium
/// shows the `srcset` of an image even after a script has set its `src`.
#[test]
fn an_image_that_a_script_replaces_stays() {
    for (attributes, expected) in [
        ("data-original=/uploads/b.png", false),
        ("data-lazy='https://cdn.example/c.jpg?w=9'", false),
        ("data-url=/uploads/b.png", false),
        // These name no other image.
        ("data-url=https://example.org/page/", true),
        ("data-original=/uploads/a.png", true),
        ("data-lazy=true", true),
        // This one is usually for a click.
        ("data-full=/uploads/b.png", true),
    ] {
        let page = format!("<img src=/uploads/a.png {attributes}>");
        let site = site(&[("index.html", &page)]);
        let new = rewritten(&site, "index.html");
        assert_eq!(attribute(&new, 0, "srcset").is_some(), expected, "{page}");
        assert_eq!(new == page, !expected, "{page}");
    }
}

#[test]
fn images_that_count_visits_stay() {
    let pixels = "<img src=/uploads/a.png width=0><img src=/uploads/a.png width=1 height=1>";
    let page = body(&[], &format!("{pixels}<img src=/uploads/b.png>"));
    let rest = page.strip_prefix(pixels).unwrap();
    assert_eq!(attribute(rest, 0, "fetchpriority").as_deref(), Some("high"));
}
