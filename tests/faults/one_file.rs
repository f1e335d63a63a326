//! Faults of a single file or folder, as on a damaged disk or under a security module, and an
//! `init` that is killed. Faults are injected with `strace --inject`.

use std::process::{Command, Output};

use super::{built_site, has_record, temporary_files, unbuilt_site};
use crate::needs::{Need, skip};
use crate::scratch::{Scratch, changed};

/// Runs a command with `effect` injected into system calls that name `path`. Returns `None` if
/// strace is missing.
fn with_fault(site: &Scratch, path: &str, effect: &str, arguments: &[&str]) -> Option<Output> {
    let calls = "openat,openat2,newfstatat,statx,fcntl,renameat,renameat2,linkat";
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-P", path, "-o"])
        .arg(log.path())
        .args(["-e", &format!("trace={calls}")])
        .args(["-e", &format!("inject={effect}")])
        .arg(env!("CARGO_BIN_EXE_planche"))
        .args(arguments)
        .current_dir(site.folder())
        .env("LC_ALL", "C");
    let Ok(output) = command.output() else {
        skip(Need::Strace, "strace injects faults");
        return None;
    };
    let log = std::fs::read_to_string(log.path()).unwrap();
    let has_happened = log.contains("(INJECTED)") || log.contains("killed by SIGKILL");
    assert!(has_happened, "{arguments:?}: {output:?}");
    Some(output)
}

#[test]
fn an_article_whose_calls_fail_is_an_error_and_keeps_its_variants() {
    for (path, calls) in [
        ("a.md", "openat,openat2,newfstatat,statx"),
        ("a.md", "newfstatat,statx"),
        ("articles", "openat,openat2,newfstatat,statx"),
    ] {
        let site = built_site();
        let before = site.files();
        for command in ["build", "strip", "clean"] {
            let effect = format!("{calls}:error=EIO");
            let Some(output) = with_fault(&site, path, &effect, &[command]) else {
                return;
            };
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(1 | 2)) && err.contains("error"),
                "{command} {path} {calls}: {output:?}"
            );
            assert_eq!(changed(&before, &site.files()), [""; 0], "{command} {path}");
        }
        site.planche(&["check"]).exits(0);
    }
}

#[test]
fn a_folder_of_uploads_that_cannot_be_read_is_an_error_and_loses_nothing() {
    let site = built_site();
    let before = site.files();
    for command in ["build", "clean", "check"] {
        let Some(output) = with_fault(&site, "uploads", "openat,openat2:error=EACCES", &[command])
        else {
            return;
        };
        assert!(
            matches!(output.status.code(), Some(1 | 2)),
            "{command}: {output:?}"
        );
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(err.contains("cannot read this folder"), "{command}: {err}");
        assert_eq!(changed(&before, &site.files()), [""; 0], "{command}");
    }
}

/// The fault must not cost a width that no record names: it is still planned, and kept as long as
/// its upload exists.
#[test]
fn clean_deletes_nothing_if_uploads_could_not_be_listed_once() {
    let site = built_site();
    let before = site.files();
    let mut refused = 0;
    for number in 1..=4 {
        let effect = format!("fcntl:error=EINTR:when={number}");
        let Some(output) = with_fault(&site, "uploads", &effect, &["clean"]) else {
            return;
        };
        refused += usize::from(output.status.code() == Some(2));
        assert_eq!(changed(&before, &site.files()), [""; 0], "{output:?}");
    }
    assert!(refused > 0);
}

/// Some network file systems have no locks. A run must report that and still do its work.
#[test]
fn a_file_system_without_locks_stops_no_run() {
    for (error, command) in [
        ("ENOLCK", "build"),
        ("EOPNOTSUPP", "build"),
        ("ENOSYS", "strip"),
        ("ENOLCK", "clean"),
    ] {
        let site = unbuilt_site();
        let mut strace = Command::new("strace");
        strace
            .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=flock", "-e"])
            .arg(format!("inject=flock:error={error}"))
            .arg(env!("CARGO_BIN_EXE_planche"))
            .args([command, "--format", "concise"])
            .current_dir(site.folder())
            .env("LC_ALL", "C");
        let Ok(output) = strace.output() else {
            return skip(Need::Strace, "strace injects faults");
        };
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(out.contains("not-locked"), "{command}: {output:?}");
        assert_eq!(
            has_record(&site.text("articles/a.md")),
            command == "build",
            "{output:?}"
        );
    }
}

#[test]
fn an_init_that_was_killed_before_it_edited_the_configuration_is_completed_by_the_next() {
    let fresh = || {
        let site = Scratch::empty();
        site.write("_config.yml", "title: x\nexclude: [a]\n");
        site.write("_posts/2024-01-01-a.md", "---\ntitle: a\n---\n");
        site
    };
    let whole = fresh();
    whole.planche(&["init", "jekyll"]).exits(0);
    let site = fresh();
    let kill = "renameat,renameat2:signal=KILL";
    let Some(output) = with_fault(&site, "_config.yml", kill, &["init", "jekyll"]) else {
        return;
    };
    assert_ne!(output.status.code(), Some(0), "{output:?}");
    site.planche(&["init", "jekyll"]).exits(0);
    assert_eq!(changed(&whole.files(), &site.files()), [""; 0]);
    assert_eq!(temporary_files(&site), [""; 0]);
}

#[test]
fn a_folder_of_pages_that_cannot_be_read_does_not_stop_the_others() {
    let page = "<img src=/logo.png>";
    let site = Scratch::empty();
    site.copy_upload("logo.png", "_site/logo.png");
    site.write("_site/index.html", page);
    site.write("_site/closed/index.html", page);
    let arguments = ["html", "_site"];
    let effect = "openat,openat2:error=EACCES";
    let Some(output) = with_fault(&site, "closed", effect, &arguments) else {
        return;
    };
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("error[unreadable] _site/closed"), "{err}");
    assert!(site.text("_site/index.html").contains("srcset"), "{err}");
    assert_eq!(site.text("_site/closed/index.html"), page);
}
