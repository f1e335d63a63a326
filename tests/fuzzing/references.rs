//! The fuzz target `references`: Markdown, HTML, templates and front matter, in every dialect.

use planche::internal::article::Article;
use planche::internal::config::FrontMatterKeys;
use planche::internal::generator::{Dialect, JsonFrontMatter, Markdown, Templates};
use planche::internal::path::SitePath;
use planche::internal::record::OurKeys;
use planche::internal::reference::{self, Search};

/// Finds the references of a page, and checks that they are the same each time and lie within the
/// file. The first byte chooses the dialect, the second one the markup.
pub fn check(bytes: &[u8]) {
    let [dialect, markup, text @ ..] = bytes else {
        return;
    };
    let dialect = dialect_of(*dialect);
    let name = if *markup == b'h' {
        "page.html"
    } else {
        "page.md"
    };
    let path = SitePath::normalise(name).expect("a path");
    let Ok(article) = Article::page(path, text.to_vec(), &dialect) else {
        return;
    };
    let Ok(tree) = article.tree() else {
        return;
    };
    let keys = OurKeys {
        names: FrontMatterKeys::default(),
        list_parent: None,
    };
    let search = Search {
        rules: &[],
        keys: &keys,
        dialect: &dialect,
        records_in_articles_only: true,
    };
    let found = reference::find(&article, &tree, &search);
    assert_eq!(found, reference::find(&article, &tree, &search));
    for reference in found.into_iter().flat_map(|found| found.references) {
        assert!(reference.offset <= text.len(), "{reference:?}");
    }
}

/// Chooses a dialect by a letter, so that seeds can be read and written in an editor.
fn dialect_of(letter: u8) -> Dialect {
    let common = Dialect::common(1 << 20);
    match letter {
        b'j' | b'k' => Dialect {
            dots_close: true,
            bom_hides_outside: Some(&[]),
            templates: Templates::Liquid,
            markdown: Markdown::Kramdown {
                parse_block_html: letter == b'k',
            },
            ..common
        },
        b'h' => Dialect {
            toml: true,
            json: JsonFrontMatter::AnyBrace,
            leading_blanks: true,
            templates: Templates::Go,
            markdown: Markdown::Goldmark,
            ..common
        },
        b'e' => Dialect {
            json: JsonFrontMatter::Object,
            languages: true,
            templates: Templates::Nunjucks,
            markdown: Markdown::NoIndentedCode,
            ..common
        },
        b'z' => Dialect {
            toml: true,
            closes_at_line_end: true,
            templates: Templates::Tera,
            ..common
        },
        _ => common,
    }
}
