//! Pixels, shapes and noise.

/// A colour: red, green, blue, 0 to 1.
pub type Colour = [f32; 3];

pub struct Canvas {
    pub width: u32,
    pub height: u32,
    pixels: Vec<[f32; 4]>,
}

impl Canvas {
    /// A canvas painted pixel by pixel; `paint` gets coordinates from 0 to 1.
    pub fn paint(width: u32, height: u32, paint: impl Fn(f32, f32) -> Colour) -> Self {
        let mut canvas = Canvas::clear(width, height);
        for y in 0..height {
            for x in 0..width {
                let [r, g, b] = paint(x as f32 / width as f32, y as f32 / height as f32);
                canvas.pixels[(y * width + x) as usize] = [r, g, b, 1.0];
            }
        }
        canvas
    }

    /// A canvas that shows nothing.
    pub fn clear(width: u32, height: u32) -> Self {
        Canvas {
            width,
            height,
            pixels: vec![[0.0; 4]; (width * height) as usize],
        }
    }

    /// Fills a rectangle of pixels.
    pub fn rectangle(&mut self, x: u32, y: u32, width: u32, height: u32, [r, g, b]: Colour) {
        for row in y..(y + height).min(self.height) {
            for column in x..(x + width).min(self.width) {
                self.pixels[(row * self.width + column) as usize] = [r, g, b, 1.0];
            }
        }
    }

    /// Blends a disc with a soft edge into the image.
    pub fn disc(&mut self, centre: (f32, f32), radius: f32, [r, g, b]: Colour, alpha: f32) {
        for y in 0..self.height {
            for x in 0..self.width {
                let (dx, dy) = (x as f32 + 0.5 - centre.0, y as f32 + 0.5 - centre.1);
                let cover = (radius - dx.hypot(dy) + 0.5).clamp(0.0, 1.0) * alpha;
                if cover > 0.0 {
                    let pixel = &mut self.pixels[(y * self.width + x) as usize];
                    let kept = pixel[3] * (1.0 - cover);
                    let all = cover + kept;
                    for (channel, new) in pixel.iter_mut().zip([r, g, b]) {
                        *channel = (new * cover + *channel * kept) / all;
                    }
                    pixel[3] = all;
                }
            }
        }
    }

    /// Draws a line of squares.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: u32, colour: Colour) {
        let steps = (to.0 - from.0)
            .abs()
            .max((to.1 - from.1).abs())
            .ceil()
            .max(1.0);
        for step in 0..=steps as u32 {
            let t = step as f32 / steps;
            let x = from.0 + (to.0 - from.0) * t;
            let y = from.1 + (to.1 - from.1) * t;
            self.rectangle(x as u32, y as u32, thickness, thickness, colour);
        }
    }

    /// The image turned a quarter to the left.
    pub fn turned_left(&self) -> Self {
        let mut turned = Canvas::clear(self.height, self.width);
        for y in 0..self.height {
            for x in 0..self.width {
                let row = self.width - 1 - x;
                turned.pixels[(row * self.height + y) as usize] =
                    self.pixels[(y * self.width + x) as usize];
            }
        }
        turned
    }

    pub fn is_opaque(&self) -> bool {
        self.pixels.iter().all(|pixel| pixel[3] >= 1.0)
    }

    pub fn rgb(&self) -> Vec<u8> {
        self.pixels
            .iter()
            .flat_map(|pixel| [byte(pixel[0]), byte(pixel[1]), byte(pixel[2])])
            .collect()
    }

    pub fn rgba(&self) -> Vec<u8> {
        self.pixels
            .iter()
            .flat_map(|pixel| pixel.map(byte))
            .collect()
    }
}

fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// A value from 0 to 1 that only the coordinates decide.
pub fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9e37_79b1)
        ^ (y as u32).wrapping_mul(0x85eb_ca77)
        ^ seed.wrapping_mul(0xc2b2_ae3d);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    (h ^ (h >> 15)) as f32 / u32::MAX as f32
}

/// Smooth noise between lattice points.
fn smooth(x: f32, y: f32, seed: u32) -> f32 {
    let (x0, y0) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (u, v) = (ease(x - x0), ease(y - y0));
    let at = |dx: i32, dy: i32| hash(x0 as i32 + dx, y0 as i32 + dy, seed);
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * u;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * u;
    top + (bottom - top) * v
}

/// Noise in several octaves, 0 to 1.
pub fn noise(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale, mut all) = (0.0, 0.5, 1.0, 0.0);
    for octave in 0..octaves {
        sum += smooth(x * scale, y * scale, seed + octave) * weight;
        all += weight;
        weight *= 0.5;
        scale *= 2.0;
    }
    sum / all
}

pub fn mix(a: Colour, b: Colour, t: f32) -> Colour {
    let t = t.clamp(0.0, 1.0);
    [
        a[0] + (b[0] - a[0]) * t,
        a[1] + (b[1] - a[1]) * t,
        a[2] + (b[2] - a[2]) * t,
    ]
}

pub fn shade(colour: Colour, light: f32) -> Colour {
    colour.map(|channel| channel * light)
}
