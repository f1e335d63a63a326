//! Parses the expressions of templates: which key one prints, and how its record is addressed.

use crate::generator::Templates;

/// Filters and functions that only turn a path into a URL, or escape it.
const HARMLESS: [&str; 14] = [
    "relative_url",
    "absolute_url",
    "prepend: site.baseurl",
    "prepend:site.baseurl",
    "prepend: site.url",
    "url",
    "relURL",
    "absURL",
    "relLangURL",
    "safeURL",
    "escape",
    "xml_escape",
    "safe",
    "strip",
];

/// A part of the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// The expression between `{{` and `}}`.
    Output(&'t str),
}

/// Splits a value at its outputs; `None` if it has a `{% … %}`, an output without an end, or
/// another brace.
pub(super) fn pieces(value: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while let Some(start) = rest.find('{') {
        if rest[start..].starts_with("{%") {
            return None;
        }
        if !rest[start..].starts_with("{{") {
            return None;
        }
        let end = start + rest[start..].find("}}")?;
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        let inner = rest[start + 2..end].trim_start_matches('-');
        pieces.push(Piece::Output(inner.trim_end_matches('-').trim()));
        rest = &rest[end + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Some(pieces)
}

/// Removes the filters and functions that only change the form of the URL from an expression;
/// `None` if it has others.
pub(super) fn bare(expression: &str) -> Option<&str> {
    let mut parts = expression.split('|').map(str::trim);
    let first = parts.next()?;
    if !parts.all(|filter| HARMLESS.contains(&filter)) {
        return None;
    }
    let without_function = first
        .split_once(' ')
        .filter(|(function, _)| HARMLESS.contains(function))
        .map_or(first, |(_, argument)| argument.trim());
    let inner = without_function
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    Some(inner.unwrap_or(without_function).trim())
}

/// Returns the first of several values that an expression may have, such as that before a filter
/// `default`, and whether it is the only one.
pub(super) fn alternatives(expression: &str, language: Templates) -> (&str, bool) {
    let operators: &[&str] = match language {
        Templates::Plain => &["??", "||"],
        Templates::Nunjucks => &[" or "],
        Templates::Liquid | Templates::Tera | Templates::Go => &[],
    };
    let ends = operators.iter().filter_map(|of| expression.find(of));
    let filters = expression.match_indices('|').filter(|(at, _)| {
        let filter = expression[at + 1..].trim_start();
        language != Templates::Plain && filter.starts_with("default")
    });
    let end = ends.chain(filters.map(|(at, _)| at)).min();
    let first = &expression[..end.unwrap_or(expression.len())];
    (first.trim(), end.is_none())
}

/// Returns the variable that an expression begins with: `page` of `page.image`, and `.` of
/// `.Params.image`.
pub(super) fn root(expression: &str) -> &str {
    let path = expression.strip_prefix("index ").unwrap_or(expression);
    let path = path.trim_start_matches(['(', ' ']);
    if path.starts_with('.') {
        return ".";
    }
    let end = path.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '$')));
    &path[..end.unwrap_or(path.len())]
}

/// Returns the list of records on the page whose front matter has this top-level list; `None` if
/// the expression does not show that.
pub(super) fn records(list: &str, language: Templates, list_key: &str) -> Option<String> {
    let key = key(list)?;
    if let Some((page, _)) = list
        .split_once(".Param \"")
        .filter(|_| language == Templates::Go)
    {
        return Some(format!("{page}.Params.{list_key}"));
    }
    let owner = list.strip_suffix(key)?;
    let is_page = match language {
        Templates::Liquid => owner == "page.",
        Templates::Go => owner.ends_with(".Params."),
        Templates::Tera => owner == "page.extra.",
        Templates::Nunjucks => owner.is_empty() || owner.ends_with(".data."),
        Templates::Plain => matches!(owner, "data." | "frontmatter.") || owner.ends_with(".data."),
    };
    is_page.then(|| format!("{owner}{list_key}"))
}

/// Returns the key that an expression ends with: `image` of `page.une.image`, `page["image"]`,
/// `index .Params "image"` and `.Param "image"`. `None` if it is anything but a path of keys.
pub(super) fn key(expression: &str) -> Option<&str> {
    let key_and_rest = key_span(expression);
    key_and_rest.map(|span| &expression[span])
}

/// Adds a suffix to the key of an expression.
pub(super) fn with_suffix(expression: &str, suffix: &str) -> Option<String> {
    let span = key_span(expression)?;
    let (before, after) = expression.split_at(span.end);
    Some(format!("{before}{suffix}{after}"))
}

fn key_span(expression: &str) -> Option<std::ops::Range<usize>> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let of_method = expression
        .split_once(' ')
        .filter(|(path, _)| path.ends_with(".Param"));
    if let Some(rest) = expression
        .strip_prefix("index ")
        .or(of_method.map(|_| expression))
    {
        // Hugo: `index .Params "a-key"` and `.Param "a-key"`.
        let (path, quoted) = rest.trim().rsplit_once(' ')?;
        let key = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let is_path = path.chars().all(|c| is_word(c) || matches!(c, '.' | '$'));
        let start = expression.len() - 1 - key.len();
        return (is_path && !key.is_empty() && key.chars().all(is_word))
            .then_some(start..start + key.len());
    }
    let is_path = expression
        .chars()
        .all(|c| is_word(c) || matches!(c, '.' | '$' | '[' | ']' | '"' | '\'' | '?'));
    if !is_path {
        return None;
    }
    let bracketed = ['"', '\''].iter().find_map(|quote| {
        let inner = expression.strip_suffix(&format!("{quote}]"))?;
        let start = inner.rfind(&format!("[{quote}"))? + 2;
        Some(start..inner.len())
    });
    let span = match bracketed {
        Some(span) => span,
        None => {
            let start = expression.rfind(['.', ']', '$']).map_or(0, |at| at + 1);
            start..expression.len()
        }
    };
    let key = &expression[span.clone()];
    (!key.is_empty() && key.chars().all(is_word)).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_only_form_the_url_are_left_out() {
        for (text, expected) in [
            ("page.image", Some("page.image")),
            ("page.image | relative_url", Some("page.image")),
            ("a.b | prepend: site.baseurl | escape", Some("a.b")),
            ("relURL .Params.image", Some(".Params.image")),
            (
                "(index .Params \"a\") | relURL",
                Some("index .Params \"a\""),
            ),
            ("page.image | resize: 3", None),
        ] {
            assert_eq!(bare(text), expected, "{text}");
        }
    }

    #[test]
    fn values_before_a_default_are_found() {
        use Templates::{Go, Liquid, Nunjucks, Plain};
        for (text, language, expected) in [
            ("page.image", Liquid, ("page.image", true)),
            ("a.b | escape | default: c", Liquid, ("a.b | escape", false)),
            (".a | default \"x\"", Go, (".a", false)),
            ("image or cover", Nunjucks, ("image", false)),
            ("a.b ?? '/x.png'", Plain, ("a.b", false)),
            ("a?.b || c", Plain, ("a?.b", false)),
        ] {
            assert_eq!(alternatives(text, language), expected, "{text}");
        }
    }

    #[test]
    fn an_expression_begins_with_its_root() {
        for (text, expected) in [
            ("page.image", "page"),
            ("$a.b", "$a"),
            ("$.Params.a", "$"),
            (".Params.a", "."),
            ("index .Params \"a\"", "."),
            ("a[0].b", "a"),
        ] {
            assert_eq!(root(text), expected, "{text}");
        }
    }

    #[test]
    fn the_records_of_a_list_are_on_its_page() {
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        for (list, language, expected) in [
            ("page.gallery", Liquid, Some("page.records")),
            ("post.gallery", Liquid, None),
            ("page.block.gallery", Liquid, None),
            ("$.Params.gallery", Go, Some("$.Params.records")),
            ("$.Param \"gallery\"", Go, Some("$.Params.records")),
            ("page.extra.gallery", Tera, Some("page.extra.records")),
            ("gallery", Nunjucks, Some("records")),
            ("post.data.gallery", Nunjucks, Some("post.data.records")),
            ("block.gallery", Nunjucks, None),
            ("post.data.gallery", Plain, Some("post.data.records")),
            ("gallery", Plain, None),
        ] {
            assert_eq!(
                records(list, language, "records").as_deref(),
                expected,
                "{list}"
            );
        }
    }

    #[test]
    fn the_last_key_gets_the_suffix() {
        for (text, expected) in [
            ("image", Some("image_r")),
            (
                "page.une-ou-diaporama[0].image",
                Some("page.une-ou-diaporama[0].image_r"),
            ),
            ("item[\"a-b\"]", Some("item[\"a-b_r\"]")),
            ("index $.Params \"a-b\"", Some("index $.Params \"a-b_r\"")),
            (".Params.image", Some(".Params.image_r")),
            (".Param \"image\"", Some(".Param \"image_r\"")),
            ("$.Param \"a-b\"", Some("$.Param \"a-b_r\"")),
            (".Param $key", None),
            (".Param \"a\" \"b\"", None),
            ("page.images[0]", None),
            (".", None),
            ("a b", None),
            ("f(x)", None),
        ] {
            assert_eq!(with_suffix(text, "_r").as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn values_are_split_at_their_outputs() {
        assert_eq!(
            pieces("{{base}}{{- page.image -}}?a"),
            Some(vec![
                Piece::Output("base"),
                Piece::Output("page.image"),
                Piece::Text("?a")
            ])
        );
        assert_eq!(pieces("{% if a %}"), None);
        assert_eq!(pieces("{{ a"), None);
    }
}
