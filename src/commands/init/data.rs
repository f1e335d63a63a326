//! Finds the data files that name images of the site: a folder goes in, their paths and a setting
//! that selects them come out.
//!
//! `init` shows the setting, and never sets it: a template that loops over all keys of a data file
//! would also show the records.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use planche::internal::config::{FILE, Glob};
use planche::internal::ledger::Ledger;
use planche::internal::path::SitePath;
use planche::internal::printable::Printable;
use planche::internal::project::Site;
use planche::internal::report::plural;
use planche::internal::survey::{Target, survey};

use crate::commands::decode::isolated;
use crate::commands::output::{note, write_line};

/// The most files that the setting names one by one.
const NAMED: usize = 5;
/// The most files that are printed.
const SHOWN: usize = 10;

/// Data files that name images, and get no records so far.
pub(super) struct DataFiles {
    /// The files, in the order of their paths, each with the number of its images.
    files: Vec<(SitePath, usize)>,
}

impl DataFiles {
    /// Reads the files in the generator's folders of data, except for those that `data:` selects.
    pub fn of(folder: &Path) -> Result<Self> {
        let mut site = Site::open(Some(folder), None)?;
        let selected = std::mem::take(&mut site.config.data);
        let globs = site.conventions.data_in.iter();
        let globs = globs.filter(|data| site.root.is_dir(data.as_str()));
        site.config.data = globs
            .filter_map(|data| Glob::new(&format!("{data}/**/*.{{yml,yaml,toml,json}}")).ok())
            .collect();
        if site.config.data.is_empty() {
            return Ok(DataFiles { files: Vec::new() });
        }
        // Nothing else is read.
        site.config.content = site.config.data.clone();
        let surveyed = survey(&site, site.walk(), &Ledger::default(), &isolated());
        let is_selected = |path: &SitePath| selected.iter().any(|glob| glob.matches(path.as_str()));
        let articles = surveyed.survey.articles().iter();
        let files = articles.filter_map(|article| {
            let images = article.references().filter(|(reference, target)| {
                reference.preset.is_some() && matches!(target, Target::Upload(_))
            });
            let path = &article.file.path;
            let count = images.count();
            (count > 0 && !is_selected(path)).then(|| (path.clone(), count))
        });
        Ok(DataFiles {
            files: files.collect(),
        })
    }

    /// The setting that selects the files; `None` if there are none.
    pub fn setting(&self) -> Option<String> {
        let name = |path: &SitePath| match self.files.len() {
            ..=NAMED => path.to_string(),
            _ => format!("{}/**/*.{}", path.parent(), path.extension()),
        };
        let names: BTreeSet<String> = self.files.iter().map(|(path, _)| name(path)).collect();
        let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        (!names.is_empty()).then(|| format!("data: [{}]", names.join(", ")))
    }

    /// Prints the files, and the setting.
    pub fn show(&self) {
        let Some(setting) = self.setting() else {
            return;
        };
        note!("data files that name images, and get no records:");
        for (path, count) in self.files.iter().take(SHOWN) {
            note!("  {path}: {}", plural(*count, "image"));
        }
        match self.files.len().saturating_sub(SHOWN) {
            0 => {}
            1 => note!("  and one more file"),
            more => note!("  and {more} more files"),
        }
        note!(
            "to give them records, set this in {FILE}, unless a template loops over all keys of \
             these files:"
        );
        // A setting has nothing to translate.
        write_line(&format!("  {}", Printable::new(&setting)));
    }
}
