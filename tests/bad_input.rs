//! Bad input: every mistake must become a finding with a position and a hint. The other files must
//! be processed and the originals unchanged, and the exit code must report the error.

/// Articles that cannot be edited, and the order and the lines of findings.
mod articles;
/// Mistakes in `planche.yml` and in presets.
mod configuration;
/// Links, folders and files that cannot be read or lead out of the site.
mod files;
/// The broken and hostile images of the corpus.
mod hostile;
/// Lists in `planche.yml` that are too long.
mod limits;
/// A `planche.yml` that is not a readable file within the site.
mod settings_file;
/// Templates that would take long to search.
mod templates;
/// Uploads that are missing, too large, truncated, or not images.
mod uploads;

use crate::records::check_records;
use crate::scratch::{Found, Run, Scratch, changed};

/// A site with one valid article, which must be processed despite any other errors.
fn site_with_a_sound_article() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/sound.png");
    site.write_article("articles/sound.md", "/uploads/sound.png");
    site
}

/// Whether a build writes the file because of the sound article.
fn is_of_the_sound_article(name: &str) -> bool {
    ["articles/sound.md", "uploads/variants/left-out.txt"].contains(&name)
        || name.starts_with("uploads/variants/sound-")
}

/// Builds the site. Checks that the sound article was processed, that no other file changed, and
/// that every finding has a place and a hint. Returns the findings.
#[track_caller]
fn findings_of_a_build(site: &Scratch, code: i32) -> Vec<Found> {
    let before = site.files();
    let run = site.planche(&["--format", "json"]).exits(code);
    let after = site.files();
    let new_or_rewritten = changed(&before, &after);
    let others = new_or_rewritten.iter();
    let others: Vec<&String> = others
        .filter(|name| !is_of_the_sound_article(name))
        .collect();
    assert!(others.is_empty(), "also changed: {others:?}");
    assert_eq!(check_records(site).len(), 1, "the sound article: {run:#?}");
    let findings = run.findings();
    for finding in &findings {
        assert!(
            finding.file.is_some() && finding.hint.is_some(),
            "{finding:?}"
        );
    }
    check_agrees(site, &run);
    findings
}

/// Builds a site whose configuration has an error, checks that nothing is written, and returns the
/// findings.
#[track_caller]
fn findings_of_a_stopped_build(site: &Scratch) -> Vec<Found> {
    let before = site.files();
    let run = site.planche(&["--format", "json"]).exits(2);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    check_agrees(site, &run);
    run.findings()
}

/// Checks that the next build reports the same findings, whether they come from the ledger or not.
#[track_caller]
fn check_agrees(site: &Scratch, first: &Run) {
    let again = site.planche(&["--format", "json"]);
    assert_eq!(again.code, first.code);
    assert_eq!(again.findings(), first.findings());
    assert_eq!(again.count("/variants/written"), 0);
    assert_eq!(again.count("/articles/changed"), 0);
}

/// Expected parts of a finding.
struct Expected<'e> {
    code: &'e str,
    /// `FILE`, or `FILE:LINE:COLUMN`.
    place: &'e str,
    message: &'e str,
    hint: &'e str,
}

#[track_caller]
fn check_only(findings: &[Found], expected: &Expected<'_>) {
    let [found] = findings else {
        panic!("not one finding: {findings:#?}");
    };
    let mut place = found.file.clone().unwrap();
    if let (Some(line), Some(column)) = (found.line, found.column) {
        place.push_str(&format!(":{line}:{column}"));
    }
    assert_eq!(
        (found.code.as_str(), place.as_str()),
        (expected.code, expected.place)
    );
    assert!(found.message.contains(expected.message), "{found:#?}");
    let hint = found.hint.as_deref().unwrap();
    assert!(hint.contains(expected.hint), "{found:#?}");
}
