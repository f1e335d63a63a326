//! The texts in the sources that people may read: string literals that contain words, outside tests
//! and outside what only developers see.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Folders and files whose texts are for developers, or for programs.
const SKIPPED: &[&str] = &[
    "src/bench",
    "src/front_matter/linear.rs",
    "src/objects/tests",
    "src/picture/examples",
    "src/picture/tests",
];

/// Macros and methods whose texts are for developers.
const FOR_DEVELOPERS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "panic",
    "unreachable",
    "compile_error",
    "concat",
    "json",
    "expect",
    "span",
    "info_span",
    "trace_span",
];

/// Each text, and the file that it is in.
pub fn texts() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = BTreeSet::new();
    for file in files(&root.join("src")) {
        let name = file
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if SKIPPED.iter().any(|skipped| name.starts_with(skipped)) {
            continue;
        }
        let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
        let mut found = Found::default();
        found.visit_file(&parsed);
        let words = found.texts.into_iter().filter(|text| has_words(text));
        texts.extend(words.map(|text| (text, name.clone())));
    }
    texts
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|name| name == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}

#[derive(Default)]
struct Found {
    texts: BTreeSet<String>,
}

impl Found {
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) if !is_documentation(&group) => {
                    self.tokens(group.stream());
                }
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.texts.insert(text.value());
                    }
                }
                TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

/// Whether this is the inside of `#[doc = "…"]`, which a comment is in the call of a macro.
fn is_documentation(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_condition = attribute.path().is_ident("cfg");
        let list = attribute.meta.require_list().ok();
        let condition = list
            .filter(|_| is_condition)
            .map(|list| list.tokens.to_string());
        attribute.path().is_ident("test") || condition.is_some_and(|text| text.contains("test"))
    })
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("error")
            && let Ok(list) = attribute.meta.require_list()
        {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.texts.insert(literal.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().unwrap().ident.to_string();
        if !FOR_DEVELOPERS.contains(&name.as_str()) {
            self.tokens(call.tokens.clone());
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if FOR_DEVELOPERS.contains(&call.method.to_string().as_str()) {
            self.visit_expr(&call.receiver);
        } else {
            visit::visit_expr_method_call(self, call);
        }
    }
}

/// Whether a text has a word beside code, holes and other signs: two words, or a word beside a hole.
fn has_words(text: &str) -> bool {
    // A script for a browser.
    if text.contains("=>") {
        return false;
    }
    let mut words = 0;
    let mut holes = 0;
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            holes += 1;
            continue;
        }
        for word in part.split(|c: char| c.is_whitespace() || ",;:()–".contains(c)) {
            let word = word.trim_matches(['.', '?', '!', '"', '\'']);
            if word.contains('{') {
                holes += 1;
            } else if word.len() > 1
                && word
                    .chars()
                    .all(|c| c.is_alphabetic() || c == '\'' || c == '-')
            {
                words += 1;
            }
        }
    }
    text.contains(' ') && (words > 1 || words == 1 && holes > 0)
}
