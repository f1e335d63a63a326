//! Opens the site of a command, and reports a configuration that cannot be read in the format that
//! the command was asked for.

use std::path::Path;

use anyhow::{Error, Result, anyhow};
use clap::CommandFactory;
use serde::Serialize;

use planche::internal::finding::{Finding, Severity, nearest};
use planche::internal::project::{OpenError, Site};
use planche::internal::report::{DisplayPaths, Outcome, Sources};
use planche::internal::site::Root;

use super::print::{print_from, print_json};
use crate::cli::{Cli, FormatArg, ReportArgs, SiteArgs, TextOrJson};

/// An error that was already printed in the format of the report.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be read")]
pub struct Reported;

/// Opens the site that the arguments name.
pub(super) fn open(args: &SiteArgs) -> Result<Site> {
    let (folder, config) = (args.site.as_deref(), args.config.as_deref());
    Site::open(folder, config).map_err(|error| error_for_people(error, folder, config))
}

/// Returns the error for people about a site that cannot be opened.
pub(super) fn error_for_people(
    error: OpenError,
    folder: Option<&Path>,
    config: Option<&Path>,
) -> Error {
    match error {
        OpenError::Configuration(finding) => {
            let mut here = folder.map(DisplayPaths::to_folder).unwrap_or_default();
            if let Some(config) = config {
                here = here.keeping(&config.display().to_string());
            }
            OpenError::Configuration(Box::new(here.finding(&finding).into_owned())).into()
        }
        error @ OpenError::ConfigFile { .. } => error.into(),
        error => match (folder.and_then(meant_command), error) {
            (Some(hint), error) => anyhow!("{error} – hint: {hint}"),
            (None, OpenError::Folder { path, source }) => anyhow!(
                "cannot open the folder `{}`: {source} – hint: name the folder of a site, or run \
                 planche in it",
                path.display()
            ),
            (None, error) => error.into(),
        },
    }
}

/// Opens the site of a command that reports, and checks the file that `--report` names. If the
/// configuration cannot be read, `refused` returns the outcome to report.
pub(super) fn open_to_report<O: Outcome>(
    args: &SiteArgs,
    report: &ReportArgs,
    refused: impl FnOnce(Finding) -> O,
) -> Result<Site> {
    let (folder, config) = (args.site.as_deref(), args.config.as_deref());
    let site = Site::open(folder, config).map_err(|error| {
        let reported = report_refusal(&error, &Site::find(folder), config, report, refused);
        reported.unwrap_or_else(|| error_for_people(error, folder, config))
    })?;
    check_report(report, [&site])?;
    Ok(site)
}

/// Reports a configuration that cannot be read in the format that `report` asks for. Returns `None`
/// if that is text for people, or if the error is another one.
pub(super) fn report_refusal<O: Outcome>(
    error: &OpenError,
    root: &Result<Root, OpenError>,
    config: Option<&Path>,
    report: &ReportArgs,
    refused: impl FnOnce(Finding) -> O,
) -> Option<Error> {
    let (OpenError::Configuration(finding), Ok(root)) = (error, root) else {
        return None;
    };
    if report.format == FormatArg::Human && report.report.is_none() {
        return None;
    }
    if let Some(file) = report.file()
        && let Err(error) = file.check_without_site()
    {
        return Some(error);
    }
    let config = config.map(|config| config.display().to_string());
    let sources = Sources::of_root(root, config.as_deref());
    let outcome = refused(Finding::clone(finding));
    match print_from(&outcome, report, &sources) {
        Ok(()) => Some(Reported.into()),
        Err(error) => Some(error),
    }
}

/// Returns the error about a site that cannot be opened, for a command that prints text or JSON. An
/// error of the configuration is printed as JSON if that is the format: as the object that
/// `refused` makes of it.
pub(super) fn refusal<T: Serialize>(
    error: OpenError,
    folder: Option<&Path>,
    config: Option<&Path>,
    format: TextOrJson,
    refused: impl FnOnce(Finding) -> T,
) -> Error {
    match error {
        OpenError::Configuration(finding) if format == TextOrJson::Json => {
            match print_json(&refused(*finding)) {
                Ok(()) => Reported.into(),
                Err(error) => error,
            }
        }
        error => error_for_people(error, folder, config),
    }
}

/// Returns the first error of a site's configuration as an error, for a command that lists no
/// findings.
pub(super) fn misconfigured(site: &Site) -> Result<(), OpenError> {
    let mut findings = site.findings.iter();
    let error = findings.find(|finding| finding.severity() == Severity::Error);
    error.map_or(Ok(()), |finding| {
        Err(OpenError::Configuration(Box::new(finding.clone())))
    })
}

/// Checks the file that `--report` names, if any.
pub(super) fn check_report<'s>(
    report: &ReportArgs,
    sites: impl IntoIterator<Item = &'s Site>,
) -> Result<()> {
    report.file().map_or(Ok(()), |file| file.check(sites))
}

/// Returns a hint if the site's folder does not exist and its name resembles that of a command.
fn meant_command(site: &Path) -> Option<String> {
    let given = site.to_str().filter(|_| !site.exists())?;
    let cli = Cli::command();
    let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let name = nearest(given, names.iter().copied())?;
    Some(format!("did you mean the command `{name}`?"))
}
