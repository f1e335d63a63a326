//! The modules of a crate, as `syn` parses them: which names each one imports, and which paths its
//! code names. Code for tests is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::{Item, ItemMod};

use super::paths::{Paths, imports, is_for_tests};

/// Segments below the crate's root.
pub type ModulePath = Vec<String>;

/// The modules of one crate.
#[derive(Default)]
pub struct Tree {
    pub modules: BTreeMap<ModulePath, Module>,
}

/// A file, or a module within a file.
#[derive(Default)]
pub struct Module {
    children: BTreeSet<String>,
    /// Other items that are defined in it.
    items: BTreeSet<String>,
    /// Name in this module → the path that it was imported from.
    imports: BTreeMap<String, ModulePath>,
    /// Modules imported with `*`.
    globs: Vec<ModulePath>,
    /// Paths that its code names, from the crate's root.
    paths: BTreeSet<ModulePath>,
}

impl Tree {
    /// Reads a crate from its root file, following `mod` declarations.
    pub fn read(root: &Path) -> Tree {
        let mut tree = Tree::default();
        let folder = root.parent().unwrap().to_owned();
        let items = parse(root).items;
        tree.add(Vec::new(), &items, &folder);
        tree
    }

    /// A crate whose only file has this text; nested modules are inline.
    pub fn from_text(text: &str) -> Tree {
        let mut tree = Tree::default();
        let items = syn::parse_file(text).unwrap().items;
        tree.add(Vec::new(), &items, Path::new(""));
        tree
    }

    /// Adds a module with these items. Files of nested modules are in `folder`.
    fn add(&mut self, path: ModulePath, items: &[Item], folder: &Path) {
        let mut module = Module::default();
        for item in items.iter().filter(|item| !is_for_tests(item)) {
            match item {
                Item::Mod(nested) => {
                    let name = nested.ident.to_string();
                    module.children.insert(name.clone());
                    self.add_nested(&path, &name, nested, folder);
                }
                Item::Use(item) => {
                    for (name, target) in imports(&item.tree, &path) {
                        module.paths.insert(target.clone());
                        match name {
                            Some(name) => drop(module.imports.insert(name, target)),
                            None => module.globs.push(target),
                        }
                    }
                }
                other => module.items.extend(name_of(other)),
            }
        }
        module.paths.extend(Paths::of(items, &path));
        self.modules.insert(path, module);
    }

    fn add_nested(&mut self, parent: &[String], name: &str, nested: &ItemMod, folder: &Path) {
        let path = [parent, &[name.to_owned()]].concat();
        let below = folder.join(name);
        if let Some((_, items)) = &nested.content {
            return self.add(path, items, &below);
        }
        let file = folder.join(format!("{name}.rs"));
        let file = if file.is_file() {
            file
        } else {
            below.join("mod.rs")
        };
        self.add(path, &parse(&file).items, &below);
    }

    /// The module that defines what a path leads to, through imports that re-export it.
    pub fn definer(&self, path: &[String]) -> ModulePath {
        self.resolve(path, 0)
    }

    fn resolve(&self, path: &[String], depth: usize) -> ModulePath {
        let mut at = Vec::new();
        for (index, segment) in path.iter().enumerate() {
            let module = &self.modules[&at];
            if module.children.contains(segment) {
                at.push(segment.clone());
                continue;
            }
            let rest = &path[index + 1..];
            // A name may be imported from a path that starts with the same name.
            if depth > 8 || module.items.contains(segment) {
                return at;
            }
            if let Some(target) = module.imports.get(segment) {
                return self.resolve(&[target, rest].concat(), depth + 1);
            }
            for glob in &module.globs {
                let target = self.resolve(glob, depth + 1);
                if target != at && self.modules[&target].has(segment) {
                    return self.resolve(&[&target, &path[index..]].concat(), depth + 1);
                }
            }
            return at;
        }
        at
    }

    /// All uses of one module by another: user, definer.
    pub fn uses(&self) -> BTreeSet<(ModulePath, ModulePath)> {
        let mut uses = BTreeSet::new();
        for (user, module) in &self.modules {
            for path in &module.paths {
                uses.insert((user.clone(), self.definer(path)));
            }
        }
        uses
    }
}

impl Module {
    fn has(&self, name: &str) -> bool {
        self.children.contains(name) || self.items.contains(name) || self.imports.contains_key(name)
    }
}

fn parse(file: &Path) -> syn::File {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"))
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
