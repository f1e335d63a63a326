//! Renders the upright pixels of one variant from a prepared original: crops, resizes, turns, and
//! adds a background.

use crate::compose::over;
use crate::error::ImageError;
use crate::framing::{Background, Focus};
use crate::info::Orientation;
use crate::pixels::{Channels, Pixels};
use crate::recipe::Framing;
use crate::resize::{PreparedImage, Window};
use crate::salience;
use crate::units::Dimensions;

/// A prepared original with its orientation.
pub struct OrientedImage<'p> {
    pub prepared: &'p PreparedImage,
    pub orientation: Orientation,
}

/// How the image is placed in a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// A window of the upright image fills the variant.
    Window(Window),
    /// The full image is centered on a background.
    Inside(Background),
}

impl OrientedImage<'_> {
    fn dimensions(&self) -> Dimensions {
        self.orientation.turned(self.prepared.dimensions())
    }

    /// Renders the variant of that size. The image is resized as stored and then turned, which
    /// costs less on the smaller image.
    pub fn frame(&self, target: Dimensions, framing: Framing) -> Result<Pixels, ImageError> {
        self.at(self.place(framing)?, target)
    }

    /// Decides how the image is placed. For animations, the first frame decides for all.
    pub fn place(&self, framing: Framing) -> Result<Placement, ImageError> {
        let own = self.dimensions();
        Ok(match framing {
            Framing::Whole => Placement::Window(Window::whole(own)),
            Framing::Cover {
                window: size,
                focus: Focus::Point(point),
            } => {
                let (left, top) = point.window(own, size);
                Placement::Window(Window { left, top, size })
            }
            Framing::Cover {
                window: size,
                focus: Focus::Auto,
            } => Placement::Window(self.salient(size)?),
            Framing::Contain { background } => Placement::Inside(background),
        })
    }

    /// Renders the variant with this placement.
    pub fn at(&self, place: Placement, target: Dimensions) -> Result<Pixels, ImageError> {
        match place {
            Placement::Window(window) => self.part(window, target),
            Placement::Inside(background) => {
                let own = self.dimensions();
                let inner = within(own, target);
                let picture = self.part(Window::whole(own), inner)?;
                Ok(on_background(&picture, target, background))
            }
        }
    }

    /// Resizes a part of the upright image.
    fn part(&self, window: Window, target: Dimensions) -> Result<Pixels, ImageError> {
        let window = stored(window, self.dimensions(), self.orientation);
        let target = self.orientation.turned(target);
        turn(self.prepared.resize(window, target)?, self.orientation)
    }

    /// Returns the most salient window of a size.
    fn salient(&self, size: Dimensions) -> Result<Window, ImageError> {
        let own = self.dimensions();
        let small = self.part(Window::whole(own), salience::small(own))?;
        Ok(salience::window(&small, own, size))
    }
}

/// Distances of a window to the edges of the upright image.
struct Distances<T> {
    left: T,
    top: T,
    right: T,
    below: T,
}

impl<T> Distances<T> {
    /// Returns the left and top of the window in the image as stored.
    fn stored(self, orientation: Orientation) -> (T, T) {
        let Distances {
            left,
            top,
            right,
            below,
        } = self;
        match orientation.exif() {
            2 => (right, top),
            3 => (right, below),
            4 => (left, below),
            5 => (top, left),
            6 => (top, right),
            7 => (below, right),
            8 => (below, left),
            _ => (left, top),
        }
    }
}

/// Converts an upright window to the stored orientation.
fn stored(window: Window, upright: Dimensions, orientation: Orientation) -> Window {
    let Window { left, top, size } = window;
    let distances = Distances {
        left,
        top,
        right: upright.width - left - size.width,
        below: upright.height - top - size.height,
    };
    let (left, top) = distances.stored(orientation);
    Window {
        left,
        top,
        size: orientation.turned(size),
    }
}

/// Applies an orientation.
pub fn turn(pixels: Pixels, orientation: Orientation) -> Result<Pixels, ImageError> {
    if orientation == Orientation::UPRIGHT {
        return Ok(pixels);
    }
    let turned = match pixels.channels {
        Channels::Gray => turned::<1>,
        Channels::Rgb => turned::<3>,
        Channels::Rgba => turned::<4>,
    };
    let count = pixels.dimensions.pixels() as usize * pixels.channels.count();
    if pixels.samples.len() != count {
        let reason = "the samples do not fill the image".to_owned();
        return Err(ImageError::Resize(reason));
    }
    Ok(Pixels {
        dimensions: orientation.turned(pixels.dimensions),
        channels: pixels.channels,
        samples: turned(&pixels.samples, pixels.dimensions, orientation),
    })
}

/// Turns pixels of `COUNT` samples tile by tile, so that the columns of a row of tiles stay in the
/// cache.
fn turned<const COUNT: usize>(
    samples: &[u8],
    stored: Dimensions,
    orientation: Orientation,
) -> Vec<u8> {
    const TILE: usize = 16;
    let width = stored.width as usize;
    let out = orientation.turned(stored);
    let (across, down) = (out.width as usize, out.height as usize);
    // The index of the pixel that becomes the one at column x of row y.
    let index = move |x: usize, y: usize| {
        let pixel = Distances {
            left: x,
            top: y,
            right: across - 1 - x,
            below: down - 1 - y,
        };
        let (column, row) = pixel.stored(orientation);
        row * width + column
    };
    let pixels = samples.as_chunks::<COUNT>().0;
    let mut turned = vec![0; samples.len()];
    let rows = turned.as_chunks_mut::<COUNT>().0;
    for top in (0..down).step_by(TILE) {
        for left in (0..across).step_by(TILE) {
            let end = (left + TILE).min(across);
            for y in top..(top + TILE).min(down) {
                // Neighbors in a row are the same distance apart in `pixels`.
                let first = index(left, y);
                let step = index((left + 1).min(across - 1), y).wrapping_sub(first);
                let mut from = first;
                for pixel in &mut rows[y * across + left..y * across + end] {
                    *pixel = pixels[from];
                    from = from.wrapping_add(step);
                }
            }
        }
    }
    turned
}

/// Returns the largest size with the image's aspect ratio that fits into a frame.
fn within(own: Dimensions, frame: Dimensions) -> Dimensions {
    let is_wider = u64::from(own.width) * u64::from(frame.height)
        >= u64::from(own.height) * u64::from(frame.width);
    if is_wider {
        Dimensions {
            width: frame.width,
            height: own.height_at(frame.width).min(frame.height),
        }
    } else {
        let turned = own.transposed().height_at(frame.height);
        Dimensions {
            width: turned.min(frame.width),
            height: frame.height,
        }
    }
}

/// Centers the image on a frame of one color, which also shows through transparent pixels.
fn on_background(picture: &Pixels, frame: Dimensions, background: Background) -> Pixels {
    let left = ((frame.width - picture.dimensions.width) / 2) as usize;
    let top = ((frame.height - picture.dimensions.height) / 2) as usize;
    let row = picture.dimensions.width as usize;
    let mut samples = background
        .0
        .repeat(frame.width as usize * frame.height as usize);
    let pixels = rgba(picture);
    for (y, pixels) in pixels.chunks_exact(row * 4).enumerate() {
        let begin = ((top + y) * frame.width as usize + left) * 4;
        let out = &mut samples[begin..begin + row * 4];
        for (out, pixel) in out.chunks_exact_mut(4).zip(pixels.as_chunks::<4>().0) {
            let pixel = over(*pixel, background.0);
            // A fully transparent pixel keeps no color.
            let is_visible = pixel[3] > 0;
            out.copy_from_slice(&if is_visible { pixel } else { [0; 4] });
        }
    }
    let framed = Pixels {
        dimensions: frame,
        channels: Channels::Rgba,
        samples,
    };
    if background.is_opaque() {
        framed.opaque(background)
    } else {
        framed
    }
}

/// Expands every pixel to four samples.
pub fn rgba(pixels: &Pixels) -> Vec<u8> {
    let count = pixels.channels.count();
    let pixel = |pixel: &[u8]| match *pixel {
        [gray] => [gray, gray, gray, 255],
        [r, g, b] => [r, g, b, 255],
        [r, g, b, a] => [r, g, b, a],
        _ => [0; 4],
    };
    pixels.samples.chunks_exact(count).flat_map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Resize;
    use crate::resize::prepare;

    const SIZE: Dimensions = Dimensions {
        width: 6,
        height: 4,
    };

    /// Paints an image in which every pixel is different.
    fn picture(size: Dimensions) -> Pixels {
        Pixels {
            dimensions: size,
            channels: Channels::Gray,
            samples: (0..size.pixels()).map(|value| value as u8 * 10).collect(),
        }
    }

    fn cut(pixels: &Pixels, left: u32, top: u32, size: Dimensions) -> Vec<u8> {
        let rows = pixels
            .samples
            .chunks_exact(pixels.dimensions.width as usize);
        let rows = rows.skip(top as usize).take(size.height as usize);
        rows.flat_map(|row| &row[left as usize..(left + size.width) as usize])
            .copied()
            .collect()
    }

    #[test]
    fn pixels_are_turned_as_the_image_crate_turns_them() {
        let size = Dimensions {
            width: 37,
            height: 20,
        };
        let count = size.pixels() as usize * 4;
        let samples: Vec<u8> = (0..count).map(|at| (at * 7 + at / 251) as u8).collect();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
                let samples = samples[..count / 4 * channels.count()].to_vec();
                let (width, height) = (size.width, size.height);
                let copy = samples.clone();
                let mut expected: image::DynamicImage = match channels {
                    Channels::Gray => image::GrayImage::from_raw(width, height, copy)
                        .unwrap()
                        .into(),
                    Channels::Rgb => image::RgbImage::from_raw(width, height, copy)
                        .unwrap()
                        .into(),
                    Channels::Rgba => image::RgbaImage::from_raw(width, height, copy)
                        .unwrap()
                        .into(),
                };
                let named = image::metadata::Orientation::from_exif(exif).unwrap();
                expected.apply_orientation(named);
                let pixels = Pixels {
                    dimensions: size,
                    channels,
                    samples,
                };
                let turned = turn(pixels, orientation).unwrap();
                let dimensions = (turned.dimensions.width, turned.dimensions.height);
                assert_eq!(dimensions, (expected.width(), expected.height()), "{exif}");
                assert!(
                    turned.samples == expected.into_bytes(),
                    "{exif} {channels:?}"
                );
            }
        }
    }

    #[test]
    fn a_window_is_cut_out_of_what_is_seen() {
        let window = Dimensions {
            width: 2,
            height: 3,
        };
        let focus = Focus::try_from("0.75 0.9".to_owned()).unwrap();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let stored = picture(SIZE);
            let seen = turn(stored.clone(), orientation).unwrap();
            let prepared = prepare(stored, Resize::Srgb).unwrap();
            let upright = OrientedImage {
                prepared: &prepared,
                orientation,
            };
            let framing = Framing::Cover { window, focus };
            let framed = upright.frame(window, framing).unwrap();
            let Focus::Point(point) = focus else { panic!() };
            let (left, top) = point.window(seen.dimensions, window);
            let expected = cut(&seen, left, top, window);
            assert_eq!(framed.samples, expected, "orientation {exif}");
        }
    }

    #[test]
    fn a_contained_picture_lies_in_the_middle() {
        let prepared = prepare(picture(SIZE), Resize::Srgb).unwrap();
        let upright = OrientedImage {
            prepared: &prepared,
            orientation: Orientation::UPRIGHT,
        };
        let frame = Dimensions {
            width: 6,
            height: 8,
        };
        let background = Background([1, 2, 3, 255]);
        let framed = upright
            .frame(frame, Framing::Contain { background })
            .unwrap();
        assert_eq!((framed.dimensions, framed.channels), (frame, Channels::Rgb));
        let rows: Vec<&[u8]> = framed.samples.chunks_exact(18).collect();
        for row in [0, 1, 6, 7] {
            assert_eq!(rows[row], [1, 2, 3].repeat(6));
        }
        assert_eq!(&rows[2][..6], [0, 0, 0, 10, 10, 10]);
        let background = Background::TRANSPARENT;
        let framed = upright
            .frame(frame, Framing::Contain { background })
            .unwrap();
        assert_eq!(framed.channels, Channels::Rgba);
        assert_eq!(framed.samples[3], 0);
    }

    #[test]
    fn the_background_shows_through_transparency() {
        let pixels = Pixels {
            dimensions: Dimensions {
                width: 3,
                height: 1,
            },
            channels: Channels::Rgba,
            samples: vec![10, 20, 30, 255, 200, 100, 0, 0, 100, 100, 100, 51],
        };
        let opaque = pixels.opaque(Background::WHITE);
        // 100 · 0.2 + 255 · 0.8 = 224
        assert_eq!(opaque.samples, [10, 20, 30, 255, 255, 255, 224, 224, 224]);
    }
}
