use super::{attribute, body, rewritten, site};

/// Returns the width, height and `sizes` of the `<img>` after the edit. `css` is the style sheet of
/// the page.
#[track_caller]
fn added(css: &str, attributes: &str) -> [Option<String>; 3] {
    let img = format!("<style>{css}</style><img src=/uploads/a.png {attributes}>");
    let page = body(&[], &img);
    ["width", "height", "sizes"].map(|name| attribute(&page, 0, name))
}

fn some<const N: usize>(values: [&str; N]) -> [Option<String>; N] {
    values.map(|value| (!value.is_empty()).then(|| value.to_owned()))
}

const PRESET: &str = "(min-width: 50em) 48em, 100vw";

#[test]
fn dimensions_are_added_only_where_they_change_no_layout() {
    for (css, attributes, expected) in [
        ("", "", ["300", "150", PRESET]),
        (
            "img{max-width:100%;height:auto}",
            "",
            ["300", "150", PRESET],
        ),
        // Without `height: auto`, the height would not change when the width shrinks.
        ("img{max-width:100%}", "", ["300", "", PRESET]),
        (
            ".post img{height:auto} img{max-width:100%}",
            "",
            ["300", "", PRESET],
        ),
        // Only the height is set or limited: with a `width` attribute, the width would not follow
        // it.
        (
            ".logo{height:40px}",
            "class=logo",
            ["", "", "(min-width: 80px) 80px, 100vw"],
        ),
        (".logo{max-height:40px}", "class='x logo'", ["", "", "80px"]),
        (".logo{height:40px}", "", ["300", "150", PRESET]),
        ("img{width:100%;aspect-ratio:16/9}", "", ["300", "", PRESET]),
        (
            "img{width:100%;height:20em;object-fit:cover}",
            "",
            ["300", "150", PRESET],
        ),
        ("img{width:auto;max-width:100%}", "", ["", "", "300px"]),
        // A rule under a condition counts if it endangers the layout, but not if it would fix it.
        (
            "@media (min-width:1px){img{max-width:100%}}",
            "",
            ["300", "", PRESET],
        ),
        (
            "@media print{img{max-width:100%}}",
            "",
            ["300", "150", PRESET],
        ),
        ("body{img{max-width:100%}}", "", ["300", "", PRESET]),
        ("main{img{max-width:100%}}", "", ["300", "150", PRESET]),
        (".w-1\\/2{width:50%}", "class=w-1/2", ["300", "", PRESET]),
        ("img/**/{max-width:100%}", "", ["300", "", PRESET]),
        ("*|img{max-width:100%}", "", ["300", "", PRESET]),
        // The rule is nested in one that matches no image of this page.
        (
            "p{img{max-width:100%;height:auto}}",
            "",
            ["300", "150", PRESET],
        ),
        // The author has set dimensions.
        ("", "width=\"100%\"", ["", "", PRESET]),
        ("", "style=\"max-width:50%\"", ["300", "", PRESET]),
    ] {
        let mut expected = some(expected);
        if attributes.starts_with("width") {
            expected[0] = Some("100%".to_owned());
        }
        assert_eq!(added(css, attributes), expected, "{css} {attributes}");
    }
}

#[test]
fn a_rule_with_ancestors_is_matched_exactly() {
    let css = "<style>img{max-width:100%}.post > p img{height:auto}</style>";
    let page = body(
        &[],
        &format!(
            "{css}<div class=post><p><img src=/uploads/a.png></p><img src=/uploads/b.png></div>"
        ),
    );
    assert_eq!(attribute(&page, 0, "height").as_deref(), Some("150"));
    assert_eq!(attribute(&page, 1, "height"), None);
}

/// Bootstrap has `.row-cols-auto > *`, which matches no image of most pages.
#[test]
fn a_rule_of_automatic_width_counts_where_it_may_match() {
    let css = "<style>img{max-width:100%;height:auto}.cols > *{width:auto}</style>";
    for (text, expected) in [
        ("<div class=cols><p>#</p></div>", ["300", "150", PRESET]),
        ("<div class=row>#</div>", ["300", "150", PRESET]),
        ("<div class=cols>#</div>", ["", "", "300px"]),
    ] {
        let image = "<img src=/uploads/a.png>";
        let page = body(&[], &format!("{css}{}", text.replace('#', image)));
        let found = ["width", "height", "sizes"].map(|name| attribute(&page, 0, name));
        assert_eq!(found, some(expected), "{text}");
    }
}

#[test]
fn style_sheets_are_read_from_the_published_folder() {
    for (href, css, height) in [
        ("/css/a.css", "img{max-width:100%;height:auto}", Some("150")),
        ("css/a.css", "img{max-width:100%}", None),
        // The style sheet is unknown, so it may limit the width.
        ("https://elsewhere.example/a.css", "", None),
        ("/css/missing.css", "", None),
        ("/css/a.css", "@import 'b.css';", None),
        ("/css/a.css", "\u{feff}img{max-width:100%}", None),
    ] {
        let page = body(
            &[("_site/css/a.css", css)],
            &format!("<link rel=stylesheet href=\"{href}\"><img src=/uploads/a.png>"),
        );
        assert_eq!(
            attribute(&page, 0, "width").as_deref(),
            Some("300"),
            "{href} {css}"
        );
        assert_eq!(
            attribute(&page, 0, "height").as_deref(),
            height,
            "{href} {css}"
        );
    }
}

/// `b.css` sets `height: auto`, which an image of limited width needs to get a `height`.
#[test]
fn imported_style_sheets_are_read() {
    const LIMIT: &str = "img{max-width:100%}";
    let link = "<link rel=stylesheet href=/css/a.css>".to_owned();
    for (imports, own, height) in [
        ("@import 'b.css';", LIMIT, Some("150")),
        (
            "@charset 'x';@import url(../css/b.css) screen;",
            LIMIT,
            Some("150"),
        ),
        ("@import '/css/b.css' print;", LIMIT, None),
        ("@import '/css/b.css' (min-width: 40em);", LIMIT, None),
        ("p{}@import '/css/b.css';", LIMIT, None),
        // An import of an import, and a cycle.
        (
            "@import '/css/c.css';@import '/css/a.css';",
            LIMIT,
            Some("150"),
        ),
        // Unknown style sheets may limit the width, but not those of fonts and icons.
        ("@import 'missing.css';", "", None),
        ("@import 'https://elsewhere.example/x.css';", "", None),
        (
            "@import url(https://fonts.googleapis.com/css?family=A);",
            "",
            Some("150"),
        ),
        (
            "@import '//cdn.example/font-awesome.min.css';",
            "",
            Some("150"),
        ),
    ] {
        let css = format!("{imports}{own}");
        let style = format!("<style>p{{}}</style><style>{css}</style>");
        let is_relative = imports.contains("'b.css'") || imports.contains("../");
        for page in [&link, &style]
            .into_iter()
            .take(2 - usize::from(is_relative))
        {
            let files = [
                ("_site/css/a.css", &*css),
                ("_site/css/b.css", "img{height:auto}"),
                ("_site/css/c.css", "@import 'b.css';"),
            ];
            let page = body(&files, &format!("{page}<img src=/uploads/a.png>"));
            assert_eq!(attribute(&page, 0, "width").as_deref(), Some("300"));
            assert_eq!(
                attribute(&page, 0, "height").as_deref(),
                height,
                "{css} {page}"
            );
        }
    }
}

#[test]
fn style_sheets_that_a_script_applies_count() {
    let sheet = "rel=stylesheet href=/a.css";
    for link in [
        "<link rel=preload as=style href=/a.css onload=\"this.rel='stylesheet'\">".to_owned(),
        format!("<noscript><link {sheet}></noscript>"),
        format!("<link {sheet} media=print onload=\"this.media='all'\">"),
    ] {
        let css = ("_site/a.css", "img{max-width:100%}");
        let page = body(&[css], &format!("{link}<img src=/uploads/a.png>"));
        assert_eq!(attribute(&page, 0, "width").as_deref(), Some("300"));
        assert_eq!(attribute(&page, 0, "height"), None, "{link}");
    }
}

#[test]
fn css_that_overrides_the_attribute_height_makes_the_image_as_wide_as_before() {
    for css in ["img{height:auto}", "img{max-width:100%;height:auto}"] {
        let [width, height, sizes] = added(css, "height=\"20\"");
        assert_eq!((width, height.as_deref()), (None, Some("20")), "{css}");
        // Without a width, the first of the `sizes` is the width of the image.
        assert_eq!(sizes.as_deref(), Some("300px"), "{css}");
    }
}

#[test]
fn an_image_that_is_wider_than_the_window_has_one_size() {
    let sizes = |css: &str| added(css, "")[2].clone().unwrap();
    assert_eq!(sizes("img{width:40rem}"), "640px");
    assert_eq!(
        sizes("img{width:40rem;max-width:100%}"),
        "(min-width: 640px) 640px, 100vw"
    );
}

#[test]
fn the_element_limits_its_sizes() {
    let sizes = |attributes: &str| added("", attributes)[2].clone().unwrap();
    assert_eq!(sizes("width=\"120\""), "(min-width: 120px) 120px, 100vw");
    assert_eq!(
        sizes("style=\"width: 90px\""),
        "(min-width: 90px) 90px, 100vw"
    );
    assert_eq!(sizes("width=\"1600\""), PRESET);
    // The width follows from the height by the image's aspect ratio of 2 : 1.
    assert_eq!(sizes("height=\"20\""), "(min-width: 40px) 40px, 100vw");
    // A width in a style sheet overrides the attribute.
    assert_eq!(
        added("img{width:100%}", "width=\"120\"")[2].as_deref(),
        Some(PRESET)
    );
}

/// Returns the `sizes` of the image inserted for `#` in a body. The image has 300 × 150 pixels.
#[track_caller]
fn sizes_in(css: &str, text: &str) -> String {
    let text = text.replace('#', "<img src=/uploads/a.png>");
    let page = body(&[], &format!("<style>{css}</style>{text}"));
    attribute(&page, 0, "sizes").unwrap()
}

#[test]
fn sizes_follow_the_rules_that_match() {
    let narrow = |width: u32| format!("(min-width: {width}px) {width}px, 100vw");
    let fluid = "img{max-width:100%;height:auto}";
    for (css, text, expected) in [
        (".z img{height:30px}", "<p class=z>#</p>", narrow(60)),
        (
            ".z img{height:30px}",
            "<div class=z><a><b>#</b></a></div>",
            narrow(60),
        ),
        // The image is not within the first paragraph, whose end tag is omitted.
        (".z img{height:30px}", "<p class=z>x<p>#", PRESET.to_owned()),
        (
            ".z > img{height:30px}",
            "<div class=z><a>#</a></div>",
            PRESET.to_owned(),
        ),
        (".z img{width:50px}", "<p class=z>#", narrow(50)),
        (
            ".z img{width:50px}.y img{width:90px}",
            "<p class=z>#",
            narrow(50),
        ),
        (
            ".z img{width:50px}p img{width:90px}",
            "<p class=z>#",
            narrow(50),
        ),
        (
            ".z img{width:50px}@media (width > 1px){.z img{width:90px}}",
            "<p class=z>#",
            narrow(90),
        ),
        (
            ".z img{width:50px}@media print{.z img{width:90px}}",
            "<p class=z>#",
            narrow(50),
        ),
        (
            ".z img{width:50px}.z img:hover{width:90px}",
            "<p class=z>#",
            narrow(90),
        ),
        (
            ".z img{width:50px}@media (width < 1px){.z img{width:100%}}",
            "<p class=z>#",
            PRESET.to_owned(),
        ),
        (
            ".z img{width:50px}@layer a{.z img{width:90px}}",
            "<p class=z>#",
            narrow(50),
        ),
        (
            ".z img{max-width:100px;height:auto}",
            "<p class=z>#",
            narrow(100),
        ),
        (
            ".z img{max-width:min(100%,8rem);height:auto}",
            "<p class=z>#",
            narrow(128),
        ),
        (".z img{height:2rem;width:auto}", "<p class=z>#", narrow(64)),
        (
            "html{font-size:125%}.z img{height:2rem}",
            "<p class=z>#",
            narrow(80),
        ),
        (".z img{height:2em}", "<p class=z>#", narrow(64)),
        (
            ".z{font-size:20px}.z img{width:3em}",
            "<p class=z>#",
            narrow(60),
        ),
        (
            "html{font-size:62.5%}body{font-size:2rem}.z img{width:3em}",
            "<p class=z>#",
            narrow(60),
        ),
        (
            ".z img{max-width:6em;height:auto}",
            "<p class=z style='font-size:150%'>#",
            narrow(144),
        ),
        (
            "img{width:5em;font-size:1.2rem}",
            "<p class=z>#",
            narrow(96),
        ),
        (
            ".z{font-size:2vw}.z img{width:3em}",
            "<p class=z>#",
            PRESET.to_owned(),
        ),
        (
            ".z{font-size:2vw}.z img{width:3em}",
            "<p class=z style='font:20px serif'>#",
            narrow(60),
        ),
        (
            ".z img{width:40px;height:40px;object-fit:cover}",
            "<p class=z>#",
            narrow(80),
        ),
        // A column flexbox may stretch its children, but not their descendants.
        (
            ".c{display:flex;flex-direction:column}.z img{height:30px}",
            "<div class='c z'>#</div>",
            "300px".to_owned(),
        ),
        (
            ".c{display:flex;flex-direction:column}.z img{height:30px}",
            "<div class='c z'><p>#</div>",
            narrow(60),
        ),
        (
            ".c{flex-direction:column}.i{height:30px}",
            "<div class=c><img class=i src=/uploads/a.png>",
            PRESET.to_owned(),
        ),
        ("img[src$='a.png']{width:50px}", "#", narrow(50)),
        (
            "section[role=x] img{width:50px}",
            "<section role=x>#",
            narrow(50),
        ),
        ("body > img{width:50px}", "#", narrow(50)),
        (
            "table > tbody img{width:50px}",
            "<table><tr><td>#</table>",
            narrow(50),
        ),
    ] {
        assert_eq!(
            sizes_in(&format!("{fluid}{css}"), text),
            expected,
            "{css} {text}"
        );
    }
}

#[test]
fn a_style_sheet_that_is_not_known_may_change_the_width() {
    let css = "<style>.z img{height:30px}.y img{width:50px}</style>";
    let narrow = |width: u32| format!("(min-width: {width}px) {width}px, 100vw");
    for (href, class, expected) in [
        ("https://elsewhere.example/a.css", "z", PRESET.to_owned()),
        ("https://elsewhere.example/a.css", "y", narrow(50)),
        (
            "https://fonts.googleapis.com/css2?family=A",
            "z",
            narrow(60),
        ),
    ] {
        let page = format!(
            "<link rel=stylesheet href='{href}'>{css}<p class={class}><img src=/uploads/a.png>"
        );
        let page = body(&[], &page);
        assert_eq!(
            attribute(&page, 0, "sizes"),
            Some(expected),
            "{href} {class}"
        );
    }
}

/// Expected values as in Chromium, which applies none of the first ones.
#[test]
fn style_sheets_that_are_for_no_screen_do_not_count() {
    let css = "img{max-height:40px;width:50px}";
    for media in ["print", "PRINT", "not screen", "speech, print"] {
        let style = format!("<style media='{media}'>{css}</style>");
        let link = format!("<link rel=stylesheet media='{media}' href=/a.css>");
        let missing = format!("<link rel=stylesheet media='{media}' href=//a.example/a.css>");
        for start in [style, link, missing] {
            let page = body(
                &[("_site/a.css", css)],
                &format!("{start}<img src=/uploads/a.png>"),
            );
            let found = ["width", "height", "sizes"].map(|name| attribute(&page, 0, name));
            assert_eq!(found, some(["300", "150", PRESET]), "{start}");
        }
    }
    let alternate = "<link rel='alternate stylesheet' title=a href=/a.css><img src=/uploads/a.png>";
    let page = body(&[("_site/a.css", css)], alternate);
    assert_eq!(attribute(&page, 0, "sizes").as_deref(), Some(PRESET));
}

#[test]
fn style_sheets_under_a_condition_count_as_rules_under_it_do() {
    let narrow = |width: u32| format!("(min-width: {width}px) {width}px, 100vw");
    let css = ".z{width:90px;height:auto}";
    for (start, expected) in [
        (
            "<style>.z{width:50px}</style><style media='(max-width:600px)'>#</style>",
            narrow(90),
        ),
        (
            "<style media='(max-width:600px)'>#</style><style>.z{width:50px}</style>",
            narrow(90),
        ),
        (
            "<style media='(max-width:600px)'>#</style>",
            PRESET.to_owned(),
        ),
        (
            "<link rel=stylesheet media='(max-width:600px)' href=/a.css>",
            PRESET.to_owned(),
        ),
        ("<style media='screen'>#</style>", narrow(90)),
        ("<style media='not print'>#</style>", narrow(90)),
        ("<link rel=stylesheet media=screen href=/a.css>", narrow(90)),
        (
            "<link rel=stylesheet media=print onload='this.media=\"all\"' href=/a.css>",
            narrow(90),
        ),
    ] {
        let page = format!(
            "{}<img class=z src=/uploads/a.png>",
            start.replace('#', css)
        );
        let page = body(&[("_site/a.css", css)], &page);
        assert_eq!(attribute(&page, 0, "sizes"), Some(expected), "{start}");
    }
    // `height: auto` applies only in narrow windows.
    let css =
        "<style>img{max-width:100%}</style><style media='(width < 9em)'>img{height:auto}</style>";
    let page = body(&[], &format!("{css}<img src=/uploads/a.png>"));
    assert_eq!(attribute(&page, 0, "height"), None);
}

/// With `sizes` narrower than the image, browsers would show it smaller than before.
#[test]
fn an_image_of_its_own_size_keeps_it() {
    for width in [
        "fit-content",
        "max-content",
        "min-content",
        "revert",
        "revert-layer",
        "inherit",
        "initial",
        "unset",
        "fit-content(60em)",
        "calc-size(auto, size)",
        "var(--w)",
    ] {
        let css = format!("img{{width:{width};max-width:100%}}");
        assert_eq!(added(&css, ""), some(["", "", "300px"]), "{width}");
        let style = format!("style=\"width:{width}\"");
        assert_eq!(added("", &style), some(["", "", "300px"]), "{width}");
    }
    for css in [
        "all:unset",
        "all:revert-layer",
        "max-width:max-content",
        "width:50px;min-width:fit-content",
        "width:50px;height:50px;object-fit:none",
    ] {
        let [.., sizes] = added(&format!("img{{{css}}}"), "");
        assert_eq!(sizes.as_deref(), Some("300px"), "{css}");
        let [.., sizes] = added("", &format!("style=\"{css}\""));
        assert_eq!(sizes.as_deref(), Some("300px"), "{css}");
    }
    let page = body(&[], "<img width=\"abc\" src=/uploads/a.png>");
    assert_eq!(attribute(&page, 0, "sizes").as_deref(), Some("300px"));
    assert_eq!(attribute(&page, 0, "height"), None);
}

/// The rule is the one that `init --apply` adds. It applies to an image once it has a `srcset`.
#[test]
fn a_rule_for_the_height_of_responsive_images_counts_as_if_it_applied() {
    let narrow = "img{max-width:100%}";
    for (css, attributes, expected) in [
        (
            ":where(img[srcset]){height:auto}",
            "",
            ["300", "150", PRESET],
        ),
        (
            "*:where(img[srcset]){height:auto}",
            "",
            ["300", "150", PRESET],
        ),
        // The image would lose its height.
        (
            ":where(img[srcset]){height:auto}",
            "height=\"20\"",
            ["", "20", ""],
        ),
        // Such a rule changes more than the attribute: it wins over others, or declares more.
        ("img[srcset]{height:auto}", "", ["", "", ""]),
        (
            ":where(img[srcset]){height:auto;border:0}",
            "",
            ["", "", ""],
        ),
        (":where(img[srcset]){height:9px}", "", ["", "", ""]),
        (
            ":where(.x img[srcset]){height:auto}",
            "",
            ["300", "", PRESET],
        ),
    ] {
        let css = format!("{narrow}{css}");
        assert_eq!(
            added(&css, attributes),
            some(expected),
            "{css} {attributes}"
        );
    }
}

#[test]
fn attributes_that_rules_depend_on_are_not_added() {
    let all = [
        "srcset",
        "sizes",
        "width",
        "height",
        "fetchpriority",
        "decoding",
    ];
    for (css, missing) in [
        ("img[width]{border:1px solid}", &["width", "height"][..]),
        ("img:not([height]){opacity:.5}", &["width", "height"]),
        (".b img[decoding]{opacity:.5}", &["decoding"]),
        ("img[srcset]{opacity:.5}", &all),
        // Values that these attributes do not get, or do get.
        ("img[width='9'],img:not([height='9']){opacity:.5}", &[]),
        ("img[width='300']{opacity:.5}", &["width", "height"]),
        ("img[height^='1']{opacity:.5}", &["width", "height"]),
        ("img[decoding=sync]{opacity:.5}", &[]),
        ("img[decoding=async]{opacity:.5}", &["decoding"]),
        ("img[sizes='100vw'],img[srcset$='2x']{opacity:.5}", &[]),
        ("img[sizes$='100vw']{opacity:.5}", &all),
        ("img[srcset*='/a-300.']{opacity:.5}", &all),
        ("a:has(img[sizes]){opacity:.5}", &all),
        ("@media (hover){img[srcset]{opacity:.5}}", &all),
        ("@media print{img[srcset]{opacity:.5}}", &[]),
        ("svg:not([width]){opacity:.5}", &[]),
        (".y[width]{opacity:.5}", &[]),
    ] {
        let text = format!("<style>{css}</style><img class=x src=/uploads/a.png>");
        let site = site(&[("index.html", &text)]);
        let page = rewritten(&site, "index.html");
        let lacking: Vec<&str> = all
            .into_iter()
            .filter(|name| attribute(&page, 0, name).is_none())
            .collect();
        assert_eq!(lacking, missing, "{css}");
        if missing.contains(&"srcset") {
            assert_eq!(page, text);
        }
        site.planche(&["html", "_site", "--check"]).exits(0);
    }
    // Without dimensions, the image keeps its size by `sizes`.
    let [width, height, sizes] = added("img[width]{opacity:.5}", "");
    assert_eq!([width, height, sizes], some(["", "", "300px"]));
    let page = body(
        &[],
        "<style>[loading]{opacity:.5}</style><img src=/uploads/a.png><img src=/uploads/b.png>",
    );
    assert_eq!(attribute(&page, 1, "loading"), None);
    assert_eq!(attribute(&page, 1, "sizes").as_deref(), Some(PRESET));
    // WordPress has such a rule.
    let page = body(
        &[],
        "<style>img[sizes^='auto,' i]{contain-intrinsic-size:3000px 1500px}</style>\
         <img src=/uploads/a.png><img src=/uploads/b.png>",
    );
    assert_eq!(attribute(&page, 1, "loading").as_deref(), Some("lazy"));
    assert_eq!(attribute(&page, 1, "sizes").as_deref(), Some(PRESET));
}

#[test]
fn sources_do_not_replace_the_dimensions_of_the_image() {
    let page = "<style>img{max-width:100%;height:auto}</style><img src=/uploads/p.jpg>";
    let site = site(&[("index.html", page)]);
    site.copy_upload("portrait.jpg", "_site/uploads/p.jpg");
    site.write(
        "presets/article.yml",
        "widths: [100, 240]\nsizes: 50vw\nformats: [avif, webp]\nquality: 50\neffort: 0\n\
         sources: [{ media: '(max-width: 40em)', aspect: '1:1' }]\n",
    );
    let new = rewritten(&site, "index.html");
    let width: u32 = attribute(&new, 0, "width").unwrap().parse().unwrap();
    assert!(width > 240, "{new}");
    let tags: Vec<&str> = new.split("<source").skip(1).collect();
    assert!(tags.len() > 1, "{new}");
    for tag in tags {
        let tag = tag.split('>').next().unwrap();
        let square = format!(" width=\"{width}\" height=\"{width}\"");
        let is_cut = tag.contains("media");
        assert_eq!(tag.ends_with(&square), is_cut, "{tag}");
        assert_eq!(tag.contains(" width="), is_cut, "{tag}");
    }
    site.planche(&["html", "_site", "--check"]).exits(0);
}

#[test]
fn the_missing_dimension_has_the_shape_of_the_image() {
    let page = body(
        &[],
        "<img src=/uploads/a.png width=\"120\"><img src=/uploads/b.png height=\"20\">",
    );
    assert_eq!(attribute(&page, 0, "height").as_deref(), Some("60"));
    assert_eq!(attribute(&page, 1, "width").as_deref(), Some("40"));
}

#[test]
fn the_first_large_image_is_loaded_first_and_later_ones_late() {
    let page = body(
        &[],
        "<img src=/uploads/logo.png><img src=/uploads/a.png><img src=/uploads/logo.png>\
         <img src=/uploads/b.png><img src=/uploads/b.png loading=\"eager\">",
    );
    let of = |nth| ["loading", "fetchpriority", "sizes"].map(|name| attribute(&page, nth, name));
    let auto = format!("auto, {PRESET}");
    assert_eq!(of(0), some(["", "", PRESET]));
    assert_eq!(of(1), some(["", "high", PRESET]));
    assert_eq!(of(2), some(["lazy", "", &auto]));
    assert_eq!(of(3), some(["lazy", "", &auto]));
    assert_eq!(of(4), some(["eager", "", PRESET]));
    for nth in 0..5 {
        assert_eq!(attribute(&page, nth, "decoding").as_deref(), Some("async"));
    }
}

#[test]
fn an_image_that_css_makes_small_is_not_the_first_large_one() {
    let css = "<style>.z img{height:30px}</style>";
    let page = body(
        &[],
        &format!("{css}<p class=z><img src=/uploads/a.png></p><img src=/uploads/b.png>"),
    );
    let of = |nth| ["loading", "fetchpriority"].map(|name| attribute(&page, nth, name));
    assert_eq!(of(0), [None, None]);
    assert_eq!(of(1), [None, Some("high".to_owned())]);
}

/// A logo of 400 × 100 pixels that is shown 30 pixels high.
#[test]
fn an_svg_that_is_shown_small_is_not_the_first_large_image() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"100\"></svg>";
    for (css, attributes, is_small) in [
        ("", "height=30", true),
        ("", "style='height:30px'", true),
        (".l{height:30px}", "class=l", true),
        (".l{width:100px}", "class=l", true),
        ("", "", false),
    ] {
        let page = format!(
            "<style>{css}</style><img {attributes} src=/uploads/l.svg><img src=/uploads/a.png>"
        );
        let site = site(&[("index.html", &page)]);
        for folder in ["uploads", "_site/uploads"] {
            site.write(&format!("{folder}/l.svg"), svg);
        }
        let page = rewritten(&site, "index.html");
        let of = |nth| ["loading", "fetchpriority"].map(|name| attribute(&page, nth, name));
        let first = [None, Some("high".to_owned())];
        if is_small {
            assert_eq!((of(0), of(1)), ([None, None], first), "{page}");
        } else {
            assert_eq!(of(0), first, "{page}");
        }
        for name in ["srcset", "width"] {
            assert_eq!(attribute(&page, 0, name), None, "{page}");
        }
    }
}

#[test]
fn an_image_that_readers_do_not_see_is_not_the_first() {
    for hidden in [
        "<template><img src=/uploads/b.png></template>",
        "<div hidden><img src=/uploads/b.png></div>",
        "<dialog><img src=/uploads/b.png></dialog>",
        "<details><summary>a</summary><img src=/uploads/b.png></details>",
        "<img src=/uploads/b.png hidden>",
        "<img loading=\"lazy\" src=/uploads/b.png>",
        "<noscript><img loading=\"lazy\" src=/uploads/b.png></noscript>",
    ] {
        let page = body(&[], &format!("{hidden}<p><img src=/uploads/a.png></p>"));
        let of = |nth, name| attribute(&page, nth, name);
        assert_eq!(of(0, "fetchpriority"), None, "{page}");
        assert_eq!(of(0, "loading").as_deref(), Some("lazy"), "{page}");
        assert_eq!(of(1, "fetchpriority").as_deref(), Some("high"), "{page}");
        assert_eq!(of(1, "loading"), None, "{page}");
    }
}

/// Pages with images that CSS keeps from getting a height are named once for the whole run.
#[test]
fn images_without_a_height_are_counted() {
    let image = "<img src=/uploads/a.png>";
    let limit = "<style>img{max-width:100%}</style>";
    for (style, images, expected) in [
        (
            limit,
            2,
            Some("3 images, the first on `_site/first.html`, "),
        ),
        (limit, 0, Some("an image on `_site/index.html` ")),
        ("<style>img{max-width:100%;height:auto}</style>", 2, None),
        ("", 2, None),
    ] {
        let first = format!("<html><body>{style}{}</body></html>", image.repeat(images));
        let page = format!("<html><body>{style}{image}</body></html>");
        let site = site(&[("_site/first.html", &first), ("_site/index.html", &page)]);
        let run = site
            .planche(&["html", "_site", "--format", "concise"])
            .exits(0);
        let out = run.out + &run.err;
        let found: Vec<&str> = out
            .lines()
            .filter(|line| line.contains("height-missing"))
            .collect();
        assert_eq!(found.len(), usize::from(expected.is_some()), "{found:?}");
        assert!(
            found.iter().all(|line| line.contains(expected.unwrap())),
            "{found:?}"
        );
    }
}

#[test]
fn auto_needs_both_dimensions() {
    // If the layout depends on the image's own size, `auto` would make it 300 × 150 pixels.
    let css = "<style>img{max-width:100%}</style>";
    let page = body(
        &[],
        &format!(
            "{css}<img src=/uploads/a.png loading=\"lazy\"><img src=/uploads/b.png loading=\"lazy\" width=\"90\" height=\"45\">"
        ),
    );
    assert_eq!(attribute(&page, 0, "sizes").as_deref(), Some(PRESET));
    assert_eq!(
        attribute(&page, 1, "sizes").as_deref(),
        Some("auto, (min-width: 90px) 90px, 100vw")
    );
    // An image that the author made lazy does not become urgent.
    assert_eq!(attribute(&page, 0, "fetchpriority"), None);
}

#[test]
fn a_child_of_its_parent_gets_no_picture() {
    let page = "<style>.grid > img{border:1px solid}</style>\
        <div class=grid><img src=/uploads/p.jpg></div><p><img src=/uploads/p.jpg></p>";
    let site = site(&[("index.html", page)]);
    site.copy_upload("portrait.jpg", "_site/uploads/p.jpg");
    site.write(
        "presets/article.yml",
        "widths: [100, 240]\nsizes: 50vw\nformats: [webp, jpeg]\nquality: 50\neffort: 0\n",
    );
    let new = rewritten(&site, "index.html");
    let (grid, rest) = new.split_once("<p>").unwrap();
    assert!(!grid.contains("<picture>"), "{new}");
    let srcset = attribute(grid, 0, "srcset").unwrap();
    assert!(srcset.contains(".jpg 240w"), "{new}");
    assert!(
        rest.starts_with("<picture><source type=\"image/webp\""),
        "{new}"
    );
    site.planche(&["html", "_site", "--check"]).exits(0);
}

#[test]
fn several_formats_need_a_picture_and_one_does_not() {
    let site = site(&[(
        "index.html",
        "<a><img src=/uploads/p.jpg alt=x></a><picture><img src=/uploads/p.jpg></picture>",
    )]);
    site.copy_upload("portrait.jpg", "_site/uploads/p.jpg");
    site.write(
        "presets/article.yml",
        "widths: [100, 240]\nsizes: 50vw\nformats: [avif, webp]\nquality: 50\neffort: 0\n",
    );
    let page = rewritten(&site, "index.html");
    let first = page.split("</a>").next().unwrap();
    assert!(
        first.starts_with(
            "<a><picture><source type=\"image/avif\" srcset=\"/uploads/variants/p-100."
        ),
        "{page}"
    );
    assert!(first.ends_with(" alt=x></picture>"), "{page}");
    let second = page.split("</a>").nth(1).unwrap();
    assert!(
        second.starts_with("<picture><source type=\"image/avif\""),
        "{page}"
    );
    assert_eq!(second.matches("picture>").count(), 2, "{page}");
    assert!(second.contains("sizes=\"auto, 50vw\""), "{page}");
    site.planche(&["html", "_site", "--check"]).exits(0);
}

/// A class that the page does not have, and that no script is likely to set.
#[test]
fn rules_whose_ancestors_are_not_there_do_not_count() {
    for (css, is_there) in [
        (".logo img{max-height:39px}", false),
        (".logo img{height:39px}", false),
        (".logo>img{max-width:10px}", false),
        (".x .y img{min-height:100%}", false),
        (".post img{max-height:39px}", true),
        // A script may set these.
        (".is-open img{max-height:39px}", true),
        ("[data-state=a] img{height:39px}", true),
        (".slick-slide img{height:39px}", true),
        (".post .slick-slide>img{height:39px}", true),
        // A script does not add the other classes.
        (".logo.is-open img{height:39px}", false),
        (".is-open .logo img{height:39px}", false),
        (".slick-slide .logo>img{height:39px}", false),
    ] {
        let style = format!("<style>img{{max-width:100%;height:auto}}{css}</style>");
        let page = body(
            &[],
            &format!("{style}<p class=post><img src=/uploads/a.png></p>"),
        );
        let found = ["width", "height"].map(|name| attribute(&page, 0, name));
        let expected = if is_there { ["", ""] } else { ["300", "150"] };
        assert_eq!(found, some(expected), "{css}");
        if !is_there {
            assert_eq!(attribute(&page, 0, "sizes").as_deref(), Some(PRESET));
        }
    }
}

/// In Chromium, `width` and another `sizes` change all of these; the last one has its width from
/// CSS.
#[test]
fn items_of_flex_and_grid_containers_keep_their_own_width() {
    let img = "<img src=/uploads/a.png>";
    for (css, html, expected) in [
        (
            "",
            format!("<div style='display:flex'>{img}"),
            ["", "", "300px"],
        ),
        (
            "",
            format!("<div style='display:flex;flex-direction:column'>{img}"),
            ["", "", "300px"],
        ),
        (
            ".c{display:grid}",
            format!("<div class=c>{img}"),
            ["", "", "300px"],
        ),
        (
            "@media(width>9px){.c{display:flex}}",
            format!("<div class=c>{img}"),
            ["", "", "300px"],
        ),
        (
            ".c{display:flex}",
            format!("<div class=c><p>{img}"),
            ["300", "150", PRESET],
        ),
        (
            ".c{display:block}",
            format!("<div class=c>{img}"),
            ["300", "150", PRESET],
        ),
        (
            ".c{display:flex}.c img{width:100%}",
            format!("<div class=c>{img}"),
            ["300", "150", PRESET],
        ),
    ] {
        let style = format!("<style>img{{max-width:100%;height:auto}}{css}</style>");
        let page = body(&[], &format!("{style}{html}"));
        let found = ["width", "height", "sizes"].map(|name| attribute(&page, 0, name));
        assert_eq!(found, some(expected), "{css} {html}");
    }
}

/// Browsers lay out an image with `sizes="auto"` as if it had no size of its own. Measured in
/// Chromium 156: a portrait of 80 pixels beside a long text became 17 pixels wide.
#[test]
fn auto_is_left_out_where_the_size_of_the_image_may_count() {
    let fluid = "img{max-width:100%;height:auto}";
    let narrow = "(min-width: 80px) 80px, 100vw";
    let auto = |sizes: &str| format!("auto, {sizes}");
    for (css, around, attributes, expected) in [
        ("", ["<p>", "</p>"], "", auto(PRESET)),
        (".m{display:flex}", ["<p>", "</p>"], "", auto(PRESET)),
        // Items of a flex or grid container.
        (
            ".m{display:flex}.m img{width:80px;height:80px}",
            ["<div class=m>", "</div>"],
            "",
            narrow.to_owned(),
        ),
        (
            "",
            ["<div style='display:flex'>", "</div>"],
            "width=80 height=80",
            narrow.to_owned(),
        ),
        (
            ".m{display:inline-grid}.m img{width:100%;height:auto}",
            ["<div class=m>", "</div>"],
            "",
            PRESET.to_owned(),
        ),
        (
            ".m{display:flex}.m div{width:50%}",
            ["<div class=m><div>", "</div></div>"],
            "",
            auto(PRESET),
        ),
        // A percentage of an ancestor that is as wide as the image.
        (
            ".i{display:inline-block}.i img{width:100%;height:auto}",
            ["<div class=i><p>", "</p></div>"],
            "",
            "300px".to_owned(),
        ),
        (
            ".i{float:left;max-width:50%}.i img{width:100%}",
            ["<div class=i>", "</div>"],
            "",
            "300px".to_owned(),
        ),
        (
            ".i{float:left;width:50%}.i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            auto(PRESET),
        ),
        (
            ".i{width:fit-content}.i img{width:100%}",
            ["<figure class=i>", "</figure>"],
            "",
            "300px".to_owned(),
        ),
        (
            "",
            ["<figure style='display:table'>", "</figure>"],
            "style='width:100%'",
            "300px".to_owned(),
        ),
        (
            "td img{width:100%;height:auto}",
            ["<table><tr><td>", "</table>"],
            "",
            "300px".to_owned(),
        ),
        (
            "td{width:50%}td img{width:100%;height:auto}",
            ["<table><tr><td>", "</table>"],
            "",
            auto(PRESET),
        ),
        (
            ".i{float:left}@media (max-width:600px){.i{width:100%}}.i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            "300px".to_owned(),
        ),
        // A width that applies whenever the float does.
        (
            "@media (min-width:600px){.i{float:left;width:100%}}.i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            auto(PRESET),
        ),
        (
            "@media (min-width:600px){.c,.i{float:left}.i{width:50%}}.i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            auto(PRESET),
        ),
        (
            "@media (min-width:600px){.i{float:left}}@media (min-width:900px){.i{width:50%}}\
             .i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            "300px".to_owned(),
        ),
        (
            ".i{float:left}.i p,.i img{width:100%;height:auto}",
            ["<div class=i><p>", "</p></div>"],
            "",
            "300px".to_owned(),
        ),
        (
            ".i{float:left}.i p{width:200px}.i img{width:100%;height:auto}",
            ["<div class=i><p>", "</p></div>"],
            "",
            auto(PRESET),
        ),
        // Pseudo-elements contain no image.
        (
            ".i::after{display:inline-block}.i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            auto(PRESET),
        ),
        (
            ".i{float:left}.x::-webkit-slider-thumb{width:1rem}.i img{width:100%;height:auto}",
            ["<div class=i>", "</div>"],
            "",
            "300px".to_owned(),
        ),
        // `max-width` keeps the width of the attribute as the one that counts.
        (fluid, ["<table><tr><td>", "</table>"], "", auto(PRESET)),
        (
            "img{max-width:100%;height:auto}.i{float:left}",
            ["<div class=i>", "</div>"],
            "",
            auto(PRESET),
        ),
        // Style sheets that planche cannot read.
        (
            fluid,
            ["<link rel=stylesheet href=https://cdn.example/a.css>", ""],
            "",
            PRESET.to_owned(),
        ),
        (
            fluid,
            [
                "<link rel=stylesheet href=https://cdn.example/npm/bootstrap-icons@1.11.0/a.css>",
                "",
            ],
            "",
            auto(PRESET),
        ),
        (
            fluid,
            [
                "<link rel=stylesheet href=https://cdn.example/combine/npm/bootstrap@5,npm/katex@0>",
                "",
            ],
            "",
            PRESET.to_owned(),
        ),
        (
            fluid,
            [
                "<link rel=stylesheet href=https://me.example/katex-notes/main.css>",
                "",
            ],
            "",
            PRESET.to_owned(),
        ),
    ] {
        let [before, after] = around;
        let page = format!(
            "<style>{css}</style>{before}<img src=/uploads/a.png loading=lazy {attributes}>{after}"
        );
        let page = body(&[], &page);
        assert_eq!(attribute(&page, 0, "sizes"), Some(expected), "{page}");
    }
}

/// The rule under a condition is for images in a `.logo`, which the page does not have.
#[test]
fn a_conditional_rule_whose_ancestors_are_not_there_does_not_count() {
    let css = "img{max-width:100%;height:auto}@media (min-width:1px){.logo img{width:50%}}";
    let [_, _, sizes] = added(css, "width=90");
    assert_eq!(sizes.as_deref(), Some("(min-width: 90px) 90px, 100vw"));
}
