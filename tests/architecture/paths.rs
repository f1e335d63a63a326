//! Paths in code, turned into paths from the crate's root.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree};

use super::tree::ModulePath;

/// Collects the paths that the code of one module names, imports within functions included, and
/// those within macro calls and attributes. Nested modules are left out.
pub struct Paths<'m> {
    module: &'m [String],
    found: BTreeSet<ModulePath>,
}

impl<'m> Paths<'m> {
    pub fn of(items: &[Item], module: &'m [String]) -> BTreeSet<ModulePath> {
        let mut paths = Paths {
            module,
            found: BTreeSet::new(),
        };
        for item in items.iter().filter(|item| !is_for_tests(item)) {
            paths.visit_item(item);
        }
        paths.found
    }

    fn add(&mut self, segments: &[String]) {
        self.found.extend(from_root(segments, self.module));
    }

    /// `crate::…`, `super::…` and `self::…` in tokens that `syn` does not parse, in literals too:
    /// serde names functions in them.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.add_tokens_path(&mut segments);
                    }
                    segments.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.add_tokens_path(&mut segments);
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.add_tokens(group.stream()),
                        TokenTree::Literal(literal) => {
                            let text = literal.to_string();
                            let path = text.trim_matches('"').split("::");
                            let mut path: Vec<String> = path.map(str::to_owned).collect();
                            self.add_tokens_path(&mut path);
                        }
                        _ => {}
                    }
                }
            }
        }
        self.add_tokens_path(&mut segments);
    }

    fn add_tokens_path(&mut self, segments: &mut Vec<String>) {
        let is_name = |segment: &String| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !segment.is_empty() && segment.chars().all(is_part)
        };
        if segments.len() > 1 && segments.iter().all(is_name) {
            self.add(segments);
        }
        segments.clear();
    }
}

impl<'a> Visit<'a> for Paths<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if !is_for_tests(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, _: &'a ItemMod) {}

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        for (_, target) in imports(&item.tree, self.module) {
            self.found.insert(target);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments = path.segments.iter().map(|part| part.ident.to_string());
        self.add(&segments.collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        visit::visit_macro(self, call);
        self.add_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
        }
    }
}

/// A path from the crate's root, if it may lead into the crate.
fn from_root(segments: &[String], module: &[String]) -> Option<ModulePath> {
    let mut base = module.to_vec();
    let mut rest = segments;
    match rest.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &rest[1..];
        }
        "self" if rest.len() > 1 => rest = &rest[1..],
        "self" | "Self" => return None,
        _ => {
            while rest.first().is_some_and(|segment| segment == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
    }
    base.extend_from_slice(rest);
    Some(base)
}

/// What a `use` imports: the name in this module, or `None` for everything, and the path.
pub fn imports(tree: &UseTree, module: &[String]) -> Vec<(Option<String>, ModulePath)> {
    let mut found = Vec::new();
    collect(tree, &mut Vec::new(), &mut found);
    found
        .into_iter()
        .filter_map(|(name, segments)| Some((name, from_root(&segments, module)?)))
        .collect()
}

fn collect(
    tree: &UseTree,
    prefix: &mut Vec<String>,
    found: &mut Vec<(Option<String>, Vec<String>)>,
) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            collect(&path.tree, prefix, found);
            prefix.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.push((prefix.last().cloned(), prefix.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            let path = [prefix.as_slice(), std::slice::from_ref(&name)].concat();
            found.push((Some(name), path));
        }
        UseTree::Rename(rename) => {
            let path = [prefix.as_slice(), &[rename.ident.to_string()]].concat();
            found.push((Some(rename.rename.to_string()), path));
        }
        UseTree::Glob(_) => found.push((None, prefix.clone())),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, prefix, found);
            }
        }
    }
}

/// Whether an item has `#[test]` or a `#[cfg(…)]` that names `test`.
pub fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => names_test(list.tokens.clone()),
        _ => false,
    })
}

/// `test` or `all(test, …)`, but not `not(test)`.
fn names_test(tokens: TokenStream) -> bool {
    let mut is_negated = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if ident == "test" => return true,
            TokenTree::Ident(ident) => is_negated = ident == "not",
            TokenTree::Group(group) if !is_negated && names_test(group.stream()) => return true,
            _ => {}
        }
    }
    false
}
