//! Checks the setup of a site: takes a site, returns findings about problems that keep pages from
//! using the variants as they are. The variants folder is not published, no template uses the
//! records, or the generator processes the variants again.

use crate::finding::{Code, Finding};
use crate::generator::{self, output_below};
use crate::path::SitePath;
use crate::project::Site;
use crate::published::UploadFolder;
use crate::tree::path::Segment;

/// The largest template that is searched, in bytes.
const TEMPLATE_LIMIT: u64 = 1 << 20;

/// Checks that pages can reach the variants, and that templates use the records. `has_text_images`
/// is whether texts, of articles or in front matter, have images.
pub fn check(site: &Site, has_text_images: bool) -> Vec<Finding> {
    let hidden = hidden_output(site).map(|(message, hint)| {
        let finding = Finding::new(Code::OutputHidden, message).hint(hint);
        let path = [Segment::key("output", 0)];
        match site.setting(&path.into_iter().collect()) {
            Some((file, position)) => finding.in_file(file).at(position),
            None => finding,
        }
    });
    hidden
        .into_iter()
        .chain(unused_records(site, has_text_images))
        .chain(double_processing(site))
        .collect()
}

/// Reports that eleventy-img's transform makes variants of our variants: it takes every `<img>` of
/// a page, unless the element has the attribute `eleventy:ignore`.
fn double_processing(site: &Site) -> Option<Finding> {
    const TRANSFORM: &str = "eleventyImageTransformPlugin";
    const IGNORE: &str = "eleventy:ignore";
    let read = |path: &SitePath| {
        let (text, _) = site.root.read(path, TEMPLATE_LIMIT).ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    let mut settings = site.conventions.settings.iter();
    let (file, at) = settings.find_map(|path| Some((path, read(path)?.find(TRANSFORM)?)))?;
    let snippets = site
        .conventions
        .generator
        .spec()
        .kit
        .as_ref()?
        .snippets
        .iter();
    let prints_images = |path: &&str| {
        let text = SitePath::normalise(path).and_then(|path| read(&path));
        text.is_some_and(|text| !text.contains(IGNORE))
    };
    let snippet = snippets.map(|snippet| snippet.path).find(prints_images)?;
    let message = format!("`{TRANSFORM}` processes the images of `{snippet}` a second time");
    Some(
        Finding::new(Code::DoubleProcessing, message)
            .in_file(file.as_str())
            .at_offset(at),
    )
}

/// Returns why pages cannot reach the variants folder, and what to do.
fn hidden_output(site: &Site) -> Option<(String, String)> {
    let conventions = &site.conventions;
    let setup = &conventions.generator.spec().setup;
    let (dir, url) = (site.output().dir.as_str(), site.output().url.as_str());
    // Variants on another host are published by other means.
    if !url.starts_with('/') || !setup.publishes {
        return None;
    }
    let base = conventions.base_path.as_str();
    let repeats_base = !base.is_empty()
        && url
            .strip_prefix(base)
            .is_some_and(|rest| rest.starts_with('/'));
    if repeats_base {
        return Some((
            format!(
                "the site is published under `{base}`, and the variants URL, `{url}`, already \
                 contains it, so templates add it twice"
            ),
            "set a URL without it with `output: { dir: …, url: … }` in planche.yml".to_owned(),
        ));
    }
    let folder = site.output_folder();
    let nearest = conventions
        .uploads
        .iter()
        .filter_map(|uploads| Some((uploads, folder.below(uploads.dir.as_str())?)))
        .min_by_key(|(_, below)| below.len());
    let Some((uploads, below)) = nearest else {
        let message = format!("variants are written to `{dir}`, which the site does not publish");
        return Some((message, published_folder(&conventions.uploads)));
    };
    let is_unpublished = conventions
        .unpublished
        .iter()
        .any(|unpublished| unpublished.as_str() == uploads.dir.as_str());
    if is_unpublished {
        let message =
            format!("variants are written to `{dir}`, which the site does not publish as is");
        return Some((message, (setup.publish_hint)(dir)));
    }
    if let Some(hint) = setup.ignored_hint
        && let Some(ignored) = ignored_folder(site, &folder, below)
    {
        let title = conventions.generator.spec().title;
        let message = format!("variants are written to `{dir}`, and {title} ignores `{ignored}`");
        return Some((message, hint(&ignored)));
    }
    let published = format!("{}{below}/", uploads.url.as_str());
    (published != url).then(|| {
        (
            format!("variants in `{dir}` are published as `{published}`, but records say `{url}`"),
            format!("set `output: {{ dir: {dir}, url: {published} }}` in planche.yml"),
        )
    })
}

/// Returns the first folder on the way to the variants that the generator does not enter.
fn ignored_folder(site: &Site, folder: &SitePath, below: &str) -> Option<SitePath> {
    let above = folder.as_str().len() - below.len();
    let ends = below.match_indices('/').map(|(at, _)| above + at);
    ends.chain([folder.as_str().len()])
        .filter_map(|end| SitePath::normalise(&folder.as_str()[..end]))
        .find(|path| !site.conventions.filter.enters(path))
}

/// Returns what to do about a variants folder that is not published.
fn published_folder(uploads: &[UploadFolder]) -> String {
    match uploads.first() {
        Some(first) => output_below(first.dir.as_str()),
        None => {
            "name a published folder with `output: { dir: …, url: … }` in planche.yml".to_owned()
        }
    }
}

/// Reports that no template uses the records.
fn unused_records(site: &Site, has_text_images: bool) -> Option<Finding> {
    let conventions = &site.conventions;
    let spec = conventions.generator.spec();
    if conventions.templates_in.is_empty() || is_record_used(site, has_text_images) {
        return None;
    }
    let message = "no template uses the records, so pages do not load the variants";
    let kit = spec.kit.as_ref()?;
    let existing = kit
        .snippets
        .iter()
        .find(|snippet| site.root.is_file(snippet.path));
    let hint = match existing {
        Some(snippet) => format!(
            "`{}` exists, but nothing uses it: `planche init {}` shows what to add to your templates",
            snippet.path, spec.name
        ),
        None => format!(
            "`planche init {}` writes a snippet, and shows what to add to your templates",
            spec.name
        ),
    };
    Some(Finding::new(Code::UnusedRecords, message).hint(hint))
}

/// Whether a template names a record's key, the manifest or one of our snippets.
fn is_record_used(site: &Site, has_text_images: bool) -> bool {
    let conventions = &site.conventions;
    let keys = &site.config.front_matter;
    let manifest = site.manifest();
    let manifest = manifest.as_ref().map(|(path, _)| path.stem());
    let names: Vec<&str> = [keys.suffix.as_str(), keys.list_key.as_str(), "planche"]
        .into_iter()
        .chain(manifest)
        .collect();
    let uses = |path: &SitePath| {
        let read = site.root.read(path, TEMPLATE_LIMIT);
        read.is_ok_and(|(text, _)| {
            let text = String::from_utf8_lossy(&text);
            names.iter().any(|name| text.contains(name))
        })
    };
    // Articles contain the records, and a snippet does not use itself. A render hook shows the
    // images of texts only.
    let is_unused = |name: &str| {
        name.starts_with("planche") || !has_text_images && name.starts_with("render-image")
    };
    let is_template = |path: &SitePath| {
        !generator::is_binary(path)
            && !is_unused(&path.name().to_ascii_lowercase())
            && !site.takes(path)
    };
    let in_templates = conventions.templates_in.iter().any(|folder| {
        let below = site.root.files_below(folder).unwrap_or_default();
        let mut files = below.files.iter().map(|(path, _)| path);
        files.any(|path| is_template(path) && uses(path))
    });
    let setup = &conventions.generator.spec().setup;
    in_templates || setup.configuration_is_program && conventions.settings.iter().any(uses)
}
