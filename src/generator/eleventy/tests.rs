use super::super::files::tests::Map;
use super::*;
use crate::published::{UploadFolder, is_variant_name};

fn read(config: &str, more: &[(&str, &str)]) -> Conventions {
    let files: Vec<(&str, &str)> = std::iter::once(("eleventy.config.js", config))
        .chain(more.iter().copied())
        .collect();
    conventions(&Map(&files), &mut Vec::new())
}

fn shown(folders: &[UploadFolder]) -> Vec<(&str, &str)> {
    let folders = folders.iter();
    folders
        .map(|uploads| (uploads.url.as_str(), uploads.dir.as_str()))
        .collect()
}

#[test]
fn folders_are_read_from_properties_and_setters() {
    for config in [
        "return { dir: { input: 'src', output: \"dist\", includes: '../inc' } };",
        "// input: https://a.org/\nconst dirs = { input: 'src' };\n\
         return { dir: { ...dirs, input: dirs.input, output: 'dist', includes: '../inc' } };",
        "c.setInputDirectory('src'); c.setOutputDirectory('dist'); c.setIncludesDirectory('../inc');",
        "const input = './src'; export const config = { dir: { input, output: 'dist', includes: '../inc' } };",
    ] {
        let read = read(config, &[]);
        assert_eq!(read.starts, [folder("src")], "{config}");
        assert_eq!(read.destination, folder("dist"), "{config}");
        assert!(read.templates_in.contains(&folder("inc")), "{config}");
    }
}

#[test]
fn variants_are_not_written_among_fonts_styles_or_scripts() {
    for (copied, expected) in [
        (
            "['src/assets/fonts', 'css', 'img', 'media']",
            "img/variants",
        ),
        ("['JS', 'webfonts']", "JS/variants"),
    ] {
        let config = format!("{copied}.forEach((path) => c.addPassthroughCopy(path));");
        assert_eq!(read(&config, &[]).output.dir.as_str(), expected, "{config}");
    }
}

#[test]
fn folders_that_are_copied_are_uploads() {
    let read = read(
        r#"
module.exports = (eleventyConfig) => {
  // eleventyConfig.addPassthroughCopy("src/comment");
  eleventyConfig.addPassthroughCopy("src/img");
  eleventyConfig.addPassthroughCopy({ "./public/": "/", 'src/static': 'media' });
  ["src/a", "src/b"].forEach((path) => eleventyConfig.addPassthroughCopy(path));
  eleventyConfig.addPassthroughCopy("CNAME.txt");
  return { dir: { input: 'src', output: "dist" } };
};"#,
        &[],
    );
    assert_eq!(
        shown(&read.uploads),
        [
            ("/media/", "src/static"),
            ("/img/", "src/img"),
            ("/a/", "src/a"),
            ("/b/", "src/b"),
            ("/", "public"),
            ("/", "src"),
        ]
    );
    assert_eq!(read.output.dir.as_str(), "src/img/variants");
}

/// Only folders that are copied as a whole keep articles out and take variants.
#[test]
fn globs_neither_hide_articles_nor_take_variants() {
    let read = read(
        "c.addPassthroughCopy('site/posts/**/*.{jpg,png,webp}');\n\
         c.addPassthroughCopy({ 'site/icons/*': '/' });\n\
         return { dir: { input: 'site' } };",
        &[],
    );
    assert!(read.filter.enters(&folder("site/posts")));
    assert_eq!(read.output.dir.as_str(), "uploads/variants");
    assert!(read.unpublished.contains(&folder("site/posts")));
    assert_eq!(
        shown(&read.uploads),
        [
            ("/posts/", "site/posts"),
            ("/", "site/icons"),
            ("/", "site"),
        ]
    );
}

/// Usual names do not count if the configuration names all that is copied, and folders that planche
/// itself has created never do.
#[test]
fn usual_names_count_only_where_the_configuration_leaves_it_open() {
    let pictures = [
        ("site/assets/images/a.jpg", ""),
        ("site/en/a/b.png", ""),
        ("uploads/variants/a.webp", ""),
        ("images/CNAME", ""),
    ];
    for (config, expected) in [
        (
            "c.addPassthroughCopy('site/assets/images/*.jpg');",
            "uploads/variants",
        ),
        (
            "c.addPassthroughCopy('site/assets/images/*.jpg'); c.addPassthroughCopy(more());",
            "images/variants",
        ),
        (
            "c.addPassthroughCopy('site/en/**/*.{jpg,png}');",
            "uploads/variants",
        ),
        (
            "c.addPassthroughCopy('images/CNAME');",
            "site/assets/variants",
        ),
        (
            "c.addPassthroughCopy('site/assets/**/*');",
            "site/assets/variants",
        ),
        ("c.addPassthroughCopy(all);", "site/assets/variants"),
    ] {
        let config = format!("{config} return {{ dir: {{ input: 'site' }} }};");
        let read = read(&config, &pictures);
        assert_eq!(read.output.dir.as_str(), expected, "{config}");
        let is_hidden = !read
            .uploads
            .iter()
            .any(|uploads| uploads.dir.as_str() == "uploads");
        assert!(is_hidden, "{config}");
    }
}

/// Of several folders that are copied, variants go to the one whose images the articles name, and
/// stay where they are once there are any.
#[test]
fn variants_go_to_the_folder_of_the_images() {
    let config = "c.addPassthroughCopy('admin'); c.addPassthroughCopy({ 'photos': 'img' });\n\
        c.addPassthroughCopy('media');";
    let images = [
        ("admin/a.svg", ""),
        ("photos/b.jpg", ""),
        ("media/c.png", ""),
    ];
    let variant = "b-320.0123456789.webp";
    for (files, expected) in [
        // No article names an image.
        (vec![("a.md", "")], "admin/variants"),
        (vec![("a.md", "![b](/img/b.jpg)")], "photos/variants"),
        (
            vec![("a.md", "---\nimage: /media/c.png\n---\n")],
            "media/variants",
        ),
        (
            vec![
                ("a.md", "<img src=\"/img/b.jpg?v=2\">"),
                ("posts/b.njk", "![c](/media/c.png) ![c](../media/c.png)"),
            ],
            "media/variants",
        ),
        // The first one of several.
        (
            vec![("a.md", "![](/img/b.jpg) ![](/media/c.png)")],
            "photos/variants",
        ),
        // These are no images of the folders, or not named by an article.
        (
            vec![
                (
                    "a.md",
                    "![](/media/other.png) ![](https://x.org/media/c.png) c.png",
                ),
                ("media/d.md", "![](/media/c.png)"),
                ("_includes/d.md", "![](/media/c.png)"),
            ],
            "admin/variants",
        ),
        // A site with variants, or with records, keeps its folder.
        (
            vec![
                ("a.md", "![b](/img/b.jpg)"),
                ("admin/variants/2023/b-320.0123456789.webp", ""),
            ],
            "admin/variants",
        ),
        (
            vec![
                ("a.md", "![b](/img/b.jpg)"),
                (
                    "b.md",
                    "---\nsrcset: /admin/variants/b-320.0123456789.webp 320w\n---\n",
                ),
            ],
            "admin/variants",
        ),
    ] {
        assert!(is_variant_name(variant));
        let read = read(config, &[&images[..], &files[..]].concat());
        assert_eq!(read.output.dir.as_str(), expected, "{files:?}");
    }
}

#[test]
fn a_folder_with_a_dot_is_no_file() {
    let read = read(
        "c.addPassthroughCopy('v1.0'); c.addPassthroughCopy('robots.txt');",
        &[("v1.0/a.png", ""), ("robots.txt", "")],
    );
    assert_eq!(shown(&read.uploads), [("/v1.0/", "v1.0"), ("/", "")]);
}

#[test]
fn usual_folders_are_uploads_where_they_exist() {
    let read = read(
        "export default () => {};",
        &[("img/a.png", ""), ("a.md", "")],
    );
    assert_eq!(shown(&read.uploads), [("/img/", "img"), ("/", "")]);
    assert_eq!(read.output.dir.as_str(), "img/variants");
    assert_eq!(read.dialect.markdown, Markdown::NoIndentedCode);
}

#[test]
fn the_path_prefix_and_the_rules_of_markdown_are_read() {
    for (config, base_path, markdown) in [
        (
            "return { pathPrefix: '/blog/' };",
            "/blog",
            Markdown::NoIndentedCode,
        ),
        (
            "export const config = { pathPrefix: 'a/b' };",
            "/a/b",
            Markdown::NoIndentedCode,
        ),
        (
            "return { pathPrefix: \"/\" };",
            "",
            Markdown::NoIndentedCode,
        ),
        (
            "c.amendLibrary('md', (m) => m.enable('code'));",
            "",
            Markdown::CommonMark,
        ),
        (
            "c.amendLibrary('md', m => { m.enable(['table', \"code\"]); });",
            "",
            Markdown::CommonMark,
        ),
        (
            "c.amendLibrary('md', m => m.enable('table'));",
            "",
            Markdown::NoIndentedCode,
        ),
    ] {
        let read = read(config, &[]);
        assert_eq!(read.base_path, base_path, "{config}");
        assert_eq!(read.dialect.markdown, markdown, "{config}");
    }
}

#[test]
fn the_plugin_is_registered_in_plain_configurations_only() {
    let edit = super::SPEC.kit.as_ref().unwrap().register.as_ref().unwrap();
    let registered = |text: &str| match (edit.apply)(text.as_bytes(), "eleventy.config.js") {
        crate::generator::Edited::Text { text, .. } => Some(text),
        _ => None,
    };
    let import = "import planche from \"./planche.eleventy.cjs\";\n";
    let require = "addPlugin(require(\"./planche.eleventy.cjs\"));";
    for (before, after) in [
        (
            "// a\nimport x from \"x\";\n\nexport default async function (eleventyConfig) {\n\tx();\n}\n",
            format!(
                "// a\n{import}import x from \"x\";\n\nexport default async function (eleventyConfig) {{\n  eleventyConfig.addPlugin(planche);\n\tx();\n}}\n"
            ),
        ),
        (
            "export default (c) => {\n};\n",
            format!("{import}export default (c) => {{\n  c.addPlugin(planche);\n}};\n"),
        ),
        (
            "module.exports = function configure($c) {\r\n};\r\n",
            format!("module.exports = function configure($c) {{\r\n  $c.{require}\r\n}};\r\n"),
        ),
        (
            "module.exports = c => {\n};",
            format!("module.exports = c => {{\n  c.{require}\n}};"),
        ),
        (
            "export default async function(c) { c.addPassthroughCopy(\"uploads\"); }",
            format!(
                "{import}export default async function(c) {{ c.addPlugin(planche); c.addPassthroughCopy(\"uploads\"); }}"
            ),
        ),
        (
            "export default async(c)=>{ return {}; };\n",
            format!("{import}export default async(c)=>{{ c.addPlugin(planche); return {{}}; }};\n"),
        ),
        (
            "import a from \"a\";\nexport default async c => { // own\n};\n",
            format!(
                "{import}import a from \"a\";\nexport default async c => {{ c.addPlugin(planche); // own\n}};\n"
            ),
        ),
        (
            "module.exports = function(c) {};\n",
            format!("module.exports = function(c) {{ c.{require}}};\n"),
        ),
        (
            "const G = \"src/posts/**/*.md\";\nmodule.exports = function (c) {\n};\n",
            format!(
                "const G = \"src/posts/**/*.md\";\nmodule.exports = function (c) {{\n  c.{require}\n}};\n"
            ),
        ),
        (
            "/**\n * Only `./src/_config/*` changes\nimport nothing\n */\n// planche.eleventy.cjs\nexport default (c) => {\n};\n",
            format!(
                "{import}/**\n * Only `./src/_config/*` changes\nimport nothing\n */\n// planche.eleventy.cjs\nexport default (c) => {{\n  c.addPlugin(planche);\n}};\n"
            ),
        ),
        (
            "const a = `${b ? `}` : \"`\"}/*`;\nmodule.exports = (c) => {\n};\n",
            format!(
                "const a = `${{b ? `}}` : \"`\"}}/*`;\nmodule.exports = (c) => {{\n  c.{require}\n}};\n"
            ),
        ),
        (
            "export default function (c: UserConfig): void {\n}\n",
            format!(
                "{import}export default function (c: UserConfig): void {{\n  c.addPlugin(planche);\n}}\n"
            ),
        ),
    ] {
        assert_eq!(
            registered(before).as_deref(),
            Some(after.as_str()),
            "{before}"
        );
        assert_eq!(registered(&after), None, "a second time");
    }
    for other in [
        "",
        "module.exports = { dir: {} };\n",
        "module.exports = ({ c }) => {\n};\n",
        "export default function (a, b) {\n}\n",
        "export default configure;\n",
        "export default function (c) {",
        "export default (c) => ({ dir: {} });\n",
        "export default async function (\n  c\n) {\n}\n",
        "export default function (c = {}) { }\n",
        "export default withDefaults((c) => { });\n",
        "/*\nexport default function (c) {\n*/\n",
        "const x = `\nexport default function (c) {\n`;\n",
        "module.exports = (c) => {\n};\nmodule.exports = (d) => {\n};\n",
        "#!/usr/bin/env node\nmodule.exports = (c) => {\n};\n",
        "  export default function (c) {\n}\n",
        "function f() {\nmodule.exports = (c) => {\n};\n}\n",
    ] {
        assert_eq!(registered(other), None, "{other}");
    }
}

#[test]
fn a_computed_input_folder_is_the_one_with_templates() {
    let config =
        "import { INPUT } from './const.js'; export const config = { dir: { input: INPUT } };";
    let partial = ("site/_includes/a.njk", "");
    let found = read(config, &[partial, ("node_modules/_includes/b.njk", "")]);
    assert_eq!(found.starts, [folder("site")]);
    assert!(!found.filter.enters(&folder("site/_includes")));
    for more in [
        &[partial, ("other/_includes/a.njk", "")][..],
        &[partial, ("_includes/a.njk", "")],
        &[("site/a.njk", "")],
    ] {
        assert_eq!(read(config, more).starts, [SitePath::root()], "{more:?}");
    }
    assert_eq!(read("", &[partial]).starts, [SitePath::root()]);
}
