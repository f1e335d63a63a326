//! The report of `clean`: takes a [`Cleaned`], and prints it as text for people or as JSON for
//! programs.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::clean::{Cleaned, MISCONFIGURED};
use crate::finding::Finding;
use crate::picture::units::ByteSize;
use crate::printable::{Printable, json};
use crate::report::{
    Effect, JsonFinding, Outcome, Terminal, plural, schema_of, serialize_findings,
};

/// A [`Cleaned`] with the findings to print.
#[derive(Clone, Debug)]
pub struct CleanReport {
    cleaned: Cleaned,
    /// The findings to print. Findings that a build reports too are left out, unless they kept
    /// `clean` from deleting.
    findings: Vec<Finding>,
}

/// The report of `clean`.
#[derive(Serialize, JsonSchema)]
struct JsonCleaned<'c> {
    /// The version of this layout.
    schema: u8,
    command: &'static str,
    /// Whether this is a forecast: nothing was deleted.
    dry_run: bool,
    /// Why nothing was deleted.
    refused: Option<&'static str>,
    /// The variants that were deleted, or would be.
    variants: Vec<JsonVariant<'c>>,
    #[serde(serialize_with = "serialize_findings")]
    #[schemars(with = "Vec<JsonFinding>")]
    findings: &'c [Finding],
}

#[derive(Serialize, JsonSchema)]
struct JsonVariant<'c> {
    /// From the site's root.
    path: &'c str,
    bytes: u64,
}

impl CleanReport {
    /// The JSON Schema of the report.
    pub fn schema() -> Value {
        schema_of::<JsonCleaned<'static>>()
    }

    /// Creates the report of a run that did nothing, because the configuration cannot be read.
    pub fn refused(effect: Effect, finding: Finding) -> Self {
        let cleaned = Cleaned {
            is_dry_run: effect == Effect::DryRun,
            refused: Some(MISCONFIGURED),
            findings: vec![finding],
            ..Cleaned::default()
        };
        CleanReport::new(cleaned, true)
    }

    /// Creates a report. With `is_complete`, it also has the findings that a build reports.
    pub fn new(cleaned: Cleaned, is_complete: bool) -> Self {
        let is_complete = is_complete || cleaned.refused.is_some();
        let of_build = cleaned.findings.iter().filter(|_| is_complete);
        let findings = of_build.chain(&cleaned.own).cloned().collect();
        CleanReport { cleaned, findings }
    }
}

impl Outcome for CleanReport {
    fn command(&self) -> &'static str {
        "clean"
    }

    fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn is_asked_not_to_write(&self) -> bool {
        self.cleaned.is_dry_run
    }

    fn sentence(&self) -> String {
        let Cleaned {
            removed,
            refused,
            failed,
            ..
        } = &self.cleaned;
        if let Some(reason) = refused {
            return format!("nothing was deleted: {reason}");
        }
        let kept = format!("{} could not be deleted", plural(*failed, "variant"));
        if removed.is_empty() && self.cleaned.has_failed() {
            return match failed {
                0 => "nothing was deleted".to_owned(),
                _ => format!("nothing was deleted: {kept}"),
            };
        }
        let verb = match (self.cleaned.is_dry_run, removed.len()) {
            (_, 0) => {
                return match &self.cleaned.kept_for_a_build {
                    Some(folder) => format!(
                        "nothing to delete: the next build needs the variants; to uninstall \
                         planche, delete `{folder}`"
                    ),
                    None => "nothing to delete: every variant is used".to_owned(),
                };
            }
            (true, _) => "would delete",
            (false, _) => "deleted",
        };
        let bytes = removed.iter().map(|(_, bytes)| bytes).sum();
        let variants = plural(removed.len(), "variant");
        let deleted = format!("{verb} {variants} ({})", ByteSize(bytes));
        match failed {
            0 => deleted,
            _ => format!("{deleted}; {kept}"),
        }
    }

    fn write_details(&self, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()> {
        if self.cleaned.refused.is_some() || terminal.is_quiet {
            return Ok(());
        }
        for (path, _) in &self.cleaned.removed {
            writeln!(out, "{}", Printable::new(path.as_str()))?;
        }
        Ok(())
    }

    fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let variants = self
            .cleaned
            .removed
            .iter()
            .map(|(path, bytes)| JsonVariant {
                path: path.as_str(),
                bytes: *bytes,
            });
        let object = JsonCleaned {
            schema: 1,
            command: "clean",
            dry_run: self.cleaned.is_dry_run,
            refused: self.cleaned.refused,
            variants: variants.collect(),
            findings: &self.findings,
        };
        out.write_all(json(&object)?.as_bytes())
    }
}
