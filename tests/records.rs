//! The records of a built site, held against the files that they name.

use std::collections::BTreeMap;
use std::fs;

use planche::ledger::Ledger;
use planche::original::{Original, Picture};
use planche::record::{Content, KEYS};
use planche::site::{Site, SitePath, decode_percent};
use planche::survey::{self, Survey, Target};
use planche::tree::{NodeId, Tree, Value};
use planche::units::Dimensions;

use crate::scratch::{Scratch, site_path};

/// Checks every record of every article against the files; gives them all, each with its article.
pub fn check_records(site: &Scratch) -> Vec<(SitePath, Content)> {
    let opened = site.open();
    let mut look = Look {
        survey: survey::survey(&opened, opened.walk(), &Ledger::default()),
        decoded: BTreeMap::new(),
        site: &opened,
        folder: site,
    };
    let mut found = Vec::new();
    for candidate in opened.walk().candidates {
        let bytes = fs::read(site.path(candidate.path.as_str())).unwrap();
        // A refused article has none of ours.
        let path = candidate.path.clone();
        let Ok(article) = survey::open_article(&opened, &path, candidate.is_data, bytes) else {
            continue;
        };
        let Ok(tree) = article.tree() else { continue };
        for record in records(&tree) {
            look.check_record(&candidate.path, &record);
            found.push((candidate.path.clone(), record));
        }
    }
    found
}

/// Every mapping that reads as a record of ours.
fn records(tree: &Tree<'_>) -> Vec<Content> {
    let mut records = Vec::new();
    tree.walk(&mut |_, id| {
        if is_record(tree, id) {
            records.push(Content::read(tree, id).unwrap());
        }
        true
    });
    records
}

fn is_record(tree: &Tree<'_>, id: NodeId) -> bool {
    let Value::Mapping { entries, .. } = &tree.node(id).value else {
        return false;
    };
    let mut keys = entries.iter().map(|entry| tree.key(entry).unwrap_or(""));
    tree.get(id, "original").is_some() && keys.all(|key| KEYS.contains(&key))
}

struct Look<'s> {
    site: &'s Site,
    folder: &'s Scratch,
    survey: Survey,
    decoded: BTreeMap<String, Dimensions>,
}

impl Look<'_> {
    fn check_record(&mut self, article: &SitePath, record: &Content) {
        let shown = format!("{article}: {record:#?}");
        let original = self.original(article, &record.original).clone();
        let own = match original.picture {
            Picture::Raster(raster) => raster.dimensions(),
            Picture::Vector { dimensions } => dimensions,
        };
        if record.srcset.is_empty() {
            // Published as it is.
            assert_eq!(record.dimensions, own, "{shown}");
            assert_eq!(record.sizes, None, "{shown}");
            let file = self.file_of(&record.src).unwrap_or(original.path.clone());
            assert_eq!(file, original.path, "{shown}");
            return;
        }
        assert!(record.sizes.is_some(), "{shown}");
        let mut last_width = 0;
        for candidate in &record.srcset {
            let (url, descriptor) = candidate.rsplit_once(' ').unwrap();
            let width: u32 = descriptor.strip_suffix('w').unwrap().parse().unwrap();
            assert!(width > last_width, "not ascending: {shown}");
            assert!(width <= own.width, "wider than its original: {shown}");
            assert_eq!(self.decode(url).width, width, "{url}: {shown}");
            last_width = width;
        }
        let (largest, _) = record.srcset.last().unwrap().rsplit_once(' ').unwrap();
        assert_eq!(record.src, largest, "{shown}");
        assert_eq!(self.decode(&record.src), record.dimensions, "{shown}");
        let height = f64::from(own.height) * f64::from(record.dimensions.width);
        let height = (height / f64::from(own.width)).max(1.0);
        let rounding = (f64::from(record.dimensions.height) - height).abs();
        assert!(rounding <= 0.5, "another shape than {own:?}: {shown}");
    }

    /// The upload that a reference of that value, in that article, names.
    fn original(&self, article: &SitePath, value: &str) -> &Original {
        let articles = &self.survey.articles;
        let surveyed = articles
            .iter()
            .find(|surveyed| surveyed.file.path == *article);
        let mut references = surveyed.unwrap().references.iter();
        let target = references.find_map(|(reference, target)| match target {
            Target::Upload(path) if reference.value == value => Some(path),
            _ => None,
        });
        let path = target.unwrap_or_else(|| panic!("{article}: no reference to {value}"));
        &self.survey.originals[path]
    }

    /// The file that the generator publishes under a URL.
    fn file_of(&self, url: &str) -> Option<SitePath> {
        let output = self.site.output();
        if let Some(name) = url.strip_prefix(output.url.as_str()) {
            return Some(site_path(&format!("{}/{name}", output.dir.as_str())));
        }
        let path = decode_percent(url).unwrap_or_else(|| url.to_owned());
        self.site.conventions.uploads.iter().find_map(|uploads| {
            let name = path.strip_prefix(uploads.url.as_str())?;
            let file =
                site_path(format!("{}/{name}", uploads.dir.as_str()).trim_start_matches('/'));
            self.folder.path(file.as_str()).is_file().then_some(file)
        })
    }

    /// The dimensions of the picture under a URL, which is decoded whole.
    fn decode(&mut self, url: &str) -> Dimensions {
        if let Some(dimensions) = self.decoded.get(url) {
            return *dimensions;
        }
        let file = self
            .file_of(url)
            .unwrap_or_else(|| panic!("no file is published as {url}"));
        let bytes = fs::read(self.folder.path(file.as_str())).unwrap();
        let dimensions = decode(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.decoded.insert(url.to_owned(), dimensions);
        dimensions
    }
}

/// Decodes a picture whole.
fn decode(bytes: &[u8]) -> Result<Dimensions, String> {
    let (width, height) = if bytes.starts_with(b"\xff\xd8") {
        let mut decoder = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(bytes));
        decoder.decode().map_err(|error| error.to_string())?;
        let (width, height) = decoder.dimensions().unwrap();
        (
            u32::try_from(width).unwrap(),
            u32::try_from(height).unwrap(),
        )
    } else {
        let picture = image::load_from_memory(bytes).map_err(|error| error.to_string())?;
        (picture.width(), picture.height())
    };
    Ok(Dimensions { width, height })
}
