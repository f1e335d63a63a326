//! Values that templates print in less usual ways: by methods, numbers, conditions and positions.

use super::init_edits::shown;
use crate::scratch::Scratch;

const YAML: &str =
    "---\nimage: /uploads/logo.png\ncover: /uploads/logo.png\nimages: [/uploads/logo.png]\n---\n";

const OWN_CODE: &str = "edit it by hand: the tag has its own attributes or code";
const SEVERAL: &str = "edit it by hand: its value is set under a condition, or in several places";

fn replace(code: &str) -> String {
    format!("replace it with: {code}")
}

#[test]
fn params_items_and_resources_of_hugo_are_found() {
    for (template, place, expected) in [
        (
            "{{ with .Param \"image\" }}<img src=\"{{ . }}\">{{ end }}",
            "$.Param \"image\"",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" . \"record\" ($.Param \"image_responsive\") \"alt\" \"\") }}",
            ),
        ),
        (
            "<img src=\"{{ .Param \"image\" | relURL }}\">",
            ".Param \"image\"",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" (.Param \"image\") \"record\" (.Param \"image_responsive\") \"alt\" \"\") }}",
            ),
        ),
        (
            "<img src=\"{{ index .Params.images 0 }}\">",
            ".Params.images",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" (index .Params.images 0) \"images\" .Params.responsive_images \"alt\" \"\") }}",
            ),
        ),
        (
            "{{ with index .Params.images 0 }}<img src=\"{{ . }}\">{{ end }}",
            "$.Params.images",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" . \"images\" $.Params.responsive_images \"alt\" \"\") }}",
            ),
        ),
        (
            "{{ range .Pages }}<img src=\"{{ index .Params.images 0 }}\">{{ end }}",
            ".Params.images",
            replace(
                "{{ partial \"planche.html\" (dict \"page\" $ \"src\" (index .Params.images 0) \"images\" .Params.responsive_images \"alt\" \"\") }}",
            ),
        ),
        (
            "{{ $img := resources.Get .Params.image }}<img src=\"{{ $img.RelPermalink }}\">",
            ".Params.image",
            OWN_CODE.to_owned(),
        ),
        (
            "{{ with resources.Get (.Param \"image\") }}<img src=\"{{ .Permalink }}\">{{ end }}",
            ".Param \"image\"",
            OWN_CODE.to_owned(),
        ),
        (
            "<img src=\"{{ (.Resources.GetMatch .Params.image).RelPermalink }}\">",
            ".Params.image",
            OWN_CODE.to_owned(),
        ),
    ] {
        let file = "layouts/_default/single.html";
        let lines = shown(
            ("hugo.toml", ""),
            ("content/a.md", YAML),
            &[(file, template)],
        );
        assert_eq!(
            lines,
            [format!("{file}:1: {place}"), expected],
            "{template}: {lines:#?}"
        );
    }
    for none in [
        "<img src=\"{{ .Param \"logo\" }}\">",
        "<img src=\"{{ index .Params.tags 0 }}\">",
        "{{ $img := resources.Get \"logo.png\" }}<img src=\"{{ $img.RelPermalink }}\">",
        "{{ $img := (resources.Get .Params.image).Resize \"600x\" }}<img src=\"{{ $img.RelPermalink }}\">",
        "<img src=\"{{ .RelPermalink }}\">",
    ] {
        let file = "layouts/_default/single.html";
        let lines = shown(("hugo.toml", ""), ("content/a.md", YAML), &[(file, none)]);
        assert_eq!(lines, [""; 0], "{none}");
    }
}

#[test]
fn items_by_number_are_found() {
    for (config, article, file, template, expected) in [
        (
            ("_config.yml", "title: x\n"),
            "_posts/2024-01-01-a.md",
            "_layouts/a.html",
            "<img src=\"{{ page.images[0] }}\">",
            replace(
                "{% include planche.html src=page.images.first images=page.responsive_images alt=\"\" %}",
            ),
        ),
        (
            ("_config.yml", "title: x\n"),
            "_posts/2024-01-01-a.md",
            "_layouts/a.html",
            "<img src=\"{{ page.images.first | relative_url }}\">",
            replace(
                "{% include planche.html src=page.images.first images=page.responsive_images alt=\"\" %}",
            ),
        ),
        // An argument of an include cannot have this number.
        (
            ("_config.yml", "title: x\n"),
            "_posts/2024-01-01-a.md",
            "_layouts/a.html",
            "<img src=\"{{ page.images[1] }}\">",
            OWN_CODE.to_owned(),
        ),
        (
            ("eleventy.config.mjs", ""),
            "a.md",
            "_includes/page.njk",
            "<img src=\"{{ images[0] }}\">",
            replace("{% planche images[0], \"\", \"\" %}"),
        ),
        (
            ("astro.config.mjs", ""),
            "src/content/blog/a.md",
            "src/pages/a.astro",
            "<img src={data.images[0]} alt=\"\" />",
            replace("<Planche src={data.images[0]} images={data.responsive_images} alt=\"\" />"),
        ),
    ] {
        let lines = shown(config, (article, YAML), &[(file, template)]);
        assert_eq!(lines.last(), Some(&expected), "{template}: {lines:#?}");
    }
}

#[test]
fn images_under_conditions_of_javascript_are_listed_without_code() {
    for (template, place) in [
        (
            "<img src={wide ? data.cover : data.image} alt=\"\" />",
            "data.cover",
        ),
        (
            "<img src={wide ? '/x.png' : data.image} alt=\"\" />",
            "data.image",
        ),
        (
            "<img src={data.tall ? '/x.png' : data.b ? data.cover : '/y.png'} alt=\"\" />",
            "data.cover",
        ),
        (
            "---\nconst src = wide ? data.cover : data.image;\n---\n<img src={src} alt=\"\" />",
            "data.image",
        ),
    ] {
        let file = "src/pages/a.astro";
        let line = 1 + template.matches('\n').count();
        let article = ("src/content/blog/a.md", YAML);
        let lines = shown(("astro.config.mjs", ""), article, &[(file, template)]);
        let expected = [format!("{file}:{line}: {place}"), SEVERAL.to_owned()];
        assert_eq!(lines, expected, "{template}: {lines:#?}");
    }
    let none = "<img src={data.image ? '/x.png' : '/y.png'} alt=\"\" />";
    let article = ("src/content/blog/a.md", YAML);
    let lines = shown(
        ("astro.config.mjs", ""),
        article,
        &[("src/pages/a.astro", none)],
    );
    assert_eq!(lines, [""; 0]);
}

#[test]
fn macros_get_images_by_position() {
    let card = "{% macro card(title, photo=\"\") %}<img src=\"{{ photo }}\">{% endmacro %}";
    for (call, is_passed) in [
        ("{{ m.card(title, image) }}", true),
        ("{{ m.card(\"x\", image, 3) | safe }}", true),
        ("{{ m.card(image, title) }}", false),
        ("{{ m.other(title, image) }}", false),
    ] {
        let templates = [("_includes/page.njk", call), ("_includes/m.njk", card)];
        let lines = shown(("eleventy.config.mjs", ""), ("a.md", YAML), &templates);
        let expected = [
            "_includes/m.njk:1: photo",
            "edit it by hand: {% planche photo, photo_responsive, \"\" %}",
            "pass the record as `photo_responsive` wherever `photo` is passed or assigned",
        ];
        let expected = if is_passed { &expected[..] } else { &[] };
        assert_eq!(lines, expected, "{call}");
    }
}

/// Texts of the front matter whose images get records, because a rule says that they are texts.
#[test]
fn texts_of_front_matter_are_shown_with_their_records() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: x\n");
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write(
        "planche.yml",
        "generator: jekyll\nrules:\n- { at: \"sections[].content\", text: true, preset: article }\n",
    );
    let article = "---\nlayout: a\nsections:\n- content: \"![x](/uploads/logo.png)\"\n---\nText.\n";
    site.write("_posts/2024-01-01-a.md", article);
    let layout = |section: &str, post: &str| {
        format!(
            "{{% for section in page.sections %}}{section}{{% endfor %}}\n{{{{ content }}}}\n\
             {{% for post in site.posts %}}{{% for s in post.sections %}}{post}{{% endfor %}}{{{{ post.content }}}}{{% endfor %}}\n\
             {{% for section in page.others %}}{{{{ section.content }}}}{{% endfor %}}\n\
             {{{{ page.sections[0].content | strip_html }}}}\n"
        )
    };
    let before = layout("{{ section.content | markdownify }}", "{{ s.content }}");
    site.write("_layouts/a.html", &before);
    site.planche(&["init", "--apply"]).exits(0);
    let after = layout(
        "{% capture planche_text %}{{ section.content | markdownify }}{% endcapture %}{% include planche-content.html content=planche_text %}",
        "{% include planche-content.html content=s.content images=post.responsive_images %}",
    );
    assert_eq!(site.text("_layouts/a.html"), after);
    site.planche(&["init", "--undo"]).exits(0);
    assert_eq!(site.text("_layouts/a.html"), before);
}
