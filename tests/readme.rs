//! Checks that the program prints and writes what the README shows.

use std::fs;
use std::path::Path;
use std::process::Command;

use planche::internal::config::{Config, FILE};
use planche::internal::preset::Presets;

use crate::scratch::Scratch;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// Returns the content of the fenced blocks in this language, in order.
fn blocks<'r>(readme: &'r str, language: &str) -> Vec<&'r str> {
    let fence = format!("```{language}\n");
    readme
        .match_indices(&fence)
        .map(|(at, fence)| {
            let rest = &readme[at + fence.len()..];
            &rest[..rest.find("\n```").unwrap() + 1]
        })
        .collect()
}

/// Copies the sample site from the repository.
fn sample_site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(root.join(FILE), folder.path().join(FILE)).unwrap();
    for part in ["articles", "uploads"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    let stripped = planche(folder.path(), &["strip", "--quiet"]);
    assert!(stripped.is_empty(), "{stripped}");
    folder
}

fn copy(from: &Path, to: &Path) {
    if from.ends_with("uploads/variants") {
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// Runs the program and returns what it prints.
fn planche(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_planche"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Returns the lines without the duration at the end of the first one.
fn without_seconds(lines: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = lines.lines().collect();
    lines[0] = lines[0].rsplit_once(" – ").unwrap().0;
    lines
}

#[test]
fn the_first_command_prints_and_writes_what_the_readme_shows() {
    let site = sample_site();
    let printed = planche(site.path(), &["build", "--progress", "never"]);
    let readme = readme();
    let shown = blocks(&readme, "text");
    assert_eq!(without_seconds(printed.trim()), without_seconds(shown[0]));
    let article = "articles/2023-01-03-rencontre-a-prague.markdown";
    let article = fs::read_to_string(site.path().join(article)).unwrap();
    let diff = blocks(&readme, "diff")[0];
    let new: Vec<&str> = diff
        .lines()
        .map(|line| line.strip_prefix(['+', ' ']).unwrap())
        .collect();
    assert!(
        new.len() > 10 && article.contains(&new.join("\n")),
        "{diff}"
    );
}

#[test]
fn the_settings_of_the_readme_are_valid() {
    let readme = readme();
    let [config, preset] = blocks(&readme, "yaml")[..] else {
        panic!("a configuration and a preset");
    };
    let config = Config::read(FILE, config).unwrap();
    assert_eq!(config.rules.len(), 2);
    let (_, findings) = Presets::read([("presets/x.yml", preset)]);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn every_published_figure_names_its_bench() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
    let page = fs::read_to_string(page).unwrap();
    let figures = page.split("## Figures\n").nth(1).unwrap();
    let manifest = include_str!("../Cargo.toml");
    let mut benches = 0;
    for (at, mark) in figures.match_indices("`cargo bench --bench ") {
        let name = figures[at + mark.len()..].split('`').next().unwrap();
        assert!(
            manifest.contains(&format!("[[bench]]\nname = \"{name}\"")),
            "{name}"
        );
        benches += 1;
    }
    assert!(benches >= 4);
    let row = |line: &&str| line.starts_with("| ") && !line.starts_with("| what");
    for line in figures.lines().filter(row) {
        let figure = line.split('|').nth(2).unwrap();
        assert!(figure.contains(|c: char| c.is_ascii_digit()), "{line}");
    }
}

#[test]
fn every_command_is_in_the_readme() {
    let help = Command::new(env!("CARGO_BIN_EXE_planche"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap();
    let readme = readme();
    let mut count = 0;
    for line in commands.lines().take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap();
        let shown = if name == "build" { "[build]" } else { name };
        if name != "help" {
            assert!(readme.contains(&format!("`planche {shown}")), "{name}");
            count += 1;
        }
    }
    assert!(count > 5, "{help}");
}

/// Returns the French README.
fn french() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.fr.md")).unwrap()
}

/// Replaces no-break spaces by ordinary ones, with which the French README is written.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn the_french_readme_shows_what_the_program_prints_in_french() {
    let site = sample_site();
    let printed = planche(
        site.path(),
        &["build", "--progress", "never", "--lang", "fr"],
    );
    let readme = french();
    let [check, build] = blocks(&readme, "text")[..] else {
        panic!("a check and a build");
    };
    let printed = plain(printed.trim());
    assert_eq!(without_seconds(&printed), without_seconds(build));
    assert_eq!(blocks(&readme, "diff"), blocks(&self::readme(), "diff"));

    let site = Scratch::empty();
    site.write("_config.yml", "title: La mairie\n");
    site.write("uploads/foto.jpg", "");
    let article = "---\nimage: /uploads/Foto.jpg\n---\n";
    site.write("_posts/2024-05-02-fete.md", article);
    let printed = planche(site.folder(), &["check", "--lang", "fr"]);
    assert!(plain(&printed).contains(check), "{printed}");
}

#[test]
fn the_french_readme_names_every_command_of_the_english_one() {
    let names = |readme: &str| -> Vec<String> {
        let rows = readme
            .lines()
            .filter(|line| line.starts_with("| `planche "));
        rows.map(|row| row.split_whitespace().nth(2).unwrap().replace('`', ""))
            .collect()
    };
    let french = names(&french());
    assert_eq!(french, names(&readme()));
    assert!(french.len() > 10);
}
