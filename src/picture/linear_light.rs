//! Converts between sRGB (8 bits) and linear light (16 bits), by IEC 61966-2-1.

use std::sync::LazyLock;

use crate::pixels::Channels;

/// Full intensity of linear light.
const FULL: f64 = 65_535.0;

/// Converts an sRGB value to linear light, both 0 to 1.
fn linear(value: f64) -> f64 {
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// The linear light of each sRGB value.
static LIGHT: LazyLock<[u16; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| (linear(value as f64 / 255.0) * FULL).round() as u16)
});

/// The nearest sRGB value for each amount of linear light, by perceived brightness.
static VALUE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut values = vec![0; 65_536];
    for value in 1..=255u8 {
        let begins = border(value).ceil() as usize;
        values[begins..].fill(value);
    }
    values
});

/// Returns the linear light of the sRGB value half-way between `value` and the one before it.
fn border(value: u8) -> f64 {
    linear((f64::from(value) - 0.5) / 255.0) * FULL
}

/// Returns the linear light of an sRGB value, 0 to 1.
pub fn amount(value: u8) -> f64 {
    f64::from(LIGHT[usize::from(value)]) / FULL
}

/// Returns the nearest sRGB value for linear light of 0 to 1.
pub fn value(amount: f64) -> u8 {
    VALUE[(amount * FULL).round() as usize & 0xffff]
}

/// Returns the index of the alpha sample, which is not converted; `usize::MAX` if there is none.
fn alpha_at(channels: Channels) -> usize {
    match channels {
        Channels::Gray | Channels::Rgb => usize::MAX,
        Channels::Rgba => 3,
    }
}

/// Converts sRGB samples to linear light, two bytes each in native order. `linear` is twice as long
/// as `samples`.
pub fn to_linear(samples: &[u8], channels: Channels, linear: &mut [u8]) {
    let light = &*LIGHT;
    let alpha = alpha_at(channels);
    let pixels = samples.chunks_exact(channels.count());
    let out = linear.chunks_exact_mut(2 * channels.count());
    for (pixel, out) in pixels.zip(out) {
        for (index, (sample, out)) in pixel.iter().zip(out.chunks_exact_mut(2)).enumerate() {
            let amount = if index == alpha {
                u16::from(*sample) * 257
            } else {
                light[usize::from(*sample)]
            };
            out.copy_from_slice(&amount.to_ne_bytes());
        }
    }
}

/// Converts linear light, two bytes per sample in native order, to sRGB samples.
pub fn to_srgb(linear: &[u8], channels: Channels) -> Vec<u8> {
    let values = &*VALUE;
    let alpha = alpha_at(channels);
    let mut samples = Vec::with_capacity(linear.len() / 2);
    for pixel in linear.chunks_exact(2 * channels.count()) {
        for (index, amount) in pixel.chunks_exact(2).enumerate() {
            let amount = u16::from_ne_bytes([amount[0], amount[1]]);
            samples.push(if index == alpha {
                u8::try_from((u32::from(amount) + 128) / 257).unwrap_or(u8::MAX)
            } else {
                values[usize::from(amount)]
            });
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went() {
        let samples: Vec<u8> = (0..=255).collect();
        for channels in [Channels::Gray, Channels::Rgba] {
            let mut light = vec![0; 512];
            to_linear(&samples, channels, &mut light);
            assert_eq!(to_srgb(&light, channels), samples, "{channels:?}");
        }
        // By IEC 61966-2-1, 0.5 of the light of white is the sRGB value 187.5, and 0.2140 is 127.5.
        assert_eq!(VALUE[32_767], 188);
        assert_eq!(LIGHT[188], 32_957);
        assert_eq!((LIGHT[0], LIGHT[255]), (0, 65_535));
    }

    #[test]
    fn no_table_depends_on_the_last_bit_of_a_power() {
        // The last bit of a power depends on the C library.
        for value in 0..=255u8 {
            let light = linear(f64::from(value) / 255.0) * FULL;
            assert!((light.fract() - 0.5).abs() > 1e-6, "{value}");
            if (1..255).contains(&value) {
                let border = border(value);
                assert!((border - border.round()).abs() > 1e-6, "{value}");
            }
        }
    }
}
