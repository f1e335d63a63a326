//! The broken and hostile images of the corpus.

use std::fs;
use std::process::Command;

use super::site_with_a_sound_article;
use crate::corpus;
use crate::records::check_records;
use crate::scratch::Run;

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
