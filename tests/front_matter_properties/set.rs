//! A key that the author could write beside an image: written once, again, and taken back.

use proptest::prelude::*;
use proptest::sample::select;

use planche::internal::article::Article;
use planche::internal::front_matter::{self, Setting};
use planche::internal::tree::path::{KeyPath, Segment};

use super::{Sample, config, generate, inserted, refused_well, shown, values};
use crate::editing::{Form, Wanted, rewrite, wanted};

/// Texts that an editor could type, and some that could break a syntax.
const TEXTS: &[&str] = &[
    "Un chat",
    "",
    "true",
    "0.3 0.6",
    "it's \"quoted\" # not a comment: really",
    "back\\slash, [brackets] {braces} & *stars*",
    "- dash",
    "<img onerror=alert(1)>",
    "🏔 été\u{2028}line\u{7f}",
    "'",
    "---",
];

/// The bytes after a setting; `None` if it changes nothing.
fn set(
    article: &Article,
    form: Form,
    at: &KeyPath,
    setting: &Setting<'_>,
) -> Result<Option<Vec<u8>>, ()> {
    let tree = article
        .tree()
        .map_err(|refused| drop(refused_well(refused)))?;
    match front_matter::set(article, &tree, at, setting, &form.keys()) {
        Ok(outcome) => Ok(outcome.rewrite.map(|rewrite| rewrite.bytes)),
        Err(refused) => {
            refused_well(refused);
            Err(())
        }
    }
}

fn take_back(
    now: &[u8],
    before: &Article,
    form: Form,
    at: &KeyPath,
    setting: &Setting<'_>,
) -> Result<Vec<u8>, String> {
    let article = form.article(now).unwrap();
    let tree = article.tree().unwrap();
    let outcome = front_matter::take_back(&article, &tree, before, at, setting, &form.keys());
    let outcome = outcome.map_err(|refused| refused.to_string())?;
    Ok(outcome.rewrite.expect("something was set").bytes)
}

/// What an article is after its records were brought up to date.
fn with_records(bytes: &[u8], form: Form) -> Option<Vec<u8>> {
    let article = form.article(bytes).unwrap();
    let outcome = rewrite(&article, form, &wanted(&article, form)).ok()?;
    Some(outcome.rewrite.map_or(bytes.to_vec(), |new| new.bytes))
}

/// Sets keys beside the images of a text, one after another, until enough are set. Returns how many
/// were set.
fn hold(sample: &Sample, text: &str, enough: usize) -> usize {
    let form = sample.form;
    let Ok(before) = form.article(&sample.bytes) else {
        return 0;
    };
    let mut count = 0;
    for one in wanted(&before, form) {
        if count >= enough {
            break;
        }
        let Wanted::Beside(at, _) = one else { continue };
        let Some(Segment::Key { name, .. }) = at.segments().last() else {
            panic!("{at}");
        };
        let focus = format!("{name}_focus");
        for setting in [
            Setting {
                key: "légende",
                text,
                is_plain: false,
            },
            Setting {
                key: "alt-xyz",
                text,
                is_plain: false,
            },
            Setting {
                key: &focus,
                text: "0.3 0.6",
                is_plain: true,
            },
        ] {
            count += usize::from(hold_one(&before, form, &at, &setting));
        }
    }
    count
}

/// Sets one key, and checks everything about it.
fn hold_one(before: &Article, form: Form, at: &KeyPath, setting: &Setting<'_>) -> bool {
    let Ok(Some(bytes)) = set(before, form, at, setting) else {
        return false;
    };
    let syntax = before.syntax().unwrap();
    let after = form.article(&bytes).unwrap();
    let texts = [before, &after].map(|article| article.front_matter().unwrap());
    values::differ_in_one_key_only(syntax, texts[0], texts[1], setting.key);
    let tree = after.tree().unwrap();
    let parent: KeyPath = at.segments().iter().rev().skip(1).rev().cloned().collect();
    let mapping = tree.find(&parent).unwrap();
    let entry = tree.get(mapping, setting.key).expect("it was set");
    assert_eq!(
        tree.text(entry.value),
        Some(setting.text),
        "{}",
        shown(&bytes)
    );
    assert_eq!(
        set(&after, form, at, setting),
        Ok(None),
        "{}",
        shown(&bytes)
    );
    if !texts[0].contains(setting.key) {
        inserted(before.bytes(), &bytes).expect("one run of bytes");
    }
    // Its text replaced by another one, of which the same holds.
    let other = Setting {
        text: "Autre «texte»",
        is_plain: false,
        ..*setting
    };
    if let Ok(Some(replaced)) = set(&after, form, at, &other) {
        let replaced_by = form.article(&replaced).unwrap();
        let now = replaced_by.front_matter().unwrap();
        values::differ_in_one_key_only(syntax, texts[1], now, setting.key);
        assert_eq!(set(&replaced_by, form, at, &other), Ok(None));
        let back = take_back(&replaced, &after, form, at, &other).unwrap();
        assert_eq!(shown(&back), shown(&bytes), "the second edit");
        let early = take_back(&replaced, before, form, at, setting);
        assert!(early.is_err(), "the second edit is to be undone first");
    }
    let back = take_back(&bytes, before, form, at, setting);
    match back {
        Ok(back) => assert_eq!(shown(&back), shown(before.bytes()), "{}", shown(&bytes)),
        Err(reason) => panic!("{reason}\n{}", shown(&bytes)),
    }
    // planche's own run in between changes records only: they stay, and the next run leaves the
    // article as if nothing had been set.
    if let Some((now, expected)) =
        with_records(&bytes, form).zip(with_records(before.bytes(), form))
        && let Ok(back) = take_back(&now, before, form, at, setting)
    {
        let again = with_records(&back, form).unwrap();
        assert_eq!(shown(&again), shown(&expected), "{}", shown(&now));
    }
    true
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn a_key_is_set_and_taken_back(sample in generate::any_form(), text in select(TEXTS)) {
        hold(&sample, text, usize::MAX);
    }

    #[test]
    fn damaged_texts_are_set_well_or_not_at_all(
        sample in generate::damaged::text(),
        text in select(TEXTS),
    ) {
        hold(&sample, text, usize::MAX);
    }
}

/// Texts before and after a focal point and alt text were set, by hand.
const CASES: [(Form, &str, &str); 7] = [
    (
        Form::Jekyll,
        "---\r\ncover: /a.png # c\r\nb: 1\r\n---\r\nText",
        "---\r\ncover: /a.png # c\r\ncover_focus: 0.3 0.6\r\nalt: \"A \\\"cat\\\"\"\r\nb: 1\r\n---\r\nText",
    ),
    (
        Form::Jekyll,
        "---\nl:\n- cover: /a.png\n  alt: 'old'  # why\n  cover_focus:\n---\n",
        "---\nl:\n- cover: /a.png\n  alt: 'A \"cat\"'  # why\n  cover_focus: 0.3 0.6\n---\n",
    ),
    (
        Form::Jekyll,
        "---\nl: [{cover: /a.png, x: 1}]\n---\n",
        "---\nl: [{cover: /a.png, cover_focus: 0.3 0.6, alt: \"A \\\"cat\\\"\", x: 1}]\n---\n",
    ),
    (
        Form::YamlData,
        "cover: >-\n  /a.png\nalt: |\n  old\n  text\nb: 1",
        "cover: >-\n  /a.png\ncover_focus: 0.3 0.6\nalt: \"A \\\"cat\\\"\"\nb: 1",
    ),
    (
        Form::Hugo,
        "+++\ncover = \"/a.png\"\nalt = 'old' # why\n+++\n",
        "+++\ncover = \"/a.png\"\ncover_focus = \"0.3 0.6\"\nalt = \"A \\\"cat\\\"\" # why\n+++\n",
    ),
    (
        Form::TomlData,
        "[[l]]\n  cover = '/a.png'",
        "[[l]]\n  cover = '/a.png'\n  cover_focus = \"0.3 0.6\"\n  alt = \"A \\\"cat\\\"\"",
    ),
    (
        Form::JsonData,
        "{\n  \"cover\": \"/a.png\",\n  \"alt\": null\n}\n",
        "{\n  \"cover\": \"/a.png\", \"cover_focus\": \"0.3 0.6\",\n  \"alt\": \"A \\\"cat\\\"\"\n}\n",
    ),
];

#[test]
fn every_syntax_is_written_as_an_author_would() {
    for (form, old, new) in CASES {
        let before = form.article(old.as_bytes()).unwrap();
        let Wanted::Beside(at, _) = wanted(&before, form).remove(0) else {
            panic!("{old}");
        };
        let focus = Setting {
            key: "cover_focus",
            text: "0.3 0.6",
            is_plain: true,
        };
        let alt = Setting {
            key: "alt",
            text: "A \"cat\"",
            is_plain: false,
        };
        let mut bytes = old.as_bytes().to_vec();
        for setting in [alt, focus] {
            let article = form.article(&bytes).unwrap();
            bytes = set(&article, form, &at, &setting)
                .unwrap()
                .expect("it changes");
        }
        assert_eq!(shown(&bytes), new);
    }
}

#[test]
fn an_article_that_has_changed_elsewhere_is_not_taken_back() {
    let form = Form::Jekyll;
    let text = "---\ncover: /a.png\nalt: old\n---\nText\n";
    let before = form.article(text.as_bytes()).unwrap();
    let Wanted::Beside(at, _) = wanted(&before, form).remove(0) else {
        panic!("it is beside");
    };
    let alt = Setting {
        key: "alt",
        text: "new",
        is_plain: false,
    };
    let after = set(&before, form, &at, &alt).unwrap().unwrap();
    let after = String::from_utf8(after).unwrap();
    for (from, to) in [
        ("Text", "Another text"),
        ("cover: /a.png", "cover: /b.png"),
        ("cover: /a.png", "cover:  /a.png"),
        ("---\ncover", "---\ntitle: x\ncover"),
        ("cover: /a.png\n", ""),
        ("alt: \"new\"\n", ""),
        ("alt: \"new\"\n", "alt: \"newer\"\n"),
        ("alt: \"new\"\n", "alt: 'new'\n"),
        ("alt: \"new\"\n", "alt: old\n"),
    ] {
        assert!(after.contains(from), "{after}");
        let now = after.replacen(from, to, 1);
        let refused = take_back(now.as_bytes(), &before, form, &at, &alt).unwrap_err();
        assert_eq!(refused, "the article has changed since that edit", "{now}");
    }
}

#[test]
fn what_cannot_be_edited_is_refused_with_a_reason() {
    for (text, reason) in [
        ("---\na: &x\n  cover: /a.png\nb: *x\n---\n", "anchored"),
        ("---\ncover: /a.png\nalt: {x: y}\n---\n", "not a text"),
        ("---\ncover: /a.png\nalt: a\nalt: b\n---\n", "twice"),
        ("---\ncover: /a.png\nalt: &x a\n---\n", "anchor"),
        ("---\n? cover\n: /a.png\n---\n", "`?`"),
        ("---\nl: [cover: /a.png]\n---\n", "braces"),
    ] {
        let form = Form::Jekyll;
        let article = form.article(text.as_bytes()).unwrap();
        let Wanted::Beside(at, _) = wanted(&article, form).remove(0) else {
            panic!("{text}");
        };
        let alt = Setting {
            key: "alt",
            text: "new",
            is_plain: false,
        };
        let tree = article.tree().unwrap();
        let refused = front_matter::set(&article, &tree, &at, &alt, &form.keys()).unwrap_err();
        assert!(refused.to_string().contains(reason), "{refused}");
        refused_well(refused);
    }
}

#[test]
fn keys_are_set_in_most_generated_texts() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::new(config(1));
    for strategy in generate::every() {
        let set = (0..20).filter(|_| {
            let sample = strategy.new_tree(&mut runner).unwrap().current();
            hold(&sample, "a text", 1) > 0
        });
        let count = set.count();
        assert!(count > 4, "{count} of 20");
    }
}
