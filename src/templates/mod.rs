//! Finds places in templates that print an original although its article has a record: the
//! templates of a site and the keys of its images go in, places come out, with the code to put
//! there.

mod attribute;
mod calls;
mod code;
mod data;
mod definitions;
mod expression;
mod layouts;
mod local;
mod markup;
mod origin;
mod printed;
mod replacement;
mod scope;
mod search;
mod tag;
mod texts;
mod values;

use std::cell::LazyCell;
use std::collections::BTreeSet;

use crate::finding::{Code, Finding};
use crate::generator::{self, Templates};
use crate::inventory::Inventory;
use crate::path::SitePath;
use crate::project::Site;
use crate::site::SiteError;
use layouts::Layouts;
use printed::numbered;
use search::Search;

pub use printed::{Obstacle, Printed};

/// Largest template that is read, in bytes.
const TEMPLATE_LIMIT: u64 = 1 << 20;

/// Returns a finding for each place where a template prints an original, and for each template that
/// cannot be read.
pub fn check(site: &Site, inventory: &Inventory) -> Vec<Finding> {
    let read = Read::new(site, inventory);
    let printed = read.printed(site, inventory).into_iter();
    let mut findings: Vec<Finding> = printed
        .map(|printed| {
            let message = format!(
                "`{}` prints originals, so readers load no variants",
                printed.expression
            );
            let hint = hint(&printed, site.config.front_matter.list_key.as_str());
            Finding::new(Code::OriginalPrinted, message)
                .in_file(printed.template.as_str())
                .at_offset(printed.span.start)
                .hint(hint)
        })
        .collect();
    findings.extend(read.unreadable);
    findings
}

/// Returns what to do about a place. `list_key` is the key of the list of records.
fn hint(printed: &Printed, list_key: &str) -> String {
    match (&printed.replacement, &printed.given) {
        (Some(replacement), None) => format!("replace it with: {replacement}"),
        (Some(replacement), Some((image, record))) => format!(
            "pass the record as `{record}` wherever `{image}` is passed or assigned, then \
             replace this with: {replacement}"
        ),
        (None, _) => match printed.obstacle {
            Obstacle::OwnCode => "use the snippet that `planche init` writes".to_owned(),
            Obstacle::Several => "its value is set under a condition, or in several places: use \
                the snippet that `planche init` writes for each of them"
                .to_owned(),
            Obstacle::List => format!(
                "pass `{list_key}` of the page that owns the list, as `images`, to the snippet that \
                 `planche init` writes"
            ),
            Obstacle::Picture => {
                "the `<picture>` has its own sources: show the variants of each of them by hand, \
                or replace it with the snippet that `planche init` writes"
                    .to_owned()
            }
            Obstacle::Background => {
                "a background has no `srcset`: show an `<img>` with the snippet \
                that `planche init` writes, or see the recipe for CSS backgrounds"
                    .to_owned()
            }
            Obstacle::Framework => {
                "this component cannot use the snippet, which is one of Astro: write `srcset` and \
                `sizes` of the record by hand, or run `planche html` on the built pages"
                    .to_owned()
            }
        },
    }
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
        let search = Search::new(kit, inventory, site, texts);
        let used = LazyCell::new(|| layouts::used(site, inventory));
        let layouts = Layouts::of(texts);
        texts
            .iter()
            .flat_map(|(path, text)| {
                let markup = markup::read(text, conventions.dialect.templates);
                let mut printed = search.images(path, text, &markup);
                printed.extend(search.backgrounds(path, text, &markup));
                printed.extend(search.texts(path, text, &markup));
                if inventory.has_body && layouts::is_layout(path) {
                    let texts = search.bodies(path, text, &markup);
                    if !texts.is_empty() && layouts.show_records(path.stem(), || &used) {
                        printed.extend(texts);
                    }
                }
                if kit.foreign.contains(&path.extension().as_str()) {
                    printed = printed.into_iter().map(Printed::in_framework).collect();
                }
                numbered(printed, text)
            })
            .collect()
    }
}

/// Returns the finding about a template, or a templates folder, that cannot be read.
fn unreadable(path: &SitePath, error: &SiteError) -> Finding {
    let message = format!("{}: whether it prints originals is unknown", error.full());
    Finding::new(Code::Unreadable, message).in_file(path.as_str())
}

/// Whether a file in a templates folder may be a template: not a program or a style sheet. In a
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
