//! Finds where a template defines a variable: its name and the text before a place go in, the
//! definitions and their values come out.

use super::code::{codes, words};
use super::expression::{Piece, pieces};
use super::scope::blocks_around;
use crate::generator::Templates;

/// Maximum number of characters of an assigned value. Longer values are not followed.
const LONGEST_VALUE: usize = 200;

/// Where a variable gets a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    /// Offset of the code.
    pub at: usize,
    pub value: Defined,
    /// Whether no code outside of the block with the definition changes the variable.
    pub is_scoped: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Defined {
    /// The value of an expression.
    As(String),
    /// One item after the other of a list.
    ItemOf(String),
}

/// Returns the definitions of a variable before the end of a text, in their order. `name` is the
/// whole expression: `image`, `$image` or, in Hugo, `.`.
pub(super) fn definitions(name: &str, before: &str, language: Templates) -> Vec<Definition> {
    match language {
        Templates::Go if name == "." => of_dot(before).into_iter().collect(),
        Templates::Go => of_go(name, before),
        Templates::Plain => of_script(name, before),
        _ => of_tags(name, before),
    }
}

/// Whether an expression is a variable of the template's language, and not a path of keys.
pub(super) fn is_variable(expression: &str, language: Templates) -> bool {
    let is_word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    match language {
        Templates::Go => expression == "." || expression.strip_prefix('$').is_some_and(is_word),
        _ => is_word(expression),
    }
}

/// Returns the value of `.`: the `with` or `range` around it.
fn of_dot(before: &str) -> Option<Definition> {
    let blocks = blocks_around(before, before.len());
    let mut blocks = blocks.iter().rev();
    let block = blocks.find(|block| matches!(block.word, "with" | "range" | "block" | "define"))?;
    let value = block.expression;
    let value = value.split_once(":=").map_or(value, |(_, value)| value);
    let value = value.trim().to_owned();
    Some(Definition {
        at: block.start,
        value: match block.word {
            "with" => Defined::As(value),
            "range" => Defined::ItemOf(value),
            _ => return None,
        },
        is_scoped: true,
    })
}

fn of_go(name: &str, before: &str) -> Vec<Definition> {
    let found = codes(before, "{{", "}}").filter_map(|(at, code)| {
        let (names, value, is_new) = match code.split_once(":=") {
            Some((names, value)) => (names, value, true),
            None => {
                let (names, value) = code.split_once(" = ")?;
                (names, value, false)
            }
        };
        let mut names = names
            .split([' ', ',', '\t'])
            .filter(|name| !name.is_empty());
        let is_range = names.clone().next() == Some("range");
        // Of `$index, $item`, the last one is the item.
        let is_it = names.next_back() == Some(name);
        let value = value.trim().to_owned();
        is_it.then_some(Definition {
            at,
            value: match is_range {
                true => Defined::ItemOf(value),
                false => Defined::As(value),
            },
            is_scoped: is_new,
        })
    });
    found.collect()
}

fn of_tags(name: &str, before: &str) -> Vec<Definition> {
    let found = codes(before, "{%", "%}").filter_map(|(at, code)| {
        let mut all = words(code);
        let word = all.next()?;
        let value = match word {
            "assign" | "set" | "set_global" if all.next() == Some(name) => {
                let (_, value) = code.split_once('=')?;
                Defined::As(value.trim().to_owned())
            }
            "capture" if all.next() == Some(name) => {
                let content = &before[at..];
                let content = &content[content.find("%}")? + 2..];
                let content = &content[..content.find("{%")?];
                Defined::As(only_output(content.trim())?.to_owned())
            }
            "for" => {
                let (names, list) = code.split_once(" in ")?;
                if words(names).skip(1).last() != Some(name) {
                    return None;
                }
                let list = list.trim();
                let end = list.find(|c: char| c.is_whitespace() || c == '|');
                let list = &list[..end.unwrap_or(list.len())];
                Defined::ItemOf(list.to_owned())
            }
            _ => return None,
        };
        Some(Definition {
            at,
            is_scoped: matches!(value, Defined::ItemOf(_)),
            value,
        })
    });
    found.collect()
}

/// Returns the last output of a text of nothing but outputs.
fn only_output(text: &str) -> Option<&str> {
    let pieces = pieces(text)?;
    let last = pieces.iter().try_fold("", |_, piece| match piece {
        Piece::Output(code) => Some(*code),
        Piece::Text(_) => None,
    })?;
    (!last.is_empty()).then_some(last)
}

/// Returns the definitions of a name in the program of an Astro component, and in its callbacks:
/// `const image = …`, `const { image } = …` and `list.map((image) => …)`.
fn of_script(name: &str, before: &str) -> Vec<Definition> {
    let found = before.match_indices(name).filter_map(|(at, _)| {
        let (head, tail) = (&before[..at], &before[at + name.len()..]);
        if head.ends_with(is_part) || head.ends_with('.') || tail.starts_with(is_part) {
            return None;
        }
        let head = head.trim_end();
        let word = head.rsplit(|c: char| !is_part(c)).next();
        let (value, is_scoped) = match word {
            Some(word @ ("const" | "let" | "var")) => {
                let value = assigned(tail)?;
                (Defined::As(value.to_owned()), word == "const")
            }
            _ => (Defined::ItemOf(mapped(head)?.to_owned()), true),
        };
        Some(Definition {
            at,
            value,
            is_scoped,
        })
    });
    let mut found: Vec<Definition> = found.chain(destructured(name, before)).collect();
    found.sort_by_key(|definition| definition.at);
    found
}

/// Whether a character may be part of a name in JavaScript.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Returns the value of an assignment whose `=` begins a text.
fn assigned(text: &str) -> Option<&str> {
    let value = text.trim_start().strip_prefix('=')?;
    if value.starts_with(['=', '>']) {
        return None;
    }
    let too_long = value.char_indices().nth(LONGEST_VALUE).map(|(at, _)| at);
    let looked_at = &value[..too_long.unwrap_or(value.len())];
    match looked_at.find([';', '\n']) {
        Some(end) => Some(looked_at[..end].trim()),
        None if too_long.is_some() => None,
        None => Some(looked_at.trim()),
    }
}

/// Returns the list whose items a callback gets as its first parameter, which follows the text.
fn mapped(head: &str) -> Option<&str> {
    let head = head.trim_end_matches('(').trim_end();
    let list = head.strip_suffix(".map")?;
    let list = list.trim_end_matches('?');
    let start = list.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '?')));
    let list = &list[start.map_or(0, |start| start + 1)..];
    (!list.is_empty()).then_some(list)
}

/// Returns the definitions of a name by destructuring: `value.name` for `const { name } = value`,
/// and `value.key` for `const { key: name } = value`.
fn destructured(name: &str, before: &str) -> impl Iterator<Item = Definition> {
    before.match_indices("const").filter_map(move |(at, word)| {
        let names = before[at + word.len()..].trim_start().strip_prefix('{')?;
        // Up to the next brace, so that the text is read once for all definitions.
        let end = names.find(['{', '}'])?;
        let (names, rest) = names.split_at(end);
        if before[..at].ends_with(is_part) {
            return None;
        }
        let value = assigned(rest.strip_prefix('}')?)?;
        let key = names.split(',').find_map(|part| {
            let (key, own) = part.split_once(':').unwrap_or((part, part));
            (own.trim() == name).then(|| key.trim())
        })?;
        Some(Definition {
            at,
            value: Defined::As(format!("{value}.{key}")),
            is_scoped: true,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_where_they_get_values() {
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        let is = |text: &str| Defined::As(text.to_owned());
        let item = |text: &str| Defined::ItemOf(text.to_owned());
        for (name, before, language, expected) in [
            (
                "a",
                "{%- assign a = page.image | escape -%}",
                Liquid,
                vec![is("page.image | escape")],
            ),
            ("a", "{% assign b = a %}{% if a %}", Liquid, vec![]),
            (
                "a",
                "{% for a in page.gallery limit:3 %}",
                Liquid,
                vec![item("page.gallery")],
            ),
            ("a", "{% for b in a %}", Liquid, vec![]),
            (
                "a",
                "{% capture a %}{{ site.baseurl }}{{ page.image }}{% endcapture %}",
                Liquid,
                vec![is("page.image")],
            ),
            (
                "a",
                "{% capture a %}x/{{ page.image }}{% endcapture %}",
                Liquid,
                vec![],
            ),
            (
                "a",
                "{% set a = b %}{% if c %}{% set a = d %}{% endif %}",
                Nunjucks,
                vec![is("b"), is("d")],
            ),
            ("a", "{% for key, a in b %}", Tera, vec![item("b")]),
            (
                "$a",
                "{{ $a := .Params.image }}{{ $a = .x }}",
                Go,
                vec![is(".Params.image"), is(".x")],
            ),
            ("$a", "{{ if eq $a 1 }}", Go, vec![]),
            (
                "$a",
                "{{ with $a := .b }}{{ range $i, $a := .c }}",
                Go,
                vec![is(".b"), item(".c")],
            ),
            (
                ".",
                "{{ range .Params.gallery }}",
                Go,
                vec![item(".Params.gallery")],
            ),
            (".", "{{ range .a }}{{ end }}", Go, vec![]),
            (
                "a",
                "const a = post.data.image;",
                Plain,
                vec![is("post.data.image")],
            ),
            ("a", "if (a === b) { x.a = 1; }", Plain, vec![]),
            (
                "a",
                "const { b, a } = post.data;",
                Plain,
                vec![is("post.data.a")],
            ),
            (
                "a",
                "const { image: a, b } = post.data;",
                Plain,
                vec![is("post.data.image")],
            ),
            ("a", "const { a = 'x' } = post.data;", Plain, vec![]),
            (
                "a",
                "{data.gallery.map((a) => ",
                Plain,
                vec![item("data.gallery")],
            ),
            (
                "a",
                "{data.gallery?.map(a => ",
                Plain,
                vec![item("data.gallery")],
            ),
        ] {
            let found = definitions(name, before, language).into_iter();
            let found: Vec<Defined> = found.map(|definition| definition.value).collect();
            assert_eq!(found, expected, "{before}");
        }
    }
}
