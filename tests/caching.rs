//! The cache that builds share: what it saves, and how damaged entries are handled.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::needs::{Need, skip};
use crate::scratch::{Files, ReadOnly, Run, Scratch, changed};

/// Creates a site for which encoding is expensive: widths by file size, a target score, two
/// formats.
fn site() -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        "widths: { min: 64, max: 320, step_bytes: 1000 }\nsizes: 20em\nformats: [webp, jpeg]\n\
         quality: { ssimulacra2: 60 }\neffort: 2\nlossless: never\n",
    );
    for (upload, name) in [
        ("portrait.jpg", "a.jpg"),
        ("logo.png", "c.png"),
        ("graphique-visites.png", "d.png"),
    ] {
        site.copy_upload(upload, &format!("uploads/{name}"));
        site.write_article(&format!("articles/{name}.md"), &format!("/uploads/{name}"));
    }
    site
}

/// Returns the files of a build without a cache.
fn reference() -> Files {
    let site = site();
    site.planche(&[]).exits(0);
    let files = site.files();
    let between = files.keys().filter(|name| name.contains("/a-"));
    assert!(
        between.count() > 4,
        "a ladder by bytes has widths between its ends"
    );
    files
}

fn command(site: &Scratch, cache: &Path, arguments: &[&str]) -> Command {
    let mut command = site.command(&["build", "--format", "json"]);
    command.args(arguments).env("PLANCHE_CACHE", cache);
    command
}

fn build(site: &Scratch, cache: &Path) -> Run {
    Run::of(command(site, cache, &[]).output().unwrap()).exits(0)
}

/// Returns the number of variants that were encoded.
fn encoded(run: &Run) -> u64 {
    run.count("/variants/written") - run.count("/variants/from_cache")
}

/// Returns the paths of the entries in a cache.
fn entries(cache: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in fs::read_dir(cache.join("variants")).unwrap() {
        let files = fs::read_dir(folder.unwrap().path()).unwrap();
        found.extend(files.map(|file| file.unwrap().path()));
    }
    found.sort();
    found
}

#[track_caller]
fn same(site: &Scratch, reference: &Files) {
    let mut files = site.files();
    files.retain(|name, _| !name.starts_with(".cache/"));
    assert_eq!(changed(reference, &files), [""; 0]);
}

#[test]
fn a_second_checkout_encodes_nothing_and_has_the_same_bytes() {
    let reference = reference();
    let folder = Scratch::empty();
    let cache = folder.path("new/cache");
    let first = site();
    let run = build(&first, &cache);
    assert_eq!(run.count("/variants/from_cache"), 0, "{run:#?}");
    same(&first, &reference);
    assert_eq!(fs::read_to_string(cache.join(".gitignore")).unwrap(), "*\n");
    let second = site();
    // The memory limit permits no decoding, so every variant must come from the cache.
    let run = command(&second, &cache, &["--max-memory", "1K"]);
    let run = Run::of({ run }.output().unwrap()).exits(0);
    assert_eq!(encoded(&run), 0, "{run:#?}");
    same(&second, &reference);
    let unable = site().planche(&["build", "--max-memory", "1K"]);
    assert_eq!(unable.code, Some(1), "{unable:#?}");
    // The sentence for people counts the variants from the cache.
    let third = site();
    let run = third
        .command(&["build"])
        .env("PLANCHE_CACHE", &cache)
        .output();
    let run = Run::of(run.unwrap()).exits(0);
    let count = third.variants().len();
    assert!(
        run.err.contains(&format!(", {count} from the cache)")),
        "{run:#?}"
    );
}

#[test]
fn a_folder_of_the_site_is_a_cache_unless_the_variable_says_otherwise() {
    let reference = reference();
    let site = site();
    let config = site.text("planche.yml") + "cache: { dir: .cache/planche }\n";
    site.write("planche.yml", &config);
    let reset = || {
        fs::remove_dir_all(site.path("uploads/variants")).unwrap();
        site.remove_state();
    };
    site.planche(&[]).exits(0);
    reset();
    // An empty variable turns the cache off.
    let run = build(&site, Path::new(""));
    assert_eq!(run.count("/variants/from_cache"), 0, "{run:#?}");
    reset();
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(encoded(&run), 0, "{run:#?}");
    site.planche(&["check"]).exits(0);
    let mut reference = reference;
    reference.insert("planche.yml".to_owned(), config.into_bytes());
    same(&site, &reference);
    // The variable overrides the configuration.
    reset();
    let other = Scratch::empty();
    let run = build(&site, &other.path("cache"));
    assert_eq!(run.count("/variants/from_cache"), 0, "{run:#?}");
    assert!(!entries(&other.path("cache")).is_empty());
    // `clean` must keep the files of the cache, although no article names them.
    let before = entries(&site.path(".cache/planche"));
    site.planche(&["clean"]).exits(0);
    assert_eq!(entries(&site.path(".cache/planche")), before);
}

#[test]
fn planche_yml_names_no_folder_outside_the_site() {
    let reference = reference();
    for dir in ["../cache", "/tmp/cache"] {
        let site = site();
        let config = site.text("planche.yml");
        site.write("planche.yml", format!("{config}cache: {{ dir: {dir} }}\n"));
        let run = site.planche(&[]).exits(2);
        assert!(run.err.contains("is not a folder of the site"), "{run:#?}");
    }
    // A symbolic link to a folder outside the site is not followed.
    let (site, outside) = (site(), Scratch::empty());
    let config = site.text("planche.yml") + "cache: { dir: .cache/planche }\n";
    site.write("planche.yml", &config);
    symlink(outside.folder(), site.path(".cache")).unwrap();
    let run = site.planche(&["--format", "json"]).exits(0);
    let codes: Vec<String> = run.findings().into_iter().map(|found| found.code).collect();
    assert!(codes.contains(&"unusable-cache".to_owned()), "{run:#?}");
    assert_eq!(outside.names(), [""; 0]);
    let mut files = site.files();
    files.remove(".cache");
    files.remove("planche.yml");
    let mut reference = reference;
    reference.remove("planche.yml");
    assert_eq!(changed(&reference, &files), [""; 0]);
}

#[test]
fn of_two_processes_one_encodes_each_variant() {
    let reference = reference();
    for _ in 0..3 {
        let folder = Scratch::empty();
        let cache = folder.path("cache");
        let sites = [site(), site()];
        let start = |site| {
            let mut command = command(site, &cache, &["--jobs", "2"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let running = sites.each_ref().map(start);
        let runs = running.map(|run| Run::of(run.wait_with_output().unwrap()).exits(0));
        for site in &sites {
            same(site, &reference);
        }
        let written = runs.each_ref().map(|run| run.count("/variants/written"));
        assert_eq!(written[0], written[1], "{runs:#?}");
        let both: u64 = runs.iter().map(encoded).sum();
        assert_eq!(both, written[0], "one encode per variant: {runs:#?}");
        let leases = fs::read_dir(cache.join("leases")).unwrap();
        assert_eq!(leases.count(), 0);
    }
}

/// A function that damages a file of the cache.
type Damage = fn(&Path);

#[test]
fn damaged_entries_are_made_again() {
    let reference = reference();
    let folder = Scratch::empty();
    let cache = folder.path("cache");
    let all = build(&site(), &cache).count("/variants/written");
    let damages: [(&str, Damage); 5] = [
        ("cut off", |file| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
        }),
        ("one bit", |file| {
            let mut bytes = fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
            fs::write(file, bytes).unwrap();
        }),
        ("empty", |file| fs::write(file, "").unwrap()),
        ("foreign", |file| {
            fs::write(
                file,
                Scratch::empty().path("x").as_os_str().as_encoded_bytes(),
            )
            .unwrap();
        }),
        ("a link", |file| {
            let other = file.with_extension("elsewhere");
            fs::rename(file, &other).unwrap();
            symlink(other, file).unwrap();
        }),
    ];
    for (what, damage) in damages {
        for file in entries(&cache) {
            if file.extension().is_none() {
                damage(&file);
            }
        }
        let second = site();
        let run = build(&second, &cache);
        assert_eq!(encoded(&run), all, "{what}: {run:#?}");
        same(&second, &reference);
        let run = build(&site(), &cache);
        assert_eq!(encoded(&run), 0, "{what}, replaced: {run:#?}");
    }
}

#[test]
fn a_cache_that_cannot_be_used_is_a_warning() {
    let reference = reference();
    let folder = Scratch::empty();
    folder.write("file", "text");
    folder.write("variants-is-a-file/variants", "text");
    folder.write("read/variants/notes", "text");
    for name in ["file", "variants-is-a-file"] {
        let before = folder.files();
        let site = site();
        let run = build(&site, &folder.path(name));
        let found = run.findings();
        let of_cache = found.iter().filter(|one| one.code == "unusable-cache");
        let of_cache: Vec<_> = of_cache.collect();
        assert!(!of_cache.is_empty() && of_cache.len() <= 2, "{run:#?}");
        assert!(of_cache.iter().all(|one| one.severity == "warning"));
        assert!(of_cache[0].message.contains(name), "{run:#?}");
        same(&site, &reference);
        let after = folder.files();
        let changed = changed(&before, &after);
        assert!(
            changed.iter().all(|name| name.contains("leases/")),
            "{changed:?}"
        );
    }
}

#[test]
fn a_read_only_cache_is_used_and_noted() {
    let reference = reference();
    let folder = Scratch::empty();
    let cache = folder.path("cache");
    let all = build(&site(), &cache).count("/variants/written");
    // One entry is missing.
    let entry = entries(&cache)
        .into_iter()
        .find(|file| file.extension().is_none());
    fs::remove_file(entry.unwrap()).unwrap();
    let before = folder.files();
    let Some(closed) = ReadOnly::make(cache.clone()) else {
        return skip(Need::Mount, "cannot mount a folder read-only");
    };
    let site = site();
    let run = Run::of(command(&site, &cache, &["--strict"]).output().unwrap()).exits(0);
    drop(closed);
    assert_eq!((encoded(&run), run.count("/variants/written")), (1, all));
    let found = run.findings();
    let of_cache: Vec<_> = found
        .iter()
        .filter(|one| one.code == "unusable-cache")
        .collect();
    assert_eq!(of_cache.len(), 1, "{run:#?}");
    assert_eq!(of_cache[0].severity, "notice");
    assert!(
        of_cache[0].message.contains("the cache is read-only"),
        "{run:#?}"
    );
    same(&site, &reference);
    assert_eq!(changed(&before, &folder.files()), [""; 0]);
}

#[test]
fn a_full_disk_is_a_warning() {
    let folder = Scratch::empty();
    let cache = folder.path("cache");
    fs::create_dir(&cache).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]);
    if !mount
        .arg(&cache)
        .output()
        .is_ok_and(|run| run.status.success())
    {
        return skip(Need::Mount, "cannot mount a file system");
    }
    let site = site();
    let run = command(&site, &cache, &[]).output().unwrap();
    let again = Scratch::copy_of(site.folder());
    fs::remove_dir_all(again.path("uploads/variants")).unwrap();
    let second = command(&again, &cache, &[]).output().unwrap();
    let unmounted = Command::new("umount").arg(&cache).status().unwrap();
    assert!(unmounted.success());
    let run = Run::of(run).exits(0);
    let found = run.findings();
    let found: Vec<_> = found
        .iter()
        .filter(|one| one.code == "unusable-cache")
        .collect();
    assert_eq!(found.len(), 1, "{run:#?}");
    assert!(found[0].message.contains("No space left"), "{run:#?}");
    same(&site, &reference());
    // The entries that fitted on the disk are used.
    let second = Run::of(second).exits(0);
    assert!(second.count("/variants/from_cache") > 0, "{second:#?}");
}

#[test]
fn a_cache_stays_within_its_size() {
    let reference = reference();
    let folder = Scratch::empty();
    let cache = folder.path("cache");
    let bytes = |cache: &Path| -> u64 {
        let sizes = entries(cache).into_iter();
        sizes.map(|file| file.metadata().unwrap().len()).sum()
    };
    build(&site(), &cache);
    let half = bytes(&cache) / 2;
    for _ in 0..2 {
        let site = site();
        let config = site.text("planche.yml");
        site.write("planche.yml", format!("{config}cache: {{ max: {half} }}\n"));
        fs::remove_dir_all(cache.join("variants")).unwrap();
        build(&site, &cache);
        assert!(bytes(&cache) <= half, "{} > {half}", bytes(&cache));
        assert!(!entries(&cache).is_empty());
        let mut files = site.files();
        files.insert("planche.yml".to_owned(), config.into_bytes());
        assert_eq!(changed(&reference, &files), [""; 0]);
    }
}

#[test]
fn a_kill_while_the_cache_is_written_does_no_harm() {
    let is_there = Command::new("strace").arg("-V").output();
    if !is_there.is_ok_and(|run| run.status.success()) {
        return skip(Need::Strace, "strace kills at a system call");
    }
    let reference = reference();
    // System calls that give an entry its name, lock a lease, and write an entry's bytes.
    for (call, when) in [
        ("renameat2", 1),
        ("renameat2", 3),
        ("flock", 2),
        ("write", 12),
    ] {
        let folder = Scratch::empty();
        let cache = folder.path("cache");
        let site = site();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        strace.arg(format!("inject={call}:signal=KILL:when={when}"));
        strace
            .arg(env!("CARGO_BIN_EXE_planche"))
            .args(["build", "--jobs", "1"]);
        strace
            .current_dir(site.folder())
            .env("PLANCHE_CACHE", &cache);
        let killed = strace.output().unwrap();
        assert!(!killed.status.success(), "{call} {when}: {killed:?}");
        build(&site, &cache);
        same(&site, &reference);
        let run = build(&self::site(), &cache);
        assert!(
            run.findings()
                .iter()
                .all(|one| one.code != "unusable-cache"),
            "{run:#?}"
        );
    }
}

#[test]
fn built_pages_use_the_cache_too() {
    let folder = Scratch::empty();
    let cache = folder.path("cache");
    let page = || {
        let site = Scratch::empty();
        site.copy_upload("logo.png", "public/uploads/logo.png");
        site.write(
            "public/index.html",
            "<!doctype html><title>x</title><img src=\"/uploads/logo.png\" alt=\"\">",
        );
        site
    };
    let html = |site: &Scratch| {
        let mut command = site.command(&["html", "public", "--format", "json"]);
        Run::of(command.env("PLANCHE_CACHE", &cache).output().unwrap()).exits(0)
    };
    let (first, second) = (page(), page());
    let run = html(&first);
    assert!(
        encoded(&run) > 0 && run.count("/variants/from_cache") == 0,
        "{run:#?}"
    );
    let run = html(&second);
    assert_eq!(encoded(&run), 0, "{run:#?}");
    assert_eq!(changed(&first.files(), &second.files()), [""; 0]);
}

#[test]
#[cfg(not(feature = "remote"))]
fn an_object_store_needs_another_build_of_the_program() {
    let site = site();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}cache: {{ url: \"s3://bucket/x\" }}\n"),
    );
    let run = site.planche(&[]).exits(2);
    assert!(run.err.contains("planche.yml:4:15"), "{run:#?}");
    assert!(
        run.err.contains("packages") && run.err.contains("--features remote"),
        "{run:#?}"
    );
    assert_eq!(site.variants(), [""; 0]);
}
