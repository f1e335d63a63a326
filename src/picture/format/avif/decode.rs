//! AVIF: AV1 planes to RGB (ITU-T H.273, section 8.3), with alpha from its own bitstream.

use re_rav1d::dav1d::pixel::YUVRange;
use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings};

use super::header::Avif;
use super::header::Layer;
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::info::Raster;
use crate::pixels::{Decoded, Samples};
use crate::units::Dimensions;

pub(crate) fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    let avif = Avif::open(bytes).map_err(|error| ImageError::Decode(error.to_string()))?;
    if avif.shown.dimensions != raster.stored {
        return Err(ImageError::Changed);
    }
    let whole = avif.color.dimensions;
    let mut first: Option<Coding> = None;
    let mut canvas: Option<Canvas> = None;
    for_each_tile(&avif.color, |picture, left, top| {
        let coding = *first.get_or_insert_with(|| Coding::of(picture, avif.matrix));
        if Coding::of(picture, avif.matrix) != coding {
            return Err(failed("its parts are coded unlike each other"));
        }
        let channels = if coding.is_gray { 1 } else { 3 } + usize::from(avif.alpha.is_some());
        let canvas = canvas.get_or_insert_with(|| Canvas::new(whole, channels, coding.bits > 8));
        paint_colors(canvas, picture, coding, left, top)
    })?;
    let (Some(mut canvas), Some(coding)) = (canvas, first) else {
        return Err(failed("it has no picture"));
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

fn failed(reason: impl std::fmt::Display) -> ImageError {
    ImageError::Decode(reason.to_string())
}

/// Decodes the bitstreams of a layer one after the other, and gives each with its place.
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
            return Err(failed("its parts are not of one size"));
        }
        let is_single = layer.tiles.len() == 1;
        if is_single && found != (layer.dimensions.width, layer.dimensions.height) {
            return Err(failed("it is not of the size that its header says"));
        }
        let place = u32::try_from(place).map_err(failed)?;
        let left = u64::from(place % layer.columns) * u64::from(found.0);
        let top = u64::from(place / layer.columns) * u64::from(found.1);
        if let (Ok(left), Ok(top)) = (u32::try_from(left), u32::try_from(top)) {
            paint(&picture, left, top)?;
        }
    }
    Ok(())
}

/// Decodes one bitstream: its first picture.
fn decode_tile(bytes: &[u8], most_pixels: u64) -> Result<Picture, ImageError> {
    let mut settings = Settings::new();
    // The originals are what is spread over the threads.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    settings.set_frame_size_limit(u32::try_from(most_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(failed)?;
    let sent = decoder.send_data(bytes.to_vec(), None, None, None);
    if let Err(error) = sent
        && !error.is_again()
    {
        return Err(failed(error));
    }
    // What was not taken at once is sent again, as often as a picture of many layers may need.
    const ATTEMPTS: usize = 64;
    for _ in 0..ATTEMPTS {
        match decoder.get_picture() {
            Ok(picture) => return Ok(picture),
            Err(error) if error.is_again() => {}
            Err(error) => return Err(failed(error)),
        }
        match decoder.send_pending_data() {
            Ok(()) => {}
            Err(error) if error.is_again() => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed("it is cut off"))
}

/// How the samples of a bitstream are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Coding {
    bits: u32,
    is_gray: bool,
    is_full_range: bool,
    matrix: u8,
    primaries: u8,
    transfer: u8,
}

impl Coding {
    /// What the container says goes before what the bitstream says (AVIF, section 4).
    fn of(picture: &Picture, said: Option<(u8, bool)>) -> Self {
        let matrix = picture.matrix_coefficients() as u8;
        let is_full_range = picture.color_range() == YUVRange::Full;
        let (matrix, is_full_range) = said.unwrap_or((matrix, is_full_range));
        Coding {
            bits: u32::try_from(picture.bit_depth()).unwrap_or(8),
            is_gray: picture.pixel_layout() == PixelLayout::I400,
            is_full_range,
            matrix,
            primaries: picture.color_primaries() as u8,
            transfer: picture.transfer_characteristic() as u8,
        }
    }
}

/// How three components become red, green and blue.
#[derive(Clone, Copy)]
enum Matrix {
    /// They are green, blue and red (H.273, equation 41).
    Identity,
    /// Of the shares of red and blue in luma.
    Luma { red: f32, blue: f32 },
    /// Luma and two differences to green (H.273, equation 62).
    YCgCo,
}

impl Matrix {
    fn of(code: u8, primaries: u8) -> Result<Self, ImageError> {
        const BT_709: Matrix = Matrix::Luma {
            red: 0.2126,
            blue: 0.0722,
        };
        const BT_601: Matrix = Matrix::Luma {
            red: 0.299,
            blue: 0.114,
        };
        const BT_2020: Matrix = Matrix::Luma {
            red: 0.2627,
            blue: 0.0593,
        };
        Ok(match (code, primaries) {
            (0, _) => Matrix::Identity,
            (1, _) | (12, 1) => BT_709,
            // Not said: BT.601, as libavif and libheif take it.
            (2 | 3 | 5 | 6, _) | (12, 5 | 6) => BT_601,
            (4, _) => Matrix::Luma {
                red: 0.30,
                blue: 0.11,
            },
            (7, _) | (12, 7) => Matrix::Luma {
                red: 0.212,
                blue: 0.087,
            },
            (8, _) => Matrix::YCgCo,
            (9, _) | (12, 9) => BT_2020,
            // Display P3's own shares (H.273, equations 32 to 37).
            (12, 12) => Matrix::Luma {
                red: 0.228_974_6,
                blue: 0.079_286_9,
            },
            _ => {
                return Err(failed(format!(
                    "its colors are of matrix {code}, which is not read"
                )));
            }
        })
    }

    /// Luma from 0 to 1 and differences from -0.5 to 0.5, to red, green and blue from 0 to 1.
    fn rgb(self, y: f32, cb: f32, cr: f32) -> [f32; 3] {
        match self {
            // The differences were taken from the middle of the range.
            Matrix::Identity => [cr + 0.5, y, cb + 0.5],
            Matrix::Luma { red, blue } => {
                let r = y + 2.0 * (1.0 - red) * cr;
                let b = y + 2.0 * (1.0 - blue) * cb;
                let g = (y - red * r - blue * b) / (1.0 - red - blue);
                [r, g, b]
            }
            Matrix::YCgCo => {
                let t = y - cb;
                [t + cr, y + cb, t - cr]
            }
        }
    }
}

/// Samples of a whole picture.
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

    /// The number of pixels of a row from `left` on, and the place of its first sample; none
    /// outside.
    fn row(&self, left: u32, y: u32) -> Option<(usize, usize)> {
        let Dimensions { width, height } = self.dimensions;
        if left >= width || y >= height {
            return None;
        }
        let pixels = (width - left) as usize;
        let start = y as usize * width as usize + left as usize;
        Some((pixels, start * self.channels))
    }

    /// Sets a sample from 0 to 1.
    fn set(&mut self, at: usize, value: f32) {
        let value = value.clamp(0.0, 1.0);
        match &mut self.samples {
            Store::Eight(samples) => samples[at] = (value * 255.0 + 0.5) as u8,
            Store::Sixteen(samples) => samples[at] = (value * 65_535.0 + 0.5) as u16,
        }
    }

    /// Keeps a part alone.
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

/// A plane's rows as numbers.
struct Rows {
    plane: re_rav1d::dav1d::Plane,
    stride: usize,
    is_wide: bool,
    width: usize,
    height: usize,
}

impl Rows {
    fn of(picture: &Picture, component: PlanarImageComponent) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let is_chroma = component != PlanarImageComponent::Y;
        let (width, height) = match picture.pixel_layout() {
            PixelLayout::I420 if is_chroma => (width.div_ceil(2), height.div_ceil(2)),
            PixelLayout::I422 if is_chroma => (width.div_ceil(2), height),
            _ => (width, height),
        };
        Rows {
            stride: picture.stride(component) as usize,
            is_wide: picture.bit_depth() > 8,
            plane: picture.plane(component),
            width,
            height,
        }
    }

    /// Reads a row, and nothing where the plane does not reach.
    fn read(&self, y: usize, into: &mut Vec<f32>) {
        into.clear();
        let bytes = self
            .plane
            .as_ref()
            .get(y * self.stride..)
            .unwrap_or_default();
        if self.is_wide {
            let pairs = bytes.as_chunks::<2>().0.iter().take(self.width);
            into.extend(pairs.map(|pair| f32::from(u16::from_ne_bytes(*pair))));
        } else {
            into.extend(bytes.iter().take(self.width).map(|byte| f32::from(*byte)));
        }
        into.resize(self.width, 0.0);
    }
}

/// A chroma plane at the size of luma: between the nearest two samples each way, which stand in the
/// middle of their luma, as libavif takes them.
struct Chroma {
    rows: Rows,
    is_halved: (bool, bool),
    near: Vec<f32>,
    far: Vec<f32>,
}

impl Chroma {
    fn of(picture: &Picture, component: PlanarImageComponent) -> Self {
        let layout = picture.pixel_layout();
        Chroma {
            rows: Rows::of(picture, component),
            is_halved: (layout != PixelLayout::I444, layout == PixelLayout::I420),
            near: Vec::new(),
            far: Vec::new(),
        }
    }

    fn read(&mut self, y: usize, width: usize, into: &mut Vec<f32>) {
        let (is_half_wide, is_half_high) = self.is_halved;
        if is_half_high {
            let row = y / 2;
            let other = if y.is_multiple_of(2) {
                row.saturating_sub(1)
            } else {
                row + 1
            };
            self.rows.read(row, &mut self.near);
            self.rows
                .read(other.min(self.rows.height - 1), &mut self.far);
            for (near, far) in self.near.iter_mut().zip(&self.far) {
                *near = 0.75 * *near + 0.25 * *far;
            }
        } else {
            self.rows.read(y, &mut self.near);
        }
        into.clear();
        if !is_half_wide {
            into.extend_from_slice(&self.near);
            return;
        }
        let last = self.near.len() - 1;
        into.extend((0..width).map(|x| {
            let at = x / 2;
            let other = if x.is_multiple_of(2) {
                at.saturating_sub(1)
            } else {
                at + 1
            };
            0.75 * self.near[at] + 0.25 * self.near[other.min(last)]
        }));
    }
}

/// The zero and the span of luma, and those of chroma, as they are stored.
fn ranges(bits: u32, is_full_range: bool) -> ((f32, f32), (f32, f32)) {
    let most = ((1u32 << bits) - 1) as f32;
    let middle = (1u32 << (bits - 1)) as f32;
    let step = (1u32 << (bits - 8)) as f32;
    if is_full_range {
        ((0.0, most), (middle, most))
    } else {
        ((16.0 * step, 219.0 * step), (middle, 224.0 * step))
    }
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
    // Green, blue and red all have luma's range; the middle is added again by the matrix.
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
