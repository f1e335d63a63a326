//! A `planche.yml` that is not a readable regular file within the site: the run stops, and neither
//! the site above it nor other settings are used instead.

use std::fs;
use std::os::unix::fs::symlink;

use crate::scratch::{Run, Scratch, changed};

/// A site with a record in its article, and in it the folder `child`, a Jekyll site.
fn nested() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/a.png");
    site.write_article("articles/a.md", "/uploads/a.png");
    site.planche(&["build"]).exits(0);
    site.write("child/_config.yml", "title: A\n");
    site.write("child/_posts/2024-01-01-a.md", "---\ntitle: A\n---\n");
    site.write("child/pages/index.html", "<p>a</p>\n");
    site
}

fn run_in_child(site: &Scratch, arguments: &[&str]) -> Run {
    let mut command = site.command(arguments);
    command.current_dir(site.path("child"));
    Run::of(command.output().unwrap())
}

/// Gives each kind of unusable file its name, with the reason that a message has.
fn each_unusable(name: &str, check: &dyn Fn(&Scratch, &str)) {
    let site = nested();
    site.write("outside.yml", "generator: none\n");
    let path = site.path(name);
    symlink("../outside.yml", &path).unwrap();
    check(&site, "it is a link that leads out of the site");
    fs::remove_file(&path).unwrap();
    symlink("absent.yml", &path).unwrap();
    check(&site, "it is a link to a file that does not exist");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    check(&site, "it is not a regular file");
    fs::remove_dir(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    check(&site, "it is not a regular file");
}

#[test]
fn the_search_for_the_site_ends_at_it() {
    each_unusable("child/planche.yml", &|site, reason| {
        let before = site.files();
        for command in [
            &["strip"][..],
            &["build"],
            &["check"],
            &["clean"],
            &["html", "pages"],
            &["init"],
            &["build", "."],
            &["init", "--show"],
        ] {
            let run = run_in_child(site, command).exits(2);
            let expected = format!("planche.yml: {reason}\n  hint: ");
            assert!(run.err.contains(&expected), "{command:?}: {run:#?}");
        }
        let run = run_in_child(site, &["check", "--format", "json"]).exits(2);
        assert_eq!(run.findings()[0].message, reason);
        assert_eq!(changed(&before, &site.files()), [""; 0]);
        assert!(!site.path("child/.planche").exists());
    });
}

#[test]
fn a_link_within_the_site_is_followed() {
    let site = nested();
    site.write("child/settings/planche.yml", "generator: jekyll\n");
    symlink("settings/planche.yml", site.path("child/planche.yml")).unwrap();
    run_in_child(&site, &["build"]).exits(0);
}

#[test]
fn watch_waits_until_it_is_corrected() {
    let site = nested();
    let file = site.path("child/planche.yml");
    symlink("absent.yml", &file).unwrap();
    let start = planche::internal::watch::root(&planche::internal::watch::Start {
        site: Some(site.path("child")),
        ..planche::internal::watch::Start::default()
    });
    assert_eq!(start.unwrap(), site.path("child").canonicalize().unwrap());
}

#[test]
fn a_named_settings_file_is_a_regular_file_too() {
    let site = nested();
    site.write("folder/a", "");
    let large = fs::File::create(site.path("large.yml")).unwrap();
    large.set_len(1 << 42).unwrap();
    let fifo = site.path("fifo.yml");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    for (name, reason) in [
        ("folder", "it is not a regular file"),
        ("fifo.yml", "it is not a regular file"),
        ("large.yml", "it is larger than 4 MiB"),
    ] {
        for command in ["strip", "build", "check", "watch"] {
            let run = site.planche(&[command, "--config", name]).exits(2);
            let expected = format!("cannot read the configuration `{name}`: {reason}\n  hint: ");
            assert!(run.err.contains(&expected), "{run:#?}");
        }
    }
}
