//! Reasons to refuse a whole article.

/// Reason why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the front matter is not UTF-8")]
    NotUtf8,
    #[error("the file is UTF-16, which generators do not read")]
    Utf16,
    #[error("the front matter is longer than the limit of {limit} bytes")]
    TooLong { limit: usize },
    #[error("with its records, the front matter would be longer than the limit of {limit} bytes")]
    WouldBeTooLong { limit: usize },
    #[error(
        "a front-matter line starts with `---` and continues; generators disagree on whether the \
         front matter ends there"
    )]
    AmbiguousDelimiter,
    #[error(
        "a front-matter line ends in its delimiter; generators disagree on whether the front \
         matter ends there"
    )]
    AmbiguousLineEnd,
    #[error("the front matter contains a carriage return without a line feed")]
    LoneCarriageReturn,
    /// The front matter is not valid, so no generator can read it.
    #[error("{0}")]
    Syntax(String),
    /// planche does not read such front matter, but a generator may.
    #[error("{0}")]
    Unread(String),
    /// With the byte offset of the first of the two keys in the file.
    #[error("the key `{key}` is set twice")]
    DuplicateKey { key: String, first: usize },
    #[error("`{key}` exists and is not a planche record")]
    Foreign { key: String },
    #[error("{0}")]
    NotEditable(&'static str),
    #[error("two YAML parsers read this front matter differently")]
    ParsersDisagree,
    #[error("the edit would change more than planche's own keys ({0})")]
    Guard(&'static str),
}

impl Refusal {
    /// Returns what the author can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Refusal::NotUtf8 | Refusal::Utf16 => "save the file as UTF-8",
            Refusal::TooLong { .. } => "raise `limits: { front_matter: … }` in planche.yml",
            Refusal::WouldBeTooLong { .. } => {
                "raise `limits: { front_matter: … }` in planche.yml, or split the article"
            }
            Refusal::AmbiguousDelimiter | Refusal::AmbiguousLineEnd => "indent or reword that line",
            Refusal::LoneCarriageReturn => "save the file with line feeds, or with CRLF throughout",
            Refusal::Syntax(_) => "correct the line; the generator cannot read it either",
            Refusal::Unread(_) => {
                "write it more simply, or list the article under `exclude:` in planche.yml"
            }
            Refusal::DuplicateKey { .. } => {
                "remove one of the two; current versions of the generator cannot read the file"
            }
            Refusal::Foreign { .. } => {
                "remove the key, or choose other names with `front_matter:` in planche.yml"
            }
            Refusal::NotEditable(_) => "edit the article by hand",
            Refusal::ParsersDisagree | Refusal::Guard(_) => {
                "write the image's lines more simply, one `key: \"value\"` per line"
            }
        }
    }
}
