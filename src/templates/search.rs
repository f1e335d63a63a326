//! Searches a template for front-matter images: its tags go in, the places that print an original
//! come out.

use std::collections::BTreeSet;
use std::ops::Range;

use super::attribute::{background_urls, source};
use super::calls::{Argument, Call, calls, position};
use super::code::codes;
use super::data::is_of_data;
use super::expression::{alternatives, bare, key, records, with_suffix};
use super::local::{is_local, parameter, passed};
use super::markup::Markup;
use super::origin::{Origin, Work, origins};
use super::printed::{Obstacle, Printed};
use super::replacement::replacement;
use super::scope::tags_around;
use super::tag::{Tag, Value};
use super::texts;
use super::values::{branches, resource, resource_name};
use crate::generator::{Kit, ShownRecord, Templates};
use crate::inventory::Inventory;
use crate::path::SitePath;
use crate::project::Site;

/// Maximum number of images of one template that are looked at: each costs several passes over the
/// template.
const MOST_IMAGES: usize = 500;

/// Maximum number of calls of one template that are followed.
const MOST_CALLS: usize = 10;

/// Number of passes over all templates of a site that following their variables may cost.
const MOST_PASSES: usize = 200;

/// Number of bytes that following variables may go through in any site.
const LEAST_WORK: usize = 64 << 20;

/// What to search for, and the templates of the site.
pub(super) struct Search<'s> {
    kit: &'s Kit,
    inventory: &'s Inventory,
    suffix: &'s str,
    list_key: &'s str,
    language: Templates,
    texts: &'s [(SitePath, String)],
    /// What templates pass to others, with the indices of their texts.
    calls: Vec<(usize, Call<'s>)>,
    /// Names of the values that templates pass to others.
    passed: BTreeSet<String>,
    /// Whether data files can have records.
    reads_data: bool,
    /// For following variables.
    work: Work,
}

/// The front-matter image that is the value of an expression.
enum Image {
    /// The expression, where it is evaluated.
    Of(Origin),
    /// A parameter, which gets the image from another template.
    Passed,
}

impl<'s> Search<'s> {
    pub fn new(
        kit: &'s Kit,
        inventory: &'s Inventory,
        site: &'s Site,
        texts: &'s [(SitePath, String)],
    ) -> Self {
        let language = site.conventions.dialect.templates;
        let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        let calls = texts.iter().enumerate().flat_map(|(number, (_, text))| {
            let calls = calls(text, language).into_iter();
            calls.map(move |call| (number, call))
        });
        Search {
            kit,
            inventory,
            suffix: site.config.front_matter.suffix.as_str(),
            list_key: site.config.front_matter.list_key.as_str(),
            language,
            texts,
            calls: calls.collect(),
            passed: texts.iter().flat_map(|(_, text)| passed(text)).collect(),
            reads_data: !site.config.data.is_empty(),
            work: Work::new((MOST_PASSES * bytes).max(LEAST_WORK)),
        }
    }

    /// Returns the `<img>` tags that print an original, and the `<source>` tags of pictures whose
    /// `<img>` prints none.
    pub fn images(&self, template: &SitePath, text: &str, markup: &Markup<'_>) -> Vec<Printed> {
        let in_picture = |printed| Printed {
            replacement: None,
            obstacle: Obstacle::Picture,
            applies: false,
            given: None,
            ..printed
        };
        let mut pictures = BTreeSet::new();
        let mut found = Vec::new();
        for tag in markup.images.iter().take(MOST_IMAGES) {
            let image = self.image(template, text, tag);
            match markup.picture_around(tag) {
                None => found.extend(image),
                // The source shows the record, and the image is for browsers without sources.
                Some(picture) if text[picture.clone()].contains(self.suffix) => {
                    pictures.insert(picture.start);
                }
                Some(picture) if image.is_some() => {
                    pictures.insert(picture.start);
                    found.extend(image.map(in_picture));
                }
                Some(_) => {}
            }
        }
        for tag in markup.sources.iter().take(MOST_IMAGES) {
            let Some(picture) = markup.picture_around(tag) else {
                continue;
            };
            let mut values = ["srcset", "data-srcset"]
                .into_iter()
                .filter_map(|name| tag.get(name));
            if !pictures.contains(&picture.start)
                && let Some(image) =
                    values.find_map(|value| self.image_in(template, text, tag, value))
            {
                pictures.insert(picture.start);
                found.push(in_picture(image));
            }
        }
        found
    }

    /// Returns the styles with an original as the background.
    pub fn backgrounds(
        &self,
        template: &SitePath,
        text: &str,
        markup: &Markup<'_>,
    ) -> Vec<Printed> {
        let styles = markup.styles.iter().take(MOST_IMAGES);
        let found = styles.filter_map(|(span, style)| {
            let place = (text, span.start);
            let mut urls = background_urls(style).into_iter();
            let expression = urls.find_map(|url| {
                let values = branches(url, self.language);
                let name = || self.name_of_resource(url, place);
                self.one_of(&values, template, place).or_else(name)
            })?;
            let printed = self.at(template, span.clone(), &expression, None);
            Some(Printed {
                obstacle: Obstacle::Background,
                ..printed
            })
        });
        found.collect()
    }

    fn image(&self, template: &SitePath, text: &str, tag: &Tag<'_>) -> Option<Printed> {
        if tag.get("srcset").is_some() {
            return None;
        }
        // Some scripts load what is in `data-src`.
        let mut values = ["src", "data-src"]
            .into_iter()
            .filter_map(|name| tag.get(name));
        values.find_map(|value| self.image_in(template, text, tag, value))
    }

    fn image_in(
        &self,
        template: &SitePath,
        text: &str,
        tag: &Tag<'_>,
        value: Value<'_>,
    ) -> Option<Printed> {
        let Some((written, is_alone)) = source(value) else {
            return self.conditional_image(template, text, tag, value);
        };
        let place = (text, tag.span.start);
        let values = branches(written, self.language);
        if values.len() > 1 {
            let expression = self.one_of(&values, template, place)?;
            let printed = self.at(template, tag.span.clone(), &expression, None);
            return Some(Printed {
                obstacle: Obstacle::Several,
                ..printed
            });
        }
        if let Some(expression) = self.name_of_resource(written, place) {
            return Some(self.at(template, tag.span.clone(), &expression, None));
        }
        let (first, is_only) = alternatives(written, self.language);
        let src = bare(first)?;
        let can_replace = is_alone && is_only && !tag.is_computed;
        let replaced = |is_same: bool, src: &str, record: Option<ShownRecord<'_>>| {
            let record = record.filter(|_| can_replace && is_same)?;
            replacement(self.kit, template, tag, src, record)
        };
        let Image::Of(origin) = self.image_of(src, template, place)? else {
            let image = key(src)?;
            let record = with_suffix(src, self.suffix)?;
            let replacement = replaced(true, src, Some(ShownRecord::Beside(&record)));
            let printed = self.at(template, tag.span.clone(), src, replacement);
            return Some(self.given(printed, image));
        };
        let named = origin.expression.as_str();
        // The record has the value as written in the front matter.
        let shown = if origin.is_plain { src } else { named };
        if origin.is_item {
            let list = records(named, self.language, self.list_key);
            let list = list.as_deref().map(ShownRecord::In);
            let has_list = list.is_some();
            // The variable is the item.
            let replacement = replaced(origin.is_same && origin.is_plain, src, list);
            let printed = self.at(template, tag.span.clone(), named, replacement);
            let obstacle = match (has_list, origin.is_same) {
                (false, _) => Obstacle::List,
                (true, false) => Obstacle::Several,
                (true, true) => Obstacle::OwnCode,
            };
            return Some(Printed {
                obstacle,
                ..printed
            });
        }
        let record = with_suffix(named, self.suffix)?;
        let replacement = replaced(origin.is_same, shown, Some(ShownRecord::Beside(&record)));
        let mut printed = self.at(template, tag.span.clone(), named, replacement);
        if !origin.is_same {
            printed.obstacle = Obstacle::Several;
        }
        if is_local(named, (text, origin.at), self.language, &self.passed) {
            printed = self.given(printed, key(named)?);
        }
        Some(printed)
    }

    /// Returns the first of several expressions whose value is an image, as its origin writes it.
    fn one_of(
        &self,
        expressions: &[&str],
        template: &SitePath,
        place: (&str, usize),
    ) -> Option<String> {
        expressions.iter().find_map(|expression| {
            let (first, _) = alternatives(expression, self.language);
            let expression = bare(first)?;
            match self.image_of(expression, template, place)? {
                Image::Of(origin) => Some(origin.expression),
                Image::Passed => Some(expression.to_owned()),
            }
        })
    }

    /// Returns the image whose file a template of Hugo reads itself to print its URL, as in
    /// `{{ with resources.Get .Params.image }}{{ .RelPermalink }}`. No code can replace it: the
    /// template may need the file for more.
    fn name_of_resource(&self, expression: &str, (text, offset): (&str, usize)) -> Option<String> {
        if self.language != Templates::Go {
            return None;
        }
        let resource = resource(bare(expression)?)?;
        let values = origins(resource, (text, offset), self.language, &self.work);
        values.iter().find_map(|value| {
            let name = resource_name(&value.expression)?;
            let origins = origins(name, (text, value.at), self.language, &self.work);
            let mut origins = origins.into_iter();
            let found = origins.find(|origin| {
                let place = (text, origin.at);
                let is_local = is_local(&origin.expression, place, self.language, &self.passed);
                !is_local && self.has_record(origin, text)
            })?;
            Some(found.expression)
        })
    }

    /// Returns the image that is the value of an expression at a place.
    fn image_of(
        &self,
        expression: &str,
        template: &SitePath,
        (text, offset): (&str, usize),
    ) -> Option<Image> {
        let mut origins = origins(expression, (text, offset), self.language, &self.work);
        let is_own = |origin: &Origin| {
            let place = (text, origin.at);
            !is_local(&origin.expression, place, self.language, &self.passed)
        };
        let images: Vec<usize> = (0..origins.len())
            .filter(|number| self.has_record(&origins[*number], text))
            .collect();
        // Where a variable has the name of a key, its value counts.
        let own = images
            .iter()
            .rev()
            .find(|number| is_own(&origins[**number]));
        if let Some(found) = own.or(images.first()) {
            return Some(Image::Of(origins.swap_remove(*found)));
        }
        let is_passed = origins
            .iter()
            .any(|origin| self.is_passed_image(origin, template, text));
        is_passed.then_some(Image::Passed)
    }

    /// Whether an expression is the key of an image with a record, or a list of such images.
    fn has_record(&self, origin: &Origin, text: &str) -> bool {
        let place = (text, origin.at);
        let is_image = key(&origin.expression).is_some_and(|key| match origin.is_item {
            true => {
                let passed = &self.passed;
                let is_local = is_local(&origin.expression, place, self.language, passed);
                self.inventory.has_list(key) && !is_local
            }
            false => self.inventory.has_key(key),
        });
        is_image && (self.reads_data || !is_of_data(&origin.expression, place, self.language))
    }

    /// Whether an expression is a parameter that gets an image from another template.
    fn is_passed_image(&self, origin: &Origin, template: &SitePath, text: &str) -> bool {
        let Some(name) = parameter(&origin.expression, (text, origin.at), self.language) else {
            return false;
        };
        if !self.work.take(text.len() + self.calls.len()) {
            return false;
        }
        let blocks = match self.language {
            Templates::Nunjucks | Templates::Tera => tags_around(text, origin.at),
            Templates::Liquid | Templates::Go | Templates::Plain => Vec::new(),
        };
        let mut blocks = blocks.iter().rev();
        let in_macro = blocks.find(|block| block.word == "macro");
        let parts = in_macro.map(|block| block.expression.split_once('(').unwrap_or_default());
        let macro_name = parts.map(|(name, _)| name.trim());
        let position = parts.and_then(|(_, parameters)| position(name, parameters));
        let calls = self.calls.iter().filter(|(_, call)| {
            let is_it = match call.argument {
                Argument::Named(own) => own == name,
                Argument::Positional(own) => Some(own) == position,
            };
            is_it && call.is_of(template, macro_name)
        });
        let mut calls = calls.take(MOST_CALLS);
        calls.any(|(caller, call)| {
            let caller = self.texts[*caller].1.as_str();
            branches(call.value, self.language).iter().any(|value| {
                let (value, _) = alternatives(value, self.language);
                bare(value).is_some_and(|value| {
                    let origins = origins(value, (caller, call.at), self.language, &self.work);
                    origins.iter().any(|origin| self.has_record(origin, caller))
                })
            })
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
        let mut images =
            outputs.filter_map(
                |expression| match self.image_of(expression, template, place)? {
                    Image::Of(origin) => {
                        let place = (text, origin.at);
                        let is_given =
                            is_local(&origin.expression, place, self.language, &self.passed);
                        (!is_given).then_some(origin.expression)
                    }
                    Image::Passed => None,
                },
            );
        let expression = images.next()?;
        Some(self.at(template, tag.span.clone(), &expression, None))
    }

    /// Returns the outputs of the page's body.
    pub fn bodies(&self, template: &SitePath, text: &str, markup: &Markup<'_>) -> Vec<Printed> {
        let found = texts::of_body(self.kit, text, &markup.outputs).into_iter();
        found
            .map(|(span, code, replacement)| self.at(template, span, code, Some(replacement)))
            .collect()
    }

    /// Returns the outputs of texts in front matter with images.
    pub fn texts(&self, template: &SitePath, text: &str, markup: &Markup<'_>) -> Vec<Printed> {
        let place = (text, markup.outputs.as_slice());
        let found = texts::of_keys(self.kit, self.inventory, self.list_key, place, &self.work);
        let found = found.into_iter();
        found
            .map(|(span, code, replacement)| self.at(template, span, code, Some(replacement)))
            .collect()
    }

    /// Marks a place whose image is passed to the template under a name.
    fn given(&self, printed: Printed, image: &str) -> Printed {
        Printed {
            applies: false,
            given: Some((image.to_owned(), format!("{image}{}", self.suffix))),
            ..printed
        }
    }

    /// Returns a place without its line, which [`printed::numbered`](super::printed::numbered)
    /// adds.
    fn at(
        &self,
        template: &SitePath,
        span: Range<usize>,
        expression: &str,
        replacement: Option<String>,
    ) -> Printed {
        Printed {
            template: template.clone(),
            line: 0,
            span,
            expression: expression.to_owned(),
            applies: self.kit.applies && replacement.is_some(),
            replacement,
            obstacle: Obstacle::default(),
            given: None,
        }
    }
}
