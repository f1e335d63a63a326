//! The order of the modules, the cycles among them, and the size of the files.

mod graph;
mod paths;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use graph::{Graph, cycles, graphs};
use tree::Tree;

/// The modules of the library, each before those that use it.
const ORDER: [&str; 38] = [
    "printable",
    "language",
    "path",
    "finding",
    "tree",
    "settings",
    "glob",
    "published",
    "generator",
    "site",
    "store",
    "preset",
    "record",
    "config",
    "manifest",
    "project",
    "setup",
    "sizes",
    "article",
    "reference",
    "original",
    "isolation",
    "ledger",
    "survey",
    "inventory",
    "templates",
    "plan",
    "variant",
    "front_matter",
    "report",
    "flow",
    "jobs",
    "html",
    "sheet",
    "watch",
    "preview",
    "bench",
    "internal",
];

/// Root files of the crates whose modules are checked for cycles.
const CRATES: [&str; 3] = ["src/lib.rs", "src/main.rs", "src/picture/lib.rs"];

/// Upper bounds for the number of lines of a source file. Files that contain only tests do not
/// count.
const LONGEST: usize = 450;
const MEDIAN: usize = 160;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn modules_use_only_those_before_them() {
    let library = Tree::read(&root().join("src/lib.rs"));
    let place = |module: &str| {
        ORDER
            .iter()
            .position(|other| *other == module)
            .unwrap_or_else(|| panic!("{module} is not in the list"))
    };
    let mut wrong = Vec::new();
    for (user, used) in &graphs(&library)[&Vec::new()] {
        for used in used {
            if place(user) < place(used) {
                wrong.push(format!("{user} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let modules = library.modules.keys().filter(|path| path.len() == 1);
    let modules: BTreeSet<&str> = modules.map(|path| path[0].as_str()).collect();
    assert_eq!(modules, BTreeSet::from(ORDER), "the list is not complete");
}

#[test]
fn siblings_do_not_use_each_other_in_a_circle() {
    let mut wrong = Vec::new();
    for file in CRATES {
        for (folder, graph) in graphs(&Tree::read(&root().join(file))) {
            for cycle in cycles(&graph) {
                let names: Vec<&str> = cycle.iter().map(String::as_str).collect();
                let name = format!("{file} {}: {}", folder.join("::"), names.join(", "));
                wrong.push(name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn benchmarks_are_used_by_no_other_module_of_the_library() {
    let library = Tree::read(&root().join("src/lib.rs"));
    let graph = &graphs(&library)[&Vec::new()];
    let users = graph.iter().filter(|(_, used)| used.contains("bench"));
    let users: Vec<&str> = users.map(|(user, _)| user.as_str()).collect();
    assert_eq!(
        users,
        ["internal"],
        "all modules, for the program and the tests"
    );
}

#[test]
fn the_map_lists_the_modules_in_their_order() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let rows = ORDER.map(|module| {
        map.find(&format!("\n| `{module}` "))
            .or_else(|| map.find(&format!("\n| `{module}/` ")))
            .unwrap_or_else(|| panic!("{module} has no row in ARCHITECTURE.md"))
    });
    assert!(rows.is_sorted(), "the map has another order");
}

#[test]
fn files_are_short() {
    let lines = files().into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (text.lines().count(), path)
    });
    let mut lines: Vec<(usize, PathBuf)> = lines.collect();
    lines.sort();
    let median = lines[lines.len() / 2].0;
    assert!(median < MEDIAN, "the median is {median}");
    let too_long: BTreeMap<&Path, usize> = lines
        .iter()
        .filter(|(count, _)| *count >= LONGEST)
        .map(|(count, path)| (path.strip_prefix(root()).unwrap(), *count))
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn panics_are_caught_in_one_place() {
    let catching = files().into_iter().filter(|path| {
        let text = fs::read_to_string(path).unwrap();
        text.contains("catch_unwind")
    });
    let catching: Vec<PathBuf> = catching.collect();
    assert_eq!(catching, [root().join("src/picture/contained.rs")]);
}

/// Returns the source files of all crates, without those of tests.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                files.push(path);
            }
        }
    }
    files
}

/// Returns the graph of the top-level modules of a crate with this source text.
fn graph_of(text: &str) -> Graph {
    graphs(&Tree::from_text(text))
        .remove(&Vec::new())
        .unwrap_or_default()
}

#[test]
fn each_way_to_use_a_module_is_seen() {
    for text in [
        "use crate::b::{self, c::X as Y};",
        "use super::b;",
        "fn f() { use crate::b::X; }",
        "fn f() -> crate::b::X { todo!() }",
        "mod c { fn f() { super::super::b::g(); } }",
        "#[cfg(test)] mod tests {} use crate::b::X;",
        "fn f() { println!(\"{}\", crate::b::X); }",
        "#[derive(D)] struct S { #[serde(with = \"crate::b::c\")] x: u8 }",
        // The module is used through a name that the crate root has imported.
        "use crate::X;",
        "use super::*; fn f() -> X {}",
        "use crate::again; fn f() { again::g() }",
    ] {
        let crate_text = format!(
            "mod a {{ {text} }} mod b {{ mod c {{ struct X; }} struct X; }} use b::X; use b as again;"
        );
        let graph = graph_of(&crate_text);
        let expected = Graph::from([("a".to_owned(), BTreeSet::from(["b".to_owned()]))]);
        assert_eq!(graph, expected, "{text}");
    }
}

#[test]
fn tests_and_other_crates_are_no_uses() {
    for text in [
        "#[cfg(test)] mod tests { use crate::b::X; }",
        "#[cfg(test)] use crate::b::X;",
        "#[test] fn f() { crate::b::g(); }",
        "use other::b::X;",
        "struct X; fn f() -> X { X }",
        "/// See [`crate::b::X`].\nstruct Y;",
    ] {
        let graph = graph_of(&format!(
            "mod a {{ {text} }} mod b {{ struct X; }} use b::X;"
        ));
        assert_eq!(graph, Graph::new(), "{text}");
    }
}

#[test]
fn cycles_of_any_length_are_found() {
    let graph = graph_of(
        "mod a { use super::b::X; } mod b { use crate::c::X; } mod c { use crate::a::X; } mod d { use super::a::X; }",
    );
    let circle = BTreeSet::from(["a", "b", "c"].map(str::to_owned));
    assert_eq!(cycles(&graph), BTreeSet::from([circle]));
}
