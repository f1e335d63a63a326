//! The command `report`: writes the contact sheet, an HTML page with all images of the site.

use std::path::{Component, Path};

use anyhow::Result;

use planche::Language;
use planche::internal::flow::Options;
use planche::internal::generator::Generator;
use planche::internal::path::{SitePath, encode_path};
use planche::internal::picture::units::ByteSize;
use planche::internal::project::Site;
use planche::internal::report::plural;
use planche::internal::sheet::{Mode, Scoring, gather, page};
use planche::internal::site::STATE_FOLDER;

use super::decode::isolated;
use super::output::note;
use super::output_file::OutputFile;
use super::progress::Shown;
use super::signals::Signals;
use super::write_file::folder_of;
use super::{failure, open};
use crate::cli::ContactSheetArgs;
use crate::exit::Exit;

/// Name of the page in the state folder.
const FILE: &str = "contact-sheet.html";
/// Name of Eleventy's data file for the page, which excludes the page from publication: Eleventy
/// reads hidden folders too.
const DATA_FILE: &str = "contact-sheet.11tydata.json";
const DATA: &[u8] = b"{\"permalink\":false,\"templateEngineOverride\":false,\"layout\":false,\
    \"eleventyExcludeFromCollections\":true}\n";

/// Writes the contact sheet. If `language` is `None`, the page uses the language of the browser.
pub fn report(args: &ContactSheetArgs, language: Option<Language>) -> Result<Exit> {
    let site = open(&args.site)?;
    let file = args.out.as_deref().map(|path| OutputFile {
        what: "the contact sheet",
        path,
    });
    if let Some(file) = file {
        file.check([&site])?;
    }
    let signals = Signals::listen()?;
    let decoder = isolated();
    signals.end_soon(site.root.gate().clone())?;
    let scoring = if args.no_scores {
        Scoring::Known
    } else {
        Scoring::Complete
    };
    let shown = Shown::new(!args.quiet && scoring == Scoring::Complete, args.quiet);
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        progress: &shown,
        ..Options::for_site(&site)
    };
    args.work.apply(&mut options);
    let result = gather(&site, &options, scoring);
    shown.clear();
    let sheet = match result {
        Ok(sheet) => sheet,
        Err(error) => return failure(error, &signals),
    };
    let (out, html) = match file {
        Some(file) => {
            let out = file.path;
            let folder = folder_of(out).canonicalize();
            let folder = folder.map_err(|error| file.failed(&error))?;
            let root = site.root.path().canonicalize()?;
            let url = relative_url(&folder, &root);
            let html = page(&sheet, Mode::Static { root: &url }, language);
            file.write(html.as_bytes())?;
            if !args.quiet && is_published(&site, &root, &folder, out) {
                note!("{}", published(out));
            }
            (out.to_owned(), html)
        }
        None => {
            let html = page(&sheet, Mode::Static { root: "../" }, language);
            site.root.write_state(DATA_FILE, DATA)?;
            site.root.write_state(FILE, html.as_bytes())?;
            let folder = site.root.path().join(STATE_FOLDER);
            let folder = folder.strip_prefix(".").unwrap_or(&folder);
            (folder.join(FILE), html)
        }
    };
    if !args.quiet {
        note!(
            "wrote {}: {} of {}, {}",
            out.display(),
            plural(sheet.images.len(), "image"),
            plural(sheet.articles.len(), "article"),
            ByteSize(html.len() as u64)
        );
    }
    Ok(Exit::Done)
}

/// Whether the generator publishes a file, or treats it as a page. `root` and `folder`, which
/// contains the file, must have their symbolic links resolved.
fn is_published(site: &Site, root: &Path, folder: &Path, file: &Path) -> bool {
    let below = folder.strip_prefix(root).ok().and_then(Path::to_str);
    let folder = below.and_then(SitePath::normalise);
    let name = file.file_name().and_then(|name| name.to_str());
    let (Some(folder), Some(name)) = (folder, name) else {
        return false;
    };
    let file = folder.child(name);
    let conventions = &site.conventions;
    let output = &conventions.destination;
    file.below(output.as_str()).is_some()
        || conventions.url_of(&file).is_some()
        || conventions.generator != Generator::NONE && site.takes(&file)
}

fn published(file: &Path) -> String {
    format!(
        "warning: the site's generator publishes {}, with the texts of all drafts – hint: remove it, \
         and run `planche report` without `--out`",
        file.display()
    )
}

/// Returns the relative URL from a page in folder `from` to the folder `to`: empty, or ending with
/// `/`.
fn relative_url(from: &Path, to: &Path) -> String {
    let names = |path: &Path| -> Vec<String> {
        let names = path.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        names.collect()
    };
    let (from, to) = (names(from), names(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| "../".to_owned());
    let down = to[common..]
        .iter()
        .map(|name| format!("{}/", encode_path(name)));
    up.chain(down).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_leads_from_the_page_to_the_site() {
        let url = |from: &str, to: &str| relative_url(Path::new(from), Path::new(to));
        assert_eq!(url("/a/site", "/a/site"), "");
        assert_eq!(url("/a/site/out", "/a/site"), "../");
        assert_eq!(url("/a", "/a/my site#1"), "my%20site%231/");
        assert_eq!(url("/b/c", "/a/site"), "../../a/site/");
    }
}
