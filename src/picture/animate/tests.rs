//! Compares rendered animations with the frames that ImageMagick and libwebp show.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::color::Transforms;
use crate::corpus;
use crate::decoder::InProcess;
use crate::format::probe;
use crate::format::webp::libwebp::animation::tests::{Shown, shown};
use crate::framing::Focus;
use crate::info::{Format, ImageInfo};
use crate::limits::Limits;
use crate::needs::{Need, skip};
use crate::recipe::{Framing, Lossless, Recipe};
use crate::units::Dimensions;

static GO: AtomicBool = AtomicBool::new(false);

fn raster(bytes: &[u8]) -> Raster {
    match probe(bytes, &Limits::default()) {
        Ok(ImageInfo::Raster(raster)) => raster,
        other => panic!("{other:?}"),
    }
}

fn rendition(dimensions: Dimensions, lossless: Lossless) -> Rendition {
    Rendition {
        dimensions,
        framing: Framing::Whole,
        recipe: Recipe {
            lossless,
            is_animated: true,
            ..Recipe::plain(Format::WEBP)
        },
    }
}

/// Renders an animation. Returns the files in the order of `renditions`.
fn files(bytes: &[u8], renditions: &[Rendition]) -> Result<Vec<Vec<u8>>, ImageError> {
    let transforms = Transforms::default();
    let context = Context {
        transforms: &transforms,
        decoder: &InProcess,
        stop: &GO,
    };
    let items: Vec<Item> = renditions
        .iter()
        .copied()
        .enumerate()
        .map(Item::new)
        .collect();
    let items: Vec<&Item> = items.iter().collect();
    let sink = |item: &Item, bytes: &[u8]| Ok((item.index, bytes.to_vec()));
    let files = animate(bytes, &raster(bytes), &items, context, &sink);
    let mut files = files.into_iter().collect::<Result<Vec<_>, ImageError>>()?;
    files.sort_unstable_by_key(|(index, _)| *index);
    Ok(files.into_iter().map(|(_, bytes)| bytes).collect())
}

struct Item {
    index: usize,
    rendition: Rendition,
}

impl Item {
    fn new((index, rendition): (usize, Rendition)) -> Self {
        Item { index, rendition }
    }
}

impl AsRef<Rendition> for Item {
    fn as_ref(&self) -> &Rendition {
        &self.rendition
    }
}

/// Displayed frames, each with its start time in milliseconds. Frames without duration are left
/// out, and equal consecutive frames are merged. All samples of transparent pixels are 0.
type Timeline = Vec<(u64, Vec<u8>)>;

fn timeline(frames: impl IntoIterator<Item = (Vec<u8>, u64)>) -> (Timeline, u64) {
    let mut line: Timeline = Vec::new();
    let mut begin = 0;
    for (mut pixels, end) in frames {
        for pixel in pixels.chunks_exact_mut(4) {
            if pixel[3] == 0 {
                pixel.fill(0);
            }
        }
        if end > begin && line.last().is_none_or(|(_, last)| *last != pixels) {
            line.push((begin, pixels));
        }
        begin = end;
    }
    (line, begin)
}

#[track_caller]
fn assert_equal(what: &str, ours: (Timeline, u64), expected: (Timeline, u64)) {
    let begins = |line: &Timeline| line.iter().map(|(begin, _)| *begin).collect::<Vec<_>>();
    assert_eq!(begins(&ours.0), begins(&expected.0), "{what}");
    assert_eq!(ours.1, expected.1, "{what}: its end");
    for ((begin, ours), (_, expected)) in ours.0.iter().zip(&expected.0) {
        let differs = ours
            .iter()
            .zip(expected)
            .position(|(one, other)| one != other);
        assert_eq!(differs, None, "{what}: at {begin} ms");
        assert_eq!(ours.len(), expected.len(), "{what}: at {begin} ms");
    }
}

/// Renders the animation as lossless WebP and decodes it with libwebp.
fn lossless(bytes: &[u8]) -> Shown {
    let size = raster(bytes).dimensions();
    shown(&files(bytes, &[rendition(size, Lossless::Always)]).unwrap()[0])
}

/// Returns the frames of a file in RGBA, composed by ImageMagick's `-coalesce`, with the end of
/// each in milliseconds. Returns `None` and counts a skipped test if ImageMagick is not installed.
fn coalesced(file: &Path, size: Dimensions) -> Option<Vec<(Vec<u8>, u64)>> {
    let run = |arguments: &[&str]| {
        let output = Command::new("convert").arg(file).args(arguments).output();
        if let Err(error) = &output
            && error.kind() == std::io::ErrorKind::NotFound
        {
            skip(Need::ImageMagick, "`convert` is not installed");
            return None;
        }
        let output = output.unwrap();
        assert!(output.status.success(), "{}: {output:?}", file.display());
        Some(output.stdout)
    };
    let pixels = run(&["-coalesce", "-depth", "8", "rgba:-"])?;
    let delays = run(&["-format", "%T ", "info:-"])?;
    let length = usize::try_from(size.pixels() * 4).unwrap();
    let mut end = 0;
    let ends = std::str::from_utf8(&delays).unwrap().split_whitespace();
    let ends = ends.map(|delay| {
        end += delay.parse::<u64>().unwrap() * 10;
        end
    });
    let ends: Vec<u64> = ends.collect();
    assert_eq!(pixels.len(), length * ends.len());
    let frames = pixels.chunks_exact(length).map(<[u8]>::to_vec);
    Some(frames.zip(ends).collect())
}

/// Returns the animations of the corpus with this extension; empty if there is no corpus.
fn animations(extension: &str) -> Vec<PathBuf> {
    let Some(folder) = corpus::folder("corpus/odd/animation") else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|one| one == extension));
    files.sort();
    assert!(!files.is_empty(), "{extension}");
    files
}

#[test]
fn gifs_equal_what_imagemagick_coalesces() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("drawn.gif");
    std::fs::write(&drawn, drawn_gif(Some(gif::Repeat::Infinite))).unwrap();
    for file in [drawn].into_iter().chain(animations("gif")) {
        let bytes = std::fs::read(&file).unwrap();
        let Some(expected) = coalesced(&file, raster(&bytes).dimensions()) else {
            return;
        };
        let what = file.display().to_string();
        assert_equal(&what, timeline(lossless(&bytes).frames), timeline(expected));
    }
}

/// Encodes a GIF whose frames have every disposal method, offsets, transparent pixels, local
/// palettes, and odd or missing delays. One frame extends beyond the image.
fn drawn_gif(repeat: Option<gif::Repeat>) -> Vec<u8> {
    use gif::DisposalMethod::{Any, Background, Keep, Previous};
    let mut bytes = Vec::new();
    let palette = [255, 0, 0, 0, 255, 0, 0, 0, 255, 250, 240, 10];
    let mut encoder = gif::Encoder::new(&mut bytes, 12, 9, &palette).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    let place = |left, top, width, height| (left, top, width, height);
    for (number, (dispose, (left, top, width, height), delay)) in [
        (Any, place(0, 0, 12, 9), 7),
        (Keep, place(3, 2, 5, 5), 3),
        (Background, place(1, 1, 7, 6), 11),
        (Previous, place(4, 0, 8, 9), 2),
        (Previous, place(0, 5, 9, 4), 1),
        (Background, place(2, 3, 6, 3), 0),
        (Previous, place(0, 0, 12, 9), 13),
        (Keep, place(5, 4, 4, 4), 255),
        (Background, place(9, 6, 8, 7), 6),
        (Background, place(0, 0, 12, 9), 4),
        (Keep, place(8, 6, 4, 3), 9),
    ]
    .into_iter()
    .enumerate()
    {
        let own = [
            9,
            9,
            9,
            number as u8 * 20,
            70,
            200,
            255,
            255,
            255,
            0,
            90,
            90,
        ];
        let pixels = u32::from(width) * u32::from(height);
        let index = |at: u32| (at * 7 / 3 + at / u32::from(width) + number as u32) % 4;
        encoder
            .write_frame(&gif::Frame {
                left,
                top,
                width,
                height,
                delay,
                dispose,
                transparent: (number % 4 != 0).then_some(number as u8 % 3),
                palette: (number % 2 == 1).then(|| own.to_vec()),
                buffer: (0..pixels).map(|at| index(at) as u8).collect(),
                ..gif::Frame::default()
            })
            .unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn webp_equals_what_libwebp_shows() {
    for file in animations("webp") {
        let bytes = std::fs::read(&file).unwrap();
        let mut ours = lossless(&bytes);
        let expected = shown(&bytes);
        if let [(_, end)] = &mut ours.frames[..] {
            // All its frames are equal: it is written as a still image.
            *end = expected.frames.last().unwrap().1;
        } else {
            assert_eq!(ours.plays, expected.plays);
        }
        let what = file.display().to_string();
        assert_equal(&what, timeline(ours.frames), timeline(expected.frames));
    }
}

#[test]
fn times_do_not_drift() {
    let mut clock = Clock::default();
    let mut times = Vec::new();
    for _ in 0..6 {
        clock.advance(Duration::from_nanos(1_000_000_000 / 3));
        times.push(clock.milliseconds());
    }
    assert_eq!(times, [333, 667, 1_000, 1_333, 1_667, 2_000]);
    let mut clock = Clock::default();
    for _ in 0..1_000 {
        clock.advance(Duration::from_nanos(1_000_000_000 / 60));
    }
    assert_eq!(clock.milliseconds(), 16_667);
    clock.advance(Duration::from_secs(65_535));
    assert_eq!(clock.milliseconds(), 16_667 + 16_777_214);
}

#[test]
fn every_frame_is_cut_alike() {
    let bytes = drawn_gif(None);
    let left_half = Dimensions {
        width: 6,
        height: 9,
    };
    let whole = lossless(&bytes);
    assert_eq!(whole.plays, 1);
    for (focus, columns) in [("0 0.5", 0..6), ("1 0.5", 6..12)] {
        let focus = focus.to_owned().try_into().unwrap();
        let cut = Rendition {
            framing: Framing::Cover {
                window: left_half,
                focus: Focus::Point(focus),
            },
            ..rendition(left_half, Lossless::Always)
        };
        let ours = shown(&files(&bytes, &[cut]).unwrap()[0]);
        let frames = whole.frames.iter().map(|(pixels, end)| {
            let rows = pixels.chunks_exact(12 * 4);
            let cut = rows.flat_map(|row| &row[columns.start * 4..columns.end * 4]);
            (cut.copied().collect(), *end)
        });
        assert_equal("cut", timeline(ours.frames), timeline(frames));
    }
}

#[test]
fn colors_are_converted_by_what_the_file_says() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_source_gamma(png::ScaledFloat::new(1.0));
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[128, 0]).unwrap();
    writer.write_image_data(&[0, 255]).unwrap();
    writer.finish().unwrap();
    let shown = lossless(&bytes);
    // By IEC 61966-2-1, 128/255 of the light of white is the sRGB value 187.8.
    assert_eq!(shown.frames[0].0, [188, 188, 188, 255, 0, 0, 0, 255]);
    assert_eq!(shown.frames[1].0, [0, 0, 0, 255, 255, 255, 255, 255]);
}

#[test]
fn neither_threads_nor_order_decide_the_bytes() {
    let bytes = drawn_gif(Some(gif::Repeat::Finite(2)));
    let sizes = [(12, 9), (8, 6), (5, 4)];
    let mut renditions =
        sizes.map(|(width, height)| rendition(Dimensions { width, height }, Lossless::Auto));
    let run = |threads, renditions: &[Rendition]| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| files(&bytes, renditions).unwrap())
    };
    let one = run(1, &renditions);
    assert_eq!(one, run(4, &renditions));
    renditions.reverse();
    let mut reversed = run(3, &renditions);
    reversed.reverse();
    assert_eq!(one, reversed);
}

#[test]
fn a_broken_frame_writes_nothing_and_a_stop_request_is_obeyed() {
    let bytes = drawn_gif(None);
    let size = raster(&bytes).dimensions();
    let broken = files(
        &bytes[..bytes.len() - 8],
        &[rendition(size, Lossless::Auto)],
    );
    assert!(matches!(broken, Err(ImageError::Decode(_))));
    let stopped = AtomicBool::new(true);
    let item = Item::new((0, rendition(size, Lossless::Auto)));
    let transforms = Transforms::default();
    let context = Context {
        transforms: &transforms,
        decoder: &InProcess,
        stop: &stopped,
    };
    let sink = |_: &Item, _: &[u8]| -> Result<(), ImageError> { panic!("it was stopped") };
    let results = animate(&bytes, &raster(&bytes), &[&item], context, &sink);
    assert!(matches!(results[..], [Err(ImageError::Interrupted)]));
}
