//! Checks the accessibility of images in built pages by the criteria of RGAA 4.1: the bytes of a
//! page go in, findings come out.
//!
//! At most one finding for each code and page, at the first element with the problem.

use std::cell::RefCell;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str, text};

use crate::finding::{Code, Finding, Position};

/// Codes of the findings that a page is checked for.
pub(super) const CODES: [Code; 2] = [Code::LinkWithoutName, Code::CaptionNotBound];

/// Largest page that is checked, in bytes.
pub(super) const LARGEST: u64 = 8 << 20;

/// Links and figures of a page that were found so far.
#[derive(Default)]
struct State {
    link: Option<Link>,
    figure: Option<Figure>,
    /// Byte offsets of the links and figures that have a problem.
    links: Vec<usize>,
    figures: Vec<usize>,
}

/// The link that is open, or else the last one that was.
struct Link {
    start: usize,
    has_image: bool,
    has_name: bool,
}

/// The `<figure>` that is open, or else the last one that was.
struct Figure {
    start: usize,
    /// Whether it has both a role and a label.
    is_bound: bool,
    has_image: bool,
    has_caption: bool,
}

impl State {
    fn end_link(&mut self) {
        let link = self.link.take();
        let is_nameless = |link: &Link| link.has_image && !link.has_name;
        self.links
            .extend(link.filter(is_nameless).map(|link| link.start));
    }

    fn end_figure(&mut self) {
        let figure = self.figure.take();
        let is_loose = |figure: &Figure| figure.has_image && figure.has_caption && !figure.is_bound;
        self.figures
            .extend(figure.filter(is_loose).map(|figure| figure.start));
    }

    fn name_link(&mut self) {
        if let Some(link) = &mut self.link {
            link.has_name = true;
        }
    }
}

/// Returns the findings of a page with the codes that `is_asked` accepts. `file` is the path that
/// they report.
pub(super) fn check(file: &str, page: &[u8], is_asked: impl Fn(Code) -> bool) -> Vec<Finding> {
    if !CODES.iter().any(|code| is_asked(*code)) {
        return Vec::new();
    }
    // Offsets count bytes of this text. For encodings other than UTF-8, they may be off by a
    // column.
    let page = String::from_utf8_lossy(page);
    let state = scan(&page);
    let problems = [
        (
            Code::LinkWithoutName,
            state.links,
            "a link contains only images without alt text",
            "links contain only images without alt text",
        ),
        (
            Code::CaptionNotBound,
            state.figures,
            "a figure does not associate its caption with the image: `<figure>` needs a role and an \
             `aria-label` with the caption text",
            "figures do not associate their captions with the images: `<figure>` needs a role and \
             an `aria-label` with the caption text",
        ),
    ];
    let found = problems
        .into_iter()
        .filter_map(|(code, starts, one, many)| {
            let first = *starts.first().filter(|_| is_asked(code))?;
            let message = match starts.len() {
                1 => one.to_owned(),
                count => format!("{count} {many}"),
            };
            let position = Position::of(page.as_bytes(), first);
            Some(Finding::new(code, message).in_file(file).at(position))
        });
    found.collect()
}

fn scan(page: &str) -> State {
    let state = RefCell::new(State::default());
    let start = |element: &Element<'_, '_>| element.source_location().bytes().start;
    let says = |element: &Element<'_, '_>, name: &str| {
        let value = element.get_attribute(name);
        value.is_some_and(|value| !value.trim().is_empty())
    };
    let is_named = |element: &Element<'_, '_>| {
        ["aria-label", "aria-labelledby", "title"]
            .iter()
            .any(|name| says(element, name))
    };
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("a[href]", |element| {
            let mut state = state.borrow_mut();
            state.end_link();
            let is_hidden = element.get_attribute("aria-hidden").as_deref() == Some("true");
            state.link = Some(Link {
                start: start(element),
                has_image: false,
                has_name: is_hidden || is_named(element),
            });
            Ok(())
        }))
        .append_element_content_handler(text!("a[href]", |text| {
            let text = htmlize::unescape(text.as_str());
            if text.chars().any(|c| !c.is_whitespace()) {
                state.borrow_mut().name_link();
            }
            Ok(())
        }))
        // An image with alt text gives its link a name, and so does an element with a label.
        .append_element_content_handler(element!("a[href] *", |element| {
            let tag = element.tag_name();
            let mut state = state.borrow_mut();
            let Some(link) = &mut state.link else {
                return Ok(());
            };
            let is_image = tag == "img";
            link.has_image |= is_image;
            link.has_name |= is_named(element)
                || is_image && says(element, "alt")
                || matches!(
                    tag.as_str(),
                    "svg" | "object" | "input" | "button" | "iframe"
                );
            Ok(())
        }))
        .append_element_content_handler(element!("figure", |element| {
            let mut state = state.borrow_mut();
            state.end_figure();
            let role = element.get_attribute("role");
            let is_role = matches!(role.as_deref().map(str::trim), Some("figure" | "group"));
            let is_labelled = says(element, "aria-label") || says(element, "aria-labelledby");
            state.figure = Some(Figure {
                start: start(element),
                is_bound: is_role && is_labelled,
                has_image: false,
                has_caption: false,
            });
            Ok(())
        }))
        .append_element_content_handler(element!("figure img, figure svg", |_| {
            if let Some(figure) = &mut state.borrow_mut().figure {
                figure.has_image = true;
            }
            Ok(())
        }))
        .append_element_content_handler(text!("figure figcaption", |text| {
            if let Some(figure) = &mut state.borrow_mut().figure {
                figure.has_caption |= !text.as_str().trim().is_empty();
            }
            Ok(())
        }));
    // If the tokenizer fails, the elements found so far are kept.
    let _ = rewrite_str(page, settings);
    let mut state = state.into_inner();
    state.end_link();
    state.end_figure();
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> (usize, usize) {
        let state = scan(page);
        (state.links.len(), state.figures.len())
    }

    #[test]
    fn links_need_a_text_or_an_image_with_one() {
        for (page, count) in [
            ("<a href=/x><img src=a.png alt=''></a>", 1),
            ("<a href=/x> <b><img src=a.png></b>&nbsp;\n</a>", 1),
            (
                "<a href=/x><img src=a.png alt=''></a><a href=/y><img src=b.png></a>",
                2,
            ),
            ("<a href=/x><img src=a.png alt=''></a><p>text", 1),
            ("<a href=/x><img src=a.png alt='A map'></a>", 0),
            ("<a href=/x><img src=a.png alt=''> Map</a>", 0),
            ("<a href=/x aria-label=Map><img src=a.png alt=''></a>", 0),
            ("<a href=/x title=Map><img src=a.png alt=''></a>", 0),
            ("<a href=/x aria-hidden=true><img src=a.png alt=''></a>", 0),
            (
                "<a href=/x><svg><title>Map</title></svg><img src=a.png alt=''></a>",
                0,
            ),
            ("<a id=x><img src=a.png alt=''></a>", 0),
            ("<a href=/x></a>", 0),
        ] {
            assert_eq!(found(page).0, count, "{page}");
        }
    }

    #[test]
    fn figures_with_a_caption_need_a_role_and_a_label() {
        let figure = |attributes: &str, caption: &str| {
            format!("<figure {attributes}><img src=a.png alt=x>{caption}</figure><p>text")
        };
        let caption = "<figcaption>Text</figcaption>";
        for (page, count) in [
            (figure("", caption), 1),
            (figure("role=figure", caption), 1),
            (figure("aria-label=Text", caption), 1),
            (figure("role=group aria-label=Text", caption), 0),
            (figure("role=figure aria-labelledby=a", caption), 0),
            (figure("", ""), 0),
            (figure("", "<figcaption> </figcaption>"), 0),
            (format!("<figure><pre>x</pre>{caption}</figure>"), 0),
            (figure("", caption).repeat(3), 3),
        ] {
            assert_eq!(found(&page).1, count, "{page}");
        }
    }

    #[test]
    fn only_what_is_asked_for_is_reported() {
        let page = "<p>\n <a href=/x><img alt=''></a><figure><img alt=''><figcaption>x</figcaption></figure>";
        let codes = |asked: &[Code]| -> Vec<(Code, Option<String>)> {
            let found = check("a.html", page.as_bytes(), |code| asked.contains(&code));
            found
                .iter()
                .map(|finding| (finding.code, finding.place()))
                .collect()
        };
        let place = |at: &str| Some(format!("a.html:{at}"));
        assert_eq!(codes(&[]), []);
        assert_eq!(
            codes(&CODES),
            [
                (Code::LinkWithoutName, place("2:2")),
                (Code::CaptionNotBound, place("2:29")),
            ]
        );
        assert_eq!(
            codes(&[Code::CaptionNotBound]),
            [(Code::CaptionNotBound, place("2:29"))]
        );
    }
}
