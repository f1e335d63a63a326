//! Converts the planes of a JPEG's components to gray or RGB pixels, with the integer arithmetic of
//! `jpeg-decoder` 0.3.2: a linear filter for planes of half the size, and the matrix of JFIF.

use super::stream::Color;

/// The samples of a component.
pub(super) struct Plane {
    pub samples: Vec<u8>,
    pub stride: usize,
    pub width: usize,
    pub height: usize,
    /// Whether the plane has half the width, and half the height, of the image.
    pub is_halved: (bool, bool),
}

/// Returns the pixels of an image of that width and height, one to three samples each.
pub(super) fn interleaved(
    planes: &[Plane],
    color: Color,
    (width, height): (usize, usize),
) -> Vec<u8> {
    let mut out = vec![0; width * height * planes.len()];
    let mut sums = Vec::new();
    let mut lines = [const { Vec::new() }; 3];
    let matrix = Matrix::new();
    let rows = out.chunks_exact_mut((width * planes.len()).max(1));
    for (y, out) in rows.enumerate() {
        let mut lines = lines.iter_mut().zip(planes);
        let mut line = || {
            let (line, plane) = lines.next()?;
            Some(&plane.line(y, &mut sums, line)[..width])
        };
        match (line(), line(), line()) {
            (Some(luma), Some(blue), Some(red)) => {
                let pixels = out.as_chunks_mut::<3>().0.iter_mut();
                let samples = luma.iter().zip(blue).zip(red);
                match color {
                    Color::YCbCr => pixels.zip(samples).for_each(|(pixel, ((y, cb), cr))| {
                        *pixel = matrix.rgb(*y, *cb, *cr);
                    }),
                    _ => pixels.zip(samples).for_each(|(pixel, ((r, g), b))| {
                        *pixel = [*r, *g, *b];
                    }),
                }
            }
            (Some(gray), ..) => out.copy_from_slice(gray),
            _ => {}
        }
    }
    out
}

impl Plane {
    /// Returns a row, enlarged to the width of the image or to one sample more. `sums` and `line`
    /// are buffers for it.
    fn line<'l>(&'l self, y: usize, sums: &mut Vec<u16>, line: &'l mut Vec<u8>) -> &'l [u8] {
        let row = |y: usize| &self.samples[y * self.stride..][..self.width];
        // Three quarters of the nearer row, and one quarter of the farther.
        let (near, far) = match self.is_halved.1 {
            false => (y, y),
            true if y.is_multiple_of(2) => (y / 2, (y / 2).saturating_sub(1)),
            true => (y / 2, (y / 2 + 1).min(self.height - 1)),
        };
        if self.is_halved == (false, false) {
            return row(y);
        }
        let weighted = row(near).iter().zip(row(far));
        sums.clear();
        sums.extend(weighted.map(|(near, far)| 3 * u16::from(*near) + u16::from(*far)));
        let one = |sum: &u16| ((sum + 2) >> 2) as u8;
        line.clear();
        if !self.is_halved.0 {
            line.extend(sums.iter().map(one));
            return line;
        }
        // The same filter across the row; the samples at both ends have no farther one.
        line.resize(2 * sums.len(), 0);
        let (Some(first), Some(last)) = (sums.first(), sums.last()) else {
            return line;
        };
        line[0] = one(first);
        line[2 * sums.len() - 1] = one(last);
        let pairs = line[1..].as_chunks_mut::<2>().0.iter_mut();
        for (out, pair) in pairs.zip(sums.windows(2)) {
            *out = [
                ((3 * pair[0] + pair[1] + 8) >> 4) as u8,
                ((3 * pair[1] + pair[0] + 8) >> 4) as u8,
            ];
        }
        line
    }
}

/// The amount that each chroma sample adds to luma (JFIF 1.02, ITU-R BT.601).
struct Matrix {
    red: [i16; 256],
    blue: [i16; 256],
    /// Amounts of both chroma samples, with [`Matrix::BITS`] fraction bits: their sum is rounded.
    green: [[i32; 256]; 2],
}

impl Matrix {
    const BITS: u32 = 20;

    fn new() -> Self {
        let fixed = |factor: f32| (factor * (1 << Self::BITS) as f32 + 0.5) as i32;
        let half = 1 << (Self::BITS - 1);
        let rounded = |factor| {
            let factor = fixed(factor);
            std::array::from_fn(|at| ((factor * (at as i32 - 128) + half) >> Self::BITS) as i16)
        };
        let exact = |factor, half| {
            let factor = fixed(factor);
            std::array::from_fn(|at| half - factor * (at as i32 - 128))
        };
        Matrix {
            red: rounded(1.402),
            blue: rounded(1.772),
            green: [exact(0.34414, half), exact(0.71414, 0)],
        }
    }

    fn rgb(&self, luma: u8, blue: u8, red: u8) -> [u8; 3] {
        let (blue, red) = (usize::from(blue), usize::from(red));
        let green = (self.green[0][blue] + self.green[1][red]) >> Self::BITS;
        let added = |value: i32| (i32::from(luma) + value).clamp(0, 255) as u8;
        [
            added(self.red[red].into()),
            added(green),
            added(self.blue[blue].into()),
        ]
    }
}
