//! Identical uploads: their variants are produced once, and the duplicates are reported.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use image::DynamicImage;
use image::imageops::FilterType;
use planche::internal::flow::{self, Options};
use planche::internal::path::SitePath;
use planche::internal::report::Summary;
use planche::internal::variant::Progress;

use crate::corpus;
use crate::scratch::{Scratch, sample_upload};

const PHOTO: &str = "prague_schaer_CIO_une800.png";

/// Records which originals were processed.
#[derive(Default)]
struct Worked(Mutex<Vec<String>>);

impl Progress for Worked {
    fn started(&self, _originals: usize) {}
    fn written(&self, _original: &SitePath, _bytes: u64) {}
    fn finished(&self, original: &SitePath) {
        self.0.lock().unwrap().push(original.to_string());
    }
}

/// Creates a site with one article for each of these uploads.
fn site(uploads: &[(&str, &[u8])]) -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        "widths: [32, 64, 320]\nsizes: 100vw\neffort: 0\n",
    );
    for (name, bytes) in uploads {
        add(&site, name, bytes);
    }
    site
}

fn add(site: &Scratch, name: &str, bytes: &[u8]) {
    site.write(&format!("uploads/{name}"), bytes);
    site.write_article(
        &format!("articles/{name}.md"),
        &format!("\"/uploads/{name}\""),
    );
}

/// Builds the site. Returns the summary, and the originals that were decoded or copied for it.
fn build(site: &Scratch) -> (Summary, Vec<String>) {
    let worked = Worked::default();
    let site = site.open();
    let options = Options {
        progress: &worked,
        ..Options::for_site(&site)
    };
    let summary = flow::build(&site, &options).unwrap();
    (summary, worked.0.into_inner().unwrap())
}

/// Returns the variants of an upload: the ends of their names after the stem, and their bytes.
fn variants(site: &Scratch, stem: &str) -> Vec<(String, Vec<u8>)> {
    let names = site.variants().into_iter();
    let own = names.filter_map(|name| {
        let end = name.strip_prefix(&format!("uploads/variants/{stem}-"))?;
        Some((end.to_owned(), fs::read(site.path(&name)).unwrap()))
    });
    own.collect()
}

/// Returns the notices about copies: for each, the copy and the file that it duplicates.
fn copies(site: &Scratch) -> Vec<(String, String)> {
    let run = site.planche(&["--format", "json", "--strict"]).exits(0);
    let found = run.findings().into_iter();
    let found = found.filter(|found| found.code == "similar-uploads");
    found
        .map(|found| {
            assert_eq!(found.severity, "notice");
            let other = found.message.split('`').nth(1).unwrap().to_owned();
            (found.file.unwrap(), other)
        })
        .collect()
}

fn is_copy(copy: &str, kept: &str) -> Vec<(String, String)> {
    vec![(format!("uploads/{copy}"), format!("uploads/{kept}"))]
}

/// To remove one would remove the only file.
#[test]
fn links_to_an_upload_are_no_copies() {
    let photo = sample_upload(PHOTO);
    let site = site(&[("a.png", &photo)]);
    symlink("a.png", site.path("uploads/linked.png")).unwrap();
    fs::hard_link(site.path("uploads/a.png"), site.path("uploads/other.png")).unwrap();
    for name in ["linked.png", "other.png"] {
        site.write_article(&format!("articles/{name}.md"), &format!("/uploads/{name}"));
    }
    assert_eq!(copies(&site), []);
    add(&site, "copy.png", &photo);
    assert_eq!(copies(&site), is_copy("copy.png", "a.png"));
}

#[test]
fn identical_uploads_are_decoded_and_encoded_once() {
    let photo = sample_upload(PHOTO);
    let site = site(&[("a.png", &photo), ("b.png", &photo), ("sub/c.png", &photo)]);
    let (summary, worked) = build(&site);
    assert_eq!(worked, ["uploads/a.png"], "one job");
    assert_eq!(summary.variants.written, 9);
    assert_eq!(summary.articles.changed, 3);
    let made = variants(&site, "a");
    assert_eq!(made.len(), 3);
    assert_eq!(variants(&site, "b"), made);
    assert_eq!(variants(&site, "sub/c"), made);
    assert_eq!(build(&site).1, [""; 0]);
    let alone = Scratch::site();
    alone.write("presets/card.yml", site.text("presets/card.yml"));
    add(&alone, "b.png", &photo);
    build(&alone);
    assert_eq!(
        variants(&alone, "b"),
        made,
        "whether its twin is there or not"
    );
}

#[test]
fn an_identical_original_reuses_existing_files() {
    let photo = sample_upload(PHOTO);
    let site = site(&[("a.png", &photo)]);
    build(&site);
    // Marks a variant with an unknown chunk, which no encoder writes.
    let marked = |name: &String| {
        let mut file = fs::read(site.path(name)).unwrap();
        file.extend_from_slice(b"MARK\x02\0\0\0ok");
        let length = u32::try_from(file.len() - 8).unwrap();
        file[4..8].copy_from_slice(&length.to_le_bytes());
        site.write(name, &file);
    };
    site.variants().iter().for_each(marked);
    add(&site, "b.png", &photo);
    let (summary, worked) = build(&site);
    assert_eq!((summary.variants.written, worked.len()), (3, 1));
    let copied = variants(&site, "b");
    assert_eq!(copied, variants(&site, "a"));
    assert!(copied.iter().all(|(_, file)| file.ends_with(b"ok")));
    // A variant that is missing for both is encoded once, and copied to the other one.
    for stem in ["a", "b"] {
        let (end, _) = &copied[0];
        fs::remove_file(site.path(&format!("uploads/variants/{stem}-{end}"))).unwrap();
    }
    assert_eq!(build(&site).0.variants.written, 2);
    let again = variants(&site, "b");
    assert_eq!(again, variants(&site, "a"));
    let marks = again.iter().filter(|(_, file)| file.ends_with(b"ok"));
    assert_eq!(marks.count(), 2);
}

#[test]
fn a_failure_is_reported_for_each_copy() {
    let mut broken = sample_upload(PHOTO);
    let middle = broken.len() / 2;
    broken[middle..middle + 2000].fill(0);
    let site = site(&[("a.png", &broken), ("b.png", &broken)]);
    let run = site.planche(&["--format", "json"]).exits(1);
    assert_eq!(run.count("/originals/failed"), 2);
    let mut files: Vec<String> = run
        .findings()
        .into_iter()
        .filter(|found| found.code == "undecodable-upload")
        .filter_map(|found| found.file)
        .collect();
    files.sort();
    assert_eq!(files, ["uploads/a.png", "uploads/b.png"]);
}

fn encoded(image: &DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(image: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    let rgb = image.to_rgb8();
    let (width, height) = (rgb.width() as u16, rgb.height() as u16);
    encoder
        .encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes
}

#[test]
fn modified_copies_are_reported() {
    let original = sample_upload(PHOTO);
    let photo = image::load_from_memory(&original).unwrap();
    let small = photo.resize_exact(
        photo.width() / 2,
        photo.height() / 2,
        FilterType::CatmullRom,
    );
    let good = jpeg(&photo, 90);
    for (kept, copy, bytes) in [
        ("a.png", "a (1).png", original.clone()),
        ("a.png", "a (1).jpg", jpeg(&photo, 60)),
        (
            "a.png",
            "a (1).webp",
            encoded(&photo, image::ImageFormat::WebP),
        ),
        (
            "a.png",
            "small.png",
            encoded(&small, image::ImageFormat::Png),
        ),
        ("a.png", "a.jpg", jpeg(&small, 75)),
    ] {
        let site = site(&[(kept, &original), (copy, &bytes)]);
        assert_eq!(copies(&site), is_copy(copy, kept), "{copy}");
        // The second build uses the ledger, the third one has none.
        assert_eq!(copies(&site), is_copy(copy, kept), "{copy}");
        site.remove_state();
        assert_eq!(copies(&site), is_copy(copy, kept), "{copy}");
        let check = site.planche(&["check", "--format", "json"]).exits(0);
        assert_eq!(check.findings().len(), 1);
        site.write(
            "planche.yml",
            site.text("planche.yml")
                + &format!("allow: [{{ code: similar-uploads, path: \"uploads/{copy}\" }}]\n"),
        );
        assert_eq!(copies(&site), []);
    }
    // In the opposite order as well, the largest file is the one to keep.
    let site = site(&[("a.jpg", &jpeg(&small, 80)), ("b.jpg", &good)]);
    assert_eq!(copies(&site), is_copy("a.jpg", "b.jpg"));
}

#[test]
fn different_images_are_not_copies() {
    let original = sample_upload(PHOTO);
    let photo = image::load_from_memory(&original).unwrap();
    let cut = photo.crop_imm(40, 0, photo.width() - 40, photo.height() - 20);
    let turned = photo.fliph();
    let lighter = photo.brighten(6);
    let site = site(&[
        ("a.png", &original),
        ("cut.png", &encoded(&cut, image::ImageFormat::Png)),
        ("turned.png", &encoded(&turned, image::ImageFormat::Png)),
        ("lighter.png", &encoded(&lighter, image::ImageFormat::Png)),
    ]);
    assert_eq!(copies(&site), []);
}

#[test]
fn animations_that_begin_alike_are_no_copies() {
    let gif = |last: u8| {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, 100, 60, &[250, 0, 0, 0, 0, 250]).unwrap();
        for colour in [0, last] {
            let frame = gif::Frame {
                width: 100,
                height: 60,
                buffer: vec![colour; 6000].into(),
                ..gif::Frame::default()
            };
            encoder.write_frame(&frame).unwrap();
        }
        drop(encoder);
        bytes
    };
    let site = site(&[("a.gif", &gif(1)), ("b.gif", &gif(0))]);
    assert_eq!(copies(&site), []);
    add(&site, "c.gif", &gif(1));
    assert_eq!(copies(&site), is_copy("c.gif", "a.gif"));
}

/// Images of the corpus that show the same, as judged by eye: file names without extensions.
const SAME: &[&[&str]] = &[
    &["01-zola", "01-zola.55d6e65a63e4be0d"],
    &[
        "18F-Logo-M",
        "18f-favicon",
        "18f-favicon-57",
        "18f-favicon-72",
        "18f-favicon-114",
        "18f-favicon-144",
        "18f-favicon-192",
    ],
    &["bootcamp9", "tiphaine-guillaume"],
    &["casa-mila", "sgm-1anmps"],
    &["diaporama 1", "singaporean-cityscape", "sous-dossier"],
    &["image_ACCUEIL", "lake-1600", "lake-sherburne"],
    &["pictureintweet", "twitter"],
];

#[test]
fn in_the_corpus_nothing_else_is_taken_for_a_copy() {
    let mut found = Vec::new();
    for part in ["corpus/photos", "corpus/graphics", "corpus/sites"] {
        let Some(folder) = corpus::folder(part) else {
            return;
        };
        pictures(&folder, &mut found);
    }
    // Only small files are compared. The larger ones take minutes, and were compared once.
    found.retain(|path| fs::metadata(path).unwrap().len() < 40_000);
    found.sort();
    let site = Scratch::site();
    site.write(
        "presets/article.yml",
        "widths: [320]\nsizes: 100vw\neffort: 0\nlossless: never\n",
    );
    let mut article = "---\ntitle: All\n---\n".to_owned();
    for (index, path) in found.iter().enumerate() {
        let extension = path.extension().unwrap().to_str().unwrap();
        let name = format!("uploads/{index}.{extension}");
        site.write(&name, fs::read(path).unwrap());
        article.push_str(&format!("![](/{name})\n\n"));
    }
    site.write("articles/all.md", article);
    let run = site.planche(&["--format", "json"]);
    assert!(run.count("/variants/written") > 100, "{run:#?}");
    let stem = |name: &str| -> String {
        let index = name.rsplit('/').next().unwrap().split('.').next().unwrap();
        let path = &found[index.parse::<usize>().unwrap()];
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    let copies = run.findings().into_iter();
    let copies = copies.filter(|found| found.code == "similar-uploads");
    let pairs: BTreeSet<(String, String)> = copies
        .map(|found| {
            let other = found.message.split('`').nth(1).unwrap();
            (stem(&found.file.unwrap()), stem(other))
        })
        .collect();
    let is_known = |(one, other): &&(String, String)| {
        let holds = |same: &[&str], name: &str| same.contains(&name);
        one == other
            || SAME
                .iter()
                .any(|same| holds(same, one) && holds(same, other))
    };
    let unknown: Vec<_> = pairs.iter().filter(|pair| !is_known(pair)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(pairs.len() > 5, "{pairs:#?}");
}

/// Collects the images in a folder of the corpus, at any depth.
fn pictures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|end| end.to_str()).unwrap_or("");
        if path.is_dir() {
            pictures(&path, found);
        } else if ["jpg", "jpeg", "png", "webp"].contains(&extension) {
            found.push(path);
        }
    }
}
