//! `bench`: measures builds of a copy of a site; prints, saves, compares and draws the results.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use planche::bench::{
    Figures, Request, Saved, Scenario, Source, Synthetic, cpus, measure, write_file,
};

use super::open;
use super::signals::Signals;
use crate::cli::{FormatArg, SiteArgs};
use crate::exit::Exit;

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
    #[arg(long, value_enum)]
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
    pub format: FormatArg,
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

impl From<ScenarioArg> for Scenario {
    fn from(scenario: ScenarioArg) -> Self {
        match scenario {
            ScenarioArg::Cold => Scenario::Cold,
            ScenarioArg::Warm => Scenario::Warm,
            ScenarioArg::Change => Scenario::Change,
        }
    }
}

pub fn bench(args: &BenchArgs) -> Result<Exit> {
    let signals = Signals::listen()?;
    // An unusable file is an error before minutes are spent on measuring.
    let saved = args.compare.as_deref().map(Saved::read).transpose()?;
    let request = Request {
        source: source(args)?,
        runs: usize::from(args.runs),
        only: args.only.map(Scenario::from),
        threads: args.jobs.map_or_else(cpus, usize::from),
        stop: &signals.stop,
    };
    let Some(figures) = measure(&request)? else {
        let signal = signals.caught().unwrap_or_default();
        eprintln!("planche: interrupted; the copy was removed");
        return Ok(Exit::Interrupted { signal });
    };
    let figures = match saved {
        Some(saved) => saved.compare(figures),
        None => figures,
    };
    write_results(args, &figures)?;
    Ok(Exit::Done)
}

fn source(args: &BenchArgs) -> Result<Source> {
    if let Some(synthetic) = args.synthetic {
        return Ok(Source::Synthetic(synthetic));
    }
    let site = open(&SiteArgs {
        site: args.site.clone(),
        config: args.config.clone(),
    })?;
    Ok(Source::Copy {
        site,
        config: args.config.clone(),
    })
}

fn write_results(args: &BenchArgs, figures: &Figures) -> Result<()> {
    if let Some(path) = &args.save {
        write_file(path, &figures.json()?)?;
    }
    if let Some(path) = &args.plot {
        write_file(path, figures.svg()?.as_bytes())?;
    }
    let mut out = std::io::stdout().lock();
    match args.format {
        FormatArg::Human => write!(out, "{figures}")?,
        FormatArg::Json => out.write_all(&figures.json()?)?,
    }
    out.flush()?;
    Ok(())
}
