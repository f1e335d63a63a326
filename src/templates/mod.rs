//! Finds places in templates that print an original although its article has a record: the
//! templates of a site and the keys of its images go in, places come out, with the code to put
//! there.

mod code;
mod data;
mod expression;
mod layouts;
mod local;
mod markup;
mod scope;
mod tag;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::finding::{Code, Finding};
use crate::generator::{self, Kit, ShownImage, ShownText, Templates};
use crate::inventory::Inventory;
use crate::path::SitePath;
use crate::project::Site;
use crate::site::SiteError;
use code::codes;
use data::is_of_data;
use expression::{Piece, bare, key, pieces, with_suffix};
use layouts::Layouts;
use local::is_local;
use markup::Markup;
use tag::{Tag, Value};

/// Largest template that is read, in bytes.
const TEMPLATE_LIMIT: u64 = 1 << 20;

/// Maximum number of images of one template that are looked at: each costs a pass over the template.
const MOST_IMAGES: usize = 500;

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
    /// Whether the replacement needs nothing else in the file.
    pub applies: bool,
    /// Keys of the image and of its record, if the image is passed to the template, so that the
    /// record must be passed as well.
    pub given: Option<(String, String)>,
}

/// Returns a finding for each place where a template prints an original, and for each template that
/// cannot be read.
pub fn check(site: &Site, inventory: &Inventory) -> Vec<Finding> {
    let read = Read::new(site, inventory);
    let printed = read.printed(site, inventory).into_iter();
    let mut findings: Vec<Finding> = printed
        .map(|printed| {
            let message = format!(
                "`{}` prints originals, so that readers load no variants",
                printed.expression
            );
            let hint = match (printed.replacement, printed.given) {
                (Some(replacement), None) => format!("replace it with: {replacement}"),
                (Some(replacement), Some((image, record))) => format!(
                    "pass the record as `{record}` wherever `{image}` is passed or assigned, then \
                     replace this with: {replacement}"
                ),
                (None, _) => "use the snippet that `planche init` writes".to_owned(),
            };
            Finding::new(Code::OriginalPrinted, message)
                .in_file(printed.template.as_str())
                .at_offset(printed.span.start)
                .hint(hint)
        })
        .collect();
    findings.extend(read.unreadable);
    findings
}

/// Finds the places in the templates and HTML pages of a site, sorted.
pub fn printed(site: &Site, inventory: &Inventory) -> Vec<Printed> {
    Read::new(site, inventory).printed(site, inventory)
}

/// Texts of the templates and HTML pages of a site.
#[derive(Default)]
struct Read {
    texts: Vec<(SitePath, String)>,
    unreadable: Vec<Finding>,
}

impl Read {
    /// Reads the templates. Skips files that are too large or not UTF-8: they are not templates.
    fn new(site: &Site, inventory: &Inventory) -> Self {
        let conventions = &site.conventions;
        let mut read = Read::default();
        if conventions.generator.spec().kit.is_none() {
            return read;
        }
        let mut files = BTreeSet::new();
        for folder in &conventions.templates_in {
            match site.root.files_below(folder) {
                Ok(below) => files.extend(below.files.into_iter().map(|(path, _)| path)),
                Err(error) => read.unreadable.push(unreadable(folder, &error)),
            }
        }
        files.extend(inventory.pages.iter().cloned());
        let is_ours = |path: &SitePath| path.name().to_ascii_lowercase().starts_with("planche");
        files.retain(|path| is_template(site, path) && !is_ours(path));
        for path in files {
            match site.root.read(&path, TEMPLATE_LIMIT) {
                Ok((bytes, _)) => {
                    if let Ok(text) = String::from_utf8(bytes) {
                        read.texts.push((path, text));
                    }
                }
                Err(SiteError::TooLarge { .. }) => {}
                Err(error) if error.is_missing() => {}
                Err(error) => read.unreadable.push(unreadable(&path, &error)),
            }
        }
        read
    }

    fn printed(&self, site: &Site, inventory: &Inventory) -> Vec<Printed> {
        let conventions = &site.conventions;
        let Some(kit) = &conventions.generator.spec().kit else {
            return Vec::new();
        };
        let texts = &self.texts;
        let passed = texts.iter().flat_map(|(_, text)| local::passed(text));
        let search = Search {
            kit,
            inventory,
            suffix: site.config.front_matter.suffix.as_str(),
            language: conventions.dialect.templates,
            passed: passed.collect(),
            reads_data: !site.config.data.is_empty(),
        };
        let used = OnceCell::new();
        let used =
            || -> &Option<BTreeSet<String>> { used.get_or_init(|| layouts::used(site, inventory)) };
        let layouts = Layouts::of(texts);
        texts
            .iter()
            .flat_map(|(path, text)| {
                let markup = markup::read(text, search.language);
                let mut printed = search.images(path, text, &markup);
                if inventory.has_body && path.parent().name() == "_layouts" {
                    let texts = search.texts(path, text, &markup);
                    if !texts.is_empty() && layouts.show_records(path.stem(), used) {
                        printed.extend(texts);
                    }
                }
                printed.sort_by_key(|printed| printed.span.start);
                printed
            })
            .collect()
    }
}

/// Returns the finding about a template, or a folder of templates, that cannot be read.
fn unreadable(path: &SitePath, error: &SiteError) -> Finding {
    let message = format!("{}: whether it prints originals is unknown", error.full());
    Finding::new(Code::Unreadable, message).in_file(path.as_str())
}

/// Whether a file in a folder of templates may be a template: not a program or a style sheet. In a
/// theme of Hugo, whose assets are next to its layouts, it must be a layout.
fn is_template(site: &Site, path: &SitePath) -> bool {
    let is_go = site.conventions.dialect.templates == Templates::Go;
    let is_asset = path.below("themes").is_some() && !path.as_str().contains("/layouts/");
    let is_code = matches!(
        path.extension().as_str(),
        "css" | "scss" | "sass" | "less" | "rb" | "ts" | "mts" | "cts"
    ) || is_go && matches!(path.extension().as_str(), "js" | "mjs" | "jsx" | "tsx");
    !(generator::is_binary(path) || is_code || is_go && is_asset)
}

struct Search<'s> {
    kit: &'s Kit,
    inventory: &'s Inventory,
    suffix: &'s str,
    language: Templates,
    /// Names of the values that templates pass to others.
    passed: BTreeSet<String>,
    /// Whether data files can have records.
    reads_data: bool,
}

impl Search<'_> {
    fn images(&self, template: &SitePath, text: &str, markup: &Markup<'_>) -> Vec<Printed> {
        let images = markup.images.iter().take(MOST_IMAGES);
        images
            .filter_map(|tag| self.image(template, text, tag))
            .collect()
    }

    fn image(&self, template: &SitePath, text: &str, tag: &Tag<'_>) -> Option<Printed> {
        if tag.get("srcset").is_some() {
            return None;
        }
        let value = tag.get("src")?;
        let Some((written, is_alone)) = source(value) else {
            return self.conditional_image(template, text, tag, value);
        };
        let src = bare(written)?;
        // Within Hugo's `with`, `.` is the value that the `with` names.
        let (named, is_dot) = match scope::with_around(text, tag.span.start) {
            Some(with) if self.language == Templates::Go && src == "." => (bare(with)?, true),
            _ => (src, false),
        };
        let image = key(named)?;
        if !self.inventory.has_key(image) {
            return None;
        }
        let record = with_suffix(named, self.suffix)?;
        // The expression of a `with` is evaluated outside of it.
        let offset = if is_dot { 0 } else { tag.span.start };
        if !self.reads_data && is_of_data(src, (text, tag.span.start), self.language) {
            return None;
        }
        let is_given = is_local(named, (text, offset), self.language, &self.passed);
        let given = is_given.then(|| (image.to_owned(), format!("{image}{}", self.suffix)));
        let record = if is_dot { from_page(&record) } else { record };
        let replacement = (is_alone && !tag.is_computed)
            .then(|| self.replacement(template, tag, src, &record))
            .flatten();
        let printed = self.at(template, text, tag.span.clone(), named, replacement);
        Some(Printed {
            applies: printed.applies && given.is_none(),
            given,
            ..printed
        })
    }

    /// Returns the image that a `src` with conditions prints, such as
    /// `{% if page.image contains "://" %}{{ page.image }}{% else %}…`. It has no replacement: the
    /// conditions are the author's.
    fn conditional_image(
        &self,
        template: &SitePath,
        text: &str,
        tag: &Tag<'_>,
        value: Value<'_>,
    ) -> Option<Printed> {
        let Value::Text(src) = value else {
            return None;
        };
        if !src.contains("{%") {
            return None;
        }
        let place = (text, tag.span.start);
        // What follows the path, such as `-small.jpg`, would make it the path of another file.
        let is_last = |at: usize| {
            let after = src[at..].split_once("}}").map_or("", |(_, after)| after);
            after.trim_start().is_empty() || after.trim_start().starts_with("{%")
        };
        let outputs = codes(src, "{{", "}}").filter(|(at, _)| is_last(*at));
        let outputs = outputs.filter_map(|(_, code)| bare(code));
        let mut images = outputs.filter(|expression| {
            key(expression).is_some_and(|key| self.inventory.has_key(key))
                && !is_local(expression, place, self.language, &self.passed)
                && (self.reads_data || !is_of_data(expression, place, self.language))
        });
        let expression = images.next()?;
        Some(self.at(template, text, tag.span.clone(), expression, None))
    }

    /// Returns the code that replaces a tag; `None` if the tag has an attribute that the code
    /// cannot take over.
    fn replacement(
        &self,
        template: &SitePath,
        tag: &Tag<'_>,
        src: &str,
        record: &str,
    ) -> Option<String> {
        let known = ["src", "alt", "class", "loading", "decoding"];
        let mut attributes = tag.attributes.iter();
        if !attributes.all(|own| known.iter().any(|name| own.name.eq_ignore_ascii_case(name))) {
            return None;
        }
        let literal = |name| match tag.get(name) {
            Some(Value::Text(text)) if !text.contains('{') => Some(Some(text)),
            Some(_) => None,
            None => Some(None),
        };
        (self.kit.image)(&ShownImage {
            template,
            src,
            record,
            alt: alternative(tag.get("alt"))?,
            class: literal("class")?,
            loading: literal("loading")?,
        })
    }

    fn texts(&self, template: &SitePath, text: &str, markup: &Markup<'_>) -> Vec<Printed> {
        let outputs = markup.outputs.iter().cloned();
        outputs
            .filter_map(|span| {
                let code = text[span.start + 2..span.end - 2].trim_matches('-').trim();
                let replacement = (self.kit.text)(code)?.to_owned();
                // The code of the replacement itself contains such an output.
                if text[span.end..].starts_with("{% endcapture") {
                    return None;
                }
                Some(self.at(template, text, span, code, Some(replacement)))
            })
            .collect()
    }

    fn at(
        &self,
        template: &SitePath,
        text: &str,
        span: Range<usize>,
        expression: &str,
        replacement: Option<String>,
    ) -> Printed {
        Printed {
            template: template.clone(),
            line: text[..span.start].matches('\n').count() + 1,
            span,
            expression: expression.to_owned(),
            applies: self.kit.applies && replacement.is_some(),
            replacement,
            given: None,
        }
    }
}

/// Returns the expression that a `src` ends with, and whether only expressions (a base path)
/// precede it.
fn source(value: Value<'_>) -> Option<(&str, bool)> {
    match value {
        Value::Expression(expression) => Some((expression.trim(), true)),
        Value::Text(text) => {
            let mut pieces = pieces(text)?;
            match pieces.pop()? {
                Piece::Output(last) => {
                    let is_output = |piece: &Piece<'_>| matches!(piece, Piece::Output(_));
                    Some((last, pieces.iter().all(is_output)))
                }
                Piece::Text(_) => None,
            }
        }
    }
}

/// Returns the alternative text; `None` if it mixes text and code.
fn alternative(value: Option<Value<'_>>) -> Option<ShownText<'_>> {
    match value {
        None => Some(ShownText::Literal("")),
        Some(Value::Expression(expression)) => Some(ShownText::Expression(expression.trim())),
        Some(Value::Text(text)) => match pieces(text)?.as_slice() {
            [] => Some(ShownText::Literal("")),
            [Piece::Text(text)] => Some(ShownText::Literal(text)),
            [Piece::Output(expression)] => {
                let expression = bare(expression)?;
                key(expression).map(|_| ShownText::Expression(expression))
            }
            _ => None,
        },
    }
}

/// Rewrites a path of the page so that it works within a `with`.
fn from_page(expression: &str) -> String {
    match expression.strip_prefix("index .") {
        Some(rest) => format!("index $.{rest}"),
        None if expression.starts_with('.') => format!("${expression}"),
        None => expression.to_owned(),
    }
}
