//! Measures editing of front matter: parsing, editing, and the checks of the result by both
//! parsers, by stripping and by applying again. Reports articles per second on one thread.
//!
//! `cargo bench --bench front_matter`

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use planche::internal::article::Article;
use planche::internal::config::FrontMatterKeys;
use planche::internal::front_matter::{self, Request, Requests};
use planche::internal::generator::{Dialect, Markdown, Templates, YamlBooleans};
use planche::internal::path::SitePath;
use planche::internal::picture::placeholder::Placeholders;
use planche::internal::picture::units::Dimensions;
use planche::internal::record::{Content, Forecast, OurKeys, Record};
use planche::internal::reference::{self, Place, Search};

use support::{cpu_of, least, print_machine};

fn main() {
    print_machine();
    let keys = OurKeys {
        names: FrontMatterKeys::default(),
        list_parent: None,
    };
    let articles: Vec<(Article, Requests<Forecast>)> = articles()
        .into_iter()
        .filter_map(|(path, bytes)| {
            let article = Article::page(path, bytes, &dialect()).ok()?;
            let requests = requests(&article, &keys)?;
            Some((article, requests))
        })
        .collect();
    let rounds = 20_000 / articles.len().max(1) + 1;
    let mut figures = Vec::new();
    let mut edited = 0;
    for _ in 0..5 {
        let (seconds, count) = cpu_of(|| {
            let mut count = 0;
            for _ in 0..rounds {
                for (article, requests) in &articles {
                    let tree = article.tree().expect("it was read before");
                    let outcome = front_matter::rewrite(article, &tree, requests, &keys);
                    count += usize::from(outcome.is_ok_and(|outcome| outcome.rewrite.is_some()));
                }
            }
            count
        });
        edited = count / rounds;
        figures.push(count as f64 / seconds);
    }
    println!(
        "{edited} different articles, edited repeatedly: {:.0} articles per second (minimum of 5)",
        least(&figures)
    );
}

fn dialect() -> Dialect {
    Dialect {
        dots_close: true,
        bom_hides_outside: Some(&[]),
        booleans: YamlBooleans::Psych,
        templates: Templates::Liquid,
        markdown: Markdown::Kramdown {
            parse_block_html: false,
        },
        ..Dialect::common(1 << 20)
    }
}

/// Returns the articles of the sites in the corpus if it exists, otherwise those of the sample
/// site.
fn articles() -> Vec<(SitePath, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus =
        std::env::var_os("PLANCHE_CORPUS").map_or_else(|| root.join("../shared"), PathBuf::from);
    let sites = corpus.join("corpus/sites");
    let start = if sites.exists() {
        sites
    } else {
        root.join("articles")
    };
    println!(
        "articles: {}",
        start.canonicalize().unwrap_or(start.clone()).display()
    );
    let mut found = Vec::new();
    let mut folders = vec![start];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "md" || extension == "markdown")
            {
                let name = path.file_name().expect("a file").to_string_lossy();
                found.extend(SitePath::normalise(&name).zip(fs::read(&path).ok()));
            }
        }
    }
    found.sort();
    found
}

/// Returns a record for each image that the article names; `None` if it names none.
fn requests(article: &Article, keys: &OurKeys) -> Option<Requests<Forecast>> {
    let tree = article.tree().ok()?;
    let search = Search {
        rules: &[],
        keys,
        dialect: &dialect(),
        records_in_articles_only: false,
    };
    let mut requests = Requests::default();
    for reference in reference::find(article, &tree, &search)?.references {
        let url = |width: u32| format!("/uploads/variants/picture-{width}.0123456789.webp");
        let content = Content {
            original: reference.value.to_string(),
            src: url(1280),
            srcset: [320, 480, 640, 960, 1280]
                .map(|width| format!("{} {width}w", url(width)))
                .to_vec(),
            sizes: Some("(min-width: 62em) 31em, 100vw".to_owned()),
            dimensions: Dimensions {
                width: 1280,
                height: 720,
            },
            placeholders: Placeholders::default(),
            sources: Vec::new(),
            also: Vec::new(),
        };
        let request = Request::Record(Record::new(content, Forecast));
        match reference.place {
            Place::Beside(at) => {
                requests.beside.insert(at, request);
            }
            _ => requests.list.push((reference.value.to_string(), request)),
        }
    }
    (!requests.beside.is_empty() || !requests.list.is_empty()).then_some(requests)
}
