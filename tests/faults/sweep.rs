//! Lets each system call of a run fail once, or kills the program at it (`strace --inject`).
//!
//! After each fault, the site is checked: files are old or new, never half written; records name
//! only complete files; a plain run afterwards produces the same tree as an uninterrupted run, and
//! leaves no temporary file. Each test run tries a sample. The full sweep, which prints what was
//! tried:
//!
//! ```sh
//! PLANCHE_SWEEP=all cargo test --test tests -- --nocapture --test-threads 1 faults::sweep
//! ```
//!
//! `PLANCHE_SWEEP=50` tries every fiftieth call, starting at a different call for each kind of
//! fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::{built_site, small_site, temporary_files, unbuilt_site};
use crate::needs::{Need, skip};
use crate::scratch::{Files, Scratch, changed};

/// System calls on files and descriptors that a run makes. Calls for memory and threads are not
/// included: no program can run without them.
const CALLS: &str = "openat,read,pread64,write,pwrite64,close,fsync,fdatasync,syncfs,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,newfstatat,statx,fstat,getdents64,fcntl,flock,ftruncate,fchmod,fchmodat,fchown,fsetxattr,fgetxattr,flistxattr,copy_file_range,utimensat,readlinkat,lseek";

const ERRORS: [&str; 4] = ["ENOSPC", "EIO", "EACCES", "EINTR"];

/// Number of faults that a sample tries per command and kind of fault.
const SAMPLE: usize = 6;
/// A sample is taken from this number of first calls of each name, and from few of the later ones.
const FIRST: usize = 25;

/// A command, and the site on which it is tried.
struct Case {
    arguments: &'static [&'static str],
    site: fn() -> Scratch,
    /// The command that completes what was interrupted.
    again: &'static [&'static str],
    /// Prefix of cached files, which no text names and a later run need not restore.
    cache: Option<&'static str>,
}

impl Case {
    fn files(&self, site: &Scratch) -> Files {
        let mut files = site.files();
        files.retain(|name, _| !self.cache.is_some_and(|cache| name.starts_with(cache)));
        files
    }
}

const CASES: [Case; 8] = [
    Case {
        arguments: &["build", "--jobs", "1"],
        site: unbuilt_site,
        again: &["build"],
        cache: None,
    },
    Case {
        arguments: &["check", "--jobs", "1"],
        site: unbuilt_site,
        again: &["check"],
        cache: None,
    },
    Case {
        arguments: &["strip"],
        site: built_site,
        again: &["strip"],
        cache: None,
    },
    Case {
        arguments: &["clean"],
        site: site_with_orphans,
        again: &["clean"],
        cache: None,
    },
    Case {
        arguments: &["init", "jekyll"],
        site: jekyll_site,
        again: &["init", "jekyll"],
        cache: None,
    },
    Case {
        arguments: &["html", "_site", "--jobs", "1"],
        site: built_pages,
        again: &["html", "_site"],
        // Copies of variants in the source, kept for the next build of the pages.
        cache: Some("uploads/variants/"),
    },
    Case {
        arguments: &["verify"],
        site: built_site,
        again: &["verify"],
        cache: None,
    },
    Case {
        arguments: &["build", "--repair", "--jobs", "1"],
        site: damaged_site,
        again: &["build", "--repair"],
        cache: None,
    },
];

/// Creates a built site with zeros in the middle of a variant.
fn damaged_site() -> Scratch {
    let site = built_site();
    let name = site.path(&site.variants()[0]);
    let mut bytes = fs::read(&name).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    fs::write(name, bytes).unwrap();
    site
}

fn built_pages() -> Scratch {
    let site = small_site();
    let page = "<!doctype html><title>a</title><p><img src=\"/uploads/logo.png\" alt=\"\"></p>";
    site.write("_site/a.html", page);
    for folder in ["uploads", "_site/uploads"] {
        site.copy_upload("logo.png", &format!("{folder}/logo.png"));
    }
    site
}

/// Creates a built site in which one article no longer has an image, while another one still names
/// its variants.
fn site_with_orphans() -> Scratch {
    let site = unbuilt_site();
    site.copy_upload("logo.png", "uploads/b.png");
    site.write_article("articles/b.md", "/uploads/b.png");
    site.planche(&[]).exits(0);
    site.write("articles/a.md", "---\ntitle: a\n---\n");
    site
}

fn jekyll_site() -> Scratch {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A site\n");
    site.write("_posts/2024-01-01-a.md", "---\ntitle: a\n---\n");
    site
}

/// One fault: the effect at the call with this name and number, counted per thread.
#[derive(Clone, Debug)]
struct Fault {
    call: String,
    number: usize,
    /// `signal=KILL`, or `error=…`.
    effect: String,
}

impl Fault {
    /// Returns the options of strace. A call must be traced for a fault to be injected into it.
    fn options(&self) -> [String; 2] {
        let Fault {
            call,
            number,
            effect,
        } = self;
        [
            format!("trace={call}"),
            format!("inject={call}:{effect}:when={number}"),
        ]
    }
}

fn strace(site: &Scratch, log: &Path, options: &[&str], arguments: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o"])
        .arg(log)
        .args(options)
        .arg(env!("CARGO_BIN_EXE_planche"))
        .args(arguments)
        .current_dir(site.folder())
        .env("LC_ALL", "C");
    command
}

/// Whether strace is installed and permitted to trace.
fn can_trace() -> bool {
    let traced = Command::new("strace")
        .args(["-qq", "-o", "/dev/null", "true"])
        .output();
    traced.is_ok_and(|output| output.status.success())
}

/// Returns the names of the calls that a command makes, each with the largest number of such calls
/// by one thread.
fn calls(case: &Case) -> BTreeMap<String, usize> {
    let site = (case.site)();
    let log = tempfile::NamedTempFile::new().unwrap();
    let trace = format!("trace={CALLS}");
    let mut command = strace(&site, log.path(), &["-e", &trace], case.arguments);
    let status = command.output().unwrap();
    assert!(status.status.code().is_some(), "{status:?}");
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in fs::read_to_string(log.path()).unwrap().lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let name: String = call
            .trim_start()
            .chars()
            .take_while(|c| *c != '(')
            .collect();
        if CALLS.split(',').any(|known| known == name) {
            *counts.entry((name, thread.to_owned())).or_default() += 1;
        }
    }
    let mut largest = BTreeMap::new();
    for ((name, _), count) in counts {
        let most = largest.entry(name).or_insert(0);
        *most = count.max(*most);
    }
    largest
}

fn faults(case: &Case) -> Vec<Fault> {
    let calls = calls(case);
    let mut effects: Vec<String> = ERRORS.map(|error| format!("error={error}")).into();
    effects.insert(0, "signal=KILL".to_owned());
    let stride: Option<usize> = std::env::var("PLANCHE_SWEEP").ok().map(|value| {
        let stride = if value == "all" { "1" } else { &value };
        stride.parse().expect("`all`, or a number")
    });
    let mut faults = Vec::new();
    for (index, effect) in effects.iter().enumerate() {
        let all = calls.iter().flat_map(|(call, count)| {
            (1..=*count).map(|number| Fault {
                call: call.clone(),
                number,
                effect: effect.clone(),
            })
        });
        // Most calls search /proc for open files; a sample skips most of them.
        let is_visited = |fault: &Fault| {
            stride.is_some() || fault.number <= FIRST || fault.number.is_multiple_of(97)
        };
        let all: Vec<Fault> = all.filter(is_visited).collect();
        let step = stride.unwrap_or(all.len().div_ceil(SAMPLE));
        // Each effect starts at a different call, so that more calls are covered.
        let first = index * step / effects.len();
        faults.extend(all.into_iter().skip(first).step_by(step));
    }
    faults
}

/// Returns what is wrong with a site after a fault, and whether the fault was injected.
fn wrong(
    case: &Case,
    fault: &Fault,
    template: &Scratch,
    before: &Files,
    whole: &Files,
) -> (Vec<String>, bool) {
    let site = Scratch::copy_of(template.folder());
    let log = tempfile::NamedTempFile::new().unwrap();
    let [trace, inject] = fault.options();
    let options = ["-e", &trace, "-e", &inject];
    let mut command = strace(&site, log.path(), &options, case.arguments);
    let output = command.output().unwrap();
    let has_happened = has_happened(log.path());
    let mut wrong = check_end(&output, fault);
    let after = case.files(&site);
    let allowed = |name: &str, bytes: &[u8]| {
        let is = |files: &Files| files.get(name).is_some_and(|other| other == bytes);
        is(before) || is(whole)
    };
    for (name, bytes) in &after {
        // A variant appears under its name only when it is complete. A temporary file may have any
        // content.
        if !name.contains(".planche-") && !allowed(name, bytes) {
            wrong.push(format!("`{name}` is neither old nor new"));
        }
    }
    for name in before.keys().filter(|name| whole.contains_key(*name)) {
        if !after.contains_key(name) {
            wrong.push(format!("`{name}` is missing"));
        }
    }
    for text in after.values() {
        let text = String::from_utf8_lossy(text);
        let named = whole.keys().chain(before.keys()).collect::<BTreeSet<_>>();
        let named = named.into_iter().filter(|name| name.contains("/variants/"));
        for variant in named.filter(|name| text.contains(name.rsplit('/').next().unwrap())) {
            if !after.contains_key(variant) {
                wrong.push(format!("`{variant}` is named and does not exist"));
            }
        }
    }
    let again = site.planche(case.again);
    if !matches!(again.code, Some(0 | 1)) {
        wrong.push(format!("the next run fails: {again:?}"));
    }
    let completed = case.files(&site);
    if completed != *whole {
        let names = crate::scratch::changed(whole, &completed);
        wrong.push(format!("the next run ends in another tree: {names:?}"));
    }
    wrong.extend(
        temporary_files(&site)
            .into_iter()
            .map(|name| format!("`{name}` is left")),
    );
    (wrong, has_happened)
}

/// Whether the fault was injected. With another order of calls, the run may not reach it.
fn has_happened(log: &Path) -> bool {
    let log = fs::read_to_string(log).unwrap();
    log.contains("(INJECTED)") || log.contains("killed by SIGKILL")
}

fn check_end(output: &Output, fault: &Fault) -> Vec<String> {
    let err = String::from_utf8_lossy(&output.stderr);
    let is_killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
    // The dynamic loader may fail before the program starts.
    let is_loader = output.status.code() == Some(127) && err.contains("shared libraries");
    let is_expected = match output.status.code() {
        _ if is_killed => fault.effect == "signal=KILL",
        Some(0..=2) => true,
        _ => is_loader,
    };
    let mut wrong = Vec::new();
    if !is_expected || err.contains("panicked") {
        wrong.push(format!("{:?}: {err}", output.status));
    }
    wrong
}

fn sweep(case: &Case) {
    if !can_trace() {
        return skip(Need::Strace, "strace injects faults");
    }
    let template = (case.site)();
    let before = case.files(&template);
    let whole = {
        let site = Scratch::copy_of(template.folder());
        site.planche(case.arguments);
        site.planche(case.again);
        case.files(&site)
    };
    let faults = faults(case);
    assert!(faults.len() >= SAMPLE, "{} calls", faults.len());
    let (mut tried, mut found) = (0, Vec::new());
    for fault in &faults {
        let (wrong, has_happened) = wrong(case, fault, &template, &before, &whole);
        tried += usize::from(has_happened);
        if !wrong.is_empty() {
            found.push(format!("{fault:?}: {wrong:#?}"));
        }
    }
    println!(
        "{:?}: {tried} of {} tried, {} faults",
        case.arguments,
        faults.len(),
        found.len()
    );
    assert!(tried * 2 > faults.len(), "only {tried} have happened");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_fault_at_any_call_of_build_loses_nothing() {
    sweep(&CASES[0]);
}

#[test]
fn a_fault_at_any_call_of_check_changes_nothing() {
    sweep(&CASES[1]);
}

#[test]
fn a_fault_at_any_call_of_strip_loses_nothing() {
    sweep(&CASES[2]);
}

#[test]
fn a_fault_at_any_call_of_clean_loses_nothing() {
    sweep(&CASES[3]);
}

#[test]
fn a_fault_at_any_call_of_init_loses_nothing() {
    sweep(&CASES[4]);
}

#[test]
fn a_fault_at_any_call_of_html_loses_nothing() {
    sweep(&CASES[5]);
}

#[test]
fn a_fault_at_any_call_of_verify_changes_nothing() {
    sweep(&CASES[6]);
}

#[test]
fn a_fault_at_any_call_of_a_repair_loses_nothing() {
    sweep(&CASES[7]);
}

#[test]
fn a_fault_at_any_call_of_watch_loses_nothing() {
    if !can_trace() {
        return skip(Need::Strace, "strace injects faults");
    }
    let before = unbuilt_site().files();
    let whole = built_site().files();
    let case = Case {
        arguments: &["watch", "--jobs", "1", "--quiet"],
        site: unbuilt_site,
        again: &["build"],
        cache: None,
    };
    // A watch runs until it is stopped, so the calls of a build are tried, which are almost all of
    // its calls.
    let as_build = Case {
        arguments: &["build", "--jobs", "1"],
        ..case
    };
    let (mut tried, mut found) = (0, Vec::new());
    for fault in faults(&as_build) {
        let site = unbuilt_site();
        let log = tempfile::NamedTempFile::new().unwrap();
        let [trace, inject] = fault.options();
        // With `-D`, strace runs as a grandchild, so that the program itself receives the signal
        // sent below.
        let options = ["-D", "-e", &trace, "-e", &inject];
        let mut command = strace(&site, log.path(), &options, case.arguments);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        for _ in 0..150 {
            let is_done = site.text("articles/a.md").contains("image_responsive:");
            if is_done || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let id = rustix::process::Pid::from_child(&child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let output = child.wait_with_output().unwrap();
        tried += usize::from(has_happened(log.path()));
        let err = String::from_utf8_lossy(&output.stderr);
        let article = site.text("articles/a.md");
        let is_old_or_new = [&before, &whole]
            .iter()
            .any(|files| files["articles/a.md"] == article.as_bytes());
        let again = site.planche(case.again);
        let different = changed(&whole, &site.files());
        if err.contains("panicked") || !is_old_or_new || !different.is_empty() {
            found.push(format!(
                "{fault:?}: {err}, old or new: {is_old_or_new}, different: {different:?}, {again:?}"
            ));
        }
    }
    println!(
        "{:?}: {tried} tried, {} faults",
        case.arguments,
        found.len()
    );
    assert!(found.is_empty(), "{found:#?}");
}
