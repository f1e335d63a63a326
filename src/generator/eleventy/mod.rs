//! Eleventy: the input folder, with passthrough folders for images.
//!
//! Its configuration is a program, which is parsed but never run: only literals count. Whatever the
//! program computes has to be configured in `planche.yml`.

mod addition;
mod ignored;
mod images;
mod passthrough;

use super::extensions::is_page;
use super::kit::{ConfigurationEdit, Edited, Program, snippet};
use super::places::{folder, folder_or, is_within, output, split_url, uploads, within};
use super::register::register;
use super::script::{Script, without_texts};
use super::shown::named;
use super::{
    Conventions, Decision, Dialect, DuplicateKeys, Files, Filter, Generator, Kit, Markdown,
    RelativeTo, Setup, ShownImage, ShownRecord, Spec, Templates, Unclosed, packages,
};
use crate::finding::Finding;
use crate::glob::Glob;
use crate::path::SitePath;
use addition::addition;
use passthrough::Passthrough;

const CONFIG: [&str; 5] = [
    ".eleventy.js",
    "eleventy.config.js",
    "eleventy.config.mjs",
    "eleventy.config.cjs",
    "eleventy.config.ts",
];

pub(super) static SPEC: Spec = Spec {
    name: "eleventy",
    title: "Eleventy",
    detect: |files| CONFIG.iter().any(|name| files.has_file(&folder(name))),
    guess,
    conventions,
    setup: Setup {
        publishes: true,
        configuration_is_program: true,
        publish_hint: |dir| {
            let parent = dir.rsplit_once('/').map_or(dir, |(parent, _)| parent);
            format!("add `eleventyConfig.addPassthroughCopy(\"{parent}\")` to its configuration")
        },
        ignored_hint: None,
    },
    kit: Some(Kit {
        snippets: &[snippet!("planche.eleventy.cjs")],
        own: |_, _, _| None,
        dsfr: Some(snippet!("planche-dsfr.eleventy.cjs")),
        hook: None,
        without_hook: "the plugin runs planche itself: `addPlugin(planche, { build: true })`",
        build: "npx @11ty/eleventy",
        usage: |site| {
            let plugin = if is_commonjs(site.files) {
                "eleventyConfig.addPlugin(require(\"./planche.eleventy.cjs\"));"
            } else {
                "import planche from \"./planche.eleventy.cjs\";\n  eleventyConfig.addPlugin(planche);"
            };
            let [image, record, alt] = site.expressions(|keys| keys.join("."));
            let registration = format!(
                "in the configuration (images in Markdown need nothing more):\n  {plugin}\n"
            );
            let layouts = format!(
                "in your layouts, to show a front-matter image:\n  \
                 {{% planche {image}, {record}, {alt} %}}\n"
            );
            let registration = (!site.is_registered).then_some(registration);
            registration.into_iter().chain([layouts]).collect()
        },
        image,
        text: |_| None,
        text_of_key: |_, _| None,
        foreign: &[],
        applies: true,
        place: |_, _| None,
        configuration: None,
        register: Some(ConfigurationEdit {
            files: &CONFIG,
            key: None,
            adds: "planche's plugin",
            apply: |bytes, _| match std::str::from_utf8(bytes) {
                Ok(text) => register(
                    text,
                    "planche.eleventy.cjs",
                    "it does not export one plain function",
                    addition,
                ),
                Err(_) => Edited::Refused("it is not UTF-8"),
            },
        }),
    }),
    program: Some(|_| Program {
        name: "eleventy",
        package: Some("@11ty/eleventy"),
        hint: "install it with `npm install @11ty/eleventy`",
    }),
};

/// Whether the configuration is a CommonJS module, as Node.js decides it: by the file's extension,
/// by `"type"` in `package.json`, or else by the statements in the file.
fn is_commonjs(files: &dyn Files) -> bool {
    let Some(name) = CONFIG.iter().find(|name| files.has_file(&folder(name))) else {
        return false;
    };
    if name.ends_with(".mjs") || name.ends_with(".ts") {
        return false;
    }
    if name.ends_with(".cjs") {
        return true;
    }
    let package = serde_json::from_str::<serde_json::Value>(&packages(files)).unwrap_or_default();
    if package["type"] == "module" {
        return false;
    }
    let text = files.text(&folder(name)).unwrap_or_default();
    let is_module = without_texts(&text).lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("export ") || line.starts_with("import ")
    });
    !is_module
}

/// Returns the shortcode that shows an image. Only Nunjucks has a fourth argument.
fn image(shown: &ShownImage<'_>) -> Option<String> {
    let others = [("class", shown.class), ("loading", shown.loading)];
    let others = named(&others, " ", ": ")?.replace("\" ", "\", ");
    let (record, images) = match shown.record {
        ShownRecord::Beside(record) => (record, None),
        // The list of the page itself is the default.
        ShownRecord::In(list) => ("\"\"", Some(list).filter(|list| list.contains('.'))),
    };
    let images = images.map(|list| format!("images: {list}"));
    let others = Some(others.trim_start().to_owned()).filter(|others| !others.is_empty());
    let others: Vec<String> = images.into_iter().chain(others).collect();
    let others = match others.join(", ").as_str() {
        "" => String::new(),
        others if shown.template.extension() == "njk" => format!(", {{ {others} }}"),
        _ => return None,
    };
    let alt = shown.alt.argument()?;
    Some(format!(
        "{{% planche {}, {record}, {alt}{others} %}}",
        shown.src
    ))
}

/// Recognizes Eleventy by its package or by data files, as it needs no configuration. Jekyll's data
/// files are rarely programs or JSON.
fn guess(files: &dyn Files) -> bool {
    let is_its = |name: &str| {
        [".json", ".js", ".cjs", ".mjs"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let data = files.names(&folder("_data"));
    packages(files).contains("\"@11ty/eleventy\"") || data.iter().any(|entry| is_its(&entry.name))
}

/// Default name of the templates folder, below the input folder.
const INCLUDES: &str = "_includes";

/// The folders of a site, as its configuration names them.
struct Folders {
    input: SitePath,
    output: SitePath,
    templates: Vec<SitePath>,
    data: SitePath,
}

impl Folders {
    /// Reads the folders. `setInputDirectory("src")` takes precedence over `dir: { input: "src" }`,
    /// and that over any other property `input`.
    fn of(script: &Script<'_>, files: &dyn Files) -> Self {
        let dirs = script.properties("dir");
        let configured = |setter: &str, key: &str| -> Option<String> {
            let set = script.arguments(setter);
            let set = set.iter().rev().find_map(|value| value.text(&[]));
            set.or_else(|| dirs.iter().find_map(|dir| dir.text(&[key])))
                .or_else(|| script.text(key))
        };
        let input = configured("setInputDirectory", "input");
        let input = input.or_else(|| computed_input(script, files));
        let input = folder_or(input, "");
        let data = configured("setDataDirectory", "data");
        let named = [
            ("setIncludesDirectory", "includes"),
            ("setLayoutsDirectory", "layouts"),
        ];
        let named = named
            .iter()
            .filter_map(|(setter, key)| configured(setter, key));
        let templates = [INCLUDES.to_owned(), "_layouts".to_owned()]
            .into_iter()
            .chain(named);
        Folders {
            output: folder_or(configured("setOutputDirectory", "output"), "_site"),
            templates: templates.map(|name| within(&input, &name)).collect(),
            data: within(&input, data.as_deref().unwrap_or("_data")),
            input,
        }
    }
}

/// Returns the input folder, judging by its templates, if the configuration computes it:
/// `dir: { input: constants.INPUT }`.
fn computed_input(script: &Script<'_>, files: &dyn Files) -> Option<String> {
    let is_computed = script.has_key("input") || !script.reads_all("setInputDirectory");
    let has_templates = |parent: &SitePath| files.has_folder(&parent.child(INCLUDES));
    if !is_computed || has_templates(&SitePath::root()) {
        return None;
    }
    let names = files.names(&SitePath::root()).into_iter();
    let mut inputs = names.filter(|entry| {
        entry.is_folder
            && entry.name != "node_modules"
            && has_templates(&SitePath::root().child(&entry.name))
    });
    let input = inputs.next()?.name;
    inputs.next().is_none().then_some(input)
}

fn conventions(files: &dyn Files, _: &mut Vec<Finding>) -> Conventions {
    let text = CONFIG.iter().find_map(|name| files.text(&folder(name)));
    let text = text.unwrap_or_default();
    let script = Script::new(&text);
    let Folders {
        input,
        output: destination,
        templates: templates_in,
        data,
    } = Folders::of(&script, files);
    let passthrough = Passthrough::of(&script, &input, files);
    let mut published = passthrough.all();
    // A URL that no passthrough copy explains may still lead to a file of the input folder.
    let explains_input = passthrough
        .whole
        .iter()
        .any(|whole| whole.dir.as_str() == input.as_str());
    let mut unpublished: Vec<SitePath> = passthrough
        .partial
        .iter()
        .map(|partial| folder(partial.dir.as_str()))
        .collect();
    if !explains_input {
        unpublished.push(input.clone());
    }
    published.extend(uploads("/", input.as_str()));
    published.sort_by_key(|uploads| std::cmp::Reverse(uploads.url.as_str().len()));
    let pages = Pages {
        ignored: ignored::read(files, &input, &script),
        left_out: templates_in
            .iter()
            .cloned()
            .chain([data.clone(), destination.clone()])
            .collect(),
        passed: passthrough
            .whole
            .iter()
            .map(|whole| folder(whole.dir.as_str()))
            .filter(|dir| !dir.is_root())
            .collect(),
    };
    let copied = passthrough.for_images();
    let articles = images::Articles {
        input: &input,
        enters: &|path| pages.enters(path),
        takes: &|path| pages.takes(path) == Decision::Page,
    };
    let chosen = images::choose(&copied, &articles, files).map(|chosen| copied[chosen]);
    Conventions {
        settings: CONFIG.map(folder).to_vec(),
        dialect: Dialect {
            languages: true,
            page_keys: &["permalink"],
            templates: Templates::Nunjucks,
            markdown: markdown(files, &script),
            unclosed: Unclosed::RestOfFile,
            duplicate_keys: DuplicateKeys::Refused,
            ..Dialect::common(usize::MAX)
        },
        starts: vec![input.clone()],
        uploads: published,
        relative: vec![
            RelativeTo::Article,
            RelativeTo::Folder(input.clone()),
            RelativeTo::Folder(SitePath::root()),
        ],
        output: chosen.map_or_else(
            || output("uploads/variants", "/uploads/variants/"),
            images::variants_in,
        ),
        unpublished,
        destination,
        base_path: base_path(&script),
        templates_in,
        data_in: vec![data],
        ..Conventions::common(Generator(&SPEC), pages)
    }
}

/// Returns the path that the site is published under, with a slash at its start only.
fn base_path(script: &Script<'_>) -> String {
    let (_, path) = split_url(&script.text("pathPrefix").unwrap_or_default());
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

/// Returns the Markdown dialect: Eleventy renders indented code up to version 1 only, unless the
/// configuration enables it.
fn markdown(files: &dyn Files, script: &Script<'_>) -> Markdown {
    let enabled = script.arguments("enable");
    if enabled
        .iter()
        .any(|rules| rules.list(&[]).iter().any(|rule| rule == "code"))
    {
        return Markdown::CommonMark;
    }
    let packages = super::packages(files);
    let version = packages
        .split_once("\"@11ty/eleventy\"")
        .and_then(|(_, rest)| rest.split('"').nth(1))
        .unwrap_or_default();
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    match digits.split('.').next() {
        Some("0" | "1") => Markdown::CommonMark,
        _ => Markdown::NoIndentedCode,
    }
}

struct Pages {
    /// Folders of templates, of data, and of the built site. Any other folder contains pages, even
    /// if its name begins with `_`.
    left_out: Vec<SitePath>,
    /// Folders that are copied as a whole, so that their files are not pages.
    passed: Vec<SitePath>,
    ignored: Vec<Glob>,
}

impl Pages {
    fn ignores(&self, path: &SitePath) -> bool {
        let mut globs = self.ignored.iter();
        globs.any(|glob| glob.matches(path.as_str()))
    }
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        let is_passed = self.passed.iter().any(|folder| is_within(path, folder));
        !path.name().starts_with('.')
            && !self.left_out.contains(path)
            && !is_passed
            && !self.ignores(path)
    }

    fn takes(&self, path: &SitePath) -> Decision {
        let is_template = is_page(
            path,
            &["njk", "liquid", "webc", "hbs", "mustache", "haml", "pug"],
        );
        if is_template && !path.name().starts_with('.') && !self.ignores(path) {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}

#[cfg(test)]
mod tests;
