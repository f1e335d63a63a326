//! Compares composed frames with frames computed by hand and with those of libwebp.

use std::sync::atomic::AtomicBool;

use ::png::{BitDepth, BlendOp, ColorType, DisposeOp, Encoder};

use super::*;
use crate::format::probe;
use crate::format::webp::libwebp;
use crate::format::webp::libwebp::Mode;
use crate::format::webp::libwebp::animation::tests::moving;
use crate::format::webp::libwebp::animation::tests::shown;
use crate::info::ImageInfo;
use crate::limits::Limits;
use crate::pixels::{Channels, Pixels};
use crate::units::{Dimensions, Effort};

const RED: [u8; 4] = [255, 0, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const NONE: [u8; 4] = [0; 4];

fn raster(bytes: &[u8]) -> Raster {
    match probe(bytes, &Limits::default()) {
        Ok(ImageInfo::Raster(raster)) => raster,
        other => panic!("{other:?}"),
    }
}

fn open(bytes: &[u8]) -> Result<Frames<'_>, ImageError> {
    let raster = raster(bytes);
    let open = raster.format.spec().frames.unwrap();
    Ok(Frames::new(open(bytes, &raster)?, &raster))
}

fn all(bytes: &[u8]) -> Result<(u16, Vec<Frame>), ImageError> {
    let mut frames = open(bytes)?;
    let mut all = Vec::new();
    while let Some(frame) = frames.next()? {
        all.push(frame);
    }
    Ok((frames.plays, all))
}

fn crc32(bytes: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    });
    !bytes.iter().fold(!0u32, |crc, byte| {
        (crc >> 8) ^ table[usize::from(crc as u8 ^ *byte)]
    })
}

/// Returns the pixels of an 8-bit RGBA frame.
fn rgba(frame: &Frame) -> Vec<[u8; 4]> {
    match &frame.decoded.samples {
        Samples::Rgba(samples) => samples.as_chunks().0.to_vec(),
        _ => panic!("another kind of samples"),
    }
}

/// Encodes an APNG of 3 × 1 pixels whose default image is not part of the animation.
fn apng(plays: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 3, 1);
    encoder.set_color(ColorType::Rgba);
    encoder.set_animated(4, plays).unwrap();
    encoder.set_sep_def_img(true).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data([GREEN; 3].as_flattened()).unwrap();
    let half_blue = [0, 0, 255, 128];
    for (left, pixels, blend, dispose, delay) in [
        (0, &[RED; 3][..], BlendOp::Source, DisposeOp::None, (1, 3)),
        (
            1,
            &[half_blue, NONE],
            BlendOp::Over,
            DisposeOp::Background,
            (1, 3),
        ),
        (
            0,
            &[NONE, BLUE, NONE],
            BlendOp::Over,
            DisposeOp::Previous,
            (1, 3),
        ),
        (0, &[NONE], BlendOp::Over, DisposeOp::None, (5, 0)),
    ] {
        writer.reset_frame_position().unwrap();
        writer.set_frame_dimension(pixels.len() as u32, 1).unwrap();
        writer.set_frame_position(left, 0).unwrap();
        writer.set_blend_op(blend).unwrap();
        writer.set_dispose_op(dispose).unwrap();
        writer.set_frame_delay(delay.0, delay.1).unwrap();
        writer.write_image_data(pixels.as_flattened()).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn frames_of_an_apng_by_hand() {
    let bytes = apng(7);
    let (plays, frames) = all(&bytes).unwrap();
    assert_eq!(plays, 7);
    let shown: Vec<Vec<[u8; 4]>> = frames.iter().map(rgba).collect();
    // Blue with alpha 128/255 over red: 255 · 127/255 and 255 · 128/255.
    let purple = [127, 0, 128, 255];
    assert_eq!(
        shown,
        [
            [RED, RED, RED],
            [RED, purple, RED],
            // The second and third pixels were cleared before this frame, and are restored to that.
            [RED, BLUE, NONE],
            [RED, NONE, NONE],
        ]
    );
    let nanoseconds: Vec<u128> = frames.iter().map(|one| one.duration.as_nanos()).collect();
    assert_eq!(
        nanoseconds,
        [333_333_333, 333_333_333, 333_333_333, 50_000_000]
    );
    // The still image is the first frame, not the default image.
    let first = crate::decode::decode(&bytes, &raster(&bytes)).unwrap();
    assert!(matches!(first.samples, Samples::Rgba(samples) if samples[..4] == RED));
}

#[test]
fn an_apng_of_one_frame_is_a_still_picture_unless_another_is_its_default() {
    let one = |is_separate| {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 1, 1);
        encoder.set_color(ColorType::Rgba);
        encoder.set_animated(1, 0).unwrap();
        encoder.set_sep_def_img(is_separate).unwrap();
        let mut writer = encoder.write_header().unwrap();
        if is_separate {
            writer.write_image_data(&GREEN).unwrap();
        }
        writer.write_image_data(&RED).unwrap();
        writer.finish().unwrap();
        let decoded = crate::decode::decode(&bytes, &raster(&bytes)).unwrap();
        assert!(matches!(decoded.samples, Samples::Rgba(samples) if samples == RED));
        raster(&bytes).is_animated
    };
    assert!(!one(false));
    assert!(one(true));
}

#[test]
fn an_apng_of_sixteen_bits() {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(ColorType::GrayscaleAlpha);
    encoder.set_depth(BitDepth::Sixteen);
    encoder.set_animated(2, 0).unwrap();
    encoder.set_blend_op(BlendOp::Over).unwrap();
    let mut writer = encoder.write_header().unwrap();
    let big_endian = |samples: [u16; 4]| samples.map(u16::to_be_bytes);
    let first = big_endian([1_000, 65_535, 2_000, 0]);
    writer.write_image_data(first.as_flattened()).unwrap();
    let second = big_endian([50_001, 32_768, 7, 9]);
    writer.write_image_data(second.as_flattened()).unwrap();
    writer.finish().unwrap();
    let (_, frames) = all(&bytes).unwrap();
    // 32768 of 65535 of 50001 over 1000: (50001 · 32768 + 1000 · 32767) / 65535 = 25500.87.
    for (frame, expected) in frames
        .iter()
        .zip([[1_000u16, 65_535, 0, 0], [25_501, 65_535, 7, 9]])
    {
        let Samples::GrayAlpha16(samples) = &frame.decoded.samples else {
            panic!("another kind of samples");
        };
        assert_eq!(samples[..], expected);
    }
}

#[test]
fn an_interlaced_frame_smaller_than_the_picture() {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &body, &crc32(&body).to_be_bytes()].concat()
    };
    // Adam7 (PNG, section 8.1): first column, column step, first row and row step of each pass.
    let passes = [
        (0, 8, 0, 8),
        (4, 8, 0, 8),
        (0, 4, 4, 8),
        (2, 4, 0, 4),
        (0, 2, 2, 4),
        (1, 2, 0, 2),
        (0, 1, 1, 2),
    ];
    // Gray samples of 10 · row + column + `plus`, unfiltered, in one stored block (RFC 1951).
    let image = |width: usize, height: usize, plus: usize| {
        let mut rows = Vec::new();
        for (left, across, top, down) in passes {
            for y in (top..height).step_by(down).filter(|_| left < width) {
                rows.push(0u8);
                let columns = (left..width).step_by(across);
                rows.extend(columns.map(|x| (y * 10 + x + plus) as u8));
            }
        }
        let length = u16::try_from(rows.len()).unwrap();
        let (mut low, mut high) = (1u32, 0u32);
        for byte in &rows {
            low = (low + u32::from(*byte)) % 65_521;
            high = (high + low) % 65_521;
        }
        let adler = (high << 16 | low).to_be_bytes();
        let (length, complement) = (length.to_le_bytes(), (!length).to_le_bytes());
        [&[0x78, 1, 1][..], &length, &complement, &rows, &adler].concat()
    };
    let control = |number: u32, width: u32, left: u32| {
        let numbers = [number, width, 3, left, 0].map(u32::to_be_bytes);
        [numbers.as_flattened(), &[0, 1, 0, 10, 0, 0]].concat()
    };
    let png = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 6, 0, 0, 0, 3, 8, 0, 0, 0, 1]),
        chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
        chunk(b"fcTL", &control(0, 6, 0)),
        chunk(b"IDAT", &image(6, 3, 0)),
        chunk(b"fcTL", &control(1, 4, 1)),
        chunk(b"fdAT", &[&[0, 0, 0, 2], &image(4, 3, 100)[..]].concat()),
        chunk(b"IEND", &[]),
    ]
    .concat();
    let (_, frames) = all(&png).unwrap();
    let gray = |frame: &Frame| match &frame.decoded.samples {
        Samples::GrayAlpha(samples) => samples.iter().step_by(2).copied().collect::<Vec<u8>>(),
        _ => panic!("another kind of samples"),
    };
    assert_eq!(
        gray(&frames[0]),
        [
            0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25
        ]
    );
    assert_eq!(
        gray(&frames[1]),
        [
            0, 100, 101, 102, 103, 5, 10, 110, 111, 112, 113, 15, 20, 120, 121, 122, 123, 25
        ]
    );
}

/// Encodes a WebP of these frames: left, top, pixels, flags of RFC 9649, duration in milliseconds.
fn webp(canvas: Dimensions, frames: &[(u32, u32, Pixels, u8, u32)]) -> Vec<u8> {
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let chunk = |kind: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [kind, &length, data, &[0][..data.len() % 2]].concat()
    };
    let size = |size: Dimensions| [three(size.width - 1), three(size.height - 1)].concat();
    let mut body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[vec![0x12, 0, 0, 0], size(canvas)].concat()),
        chunk(b"ANIM", &[255, 255, 255, 255, 2, 0]),
    ]
    .concat();
    static GO: AtomicBool = AtomicBool::new(false);
    for (left, top, pixels, flags, duration) in frames {
        let effort = Effort::new(0).unwrap();
        let still = libwebp::encode(pixels, Mode::Lossless, effort, &GO).unwrap();
        let header = [
            three(left / 2),
            three(top / 2),
            size(pixels.dimensions),
            three(*duration),
            vec![*flags],
        ];
        body.extend(chunk(b"ANMF", &[&header.concat(), &still[12..]].concat()));
    }
    chunk(b"RIFF", &body)
}

fn drawn_webp() -> Vec<u8> {
    let part = |width: u32, height: u32, seed: u32, is_opaque: bool| Pixels {
        dimensions: Dimensions { width, height },
        channels: Channels::Rgba,
        samples: (0..width * height)
            .flat_map(|at| match (at * 7 + seed) % 3 {
                0 if !is_opaque => NONE,
                kind => [(at * 5) as u8, seed as u8, kind as u8 * 90, 255],
            })
            .collect(),
    };
    let (replace, clear) = (2, 1);
    webp(
        Dimensions {
            width: 8,
            height: 6,
        },
        &[
            (0, 0, part(8, 6, 1, true), replace, 40),
            (2, 2, part(4, 2, 2, false), clear, 55),
            // Blended over the full canvas, after a part of it was cleared.
            (0, 0, part(8, 6, 3, false), 0, 1),
            (4, 0, part(4, 4, 4, false), clear, 0),
            (0, 0, part(2, 2, 5, true), 0, 16_777_215),
            (6, 4, part(2, 2, 6, false), replace, 33),
        ],
    )
}

#[test]
fn frames_of_a_webp_are_those_that_libwebp_shows() {
    let bytes = drawn_webp();
    let expected = shown(&bytes);
    let (plays, frames) = all(&bytes).unwrap();
    assert_eq!((u32::from(plays), frames.len()), (expected.plays, 6));
    let mut end = 0;
    for (number, (frame, (pixels, expected_end))) in frames.iter().zip(expected.frames).enumerate()
    {
        end += frame.duration.as_millis();
        assert_eq!(end, u128::from(expected_end), "frame {number}");
        for (one, other) in rgba(frame).iter().zip(pixels.as_chunks::<4>().0) {
            let is_none = one[3] == 0 && other[3] == 0;
            assert!(
                one == other || is_none,
                "frame {number}: {one:?}, {other:?}"
            );
        }
    }
}

#[test]
fn frames_without_a_file_of_their_own_are_shown_as_well() {
    // Lossy frames with alpha have two chunks each.
    let lossy = Mode::Lossy(crate::units::Quality::new(90.0).unwrap());
    static GO: AtomicBool = AtomicBool::new(false);
    let moving = |step| {
        let mut pixels = moving(step, NONE);
        for pixel in pixels.samples.chunks_exact_mut(12) {
            pixel[3] = pixel[3].min(128);
        }
        pixels
    };
    let (first, effort) = (moving(0), Effort::new(4).unwrap());
    let size = first.dimensions;
    let mut encoder = libwebp::animation::Encoder::new(size, lossy, effort, 1, &GO).unwrap();
    encoder.add(&first, 0).unwrap();
    encoder.add(&moving(12), 25).unwrap();
    let bytes = encoder.finish(75).unwrap();
    assert!(bytes.windows(4).any(|four| four == b"ALPH"));
    let (_, frames) = all(&bytes).unwrap();
    for (frame, (pixels, _)) in frames.iter().zip(shown(&bytes).frames) {
        let pairs = rgba(frame)
            .into_iter()
            .zip(pixels.as_chunks::<4>().0.to_vec());
        // libwebp rounds differently between partly transparent colors.
        let differs = |(one, other): &([u8; 4], [u8; 4])| {
            one[3].abs_diff(other[3]) > 1
                || one[3] > 8 && (0..3).any(|at| one[at].abs_diff(other[at]) > 2)
        };
        let differing: Vec<_> = pairs.filter(differs).collect();
        assert!(differing.is_empty(), "{differing:?}");
    }
}

fn gif(repeat: Option<::gif::Repeat>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::gif::Encoder::new(&mut bytes, 16, 16, &[0, 0, 0, 255, 255, 255]).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    for number in 1..4u32 {
        let frame = ::gif::Frame {
            width: 16,
            height: 16,
            delay: number as u16,
            buffer: (0..256u32).map(|at| (at * number / 5 % 2) as u8).collect(),
            ..::gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn a_gif_plays_once_and_as_often_again_as_it_says() {
    use ::gif::Repeat::{Finite, Infinite};
    for (repeat, plays) in [
        (None, 1),
        (Some(Infinite), 0),
        (Some(Finite(1)), 2),
        (Some(Finite(9)), 10),
        (Some(Finite(65_535)), 65_535),
    ] {
        assert_eq!(all(&gif(repeat)).unwrap().0, plays, "{repeat:?}");
    }
}

#[test]
fn a_broken_frame_is_reported_and_a_missing_end_is_not() {
    let whole = gif(None);
    let error = |bytes: &[u8]| all(bytes).err().map(|error| error.to_string());
    assert_eq!(all(&whole[..whole.len() - 1]).unwrap().1.len(), 3);
    let cut = error(&whole[..whole.len() - 12]).unwrap();
    assert!(
        cut.starts_with("cannot decode this file: frame 3 of 3: "),
        "{cut}"
    );
    let mut webp = drawn_webp();
    let third = webp
        .windows(4)
        .enumerate()
        .filter(|(_, four)| *four == b"VP8L");
    // The signature byte of lossless data.
    let (at, _) = third.clone().nth(2).unwrap();
    webp[at + 8] = 0;
    let broken = error(&webp).unwrap();
    assert!(
        broken.starts_with("cannot decode this file: frame 3 of 6: "),
        "{broken}"
    );
    let mut outside = drawn_webp();
    let second = outside
        .windows(4)
        .enumerate()
        .filter(|(_, four)| *four == b"ANMF");
    let (at, _) = second.clone().nth(1).unwrap();
    outside[at + 8] = 200;
    assert_eq!(
        error(&outside).unwrap(),
        "cannot decode this file: frame 2 of 6: it is outside the image"
    );
    let png = apng(0);
    let (last, _) = png
        .windows(4)
        .enumerate()
        .rfind(|(_, four)| *four == b"fdAT")
        .unwrap();
    let cut = error(&png[..last + 8]).unwrap();
    assert!(
        cut.starts_with("cannot decode this file: frame 4 of 4: "),
        "{cut}"
    );
}

/// The expected checksum is what `tests/apng_reference.py` prints.
#[test]
fn an_apng_of_the_corpus() {
    let Some(file) = crate::corpus::folder("corpus/odd/animation/iss634.apng") else {
        return;
    };
    let bytes = std::fs::read(file).unwrap();
    let (plays, frames) = all(&bytes).unwrap();
    let delays: Vec<u128> = frames.iter().map(|one| one.duration.as_millis()).collect();
    assert_eq!((plays, delays.len()), (0, 41));
    assert_eq!(delays[..6], [70, 60, 70, 70, 60, 70]);
    let mut shown = Vec::new();
    for frame in &frames {
        for pixel in rgba(frame) {
            shown.extend(if pixel[3] == 0 { NONE } else { pixel });
        }
    }
    assert_eq!(crc32(&shown), 0xa2c0_3050);
}
