//! Links, folders and files that cannot be read or lead out of the site.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{
    Expected, check_only, findings_of_a_build, is_of_the_sound_article, site_with_a_sound_article,
};
use crate::corpus;
use crate::records::check_records;
use crate::scratch::{Scratch, changed, sample_upload};

#[test]
fn a_path_that_leads_out_of_the_site_is_not_followed() {
    let site = site_with_a_sound_article();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.png"), sample_upload("logo.png")).unwrap();
    symlink(
        outside.path().join("secret.png"),
        site.path("uploads/link.png"),
    )
    .unwrap();
    symlink(outside.path(), site.path("uploads/folder")).unwrap();
    let above = format!(
        "../../{}/secret.png",
        outside.path().file_name().unwrap().to_str().unwrap()
    );
    for value in [
        &above,
        "/uploads/link.png",
        "/uploads/folder/secret.png",
        "/uploads/../../x.png",
    ] {
        site.write_article("articles/bad.md", value);
        let expected = Expected {
            code: "outside-site",
            place: "articles/bad.md:2:8",
            message: "leads out of the site",
            hint: "within the site",
        };
        check_only(&findings_of_a_build(&site, 0), &expected);
    }
}

#[test]
fn the_folder_of_uploads_may_be_a_link_within_the_site() {
    let site = Scratch::site();
    site.copy_upload("logo.png", "media/logo.png");
    symlink("media", site.path("uploads")).unwrap();
    site.write_article("articles/a.md", "/uploads/logo.png");
    let before = site.text("articles/a.md");
    site.planche(&[]).exits(0);
    assert!(site.text("articles/a.md").contains("srcset"));
    let variants = fs::read_dir(site.path("media/variants")).unwrap();
    assert!(variants.count() > 0);
    assert!(site.path("uploads").is_symlink());
    site.planche(&["check"]).exits(0);
    site.planche(&["strip"]).exits(0);
    assert_eq!(site.text("articles/a.md"), before);
}

#[test]
fn an_article_linked_from_outside_the_site_is_not_read() {
    let site = site_with_a_sound_article();
    let outside = tempfile::tempdir().unwrap();
    let text = "---\nimage: /uploads/sound.png\n---\n";
    fs::write(outside.path().join("a.md"), text).unwrap();
    symlink(outside.path().join("a.md"), site.path("articles/link.md")).unwrap();
    symlink(outside.path(), site.path("articles/folder")).unwrap();
    let found = findings_of_a_build(&site, 0);
    let expected = ["articles/folder", "articles/link.md"].map(|place| Expected {
        code: "outside-site",
        place,
        message: "leads out of the site's folder",
        hint: "exclude:",
    });
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(&expected) {
        check_only(std::slice::from_ref(found), expected);
    }
    assert_eq!(
        fs::read_to_string(outside.path().join("a.md")).unwrap(),
        text
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_an_error() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        config.replace("\"articles/**\"", "\"articles/**\", \"pages/**\""),
    );
    // A link to itself: not even the superuser can read it.
    symlink("pages", site.path("pages")).unwrap();
    let expected = Expected {
        code: "unreadable",
        place: "pages",
        message: "cannot read this folder",
        hint: "exclude:",
    };
    check_only(&findings_of_a_build(&site, 1), &expected);
}

#[test]
fn unreadable_files_are_errors() {
    let site = site_with_a_sound_article();
    let closed = [
        "articles/closed",
        "articles/closed.md",
        "uploads/closed.png",
    ];
    site.write_article("articles/closed/in.md", "/uploads/sound.png");
    site.write_article("articles/closed.md", "/uploads/sound.png");
    site.copy_upload("logo.png", "uploads/closed.png");
    site.write_article("articles/user.md", "/uploads/closed.png");
    let set_mode = |mode| {
        for name in closed {
            fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set_mode(0o000);
    // The superuser reads it all the same.
    if fs::read_dir(site.path("articles/closed")).is_err() {
        let run = site.planche(&["--format", "json"]).exits(1);
        let mut places: Vec<_> = run
            .findings()
            .into_iter()
            .map(|found| (found.code, found.file))
            .collect();
        places.sort();
        let unreadable = closed.map(|name| ("unreadable".to_owned(), Some(name.to_owned())));
        assert_eq!(places, unreadable);
    }
    set_mode(0o755);
}

#[test]
fn a_folder_of_variants_that_contains_uploads_stops_the_run_before_it_writes() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    for dir in [".", "uploads"] {
        let output = format!("output: {{ dir: {dir}, url: /uploads/ }}");
        site.write("planche.yml", format!("{config}{output}\n"));
        let before = site.files();
        let run = site.planche(&["build"]).exits(2);
        let message = "planche.yml:4:16: the variants folder contains the uploads";
        assert!(run.err.contains(message), "{run:#?}");
        assert_eq!(changed(&before, &site.files()), [""; 0]);
    }
}

#[test]
fn what_exists_instead_of_a_file_is_named() {
    let site = site_with_a_sound_article();
    fs::create_dir_all(site.path("articles/folder.md")).unwrap();
    fs::create_dir_all(site.path("uploads/folder.png")).unwrap();
    let _socket = UnixListener::bind(site.path("uploads/socket.png")).unwrap();
    let make = |program: &str, name: &str, kind: &[&str]| {
        let mut command = Command::new(program);
        let status = command.arg(site.path(name)).args(kind).status();
        status.is_ok_and(|status| status.success())
    };
    assert!(make("mkfifo", "uploads/pipe.png", &[]));
    for (link, target) in [
        ("linked.png", "folder.png"),
        ("loop.png", "loop.png"),
        ("ring", "ring-2"),
        ("ring-2", "ring"),
        ("nowhere.png", "none.png"),
        ("below-a-file.png", "sound.png/none.png"),
    ] {
        symlink(target, site.path(&format!("uploads/{link}"))).unwrap();
    }
    let folder = ("is a folder", "correct the path");
    let to_itself = ("is a link that leads to itself", "replace the link");
    let to_nothing = (
        "is a link to a file that does not exist",
        "the target of the link",
    );
    let mut cases = vec![
        ("folder.png", "folder.png", folder),
        ("linked.png", "linked.png", folder),
        ("pipe.png", "pipe.png", ("is a pipe", "replace it")),
        ("socket.png", "socket.png", ("is a socket", "replace it")),
        ("loop.png", "loop.png", to_itself),
        ("ring/a.png", "ring", to_itself),
        ("nowhere.png", "nowhere.png", to_nothing),
        ("below-a-file.png", "below-a-file.png", to_nothing),
    ];
    // Only the superuser can make devices.
    if make("mknod", "uploads/device.png", &["c", "1", "3"]) {
        cases.push(("device.png", "device.png", ("is a device", "replace it")));
    }
    for (upload, at, (message, hint)) in cases {
        site.write_article("articles/bad.md", &format!("/uploads/{upload}"));
        let message = format!("missing upload `/uploads/{upload}`: `uploads/{at}` {message}");
        let expected = Expected {
            code: "missing-upload",
            place: "articles/bad.md:2:8",
            message: &message,
            hint,
        };
        check_only(&findings_of_a_build(&site, 0), &expected);
    }
    // A file has nothing below it.
    site.write_article("articles/bad.md", "/uploads/sound.png/a.png");
    let expected = Expected {
        code: "missing-upload",
        place: "articles/bad.md:2:8",
        message: "missing upload `/uploads/sound.png/a.png`",
        hint: "upload the file",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
}

#[test]
fn the_file_systems_hazards_are_survived() {
    let Some(script) = corpus::folder("corpus/broken/hazards.sh") else {
        return;
    };
    let site = site_with_a_sound_article();
    // In the articles' folder every file is an article to be read, in the other one an upload.
    for folder in ["articles/hazards", "uploads/hazards"] {
        let run = Command::new("sh")
            .arg(&script)
            .arg(site.path(folder))
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
    }
    let names = fs::read_dir(site.path("uploads/hazards")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let values: Vec<String> = names
        .flat_map(|name| {
            [
                format!("/uploads/hazards/{name}"),
                format!("/uploads/hazards/loop/{name}"),
            ]
        })
        .chain(
            [
                "/uploads/hazards/up/etc/hostname.png",
                "/uploads/hazards/ro/x.jpg",
            ]
            .map(str::to_owned),
        )
        .collect();
    assert!(values.len() > 30);
    for (index, value) in values.iter().enumerate() {
        let value = serde_json::to_string(value).unwrap();
        site.write_article(&format!("articles/user-{index}.md"), &value);
    }
    let before = site.files();
    let run = site.planche(&["--format", "json"]).exits(1);
    let after = site.files();
    assert_eq!(check_records(&site).len(), 1, "the sound article: {run:#?}");
    for name in changed(&before, &after) {
        assert!(is_of_the_sound_article(&name), "{name}");
    }
    for found in run.findings() {
        assert!(found.file.is_some() && found.hint.is_some(), "{found:?}");
    }
    let of = |code: &str| {
        run.findings()
            .iter()
            .filter(|found| found.code == code)
            .count()
    };
    assert!(of("outside-site") >= 2, "the links out: {run:#?}");
    assert!(
        of("missing-upload") >= 2,
        "the pipe, the folder, the link to nowhere: {run:#?}"
    );
    assert!(
        of("undecodable-upload") >= 10,
        "files that hold an x: {run:#?}"
    );
    site.planche(&["clean"]).exits(0);
    // The name that is not UTF-8.
    site.planche(&["strip"]).exits(1);
}
