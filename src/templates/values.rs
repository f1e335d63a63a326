//! Takes expressions apart whose value is one of several: that of one branch of a condition, an
//! item of a list, or the file that a name belongs to.

use super::expression::key;
use crate::generator::Templates;

/// Maximum number of values of an expression with conditions.
const MOST_BRANCHES: usize = 8;

/// Returns the expressions that an expression may evaluate to: `b` and `c` for `a ? b : c`. Any
/// other expression, and one with a condition that cannot be parsed, is returned itself.
pub(super) fn branches(expression: &str, language: Templates) -> Vec<&str> {
    let mut branches = Vec::new();
    let mut rest = expression;
    while branches.len() < MOST_BRANCHES
        && language == Templates::Plain
        && let Some((first, other)) = ternary(rest)
    {
        branches.push(first);
        rest = other;
    }
    branches.push(match branches.is_empty() {
        true => rest.trim(),
        false => in_parentheses(rest.trim()),
    });
    branches
}

/// Splits `a ? b : c` into `b` and `c`; `None` for another expression. A condition within `b` must
/// be in parentheses.
fn ternary(expression: &str) -> Option<(&str, &str)> {
    let expression = in_parentheses(expression.trim());
    let mut depth = 0usize;
    let mut quote = None;
    let mut question = None;
    for (at, c) in expression.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.checked_sub(1)?,
            (None, '?') if depth == 0 => {
                let (before, after) = (&expression[..at], &expression[at + 1..]);
                let is_access = after.starts_with('.') && !after[1..].starts_with(is_digit);
                if is_access || after.starts_with('?') || before.ends_with('?') {
                    continue;
                }
                if question.is_some() {
                    return None;
                }
                question = Some(at);
            }
            (None, ':') if depth == 0 => {
                let first = &expression[question? + 1..at];
                return Some((in_parentheses(first.trim()), expression[at + 1..].trim()));
            }
            _ => {}
        }
    }
    None
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Removes parentheses around a whole expression.
fn in_parentheses(expression: &str) -> &str {
    let inner = expression
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    inner
        .filter(|inner| !inner.contains(['(', ')']))
        .map_or(expression, str::trim)
}

/// Returns the list that an expression takes an item from by its number: `page.images` for
/// `page.images[0]`, and `.Params.images` for `index .Params.images 0`.
pub(super) fn list_of_item(expression: &str, language: Templates) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(is_digit);
    let list = match language {
        Templates::Go => {
            let (list, number) = expression.strip_prefix("index ")?.trim().rsplit_once(' ')?;
            let list = Some(list.trim()).filter(|_| is_number(number));
            return list.filter(|list| key(list).is_some());
        }
        _ => {
            let bracketed = expression.strip_suffix(']');
            let bracketed = bracketed.and_then(|inner| inner.rsplit_once('['));
            let of_bracket = bracketed.filter(|(_, number)| is_number(number));
            let of_word = expression
                .rsplit_once('.')
                .filter(|(_, word)| match language {
                    Templates::Liquid => matches!(*word, "first" | "last"),
                    Templates::Tera => is_number(word),
                    _ => false,
                });
            of_bracket.or(of_word)?.0
        }
    };
    let list = list.strip_suffix("?.").unwrap_or(list);
    key(list).map(|_| list)
}

/// Returns the name of the file whose URL an expression of Hugo is, as in
/// `(resources.Get .Params.image).RelPermalink`, after the value of its variable.
pub(super) fn resource_name(value: &str) -> Option<&str> {
    let value = in_parentheses(value);
    let (function, name) = value.split_once(' ')?;
    let path = function.strip_suffix("Match").unwrap_or(function);
    let owner = path.strip_suffix("esources.Get")?;
    // `resources.Get`, and `.Resources.Get` of a page.
    let is_owner = owner == "r" || owner.ends_with(".R");
    let name = in_parentheses(name.trim());
    is_owner.then_some(name)
}

/// Returns the resource whose URL an expression of Hugo is: `$image` of `$image.RelPermalink`.
pub(super) fn resource(expression: &str) -> Option<&str> {
    let ends = [".RelPermalink", ".Permalink"];
    let owner = ends.iter().find_map(|end| expression.strip_suffix(end))?;
    Some(match owner {
        "" => ".",
        owner => owner,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_conditions_are_told_apart() {
        use Templates::{Nunjucks, Plain};
        for (text, language, expected) in [
            ("a ? b.c : d.e", Plain, vec!["b.c", "d.e"]),
            ("(a?.b ?? c) ? d : (e)", Plain, vec!["d", "e"]),
            ("a === ':?' ? b : c ? d : e", Plain, vec!["b", "d", "e"]),
            ("(a ? b : c)", Plain, vec!["b", "c"]),
            ("a ? .5 : b", Plain, vec![".5", "b"]),
            ("a?.b", Plain, vec!["a?.b"]),
            ("a ?? b", Plain, vec!["a ?? b"]),
            ("{ a: b }", Plain, vec!["{ a: b }"]),
            ("a ? b ? c : d : e", Plain, vec!["a ? b ? c : d : e"]),
            ("a ? b", Plain, vec!["a ? b"]),
            ("a ? b) : c", Plain, vec!["a ? b) : c"]),
            ("a ? 'b : c", Plain, vec!["a ? 'b : c"]),
            ("a ? b : c", Nunjucks, vec!["a ? b : c"]),
        ] {
            assert_eq!(branches(text, language), expected, "{text}");
        }
    }

    #[test]
    fn items_by_number_are_of_their_list() {
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        for (text, language, expected) in [
            ("index .Params.images 0", Go, Some(".Params.images")),
            ("index $.Params.images 12", Go, Some("$.Params.images")),
            ("index .Params.images $i", Go, None),
            ("index .Params \"images\"", Go, None),
            ("page.images[0]", Liquid, Some("page.images")),
            ("page.images.first", Liquid, Some("page.images")),
            ("page.images.first.image", Liquid, None),
            ("page.images[i]", Liquid, None),
            ("page.a[0].images[1]", Liquid, Some("page.a[0].images")),
            ("images[0]", Nunjucks, Some("images")),
            ("images.0", Tera, Some("images")),
            ("data.images?.[0]", Plain, Some("data.images")),
            ("[0]", Plain, None),
            ("f(x)[0]", Plain, None),
        ] {
            assert_eq!(list_of_item(text, language), expected, "{text}");
        }
    }

    #[test]
    fn resources_have_names() {
        for (value, expected) in [
            ("resources.Get .Params.image", Some(".Params.image")),
            ("(resources.GetMatch (.Param \"a\"))", None),
            (".Resources.GetMatch (.Param \"a\")", Some(".Param \"a\"")),
            ("$.Resources.Get $a", Some("$a")),
            ("Xresources.Get .a", None),
            ("resources.GetRemote .a", None),
            ("resources.Get", None),
        ] {
            assert_eq!(resource_name(value), expected, "{value}");
        }
        assert_eq!(resource("$a.RelPermalink"), Some("$a"));
        assert_eq!(resource(".Permalink"), Some("."));
        assert_eq!(resource(".Params.image"), None);
    }
}
