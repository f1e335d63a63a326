use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::generators::{all, fixture, on_path, tools};
use crate::scratch::{Scratch, changed};

#[test]
fn a_site_is_as_it_was_where_all_that_init_says_is_removed() {
    for (generator, sign) in [
        ("jekyll", ("_config.yml", "exclude: [a]\n")),
        ("hugo", ("hugo.toml", "")),
        ("eleventy", (".eleventy.js", "")),
        ("zola", ("config.toml", "base_url = 'https://x.org'\n")),
        ("astro", ("astro.config.mjs", "")),
    ] {
        let site = Scratch::empty();
        site.write(sign.0, sign.1);
        let before = site.files();
        let run = site.planche(&["init"]).exits(0);
        assert!(
            run.err.contains(&format!("for {generator} (recognised)")),
            "{run:#?}"
        );
        assert!(
            run.err
                .contains("\nto build the site:\n  planche build\n  "),
            "{run:#?}"
        );
        let undo = run
            .err
            .lines()
            .find(|line| line.starts_with("to undo it: "))
            .unwrap();
        let named = undo.split("remove ").nth(1).unwrap().replace(" and ", ", ");
        for name in named.split(", ").filter(|name| !name.ends_with('/')) {
            assert!(site.path(name).is_file(), "{name}");
            std::fs::remove_file(site.path(name)).unwrap();
        }
        let differs = changed(&before, &site.files());
        // `exclude:` may stay: it leaves out what is not there.
        let expected: &[&str] = if generator == "jekyll" {
            &["_config.yml"]
        } else {
            &[]
        };
        assert_eq!(differs, expected);
    }
}

#[test]
fn what_is_there_is_kept_unless_forced() {
    let site = Scratch::empty();
    site.write("_config.yml", "");
    site.write("_includes/planche.html", "mine");
    let run = site.planche(&["init"]).exits(0);
    assert!(
        run.err
            .contains("kept `_includes/planche.html`, which was there"),
        "{run:#?}"
    );
    assert_eq!(site.text("_includes/planche.html"), "mine");
    assert!(site.path("_includes/planche-content.html").is_file());
    // A second time there is nothing that could be written unasked.
    site.write("planche.yml", "generator: jekyll\n");
    let before = site.files();
    let run = site.planche(&["init"]).exits(2);
    assert!(
        run.err
            .contains("`planche.yml`, `_includes/planche.html` exist"),
        "{run:#?}"
    );
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    site.planche(&["init", "--force"]).exits(0);
    assert_eq!(
        changed(&before, &site.files()),
        ["_includes/planche.html", "planche.yml"]
    );
    site.planche(&["init"]).exits(2);
}

#[test]
fn a_configuration_that_cannot_be_edited_safely_is_left_alone() {
    let site = Scratch::empty();
    let config = "exclude: README.md\n";
    site.write("_config.yml", config);
    let run = site.planche(&["init"]).exits(0);
    assert_eq!(site.text("_config.yml"), config);
    assert!(
        run.err
            .contains("add to `exclude:` in it: planche.yml, presets, .planche"),
        "{run:#?}"
    );
}

#[test]
fn hooks_are_for_those_who_ask() {
    let site = Scratch::empty();
    site.write("_config.yml", "");
    site.planche(&["init", "--hook"]).exits(0);
    let hook = site.text("_plugins/planche.rb");
    assert!(hook.lines().count() < 40);
    let run = site.planche(&["init", "hugo", "--hook"]).exits(2);
    assert!(run.err.contains("there is no hook for hugo"), "{run:#?}");
    assert!(!site.path("layouts").exists());
}

/// The folder of the program under test, and of what the generators need.
fn path_with_planche() -> std::ffi::OsString {
    let planche = std::path::Path::new(env!("CARGO_BIN_EXE_planche"))
        .parent()
        .unwrap()
        .to_owned();
    let folders = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(planche).chain(std::env::split_paths(&folders))).unwrap()
}

const ARTICLE: &str = "---\ntitle: A\nimage: /uploads/logo.png\n---\n";

#[test]
fn jekylls_hook_runs_planche_before_the_site_is_read() {
    let Some(site) = fixture("jekyll").site("") else {
        return;
    };
    site.planche(&["init", "jekyll", "--hook"]).exits(0);
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write("_actualites/a.md", ARTICLE);
    let build = |path: &std::ffi::OsStr| {
        let jekyll = on_path("jekyll").unwrap();
        let output = Command::new(jekyll)
            .args(["build", "--disable-disk-cache"])
            .env("PATH", path)
            .current_dir(site.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:#?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (site.text("_site/a/index.html"), said)
    };
    // Without the program, the site is built all the same.
    let folder = tempfile::tempdir().unwrap();
    let stand_in = folder.path().join("planche");
    std::fs::write(&stand_in, "#!/bin/sh\nexit 1\n").unwrap();
    std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
    let folders = std::env::var_os("PATH").unwrap();
    let failing = std::env::join_paths(
        std::iter::once(folder.path().to_owned()).chain(std::env::split_paths(&folders)),
    )
    .unwrap();
    let (html, said) = build(&failing);
    assert!(html.contains("src=\"/uploads/logo.png\""), "{html}");
    assert!(said.contains("planche:"), "{said}");

    let (html, _) = build(&path_with_planche());
    assert!(html.contains("/uploads/variants/logo-"), "{html}");
    assert!(site.text("_actualites/a.md").contains("image_responsive:"));
    // Ours is not published.
    for name in ["planche.yml", "presets"] {
        assert!(!site.path("_site").join(name).exists(), "{name}");
    }
}

#[test]
fn eleventys_plugin_runs_planche_before_the_site_is_read() {
    let Some(site) = fixture("eleventy").site("") else {
        return;
    };
    let config = site.text("eleventy.config.mjs");
    site.write(
        "eleventy.config.mjs",
        config.replace("addPlugin(planche)", "addPlugin(planche, { build: true })"),
    );
    site.copy_upload("logo.png", "uploads/logo.png");
    site.write("actualites/a.md", ARTICLE);
    let eleventy = tools().join("node_modules/@11ty/eleventy/cmd.cjs");
    let output = Command::new("node")
        .arg(eleventy)
        .env("PATH", path_with_planche())
        .current_dir(site.folder())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:#?}");
    let html = site.text("_site/a/index.html");
    assert!(html.contains("/img/variants/logo-"), "{html}");
    let first = html
        .split("src=\"/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        site.path("_site").join(first).is_file(),
        "the variants are passed through: {first}"
    );
}

/// The records of the manifest are those of the front matter, and a template finds them.
#[test]
fn a_jekyll_template_finds_a_record_in_the_manifest() {
    let Some(site) = fixture("jekyll").site("") else {
        return;
    };
    site.write(
        "planche.yml",
        "output: { manifest: _data/planche.yml }\nfront_matter: { write: false }\n",
    );
    site.copy_upload("logo.png", "uploads/a b.png");
    site.write(
        "_actualites/a.md",
        "---\ntitle: A\nimage: /uploads/a b.png\n---\n",
    );
    site.write(
        "_layouts/page.html",
        "{% assign r = site.data.planche.images[page.image].card %}{% include planche.html src=page.image record=r %}",
    );
    site.planche(&[]).exits(0);
    fixture("jekyll").build(&site);
    let html = site.text("_site/a/index.html");
    assert!(html.contains("srcset=\"/uploads/variants/a-b-"), "{html}");
}

/// What a guide shows of `planche init` is what it prints.
#[test]
fn the_guides_show_what_init_prints() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (generator, sign) in [
        ("jekyll", ("_config.yml", "title: A\n")),
        ("hugo", ("hugo.toml", "")),
        (
            "eleventy",
            (
                "eleventy.config.js",
                "eleventyConfig.addPassthroughCopy(\"img\")",
            ),
        ),
        ("zola", ("config.toml", "base_url = 'https://x.org'\n")),
        ("astro", ("astro.config.mjs", "")),
    ] {
        let guide = std::fs::read_to_string(docs.join(format!("{generator}.md"))).unwrap();
        let shown = guide.split("$ planche init\n").nth(1).unwrap();
        let shown: Vec<&str> = shown.lines().take_while(|line| *line != "…").collect();
        assert!(shown.len() >= 4, "{generator}: {shown:?}");
        let site = Scratch::empty();
        site.write(sign.0, sign.1);
        let printed = site.planche(&["init"]).exits(0).err;
        assert!(
            printed.starts_with(&(shown.join("\n") + "\n")),
            "{generator}: {printed}"
        );
    }
}

/// A guide names only what the program knows.
#[test]
fn the_guides_name_real_commands_flags_and_findings() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = vec![root.join("README.fr.md")];
    texts.extend(
        std::fs::read_dir(root.join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    texts.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    assert!(texts.len() >= 9);
    let help = |command: &[&str]| {
        Scratch::empty()
            .planche(&[command, &["--help"]].concat())
            .exits(0)
            .out
    };
    let general = help(&[]);
    let mut flags = 0;
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap();
        let place = path.display();
        // Code spans, and the lines of fenced blocks; a sentence may begin with the name too.
        let spans = text
            .match_indices("`planche ")
            .map(|(at, _)| &text[at + 1..]);
        let blocks = text.split("```").skip(1).step_by(2);
        let lines = blocks.flat_map(|block| {
            block
                .match_indices("\nplanche ")
                .map(move |(at, _)| &block[at + 1..])
        });
        for call in spans.chain(lines) {
            let call: String = call
                .chars()
                .take_while(|c| !matches!(c, '`' | '\n' | '#'))
                .collect();
            let mut words = call.split_whitespace().skip(1);
            // Alone it is a build.
            let Some(command) = words.next() else {
                continue;
            };
            let is_flag = command.starts_with('-');
            assert!(
                is_flag || general.contains(&format!("\n  {command} ")),
                "{place}: {call}"
            );
            let help = if is_flag {
                general.clone()
            } else {
                help(&[command])
            };
            for flag in words
                .chain(is_flag.then_some(command))
                .filter(|word| word.starts_with("--"))
            {
                assert!(help.contains(flag), "{place}: {call}");
                flags += 1;
            }
        }
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap();
            if !link.is_empty() {
                assert!(
                    path.parent().unwrap().join(link).is_file(),
                    "{place}: {link}"
                );
            }
        }
        for block in text.split("```yaml\n# planche.yml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            planche::config::Config::read("planche.yml", block)
                .unwrap_or_else(|finding| panic!("{place}: {finding}"));
        }
        // The table of findings.
        for row in text
            .lines()
            .filter(|line| line.starts_with("| `") && line.contains('-'))
        {
            let code = row.split('`').nth(1).unwrap();
            if path.ends_with("docs/README.md") {
                assert!(
                    planche::finding::Code::ALL
                        .iter()
                        .any(|known| known.as_str() == code),
                    "{row}"
                );
            }
        }
    }
    assert!(flags >= 3, "{flags}");
}

#[test]
fn every_generator_has_a_kit() {
    for generator in all() {
        let site = Scratch::empty();
        site.planche(&["init", generator.name]).exits(0);
        let written = site.names();
        assert!(written.len() >= 2, "{written:?}");
        for name in written {
            let text = site.text(&name);
            assert!(
                !text.contains("http://") && !text.contains("TODO"),
                "{name}"
            );
        }
    }
}
