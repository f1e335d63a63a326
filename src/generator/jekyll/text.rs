//! The snippet for texts: an expression that a layout prints goes in, code that shows the same text
//! with its images made responsive comes out.

/// Filters after which a text still has its images.
const KEEP_IMAGES: [&str; 17] = [
    "append",
    "emojify",
    "inject_anchors",
    "lstrip",
    "markdownify",
    "normalize_whitespace",
    "prepend",
    "remove",
    "remove_first",
    "remove_last",
    "replace",
    "replace_first",
    "replace_last",
    "rstrip",
    "smartify",
    "strip",
    "strip_newlines",
];

/// Returns the include that shows the content of a page, which may pass filters.
pub(super) fn text(expression: &str) -> Option<String> {
    if expression == "content" {
        return Some("{% include planche-content.html %}".to_owned());
    }
    let filters = expression.strip_prefix("content")?.trim_start();
    let filters = filters.strip_prefix('|')?;
    keep_images(filters).then(|| captured(expression, ""))
}

/// Returns the include that shows a text of front matter, which may pass filters. `images` is the
/// list of records of another page.
pub(super) fn text_of_key(expression: &str, images: Option<&str>) -> Option<String> {
    let images = images.map(|images| format!(" images={images}"));
    let images = images.unwrap_or_default();
    match expression.split_once('|') {
        None => Some(format!(
            "{{% include planche-content.html content={expression}{images} %}}"
        )),
        Some((_, filters)) => keep_images(filters).then(|| captured(expression, &images)),
    }
}

/// Whether a text still has its images after these filters.
fn keep_images(filters: &str) -> bool {
    // An argument in quotes may contain `|` and names of filters.
    let keeps = |filter: &str| {
        let name = filter.split(':').next().unwrap_or_default().trim();
        KEEP_IMAGES.contains(&name) && filter.matches(['"', '\'']).count().is_multiple_of(2)
    };
    filters.split('|').all(keeps)
}

/// Returns the code that captures an output and shows it with the include.
fn captured(expression: &str, images: &str) -> String {
    format!(
        "{{% capture planche_text %}}{{{{ {expression} }}}}{{% endcapture %}}\
         {{% include planche-content.html content=planche_text{images} %}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_keep_images_are_kept() {
        for (expression, is_shown) in [
            ("content", true),
            ("content | markdownify", true),
            ("content | remove: page.excerpt | strip", true),
            ("content|replace: '<p>', '<div>'", true),
            // These show no images, or are not known.
            ("content | strip_html | truncatewords: 50", false),
            ("content | number_of_words", false),
            ("content | remove: '|' | size", false),
            ("content_for_header", false),
            ("contents | strip", false),
            ("page.content", false),
            ("content |", false),
        ] {
            let shown = text(expression);
            assert_eq!(shown.is_some(), is_shown, "{expression}: {shown:?}");
        }
        assert_eq!(
            text("content | strip").unwrap(),
            "{% capture planche_text %}{{ content | strip }}{% endcapture %}{% include planche-content.html content=planche_text %}"
        );
    }
}
