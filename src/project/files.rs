//! Decides which files of a site are articles, data files, texts and settings.

use super::{Site, presets};
use crate::config;
use crate::generator::{self, Decision, Filter, Generator};
use crate::glob::Glob;
use crate::path::SitePath;
use crate::site::{STATE_FOLDER, Walked, is_reached, pick, walk};

impl Site {
    /// Finds the files that may be articles, and the data files that the configuration names.
    pub fn walk(&self) -> Walked {
        walk(&self.root, &self.starts(), &Chosen { site: self })
    }

    /// Finds every text of the site, whether it is an article by the configuration or not.
    pub fn walk_texts(&self) -> Walked {
        walk(&self.root, &[SitePath::root()], &Texts { site: self })
    }

    /// Finds every file below the root that may name a variant: all but those of git, of planche
    /// itself, and of the generator's output, which its next build writes again.
    pub fn walk_everything(&self) -> Walked {
        walk(&self.root, &[SitePath::root()], &Everything { site: self })
    }

    /// Finds, among `files`, those that [`Site::walk`] would find.
    pub fn pick<'f>(&self, files: impl IntoIterator<Item = &'f SitePath>) -> Walked {
        pick(&self.root, &self.starts(), &Chosen { site: self }, files)
    }

    /// Whether [`Site::walk`] would take a file of this path.
    pub fn takes(&self, file: &SitePath) -> bool {
        let chosen = Chosen { site: self };
        chosen.takes(file).is_taken() && is_reached(&self.starts(), &chosen, file)
    }

    /// Whether [`Site::walk`] would enter a folder of this path, or start in it or below it.
    pub fn enters(&self, folder: &SitePath) -> bool {
        let chosen = Chosen { site: self };
        let starts = self.starts();
        let leads_to = |start: &SitePath| start == folder || start.below(folder.as_str()).is_some();
        starts.iter().any(leads_to) || chosen.enters(folder) && is_reached(&starts, &chosen, folder)
    }

    /// Returns, for each folder that a walk starts in, the folder itself or the nearest existing
    /// one above it.
    pub fn nearest_starts(&self) -> Vec<SitePath> {
        let nearest = |mut folder: SitePath| {
            while !self.root.is_dir(folder.as_str()) {
                folder = folder.parent();
            }
            folder
        };
        self.starts().into_iter().map(nearest).collect()
    }

    /// Returns the folders that a walk starts in.
    pub(super) fn starts(&self) -> Vec<SitePath> {
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

    /// Whether a path is a setting: `planche.yml`, a preset, a table of visitors, the generator's
    /// configuration, or the presets folder.
    pub fn is_settings(&self, path: &SitePath) -> bool {
        path.as_str() == config::FILE
            || path.as_str() == presets::FOLDER
            || path.parent().as_str() == presets::FOLDER && presets::is_preset_file(path)
            || self.conventions.settings.contains(path)
            || self.conventions.settings_folders.contains(&path.parent())
    }

    /// Returns the folders that contain settings.
    pub fn settings_folders(&self) -> Vec<SitePath> {
        let mut folders: Vec<SitePath> = self
            .conventions
            .settings
            .iter()
            .map(SitePath::parent)
            .chain(self.conventions.settings_folders.iter().cloned())
            .chain([SitePath::root(), SitePath::root().child(presets::FOLDER)])
            .filter(|folder| self.root.is_dir(folder.as_str()))
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }
}

/// Selects every text of a site.
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

/// Selects every file that may name a variant.
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

/// Selects the files that the generator reads, with those that the configuration adds and excludes.
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
        // Globs may name files that the generator ignores.
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
        // The manifest is written by planche.
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
                Decision::UnknownData
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
