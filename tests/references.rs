//! References: what an article names and which upload that is, each kind on a scratch site; hostile
//! bodies; and the sites of the corpus, compared with a scan by regular expressions and with a list
//! made by hand.

mod body;
mod conventions;
mod corpus_sites;
mod front_matter;
mod hostile;

use std::fs;
use std::path::Path;

use planche::internal::finding::{Finding, Position};
use planche::internal::ledger::Ledger;
use planche::internal::picture::decoder::InProcess;
use planche::internal::project::Site;
use planche::internal::reference::{Place, Reference};
use planche::internal::survey::{self, Target};

/// The smallest PNG: one gray pixel.
const PNG: [u8; 67] = [
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T',
    0x78, 0x01, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// The target of a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leads {
    /// An upload, for which a record is wanted.
    To(String),
    /// An upload that gets no record, because the image is responsive already, or is not an
    /// `<img>`.
    Seen(String),
    /// No upload; a finding reports it.
    Nowhere,
}

fn to(path: &str) -> Leads {
    Leads::To(path.to_owned())
}

fn seen(path: &str) -> Leads {
    Leads::Seen(path.to_owned())
}

/// A reference, in the form in which a test states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    file: String,
    line: u32,
    column: u32,
    is_in_body: bool,
    value: String,
    leads: Leads,
}

/// The references found on a site, in their order.
struct Surveyed {
    found: Vec<Found>,
    references: Vec<(String, Reference)>,
    findings: Vec<Finding>,
}

/// Creates a folder with these texts, and with an image at each of these paths.
fn scratch(texts: &[(&str, &str)], pictures: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    for (path, text) in texts {
        write(path, text.as_bytes());
    }
    for path in pictures {
        write(path, &PNG);
    }
    folder
}

fn survey_site(site: &Site) -> Surveyed {
    let survey = survey::survey(site, site.walk(), &Ledger::default(), &InProcess).survey;
    let mut surveyed = Surveyed {
        found: Vec::new(),
        references: Vec::new(),
        findings: survey.findings().to_vec(),
    };
    for article in survey.articles() {
        let text = site.root.read(&article.file.path, u64::MAX).unwrap().0;
        for (reference, target) in article.references() {
            let file = article.file.path.to_string();
            let position = Position::of(&text, reference.offset);
            surveyed.found.push(Found {
                file: file.clone(),
                line: position.line,
                column: position.column,
                is_in_body: reference.place == Place::Body,
                value: reference.value.to_string(),
                leads: match target {
                    Target::Upload(path) if reference.preset.is_some() || reference.is_skipped => {
                        Leads::To(path.to_string())
                    }
                    Target::Upload(path) => Leads::Seen(path.to_string()),
                    Target::Broken => Leads::Nowhere,
                },
            });
            let reference = Reference::clone(reference);
            surveyed.references.push((file, reference));
        }
    }
    surveyed
}

fn survey_folder(folder: &Path) -> Surveyed {
    let site = Site::open(Some(folder), None).unwrap();
    assert_eq!(site.findings, [], "the site's own configuration");
    survey_site(&site)
}
