//! Decoders that crash, panic or take too many resources: only a finding about the image may
//! result.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use planche::internal::flow::{self, Options};
use planche::internal::isolation::Isolated;
use planche::internal::picture::decoder::{Decode, InProcess};
use planche::internal::picture::limits::Limits;
use rustix::process::{Pid, Signal, kill_process};
use tiff::encoder::{TiffEncoder, colortype};

use super::{has_record, unbuilt_site};
use crate::scratch::{Run, Scratch, changed};

/// Returns a TIFF with 16 bits per sample.
fn tiff() -> Vec<u8> {
    let samples: Vec<u16> = (0..400 * 300 * 3)
        .map(|at| (at * 37 % 65_521) as u16)
        .collect();
    let mut file = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap();
    encoder
        .write_image::<colortype::RGB16>(400, 300, &samples)
        .unwrap();
    file.into_inner()
}

const SVG: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="200" height="90" fill="#07c"/><circle cx="200" cy="120" r="70" fill="#fa0" opacity=".5"/></svg>"##;

/// Appends a marker that makes the decoder of a debug build fail in the way `how`.
fn failing(mut file: Vec<u8>, how: &str) -> Vec<u8> {
    file.extend_from_slice(format!("planche-test: {how}").as_bytes());
    file
}

#[test]
fn a_decoder_that_crashes_is_a_finding_of_its_image() {
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".to_vec();
    for (name, file, reason) in [
        (
            "a.avif",
            failing(avif, "abort"),
            "the decoder crashed: signal: 6",
        ),
        (
            "a.tif",
            failing(tiff(), "panic"),
            "the decoder crashed: index out of bounds",
        ),
        (
            "a.tif",
            failing(tiff(), "memory"),
            "the decoder crashed: memory allocation of 1099511627776 bytes failed",
        ),
        (
            "a.svg",
            failing(SVG.into(), "loop"),
            "decoding takes too long",
        ),
    ] {
        let site = unbuilt_site();
        site.write(&format!("uploads/{name}"), &file);
        site.write_article("articles/b.md", &format!("/uploads/{name}"));
        for command in ["check", "build", "clean", "build"] {
            let run = site.planche(&[command, "--strict"]).exits(1);
            let message = format!("uploads/{name}");
            assert!(run.err.contains(&message), "{command}: {run:#?}");
            assert!(run.err.contains(reason), "{command}: {run:#?}");
            let is_of_memory = run.err.contains("hint: free memory");
            assert_eq!(
                is_of_memory,
                reason.contains("memory"),
                "{command}: {run:#?}"
            );
        }
        assert!(has_record(&site.text("articles/a.md")), "{name}");
        assert!(!has_record(&site.text("articles/b.md")), "{name}");
    }
}

/// Creates a site with an upload in each format that is decoded by worker processes.
fn site_of_risky_formats() -> Scratch {
    let maker = unbuilt_site();
    maker.write(
        "presets/card.yml",
        "widths: [320]\nsizes: 100vw\nformats: [avif, webp]\n",
    );
    maker.planche(&[]).exits(0);
    let avif = maker
        .variants()
        .into_iter()
        .find(|name| name.ends_with(".avif"));
    let site = unbuilt_site();
    site.write(
        "presets/card.yml",
        "widths: [80, 160]\nsizes: 100vw\nrasterise: true\nplaceholder: [color]\n",
    );
    site.write_uploads(&[
        (
            "a.avif".to_owned(),
            fs::read(maker.path(&avif.unwrap())).unwrap(),
        ),
        ("a.tif".to_owned(), tiff()),
        ("a.svg".to_owned(), SVG.into()),
    ]);
    site
}

#[test]
fn workers_decode_to_the_same_bytes_as_the_library_alone() {
    let site = site_of_risky_formats();
    let alone = Scratch::copy_of(site.folder());
    let run = site
        .planche(&["build", "--format", "json", "--jobs", "3"])
        .exits(0);
    assert_eq!(run.count("/variants/written"), 8, "{run:#?}");
    let opened = alone.open();
    let summary = flow::build(&opened, &Options::for_site(&opened)).unwrap();
    assert!(!summary.has_errors(), "{:?}", summary.findings);
    assert_eq!(changed(&site.files(), &alone.files()), [""; 0]);
}

#[test]
fn a_worker_that_is_none_is_a_reason_and_never_a_wait() {
    let tiff = tiff();
    let expected = InProcess.probe(&tiff, &Limits::default()).unwrap();
    for (program, arguments, reason) in [
        (
            "/nonexistent",
            &[][..],
            "cannot start the process that decodes it",
        ),
        ("false", &[], "the decoder crashed: exit status: 1"),
        (
            "sh",
            &["-c", "echo out of luck >&2; kill -SEGV $$"],
            "the decoder crashed: out of luck",
        ),
        (
            "sh",
            &["-c", "kill -SEGV $$"],
            "the decoder crashed: signal: 11",
        ),
        (
            "sh",
            &["-c", "yes"],
            "the process that decodes it cannot be used: it answered before a request",
        ),
    ] {
        let workers = Isolated::new(program, arguments);
        for _ in 0..2 {
            let error = workers.probe(&tiff, &Limits::default()).unwrap_err();
            assert!(error.to_string().contains(reason), "{program}: {error}");
        }
        // Other formats are decoded without a worker.
        let png = crate::scratch::sample_upload("logo.png");
        assert!(workers.probe(&png, &Limits::default()).is_ok());
    }
    let workers = Isolated::new(env!("CARGO_BIN_EXE_planche"), &["decode"]);
    for _ in 0..2 {
        assert_eq!(workers.probe(&tiff, &Limits::default()), Ok(expected));
        let broken = failing(tiff.clone(), "abort");
        assert!(workers.probe(&broken, &Limits::default()).is_err());
    }
}

#[test]
fn a_worker_ends_with_its_program_and_opens_no_file() {
    if !Path::new("/proc/self/fd").exists() {
        return crate::needs::skip(crate::needs::Need::Proc, "limits are seen in /proc");
    }
    let workers = Isolated::new(env!("CARGO_BIN_EXE_planche"), &["decode"]);
    assert!(workers.probe(&tiff(), &Limits::default()).is_ok());
    let own = std::process::id().to_string();
    let is_worker = |id: &str| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let arguments = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        status.contains(&format!("PPid:\t{own}\n")) && arguments == "planche\0decode\0"
    };
    let limits: Vec<String> = fs::read_dir("/proc")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|id| is_worker(id))
        .filter_map(|id| fs::read_to_string(format!("/proc/{id}/limits")).ok())
        .collect();
    assert!(!limits.is_empty());
    let is_confined = |limits: &String| {
        ["Max open files", "Max file size", "Max core file size"]
            .iter()
            .all(|name| {
                let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
                line[name.len()..].split_whitespace().take(2).eq(["0", "0"])
            })
    };
    assert!(limits.iter().any(is_confined), "{limits:#?}");
    drop(workers);

    // When a program is killed, its end of the pipe is closed, and the worker ends.
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_planche"))
        .arg("decode")
        .stdin(std::process::Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Returns the ids of the workers of a process.
fn workers_of(program: u32) -> Vec<String> {
    let is_worker = |id: &String| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status.contains(&format!("PPid:\t{program}\n")) && is_decoding(id)
    };
    fs::read_dir("/proc")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(is_worker)
        .collect()
}

/// Whether a process is a worker that has not ended.
fn is_decoding(id: &str) -> bool {
    let arguments = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    arguments == "planche\0decode\0"
}

/// Waits until something holds. Fails only if that takes far too long.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(300), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_worker_that_decodes_ends_with_its_program_however_it_ends() {
    if !Path::new("/proc/self/fd").exists() {
        return crate::needs::skip(crate::needs::Need::Proc, "processes are seen in /proc");
    }
    for signal in [Signal::TERM, Signal::KILL] {
        let site = unbuilt_site();
        // The worker waits for an hour before it answers.
        site.write("uploads/a.svg", failing(SVG.into(), "hang"));
        site.write_article("articles/b.md", "/uploads/a.svg");
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_planche"))
            .current_dir(site.folder())
            .stderr(std::process::Stdio::null())
            .arg("build")
            .spawn()
            .unwrap();
        let id = program.id();
        wait_until("no worker starts", || !workers_of(id).is_empty());
        let workers = workers_of(id);
        kill_process(Pid::from_child(&program), signal).unwrap();
        program.wait().unwrap();
        wait_until("a worker outlives its program", || {
            !workers.iter().any(|id| is_decoding(id))
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn has_landlock() -> bool {
    false
}

/// Whether the kernel can deny signals to other processes, which requires version 6 of the Landlock
/// ABI.
#[cfg(target_os = "linux")]
fn has_landlock() -> bool {
    use landlock::{ABI, Access, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};

    let rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let rules = rules.scope(Scope::from_all(ABI::V6));
    rules.is_ok_and(|rules| rules.create().is_ok())
}

#[test]
fn a_worker_can_touch_no_file_no_network_and_no_process() {
    if !has_landlock() {
        return crate::needs::skip(crate::needs::Need::Landlock, "what a worker is denied");
    }
    let site = Scratch::empty();
    site.write("read", "read");
    site.write("remove", "remove");
    let before = site.files();
    let folder = site.folder().to_str().unwrap();
    let attempt = failing(tiff(), &format!("escape {folder}"));
    let workers = Isolated::new(env!("CARGO_BIN_EXE_planche"), &["decode"]);
    let error = workers.probe(&attempt, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("it can: []"), "{error}");
    assert_eq!(changed(&before, &site.files()), [""; 0]);
}

#[test]
fn the_command_of_workers_is_hidden() {
    for arguments in [&["--help"][..], &["man"], &["completions", "bash"]] {
        let site = Scratch::empty();
        let run: Run = site.planche(arguments).exits(0);
        assert!(
            !run.out.contains("for another planche process"),
            "{arguments:?}"
        );
    }
}
