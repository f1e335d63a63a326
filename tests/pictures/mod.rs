//! Compares our resized images with those of libvips, for every still image of the corpus.
//!
//! Ours are lossless variants of a built site, so that only decoding, colours, orientation and
//! resizing are compared. Each file that differs is named in `exceptions`, with its score and why.

mod exceptions;
mod likeness;
mod vips;

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::corpus;
use crate::scratch::Scratch;
use exceptions::{Exception, UNREAD, UNREAD_BY_LIBVIPS};

/// Small, so that a run takes a minute; large enough for a photo to be one.
const WIDTH: u32 = 320;

/// At 90 on SSIMULACRA2's scale, a difference cannot be seen even by flipping between the two.
const ALIKE: f64 = 90.0;

/// How far the score of an exception may move before it must be reviewed: other releases of libvips
/// or LittleCMS round differently.
const TOLERANCE: f64 = 2.0;

#[test]
fn pictures_look_as_libvips_makes_them() {
    compare("srgb", &["photos", "graphics", "odd"], &exceptions::srgb());
}

#[test]
fn pictures_look_as_libvips_makes_them_in_linear_light() {
    // Not the PngSuite: its images are no wider than a variant, and are not resized.
    let odd = ["colour", "depth", "formats", "orientation", "size"];
    let odd = odd.map(|part| format!("odd/{part}"));
    let parts = ["photos", "graphics"].into_iter();
    let parts: Vec<&str> = parts.chain(odd.iter().map(String::as_str)).collect();
    compare("linear", &parts, &exceptions::linear());
}

/// Builds the images of parts of the corpus with a gamma, and compares each with libvips.
fn compare(light: &str, parts: &[&str], exceptions: &[Exception]) {
    let Some(corpus) = corpus::folder("corpus") else {
        return;
    };
    if !vips::is_installed() {
        return;
    }
    let mut files = Vec::new();
    for part in parts {
        collect(&corpus, Path::new(part), &mut files);
    }
    files.sort();
    let site = build(&corpus, &files, light);
    let without_reference = files_of(UNREAD_BY_LIBVIPS);
    let unread = files_of(UNREAD);
    let mut wrong: Vec<String> = (0..files.len())
        .into_par_iter()
        .filter_map(|index| {
            let name = files[index].as_str();
            let ours = match (variant(&site, index), unread.contains(&name)) {
                (Some(ours), false) => ours,
                (None, true) => return None,
                (Some(_), true) => return Some(format!("{name}: is read after all")),
                (None, false) => return Some(format!("{name}: has no variant")),
            };
            if without_reference.contains(&name) {
                return None;
            }
            let scratch = site.path(&format!("vips-{index}"));
            let size = image::image_dimensions(&ours).unwrap();
            let theirs = vips::thumbnail(&corpus.join(name), &scratch, size, light);
            let score = likeness::of(&ours, &theirs);
            eprintln!("{score:8.2} {name}");
            match exceptions.iter().find(|exception| exception.file == name) {
                None if score >= ALIKE => None,
                Some(exception) if (score - exception.score).abs() <= TOLERANCE => None,
                None => Some(format!("{name}: {score:.2}")),
                Some(Exception {
                    score: was, why, ..
                }) => Some(format!("{name}: {score:.2}, was {was}: {why}")),
            }
        })
        .collect();
    let gone = exceptions.iter().map(|exception| exception.file.as_str());
    let gone = gone
        .chain(unread)
        .chain(without_reference)
        .filter(|name| !files.iter().any(|file| file == name));
    wrong.extend(gone.map(|name| format!("{name}: is not there")));
    wrong.sort();
    assert!(wrong.is_empty(), "{light}:\n{}", wrong.join("\n"));
}

fn files_of(table: &[(&'static str, &str)]) -> Vec<&'static str> {
    table.iter().map(|(file, _)| *file).collect()
}

/// The still images below a folder of the corpus, by their paths in it.
fn collect(corpus: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(corpus.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if !entry.file_type().unwrap().is_dir() {
            files.push(path.to_str().unwrap().to_owned());
        } else if !path.ends_with("animation") {
            collect(corpus, &path, files);
        }
    }
}

/// A site that references each file, each in a separate folder named by its index.
fn build(corpus: &Path, files: &[String], light: &str) -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        format!("widths: [{WIDTH}]\nsizes: 100vw\nlossless: always\neffort: 0\nresize: {light}\n"),
    );
    for (index, file) in files.iter().enumerate() {
        let path = corpus.join(file);
        let name = path.file_name().unwrap().to_str().unwrap();
        let upload = format!("uploads/{index}/{name}");
        site.write(&upload, fs::read(&path).unwrap());
        site.write_article(&format!("articles/{index}.md"), &format!("\"/{upload}\""));
    }
    // Some of the corpus's files are errors.
    site.planche(&["build", "--quiet"]).exits(1);
    site
}

/// The one variant of the image with this index.
fn variant(site: &Scratch, index: usize) -> Option<PathBuf> {
    let folder = fs::read_dir(site.path(&format!("uploads/variants/{index}"))).ok()?;
    let files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next()
}
