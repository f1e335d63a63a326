//! The data that the server may send: the sheet of the last run, and the files that this sheet or
//! an earlier one names.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::editing::ImagePlace;
use super::page::{self, Page};
use crate::path::SitePath;
use crate::picture::format;
use crate::project::Site;
use crate::sheet::Sheet;

/// The sheet of one run, and the files that pages may request with it.
pub struct Content {
    site: Site,
    pub page: &'static Page,
    /// The sheet as JSON.
    pub sheet: Arc<[u8]>,
    /// Paths of originals and variants, including those of earlier sheets, because a page requests
    /// the images of its sheet until it has loaded the next one.
    files: BTreeSet<SitePath>,
    /// The places of images in front matter, by image id.
    places: HashMap<String, ImagePlace>,
}

/// An image file of the site, as it is sent.
pub struct ImageFile {
    pub bytes: Vec<u8>,
    pub mime: &'static str,
}

/// The reason why a file is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoFile {
    /// The URL is not that of a path below the root of the site.
    NoPath,
    /// No sheet names the file, or it cannot be read.
    NotThere,
    /// It is not an image.
    NoImage,
}

impl Content {
    /// Creates the content of a new sheet. The files of `earlier` stay available.
    ///
    /// # Errors
    ///
    /// If the sheet cannot be written as JSON.
    pub fn new(site: Site, sheet: &Sheet, earlier: Option<&Self>) -> serde_json::Result<Self> {
        let originals = sheet
            .images
            .iter()
            .filter_map(|image| image.original.as_ref());
        let variants = sheet.images.iter().flat_map(|image| &image.files);
        let paths = originals
            .map(|original| &original.path)
            .chain(variants.map(|variant| &variant.path));
        let places = sheet.images.iter().filter_map(|image| {
            let article = &sheet.articles.get(image.article)?.path;
            let place = ImagePlace {
                article: SitePath::normalise(article)?,
                at: image.key.clone()?,
            };
            Some((image.id.clone(), place))
        });
        let mut files = earlier.map_or_else(BTreeSet::new, |earlier| earlier.files.clone());
        files.extend(paths.filter_map(|path| SitePath::normalise(path)));
        Ok(Content {
            site,
            page: page::html(sheet),
            sheet: serde_json::to_vec(sheet)?.into(),
            files,
            places: places.collect(),
        })
    }

    pub fn place(&self, image: &str) -> Option<&ImagePlace> {
        self.places.get(image)
    }

    /// Reads the file at a percent-encoded URL path below `image/`.
    pub fn file(&self, address: &str) -> Result<ImageFile, NoFile> {
        let path = path_of(address).ok_or(NoFile::NoPath)?;
        if !self.files.contains(&path) {
            return Err(NoFile::NotThere);
        }
        let limit = self.site.config.limits.file.0;
        // Symbolic links are followed only within the root of the site.
        let (bytes, _) = self
            .site
            .root
            .read(&path, limit)
            .map_err(|_| NoFile::NotThere)?;
        let mime = format::of(&bytes).ok_or(NoFile::NoImage)?.mime;
        Ok(ImageFile { bytes, mime })
    }
}

/// Converts a URL path to a site path. It is decoded once, and must then be written exactly as
/// planche writes paths. Anything else (`..`, `//`, a backslash) is refused, not interpreted.
fn path_of(address: &str) -> Option<SitePath> {
    let decoded = percent_encoding::percent_decode_str(address)
        .decode_utf8()
        .ok()?;
    if decoded.contains(['\\', '\0']) {
        return None;
    }
    let path = SitePath::normalise(&decoded)?;
    (path.as_str() == decoded).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_path_below_the_root_or_none() {
        let path = |address| path_of(address).map(|path| path.to_string());
        assert_eq!(path("uploads/a.jpg").as_deref(), Some("uploads/a.jpg"));
        assert_eq!(
            path("uploads/%C3%A9t%C3%A9%20%25.jpg").as_deref(),
            Some("uploads/été %.jpg")
        );
        // Decoded once: this is a file with a percent sign in its name.
        assert_eq!(path("%252e%252e/a").as_deref(), Some("%2e%2e/a"));
        for address in [
            "../a",
            "uploads/../../a",
            "%2e%2e/a",
            "%2E./a",
            "uploads/%2e%2e%2fa",
            "..%2fa",
            "..%5ca",
            "..\\a",
            "./a",
            "uploads//a",
            "/etc/passwd",
            "%2fetc/passwd",
            "a%00.jpg",
            "%ff",
        ] {
            assert_eq!(path(address), None, "{address}");
        }
    }
}
