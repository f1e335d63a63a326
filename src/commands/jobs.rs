//! The commands `plan`, `worker` and `apply`: distribute the encoding of variants over other
//! machines.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use planche::internal::config::MemoryLimit;
use planche::internal::finding::Severity;
use planche::internal::flow::{self, Effect, Options, Wanted};
use planche::internal::isolation::limit_memory;
use planche::internal::jobs::{self, PlanError, Results, Worker};
use planche::internal::picture::color::Transforms;
use planche::internal::printable::Printable;
use planche::internal::report::{DisplayPaths, RunKind, Summary, plural};
use planche::internal::site::WriteGate;
use planche::internal::store;
use planche::internal::variant::Budget;

use super::decode::isolated;
use super::output::{Output, note, write_line};
use super::output_file::OutputFile;
use super::print::lines;
use super::progress::Waits;
use super::signals::Signals;
use super::{exit_code, failure, open, open_to_report, print};
use crate::cli::{ApplyArgs, PlanArgs, When, WorkerArgs};
use crate::exit::Exit;

pub fn plan(args: &PlanArgs) -> Result<Exit> {
    let site = open(&args.site)?;
    let file = OutputFile {
        what: "the jobs",
        path: &args.jobs_out,
    };
    let is_stream = args.jobs_out == Path::new("-");
    if !is_stream {
        file.check([&site])?;
    }
    let signals = Signals::listen()?;
    let decoder = isolated();
    let gate = WriteGate::default();
    let store = args.store.as_deref();
    let store = store.map(|url| store::open(url, gate)).transpose()?;
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    args.threads.apply(&mut options);
    let wanted = match args.all {
        true => Wanted::All,
        false => Wanted::Missing,
    };
    let plan = match jobs::plan(&site, &options, wanted, args.shard, store.as_deref()) {
        Ok(plan) => plan,
        Err(PlanError::Run(error)) => return failure(error, &signals),
        Err(error) => return Err(error.into()),
    };
    let terminal = lines(When::Auto);
    let errors = plan.findings().iter();
    let errors = errors.filter(|finding| finding.severity() == Severity::Error);
    let here = DisplayPaths::to(&site);
    let mut is_whole = true;
    for error in errors {
        write_line(&terminal.finding(&here.finding(error)));
        is_whole = false;
    }
    if plan.is_misconfigured() {
        return Ok(Exit::Failed);
    }
    let (mut lines, mut files) = (0, 0);
    let mut write = |out: &mut dyn Write| -> io::Result<()> {
        for line in plan.lines(&site) {
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
            lines += 1;
            files += line.outputs.len();
        }
        out.flush()
    };
    let place = args.jobs_out.display().to_string();
    let place = Printable::new(&place);
    if is_stream {
        write(&mut BufWriter::new(Output::data(io::stdout().lock())))?;
    } else {
        file.write_with(write)?;
    }
    let (jobs, variants) = (plural(lines, "job"), plural(files, "variant"));
    if is_stream {
        note!("wrote {jobs} (at least {variants}) to standard output");
    } else {
        note!("wrote {jobs} (at least {variants}) to `{place}`");
    }
    // Exiting now is faster than freeing a large plan.
    match is_whole {
        true => Exit::Done.now(),
        false => Exit::Findings.now(),
    }
}

pub fn worker(args: &WorkerArgs) -> Result<Exit> {
    let gate = WriteGate::default();
    let store = store::open(&args.store, gate.clone())?;
    let signals = Signals::listen()?;
    // The worker may be blocked reading standard input, so the signal has to end the process.
    signals.end_soon(gate)?;
    let decoder = isolated();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.jobs.into())
        .build()
        .context("cannot start the threads")?;
    let budget = Budget::new(args.memory.map_or(MemoryLimit::Auto, MemoryLimit::Bytes));
    limit_memory(budget.job);
    let worker = Worker {
        store: &*store,
        decoder: &decoder,
        pool: &pool,
        budget,
        stop: &signals.stop,
        transforms: Transforms::default(),
    };
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut output = Output::answers(io::stdout().lock());
    jobs::serve(&mut input, &mut output, &worker)?;
    Ok(Exit::Done)
}

pub fn apply(args: &ApplyArgs) -> Result<Exit> {
    let site = open_to_report(&args.site, &args.report, |finding| {
        Summary::refused(RunKind::Build, Effect::Write, finding)
    })?;
    let store = store::open(&args.store, site.root.gate().clone())?;
    let signals = Signals::listen()?;
    let decoder = isolated();
    signals.end_soon(site.root.gate().clone())?;
    let results = if args.results == Path::new("-") {
        Results::read(&mut io::stdin().lock(), &*store, &decoder)
    } else {
        File::open(&args.results)
            .and_then(|file| Results::read(&mut BufReader::new(file), &*store, &decoder))
    };
    let place = args.results.display();
    let results = results.map_err(|error| {
        anyhow!(
            "cannot read the results `{place}`: {error} – hint: name the file with the answers of \
             `planche worker`"
        )
    })?;
    let waits = Waits {
        is_quiet: args.report.quiet,
    };
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        made: Some(&results),
        progress: &waits,
        ..Options::for_site(&site)
    };
    args.work.apply(&mut options);
    match flow::build_keeping_data(&site, &options) {
        Ok((summary, _data)) => {
            let exit = exit_code(&summary, args.report.strict, false);
            print(&summary, &args.report, &site)?;
            exit.now()
        }
        Err(error) => failure(error, &signals),
    }
}
