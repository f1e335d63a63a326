//! Bad input: every mistake is a finding with a position and a hint, the other files are processed,
//! the originals do not change, and the exit code reports the error.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::corpus;
use crate::records::check_records;
use crate::scratch::{Found, Run, Scratch, changed, sample_upload};

/// A site with one valid article, which must be processed despite any other errors.
fn site_with_a_sound_article() -> Scratch {
    let site = Scratch::site();
    site.copy_upload("logo.png", "uploads/sound.png");
    site.write_article("articles/sound.md", "/uploads/sound.png");
    site
}

/// Builds the site; checks that the sound article was done, that nothing else was touched and that
/// every finding has a place and a hint. Gives the findings.
#[track_caller]
fn findings_of_a_build(site: &Scratch, code: i32) -> Vec<Found> {
    let before = site.files();
    let run = site.planche(&["--format", "json"]).exits(code);
    let after = site.files();
    let new_or_rewritten = changed(&before, &after);
    let others = new_or_rewritten.iter().filter(|name| {
        *name != "articles/sound.md" && !name.starts_with("uploads/variants/sound-")
    });
    let others: Vec<&String> = others.collect();
    assert!(others.is_empty(), "also changed: {others:?}");
    assert_eq!(check_records(site).len(), 1, "the sound article: {run:#?}");
    let findings = run.findings();
    for finding in &findings {
        assert!(
            finding.file.is_some() && finding.hint.is_some(),
            "{finding:?}"
        );
    }
    check_agrees(site, &run);
    findings
}

/// Builds a site whose configuration has an error, checks that nothing is written, and returns the
/// findings.
#[track_caller]
fn findings_of_a_stopped_build(site: &Scratch) -> Vec<Found> {
    let before = site.files();
    let run = site.planche(&["--format", "json"]).exits(2);
    assert_eq!(changed(&before, &site.files()), [""; 0]);
    check_agrees(site, &run);
    run.findings()
}

/// The next build reports the same findings, from the ledger or not.
#[track_caller]
fn check_agrees(site: &Scratch, first: &Run) {
    let again = site.planche(&["--format", "json"]);
    assert_eq!(again.code, first.code);
    assert_eq!(again.findings(), first.findings());
    assert_eq!(again.count("/variants/written"), 0);
    assert_eq!(again.count("/articles/changed"), 0);
}

/// The expected parts of a finding.
struct Expected {
    code: &'static str,
    /// `FILE`, or `FILE:LINE:COLUMN`.
    place: &'static str,
    message: &'static str,
    hint: &'static str,
}

#[track_caller]
fn check_only(findings: &[Found], expected: &Expected) {
    let [found] = findings else {
        panic!("not one finding: {findings:#?}");
    };
    let mut place = found.file.clone().unwrap();
    if let (Some(line), Some(column)) = (found.line, found.column) {
        place.push_str(&format!(":{line}:{column}"));
    }
    assert_eq!(
        (found.code.as_str(), place.as_str()),
        (expected.code, expected.place)
    );
    assert!(found.message.contains(expected.message), "{found:#?}");
    let hint = found.hint.as_deref().unwrap();
    assert!(hint.contains(expected.hint), "{found:#?}");
}

/// An upload of these bytes is one finding of exit code 1, which also names who references it.
#[track_caller]
fn check_upload(
    file: &str,
    bytes: &[u8],
    code: &'static str,
    message: &'static str,
    hint: &'static str,
) {
    let site = site_with_a_sound_article();
    site.write(file, bytes);
    site.write_article("articles/bad.md", &format!("/{file}"));
    let findings = findings_of_a_build(&site, 1);
    let [found] = &findings[..] else {
        panic!("not one finding: {findings:#?}");
    };
    assert_eq!(
        (found.code.as_str(), found.file.as_deref()),
        (code, Some(file))
    );
    assert!(found.message.contains(message), "{found:#?}");
    assert!(
        found
            .message
            .ends_with("(referenced at articles/bad.md:2:8)"),
        "{found:#?}"
    );
    assert!(found.hint.as_deref().unwrap().contains(hint), "{found:#?}");
}

#[test]
fn a_web_page_saved_as_an_image_is_reported_as_a_web_page() {
    let page = b"<!DOCTYPE html>\n<title>404</title>\n";
    check_upload(
        "uploads/bad.jpg",
        page,
        "undecodable-upload",
        "HTML page",
        "save the image itself",
    );
}

#[test]
fn a_git_lfs_pointer_is_called_one() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    check_upload(
        "uploads/bad.jpg",
        pointer,
        "undecodable-upload",
        "Git LFS pointer",
        "git lfs pull",
    );
}

#[test]
fn an_empty_upload_is_called_empty() {
    check_upload(
        "uploads/bad.jpg",
        b"",
        "undecodable-upload",
        "empty",
        "again",
    );
}

#[test]
fn an_upload_of_an_unknown_format_is_no_picture() {
    check_upload(
        "uploads/bad.png",
        b"hello",
        "undecodable-upload",
        "not a known image format",
        "JPEG, PNG",
    );
}

#[test]
fn a_picture_in_a_format_of_phones_is_named() {
    let heic = b"\0\0\0\x1cftypheic\0\0\0\0mif1heic";
    check_upload(
        "uploads/bad.jpg",
        heic,
        "unsupported-format",
        "HEIC",
        "ordinary JPEG",
    );
}

#[test]
fn a_truncated_jpeg_is_not_published_in_part() {
    let whole = sample_upload("portrait.jpg");
    for cut in [whole.len() / 2, whole.len() - 2000, 700] {
        check_upload(
            "uploads/bad.jpg",
            &whole[..cut],
            "undecodable-upload",
            "",
            "upload it",
        );
    }
}

#[test]
fn a_truncated_png_is_not_published_in_part() {
    let whole = sample_upload("logo.png");
    for cut in [whole.len() / 2, whole.len() - 200, 40] {
        check_upload(
            "uploads/bad.png",
            &whole[..cut],
            "undecodable-upload",
            "",
            "upload it",
        );
    }
}

#[test]
fn an_upload_over_a_limit_names_the_limit() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    for (limits, hint) in [
        ("megapixels: 1", "limits: { megapixels: … }"),
        ("side: 1500", "limits: { side: … }"),
        ("work: 1", "limits: { work: … }"),
        ("file: 100KiB", "limits: { file: … }"),
        ("memory: 8MiB", "--max-memory"),
    ] {
        site.write("planche.yml", format!("{config}limits: {{ {limits} }}\n"));
        site.copy_upload("2023/atelier.jpg", "uploads/large.jpg");
        site.write_article("articles/bad.md", "/uploads/large.jpg");
        // The valid image may not fit into so little memory either.
        let run = site.planche(&["--format", "json"]).exits(1);
        let findings = run.findings();
        let found = findings
            .iter()
            .find(|found| found.file.as_deref() == Some("uploads/large.jpg"))
            .unwrap_or_else(|| panic!("{limits}: {run:#?}"));
        assert_eq!(found.code, "over-limit", "{found:#?}");
        assert!(found.hint.as_deref().unwrap().contains(hint), "{found:#?}");
    }
}

#[test]
fn a_missing_upload_is_a_warning_at_its_reference() {
    let site = site_with_a_sound_article();
    site.write(
        "articles/bad.md",
        "---\ntitle: T\nimage: /uploads/none.jpg\n---\n",
    );
    let expected = Expected {
        code: "missing-upload",
        place: "articles/bad.md:3:8",
        message: "`/uploads/none.jpg`",
        hint: "upload the file",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
    site.planche(&["--strict"]).exits(1);
}

#[test]
fn a_name_in_another_case_is_missing_and_the_hint_names_the_file() {
    let site = site_with_a_sound_article();
    site.write(
        "articles/bad.md",
        "---\ntitle: T\n---\n\n![](/Uploads/Sound.PNG)\n",
    );
    let expected = Expected {
        code: "missing-upload",
        place: "articles/bad.md:5:1",
        message: "`/Uploads/Sound.PNG`",
        hint: "upload the file",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
    site.write(
        "articles/bad.md",
        "---\ntitle: T\n---\n\n![](/uploads/Sound.PNG)\n",
    );
    let expected = Expected {
        message: "`/uploads/Sound.PNG`",
        hint: "`/uploads/sound.png` exists (case differs)",
        ..expected
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
}

#[test]
fn a_path_that_leads_out_of_the_site_is_not_followed() {
    let site = site_with_a_sound_article();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.png"), sample_upload("logo.png")).unwrap();
    symlink(
        outside.path().join("secret.png"),
        site.path("uploads/link.png"),
    )
    .unwrap();
    symlink(outside.path(), site.path("uploads/folder")).unwrap();
    let above = format!(
        "../../{}/secret.png",
        outside.path().file_name().unwrap().to_str().unwrap()
    );
    for value in [
        &above,
        "/uploads/link.png",
        "/uploads/folder/secret.png",
        "/uploads/../../x.png",
    ] {
        site.write_article("articles/bad.md", value);
        let expected = Expected {
            code: "outside-site",
            place: "articles/bad.md:2:8",
            message: "leads out of the site",
            hint: "within the site",
        };
        check_only(&findings_of_a_build(&site, 0), &expected);
    }
}

#[test]
fn an_article_linked_from_outside_the_site_is_not_read() {
    let site = site_with_a_sound_article();
    let outside = tempfile::tempdir().unwrap();
    let text = "---\nimage: /uploads/sound.png\n---\n";
    fs::write(outside.path().join("a.md"), text).unwrap();
    symlink(outside.path().join("a.md"), site.path("articles/link.md")).unwrap();
    symlink(outside.path(), site.path("articles/folder")).unwrap();
    assert_eq!(findings_of_a_build(&site, 0), []);
    assert_eq!(
        fs::read_to_string(outside.path().join("a.md")).unwrap(),
        text
    );
}

#[test]
fn a_folder_that_cannot_be_read_is_an_error() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        config.replace("\"articles/**\"", "\"articles/**\", \"pages/**\""),
    );
    // A link to itself: not even the superuser can read it.
    symlink("pages", site.path("pages")).unwrap();
    let expected = Expected {
        code: "unreadable",
        place: "pages",
        message: "cannot read this folder",
        hint: "exclude:",
    };
    check_only(&findings_of_a_build(&site, 1), &expected);
}

#[test]
fn unreadable_files_are_errors() {
    let site = site_with_a_sound_article();
    let closed = [
        "articles/closed",
        "articles/closed.md",
        "uploads/closed.png",
    ];
    site.write_article("articles/closed/in.md", "/uploads/sound.png");
    site.write_article("articles/closed.md", "/uploads/sound.png");
    site.copy_upload("logo.png", "uploads/closed.png");
    site.write_article("articles/user.md", "/uploads/closed.png");
    let set_mode = |mode| {
        for name in closed {
            fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set_mode(0o000);
    // The superuser reads it all the same.
    if fs::read_dir(site.path("articles/closed")).is_err() {
        let run = site.planche(&["--format", "json"]).exits(1);
        let mut places: Vec<_> = run
            .findings()
            .into_iter()
            .map(|found| (found.code, found.file))
            .collect();
        places.sort();
        let unreadable = closed.map(|name| ("unreadable".to_owned(), Some(name.to_owned())));
        assert_eq!(places, unreadable);
    }
    set_mode(0o755);
}

#[test]
fn an_article_that_cannot_be_edited_safely_is_left_alone() {
    for (text, place, message, hint) in [
        (
            &b"---\ntitle: \"T\nimage: /uploads/sound.png\n---\n"[..],
            "articles/bad.md:2:8",
            "not valid YAML",
            "correct the line",
        ),
        (
            b"---\ntitle: [a, b\nimage: /uploads/sound.png\n---\n",
            "articles/bad.md:3:6",
            "not valid YAML",
            "correct the line",
        ),
        (
            b"---\ntitle: \xe9t\xe9\nimage: /uploads/sound.png\n---\n",
            "articles/bad.md:2:8",
            "not UTF-8",
            "as UTF-8",
        ),
        (
            b"---\nimage: /uploads/sound.png\nimage_responsive: by hand\n---\n",
            "articles/bad.md:3:1",
            "`image_responsive` exists",
            "remove the key",
        ),
        (
            b"---\nresponsive_images:\n- { author: me }\n---\n![](/uploads/sound.png)\n",
            "articles/bad.md:2:1",
            "`responsive_images` exists",
            "remove the key",
        ),
        (
            b"+++\ntitle = \"T\nimage = \"/uploads/sound.png\"\n+++\n",
            "articles/bad.md:2:11",
            "not valid TOML",
            "correct the line",
        ),
    ] {
        let site = site_with_a_sound_article();
        site.write("articles/bad.md", text);
        let expected = Expected {
            code: "article-refused",
            place,
            message,
            hint,
        };
        let findings = findings_of_a_build(&site, 1);
        check_only(&findings, &expected);
    }
}

#[test]
fn an_article_over_the_limit_of_front_matter_is_left_alone() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    site.write(
        "planche.yml",
        format!("{config}limits: {{ front_matter: 1KiB }}\n"),
    );
    let text = format!(
        "---\nimage: /uploads/sound.png\n# {}\n---\n",
        "x".repeat(2000)
    );
    site.write("articles/bad.md", text);
    let findings = findings_of_a_build(&site, 1);
    let [found] = &findings[..] else {
        panic!("{findings:#?}")
    };
    assert_eq!(
        (found.code.as_str(), found.file.as_deref()),
        ("article-refused", Some("articles/bad.md"))
    );
    assert!(
        found.hint.as_deref().unwrap().contains("front_matter"),
        "{found:#?}"
    );
}

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
fn a_folder_of_variants_that_contains_uploads_stops_the_run_before_it_writes() {
    let site = site_with_a_sound_article();
    let config = site.text("planche.yml");
    for dir in [".", "uploads"] {
        let output = format!("output: {{ dir: {dir}, url: /uploads/ }}");
        site.write("planche.yml", format!("{config}{output}\n"));
        let before = site.files();
        let run = site.planche(&["build"]).exits(2);
        let message = "planche.yml:4:16: the folder of variants contains the uploads";
        assert!(run.err.contains(message), "{run:#?}");
        assert_eq!(changed(&before, &site.files()), [""; 0]);
    }
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
fn a_folder_named_like_a_file_is_not_read_as_one() {
    let site = site_with_a_sound_article();
    fs::create_dir_all(site.path("articles/folder.md")).unwrap();
    fs::create_dir_all(site.path("uploads/folder.png")).unwrap();
    site.write_article("articles/bad.md", "/uploads/folder.png");
    let expected = Expected {
        code: "missing-upload",
        place: "articles/bad.md:2:8",
        message: "`/uploads/folder.png`",
        hint: "correct the path",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
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
fn the_file_systems_hazards_are_survived() {
    let Some(script) = corpus::folder("corpus/broken/hazards.sh") else {
        return;
    };
    let site = site_with_a_sound_article();
    // In the articles' folder every file is an article to be read, in the other one an upload.
    for folder in ["articles/hazards", "uploads/hazards"] {
        let run = Command::new("sh")
            .arg(&script)
            .arg(site.path(folder))
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
    }
    let names = fs::read_dir(site.path("uploads/hazards")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let values: Vec<String> = names
        .flat_map(|name| {
            [
                format!("/uploads/hazards/{name}"),
                format!("/uploads/hazards/loop/{name}"),
            ]
        })
        .chain(
            [
                "/uploads/hazards/up/etc/hostname.png",
                "/uploads/hazards/ro/x.jpg",
            ]
            .map(str::to_owned),
        )
        .collect();
    assert!(values.len() > 30);
    for (index, value) in values.iter().enumerate() {
        let value = serde_json::to_string(value).unwrap();
        site.write_article(&format!("articles/user-{index}.md"), &value);
    }
    let before = site.files();
    let run = site.planche(&["--format", "json"]).exits(1);
    let after = site.files();
    assert_eq!(check_records(&site).len(), 1, "the sound article: {run:#?}");
    for name in changed(&before, &after) {
        assert!(
            name == "articles/sound.md" || name.starts_with("uploads/variants/sound-"),
            "{name}"
        );
    }
    for found in run.findings() {
        assert!(found.file.is_some() && found.hint.is_some(), "{found:?}");
    }
    let of = |code: &str| {
        run.findings()
            .iter()
            .filter(|found| found.code == code)
            .count()
    };
    assert!(of("outside-site") >= 2, "the links out: {run:#?}");
    assert!(
        of("missing-upload") >= 2,
        "the pipe, the folder, the link to nowhere: {run:#?}"
    );
    assert!(
        of("undecodable-upload") >= 10,
        "files that hold an x: {run:#?}"
    );
    site.planche(&["clean"]).exits(0);
    // The name that is not UTF-8.
    site.planche(&["strip"]).exits(1);
}

/// What must come of a file of the corpus's `broken/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The image is complete: it has its variants.
    Built,
    /// An error names the problem.
    Finding,
    /// One or the other.
    Either,
}

use Outcome::{Built, Either, Finding};

/// By the notes of the corpus's MANIFEST.tsv: what must be processed, what must be reported, and
/// what may come out either way, as the files do that are not listed here.
const BROKEN: &[(&str, Outcome)] = &[
    ("exif-ifd-loop-a.jpg", Built),
    ("exif-orientation-0-a.jpg", Built),
    ("icc-garbage-a.jpg", Built),
    ("image01551.jpg", Built),
    ("invalid-exif.jpg", Built),
    ("jpeg-no-eoi-a.jpg", Built),
    ("really-a-jpeg.png", Built),
    ("really-a-png.jpg", Built),
    ("trailing-garbage-a.jpg", Built),
    ("multiple-0xff-before-eoi.jpg", Built),
    ("avif-truncated-a.avif", Finding),
    ("bad-colour-type-a.png", Finding),
    ("bad-crc-idat-a.png", Finding),
    ("bomb-1bit-a.png", Finding),
    ("bomb-65536x65536-palette.png", Finding),
    ("broken.png", Finding),
    ("corrupt-header.jpg", Finding),
    ("empty.jpg", Finding),
    ("gif-canvas-65535-a.gif", Finding),
    ("gif-truncated-a.gif", Finding),
    ("html-saved-as.jpg", Finding),
    ("invalid-dimensions.jpg", Finding),
    ("jpeg-lying-65500-a.jpg", Finding),
    ("jpeg-prog-truncated-a.jpg", Finding),
    ("jpeg-truncated-50-a.jpg", Finding),
    ("lfs-pointer.jpg", Finding),
    ("lying-huge-rgba-a.png", Finding),
    ("max_size.jpg", Finding),
    ("missing-sof.jpg", Finding),
    ("one-byte.webp", Finding),
    ("pdf-named.jpg", Finding),
    ("png-truncated-a.png", Finding),
    ("text-utf16.png", Finding),
    ("webp-truncated-a.webp", Finding),
    ("webp-vp8x-only-a.webp", Finding),
    ("x_ihdr_missing.png", Finding),
    ("x_unexpected_eof.png", Finding),
    ("xc1n0g08.png", Finding),
    ("xcrn0g04.png", Finding),
    ("xd0n2c08.png", Finding),
    ("xd9n2c08.png", Finding),
    ("xhdn0g08.png", Finding),
    ("xs1n0g01.png", Finding),
    ("xs4n0g01.png", Finding),
    ("zero-bytes.jpg", Finding),
    ("zero-size-a.png", Finding),
    ("Bad_badbitcount.bmp", Either),
    ("Bad_height.bmp", Either),
    ("Bad_shortfile.bmp", Either),
    ("Bad_width.bmp", Either),
    ("really-an-avif.webp", Either),
    ("iccp-bomb-a.png", Either),
    ("idat-zipbomb-10x10-a.png", Either),
    ("jpeg-bitflips-a.jpg", Either),
    ("no-iend-a.png", Either),
    ("riff-size-lie-a.webp", Either),
    ("panic.webp", Either),
];

/// Bytes of address space that a run over hostile images may have: several of them promise more
/// pixels than that.
const ADDRESS_SPACE: u64 = 2 << 30;

#[test]
fn broken_and_hostile_pictures_are_built_or_found_within_a_limit_of_memory() {
    let Some(folder) = corpus::folder("corpus/broken") else {
        return;
    };
    let site = site_with_a_sound_article();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name == "hazards.sh" {
            continue;
        }
        site.write(&format!("uploads/{name}"), fs::read(entry.path()).unwrap());
        let value = serde_json::to_string(&format!("/uploads/{name}")).unwrap();
        site.write_article(&format!("articles/{name}.md"), &value);
        names.push(name);
    }
    names.sort();
    let before = site.files();
    let script = format!(
        "ulimit -v {}; exec \"$0\" --jobs 2 --max-memory 512MiB --format json",
        ADDRESS_SPACE >> 10
    );
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_planche")])
        .current_dir(site.folder())
        .output()
        .unwrap();
    let run = Run::of(output).exits(1);
    let after = site.files();
    let records = check_records(&site);
    let findings = run.findings();
    for name in &names {
        let expected = BROKEN.iter().find(|(known, _)| known == name);
        let expected = expected.map_or(Either, |(_, outcome)| *outcome);
        let upload = format!("uploads/{name}");
        let error = findings
            .iter()
            .find(|found| found.file.as_ref() == Some(&upload) && found.severity != "notice");
        let article = format!("articles/{name}.md");
        let record = records.iter().find(|(path, _)| path.as_str() == article);
        let outcome = match (error, record) {
            (Some(found), None) => {
                assert!(found.hint.is_some(), "{found:?}");
                Finding
            }
            (None, Some(_)) => Built,
            both => panic!("{name}: {both:#?}"),
        };
        assert!(
            expected == Either || expected == outcome,
            "{name}: {outcome:?}"
        );
        assert_eq!(before[&upload], after[&upload], "{name}");
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
fn a_site_without_an_article_is_a_warning() {
    let folder = Scratch::empty();
    folder.write("planche.yml", "generator: none\n");
    let findings = folder.planche(&["--format", "json"]).exits(0).findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].code, "no-articles");
    assert!(findings[0].hint.is_some());
}

#[test]
fn a_front_matter_that_is_never_closed_is_a_warning() {
    let site = site_with_a_sound_article();
    let text = "---\nimage: /uploads/sound.png\n\nNo end.\n";
    site.write("articles/open.md", text);
    let expected = Expected {
        code: "unclosed-front-matter",
        place: "articles/open.md:1:1",
        message: "never closed",
        hint: "close it with a line",
    };
    check_only(&findings_of_a_build(&site, 0), &expected);
    assert_eq!(site.text("articles/open.md"), text);
}

#[test]
fn findings_are_sorted_by_severity_then_file_then_line() {
    let site = site_with_a_sound_article();
    site.write("uploads/broken.png", "no image");
    site.write(
        "articles/a.md",
        "---\nb: /uploads/gone.png\na: /uploads/broken.png\nc: /uploads/away.png\n---\n",
    );
    site.write("articles/b.md", "---\nb: /uploads/lost.png\n---\n");
    let findings = findings_of_a_build(&site, 1);
    let order: Vec<(&str, &str, Option<u32>)> = findings
        .iter()
        .map(|found| {
            let file = found.file.as_deref().unwrap();
            (found.severity.as_str(), file, found.line)
        })
        .collect();
    assert_eq!(
        order,
        [
            ("error", "uploads/broken.png", None),
            ("warning", "articles/a.md", Some(2)),
            ("warning", "articles/a.md", Some(4)),
            ("warning", "articles/b.md", Some(2)),
        ]
    );
}

#[test]
fn findings_about_a_rewritten_article_have_its_new_lines() {
    let site = site_with_a_sound_article();
    let text = "---\nimage: /uploads/sound.png\n---\nété ![](/uploads/gone.png)\n";
    site.write("articles/sound.md", text);
    site.write("uploads/broken.png", "no image");
    site.write(
        "articles/sound.md",
        format!("{text}\n![](/uploads/broken.png)\n"),
    );
    let run = site.planche(&["--format", "json"]).exits(1);
    let new = site.text("articles/sound.md");
    let line_of = |value: &str| {
        let line = new.lines().position(|line| line.contains(value));
        u32::try_from(line.unwrap() + 1).unwrap()
    };
    let findings = run.findings();
    let [broken, missing] = &findings[..] else {
        panic!("not two findings: {findings:#?}");
    };
    let line = line_of("/uploads/gone.png");
    assert!(line > 4, "the record has moved it: {new}");
    assert_eq!((missing.line, missing.column), (Some(line), Some(5)));
    let line = line_of("![](/uploads/broken.png)");
    let place = format!("(referenced at articles/sound.md:{line}:1)");
    assert!(broken.message.ends_with(&place), "{broken:#?}");
}
