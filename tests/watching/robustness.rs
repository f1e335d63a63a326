use std::fs;
use std::process::Command;

use super::program::Program;
use super::*;
use crate::needs::{Need, skip};

#[test]
fn an_edit_during_a_run_on_the_article_is_kept() {
    for poll in BOTH {
        let site = site();
        // Many widths, so that the run takes some time.
        let widths: Vec<String> = (1..30).map(|step| (step * 16).to_string()).collect();
        let preset = format!("widths: [{}]\nsizes: 100vw\n", widths.join(", "));
        site.write("presets/card.yml", preset);
        site.write("uploads/big.jpg", jpeg(500, 400, 1));
        let mut watched = Watched::start(site, poll);
        let before = watched.site.variants().len();
        let text = "---\nimage: /uploads/big.jpg\n---\nText.\n";
        watched.site.write("articles/b.md", text);
        while watched.site.variants().len() == before {
            std::thread::sleep(Duration::from_millis(1));
        }
        watched
            .site
            .write("articles/b.md", format!("{text}Another line.\n"));
        watched.until("the record", |site| {
            let text = site.text("articles/b.md");
            assert!(text.ends_with("Another line.\n"), "{text}");
            text.contains("image_responsive:\n")
        });
        watched.whole_barrier();
        let told = watched.take_told();
        let left = findings(&told).len();
        let resolved = told
            .iter()
            .filter(|event| is_resolved(event, "articles/b.md"));
        assert_eq!(left, resolved.count(), "{told:#?}");
        watched.finish();
    }
}

#[test]
fn no_save_is_lost_however_fast_they_come() {
    for poll in BOTH {
        let mut watched = Watched::start(site(), poll);
        let file = "articles/a.md";
        for round in 0..120usize {
            // An editor that never reads what it did not write itself.
            let text = article(round % 3, &format!("Edit {round}.\n"));
            watched.site.write(file, text);
            if round % 3 == 0 {
                let pause = Duration::from_millis((round * 7 % 60) as u64);
                std::thread::sleep(pause);
            }
            // A text that was exchanged with an edit is there for a moment, until it is put back.
            let edit = format!("Edit {round}.\n");
            watched.until("the edit", |site| site.text(file).ends_with(&edit));
        }
        watched.until("the record", |site| shows(site, file, 119 % 3));
        watched.whole_barrier();
        assert!(watched.site.text(file).ends_with("Edit 119.\n"));
        watched.finish();
    }
}

#[test]
fn the_article_comes_before_the_picture_that_was_dropped_earlier() {
    let mut watched = Watched::start(site(), None);
    let gate = watched.gate_of_runs();
    let guard = gate.lock().unwrap();
    watched.site.write("articles/b.md", article(1, "Text.\n"));
    watched.until_told("a run", |event| matches!(event, Event::Begun { .. }));
    // While the run is blocked.
    watched.site.write(&upload(0), picture(8));
    watched.site.write("articles/c.md", article(2, "Text.\n"));
    drop(guard);
    watched.until_told("the picture", |event| names(event, &upload(0)));
    let told = watched.take_told();
    let at = |file: &str| {
        told.iter()
            .position(|event| names(event, file))
            .expect(file)
    };
    assert!(at("articles/c.md") < at(&upload(0)), "{told:#?}");
    watched.finish();
}

#[test]
fn a_flood_of_changes_becomes_a_look_at_everything() {
    for poll in BOTH {
        let site = two_folders();
        let mut watched = Watched::start(site, poll);
        let gate = watched.gate_of_runs();
        let guard = gate.lock().unwrap();
        watched.site.write("articles/a.md", article(1, "Text.\n"));
        watched.until_told("a run", |event| matches!(event, Event::Begun { .. }));
        // More than the inbox holds, and among them one change of each kind.
        let flood = |range: std::ops::Range<usize>| {
            for index in range {
                fs::write(watched.site.path(&format!("uploads/flood-{index}")), "").unwrap();
            }
        };
        flood(0..3_000);
        fs::write(watched.site.path(&upload(0)), picture(8)).unwrap();
        let variant = watched.site.variants().remove(0);
        fs::remove_file(watched.site.path(&variant)).unwrap();
        let own = watched.site.text("presets/card.yml");
        watched
            .site
            .write("presets/card.yml", own.replace("100vw", "50vw"));
        fs::rename(watched.site.path("articles/x"), watched.site.path("x")).unwrap();
        watched
            .site
            .write("articles/x/y/b.md", article(2, "Text.\n"));
        flood(3_000..6_000);
        drop(guard);
        watched.until("the preset", |site| {
            site.text("articles/a.md").contains("50vw")
        });
        watched.until("the folder", |site| shows(site, "articles/x/y/b.md", 2));
        watched.whole_barrier();
        // The folder that took another's place is listened to.
        watched
            .site
            .write("articles/x/y/b.md", article(0, "Text.\n"));
        watched.until("the record", |site| shows(site, "articles/x/y/b.md", 0));
        watched.finish();
    }
}

fn two_folders() -> Scratch {
    let site = site();
    site.write("articles/b.md", article(0, "Text.\n"));
    site.write("articles/x/y/b.md", article(1, "Text.\n"));
    site
}

#[test]
fn events_that_the_system_has_lost_are_made_up_for() {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events");
    let limit: usize = match limit.map(|text| text.trim().parse()) {
        Ok(Ok(limit)) if limit <= 50_000 => limit,
        limit => {
            skip(
                Need::InotifyQueue,
                &format!("the system's queue holds {limit:?} events"),
            );
            return;
        }
    };
    let mut program = Program::start(two_folders(), &[]);
    program.barrier();
    program.signal("STOP");
    // Making a file is three events or more.
    for index in 0..limit / 3 + 1 {
        fs::write(program.site.path(&format!("uploads/flood-{index}")), "x").unwrap();
    }
    let preset = program
        .site
        .text("presets/card.yml")
        .replace("100vw", "50vw");
    program.site.write("presets/card.yml", preset);
    let (x, aside) = (program.site.path("articles/x"), program.site.path("aside"));
    fs::rename(&x, &aside).unwrap();
    program
        .site
        .write("articles/x/y/b.md", article(2, "Text.\n"));
    program.signal("CONT");
    program.until("the preset", |site| {
        site.text("articles/a.md").contains("50vw")
    });
    program.until("the folder", |site| shows(site, "articles/x/y/b.md", 2));
    program.barrier();
    program
        .site
        .write("articles/x/y/b.md", article(0, "Text.\n"));
    program.until("the record", |site| shows(site, "articles/x/y/b.md", 0));
    program.finish();
}

#[test]
fn changes_during_a_suspension_are_processed() {
    for arguments in [&[][..], &["--poll=30"]] {
        let site = two_folders();
        site.write("articles/gone.md", article(2, "Text.\n"));
        let mut program = Program::start(site, arguments);
        program.whole_barrier();
        program.forget_told();
        program.suspend();
        let write = |name: &str, bytes: &[u8]| program.site.write(name, bytes);
        write("articles/a.md", article(1, "Edited.\n").as_bytes());
        write("articles/new/c.md", article(2, "Text.\n").as_bytes());
        write(&upload(0), &picture(8));
        let preset = program.site.text("presets/card.yml");
        write(
            "presets/card.yml",
            preset.replace("100vw", "50vw").as_bytes(),
        );
        fs::remove_file(program.site.path("articles/gone.md")).unwrap();
        let variant = named_variants(&program.site, "articles/x/y/b.md").pop_first();
        fs::remove_file(program.site.path(&variant.unwrap())).unwrap();
        fs::rename(
            program.site.path("articles/x"),
            program.site.path("articles/z"),
        )
        .unwrap();
        // Nothing was written in the meantime.
        assert_eq!(program.site.text("articles/a.md"), article(1, "Edited.\n"));
        program.resume();
        for (name, picture) in [
            ("articles/a.md", 1),
            ("articles/b.md", 0),
            ("articles/new/c.md", 2),
            ("articles/z/y/b.md", 1),
        ] {
            program.until(name, |site| {
                shows(site, name, picture) && site.text(name).contains("50vw")
            });
        }
        program.whole_barrier();
        // In the middle of a run, too.
        let widths: Vec<String> = (1..30).map(|step| (step * 16).to_string()).collect();
        let preset = format!("widths: [{}]\nsizes: 100vw\n", widths.join(", "));
        program.site.write("presets/card.yml", preset);
        program.whole_barrier();
        let before = program.site.variants().len();
        program.site.write("uploads/big.jpg", jpeg(500, 400, 1));
        let text = "---\nimage: /uploads/big.jpg\n---\nText.\n";
        program.site.write("articles/b.md", text);
        let deadline = Instant::now() + DEADLINE;
        while program.site.variants().len() == before {
            assert!(Instant::now() < deadline, "no variant is made");
            std::thread::sleep(Duration::from_millis(1));
        }
        program.suspend();
        let edited = format!("{text}Another line.\n");
        program.site.write("articles/b.md", &edited);
        program.resume();
        program.until("the record", |site| {
            let text = site.text("articles/b.md");
            text.contains("image_responsive:\n") && text.ends_with("Another line.\n")
        });
        program.whole_barrier();
        program.finish();
    }
}

#[test]
fn the_folder_of_the_site_may_be_moved_away_and_back() {
    for poll in BOTH {
        let parent = Scratch::empty();
        let (folder, aside) = (parent.path("site"), parent.path("aside"));
        let original = site();
        fs::create_dir(&folder).unwrap();
        for (name, bytes) in original.files() {
            parent.write(&format!("site/{name}"), bytes);
        }
        let start = Start {
            site: Some(folder.clone()),
            poll,
            ..Start::default()
        };
        // The site that the harness writes its sentinels to stays empty.
        let mut watched = Watched::unready(parent, start);
        let is_watching = |event: &Event| matches!(event, Event::Watching { .. });
        let is_waiting = |event: &Event| matches!(event, Event::Waiting { .. });
        watched.until_told("watching", is_watching);
        for round in 0..2usize {
            fs::rename(&folder, &aside).unwrap();
            watched.until_told("waiting", is_waiting);
            fs::write(aside.join("articles/a.md"), article(1 + round, "Text.\n")).unwrap();
            fs::rename(&aside, &folder).unwrap();
            watched.until_told("watching", is_watching);
            watched.until("the record", |parent| {
                shows(parent, "site/articles/a.md", 1 + round)
            });
            watched
                .site
                .write("site/articles/a.md", article(0, "Text.\n"));
            watched.until("the record", |parent| {
                shows(parent, "site/articles/a.md", 0)
            });
        }
        // Another folder in its place, within a moment.
        fs::rename(&folder, &aside).unwrap();
        fs::create_dir(&folder).unwrap();
        for (name, bytes) in original.files() {
            watched.site.write(&format!("site/{name}"), bytes);
        }
        watched.until_told("watching", is_watching);
        watched.until("the record", |parent| {
            shows(parent, "site/articles/a.md", 0)
        });
        watched
            .site
            .write("site/articles/a.md", article(2, "Text.\n"));
        watched.until("the record", |parent| {
            shows(parent, "site/articles/a.md", 2)
        });
        watched.stop();
    }
}

/// A small file system of its own, which is unmounted when this is dropped.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// None where that is not allowed.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]);
        let output = command.arg(folder.path()).output().ok()?;
        output.status.success().then_some(Disk { folder })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut command = Command::new("umount");
        // The folder stays where it cannot be unmounted.
        let _ = command.arg("-l").arg(self.folder.path()).status();
    }
}

#[test]
fn a_full_disk_is_reported_and_the_work_resumes_when_there_is_room() {
    let Some(disk) = Disk::mount() else {
        skip(Need::Mount, "cannot mount a file system");
        return;
    };
    let original = site();
    write_sentinels(&original);
    for (name, bytes) in original.files() {
        let path = disk.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let start = Start {
        site: Some(disk.folder.path().to_owned()),
        ..Start::default()
    };
    let mut watched = Watched::unready(original, start);
    watched.until_told("watching", |event| matches!(event, Event::Watching { .. }));
    // What changed between the first look and the watch.
    watched.until_told("a look", |event| matches!(event, Event::Done(_)));
    let at = |name: &str| disk.folder.path().join(name);
    let text = article(1, "Text.\n");
    // Room for the article's own text, in place, and for no more.
    fs::write(at("articles/b.md"), &text).unwrap();
    watched.until_told("done", |event| names(event, "articles/b.md"));
    let edited = text.replace("picture-1", "picture-2");
    fs::write(at(&upload(0)), picture(8)).unwrap();
    let filler = at("filler");
    let mut filling = fs::File::create(&filler).unwrap();
    while std::io::Write::write(&mut filling, &[1; 4096]).is_ok_and(|written| written > 0) {}
    fs::write(at("articles/b.md"), &edited).unwrap();
    watched.until_told("it is full", |event| match event {
        Event::Finding(said) => said.0.code.as_str() == "unwritable",
        Event::Waiting { reason } => reason.contains("space"),
        _ => false,
    });
    // Successful runs in the meantime do not end the attempts.
    overwrite(&at(ARTICLE_SENTINEL), &sentinel_text(1));
    watched.until_told("another run", |event| names(event, ARTICLE_SENTINEL));
    assert_eq!(fs::read_to_string(at("articles/b.md")).unwrap(), edited);
    drop(filling);
    fs::remove_file(filler).unwrap();
    let deadline = Instant::now() + DEADLINE;
    while !fs::read_to_string(at("articles/b.md"))
        .unwrap()
        .contains("picture-2-64.")
    {
        watched.next("the record", deadline);
    }
    watched.until_told(
        "it is over",
        |event| matches!(event, Event::Done(done) if done.has_written()),
    );
    watched.stop();
    let copy = Scratch::copy_of(disk.folder.path());
    check_like_built(&copy);
}
