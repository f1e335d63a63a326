//! Checks that both languages are complete: every text that people read has a French translation.

mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use planche::internal::finding::{Code, Finding};
use planche::internal::language::Language;
use planche::internal::report::Terminal;

use crate::scratch::Scratch;
use sources::texts;

/// Strings that look like sentences but are code, names, or signatures of files.
const CODE: &[&str] = &[
    "[planche, {{ base: {base:?} }}]",
    "rules:\n{rules}# Examples:\n",
    "{{ at: {at}, preset: {}{texts} }}",
    "generator: {}\n",
    "data: [{}]",
    "npx astro build",
    ":where(img[srcset]) { height: auto }",
    "jekyll build",
    "zola build",
    "import planche from \"./planche.eleventy.cjs\";\n  eleventyConfig.addPlugin(planche);",
    "{{% planche {}, {record}, {alt}{others} %}}",
    "images: {list}",
    "{{{{ partial \"planche.html\" (dict \"page\" {page} \"src\" {src} {record} \"alt\" {alt}{others}) }}}}",
    "\"record\" {}",
    "\"images\" {}",
    "planche.yml, presets, .planche",
    "{% include planche-content.html %}",
    "{{% include planche-content.html content={expression}{images} %}}",
    "{{% capture planche_text %}}{{{{ {expression} }}}}{{% endcapture %}}{{% include planche-content.html content=planche_text{images} %}}",
    "{{% include planche.html src={src} {record} alt={alt}{others} %}}",
    "{expression} | default(value=\"\")",
    "{{{{ planche::picture(src={} | default(value=\"\"), {record}, alt={alt}{others}) }}}}",
    "record={record} | default(value=false)",
    "images={list} | default(value=[])",
    "auto, {sizes}",
    "quoted scalar",
    "{% planche ",
    "{%- planche ",
    "url({prefix}{}) {density}",
    "(min-width: {width}px) {width}px, 100vw",
    "picture source",
    "picture img",
    "only screen",
    "planche-test: abort",
    "planche-test: panic",
    "planche-test: loop",
    "planche-test: memory",
    "private, no-cache",
    "{own}; frame-ancestors 'none'",
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "planche-test: escape ",
    "export default defineConfig({",
    "export default ",
    "markdown: { rehypePlugins: [planche] },",
    "import planche from \"./planche.rehype.mjs\";",
    "import planche from \"./planche.eleventy.cjs\";",
    "it can: [{}]",
    "make a folder",
    "jpeg-encoder 0.7.1, planche 4",
    "planche ledger 8",
    "planche job 1",
    "rav1e 0.8.1, avif-serialize 0.8.9, planche 4",
    "Raw profile type ",
    "oxipng 10.2.1, planche 3",
    "version https://git-lfs.github.com/spec/",
    "libwebp 1.6.0, planche 5",
    "cover {}x{} {focus}",
    "contain {background}",
    "planche preset",
    "capture d'écran",
    "screen shot",
    "whatsapp image",
    "planche: {}",
    "### planche {}\n",
    "  {key}: z.any().optional(),{within}\n",
    " // in {}",
    "(index .Params {})",
    "script, style, noscript",
    ", path: \"{folder}/**\"",
    "planche check --all",
    "planche check {} --all",
    "planche {} --all",
    "planche {} --dry-run --all",
    "{command} --all",
    " (os error ",
    ".SH \"{heading}\"\n",
    "process {}\n",
    "{% endcapture",
    "index $.{rest}",
    "{milliseconds} ms",
    "planche sheet 1\n",
    "figure img, figure svg",
    "figure figcaption",
    "calc({percent}vw {sign} {}px)",
    "(min-width: {}px) ",
    "img-src 'self' data: file:",
    "img-src 'self' data: blob:; connect-src 'self'",
    "default-src 'none'; script-src {own}'{}'; style-src '{}'; {sources}; base-uri 'none'; form-action 'none'",
];

/// Fragments of texts. The catalogue translates the complete texts that contain them.
const PARTS: &[&str] = &[
    "{} could not be deleted",
    "nothing was deleted: {kept}",
    "1 finding is",
    "{count} findings are",
    "{are} accepted from now on: wrote {BASELINE}",
    "{missing} references",
    "{references} to missing uploads, more than the budget of {most}",
    "edited {places} in the templates",
    ", {width} px wide (median)",
    "measured {pages}",
    "{} in {}{width}",
    "{error} – hint: {hint}",
    "verified {variants}: {by_digest} {matching} the recorded digest, {by_decoding} only decoded, {} damaged, {} missing",
    ", {} written",
    "watching {folders} {noun}",
    "polling {folders} {noun} every {interval_ms} ms",
    "polling {folders} {noun} every {interval_ms} ms: {reason}",
    "\nreferences without a record",
    "referenced at",
    "the other place is",
    "would delete",
    " – hint: {hint}",
    "hint: {hint}",
    "{count} template line still prints originals: {places}",
    "{count} template lines still print originals: {places}",
    "{sentence}; {} in the baseline",
    "{count} of {}",
    ", {count} from the cache",
    "wrote {} ({}{cached})",
    "write {variants} of {}",
    "update {}",
    "{} missing",
    "{} to update",
    "{} to {verb}",
    "would strip",
    "would remove",
    "… and {}: `{more}`",
    "more image",
    "would {} {}",
    "more file",
    "more diff",
    " in the articles of `{}`",
    "{places} places",
    " and {others} more",
    "{pages} pages",
    "links contain only images without alt text",
    "figures do not associate their captions with the images: `<figure>` needs a role and an `aria-label` with the caption text",
];

/// Parts of library messages by which planche recognizes these messages. They are never printed.
const RECOGNIZED: &[&str] = &[
    "\"name\": \"planche\"",
    "lookup address",
    "memory allocation of ",
    "Missing palette",
    "Not enough palette",
    "CRC error",
    "IDAT or fdAT chunk is missing",
    "IDAT or fDAT chunk does not have",
    "fcTL chunk missing",
    "Sequence is not in order",
    "Unexpected restart of",
    "Sub frame is out-of-bounds",
    "Invalid image dimensions",
    "Invalid color",
    "Invalid bit depth",
    "Unknown compression",
    "Unknown filter",
    "Unknown interlace",
    "Unrecognized critical chunk",
    "frame descriptor is out-of-bounds",
    "Frame outside image",
    "An expected chunk was missing",
    "Palette size",
    "Negative width",
    "Invalid height",
    "Image too large",
    "Invalid channel bit count",
    "Invalid image type",
    "Unknown image compression",
    "More than one plane",
    "ICO directory contains no image",
    "appeared before IHDR",
    "is invalid after",
    "is invalid before",
    "must appear",
    "unclosed bracket",
    "mismatched bracket",
    "misplaced bracket",
    "trailing content",
    "cannot start any token",
    "unexpected character",
    "tab character",
    "a tab",
    "tab cannot",
    "tabs disallowed",
    "wrongly indented",
    "mapping values are not allowed",
    "mapping keys are not allowed",
    "sequence entries are not allowed",
    "simple key",
    "expected ':'",
    "expected key",
    "expected '-'",
    "',' or ']'",
    "',' or '}'",
    "node content",
    "unknown anchor",
    "multiple documents",
    "handle wasn't declared",
    "undefined tag handle",
    "character: `\\u{",
    "hexadecimal number",
    "comments must be separated",
    "must be followed by",
    "expected whitespace",
    "control characters",
    "end of plain scalar",
    "end of stream",
    "unexpected eof",
    "unexpected EOF",
    "duplicate key",
    "must be quoted",
    "invalid boolean",
    "basic string",
    "literal string",
    "missing comma",
    "extra comma",
    "missing assignment",
    "key with no value",
    "missing value",
    "extra assignment",
    "extra `=`",
    "carriage return",
    "expected `:`",
    "`,` or `]`",
    "`,` or `}`",
    "expected value",
    "key must be a string",
    "trailing comma",
    "trailing characters",
    "control character",
];

/// Comments in generated files, and texts of schemas.
const IN_FILES: &[&str] = &[
    "# planche: variants that no srcset lists, and their sizes in bytes. Keep this file with the variants; without it, they are made again.",
    "The site generator; `auto` detects it by its files.",
    "The same as `{first}`.",
    "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of planche. It can be deleted at any time.\n",
];

#[test]
fn every_text_of_the_sources_has_a_french_one() {
    let french = Language::French.catalogue().unwrap();
    let exempt = [CODE, PARTS, RECOGNIZED, IN_FILES].concat();
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (text, file) in texts() {
        if !french.has(&text) && !exempt.contains(&text.as_str()) {
            missing.entry(text).or_default().push(file);
        }
    }
    let listed = missing
        .iter()
        .map(|(text, files)| format!("#: {}\nmsgid {text:?}\nmsgstr \"\"\n", files.join(" ")));
    let listed = listed.collect::<Vec<_>>().join("\n");
    assert!(
        missing.is_empty(),
        "{} texts are not in locales/fr.po:\n\n{listed}",
        missing.len()
    );
}

#[test]
fn every_code_has_a_french_meaning_and_hint() {
    let french = Language::French.catalogue().unwrap();
    for code in Code::ALL {
        let meaning = code.meaning(Language::English);
        assert!(french.has(&meaning), "{meaning}");
        if let Some(hint) = code.hint() {
            assert!(french.has(hint), "{hint}");
        }
        assert!(french.has(code.severity().as_str()));
    }
}

/// Hints are infinitives, and no text addresses the reader.
#[test]
fn no_french_text_has_an_imperative() {
    /// Words that end in `ez` and are no verbs.
    const OTHERS: [&str; 3] = ["assez", "chez", "nez"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in [
        "locales/fr.po",
        "src/sheet/page/words.js",
        "src/preview/edit.js",
    ] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let french = text.lines().filter(|line| !line.starts_with("msgid"));
        for line in french {
            for word in line.split(|c: char| !c.is_alphabetic()) {
                let word = word.to_lowercase();
                let is_imperative = word.ends_with("ez") && !OTHERS.contains(&word.as_str());
                let is_address = ["vous", "votre", "vos"].contains(&word.as_str());
                assert!(!is_imperative && !is_address, "`{word}` in {file}: {line}");
            }
        }
    }
}

#[test]
fn names_are_escaped_in_both_languages() {
    let hostile = "a\u{1b}[2J\n\u{202e}b";
    let finding = Finding::new(Code::MissingUpload, format!("missing upload `{hostile}`"))
        .in_file(hostile)
        .hint(format!("did you mean `{hostile}`?"));
    for (language, start) in [
        (Language::English, "warning[missing-upload] a\\u{1b}[2J\\n"),
        (
            Language::French,
            "avertissement[missing-upload] a\\u{1b}[2J\\n",
        ),
    ] {
        let terminal = Terminal {
            language,
            ..Terminal::default()
        };
        let line = terminal.finding(&finding);
        assert!(line.starts_with(start), "{line}");
        assert_eq!(
            line.matches("a\\u{1b}[2J\\n\\u{202e}b").count(),
            3,
            "{line}"
        );
        let is_hidden = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!line.contains(is_hidden), "{line:?}");
    }
}

/// Returns the program's output on a site with a missing upload, with these environment variables
/// and arguments.
fn said(variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let site = Scratch::empty();
    site.write("_config.yml", "title: x\n");
    site.write(
        "_posts/2024-01-01-a.md",
        "---\nimage: /uploads/none.png\n---\n",
    );
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_planche"));
    command.current_dir(site.folder());
    for name in ["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).args(arguments);
    let output = command.output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn the_environment_and_the_option_choose_the_language_of_the_program() {
    let (english, french) = (
        "missing upload `/uploads",
        "fichier introuvable\u{a0}: `/uploads",
    );
    for (variables, arguments, expected) in [
        (&[][..], &["check"][..], english),
        (&[("LANG", "C")], &["check"], english),
        (&[("LANG", "POSIX")], &["check"], english),
        (&[("LANG", "tlh_QO.UTF-8")], &["check"], english),
        (&[("LANG", "fr_FR.UTF-8")], &["check"], french),
        (
            &[("LANG", "fr_FR.UTF-8")],
            &["check", "--lang", "en"],
            english,
        ),
        (&[], &["check", "--lang", "fr"], french),
        (&[], &["check", "--lang=fr"], french),
        (&[], &["--lang", "fr", "check"], french),
        (&[], &["--lang=fr"], french),
        (&[], &["check", "--lang=fr", "--format", "json"], french),
        (&[], &["check", "--lang=fr", "--format", "sarif"], french),
        (&[], &["check", "--lang=fr", "--format", "github"], french),
        (&[], &["check", "--lang=fr", "--format", "gitlab"], french),
        (&[], &["check", "--lang=fr", "--format", "junit"], french),
        (&[], &["check", "--lang=fr", "--format", "concise"], french),
        (&[], &["check", "--lang=fr", "--format", "markdown"], french),
    ] {
        let said = said(variables, arguments);
        assert!(
            said.contains(expected),
            "{variables:?} {arguments:?}: {said}"
        );
    }
}

#[test]
fn fingerprints_and_codes_are_the_same_in_all_languages() {
    let report = |language| -> serde_json::Value {
        let arguments = ["check", "--format", "gitlab", "--lang", language];
        serde_json::from_str(&said(&[], &arguments)).unwrap()
    };
    let (english, french) = (report("en"), report("fr"));
    for key in ["fingerprint", "check_name", "severity"] {
        assert_eq!(english[0][key], french[0][key]);
    }
    assert_ne!(english[0]["description"], french[0]["description"]);
}
