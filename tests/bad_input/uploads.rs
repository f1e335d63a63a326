//! Uploads that are missing, too large, truncated, or not images.

use super::{Expected, check_only, findings_of_a_build, site_with_a_sound_article};
use crate::scratch::sample_upload;

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
