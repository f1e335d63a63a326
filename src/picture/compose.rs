//! Porter–Duff compositing (Porter and Duff, "Compositing Digital Images", 1984), on stored values as
//! browsers do it.

use crate::framing::Background;
use crate::pixels::{Channels, Pixels};

/// A pixel over a color (Porter and Duff 1984, "over"), on the stored values, as browsers do it.
pub fn over(pixel: &[u8], background: Background) -> [u8; 4] {
    let (above, below) = (
        u32::from(pixel[3]) * 255,
        u32::from(background.0[3]) * (255 - u32::from(pixel[3])),
    );
    let alpha = above + below;
    if alpha == 0 {
        return [0; 4];
    }
    let mix = |index: usize| {
        let sum = u32::from(pixel[index]) * above + u32::from(background.0[index]) * below;
        u8::try_from((sum + alpha / 2) / alpha).unwrap_or(u8::MAX)
    };
    let alpha = u8::try_from((alpha + 127) / 255).unwrap_or(u8::MAX);
    [mix(0), mix(1), mix(2), alpha]
}

impl Pixels {
    /// Without transparency: what shows through is `background`, as if it had none itself.
    pub fn opaque(self, background: Background) -> Pixels {
        if self.channels != Channels::Rgba {
            return self;
        }
        let [r, g, b, _] = background.0;
        let behind = Background([r, g, b, 255]);
        let pixels = self.samples.chunks_exact(4);
        let samples = pixels.flat_map(|pixel| {
            let [r, g, b, _] = over(pixel, behind);
            [r, g, b]
        });
        Pixels {
            dimensions: self.dimensions,
            channels: Channels::Rgb,
            samples: samples.collect(),
        }
    }
}
