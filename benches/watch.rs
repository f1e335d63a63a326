//! Watching: from the end of a save to the end of the run that it caused. Wall-clock time, median
//! and 95th percentile of 50 edits, on a small site and on one of 10,000 articles; and the
//! processor time of a watcher that nothing happens to.
//!
//! `cargo bench --bench watch`

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use planche::watch::{Done, Event, Start, watch};

use support::{cpu_of, print_machine};

const EDITS: usize = 50;
const SIZES: [usize; 2] = [100, 10_000];
/// Pictures that the articles share: small ones, made before anything is measured.
const PICTURES: usize = 100;
const SMALL: &str = "widths: [16, 32]\nsizes: 100vw\neffort: 0\n";
/// What the built-in presets ask for.
const PHOTO: &str = "widths: [320, 480, 640, 960, 1280, 1920]\nsizes: 100vw\n";
const IDLE: Duration = Duration::from_secs(5);

fn main() {
    print_machine();
    let photo = photo();
    println!(
        "milliseconds from the end of a save to the end of its run, median and 95th percentile of {EDITS}:"
    );
    for articles in SIZES {
        let site = site(articles);
        let watched = Watched::start(site.path());
        println!("{articles} articles");
        print("text, nothing written", &texts(&watched));
        print("front matter, article written", &references(&watched));
        print(
            "12 megapixels, 6 variants, article",
            &photos(&watched, &photo),
        );
        watched.settle();
        let (cpu, ()) = cpu_of(|| std::thread::sleep(IDLE));
        let share = cpu / IDLE.as_secs_f64() * 100.0;
        println!("  idle                                {share:6.2} % of a processor");
    }
}

/// A Jekyll site of that many articles, each of which shows one of the small pictures.
fn site(articles: usize) -> tempfile::TempDir {
    let site = support::site_of(&[], SMALL);
    let at = |name: String| site.path().join(name);
    fs::write(at("presets/photo.yml".to_owned()), PHOTO).expect("a file");
    let config = "rules: [{ at: photo, preset: photo }]\n";
    fs::write(at("planche.yml".to_owned()), config).expect("a file");
    for index in 0..PICTURES {
        fs::write(at(format!("uploads/{index}.png")), picture(index)).expect("a file");
    }
    for index in 0..articles {
        fs::write(at(article(index)), text(index, index % PICTURES)).expect("a file");
    }
    site
}

fn article(index: usize) -> String {
    format!("_posts/2024-01-01-{index}.md")
}

fn text(index: usize, picture: usize) -> String {
    let body = "A paragraph of some length, as articles have them.\n\n".repeat(20);
    format!("---\ntitle: Article {index}\nimage: /uploads/{picture}.png\n---\n\n{body}")
}

/// A site that is watched on a thread of its own.
struct Watched {
    folder: PathBuf,
    stop: Arc<AtomicBool>,
    events: Receiver<(Instant, Event)>,
    thread: Option<JoinHandle<()>>,
}

impl Watched {
    fn start(folder: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, events) = channel();
        let start = Start {
            site: Some(folder.to_owned()),
            ..Start::default()
        };
        let is_over = stop.clone();
        let thread = std::thread::spawn(move || {
            let outcome = watch(&start, &is_over, &mut |event| {
                // Nobody listens at the end.
                let _ = sender.send((Instant::now(), event));
            });
            outcome.expect("a site");
        });
        let watched = Watched {
            folder: folder.to_owned(),
            stop,
            events,
            thread: Some(thread),
        };
        let is_watching = |event: &Event| matches!(event, Event::Watching { .. });
        while !is_watching(&watched.events.recv().expect("an event").1) {}
        watched.settle();
        watched
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.join(name), bytes).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).expect("a file")
    }

    /// Waits until nothing has been told for a while.
    fn settle(&self) {
        while self.events.recv_timeout(Duration::from_millis(500)).is_ok() {}
    }

    /// Milliseconds from `since` to the end of the first run that answers `is_it`.
    fn until(&self, since: Instant, is_it: impl Fn(&Done) -> bool) -> f64 {
        loop {
            let (at, event) = self.events.recv().expect("an event");
            if matches!(&event, Event::Done(done) if is_it(done)) {
                return (at - since).as_secs_f64() * 1e3;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the watcher ends");
        }
    }
}

/// A line more in an article.
fn texts(watched: &Watched) -> Vec<f64> {
    let edit = |index| {
        let name = article(index);
        let text = watched.read(&name) + "One more line.\n";
        watched.write(&name, text);
        watched.until(Instant::now(), |done| {
            assert!(!done.has_written(), "{done:?}");
            done.files.contains(&name)
        })
    };
    (0..EDITS).map(edit).collect()
}

/// Another picture in an article, whose variants stand.
fn references(watched: &Watched) -> Vec<f64> {
    let edit = |index| {
        let name = article(index);
        watched.write(&name, text(index, (index + 1) % PICTURES));
        watched.until(Instant::now(), |done| done.rewritten.contains(&name))
    };
    (0..EDITS).map(edit).collect()
}

/// A photo dropped into the uploads, and then named by an article.
fn photos(watched: &Watched, photo: &[u8]) -> Vec<f64> {
    let edit = |index| {
        // What follows the end of the image makes it another file, and no other picture.
        let bytes = [photo, format!("{index}").as_bytes()].concat();
        let name = article(index);
        watched.write(&format!("uploads/photo-{index}.jpg"), bytes);
        let text = text(index, index % PICTURES);
        let reference = format!("---\nphoto: /uploads/photo-{index}.jpg\n");
        watched.write(&name, text.replacen("---\n", &reference, 1));
        let milliseconds = watched.until(Instant::now(), |done| done.variants > 0);
        assert!(
            watched.read(&name).contains("photo_responsive:"),
            "the article has no record"
        );
        watched.settle();
        milliseconds
    };
    (0..EDITS).map(edit).collect()
}

fn print(what: &str, milliseconds: &[f64]) {
    let mut sorted = milliseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let high = sorted[(sorted.len() * 95).div_ceil(100) - 1];
    println!("  {what:34} {median:8.1} {high:8.1}");
}

/// A small picture, different for each index.
fn picture(index: usize) -> Vec<u8> {
    use image::ImageEncoder;
    use image::codecs::png::PngEncoder;
    let samples: Vec<u8> = (0..64 * 40 * 3)
        .map(|at| ((at * 7) ^ (index * 31) ^ (at * index)) as u8)
        .collect();
    let mut bytes = Vec::new();
    let colour = image::ExtendedColorType::Rgb8;
    PngEncoder::new(&mut bytes)
        .write_image(&samples, 64, 40, colour)
        .expect("a PNG");
    bytes
}

/// A JPEG of 4000 × 3000 pixels: slopes, edges and some noise, as a photo has them.
fn photo() -> Vec<u8> {
    const WIDTH: u32 = 4_000;
    const HEIGHT: u32 = 3_000;
    let mut noise = 1u32;
    let mut samples = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = noise >> 28;
            let edge = if (x / 250 + y / 190) % 3 == 0 { 60 } else { 0 };
            let slope = [
                x * 160 / WIDTH,
                y * 160 / HEIGHT,
                (x + y) * 160 / (WIDTH + HEIGHT),
            ];
            samples.extend(slope.map(|value| (value + edge + grain) as u8));
        }
    }
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 88);
    let colour = jpeg_encoder::ColorType::Rgb;
    encoder
        .encode(&samples, WIDTH as u16, HEIGHT as u16, colour)
        .expect("a JPEG");
    bytes
}
