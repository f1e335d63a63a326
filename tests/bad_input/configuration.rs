//! Mistakes in `planche.yml` and in presets.

use super::{
    Expected, check_only, findings_of_a_build, findings_of_a_stopped_build,
    site_with_a_sound_article,
};
use crate::scratch::{Scratch, changed};

#[test]
fn a_rule_of_an_unknown_preset_is_an_error_of_the_configuration() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}rules:\n- {{ at: \"photos[].file\", preset: carousell }}\n"),
    );
    site.write(
        "articles/bad.md",
        "---\nphotos:\n- file: /uploads/sound.png\n---\n",
    );
    let expected = Expected {
        code: "configuration",
        place: "planche.yml:5:34",
        message: "unknown preset `carousell`",
        hint: "did you mean `carousel`?",
    };
    check_only(&findings_of_a_stopped_build(&site), &expected);
}

#[test]
fn a_preset_with_a_typo_is_an_error_of_the_configuration() {
    let site = site_with_a_sound_article();
    site.write(
        "presets/thumbnail.yml",
        "widths: [80]\nsizes: 5em\nqualty: 70\n",
    );
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}rules: [{{ at: logo, preset: thumbnail }}]\n"),
    );
    site.write("articles/bad.md", "---\nlogo: /uploads/sound.png\n---\n");
    let expected = Expected {
        code: "configuration",
        place: "presets/thumbnail.yml:3:1",
        message: "`qualty`",
        hint: "did you mean `quality`?",
    };
    check_only(&findings_of_a_stopped_build(&site), &expected);
}

#[test]
fn two_rules_that_clash_are_a_warning_at_the_second() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    let rules =
        "rules:\n- { at: \"*.image\", preset: card }\n- { at: team.image, preset: thumbnail }\n";
    site.write("planche.yml", format!("{config}{rules}"));
    site.write(
        "articles/sound.md",
        "---\nteam:\n  image: /uploads/sound.png\n---\n",
    );
    let expected = Expected {
        code: "unreachable-rule",
        place: "planche.yml:6:9",
        message: "rule 1 matches everything",
        hint: "the narrower rule",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
    site.planche(&["--strict"]).exits(1);
}

#[test]
fn two_places_with_one_picture_and_two_presets_are_a_warning() {
    let site = site_with_a_sound_article();
    let text = "---\nphotos: [/uploads/sound.png]\n---\n![](/uploads/sound.png)\n";
    site.write("articles/sound.md", text);
    let findings = findings_of_a_build(&site, 0);
    let expected = Expected {
        code: "preset-conflict",
        place: "articles/sound.md:2:10",
        message: "share one record",
        hint: "the same preset",
    };
    check_only(&findings, &expected);
}

#[test]
fn a_path_in_an_expression_shares_the_record_of_that_path() {
    let site = site_with_a_sound_article();
    site.write("_config.yml", "title: A\n");
    let config = site
        .text("planche.yml")
        .replace("generator: none", "generator: jekyll");
    site.write("planche.yml", config);
    let text =
        "---\nphotos: [/uploads/sound.png]\n---\n![]({{ '/uploads/sound.png' | relative_url }})\n";
    site.write("articles/sound.md", text);
    let findings = site.planche(&["--format", "json"]).exits(0).findings();
    let codes: Vec<&str> = findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert!(codes.contains(&"preset-conflict"), "{codes:?}");
}

#[test]
fn an_unknown_key_of_the_configuration_stops_the_run_before_it_writes() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    for (line, message) in [
        ("contnet: []", "planche.yml:4:1: unknown key `contnet`"),
        (
            "limits: { megapixel: 5 }",
            "planche.yml:4:11: unknown key `megapixel`",
        ),
        (
            "rules: [{ at: a, presets: card }]",
            "planche.yml:4:18: unknown key `presets`",
        ),
    ] {
        site.write("planche.yml", format!("{config}{line}\n"));
        let before = site.files();
        for command in ["build", "check", "strip", "clean"] {
            let run = site.planche(&[command]).exits(2);
            assert!(run.err.contains(message), "{run:#?}");
            assert!(run.err.contains("hint: did you mean `"), "{run:#?}");
        }
        assert_eq!(changed(&before, &site.files()), [""; 0]);
        assert!(!site.path(".planche").exists());
    }
}

#[test]
fn a_file_that_is_no_preset_is_an_error_of_the_configuration() {
    let site = site_with_a_sound_article();
    for text in [
        "",
        "- a\n",
        "widths: [320\n",
        "\u{0}",
        "widths: [320]\nsizes: 1em\nquality: 101\n",
    ] {
        site.write("presets/thumbnail.yml", text);
        let findings = findings_of_a_stopped_build(&site);
        let [found] = &findings[..] else {
            panic!("not one finding: {findings:#?}");
        };
        assert_eq!(found.code, "configuration");
        assert_eq!(found.file.as_deref(), Some("presets/thumbnail.yml"));
        assert!(found.line.is_some(), "{found:?}");
    }
}

#[test]
fn a_glob_and_a_folder_that_name_nothing_are_warnings_at_their_place() {
    let site = site_with_a_sound_article();
    site.write(
        "planche.yml",
        "generator: none\ncontent: [\"articles/**\", \"post/*.md\"]\n\
         uploads:\n- { url: /uploads/, dir: uploads }\n- { url: /img/, dir: imgs }\n",
    );
    let findings = findings_of_a_build(&site, 0);
    let shown: Vec<(&str, Option<u32>, &str)> = findings
        .iter()
        .map(|found| (found.code.as_str(), found.line, found.message.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("unmatched-setting", Some(2), "no file matches `post/*.md`"),
            ("unmatched-setting", Some(5), "there is no folder `imgs`"),
        ]
    );
    site.planche(&["--strict"]).exits(1);
}

#[test]
fn a_folder_of_variants_that_hides_articles_or_images_is_refused() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    site.copy_upload("logo.png", "static/img/logo.png");
    let text = site.text("articles/sound.md");
    for (dir, message) in [
        (
            "articles",
            Some("the variants folder contains articles, such as `articles/sound.md`"),
        ),
        (
            "static/img",
            Some("the variants folder contains other images, such as `static/img/logo.png`"),
        ),
        ("static/variants", None),
    ] {
        let output = format!("{config}output: {{ dir: {dir}, url: /x/ }}\n");
        site.write("planche.yml", &output);
        let Some(message) = message else {
            site.planche(&["build"]).exits(0);
            // One that was put there by hand does not stop a site that was built before.
            site.copy_upload("logo.png", "static/variants/by-hand.png");
            site.planche(&["check"]).exits(0);
            continue;
        };
        for command in ["build", "check"] {
            let run = site.planche(&[command]).exits(2);
            assert!(run.err.contains(message), "{run:#?}");
        }
        assert_eq!(site.text("articles/sound.md"), text);
    }
}

/// Without its own configuration, the generator's defaults would choose other articles.
#[test]
fn a_configuration_of_the_generator_that_cannot_be_read_is_an_error() {
    for (name, folder) in [
        ("_config.yml", "_posts"),
        ("hugo.toml", "content"),
        ("eleventy.config.js", "posts"),
        ("astro.config.mjs", "src/content/blog"),
    ] {
        let outside = Scratch::empty();
        outside.write("settings", "");
        let site = Scratch::empty();
        std::os::unix::fs::symlink(outside.path("settings"), site.path(name)).unwrap();
        let article = format!("{folder}/2020-01-01-a.md");
        let text = "---\nimage: /uploads/a.png\n---\n";
        site.write(&article, text);
        for uploads in ["uploads", "static/uploads", "public/uploads"] {
            site.copy_upload("logo.png", &format!("{uploads}/a.png"));
        }
        let found = site
            .planche(&["build", ".", "--format", "json"])
            .exits(2)
            .findings();
        let found: Vec<_> = found
            .iter()
            .map(|found| (found.code.as_str(), found.file.as_deref()))
            .collect();
        assert_eq!(found, [("configuration", Some(name))]);
        assert_eq!(site.text(&article), text, "{name}");
    }
}

/// A cache hides its folder from Git, and removes files from it.
#[test]
fn a_cache_among_other_files_is_an_error() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    for dir in [
        "uploads",
        "uploads/variants",
        "uploads/variants/cache",
        "articles",
        ".",
    ] {
        site.write("planche.yml", format!("{config}cache: {{ dir: {dir} }}\n"));
        let before = site.files();
        let found = site.planche(&["build", "--format", "json"]).exits(2);
        assert!(
            found.err.contains("cache") || found.out.contains("cache"),
            "{dir}"
        );
        assert_eq!(changed(&before, &site.files()), [""; 0], "{dir}");
    }
    site.write("planche.yml", config + "cache: { dir: .cache/planche }\n");
    site.planche(&["build"]).exits(0);
}

#[test]
fn an_error_that_stops_the_run_cannot_be_switched_off() {
    for setting in [
        "severity: { configuration: off }",
        "allow: [{ code: configuration }]",
    ] {
        let site = site_with_a_sound_article();
        let config = site.text("planche.yml");
        let rules = "rules: [{ at: photo, preset: carousell }]";
        site.write("planche.yml", format!("{config}{setting}\n{rules}\n"));
        let findings = findings_of_a_stopped_build(&site);
        let messages: Vec<&str> = findings.iter().map(|found| &*found.message).collect();
        assert!(
            messages.iter().any(|message| message.contains("carousell")),
            "{messages:?}"
        );
        assert!(
            messages
                .iter()
                .any(|message| message.contains("always an error")),
            "{messages:?}"
        );
    }
}

#[test]
fn settings_that_cannot_work_are_errors_with_a_hint() {
    for (setting, message, hint) in [
        (
            "hosts: [\"*.example.org\"]",
            "`*.example.org` matches no host",
            "write each host",
        ),
        (
            "hosts: [cdn.example.org:443]",
            "matches no URL",
            "write `cdn.example.org`",
        ),
        (
            "output: { dir: planche.yml, url: /v/ }",
            "`planche.yml` is a file",
            "separate folder",
        ),
        (
            "cache: { dir: /tmp/x }",
            "`/tmp/x` is not a folder of the site",
            "without `/` at the start",
        ),
        (
            "limits: { side: \"30000\" }",
            "the text `30000`",
            "the quotes",
        ),
    ] {
        let site = site_with_a_sound_article();
        let config = site.text("planche.yml");
        site.write("planche.yml", format!("{config}{setting}\n"));
        let findings = findings_of_a_stopped_build(&site);
        let expected = Expected {
            code: "configuration",
            place: &format!("planche.yml:4:{}", findings[0].column.unwrap_or_default()),
            message,
            hint,
        };
        check_only(&findings, &expected);
    }
}

#[test]
fn sizes_that_browsers_do_not_use_are_errors() {
    for (sizes, message, hint) in [
        ("\"48\"", "has no unit", "add the unit"),
        (
            "\"100vw, (min-width: 50em) 48em\"",
            "without a condition",
            "move it to the end",
        ),
    ] {
        let site = site_with_a_sound_article();
        site.write(
            "presets/thumbnail.yml",
            format!("widths: [80]\nsizes: {sizes}\n"),
        );
        let expected = Expected {
            code: "configuration",
            place: "presets/thumbnail.yml:2:8",
            message,
            hint,
        };
        check_only(&findings_of_a_stopped_build(&site), &expected);
    }
}

/// Programs that read a report get one, whatever the configuration says.
#[test]
fn a_configuration_that_cannot_be_read_is_a_finding_in_every_format() {
    let site = site_with_a_sound_article();
    site.write("planche.yml", "generator: none\nrule: x\n");
    let before = site.files();
    for command in [
        &["build"][..],
        &["build", "--dry-run"],
        &["check"],
        &["strip"],
        &["clean"],
        &["html", "articles", "."],
        &["verify"],
    ] {
        let run = site.planche(&[command, &["--format", "json"]].concat());
        let run = run.exits(2);
        let findings = run.findings();
        assert_eq!(findings.len(), 1, "{run:#?}");
        let found = &findings[0];
        assert_eq!(
            (found.file.as_deref(), found.line, found.column),
            (Some("planche.yml"), Some(2), Some(1)),
            "{run:#?}"
        );
        assert!(found.message.contains("unknown key `rule`"), "{found:?}");
        let json = run.json();
        assert_eq!(json["schema"], 1);
        if command != ["verify"] {
            assert_eq!(json["command"], command[0]);
            let is_dry_run = command.contains(&"--dry-run") || command == ["check"];
            assert_eq!(json["dry_run"], is_dry_run, "{json}");
        }
    }
    for format in ["gitlab", "sarif", "junit", "github", "concise", "markdown"] {
        let run = site.planche(&["check", "--format", format]).exits(2);
        assert!(run.out.contains("unknown key"), "{format}: {run:#?}");
    }
    // The text for people stays as it is, and a report may not overwrite a file of the site.
    let run = site.planche(&["build"]).exits(2);
    assert!(
        run.err.contains("planche.yml:2:1: unknown key `rule`"),
        "{run:#?}"
    );
    site.planche(&["build", "--format", "json", "--report", "planche.yml"])
        .exits(2);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    let report = tempfile::tempdir().unwrap().path().with_extension("json");
    let path = report.to_str().unwrap();
    site.planche(&["build", "--format", "json", "--report", path])
        .exits(2);
    let text = std::fs::read_to_string(&report).unwrap();
    std::fs::remove_file(&report).unwrap();
    assert!(text.contains("unknown key `rule`"), "{text}");
}
