//! Checks that every odd or broken image of the corpus is decoded correctly or reported, with
//! little memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::corpus;
use crate::scratch::{Run, Scratch};

/// The expected outcome for a file, derived by hand from the notes in the corpus's MANIFEST.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// A variant with these dimensions, at most 320 pixels wide.
    Done(u32, u32),
    /// A finding with this code.
    Finding(&'static str),
}

use Outcome::{Done, Finding};

const UNDECODABLE: Outcome = Finding("undecodable-upload");
const UNSUPPORTED: Outcome = Finding("unsupported-format");
const OVER_LIMIT: Outcome = Finding("over-limit");
const KEPT: Outcome = Finding("animation-kept");

const BROKEN: &[(&str, Outcome)] = &[
    (
        "68846842-f95e7180-06cd-11ea-9207-80b34a91f939.jpg",
        UNDECODABLE,
    ),
    ("Bad_badbitcount.bmp", UNDECODABLE),
    ("Bad_height.bmp", UNDECODABLE),
    ("Bad_shortfile.bmp", UNDECODABLE),
    ("Bad_width.bmp", UNDECODABLE),
    ("avif-truncated-a.avif", UNDECODABLE),
    ("bad-colour-type-a.png", UNDECODABLE),
    ("bad-crc-idat-a.png", UNDECODABLE),
    ("bomb-1bit-a.png", OVER_LIMIT),
    ("bomb-65536x65536-palette.png", OVER_LIMIT),
    ("broken.png", UNDECODABLE),
    ("corrupt-header.jpg", UNDECODABLE),
    // djpeg reports a "premature end of data segment".
    ("dc-predictor-overflow.jpg", UNDECODABLE),
    ("empty.jpg", UNDECODABLE),
    // The entry before the loop has orientation 6, which browsers apply.
    ("exif-ifd-loop-a.jpg", Done(320, 569)),
    ("exif-orientation-0-a.jpg", Done(320, 180)),
    ("gif-canvas-65535-a.gif", OVER_LIMIT),
    ("gif-truncated-a.gif", UNDECODABLE),
    ("html-saved-as.jpg", UNDECODABLE),
    ("icc-garbage-a.jpg", Done(320, 180)),
    ("iccp-bomb-a.png", Done(10, 10)),
    ("idat-zipbomb-10x10-a.png", Done(10, 10)),
    ("image01551.jpg", Done(61, 58)),
    ("invalid-dimensions.jpg", UNDECODABLE),
    ("invalid-exif.jpg", Done(200, 200)),
    ("jpeg-bitflips-a.jpg", Done(320, 180)),
    ("jpeg-lying-65500-a.jpg", OVER_LIMIT),
    ("jpeg-no-eoi-a.jpg", Done(320, 180)),
    ("jpeg-prog-truncated-a.jpg", UNDECODABLE),
    ("jpeg-truncated-50-a.jpg", UNDECODABLE),
    ("lfs-pointer.jpg", UNDECODABLE),
    // By its header, it has 12 bits per sample.
    ("ljt-github_668-poc1min.jpg", UNSUPPORTED),
    ("ljt-github_670-poc3min.jpg", UNDECODABLE),
    ("ljt-github_673-poc6-2min.jpg", UNDECODABLE),
    ("ljt-github_676-poc12min.jpg", UNDECODABLE),
    ("ljt-github_678-poc14min.jpg", UNDECODABLE),
    ("ljt-github_680-poc17min.jpg", UNDECODABLE),
    ("ljt-github_683-poc20min.jpg", UNDECODABLE),
    ("lying-huge-rgba-a.png", OVER_LIMIT),
    ("max_size.jpg", OVER_LIMIT),
    ("missing-sof.jpg", UNDECODABLE),
    ("multiple-0xff-before-eoi.jpg", Done(320, 240)),
    // All its pixels are present, and browsers show them.
    ("no-iend-a.png", Done(64, 64)),
    ("one-byte.webp", UNDECODABLE),
    // Chromium enlarges the logical screen of 32 pixels to contain the first frame.
    ("oob.gif", Done(40, 40)),
    ("panic.webp", Done(100, 30)),
    ("pdf-named.jpg", UNDECODABLE),
    ("png-truncated-a.png", UNDECODABLE),
    ("really-a-jpeg.png", Done(320, 180)),
    ("really-a-png.jpg", Done(320, 180)),
    ("really-an-avif.webp", Done(320, 180)),
    ("riff-size-lie-a.webp", Done(320, 180)),
    ("subtract-with-overflow.jpg", UNDECODABLE),
    ("text-utf16.png", UNDECODABLE),
    ("trailing-garbage-a.jpg", Done(320, 180)),
    ("webp-truncated-a.webp", UNDECODABLE),
    ("webp-vp8x-only-a.webp", UNDECODABLE),
    ("x_ihdr_missing.png", UNDECODABLE),
    ("x_interlaced_chck.png", UNDECODABLE),
    ("x_issue#230.0.png", UNDECODABLE),
    ("x_unexpected_eof.png", UNDECODABLE),
    ("xc1n0g08.png", UNDECODABLE),
    ("xcrn0g04.png", UNDECODABLE),
    ("xd0n2c08.png", UNDECODABLE),
    ("xd9n2c08.png", UNDECODABLE),
    ("xhdn0g08.png", UNDECODABLE),
    ("xs1n0g01.png", UNDECODABLE),
    ("xs4n0g01.png", UNDECODABLE),
    ("zero-bytes.jpg", UNDECODABLE),
    ("zero-size-a.png", UNDECODABLE),
];

const ODD: &[(&str, Outcome)] = &[
    ("animation/big-height.webp", Done(13, 169)),
    ("animation/cogs.gif", Done(85, 77)),
    ("animation/dispose-background.gif", Done(192, 168)),
    ("animation/earth-animated.gif", Done(320, 320)),
    (
        "animation/large-gif-anim-full-frame-replace.gif",
        Done(320, 320),
    ),
    ("animation/random_lossy.webp", KEPT),
    ("animation/rotating-squares.webp", Done(80, 80)),
    (
        "colour/Channel_digital_image_CMYK_color.jpg",
        Done(320, 213),
    ),
    ("colour/HUAWEI-EVA-L09-16bit_709_g1_dt.png", Done(64, 64)),
    ("colour/P3-sRGB-color-ring.png", Done(320, 320)),
    ("colour/adobe-Maxime-Pierrot.png", Done(320, 320)),
    ("colour/adobe-camille-canaple.jpg", Done(320, 320)),
    ("colour/display-Arnaud-Menard.png", Done(320, 320)),
    ("colour/flower-440.jpg", Done(320, 213)),
    ("colour/flower-gray.jpg", Done(320, 213)),
    ("colour/hd-bulletins-form.png", Done(320, 256)),
    ("colour/jpg-cmyk-1.jpg", Done(32, 32)),
    ("colour/p3.png", Done(8, 8)),
    (
        "colour/red-at-12-oclock-with-color-profile.jpg",
        Done(320, 320),
    ),
    ("colour/rgb-to-gbr-test.png", Done(320, 320)),
    ("colour/rgb.jpg", Done(320, 213)),
    // The profile has a table to XYZ, which moxcms does not support.
    ("colour/sample-xyb.jpg", Done(290, 442)),
    ("colour/sample.jpg", Done(290, 442)),
    ("colour/ultra-hdr.jpg", Done(320, 180)),
    ("depth/Flag_of_the_Netherlands-16bit.png", Done(320, 213)),
    ("depth/Flag_of_the_Netherlands-alpha.png", Done(320, 213)),
    ("depth/full-transparent.png", Done(300, 300)),
    ("depth/gradient16-1600x400.png", Done(320, 80)),
    ("depth/grey-alpha16-dev.png", Done(256, 256)),
    ("depth/itxt_chunks.png", Done(320, 267)),
    ("depth/paletted-zune.png", Done(320, 352)),
    ("formats/3.webp", Done(320, 180)),
    ("formats/3_webp_a.webp", Done(320, 240)),
    ("formats/BlueSquare.jpg", Done(320, 192)),
    ("formats/DSCN0010.jpg", Done(320, 240)),
    ("formats/IMG_5195.HEIC", UNSUPPORTED),
    ("formats/SCAN-DEV.TIF", Done(320, 213)),
    ("formats/extraneous-data.jpg", Done(16, 16)),
    ("formats/f1t.jxl", UNSUPPORTED),
    ("formats/f1t.tif", Done(48, 80)),
    ("formats/fox.profile0.8bpc.yuv420.avif", Done(320, 213)),
    ("formats/fox.profile2.12bpc.yuv444.avif", Done(320, 213)),
    ("formats/junk_jpeg_header.jpg", Done(320, 240)),
    ("formats/looks-like-svg.webp", Done(256, 256)),
    ("formats/photo-dev.jp2", UNSUPPORTED),
    (
        "formats/random12_99x92_ifast_rgb_420_Q90,80,70_smooth50.jpg",
        UNSUPPORTED,
    ),
    ("formats/restarts.jpg", Done(33, 33)),
    ("formats/small.bmp", Done(16, 12)),
    ("formats/test1.arith.jpg", UNSUPPORTED),
    ("orientation/Landscape_1.jpg", Done(320, 213)),
    ("orientation/Landscape_6.jpg", Done(320, 213)),
    ("orientation/exif-Landscape_15.jpg", Done(320, 213)),
    (
        "orientation/exif_imagemagick_orientation.png",
        Done(320, 320),
    ),
    ("orientation/hopper_orientation_6.webp", Done(128, 128)),
    ("orientation/kimono.rotate90.avif", Done(320, 454)),
    ("orientation/orientation-3.png", Done(200, 100)),
    ("orientation/orientation-6.png", Done(100, 200)),
    ("orientation/orientation_rectangle.jpg", Done(1, 2)),
    ("size/crop_test.png", Done(320, 427)),
    ("size/giant-image.jpg", OVER_LIMIT),
    ("size/grayscale_large.jpg", Done(320, 1)),
    ("size/jpg-size-1x1.jpg", Done(1, 1)),
    ("size/strip-16384x40.png", Done(320, 1)),
];

/// Address space of the program in KiB: a decoder that trusts a huge size in a header fails.
const ADDRESS_SPACE_KIB: u64 = 1 << 20;

/// Builds a site with these files of a folder. Returns the site, and the codes of findings by file.
fn build(folder: &Path, files: &[(&str, Outcome)]) -> (Scratch, BTreeMap<String, String>) {
    let site = Scratch::site();
    // Many of the files are the same image in different encodings.
    let config = site.text("planche.yml") + "allow: [{ code: similar-uploads }]\n";
    site.write("planche.yml", config);
    site.write("presets/card.yml", "widths: [320]\nsizes: 100vw\n");
    for (place, (name, _)) in files.iter().enumerate() {
        site.write(
            &format!("uploads/{name}"),
            fs::read(folder.join(name)).unwrap(),
        );
        let article = format!("---\nimage: \"/uploads/{name}\"\n---\n");
        site.write(&format!("articles/{place}.md"), article);
    }
    let script = format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_planche")])
        .args(["--format", "json", "--jobs", "2"])
        .current_dir(site.folder())
        .output()
        .unwrap();
    let run = Run::of(output);
    // These findings are about what the images show, not about reading them.
    let about_content = ["animation-over-5s", "original-has-position"];
    let findings = run.findings().into_iter();
    let findings = findings.filter(|found| !about_content.contains(&found.code.as_str()));
    let findings = findings.map(|found| {
        assert!(
            found.code == "animation-kept" || found.hint.is_some(),
            "{found:?}"
        );
        (found.file.unwrap_or_default(), found.code)
    });
    let findings = findings.collect();
    (site, findings)
}

#[track_caller]
fn check(corpus_folder: &str, files: &[(&str, Outcome)]) {
    let Some(folder) = corpus::folder(corpus_folder) else {
        return;
    };
    let (site, findings) = build(&folder, files);
    let articles = (0..files.len()).map(|place| site.text(&format!("articles/{place}.md")));
    let mut wrong = Vec::new();
    for ((name, expected), article) in files.iter().zip(articles) {
        let finding = findings.get(&format!("uploads/{name}")).map(String::as_str);
        let number = |key: &str| -> Option<u32> {
            let line = article
                .lines()
                .find_map(|line| line.trim().strip_prefix(key))?;
            line.trim().parse().ok()
        };
        let size = number("width:").zip(number("height:"));
        let is_right = match *expected {
            Finding(code) => finding == Some(code),
            Done(width, height) => {
                // The record contains the original's dimensions; the variant is 320 pixels wide, or
                // as wide as the original.
                let (w, h) = size.unwrap_or((1, 1));
                let shown = w.min(320);
                let shown_height = (f64::from(h) * f64::from(shown) / f64::from(w))
                    .round()
                    .max(1.0);
                finding.is_none()
                    && size.is_some()
                    && (f64::from(shown), shown_height) == (f64::from(width), f64::from(height))
            }
        };
        if !is_right {
            wrong.push(format!("{name}: {expected:?}, but {finding:?}, {size:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn broken_images_are_reported_or_decoded_completely() {
    check("corpus/broken", BROKEN);
}

#[test]
fn odd_pictures_are_right_or_findings() {
    check("corpus/odd", ODD);
}

#[test]
fn all_of_pngsuite_is_read() {
    let Some(folder) = corpus::folder("corpus/odd/pngsuite") else {
        return;
    };
    let names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.len() > 70, "{}", names.len());
    let files: Vec<(&str, Outcome)> = names.iter().map(|name| (name.as_str(), KEPT)).collect();
    let (site, findings) = build(&folder, &files);
    assert_eq!(findings, BTreeMap::new());
    for (place, name) in names.iter().enumerate() {
        let article = site.text(&format!("articles/{place}.md"));
        assert!(article.contains("image_responsive"), "{name}");
    }
}
