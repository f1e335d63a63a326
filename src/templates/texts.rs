//! Finds the outputs of texts with images: that of a page's body in a layout, and those of texts in
//! front matter.

use std::collections::HashSet;
use std::ops::Range;

use super::definitions::{Defined, definitions};
use super::expression::{key, root};
use super::origin::Work;
use super::scope::tags_around;
use crate::generator::{Kit, Templates};
use crate::inventory::Inventory;

/// Maximum number of loops around a text that are followed.
const MOST_LOOPS: usize = 8;

/// An output of a text, its code, and the code that replaces it.
pub(super) type Output<'t> = (Range<usize>, &'t str, String);

/// Returns the outputs of the page's body.
pub(super) fn of_body<'t>(kit: &Kit, text: &'t str, outputs: &[Range<usize>]) -> Vec<Output<'t>> {
    let found = outputs.iter().filter_map(|span| {
        let code = code_of(text, span)?;
        Some((span.clone(), code, (kit.text)(code)?))
    });
    found.collect()
}

/// Returns the outputs of texts in front matter that have images.
pub(super) fn of_keys<'t>(
    kit: &Kit,
    inventory: &Inventory,
    list_key: &str,
    (text, outputs): (&'t str, &[Range<usize>]),
    work: &Work,
) -> Vec<Output<'t>> {
    let last_keys = inventory.texts.iter();
    let last_keys: HashSet<&str> = last_keys
        .filter_map(|path| path.rsplit('.').next())
        .collect();
    let found = outputs.iter().filter_map(|span| {
        let code = code_of(text, span)?;
        let expression = code.split('|').next()?.trim();
        if !key(expression).is_some_and(|key| last_keys.contains(key)) {
            return None;
        }
        let (page, path) = place(expression, (text, span.start), work)?;
        if !inventory.texts.contains(&path) {
            return None;
        }
        let images = (page != "page").then(|| format!("{page}.{list_key}"));
        let replacement = (kit.text_of_key)(code, images.as_deref())?;
        Some((span.clone(), code, replacement))
    });
    found.collect()
}

/// Returns the code of an output; `None` if it is part of the code that replaces one.
fn code_of<'t>(text: &'t str, span: &Range<usize>) -> Option<&'t str> {
    let is_replacement = text[span.end..].starts_with("{% endcapture");
    let code = text[span.start + 2..span.end - 2].trim_matches('-').trim();
    (!is_replacement).then_some(code)
}

/// Returns the page whose front matter an expression of Liquid is in, and its path there, as a rule
/// writes it: `page` and `sections[].text` for `section.text` in a loop over `page.sections`.
fn place(expression: &str, (text, offset): (&str, usize), work: &Work) -> Option<(String, String)> {
    let mut variable = root(expression).to_owned();
    let mut path = expression.strip_prefix(variable.as_str())?.to_owned();
    let mut at = offset;
    for _ in 0..MOST_LOOPS {
        if variable == "page" {
            return Some((variable, path.strip_prefix('.')?.to_owned()));
        }
        if !work.take(2 * text.len()) {
            return None;
        }
        let before = &text[..at];
        let definition = definitions(&variable, before, Templates::Liquid).pop()?;
        let Defined::ItemOf(list) = definition.value else {
            return None;
        };
        let blocks = tags_around(text, at);
        if !blocks.iter().any(|block| block.start == definition.at) {
            return None;
        }
        if list.starts_with("site.") {
            let is_data = list.starts_with("site.data.");
            let path = path.strip_prefix('.').filter(|_| !is_data)?;
            return Some((variable, path.to_owned()));
        }
        at = definition.at;
        variable = root(&list).to_owned();
        path = format!("{}[]{path}", list.strip_prefix(variable.as_str())?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_the_front_matter_of_their_page() {
        let is = |page: &str, path: &str| Some((page.to_owned(), path.to_owned()));
        for (expression, before, expected) in [
            ("page.intro", "", is("page", "intro")),
            (
                "section.text",
                "{% for section in page.sections limit: 2 %}",
                is("page", "sections[].text"),
            ),
            (
                "b.text",
                "{% for a in page.rows %}{% for b in a.cells %}",
                is("page", "rows[].cells[].text"),
            ),
            (
                "post.intro",
                "{% for post in site.posts %}",
                is("post", "intro"),
            ),
            (
                "section.text",
                "{% for post in site.posts %}{% for section in post.sections %}",
                is("post", "sections[].text"),
            ),
            ("a.text", "{% for a in page.b %}{% endfor %}", None),
            ("a.text", "{% for a in site.data.b %}", None),
            ("a.text", "{% assign a = page.b %}", None),
            ("include.text", "", None),
        ] {
            let work = Work::new(usize::MAX);
            let found = place(expression, (before, before.len()), &work);
            assert_eq!(found, expected, "{before} {expression}");
        }
    }
}
