//! Decides which expressions refer to a value that the template gets from elsewhere than the front
//! matter: the record is not there as well.

use std::collections::BTreeSet;

use super::code::{codes, last_word, words};
use super::scope::changes_dot;
use crate::generator::Templates;

/// Whether the record of an image is not beside it, because the image is a parameter, a variable,
/// or a setting of the site. `expression` names the image at `offset` of a template. `passed` are
/// the names of the values that templates pass to others.
pub(super) fn is_local(
    expression: &str,
    (text, offset): (&str, usize),
    language: Templates,
    passed: &BTreeSet<String>,
) -> bool {
    let is_bare = !expression.contains(['.', '[', ' ']);
    let is_of = |owners: &[&str]| {
        let owner = expression.rsplit_once('.').map(|(owner, _)| owner);
        let owner = owner.or_else(|| expression.split_once('[').map(|(owner, _)| owner));
        owner.is_some_and(|owner| owners.contains(&owner.trim_end_matches('?')))
    };
    match language {
        Templates::Liquid => is_bare || is_of(&["include", "layout", "site"]),
        Templates::Nunjucks => {
            is_of(&["include", "site"])
                || is_bare && (passed.contains(expression) || is_assigned(text, expression))
        }
        Templates::Tera => is_bare || is_of(&["config.extra"]),
        Templates::Plain => is_bare || is_of(&["Astro.props", "props"]),
        Templates::Go => {
            if let Some((page, _)) = expression.split_once(".Param ") {
                return page.ends_with("ite");
            }
            let (path, key) = match expression.strip_prefix("index ") {
                Some(rest) => rest.trim().split_once(' ').unwrap_or((rest, "")),
                None => expression.rsplit_once('.').unwrap_or((expression, "")),
            };
            match path {
                _ if path.ends_with("ite.Params") => true,
                "" | "." => !changes_dot(text, offset),
                // A variable, or a key of the template's own context.
                _ => path == "$" || key.is_empty(),
            }
        }
    }
}

/// Returns the name of the parameter that an expression is, if it may be one.
pub(super) fn parameter<'e>(
    expression: &'e str,
    (text, offset): (&str, usize),
    language: Templates,
) -> Option<&'e str> {
    let is_bare = !expression.contains(['.', '[', ' ']);
    match language {
        Templates::Liquid => expression.strip_prefix("include."),
        Templates::Nunjucks | Templates::Tera => is_bare.then_some(expression),
        Templates::Plain if is_bare => Some(expression),
        Templates::Plain => expression.strip_prefix("Astro.props."),
        Templates::Go => match expression.strip_prefix("$.") {
            Some(name) => Some(name),
            None if changes_dot(text, offset) => None,
            None => expression.strip_prefix('.'),
        },
    }
}

/// Whether a template assigns a name, iterates over a list with it, or has it as the parameter of a
/// macro.
fn is_assigned(text: &str, name: &str) -> bool {
    tags(text).any(|code| {
        let mut words = words(code);
        match words.next() {
            Some("set" | "assign" | "capture") => words.next() == Some(name),
            Some("for" | "macro" | "tablerow") => words
                .take_while(|word| *word != "in")
                .any(|word| word == name),
            _ => false,
        }
    })
}

/// Returns the names of the values that a template passes to others, such as `image` in
/// `{% render "a", image: b %}`.
pub(super) fn passed(text: &str) -> impl Iterator<Item = String> {
    let includes = tags(text).filter(|code| {
        let first = words(code).next();
        matches!(first, Some("include" | "render" | "renderTemplate"))
    });
    includes.flat_map(|code| {
        let ends = code.match_indices([':', '=']);
        ends.filter_map(|(end, _)| last_word(&code[..end]).map(str::to_owned))
    })
}

/// Returns the tags `{% … %}` of a template, without their delimiters.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    codes(text, "{%", "%}").map(|(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_variables_are_local() {
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        let shared: BTreeSet<String> =
            passed("{% render 'card', image: photo %}{{ a: b }}").collect();
        for (expression, before, language, expected) in [
            ("include.image", "", Liquid, true),
            ("include['image']", "", Liquid, true),
            ("image", "", Liquid, true),
            ("site.logo", "", Liquid, true),
            ("page.image", "", Liquid, false),
            ("include.post.image", "", Liquid, false),
            ("site.posts[0].image", "", Liquid, false),
            ("image", "", Nunjucks, true),
            ("photo", "", Nunjucks, false),
            ("photo", "{%- set photo = a -%}", Nunjucks, true),
            ("photo", "{% macro card(id, photo=1) %}", Nunjucks, true),
            ("photo", "{% for photo in photos %}", Nunjucks, true),
            ("photo", "{% for a in photo %}", Nunjucks, false),
            ("item.image", "{% for item in items %}", Nunjucks, false),
            ("image", "", Tera, true),
            ("page.extra.image", "", Tera, false),
            ("image", "", Plain, true),
            ("Astro.props.image", "", Plain, true),
            ("post.data.image", "", Plain, false),
            (".image", "", Go, true),
            ("$.image", "{{ range .a }}", Go, true),
            (".image", "{{ range .a }}", Go, false),
            (".image", "{{ range .a }}{{ end }}", Go, true),
            ("$image", "", Go, true),
            ("index . \"image\"", "", Go, true),
            ("index .Params \"image\"", "", Go, false),
            (".Params.image", "", Go, false),
            (".Param \"image\"", "", Go, false),
            ("$.Param \"image\"", "{{ range .a }}", Go, false),
            ("site.Param \"image\"", "", Go, true),
            ("$page.Params.image", "", Go, false),
            (".Site.Params.image", "", Go, true),
        ] {
            let place = (before, before.len());
            assert_eq!(
                is_local(expression, place, language, &shared),
                expected,
                "{before} {expression}"
            );
        }
    }
}
