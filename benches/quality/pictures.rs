//! Loads the corpus at several widths, as the pixels that encoders get.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use planche::internal::picture::format::webp::libwebp::{self as webp, Mode};
use planche::internal::picture::pixels::{Channels, Pixels};
use planche::internal::picture::score::{Scorer, Scores};
use planche::internal::picture::units::{Dimensions, Effort, Quality};

use crate::support::{build, site_of};

pub static GO: AtomicBool = AtomicBool::new(false);

/// The pixels of one variant before encoding.
pub struct Picture {
    pub name: String,
    pub pixels: Pixels,
}

impl Picture {
    pub fn width(&self) -> u32 {
        self.pixels.dimensions.width
    }

    pub fn encode(&self, mode: Mode, effort: u8) -> Vec<u8> {
        let effort = Effort::new(effort).expect("an effort");
        webp::encode(&self.pixels, mode, effort, &GO).expect("a WebP")
    }

    /// Returns a function that scores a WebP file with the whole metric, without sampling.
    pub fn scorer(&self) -> impl Fn(&[u8]) -> Scores {
        let scorer = Scorer::thorough(&self.pixels).expect("a scorer");
        move |webp| {
            let shown = webp::shown(webp, &self.pixels).expect("pixels");
            scorer.scores(&shown).expect("scores")
        }
    }
}

pub fn lossy(quality: f32) -> Mode {
    Mode::Lossy(Quality::new(quality).expect("a quality"))
}

/// Returns each image at each width up to its own, resized by planche.
pub fn resized(files: &[PathBuf], widths: &[u32]) -> Vec<Picture> {
    let preset = format!("widths: {widths:?}\nsizes: 100vw\nlossless: always\neffort: 0\n");
    let site = site_of(files, &preset);
    build(site.path(), 2);
    let folder = site.path().join("uploads/variants");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the variants")
        .map(|file| file.expect("a file").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let image = image::open(path).expect("a WebP");
            let dimensions = Dimensions {
                width: image.width(),
                height: image.height(),
            };
            let (channels, samples) = if image.color().has_alpha() {
                (Channels::Rgba, image.into_rgba8().into_raw())
            } else {
                (Channels::Rgb, image.into_rgb8().into_raw())
            };
            let pixels = Pixels {
                dimensions,
                channels,
                samples,
            };
            let name = path.file_name().expect("a name").to_string_lossy();
            Picture {
                name: name[..name.len() - ".0123456789.webp".len()].to_owned(),
                pixels,
            }
        })
        .collect()
}
