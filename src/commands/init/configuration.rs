//! The `planche.yml` of a site: reads it, writes a new one, and adds rules to the new one.

use anyhow::{Result, bail};

use planche::internal::config::{Config, FILE};
use planche::internal::generator::{Generator, GeneratorSetting};
use planche::internal::inventory::Inventory;
use planche::internal::path::SitePath;
use planche::internal::printable::Printable;
use planche::internal::project::read_settings;
use planche::internal::settings;
use planche::internal::site::{Existing, Root, STATE_FOLDER};

use super::data::DataFiles;
use super::journal::Journal;
use super::setting::with_generator;
use super::{CONFIGURATION_LIMIT, rules, site_path};
use crate::commands::output::{note, write_line};

const TEMPLATE: &str = include_str!("planche.yml");

/// The line in [`TEMPLATE`] that begins the commented-out rules.
const RULES: &str = "# rules:\n";

/// The example in [`TEMPLATE`] of a setting that selects data files.
const DATA: &str = "# data: [\"_data/**/*.yml\"]\n";

/// Name of the file in [`STATE_FOLDER`] with the JSON Schema of `planche.yml`, for text editors.
const SCHEMA: &str = "planche.schema.json";

/// Reads the site's own configuration, if there is one.
pub(super) fn read(root: &Root) -> Result<Option<Config>> {
    let Some(text) = read_settings(root)? else {
        return Ok(None);
    };
    match Config::read(FILE, &text) {
        Ok(config) => Ok(Some(config)),
        Err(finding) => bail!("{finding}"),
    }
}

/// Writes `planche.yml`. If there is one already, sets only `generator:` in it. Returns the files
/// that belong to planche: a configuration that its owner has written does not.
pub(super) fn write(
    root: &Root,
    journal: &mut Journal<'_>,
    generator: Generator,
    config: Option<&Config>,
    undo: &mut Vec<String>,
) -> Result<Vec<String>> {
    let path = site_path(FILE);
    let Some(config) = config else {
        let text = TEMPLATE
            .replace("{generators}", &GeneratorSetting::names().join(" | "))
            .replace("{generator}", generator.name())
            .replace("{schema}", &format!("{STATE_FOLDER}/{SCHEMA}"));
        let schema = serde_json::to_string_pretty(&settings::schema::<Config>())? + "\n";
        let schema_path = SitePath::root().child(STATE_FOLDER).child(SCHEMA);
        root.create(&schema_path, schema.as_bytes(), Existing::Replace)?;
        journal.create(&path, &text)?;
        note!("wrote {FILE}");
        return Ok(vec![FILE.to_owned()]);
    };
    let is_read_as = match config.generator {
        GeneratorSetting::Auto => Generator::recognize(root).unwrap_or(Generator::NONE),
        GeneratorSetting::Named(named) => named,
    };
    if is_read_as != generator {
        let (bytes, _) = root.read(&path, CONFIGURATION_LIMIT)?;
        let old = config.generator.name();
        let changed = match with_generator(&bytes, config, generator) {
            Some(text) => journal
                .replace(&path, &String::from_utf8(bytes)?, &text)?
                .written()?,
            None => false,
        };
        if !changed {
            bail!(
                "{FILE} says `generator: {old}` – hint: set `generator: {}` in it first",
                generator.name()
            );
        }
        note!(
            "changed `generator: {old}` to `generator: {}` in {FILE}",
            generator.name()
        );
        undo.push(format!("set `generator: {old}` in {FILE}, if you keep it"));
    }
    let is_ours = journal.has_created(&path);
    Ok(is_ours.then(|| FILE.to_owned()).into_iter().collect())
}

/// Adds what was found on the site to the `planche.yml` that this run has written: the rules for
/// its keys, and in a comment the setting that selects its data files.
pub(super) fn write_found(
    root: &Root,
    journal: &mut Journal<'_>,
    inventory: &Inventory,
    data: &DataFiles,
) -> Result<()> {
    let rules = rules::rules(inventory);
    let path = site_path(FILE);
    let Some(text) = root.read_text(&path)? else {
        return Ok(());
    };
    let mut after = text.clone();
    if let Some(setting) = data.setting() {
        after = after.replacen(DATA, &format!("# {setting}\n"), 1);
    }
    if !rules.is_empty() {
        // The examples below `rules:` are comments and stay.
        after = after.replacen(RULES, &format!("rules:\n{rules}# Examples:\n"), 1);
    }
    if after == text || Config::read(FILE, &after).is_err() {
        return Ok(());
    }
    if journal.replace(&path, &text, &after)?.written()? && !rules.is_empty() {
        note!("added these rules to {FILE}");
    }
    Ok(())
}

/// Prints the rules that a configuration of the site's owner lacks.
pub(super) fn show_missing_rules(config: &Config, inventory: &Inventory) {
    let missing = rules::missing(config, inventory);
    if missing.is_empty() {
        return;
    }
    note!("{FILE} already exists, so these rules were not added; add those that you want to it:");
    for rule in missing {
        // A rule has nothing to translate.
        write_line(&format!("  - {}", Printable::new(&rule)));
    }
}
