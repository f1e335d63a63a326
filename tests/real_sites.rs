//! Whole sites, real ones and the repository's own: each is built, checked, built again, and
//! stripped.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::corpus;
use crate::records::check_records;
use crate::scratch::{Files, Run, Scratch, changed, site_path};

/// Writes the built-in presets with the encoder's lowest effort. The tests check which files are
/// made and what is written about them, and the widths are unchanged. The repository's own site is
/// built with its own presets.
fn least_effort(site: &Scratch) {
    let presets = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    for entry in fs::read_dir(presets).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        assert!(text.contains("effort: 4"), "{}", entry.path().display());
        let name = entry.file_name().into_string().unwrap();
        site.write(
            &format!("presets/{name}"),
            text.replace("effort: 4", "effort: 0"),
        );
    }
}

/// Copies one of the corpus's sites. The corpus has no themes, so that some generators cannot be
/// recognised.
fn corpus_site(name: &str, generator: Option<&str>) -> Option<Scratch> {
    let site = Scratch::copy_of(&corpus::folder("corpus/sites")?.join(name));
    if let Some(generator) = generator {
        site.write("planche.yml", format!("generator: {generator}\n"));
    }
    least_effort(&site);
    Some(site)
}

fn build(site: &Scratch) -> Run {
    site.planche(&["build", "--format", "json"])
}

/// Builds a site and checks all invariants. Returns the first build's run. `errors` lists the codes
/// of the errors that the real site has.
#[track_caller]
fn round_trip(site: &Scratch, errors: &[&str]) -> Run {
    let before = site.files();
    let code = i32::from(!errors.is_empty());
    let first = build(site).exits(code);
    let found = first.findings();
    let of_errors = found.iter().filter(|found| found.severity == "error");
    let codes: Vec<&str> = of_errors.map(|found| found.code.as_str()).collect();
    assert_eq!(codes, errors, "{found:#?}");
    let built = site.files();
    check_changed_files(site, &before, &built);
    let used = first.count("/originals/used");
    let records = check_records(site);
    assert!(
        records.len() as u64 >= used,
        "{used} pictures, {} records",
        records.len()
    );

    let check = site.planche(&["check", "--format", "json"]);
    assert_eq!(check.count("/articles/changed"), 0, "{check:#?}");
    assert_eq!(check.count("/variants/written"), 0, "{check:#?}");
    assert_eq!(check.code, Some(code), "{check:#?}");
    assert_eq!(check.findings(), found);

    let check_nothing_changes = || {
        let again = build(site).exits(code);
        assert_eq!(again.count("/articles/changed"), 0, "{again:#?}");
        assert_eq!(again.count("/variants/written"), 0, "{again:#?}");
        assert_eq!(again.findings(), check.findings());
        assert_eq!(changed(&built, &site.files()), [""; 0]);
    };
    check_nothing_changes();
    site.remove_state();
    check_nothing_changes();

    // `strip` reads no uploads, but refuses the same articles again.
    let refused = first.count("/articles/refused") > 0;
    site.planche(&["strip"]).exits(i32::from(refused));
    let mut stripped = site.files();
    stripped.retain(|name, _| before.contains_key(name));
    assert_eq!(changed(&before, &stripped), [""; 0]);
    first
}

/// Checks that the rewritten files are all articles, and the new files all variants.
fn check_changed_files(site: &Scratch, before: &Files, built: &Files) {
    let opened = site.open();
    let articles = opened.walk().candidates;
    let articles: BTreeSet<&str> = articles.iter().map(|file| file.path.as_str()).collect();
    for name in changed(before, built) {
        if before.contains_key(&name) {
            assert!(articles.contains(name.as_str()), "{name} was rewritten");
        } else {
            assert!(opened.is_output(&site_path(&name)), "{name} was written");
        }
    }
}

#[test]
fn the_repositorys_own_site_goes_round() {
    let site = Scratch::sample();
    let first = round_trip(&site, &[]);
    assert_eq!(first.findings(), []);
    assert_eq!(first.count("/originals/used"), 8);
}

macro_rules! sites {
    ($($test:ident: $name:literal, $generator:expr, $errors:expr;)+) => {$(
        #[test]
        fn $test() {
            if let Some(site) = corpus_site($name, $generator) {
                round_trip(&site, &$errors);
            }
        }
    )+};
}

sites! {
    the_18f_site_goes_round: "18f-jekyll", None, [];
    the_eig_site_goes_round: "eig-jekyll", None, [];
    the_open_source_guide_goes_round: "opensource-guide-jekyll", None, [];
    the_numerique_like_site_goes_round: "numerique-like-a", None, ["article-refused"];
    the_grpc_site_goes_round: "grpc-hugo", None, [];
    the_communs_site_goes_round: "communs-11ty", Some("eleventy"), [];
    the_astro_blog_goes_round: "astro-blog", Some("astro"), [];
    // Two of its screenshots are Git LFS pointers.
    zolas_documentation_goes_round: "zola-docs/docs", Some("zola"),
        ["undecodable-upload", "undecodable-upload"];
    zolas_test_site_goes_round: "zola-docs/test_site", Some("zola"), [];
}

#[test]
fn the_number_of_threads_decides_no_byte() {
    let (one, two) = (Scratch::sample(), Scratch::sample());
    one.planche(&["--jobs", "1"]).exits(0);
    two.planche(&["--jobs", "2"]).exits(0);
    let (one, two) = (one.files(), two.files());
    assert!(one.len() > 20);
    assert_eq!(changed(&one, &two), [""; 0]);
}
