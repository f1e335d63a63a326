use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[serde(default)]
    quality: Option<crate::picture::units::Quality>,
    #[serde(default)]
    lossless: Option<Choice>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    inner: Inner,
    #[serde(default)]
    flag: bool,
    #[serde(default)]
    count: u32,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    color: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Always,
    Never,
    Center,
}

fn error(text: &str) -> String {
    read::<Sample>("presets/x.yml", text)
        .expect_err(text)
        .to_string()
}

#[test]
fn errors_have_a_place_and_a_suggestion() {
    for (text, expected) in [
        (
            "# a preset\nlossless: always\nqualty: 80\n",
            "3:1: unknown key `qualty` – hint: did you mean `quality`?",
        ),
        (
            "lossless: alway\n",
            "1:11: unknown value `alway` – hint: did you mean `always`?",
        ),
        (
            "lossless: no\n",
            "1:11: unknown value `no` – hint: use `always`, `never` or `center`",
        ),
        ("quality: 101\n", "1:10: quality `101` is not 0 to 100"),
        ("quality: high\n", "1:10: expected a number, found `high`"),
        ("names: a\n", "1:8: expected a list, found `a`"),
        ("names: [a, [b]]\n", "1:12: expected text, found a list"),
        ("inner: 3\n", "1:8: expected a mapping of keys, found `3`"),
        (
            "flag: maybe\n",
            "1:7: expected `true` or `false`, found `maybe`",
        ),
        (
            "count: -1\n",
            "1:8: expected a whole number from 0, found `-1`",
        ),
        (
            "count: 5000000000\n",
            "1:8: expected a whole number up to 4294967295, found `5000000000`",
        ),
        (
            "count: 1e99\n",
            "1:8: expected a whole number up to 4294967295, found `1e99`",
        ),
        (
            "count: \"30000\"\n",
            "1:8: expected a whole number, found the text `30000` – hint: remove the quotes",
        ),
        (
            "flag: 'true'\n",
            "1:7: expected `true` or `false`, found `true` – hint: remove the quotes",
        ),
        ("count: 1.5\n", "1:8: expected a whole number, found `1.5`"),
        (
            "names: [a]\ncount: 1\nnames: [b]\n",
            "3:1: the key `names` is set twice – hint: merge the two, or remove one",
        ),
        (
            "inner: { color: red, colour: red }\n",
            "1:22: the key `color` is set twice – hint: merge the two, or remove one",
        ),
        ("- a\n", "1:1: expected a mapping of keys, found a list"),
    ] {
        assert_eq!(error(text), format!("presets/x.yml:{expected}"), "{text}");
    }
    let long = "a ".repeat(500);
    let shown = error(&format!("{long}\n{long}\n"));
    assert!(
        shown.contains("…`") && shown.chars().count() < 150,
        "{shown}"
    );
    assert!(error("quality: .nan\n").starts_with("presets/x.yml:1:10: "));
    assert!(error("quality: 80\nlossless: 'x\n").starts_with("presets/x.yml:"));
}

#[test]
fn the_list_of_keys_is_printed_once() {
    assert_eq!(
        error("entirely_different: 80\n"),
        "presets/x.yml:1:1: unknown key `entirely_different` – hint: the keys here are \
         `quality`, `lossless`, `names`, `inner`, `flag`, `count`"
    );
}

#[test]
fn values_are_read_as_yaml_means_them() {
    let sample: Sample = read(
        "x",
        "names: &n [1, 'two', ~x, null-ish]\ninner:\n  colour: 3\nquality: 7.5e1\ncount: 0x10\nflag: True\n",
    )
    .expect("valid");
    assert_eq!(sample.names, ["1", "two", "~x", "null-ish"]);
    assert_eq!(sample.inner.color.as_deref(), Some("3"));
    assert_eq!((sample.count, sample.flag), (16, true));
    assert_eq!(sample.quality.map(|quality| quality.get()), Some(75.0));
    let aliased: Sample = read("x", "inner: { color: &c blue }\nnames: [*c, *c]\n").expect("valid");
    assert_eq!(aliased.names, ["blue", "blue"]);
}

#[test]
fn both_spellings_are_read() {
    for text in [
        "lossless: center\ninner: { color: x }",
        "lossless: centre\ninner: { colour: x }",
    ] {
        let sample: Sample = read("x", text).expect("valid");
        assert_eq!(sample.lossless, Some(Choice::Center));
        assert_eq!(sample.inner.color.as_deref(), Some("x"));
    }
}

#[test]
fn an_empty_file_and_keys_without_values_are_defaults() {
    for text in [
        "",
        "\n",
        "# only a comment\n",
        "\u{feff}",
        "---\n",
        "names:\ninner:\nquality: ~\n",
    ] {
        let sample: Sample = read("x", text).expect("defaults");
        let defaults = Sample {
            quality: None,
            lossless: None,
            names: Vec::new(),
            inner: Inner::default(),
            flag: false,
            count: 0,
        };
        assert_eq!(sample, defaults, "{text:?}");
    }
}
