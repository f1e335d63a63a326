use std::fs::{self, File};
use std::io::Write;
use std::time::Instant;

use super::*;

/// A site with an article that names a missing image.
fn expecting(name: &str) -> Scratch {
    let site = site();
    site.write(
        "articles/b.md",
        format!("---\nimage: /uploads/{name}\n---\nText.\n"),
    );
    site
}

fn has_record(site: &Scratch) -> bool {
    site.text("articles/b.md").contains("image_responsive:\n")
}

#[test]
fn an_upload_that_is_still_being_written_is_waited_for_in_silence() {
    for poll in BOTH {
        // Retry if the machine paused for longer than an upload may pause.
        let told = loop {
            let mut watched = Watched::start(expecting("new.jpg"), poll);
            let bytes = jpeg(300, 200, 5);
            let mut file = File::create(watched.site.path("uploads/new.jpg")).unwrap();
            let mut longest = Duration::ZERO;
            for piece in bytes.chunks(bytes.len() / 4 + 1) {
                let begun = Instant::now();
                file.write_all(piece).unwrap();
                watched.whole_barrier();
                longest = longest.max(begun.elapsed());
            }
            drop(file);
            watched.until("the record", has_record);
            watched.whole_barrier();
            let told = watched.take_told();
            watched.finish();
            if longest < Duration::from_millis(1_500) {
                break told;
            }
        };
        assert_eq!(findings(&told), [], "{told:#?}");
        assert_eq!(variants(&told), RUNGS, "{told:#?}");
        assert_eq!(rewrites(&told, "articles/b.md"), 1, "{told:#?}");
    }
}

#[test]
fn a_broken_upload_is_reported_once_complete_and_resolved_once_repaired() {
    for poll in BOTH {
        let mut watched = Watched::start(expecting("new.jpg"), poll);
        let (file, bytes) = ("uploads/new.jpg", jpeg(300, 200, 5));
        let half = &bytes[..bytes.len() / 2];
        // Each one delays the build for two seconds: all of them once, half an image in both cases.
        let all = [half, &b""[..], &[0; 4096]];
        for broken in &all[..if poll.is_none() { 3 } else { 1 }] {
            watched.site.write(file, broken);
            watched.until_told("the finding", |event| is_finding(event, file));
            assert!(!has_record(&watched.site));
            watched.site.write(file, &bytes);
            watched.until_told("resolved", |event| is_resolved(event, file));
            watched.until("the record", has_record);
            watched.site.write(
                "articles/b.md",
                format!("---\nimage: /{file}\nplanche: true\n---\nText.\n"),
            );
            fs::remove_file(watched.site.path(file)).unwrap();
            watched.whole_barrier();
        }
        watched.site.write(file, &bytes);
        watched.until("the record", has_record);
        watched.finish();
    }
}

#[test]
fn a_broken_upload_with_a_future_time_is_reported() {
    let mut watched = Watched::start(expecting("new.jpg"), None);
    let path = watched.site.path(".new.jpg");
    let file = File::create(&path).unwrap();
    file.set_modified(std::time::SystemTime::now() + Duration::from_secs(3_600))
        .unwrap();
    fs::rename(path, watched.site.path("uploads/new.jpg")).unwrap();
    watched.until_told("the finding", |event| is_finding(event, "uploads/new.jpg"));
    watched.finish();
}

#[test]
fn an_upload_that_is_broken_again_stays_reported() {
    let mut watched = Watched::start(expecting("new.jpg"), None);
    let file = "uploads/new.jpg";
    watched.site.write(file, "");
    watched.until_told("the finding", |event| is_finding(event, file));
    watched.take_told();
    // Another article names it as well, and the file is as broken as before.
    watched
        .site
        .write("articles/0.md", format!("---\nimage: /{file}\n---\n"));
    watched.barrier();
    let told = watched.take_told();
    assert!(
        !told.iter().any(|event| is_resolved(event, file)) || findings(&told).len() == 1,
        "{told:#?}"
    );
    watched.site.write("articles/b.md", article(1, "Text.\n"));
    watched.site.write("articles/0.md", "No more.\n");
    watched.until_told("no user any more", |event| is_resolved(event, file));
    watched.finish();
}

#[test]
fn a_picture_that_is_replaced_is_replaced_everywhere() {
    for poll in BOTH {
        let site = site();
        for name in ["b", "c"] {
            site.write(&format!("articles/{name}.md"), article(0, "Text.\n"));
        }
        let mut watched = Watched::start(site, poll);
        let before = named_variants(&watched.site, "articles/a.md");
        let temporary = watched.site.path("uploads/.upload");
        fs::write(&temporary, picture(7)).unwrap();
        fs::rename(temporary, watched.site.path(&upload(0))).unwrap();
        watched.until("new records", |site| {
            let articles = ["a", "b", "c"].map(|name| format!("articles/{name}.md"));
            articles
                .iter()
                .all(|article| named_variants(site, article).is_disjoint(&before))
        });
        watched.whole_barrier();
        let told = watched.take_told();
        assert_eq!(variants(&told), RUNGS, "{told:#?}");
        watched.finish();
    }
}

#[test]
fn folders_that_only_an_edit_names_are_listened_to_from_then_on() {
    for poll in BOTH {
        let site = site();
        site.write("uploads/2020/there.png", picture(4));
        site.write("uploads/2021/other.txt", "");
        let mut watched = Watched::start(site, poll);
        // An image in a folder that no article has referenced so far, and then another in its
        // place.
        let name = |url: &str| format!("---\nimage: /{url}\n---\nText.\n");
        watched
            .site
            .write("articles/b.md", name("uploads/2020/there.png"));
        watched.until("the record", has_record);
        watched.barrier();
        let before = named_variants(&watched.site, "articles/b.md");
        watched.site.write("uploads/2020/there.png", picture(5));
        watched.until("a new record", |site| {
            named_variants(site, "articles/b.md").is_disjoint(&before)
        });
        // An image that is still to come, in another such folder.
        watched
            .site
            .write("articles/b.md", name("uploads/2021/coming.png"));
        watched.until_told("missing", |event| is_finding(event, "articles/b.md"));
        watched.barrier();
        watched.site.write("uploads/2021/coming.png", picture(6));
        watched.until("the record", has_record);
        watched.finish();
    }
}

#[test]
fn a_dark_file_that_appears_becomes_a_source() {
    for poll in BOTH {
        let site = site();
        let preset = "widths: [100, 200]\nsizes: 50vw\neffort: 0\nsources:\n- { media: \"(prefers-color-scheme: dark)\", from: \"{stem}-dark\" }\n";
        site.write("presets/card.yml", preset);
        site.write("articles/b.md", "---\nimage: /uploads/b.jpg\n---\nText.\n");
        site.write("uploads/b.jpg", jpeg(300, 200, 5));
        let mut watched = Watched::start(site, poll);
        watched.until("the record", has_record);
        assert!(!watched.site.text("articles/b.md").contains("dark"));
        watched.site.write("uploads/b-dark.jpg", jpeg(300, 200, 6));
        watched.until("the source", |site| {
            site.text("articles/b.md")
                .contains("/uploads/variants/b-dark-")
        });
        watched.finish();
    }
}
