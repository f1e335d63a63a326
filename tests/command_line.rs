//! The command line: arguments, output, exit codes, and runs concurrent with an editor, another
//! run, or a signal.

/// `check` in a checkout without the variants.
mod checking;
/// What `clean` removes and keeps.
mod cleaning;
/// Runs concurrent with another run, an editor, a signal or a kill.
mod concurrent;
/// Files that change without a new size or time, and options that change.
mod stamps;

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::Path;

use crate::records::check_records;
use crate::scratch::{Run, Scratch};

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
    assert!(page.contains("Exit codes:"), "{page}");
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

#[test]
#[cfg_attr(not(feature = "bench"), ignore = "needs the feature bench")]
fn the_manual_page_and_completions_are_french_where_asked() {
    let folder = Scratch::empty();
    let page = folder.planche(&["man", "--lang", "fr"]).exits(0).out;
    let headings: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with(".SH"))
        .collect();
    assert_eq!(
        headings,
        [
            ".SH \"NOM\"",
            ".SH \"SYNOPSIS\"",
            ".SH \"DESCRIPTION\"",
            ".SH \"ARGUMENTS\"",
            ".SH \"OPTIONS\"",
            ".SH \"RESSOURCES\"",
            ".SH \"SORTIE\"",
            ".SH \"DURÉES\"",
            ".SH \"COMMANDES\"",
            ".SH \"CODE DE RETOUR\"",
            ".SH \"VERSION\"",
        ]
    );
    assert!(page.contains("Vérifie que tout est à jour"), "{page}");
    let zsh = folder.planche(&["completions", "zsh", "--lang", "fr"]);
    let zsh = zsh.exits(0).out;
    // Values keep their English names, but have French descriptions.
    assert!(zsh.contains("never\\:\""), "{zsh}");
    assert!(!zsh.contains("Print a shell completion script"), "{zsh}");
    let english = folder.planche(&["completions", "zsh", "--lang", "en"]);
    assert!(english.out.contains("Print a shell completion script"));
}

/// Creates and builds a site with one article and one image.
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
    // A folder of a site, given as the site's folder, is refused instead of being opened as a site.
    let run = command(&["check", "."]).exits(2);
    assert!(run.err.contains("is a folder of the site"), "{run:#?}");
    let nowhere = Scratch::empty();
    let run = nowhere.planche(&["check"]).exits(2);
    assert!(run.err.contains("no site found in"), "{run:#?}");
}

/// Returns what a run prints when standard error is a terminal. Standard output goes to the file
/// `out`.
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
    // Reading from the terminal fails once all its writers have closed it.
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
fn options_may_come_before_a_command_and_misspelt_commands_are_explained() {
    let site = built_site();
    for arguments in [
        &["-q", "build", "."][..],
        &["--jobs", "1", "check", "."],
        &["--color", "never", "strip", "--dry-run"],
    ] {
        site.planche(arguments).exits(0);
    }
    let run = site.planche(&["biuld"]).exits(2);
    let hint = "did you mean the command `build`?";
    assert!(run.err.contains(hint), "{run:#?}");
}

#[test]
fn a_quiet_check_prints_no_plan_and_advice_repeats_the_command_as_it_was_given() {
    let site = Scratch::site();
    for name in ["a", "b", "c", "d"] {
        site.copy_upload("2023/atelier.jpg", &format!("uploads/{name}.jpg"));
        site.write_article(
            &format!("articles/{name}.md"),
            &format!("/uploads/{name}.jpg"),
        );
    }
    let run = site.planche(&["check", ".", "--quiet"]).exits(1);
    assert_eq!(run.out, "");
    for arguments in ["build . --dry-run", "strip --dry-run"] {
        let command: Vec<&str> = arguments.split(' ').collect();
        let run = site.planche(&command).exits(0);
        let advice = format!("… and 1 more diff: `planche {arguments} --all`\n");
        assert!(run.out.ends_with(&advice), "{run:#?}");
        site.planche(&["build", "-q"]).exits(0);
    }
}

#[test]
fn a_variant_that_cannot_be_written_is_a_failure_of_the_system() {
    let site = built_site();
    site.copy_upload("portrait.jpg", "uploads/sub/portrait.jpg");
    site.write_article("articles/b.md", "/uploads/sub/portrait.jpg");
    // A file where a folder has to be created stops even root.
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
