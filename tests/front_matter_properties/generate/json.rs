//! Front matter and data files in JSON: compact and pretty, escaped, with duplicate keys.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::Sample;
use super::{BODIES, bytes, escaped_picture, numbered, plain_picture};
use crate::editing::Form;

const JSON_LEAVES: &[&str] = &[
    "1",
    "-2.5e3",
    "true",
    "null",
    "\"\"",
    "\"t {}[],:\"",
    "\"\\\"\"",
    "[]",
    "{}",
    "{ }",
];

fn json_value(depth: usize) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        4 => escaped_picture().prop_map(|path| format!("\"{path}\"")),
        1 => plain_picture().prop_map(|path| format!("\"\\u00e9\\/{path}\"")),
        2 => select(JSON_LEAVES).prop_map(str::to_owned),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = vec(json_value(depth - 1), 1..4);
    let space = select(&["", " ", "\n  ", "\n\t"][..]);
    prop_oneof![
        4 => leaf,
        1 => (inner, space).prop_map(|(items, space)| {
            format!("[{space}{}{space}]", items.join(&format!(",{space}")))
        }),
        2 => json_object(depth - 1),
    ]
    .boxed()
}

fn json_object(depth: usize) -> BoxedStrategy<String> {
    let key = select(
        &[
            "\"image@\"",
            "\"im\\u0061ge@\"",
            "\"été@\"",
            "\"\\\"@\"",
            "\"image\"",
            "\"\"",
            "\"a\\\\@\"",
        ][..],
    );
    let ours = select(
        &[
            "\"r\": \"/u/r.png\", \"r_responsive\": {\"original\": \"/u/old.png\"}",
            "\"gone_responsive\": {\"original\": \"/u/gone.png\", \"width\": 1}",
            "\"e\": \"/u/e.png\", \"e_responsive\": null",
        ][..],
    )
    .prop_map(str::to_owned);
    let pair = (key, select(&[":", ": ", " : "][..]), json_value(depth))
        .prop_map(|(key, colon, value)| format!("{key}{colon}{value}"));
    let pair = prop_oneof![8 => pair, 1 => ours];
    let space = select(&["", " ", "\n  ", "\n\n\t"][..]);
    (vec(pair, 0..5), space, select(&[",", " ,"][..]))
        .prop_map(|(pairs, space, comma)| {
            format!(
                "{{{space}{}{space}}}",
                pairs.join(&format!("{comma}{space}"))
            )
        })
        .boxed()
}

pub fn page() -> BoxedStrategy<Sample> {
    let body = (select(&["", "\n", "\n\n", " "][..]), select(BODIES));
    (json_object(3), body, any::<bool>(), any::<bool>())
        .prop_map(|(text, (between, body), crlf, bom)| {
            let text = format!("{}{between}{}", numbered(&text), numbered(body));
            Sample {
                form: Form::Hugo,
                bytes: bytes(&text, crlf, bom),
            }
        })
        .boxed()
}

pub fn data() -> BoxedStrategy<Sample> {
    let root = prop_oneof![3 => json_object(3), 1 => json_value(3)];
    (
        root,
        select(&["", "\n", " \n\n"][..]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(text, end, crlf, bom)| Sample {
            form: Form::JsonData,
            bytes: bytes(&format!("{}{end}", numbered(&text)), crlf, bom),
        })
        .boxed()
}
