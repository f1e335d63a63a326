//! `init --apply` keeps the shape of images that style sheets narrow.

use std::process::Command;

use super::browser;
use super::generators::{fixture, on_path};
use crate::scratch::{Scratch, changed};

const RULE: &str = ":where(img[srcset]) { height: auto }";

/// A site whose layout prints an image of 600 × 600 pixels, with these style sheets.
fn site(sheets: &[(&str, &str)]) -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A\n");
    site.write(
        "index.md",
        "---\nlayout: page\nimage: /uploads/logo.png\nimage_alt: A logo\n---\n",
    );
    site.write(
        "_layouts/page.html",
        "<!DOCTYPE html><html lang=en><title>A</title>\n\
         <link rel=stylesheet href=/main.css>\n\
         <img src=\"{{ page.image }}\" alt=\"{{ page.image_alt }}\">\n",
    );
    site.copy_upload("logo.png", "uploads/logo.png");
    for (path, text) in sheets {
        site.write(path, text);
    }
    site
}

#[test]
fn the_rule_is_added_to_the_style_sheet_that_needs_it() {
    let narrow = "img { max-width: 100% }";
    for (sheets, edited) in [
        (&[("main.css", narrow)][..], Some("main.css")),
        // The source, not what is compiled from it; the site's own, not that of others.
        (
            &[
                ("css/main.css", narrow),
                ("css/main.scss", "a { img { width: 50% } }\n"),
            ],
            Some("css/main.scss"),
        ),
        (
            &[
                ("a.min.css", narrow),
                ("vendor/a.css", narrow),
                ("b.css", "img{width:9em}\r\n"),
            ],
            Some("b.css"),
        ),
        (
            &[("a.css", "a { color: red }"), ("vendor/a.css", narrow)],
            None,
        ),
        // Other sources: what is edited has the rule in its own syntax.
        (
            &[
                ("css/main.sass", "img\n  width: 50%\n"),
                ("css/main.css", narrow),
            ],
            Some("css/main.sass"),
        ),
        (
            &[
                ("src/Card.vue", "<style scoped>img { width: 50% }</style>\n"),
                ("src/a.sass", "img\n  height: auto\n"),
            ],
            None,
        ),
        (
            &[
                ("src/Card.svelte", "<style>img { width: 50% }</style>\n"),
                ("src/Base.astro", "<style>img { height: auto }</style>\n"),
            ],
            Some("src/Card.svelte"),
        ),
        // Nothing is distorted.
        (
            &[("main.css", narrow), ("reset.css", "img { height: auto }")],
            None,
        ),
        (
            &[("main.css", "img { max-width: 100%; height: auto }")],
            None,
        ),
    ] {
        let site = site(sheets);
        let before = site.files();
        let shown = site.planche(&["init", "--show"]).exits(0).err;
        assert_eq!(
            shown.contains(RULE),
            edited.is_some(),
            "{sheets:?}: {shown}"
        );
        site.planche(&["init", "--apply"]).exits(0);
        let after = site.files();
        let edits = changed(&before, &after);
        let edits: Vec<String> = edits
            .into_iter()
            .filter(|path| sheets.iter().any(|(sheet, _)| sheet == path))
            .collect();
        assert_eq!(
            edits,
            Vec::from_iter(edited.map(str::to_owned)),
            "{sheets:?}"
        );
        if let Some(path) = edited {
            let (_, text) = sheets.iter().find(|(other, _)| *other == path).unwrap();
            let newline = if text.contains('\r') { "\r\n" } else { "\n" };
            let expected = match path.rsplit_once('.').unwrap().1 {
                "sass" => format!("{text}*:where(img[srcset])\n  height: auto\n"),
                "svelte" => {
                    format!("<style>img {{ width: 50% }}\n{RULE}\n</style>\n")
                }
                _ => format!("{}{newline}{RULE}{newline}", text.trim_end()),
            };
            assert_eq!(site.text(path), expected);
        }
        // Again: nothing is left to add.
        site.planche(&["init", "--apply"]).exits(0);
        assert_eq!(changed(&after, &site.files()), [""; 0], "{sheets:?}");
        site.planche(&["init", "--undo"]).exits(0);
        assert_eq!(changed(&before, &site.files()), [""; 0], "{sheets:?}");
    }
}

#[test]
fn images_keep_their_shape_in_a_narrow_window() {
    if !fixture("jekyll").is_here() || !browser::is_here() {
        return;
    }
    // Jekyll compiles the style sheets.
    for sheet in [
        (
            "main.scss",
            "---\n---\n// don't narrow\nbody { margin: 0; img { max-width: 100% } }\n",
        ),
        // LibSass would read a rule that begins with a colon as a declaration.
        (
            "main.sass",
            "---\n---\nbody\n\tmargin: 0\n\timg\n\t\tmax-width: 100%\n",
        ),
    ] {
        let site = site(&[sheet]);
        site.planche(&["init", "--apply"]).exits(0);
        site.planche(&["build", "--quiet"]).exits(0);
        let output = Command::new(on_path("jekyll").unwrap())
            .args(["build", "--quiet", "--disable-disk-cache"])
            .current_dir(site.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:#?}");
        let seen = browser::look(
            &site.path("_site"),
            "",
            &["index.html"],
            &[(375, 2), (1280, 1)],
        );
        let boxes = seen.iter().map(|seen| {
            let image = &seen.images[0];
            assert!(
                image.srcset.is_some() && image.attributes[1].is_some(),
                "{image:?}"
            );
            (seen.width, image.width, image.height)
        });
        let boxes: Vec<_> = boxes.collect();
        assert_eq!(boxes, [(375, 375.0, 375.0), (1280, 600.0, 600.0)]);
    }
}

/// The style of a component is for its own images only.
#[test]
fn each_component_gets_its_own_rule() {
    let site = Scratch::empty();
    site.write("astro.config.mjs", "export default {};\n");
    site.write(
        "src/content/blog/a.md",
        "---\nimage: /uploads/logo.png\n---\n",
    );
    site.copy_upload("logo.png", "public/uploads/logo.png");
    let component = "<img src={data.image}>\n<style>\nimg { max-width: 100% }\n</style>\n";
    let names = ["src/components/A.astro", "src/components/B.astro"];
    for name in names {
        site.write(name, component);
    }
    let run = site.planche(&["init", "--apply"]).exits(0);
    let edited = component.replace("</style>", &format!("{RULE}\n</style>"));
    for name in names {
        assert_eq!(site.text(name), edited, "{run:?}");
    }
    site.planche(&["init", "--undo"]).exits(0);
    for name in names {
        assert_eq!(site.text(name), component);
    }
}
