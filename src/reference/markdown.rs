//! Images in Markdown, through `pulldown-cmark` with offsets, and in the HTML inside it.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::template::Masked;
use super::{Certainty, Image, html, kramdown};
use crate::site::Templates;

/// The images of a Markdown text.
pub(super) fn images(masked: &mut Masked<'_>, templates: Templates) -> Vec<Image> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let mut html: Vec<Range<usize>> = Vec::new();
    let text = if templates == Templates::Liquid {
        masked.hide(kramdown::spaced_destinations(masked.text()));
        html = kramdown::html_blocks(masked.text(), options);
        kramdown::filled(masked.text(), &html)
    } else {
        masked.text().to_owned()
    };
    let mut found: Vec<(String, usize)> = Vec::new();
    let mut code: Vec<Range<usize>> = Vec::new();
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                found.push((dest_url.into_string(), range.start))
            }
            // A link to a picture is left alone, expressions included.
            Event::Start(Tag::Link { dest_url, .. }) => drop(masked.restore(&dest_url)),
            Event::Html(_) | Event::InlineHtml(_) => html.push(range),
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => code.push(range),
            _ => {}
        }
    }
    masked.forget(&code);
    let mut images: Vec<Image> = found
        .into_iter()
        .map(|(value, offset)| Image {
            value: masked.restore(&value),
            offset,
            certainty: Certainty::Named,
            wants_record: true,
        })
        .filter(|image| super::is_local_or_template(&image.value))
        .collect();
    html.sort_by_key(|range| range.start);
    let mut html_text = Blanked::new(masked.text());
    for range in html {
        html_text.show(range);
    }
    let html_text = html_text.finish();
    images.extend(html::images(masked, &html_text));
    images
}

/// A text of the same length in which only some ranges are shown.
struct Blanked<'t> {
    text: &'t str,
    shown: String,
}

impl<'t> Blanked<'t> {
    fn new(text: &'t str) -> Self {
        Blanked {
            text,
            shown: String::with_capacity(text.len()),
        }
    }

    fn blank_to(&mut self, end: usize) {
        let at = self.shown.len();
        if end > at {
            self.shown.extend(std::iter::repeat_n(' ', end - at));
        }
    }

    fn show(&mut self, range: Range<usize>) {
        self.blank_to(range.start);
        let start = self.shown.len().max(range.start);
        if start < range.end {
            self.shown.push_str(&self.text[start..range.end]);
        }
    }

    fn finish(mut self) -> String {
        self.blank_to(self.text.len());
        self.shown
    }
}
