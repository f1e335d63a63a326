//! Animated variants: each frame is decoded once, resized to every rung as threads are free, and
//! added to that rung's encoder before the next one is decoded.

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::trace_span;

use super::decode::Rendered;
use super::encode::webp::animation::MAX_DURATION;
use super::encode::{Animation, EncodeError};
use super::frame::Place;
use super::masters::Masters;
use super::produce::{Write, WrittenVariant, check, failed, in_order};
use super::{Transforms, VariantError, decode};
use crate::original::Raster;
use crate::plan::{Scale, VariantSpec};

/// Makes the animated variants of an original and writes them; none of them where a frame cannot be
/// decoded.
pub(super) fn animate(
    bytes: &[u8],
    raster: &Raster,
    specs: &[&VariantSpec],
    transforms: &Transforms,
    stop: &AtomicBool,
    write: &Write<'_>,
) -> Vec<WrittenVariant> {
    let rungs: Vec<Mutex<Rung<'_>>> = specs
        .iter()
        .map(|spec| {
            Mutex::new(Rung {
                spec,
                stop,
                begun: None,
            })
        })
        .collect();
    let end = match show(bytes, raster, specs, &rungs, transforms, stop) {
        Ok(end) => end,
        Err(error) => return vec![Err(error)],
    };
    in_order(&rungs, &|rung| {
        check(stop)?;
        let mut rung = rung.lock().unwrap_or_else(PoisonError::into_inner);
        let spec = rung.spec;
        write(spec, &rung.finish(end)?)
    })
}

/// Shows every frame to every rung; gives the time at which the animation ends.
fn show(
    bytes: &[u8],
    raster: &Raster,
    specs: &[&VariantSpec],
    rungs: &[Mutex<Rung<'_>>],
    transforms: &Transforms,
    stop: &AtomicBool,
) -> Result<u64, VariantError> {
    let mut frames = decode::frames(bytes, raster)?;
    let plays = frames.plays;
    let mut clock = Clock::default();
    let pixels = raster.stored.pixels();
    while let Some(frame) = trace_span!("decode", pixels).in_scope(|| frames.next())? {
        check(stop)?;
        let frame_of_all = Rendered::whole(frame.decoded, raster.stored, vec![Scale::Whole]);
        let masters = Masters::of(vec![frame_of_all], raster, specs, transforms)?;
        let begin = clock.milliseconds();
        let added = in_order(rungs, &|rung| {
            let mut rung = rung.lock().unwrap_or_else(PoisonError::into_inner);
            rung.add(&masters, plays, begin)
        });
        added.into_iter().collect::<Result<(), _>>()?;
        clock.pass(frame.duration);
    }
    Ok(clock.milliseconds())
}

/// The time since an animation's beginning. Fractions of a millisecond add up, and only what is
/// told is rounded: no frame is more than half a millisecond from its time.
#[derive(Debug, Default)]
struct Clock(Duration);

impl Clock {
    fn pass(&mut self, duration: Duration) {
        // Rounding can make it one longer.
        self.0 += duration.min(Duration::from_millis(MAX_DURATION - 1));
    }

    /// Rounded to the nearest.
    fn milliseconds(&self) -> u64 {
        let half = Duration::from_micros(500);
        u64::try_from((self.0 + half).as_millis()).unwrap_or(u64::MAX)
    }
}

/// One animated variant that is being made.
struct Rung<'s> {
    spec: &'s VariantSpec,
    stop: &'s AtomicBool,
    /// Where the picture stands, and the encoder; none before the first frame.
    begun: Option<(Place, Animation<'s>)>,
}

impl Rung<'_> {
    fn add(&mut self, frame: &Masters, plays: u16, begin: u64) -> Result<(), VariantError> {
        check(self.stop)?;
        let spec = self.spec;
        let (upright, _) = frame.upright(&spec.recipe)?;
        let (width, pixels) = (u64::from(spec.dimensions.width), spec.dimensions.pixels());
        let resize = |place| {
            let span = trace_span!("resize", width, pixels);
            span.in_scope(|| upright.at(place, spec.dimensions))
        };
        let result = match &mut self.begun {
            Some((place, animation)) => {
                let frame = resize(*place)?;
                let span = trace_span!("encode", width, pixels);
                span.in_scope(|| animation.add(&frame, begin))
            }
            None => {
                let place = upright.place(spec.framing)?;
                let first = resize(place)?;
                let _span = trace_span!("encode", width, pixels).entered();
                Animation::new(&first, &spec.recipe, plays, self.stop).and_then(|mut animation| {
                    animation.add(&first, begin)?;
                    self.begun = Some((place, animation));
                    Ok(())
                })
            }
        };
        result.map_err(|error| failed(spec, error))
    }

    fn finish(&mut self, end: u64) -> Result<Vec<u8>, VariantError> {
        let width = u64::from(self.spec.dimensions.width);
        let _span = trace_span!("encode", width).entered();
        let begun = self.begun.take().ok_or(EncodeError::Refused);
        begun
            .and_then(|(_, animation)| animation.finish(end))
            .map_err(|error| failed(self.spec, error))
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use super::super::encode::webp::animation::tests::{Shown, shown};
    use super::*;
    use crate::config::Limits;
    use crate::original::{Picture, probe};
    use crate::path::SitePath;
    use crate::plan::{Framing, Recipe};
    use crate::preset::{Color, Format, Lossless, Resize};
    use crate::units::{Dimensions, Effort, Quality};

    static GO: AtomicBool = AtomicBool::new(false);

    fn raster(bytes: &[u8]) -> Raster {
        match probe(bytes, &Limits::default()) {
            Ok(Picture::Raster(raster)) => raster,
            other => panic!("{other:?}"),
        }
    }

    fn spec(dimensions: Dimensions, lossless: Lossless) -> VariantSpec {
        VariantSpec {
            path: SitePath::normalise(&format!("v/{}.webp", dimensions.width)).unwrap(),
            url: String::new(),
            dimensions,
            framing: Framing::Whole,
            recipe: Recipe {
                format: Format::Webp,
                quality: Quality::new(80.0).unwrap().into(),
                effort: Effort::new(4).unwrap().into(),
                lossless,
                resize: Resize::Srgb,
                color: Color::Srgb,
                scale: Scale::Whole,
                behind: None,
                is_sharp: false,
                is_animated: true,
            },
        }
    }

    /// The variants of an animation, in the order of `specs`.
    fn variants(bytes: &[u8], specs: &[VariantSpec]) -> Result<Vec<Vec<u8>>, VariantError> {
        let specs: Vec<&VariantSpec> = specs.iter().collect();
        let files = Mutex::new(Vec::new());
        let write = |spec: &VariantSpec, bytes: &[u8]| {
            files
                .lock()
                .unwrap()
                .push((spec.path.clone(), bytes.to_vec()));
            Ok((spec.path.clone(), bytes.len() as u64))
        };
        let raster = raster(bytes);
        let transforms = Transforms::default();
        for written in animate(bytes, &raster, &specs, &transforms, &GO, &write) {
            written?;
        }
        let files = files.into_inner().unwrap();
        let file = |spec: &&VariantSpec| {
            let of_spec = files.iter().find(|(path, _)| *path == spec.path);
            of_spec.map(|(_, bytes)| bytes.clone()).unwrap()
        };
        Ok(specs.iter().map(file).collect())
    }

    /// What is shown from when on: frames of no duration are never seen, and two that are alike are
    /// one. What is transparent has no colour.
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

    /// The whole animation as WebP without loss.
    fn lossless(bytes: &[u8]) -> Shown {
        let size = raster(bytes).dimensions();
        shown(&variants(bytes, &[spec(size, Lossless::Always)]).unwrap()[0])
    }

    /// What ImageMagick's `-coalesce` makes of a file: frames in RGBA, and when each ends. None
    /// where ImageMagick is absent.
    fn coalesced(file: &Path, size: Dimensions) -> Option<Vec<(Vec<u8>, u64)>> {
        let run = |arguments: &[&str]| {
            let output = Command::new("convert").arg(file).args(arguments).output();
            output.ok().filter(|output| output.status.success())
        };
        let pixels = run(&["-coalesce", "-depth", "8", "rgba:-"])?.stdout;
        let delays = run(&["-format", "%T ", "info:-"])?.stdout;
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

    /// The animations of the corpus with that extension; none where there is no corpus.
    fn corpus(extension: &str) -> Vec<PathBuf> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let corpus = std::env::var_os("PLANCHE_CORPUS")
            .map_or_else(|| repository.join("../shared"), PathBuf::from);
        let Ok(entries) = std::fs::read_dir(corpus.join("corpus/odd/animation")) else {
            eprintln!("skipped: no corpus");
            return Vec::new();
        };
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
        for file in [drawn].into_iter().chain(corpus("gif")) {
            let bytes = std::fs::read(&file).unwrap();
            let Some(expected) = coalesced(&file, raster(&bytes).dimensions()) else {
                eprintln!("skipped: ImageMagick's `convert` is absent");
                return;
            };
            let what = file.display().to_string();
            assert_equal(&what, timeline(lossless(&bytes).frames), timeline(expected));
        }
    }

    /// Frames of every disposal at offsets, with transparent pixels, palettes of their own, odd
    /// delays, none, and a frame that reaches out of the picture.
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
        for file in corpus("webp") {
            let bytes = std::fs::read(&file).unwrap();
            let mut ours = lossless(&bytes);
            let expected = shown(&bytes);
            if let [(_, end)] = &mut ours.frames[..] {
                // Its frames all show the same: it is written as a still picture.
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
            clock.pass(Duration::from_nanos(1_000_000_000 / 3));
            times.push(clock.milliseconds());
        }
        assert_eq!(times, [333, 667, 1_000, 1_333, 1_667, 2_000]);
        let mut clock = Clock::default();
        for _ in 0..1_000 {
            clock.pass(Duration::from_nanos(1_000_000_000 / 60));
        }
        assert_eq!(clock.milliseconds(), 16_667);
        clock.pass(Duration::from_secs(65_535));
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
            let cut = VariantSpec {
                framing: Framing::Cover {
                    window: left_half,
                    focus: crate::preset::Focus::Point(focus),
                },
                ..spec(left_half, Lossless::Always)
            };
            let ours = shown(&variants(&bytes, &[cut]).unwrap()[0]);
            let frames = whole.frames.iter().map(|(pixels, end)| {
                let rows = pixels.chunks_exact(12 * 4);
                let cut = rows.flat_map(|row| &row[columns.start * 4..columns.end * 4]);
                (cut.copied().collect(), *end)
            });
            assert_equal("cut", timeline(ours.frames), timeline(frames));
        }
    }

    #[test]
    fn colours_are_converted_by_what_the_file_says() {
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
        // IEC 61966-2-1: 128/255 of the light is 187.8.
        assert_eq!(shown.frames[0].0, [188, 188, 188, 255, 0, 0, 0, 255]);
        assert_eq!(shown.frames[1].0, [0, 0, 0, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn neither_threads_nor_order_decide_the_bytes() {
        let bytes = drawn_gif(Some(gif::Repeat::Finite(2)));
        let sizes = [(12, 9), (8, 6), (5, 4)];
        let mut specs =
            sizes.map(|(width, height)| spec(Dimensions { width, height }, Lossless::Auto));
        let run = |threads, specs: &[VariantSpec]| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| variants(&bytes, specs).unwrap())
        };
        let one = run(1, &specs);
        assert_eq!(one, run(4, &specs));
        specs.reverse();
        let mut reversed = run(3, &specs);
        reversed.reverse();
        assert_eq!(one, reversed);
    }

    #[test]
    fn a_broken_frame_writes_nothing_and_a_stop_is_heard() {
        let bytes = drawn_gif(None);
        let size = raster(&bytes).dimensions();
        let broken = variants(&bytes[..bytes.len() - 8], &[spec(size, Lossless::Auto)]);
        assert!(matches!(broken, Err(VariantError::Decode(_))));
        let stopped = AtomicBool::new(true);
        let spec = spec(size, Lossless::Auto);
        let write = |_: &VariantSpec, _: &[u8]| -> WrittenVariant { panic!("it was stopped") };
        let (raster, transforms) = (raster(&bytes), Transforms::default());
        let results = animate(&bytes, &raster, &[&spec], &transforms, &stopped, &write);
        assert!(matches!(results[..], [Err(VariantError::Interrupted)]));
    }
}
