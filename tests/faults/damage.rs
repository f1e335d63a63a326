//! Variants whose files were damaged: `verify` and `build --repair`.

use std::fs;

use super::{built_site, has_record};
use crate::scratch::{Scratch, changed};

/// Zeroes a block in the middle of a file. Its header and its length stay valid.
fn zero_block(site: &Scratch, name: &str) {
    let mut bytes = fs::read(site.path(name)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    fs::write(site.path(name), bytes).unwrap();
}

#[test]
fn a_zeroed_block_in_a_variant_is_noticed_and_repaired() {
    let site = built_site();
    let before = site.files();
    let variants = site.variants();
    let run = site.planche(&["verify", "--format", "json"]).exits(0);
    assert_eq!(run.count("/by_digest"), variants.len() as u64, "{run:#?}");
    for damaged in [0, variants.len() - 1] {
        let name = &variants[damaged];
        zero_block(&site, name);
        let run = site.planche(&["verify", "--format", "json"]).exits(1);
        assert_eq!(run.count("/damaged"), 1, "{run:#?}");
        let found = &run.findings()[0];
        assert_eq!(
            (found.code.as_str(), found.file.as_ref()),
            ("damaged-variant", Some(name))
        );
        // A build does not notice the damage, because length and header are unchanged.
        site.planche(&["build"]).exits(0);
        assert_eq!(changed(&before, &site.files()), [name.as_str()]);
        let run = site
            .planche(&["build", "--repair", "--format", "json"])
            .exits(0);
        assert_eq!(run.count("/variants/written"), 1, "{run:#?}");
        assert_eq!(changed(&before, &site.files()), [""; 0]);
        site.planche(&["verify"]).exits(0);
    }
}

#[test]
fn another_variants_bytes_of_the_same_length_are_noticed() {
    let site = built_site();
    let variants = site.variants();
    let mut other = fs::read(site.path(&variants[0])).unwrap();
    // The last byte belongs to the data of the WebP or to its padding; the digest covers both.
    *other.last_mut().unwrap() ^= 1;
    fs::write(site.path(&variants[0]), other).unwrap();
    let run = site.planche(&["verify"]).exits(1);
    assert!(run.err.contains(&variants[0]), "{run:#?}");
}

#[test]
fn without_digests_variants_are_decoded() {
    let site = built_site();
    site.remove_state();
    let variants = site.variants();
    let run = site.planche(&["verify", "--format", "json"]).exits(0);
    assert_eq!(run.count("/by_digest"), 0);
    assert_eq!(run.count("/by_decoding"), variants.len() as u64);
    assert!(!site.path(".planche").exists(), "verify writes nothing");
    let before = site.files();
    let cut = &variants[0];
    let bytes = fs::read(site.path(cut)).unwrap();
    fs::write(site.path(cut), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(site.path(&variants[1]), b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0").unwrap();
    let run = site.planche(&["verify", "--format", "json"]).exits(1);
    assert_eq!(run.count("/damaged"), 2, "{run:#?}");
    let run = site.planche(&["build", "--repair"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0], "{run:#?}");
}

#[test]
fn digests_outlive_a_change_of_the_configuration_and_a_run_with_nothing_to_do() {
    let site = built_site();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}limits: {{ megapixels: 90 }}\n"),
    );
    site.planche(&[]).exits(0);
    let name = &site.variants()[0];
    zero_block(&site, name);
    site.planche(&[]).exits(0);
    site.planche(&["verify"]).exits(1);
}

#[test]
fn a_damaged_variant_that_no_article_uses_is_reported_by_a_repair() {
    let site = built_site();
    let variants = site.variants();
    zero_block(&site, &variants[0]);
    site.write("articles/a.md", "---\ntitle: none\n---\n");
    // What is missing elsewhere has nothing to do with it.
    site.write_article("articles/other.md", "/uploads/none.png");
    let run = site.planche(&["build", "--repair"]).exits(1);
    assert!(run.err.contains("run `planche clean`"), "{run:#?}");
    assert!(!run.err.contains("restore its original"), "{run:#?}");
    site.planche(&["clean"]).exits(0);
    site.planche(&["verify"]).exits(0);
}

/// The record must stay, because its variants are the only images that readers still get.
#[test]
fn a_damaged_variant_of_a_missing_original_is_kept_by_the_advice_of_a_repair() {
    let site = built_site();
    zero_block(&site, &site.variants()[0]);
    let text = site.text("articles/a.md");
    let original = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("original: "));
    std::fs::remove_file(site.path(original.unwrap().trim_matches(['"', '/']))).unwrap();
    let run = site.planche(&["build", "--repair"]).exits(1);
    assert!(run.err.contains("restore its original"), "{run:#?}");
    assert!(!run.err.contains("planche clean"), "{run:#?}");
}

#[test]
fn a_repair_keeps_articles_as_they_are() {
    let site = built_site();
    let text = site.text("articles/a.md");
    assert!(has_record(&text));
    for name in site.variants() {
        zero_block(&site, &name);
    }
    site.planche(&["build", "--repair"]).exits(0);
    assert_eq!(site.text("articles/a.md"), text);
    site.planche(&["verify"]).exits(0);
}

#[test]
fn a_variant_that_is_gone_fails_the_verification_until_a_repair() {
    let site = built_site();
    let before = site.files();
    let name = &site.variants()[0];
    fs::remove_file(site.path(name)).unwrap();
    let run = site.planche(&["verify", "--format", "json"]).exits(1);
    assert_eq!(run.count("/missing"), 1, "{run:#?}");
    assert_eq!(run.findings()[0].file.as_ref(), Some(name));
    site.planche(&["build", "--repair"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    site.planche(&["verify"]).exits(0);

    // A missing variant that no article needs is not made again.
    site.write("articles/a.md", "---\ntitle: none\n---\n");
    site.planche(&["verify"]).exits(0);
    fs::remove_file(site.path(name)).unwrap();
    site.planche(&["verify"]).exits(1);
    site.planche(&["build", "--repair"]).exits(0);
    site.planche(&["verify"]).exits(0);
    assert!(!site.path(name).exists());
}

/// Widths that no record names have no file, although the build encoded them.
#[test]
fn variants_that_were_left_out_or_cleaned_are_not_missing() {
    let site = built_site();
    site.planche(&["verify", "--format", "json"]).exits(0);
    site.write("articles/a.md", "---\ntitle: none\n---\n");
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), [""; 0]);
    let run = site.planche(&["verify", "--format", "json"]).exits(0);
    assert_eq!(run.count("/missing"), 0, "{run:#?}");
}

#[test]
fn an_emptied_variant_is_damaged_once_and_not_missing() {
    let site = built_site();
    let before = site.files();
    let variants = site.variants();
    site.write(&variants[0], "");
    let run = site.planche(&["verify", "--format", "json"]).exits(1);
    let counts = ["/damaged", "/missing", "/by_digest"].map(|count| run.count(count));
    assert_eq!(counts, [1, 0, variants.len() as u64 - 1], "{run:#?}");
    assert_eq!(run.findings().len(), 1, "{run:#?}");
    site.planche(&["build", "--repair"]).exits(0);
    site.planche(&["verify"]).exits(0);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

/// A repair that cannot make a variant again must not forget what its bytes were.
#[test]
fn a_damaged_variant_stays_damaged_until_it_is_made_again() {
    let site = built_site();
    zero_block(&site, &site.variants()[0]);
    for upload in ["uploads/logo.png", "uploads/atelier.jpg"] {
        let _ = fs::remove_file(site.path(upload));
    }
    site.planche(&["build", "--repair"]);
    let run = site.planche(&["verify", "--format", "json"]).exits(1);
    assert_eq!(run.count("/damaged"), 1, "{run:#?}");
}
