//! The command line: arguments, output, exit codes, and runs concurrent with an editor, another
//! run, or a signal.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use crate::records::check_records;
use crate::scratch::{Run, Scratch, changed};

#[test]
#[cfg_attr(not(feature = "bench"), ignore = "needs the feature bench")]
fn the_output_matches_the_cases() {
    trycmd::TestCases::new()
        .register_bin("planche", Path::new(env!("CARGO_BIN_EXE_planche")))
        .case("tests/cmd/*.trycmd");
}

#[test]
#[cfg_attr(not(feature = "bench"), ignore = "needs the feature bench")]
fn every_command_has_a_manual_page() {
    let folder = Scratch::empty();
    let page = folder.planche(&["man"]).exits(0).out;
    assert!(page.contains("\n.TH planche 1"), "{page}");
    assert!(page.contains("Exit status:"), "{page}");
    let commands = [
        "build",
        "check",
        "explain",
        "watch",
        "bench",
        "strip",
        "clean",
        "init",
        "schema",
        "completions",
        "man",
    ];
    for command in commands {
        assert!(
            page.contains(&format!("\nplanche\\-{command}(1)\n")),
            "{command}: {page}"
        );
        let page = folder.planche(&["man", command]).exits(0).out;
        assert!(
            page.contains(&format!("\n.TH planche-{command} 1")),
            "{page}"
        );
    }
}

/// A site with one article and one image, built.
fn built_site() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write_article("articles/a.md", "/uploads/logo.png");
    site.planche(&[]).exits(0);
    site
}

fn has_record(text: &str) -> bool {
    text.contains("image_responsive:")
}

/// Writes a file in place as an editor would that restores the time.
fn overwrite_unseen(path: &Path, bytes: &[u8]) {
    let before = fs::metadata(path).unwrap();
    assert_eq!(before.len(), bytes.len() as u64);
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
}

#[test]
fn an_article_of_equal_size_and_time_is_seen_to_be_another() {
    let site = built_site();
    site.copy_upload("graphique-visites.png", "uploads/bars.png");
    // Each round may fall into one tick of the file system's clock, or not.
    for _ in 0..5 {
        for name in ["logo", "bars"] {
            let text = format!("---\nimage: /uploads/{name}.png\nplanche: false\n---\n");
            site.write("articles/b.md", &text);
            site.planche(&[]).exits(0);
            let text = text.replace("planche: false", "planche: true ");
            overwrite_unseen(&site.path("articles/b.md"), text.as_bytes());
            site.planche(&[]).exits(0);
            let text = site.text("articles/b.md");
            assert!(
                text.contains(&format!("/uploads/variants/{name}-")),
                "{text}"
            );
        }
    }
}

/// An uncompressed PNG of one colour: all of one size.
fn plain_png(colour: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(
        &mut bytes,
        CompressionType::Uncompressed,
        FilterType::NoFilter,
    );
    let pixels = vec![colour; 40 * 30 * 3];
    encoder
        .write_image(&pixels, 40, 30, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

#[test]
fn an_upload_of_equal_size_and_time_is_seen_to_be_another() {
    let site = Scratch::site();
    site.write_article("articles/a.md", "/uploads/plain.png");
    site.write("uploads/plain.png", plain_png(0));
    site.planche(&[]).exits(0);
    let mut seen = site.text("articles/a.md");
    for colour in 1..10 {
        overwrite_unseen(&site.path("uploads/plain.png"), &plain_png(colour * 20));
        let run = site.planche(&["--format", "json"]).exits(0);
        assert_eq!(run.count("/variants/written"), 1, "{run:#?}");
        let text = site.text("articles/a.md");
        assert_ne!(text, seen);
        seen = text;
    }
    check_records(&site);
}

#[test]
fn a_changed_option_makes_new_variants_and_a_rewritten_one_is_fresh() {
    let site = built_site();
    let first = site.text("articles/a.md");
    site.write(
        "presets/card.yml",
        "widths: [320, 480]\nsizes: 20em\nquality: 50\n",
    );
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 2, "{run:#?}");
    let second = site.text("articles/a.md");
    assert!(second.contains("20em") && first != second);
    fs::remove_file(site.path("presets/card.yml")).unwrap();
    let run = site.planche(&["--format", "json"]).exits(0);
    assert_eq!(run.count("/variants/written"), 0, "{run:#?}");
    assert_eq!(site.text("articles/a.md"), first);
}

/// Holds the lock of a site as another run would.
fn hold_lock(site: &Scratch) -> File {
    let mut lock = File::create(site.path(".planche/lock")).unwrap();
    lock.write_all(b"process 4711\n").unwrap();
    lock.try_lock().unwrap();
    lock
}

#[test]
fn a_locked_site_is_left_alone_and_its_holder_named() {
    let site = built_site();
    site.write_article("articles/b.md", "/uploads/logo.png");
    let before = site.files();
    let lock = hold_lock(&site);
    // These take no lock.
    site.planche(&["check"]).exits(1);
    site.planche(&["--dry-run"]).exits(0);
    let run = site.planche(&[]).exits(2);
    assert!(
        run.err.contains("another run holds the lock: process 4711"),
        "{run:#?}"
    );
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    drop(lock);
    site.planche(&[]).exits(0);
    assert!(has_record(&site.text("articles/b.md")));
}

#[test]
fn a_run_waits_for_another_to_end() {
    let site = built_site();
    site.write_article("articles/b.md", "/uploads/logo.png");
    let lock = hold_lock(&site);
    let waiting = start(&site, &[]);
    drop(lock);
    finish(waiting).exits(0);
    assert!(has_record(&site.text("articles/b.md")));
}

fn start(site: &Scratch, arguments: &[&str]) -> Child {
    let mut command = site.command(arguments);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finish(child: Child) -> Run {
    Run::of(child.wait_with_output().unwrap())
}

fn signal(child: &Child, name: &str) {
    let script = format!("kill -{name} {}", child.id());
    // A process that has already ended cannot be signalled.
    let _ = Command::new("sh").args(["-c", &script]).status().unwrap();
}

/// Waits until at least `count` variants exist, or the run has ended.
fn wait_for_variants(site: &Scratch, child: &mut Child, count: usize) {
    while site.variants().len() < count && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The temporary files of the program, wherever they lie.
fn temporary_files(site: &Scratch) -> Vec<String> {
    let mut names = site.names();
    names.retain(|name| name.contains(".planche-"));
    names
}

#[test]
fn a_run_that_is_killed_leaves_every_article_old_or_new_and_the_next_one_finishes() {
    let whole = Scratch::sample();
    let old = whole.files();
    whole.planche(&[]).exits(0);
    let new = whole.files();
    let site = Scratch::sample();
    for count in [1, 2, 5, 12, 20, 30, 40, usize::MAX] {
        let mut child = start(&site, &[]);
        if count == usize::MAX {
            // As soon as the first article is rewritten.
            while changed(&old, &site.files())
                .iter()
                .all(|name| name.starts_with("uploads/"))
                && child.try_wait().unwrap().is_none()
            {}
        } else {
            wait_for_variants(&site, &mut child, count);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for (name, bytes) in site.files() {
            if name.contains(".planche-") {
                continue;
            }
            let is_known = old.get(&name) == Some(&bytes) || new.get(&name) == Some(&bytes);
            assert!(is_known, "{name} is neither old nor new");
        }
        check_records(&site);
    }
    site.planche(&[]).exits(0);
    assert_eq!(changed(&new, &site.files()), [""; 0]);
}

#[test]
fn leftovers_of_a_killed_run_are_swept_and_an_edit_in_them_is_restored() {
    let site = built_site();
    let expected = site.files();
    let swap = |old: &[u8], new: &[u8], article: &str| {
        let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..16].to_owned();
        format!(
            "articles/.planche-{}-{}-{}.swap",
            hash(old),
            hash(new),
            hash(article.as_bytes())
        )
    };
    let now = expected["articles/a.md"].clone();
    let before = b"---\nimage: /uploads/logo.png\n---\nText.\n";
    site.write("articles/.planche-77-0.tmp", "half an art");
    site.write("uploads/variants/.planche-77-1.tmp", "half a variant");
    site.write(".planche/.planche-77-2.tmp", "half a ledger");
    site.write(&swap(before, &now, "a.md"), before);
    site.planche(&[]).exits(0);
    assert_eq!(changed(&expected, &site.files()), [""; 0]);
    assert!(!site.path(".planche/.planche-77-2.tmp").exists());
    // Between the exchange and the comparison: what came back was an editor's.
    let edit = b"---\nimage: /uploads/logo.png\n---\nText by an editor.\n";
    site.write(&swap(before, &now, "a.md"), edit);
    let run = site.planche(&["--format", "json"]).exits(1);
    assert_eq!(run.findings()[0].code, "article-changed", "{run:#?}");
    assert_eq!(temporary_files(&site), [""; 0]);
    site.planche(&[]).exits(0);
    let text = site.text("articles/a.md");
    assert!(
        text.ends_with("Text by an editor.\n") && has_record(&text),
        "{text}"
    );
}

#[test]
fn strip_sweeps_too() {
    let site = built_site();
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..16].to_owned();
    let (built, edit) = (
        site.text("articles/a.md"),
        "---\ntitle: T\n---\nAn editor's.\n",
    );
    let swap = format!(
        "articles/.planche-{}-{}-{}.swap",
        hash(b"before"),
        hash(built.as_bytes()),
        hash(b"a.md")
    );
    site.write(&swap, edit);
    site.write("articles/.planche-77-0.tmp", "half an art");
    site.planche(&["strip", "--dry-run"]).exits(0);
    assert_eq!(temporary_files(&site).len(), 2);
    let run = site.planche(&["strip", "--format", "json"]).exits(1);
    assert_eq!(run.findings()[0].code, "article-changed", "{run:#?}");
    assert_eq!(temporary_files(&site), [""; 0]);
    assert_eq!(site.text("articles/a.md"), edit);
}

#[test]
fn an_edit_during_a_build_is_kept() {
    let site = Scratch::sample();
    let article = "articles/galerie.md";
    let mut child = start(&site, &["--format", "json"]);
    wait_for_variants(&site, &mut child, 1);
    signal(&child, "STOP");
    let edited = format!("{}One more line.\n", site.text(article));
    site.write(article, &edited);
    signal(&child, "CONT");
    let run = finish(child);
    if run.code == Some(1) {
        assert_eq!(site.text(article), edited);
        let findings = run.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].code, "article-changed");
        assert_eq!(findings[0].file.as_deref(), Some(article));
    }
    site.planche(&[]).exits(0);
    let text = site.text(article);
    assert!(text.ends_with("One more line.\n"), "{text}");
    check_records(&site);
    site.planche(&["strip"]).exits(0);
    let stripped = site.text(article);
    assert!(
        edited == stripped || edited.contains("responsive_images"),
        "{stripped}"
    );
}

#[test]
fn a_signal_stops_the_run_and_the_next_one_goes_on() {
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        // A run that had ended before the signal came is tried again.
        let (site, run) = loop {
            let site = Scratch::sample();
            let mut child = start(&site, &[]);
            wait_for_variants(&site, &mut child, 1);
            signal(&child, name);
            let run = finish(child);
            if run.code != Some(0) {
                break (site, run);
            }
        };
        assert_eq!(run.code, Some(code), "{run:#?}");
        assert!(run.err.contains("interrupted"), "{run:#?}");
        assert_eq!(temporary_files(&site), [""; 0]);
        check_records(&site);
        let standing = site.variants().len() as u64;
        let run = site.planche(&["--format", "json"]).exits(0);
        assert_eq!(run.count("/variants/fresh"), standing, "{run:#?}");
    }
}

#[test]
fn clean_removes_what_nothing_uses_and_nothing_else() {
    let site = built_site();
    site.copy_upload("graphique-visites.png", "uploads/bars.png");
    site.write_article("articles/b.md", "/uploads/bars.png");
    site.planche(&[]).exits(0);
    let of_bars = |name: &String| name.starts_with("uploads/variants/bars-");
    let orphans: Vec<String> = site.variants().into_iter().filter(of_bars).collect();
    assert!(!orphans.is_empty());
    site.planche(&["clean"]).exits(0);
    assert_eq!(
        site.variants().into_iter().filter(of_bars).count(),
        orphans.len()
    );

    fs::remove_file(site.path("articles/b.md")).unwrap();
    site.write("uploads/variants/by-hand.webp", "mine");
    let before = site.files();
    let shown = site.planche(&["clean", "--dry-run"]).exits(0);
    assert_eq!(shown.out.lines().collect::<Vec<_>>(), orphans);
    let shown = site
        .planche(&["clean", "--dry-run", "--format", "json"])
        .exits(0)
        .json();
    let paths = shown["variants"].as_array().unwrap().iter();
    let paths: Vec<&str> = paths
        .map(|variant| variant["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        (paths, &shown["dry_run"]),
        (orphans.iter().map(String::as_str).collect(), &true.into())
    );
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    site.planche(&["clean"]).exits(0);
    assert_eq!(changed(&before, &site.files()), orphans);
    site.planche(&["check"]).exits(0);
}

#[test]
fn clean_keeps_a_variant_that_a_refused_or_opted_out_article_names() {
    let site = built_site();
    let record = site.text("articles/a.md");
    assert!(record.contains("/uploads/variants/logo-"));
    for text in [
        record.replace("---\nimage", "---\nbroken: \"\nimage"),
        record.replace("---\nimage", "---\nplanche: false\nimage"),
        record.replace("---\nimage", "---\nnot: \u{fffd}\nimage"),
    ] {
        site.write("articles/a.md", text);
        let before = site.files();
        let run = site.planche(&["clean"]).exits(0);
        // Some variants may exist without being listed, and so be named nowhere.
        for name in changed(&before, &site.files()) {
            let name = name.rsplit('/').next().unwrap();
            assert!(!record.contains(name), "{name}: {run:#?}");
        }
    }
}

#[test]
fn clean_removes_nothing_where_it_cannot_know() {
    let site = built_site();
    let config = site.text("planche.yml");
    site.write("articles/a.md", "No picture any more.\n");
    let unsound: [(&str, &dyn Fn()); 3] = [
        ("unknown preset", &|| {
            let rule = "rules: [{ at: body, preset: carousell }]\n";
            site.write("planche.yml", format!("{config}{rule}"));
        }),
        ("preset with a typo", &|| {
            site.write("planche.yml", &config);
            site.write("presets/own.yml", "width: [320]\n");
        }),
        ("unreadable folder", &|| {
            fs::remove_dir_all(site.path("presets")).unwrap();
            site.write(
                "planche.yml",
                config.replace("[\"articles/**\"", "[\"articles/**\", \"more/**\""),
            );
            symlink("more", site.path("more")).unwrap();
        }),
    ];
    for (what, prepare) in unsound {
        prepare();
        let before = site.files();
        let run = site.planche(&["clean"]).exits(2);
        assert!(run.err.contains("nothing was deleted"), "{what}: {run:#?}");
        assert_eq!(changed(&before, &site.files()), [""; 0], "{what}");
    }
    site.write("planche.yml", &config);
    site.planche(&["clean"]).exits(0);
    assert_eq!(site.variants(), [""; 0]);
}

#[test]
fn check_takes_articles_alone_where_variants_are_not_in_the_checkout() {
    let site = Scratch::sample();
    site.planche(&[]).exits(0);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.remove_state();
    site.planche(&["check"]).exits(1);
    site.planche(&["check", "--articles"]).exits(0);
    // Another image under an existing record.
    let article = "articles/galerie.md";
    let text = site.text(article);
    site.write(
        article,
        text.replacen("- /uploads/graphique-visites.png", "- /uploads/logo.png", 1),
    );
    let run = site.planche(&["check", "--articles"]).exits(1);
    assert_eq!(
        run.out,
        format!("would update {article}\n").as_str(),
        "{run:#?}"
    );
}

#[test]
fn check_sees_a_record_that_no_build_gave_also_without_the_variants() {
    let site = Scratch::site();
    for name in ["a", "b"] {
        site.copy_upload("2023/atelier.jpg", &format!("uploads/{name}.jpg"));
    }
    let article = "articles/a.md";
    site.write(
        article,
        "---\nimage: /uploads/a.jpg\ncover: /uploads/b.jpg\n---\n![](/uploads/a.jpg)\n",
    );
    site.planche(&["build"]).exits(0);
    let built = site.text(article);
    fs::remove_dir_all(site.path("uploads/variants")).unwrap();
    site.planche(&["check", "--articles"]).exits(0);
    let lines: Vec<&str> = built.lines().collect();
    let candidates: Vec<&&str> = lines
        .iter()
        .filter(|line| line.starts_with("    /uploads/variants/b-"))
        .collect();
    let [.., before_top, top] = candidates[..] else {
        panic!("{built}")
    };
    let (url, _) = before_top.trim().split_once(' ').unwrap();
    let (top_url, _) = top.trim().split_once(' ').unwrap();
    for (what, text) in [
        (
            "its reference is gone",
            built.replacen("cover: /uploads/b.jpg\n", "", 1),
        ),
        (
            "another width than that of `src`",
            built.replacen("  width: ", "  width: 1", 1),
        ),
        (
            "no largest rung",
            built
                .replacen(
                    &format!("{before_top}\n{top}\n"),
                    &format!("{}\n", before_top.trim_end_matches(',')),
                    1,
                )
                .replacen(&format!("src: {top_url}"), &format!("src: {url}"), 1),
        ),
        (
            "the rungs in another order",
            built.replacen(
                &format!("{}\n{}", candidates[0], candidates[1]),
                &format!("{}\n{}", candidates[1], candidates[0]),
                1,
            ),
        ),
    ] {
        assert_ne!(text, built, "{what}");
        site.write(article, &text);
        let run = site.planche(&["check", "--articles"]);
        assert_eq!(run.code, Some(1), "{what}: {run:#?}");
    }
    // A width that saves nothing is left out, which only its file size shows.
    site.write(
        article,
        built.replacen(&format!("{}\n", candidates[0]), "", 1),
    );
    site.planche(&["check", "--articles"]).exits(0);
}

#[test]
fn an_article_that_opts_out_is_left_as_it_is() {
    let site = built_site();
    let with_record = site.text("articles/a.md");
    let text = with_record.replace("---\nimage", "---\nplanche: false\nimage");
    site.write("articles/a.md", &text);
    site.write(
        "articles/b.md",
        "---\nplanche: false\nimage: /uploads/none.png\n---\n",
    );
    let run = site.planche(&["--strict", "--format", "json"]).exits(0);
    assert_eq!(run.findings(), []);
    assert_eq!(run.count("/originals/used"), 0);
    assert_eq!(site.text("articles/a.md"), text);
}

#[test]
fn an_allowed_finding_is_not_reported() {
    let site = built_site();
    let config = site.text("planche.yml");
    site.write_article("articles/old/b.md", "/uploads/none.png");
    site.planche(&["--strict"]).exits(1);
    let allow = "allow: [{ code: missing-upload, path: \"articles/old/**\" }]\n";
    site.write("planche.yml", format!("{config}{allow}"));
    let run = site.planche(&["--strict", "--format", "json"]).exits(0);
    assert_eq!(run.findings(), []);
    assert_eq!(run.count("/originals/missing"), 1);
    site.write_article("articles/c.md", "/uploads/none.png");
    site.planche(&["--strict"]).exits(1);
}

#[test]
fn the_site_is_the_nearest_folder_upwards() {
    let site = built_site();
    let command = |arguments: &[&str]| {
        let mut command = site.command(arguments);
        Run::of(command.current_dir(site.path("articles")).output().unwrap())
    };
    command(&["check"]).exits(0);
    command(&["check", ".."]).exits(0);
    // A folder of a site that is named is not taken for a site of its own.
    let run = command(&["check", "."]).exits(2);
    assert!(run.err.contains("is a folder of the site"), "{run:#?}");
    let nowhere = Scratch::empty();
    let run = nowhere.planche(&["check"]).exits(2);
    assert!(run.err.contains("no site found in"), "{run:#?}");
}

/// What a run prints to a terminal on standard error; standard output goes to the file `out`.
fn on_a_terminal(site: &Scratch, arguments: &[&str], no_colour: &str) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new())
        .unwrap()
        .into_string()
        .unwrap();
    let side = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name)
        .unwrap();
    let mut command = site.command(arguments);
    command.env("TERM", "xterm").env("NO_COLOR", no_colour);
    let out = File::create(site.path("out")).unwrap();
    let mut child = command.stderr(side).stdout(out).spawn().unwrap();
    drop(command);
    let mut printed = Vec::new();
    // The terminal ends with an error once its writers are gone.
    let _ = File::from(terminal).read_to_end(&mut printed);
    child.wait().unwrap();
    String::from_utf8(printed).unwrap()
}

#[test]
fn colours_go_to_terminals_that_want_them() {
    let site = built_site();
    site.write_article("articles/b.md", "/uploads/none.png");
    let plain = "warning[missing-upload]";
    let coloured = "\u{1b}[1;33mwarning[missing-upload]\u{1b}[0m";
    let printed = on_a_terminal(&site, &["check"], "");
    assert!(printed.contains(coloured), "{printed:?}");
    for arguments in [&["check"], &["build"]] {
        let printed = on_a_terminal(&site, arguments, "1");
        assert!(
            printed.contains(plain) && !printed.contains(coloured),
            "{printed:?}"
        );
    }
    let run = site.planche(&["check"]).exits(0);
    assert!(
        run.err.contains(plain) && !run.err.contains('\u{1b}'),
        "{run:#?}"
    );
    site.write_article("articles/c.md", "/uploads/logo.png");
    on_a_terminal(&site, &["--dry-run"], "");
    let diff = site.text("out");
    assert!(
        diff.contains("+image_responsive:\n") && !diff.contains('\u{1b}'),
        "{diff}"
    );
}

#[test]
fn the_list_of_a_data_file_is_at_its_root_under_zola_too() {
    let site = Scratch::empty();
    site.write("config.toml", "base_url = \"https://example.org\"\n");
    site.write("planche.yml", "data: [\"data/*.json\"]\n");
    site.copy_upload("logo.png", "static/logo.png");
    site.write("data/team.json", "{\"photos\": [\"/logo.png\"]}\n");
    site.write(
        "content/a.md",
        "+++\n[extra]\nphotos = [\"/logo.png\"]\n+++\n",
    );
    site.planche(&[]).exits(0);
    let data = site.text("data/team.json");
    assert!(
        data.starts_with("{\"photos\": [\"/logo.png\"], \"responsive_images\": [{\"original\""),
        "{data}"
    );
    let page = site.text("content/a.md");
    assert!(page.contains("\n[[extra.responsive_images]]\n"), "{page}");
    site.planche(&["check"]).exits(0);
}

#[test]
fn clean_keeps_what_an_article_names_that_the_configuration_leaves_out() {
    let site = Scratch::site();
    site.copy_upload("prague_schaer_CIO_une800.png", "uploads/prague.png");
    site.write_article("articles/a.md", "/uploads/prague.png");
    site.planche(&[]).exits(0);
    let variants = site.variants();
    assert_eq!(variants.len(), 4, "all of them are listed");
    for configuration in [
        "generator: none\ncontent: [\"post/*.md\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n",
        "generator: none\ncontent: [\"articles/**\"]\nexclude: [\"articles/**\"]\n",
    ] {
        site.write("planche.yml", configuration);
        site.planche(&["clean"]).exits(0);
        assert_eq!(site.variants(), variants, "{configuration}");
    }
    fs::remove_file(site.path("articles/a.md")).unwrap();
    site.planche(&["clean"]).exits(0);
    assert!(site.variants().is_empty());
}

#[test]
fn options_before_a_command_and_misspelt_commands_are_explained() {
    let site = built_site();
    for (arguments, hint) in [
        (
            &["-q", "build"][..],
            "options follow the command: `planche build …`",
        ),
        (&["biuld"], "did you mean the command `build`?"),
    ] {
        let run = site.planche(arguments).exits(2);
        assert!(run.err.contains(hint), "{run:#?}");
    }
}

#[test]
fn a_variant_that_cannot_be_written_is_a_failure_of_the_system() {
    let site = built_site();
    site.copy_upload("portrait.jpg", "uploads/sub/portrait.jpg");
    site.write_article("articles/b.md", "/uploads/sub/portrait.jpg");
    // A file where a folder is to be stops root too.
    site.write("uploads/variants/sub", "in the way");
    let run = site.planche(&["--format", "json"]).exits(2);
    let findings = run.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].code, "unwritable");
    assert_eq!(
        findings[0].file.as_deref(),
        Some("uploads/sub/portrait.jpg")
    );
    assert!(findings[0].hint.is_some());
    assert_eq!(check_records(&site).len(), 1, "the other article's stays");
}
