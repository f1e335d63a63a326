//! Opens the folder that a generator has written, as a site in which every file is an upload.

use std::io::Read;
use std::path::Path;

use super::{OpenError, Site, missing, settings_file};
use crate::generator::{Generator, is_html};
use crate::path::SitePath;
use crate::published::{FolderPath, Output, UploadFolder, UrlPrefix};
use crate::site::Root;

/// The variants folder, if no source site determines it.
const VARIANTS: &str = "uploads/variants";
/// The folders that generators write sites to by default. They count as output because a computed
/// setting cannot be read.
const OUTPUTS: [&str; 3] = ["_site", "public", "dist"];
/// How many bytes of a file show whether it begins with front matter.
pub const FIRST_LINE: u64 = 256;

impl Site {
    /// Opens the folder of published files. Presets, rules, limits, hosts and the variants folder
    /// are taken from `source`; without it, the defaults apply.
    ///
    /// URLs are below `/`, wherever the site is published: `/uploads/variants/a-320.….webp`.
    ///
    /// # Errors
    ///
    /// If `dir` cannot be opened, or is or contains articles, templates or uploads of the source.
    pub fn published(dir: &Path, source: Option<&Site>) -> Result<Site, OpenError> {
        let folder = |error| missing(dir, error);
        let root = match source {
            Some(source) => source.root.open_second(dir),
            None => Root::open(dir),
        };
        let root = root.map_err(folder)?;
        if let Some(held) = holds_source(dir, source).map_err(folder)? {
            return Err(OpenError::Source {
                folder: dir.to_owned(),
                held,
            });
        }
        if source.is_none()
            && let Some(held) = is_source(dir, &root)?
        {
            return Err(OpenError::Source {
                folder: dir.to_owned(),
                held,
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
            // The innermost uploads folder decides in which folder variants go.
            let folders = source.conventions.uploads.iter();
            let urls = folders.filter_map(|uploads| url_path(uploads.url.as_str()));
            let folders = urls.map(|path| uploads(&format!("/{path}/"), path));
            conventions.uploads.splice(0..0, folders);
            site.config = source.config.clone();
            site.presets = source.presets.clone();
            site.findings.clone_from(&source.findings);
            site.settings.clone_from(&source.settings);
        }
        site.presets.add_largest();
        Ok(site)
    }
}

/// Returns the variants folder below the published folder.
fn output(source: Option<&Site>) -> Output {
    let url = source.map(|source| source.output().url.as_str());
    let dir = url.and_then(url_path).unwrap_or(VARIANTS);
    let UploadFolder { url, dir } = uploads(&format!("/{dir}/"), dir);
    Output { dir, url }
}

/// Returns the path of a URL prefix without slashes at its ends; `None` for a host's root.
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

/// The kind of content in a folder of the source.
#[derive(Clone, Copy)]
enum Held {
    Articles,
    Templates,
    Uploads,
    Variants,
}

/// Returns what the folder contains of the site's source, if anything. Such a folder is not the
/// output: a generator may write its pages neither beside the articles nor around the site.
fn holds_source(dir: &Path, source: Option<&Site>) -> std::io::Result<Option<String>> {
    let Some(source) = source else {
        return Ok(None);
    };
    let (dir, root) = (dir.canonicalize()?, source.root.path().canonicalize()?);
    if root.starts_with(&dir) {
        return Ok(Some("the source of the site".to_owned()));
    }
    let conventions = &source.conventions;
    let inside = dir.strip_prefix(&root).ok().and_then(Path::to_str);
    let inside = inside.and_then(SitePath::normalise);
    let starts = source.starts();
    let starts = starts.iter().map(SitePath::as_str);
    let templates = conventions.templates_in.iter().map(SitePath::as_str);
    let uploads = conventions
        .uploads
        .iter()
        .map(|uploads| uploads.dir.as_str());
    let variants = [source.output().dir.as_str()].into_iter();
    let mut folders = starts
        .map(|folder| (folder, Held::Articles))
        .chain(uploads.map(|folder| (folder, Held::Uploads)))
        .chain(variants.map(|folder| (folder, Held::Variants)))
        .chain(templates.map(|folder| (folder, Held::Templates)));
    let held = folders.find(|(folder, _)| {
        let path = root.join(folder);
        !folder.is_empty() && (path.starts_with(&dir) || dir.starts_with(&path))
    });
    if let Some((folder, what)) = held {
        return Ok(Some(match what {
            Held::Articles => format!("the site's articles, in `{folder}`"),
            Held::Templates => format!("the site's templates, in `{folder}`"),
            Held::Uploads => format!("the site's uploads, in `{folder}`"),
            Held::Variants => format!("the site's variants, in `{folder}`"),
        }));
    }
    // Some generators take articles from any folder but their output.
    let is_output = |folder: &SitePath| {
        let output = &conventions.destination;
        !output.is_root() && (folder == output || folder.below(output.as_str()).is_some())
            || OUTPUTS.contains(&folder.as_str())
    };
    let article = inside
        .filter(|folder| !is_output(folder))
        .and_then(|folder| article_below(source, &folder));
    Ok(article.map(|article| format!("the site's articles, such as `{article}`")))
}

/// Returns the reason why a folder without a site above it is a source folder, if it is one.
fn is_source(dir: &Path, root: &Root) -> Result<Option<String>, OpenError> {
    if settings_file::exists(root) || Generator::detect(root).is_some() {
        return Ok(Some("a site's configuration".to_owned()));
    }
    if let Some((folder, _)) = Generator::all_below(root).first() {
        return Ok(Some(format!("a site's configuration, in `{folder}`")));
    }
    if Generator::recognize(root).is_none() {
        return Ok(None);
    }
    let site = Site::open(Some(dir), None)?;
    let article = article_below(&site, &SitePath::root());
    Ok(article.map(|article| format!("the site's articles, such as `{article}`")))
}

/// Returns an article of the site in a folder, if there is one.
fn article_below(site: &Site, folder: &SitePath) -> Option<SitePath> {
    let is_inside = |path: &SitePath| folder.is_root() || path.below(folder.as_str()).is_some();
    let mut articles = site.walk().candidates.into_iter().map(|file| file.path);
    articles.find(|path| is_inside(path) && is_article(site, path))
}

/// Whether a file that may be an article is one. A page without front matter may be one that the
/// generator has written.
fn is_article(site: &Site, path: &SitePath) -> bool {
    let needs_front_matter = is_html(path) || site.conventions.needs_front_matter;
    let begins = || {
        let mut start = Vec::new();
        let file = site.root.reader(path).ok()?;
        file.take(FIRST_LINE).read_to_end(&mut start).ok()?;
        Some(begins_with_front_matter(&start))
    };
    !needs_front_matter || begins().unwrap_or_default()
}

/// Whether a file that starts with these bytes begins with front matter: a line `---`, `---json` or
/// `+++`.
pub fn begins_with_front_matter(start: &[u8]) -> bool {
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).next();
    let line = line.unwrap_or_default().trim_ascii_end();
    // Without a line break, the line may go on after the bytes that were read.
    let is_whole = line.len() < start.len();
    match line.strip_prefix(b"---") {
        Some(language) => is_whole && language.trim_ascii().iter().all(u8::is_ascii_alphanumeric),
        None => is_whole && line == b"+++",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_begins_with_a_line_of_its_own() {
        for (start, expected) in [
            ("---\ntitle: a\n---\n", true),
            ("\u{feff}--- \r\ntitle: a", true),
            ("---json\n{", true),
            ("+++\n", true),
            ("---- a\n", false),
            ("--- a b\n", false),
            ("---", false),
            ("++++\n", false),
            ("<p>\n---\n", false),
            ("", false),
        ] {
            assert_eq!(
                begins_with_front_matter(start.as_bytes()),
                expected,
                "{start}"
            );
        }
    }
}
