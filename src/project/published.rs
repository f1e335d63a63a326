//! The folder that a generator has written a site to, as a site whose every file is an upload.

use std::path::Path;

use super::{OpenError, Site};
use crate::generator::Generator;
use crate::path::SitePath;
use crate::published::{FolderPath, Output, UploadFolder, UrlPrefix};

/// Where variants are if no source folder tells.
const VARIANTS: &str = "uploads/variants";

impl Site {
    /// Opens the folder of published files. Presets, rules, limits, hosts and the folder of variants
    /// are those of `source`; without one, the defaults apply.
    ///
    /// URLs are below `/`, wherever the site is published: `/uploads/variants/a-320.….webp`.
    ///
    /// # Errors
    ///
    /// If `dir` cannot be opened, or is or holds a folder of the source's articles or uploads.
    pub fn published(dir: &Path, source: Option<&Site>) -> Result<Site, OpenError> {
        let folder = |error| OpenError::Folder {
            path: dir.to_owned(),
            source: error,
        };
        let root = match source {
            Some(source) => source.root.open_second(dir),
            None => crate::site::Root::open(dir),
        };
        let root = root.map_err(folder)?;
        if let Some(held) = holds_source(dir, source).map_err(folder)? {
            return Err(OpenError::Source {
                folder: dir.to_owned(),
                held,
            });
        }
        let is_site = root.is_file(crate::config::FILE) || Generator::detect(&root).is_some();
        if source.is_none() && is_site {
            return Err(OpenError::Source {
                folder: dir.to_owned(),
                held: "the configuration of a site".to_owned(),
            });
        }
        let (mut conventions, _) = Generator::NONE.conventions(&root, usize::MAX);
        conventions.uploads = vec![uploads("/", "")];
        conventions.output = output(source);
        conventions.starts = vec![SitePath::root()];
        let mut site = Site {
            root,
            config: crate::config::Config::default(),
            presets: crate::preset::Presets::read([]).0,
            conventions,
            findings: Vec::new(),
            settings: (crate::config::FILE.to_owned(), String::new()),
        };
        if let Some(source) = source {
            let conventions = &mut site.conventions;
            conventions.hosts.clone_from(&source.conventions.hosts);
            conventions
                .base_path
                .clone_from(&source.conventions.base_path);
            // Nested folders decide in which folder variants go.
            let folders = source.conventions.uploads.iter();
            let urls = folders.filter_map(|uploads| url_path(uploads.url.as_str()));
            let folders = urls.map(|path| uploads(&format!("/{path}/"), path));
            conventions.uploads.splice(0..0, folders);
            site.config = source.config.clone();
            site.presets = source.presets.clone();
            site.findings.clone_from(&source.findings);
            site.settings.clone_from(&source.settings);
        }
        Ok(site)
    }
}

/// The folder of variants below the published folder.
fn output(source: Option<&Site>) -> Output {
    let url = source.map(|source| source.output().url.as_str());
    let dir = url.and_then(url_path).unwrap_or(VARIANTS);
    let UploadFolder { url, dir } = uploads(&format!("/{dir}/"), dir);
    Output { dir, url }
}

/// The path of a URL prefix without slashes at its ends; `None` for a host's root.
fn url_path(url: &str) -> Option<&str> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    let path = path.trim_matches('/');
    (!path.is_empty()).then_some(path)
}

fn uploads(url: &str, dir: &str) -> UploadFolder {
    UploadFolder {
        url: UrlPrefix::try_from(url.to_owned()).expect("a part of a checked URL"),
        dir: FolderPath::try_from(dir.to_owned()).expect("a part of a checked URL"),
    }
}

/// What of the source a folder holds: a generator may write its pages neither beside the articles
/// nor around the site.
fn holds_source(dir: &Path, source: Option<&Site>) -> std::io::Result<Option<String>> {
    let Some(source) = source else {
        return Ok(None);
    };
    let (dir, root) = (dir.canonicalize()?, source.root.path().canonicalize()?);
    if root.starts_with(&dir) {
        return Ok(Some("the source of the site".to_owned()));
    }
    let conventions = &source.conventions;
    let starts = source.starts();
    let starts = starts.iter().map(SitePath::as_str);
    let uploads = conventions
        .uploads
        .iter()
        .map(|uploads| uploads.dir.as_str());
    let variants = [source.output().dir.as_str()].into_iter();
    let mut folders = starts
        .map(|folder| (folder, "articles"))
        .chain(uploads.map(|folder| (folder, "uploads")))
        .chain(variants.map(|folder| (folder, "variants")));
    let held = folders.find(|(folder, _)| {
        let path = root.join(folder);
        !folder.is_empty() && (path.starts_with(&dir) || dir.starts_with(&path))
    });
    Ok(held.map(|(folder, what)| format!("the site's {what}, in `{folder}`")))
}
