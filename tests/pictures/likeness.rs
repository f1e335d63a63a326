//! The visual similarity of two images.

use std::path::Path;

use fast_ssim2::{PixelDescriptor, PixelSlice, compute_ssimulacra2};
use image::{ImageReader, RgbaImage};

/// SSIMULACRA2 of two files: 100 if they are equal. Transparent images are composited over white
/// and over black, and the lower score counts: a difference in transparency shows on one of them.
#[track_caller]
pub fn of(ours: &Path, theirs: &Path) -> f64 {
    let (ours, theirs) = (open(ours), open(theirs));
    assert_eq!(ours.dimensions(), theirs.dimensions());
    let opaque = |picture: &RgbaImage| picture.pixels().all(|pixel| pixel[3] == 255);
    let over_white = score(&ours, &theirs, 255);
    if opaque(&ours) && opaque(&theirs) {
        return over_white;
    }
    over_white.min(score(&ours, &theirs, 0))
}

fn open(path: &Path) -> RgbaImage {
    let reader = ImageReader::open(path).unwrap();
    reader.decode().unwrap().into_rgba8()
}

fn score(ours: &RgbaImage, theirs: &RgbaImage, background: u8) -> f64 {
    let (width, height) = ours.dimensions();
    let (ours, theirs) = (over(ours, background), over(theirs, background));
    let [ours, theirs] = [&ours, &theirs].map(|samples| {
        let stride = 3 * width as usize;
        PixelSlice::new(samples, width, height, stride, PixelDescriptor::RGB8_SRGB).unwrap()
    });
    compute_ssimulacra2(&theirs, &ours).unwrap()
}

/// The samples of an image over a gray.
fn over(picture: &RgbaImage, background: u8) -> Vec<u8> {
    let blend = |value: u8, alpha: u8| {
        let (alpha, over) = (u32::from(alpha), 255 - u32::from(alpha));
        ((u32::from(value) * alpha + u32::from(background) * over + 127) / 255) as u8
    };
    let pixels = picture.pixels();
    pixels
        .flat_map(|pixel| [0, 1, 2].map(|at| blend(pixel[at], pixel[3])))
        .collect()
}
