//! Whether what is made can be seen: the folder of variants is published, and a template shows the
//! records.

use super::Site;
use crate::config::Generator;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::settings;
use crate::tree::path::Segment;

/// Bytes of a template that are looked through.
const TEMPLATE_LIMIT: u64 = 1 << 20;

impl Site {
    /// What keeps variants and records from the reader's screen.
    pub fn check_setup(&self) -> Vec<Finding> {
        let hidden = self.hidden_output().map(|(message, hint)| {
            let (file, text) = &self.settings;
            let path = [Segment::key("output", 0)];
            let position = settings::position_of(text, &path.into_iter().collect());
            let finding = Finding::new(Code::OutputHidden, message).hint(hint);
            match position {
                Some(_) => finding.in_file(file).at(position),
                None => finding,
            }
        });
        hidden.into_iter().chain(self.unused_records()).collect()
    }

    /// Why pages cannot reach the folder of variants, and what to do.
    fn hidden_output(&self) -> Option<(String, String)> {
        let (dir, url) = (self.output().dir.as_str(), self.output().url.as_str());
        // Somebody else publishes it there.
        if !url.starts_with('/') || self.conventions.generator == Generator::None {
            return None;
        }
        let base = self.conventions.base_path.as_str();
        if !base.is_empty()
            && url
                .strip_prefix(base)
                .is_some_and(|rest| rest.starts_with('/'))
        {
            let message = format!(
                "the site is published under `{base}`, and the URL of variants, `{url}`, begins with it: templates put it before that URL once more"
            );
            let hint = "give `output: { dir: …, url: … }` a URL without it".to_owned();
            return Some((message, hint));
        }
        let folder = self.output_folder();
        let uploads = self.conventions.uploads.iter();
        let nearest = uploads
            .filter_map(|uploads| Some((uploads, folder.below(uploads.dir.as_str())?)))
            .min_by_key(|(_, below)| below.len());
        let Some((uploads, below)) = nearest else {
            let message = format!("variants go to `{dir}`, which the site does not publish");
            return Some((message, publish(&self.conventions.uploads)));
        };
        let is_unpublished = |unpublished: &SitePath| unpublished.as_str() == uploads.dir.as_str();
        if self.conventions.unpublished.iter().any(is_unpublished) {
            let message =
                format!("variants go to `{dir}`, which the site does not publish as it is");
            let hint = match self.conventions.generator {
                Generator::Eleventy => format!(
                    "add `eleventyConfig.addPassthroughCopy(\"{}\")` to its configuration",
                    dir.split('/').next().unwrap_or(dir)
                ),
                _ => "name a folder below `static` with `output: { dir: …, url: … }`".to_owned(),
            };
            return Some((message, hint));
        }
        if let Some(ignored) = self.ignored_by_jekyll(&folder, below) {
            let message = format!("variants go to `{dir}`, and Jekyll passes over `{ignored}`");
            let hint = format!(
                "list `{ignored}` under `include:` in _config.yml, or name another folder with `output: {{ dir: …, url: … }}`"
            );
            return Some((message, hint));
        }
        let published = format!("{}{below}/", uploads.url.as_str());
        (published != url).then(|| {
            let message = format!(
                "variants in `{dir}` are published as `{published}`, and records say `{url}`"
            );
            (
                message,
                format!("say `output: {{ dir: {dir}, url: {published} }}`"),
            )
        })
    }

    /// The folder on the way to the variants that Jekyll does not enter.
    fn ignored_by_jekyll(&self, folder: &SitePath, below: &str) -> Option<SitePath> {
        if self.conventions.generator != Generator::Jekyll {
            return None;
        }
        let above = folder.as_str().len() - below.len();
        let ends = below.match_indices('/').map(|(at, _)| above + at);
        ends.chain([folder.as_str().len()])
            .filter_map(|end| SitePath::normalise(&folder.as_str()[..end]))
            .find(|path| !self.conventions.filter.enters(path))
    }

    /// A site whose own templates never name a record shows none.
    fn unused_records(&self) -> Option<Finding> {
        let folders = &self.conventions.templates_in;
        let keys = &self.config.front_matter;
        let mut names = vec![keys.suffix.as_str(), keys.list_key.as_str(), "planche"];
        let manifest = self.manifest();
        if let Some((path, _)) = &manifest {
            names.extend(path.name().rsplit_once('.').map(|(stem, _)| stem));
        }
        let shows = |text: &[u8]| {
            let text = String::from_utf8_lossy(text);
            names.iter().any(|name| text.contains(name))
        };
        let is_shown = folders.iter().any(|folder| {
            let files = self.root.files_below(folder).map(|below| below.files);
            let files = files.unwrap_or_default().into_iter();
            // Neither articles, which hold the records, nor the snippets themselves.
            let texts = files.filter(|(path, _)| {
                !super::generator::is_binary(path)
                    && !path.name().to_ascii_lowercase().starts_with("planche")
                    && !self.takes(path)
            });
            let mut texts =
                texts.filter_map(|(path, _)| self.root.read(&path, TEMPLATE_LIMIT).ok());
            texts.any(|(text, _)| shows(&text))
        });
        // Where the configuration is a program, it may name the snippet's plugin.
        let is_program = matches!(
            self.conventions.generator,
            Generator::Eleventy | Generator::Astro
        );
        let mut settings = self.conventions.settings.iter();
        let is_plugged_in = is_program
            && settings.any(|name| {
                let path = SitePath::normalise(name).unwrap_or_default();
                let read = self.root.read(&path, TEMPLATE_LIMIT);
                read.is_ok_and(|(text, _)| shows(&text))
            });
        if is_shown || is_plugged_in || folders.is_empty() {
            return None;
        }
        let generator = self.conventions.generator.name();
        let finding = Finding::new(
            Code::UnusedRecords,
            "no template of the site shows a record: pages load the originals still",
        );
        Some(finding.hint(format!(
            "`planche init {generator}` writes a snippet, and says where it goes"
        )))
    }
}

/// What to do about a folder that nothing publishes.
fn publish(uploads: &[crate::config::UploadFolder]) -> String {
    match uploads.first() {
        Some(first) => format!(
            "name a folder below `{}` with `output: {{ dir: …, url: … }}`",
            first.dir.as_str()
        ),
        None => "name a published folder with `output: { dir: …, url: … }`".to_owned(),
    }
}
