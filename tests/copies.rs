//! Uploads that are there twice: made once.

use std::fs;
use std::sync::Mutex;

use planche::pipeline::{self, Options};
use planche::report::Summary;
use planche::site::SitePath;
use planche::variant::Progress;

use crate::scratch::{Scratch, sample_upload};

const PHOTO: &str = "prague_schaer_CIO_une800.png";

/// Which originals were worked on.
#[derive(Default)]
struct Worked(Mutex<Vec<String>>);

impl Progress for Worked {
    fn begun(&self, _originals: usize) {}
    fn written(&self, _original: &SitePath, _bytes: u64) {}
    fn finished(&self, original: &SitePath) {
        self.0.lock().unwrap().push(original.to_string());
    }
}

/// A site whose articles show these uploads, one each.
fn site(uploads: &[(&str, &[u8])]) -> Scratch {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        "widths: [32, 64, 320]\nsizes: 100vw\neffort: 0\n",
    );
    for (name, bytes) in uploads {
        add(&site, name, bytes);
    }
    site
}

fn add(site: &Scratch, name: &str, bytes: &[u8]) {
    site.write(&format!("uploads/{name}"), bytes);
    site.write_article(
        &format!("articles/{name}.md"),
        &format!("\"/uploads/{name}\""),
    );
}

/// A build; the originals that were decoded for it, or copied.
fn build(site: &Scratch) -> (Summary, Vec<String>) {
    let worked = Worked::default();
    let site = site.open();
    let options = Options {
        progress: &worked,
        ..Options::of(&site)
    };
    let summary = pipeline::build(&site, &options).unwrap();
    (summary, worked.0.into_inner().unwrap())
}

/// The variants of an upload, without its own name.
fn variants(site: &Scratch, stem: &str) -> Vec<(String, Vec<u8>)> {
    let names = site.variants().into_iter();
    let own = names.filter_map(|name| {
        let end = name.strip_prefix(&format!("uploads/variants/{stem}-"))?;
        Some((end.to_owned(), fs::read(site.path(&name)).unwrap()))
    });
    own.collect()
}

#[test]
fn identical_uploads_are_decoded_and_encoded_once() {
    let photo = sample_upload(PHOTO);
    let site = site(&[("a.png", &photo), ("b.png", &photo), ("sub/c.png", &photo)]);
    let (summary, worked) = build(&site);
    assert_eq!(worked, ["uploads/a.png"], "one job");
    assert_eq!(summary.variants.written, 9);
    assert_eq!(summary.articles.changed, 3);
    let made = variants(&site, "a");
    assert_eq!(made.len(), 3);
    assert_eq!(variants(&site, "b"), made);
    assert_eq!(variants(&site, "sub/c"), made);
    assert_eq!(build(&site).1, [""; 0]);
    let alone = Scratch::site();
    alone.write("presets/card.yml", site.text("presets/card.yml"));
    add(&alone, "b.png", &photo);
    build(&alone);
    assert_eq!(
        variants(&alone, "b"),
        made,
        "whether its twin is there or not"
    );
}

#[test]
fn a_twin_takes_the_files_that_stand() {
    let photo = sample_upload(PHOTO);
    let site = site(&[("a.png", &photo)]);
    build(&site);
    // Marked, as no encoder would: a chunk that nobody knows.
    let marked = |name: &String| {
        let mut file = fs::read(site.path(name)).unwrap();
        file.extend_from_slice(b"MARK\x02\0\0\0ok");
        let length = u32::try_from(file.len() - 8).unwrap();
        file[4..8].copy_from_slice(&length.to_le_bytes());
        site.write(name, &file);
    };
    site.variants().iter().for_each(marked);
    add(&site, "b.png", &photo);
    let (summary, worked) = build(&site);
    assert_eq!((summary.variants.written, worked.len()), (3, 1));
    let copied = variants(&site, "b");
    assert_eq!(copied, variants(&site, "a"));
    assert!(copied.iter().all(|(_, file)| file.ends_with(b"ok")));
    // One of them is gone: that one alone is encoded, for both.
    for stem in ["a", "b"] {
        let (end, _) = &copied[0];
        fs::remove_file(site.path(&format!("uploads/variants/{stem}-{end}"))).unwrap();
    }
    assert_eq!(build(&site).0.variants.written, 2);
    let again = variants(&site, "b");
    assert_eq!(again, variants(&site, "a"));
    let marks = again.iter().filter(|(_, file)| file.ends_with(b"ok"));
    assert_eq!(marks.count(), 2);
}

#[test]
fn a_failure_is_told_of_each_of_them() {
    let mut broken = sample_upload(PHOTO);
    let middle = broken.len() / 2;
    broken[middle..middle + 2000].fill(0);
    let site = site(&[("a.png", &broken), ("b.png", &broken)]);
    let run = site.planche(&["--format", "json"]).exits(1);
    assert_eq!(run.count("/originals/failed"), 2);
    let mut files: Vec<String> = run
        .findings()
        .into_iter()
        .filter(|found| found.code == "undecodable-upload")
        .filter_map(|found| found.file)
        .collect();
    files.sort();
    assert_eq!(files, ["uploads/a.png", "uploads/b.png"]);
}
