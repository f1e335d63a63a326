//! Opt-out of an article with `planche: false` in its front matter.

use crate::article::{Article, Syntax};
use crate::finding::{Code, Finding};
use crate::generator::YamlBooleans;
use crate::tree::{NodeId, Style, Tree};

/// Key of the option, at the root.
const KEY: &str = "planche";

/// Whether the article opts out: the value is the boolean `false`, as the generator reads it.
pub(super) fn is_opted_out(article: &Article, tree: &Tree<'_>, booleans: YamlBooleans) -> bool {
    value(tree).is_some_and(|node| read(article, tree, node, booleans) == Some(false))
}

/// Returns a finding if the option is present, but is not a boolean.
pub(super) fn finding(
    article: &Article,
    tree: &Tree<'_>,
    booleans: YamlBooleans,
) -> Option<Finding> {
    let node = value(tree)?;
    if read(article, tree, node, booleans).is_some() {
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

/// Returns the value of the option. If it occurs twice, the last one counts, as in YAML loaders.
fn value(tree: &Tree<'_>) -> Option<NodeId> {
    let mut entries = tree.entries(tree.root()?).iter();
    let entry = entries.rfind(|entry| tree.key(entry) == Some(KEY))?;
    Some(entry.value)
}

fn read(article: &Article, tree: &Tree<'_>, node: NodeId, booleans: YamlBooleans) -> Option<bool> {
    let (text, style) = tree.scalar(node)?;
    if style != Style::Plain {
        return None;
    }
    match article.syntax()? {
        Syntax::Yaml => booleans.read(text),
        Syntax::Toml | Syntax::Json => text.parse().ok(),
    }
}
