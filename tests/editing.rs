//! Code shared by the editing tests: parses texts as articles, creates a record for every image,
//! rewrites and strips.

use planche::internal::article::{Article, Refused};
use planche::internal::config::FrontMatterKeys;
use planche::internal::front_matter::{self, Outcome, Request, Requests};
use planche::internal::generator::{Dialect, JsonFrontMatter, Markdown, Templates};
use planche::internal::path::SitePath;
use planche::internal::picture::placeholder::Placeholders;
use planche::internal::picture::units::Dimensions;
use planche::internal::record::{Also, Content, Forecast, OurKeys, Record, Source};
use planche::internal::reference::{self, Place, Search};
use planche::internal::tree::path::KeyPath;

/// The kind of file that a text represents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Jekyll,
    Hugo,
    Zola,
    YamlData,
    TomlData,
    JsonData,
}

impl Form {
    pub fn article(self, bytes: &[u8]) -> Result<Article, Refused> {
        let path = |name| SitePath::normalise(name).unwrap();
        let data = |name| Article::data(path(name), bytes.to_vec(), &Dialect::common(1 << 20));
        match self {
            Form::YamlData => data("data.yml"),
            Form::TomlData => data("data.toml"),
            Form::JsonData => data("data.json"),
            _ => Article::page(path("page.md"), bytes.to_vec(), &self.dialect()),
        }
    }

    fn dialect(self) -> Dialect {
        let common = Dialect::common(1 << 20);
        let kramdown = Markdown::Kramdown {
            parse_block_html: false,
        };
        Dialect {
            dots_close: self == Form::Jekyll,
            toml: self != Form::Jekyll,
            json: if self == Form::Hugo {
                JsonFrontMatter::AnyBrace
            } else {
                JsonFrontMatter::Never
            },
            closes_at_line_end: self == Form::Zola,
            leading_blanks: self != Form::Jekyll,
            bom_hides_outside: (self == Form::Jekyll).then_some(&[]),
            templates: Templates::Liquid,
            markdown: kramdown,
            ..common
        }
    }

    pub fn keys(self) -> OurKeys {
        OurKeys {
            names: FrontMatterKeys::default(),
            list_parent: (self == Form::Zola).then_some("extra"),
        }
    }
}

/// The place for the record of one reference, with the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Beside(KeyPath, String),
    Listed(String),
}

impl Wanted {
    pub fn original(&self) -> &str {
        match self {
            Wanted::Beside(_, original) | Wanted::Listed(original) => original,
        }
    }
}

/// Returns a place for every image that the article names, in the order of the text.
pub fn wanted(article: &Article, form: Form) -> Vec<Wanted> {
    let Ok(tree) = article.tree() else {
        return Vec::new();
    };
    let keys = form.keys();
    let search = Search {
        rules: &[],
        keys: &keys,
        dialect: &form.dialect(),
        records_in_articles_only: false,
    };
    let mut wanted = Vec::new();
    let found = reference::find(article, &tree, &search).unwrap_or_default();
    for reference in found.references {
        if reference.preset.is_none() {
            continue;
        }
        let one = match reference.place {
            Place::Beside(path) => Wanted::Beside(path, reference.value.to_string()),
            _ => Wanted::Listed(reference.value.to_string()),
        };
        if !wanted.contains(&one) {
            wanted.push(one);
        }
    }
    wanted
}

pub fn requests(wanted: &[Wanted]) -> Requests<Forecast> {
    let mut requests = Requests::default();
    for one in wanted {
        let request = Request::Record(record(one.original()));
        match one {
            Wanted::Beside(path, _) => {
                requests.beside.insert(path.clone(), request);
            }
            Wanted::Listed(original) => requests.list.push((original.clone(), request)),
        }
    }
    requests
}

/// Returns a record with two widths, as a build writes it: `/a.png` has the variants
/// `/v/a-320.webp` and `/v/a-640.webp`. If the stem of the original comes after `d` in the
/// alphabet, the record has sources. The last character of the stem decides whether it has
/// placeholders or the records of three more presets.
pub fn record(original: &str) -> Record<Forecast> {
    let source = |media: Option<&str>| Source {
        media: media.map(str::to_owned),
        mime: "image/avif".to_owned(),
        srcset: vec![format!("/v/{}-320.avif 320w", stem(original))],
        sizes: Some("100vw".to_owned()),
        dimensions: Dimensions {
            width: 320,
            height: 240,
        },
    };
    let mut content = content(original);
    let also = |preset: &str| Also {
        preset: preset.to_owned(),
        content: Content {
            original: original.to_owned(),
            src: format!("/v/{}-1200.jpeg", stem(original)),
            srcset: Vec::new(),
            sizes: None,
            dimensions: Dimensions {
                width: 1200,
                height: 630,
            },
            placeholders: Placeholders::default(),
            sources: vec![source(Some("(max-width: 40em)"))],
            also: Vec::new(),
        },
    };
    if stem(original).as_str() > "d" {
        content.sources = vec![source(Some("(max-width: 40em)")), source(None)];
    }
    if stem(original).len() > 3 && stem(original).ends_with(['1', '4', '7']) {
        content.placeholders = Placeholders {
            color: Some("#336699".to_owned()),
            thumbhash: Some("1QcSHQRnh493V4dIh4eXh1h4kJUI".to_owned()),
            blur: Some("data:image/webp;base64,UklGRg==".to_owned()),
        };
    }
    if stem(original).ends_with(['2', '5', '8']) {
        // The second and third names need quotes in YAML.
        content.also = ["social", "on", "é: #1"].map(also).to_vec();
    }
    Record::new(content, Forecast)
}

fn content(original: &str) -> Content {
    let url = |width: u32| format!("/v/{}-{width}.webp", stem(original));
    Content {
        original: original.to_owned(),
        src: url(640),
        srcset: vec![format!("{} 320w", url(320)), format!("{} 640w", url(640))],
        sizes: Some("100vw".to_owned()),
        dimensions: Dimensions {
            width: 640,
            height: 480,
        },
        placeholders: Placeholders::default(),
        sources: Vec::new(),
        also: Vec::new(),
    }
}

/// Returns the ASCII letters and digits of the last path segment up to its first dot.
pub fn stem(original: &str) -> String {
    let name = original.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    stem.chars().filter(char::is_ascii_alphanumeric).collect()
}

pub fn rewrite(
    article: &Article,
    form: Form,
    wanted: &[Wanted],
) -> Result<Outcome<Forecast>, Refused> {
    let tree = article.tree()?;
    front_matter::rewrite(article, &tree, &requests(wanted), &form.keys())
}

/// Returns the bytes without anything that planche has written.
pub fn strip(article: &Article, form: Form) -> Result<Vec<u8>, Refused> {
    let tree = article.tree()?;
    let outcome = front_matter::strip(article, &tree, &form.keys())?;
    let bytes = |rewrite: front_matter::Rewrite<_>| rewrite.bytes;
    Ok(outcome
        .rewrite
        .map_or_else(|| article.bytes().to_vec(), bytes))
}
