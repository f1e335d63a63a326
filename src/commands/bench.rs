//! The command `bench`: measures builds of a copy of a site; prints, saves, compares and plots the
//! results.

use std::io::Write;

use anyhow::Result;
use serde_json::json;

use planche::internal::bench::{Figures, Request, Saved, Scenario, Source, cpus, measure};
use planche::internal::project::Site;
use planche::internal::report::JsonFinding;

use super::opening::{misconfigured, refusal};
use super::output::{Output, note};
use super::output_file::OutputFile;
use super::signals::Signals;
use crate::cli::{BenchArgs, ScenarioArg, TextOrJson};
use crate::exit::Exit;

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
    // Reading the saved figures first reports an unusable file before minutes are spent on
    // measuring.
    let saved = args.compare.as_deref().map(Saved::read).transpose()?;
    let request = Request {
        source: source(args)?,
        runs: usize::from(args.runs),
        only: args.only.map(Scenario::from),
        threads: args.jobs.map_or_else(cpus, usize::from),
        stop: &signals.stop,
    };
    let site = match &request.source {
        Source::Copy { site, .. } => Some(&**site),
        Source::Synthetic(_) => None,
    };
    for file in [saved_file(args), chart(args)].into_iter().flatten() {
        file.check(site)?;
    }
    let Some(figures) = measure(&request)? else {
        let signal = signals.caught().unwrap_or_default();
        note!("interrupted; the copy was removed");
        return Ok(Exit::Interrupted { signal });
    };
    let figures = match saved {
        Some(saved) => saved.compare(figures),
        None => figures,
    };
    write_results(args, &figures)?;
    Ok(Exit::Done)
}

fn saved_file(args: &BenchArgs) -> Option<OutputFile<'_>> {
    let what = "the figures";
    let path = args.save.as_deref()?;
    Some(OutputFile { what, path })
}

fn chart(args: &BenchArgs) -> Option<OutputFile<'_>> {
    let what = "the chart";
    let path = args.plot.as_deref()?;
    Some(OutputFile { what, path })
}

fn source(args: &BenchArgs) -> Result<Source> {
    if let Some(synthetic) = args.synthetic {
        return Ok(Source::Synthetic(synthetic));
    }
    let (folder, config) = (args.site.as_deref(), args.config.as_deref());
    let opened = Site::open(folder, config).and_then(|site| misconfigured(&site).map(|()| site));
    let site = opened.map_err(|error| {
        refusal(
            error,
            folder,
            config,
            args.format,
            |finding| json!({ "schema": 1, "findings": [JsonFinding(finding)] }),
        )
    })?;
    Ok(Source::Copy {
        site: Box::new(site),
        config: args.config.clone(),
    })
}

fn write_results(args: &BenchArgs, figures: &Figures) -> Result<()> {
    let write = |file: OutputFile<'_>, bytes: &[u8]| file.write(bytes);
    if let Some(file) = saved_file(args) {
        write(file, &figures.json()?)?;
    }
    if let Some(file) = chart(args) {
        write(file, figures.svg()?.as_bytes())?;
    }
    let mut out = Output::data(std::io::stdout().lock());
    match args.format {
        TextOrJson::Human => write!(out, "{figures}")?,
        TextOrJson::Json => out.write_all(&figures.json()?)?,
    }
    out.flush()?;
    Ok(())
}
