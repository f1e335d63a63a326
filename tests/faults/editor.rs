//! Editors that save again and again, in every way of saving, while the program runs: the last save
//! must remain, complete.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{has_record, temporary_files, unbuilt_site};
use crate::scratch::Scratch;
use crate::watching::saves::SAVES;

const SAVED: usize = 60;
/// Minimum number of rounds of commands that run beside the editor.
const RUNS: usize = 3;

/// Saves versions of a file while the commands run in turns. Returns the last version.
fn edit_while(
    site: &Scratch,
    name: &str,
    save: fn(&Scratch, &str, &str),
    version: fn(usize) -> String,
    commands: &[&[&str]],
) -> String {
    let is_saved = AtomicBool::new(false);
    let runs = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut rounds = 0;
            while rounds < RUNS || !is_saved.load(Ordering::Relaxed) {
                for command in commands {
                    let run = site.planche(command);
                    assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
                    assert!(!run.err.contains("panicked"), "{run:#?}");
                }
                rounds += 1;
            }
            runs.store(false, Ordering::Relaxed);
        });
        for number in 0..SAVED {
            save(site, name, &version(number));
            thread::sleep(Duration::from_millis(5));
        }
        is_saved.store(true, Ordering::Relaxed);
    });
    assert!(!runs.load(Ordering::Relaxed));
    version(SAVED - 1)
}

#[test]
fn the_last_save_of_an_article_stands_whole() {
    let version = |number: usize| {
        let text = "A sentence of the text.\n".repeat(number * 7 % 90 + 1);
        format!("---\ntitle: {number}\nimage: \"/uploads/logo.png\"\n---\n\n{text}")
    };
    for (way, save) in SAVES.iter().enumerate() {
        let site = unbuilt_site();
        let commands: [&[&str]; 2] = [&["build"], &["strip"]];
        let last = edit_while(&site, "articles/a.md", *save, version, &commands);
        site.planche(&["build"]).exits(0);
        assert!(has_record(&site.text("articles/a.md")), "{way}");
        site.planche(&["strip"]).exits(0);
        assert_eq!(site.text("articles/a.md"), last, "{way}");
        assert_eq!(temporary_files(&site), [""; 0], "{way}");
    }
}

#[test]
fn the_last_save_of_a_page_stands_whole() {
    let version = |number: usize| {
        let text = "<p>A sentence of the text.</p>\n".repeat(number * 7 % 90 + 1);
        format!("<!doctype html><title>{number}</title><img src=\"/uploads/logo.png\">\n{text}")
    };
    for (way, save) in SAVES.iter().enumerate() {
        let site = unbuilt_site();
        site.copy_upload("logo.png", "_site/uploads/logo.png");
        site.write("_site/a.html", version(0));
        let last = edit_while(&site, "_site/a.html", *save, version, &[&["html", "_site"]]);
        site.planche(&["html", "_site"]).exits(0);
        let page = site.text("_site/a.html");
        assert!(page.contains("srcset="), "{way}: {page}");
        assert_eq!(crate::html::stripped(&page), last, "{way}");
        assert_eq!(temporary_files(&site), [""; 0], "{way}");
    }
}
