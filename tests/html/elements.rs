use super::{attribute, body, rewritten, site};

#[test]
fn backgrounds_posters_and_preloads_get_variants() {
    let page = body(
        &[],
        "<link rel=preload as=image href=/uploads/a.png>\
         <div style=\"color:red;background:url('/uploads/a.png') center;x:y\">\
         <video poster=\"/uploads/b.png\"></video>",
    );
    let (preload, rest) = page.split_once("<div").unwrap();
    assert!(
        preload.starts_with("<link imagesrcset=\"/uploads/variants/a-300."),
        "{page}"
    );
    assert!(preload.ends_with(".webp 300w\" imagesizes=\"(min-width: 50em) 48em, 100vw\" rel=preload as=image href=/uploads/a.png>"), "{page}");
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
fn a_rule_selects_the_image_of_link_previews() {
    let page = "<meta property=\"og:image\" content=\"/uploads/a.png\">\n\
        <meta name=\"twitter:image\" content=\"https://example.org/uploads/a.png\">\n\
        <meta property=\"og:image\" content=\"https://elsewhere.example/a.png\">\n";
    let site = site(&[("index.html", page)]);
    // Without a rule, link previews are left alone.
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

/// The page without the declaration that `planche html` adds, and that declaration without the
/// name of the file; `None` if there is none.
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
    // The slash belongs to the URL, which no file has.
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
