//! Reports: renders what a command did and found as text for people, or in a format for programs.
//!
//! A command has an [`Outcome`]; each format is one file that renders any outcome. Only [`Sources`]
//! reads from disk: it returns lines of the files that findings are about.

mod baseline;
mod concise;
mod display_paths;
mod effect;
mod finding;
mod gain;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod kind;
mod markdown;
mod outcome;
mod outcome_of_run;
mod sarif;
mod schema;
mod sources;
mod summary;
mod terminal;
mod words;

use std::io;

use crate::language::Language;

pub use baseline::{BASELINE, Baseline};
pub use display_paths::DisplayPaths;
pub use effect::Effect;
pub use finding::{JsonFinding, serialize_finding, serialize_findings};
pub use gain::{Gain, Page};
pub use json::{Json, translate_findings};
pub use outcome::Outcome;
pub use schema::{schema, schema_of};
pub use sources::{Sources, named};
pub use summary::{
    Articles, Change, Forecast, ForecastArticle, ForecastImage, ForecastVariant, Manifest,
    Originals, RunKind, Summary, Variants,
};
pub use terminal::{Styling, Terminal};
pub use words::plural;

/// A renderer of outcomes.
pub trait Report {
    /// Writes data for programs to `out`, and text for people to `err`.
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()>;
}

/// The output formats for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One line per finding, in a form that text editors recognise.
    Concise,
    /// One JSON object.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A GitLab Code Quality report.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML, in Jenkins' dialect.
    Junit,
    /// Markdown, for a CI job summary.
    Markdown,
}

/// A format with the language of its messages. Keys, codes and severities are the same in all
/// languages.
#[derive(Clone, Copy, Debug)]
pub struct Localized {
    pub format: Format,
    pub language: Language,
}

impl Report for Localized {
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        _err: &mut dyn io::Write,
    ) -> io::Result<()> {
        let language = self.language;
        match self.format {
            Format::Concise => concise::write(outcome, language, sources, out),
            Format::Json => json::write(outcome, language, out),
            Format::Github => github::write(outcome, language, sources, out),
            Format::Gitlab => gitlab::write(outcome, language, sources, out),
            Format::Sarif => sarif::write(outcome, language, sources, out),
            Format::Junit => junit::write(outcome, language, out),
            Format::Markdown => markdown::write(outcome, language, out),
        }
    }
}

impl Report for Format {
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()> {
        let english = Localized {
            format: *self,
            language: Language::English,
        };
        english.report(outcome, sources, out, err)
    }
}
