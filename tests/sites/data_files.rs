//! `planche init` names the data files that name images, and how to select them.

use crate::scratch::Scratch;

/// Files of a site: paths and texts.
type Files<'f> = &'f [(&'f str, &'f str)];

/// Checks that `init` names a data file with two images and the setting that selects it, and that
/// the setting does so.
fn is_named(named: &str, upload: &str, files: Files<'_>) {
    let site = Scratch::empty();
    for (name, text) in files {
        site.write(name, *text);
    }
    site.copy_upload("logo.png", upload);
    let before = site.text(named);
    let first = site.planche(&["init"]).exits(0);
    let setting = format!("data: [\"{named}\"]");
    let lines = [format!("  {named}: 2 images\n"), format!("  {setting}\n")];
    assert!(
        lines.iter().all(|line| first.err.contains(line)),
        "{first:#?}"
    );
    // Nothing is selected: a template may list every key of a data file.
    let config = site.text("planche.yml");
    assert!(config.contains(&format!("\n# {setting}\n")), "{config}");
    assert_eq!(site.text(named), before);
    site.write(
        "planche.yml",
        config.replace(&format!("# {setting}"), &setting),
    );
    site.planche(&["build"]).exits(0);
    assert!(
        site.text(named).contains("_responsive"),
        "{}",
        site.text(named)
    );
    let again = site.planche(&["init"]).exits(0);
    assert!(!again.err.contains("data files"), "{again:#?}");
}

#[test]
fn data_files_with_images_are_named_with_the_setting_that_selects_them() {
    let images = "- image: /uploads/logo.png\n- image: /uploads/logo.png\n";
    is_named(
        "_data/team/a.yml",
        "uploads/logo.png",
        &[
            ("_config.yml", "title: A\n"),
            ("_data/team/a.yml", images),
            ("_data/menu.yml", "- url: /a/\n"),
            ("_data/b.csv", "image\n/uploads/logo.png\n"),
        ],
    );
    let json = "[{\"image\": \"/uploads/logo.png\"}, {\"image\": \"/uploads/logo.png\"}]";
    is_named(
        "facts/a.json",
        "uploads/logo.png",
        &[
            ("_config.yml", "data_dir: facts\n"),
            ("facts/a.json", json),
            ("_data/a.yml", images),
        ],
    );
    is_named(
        "facts/a.toml",
        "static/uploads/logo.png",
        &[
            ("hugo.toml", "dataDir = 'facts'\n"),
            (
                "facts/a.toml",
                "a = '/uploads/logo.png'\nb = 'uploads/logo.png'\n",
            ),
        ],
    );
    let script = "export default c => {\n\
        c.addPassthroughCopy({ 'src/uploads': 'uploads' });\n\
        return { dir: { input: 'src', data: 'facts' } };\n\
        };\n";
    is_named(
        "src/facts/a.yaml",
        "src/uploads/logo.png",
        &[
            ("eleventy.config.js", script),
            (
                "package.json",
                "{\"devDependencies\": {\"@11ty/eleventy\": \"3\"}}",
            ),
            ("src/facts/a.yaml", images),
        ],
    );
    is_named(
        "src/data/a.yaml",
        "public/uploads/logo.png",
        &[
            ("astro.config.mjs", "export default {};\n"),
            ("src/data/a.yaml", images),
        ],
    );
}

#[test]
fn many_data_files_are_selected_by_folder_and_a_site_without_them_is_not_bothered() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A\n");
    let none = site.planche(&["init", "--show"]).exits(0);
    assert!(!none.err.contains("data files"), "{none:#?}");
    site.copy_upload("logo.png", "uploads/logo.png");
    for name in ["a", "b", "c", "d", "e", "f"] {
        site.write(
            &format!("_data/team/{name}.yml"),
            "photo: /uploads/logo.png\n",
        );
    }
    let run = site.planche(&["init", "--show"]).exits(0);
    assert!(
        run.err.contains("  data: [\"_data/team/**/*.yml\"]\n"),
        "{run:#?}"
    );
}
