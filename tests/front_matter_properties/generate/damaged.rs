//! Texts that lost bytes and lines, or got some that they should not have.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::Sample;
use super::any_form;
use crate::editing::Form;

/// Small texts to damage, in addition to the generated ones.
const SEEDS: &[(Form, &str)] = &[
    (
        Form::Jekyll,
        "---\nune-ou-diaporama:\n- image: \"/uploads/a.png\"\n  légende: >-\n    Deux\n    lignes\n- {image: b.png, x: [c.png]}\nlist:\n  - d.jpg\n---\n![](/e.png)\n",
    ),
    (
        Form::Jekyll,
        "---\nimage: /a.png # c\nimage_responsive:\n  original: /a.png\n  src: /v/a.webp\n  srcset: >-\n    /v/a.webp 1w\n  width: 1\n  height: 1\nb: &b\n  i: /i.png\nc: *b\nd: {<<: *b}\nresponsive_images:\n- original: /z.png\n---\n",
    ),
    (
        Form::YamlData,
        "- image: a.png\n  t: |\n    x\n\n- - image: 'b.png'\n? k\n: c.png",
    ),
    (
        Form::YamlData,
        "{image: a.png, \"i\": [{\"j\": \"b.png\"}, k: c.png]}\n",
    ),
    (
        Form::Zola,
        "+++\ntitle = 'x'\n[extra]\nimage = \"/a.png\"\nl = ['b.png']\n[[extra.responsive_images]]\noriginal = 'c.png'\n+++\n![](d.png)",
    ),
    (
        Form::TomlData,
        "a.image = \"/a.png\"\nt = { i = '/b.png', i_responsive = { original = '/b.png' } }\n[[g]]\nimage = \"\"\"\nc.png\"\"\"\n[g.image_responsive]\noriginal = 'c.png'",
    ),
    (
        Form::Hugo,
        "{\n  \"image\": \"/a.png\",\n  \"l\": [\"b.png\", {\"i\\u006d\": \"c.png\"}]\n}\n\n![](d.png)\n",
    ),
    (
        Form::JsonData,
        "[{\"image\":\"/a.png\",\"image_responsive\":{\"original\":\"/a.png\"}},[\"b.png\"]]",
    ),
];

/// One wound of a text.
#[derive(Clone, Debug)]
enum Wound {
    DropByte(Index),
    DropLine(Index),
    DoubleLine(Index),
    SwapLines(Index, Index),
    Insert(Index, &'static [u8]),
    Cut(Index),
}

/// Texts to insert, each of which has a meaning to one of the parsers.
const STREWN: &[&[u8]] = &[
    b" ",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b"#",
    b" # c",
    b":",
    b": ",
    b"- ",
    b"-",
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"&a ",
    b"*a",
    b"!t ",
    b"? ",
    b"|\n",
    b">-\n",
    b"<<: *b\n",
    b"---\n",
    b"...\n",
    b"%",
    b"\\",
    b"=",
    b".",
    b"\xc3\xa9",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\0",
    b"~",
    b"_responsive",
    b"image: x.png\n",
    b"image_responsive: {original: x}\n",
    b"original: x\n",
    b"responsive_images:\n",
    b"[[responsive_images]]\n",
    b"@",
    b"`",
    b"  ",
    b"\xf0\x9f\x8e\x89",
];

fn wound() -> impl Strategy<Value = Wound> {
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Wound::DropByte),
        2 => at().prop_map(Wound::DropLine),
        1 => at().prop_map(Wound::DoubleLine),
        1 => (at(), at()).prop_map(|(a, b)| Wound::SwapLines(a, b)),
        5 => (at(), select(STREWN)).prop_map(|(at, what)| Wound::Insert(at, what)),
        1 => at().prop_map(Wound::Cut),
    ]
}

fn wounded(mut bytes: Vec<u8>, wound: &Wound) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    match wound {
        Wound::DropByte(at) => {
            bytes.remove(at.index(bytes.len()));
            return bytes;
        }
        Wound::Insert(at, what) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, what.iter().copied());
            return bytes;
        }
        Wound::Cut(at) => {
            bytes.truncate(at.index(bytes.len()));
            return bytes;
        }
        Wound::DropLine(at) => drop(lines.remove(at.index(lines.len()))),
        Wound::DoubleLine(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
        }
        Wound::SwapLines(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
    }
    lines.concat()
}

pub fn text() -> BoxedStrategy<Sample> {
    let seed = select(SEEDS).prop_map(|(form, text)| Sample {
        form,
        bytes: text.as_bytes().to_vec(),
    });
    let sample = prop_oneof![3 => seed, 1 => any_form()];
    (sample, vec(wound(), 1..3))
        .prop_map(|(sample, wounds)| Sample {
            form: sample.form,
            bytes: wounds.iter().fold(sample.bytes, wounded),
        })
        .boxed()
}
