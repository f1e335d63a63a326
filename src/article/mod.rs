//! An article: a file's bytes, split into front matter and body by the generator's dialect.

mod envelope;
mod refusal;

use std::ops::Range;

pub use refusal::Refusal;

use crate::generator::{Dialect, DuplicateKeys};
use crate::path::SitePath;
use crate::tree::{self, SyntaxError, Tree};

/// A file with front matter, or a data file.
#[derive(Clone, Debug)]
pub struct Article {
    pub path: SitePath,
    bytes: Vec<u8>,
    front_matter: Option<FrontMatter>,
    /// Byte range of the name of a front-matter language that is not edited.
    foreign_language: Option<Range<usize>>,
    body: Range<usize>,
    /// Maximum size of the front matter in bytes.
    limit: usize,
    duplicate_keys: DuplicateKeys,
}

/// The text between the delimiters, or all of a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FrontMatter {
    syntax: Syntax,
    range: Range<usize>,
}

/// The syntax of a front matter or data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    Yaml,
    Toml,
    Json,
}

/// How a body is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    Markdown,
    Mdx,
    Html,
    /// A style sheet, a feed or a data file, which contain no images.
    Other,
}

impl Markup {
    /// Whether it is Markdown, in one of its dialects.
    pub fn is_markdown(self) -> bool {
        matches!(self, Markup::Markdown | Markup::Mdx)
    }
}

impl Article {
    /// Splits a page into front matter and body, by the generator's dialect. A page without front
    /// matter is only a body.
    pub fn page(path: SitePath, bytes: Vec<u8>, dialect: &Dialect) -> Result<Article, Refused> {
        let parts = envelope::split(&bytes, dialect).map_err(Refused::at)?;
        let (front_matter, body) = match parts {
            Some(parts) => (Some(parts.front_matter), parts.body),
            None => (None, 0..bytes.len()),
        };
        let (front_matter, foreign_language) = match front_matter {
            Some(envelope::FrontMatter::Text { syntax, range }) => {
                (Some(FrontMatter { syntax, range }), None)
            }
            Some(envelope::FrontMatter::Foreign { language }) => (None, Some(language)),
            None => (None, None),
        };
        Ok(Article {
            path,
            bytes,
            front_matter,
            foreign_language,
            body,
            limit: dialect.limit,
            duplicate_keys: dialect.duplicate_keys,
        })
    }

    /// Creates an article whose front matter is a whole data file. The extension determines the
    /// syntax.
    pub fn data(path: SitePath, bytes: Vec<u8>, dialect: &Dialect) -> Result<Article, Refused> {
        let limit = dialect.limit;
        let syntax = match path.extension().as_str() {
            "toml" => Syntax::Toml,
            "json" => Syntax::Json,
            _ => Syntax::Yaml,
        };
        let start = envelope::after_bom(&bytes);
        let range = start..bytes.len();
        envelope::check_text(&bytes, range.clone(), limit).map_err(Refused::at)?;
        let body = bytes.len()..bytes.len();
        Ok(Article {
            path,
            bytes,
            front_matter: Some(FrontMatter { syntax, range }),
            foreign_language: None,
            body,
            limit,
            // Types of pages do not apply to data.
            duplicate_keys: match dialect.duplicate_keys {
                DuplicateKeys::RefusedAtRoot => DuplicateKeys::LastCounts,
                of_pages => of_pages,
            },
        })
    }

    /// Returns the maximum size of the front matter in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the text of the front matter, without delimiters. `None` if there is none, or if it
    /// is not edited.
    pub fn front_matter(&self) -> Option<&str> {
        let range = self.front_matter.as_ref()?.range.clone();
        Some(std::str::from_utf8(&self.bytes[range]).expect("checked when it was split"))
    }

    /// Returns the language of front matter that is not edited, such as `js`.
    pub fn foreign_language(&self) -> Option<&str> {
        let range = self.foreign_language.clone()?;
        std::str::from_utf8(&self.bytes[range]).ok()
    }

    /// Returns the text of front matter in a language that is not edited, after its byte offset in
    /// the file.
    pub fn foreign_text(&self) -> Option<(usize, &str)> {
        let start = self.foreign_language.as_ref()?.end;
        let text = std::str::from_utf8(self.bytes.get(start..self.body.start)?).ok()?;
        Some((start, text))
    }

    /// Returns the byte offset of the front matter's text in the file.
    pub fn front_matter_start(&self) -> usize {
        self.front_matter
            .as_ref()
            .map_or(0, |front_matter| front_matter.range.start)
    }

    pub fn syntax(&self) -> Option<Syntax> {
        self.front_matter
            .as_ref()
            .map(|front_matter| front_matter.syntax)
    }

    pub fn body(&self) -> &[u8] {
        &self.bytes[self.body.clone()]
    }

    /// Returns the byte offset of the body in the file.
    pub fn body_start(&self) -> usize {
        self.body.start
    }

    /// Whether the file starts with a byte order mark.
    pub fn has_bom(&self) -> bool {
        envelope::after_bom(&self.bytes) > 0
    }

    /// Returns the byte offset of front matter that is never closed; `None` if there is none.
    pub fn unclosed(&self, dialect: &Dialect) -> Option<usize> {
        if self.front_matter.is_some() || self.foreign_language.is_some() {
            return None;
        }
        envelope::beginning(&self.bytes, dialect)
    }

    /// Parses the front matter. The tree is empty if there is none. A key that is set twice is an
    /// error if the generator refuses it.
    pub fn tree(&self) -> Result<Tree<'_>, Refused> {
        let (Some(text), Some(syntax)) = (self.front_matter(), self.syntax()) else {
            return Ok(Tree::default());
        };
        let tree = parse(syntax, text).map_err(|error| Refused {
            offset: Some(self.file_offset(error.offset)),
            refusal: match error.is_invalid {
                true => Refusal::Syntax(error.message),
                false => Refusal::Unread(error.message),
            },
        })?;
        let duplicate = match self.duplicate_keys {
            _ if syntax != Syntax::Yaml => None,
            DuplicateKeys::LastCounts => None,
            DuplicateKeys::Refused => tree.ids().find_map(|id| tree.duplicate_key(id)),
            DuplicateKeys::RefusedAtRoot => tree.root().and_then(|root| tree.duplicate_key(root)),
        };
        match duplicate {
            None => Ok(tree),
            Some([first, second]) => Err(Refused {
                offset: Some(self.file_offset(tree.node(second).span.start)),
                refusal: Refusal::DuplicateKey {
                    key: tree.text(second).unwrap_or_default().to_owned(),
                    first: self.file_offset(tree.node(first).span.start),
                },
            }),
        }
    }

    /// Converts a byte offset in the front matter's text into one in the file.
    pub fn file_offset(&self, offset_in_front_matter: usize) -> usize {
        self.front_matter_start() + offset_in_front_matter
    }

    pub fn markup(&self) -> Markup {
        if self
            .front_matter
            .as_ref()
            .is_some_and(|front_matter| front_matter.range.end == self.bytes.len())
            && self.body.is_empty()
        {
            return Markup::Other;
        }
        match self.path.extension().as_str() {
            "md" | "markdown" | "mkd" | "mkdn" | "mkdown" | "mdoc" => Markup::Markdown,
            "mdx" => Markup::Mdx,
            "css" | "scss" | "sass" | "js" | "mjs" | "json" | "xml" | "txt" | "yml" | "yaml"
            | "toml" | "csv" | "webmanifest" | "ics" => Markup::Other,
            _ => Markup::Html,
        }
    }

    /// Returns the bytes of the file with the text of its front matter replaced.
    pub fn with_front_matter(&self, text: &str) -> Vec<u8> {
        let range = self
            .front_matter
            .as_ref()
            .map_or(0..0, |front_matter| front_matter.range.clone());
        let mut bytes = Vec::with_capacity(self.bytes.len() - range.len() + text.len());
        bytes.extend_from_slice(&self.bytes[..range.start]);
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&self.bytes[range.end..]);
        bytes
    }
}

/// Parses a text in the given syntax.
pub fn parse(syntax: Syntax, text: &str) -> Result<Tree<'_>, SyntaxError> {
    match syntax {
        Syntax::Yaml => tree::yaml::parse(text),
        Syntax::Toml => tree::toml::parse(text),
        Syntax::Json => tree::json::parse(text),
    }
}

/// Reason why a whole file is refused, and its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct Refused {
    /// Byte offset in the file.
    pub offset: Option<usize>,
    pub refusal: Refusal,
}

impl Refused {
    fn at((offset, refusal): (usize, Refusal)) -> Self {
        Refused {
            offset: Some(offset),
            refusal,
        }
    }
}
