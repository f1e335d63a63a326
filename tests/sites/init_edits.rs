//! `planche init` lists keys and the template lines that print originals, edits those lines and
//! reverts everything.

use std::process::Command;

use super::built::plain_layouts;
use super::generators::{fixture, on_path, tools};
use super::shown::tags;
use crate::corpus;
use crate::scratch::{Scratch, changed};

/// An article with every kind of key.
const ARTICLE: &str = "---\ntitle: A\nlayout: page\nimage: /uploads/logo.png\nimage_alt: A logo\nune-ou-diaporama:\n- image: /uploads/logo.png\n  legende: One\n  alternative-textuelle: Un\nauthor:\n  avatar: /uploads/logo.png\n---\n\n![x](/uploads/logo.png)\n";

fn jekyll(layout: &str) -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A\n");
    site.write("_posts/2024-01-01-a.md", ARTICLE);
    site.write("_layouts/page.html", layout);
    site.copy_upload("logo.png", "uploads/logo.png");
    site
}

#[test]
fn keys_become_rules_with_a_fitting_preset() {
    let site = jekyll("");
    site.planche(&["init"]).exits(0);
    let config = site.text("planche.yml");
    for rule in [
        "# 1 image in 1 article, 600 px wide (median)\n- { at: \"author.avatar\", preset: thumbnail }\n",
        "- { at: \"image\", preset: card, alt: image_alt }\n",
        "- { at: \"une-ou-diaporama[].image\", preset: carousel, alt: alternative-textuelle, caption: legende }\n",
    ] {
        assert!(config.contains(rule), "{config}");
    }
    // Editors find the schema by the first line.
    let schema = "# yaml-language-server: $schema=.planche/planche.schema.json\n";
    assert!(config.starts_with(schema), "{config}");
    let schema: serde_json::Value =
        serde_json::from_str(&site.text(".planche/planche.schema.json")).unwrap();
    assert!(schema["properties"]["rules"].is_object());
    // A rule is no comment, and matches.
    let findings = site.planche(&["check", "--format", "json"]).findings();
    let codes: Vec<&str> = findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert!(!codes.contains(&"unmatched-setting"), "{codes:?}");
}

/// A site of a generator with one article, and what `init` says to add.
fn usage(config: &[(&str, &str)], article: &str) -> String {
    let site = Scratch::empty();
    for (name, text) in config {
        site.write(name, text);
    }
    let (folder, uploads) = match config[0].0 {
        "_config.yml" => ("_posts/2024-01-01-a.md", "uploads"),
        "hugo.toml" => ("content/a.md", "static/uploads"),
        "config.toml" => ("content/a.md", "static/uploads"),
        "astro.config.mjs" => ("src/content/blog/a.md", "public/uploads"),
        _ => ("a.md", "uploads"),
    };
    site.write(folder, article);
    site.copy_upload("logo.png", &format!("{uploads}/logo.png"));
    site.planche(&["init", "--show"]).exits(0).err
}

#[test]
fn the_code_names_the_keys_of_the_site() {
    let article = "---\ntitle: A\nphoto: /uploads/logo.png\nphoto-alt: A logo\n---\n";
    let hyphen = "---\ntitle: A\nimage-entete: /uploads/logo.png\n---\n";
    let nested = "---\ntitle: A\nauthor: { avatar: /uploads/logo.png }\n---\n";
    let extra = "+++\ntitle = \"A\"\n[extra]\nphoto = \"/uploads/logo.png\"\n+++\n";
    let none = "---\ntitle: A\n---\n";
    let jekyll = [("_config.yml", "title: x\n")];
    let hugo = [("hugo.toml", "title = 'x'\n")];
    let zola = [("config.toml", "base_url = 'https://a.example'\n")];
    let eleventy = [(".eleventy.js", "module.exports = () => ({});\n")];
    let astro = [("astro.config.mjs", "export default {};\n")];
    for (config, article, expected) in [
        (
            jekyll,
            article,
            "src=page.photo record=page.photo_responsive alt=page.photo-alt %}",
        ),
        (
            jekyll,
            nested,
            "src=page.author.avatar record=page.author.avatar_responsive alt=page.author.avatar_alt %}",
        ),
        (
            jekyll,
            none,
            "src=page.image record=page.image_responsive alt=page.image_alt %}",
        ),
        (
            hugo,
            nested,
            "\"src\" .Params.author.avatar \"record\" .Params.author.avatar_responsive",
        ),
        (
            hugo,
            hyphen,
            "\"src\" (index .Params \"image-entete\") \"record\" (index .Params \"image-entete_responsive\")",
        ),
        (
            zola,
            extra,
            "src=page.extra.photo | default(value=\"\"), record=page.extra.photo_responsive |",
        ),
        (
            eleventy,
            nested,
            "{% planche author.avatar, author.avatar_responsive, author.avatar_alt %}",
        ),
        (
            astro,
            hyphen,
            "src={data[\"image-entete\"]} record={data[\"image-entete_responsive\"]}",
        ),
    ] {
        let shown = usage(&config, article);
        assert!(shown.contains(expected), "{expected}\n{shown}");
        assert!(!shown.contains("in the schemas"), "{shown}");
    }
}

#[test]
fn the_schema_of_a_content_collection_needs_the_records() {
    let config = [
        ("astro.config.mjs", "export default {};\n"),
        ("src/content.config.ts", "export const collections = {};\n"),
    ];
    let article = "---\nphoto: /uploads/logo.png\nauthor: { my-avatar: /uploads/logo.png }\n---\n";
    let shown = usage(&config, article);
    let expected = "in the schemas of src/content.config.ts, which drop keys that they do not declare:\n  \
        \"my-avatar_responsive\": z.any().optional(), // in author\n  \
        photo_responsive: z.any().optional(),\n  \
        responsive_images: z.any().optional(),\n";
    assert!(shown.contains(expected), "{shown}");
}

#[test]
fn only_show_writes_nothing() {
    let site = jekyll("<img src=\"{{ page.image }}\">");
    let before = site.files();
    let run = site.planche(&["init", "--show"]).exits(0);
    assert!(
        run.err.contains("_layouts/page.html:1: page.image"),
        "{run:#?}"
    );
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    assert!(!site.path(".planche").exists());
}

/// What stands in a template, and what `--apply` makes of it; `None` if it stays.
const LINES: [(&str, Option<&str>); 16] = [
    (
        "<img src=\"{{ page.image }}\" alt=\"{{ page.image_alt }}\">",
        Some(
            "{% include planche.html src=page.image record=page.image_responsive alt=page.image_alt %}",
        ),
    ),
    (
        "<IMG class='a b' loading=lazy src='{{site.baseurl}}{{ page.une-ou-diaporama[0].image | escape }}' alt='x'/>",
        Some(
            "{% include planche.html src=page.une-ou-diaporama.first.image record=page.une-ou-diaporama.first.image_responsive alt=\"x\" class=\"a b\" loading=\"lazy\" %}",
        ),
    ),
    (
        "<img src=\"{{ page.author.avatar | relative_url }}\">",
        Some(
            "{% include planche.html src=page.author.avatar record=page.author.avatar_responsive alt=\"\" %}",
        ),
    ),
    ("{{ content }}", Some("{% include planche-content.html %}")),
    // A tag with attributes or code of its own is for its author.
    ("<img src=\"{{ page.image }}\" width=\"300\">", None),
    (
        "<img src=\"{{ page.image }}\" alt=\"Photo {{ page.title }}\">",
        None,
    ),
    (
        "<img src=\"{{ page.image }}\" class=\"{{ page.class }}\">",
        None,
    ),
    (
        "<img {% if a %}id=x{% endif %} src=\"{{ page.image }}\">",
        None,
    ),
    ("<img src=\"{{ page.une-ou-diaporama[1].image }}\">", None),
    // No image of the articles, another form of it, a comment, and one that is responsive.
    (
        "<img src=\"{{ page.other }}\"><!-- <img src=\"{{ page.image }}\"> -->",
        None,
    ),
    ("<img src=\"{{ page.image | resize: 3 }}\">", None),
    ("<img src=\"{{ page.image }}\" srcset=\"x 1x\">", None),
    // What is no markup.
    (
        "{%- raw -%}<img src=\"{{ page.image }}\">{%- endraw -%}",
        None,
    ),
    (
        "{% comment %}<img src=\"{{ page.image }}\">{{ content }}{% endcomment %}",
        None,
    ),
    (
        "<script type=\"text/template\"><img src=\"{{ page.image }}\"></script>",
        None,
    ),
    (
        "<a data-x='<img src=\"{{ page.image }}\">' title=\"{{ content }}\"></a>",
        None,
    ),
];

#[test]
fn lines_that_print_originals_are_edited_and_restored() {
    let layout = |applied: bool| -> String {
        let lines = LINES.iter().map(|(before, after)| match after {
            Some(after) if applied => format!("<p>é {after}</p>\r\n"),
            _ => format!("<p>é {before}</p>\r\n"),
        });
        lines.collect()
    };
    let site = jekyll(&layout(false));
    let before = site.files();
    site.planche(&["init", "--apply"]).exits(0);
    assert_eq!(site.text("_layouts/page.html"), layout(true));
    // Again: nothing is left to edit, and the same is printed.
    let after = site.files();
    let run = site.planche(&["init", "--apply"]).exits(0);
    assert!(!run.err.contains("\nedited "), "{run:#?}");
    assert_eq!(changed(&after, &site.files()), [""; 0]);
    site.planche(&["init", "--undo"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    assert!(!site.path("_includes").exists());
    let run = site.planche(&["init", "--undo"]).exits(0);
    assert!(run.err.contains("nothing to undo"), "{run:#?}");
}

#[test]
fn a_file_that_was_edited_since_stays() {
    let site = jekyll("<img src=\"{{ page.image }}\">");
    let before = site.files();
    site.planche(&["init", "--apply"]).exits(0);
    let own = site.text("_layouts/page.html") + "mine";
    site.write("_layouts/page.html", &own);
    let run = site.planche(&["init", "--undo"]).exits(1);
    assert!(
        run.err.contains("_layouts/page.html was edited since"),
        "{run:#?}"
    );
    // The generator would refuse a template that uses a missing file.
    let kept = ["_includes/planche.html", "_layouts/page.html"];
    assert_eq!(changed(&before, &site.files()), kept);
    let reason = "_includes/planche.html was kept, because _layouts/page.html uses it";
    assert!(run.err.contains(reason), "{run:#?}");
    assert_eq!(site.text("_layouts/page.html"), own);
    // Once it is as init left it, the rest is undone.
    site.write("_layouts/page.html", own.strip_suffix("mine").unwrap());
    site.planche(&["init", "--undo"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn what_a_killed_run_has_left_in_the_state_folder_is_swept() {
    let site = jekyll("");
    site.write(".planche/.planche-12345-0.tmp", "{");
    site.planche(&["init"]).exits(0);
    assert!(!site.path(".planche/.planche-12345-0.tmp").exists());
    assert_eq!(site.text(".planche/.gitignore"), "*\n");
}

/// Templates without the shortcode's plugin could not be built.
#[test]
fn eleventys_plugin_stays_as_long_as_a_template_uses_it() {
    let site = Scratch::empty();
    let config = "export default (c) => { c.addPassthroughCopy('uploads') }";
    site.write("eleventy.config.mjs", config);
    site.write("a.md", "---\nimage: /uploads/logo.png\n---\n");
    site.write("_includes/page.njk", "<img src=\"{{ image }}\">");
    site.copy_upload("logo.png", "uploads/logo.png");
    let before = site.files();
    site.planche(&["init", "--apply"]).exits(0);
    let edited = site.text("_includes/page.njk");
    site.write("_includes/page.njk", format!("{edited} mine"));
    site.planche(&["init", "--undo"]).exits(1);
    let kept = [
        "_includes/page.njk",
        "eleventy.config.mjs",
        "planche.eleventy.cjs",
    ];
    assert_eq!(changed(&before, &site.files()), kept);
    site.write("_includes/page.njk", "<img src=\"{{ image }}\">");
    site.planche(&["init", "--undo"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

/// A shortcode that nothing defines would stop Eleventy.
#[test]
fn templates_stay_if_eleventys_plugin_cannot_be_registered() {
    for config in [Some("const f = (c) => {};\nexport default f;\n"), None] {
        let site = Scratch::empty();
        if let Some(config) = config {
            site.write("eleventy.config.mjs", config);
        }
        let template = "<img src=\"{{ image }}\">";
        site.write("a.md", "---\nimage: /uploads/logo.png\n---\n");
        site.write("_includes/page.njk", template);
        site.copy_upload("logo.png", "uploads/logo.png");
        let run = site.planche(&["init", "eleventy", "--apply"]).exits(1);
        let reason = "the templates were left unchanged, because the configuration does not";
        assert!(run.err.contains(reason), "{run:#?}");
        assert_eq!(site.text("_includes/page.njk"), template);
    }
}

/// Returns what `init --show` prints about the templates of a site, without the code around it.
pub fn shown(
    config: (&str, &str),
    article: (&str, &str),
    templates: &[(&str, &str)],
) -> Vec<String> {
    let site = Scratch::empty();
    site.write(config.0, config.1);
    site.write(article.0, article.1);
    for (path, text) in templates {
        site.write(path, text);
    }
    for uploads in ["uploads", "static/uploads", "public/uploads"] {
        site.copy_upload("logo.png", &format!("{uploads}/logo.png"));
    }
    let shown = site.planche(&["init", "--show"]).exits(0).err;
    let lines = shown
        .lines()
        .skip_while(|line| !line.contains("these template lines"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Values of loops, variables and parameters, as templates of each generator write them. The code
/// is by the documentation of the snippets.
#[test]
fn originals_are_found_behind_variables() {
    const FRONT: &str = "image: /uploads/logo.png\ngallery: [/uploads/logo.png]\nslides: [{ image: /uploads/logo.png }]\n";
    let yaml = format!("---\n{FRONT}---\n");
    let toml =
        "+++\n[extra]\nimage = \"/uploads/logo.png\"\ngallery = [\"/uploads/logo.png\"]\n+++\n";
    let replace = |code: &str| format!("replace it with: {code}");
    let by_hand = |text: &str| format!("edit it by hand: {text}");
    let several = by_hand("its value is set under a condition, or in several places");
    let background = by_hand("a background has no `srcset`; see the recipe for CSS backgrounds");
    let jekyll = |template: &str| {
        shown(
            ("_config.yml", "title: x\n"),
            ("_posts/2024-01-01-a.md", &yaml),
            &[("_layouts/a.html", template)],
        )
    };
    for (template, expected) in [
        (
            "{% for item in page.slides %}<img src=\"{{ item.image }}\">{% endfor %}",
            replace(
                "{% include planche.html src=item.image record=item.image_responsive alt=\"\" %}",
            ),
        ),
        (
            "{% for photo in page.gallery %}<img src=\"{{ photo | relative_url }}\" alt=\"x\">{% endfor %}",
            replace("{% include planche.html src=photo images=page.responsive_images alt=\"x\" %}"),
        ),
        (
            "{% for post in site.posts %}{% for photo in post.gallery %}<img src=\"{{ photo }}\">{% endfor %}{% endfor %}",
            by_hand("the template does not show which page owns the list"),
        ),
        (
            "{% assign img = page.image %}<img src=\"{{ img }}\">",
            replace("{% include planche.html src=img record=page.image_responsive alt=\"\" %}"),
        ),
        (
            "{% for post in site.posts %}{% assign img = post.image | relative_url %}<img src=\"{{ img }}\">{% endfor %}",
            replace(
                "{% include planche.html src=post.image record=post.image_responsive alt=\"\" %}",
            ),
        ),
        (
            "{% if page.image %}{% assign img = page.image %}{% else %}{% assign img = site.logo %}{% endif %}<img src=\"{{ img }}\">",
            several.clone(),
        ),
        (
            "{% assign img = page.image | default: site.logo %}<img src=\"{{ img }}\">",
            several.clone(),
        ),
        (
            "<div class=\"hero\" style=\"background-image: url('{{ page.image | relative_url }}')\">",
            background.clone(),
        ),
        (
            "<style>.hero { background: url({{ page.image }}) }</style>",
            background.clone(),
        ),
        (
            "<img class=\"lazyload\" data-src=\"{{ page.image }}\">",
            by_hand("the tag has its own attributes or code"),
        ),
    ] {
        let lines = jekyll(template);
        assert_eq!(lines.last(), Some(&expected), "{template}: {lines:#?}");
    }
    for none in [
        "{% assign img = site.logo %}<img src=\"{{ img }}\">",
        "{% assign img = page.image | resize %}<img src=\"{{ img }}\">",
        "{% for img in site.data.gallery %}<img src=\"{{ img }}\">{% endfor %}",
        "{% for img in page.tags %}<img src=\"{{ img }}\">{% endfor %}",
        "<div style=\"background-image: url({{ page.image }}-small.jpg)\">",
        "<div style=\"background-image: url({{ site.logo_url }})\">",
    ] {
        assert_eq!(jekyll(none), [""; 0], "{none}");
    }
    // A parameter with another name than the key.
    let lines = shown(
        ("_config.yml", "title: x\n"),
        ("_posts/2024-01-01-a.md", &yaml),
        &[
            (
                "_layouts/a.html",
                "{% include card.html photo=page.image %}",
            ),
            ("_includes/card.html", "<img src=\"{{ include.photo }}\">"),
            ("_includes/other.html", "<img src=\"{{ include.photo }}\">"),
        ],
    );
    let expected = [
        "_includes/card.html:1: include.photo",
        "edit it by hand: {% include planche.html src=include.photo record=include.photo_responsive alt=\"\" %}",
        "pass the record as `photo_responsive` wherever `photo` is passed or assigned",
    ];
    assert_eq!(lines, expected);

    let hugo =
        |templates: &[(&str, &str)]| shown(("hugo.toml", ""), ("content/a.md", &yaml), templates);
    for (template, expected) in [
        (
            "{{ range .Params.slides }}<img src=\"{{ .image }}\">{{ end }}",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" .image \"record\" .image_responsive \"alt\" \"\") }}",
            ),
        ),
        (
            "{{ range .Params.gallery }}<img src=\"{{ . }}\">{{ end }}",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" . \"images\" $.Params.responsive_images \"alt\" \"\") }}",
            ),
        ),
        (
            "{{ $img := .Params.image }}{{ with .Title }}<img src=\"{{ $img }}\">{{ end }}",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" $img \"record\" $.Params.image_responsive \"alt\" \"\") }}",
            ),
        ),
        (
            "{{ $img := \"\" }}{{ if .Params.image }}{{ $img = .Params.image }}{{ end }}<img src=\"{{ $img }}\">",
            several.clone(),
        ),
        (
            "<div style=\"background-image: url({{ .Params.image }})\">",
            background.clone(),
        ),
    ] {
        let lines = hugo(&[("layouts/_default/single.html", template)]);
        assert_eq!(lines.last(), Some(&expected), "{template}: {lines:#?}");
    }
    let lines = hugo(&[
        (
            "layouts/_default/single.html",
            "{{ partial \"card.html\" (dict \"photo\" .Params.image) }}",
        ),
        ("layouts/partials/card.html", "<img src=\"{{ .photo }}\">"),
    ]);
    assert_eq!(
        lines.first().map(String::as_str),
        Some("layouts/partials/card.html:1: .photo")
    );

    for (config, article, path, template, expected) in [
        (
            "eleventy.config.mjs",
            ("a.md", yaml.as_str()),
            "_includes/page.njk",
            "{% for x in gallery %}<img src=\"{{ x }}\" class=\"c\">{% endfor %}",
            "{% planche x, \"\", \"\", { class: \"c\" } %}",
        ),
        (
            "eleventy.config.mjs",
            ("a.md", yaml.as_str()),
            "_includes/page.njk",
            "{% for post in collections.posts %}{% for x in post.data.gallery %}<img src=\"{{ x }}\">{% endfor %}{% endfor %}",
            "{% planche x, \"\", \"\", { images: post.data.responsive_images } %}",
        ),
        (
            "eleventy.config.mjs",
            ("a.md", yaml.as_str()),
            "_includes/page.njk",
            "{% set photo = image %}<img src=\"{{ photo }}\">",
            "{% planche photo, image_responsive, \"\" %}",
        ),
        (
            "config.toml",
            ("content/a.md", toml),
            "templates/page.html",
            "{% for x in page.extra.gallery %}<img src=\"{{ x }}\">{% endfor %}",
            "{{ planche::picture(src=x | default(value=\"\"), images=page.extra.responsive_images | default(value=[]), alt=\"\") }}",
        ),
        (
            "config.toml",
            ("content/a.md", toml),
            "templates/page.html",
            "{% set photo = page.extra.image %}<img src=\"{{ photo }}\">",
            "{{ planche::picture(src=photo | default(value=\"\"), record=page.extra.image_responsive | default(value=false), alt=\"\") }}",
        ),
        (
            "astro.config.mjs",
            ("src/content/blog/a.md", yaml.as_str()),
            "src/pages/a.astro",
            "---\nconst { data } = await x();\n---\n{data.gallery.map((x) => <img src={x} alt=\"\" />)}",
            "<Planche src={x} images={data.responsive_images} alt=\"\" />",
        ),
        (
            "astro.config.mjs",
            ("src/content/blog/a.md", yaml.as_str()),
            "src/pages/a.astro",
            "---\nconst { image } = post.data;\n---\n<img src={image} alt=\"\" />",
            "<Planche src={image} record={post.data.image_responsive} alt=\"\" />",
        ),
    ] {
        let text = match config {
            "config.toml" => "base_url = 'https://a.example'\n",
            _ => "",
        };
        let lines = shown((config, text), article, &[(path, template)]);
        assert_eq!(
            lines.last(),
            Some(&replace(expected)),
            "{template}: {lines:#?}"
        );
    }
    // Macros and components get their images from others.
    for (config, article, caller, callee) in [
        (
            "config.toml",
            ("content/a.md", toml),
            (
                "templates/page.html",
                "{{ m::card(photo=page.extra.image) }}",
            ),
            (
                "templates/m.html",
                "{% macro card(photo) %}<img src=\"{{ photo }}\">{% endmacro %}",
            ),
        ),
        (
            "astro.config.mjs",
            ("src/content/blog/a.md", yaml.as_str()),
            ("src/pages/a.astro", "<Card photo={post.data.image} />"),
            (
                "src/components/Card.astro",
                "---\nconst { photo } = Astro.props;\n---\n<img src={photo} alt=\"\" />",
            ),
        ),
    ] {
        let text = match config {
            "config.toml" => "base_url = 'https://a.example'\n",
            _ => "",
        };
        let lines = shown((config, text), article, &[caller, callee]);
        let expected =
            "pass the record as `photo_responsive` wherever `photo` is passed or assigned";
        assert_eq!(
            lines.last().map(String::as_str),
            Some(expected),
            "{lines:#?}"
        );
    }
}

/// If a pass over the template were made for each word, or for each variable and image, this would
/// take hours.
#[test]
fn large_templates_of_nothing_but_variables_are_read() {
    const BYTES: usize = 400_000;
    let front = "---\nimage: /uploads/logo.png\ngallery: [/uploads/logo.png]\n---\n";
    let fill = |text: &str| text.repeat(BYTES / text.len());
    let astro = (
        "astro.config.mjs",
        "src/content/blog/a.md",
        "src/pages/a.astro",
    );
    let jekyll = ("_config.yml", "_posts/2024-01-01-a.md", "_layouts/a.html");
    let hugo = ("hugo.toml", "content/a.md", "layouts/_default/a.html");
    for ((config, article, path), template) in [
        (
            astro,
            format!(
                "---\n{}\n---\n{}",
                fill("a "),
                "<img src={a} />".repeat(500)
            ),
        ),
        (
            astro,
            format!(
                "---\n{}\n---\n<img src={{a}} />",
                fill("const { a = const a=")
            ),
        ),
        (astro, format!("{}<img src={{a}} />", fill("<A"))),
        (
            jekyll,
            format!(
                "{}{}",
                fill("{% assign a = b %}{% assign b = a %}"),
                "<img src=\"{{ a }}\">".repeat(500)
            ),
        ),
        (jekyll, format!("<style>{}</style>", fill("url({{"))),
        (
            hugo,
            format!("{{{{ partial \"x\" (dict {} }}}}", fill("\"a\" (")),
        ),
        (
            hugo,
            format!(
                "{}{}",
                fill("{{ range .a }}{{ $a := .b }}"),
                "<img src=\"{{ $a }}\">".repeat(500)
            ),
        ),
    ] {
        let lines = shown((config, ""), (article, front), &[(path, &template)]);
        assert_eq!(lines, [""; 0], "{path}");
    }
}

/// Nothing passes the record of an image that is a parameter.
#[test]
fn images_that_a_template_is_given_are_for_their_author() {
    let site = jekyll("{% include card.html image=page.image %}");
    let template = "<img src=\"{{ include.image }}\" alt=\"x\">\n";
    site.write("_includes/card.html", template);
    let run = site.planche(&["init", "--apply"]).exits(0);
    assert_eq!(site.text("_includes/card.html"), template);
    for line in [
        "edit it by hand: {% include planche.html src=include.image record=include.image_responsive alt=\"x\" %}",
        "pass the record as `image_responsive` wherever `image` is passed or assigned",
    ] {
        assert!(run.err.contains(line), "{line}: {run:#?}");
    }
    let findings = site.planche(&["check", "--format", "json"]).findings();
    let mut files = findings
        .iter()
        .filter(|finding| finding.code == "original-printed");
    let file = files.next().and_then(|finding| finding.file.clone());
    assert_eq!(file.as_deref(), Some("_includes/card.html"));
}

#[test]
fn check_names_each_line_that_prints_an_original() {
    let lines: String = LINES.iter().map(|(line, _)| format!("{line}\n")).collect();
    let site = jekyll(&lines);
    site.planche(&["init"]).exits(0);
    site.planche(&[]).exits(0);
    let printed = |site: &Scratch| -> Vec<(u32, bool)> {
        let findings = site
            .planche(&["check", "--format", "json"])
            .exits(0)
            .findings();
        let ours = findings
            .iter()
            .filter(|finding| finding.code == "original-printed");
        ours.map(|finding| {
            let hint = finding.hint.clone().unwrap();
            (
                finding.line.unwrap(),
                hint.starts_with("replace it with: {% include "),
            )
        })
        .collect()
    };
    let expected = [
        (1, true),
        (2, true),
        (3, true),
        (4, true),
        (5, false),
        (6, false),
        (7, false),
        (8, false),
        (9, false),
    ];
    assert_eq!(printed(&site), expected);
    site.planche(&["init", "--apply"]).exits(0);
    assert_eq!(printed(&site), expected[4..]);
}

#[test]
fn an_original_within_conditions_is_printed_too() {
    for (src, is_printed) in [
        (
            "{% if page.image contains \"://\" %}{{ page.image }}{% else %}{{ site.baseurl }}/{{ page.image }}{% endif %}",
            true,
        ),
        (
            "{% if page.image %}{{ page.image | relative_url }}{% endif %}",
            true,
        ),
        (
            "{% if page.image %}{{ page.image }}-small.jpg{% endif %}",
            false,
        ),
        ("{% if page.title %}/{{ page.title }}{% endif %}", false),
        ("{% if a %}{{ include.image }}{% endif %}", false),
    ] {
        let site = jekyll(&format!("<img src=\"{src}\">\n{{{{ content }}}}\n"));
        site.planche(&["init"]).exits(0);
        let run = site.planche(&["check", "--format", "json"]);
        let mut findings = run.findings().into_iter();
        let found =
            findings.any(|finding| finding.code == "original-printed" && finding.line == Some(1));
        assert_eq!(found, is_printed, "{src}: {run:#?}");
    }
}

#[test]
fn a_template_that_cannot_be_read_is_an_error() {
    let site = jekyll("{{ page.title }}");
    // A link to itself: not even the superuser can read it.
    std::os::unix::fs::symlink("_includes", site.path("_includes")).unwrap();
    let run = site.planche(&["check", "--format", "json"]).exits(1);
    let findings = run.findings();
    let unreadable = findings
        .iter()
        .find(|finding| finding.code == "unreadable")
        .unwrap_or_else(|| panic!("{run:#?}"));
    assert_eq!(unreadable.file.as_deref(), Some("_includes"));
}

/// A layout whose pages show no image of their text has nothing to show.
#[test]
fn only_layouts_of_texts_with_images_are_named() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: a\n");
    site.copy_upload("logo.png", "uploads/a.png");
    for layout in ["text", "plain"] {
        site.write(
            &format!("_layouts/{layout}.html"),
            "<main>{{ content }}</main>\n",
        );
    }
    let named = |article: &str| -> Vec<String> {
        site.write("_posts/2024-01-01-a.md", article);
        site.write(
            "_posts/2024-01-02-b.md",
            "---\nlayout: plain\n---\n\nText.\n",
        );
        let run = site.planche(&["check", "--format", "json"]).exits(1);
        let findings = run.findings().into_iter();
        let printed = findings.filter(|finding| finding.code == "original-printed");
        printed.map(|finding| finding.file.unwrap()).collect()
    };
    let both = ["_layouts/plain.html", "_layouts/text.html"];
    let image = "\n\n![A](/uploads/a.png)\n";
    for own in [
        "layout: text",
        "layout: \"text\" # own",
        "title: x\nlayout: 'text'",
    ] {
        assert_eq!(
            named(&format!("---\n{own}\n---{image}")),
            both[1..],
            "{own}"
        );
    }
    // The layout may be that of `defaults:` in the configuration.
    for unknown in ["title: a", "layout:"] {
        assert_eq!(
            named(&format!("---\n{unknown}\n---{image}")),
            both,
            "{unknown}"
        );
    }
}

#[test]
fn every_generator_gets_its_own_code() {
    for (files, article, template, before, after) in [
        (
            vec![("hugo.toml", "")],
            "content/a.md",
            "layouts/_default/single.html",
            "{{ with .Params.image }}<img src=\"{{ . }}\" class=\"c\">{{ end }}<img src=\"{{ .Params.image | relURL }}\" alt=\"{{ .Params.image_alt }}\"><img src=\"{{ index .Params \"image\" }}\">",
            "{{ with .Params.image }}{{ partial \"planche.html\" (dict \"page\" $ \"src\" . \"record\" $.Params.image_responsive \"alt\" \"\" \"class\" \"c\") }}{{ end }}{{ partial \"planche.html\" (dict \"page\" $ \"src\" .Params.image \"record\" .Params.image_responsive \"alt\" .Params.image_alt) }}{{ partial \"planche.html\" (dict \"page\" $ \"src\" (index .Params \"image\") \"record\" (index .Params \"image_responsive\") \"alt\" \"\") }}",
        ),
        (
            vec![(
                "eleventy.config.mjs",
                "export default (c) => { c.addPassthroughCopy('uploads') }",
            )],
            "a.md",
            "_includes/page.njk",
            "<img src=\"{{ image }}\" alt=\"{{ image_alt }}\" class=\"c\"><img src=\"{{ image | url }}\">",
            "{% planche image, image_responsive, image_alt, { class: \"c\" } %}{% planche image, image_responsive, \"\" %}",
        ),
    ] {
        let site = Scratch::empty();
        for (name, text) in files {
            site.write(name, text);
        }
        site.write(article, "---\nimage: /uploads/logo.png\n---\n");
        site.write(template, before);
        let published = if article.starts_with("content") {
            "static/"
        } else {
            ""
        };
        site.copy_upload("logo.png", &format!("{published}uploads/logo.png"));
        let files = site.files();
        site.planche(&["init", "--apply"]).exits(0);
        assert_eq!(site.text(template), after);
        site.planche(&["init", "--undo"]).exits(0);
        assert_eq!(changed(&files, &site.files()), [""; 0]);
    }
    // Astro and Zola need an import: the code is shown.
    let site = Scratch::empty();
    site.write("astro.config.mjs", "");
    site.write("src/content/a.md", "---\nimage: /uploads/logo.png\n---\n");
    site.copy_upload("logo.png", "public/uploads/logo.png");
    let page = "<img src={data.image} alt={data.alt} />";
    site.write("src/pages/a.astro", page);
    let run = site.planche(&["init", "--apply"]).exits(0);
    let code = "<Planche src={data.image} record={data.image_responsive} alt={data.alt} />";
    assert!(run.err.contains(code), "{run:#?}");
    let by_hand = "templates of Astro must be edited by hand: `--apply` edits none of them";
    assert!(run.err.contains(by_hand), "{run:#?}");
    assert_eq!(site.text("src/pages/a.astro"), page);
}

/// Astro's documentation of framework components: `.astro` components cannot be imported into them.
#[test]
fn components_of_other_frameworks_are_not_told_to_use_that_of_astro() {
    let site = Scratch::empty();
    site.write("astro.config.mjs", "");
    site.write("src/content/a.md", "---\nimage: /uploads/logo.png\n---\n");
    site.copy_upload("logo.png", "public/uploads/logo.png");
    for extension in ["jsx", "tsx", "vue", "svelte"] {
        let component = "<img src={data.image} alt={data.alt} />";
        site.write(&format!("src/components/a.{extension}"), component);
    }
    let findings = site.planche(&["check", "--format", "json"]).findings();
    let hints = findings
        .iter()
        .filter(|found| found.code == "original-printed")
        .map(|found| found.hint.as_deref().unwrap_or_default());
    let by_hand = "write `srcset` and `sizes` of the record by hand";
    let (told, others): (Vec<_>, Vec<_>) = hints.partition(|hint| hint.contains(by_hand));
    assert_eq!((told.len(), others), (4, vec![]), "{findings:#?}");
    let run = site.planche(&["init", "--show"]).exits(0);
    assert!(
        !format!("{run:#?}").contains("alt={data.alt} />"),
        "{run:#?}"
    );
}

#[test]
fn snippets_use_the_configured_keys() {
    for (generator, name) in [
        ("jekyll", "_includes/planche-content.html"),
        ("hugo", "layouts/partials/planche.html"),
        ("eleventy", "planche.eleventy.cjs"),
        ("zola", "templates/macros/planche.html"),
        ("astro", "planche.rehype.mjs"),
    ] {
        let site = Scratch::empty();
        let config = format!(
            "generator: {generator}\nfront_matter: {{ suffix: _r, list_key: responsive_r }}\n"
        );
        site.write("planche.yml", config);
        let run = site.planche(&["init"]).exits(0);
        let text = site.text(name);
        assert!(text.contains("responsive_r"), "{text}");
        assert!(
            !text.contains("_responsive") && !text.contains("responsive_images"),
            "{text}"
        );
        assert!(run.err.contains("image_r"), "{run:#?}");
    }
}

#[test]
fn the_plugin_is_shown_in_the_module_format_of_the_configuration() {
    let require = "addPlugin(require(\"./planche.eleventy.cjs\"))";
    for (files, is_commonjs) in [
        (&[("eleventy.config.mjs", "")][..], false),
        (&[("eleventy.config.cjs", "")], true),
        (
            &[("eleventy.config.js", "export default function () {}\n")],
            false,
        ),
        (&[(".eleventy.js", "module.exports = () => {};\n")], true),
        (
            &[
                (".eleventy.js", ""),
                ("package.json", "{ \"type\": \"module\" }"),
            ],
            false,
        ),
    ] {
        let site = Scratch::empty();
        for (name, text) in files {
            site.write(name, text);
        }
        let run = site.planche(&["init"]).exits(0);
        assert_eq!(run.err.contains(require), is_commonjs, "{files:?}");
        assert_eq!(
            run.err.contains("import planche from"),
            !is_commonjs,
            "{files:?}"
        );
    }
}

#[test]
fn hugos_newer_folders_are_used_where_the_site_has_them() {
    let site = Scratch::empty();
    site.write("hugo.toml", "");
    site.write("layouts/_partials/a.html", "");
    site.planche(&["init"]).exits(0);
    assert!(site.path("layouts/_partials/planche.html").is_file());
    assert!(site.path("layouts/_markup/render-image.html").is_file());
    assert!(!site.path("layouts/partials").exists());
    // A site with both keeps the older ones.
    let site = Scratch::empty();
    site.write("hugo.toml", "");
    site.write("layouts/_partials/a.html", "");
    site.write("layouts/_default/a.html", "");
    site.planche(&["init"]).exits(0);
    assert!(site.path("layouts/partials/planche.html").is_file());
}

/// A site of the corpus: `init --apply` and a build lead to pages that load variants, and undoing
/// it restores every byte.
fn corpus_site(name: &str, prepare: impl Fn(&Scratch), page: &str) {
    let Some(sites) = corpus::folder("corpus/sites") else {
        return;
    };
    if !fixture("jekyll").is_here() {
        return;
    }
    let site = Scratch::copy_of(&sites.join(name));
    prepare(&site);
    for preset in ["card", "article", "carousel", "thumbnail"] {
        let text = "widths: [320, 640]\nsizes: 100vw\neffort: 0\n";
        site.write(&format!("presets/{preset}.yml"), text);
    }
    let before = site.files();
    site.planche(&["init", "--apply"]).exits(0);
    site.planche(&["build", "--quiet"]);
    let output = Command::new(on_path("jekyll").unwrap())
        .args(["build", "--quiet", "--disable-disk-cache"])
        .current_dir(site.folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {output:#?}");
    let html = site.text(&format!("_site/{page}"));
    let variants: Vec<_> = tags(&html)
        .into_iter()
        .filter_map(|(_, attributes)| attributes.get("srcset").cloned())
        .collect();
    assert!(!variants.is_empty(), "{name}: {html}");
    for srcset in &variants {
        for candidate in srcset.split(", ") {
            let path = candidate.split(' ').next().unwrap();
            assert!(
                site.path(&format!("_site{path}")).is_file(),
                "{name}: {path}"
            );
        }
    }
    site.planche(&["strip", "--quiet"]);
    site.planche(&["init", "--undo"]).exits(0);
    let mut after = site.files();
    after.retain(|file, _| !file.starts_with("_site/") && !file.contains("/variants/"));
    assert_eq!(changed(&before, &after), [""; 0], "{name}");
}

#[test]
fn corpus_sites_load_variants_after_apply_and_are_restored_by_undo() {
    corpus_site("numerique-like-a", |_| {}, "index.html");
    corpus_site(
        "opensource-guide-jekyll",
        plain_layouts,
        "metrics/index.html",
    );
}

#[test]
fn eleventys_plugin_is_registered_and_taken_back() {
    let generator = fixture("eleventy");
    if !generator.is_here() {
        return;
    }
    let site = Scratch::empty();
    let config = "export default function (eleventyConfig) {\n  eleventyConfig.addPassthroughCopy(\"img\");\n}\n";
    site.write("eleventy.config.mjs", config);
    site.copy_upload("logo.png", "img/logo.png");
    site.write("index.md", "---\ntitle: A\n---\n![A logo](/img/logo.png)\n");
    let before = site.files();
    let run = site.planche(&["init", "--apply"]).exits(0);
    assert!(
        run.err
            .contains("added to eleventy.config.mjs: planche's plugin"),
        "{run:#?}"
    );
    let again = site.planche(&["init", "--apply"]).exits(0);
    assert!(
        !again.err.contains("added to eleventy.config"),
        "{again:#?}"
    );
    site.planche(&["build"]).exits(0);
    let built = generator.build(&site);
    let page = std::fs::read_to_string(built.join("index.html")).unwrap();
    assert!(page.contains("srcset=\"/img/variants/logo-"), "{page}");
    site.planche(&["strip"]).exits(0);
    site.planche(&["init", "--undo"]).exits(0);
    let mut after = site.files();
    after.retain(|file, _| !file.starts_with("_site/") && !file.contains("/variants/"));
    assert_eq!(changed(&before, &after), [""; 0]);
}

/// The code that `init` prints, in a site whose schema makes objects of the paths of images.
#[test]
fn astros_imported_images_show_variants() {
    let generator = fixture("astro");
    if !generator.is_here() {
        return;
    }
    let site = Scratch::empty();
    let config = "import { defineConfig } from \"astro/config\";\nexport default defineConfig({ base: \"/base\", site: \"https://x.org\", cacheDir: \"./.cache\" });\n";
    site.write("astro.config.mjs", config);
    let schema = "import { defineCollection, z } from \"astro:content\";\nimport { glob } from \"astro/loaders\";\nconst posts = defineCollection({\n  loader: glob({ base: \"./src/content/posts\", pattern: \"*.md\" }),\n  schema: ({ image }) => z.object({ cover: image(), plain: z.string(), gallery: z.array(image()), SCHEMA }),\n});\nexport const collections = { posts };\n";
    site.write("src/content.config.ts", schema.replace("SCHEMA", ""));
    let article = "---\ncover: ./cover.png\nplain: /plain.png\ngallery: [./in/one.png]\n---\n";
    site.write("src/content/posts/a.md", article);
    for name in ["cover", "in/one", "in/two/one"] {
        site.copy_upload("logo.png", &format!("src/content/posts/{name}.png"));
    }
    // Astro publishes files with the same bytes once, under any of their names.
    site.copy_upload("logo.png", "public/plain.png");
    std::os::unix::fs::symlink(tools().join("node_modules"), site.path("node_modules")).unwrap();
    let run = site.planche(&["init"]).exits(0);
    let printed = |start: &str| -> Vec<&str> {
        let lines = run.err.lines().map(str::trim);
        lines.filter(|line| line.starts_with(start)).collect()
    };
    let keys: String = run
        .err
        .lines()
        .filter(|line| line.ends_with("z.any().optional(),"))
        .collect();
    site.write("src/content.config.ts", schema.replace("SCHEMA", &keys));
    let page = format!(
        "---\nimport {{ getCollection }} from \"astro:content\";\n{}\nconst [{{ data }}] = await getCollection(\"posts\");\nconst stale = {{ ...data.cover_responsive, original: \"./old.png\" }};\n---\n<html><body>{}\n<Planche src={{data.plain}} record={{data.plain_responsive}} alt=\"\" />\n{{data.gallery.map((src) => <Planche src={{src}} images={{data.responsive_images}} alt=\"\" />)}}\n<Planche src={{data.cover}} record={{stale}} alt=\"x\" link=\"original\" absolute />\n<Planche src={{data.cover}} alt=\"\" /></body></html>\n",
        printed("import Planche")[0],
        printed("<Planche")[0],
    );
    site.write("src/pages/index.astro", page);
    site.planche(&["build"]).exits(0);
    let built = generator.build(&site);
    let html = std::fs::read_to_string(built.join("index.html")).unwrap();
    let sources: Vec<(bool, String)> = tags(&html)
        .into_iter()
        .filter(|(name, _)| name == "img")
        .map(|(_, attributes)| {
            let source = attributes["src"].clone();
            assert_eq!(attributes["width"], "600", "{html}");
            (attributes.contains_key("srcset"), source)
        })
        .collect();
    let expected = [
        (true, "/base/uploads/variants/posts/cover-"),
        (true, "/base/uploads/variants/plain-"),
        (true, "/base/uploads/variants/in/one-"),
        (false, "https://x.org/base/_astro/"),
        (false, "/base/_astro/"),
    ];
    assert_eq!(sources.len(), expected.len(), "{html}");
    for ((has_variants, source), (expected, start)) in sources.iter().zip(expected) {
        assert_eq!(*has_variants, expected, "{html}");
        assert!(source.starts_with(start), "{source}: {html}");
    }
    assert!(
        html.contains("<a href=\"https://x.org/base/_astro/"),
        "{html}"
    );
}

/// What cannot be written is named with what to do instead, and everything else is done.
#[test]
fn files_that_cannot_be_written_are_left_out() {
    let site = jekyll("<img src=\"{{ page.image }}\">");
    let read_only = |name: &str| {
        let mut permissions = std::fs::metadata(site.path(name)).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(site.path(name), permissions).unwrap();
    };
    read_only("_config.yml");
    read_only("_layouts/page.html");
    let run = site.planche(&["init", "--apply"]).exits(1);
    for text in [
        "_config.yml was left unchanged",
        "_layouts/page.html was left unchanged",
    ] {
        assert!(run.err.contains(text), "{run:?}");
    }
}

#[test]
fn the_journal_grows_with_the_site_not_with_its_square() {
    let site = jekyll("");
    let count = 400;
    for number in 0..count {
        let filler = "<p>Some text</p>\n".repeat(300);
        let layout = format!("<img src=\"{{{{ page.image }}}}\">\n{filler}");
        site.write(&format!("_layouts/l{number}.html"), layout);
    }
    let before = site.files();
    let run = site.planche(&["init", "--apply"]).exits(0);
    assert!(
        run.err.contains(&format!("edited {count} places")),
        "{run:?}"
    );
    site.planche(&["init", "--undo"]).exits(0);
    let after = site.files();
    let left = changed(&before, &after);
    let left = left.iter().filter(|name| !name.starts_with(".planche/"));
    assert_eq!(left.count(), 0);
}
