//! Eleventy: the input folder, with passthrough folders for pictures.
//!
//! Its configuration is a program. What it says of the input folder and of passthrough copies is
//! taken from the literal strings in it; `planche.yml` says the rest.

use super::{
    Conventions, Dialect, RelativeTo, Templates, folder, folder_or, is_page, is_within, output,
    uploads,
};
use crate::config::{Generator, UploadFolder};
use crate::path::SitePath;
use crate::site::root::Root;
use crate::site::walk::{Decision, Filter};

const CONFIG: [&str; 5] = [
    ".eleventy.js",
    "eleventy.config.js",
    "eleventy.config.mjs",
    "eleventy.config.cjs",
    "eleventy.config.ts",
];

/// Folders that sites pass through, where the configuration does not say: (folder, URL).
const USUAL: [(&str, &str); 6] = [
    ("public", "/"),
    ("static", "/"),
    ("uploads", "/uploads/"),
    ("assets", "/assets/"),
    ("images", "/images/"),
    ("img", "/img/"),
];

pub(super) fn is_here(root: &Root) -> bool {
    CONFIG.iter().any(|name| root.is_file(name))
}

/// It needs no configuration; Jekyll's data files are rarely programs or JSON.
pub(super) fn is_likely(root: &Root, packages: &str) -> bool {
    let data = root.list(&folder("_data"));
    let names = data.map(|listed| listed.names).unwrap_or_default();
    let is_its = |name: &str| {
        [".json", ".js", ".cjs", ".mjs"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    packages.contains("\"@11ty/eleventy\"") || names.iter().any(|(name, _)| is_its(name))
}

pub(super) fn conventions(root: &Root, limit: usize) -> Conventions {
    let text = CONFIG
        .iter()
        .find_map(|name| root.read_text(&folder(name)).ok().flatten());
    let text = text.unwrap_or_default();
    let input = folder_or(property(&text, "input"), "");
    let destination = folder_or(property(&text, "output"), "_site");
    let mut passed = passthrough(&text, &input);
    for (dir, url) in USUAL {
        for dir in [input.child(dir), folder(dir)] {
            if root.is_dir(dir.as_str())
                && passed
                    .iter()
                    .all(|known| known.dir.as_str() != dir.as_str())
            {
                passed.extend(uploads(url, dir.as_str()));
            }
        }
    }
    let first = passed.first().cloned();
    let output = match &first {
        // Published at the root: a folder of our own below it.
        Some(first) if first.url.as_str() == "/" => output(
            &format!("{}/uploads/variants", first.dir.as_str()),
            "/uploads/variants/",
        ),
        Some(first) => output(
            &format!("{}/variants", first.dir.as_str()),
            &format!("{}variants/", first.url.as_str()),
        ),
        None => output("uploads/variants", "/uploads/variants/"),
    };
    let filter = Box::new(Pages {
        destination: destination.clone(),
        passed: passed.clone(),
    });
    // A URL that no passthrough explains may still be a file of the input folder.
    let is_fallback = passed
        .iter()
        .all(|passed| passed.dir.as_str() != input.as_str());
    passed.extend(uploads("/", input.as_str()));
    passed.sort_by_key(|uploads| std::cmp::Reverse(uploads.url.as_str().len()));
    Conventions {
        generator: Generator::Eleventy,
        settings: &CONFIG,
        dialect: Dialect {
            dots_close: false,
            toml: false,
            json: false,
            closes_at_line_end: false,
            leading_blanks: false,
            bom_hides: false,
            limit,
        },
        templates: Templates::Nunjucks,
        list_parent: None,
        needs_front_matter: false,
        starts: vec![input.clone()],
        filter,
        uploads: passed,
        relative: vec![
            RelativeTo::Article,
            RelativeTo::Folder(input.clone()),
            RelativeTo::Folder(SitePath::root()),
        ],
        output,
        unpublished: if is_fallback {
            vec![input.clone()]
        } else {
            Vec::new()
        },
        templates_in: ["_includes", "_layouts"]
            .map(|name| input.child(name))
            .into_iter()
            .chain(property(&text, "includes").map(|name| folder(&format!("{input}/{name}"))))
            .chain(property(&text, "layouts").map(|name| folder(&format!("{input}/{name}"))))
            .collect(),
        destination,
        hosts: Vec::new(),
        base_path: String::new(),
    }
}

/// The string that follows `name:` in a program's text.
fn property(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let is_word = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        rest = &rest[at + name.len()..];
        let after = rest.trim_start_matches(['"', '\'']).trim_start();
        if let Some(value) = after.strip_prefix(':').filter(|_| is_word) {
            return string(value.trim_start()).map(|(value, _)| value.to_owned());
        }
    }
    None
}

/// A quoted string at the start of a text, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let quote = text
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let end = text[1..].find(quote)? + 1;
    Some((&text[1..end], &text[end + 1..]))
}

/// The folders of `addPassthroughCopy("folder")` and `addPassthroughCopy({ "folder": "url" })`.
fn passthrough(text: &str, input: &SitePath) -> Vec<UploadFolder> {
    let mut found = Vec::new();
    for (at, call) in text.match_indices("addPassthroughCopy(") {
        let argument = text[at + call.len()..].trim_start();
        if let Some((from, _)) = string(argument) {
            let dir = folder(
                from.trim_start_matches("./")
                    .split('*')
                    .next()
                    .unwrap_or_default(),
            );
            // A folder of the input folder is published without it.
            let url = dir.below(input.as_str()).unwrap_or(dir.as_str());
            found.extend(uploads(&as_url(url), dir.as_str()));
        } else if let Some(pairs) = argument.strip_prefix('{') {
            let mut rest = pairs.split('}').next().unwrap_or_default();
            while let Some((from, after)) = rest
                .find(['"', '\'', '`'])
                .and_then(|start| string(&rest[start..]))
            {
                let value = after.trim_start().strip_prefix(':').map(str::trim_start);
                let Some((to, after)) = value.and_then(string) else {
                    break;
                };
                let dir = folder(
                    from.trim_start_matches("./")
                        .split('*')
                        .next()
                        .unwrap_or_default(),
                );
                found.extend(uploads(&as_url(to), dir.as_str()));
                rest = after;
            }
        }
    }
    // A single file passed through is no folder of uploads.
    found.retain(|uploads| {
        !uploads
            .dir
            .as_str()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .contains('.')
    });
    found
}

fn as_url(path: &str) -> String {
    let bare = path.trim_start_matches("./").trim_matches('/');
    if bare.is_empty() || bare == "." {
        "/".to_owned()
    } else {
        format!("/{bare}/")
    }
}

struct Pages {
    destination: SitePath,
    passed: Vec<UploadFolder>,
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        let is_passed = self.passed.iter().any(|uploads| {
            !uploads.dir.as_str().is_empty() && is_within(path.as_str(), uploads.dir.as_str())
        });
        !path.name().starts_with(['.', '_']) && *path != self.destination && !is_passed
    }

    fn takes(&self, path: &SitePath) -> Decision {
        let is_template = is_page(
            path,
            &["njk", "liquid", "webc", "hbs", "mustache", "haml", "pug"],
        );
        if is_template && !path.name().starts_with(['.', '_']) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_strings_of_the_configuration_are_read() {
        let text = r#"
module.exports = (eleventyConfig) => {
  eleventyConfig.addPassthroughCopy("src/img");
  eleventyConfig.addPassthroughCopy({ "./public/": "/", 'src/static': 'media' });
  eleventyConfig.addPassthroughCopy("CNAME.txt");
  eleventyConfig.addPassthroughCopy("assets/**/*.jpg");
  return { dir: { input: 'src', output: "dist" } };
};"#;
        assert_eq!(property(text, "input").as_deref(), Some("src"));
        assert_eq!(property(text, "output").as_deref(), Some("dist"));
        let found: Vec<(String, String)> = passthrough(text, &folder("src"))
            .into_iter()
            .map(|uploads| {
                (
                    uploads.url.as_str().to_owned(),
                    uploads.dir.as_str().to_owned(),
                )
            })
            .collect();
        let expected = [
            ("/img/", "src/img"),
            ("/", "public"),
            ("/media/", "src/static"),
            ("/assets/", "assets"),
        ];
        assert_eq!(
            found,
            expected.map(|(url, dir)| (url.to_owned(), dir.to_owned()))
        );
    }
}
