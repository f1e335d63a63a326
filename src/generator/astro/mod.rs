//! Astro: content collections and the Markdown in `src/pages/`, with `public/` for images.
//!
//! Its configuration is a program, which is parsed but never run: only literals count.

mod collections;

use super::extensions::is_page;
use super::kit::{ConfigurationEdit, Edited, Program, Usage, is_name, member, snippet};
use super::places::{folder, folder_or, output, output_below, split_url, uploads, within};
use super::register::{Insertion, register};
use super::script::{Script, without_comments};
use super::shown::named;
use super::{
    Conventions, Decision, Dialect, DuplicateKeys, Files, Filter, Generator, Kit, RelativeTo,
    Setup, ShownImage, ShownRecord, ShownText, Spec, packages,
};
use crate::finding::Finding;
use crate::glob::Glob;
use crate::path::SitePath;

const CONFIG: [&str; 5] = [
    "astro.config.mjs",
    "astro.config.js",
    "astro.config.ts",
    "astro.config.cjs",
    "astro.config.mts",
];

/// The files that define aliases.
const ALIASES: [&str; 2] = ["tsconfig.json", "jsconfig.json"];

pub(super) static SPEC: Spec = Spec {
    name: "astro",
    title: "Astro",
    detect: |files| CONFIG.iter().any(|name| files.has_file(&folder(name))),
    // Content collections are in this folder, and no other generator uses one of that name.
    guess: |files| {
        packages(files).contains("\"astro\"") || files.has_folder(&folder("src/content"))
    },
    conventions,
    setup: Setup {
        publishes: true,
        configuration_is_program: true,
        publish_hint: |_| output_below("public"),
        ignored_hint: None,
    },
    kit: Some(Kit {
        snippets: &[
            snippet!("src/components/Planche.astro"),
            snippet!("planche.rehype.mjs"),
        ],
        own: |_, _, _| None,
        dsfr: None,
        hook: None,
        without_hook: "run `planche build` before `npx astro build`",
        build: "npx astro build",
        usage,
        image,
        text: |_| None,
        text_of_key: |_, _| None,
        // Components of Astro can be used in those of Astro only, and in MDX.
        foreign: &["jsx", "tsx", "vue", "svelte"],
        // A page that uses a component has to import it.
        applies: false,
        place: |_, _| None,
        configuration: None,
        register: Some(ConfigurationEdit {
            files: &CONFIG,
            key: Some("markdown.rehypePlugins"),
            adds: "planche",
            apply: |bytes, _| match std::str::from_utf8(bytes) {
                Ok(text) => register_plugin(text),
                Err(_) => Edited::Refused("it is not UTF-8"),
            },
        }),
    }),
    program: Some(|_| Program {
        name: "astro",
        package: Some("astro"),
        hint: "install it with `npm install astro`",
    }),
};

/// Returns the name and the text of the site's configuration; the usual name if it has none.
fn configuration(files: &dyn Files) -> (&'static str, String) {
    let found = CONFIG
        .iter()
        .find_map(|name| Some((*name, files.text(&folder(name))?)));
    found.unwrap_or((CONFIG[0], String::new()))
}

/// Returns the code to add to pages, the configuration and schemas.
fn usage(site: &Usage<'_>) -> Vec<String> {
    let (name, config) = configuration(site.files);
    let [image, record, alt] = site.expressions(|keys| member("data", keys));
    let page = format!(
        "in your pages (the path is for pages in src/pages):\n  \
         import Planche from \"../components/Planche.astro\";\n  \
         <Planche src={{{image}}} record={{{record}}} alt={{{alt} ?? \"\"}} />\n"
    );
    let base = Script::new(&config).text("base");
    let plugin = match base.filter(|base| base != "/") {
        Some(base) => format!("[planche, {{ base: {base:?} }}]"),
        None => "planche".to_owned(),
    };
    let markdown = format!(
        "in {name}, for images in Markdown:\n  \
         import planche from \"./planche.rehype.mjs\";\n  \
         markdown: {{ rehypePlugins: [{plugin}] }}\n"
    );
    let markdown = (!site.is_registered).then_some(markdown);
    let parts = std::iter::once(page).chain(markdown);
    parts.chain(schema(site)).collect()
}

/// Returns the lines to add to the schema of a content collection, which drops undeclared keys.
fn schema(site: &Usage<'_>) -> Option<String> {
    let (_, config) = configuration(site.files);
    let source = folder_or(Script::new(&config).text("srcDir"), "src");
    let mut files = collections::files(&source).into_iter();
    let file = files.find(|file| site.files.has_file(file))?;
    let line = |key: &str, parents: &[String]| {
        let key = match is_name(key) {
            true => key.to_owned(),
            false => format!("\"{key}\""),
        };
        let within = match parents {
            [] => String::new(),
            _ => format!(" // in {}", parents.join(".")),
        };
        format!("  {key}: z.any().optional(),{within}\n")
    };
    let keys = site.keys.iter();
    let lines = keys.map(|key| line(&key.record(site.suffix), &key.parents));
    let lines: String = lines.chain([line(site.list_key, &[])]).collect();
    Some(format!(
        "in the schemas of {file}, which drop keys that they do not declare:\n{lines}"
    ))
}

/// File name of the plugin for images in Markdown.
const REHYPE: &str = "planche.rehype.mjs";

/// Adds the plugin to the text of a configuration.
fn register_plugin(text: &str) -> Edited {
    if without_comments(text).contains(REHYPE) {
        return Edited::Unchanged;
    }
    let script = Script::new(text);
    if script.has_key("markdown") || script.has_key("rehypePlugins") {
        return Edited::Refused("it has settings for Markdown");
    }
    // The plugin would need to know the base path. `/` is the default.
    if script.has_key_other_than("base", "/") {
        return Edited::Refused("it sets `base`");
    }
    let other = "it does not export one plain `defineConfig({ … })`";
    register(text, REHYPE, other, addition)
}

/// Returns the setting that adds the plugin, if a line of the configuration opens its object. The
/// object may begin on the same line.
fn addition(line: &str) -> Option<Insertion> {
    const HEAD: &str = "export default defineConfig({";
    line.starts_with(HEAD).then(|| Insertion {
        at: HEAD.len(),
        statement: "markdown: { rehypePlugins: [planche] },".to_owned(),
        import: "import planche from \"./planche.rehype.mjs\";",
    })
}

/// Returns the component that shows an image.
fn image(shown: &ShownImage<'_>) -> Option<String> {
    let alt = match shown.alt {
        ShownText::Expression(expression) => format!("{{{expression}}}"),
        ShownText::Literal(_) => shown.alt.argument()?,
    };
    let others = named(
        &[("class", shown.class), ("loading", shown.loading)],
        " ",
        "=",
    )?;
    let record = match shown.record {
        ShownRecord::Beside(record) => format!("record={{{record}}}"),
        ShownRecord::In(list) => format!("images={{{list}}}"),
    };
    Some(format!(
        "<Planche src={{{}}} {record} alt={alt}{others} />",
        shown.src
    ))
}

fn conventions(files: &dyn Files, _: &mut Vec<Finding>) -> Conventions {
    let (_, text) = configuration(files);
    let script = Script::new(&text);
    let source = folder_or(script.text("srcDir"), "src");
    let public = folder_or(script.text("publicDir"), "public");
    let (host, _) = split_url(&script.text("site").unwrap_or_default());
    let base = script.text("base").filter(|base| base.starts_with('/'));
    let collections = collections::files(&source);
    let mut starts = vec![within(&source, "content"), within(&source, "pages")];
    starts.extend(collections::folders(&collections, files));
    starts.sort();
    starts.dedup();
    let typescript = ALIASES.map(folder);
    let typescript = typescript.iter().find(|path| files.has_file(path));
    let mut aliases = collections::vite_aliases(&script);
    aliases.extend(typescript.map_or_else(Vec::new, |path| collections::aliases(path, files)));
    // Vite resolves a path with a leading slash from the folder of the site.
    aliases.push((format!("/{source}/"), source.clone()));
    let excluded = collections::excluded(&collections, files);
    let settings = [&CONFIG[..], &ALIASES].concat();
    Conventions {
        settings: settings
            .into_iter()
            .map(folder)
            .chain(collections)
            .collect(),
        dialect: Dialect {
            page_keys: &["slug"],
            toml: true,
            leading_blanks: true,
            duplicate_keys: DuplicateKeys::Refused,
            ..Dialect::common(usize::MAX)
        },
        starts,
        uploads: uploads("/", public.as_str()).into_iter().collect(),
        relative: vec![RelativeTo::Article, RelativeTo::Folder(public.clone())],
        aliases,
        output: output(&format!("{public}/uploads/variants"), "/uploads/variants/"),
        data_in: vec![source.child("data")],
        templates_in: vec![source],
        destination: folder_or(script.text("outDir"), "dist"),
        hosts: host.into_iter().collect(),
        base_path: base.map_or_else(String::new, |base| base.trim_end_matches('/').to_owned()),
        ..Conventions::common(Generator(&SPEC), Pages { excluded })
    }
}

struct Pages {
    /// Files that the patterns of collections exclude.
    excluded: Vec<Glob>,
}

impl Filter for Pages {
    fn enters(&self, path: &SitePath) -> bool {
        !path.name().starts_with('.')
    }

    fn takes(&self, path: &SitePath) -> Decision {
        let mut excluded = self.excluded.iter();
        let is_excluded = excluded.any(|glob| glob.matches(path.as_str()));
        if is_page(path, &[]) && !is_excluded {
            Decision::Page
        } else {
            Decision::Leave
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::Map;
    use super::*;

    #[test]
    fn collections_are_where_their_loader_says() {
        let files = Map(&[
            (
                "astro.config.mjs",
                "export default defineConfig({ site: 'https://A.org', base: '/docs/', outDir: './build' });",
            ),
            (
                "src/content.config.ts",
                "const base = './src/data/post';\n\
                 export const collections = {\n\
                 post: defineCollection({ loader: glob({ pattern: ['*.md'], base }) }),\n\
                 docs: defineCollection({ loader: glob({ base: \"docs\", pattern: '**/*.md' }) }),\n\
                 all: defineCollection({ loader: glob({ base: '.', pattern: 'notes/*.md' }) }),\n\
                 out: defineCollection({ loader: glob({ base: '../elsewhere', pattern: '*.md' }) }),\n\
                 };",
            ),
        ]);
        let read = conventions(&files, &mut Vec::new());
        let starts: Vec<&str> = read.starts.iter().map(SitePath::as_str).collect();
        assert_eq!(
            starts,
            ["docs", "notes", "src/content", "src/data/post", "src/pages"]
        );
        assert_eq!(read.hosts, ["a.org"]);
        assert_eq!(read.base_path, "/docs");
        assert_eq!(read.destination, folder("build"));
    }

    #[test]
    fn aliases_are_those_of_the_typescript_configuration() {
        let files = Map(&[
            ("astro.config.mjs", ""),
            (
                "tsconfig.json",
                "{\n  // comment\n  \"compilerOptions\": { \"baseUrl\": \"src\", \"paths\": {\n\
                 \"@/*\": [\"./*\"], \"~/*\": [\"../src/*\", \"x/*\"], \"@assets\": [\"assets/index\"], } } }",
            ),
        ]);
        let read = conventions(&files, &mut Vec::new());
        assert_eq!(
            read.aliases,
            [
                ("@/".to_owned(), folder("src")),
                ("~/".to_owned(), folder("src")),
                ("/src/".to_owned(), folder("src")),
            ]
        );
    }

    #[test]
    fn aliases_may_be_in_an_extended_configuration_or_in_that_of_vite() {
        let shown = |files: &[(&str, &str)]| -> Vec<(String, String)> {
            let read = conventions(&Map(files), &mut Vec::new());
            let aliases = read.aliases.into_iter();
            let aliases = aliases.map(|(name, folder)| (name, folder.to_string()));
            aliases.filter(|(name, _)| name != "/src/").collect()
        };
        let expected = [("@/".to_owned(), "src/img".to_owned())];
        let base = "{ \"compilerOptions\": { \"baseUrl\": \"..\", \"paths\": { \"@/*\": [\"src/img/*\"] } } }";
        for extends in [
            "\"./config/base\"",
            "[\"astro/tsconfigs/strict\", \"./config/base.json\"]",
        ] {
            let own = format!("{{ \"extends\": {extends}, \"compilerOptions\": {{}} }}");
            let files = [
                ("astro.config.mjs", ""),
                ("tsconfig.json", own.as_str()),
                ("config/base.json", base),
            ];
            assert_eq!(shown(&files), expected, "{extends}");
        }
        let itself = [
            ("astro.config.mjs", ""),
            ("tsconfig.json", "{ \"extends\": \"./tsconfig.json\" }"),
        ];
        assert_eq!(shown(&itself), []);
        for alias in [
            "{ '@': './src/img' }",
            "{ '@': '/src/img/' }",
            "{ '@/': path.resolve('src', 'img') }",
            "{ '@': path.resolve(__dirname, './src/img') }",
            "{ \"@\": fileURLToPath(new URL('./src/img', import.meta.url)) }",
            "{ '@': new URL('./src/img', import.meta.url).pathname }",
            "[{ find: '@', replacement: './src/img' }]",
        ] {
            let config = format!("export default {{ vite: {{ resolve: {{ alias: {alias} }} }} }};");
            assert_eq!(shown(&[("astro.config.mjs", &config)]), expected, "{alias}");
        }
    }

    #[test]
    fn negated_patterns_take_files_out_of_a_collection() {
        let files = Map(&[
            ("astro.config.mjs", ""),
            (
                "src/content.config.ts",
                "const a = defineCollection({ loader: glob({ base: './src/data', pattern: ['**/*.md', '!**/_*.md'] }) });",
            ),
        ]);
        let read = conventions(&files, &mut Vec::new());
        for (path, expected) in [
            ("src/data/a.md", Decision::Page),
            ("src/data/b/a.md", Decision::Page),
            ("src/data/_a.md", Decision::Leave),
            ("src/data/b/_a.md", Decision::Leave),
            ("src/pages/_a.md", Decision::Page),
        ] {
            assert_eq!(read.filter.takes(&folder(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_rehype_plugin_is_registered_in_plain_configurations_only() {
        let edit = SPEC.kit.as_ref().unwrap().register.as_ref().unwrap();
        let registered = |text: &str| match (edit.apply)(text.as_bytes(), "astro.config.mjs") {
            Edited::Text { text, .. } => Some(text),
            _ => None,
        };
        let head = "import { defineConfig } from \"astro/config\";\n";
        let before =
            format!("{head}\nexport default defineConfig({{\n  site: \"https://x\",\n}});\n");
        let after = format!(
            "import planche from \"./planche.rehype.mjs\";\n{head}\nexport default defineConfig({{\n  markdown: {{ rehypePlugins: [planche] }},\n  site: \"https://x\",\n}});\n"
        );
        assert_eq!(registered(&before).as_deref(), Some(after.as_str()));
        // Neither comments nor strings are settings, and the object may be on one line.
        let comment = "// see src/**/*.ts, `markdown:` and planche.rehype.mjs\n";
        let text = format!("{comment}const a = 'base: x';\nexport default defineConfig({{}});\n");
        let expected = format!(
            "import planche from \"./planche.rehype.mjs\";\n{comment}const a = 'base: x';\nexport default defineConfig({{ markdown: {{ rehypePlugins: [planche] }},}});\n"
        );
        assert_eq!(registered(&text).as_deref(), Some(expected.as_str()));
        let default = before.replace("site: \"https://x\"", "base: '/'");
        let added = default.replace(
            "defineConfig({\n",
            "defineConfig({\n  markdown: { rehypePlugins: [planche] },\n",
        );
        let added = format!("import planche from \"./planche.rehype.mjs\";\n{added}");
        assert_eq!(registered(&default), Some(added));
        let refused = (edit.apply)(b"export default settings;\n", "astro.config.mjs");
        let reason = "it does not export one plain `defineConfig({ … })`";
        assert_eq!(refused, Edited::Refused(reason));
        for other in [
            before.replace("site: \"https://x\"", "markdown"),
            after,
            before.replace("site", "base"),
            before.replace("site: \"https://x\"", "base"),
            before.replace("site: \"https://x\"", "base: process.env.BASE"),
            before.replace("site", "markdown"),
            before.replace("defineConfig({\n", "defineConfig(settings({\n"),
        ] {
            assert_eq!(registered(&other), None, "{other}");
        }
    }
}
