//! Hugo's configuration: one file at the root, merged with the files of `config/_default/` and
//! `config/production/`.

use super::super::config::{Keys, Value};
use super::super::places::folder;
use super::super::{Files, zola};
use crate::finding::Finding;
use crate::path::SitePath;

/// Names in the root folder that only Hugo uses: the first that exists is read.
const OWN: [&str; 4] = ["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"];

/// Older names, which other programs use as well.
const GENERAL: [&str; 4] = ["config.toml", "config.yaml", "config.yml", "config.json"];

/// Configuration folders that a build for publication reads; the later one wins.
pub(super) const FOLDERS: [&str; 2] = ["config/_default", "config/production"];

const SYNTAXES: [&str; 4] = ["toml", "yaml", "yml", "json"];

/// Whether a configuration of Hugo exists.
pub(super) fn is_there(files: &dyn Files) -> bool {
    let exists = |name: &&str| files.has_file(&folder(name));
    let default = folder(FOLDERS[0]);
    let in_default = SYNTAXES
        .iter()
        .flat_map(|syntax| [format!("hugo.{syntax}"), format!("config.{syntax}")])
        .any(|name| files.has_file(&default.child(&name)));
    OWN.iter().any(&exists)
        || in_default
        || GENERAL.iter().any(exists)
            && (has_folder(files, &["content", "archetypes", "config/_default"])
                || is_its_own(files))
            && !zola::has_base_url(files, &GENERAL[..1])
}

fn has_folder(files: &dyn Files, names: &[&str]) -> bool {
    names.iter().any(|name| files.has_folder(&folder(name)))
}

/// Whether the content of a configuration with an older name shows that it is Hugo's. Other
/// programs also have a `baseURL`, but hardly in TOML.
fn is_its_own(files: &dyn Files) -> bool {
    let config = Value::first(files, &GENERAL, Keys::AnyCase, &mut Vec::new());
    let has = |keys: &[&str]| keys.iter().any(|key| config.get(&[key]).is_some());
    let is_toml = files.has_file(&folder(GENERAL[0]));
    has(&[
        "archetypedir",
        "contentdir",
        "defaultcontentlanguage",
        "languagecode",
        "staticdir",
        "themesdir",
    ]) || has(&["baseurl"]) && (is_toml || has(&["theme", "title"]))
        || is_toml && has_folder(files, &["layouts", "themes"])
}

/// Returns the possible configuration files in the root folder.
pub(super) fn files() -> Vec<SitePath> {
    OWN.iter()
        .chain(&GENERAL)
        .map(|name| folder(name))
        .collect()
}

/// Reads the whole configuration. Keys are in lower case, as Hugo ignores their case.
pub(super) fn read(files: &dyn Files, findings: &mut Vec<Finding>) -> Value {
    let root = [&OWN[..], &GENERAL[..]].concat();
    let mut config = Value::first(files, &root, Keys::AnyCase, findings);
    for name in FOLDERS {
        let parent = folder(name);
        for entry in files.names(&parent) {
            let path = parent.child(&entry.name);
            if entry.is_folder || !SYNTAXES.contains(&path.extension().as_str()) {
                continue;
            }
            let Some(value) = Value::read(files, &path, Keys::AnyCase, findings) else {
                continue;
            };
            config.merge(place(path.stem(), value));
        }
    }
    config
}

/// Puts the value of a file in a configuration folder under the key that the file's name denotes:
/// `params.toml` under `params`, `params.fr.toml` under `languages.fr.params`.
fn place(stem: &str, value: Value) -> Value {
    let stem = stem.to_lowercase();
    let (key, language) = match stem.split_once('.') {
        Some((key, language)) => (key, Some(language)),
        None => (stem.as_str(), None),
    };
    let value = match key {
        "hugo" | "config" => value,
        "menu" => value.under(&["menus"]),
        key => value.under(&[key]),
    };
    match language {
        Some(language) => value.under(&["languages", language]),
        None => value,
    }
}
