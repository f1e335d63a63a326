//! Reads one preset file, together with the tables of visitors, into a checked preset.

use super::check::UnusableSetting;
use super::visitors::Visitors;
use super::{Ladder, Preset, Sizes};
use crate::finding::{Code, Finding};
use crate::settings;
use crate::tree::path::{KeyPath, Segment};

/// Reads the preset `text` of the file `path`. `tables` are the CSV files in the same folder, as
/// pairs of path and text.
///
/// # Errors
///
/// Returns a finding at the key or value that cannot be used, or in the table.
pub(super) fn preset(path: &str, text: &str, tables: &[(&str, &str)]) -> Result<Preset, Finding> {
    let file = File { path, text, tables };
    let mut preset: Preset = settings::read(path, text)?;
    if let Some(UnusableSetting { at, why, hint }) = preset.contradiction() {
        return Err(file.finding(&at, why, hint));
    }
    file.apply_visitor_stats(&mut preset)?;
    Ok(preset)
}

/// A preset file and the tables in its folder.
struct File<'f> {
    path: &'f str,
    text: &'f str,
    tables: &'f [(&'f str, &'f str)],
}

impl File<'_> {
    fn finding(&self, at: &KeyPath, message: &str, hint: &str) -> Finding {
        Finding::new(Code::Configuration, message)
            .in_file(self.path)
            .at(settings::position_of(self.text, at))
            .hint(hint)
    }

    /// Adds to each ladder with `visitors` the widths that the visitors need.
    fn apply_visitor_stats(&self, preset: &mut Preset) -> Result<(), Finding> {
        let sizes = preset.sizes.clone();
        self.apply_to(&[], &mut preset.widths, sizes.as_ref())?;
        for (index, source) in preset.sources.iter_mut().enumerate() {
            // With other `sizes`, visitors need other widths of the same ladder.
            if source.widths.is_none() && source.sizes.is_some() {
                source.widths = Some(preset.widths.clone());
            }
            let at = [Segment::key("sources", 0), Segment::index(index)];
            if let Some(widths) = &mut source.widths {
                self.apply_to(&at, widths, source.sizes.as_ref().or(sizes.as_ref()))?;
            }
        }
        Ok(())
    }

    /// Adds the demand to the ladder at the path `at`. `sizes` determines the widths at which its
    /// images are displayed.
    fn apply_to(
        &self,
        at: &[Segment],
        ladder: &mut Ladder,
        sizes: Option<&Sizes>,
    ) -> Result<(), Finding> {
        let (Ladder::ByBytes(ladder), Some(sizes)) = (ladder, sizes) else {
            return Ok(());
        };
        let Some(name) = &ladder.visitors else {
            return Ok(());
        };
        let path_of = |keys: &[&str]| -> KeyPath {
            let keys = keys.iter().map(|key| Segment::key(key, 0));
            at.iter().cloned().chain(keys).collect()
        };
        let has_name = |(path, _): &&(&str, &str)| path.rsplit('/').next() == Some(name);
        let Some((file, table)) = self.tables.iter().find(has_name) else {
            return Err(self.finding(
                &path_of(&["widths", "visitors"]),
                &format!("no file `{name}` in `presets/`"),
                "add the CSV file, or correct its name",
            ));
        };
        let demand = Visitors::read(file, table)?.demand(sizes).map_err(|entry| {
            self.finding(
                &path_of(&["sizes"]),
                &format!("cannot compute the displayed width from `{entry}`"),
                "use only `min-width`, `max-width`, `px`, `em`, `rem`, `vw`, `calc`, `min`, `max` and `clamp` in `sizes`, or remove `visitors`",
            )
        })?;
        ladder.demand = Some(demand);
        Ok(())
    }
}
