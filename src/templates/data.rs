//! Decides which expressions refer to a data file of the site, such as `.Site.Data.social`. Its
//! images have no records, unless the configuration names the file as an article.

use super::code::{codes, words};
use super::scope::blocks_around;
use crate::generator::Templates;

/// Maximum number of definitions that are followed from a variable to a data file.
const MOST_STEPS: usize = 8;

/// Whether the value of `expression`, at `offset` of a template, comes from a data file. Always
/// `false` for Eleventy and Astro, whose names do not show where a value comes from.
pub(super) fn is_of_data(
    expression: &str,
    (text, offset): (&str, usize),
    language: Templates,
) -> bool {
    let sources: &[&str] = match language {
        Templates::Go => &["Site.Data.", "site.Data.", "hugo.Data."],
        Templates::Liquid => &["site.data."],
        Templates::Tera => &["load_data("],
        Templates::Nunjucks | Templates::Plain => return false,
    };
    let mut expression = expression;
    let mut before = &text[..offset];
    for _ in 0..MOST_STEPS {
        if sources.iter().any(|source| expression.contains(source)) {
            return true;
        }
        let definition = match language {
            Templates::Go => of_go(expression, before),
            _ => of_tag(expression, before),
        };
        let Some((at, value)) = definition else {
            return false;
        };
        (expression, before) = (value, &before[..at]);
    }
    false
}

/// Returns where the variable or the `.` of a Hugo expression gets its value, and the expression of
/// that value.
fn of_go<'t>(expression: &str, before: &'t str) -> Option<(usize, &'t str)> {
    let expression = expression.strip_prefix("index ").unwrap_or(expression);
    let path = expression.trim_start_matches('(');
    let variable: &str = path.split(['.', ' ', ')']).next().unwrap_or_default();
    let value = |code: &'t str| {
        code.rsplit_once(":=")
            .map_or(code, |(_, value)| value)
            .trim()
    };
    if variable.is_empty() {
        let is_of_page = [".Params", ".Site", ".Page"];
        if is_of_page.iter().any(|start| path.starts_with(start)) {
            return None;
        }
        let blocks = blocks_around(before, before.len());
        let mut blocks = blocks.iter().rev();
        let block = blocks.find(|block| matches!(block.word, "with" | "range"))?;
        return Some((block.start, value(block.expression)));
    }
    if !variable.starts_with('$') || variable == "$" {
        return None;
    }
    let definitions = codes(before, "{{", "}}").filter(|(_, code)| {
        let defined = code.split_once(":=").map(|(names, _)| names);
        defined.is_some_and(|names| names.split([' ', ',', '\t']).any(|name| name == variable))
    });
    let (at, code) = definitions.last()?;
    Some((at, value(code)))
}

/// Returns where a `for`, an `assign` or a `set` defines the first name of an expression, and the
/// value.
fn of_tag<'t>(expression: &str, before: &'t str) -> Option<(usize, &'t str)> {
    let name = words(expression).next()?;
    let definitions = codes(before, "{%", "%}").filter_map(|(at, code)| {
        let mut first = words(code);
        let separator = match first.next()? {
            "for" => " in ",
            "assign" | "set" => "=",
            _ => return None,
        };
        let (defined, value) = code.split_once(separator)?;
        words(defined)
            .skip(1)
            .any(|defined| defined == name)
            .then(|| (at, value.trim()))
    });
    definitions.last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_data_files_are_followed_through_variables() {
        use Templates::{Go, Liquid, Nunjucks, Tera};
        for (expression, before, language, expected) in [
            (".image", "{{ range .Site.Data.social }}", Go, true),
            (".image", "{{ range first 3 site.Data.a.b }}", Go, true),
            (".image", "{{ range $i, $e := .Site.Data.a }}", Go, true),
            ("$e.image", "{{ range $i, $e := .Site.Data.a }}", Go, true),
            ("$e.image", "{{ $e := index hugo.Data.a 0 }}", Go, true),
            (
                ".image",
                "{{ with .Site.Data.a }}{{ range .items }}",
                Go,
                true,
            ),
            (".image", "{{ $a := .Site.Data.a }}{{ range $a }}", Go, true),
            ("$.Site.Data.a.image", "", Go, true),
            (".image", "{{ range .Site.Data.a }}{{ end }}", Go, false),
            (".image", "{{ range .Site.Data.a }}{{ else }}", Go, false),
            (".Params.image", "{{ range .Site.Data.a }}", Go, false),
            (".image", "{{ range .Params.slides }}", Go, false),
            ("$.image", "{{ range .Site.Data.a }}", Go, false),
            (
                "card.image",
                "{% for card in site.data.cards %}",
                Liquid,
                true,
            ),
            (
                "card.image",
                "{%- assign all = site.data.cards | sort: 'a' -%}{% for card in all %}",
                Liquid,
                true,
            ),
            (
                "page.image",
                "{% for card in site.data.cards %}",
                Liquid,
                false,
            ),
            ("card.image", "{% for card in page.cards %}", Liquid, false),
            ("a.image", "{% for a in a %}", Liquid, false),
            (
                "card.image",
                "{% set all = load_data(path='a.toml') %}{% for card in all %}",
                Tera,
                true,
            ),
            ("card.image", "{% for card in cards %}", Nunjucks, false),
        ] {
            assert_eq!(
                is_of_data(expression, (before, before.len()), language),
                expected,
                "{before} {expression}"
            );
        }
    }
}
