//! Tests that work grows in proportion to the front matter: worst cases at n and 2n, in counted
//! steps.
//!
//! A step is a visited node of a tree, or a byte of a line that is searched. The parsers of other
//! crates are not counted.

use super::{Request, Requests, rewrite, strip};
use crate::article::Article;
use crate::generator::{Dialect, Markdown, Templates};
use crate::path::SitePath;
use crate::picture::placeholder::Placeholders;
use crate::picture::units::Dimensions;
use crate::record::{Content, Forecast, FrontMatterKeys, OurKeys, Record};
use crate::reference::{self, Place, Search};
use crate::tree::work;

/// Name of a case, delimiter of its front matter, and a function that makes a front matter of `n`
/// parts.
type Case = (&'static str, &'static str, fn(usize) -> String);

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(|index| line(index) + "\n").collect()
}

const CASES: [Case; 16] = [
    ("keys", "---", |n| {
        lines(n, |i| format!("k{i}: /uploads/a.png"))
    }),
    ("flow mappings on one line", "---", |n| {
        format!("l: [{}]\n", "{i: /uploads/a.png}, ".repeat(n))
    }),
    ("keys without values on one line", "---", |n| {
        format!("a: {{{}}}\n", "a,".repeat(n))
    }),
    ("references beside their records", "---", |n| {
        format!(
            "l:\n{}responsive_images:\n{}",
            lines(n, |i| format!("- /uploads/m{i}.png")),
            lines(n, |i| format!("- original: /uploads/m{i}.png\n  src: x"))
        )
    }),
    ("records of missing uploads", "---", |n| {
        format!(
            "l:\n{}responsive_images:\n{}",
            lines(n, |i| format!("- /uploads/keep{i}.png")),
            lines(n, |i| format!(
                "- original: /uploads/keep{i}.png\n  src: x\n  width: 1\n  height: 1"
            ))
        )
    }),
    ("one key again and again", "---", |n| {
        lines(n, |_| "a: /uploads/a.png".to_owned())
    }),
    ("emptied records of one key", "---", |n| {
        lines(n, |_| "a:\na_responsive:".to_owned())
    }),
    ("focal points", "---", |n| {
        lines(n, |i| format!("k{i}: /uploads/a.png\nk{i}_focus: 0.3 0.6"))
    }),
    ("aliases", "---", |n| {
        format!("a: &a /uploads/a.png\nb: [{}]\n", "*a, ".repeat(n))
    }),
    ("keys of a shared mapping", "---", |n| {
        let keys = lines(n, |i| format!("  k{i}: /uploads/a.png"));
        format!("a: &a\n{keys}b: *a\n")
    }),
    ("explicit keys", "---", |n| {
        lines(n, |i| format!("? k{i}\n: /uploads/a.png"))
    }),
    ("folded paths", "---", |n| {
        lines(n, |i| format!("k{i}: >-\n  /uploads/a.png"))
    }),
    ("lists in lists", "---", |n| {
        format!("a:\n{}", lines(n, |_| "- - - /uploads/a.png".to_owned()))
    }),
    ("TOML keys", "+++", |n| {
        lines(n, |i| format!("k{i} = \"/uploads/a.png\""))
    }),
    ("TOML tables", "+++", |n| {
        lines(n, |_| "[[l]]\nimage = \"/uploads/a.png\"".to_owned())
    }),
    ("JSON keys", "", |n| {
        let keys: Vec<String> = (0..n)
            .map(|i| format!("\"k{i}\": \"/uploads/a.png\""))
            .collect();
        format!("{{{}}}", keys.join(","))
    }),
];

fn dialect() -> Dialect {
    Dialect {
        toml: true,
        json: crate::generator::JsonFrontMatter::AnyBrace,
        templates: Templates::Liquid,
        markdown: Markdown::CommonMark,
        ..Dialect::common(1 << 24)
    }
}

fn article(delimiter: &str, front_matter: &str) -> Article {
    let text = match delimiter {
        "" => front_matter.to_owned(),
        _ => format!("{delimiter}\n{front_matter}{delimiter}\nbody\n"),
    };
    let path = SitePath::root().child("a.md");
    Article::page(path, text.into_bytes(), &dialect()).expect("it can be split")
}

fn record(original: &str) -> Record<Forecast> {
    let content = Content {
        original: original.to_owned(),
        src: "/v/a.webp".to_owned(),
        srcset: vec!["/v/a.webp 1w".to_owned()],
        sizes: Some("100vw".to_owned()),
        dimensions: Dimensions {
            width: 1,
            height: 1,
        },
        placeholders: Placeholders::default(),
        sources: Vec::new(),
        also: Vec::new(),
    };
    Record::new(content, Forecast)
}

/// Finds the references of an article, adds their records, and strips them again.
fn edit(article: &Article) {
    let keys = OurKeys {
        names: FrontMatterKeys::default(),
        list_parent: None,
    };
    let dialect = dialect();
    let search = Search {
        rules: &[],
        keys: &keys,
        dialect: &dialect,
        records_in_articles_only: true,
    };
    let Ok(tree) = article.tree() else { return };
    let found = reference::find(article, &tree, &search).unwrap_or_default();
    let mut requests = Requests::default();
    for reference in found.references {
        let request = if reference.value.contains("keep") {
            Request::Keep
        } else {
            Request::Record(record(&reference.value))
        };
        match reference.place {
            Place::Beside(path) => drop(requests.beside.insert(path, request)),
            _ => requests.list.push((reference.value.to_string(), request)),
        }
    }
    super::ExistingRecords::read(&tree, &keys);
    let _ = rewrite(article, &tree, &requests, &keys);
    let _ = strip(article, &tree, &keys);
}

#[test]
fn worst_cases_are_linear() {
    const N: usize = 400;
    for (name, delimiter, front_matter) in CASES {
        let steps = |n| {
            let article = article(delimiter, &front_matter(n));
            work::of(|| edit(&article))
        };
        let (once, twice) = (steps(N), steps(2 * N));
        assert!(once > N as u64, "{name}: {once} steps");
        assert!(
            twice < 2 * once + once / 4,
            "{name}: {once} steps for {N}, {twice} for twice as many"
        );
    }
}

#[test]
fn the_expanded_text_of_aliases_is_limited() {
    let text = "x".repeat(1 << 16);
    let aliases = "*a, ".repeat(100);
    let article = article("---", &format!("a: &a \"{text}\"\nb: [{aliases}]\n"));
    let refused = article.tree().expect_err("6 MiB of text");
    let message = refused.refusal.to_string();
    assert!(message.contains("more than 4 MiB"), "{message}");
}
