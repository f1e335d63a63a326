//! Generates well-formed but unusual front matter, in every syntax, and damaged variations of it.
//!
//! Texts are assembled from blocks of lines. In a block, `@` is replaced by a unique number, so
//! that keys and images differ, and `§` by the previous number; a key without either may occur
//! twice.

pub mod damaged;
pub mod json;
pub mod records;
pub mod toml;
pub mod yaml;

use proptest::prelude::*;
use proptest::sample::select;

use super::Sample;
use super::values::Dump;

pub fn every() -> [BoxedStrategy<Sample>; 6] {
    [
        yaml::page(),
        yaml::data(),
        toml::page(),
        toml::data(),
        json::page(),
        json::data(),
    ]
}

pub fn any_form() -> BoxedStrategy<Sample> {
    proptest::strategy::Union::new(every()).boxed()
}

pub fn dump() -> impl Strategy<Value = Dump> {
    (any::<bool>(), any::<bool>()).prop_map(|(pretty, reversed)| Dump { pretty, reversed })
}

/// Lines without their ends.
type Lines = Vec<String>;

/// Names of files: accents, blanks, quotes, characters that mean something in YAML.
const STEMS: &[&str] = &[
    "pic@", "PIC_@", "été @", "a#@", "b: @", "c @ #d", "100%@", "it's @", "🏔@", "e,f@", "[g@]",
    "h&i@", "*@", "-@", "a\\\\b@", "x=@", "@'\\\"",
];

const FOLDERS: &[&str] = &[
    "/uploads/",
    "",
    "../img/",
    "/uploads/2021 à/",
    "https://example.org/u/",
];

const ENDINGS: &[&str] = &[".png", ".JPG", ".webp", ".svg", ".jpeg?v=@"];

/// A path as escaped within double quotes.
fn escaped_picture() -> BoxedStrategy<String> {
    (select(FOLDERS), select(STEMS), select(ENDINGS))
        .prop_map(|(folder, stem, ending)| format!("{folder}{stem}{ending}"))
        .boxed()
}

/// A path that needs no quotes anywhere.
fn plain_picture() -> BoxedStrategy<String> {
    let stems = &["pic@", "PIC_@", "été-@", "🏔@", "a.b@", "x=@", "c@-d"];
    (select(&FOLDERS[..2]), select(&stems[..]), select(ENDINGS))
        .prop_map(|(folder, stem, ending)| format!("{folder}{stem}{ending}"))
        .boxed()
}

fn lines(text: &str) -> Lines {
    text.split('\n').map(str::to_owned).collect()
}

fn indented(lines: Lines, by: &str) -> Lines {
    let one = |line: String| match line.as_str() {
        "" => line,
        _ => format!("{by}{line}"),
    };
    lines.into_iter().map(one).collect()
}

fn joined(blocks: Vec<Lines>) -> Lines {
    blocks.into_iter().flatten().collect()
}

/// Gives each `@` its number, and each `§` that of the `@` before it.
fn numbered(text: &str) -> String {
    let mut new = String::with_capacity(text.len());
    for (number, part) in text.split('@').enumerate() {
        if number > 0 {
            new.push_str(&(number - 1).to_string());
        }
        new.push_str(&part.replace('§', &number.saturating_sub(1).to_string()));
    }
    new
}

/// The bytes of a text with the given line ends.
fn bytes(text: &str, crlf: bool, bom: bool) -> Vec<u8> {
    let text = if crlf {
        text.replace('\n', "\r\n")
    } else {
        text.to_owned()
    };
    let bom = if bom { "\u{feff}" } else { "" };
    format!("{bom}{text}").into_bytes()
}

const BODIES: &[&str] = &[
    "",
    "\n",
    "Text\n",
    "\n![](/uploads/body@.png) no end",
    "![a](body@.jpg)\n\n<img src=\"/uploads/body@.webp\">\n",
    "---\n+++\n{}\n",
];
