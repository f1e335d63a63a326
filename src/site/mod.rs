//! The site: its folder, its configuration, its generator's conventions.
//!
//! All reading and writing below the root goes through here; the stages between are pure.

mod attributes;
mod error;
mod exchange;
mod files;
mod find;
mod folder;
mod gate;
mod listing;
mod lock;
mod root;
mod stamp;
mod temporary;
mod url;
mod walk;
mod write;
mod writers;

use std::path::{Path, PathBuf};

pub use crate::generator::{Conventions, Decision, Filter, RelativeTo};
pub use attributes::Lost;
pub use error::{Operation, SiteError};
pub use exchange::{Replaced, Rewriter, Swept, Undone};
pub use folder::{Entry, FilesBelow, Kind, Listed};
pub use gate::WriteGate;
pub use listing::{Listings, LookedUp};
pub use lock::{Lock, LockError, STATE_FOLDER};
pub use root::{Root, TEXT_LIMIT};
pub use stamp::{FileId, Moment, Stamp};
pub use temporary::is_temporary;
pub use walk::{ArticleFile, Walked};
pub use write::Existing;
pub use writers::Writers;

use crate::config::{self, Config, Glob, ManifestSyntax, Output};
use crate::finding::{Code, Finding, Position};
use crate::generator::{self, Generator, GeneratorSetting};
use crate::path::SitePath;
use crate::preset::Presets;
use crate::record::OurKeys;
use crate::settings;
use crate::tree::path::{KeyPath, Segment};

/// The folder of a site's own presets.
const PRESETS_FOLDER: &str = "presets";

/// A site that was opened: its folder, what its owner says about it, and its conventions.
pub struct Site {
    pub root: Root,
    pub config: Config,
    pub presets: Presets,
    pub conventions: Conventions,
    /// What is wrong with the configuration; the rest is usable all the same.
    pub findings: Vec<Finding>,
    /// The name and the text of `planche.yml`, to say where in it something is wrong.
    settings: (String, String),
}

/// A site that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot open the folder `{}`", path.display())]
    Folder {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot read the configuration `{}`", path.display())]
    ConfigFile {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("no site found in `{}` or above it: no planche.yml and no configuration of a generator – hint: {}", start.display(), not_found_hint(below.as_ref()))]
    NotFound {
        start: PathBuf,
        /// A folder below that is a site of its own, and its generator.
        below: Option<(String, Generator)>,
    },
    #[error("`{}` is a folder of the site `{}` – hint: run planche on the site; a folder becomes a site of its own with a planche.yml in it", folder.display(), site.display())]
    FolderOfSite { folder: PathBuf, site: PathBuf },
    #[error("{}", .0)]
    Configuration(Box<Finding>),
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl Site {
    /// Opens the site in `path`; without one, the nearest folder upwards that holds a
    /// `planche.yml` or a generator's configuration.
    ///
    /// `config_file` is read in the place of `planche.yml`.
    pub fn open(path: Option<&Path>, config_file: Option<&Path>) -> Result<Site, OpenError> {
        let root = match path {
            Some(path) => find::open_root(path)?,
            None => find::nearest_root(Path::new("."))?,
        };
        if path.is_some() && config_file.is_none() {
            find::refuse_folder_of_site(&root)?;
        }
        let file = SitePath::root().child(config::FILE);
        let (name, text) = match config_file {
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|source| OpenError::ConfigFile {
                        path: path.to_owned(),
                        source,
                    })?;
                (path.display().to_string(), text)
            }
            None => (
                config::FILE.to_owned(),
                root.read_text(&file)?.unwrap_or_default(),
            ),
        };
        let config = Config::read(&name, &text)
            .map_err(|finding| OpenError::Configuration(Box::new(finding)))?;
        let (presets, mut findings) = read_presets(&root)?;
        findings.extend(config.check_rules(&name, &text, &presets));
        findings.extend(config.check_records(&name, &text));
        let generator = match config.generator {
            GeneratorSetting::Auto => Generator::recognize(&root).unwrap_or(Generator::NONE),
            GeneratorSetting::Named(generator) => generator,
        };
        let limit = usize::try_from(config.limits.front_matter.0).unwrap_or(usize::MAX);
        let (mut conventions, of_generator) = generator.conventions(&root, limit);
        findings.extend(of_generator);
        apply_config(&mut conventions, &config);
        Ok(Site {
            root,
            config,
            presets,
            conventions,
            findings,
            settings: (name, text),
        })
    }

    /// What the configuration names and a walk has not found: globs without a file, folders of
    /// uploads that do not exist; or that it has found nothing at all.
    pub fn unmatched(&self, walked: &Walked) -> Vec<Finding> {
        let (file, text) = &self.settings;
        let finding = |key: &str, index: usize, message: String, hint: &str| {
            let path = [Segment::key(key, 0), Segment::index(index)];
            Finding::new(Code::UnmatchedSetting, message)
                .in_file(file)
                .at(settings::position_of(text, &path.into_iter().collect()))
                .hint(hint)
        };
        let mut findings = Vec::new();
        if walked.is_partial {
            return findings;
        }
        for (key, globs) in [
            ("content", &self.config.content),
            ("data", &self.config.data),
        ] {
            for (index, glob) in globs.iter().enumerate() {
                let mut paths = walked.candidates.iter().map(|file| file.path.as_str());
                if !paths.any(|path| glob.matches(path)) {
                    let message = format!("no file matches `{}`", glob.as_str());
                    findings.push(finding(
                        key,
                        index,
                        message,
                        "correct the glob, or remove it",
                    ));
                }
            }
        }
        for (index, uploads) in self.config.uploads.iter().enumerate() {
            if !self.root.is_dir(uploads.dir.as_str()) {
                let message = format!("there is no folder `{}`", uploads.dir.as_str());
                findings.push(finding("uploads", index, message, "correct `dir`"));
            }
        }
        if walked.candidates.is_empty() && findings.is_empty() {
            findings.push(self.no_articles());
        }
        findings
    }

    fn no_articles(&self) -> Finding {
        let generator = self.conventions.generator;
        let message = if generator == Generator::NONE {
            "no articles were found, and no generator was recognized".to_owned()
        } else {
            format!("no articles were found for {}", generator.spec().title)
        };
        let finding = Finding::new(Code::NoArticles, message);
        match Generator::find_below(&self.root) {
            Some((folder, generator)) => finding.hint(format!(
                "`{folder}` is a {} site: run planche there",
                generator.spec().title
            )),
            None => finding,
        }
    }

    /// The file of settings and the position of a key in it, if the key is set.
    pub fn setting(&self, path: &KeyPath) -> Option<(&str, Position)> {
        let (file, text) = &self.settings;
        Some((file, settings::position_of(text, path)?))
    }

    /// The folder and URL of variants.
    pub fn output(&self) -> &Output {
        &self.conventions.output
    }

    /// The folder of variants as a path.
    pub fn output_folder(&self) -> SitePath {
        SitePath::normalise(self.output().dir.as_str())
            .expect("a configured folder lies within the site")
    }

    /// The path of the manifest, if one is asked for.
    pub fn manifest(&self) -> Option<(SitePath, ManifestSyntax)> {
        let file = self.config.manifest()?;
        let path = SitePath::normalise(file.as_str());
        let path = path.expect("a configured file lies within the site");
        Some((path, file.syntax()))
    }

    /// The keys that are ours in a file of this site. A data file is nobody's front matter: its
    /// list stands at the root whatever the generator.
    pub fn keys(&self, file: &ArticleFile) -> OurKeys {
        let list_parent = self.conventions.list_parent;
        OurKeys {
            names: self.config.front_matter.clone(),
            list_parent: list_parent.filter(|_| !file.is_data),
        }
    }

    /// Finds the files that may be articles, and the data files that the configuration names.
    pub fn walk(&self) -> Walked {
        walk::walk(&self.root, &self.starts(), &Chosen { site: self })
    }

    /// Finds every file of the site that may be a text of somebody's, whether it is an article by
    /// the configuration or not.
    pub fn walk_texts(&self) -> Walked {
        walk::walk(&self.root, &[SitePath::root()], &Texts { site: self })
    }

    /// Finds every file below the root that may name a variant: all but those of git, of planche
    /// itself, and of the generator's own output, which the next build writes again.
    pub fn walk_everything(&self) -> Walked {
        walk::walk(&self.root, &[SitePath::root()], &Everything { site: self })
    }

    /// Of `files`, those that [`Site::walk`] would find.
    pub fn pick<'f>(&self, files: impl IntoIterator<Item = &'f SitePath>) -> Walked {
        walk::pick(&self.root, &self.starts(), &Chosen { site: self }, files)
    }

    /// Whether [`Site::walk`] would take a file of that path.
    pub fn takes(&self, file: &SitePath) -> bool {
        let chosen = Chosen { site: self };
        chosen.takes(file) != Decision::Leave && walk::is_reached(&self.starts(), &chosen, file)
    }

    /// Whether [`Site::walk`] would enter a folder of that path, or begin in it or below it.
    pub fn enters(&self, folder: &SitePath) -> bool {
        let chosen = Chosen { site: self };
        let starts = self.starts();
        let leads_to = |start: &SitePath| start == folder || start.below(folder.as_str()).is_some();
        starts.iter().any(leads_to)
            || chosen.enters(folder) && walk::is_reached(&starts, &chosen, folder)
    }

    /// For each folder that a walk begins at, the nearest one upwards that is there.
    pub fn nearest_starts(&self) -> Vec<SitePath> {
        let nearest = |mut folder: SitePath| {
            while !self.root.is_dir(folder.as_str()) {
                folder = folder.parent();
            }
            folder
        };
        self.starts().into_iter().map(nearest).collect()
    }

    /// The folders that a walk begins at.
    fn starts(&self) -> Vec<SitePath> {
        let config = &self.config;
        let mut starts = if config.content.is_empty() {
            self.conventions.starts.clone()
        } else {
            config.content.iter().map(Glob::fixed_folder).collect()
        };
        starts.extend(config.data.iter().map(Glob::fixed_folder));
        starts.sort();
        starts.dedup();
        starts
    }

    /// Whether a file says how the site is to be read: `planche.yml`, a preset, a table of visitors,
    /// the generator's own configuration; or whether it is the folder of presets.
    pub fn is_settings(&self, path: &SitePath) -> bool {
        path.as_str() == config::FILE
            || path.as_str() == PRESETS_FOLDER
            || path.parent().as_str() == PRESETS_FOLDER && is_preset_file(path)
            || self.conventions.settings.contains(path)
            || self.conventions.settings_folders.contains(&path.parent())
    }

    /// The folders that hold settings.
    pub fn settings_folders(&self) -> Vec<SitePath> {
        let mut folders: Vec<SitePath> = self
            .conventions
            .settings
            .iter()
            .map(SitePath::parent)
            .chain(self.conventions.settings_folders.iter().cloned())
            .chain([SitePath::root(), SitePath::root().child(PRESETS_FOLDER)])
            .filter(|folder| self.root.is_dir(folder.as_str()))
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Whether a path lies in the folder of variants.
    pub fn is_output(&self, path: &SitePath) -> bool {
        path.below(self.output().dir.as_str()).is_some()
    }
}

/// What to do if no site was found.
fn not_found_hint(below: Option<&(String, Generator)>) -> String {
    match below {
        Some((folder, generator)) => format!(
            "`{folder}` is a {} site: run `planche {folder}`",
            generator.spec().title
        ),
        None => "name the site's folder, or set one up with `planche init`".to_owned(),
    }
}

/// Settings of planche.yml take precedence over the generator's conventions.
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
    let hosts = config.hosts.iter().map(|host| host.to_ascii_lowercase());
    conventions.hosts.extend(hosts);
}

/// Whether a file of the presets' folder is a preset, or a table of visitors.
fn is_preset_file(path: &SitePath) -> bool {
    matches!(path.extension().as_str(), "yml" | "yaml" | "csv")
}

fn read_presets(root: &Root) -> Result<(Presets, Vec<Finding>), OpenError> {
    let folder = SitePath::root().child(PRESETS_FOLDER);
    let names = match root.list(&folder) {
        Ok(listed) => listed.names,
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound
                && root.dir().symlink_metadata(PRESETS_FOLDER).is_err() =>
        {
            Vec::new()
        }
        Err(error) => return Err(SiteError::io(Operation::Read, &folder)(error).into()),
    };
    let mut files = Vec::new();
    for (name, kind) in names {
        let path = folder.child(&name);
        if kind != Kind::Folder && is_preset_file(&path) {
            let Some(text) = root.read_text(&path)? else {
                let missing = std::io::ErrorKind::NotFound.into();
                return Err(SiteError::io(Operation::Read, &path)(missing).into());
            };
            files.push((path.to_string(), text));
        }
    }
    Ok(Presets::read(
        files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    ))
}

/// Whatever may be a text of somebody's.
struct Texts<'s> {
    site: &'s Site,
}

impl Filter for Texts<'_> {
    fn enters(&self, path: &SitePath) -> bool {
        let is_made = self.site.is_output(path)
            || *path == self.site.output_folder()
            || *path == self.site.conventions.destination;
        !is_made && path.name() != "node_modules" && !path.name().starts_with('.')
    }

    fn takes(&self, path: &SitePath) -> Decision {
        if generator::is_binary(path) {
            Decision::Leave
        } else {
            Decision::Page
        }
    }
}

/// Every file that may name a variant.
struct Everything<'s> {
    site: &'s Site,
}

impl Filter for Everything<'_> {
    fn enters(&self, path: &SitePath) -> bool {
        let conventions = &self.site.conventions;
        let is_output =
            conventions.generator != Generator::NONE && *path == conventions.destination;
        !is_output && path.name() != ".git" && path.as_str() != STATE_FOLDER
    }

    fn takes(&self, _path: &SitePath) -> Decision {
        Decision::Page
    }
}

/// The generator's choice of files, with what the configuration adds and leaves out.
struct Chosen<'s> {
    site: &'s Site,
}

impl Chosen<'_> {
    fn is_excluded(&self, path: &SitePath) -> bool {
        self.site
            .config
            .exclude
            .iter()
            .any(|glob| glob.matches_or_holds(path.as_str()))
    }
}

impl Filter for Chosen<'_> {
    fn enters(&self, path: &SitePath) -> bool {
        if path.name() == "node_modules" || path.name() == ".git" || path.as_str() == STATE_FOLDER {
            return false;
        }
        if self.is_excluded(path) || path.as_str() == self.site.output().dir.as_str() {
            return false;
        }
        // Globs may name what the generator itself would pass over.
        let config = &self.site.config;
        let holds_named = |glob: &Glob| {
            let fixed = glob.fixed_folder();
            fixed == *path
                || fixed.below(path.as_str()).is_some()
                || path.below(fixed.as_str()).is_some()
        };
        if !config.content.is_empty()
            || config
                .data
                .iter()
                .any(|glob| holds_named(glob) && !glob.fixed_folder().is_root())
        {
            return config.content.iter().chain(&config.data).any(holds_named)
                || config.content.is_empty() && self.site.conventions.filter.enters(path);
        }
        self.site.conventions.filter.enters(path)
    }

    fn takes(&self, path: &SitePath) -> Decision {
        let config = &self.site.config;
        // The manifest names pictures, and is nobody's data.
        let is_manifest = config
            .manifest()
            .is_some_and(|file| file.as_str() == path.as_str());
        if is_manifest || self.is_excluded(path) {
            return Decision::Leave;
        }
        if config.data.iter().any(|glob| glob.matches(path.as_str())) {
            let is_data = matches!(path.extension().as_str(), "yml" | "yaml" | "toml" | "json");
            return if is_data {
                Decision::Data
            } else {
                Decision::Leave
            };
        }
        if !config.content.is_empty() {
            let is_content = config
                .content
                .iter()
                .any(|glob| glob.matches(path.as_str()));
            return if is_content {
                Decision::Page
            } else {
                Decision::Leave
            };
        }
        let starts = &self.site.conventions.starts;
        let is_below = starts
            .iter()
            .any(|start| path.below(start.as_str()).is_some());
        if is_below {
            self.site.conventions.filter.takes(path)
        } else {
            Decision::Leave
        }
    }
}
