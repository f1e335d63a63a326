//! Front matter and data files in YAML: block and flow style, every way of quoting, anchors.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::Sample;
use super::{
    BODIES, Lines, bytes, escaped_picture, indented, joined, lines, numbered, plain_picture,
};
use crate::editing::Form;

const YAML_KEYS: &[&str] = &[
    "image@",
    "\"im age@\"",
    "'it''s@'",
    "été@",
    "🏔@",
    "a-b.c@",
    "photo de une@",
    "\"q\\\"@\"",
    "k@ ",
];

/// Lines of a block mapping that hold all but a plain image.
const YAML_LINES: &[&str] = &[
    "title: Été # 1",
    "title: \"a: b\"",
    "tags: [a, \"b, c\"]",
    "tags:\n- a\n- b # c",
    "n@: 010",
    "d@: 2021-05-10",
    "e@:",
    "e@: ~ # nothing",
    "on@: yes",
    "emoji@: 🎉",
    "planche@: false",
    "url@: https://example.org/#x",
    "body: body@.png",
    "image: /uploads/image@.png",
    "? ex@\n: /uploads/ex@.png",
    "un@: &u§ /uploads/un§.png\nsame§: *u§",
    "base@: &base§\n  image: /uploads/base§.png\nmerged§:\n  <<: *base§\n  more: /uploads/merged§.png",
    "items@: &items§\n- image: /uploads/items§.png\nagain§: *items§",
    "text@: |\n  ![](/uploads/in-text.png)\n\n  # no comment\n    more",
    "text@: >-\n  folded\n  text: x\n",
    "text@: |+\n  kept\n\n",
    "text@: |2-\n    deep\n   x",
    "q@: 'a\n  b\n\n  c'",
    "q@: \"a\\\n  b\"",
    "p@: a\n  b # c",
    "# a comment",
    "#comment: x",
    "      # far in",
    "",
    "   ",
];

fn yaml_picture() -> BoxedStrategy<String> {
    let before = select(&["", "", "", "", "&a@ ", "!!str ", "!own ", "&b@ !!str "][..]);
    let value = prop_oneof![
        3 => plain_picture(),
        2 => escaped_picture().prop_map(|path| format!("\"{path}\"")),
        1 => plain_picture().prop_map(|path| format!("'it''s {path}'")),
        1 => plain_picture().prop_map(|path| format!("\"\\u00e9{path}\"")),
    ];
    (before, value)
        .prop_map(|(before, value)| format!("{before}{value}"))
        .boxed()
}

fn yaml_field(flow: bool) -> BoxedStrategy<Lines> {
    let key = || select(YAML_KEYS);
    if flow {
        return prop_oneof![
            (key(), yaml_picture()).prop_map(|(key, value)| vec![format!("{key}: {value}")]),
            select(
                &[
                    "alt: x",
                    "n@: ~",
                    "t@: [1, 'b']",
                    "u@: {v: w}",
                    "'w': \"\"",
                    "x@: # c\n  y"
                ][..]
            )
            .prop_map(lines),
        ]
        .boxed();
    }
    let after = select(&["", "", "", " # note: \"x\"", "   ", "\t# tab", " #"][..]);
    prop_oneof![
        6 => (key(), yaml_picture(), after)
            .prop_map(|(key, value, after)| vec![format!("{key}: {value}{after}")]),
        1 => (key(), plain_picture())
            .prop_map(|(key, path)| vec![format!("{key}:"), format!("    {path}")]),
        1 => (key(), yaml_picture())
            .prop_map(|(key, value)| vec![format!("{key}: # c"), format!("  {value}")]),
        4 => select(YAML_LINES).prop_map(lines),
    ]
    .boxed()
}

/// What was ours, in all states: good, stale, emptied, of an image that is gone, in the flow.
fn yaml_ours() -> BoxedStrategy<Lines> {
    select(&[
        "r@: /u/r.png\nr§_responsive:\n  original: /u/r.png",
        "gone@_responsive:\n  original: \"/u/gone.png\"\n  src: /v/gone.webp\n  width: 1\n  height: 1",
        "old: /u/old.png\nold_responsive:\n    original: /u/older.png\n    width: 3 # c",
        "empty: /u/empty.png\nempty_responsive: # c",
        "none: /u/none.png\nnone_responsive: {}",
        "flow: {i: /u/i.png, i_responsive: {original: /u/i.png}, z: 1}",
        "first:\n- pic_responsive:\n    original: x\n  pic: /u/first.png",
    ][..])
    .prop_map(lines)
    .boxed()
}

fn yaml_mapping(depth: usize) -> BoxedStrategy<Lines> {
    let field = if depth == 0 {
        yaml_field(false)
    } else {
        let step = || select(&["  ", "    ", " "][..]);
        let inner = move || yaml_mapping(depth - 1);
        prop_oneof![
            6 => yaml_field(false),
            1 => (step(), inner()).prop_map(|(step, inner)| {
                joined(vec![lines("map@:"), indented(inner, step)])
            }),
            1 => (select(&["", "  "][..]), select(&["- ", "-   "][..]), vec(inner(), 1..3))
                .prop_map(|(indent, dash, items)| {
                    let items = items.into_iter().map(|item| indented(dashed(item, dash), indent));
                    joined([lines("list@:")].into_iter().chain(items).collect())
                }),
            1 => (select(&["", "  "][..]), vec(plain_picture(), 1..3)).prop_map(|(indent, items)| {
                let items = items.into_iter().map(|item| format!("{indent}- {item}"));
                ["scalars@:".to_owned()].into_iter().chain(items).collect()
            }),
            2 => yaml_flow(),
        ]
        .boxed()
    };
    (vec(field, 1..5), yaml_field(false))
        .prop_map(|(mut fields, last)| {
            fields.push(last);
            // A mapping needs a key; comments and blank lines alone are none.
            fields.push(lines("alt@: z"));
            joined(fields)
        })
        .boxed()
}

/// An item of a sequence: its first line follows the dash if it is a key's.
pub fn dashed(item: Lines, dash: &str) -> Lines {
    let blanks = " ".repeat(dash.len());
    let mut item = indented(item, &blanks);
    let is_key = |line: &String| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    match item.first().filter(|line| is_key(line)).cloned() {
        Some(first) => item[0] = format!("{dash}{}", &first[dash.len()..]),
        None => item.insert(0, dash.trim_end().to_owned()),
    }
    item
}

fn yaml_flow() -> BoxedStrategy<Lines> {
    (
        vec(yaml_field(true), 1..4),
        select(&[", ", ",", " ,\n  ", ",\n\n  "][..]),
        0..5u8,
    )
        .prop_map(|(fields, comma, kind)| {
            let inner: Vec<String> = fields.iter().map(|field| field.join("\n")).collect();
            let inner = inner.join(comma);
            lines(&match kind {
                0 => format!("flow@: {{{inner}}}"),
                1 => format!("flow@: {{ {inner} }} # c"),
                2 => format!("flow@: [{{{inner}}}, x@.png]"),
                3 => format!("flow@:\n- {{{inner}}}\n- {{\n    {inner}\n    }}"),
                _ => format!("flow@: [a: pair@.png, {{{inner}, }}]"),
            })
        })
        .boxed()
}

/// A document: a mapping, in part with records from before.
fn yaml_text() -> BoxedStrategy<String> {
    let ours = prop_oneof![3 => Just(Vec::new()), 1 => yaml_ours()];
    let list = prop_oneof![
        5 => Just(Vec::new()),
        1 => Just(lines("responsive_images:\n- original: \"/gone.png\"\n  src: /v/x.webp\n  width: 2\n  height: 2")),
        1 => Just(lines("responsive_images:")),
    ];
    let tail = select(&["", "", "# the end", "\n\n", "last: |\n  text\n"][..]);
    (yaml_mapping(2), ours, yaml_mapping(1), list, tail)
        .prop_map(|(first, ours, second, list, tail)| {
            numbered(&joined(vec![first, ours, second, list, lines(tail)]).join("\n"))
        })
        .boxed()
}

pub fn page() -> BoxedStrategy<Sample> {
    let form = select(&[Form::Jekyll, Form::Hugo, Form::Zola][..]);
    let close = select(&["---\n", "---  \n", "---"][..]);
    (
        form,
        yaml_text(),
        select(BODIES),
        close,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(form, text, body, close, crlf, bom)| {
            let body = if close.ends_with('\n') {
                numbered(body)
            } else {
                String::new()
            };
            let text = format!("---\n{text}\n{close}{body}");
            Sample {
                form,
                bytes: bytes(&text, crlf, bom),
            }
        })
        .boxed()
}

pub fn data() -> BoxedStrategy<Sample> {
    let end = select(&["", "\n", "\n\n", "\n...\n", "\n... # c"][..]);
    let start = select(&["", "", "---\n", "# c\n", "%YAML 1.1\n---\n"][..]);
    let root = prop_oneof![
        3 => yaml_text(),
        1 => vec(yaml_mapping(1), 1..3).prop_map(|items| {
            let items = items.into_iter().map(|item| dashed(item, "- ")).collect();
            numbered(&joined(items).join("\n"))
        }),
        1 => yaml_flow().prop_map(|flow| {
            let flow = numbered(&flow.join("\n"));
            let (_, value) = flow.split_once(':').unwrap_or_default();
            value.trim().to_owned()
        }),
    ];
    (root, start, end, any::<bool>(), any::<bool>())
        .prop_map(|(text, start, end, crlf, bom)| Sample {
            form: Form::YamlData,
            bytes: bytes(&format!("{start}{text}{end}"), crlf, bom),
        })
        .boxed()
}
