//! Faults of the environment: files that are still being written, links in odd places, file
//! attributes, and folders nested without end.

mod cases;
mod clean;
mod damage;
mod editor;
mod isolation;
mod limits;
mod one_file;
mod sweep;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, mkdirat, open, openat};

use crate::needs::{Need, skip};
use crate::scratch::{Scratch, changed};

/// Creates a site without articles. Its presets have small widths: encoding large variants would
/// take longer than everything else, in thousands of runs.
fn small_site() -> Scratch {
    let site = Scratch::site();
    for preset in ["article", "card"] {
        let text = "widths: [80, 160]\nsizes: 100vw\neffort: 0\n";
        site.write(&format!("presets/{preset}.yml"), text);
    }
    site
}

fn unbuilt_site() -> Scratch {
    let site = small_site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write_article("articles/a.md", "/uploads/logo.png");
    site
}

fn built_site() -> Scratch {
    let site = unbuilt_site();
    site.planche(&[]).exits(0);
    site
}

fn has_record(text: &str) -> bool {
    text.contains("image_responsive:")
}

fn temporary_files(site: &Scratch) -> Vec<String> {
    let names = site.names().into_iter();
    names.filter(|name| name.contains(".planche-")).collect()
}

#[test]
fn the_lock_is_never_written_through_a_link() {
    for command in ["build", "strip", "clean"] {
        for target in ["articles/a.md", "uploads/logo.png", "planche.yml"] {
            let site = unbuilt_site();
            fs::create_dir(site.path(".planche")).unwrap();
            symlink(format!("../{target}"), site.path(".planche/lock")).unwrap();
            let before = site.files();
            let run = site.planche(&[command]).exits(2);
            assert!(run.err.contains("`.planche/lock` is a link"), "{run:#?}");
            assert_eq!(
                changed(&before, &site.files()),
                [""; 0],
                "{command}, {target}"
            );

            fs::remove_file(site.path(".planche/lock")).unwrap();
            fs::hard_link(site.path(target), site.path(".planche/lock")).unwrap();
            let run = site.planche(&[command]).exits(2);
            assert!(run.err.contains("hard link"), "{run:#?}");
            let text = fs::read(site.path(target)).unwrap();
            assert_eq!(text, before[target], "{command}, {target}");
        }
    }
}

#[test]
fn a_linked_ledger_is_replaced_and_its_target_kept() {
    let site = unbuilt_site();
    fs::create_dir(site.path(".planche")).unwrap();
    let text = site.text("planche.yml");
    symlink("../planche.yml", site.path(".planche/ledger")).unwrap();
    site.planche(&[]).exits(0);
    assert_eq!(site.text("planche.yml"), text);
    assert!(
        site.path(".planche/ledger")
            .symlink_metadata()
            .unwrap()
            .is_file()
    );
}

#[test]
fn an_article_that_another_program_writes_is_left_alone_until_it_is_closed() {
    if !Path::new("/proc/self/fd").exists() {
        return skip(Need::Proc, "open files are seen in /proc");
    }
    let site = unbuilt_site();
    let path = site.path("articles/a.md");
    let mut writer = OpenOptions::new().append(true).open(&path).unwrap();
    let before = site.text("articles/a.md");
    let run = site.planche(&[]).exits(1);
    assert!(run.err.contains("open for writing"), "{run:#?}");
    assert_eq!(site.text("articles/a.md"), before);
    writer.write_all(b"The rest.\n").unwrap();
    drop(writer);
    site.planche(&[]).exits(0);
    let text = site.text("articles/a.md");
    assert!(has_record(&text) && text.ends_with("The rest.\n"), "{text}");
    // Stripping rewrites the article too.
    let writer = OpenOptions::new().append(true).open(&path).unwrap();
    site.planche(&["strip"]).exits(1);
    assert_eq!(site.text("articles/a.md"), text);
    drop(writer);
    assert_eq!(temporary_files(&site), [""; 0]);
}

#[test]
fn a_program_that_only_reads_an_article_does_not_hold_it_up() {
    let site = unbuilt_site();
    let reader = fs::File::open(site.path("articles/a.md")).unwrap();
    site.planche(&[]).exits(0);
    assert!(has_record(&site.text("articles/a.md")));
    drop(reader);
}

#[test]
fn a_rewrite_keeps_owner_group_mode_attributes_and_access_list() {
    let site = unbuilt_site();
    let path = site.path("articles/a.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root {
        std::os::unix::fs::chown(&path, Some(65_534), Some(1)).unwrap();
    }
    // The access control entry u:1002:rw- in the kernel's layout: a version, then tag, permissions
    // and ID of each entry.
    let list: [(u16, u16, u32); 5] = [
        (0x01, 6, u32::MAX),
        (0x02, 6, 1_002),
        (0x04, 4, u32::MAX),
        (0x10, 6, u32::MAX),
        (0x20, 4, u32::MAX),
    ];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in list {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&permissions.to_le_bytes());
        bytes.extend_from_slice(&id.to_le_bytes());
    }
    let attributes = [
        ("user.editor", b"jane".to_vec()),
        ("system.posix_acl_access", bytes),
    ];
    let flags = rustix::fs::XattrFlags::empty();
    let set: Vec<&(&str, Vec<u8>)> = attributes
        .iter()
        .filter(|(name, value)| rustix::fs::setxattr(&path, *name, value, flags).is_ok())
        .collect();
    let before = fs::metadata(&path).unwrap();
    site.planche(&[]).exits(0);
    assert!(has_record(&site.text("articles/a.md")));
    let after = fs::metadata(&path).unwrap();
    let owner = |of: &fs::Metadata| (of.uid(), of.gid(), of.mode());
    assert_eq!(owner(&after), owner(&before));
    for (name, value) in set {
        let mut kept = vec![0; value.len()];
        let size = rustix::fs::getxattr(&path, *name, &mut kept[..]).unwrap();
        assert_eq!((size, &kept), (value.len(), value), "{name}");
    }
}

#[test]
fn names_of_one_file_are_one_article_and_stay_one_file() {
    let site = unbuilt_site();
    fs::hard_link(site.path("articles/a.md"), site.path("articles/b.md")).unwrap();
    symlink("a.md", site.path("articles/c.md")).unwrap();
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/articles/read"), 1, "{run:#?}");
    let text = site.text("articles/a.md");
    assert!(has_record(&text));
    assert_eq!(
        (site.text("articles/b.md"), site.text("articles/c.md")),
        (text.clone(), text)
    );
    let inode = |name: &str| fs::metadata(site.path(name)).unwrap().ino();
    assert_eq!(inode("articles/a.md"), inode("articles/b.md"));
    let link = site.path("articles/c.md").symlink_metadata().unwrap();
    assert!(link.is_symlink());
    site.planche(&["check"]).exits(0);
    site.planche(&["strip"]).exits(0);
    assert!(!has_record(&site.text("articles/b.md")));
    assert_eq!(inode("articles/a.md"), inode("articles/b.md"));
    assert_eq!(temporary_files(&site), [""; 0]);
}

#[test]
fn an_article_with_a_hard_link_elsewhere_is_left_alone() {
    let site = unbuilt_site();
    fs::hard_link(site.path("articles/a.md"), site.path("backup.md")).unwrap();
    let before = site.text("articles/a.md");
    let run = site.planche(&[]).exits(1);
    assert!(run.err.contains("hard link"), "{run:#?}");
    assert_eq!(site.text("articles/a.md"), before);
    assert_eq!(site.text("backup.md"), before);
}

#[test]
fn folders_nested_thousands_deep_are_a_finding_and_never_a_crash() {
    let site = built_site();
    // Deeper than the maximum length of a path, so each folder is created relative to the one
    // above.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut folder = open(site.path("articles"), flags, Mode::empty()).unwrap();
    for _ in 0..3_000 {
        mkdirat(&folder, "d", Mode::RWXU).unwrap();
        folder = openat(&folder, "d", flags, Mode::empty()).unwrap();
    }
    drop(folder);
    for command in ["build", "check", "strip"] {
        let run = site.planche(&[command]);
        assert!(matches!(run.code, Some(0 | 1)), "{command}: {run:#?}");
        assert!(run.err.contains("cannot read this folder"), "{run:#?}");
    }
    let variants = || fs::read_dir(site.path("uploads/variants")).unwrap().count();
    let before = variants();
    let run = site.planche(&["clean"]).exits(2);
    assert!(run.err.contains("nothing was deleted"), "{run:#?}");
    assert_eq!(variants(), before);
    let removed = std::process::Command::new("rm")
        .args(["-rf", "articles/d"])
        .current_dir(site.folder())
        .status();
    assert!(removed.unwrap().success());
}

#[test]
fn names_and_texts_cannot_speak_to_the_terminal() {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    let name = "articles/e\u{1b}]0;PWNED\u{7}\u{202e}\u{200b}.md";
    site.write_article(name, "/uploads/logo.png");
    let text = "---\nt: x\u{202e}\nimage: /uploads/logo.png\n---\n\u{1b}[8mhidden\n";
    site.write("articles/c.md", text);
    let escaped = "articles/e\\u{1b}]0;PWNED\\u{7}\\u{202e}\\u{200b}.md";
    for arguments in [&["check"][..], &["build", "--dry-run"], &["build"]] {
        let run = site.planche(arguments);
        for printed in [&run.out, &run.err] {
            let is_raw = |c: char| matches!(c, '\u{1b}' | '\u{7}' | '\u{202e}' | '\u{200b}');
            assert!(!printed.contains(is_raw), "{arguments:?}: {printed:?}");
        }
        if arguments[0] == "check" {
            assert!(run.out.contains(escaped), "{run:#?}");
        }
    }
    for arguments in [
        &["clean", "articles/\u{1b}[31m"][..],
        &["check", "--format", "json\u{1b}[31m\u{202e}\u{200b}"],
        &["check", "--format", "json\u{202e}", "--lang", "fr"],
        &["check", "--fo\u{202e}rmat"],
    ] {
        let run = site.planche(arguments).exits(2);
        let is_raw = |c: char| matches!(c, '\u{1b}' | '\u{202e}' | '\u{200b}');
        assert!(!run.err.contains(is_raw), "{run:#?}");
    }
}

#[test]
fn an_article_over_the_limit_for_texts_is_distinguished_from_an_upload() {
    let site = unbuilt_site();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}limits: {{ file: 30KiB }}\n"),
    );
    let body = "word ".repeat(10_000);
    site.write(
        "articles/long.md",
        format!("---\nimage: /uploads/logo.png\n---\n{body}\n"),
    );
    site.planche(&[]).exits(0);
    assert!(
        has_record(&site.text("articles/long.md")),
        "50 KB are a long article, no large upload"
    );
}

/// Waits until a condition, which a concurrent program causes, is true.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn watch_waits_for_an_article_that_is_written_in_pieces() {
    if !Path::new("/proc/self/fd").exists() {
        return skip(Need::Proc, "open files are seen in /proc");
    }
    let site = built_site();
    let mut watch = site
        .command(&["watch", "--jobs", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    for pause in [100, 400] {
        let name = format!("articles/slow-{pause}.md");
        let mut writer = fs::File::create(site.path(&name)).unwrap();
        writer
            .write_all(b"---\nimage: /uploads/logo.png\n---\nFirst.\n")
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        writer.write_all(b"Second.\n").unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        // The file is closed without another write: only the close event shows that it is complete.
        drop(writer);
        eventually("the article has its record", || {
            has_record(&site.text(&name))
        });
        let text = site.text(&name);
        assert!(text.ends_with("First.\nSecond.\n"), "{text}");
    }
    watch.kill().unwrap();
    watch.wait().unwrap();
}
