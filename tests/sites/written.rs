use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::generators::{all, fixture, on_path, tools};
use crate::scratch::{Scratch, changed};

const SIGNS: [(&str, &str, &str); 5] = [
    ("jekyll", "_config.yml", "exclude: [a]\n"),
    ("hugo", "hugo.toml", ""),
    ("eleventy", ".eleventy.js", ""),
    ("zola", "config.toml", "base_url = 'https://x.org'\n"),
    ("astro", "astro.config.mjs", ""),
];

/// The lines that explain how to undo `init`.
fn undo(printed: &str) -> Vec<&str> {
    let lines = printed.lines().skip_while(|line| *line != "to undo this:");
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    lines.map(str::trim).collect()
}

#[test]
fn a_site_is_as_it_was_after_all_that_init_says_to_undo_it() {
    for (generator, name, text) in SIGNS {
        let site = Scratch::empty();
        site.write(name, text);
        let before = site.files();
        let run = site.planche(&["init"]).exits(0);
        let first = run.err.lines().next().unwrap_or_default().to_lowercase();
        assert_eq!(
            first,
            format!("generator: {generator} (detected)"),
            "{run:#?}"
        );
        assert!(
            run.err
                .contains("\nto build the site:\n  planche build\n  "),
            "{run:#?}"
        );
        let undo = undo(&run.err);
        assert_eq!(undo[0], "planche strip", "{run:#?}");
        site.planche(&["strip"]).exits(0);
        let files = undo[1]
            .strip_prefix("remove ")
            .unwrap()
            .replace(" and ", ", ");
        for name in files.split(", ").filter(|name| !name.ends_with('/')) {
            std::fs::remove_file(site.path(name)).unwrap();
        }
        if generator == "jekyll" {
            let line = "remove planche.yml, presets, .planche from `exclude:` in _config.yml";
            assert!(undo.contains(&line), "{undo:?}");
            let config = site.text("_config.yml");
            site.write(
                "_config.yml",
                config.replace(", planche.yml, presets, .planche", ""),
            );
        }
        let last = "remove what you added to the templates";
        assert!(undo.contains(&last), "{undo:?}");
        assert_eq!(changed(&before, &site.files()), [""; 0], "{generator}");
    }
}

#[test]
fn a_list_that_init_adds_to_jekylls_configuration_is_named_completely() {
    let site = Scratch::empty();
    site.write("_config.yml", "title: A\n");
    let run = site.planche(&["init"]).exits(0);
    let line = "remove the list `exclude:` at the end of _config.yml";
    assert!(undo(&run.err).contains(&line), "{run:#?}");
}

#[test]
fn init_again_changes_nothing_and_succeeds() {
    for (generator, name, text) in SIGNS {
        let site = Scratch::empty();
        site.write(name, text);
        let first = site.planche(&["init"]).exits(0);
        let rules = "rules:\n- { at: hero, preset: carousel }\n";
        // The configuration has room for rules: no key is set twice.
        site.write("planche.yml", site.text("planche.yml") + rules);
        site.planche(&["check"]);
        let before = site.files();
        for arguments in [&["init"][..], &["init", "--force"], &["init", generator]] {
            let run = site.planche(arguments).exits(0);
            assert_eq!(changed(&before, &site.files()), [""; 0], "{generator}");
            // Every run explains how to undo it.
            let own = undo(&first.err);
            assert_eq!(undo(&run.err)[..2], own[..2], "{run:#?}");
        }
    }
}

#[test]
fn snippets_that_differ_are_kept_unless_forced() {
    let site = Scratch::empty();
    site.write("_config.yml", "");
    site.write("_includes/planche.html", "mine");
    site.write("planche.yml", "generator: jekyll\nhosts: [a.org]\n");
    let run = site.planche(&["init"]).exits(0);
    assert!(
        run.err
            .contains("_includes/planche.html already exists; left unchanged"),
        "{run:#?}"
    );
    // The owner's own file is not among those to remove.
    assert!(
        !undo(&run.err)[1].contains("_includes/planche.html"),
        "{run:#?}"
    );
    assert_eq!(site.text("_includes/planche.html"), "mine");
    assert!(site.path("_includes/planche-content.html").is_file());
    site.planche(&["init", "--force"]).exits(0);
    assert_ne!(site.text("_includes/planche.html"), "mine");
    assert_eq!(
        site.text("planche.yml"),
        "generator: jekyll\nhosts: [a.org]\n"
    );
}

/// What its owner has written is neither to be removed nor to be replaced.
#[test]
fn a_configuration_of_the_owners_lacks_rules_and_is_not_to_be_removed() {
    let site = Scratch::empty();
    site.write("_config.yml", "");
    site.write(
        "_posts/2024-01-01-a.md",
        "---\nhero: /a.png\nfoto: /a.png\n---\n",
    );
    site.copy_upload("logo.png", "a.png");
    let own = "generator: jekyll\nrules:\n- { at: \"*\", preset: none, files: other.md }\n- { at: hero, preset: card }\n";
    site.write("planche.yml", own);
    let run = site.planche(&["init"]).exits(0);
    assert_eq!(site.text("planche.yml"), own);
    let lacking = "planche.yml already exists, so these rules were not added; add those that you want to it:\n  - { at: \"foto\", preset: card }\n";
    assert!(run.err.contains(lacking), "{run:#?}");
    assert!(!undo(&run.err)[1].contains("planche.yml"), "{run:#?}");
    // The same without any file of ours: nothing is left to name but folders.
    for name in ["_includes/planche.html", "_includes/planche-content.html"] {
        site.write(name, "mine");
    }
    let run = site.planche(&["init"]).exits(0);
    let remove = "remove uploads/variants/ and .planche/";
    assert_eq!(undo(&run.err)[1], remove, "{run:#?}");
    // One that init has written has the rules, and is named again.
    let site = Scratch::empty();
    site.write("_config.yml", "");
    site.write("_posts/2024-01-01-a.md", "---\nfoto: /a.png\n---\n");
    site.copy_upload("logo.png", "a.png");
    site.planche(&["init"]).exits(0);
    let run = site.planche(&["init"]).exits(0);
    assert!(!run.err.contains("already exists"), "{run:#?}");
    assert!(undo(&run.err)[1].contains("planche.yml"), "{run:#?}");
}

#[test]
fn a_sites_own_render_hook_gets_a_line_and_stays() {
    let line = "{{- partial \"planche.html\" (dict \"page\" .Page \"hook\" .";
    for (name, other) in [
        ("layouts/_default/_markup/render-image.html", None),
        ("layouts/_markup/render-image.html", None),
        (
            "layouts/_markup/render-image.html",
            Some("layouts/_partials/a.html"),
        ),
        ("themes/t/layouts/_markup/render-image.html", None),
    ] {
        let site = Scratch::empty();
        site.write("hugo.toml", "");
        site.write(name, "<img src=\"{{ .Destination }}\">\n");
        if let Some(other) = other {
            site.write(other, "");
        }
        let before = site.files();
        let run = site.planche(&["init"]).exits(0);
        assert!(run.err.contains(name), "{run:#?}");
        assert!(run.err.contains("replace the `<img>` in yours"), "{run:#?}");
        assert!(run.err.contains(line), "{run:#?}");
        assert!(!run.err.contains("--force"), "{run:#?}");
        let hooks = |site: &Scratch| -> Vec<String> {
            let names = site.names().into_iter();
            names.filter(|name| name.contains("render-image")).collect()
        };
        assert_eq!(hooks(&site), [name]);
        // With the line, nothing is left to say.
        site.write(name, format!("<figure>{line} )</figure>"));
        let run = site.planche(&["init"]).exits(0);
        assert!(!run.err.contains("render-image"), "{run:#?}");
        site.write(name, "<img src=\"{{ .Destination }}\">\n");
        site.planche(&["init", "--undo"]).exits(0);
        assert_eq!(changed(&before, &site.files()), [""; 0]);
    }
}

#[test]
fn astros_configuration_is_named_as_it_is() {
    for (name, text, plugin) in [
        ("astro.config.ts", "", "[planche]"),
        ("astro.config.mjs", "", "[planche]"),
        (
            "astro.config.mts",
            "export default { base: '/b' };",
            "[[planche, { base: \"/b\" }]]",
        ),
    ] {
        let site = Scratch::empty();
        site.write(name, text);
        let run = site.planche(&["init"]).exits(0);
        let expected = format!(
            "in {name}, for images in Markdown:\n  import planche from \"./planche.rehype.mjs\";\n  markdown: {{ rehypePlugins: {plugin} }}\n"
        );
        assert!(run.err.contains(&expected), "{expected}: {run:#?}");
        let import = "\n  import Planche from \"../components/Planche.astro\";\n  <Planche src=";
        assert!(run.err.contains(import), "{run:#?}");
    }
}

#[test]
fn the_folder_and_the_generator_come_in_any_order() {
    for arguments in [
        &["init", "site"][..],
        &["init", "hugo", "site"],
        &["init", "site", "hugo"],
        &["init", "./hugo"],
    ] {
        let above = Scratch::empty();
        above.write("site/hugo.toml", "");
        above.write("hugo/hugo.toml", "");
        let run = above.planche(arguments).exits(0);
        let folder = if arguments.contains(&"site") {
            "site"
        } else {
            "hugo"
        };
        assert!(
            above.path(&format!("{folder}/planche.yml")).is_file(),
            "{run:#?}"
        );
        assert!(!above.path("planche.yml").exists());
    }
    let site = Scratch::empty();
    let run = site.planche(&["init", "jekyl"]).exits(2);
    assert!(
        run.err.contains("neither a generator nor a folder") && run.err.contains("`jekyll`?"),
        "{run:#?}"
    );
    site.planche(&["init", "a", "b"]).exits(2);
    site.planche(&["init", "hugo", "absent"]).exits(2);
    assert_eq!(site.names(), [""; 0]);
}

/// The configurations of two generators in one folder.
#[test]
fn two_generators_are_reported_with_the_way_to_choose() {
    let site = Scratch::empty();
    site.write("hugo.toml", "");
    site.write("_config.yml", "title: x\n");
    site.write(
        "_posts/2024-01-01-a.md",
        "---\nimage: /uploads/logo.png\n---\n",
    );
    site.copy_upload("logo.png", "uploads/logo.png");
    let several = |site: &Scratch| {
        let findings = site.planche(&["check", "--format", "json"]).findings();
        let mut findings = findings.into_iter();
        findings.find(|finding| finding.code == "several-generators")
    };
    let finding = several(&site).unwrap();
    assert_eq!(
        finding.message,
        "the folder has the configurations of Jekyll and of Hugo; planche takes Jekyll"
    );
    let hint = "name the generator with `generator:` in planche.yml";
    assert_eq!(finding.hint.as_deref(), Some(hint));
    let run = site.planche(&["init", "--show"]).exits(0);
    let warning = "warning: the site's files are those of Jekyll and of Hugo – hint: to choose Hugo, run `planche init hugo`";
    assert!(run.err.contains(warning), "{run:#?}");
    // Once the generator is named, there is nothing to say.
    let run = site.planche(&["init", "hugo"]).exits(0);
    assert!(!run.err.contains("warning"), "{run:#?}");
    assert!(several(&site).is_none());
}

#[test]
fn another_generator_than_the_sites_is_warned_of_and_set() {
    let site = Scratch::empty();
    site.write("_config.yml", "");
    let config = "# mine\ngenerator: jekyll # c\nrules:\n- { at: hero, preset: carousel }\n";
    site.write("planche.yml", config);
    let run = site.planche(&["init", "hugo"]).exits(0);
    assert!(
        run.err
            .contains("warning: the site's files are those of Jekyll, not of Hugo"),
        "{run:#?}"
    );
    assert_eq!(
        site.text("planche.yml"),
        config.replace("generator: jekyll", "generator: hugo")
    );
    assert_eq!(site.open().conventions.generator.name(), "hugo");
    // A configuration without the key is also read as the requested generator.
    let site = Scratch::empty();
    site.write("_config.yml", "");
    site.write("planche.yml", "hosts: [a.org]\n");
    site.planche(&["init", "zola"]).exits(0);
    assert_eq!(
        site.text("planche.yml"),
        "hosts: [a.org]\ngenerator: zola\n"
    );
    // One that cannot be edited safely stays, and nothing else is written.
    let site = Scratch::empty();
    site.write("planche.yml", "{ hosts: [a.org] }\n");
    let run = site.planche(&["init", "zola"]).exits(2);
    assert!(run.err.contains("set `generator: zola`"), "{run:#?}");
    assert_eq!(site.names(), ["planche.yml"]);
}

/// Hugo's newer folders and themes have render hooks too, which ours would replace.
#[test]
fn a_render_hook_of_the_site_or_its_theme_is_kept() {
    for own in [
        "layouts/_markup/render-image.html",
        "layouts/_default/_markup/render-image.en.html",
        "themes/t/layouts/_markup/render-image.html",
        "themes/t/layouts/_default/_markup/render-image.html",
    ] {
        let site = Scratch::empty();
        site.write("hugo.toml", "theme = 't'\n");
        site.write(own, "<img class=own>");
        let run = site.planche(&["init"]).exits(0);
        assert!(run.err.contains(own), "{run:#?}");
        // Beside the `<img>`, it would show the image twice.
        let instead = "replace the `<img>` in yours with: {{- partial \"planche.html\"";
        assert!(run.err.contains(instead), "{run:#?}");
        assert!(!run.err.contains("--force"), "{run:#?}");
        let ours = "layouts/_default/_markup/render-image.html";
        assert!(!site.path(ours).exists(), "{own}");
        assert!(!undo(&run.err)[1].contains("render-image"), "{run:#?}");
        assert_eq!(site.text(own), "<img class=own>");
    }
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
    // The folder of the image that the article names.
    assert!(html.contains("/uploads/variants/logo-"), "{html}");
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

/// The guides show exactly what `planche init` prints.
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

/// A guide names only existing commands, options and settings.
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
            // A synopsis has brackets around what may be left out.
            let command = command.trim_matches(['[', ']']);
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
        for (at, start) in text.match_indices("](") {
            let line = text[..at].lines().next_back().unwrap_or_default();
            // Code, such as `![](photo.jpg)`.
            let is_code = line.matches('`').count() % 2 == 1;
            let link = &text[at + start.len()..];
            let link = link.split([')', '#']).next().unwrap();
            if !link.is_empty() && !is_code {
                assert!(
                    path.parent().unwrap().join(link).is_file(),
                    "{place}: {link}"
                );
            }
        }
        for block in text.split("```yaml\n# planche.yml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            planche::internal::config::Config::read("planche.yml", block)
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
                    planche::internal::finding::Code::ALL
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

/// A site's own rule for images prints a figure; and an author may limit the widths of
/// eleventy-img.
#[test]
fn eleventys_plugin_keeps_what_the_sites_own_markdown_rule_prints() {
    let Some(site) = fixture("eleventy").site("") else {
        return;
    };
    let rule = r#"amendLibrary("md", (md) => {
    md.renderer.rules.image = (tokens, i, options, env, self) =>
      `<figure>${self.renderToken(tokens, i, options)}<figcaption>${tokens[i].attrGet("title")}</figcaption></figure>`;
  });"#;
    let config = site.text("eleventy.config.mjs");
    let (before, after) = config.split_once("addPlugin(planche)").unwrap();
    let name = before.rsplit([' ', '\n']).next().unwrap();
    site.write(
        "eleventy.config.mjs",
        format!("{before}{rule}\n  {name}addPlugin(planche){after}"),
    );
    site.copy_upload("portrait.jpg", "img/a.jpg");
    let text = r#"![Text](/img/a.jpg "The caption")

<img src="/img/a.jpg" alt="B" eleventy:widths="100,200">
"#;
    site.write("actualites/a.md", ARTICLE.to_owned() + text);
    site.planche(&["build"]).exits(0);
    fixture("eleventy").build(&site);
    let page = site.text("_site/a/index.html");
    let page = &page[page.find("<figure>").unwrap()..];
    assert!(
        page.contains("<figcaption>The caption</figcaption></figure>"),
        "{page}"
    );
    assert!(page.contains("alt=\"Text\""), "{page}");
    assert_eq!(page.matches(" srcset=").count(), 2, "{page}");
    assert!(page.contains(" width=\"200\""), "{page}");
    assert!(!page.contains("eleventy:widths"), "{page}");
}
