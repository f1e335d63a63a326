//! Front matter and data files in TOML: dotted keys, tables of every kind, strings of every kind.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::Sample;
use super::{BODIES, Lines, bytes, escaped_picture, joined, lines, numbered, plain_picture};
use crate::editing::Form;

const TOML_LINES: &[&str] = &[
    "title@ = \"Été\"",
    "d@ = 2021-05-10T07:32:00Z",
    "n@ = 1_000",
    "f@ = 1e3",
    "b@ = true",
    "text@ = \"\"\"\nimage = \"x.png\"\n\\\n  more\"\"\"",
    "text@ = '''\n[table]\n'''",
    "empty@ = []",
    "t@ = {}",
    "# a comment",
    "",
];

fn toml_value() -> BoxedStrategy<String> {
    prop_oneof![
        3 => escaped_picture().prop_map(|path| format!("\"{path}\"")),
        2 => plain_picture().prop_map(|path| format!("'{path}'")),
        1 => plain_picture().prop_map(|path| format!("\"\"\"\n{path}\"\"\"")),
        1 => plain_picture().prop_map(|path| format!("'''{path}'''")),
    ]
    .boxed()
}

fn toml_field() -> BoxedStrategy<Lines> {
    let key = select(
        &[
            "image@",
            "\"im age@\"",
            "'été@'",
            "a-b_@",
            "\"q\\\"@\"",
            "\"a.b@\"",
            "9@",
        ][..],
    );
    let dotted = select(&["", "", "", "dot@.", "x@ . ", "'y.z@'."][..]);
    let after = select(&["", "", " # c", "   ", "\t# \"x\""][..]);
    let indent = select(&["", "", "", "  ", "\t"][..]);
    prop_oneof![
        5 => (indent, dotted, key, toml_value(), after)
            .prop_map(|(indent, dotted, key, value, after)| {
                lines(&format!("{indent}{dotted}{key} = {value}{after}"))
            }),
        2 => (vec(toml_value(), 1..3), any::<bool>()).prop_map(|(items, long)| {
            lines(&if long {
                format!("list@ = [\n  {}, # c\n]", items.join(",\n  "))
            } else {
                format!("list@ = [{}]", items.join(", "))
            })
        }),
        2 => (vec(toml_value(), 1..3), 0..4u8).prop_map(|(items, kind)| {
            let pairs: Vec<String> = items.iter().map(|value| format!("image@ = {value}")).collect();
            let pairs = pairs.join(", ");
            lines(&match kind {
                0 => format!("inline@ = {{ {pairs} }}"),
                1 => format!("inline@ = {{{pairs}, n = 1}} # c"),
                2 => format!("inline@ = [{{ {pairs} }}, {{ a = {{ {pairs} }} }}]"),
                _ => format!("inline@ = {{ b.c@ = 1, {pairs}, d.e = 'x@.png' }}"),
            })
        }),
        3 => select(TOML_LINES).prop_map(lines),
    ]
    .boxed()
}

fn toml_ours() -> BoxedStrategy<Lines> {
    select(
        &[
            "r = \"/u/r.png\"\nr_responsive = { original = \"/u/old.png\" } # c",
            "gone_responsive = { original = \"/u/gone.png\", width = 1 }",
            "e = \"/u/e.png\"\ne_responsive = {}",
            "s = '/u/s.png'\ns_responsive = \"\"",
            "i = { p = '/u/p.png', p_responsive = { original = '/u/p.png' }, z = 1 }",
            "i = { p_responsive = { original = '/u/p.png' }, z = 1 }",
        ][..],
    )
    .prop_map(lines)
    .boxed()
}

fn toml_text() -> BoxedStrategy<String> {
    let header = select(
        &[
            "[t@]",
            "[ t@ . 'sub' ] # c",
            "[[tables@]]",
            "  [t@]",
            "[\"q.@\"]",
            "[[a.@]]",
            "[t@.u]\n[t§.v]",
        ][..],
    );
    let table = (header, vec(toml_field(), 0..4))
        .prop_map(|(header, fields)| joined([lines(header)].into_iter().chain(fields).collect()));
    let ours = prop_oneof![3 => Just(Vec::new()), 1 => toml_ours()];
    let tail = select(
        &[
            "",
            "",
            "",
            "# the end",
            "\n",
            "[[responsive_images]]\noriginal = \"/gone.png\"\n[[responsive_images]]\noriginal = \"/gone2.png\"",
            "[p]\nimage = '/u/p.png'\n[p.image_responsive]\noriginal = '/u/old.png'\n\n[p.more]\nx = 1",
            "[extra]\nx = '/u/x.png'",
            "[extra.sub]\nx = '/u/x.png'",
            "[extra]",
            "[other]\n\n# c",
        ][..],
    );
    (vec(toml_field(), 1..5), ours, vec(table, 0..3), tail)
        .prop_map(|(fields, ours, tables, tail)| {
            let blocks = [joined(fields), ours, joined(tables), lines(tail)];
            numbered(&joined(blocks.into()).join("\n"))
        })
        // A header twice, or a key twice, is not TOML.
        .prop_filter("valid", |text| {
            toml_edit::Document::parse(text.as_str()).is_ok()
        })
        .boxed()
}

pub fn page() -> BoxedStrategy<Sample> {
    let form = select(&[Form::Hugo, Form::Zola][..]);
    (
        form,
        toml_text(),
        select(BODIES),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(form, text, body, crlf, bom)| {
            let text = format!("+++\n{text}\n+++\n{}", numbered(body));
            Sample {
                form,
                bytes: bytes(&text, crlf, bom),
            }
        })
        .boxed()
}

pub fn data() -> BoxedStrategy<Sample> {
    (
        toml_text(),
        select(&["", "\n"][..]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(text, end, crlf, bom)| Sample {
            form: Form::TomlData,
            bytes: bytes(&format!("{text}{end}"), crlf, bom),
        })
        .boxed()
}
