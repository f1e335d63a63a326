//! Checks that the candidates of a record are never worse than the alternatives, as a property of
//! generated images and presets. `records` also checks that candidates ascend, match their
//! descriptors, and have the same aspect ratio.

use std::fs;

use planche::internal::record::{Content, Source};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::records::check_framed_records;
use crate::scratch::Scratch;

/// A generated image: its dimensions, its amount of noise, and its file format.
#[derive(Clone, Debug)]
struct Drawn {
    width: u32,
    height: u32,
    noise: u8,
    is_transparent: bool,
    is_jpeg: bool,
}

impl Drawn {
    fn file(&self) -> (&'static str, Vec<u8>) {
        let picture = image::RgbaImage::from_fn(self.width, self.height, |x, y| {
            let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(0x9E37_79B9)) >> 13;
            let noise = (noise & 255) as u8 % self.noise.max(1);
            let flat = if (x / 40 + y / 40) % 2 == 0 { 40 } else { 180 };
            let alpha = if self.is_transparent && x < 20 {
                0
            } else {
                255
            };
            image::Rgba([
                flat + noise / 4,
                (x as u8).saturating_add(noise),
                flat,
                alpha,
            ])
        });
        let mut file = std::io::Cursor::new(Vec::new());
        if self.is_jpeg {
            let rgb = image::DynamicImage::from(picture).into_rgb8();
            let mut bytes = Vec::new();
            let encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
            let side = |side: u32| u16::try_from(side).unwrap();
            encoder
                .encode(
                    &rgb,
                    side(self.width),
                    side(self.height),
                    jpeg_encoder::ColorType::Rgb,
                )
                .unwrap();
            return ("a.jpg", bytes);
        }
        picture
            .write_to(&mut file, image::ImageFormat::Png)
            .unwrap();
        ("a.png", file.into_inner())
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (2..260u32, 2..160u32, 0..120u8, any::<bool>(), any::<bool>()).prop_map(
        |(width, height, noise, is_transparent, is_jpeg)| Drawn {
            width,
            height,
            noise,
            is_transparent,
            is_jpeg,
        },
    )
}

/// Generates the text of a preset. AVIF is rare, because encoding it takes long.
fn preset() -> impl Strategy<Value = String> {
    let widths = prop_oneof![
        3 => proptest::collection::btree_set(8..240u32, 1..5).prop_map(|widths| {
            format!("widths: {:?}\nsizes: 100vw\n", widths.into_iter().collect::<Vec<_>>())
        }),
        2 => (8..60u32, 61..240u32, 1..2_000u32).prop_map(|(min, max, step)| {
            format!("widths: {{min: {min}, max: {max}, step_bytes: {step}}}\nsizes: 100vw\n")
        }),
        1 => (8..120u32).prop_map(|width| format!("widths: [{width}]\ndensities: [1, 1.5, 2]\n")),
    ];
    let formats = prop_oneof![
        4 => Just("[webp]"),
        4 => Just("[webp, jpeg]"),
        2 => Just("[webp, png]"),
        1 => Just("[avif, webp]"),
        1 => Just("[avif, jpeg]"),
    ];
    let shape = prop_oneof![
        3 => Just(""),
        1 => Just("aspect: 1\n"),
        1 => Just("aspect: 3/2\nfit: contain\n"),
        1 => Just("sources: [{media: '(max-width: 40em)', aspect: 1/2}]\n"),
    ];
    let lossless = prop_oneof![Just("auto"), Just("never")];
    (widths, formats, shape, lossless, 0..=100u8, 0..=3u8).prop_map(
        |(widths, formats, shape, lossless, quality, effort)| {
            format!(
                "{widths}{shape}formats: {formats}\nlossless: {lossless}\nquality: {quality}\neffort: {effort}\n"
            )
        },
    )
}

/// Returns, for each candidate, its width or its density in hundredths, and its size in bytes.
fn candidates(site: &Scratch, srcset: &[String]) -> Vec<(u32, u64)> {
    let candidate = |candidate: &String| {
        let (url, descriptor) = candidate.rsplit_once(' ').unwrap();
        let number: f64 = descriptor.trim_end_matches(['w', 'x']).parse().unwrap();
        let scale = if descriptor.ends_with('x') {
            100.0
        } else {
            1.0
        };
        let file = fs::read(site.path(url.trim_start_matches('/'))).unwrap();
        ((number * scale).round() as u32, file.len() as u64)
    };
    srcset.iter().map(candidate).collect()
}

/// Returns the bytes of the candidate that a browser loads for this width or density.
fn loaded(candidates: &[(u32, u64)], asked: u32) -> u64 {
    let serves = candidates.iter().find(|(width, _)| *width >= asked);
    serves.or(candidates.last()).unwrap().1
}

fn check_record(site: &Scratch, record: &Content, original: u64) {
    let fallback = candidates(site, &record.srcset);
    let is_original = |candidate: &String| !candidate.starts_with("/uploads/variants/");
    // The original may be a candidate of the `<img>` only, and then the largest one.
    for source in &record.sources {
        assert!(!source.srcset.iter().any(is_original), "{record:#?}");
    }
    if let Some(place) = record.srcset.iter().position(is_original) {
        assert_eq!(place + 1, record.srcset.len(), "{record:#?}");
        assert_eq!(fallback[place].1, original);
    }
    // A browser that supports a source must load less from it than from the next source, at every
    // width.
    let mut next: Option<&Source> = None;
    for source in record.sources.iter().rev() {
        let following = match next {
            Some(next) if next.media == source.media => Some(next.srcset.as_slice()),
            None if source.media.is_none() => Some(record.srcset.as_slice()),
            Some(_) if source.media.is_none() => Some(record.srcset.as_slice()),
            _ => None,
        };
        if let Some(following) = following {
            let own = candidates(site, &source.srcset);
            let others = candidates(site, following);
            for asked in others.iter().map(|(width, _)| *width) {
                assert!(
                    loaded(&own, asked) < loaded(&others, asked),
                    "{asked} of {source:#?} against {following:#?}"
                );
            }
        }
        next = Some(source);
    }
}

fn check(picture: &Drawn, preset: &str) {
    let site = Scratch::site();
    let (name, file) = picture.file();
    let original = file.len() as u64;
    site.write("presets/card.yml", preset);
    site.write(&format!("uploads/{name}"), file);
    site.write(
        "articles/a.md",
        format!("---\nimage: /uploads/{name}\n---\n"),
    );
    site.planche(&["--quiet"]).exits(0);
    for (_, record) in check_framed_records(&site) {
        check_record(&site, &record, original);
        let is_plain = !preset.contains("aspect");
        let fallback = candidates(&site, &record.srcset);
        if is_plain && record.dimensions.width == picture.width {
            // The generated uploads are still web images without metadata, so they may be published
            // themselves.
            let largest = fallback[fallback.len() - 1].1;
            assert!(largest <= original, "larger than the original: {record:#?}");
        }
        if let Some((_, step)) = preset.split_once("step_bytes: ") {
            let step: u64 = step.split('}').next().unwrap().parse().unwrap();
            let is_own = |candidate: &String| candidate.starts_with("/uploads/variants/");
            let rungs = record.srcset.iter().filter(|candidate| is_own(candidate));
            for pair in fallback[..rungs.count()].windows(2) {
                assert!(pair[0].1 + step <= pair[1].1, "{fallback:?}: {record:#?}");
            }
        }
    }
    site.planche(&["check", "--quiet"]).exits(0);
}

#[test]
fn no_record_offers_what_is_worse_than_what_it_could_offer_instead() {
    let mut config = ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_124),
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 48;
    }
    proptest!(config, |(picture in drawn(), preset in preset())| check(&picture, &preset));
}
