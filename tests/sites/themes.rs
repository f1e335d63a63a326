//! Nothing in a real theme breaks because of our keys: the corpus's Jekyll sites come to the same
//! HTML with and without records where no snippet is used.

use std::process::Command;

use super::generators::{fixture, on_path};
use crate::corpus;
use crate::needs::{Need, skip};
use crate::scratch::{Files, Scratch, changed};

/// The pages that Jekyll renders, or `None` if it cannot build the site.
fn html(site: &Scratch) -> Option<Files> {
    // The corpus has no themes and plugins: add a replacement for each missing part.
    for _ in 0..60 {
        let output = Command::new(on_path("jekyll")?)
            .args(["build", "--quiet", "--disable-disk-cache"])
            .current_dir(site.folder())
            .output()
            .unwrap();
        if output.status.success() {
            return Some(pages(site));
        }
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        let quoted = |mark: &str| {
            let rest = &error[error.find(mark)? + mark.len()..];
            rest.split('\'').next().map(str::to_owned)
        };
        if let Some(include) = quoted("Could not locate the included file '") {
            site.write(&format!("_includes/{include}"), "{{ include }}");
        } else if let Some(tag) = quoted("Unknown tag '") {
            site.write(
                &format!("_plugins/{tag}.rb"),
                format!(
                    "Liquid::Template.register_tag({tag:?}, Class.new(Liquid::Tag) {{ def render(context) = @markup }})\n"
                ),
            );
        } else {
            eprintln!("not built: {}", error.lines().next().unwrap_or_default());
            return None;
        }
    }
    None
}

fn pages(site: &Scratch) -> Files {
    let mut files = Scratch::copy_of(&site.path("_site")).files();
    // Jekyll copies an article without a page verbatim, with its records.
    let is_page = |name: &str| {
        [".html", ".xml", ".json", ".txt"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    files.retain(|name, _| is_page(name));
    files
}

/// A text without the times that Jekyll's plugins write.
fn without_times(files: Files) -> Files {
    let is_time = |line: &str| {
        line.contains("<updated>") || line.contains("<lastBuildDate>") || line.contains("<pubDate>")
    };
    files
        .into_iter()
        .map(|(name, bytes)| {
            if !name.ends_with(".xml") {
                return (name, bytes);
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let lines = text.lines().filter(|line| !is_time(line));
            (name, lines.collect::<Vec<_>>().join("\n").into_bytes())
        })
        .collect()
}

#[test]
fn real_jekyll_sites_come_to_the_same_pages_with_records() {
    let Some(sites) = corpus::folder("corpus/sites") else {
        return;
    };
    if !fixture("jekyll").is_here() {
        return;
    }
    let mut built = 0;
    for name in [
        "numerique-like-a",
        "eig-jekyll",
        "18f-jekyll",
        "opensource-guide-jekyll",
    ] {
        let site = Scratch::copy_of(&sites.join(name));
        // Their plugins are not part of the corpus, nor are their themes.
        let config = site.text("_config.yml");
        let without: String = config
            .lines()
            .map(|line| {
                let is_plugin = line.starts_with("plugins:")
                    || line.starts_with("gems:")
                    || line.starts_with("theme:");
                format!("{}{line}\n", if is_plugin { "unused_" } else { "" })
            })
            .collect();
        site.write("_config.yml", without);
        site.write(
            "presets/card.yml",
            "widths: [320]\nsizes: 100vw\neffort: 0\n",
        );
        site.write(
            "presets/article.yml",
            "widths: [320]\nsizes: 100vw\neffort: 0\n",
        );
        let Some(before) = html(&site) else {
            skip(
                Need::JekyllTheme,
                &format!("the installed Jekyll does not build {name}"),
            );
            continue;
        };
        let run = site.planche(&["--format", "json"]);
        assert!(run.count("/articles/changed") > 0, "{name}");
        let after = html(&site).unwrap();
        assert!(before.len() > 5, "{name}");
        assert_eq!(
            changed(&without_times(before), &without_times(after)),
            [""; 0],
            "{name}"
        );
        built += 1;
    }
    eprintln!("{built} sites of the corpus built by Jekyll");
    assert!(built > 0);
}
