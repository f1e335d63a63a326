//! The invariants of the record (`ARCHITECTURE.md`) as properties of generated articles.
//!
//! [`hold`] checks all of them on one text, where possible without the editor's own code: it
//! inserts one record after another and compares bytes, and parses the old and the new text with
//! other parsers. The generators produce well-formed but unusual texts, and the same texts with
//! bytes and lines removed, duplicated and inserted.
//!
//! Every run uses the same cases. `PROPTEST_RNG_SEED` selects other cases, `PROPTEST_CASES` their
//! number.

mod generate;
mod set;
mod values;

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};

use planche::internal::article::{Refusal, Syntax};

use crate::editing::{Form, Wanted, rewrite, stem, strip, wanted};

/// A generated text; its `Debug` output shows it as text and escaped.
#[derive(Clone)]
pub struct Sample {
    pub form: Form,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.bytes);
        write!(f, "{:?}\n{text}\n= {text:?}", self.form)
    }
}

fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config
}

/// The outcome of rewriting a text.
#[derive(Debug, PartialEq, Eq)]
enum Done {
    Edited,
    /// There was nothing to do, or every reference was skipped with a reason.
    Unchanged,
    Refused(Refusal),
}

/// Rewrites a text with a record for every image that it names, and checks the invariants. Returns
/// the outcome.
fn hold(sample: &Sample) -> Done {
    let Sample { form, bytes } = sample;
    let form = *form;
    let before = match form.article(bytes) {
        Ok(article) => article,
        Err(refused) => return refused_well(refused),
    };
    let stripped = match strip(&before, form) {
        Ok(stripped) => stripped,
        Err(refused) => return refused_well(refused),
    };
    if !String::from_utf8_lossy(bytes).contains("responsive") {
        assert_eq!(shown(&stripped), shown(bytes), "nothing is ours");
    }
    let all = wanted(&before, form);
    let outcome = match rewrite(&before, form, &all) {
        Ok(outcome) => outcome,
        Err(refused) => return refused_well(refused),
    };
    let Some(new) = outcome.rewrite else {
        return Done::Unchanged;
    };
    let after = form.article(&new.bytes).expect("an article as before");
    assert_eq!(after.body(), before.body(), "the body");
    assert_eq!(
        after.bytes()[..after.front_matter_start()],
        before.bytes()[..before.front_matter_start()],
        "what stands before the front matter"
    );
    // Our records name no images, so the second run must request the same records as the first one.
    assert_eq!(wanted(&after, form), all, "{}", shown(&new.bytes));
    let second = rewrite(&after, form, &all).expect("accepted again");
    if let Some(second) = second.rewrite {
        assert_eq!(shown(&second.bytes), shown(&new.bytes), "the second run");
    }
    assert_eq!(second.skips.len(), outcome.skips.len());
    let stripped_after = strip(&after, form).expect("it can be stripped");
    assert_eq!(shown(&stripped_after), shown(&stripped), "strip(apply(x))");
    let (old, new) = (
        before.front_matter().unwrap(),
        after.front_matter().unwrap(),
    );
    values::differ_in_our_keys_only(before.syntax().unwrap(), old, new);
    if shown(&stripped) == shown(bytes) {
        one_by_one(sample, &all, after.bytes());
    }
    Done::Edited
}

/// Checks that a refusal has a position and a hint.
fn refused_well(refused: planche::internal::article::Refused) -> Done {
    assert!(refused.offset.is_some(), "{refused}");
    assert!(!refused.refusal.hint().is_empty(), "{refused}");
    Done::Refused(refused.refusal)
}

fn shown(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Checks that records inserted one after another result in the same bytes as all at once, and that
/// each record is one contiguous insertion, so that everything outside it is the original, byte by
/// byte.
fn one_by_one(sample: &Sample, all: &[Wanted], at_once: &[u8]) {
    let mut bytes = sample.bytes.clone();
    for count in 1..=all.len() {
        let article = sample.form.article(&bytes).unwrap();
        let outcome = rewrite(&article, sample.form, &all[..count]).expect("a part of the whole");
        let Some(new) = outcome.rewrite else { continue };
        let inserted = inserted(&bytes, &new.bytes)
            .unwrap_or_else(|| panic!("{}\nbecame\n{}", shown(&bytes), shown(&new.bytes)));
        let variant = format!("/v/{}-640.webp", stem(all[count - 1].original()));
        // The variant must be named in the `srcset` and as `src`, and no variant of another image
        // may be named.
        assert_eq!(inserted.matches(&variant).count(), 2, "{inserted}");
        assert_eq!(inserted.matches("-640.webp").count(), 2, "{inserted}");
        let blank = |line: &&str| line.trim().is_empty();
        assert_eq!(inserted.trim().lines().find(blank), None, "{inserted:?}");
        bytes = new.bytes;
    }
    assert_eq!(shown(&bytes), shown(at_once), "all at once");
}

/// Returns the contiguous bytes that were inserted into `old` to get `new`; `None` if the texts
/// differ in another way.
fn inserted(old: &[u8], new: &[u8]) -> Option<String> {
    let same = |(a, b): &(&u8, &u8)| a == b;
    let head = old.iter().zip(new).take_while(same).count();
    let rest = old.len() - head;
    let tail_is_kept = new.len() > old.len() && new[new.len() - rest..] == old[head..];
    tail_is_kept.then(|| shown(&new[head..new.len() - rest]).into_owned())
}

/// Checks that a well-formed text is edited, or refused because of a foreign value under our key.
fn well_formed(sample: &Sample) {
    match hold(sample) {
        Done::Edited | Done::Unchanged => {}
        Done::Refused(refusal) => assert!(
            matches!(refusal, Refusal::Foreign { .. }),
            "{refusal} {refusal:?}"
        ),
    }
}

proptest! {
    #![proptest_config(config(250))]

    #[test]
    fn yaml_pages_keep_the_invariants(sample in generate::yaml::page()) {
        well_formed(&sample);
    }

    #[test]
    fn yaml_data_files_keep_the_invariants(sample in generate::yaml::data()) {
        well_formed(&sample);
    }

    #[test]
    fn toml_pages_keep_the_invariants(sample in generate::toml::page()) {
        well_formed(&sample);
    }

    #[test]
    fn toml_data_files_keep_the_invariants(sample in generate::toml::data()) {
        well_formed(&sample);
    }

    #[test]
    fn json_pages_keep_the_invariants(sample in generate::json::page()) {
        well_formed(&sample);
    }

    #[test]
    fn json_data_files_keep_the_invariants(sample in generate::json::data()) {
        well_formed(&sample);
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn damaged_texts_keep_the_invariants(sample in generate::damaged::text()) {
        hold(&sample);
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn a_record_rewritten_by_a_cms_does_not_change(
        sample in generate::any_form(),
        dump in generate::dump(),
    ) {
        let Some((after, passed_over)) = edited(&sample) else {
            return Ok(());
        };
        let article = sample.form.article(&after).unwrap();
        let syntax = article.syntax().unwrap();
        let Some(text) = values::dump(syntax, article.front_matter().unwrap(), dump) else {
            return Ok(());
        };
        let dumped = article.with_front_matter(&text);
        let article = sample.form.article(&dumped).unwrap();
        // A skipped record may become possible after the CMS has rewritten the surrounding lines.
        if passed_over {
            return Ok(());
        }
        let outcome = rewrite(&article, sample.form, &wanted(&article, sample.form)).unwrap();
        let new = outcome.rewrite.map(|new| shown(&new.bytes).into_owned());
        prop_assert_eq!(new, None, "{}", shown(&dumped));
    }

    #[test]
    fn a_record_in_any_style_is_left_as_it_is(sample in generate::records::styled()) {
        let article = sample.form.article(&sample.bytes).unwrap();
        let all = wanted(&article, sample.form);
        prop_assert_eq!(all.len(), 2);
        let outcome = rewrite(&article, sample.form, &all).unwrap();
        let new = outcome.rewrite.map(|new| shown(&new.bytes).into_owned());
        prop_assert_eq!(new, None);
        prop_assert_eq!(outcome.skips, []);
        // The record still counts as ours.
        let stripped = strip(&article, sample.form).unwrap();
        prop_assert!(!shown(&stripped).contains("responsive"), "{}", shown(&stripped));
    }

    #[test]
    fn a_foreign_value_under_our_key_is_refused(sample in generate::records::foreign()) {
        let article = sample.form.article(&sample.bytes).unwrap();
        let all = wanted(&article, sample.form);
        match rewrite(&article, sample.form, &all) {
            Err(refused) => {
                prop_assert!(refused.to_string().contains("responsive"));
                let is_foreign = matches!(refused.refusal, Refusal::Foreign { .. });
                prop_assert!(is_foreign, "{}", refused);
                refused_well(refused);
            }
            Ok(outcome) => prop_assert!(false, "{outcome:?}"),
        }
        prop_assert_eq!(strip(&article, sample.form).unwrap(), sample.bytes);
    }
}

/// Returns the text with its records, if it was edited, and whether a reference was skipped.
fn edited(sample: &Sample) -> Option<(Vec<u8>, bool)> {
    let article = sample.form.article(&sample.bytes).ok()?;
    let all = wanted(&article, sample.form);
    let outcome = rewrite(&article, sample.form, &all).ok()?;
    let bytes = outcome.rewrite?.bytes;
    Some((bytes, !outcome.skips.is_empty()))
}

#[test]
fn most_generated_texts_are_edited() {
    let mut runner = TestRunner::new(config(1));
    let mut edited_of = |strategy: BoxedStrategy<Sample>| {
        let edited = |_| {
            let sample = strategy.new_tree(&mut runner).unwrap().current();
            usize::from(edited(&sample).is_some())
        };
        (0..60).map(edited).sum::<usize>()
    };
    for strategy in generate::every() {
        let count = edited_of(strategy);
        assert!(count > 30, "{count} of 60");
    }
    assert!(edited_of(generate::damaged::text().boxed()) > 10);
}

#[test]
fn the_values_that_are_compared_see_a_damaged_neighbour() {
    let (old, new) = (
        "a: 1\nb: x\n",
        "a: '1'\nb: x\nb_responsive: {original: x}\n",
    );
    let damaged = std::panic::catch_unwind(|| {
        values::differ_in_our_keys_only(Syntax::Yaml, old, new);
    });
    assert!(damaged.is_err());
    values::differ_in_our_keys_only(Syntax::Yaml, old, &new.replace("'1'", "1"));
}
