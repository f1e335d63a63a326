//! The arguments of the feature `bench`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use planche::internal::bench::Synthetic;

use super::TextOrJson;

#[derive(Debug, Default, Args)]
pub struct TimingsArgs {
    /// Write a timing report as an HTML page: time per stage, file and thread
    #[arg(long, value_name = "FILE.html", help_heading = "Timings")]
    pub timings: Option<PathBuf>,

    /// Write a trace for Perfetto or chrome://tracing
    #[arg(long, value_name = "FILE.json", help_heading = "Timings")]
    pub trace: Option<PathBuf>,

    /// Print timings as JSON instead of the summary (read by `bench`)
    #[arg(long, hide = true)]
    pub measured: bool,
}

#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Site folder; `bench` works on a copy [default: nearest site at or above the current folder]
    #[arg(value_name = "SITE", conflicts_with = "synthetic")]
    pub site: Option<PathBuf>,

    /// Use this file instead of the site's planche.yml
    #[arg(long, value_name = "FILE", conflicts_with = "synthetic")]
    pub config: Option<PathBuf>,

    /// Generate a synthetic site: articles=N,images=N[,seed=N]
    #[arg(long, value_name = "SIZE")]
    pub synthetic: Option<Synthetic>,

    /// Runs per scenario; the median is reported
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub runs: u16,

    /// Measure only this scenario
    #[arg(long, value_enum, value_name = "SCENARIO")]
    pub only: Option<ScenarioArg>,

    /// Measure with 1 to N threads [default: number of CPUs]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,

    /// Save the results to this file
    #[arg(long, value_name = "FILE.json", help_heading = "Output")]
    pub save: Option<PathBuf>,

    /// Compare with results saved by `--save`
    #[arg(long, value_name = "FILE.json", help_heading = "Output")]
    pub compare: Option<PathBuf>,

    /// Write a chart (SVG) to this file
    #[arg(long, value_name = "FILE.svg", help_heading = "Output")]
    pub plot: Option<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub format: TextOrJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScenarioArg {
    /// First build: no variant exists
    Cold,
    /// Everything is up to date
    Warm,
    /// One image or one article has changed
    Change,
}
