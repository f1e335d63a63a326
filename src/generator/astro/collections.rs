//! The folders of content collections, and the aliases of folders.

use super::super::Files;
use super::super::config::Value;
use super::super::places::{folder, within};
use super::super::script::Script;
use crate::glob::Glob;
use crate::path::SitePath;

/// The files that define the collections.
pub(super) fn files(source: &SitePath) -> Vec<SitePath> {
    let extensions = ["ts", "mts", "mjs", "js"];
    let own = extensions.map(|extension| within(source, &format!("content.config.{extension}")));
    let legacy = extensions.map(|extension| within(source, &format!("content/config.{extension}")));
    own.into_iter().chain(legacy).collect()
}

/// The folders of `glob({ base, pattern })`: the base, or the folder in it that all patterns are
/// in if the base is the root.
pub(super) fn folders(definitions: &[SitePath], files: &dyn Files) -> Vec<SitePath> {
    let Some(text) = definitions.iter().find_map(|path| files.text(path)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for argument in Script::new(&text).arguments("glob") {
        let base = argument.text(&["base"]).unwrap_or_default();
        let Some(base) = SitePath::normalise(&base) else {
            continue;
        };
        if !base.is_root() {
            found.push(base);
            continue;
        }
        let patterns = argument.list(&["pattern"]).into_iter();
        let patterns = patterns.filter(|pattern| !pattern.starts_with('!'));
        let fixed = patterns.filter_map(|pattern| Some(Glob::new(&pattern).ok()?.fixed_folder()));
        found.extend(fixed.filter(|folder| !folder.is_root()));
    }
    found
}

/// The prefixes `@/*` of `compilerOptions.paths` and the folder of each.
pub(super) fn aliases(text: &str) -> Vec<(String, SitePath)> {
    let script = Script::new(text);
    let options = script.properties("compilerOptions");
    let Some(options) = options.first() else {
        return Vec::new();
    };
    let base = folder(&options.text(&["baseUrl"]).unwrap_or_default());
    let Some(Value::Map(paths)) = options.get(&["paths"]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, _) in paths {
        let Some(prefix) = name.strip_suffix('*').filter(|prefix| !prefix.is_empty()) else {
            continue;
        };
        let targets = options.list(&["paths", name]);
        let first = targets.first().and_then(|target| target.strip_suffix('*'));
        if let Some(target) = first {
            found.push((prefix.to_owned(), within(&base, target)));
        }
    }
    found
}
