//! Opens a site: takes a folder, returns its configuration, presets and conventions.
//!
//! All disk access goes through [`crate::site`]; this module knows which of a site's files are
//! articles, settings and variants, and which URLs they have.

mod files;
mod find;
mod output;
mod presets;
mod published;
mod settings_file;
mod unmatched;
mod urls;

use std::path::{Path, PathBuf};

pub use presets::FOLDER as PRESETS;
pub use published::{FIRST_LINE, begins_with_front_matter};
pub use settings_file::read_settings;

use crate::config::{self, Config, ManifestSyntax, Output};
use crate::finding::{Code, Finding, Position, Severity};
use crate::generator::{Conventions, Generator, GeneratorSetting};
use crate::path::SitePath;
use crate::preset::Presets;
use crate::record::OurKeys;
use crate::settings::{self, Places};
use crate::site::{ArticleFile, CheckedFiles, Root, SiteError};
use crate::tree::path::{KeyPath, Segment};

/// An open site: its folder, its configuration and presets, and the conventions of its generator.
pub struct Site {
    pub root: Root,
    pub config: Config,
    pub presets: Presets,
    pub conventions: Conventions,
    /// Problems of the configuration. With an error among them, a build writes nothing.
    pub findings: Vec<Finding>,
    /// The name and the text of `planche.yml`, for the positions of findings.
    settings: (String, String),
}

/// The reason why a site cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot open the folder `{}`", path.display())]
    Folder {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("there is no folder `{}` – hint: build the site first", path.display())]
    NotBuilt { path: PathBuf },
    #[error("cannot read the configuration `{}`: {error} – hint: check the path after `--config`", path.display())]
    ConfigFile {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("no site found in `{}` or above it: no planche.yml and no configuration of a generator – hint: {}", start.display(), not_found_hint(below.as_ref()))]
    NotFound {
        start: PathBuf,
        /// A sub-folder that is a separate site, and its generator.
        below: Option<(String, Generator)>,
    },
    #[error("`{}` is a folder of the site `{}` – hint: run planche on the site; a folder becomes a separate site with a planche.yml in it", folder.display(), site.display())]
    FolderOfSite { folder: PathBuf, site: PathBuf },
    #[error("`{}` is a source folder, not built pages: it contains {held} – hint: name the folder that the generator writes, such as `_site`", folder.display())]
    Source { folder: PathBuf, held: String },
    #[error("{}", .0)]
    Configuration(Box<Finding>),
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl Site {
    /// Opens the site in `path`; without one, the nearest folder upwards that contains a
    /// `planche.yml` or a generator's configuration.
    ///
    /// `config_file` is used instead of `planche.yml`.
    pub fn open(path: Option<&Path>, config_file: Option<&Path>) -> Result<Site, OpenError> {
        let root = Site::find(path)?;
        if path.is_some() && config_file.is_none() {
            find::refuse_folder_of_site(&root)?;
        }
        Site::of_root(root, config_file)
    }

    /// Opens the folder of a site, whatever its configuration says: `path`, or the nearest folder
    /// upwards that contains a `planche.yml` or a generator's configuration.
    pub fn find(path: Option<&Path>) -> Result<Root, OpenError> {
        match path {
            Some(path) => find::open_root(path),
            None => find::nearest_root(Path::new(".")),
        }
    }

    /// Opens the folder of the site that built pages belong to: the nearest one above them.
    pub fn find_above(dir: &Path) -> Result<Root, OpenError> {
        find::nearest_root(&dir.join(".."))
    }

    /// Opens the site that the pages folder belongs to: the nearest one above it. Returns `None` if
    /// there is none.
    pub fn above(dir: &Path, config_file: Option<&Path>) -> Result<Option<Site>, OpenError> {
        if let Err(error) = std::fs::metadata(dir) {
            return Err(missing(dir, error));
        }
        match Site::find_above(dir) {
            Err(OpenError::NotFound { .. }) => Ok(None),
            root => Site::of_root(root?, config_file).map(Some),
        }
    }

    fn of_root(root: Root, config_file: Option<&Path>) -> Result<Site, OpenError> {
        let (name, text) = match config_file {
            Some(path) => (path.display().to_string(), settings_file::read_named(path)?),
            None => (
                config::FILE.to_owned(),
                settings_file::read_settings(&root)?.unwrap_or_default(),
            ),
        };
        let config = Config::read(&name, &text)
            .map_err(|finding| OpenError::Configuration(Box::new(finding)))?;
        let (presets, mut findings) = presets::read(&root)?;
        findings.extend(config.check_rules(&name, &text, &presets));
        findings.extend(config.check_records(&name, &text));
        findings.extend(config.check_failures(&name, &text));
        let files = CheckedFiles::new(&root);
        let generator = match config.generator {
            GeneratorSetting::Auto => Generator::recognize(&files).unwrap_or(Generator::NONE),
            GeneratorSetting::Named(generator) => generator,
        };
        if config.generator == GeneratorSetting::Auto {
            findings.extend(several_generators(&Generator::matching(&files)));
        }
        let limit = usize::try_from(config.limits.front_matter.0).unwrap_or(usize::MAX);
        let (mut conventions, of_generator) = generator.conventions(&files, limit);
        findings.extend(files.unreadable().iter().map(unreadable_settings));
        // With `content:`, the generator's own choice of pages has no effect.
        findings.extend(
            of_generator
                .into_iter()
                .filter(|finding| finding.code != Code::LeftOut || config.content.is_empty()),
        );
        let own_output = conventions.output.clone();
        apply_config(&mut conventions, &config);
        config
            .check_output(&name, &text, &conventions.uploads)
            .map_err(|finding| OpenError::Configuration(Box::new(finding)))?;
        let mut site = Site {
            root,
            config,
            presets,
            conventions,
            findings,
            settings: (name, text),
        };
        let (file, text) = &site.settings;
        site.config
            .check_cache(file, text, &site.conventions, &site.starts())
            .map_err(|finding| OpenError::Configuration(Box::new(finding)))?;
        output::check(&mut site, own_output)
            .map_err(|finding| OpenError::Configuration(Box::new(finding)))?;
        Ok(site)
    }

    /// Returns the name of the settings file and the position of a key in it, if the key is set.
    pub fn setting(&self, path: &KeyPath) -> Option<(&str, Position)> {
        let (file, text) = &self.settings;
        Some((file, settings::position_of(text, path)?))
    }

    /// Returns the places in the settings file, for findings about many settings.
    pub fn places(&self) -> Places<'_> {
        Places::new(&self.settings.1)
    }

    /// Adds to a finding about a rule the position of one of the rule's keys, which is one of the
    /// `places` of the settings file.
    pub fn at_rule(
        &self,
        places: &Places<'_>,
        index: usize,
        key: &str,
        finding: Finding,
    ) -> Finding {
        let at = [
            Segment::key("rules", 0),
            Segment::index(index),
            Segment::key(key, 0),
        ];
        match places.of(&at.into_iter().collect()) {
            Some(position) => finding.in_file(self.settings_file()).at(position),
            None => finding,
        }
    }

    /// Whether the configuration has an error: an unknown preset, or a preset or a generator's
    /// configuration that cannot be read.
    pub fn is_misconfigured(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.severity() == Severity::Error)
    }

    /// Returns the name of the settings file: `planche.yml`, or another one as the user has named
    /// it.
    pub fn settings_file(&self) -> &str {
        &self.settings.0
    }

    /// Returns the variants folder and its URL.
    pub fn output(&self) -> &Output {
        &self.conventions.output
    }

    /// Returns the variants folder as a path.
    pub fn output_folder(&self) -> SitePath {
        SitePath::normalise(self.output().dir.as_str())
            .expect("a configured folder lies within the site")
    }

    /// Returns the path and the syntax of the manifest, if one is configured.
    pub fn manifest(&self) -> Option<(SitePath, ManifestSyntax)> {
        let file = self.config.manifest()?;
        let path = SitePath::normalise(file.as_str());
        let path = path.expect("a configured file lies within the site");
        Some((path, file.syntax()))
    }

    /// Returns our keys in a file of this site. A data file has no front matter: its list is at the
    /// root for every generator.
    pub fn keys(&self, file: &ArticleFile) -> OurKeys {
        let list_parent = self.conventions.list_parent;
        OurKeys {
            names: self.config.front_matter.clone(),
            list_parent: list_parent.filter(|_| !file.is_data),
        }
    }

    /// Whether a path lies in the variants folder.
    pub fn is_output(&self, path: &SitePath) -> bool {
        path.below(self.output().dir.as_str()).is_some()
    }
}

/// Returns the error about a file of the generator's configuration that exists but cannot be read.
fn unreadable_settings((path, error): (&SitePath, &SiteError)) -> Finding {
    Finding::new(Code::Configuration, error.full())
        .in_file(path.as_str())
        .hint("make it readable: it decides which files are articles")
}

/// Returns the finding about a folder with the configurations of several generators.
fn several_generators(matching: &[Generator]) -> Option<Finding> {
    let [own, other, ..] = matching else {
        return None;
    };
    let (own, other) = (own.spec().title, other.spec().title);
    let message =
        format!("the folder has the configurations of {own} and of {other}; planche takes {own}");
    Some(Finding::new(Code::SeveralGenerators, message))
}

/// Returns the error about a pages folder that cannot be opened.
fn missing(dir: &Path, source: std::io::Error) -> OpenError {
    let path = dir.to_owned();
    match source.kind() {
        std::io::ErrorKind::NotFound => OpenError::NotBuilt { path },
        _ => OpenError::Folder { path, source },
    }
}

/// Returns the hint for the case that no site was found.
fn not_found_hint(below: Option<&(String, Generator)>) -> String {
    match below {
        Some((folder, generator)) => {
            let title = generator.spec().title;
            format!("`{folder}` is a site for {title}: run `planche {folder}`")
        }
        None => "name the site's folder, or set one up with `planche init`".to_owned(),
    }
}

/// Applies the settings of `planche.yml`, which take precedence over the generator's conventions.
fn apply_config(conventions: &mut Conventions, config: &Config) {
    if !config.uploads.is_empty() {
        conventions.uploads.clone_from(&config.uploads);
        conventions
            .uploads
            .sort_by_key(|uploads| std::cmp::Reverse(uploads.url.as_str().len()));
    }
    let configured = config.output.as_ref();
    if let Some(output) = configured.and_then(|output| output.place.as_ref()) {
        conventions.output = output.clone();
    }
    let hosts = config.hosts.iter().map(|host| host.as_str().to_owned());
    conventions.hosts.extend(hosts);
}
