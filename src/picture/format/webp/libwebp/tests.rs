use super::*;
use crate::info::Format;

fn gradient(channels: Channels, width: u32, height: u32) -> Pixels {
    let samples = (0..height)
        .flat_map(|y| {
            (0..width).flat_map(move |x| {
                (0..channels.count()).map(move |c| (x * 3 + y * 5 + c as u32 * 60) as u8)
            })
        })
        .collect();
    Pixels {
        dimensions: Dimensions { width, height },
        channels,
        samples,
    }
}

fn decoded(bytes: &[u8]) -> image::DynamicImage {
    image::load_from_memory_with_format(bytes, image::ImageFormat::WebP).expect("a WebP")
}

static GO: AtomicBool = AtomicBool::new(false);

#[test]
fn names_contain_the_version_of_the_linked_encoder() {
    let [_, major, minor, revision] = version().to_be_bytes();
    let named = Format::WEBP.encoder().version;
    assert!(
        named.starts_with(&format!("libwebp {major}.{minor}.{revision}, ")),
        "{named}"
    );
}

#[test]
fn lossless_keeps_every_pixel() {
    let effort = Effort::new(3).unwrap();
    for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
        let mut pixels = gradient(channels, 33, 17);
        if channels == Channels::Rgba {
            // Colors under full transparency may change.
            pixels
                .samples
                .chunks_exact_mut(4)
                .for_each(|pixel| pixel[3] |= 1);
        }
        let bytes = encode(&pixels, Mode::Lossless, effort, &GO).unwrap();
        let image = decoded(&bytes);
        let samples = match channels {
            Channels::Gray => image.to_luma8().into_raw(),
            Channels::Rgb => image.to_rgb8().into_raw(),
            _ => image.to_rgba8().into_raw(),
        };
        assert!(samples == pixels.samples, "{channels:?}");
    }
}

#[test]
fn another_decoder_shows_the_same_pixels() {
    for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
        for mode in [
            Mode::Lossless,
            Mode::NearLossless(40),
            Mode::Lossy(Quality::new(60.0).unwrap()),
            Mode::LossySharp(Quality::new(60.0).unwrap()),
        ] {
            let pixels = gradient(channels, 47, 31);
            let bytes = encode(&pixels, mode, Effort::new(4).unwrap(), &GO).unwrap();
            let shown = shown(&bytes, &pixels).unwrap();
            let image = decoded(&bytes);
            let expected = match shown.channels {
                Channels::Rgba => image.to_rgba8().into_raw(),
                _ => image.to_rgb8().into_raw(),
            };
            assert!(shown.samples == expected, "{channels:?} {mode:?}");
        }
    }
    assert_eq!(
        shown(b"RIFF", &gradient(Channels::Rgb, 8, 8)),
        Err(EncodeError::Refused)
    );
}

#[test]
fn a_profile_goes_into_the_file_and_changes_no_pixel() {
    let effort = Effort::new(0).unwrap();
    for (channels, mode) in [
        (Channels::Rgb, Mode::Lossless),
        (Channels::Rgba, Mode::Lossy(Quality::new(80.0).unwrap())),
    ] {
        let pixels = gradient(channels, 33, 17);
        let bytes = encode(&pixels, mode, effort, &GO).unwrap();
        let with = with_profile(&bytes, b"an odd profile").unwrap();
        let mut decoder =
            image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(&with)).unwrap();
        let profile = image::ImageDecoder::icc_profile(&mut decoder).unwrap();
        assert_eq!(profile.as_deref(), Some(b"an odd profile".as_slice()));
        assert_eq!(decoded(&with), decoded(&bytes));
    }
    assert_eq!(with_profile(b"", b"x"), Err(EncodeError::Refused));
}

#[test]
fn quality_and_effort_reach_the_encoder() {
    let pixels = gradient(Channels::Rgb, 200, 150);
    let size = |quality, effort| {
        let mode = Mode::Lossy(Quality::new(quality).unwrap());
        encode(&pixels, mode, Effort::new(effort).unwrap(), &GO)
            .unwrap()
            .len()
    };
    assert!(size(20.0, 4) < size(90.0, 4));
    assert_ne!(size(80.0, 0), size(80.0, 6));
}

#[test]
fn impossible_sizes_are_refused_and_a_stop_request_is_obeyed() {
    let effort = Effort::new(4).unwrap();
    let mode = Mode::Lossy(Quality::new(80.0).unwrap());
    let too_wide = Pixels {
        dimensions: Dimensions {
            width: 16_384,
            height: 1,
        },
        channels: Channels::Rgb,
        samples: vec![0; 16_384 * 3],
    };
    assert_eq!(
        encode(&too_wide, mode, effort, &GO),
        Err(EncodeError::TooLarge)
    );
    let mut short = gradient(Channels::Rgb, 8, 8);
    short.samples.pop();
    assert_eq!(encode(&short, mode, effort, &GO), Err(EncodeError::Refused));
    let stopped = AtomicBool::new(true);
    let pixels = gradient(Channels::Rgb, 400, 300);
    assert_eq!(
        encode(&pixels, mode, effort, &stopped),
        Err(EncodeError::Interrupted)
    );
}
