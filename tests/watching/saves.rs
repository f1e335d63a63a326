use std::fs::{self, File};
use std::io::Write;
use std::process::Command;

use super::*;

/// A way of saving: a path within the site, and its new text.
pub type Save = fn(&Scratch, &str, &str);

/// Opened, truncated, written: nano, VS Code.
fn truncate_and_write(site: &Scratch, name: &str, text: &str) {
    fs::write(site.path(name), text).unwrap();
}

/// Written in two pieces.
fn in_pieces(site: &Scratch, name: &str, text: &str) {
    let mut file = File::create(site.path(name)).unwrap();
    let (first, second) = text.split_at(text.len() - 3);
    file.write_all(first.as_bytes()).unwrap();
    file.write_all(second.as_bytes()).unwrap();
    file.sync_all().unwrap();
}

/// Vim: a probe, the old file renamed to a backup, a new file written, the backup removed.
fn by_backup(site: &Scratch, name: &str, text: &str) {
    let folder = site.path(name).parent().unwrap().to_owned();
    fs::write(folder.join("4913"), "").unwrap();
    fs::remove_file(folder.join("4913")).unwrap();
    let backup = site.path(&format!("{name}~"));
    fs::rename(site.path(name), &backup).unwrap();
    fs::write(site.path(name), text).unwrap();
    fs::remove_file(backup).unwrap();
}

/// A temporary file renamed over the old one: most GTK and KDE editors, sed, rsync.
fn by_rename(site: &Scratch, name: &str, text: &str) {
    let temporary = site.path("articles/.goutputstream-X1Y2Z3");
    fs::write(&temporary, text).unwrap();
    fs::rename(temporary, site.path(name)).unwrap();
}

/// Moved in from elsewhere.
fn from_outside(site: &Scratch, name: &str, text: &str) {
    fs::write(site.path(".elsewhere"), text).unwrap();
    fs::rename(site.path(".elsewhere"), site.path(name)).unwrap();
}

/// Removed and created again: Finder, some sync tools.
fn removed_and_made(site: &Scratch, name: &str, text: &str) {
    fs::remove_file(site.path(name)).unwrap();
    fs::write(site.path(name), text).unwrap();
}

pub const SAVES: [Save; 6] = [
    truncate_and_write,
    in_pieces,
    by_backup,
    by_rename,
    from_outside,
    removed_and_made,
];

#[test]
fn every_way_of_saving_is_noticed_and_the_article_rewritten_once() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        for (round, save) in SAVES.iter().enumerate() {
            let picture = 1 + round % 2;
            save(&watched.site, "articles/a.md", &article(picture, "Text.\n"));
            watched.until("the record", |site| shows(site, "articles/a.md", picture));
            watched.barrier();
            let told = watched.take_told();
            assert_eq!(rewrites(&told, "articles/a.md"), 1, "{round}: {told:#?}");
            assert_eq!(findings(&told), [], "{round}");
            if round < 2 {
                assert_eq!(variants(&told), RUNGS, "{round}: {told:#?}");
            }
        }
        watched.finish();
    }
}

#[test]
fn a_save_that_changes_no_record_writes_nothing_at_all() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let edited = watched.site.text("articles/a.md") + "One more line.\n";
        let mut before = traces(&watched.site);
        truncate_and_write(&watched.site, "articles/a.md", &edited);
        watched.barrier();
        // Saving a text or an upload without changes is not a change.
        truncate_and_write(&watched.site, "articles/a.md", &edited);
        fs::write(watched.site.path(&upload(0)), picture(0)).unwrap();
        watched.whole_barrier();
        let told = watched.take_told();
        assert!(!told.is_empty());
        assert!(
            dones(&told).iter().all(|done| !done.has_written()),
            "{told:#?}"
        );
        let mut after = traces(&watched.site);
        let by_test = [
            "articles/a.md",
            &upload(0),
            ARTICLE_SENTINEL,
            UPLOAD_SENTINEL,
        ];
        for name in by_test {
            before.remove(name);
            after.remove(name);
        }
        assert_eq!(before, after);
        assert_eq!(watched.site.text("articles/a.md"), edited);
        watched.finish();
    }
}

#[test]
fn the_writes_of_a_run_cause_no_further_run() {
    for poll in BOTH {
        // The variants folder is made by the first of these runs.
        let site = site();
        fs::remove_file(site.path("articles/a.md")).unwrap();
        let mut watched = Watched::start(site, poll);
        watched.site.write("articles/a.md", article(0, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/a.md", 0));
        // An upload that replaces another, in folders that are listened to by now.
        watched.whole_barrier();
        watched.site.write(&upload(0), picture(9));
        watched.until_told(
            "the run is over",
            |event| matches!(event, Event::Done(done) if !done.rewritten.is_empty()),
        );
        watched.expect_silence();
        watched.finish();
    }
}

fn git(site: &Scratch, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let output = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(site.folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn another_branch_is_checked_out_and_every_article_of_it_brought_up_to_date() {
    const ARTICLES: usize = 200;
    for poll in BOTH {
        let site = site();
        site.write(".gitignore", "/.planche/\n/uploads/variants/\n");
        let name = |index: usize| format!("articles/{:02}/{index}.md", index % 10);
        for index in 0..ARTICLES {
            site.write(&name(index), article(index % 2, "Text.\n"));
        }
        for sentinel in [ARTICLE_SENTINEL, UPLOAD_SENTINEL, USER_OF_SENTINEL] {
            fs::write(
                site.path(".gitignore"),
                format!("{}{sentinel}\n", site.text(".gitignore")),
            )
            .unwrap();
        }
        git(&site, &["init", "--quiet", "-b", "main"]);
        git(&site, &["add", "."]);
        git(&site, &["commit", "--quiet", "-m", "main"]);
        git(&site, &["checkout", "--quiet", "-b", "other"]);
        for index in (0..ARTICLES).step_by(2) {
            site.write(&name(index), article(2, "Another text.\n"));
        }
        for index in (1..ARTICLES).step_by(10) {
            fs::remove_file(site.path(&name(index))).unwrap();
        }
        fs::rename(site.path("articles/05"), site.path("articles/moved")).unwrap();
        site.write("articles/new/folder/a.md", article(1, "New.\n"));
        git(&site, &["add", "-A"]);
        git(&site, &["commit", "--quiet", "-m", "other"]);
        git(&site, &["checkout", "--quiet", "main"]);

        let mut watched = Watched::start(site, poll);
        for branch in ["other", "main"] {
            git(&watched.site, &["checkout", "--quiet", "--force", branch]);
            watched.whole_barrier();
            assert_eq!(findings(&watched.take_told()), []);
            let is_other = branch == "other";
            for index in (0..ARTICLES).step_by(50) {
                let picture = if is_other { 2 } else { 0 };
                assert!(shows(&watched.site, &name(index), picture), "{index}");
            }
            let new = "articles/new/folder/a.md";
            assert_eq!(shows(&watched.site, new, 1), is_other);
            check_records(&watched.site);
        }
        watched.finish();
    }
}

#[test]
fn removals_are_noticed() {
    for poll in BOTH {
        let site = site();
        site.write("articles/b.md", article(1, "Text.\n"));
        site.write("articles/c.md", "---\nimage: /uploads/none.png\n---\n");
        let mut watched = Watched::start(site, poll);
        let is_about = |event: &Event, file| is_resolved(event, file);

        fs::remove_file(watched.site.path("articles/c.md")).unwrap();
        watched.until_told("resolved", |event| is_about(event, "articles/c.md"));

        // An upload: its record stays, until it is back.
        let text = watched.site.text("articles/b.md");
        fs::remove_file(watched.site.path(&upload(1))).unwrap();
        watched.until_told("missing", |event| is_finding(event, "articles/b.md"));
        assert_eq!(watched.site.text("articles/b.md"), text);
        watched.site.write(&upload(1), picture(1));
        watched.until_told("back", |event| is_resolved(event, "articles/b.md"));
        watched.whole_barrier();
        assert_eq!(watched.site.text("articles/b.md"), text);
        watched.take_told();

        // A variant: it is made again.
        let variant = named_variants(&watched.site, "articles/a.md")
            .pop_first()
            .unwrap();
        fs::remove_file(watched.site.path(&variant)).unwrap();
        watched.until("the variant", |site| site.path(&variant).exists());
        watched.whole_barrier();
        let told = watched.take_told();
        assert_eq!((variants(&told), findings(&told)), (1, vec![]), "{told:#?}");

        // All of them, with their folder; and one of those that were made again.
        fs::remove_dir_all(watched.site.path("uploads/variants")).unwrap();
        watched.until("the variants", |site| site.variants().len() == 2 * RUNGS);
        watched.whole_barrier();
        fs::remove_file(watched.site.path(&variant)).unwrap();
        watched.until("the variant", |site| site.path(&variant).exists());
        watched.finish();
    }
}

#[test]
fn a_file_that_no_article_names_is_passed_over() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        // Watching the watcher's own log would never end.
        for name in [
            "watch.log",
            "style.css",
            "uploads/note.txt",
            "uploads/new.png",
        ] {
            watched.site.write(name, "Nobody's.\n");
        }
        fs::create_dir(watched.site.path("other")).unwrap();
        fs::remove_dir(watched.site.path("other")).unwrap();
        watched.whole_barrier();
        assert_eq!(watched.take_told(), []);
        // Until one does.
        watched
            .site
            .write("articles/b.md", "---\nimage: /uploads/new.png\n---\n");
        watched.until_told("it is no picture", |event| {
            is_finding(event, "uploads/new.png")
        });
        watched.site.write("uploads/new.png", picture(1));
        watched.until("the record", |site| {
            site.text("articles/b.md").contains("image_responsive:")
        });
        watched.finish();
    }
}
