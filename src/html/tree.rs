//! Tracks the open elements around each element of a page, nested as in a browser even where an end
//! tag is omitted ([HTML, tree construction](https://html.spec.whatwg.org/multipage/parsing.html)).

use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::Element;

use super::elements::{BLOCKS, ENDS_P, SCOPES, WITH_HTML};
use super::selector::{Node, Path};
use super::targets::unescaped;

const HTML: &str = "http://www.w3.org/1999/xhtml";

/// Number of innermost open elements that a start tag may end. Browsers do not nest deeper:
/// Chromium stops at 512 elements.
const DEEPEST: usize = 512;

/// Properties of an element, by its own attributes and its ancestors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Properties {
    /// Whether the element must not be changed.
    pub is_excluded: bool,
    /// Whether readers do not see the element when the page has loaded.
    pub is_unseen: bool,
    /// Whether the element is in a `<template>` or an `<svg>`.
    pub is_apart: bool,
}

/// Predicate for the names of attributes that must be kept.
pub(super) type Keeps<'t> = dyn Fn(&str) -> bool + 't;

/// The elements that are open.
#[derive(Debug, Default)]
pub(super) struct Tree {
    open: Vec<Open>,
    /// Byte offset of the last element, and its properties.
    last: Option<(usize, Properties)>,
}

#[derive(Debug)]
struct Open {
    node: Node,
    /// Byte offset of its start tag.
    start: usize,
    is_foreign: bool,
    /// Properties of the element itself.
    own: Properties,
    /// Properties of its content.
    of_content: Properties,
}

impl Open {
    /// Whether the element cannot contain HTML.
    fn is_purely_foreign(&self) -> bool {
        self.is_foreign && !WITH_HTML.contains(&self.node.name.as_str())
    }
}

impl Tree {
    /// Returns the properties of the element at a byte offset, which must be the last one.
    pub fn properties(&self, start: usize) -> Properties {
        let last = self.last.filter(|(last, _)| *last == start);
        last.map_or_else(Properties::default, |(_, properties)| properties)
    }

    /// Calls `read` with an element and its ancestors.
    pub fn path<T>(&self, element: &Node, read: impl FnOnce(Path<'_>) -> T) -> T {
        let innermost = self.open.len().saturating_sub(DEEPEST);
        let is_cut = innermost > 0;
        // Elements that browsers add where their tags are omitted.
        let [html, body, rows] = ["html", "body", "tbody"].map(Node::named);
        let mut nodes: Vec<&Node> = Vec::new();
        for Open { node, .. } in &self.open[innermost..] {
            if node.name == "tr" && nodes.last().is_some_and(|last| last.name == "table") {
                nodes.push(&rows);
            }
            nodes.push(node);
        }
        if !is_cut && nodes.first().is_none_or(|first| first.name != "html") {
            nodes.insert(0, &html);
        }
        let is_there = |node: &&Node| matches!(node.name.as_str(), "body" | "head");
        if !is_cut && !nodes.get(1).is_some_and(is_there) {
            nodes.insert(1, &body);
        }
        nodes.push(element);
        let nodes = &nodes;
        read(Path {
            nodes,
            is_cut,
            has_scripts: false,
        })
    }

    /// Records the start of an element, with the attributes that `keeps` accepts, and registers a
    /// handler that records its end.
    pub fn enter(
        tree: &Rc<RefCell<Tree>>,
        element: &mut Element<'_, '_>,
        keeps: Option<&Keeps<'_>>,
    ) {
        let start = element.source_location().bytes().start;
        tree.borrow_mut().start(element, start, keeps);
        let tree = tree.clone();
        // Fails for void elements, which have no end tag.
        let _ = element.on_end_tag(Box::new(move |_| {
            tree.borrow_mut().end(start);
            Ok(())
        }));
    }

    fn start(&mut self, element: &Element<'_, '_>, start: usize, keeps: Option<&Keeps<'_>>) {
        let name = element.tag_name();
        let is_foreign = self.is_foreign(&name) || element.namespace_uri() != HTML;
        if !is_foreign {
            self.leave_foreign();
            self.end_implied(&name);
        }
        let own = match self.open.last() {
            // The summary of a closed `<details>` is visible.
            Some(parent) if name == "summary" && parent.node.name == "details" => parent.own,
            Some(parent) => parent.of_content,
            None => Properties::default(),
        };
        let properties = with_attributes(own, element);
        self.last = Some((start, properties));
        if element.can_have_content() {
            self.open.push(Open {
                of_content: with_name(properties, &name, element.has_attribute("open")),
                node: Node {
                    name,
                    ..keeps.map_or_else(Node::default, |keeps| node(element, keeps))
                },
                start,
                is_foreign,
                own: properties,
            });
        }
    }

    /// Whether an element belongs to SVG or MathML although the tokenizer reports it as HTML,
    /// because HTML may be in it.
    fn is_foreign(&self, name: &str) -> bool {
        let parent = self.open.last();
        let is_within = parent.is_some_and(Open::is_purely_foreign);
        matches!(name, "svg" | "math") || is_within && WITH_HTML.contains(&name)
    }

    /// Closes the SVG or MathML elements that the start of an HTML element closes.
    fn leave_foreign(&mut self) {
        let is_left =
            |open: &mut Open| open.is_foreign && !WITH_HTML.contains(&open.node.name.as_str());
        while self.open.pop_if(is_left).is_some() {}
    }

    /// Closes the elements whose end tags may be omitted before the element `name`.
    fn end_implied(&mut self, name: &str) {
        match name {
            "li" => self.end_within(&["li"], &[&BLOCKS, &SCOPES]),
            "dd" | "dt" => self.end_within(&["dd", "dt"], &[&BLOCKS, &SCOPES]),
            "td" | "th" => self.end_within(&["td", "th"], &[&["table", "template"]]),
            "tr" => self.end_within(
                &["tr", "td", "th", "caption", "colgroup"],
                &[&["table", "template"]],
            ),
            "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => self.end_within(
                &[
                    "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup",
                ],
                &[&["table", "template"]],
            ),
            "option" => self.end_within(&["option"], &[&["select", "datalist"], &SCOPES]),
            "optgroup" => {
                self.end_within(&["option", "optgroup"], &[&["select"], &SCOPES]);
            }
            "rt" | "rp" => self.end_within(&["rt", "rp"], &[&["ruby"], &SCOPES]),
            "body" => self.end_within(&["head"], &[]),
            _ => {}
        }
        if ENDS_P.contains(&name) {
            self.end_within(&["p"], &[&SCOPES]);
        }
    }

    /// Closes the outermost open element with one of these names that is not outside of one of the
    /// `limits`.
    fn end_within(&mut self, names: &[&str], limits: &[&[&str]]) {
        let is_limit = |open: &Open| {
            let mut limits = limits.iter();
            limits.any(|limit| limit.contains(&open.node.name.as_str()))
                && !names.contains(&open.node.name.as_str())
        };
        let innermost = self.open.len().saturating_sub(DEEPEST);
        let limit = self.open[innermost..].iter().rposition(is_limit);
        let from = innermost + limit.map_or(0, |limit| limit + 1);
        let mut inner = self.open[from..].iter();
        if let Some(ended) = inner.position(|open| names.contains(&open.node.name.as_str())) {
            self.open.truncate(from + ended);
        }
    }

    /// Records the end tag of the element at a byte offset.
    fn end(&mut self, start: usize) {
        let Some(ended) = self.open.iter().rposition(|open| open.start == start) else {
            return;
        };
        let name = self.open[ended].node.name.as_str();
        let is_limit = |open: &Open| match name {
            "p" | "li" | "dd" | "dt" | "option" => SCOPES.contains(&open.node.name.as_str()),
            "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" => open.node.name == "table",
            _ => false,
        };
        // An end tag in a cell does not end a paragraph around the table.
        if !self.open[ended + 1..].iter().any(is_limit) {
            self.open.truncate(ended);
        }
    }
}

/// Returns an element with the attributes that `keeps` accepts, but without its name.
pub(super) fn node(element: &Element<'_, '_>, keeps: &Keeps<'_>) -> Node {
    let kept = element.attributes().iter().filter_map(|attribute| {
        let name = attribute.name();
        keeps(&name).then(|| (name, unescaped(&attribute.value())))
    });
    Node {
        name: String::new(),
        attributes: kept.collect(),
    }
}

fn with_attributes(mut properties: Properties, element: &Element<'_, '_>) -> Properties {
    let planche = element.get_attribute("data-planche");
    properties.is_excluded |= planche.is_some_and(|value| value == "off");
    properties.is_unseen |= element.has_attribute("hidden") || element.has_attribute("popover");
    properties
}

/// Returns the properties of the content of an element.
fn with_name(mut properties: Properties, name: &str, is_open: bool) -> Properties {
    match name {
        "template" => {
            properties.is_unseen = true;
            properties.is_apart = true;
        }
        "svg" => {
            properties.is_excluded = true;
            properties.is_apart = true;
        }
        "dialog" | "details" => properties.is_unseen |= !is_open,
        // The content is for browsers that cannot show the element.
        "audio" | "canvas" | "video" => properties.is_unseen = true,
        _ => {}
    }
    properties
}

#[cfg(test)]
mod tests {
    use crate::html::scan::slots;

    /// Marks each image of a page as off (`o`), unseen (`u`) or neither (`-`). `#` stands for an
    /// image.
    fn marks(page: &str) -> String {
        let slots = slots(&page.replace('#', "<img src=a.png>")).into_iter();
        let mark = |off, unseen| match (off, unseen) {
            (true, _) => 'o',
            (false, true) => 'u',
            (false, false) => '-',
        };
        slots
            .map(|slot| mark(slot.is_excluded, slot.is_unseen))
            .collect()
    }

    #[test]
    fn an_element_ends_where_its_end_tag_is_omitted() {
        for (page, expected) in [
            ("<p data-planche=off>#<p>#", "o-"),
            ("<p data-planche=off>#<b>#<div>#</div>#", "oo--"),
            ("<p data-planche=off>#<b>#</b>#</p>#", "ooo-"),
            ("<p data-planche=off><button><p>#</button>#</p>#", "oo-"),
            ("<ul><li data-planche=off>#<li>#</ul>#", "o--"),
            (
                "<ul><li data-planche=off><p>#<ul><li>#</ul>#<li>#</ul>",
                "ooo-",
            ),
            ("<ul><li data-planche=off><div>#<li>#</ul>#", "o--"),
            ("<dl><dt data-planche=off>#<dd>#<dt>#</dl>", "o--"),
            ("<dl><dd data-planche=off>#<dd>#</dl>", "o-"),
            (
                "<table><tr><td data-planche=off>#<td>#<tr><td>#</table>#",
                "o---",
            ),
            (
                "<table><tr data-planche=off><td>#<th>#<tr><td>#</table>",
                "oo-",
            ),
            (
                "<table><tbody data-planche=off><tr><td>#<tbody><tr><td>#</table>",
                "o-",
            ),
            (
                "<table><td data-planche=off><table><tr><td>#<tr><td>#</table>#<td>#</table>",
                "ooo-",
            ),
            ("<p data-planche=off><object><p>#</p>#</object>#", "ooo"),
            ("<select><option data-planche=off>#<option>#</select>", "o-"),
            ("<div data-planche=off><p>#<p>#</div>#", "oo-"),
            ("<p hidden>#<p>#", "u-"),
        ] {
            assert_eq!(marks(page), expected, "{page}");
        }
    }

    /// Takes time in proportion to the page: searching all open elements for each one would take
    /// minutes.
    #[test]
    fn deeply_nested_elements_are_followed() {
        let (open, close) = ("<div>".repeat(30_000), "</div>".repeat(30_000));
        let page = format!("<div hidden>{open}#{close}</div>#");
        assert_eq!(marks(&page), "u-");
    }

    #[test]
    fn unseen_images_are_recognized() {
        for (page, expected) in [
            ("<template>#</template>#", "u-"),
            ("<div hidden>#</div>#", "u-"),
            (
                "<div HIDDEN=until-found>#</div><div aria-hidden=true>#</div>",
                "u-",
            ),
            ("<img src=a.png hidden>#", "u-"),
            ("<dialog>#</dialog><dialog open>#</dialog>", "u-"),
            (
                "<details>#<summary>#<b>#</b></summary>#</details>#",
                "u--u-",
            ),
            ("<details open>#</details><div popover>#</div>", "-u"),
            ("<video>#</video><canvas>#</canvas>", "uu"),
            ("<noscript>#</noscript>#", "-"),
        ] {
            assert_eq!(marks(page), expected, "{page}");
        }
    }

    #[test]
    fn the_content_of_svg_is_off_and_ends_where_html_starts_again() {
        for (page, expected) in [
            ("<svg><foreignObject>#<p>#</foreignObject></svg>#", "oo-"),
            ("<svg><desc>#</desc></svg>#", "o-"),
            ("<svg><foreignObject/><path/>#", "-"),
            (
                "<svg style='background:url(a.png)'><g style='background:url(a.png)'/></svg>",
                "-",
            ),
        ] {
            assert_eq!(marks(page), expected, "{page}");
        }
    }
}
