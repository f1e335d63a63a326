use super::template::Template;
use super::*;

#[test]
fn the_environment_chooses_the_language_as_in_gettext() {
    for (variables, expected) in [
        (&[][..], Language::English),
        (&[("LANG", "fr_FR.UTF-8")], Language::French),
        (&[("LANG", "fr")], Language::French),
        (&[("LANG", "fr_CA@euro")], Language::French),
        (&[("LANG", "C")], Language::English),
        (&[("LANG", "C.UTF-8")], Language::English),
        (&[("LANG", "POSIX")], Language::English),
        (&[("LANG", "frr_DE")], Language::English),
        (&[("LANG", "de_DE.UTF-8")], Language::English),
        (
            &[("LANG", "fr_FR"), ("LC_MESSAGES", "en_GB")],
            Language::English,
        ),
        (
            &[("LANG", "en_US"), ("LC_MESSAGES", "fr_FR")],
            Language::French,
        ),
        (
            &[("LC_MESSAGES", "fr_FR"), ("LC_ALL", "C")],
            Language::English,
        ),
        (&[("LC_ALL", ""), ("LANG", "fr_FR")], Language::French),
        // `LANGUAGE` is a list of preferences, which is ignored if the locale is `C`.
        (
            &[("LANG", "de_DE"), ("LANGUAGE", "de:fr:en")],
            Language::French,
        ),
        (
            &[("LANG", "fr_FR"), ("LANGUAGE", "en:fr")],
            Language::English,
        ),
        (&[("LANG", "C"), ("LANGUAGE", "fr")], Language::English),
        (&[("LANGUAGE", "fr")], Language::English),
    ] {
        let variable = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(
            Language::of_environment(variable),
            expected,
            "{variables:?}"
        );
    }
}

#[test]
fn words_match_only_where_they_stand_in_the_template() {
    let arguments = |template: &str, text: &str| -> Option<Vec<String>> {
        let template = Template::parse(template);
        let found = template.arguments(text)?;
        Some(found.iter().map(|one| one.text.to_owned()).collect())
    };
    let some = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
    for (template, text, expected) in [
        ("missing `{}`", "missing `a.png`", some(&["a.png"])),
        ("missing `{}`", "missing `a.png` now", None),
        ("missing `{}`", "missing ``", some(&[""])),
        // A name with a backtick is ambiguous.
        ("missing `{}`", "missing `a`b`", None),
        ("`{}` is not `{}`", "`a` is not `b`", some(&["a", "b"])),
        // A name that contains the template's words.
        (
            "`{}` is not `{}`",
            "`x is not y` is not `b`",
            some(&["x is not y", "b"]),
        ),
        (
            "{} is not {}",
            "`x is not y` is not 3",
            some(&["`x is not y`", "3"]),
        ),
        ("{a}: {b:.1} s", "work: 1.2 s", some(&["work", "1.2"])),
        ("`{{ {} }}`", "`{ x }`", some(&["x"])),
        ("{} s", " s", None),
        ("é{}é", "ééé", some(&["é"])),
    ] {
        assert_eq!(arguments(template, text), expected, "{template} {text}");
    }
}

#[test]
fn numbers_are_french() {
    let french = |english: &str| french::quantity(english);
    for (english, expected) in [
        ("2.1 MiB", Some("2,1\u{a0}Mio")),
        ("512 B", Some("512\u{a0}o")),
        ("1234567", Some("1\u{202f}234\u{202f}567")),
        ("1023.9 KiB", Some("1\u{202f}023,9\u{a0}Kio")),
        ("−92%", Some("−92\u{a0}%")),
        ("%", None),
        ("0.4 s", Some("0,4\u{a0}s")),
        ("1.2.3", None),
        ("12 apples", None),
        ("", None),
        ("a", None),
    ] {
        assert_eq!(french(english).as_deref(), expected, "{english}");
    }
}

#[test]
fn spaces_that_break_no_line_come_before_tall_punctuation_but_not_in_code() {
    let template = Template::parse("« {} » : quoi ? `a ? b : c` ; fin !");
    let set = template.map_words(french::typeset).fill(|_| Some("x"));
    assert_eq!(
        set,
        "«\u{a0}x\u{a0}»\u{a0}: quoi\u{202f}? `a ? b : c`\u{202f}; fin\u{202f}!"
    );
}
