//! Decodes AVIF: the planes of AV1 become RGB (ITU-T H.273, section 8.3); alpha has its own
//! bitstream.

use re_rav1d::dav1d::{Decoder, Picture, PlanarImageComponent, Settings};

use super::failed;
use super::header::{Avif, Layer};
use super::matrix::{Coding, Matrix, ranges};
use super::planes::{Chroma, Rows};
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::info::Raster;
use crate::pixels::{Decoded, Samples};
use crate::units::Dimensions;

pub(crate) fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    // The headers were valid when they were read before.
    let avif = Avif::open(bytes).map_err(|_| ImageError::Changed)?;
    if avif.shown.dimensions != raster.stored {
        return Err(ImageError::Changed);
    }
    let whole = avif.color.dimensions;
    let mut first: Option<Coding> = None;
    let mut canvas: Option<Canvas> = None;
    for_each_tile(&avif.color, |picture, left, top| {
        let coding = *first.get_or_insert_with(|| Coding::of(picture, avif.matrix));
        if Coding::of(picture, avif.matrix) != coding {
            return Err(failed("its parts are encoded differently"));
        }
        let channels = if coding.is_gray { 1 } else { 3 } + usize::from(avif.alpha.is_some());
        let canvas = canvas.get_or_insert_with(|| Canvas::new(whole, channels, coding.bits > 8));
        paint_colors(canvas, picture, coding, left, top)
    })?;
    let (Some(mut canvas), Some(coding)) = (canvas, first) else {
        return Err(failed("it has no image"));
    };
    if let Some(alpha) = &avif.alpha {
        for_each_tile(alpha, |picture, left, top| {
            paint_alpha(&mut canvas, picture, left, top)
        })?;
    }
    canvas.crop(avif.shown.left, avif.shown.top, avif.shown.dimensions);
    let channels = canvas.channels;
    let is_premultiplied = avif.is_premultiplied && avif.alpha.is_some();
    let samples = match canvas.samples {
        Store::Eight(mut samples) => {
            if is_premultiplied {
                crate::pixels::divide_alpha(&mut samples, channels);
            }
            match channels {
                1 => Samples::Gray(samples),
                2 => Samples::GrayAlpha(samples),
                3 => Samples::Rgb(samples),
                _ => Samples::Rgba(samples),
            }
        }
        Store::Sixteen(mut samples) => {
            if is_premultiplied {
                crate::pixels::divide_alpha(&mut samples, channels);
            }
            match channels {
                1 => Samples::Gray16(samples),
                2 => Samples::GrayAlpha16(samples),
                3 => Samples::Rgb16(samples),
                _ => Samples::Rgba16(samples),
            }
        }
    };
    let color = avif.space.unwrap_or(ColorSpace::Coded {
        primaries: coding.primaries,
        transfer: coding.transfer,
    });
    Ok(Decoded { samples, color })
}

/// Decodes the bitstreams of a layer one by one, and passes each image to `paint` with its left and
/// top.
fn for_each_tile(
    layer: &Layer,
    mut paint: impl FnMut(&Picture, u32, u32) -> Result<(), ImageError>,
) -> Result<(), ImageError> {
    let limit = layer.dimensions.pixels().max(1 << 16);
    let mut size = None;
    for (place, tile) in layer.tiles.iter().enumerate() {
        let picture = decode_tile(tile, limit)?;
        let found = (picture.width(), picture.height());
        if *size.get_or_insert(found) != found {
            return Err(failed("its parts have different sizes"));
        }
        let is_single = layer.tiles.len() == 1;
        if is_single && found != (layer.dimensions.width, layer.dimensions.height) {
            return Err(failed("its size differs from the one in its header"));
        }
        let place = u32::try_from(place).map_err(|_| failed("it has too many pixels"))?;
        let left = u64::from(place % layer.columns) * u64::from(found.0);
        let top = u64::from(place / layer.columns) * u64::from(found.1);
        if let (Ok(left), Ok(top)) = (u32::try_from(left), u32::try_from(top)) {
            paint(&picture, left, top)?;
        }
    }
    Ok(())
}

fn of_decoder(error: re_rav1d::dav1d::Error) -> ImageError {
    ImageError::of_decoder(&error)
}

/// Decodes the first image of a bitstream.
fn decode_tile(bytes: &[u8], most_pixels: u64) -> Result<Picture, ImageError> {
    let mut settings = Settings::new();
    // Several originals are decoded in parallel instead.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(u32::try_from(most_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(of_decoder)?;
    let sent = decoder.send_data(bytes.to_vec(), None, None, None);
    if let Err(error) = sent
        && !error.is_again()
    {
        return Err(of_decoder(error));
    }
    // Data that the decoder did not accept at once is sent again, as often as an image with many
    // layers may need.
    const ATTEMPTS: usize = 64;
    for _ in 0..ATTEMPTS {
        match decoder.get_picture() {
            Ok(picture) => return Ok(picture),
            Err(error) if error.is_again() => {}
            Err(error) => return Err(of_decoder(error)),
        }
        match decoder.send_pending_data() {
            Ok(()) => {}
            Err(error) if error.is_again() => {}
            Err(error) => return Err(of_decoder(error)),
        }
    }
    Err(failed("it is truncated"))
}

/// The samples of the whole image.
struct Canvas {
    dimensions: Dimensions,
    channels: usize,
    samples: Store,
}

enum Store {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
}

impl Canvas {
    fn new(dimensions: Dimensions, channels: usize, is_wide: bool) -> Self {
        let length = usize::try_from(dimensions.pixels()).unwrap_or(usize::MAX);
        let length = length.saturating_mul(channels);
        Canvas {
            dimensions,
            channels,
            samples: if is_wide {
                Store::Sixteen(vec![0; length])
            } else {
                Store::Eight(vec![0; length])
            },
        }
    }

    /// Returns the number of pixels of a row from `left` on, and the index of the first one's first
    /// sample. Returns `None` outside the image.
    fn row(&self, left: u32, y: u32) -> Option<(usize, usize)> {
        let Dimensions { width, height } = self.dimensions;
        if left >= width || y >= height {
            return None;
        }
        let pixels = (width - left) as usize;
        let start = y as usize * width as usize + left as usize;
        Some((pixels, start * self.channels))
    }

    /// Sets the sample at an index to a value from 0 to 1.
    fn set(&mut self, at: usize, value: f32) {
        let value = value.clamp(0.0, 1.0);
        match &mut self.samples {
            Store::Eight(samples) => samples[at] = (value * 255.0 + 0.5) as u8,
            Store::Sixteen(samples) => samples[at] = (value * 65_535.0 + 0.5) as u16,
        }
    }

    /// Crops the image to a part of this size.
    fn crop(&mut self, left: u32, top: u32, part: Dimensions) {
        if part == self.dimensions {
            return;
        }
        let row = self.dimensions.width as usize * self.channels;
        let from = left as usize * self.channels;
        let length = part.width as usize * self.channels;
        match &mut self.samples {
            Store::Eight(samples) => cut(samples, row, top, from, length, part.height),
            Store::Sixteen(samples) => cut(samples, row, top, from, length, part.height),
        }
        self.dimensions = part;
    }
}

fn cut<T: Copy>(samples: &mut Vec<T>, row: usize, top: u32, from: usize, length: usize, rows: u32) {
    for y in 0..rows as usize {
        let start = (top as usize + y) * row + from;
        samples.copy_within(start..start + length, y * length);
    }
    samples.truncate(rows as usize * length);
}

fn paint_colors(
    canvas: &mut Canvas,
    picture: &Picture,
    coding: Coding,
    left: u32,
    top: u32,
) -> Result<(), ImageError> {
    let ((zero, span), (middle, chroma_span)) = ranges(coding.bits, coding.is_full_range);
    let luma = Rows::of(picture, PlanarImageComponent::Y);
    let matrix = Matrix::of(coding.matrix, coding.primaries)?;
    let mut chroma = (!coding.is_gray).then(|| {
        [
            Chroma::of(picture, PlanarImageComponent::U),
            Chroma::of(picture, PlanarImageComponent::V),
        ]
    });
    let (mut y_row, mut u_row, mut v_row) = (Vec::new(), Vec::new(), Vec::new());
    let is_identity = matches!(matrix, Matrix::Identity);
    // With the identity matrix, the planes are green, blue and red, all in the range of luma. The
    // 0.5 is subtracted because the matrix adds it again.
    let difference = |value: f32| {
        if is_identity {
            (value - zero) / span - 0.5
        } else {
            (value - middle) / chroma_span
        }
    };
    for y in 0..luma.height {
        let Some((room, start)) = u32::try_from(y)
            .ok()
            .and_then(|y| canvas.row(left, top.checked_add(y)?))
        else {
            break;
        };
        luma.read(y, &mut y_row);
        let channels = canvas.channels;
        match &mut chroma {
            None => {
                for (x, value) in y_row.iter().take(room).enumerate() {
                    canvas.set(start + x * channels, (value - zero) / span);
                }
            }
            Some([u, v]) => {
                u.read(y, luma.width, &mut u_row);
                v.read(y, luma.width, &mut v_row);
                for x in 0..luma.width.min(room) {
                    let luma = (y_row[x] - zero) / span;
                    let rgb = matrix.rgb(luma, difference(u_row[x]), difference(v_row[x]));
                    for (channel, value) in rgb.into_iter().enumerate() {
                        canvas.set(start + x * channels + channel, value);
                    }
                }
            }
        }
    }
    Ok(())
}

fn paint_alpha(
    canvas: &mut Canvas,
    picture: &Picture,
    left: u32,
    top: u32,
) -> Result<(), ImageError> {
    let coding = Coding::of(picture, None);
    let ((zero, span), _) = ranges(coding.bits, coding.is_full_range);
    let luma = Rows::of(picture, PlanarImageComponent::Y);
    let mut row = Vec::new();
    for y in 0..luma.height {
        let Some((room, start)) = u32::try_from(y)
            .ok()
            .and_then(|y| canvas.row(left, top.checked_add(y)?))
        else {
            break;
        };
        luma.read(y, &mut row);
        let last = canvas.channels - 1;
        for (x, value) in row.iter().take(room).enumerate() {
            canvas.set(start + x * canvas.channels + last, (value - zero) / span);
        }
    }
    Ok(())
}
