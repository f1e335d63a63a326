//! Formats the output of `explain` for an upload or an article.

use std::fmt::Write;

use planche::internal::flow::{ChosenBy, Explanation, ImageUse, NamedPlace, NoRecord, Unrecorded};
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::units::ByteSize;
use planche::internal::plan::{ExplainedElement, ExplainedImage, ExplainedWidth, WidthReason};
use planche::internal::printable::Printable;
use planche::internal::report::{DisplayPaths, Terminal};

/// Maximum number of places per image that are listed individually.
const PLACES: usize = 8;

pub fn text(explanation: &Explanation, here: &DisplayPaths, terminal: Terminal) -> String {
    let mut page = Page {
        text: String::new(),
        here,
        terminal,
    };
    let is_named = !explanation.images.is_empty() || !explanation.unrecorded.is_empty();
    let kind = match (explanation.is_article, is_named) {
        (true, _) => "an article",
        (false, true) => "an upload",
        // Such as a template.
        (false, false) => "a file with findings",
    };
    let path = terminal.paint("1", &Printable::new(explanation.path.as_str()).to_string());
    page.line(format_args!("{path}: {}", terminal.say(kind)));
    for image in &explanation.images {
        page.line(format_args!(""));
        page.image(image);
    }
    page.unrecorded(&explanation.unrecorded);
    if !explanation.findings.is_empty() {
        page.line(format_args!(""));
    }
    for finding in &explanation.findings {
        let finding = terminal.finding(&here.finding(finding));
        page.line(format_args!("{finding}"));
    }
    page.text
}

/// The text so far, and what it is formatted for.
struct Page<'p> {
    text: String,
    here: &'p DisplayPaths,
    terminal: Terminal,
}

impl Page<'_> {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// Adds what becomes of an image, and why.
    fn image(&mut self, image: &ImageUse) {
        let original = &image.original;
        let dimensions = original.info.dimensions();
        let format = match &original.info {
            ImageInfo::Raster(raster) => raster.format.spec().title,
            ImageInfo::Vector { .. } => "SVG",
        };
        let title = format!(
            "{} ({format}, {} × {} px, {}) with preset `{}`",
            Printable::new(original.path.as_str()),
            dimensions.width,
            dimensions.height,
            ByteSize(original.bytes),
            Printable::new(&image.preset),
        );
        let title = self.terminal.paint("1", &self.terminal.say(&title));
        self.line(format_args!("{title}"));
        self.places(&image.places);
        match &image.widths {
            ExplainedImage::PublishedAsIs => {
                let as_is = "  published as is: the preset generates no variants of it";
                let as_is = self.terminal.say(as_is);
                self.line(format_args!("{as_is}"));
            }
            ExplainedImage::Responsive {
                elements,
                lists_original,
                ..
            } => {
                for element in elements {
                    self.element(element, image);
                }
                self.original(elements, *lists_original, image);
            }
        }
    }

    /// Adds the places that name an image.
    fn places(&mut self, places: &[NamedPlace]) {
        for shown in places.iter().take(PLACES) {
            let chosen_by = chosen_by(&shown.chosen_by, self.here);
            let used = format!("  used at {}; {chosen_by}", place(shown, self.here));
            let used = self.terminal.say(&used);
            self.line(format_args!("{used}"));
        }
        if places.len() > PLACES {
            let more = match places.len() - PLACES {
                1 => "  … and at one more place".to_owned(),
                more => format!("  … and at {more} more places"),
            };
            let more = self.terminal.say(&more);
            self.line(format_args!("{more}"));
        }
    }

    /// Adds an element of an image, with its widths.
    fn element(&mut self, element: &ExplainedElement, image: &ImageUse) {
        let terminal = self.terminal;
        let name = element.format.spec().title;
        let media = element.media.as_deref();
        let media = media
            .map(|media| terminal.say(&format!(" for {media}")))
            .unwrap_or_default();
        let sizes = element.sizes.as_deref();
        let sizes = sizes
            .map(|sizes| format!(", sizes=\"{sizes}\""))
            .unwrap_or_default();
        self.line(format_args!("  {name}{media}{sizes}"));
        for width in &element.widths {
            let size = match width.variant.as_ref().map(|file| file.bytes) {
                Some(Some(bytes)) => ByteSize(bytes).to_string(),
                Some(None) => "no file yet".to_owned(),
                None => "no variant".to_owned(),
            };
            let reason = reason(width, image.is_undecodable);
            let (size, reason) = (terminal.say(&size), terminal.say(&reason));
            let readers = width.variant.as_ref().map(|file| readers(image, &file.url));
            let readers = match readers.as_deref() {
                None | Some("") => String::new(),
                Some(readers) => terminal.say(&format!("; loaded by {readers}")),
            };
            self.line(format_args!(
                "  {:>6}w  {size:>11}  {reason}{readers}",
                width.width
            ));
        }
    }

    /// Adds whether the original is listed too.
    fn original(
        &mut self,
        elements: &[ExplainedElement],
        lists_original: Option<bool>,
        image: &ImageUse,
    ) {
        let mut widths = elements.iter().flat_map(|element| &element.widths);
        let reason = match lists_original {
            _ if image.is_undecodable => "all that readers get: it cannot be decoded",
            Some(_) if !widths.all(is_made) => "listed if the largest variant is no smaller",
            Some(true) => "listed: the variant of its width is no smaller",
            Some(false) => "not listed: its largest variant is smaller",
            None => {
                "never listed: only a whole image in a web format, upright, in sRGB and \
                 without a GPS position can be"
            }
        };
        let size = ByteSize(image.original.bytes).to_string();
        let (size, reason) = (self.terminal.say(&size), self.terminal.say(reason));
        self.line(format_args!("  original {size:>11}  {reason}"));
    }

    /// Adds the references that get no record, and why.
    fn unrecorded(&mut self, unrecorded: &[Unrecorded]) {
        if !unrecorded.is_empty() {
            let header = self.terminal.say("references without a record");
            self.line(format_args!("\n{header}"));
        }
        for unrecorded in unrecorded {
            let reason = match unrecorded.reason {
                NoRecord::OnlyChecked => {
                    "planche checks that it exists; such an attribute has no srcset"
                }
                NoRecord::NoUpload => "its upload is missing or cannot be used",
                NoRecord::Shared => "it shares the record of another place in this article",
                NoRecord::Skipped => "its record cannot be written, so it needs no variants",
            };
            let place = place(&unrecorded.place, self.here);
            let reason = self.terminal.say(reason);
            self.line(format_args!("  {place}: {reason}"));
        }
    }
}

/// Returns which readers load the file with this URL for an image; empty if none do.
fn readers(image: &ImageUse, url: &str) -> String {
    let ExplainedImage::Responsive { phone, desktop, .. } = &image.widths else {
        return String::new();
    };
    let by = |chosen: &Option<String>, who| {
        (!image.is_undecodable && chosen.as_deref() == Some(url)).then_some(who)
    };
    let readers = [by(phone, "a phone"), by(desktop, "a desktop")];
    let readers: Vec<&str> = readers.into_iter().flatten().collect();
    readers.join(" and ")
}

/// Whether the variant of a width has been made, or there is none.
fn is_made(width: &ExplainedWidth) -> bool {
    let variant = width.variant.as_ref();
    variant.is_none_or(|file| file.bytes.is_some())
}

fn reason(width: &ExplainedWidth, is_undecodable: bool) -> String {
    let is_made = is_made(width);
    match width.reason {
        WidthReason::Listed if !is_made && is_undecodable => {
            "no build can generate it: the original cannot be decoded".to_owned()
        }
        WidthReason::Listed if !is_made => "the next build generates it".to_owned(),
        WidthReason::Listed => "listed".to_owned(),
        WidthReason::Wider { shown } => {
            format!("the image is only {shown} px wide")
        }
        WidthReason::TooTall => "a WebP of this width would be too tall".to_owned(),
        WidthReason::CloseTo { largest } => {
            format!("less than 10% narrower than {largest}w")
        }
        WidthReason::NoSmallerThanOriginal => "left out: no smaller than the original".to_owned(),
        WidthReason::NoSmallerThan { width, step } => match step {
            None => format!("left out: no smaller than {width}w"),
            Some(step) => {
                format!(
                    "left out: saves less than {} against {width}w",
                    ByteSize(step)
                )
            }
        },
        WidthReason::ElementLeftOut => {
            "left out with its <source>, which would load more than the next one".to_owned()
        }
    }
}

/// Formats the position and the key of a place: `FILE:LINE:COLUMN (KEY)`, or `(body)` instead of
/// the key.
fn place(place: &NamedPlace, here: &DisplayPaths) -> String {
    let article = here.path(place.article.as_str());
    let article = Printable::new(&article);
    let position = place.position;
    let position = position.map(|at| format!(":{}:{}", at.line, at.column));
    let position = position.unwrap_or_default();
    match &place.key {
        Some(key) => format!("{article}{position} ({})", Printable::new(key)),
        None => format!("{article}{position} (body)"),
    }
}

fn chosen_by(chosen_by: &ChosenBy, here: &DisplayPaths) -> String {
    match chosen_by {
        ChosenBy::Rule { number, place } => {
            let place = place.as_ref().map(|(file, position)| {
                let file = here.path(file);
                format!(" ({}:{})", Printable::new(&file), position.line)
            });
            format!("preset from rule {number}{}", place.unwrap_or_default())
        }
        ChosenBy::Key => "default preset for its key".to_owned(),
        ChosenBy::Body => "default preset for body images".to_owned(),
        ChosenBy::Nothing => "no rule applies".to_owned(),
    }
}
