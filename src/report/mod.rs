//! Reports: from what a command did and found to text for people, or a format for programs.
//!
//! A command has an [`Outcome`]; each format is one file that renders any outcome. Nothing is read
//! from disk but through [`Sources`], which returns lines of the files that findings are about.

mod baseline;
mod concise;
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

pub use baseline::{BASELINE, Baseline};
pub use finding::{JsonFinding, serialize_finding, serialize_findings};
pub use gain::{Gain, Page};
pub use json::Json;
pub use outcome::Outcome;
pub use schema::{schema, schema_of};
pub use sources::Sources;
pub use summary::{
    Articles, Change, Forecast, ForecastArticle, ForecastImage, ForecastVariant, Manifest,
    Originals, RunKind, Summary, Variants,
};
pub use terminal::{Styling, Terminal};

/// A way to report an outcome.
pub trait Report {
    /// Writes data to `out`, and what people read to `err`.
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()>;
}

/// The formats for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One line per finding, which editors recognise.
    Concise,
    /// One JSON object.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit's XML, in Jenkins' version.
    Junit,
    /// Markdown, for the summary of a CI job.
    Markdown,
}

impl Report for Format {
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()> {
        match self {
            Format::Concise => concise::write(outcome, out),
            Format::Json => Json.report(outcome, sources, out, err),
            Format::Github => github::write(outcome, sources, out),
            Format::Gitlab => gitlab::write(outcome, sources, out),
            Format::Sarif => sarif::write(outcome, sources, out),
            Format::Junit => junit::write(outcome, out),
            Format::Markdown => markdown::write(outcome, out),
        }
    }
}
