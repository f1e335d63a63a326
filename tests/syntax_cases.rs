//! Edits in each syntax: texts that name images, and the expected texts with records, written by
//! hand from the design.
//!
//! In expected texts, `<toml a>`, `<table a>`, `<json a>`, `<flow a>` and `<block a>` stand for the
//! record of `/a.png` in that notation ([`spelt_out`]). One case for each notation has the record
//! in full.

use planche::internal::article::{Refusal, Refused};
use planche::internal::finding::Position;

use crate::editing::{Form, rewrite, strip, wanted};

/// A text, the expected result, and the reasons for which references are skipped.
struct Case {
    name: &'static str,
    form: Form,
    before: &'static str,
    after: &'static str,
    skips: &'static [&'static str],
}

const fn case(name: &'static str, form: Form, before: &'static str, after: &'static str) -> Case {
    Case {
        name,
        form,
        before,
        after,
        skips: &[],
    }
}

/// Creates a case in which the text must not change, with the reasons for the skips.
const fn skipped(
    name: &'static str,
    form: Form,
    text: &'static str,
    skips: &'static [&'static str],
) -> Case {
    Case {
        name,
        form,
        before: text,
        after: text,
        skips,
    }
}

/// Replaces the placeholders of the records of `/a.png` to `/e.png` by the records.
fn spelt_out(text: &str) -> String {
    let mut text = text.to_owned();
    for p in ["a", "b", "c", "d", "e"] {
        let original = format!("/{p}.png");
        let src = format!("/v/{p}-640.webp");
        let srcset = format!("/v/{p}-320.webp 320w, /v/{p}-640.webp 640w");
        for (mark, record) in [
            (
                "toml",
                format!(
                    r#"{{ original = "{original}", src = "{src}", srcset = "{srcset}", sizes = "100vw", width = 640, height = 480 }}"#
                ),
            ),
            (
                "table",
                format!(
                    "original = \"{original}\"\nsrc = \"{src}\"\nsrcset = \"{srcset}\"\nsizes = \"100vw\"\nwidth = 640\nheight = 480"
                ),
            ),
            (
                "json",
                format!(
                    r#"{{"original": "{original}", "src": "{src}", "srcset": "{srcset}", "sizes": "100vw", "width": 640, "height": 480}}"#
                ),
            ),
            (
                "flow",
                format!(
                    r#"{{original: "{original}", src: "{src}", srcset: "{srcset}", sizes: "100vw", width: 640, height: 480}}"#
                ),
            ),
            (
                // Indented by two spaces; those of the first line precede the placeholder.
                "block",
                format!(
                    "original: \"{original}\"\n  src: {src}\n  srcset: >-\n    {}\n  sizes: \"100vw\"\n  width: 640\n  height: 480",
                    srcset.replace(", ", ",\n    ")
                ),
            ),
        ] {
            text = text.replace(&format!("<{mark} {p}>"), &record);
        }
    }
    text
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let (before, after) = (&*spelt_out(case.before), &*spelt_out(case.after));
        // Each case is also run with CRLF and with a byte order mark, which edits must keep.
        let crlf = |text: &str| text.replace('\n', "\r\n");
        let bom = |text: &str| format!("\u{feff}{text}");
        wrong.extend(fault(case, before, after).err());
        if before.contains('\n') {
            wrong.extend(fault(case, &crlf(before), &crlf(after)).err());
        }
        wrong.extend(fault(case, &bom(before), &bom(after)).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Returns an error with the first difference from the expected result.
fn fault(case: &Case, before: &str, after: &str) -> Result<(), String> {
    let Case {
        name, form, skips, ..
    } = case;
    let run = |text: &str| {
        let article = form.article(text.as_bytes()).expect(name);
        let outcome = rewrite(&article, *form, &wanted(&article, *form))
            .map_err(|refused| format!("{name}: {refused}"))?;
        let reasons: Vec<&str> = outcome.skips.iter().map(|skip| skip.reason).collect();
        if reasons != *skips {
            return Err(format!("{name}: passed over for {reasons:?}"));
        }
        let bytes = outcome.rewrite.map(|rewrite| rewrite.bytes);
        Ok(bytes.map(|bytes| String::from_utf8(bytes).unwrap()))
    };
    let stripped = |text: &str| {
        let article = form.article(text.as_bytes()).expect(name);
        match strip(&article, *form) {
            Ok(bytes) => Ok(String::from_utf8(bytes).unwrap()),
            Err(refused) => Err(format!("{name}: stripped: {refused}")),
        }
    };
    let written = run(before)?.unwrap_or_else(|| before.to_owned());
    if written != after {
        return Err(format!("{name}:\n{written}\ninstead of\n{after}"));
    }
    if let Some(second) = run(after)? {
        return Err(format!("{name}: a second run made\n{second}"));
    }
    let (old, new) = (stripped(before)?, stripped(after)?);
    if old != new || !before.contains("responsive") && old != before {
        return Err(format!("{name}: stripped\n{new}\ninstead of\n{old}"));
    }
    Ok(())
}

const TWICE: &str = "its key appears twice in the mapping";
const DOTTED: &str = "it is written with dotted keys; write a table instead";

#[test]
fn toml_front_matter() {
    check(&[
        case(
            "a record is an inline table on the line after its picture",
            Form::Hugo,
            "+++\ntitle = \"T\"\nimage = \"/a.png\"\ndate = 2021-05-10\n+++\nBody\n",
            "+++\ntitle = \"T\"\nimage = \"/a.png\"\nimage_responsive = { original = \"/a.png\", src = \"/v/a-640.webp\", srcset = \"/v/a-320.webp 320w, /v/a-640.webp 640w\", sizes = \"100vw\", width = 640, height = 480 }\ndate = 2021-05-10\n+++\nBody\n",
        ),
        case(
            "the list is tables at the end, each with its header",
            Form::Hugo,
            "+++\nimages = ['/a.png', \"/b.png\"]\n+++\n",
            "+++\nimages = ['/a.png', \"/b.png\"]\n[[responsive_images]]\noriginal = \"/a.png\"\nsrc = \"/v/a-640.webp\"\nsrcset = \"/v/a-320.webp 320w, /v/a-640.webp 640w\"\nsizes = \"100vw\"\nwidth = 640\nheight = 480\n[[responsive_images]]\n<table b>\n+++\n",
        ),
        case(
            "a table of like name follows the picture",
            Form::Hugo,
            "+++\nimage = \"/a.png\"\n[image_credit]\nname = \"N\"\n+++\n",
            "+++\nimage = \"/a.png\"\nimage_responsive = <toml a>\n[image_credit]\nname = \"N\"\n+++\n",
        ),
        case(
            "a sub-table follows the picture of its table",
            Form::Hugo,
            "+++\n[hero]\nimage = \"/a.png\"\n[hero.credit]\nname = \"N\"\nimage = \"/b.png\"\n+++\n",
            "+++\n[hero]\nimage = \"/a.png\"\nimage_responsive = <toml a>\n[hero.credit]\nname = \"N\"\nimage = \"/b.png\"\nimage_responsive = <toml b>\n+++\n",
        ),
        case(
            "no root key can stand behind a table: the list is tables of its own",
            Form::Hugo,
            "+++\nimages = [\"/a.png\"]\nhero = \"/b.png\"\n\n[params]\nx = 1\n\n# the end\n+++\n![](/c.png)\n",
            "+++\nimages = [\"/a.png\"]\nhero = \"/b.png\"\nhero_responsive = <toml b>\n\n[params]\nx = 1\n\n# the end\n[[responsive_images]]\n<table a>\n[[responsive_images]]\n<table c>\n+++\n![](/c.png)\n",
        ),
        case(
            "a dotted key gets a dotted record",
            Form::Hugo,
            "+++\nhero.image = '/a.png'\nhero . \"im age\" = '/b.png'\nx = 1\n+++\n",
            "+++\nhero.image = '/a.png'\nhero.image_responsive = <toml a>\nhero . \"im age\" = '/b.png'\nhero . \"im age_responsive\" = <toml b>\nx = 1\n+++\n",
        ),
        case(
            "in an inline table the record stands behind the value",
            Form::Hugo,
            "+++\nhero = { image = \"/a.png\", alt = \"x\" } # c\nlist = [{image='/b.png'}, { n = {image = '/c.png' } }]\n+++\n",
            "+++\nhero = { image = \"/a.png\", image_responsive = <toml a>, alt = \"x\" } # c\nlist = [{image='/b.png', image_responsive = <toml b>}, { n = {image = '/c.png', image_responsive = <toml c> } }]\n+++\n",
        ),
        skipped(
            "a dotted key in an inline table is passed over",
            Form::Hugo,
            "+++\nhero = { photo.image = \"/a.png\" }\n+++\n",
            &[DOTTED],
        ),
        case(
            "each of an array of tables gets its record",
            Form::Hugo,
            "+++\n[[gallery]]\nimage = \"/a.png\" # first\n\n[[gallery]]\n  image = \"/b.png\"\n  alt = \"B\"\n+++\n",
            "+++\n[[gallery]]\nimage = \"/a.png\" # first\nimage_responsive = <toml a>\n\n[[gallery]]\n  image = \"/b.png\"\n  image_responsive = <toml b>\n  alt = \"B\"\n+++\n",
        ),
        case(
            "arrays of strings on many lines go into the list",
            Form::Hugo,
            "+++\nimages = [\n  \"/a.png\", # \"/d.png\"\n  [ \"/b.png\" ],\n]\n[other]\n+++\n",
            "+++\nimages = [\n  \"/a.png\", # \"/d.png\"\n  [ \"/b.png\" ],\n]\n[other]\n[[responsive_images]]\n<table a>\n[[responsive_images]]\n<table b>\n+++\n",
        ),
        case(
            "multi-line strings end where they end, whatever they hold",
            Form::Hugo,
            "+++\ntext = '''\nimage = \"/d.png\"\n[x]\n'''\nimage = \"\"\"\\\n    /a.png\"\"\" # c\nalt = \"\"\"\nx\"\"\"\n+++\n",
            "+++\ntext = '''\nimage = \"/d.png\"\n[x]\n'''\nimage = \"\"\"\\\n    /a.png\"\"\" # c\nimage_responsive = <toml a>\nalt = \"\"\"\nx\"\"\"\n+++\n",
        ),
        case(
            "a path in a block scalar, as Decap writes it",
            Form::YamlData,
            "image: >-\n  /a.png\nhero: |- # c\n  /b.png\n\nalt: x\nlast: >-\n  /c.png\n",
            "image: >-\n  /a.png\nimage_responsive:\n  <block a>\nhero: |- # c\n  /b.png\nhero_responsive:\n  <block b>\n\nalt: x\nlast: >-\n  /c.png\nlast_responsive:\n  <block c>\n",
        ),
        case(
            "our key is quoted and escaped as the picture's",
            Form::Hugo,
            "+++\n'été' = '/a.png'\n\"im\\u0061ge\" = \"/b.png\"\n+++\n",
            "+++\n'été' = '/a.png'\n'été_responsive' = <toml a>\n\"im\\u0061ge\" = \"/b.png\"\n\"im\\u0061ge_responsive\" = <toml b>\n+++\n",
        ),
        case(
            "no line end behind the closing delimiter",
            Form::Hugo,
            "+++\nimage = \"/a.png\"\n+++",
            "+++\nimage = \"/a.png\"\nimage_responsive = <toml a>\n+++",
        ),
        case(
            "an empty front matter takes the list of its body",
            Form::Hugo,
            "+++\n+++\n![](/a.png)",
            "+++\n[[responsive_images]]\n<table a>\n+++\n![](/a.png)",
        ),
        case(
            "a stale record is replaced, a good one in another form is not",
            Form::Hugo,
            "+++\na = \"/a.png\"\na_responsive = { original = \"/old.png\", width = 1 } # c\nb = '/b.png'\n[b_responsive]\nheight = 480\nwidth = 640\nsizes = '100vw'\nsrcset = '/v/b-320.webp 320w, /v/b-640.webp 640w'\nsrc = '/v/b-640.webp'\noriginal = '/b.png'\n+++\n",
            "+++\na = \"/a.png\"\na_responsive = <toml a> # c\nb = '/b.png'\n[b_responsive]\nheight = 480\nwidth = 640\nsizes = '100vw'\nsrcset = '/v/b-320.webp 320w, /v/b-640.webp 640w'\nsrc = '/v/b-640.webp'\noriginal = '/b.png'\n+++\n",
        ),
        case(
            "a stale record with its own header stays a table",
            Form::Hugo,
            "+++\na = \"/a.png\"\n[a_responsive] # c\noriginal = '/old.png'\nwidth = 1 # px\n\n[more]\nx = 1\n+++\n",
            "+++\na = \"/a.png\"\n[a_responsive] # c\n<table a> # px\n\n[more]\nx = 1\n+++\n",
        ),
        case(
            "a record whose table was emptied is filled again",
            Form::Hugo,
            "+++\na = \"/a.png\"\nb = \"/b.png\"\n[a_responsive]\n[b_responsive]\n+++\n",
            "+++\na = \"/a.png\"\nb = \"/b.png\"\n[a_responsive]\n<table a>\n[b_responsive]\n<table b>\n+++\n",
        ),
        case(
            "a record whose picture is gone is removed",
            Form::Hugo,
            "+++\nx = 1\ngone_responsive = { original = \"/gone.png\" } # ours\nh = { alt = 'x', i_responsive = { original = '/i.png' } }\n[t]\n[t.old_responsive]\noriginal = '/old.png'\n[u]\n+++\n",
            "+++\nx = 1\nh = { alt = 'x' }\n[t]\n[u]\n+++\n",
        ),
        case(
            "an emptied list is removed, and so is one of pictures that are gone",
            Form::Hugo,
            "+++\nresponsive_images = []\nx = 1\n+++\n",
            "+++\nx = 1\n+++\n",
        ),
        case(
            "a list of pictures that are gone is removed with its headers",
            Form::Hugo,
            "+++\nx = 1\n[[responsive_images]]\n<table a>\n[t]\ny = 2\n[[responsive_images]]\n<table b>\n+++\n",
            "+++\nx = 1\n[t]\ny = 2\n+++\n",
        ),
        case(
            "a list that lacks a picture is written anew in its place",
            Form::Hugo,
            "+++\ni = ['/a.png', '/b.png']\n[[responsive_images]]\noriginal = '/b.png'\n[t]\n+++\n",
            "+++\ni = ['/a.png', '/b.png']\n[[responsive_images]]\n<table a>\n[[responsive_images]]\n<table b>\n[t]\n+++\n",
        ),
    ]);
}

#[test]
fn toml_front_matter_of_zola_keeps_its_list_under_extra() {
    let list = "[[extra.responsive_images]]\n<table a>\n";
    let after = |text: &str| -> &'static str {
        // Cases contain `&'static str`, so the text is leaked.
        Box::leak(text.replace("LIST", list).into_boxed_str())
    };
    check(&[
        case(
            "there is no extra",
            Form::Zola,
            "+++\ntitle = 'T'\n+++\n![](/a.png)\n",
            after("+++\ntitle = 'T'\nLIST+++\n![](/a.png)\n"),
        ),
        case(
            "there is an extra",
            Form::Zola,
            "+++\ntitle = 'T'\n[extra]\nimage = '/b.png'\n+++\n![](/a.png)\n",
            after(
                "+++\ntitle = 'T'\n[extra]\nimage = '/b.png'\nimage_responsive = <toml b>\nLIST+++\n![](/a.png)\n",
            ),
        ),
        case(
            "there is an empty extra, which stays",
            Form::Zola,
            "+++\n[extra]\n+++\n![](/a.png)\n",
            after("+++\n[extra]\nLIST+++\n![](/a.png)\n"),
        ),
        case(
            "tables stand below extra",
            Form::Zola,
            "+++\n[extra]\nx = 1\n[extra.sub]\nimage = '/b.png'\n[[extra.other]]\ny = 2\n+++\n![](/a.png)\n",
            after(
                "+++\n[extra]\nx = 1\n[extra.sub]\nimage = '/b.png'\nimage_responsive = <toml b>\n[[extra.other]]\ny = 2\nLIST+++\n![](/a.png)\n",
            ),
        ),
        case(
            "only a table below extra has a header",
            Form::Zola,
            "+++\n[extra.sub]\nx = 1\n[taxonomies]\ntags = ['t']\n+++\n![](/a.png)\n",
            after("+++\n[extra.sub]\nx = 1\n[taxonomies]\ntags = ['t']\nLIST+++\n![](/a.png)\n"),
        ),
        skipped(
            "an extra in braces takes no tables",
            Form::Zola,
            "+++\nextra = { x = 1 }\n+++\n![](/a.png)\n",
            &[
                "the images in the text need a list in `extra`, which is an inline table: write it \
                 as `[extra]`, with a line for each key",
            ],
        ),
        case(
            "an extra of dotted keys takes tables below it",
            Form::Zola,
            "+++\nextra.x = 1\nextra.image = '/b.png'\n+++\n![](/a.png)\n",
            after(
                "+++\nextra.x = 1\nextra.image = '/b.png'\nextra.image_responsive = <toml b>\nLIST+++\n![](/a.png)\n",
            ),
        ),
        case(
            "pictures of the front matter go into the same list",
            Form::Zola,
            "+++\n[extra]\nimages = ['/a.png']\n+++\n",
            after("+++\n[extra]\nimages = ['/a.png']\nLIST+++\n"),
        ),
        case(
            "a list whose pictures are gone is removed",
            Form::Zola,
            after("+++\n[extra]\nx = 1\nLIST+++\n"),
            "+++\n[extra]\nx = 1\n+++\n",
        ),
        case(
            "an emptied list is removed",
            Form::Zola,
            "+++\n[extra]\nresponsive_images = []\nx = 1\n+++\n",
            "+++\n[extra]\nx = 1\n+++\n",
        ),
        case(
            "a list at the root is not ours",
            Form::Zola,
            "+++\nresponsive_images = []\n[extra]\n+++\n![](/a.png)\n",
            after("+++\nresponsive_images = []\n[extra]\nLIST+++\n![](/a.png)\n"),
        ),
    ]);
}

#[test]
fn yaml_front_matter_of_zola_keeps_its_list_under_extra() {
    let list = "  responsive_images:\n  - original: \"/a.png\"\n    src: /v/a-640.webp\n    srcset: >-\n      /v/a-320.webp 320w,\n      /v/a-640.webp 640w\n    sizes: \"100vw\"\n    width: 640\n    height: 480\n";
    let after =
        |text: &str| -> &'static str { Box::leak(text.replace("LIST", list).into_boxed_str()) };
    check(&[
        case(
            "there is no extra",
            Form::Zola,
            "---\ntitle: T\n---\n![](/a.png)\n",
            after("---\ntitle: T\nextra:\nLIST---\n![](/a.png)\n"),
        ),
        case(
            "there is an extra",
            Form::Zola,
            "---\nextra:\n  x: 1 # c\nother: 2\n---\n![](/a.png)\n",
            after("---\nextra:\n  x: 1 # c\nLISTother: 2\n---\n![](/a.png)\n"),
        ),
        skipped(
            "an extra in braces takes no lines",
            Form::Zola,
            "---\nextra: {x: 1}\n---\n![](/a.png)\n",
            &["a list of records needs a front matter of `key: value` lines"],
        ),
        case(
            "a list whose pictures are gone goes, and the extra that was made for it",
            Form::Zola,
            after("---\ntitle: T\nextra:\nLIST---\n"),
            "---\ntitle: T\n---\n",
        ),
    ]);
}

#[test]
fn json_front_matter() {
    check(&[
        case(
            "a record stands behind its picture, on its line",
            Form::Hugo,
            "{\n  \"title\": \"T\",\n  \"image\": \"/a.png\",\n  \"n\": 1\n}\nBody\n",
            "{\n  \"title\": \"T\",\n  \"image\": \"/a.png\", \"image_responsive\": {\"original\": \"/a.png\", \"src\": \"/v/a-640.webp\", \"srcset\": \"/v/a-320.webp 320w, /v/a-640.webp 640w\", \"sizes\": \"100vw\", \"width\": 640, \"height\": 480},\n  \"n\": 1\n}\nBody\n",
        ),
        case(
            "on one line",
            Form::Hugo,
            "{\"image\":\"/a.png\",\"hero\":{\"image\" : \"/b.png\" } }\n",
            "{\"image\":\"/a.png\", \"image_responsive\": <json a>,\"hero\":{\"image\" : \"/b.png\", \"image_responsive\": <json b> } }\n",
        ),
        case(
            "the list stands behind the last value, the body where it was",
            Form::Hugo,
            "{\n\t\"images\": [\n\t\t\"/a.png\"\n\t]\n}\n\n![](/b.png) {\"image\": \"/c.png\"}",
            "{\n\t\"images\": [\n\t\t\"/a.png\"\n\t], \"responsive_images\": [<json a>, <json b>]\n}\n\n![](/b.png) {\"image\": \"/c.png\"}",
        ),
        case(
            "nested arrays hold objects and strings",
            Form::Hugo,
            "{\"rows\": [[{\"image\": \"/a.png\"}, \"/b.png\"], [[\"/c.png\"]]]}\n",
            "{\"rows\": [[{\"image\": \"/a.png\", \"image_responsive\": <json a>}, \"/b.png\"], [[\"/c.png\"]]], \"responsive_images\": [<json b>, <json c>]}\n",
        ),
        case(
            "an empty object takes the list of its body",
            Form::Hugo,
            "{ }\n![](/a.png)\n",
            "{\"responsive_images\": [<json a>] }\n![](/a.png)\n",
        ),
        Case {
            skips: &[TWICE],
            ..case(
                "a key that stands twice is passed over",
                Form::Hugo,
                "{\"image\": \"/a.png\", \"image\": \"/b.png\", \"other\": \"/c.png\"}\n",
                "{\"image\": \"/a.png\", \"image\": \"/b.png\", \"other\": \"/c.png\", \"other_responsive\": <json c>}\n",
            )
        },
        case(
            "our key is escaped as the picture's, and a value is read through its escapes",
            Form::Hugo,
            "{\"im\\u0061ge \\\"1\\\"\": \"\\/\\u0061.png\"}\n",
            "{\"im\\u0061ge \\\"1\\\"\": \"\\/\\u0061.png\", \"im\\u0061ge \\\"1\\\"_responsive\": <json a>}\n",
        ),
        skipped(
            "an empty key has none to put the suffix to",
            Form::Hugo,
            "{\"\": \"/a.png\"}\n",
            &["its key is empty"],
        ),
        case(
            "a stale record is replaced, a good one in other lines and order is not",
            Form::Hugo,
            "{\"a\": \"/a.png\", \"a_responsive\": {\n  \"original\": \"/old.png\"\n},\n\"b\": \"/b.png\", \"b_responsive\": {\n  \"height\": 480, \"width\": 640,\n  \"sizes\": \"100vw\",\n  \"srcset\": \"\\/v\\/b-320.webp 320w, \\/v\\/b-640.webp 640w\",\n  \"src\": \"/v/b-640.webp\", \"original\": \"/b.png\"}}\n",
            "{\"a\": \"/a.png\", \"a_responsive\": <json a>,\n\"b\": \"/b.png\", \"b_responsive\": {\n  \"height\": 480, \"width\": 640,\n  \"sizes\": \"100vw\",\n  \"srcset\": \"\\/v\\/b-320.webp 320w, \\/v\\/b-640.webp 640w\",\n  \"src\": \"/v/b-640.webp\", \"original\": \"/b.png\"}}\n",
        ),
        case(
            "a record of a picture that is gone is removed with its comma",
            Form::Hugo,
            "{\n  \"x\": 1,\n  \"gone_responsive\": <json a>,\n  \"y\": { \"gone_responsive\": <json a>, \"z\": 2 }\n}\n",
            "{\n  \"x\": 1,\n  \"y\": { \"z\": 2 }\n}\n",
        ),
        case(
            "an emptied record is filled again",
            Form::Hugo,
            "{\"a\": \"/a.png\", \"a_responsive\": null, \"b\": \"/b.png\", \"b_responsive\": {}}\n",
            "{\"a\": \"/a.png\", \"a_responsive\": <json a>, \"b\": \"/b.png\", \"b_responsive\": <json b>}\n",
        ),
        case(
            "an emptied list is removed",
            Form::Hugo,
            "{\"responsive_images\": [], \"x\": 1}\n",
            "{\"x\": 1}\n",
        ),
        case(
            "a list whose pictures are gone is removed",
            Form::Hugo,
            "{\"x\": 1, \"responsive_images\": [\n  <json a>\n]}\n",
            "{\"x\": 1}\n",
        ),
        case(
            "all that stood there goes while the list comes",
            Form::Hugo,
            "{\"gone_responsive\": <json b>}\n![](/a.png)",
            "{\"responsive_images\": [<json a>]}\n![](/a.png)",
        ),
    ]);
}

#[test]
fn yaml_data_files() {
    check(&[
        case(
            "a record stands in lines behind its picture, the list at the end",
            Form::YamlData,
            "hero:\n  image: /a.png # c\n  alt: x\nimages: [/b.png]\n",
            "hero:\n  image: /a.png # c\n  image_responsive:\n    original: \"/a.png\"\n    src: /v/a-640.webp\n    srcset: >-\n      /v/a-320.webp 320w,\n      /v/a-640.webp 640w\n    sizes: \"100vw\"\n    width: 640\n    height: 480\n  alt: x\nimages: [/b.png]\nresponsive_images:\n- <block b>\n",
        ),
        Case {
            skips: &["a list of records needs a front matter of `key: value` lines"],
            ..case(
                "a root sequence gets records beside its pictures, and no list",
                Form::YamlData,
                "- image: /a.png\n  alt: x\n-\n  - /b.png\n- name: N\n",
                "- image: /a.png\n  image_responsive:\n    original: \"/a.png\"\n    src: /v/a-640.webp\n    srcset: >-\n      /v/a-320.webp 320w,\n      /v/a-640.webp 640w\n    sizes: \"100vw\"\n    width: 640\n    height: 480\n  alt: x\n-\n  - /b.png\n- name: N\n",
            )
        },
        case(
            "no final line end, and several records behind the last line",
            Form::YamlData,
            "images:\n- /b.png\nimage: /a.png",
            "images:\n- /b.png\nimage: /a.png\nimage_responsive:\n  <block a>\nresponsive_images:\n- <block b>",
        ),
        case(
            "no final line end behind a block of text",
            Form::YamlData,
            "image: /a.png\ntext: |\n  T\n  # t",
            "image: /a.png\nimage_responsive:\n  <block a>\ntext: |\n  T\n  # t",
        ),
        skipped("an empty document", Form::YamlData, "", &[]),
        skipped("comments alone", Form::YamlData, "# image: /a.png\n\n", &[]),
        case(
            "the marks of a document stay its first and last lines",
            Form::YamlData,
            "%YAML 1.1\n--- # c\nimages: [/a.png]\n...\n",
            "%YAML 1.1\n--- # c\nimages: [/a.png]\nresponsive_images:\n- <block a>\n...\n",
        ),
        Case {
            skips: &["a list of records needs a front matter of `key: value` lines"],
            ..case(
                "a root in braces gets records within, and no list",
                Form::YamlData,
                "{image: /a.png, \"more\": [{\"image\": \"/b.png\"}, /c.png]}",
                "{image: /a.png, image_responsive: <flow a>, \"more\": [{\"image\": \"/b.png\", \"image_responsive\": <json b>}, /c.png]}",
            )
        },
        skipped(
            "a pair without braces is passed over",
            Form::YamlData,
            "list: [image: /a.png]\n",
            &["it is the single pair of a flow sequence: write braces around it"],
        ),
        Case {
            skips: &[TWICE],
            ..case(
                "a record that is not wanted stays if it would change the number of an entry",
                Form::YamlData,
                "image: 1\nimage_responsive:\n  <block a>\nimage_responsive: {image: /b.png}\n",
                "image: 1\nimage_responsive:\n  <block a>\nimage_responsive: {image: /b.png, image_responsive: <flow b>}\n",
            )
        },
        Case {
            skips: &[TWICE],
            ..case(
                "a list that is not wanted stays if it would change the number of an entry",
                Form::YamlData,
                "responsive_images:\n- <block a>\nresponsive_images: {image: /b.png}\n",
                "responsive_images:\n- <block a>\nresponsive_images: {image: /b.png, image_responsive: <flow b>}\n",
            )
        },
        case(
            "records that are not wanted are removed together, and before an entry that is not one",
            Form::YamlData,
            "x: /b.png\nimage_responsive:\n  <block a>\nimage_responsive:\n  <block a>\nz: 1\n",
            "x: /b.png\nx_responsive:\n  <block b>\nz: 1\n",
        ),
        Case {
            skips: &[TWICE],
            ..case(
                "a key that stands twice is passed over",
                Form::YamlData,
                "image: /a.png\nother: /c.png\nimage: /b.png\n",
                "image: /a.png\nother: /c.png\nother_responsive:\n  <block c>\nimage: /b.png\n",
            )
        },
        case(
            "a path in a block scalar, as Decap writes it",
            Form::YamlData,
            "image: >-\n  /a.png\nhero: |- # c\n  /b.png\n\nalt: x\nlast: >-\n  /c.png\n",
            "image: >-\n  /a.png\nimage_responsive:\n  <block a>\nhero: |- # c\n  /b.png\nhero_responsive:\n  <block b>\n\nalt: x\nlast: >-\n  /c.png\nlast_responsive:\n  <block c>\n",
        ),
        case(
            "our key is quoted and escaped as the picture's",
            Form::YamlData,
            "\"im\\u0061ge\": /a.png\n'it''s': /b.png\n",
            "\"im\\u0061ge\": /a.png\n\"im\\u0061ge_responsive\":\n  <block a>\n'it''s': /b.png\n'it''s_responsive':\n  <block b>\n",
        ),
        case(
            "a stale record is replaced, one of a picture that is gone removed",
            Form::YamlData,
            "image: /a.png\nimage_responsive:\n    original: /old.png\n    width: 1\ngone_responsive: {original: /gone.png} # ours\n# kept\nx: 1\nold_responsive:\n  original: x",
            "image: /a.png\nimage_responsive:\n    original: \"/a.png\"\n    src: /v/a-640.webp\n    srcset: >-\n      /v/a-320.webp 320w,\n      /v/a-640.webp 640w\n    sizes: \"100vw\"\n    width: 640\n    height: 480\n# kept\nx: 1",
        ),
        case(
            "an emptied record is filled, an emptied list removed",
            Form::YamlData,
            "image: /a.png\nimage_responsive:\nresponsive_images: []\nx: 1\n",
            "image: /a.png\nimage_responsive:\n  <block a>\nx: 1\n",
        ),
        case(
            "the last lines go while others come",
            Form::YamlData,
            "images: [/b.png]\nimage: /a.png\ngone_responsive:\n  original: x",
            "images: [/b.png]\nimage: /a.png\nimage_responsive:\n  <block a>\nresponsive_images:\n- <block b>",
        ),
    ]);
}

#[test]
fn toml_data_files() {
    check(&[
        case(
            "as in front matter",
            Form::TomlData,
            "image = \"/a.png\" # c\nimages = [\"/b.png\"]\n\n[table]\nimage = '/c.png'\n",
            "image = \"/a.png\" # c\nimage_responsive = <toml a>\nimages = [\"/b.png\"]\n\n[table]\nimage = '/c.png'\nimage_responsive = <toml c>\n[[responsive_images]]\n<table b>\n",
        ),
        case(
            "no final line end",
            Form::TomlData,
            "image = \"/a.png\"",
            "image = \"/a.png\"\nimage_responsive = <toml a>",
        ),
        case(
            "no final line end, and several tables behind the last line",
            Form::TomlData,
            "images = [\"/a.png\", \"/b.png\"]\n[table]\nimage = '/c.png' # c",
            "images = [\"/a.png\", \"/b.png\"]\n[table]\nimage = '/c.png' # c\nimage_responsive = <toml c>\n[[responsive_images]]\n<table a>\n[[responsive_images]]\n<table b>",
        ),
        skipped("an empty document", Form::TomlData, "", &[]),
        skipped("comments alone", Form::TomlData, "# image = '/a.png'", &[]),
        skipped("an empty table", Form::TomlData, "[image]\n", &[]),
        case(
            "arrays of tables within arrays of tables",
            Form::TomlData,
            "[[album]]\nname = 'N'\n[[album.photo]]\nimage = '/a.png'\n[[album.photo]]\nimage = '/b.png'\n[[album]]\nimage = '/c.png'",
            "[[album]]\nname = 'N'\n[[album.photo]]\nimage = '/a.png'\nimage_responsive = <toml a>\n[[album.photo]]\nimage = '/b.png'\nimage_responsive = <toml b>\n[[album]]\nimage = '/c.png'\nimage_responsive = <toml c>",
        ),
        case(
            "inline tables over several lines",
            Form::TomlData,
            "hero = {\n  image = '/a.png', # c\n  alt = 'x',\n}\n",
            "hero = {\n  image = '/a.png', image_responsive = <toml a>, # c\n  alt = 'x',\n}\n",
        ),
        case(
            "a stale record is replaced, one of a picture that is gone removed",
            Form::TomlData,
            "image = '/a.png'\nimage_responsive = { original = '/old.png' }\ngone_responsive = { original = '/gone.png' }",
            "image = '/a.png'\nimage_responsive = <toml a>",
        ),
        case(
            "a stale list grows and shrinks where it stands",
            Form::TomlData,
            "images = ['/a.png']\n[[responsive_images]]\noriginal = '/x.png'\n\n[[responsive_images]]\noriginal = '/y.png'",
            "images = ['/a.png']\n[[responsive_images]]\n<table a>\n",
        ),
        case(
            "an emptied list is removed, an emptied record filled",
            Form::TomlData,
            "responsive_images = []\nimage = '/a.png'\nimage_responsive = ''",
            "image = '/a.png'\nimage_responsive = <toml a>",
        ),
        case(
            "the last table was emptied and has no line end",
            Form::TomlData,
            "image = '/a.png'\n[image_responsive]",
            "image = '/a.png'\n[image_responsive]\n<table a>",
        ),
    ]);
}

#[test]
fn json_data_files() {
    check(&[
        case(
            "as in front matter",
            Form::JsonData,
            "{\n  \"image\": \"/a.png\",\n  \"images\": [\"/b.png\"]\n}",
            "{\n  \"image\": \"/a.png\", \"image_responsive\": <json a>,\n  \"images\": [\"/b.png\"], \"responsive_images\": [<json b>]\n}",
        ),
        Case {
            skips: &["a list of records needs an object at the root"],
            ..case(
                "a root array gets records beside its pictures, and no list",
                Form::JsonData,
                "[\n  {\"image\": \"/a.png\"},\n  [\"/b.png\", {\"image\": \"/c.png\", \"alt\": null}]\n]\n",
                "[\n  {\"image\": \"/a.png\", \"image_responsive\": <json a>},\n  [\"/b.png\", {\"image\": \"/c.png\", \"image_responsive\": <json c>, \"alt\": null}]\n]\n",
            )
        },
        skipped(
            "a root string",
            Form::JsonData,
            "\"/a.png\"\n",
            &["a list of records needs an object at the root"],
        ),
        skipped("an empty document", Form::JsonData, "", &[]),
        skipped("blanks alone", Form::JsonData, " \n\n", &[]),
        skipped("an empty object", Form::JsonData, "{}", &[]),
        case(
            "the last picture's record comes before the list",
            Form::JsonData,
            "{\"images\":[\"/b.png\"],\"image\":\"/a.png\"}",
            "{\"images\":[\"/b.png\"],\"image\":\"/a.png\", \"image_responsive\": <json a>, \"responsive_images\": [<json b>]}",
        ),
        Case {
            skips: &[TWICE],
            ..case(
                "a key that stands twice is passed over wherever it stands",
                Form::JsonData,
                "{\"image\": 1, \"x\": {\"image\": \"/b.png\"}, \"image\": \"/a.png\"}",
                "{\"image\": 1, \"x\": {\"image\": \"/b.png\", \"image_responsive\": <json b>}, \"image\": \"/a.png\"}",
            )
        },
        case(
            "a stale record is replaced, those of pictures that are gone removed",
            Form::JsonData,
            "{\"gone_responsive\": <json d>, \"more_responsive\": <json e>, \"image\": \"/a.png\", \"image_responsive\": <json b>}",
            "{\"image\": \"/a.png\", \"image_responsive\": <json a>}",
        ),
        case(
            "a picture swapped by an editor makes its record stale",
            Form::JsonData,
            "[{\"image\": \"/b.png\", \"image_responsive\": <json a>}]",
            "[{\"image\": \"/b.png\", \"image_responsive\": <json b>}]",
        ),
        case(
            "a record that is alone leaves an empty object",
            Form::JsonData,
            "[{ \"gone_responsive\": <json a> }]",
            "[{  }]",
        ),
        case(
            "an emptied list is filled again",
            Form::JsonData,
            "{\"responsive_images\": null, \"images\": [\"/a.png\"]}",
            "{\"responsive_images\": [<json a>], \"images\": [\"/a.png\"]}",
        ),
    ]);
}

#[test]
fn foreign_or_unreadable_front_matter_is_refused_with_a_reason() {
    let foreign = |key: &str| Refusal::Foreign {
        key: key.to_owned(),
    };
    for (form, text, line, refusal) in [
        (
            Form::Hugo,
            "+++\nimage = '/a.png'\nimage_responsive = 'x'\n+++\n",
            3,
            foreign("image_responsive"),
        ),
        (
            Form::Hugo,
            "+++\ni = ['/a.png']\n[[responsive_images]]\noriginal = 'x'\nalt = 'y'\n+++\n",
            3,
            foreign("responsive_images"),
        ),
        (
            Form::Zola,
            "+++\n[extra]\nresponsive_images = 'x'\n+++\n![](/a.png)",
            3,
            foreign("responsive_images"),
        ),
        (
            Form::TomlData,
            "image = '/a.png'\n[image_responsive]\nsrc = 'x'\n",
            2,
            foreign("image_responsive"),
        ),
        (
            Form::Hugo,
            "{\n\"image\": \"/a.png\",\n\"image_responsive\": [1]}\n",
            3,
            foreign("image_responsive"),
        ),
        (
            Form::JsonData,
            "{\"image\": \"/a.png\", \"image_responsive\": {\"src\": \"x\"}}",
            1,
            foreign("image_responsive"),
        ),
        (
            Form::JsonData,
            "{\"i\": [\"/a.png\"], \"responsive_images\": [{\"original\": \"x\"}, 1]}",
            1,
            foreign("responsive_images"),
        ),
        (
            Form::YamlData,
            "- image: /a.png\n  image_responsive: true\n",
            2,
            foreign("image_responsive"),
        ),
        (
            Form::YamlData,
            "i: [/a.png]\nresponsive_images: x\n",
            2,
            foreign("responsive_images"),
        ),
    ] {
        let article = form.article(text.as_bytes()).unwrap();
        let refused = rewrite(&article, form, &wanted(&article, form)).unwrap_err();
        assert_eq!(refused.refusal, refusal, "{text}");
        assert_eq!(line_of(text, &refused), line, "{text}");
        assert_eq!(strip(&article, form).unwrap(), text.as_bytes());
    }
    for (form, text, line) in [
        (
            Form::Hugo,
            "+++\nimage = '/a.png'\nimage = '/b.png'\n+++\n",
            3,
        ),
        (Form::TomlData, "image = '/a.png'\n[t\n", 2),
        (Form::Hugo, "{\n\"image\": \"/a.png\",\n}\n", 3),
        (Form::JsonData, "{\"image\": \"/a.png\"\n\"x\": 1}", 2),
        (Form::JsonData, "[\"/a\n.png\"]", 1),
        (Form::YamlData, "x: 1\nimage: \"/a.png\n", 2),
    ] {
        let article = form.article(text.as_bytes()).unwrap();
        let refused = rewrite(&article, form, &[]).unwrap_err();
        assert!(
            matches!(refused.refusal, Refusal::Syntax(_)),
            "{text}: {refused}"
        );
        assert_eq!(line_of(text, &refused), line, "{text}: {refused}");
    }
}

/// Returns the line that a refusal is about.
fn line_of(text: &str, refused: &Refused) -> u32 {
    let offset = refused.offset.expect("a refusal has a place");
    Position::of(text.as_bytes(), offset).line
}
