//! Evaluates the template expressions of a value: the value goes in, a path comes out.

use std::borrow::Cow;

use crate::path::trim_url;

/// Evaluates the template expressions of a value. Returns the path, and whether it is certain.
///
/// `{{ site.baseurl }}/a.png` and `{{ '/a.png' | relative_url }}` are `/a.png`: paths come without
/// the base URL. An unknown variable before a leading slash is assumed to be such a base, and the
/// path is then not certain. Returns `None` if the path depends on anything else.
pub fn plain_value(value: &str) -> Option<(String, bool)> {
    let value = &*with_links(value)?;
    if !value.contains("{{") {
        return (!value.contains("{%")).then(|| (value.to_owned(), true));
    }
    let mut path = String::new();
    let mut is_sure = true;
    let mut rest = trim_url(value);
    while let Some(open) = rest.find("{{") {
        path.push_str(&rest[..open]);
        let close = rest[open..].find("}}")? + open;
        let expression = rest[open + 2..close].trim_matches(['-', ' ', '\t', '\n', '\r']);
        rest = &rest[close + 2..];
        match evaluate(expression)? {
            Evaluated::Text(text) => path.push_str(&text),
            Evaluated::Base if path.is_empty() => {}
            Evaluated::Unknown if path.is_empty() && rest.starts_with('/') => is_sure = false,
            Evaluated::AfterUnknown(text) if path.is_empty() => {
                path.push_str(&text);
                is_sure = false;
            }
            _ => return None,
        }
    }
    path.push_str(rest);
    (!path.contains("{%")).then_some((path, is_sure))
}

/// Replaces Jekyll's `{% link assets/a.png %}` by the path of the file; `None` if one names a page,
/// whose URL is another. Other tags stay.
fn with_links(value: &str) -> Option<Cow<'_, str>> {
    let mut path = String::new();
    let mut rest = value;
    while let Some(open) = rest.find("{%") {
        let end = rest[open..].find("%}")? + open;
        let tag = rest[open + 2..end].trim_matches(['-', ' ', '\t', '\n', '\r']);
        let Some(file) = tag.strip_prefix("link ").map(str::trim) else {
            break;
        };
        if is_page(file) || file.contains("{{") {
            return None;
        }
        path.push_str(&rest[..open]);
        path.push('/');
        path.push_str(file.trim_start_matches('/'));
        rest = &rest[end + 2..];
    }
    if path.is_empty() {
        return Some(Cow::Borrowed(value));
    }
    path.push_str(rest);
    Some(Cow::Owned(path))
}

/// Whether a file of a Jekyll site becomes a page: Markdown, HTML, or a document of a collection.
fn is_page(file: &str) -> bool {
    let pages = [".md", ".markdown", ".mkd", ".html", ".htm", ".textile"];
    file.starts_with('_') || pages.iter().any(|extension| file.ends_with(extension))
}

/// The value of an expression, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Evaluated {
    Text(String),
    /// The base URL, which is empty in a path.
    Base,
    /// A variable that may be a base.
    Unknown,
    /// A variable that may be a base, followed by a text with a leading slash.
    AfterUnknown(String),
}

impl Evaluated {
    /// Concatenates this value and `after`; `None` if the result is not known.
    fn join(self, after: Evaluated) -> Option<Evaluated> {
        use Evaluated::{AfterUnknown, Base, Text, Unknown};
        Some(match (self, after) {
            (Base, after) => after,
            (Text(text), after) if text.is_empty() => after,
            (Text(text), Text(more)) => Text(text + &more),
            (AfterUnknown(text), Text(more)) => AfterUnknown(text + &more),
            (Unknown, Text(text)) if text.starts_with('/') => AfterUnknown(text),
            (Unknown, Text(text)) if text.is_empty() => Unknown,
            _ => return None,
        })
    }
}

/// Evaluates one expression: operands joined by `~` or `+`, followed by filters.
fn evaluate(expression: &str) -> Option<Evaluated> {
    let mut stages = split_outside_quotes(expression, &['|']).into_iter();
    let mut value = Evaluated::Text(String::new());
    for operand in split_outside_quotes(stages.next()?, &['~', '+']) {
        value = value.join(operand_value(operand.trim())?)?;
    }
    for filter in stages {
        value = apply_filter(value, filter.trim())?;
    }
    Some(value)
}

fn operand_value(operand: &str) -> Option<Evaluated> {
    if let Some(text) = literal(operand) {
        return Some(Evaluated::Text(text.to_owned()));
    }
    if let Some(arguments) = operand.strip_prefix("get_url(") {
        return path_argument(arguments.strip_suffix(')')?);
    }
    if BASES.contains(&operand) {
        return Some(Evaluated::Base);
    }
    is_name(operand).then_some(Evaluated::Unknown)
}

/// Evaluates the argument `path` of Zola's `get_url`.
fn path_argument(arguments: &str) -> Option<Evaluated> {
    let path = split_outside_quotes(arguments, &[','])
        .into_iter()
        .find_map(|argument| argument.trim().strip_prefix("path"))?;
    evaluate(path.trim_start().strip_prefix('=')?.trim())
}

/// Returns the name of the filter that a text begins with.
pub(super) fn filter_name(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Whether the result of a filter is a path or URL if its input is one.
pub(super) fn is_url_filter(name: &str) -> bool {
    matches!(name, "append" | "prepend" | "default") || keeps_path(name)
}

/// Whether the result of a filter leads to the same file as its input.
fn keeps_path(name: &str) -> bool {
    matches!(
        name,
        "relative_url"
            | "absolute_url"
            | "url"
            | "relURL"
            | "absURL"
            | "asset_path"
            | "escape"
            | "escape_once"
            | "uri_escape"
            | "safe"
            | "prefix"
            | "strip"
            | "absoluteUrl"
    )
}

fn apply_filter(value: Evaluated, filter: &str) -> Option<Evaluated> {
    let name = filter_name(filter);
    let rest = &filter.trim_start()[name.len()..];
    let argument = || operand_value(rest.trim_start_matches([':', ' ', '\t', '\n', '\r']).trim());
    match (name, value) {
        ("append", value) => value.join(argument()?),
        ("prepend", value) => argument()?.join(value),
        // Both filters put a slash before the path.
        ("relative_url" | "absolute_url", Evaluated::Text(text))
            if !text.starts_with('/') && !text.contains("://") =>
        {
            Some(Evaluated::Text(format!("/{text}")))
        }
        (name, value) if keeps_path(name) => Some(value),
        ("default", Evaluated::Text(text)) if !text.is_empty() => Some(Evaluated::Text(text)),
        _ => None,
    }
}

/// Variables for the base URL of the site, which is left out of paths.
const BASES: [&str; 15] = [
    "site.baseurl",
    "site.url",
    "site.github.url",
    "baseurl",
    "base",
    "base_url",
    "config.base_url",
    "site.root",
    "root",
    "pathPrefix",
    ".Site.BaseURL",
    "site.baseUrl",
    "site_url",
    "siteurl",
    "SITEURL",
];

/// Returns the content of an operand that is a quoted string as a whole.
fn literal(operand: &str) -> Option<&str> {
    let quote = operand.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = operand[1..].strip_suffix(quote)?;
    (!inner.contains(quote)).then_some(inner)
}

/// Whether an operand is a variable other than one of the page's own.
fn is_name(operand: &str) -> bool {
    operand
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '$'))
        && !operand.starts_with("page.")
        && !operand.is_empty()
}

fn split_outside_quotes<'t>(text: &'t str, separators: &[char]) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut quote = None;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if separators.contains(&c) => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            None => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, Option<(&str, bool)>)]) {
        for (value, expected) in cases {
            let found = plain_value(value);
            let found = found.as_ref().map(|(path, sure)| (path.as_str(), *sure));
            assert_eq!(found, *expected, "{value}");
        }
    }

    #[test]
    fn values_are_evaluated_to_paths() {
        check(&[
            ("/a.png", Some(("/a.png", true))),
            ("{{ site.baseurl }}/a.png", Some(("/a.png", true))),
            (
                "{{site.url}}{{ site.baseurl }}/a.png",
                Some(("/a.png", true)),
            ),
            ("{{ '/a.png' | relative_url }}", Some(("/a.png", true))),
            ("{{ 'a.png' | relative_url }}", Some(("/a.png", true))),
            ("{{ get_url(path=\"a.png\") }}", Some(("a.png", true))),
            (
                "{{ get_url(path='a.png', cachebust=true) }}",
                Some(("a.png", true)),
            ),
            ("{{ get_url(path='a' ~ ext) }}", None),
            ("{{ prefix }}/a.png", Some(("/a.png", false))),
            ("{{ page.image }}", None),
            ("{{ page.dir }}/a.png", None),
            ("/b/{{ name }}.png", None),
            ("/b{{ site.baseurl }}/a.png", None),
            ("{% link _posts/a.md %}", None),
            ("{% link assets/a.png %}", Some(("/assets/a.png", true))),
            (
                "{{ site.baseurl }}{%- link a.png -%}",
                Some(("/a.png", true)),
            ),
            ("{% link a.png", None),
            ("{% link {{ page.image }}.png %}", None),
            ("{% post_url a.png %}", None),
            ("{{ '/a' ~ '.png' }}", Some(("/a.png", true))),
            ("{{ \"/u/\" + \"a.png\" }}", Some(("/u/a.png", true))),
            ("{{ '/a|b.png' | url }}", Some(("/a|b.png", true))),
        ]);
    }

    /// The expected paths were worked out by hand, with an empty `site.baseurl` and `site.url`.
    #[test]
    fn prepend_and_append_are_evaluated() {
        check(&[
            (
                "{{ \"/a.png\" | prepend: site.baseurl }}",
                Some(("/a.png", true)),
            ),
            (
                "{{ \"/a.png\" | prepend: site.baseurl | prepend: site.url }}",
                Some(("/a.png", true)),
            ),
            (
                "{{ \"p.png\" | prepend: \"/uploads/\" }}",
                Some(("/uploads/p.png", true)),
            ),
            (
                "{{ 'p' | append: '.png' | prepend: '/uploads/' }}",
                Some(("/uploads/p.png", true)),
            ),
            (
                "{{ site.baseurl | append: \"/uploads\" }}/p.png",
                Some(("/uploads/p.png", true)),
            ),
            (
                "{{ site.url | append: site.baseurl }}/p.png",
                Some(("/p.png", true)),
            ),
            (
                "{{ site.baseurl | append: '/a.png' | escape }}",
                Some(("/a.png", true)),
            ),
            (
                "{{ '/a.png' | prepend: site.cdn }}",
                Some(("/a.png", false)),
            ),
            ("{{ site.cdn | append: '/a.png' }}", Some(("/a.png", false))),
            ("{{ 'a.png' | prepend: site.cdn }}", None),
            ("{{ 'a.png' | append: name }}", None),
            ("{{ 'a.png' | append: 'b' }}", Some(("a.pngb", true))),
            ("{{ '/a.png' | replace: 'a', 'b' }}", None),
            ("{{ '/a.png' | append: }}", None),
            ("{{ '/a.png' | prepend: page.dir }}", None),
        ]);
    }
}
