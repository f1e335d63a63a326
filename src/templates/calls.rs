//! Finds the values that templates pass to includes, partials, macros and components: a template
//! goes in, names and values come out.

use super::code::{codes, last_word, words};
use crate::generator::Templates;
use crate::path::SitePath;

/// Maximum number of arguments of one call: each may cost a pass over the code of the call.
const MOST_ARGUMENTS: usize = 50;

/// Maximum number of bytes of a call whose arguments have no names. Longer ones are not read.
const LONGEST_CALL: usize = 1000;

/// A value that a template passes to another one, or to a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'t> {
    /// Path or name of what is called, as written, without its extension.
    pub callee: &'t str,
    pub argument: Argument<'t>,
    pub value: &'t str,
    /// Offset of the code.
    pub at: usize,
}

/// How a call passes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument<'t> {
    Named(&'t str),
    /// By its position, from 0.
    Positional(usize),
}

impl Call<'_> {
    /// Whether the call is one of this template, or of this macro.
    pub fn is_of(&self, template: &SitePath, macro_name: Option<&str>) -> bool {
        if let Some(name) = macro_name {
            return self.callee == name;
        }
        let path = template.as_str();
        let name_start = path.rfind('/').map_or(0, |at| at + 1);
        let end = path[name_start..]
            .find('.')
            .unwrap_or(path.len() - name_start);
        let path = &path[..name_start + end];
        let before = path.strip_suffix(self.callee);
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }
}

/// Returns the values that a template passes.
pub(super) fn calls(text: &str, language: Templates) -> Vec<Call<'_>> {
    match language {
        Templates::Go => of_partials(text),
        Templates::Plain => of_components(text),
        Templates::Liquid => of_includes(text),
        Templates::Nunjucks => [of_includes(text), of_macros(text), by_position(text)].concat(),
        Templates::Tera => of_macros(text),
    }
}

/// `{% include card.html image=post.image %}` and `{% render "card", image: post.image %}`.
fn of_includes(text: &str) -> Vec<Call<'_>> {
    let includes = codes(text, "{%", "%}").filter_map(|(at, code)| {
        let word = words(code).next()?;
        let rest = matches!(word, "include" | "render" | "include_cached")
            .then(|| code.strip_prefix(word))??
            .trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || c == ',')?;
        let callee = without_extension(rest[..end].trim_matches(['"', '\'']));
        Some(arguments(&rest[end..], callee, at))
    });
    includes.flatten().collect()
}

/// `{{ partial "card.html" (dict "image" .Params.image) }}`.
fn of_partials(text: &str) -> Vec<Call<'_>> {
    let partials = codes(text, "{{", "}}").filter_map(|(at, code)| {
        let (_, rest) = code.split_once("partial")?;
        let rest = rest.strip_prefix("Cached").unwrap_or(rest).trim_start();
        let (callee, rest) = rest.strip_prefix('"')?.split_once('"')?;
        let (_, pairs) = rest.split_once("(dict ")?;
        let names = pairs.match_indices('"').step_by(2).take(MOST_ARGUMENTS);
        let pairs = names.filter_map(move |(start, _)| {
            let (name, value) = pairs[start + 1..].split_once('"')?;
            let value = value.strip_prefix(char::is_whitespace)?.trim_start();
            let end = match value.strip_prefix('(') {
                Some(inner) => inner.find(')')? + 2,
                None => value.find(|c: char| c.is_whitespace() || c == ')')?,
            };
            Some(Call {
                callee: without_extension(callee),
                argument: Argument::Named(name),
                value: &value[..end],
                at,
            })
        });
        Some(pairs.collect::<Vec<_>>())
    });
    partials.flatten().collect()
}

/// `{{ macros::card(image=page.extra.image) }}`.
fn of_macros(text: &str) -> Vec<Call<'_>> {
    let outputs = codes(text, "{{", "}}").filter_map(|(at, code)| {
        let (name, rest) = code.split_once('(')?;
        let name = name.rsplit([':', '.']).next()?.trim();
        Some(arguments(rest, name, at))
    });
    outputs.flatten().collect()
}

/// `{{ card(image, "x") }}` and `{{ macros.card(image) }}`: the arguments before the first one with
/// a name, and those without parentheses and strings with commas.
fn by_position(text: &str) -> Vec<Call<'_>> {
    let outputs = codes(text, "{{", "}}").filter(|(_, code)| code.len() <= LONGEST_CALL);
    let outputs = outputs.filter_map(|(at, code)| {
        let (name, rest) = code.split_once('(')?;
        let callee = name.rsplit('.').next()?.trim();
        let (arguments, _) = rest.rsplit_once(')')?;
        let values = arguments.split(',').take(MOST_ARGUMENTS).map(str::trim);
        // A comma within a string or a list is none between two arguments.
        let values = values.take_while(|value| {
            let is_string = value.len() > 1 && value.starts_with(['"', '\'']);
            let is_whole = !is_string || value.ends_with(&value[..1]);
            is_whole && !value.contains(['=', '(', '[', '{'])
        });
        let calls = values.enumerate().map(move |(position, value)| Call {
            callee,
            argument: Argument::Positional(position),
            value,
            at,
        });
        Some(calls.collect::<Vec<_>>())
    });
    outputs.flatten().collect()
}

/// Returns the position of a name among the parameters of a macro, as in `photo, title="x")`.
pub(super) fn position(name: &str, parameters: &str) -> Option<usize> {
    let mut names = parameters.split(',').take(MOST_ARGUMENTS);
    names.position(|parameter| words(parameter).next() == Some(name))
}

/// `<Card image={post.data.image} />`.
fn of_components(text: &str) -> Vec<Call<'_>> {
    let tags = text.match_indices('<').filter_map(|(at, _)| {
        let rest = &text[at + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric())?;
        let (callee, rest) = rest.split_at(end);
        // Up to the next tag at most, so that the text is read once for all components.
        let attributes = &rest[..rest.find(['<', '>'])?];
        let values = attributes
            .match_indices("={")
            .take(MOST_ARGUMENTS)
            .filter_map(move |(equals, _)| {
                let name = words(&attributes[..equals]).next_back()?;
                let value = &attributes[equals + 2..];
                Some(Call {
                    callee,
                    argument: Argument::Named(name),
                    value: value[..value.find('}')?].trim(),
                    at,
                })
            });
        Some(values.collect::<Vec<_>>())
    });
    tags.flatten().collect()
}

/// Parses named arguments: `name=value` or `name: value`.
fn arguments<'t>(text: &'t str, callee: &'t str, at: usize) -> Vec<Call<'t>> {
    let ends = text.match_indices([':', '=']).take(MOST_ARGUMENTS);
    let arguments = ends.filter_map(|(end, _)| {
        let name = last_word(&text[..end])?;
        let value = text[end + 1..].trim_start();
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, ',' | ')'));
        Some(Call {
            callee,
            argument: Argument::Named(name),
            value: &value[..end.unwrap_or(value.len())],
            at,
        })
    });
    arguments.collect()
}

fn without_extension(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let end = path[name..].find('.').map_or(path.len(), |at| name + at);
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_with_what_they_are_passed_to() {
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        for (text, language, expected) in [
            (
                "{% include cards/card.html image=post.image alt='x' %}",
                Liquid,
                vec![
                    ("cards/card", "image", "post.image"),
                    ("cards/card", "alt", "'x'"),
                ],
            ),
            (
                "{%- render \"card\", image: photo, b: c -%}",
                Nunjucks,
                vec![("card", "image", "photo"), ("card", "b", "c")],
            ),
            ("{% include card.html %}{% assign a = b %}", Liquid, vec![]),
            (
                "{{ partial \"card.html\" (dict \"page\" . \"img\" .Params.image) }}",
                Go,
                vec![("card", "page", "."), ("card", "img", ".Params.image")],
            ),
            (
                "{{ partialCached \"card.html\" (dict \"img\" (index .Params \"a\")) .Title }}",
                Go,
                vec![("card", "img", "(index .Params \"a\")")],
            ),
            ("{{ partial \"card.html\" . }}", Go, vec![]),
            (
                "{{ macros::card(img=page.extra.image, b=1) }}",
                Tera,
                vec![("card", "img", "page.extra.image"), ("card", "b", "1")],
            ),
            (
                "<p><Card img={ post.data.image } alt=\"x\" />",
                Plain,
                vec![("Card", "img", "post.data.image")],
            ),
        ] {
            let found = calls(text, language).into_iter();
            let found: Vec<_> = found
                .map(|call| match call.argument {
                    Argument::Named(name) => (call.callee, name, call.value),
                    Argument::Positional(_) => (call.callee, "", call.value),
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn arguments_of_macros_have_positions() {
        for (text, expected) in [
            ("{{ card(image, title) }}", vec![(0, "image"), (1, "title")]),
            (
                "{{ m.card(post.image, 'x') | safe }}",
                vec![(0, "post.image"), (1, "'x'")],
            ),
            ("{{ card(image, alt=title) }}", vec![(0, "image")]),
            ("{{ card('a, b', image) }}", vec![]),
            ("{{ card([a, b], image) }}", vec![]),
            ("{{ card() }}", vec![(0, "")]),
            ("{{ card(image }}", vec![]),
        ] {
            let found = by_position(text).into_iter();
            let found: Vec<_> = found.map(|call| (call.argument, call.value)).collect();
            let expected = expected.into_iter();
            let expected: Vec<_> = expected
                .map(|(position, value)| (Argument::Positional(position), value))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(position("photo", "id, photo=\"\", alt)"), Some(1));
        assert_eq!(position("photo", "id, photos)"), None);
        assert_eq!(position("id", "id)"), Some(0));
    }

    #[test]
    fn templates_are_called_by_the_end_of_their_paths() {
        let is_of = |callee, path: &str, name| {
            let call = Call {
                callee,
                argument: Argument::Named(""),
                value: "",
                at: 0,
            };
            call.is_of(&SitePath::normalise(path).unwrap(), name)
        };
        assert!(is_of("card", "_includes/card.html", None));
        assert!(is_of(
            "cards/card",
            "layouts/partials/cards/card.html",
            None
        ));
        assert!(!is_of("card", "_includes/big-card.html", None));
        assert!(!is_of("cards/card", "_includes/card.html", None));
        assert!(is_of("card", "templates/macros.html", Some("card")));
        assert!(!is_of("macros", "templates/macros.html", Some("card")));
    }
}
