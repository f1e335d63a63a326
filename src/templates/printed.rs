//! A place in a template that prints an original, or a text with originals.

use std::ops::Range;

use crate::path::SitePath;

/// A place in a template that prints an original, or a text with originals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    pub template: SitePath,
    /// Byte range of the tag, or of the output of a text.
    pub span: Range<usize>,
    /// Number of the line, from 1.
    pub line: usize,
    /// The printed expression, for messages.
    pub expression: String,
    /// Code to replace it with; `None` if planche cannot determine any.
    pub replacement: Option<String>,
    /// Why there is no replacement, if there is none.
    pub obstacle: Obstacle,
    /// Whether the replacement needs nothing else in the file.
    pub applies: bool,
    /// Keys of the image and of its record, if the image is passed to the template, so that the
    /// record must be passed as well.
    pub given: Option<(String, String)>,
}

impl Printed {
    /// Returns the same place in a component of another framework.
    pub(super) fn in_framework(self) -> Self {
        Printed {
            replacement: None,
            obstacle: Obstacle::Framework,
            applies: false,
            given: None,
            ..self
        }
    }
}

/// Why planche cannot determine the code that shows a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Obstacle {
    /// The tag has its own attributes or code.
    #[default]
    OwnCode,
    /// A variable is set under a condition, or in several places.
    Several,
    /// The image is an item of a list, and the template does not show of which page.
    List,
    /// The image is in a `<picture>` that has sources.
    Picture,
    /// The image is the background of an element.
    Background,
    /// The template is a component of another framework, which cannot use the snippet.
    Framework,
}

/// Sorts the places of a template, and sets the numbers of their lines, in one pass over the text.
pub(super) fn numbered(mut printed: Vec<Printed>, text: &str) -> Vec<Printed> {
    printed.sort_by_key(|printed| printed.span.start);
    let (mut at, mut line) = (0, 1);
    for printed in &mut printed {
        line += text[at..printed.span.start].matches('\n').count();
        at = printed.span.start;
        printed.line = line;
    }
    printed
}
