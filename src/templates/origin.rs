//! Follows the variables of a template to the expressions that their values come from: an
//! expression goes in, the expressions whose values it may have come out.

use std::cell::Cell;

use super::definitions::{Defined, Definition, definitions, is_variable};
use super::expression::{alternatives, bare, root};
use super::scope::{self, Block};
use super::values::{branches, list_of_item};
use crate::generator::Templates;

/// Maximum number of definitions that are followed from one variable to the next.
const MOST_STEPS: usize = 8;

/// Maximum number of origins of one expression.
const MOST_ORIGINS: usize = 8;

/// Maximum number of definitions of one variable that are looked at: each costs passes over the
/// template.
const MOST_DEFINITIONS: usize = 4;

/// The work that is left: bytes of templates to go through. Once there is none, no variable is
/// followed.
#[derive(Debug)]
pub(super) struct Work(Cell<usize>);

impl Work {
    pub fn new(bytes: usize) -> Self {
        Work(Cell::new(bytes))
    }

    /// Takes some of the work. Returns whether there was enough left.
    pub fn take(&self, bytes: usize) -> bool {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// An expression whose value another one may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The expression, without filters that only form a URL.
    pub expression: String,
    /// Offset of the place that it is evaluated at.
    pub at: usize,
    /// Whether the expression has the same value at the place of the other one.
    pub is_same: bool,
    /// Whether the value is an item of the list that is the value of the expression.
    pub is_item: bool,
    /// Whether no filter has changed the value on its way.
    pub is_plain: bool,
}

/// Returns the origins of an expression at `offset` of a template, itself first.
pub(super) fn origins(
    expression: &str,
    (text, offset): (&str, usize),
    language: Templates,
    work: &Work,
) -> Vec<Origin> {
    let itself = Origin {
        expression: expression.to_owned(),
        at: offset,
        is_same: true,
        is_item: false,
        is_plain: true,
    };
    let mut origins = vec![itself];
    let mut from = 0;
    for _ in 0..MOST_STEPS {
        let last = origins.len();
        for number in from..last {
            if origins.len() >= MOST_ORIGINS {
                return origins;
            }
            let new = step(&origins[number], (text, offset), language, work);
            origins.extend(new);
        }
        from = last;
    }
    origins
}

/// Follows one definition.
fn step(
    of: &Origin,
    (text, offset): (&str, usize),
    language: Templates,
    work: &Work,
) -> Vec<Origin> {
    if let Some(list) = list_of_item(&of.expression, language) {
        let list = Origin {
            expression: list.to_owned(),
            is_item: true,
            ..of.clone()
        };
        // The items of a list of lists are no images.
        return if of.is_item { Vec::new() } else { vec![list] };
    }
    // The definitions, and the blocks around the place.
    if !is_variable(&of.expression, language) || !work.take(2 * text.len()) {
        return Vec::new();
    }
    let all = definitions(&of.expression, &text[..of.at], language);
    let here = scope::around(text, of.at, language);
    let mut found = Vec::new();
    for definition in all.iter().rev().take(MOST_DEFINITIONS) {
        // The blocks around it, and up to two passes of `lasts`.
        if !work.take(3 * text.len()) {
            break;
        }
        let around = scope::around(text, definition.at, language);
        let is_within = here.starts_with(&around) || of.expression == ".";
        let opens = here.iter().any(|block| block.start == definition.at);
        let is_item = matches!(definition.value, Defined::ItemOf(_));
        let is_visible = match (definition.is_scoped, is_item, language) {
            (_, true, Templates::Plain) => true,
            (_, true, _) => opens,
            (true, false, _) => is_within,
            (false, false, _) => true,
        };
        // The items of a list of lists are no images.
        if !is_visible || is_item && of.is_item {
            continue;
        }
        let is_only = match language {
            Templates::Plain => all.len() == 1 && definition.is_scoped,
            _ => is_within,
        };
        let (value, is_item) = match &definition.value {
            Defined::As(value) => (value.as_str(), false),
            Defined::ItemOf(list) => (list.as_str(), true),
        };
        let values = branches(value, language);
        let is_only = is_only && found.is_empty() && values.len() == 1;
        for value in values {
            let followed = of_value(value, is_item, definition.at, (text, offset), language);
            found.extend(followed.map(|origin| Origin {
                is_same: origin.is_same && of.is_same && is_only,
                is_item: origin.is_item || of.is_item,
                is_plain: origin.is_plain && of.is_plain,
                ..origin
            }));
        }
        if is_within && language != Templates::Plain {
            break;
        }
    }
    found
}

/// Follows one value of a definition at `at`.
fn of_value(
    value: &str,
    is_item: bool,
    at: usize,
    (text, offset): (&str, usize),
    language: Templates,
) -> Option<Origin> {
    let (value, is_alone) = alternatives(value, language);
    let expression = bare(value)?;
    let is_plain = expression == value;
    // An include may assign the same variable. Where the variable stays in the code, its value
    // counts.
    let is_safe =
        is_plain || language != Templates::Liquid || !text[at..offset].contains("include ");
    let lasts = lasts(expression, at, (text, offset), language);
    let (expression, lasts) = match lasts {
        Lasts::Yes => (expression.to_owned(), true),
        Lasts::From(expression) => (expression, true),
        Lasts::No => (expression.to_owned(), false),
    };
    Some(Origin {
        expression,
        at,
        is_same: is_alone && lasts && is_safe,
        is_item,
        is_plain,
    })
}

/// Whether an expression has the same value at two places of a template.
enum Lasts {
    Yes,
    /// If it is written in another way.
    From(String),
    No,
}

fn lasts(expression: &str, at: usize, (text, offset): (&str, usize), language: Templates) -> Lasts {
    let root = root(expression);
    let is_in_between = |definition: &Definition| definition.at > at;
    if is_variable(root, language) && root != "." {
        let redefined = definitions(root, &text[..offset], language);
        return match redefined.iter().any(is_in_between) {
            true => Lasts::No,
            false => Lasts::Yes,
        };
    }
    if root != "." {
        return Lasts::Yes;
    }
    // Blocks change what `.` is.
    let changes = |block: &Block<'_>| matches!(block.word, "with" | "range" | "block" | "define");
    let (before, here) = (
        scope::blocks_around(text, at),
        scope::blocks_around(text, offset),
    );
    if !here.iter().skip(before.len()).any(changes) {
        return Lasts::Yes;
    }
    match before.iter().any(changes) {
        true => Lasts::No,
        false => Lasts::From(from_page(expression)),
    }
}

/// Rewrites a path of the page so that it works within a `with` or a `range`.
pub(super) fn from_page(expression: &str) -> String {
    match expression.strip_prefix("index .") {
        Some(rest) => format!("index $.{rest}"),
        None if expression.starts_with('.') => format!("${expression}"),
        None => expression.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the last origin of an expression at the end of a text, and whether it is the same.
    fn last(expression: &str, text: &str, language: Templates) -> (String, bool, bool) {
        let work = Work::new(usize::MAX);
        let origins = origins(expression, (text, text.len()), language, &work);
        let last = origins.last().unwrap();
        (last.expression.clone(), last.is_same, last.is_item)
    }

    #[test]
    fn variables_are_followed_to_their_values() {
        use Templates::{Go, Liquid, Nunjucks, Plain, Tera};
        for (expression, text, language, expected) in [
            ("page.image", "", Liquid, ("page.image", true, false)),
            (
                "a",
                "{% assign a = page.image | relative_url %}",
                Liquid,
                ("page.image", true, false),
            ),
            (
                "a",
                "{% assign b = page.image %}{% assign a = b %}",
                Liquid,
                ("page.image", true, false),
            ),
            (
                "a",
                "{% assign a = page.image | resize %}",
                Liquid,
                ("a", true, false),
            ),
            (
                "a",
                "{% assign a = page.image | default: site.logo %}",
                Liquid,
                ("page.image", false, false),
            ),
            // It may have another value.
            (
                "a",
                "{% if b %}{% assign a = page.image %}{% endif %}",
                Liquid,
                ("page.image", false, false),
            ),
            (
                "a",
                "{% if b %}{% assign a = page.image %}{% else %}",
                Liquid,
                ("page.image", false, false),
            ),
            (
                "a",
                "{% for post in b %}{% assign a = post.image %}",
                Liquid,
                ("post.image", true, false),
            ),
            (
                "a",
                "{% for post in b %}{% assign a = post.image %}{% for post in c %}",
                Liquid,
                ("post.image", false, false),
            ),
            (
                "a",
                "{% for a in page.gallery %}",
                Liquid,
                ("page.gallery", true, true),
            ),
            (
                "a",
                "{% for a in page.gallery %}{% endfor %}",
                Liquid,
                ("a", true, false),
            ),
            ("a", "{% set a = image %}", Nunjucks, ("image", true, false)),
            (
                "a",
                "{% if b %}{% set a = page.extra.image %}{% endif %}",
                Tera,
                ("page.extra.image", false, false),
            ),
            (
                "$a",
                "{{ $a := .Params.image }}",
                Go,
                (".Params.image", true, false),
            ),
            (
                "$a",
                "{{ $a := .Params.image }}{{ range .b }}",
                Go,
                ("$.Params.image", true, false),
            ),
            (
                "$a",
                "{{ range .b }}{{ $a := .Params.image }}",
                Go,
                (".Params.image", true, false),
            ),
            (
                "$a",
                "{{ range .b }}{{ $a := .Params.image }}{{ with .c }}",
                Go,
                (".Params.image", false, false),
            ),
            (
                "$a",
                "{{ if .b }}{{ $a := .Params.image }}{{ end }}",
                Go,
                ("$a", true, false),
            ),
            (
                "$a",
                "{{ $a := \"\" }}{{ if .b }}{{ $a = .Params.image }}{{ end }}",
                Go,
                ("\"\"", false, false),
            ),
            (
                "$a",
                "{{ with $a := .Params.image }}",
                Go,
                ("$.Params.image", true, false),
            ),
            (
                ".",
                "{{ range .Params.gallery }}",
                Go,
                ("$.Params.gallery", true, true),
            ),
            (
                "a",
                "const a = post.data.image;",
                Plain,
                ("post.data.image", true, false),
            ),
            ("a", "let a = b.c; a = d;", Plain, ("b.c", false, false)),
            (
                "a",
                "const a = b.c ?? '/d.png';",
                Plain,
                ("b.c", false, false),
            ),
            ("a", "{b.c.map((a) => <i>", Plain, ("b.c", true, true)),
            (
                "a",
                "const a = b ? c.d : e.f;",
                Plain,
                ("e.f", false, false),
            ),
            ("a[0]", "const a = b.c;", Plain, ("b.c", true, true)),
            ("page.images[0]", "", Liquid, ("page.images", true, true)),
            (
                "$a",
                "{{ $a := index .Params.images 0 }}{{ with .Title }}",
                Go,
                ("$.Params.images", true, true),
            ),
            (
                ".",
                "{{ with .Param \"image\" }}",
                Go,
                ("$.Param \"image\"", true, false),
            ),
        ] {
            let (origin, is_same, is_item) = last(expression, text, language);
            assert_eq!((origin.as_str(), is_same, is_item), expected, "{text}");
        }
    }

    /// A template with many variables that depend on each other.
    #[test]
    fn variables_are_followed_as_long_as_there_is_work_left() {
        let text = "{% assign a = b %}{% assign b = a %}".repeat(100);
        let work = Work::new(100 * text.len());
        let followed = || {
            let origins = origins("a", (&text, text.len()), Templates::Liquid, &work);
            origins.len() > 1
        };
        let all = (0..1000).filter(|_| followed()).count();
        assert!((1..100).contains(&all), "{all}");
        assert!(!followed());
    }
}
