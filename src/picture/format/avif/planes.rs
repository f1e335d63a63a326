//! Reads the rows of a decoded plane as numbers, and enlarges chroma to the size of luma.

use re_rav1d::dav1d::{Picture, PixelLayout, PlanarImageComponent};

/// A plane whose rows are read as numbers.
pub(super) struct Rows {
    plane: re_rav1d::dav1d::Plane,
    stride: usize,
    is_wide: bool,
    pub width: usize,
    pub height: usize,
}

impl Rows {
    pub fn of(picture: &Picture, component: PlanarImageComponent) -> Self {
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

    /// Reads a row; samples beyond the end of the plane are 0.
    pub fn read(&self, y: usize, into: &mut Vec<f32>) {
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

/// A chroma plane that is enlarged to the size of luma: interpolated between the nearest two
/// samples in each direction, which are centered on their luma samples, as in libavif.
pub(super) struct Chroma {
    rows: Rows,
    is_halved: (bool, bool),
    near: Vec<f32>,
    far: Vec<f32>,
}

impl Chroma {
    pub fn of(picture: &Picture, component: PlanarImageComponent) -> Self {
        let layout = picture.pixel_layout();
        Chroma {
            rows: Rows::of(picture, component),
            is_halved: (layout != PixelLayout::I444, layout == PixelLayout::I420),
            near: Vec::new(),
            far: Vec::new(),
        }
    }

    pub fn read(&mut self, y: usize, width: usize, into: &mut Vec<f32>) {
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
