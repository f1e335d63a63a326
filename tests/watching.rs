//! Watching: changes by an editor, a version control system, a failing disk and other programs to a
//! watched site, and the resulting files.
//!
//! No test here sleeps. A test waits for the expected event, or for a sentinel: a file that is
//! saved last, so that all earlier changes were processed once a run names it.

/// Folders that are created, removed and swapped.
mod folders;
/// A manifest that is kept up to date.
mod manifest;
/// The program itself: its lines, its exit code, its lock, its commands.
mod program;
/// Robustness: concurrent edits, floods, suspensions, a folder moved away, a full
/// disk.
mod robustness;
/// Every way of saving an article, and of removing files and folders.
pub mod saves;
/// Changes of settings: configuration, presets, rules.
mod settings;
/// Random edits for a set time, and the resources that the program uses afterwards.
mod soak;
/// Images that are written in pieces, replaced, broken and repaired.
mod uploads;
/// A watcher next to a generator that watches the same folder.
mod with_jekyll;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use planche::internal::watch::{self, Done, Event, Start};

use crate::records::check_records;
use crate::scratch::{Files, Scratch, changed};

/// How long a test waits for an expected event: far longer than it takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// Both backends: notifications of the system, and polling.
const BOTH: [Option<Duration>; 2] = [None, Some(Duration::from_millis(30))];

/// Number of widths that [`picture`] gets in a site of [`site`].
const RUNGS: usize = 3;

/// A site that the library watches on a separate thread.
struct Watched {
    site: Scratch,
    stop: Arc<AtomicBool>,
    events: Receiver<Event>,
    /// The events since the last [`Watched::take_told`].
    told: Vec<Event>,
    /// Locked by the watcher at the start of every run.
    gate: Arc<Mutex<()>>,
    sentinels: usize,
    thread: Option<JoinHandle<()>>,
}

impl Watched {
    /// Watches a site. Returns once its folders are watched.
    fn start(site: Scratch, poll: Option<Duration>) -> Self {
        let start = Start {
            site: Some(site.folder().to_owned()),
            poll,
            threads: Some(2),
            ..Start::default()
        };
        Watched::with(site, start)
    }

    fn with(site: Scratch, start: Start) -> Self {
        let mut watched = Watched::unready(site, start);
        watched.until_told("the folders are watched", |event| {
            matches!(event, Event::Watching { .. })
        });
        watched.barrier();
        watched.told.clear();
        watched
    }

    /// Starts watching a site that may not be readable yet.
    fn unready(site: Scratch, start: Start) -> Self {
        write_sentinels(&site);
        let stop = Arc::new(AtomicBool::new(false));
        let gate = Arc::new(Mutex::new(()));
        let (sender, events) = channel();
        let (is_over, at_gate) = (stop.clone(), gate.clone());
        let thread = std::thread::spawn(move || run(&start, &is_over, &at_gate, &sender));
        Watched {
            site,
            stop,
            events,
            told: Vec::new(),
            gate,
            sentinels: 0,
            thread: Some(thread),
        }
    }

    /// Waits until a condition on the files is true. Checks it after every event.
    #[track_caller]
    fn until(&mut self, what: &str, mut holds: impl FnMut(&Scratch) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds(&self.site) {
            self.next(what, deadline);
        }
    }

    /// Waits for an event for which `is_it` returns true.
    #[track_caller]
    fn until_told(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_it(self.next(what, deadline)) {}
    }

    #[track_caller]
    fn next(&mut self, what: &str, deadline: Instant) -> &Event {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(event) => self.told.push(event),
            Err(error) => panic!("not seen: {what} ({error}); told: {:#?}", self.told),
        }
        self.told.last().unwrap()
    }

    /// Waits until all earlier changes of articles have been processed.
    #[track_caller]
    fn barrier(&mut self) {
        // One sentinel is not enough for polling: a change in a folder that the current poll has
        // already visited is detected by the next one.
        for _ in 0..2 {
            self.pass(ARTICLE_SENTINEL);
        }
    }

    /// Waits until all earlier changes have been processed, and then for a run over the whole site.
    #[track_caller]
    fn whole_barrier(&mut self) {
        self.barrier();
        for _ in 0..2 {
            self.pass(UPLOAD_SENTINEL);
        }
    }

    #[track_caller]
    fn pass(&mut self, sentinel: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.sentinels += 1;
            overwrite(&self.site.path(sentinel), &sentinel_text(self.sentinels));
            // The sentinel's folder may be new, and not be watched yet.
            let patience = Instant::now() + Duration::from_secs(1);
            while let Ok(event) = self
                .events
                .recv_timeout(patience.saturating_duration_since(Instant::now()))
            {
                let is_it = names(&event, sentinel);
                self.told.push(event);
                if is_it {
                    return;
                }
            }
            assert!(
                Instant::now() < deadline,
                "not seen: {sentinel}; told: {:#?}",
                self.told
            );
        }
    }

    /// Returns the events since the last call, except those about sentinels.
    fn take_told(&mut self) -> Vec<Event> {
        self.told.extend(self.events.try_iter());
        let mut told = std::mem::take(&mut self.told);
        let is_sentinel = |file: &String| file.contains("sentinel");
        told.retain(|event| match event {
            Event::Begun { files } | Event::Done(Done { files, .. }) => {
                files.is_empty() || !files.iter().all(is_sentinel)
            }
            _ => true,
        });
        told
    }

    /// Returns the lock that every run acquires at its start. While a test holds it, no run
    /// proceeds.
    fn gate_of_runs(&self) -> Arc<Mutex<()>> {
        self.gate.clone()
    }

    /// Asserts that there is no event for two seconds.
    #[track_caller]
    fn expect_silence(&mut self) {
        let told: Vec<Event> = self.events.try_iter().collect();
        assert!(told.is_empty(), "{told:#?}");
        match self.events.recv_timeout(Duration::from_secs(2)) {
            Err(RecvTimeoutError::Timeout) => {}
            told => panic!("a further run: {told:#?}"),
        }
    }

    fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Stops the watcher, and checks that the files are the same as after a plain build.
    fn finish(mut self) {
        self.stop();
        check_like_built(&self.site);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn run(start: &Start, stop: &AtomicBool, gate: &Mutex<()>, sender: &Sender<Event>) {
    let outcome = watch::watch(start, stop, &mut |event| {
        let is_begun = matches!(event, Event::Begun { .. });
        // Sending fails only if the test is over.
        let _ = sender.send(event);
        if is_begun {
            drop(gate.lock());
        }
    });
    outcome.unwrap();
}

const ARTICLE_SENTINEL: &str = "articles/sentinel.md";
/// A drawing, which has no variants. [`USER_OF_SENTINEL`] is the article that names it.
const UPLOAD_SENTINEL: &str = "uploads/sentinel.svg";
const USER_OF_SENTINEL: &str = "articles/sentinel-user.md";

/// Returns the text of a sentinel. All texts have the same length, so that one system call
/// overwrites the previous one.
fn sentinel_text(count: usize) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><!-- {count:08} --></svg>\n"
    )
}

fn write_sentinels(site: &Scratch) {
    site.write(ARTICLE_SENTINEL, sentinel_text(0));
    site.write(UPLOAD_SENTINEL, sentinel_text(0));
    site.write_article(USER_OF_SENTINEL, &format!("/{UPLOAD_SENTINEL}"));
}

fn overwrite(path: &Path, text: &str) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Whether the event is the end of a run about this file.
fn names(event: &Event, file: &str) -> bool {
    matches!(event, Event::Done(done) if done.files.iter().any(|name| name == file))
}

/// Returns how often an article was rewritten.
fn rewrites(told: &[Event], article: &str) -> usize {
    let done = dones(told);
    let of_article = |done: &&&Done| done.rewritten.iter().any(|name| name == article);
    done.iter().filter(of_article).count()
}

/// Returns how many variants were written.
fn variants(told: &[Event]) -> usize {
    dones(told).iter().map(|done| done.variants).sum()
}

fn dones(told: &[Event]) -> Vec<&Done> {
    let done = told.iter().filter_map(|event| match event {
        Event::Done(done) => Some(done),
        _ => None,
    });
    done.collect()
}

/// Returns the codes and files of the reported findings.
fn findings(told: &[Event]) -> Vec<(&'static str, String)> {
    let found = told.iter().filter_map(|event| match event {
        Event::Finding(said) => Some(&said.0),
        _ => None,
    });
    found
        .map(|finding| {
            (
                finding.code.as_str(),
                finding.file.clone().unwrap_or_default(),
            )
        })
        .collect()
}

fn is_finding(event: &Event, file: &str) -> bool {
    matches!(event, Event::Finding(said) if said.0.file.as_deref() == Some(file))
}

fn is_resolved(event: &Event, file: &str) -> bool {
    matches!(event, Event::Resolved(said) if said.0.file.as_deref() == Some(file))
}

/// Creates a site with small images. One article references the first of them.
fn site() -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        "widths: [16, 32, 64]\nsizes: 100vw\neffort: 0\n",
    );
    for index in 0..3 {
        site.write(&upload(index), picture(index));
    }
    site.write("articles/a.md", article(0, "Text.\n"));
    site
}

fn upload(index: usize) -> String {
    format!("uploads/picture-{index}.png")
}

/// Returns the text of an article that names one image.
fn article(picture: usize, body: &str) -> String {
    format!("---\ntitle: A\nimage: /{}\n---\n{body}", upload(picture))
}

/// Whether an article contains the record of an image next to the reference to the image.
fn shows(site: &Scratch, article: &str, picture: usize) -> bool {
    let text = fs::read_to_string(site.path(article)).unwrap_or_default();
    text.contains(&format!(
        "\nimage: /{}\nimage_responsive:\n",
        upload(picture)
    )) && text.contains(&format!("/uploads/variants/picture-{picture}-64."))
}

/// Returns a small PNG, different for each index.
fn picture(index: usize) -> Vec<u8> {
    use image::ImageEncoder;
    use image::codecs::png::PngEncoder;
    let samples = noise(64 * 48 * 3, index);
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&samples, 64, 48, image::ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

fn jpeg(width: u16, height: u16, seed: usize) -> Vec<u8> {
    let samples = noise(usize::from(width) * usize::from(height) * 3, seed);
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    let colour = jpeg_encoder::ColorType::Rgb;
    encoder.encode(&samples, width, height, colour).unwrap();
    bytes
}

fn noise(length: usize, seed: usize) -> Vec<u8> {
    let mut state = seed as u32 * 7919 + 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Everything that shows whether a file or folder was written: its content, its inode and its
/// times.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    content: Vec<u8>,
}

/// Returns the traces of everything below a site's folder, including `.planche/`, and of the folder
/// itself.
fn traces(site: &Scratch) -> BTreeMap<String, Trace> {
    let mut found = BTreeMap::new();
    let mut open = vec![String::new()];
    while let Some(name) = open.pop() {
        let path = site.path(&name);
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            let children = fs::read_dir(&path).unwrap();
            open.extend(children.map(|child| {
                let child = child.unwrap().file_name().into_string().unwrap();
                format!("{name}/{child}").trim_start_matches('/').to_owned()
            }));
        }
        let trace = Trace {
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            content: fs::read(&path).unwrap_or_default(),
        };
        found.insert(name, trace);
    }
    found
}

/// Checks that a watched site has the same files as a plain build of the same content, and that a
/// build finds nothing to do in it.
#[track_caller]
fn check_like_built(site: &Scratch) {
    check_records(site);
    let left: Vec<String> = site.names();
    let temporary = left.iter().filter(|name| name.contains(".planche-"));
    assert_eq!(temporary.count(), 0, "{left:#?}");
    let watched = site.files();
    let run = site.planche(&["--format", "json"]);
    assert_eq!(run.count("/variants/written"), 0, "{run:#?}");
    assert_eq!(run.count("/articles/changed"), 0, "{run:#?}");
    assert_eq!(changed(&watched, &site.files()), [""; 0]);

    let fresh = Scratch::copy_of(site.folder());
    let is_missing_allowed = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        result => result.unwrap(),
    };
    is_missing_allowed(fs::remove_dir_all(fresh.path("uploads/variants")));
    is_missing_allowed(fs::remove_dir_all(fresh.path(".planche")));
    fresh.planche(&["strip"]);
    fresh.planche(&[]);
    let built = fresh.files();
    let is_variant = |name: &str| name.starts_with("uploads/variants/");
    // Variants of earlier content stay until `clean`.
    let of_watched: Files = watched
        .into_iter()
        .filter(|(name, _)| !is_variant(name) || built.contains_key(name))
        .collect();
    assert_eq!(changed(&of_watched, &built), [""; 0]);
}

/// Returns the paths of the variants that an article names.
fn named_variants(site: &Scratch, article: &str) -> BTreeSet<String> {
    let text = site.text(article);
    let words = text.split([' ', ',', '\n', '"']);
    words
        .filter(|word| word.starts_with("/uploads/variants/"))
        .map(|word| word.trim_start_matches('/').to_owned())
        .collect()
}
