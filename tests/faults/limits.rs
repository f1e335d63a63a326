//! What the system does not permit or provide: streams and files that cannot be written, threads
//! that cannot be started.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use super::built_site;
use crate::needs::{Need, skip};
use crate::scratch::{ReadOnly, Run, Scratch};

/// Runs the program with standard output and standard error connected to special files.
fn with_streams(site: &Scratch, arguments: &[&str], out: &Path, err: &Path) -> Option<i32> {
    let stream = |path: &Path| OpenOptions::new().write(true).open(path).unwrap();
    let mut command = site.command(arguments);
    command.stdout(stream(out)).stderr(stream(err));
    command.status().unwrap().code()
}

#[test]
fn streams_that_cannot_be_written_do_not_change_the_exit_code_by_a_panic() {
    let (full, null) = (Path::new("/dev/full"), Path::new("/dev/null"));
    if !full.exists() {
        return skip(Need::Proc, "no /dev/full");
    }
    let site = built_site();
    for (arguments, expected) in [
        (&["build"][..], 0),
        (&["check"], 0),
        (&["clean"], 0),
        (&["strip", "--dry-run"], 0),
        (&["build", "nowhere"], 2),
    ] {
        let code = with_streams(&site, arguments, null, full);
        assert_eq!(
            code,
            Some(expected),
            "{arguments:?}, standard error is full"
        );
    }
    for arguments in [
        &["strip", "--dry-run"][..],
        &["check", "--format", "json"],
        &["schema"],
    ] {
        let code = with_streams(&site, arguments, full, null);
        assert_eq!(code, Some(2), "{arguments:?}, standard output is full");
    }
}

#[test]
fn what_cannot_be_written_is_named_with_the_reason_and_what_to_try() {
    let site = built_site();
    let full = Path::new("/dev/full");
    if full.exists() {
        for arguments in [
            &["strip", "--dry-run"][..],
            &["check", "--format", "json"],
            &["verify", "--format", "json"],
            &["schema"],
            &["man"],
            &["completions", "bash"],
            &["explain", "missing-upload"],
        ] {
            let mut command = site.command(arguments);
            command.stdout(OpenOptions::new().write(true).open(full).unwrap());
            let run = Run::of(command.output().unwrap()).exits(2);
            let expected = "error: cannot write to standard output: No space left on device\n  \
                hint: free disk space, or write the output elsewhere\n";
            assert!(run.err.ends_with(expected), "{arguments:?}: {run:#?}");
        }
    }

    // To the superuser, files are read-only in a folder that is mounted so.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let lock = site.path(".planche/lock");
    let (reason, hint, mounted) = if is_root {
        let mounted = ReadOnly::make(site.path(".planche"));
        if mounted.is_none() {
            return skip(Need::Mount, "the tests run as root and cannot mount");
        }
        let hint = "make the site's folder writable; `planche check`";
        ("Read-only file system", hint, mounted)
    } else {
        fs::set_permissions(&lock, fs::Permissions::from_mode(0o444)).unwrap();
        let hint = "make the folder `.planche` and its files writable, or delete";
        ("Permission denied", hint, None)
    };
    for command in ["build", "strip", "clean"] {
        let run = site.planche(&[command]).exits(2);
        let expected = format!("error: cannot lock `.planche/lock`: {reason}\n  hint: {hint}");
        assert!(run.err.starts_with(&expected), "{run:#?}");
    }
    site.planche(&["check"]).exits(0);
    drop(mounted);
}

#[test]
fn a_reader_that_goes_away_does_not_hide_findings() {
    let site = built_site();
    for index in 0..300 {
        let article = format!("articles/{index}.md");
        site.write_article(&article, "/uploads/nowhere.png");
    }
    site.write("articles/bad.md", "---\na: [\n---\n");
    for arguments in [&["check"][..], &["check", "--format", "json"]] {
        let mut command = site.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().unwrap().code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn without_threads_a_run_fails_with_a_message() {
    let site = built_site();
    let shell = std::process::Command::new("sh")
        .args(["-c", "ulimit -u 1 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_planche"))
        .args(["check", "--jobs", "4"])
        .current_dir(site.folder())
        .output()
        .unwrap();
    let run = Run::of(shell);
    // The limit does not apply to root.
    assert!(matches!(run.code, Some(0 | 2)), "{run:#?}");
    assert!(!run.err.contains("panicked"), "{run:#?}");
}

/// Without a handler for SIGXFSZ, a write beyond the limit ends the process without a message.
#[test]
fn beyond_a_limit_of_file_sizes_every_command_fails_with_a_message() {
    for arguments in [
        &["init", "jekyll"][..],
        &["build"],
        &["schema", "config"],
        &["--help"],
    ] {
        let site = built_site();
        let out = std::fs::File::create(site.path("out")).unwrap();
        let shell = std::process::Command::new("sh")
            .args(["-c", "ulimit -f 0 && exec \"$0\" \"$@\""])
            .arg(env!("CARGO_BIN_EXE_planche"))
            .args(arguments)
            .current_dir(site.folder())
            .stdout(out)
            .output()
            .unwrap();
        let run = Run::of(shell);
        assert!(matches!(run.code, Some(0 | 2)), "{arguments:?}: {run:#?}");
    }
}
