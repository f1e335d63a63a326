//! Reads the folders of content collections and the aliases of folders: the texts of configurations
//! go in, folders, globs and aliases come out.

use super::super::Files;
use super::super::config::Value;
use super::super::places::{folder, within};
use super::super::script::Script;
use crate::glob::Glob;
use crate::path::SitePath;

/// Returns the files that may define the collections.
pub(super) fn files(source: &SitePath) -> Vec<SitePath> {
    let extensions = ["ts", "mts", "mjs", "js"];
    let own = extensions.map(|extension| within(source, &format!("content.config.{extension}")));
    let legacy = extensions.map(|extension| within(source, &format!("content/config.{extension}")));
    own.into_iter().chain(legacy).collect()
}

/// Returns the folders of `glob({ base, pattern })`: the base, or, if that is the root, the fixed
/// folder at the start of each pattern.
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

/// Returns globs for the files that negated patterns of `glob({ base, pattern })` exclude from the
/// collections.
pub(super) fn excluded(definitions: &[SitePath], files: &dyn Files) -> Vec<Glob> {
    let Some(text) = definitions.iter().find_map(|path| files.text(path)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for argument in Script::new(&text).arguments("glob") {
        let base = argument.text(&["base"]).unwrap_or_default();
        let Some(base) = SitePath::normalise(&base) else {
            continue;
        };
        let patterns = argument.list(&["pattern"]);
        let negated = patterns
            .iter()
            .filter_map(|pattern| pattern.strip_prefix('!'));
        found.extend(negated.filter_map(|pattern| {
            let pattern = pattern.trim_start_matches("./");
            let whole = match base.is_root() {
                true => pattern.to_owned(),
                false => format!("{base}/{pattern}"),
            };
            Glob::new(&whole).ok()
        }));
    }
    found
}

/// Maximum length of a chain of configurations that extend one another.
const EXTENDS_LIMIT: usize = 8;

/// Returns the prefixes, such as `@/`, of `compilerOptions.paths`, each with its folder. A
/// configuration without paths inherits those of the one that it extends.
pub(super) fn aliases(path: &SitePath, files: &dyn Files) -> Vec<(String, SitePath)> {
    aliases_of(path, files, EXTENDS_LIMIT)
}

fn aliases_of(path: &SitePath, files: &dyn Files, left: usize) -> Vec<(String, SitePath)> {
    let Some(text) = files.text(path).filter(|_| left > 0) else {
        return Vec::new();
    };
    let script = Script::new(&text);
    let options = script.properties("compilerOptions");
    if let Some(options) = options.first()
        && let Some(Value::Map(paths)) = options.get(&["paths"])
    {
        let base = options.text(&["baseUrl"]).unwrap_or_default();
        return of_paths(options, paths, &within(&path.parent(), &base));
    }
    let extended = script.properties("extends").into_iter();
    let extended = extended.flat_map(|value| value.list(&[])).rev();
    extended
        .filter(|name| name.starts_with('.'))
        .flat_map(|name| {
            let parent = within(&path.parent(), &name);
            let name = parent.name().to_owned();
            let with_extension = parent.parent().child(&format!("{name}.json"));
            let in_folder = parent.child("tsconfig.json");
            [parent, with_extension, in_folder]
        })
        .find(|path| files.has_file(path))
        .map_or_else(Vec::new, |path| aliases_of(&path, files, left - 1))
}

fn of_paths(
    options: &Value,
    paths: &[(String, Value)],
    base: &SitePath,
) -> Vec<(String, SitePath)> {
    let mut found = Vec::new();
    for (name, _) in paths {
        let Some(prefix) = name.strip_suffix('*').filter(|prefix| !prefix.is_empty()) else {
            continue;
        };
        let targets = options.list(&["paths", name]);
        let first = targets.first().and_then(|target| target.strip_suffix('*'));
        if let Some(target) = first {
            found.push((prefix.to_owned(), within(base, target)));
        }
    }
    found
}

/// Returns the aliases of `vite.resolve.alias`, which is a map or a list of
/// `{ find, replacement }`. An alias is a whole path segment.
pub(super) fn vite_aliases(script: &Script<'_>) -> Vec<(String, SitePath)> {
    let mut found = Vec::new();
    let mut add = |name: &str, target: &str| {
        let bare = name.trim_end_matches('/');
        if !bare.is_empty() {
            found.push((format!("{bare}/"), folder(target)));
        }
    };
    for value in script.properties("alias") {
        match &value {
            Value::Map(pairs) => {
                for (name, _) in pairs {
                    if let Some(target) = value.text(&[name.as_str()]) {
                        add(name, &target);
                    }
                }
            }
            Value::List(items) => {
                for item in items {
                    if let (Some(name), Some(target)) =
                        (item.text(&["find"]), item.text(&["replacement"]))
                    {
                        add(&name, &target);
                    }
                }
            }
            Value::Text(_) => {}
        }
    }
    found
}
