//! Tests layouts of JPEG that decoders disagree about, made from one encoded image.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::decoders::jpeg_decoder;
use super::stream::{Color, Stream};
use super::{decode, header, scaled};
use crate::info::Orientation;
use crate::pixels::Samples;
use crate::recipe::Scale;

fn encoded(is_progressive: bool) -> Vec<u8> {
    let samples: Vec<u8> = (0..64 * 48u32)
        .flat_map(|at| [at % 64 * 4, at / 64 * 5, 90].map(|value| value as u8))
        .collect();
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
    encoder.set_progressive(is_progressive);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder
        .encode(&samples, 64, 48, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    jpeg
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], payload].concat()
}

/// Inserts segments after the start of image.
fn with(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// Removes the segments of a marker; entropy-coded data contains no other marker.
fn without(jpeg: &[u8], marker: u8) -> Vec<u8> {
    let mut out = jpeg.to_vec();
    let mut at = 2;
    while out[at + 1] != 0xda {
        let length = usize::from(u16::from_be_bytes([out[at + 2], out[at + 3]])) + 2;
        if out[at + 1] == marker {
            out.drain(at..at + length);
        } else {
            at += length;
        }
    }
    out
}

fn exif(orientation: u8, has_position: bool) -> Vec<u8> {
    let mut payload = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    payload.extend([orientation, 0, 0]);
    let tag: &[u8] = if has_position {
        b"\x88\x25"
    } else {
        b"\x88\x26"
    };
    payload.extend([tag, b"\0\x04\0\0\0\x01\0\0\0\0\0\0\0\0"].concat());
    segment(0xe1, &payload)
}

fn rgb(jpeg: &[u8]) -> Vec<u8> {
    match decode::decode(jpeg).unwrap().samples {
        Samples::Rgb(samples) => samples,
        _ => panic!("not RGB"),
    }
}

fn is_publishable(jpeg: &[u8]) -> bool {
    header::probe(jpeg).unwrap().is_publishable
}

#[test]
fn jfif_goes_before_adobe_and_both_before_ids() {
    let bare = without(&without(&encoded(false), 0xe0), 0xee);
    let jfif = segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    let adobe = |transform| {
        segment(
            0xee,
            &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat(),
        )
    };
    let expected = rgb(&bare);
    // The expected colors are those of libjpeg-turbo's `default_decompress_parms`.
    for (segments, color) in [
        (vec![], Color::YCbCr),
        (vec![adobe(1)], Color::YCbCr),
        (vec![adobe(0)], Color::Rgb),
        (vec![jfif.clone(), adobe(0)], Color::YCbCr),
        (vec![adobe(0), jfif], Color::YCbCr),
        (vec![segment(0xee, b"Adobe\0d")], Color::YCbCr),
    ] {
        let jpeg = with(&bare, &segments);
        assert_eq!(Stream::read(&jpeg).unwrap().color, color, "{segments:?}");
        assert_eq!(
            rgb(&jpeg) == expected,
            color == Color::YCbCr,
            "{segments:?}"
        );
    }
}

#[test]
fn odd_segments_change_no_pixel() {
    let plain = encoded(false);
    let expected = rgb(&plain);
    for inserted in [
        vec![segment(0xe7, &[7; 40])],
        vec![segment(0xfe, b"a comment")],
        vec![vec![0xff, 0x01]],
        vec![vec![0xff; 5]],
        vec![segment(0xc4, b"")],
    ] {
        assert!(rgb(&with(&plain, &inserted)) == expected, "{inserted:x?}");
    }
    let progressive = encoded(true);
    let expected = rgb(&progressive);
    let scan = |jpeg: &[u8]| {
        jpeg.windows(2)
            .rposition(|pair| pair == [0xff, 0xda])
            .unwrap()
    };
    let mut between = progressive.clone();
    let at = scan(&between);
    between.splice(at..at, segment(0xe7, &[7; 40]));
    assert!(rgb(&between) == expected);
}

#[test]
fn standard_huffman_tables_are_assumed() {
    // The encoder writes the standard tables unless it optimizes them.
    let jpeg = encoded(false);
    let bare = without(&jpeg, 0xc4);
    assert!(bare.len() < jpeg.len());
    assert!(rgb(&bare) == rgb(&jpeg));
}

#[test]
fn a_cut_off_image_is_refused_with_and_without_an_end_marker() {
    for is_progressive in [false, true] {
        let jpeg = encoded(is_progressive);
        let data = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap();
        for part in [30, 60, 90, 95] {
            let end = data + (jpeg.len() - data) * part / 100;
            let cut = jpeg[..end].to_vec();
            let filled = [cut.clone(), vec![0; 400]].concat();
            for file in [&cut, &filled] {
                assert!(decode::decode(file).is_err(), "{is_progressive} {part}");
                let ended = [file.as_slice(), b"\xff\xd9"].concat();
                assert!(decode::decode(&ended).is_err(), "{is_progressive} {part}");
            }
        }
    }
}

#[test]
fn a_missing_end_marker_and_zeros_after_the_image_do_no_harm() {
    let jpeg = encoded(false);
    let expected = rgb(&jpeg);
    let data = &jpeg[..jpeg.len() - 2];
    assert!(rgb(data) == expected);
    assert!(rgb(&[data, &[0; 400]].concat()) == expected);
    assert!(rgb(&[data, &[0; 400], b"\xff\xd9"].concat()) == expected);
}

#[test]
fn the_first_exif_segment_counts() {
    for (first, second) in [(6, 1), (1, 6)] {
        let jpeg = with(&encoded(false), &[exif(first, false), exif(second, false)]);
        let orientation = header::probe(&jpeg).unwrap().orientation;
        assert_eq!(Some(orientation), Orientation::from_exif(first));
    }
    // Chromium 156 skips segments without content, but no others.
    for (start, expected) in [(&b""[..], 6), (b"x", 1), (b"MM\0*\0\0\0", 1)] {
        let start = segment(0xe1, &[b"Exif\0\0", start].concat());
        let jpeg = with(&encoded(false), &[start, exif(6, false)]);
        let orientation = header::probe(&jpeg).unwrap().orientation;
        assert_eq!(Some(orientation), Orientation::from_exif(expected));
    }
}

#[test]
fn a_position_anywhere_keeps_the_original_out() {
    let plain = encoded(false);
    let xmp = |text: &str| {
        segment(
            0xe1,
            &[b"http://ns.adobe.com/xap/1.0/\0", text.as_bytes()].concat(),
        )
    };
    let extended = |text: &str| {
        let header = [
            b"http://ns.adobe.com/xmp/extension/\0".as_slice(),
            &[b'0'; 40],
        ]
        .concat();
        segment(0xe1, &[&header, text.as_bytes()].concat())
    };
    let position = "exif:GPSLatitude=\"48\"";
    assert!(is_publishable(&with(
        &plain,
        &[exif(1, false), xmp("<x/>")]
    )));
    for segments in [
        vec![exif(1, true), exif(1, false)],
        vec![exif(1, false), exif(1, true)],
        vec![xmp(position), xmp("<x/>")],
        vec![xmp("<x/>"), xmp(position)],
        vec![xmp("<x/>"), extended(position)],
        vec![extended("exif:GP"), extended("SLatitude")],
    ] {
        assert!(!is_publishable(&with(&plain, &segments)), "{segments:?}");
    }
    for (trailer, expected) in [
        (b"SEFH0000".to_vec(), true),
        (b"\0\0\0\x18ftypmp42".to_vec(), false),
        (with(&plain, &[exif(1, true)]), false),
        (with(&plain, &[xmp(position)]), false),
        (with(&plain, &[exif(1, false)]), true),
    ] {
        let jpeg = [plain.clone(), trailer].concat();
        assert_eq!(is_publishable(&jpeg), expected);
    }
    for (trailer, expected) in [
        (with(&plain, &[xmp(position)]), true),
        (with(&plain, &[xmp("<x/>")]), false),
        (b"moov\xa9xyz".to_vec(), true),
    ] {
        let jpeg = [plain.clone(), trailer].concat();
        assert_eq!(header::probe(&jpeg).unwrap().has_certain_position, expected);
    }
}

const FACTORS: [SamplingFactor; 4] = [
    SamplingFactor::F_1_1,
    SamplingFactor::F_2_1,
    SamplingFactor::F_1_2,
    SamplingFactor::F_2_2,
];

/// Encodes noise on a gradient: all coefficients occur, and codes of all lengths.
fn noisy(
    (width, height): (u16, u16),
    factor: SamplingFactor,
    color: ColorType,
    quality: u8,
    restart_interval: u16,
) -> Vec<u8> {
    let channels = match color {
        ColorType::Luma => 1,
        _ => 3,
    };
    let count = usize::from(width) * usize::from(height) * channels;
    let mut noise = 1u32;
    let samples: Vec<u8> = (0..count)
        .map(|at| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let is_noisy = at / 700 % 3 == 0;
            let amount = if is_noisy { noise >> 24 } else { noise >> 30 };
            ((at / 11) as u32 + amount) as u8
        })
        .collect();
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(factor);
    if restart_interval > 0 {
        encoder.set_restart_interval(restart_interval);
    }
    encoder.encode(&samples, width, height, color).unwrap();
    jpeg
}

fn by_jpeg_decoder(stream: &Stream<'_>, scale: Scale) -> Vec<u8> {
    let essential = stream.essential();
    let mut decoder = jpeg_decoder(&essential, stream.color);
    let eighth = |length: u16| (u32::from(length) * scale.eighths()).div_ceil(8) as u16;
    let wanted = (eighth(stream.frame.width), eighth(stream.frame.height));
    assert_eq!(decoder.scale(wanted.0, wanted.1).unwrap(), wanted);
    decoder.decode().unwrap()
}

#[test]
fn scaled_samples_are_those_of_jpeg_decoder() {
    for size in [(64, 48), (200, 133), (97, 250), (17, 9)] {
        for factor in FACTORS {
            for (color, quality, interval) in [
                (ColorType::Rgb, 97, 0),
                (ColorType::Rgb, 40, 0),
                (ColorType::Rgb, 80, 3),
                (ColorType::Luma, 90, 0),
                (ColorType::Luma, 90, 7),
            ] {
                let jpeg = noisy(size, factor, color, quality, interval);
                let mut stream = Stream::read(&jpeg).unwrap();
                for as_rgb in [false, true] {
                    if as_rgb && stream.color == Color::YCbCr {
                        stream.color = Color::Rgb;
                    }
                    for scale in [Scale::Quarter, Scale::Half] {
                        let samples = scaled::decode(&stream, scale).expect("a supported layout");
                        let expected = by_jpeg_decoder(&stream, scale);
                        assert!(
                            samples == expected,
                            "{size:?} {factor:?} {color:?} {quality} {interval} {scale}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_cut_off_image_is_not_scaled() {
    for interval in [0, 5] {
        let jpeg = noisy((160, 120), FACTORS[3], ColorType::Rgb, 85, interval);
        let data = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]);
        let data = data.unwrap() + 20;
        for part in [10, 50, 90, 99] {
            let end = data + (jpeg.len() - data) * part / 100;
            for filling in [0, 400] {
                let cut = [&jpeg[..end], &vec![0; filling], b"\xff\xd9"].concat();
                let stream = Stream::read(&cut).unwrap();
                assert!(
                    scaled::decode(&stream, Scale::Quarter).is_none(),
                    "{interval} {part}"
                );
            }
        }
    }
}
