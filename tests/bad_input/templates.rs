//! Hostile templates: what they print is found in time proportional to their size.

use std::process::Command;

use crate::scratch::{Run, Scratch};

/// Size of a template in bytes. Where work grows with the square of the size, one template of this
/// size takes minutes.
const SIZE: usize = 400_000;

/// CPU seconds that a run may take before the system ends it. It needs about one.
const SECONDS: usize = 60;

/// What a template repeats: opened tags, comments, strings and blocks without an end, and places
/// that print an image.
const PARTS: &[&str] = &[
    "{%x",
    "{%",
    "{{",
    "{\"",
    "{% include x a=\"",
    "{% include x a=b:c=d:",
    "{% raw %}",
    "{% capture a %}",
    "{% if a %}",
    "{% endfor %}",
    "{% if a %}{% if b %}{% endfor %}",
    "{% ««««include x %}",
    "{{ a(b=",
    "{{ partial \"a\" (dict \"",
    "{/* ",
    "<p a=\"{{ ",
    "<p a=\"{ ",
    "<A b={",
    "const {",
    "<picture><source>",
];

/// Places that print the image, and variables that are followed to it.
const IMAGES: &str = "<img src=\"{{ page.image }}\"><img src=\"{{ image }}\"><img src={data.image}>\
    <img src=\"{{ .Params.image }}\">{% assign a = page.image %}<img src=\"{{ a }}\">\
    {% for b in page.list %}<img src=\"{{ b }}\">{% endfor %}";

#[test]
fn templates_take_time_in_proportion_to_their_size() {
    for (generator, config, template) in [
        ("jekyll", "_config.yml", "_layouts/a.html"),
        ("hugo", "hugo.toml", "layouts/a.html"),
        ("eleventy", "eleventy.config.js", "_includes/a.njk"),
        ("zola", "config.toml", "templates/a.html"),
        ("astro", "astro.config.mjs", "src/pages/a.astro"),
    ] {
        let site = Scratch::empty();
        site.write(config, "");
        site.write(
            "planche.yml",
            format!(
                "generator: {generator}\ncontent: [\"a.md\"]\n\
                 uploads: [{{ url: /uploads/, dir: uploads }}]\n"
            ),
        );
        site.copy_upload("logo.png", "uploads/logo.png");
        let article = match generator {
            "zola" => "+++\n[extra]\nimage = \"/uploads/logo.png\"\n+++\n",
            _ => "---\nimage: /uploads/logo.png\n---\n",
        };
        site.write("a.md", article);
        for part in PARTS {
            for end in ["", IMAGES] {
                site.write(template, part.repeat(SIZE / part.len()) + end);
                let check = site.command(&["check", "--articles"]);
                let program = check.get_program().to_owned();
                let limited = Command::new("sh")
                    .args(["-c", &format!("ulimit -t {SECONDS}; exec \"$@\""), "sh"])
                    .arg(program)
                    .args(check.get_args())
                    .current_dir(site.folder())
                    .output()
                    .unwrap();
                let run = Run::of(limited);
                assert_eq!(run.code, Some(1), "{generator}, {part:?}: {run:?}");
            }
        }
    }
}

#[test]
fn many_places_of_one_template_are_reported_together() {
    let site = Scratch::site();
    site.write("_config.yml", "");
    site.write(
        "planche.yml",
        "generator: jekyll\ncontent: [\"a.md\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n",
    );
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write("a.md", "---\nlayout: a\n---\n![x](/uploads/logo.png)\n");
    let count = 30_000;
    site.write("_layouts/a.html", "{{ content }}\n".repeat(count));
    let run = site.planche(&["build"]).exits(0);
    let text = format!("{}{}", run.out, run.err);
    assert!(
        text.contains(&format!("({count} ")) && text.contains("_layouts/a.html:8:1, …"),
        "{text}"
    );
}
