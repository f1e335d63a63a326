//! Determines the URL that the generator publishes a file under.

use crate::generator::Conventions;
use crate::path::{SitePath, encode_path};
use crate::published::UploadFolder;

impl Conventions {
    /// Returns the URL, without `baseurl`, under which the generator publishes a file; `None` if it
    /// does not publish the file.
    pub fn url_of(&self, path: &SitePath) -> Option<String> {
        let is_unpublished = |dir: &str| {
            let mut unpublished = self.unpublished.iter();
            unpublished.any(|folder| folder.as_str() == dir)
        };
        let mut single = self.single_files.iter();
        if let Some((url, _)) = single.find(|(_, file)| file == path) {
            return Some(encode_path(url));
        }
        let uploads = self.upload_folder_of(path)?;
        if is_unpublished(uploads.dir.as_str()) {
            return None;
        }
        let below = path.below(uploads.dir.as_str())?;
        Some(format!("{}{}", uploads.url.as_str(), encode_path(below)))
    }

    /// Returns the folder for a file's variants, relative to the variants folder: the original's
    /// own sub-folder.
    pub fn sub_folder_of(&self, path: &SitePath) -> SitePath {
        let parent = path.parent();
        let below = match self.upload_folder_of(path) {
            Some(uploads) => path
                .below(uploads.dir.as_str())
                .and_then(|below| below.rsplit_once('/'))
                .map_or("", |(folder, _)| folder)
                .to_owned(),
            None => {
                let starts = self.starts.iter();
                let below = starts
                    .filter_map(|start| parent.below(start.as_str()))
                    .min_by_key(|below| below.len());
                below.unwrap_or(parent.as_str()).to_owned()
            }
        };
        SitePath::normalise(&below).unwrap_or_default()
    }

    /// Returns the innermost uploads folder that contains a path.
    fn upload_folder_of(&self, path: &SitePath) -> Option<&UploadFolder> {
        let uploads = self.uploads.iter();
        uploads
            .filter_map(|uploads| Some((uploads, path.below(uploads.dir.as_str())?.len())))
            .min_by_key(|(_, below)| *below)
            .map(|(uploads, _)| uploads)
    }
}
