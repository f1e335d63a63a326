//! Runs beside another run, an editor, a signal or a kill.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{built_site, has_record};
use crate::records::check_records;
use crate::scratch::{Run, Scratch, changed};

/// Holds the lock of a site as another run would.
fn hold_lock(site: &Scratch) -> File {
    let mut lock = File::create(site.path(".planche/lock")).unwrap();
    lock.write_all(b"process 4711\n").unwrap();
    lock.try_lock().unwrap();
    lock
}

#[test]
fn a_locked_site_is_left_alone_and_its_holder_named() {
    let site = built_site();
    site.write_article("articles/b.md", "/uploads/logo.png");
    let before = site.files();
    let lock = hold_lock(&site);
    // These take no lock.
    site.planche(&["check"]).exits(1);
    site.planche(&["--dry-run"]).exits(0);
    let run = site.planche(&[]).exits(2);
    assert!(
        run.err.contains("another run holds the lock: process 4711"),
        "{run:#?}"
    );
    assert!(
        run.err.contains("hint: wait until that run ends"),
        "{run:#?}"
    );
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    drop(lock);
    site.planche(&[]).exits(0);
    assert!(has_record(&site.text("articles/b.md")));
}

#[test]
fn a_run_waits_for_another_to_end() {
    let site = built_site();
    site.write_article("articles/b.md", "/uploads/logo.png");
    let lock = hold_lock(&site);
    let mut waiting = start(&site, &[]);
    // The run says that it waits while it does: the lock is held until the line is there.
    let mut said = BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(
        line,
        "waiting for another run of planche to end: process 4711\n"
    );
    drop(lock);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    finish(waiting).exits(0);
    assert!(has_record(&site.text("articles/b.md")));
}

fn start(site: &Scratch, arguments: &[&str]) -> Child {
    let mut command = site.command(arguments);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finish(child: Child) -> Run {
    Run::of(child.wait_with_output().unwrap())
}

fn signal(child: &Child, name: &str) {
    let script = format!("kill -{name} {}", child.id());
    // A process that has already ended cannot be signalled.
    let _ = Command::new("sh").args(["-c", &script]).status().unwrap();
}

/// Waits until at least `count` variants exist, or the run has ended.
fn wait_for_variants(site: &Scratch, child: &mut Child, count: usize) {
    while site.variants().len() < count && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The temporary files of the program, wherever they lie.
fn temporary_files(site: &Scratch) -> Vec<String> {
    let mut names = site.names();
    names.retain(|name| name.contains(".planche-"));
    names
}

#[test]
fn a_run_that_is_killed_leaves_every_article_old_or_new_and_the_next_one_finishes() {
    let whole = Scratch::sample();
    let old = whole.files();
    whole.planche(&[]).exits(0);
    let new = whole.files();
    let site = Scratch::sample();
    for count in [1, 2, 5, 12, 20, 30, 40, usize::MAX] {
        let mut child = start(&site, &[]);
        if count == usize::MAX {
            // As soon as the first article is rewritten.
            while changed(&old, &site.files())
                .iter()
                .all(|name| name.starts_with("uploads/"))
                && child.try_wait().unwrap().is_none()
            {}
        } else {
            wait_for_variants(&site, &mut child, count);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for (name, bytes) in site.files() {
            if name.contains(".planche-") {
                continue;
            }
            let is_known = old.get(&name) == Some(&bytes) || new.get(&name) == Some(&bytes);
            assert!(is_known, "{name} is neither old nor new");
        }
        check_records(&site);
    }
    site.planche(&[]).exits(0);
    assert_eq!(changed(&new, &site.files()), [""; 0]);
}

#[test]
fn leftovers_of_a_killed_run_are_swept_and_an_edit_in_them_is_restored() {
    let site = built_site();
    let expected = site.files();
    let swap = |old: &[u8], new: &[u8], article: &str| {
        let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..16].to_owned();
        format!(
            "articles/.planche-{}-{}-{}.swap",
            hash(old),
            hash(new),
            hash(article.as_bytes())
        )
    };
    let now = expected["articles/a.md"].clone();
    let before = b"---\nimage: /uploads/logo.png\n---\nText.\n";
    site.write("articles/.planche-77-0.tmp", "half an art");
    site.write("uploads/variants/.planche-77-1.tmp", "half a variant");
    site.write(".planche/.planche-77-2.tmp", "half a ledger");
    site.write(&swap(before, &now, "a.md"), before);
    site.planche(&[]).exits(0);
    assert_eq!(changed(&expected, &site.files()), [""; 0]);
    assert!(!site.path(".planche/.planche-77-2.tmp").exists());
    // Between the exchange and the comparison: what came back was an editor's.
    let edit = b"---\nimage: /uploads/logo.png\n---\nText by an editor.\n";
    site.write(&swap(before, &now, "a.md"), edit);
    let run = site.planche(&["--format", "json"]).exits(1);
    assert_eq!(run.findings()[0].code, "article-changed", "{run:#?}");
    assert_eq!(temporary_files(&site), [""; 0]);
    site.planche(&[]).exits(0);
    let text = site.text("articles/a.md");
    assert!(
        text.ends_with("Text by an editor.\n") && has_record(&text),
        "{text}"
    );
}

#[test]
fn clean_sweeps_too() {
    let site = built_site();
    let before = site.files();
    site.write("uploads/variants/.planche-77-0.tmp", "half a list");
    let edit = set_aside(&site);
    site.planche(&["clean", "--dry-run"]).exits(0);
    assert_eq!(temporary_files(&site).len(), 3);
    let run = site.planche(&["clean"]).exits(0);
    assert!(run.err.contains("restored an edit"), "{run:#?}");
    assert_eq!(temporary_files(&site), [""; 0]);
    assert_eq!(site.text("articles/a.md"), edit);
    assert_eq!(changed(&before, &site.files()), ["articles/a.md"]);
}

#[test]
fn strip_sweeps_too() {
    let site = built_site();
    let edit = set_aside(&site);
    site.planche(&["strip", "--dry-run"]).exits(0);
    assert_eq!(temporary_files(&site).len(), 2);
    let run = site.planche(&["strip", "--format", "json"]).exits(1);
    assert_eq!(run.findings()[0].code, "article-changed", "{run:#?}");
    assert_eq!(temporary_files(&site), [""; 0]);
    assert_eq!(site.text("articles/a.md"), edit);
}

/// Writes what a run leaves that was killed while an editor saved `articles/a.md`: the edit, set
/// aside, and half of another article. Returns the edit.
fn set_aside(site: &Scratch) -> &'static str {
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..16].to_owned();
    let (built, edit) = (
        site.text("articles/a.md"),
        "---\ntitle: T\n---\nAn editor's.\n",
    );
    let swap = format!(
        "articles/.planche-{}-{}-{}.swap",
        hash(b"before"),
        hash(built.as_bytes()),
        hash(b"a.md")
    );
    site.write(&swap, edit);
    site.write("articles/.planche-77-0.tmp", "half an art");
    edit
}

#[test]
fn an_edit_during_a_build_is_kept() {
    let site = Scratch::sample();
    let article = "articles/galerie.md";
    let mut child = start(&site, &["--format", "json"]);
    wait_for_variants(&site, &mut child, 1);
    signal(&child, "STOP");
    let edited = format!("{}One more line.\n", site.text(article));
    site.write(article, &edited);
    signal(&child, "CONT");
    let run = finish(child);
    if run.code == Some(1) {
        assert_eq!(site.text(article), edited);
        let findings = run.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].code, "article-changed");
        assert_eq!(findings[0].file.as_deref(), Some(article));
    }
    site.planche(&[]).exits(0);
    let text = site.text(article);
    assert!(text.ends_with("One more line.\n"), "{text}");
    check_records(&site);
    site.planche(&["strip"]).exits(0);
    let stripped = site.text(article);
    assert!(
        edited == stripped || edited.contains("responsive_images"),
        "{stripped}"
    );
}

#[test]
fn a_signal_stops_the_run_and_the_next_one_goes_on() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        // A run that had ended before the signal came is tried again.
        let (site, run) = loop {
            let site = Scratch::sample();
            let mut child = start(&site, &[]);
            wait_for_variants(&site, &mut child, 1);
            signal(&child, name);
            let run = finish(child);
            if run.code != Some(0) {
                break (site, run);
            }
        };
        assert_eq!(run.code, Some(code), "{run:#?}");
        assert!(run.err.contains("interrupted"), "{run:#?}");
        assert_eq!(temporary_files(&site), [""; 0]);
        check_records(&site);
        let standing = site.variants().len() as u64;
        let run = site.planche(&["--format", "json"]).exits(0);
        assert_eq!(run.count("/variants/fresh"), standing, "{run:#?}");
    }
}
