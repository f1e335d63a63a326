//! Records as others write them, and values of others under our keys.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::Sample;
use super::yaml::dashed;
use super::{Lines, indented, lines};
use crate::editing::Form;

/// Our two records as another program may rewrite them: with other order, quotes, folds and
/// brackets.
pub fn styled() -> BoxedStrategy<Sample> {
    let yaml = (any::<bool>(), record_style(), record_style()).prop_map(|(flow, beside, listed)| {
        let beside = yaml_record("/u/a b.png", "ab", beside, flow);
        let listed = yaml_record("/u/c.png", "c", listed, false);
        let space = if flow { " " } else { "\n" };
        let beside = if flow { beside } else { indented(beside, "    ") };
        let text = format!(
            "---\nimage: /u/a b.png\nimage_responsive:{space}{}\nlist: [/u/c.png]\nresponsive_images:\n{}\n---\n",
            beside.join("\n"),
            dashed(listed, "- ").join("\n"),
        );
        Sample { form: Form::Jekyll, bytes: text.into_bytes() }
    });
    let toml = (any::<bool>(), record_style(), record_style()).prop_map(|(tables, beside, listed)| {
        let pairs = |original, stem, style: RecordStyle| -> Lines {
            let pair = |(key, value): (&str, String)| match value.parse::<u32>() {
                Ok(number) => format!("{key} = {number}"),
                Err(_) if style.quotes == 0 => format!("{key} = '{value}'"),
                Err(_) if style.quotes == 1 => format!("{key} = \"\"\"\n{value}\"\"\""),
                Err(_) => format!("\"{key}\" = \"{value}\""),
            };
            style.ordered(original, stem).into_iter().map(pair).collect()
        };
        let (beside, listed) = (pairs("/u/a b.png", "ab", beside), pairs("/u/c.png", "c", listed));
        let text = if tables {
            format!(
                "list = ['/u/c.png']\nimage = '/u/a b.png'\n\n[image_responsive]\n{}\n\n[[responsive_images]]\n{}\n",
                beside.join("\n"), listed.join("\n"),
            )
        } else {
            format!(
                "list = ['/u/c.png']\nresponsive_images = [{{{}}}]\nimage = '/u/a b.png'\nimage_responsive = {{ {} }}\n",
                listed.join(","), beside.join(" , "),
            )
        };
        Sample { form: Form::TomlData, bytes: text.into_bytes() }
    });
    let json = (any::<bool>(), record_style(), record_style()).prop_map(|(pretty, beside, listed)| {
        let (open, comma, close) = if pretty { ("{\n  ", ",\n  ", "\n}") } else { ("{", ",", "}") };
        let object = |original, stem, style: RecordStyle| {
            let pair = |(key, value): (&str, String)| match value.parse::<u32>() {
                Ok(number) => format!("\"{key}\":{number}"),
                Err(_) if style.quotes == 0 => format!("\"{key}\" : \"{}\"", value.replace('/', "\\/")),
                Err(_) => format!("\"{key}\": \"{}\"", value.replace('u', "\\u0075")),
            };
            let pairs: Vec<String> = style.ordered(original, stem).into_iter().map(pair).collect();
            format!("{open}{}{close}", pairs.join(comma))
        };
        let text = format!(
            "{{\"responsive_images\": [{}], \"image_responsive\": {}, \"list\": [\"/u/c.png\"], \"image\": \"/u/a b.png\"}}",
            object("/u/c.png", "c", listed), object("/u/a b.png", "ab", beside),
        );
        Sample { form: Form::JsonData, bytes: text.into_bytes() }
    });
    prop_oneof![2 => yaml, 1 => toml, 1 => json].boxed()
}

/// How the fields of a record are written and ordered.
#[derive(Clone, Copy, Debug)]
struct RecordStyle {
    quotes: u8,
    turn: usize,
    reversed: bool,
}

fn record_style() -> impl Strategy<Value = RecordStyle> {
    (0..5u8, 0..6usize, any::<bool>()).prop_map(|(quotes, turn, reversed)| RecordStyle {
        quotes,
        turn,
        reversed,
    })
}

impl RecordStyle {
    /// The fields of `editing::record`.
    fn ordered(self, original: &str, stem: &str) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("original", original.to_owned()),
            ("src", format!("/v/{stem}-640.webp")),
            (
                "srcset",
                format!("/v/{stem}-320.webp 320w, /v/{stem}-640.webp 640w"),
            ),
            ("sizes", "100vw".to_owned()),
            ("width", "640".to_owned()),
            ("height", "480".to_owned()),
        ];
        fields.rotate_left(self.turn);
        if self.reversed {
            fields.reverse();
        }
        fields
    }
}

fn yaml_record(original: &str, stem: &str, style: RecordStyle, flow: bool) -> Lines {
    let field = |(key, value): (&str, String)| {
        let folded = value.replace(", ", ",\n    ");
        match (style.quotes, value.parse::<u32>()) {
            (_, Ok(number)) => format!("{key}: {number}"),
            (0, _) => format!("{key}: '{value}'"),
            (1, _) => format!("\"{key}\": \"{folded}\""),
            (2, _) if !flow => format!("{key}: >-\n    {folded}"),
            (3, _) if !flow => format!("{key}: |-\n    {value}"),
            (4, _) if !flow => format!("{key}: {folded} # c"),
            _ => format!("'{key}':  \"{value}\""),
        }
    };
    let fields: Vec<String> = style
        .ordered(original, stem)
        .into_iter()
        .map(field)
        .collect();
    if flow {
        lines(&format!("{{ {} }}", fields.join(" , ")))
    } else {
        lines(&fields.join("\n"))
    }
}

/// A value under a key of ours that no record of ours is.
pub fn foreign() -> BoxedStrategy<Sample> {
    let value = select(
        &[
            "\"x\"",
            "1",
            "true",
            "[1]",
            "{\"src\": \"/v/a.webp\"}",
            "{\"original\": \"/a.png\", \"alt\": \"x\"}",
            "[{\"original\": \"/a.png\"}, 2]",
            "{\"original\": \"/a.png\", \"Width\": 1}",
            "[[]]",
            "0",
        ][..],
    );
    let form = select(
        &[
            Form::Jekyll,
            Form::YamlData,
            Form::TomlData,
            Form::Hugo,
            Form::JsonData,
        ][..],
    );
    (form, value, any::<bool>(), any::<bool>())
        .prop_map(|(form, value, listed, before)| {
            // Without changes, it is YAML and JSON.
            let toml = value.replace("\": ", "\" = ");
            let (key, picture) = if listed {
                ("responsive_images", "[\"/a.png\"]")
            } else {
                ("image_responsive", "\"/a.png\"")
            };
            let pair = |name: &str, value: &str| match form {
                Form::Jekyll | Form::YamlData => format!("{name}: {value}\n"),
                Form::TomlData => format!("{name} = {value}\n"),
                _ => format!("\"{name}\": {value}"),
            };
            let value = if form == Form::TomlData { &toml } else { value };
            let mut pairs = [
                pair("image", picture),
                pair(key, value),
                pair("other", "\"/b.png\""),
            ];
            if before {
                pairs.swap(0, 1);
            }
            let text = match form {
                Form::Jekyll => format!("---\n{}---\nBody", pairs.concat()),
                Form::YamlData | Form::TomlData => pairs.concat(),
                _ => format!("{{{}}}", pairs.join(", ")),
            };
            Sample {
                form,
                bytes: text.into_bytes(),
            }
        })
        .boxed()
}
