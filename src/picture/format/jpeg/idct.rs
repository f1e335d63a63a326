//! Inverse discrete cosine transforms of the low-frequency coefficients alone: those of a block go
//! in, 2 × 2 or 4 × 4 samples come out (Dugad and Ahuja 2001, "A Fast Scheme for Image Size Change
//! in the Compressed Domain"). The integer arithmetic is that of `jpeg-decoder` 0.3.2. Coefficients
//! and their quantization are in zigzag order.

fn sample(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}

/// Transforms a block to 2 × 2 samples.
pub(super) fn quarter(coefficients: &[i16; 5], quantization: &[i32; 5]) -> [[u8; 2]; 2] {
    const SHIFT: u32 = 3;
    const CENTER: i32 = (128 << SHIFT) + (1 << (SHIFT - 1));
    let value = |at: usize| i32::from(coefficients[at]).wrapping_mul(quantization[at]);
    let left = [
        value(0).wrapping_add(value(2)).wrapping_add(CENTER),
        value(0).wrapping_sub(value(2)).wrapping_add(CENTER),
    ];
    let right = [
        value(1).wrapping_add(value(4)),
        value(1).wrapping_sub(value(4)),
    ];
    [0, 1].map(|y| {
        [
            sample(left[y].wrapping_add(right[y]) >> SHIFT),
            sample(left[y].wrapping_sub(right[y]) >> SHIFT),
        ]
    })
}

/// Fraction bits of the factors.
const FACTOR_BITS: u32 = 12;
/// √2 · cos(3π/8), √2 · (cos(π/8) − cos(3π/8)), −√2 · (cos(π/8) + cos(3π/8)), rounded as
/// `jpeg-decoder` does.
const FACTORS: [i32; 3] = [2217, 3135, -7567];

/// Transforms four values. The parts of `s0` and `s2` are scaled by `shift` bits. Those of `s1` and
/// `s3` are scaled by [`FACTOR_BITS`], which `round` reduces to `shift`.
fn kernel([s0, s1, s2, s3]: [i32; 4], shift: u32, round: impl Fn(i32) -> i32) -> [i32; 4] {
    let (x0, x2) = (
        s0.wrapping_add(s2).wrapping_shl(shift),
        s0.wrapping_sub(s2).wrapping_shl(shift),
    );
    let both = s1.wrapping_add(s3).wrapping_mul(FACTORS[0]);
    let t0 = round(both.wrapping_add(s3.wrapping_mul(FACTORS[2])));
    let t2 = round(both.wrapping_add(s1.wrapping_mul(FACTORS[1])));
    [
        x0.wrapping_add(t2),
        x2.wrapping_add(t0),
        x2.wrapping_sub(t0),
        x0.wrapping_sub(t2),
    ]
}

/// Transforms a block to 4 × 4 samples.
pub(super) fn half(coefficients: &[i16; 25], quantization: &[i32; 25]) -> [[u8; 4]; 4] {
    /// Indices in zigzag order of the values in each column (T.81, figure A.6).
    const COLUMNS: [[usize; 4]; 4] = [[0, 2, 3, 9], [1, 4, 8, 11], [5, 7, 12, 18], [6, 13, 17, 24]];
    /// Fraction bits of the values between the two passes.
    const BITS: u32 = 2;
    const SHIFT: u32 = FACTOR_BITS + BITS + 3;
    const CENTER: i32 = (128 << SHIFT) + (1 << (SHIFT - 1));
    // In damaged files, products may overflow.
    let value = |at: usize| i32::from(coefficients[at]).wrapping_mul(quantization[at]);
    let columns = COLUMNS.map(|column| {
        kernel(column.map(value), BITS, |value| {
            value.wrapping_add(512) >> (FACTOR_BITS - BITS)
        })
    });
    [0, 1, 2, 3].map(|y| {
        let row = columns.map(|column| column[y]);
        kernel(row, FACTOR_BITS, |value| value)
            .map(|value| sample(value.wrapping_add(CENTER) >> SHIFT))
    })
}
