//! Finds the images in Markdown and in the HTML inside it, through the events of `pulldown-cmark`.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::image::Image;
use super::template::{Masked, has_expression};
use super::value::is_local_or_template;
use super::{AltText, Certainty, ReadBy, html, kramdown, mdx};
use crate::generator::Markdown;

/// Extensions that the generators enable.
const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_FOOTNOTES);

/// Returns the images of a Markdown text.
pub(super) fn images(masked: &mut Masked<'_>, markdown: Markdown) -> Vec<Image> {
    let is_kramdown = matches!(markdown, Markdown::Kramdown { .. });
    let options = match markdown {
        Markdown::Goldmark => OPTIONS.union(Options::ENABLE_DEFINITION_LIST),
        _ => OPTIONS,
    };
    let (text, mut html) = match markdown {
        Markdown::CommonMark | Markdown::Goldmark => (masked.text().to_owned(), Vec::new()),
        Markdown::NoIndentedCode => (without_indented_code(masked.text()), Vec::new()),
        Markdown::Mdx => {
            let (text, html) = mdx::prepare(masked);
            (without_indented_code(&text), html)
        }
        Markdown::Kramdown { parse_block_html } => {
            kramdown::prepare(masked, OPTIONS, parse_block_html)
        }
    };
    let mut found: Vec<Found> = Vec::new();
    let mut texts = Texts::default();
    let mut code: Vec<Range<usize>> = Vec::new();
    let mut footnotes = Footnotes::default();
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        texts.read(&event, &mut found);
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                footnotes.add_image(found.len());
                found.push(Found {
                    value: dest_url.into_string(),
                    offset: range.start,
                    alt: AltText::Unknown,
                });
            }
            // The target of a link is no image: restoring it marks its expressions as used.
            Event::Start(Tag::Link { dest_url, .. }) => drop(masked.restore(&dest_url)),
            Event::Html(_) | Event::InlineHtml(_) => html.push(range),
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => code.push(range),
            Event::Start(Tag::FootnoteDefinition(label)) => {
                footnotes.open = Some(label.to_string())
            }
            Event::End(TagEnd::FootnoteDefinition) => footnotes.open = None,
            Event::FootnoteReference(label) => {
                footnotes.used.insert(label.to_string());
            }
            _ => {}
        }
    }
    masked.forget(&code);
    if is_kramdown {
        footnotes.drop_unused(&mut found);
    }
    let read_by = if is_kramdown {
        ReadBy::Browser
    } else {
        ReadBy::CommonMark
    };
    let mut images: Vec<Image> = found
        .into_iter()
        .map(|found| Image {
            value: masked.restore(&found.value),
            offset: found.offset,
            certainty: Certainty::Named,
            read_by,
            wants_record: true,
            alt: found.alt,
        })
        .filter(|image| is_local_or_template(&image.value))
        .collect();
    let html_text = only(masked.text(), html);
    images.extend(html::images(masked, &html_text));
    images
}

/// An image of Markdown's own syntax.
struct Found {
    value: String,
    offset: usize,
    alt: AltText,
}

/// Texts of the image and the link that are being read.
#[derive(Default)]
struct Texts {
    image: Option<OpenImage>,
    link: Option<Link>,
}

/// An image whose text is being read.
struct OpenImage {
    index: usize,
    text: String,
    /// Number of nested images that are open; their text is part of this one's.
    depth: usize,
}

/// A link that is being read.
#[derive(Default)]
struct Link {
    has_name: bool,
    /// Indices of its images.
    images: Vec<usize>,
}

impl Texts {
    /// Processes the next event; `found` has the images before it.
    fn read(&mut self, event: &Event<'_>, found: &mut [Found]) {
        match event {
            Event::Start(Tag::Image { .. }) => match &mut self.image {
                Some(image) => image.depth += 1,
                None => {
                    self.image = Some(OpenImage {
                        index: found.len(),
                        text: String::new(),
                        depth: 0,
                    });
                }
            },
            Event::End(TagEnd::Image) => match &mut self.image {
                Some(image) if image.depth > 0 => image.depth -= 1,
                _ => self.end_image(found),
            },
            Event::Start(Tag::Link { title, .. }) => {
                self.link = Some(Link {
                    has_name: !title.trim().is_empty(),
                    images: Vec::new(),
                });
            }
            Event::End(TagEnd::Link) => {
                let link = self.link.take().filter(|link| !link.has_name);
                for index in link.into_iter().flat_map(|link| link.images) {
                    found[index].alt = AltText::Empty { is_link: true };
                }
            }
            Event::Text(text) | Event::Code(text) => self.add(text),
            // What HTML within a link shows is not known, so that it counts as text.
            Event::InlineHtml(_) => self.add("?"),
            Event::SoftBreak | Event::HardBreak => self.add(" "),
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        match (&mut self.image, &mut self.link) {
            (Some(image), _) => image.text.push_str(text),
            (None, Some(link)) => link.has_name |= !text.trim().is_empty(),
            (None, None) => {}
        }
    }

    fn end_image(&mut self, found: &mut [Found]) {
        let Some(OpenImage { index, text, .. }) = self.image.take() else {
            return;
        };
        found[index].alt = if has_expression(&text) {
            AltText::Unknown
        } else {
            AltText::of(&text)
        };
        if let Some(link) = &mut self.link {
            link.has_name |= found[index].alt != AltText::of("");
            link.images.push(index);
        }
    }
}

/// Footnotes, and the images in their definitions: kramdown does not render a footnote without a
/// reference.
#[derive(Default)]
struct Footnotes {
    /// Label of the definition that is being read.
    open: Option<String>,
    used: HashSet<String>,
    /// Images inside definitions: index of the image, and label of the definition.
    images: Vec<(usize, String)>,
}

impl Footnotes {
    fn add_image(&mut self, index: usize) {
        if let Some(label) = &self.open {
            self.images.push((index, label.clone()));
        }
    }

    /// Removes the images of definitions without a reference.
    fn drop_unused(self, found: &mut Vec<Found>) {
        for (index, label) in self.images.into_iter().rev() {
            if !self.used.contains(&label) {
                found.remove(index);
            }
        }
    }
}

/// Puts a letter before each line of indented code, so that the line becomes a paragraph, as in a
/// parser without indented code. The length stays the same.
fn without_indented_code(text: &str) -> String {
    let mut is_indented = false;
    let mut letters: Vec<usize> = Vec::new();
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => is_indented = true,
            Event::End(TagEnd::CodeBlock) => is_indented = false,
            Event::Text(_) if is_indented => letters.extend(range.start.checked_sub(1)),
            _ => {}
        }
    }
    let mut bytes = text.as_bytes().to_vec();
    for at in letters {
        let is_blank = bytes
            .get(at + 1)
            .is_none_or(|next| matches!(next, b'\r' | b'\n'));
        if matches!(bytes[at], b' ' | b'\t') && !is_blank {
            bytes[at] = b'x';
        }
    }
    String::from_utf8(bytes).expect("blanks were replaced with letters")
}

/// Blanks out everything outside of these ranges. The length stays the same.
fn only(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_by_key(|range| range.start);
    let mut shown = String::with_capacity(text.len());
    for range in ranges {
        let start = range.start.max(shown.len());
        if start < range.end {
            shown.extend(std::iter::repeat_n(' ', start - shown.len()));
            shown.push_str(&text[start..range.end]);
        }
    }
    shown.extend(std::iter::repeat_n(' ', text.len() - shown.len()));
    shown
}
