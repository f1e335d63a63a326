//! Opt-out of an article with `planche: false` in its front matter. Zola accepts no unknown keys at
//! the root, so the key may also be under `extra`.

use crate::article::{Article, Syntax};
use crate::finding::{Code, Finding};
use crate::generator::{Dialect, Templates};
use crate::tree::{NodeId, Style, Tree};

/// Key of the option.
const KEY: &str = "planche";

/// Key of the author's own values in Zola.
const EXTRA: &str = "extra";

/// Whether the article opts out: the value is the boolean `false`, as the generator reads it.
pub(super) fn is_opted_out(article: &Article, tree: &Tree<'_>, dialect: &Dialect) -> bool {
    value(tree, dialect).is_some_and(|node| read(article, tree, node, dialect) == Some(false))
}

/// Returns a finding if the option is present, but is not a boolean.
pub(super) fn finding(article: &Article, tree: &Tree<'_>, dialect: &Dialect) -> Option<Finding> {
    let node = value(tree, dialect)?;
    if read(article, tree, node, dialect).is_some() {
        return None;
    }
    let written = match tree.text(node) {
        Some("") | None => "this value".to_owned(),
        Some(text) => format!("`{text}`"),
    };
    Some(
        Finding::new(
            Code::UnclearOptOut,
            format!("`{KEY}` is neither `true` nor `false` here: {written} has no effect"),
        )
        .in_file(article.path.as_str())
        .at_offset(article.file_offset(tree.node(node).span.start)),
    )
}

/// Returns the value of the option.
fn value(tree: &Tree<'_>, dialect: &Dialect) -> Option<NodeId> {
    let root = tree.root()?;
    let in_extra = || {
        let is_zola = dialect.templates == Templates::Tera;
        entry(tree, root, EXTRA).filter(|_| is_zola)
    };
    entry(tree, root, KEY).or_else(|| entry(tree, in_extra()?, KEY))
}

/// Returns the value of a key. If it occurs twice, the last one counts, as in YAML loaders.
fn entry(tree: &Tree<'_>, mapping: NodeId, key: &str) -> Option<NodeId> {
    let mut entries = tree.entries(mapping).iter();
    let entry = entries.rfind(|entry| tree.key(entry) == Some(key))?;
    Some(entry.value)
}

fn read(article: &Article, tree: &Tree<'_>, node: NodeId, dialect: &Dialect) -> Option<bool> {
    let (text, style) = tree.scalar(node)?;
    if style != Style::Plain {
        return None;
    }
    match article.syntax()? {
        Syntax::Yaml => dialect.booleans.read(text),
        Syntax::Toml | Syntax::Json => text.parse().ok(),
    }
}
