//! Compares the records of a built site with the files that they name.

use std::collections::BTreeMap;
use std::fs;

use planche::internal::ledger::Ledger;
use planche::internal::original::Original;
use planche::internal::path::{SitePath, decode_percent};
use planche::internal::picture::decoder::InProcess;
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::units::Dimensions;
use planche::internal::project::Site;
use planche::internal::record::{Content, KEYS};
use planche::internal::survey::{self, Survey, Target};
use planche::internal::tree::{NodeId, Tree, Value};

use crate::scratch::{Scratch, site_path};

/// Which aspect ratio variants must have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Own,
    OfThePreset,
}

/// Checks every record of every article against the files. Returns all records, with their
/// articles.
pub fn check_records(site: &Scratch) -> Vec<(SitePath, Content)> {
    check(site, Shape::Own)
}

/// Does the same for presets that may crop and frame.
pub fn check_framed_records(site: &Scratch) -> Vec<(SitePath, Content)> {
    check(site, Shape::OfThePreset)
}

fn check(site: &Scratch, shape: Shape) -> Vec<(SitePath, Content)> {
    let opened = site.open();
    let mut look = Look {
        survey: survey::survey(&opened, opened.walk(), &Ledger::default(), &InProcess).survey,
        decoded: BTreeMap::new(),
        site: &opened,
        folder: site,
    };
    let mut found = Vec::new();
    for candidate in opened.walk().candidates {
        let bytes = fs::read(site.path(candidate.path.as_str())).unwrap();
        // A refused article contains no records of ours.
        let path = candidate.path.clone();
        let Ok(article) = survey::open_article(&opened, &path, candidate.is_data, bytes) else {
            continue;
        };
        let Ok(tree) = article.tree() else { continue };
        for record in records(&tree) {
            look.check_record(&candidate.path, &record, shape);
            found.push((candidate.path.clone(), record));
        }
    }
    found
}

/// Returns every mapping that is a record written by planche.
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
    fn check_record(&mut self, article: &SitePath, record: &Content, shape: Shape) {
        let shown = format!("{article}: {record:#?}");
        let original = self.original(article, &record.original).clone();
        let own = original.info.dimensions();
        if record.srcset.is_empty() {
            // The image is published as is.
            assert_eq!(record.dimensions, own, "{shown}");
            assert_eq!(record.sizes, None, "{shown}");
            let file = self.file_of(&record.src).unwrap_or(original.path.clone());
            assert_eq!(file, original.path, "{shown}");
            return;
        }
        let is_scalable = matches!(original.info, ImageInfo::Vector { .. });
        let widest = match shape {
            _ if is_scalable => u32::MAX,
            Shape::Own => own.width,
            // With `fit: contain`, a variant may be wider than the image in it.
            Shape::OfThePreset => 2 * own.width.max(own.height),
        };
        let urls = self.check_srcset(
            &record.srcset,
            record.sizes.as_deref(),
            record.dimensions,
            widest,
            &shown,
        );
        assert!(urls.contains(&record.src), "{shown}");
        if record.sizes.is_some() {
            assert_eq!(Some(&record.src), urls.last(), "{shown}");
        }
        assert_eq!(self.decode(&record.src), record.dimensions, "{shown}");
        for source in &record.sources {
            let urls = self.check_srcset(
                &source.srcset,
                source.sizes.as_deref(),
                source.dimensions,
                widest,
                &shown,
            );
            for url in urls {
                let of_type = match source.mime.as_str() {
                    "image/avif" => url.ends_with(".avif"),
                    "image/webp" => url.ends_with(".webp"),
                    "image/jpeg" => url.ends_with(".jpg"),
                    "image/png" => url.ends_with(".png"),
                    _ => false,
                };
                assert!(of_type, "{url} is no {}: {shown}", source.mime);
            }
        }
        if shape == Shape::Own {
            let height = f64::from(own.height) * f64::from(record.dimensions.width);
            let height = (height / f64::from(own.width)).max(1.0);
            let rounding = (f64::from(record.dimensions.height) - height).abs();
            assert!(rounding <= 0.5, "another shape than {own:?}: {shown}");
        }
    }

    /// Checks that candidates ascend in width and in bytes, have the same aspect ratio, and are as
    /// wide as their descriptors say. Returns their URLs.
    fn check_srcset(
        &mut self,
        srcset: &[String],
        sizes: Option<&str>,
        shape: Dimensions,
        widest: u32,
        shown: &str,
    ) -> Vec<String> {
        let mut urls = Vec::new();
        let (mut last_width, mut last_density, mut last_bytes) = (0, 0.0, 0);
        for candidate in srcset {
            let (url, descriptor) = candidate.rsplit_once(' ').unwrap();
            let file = self.decode(url);
            if sizes.is_some() {
                let width: u32 = descriptor.strip_suffix('w').unwrap().parse().unwrap();
                assert_eq!(file.width, width, "{url}: {shown}");
            } else {
                let density: f64 = descriptor.strip_suffix('x').unwrap().parse().unwrap();
                assert!(density > last_density, "not ascending: {shown}");
                last_density = density;
            }
            assert!(file.width > last_width, "not ascending: {shown}");
            assert!(file.width <= widest, "wider than its original: {shown}");
            let height = f64::from(shape.height) * f64::from(file.width) / f64::from(shape.width);
            assert!(
                (height - f64::from(file.height)).abs() <= 1.0,
                "another shape: {shown}"
            );
            let path = self.file_of(url).unwrap();
            let bytes = fs::metadata(self.folder.path(path.as_str())).unwrap().len();
            assert!(
                bytes > last_bytes,
                "{url} is no larger than a smaller one: {shown}"
            );
            (last_width, last_bytes) = (file.width, bytes);
            urls.push(url.to_owned());
        }
        urls
    }

    /// Returns the upload that a reference with this value in this article names.
    fn original(&self, article: &SitePath, value: &str) -> &Original {
        let articles = self.survey.articles();
        let surveyed = articles
            .iter()
            .find(|surveyed| surveyed.file.path == *article);
        let mut references = surveyed.unwrap().references();
        let target = references.find_map(|(reference, target)| match target {
            Target::Upload(path) if &*reference.value == value => Some(path),
            _ => None,
        });
        let path = target.unwrap_or_else(|| panic!("{article}: no reference to {value}"));
        &self.survey.originals()[path]
    }

    /// Returns the file that the generator publishes under a URL.
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

    /// Decodes the image under a URL and returns its dimensions.
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

/// Decodes an image and returns its dimensions. For AVIF, only the header is read.
fn decode(bytes: &[u8]) -> Result<Dimensions, String> {
    let (width, height) = if bytes.starts_with(b"\xff\xd8") {
        let mut decoder = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(bytes));
        decoder.decode().map_err(|error| error.to_string())?;
        let (width, height) = decoder.dimensions().unwrap();
        (
            u32::try_from(width).unwrap(),
            u32::try_from(height).unwrap(),
        )
    } else if bytes.get(4..12) == Some(b"ftypavif") {
        // Neither decoder here supports AVIF, so the dimensions are read from the `ispe` box
        // (ISO/IEC 23008-12, 6.5.3).
        let at = bytes.windows(4).position(|window| window == b"ispe");
        let number = |from: usize| {
            let bytes = bytes.get(at? + from..)?.first_chunk()?;
            Some(u32::from_be_bytes(*bytes))
        };
        number(8).zip(number(12)).ok_or("it has no size")?
    } else if bytes.starts_with(b"GIF8") {
        // Browsers enlarge the logical screen to contain the first frame.
        let mut decoder = gif::DecodeOptions::new()
            .read_info(bytes)
            .map_err(|error| error.to_string())?;
        let screen = (u32::from(decoder.width()), u32::from(decoder.height()));
        let frame = decoder
            .read_next_frame()
            .map_err(|error| error.to_string())?
            .ok_or("it has no frame")?;
        let end = |start: u16, length: u16| u32::from(start) + u32::from(length);
        (
            screen.0.max(end(frame.left, frame.width)),
            screen.1.max(end(frame.top, frame.height)),
        )
    } else {
        let picture = image::load_from_memory(bytes).map_err(|error| error.to_string())?;
        (picture.width(), picture.height())
    };
    Ok(Dimensions { width, height })
}
