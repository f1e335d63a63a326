//! Bodies that would take the square of their length, if anything looked to their end again and
//! again. Each is a megabyte; the harness's own time limit is the only clock.

use planche::internal::article::Article;
use planche::internal::config::FrontMatterKeys;
use planche::internal::generator::{Dialect, Markdown, Templates};
use planche::internal::path::SitePath;
use planche::internal::record::OurKeys;
use planche::internal::reference::{self, Search};

const LENGTH: usize = 1 << 20;

/// The values found in a body after a megabyte of `pattern`, in template languages with different
/// parsers.
fn values_after(pattern: &str, last: &str) -> Vec<(Templates, Vec<String>)> {
    let text = format!("---\n---\n{}{last}", pattern.repeat(LENGTH / pattern.len()));
    let path = SitePath::normalise("a.md").unwrap();
    let article = Article::page(path, text.into_bytes(), &Dialect::common(LENGTH)).unwrap();
    let keys = OurKeys {
        names: FrontMatterKeys::default(),
        list_parent: None,
    };
    let kramdown = Markdown::Kramdown {
        parse_block_html: true,
    };
    let languages = [
        (Templates::Liquid, kramdown),
        (Templates::Nunjucks, Markdown::NoIndentedCode),
        (Templates::Go, Markdown::Goldmark),
        (Templates::Plain, Markdown::Mdx),
    ];
    languages
        .into_iter()
        .map(|(templates, markdown)| {
            let dialect = Dialect {
                templates,
                markdown,
                ..Dialect::common(LENGTH)
            };
            let search = Search {
                rules: &[],
                keys: &keys,
                dialect: &dialect,
                records_in_articles_only: false,
            };
            let tree = article.tree().unwrap();
            let found = reference::find(&article, &tree, &search).unwrap();
            let mut values: Vec<String> = found
                .references
                .into_iter()
                .map(|found| found.value.to_string())
                .collect();
            values.dedup();
            (templates, values)
        })
        .collect()
}

/// What never ends, or ends for nothing.
const OPENINGS: [&str; 40] = [
    "![",
    "[",
    "![](",
    "[](",
    "](",
    "]( \"",
    "a`",
    "*",
    "\\",
    "&",
    "| ",
    "> ",
    "- ",
    "<",
    "</",
    "<a ",
    "<b>",
    "</b>",
    "<b></c>",
    "<select>",
    "{{ ",
    "{{ '",
    "{% ",
    "{# ",
    "{{/* ",
    "{{\n",
    "{%\n",
    "{% raw %}",
    "{% raw %}{% if %}",
    "{% comment %}",
    "{{< highlight >}}",
    "`a` {{ b }}",
    "<div>\n",
    "<div>\n\n",
    "<div>a</div>b\n",
    "<br>\n",
    "<p \"\n",
    "</div>\n\n",
    "> <div>\n",
    "<div markdown=\"1\">\n",
];

#[test]
fn an_image_is_found_after_a_megabyte_of_openings() {
    for pattern in OPENINGS {
        for (templates, values) in values_after(pattern, "\n\n\n![z](/z.png)\n") {
            assert_eq!(values, ["/z.png"], "{pattern:?} {templates:?}");
        }
    }
}

#[test]
fn no_image_is_found_in_a_megabyte_of_code_or_comment() {
    for pattern in ["`", "~~~ ", "<!--\n"] {
        for (templates, values) in values_after(pattern, "\n\n\n![z](/z.png)\n") {
            assert!(values.is_empty(), "{pattern:?} {templates:?}: {values:?}");
        }
    }
}

#[test]
fn a_hundred_thousand_pictures_in_one_line_are_found() {
    let image = "![](/a.png)";
    for (templates, values) in values_after(image, "") {
        assert_eq!(values, ["/a.png"], "{templates:?}");
    }
    let image = "<img src=/a.png>";
    for (templates, values) in values_after(image, "\n\n![z](/z.png)\n") {
        assert_eq!(values, ["/a.png", "/z.png"], "{templates:?}");
    }
}
