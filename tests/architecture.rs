//! A module uses only those before it, in the order that `ARCHITECTURE.md` and the library's front
//! page give.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The library's modules, each before those that use it.
const ORDER: [&str; 26] = [
    "units",
    "printable",
    "path",
    "finding",
    "tree",
    "settings",
    "glob",
    "published",
    "preset",
    "record",
    "config",
    "look",
    "manifest",
    "site",
    "article",
    "reference",
    "original",
    "ledger",
    "survey",
    "plan",
    "variant",
    "front_matter",
    "report",
    "pipeline",
    "watch",
    "bench",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The text of a module: its file, its folder's files, without comments and unit tests.
fn text_of(module: &str) -> String {
    let mut files = vec![source().join(format!("{module}.rs"))];
    let mut folders = vec![source().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    texts.map(|text| code(&text)).collect()
}

fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The modules that a text names as `crate::name` or within `crate::{name::…, …}`.
fn used_by(text: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut used = BTreeSet::new();
    for (at, path) in text.match_indices("crate::") {
        let rest = &text[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let end = group.find("};").unwrap_or(group.len());
                used.extend(group[..end].split(',').map(|part| name(part.trim())));
            }
            None => {
                used.insert(name(rest));
            }
        }
    }
    used
}

#[test]
fn modules_use_only_those_before_them() {
    let mut wrong = Vec::new();
    for (place, module) in ORDER.iter().enumerate() {
        let text = text_of(module);
        assert!(!text.is_empty(), "{module} has no file");
        for used in used_by(&text) {
            let at = ORDER.iter().position(|other| *other == used);
            if at.is_some_and(|at| at > place) {
                wrong.push(format!("{module} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_order_is_the_one_that_the_documents_give() {
    let library = fs::read_to_string(source().join("lib.rs")).unwrap();
    let declared: BTreeSet<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(declared, BTreeSet::from(ORDER));
    let linked = |text: &str, mark: fn(&str) -> String| -> Vec<usize> {
        ORDER
            .iter()
            .map(|module| {
                text.find(&mark(module))
                    .unwrap_or_else(|| panic!("{module} is not named"))
            })
            .collect()
    };
    // Benchmarks are no part of the documented library.
    let library = library + "[`bench`]";
    let front_page = linked(&library, |module| format!("[`{module}`]"));
    assert!(front_page.is_sorted(), "the library's front page");
    let map = fs::read_to_string(source().join("../ARCHITECTURE.md")).unwrap();
    let rows = ORDER.map(|module| {
        map.find(&format!("\n| `{module}` "))
            .or_else(|| map.find(&format!("\n| `{module}/` ")))
            .unwrap_or_else(|| panic!("{module} has no row"))
    });
    assert!(rows.is_sorted(), "the map");
}

#[test]
fn the_binary_uses_the_library_and_not_the_other_way_round() {
    for module in ORDER {
        for own in ["cli", "commands", "exit"] {
            assert!(
                !used_by(&text_of(module)).contains(own),
                "{module} uses {own}"
            );
        }
    }
}

#[test]
fn what_is_forbidden_is_seen() {
    let text = code(
        "use crate::{pipeline, units::{Width}};\n// crate::plan\nlet x = crate::site::Site;\n#[cfg(test)]\nmod tests { use crate::report; }",
    );
    let used: Vec<String> = used_by(&text).into_iter().collect();
    assert!(used.contains(&"pipeline".to_owned()) && used.contains(&"site".to_owned()));
    assert!(!used.contains(&"plan".to_owned()) && !used.contains(&"report".to_owned()));
}
