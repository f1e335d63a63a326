//! Parses the values of attributes: the value of a `src`, a `style` or an `alt` goes in, its
//! expressions come out.

use super::expression::{Piece, bare, key, pieces};
use super::tag::Value;
use crate::generator::ShownText;

/// Maximum number of URLs of one style that are looked at: each may be as long as the style.
const MOST_URLS: usize = 20;

/// Returns the expressions that the URLs of a style end with.
pub(super) fn background_urls(style: &str) -> Vec<&str> {
    let starts = style.match_indices("url(").take(MOST_URLS);
    let urls = starts.filter_map(|(start, _)| {
        let mut rest = &style[start + "url(".len()..];
        let mut last = None;
        loop {
            let at = rest.find(['{', ')'])?;
            if rest[at..].starts_with(')') {
                // What follows the path would make it the path of another file.
                let is_end = rest[..at].trim_matches(['"', '\'', ' ', '\\']).is_empty();
                return last.filter(|_| is_end);
            }
            let (open, close) = match rest[at..].strip_prefix("{{") {
                Some(_) => ("{{", "}}"),
                // The expression of a JavaScript template.
                None if rest[..at].ends_with('$') => ("{", "}"),
                None => return None,
            };
            let code = &rest[at + open.len()..];
            let end = code.find(close)?;
            last = Some(code[..end].trim_matches('-').trim());
            rest = &code[end + close.len()..];
        }
    });
    urls.collect()
}

/// Returns the expression that a `src` ends with, and whether only expressions (a base path)
/// precede it.
pub(super) fn source(value: Value<'_>) -> Option<(&str, bool)> {
    match value {
        Value::Expression(expression) => Some((expression.trim(), true)),
        Value::Text(text) => {
            let mut pieces = pieces(text)?;
            match pieces.pop()? {
                Piece::Output(last) => {
                    let is_output = |piece: &Piece<'_>| matches!(piece, Piece::Output(_));
                    Some((last, pieces.iter().all(is_output)))
                }
                Piece::Text(_) => None,
            }
        }
    }
}

/// Returns the alt text; `None` if it mixes text and code.
pub(super) fn alternative(value: Option<Value<'_>>) -> Option<ShownText<'_>> {
    match value {
        None => Some(ShownText::Literal("")),
        Some(Value::Expression(expression)) => Some(ShownText::Expression(expression.trim())),
        Some(Value::Text(text)) => match pieces(text)?.as_slice() {
            [] => Some(ShownText::Literal("")),
            [Piece::Text(text)] => Some(ShownText::Literal(text)),
            [Piece::Output(expression)] => {
                let expression = bare(expression)?;
                key(expression).map(|_| ShownText::Expression(expression))
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_of_backgrounds_are_found() {
        for (style, expected) in [
            (
                "background-image: url({{ page.image }})",
                vec!["page.image"],
            ),
            (
                "background:url('{{ site.baseurl }}{{- page.image -}}') x",
                vec!["page.image"],
            ),
            (
                "background:url(\"/{{ .Params.image | relURL }}\")",
                vec![".Params.image | relURL"],
            ),
            ("a:url({{ a }});b:url( {{ b }} )", vec!["a", "b"]),
            (
                "{ backgroundImage: `url(${data.image})` }",
                vec!["data.image"],
            ),
            ("background:url({{ page.image }}-small.jpg)", vec![]),
            ("background:url(/a.png)", vec![]),
            ("background:url({{ a", vec![]),
            ("color: {{ page.image }}", vec![]),
        ] {
            assert_eq!(background_urls(style), expected, "{style}");
        }
    }
}
