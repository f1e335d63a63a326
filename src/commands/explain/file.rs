//! Formats the output of `explain` for an upload or an article.

use std::fmt::Write;

use planche::internal::flow::{ChosenBy, Explanation, ImageUse, NamedPlace, NoRecord};
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::units::ByteSize;
use planche::internal::plan::{ExplainedElement, ExplainedImage, ExplainedWidth, WidthReason};
use planche::internal::printable::Printable;
use planche::internal::report::{DisplayPaths, Terminal};

/// Maximum number of places per image that are listed individually.
const PLACES: usize = 8;

pub fn text(explanation: &Explanation, here: &DisplayPaths, terminal: Terminal) -> String {
    let mut text = String::new();
    let kind = if explanation.is_article {
        "an article"
    } else {
        "an upload"
    };
    let path = terminal.paint("1", &Printable::new(explanation.path.as_str()).to_string());
    line(&mut text, format_args!("{path}: {}", terminal.say(kind)));
    for image in &explanation.images {
        line(&mut text, format_args!(""));
        add_image(&mut text, image, here, terminal);
    }
    if !explanation.unrecorded.is_empty() {
        let header = terminal.say("references without a record");
        line(&mut text, format_args!("\n{header}"));
    }
    for unrecorded in &explanation.unrecorded {
        let reason = match unrecorded.reason {
            NoRecord::OnlyChecked => {
                "planche checks that it exists; such an attribute has no srcset"
            }
            NoRecord::NoUpload => "its upload is missing or cannot be used",
            NoRecord::Shared => "it shares the record of another place in this article",
            NoRecord::Skipped => "its record cannot be written, so it needs no variants",
        };
        let place = place(&unrecorded.place, here);
        line(
            &mut text,
            format_args!("  {place}: {}", terminal.say(reason)),
        );
    }
    if !explanation.findings.is_empty() {
        line(&mut text, format_args!(""));
    }
    for finding in &explanation.findings {
        line(
            &mut text,
            format_args!("{}", terminal.finding(&here.finding(finding))),
        );
    }
    text
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

fn add_image(text: &mut String, image: &ImageUse, here: &DisplayPaths, terminal: Terminal) {
    let ImageUse {
        original,
        preset,
        widths,
        is_undecodable,
        places,
    } = image;
    let is_undecodable = *is_undecodable;
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
        Printable::new(preset),
    );
    let title = terminal.paint("1", &terminal.say(&title));
    line(text, format_args!("{title}"));
    for shown in places.iter().take(PLACES) {
        let chosen_by = chosen_by(&shown.chosen_by, here);
        let used = format!("  used at {}; {chosen_by}", place(shown, here));
        line(text, format_args!("{}", terminal.say(&used)));
    }
    if places.len() > PLACES {
        let more = places.len() - PLACES;
        let more = terminal.say(&format!("  … and at {more} more places"));
        line(text, format_args!("{more}"));
    }
    match widths {
        ExplainedImage::PublishedAsIs => {
            let as_is = terminal.say("  published as is: the preset generates no variants of it");
            line(text, format_args!("{as_is}"));
        }
        ExplainedImage::Responsive {
            elements,
            lists_original,
            phone,
            desktop,
        } => {
            let loaded = |url: &str| {
                let by = |chosen: &Option<String>, who| {
                    (!is_undecodable && chosen.as_deref() == Some(url)).then_some(who)
                };
                let readers = [by(phone, "a phone"), by(desktop, "a desktop")];
                readers
                    .into_iter()
                    .flatten()
                    .collect::<Vec<&str>>()
                    .join(" and ")
            };
            for element in elements {
                add_element(text, element, is_undecodable, &loaded, terminal);
            }
            let mut files = elements.iter().flat_map(|element| &element.widths);
            let is_built = files.all(|width| {
                width
                    .variant
                    .as_ref()
                    .is_none_or(|file| file.bytes.is_some())
            });
            let reason = match lists_original {
                _ if is_undecodable => "all that readers get: it cannot be decoded",
                Some(_) if !is_built => "listed if the largest variant is no smaller",
                Some(true) => "listed: the variant of its width is no smaller",
                Some(false) => "not listed: its largest variant is smaller",
                None => {
                    "never listed: only a whole image in a web format, upright, in sRGB and \
                     without a GPS position can be"
                }
            };
            let size = terminal.say(&ByteSize(original.bytes).to_string());
            let reason = terminal.say(reason);
            line(text, format_args!("  original {size:>11}  {reason}"));
        }
    }
}

fn add_element(
    text: &mut String,
    element: &ExplainedElement,
    is_undecodable: bool,
    loaded: &dyn Fn(&str) -> String,
    terminal: Terminal,
) {
    let name = element.format.spec().title;
    let media = element.media.as_deref();
    let media = media
        .map(|media| terminal.say(&format!(" for {media}")))
        .unwrap_or_default();
    let sizes = element.sizes.as_deref();
    let sizes = sizes
        .map(|sizes| format!(", sizes=\"{sizes}\""))
        .unwrap_or_default();
    line(text, format_args!("  {name}{media}{sizes}"));
    for width in &element.widths {
        let size = match width.variant.as_ref().map(|file| file.bytes) {
            Some(Some(bytes)) => ByteSize(bytes).to_string(),
            Some(None) => "no file yet".to_owned(),
            None => "no variant".to_owned(),
        };
        let reason = reason(width, is_undecodable);
        let (size, reason) = (terminal.say(&size), terminal.say(&reason));
        let readers = width.variant.as_ref().map(|file| loaded(&file.url));
        let readers = match readers.as_deref() {
            None | Some("") => String::new(),
            Some(readers) => terminal.say(&format!("; loaded by {readers}")),
        };
        line(
            text,
            format_args!("  {:>6}w  {size:>11}  {reason}{readers}", width.width),
        );
    }
}

fn reason(width: &ExplainedWidth, is_undecodable: bool) -> String {
    let is_made = width
        .variant
        .as_ref()
        .is_none_or(|file| file.bytes.is_some());
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
